//! The `detection` section: named searches and a condition over them, to one condition.
//!
//! A map holds where all its items hold, a list where any of its entries does, a list of conditions where any of them does. Only
//! searches that the condition names are lowered. A value without a field is a keyword. Refused: names that are not defined, and conditions that grow past
//! [`LARGEST`] nodes by naming big searches again and again.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::condition::{self, Expression};
use super::item;
use super::scope::Scope;
use crate::diagnostic::Code;
use crate::ir::Condition;
use crate::source::{Span, TextRange};
use crate::syntax::yaml::Step;

/// How many predicates a selection may have.
const LARGEST: usize = 100_000;

/// Where searches and a condition over them stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// A rule's `detection`.
    Detection,
    /// A filter's `filter`.
    Filter,
}

impl Section {
    fn key(self) -> Step<'static> {
        Step::Key(match self {
            Self::Detection => "detection",
            Self::Filter => "filter",
        })
    }

    /// Its keys that are no searches.
    fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Detection => &["condition", "timeframe"],
            Self::Filter => &["condition", "rules"],
        }
    }
}

/// The selection of a rule; `None` where it is reported why there is none.
pub(super) fn lower(
    scope: &mut Scope<'_, '_>,
    section: Section,
    detection: &Map<String, Value>,
) -> Option<Condition> {
    let mut searches = Searches {
        section,
        detection,
        lowered: BTreeMap::new(),
        size: 0,
    };
    let key = [section.key(), Step::Key("condition")];
    match detection.get("condition") {
        Some(Value::String(text)) => searches.condition(scope, text, &key),
        Some(Value::Array(texts)) if !texts.is_empty() => {
            let mut parts = Vec::new();
            for (at, text) in texts.iter().enumerate() {
                let path = [key[0], key[1], Step::Item(at)];
                let Some(text) = text.as_str() else {
                    scope.error(
                        Code::SigmaCondition,
                        "a condition is a text",
                        scope.document.span(&path),
                    );
                    return None;
                };
                parts.push(searches.condition(scope, text, &path));
            }
            let parts: Option<Vec<Condition>> = parts.into_iter().collect();
            Some(parts?.into_iter().fold(Condition::FALSE, Condition::or))
        }
        _ => {
            let span = scope.document.key_span(&[section.key()]);
            scope.error(
                Code::SigmaCondition,
                "the detection requires a `condition`",
                span,
            );
            None
        }
    }
}

struct Searches<'r> {
    section: Section,
    detection: &'r Map<String, Value>,
    lowered: BTreeMap<String, Option<Condition>>,
    /// The predicates of all searches named so far, counted as often as they are named.
    size: usize,
}

