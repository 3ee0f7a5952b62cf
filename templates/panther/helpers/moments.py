import re
from datetime import date


def within_years(ticks):
    """The ticks of 100 nanoseconds since the year 1, if they are in the years 1 to 9999."""
    return ticks if is_whole(ticks) and 0 <= ticks < 3652059 * 864000000000 else None


def date_of(ticks):
    return date.fromordinal(ticks // 864000000000 + 1)


def ticks_of(year, month, day):
    """The ticks at which a day starts, if there is such a day."""
    try:
        return (date(year, month, day).toordinal() - 1) * 864000000000
    except (ValueError, OverflowError):
        return None


def date_in(value):
    """The ticks of the day that a text begins with, and the text behind it."""
    found = re.match(
        r"([0-9]{4})(?:([-/.])([0-9]{1,2})(?:\2([0-9]{1,2}))?|([0-9]{2})([0-9]{2})|\Z)", value
    )
    if found:
        month, day = found[3] or found[5] or 1, found[4] or found[6] or 1
        start = ticks_of(int(found[1]), int(month), int(day))
        if start is not None:
            return start, value[found.end() :]
    found = re.match(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})", value)
    if found:
        start = ticks_of(int(found[4]), int(found[1]), int(found[3]))
        if start is not None:
            return start, value[found.end() :]
    found = re.match(
        r"(?:(?:sun|mon|tue|wed|thu|fri|sat)[^,]*,\s*)?([0-9]{1,2})[ -]"
        r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]([0-9]{4}|[0-9]{2})",
        value,
        re.IGNORECASE,
    )
    if not found:
        return None, value
    months = "jan feb mar apr may jun jul aug sep oct nov dec".split()
    year = int(found[3])
    if len(found[3]) == 2:
        year += 2000 if year < 50 else 1900
    start = ticks_of(year, months.index(found[2].lower()) + 1, int(found[1]))
    return start, value[found.end() :]


def zone_of(value):
    """The ticks by which the clock of a zone is ahead of UTC."""
    found = re.fullmatch(r"(?:z|gmt|utc|([+-])([0-9]{2}):?([0-9]{2})?)?", unpadded(value).lower())
    if not found or int(found[2] or 0) > 14 or int(found[3] or 0) > 59:
        return None
    minutes = int(found[2] or 0) * 60 + int(found[3] or 0)
    return (-minutes if found[1] == "-" else minutes) * 600000000


def clock_in(value):
    """The ticks of the time of day that a text begins with, and the text behind it."""
    found = re.match(r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]+))?)?", value)
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None, value
    second = (int(found[1]) * 60 + int(found[2])) * 60 + int(found[3] or 0)
    ticks = second * 10000000 + int((found[4] or "").ljust(7, "0")[:7])
    rest = value[found.end() :]
    half = re.match(r"\s*(am|pm)", rest, re.IGNORECASE)
    if not half:
        return ticks, rest
    if not 36000000000 <= ticks < 13 * 36000000000:
        return None, rest
    later = 12 * 36000000000 if half[1].lower() == "pm" else 0
    return ticks % (12 * 36000000000) + later, rest[half.end() :]


def read_moment(value):
    """The point in time that a text spells, in ticks; ticks are themselves."""
    if is_whole(value) or not isinstance(value, str):
        return value if is_whole(value) else None
    day, rest = date_in(unpadded(value))
    rest = rest.lstrip(" ")
    rest = rest[1:] if rest[:1] in ("T", "t") else rest
    clock, zone = 0, zone_of(rest)
    if zone is None:
        clock, rest = clock_in(rest)
        zone = zone_of(rest)
    if day is None or clock is None or zone is None:
        return None
    return within_years(day + clock - zone)


def spelled_span(number, unit, sign):
    """The ticks of so many units."""
    units = {
        "d day days": 864000000000,
        "h hr hrs hour hours": 36000000000,
        "m min minute minutes": 600000000,
        "s sec second seconds": 10000000,
        "ms milli millis millisec millisecond milliseconds": 10000,
        "micro micros microsec microsecond microseconds": 10,
        "tick ticks": 1,
    }
    ticks = next((units[names] for names in units if unit in names.split()), None)
    if ticks is None:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,19}", number):
        ticks *= int(number)
        return sign * ticks if is_whole(int(number)) and is_whole(ticks) else None
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", number):
        ticks = whole_number(float(number) * ticks)
        return None if ticks is None else sign * ticks
    return None


