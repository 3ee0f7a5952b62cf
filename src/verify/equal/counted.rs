//! A regular expression that counts the separators in a text, as a question for the number of parts between them.

use crate::ir::{Function, Literal, Object, Operator, Predicate, Term};

/// The predicate for the parts; nothing where the expression asks for something else.
pub(super) fn parts(predicate: &Predicate, pattern: &str) -> Option<Predicate> {
    let (separator, operator, parts) = read(pattern)?;
    let separator = Term::text(separator.to_string());
    let split = Term::call(Function::Split, [predicate.subject.clone(), separator]);
    let length = Term::call(Function::Length, [split]);
    let parts = Object::Literal(Literal::Integer(parts));
    Some(Predicate {
        origin: predicate.origin,
        ..Predicate::new(length, operator, parts)
    })
}

/// The separator, and how many parts there are of it: exactly so many, or at least.
fn read(pattern: &str) -> Option<(char, Operator, i64)> {
    let rest = pattern.strip_prefix('^')?;
    let inner = rest.strip_prefix("(?:").unwrap_or(rest);
    let mut letters = inner.strip_prefix("[^")?.chars();
    let separator = match letters.next()? {
        '\\' => letters.next()?,
        letter => letter,
    };
    if separator.is_alphanumeric() || matches!(separator, '^' | ']' | '[' | '-') {
        return None;
    }
    let literal = regex_syntax::escape(&separator.to_string());
    let forms = [separator.to_string(), literal];
    let other = |of: &str| forms.iter().any(|form| of == format!("[^{form}]*"));
    let ends = |rest: &str| {
        let (own, end) = rest.split_once("]*")?;
        if !other(&format!("{own}]*")) {
            return None;
        }
        match end {
            "$" => Some(Operator::Equals),
            end => {
                let or_end = |form: &String| end == format!("(?:{form}|$)");
                forms.iter().any(or_end).then_some(Operator::AtLeast)
            }
        }
    };
    let own = |text: &str| {
        let (class, literal) = text.split_once("]*")?;
        let is_own = other(&format!("{class}]*")) && forms.iter().any(|form| form == literal);
        is_own.then_some(())
    };
    if let Some(repeated) = rest.strip_prefix("(?:") {
        let (one, rest) = repeated.split_once("){")?;
        own(one)?;
        let (times, rest) = rest.split_once('}')?;
        let times: i64 = times.parse().ok()?;
        return Some((separator, ends(rest)?, times.checked_add(1)?));
    }
    if let Some(operator) = ends(rest) {
        return Some((separator, operator, 1));
    }
    let (class, rest) = rest.split_once("]*")?;
    let form = forms.iter().find(|form| rest.starts_with(form.as_str()))?;
    own(&format!("{class}]*{form}"))?;
    Some((separator, ends(&rest[form.len()..])?, 2))
}
