//! A Panther YAML document as typed values taken key by key, each with its place.
//!
//! Invariant: every key is taken once or left over; what is left over is kept for Panther itself. A value of another type than
//! the format requires is a diagnostic at that value and counts as missing.

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Attack, Metadata, Preserved, RuleTest, Severity};
use crate::source::Span;
use crate::syntax::yaml::{Document, Step};

/// Keys of the format that mean something only to Panther.
const PRESERVED: &[&str] = &[
    "AlertContext",
    "AlertTitle",
    "BaseDetection",
    "BaseVersion",
    "CreateAlert",
    "CreatedBy",
    "DynamicSeverities",
    "GroupBy",
    "InlineFilters",
    "OnlyUseBaseRiskScore",
    "OutputIds",
    "Reports",
    "ScheduledQueries",
    "SummaryAttributes",
    "Suppressions",
];

/// The keys of a document that were not taken yet.
pub(super) struct Fields<'d> {
    document: &'d Document<'d>,
    values: IndexMap<String, Value>,
}

impl<'d> Fields<'d> {
    /// The keys of the document; an error where it is not a mapping.
    pub(super) fn read(document: &'d Document<'d>) -> Result<Self, Box<Diagnostic>> {
        match document.to_json()? {
            Value::Object(map) => Ok(Self {
                document,
                values: map.into_iter().collect(),
            }),
            _ => Err(Box::new(
                Diagnostic::error(Code::YamlShape, "a detection must be a mapping of keys")
                    .at(document.whole()),
            )),
        }
    }

    /// Whether the key is there and not taken.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Where the key's value stands.
    pub(super) fn span(&self, key: &str) -> Option<Span> {
        self.document.span(&[Step::Key(key)])
    }

    /// Where the key stands.
    pub(super) fn key_span(&self, key: &str) -> Option<Span> {
        self.document.key_span(&[Step::Key(key)])
    }

    /// Where the whole document stands.
    pub(super) fn whole(&self) -> Span {
        self.document.whole()
    }