def read_span(value):
    """The span that a text spells, in ticks; ticks are themselves."""
    if is_whole(value) or not isinstance(value, str):
        return value if is_whole(value) else None
    value = unpadded(value)
    sign, value = (-1, value[1:]) if value.startswith("-") else (1, value)
    days, clock = re.match(r"(?:(\+?[0-9]{1,19})\.(?=[^:]*:))?(.*)", value, re.DOTALL).groups()
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]+))?)?", clock)
    if found and int(days or 0) <= 10675198:
        ticks, _ = clock_in(clock)
        if ticks is not None:
            return sign * (int(days or 0) * 864000000000 + ticks)
    if re.fullmatch(r"[0-9]{1,8}", value):
        ticks = int(value) * 864000000000
        return sign * ticks if is_whole(ticks) else None
    found = re.fullmatch(r"([^a-zA-Z]*)([a-zA-Z].*)", value, re.DOTALL)
    return spelled_span(found[1], found[2], sign) if found else None


def moment_text(ticks):
    """A point in time as ISO 8601 writes it; the empty text of none."""
    if ticks is not None and not is_whole(ticks):
        return None
    if within_years(ticks) is None:
        return ""
    day, second = date_of(ticks), ticks // 10000000 % 86400
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{day.isoformat()}T{clock}.{ticks % 10000000:07}Z"


def span_text(ticks):
    """A span as days, hours, minutes and seconds; the empty text of none."""
    if not is_whole(ticks):
        return "" if ticks is None else None
    size = abs(ticks)
    days = f"{size // 864000000000}." if size >= 864000000000 else ""
    second = size // 10000000 % 86400
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    fraction = f".{size % 10000000:07}" if size % 10000000 else ""
    return f"{'-' if ticks < 0 else ''}{days}{clock}{fraction}"


def months_later(ticks, months):
    """The point in time so many months later, at the last day of the month at most."""
    day = date_of(ticks)
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    starts = (ticks_of(year, month, day.day - back) for back in range(4) if day.day > back)
    start = next((start for start in starts if start is not None), None)
    return None if start is None else start + ticks % 864000000000


def period_start(ticks, name, offset=0, further=0):
    """The start of the day, week, month or year of a point in time, moved by so many."""
    offset = 0 if offset is None else offset
    if within_years(ticks) is None or not is_whole(offset):
        return None
    offset, day = offset + further, date_of(ticks)
    midnight = ticks - ticks % 864000000000
    if name in ("month", "year"):
        start = ticks_of(day.year, day.month if name == "month" else 1, 1)
        return months_later(start, offset if name == "month" else 12 * offset)
    if name == "week":
        midnight, offset = midnight - day.isoweekday() % 7 * 864000000000, 7 * offset
    return within_years(midnight + offset * 864000000000) if name in ("day", "week") else None


def period_end(ticks, name, offset=0):
    """The last tick of the same period."""
    start = period_start(ticks, name, offset, 1)
    return None if start is None else start - 1


