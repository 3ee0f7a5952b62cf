//! String operators to predicates.
//!
//! A string is never null: where the term is missing the operator sees the empty text. A conversion to text around a term is
//! left out where only a text could satisfy the operator, so that `tostring(d.name) == "x"` asks for the field itself.

use super::value::{
    Constant, Kind, Lowered, Obstacle, Scalar, Truth, Value, compare, is_filled, is_present,
};
use crate::ir::compute::{is_match, is_pattern};
use crate::ir::{CaseSensitivity, Condition, Function, Literal, Object, Operator, Term};
use crate::schema::FieldType;
use crate::source::TextRange;

/// What a string operator asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
    HasTerm,
    /// A term starts with the text.
    HasPrefix,
    /// A term ends with the text.
    HasSuffix,
    Matches,
}

/// The value as a string; `written` where the query converts it explicitly, so that an unknown column may be anything.
pub(super) fn as_text(value: Value, written: bool, range: TextRange) -> Lowered<Value> {
    let value = match value {
        Value::Spelt(spelt) if spelt.kind == Kind::Text => return Ok(Value::Spelt(spelt)),
        value => value.resolved(),
    };
    Ok(match value {
        Value::Constant(constant)
            if matches!(
                constant.kind,
                Kind::Timespan | Kind::Datetime | Kind::Moment | Kind::Span
            ) =>
        {
            return Err(Obstacle::new(
                range,
                "the text of a point in time or a time span is not a value of the IR",
            ));
        }
        Value::Constant(constant) => Value::text(super::fold::text_of(&constant.literal)),
        Value::Scalar(scalar) if matches!(scalar.kind, Kind::Moment | Kind::Span) => {
            let function = match scalar.kind {
                Kind::Moment => Function::MomentText,
                _ => Function::SpanText,
            };
            Value::Scalar(Scalar::new(Term::call(function, [scalar.term]), Kind::Text))
        }
        Value::Scalar(scalar) => Value::Scalar(scalar_as_text(scalar, written)),
        Value::Truth(truth) => {
            let fails = truth.clone().fails();
            let cases = vec![
                (truth.holds, Value::text("True")),
                (fails, Value::text("False")),
            ];
            Value::Choice(cases, Box::new(Value::text("")))
        }
        Value::Choice(cases, otherwise) => {
            let cases = cases
                .into_iter()
                .map(|(when, then)| Ok((when, as_text(then, written, range)?)));
            let cases = cases.collect::<Lowered<_>>()?;
            Value::Choice(cases, Box::new(as_text(*otherwise, written, range)?))
        }
        value @ (Value::Spelt(_) | Value::Unlisted(_)) => value,
        Value::Clock(_) | Value::Window(_) | Value::Address { .. } | Value::TypeName(_) => {
            return Err(Obstacle::new(
                range,
                "the text of this value is not a value of the IR",
            ));
        }
    })
}

fn scalar_as_text(scalar: Scalar, written: bool) -> Scalar {
    let plain = match scalar.kind {
        Kind::Text => return scalar,
        Kind::Unknown => !written,
        Kind::Dynamic => matches!(scalar.field, FieldType::Text | FieldType::Datetime),
        Kind::Truth
        | Kind::Number
        | Kind::Datetime
        | Kind::Timespan
        | Kind::Moment
        | Kind::Span => false,
    };
    let absent = Literal::Text(super::fold::text_of(&scalar.absent));
    let term = if plain {
        scalar.term
    } else {
        Term::call(Function::ToText, [scalar.term])
    };
    total(Scalar {
        term,
        kind: Kind::Text,
        absent,
        field: FieldType::Any,
    })
}

/// The string, with anything but the empty text that it has where the term is missing put into the term.
fn total(mut scalar: Scalar) -> Scalar {
    if scalar.absent != Literal::text("") {
        let absent = std::mem::replace(&mut scalar.absent, Literal::text(""));
        scalar.term = Term::call(Function::Coalesce, [scalar.term, Term::Literal(absent)]);
    }
    scalar
}

