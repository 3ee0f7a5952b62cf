//! Comparisons of truth values, numbers, times and dynamic values with constants, and of two values of one event.
//!
//! A comparison by order is null for a missing value, so its negation names the null. A constant of another type than the column
//! is converted where the column was made from such values, and refused where the conversion could change the verdict.

use serde_json::Value as Json;

use super::comparison::{Comparison, Signs};
use super::notation::{Words, judged};
use super::quote;
use super::text::{self, pair};
use super::value::{Kind, Value, infix, strength};
use crate::analysis::Fidelity;
use crate::backend::fragment::Fragment;
use crate::ir::{CaseSensitivity, Literal, Object, Operator, Predicate};
use crate::schema::FieldType;

const CONVERTED: &str = "a text that reads as the value is taken for it";

/// The constants of an equality or a membership; the error says that the operator is another one.
fn constants<'p>(predicate: &'p Predicate, column: &str) -> Result<&'p [Literal], String> {
    match (&predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(literal)) => Ok(std::slice::from_ref(literal)),
        (Operator::In, Object::List(items)) => Ok(items),
        _ => Err(format!(
            "`{}` asks for a text, and {column}",
            predicate.operator.name()
        )),
    }
}

/// An equality with one constant, or a membership in several; nothing without any.
fn membership(subject: &Value, constants: &[String]) -> Option<Words> {
    Some(match constants {
        [] => return None,
        [one] => pair(&subject.fragment, ("==", "!="), one, strength::EQUALITY),
        many => text::membership(subject, ("in", "!in"), many),
    })
}

/// Truth values, also where the event writes them as texts.
pub(super) fn bool_words(subject: &Value, predicate: &Predicate) -> Result<Option<Words>, String> {
    let mut wanted = Vec::new();
    let mut foreign = false;
    for literal in constants(predicate, "the column holds truth values")? {
        match literal {
            Literal::Boolean(value) => {
                foreign |= matches!(subject.holds, FieldType::Text);
                wanted.push(value.to_string());
            }
            Literal::Text(text) if subject.holds != FieldType::Boolean => {
                let word = match predicate.case {
                    CaseSensitivity::Sensitive => text.clone(),
                    CaseSensitivity::Insensitive => text.to_lowercase(),
                };
                if !matches!(word.as_str(), "true" | "false") {
                    return Err(format!(
                        "the column holds truth values, and {literal} is not how one is written"
                    ));
                }
                wanted.push(word);
            }
            _ => {}
        }
    }
    let words = membership(subject, &wanted);
    Ok(words.map(|words| {
        let words = judged(words, subject, predicate);
        if foreign {
            words.but(Fidelity::Wider, "the event writes the value as a text")
        } else {
            words
        }
    }))
}

/// Numbers, also where the event writes them as texts.
pub(super) fn number_words(
    subject: &Value,
    predicate: &Predicate,
) -> Result<Option<Words>, String> {
    let as_number = |literal: &Literal| match literal {
        Literal::Integer(_) | Literal::Float(_) => Ok(Some(quote::literal(literal))),
        Literal::Text(text) if matches!(subject.holds, FieldType::Text | FieldType::Any) => {
            match text.parse::<i64>() {
                Ok(number) if number.to_string() == *text => Ok(Some(text.clone())),
                _ => Err(format!(
                    "the column holds numbers, and {literal} is not how one is written"
                )),
            }
        }
        _ => Ok(None),
    };
    if let Some((positive, negative)) = signs(predicate.operator) {
        let Object::Literal(literal) = &predicate.object else {
            return Err("an order takes one constant".to_owned());
        };
        if literal.as_text().is_some() && subject.holds == FieldType::Text {
            return Err("the column holds numbers, and the rule compares texts".to_owned());
        }
        let number = as_number(literal)?;
        let words = number.map(|number| ordered(subject, positive, negative, &number));
        return Ok(words.map(|words| judged(words, subject, predicate)));
    }
    // A number and the text that spells it are one number here.
    let mut wanted: Vec<String> = Vec::new();
    for literal in constants(predicate, "the column holds numbers")? {
        if let Some(number) = as_number(literal)?
            && !wanted.contains(&number)
        {
            wanted.push(number);
        }
    }
    Ok(membership(subject, &wanted).map(|words| judged(words, subject, predicate)))
}

