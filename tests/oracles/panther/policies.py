"""Compares rulec's reading of IAM policies with policyuniverse's, on random policies.

    python tests/oracles/panther/policies.py [--rulec BIN] [--count N] [--seed N]

Needs the packages panther_core and policyuniverse. Every question is a rule that asks one thing of a `Policy`. Its verdict is
taken three times: with policyuniverse itself, with the module that rulec ships (in CPython), and by `rulec match`. Exit status:
1 where two of them differ.
"""

import argparse
import collections
import importlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from panther_core.enriched_event import PantherEvent

SHIPPED = pathlib.Path(__file__).parents[3] / "src/frontend/panther/packages"

QUESTIONS = {
    "open": "any_open(policy)",
    "statement_open": "any([s.is_internet_accessible() for s in policy.statements])",
    "not_principal": "any(s.effect == 'Allow' and s.uses_not_principal() for s in policy.statements)",
    "anybody": "any(s.effect == 'Allow' and not s.condition_entries and ANY.intersection(s.principals) for s in policy.statements)",
    "anybody_else": "any('*' not in s.principals for s in policy.statements)",
    "actions": "any({'s3:*', '*'}.intersection(s.actions) for s in policy.statements)",
    "resources": "any('*' in s.resources for s in policy.statements)",
    "two_conditions": "any(len(s.condition_entries) == 2 for s in policy.statements)",
    "category": "any(c.category == 'organization' for s in policy.statements for c in s.condition_entries)",
    "value": "any(c.value == '*' for s in policy.statements for c in s.condition_entries)",
    "accounts": "any(s.condition_accounts for s in policy.statements)",
    "cidrs": "any('0.0.0.0/0' in s.condition_cidrs for s in policy.statements)",
    "condition_open": "any(s.is_condition_internet_accessible() for s in policy.statements)",
    "loop": "looped(policy)",
    "entries": "entries(policy)",
    "raw": "any(s.statement.get('Sid') == 'a' for s in policy.statements)",
}

RULE = """import json

from policyuniverse.policy import Policy

ANY = {{"*"}}


def any_open(policy):
    return policy.is_internet_accessible()


def looped(policy):
    for statement in policy.statements:
        if statement.effect != "Allow":
            continue
        if statement.condition_entries:
            continue
        if ANY.intersection(statement.principals) and ANY.intersection(statement.actions):
            return True
        if statement.uses_not_principal():
            return True
    return False


def limited(statement):
    for entry in statement.condition_entries:
        if entry.category == "organization":
            return True
        if "account" in getattr(entry, "key", "").lower() or entry.category == "account":
            return True
    return False


def entries(policy):
    for statement in policy.statements:
        if statement.effect != "Allow" or "*" not in statement.principals:
            continue
        if not limited(statement):
            return True
    return False


def rule(event):
    policy = Policy({policy})
    return {question}
"""

POLICIES = {"text": 'json.loads(event.get("text"))', "event": 'event.get("policy")'}

