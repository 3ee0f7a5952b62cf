"""Which events a rule of Sigma gets: those of its log source, as the log source files under schemas/ say it.

A log source may be a part of a source: `where` gives the values of a field that tell it from the others. A record with a Panther
log type is one of the sources of this type alone. Of a log source that no file names nothing is known.
"""

from pathlib import Path

import yaml

SCHEMAS = Path(__file__).parent.parent.parent.parent / "schemas"
KEYS = ("product", "category", "service")
LOG_TYPE = "p_log_type"


class Part:
    """What tells the events of a log source from others: Panther's log types, and values of fields by Sigma's names."""

    def __init__(self, source, named):
        types = (source.get("panther") or {}).get("log_types") or []
        self.log_types = {one if isinstance(one, str) else one["name"] for one in types}
        names = {field["field"]: field.get("sigma") for field in source["fields"]}
        self.told = [(self.names(names.get(field), field), values) for field, values in (named.get("where") or {}).items()]

    @staticmethod
    def names(sigma, field):
        names = [sigma] if isinstance(sigma, str) else sigma or []
        return [name for name in [*names, field] if name != "none"]

    def holds(self, event):
        log_type = event.get(LOG_TYPE)
        if log_type is not None and self.log_types and log_type not in self.log_types:
            return False
        return all(any(event.get(name) in values for name in names) for names, values in self.told)


def parts():
    """The parts of each log source: {(product, category, service): [part]}."""
    found = {}
    for path in sorted(SCHEMAS.glob("*.yml")):
        source = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for named in source.get("sigma") or []:
            found.setdefault(tuple(named.get(key) for key in KEYS), []).append(Part(source, named))
    return found


class LogSources:
    def __init__(self):
        self.parts = parts()

    def gives(self, document, event):
        """Whether the rule gets the event."""
        source = document.get("logsource") or {}
        parts = self.parts.get(tuple(source.get(key) for key in KEYS))
        return parts is None or any(part.holds(event) for part in parts)
