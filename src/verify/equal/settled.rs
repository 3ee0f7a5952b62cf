//! One predicate to its plainest form: letters in lower case where case does not count, no wild cards at the ends of a text, a
//! regular expression as its syntax tree.

use ipnet::IpNet;
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{AssertionKind, Ast, GroupKind};
use regex_syntax::hir::HirKind;

use super::term;
use crate::ir::{CaseSensitivity, Function, Literal, Object, Operator, Predicate, Term};

/// The predicate with its constant as the case of letters asks for it, and with the plainest operator.
pub(super) fn settled(mut predicate: Predicate) -> Predicate {
    predicate = lowered(predicate);
    if let (Operator::HasTerm, Object::Texts(texts)) = (predicate.operator, &predicate.object)
        && texts
            .iter()
            .all(|text| !text.starts_with(in_term) && !text.ends_with(in_term))
    {
        predicate.operator = Operator::Contains;
    }
    if let (Operator::Wildcard, Object::Texts(texts)) = (predicate.operator, &predicate.object)
        && let [pattern] = texts.as_slice()
        && let Some((operator, object)) = unwild(pattern)
    {
        predicate = Predicate {
            operator,
            object,
            ..predicate
        };
    }
    if let (Operator::Wildcard, Object::Texts(texts)) = (predicate.operator, &predicate.object) {
        let regexes = texts.iter().map(|text| regex_of(text)).collect();
        predicate.operator = Operator::Matches;
        predicate.object = Object::Texts(regexes);
    }
    if let (Operator::Matches, Object::Texts(texts)) = (predicate.operator, &mut predicate.object) {
        let insensitive = predicate.case == CaseSensitivity::Insensitive;
        if let [pattern] = texts.as_slice()
            && let Some(term) = whole_term(pattern)
        {
            return settled(Predicate {
                operator: Operator::HasTerm,
                object: Object::Texts(vec![term]),
                ..predicate
            });
        }
        for text in texts {
            *text = term::pattern(text, insensitive);
        }
        predicate.case = CaseSensitivity::Sensitive;
        return predicate;
    }
    if predicate.operator == Operator::InNetwork
        && let Object::Texts(texts) = &mut predicate.object
    {
        for text in texts {
            *text = network(text);
        }
    }
    if crate::normalize::is_caseless(&predicate) {
        predicate.case = CaseSensitivity::Sensitive;
    }
    if predicate.case == CaseSensitivity::Insensitive {
        predicate.object = folded(predicate.object);
    }
    predicate
}

/// The range of addresses as it is written in one way.
fn network(text: &str) -> String {
    text.parse::<IpNet>()
        .map_or_else(|_| text.to_owned(), |range| range.trunc().to_string())
}

/// A text in lower case that has a text in lower case is one that has it in any case.
fn lowered(predicate: Predicate) -> Predicate {
    let Term::Call {
        function: Function::Lower,
        arguments,
    } = &predicate.subject
    else {
        return predicate;
    };
    let [of] = arguments.as_slice() else {
        return predicate;
    };
    let compares = matches!(
        predicate.operator,
        Operator::Equals
            | Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::HasTerm
    );
    let is_lower = match &predicate.object {
        Object::Literal(Literal::Text(text)) => text.to_lowercase() == *text,
        Object::Texts(texts) => texts.iter().all(|text| text.to_lowercase() == *text),
        _ => false,
    };
    if !(compares && is_lower) {
        return predicate;
    }
    Predicate {
        subject: of.clone(),
        case: CaseSensitivity::Insensitive,
        ..predicate
    }
}

fn folded(object: Object) -> Object {
    match object {
        Object::Literal(Literal::Text(text)) => Object::Literal(Literal::Text(text.to_lowercase())),
        Object::Texts(texts) => {
            Object::Texts(texts.iter().map(|text| text.to_lowercase()).collect())
        }
        other => other,
    }
}

