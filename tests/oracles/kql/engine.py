"""Emitted queries in duckdb-kql on the rows of events; Microsoft's KQL parser and binder are the target's tool.

A query runs on all rows of a rule's events up to the stage that stops to speak of single events, such as summarize; where it loses
the number of the row, and for what an alert shows, it runs whole on one row at a time. Several events in time are rows of one table,
and the whole query says whether there is an alert. The title is put together from the columns that the document names, the
outputs are the custom details. An alert shows texts: nothing is an empty one, lists and objects are JSON, a time is the moment
that it names.
"""

import datetime
import json
import re
import subprocess

import duckdb
import duckdb_kql
import yaml

from corpus import Answer, Unasked
from crosswalk import mappings
from unnested import unnested
from units import ROW_ID, chooses_later, selection, uncommented
from verdicts import HERE, REFUSALS, SQL, reason_of, respelt, tables

# The time at which rulec judges events.
NOW = datetime.datetime(2026, 1, 1)
PLACE = re.compile(r"\{\{(\w+)\}\}")
# How many rows of a rule are asked about one by one.
SINGLE = 6
TRIGGERS = {"gt": lambda a, b: a > b, "lt": lambda a, b: a < b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b}
SUFFIXES = {"_s": "string", "_d": "real", "_b": "bool", "_t": "datetime", "_g": "guid"}


def filled(value):
    """The value without keys that have no value."""
    if isinstance(value, dict):
        return {key: filled(below) for key, below in value.items() if below is not None}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return value


def without_nulls(spelt):
    """The JSON text without keys that have no value; any other text as it is."""
    try:
        read = json.loads(spelt)
    except ValueError:
        return spelt
    return spelt if filled(read) == read else json.dumps(filled(read), separators=(",", ":"), ensure_ascii=False)


def text(value):
    """What an alert shows of a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        value = value.isoformat()
    if isinstance(value, (dict, list)):
        value = json.dumps(value)
    shown = str(value)
    if shown[:1] in ("{", "["):
        try:
            return json.dumps(filled(json.loads(shown)), sort_keys=True)
        except ValueError:
            return shown
    return shown


def moment(shown):
    """The moment that a text names, or the text."""
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", shown):
        return shown
    try:
        at = datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", shown).replace("Z", "+00:00"))
    except ValueError:
        return shown
    return at.replace(tzinfo=at.tzinfo or datetime.timezone.utc).astimezone(datetime.timezone.utc)


def word(name):
    return "".join(c for c in name if c.isascii() and c.isalnum())[:18].lower()


def cell(value, kind):
    """A value as the column's type takes it; a text is never null."""
    if value is None:
        return "" if kind == "string" else None
    # Kusto reads a null below a key as no value, of a dynamic value or of a text that `parse_json` reads; DuckDB has a value there.
    if kind == "dynamic":
        return json.dumps(filled(value))
    if kind == "string" and isinstance(value, str) and value[:1] in ("{", "["):
        return without_nulls(value)
    if kind == "datetime":
        at = moment(str(value))
        return at.replace(tzinfo=None) if isinstance(at, datetime.datetime) else None
    return value


def fits(value, kind):
    """Whether a column of the type can hold the value."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value is None or {
        "string": isinstance(value, str), "bool": isinstance(value, bool), "dynamic": True, "long": whole and abs(value) < 2**62,
        "int": whole and abs(value) < 2**31, "real": whole or isinstance(value, float), "guid": isinstance(value, str),
        "datetime": isinstance(value, str) and isinstance(moment(value), datetime.datetime),
    }.get(kind, False)  # fmt: skip


def kind_of(name, rows):
    """The type of a column that no published table has: by the collector's suffix, or by its values."""
    values = [row[name] for row in rows if row.get(name) is not None]
    for kind, types in (("dynamic", (dict, list)), ("string", str), ("bool", bool), ("real", float), ("long", int)):
        if any(isinstance(value, types) for value in values):
            return SUFFIXES.get(name[-2:], kind) if kind == "string" else kind
    return SUFFIXES.get(name[-2:], "string")