def unit_ticks(name):
    """The ticks of a unit that is always as long."""
    units = {"week": 7 * 86400, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
    if name in units:
        return units[name] * 10000000
    return {"millisecond": 10000, "microsecond": 10}.get(name)


def moment_add(name, count, ticks):
    """A point in time moved by so many of a unit."""
    if not isinstance(name, str) or not is_whole(count) or not is_whole(ticks):
        return None
    name = name.lower()
    months = {"year": 12, "quarter": 3, "month": 1}.get(name)
    if months:
        return months_later(ticks, months * count) if within_years(ticks) is not None else None
    if name == "nanosecond":
        return within_years(ticks + over(count, 100))
    unit = unit_ticks(name)
    return None if unit is None else within_years(ticks + unit * count)


def boundaries(name, ticks):
    """How many boundaries of a unit lie before a point in time."""
    day = date_of(ticks)
    if name in ("year", "quarter", "month"):
        counts = {"year": day.year, "quarter": day.year * 4 + (day.month - 1) // 3}
        return counts.get(name, day.year * 12 + day.month)
    if name == "week":
        return (ticks // 864000000000 + 1) // 7
    if name == "nanosecond":
        return ticks * 100 if is_whole(ticks * 100) else None
    unit = unit_ticks(name)
    return None if unit is None else ticks // unit


def moment_difference(name, one, other):
    """How many boundaries of a unit lie between two points in time."""
    if not isinstance(name, str) or within_years(one) is None or within_years(other) is None:
        return None
    counts = boundaries(name.lower(), one), boundaries(name.lower(), other)
    return None if None in counts else wrapped(counts[0] - counts[1])


def moment_part(name, ticks):
    """The part of a point in time that a name stands for."""
    if not isinstance(name, str) or within_years(ticks) is None:
        return None
    day, second = date_of(ticks), ticks // 10000000
    name = name.lower()
    if name in ("year", "month", "day"):
        return getattr(day, name)
    if name == "week_of_year":
        return day.isocalendar()[1]
    if name in ("day_of_year", "dayofyear"):
        return day.timetuple().tm_yday
    parts = {
        "quarter": (day.month - 1) // 3 + 1,
        "hour": second // 3600 % 24,
        "minute": second // 60 % 60,
        "second": second % 60,
        "millisecond": ticks % 10000000 // 10000,
        "microsecond": ticks % 10000000 // 10,
        "nanosecond": ticks % 10000000 * 100,
    }
    return parts.get(name)


def seconds_of(value):
    """The ticks of seconds within a minute."""
    number = number_of(value)
    if isinstance(number, float):
        number = round_away(number * 10000000)
        number = whole_number(number)
    elif number is not None:
        number *= 10000000
    return number if number is not None and 0 <= number < 600000000 else None


def make_moment(year, month, day, hour=0, minute=0, second=0):
    """The point in time of the parts, if there is one."""
    parts = (year, month, day, hour, minute)
    ticks = seconds_of(second)
    if ticks is None or not all(map(is_whole, parts)) or not 0 <= hour < 24:
        return None
    start = ticks_of(year, month, day) if 0 <= minute < 60 else None
    return None if start is None else start + (hour * 60 + minute) * 600000000 + ticks


def make_span(*parts):
    """The span of hours and minutes, with seconds, or with days and seconds."""
    days, parts = (parts[0], parts[1:]) if len(parts) == 4 else (0, parts)
    hours, minutes, second = parts if len(parts) == 3 else (*parts, 0)
    ticks = seconds_of(second)
    if ticks is None or not all(map(is_whole, (days, hours, minutes))):
        return None
    if not (0 <= days <= 10675199 and 0 <= hours < 24 and 0 <= minutes < 60):
        return None
    return ((days * 24 + hours) * 60 + minutes) * 600000000 + ticks


def filled(form, parts):
    """A format with each run of a letter replaced by what it stands for."""
    result = ""
    for run in re.finditer(r"[ /\-:,._\[\]]|(.)\1*", form, re.DOTALL):
        part = parts(run[1], len(run[0])) if run[1] else run[0]
        if part is None:
            return None
        result += part
    return result


def padded(number, count):
    return f"{number:0{count}}" if count in (1, 2) else None


def fraction_of(ticks, letter, count):
    """The first digits of the fraction of a second."""
    if count > 7:
        return None
    digits = f"{ticks % 10000000:07}"[:count]
    return digits.rstrip("0") if letter == "F" else digits


def format_moment(ticks, form):
    """A point in time in a format of specifiers."""
    if within_years(ticks) is None or not isinstance(form, str):
        return None
    day, second = date_of(ticks), ticks // 10000000 % 86400
    hour = second // 3600

    def part(letter, count):
        if letter in ("f", "F"):
            return fraction_of(ticks, letter, count)
        if letter == "y":
            return {2: f"{day.year % 100:02}", 4: f"{day.year:04}"}.get(count)
        if letter == "t":
            return ("AM" if hour < 12 else "PM") if count == 2 else None
        numbers = {
            "d": day.day,
            "M": day.month,
            "H": hour,
            "h": (hour + 11) % 12 + 1,
            "m": second // 60 % 60,
            "s": second % 60,
        }
        return padded(numbers[letter], count) if letter in numbers else None

    return filled(form, part)


def format_span(ticks, form):
    """A span in a format of specifiers."""
    if not is_whole(ticks) or ticks == -(2**63) or not isinstance(form, str):
        return None
    size = abs(ticks)
    second = size // 10000000 % 86400

    def part(letter, count):
        if letter in ("f", "F"):
            return fraction_of(size, letter, count)
        if letter == "d":
            return f"{size // 864000000000:0{count}}" if count <= 8 else None
        numbers = {"m": second // 60 % 60, "s": second % 60}
        numbers["H"] = numbers["h"] = second // 3600
        return padded(numbers[letter], count) if letter in numbers else None

    return filled(form, part)
