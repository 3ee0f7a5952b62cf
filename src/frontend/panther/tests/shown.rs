//! What alerts say, against CPython's: `outputs.yml`; and the groups that a threshold counts by.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{YAML, python, rule_of};
use crate::source::Sources;
use crate::syntax::yaml;
use crate::{eval, normalize};

#[derive(Deserialize)]
struct Outputs {
    rules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    python: String,
    events: Vec<Value>,
    shown: Vec<Map<String, Value>>,
}

#[test]
fn alerts_say_what_cpython_says() {
    let text = include_str!("../outputs.yml");
    let mut sources = Sources::new();
    sources.add("outputs.yml", text);
    let outputs: Outputs = yaml::data(text).unwrap();
    let mut wrong = Vec::new();
    for entry in &outputs.rules {
        let rule = normalize::normalize(python(&entry.python));
        for (event, expected) in entry.events.iter().zip(&entry.shown) {
            let said = eval::shown(&rule, event);
            for (name, value) in expected {
                let found = match name.as_str() {
                    "title" => said.title.clone().into(),
                    "dedup" => said.dedup.clone().into(),
                    "severity" => severity(&said.severity, value),
                    _ if value.is_null() => Value::Null,
                    _ => serde_json::to_value(&said.outputs).unwrap(),
                };
                if found != *value {
                    wrong.push(format!("{name} of {event}: {value} is {found}\n{rule}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Panther's word for the severity; nothing for the document's own.
fn severity(name: &str, expected: &Value) -> Value {
    match (name, expected) {
        ("low", Value::Null) => Value::Null,
        ("informational", _) => "INFO".into(),
        (name, _) => name.to_uppercase().into(),
    }
}

/// The line of the rule's threshold.
fn count(python: &str) -> String {
    let rule = rule_of(&format!("{YAML}Threshold: 3\n"), python);
    let text = rule.to_string();
    let line = text.lines().find(|line| line.starts_with("count"));
    line.unwrap_or_default().to_owned()
}

#[test]
fn a_threshold_counts_by_what_its_text_shows() {
    let rule = "def rule(event):\n    return True\n\n\n";
    let title = "def title(event):\n    return f\"{event.get('a')} by {event.deep_get('b', 'c', default='-')} {event.get('a')}\"\n\n\n";
    let dedup = "def dedup(event):\n    return f\"{event.get('d')}:\" + str(event.get('e'))\n";
    assert_eq!(
        count(&format!("{rule}{title}")),
        "count    >= 3 by a, b.c within 1h (window from the first match)"
    );
    assert_eq!(
        count(&format!("{rule}{title}{dedup}")),
        "count    >= 3 by d, e within 1h (window from the first match)"
    );
    assert_eq!(
        count(rule),
        "count    >= 3 within 1h (window from the first match)"
    );
}

#[test]
fn what_a_part_that_cannot_be_read_may_have_changed_is_lost() {
    let python = "def odd(context):\n    context['a'] = hash(context)\n    return {}\n\ndef rule(event):\n    return True\n\ndef alert_context(event):\n    kept = {'k': 1}\n    context = {'a': 1}\n    unused = [odd(context)]\n    return {'kept': kept['k'], 'context': context}\n";
    let rule = python_outputs(python);
    assert_eq!(rule, ["kept"]);
}

/// The names of the outputs.
fn python_outputs(body: &str) -> Vec<String> {
    let outputs = python(body).outputs.into_iter();
    outputs.map(|output| output.name).collect()
}
