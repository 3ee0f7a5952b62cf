//! Policies ask what time it is; the time of the scan is the caller's.

use serde_json::json;

use super::{POLICY, rule_of};
use crate::eval;
use crate::ir::Rule;

/// The 29th of February 2024, 13:14:15.
const NOW: i64 = 1_709_212_455_000_000;

fn policy(body: &str) -> Rule {
    let python = format!(
        "import time\nfrom datetime import datetime, timedelta, timezone\nfrom dateutil import parser\n\
         def policy(resource):\n    a = resource.get('a')\n    return {body}\n"
    );
    rule_of(POLICY, &python)
}

#[test]
fn a_policy_knows_the_time_of_the_scan() {
    for (body, resource, alerts) in [
        (
            "datetime.now() - datetime.strptime(a, '%Y-%m-%d') <= timedelta(days=90)",
            json!({"a": "2024-01-01"}),
            false,
        ),
        (
            "datetime.now() - datetime.strptime(a, '%Y-%m-%d') <= timedelta(days=90)",
            json!({"a": "2023-11-01"}),
            true,
        ),
        (
            "parser.parse(a) > datetime.utcnow()",
            json!({"a": "13:14:16"}),
            false,
        ),
        (
            "parser.parse(a) > datetime.utcnow()",
            json!({"a": "13:14:14"}),
            true,
        ),
        // A time with a zone cannot be compared with one without: neither in order nor an alert.
        (
            "parser.parse(a) > datetime.utcnow()",
            json!({"a": "13:14:14Z"}),
            false,
        ),
        (
            "parser.parse(a) > datetime.now(timezone.utc)",
            json!({"a": "13:14:14Z"}),
            true,
        ),
        (
            "parser.parse(a) > datetime.now(timezone.utc)",
            json!({"a": "13:14:16Z"}),
            false,
        ),
        (
            "parser.parse(a) > datetime.now(timezone.utc)",
            json!({"a": "14:14:16+01:00"}),
            false,
        ),
        // An offset of a day and more cannot be used.
        (
            "parser.parse(a) > datetime.now(timezone.utc)",
            json!({"a": "13:14:14+99:00"}),
            false,
        ),
        (
            "datetime.fromtimestamp(a) > datetime.now()",
            json!({"a": 1_709_212_456}),
            false,
        ),
        (
            "datetime.fromtimestamp(a) > datetime.now()",
            json!({"a": 1_709_212_454}),
            true,
        ),
        ("time.time() < a", json!({"a": 1_709_212_456}), false),
        ("time.time() < a", json!({"a": 1_709_212_455}), true),
    ] {
        let rule = policy(body);
        assert_eq!(
            eval::matches_at(&rule, &resource, NOW),
            alerts,
            "{body} {resource}"
        );
    }
}