ACCOUNT = "123456789012"
ARNS = [
    "*",
    ACCOUNT,
    ACCOUNT * 2,
    "1234",
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:role/*",
    "arn:aws:iam::*:role/Hello",
    "arn:aws:iam:::role/x",
    "arn:aws:iam::cloudfront:user/x",
    "arn:aws:iam::aws:policy/x",
    "arn:aws:s3:::bucket",
    "arn:aws:s3::*:x",
    "arn:aws:iam::12:x",
    "arn:aws:iam::12:*",
    "arn:aws:sns:us-east-1:*:topic:a\nb",
    "arn:aws:iam::*:",
    "ec2.amazonaws.com",
    "ec2.amazonaws.com\n",
    "a.b.amazon.com",
    "s3.amazonaws.com",
    "x.y.z.amazonaws.com",
    "*.amazonaws.com",
    "svc.aws.internal",
    "svc-aws*internal",
    "a*",
    "",
]
ORGANIZATIONS = [
    "o-*", "*", "o-abc", "o-*/r-ab12/ou-ab12", "o-*/x", "x/o-*", "o-abc/r-*/ou-*", "o-*/r-a/ou-*/ou-b", "o-*/*/*", "o-*/r-1/",
    "o-*/r-1//", "o-*/r-1/ou-1/ou-2/*", "o-*/r-1/ou-1/zz", "o-a/x/o-*", "/o-*", "o-*/", "o-*/r-1/ou-*x/ou-2", "",
]
USERS = ["AROA:*", "AROA", "*", "", "A*B", "A*B*", "AIDA:x"]
CIDRS = ["0.0.0.0/0", "10.0.0.0/8", "::/0", "1.2.3.4", ""]
KEYS = {
    "aws:SourceArn": ARNS,
    "AWS:principalARN": ARNS,
    "aws:SourceOwner": [ACCOUNT, "*", ""],
    "aws:PrincipalAccount": [ACCOUNT, "1*"],
    "kms:CallerAccount": [ACCOUNT],
    "aws:PrincipalOrgID": ORGANIZATIONS,
    "aws:principalorgpaths": ORGANIZATIONS,
    "aws:userid": USERS,
    "aws:SourceIp": CIDRS,
    "aws:SourceVpc": ["vpc-1", "*"],
    "aws:sourcevpce": ["vpce-1"],
    "SAML:aud": ["https://signin.aws.amazon.com/saml"],
    "aws:Referer": ["*"],
    "aws:SecureTransport": ["true"],
    "": ["x"],
}
OPERATORS = [
    "StringEquals", "StringLike", "ArnLike", "ARNEquals", "ArnEqualsIfExists", "IpAddress", "StringNotEquals", "NotIpAddress",
    "ForAllValues:StringLike", "forAnyValue:ArnLike", "ForAllValuesString", "Bool", "stringequalsignorecase", "Null",
    "ForAllValue:StringEquals", "ForAnyValues:IpAddress", "ForAny:StringLike",
]
ODD = [None, 0, 5, True, False, "", "x", [], ["*"], [["*"]], {}, {"a": "b"}, [None], 1.5, [{"AWS": "*"}]]


