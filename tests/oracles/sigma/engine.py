"""Emitted Sigma rules as the SQL that pySigma makes of them, in SQLite; pySigma's validators are the target's tool."""

import json
import re
import sqlite3

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

from sources import LogSources
from validate import DOWNLOADING, complaints_of, describe
from corpus import Answer, Unasked
from verdicts import Sqlite, forgiven, read_errors


class Engine:
    NAME, TOOL, BATCH = "pySigma in SQLite", "pySigma's validators", 1

    def __init__(self, cases, tools):
        self.validator = SigmaValidator(v for n, v in validators.items() if n not in DOWNLOADING)
        self.errors = read_errors()
        self.peer = Sqlite()
        self.log_sources = LogSources()

    def complaints(self, line):
        texts = [one["text"] for one in line["artifacts"] if one["path"].endswith(".yml")]
        found = [(text, one) for text in texts for one in complaints_of(text, self.validator)]
        return [one for text, one in found if not self.is_known_complaint(text, one)]

    def is_known_complaint(self, text, complaint):
        known = [entry for entry in self.errors if "complaint" in entry]
        return any(re.search(entry["complaint"], complaint) and entry["rule"].search(text) for entry in known)

    def documents(self, line):
        """The documents that select events."""
        texts = [one["text"] for one in line["artifacts"] if one["path"].endswith(".yml")]
        return [d for text in texts for d in yaml.safe_load_all(text) if isinstance(d, dict) and "detection" in d]

    def answers(self, lines):
        return [self.answers_of(line) for line in lines]

    def answers_of(self, line):
        events = [case["event"] for case in line["cases"] if "event" in case]
        try:
            judged = [self.verdicts(document, events) for document in self.documents(line)]
        except (SigmaError, NotImplementedError, sqlite3.Error, re.error) as error:
            reason = re.sub(r"['\"`].*?['\"`]", "…", f"{type(error).__name__}: {error}")
            return [Unasked(reason[:100])] * len(line["cases"])
        found, at = [], 0
        for case in line["cases"]:
            if "events" in case:
                found.append(Unasked("SQL counts in windows of its own; sigma/correlations.py asks for these"))
                continue
            said = [verdicts[at] for verdicts in judged]
            at += 1
            found.append(Unasked("an event with lists, or an object in a field of the rule") if None in said or not said else Answer(any(said)))
        return found

    def verdicts(self, document, events):
        """A verdict for each event; those whose names differ in case alone are asked apart, since columns do not."""
        fields = self.peer.query(document)[1]
        tables, found = [], [None] * len(events)
        for at, event in enumerate(events):
            if any(name.startswith(f"{field}.") for field in fields for name in event):
                continue
            spelt = {name.lower(): name for name in event}
            for names, numbers in tables:
                if all(names.get(lower, name) == name for lower, name in spelt.items()):
                    break
            else:
                names, numbers = {field.lower(): field for field in fields}, []
                if not all(names.get(lower, name) == name for lower, name in spelt.items()):
                    names = {}
                tables.append((names, numbers))
            names.update(spelt)
            numbers.append(at)
        for _, numbers in tables:
            for at, verdict in zip(numbers, self.peer.verdicts(document, [events[at] for at in numbers])):
                found[at] = verdict and self.log_sources.gives(document, events[at])
        return found

    def known(self, line, case, what, wanted):
        for document in self.documents(line):
            text = json.dumps(document["detection"], default=str, ensure_ascii=False)
            entry = forgiven(self.errors, self.peer, document, text, case["event"], wanted)
            if entry:
                return entry["reason"]
        return None

    def finish(self):
        return [f"{', '.join(str(r.title) for r in issue.rules)}: {describe(issue)}" for issue in self.validator.finalize()]
