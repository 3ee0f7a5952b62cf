//! `parse` and `parse-where`: columns cut out of a text. A pattern is one regular expression, of which each column is a group.
//!
//! A column that is no text is read from its group. Where one cannot be, no column has a value, unless the kind is `relaxed`;
//! `parse-where` leaves such rows out, and those that do not follow the pattern.

use super::Lowerer;
use super::columns::Column;
use super::function::apply;
use super::rows::Rows;
use super::scope::Scope;
use super::text::{TextTest, as_text, test};
use super::value::{Constant, Kind, Lowered, Obstacle, Scalar, Value, is_present};
use crate::ir::compute::{compiled, is_pattern};
use crate::ir::{
    CaseSensitivity, Condition, Function, Literal, ResidueEffect, Stage as Made, Term,
};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Name, OperatorParameter, ParsePattern, PatternPart, ScalarType};

/// How a pattern is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Simple,
    Relaxed,
    Regex,
}

/// The word behind a parameter of the operator.
fn word<'q>(parse: &'q ParsePattern, wanted: &str) -> Option<&'q str> {
    let mut parameters = parse.parameters.iter();
    let found = parameters.find(|parameter| parameter.name.text == wanted);
    found.and_then(OperatorParameter::word)
}

impl How {
    fn of(parse: &ParsePattern, range: TextRange) -> Lowered<Self> {
        match word(parse, "kind") {
            None | Some("simple") => Ok(Self::Simple),
            Some("relaxed") => Ok(Self::Relaxed),
            Some("regex") => Ok(Self::Regex),
            Some(_) => Err(Obstacle::new(
                range,
                "`parse` of this kind has no counterpart",
            )),
        }
    }
}

/// A pattern as a regular expression.
struct Pattern<'q> {
    regex: String,
    /// The columns with their types and groups.
    columns: Vec<(&'q Name, ScalarType, i64)>,
}

impl<'q> Lowerer<'q> {
    /// Applies the stage; `only` keeps the rows that follow the pattern.
    pub(super) fn parse(
        &self,
        rows: &mut Rows,
        parse: &'q ParsePattern,
        only: bool,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let range = *parse.subject.range;
        let place = self.place(&rows.columns, scope, calls);
        let value = place.value(&parse.subject);
        let found = value
            .and_then(|value| as_text(value, false, range))
            .and_then(|subject| cut(&subject, parse, range));
        let (columns, matched) = found.unwrap_or_else(|obstacle| {
            let lost = names(&parse.pattern).map(|(name, _)| (name, Err(obstacle.clone())));
            let lost = lost.collect();
            if only {
                rows.leave("parse-where", range, ResidueEffect::Wider, obstacle);
            }
            (lost, Condition::TRUE)
        });
        for (name, value) in columns {
            rows.columns.set(Column {
                name: name.text.clone(),
                value,
                stage: Made::Extend,
                range: *name.range,
            });
        }
        if only && matched.as_constant() != Some(true) {
            rows.push(matched);
        }
    }
}

fn names(pattern: &[PatternPart]) -> impl Iterator<Item = (&Name, Option<ScalarType>)> {
    pattern.iter().filter_map(|part| match part {
        PatternPart::Column(name, kind) => Some((name, *kind)),
        PatternPart::Star | PatternPart::Text(_) => None,
    })
}

/// A column and its value.
type Cut<'q> = (&'q Name, Lowered<Value>);

/// The columns, and when the text follows the pattern.
fn cut<'q>(
    subject: &Value,
    parse: &'q ParsePattern,
    range: TextRange,
) -> Lowered<(Vec<Cut<'q>>, Condition)> {
    let how = How::of(parse, range)?;
    let pattern = Pattern::of(
        &parse.pattern,
        how,
        word(parse, "flags").unwrap_or_default(),
        range,
    )?;
    let matched = test(
        subject.clone(),
        TextTest::Matches,
        std::slice::from_ref(&pattern.regex),
        CaseSensitivity::Sensitive,
        range,
    )?;
    let mut matched = matched.holds;
    let mut read = Vec::new();
    for (name, kind, group) in &pattern.columns {
        let arguments = vec![
            subject.clone(),
            Value::text(&pattern.regex),
            Value::Constant(Constant::of(Literal::Integer(*group))),
        ];
        let text = apply(Function::Extract, arguments, Kind::Text, range)?;
        let value = converted(text, *kind, range)?;
        if how != How::Relaxed
            && *kind != ScalarType::String
            && let Value::Scalar(scalar) = &value
        {
            matched = matched.and(is_present(scalar.term.clone()));
        }
        read.push((*name, *kind, value));
    }
    // Without a match a group is the empty text anyway.
    let plain = how == How::Relaxed || read.iter().all(|(_, kind, _)| *kind == ScalarType::String);
    let columns = read.into_iter().map(|(name, kind, value)| {
        let otherwise = match (kind, &value) {
            (ScalarType::String, _) => Constant::text(""),
            (_, Value::Scalar(scalar)) => Constant::new(scalar.kind, Literal::Null),
            _ => Constant::new(Kind::Dynamic, Literal::Null),
        };
        let value = if plain || matches!(value, Value::Constant(_)) {
            value
        } else {
            let otherwise = Box::new(Value::Constant(otherwise));
            Value::Choice(vec![(matched.clone(), value)], otherwise)
        };
        (name, Ok(value))
    });
    Ok((columns.collect(), matched))
}

