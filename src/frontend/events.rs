//! `events.json` beside a rule: its tests where the format has none, further tests where it has.
//!
//! The file is a list of `{name, event, expected}`. It belongs to the one rule of the document beside it; a name that the rule's
//! own tests have taken is passed over. What is not such a list is a warning at its place and no test; the rule is not affected.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Origin, Rule, RuleTest};
use crate::source::{SourceId, Span, TextRange, Unusable};
use crate::syntax::yaml::{self, Step};

/// The name of the file.
const NAME: &str = "events.json";

/// One entry.
#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "the file's own keys")]
struct Event {
    name: String,
    event: Map<String, Value>,
    expected: bool,
}

/// Gives the rule of the document at `path` the tests beside it.
pub(crate) fn attach(path: &Path, rule: &mut Rule, context: &mut Context<'_>) {
    let path = path.with_file_name(NAME);
    let unusable = |reason: &str| {
        let message = format!("`{}` gives no tests: {reason}", path.display());
        Diagnostic::warning(Code::TestShape, message)
    };
    let text = match context.loader.text(&path) {
        Ok(None) => return,
        Ok(Some(text)) => text,
        Err(Unusable::Unreadable(reason)) => {
            return context.diagnostics.push(unusable(&reason));
        }
        Err(Unusable::NotUtf8(_)) => {
            return context.diagnostics.push(unusable("it is not UTF-8"));
        }
    };
    let id = context.sources.add(&path, Arc::clone(&text));
    let entries: Vec<Value> = match serde_json::from_str(&text) {
        Ok(entries) => entries,
        Err(error) => {
            let warning = unusable(reason(&error.to_string()));
            return context
                .diagnostics
                .push(warning.at(place(id, &text, &error)));
        }
    };
    // JSON is YAML but for some escapes; where it is not, the tests have no positions.
    let documents = yaml::parse(id, &text).unwrap_or_default();
    let span = |steps: &[Step<'_>]| documents.first().and_then(|read| read.document.span(steps));
    for (at, entry) in entries.into_iter().enumerate() {
        match Event::deserialize(entry) {
            Ok(event) if rule.tests.iter().any(|test| test.name == event.name) => {}
            Ok(event) => rule.tests.push(RuleTest {
                name: event.name,
                event: Value::Object(event.event),
                expected: event.expected,
                origin: Origin(span(&[Step::Item(at), Step::Key("name")])),
            }),
            Err(error) => {
                let what = format!("test {} of `{}`: {error}", at + 1, path.display());
                let warning = Diagnostic::warning(Code::TestShape, what);
                context
                    .diagnostics
                    .push(warning.at(span(&[Step::Item(at)])));
            }
        }
    }
}

/// The message of the JSON reader without its position.
fn reason(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// Where the JSON reader gave up.
fn place(id: SourceId, text: &str, error: &serde_json::Error) -> Span {
    let lines = text.split_inclusive('\n');
    let start: usize = lines
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = start + error.column().saturating_sub(1);
    Span::new(id, TextRange::new(at, at + 1))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use indexmap::IndexMap;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::ir::Metadata;
    use crate::source::Sources;

    fn attached(text: &str) -> (Rule, Diagnostics, Sources) {
        let files: IndexMap<PathBuf, Vec<u8>> =
            [(PathBuf::from("a/events.json"), text.as_bytes().to_vec())].into();
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let mut rule = Rule::new(Metadata::default());
        let mut context = Context {
            sources: &mut sources,
            loader: &files,
            memory: &crate::frontend::Memory::default(),
            crosswalk: crate::schema::Crosswalk::builtin(),
            tuning: crate::frontend::Tuning::none(),
            diagnostics: &mut diagnostics,
            undecided: Vec::new(),
            accompanies: false,
        };
        attach(Path::new("a/rule.yml"), &mut rule, &mut context);
        (rule, diagnostics, sources)
    }

    #[test]
    fn events_become_tests_with_their_place() {
        let text = "[\n  {\"name\": \"hit\", \"event\": {\"a\": 1}, \"expected\": true}\n]";
        let (rule, diagnostics, sources) = attached(text);
        assert!(diagnostics.is_empty());
        assert_eq!(rule.tests[0].event, serde_json::json!({"a": 1}));
        assert_eq!(sources.text(rule.tests[0].origin.0.unwrap()), "\"hit\"");
        let one_of_two = r#"[{"name": "\ud83d\ude00", "event": {}, "expected": false},
            {"name": "x", "event": 1, "expected": false}]"#;
        let (rule, diagnostics, _) = attached(one_of_two);
        assert_eq!((rule.tests.len(), diagnostics.iter().count()), (1, 1));
        assert_eq!(rule.tests[0].name, "😀");
    }

    #[test]
    fn another_shape_is_a_warning_with_its_place() {
        for text in ["[\n  {\"name\": 1}]", "[", "{}", "", "[1]"] {
            let (rule, diagnostics, _) = attached(text);
            assert!(rule.tests.is_empty());
            let warning = diagnostics.iter().next().unwrap();
            assert_eq!(warning.code, Code::TestShape, "{text}");
            assert_eq!(warning.labels.len(), 1, "{text}");
        }
    }
}
