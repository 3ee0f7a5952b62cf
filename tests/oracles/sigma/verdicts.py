"""Compares rulec's verdicts on events of Sigma rules with those of other engines.

    python tests/oracles/sigma/verdicts.py RULES CASES [--rsigma PROGRAM] [--examples N]

RULES is a folder of rules; CASES is what `cargo test --test integration sigma_proof::` wrote for it with RULEC_SIGMA_RULES and
RULEC_SIGMA_CASES: for each rule the events that it calls for, and rulec's verdicts. Each rule is executed as the SQL that pySigma
makes of it, in SQLite, and by rsigma where its program is named. A disagreement is forgiven where `peer-errors.json` has an entry
for it: `peer` is the engine, `rule` a regular expression for the rule's text, `row` one for the event's JSON, `rulec` the verdict,
as far as they are given (an entry with `complaint` is about a validator); `as` names a change of the row (see `CHANGES`) with which the peer must agree; `reason` says why the
peer is wrong, or that the specification leaves it open, and `source` where that is written. Events with lists are for neither
engine: the specification does not say what a list is.
"""

import argparse
import collections
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionValueExpression
from sigma.exceptions import SigmaError
from sigma.types import SigmaString, SpecialChars

def other_spelling(value):
    """The number that a text spells, the text of a number or truth value; nothing for anything else."""
    if isinstance(value, (int, float)):
        return json.dumps(value)
    plain = isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.\d+)?", value)
    return json.loads(value) if plain else None


def spellings(row):
    """The row with any of its numbers as texts and the reverse."""
    others = {name: other_spelling(value) for name, value in row.items()}
    rows = [{}]
    for name, value in row.items():
        values = [value] if others[name] is None else [value, others[name]]
        rows = [{**row, name: value} for row in rows for value in values]
    return rows[1:65]


def slashes(row):
    """The row with slashes for the dashes before words, and for those that stand alone before them."""
    every, alone = (re.compile(before + r"[-\u2013\u2014\u2015](?=\w)") for before in ("", r"(?<!\w)"))

    def replaced(dashes):
        return {name: dashes.sub("/", value) if isinstance(value, str) else value for name, value in row.items()}

    return [replaced(every), replaced(alone)]


def without_nulls(row):
    return [{name: value for name, value in row.items() if value is not None}]


# What may be done to a row's values to show that it is this, and no more, that a peer does not understand: with one of the rows
# that come of it the peer has to agree.
CHANGES = {"spellings": spellings, "slashes": slashes, "without nulls": without_nulls}

# The column of all values of an event.
WHOLE = "whole_event_"

PEER_ERRORS = Path(__file__).with_name("peer-errors.json")


def document_of(rules, case):
    """The document of a file that the case is about."""
    text = (rules / case["rule"]).read_text(encoding="utf-8")
    documents = [d for d in yaml.safe_load_all(text) if isinstance(d, dict) and "detection" in d]
    return documents[case["at"]] if case["of"] > 1 else documents[0]


class Searching(sqliteBackend):
    """The backend with a search over the whole event, which it has not: a column holds all values, one on a line."""

    def convert_condition_val_str(self, cond, state):
        value = cond.value
        if not value.startswith(SpecialChars.WILDCARD_MULTI):
            value = SpecialChars.WILDCARD_MULTI + value
        if not value.endswith(SpecialChars.WILDCARD_MULTI):
            value = value + SpecialChars.WILDCARD_MULTI
        return self.convert_condition_field_eq_val_str(ConditionFieldEqualsValueExpression(WHOLE, value), state)

    def convert_condition_val_num(self, cond, state):
        return self.convert_condition_val_str(ConditionValueExpression(SigmaString(str(cond.value))), state)

    def convert_condition_val_re(self, cond, state):
        return self.convert_condition_field_eq_val_re(ConditionFieldEqualsValueExpression(WHOLE, cond.value), state)


class Sqlite:
    """The SQL that pySigma makes of a rule."""

    name = "sqlite"
    last = None

    def verdicts(self, document, rows):
        """A verdict for each row; `None` where the row cannot be asked for."""
        query, fields = self.query(document)
        names, seen = [], set()
        for name in [name for row in rows for name in row] + fields:
            if name.lower() not in seen:
                seen.add(name.lower())
                names.append(name)
        database = sqlite3.connect(":memory:")
        database.create_function("REGEXP", 2, self.regexp)
        quoted = [f"`{name.replace('`', '``')}`" for name in names]
        columns = ", ".join(f"{name} COLLATE NOCASE" for name in [WHOLE, *quoted])
        database.execute(f"CREATE TABLE logs (row_number_, {columns})")
        asked = set()
        for at, row in enumerate(rows):
            if has_list(row):
                continue
            asked.add(at)
            cells = [self.cell(row.get(name)) for name in names]
            whole = "\n".join(str(self.cell(value)) for value in row.values() if value is not None)
            marks = ", ".join("?" * (len(cells) + 2))
            database.execute(f"INSERT INTO logs VALUES ({marks})", [at, whole, *cells])
        query = query.replace("SELECT *", "SELECT row_number_", 1).replace("<TABLE_NAME>", "logs")
        matched = {at for (at,) in database.execute(query)}
        return [at in matched if at in asked else None for at in range(len(rows))]

    def query(self, document):
        """The SQL and the fields of the rule, found once for all of its events."""
        if self.last is None or self.last[0] is not document:
            collection = SigmaCollection.from_dicts([json.loads(json.dumps(document, default=str))])
            queries = Searching(collate_nocase=True).convert(collection)
            if len(queries) != 1:
                raise SigmaError(f"{len(queries)} queries")
            (query,) = queries
            self.last = document, query, self.fields(collection)
        return self.last[1:]

    @staticmethod
    def regexp(pattern, value):
        return value is not None and re.search(pattern, str(value)) is not None

    @staticmethod
    def cell(value):
        return str(value).lower() if isinstance(value, bool) else value

    @staticmethod
    def fields(collection):
        """Every field of the rule: SQL needs a column for each."""
        found = []

        def walk(value):
            for item in value.detection_items:
                if hasattr(item, "detection_items"):
                    walk(item)
                    continue
                if item.field:
                    found.append(item.field)
                for content in item.value if isinstance(item.value, list) else [item.value]:
                    if hasattr(content, "field") and isinstance(content.field, str):
                        found.append(content.field)

        for rule in collection.rules:
            for detection in rule.detection.detections.values():
                walk(detection)
        return found