/// The signs of an order and of its opposite.
fn signs(operator: Operator) -> Option<(&'static str, &'static str)> {
    match operator {
        Operator::LessThan => Some(("<", ">=")),
        Operator::AtMost => Some(("<=", ">")),
        Operator::GreaterThan => Some((">", "<=")),
        Operator::AtLeast => Some((">=", "<")),
        Operator::Equals
        | Operator::In
        | Operator::Contains
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::HasTerm
        | Operator::Matches
        | Operator::Wildcard
        | Operator::InNetwork
        | Operator::IsIpAddress
        | Operator::Exists
        | Operator::IsPresent
        | Operator::IsFilled
        | Operator::IsTruthy
        | Operator::IsKind => None,
    }
}

/// An order; null where the value is missing.
fn ordered(subject: &Value, positive: &'static str, negative: &'static str, object: &str) -> Words {
    let words = pair(
        &subject.fragment,
        (positive, negative),
        object,
        strength::ORDER,
    );
    if subject.blank.is_none() {
        return words;
    }
    let missing = Fragment::called("isnull", std::slice::from_ref(&subject.fragment));
    let either = |negative| Fragment::infix("or", strength::OR, vec![negative, missing]);
    let mut words = Words::new(words.positive(), words.negative().map(either));
    words.nullable = true;
    words
}

/// Points in time, which events write as texts.
pub(super) fn time_words(subject: &Value, predicate: &Predicate) -> Result<Option<Words>, String> {
    let as_time = |literal: &Literal| match literal {
        Literal::Text(text) => quote::datetime(text).map(Some).ok_or_else(|| {
            format!("the column holds points in time, and {literal} is none in UTC")
        }),
        _ => Ok(None),
    };
    if let Some((positive, negative)) = signs(predicate.operator) {
        let Object::Literal(literal) = &predicate.object else {
            return Err("an order takes one constant".to_owned());
        };
        let time = as_time(literal)?;
        // A day alone is a text before every time of that day, its midnight included.
        let (positive, negative) = match literal.as_text().map(str::len) {
            Some(10) if positive == ">" => (">=", "<"),
            Some(10) if positive == "<=" => ("<", ">="),
            _ => (positive, negative),
        };
        return Ok(time.map(|time| ordered(subject, positive, negative, &time)));
    }
    let wanted: Result<Vec<Option<String>>, String> =
        constants(predicate, "the column holds points in time")?
            .iter()
            .map(as_time)
            .collect();
    let wanted: Vec<String> = wanted?.into_iter().flatten().collect();
    let words = membership(subject, &wanted);
    let reason = "another spelling of the same point in time is equal to it";
    Ok(words.map(|words| words.but(Fidelity::Wider, reason)))
}

/// A value whose type is not fixed: the type of each constant decides how it is read.
pub(super) fn by_object(subject: &Value, predicate: &Predicate) -> Result<Option<Words>, String> {
    let literals = match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(Literal::List(items))) => {
            return list_words(subject, items, predicate.case).map(Some);
        }
        (_, Object::Literal(literal)) => std::slice::from_ref(literal),
        (Operator::In, Object::List(items)) => items.as_slice(),
        _ => return text::words(&subject.as_text(), predicate),
    };
    let mut groups: [Vec<Literal>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for literal in literals {
        match literal {
            Literal::Text(_) => groups[0].push(literal.clone()),
            Literal::Integer(_) | Literal::Float(_) => groups[1].push(literal.clone()),
            Literal::Boolean(_) => groups[2].push(literal.clone()),
            Literal::Null => {}
            Literal::List(_) | Literal::Object(_) => {
                return Err("a list or an object is not compared as a whole".to_owned());
            }
        }
    }
    let mut found = Vec::new();
    for (at, group) in groups
        .iter()
        .enumerate()
        .filter(|(_, group)| !group.is_empty())
    {
        let question = Predicate {
            object: match predicate.operator {
                Operator::In => Object::List(group.clone()),
                _ => predicate.object.clone(),
            },
            ..predicate.clone()
        };
        let words = match at {
            0 => text::words(&subject.as_text(), &question)?,
            1 => number_words(&typed(subject, Kind::Real), &question)?
                .map(|words| unless(words, subject, &[FieldType::Integer, FieldType::Float])),
            _ => bool_words(&typed(subject, Kind::Bool), &question)?
                .map(|words| unless(words, subject, &[FieldType::Boolean])),
        };
        found.extend(words);
    }
    Ok(joined(found))
}

