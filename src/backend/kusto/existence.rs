//! Predicates that ask whether a value is there, or of which kind it is.
//!
//! A column answers with filled or blank only. So the predicate's verdict on the values of a filled column and on each value that
//! a blank may stand for decides between `isnotempty`, `isempty` and a constant. Where the values behind a blank disagree, the
//! wider form is taken; only a written question after a field's presence keeps its test, which is then narrower by the empty
//! texts that no log source writes on purpose.

use serde_json::{Value as Json, json};

use super::notation::Spelling;
use super::place::Gap;
use super::quote;
use super::term::Scope;
use super::value::{Kind, Value, strength, verdict};
use crate::analysis::Fidelity;
use crate::backend::fragment::{ATOM, Fragment};
use crate::backend::notation::Spelled;
use crate::ir::{self, Function, Object, Operator, Predicate, Term};
use crate::schema::FieldType;

/// Why a blank cell is not exact.
pub(super) const CONFUSED: &str =
    "the table does not tell a missing value from an empty or a null one";

/// The spelling of an existence predicate, or of its negation.
pub(super) fn spell(
    scope: &Scope<'_>,
    predicate: &Predicate,
    negated: bool,
) -> Result<Spelling, Gap> {
    // Letter case makes no text out of none.
    if let Term::Call {
        function: Function::Lower | Function::Upper,
        arguments,
    } = &predicate.subject
        && let [text] = arguments.as_ref()
        && scope.lookup(&predicate.subject).is_none()
        && scope
            .try_term(text)
            .is_ok_and(|value| value.holds == FieldType::Text && !value.reshaped)
    {
        let predicate = Predicate {
            subject: text.clone(),
            ..predicate.clone()
        };
        return spell(scope, &predicate, negated);
    }
    // What is shown is chosen by whether a key is there, whoever asks for it.
    let written = scope.lenient.then(|| Predicate {
        implied: ir::Implied(false),
        ..predicate.clone()
    });
    let predicate = written.as_ref().unwrap_or(predicate);
    if let Term::Field(path) = &predicate.subject
        && let Some(parts) = scope.place.parts_of(path)
    {
        let values: Result<Vec<Value>, Gap> =
            parts.iter().map(|part| scope.place.field(part)).collect();
        return Ok(of_parts(&values?, predicate, negated));
    }
    let value = scope.try_term(&predicate.subject)?;
    if value.reshaped {
        let reason = super::notation::reshaped(&predicate.subject);
        if !scope.lenient {
            return Err(Gap::Unreadable(reason));
        }
        let written = Value {
            reshaped: false,
            ..value
        };
        return Ok(of_value(written, predicate, negated).but(Fidelity::Wider, &reason));
    }
    Ok(of_value(value, predicate, negated))
}

fn of_value(value: Value, predicate: &Predicate, negated: bool) -> Spelling {
    if value.kind == Kind::Dynamic && value.holds == FieldType::Any {
        return of_unknown_kind(&value, predicate, negated);
    }
    // Below a JSON column an empty text is no null; where the two differ for the predicate, or are shown alike, the text is asked.
    let on = |text: &str| verdict(predicate, Some(&json!(text)));
    let is_text = matches!(value.holds, FieldType::Text | FieldType::Datetime);
    let shows_text = value.blank.as_ref().is_some_and(|blank| blank.shown == "");
    let value = if value.kind == Kind::Dynamic && is_text && (on("x") != on("") || shows_text) {
        value.as_text()
    } else {
        value
    };
    of_column(&value, predicate, negated)
}

/// The verdicts on filled values, by what the column can hold.
fn filled_verdicts(value: &Value, predicate: &Predicate) -> Vec<bool> {
    let samples: Vec<Json> = match (value.holds, value.kind) {
        (FieldType::Text | FieldType::Datetime, _) | (_, Kind::Open) => vec![json!("x")],
        (FieldType::Any, _) => vec![
            json!("x"),
            json!(0),
            json!(0.5),
            json!(true),
            json!(false),
            json!({"a": 1}),
            json!({}),
            json!([1]),
            json!([]),
        ],
        (FieldType::Integer, _) => vec![json!(0), json!(1)],
        (FieldType::Float, _) => vec![json!(0.5), json!(0)],
        (FieldType::Boolean, _) => vec![json!(true), json!(false)],
        (FieldType::Object, _) => vec![json!({"a": 1}), json!({})],
        (FieldType::ScalarList | FieldType::ObjectList, _) => vec![json!([1]), json!([])],
    };
    samples
        .iter()
        .map(|sample| verdict(predicate, Some(sample)))
        .collect()
}

