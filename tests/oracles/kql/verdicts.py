"""Judges rows by a rule's extracted selection and by the query itself in duckdb-kql, and compares the verdicts.

    RULEC_KQL_RULES=FOLDER|FILE.jsonl python tests/oracles/kql/verdicts.py RULEC [--tests PROGRAM] [--show COUNT] [--only TEXT] [--skip COUNT] [--first COUNT]

FOLDER holds Sentinel rules (*.yaml), FILE.jsonl queries ({"id", "query", "ok"}). RULEC is the program. Without the variable the
check is skipped. Each part of a query that selects single rows (units.py) is read by rulec as a rule of its own. Rows are made from
what rulec says it means (solve.py: hits, near misses, other case, absent, other kinds, and so on, combined) and from the constants
that the query names, and go to `rulec match` and to duckdb-kql. What rulec says it does not understand, and what duckdb-kql refuses,
is taken out of the query for both; that is counted. Where a rule counts rows, the keys and counts of the whole query are compared as well.

peer-errors.json lists where duckdb-kql is known to be wrong, with the reason.
"""

import argparse
import collections
import datetime
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import duckdb_kql

from crosswalk import mappings
from solve import Solver, build, fields_of
from units import ROW_ID, NoRow, Query, columns_of, conjuncts, free_names, pick, pieces, uncommented, word_of

HERE = Path(__file__).parent
MAPPINGS = mappings()
ROOT = HERE.parent.parent.parent
# What a row may hold, by the column's type.
SQL = {
    "string": "VARCHAR", "long": "BIGINT", "int": "INTEGER", "real": "DOUBLE", "bool": "BOOLEAN",
    "datetime": "TIMESTAMP", "dynamic": "JSON", "timespan": "INTERVAL", "guid": "UUID", "decimal": "DECIMAL(38,9)",
}  # fmt: skip
# How far a rule looks back that says nothing of its own, and rows within it.
PERIOD = 14 * 86400
STRINGS = re.compile(r"@\"((?:[^\"]|\"\")*)\"|@'((?:[^']|'')*)'|\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'")
WORDS = re.compile(r"\b[A-Za-z_]\w*\b")
# Other spellings of the same thing.
SPELLINGS = [
    (r"\bmvexpand\b", "mv-expand"), (r"\bparsejson\s*\(", "parse_json("), (r"\btodynamic\s*\(", "parse_json("),
    (r"\bnotcontains\b", "!contains"), (r"\bcontainscs\b", "contains_cs"), (r"<>", "!="), (r"\biif\s*\(", "iff("),
    (r"\bnotempty\s*\(", "isnotempty("), (r"\bnotnull\s*\(", "isnotnull("), (r"\|\s*filter\b", "| where"),
    (r"\barraylength\s*\(", "array_length("), (r"\bmakeset\s*\(", "make_set("), (r"\bmakelist\s*\(", "make_list("),
    (r"\bbagexpansion\s*=\s*array\b", ""), (r"\bindexof_regex\(([^,()]+),\s*@?['\"]([@:/=;])['\"]\)", r"indexof(\1, '\2')"),
]  # fmt: skip


