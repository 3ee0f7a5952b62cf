"""Runs emitted Panther modules in CPython and compares what they say with what rulec's evaluator says.

    RULEC_PANTHER_CASES=CASES cargo test --test integration panther_proof
    python tests/oracles/panther/proof.py CASES [--examples N]

Needs the package panther_core. A module raises on no event; its verdict is a truth value; title, unique, severity and alert context
of a matching event are those of the evaluator, and its dedup text tells the same events apart. Exit status: 1 where something
differs.
"""

import argparse
import collections
import json
import sys

from panther_core.enriched_event import PantherEvent
from panther_core.immutable import json_encoder

from shown import Groups, alike, severity


def differences(names, case, lost, groups):
    event = PantherEvent(json.loads(json.dumps(case["event"])))
    verdict = names["rule"](event)
    if verdict is not case["verdict"]:
        yield "verdict", verdict, case["verdict"]
        return
    shown = case["shown"]
    if shown is None:
        return
    if "dedup" in names and "dedup" not in lost:
        found = names["dedup"](event)
        # Events that are counted together: by the text that the rule gives, or by the values that its count is by.
        same = [group.agree(found, wanted) for group, wanted in zip(groups, (shown["dedup"], case["group"]))]
        if not isinstance(found, str) or not any(same):
            yield "dedup", found, shown["dedup"] if case["group"] is None else case["group"]
    for name in ("title", "unique", "description", "runbook", "reference"):
        if name in names and name not in lost:
            found = names[name](event)
            if not isinstance(found, str) or found != (shown[name] or ""):
                yield name, found, shown[name]
    if "severity" in names:
        # Panther reads a severity in any case.
        found = names["severity"](event).upper()
        wanted = severity(shown["severity"])
        if found != wanted and found != "DEFAULT":
            yield "severity", found, wanted
    if "alert_context" in names:
        found = json.loads(json.dumps(names["alert_context"](event), default=json_encoder))
        outputs = {name: value for name, value in shown["outputs"].items() if f"output {name}" not in lost}
        for name in dict.fromkeys([*found, *outputs]):
            if name not in found and f"detail {name}" in lost:
                continue
            if name not in outputs:
                continue
            if not alike(found.get(name, "(none)"), outputs[name]):
                yield name, found.get(name, "(none)"), outputs[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases")
    parser.add_argument("--examples", type=int, default=1)
    arguments = parser.parse_args()
    count = collections.Counter()
    with open(arguments.cases, encoding="utf-8") as lines:
        for line in lines:
            rule = json.loads(line)
            names = {}
            exec(compile(rule["python"], rule["path"], "exec"), names)
            count["rules"] += 1
            count["functions"] += sum(name in names for name in ("title", "dedup", "unique", "severity", "alert_context"))
            wrong, groups = [], (Groups(), Groups())
            for case in rule["cases"]:
                count["events"] += 1
                count["matches"] += case["verdict"]
                try:
                    wrong.extend((case["event"], *found) for found in differences(names, case, rule["lost"], groups))
                except Exception as error:  # an emitted module raises nothing
                    wrong.append((case["event"], "raised", repr(error), ""))
            count["differences"] += len(wrong)
            count["rules that differ"] += bool(wrong)
            if wrong:
                print(f"{rule['rule']}: {len(wrong)}")
            seen = collections.Counter()
            for event, what, found, wanted in wrong:
                seen[what] += 1
                if seen[what] <= arguments.examples:
                    print(f"    {what}: Python {json.dumps(found, default=str)[:300]}, eval {json.dumps(wanted)[:300]}")
                    print(f"        {json.dumps(event)[:500]}")
    print(", ".join(f"{count[name]} {name}" for name in ("rules", "events", "matches", "functions", "rules that differ", "differences")))
    return int(count["differences"] > 0)


if __name__ == "__main__":
    sys.exit(main())