/// The verdicts taken together: the wider one, and whether they agree.
fn together(verdicts: &[bool]) -> (bool, bool) {
    let any = verdicts.contains(&true);
    (any, !(any && verdicts.contains(&false)))
}

pub(super) fn of_column(value: &Value, predicate: &Predicate, negated: bool) -> Spelling {
    let turned = |verdicts: Vec<bool>| -> Vec<bool> {
        verdicts
            .into_iter()
            .map(|verdict| verdict != negated)
            .collect()
    };
    let mut filled = filled_verdicts(value, predicate);
    if value.partial {
        filled.push(verdict(predicate, None));
    }
    let filled = turned(filled);
    let (on_filled, uniform) = together(&filled);
    if !uniform && predicate.operator == Operator::IsTruthy && value.holds != FieldType::Any {
        return by_value(value, negated);
    }
    let Some(blank) = &value.blank else {
        return constant(on_filled, uniform);
    };
    let blanks = turned(blank.verdicts(predicate).1);
    // A value that falls back to another one shows no blank.
    if !blank.shown.is_null() && blank.shown != "" {
        let (any, agree) = together(&[filled, blanks].concat());
        return constant(any, agree);
    }
    let (on_blank, agree) = together(&blanks);
    let written_presence = matches!(predicate.operator, Operator::Exists | Operator::IsPresent)
        && !predicate.implied.0
        && !value.partial;
    let narrowed = !agree && written_presence && on_filled;
    let on_blank = on_blank && !narrowed;
    let (fidelity, reason) = match (uniform && agree, narrowed) {
        (_, true) => (Fidelity::Narrower, CONFUSED),
        (true, false) => (Fidelity::Exact, ""),
        (false, false) => (Fidelity::Wider, CONFUSED),
    };
    match (on_filled, on_blank) {
        (true, true) | (false, false) => Spelling::Constant(on_filled, fidelity, reason.to_owned()),
        (true, false) => text(test(value, true), fidelity, reason),
        (false, true) => text(test(value, false), fidelity, reason),
    }
}

/// The same answer for every row.
fn constant(value: bool, agree: bool) -> Spelling {
    let (fidelity, reason) = if agree {
        (Fidelity::Exact, "")
    } else {
        (Fidelity::Wider, CONFUSED)
    };
    Spelling::Constant(value, fidelity, reason.to_owned())
}

fn text(fragment: Fragment, fidelity: Fidelity, reason: &str) -> Spelling {
    Spelling::Text(Spelled::approximate(fragment, fidelity, reason), false)
}

/// The test of a column for being filled, or not.
pub(super) fn test(value: &Value, filled: bool) -> Fragment {
    let function = match (value.kind, filled) {
        (Kind::Text | Kind::Open, true) => "isnotempty",
        (Kind::Text | Kind::Open, false) => "isempty",
        (Kind::Bool | Kind::Whole | Kind::Real | Kind::Time | Kind::Dynamic, true) => "isnotnull",
        (Kind::Bool | Kind::Whole | Kind::Real | Kind::Time | Kind::Dynamic, false) => "isnull",
    };
    Fragment::called(function, std::slice::from_ref(&value.fragment))
}

/// Truth, which depends on the value of a filled column of a known type.
fn by_value(value: &Value, negated: bool) -> Spelling {
    let (asked, positive, negative) = match value.holds {
        FieldType::Boolean => {
            let bool = match value.kind {
                Kind::Bool => value.fragment.clone(),
                _ => value.converted("tobool", Kind::Bool).fragment,
            };
            (bool, " == true", " != true")
        }
        FieldType::ScalarList | FieldType::ObjectList => {
            let length = "coalesce(array_length({}), 0)";
            let length = Fragment::form(length, &[&value.as_dynamic().fragment]);
            (length, " > 0", " == 0")
        }
        FieldType::Object => {
            let length = "coalesce(array_length(bag_keys({})), 0)";
            let length = Fragment::form(length, &[&value.as_dynamic().fragment]);
            (length, " > 0", " == 0")
        }
        FieldType::Text
        | FieldType::Integer
        | FieldType::Float
        | FieldType::Datetime
        | FieldType::Any => {
            let number = match value.kind {
                Kind::Whole | Kind::Real => value.fragment.clone(),
                _ => value.converted("toreal", Kind::Real).fragment,
            };
            (
                Fragment::form("coalesce({}, 0)", &[&number]),
                " != 0",
                " == 0",
            )
        }
    };
    let test = if negated { negative } else { positive };
    let fragment = asked.flat_call("", test).of_strength(strength::EQUALITY);
    text(fragment, Fidelity::Exact, "")
}

