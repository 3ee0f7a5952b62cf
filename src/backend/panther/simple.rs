//! A rule as one YAML document: the condition as match expressions in `Detection`, what the alert says as keys beside it.
//!
//! The grammar is that of Panther's simple detections: combinators, comparisons of one field with constants, of two fields in
//! order, and comprehensions over the elements of a list. What is written reads back as the same rule. Refused: everything else,
//! with what does not fit; nothing is left out.

use serde_json::{Map, Value, json};

use super::alert::severity_word;
use super::group::groups;
use crate::analysis::Report;
use crate::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Literal, Measure, Object, Operator,
    Origin, Predicate, Quantifier, Rule, Segment, Term,
};

/// The document's keys that say what a Python file says otherwise.
#[derive(Debug)]
pub(super) struct Simple {
    /// `Detection`.
    pub(super) detection: Value,
    /// `AlertTitle`, `AlertContext`, `GroupBy` and `DynamicSeverities`, those that the rule needs.
    pub(super) keys: Map<String, Value>,
}

/// The rule without Python; `None` where the report says what does not fit.
pub(super) fn simple(rule: &Rule, report: &mut Report) -> Option<Simple> {
    let conjuncts = rule.selection.conjuncts();
    let mut parts = Vec::new();
    for part in conjuncts {
        match expression(part, false) {
            Ok(part) => parts.push(part),
            Err(reason) => refuse(report, part.to_string(), &reason),
        }
    }
    if parts.is_empty() {
        parts.push(json!({"Condition": "AlwaysTrue"}));
    }
    let mut keys = Map::new();
    let mut key = |name: &str, what: &str, value: Option<Result<Value, String>>| match value {
        None => {}
        Some(Ok(value)) => {
            keys.insert(name.to_owned(), value);
        }
        Some(Err(reason)) => refuse(report, what.to_owned(), &reason),
    };
    let alert = &rule.alert;
    key("AlertTitle", "title", alert.title.as_ref().map(title));
    key("GroupBy", "dedup", alert.dedup.as_ref().map(group));
    key(
        "DynamicSeverities",
        "severity",
        alert.severity.as_ref().map(|term| severities(rule, term)),
    );
    key(
        "AlertContext",
        "outputs",
        (!rule.outputs.is_empty()).then(|| context(rule)),
    );
    unsaid(rule, report);
    (!report.diagnostics.has_errors()).then_some(Simple {
        detection: Value::Array(parts),
        keys,
    })
}

fn refuse(report: &mut Report, what: String, reason: &str) {
    report.refuse(what, Origin::default(), reason.to_owned());
}

/// Refuses what only a function in Python says.
fn unsaid(rule: &Rule, report: &mut Report) {
    let alert = &rule.alert;
    for (name, term) in [
        ("description", &alert.description),
        ("runbook", &alert.runbook),
        ("reference", &alert.reference),
    ] {
        if term.is_some() {
            let reason = "a simple detection has one text for all alerts";
            refuse(report, name.to_owned(), reason);
        }
    }
    if !alert.details.is_empty() {
        let reason = "a simple detection shows the values of its context alone";
        refuse(report, "details".to_owned(), reason);
    }
    if let Some(threshold) = &rule.threshold {
        if !matches!(threshold.measure, Measure::Count) {
            let reason = "a simple detection counts events";
            refuse(report, threshold.to_string(), reason);
        }
        let grouped = alert.dedup.as_ref().or(alert.title.as_ref());
        if !groups(grouped, &threshold.group_by) {
            let reason = "a simple detection counts by its title or `GroupBy`";
            refuse(report, threshold.to_string(), reason);
        }
    }
}

/// A condition as a match expression, about an element where it stands inside a comprehension.
fn expression(condition: &Condition, inside: bool) -> Result<Value, String> {
    let all = |parts: &[Condition]| -> Result<Vec<Value>, String> {
        parts.iter().map(|part| expression(part, inside)).collect()
    };
    match condition {
        Condition::All(parts) if parts.is_empty() => Ok(json!({"Condition": "AlwaysTrue"})),
        Condition::Any(parts) if parts.is_empty() => Ok(json!({"Condition": "AlwaysFalse"})),
        Condition::All(parts) => Ok(json!({"All": all(parts)?})),
        Condition::Any(parts) => Ok(json!({"Any": all(parts)?})),
        Condition::Test(predicate) => comparison(predicate, false, inside),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Test(predicate) => comparison(predicate, true, inside),
            Condition::Any(parts) => Ok(json!({"None": all(parts)?})),
            Condition::Items {
                quantifier: Quantifier::Some,
                list,
                body,
            } => elements("NoElement", list, body, inside),
            other => Ok(json!({"None": [expression(other, inside)?]})),
        },
        Condition::Items {
            quantifier,
            list,
            body,
        } => match quantifier {
            Quantifier::Some => elements("AnyElement", list, body, inside),
            Quantifier::One => elements("OnlyOneElement", list, body, inside),
            Quantifier::Every => {
                Err("`AllElements` also holds of what is no list, this condition not".to_owned())
            }
        },
    }
}

