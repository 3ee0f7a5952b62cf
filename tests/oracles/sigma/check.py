"""Asks pySigma about the emitted Sigma rules: they parse, its validators find nothing, and they convert to SQL.

    python tests/oracles/sigma/check.py FOLDER COUNT      COUNT files are expected, each a rule with its correlation, if any

Two of pySigma's validators download the tables they check against, and are left out: attacktag and d3_fendtag.
"""

import sys
from pathlib import Path

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError, SigmaRuleLocation
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

DOWNLOADING = {"attacktag", "d3_fendtag"}


def read(path):
    """The collection of one file, with every parse error instead of the first only."""
    documents = [d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d is not None]
    collection = SigmaCollection.from_dicts(
        documents, collect_errors=True, source=SigmaRuleLocation(path)
    )
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


def check(path, validator):
    """Every complaint about one file, and how many rules and correlations it holds."""
    try:
        collection, errors = read(path)
    except (SigmaError, yaml.YAMLError) as error:
        return [f"{type(error).__name__}: {error}"], 0, 0
    complaints = [f"{type(e).__name__}: {e}" if isinstance(e, Exception) else e for e in errors]
    if not complaints:
        for rule in collection.rules:
            complaints += [describe(issue) for issue in validator.validate_rule(rule)]
        try:
            convert(collection)
        except (SigmaError, NotImplementedError) as error:
            complaints.append(f"does not convert: {type(error).__name__}: {error}")
    correlations = sum(isinstance(r, SigmaCorrelationRule) for r in collection.rules)
    return complaints, len(collection.rules) - correlations, correlations


def main(folder, expected):
    files = sorted(Path(folder).rglob("*.yml"))
    validator = SigmaValidator(v for n, v in validators.items() if n not in DOWNLOADING)
    failed, rules, correlations = False, 0, 0
    for path in files:
        complaints, r, c = check(path, validator)
        rules, correlations = rules + r, correlations + c
        for complaint in complaints:
            failed = True
            print(f"{path.relative_to(folder)}: {complaint}")
    for issue in validator.finalize():
        failed = True
        print(f"{', '.join(str(r.title) for r in issue.rules)}: {describe(issue)}")
    if len(files) != expected:
        failed = True
        print(f"expected {expected} files, found {len(files)}")
    if failed:
        return 1
    print(
        f"{rules} rules, {correlations} correlations, {len(validators) - len(DOWNLOADING)} validators silent"
        f" ({', '.join(sorted(DOWNLOADING))} left out), sqlite ok"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
