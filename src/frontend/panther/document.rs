//! A Panther YAML document as typed values taken key by key, each with its place.
//!
//! Invariant: every key is taken once or left over; what is left over is kept for Panther itself. A value of another type than
//! the format requires is a diagnostic at that value and counts as missing.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::FORMAT;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Attack, KeyPlaces, Literal, Metadata, Origin, Preserved, RuleTest, Severity};
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

/// Those of them that the rest of the rule says as well.
const READ: &[&str] = &["CreateAlert", "CreatedBy", "ScheduledQueries"];

/// The names that a test replaces, and what each returns when it is called.
pub(super) type Mocks = Vec<(String, Literal)>;

/// The keys of a document that were not taken yet.
pub(super) struct Fields<'d> {
    document: &'d Document<'d>,
    values: Map<String, Value>,
    keys: Keys,
}

/// The keys that are called otherwise in another kind of document.
struct Keys {
    id: &'static str,
    event: &'static str,
    /// The `ExpectedResult` of an event that makes an alert.
    alerting: bool,
}

impl<'d> Fields<'d> {
    /// The keys of the document; an error where it is not a mapping.
    pub(super) fn read(document: &'d Document<'d>, value: Value) -> Result<Self, Box<Diagnostic>> {
        match value {
            Value::Object(map) => Ok(Self {
                document,
                values: map,
                keys: Keys {
                    id: "RuleID",
                    event: "Log",
                    alerting: true,
                },
            }),
            _ => Err(Box::new(
                Diagnostic::error(Code::YamlShape, "a detection must be a mapping of keys")
                    .at(document.whole()),
            )),
        }
    }

    /// Reads the document as a policy, whose tests expect `true` of a resource in order.
    pub(super) fn judge_resources(&mut self) {
        self.keys = Keys {
            id: "PolicyID",
            event: "Resource",
            alerting: false,
        };
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

    /// The document itself, for the places of what stands deeper in it.
    pub(super) fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// A value that stays; `null` counts as missing.
    pub(super) fn peek(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    /// Takes a value as it stands; `null` counts as missing.
    pub(super) fn take_value(&mut self, key: &str) -> Option<Value> {
        self.values
            .shift_remove(key)
            .filter(|value| !value.is_null())
    }

    /// Takes a value; `null` counts as missing.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        let value = self.take_value(key)?;
        self.shaped(key, value, diagnostics)
    }

    /// A value that was taken, as another type.
    fn shaped<T: DeserializeOwned>(
        &self,
        key: &str,
        value: Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
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
        let id: String = self.required(self.keys.id, diagnostics)?;
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
            author: self
                .peek("CreatedBy")
                .and_then(Value::as_str)
                .map(str::to_owned),
            silent: self.peek("CreateAlert") == Some(&Value::Bool(false)),
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
        let mut found = Vec::new();
        for (test, mocks) in self.tests_with_mocks(diagnostics) {
            if mocks.is_empty() {
                found.push(test);
                continue;
            }
            let message = "a test with mocks is not read here";
            diagnostics.push(Diagnostic::note(Code::TestShape, message).at(test.origin.0));
        }
        found
    }

    /// Takes the tests, each with what it replaces: names of the Python file and what they return when they are called.
    pub(super) fn tests_with_mocks(
        &mut self,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(RuleTest, Mocks)> {
        let tests = match self.take_value("Tests") {
            Some(Value::Array(tests)) => tests,
            Some(other) => self.shaped("Tests", other, diagnostics).unwrap_or_default(),
            None => Vec::new(),
        };
        let mut found = Vec::new();
        for (at, mut test) in tests.into_iter().enumerate() {
            let span = self.document.span(&[Step::Key("Tests"), Step::Item(at)]);
            let Some((name, expected, event)) = read_test(&mut test, &self.keys) else {
                let message = format!(
                    "a test must have a `Name`, an `ExpectedResult` and a `{}` that is an object",
                    self.keys.event
                );
                diagnostics.push(Diagnostic::warning(Code::TestShape, message).at(span));
                continue;
            };
            let Some(mocks) = read_mocks(&test) else {
                let message = "a mock must have an `objectName` and a `returnValue` that is a text or a truth value";
                diagnostics.push(Diagnostic::warning(Code::TestShape, message).at(span));
                continue;
            };
            let origin = span.map_or_else(Default::default, Into::into);
            let test = RuleTest {
                name,
                event,
                expected,
                origin,
            };
            found.push((test, mocks));
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
        let places = self.values.keys();
        let places = places.map(|key| (key.clone(), Origin(self.key_span(key))));
        Preserved {
            format: FORMAT.to_owned(),
            places: KeyPlaces(places.collect()),
            keys: self.values.into_iter().collect(),
        }
    }
}

/// The keys that say something to Panther alone.
pub(super) fn unread(preserved: &Preserved) -> Vec<String> {
    let keys = preserved.keys.keys();
    keys.filter(|key| !READ.contains(&key.as_str()))
        .cloned()
        .collect()
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

/// The name of a test, whether it is to match, and its event, which is taken out of it.
fn read_test(test: &mut Value, keys: &Keys) -> Option<(String, bool, Value)> {
    let name = test.get("Name")?.as_str()?.to_owned();
    let expected = test.get("ExpectedResult")?.as_bool()?;
    let event = test.get_mut(keys.event).filter(|log| log.is_object())?;
    Some((name, expected == keys.alerting, event.take()))
}

/// What a test replaces; none where that is not understood.
fn read_mocks(test: &Value) -> Option<Mocks> {
    let mocks = match test.get("Mocks") {
        None | Some(Value::Null) => return Some(Mocks::new()),
        Some(mocks) => mocks.as_array()?,
    };
    let mut found = Mocks::new();
    for mock in mocks {
        let name = mock.get("objectName")?.as_str()?.to_owned();
        let value = match mock.get("returnValue")? {
            Value::String(returned) => Literal::text(returned),
            Value::Bool(value) => Literal::Boolean(*value),
            _ => return None,
        };
        found.push((name, value));
    }
    Some(found)
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
