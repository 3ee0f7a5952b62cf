import math
import operator
import re
from decimal import Decimal


def unpadded(value):
    """The text without white space at its ends."""
    return value.strip(
        "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
        "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    )


def is_whole(value):
    """Whether the value is a whole number of 64 bits."""
    return is_integer(value) and -(2**63) <= value < 2**63


def wrapped(number):
    """The whole number of 64 bits that is left of a larger one."""
    return (number + 2**63) % 2**64 - 2**63


def number_of(value):
    """The number that a value is, be it the name of one without digits."""
    if isinstance(value, str):
        return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value)
    if not is_number(value) or is_whole(value):
        return value if is_number(value) else None
    return float(value) if abs(value) < 2**1024 else math.copysign(math.inf, value)


def real_value(number):
    """The number; its name where it has no digits."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def real_text(value):
    """The shortest decimal text of a number with a fraction; the empty text of no value."""
    if value is None:
        return ""
    number = number_of(value)
    if number is None:
        return None
    number = float(number)
    if not math.isfinite(number):
        return real_value(number)
    if number == 0 or 1e-5 <= abs(number) < 1e15:
        return repr(number).replace("e-0", "e-")
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    digits = "".join(str(digit) for digit in digits)
    exponent += len(digits) - 1
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{'-' if sign else ''}{digits[0]}{fraction}E{exponent:+03d}"


def plain_text(value):
    """The text form of a value, a number with a fraction in its shortest form."""
    number = is_number(value) and not is_whole(value)
    return real_text(value) if number else to_text(value)


def order_of(one, other):
    """-1, 0 or 1 as the first value comes before, with or behind the second; nothing without an order."""
    for kind in (str, bool):
        if isinstance(one, kind) and isinstance(other, kind):
            return (one > other) - (one < other)
    one, other = number_of(one), number_of(other)
    if one is None or other is None or math.isnan(one) or math.isnan(other):
        return None
    if isinstance(one, float) or isinstance(other, float):
        one, other = float(one), float(other)
    return (one > other) - (one < other)


def precedes(one, other):
    """Whether the first value is less than the second; nothing where one is missing."""
    return None if one is None or other is None else order_of(one, other) == -1


def precedes_or_is(one, other):
    """Whether the first value is at most the second; nothing where one is missing."""
    return None if one is None or other is None else order_of(one, other) in (-1, 0)


def is_same(one, other):
    """Whether two values are equal: not where one is missing, and unknown where both are."""
    return None if one is None and other is None else equal(one, other)


def opposite_of(value):
    return not value if isinstance(value, bool) else None


def all_hold(*values):
    """Whether all values are true; unknown where one is missing and none is false."""
    if any(value is False for value in values):
        return False
    return True if all(isinstance(value, bool) for value in values) else None


def any_holds(*values):
    """Whether a value is true; unknown where one is missing and none is true."""
    if any(value is True for value in values):
        return True
    return False if all(isinstance(value, bool) for value in values) else None


def is_absent(value):
    return value is None


def is_one_of(value, items, fold=False):
    """Whether a value equals an item of a list, texts in any case where that is asked for."""
    if value is None:
        return False
    if fold is True and isinstance(value, str):
        return value.lower() in [folded(item) for item in items_of(items)]
    return any(equal(value, item) for item in items_of(items))


def has_term(value, term, before, behind):
    """Whether a term stands in a text with no letter or digit beside its own."""
    before = before and term[:1].isalnum()
    behind = behind and term[-1:].isalnum()
    at = value.find(term)
    while at >= 0:
        end = at + len(term)
        opens = not (before and value[:at][-1:].isalnum())
        if opens and not (behind and value[end : end + 1].isalnum()):
            return True
        at = value.find(term, at + 1)
    return False


def has_in_way(value, part, way):
    """Whether a text has another as the way says."""
    if way in ("contains", "starts", "ends"):
        tests = {"contains": operator.contains, "starts": str.startswith, "ends": str.endswith}
        return tests[way](value, part)
    if way not in ("term", "every_term", "term_start", "term_end"):
        return False
    return has_term(value, part, way != "term_end", way != "term_start")


def text_test(value, wanted, way, fold=False):
    """Whether a text has another, or some or every one of several, as the way says."""
    if not isinstance(value, str) or wanted is None:
        return False
    parts = [plain_text(part) for part in (wanted if is_list(wanted) else [wanted])]
    if fold is True:
        value, parts = value.lower(), [part.lower() for part in parts]
    held = (has_in_way(value, part, way) for part in parts)
    return all(held) if way == "every_term" and is_list(wanted) else any(held)


def extreme(values, side):
    """Of the values that are there the one before or behind all others."""
    there = [value for value in values if value is not None]
    best = there[0] if there else None
    for value in there[1:]:
        order = order_of(value, best)
        if order is None:
            return None
        best = value if order == side else best
    return best


def least_value(*values):
    return extreme(values, -1)


def greatest_value(*values):
    return extreme(values, 1)


def first_filled(*values):
    """The first value that is neither missing nor the empty text; else this."""
    return next((value for value in values if value is not None and value != ""), "")


def type_name(value):
    """What queries call the value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if is_number(value):
        return "long" if isinstance(value, int) and -(2**63) <= value < 2**64 else "double"
    if isinstance(value, str):
        return "string"
    return "array" if is_list(value) else "dictionary"