def tables():
    """The columns of the workspace's tables, from the file that rulec reads."""
    known, sets = {}, []
    for line in (ROOT / "schemas/kusto/tables.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, *written = line.split("\t")
        columns = {}
        for group in written:
            named = sets[int(group[1:]) - 1] if group.startswith("&") else [group]
            for part in named:
                kind, _, names = part.partition("=")
                columns.update({column: kind for column in names.split(";") if names})
        if name.startswith("&"):
            sets.append(written)
        else:
            known[name] = {**columns, "TimeGenerated": "datetime", "Type": "string", ROW_ID: "string"}
    return known


class Rulec:
    """The program: what it makes of queries, and its verdicts."""

    def __init__(self, program, folder, tests=None):
        self.program, self.folder, self.tests = program, Path(folder), tests

    def read(self, queries):
        """The rule that each query is; `None` where it is refused."""
        folder = self.folder / "rules"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for at, text in queries.items():
            self.write(folder / f"{at}.yaml", at, text)
        done = subprocess.run([self.program, "explain", folder, "--format", "json"], capture_output=True, text=True)
        rules, decoder, i = {at: None for at in queries}, json.JSONDecoder(), 0
        text = done.stdout.strip()
        while i < len(text):
            rule, i = decoder.raw_decode(text, i)
            rules[rule["rule"]["metadata"]["id"]] = rule["rule"]
            i = len(text) - len(text[i:].lstrip())
        return rules

    def write(self, path, name, query):
        quoted = json.dumps(query)
        head = f"id: {name}\nname: {name}\nkind: Scheduled\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 14d\n"
        path.write_text(f"{head}triggerOperator: gt\ntriggerThreshold: 0\nquery: {quoted}\n", encoding="utf-8")

    def match(self, name, query, events):
        """The numbers of the events that the query selects."""
        rule, log = self.folder / "rule.yaml", self.folder / "events.jsonl"
        self.write(rule, name, query)
        log.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        command = [self.program, "match", rule, "--events", log, "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if len(lines) != len(events):
            raise RuntimeError(f"{name}: {len(lines)} verdicts for {len(events)} events: {done.stderr[:300]}")
        return {line["event"] - 1 for line in lines if line["rules"]}


    def rows(self, name, query, table, events, now):
        """The numbers of the events that are left in the rows of the query's pipeline."""
        numbered = [{**event, ROW_ID: str(at)} for at, event in enumerate(events)]
        micros = int((now - datetime.datetime(1970, 1, 1)).total_seconds() * 1_000_000)
        cases = self.folder / "case.jsonl"
        # A table that is not known has the columns that are asked for.
        query = f"{query}\n| where isnotempty({ROW_ID})"
        case = {"id": name, "query": query, "now": micros, "tables": {table: numbered}}
        cases.write_text(json.dumps(case) + "\n", encoding="utf-8")
        command = [self.tests, "kql_rows::", "--quiet"]
        subprocess.run(command, env={**os.environ, "RULEC_KQL_CASES": str(cases)}, capture_output=True, check=True)
        answer = json.loads(Path(f"{cases}.out").read_text(encoding="utf-8"))
        if "rows" not in answer or ROW_ID not in answer["columns"]:
            raise NotImplementedError(f"no rows with numbers: {str(answer)[:80]}")
        return {int(row[ROW_ID]) for row in answer["rows"] if row[ROW_ID]}


def unsaid(rule):
    """What selection, threshold and outputs do not say of a rule."""
    left = rule.get("residue", []) + rule.get("beyond", [])
    return [r for r in left if r["effect"] != "outputs_only" and r["construct"] != "source"]


def mapping_of(rule, table):
    """How the rule's log source stands in the table; `None` where the rule speaks of the table's columns."""
    known = [source["known"] for source in rule["log_sources"] if "known" in source]
    return next((MAPPINGS[source, table] for source in known if (source, table) in MAPPINGS), None)


class Table:
    """A table as a query uses it: which columns, of which types, and rows of events."""

    def __init__(self, name, text, rule, schemas):
        self.name = name
        self.mapping = mapping_of(rule, name)
        self.time = self.mapping["time"] if self.mapping else "TimeGenerated"
        self.known = schemas.get(name)
        self.types = {"TimeGenerated": "datetime", "Type": "string", ROW_ID: "string"}
        words = set(WORDS.findall(STRINGS.sub(lambda m: f" {m.group(0)[1:-1]} ", text)))
        if self.known:
            self.types.update({word: self.known[word] for word in sorted(words) if word in self.known})
        if not self.mapping:
            for path, kind in uses(rule, text).items():
                if path not in self.types:
                    self.types[path] = kind
                elif self.types[path] == "string" and kind == "dynamic" and is_taken_apart(path, text):
                    self.types[path] = "dynamic"
            if not self.known:
                for word in free_names(text) - set(schemas):
                    self.types.setdefault(word, "dynamic" if is_taken_apart(word, text) else "string")

    def row(self, event):
        """The event as the table holds it; raises NoRow where it cannot."""
        if self.mapping:
            return {name: self.mapped(event, name, kind) for name, kind in self.types.items()}
        return {name: self.cell(event.get(name), kind) for name, kind in self.types.items()}

    def mapped(self, event, name, kind):
        """What a column holds of an event that is written as the log source writes it."""
        path = self.mapping["columns"].get(name)
        if path is None:
            return self.cell(event.get(name), kind)
        value = pick(event, path)
        if value is not None and name in self.mapping["json"]:
            return json.dumps(value, ensure_ascii=False)
        if name in self.mapping["values"] and value is not None:
            value = self.mapping["values"][name].get(json.dumps(value), value)
        if kind == "bool" and value in ("true", "false"):
            return value == "true"
        return self.cell(value, kind)

    def cell(self, value, kind):
        if value is None:
            return "" if kind == "string" else None
        whole = isinstance(value, int) and not isinstance(value, bool)
        fits = {
            "string": isinstance(value, str), "bool": isinstance(value, bool), "dynamic": True,
            "long": whole and abs(value) < 2**62, "int": whole and abs(value) < 2**31, "real": whole or isinstance(value, float),
            "datetime": isinstance(value, str) and bool(re.match(r"\d{4}-\d\d-\d\dT", value)),
            "guid": isinstance(value, str) and bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)),
        }.get(kind, False)  # fmt: skip
        if not fits:
            raise NoRow
        return json.dumps(value) if kind == "dynamic" else value


