//! The helpers against the reference evaluator.

use serde_json::{Value, json};

use crate::eval;
use crate::ir::{Literal, Object, Operator, Predicate, Term};

fn texts(texts: &[&str]) -> Object {
    Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn the_helpers_agree_with_the_evaluator() {
    let values = [
        json!(null),
        json!(""),
        json!("alice"),
        json!("xalice y"),
        json!("al*e"),
        json!("a.b"),
        json!(1),
        json!(1.0),
        json!(true),
        json!([1]),
        json!({"K": 1}),
        json!("10.1.2.3"),
        json!("fd00::1"),
        json!("fe80::1%e"),
        json!("b-alice"),
    ];
    let asks = |operator, object: Object, value: &Value| {
        let predicate = Predicate::new(Term::field(["f"]), operator, object);
        eval::holds(&predicate.into(), &json!({"f": value}))
    };
    for value in &values {
        for word in ["alice", "al*e", "a?ice", "*", "\\*", "al\\*e", "a*l*e", ""] {
            let one = texts(&[word]);
            let some = Some(value);
            for (operator, verdict) in [
                (Operator::Contains, super::contains(some, &[word])),
                (Operator::StartsWith, super::starts_with(some, &[word])),
                (Operator::EndsWith, super::ends_with(some, &[word])),
                (Operator::HasTerm, super::has_term(some, &[word])),
                (Operator::Wildcard, super::wildcard(some, &[word])),
            ] {
                assert_eq!(
                    verdict,
                    asks(operator, one.clone(), value),
                    "{value} {} {word}",
                    operator.name()
                );
            }
        }
        for (network, address, bits) in [
            ("10.0.0.0/8", "10.0.0.0", 8),
            ("fd00::/8", "fd00::", 8),
            ("::/0", "::", 0),
        ] {
            let verdict = super::in_network(Some(value), &[(address, bits)]);
            assert_eq!(
                verdict,
                asks(Operator::InNetwork, texts(&[network]), value),
                "{value} {network}"
            );
        }
        for other in &values {
            let object = Object::Literal(Literal::from_json(other));
            let verdict = super::equal(Some(value), Some(other));
            assert_eq!(
                verdict,
                asks(Operator::Equals, object.clone(), value),
                "{value} {other}"
            );
            assert_eq!(
                super::less(Some(value), Some(other)),
                asks(Operator::LessThan, object, value)
            );
        }
    }
}