def combined(operation, one, other):
    """The result for two numbers, of whole ones within 64 bits, if there is one."""
    one, other = number_of(one), number_of(other)
    if one is None or other is None:
        return None
    if isinstance(one, int) and isinstance(other, int):
        result = operation(one, other)
        return None if result is None else wrapped(result)
    return real_value(operation(float(one), float(other)))


def plus(one, other):
    return combined(operator.add, one, other)


def minus(one, other):
    return combined(operator.sub, one, other)


def times(one, other):
    return combined(operator.mul, one, other)


def over(one, other):
    """The quotient of two numbers of one kind; of whole ones without its fraction."""
    if isinstance(one, int):
        if other == 0:
            return None
        size = abs(one) // abs(other)
        return size if (one < 0) == (other < 0) else -size
    if other != 0:
        return one / other
    if one == 0 or math.isnan(one):
        return math.nan
    return math.copysign(math.inf, one) * math.copysign(1.0, other)


def quotient(one, other):
    return combined(over, one, other)


def left_over(one, other):
    """What is left of a number by another of its kind, never negative."""
    if isinstance(one, int):
        return one % abs(other) if other else None
    if other == 0 or math.isinf(one) or math.isnan(one) or math.isnan(other):
        return math.nan
    rest = math.fmod(one, other)
    return rest + abs(other) if rest < 0 else rest


def remainder(one, other):
    return combined(left_over, one, other)


def negative(value):
    return minus(0, value) if is_whole(value) else times(-1.0, value)


def magnitude(value):
    number = number_of(value)
    if number is None:
        return None
    return wrapped(abs(number)) if isinstance(number, int) else real_value(abs(number))


def sign_of(value):
    number = number_of(value)
    return None if number is None else (number > 0) - (number < 0)


def multiple_below(value, step, start=0):
    """The greatest multiple of a step, counted from a start, that is not above the number."""
    value, step, start = number_of(value), number_of(step), number_of(start)
    if value is None or step is None or start is None or math.isnan(step) or step <= 0:
        return None
    if all(isinstance(number, int) for number in (value, step, start)):
        return wrapped(value - wrapped(value - start) % step)
    count = (float(value) - start) / step
    count = float(math.floor(count)) if math.isfinite(count) else count
    return real_value(count * step + start)


def spelled_whole(value):
    """The whole number of 64 bits that a text spells in decimal or, behind `0x`, hexadecimal digits."""
    value = unpadded(value)
    bits = re.fullmatch(r"(-?)0[xX]([0-9a-fA-F]+)", value)
    if bits:
        number = int(bits[2], 16)
        return wrapped(-number if bits[1] else number) if number < 2**64 else None
    number = int(value) if re.fullmatch(r"[+-]?[0-9]{1,4000}", value) else None
    return number if is_whole(number) else None


def whole_number(value):
    """The whole number that a value is, without a fraction."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return spelled_whole(value)
    number = number_of(value)
    if isinstance(number, float):
        inside = -9.223372036854775e18 <= number < 9.223372036854775e18
        return int(number) if inside else None
    return number


def short_number(value):
    """The whole number that a value is, if it has 32 bits."""
    number = whole_number(value)
    return number if number is not None and -(2**31) <= number < 2**31 else None


def real_number(value):
    """The number with a fraction that a value is or spells."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        value = unpadded(value)
        if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", value):
            return real_value(float(value))
    number = number_of(value)
    return None if number is None else real_value(float(number))


def truth_value(value):
    """The truth value that a value is or spells: a number is true unless it is zero."""
    if isinstance(value, str):
        value = unpadded(value)
        if value.lower() in ("true", "false"):
            return value.lower() == "true"
        number = spelled_whole(value) if re.fullmatch(r"[+-]?[0-9]+", value) else None
        return None if number is None else number != 0
    if isinstance(value, bool):
        return value
    return value != 0 if is_number(value) else None


def round_away(value, digits=0):
    """The nearest number of so many digits, halves away from zero."""
    number, digits = number_of(value), 0 if digits is None else digits
    if number is None or not is_integer(digits):
        return None
    number, scale = float(number), 10.0 ** min(abs(digits), 308)
    scaled = number * scale if digits >= 0 else number / scale
    if abs(digits) > 308 or not math.isfinite(scaled):
        return real_value(number)
    whole = math.trunc(scaled)
    if abs(scaled - whole) >= 0.5:
        whole += 1 if scaled > 0 else -1
    rounded_number = math.copysign(float(whole), number)
    result = rounded_number / scale if digits >= 0 else rounded_number * scale
    return result if math.isfinite(result) else real_value(number)


def shift_left(value, places):
    return wrapped(value << places % 64) if is_whole(value) and is_whole(places) else None


def shift_right(value, places):
    return value >> places % 64 if is_whole(value) and is_whole(places) else None


def bit_inverse(value):
    return ~value if is_whole(value) else None


def bit_count(value):
    return bin(value % 2**64).count("1") if is_whole(value) else None


def hexadecimal(value, least=0):
    """The bits of a whole number in hexadecimal digits, at least so many."""
    least = 0 if least is None else least
    if not is_whole(value) or not is_whole(least):
        return None
    least = min(max(least, 0), 64)
    digits = format(value % 2**64, "x")
    return digits[-least:] if value < 0 and least in range(1, 17) else digits.zfill(least)
