import math
from collections.abc import Mapping


def alike(one, other):
    """Whether two values are equal for a set: a truth value is 1 or 0."""
    numbers = [int(value) if isinstance(value, bool) else value for value in (one, other)]
    return equal(*numbers)


def object_of(pairs):
    """The object of keys and their values, if every key is a text."""
    pairs = list(pairs)
    return dict(pairs) if all(isinstance(key, str) for key, _ in pairs) else None


def joined_lists(*lists):
    """The items of all lists, one list after the other."""
    if not all(is_list(values) for values in lists):
        return None
    return [item for values in lists for item in values]


def flattened(value):
    """The items of the lists in a list."""
    return joined_lists(*value) if is_list(value) else None


def part_of(value, start, end):
    """The part of a list or a text from one position up to another."""
    if not all(bound is None or is_integer(bound) for bound in (start, end)):
        return None
    if isinstance(value, str):
        return value[start:end]
    return list(value)[start:end] if is_list(value) else None


def distinct_items(value):
    """The items of a list, each once."""
    if not is_list(value):
        return None
    kept = []
    for item in value:
        if not any(alike(other, item) for other in kept):
            kept.append(item)
    return kept


def join_texts(value, separator):
    """The texts of a list with the separator between them."""
    if not is_list(value) or not all(isinstance(item, str) for item in value):
        return None
    return separator.join(value) if isinstance(separator, str) else None


def keys_of(value):
    """The keys of an object."""
    return list(value) if isinstance(value, Mapping) else None


def entries_of(value):
    """The keys and values of an object, as pairs."""
    return [[key, value[key]] for key in value] if isinstance(value, Mapping) else None


def object_of_entries(value):
    """The object of pairs of a key and its value."""
    if not is_list(value) or not all(is_list(pair) and len(pair) == 2 for pair in value):
        return None
    return object_of((pair[0], pair[1]) for pair in value)


def characters_of(value):
    return list(value) if isinstance(value, str) else None


def spread(value, with_values=False):
    """The items of a list, the keys of an object, each alone or with its value, or the value."""
    if isinstance(value, Mapping):
        return [[key, value[key]] if with_values else {key: value[key]} for key in value]
    return list(value) if is_list(value) else [value]


def position_of(value, wanted):
    """The position of the first item of a list that is equal."""
    found = (index for index, item in enumerate(items_of(value)) if equal(item, wanted))
    return next(found, None)


def numbered(value):
    """The items of a list with their positions."""
    return [list(pair) for pair in enumerate(value)] if is_list(value) else None


def paired(one, other):
    """The items of two lists by their positions."""
    return [list(pair) for pair in zip(one, other)] if is_list(one) and is_list(other) else None


def latest_pairs(value):
    """The pairs of a list, each key once with its last value."""
    if not is_list(value) or not all(is_list(pair) and len(pair) > 1 for pair in value):
        return None
    kept = []
    for key, item in value:
        known = next((pair for pair in kept if alike(pair[0], key)), None)
        if known is None:
            kept.append([key, item])
        else:
            known[1] = item
    return kept


def reversed_list(value):
    return list(reversed(value)) if is_list(value) else None


def have_order(values):
    """Whether the values can be sorted: all are texts, or all are numbers or truth values."""
    kinds = (str, (int, float))
    return len(values) < 2 or any(
        all(isinstance(value, kind) for value in values) for kind in kinds
    )


def sorted_list(value):
    """The items of a list, all texts or all numbers, from the least to the greatest."""
    return sorted(value) if is_list(value) and have_order(value) else None


def sorted_by_first(value):
    """The second items of pairs in the order of the first ones."""
    if not is_list(value) or not all(is_list(pair) and len(pair) == 2 for pair in value):
        return None
    if not have_order([pair[0] for pair in value]):
        return None
    return [pair[1] for pair in sorted(value, key=lambda pair: pair[0])]


def numbers_between(start, end):
    """The whole numbers from one up to another, not too many of them."""
    if not is_integer(start) or not is_integer(end) or end - start > 10000:
        return None
    return list(range(start, end))


def sum_of(value):
    """The sum of the numbers of a list; a truth value is 1 or 0."""
    if not is_list(value) or not all(isinstance(item, (int, float)) for item in value):
        return None
    total = 0
    for item in value:
        total += item
        if isinstance(total, int) and not -(2**63) <= total < 2**63 or not math.isfinite(total):
            return None
    return total


def least_of(value):
    """The first of the least items of a list, if they have an order."""
    return min(value) if is_list(value) and value and have_order(value) else None


def greatest_of(value):
    """The first of the greatest items of a list, if they have an order."""
    return max(value) if is_list(value) and value and have_order(value) else None
