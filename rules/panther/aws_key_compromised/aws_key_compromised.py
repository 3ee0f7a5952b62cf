from cloudtrail_helpers import caller_name, cloudtrail_context

# Policies that only AWS attaches, to contain a user whose key it has found in public.
QUARANTINE_POLICIES = {
    "AWSExposedCredentialPolicy_DO_NOT_REMOVE",
    "AWSCompromisedKeyQuarantine",
    "AWSCompromisedKeyQuarantineV2",
    "AWSCompromisedKeyQuarantineV3",
}


def rule(event):
    # The parameters are an explicit null in records of calls that take none.
    request_params = event.get("requestParameters") or {}
    return (
        event.get("eventName") == "PutUserPolicy"
        and request_params.get("policyName") in QUARANTINE_POLICIES
    )


def title(event):
    key = event.deep_get("userIdentity", "accessKeyId", default="<unknown key>")
    return f"AWS has quarantined access key [{key}] of IAM user [{caller_name(event)}]"


def alert_context(event):
    context = cloudtrail_context(event)
    context["userName"] = event.deep_get("userIdentity", "userName")
    context["accessKeyId"] = event.deep_get("userIdentity", "accessKeyId")
    return context
