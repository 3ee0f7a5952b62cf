//! Walks through lists and questions about the first or the last item that has something: as predicates are, by reading the query
//! back, on events whose lists have none, one, equal and several items.

use rulec::analysis::Fidelity;
use rulec::eval;
use rulec::ir::{
    Condition, FieldPath, Function, Literal, LogSource, Metadata, Object, Operator, Predicate,
    Quantifier, Rule, Term,
};
use rulec::normalize::normalize;
use rulec::schema::{Crosswalk, LogSourceMap, rows};
use serde_json::{Value, json};

use super::{is_as_said, kql, read, row, selects};
use crate::read_back;

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn item(path: &str) -> Term {
    Term::Item {
        depth: 0,
        path: FieldPath::parse(path).unwrap(),
    }
}

fn walk(keys: &[&str], default: &Literal, mode: &str) -> Term {
    let keys = keys.iter().map(|key| Literal::Text((*key).to_owned()));
    Term::call(
        Function::Walk,
        [
            Term::Field(FieldPath::root()),
            Term::Literal(Literal::List(keys.collect())),
            Term::Literal(default.clone()),
            Term::text(mode),
        ],
    )
}

fn ask(subject: &Term, operator: Operator, object: Object) -> Condition {
    Predicate::new(subject.clone(), operator, object).into()
}

/// What a rule may ask of a value.
fn questions(subject: &Term) -> Vec<Condition> {
    let text = |text: &str| Object::Literal(Literal::Text(text.to_owned()));
    let mut asked = vec![
        ask(subject, Operator::Equals, text("x")),
        ask(subject, Operator::Equals, text("")),
        ask(
            subject,
            Operator::In,
            Object::List(vec![Literal::text("x"), Literal::text("y")]),
        ),
        ask(
            subject,
            Operator::Contains,
            Object::Texts(vec!["x".to_owned()]),
        ),
        ask(subject, Operator::IsTruthy, Object::None),
        ask(subject, Operator::IsPresent, Object::None),
        Condition::Items {
            quantifier: Quantifier::Some,
            list: subject.clone().into(),
            body: ask(&item(""), Operator::Equals, text("x")).into(),
        },
    ];
    let denied: Vec<Condition> = asked.iter().cloned().map(Condition::negate).collect();
    asked.extend(denied);
    asked
}

/// The lists that the events have.
fn lists() -> Vec<Option<Value>> {
    let named = |names: &[Option<&str>]| {
        let items = names
            .iter()
            .map(|name| json!({"type": "a", "displayName": name}));
        Some(Value::Array(items.collect()))
    };
    vec![
        None,
        Some(json!([])),
        Some(json!([{"type": "a"}])),
        Some(json!([{"type": "b", "displayName": "x"}, {"type": "a", "displayName": "y"}])),
        named(&[None, Some("x")]),
        named(&[Some("x")]),
        named(&[Some("")]),
        named(&[Some("xy")]),
        named(&[Some("x"), Some("x")]),
        named(&[Some("y"), Some("x")]),
        named(&[Some("x"), Some("y"), Some("x")]),
    ]
}

fn check(source: &LogSourceMap, condition: Condition, events: &[Value], exact: &mut usize) -> bool {
    let table = source.preferred_table().unwrap();
    let mut rule = Rule::new(Metadata::default());
    "case".clone_into(&mut rule.metadata.name);
    rule.log_sources = vec![LogSource::known(&source.id)];
    rule.selection = condition;
    let rule = normalize(rule);
    let translation = read_back::export(&rule, kql());
    let Some(artifact) = translation.artifacts.first() else {
        return false;
    };
    let fidelity = translation.report.condition();
    *exact += usize::from(fidelity == Fidelity::Exact);
    let read = read(&artifact.text);
    for event in events {
        let row = row(table, event);
        let before = eval::matches(&rule, event);
        let after = selects(&read, rows::event(source, table, &row));
        assert!(
            is_as_said(fidelity, before, after),
            "{}: {before}, then {after} ({fidelity:?}) on {event}\n{}",
            rule.selection,
            artifact.text
        );
    }
    true
}

fn events() -> Vec<Value> {
    let with = |list: Option<Value>| match list {
        Some(list) => json!({"eventType": "system.api_token.create", "target": list}),
        None => json!({"eventType": "system.api_token.create"}),
    };
    lists().into_iter().map(with).collect()
}

#[test]
fn a_walk_says_the_same_of_an_event_and_of_its_row() {
    let source = Crosswalk::builtin().get("okta.system").unwrap();
    let (events, mut written, mut exact) = (events(), 0, 0);
    for mode in ["all", "first", "last"] {
        for default in [
            Literal::Null,
            Literal::List(Vec::new()),
            Literal::text(""),
            Literal::text("x"),
        ] {
            for condition in questions(&walk(&["target", "displayName"], &default, mode)) {
                written += usize::from(check(source, condition, &events, &mut exact));
            }
        }
    }
    assert!(written > 100, "{written}");
    assert!(exact > 60, "{exact}");
}

#[test]
fn one_item_of_a_list_says_the_same_of_an_event_and_of_its_row() {
    let source = Crosswalk::builtin().get("okta.system").unwrap();
    let (events, mut written, mut exact) = (events(), 0, 0);
    let kind = ask(
        &item("type"),
        Operator::Equals,
        Object::Literal(Literal::text("a")),
    );
    for when in [kind, Condition::TRUE] {
        for position in [0, -1] {
            let select = Term::Select {
                list: field("target").into(),
                when: when.clone().into(),
                item: item("displayName").into(),
            };
            let position = Term::Literal(Literal::Integer(position));
            let one = Term::call(Function::Item, [select, position]);
            for condition in questions(&one) {
                written += usize::from(check(source, condition, &events, &mut exact));
            }
        }
    }
    assert!(written > 40, "{written}");
    assert!(exact > 20, "{exact}");
}
