//! A typical predicate of each operator, for the support matrix and the tests that must cover every operator.

use super::{Kind, Literal, Object, ObjectKind, Operator, Predicate, Term};

/// A predicate with the operator and an object that fits it.
pub fn sample(operator: Operator, subject: Term) -> Predicate {
    let texts =
        |texts: &[&str]| Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    let object = match operator.info().object {
        ObjectKind::None => Object::None,
        ObjectKind::Scalar => match operator {
            Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast => {
                Object::Literal(Literal::Integer(5))
            }
            _ => Object::Literal(Literal::text("alice")),
        },
        ObjectKind::List => Object::List(vec![Literal::text("alice"), Literal::text("bob")]),
        ObjectKind::Texts if operator == Operator::Wildcard => texts(&["al*e?"]),
        ObjectKind::Texts => texts(&["alice"]),
        ObjectKind::Regexes => texts(&["^al.+e$"]),
        ObjectKind::Networks => texts(&["10.0.0.0/8", "fd00::/8"]),
        ObjectKind::Kinds => Object::Kinds(vec![Kind::Text]),
    };
    Predicate::new(subject, operator, object)
}
