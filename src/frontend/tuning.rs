//! What a run gives to its rules from outside of them: what placeholders stand for, filters, and the rules of other files.
//!
//! A file of placeholders is a YAML mapping of names to values, each a text, a number or a list of these. Refused: anything else,
//! since a rule must not be read with a part of its values.

use std::collections::BTreeMap;

use serde_json::Value;

use super::elsewhere::Elsewhere;
pub use super::sigma::Filters;
use crate::bind::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::SourceId;
use crate::syntax::yaml::{self, Step};

/// What a run gives to its rules.
#[derive(Debug, Default)]
pub struct Tuning {
    /// What placeholders stand for.
    pub placeholders: Placeholders,
    /// Conditions that narrow rules from outside.
    pub filters: Filters,
    /// The files that hold rules which correlations in other files are about.
    pub elsewhere: Elsewhere,
}

impl Tuning {
    /// Nothing.
    pub fn none() -> &'static Self {
        static NONE: Tuning = Tuning {
            placeholders: Placeholders {
                values: BTreeMap::new(),
            },
            filters: Filters::NONE,
            elsewhere: Elsewhere::NONE,
        };
        &NONE
    }
}

/// The values that placeholders stand for, by the placeholders' names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders {
    values: BTreeMap<String, Vec<String>>,
}

impl Placeholders {
    /// Adds the values of a file; what is wrong with it is in the diagnostics. A name that is known already gets further values.
    pub fn add(&mut self, id: SourceId, text: &str, diagnostics: &mut Diagnostics) {
        let documents = match yaml::parse(id, text) {
            Ok(documents) => documents,
            Err(error) => return diagnostics.push(error),
        };
        for parsed in documents {
            let entries = match parsed.value {
                Ok(Value::Object(entries)) => entries,
                Ok(Value::Null) => continue,
                Ok(_) => {
                    let message = "placeholders are a mapping of names to values";
                    let error = Diagnostic::error(Code::YamlShape, message);
                    diagnostics.push(error.at(parsed.document.whole()));
                    continue;
                }
                Err(error) => {
                    diagnostics.push(error);
                    continue;
                }
            };
            for (name, value) in entries {
                if let Some(values) = texts(&value) {
                    self.give(name, values);
                } else {
                    let message = format!("`{name}` requires a text, a number or a list of these");
                    let span = parsed.document.span(&[Step::Key(&name)]);
                    diagnostics.push(Diagnostic::error(Code::YamlShape, message).at(span));
                }
            }
        }
    }

    /// Adds values of a placeholder. They are read as values of a rule are: `*` and `?` stand for other characters.
    pub fn give(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = String>) {
        self.values.entry(name.into()).or_default().extend(values);
    }

    /// What the placeholder stands for, if that is known.
    pub fn get(&self, name: &str) -> Option<&[String]> {
        self.values.get(name).map(Vec::as_slice)
    }

    /// The known name that is most like this one, if one is.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.values.keys().map(String::as_str))
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn a_file_gives_values_by_name() {
        let text = "admins: [adm_*, 7]\nservers: srv\nbroken: {a: b}\n";
        let id = Sources::new().add("values.yml", text);
        let (mut placeholders, mut diagnostics) = (Placeholders::default(), Diagnostics::new());
        placeholders.add(id, text, &mut diagnostics);
        let admins = ["adm_*", "7"].map(str::to_owned);
        assert_eq!(placeholders.get("admins"), Some(admins.as_slice()));
        assert_eq!(placeholders.nearest("server"), Some("servers"));
        assert_eq!(placeholders.get("broken"), None);
        assert!(diagnostics.has_errors());
    }
}