fn elements(name: &str, list: &Term, body: &Condition, inside: bool) -> Result<Value, String> {
    let (specifier, field) = field(list, inside)?;
    if list.fields().into_iter().any(FieldPath::has_each) {
        return Err("a comprehension is about one list".to_owned());
    }
    let parts = body.conjuncts();
    let parts: Result<Vec<Value>, String> =
        parts.iter().map(|part| expression(part, true)).collect();
    Ok(json!({specifier: field, "Condition": name, "Expressions": parts?}))
}

/// How a field is named: the specifier and its value.
fn field(term: &Term, inside: bool) -> Result<(&'static str, Value), String> {
    let path = match term {
        Term::Field(path) if !inside => path,
        Term::Item { depth: 0, path } if inside => path,
        Term::Field(_) | Term::Item { .. } => {
            return Err("inside of a comprehension only the element can be asked".to_owned());
        }
        Term::Literal(_)
        | Term::Call { .. }
        | Term::Choice { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => return Err(format!("`{term}` is no field")),
    };
    if let [Segment::Key(key)] = &*path.segments {
        return Ok(("Key", key.as_str().into()));
    }
    let steps = path.segments.iter().map(|segment| match segment {
        Segment::Key(key) => Some(Value::from(key.as_str())),
        Segment::Index(index) => Some(Value::from(*index)),
        Segment::Each | Segment::Exact(_) => None,
    });
    match steps.collect::<Option<Vec<Value>>>() {
        Some(steps) if !steps.is_empty() => Ok(("DeepKey", steps.into())),
        _ => {
            let text = path.to_string().replace("[]", "[*]");
            if !text.is_empty() && FieldPath::parse(&text).as_ref() == Ok(path) {
                Ok(("KeyPath", text.into()))
            } else {
                Err(format!("`{term}` has no name in a match expression"))
            }
        }
    }
}

/// A comparison, or the negation of one.
fn comparison(predicate: &Predicate, negated: bool, inside: bool) -> Result<Value, String> {
    let any_case = predicate.case == CaseSensitivity::Insensitive;
    if let Object::Term(other) = &predicate.object {
        return two_fields(predicate, other, negated, inside);
    }
    let (specifier, name) = field(&predicate.subject, inside)?;
    let ask = |condition: String, operand: Option<(&str, Value)>| {
        let mut asked = Map::new();
        asked.insert(specifier.to_owned(), name.clone());
        asked.insert("Condition".to_owned(), condition.into());
        asked.extend(operand.map(|(key, value)| (key.to_owned(), value)));
        Value::Object(asked)
    };
    if any_case && !constants(predicate).iter().all(Value::is_string) {
        return Err("a comparison in any case is one with texts".to_owned());
    }
    let i = if any_case { "I" } else { "" };
    // What has a name for its negation, and what has none.
    let asked = match predicate.operator {
        Operator::Equals | Operator::In => {
            let values = constants(predicate);
            if values
                .iter()
                .any(|value| value.is_null() || value.is_array() || value.is_object())
            {
                return Err("a constant is a text, a number or a truth value".to_owned());
            }
            let names = [format!("{i}Equals"), format!("{i}DoesNotEqual")];
            match values.as_slice() {
                [one] => return Ok(ask(pick(names, negated), Some(("Value", one.clone())))),
                many if !any_case => {
                    let names = ["IsIn".to_owned(), "IsNotIn".to_owned()];
                    let values = many.to_vec().into();
                    return Ok(ask(pick(names, negated), Some(("Values", values))));
                }
                many => {
                    let [name, _] = names;
                    any_of(many, |one| ask(name.clone(), Some(("Value", one))))
                }
            }
        }
        Operator::StartsWith | Operator::EndsWith => {
            let verb = if predicate.operator == Operator::StartsWith {
                ["StartsWith", "DoesNotStartWith"]
            } else {
                ["EndsWith", "DoesNotEndWith"]
            };
            let names = verb.map(|verb| format!("{i}{verb}"));
            match constants(predicate).as_slice() {
                [one] => return Ok(ask(pick(names, negated), Some(("Value", one.clone())))),
                many => {
                    let [name, _] = names;
                    any_of(many, |one| ask(name.clone(), Some(("Value", one))))
                }
            }
        }
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast => {
            let value = constants(predicate).pop().unwrap_or_default();
            ask(order(predicate.operator).to_owned(), Some(("Value", value)))
        }
        Operator::InNetwork => {
            let values = constants(predicate).into();
            ask("IsIPAddressInCIDR".to_owned(), Some(("Values", values)))
        }
        Operator::IsIpAddress => ask("IsIPAddress".to_owned(), None),
        Operator::Exists => {
            let names = ["Exists", "DoesNotExist"].map(str::to_owned);
            return Ok(ask(pick(names, negated), None));
        }
        Operator::IsPresent => {
            let names = ["IsNotNull", "IsNull"].map(str::to_owned);
            return Ok(ask(pick(names, negated), None));
        }
        Operator::IsTruthy => {
            let names = ["IsNotNullOrEmpty", "IsNullOrEmpty"].map(str::to_owned);
            return Ok(ask(pick(names, negated), None));
        }
        Operator::Contains
        | Operator::HasTerm
        | Operator::Matches
        | Operator::Wildcard
        | Operator::IsFilled
        | Operator::IsKind => {
            return Err(format!(
                "match expressions have no condition for `{}`",
                predicate.operator.name()
            ));
        }
    };
    Ok(if negated {
        json!({"None": [asked]})
    } else {
        asked
    })
}

/// The name, or that of the negation.
fn pick(names: [String; 2], negated: bool) -> String {
    let [name, negation] = names;
    if negated { negation } else { name }
}

fn any_of(values: &[Value], ask: impl Fn(Value) -> Value) -> Value {
    let parts: Vec<Value> = values.iter().cloned().map(ask).collect();
    json!({"Any": parts})
}

fn order(operator: Operator) -> &'static str {
    match operator {
        Operator::LessThan => "IsLessThan",
        Operator::AtMost => "IsLessThanOrEquals",
        Operator::GreaterThan => "IsGreaterThan",
        _ => "IsGreaterThanOrEquals",
    }
}