def is_taken_apart(name, text):
    return bool(re.search(rf"\b{re.escape(name)}\s*(\.\s*\w|\[)", text))


def uses(rule, text):
    """The columns that a rule reads, each of the type that it is used as."""
    found = {}
    for node in tests(rule["selection"]):
        for path in fields_of(node):
            kind = "dynamic" if len(path) > 1 else None
            test = node.get("test", {})
            object_ = test.get("object")
            constants = []
            if isinstance(object_, dict):
                constants = [object_["literal"]] if "literal" in object_ else object_.get("list", [])
            plain = test.get("subject") == {"field": path[0]} if path else False
            if plain and constants and all(isinstance(c, (int, float)) and not isinstance(c, bool) for c in constants):
                kind = kind or ("real" if any(isinstance(c, float) for c in constants) else "long")
            if plain and constants and all(isinstance(c, bool) for c in constants):
                kind = kind or "bool"
            if "items" in node and path in fields_of(node["items"]["list"]):
                kind = kind or ("string" if "parse_json" in json.dumps(node["items"]["list"]) else "dynamic")
            if path and re.search(rf"(array_length|mv-?expand|set_has_element)\s*\(?\s*{re.escape(str(path[0]))}\b", text):
                kind = "dynamic"
            if path and (kind or path[0] not in found):
                found[str(path[0])] = kind or "string"
    for output in rule.get("outputs", []):
        for path in fields_of(output["source"]):
            found.setdefault(str(path[0]), "dynamic" if len(path) > 1 else "string")
    for name in ("TimeGenerated", "Timestamp"):
        if name in found:
            found[name] = "datetime"
    return found


def tests(condition):
    """Every predicate and every question about items of a condition."""
    if isinstance(condition, dict):
        if "test" in condition or "items" in condition:
            yield condition
        for inner in condition.values():
            yield from tests(inner)
    elif isinstance(condition, list):
        for inner in condition:
            yield from tests(inner)


