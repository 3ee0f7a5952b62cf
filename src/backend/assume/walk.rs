//! A walk below keys that lead through objects alone: the field itself, or what stands for a missing one. So it is with the first
//! of what is below the items of one list, where a constant stands for what an item lacks: it is that of the first item.

use std::cell::Cell;

use super::Types;
use super::way::{Walk, Way};
use crate::ir::{
    Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Quantifier,
    Segment, Shared, Term,
};
use crate::schema::{FieldType, LogSourceMap};

/// What a walk from the event finds, where its keys lead to one plain value: the value, or the constant.
pub(in crate::backend) fn walked(source: &LogSourceMap, arguments: &[Term]) -> Option<Term> {
    if let Some(first) = first(source, arguments) {
        return Some(first);
    }
    let changed = Cell::new(false);
    let types = Types {
        numbers: true,
        source,
        items: Vec::new(),
        changed: &changed,
    };
    let field = types.walked(arguments)?;
    let default = arguments
        .get(2)
        .filter(|term| term.as_literal().is_some())?;
    match source.kind(&field) {
        FieldType::Object | FieldType::ObjectList | FieldType::ScalarList | FieldType::Any => None,
        _ => {
            let parts = [Term::Field(field), default.clone()];
            Some(Term::call(Function::Coalesce, parts))
        }
    }
}

/// The first value below the items of one list, or the constant in its place.
pub(super) fn first(source: &LogSourceMap, arguments: &[Term]) -> Option<Term> {
    let walk = Walk::with(arguments).filter(|walk| walk.mode == "first")?;
    let way = Way::below(source, walk.keys).filter(|_| walk.default.is_scalar())?;
    let [list] = way.lists.as_slice() else {
        return None;
    };
    let below = way.end.segments.get(list.segments.len() + 1..)?;
    if below.is_empty() {
        return None;
    }
    let field = list.join(Segment::Index(0)).below(below.iter().cloned());
    let parts = [Term::Field(field), Term::Literal(walk.default.clone())];
    Some(Term::call(Function::Coalesce, parts))
}

impl Types<'_> {
    /// The field that a walk from the event leads to, where its keys lead through objects alone.
    pub(super) fn walked(&self, arguments: &[Term]) -> Option<FieldPath> {
        let [Term::Field(root), Term::Literal(Literal::List(keys)), ..] = arguments else {
            return None;
        };
        if !root.segments.is_empty() {
            return None;
        }
        let mut path = FieldPath::root();
        for (at, key) in keys.iter().enumerate() {
            if at > 0 && !self.source.is_object(&path) {
                return None;
            }
            path = path.exact(key.as_text()?);
        }
        let canonical = self.source.canonical(&path);
        self.source.field(&canonical).map(|_| canonical)
    }

    /// A question about what is walked to, as one about the field: what stands for a missing value, a null and a list without
    /// items has the answer that the constant has.
    pub(super) fn of_walk(&self, predicate: &Predicate) -> Option<Condition> {
        let Term::Call {
            function: Function::Walk,
            arguments,
        } = &predicate.subject
        else {
            return None;
        };
        if matches!(predicate.object, Object::Term(_)) {
            return None;
        }
        let field = Term::Field(self.walked(arguments)?);
        let default = arguments.get(2)?.as_literal()?;
        let kinds = self.possible(&field)?.kinds;
        let of = |subject: Term| -> Condition {
            let subject = Predicate {
                subject,
                ..predicate.clone()
            };
            subject.into()
        };
        let verdict = |literal: Literal| {
            let nothing = serde_json::Value::Object(serde_json::Map::new());
            crate::eval::holds(&of(Term::Literal(literal)), &nothing)
        };
        let on_default = verdict(default.clone());
        if kinds.contains(&Kind::List) {
            let filled = Condition::Items {
                quantifier: Quantifier::Some,
                list: Shared::new(field),
                body: Shared::new(Condition::TRUE),
            };
            let on_filled = of_filled_list(predicate)?;
            return Some(match (on_filled, on_default) {
                (true, false) => filled,
                (false, true) => filled.negate(),
                (always, _) => Condition::constant(always),
            });
        }
        let on_null = verdict(Literal::Null);
        if on_null == on_default && on_null == predicate.operator.info().on_missing {
            let asked = Predicate {
                subject: field,
                ..predicate.clone()
            };
            return Some(self.test(&asked).unwrap_or_else(|| asked.into()));
        }
        let present = Predicate::new(field.clone(), Operator::IsPresent, Object::None);
        let present = Condition::from(present);
        Some(if on_default {
            of(field).or(present.negate())
        } else {
            of(field).and(present)
        })
    }
}

/// What a predicate says of every list with items, if it says the same of all.
fn of_filled_list(predicate: &Predicate) -> Option<bool> {
    match (predicate.operator, &predicate.object) {
        (Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy, _) => {
            Some(true)
        }
        (Operator::IsKind, Object::Kinds(kinds)) => Some(kinds.contains(&Kind::List)),
        (Operator::Equals, Object::Literal(Literal::List(_))) | (Operator::In, _) => None,
        _ => Some(false),
    }
}
