"""Judges the rows of every log source's events by the emitted KQL in duckdb-kql, and compares with rulec's verdicts on the events.

    RULEC_SOURCE_CASES=CASES cargo test --test integration source_proof
    python tests/oracles/kql/sources.py CASES [--show COUNT]

Each line of CASES is a table: its columns with their types, rows, and queries. A query is about the rows from its `first` on, one for
each of its `expected` verdicts. Where the report of the translation calls the query wider or narrower, it may keep more rows, or
fewer. What duckdb-kql refuses, and what peer-errors.json lists, is counted apart.
"""

import argparse
import collections
import json
import re
import sys
from pathlib import Path

import duckdb
import duckdb_kql

from units import ROW_ID, pieces, selection

HERE = Path(__file__).parent
# How many conditions the engine is asked for at once.
BATCH = 64
SQL = {
    "string": "VARCHAR", "long": "BIGINT", "int": "INTEGER", "real": "DOUBLE", "bool": "BOOLEAN",
    "datetime": "TIMESTAMP", "dynamic": "JSON", "timespan": "VARCHAR", "guid": "VARCHAR",
}  # fmt: skip


def cell(value, kind):
    """One value as duckdb takes it; Kusto has no null text."""
    if kind == "string":
        return "" if value is None else value
    if value is not None and kind == "dynamic":
        return json.dumps(value)
    return value


def load(table):
    connection = duckdb_kql.connect()
    columns = {**table["columns"], ROW_ID: "string", "TimeGenerated": "datetime"}
    columns.update({name: kind_of(name, table["rows"]) for row in table["rows"] for name in row if name not in columns})
    named = ", ".join(f'"{name}" {SQL[kind]}' for name, kind in columns.items())
    connection.execute(f'CREATE TABLE "{table["table"]}" ({named})')
    rows = [
        [str(at) if name == ROW_ID else cell(row.get(name), kind) for name, kind in columns.items()]
        for at, row in enumerate(table["rows"])
    ]
    if rows:
        marks = ", ".join("?" * len(columns))
        connection.executemany(f'INSERT INTO "{table["table"]}" VALUES ({marks})', rows)
    return connection


def kind_of(name, rows):
    """The type of a column that only tells the source's rows from others."""
    value = next(row[name] for row in rows if name in row)
    return "long" if isinstance(value, int) else "string"


def kept(connection, query):
    """The numbers of the rows that the query's selection keeps."""
    result = duckdb_kql.kql(connection, selection(query))
    column = list(result.columns).index(ROW_ID)
    return {int(values[column]) for values in result.fetchall()}


def condition(query):
    """The condition of a query that only filters; nothing for others."""
    _, *stages = pieces(selection(query), "|")
    stages = [stage.strip() for stage in stages if stage.strip()]
    if not stages or not all(stage.startswith("where ") for stage in stages):
        return None
    return " and ".join(f"({stage.removeprefix('where ')})" for stage in stages)


def kept_by_each(connection, table, queries):
    """The same for several queries, in one where they only filter; the error of one that the engine refuses."""
    conditions = [condition(query) for query in queries]
    if len(queries) > 1 and None not in conditions:
        named = ", ".join(f"q{at} = ({one})" for at, one in enumerate(conditions))
        try:
            result = duckdb_kql.kql(connection, f"['{table}'] | project {ROW_ID}, {named}")
            rows = result.fetchall()
            return [{int(row[0]) for row in rows if row[at + 1]} for at in range(len(queries))]
        except (duckdb_kql.KqlError, duckdb.Error):
            half = len(queries) // 2
            return kept_by_each(connection, table, queries[:half]) + kept_by_each(connection, table, queries[half:])
    found = []
    for query in queries:
        try:
            found.append(kept(connection, query))
        except (duckdb_kql.KqlError, duckdb.Error) as error:
            found.append(error)
    return found


def uncommented(query):
    return "\n".join(line for line in query.splitlines() if not line.startswith("//"))


def is_as_said(fidelity, before, after):
    return {"Exact": before == after, "Wider": after or not before, "Narrower": before or not after}[fidelity]


def is_known(error, query, row):
    return "query" in error and re.search(error["query"], query) and re.search(error.get("row", ""), row)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("--show", type=int, default=40)
    options = parser.parse_args()
    peer = json.loads((HERE / "peer-errors.json").read_text(encoding="utf-8"))
    counts, refused, wrong = collections.Counter(), collections.Counter(), []
    for line in Path(options.cases).read_text(encoding="utf-8").splitlines():
        table = json.loads(line)
        if not table["queries"]:
            continue
        connection = load(table)
        counts["tables"] += 1
        queries = [uncommented(query["query"]) for query in table["queries"]]
        plain = [at for at, query in enumerate(queries) if condition(query) is not None]
        others = [at for at in range(len(queries)) if at not in set(plain)]
        batches = [plain[start : start + BATCH] for start in range(0, len(plain), BATCH)] + [others]
        found_by = {}
        for batch in filter(None, batches):
            answers = kept_by_each(connection, table["table"], [queries[at] for at in batch])
            found_by.update(zip(batch, answers))
        for number, query in enumerate(table["queries"]):
            counts["queries"] += 1
            found = found_by[number]
            if isinstance(found, Exception):
                refused[f"{type(found).__name__}: {str(found)[:90]}"] += 1
                continue
            for at, before in enumerate(query["expected"]):
                after = query["first"] + at in found
                counts["exact" if query["fidelity"] == "Exact" else "approximate"] += 1
                if is_as_said(query["fidelity"], before, after):
                    continue
                row = {name: value for name, value in table["rows"][query["first"] + at].items() if name in query["query"]}
                if any(is_known(error, query["query"], json.dumps(row)) for error in peer):
                    counts["known"] += 1
                else:
                    wrong.append(f"{query['case']}: {before}, and {after} in the table\n{query['query']}{json.dumps(row)}")
    for reason, count in refused.most_common(options.show):
        print(f"refused {count}: {reason}")
    for one in wrong[: options.show]:
        print(one)
    print(
        f"{counts['tables']} tables, {counts['queries']} queries, {counts['exact']} verdicts on rows compared exactly, "
        f"{counts['approximate']} as the report allows, {sum(refused.values())} queries refused by the engine, "
        f"{counts['known']} known errors of it, {len(wrong)} wrong"
    )
    return 1 if wrong or not counts["queries"] else 0


if __name__ == "__main__":
    sys.exit(main())
