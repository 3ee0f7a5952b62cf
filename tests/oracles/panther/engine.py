"""Emitted Panther modules in CPython, by panther_core's events."""

import json

import yaml
from panther_core.enriched_event import PantherEvent
from panther_core.immutable import json_encoder

from corpus import Answer, Unasked
from shown import Groups, alike, severity

TEXTS = ("title", "unique", "description", "runbook", "reference")


class Engine:
    NAME, TOOL, BATCH = "panther_core", "Python's compiler and a YAML reader", 1

    def __init__(self, cases, tools):
        pass

    def complaints(self, line):
        """What does not load; Panther's own tool is a check of its own."""
        found = []
        for artifact in line["artifacts"]:
            try:
                if artifact["path"].endswith(".py"):
                    compile(artifact["text"], artifact["path"], "exec")
                elif artifact["path"].endswith(".yml"):
                    yaml.safe_load(artifact["text"])
            except (SyntaxError, yaml.YAMLError) as error:
                found.append(f"{artifact['path']}: {error}")
        return found

    def answers(self, lines):
        return [self.answers_of(line) for line in lines]

    def answers_of(self, line):
        modules = [one for one in line["artifacts"] if one["path"].endswith(".py")]
        if len(modules) != 1:
            return [Unasked(f"{len(modules)} modules")] * len(line["cases"])
        names = {}
        exec(compile(modules[0]["text"], modules[0]["path"], "exec"), names)
        groups = Groups(), Groups()
        return [self.answer(names, line, case, groups) for case in line["cases"]]

    def answer(self, names, line, case, groups):
        if "events" in case:
            return Unasked("Panther's service counts")
        event = PantherEvent(json.loads(json.dumps(case["event"])))
        try:
            verdict = names["rule"](event)
            shown = list(self.shown(names, line, event, case["shown"], groups)) if verdict is True and case["shown"] else []
        except Exception as error:  # an emitted module raises nothing
            return Answer(f"raised {error!r}")
        return Answer(verdict, shown)

    def shown(self, names, line, event, wanted, groups):
        lost = line["lost"]
        if "dedup" in names and "dedup" not in lost:
            found = names["dedup"](event)
            # As texts, without a value the empty one.
            group = wanted["group"] and ["" if key is None else str(key) for key in wanted["group"]]
            # Events that are counted together: by the text that the rule gives, or by the values that its count is by.
            same = [one.agree(found, other) for one, other in zip(groups, (wanted["dedup"], group))]
            yield "dedup", wanted["dedup"], wanted["dedup"] if isinstance(found, str) and any(same) else found
        for name in TEXTS:
            if name in names and name not in lost:
                found = names[name](event)
                yield name, wanted[name] or "", found
        if "severity" in names:
            # Panther reads a severity in any case.
            found = names["severity"](event).upper()
            own = severity(wanted["severity"])
            yield "severity", own, own if found == "DEFAULT" else found
        if "alert_context" in names:
            found = json.loads(json.dumps(names["alert_context"](event), default=json_encoder))
            for name, value in wanted["outputs"].items():
                if f"output {name}" not in lost and not (name not in found and f"detail {name}" in lost):
                    own = found.get(name, "(none)")
                    yield f"output {name}", value, value if alike(value, own) else own

    def known(self, line, case, what, wanted):
        return None

    def finish(self):
        return []
