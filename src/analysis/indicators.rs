//! A rule's indicators: field, kind and values of what it looks for.
//!
//! Turns every written predicate under an even number of negations, at any depth, into a row; rows of one field and kind are
//! merged, and rows and values sorted, so that rules can be compared. A field of a list's item is written under the list
//! (`target[].displayName`). Left out: predicates that follow from the source language.

use serde::Serialize;

use crate::ir::{CaseSensitivity, Condition, FieldPath, Literal, Object, Predicate, Segment, Term};

/// What a predicate compares with, as a table shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorValue {
    /// Another value of the same event, in the text form.
    Term(String),
    /// A constant.
    #[serde(untagged)]
    Constant(Literal),
}

impl IndicatorValue {
    /// The value as a cell shows it: a text without quotes.
    pub fn shown(&self) -> String {
        match self {
            Self::Constant(Literal::Text(text)) | Self::Term(text) => text.clone(),
            Self::Constant(other) => other.to_string(),
        }
    }
}

/// A field, what is asked of it, and the values that answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Indicator {
    /// The field, or the computed value in the text form.
    pub field: String,
    /// The operator's name.
    pub kind: &'static str,
    /// Whether the case of letters is ignored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_case: bool,
    /// The values; empty where the operator takes none.
    pub values: Vec<IndicatorValue>,
}

impl Indicator {
    /// The row of one predicate; `lists` are the lists of the quantifiers around it, the innermost last.
    pub(super) fn of(predicate: &Predicate, lists: &[&Term]) -> Self {
        let constants = |items: &[Literal]| {
            items
                .iter()
                .cloned()
                .map(IndicatorValue::Constant)
                .collect()
        };
        let text = |text: &str| IndicatorValue::Constant(Literal::text(text));
        let values: Vec<IndicatorValue> = match &predicate.object {
            Object::None => Vec::new(),
            Object::Literal(literal) => constants(std::slice::from_ref(literal)),
            Object::Term(term) => vec![IndicatorValue::Term(resolved(term, lists).to_string())],
            Object::List(items) => constants(items),
            Object::Texts(texts) => texts.iter().map(|value| text(value)).collect(),
            Object::Kinds(kinds) => kinds.iter().map(|kind| text(kind.name())).collect(),
        };
        Self {
            field: resolved(&predicate.subject, lists).to_string(),
            kind: predicate.operator.name(),
            any_case: predicate.case == CaseSensitivity::Insensitive,
            values,
        }
    }

    /// The kind as a cell shows it.
    pub fn shown_kind(&self) -> String {
        if self.any_case {
            format!("{} (any case)", self.kind)
        } else {
            self.kind.to_owned()
        }
    }
}

/// The indicators of a condition, sorted by field and kind, their values sorted.
pub fn indicators(condition: &Condition) -> Vec<Indicator> {
    let mut found = Vec::new();
    collect(condition, false, &mut Vec::new(), &mut found);
    let mut merged: Vec<Indicator> = Vec::new();
    for indicator in found {
        let same = merged.iter_mut().find(|other| {
            (&other.field, other.kind, other.any_case)
                == (&indicator.field, indicator.kind, indicator.any_case)
        });
        match same {
            Some(same) => same.values.extend(indicator.values),
            None => merged.push(indicator),
        }
    }
    for indicator in &mut merged {
        indicator.values.sort_by_cached_key(IndicatorValue::shown);
        indicator.values.dedup();
    }
    merged.sort_by(|a, b| (&a.field, a.kind, a.any_case).cmp(&(&b.field, b.kind, b.any_case)));
    merged
}

fn collect<'c>(
    condition: &'c Condition,
    negated: bool,
    lists: &mut Vec<&'c Term>,
    found: &mut Vec<Indicator>,
) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                collect(part, negated, lists, found);
            }
        }
        Condition::Not(inner) => collect(inner, !negated, lists, found),
        Condition::Test(predicate) if negated || predicate.implied.0 => {}
        Condition::Test(predicate) => found.push(Indicator::of(predicate, lists)),
        Condition::Items { list, body, .. } => {
            lists.push(list);
            collect(body, negated, lists, found);
            lists.pop();
        }
    }
}

/// The term with every item of a list of the event written as a path below the list. Items of computed lists stay items.
fn resolved(term: &Term, lists: &[&Term]) -> Term {
    match term {
        Term::Item { depth, path } => {
            let outer = lists.len().checked_sub(depth + 1);
            let list = outer.and_then(|at| Some((*lists.get(at)?, lists.get(..at)?)));
            match list.map(|(list, around)| resolved(list, around)) {
                Some(Term::Field(list)) => {
                    let mut segments = list.join(Segment::Each).segments;
                    segments.extend(path.segments.iter().cloned());
                    Term::Field(FieldPath { segments })
                }
                _ => term.clone(),
            }
        }
        Term::Call {
            function,
            arguments,
        } => Term::Call {
            function: *function,
            arguments: arguments
                .iter()
                .map(|argument| resolved(argument, lists))
                .collect(),
        },
        Term::Field(_)
        | Term::Literal(_)
        | Term::Choice { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => term.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Operator, Quantifier, Shared};

    fn test(subject: Term, operator: Operator, object: Object) -> Condition {
        Predicate::new(subject, operator, object).into()
    }

    fn equals(field: &str, value: &str) -> Condition {
        test(
            Term::field([field]),
            Operator::Equals,
            Object::Literal(Literal::text(value)),
        )
    }

    fn rows(condition: &Condition) -> Vec<String> {
        indicators(condition)
            .iter()
            .map(|row| {
                let values: Vec<String> = row.values.iter().map(IndicatorValue::shown).collect();
                format!("{} {} {}", row.field, row.shown_kind(), values.join("|"))
            })
            .collect()
    }

    #[test]
    fn rows_of_one_field_and_kind_are_merged_and_sorted() {
        let condition = Condition::Any(
            vec![
                equals("b", "2"),
                equals("a", "z"),
                equals("b", "1"),
                equals("b", "2"),
            ]
            .into(),
        );
        assert_eq!(rows(&condition), ["a eq z", "b eq 1|2"]);
    }

    #[test]
    fn only_positive_written_predicates_count() {
        let guard = Predicate::new(Term::field(["g"]), Operator::IsFilled, Object::None).implied();
        let twice = Condition::Not(Shared::new(Condition::All(
            vec![
                equals("a", "no"),
                Condition::Not(Shared::new(equals("b", "yes"))),
            ]
            .into(),
        )));
        assert_eq!(
            rows(&Condition::All(vec![guard.into(), twice].into())),
            ["b eq yes"]
        );
    }

    #[test]
    fn an_item_is_written_under_its_list() {
        let item = |depth, keys: &[&str]| Term::Item {
            depth,
            path: FieldPath::keys(keys.iter().copied()),
        };
        let inner = Condition::Items {
            quantifier: Quantifier::Some,
            list: item(0, &["roles"]).into(),
            body: Shared::new(test(
                Term::call(crate::ir::Function::Lower, [item(0, &["name"])]),
                Operator::Equals,
                Object::Term(Shared::new(item(1, &["owner"]))),
            )),
        };
        let condition = Condition::Items {
            quantifier: Quantifier::Every,
            list: Term::field(["target"]).into(),
            body: Shared::new(inner),
        };
        assert_eq!(
            rows(&condition),
            ["lower(target[].roles[].name) eq target[].owner"]
        );
    }
}