/// Whether the subject satisfies the test with any of the texts.
pub(super) fn test(
    subject: Value,
    question: TextTest,
    texts: &[String],
    case: CaseSensitivity,
    range: TextRange,
) -> Lowered<Truth> {
    if question == TextTest::Matches {
        for text in texts {
            require_regex(text, case, range)?;
        }
    }
    let subject = as_text(subject, false, range)?;
    super::compare::distribute(subject, &mut |value| match value {
        Value::Constant(constant) => {
            let text = super::fold::text_of(&constant.literal);
            let held = texts
                .iter()
                .any(|wanted| satisfies(&text, question, wanted, case));
            Ok(Truth::total(Condition::constant(held)))
        }
        Value::Unlisted(spelt) if question == TextTest::Equals => {
            let equal = |text: &String| spelt.unlisted_equals(&Constant::text(text), range);
            let any = |any: Truth, text| Ok(any.or(equal(text)?));
            texts.iter().try_fold(Truth::total(Condition::FALSE), any)
        }
        Value::Unlisted(spelt) => Err(spelt.obstacle(range)),
        Value::Scalar(scalar) => Ok(Truth::total(of_scalar(
            &total(scalar),
            question,
            texts,
            case,
        ))),
        _ => Err(Obstacle::new(range, "this value is not a text")),
    })
}

fn of_scalar(
    scalar: &Scalar,
    question: TextTest,
    texts: &[String],
    case: CaseSensitivity,
) -> Condition {
    let (empty, rest): (Vec<&String>, Vec<&String>) = texts
        .iter()
        .partition(|text| satisfies("", question, text, case));
    let mut holds = Condition::FALSE;
    if !rest.is_empty() {
        holds = predicate(
            &scalar.term,
            question,
            rest.into_iter().cloned().collect(),
            case,
        );
    }
    for text in empty {
        holds = holds.or(match question {
            TextTest::Equals => is_filled(scalar.term.clone()).negate(),
            TextTest::Matches => {
                let matched = predicate(&scalar.term, question, vec![text.clone()], case);
                matched.or(is_present(scalar.term.clone()).negate())
            }
            // Every text holds, starts and ends with the empty one.
            _ => Condition::TRUE,
        });
    }
    holds
}

/// The predicate, for texts that the empty text does not satisfy.
fn predicate(
    term: &Term,
    question: TextTest,
    texts: Vec<String>,
    case: CaseSensitivity,
) -> Condition {
    let (term, texts, case) =
        if question == TextTest::Matches && !texts.iter().all(|text| has_no_case(text)) {
            (term.clone(), texts, case)
        } else {
            without_case(term, texts, case)
        };
    if texts.is_empty() {
        return Condition::FALSE;
    }
    let term = plain(term, question, &texts, case);
    let (operator, object) = match question {
        TextTest::Equals => match texts.as_slice() {
            [one] => (Operator::Equals, Object::Literal(Literal::text(one))),
            _ => (
                Operator::In,
                Object::List(texts.into_iter().map(Literal::Text).collect()),
            ),
        },
        TextTest::Contains => (Operator::Contains, Object::Texts(texts)),
        TextTest::StartsWith => (Operator::StartsWith, Object::Texts(texts)),
        TextTest::EndsWith => (Operator::EndsWith, Object::Texts(texts)),
        TextTest::HasTerm => (Operator::HasTerm, Object::Texts(texts)),
        TextTest::HasPrefix => (
            Operator::Matches,
            Object::Texts(texts.iter().map(|text| bounded(text, true)).collect()),
        ),
        TextTest::HasSuffix => (
            Operator::Matches,
            Object::Texts(texts.iter().map(|text| bounded(text, false)).collect()),
        ),
        TextTest::Matches => {
            let stripped: Vec<String> = texts
                .iter()
                .filter_map(|text| text.strip_prefix("(?i)"))
                .map(str::to_owned)
                .collect();
            if stripped.len() == texts.len() {
                return compare(
                    term,
                    Operator::Matches,
                    Object::Texts(stripped),
                    CaseSensitivity::Insensitive,
                );
            }
            (Operator::Matches, Object::Texts(texts))
        }
    };
    compare(term, operator, object, case)
}

/// Whether a regular expression finds in small letters what it finds without regard to case: `ſ` is an `s` in any case, and none in
/// small letters, and a capital or a class may be part of what is looked for.
fn has_no_case(pattern: &str) -> bool {
    let is_plain = |c: char| c.is_ascii() && !c.is_ascii_uppercase() && !matches!(c, 's' | '[');
    pattern.chars().all(is_plain) && !pattern.contains(r"\p")
}

/// A test of a text in lower case is a test without regard to case; a text with capitals never satisfies it.
fn without_case(
    term: &Term,
    mut texts: Vec<String>,
    case: CaseSensitivity,
) -> (Term, Vec<String>, CaseSensitivity) {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return (term.clone(), texts, case);
    };
    let (change, [inner]): (fn(&str) -> String, [Term; 1]) = match (function, arguments.as_slice())
    {
        (Function::Lower, [inner]) => (|text| text.to_lowercase(), [inner.clone()]),
        (Function::Upper, [inner]) => (|text| text.to_uppercase(), [inner.clone()]),
        _ => return (term.clone(), texts, case),
    };
    if case == CaseSensitivity::Sensitive {
        texts.retain(|text| change(text) == *text);
    }
    (inner, texts, CaseSensitivity::Insensitive)
}

