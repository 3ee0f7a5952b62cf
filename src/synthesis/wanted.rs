//! A condition about one field to what the field may hold so that it holds, or just does not.
//!
//! These are proposals: what a proposal makes of the condition is for the evaluator. An operator proposes texts with free places
//! ([`Shape`]), so that several questions about one text can be answered at once, and whole values of any type.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::regex;
use super::shape::Shape;
use crate::ir::{CaseSensitivity, Kind, Literal, Object, Operator, Predicate};

/// What a predicate's subject may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Texts for which it may hold.
    pub(super) shapes: Vec<Shape>,
    /// Texts for which it just does not hold, perhaps.
    pub(super) near: Vec<Shape>,
    /// Values for which it may hold, or that lie at a boundary.
    pub(super) values: Vec<Value>,
}

/// What the predicate asks for.
pub(super) fn wanted(predicate: &Predicate) -> Wanted {
    let mut wanted = match predicate.operator {
        Operator::Equals | Operator::In => equal(&predicate.object),
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast => {
            around(&predicate.object)
        }
        Operator::Contains => of_texts(&predicate.object, |text| {
            vec![Shape::part(text, true, true)]
        }),
        Operator::HasTerm => of_texts(&predicate.object, |text| {
            vec![Shape::part(&format!(" {text} "), true, true)]
        }),
        Operator::StartsWith => of_texts(&predicate.object, |text| {
            vec![Shape::part(text, false, true)]
        }),
        Operator::EndsWith => of_texts(&predicate.object, |text| {
            vec![Shape::part(text, true, false)]
        }),
        Operator::Wildcard => of_texts(&predicate.object, |text| vec![Shape::wildcard(text)]),
        Operator::Matches => {
            let fold = predicate.case == CaseSensitivity::Insensitive;
            of_texts(&predicate.object, |text| regex::shapes(text, fold))
        }
        Operator::InNetwork => networks(&predicate.object),
        Operator::IsIpAddress => Wanted {
            values: vec![
                json!("203.0.113.7"),
                json!("2001:db8::7"),
                json!("203.0.113"),
            ],
            ..Wanted::default()
        },
        Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy => {
            Wanted {
                values: vec![
                    json!("present"),
                    json!(1),
                    json!({"key": 1}),
                    json!(["item"]),
                ],
                ..Wanted::default()
            }
        }
        Operator::IsKind => kinds(&predicate.object),
    };
    wanted.near = wanted.shapes.iter().filter_map(Shape::shortened).collect();
    wanted
}

fn of_texts(object: &Object, shapes: impl Fn(&str) -> Vec<Shape>) -> Wanted {
    let shapes = match object {
        Object::Texts(texts) => texts.iter().flat_map(|text| shapes(text)).collect(),
        Object::Literal(Literal::Text(text)) => shapes(text),
        Object::None
        | Object::Literal(_)
        | Object::Term(_)
        | Object::List(_)
        | Object::Kinds(_) => Vec::new(),
    };
    Wanted {
        shapes,
        ..Wanted::default()
    }
}

fn equal(object: &Object) -> Wanted {
    let literals = match object {
        Object::Literal(literal) => std::slice::from_ref(literal),
        Object::List(literals) => literals.as_slice(),
        Object::None | Object::Term(_) | Object::Texts(_) | Object::Kinds(_) => &[],
    };
    let mut wanted = Wanted::default();
    for literal in literals {
        match literal {
            Literal::Text(text) => wanted.shapes.push(Shape::whole(text)),
            other => wanted.values.push(other.to_json()),
        }
    }
    // Beside each of them: what a comparison as text or as number would take.
    for literal in literals {
        match literal {
            Literal::Integer(number) => wanted.values.push(json!(number.saturating_add(1))),
            Literal::Float(number) => wanted.values.push(json!(number + 1.0)),
            Literal::Boolean(value) => wanted.values.push(json!(!value)),
            Literal::Null | Literal::Text(_) | Literal::List(_) | Literal::Object(_) => {}
        }
    }
    wanted
}

fn around(object: &Object) -> Wanted {
    let values = match object {
        Object::Literal(Literal::Integer(number)) => vec![
            json!(number),
            json!(number.saturating_add(1)),
            json!(number.saturating_sub(1)),
        ],
        Object::Literal(Literal::Float(number)) => {
            vec![json!(number), json!(number + 0.5), json!(number - 0.5)]
        }
        Object::Literal(Literal::Text(text)) => {
            let mut less = text.clone();
            less.pop();
            vec![json!(text), json!(format!("{text}a")), json!(less)]
        }
        Object::None
        | Object::Literal(_)
        | Object::Term(_)
        | Object::List(_)
        | Object::Texts(_)
        | Object::Kinds(_) => vec![json!(0), json!(1), json!(1_000)],
    };
    Wanted {
        values,
        ..Wanted::default()
    }
}

fn networks(object: &Object) -> Wanted {
    let Object::Texts(texts) = object else {
        return Wanted::default();
    };
    let parsed = texts.iter().filter_map(|text| {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse::<IpNet>().or_else(|_| address()).ok()
    });
    let values = parsed.flat_map(|network| {
        let (first, last) = (network.network(), network.broadcast());
        let edges = [
            Some(first),
            Some(last),
            moved(first, false),
            moved(last, true),
        ];
        edges
            .into_iter()
            .flatten()
            .map(|address| json!(address.to_string()))
    });
    Wanted {
        values: values.collect(),
        ..Wanted::default()
    }
}

/// The address before or behind; nothing at the ends.
fn moved(address: IpAddr, up: bool) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let number = u32::from(address);
            let moved = if up {
                number.checked_add(1)
            } else {
                number.checked_sub(1)
            };
            moved.map(|number| IpAddr::V4(number.into()))
        }
        IpAddr::V6(address) => {
            let number = u128::from(address);
            let moved = if up {
                number.checked_add(1)
            } else {
                number.checked_sub(1)
            };
            moved.map(|number| IpAddr::V6(number.into()))
        }
    }
}

fn kinds(object: &Object) -> Wanted {
    let Object::Kinds(kinds) = object else {
        return Wanted::default();
    };
    let values = kinds.iter().map(|kind| match kind {
        Kind::Null => Value::Null,
        Kind::Boolean => json!(true),
        Kind::Integer => json!(1),
        Kind::Number => json!(1.5),
        Kind::Text => json!("present"),
        Kind::List => json!(["item"]),
        Kind::Object => json!({"key": 1}),
    });
    Wanted {
        values: values.collect(),
        ..Wanted::default()
    }
}
