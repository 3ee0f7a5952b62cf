"""What the statements of an IAM policy grant together."""

from policyuniverse.statement import Statement, listed


class Policy:
    """A policy document as a dictionary: a `Statement`, or a list of them."""

    def __init__(self, policy):
        self.policy = policy
        self.statements = [Statement(part) for part in listed(policy.get("Statement", []))]

    @property
    def principals(self):
        return {who for part in self.statements for who in part.principals}

    @property
    def condition_entries(self):
        return {entry for part in self.statements for entry in part.condition_entries}

    def is_internet_accessible(self):
        for part in self.statements:
            if part.is_internet_accessible():
                return True
        return False

    def internet_accessible_actions(self):
        return {
            action
            for part in self.statements
            if part.is_internet_accessible()
            for action in part.actions
        }

    def whos_allowed(self):
        return {
            who
            for part in self.statements
            if part.effect == "Allow"
            for who in part.whos_allowed()
        }

    def action_summary(self):
        from policyuniverse.action_categories import categories_for_actions

        return categories_for_actions(self)
