"""One table of what rulec and pysigma-backend-kusto make of the same Sigma rules for Microsoft's systems.

    python tests/oracles/sigma/compare.py RULEC RULES --modules NODE_MODULES [--reasons N]

RULEC is the program, RULES a folder of Sigma rules, NODE_MODULES the folder that holds `@kusto/language-service-next`
(`tests/oracles/setup kql` installs it under target/oracles/kql). The backend is pysigma-backend-kusto with each of its pipelines
(`pip install -r tests/oracles/requirements-sigma-kusto.txt`); it converts the rules one by one, as its users do. Counted are the
rules with a query, those refused, and what Microsoft's parser and binder say of the queries with the schemas of rulec: accepted,
accepted against a table that is not known, or wrong. Of rulec's queries it is also said how many its report calls exact.
"""

import argparse
import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from sigma.backends.kusto import KustoBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.pipelines.azuremonitor import azure_monitor_pipeline
from sigma.pipelines.microsoftxdr import microsoft_xdr_pipeline
from sigma.pipelines.sentinelasim import sentinel_asim_pipeline

PIPELINES = {
    "azure_monitor": azure_monitor_pipeline,
    "sentinel_asim": sentinel_asim_pipeline,
    "microsoft_xdr": microsoft_xdr_pipeline,
}
BIND = Path(__file__).parent.parent / "kql" / "bind.mjs"


class Outcome:
    """What a tool made of the rules."""

    def __init__(self):
        self.queries, self.refused, self.exact = {}, collections.Counter(), None

    @property
    def translated(self):
        return len({name for name, _ in self.queries})


def rulec(program, rules):
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "convert", rules, "--to", "kql", "--format", "json", "-o", folder]
        done = subprocess.run(command, capture_output=True, text=True)
        outcome.exact = 0
        for rule in json.loads(done.stdout)["rules"]:
            for translation in rule["translations"]:
                if not translation["translated"]:
                    errors = [d for d in translation["diagnostics"] if d["severity"] == "error"]
                    outcome.refused[errors[0]["code"] if errors else "no reason"] += 1
                    continue
                fidelity = translation["fidelity"]
                outcome.exact += not any(fidelity[kind] for kind in ("wider", "narrower", "unsupported"))
        for path in sorted(Path(folder).rglob("*.kql")):
            outcome.queries[path.relative_to(folder), 0] = path.read_text(encoding="utf-8")
    return outcome


def peer(pipeline, rules):
    outcome = Outcome()
    backend = KustoBackend(processing_pipeline=pipeline())
    for path in sorted(rules.rglob("*.yml")):
        documents = [d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d]
        try:
            queries = backend.convert(SigmaCollection.from_dicts(documents))
        except (SigmaError, NotImplementedError) as error:
            outcome.refused[type(error).__name__] += 1
            continue
        except Exception as error:  # noqa: BLE001 (whatever it raises, the user gets no query)
            outcome.refused[f"crash: {type(error).__name__}"] += 1
            continue
        for at, query in enumerate(queries):
            outcome.queries[path.relative_to(rules), at] = str(query)
    return outcome


def measured(queries, modules):
    """What Microsoft's binder says: how many rules' queries are accepted, are about unknown tables, or are wrong."""
    asked = "".join(json.dumps({"id": str(name), "query": text}) + "\n" for (name, _), text in queries.items())
    command = ["node", BIND, "--modules", modules, "measure"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    worst = collections.defaultdict(int)
    codes = collections.Counter()
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        wrong = answer["errors"] or answer["syntax"]
        codes.update({error["code"] for error in answer["errors"]})
        worst[answer["id"]] = max(worst[answer["id"]], 2 if wrong else 1 if answer["open"] else 0)
    kinds = collections.Counter(worst.values())
    return kinds[0], kinds[1], kinds[2], codes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rulec")
    parser.add_argument("rules", type=Path)
    parser.add_argument("--modules", required=True)
    parser.add_argument("--reasons", type=int, default=4)
    options = parser.parse_args()
    outcomes = {"rulec": rulec(options.rulec, options.rules)}
    for name, pipeline in PIPELINES.items():
        outcomes[f"kusto, {name}"] = peer(pipeline, options.rules)
    print("| tool | translated | refused | accepted | unknown table | wrong | exact by its own report |")
    print("|---|---|---|---|---|---|---|")
    notes = []
    for name, outcome in outcomes.items():
        accepted, unknown, wrong, codes = measured(outcome.queries, options.modules)
        refused = sum(outcome.refused.values())
        exact = "says nothing" if outcome.exact is None else outcome.exact
        print(f"| {name} | {outcome.translated} | {refused} | {accepted} | {unknown} | {wrong} | {exact} |")
        reasons = ", ".join(f"{reason} {count}" for reason, count in outcome.refused.most_common(options.reasons))
        mistakes = ", ".join(f"{code} {count}" for code, count in codes.most_common(options.reasons))
        notes.append(f"{name}: refused for {reasons or 'nothing'}; mistakes: {mistakes or 'none'}")
    print("\n" + "\n".join(notes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