class Rsigma:
    """The engine of rsigma."""

    name = "rsigma"

    def __init__(self, program, folder):
        self.program, self.folder = program, Path(folder)

    def verdicts(self, document, rows):
        rule, log = self.folder / "rule.yml", self.folder / "events.jsonl"
        rule.write_text(json.dumps(document, default=str, ensure_ascii=False), encoding="utf-8")
        numbered = (json.dumps({**row, "row_number_": at}) for at, row in enumerate(rows))
        log.write_text("".join(f"{line}\n" for line in numbered), encoding="utf-8")
        command = [self.program, "engine", "eval", "-q", "--include-event", "--output-format", "ndjson"]
        done = subprocess.run([*command, "-r", rule, "-e", f"@{log}"], capture_output=True, text=True)
        if done.returncode != 0:
            raise SigmaError(done.stderr.strip()[-300:])
        matched = set()
        for line in done.stdout.splitlines():
            matched.add(json.loads(line)["event"]["row_number_"])
        return [at in matched if not has_list(row) else None for at, row in enumerate(rows)]


def has_list(row):
    return any(isinstance(value, (list, dict)) for value in row.values())


def read_errors():
    entries = json.loads(PEER_ERRORS.read_text(encoding="utf-8"))
    for entry in entries:
        entry["used"] = 0
        for key in ("rule", "row"):
            if key in entry:
                entry[key] = re.compile(entry[key])
    return entries


def forgiven(errors, peer, document, text, row, verdict):
    """The entry that knows of the disagreement."""
    written = json.dumps(row, ensure_ascii=False)
    for entry in errors:
        fits = (
            "complaint" not in entry
            and entry.get("peer", peer.name) == peer.name
            and entry.get("rulec", verdict) == verdict
            and ("rule" not in entry or entry["rule"].search(text))
            and ("row" not in entry or entry["row"].search(written))
        )
        if fits and "as" in entry:
            changed = CHANGES[entry["as"]](row)
            fits = bool(changed) and verdict in peer.verdicts(document, changed)
        if fits:
            return entry
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--rsigma")
    parser.add_argument("--examples", type=int, default=20)
    options = parser.parse_args()
    errors = read_errors()
    folder = tempfile.TemporaryDirectory()
    peers = [Sqlite()] + ([Rsigma(options.rsigma, folder.name)] if options.rsigma else [])
    counts, wrong, failed = collections.Counter(), [], collections.Counter()
    with options.cases.open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            document = document_of(options.rules, case)
            text = json.dumps(document["detection"], default=str, ensure_ascii=False)
            counts["rules"] += 1
            for peer in peers:
                try:
                    verdicts = peer.verdicts(document, case["events"])
                except (SigmaError, NotImplementedError, sqlite3.Error, re.error) as error:
                    failed[f"{peer.name}: {type(error).__name__}: {str(error)[:160]}"] += 1
                    continue
                for row, ours, theirs in zip(case["events"], case["verdicts"], verdicts):
                    if theirs is None:
                        counts[f"{peer.name} not asked"] += 1
                        continue
                    counts[f"{peer.name} events"] += 1
                    if ours == theirs:
                        continue
                    entry = forgiven(errors, peer, document, text, row, ours)
                    if entry:
                        entry["used"] += 1
                        counts[f"{peer.name} known"] += 1
                    else:
                        counts[f"{peer.name} WRONG"] += 1
                        wrong.append((peer.name, case["rule"], row, ours))
    seen = collections.Counter()
    for peer, rule, row, ours in wrong:
        seen[peer, rule] += 1
        if seen[peer, rule] <= 2 and len(seen) <= options.examples:
            print(f"{peer}: {rule}: rulec says {ours}: {json.dumps(row, ensure_ascii=False)[:400]}")
    for entry in errors:
        print(f"known, {entry['used']} times: {entry.get('peer', 'both')}: {entry['reason']}")
    for reason, count in failed.most_common(20):
        print(f"not judged, {count} rules: {reason}")
    print(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
