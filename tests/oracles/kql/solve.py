"""Conditions of the IR (as JSON) to events that satisfy them, and to events that nearly do.

An assignment is {path: value}. A path is a tuple of keys and indexes; JSON in front of a step says that the value so far is a text
that holds JSON; (ITEM, depth) at its head that it leads into an item of a list.
"""

import datetime
import json
import random

from samples import ODD, Matching, addresses_near, matches_near, numbers_near, texts_near

JSON = ("json",)
ITEM = "item"


def parse_path(text):
    """The steps of a printed field path."""
    steps, i = [], 0
    while i < len(text):
        if text[i] == "[":
            end = text.index("]", i)
            inner = text[i + 1 : end].strip()
            steps.append(0 if inner in ("", "*") else int(inner))
            i = end + 1
            continue
        if text[i] == ".":
            i += 1
        if i < len(text) and text[i] in "\"'":
            quote, key = text[i], ""
            i += 1
            while text[i] != quote:
                i += text[i] == "\\"
                key += text[i]
                i += 1
            i += 1
        else:
            end = next((at for at in range(i, len(text)) if text[at] in ".["), len(text))
            key, i = text[i:end], end
        steps.append(key)
    return tuple(steps)


def step_of(literal):
    return literal if isinstance(literal, (str, int)) and not isinstance(literal, bool) else None


def path_of(term):
    """The path that a term reads, if it reads one and nothing else."""
    if "field" in term:
        return parse_path(term["field"])
    if "item" in term:
        return ((ITEM, term["item"].get("depth", 0)), *parse_path(term["item"]["path"]))
    call = term.get("call")
    if not call:
        return None
    arguments = call["arguments"]
    if call["function"] == "parse_json":
        inner = path_of(arguments[0])
        return inner and (*inner, JSON)
    if call["function"] in ("member", "member_exact", "item") and "literal" in arguments[1]:
        inner, step = path_of(arguments[0]), step_of(arguments[1]["literal"])
        return None if inner is None or step is None else (*inner, step)
    return None


def fields_of(node):
    """Every path that is read below a node."""
    found = []
    if isinstance(node, dict):
        if "field" in node and isinstance(node["field"], str):
            found.append(parse_path(node["field"]))
        for inner in node.values():
            found += fields_of(inner)
    elif isinstance(node, list):
        for inner in node:
            found += fields_of(inner)
    return found


