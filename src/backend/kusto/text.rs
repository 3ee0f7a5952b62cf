//! Comparisons of a text with constants: Kusto's string operators.
//!
//! Several texts of one predicate are alternatives: a list where Kusto has one (`in`, `has_any`), else parts joined by `or`, whose
//! negation is the negated parts joined by `and`. Where the value in the event may be no text, its text form is compared, and the
//! spelling says so.

use super::comparison::{Comparison, Signs};
use super::dialect;
use super::notation::{Words, judged};
use super::quote;
use super::value::{Kind, Value, infix, strength};
use crate::analysis::Fidelity;
use crate::backend::fragment::Fragment;
use crate::ir::{CaseSensitivity, Literal, Object, Operator, Predicate};
use crate::schema::FieldType;

const NOT_A_TEXT: &str = "a value that is not a text is compared by its text form";
pub(super) const SUFFIXED: &str =
    "an address with the suffix of a network is taken for an address too";

/// The words for a predicate on a text; nothing where no text can satisfy it.
pub(super) fn words(subject: &Value, predicate: &Predicate) -> Result<Option<Words>, String> {
    let sensitive = predicate.case == CaseSensitivity::Sensitive;
    let texts = match &predicate.object {
        Object::Texts(texts) => texts.as_slice(),
        Object::None
        | Object::Literal(_)
        | Object::List(_)
        | Object::Kinds(_)
        | Object::Term(_) => &[],
    };
    let by_case = |sensitive_signs, insensitive_signs| {
        let signs = if sensitive {
            sensitive_signs
        } else {
            insensitive_signs
        };
        alternatives(subject, texts, signs)
    };
    let or_regex = |comparison, ends| or_regex(comparison, subject, texts, ends, sensitive);
    let words = match predicate.operator {
        Operator::Equals | Operator::In => Ok(equality(subject, predicate, sensitive)),
        Operator::Contains => {
            let words = by_case(("contains_cs", "!contains_cs"), ("contains", "!contains"));
            Ok(Some(Words::compared(or_regex(words, ("", "")))))
        }
        Operator::StartsWith => {
            let words = by_case(
                ("startswith_cs", "!startswith_cs"),
                ("startswith", "!startswith"),
            );
            Ok(Some(Words::compared(or_regex(words, ("^", "")))))
        }
        Operator::EndsWith => {
            let words = by_case(("endswith_cs", "!endswith_cs"), ("endswith", "!endswith"));
            Ok(Some(Words::compared(or_regex(words, ("", "$")))))
        }
        Operator::HasTerm if !sensitive && texts.len() > 1 => Ok(Some(Words::new(
            list(subject, "has_any", &quoted(texts)),
            None,
        ))),
        Operator::HasTerm => {
            let words = by_case(("has_cs", "!has_cs"), ("has", "!has"));
            Ok(Some(Words::compared(words)))
        }
        Operator::Matches => regexes(subject, texts, sensitive),
        Operator::Wildcard => wildcards(subject, texts, sensitive),
        Operator::LessThan => order(subject, predicate, "<", ">="),
        Operator::AtMost => order(subject, predicate, "<=", ">"),
        Operator::GreaterThan => order(subject, predicate, ">", "<="),
        Operator::AtLeast => order(subject, predicate, ">=", "<"),
        Operator::InNetwork => networks(subject, texts).map(Some),
        Operator::IsIpAddress => Ok(Some(address(subject))),
        Operator::Exists
        | Operator::IsPresent
        | Operator::IsFilled
        | Operator::IsTruthy
        | Operator::IsKind => Err("the value's presence is asked of the column".to_owned()),
    }?;
    Ok(words.map(|words| judged(doubted(words, subject, predicate), subject, predicate)))
}

/// The words for whether it is an address.
fn address(subject: &Value) -> Words {
    let call =
        |name: &str| Fragment::form(&format!("{name}(parse_ipv6({{}}))"), &[&subject.fragment]);
    let words = Words::new(call("isnotempty"), Some(call("isempty")));
    words.but(Fidelity::Wider, SUFFIXED)
}

/// The words with what it does to them that the value in the event may be no text.
fn doubted(words: Words, subject: &Value, predicate: &Predicate) -> Words {
    let comparable = |literal: &Literal| match literal {
        Literal::Text(text) => is_no_other_kind(text),
        // A number is compared with a column of numbers.
        _ => true,
    };
    let exact = match (subject.holds, &predicate.object) {
        (FieldType::Text | FieldType::Datetime, _) => true,
        _ if subject.cut => false,
        (_, Object::Literal(literal)) if predicate.operator == Operator::Equals => {
            comparable(literal)
        }
        (_, Object::List(items)) => items.iter().all(comparable),
        // No other kind of value reads as an address.
        (_, _) => matches!(
            predicate.operator,
            Operator::InNetwork | Operator::IsIpAddress
        ),
    };
    // What is known of an unknown table's column is only that the rule compares it.
    if exact || subject.kind == Kind::Open {
        words
    } else {
        words.but(Fidelity::Wider, NOT_A_TEXT)
    }
}

