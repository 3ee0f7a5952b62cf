from ipaddress import ip_address

from cloudtrail_helpers import caller_name, cloudtrail_context

# Calls that only look around, by the service that they look at.
RECON_VERBS = {
    "dynamodb": ["List", "Describe", "Get"],
    "ec2": ["Describe", "Get"],
    "iam": ["List", "Get"],
    "s3": ["List", "Get"],
    "rds": ["Describe", "List"],
}

# The console signs the calls that it makes for a signed-in user with this agent.
CONSOLE_AGENT = "aws-internal/3"


def is_ip_address(value):
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def is_recon_call(event):
    source = event.get("eventSource")
    name = event.get("eventName")
    for service, verbs in RECON_VERBS.items():
        if not source.startswith(service):
            continue
        for verb in verbs:
            if name.startswith(verb):
                return True
    return False


def rule(event):
    if event.get("errorCode") != "AccessDenied":
        return False
    if event.deep_get("userIdentity", "type") != "IAMUser":
        return False
    if event.get("userAgent").startswith(CONSOLE_AGENT):
        return False

    # A service that acts for the user reports its host name here instead of an address.
    if not is_ip_address(event.get("sourceIPAddress")):
        return False

    return is_recon_call(event)


def title(event):
    account = event.get("recipientAccountId", "<unknown account>")
    return f"IAM user [{caller_name(event)}] is denied reconnaissance calls in account [{account}]"


def dedup(event):
    return event.deep_get("userIdentity", "arn", default="")


def alert_context(event):
    return cloudtrail_context(event)
