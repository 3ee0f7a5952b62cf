"""How events stand in the rows of each table, as the log source files under schemas/ say it.

A mapping is {"columns": {column: path of the event}, "json": [columns that hold JSON as text], "values": {column: {value of the
event, as JSON: value of the column}}, "time": path of the event's time, "keys": every key of the source's fields}. Paths through lists are left out: such a column is empty.
"""

import json
from pathlib import Path

import yaml

SCHEMAS = Path(__file__).parent.parent.parent.parent / "schemas"


class Loader(yaml.CSafeLoader):
    """YAML 1.2's words for truth values: `on` and `off` are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def mappings():
    """The mapping of each log source to each of its tables: {(source, table): mapping}."""
    found = {}
    for path in sorted(SCHEMAS.glob("*.yml")):
        source = yaml.load(path.read_text(encoding="utf-8"), Loader)
        for table in source.get("sentinel") or []:
            found[source["id"], table["table"]] = mapping(source, table)
    return found


def mapping(source, table):
    columns, as_json, values, keys = {}, [], {}, []
    for field in source["fields"]:
        keys += field["field"].replace("[]", "").split(".")
        places = field.get("sentinel")
        places = places if isinstance(places, dict) else {}
        place = places.get(table["table"], places.get(table.get("like")))
        if place is None or place == "none" or "[" in field["field"] or '"' in field["field"]:
            continue
        place = {"column": place} if isinstance(place, str) else place
        if "column" not in place:
            continue
        for one in [place, *place.get("also", [])]:
            column = one["column"]
            if column in columns and not one.get("preferred"):
                continue
            columns[column] = field["field"]
            if one.get("holds") == "json":
                as_json.append(column)
            if "values" in one:
                values[column] = {json.dumps(key): value for key, value in one["values"].items()}
    return {"columns": columns, "json": as_json, "values": values, "time": source["time"], "keys": keys}
