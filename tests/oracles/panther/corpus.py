"""Compares rulec with CPython on a folder of Panther rules: verdicts, mutated events, and what alerts say.

    python tests/oracles/panther/corpus.py [tests|cross|mutate|outputs|context|all] [--rule ID] [--examples N]

Needs no packages. Three paths, as options or from the environment:

    --corpus  PANTHER_CORPUS   the folder of rules, for example a checkout of panther-analysis
    --oracle  PANTHER_ORACLE   a folder with what CPython says of it:
                               full.jsonl           a line per unit test: verdict, alert texts, alert context, the log
                               cross.logs.jsonl     distinct logs per log type
                               cross.matrix.jsonl   a line per rule and log type: logs that match, logs on which it raises
                               mutate.jsonl         a line per test: single changes of its log, each with the verdict
    --rulec   RULEC            the binary

Where one is missing the comparison is skipped, which is said. Exit status: 1 where a verdict differs, else 0.
"""

import argparse
import collections
import concurrent.futures
import copy
import json
import os
import pathlib
import re
import subprocess
import sys

TEXTS = ("title", "dedup", "severity", "unique")
SEVERITIES = {"informational": "INFO"}


def lines(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def share(part, whole):
    return f"{part}/{whole} = {100 * part / whole:.2f} %" if whole else f"{part}/{whole}"


def short(value, width=110):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else text[: width - 1] + "…"


class Comparison:
    """The differences of one comparison, by rule."""

    def __init__(self, name, examples):
        self.name = name
        self.examples = examples
        self.counts = collections.Counter()
        self.differences = collections.defaultdict(list)

    def differ(self, rule, text):
        self.differences[rule].append(text)

    def report(self, summary, notes=None):
        print(f"== {self.name}: {summary}")
        for rule, texts in sorted(self.differences.items(), key=lambda entry: (-len(entry[1]), entry[0])):
            print(f"  {rule} ({len(texts)})")
            for text in texts[: self.examples]:
                print(f"    {text}")
            for note in (notes or {}).get(rule, ())[: self.examples]:
                print(f"    rulec: {note}")
        print()


class Corpus:
    """The rules, what CPython says of them, and the binary."""

    def __init__(self, arguments):
        self.root = pathlib.Path(arguments.corpus)
        self.oracle = pathlib.Path(arguments.oracle)
        self.rulec = arguments.rulec
        self.only = arguments.rule
        self.examples = arguments.examples
        self.files = {}
        for path in sorted(self.root.rglob("*.y*ml")):
            parts = path.relative_to(self.root).parts
            if any(part.startswith(".") for part in parts) or {"templates", "test_scenarios"} & set(parts):
                continue
            found = re.search(r"^RuleID: *[\"']?([^\"'\s#]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            if found:
                self.files.setdefault(found[1], path)
        self.judged, self.lowered, self.notes = self.run_tests()
        self.python = [entry for entry in lines(self.oracle / "full.jsonl") if self.wanted(entry["rule_id"])]

    def wanted(self, rule):
        return self.only is None or rule == self.only

    def run_tests(self):
        """The results of `rulec test`, the rules that it reads, and what it says of a file's rules."""
        paths = [self.files[self.only]] if self.only else [self.root]
        run = subprocess.run(
            [self.rulec, "test", "--format", "json", *paths], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
        judged, lowered, notes = {}, set(), {}
        by_file = {str(path): rule for rule, path in self.files.items()}
        seen = collections.Counter()
        for line in run.stdout.decode().splitlines():
            entry = json.loads(line)
            if "diagnostics" in entry:
                lowered.update(entry["rules"])
                rule = by_file.get(entry["file"])
                worst = sorted(entry["diagnostics"], key=lambda note: note["severity"] != "error")
                notes[rule] = [f"{note['code']} {note['message']} {place(note)}" for note in worst]
                continue
            name = (entry["rule"], entry["test"])
            judged[(*name, seen[name])] = entry
            seen[name] += 1
        return judged, lowered, notes

    def tests(self):
        """Each of CPython's results with rulec's, where there is one."""
        seen = collections.Counter()
        for entry in self.python:
            name = (entry["rule_id"], entry["test_name"])
            yield entry, self.judged.get((*name, seen[name]))
            seen[name] += 1

    def matches(self, rules, events):
        """The ids of the rules that match, per event."""
        command = [self.rulec, "match", "--format", "json", "--events", "-", *(self.files[rule] for rule in rules)]
        text = "".join(json.dumps(event) + "\n" for event in events)
        run = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        result = [set(json.loads(line)["rules"]) for line in run.stdout.splitlines()]
        if len(result) != len(events):
            raise SystemExit(f"{rules}: {len(result)} of {len(events)} events judged\n{run.stderr.decode()[-2000:]}")
        return result


def place(note):
    for label in note["labels"]:
        return f"({os.path.basename(label['path'])}:{label['start']['line']}:{label['start']['column']})"
    return ""


def compare_tests(corpus):
    result = Comparison("unit tests", corpus.examples)
    rules = {entry["rule_id"] for entry in corpus.python}
    count = result.counts
    for entry, ours in corpus.tests():
        if ours is None:
            count["not lowered" if entry["rule_id"] not in corpus.lowered else "not judged"] += 1
        elif ours["verdict"] == (entry["actual"] is True):
            count["right"] += 1
        else:
            count["wrong"] += 1
            result.differ(entry["rule_id"], f"{entry['test_name']}: Python {entry['actual']}, rulec {ours['verdict']}")
    result.report(
        f"{count['right']} right, {count['wrong']} WRONG, {count['not lowered']} of rules not lowered, "
        f"{count['not judged']} not judged (mocks); rules lowered {share(len(rules & corpus.lowered), len(rules))}",
        corpus.notes,
    )
    lost = Comparison("rules not lowered", corpus.examples)
    for rule in rules - corpus.lowered:
        for note in corpus.notes.get(rule, ["no diagnostic"])[:1]:
            lost.differ(rule, note)
    lost.report(len(lost.differences))
    return count["wrong"]


def tally(result, rule, python, ours, what):
    """Counts one verdict: `T`, `F`, or `E` where Python raised."""
    count = result.counts
    count["cases"] += 1
    if python == "E":
        count["raised"] += 1
    if python == "T" and not ours:
        count["missed"] += 1
        result.differ(rule, f"Python T, rulec F: {what()}")
    elif python == "F" and ours:
        count["added"] += 1
        result.differ(rule, f"Python F, rulec T: {what()}")
    elif python == "E" and ours:
        count["raised and matched"] += 1
        result.differ(rule, f"Python raised, rulec T: {what()}")


def report_verdicts(result, unread):
    count = result.counts
    quiet = count["raised"] - count["raised and matched"]
    flips = count["missed"] + count["added"]
    result.report(
        f"{count['cases']} cases, {flips} FLIPS ({count['missed']} T->F, {count['added']} F->T); "
        f"raised: no match in {share(quiet, count['raised'])}; {unread} cases of rules not lowered"
    )
    return flips


def compare_cross(corpus):
    result = Comparison("every rule x every log of its type", corpus.examples)
    logs = collections.defaultdict(list)
    for entry in lines(corpus.oracle / "cross.logs.jsonl"):
        logs[entry["log_type"]].append(entry)
    by_type = collections.defaultdict(list)
    unread = 0
    for entry in lines(corpus.oracle / "cross.matrix.jsonl"):
        if not corpus.wanted(entry["rule_id"]):
            continue
        if entry["rule_id"] in corpus.lowered:
            by_type[entry["log_type"]].append(entry)
        else:
            unread += entry["n"]

    def judge(log_type):
        rules = sorted({entry["rule_id"] for entry in by_type[log_type]})
        return log_type, corpus.matches(rules, [entry["log"] for entry in logs[log_type]])

    # The types with the most pairs first.
    types = sorted(by_type, key=lambda log_type: -len(by_type[log_type]) * len(logs[log_type]))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for log_type, matched in pool.map(judge, types):
            for entry in by_type[log_type]:
                true, error = set(entry["true"]), set(map(int, entry["error"]))
                for log, ids in zip(logs[log_type], matched):
                    at = log["log_id"]
                    python = "T" if at in true else "E" if at in error else "F"
                    what = lambda log=log: f"log {log['log_id']}, test of {' / '.join(log['src'])}"
                    tally(result, entry["rule_id"], python, entry["rule_id"] in ids, what)
    return report_verdicts(result, unread)


def mutated(log, path, change):
    log = copy.deepcopy(log)
    within = log
    for key in path[:-1]:
        within = within[key]
    key = path[-1]
    if change == "del":
        del within[key]
    else:
        value = within[key]
        changes = {"null": None, "empty": "", "zzz": "zzz", "upper": value.upper() if isinstance(value, str) else value}
        within[key] = changes[change]
    return log


def compare_mutated(corpus):
    result = Comparison("single changes of the tests' logs", corpus.examples)
    logs = {(entry["rule_id"], entry["test_index"]): entry["log"] for entry in corpus.python}
    by_rule = collections.defaultdict(list)
    unread = 0
    for entry in lines(corpus.oracle / "mutate.jsonl"):
        if not corpus.wanted(entry["rule_id"]):
            continue
        if entry["rule_id"] in corpus.lowered:
            by_rule[entry["rule_id"]].append(entry)
        else:
            unread += entry["n"]

    def judge(rule):
        # The oracle chose the data model before the change; a change of what it is chosen by says nothing.
        cases = [
            (entry["test_index"], path, change, verdict)
            for entry in by_rule[rule]
            for path, change, verdict in entry["muts"]
            if path != ["p_log_type"]
        ]
        events = [mutated(logs[rule, test], path, change) for test, path, change, _ in cases]
        return rule, cases, corpus.matches([rule], events)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for rule, cases, matched in pool.map(judge, by_rule):
            for (test, path, change, verdict), ids in zip(cases, matched):
                what = lambda: f"test {test}, {change} {'.'.join(map(str, path))} ({verdict})"
                tally(result, rule, verdict[0], rule in ids, what)
    return report_verdicts(result, unread)


def positive(corpus):
    """The tests that match for CPython and for rulec, and how many match for CPython alone."""
    both, alone = [], 0
    for entry, ours in corpus.tests():
        if entry["actual"] is True:
            if ours is not None and ours["verdict"]:
                both.append((entry, ours["alert"]))
            else:
                alone += 1
    return both, alone


def texts_of(entry, alert):
    """The texts of both sides by name: CPython's, rulec's, and whether the rule computes this one."""
    default = f"defaultDedupString:{entry['rule_id']}"
    severity = SEVERITIES.get(alert["severity"], alert["severity"].upper())
    ours = {**alert, "severity": severity, "dedup": alert["dedup"] or default}
    for name in TEXTS:
        if name in entry.get("aux_errors", {}):
            continue
        has = entry["severity_dynamic"] if name == "severity" else entry[name] is not None
        yield name, entry[name], ours[name], has


def compare_outputs(corpus):
    both, alone = positive(corpus)
    results = {name: Comparison(name, corpus.examples) for name in TEXTS}
    for entry, alert in both:
        for name, python, ours, has in texts_of(entry, alert):
            result = results[name]
            result.counts["has"] += has
            result.counts["equal"] += has and python == ours
            if python != ours:
                result.differ(entry["rule_id"], f"{entry['test_name']}:\n      - {short(python)}\n      + {short(ours)}")
    for result in results.values():
        summary = f"{share(result.counts['equal'], result.counts['has'])} of the matching tests that have one"
        result.report(f"{summary} ({alone} matching tests of rules not judged)", corpus.notes)
    return 0


def same(python, ours):
    return json.dumps(python, sort_keys=True) == json.dumps(ours, sort_keys=True)


def compare_context(corpus):
    both, alone = positive(corpus)
    result = Comparison("alert_context", corpus.examples)
    count = result.counts
    for entry, alert in both:
        python, ours = entry["alert_context"], alert["outputs"]
        if not isinstance(python, dict) or "alert_context" in entry["aux_errors"]:
            continue
        count["tests"] += 1
        names = list(dict.fromkeys([*python, *ours]))
        wrong = [name for name in names if name not in python or name not in ours or not same(python[name], ours[name])]
        count["keys"] += len(names)
        count["equal keys"] += len(names) - len(wrong)
        count["equal tests"] += not wrong
        for name in wrong:
            left, right = python.get(name, "(none)"), ours.get(name, "(none)")
            result.differ(entry["rule_id"], f"{name} in {entry['test_name']}:\n      - {short(left)}\n      + {short(right)}")
    result.report(
        f"whole contexts {share(count['equal tests'], count['tests'])}, "
        f"keys {share(count['equal keys'], count['keys'])} ({alone} matching tests of rules not judged)",
        corpus.notes,
    )
    return 0


COMPARISONS = {
    "tests": compare_tests,
    "cross": compare_cross,
    "mutate": compare_mutated,
    "outputs": compare_outputs,
    "context": compare_context,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["all"], choices=[*COMPARISONS, "all"])
    parser.add_argument("--rule", help="only this rule")
    parser.add_argument("--examples", type=int, default=1, help="differences shown of each rule")
    for name, variable in (("corpus", "PANTHER_CORPUS"), ("oracle", "PANTHER_ORACLE"), ("rulec", "RULEC")):
        parser.add_argument(f"--{name}", default=os.environ.get(variable, ""))
    arguments = parser.parse_args()
    for name in ("corpus", "oracle", "rulec"):
        path = getattr(arguments, name)
        if not path or not os.path.exists(path):
            print(f"skipped: `--{name}` names nothing that exists: {path!r}")
            return 0
    corpus = Corpus(arguments)
    names = COMPARISONS if "all" in arguments.what else arguments.what
    return int(any([COMPARISONS[name](corpus) > 0 for name in names]))


if __name__ == "__main__":
    sys.exit(main())
