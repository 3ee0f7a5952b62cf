"""Breaks emitted rules by one change each, and counts the changes that the comparison of corpus.py sees.

    rulec verify RULES... --to TARGET --cases CASES
    python tests/oracles/mutants.py TARGET CASES [--tools FOLDER] [--every COUNT] [--each COUNT] [--show COUNT]

A change leaves out a condition, turns a comparison around, joins by the other word, or changes a constant. It is seen where the engine
says something else of a case than of the rule as it was emitted, or takes the rule no longer. A change that no case tells from the
original may mean the same; such are shown. Exit status: 1 where a rule with cases has no change that is seen.
"""

import argparse
import ast
import collections
import copy
import importlib
import json
import re
import sys
from pathlib import Path

import corpus

HERE = Path(__file__).parent
# A comparison and what it is turned into, outside of texts.
WORDS = {
    "sentinel": [
        (r"==", "!="), (r"!=", "=="), (r"=~", "!~"), (r"!~", "=~"), (r"<=", ">"), (r">=", "<"), (r"<(?!=)", ">="), (r"(?<!-)>(?!=)", "<="),
        (r"(?<![!\w])in(?=~? \()", "!in"), (r"!in(?=~? \()", "in"), (r"\band\b", "or"), (r"\bor\b", "and"), (r"\bnot\(", "("),
        (r"(?<![!\w])((?:contains|startswith|endswith|has)(?:_cs)?)\b", r"!\1"), (r"!((?:contains|startswith|endswith|has)(?:_cs)?)\b", r"\1"),
        (r"\bisnotempty\b", "isempty"), (r"\bisempty\b", "isnotempty"),
    ],
    "sigma": [(r"\band\b", "or"), (r"\bor\b", "and"), (r"\bnot ", ""), (r"\b1 of\b", "all of"), (r"\ball of\b", "1 of")],
}  # fmt: skip
WORDS["kql"] = WORDS["sentinel"]
# The first stage that is no longer about what is selected.
LAST = re.compile(r"^\| (?:project|summarize|sort|order|distinct|count)\b", re.M)
TEXT = re.compile(r"@\"(?:[^\"]|\"\")*\"|@'(?:[^']|'')*'|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|//[^\n]*")


def turned(text, words, masked):
    """(what, changed text) for each comparison that stands outside of texts."""
    for pattern, other in words:
        for match in re.finditer(pattern, masked):
            yield f"{match.group()} at {match.start()}", text[: match.start()] + match.expand(other) + text[match.end() :]


def of_query(text):
    """Changes of what selects rows: the verdicts that are compared say nothing of what is shown or counted after it."""
    last = LAST.search(text)
    text, rest = (text[: last.start()], text[last.start() :]) if last else (text, "")
    for what, changed in of_selection(text):
        yield what, changed + rest


def of_selection(text):
    masked = TEXT.sub(lambda match: "\0" * len(match.group()), text)
    yield from turned(text, WORDS["kql"], masked)
    for match in TEXT.finditer(text):
        if not match.group().startswith("//") and len(match.group()) > 3:
            yield f"constant {match.group()[:40]}", text[: match.end() - 2] + "~" + text[match.end() - 1 :]
    for match in re.finditer(r"\n *\| where [^|]*?(?=\n *\||\Z)", masked):
        yield f"without {text[match.start() : match.end()].strip()[:60]}", text[: match.start()] + text[match.end() :]


def behind(tree, name):
    """The functions and the constants of a module that a function needs, itself among them."""
    parts = {}
    for part in tree.body:
        targets = part.targets if isinstance(part, ast.Assign) else []
        for own in [getattr(part, "name", None), *(target.id for target in targets if isinstance(target, ast.Name))]:
            parts[own] = part
    found, open_names = {}, [name]
    while open_names:
        one = open_names.pop()
        if one in parts and one not in found:
            found[one] = parts[one]
            open_names += [node.id for node in ast.walk(parts[one]) if isinstance(node, ast.Name)]
    return [node for part in found.values() for node in ast.walk(part)]


