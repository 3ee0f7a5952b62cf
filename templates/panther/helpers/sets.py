import base64
import hashlib
import json
import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address


def list_length(value):
    return len(value) if is_list(value) else None


def list_slice(items, start, end):
    """The items from one position to the other, both included, negative ones from the end."""
    if not is_list(items) or not is_whole(start) or not is_whole(end):
        return None
    start, end = (at + len(items) if at < 0 else at for at in (start, end))
    return list(items[max(start, 0) : max(end + 1, 0)])


def holds_item(items, wanted):
    """Whether a value stands in a list."""
    return any(equal(item, wanted) for item in items) if is_list(items) else None


def each_once(items):
    """The items of a list, each where it comes first."""
    found = []
    for item in items:
        if not holds_item(found, item):
            found.append(item)
    return found


def all_items(*lists):
    """The items of all lists, each once."""
    if not all(map(is_list, lists)):
        return None
    return each_once(item for items in lists for item in items)


def shared_items(first, *lists):
    """The items of the first list that stand in all others, each once."""
    if not all(map(is_list, (first, *lists))):
        return None
    return each_once(item for item in first if all(holds_item(items, item) for items in lists))


def own_items(first, *lists):
    """The items of the first list that stand in no other, each once."""
    if not all(map(is_list, (first, *lists))):
        return None
    return each_once(item for item in first if not any(holds_item(items, item) for items in lists))


def same_items(one, other):
    """Whether every item of each list stands in the other."""
    if not is_list(one) or not is_list(other):
        return None
    held = [holds_item(other, item) for item in one] + [holds_item(one, item) for item in other]
    return all(held)


def list_sum(items):
    """The sum of the numbers of a list."""
    numbers = [number_of(item) for item in items] if is_list(items) else [None]
    if None in numbers:
        return None
    total = 0.0
    for number in numbers:
        total += float(number)
    return real_value(total)


def join_items(items, between):
    """The text forms of a list's items with a text between."""
    if not is_list(items):
        return ""
    return between.join(map(plain_text, items)) if isinstance(between, str) else None


def rank_of(item):
    return 0 if is_number(item) else 1 if isinstance(item, str) else None


def sorted_items(items, descending=False, nulls_last=True):
    """The items of a list in order: numbers before texts, or truth values alone."""
    if not is_list(items):
        return None
    nulls = [item for item in items if item is None]
    there = [item for item in items if item is not None]
    truths = all(isinstance(item, bool) for item in there)
    if not truths and any(rank_of(item) is None for item in there):
        return None
    there = sorted(there, key=lambda item: (rank_of(item) or 0, item), reverse=descending is True)
    return nulls + there if nulls_last is False else there + nulls


def merged_objects(*values):
    """The keys of all objects, each with the value of the first that has it."""
    found = {}
    for value in values:
        if isinstance(value, Mapping):
            found |= {key: value[key] for key in value if key not in found}
    return read_only(found) if any(isinstance(value, Mapping) for value in values) else None


def steps_of(path):
    """The keys and positions of a path such as `$.a[0]['b']`; a name without a `$` is a key."""
    if not path.startswith("$"):
        return [path]
    step = r"""\.([^.\[*?(@]+)(?=[.\[]|\Z)|\['([^']*)'\]|\["([^"]*)"\]|\[\+?([0-9]{1,19})\]"""
    if not re.fullmatch(rf"\$(?:{step})*", path, re.DOTALL):
        return None
    return [
        int(found[4]) if found[4] else found[1] or found[2] or found[3] or ""
        for found in re.finditer(step, path[1:], re.DOTALL)
    ]


def below(value, steps):
    """Whether something stands below the steps of a path, and what."""
    for step in steps:
        if isinstance(step, int) and is_list(value) and step < len(value):
            value = value[step]
        elif isinstance(step, str) and has_exact_key(value, step):
            value = value[step]
        else:
            return False, None
    return True, value


def json_path(value, path):
    """What stands below a path of a value, or of the one that a text spells in JSON."""
    if not isinstance(path, str) or not path.startswith("$") or value is None:
        return None
    if isinstance(value, str):
        value = read_only(json.loads(value)) if is_json(value) else None
    steps = steps_of(path)
    return None if steps is None else below(value, steps)[1]


def object_has(value, path):
    """Whether an object has a key, or something below a path."""
    if not isinstance(value, Mapping) or not isinstance(path, str):
        return None
    steps = steps_of(path)
    return steps is not None and below(value, steps)[0]


def fixed_part(value, size):
    """The number of an address and how many bits of it a network fixes, if a text spells one."""
    address, slash, bits = unpadded(value).partition("/")
    try:
        number = int(IPv4Address(address))
        dotted = True
    except ValueError:
        try:
            if size == 32 or "%" in address:
                return None
            number, dotted = int(IPv6Address(address)), False
        except ValueError:
            return None
    most = 32 if "." in address else 128
    if slash and not re.fullmatch("[0-9]{1,99}", bits):
        return None
    bits = int(bits) if slash else most
    if bits > most:
        return None
    if size == 32:
        return number, bits
    number |= 0xFFFF << 32 if dotted or most == 32 and number < 2**32 else 0
    return number, bits + 128 - most


