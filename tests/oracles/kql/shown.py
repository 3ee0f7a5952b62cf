"""Runs emitted rules on the rows of their own tests in duckdb-kql, and compares what an alert shows with what the rule does.

    RULEC_SHOWN_CASES=CASES cargo test --test integration shown::what
    python tests/oracles/kql/shown.py CASES [--show COUNT]

A case is a document with the rows of the events that it alerts on, and the title and the outputs that the evaluator gives for each;
only what the translation calls exact is among them. The whole query runs on one row at a time, so that what it returns is the
alert of that row. The title is put together from the columns that the document names, the outputs are the custom details.
An alert shows texts: nothing is an empty one, lists and objects are JSON, a time is the moment that it names.

duckdb-kql refuses what it cannot run, which is counted. Where it is known to be wrong stands in peer-errors.json.
"""

import argparse
import collections
import datetime
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import yaml

from verdicts import HERE, REFUSALS, Peer, reason_of, spelt, tables

PLACE = re.compile(r"\{\{(\w+)\}\}")


def filled(value):
    """The value without keys that have no value."""
    if isinstance(value, dict):
        return {key: filled(below) for key, below in value.items() if below is not None}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return value


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


def read(value, kind):
    """A dynamic value comes as JSON."""
    return json.loads(value) if str(kind) == "JSON" and value is not None else value


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


def cell(value, kind, now):
    """A value as the column's type takes it; a text is never null."""
    if value is None:
        return "" if kind == "string" else None
    if kind == "dynamic":
        return json.dumps(value)
    if kind == "datetime":
        at = moment(str(value))
        return at.replace(tzinfo=None) if isinstance(at, datetime.datetime) else now
    return value


class Check:
    """All cases."""

    def __init__(self, show):
        self.show = show
        self.schemas = tables()
        self.known_errors = json.loads((HERE / "peer-errors.json").read_text(encoding="utf-8"))
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        self.counts = collections.Counter()
        self.refused = collections.Counter()
        self.known = collections.Counter()
        self.wrong = []

    def case(self, case):
        document = yaml.safe_load(case["document"])
        query = document["query"]
        source = re.match(r"\s*(\w+)", query).group(1)
        if source not in self.schemas:
            self.refused["a table without a schema"] += 1
            return
        # Columns that differ in case alone are one to duckdb-kql; a query asks for one of them.
        named = {"TimeGenerated", *re.findall(r"\w+", query)}
        types = {name: kind for name, kind in self.schemas[source].items() if name in named}
        table = SimpleNamespace(name=source, types=types)
        self.counts["queries"] += 1
        for alert in case["alerts"]:
            row = {name: cell(alert["row"].get(name), kind, self.now) for name, kind in types.items()}
            row["TimeGenerated"] = row["TimeGenerated"] or self.now - datetime.timedelta(minutes=5)
            try:
                result = Peer(table, [row], self.now).run(spelt(query, table))
                names, kinds, found = list(result.columns), result.types, result.fetchall()
            except REFUSALS as error:
                self.refused[reason_of(error)] += 1
                continue
            self.alert(case, document, query, alert, list(zip(names, kinds)), found)

    def alert(self, case, document, query, alert, columns, found):
        if len(found) != 1:
            # Which rows a query selects is what other checks ask.
            self.refused["a row that the query does not return once"] += 1
            return
        self.counts["alerts"] += 1
        shown = {name: read(value, kind) for (name, kind), value in zip(columns, found[0])}
        if alert["title"] is not None:
            written = (document.get("alertDetailsOverride") or {}).get("alertDisplayNameFormat")
            if written:
                made = PLACE.sub(lambda at: text(shown[at.group(1)]), written)
                self.compare(case, query, "title", alert["title"], made)
        details = {word(name): column for name, column in (document.get("customDetails") or {}).items()}
        for name, wanted in alert["details"].items():
            if details.get(name):
                self.compare(case, query, name, text(wanted), text(shown[details[name]]))

    def compare(self, case, query, what, wanted, made):
        self.counts["titles" if what == "title" else "outputs"] += 1
        if wanted == made or moment(wanted) == moment(made):
            self.counts["alike"] += 1
        else:
            self.differs(case, query, what, wanted, made)

    def differs(self, case, query, what, wanted, made):
        for error in self.known_errors:
            if "shown" in error and re.search(error["shown"], query):
                self.known[error["reason"]] += 1
                return
        self.wrong.append(case["rule"])
        if len(self.wrong) <= self.show:
            print(f"== {case['rule']}: {what}\n  the rule shows {wanted[:300]!r}\n  the query shows {made[:300]!r}\n{query}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=Path)
    parser.add_argument("--show", type=int, default=20)
    arguments = parser.parse_args()
    check = Check(arguments.show)
    for line in arguments.cases.read_text(encoding="utf-8").splitlines():
        check.case(json.loads(line))
    for title, counts in {"refused by duckdb-kql": check.refused, "errors of duckdb-kql": check.known}.items():
        for name, count in counts.most_common():
            print(f"{title}: {count:5} {name}")
    counts = check.counts
    print(
        f"{counts['queries']} queries, {counts['alerts']} alerts: {counts['titles']} titles and {counts['outputs']} outputs compared, "
        f"{counts['alike']} alike, {sum(check.known.values())} where duckdb-kql is wrong, {len(check.wrong)} differ; "
        f"{sum(check.refused.values())} refused"
    )
    if not counts["outputs"]:
        print("nothing was compared")
        return 1
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
