//! A search over the whole event as a search in the columns of a table that hold what the event says.
//!
//! A table has no column for the whole event, so that the log source names the fields to look in. That finds less, since other
//! columns are not searched, and in an object, which is searched as its JSON, also the names of keys. Refused: a source that names
//! no such field, and what the JSON of an object spells otherwise.

use std::borrow::Cow;

use super::place::Place;
use crate::analysis::{Fidelity, Report, What};
use crate::ir::{Condition, FieldPath, Function, Object, Operator, Predicate, Shared, Term};
use crate::schema::{FieldType, LogSourceMap};

/// The condition with every search over the whole event as one over fields; nothing where there are none to search.
pub(super) fn searched<'c>(
    place: &Place<'_>,
    condition: &'c Condition,
    report: &mut Report,
) -> Option<Cow<'c, Condition>> {
    let predicates = condition.predicates();
    let searches: Vec<_> = predicates
        .into_iter()
        .filter(|(predicate, _)| is_anywhere(&predicate.subject))
        .collect();
    if searches.is_empty() {
        return Some(Cow::Borrowed(condition));
    }
    let mut refused = false;
    for (predicate, negated) in searches {
        let what = What::line(predicate, negated);
        match place.source().map(|source| fields(source, predicate)) {
            Some(Ok(fields)) => record(&fields, predicate, negated, report),
            Some(Err(reason)) => {
                refused = true;
                report.refuse(what, predicate.origin, reason);
            }
            None => {
                refused = true;
                report.refuse(what, predicate.origin, NO_FIELD);
            }
        }
    }
    let source = place.source().filter(|_| !refused)?;
    let replaced = condition.clone().map(&mut |part| match part {
        Condition::Test(predicate) if is_anywhere(&predicate.subject) => {
            let tests = fields(source, predicate)
                .ok()?
                .into_iter()
                .map(|(term, _)| {
                    Condition::from(Predicate {
                        subject: term,
                        ..predicate.as_ref().clone()
                    })
                });
            Some(tests.fold(Condition::FALSE, Condition::or))
        }
        _ => None,
    });
    Some(Cow::Owned(replaced))
}

const NO_FIELD: &str = "a query searches columns, and the log source names no field that holds the whole message (`message` in its file)";

fn is_anywhere(term: &Term) -> bool {
    let function = Function::Anywhere;
    matches!(term, Term::Call { function: called, .. } if *called == function)
}

/// The values to look in, and whether each is the text of an object.
fn fields(source: &LogSourceMap, predicate: &Predicate) -> Result<Vec<(Term, bool)>, String> {
    if source.message.is_empty() {
        return Err(NO_FIELD.to_owned());
    }
    let term = |path: &FieldPath| {
        let field = Term::Field(path.clone());
        match source.kind(path) {
            FieldType::Text | FieldType::Datetime => Ok((field, false)),
            _ if is_plain(predicate) => Ok((Term::call(Function::ToText, [field]), true)),
            _ => Err(format!(
                "in a query the event's `{path}` is searched as JSON, which spells such a text otherwise"
            )),
        }
    };
    source.message.iter().map(term).collect()
}

/// Whether the JSON of an object has the texts that are looked for as they are.
fn is_plain(predicate: &Predicate) -> bool {
    let escaped = |c: char| c.is_control() || "\"\\*?".contains(c);
    match (&predicate.operator, &predicate.object) {
        (Operator::Contains, Object::Texts(texts)) => {
            !texts.iter().any(|text| text.contains(escaped))
        }
        _ => false,
    }
}

fn record(
    fields: &[(Term, bool)],
    predicate: &Shared<Predicate>,
    negated: bool,
    report: &mut Report,
) {
    let what = What::line(predicate, negated);
    let turned = |fidelity: Fidelity| {
        if negated {
            fidelity.negated()
        } else {
            fidelity
        }
    };
    let names: Vec<String> = fields.iter().map(|(term, _)| format!("`{term}`")).collect();
    let reason = format!("of the whole event only {} is searched", names.join(", "));
    report.record_predicate(
        turned(Fidelity::Narrower),
        what.clone(),
        predicate.origin,
        reason,
    );
    if fields.iter().any(|(_, is_object)| *is_object) {
        let reason = "an object is searched as its JSON, in which the names of keys stand, too";
        report.record_predicate(turned(Fidelity::Wider), what, predicate.origin, reason);
    }
}
