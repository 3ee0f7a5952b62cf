//! The `correlation` section of a document, key by key: which rules, by which values, in which time, and what is asked of them.
//!
//! Refused at its key: what is not of the form that the specification has.

use std::time::Duration;

use serde_json::{Map, Value};

use super::super::document::Read;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Bound, Comparison};
use crate::source::Span;
use crate::syntax::yaml::Step;

/// The section and where to report what is wrong with it.
pub(super) struct Section<'s, 'd> {
    pub(super) read: &'s Read<'s>,
    entries: &'s Map<String, Value>,
    pub(super) diagnostics: &'d mut Diagnostics,
}

/// What a condition asks of a measure.
pub(super) struct Asked {
    pub(super) first: Bound,
    /// The other end of a range.
    pub(super) second: Option<Bound>,
    /// The fields that the measure is about, as far as they are named.
    pub(super) fields: Vec<String>,
    /// Which percentile is measured, if it says so.
    pub(super) percent: Option<f64>,
}

/// The section of a document; `None` where it has none that could be read.
pub(super) fn entries(content: &Map<String, Value>) -> Option<&Map<String, Value>> {
    content.get("correlation").and_then(Value::as_object)
}

/// The rules that a section names: in `rules`, or else in a condition of names.
pub(in super::super) fn words(content: &Map<String, Value>) -> Vec<String> {
    let Some(entries) = entries(content) else {
        return Vec::new();
    };
    match (entries.get("rules"), entries.get("condition")) {
        (Some(Value::String(word)), _) => vec![word.clone()],
        (Some(Value::Array(words)), _) => {
            let words = words.iter().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        }
        (None | Some(Value::Null), Some(Value::String(condition))) => {
            super::extended::names(condition)
        }
        _ => Vec::new(),
    }
}

/// Whether the rules that a correlation is about are to be rules of their own as well. The specification has the key at the top
/// level, its engines also take it within the section.
pub(in super::super) fn generates(content: &Map<String, Value>) -> bool {
    let of = |entries: &Map<String, Value>| entries.get("generate")?.as_bool();
    let section = entries(content).and_then(of);
    of(content).or(section).unwrap_or(false)
}

