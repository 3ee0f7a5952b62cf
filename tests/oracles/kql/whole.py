"""Runs whole queries on generated tables in duckdb-kql and by rulec, and compares the rows of the result.

    RULEC_KQL_RULES=FOLDER|FILE.jsonl python tests/oracles/kql/whole.py cases RULEC CASES     writes CASES
    RULEC_KQL_CASES=CASES cargo test --test integration kql_rows                                writes CASES.out
    RULEC_KQL_RULES=... python tests/oracles/kql/whole.py compare CASES [--show COUNT]

The events of a table are made from the parts of the query that read it, as verdicts.py does, with few different values in the
columns that only name things, so that groups and joins have several members. Values that Kusto leaves open (the order of a set,
which row of a tie) are compared without them or not at all.
"""

import argparse
import collections
import datetime
import json
import os
import random
import re
import sys
import tempfile
from pathlib import Path

import duckdb_kql

from units import ROW_ID, NoRow, Query, pieces, uncommented
from verdicts import HERE, REFUSALS, SQL, Rows, Rulec, Table, queries, reason_of, spelt, tables

NAMES = ["u1", "u2", "10.1.2.3", "8.8.8.8"]
# What has more than one right answer.
OPEN = re.compile(r"\b(take_any|any|rand|sample|new_guid|take|limit|hll|tdigest|top-hitters|autocluster|basket)\b")
LIMIT = 60


def source_of(unit):
    """The table of a unit."""
    body = unit.rsplit(";\n", 1)[-1]
    return re.sub(r"\(.*", "", pieces(body, "|")[0], flags=re.S).strip()


def sources(text, schemas):
    """Every table of the workspace that a query names."""
    words = set(re.findall(r"\b[A-Z][A-Za-z0-9_]+\b", uncommented(text)))
    return {word for word in words if word in schemas}


class Case:
    """A query with events and rows for each of its tables."""

    def __init__(self, name, text, rules, schemas, now):
        self.name, self.text, self.now = name, text, now
        self.random = random.Random(name)
        self.tables, self.events, self.rows = {}, {}, {}
        for at, (unit, rule) in enumerate(rules):
            self.add(source_of(unit), unit, rule, schemas, at)
        for table in sources(text, schemas):
            if table not in self.tables:
                self.add(table, text, {"selection": {"all": []}}, schemas, 0)

    def add(self, name, unit, rule, schemas, at):
        # All columns of the query, since any part of it may read them.
        table = Table(name, self.text, rule, schemas)
        if name in self.tables:
            for column, kind in table.types.items():
                self.tables[name].types.setdefault(column, kind)
        else:
            self.tables[name], self.events[name] = table, []
        made = Rows(table, rule, unit, self.now, f"{self.name}{at}")
        for _ in range(8):
            made.add(made.solver.solve(rule["selection"], True))
            made.add(made.varied(made.solver.solve(rule["selection"], True)))
        for _ in range(3):
            made.add(made.solver.solve(rule["selection"], False))
        found = [event for event, _ in made.made.values()]
        self.events[name] += self.random.sample(found, min(len(found), 10)) * 3

    def finish(self):
        """Gives every event its own time and the columns that only name things a value, and makes the rows."""
        for name, table in self.tables.items():
            kept, rows = [], []
            events = self.events[name][:LIMIT]
            for at, event in enumerate(events):
                event = dict(event)
                moment = self.now - datetime.timedelta(seconds=30 + at * 1.37)
                event["eventTime" if table.mapping else "TimeGenerated"] = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                if "Timestamp" in event:
                    event["Timestamp"] = event["TimeGenerated"]
                if not table.mapping:
                    for column, kind in table.types.items():
                        if kind == "string" and column not in event and column not in (ROW_ID,):
                            event[column] = name if column == "Type" else self.random.choice(NAMES)
                try:
                    row = table.row(event)
                except NoRow:
                    continue
                kept.append({**event, ROW_ID: ""} if not table.mapping else event)
                rows.append(row)
            self.events[name], self.rows[name] = kept, rows

    def written(self):
        micros = int((self.now - datetime.datetime(1970, 1, 1)).total_seconds() * 1_000_000)
        types = {name: table.types for name, table in self.tables.items()}
        return {"id": self.name, "query": self.text, "now": micros, "tables": self.events, "rows": self.rows, "types": types}


def cases(arguments):
    schemas = tables()
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    found = queries(arguments.rulec, Path(os.environ["RULEC_KQL_RULES"]))
    found = {name: text for name, text in found.items() if arguments.only in name}
    units = {}
    for at, (name, text) in enumerate(found.items()):
        for number, unit in enumerate(Query(text).units()):
            units[f"c{at}-{number}"] = (name, unit)
    with tempfile.TemporaryDirectory() as work:
        rules = Rulec(arguments.rulec, work).read({key: unit for key, (_, unit) in units.items()})
    of = collections.defaultdict(list)
    for key, (name, unit) in units.items():
        if rules.get(key):
            of[name].append((unit, rules[key]))
    with open(arguments.cases, "w", encoding="utf-8") as file:
        for name, text in found.items():
            case = Case(name, text, of[name], schemas, now)
            case.finish()
            file.write(json.dumps(case.written(), default=str) + "\n")