/// The term without its conversion to text, where no number, truth value, list or object has a text form that satisfies.
fn plain(term: Term, question: TextTest, texts: &[String], case: CaseSensitivity) -> Term {
    let only_text = |text: &String| {
        let text = if case == CaseSensitivity::Insensitive {
            text.to_lowercase()
        } else {
            text.clone()
        };
        let json = text.starts_with(|c: char| c.is_ascii_digit() || "{[-".contains(c));
        match question {
            TextTest::Equals => !json && text != "true" && text != "false",
            TextTest::StartsWith => {
                !json && !"true".starts_with(&text) && !"false".starts_with(&text)
            }
            _ => false,
        }
    };
    if texts.iter().all(only_text) {
        super::value::without_text(term)
    } else {
        term
    }
}

/// A regular expression for a text at the start (or the end) of a term.
fn bounded(text: &str, start: bool) -> String {
    let edge = if start {
        text.chars().next()
    } else {
        text.chars().next_back()
    };
    let literal = regex::escape(text);
    if !edge.is_some_and(in_term) {
        return literal;
    }
    let boundary = r"[^0-9A-Za-z\x{80}-\x{10FFFF}]";
    if start {
        format!("(?:^|{boundary}){literal}")
    } else {
        format!("{literal}(?:$|{boundary})")
    }
}

fn in_term(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// Refuses what is no regular expression.
pub(super) fn require_regex(pattern: &str, case: CaseSensitivity, range: TextRange) -> Lowered<()> {
    if is_pattern(pattern, case == CaseSensitivity::Insensitive) {
        return Ok(());
    }
    let message = "the regular expression is not one that the IR can hold";
    Err(Obstacle::new(range, message).coded(crate::diagnostic::Code::KqlType))
}

/// The test of a constant text.
fn satisfies(text: &str, question: TextTest, wanted: &str, case: CaseSensitivity) -> bool {
    let fold = |text: &str| {
        if case == CaseSensitivity::Insensitive {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    if question == TextTest::Matches {
        return is_match(wanted, case == CaseSensitivity::Insensitive, text);
    }
    let (text, wanted) = (fold(text), fold(wanted));
    match question {
        TextTest::Equals => text == wanted,
        TextTest::Contains => text.contains(&wanted),
        TextTest::StartsWith => text.starts_with(&wanted),
        TextTest::EndsWith => text.ends_with(&wanted),
        TextTest::HasTerm => has_term(&text, &wanted, true, true),
        TextTest::HasPrefix => has_term(&text, &wanted, true, false),
        TextTest::HasSuffix => has_term(&text, &wanted, false, true),
        TextTest::Matches => false,
    }
}

/// Whether the needle stands in the text with term boundaries at the asked ends.
fn has_term(text: &str, needle: &str, start: bool, end: bool) -> bool {
    let (Some(first), Some(last)) = (needle.chars().next(), needle.chars().next_back()) else {
        return true;
    };
    text.match_indices(needle).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        let joins = |edge: char, beside: Option<char>| in_term(edge) && beside.is_some_and(in_term);
        let (cut_before, cut_after) = (start && joins(first, before), end && joins(last, after));
        !cut_before && !cut_after
    })
}

/// A list's constants as texts; `None` where one is something else.
pub(super) fn texts_of(values: &[Value]) -> Option<Vec<String>> {
    values
        .iter()
        .map(|value| value.as_constant().and_then(text_constant))
        .collect()
}

fn text_constant(constant: &Constant) -> Option<String> {
    constant
        .literal
        .as_text()
        .filter(|_| !matches!(constant.kind, Kind::Datetime | Kind::Moment))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::eval;
    use crate::ir::{FieldPath, Function};

    #[test]
    fn an_expression_on_small_letters_finds_no_other_letters() {
        let small = Term::call(Function::Lower, [Term::Field(FieldPath::keys(["a"]))]);
        let finds = |pattern: &str, text: &str| {
            let pattern = vec![pattern.to_owned()];
            let asked = predicate(
                &small,
                TextTest::Matches,
                pattern,
                CaseSensitivity::Sensitive,
            );
            eval::holds(&asked, &json!({"a": text}))
        };
        assert!(finds("^get$", "GET"));
        assert!(finds("post$", "RePOST"));
        assert!(!finds("post$", "PO\u{17f}T"));
        assert!(finds(r"a\W", "A-"));
        assert!(!finds("A|b", "a"));
        assert!(finds("A|b", "B"));
    }
}
