"""Values that satisfy a predicate of the IR, and values that nearly do."""

import ipaddress
import random
import re
import re._parser as regex_parser

ODD = [None, "", "x", 0, 1, 7, True, False, 1.5, [], ["x"], {}, {"x": 1}]
ADDRESSES = ["10.1.2.3", "8.8.8.8", "999.1.1.1", "10.0.0", "::1", "fe80::1", "10.1.2.3 ", "localhost", ""]


def other_case(text):
    return text.swapcase()


def texts_near(operator, wanted, fold):
    """(texts that satisfy, texts that do not, by what their makers expect)"""
    long = f"{wanted} and more"
    around = [f"x{wanted}", f"{wanted}x", f"_{wanted}_", f"é{wanted}", f"{wanted}é", f"1{wanted}2", f" {wanted} "]
    shorter = [wanted[:-1], wanted[1:], wanted.replace("a", "b", 1)]
    cases = [other_case(wanted), wanted.upper(), wanted.lower()]
    hits = [wanted, *(cases if fold else [])]
    if operator == "contains":
        hits += [f"pre{wanted}post", long, f"{wanted}{wanted}"]
    elif operator == "starts_with":
        hits += [long, f"{wanted}x"]
    elif operator == "ends_with":
        hits += [f"more and {wanted}", f"x{wanted}"]
    elif operator == "has":
        hits += [long, f"more {wanted}", f"a-{wanted}.b", f"/{wanted}/", f"x{wanted} {wanted}", f"({wanted})"]
    return hits, around + shorter + cases + ["", "x", None]


def numbers_near(wanted, whole):
    steps = [wanted - 1, wanted + 1, -wanted, 0, wanted * 2 + 3]
    if not whole:
        steps += [wanted + 0.5, wanted - 0.25]
    return steps


def addresses_near(network):
    """(addresses of the network, addresses beside it)"""
    try:
        known = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return [], ADDRESSES
    first, last = known.network_address, known.broadcast_address
    inside = [first, last, first + (int(last) - int(first)) // 2]
    outside = [first - 1] if int(first) > 0 else []
    if int(last) < 2**known.max_prefixlen - 1:
        outside.append(last + 1)
    return [str(a) for a in inside], [str(a) for a in outside] + ADDRESSES


class Matching:
    """Texts that a regular expression matches."""

    def __init__(self, seed, groups=None):
        self.random = random.Random(seed)
        self.groups = groups or {}

    def text(self, pattern):
        """A text that the pattern matches somewhere; `None` where the pattern is not understood."""
        # Python knows neither classes of Unicode nor `\z`.
        plain = pattern.replace(r"\z", r"\Z").replace(r"\pL", "a-zA-Z").replace(r"\pN", "0-9")
        plain = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: chr(int(m.group(1), 16)), plain)
        flags = re.match(r"\(\?([a-zU]+)\)", plain)
        plain = plain[flags.end() :] if flags else plain
        try:
            return self.sequence(regex_parser.parse(plain))
        except (re.error, RecursionError, OverflowError, ValueError):
            return None

    def sequence(self, parsed):
        return "".join(self.one(str(operation), argument) for operation, argument in parsed)

    def one(self, operation, argument):
        if operation == "LITERAL":
            return chr(argument)
        if operation == "NOT_LITERAL":
            return "z" if chr(argument) != "z" else "y"
        if operation == "ANY":
            return self.random.choice("az0 ")
        if operation == "IN":
            return self.member(argument)
        if operation == "BRANCH":
            return self.sequence(self.random.choice(argument[1]))
        if operation == "SUBPATTERN":
            if argument[0] in self.groups:
                return self.groups[argument[0]]
            return self.sequence(argument[3])
        if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, inner = argument
            count = self.random.randint(int(least), min(int(most), int(least) + 3))
            return "".join(self.sequence(inner) for _ in range(count))
        return ""

    def member(self, items):
        negated = str(items[0][0]) == "NEGATE"
        if negated:
            refused = [self.characters(item) for item in items[1:]]
            left = [c for c in "zqw5-_. /\"'" if not any(c in known for known in refused)]
            return self.random.choice(left) if left else "é"
        known = self.characters(self.random.choice(items))
        return self.random.choice(known) if known else "a"

    def characters(self, item):
        operation, argument = str(item[0]), item[1]
        if operation == "LITERAL":
            return chr(argument)
        if operation == "RANGE":
            low, high = argument
            return "".join(chr(c) for c in range(low, min(high, low + 128) + 1))
        if operation == "CATEGORY":
            return {
                "CATEGORY_DIGIT": "0123456789",
                "CATEGORY_SPACE": " \t",
                "CATEGORY_WORD": "abzABZ019_",
                "CATEGORY_NOT_DIGIT": "az -",
                "CATEGORY_NOT_SPACE": "az0-",
                "CATEGORY_NOT_WORD": " -./",
            }.get(str(argument), "")
        return ""


def matches_near(pattern, fold, seed):
    hits = [text for at in range(4) if (text := Matching(seed + at).text(pattern)) is not None]
    if fold:
        hits += [other_case(text) for text in hits[:2]]
    misses = [text[:-1] for text in hits] + [text[1:] for text in hits] + [other_case(text) for text in hits]
    return hits + [f"x {text} y" for text in hits[:2]], misses + ["", "x", None]
