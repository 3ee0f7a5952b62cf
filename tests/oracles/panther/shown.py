"""What alerts of Python show, held against what the evaluator says."""

import json

SEVERITIES = {"informational": "INFO"}


def severity(name):
    """Panther's word for the severity."""
    return SEVERITIES.get(name, name.upper())


def alike(one, other):
    """Whether two JSON values are equal: truth values are no numbers."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return one == other


class Groups:
    """What each dedup text of Python stands for: one of the evaluator's, which stands for it alone."""

    def __init__(self):
        self.wanted, self.found = {}, {}

    def agree(self, found, wanted):
        wanted = json.dumps(wanted)
        return self.wanted.setdefault(found, wanted) == wanted and self.found.setdefault(wanted, found) == found
