//! What Kusto's language service lets pass and its engine does not: comparisons across types, regular expressions and address
//! ranges that are not well-formed.
//!
//! These are warnings where the schema's types, which a workspace can change, decide; errors where the text itself is wrong.

use regex_syntax::ast::{ErrorKind, parse::Parser};

use super::arguments::Given;
use super::types::Type;
use super::value::Value;
use super::{Binder, Problem};
use crate::diagnostic::{Code, Severity};
use crate::schema::kusto::Function;
use crate::source::TextRange;
use crate::syntax::kql::ast::{Binary, BinaryOperator, Dynamic, Expression, Literal, ScalarType};

/// Checks an operator whose operands it takes.
pub(super) fn binary<'a>(
    binder: &mut Binder<'a>,
    binary: &'a Binary,
    left: &Value<'a>,
    right: &Value<'a>,
) {
    match binary.operator {
        BinaryOperator::Equal | BinaryOperator::NotEqual => equality(binder, binary, left, right),
        BinaryOperator::MatchesRegex => {
            if let Some(text) = right.text() {
                regex(binder, text, binary.right.range.0);
            }
        }
        _ => {}
    }
}

fn equality<'a>(binder: &mut Binder<'a>, binary: &'a Binary, left: &Value<'a>, right: &Value<'a>) {
    let (from, to) = (left.kind(), right.kind());
    let text = |kind: Type| kind == Type::STRING;
    let crossed = text(from) && to.is_number() || from.is_number() && text(to);
    let opaque = from.is_dynamic() && to.is_dynamic();
    let literal = [&binary.left, &binary.right]
        .iter()
        .any(|side| side.as_literal().is_some());
    if !crossed && (!opaque || literal) {
        return;
    }
    let range = binary.operator_range.0;
    let message = format!("{} and {} cannot be compared", from.name(), to.name());
    let help = if crossed {
        "convert one of them, for example with `tostring()` or `tolong()`"
    } else {
        "convert both, for example with `tostring()`"
    };
    // Some services convert a literal to the other side's type, others do not.
    let severity = if literal {
        Severity::Note
    } else {
        Severity::Warning
    };
    let problem = Problem::new(Code::KqlComparison, severity, range, message);
    binder.report(problem.help(help));
}

/// Checks a call whose arguments fit.
pub(super) fn call<'a>(binder: &mut Binder<'a>, function: &Function, given: &Given<'a, 'a>) {
    match function.name {
        "extract" | "extract_all" | "replace_regex" | "replace" | "indexof_regex" | "trim"
        | "trim_start" | "trim_end" => {
            let at = usize::from(function.name == "indexof_regex");
            let text = given.values.get(at).and_then(Value::text);
            let argument = given.call.arguments.get(at);
            if let (Some(text), Some(argument)) = (text, argument) {
                regex(binder, text, argument.value.range.0);
            }
        }
        "ipv4_is_in_range" | "ipv4_is_in_any_range" => ranges(binder, given, 32),
        "ipv6_is_in_range" | "ipv6_is_in_any_range" => ranges(binder, given, 128),
        _ => {}
    }
}

/// Reports an expression that neither RE2 nor any other dialect reads. Dialects differ in details, which are let pass.
pub(super) fn regex(binder: &mut Binder<'_>, text: &str, range: TextRange) {
    if text.len() > 4096 || !binder.spend(text.len()) {
        return;
    }
    let Err(error) = Parser::new().parse(text) else {
        return;
    };
    let span = error.span();
    let at = text.get(span.start.offset..).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::GroupUnclosed => "a group of the regular expression is not closed",
        ErrorKind::GroupUnopened => "a group of the regular expression is closed but not opened",
        // Elsewhere a bracket inside a class is a letter like any other.
        ErrorKind::ClassUnclosed if text.matches('[').count() == 1 => {
            "a class of the regular expression is not closed"
        }
        ErrorKind::EscapeUnexpectedEof => "the regular expression ends in a backslash",
        ErrorKind::RepetitionMissing if at.starts_with(['*', '+', '?']) => {
            "a repetition in the regular expression has nothing to repeat"
        }
        ErrorKind::ClassRangeInvalid => "a range of the regular expression is reversed",
        ErrorKind::UnsupportedBackreference if !at.starts_with("\\0") => {
            "RE2 has no back-references"
        }
        ErrorKind::UnsupportedLookAround => "RE2 has no look-around",
        _ => return,
    };
    binder.error(Code::KqlRegex, range, message);
}

fn ranges<'a>(binder: &mut Binder<'a>, given: &Given<'a, 'a>, bits: u8) {
    for at in 1..given.values.len() {
        let Some(argument) = given.call.arguments.get(at) else {
            continue;
        };
        let text = given.values.get(at).and_then(Value::text);
        for text in text.into_iter().chain(listed(&argument.value)) {
            if !is_range(text, bits) {
                let message = format!("`{text}` is no address range");
                let range = argument.value.range.0;
                let problem =
                    Problem::new(Code::KqlAddressRange, Severity::Warning, range, message);
                binder.report(problem.help("a range is an address, a slash and a prefix length"));
            }
        }
    }
}

/// The texts of a dynamic array that is written out.
fn listed(expression: &Expression) -> impl Iterator<Item = &str> {
    let items = match expression.as_literal() {
        Some(Literal::Dynamic(dynamic)) => match dynamic.as_ref() {
            Dynamic::Array(items) => items.as_slice(),
            Dynamic::Null | Dynamic::Scalar(_) | Dynamic::Object(_) => &[],
        },
        _ => &[],
    };
    items.iter().filter_map(|item| match item {
        Dynamic::Scalar(Literal::String(text)) => Some(text.as_str()),
        _ => None,
    })
}

fn is_range(text: &str, bits: u8) -> bool {
    let (address, prefix) = match text.trim().split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text.trim(), None),
    };
    let known = if bits == 32 {
        address.parse::<std::net::Ipv4Addr>().is_ok()
    } else {
        address.parse::<std::net::IpAddr>().is_ok()
    };
    known && prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|length| length <= bits))
}

/// Whether a type can be a key: dynamic values have to be converted first.
pub(super) fn can_be_key(kind: Type) -> bool {
    kind.scalar() != Some(ScalarType::Dynamic)
}