def spellings():
    """How each table's source spells the keys of its records, and which column holds a field: a rule's own tests may spell otherwise."""
    keys, columns = {}, {}
    for (_, table), mapping in mappings().items():
        for column, path in mapping["columns"].items():
            columns.setdefault(table, {}).setdefault(path.lower(), column)
        known = keys.setdefault(table, {})
        for key in mapping["keys"]:
            known.setdefault(key.lower(), key)
        # Where keys differ in case alone each is itself.
        known.update({key: key for key in mapping["keys"]})
    return keys, columns


def spelt_key(key, keys):
    return keys.get(key, keys.get(key.lower(), key))


def respelt_keys(value, keys):
    """The value with its keys as the source spells them."""
    if isinstance(value, dict):
        made = {spelt_key(key, keys): respelt_keys(below, keys) for key, below in value.items()}
        return {**made, **{key: respelt_keys(below, keys) for key, below in value.items() if keys.get(key) == key}}
    if isinstance(value, list):
        return [respelt_keys(item, keys) for item in value]
    return value


def below(value, path):
    """What stands at a path of keys in lower case."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = next((inner for key, inner in value.items() if key.lower() == step), None)
    return value


def record(row, known, keys, columns):
    """The row of a record that is spelt as its source spells it."""
    made = {}
    for name, value in row.items():
        for path, column in columns.items() if isinstance(value, dict) and name not in known else ():
            first, *rest = path.split(".")
            found = below(value, rest) if first == name.lower() else None
            if found is not None and row.get(column) is None:
                made[column] = respelt_keys(found, keys)
        column = name if name in known else columns.get(name.lower(), name)
        if row.get(column) is None or column == name:
            made[column] = respelt_keys(value, keys)
    return made


class Table:
    """A table with the columns that queries name; `rows` are all that it may be filled with."""

    def __init__(self, name, rows, words, schemas, connection):
        self.name, self.connection = name, connection
        known = schemas.get(name, {})
        # Columns that differ in case alone are one to DuckDB; a query asks for one of them.
        self.types = {column: kind for column, kind in known.items() if column in words}
        lower = {column.lower() for column in self.types}
        for column in {column: None for row in rows for column in row}:
            if column not in known and column in words and column.lower() not in lower:
                self.types[column] = kind_of(column, rows)
        self.types.update({"TimeGenerated": "datetime", ROW_ID: "string"})
        columns = ", ".join(f'"{name}" {SQL[kind]}' for name, kind in self.types.items())
        connection.execute(f'CREATE TABLE "{self.name}" ({columns})')

    def fill(self, rows):
        self.connection.execute(f'DELETE FROM "{self.name}"')
        written = [self.cells(at, row) for at, row in enumerate(rows)]
        if written:
            self.connection.executemany(f'INSERT INTO "{self.name}" VALUES ({", ".join("?" * len(self.types))})', written)

    def holds(self, row):
        return all(fits(row.get(name), kind) for name, kind in self.types.items() if name != ROW_ID)

    def cells(self, at, row):
        made = {name: cell(row.get(name), kind) for name, kind in self.types.items()}
        made["TimeGenerated"] = made["TimeGenerated"] or NOW - datetime.timedelta(minutes=5)
        return [str(at) if name == ROW_ID else value for name, value in made.items()]


class Rule:
    """The queries of a translation."""

    def __init__(self, line, schemas):
        self.schemas, self.queries = schemas, []
        for artifact in line["artifacts"]:
            if artifact["path"].endswith(".yaml"):
                document = yaml.safe_load(artifact["text"])
                self.queries.append((document, uncommented(document["query"])))
            elif artifact["path"].endswith(".kql"):
                self.queries.append(({}, uncommented(artifact["text"])))
        self.words = set(re.findall(r"\w+", " ".join(query for _, query in self.queries)))
        self.rows, self.tables, self.relations = {}, {}, {}
        for case in line["cases"]:
            # A rule of Sentinel on a table that no log source stands in is about its rows as they are.
            case["table"] = case["table"] or self.sole_table()
            events = [case["event"]] if "event" in case else [event for _, event in case["events"]]
            self.rows.setdefault(case["table"], []).extend(events)

    def sole_table(self):
        """The table that the only query starts with, if it is one of the published ones."""
        word = re.match(r"\s*(\w+)\s*\|", self.queries[0][1]) if len(self.queries) == 1 else None
        return word[1] if word and word[1] in self.schemas else None

    def about(self, table):
        """The queries that read a table."""
        return [(document, query) for document, query in self.queries if re.search(rf"\b{table}\b", query)]

    def table(self, name):
        """The table in a database of its own, in which the others that the queries name are empty."""
        if name not in self.tables:
            connection = duckdb_kql.connect()
            connection.execute("SET threads TO 1")
            self.tables[name] = Table(name, self.rows[name], self.words, self.schemas, connection)
            for other in self.words:
                if other in self.schemas and other != name:
                    Table(other, [], self.words, self.schemas, connection)
        return self.tables[name]

    def run(self, query, table, rows, now=NOW):
        """The result of a query on the rows of one table. A relation is translated once and runs on what the tables hold."""
        filled = self.table(table)
        filled.fill(rows)
        key = query, table, now
        if key not in self.relations:
            self.relations[key] = duckdb_kql.kql(filled.connection, respelt(query, filled.types), query_now=now)
        relation = self.relations[key]
        return list(relation.columns), relation.types, relation.fetchall()

    def kept(self, query, table, rows):
        """The numbers of the rows that the query's selection keeps; those at which DuckDB fails are `None`."""
        chosen = unnested(selection(query), list(self.table(table).types))
        return self.kept_of(chosen, table, rows, list(range(len(rows))))

    def kept_of(self, query, table, rows, numbers):
        try:
            columns, _, found = self.run(query, table, [rows[at] for at in numbers])
        except duckdb.ConversionException:
            # Kusto has null where DuckDB gives up; the other rows are judged without it.
            if len(numbers) == 1:
                return {numbers[0]: None}
            half = len(numbers) // 2
            return {**self.kept_of(query, table, rows, numbers[:half]), **self.kept_of(query, table, rows, numbers[half:])}
        if ROW_ID not in columns:
            raise LookupError
        at = columns.index(ROW_ID)
        return {number: False for number in numbers} | {numbers[int(row[at])]: True for row in found if row[at]}

    def alerts(self, document, query, table, rows, now):
        _, _, found = self.run(query, table, rows, now)
        trigger = TRIGGERS[document.get("triggerOperator", "gt")]
        return trigger(len(found), document.get("triggerThreshold", 0))