/// The constants of a predicate.
fn constants(predicate: &Predicate) -> Vec<Value> {
    match &predicate.object {
        Object::Literal(literal) => vec![literal.to_json()],
        Object::List(items) => items.iter().map(Literal::to_json).collect(),
        Object::Texts(texts) => texts.iter().map(|text| text.as_str().into()).collect(),
        Object::None | Object::Term(_) | Object::Kinds(_) => Vec::new(),
    }
}

/// Two fields compared in order; that two are equal also holds where both are missing, so it is another condition.
fn two_fields(
    predicate: &Predicate,
    other: &Term,
    negated: bool,
    inside: bool,
) -> Result<Value, String> {
    let ordered = matches!(
        predicate.operator,
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast
    );
    if !ordered || predicate.case == CaseSensitivity::Insensitive {
        return Err("two fields can be compared in order alone".to_owned());
    }
    let sides = [field(&predicate.subject, inside)?, field(other, inside)?];
    let [one, other] = sides.map(|(specifier, name)| json!({specifier: name}));
    let asked = json!({"Condition": order(predicate.operator), "Values": [one, other]});
    Ok(if negated {
        json!({"None": [asked]})
    } else {
        asked
    })
}

/// The texts and fields that a text is made of.
fn parts(term: &Term) -> Vec<&Term> {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => arguments.iter().flat_map(parts).collect(),
        term => vec![term],
    }
}

fn title(term: &Term) -> Result<Value, String> {
    let mut text = String::new();
    for part in parts(term) {
        match part {
            Term::Literal(Literal::Text(plain)) if !plain.contains('{') => text.push_str(plain),
            Term::Field(path) if FieldPath::parse(&path.to_string()).as_ref() == Ok(path) => {
                text.push_str(&format!("{{{path}}}"));
            }
            other => {
                return Err(format!(
                    "a title is made of texts and fields, not of `{other}`"
                ));
            }
        }
    }
    Ok(text.into())
}

fn group(term: &Term) -> Result<Value, String> {
    let mut fields = Vec::new();
    for (at, part) in parts(term).into_iter().enumerate() {
        if at % 2 == 1 && *part == Term::text(":") {
            continue;
        }
        if at % 2 == 1 {
            return Err("`GroupBy` puts `:` between its fields".to_owned());
        }
        let (specifier, name) = field(part, false)?;
        fields.push(json!({specifier: name}));
    }
    Ok(fields.into())
}

fn severities(rule: &Rule, term: &Term) -> Result<Value, String> {
    let only = || "a severity is chosen among constant names by conditions".to_owned();
    let Term::Choice { cases, otherwise } = term else {
        return Err(only());
    };
    if **otherwise != Term::text(rule.metadata.severity.name()) {
        return Err("where no condition holds the severity is the document's".to_owned());
    }
    let mut entries = Vec::new();
    for Case { when, then } in cases.iter() {
        let name = then
            .as_literal()
            .and_then(Literal::as_text)
            .ok_or_else(only)?;
        let word = severity_word(name).ok_or_else(only)?;
        let conditions: Result<Vec<Value>, String> = when
            .conjuncts()
            .iter()
            .map(|part| expression(part, false))
            .collect();
        entries.push(json!({"ChangeTo": capitalized(word), "Conditions": conditions?}));
    }
    Ok(entries.into())
}

/// `CRITICAL` as `Critical`.
fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first: String = chars.next().into_iter().collect();
    first + &chars.as_str().to_ascii_lowercase()
}

fn context(rule: &Rule) -> Result<Value, String> {
    let mut entries = Vec::new();
    for output in &rule.outputs {
        if output.when.is_some() {
            return Err(format!("`{}` is there for some events only", output.name));
        }
        let (specifier, name) = field(&output.source, false)?;
        entries.push(json!({"KeyName": output.name, "KeyValue": {specifier: name}}));
    }
    Ok(entries.into())
}
