"""Runs the selection of every emitted KQL query on the rule's own events, in duckdb-kql.

    python tests/oracles/kql/execute.py RULES FOLDER COUNT      COUNT queries (.kql) are expected

RULES holds the source rules: RULES/<format>/<rule>/events.json. The query of a rule is FOLDER/**/<rule>.kql. Each event
becomes a row as the connector would write it (columns.json). The query runs up to the stage that stops to speak of single
events, such as summarize, so a threshold plays no part.

Two kinds of events say nothing about a query and are counted apart: those that no row can hold (a number in a text column),
and those that share a row with an event of the other verdict (an absent text and an empty one). Where the report of the
translation (FOLDER/../report.json) calls a predicate wider, the query may also keep rows that the rule does not match; these
are counted too. duckdb-kql refuses what it cannot run; a refusal is reported and is no failure.
"""

import json
import sys
from pathlib import Path

import duckdb_kql

HERE = Path(__file__).parent
# The row's number travels in a column that every table has and no event fills.
ROW_ID = "_ItemId"
TYPES = {"string": "VARCHAR", "bool": "BOOLEAN", "datetime": "TIMESTAMP", "real": "DOUBLE"}
# What follows one of these is about groups, or has lost the number.
LAST_STAGES = {
    "count",
    "distinct",
    "limit",
    "make-series",
    "order",
    "project",
    "sort",
    "summarize",
    "take",
    "top",
}


class NoRow(Exception):
    """The event has a value that its column cannot hold."""


def pick(event, path):
    for key in path.split("."):
        if not isinstance(event, dict):
            return None
        event = event.get(key)
    return event


def cell(value, kind, is_json):
    """One value as the column holds it; Kusto has no null text."""
    if value is None:
        return "" if kind == "string" else None
    if is_json:
        return json.dumps(value)
    if kind == "bool" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, {"bool": bool}.get(kind, str)):
        return value
    raise NoRow


def to_row(event, types, mapping):
    row = {name: "" if kind == "string" else None for name, kind in types.items()}
    for name, path in mapping["columns"].items():
        row[name] = cell(pick(event, path), types[name], name in mapping["json"])
    return row


def pieces(text, separator):
    """Splits at a separator outside brackets, strings and comments."""
    parts, start, depth, i = [], 0, 0, 0
    while i < len(text):
        char = text[i]
        if char in "\"'":
            verbatim = i > 0 and text[i - 1] == "@"
            i += 1
            while i < len(text) and text[i] != char:
                i += 2 if text[i] == "\\" and not verbatim else 1
        elif text.startswith("//", i):
            i = text.find("\n", i) if "\n" in text[i:] else len(text)
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:i])
            start = i + 1
        i += 1
    return parts + [text[start:]]


def selection(query):
    """The query without its first stage that is not about single rows, and all that follows."""
    *lets, body = [p for p in pieces(query, ";") if p.strip()]
    source, *stages = pieces(body, "|")
    kept = [source]
    for stage in stages:
        if stage.strip() and stage.split()[0] in LAST_STAGES:
            break
        kept.append(stage)
    return ";".join([*lets, "|".join(kept)])


def load(table, types, rows):
    connection = duckdb_kql.connect()
    columns = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in types.items())
    connection.execute(f'CREATE TABLE "{table}" ({columns})')
    marks = ", ".join("?" * len(types))
    connection.executemany(
        f'INSERT INTO "{table}" VALUES ({marks})', [list(r.values()) for r in rows]
    )
    return connection


def run(query, table, types, rows):
    """The numbers of the rows that the query's selection keeps."""
    result = duckdb_kql.kql(load(table, types, rows), selection(query))
    column = list(result.columns).index(ROW_ID)
    return {int(values[column]) for values in result.fetchall()}


def judge(query, cases, table, types, mapping):
    """(right, missed names, names kept beyond the rule, events without a row, events that share one)"""
    verdicts = {}
    without = 0
    for case in cases:
        try:
            key = json.dumps(to_row(case["event"], types, mapping))
        except NoRow:
            without += 1
            continue
        verdicts.setdefault(key, []).append(case)
    rows, judged, sharing = [], [], 0
    for key, same in verdicts.items():
        if len({case["expected"] for case in same}) > 1:
            sharing += len(same)
            continue
        rows.append({**json.loads(key), ROW_ID: str(len(rows))})
        judged.append(same)
    kept = run(query, table, types, rows)
    verdicts = [(case, i in kept) for i, same in enumerate(judged) for case in same]
    missed = [case["name"] for case, found in verdicts if case["expected"] and not found]
    beyond = [case["name"] for case, found in verdicts if found and not case["expected"]]
    return len(verdicts) - len(missed) - len(beyond), missed, beyond, without, sharing


def fidelity(folder):
    """For each rule's short name, what its translation may do besides: {"wider"}, {"narrower"}, both or nothing."""
    path = Path(folder).parent / "report.json"
    if not path.exists():
        return {}
    rules = json.loads(path.read_text(encoding="utf-8"))["rules"]
    return {
        rule["stem"]: {
            construct["fidelity"]
            for translation in rule["translations"]
            for construct in translation["constructs"]
            if construct["part"] == "condition"
        }
        for rule in rules
    }


def main(rules, folder, expected):
    tables = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))
    mappings = json.loads((HERE / "columns.json").read_text(encoding="utf-8"))
    queries = {path.stem: path for path in sorted(Path(folder).rglob("*.kql"))}
    reported = fidelity(folder)
    failed, refused, total = False, [], [0, 0, 0, 0]
    if len(queries) != expected:
        failed = True
        print(f"expected {expected} queries, found {len(queries)}")
    for events in sorted(Path(rules).rglob("events.json")):
        name = events.parent.name
        if name not in queries:
            failed = True
            print(f"{name}: no query of this name")
            continue
        query = queries[name].read_text(encoding="utf-8")
        table = next((t for t in mappings if t in query), None)
        if table is None:
            failed = True
            print(f"{name}: no table of columns.json in the query")
            continue
        cases = json.loads(events.read_text(encoding="utf-8"))
        try:
            right, missed, beyond, without, sharing = judge(
                query, cases, table, tables[table], mappings[table]
            )
        except duckdb_kql.KqlUnsupportedError as error:
            refused.append(name)
            print(f"{name}: refused: {error}")
            continue
        except duckdb_kql.KqlError as error:
            failed = True
            print(f"{name}: {type(error).__name__}: {error}")
            continue
        allowed = reported.get(name, set())
        as_reported = (len(missed) if "narrower" in allowed else 0) + (
            len(beyond) if "wider" in allowed else 0
        )
        wrong = ([] if "narrower" in allowed else missed) + ([] if "wider" in allowed else beyond)
        total = [a + b for a, b in zip(total, (right, as_reported, without, sharing))]
        for case in wrong:
            failed = True
            print(f"{name}: other verdict than expected: {case}")
    if failed:
        return 1
    print(
        f"{len(queries) - len(refused)} queries, {total[0]} events as expected, {total[1]} off as reported, "
        f"{total[2]} that no row holds, {total[3]} that share a row, refused: {', '.join(refused) or 'none'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
