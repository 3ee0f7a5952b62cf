import json
import math
import re
from collections.abc import Mapping, Sequence, Sized

from panther_core import PantherEvent


def text(value):
    """The value if it is a text, else the empty text."""
    return value if isinstance(value, str) else ""


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_list(value):
    return isinstance(value, Sequence) and not isinstance(value, str)


def items_of(value):
    """The items of a list; none of anything else."""
    return value if is_list(value) else ()


def has_item(value, index):
    return is_list(value) and is_integer(index) and -len(value) <= index < len(value)


def item_at(value, index):
    """The item of a list at an index, if there is one."""
    if not has_item(value, index):
        return None
    return value[index]


def has_key(value, key):
    return isinstance(value, Mapping) and isinstance(key, str) and key in value


def member(value, *keys):
    """The value below the keys of an object, if there is one."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def member_at(value, key):
    """The value of a key of an object, if the key is a text and there."""
    return value[key] if has_key(value, key) else None


def has_exact_key(value, key):
    """Whether the value is an object with the key, spelt exactly so."""
    return isinstance(value, Mapping) and key in iter(value)


def member_exact(value, *keys):
    """The value below the keys of an object, spelt exactly so, if there is one."""
    for key in keys:
        value = value[key] if has_exact_key(value, key) else None
    return value


def member_or(value, key, default):
    """The value of a key of an object, be it null; the default where the key is absent."""
    return value.get(key, default) if isinstance(value, Mapping) else default


def first_of(*values):
    """The first value that is not null, if there is one."""
    for value in values:
        if value is not None:
            return value
    return None


def first_in(values):
    """The first value of several that is not null, if there is one."""
    return next((value for value in values if value is not None), None)


def values_at(value, *steps):
    """Every value below the steps: keys, positions, and `...` for every item of a list."""
    if not steps:
        return [value]
    step, rest = steps[0], steps[1:]
    if step is ...:
        return [found for item in items_of(value) for found in values_at(item, *rest)]
    there = has_key(value, step) if isinstance(step, str) else has_item(value, step)
    return values_at(value[step], *rest) if there else []


def read_only(value):
    """The value as one of an event, whose keys are found in any case."""
    return PantherEvent({"value": value}).get("value")


def plain(value):
    """The value with lists and dictionaries of Python in place of those of an event."""
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in value}
    if is_list(value):
        return [plain(item) for item in value]
    return value


def walk(value, *keys, default=None, return_val="all"):
    """`deep_walk` below any value; nothing where items of a list hold lists or objects."""
    event = value if isinstance(value, PantherEvent) else PantherEvent(plain(value))
    try:
        return read_only(event.deep_walk(*keys, default=default, return_val=return_val))
    except TypeError:
        return None


def can_walk(value, *keys, default=None):
    """Whether `walk` gives a value, be it null."""
    event = value if isinstance(value, PantherEvent) else PantherEvent(plain(value))
    try:
        event.deep_walk(*keys, default=default)
    except TypeError:
        return False
    return True


def folded(value):
    """A text in lower case; anything else as it is."""
    return value.lower() if isinstance(value, str) else value


def same(one, other):
    """Whether two values are there and equal; a truth value is not a number."""
    return one is not None and one == other and isinstance(one, bool) == isinstance(other, bool)


def equal(one, other):
    """Whether two values are equal; a truth value is not a number, in lists and objects either."""
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        shared = all(has_exact_key(other, key) and equal(one[key], other[key]) for key in one)
        return len(one) == len(other) and shared
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def folded_all(value):
    """The value with every text in it in lower case, but for keys."""
    if isinstance(value, Mapping):
        return {key: folded_all(value[key]) for key in value}
    if is_list(value):
        return [folded_all(item) for item in value]
    return folded(value)


def comparable(one, other):
    """Whether two values have an order: both are numbers, or both are texts."""
    if isinstance(one, str):
        return isinstance(other, str)
    return is_number(one) and is_number(other)


def to_text(value):
    """The text form of a value: null is empty, a text is itself, anything else is its JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).replace("e+", "e").replace("e-0", "e-")
    return json.dumps(
        value, default=lambda part: part.copy(), ensure_ascii=False, separators=(",", ":")
    )


def text_form(value):
    """The text form of a value that is there."""
    return None if value is None else to_text(value)


def texts_in(value):
    """The texts anywhere in a value, and the text forms of its numbers."""
    if isinstance(value, Mapping):
        value = [value[key] for key in value]
    if is_list(value):
        return [found for item in value for found in texts_in(item)]
    return [to_text(value)] if isinstance(value, str) or is_number(value) else []


def to_number(value):
    """The number that a text spells, or the number itself."""
    if isinstance(value, str):
        value = value.strip()
        if re.fullmatch(r"[+-]?[0-9]+", value):
            number = int(value)
            if -9223372036854775807 - 1 <= number <= 9223372036854775807:
                return number
        if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", value):
            number = float(value)
            return number if math.isfinite(number) else None
        return None
    return value if is_number(value) else None


def parse_json(value):
    """The value that a text spells in JSON, read like a part of the event."""
    if isinstance(value, str):
        try:
            return PantherEvent({"parsed": json.loads(value, parse_constant=int)}).get("parsed")
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, (Mapping, Sequence)) else None


def is_json(value):
    """Whether a text spells a value in JSON, be it null; a list or an object is one itself."""
    if isinstance(value, str):
        try:
            json.loads(value, parse_constant=int)
        except (ValueError, RecursionError):
            return False
        return True
    return isinstance(value, (Mapping, Sequence))


def shown(value):
    """What Python shows of a value, lists and objects as its own."""
    return str(plain(value))


def shown_event(value):
    """What Python shows of a value of an event."""
    return str(read_only(plain(value)))


def literal_of(value):
    """What Python writes for a value, lists and objects as its own."""
    return repr(plain(value))


def format_value(value, specification):
    """A text, number or truth value by a format specification, where they go together."""
    if not isinstance(value, (str, int, float)):
        return None
    try:
        return format(value, specification)
    except ValueError:
        return None


def length(value):
    return len(value) if isinstance(value, Sized) else None
