"""Rewrites the expected verdicts in src/frontend/panther/verdicts.yml and verdicts/*.yml with those of CPython.

Run from the repository root, with panther_core (PyPI) and its dependencies installed:

    python tests/oracles/panther/verdicts.py

Each entry's Python is run on every combination of the file's values for the fields it names (f1, f2). A verdict is `T` where
`rule(event)` returns True, or `policy(resource)` False, `F` where it returns anything else, `E` where it raises. A `~` that stands in the file is kept: there the
condition is known to differ (diagnostic PY008), and the test does not look.
"""

import itertools
import json
import pathlib
import re
import textwrap

import yaml
from panther_core.enriched_event import PantherEvent

FOLDER = pathlib.Path("src/frontend/panther")


def events(source, values):
    fields = sorted(set(re.findall(r"\bf[12]\b", source)))
    for chosen in itertools.product(values, repeat=len(fields)):
        yield {field: value["is"] for field, value in zip(fields, chosen) if "is" in value}


def verdict(names, event):
    try:
        if "policy" in names:
            return "T" if names["policy"](event) is False else "F"
        return "T" if names["rule"](PantherEvent(event)) is True else "F"
    except Exception:  # whatever a rule raises is an error to Panther
        return "E"


def rewrite(file):
    text = file.read_text()
    document = yaml.safe_load(text)
    head = text[: text.index("rules:")] + "rules:\n"
    entries = []
    for entry in document["rules"]:
        source = entry["python"]
        names = {}
        exec(compile(source, "rule", "exec"), names)
        values = document["few"] if "f2" in source else document["values"]
        old = entry.get("verdicts", "").replace("\n", "").replace(" ", "")
        new = [verdict(names, event) for event in events(source, values)]
        for at, letter in enumerate(old):
            if letter == "~" and at < len(new):
                new[at] = "~"
        lines = textwrap.wrap("".join(new), 100) or [""]
        entries.append(
            "  - python: |\n"
            + textwrap.indent(source, " " * 6)
            + "    verdicts: >-\n"
            + "".join(f"      {line}\n" for line in lines)
        )
    file.write_text(head + "".join(entries))


def main():
    for file in [FOLDER / "verdicts.yml", *sorted(FOLDER.glob("verdicts/*.yml"))]:
        rewrite(file)


if __name__ == "__main__":
    main()