def moment(ticks):
    """Ticks since the year 1 as a text."""
    try:
        when = datetime.datetime(1, 1, 1) + datetime.timedelta(microseconds=ticks // 10)
    except OverflowError:
        return ""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Solver:
    """Solves conditions, with the choices of one seed."""

    def __init__(self, seed, pool=()):
        self.random = random.Random(seed)
        # What is tried where nothing better is known.
        self.pool = list(pool)

    def choose(self, options):
        return self.random.choice(options) if options else None

    def invert(self, term, value, depth=0):
        """Assignments under which the term has the value; none where it is not known how."""
        if depth > 20:
            return []
        path = path_of(term)
        if path is not None:
            return [{path: value}]
        if "literal" in term:
            return [{}] if term["literal"] == value else []
        if "choice" in term:
            return self.invert_choice(term["choice"], value, depth)
        if "call" not in term:
            return []
        function, arguments = term["call"]["function"], term["call"]["arguments"]
        return self.invert_call(function, arguments, value, depth + 1)

    def invert_choice(self, choice, value, depth):
        found = []
        for case in choice["cases"]:
            for then in self.invert(case["then"], value, depth + 1):
                found.append({**self.solve(case["when"], True), **then})
        for other in self.invert(choice["otherwise"], value, depth + 1):
            against = {}
            for case in choice["cases"]:
                against.update(self.solve(case["when"], False))
            found.append({**other, **against})
        return found

    def invert_call(self, function, arguments, value, depth):
        first = arguments[0] if arguments else {}
        literals = [argument.get("literal") for argument in arguments]
        text = value if isinstance(value, str) else None
        several = lambda values: [a for one in values for a in self.invert(first, one, depth)]
        if function in ("lower", "upper", "case_fold") and text is not None:
            return several([text, text.swapcase()])
        if function in ("trim", "trim_start", "trim_end") and text is not None:
            return several([text, f" {text}"])
        if function == "text" and text is not None:
            typed = [text]
            if text.lstrip("-").isdigit():
                typed.append(int(text))
            if text.lower() in ("true", "false"):
                typed.append(text.lower() == "true")
            return several(typed)
        if function == "number" and isinstance(value, (int, float)):
            return several([value, str(value)])
        if function == "length" and isinstance(value, int) and 0 <= value < 5000:
            return several(["a" * value, ["a"] * min(value, 50)])
        if function in ("coalesce", "if_missing", "each", "spread"):
            return several([value])
        if function == "item" and text is not None:
            return self.invert_part(first, literals[1], text, depth)
        if function == "substring" and text is not None and isinstance(literals[1], int):
            return several(["p" * literals[1] + text, "p" * literals[1] + text + "q"])
        if function == "extract" and text is not None and isinstance(literals[1], str):
            whole = Matching(self.random.random(), {literals[2]: text} if literals[2] else {}).text(literals[1])
            return several([text if literals[2] == 0 else whole]) if whole is not None else []
        if function == "concat" and text is not None:
            return self.invert_concat(arguments, text, depth)
        if function == "replace" and text is not None and all(isinstance(v, str) for v in literals[1:]):
            return several([text, text.replace(literals[2], literals[1]) if literals[2] else text + literals[1]])
        if function in ("add", "subtract") and isinstance(value, (int, float)):
            other = literals[1]
            if isinstance(other, (int, float)):
                return several([value - other if function == "add" else value + other])
        if function == "split" and isinstance(value, list) and isinstance(literals[1], str):
            return several([literals[1].join(str(part) for part in value)])
        if function == "parse_json":
            return several([value])
        return self.invert_typed(function, arguments, value, depth)

    def invert_typed(self, function, arguments, value, depth):
        """The functions of query languages with static types."""
        first = arguments[0] if arguments else {}
        literal = arguments[1].get("literal") if len(arguments) > 1 else None
        invert = lambda values, term=first: [a for one in values for a in self.invert(term, one, depth)]
        if function in ("whole_number", "short_number", "real_number") and isinstance(value, (int, float)):
            return invert([str(value), value, f"{value}.5"])
        if function in ("plain_text", "truth_value", "read_json", "first_filled", "substitute", "trim_pattern"):
            return invert([value, str(value)])
        if function == "list_length" and isinstance(value, int) and 0 <= value < 500:
            return invert([["a"] * value])
        if function == "read_moment" and isinstance(value, int):
            return invert([moment(value)])
        if function == "negation" and isinstance(value, bool):
            return invert([not value])
        if function in ("conjunction", "disjunction") and isinstance(value, bool):
            chosen = arguments if (function == "conjunction") == value else [self.choose(arguments)]
            merged = {}
            for argument in chosen:
                merged.update(self.choose(self.invert(argument, value, depth)) or {})
            return [merged]
        if function in ("same", "precedes", "precedes_or_is") and isinstance(value, bool):
            return self.invert_comparison(function, arguments, value, depth)
        if function == "one_of" and isinstance(literal, list):
            return invert(literal if value else [None, "x", 0])
        if function == "text_test" and literal is not None:
            texts = literal if isinstance(literal, list) else [literal]
            return invert([f"{a}{text}{b}" for text in texts[:8] for a, b in (("", ""), ("x ", " y"), ("x", ""), ("", "x"))])
        if function == "matches_pattern" and isinstance(literal, str):
            hits, misses = matches_near(literal, False, self.random.randrange(99))
            return invert(hits if value else misses)
        return []

    def invert_comparison(self, function, arguments, value, depth):
        left, right = arguments
        constant, term, turned = right.get("literal"), left, False
        if constant is None and "literal" in left:
            constant, term, turned = left["literal"], right, True
        if function == "same":
            values = [constant] if value else ["x", 0, 7, None]
        elif isinstance(constant, (int, float)):
            values = [constant + step for step in ((-1, -7) if value != turned else (0, 1, 7))]
        else:
            values = [n for ago in (30, 4000, 90000, -4000) for n in [self.now_ticks() - ago * 10_000_000]] + [1, 5, 100]
        return [a for one in values for a in self.invert(term, one, depth)]

    def now_ticks(self):
        since = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.datetime(1, 1, 1)
        return int(since.total_seconds()) * 10_000_000

    def invert_part(self, list_term, index, text, depth):
        """A part of a text that is split."""
        call = list_term.get("call")
        if not call or call["function"] != "split" or not isinstance(index, int):
            return []
        separator = call["arguments"][1].get("literal")
        if not isinstance(separator, str):
            return []
        before = ["p"] * index if index >= 0 else ["p"]
        after = self.choose([[], ["q"]]) if index >= 0 else ["q"] * (-index - 1)
        return self.invert(call["arguments"][0], separator.join([*before, text, *after]), depth)

    def invert_concat(self, arguments, text, depth):
        found, free = {}, []
        for argument in arguments:
            if "literal" in argument:
                written = str(argument["literal"])
                head, _, text = text.partition(written)
                if free and head:
                    for one in self.invert(free.pop(), head, depth)[:1]:
                        found.update(one)
            else:
                for one in [o for f in free for o in self.invert(f, "", depth)[:1]]:
                    found.update(one)
                free = [argument]
        for one in [o for f in free for o in self.invert(f, text, depth)[:1]]:
            found.update(one)
        return [found]

    def leaf(self, predicate):
        """(assignments that satisfy a predicate, those that nearly do)"""
        term, operator = predicate["subject"], predicate["operator"]
        hits, misses = self.values(operator, predicate.get("object", {}), predicate.get("case") == "insensitive")
        other = predicate.get("object")
        if isinstance(other, dict) and "term" in other:
            return self.leaf_of_two(term, other["term"], hits, misses)
        found = ([a for v in hits for a in self.invert(term, v)], [a for v in misses for a in self.invert(term, v)])
        if not any(found):
            # What cannot be turned around is tried with values as they come.
            for path in fields_of(term):
                found[1].extend({path: value} for value in [*hits, *misses, *self.some(self.pool, 30)])
        return found

    def leaf_of_two(self, left, right, hits, misses):
        same = ["x", "Abc", 5, "", None]
        pairs = [("x", "y"), ("Abc", "aBC"), (1, 2), (2, 1), ("", "x"), ("x", ""), (None, "x"), (None, 3)]
        both = lambda a, b: [{**p, **q} for p in self.invert(left, a) for q in self.invert(right, b)]
        return ([a for v in same for a in both(v, v)], [a for x, y in pairs for a in both(x, y)])

    def values(self, operator, wanted, fold):
        """(values that satisfy, values that nearly do)"""
        if operator in ("eq", "in"):
            constants = [wanted["literal"]] if "literal" in wanted else wanted.get("list", [])
            return self.equal(constants, fold) if isinstance(wanted, dict) else ([], [])
        if operator in ("contains", "starts_with", "ends_with", "has"):
            texts = wanted.get("texts", []) if isinstance(wanted, dict) else []
            near = [texts_near(operator, text, fold) for text in self.some(texts, 6)]
            return [v for hits, _ in near for v in hits], [v for _, misses in near for v in misses] + [5, True]
        if operator == "match":
            near = [matches_near(text, fold, self.random.randrange(99)) for text in self.some(wanted["texts"], 4)]
            return [v for hits, _ in near for v in hits], [v for _, misses in near for v in misses]
        if operator in ("lt", "lte", "gt", "gte"):
            number = wanted.get("literal") if isinstance(wanted, dict) else None
            if not isinstance(number, (int, float)):
                return [], [1, 2, "a", None]
            near = numbers_near(number, False)
            passes = {"lt": number - 1, "lte": number, "gt": number + 1, "gte": number}[operator]
            return [passes], [number, *near, None, "x", str(number)]
        if operator == "cidr":
            near = [addresses_near(text) for text in self.some(wanted["texts"], 5)]
            return [v for hits, _ in near for v in hits], [v for _, misses in near for v in misses] + [None]
        if operator == "is_ip":
            return ["10.1.2.3", "8.8.8.8", "::1"], ["10.0.0", "x", "", None, "1.2.3.4.5", "256.1.1.1"]
        if operator in ("filled", "present", "exists", "truthy"):
            return ["x", 5, ["x"], {"x": 1}, False], ["", None, 0, [], {}]
        if operator == "is":
            return list(ODD), list(ODD)
        return [], list(ODD)

    def some(self, values, count):
        return values if len(values) <= count else self.random.sample(values, count)

    def equal(self, constants, fold):
        hits, misses = [], [None, "", 0, True, [], {"x": 1}, 7]
        for constant in self.some(constants, 6):
            hits.append(constant)
            if isinstance(constant, str):
                near = texts_near("eq", constant, fold)
                hits += near[0]
                misses += near[1]
                if constant.lstrip("-").isdigit():
                    misses.append(int(constant))
                misses += [[constant], {constant: constant}]
            elif isinstance(constant, bool):
                misses += [not constant, str(constant), str(constant).lower(), int(constant)]
            elif isinstance(constant, (int, float)):
                misses += numbers_near(constant, isinstance(constant, int)) + [str(constant)]
        return hits, misses

    def solve(self, condition, wanted, depth=0):
        """One assignment under which the condition should hold, or should not."""
        if depth > 60:
            return {}
        kind, inner = next(iter(condition.items()))
        if kind == "not":
            return self.solve(inner, not wanted, depth + 1)
        if kind in ("all", "any"):
            every = (kind == "all") == wanted
            chosen = inner if every else ([self.choose(inner)] if inner else [])
            found = {}
            for part in inner:
                if not every and part not in chosen and self.random.random() < 0.5:
                    found.update(self.solve(part, not wanted, depth + 1))
            for part in self.random.sample(chosen, len(chosen)):
                found.update(self.solve(part, wanted, depth + 1))
            return found
        if kind == "test":
            hits, misses = self.leaf(inner)
            return self.choose(hits if wanted else misses) or {}
        return self.choose(self.lists(inner, wanted, depth)) or {}

    def lists(self, items, wanted, depth=0):
        """Assignments of a list for a question about its items."""
        body = items["body"]
        hold = [self.item(self.solve(body, True, depth + 1)) for _ in range(3)]
        fail = [self.item(self.solve(body, False, depth + 1)) for _ in range(3)]
        (a, b, c), (x, y, z) = ([one for one, _ in hold], [one for one, _ in fail])
        good = [([a], hold[0]), ([x, b], hold[1]), ([c, y, z], hold[2]), ([None, a], hold[0]), (a, hold[0])]
        bad = [[x], [y, z], [], None, "x", "", {}, 5, False, [None], x, {"a": 1, "b": 2}]
        found = []
        for value, (_, rest) in good if wanted else [(value, ({}, {})) for value in bad]:
            outside = {up(path): of for path, of in rest.items()}
            found += [{**outside, **one} for one in self.invert(items["list"], value)]
        return found

    def item(self, assignment):
        """The item that an assignment is about, and the rest of the assignment."""
        below = {path[1:]: value for path, value in assignment.items() if path and path[0] == (ITEM, 0)}
        rest = {path: value for path, value in assignment.items() if not path or path[0] != (ITEM, 0)}
        return build(below), rest

    def leaves(self, condition):
        """Every predicate's assignments, and those of lists, for the parts outside of any list."""
        kind, inner = next(iter(condition.items()))
        if kind == "not":
            yield from self.leaves(inner)
        elif kind in ("all", "any"):
            for part in inner:
                yield from self.leaves(part)
        elif kind == "test":
            hits, misses = self.leaf(inner)
            yield hits + misses
        else:
            yield self.lists(inner, True) + self.lists(inner, False)


def up(path):
    """A path as it is seen from outside the innermost list."""
    head = path[0] if path else None
    if isinstance(head, tuple) and head[0] == ITEM:
        return ((ITEM, head[1] - 1), *path[1:])
    return path


def build(assignment):
    """The value that an assignment describes; texts that hold JSON are written last."""
    if () in assignment:
        return assignment[()]
    if not assignment:
        return None
    heads = {}
    for path, value in assignment.items():
        heads.setdefault(path[0], {})[path[1:]] = value
    if JSON in heads:
        return json.dumps(build(heads[JSON]))
    if all(isinstance(head, int) for head in heads):
        length = max((h if h >= 0 else -h - 1) for h in heads) + 1
        items = [None] * length
        for head, below in heads.items():
            items[head] = build(below)
        return items
    return {str(head): build(below) for head, below in heads.items()}
