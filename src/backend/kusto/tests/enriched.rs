//! Questions after what was looked up for an event.

use serde_json::json;

use super::lists::{equals, item, some};
use super::{field, literal, not, query, rule};
use crate::analysis::Fidelity;
use crate::diagnostic::Code;
use crate::eval;
use crate::ir::{Condition, LogSource, Object, Operator, Predicate, Term};

const FOUND: &str = "p_enrichment.lists.p_any_ip_addresses";

fn denied() -> Condition {
    literal("errorCode", Operator::Equals, "AccessDenied").into()
}

fn truthy(path: &str) -> Predicate {
    Predicate::new(field(path), Operator::IsTruthy, Object::None)
}

/// What was looked up holds an item of the name.
fn found(name: &str) -> Condition {
    Condition::from(truthy(FOUND)).and(some(FOUND, equals(item("id"), name)))
}

#[test]
fn an_exclusion_by_what_was_looked_up_is_left_out_as_wider() {
    let whole = denied().and(found("own").negate());
    let (text, report) = query(&rule(whole.clone()));
    assert_eq!(
        text.unwrap(),
        "AWSCloudTrail\n| where ErrorCode == \"AccessDenied\"\n"
    );
    assert_eq!(report.condition(), Fidelity::Wider);
    let codes: Vec<Code> = report.diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::Enriched]);
    // What is written matches wherever the rule does, and elsewhere only where something was looked up.
    for list in [
        json!(null),
        json!([]),
        json!([{"id": "own"}]),
        json!([{"id": "x"}]),
        json!("own"),
    ] {
        let event = json!({"errorCode": "AccessDenied", "p_enrichment": {"lists": {"p_any_ip_addresses": list}}});
        assert!(
            eval::holds(&denied(), &event) || !eval::holds(&whole, &event),
            "{event}"
        );
    }
    let plain = json!({"errorCode": "AccessDenied"});
    assert!(eval::holds(&whole, &plain));
}

#[test]
fn what_has_to_be_looked_up_is_refused() {
    let either = found("own").or(literal("eventName", Operator::Equals, "x").into());
    for asked in [found("own"), truthy(FOUND).into(), either] {
        let (text, report) = query(&rule(denied().and(asked)));
        assert_eq!(text, None);
        assert!(
            report
                .diagnostics
                .iter()
                .any(|one| one.code == Code::UnmappedField)
        );
    }
}

#[test]
fn nothing_is_left_of_a_rule_that_asks_for_nothing_else() {
    let (text, _) = query(&rule(not(truthy(FOUND))));
    assert_eq!(text, None);
}

#[test]
fn a_column_for_what_has_none_holds_nothing_that_is_looked_up() {
    let verb = || Condition::from(literal("verb", Operator::Equals, "get"));
    let of_cluster = |asked: Condition| {
        let mut rule = rule(verb().and(asked));
        rule.log_sources = vec![LogSource::known("k8s.audit")];
        query(&rule)
    };
    let (text, report) = of_cluster(found("own").negate());
    let written = "AWSEKSLogs\n| where Verb == \"get\"\n| extend AccountName = ";
    assert!(text.unwrap().starts_with(written));
    assert_eq!(report.condition(), Fidelity::Wider);
    let any = Term::field(["p_any_ip_addresses"]);
    let any = Predicate::new(any, Operator::IsTruthy, Object::None);
    assert_eq!(of_cluster(any.into()).0, None);
}
