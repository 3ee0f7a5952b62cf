//! What is made of small conditions, and that the goals are met.

use serde_json::json;

use super::*;
use crate::ir::{Function, Literal, Object, Operator, Predicate, Quantifier, Shared, Term};

fn texts(path: &str, operator: Operator, texts: &[&str]) -> Condition {
    let object = Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    Predicate::new(field(path), operator, object)
        .ignore_case()
        .into()
}

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn equals(path: &str, literal: Literal) -> Condition {
    Predicate::new(field(path), Operator::Equals, Object::Literal(literal)).into()
}

fn events(condition: &Condition) -> Vec<Value> {
    let made = synthesise(condition, &Limits::default());
    for event in &made.events {
        assert_eq!(eval::holds(condition, &event.event), event.matches);
    }
    made.events.into_iter().map(|made| made.event).collect()
}

/// Nothing is unmet, and every leaf decides in both ways.
fn complete(condition: &Condition) -> Synthesis {
    let made = synthesise(condition, &Limits::default());
    assert_eq!(made.unmet, [], "{condition}");
    for (predicate, negated) in condition.predicates() {
        let leaf = Condition::Test(predicate.clone()).to_string();
        for holds in [true, false] {
            let purpose = Purpose::Decides {
                leaf: leaf.clone(),
                holds,
            };
            let event = made.events.iter().find(|made| made.purpose == purpose);
            if let Some(event) = event {
                assert_eq!(event.matches, holds != negated, "{leaf}: {}", event.event);
            }
        }
    }
    made
}

#[test]
fn a_leaf_decides_in_both_ways() {
    let image = texts("Image", Operator::EndsWith, &["\\cmd.exe", "\\sh.exe"]);
    let line = texts("Line", Operator::Contains, &["-enc"]);
    let user = texts("User", Operator::StartsWith, &["NT "]);
    let made = complete(&image.and(line).and(user.negate()));
    let hits: Vec<&Value> = made.hits().map(|made| &made.event).collect();
    assert!(hits.contains(&&json!({"Image": "\\cmd.exe", "Line": "-enc"})) || hits.len() > 2);
    let near = json!({"Image": "\\cmd.exe", "Line": "-en"});
    let misses = made.events.iter().filter(|made| !made.matches);
    let near = |made: &Synthetic| made.event["Line"] == near["Line"];
    assert!(misses.clone().any(near));
    assert!(misses.clone().any(|made| made.event["User"] == "NT "));
}

#[test]
fn questions_about_one_text_are_answered_together() {
    let path = "Line";
    let condition = texts(path, Operator::StartsWith, &["net"])
        .and(texts(path, Operator::Contains, &[" user ", " group "]))
        .and(texts(path, Operator::EndsWith, &["/add"]))
        .and(texts(path, Operator::Contains, &["domain"]).negate())
        .and(texts(path, Operator::Matches, &["[0-9]{4}"]));
    complete(&condition);
}

#[test]
fn contradictions_are_said() {
    let condition = equals("a", Literal::text("x")).and(equals("a", Literal::text("y")));
    let made = synthesise(&condition, &Limits::default());
    assert!(made.hits().next().is_none());
    assert!(
        made.unmet
            .iter()
            .all(|unmet| unmet.reason == Reason::NoValue)
    );
    assert!(!made.unmet.is_empty());
}

#[test]
fn alternatives_within_alternatives_are_reached() {
    let pair =
        |a: i64, b: i64| equals("a", Literal::Integer(a)).and(equals("b", Literal::Integer(b)));
    let made = complete(&pair(1, 2).or(pair(3, 4)).or(pair(5, 6)));
    for event in [
        json!({"a": 1, "b": 2}),
        json!({"a": 3, "b": 4}),
        json!({"a": 5, "b": 6}),
    ] {
        assert!(made.hits().any(|made| made.event == event), "{event}");
    }
    assert!(
        made.events
            .iter()
            .any(|made| !made.matches && made.event == json!({"a": 1, "b": 3}))
    );
}

