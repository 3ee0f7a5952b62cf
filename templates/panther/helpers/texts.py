import base64
import re
import shlex
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, unquote, urlparse


def lower(value):
    return value.lower() if isinstance(value, str) else None


def upper(value):
    return value.upper() if isinstance(value, str) else None


def trim(value):
    return value.strip() if isinstance(value, str) else None


def trim_start(value, characters=None):
    return value.lstrip(characters) if isinstance(value, str) else None


def trim_end(value, characters=None):
    return value.rstrip(characters) if isinstance(value, str) else None


def title_case(value):
    return value.title() if isinstance(value, str) else None


def capitalized(value):
    return value.capitalize() if isinstance(value, str) else None


def swapped_case(value):
    return value.swapcase() if isinstance(value, str) else None


def case_folded(value):
    return value.casefold() if isinstance(value, str) else None


def are_texts(*values):
    return all(isinstance(value, str) for value in values)


def has_part(value, part):
    return are_texts(value, part) and part in value


def has_start(value, part):
    return are_texts(value, part) and value.startswith(part)


def has_end(value, part):
    return are_texts(value, part) and value.endswith(part)


def has_word(value, part):
    """Whether a text holds the other between characters that are no letters and no digits."""
    if not are_texts(value, part):
        return False
    edge = r"[0-9A-Za-z\x80-\U0010ffff]"
    before = f"(?<!{edge})" if re.match(edge, part) else ""
    after = f"(?!{edge})" if re.match(edge, part[-1:]) else ""
    return re.search(f"(?={before}{re.escape(part)}{after})", value) is not None


def follows(value, pattern):
    """Whether the whole text follows a pattern of `*`, `?` and a backslash before plain ones."""
    if not are_texts(value, pattern):
        return False
    parts = re.findall(r"\\?.|\\", pattern, re.DOTALL)
    plain_part = {"*": "*", "?": "?"}
    written = "".join(
        plain_part.get(part) or (f"[{part[-1]}]" if part[-1] in "*?[" else part[-1])
        for part in parts
    )
    return fnmatchcase(value, written)


def split(value, separator):
    if not are_texts(value, separator) or not separator:
        return None
    return value.split(separator)


def split_first(value, separator, count):
    if not are_texts(value, separator) or not separator or not is_integer(count):
        return None
    return value.split(separator, count)


def split_last(value, separator, count):
    if not are_texts(value, separator) or not separator or not is_integer(count):
        return None
    return value.rsplit(separator, count)


def words_of(value):
    return value.split() if isinstance(value, str) else None


def lines_of(value):
    return value.splitlines() if isinstance(value, str) else None


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
    return value.find(part) if are_texts(value, part) else None


def find_last(value, part):
    """The position of the last occurrence, or -1."""
    return value.rfind(part) if are_texts(value, part) else None


def count_of(value, part):
    """How often a text holds another, or a list an item."""
    if is_list(value):
        return sum(item == part for item in value)
    return value.count(part) if are_texts(value, part) else None


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


def group_of(value, pattern, group):
    """The group of the first match, if there is one."""
    found = pattern.search(value) if isinstance(value, str) else None
    return found.group(group) if found else None


def find_all(value, pattern):
    """Every match, or its groups."""
    if not isinstance(value, str):
        return None
    return [list(part) if isinstance(part, tuple) else part for part in pattern.findall(value)]


def replace(value, old, new):
    return value.replace(old, new) if are_texts(value, old, new) else None


def replace_matches(value, pattern, new):
    return pattern.sub(new, value) if isinstance(value, str) else None


def split_at_matches(value, pattern):
    """The parts of a text between the matches."""
    if not isinstance(value, str):
        return None
    ends = [found.span() for found in pattern.finditer(value)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(value)]
    return [value[start:stop] for start, stop in zip(starts, stops)]


def shell_words(value):
    """The words of a command line, if its quotations end."""
    try:
        return shlex.split(value) if isinstance(value, str) else None
    except ValueError:
        return None


def similarity(one, other):
    """How much of two texts is alike, from 0 to 1."""
    return SequenceMatcher(None, one, other).ratio() if are_texts(one, other) else None


def encode(value, encoding):
    """The bytes of a text, as a text of one character for each, if there are some."""
    try:
        return value.encode(encoding).decode("latin-1") if isinstance(value, str) else None
    except UnicodeError:
        return None


def decode(value, encoding):
    """The text that such bytes spell, if they spell one."""
    try:
        return value.encode("latin-1").decode(encoding) if isinstance(value, str) else None
    except UnicodeError:
        return None


def decode_base64(value, strict=False):
    """The bytes that a text spells in Base64, as a text of one character for each."""
    if not isinstance(value, str):
        return None
    try:
        raw = value.encode("latin-1", errors="replace")
        return base64.b64decode(raw, validate=strict is True).decode("latin-1")
    except ValueError:
        return None


def percent_decode(value):
    return unquote(value) if isinstance(value, str) else None


def url_part(value, name):
    """The part of a URL, if that is well-formed."""
    try:
        return getattr(urlparse(value), name) if isinstance(value, str) else None
    except ValueError:
        return None


def query_values(value):
    """The values of a URL's query by their names."""
    return parse_qs(value) if isinstance(value, str) else None


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


def in_network(value, network):
    """Whether a text is an address in the network that another one spells."""
    try:
        return are_texts(value, network) and ip_address(value) in ip_network(network, strict=False)
    except ValueError:
        return False


def address_of(value):
    """The address that a text spells, in its shortest form."""
    try:
        return str(ip_address(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def network_of(value, loose=False):
    """The network that a text spells, if it spells one."""
    try:
        return ip_network(value, strict=loose is not True) if isinstance(value, str) else None
    except ValueError:
        return None


def first_address(value, loose=False):
    network = network_of(value, loose)
    return str(network.network_address) if network else None


def last_address(value, loose=False):
    network = network_of(value, loose)
    return str(network.broadcast_address) if network else None