/// Whether the text is the text form of no value but a text.
pub(super) fn is_no_other_kind(text: &str) -> bool {
    let value = serde_json::from_str::<serde_json::Value>(text);
    !value.is_ok_and(|value| !value.is_string())
}

fn quoted(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| quote::text(text)).collect()
}

/// An operator with a list on its right.
pub(super) fn list(subject: &Value, word: &str, items: &[String]) -> Fragment {
    let items = items.iter().map(Fragment::atom).collect();
    let open = format!(" {word} (");
    subject
        .fragment
        .clone()
        .with_items(&open, items, ")", strength::EQUALITY)
}

/// A membership and its negated form.
pub(super) fn membership(subject: &Value, signs: Signs, items: &[String]) -> Words {
    Words::compared(Comparison::list(&subject.fragment, signs, items))
}

/// The constants that a text can be equal to: texts, and numbers where the column holds numbers as texts.
fn equal_texts(subject: &Value, predicate: &Predicate) -> Vec<String> {
    let numeric = matches!(subject.holds, FieldType::Integer | FieldType::Float);
    let as_text = |literal: &Literal| match literal {
        Literal::Text(text) => Some(text.clone()),
        Literal::Integer(number) if numeric => Some(number.to_string()),
        Literal::Boolean(value) if subject.holds == FieldType::Boolean => Some(value.to_string()),
        Literal::Float(number) if numeric => Some(quote::number(*number)),
        _ => None,
    };
    match &predicate.object {
        Object::Literal(literal) => as_text(literal).into_iter().collect(),
        Object::List(items) => items.iter().filter_map(as_text).collect(),
        Object::Texts(texts) => texts.clone(),
        Object::None | Object::Term(_) | Object::Kinds(_) => Vec::new(),
    }
}

fn equality(subject: &Value, predicate: &Predicate, sensitive: bool) -> Option<Words> {
    let texts = equal_texts(subject, predicate);
    let name = &subject.fragment;
    Some(match (texts.as_slice(), sensitive) {
        ([], _) => return None,
        ([empty], _) if empty.is_empty() => {
            let call = |function: &str| {
                Fragment::called(function, std::slice::from_ref(&subject.fragment))
            };
            Words::new(call("isempty"), Some(call("isnotempty")))
        }
        ([one], true) => pair(name, ("==", "!="), &quote::text(one), strength::EQUALITY),
        ([one], false) => pair(name, ("=~", "!~"), &quote::text(one), strength::TEXT),
        (many, true) => membership(subject, ("in", "!in"), &quoted(many)),
        (many, false) => membership(subject, ("in~", "!in~"), &quoted(many)),
    })
}

/// A comparison and its negated form.
pub(super) fn pair(left: &Fragment, signs: Signs, right: &str, strength: u8) -> Words {
    let right = std::iter::once(Fragment::atom(right));
    Words::compared(Comparison::each(left, signs, right, strength))
}

/// One comparison per text: any of them, or none of them.
fn alternatives(subject: &Value, texts: &[String], signs: Signs) -> Comparison {
    let rights = texts.iter().map(|text| Fragment::atom(quote::text(text)));
    Comparison::each(&subject.fragment, signs, rights, strength::TEXT)
}

/// The comparison, which one regular expression says more shortly for several texts. Where case does not count it is one on the
/// text in small letters: an expression in any case of letters also takes `ſ` for an `s`.
fn or_regex(
    comparison: Comparison,
    subject: &Value,
    texts: &[String],
    (start, end): (&str, &str),
    sensitive: bool,
) -> Comparison {
    if texts.len() < 3 || !texts.iter().all(|text| text.is_ascii()) {
        return comparison;
    }
    // Plain characters are read alike by every engine.
    let mut pattern = format!("{start}(?:");
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            pattern.push('|');
        }
        regex_syntax::escape_into(text, &mut pattern);
    }
    pattern.push(')');
    pattern.push_str(end);
    let mut left = subject.fragment.clone();
    if !sensitive {
        left = Fragment::called("tolower", &[left]);
        pattern.make_ascii_lowercase();
    }
    comparison.or_regex(left, pattern)
}

/// Parts of which any may hold; the negation is left to the printer.
fn any_of(parts: Vec<Fragment>) -> Option<Words> {
    (!parts.is_empty()).then(|| Words::new(Fragment::infix("or", strength::OR, parts), None))
}

fn matches_regex(subject: &Value, pattern: &str) -> Result<Fragment, String> {
    match dialect::refusal(pattern) {
        Some(reason) => Err(reason),
        None => Ok(infix(
            &subject.fragment,
            "matches regex",
            Fragment::atom(quote::regex(pattern)),
            strength::TEXT,
        )),
    }
}

fn regexes(subject: &Value, patterns: &[String], sensitive: bool) -> Result<Option<Words>, String> {
    let parts: Result<Vec<Fragment>, String> = patterns
        .iter()
        .map(|pattern| {
            let flag = if sensitive { "" } else { "(?i)" };
            matches_regex(subject, &format!("{flag}{pattern}"))
        })
        .collect();
    Ok(any_of(parts?))
}

