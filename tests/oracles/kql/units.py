"""A query to the parts of it that select single rows, each as a query of its own.

A rule's query is one pipeline, or several: sides of a join, legs of a union, tables that a `let` names. Each is followed from its
table as far as a row is still an event (or an item of one), which is what a rule's selection is about. What calls for a table
through a name is written out, so that a pipeline stands alone: a variable that is a pipeline, a function without parameters or
with plain ones. Stages that choose columns keep the row's number; stages that only order rows or columns are left out.
"""

import re

# The row's number travels in a column that every table has and no row fills.
ROW_ID = "_ItemId"
KEPT = {"where", "filter", "extend", "project-rename", "project-away", "mv-expand", "mvexpand", "parse", "parse-where"}
# Without one of these a pipeline selects every row.
SELECTS = {"where", "filter", "mv-expand", "mvexpand", "parse-where"}
CHOSEN = {"project", "project-keep"}
LEFT_OUT = {"sort", "order", "project-reorder", "render", "as", "serialize"}
# How deep names stand for names.
DEPTH = 12
# What follows one of these is about groups, or has lost the number.
LAST_STAGES = {"count", "distinct", "limit", "make-series", "order", "project", "sort", "summarize", "take", "top"}


class NoRow(Exception):
    """The event has a value that its column cannot hold."""


def pick(event, path):
    for key in path.split("."):
        if not isinstance(event, dict):
            return None
        event = event.get(key)
    return event


def uncommented(text):
    """The text without comments."""
    out, i = [], 0
    while i < len(text):
        char = text[i]
        if char in "\"'":
            end = string_end(text, i)
            out.append(text[i:end])
            i = end
        elif text.startswith("//", i):
            i = text.find("\n", i) if "\n" in text[i:] else len(text)
        else:
            out.append(char)
            i += 1
    return "".join(out)


def string_end(text, start):
    """Where the string that starts here ends."""
    quote = text[start]
    verbatim = text[max(0, start - 1) : start] == "@"
    i = start + 1
    while i < len(text) and text[i] != quote:
        i += 2 if text[i] == "\\" and not verbatim else 1
    return i + 1


def pieces(text, separator):
    """Splits at a separator outside brackets and strings."""
    parts, start, depth, i = [], 0, 0, 0
    while i < len(text):
        char = text[i]
        if char in "\"'":
            i = string_end(text, i)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(separator, i):
            before = text[i - 1] if i else " "
            after = text[i + len(separator)] if i + len(separator) < len(text) else " "
            word = separator.isalpha() and (is_name(before) or is_name(after))
            if not word:
                parts.append(text[start:i])
                start = i + len(separator)
                i = start
                continue
        i += 1
    return parts + [text[start:]]


def is_name(char):
    return char.isalnum() or char == "_"


def groups(text):
    """What stands in parentheses or braces, at any depth."""
    found, open_at, i = [], [], 0
    while i < len(text):
        char = text[i]
        if char in "\"'":
            i = string_end(text, i)
            continue
        if char in "({":
            open_at.append(i + 1)
        elif char in ")}" and open_at:
            found.append(text[open_at.pop() : i])
        i += 1
    return found


def word_of(stage):
    match = re.match(r"\s*([a-z][a-z-]*)", stage)
    return match.group(1) if match else ""


# The words of the language that stand where a name may stand.
LANGUAGE = set(
    """and or not in has has_any has_all has_cs contains contains_cs startswith endswith hasprefix hassuffix matches regex between
    by on asc desc nulls first last with kind inner innerunique leftouter rightouter fullouter leftanti rightanti leftsemi rightsemi
    leftantisemi rightantisemi anti isfuzzy withsource to typeof string long int real bool datetime timespan dynamic guid decimal
    true false null step from default range let where filter extend project away keep rename reorder summarize join lookup union
    distinct sort order top take limit mv expand apply mvexpand parse simple count render evaluate invoke make series search find
    serialize print as of bagexpansion with_itemindex hint left right outer table materialize toscalar datatable externaldata d h m s
    array bag none True False timechart""".split()
)


def free_names(text):
    """The names in a query that must be columns of its tables: neither called, nor assigned, nor words of the language."""
    bare = re.sub(r"@?\"(?:\\.|[^\"\\])*\"|@?'(?:\\.|[^'\\])*'", "''", uncommented(text))
    bare = re.sub(r"\.\s*[A-Za-z_]\w*|\$\w+|\b\d\w*", " ", bare)
    assigned = set(re.findall(r"\b([A-Za-z_]\w*)\s*=(?![=~])", bare)) | set(re.findall(r"\b([A-Za-z_]\w*)\s*:", bare))
    called = set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", bare))
    return set(re.findall(r"\b[A-Za-z_]\w*\b", bare)) - LANGUAGE - assigned - called


def replaced(text, name, value):
    """The text with a name, outside of strings, replaced."""
    out, i = [], 0
    for match in re.finditer(r"@?\"(?:\\.|[^\"\\])*\"|@?'(?:\\.|[^'\\])*'|\b" + re.escape(name) + r"\b", text):
        out.append(text[i : match.start()])
        out.append(value if match.group(0) == name else match.group(0))
        i = match.end()
    return "".join(out) + text[i:]