#[test]
fn every_listed_value_has_a_hit() {
    let values: Vec<String> = (0..50).map(|at| format!("tool{at}.exe")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let made = complete(&texts("Image", Operator::EndsWith, &values));
    for value in values {
        assert!(
            made.hits().any(|made| made.event["Image"] == value),
            "{value}"
        );
    }
}

#[test]
fn fields_that_are_compared_get_one_value() {
    let same = Predicate::new(
        field("a"),
        Operator::Equals,
        Object::Term(Shared::new(field("b.c"))),
    );
    let condition = Condition::from(same).and(texts("a", Operator::StartsWith, &["ab"]));
    let made = complete(&condition);
    assert!(
        made.hits()
            .any(|made| made.event == json!({"a": "ab", "b": {"c": "ab"}}))
    );
}

#[test]
fn items_and_computed_values_are_found() {
    let item = |key: &str, value: &str| {
        let subject = Term::Item {
            depth: 0,
            path: FieldPath::keys([key]),
        };
        Condition::from(Predicate::new(
            subject,
            Operator::Equals,
            Object::Literal(Literal::text(value)),
        ))
    };
    for quantifier in [Quantifier::Some, Quantifier::Every, Quantifier::One] {
        let condition = Condition::Items {
            quantifier,
            list: field("tags").into(),
            body: item("k", "x").and(item("v", "y")).into(),
        };
        let made = complete(&condition.and(equals("n", Literal::Integer(1))));
        assert!(made.hits().next().is_some(), "{quantifier:?}");
    }
    let lower = Predicate::new(
        Term::call(Function::Lower, [field("a")]),
        Operator::Equals,
        Object::Literal(Literal::text("x")),
    );
    assert!(complete(&lower.into()).hits().next().is_some());
    let each =
        texts("l[].n", Operator::Contains, &["p"]).and(texts("l[].n", Operator::EndsWith, &["q"]));
    assert!(complete(&each).hits().next().is_some());
    let both = equals("l[]", Literal::text("p")).and(equals("l[]", Literal::text("q")));
    assert!(
        complete(&both)
            .hits()
            .any(|made| made.event == json!({"l": ["p", "q"]}))
    );
}

#[test]
fn a_search_over_the_whole_event_has_a_field_of_its_own() {
    let anywhere = |text: &str| {
        let object = Object::Texts(vec![text.to_owned()]);
        let term = Term::call(Function::Anywhere, []);
        Condition::from(Predicate::new(term, Operator::Contains, object))
    };
    let condition = anywhere("one")
        .and(anywhere("two"))
        .and(equals("a", Literal::text("b")));
    let made = complete(&condition);
    assert!(made.hits().next().is_some());
    let only = anywhere("secret").and(equals("a", Literal::text("secret")).negate());
    assert!(complete(&only).hits().next().is_some());
}

#[test]
fn a_text_may_have_to_be_a_domain_and_a_name() {
    let is_account = |event: &serde_json::Value| {
        let user = event.get("User").and_then(serde_json::Value::as_str);
        user.is_none_or(|user| user.contains('\\'))
    };
    let asked = texts("User", Operator::Contains, &["AUTHORI", "AUTORI"]);
    for condition in [
        asked.clone(),
        asked.and(texts("User", Operator::EndsWith, &["system"])),
    ] {
        let made = synthesise_of(&condition, &Limits::default(), &is_account);
        let hits: Vec<_> = made.hits().collect();
        assert!(!hits.is_empty(), "{condition}");
        assert!(hits.iter().all(|made| is_account(&made.event)));
    }
}

#[test]
fn values_are_changed() {
    let made = events(&equals("n", Literal::Integer(5)));
    for event in [
        json!({}),
        json!({"n": null}),
        json!({"n": "5"}),
        json!({"n": 4}),
        json!({"n": [5]}),
    ] {
        assert!(made.contains(&event), "{event}");
    }
}

#[test]
fn constants_have_an_event() {
    assert_eq!(events(&Condition::TRUE), [json!({})]);
    assert_eq!(events(&Condition::FALSE), [json!({})]);
}