def cut(number, bits, size):
    """The first bits of an address."""
    return number >> (size - bits)


def allowed(bits, size):
    return is_whole(bits) and 0 <= bits <= size


def compare_networks(one, other, bits, version):
    """-1, 0 or 1 as the first address comes before, is or comes behind the second."""
    size = 32 if version == 4 else 128
    if not are_texts(one, other) or not allowed(bits, size) or not is_whole(version):
        return None
    one, other = fixed_part(one, size), fixed_part(other, size)
    if one is None or other is None:
        return None
    bits = min(one[1], other[1], bits)
    one, other = cut(one[0], bits, size), cut(other[0], bits, size)
    return (one > other) - (one < other)


def lies_in(value, networks, version):
    """Whether an address lies in a network, or in one of a list."""
    size = 32 if version == 4 else 128
    address = fixed_part(value, size) if isinstance(value, str) else None
    several = is_list(networks)
    texts = [item for item in (networks if several else [networks]) if isinstance(item, str)]
    found = [fixed_part(item, size) for item in texts]
    if address is None or not is_whole(version) or not several and found in ([], [None]):
        return None
    return any(
        network is not None
        and address[1] >= network[1]
        and cut(address[0], network[1], size) == cut(network[0], network[1], size)
        for network in found
    )


def is_private_address(value):
    """Whether an IPv4 address lies in a private network."""
    if not isinstance(value, str) or fixed_part(value, 32) is None:
        return None
    return lies_in(value, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], 4)


def address_number(value, *most):
    """The number of an IPv4 address, or of its first bits."""
    address = fixed_part(value, 32) if isinstance(value, str) else None
    if address is None or not all(allowed(bits, 32) for bits in most):
        return None
    bits = min(address[1], *most) if most else address[1]
    return cut(address[0], bits, 32) << (32 - bits)


def network_text(value, bits, shown=False):
    """An IPv4 address or its number, cut to so many bits; the empty text of anything else."""
    if isinstance(value, str):
        address = fixed_part(value, 32)
    else:
        address = (value, 32) if is_whole(value) and 0 <= value < 2**32 else None
    if address is None or not allowed(bits, 32):
        return ""
    bits = min(address[1], bits)
    text_of_address = str(IPv4Address(cut(address[0], bits, 32) << (32 - bits)))
    return f"{text_of_address}/{bits}" if shown is True else text_of_address


def is_address(value):
    """Whether a text is an IPv4 address."""
    try:
        return IPv4Address(value) is not None
    except ValueError:
        return False


def holds_address(value, items, start=False):
    """Whether one of several addresses, or of their beginnings, stands alone in a text."""
    if not isinstance(value, str) or not is_list(items):
        return None
    for item in items:
        part = r"\+?0*(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[0-9]{1,2})\."
        begins = start is True and isinstance(item, str) and re.fullmatch(f"({part}){{1,3}}", item)
        if not begins and not (isinstance(item, str) and is_address(item)):
            continue
        for at in re.finditer(f"(?<![0-9A-Za-z_.])(?={re.escape(item)})", value):
            run = re.match("[0-9.]*", value[at.start() :])[0]
            found = run.rstrip(".")
            beside = value[at.start() + len(found) :][:1]
            whole = is_address(found) and (start is True or found == item)
            if whole and not re.match("[0-9A-Za-z_.]", beside):
                return True
    return False


def to_base64(value):
    """The bytes of a text, or a list of bytes, in Base64; the empty text of anything else."""
    if isinstance(value, str):
        return base64.b64encode(value.encode(errors="replace")).decode()
    items = value if is_list(value) else ()
    if not all(is_integer(item) and 0 <= item < 256 for item in items):
        return ""
    return base64.b64encode(bytes(items)).decode()


def bytes_of_base64(value):
    """The bytes that a text spells in Base64, if it does."""
    digits = re.sub("[ \t\n\f\r]", "", value)
    if len(digits) % 4 or not re.fullmatch("[A-Za-z0-9+/]*={0,2}", digits):
        return None
    return base64.b64decode(digits)


def from_base64(value):
    """The text that another spells in Base64; the empty text where it spells none."""
    if not isinstance(value, str):
        return None
    try:
        return (bytes_of_base64(value) or b"").decode()
    except ValueError:
        return ""


def byte_list_of_base64(value):
    found = bytes_of_base64(value) if isinstance(value, str) else None
    return None if found is None else list(found)


def byte_list(value):
    return list(value.encode(errors="replace")) if isinstance(value, str) else None


def is_ascii(value):
    return value.isascii() if isinstance(value, str) else None


def digest_of(value, name):
    """The digest of a text in hexadecimal digits."""
    if not isinstance(value, str) or name not in ("md5", "sha1", "sha256"):
        return None
    return hashlib.new(name, value.encode(errors="replace")).hexdigest()


def read_guid(value):
    """The GUID that the first 32 hexadecimal digits of a text make."""
    if not isinstance(value, str):
        return None
    digits = unpadded(value).lstrip("{").replace("-", "")[:32].lower()
    if not re.fullmatch("[0-9a-f]{32}", digits):
        return None
    return "-".join(re.fullmatch("(.{8})(.{4})(.{4})(.{4})(.{12})", digits).groups())
