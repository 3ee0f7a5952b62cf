import math
import operator
from datetime import datetime, timedelta, timezone

from dateutil import parser


def calculate(operation, one, other):
    """The result for two numbers, a whole one within 64 bits, if there is one."""
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return None
    try:
        result = operation(one, other)
        if isinstance(result, int) and not -(2**63) <= result < 2**63:
            result = operation(float(one), float(other))
    except (ArithmeticError, ValueError):
        return None
    return result if math.isfinite(result) else None


def add(one, other):
    return calculate(operator.add, one, other)


def subtract(one, other):
    return calculate(operator.sub, one, other)


def multiply(one, other):
    return calculate(operator.mul, one, other)


def divide(one, other):
    return calculate(operator.truediv, one, other)


def floor_divide(one, other):
    return calculate(operator.floordiv, one, other)


def modulo(one, other):
    return calculate(operator.mod, one, other)


def absolute(value):
    """The number without its sign, if it fits into 64 bits."""
    if not isinstance(value, (int, float)) or value == -(2**63):
        return None
    return abs(value)


def rounded(value, digits=None):
    """The nearest number of so many digits, halves to the even side."""
    if not isinstance(value, (int, float)):
        return None
    if digits is None:
        return round(value)
    return round(value, digits) if is_integer(digits) and digits >= 0 else None


def truncated(value):
    """The whole number that is left without the fraction."""
    return int(value) if isinstance(value, (int, float)) else None


def bits_of(operation, one, other):
    whole = isinstance(one, int) and isinstance(other, int)
    return operation(one, other) if whole else None


def bit_and(one, other):
    return bits_of(operator.and_, one, other)


def bit_or(one, other):
    return bits_of(operator.or_, one, other)


def bit_xor(one, other):
    return bits_of(operator.xor, one, other)


def microseconds(time):
    """What a clock shows and how far it is ahead of UTC, in microseconds."""
    clock = time.replace(tzinfo=None) - datetime(1970, 1, 1)
    ahead = time.utcoffset()
    unit = timedelta(microseconds=1)
    return [clock // unit, None if ahead is None else ahead // unit]


def read_time(value, *formats):
    """The time that a text spells in the first of the formats that it follows."""
    for form in formats if isinstance(value, str) else ():
        try:
            return microseconds(datetime.strptime(value, form))
        except ValueError:
            continue
    return None


def guess_time(value, today):
    """The time that a text spells in any form, if it does."""
    if not isinstance(value, str) or not is_integer(today):
        return None
    try:
        day = datetime(1970, 1, 1) + timedelta(microseconds=today)
        start = day.replace(hour=0, minute=0, second=0, microsecond=0)
        return microseconds(parser.parse(value, default=start))
    except OverflowError:
        return []
    except ValueError:
        return None


def time_of_seconds(value):
    """What a clock in UTC shows so many seconds after the start of 1970, in microseconds."""
    if not is_number(value):
        return None
    try:
        return microseconds(datetime.fromtimestamp(value, timezone.utc))[0]
    except (ValueError, OverflowError, OSError):
        return None


def time_part(value, name):
    """The part of a clock's time."""
    if not is_integer(value):
        return None
    try:
        time = datetime(1970, 1, 1) + timedelta(microseconds=value)
    except OverflowError:
        return None
    return time.weekday() if name == "weekday" else getattr(time, name)
