"""Rewrites what the alerts of src/frontend/panther/outputs.yml say with what CPython and panther_core make of them.

Run from the repository root, with panther_core (PyPI) and its dependencies installed:

    python tests/oracles/panther/outputs.py

`dedup` is the text by which alerts are put together, null where it is the one for the whole rule; a severity is the name that
the rule gives, null where it leaves it to the document. A function that raises is left out.
"""

import json
import pathlib
import textwrap

import yaml
from panther_core.enriched_event import PantherEvent
from panther_core.rule import Rule

FILE = pathlib.Path("src/frontend/panther/outputs.yml")


def shown(rule, event):
    result = rule.run(PantherEvent(event), {}, {}, batch_mode=False)
    found = {}
    for name in ("title", "dedup", "severity", "alert_context"):
        if getattr(result, f"{name}_exception") is not None:
            continue
        value = getattr(result, f"{name}_output")
        if name == "dedup" and (value or "").startswith("defaultDedupString:"):
            value = None
        if name == "alert_context" and value is not None:
            value = json.loads(value)
        found[name] = value
    return found


def main():
    text = FILE.read_text()
    out = text[: text.index("rules:")] + "rules:\n"
    for at, entry in enumerate(yaml.safe_load(text)["rules"]):
        rule = Rule({"id": f"outputs_{at}", "versionId": "0", "analysisType": "RULE", "body": entry["python"]})
        out += "  - python: |\n" + textwrap.indent(entry["python"], " " * 6)
        for key, values in (
            ("events", entry["events"]),
            ("shown", [shown(rule, event) for event in entry["events"]]),
        ):
            out += f"    {key}:\n"
            out += "".join(f"      - {json.dumps(value, ensure_ascii=False)}\n" for value in values)
    FILE.write_text(out)


if __name__ == "__main__":
    main()
