"""What one statement of an IAM policy grants, to whom, and under which conditions.

The grammar is that of the AWS documentation ("IAM JSON policy elements"); what counts as open to everybody is what the package
of this name takes for it.
"""

import re
from collections import namedtuple
from collections.abc import Mapping, Sequence

PrincipalTuple = namedtuple("Principal", "category value")
ConditionTuple = namedtuple("Condition", "category value")

# Condition keys that say who may use a grant, in lower case, and what they compare.
LIMITING_KEYS = {
    "aws:principalaccount": "account",
    "aws:sourceaccount": "account",
    "aws:sourceowner": "account",
    "kms:calleraccount": "account",
    "aws:principalarn": "arn",
    "aws:sourcearn": "arn",
    "aws:sourceip": "cidr",
    "aws:principalorgid": "organization",
    "aws:principalorgpaths": "organization",
    "saml:aud": "saml-endpoint",
    "aws:userid": "userid",
    "aws:sourcevpc": "vpc",
    "aws:sourcevpce": "vpce",
}

# The beginnings of condition operators that limit a grant. A negated operator hardly does.
LIMITING_OPERATOR = re.compile(
    r"(?:(?:ForAllValues|ForAnyValue):)?(?:ARN(?:Equals|Like)|String(?:Equals|Like)|IpAddress)",
    re.IGNORECASE,
)

# A resource name with an account; one of S3; one whose account is missing or any.
ARN = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:(?:\*|\d{12}|cloudfront|aws)?:.+$")
ARN_OF_S3 = re.compile(r"^arn:[^:]*:s3:")
ARN_OF_ANY = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:\*?:")
# What else names somebody: an account, a service.
ACCOUNT = re.compile(r"^(?:\d{12})+$")
SERVICE = re.compile(r"^[^.]+(?:.[^.]+)?\.amazon(?:aws)?\.com$")
INTERNAL_SERVICE = re.compile(r"^[^.]+.aws.internal$")

# An organization, then a root, then its units, of which the last may be any.
ORGANIZATION_PATH = re.compile(
    r"(?:o-[^/]*|\*)(?:/(?:r-[^/]*|\*)(?:/ou-(?:[^/*][^/]*|\*[^/]+)?)*(?:/(?:\*|ou-\*)?)?)?"
)


def listed(value):
    """A list as it is, anything else as the only item of one."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return value
    return [value]


def names_anybody(arn):
    """Whether a principal, or a resource name that a condition asks for, leaves the account open."""
    if arn == "*":
        return True
    if ARN.search(arn):
        return not ARN_OF_S3.search(arn) and bool(ARN_OF_ANY.search(arn))
    if ACCOUNT.search(arn) or SERVICE.search(arn) or INTERNAL_SERVICE.search(arn):
        return False
    return "*" in arn


def names_any_organization(path):
    organization = path.split("/")[0]
    if ORGANIZATION_PATH.fullmatch(path):
        return organization == "o-*"
    return "o-*" in path


def names_any_user(userid):
    """A wildcard at the end stands for the name of a session only."""
    return not (userid == "" or userid.endswith("*") and "*" not in userid[:-1])


class Statement:
    """A statement as a dictionary with `Effect`, `Principal`, `Action`, `Resource`, `Condition`."""

    def __init__(self, statement):
        self.statement = statement
        self.condition_entries = self._condition_entries()
        self.principals = self._principals()
        self.actions = self._actions()

    @property
    def effect(self):
        return self.statement.get("Effect")

    @property
    def resources(self):
        if "NotResource" in self.statement:
            return {"*"}
        return set(listed(self.statement.get("Resource")))

    def uses_not_principal(self):
        return "NotPrincipal" in self.statement

    def _actions(self):
        actions = self.statement.get("Action")
        return set(listed(actions)) if actions else set()

    def _principals(self):
        named = self.statement.get("Principal")
        if not named:
            return set()
        if not isinstance(named, Mapping):
            return set(listed(named))
        found = set()
        for kind in ("AWS", "Service", "Federated"):
            if kind in named:
                found.update(listed(named[kind]))
        return found

    def _condition_entries(self):
        block = self.statement.get("Condition")
        if not block:
            return []
        return [
            ConditionTuple(category=LIMITING_KEYS.get(key.lower()), value=value)
            for operator, keys in block.items()
            if LIMITING_OPERATOR.match(operator)
            for key, wanted in keys.items()
            if key.lower() in LIMITING_KEYS
            for value in listed(wanted)
        ]

    def _values(self, category):
        return {entry.value for entry in self.condition_entries if entry.category == category}

    @property
    def condition_accounts(self):
        return self._values("account")

    @property
    def condition_arns(self):
        return self._values("arn")

    @property
    def condition_cidrs(self):
        return self._values("cidr")

    @property
    def condition_orgpaths(self):
        return self._values("organization")

    @property
    def condition_userids(self):
        return self._values("userid")

    @property
    def condition_vpcs(self):
        return self._values("vpc")

    @property
    def condition_vpces(self):
        return self._values("vpce")

    def whos_allowed(self):
        who = {PrincipalTuple("principal", principal) for principal in self.principals}
        return who | set(self.condition_entries)

    def is_internet_accessible(self):
        if self.effect != "Allow" or not self.is_condition_internet_accessible():
            return False
        if self.uses_not_principal():
            return True
        for who in self.principals:
            if names_anybody(who):
                return True
        return False

    def is_condition_internet_accessible(self):
        if not self.condition_entries:
            return True
        for entry in self.condition_entries:
            if self._is_open(entry):
                return True
        return False

    def _is_open(self, entry):
        if entry.category == "arn":
            return names_anybody(entry.value)
        if entry.category == "organization":
            return names_any_organization(entry.value)
        if entry.category == "userid":
            return names_any_user(entry.value)
        if entry.category == "cidr":
            return entry.value.endswith("/0")
        return "*" in entry.value

    # The names of the actions, their categories, and the parsed organization paths are read from tables and classes that are
    # not here.

    @property
    def actions_expanded(self):
        from policyuniverse.expander_minimizer import get_actions_from_statement

        return set(get_actions_from_statement(self.statement))

    def action_summary(self):
        from policyuniverse.action_categories import categories_for_actions

        return categories_for_actions(self.actions_expanded)

    @property
    def condition_orgids(self):
        from policyuniverse.organization import Organization

        found = self._values("organization")
        return {Organization(path).organization for path in found}
