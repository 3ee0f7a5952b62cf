//! What the alert says: custom details, texts with placeholders, grouping.

use serde_json::Value;

use super::super::document::plain;
use super::{Checker, is_name};
use crate::diagnostic::{Code, Severity};
use crate::source::TextRange;
use crate::syntax::yaml::Step;

/// The most custom details, and the longest name of one.
const DETAILS: usize = 20;
const DETAIL_NAME: usize = 20;
/// The longest title and description.
const TITLE: usize = 256;
const DESCRIPTION: usize = 5_000;
/// The most placeholders of a text.
const PLACEHOLDERS: usize = 3;

const OVERRIDE: &str = "alertDetailsOverride";

impl Checker<'_, '_> {
    /// Every key about the alert.
    pub(super) fn alert(&mut self) {
        self.details();
        self.text("alertDisplayNameFormat", TITLE);
        self.text("alertDescriptionFormat", DESCRIPTION);
        let Some(details) = self.get(OVERRIDE) else {
            return self.grouping();
        };
        for key in ["alertSeverityColumnName", "alertTacticsColumnName"] {
            if let Some(value) = details.get(key).filter(|value| !value.is_null()) {
                self.column(Some(value), &[Step::Key(OVERRIDE), Step::Key(key)]);
            }
        }
        let properties = details
            .get("alertDynamicProperties")
            .and_then(Value::as_array);
        for (at, property) in properties.into_iter().flatten().enumerate() {
            let path = [
                Step::Key(OVERRIDE),
                Step::Key("alertDynamicProperties"),
                Step::Item(at),
                Step::Key("value"),
            ];
            self.column(property.get("value"), &path);
        }
        self.grouping();
    }

    fn details(&mut self) {
        let Some(details) = self.get("customDetails").and_then(Value::as_object) else {
            return;
        };
        if details.len() > DETAILS {
            let message = format!(
                "a rule has at most {DETAILS} custom details, and this {}",
                details.len()
            );
            let span = self.yaml.key_span(&[Step::Key("customDetails")]);
            self.push(Code::SentinelDetails, Severity::Error, span, message, None);
        }
        for (name, column) in details {
            let path = [Step::Key("customDetails"), Step::Key(name)];
            if !is_name(name, |first| first.is_ascii_alphabetic(), DETAIL_NAME) {
                let length = name.chars().count();
                let message = if length > DETAIL_NAME {
                    format!(
                        "the name of a custom detail has at most {DETAIL_NAME} characters, and this {length}"
                    )
                } else {
                    format!("`{name}` is not allowed as the name of a custom detail")
                };
                let span = self.yaml.key_span(&path);
                self.push(Code::SentinelDetails, Severity::Error, span, message, None);
            }
            self.column(Some(column), &path);
        }
    }

    /// A text with placeholders.
    fn text(&mut self, key: &str, limit: usize) {
        let value = self.get(OVERRIDE).and_then(|details| details.get(key));
        let Some(text) = value.filter(|value| !value.is_null()).map(plain) else {
            return;
        };
        let path = [Step::Key(OVERRIDE), Step::Key(key)];
        let length = text.chars().count();
        if text.trim().is_empty() || length > limit {
            let message = format!("`{key}` has 1 to {limit} characters, and this {length}");
            self.fail(Code::SentinelAlertText, &path, message);
        }
        let mut count = 0;
        let mut from = 0;
        while let Some(at) = text[from..].find("{{").map(|at| at + from) {
            let inner = at + 2;
            // A placeholder that is not closed ends at the next one, so that this one is the finding.
            let next = text[inner..]
                .find("{{")
                .map_or(text.len(), |next| next + inner);
            let Some(end) = text[inner..next].find("}}").map(|end| end + inner) else {
                let span = self.part(&path, TextRange::new(at, next.min(inner)));
                let message = "the placeholder is not closed by `}}`".to_owned();
                self.push(
                    Code::SentinelPlaceholders,
                    Severity::Error,
                    span,
                    message,
                    None,
                );
                from = inner;
                continue;
            };
            count += 1;
            if count == PLACEHOLDERS + 1 {
                let span = self.part(&path, TextRange::new(at, end + 2));
                let message = format!(
                    "`{key}` has at most {PLACEHOLDERS} placeholders, and this is one more"
                );
                self.push(
                    Code::SentinelPlaceholders,
                    Severity::Error,
                    span,
                    message,
                    None,
                );
            }
            let name = text[inner..end].trim();
            let span = self.part(&path, TextRange::new(inner, end));
            self.in_result(name, span);
            from = end + 2;
        }
    }

    fn grouping(&mut self) {
        let Some(settings) = self.get("eventGroupingSettings") else {
            return;
        };
        let kind = settings
            .get("aggregationKind")
            .map(plain)
            .unwrap_or_default();
        if !matches!(kind.as_str(), "SingleAlert" | "AlertPerResult") {
            let message = format!(
                "`{kind}` is not a grouping of events; expected SingleAlert or AlertPerResult"
            );
            let path = [
                Step::Key("eventGroupingSettings"),
                Step::Key("aggregationKind"),
            ];
            self.fail(Code::SentinelGrouping, &path, message);
        }
    }
}
