"""What pySigma says of a Sigma rule: it parses, its validators find nothing, and it converts to SQL.

Two of pySigma's validators download the tables they check against, and are left out: attacktag and d3_fendtag.
"""

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

DOWNLOADING = {"attacktag", "d3_fendtag"}


def read(text):
    """The collection of one file, with every parse error instead of the first only."""
    documents = [d for d in yaml.safe_load_all(text) if d is not None]
    collection = SigmaCollection.from_dicts(documents, collect_errors=True)
    errors = list(collection.errors)
    for rule in collection.rules:
        errors += [e for e in rule.errors if e not in errors]
    if len(collection.rules) != len(documents):
        errors.append(f"{len(documents)} documents, but {len(collection.rules)} rules")
    return collection, errors


def convert(collection):
    """Refuses a collection that pySigma cannot write as SQL."""
    queries = sqliteBackend(collate_nocase=True).convert(collection)
    if not queries or not all(str(q).strip() for q in queries):
        raise SigmaError("converts to an empty query")


def describe(issue):
    detail = {k: str(v) for k, v in vars(issue).items() if k != "rules"}
    return f"{type(issue).__name__}: {issue.description} {detail or ''}".rstrip()


def complaints_of(text, validator):
    """Every complaint about one file."""
    try:
        collection, errors = read(text)
    except (SigmaError, yaml.YAMLError) as error:
        return [f"{type(error).__name__}: {error}"]
    complaints = [f"{type(e).__name__}: {e}" if isinstance(e, Exception) else e for e in errors]
    if not complaints:
        for rule in collection.rules:
            complaints += [describe(issue) for issue in validator.validate_rule(rule)]
        try:
            convert(collection)
        except (SigmaError, NotImplementedError) as error:
            complaints.append(f"does not convert: {type(error).__name__}: {error}")
    return complaints
