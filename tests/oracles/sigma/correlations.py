"""Asks other engines when the correlations of `correlations.yml` alert, and for whom.

    python tests/oracles/sigma/correlations.py [--rsigma PROGRAM] [--emitted FOLDER]

Each case is executed as the plan that pySigma's SQLite backend makes of it, and by rsigma where its program is named. With a folder,
the files of the cases are taken from there (`NUMBER.yml`, what rulec wrote for them). A case that an engine is known to answer
otherwise says so under `differs`; one that then agrees is an error, too.
"""

import argparse
import collections
import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.backends.sqlite.runtime import execute_plan
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule

START = 1_700_000_000


def outermost(text):
    """The correlation that no other one is about."""
    documents = [d for d in yaml.safe_load_all(text) if isinstance(d, dict) and "correlation" in d]
    rules = [set(d["correlation"].get("rules", [])) for d in documents]
    named = set().union(*rules)
    (found,) = [d for d in documents if d.get("name") not in named and d.get("id") not in named]
    return found


def identified(text):
    """The documents with an id each, without which rsigma does not know them in correlations."""
    documents = [d for d in yaml.safe_load_all(text) if isinstance(d, dict)]
    for number, document in enumerate(documents):
        document.setdefault("id", f"00000000-0000-4000-8000-{number:012}")
    return yaml.safe_dump_all(documents, sort_keys=False)


def by_sqlite(text, events):
    """The alerts of the outermost correlation: time and values in the order of its groups."""
    backend = sqliteBackend(
        timestamp_field="at", timestamp_format="unix", observation_end=START + 10_000_000
    )
    collection = SigmaCollection.from_yaml(text)
    backend.convert(collection)
    wanted = outermost(text)
    groups = wanted["correlation"].get("group-by", [])
    (rule,) = [
        r
        for r in collection.rules
        if isinstance(r, SigmaCorrelationRule) and r.title == wanted["title"]
    ]
    plan = backend._correlation_plans[id(rule)]
    columns = sorted({name for _, event in events for name in event})
    connection = sqlite3.connect(":memory:")
    shown = ", ".join(f"`{name}` COLLATE NOCASE" for name in ["at", *columns])
    connection.execute(f"CREATE TABLE logs ({shown})")
    marks = ", ".join("?" * (len(columns) + 1))
    for at, event in events:
        values = [START + at, *(event.get(name) for name in columns)]
        connection.execute(f"INSERT INTO logs VALUES ({marks})", values)
    rows, _ = execute_plan(connection, plan, include_events=False)
    return [
        [round(row["occurrence_time"] - START), [str(row["group_keys"][name]) for name in groups]]
        for row in rows
    ]


def by_rsigma(program, text, events):
    """The alerts of the outermost correlation. rsigma is asked event by event, since it does not tell the time of an alert."""
    wanted = outermost(text)
    groups = wanted["correlation"].get("group-by", [])
    alerts = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.yml")
        path.write_text(identified(text), encoding="utf-8")
        before = collections.Counter()
        for count in range(1, len(events) + 1):
            lines = "\n".join(json.dumps({**event, "timestamp": START + at}) for at, event in events[:count])
            command = [program, "engine", "eval", "--rules", str(path), "--quiet", "--timestamp-field", "timestamp"]
            done = subprocess.run(command, input=lines, capture_output=True, text=True)
            if done.returncode not in (0, 1) or not done.stdout.strip() and "rror" in done.stderr:
                raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
            found = collections.Counter()
            for line in done.stdout.splitlines():
                result = json.loads(line)
                if result.get("correlation_type") and result["rule_title"] == wanted["title"]:
                    values = dict(result["group_key"])
                    found[json.dumps([values.get(name) for name in groups])] += 1
            for group in found - before:
                alert = [events[count - 1][0], json.loads(group)]
                if alert not in alerts:
                    alerts.append(alert)
            before = found
    return alerts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rsigma")
    parser.add_argument("--emitted", type=Path)
    options = parser.parse_args()
    path = Path(__file__).with_name("correlations.yml")
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))
    counts, wrong = collections.Counter(), 0
    for number, case in enumerate(cases):
        text = case["file"]
        if options.emitted:
            text = (options.emitted / f"{number}.yml").read_text(encoding="utf-8")
        for engine in ["sqlite"] + (["rsigma"] if options.rsigma else []):
            known = case.get("differs", {}).get(engine)
            try:
                if engine == "sqlite":
                    found = by_sqlite(text, case["events"])
                else:
                    found = by_rsigma(options.rsigma, text, case["events"])
                agrees, said = sorted(found) == sorted(case["alerts"]), found
            except Exception as error:  # whatever an engine fails with is its answer
                agrees, said = False, f"{type(error).__name__}: {error}"
            counts[f"{engine} agrees" if agrees else f"{engine} known to differ"] += 1
            # What rulec writes may be what an engine reads as it should.
            if agrees == bool(known) and not (agrees and options.emitted):
                wrong += 1
                print(f"{engine}: {case['name']}: expected {case['alerts']}, it says {said}")
    shown = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
    print(f"{len(cases)} cases, {shown}, unexpected: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
