import json
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes


def place_of(at, length):
    """A position that counts from the end where it is negative, if it is not before the start."""
    at = at + length if at < 0 else at
    return at if at >= 0 else None


def text_part(value, start, *count):
    """The part of a text from a position, negative from the end, of a length at most."""
    if not isinstance(value, str) or not is_whole(start) or not all(map(is_whole, count)):
        return None
    rest = value[place_of(start, len(value)) or 0 :]
    return rest[: count[0]] if count and count[0] >= 0 else rest


def parts_of(value, separator, *at):
    """The parts of a text between separators, or the list of the one at a position."""
    if not are_texts(value, separator):
        return None
    parts = value.split(separator) if separator else [value]
    if not at:
        return parts
    there = is_whole(at[0]) and 0 <= at[0] < len(parts)
    return [parts[at[0]]] if there else None


def bounds(size, start, count, occurrence):
    """From where to where is searched, if for an occurrence at all."""
    if not all(map(is_whole, (start, count, occurrence))) or count < -1 or occurrence < 1:
        return None
    start = max(size + start, 0) if start < 0 else min(start, size)
    return start, size if count < 0 else min(start + count, size)


def nth_of(places, occurrence):
    """The place of an occurrence; -1 without it."""
    return next((at for nth, at in enumerate(places, 1) if nth == occurrence), -1)


def index_within(value, part, start=0, count=-1, occurrence=1):
    """Where an occurrence of a text starts in another, within a range; -1 if nowhere."""
    if not are_texts(value, part):
        return None
    span = bounds(len(value), start, count, occurrence)
    if span is None:
        return None
    end = min(span[1], len(value))
    places = (at for at in range(span[0], end) if value.startswith(part, at))
    return nth_of(places, occurrence)


def index_of_match(value, pattern, start=0, count=-1, occurrence=1):
    """Where an occurrence of a pattern starts in a text, within a range; -1 if nowhere."""
    if not isinstance(value, str) or not is_whole(start) or start < 0:
        return None
    span = bounds(len(value), start, count, occurrence)
    if span is None:
        return None
    matches = pattern.finditer(value[span[0] : span[1]])
    return nth_of((match.start() + span[0] for match in matches), occurrence)


def list_index(items, wanted, start=0, count=-1, occurrence=1):
    """Where an occurrence of a value stands in a list, within a range; -1 if nowhere."""
    if not is_list(items):
        return None
    span = bounds(len(items), start, count, occurrence)
    if span is None:
        return None
    return nth_of((at for at in range(*span) if equal(items[at], wanted)), occurrence)


def first_held(value, items):
    """The position of the first item that stands in a text as a term, in any case; -1 without one."""
    if not isinstance(value, str) or not is_list(items):
        return None
    value, terms = value.lower(), [plain_text(item).lower() for item in items]
    return next((at for at, term in enumerate(terms) if has_term(value, term, True, True)), -1)


def count_within(value, part):
    """How often a text stands in another, overlapping occurrences included."""
    if not are_texts(value, part):
        return None
    return sum(value.startswith(part, at) for at in range(len(value))) if part else 0


def count_matches(value, pattern):
    return sum(1 for _ in pattern.finditer(value)) if isinstance(value, str) else None


def has_match(value, pattern):
    return isinstance(value, str) and pattern.search(value) is not None


def matches_of(value, pattern, *groups):
    """Every match of a pattern in a text: the text of its one group, or a list of those of several."""
    if not isinstance(value, str):
        return None
    found = [[match[group] or "" for group in groups] for match in pattern.finditer(value)]
    found = [match[0] for match in found] if len(groups) == 1 else found
    return found or None


def without_start(value, pattern):
    """The text without matches of a pattern at its start."""
    match = pattern.match(value) if isinstance(value, str) else None
    while match and match[0]:
        value = value[match.end() :]
        match = pattern.match(value)
    return value if isinstance(value, str) else None


def without_end(value, pattern):
    """The text without matches of a pattern at its end."""
    match = pattern.search(value) if isinstance(value, str) else None
    while match and match[0]:
        value = value[: match.start()]
        match = pattern.search(value)
    return value if isinstance(value, str) else None


def repeated_text(value, times, *between):
    """The text so many times, at most 1,024, with another between."""
    if not isinstance(value, str) or not is_whole(times) or not are_texts(*between):
        return None
    times, between = min(max(times, 0), 1024), between[0] if between else ""
    size = len(value.encode(errors="replace")) + len(between.encode(errors="replace"))
    return between.join([value] * times) if size * times <= 2**20 else None


def reversed_text(value):
    return value[::-1] if isinstance(value, str) else None


