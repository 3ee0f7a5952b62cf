"""The reports for tools, judged by tools: SARIF against its published JSON Schema, JUnit by junitparser.

    reports.py RULEC SCHEMA

RULEC is the binary, SCHEMA the schema of SARIF 2.1.0. A snapshot of made-up rules is taken and each kind of change made; `rulec
check` and `rulec test` report on the same rules. What junitparser counts has to be what the report says.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
from junitparser import JUnitXml

RULE = """title: A & B <é>
id: 11111111-2222-4333-8444-555555555555
logsource: {product: aws, service: cloudtrail}
detection:
  a: {eventName: VALUE}
  condition: a
"""


def main():
    rulec, schema = sys.argv[1:]
    validator = jsonschema.Draft7Validator(json.loads(pathlib.Path(schema).read_text()))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rules = folder / "rules"
        rules.mkdir()
        for name in ["a b", "broken", "gone", "same"]:
            (rules / f"{name}.yml").write_text(RULE.replace("VALUE", "x"))

        def run(*arguments):
            done = subprocess.run([rulec, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8")
            assert done.returncode < 2, done.stderr
            return done.stdout

        run("snapshot", "rules", "--to", "kql,panther")
        (rules / "a b.yml").write_text(RULE.replace("VALUE", "'<&]]>\"'"))
        (rules / "broken.yml").write_text("title: [\n")
        (rules / "new.yml").write_text(RULE.replace("VALUE", "x"))
        (rules / "gone.yml").unlink()
        (folder / "translations" / "left.txt").write_text("")
        results = 0
        for arguments in [("snapshot", "--check"), ("check", "rules")]:
            log = json.loads(run(*arguments, "--format", "sarif"))
            errors = [error.message for error in validator.iter_errors(log)]
            assert not errors, (arguments, errors)
            results += len(log["runs"][0]["results"])
        cases = failed = 0
        for arguments in [("snapshot", "--check"), ("test", "rules")]:
            report = JUnitXml.fromstring(run(*arguments, "--format", "junit").encode())
            found = [case for suite in report for case in suite]
            wrong = [case for case in found if any(type(one).__name__ in ("Failure", "Error") for one in case.result)]
            assert report.tests == len(found), arguments
            assert report.failures + report.errors == len(wrong), arguments
            cases, failed = cases + len(found), failed + len(wrong)
        assert results > 9 and failed > 9, (results, failed)
        print(f"{results} SARIF results valid, {cases} JUnit cases read, {failed} of them failed as they should")


main()
