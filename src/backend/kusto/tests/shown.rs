//! Values that an alert shows to expressions: input and output pairs.

use super::{field, literal};
use crate::backend::kusto::aggregate::{function_of, is_of_groups, set_of};
use crate::backend::kusto::entries::{keys, of};
use crate::backend::kusto::place::Place;
use crate::backend::kusto::term::Scope;
use crate::ir::{
    Aggregate, Case, Condition, Function, Literal, Object, Operator, Predicate, Shared, Term,
};
use crate::schema::Crosswalk;

fn shown(term: &Term) -> String {
    let (source, table) = Crosswalk::builtin().by_table("AWSCloudTrail").unwrap();
    let mut scope = Scope::rows(Place::known(source, table));
    scope.set_lenient(true);
    scope.shown(term).unwrap().text()
}

fn list<const N: usize>(parts: [Term; N]) -> Term {
    Term::call(Function::List, parts)
}

fn choice(when: impl Into<Condition>, then: Term, otherwise: Term) -> Term {
    Term::Choice {
        cases: [Case {
            when: when.into(),
            then,
        }]
        .into(),
        otherwise: Shared::new(otherwise),
    }
}

fn truthy(path: &str) -> Predicate {
    Predicate::new(field(path), Operator::IsTruthy, Object::None)
}

fn nothing() -> Term {
    Term::Literal(Literal::List(Vec::new()))
}

#[test]
fn entries_are_objects() {
    let entry = |key: &str, path: &str| list([Term::text(key), field(path)]);
    let first = list([entry("a", "eventName")]);
    let chosen = |path: &str| {
        let when = literal("eventName", Operator::Equals, "x");
        choice(when, list([entry("b", path)]), nothing())
    };
    for (entries, expected) in [
        (nothing(), "dynamic({})"),
        (first.clone(), r#"bag_pack("a", EventName)"#),
        (
            Term::call(
                Function::Append,
                [first.clone(), list([entry("c", "errorCode")])],
            ),
            r#"bag_pack("a", EventName, "c", ErrorCode)"#,
        ),
        (
            Term::call(Function::Append, [first.clone(), chosen("errorCode")]),
            r#"bag_merge(bag_pack("a", EventName), iff(EventName == "x", bag_pack("b", ErrorCode), dynamic({})))"#,
        ),
        // What is there under one condition is one object.
        (
            Term::call(
                Function::Append,
                [chosen("errorCode"), chosen("errorMessage")],
            ),
            r#"iff(EventName == "x", bag_pack("b", ErrorCode, "b", ErrorMessage), dynamic({}))"#,
        ),
    ] {
        assert_eq!(shown(&of(&entries)), expected);
    }
    assert_eq!(keys(&first), Some(vec!["a"]));
    assert_eq!(
        keys(&list([entry("a", "eventName"), entry("a", "errorCode")])),
        None
    );
    assert_eq!(
        keys(&list([list([field("eventName"), Term::text("a")])])),
        None
    );
}

#[test]
fn values_are_worded_as_python_does() {
    let call = |function, path: &str| Term::call(function, [field(path)]);
    for (term, expected) in [
        (
            call(Function::Quoted, "eventName"),
            r#"iff(isempty(EventName), "None", strcat("'", EventName, "'"))"#,
        ),
        (
            call(Function::Words, "eventName"),
            r#"coalesce(extract_all(@"(\S+)", EventName), dynamic([]))"#,
        ),
        (
            Term::call(
                Function::Format,
                [Term::Literal(Literal::Integer(1_234)), Term::text(",")],
            ),
            r#"replace_string(trim_start(",", reverse(replace_regex(reverse(tostring(1234)), @"(\d{3})", @"\1,"))), "-,", "-")"#,
        ),
    ] {
        assert_eq!(shown(&term), expected);
    }
}

#[test]
fn a_choice_that_asks_for_its_value_is_the_first_that_is_there() {
    let text = |text: &str| Term::text(text);
    for (term, expected) in [
        (
            choice(truthy("errorCode"), field("errorCode"), text("none")),
            r#"coalesce(ErrorCode, "none")"#,
        ),
        (
            choice(truthy("errorCode"), field("errorCode"), text("")),
            "ErrorCode",
        ),
        (
            choice(
                truthy("errorCode"),
                field("errorCode"),
                field("errorMessage"),
            ),
            "coalesce(ErrorCode, ErrorMessage)",
        ),
        // What asks for something else is a choice.
        (
            choice(truthy("errorCode"), field("errorMessage"), text("none")),
            r#"iff(isnotempty(ErrorCode), ErrorMessage, "none")"#,
        ),
    ] {
        assert_eq!(shown(&term), expected);
    }
}

#[test]
fn aggregates_have_kustos_names() {
    for (aggregate, expected) in [
        (Aggregate::Count, "count"),
        (Aggregate::DistinctCount, "dcount"),
        (Aggregate::MakeSet, "make_set"),
        (Aggregate::MakeList, "make_list"),
        (Aggregate::Sum, "sum"),
        (Aggregate::Average, "avg"),
        (Aggregate::Min, "min"),
        (Aggregate::Max, "max"),
        (Aggregate::TakeAny, "take_any"),
    ] {
        assert_eq!(function_of(aggregate, None).0, expected);
    }
    let name = field("eventName");
    assert!(!is_of_groups(&name));
    assert!(is_of_groups(&Term::call(Function::Lower, [set_of(&name)])));
    assert!(is_of_groups(&choice(
        truthy("eventName"),
        name.clone(),
        set_of(&name)
    )));
    assert!(!is_of_groups(&choice(
        truthy("eventName"),
        name.clone(),
        name
    )));
}