class Query:
    """The statements of a query: the variables by name, in order, and what the query returns."""

    def __init__(self, text):
        self.variables = {}
        self.body = ""
        for statement in pieces(uncommented(text), ";"):
            match = re.match(r"\s*let\s+([A-Za-z_]\w*)\s*=\s*(.*)$", statement, re.S)
            if match:
                self.variables[match.group(1)] = match.group(2).strip()
            elif statement.strip() and not re.match(r"\s*(set|declare)\b", statement):
                self.body = statement.strip()

    def units(self):
        """Each part that selects single rows, as the text of a query; the query's own first."""
        found = []
        written = [self.body, *self.variables.values()]
        for pipeline in written + [inner for text in written for inner in groups(text)]:
            for text in self.unit(pipeline):
                if text not in found:
                    found.append(text)
        return found

    def unit(self, pipeline):
        for variables, stages in self.flattened(pipeline, dict(self.variables), 0):
            kept = row_stages(stages)
            if kept is None or not any(word_of(stage) in SELECTS for stage in kept[1:]):
                continue
            text = "\n| ".join(stage.strip() for stage in kept)
            yield "".join(needed(text, variables)) + text

    def flattened(self, text, variables, depth):
        """The pipelines that a text stands for, from their tables: several where there is a union."""
        if depth > DEPTH:
            return
        source, *stages = pieces(text.strip(), "|")
        source = source.strip()
        name = re.fullmatch(r"([A-Za-z_]\w*)(\(\s*\))?", source)
        call = re.fullmatch(r"([A-Za-z_]\w*)\s*\((.*)\)", source, re.S)
        inner = re.fullmatch(r"(?:materialize\s*)?\((.*)\)", source, re.S)
        if name and name.group(1) in variables:
            value = variables[name.group(1)]
            function = re.fullmatch(r"(?:view\s*)?\((.*?)\)\s*\{(.*)\}", value, re.S)
            if function and not function.group(1).strip():
                begun = self.called(function.group(2), {}, variables, depth)
            elif function:
                return
            else:
                begun = self.flattened(value, variables, depth + 1)
        elif name:
            begun = [(variables, [name.group(1)])]
        elif inner and len(groups(source)) and source.endswith(")"):
            begun = self.flattened(inner.group(1), variables, depth + 1)
        elif word_of(source) == "union":
            legs = re.sub(r"^union\s+((kind|isfuzzy|withsource)\s*=\s*\w+\s*)*", "", source)
            begun = [leg for text in pieces(legs, ",") for leg in self.flattened(text, variables, depth + 1)]
        elif call and call.group(1) == "table":
            table = re.fullmatch(r"\s*['\"](\w+)['\"]\s*", call.group(2))
            begun = [(variables, [table.group(1)])] if table else []
        elif call and call.group(1) in variables:
            begun = self.call(call, variables, depth)
        elif call and not call.group(1).startswith("_GetWatchlist") and call.group(1) != "externaldata":
            # A saved function of the workspace is read like a table.
            begun = [(variables, [call.group(1)])]
        else:
            begun = []
        for known, first in begun:
            yield known, first + stages

    def call(self, call, variables, depth):
        function = re.fullmatch(r"(?:view\s*)?\((.*?)\)\s*\{(.*)\}", variables[call.group(1)], re.S)
        if not function:
            return
        arguments = [argument.strip() for argument in pieces(call.group(2), ",")]
        values = {}
        for at, parameter in enumerate(pieces(function.group(1), ",")):
            match = re.match(r"\s*(\w+)\s*:\s*[\w(:,)]+\s*(?:=\s*(.*))?$", parameter, re.S)
            value = arguments[at] if at < len(arguments) else match and match.group(2)
            if not match or not value:
                return
            values[match.group(1)] = value
        yield from self.called(function.group(2), values, variables, depth)

    def called(self, body, values, variables, depth):
        for name, value in values.items():
            body = replaced(body, name, value)
        inner = Query(body)
        if set(inner.variables) & set(variables):
            return
        yield from self.flattened(inner.body, {**variables, **inner.variables}, depth + 1)


def row_stages(stages):
    """The stages while a row is an event or an item of one, each keeping the row's number."""
    if not stages or any(ROW_ID in stage for stage in stages):
        return None
    kept = [stages[0]]
    for stage in stages[1:]:
        word = word_of(stage)
        if word in KEPT:
            kept.append(stage)
        elif word in CHOSEN:
            kept.append(f"{stage.rstrip()}, {ROW_ID}")
        elif word not in LEFT_OUT or (word == "serialize" and stage.split()[1:]):
            break
    return kept


def needed(text, variables):
    """The `let` statements that a text needs, in their order."""
    names, grown = set(), True
    while grown:
        written = "\n".join([text, *(variables[name] for name in names)])
        more = {name for name in variables if re.search(rf"\b{name}\b", written)}
        grown = more != names
        names = more
    return [f"let {name} = {variables[name]};\n" for name in variables if name in names]


def conjuncts(stage):
    """The parts of a `where` stage that are joined by `and`."""
    match = re.match(r"\s*(where|filter)\b(.*)$", stage, re.S)
    return [part.strip() for part in pieces(match.group(2), "and")] if match else []


def columns_of(stage):
    """The expressions of an `extend` or a `project` stage."""
    match = re.match(r"\s*(extend|project)\b(.*)$", stage, re.S)
    return [part.strip() for part in pieces(match.group(2), ",")] if match else []


def selection(query):
    """The query without its first stage that is not about single rows, and all that follows."""
    *lets, body = [p for p in pieces(query, ";") if p.strip()]
    source, *stages = pieces(body, "|")
    kept = [source]
    for stage in stages:
        if stage.strip() and stage.split()[0] in LAST_STAGES:
            break
        kept.append(stage)
    return ";".join([*lets, "|".join(kept)])


def chooses_later(query):
    """Whether rows are chosen, or made of others, after what the selection says."""
    *_, body = [p for p in pieces(query, ";") if p.strip()]
    words = [stage.split()[0] for stage in pieces(body, "|")[1:] if stage.strip()]
    last = next((at for at, word in enumerate(words) if word in LAST_STAGES), len(words))
    return any(word not in ("project", "sort", "order", "extend") for word in words[last:])
