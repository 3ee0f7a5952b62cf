"""Selections that go through lists with `mv-apply`, for an engine that has `mv-expand` alone.

`mv-apply Item = LIST on (INNER)` asks INNER about the items of one row. Where INNER only filters and takes a row, or makes values of all
items, it is `mv-expand` with the same filters, or with the same values by all other columns, the row's number among them. What
INNER leaves out of a value it would also take from the row itself, so that filters before a value become part of it. A stage of
another form stays as it is. Stages after the last filter that keep each row are left out: they say what an alert shows.
"""

import re

from units import columns_of, pieces, word_of

HEAD = re.compile(r"\s*mv-apply\s+(?:with_itemindex\s*=\s*(\w+)\s+)?(\w+)\s*=\s*")
# Values of all items in which a filter can take part.
COUNTED = re.compile(r"countif\((.*)\)(\s*[<>=!]+\s*\d+)?$", re.S)
TAKEN = re.compile(r"(take|limit)\s+1$")
FIRST = re.compile(r"top\s+1\s+by\s+(\w+)\s+asc$")


class Apply:
    """A stage of `mv-apply`, or nothing but its text."""

    def __init__(self, stage):
        self.stage, self.inner = stage, None
        head = HEAD.match(stage)
        parts = pieces(stage[head.end() :], "on") if head else []
        if len(parts) == 2 and parts[1].strip().startswith("("):
            self.index, self.item = head.groups()
            self.list = parts[0].strip()
            self.inner = [part.strip() for part in pieces(parts[1].strip()[1:-1], "|")]

    def keeps_rows(self):
        """Whether there is one row for each before."""
        return self.inner is not None and self.inner[-1].split()[0] == "summarize" and len(pieces(self.inner[-1], "by")) == 1

    def expand(self):
        index = f"with_itemindex={self.index} " if self.index else ""
        return f" mv-expand {index}{self.item} = {self.list}"

    def stages(self, columns, later):
        """The stages instead, and the columns after them; nothing where there are none."""
        *filters, last = self.inner
        before = []
        if filters and FIRST.match(filters[-1]) and self.index:
            # Of the items that pass, the first is asked.
            *filters, first = filters
            before = [f" summarize arg_min({FIRST.match(first)[1]}, {self.item}) by {', '.join(columns)}"]
        if any(word_of(one) != "where" for one in filters):
            return None
        expanded = [self.expand(), *(f" {one}" for one in filters), *before]
        if word_of(last) == "where":
            return [*expanded, f" {last}"], columns
        if TAKEN.match(last):
            return expanded, columns
        if not self.keeps_rows() or before:
            return None
        values = []
        for value in pieces(last.split(None, 1)[1], ","):
            name, _, made = (part.strip() for part in value.partition("="))
            if re.search(rf"\b{name}\b", later):
                values.append((name, filtered(made, [one.split(None, 1)[1] for one in filters])))
        if any(made is None for _, made in values):
            return None
        made = ", ".join(f"{name} = {made}" for name, made in values) or "Unasked = count()"
        columns = [column for column in columns if column not in dict(values)]
        return [self.expand(), f" summarize {made} by {', '.join(columns)}"], columns + [name for name, _ in values]


def filtered(made, filters):
    """The value of the items that pass; nothing where it has no such form."""
    if not filters and "_if(" not in made:
        return made
    counted = COUNTED.match(made)
    if not counted:
        return None
    asked = " and ".join(f"({one})" for one in [*filters, counted[1]])
    return f"countif({asked}){counted[2] or ''}"


def unnested(query, columns):
    """The selection with each `mv-apply` that has another form in that form. `columns` are those of its table."""
    *lets, body = [part for part in pieces(query, ";") if part.strip()]
    source, *stages = pieces(body, "|")
    while stages and (word_of(stages[-1]) == "extend" or Apply(stages[-1]).keeps_rows()):
        stages.pop()
    made = [source]
    for at, stage in enumerate(stages):
        apply = Apply(stage)
        found = apply.inner and apply.stages(columns, "|".join(stages[at + 1 :]))
        if found:
            made += found[0]
            columns = found[1]
            continue
        made.append(stage)
        for column in columns_of(stage):
            name = column.partition("=")[0].strip()
            columns = [one for one in columns if one != name] + [name]
    return ";".join([*lets, "|".join(made)])
