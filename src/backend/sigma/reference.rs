//! What compares a field with more than a constant: another field of the event, and a part of the time that a field holds.
//!
//! Refused: other computed values, and parts of a time that Sigma has no modifier for.

use super::predicate::{Spelled, Speller, Subject, computed, exact, item, misfit, plain, wider};
use super::search::{Item, Node};
use super::value;
use crate::analysis::Fidelity;
use crate::backend::yaml_scalar;
use crate::ir::{CaseSensitivity, FieldPath, Function, Literal, Object, Operator, Predicate, Term};
use crate::schema::sigma;

/// The field whose time the term takes a part of, and the modifier for the part.
pub(super) fn part_of_time(term: &Term) -> Option<(&FieldPath, &'static str)> {
    let Term::Call {
        function: Function::MomentPart,
        arguments,
    } = term
    else {
        return None;
    };
    let [
        Term::Literal(Literal::Text(part)),
        Term::Call {
            function: Function::ReadMoment,
            arguments: inner,
        },
    ] = arguments.as_slice()
    else {
        return None;
    };
    let [Term::Field(path)] = inner.as_slice() else {
        return None;
    };
    let modifier = match part.as_str() {
        "minute" => "minute",
        "hour" => "hour",
        "day" => "day",
        "week_of_year" => "week",
        "month" => "month",
        "year" => "year",
        _ => return None,
    };
    Some((path, modifier))
}

impl Speller<'_> {
    /// A part of a time that is one of some numbers.
    pub(super) fn time(
        self,
        path: &FieldPath,
        modifier: &'static str,
        predicate: &Predicate,
    ) -> Result<Spelled, String> {
        let numbers = match (predicate.operator, &predicate.object) {
            (Operator::Equals, Object::Literal(number)) => std::slice::from_ref(number),
            (Operator::In, Object::List(numbers)) => numbers,
            _ => return Err(computed(&predicate.subject)),
        };
        let is_whole = |number: &Literal| matches!(number, Literal::Integer(_));
        if numbers.is_empty() || !numbers.iter().all(is_whole) {
            return Err(misfit(predicate));
        }
        let values = numbers.iter().map(value::number).collect();
        Ok(exact(Node::item(Item {
            field: self.name(path)?,
            modifiers: vec![modifier],
            values,
            label: String::new(),
        })))
    }

    /// A comparison with another field, by a modifier where not the whole of it is compared.
    pub(super) fn reference(
        self,
        subject: &Subject,
        other: &Term,
        predicate: &Predicate,
        modifier: Option<&'static str>,
    ) -> Result<Spelled, String> {
        let Term::Field(path) = other else {
            return Err(computed(other));
        };
        plain(subject)?;
        if subject.is_keyword {
            return Err(computed(&predicate.subject));
        }
        let other = self.name(path)?;
        let flat = sigma::path_of(self.map, &other) == *path;
        let modifiers: Vec<&'static str> = std::iter::once("fieldref").chain(modifier).collect();
        let node = Node::item(item(subject, &modifiers, vec![yaml_scalar(&other)], ""));
        let sensitive = predicate.case == CaseSensitivity::Sensitive;
        Ok(if !flat {
            let reason = format!("Sigma leaves it to the engine what the name `{other}` reaches");
            let also = Some((Fidelity::Narrower, reason));
            Spelled {
                also,
                ..wider(node, "Sigma compares two fields in any case")
            }
        } else if sensitive {
            wider(node, "Sigma compares two fields in any case")
        } else {
            exact(node)
        })
    }
}
