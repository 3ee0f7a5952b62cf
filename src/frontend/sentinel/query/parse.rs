//! `parse`: columns cut out of a text. A pattern of texts and text columns is one regular expression, of which each column is
//! a group; everything else is left.

use super::Lowerer;
use super::columns::Column;
use super::function::apply;
use super::rows::Rows;
use super::scope::Scope;
use super::text::as_text;
use super::value::{Constant, Kind, Lowered, Obstacle, Value};
use crate::ir::{Function, Literal, Stage as Made};
use crate::source::TextRange;
use crate::syntax::kql::ast::{ParsePattern, PatternPart, ScalarType};

impl<'q> Lowerer<'q> {
    /// Applies the stage.
    pub(super) fn parse(
        &self,
        rows: &mut Rows,
        parse: &'q ParsePattern,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let before = rows.columns.clone();
        let subject = self
            .place(&before, scope, calls)
            .value(&parse.subject)
            .and_then(|value| as_text(value, false, range));
        let simple = parse
            .parameters
            .iter()
            .all(|parameter| parameter.name.text != "kind" || parameter.word() == Some("simple"));
        let pattern = if simple {
            regex_of(&parse.pattern, range)
        } else {
            Err(Obstacle::new(
                range,
                "`parse` of this kind has no counterpart",
            ))
        };
        let names = parse.pattern.iter().filter_map(|part| match part {
            PatternPart::Column(name, _) => Some(name),
            PatternPart::Star | PatternPart::Text(_) => None,
        });
        for (at, name) in names.enumerate() {
            let value = subject.clone().and_then(|subject| {
                let group = i64::try_from(at + 1).unwrap_or(i64::MAX);
                let group = Value::Constant(Constant::of(Literal::Integer(group)));
                apply(
                    Function::Extract,
                    vec![subject, Value::text(pattern.clone()?), group],
                    Kind::Text,
                    range,
                )
            });
            rows.columns.set(Column {
                name: name.text.clone(),
                value,
                stage: Made::Extend,
                range,
            });
        }
    }
}

/// The pattern as a regular expression for the whole text.
fn regex_of(pattern: &[PatternPart], range: TextRange) -> Lowered<String> {
    let mut regex = String::from("(?s)^");
    let last = pattern.len().saturating_sub(1);
    for (at, part) in pattern.iter().enumerate() {
        match part {
            PatternPart::Star => regex.push_str(if at == last { ".*" } else { ".*?" }),
            PatternPart::Text(text) => match text.as_string() {
                Some(text) if at < last => regex.push_str(&regex::escape(text)),
                _ => {
                    return Err(Obstacle::new(
                        range,
                        "this pattern of `parse` has no counterpart",
                    ));
                }
            },
            PatternPart::Column(_, None | Some(ScalarType::String)) => {
                regex.push_str(if at == last { "(.*)$" } else { "(.*?)" });
            }
            PatternPart::Column(_, Some(_)) => {
                return Err(Obstacle::new(
                    range,
                    "`parse` into columns that are no texts has no counterpart",
                ));
            }
        }
    }
    Ok(regex)
}