/// An object that only its parts' columns tell of.
fn of_parts(parts: &[Value], predicate: &Predicate, negated: bool) -> Spelling {
    let on_object = verdict(predicate, Some(&json!({"a": 1}))) != negated;
    let on_missing = verdict(predicate, None) != negated;
    let reason = "the table has the object's parts, not the object";
    let tests = |filled| parts.iter().map(|part| test(part, filled)).collect();
    match (on_object, on_missing) {
        (true, true) | (false, false) => {
            Spelling::Constant(on_object, Fidelity::Exact, String::new())
        }
        (true, false) if predicate.implied.0 => {
            Spelling::Constant(true, Fidelity::Wider, reason.to_owned())
        }
        (true, false) => text(
            Fragment::infix("or", strength::OR, tests(true)),
            Fidelity::Narrower,
            reason,
        ),
        (false, true) => text(
            Fragment::infix("and", strength::AND, tests(false)),
            Fidelity::Wider,
            reason,
        ),
    }
}

/// A value below a JSON column whose kind is not known. Kusto tells the kind itself, and a missing key from all but null.
fn of_unknown_kind(value: &Value, predicate: &Predicate, negated: bool) -> Spelling {
    let direct = |fragment| text(fragment, Fidelity::Exact, "");
    match predicate.operator {
        Operator::IsFilled => direct(test(&value.as_text(), !negated)),
        Operator::IsPresent => direct(test(value, !negated)),
        Operator::Exists => {
            // A key that is there with a null value is the one case that differs.
            let fidelity = Fidelity::Narrower;
            let fidelity = if negated {
                fidelity.negated()
            } else {
                fidelity
            };
            text(test(value, !negated), fidelity, CONFUSED)
        }
        Operator::IsTruthy => {
            let untrue = ["", "false", "0", "0.0", "[]", "{}"];
            let untrue = untrue.map(|text| Fragment::atom(quote::text(text)));
            let untrue = Fragment::list("(", untrue.to_vec(), ")", ATOM);
            let word = if negated { "in" } else { "!in" };
            let test = format!("tostring({{}}) {word} {{}}");
            let fragment = Fragment::form(&test, &[&value.fragment, &untrue]);
            let fragment = fragment.of_strength(strength::EQUALITY);
            let fidelity = if negated {
                Fidelity::Wider
            } else {
                Fidelity::Narrower
            };
            let reason = "a text that reads as an untrue value is taken for one";
            text(fragment, fidelity, reason)
        }
        Operator::IsKind
        | Operator::Equals
        | Operator::In
        | Operator::Contains
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::HasTerm
        | Operator::Matches
        | Operator::Wildcard
        | Operator::LessThan
        | Operator::AtMost
        | Operator::GreaterThan
        | Operator::AtLeast
        | Operator::InNetwork
        | Operator::IsIpAddress => of_kinds(value, predicate, negated),
    }
}

fn of_kinds(value: &Value, predicate: &Predicate, negated: bool) -> Spelling {
    let Object::Kinds(kinds) = &predicate.object else {
        return Spelling::Constant(negated, Fidelity::Exact, String::new());
    };
    let names: Vec<&str> = kinds
        .iter()
        .flat_map(|kind| type_names(*kind))
        .copied()
        .collect();
    let list: Vec<String> = names.iter().map(|name| quote::text(name)).collect();
    let (word, object) = match (list.as_slice(), negated) {
        ([one], false) => ("==", one.clone()),
        ([one], true) => ("!=", one.clone()),
        (many, false) => ("in", format!("({})", many.join(", "))),
        (many, true) => ("!in", format!("({})", many.join(", "))),
    };
    let kind = Fragment::called("gettype", std::slice::from_ref(&value.fragment));
    let fragment = kind.flat_call("", &format!(" {word} {object}"));
    let fragment = fragment.of_strength(strength::EQUALITY);
    // `gettype` says "null" for a missing key as well.
    match (kinds.contains(&ir::Kind::Null), negated) {
        (false, _) => text(fragment, Fidelity::Exact, ""),
        (true, false) => text(fragment, Fidelity::Wider, CONFUSED),
        (true, true) => text(fragment, Fidelity::Narrower, CONFUSED),
    }
}

/// What `gettype` calls a kind of JSON value.
fn type_names(kind: ir::Kind) -> &'static [&'static str] {
    match kind {
        ir::Kind::Null => &["null"],
        ir::Kind::Boolean => &["bool"],
        ir::Kind::Integer => &["long", "int"],
        ir::Kind::Number => &["long", "int", "real", "double", "decimal"],
        ir::Kind::Text => &["string"],
        ir::Kind::List => &["array"],
        ir::Kind::Object => &["dictionary"],
    }
}