def normal(value):
    """A value without what is only its form."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{float(value):.9g}".replace("nan", "NaN").replace("inf", "Infinity")
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, datetime.timedelta):
        return f"{value.total_seconds():.6g}s"
    if isinstance(value, str):
        if value[:1] in '[{"' and value[-1:] in ']}"':
            try:
                return normal(json.loads(value))
            except ValueError:
                return value
        match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z?", value)
        return f"{match[1]}T{match[2]}.{(match[3] or '').ljust(6, '0')}" if match else value
    if isinstance(value, (list, tuple)):
        return json.dumps(sorted(json.dumps(normal(item)) for item in value))
    if isinstance(value, dict):
        return json.dumps({key: normal(item) for key, item in sorted(value.items())})
    return str(value)


def ours(value, kind):
    """A value of a row as it would be shown: points in time and spans are ticks."""
    if value is None:
        return ""
    if kind.startswith("TIMESTAMP") and isinstance(value, int):
        return normal(datetime.datetime(1, 1, 1) + datetime.timedelta(microseconds=value // 10))
    if kind == "INTERVAL" and isinstance(value, int):
        return normal(datetime.timedelta(microseconds=value // 10))
    return normal(value)


class Whole:
    def __init__(self, show):
        self.show = show
        self.counts, self.refused, self.own = collections.Counter(), collections.Counter(), collections.Counter()
        self.wrong = []

    def peer(self, case):
        connection = duckdb_kql.connect()
        text = uncommented(case["query"])
        for name, types in case["types"].items():
            columns = ", ".join(f'"{column}" {SQL[kind]}' for column, kind in types.items())
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            rows = [[row.get(column) for column in types] for row in case["rows"][name]]
            if rows:
                connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(types))})', rows)
        shape = collections.namedtuple("Shape", "types")({c: k for types in case["types"].values() for c, k in types.items()})
        text = re.sub(r"\|\s*project-reorder\b[^|;)]*", "", spelt(text, shape))
        now = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=case["now"])
        result = duckdb_kql.kql(connection, text, query_now=now)
        return list(result.columns), [str(kind) for kind in result.types], result.fetchall()

    def compare(self, case, answer):
        if "refused" in answer:
            self.own[answer["refused"]] += 1
            return "refused by rulec"
        if not any(case["rows"].values()):
            return "without rows"
        try:
            columns, types, rows = self.peer(case)
        except REFUSALS as error:
            self.refused[reason_of(error)] += 1
            return "refused by duckdb-kql"
        if "groups" in answer:
            return self.groups(case, answer, rows)
        shared = [c for c in columns if c in answer["columns"]]
        # duckdb-kql has the columns that the query names; rulec has all of a table that is known, and those that are used of
        # any other.
        unnamed = {column for types in case["types"].values() for column in types} | {ROW_ID, f"{ROW_ID}1"}
        missing = [c for c in columns if c not in answer["columns"] and c.removesuffix("1") not in unnamed]
        if missing:
            return self.differs(case, f"columns {missing}", [], [])
        settled = [at for at, c in enumerate(columns) if c in shared and not self.is_open(case, c)]
        theirs = sorted(tuple(normal(row[at]) for at in settled) for row in rows)
        own = sorted(tuple(ours(row.get(columns[at]), types[at]) for at in settled) for row in answer["rows"])
        if theirs != own:
            return self.differs(case, f"{[columns[at] for at in settled]}", theirs, own)
        return "agreed" if theirs else "agreed, without rows"

    def is_open(self, case, column):
        return bool(OPEN.search(case["query"])) and column not in ("count_",)

    def groups(self, case, answer, rows):
        """A selection and a count: as many results as groups, where no row of the result is a part of an event."""
        if answer["counted"] and answer["window"] != "per_run":
            return "counted in windows"
        if len(rows) != len(answer["groups"]):
            if re.search(r"mv-?expand|take|top|distinct|union", case["query"]):
                return "rows that are not events"
            return self.differs(case, "the number of results", [(len(rows),)], [(len(answer["groups"]),)])
        return "agreed" if rows else "agreed, without rows"

    def differs(self, case, what, theirs, own):
        known = json.loads((HERE / "peer-errors.json").read_text(encoding="utf-8"))
        if any(re.search(error.get("whole", error.get("query")), case["query"]) for error in known):
            return "duckdb-kql is known to be wrong"
        self.wrong.append(case["id"])
        if len(self.wrong) <= self.show:
            print(f"== {case['id']}: {what[:600]}\n{case['query'].strip()[:1800]}")
            for title, rows, others in (("duckdb-kql", theirs, own), ("rulec", own, theirs)):
                for row in [row for row in rows if row not in others][:2]:
                    print(f"  {title}: {json.dumps(row)[:700]}")
        return "in disagreement"


def compare(arguments):
    whole = Whole(arguments.show)
    answers = {}
    for line in Path(f"{arguments.cases}.out").read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        answers[answer["id"]] = answer
    for line in Path(arguments.cases).read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if arguments.only in case["id"]:
            whole.counts[whole.compare(case, answers[case["id"]])] += 1
    for title, counts in (("queries", whole.counts), ("refused by rulec", whole.own), ("refused by duckdb-kql", whole.refused)):
        print(f"{title}:")
        for name, count in counts.most_common(40):
            print(f"  {count:7} {name}")
    return 1 if whole.wrong else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["cases", "compare"])
    parser.add_argument("first")
    parser.add_argument("second", nargs="?")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    if "RULEC_KQL_RULES" not in os.environ:
        print("skipped: RULEC_KQL_RULES names no rules")
        return 0
    if arguments.what == "compare":
        arguments.cases = arguments.first
        return compare(arguments)
    arguments.rulec, arguments.cases = arguments.first, arguments.second
    return cases(arguments)


if __name__ == "__main__":
    sys.exit(main())