/// The text as a value of a type; null where it is none.
fn converted(text: Value, kind: ScalarType, range: TextRange) -> Lowered<Value> {
    let (function, kind) = match kind {
        ScalarType::String => return Ok(text),
        ScalarType::Int => (Function::ShortNumber, Kind::Number),
        ScalarType::Long => (Function::WholeNumber, Kind::Number),
        ScalarType::Real => (Function::RealNumber, Kind::Number),
        ScalarType::Datetime => (Function::ReadMoment, Kind::Moment),
        ScalarType::Timespan => (Function::ReadSpan, Kind::Span),
        ScalarType::Bool | ScalarType::Decimal | ScalarType::Dynamic | ScalarType::Guid => {
            return Err(Obstacle::new(
                range,
                "`parse` into columns of this type has no counterpart",
            ));
        }
    };
    let term = Term::call(function, [text.into_term(range)?]);
    Ok(Value::Scalar(Scalar::new(term, kind)))
}

impl<'q> Pattern<'q> {
    fn of(parts: &'q [PatternPart], how: How, flags: &str, range: TextRange) -> Lowered<Self> {
        let refused = || Obstacle::new(range, "this pattern of `parse` has no counterpart");
        let mut regex = match (how, flags) {
            (How::Simple | How::Relaxed, "") => "(?s)^".to_owned(),
            (How::Simple | How::Relaxed, _) => return Err(refused()),
            (How::Regex, "") => "^".to_owned(),
            (How::Regex, flags) => format!("(?{flags})^"),
        };
        let last = parts.len().saturating_sub(1);
        let mut named = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let text_follows = matches!(parts.get(at + 1), None | Some(PatternPart::Text(_)));
            match part {
                PatternPart::Star if how == How::Regex || at == last => regex.push_str(".*"),
                PatternPart::Star => regex.push_str(".*?"),
                PatternPart::Text(text) => {
                    let text = text.as_string().ok_or_else(refused)?;
                    if how == How::Regex {
                        regex.push_str(text);
                    } else if at < last {
                        regex.push_str(&regex::escape(text));
                    } else {
                        // Whether the text may go on is not known.
                        return Err(refused());
                    }
                }
                PatternPart::Column(name, kind) => {
                    let kind = kind.unwrap_or(ScalarType::String);
                    let group = group(how, kind, at == last, text_follows).ok_or_else(refused)?;
                    let column = format!("column{at}");
                    let ends = at == last && how != How::Regex;
                    let end = if ends { "$" } else { "" };
                    let parts = if how == How::Regex {
                        ["(?P<", &column, ">", group, ")", end]
                    } else {
                        ["(", "", "", group, ")", end]
                    };
                    regex.extend(parts);
                    named.push((name, kind, column));
                }
            }
        }
        let columns = if how == How::Regex {
            columns_of(&regex, named)
        } else {
            // A plain pattern has no other groups, so that it needs no names for these.
            let columns = named.into_iter().zip(1..);
            let columns = columns.map(|((name, kind, _), place)| (name, kind, place));
            is_pattern(&regex, false).then(|| columns.collect())
        };
        let columns = columns.ok_or_else(refused)?;
        Ok(Self { regex, columns })
    }
}

/// The columns with the places of the groups that have their names.
fn columns_of<'q>(
    regex: &str,
    named: Vec<(&'q Name, ScalarType, String)>,
) -> Option<Vec<(&'q Name, ScalarType, i64)>> {
    let built = compiled(regex, false)?;
    let place = |group: &str| built.capture_names().position(|known| known == Some(group));
    let columns = named.into_iter().map(|(name, kind, group)| {
        let place = i64::try_from(place(&group)?).ok()?;
        Some((name, kind, place))
    });
    columns.collect()
}

/// What a column of a type stands for in the expression.
fn group(how: How, kind: ScalarType, last: bool, text_follows: bool) -> Option<&'static str> {
    let whole = matches!(kind, ScalarType::Int | ScalarType::Long);
    match how {
        How::Simple | How::Regex if whole => Some(r"[-+]?\d+"),
        _ if !text_follows && kind != ScalarType::String => None,
        How::Regex => Some(".*"),
        _ if last => Some(".*"),
        _ => Some(".*?"),
    }
}