    /// Takes a value; `null` counts as missing.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        let value = self
            .values
            .shift_remove(key)
            .filter(|value| !value.is_null())?;
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::YamlShape,
                        format!("`{key}` must have another type: {error}"),
                    )
                    .at(self.span(key)),
                );
                None
            }
        }
    }

    /// Takes a value that must be there.
    pub(super) fn required<T: DeserializeOwned>(
        &mut self,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        if self.values.get(key).is_none_or(Value::is_null) {
            diagnostics.push(
                Diagnostic::error(Code::YamlShape, format!("the key `{key}` is required"))
                    .at(self.document.whole()),
            );
            return None;
        }
        self.take(key, diagnostics)
    }

    /// Takes the keys that say who and what the rule is.
    pub(super) fn metadata(&mut self, diagnostics: &mut Diagnostics) -> Option<Metadata> {
        let id: String = self.required("RuleID", diagnostics)?;
        let severity = self.severity(diagnostics)?;
        let reference: Option<String> = self.take("Reference", diagnostics);
        Some(Metadata {
            name: self
                .take("DisplayName", diagnostics)
                .unwrap_or_else(|| id.clone()),
            id,
            severity,
            description: self.take("Description", diagnostics).unwrap_or_default(),
            disabled: self.take("Enabled", diagnostics) == Some(false),
            status: self.take("Status", diagnostics),
            references: reference.into_iter().collect(),
            tags: self.take("Tags", diagnostics).unwrap_or_default(),
            attack: self.attack(diagnostics),
            runbook: self.take("Runbook", diagnostics),
            ..Metadata::default()
        })
    }

    fn severity(&mut self, diagnostics: &mut Diagnostics) -> Option<Severity> {
        let name: String = self.required("Severity", diagnostics)?;
        let severity = severity_named(&name);
        if severity.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    Code::RuleMetadata,
                    format!("`{name}` must be Info, Low, Medium, High or Critical"),
                )
                .at(self.span("Severity")),
            );
        }
        severity
    }

    /// Takes the ATT&CK report; other reports stay.
    fn attack(&mut self, diagnostics: &mut Diagnostics) -> Vec<Attack> {
        const REPORT: &str = "MITRE ATT&CK";
        let Some(Value::Object(reports)) = self.values.get_mut("Reports") else {
            return Vec::new();
        };
        let Some(entries) = reports.shift_remove(REPORT) else {
            return Vec::new();
        };
        if reports.is_empty() {
            self.values.shift_remove("Reports");
        }
        let entries: Vec<Value> = entries.as_array().cloned().unwrap_or_default();
        let mut found = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            if let Some(attack) = entry.as_str().and_then(attack) {
                found.push(attack);
                continue;
            }
            let path = [Step::Key("Reports"), Step::Key(REPORT), Step::Item(at)];
            let message =
                "an ATT&CK entry must be a tactic, a technique, or both, as in `TA0007:T1526`";
            let problem = Diagnostic::warning(Code::RuleMetadata, message);
            diagnostics.push(problem.at(self.document.span(&path)));
        }
        found
    }

    /// Takes the tests. One with mocks cannot be judged without them and is left out.
    pub(super) fn tests(&mut self, diagnostics: &mut Diagnostics) -> Vec<RuleTest> {
        let tests: Vec<Value> = self.take("Tests", diagnostics).unwrap_or_default();
        let mut found = Vec::new();
        for (at, test) in tests.into_iter().enumerate() {
            let span = self.document.span(&[Step::Key("Tests"), Step::Item(at)]);
            if test.get("Mocks").is_some_and(|mocks| !mocks.is_null()) {
                let message = "a test with mocks is not read yet";
                diagnostics.push(Diagnostic::note(Code::TestShape, message).at(span));
                continue;
            }
            match read_test(&test) {
                Some((name, expected, event)) => found.push(RuleTest {
                    name,
                    event,
                    expected,
                    origin: span.map_or_else(Default::default, Into::into),
                }),
                None => diagnostics.push(
                    Diagnostic::warning(
                        Code::TestShape,
                        "a test must have a `Name`, an `ExpectedResult` and a `Log` that is an object",
                    )
                    .at(span),
                ),
            }
        }
        found
    }

    /// Everything that was not taken.
    pub(super) fn leftover(self, diagnostics: &mut Diagnostics) -> Preserved {
        for key in self.values.keys() {
            if !PRESERVED.contains(&key.as_str()) {
                diagnostics.push(
                    Diagnostic::warning(Code::UnknownKey, format!("Panther has no key `{key}`"))
                        .at(self.key_span(key)),
                );
            }
        }
        Preserved {
            format: "panther".to_owned(),
            keys: self.values,
        }
    }
}

/// The severity by Panther's name, in any case.
pub(super) fn severity_named(name: &str) -> Option<Severity> {
    match name.to_ascii_lowercase().as_str() {
        "info" => Some(Severity::Informational),
        "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

/// `TA0007:T1526`, `TA0007` or `T1526.001`.
fn attack(text: &str) -> Option<Attack> {
    let mut attack = Attack::default();
    for part in text.split(':') {
        let part = part.trim();
        let digits = |rest: &str| {
            let mut numbers = rest.split('.');
            numbers.clone().count() <= 2
                && numbers.all(|number| {
                    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                })
        };
        if part.strip_prefix("TA").is_some_and(digits) && attack.tactic.is_none() {
            attack.tactic = Some(part.to_owned());
        } else if part.strip_prefix('T').is_some_and(digits) && attack.technique.is_none() {
            attack.technique = Some(part.to_owned());
        } else {
            return None;
        }
    }
    Some(attack)
}

fn read_test(test: &Value) -> Option<(String, bool, Value)> {
    let name = test.get("Name")?.as_str()?.to_owned();
    let expected = test.get("ExpectedResult")?.as_bool()?;
    let event = test.get("Log").filter(|log| log.is_object())?.clone();
    Some((name, expected, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_entries() {
        let both = attack("TA0007:T1526").unwrap();
        assert_eq!(both.tactic.as_deref(), Some("TA0007"));
        assert_eq!(both.technique.as_deref(), Some("T1526"));
        assert_eq!(attack("T1552.001").unwrap().tactic, None);
        for text in ["", "TA0007:", "Discovery", "T15x", "T1:T2", "T1.2.3"] {
            assert_eq!(attack(text), None, "{text}");
        }
    }
}