def of_python(text):
    """Each change of `rule` and of what it needs."""
    tree = ast.parse(text)
    other = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.GtE, ast.GtE: ast.Lt,
             ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is}  # fmt: skip
    wanted = behind(tree, "rule")
    documented = {id(node.value) for node in wanted if isinstance(node, ast.Expr)}
    for at, node in enumerate(wanted):
        kinds = []
        if isinstance(node, ast.Compare) and type(node.ops[0]) in other:
            kinds.append("turned")
        if isinstance(node, ast.BoolOp):
            kinds += ["other word", "without one"]
        if isinstance(node, ast.Constant) and isinstance(node.value, (bool, str)) and node.value != "" and id(node) not in documented:
            kinds.append("constant")
        for kind in kinds:
            changed = copy.deepcopy(tree)
            again = behind(changed, "rule")[at]
            if kind == "turned":
                again.ops[0] = other[type(again.ops[0])]()
            elif kind == "other word":
                again.op = ast.Or() if isinstance(again.op, ast.And) else ast.And()
            elif kind == "without one":
                again.values.pop()
            elif isinstance(again.value, bool):
                again.value = not again.value
            else:
                again.value = again.value[:-1] + ("x" if again.value[-1] != "x" else "y")
            yield f"{kind} at line {getattr(node, 'lineno', 0)}", ast.unparse(changed)


def of_sigma(text):
    head, _, body = text.partition("\ndetection:\n")
    detection, _, rest = body.partition("\n    condition: ")
    condition, *after = rest.split("\n", 1)
    tail = "".join(f"\n{one}" for one in after)
    for what, changed in turned(condition, WORDS["sigma"], condition):
        yield what, f"{head}\ndetection:\n{detection}\n    condition: {changed}{tail}"
    lines = detection.split("\n")
    for at, line in enumerate(lines):
        match = re.match(r"(\s+(?:- |[\w.|]+: ))(.*[^:\s'\"])(['\"]?)$", line)
        if match and not match[2].startswith("null"):
            changed = [*lines[:at], f"{match[1]}{match[2]}~{match[3]}", *lines[at + 1 :]]
            joined = "\n".join(changed)
            yield f"constant {match[2][:40]}", f"{head}\ndetection:\n{joined}\n    condition: {condition}{tail}"


def mutants(line):
    """(what, line with one artifact changed)"""
    for at, artifact in enumerate(line["artifacts"]):
        path, text = artifact["path"], artifact["text"]
        if line["target"] == "panther":
            made = of_python(text) if path.endswith(".py") else ()
        elif line["target"] == "sigma":
            made = of_sigma(text) if path.endswith(".yml") else ()
        elif path.endswith(".kql"):
            made = of_query(text)
        else:
            made = ()
        for what, changed in made:
            artifacts = [*line["artifacts"]]
            artifacts[at] = {"path": path, "text": changed}
            yield what, {**line, "artifacts": artifacts}


def verdicts(engine, line):
    """What the engine says of each case."""
    answers = engine.answers([{**line, "cases": [{**case, "shown": None} for case in line["cases"]]}])[0]
    return [str(one) if isinstance(one, corpus.Unasked) else one.verdict for one in answers]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["panther", "kql", "sigma"])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--tools", type=Path, default=HERE.parent.parent / "target/oracles")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    sys.path[0] = str(HERE / corpus.ENGINES[options.target])
    engine = importlib.import_module("engine").Engine(None, options.tools)
    counts, shown, blind = collections.Counter(), 0, []
    with options.cases.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % options.every:
                continue
            line = json.loads(line)
            made = list(mutants(line))
            line["cases"] = [case for case in line["cases"] if "event" in case]
            if not made or not line["cases"]:
                continue
            said = verdicts(engine, line)
            if not any(isinstance(one, bool) for one in said):
                counts["rules not run"] += 1
                continue
            counts["rules"] += 1
            step = max(1, len(made) // options.each)
            seen = 0
            for what, changed in made[::step]:
                counts["changes"] += 1
                told = verdicts(engine, {**changed, "cases": line["cases"]})
                counts["no longer run"] += not any(isinstance(one, bool) for one in told)
                if told != said:
                    seen += 1
                else:
                    shown += 1
                    if shown <= options.show:
                        print(f"not seen: {line['rule']}: {what}")
            counts["seen"] += seen
            if not seen:
                blind.append(line["rule"])
    for rule in blind:
        print(f"no change of it is seen: {rule}")
    share = 100 * counts["seen"] / max(1, counts["changes"])
    print(
        f"{options.target}: {counts['rules']} rules, {counts['changes']} changes, {counts['seen']} seen ({share:.1f} %; {counts['no longer run']} of them no longer run), "
        f"{len(blind)} rules without one that is seen, {counts['rules not run']} rules not run"
    )
    return int(bool(blind))


if __name__ == "__main__":
    sys.exit(main())
