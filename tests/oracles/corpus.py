"""Runs what rulec emits for rules in an engine of the target, and compares what it says with what rulec's evaluator says.

    rulec verify RULES... --to TARGET --cases CASES
    python tests/oracles/corpus.py TARGET CASES [--tools FOLDER] [--whole] [--show COUNT] [--examples COUNT]

CASES has a line for each rule: the artifacts, and events (or several in time) as the engine gets them, with the evaluator's verdicts
and what an alert shows (src/cli/verify/cases.rs). An engine (engine.py in the target's folder) says of each artifact whether the target's own tool
takes it, and answers every case: its verdict, what it shows, or why it cannot be asked. A verdict may differ as the report of
the translation says; what is not reported as exact is not compared of what is shown. Where an engine is known to be wrong stands in
its peer-errors.json with the reason and the source.

The last line is the summary. Exit status: 1 where something differs, is not accepted, or nothing was compared; with --whole also where
a rule was refused.
"""

import argparse
import collections
import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The folder of each target's engine.
ENGINES = {"panther": "panther", "sentinel": "kql", "kql": "kql", "sigma": "sigma", "native": "native"}


class Unasked(Exception):
    """Why an engine has no answer."""


class Answer:
    """What an engine says of a case: its verdict, and texts of the alert as (what, wanted, found)."""

    def __init__(self, verdict, shown=()):
        self.verdict, self.shown = verdict, list(shown)


class Check:
    """All translations."""

    def __init__(self, engine, options):
        self.engine, self.options = engine, options
        self.counts = collections.Counter()
        self.refused, self.unasked, self.unasked_rules, self.known = (collections.Counter() for _ in range(4))
        self.wrong, self.complaints, self.own = collections.defaultdict(list), [], []

    def batch(self, lines):
        for line, answers in zip(lines, self.engine.answers(lines)):
            reasons = set()
            for case, answer in zip(line["cases"], answers):
                if isinstance(answer, Unasked):
                    self.unasked[str(answer)] += 1
                    reasons.add(str(answer))
                else:
                    self.case(line, case, answer)
            self.unasked_rules.update(reasons)

    def case(self, line, case, answer):
        sequence = "events" in case
        self.counts["sequences" if sequence else "events"] += 1
        wanted = case["alerts"] if sequence else case["matches"]
        claimed = case["claimed"] if sequence else line["fidelity"]
        if answer.verdict == wanted:
            self.counts["equal"] += 1
        elif ("wider" if answer.verdict is True else "narrower") in claimed:
            self.counts["off as reported"] += 1
        else:
            self.differs(line, case, "verdict", wanted, answer.verdict)
        if answer.verdict is True and wanted:
            for what, one, other in answer.shown:
                self.counts["texts"] += 1
                if one == other:
                    self.counts["texts alike"] += 1
                else:
                    self.differs(line, case, what, one, other)

    def differs(self, line, case, what, wanted, found):
        reason = self.engine.known(line, case, what, wanted)
        if reason:
            self.known[reason] += 1
            self.counts["known verdicts" if what == "verdict" else "known texts"] += 1
            return
        self.counts["different verdicts" if what == "verdict" else "different texts"] += 1
        self.wrong[line["rule"] or line["name"]].append((what, wanted, found, case, line))

    def run(self, cases):
        batch = []
        with open(cases, encoding="utf-8") as lines:
            for at, line in enumerate(lines):
                if (at - self.options.start) % self.options.every:
                    continue
                line = {**json.loads(line), "at": at}
                self.counts["rules"] += 1
                if not line["artifacts"]:
                    self.refused[(line["reason"] or "").split("\n")[0][:100]] += 1
                    self.counts["refused"] += 1
                    continue
                self.counts["emitted"] += 1
                complaints = self.engine.complaints(line)
                if complaints and ENGINES.get(line["format"]) == ENGINES[self.options.target]:
                    # It was written as the document, or the query, that it came as, mistakes and all.
                    self.counts["as their source"] += 1
                    self.own += complaints
                    complaints = []
                self.counts["accepted"] += not complaints
                self.complaints += [f"{line['rule']}: {one}" for one in complaints]
                batch.append(line)
                if len(batch) >= self.engine.BATCH:
                    self.batch(batch)
                    batch = []
        if batch:
            self.batch(batch)
        for complaint in self.engine.finish():
            self.complaints.append(complaint)

    def told(self):
        options = self.options
        for complaint in self.complaints[: options.show]:
            print(f"not accepted: {complaint}")
        for complaint in self.own[: options.show]:
            print(f"a mistake of the source: {complaint}")
        for rule, found in list(self.wrong.items())[: options.show]:
            print(f"== {rule}: {len(found)} differ")
            for what, wanted, one, case, line in found[: options.examples]:
                event = json.dumps(case.get("event", case.get("events")), ensure_ascii=False)
                print(f"  {what}: eval {short(wanted)}, engine {short(one)}\n    {case['table'] or ''} {event[:700]}")
            if options.texts:
                print("\n".join(artifact["text"] for artifact in found[0][4]["artifacts"]))
        for title, counts in (("refused", self.refused), ("not asked", self.unasked), ("known", self.known)):
            for reason, count in counts.most_common(options.show):
                rules = f" (of {self.unasked_rules[reason]} rules)" if title == "not asked" else ""
                print(f"{title} {count}{rules}: {reason}")

    def summary(self):
        c = self.counts
        different = c["different verdicts"] + c["different texts"]
        return (
            f"{c['rules']} rules, {c['emitted']} emitted, {c['accepted']} of them accepted by {self.engine.TOOL} ({c['as their source']} with their source's own mistakes); "
            f"{self.engine.NAME}: {c['events']} events, {c['sequences']} sequences, {c['equal']} equal, {c['off as reported']} off as reported, "
            f"{c['different verdicts']} different; {c['texts']} texts, {c['texts alike']} alike, {c['different texts']} different; "
            f"{c['known verdicts'] + c['known texts']} known errors of the engine, {sum(self.unasked.values())} not asked"
        ), different > 0 or c["accepted"] < c["emitted"] or bool(self.complaints) or not c["equal"] or (self.options.whole and c["refused"])


def short(value):
    return json.dumps(value, ensure_ascii=False, default=str)[:400]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=ENGINES)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--tools", type=Path, default=HERE.parent.parent / "target/oracles")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="start")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--examples", type=int, default=2)
    parser.add_argument("--texts", action="store_true")
    options = parser.parse_args()
    # In place of this folder, whose own folders have the names of packages.
    sys.path[0] = str(HERE / ENGINES[options.target])
    engine = importlib.import_module("engine").Engine(options.cases, options.tools)
    check = Check(engine, options)
    check.run(options.cases)
    check.told()
    text, failed = check.summary()
    print(f"{options.target}: {text}")
    return int(bool(failed))


if __name__ == "__main__":
    # The engines import this module by its name.
    sys.modules["corpus"] = sys.modules["__main__"]
    sys.exit(main())