class Engine:
    NAME, TOOL, BATCH = "duckdb-kql", "Microsoft's KQL parser and Sentinel's limits", 1

    def __init__(self, cases, tools):
        command = ["node", HERE / "check.mjs", "--modules", tools / "kql/node_modules", cases]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout if cases else ""
        self.told = [json.loads(line)["complaints"] for line in told.splitlines()]
        self.schemas = tables()
        self.keys, self.columns = spellings()
        self.known_errors = json.loads((HERE / "peer-errors.json").read_text(encoding="utf-8"))

    def complaints(self, line):
        return self.told[line["at"]]

    def answers(self, lines):
        return [self.answers_of(line) for line in lines]

    def spelt(self, table, row):
        known = self.schemas.get(table, {})
        return record(row, known, self.keys.get(table, {}), self.columns.get(table, {})) if table in self.columns else row

    def answers_of(self, line):
        for case in line["cases"]:
            if "event" in case:
                case["event"] = self.spelt(case["table"], case["event"])
            else:
                case["events"] = [[at, self.spelt(case["table"], row)] for at, row in case["events"]]
        rule = Rule(line, self.schemas)
        found = [Unasked("no table")] * len(line["cases"])
        places = {}
        for at, case in enumerate(line["cases"]):
            if not case["table"]:
                continue
            events = [case["event"]] if "event" in case else [event for _, event in case["events"]]
            if not all(rule.table(case["table"]).holds(event) for event in events):
                found[at] = Unasked("no row holds it")
            elif "event" in case:
                places.setdefault(case["table"], []).append(at)
            else:
                found[at] = self.sequence(rule, case)
        for table, numbers in places.items():
            events = [line["cases"][at]["event"] for at in numbers]
            for at, answer in zip(numbers, self.verdicts(rule, line, table, events)):
                found[at] = answer
        self.texts(rule, line, found)
        return found

    def verdicts(self, rule, line, table, rows):
        """An answer for each row."""
        queries = rule.about(table)
        if not queries:
            return [Unasked("no query of the row's table")] * len(rows)
        kept = [False] * len(rows)
        try:
            for _, query in queries:
                try:
                    if not line["counted"] and chooses_later(query):
                        # A rule about rows is one about the rows that the whole query makes.
                        raise LookupError
                    said = rule.kept(query, table, rows)
                except LookupError:
                    if line["counted"]:
                        return [Unasked("the number of the row is lost")] * len(rows)
                    said = {at: bool(rule.run(query, table, [row])[2]) for at, row in enumerate(rows[:SINGLE])}
                for at in range(len(rows)):
                    one = said.get(at)
                    kept[at] = None if one is None or kept[at] is None else kept[at] or one
        except REFUSALS as error:
            return [Unasked(reason_of(error))] * len(rows)
        return [Unasked("DuckDB fails at the row, or it was one too many") if one is None else Answer(one) for one in kept]

    def sequence(self, rule, case):
        rows = []
        for seconds, row in case["events"]:
            at = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
            rows.append({**row, "TimeGenerated": at.isoformat()})
        now = at + datetime.timedelta(seconds=1)
        try:
            return Answer(any(rule.alerts(*one, case["table"], rows, now) for one in rule.about(case["table"])))
        except REFUSALS as error:
            return Unasked(f"a whole query: {reason_of(error)}")

    def texts(self, rule, line, answers):
        """Adds what alerts show of some rows that match."""
        asked = 0
        for case, answer in zip(line["cases"], answers):
            if line["counted"] or asked >= SINGLE:
                return
            if not isinstance(answer, Answer) or not answer.verdict or not case.get("shown"):
                continue
            # A column does not tell an empty text from a missing one.
            if "" in case["event"].values():
                continue
            asked += 1
            for document, query in rule.about(case["table"]):
                try:
                    columns, kinds, rows = rule.run(query, case["table"], [case["event"]])
                except REFUSALS:
                    continue
                if document and len(rows) == 1:
                    read = [json.loads(one) if str(kind) == "JSON" and one is not None else one for one, kind in zip(rows[0], kinds)]
                    answer.shown += self.shown(line, document, case["shown"], dict(zip(columns, read)))

    def shown(self, line, document, wanted, row):
        """(what, wanted, found) of a result's row."""
        written = (document.get("alertDetailsOverride") or {}).get("alertDisplayNameFormat")
        if written and wanted["title"] is not None and "title" not in line["lost"]:
            made = PLACE.sub(lambda at: text(row[at.group(1)]), written)
            yield "title", wanted["title"], made
        named = document.get("customDetails") or {}
        details = {word(name): column for name, column in named.items()}
        words = [word(name) for name in [*wanted["outputs"], *named]]
        for name, value in wanted["outputs"].items():
            column = details.get(word(name))
            if column and words.count(word(name)) == 2 and f"output {name}" not in line["lost"]:
                own, made = text(value), text(row[column])
                yield f"output {name}", own, own if moment(own) == moment(made) else made

    def known(self, line, case, what, wanted):
        queries = " ".join(query for _, query in Rule(line, self.schemas).about(case["table"]))
        written = json.dumps(case.get("event", ""), ensure_ascii=False)
        key = "whole" if "events" in case else "query" if what == "verdict" else "shown"
        for error in self.known_errors:
            if key in error and re.search(error[key], queries) and re.search(error.get("row", ""), written):
                return error["reason"]
        return None

    def finish(self):
        return []