impl<'s, 'd> Section<'s, 'd> {
    /// The section of the document; `None` where it is reported that there is none.
    pub(super) fn of(read: &'s Read<'s>, diagnostics: &'d mut Diagnostics) -> Option<Self> {
        let Some(entries) = entries(&read.content) else {
            let message = "a correlation requires a section with `type` and `rules`";
            let error = Diagnostic::error(Code::YamlShape, message);
            diagnostics.push(error.at(read.document.whole()));
            return None;
        };
        Some(Self {
            read,
            entries,
            diagnostics,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'s Value> {
        self.entries.get(key).filter(|value| !value.is_null())
    }

    /// Where the key stands, or else the section.
    pub(super) fn span(&self, key: &str) -> Option<Span> {
        let section = Step::Key("correlation");
        let document = self.read.document;
        document
            .span(&[section, Step::Key(key)])
            .or_else(|| document.key_span(&[section]))
    }

    pub(super) fn refuse<T>(
        &mut self,
        code: Code,
        message: impl Into<String>,
        key: &str,
    ) -> Option<T> {
        let span = self.span(key);
        self.diagnostics
            .push(Diagnostic::error(code, message).at(span));
        None
    }

    /// The type's word; empty where there is none.
    pub(super) fn kind(&self) -> &'s str {
        self.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The names or ids of the rules that it is about.
    pub(super) fn words(&mut self) -> Option<Vec<String>> {
        let words = words(&self.read.content);
        if words.is_empty() {
            return self.refuse(
                Code::YamlShape,
                "a correlation requires `rules`, the names or ids of rules",
                "rules",
            );
        }
        Some(words)
    }

    /// The names by which matches are grouped.
    pub(super) fn groups(&mut self) -> Option<Vec<String>> {
        match self.get("group-by") {
            None => Some(Vec::new()),
            Some(Value::String(name)) => Some(vec![name.clone()]),
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                let names = names.iter().filter_map(Value::as_str);
                Some(names.map(str::to_owned).collect())
            }
            Some(_) => self.refuse(
                Code::YamlShape,
                "`group-by` requires names of fields",
                "group-by",
            ),
        }
    }

    /// The field of the rule with these words under a name: that of the alias, where the name is one.
    pub(super) fn field(&mut self, name: &str, words: &[String]) -> Option<String> {
        let wrong = "`aliases` requires a mapping of names to fields by rule";
        let alias = match self.get("aliases") {
            None => None,
            Some(Value::Object(aliases)) => aliases.get(name),
            Some(_) => return self.refuse(Code::YamlShape, wrong, "aliases"),
        };
        let fields = match alias {
            None => return Some(name.to_owned()),
            Some(Value::Object(fields)) => fields,
            Some(_) => return self.refuse(Code::YamlShape, wrong, "aliases"),
        };
        let field = words.iter().find_map(|word| fields.get(word)?.as_str());
        if let Some(field) = field {
            return Some(field.to_owned());
        }
        let rule = words.last().map_or("", String::as_str);
        let message = format!("the alias `{name}` names no field of the rule `{rule}`");
        self.refuse(Code::YamlShape, message, "aliases")
    }

    /// What is asked of the measure.
    pub(super) fn asked(&mut self) -> Option<Asked> {
        let required = "`condition` requires a comparison such as `gte: 10`, or two for a range";
        let Some(Value::Object(entries)) = self.get("condition") else {
            return self.refuse(Code::YamlShape, required, "condition");
        };
        let fields = match entries.get("field") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                let names = names.iter().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }
            Some(_) => {
                let message = "`field` requires the name of a field, or names";
                return self.refuse(Code::YamlShape, message, "condition");
            }
        };
        let percent = entries.get("percentile").and_then(Value::as_f64);
        let mut bounds = Vec::new();
        for (key, number) in entries {
            if ["field", "percentile"].contains(&key.as_str()) {
                continue;
            }
            match (comparison(key), number.as_f64()) {
                (Some(comparison), Some(count)) => bounds.push(Bound { comparison, count }),
                _ => return self.refuse(Code::YamlShape, required, "condition"),
            }
        }
        match bounds.as_slice() {
            [first, rest @ ..] if rest.len() < 2 => Some(Asked {
                first: *first,
                second: rest.first().copied(),
                fields,
                percent,
            }),
            _ => self.refuse(Code::YamlShape, required, "condition"),
        }
    }

    pub(super) fn timespan(&mut self) -> Option<Duration> {
        let text = self.get("timespan").and_then(Value::as_str);
        let text = text.unwrap_or_default();
        let seconds = text.char_indices().next_back().and_then(|(at, unit)| {
            let seconds = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                'w' => 604_800,
                // As pySigma counts: the mean lengths.
                'M' => 2_629_746,
                'y' => 31_556_952,
                _ => return None,
            };
            text[..at].parse::<u64>().ok()?.checked_mul(seconds)
        });
        match seconds.filter(|seconds| *seconds > 0) {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => self.refuse(
                Code::YamlShape,
                "`timespan` requires a whole number and a unit, such as `10m`",
                "timespan",
            ),
        }
    }
}

/// The bound of a measure; one of whole numbers is not passed but reached.
pub(super) fn of_whole(bound: Bound, whole: bool) -> Bound {
    if whole && bound.comparison == Comparison::GreaterThan {
        Bound {
            comparison: Comparison::AtLeast,
            count: bound.count.floor() + 1.0,
        }
    } else {
        bound
    }
}

fn comparison(key: &str) -> Option<Comparison> {
    Some(match key {
        "gte" => Comparison::AtLeast,
        "gt" => Comparison::GreaterThan,
        "lte" => Comparison::AtMost,
        "lt" => Comparison::LessThan,
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        _ => return None,
    })
}