class Policies:
    """Random policies, most of them well formed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.odd = 0.0

    def one(self):
        self.odd = self.random.choice([0.0, 0.0, 0.0, 0.02, 0.1])
        policy = {"Version": "2012-10-17"}
        if self.random.random() < 0.95:
            count = self.random.choice([1, 1, 1, 2, 3, 0])
            statements = [self.statement() for _ in range(count)]
            whole = self.random.random() < 0.2 and count == 1
            policy["Statement"] = self.maybe(statements[0] if whole else statements)
        return self.maybe(policy)

    def maybe(self, value):
        return self.random.choice(ODD) if self.random.random() < self.odd else value

    def some(self, values):
        if self.random.random() < 0.5:
            return self.maybe(self.random.choice(values))
        count = self.random.choice([0, 1, 1, 2, 3])
        return self.maybe([self.maybe(self.random.choice(values)) for _ in range(count)])

    def statement(self):
        chance = self.random.random
        statement = {"Sid": self.random.choice("ab")}
        if chance() < 0.97:
            statement["Effect"] = self.maybe("Allow" if chance() < 0.8 else self.random.choice(["Deny", "allow"]))
        if chance() < 0.85:
            statement["Principal"] = self.maybe(self.principal())
        if chance() < 0.15:
            statement["NotPrincipal"] = self.maybe({"AWS": "*"})
        if chance() < 0.9:
            statement["Action"] = self.some(["*", "s3:*", "kms:*", "s3:GetObject"])
        if chance() < 0.8:
            statement[self.random.choice(["Resource", "Resource", "NotResource"])] = self.some(["*", "arn:aws:s3:::b/*"])
        if chance() < 0.6:
            statement["Condition"] = self.maybe(self.condition())
        return self.maybe(statement)

    def principal(self):
        if self.random.random() < 0.4:
            return "*" if self.random.random() < 0.5 else self.some(ARNS)
        kinds = self.random.sample(["AWS", "Service", "Federated", "CanonicalUser"], self.random.choice([0, 1, 1, 2, 3]))
        return {kind: self.some(ARNS) for kind in kinds}

    def condition(self):
        operators = self.random.sample(OPERATORS, self.random.choice([0, 1, 1, 1, 2]))
        return {operator: self.maybe(self.keys()) for operator in operators}

    def keys(self):
        keys = self.random.sample(sorted(KEYS), self.random.choice([0, 1, 1, 2]))
        return {key: self.some(KEYS[key]) for key in keys}


def rules():
    for name, question in QUESTIONS.items():
        for kind, policy in POLICIES.items():
            yield f"{name}.{kind}", RULE.format(policy=policy, question=question)


def judge(texts, events):
    """The verdicts with the modules that are found now; an exception, or anything but a truth value, is no match."""
    for name in [name for name in sys.modules if name.split(".")[0] == "policyuniverse"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    verdicts = {}
    for name, text in texts.items():
        space = {}
        exec(compile(text, name, "exec"), space)
        found = []
        for event in events:
            try:
                verdict = space["rule"](PantherEvent(event, None))
                found.append(verdict if isinstance(verdict, bool) else False)
            except Exception:  # pylint: disable=broad-except
                found.append(None)
        verdicts[name] = found
    return verdicts


def compiled(rulec, texts, events):
    """The verdicts of `rulec match`, and the rules that it does not read."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = pathlib.Path(folder, name.replace(".", "_"))
            path.with_suffix(".py").write_text(text, encoding="utf-8")
            path.with_suffix(".yml").write_text(
                f"AnalysisType: rule\nRuleID: {name}\nEnabled: true\nFilename: {path.name}.py\nSeverity: Info\n"
                "LogTypes: [AWS.CloudTrail]\n",
                encoding="utf-8",
            )
        log = pathlib.Path(folder, "log.jsonl")
        log.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        command = [rulec, "match", folder, "--events", str(log), "--format", "json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        read = subprocess.run([rulec, "test", folder, "--format", "json"], capture_output=True, text=True, check=False)
        known = {rule for line in read.stdout.splitlines() for rule in json.loads(line).get("rules", ())}
        known |= {json.loads(line).get("rule") for line in read.stdout.splitlines()}
    verdicts = {name: [False] * len(events) for name in texts}
    for line in lines:
        for rule in line["rules"]:
            verdicts[rule][line["event"] - 1] = True
    return verdicts, set(texts) - known, run.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rulec", default=os.environ.get("RULEC", "rulec"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=2)
    arguments = parser.parse_args()
    policies = Policies(arguments.seed)
    events = []
    for _ in range(arguments.count):
        policy = policies.one()
        events.append({"policy": policy, "text": json.dumps(policy)})
    texts = dict(rules())
    theirs = judge(texts, events)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
        # Without this file the installed package would be found first.
        pathlib.Path(folder, "policyuniverse/__init__.py").touch()
        sys.path.insert(0, folder)
        ours = judge(texts, events)
        sys.path.pop(0)
    rulecs, unread, said = compiled(arguments.rulec, texts, events)
    counts, shown = collections.Counter(), collections.Counter()
    for name in texts:
        for at, event in enumerate(events):
            a, b, c = theirs[name][at], ours[name][at], rulecs[name][at]
            counts[f"policyuniverse {a}"] += 1
            different = []
            if a != b:
                different.append(f"the shipped module {b}")
            if name not in unread and bool(a) != c:
                different.append(f"rulec {c}")
            if different:
                counts["DIFFERENT"] += 1
                shown[name] += 1
                if shown[name] <= arguments.examples:
                    print(name, "policyuniverse", a, *different, json.dumps(event["policy"]))
    print(dict(counts), "different by question:", dict(shown), "not read:", sorted(unread))
    if unread:
        print(said[:3000])
    return 1 if counts["DIFFERENT"] else 0


if __name__ == "__main__":
    sys.exit(main())
