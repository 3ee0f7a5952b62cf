//! What a row tells of an event, and what it does not.

use super::*;
use crate::ir::Case;

#[test]
fn a_row_shows_one_value_for_what_is_missing_null_or_empty() {
    let table = World {
        rule: Some(at("aws.cloudtrail", "AWSCloudTrail")),
        columns: true,
        ..World::default()
    };
    let told = World {
        told: true,
        ..table
    };
    let or = |function, name: &str| Term::call(function, [field(name), Term::text("none")]);
    let filled = |name: &str| Term::Choice {
        cases: [Case {
            when: there(field(name), Operator::IsFilled),
            then: field(name),
        }]
        .into(),
        otherwise: Term::text("none").into(),
    };
    for function in [Function::Coalesce, Function::IfMissing] {
        let shows = |world, name: &str| {
            Alike::new(&Condition::TRUE, world)
                .is_shown_alike(&or(function, "eventName"), &filled(name))
        };
        assert!(shows(told, "EventName"), "{function:?}");
        assert!(!shows(told, "EventSource"), "{function:?}");
        assert!(!shows(table, "EventName"), "{function:?}");
    }
    // What lies within a column is no column.
    let inner = or(Function::Coalesce, "requestParameters.name");
    let within = Term::call(Function::ParseJson, [field("RequestParameters")]);
    let within = Term::call(Function::Member, [within, Term::text("name")]);
    let read = Term::Choice {
        cases: [Case {
            when: there(within.clone(), Operator::IsFilled),
            then: within,
        }]
        .into(),
        otherwise: Term::text("none").into(),
    };
    assert!(!Alike::new(&Condition::TRUE, told).is_shown_alike(&inner, &read));
}
