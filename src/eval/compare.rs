//! The operators: one predicate and one event to a verdict.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use serde_json::{Number, Value};

use super::Scope;
use super::term::is_truthy;
use crate::ir::compute::compiled;
use crate::ir::{CaseSensitivity, Object, Operator, Predicate};

impl Scope<'_> {
    /// The verdict of a predicate: the operator's word on a missing subject, else whether any value of the subject satisfies.
    pub(super) fn test(&self, predicate: &Predicate) -> bool {
        let values = self.values(&predicate.subject);
        if values.is_empty() {
            return predicate.operator.info().on_missing;
        }
        values.iter().any(|value| self.satisfies(value, predicate))
    }

    fn satisfies(&self, value: &Value, predicate: &Predicate) -> bool {
        let fold = predicate.case == CaseSensitivity::Insensitive;
        let any_text = |check: &dyn Fn(&str, &str) -> bool| match (value, &predicate.object) {
            (Value::String(text), Object::Texts(wanted)) => {
                let text = folded(text, fold);
                wanted
                    .iter()
                    .any(|wanted| check(&text, &folded(wanted, fold)))
            }
            (Value::String(text), Object::Term(term)) => {
                let text = folded(text, fold);
                let others = self.values(term);
                let mut others = others.iter().filter_map(|other| other.as_str());
                others.any(|other| check(&text, &folded(other, fold)))
            }
            _ => false,
        };
        let ordered = |check: fn(Ordering) -> bool| {
            self.objects(&predicate.object)
                .iter()
                .any(|other| order(value, other, fold).is_some_and(check))
        };
        match predicate.operator {
            Operator::Equals | Operator::In => {
                !value.is_null()
                    && self
                        .objects(&predicate.object)
                        .iter()
                        .any(|other| equal(value, other, fold))
            }
            Operator::Contains => any_text(&|text, wanted| text.contains(wanted)),
            Operator::StartsWith => any_text(&|text, wanted| text.starts_with(wanted)),
            Operator::EndsWith => any_text(&|text, wanted| text.ends_with(wanted)),
            Operator::HasTerm => any_text(&has_term),
            Operator::Wildcard => any_text(&|text, wanted| wildcard(text, wanted)),
            Operator::Matches => match (value, &predicate.object) {
                (Value::String(text), Object::Texts(patterns)) => {
                    patterns.iter().any(|pattern| search(text, pattern, fold))
                }
                _ => false,
            },
            Operator::LessThan => ordered(Ordering::is_lt),
            Operator::AtMost => ordered(Ordering::is_le),
            Operator::GreaterThan => ordered(Ordering::is_gt),
            Operator::AtLeast => ordered(Ordering::is_ge),
            Operator::InNetwork => any_text(&in_network),
            Operator::IsIpAddress => value
                .as_str()
                .is_some_and(|text| ip_address(text).is_some()),
            Operator::Exists => true,
            Operator::IsPresent => !value.is_null(),
            Operator::IsFilled => !value.is_null() && value != "",
            Operator::IsTruthy => is_truthy(value),
            Operator::IsKind => match &predicate.object {
                Object::Kinds(kinds) => kinds.iter().any(|kind| kind.holds(value)),
                _ => false,
            },
        }
    }

    fn objects(&self, object: &Object) -> Vec<Value> {
        match object {
            Object::Literal(literal) => vec![literal.to_json()],
            Object::List(literals) => literals.iter().map(crate::ir::Literal::to_json).collect(),
            Object::Texts(texts) => texts
                .iter()
                .map(|text| Value::from(text.as_str()))
                .collect(),
            Object::Term(term) => self
                .values(term)
                .into_iter()
                .map(std::borrow::Cow::into_owned)
                .collect(),
            Object::None | Object::Kinds(_) => Vec::new(),
        }
    }
}

fn folded(text: &str, fold: bool) -> String {
    if fold {
        text.to_lowercase()
    } else {
        text.to_owned()
    }
}

/// Whole-value equality: numbers as numbers, everything else only with its own kind.
pub(super) fn equal(a: &Value, b: &Value, fold: bool) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b) == Some(Ordering::Equal),
        (Value::String(a), Value::String(b)) => folded(a, fold) == folded(b, fold),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b, fold))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b, fold)))
        }
        (a, b) => a == b,
    }
}

pub(super) fn order(a: &Value, b: &Value, fold: bool) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b),
        (Value::String(a), Value::String(b)) => Some(folded(a, fold).cmp(&folded(b, fold))),
        _ => None,
    }
}

fn order_numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// Kusto's `has`: the needle stands between term boundaries. Letters and digits, and everything outside ASCII, make a term.
fn has_term(text: &str, needle: &str) -> bool {
    let in_term = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    let (Some(first), Some(last)) = (needle.chars().next(), needle.chars().next_back()) else {
        return true;
    };
    // Occurrences may overlap: the second `a-a` of `xa-a-a` is the one that stands alone.
    let mut starts = text
        .char_indices()
        .map(|(at, _)| at)
        .filter(|at| text[*at..].starts_with(needle));
    starts.any(|at| {
        let before = text[..at].chars().next_back();
        let after = text[at + needle.len()..].chars().next();
        let joins = |edge: char, beside: Option<char>| in_term(edge) && beside.is_some_and(in_term);
        !joins(first, before) && !joins(last, after)
    })
}

/// Whether the whole text follows the pattern: `*` any run, `?` one character, a backslash makes the next character plain.
fn wildcard(text: &str, pattern: &str) -> bool {
    let mut regex = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => regex.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push('$');
    search(text, &regex, false)
}

/// Whether the regular expression matches somewhere in the text. Frontends have checked that it compiles.
fn search(text: &str, pattern: &str, fold: bool) -> bool {
    compiled(pattern, fold).is_some_and(|regex| regex.is_match(text))
}

/// The address that a text is, as Python's `ipaddress.ip_address` reads it: an IPv6 address may carry a scope id.
pub(super) fn ip_address(text: &str) -> Option<IpAddr> {
    if let Some((address, scope)) = text.split_once('%') {
        return (!scope.is_empty() && !scope.contains('%'))
            .then(|| address.parse::<Ipv6Addr>().ok())
            .flatten()
            .map(IpAddr::V6);
    }
    text.parse().ok()
}

fn in_network(text: &str, network: &str) -> bool {
    let network = network
        .parse::<IpNet>()
        .or_else(|_| network.parse::<IpAddr>().map(IpNet::from));
    matches!((ip_address(text), network), (Some(address), Ok(network)) if network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_stands_between_boundaries() {
        assert!(has_term("a_b", "a"));
        assert!(has_term("run aws-sdk now", "aws-sdk"));
        assert!(has_term("xab-ab-ab", "ab-ab"), "occurrences may overlap");
        assert!(!has_term("errors", "error"));
        assert!(!has_term("éa", "a"), "what is not ASCII makes terms");
    }

    #[test]
    fn addresses_are_those_of_python() {
        assert!(ip_address("fe80::1%eth0").is_some());
        for text in [
            "10.0.0.1/8",
            "010.0.0.1",
            "10.0.0",
            "1.2.3.4%x",
            "::1%",
            " ::1",
        ] {
            assert!(ip_address(text).is_none(), "{text}");
        }
    }
}