impl Searches<'_> {
    fn condition(
        &mut self,
        scope: &mut Scope<'_, '_>,
        text: &str,
        at: &[Step<'_>],
    ) -> Option<Condition> {
        let place = |scope: &Scope<'_, '_>, range: TextRange| {
            let embedded = scope.document.embedded(at);
            embedded
                .map(|(_, embedded)| embedded.span(range))
                .or_else(|| scope.document.span(at))
        };
        match condition::parse(text) {
            Ok(expression) => {
                self.expression(scope, &expression, &|scope, range| place(scope, range))
            }
            Err(malformed) => {
                let code = if malformed.unsupported {
                    Code::SigmaUnsupported
                } else {
                    Code::SigmaCondition
                };
                let span = place(scope, malformed.range);
                scope.error(code, malformed.message, span);
                None
            }
        }
    }

    fn expression(
        &mut self,
        scope: &mut Scope<'_, '_>,
        expression: &Expression,
        place: &dyn Fn(&Scope<'_, '_>, TextRange) -> Option<Span>,
    ) -> Option<Condition> {
        let mut parts = |parts: &[Expression]| -> Option<Vec<Condition>> {
            // Every part is lowered even after a failure, so that all problems are reported at once.
            let lowered: Vec<Option<Condition>> = parts
                .iter()
                .map(|part| self.expression(scope, part, place))
                .collect();
            lowered.into_iter().collect()
        };
        match expression {
            Expression::All(inner) => Some(
                parts(inner)?
                    .into_iter()
                    .fold(Condition::TRUE, Condition::and),
            ),
            Expression::Any(inner) => Some(
                parts(inner)?
                    .into_iter()
                    .fold(Condition::FALSE, Condition::or),
            ),
            Expression::Not(inner) => Some(self.expression(scope, inner, place)?.negate()),
            Expression::Search { name, range } => {
                if !self.is_search(name) {
                    let message = format!("the detection defines no search `{name}`");
                    scope.error(Code::SigmaCondition, message, place(scope, *range));
                    return None;
                }
                self.named(scope, name)
            }
            Expression::Of {
                every,
                pattern,
                range,
            } => {
                let names = self.names(pattern.as_deref());
                if names.is_empty() {
                    let pattern = pattern.as_deref().unwrap_or("them");
                    let message = format!("no search of the detection follows `{pattern}`");
                    scope.error(Code::SigmaCondition, message, place(scope, *range));
                    return None;
                }
                let lowered: Vec<Option<Condition>> =
                    names.iter().map(|name| self.named(scope, name)).collect();
                let lowered = lowered
                    .into_iter()
                    .collect::<Option<Vec<Condition>>>()?
                    .into_iter();
                Some(if *every {
                    lowered.fold(Condition::TRUE, Condition::and)
                } else {
                    lowered.fold(Condition::FALSE, Condition::or)
                })
            }
        }
    }

    fn is_search(&self, name: &str) -> bool {
        !self.section.reserved().contains(&name) && self.detection.contains_key(name)
    }

    /// The searches that a pattern names; `them` leaves out names that start with `_`.
    fn names(&self, pattern: Option<&str>) -> Vec<String> {
        let follows = |name: &str| match pattern {
            Some(pattern) => condition::follows(name, pattern),
            None => !name.starts_with('_'),
        };
        let names = self
            .detection
            .keys()
            .filter(|name| self.is_search(name) && follows(name));
        names.cloned().collect()
    }

    fn named(&mut self, scope: &mut Scope<'_, '_>, name: &str) -> Option<Condition> {
        if !self.lowered.contains_key(name) {
            let value = self.detection.get(name)?;
            let lowered = search(scope, value, &[self.section.key(), Step::Key(name)]);
            self.lowered.insert(name.to_owned(), lowered);
        }
        if self.size > LARGEST {
            // Reported when it grew past the limit.
            return None;
        }
        let condition = self.lowered.get(name)?.as_ref()?;
        self.size += condition.predicates().len();
        if self.size > LARGEST {
            let span = scope
                .document
                .key_span(&[self.section.key(), Step::Key("condition")]);
            scope.error(
                Code::SigmaUnsupported,
                format!("the condition expands to more than {LARGEST} predicates"),
                span,
            );
            return None;
        }
        Some(condition.clone())
    }
}

/// One search: a map of items, or a list of searches.
fn search(scope: &mut Scope<'_, '_>, value: &Value, at: &[Step<'_>]) -> Option<Condition> {
    let span = scope
        .document
        .span(at)
        .or_else(|| scope.document.key_span(at));
    match value {
        Value::Object(items) if !items.is_empty() => {
            let mut parts = Vec::new();
            for (key, value) in items {
                parts.push(item::lower(
                    scope,
                    key,
                    value,
                    &[at, &[Step::Key(key)]].concat(),
                ));
            }
            let parts: Option<Vec<Condition>> = parts.into_iter().collect();
            Some(parts?.into_iter().fold(Condition::TRUE, Condition::and))
        }
        Value::Array(entries) if !entries.is_empty() && entries.iter().all(is_keyword) => {
            item::keyword(scope, value, at)
        }
        Value::Array(entries) if !entries.is_empty() => {
            let mut parts = Vec::new();
            for (index, entry) in entries.iter().enumerate() {
                parts.push(search(scope, entry, &[at, &[Step::Item(index)]].concat()));
            }
            let parts: Option<Vec<Condition>> = parts.into_iter().collect();
            Some(parts?.into_iter().fold(Condition::FALSE, Condition::or))
        }
        Value::Array(_) | Value::Object(_) | Value::Null => {
            scope.error(Code::YamlShape, "the search is empty", span);
            None
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => item::keyword(scope, value, at),
    }
}

fn is_keyword(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}
