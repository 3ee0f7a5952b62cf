//! What is proved equal of events of any source, and of those of one. That nothing else is proved is asked of random conditions
//! (`tests/integration/meaning.rs`).

use super::*;
use crate::ir::{FieldPath, Function, Kind, Literal, Object, Operator};
use crate::schema::Crosswalk;

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn item(path: &str) -> Term {
    Term::Item {
        depth: 0,
        path: FieldPath::parse(path).unwrap_or_default(),
    }
}

fn asks(subject: Term, operator: Operator, object: Object) -> Condition {
    Predicate::new(subject, operator, object).into()
}

fn eq(subject: Term, value: &str) -> Condition {
    asks(
        subject,
        Operator::Equals,
        Object::Literal(Literal::text(value)),
    )
}

fn is(subject: Term, kind: Kind) -> Condition {
    asks(subject, Operator::IsKind, Object::Kinds(vec![kind]))
}

fn there(subject: Term, operator: Operator) -> Condition {
    asks(subject, operator, Object::None)
}

fn texts(subject: Term, operator: Operator, values: &[&str]) -> Condition {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    asks(subject, operator, Object::Texts(values))
}

fn some(list: &str, body: Condition) -> Condition {
    Condition::Items {
        quantifier: Quantifier::Some,
        list: field(list).into(),
        body: body.into(),
    }
}

fn number(subject: Term, operator: Operator, value: i64) -> Condition {
    asks(subject, operator, Object::Literal(Literal::Integer(value)))
}

#[test]
fn one_meaning_has_many_forms() {
    let split = || Term::call(Function::Split, [field("a"), Term::text("_")]);
    let part = || {
        Term::call(
            Function::Item,
            [split(), Term::Literal(Literal::Integer(1))],
        )
    };
    let long = Term::call(Function::Length, [split()]);
    for (first, second) in [
        // Guards, order, distribution.
        (
            is(field("a"), Kind::Text).and(eq(field("a"), "x")),
            eq(field("a"), "x"),
        ),
        (
            eq(field("a"), "x").and(eq(field("b"), "y")),
            eq(field("b"), "y").and(eq(field("a"), "x")),
        ),
        (
            eq(field("a"), "x").and(eq(field("b"), "y").or(eq(field("c"), "z"))),
            eq(field("c"), "z")
                .and(eq(field("a"), "x"))
                .or(eq(field("b"), "y").and(eq(field("a"), "x"))),
        ),
        // A value that is there and not null, by its kinds.
        (
            there(field("a"), Operator::IsPresent),
            there(field("a"), Operator::Exists).and(is(field("a"), Kind::Null).negate()),
        ),
        (
            is(field("a"), Kind::Object).and(eq(field("a.b"), "x")),
            eq(field("a.b"), "x"),
        ),
        // The case of letters, patterns.
        (
            asks(
                field("a"),
                Operator::Equals,
                Object::Literal(Literal::text("ADMIN")),
            )
            .map(&mut |node| match node {
                Condition::Test(predicate) => Some(predicate.as_ref().clone().ignore_case().into()),
                _ => None,
            }),
            eq(Term::call(Function::Lower, [field("a")]), "admin"),
        ),
        (
            texts(field("a"), Operator::Wildcard, &["*x*"]),
            texts(field("a"), Operator::Contains, &["x"]),
        ),
        (
            texts(field("a"), Operator::Matches, &["(?i)a|b"]),
            texts(field("a"), Operator::Matches, &["(?i:a|b)"]),
        ),
        // Items of lists.
        (
            asks(
                field("a[].b"),
                Operator::In,
                Object::List(vec![Literal::text("x"), Literal::text("y")]),
            ),
            some("a", eq(item("b"), "y").or(eq(item("b"), "x"))),
        ),
        (
            is(field("a"), Kind::List).and(some("a", eq(item("b"), "x"))),
            some("a", eq(item("b"), "x")),
        ),
        // What is computed, and the guards that keep Python from raising.
        (
            eq(part(), "x"),
            number(long.clone(), Operator::GreaterThan, 1).and(eq(part(), "x")),
        ),
        (
            is(field("a"), Kind::Text).and(eq(part(), "x")),
            eq(part(), "x"),
        ),
        (
            number(
                Term::call(Function::Length, [field("a")]),
                Operator::GreaterThan,
                0,
            ),
            there(field("a"), Operator::IsTruthy).and(
                is(field("a"), Kind::Text)
                    .or(is(field("a"), Kind::List))
                    .or(is(field("a"), Kind::Object)),
            ),
        ),
        (
            number(field("a"), Operator::LessThan, 3).and(number(field("a"), Operator::AtLeast, 3)),
            Condition::FALSE,
        ),
    ] {
        assert!(are_equal(&first, &second), "{first}\n{second}");
    }
}

#[test]
fn another_meaning_is_not_proved() {
    for (first, second) in [
        (eq(field("a"), "x"), eq(field("a"), "X")),
        (
            is(field("a"), Kind::Text),
            there(field("a"), Operator::IsPresent),
        ),
        (
            eq(field("a"), "x").negate(),
            there(field("a"), Operator::Exists).and(eq(field("a"), "x").negate()),
        ),
        (
            some("a", eq(item("b"), "x").and(eq(item("c"), "y"))),
            some("a", eq(item("b"), "x")).and(some("a", eq(item("c"), "y"))),
        ),
        (
            number(field("a"), Operator::LessThan, 3),
            number(field("a"), Operator::AtLeast, 3).negate(),
        ),
        (
            texts(field("a"), Operator::Wildcard, &["a?"]),
            texts(field("a"), Operator::StartsWith, &["a"]),
        ),
    ] {
        assert!(!are_equal(&first, &second), "{first}\n{second}");
    }
}

#[test]
fn a_log_source_says_more() {
    let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
    let typed = World {
        rule: Some((source, None)),
        read: Some((source, None)),
    };
    let present = there(field("eventName"), Operator::IsPresent);
    let text = is(field("eventname"), Kind::Text);
    assert!(
        is_equal(&present, &text, typed),
        "a text in another spelling of its key"
    );
    assert!(!are_equal(&present, &text));
    let logged = eq(field("p_log_type"), "AWS.CloudTrail");
    assert!(is_equal(&logged, &Condition::TRUE, typed));
    assert!(!is_equal(&logged, &Condition::FALSE, typed));
}