def translate(characters, others, value):
    """The text with characters replaced by those at their places, further ones by the last."""
    if not are_texts(characters, others, value):
        return None
    table = {}
    for at, character in enumerate(characters):
        other = others[min(at, len(others) - 1)] if others else None
        table.setdefault(ord(character), other)
    return value.translate(table)


def substitute(value, part, other):
    if not are_texts(value, part, other):
        return None
    return value.replace(part, other) if part else value


def compare_texts(one, other):
    return (one > other) - (one < other) if are_texts(one, other) else None


def byte_length(value):
    return len(value.encode(errors="replace")) if isinstance(value, str) else None


def code_points(value):
    return [ord(character) for character in value] if isinstance(value, str) else None


def from_code_points(*values):
    """The text of code points, numbers or lists of them."""
    points = []
    for value in values:
        points.extend(value if is_list(value) else [value])
    surrogates = range(0xD800, 0xE000)
    if not all(is_integer(at) and 0 <= at < 0x110000 and at not in surrogates for at in points):
        return None
    return "".join(map(chr, points))


def read_json(value):
    """The value that a text spells in JSON; a text that spells none itself."""
    if not isinstance(value, str) or not is_json(value):
        return (value if unpadded(value) else None) if isinstance(value, str) else value
    return read_only(json.loads(value))


def url_decode(value):
    """The text with `%20` and the like read as UTF-8, and `+` as a blank."""
    if not isinstance(value, str):
        return None
    return unquote_to_bytes(value.replace("+", " ").encode(errors="replace")).decode(
        errors="replace"
    )


def query_of(value):
    """The parameters of a URL's query."""
    pairs = (pair.partition("=") for pair in value.split("&") if pair)
    return {url_decode(name): url_decode(text) for name, _, text in pairs}


def url_encode(value, plus=False):
    """The text with all but letters, digits and a few marks as `%2f` and the like."""
    if not isinstance(value, str):
        return None
    written = quote_from_bytes(value.encode(errors="replace"), safe="!*()").replace("~", "%7e")
    written = re.sub("%[0-9A-F]{2}", lambda part: part[0].lower(), written)
    return written.replace("%20", "+") if plus is True else written


def url_parts(value):
    """The parts of a URL."""
    if not isinstance(value, str):
        return None
    rest, _, fragment = value.partition("#")
    rest, _, query = rest.partition("?")
    scheme, rest = rest.split("://", 1) if "://" in rest else ("", rest)
    authority, slash, path = rest.partition("/")
    user, _, host = authority.rpartition("@")
    user, _, password = user.partition(":")
    port = re.search(r":([0-9]*)\Z", host)
    parts = {"Scheme": scheme, "Host": host[: port.start()] if port else host}
    parts |= {"Port": port[1] if port else "", "Path": slash + path}
    parts |= {"Username": user, "Password": password}
    return read_only(parts | {"Query Parameters": query_of(query), "Fragment": fragment})


def query_parts(value):
    """The parameters of a URL's query, under the name that queries know them by."""
    if not isinstance(value, str):
        return None
    return read_only({"Query Parameters": query_of(value.removeprefix("?"))})


def path_parts(value):
    """The parts of a file's path."""
    if not isinstance(value, str):
        return None
    scheme, rest = value.split("://", 1) if "://" in value else ("", value)
    root = re.match(r"[A-Za-z]:[/\\]", rest)
    root = root[0] if root else ""
    directory, name = re.fullmatch(r"(.*[/\\])?([^/\\]*)", rest, re.DOTALL).groups()
    directory = directory or ""
    if len(directory) > len(root):
        directory = directory[:-1]
    name, _, stream = name.partition(":")
    parts = {"Scheme": scheme, "RootPath": root, "DirectoryPath": directory}
    parts |= {"DirectoryName": re.split(r"[/\\]", directory)[-1], "Filename": name}
    extension = name.rpartition(".")[2] if "." in name else ""
    return read_only(parts | {"Extension": extension, "AlternateDataStreamName": stream})


def command_words(value):
    """The words of a command line as a program on Windows gets them."""
    if not isinstance(value, str):
        return None
    words, word, quoted, at = [], None, False, 0
    while at < len(value):
        run = len(value) - at - len(value[at:].lstrip("\\"))
        mark, at = value[at + run : at + run + 1], at + run + 1
        if mark == '"':
            word = (word or "") + "\\" * (run // 2)
            if run % 2 == 0 and not (quoted and value[at : at + 1] == '"'):
                quoted = not quoted
                continue
            word, at = word + '"', at + (run % 2 == 0)
            continue
        if run:
            word = (word or "") + "\\" * run
        if mark and (quoted or mark not in " \t"):
            word = (word or "") + mark
        elif mark and word is not None:
            words, word = [*words, word], None
    return words if word is None else [*words, word]
