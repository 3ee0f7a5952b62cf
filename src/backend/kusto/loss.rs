//! What a value that an alert shows loses on its way through a table: why it is not the rule's own for every event.
//!
//! A table shows a missing text as an empty one, which is no loss where the text is shown alone. Inside of an object or a list it is
//! one, and so are words that are Kusto's and not the rule's, items that `make_list` leaves out, and a choice by a condition that
//! Kusto asks for in a wider or narrower way.

use super::entries;
use super::guards::{self, RAISES};
use super::notation::Kusto;
use super::question::prepared;
use super::settle::settle;
use super::term::{Lost, Scope};
use super::url;
use super::value::{Kind, Value};
use crate::analysis::{Fidelity, Report};
use crate::backend::notation::print;
use crate::ir::{Condition, FieldPath, Function, Term};
use crate::schema::FieldType;

const EMPTY_INSIDE: &str = "a missing text in it is shown as an empty one";
const OWN_WORDS: &str = "KQL writes truth values, fractions, lists and objects in its own way";
const QUOTES: &str =
    "a text with a quote, a backslash or a line end in it is quoted in another way";
const FRACTIONS: &str = "a number with a fraction is shown without it";
const ANY_OF_KEY: &str = "of a key that comes more than once, any value is shown";
const NO_LISTS: &str = "a list on the way to it is not gone through";
const NO_NULLS: &str = "an item that has no value is left out";

impl Scope<'_> {
    /// Why the value is not always the rule's; nothing where it is.
    pub(super) fn loss(&self, term: &Term) -> Option<String> {
        let lost = self.lost(&Lost::Term(term.clone()));
        if lost.is_some() {
            return lost;
        }
        match term {
            Term::Field(path) => self.loss_of_field(path),
            Term::Item { .. } | Term::Literal(_) => None,
            Term::Aggregate { argument, .. } => self.loss(argument.as_ref()?),
            Term::Call {
                function,
                arguments,
            } => {
                let own = self.loss_of_call(*function, arguments);
                own.or_else(|| arguments.iter().find_map(|part| self.loss(part)))
            }
            Term::Choice { cases, otherwise } => cases
                .iter()
                .find_map(|case| {
                    self.loss_of_case(&case.when)
                        .or_else(|| self.loss(&case.then))
                })
                .or_else(|| self.loss(otherwise)),
            Term::Select { list, when, item } => {
                let plain = matches!(&**item, Term::Item { path, .. } if path.segments.is_empty());
                if plain && when.as_constant().is_none() {
                    self.loss(list)
                } else {
                    Some(NO_NULLS.to_owned())
                }
            }
        }
    }

    fn loss_of_field(&self, path: &FieldPath) -> Option<String> {
        if self.place.own_names {
            return None;
        }
        if let Some(parts) = self.place.parts_of(path) {
            let columns = parts.len();
            return Some(format!(
                "`{path}` is put together from {columns} columns, and {EMPTY_INSIDE}"
            ));
        }
        let value = self.place.field(path).ok()?;
        let is_whole = matches!(value.holds, FieldType::Text | FieldType::Integer);
        (value.kind == Kind::Real && is_whole)
            .then(|| format!("`{path}` stands in a column of fractions, which are shown as such"))
    }

    fn loss_of_call(&self, function: Function, arguments: &[Term]) -> Option<String> {
        let values = arguments.iter().filter_map(|part| self.try_term(part).ok());
        let any = |is_lost: fn(&Value) -> bool| {
            let mut values = values.clone();
            values.any(|value| is_lost(&value))
        };
        let reason = match function {
            Function::List | Function::Object if any(may_be_empty) => EMPTY_INSIDE,
            Function::Concat | Function::ToText if any(Value::is_reshaped_as_text) => OWN_WORDS,
            Function::Display | Function::DisplayEvent if any(is_in_other_words) => OWN_WORDS,
            Function::Quoted => QUOTES,
            Function::Walk if self.place.walked(arguments).is_none() => NO_LISTS,
            Function::QueryValues => url::MALFORMED,
            Function::Format if any(|value| value.holds != FieldType::Integer) => FRACTIONS,
            Function::FromEntries
                if arguments
                    .first()
                    .is_some_and(|list| entries::keys(list).is_none()) =>
            {
                ANY_OF_KEY
            }
            _ => return None,
        };
        Some(reason.to_owned())
    }

    /// Why the case may be taken for other events, or not for all.
    fn loss_of_case(&self, when: &Condition) -> Option<String> {
        let mut report = Report::refusals();
        let asked = guards::without_staged(when);
        let assumed = self.place.assume(&asked);
        let settled = settle(&self.strict(), &prepared(&assumed), &mut report)?;
        let _ = print(&Kusto { scope: self }, &settled, &mut report);
        let mut constructs = report.constructs.into_iter();
        let inexact = constructs.find(|one| one.fidelity > Fidelity::Exact);
        let own = inexact.map(|one| format!("it depends on `{}`: {}", one.what, one.reason));
        own.or_else(|| self.loss_of_answers(&settled))
            .or_else(|| guards::leaves_out(when).then(|| RAISES.to_owned()))
    }

    /// Why the answers to what the condition asks of lists are not always the rule's.
    fn loss_of_answers(&self, asked: &Condition) -> Option<String> {
        match asked {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().find_map(|part| self.loss_of_answers(part))
            }
            Condition::Not(inner) => self.loss_of_answers(inner),
            Condition::Test(predicate) => self.loss(&predicate.subject),
            Condition::Items { .. } => self.lost(&Lost::Question(asked.clone())),
        }
    }
}

/// Whether the table shows an empty text where there is no value.
fn may_be_empty(value: &Value) -> bool {
    let mut blank = value.blank.iter();
    blank.any(|blank| blank.shown == "" && blank.means.contains(&None))
}

/// Whether Python has other words for the value.
fn is_in_other_words(value: &Value) -> bool {
    !matches!(
        value.holds,
        FieldType::Text | FieldType::Datetime | FieldType::Integer
    )
}