/// A list of texts, by its length and its items; null for what is no list.
fn list_words(subject: &Value, items: &[Literal], case: CaseSensitivity) -> Result<Words, String> {
    let texts: Option<Vec<&str>> = items.iter().map(Literal::as_text).collect();
    let texts = texts
        .filter(|texts| texts.iter().all(|text| text::is_no_other_kind(text)))
        .filter(|_| subject.kind == Kind::Dynamic && !subject.partial)
        .ok_or("a list or an object is not compared as a whole")?;
    let length = subject.fragment.clone();
    let length = length.flat_call("array_length(", &format!(") == {}", texts.len()));
    let length = length.of_strength(strength::EQUALITY);
    let (sign, strength) = match case {
        CaseSensitivity::Sensitive => ("==", strength::EQUALITY),
        CaseSensitivity::Insensitive => ("=~", strength::TEXT),
    };
    let same = texts.iter().enumerate().map(|(at, text)| {
        let end = format!("[{at}]) {sign} {}", quote::text(text));
        let item = subject.fragment.clone().flat_call("tostring(", &end);
        item.of_strength(strength)
    });
    let parts = std::iter::once(length).chain(same).collect();
    let mut words = Words::new(Fragment::infix("and", strength::AND, parts), None);
    words.nullable = true;
    Ok(words)
}

/// The value read as another type.
fn typed(subject: &Value, kind: Kind) -> Value {
    match (subject.kind, kind) {
        (Kind::Open, _) => Value {
            kind,
            ..subject.clone()
        },
        (_, Kind::Bool) => subject.converted("tobool", Kind::Bool),
        (_, _) if subject.holds == FieldType::Integer => subject.converted("tolong", Kind::Whole),
        (_, _) => subject.converted("toreal", Kind::Real),
    }
}

/// The words, wider unless the value in the event is known to be of one of the types.
fn unless(words: Words, subject: &Value, types: &[FieldType]) -> Words {
    if types.contains(&subject.holds) || subject.kind == Kind::Open {
        words
    } else {
        words.but(Fidelity::Wider, CONVERTED)
    }
}

/// Any of the words; the first where there is one.
fn joined(found: Vec<Words>) -> Option<Words> {
    found.into_iter().reduce(|a, b| {
        let negative = a
            .negative()
            .zip(b.negative())
            .map(|(a, b)| Fragment::infix("and", strength::AND, vec![a, b]));
        let mut words = Words::new(
            Fragment::infix("or", strength::OR, vec![a.positive(), b.positive()]),
            negative,
        );
        words.nullable = a.nullable || b.nullable;
        words.but(a.fidelity, &a.reason).but(b.fidelity, &b.reason)
    })
}

/// A comparison of two values of one event.
pub(super) fn against(
    subject: &Value,
    predicate: &Predicate,
    other: &Value,
) -> Result<Words, String> {
    let (left, right) = aligned(subject, predicate, other)?;
    let textual = matches!(left.kind, Kind::Text | Kind::Open);
    if !textual && (left.holds == FieldType::Text) != (right.holds == FieldType::Text) {
        return Err("one of the values is a text in the event, the other is not".to_owned());
    }
    let fold = predicate.case == CaseSensitivity::Insensitive;
    let is_text = |value: &Value| matches!(value.holds, FieldType::Text | FieldType::Datetime);
    let kinds_differ = textual && !(is_text(subject) && is_text(other));
    let words = match (predicate.operator, signs(predicate.operator)) {
        (Operator::Equals, _) if textual => equal_texts(&left, &right, fold, !kinds_differ),
        (_, Some(_)) if kinds_differ => {
            return Err("values of unknown kinds are not put in order".to_owned());
        }
        (Operator::Equals, _) => {
            let nullable = left.blank.is_some() && right.blank.is_some();
            nullable_where(
                nullable,
                compared(&left, ("==", "!="), &right, strength::EQUALITY),
            )
        }
        (_, Some((positive, _))) if textual => ordered_texts(&left, positive, &right),
        (_, Some(signs)) => {
            let nullable = left.blank.is_some() || right.blank.is_some();
            nullable_where(nullable, compared(&left, signs, &right, strength::ORDER))
        }
        (operator, None) => match part_words(operator, fold) {
            Some(words) if textual && !kinds_differ => part_of(&left, words, &right),
            _ => return Err(format!("`{}` takes constants", operator.name())),
        },
    };
    // A length, say, is 0 for a text that is missing.
    let shows_number = |value: &Value| {
        let shown = value.blank.as_ref().map(|blank| &blank.shown);
        !textual && shown.is_some_and(|shown| !shown.is_null())
    };
    Ok(if shows_number(&left) || shows_number(&right) {
        words.but(Fidelity::Wider, super::existence::CONFUSED)
    } else if kinds_differ {
        words.but(
            Fidelity::Wider,
            "values of different kinds with one text form are equal",
        )
    } else {
        words
    })
}