/// Patterns with `*` and `?`: an operator where the stars stand at the ends only, else a regular expression for the whole text.
fn wildcards(
    subject: &Value,
    patterns: &[String],
    sensitive: bool,
) -> Result<Option<Words>, String> {
    let words: Result<Vec<Words>, String> = patterns
        .iter()
        .map(|pattern| wildcard(subject, pattern, sensitive))
        .collect();
    let words = words?;
    let negative: Option<Vec<Fragment>> = words.iter().map(Words::negative).collect();
    let negative = negative.map(|parts| Fragment::infix("and", strength::AND, parts));
    let positive: Vec<Fragment> = words.iter().map(Words::positive).collect();
    let any = || Fragment::infix("or", strength::OR, positive);
    Ok((!words.is_empty()).then(|| Words::new(any(), negative)))
}

fn wildcard(subject: &Value, pattern: &str, sensitive: bool) -> Result<Words, String> {
    let Some((before, plain, after)) = simple(pattern) else {
        let flags = if sensitive { "(?s)" } else { "(?is)" };
        let regex = format!("{flags}^{}$", wildcard_regex(pattern));
        return Ok(Words::new(matches_regex(subject, &regex)?, None));
    };
    let signs = match (before, after, sensitive) {
        (false, false, true) => ("==", "!="),
        (false, false, false) => ("=~", "!~"),
        (true, true, true) => ("contains_cs", "!contains_cs"),
        (true, true, false) => ("contains", "!contains"),
        (false, true, true) => ("startswith_cs", "!startswith_cs"),
        (false, true, false) => ("startswith", "!startswith"),
        (true, false, true) => ("endswith_cs", "!endswith_cs"),
        (true, false, false) => ("endswith", "!endswith"),
    };
    let strength = if signs.0 == "==" {
        strength::EQUALITY
    } else {
        strength::TEXT
    };
    let plain = quote::text(&plain);
    Ok(pair(&subject.fragment, signs, &plain, strength))
}

/// A pattern whose only wildcards are stars at its ends: whether there is one before, the plain text, whether there is one after.
fn simple(pattern: &str) -> Option<(bool, String, bool)> {
    let (before, rest) = match pattern.strip_prefix('*') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut plain = String::new();
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.peek().is_none() => return Some((before, plain, true)),
            '*' | '?' => return None,
            '\\' => plain.push(chars.next().unwrap_or('\\')),
            c => plain.push(c),
        }
    }
    Some((before, plain, false))
}

fn wildcard_regex(pattern: &str) -> String {
    let mut regex = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => {
                let plain = chars.next().unwrap_or('\\').to_string();
                regex.push_str(&regex::escape(&plain));
            }
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex
}

/// An order of texts; Kusto has no sign for it.
fn order(
    subject: &Value,
    predicate: &Predicate,
    positive: &'static str,
    negative: &'static str,
) -> Result<Option<Words>, String> {
    let Object::Literal(literal) = &predicate.object else {
        return Err("an order takes one constant".to_owned());
    };
    let numeric = matches!(subject.holds, FieldType::Integer | FieldType::Float);
    let left = match literal {
        Literal::Text(text) if predicate.case == CaseSensitivity::Insensitive => {
            let text = Fragment::atom(quote::text(&text.to_lowercase()));
            Fragment::form("strcmp(tolower({}), {})", &[&subject.fragment, &text])
        }
        Literal::Text(text) => {
            let text = Fragment::atom(quote::text(text));
            Fragment::form("strcmp({}, {})", &[&subject.fragment, &text])
        }
        Literal::Integer(_) | Literal::Float(_) if numeric => {
            let number = subject.converted("toreal", Kind::Real);
            return super::scalar::number_words(&number, predicate);
        }
        _ => return Ok(None),
    };
    let words = pair(&left, (positive, negative), "0", strength::ORDER);
    Ok(Some(words))
}

/// Networks, by the version of the address; the functions give null for what is no address.
fn networks(subject: &Value, networks: &[String]) -> Result<Words, String> {
    let (four, six): (Vec<&String>, Vec<&String>) =
        networks.iter().partition(|network| !network.contains(':'));
    let calls = [("ipv4", four), ("ipv6", six)]
        .into_iter()
        .filter_map(|(version, networks)| {
            let any = match networks.len() {
                0 => return None,
                1 => "",
                _ => "any_",
            };
            let list = networks
                .iter()
                .map(|network| Fragment::atom(quote::text(network)));
            let list: Vec<Fragment> = [subject.fragment.clone()].into_iter().chain(list).collect();
            Some(Fragment::called(
                &format!("{version}_is_in_{any}range"),
                &list,
            ))
        })
        .collect();
    let mut words = any_of(calls).ok_or("no network is named")?;
    words.nullable = true;
    Ok(words.but(Fidelity::Wider, SUFFIXED))
}
