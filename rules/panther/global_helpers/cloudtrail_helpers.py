"""What the alerts of every CloudTrail rule have in common."""


def cloudtrail_context(event):
    """Who called what, from where: the part of the record that an analyst reads first."""
    return {
        "eventName": event.get("eventName"),
        "eventSource": event.get("eventSource"),
        "awsRegion": event.get("awsRegion"),
        "recipientAccountId": event.get("recipientAccountId"),
        "sourceIPAddress": event.get("sourceIPAddress"),
        "userAgent": event.get("userAgent"),
        "userIdentity": event.get("userIdentity"),
    }


def caller_name(event):
    """The name of the IAM user behind the call; roles and the root user have none."""
    return event.deep_get("userIdentity", "userName", default="<unknown user>")