/// How Kusto asks for a text within another one, and for its absence.
fn part_words(operator: Operator, fold: bool) -> Option<(&'static str, &'static str)> {
    match (operator, fold) {
        (Operator::Contains, false) => Some(("contains_cs", "!contains_cs")),
        (Operator::Contains, true) => Some(("contains", "!contains")),
        (Operator::StartsWith, false) => Some(("startswith_cs", "!startswith_cs")),
        (Operator::StartsWith, true) => Some(("startswith", "!startswith")),
        (Operator::EndsWith, false) => Some(("endswith_cs", "!endswith_cs")),
        (Operator::EndsWith, true) => Some(("endswith", "!endswith")),
        _ => None,
    }
}

/// A text within another one; the empty text, which is what a missing one shows, is within all.
fn part_of(left: &Value, words: Signs, right: &Value) -> Words {
    let words = compared(left, words, right, strength::TEXT);
    let shown = right.blank.as_ref().map(|blank| &blank.shown);
    if shown != Some(&Json::from("")) {
        return words;
    }
    let filled = super::existence::test(right, true);
    let guarded = Fragment::infix("and", strength::AND, vec![filled, words.positive()]);
    narrowed_by_blank(Words::new(guarded, None), true)
}

/// Two values in a form in which Kusto compares them with each other.
fn aligned(
    subject: &Value,
    predicate: &Predicate,
    other: &Value,
) -> Result<(Value, Value), String> {
    let is_number = |value: &Value| matches!(value.kind, Kind::Whole | Kind::Real);
    let (left, right) = if subject.kind == other.kind && subject.kind != Kind::Dynamic {
        (subject.clone(), other.clone())
    } else if is_number(subject) || is_number(other) {
        return Err("a number is not compared with a value of another kind".to_owned());
    } else {
        (subject.as_text(), other.as_text())
    };
    if left.reshaped
        || right.reshaped
        || (left.kind == Kind::Bool && signs(predicate.operator).is_some())
    {
        return Err("values of these types are not compared with each other".to_owned());
    }
    Ok((left, right))
}

/// Texts in the order of their code points; a missing one is in no order.
fn ordered_texts(left: &Value, positive: &'static str, right: &Value) -> Words {
    let call = Fragment::form("strcmp({}, {})", &[&left.fragment, &right.fragment]);
    let sides = [left, right]
        .into_iter()
        .filter(|side| side.blank.is_some());
    let mut parts: Vec<Fragment> = sides
        .map(|side| super::existence::test(side, true))
        .collect();
    let narrowed = !parts.is_empty();
    let zero = Fragment::atom("0");
    parts.push(infix(&call, positive, zero, strength::ORDER));
    let words = Words::new(Fragment::infix("and", strength::AND, parts), None);
    narrowed_by_blank(words, narrowed)
}

fn compared(left: &Value, signs: Signs, right: &Value, strength: u8) -> Words {
    let right = std::iter::once(right.fragment.clone());
    Words::compared(Comparison::each(&left.fragment, signs, right, strength))
}

/// The words, which may be null and then have no negation of their own.
fn nullable_where(nullable: bool, words: Words) -> Words {
    if !nullable {
        return words;
    }
    let mut words = Words::new(words.positive(), None);
    words.nullable = true;
    words
}

/// Two texts; two blanks are equal to Kusto, and two missing values are not to the rule.
fn equal_texts(left: &Value, right: &Value, fold: bool, guarded: bool) -> Words {
    let words = if fold {
        compared(left, ("=~", "!~"), right, strength::TEXT)
    } else {
        compared(left, ("==", "!="), right, strength::EQUALITY)
    };
    let both_blank = [left, right].iter().all(|side| {
        let shown = side.blank.as_ref().map(|blank| &blank.shown);
        shown == Some(&Json::from(""))
    });
    if !both_blank {
        return words;
    }
    if !guarded {
        return words.but(Fidelity::Wider, super::existence::CONFUSED);
    }
    let filled = super::existence::test(left, true);
    let guarded = Fragment::infix("and", strength::AND, vec![filled, words.positive()]);
    narrowed_by_blank(Words::new(guarded, None), true)
}

fn narrowed_by_blank(words: Words, narrowed: bool) -> Words {
    if narrowed {
        words.but(Fidelity::Narrower, super::existence::CONFUSED)
    } else {
        words
    }
}
