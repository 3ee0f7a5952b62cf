//! The native JSON form, `{"rulec": 1, "rule": {...}}`: the IR itself, written by `serde`. A large rule has its shared parts once,
//! `{"rulec": 1, "shared": [...], "rule": {...}}`.
//!
//! Refused: other versions, and JSON that is not a rule: also where it is well-formed but says something that no rule can mean,
//! such as an operator with an object of another kind or a regular expression that does not compile.

use ipnet::IpNet;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Context, Frontend};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::sharing::{self, VERSION};
use crate::ir::{Object, ObjectKind, Operator, Predicate, Rule};
use crate::source::{Source, SourceId, Span, TextRange};

/// The frontend of the native form.
#[derive(Clone, Copy, Debug)]
pub struct Native;

#[derive(Deserialize)]
struct Head {
    rulec: Value,
}

/// What the rule holds several times, which has to be read before it.
#[derive(Deserialize)]
struct Parts {
    #[serde(rename = "shared", default)]
    _table: Option<sharing::Table>,
}

#[derive(Deserialize)]
struct Form {
    rule: Rule,
}

/// The JSON Schema of the form, for other programs that read or write it.
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut generator = settings.into_generator();
    let rule = generator.subschema_for::<Rule>();
    let part = generator.subschema_for::<sharing::Part>();
    let mut definitions = generator.take_definitions(true);
    for name in ["Condition", "Term"] {
        let one_of = definitions
            .get_mut(name)
            .and_then(|one| one.get_mut("oneOf"));
        if let Some(Value::Array(ways)) = one_of {
            ways.push(json!({
                "description": "A part of `shared`, by its place there, counted from 0.",
                "type": "object",
                "properties": {"shared": {"type": "integer", "minimum": 0}},
                "required": ["shared"],
                "additionalProperties": false,
            }));
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A detection rule in rulec's native form",
        "description": "The intermediate representation as rulec writes it with `--to native`, and reads it again.",
        "type": "object",
        "properties": {
            "rulec": {"description": "The version of the form.", "const": VERSION},
            "shared": {
                "description": "What a large rule holds several times. A part says only parts before it.",
                "type": "array",
                "items": part,
            },
            "rule": rule,
        },
        "required": ["rulec", "rule"],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

impl Frontend for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn recognises(&self, text: &str) -> bool {
        has_key(text, "rulec")
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let Some(text) = context.sources.get(id).map(Source::shared_text) else {
            return Vec::new();
        };
        match read(id, &text) {
            Ok(rule) => vec![rule],
            Err(error) => {
                context.diagnostics.push(error);
                Vec::new()
            }
        }
    }
}

fn read(id: SourceId, text: &str) -> Result<Rule, Diagnostic> {
    let shape = |error: &serde_json::Error| {
        let message = error.to_string();
        let message = message
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Diagnostic::error(Code::NativeShape, message).at(place(id, text, error))
    };
    let head: Head = serde_json::from_str(text).map_err(|error| shape(&error))?;
    if head.rulec.as_u64() != Some(VERSION) {
        let at = text.find("\"rulec\"").unwrap_or(0);
        let message = format!(
            "version {} of the native form is not known; this build reads {VERSION}",
            head.rulec
        );
        let span = Span::new(id, TextRange::new(at, at + "\"rulec\"".len()));
        return Err(Diagnostic::error(Code::NativeVersion, message).at(span));
    }
    let form: Form = sharing::read(|| {
        if has_key(text, "shared") {
            serde_json::from_str::<Parts>(text)?;
        }
        serde_json::from_str(text)
    })
    .map_err(|error| shape(&error))?;
    if sharing::is_too_large(&form.rule) {
        let message = "the rule's shared parts stand for more than can be read".to_owned();
        let at = Span::new(id, TextRange::new(0, text.len().min(1)));
        return Err(Diagnostic::error(Code::NativeShape, message).at(at));
    }
    match form
        .rule
        .selection
        .predicates()
        .iter()
        .find_map(|(predicate, _)| misfit(predicate))
    {
        None => Ok(form.rule),
        Some(message) => {
            let at = text.find("\"selection\"").unwrap_or(0);
            let span = Span::new(id, TextRange::new(at, at + "\"selection\"".len()));
            Err(Diagnostic::error(Code::NativeShape, message).at(span))
        }
    }
}

/// Where the parser stopped.
fn place(id: SourceId, text: &str, error: &serde_json::Error) -> Span {
    let line: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    Span::new(id, TextRange::new(at, (at + 1).min(text.len())))
}

/// What the predicate says that no predicate can mean.
fn misfit(predicate: &Predicate) -> Option<String> {
    let operator = predicate.operator;
    let fits = match (operator.info().object, &predicate.object) {
        (ObjectKind::None, Object::None)
        | (ObjectKind::Scalar, Object::Literal(_) | Object::Term(_))
        | (ObjectKind::List, Object::List(_))
        | (ObjectKind::Kinds, Object::Kinds(_))
        | (ObjectKind::Texts | ObjectKind::Regexes | ObjectKind::Networks, Object::Texts(_))
        | (ObjectKind::Texts, Object::Term(_)) => true,
        (
            ObjectKind::None
            | ObjectKind::Scalar
            | ObjectKind::List
            | ObjectKind::Kinds
            | ObjectKind::Texts
            | ObjectKind::Regexes
            | ObjectKind::Networks,
            _,
        ) => false,
    };
    if !fits {
        return Some(format!("`{}` does not take this object", operator.name()));
    }
    let Object::Texts(texts) = &predicate.object else {
        return None;
    };
    let wrong = texts.iter().find(|text| match operator {
        Operator::Matches => regex::Regex::new(text).is_err(),
        Operator::InNetwork => {
            text.parse::<IpNet>().is_err() && text.parse::<std::net::IpAddr>().is_err()
        }
        _ => false,
    })?;
    Some(format!("`{}` does not take `{wrong}`", operator.name()))
}

/// Whether the text is a JSON object with this key at its top level, as far as a glance tells.
fn has_key(text: &str, wanted: &str) -> bool {
    let mut depth = 0_usize;
    let body = text.trim_start_matches('\u{feff}').trim_start();
    if !body.starts_with('{') {
        return false;
    }
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '"' => {
                let mut escaped = false;
                let end = chars.find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
                let Some((end, _)) = end else { return false };
                let is_key = body[end + 1..].trim_start().starts_with(':');
                if depth == 1 && is_key && &body[at + 1..end] == wanted {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}