/// The texts of which a regular expression finds one, and where it finds them: anywhere, at an end, or as the whole. Nothing for
/// one that says more, and for one in any case of letters that takes other letters for those of a text, as `ſ` for `s`.
pub(super) fn listed(pattern: &str, case: CaseSensitivity) -> Option<(Operator, Vec<String>)> {
    let tree = Parser::new().parse(pattern).ok()?;
    let parts = match &tree {
        Ast::Concat(concat) => concat.asts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let is = |part: &Ast, kind: AssertionKind| matches!(part, Ast::Assertion(found) if found.kind == kind);
    let first = parts
        .first()
        .is_some_and(|part| is(part, AssertionKind::StartLine));
    let last = parts
        .last()
        .is_some_and(|part| is(part, AssertionKind::EndLine));
    let inner = parts.get(usize::from(first)..parts.len().checked_sub(usize::from(last))?)?;
    let texts = match inner {
        [Ast::Group(group)] => match (&group.kind, group.ast.as_ref()) {
            (GroupKind::NonCapturing(flags), Ast::Alternation(choice))
                if flags.items.is_empty() =>
            {
                let texts = choice
                    .asts
                    .iter()
                    .map(|one| text_of(std::slice::from_ref(one)));
                texts.collect::<Option<Vec<String>>>()?
            }
            _ => return None,
        },
        plain => vec![text_of(plain)?],
    };
    let operator = match (first, last) {
        (false, false) => Operator::Contains,
        (true, false) => Operator::StartsWith,
        (false, true) => Operator::EndsWith,
        (true, true) => return None,
    };
    let is_plain = |text: &String| text.is_ascii() && !text.contains(['s', 'S']);
    if case == CaseSensitivity::Insensitive && !texts.iter().all(is_plain) {
        return None;
    }
    Some((operator, texts))
}

/// The text that is made of nothing but characters.
fn text_of(parts: &[Ast]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Ast::Literal(literal) => text.push(literal.c),
            Ast::Concat(concat) => text.push_str(&text_of(&concat.asts)?),
            _ => return None,
        }
    }
    (!text.is_empty()).then_some(text)
}

/// What a term begins behind, as the regular expressions that are written for it.
const BEFORE: [&str; 2] = [
    r"(?:^|[\x00-/:-@\[-`{-\x7f])",
    r"(?:^|[^0-9A-Za-z\x80-\U0010ffff])",
];

/// What a term ends before. A line end at the end of the text is no part of a term, so that it needs no alternative of its own.
const BEHIND: [&str; 3] = [
    r"(?:[\x00-/:-@\[-`{-\x7f]|$)",
    r"(?:[^0-9A-Za-z\x80-\U0010ffff]|\z)",
    r"(?:[^0-9A-Za-z\x80-\U0010ffff]|\n?\z)",
];

/// The term that a regular expression finds wherever it stands whole.
fn whole_term(pattern: &str) -> Option<String> {
    let before = BEFORE.iter().find_map(|ends| pattern.strip_prefix(ends));
    let text = before.unwrap_or(pattern);
    let behind = BEHIND.iter().find_map(|ends| text.strip_suffix(ends));
    let tree = regex_syntax::parse(behind.unwrap_or(text)).ok()?;
    let HirKind::Literal(literal) = tree.kind() else {
        return None;
    };
    let term = std::str::from_utf8(&literal.0).ok()?;
    // Next to what is no part of a term itself there may be anything.
    let (first, last) = (term.starts_with(in_term), term.ends_with(in_term));
    let is_whole = first == before.is_some() && last == behind.is_some() && (first || last);
    is_whole.then(|| term.to_owned())
}

/// Whether the character is part of a term.
fn in_term(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// The regular expression that finds the texts which follow a pattern with wild cards.
fn regex_of(pattern: &str) -> String {
    let mut regex = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => regex.push_str(&regex_syntax::escape(
                &chars.next().unwrap_or('\\').to_string(),
            )),
            c => regex.push_str(&regex_syntax::escape(&c.to_string())),
        }
    }
    regex.push('$');
    regex
}

/// The operator that a pattern stands for, where its wild cards are at its ends alone.
fn unwild(pattern: &str) -> Option<(Operator, Object)> {
    let mut text = String::new();
    let mut stars = Vec::new();
    let mut chars = pattern.chars();
    let mut count = 0;
    while let Some(c) = chars.next() {
        match c {
            '*' => stars.push(count),
            '?' => return None,
            '\\' => text.push(chars.next().unwrap_or('\\')),
            c => text.push(c),
        }
        count = text.chars().count();
    }
    let (first, last) = (stars.contains(&0), stars.contains(&count));
    if text.is_empty() || stars.iter().any(|at| *at != 0 && *at != count) {
        return None;
    }
    let operator = match (first, last) {
        (false, false) => return Some((Operator::Equals, Object::Literal(Literal::Text(text)))),
        (true, true) => Operator::Contains,
        (true, false) => Operator::EndsWith,
        (false, true) => Operator::StartsWith,
    };
    Some((operator, Object::Texts(vec![text])))
}