class Rows:
    """Events for a table, made from a rule's condition and a query's constants."""

    def __init__(self, table, rule, text, now, seed):
        self.table, self.rule, self.now = table, rule, now
        self.random = random.Random(seed)
        self.constants = sorted({next(g for g in m.groups() if g is not None) for m in STRINGS.finditer(text)})
        times = [self.time(ago) for ago in (30, 4000, 90000, 900000, -4000)]
        numbers = [int(number) + step for number in re.findall(r"\b\d{1,9}\b", text) for step in (-1, 0, 1)]
        self.solver = Solver(seed, [*self.constants, *times, *numbers, *map(str, numbers), "", "10.1.2.3", "8.8.8.8"])
        self.made = {}

    def time(self, ago):
        moment = self.now - datetime.timedelta(seconds=ago)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def add(self, assignment, ago=None):
        """Adds the event that an assignment describes, if the table can hold it."""
        own = {path: value for path, value in assignment.items() if path and isinstance(path[0], str)}
        event = build(own) if own else {}
        if not isinstance(event, dict):
            return
        event = {key: value for key, value in event.items() if value is not None or self.random.random() < 0.3}
        when = self.table.time
        event[when] = self.time(self.random.choice([60, 90, 200]) if ago is None else ago)
        if self.table.types.get("Timestamp") == "datetime" and not self.table.mapping:
            event["Timestamp"] = event[when]
        try:
            row = self.table.row(event)
        except NoRow:
            return
        key = json.dumps([event, row], sort_keys=True, default=str)
        self.made.setdefault(key, (event, row))

    def varied(self, assignment):
        """The assignment with one column taken from the query's constants."""
        names = [name for name, kind in self.table.types.items() if kind == "string" and name not in (ROW_ID, "Type")]
        if self.table.mapping:
            names = [path for name, path in self.table.mapping["columns"].items() if name in self.table.types]
        if not names or not self.constants:
            return assignment
        constant = self.random.choice(self.constants)
        text = self.random.choice([constant, constant, constant.upper(), f"{constant}x", f"a {constant} b", constant[:-1], ""])
        name = self.random.choice(names)
        path = tuple(name.split(".")) if self.table.mapping else (name,)
        return {**assignment, path: text}

    def generate(self):
        """[(event, row)]"""
        condition = self.rule["selection"]
        leaves = [leaf for leaf in self.solver.leaves(condition) if leaf]
        hits = [self.solver.solve(condition, True) for _ in range(24)]
        for hit in hits:
            self.add(hit)
            self.add(self.varied(hit))
        for leaf in self.random.sample(leaves, min(len(leaves), 40)):
            for one in self.random.sample(leaf, min(len(leaf), 24)):
                self.add({**self.random.choice(hits), **one})
        for _ in range(90 if leaves else 0):
            pair = [self.random.choice(self.random.choice(leaves)) for _ in range(self.random.choice([2, 2, 3]))]
            merged = dict(self.random.choice(hits))
            for one in pair:
                merged.update(one)
            self.add(merged)
        for _ in range(40):
            self.add(self.varied(self.varied(self.random.choice(hits))))
            self.add(self.varied(self.solver.solve(condition, False)))
        for ago in (570, 630, 3500, 3700, 80000, 90000, 600000, 700000, PERIOD - 4000):
            for hit in hits[:4]:
                self.add(hit, ago)
        self.add({})
        made = list(self.made.values())
        return self.random.sample(made, min(len(made), 900))


class Peer:
    """duckdb-kql with one table of rows."""

    def __init__(self, table, rows, now):
        self.now = now
        self.connection = duckdb_kql.connect()
        columns = ", ".join(f'"{name}" {SQL[kind]}' for name, kind in table.types.items())
        self.connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
        marks = ", ".join("?" * len(table.types))
        values = [[str(at) if name == ROW_ID else row.get(name) for name in table.types] for at, row in enumerate(rows)]
        if values:
            self.connection.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', values)

    def run(self, query):
        return duckdb_kql.kql(self.connection, query, query_now=self.now)

    def kept(self, query):
        """The numbers of the rows that the query keeps."""
        result = self.run(query)
        column = list(result.columns).index(ROW_ID)
        return {int(values[column]) for values in result.fetchall() if values[column]}


