import json
import math
import re
from collections.abc import Mapping, Sequence, Sized
from ipaddress import ip_address, ip_network

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


def item_at(value, index):
    """The item of a list at an index, if there is one."""
    if not is_list(value) or not -len(value) <= index < len(value):
        return None
    return value[index]


def has_item(value, index):
    return is_list(value) and -len(value) <= index < len(value)


def has_key(value, key):
    return isinstance(value, Mapping) and key in value


def member(value, *keys):
    """The value below the keys of an object, if there is one."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def has_exact_key(value, key):
    """Whether the value is an object with the key, spelt exactly so."""
    return isinstance(value, Mapping) and key in iter(value)


def member_exact(value, key):
    """The value of a key of an object, spelt exactly so, if there is one."""
    return value[key] if has_exact_key(value, key) else None


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


def is_ip(value):
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def in_networks(value, networks):
    try:
        return any(ip_address(value) in ip_network(network) for network in networks)
    except ValueError:
        return False


def folded(value):
    """A text in lower case; anything else as it is."""
    return value.lower() if isinstance(value, str) else value


def same(one, other):
    """Whether two values are there and equal; a truth value is not a number."""
    return one is not None and one == other and isinstance(one, bool) == isinstance(other, bool)


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
    return json.dumps(
        value, default=lambda part: part.copy(), ensure_ascii=False, separators=(",", ":")
    )


def text_form(value):
    """The text form of a value that is there."""
    return None if value is None else to_text(value)


def texts_in(value):
    """The texts anywhere in a value, and the text forms of its numbers."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value[key] for key in value)
        elif is_list(value):
            waiting.extend(value)
        elif isinstance(value, str) or is_number(value):
            yield to_text(value)


def to_number(value):
    """The number that a text spells, or the number itself."""
    if isinstance(value, str):
        value = value.strip()
        if re.fullmatch(r"[+-]?[0-9]+", value):
            return int(value)
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


def lower(value):
    return value.lower() if isinstance(value, str) else None


def upper(value):
    return value.upper() if isinstance(value, str) else None


def trim(value):
    return value.strip() if isinstance(value, str) else None


def length(value):
    return len(value) if isinstance(value, Sized) else None


def split(value, separator):
    return value.split(separator) if isinstance(value, str) else None


def substring(value, start, count=None):
    """The part of a text from a position, of a length or to the end."""
    if not isinstance(value, str) or not is_integer(start) or start < 0:
        return None
    if count is None:
        return value[start:]
    if not is_integer(count) or count < 0:
        return None
    return value[start:][:count]


def find(value, part):
    """The position of the first occurrence, or -1."""
    return value.find(part) if isinstance(value, str) else None


def index_of(value, pattern):
    """The position of the first match, or -1."""
    if not isinstance(value, str):
        return None
    found = pattern.search(value)
    return found.start() if found else -1


def extract(value, pattern, group):
    """The group of the first match; the empty text without a match."""
    if not isinstance(value, str):
        return None
    found = pattern.search(value)
    return (found.group(group) or "") if found else ""


def replace(value, old, new):
    return value.replace(old, new) if isinstance(value, str) else None


def add(one, other):
    return one + other if is_number(one) and is_number(other) else None


def subtract(one, other):
    return one - other if is_number(one) and is_number(other) else None