def judged(table, rows, now, query, numbers=None):
    """(numbers of the rows that the query keeps, numbers of those at which it fails)"""
    numbers = list(range(len(rows))) if numbers is None else numbers
    try:
        found = Peer(table, [rows[at] for at in numbers], now).kept(query)
        return {numbers[at] for at in found}, set()
    except duckdb.ConversionException:
        # Kusto has null where DuckDB gives up; the rows behind this one are judged without it.
        if len(numbers) == 1:
            return set(), set(numbers)
    half = len(numbers) // 2
    first, second = judged(table, rows, now, query, numbers[:half]), judged(table, rows, now, query, numbers[half:])
    return first[0] | second[0], first[1] | second[1]


def spelt(query, table):
    """The query in spellings that duckdb-kql reads, of the same meaning."""
    source, *rest = pieces(query.rsplit(";\n", 1)[-1], "|")
    head = query[: len(query) - len(source) - sum(len(part) + 1 for part in rest)]
    query = head + "|".join([re.sub(r"\(.*\)\s*$", "", source, flags=re.S), *rest])
    return respelt(query, table.types)


def respelt(query, types):
    """The same for a query whose source is plain: the columns of its tables are those of `types`."""
    for pattern, other in SPELLINGS:
        query = re.sub(pattern, other, query)

    def column(match):
        named = re.search(rf"\b{match.group(1)}\s*=[^=~]", query)
        return match.group(1) if match.group(1) in types or named else match.group(2)

    return re.sub(r"\bcolumn_?ifexists\(\s*['\"](\w+)['\"]\s*,\s*([^()]*?)\)", column, query)


REFUSALS = (duckdb_kql.KqlError, duckdb.Error, RecursionError)


def reason_of(error):
    """Why duckdb-kql does not answer, without what is special to one query."""
    if isinstance(error, duckdb_kql.KqlUnsupportedError):
        return f"refused: {error.construct}"[:60]
    first = re.sub(r"(['\"`]).*?\1", "_", str(error).splitlines()[0])
    return f"{type(error).__name__}: {first}"[:70]


class Reduced:
    """A query without the parts that one of the two does not take."""

    def __init__(self, query):
        lets, _, body = query.rpartition(";\n")
        self.lets = f"{lets};\n" if lets else ""
        self.source, *self.stages = [part.strip() for part in pieces(body, "|")]
        self.taken = []

    def text(self, stages=None):
        return self.lets + "\n| ".join([self.source, *(self.stages if stages is None else stages)])

    def without(self, residue):
        """Takes out what rulec leaves as text; False where that is not a whole condition or stage."""
        wanted = normal(residue["text"])
        for at, stage in enumerate(self.stages):
            if normal(stage) == wanted:
                del self.stages[at]
                return True
            parts = conjuncts(stage)
            left = [part for part in parts if normal(part) != wanted]
            if parts and len(left) < len(parts):
                self.stages[at : at + 1] = [f"where {' and '.join(f'({part})' for part in left)}"] if left else []
                return True
        return False

    def accepted(self, runs):
        """Takes out what is refused; `runs` says why a query is, or None."""
        kept = []
        for stage in self.stages:
            why = runs(self.text([*kept, stage]))
            if why is None:
                kept.append(stage)
                continue
            self.taken.append(why)
            word = word_of(stage)
            if word == "where":
                kept += [s for part in conjuncts(stage) if not runs(self.text([*kept, s := f"where {part}"]))]
            elif word in ("extend", "project"):
                kept += [s for part in columns_of(stage) if part != ROW_ID and not runs(self.text([*kept, s := f"extend {part}"]))]
        self.stages = kept


def normal(text):
    """The text without white space and outer parentheses."""
    bare = re.sub(r"\s+", "", uncommented(text)).removeprefix("|")
    while bare.startswith("(") and bare.endswith(")") and pieces(bare[1:-1] + "\0", ")")[0] == bare[1:-1] + "\0":
        bare = bare[1:-1]
    return bare


class Check:
    """All units of all rules."""

    def __init__(self, rulec, show):
        self.rulec, self.show = rulec, show
        self.schemas = tables()
        self.known_errors = json.loads((HERE / "peer-errors.json").read_text(encoding="utf-8"))
        self.counts = collections.Counter()
        self.refused = collections.Counter()
        self.ours = collections.Counter()
        self.peer_errors = collections.Counter()
        self.wrong = []
        self.by_rule = collections.defaultdict(set)
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)

    def run(self, units):
        """units: {name: (rule, query)}"""
        rules = self.rulec.read({name: query for name, (_, query) in units.items()})
        for name, (of, query) in units.items():
            outcome = "refused by rulec"
            if rules.get(name):
                outcome = self.unit(name, query, rules[name])
            self.counts[f"units: {outcome}"] += 1
            self.by_rule[of].add(outcome)

    def unit(self, name, query, rule):
        """What came of comparing one unit."""
        reduced = Reduced(query)
        for _ in range(30):
            left = unsaid(rule)
            if not left or self.by_pipeline(rule, reduced):
                break
            self.ours.update(f"{r['construct']}" for r in left)
            if not all([reduced.without(residue) for residue in left]):
                return "not separable from what rulec leaves"
            rule = self.rulec.read({name: reduced.text()})[name]
            if rule is None:
                return "refused by rulec"
        in_part = reduced.text() != Reduced(query).text()
        table = Table(re.sub(r"\(.*", "", reduced.source, flags=re.S).strip(), query, rule, self.schemas)
        try:
            return self.answered(name, reduced, rule, table, in_part)
        except NotImplementedError as error:
            self.ours[str(error)[:60]] += 1
            return "refused by rulec"
        except REFUSALS as error:
            self.refused[reason_of(error)] += 1
            return "refused by duckdb-kql"

    def by_pipeline(self, rule, reduced):
        """Whether a pipeline says all of the query, which `rulec match` does not judge by."""
        known = not mapping_of(rule, reduced.source)
        return bool(self.rulec.tests and known and rule.get("pipeline") and not rule.get("residue"))

    def answered(self, name, reduced, rule, table, in_part):
        empty = Peer(table, [], self.now)

        def runs(text):
            try:
                empty.kept(spelt(text, table))
            except REFUSALS as error:
                return reason_of(error)
            except ValueError:
                return "the number of the row is lost"
            return None

        why = runs(reduced.text())
        if why:
            before = reduced.text()
            reduced.accepted(runs)
            self.refused.update(reduced.taken or [why])
            if reduced.text() != before:
                rule = self.rulec.read({name: reduced.text()})[name]
            in_part = True
            if rule is None or not any(word_of(s) in ("where", "mv-expand", "parse-where") for s in reduced.stages):
                return "refused by duckdb-kql"
            if unsaid(rule) and not self.by_pipeline(rule, reduced):
                return "refused by duckdb-kql"
        made = Rows(table, rule, reduced.text(), self.now, name).generate()
        text = spelt(reduced.text(), table)
        kept, failed = judged(table, [row for _, row in made], self.now, text)
        self.counts["rows at which duckdb-kql fails"] += len(failed)
        made = [one for at, one in enumerate(made) if at not in failed]
        if failed:
            kept, _ = judged(table, [row for _, row in made], self.now, text)
        events = [event for event, _ in made]
        if unsaid(rule):
            self.counts["units judged by their pipeline"] += 1
            matched = self.rulec.rows(name, reduced.text(), table.name, events, self.now)
        else:
            matched = self.rulec.match(name, reduced.text(), events)
        matched = self.within(rule, matched, made, table)
        return self.compared(name, reduced.text(), made, kept, matched, in_part)

    def within(self, rule, matched, made, table):
        """The events within the time that the query itself looks back."""
        period = rule["schedule"]["period"]
        if period >= PERIOD:
            return matched
        start = (self.now - datetime.timedelta(seconds=period)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {at for at in matched if made[at][0][table.time] >= start}

    def compared(self, name, query, made, kept, matched, in_part):
        self.counts["rows"] += len(made)
        self.counts["rows selected by both"] += len(kept & matched)
        different = sorted(kept ^ matched)
        known = [at for at in different if self.is_known(query, made[at][1])]
        different = [at for at in different if at not in known]
        self.counts["rows on which duckdb-kql is known to be wrong"] += len(known)
        self.counts["rows judged alike"] += len(made) - len(different) - len(known)
        if different:
            self.counts["rows judged differently"] += len(different)
            self.wrong.append(name)
            if len(self.wrong) <= self.show:
                print(f"== {name}\n{query}")
                for at in different[:3]:
                    who = "duckdb-kql keeps" if at in kept else "rulec selects"
                    shown = {k: v for k, v in made[at][0].items() if v not in ("", None)}
                    print(f"  {who}: {json.dumps(shown)[:600]}")
            return "in disagreement"
        if not kept:
            return "agreed, no row selected" + (" (in part)" if in_part else "")
        return "agreed in part" if in_part else "agreed"

    def is_known(self, query, row):
        written = json.dumps(row, default=str, ensure_ascii=False)
        for error in self.known_errors:
            if "query" in error and re.search(error["query"], query) and re.search(error.get("row", ""), written):
                self.peer_errors[error["reason"]] += 1
                return True
        return False


def queries(rulec, path):
    """The queries of a corpus: {name: text}"""
    if path.is_file():
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return {line["id"]: line["query"] for line in lines if line.get("ok", True)}
    done = subprocess.run([rulec, "explain", path, "--format", "json"], capture_output=True, text=True)
    found, decoder, text, i = {}, json.JSONDecoder(), done.stdout.strip(), 0
    while i < len(text):
        read, i = decoder.raw_decode(text, i)
        metadata, preserved = read["rule"]["metadata"], read["rule"]["preserved"]
        name = metadata.get("slug", "rule")
        found[name if name not in found else f"{name}-{metadata['id']}"] = preserved["keys"]["query"]
        i = len(text) - len(text[i:].lstrip())
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rulec")
    parser.add_argument("--tests", help="the program of the integration tests, which evaluates pipelines")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--only", default="")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--skip", type=int, default=0)
    arguments = parser.parse_args()
    folder = os.environ.get("RULEC_KQL_RULES")
    if not folder:
        print("skipped: RULEC_KQL_RULES names no rules")
        return 0
    found = queries(arguments.rulec, Path(folder))
    found = {name: text for name, text in found.items() if arguments.only in name}
    chosen = list(found.items())[arguments.skip :]
    chosen = chosen[: arguments.first] if arguments.first else chosen
    with tempfile.TemporaryDirectory() as work:
        check = Check(Rulec(arguments.rulec, work, arguments.tests), arguments.show)
        units = {}
        for rule, text in chosen:
            for at, unit in enumerate(Query(text).units()):
                units[f"{re.sub(r'[^A-Za-z0-9_-]', '-', rule)}-{at}"] = (rule, unit)
        try:
            check.run(units)
        except KeyboardInterrupt:
            print("interrupted; so far:")
    print_counts(check, len(chosen))
    return 1 if check.wrong else 0


def print_counts(check, rules):
    compared = sum(any(o.startswith("agreed") or "disagreement" in o for o in outcomes) for outcomes in check.by_rule.values())
    print(f"\n{rules} queries, {len(check.by_rule)} with parts that select rows, {compared} of them compared")
    for name, count in sorted(check.counts.items()):
        print(f"  {count:7} {name}")
    lists = {"left by rulec": check.ours, "refused by duckdb-kql": check.refused, "errors of duckdb-kql": check.peer_errors}
    for title, counts in lists.items():
        print(f"{title}:")
        for name, count in counts.most_common(40):
            print(f"  {count:7} {name}")


if __name__ == "__main__":
    sys.exit(main())
