//! What an alert shows is the same after the way through Sentinel: titles and outputs that are reported as exact, and the rule as a
//! resource of Azure Resource Manager.
//!
//! `RULEC_SHOWN_RULES` names a folder of further rules in the native JSON form (`rulec explain --format json`), which are judged like
//! the examples.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::analysis::Fidelity;
use rulec::backend::{Context, Sentinel, Style, Templates, Translation};
use rulec::diagnostic::Diagnostics;
use rulec::eval;
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::{NoFiles, Sources};
use serde_json::{Value, json};

fn import(path: &str, text: &str) -> Option<Rule> {
    let mut sources = Sources::new();
    let id = sources.add(path, text.to_owned());
    let mut rules = rulec::import(id, None, &mut sources, &NoFiles, &mut Diagnostics::new());
    (rules.len() == 1).then(|| normalize(rules.remove(0)))
}

fn export(rule: &Rule, style: Style) -> Translation {
    let templates = Templates::builtin();
    let context = Context {
        style,
        ..Context::new(Crosswalk::builtin(), &templates)
    };
    rulec::export_with(rule, &Sentinel, &context)
}

/// The examples, and the rules of the folder that the environment names.
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = crate::rules::examples()
        .into_iter()
        .map(|example| normalize(example.rule))
        .collect();
    let Some(folder) = std::env::var_os("RULEC_SHOWN_RULES").map(PathBuf::from) else {
        println!("RULEC_SHOWN_RULES names no folder: the examples only");
        return rules;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    rules.extend(paths.iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        import(&path.display().to_string(), &text)
    }));
    rules
}

fn is_exact(translation: &Translation, what: &str) -> bool {
    let mut constructs = translation.report.constructs.iter();
    constructs.any(|one| one.what == what && one.fidelity == Fidelity::Exact)
}

/// A value as a table shows it, which has no missing texts.
fn plain(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!(""),
        Some(value) => value.clone(),
    }
}

/// A name as far as a custom detail keeps it.
fn word(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.take(18).collect::<String>().to_lowercase()
}

#[test]
fn what_is_exact_is_shown_again() {
    let (mut titles, mut outputs, mut wrong) = (0, 0, Vec::new());
    for rule in rules() {
        let translation = export(&rule, Style::Usual);
        let [document, ..] = translation.artifacts.as_slice() else {
            continue;
        };
        let Some(back) = import("rule.yaml", &document.text) else {
            continue;
        };
        if back.threshold.is_some() || back.pipeline.is_some() || rule.threshold.is_some() {
            continue;
        }
        for test in rule.tests.iter().filter(|test| test.expected) {
            let (before, after) = (
                eval::shown(&rule, &test.event),
                eval::shown(&back, &test.event),
            );
            let of = format!("{} {}", rule.metadata.id, test.name);
            if is_exact(&translation, "title") && back.alert.title.is_some() {
                titles += 1;
                if before.title != after.title {
                    wrong.push(format!("{of}: {:?} is {:?}", before.title, after.title));
                }
            }
            let details: IndexMap<String, Value> = back
                .alert
                .details
                .iter()
                .map(|detail| {
                    let value = eval::value(&detail.source, &test.event);
                    (word(&detail.name), plain(value.as_ref()))
                })
                .collect();
            for output in &rule.outputs {
                let name = word(&output.name);
                let Some(shown) = details.get(&name) else {
                    continue;
                };
                if !is_exact(&translation, &format!("output {}", output.name)) {
                    continue;
                }
                outputs += 1;
                let wanted = plain(before.outputs.get(&output.name));
                if wanted != *shown {
                    wrong.push(format!("{of}: {} {wanted} is {shown}", output.name));
                }
            }
        }
    }
    println!("{titles} titles, {outputs} outputs, {} differ", wrong.len());
    if let Some(path) = std::env::var_os("RULEC_SHOWN_DIFFERENCES") {
        std::fs::write(path, wrong.join("\n")).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(titles > 0 && outputs > 0, "something is shown");
}

/// The facts of the vendor's reference for a scheduled rule's resource.
fn schema() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let span = json!({"type": "string", "pattern": "^P(\\d+D|T\\d+[HMS])$"});
    let texts = json!({"type": "array", "items": text});
    let properties = json!({
        "displayName": {"type": "string", "minLength": 1, "maxLength": 256},
        "description": {"type": "string", "maxLength": 5000},
        "severity": {"enum": ["High", "Medium", "Low", "Informational"]},
        "enabled": {"type": "boolean"},
        "query": {"type": "string", "minLength": 1, "maxLength": 10000},
        "queryFrequency": span,
        "queryPeriod": span,
        "triggerOperator": {"enum": ["GreaterThan", "LessThan", "Equal", "NotEqual"]},
        "triggerThreshold": {"type": "integer"},
        "suppressionDuration": span,
        "suppressionEnabled": {"type": "boolean"},
        "tactics": texts,
        "techniques": {"type": "array", "items": {"pattern": "^T\\d{4}$"}},
        "subTechniques": {"type": "array", "items": {"pattern": "^T\\d{4}\\.\\d{3}$"}},
        "entityMappings": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "entityType": text,
                    "fieldMappings": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 3,
                        "items": {
                            "properties": {"identifier": text, "columnName": text},
                            "required": ["identifier", "columnName"],
                            "additionalProperties": false,
                        },
                    },
                },
                "required": ["entityType", "fieldMappings"],
                "additionalProperties": false,
            },
        },
        "sentinelEntitiesMappings": {"type": "array"},
        "customDetails": {"type": "object", "maxProperties": 20, "additionalProperties": text},
        "alertDetailsOverride": {
            "type": "object",
            "properties": {
                "alertDisplayNameFormat": {"type": "string", "maxLength": 256},
                "alertDescriptionFormat": {"type": "string", "maxLength": 5000},
                "alertSeverityColumnName": text,
                "alertTacticsColumnName": text,
                "alertDynamicProperties": {"type": "array"},
            },
            "additionalProperties": false,
        },
        "eventGroupingSettings": {
            "properties": {"aggregationKind": {"enum": ["AlertPerResult", "SingleAlert"]}},
            "additionalProperties": false,
        },
        "incidentConfiguration": {"type": "object"},
    });
    let required = [
        "displayName",
        "enabled",
        "query",
        "queryFrequency",
        "queryPeriod",
        "severity",
        "suppressionDuration",
        "suppressionEnabled",
        "triggerOperator",
        "triggerThreshold",
    ];
    json!({
        "type": "object",
        "properties": {
            "type": {"const": "Microsoft.SecurityInsights/alertRules"},
            "apiVersion": {"pattern": "^\\d{4}-\\d{2}-\\d{2}(-preview)?$"},
            "name": {"pattern": "^[0-9a-f-]{36}$"},
            "scope": {"pattern": "^\\[.*\\]$"},
            "kind": {"const": "Scheduled"},
            "properties": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            },
        },
        "required": ["type", "apiVersion", "name", "scope", "kind", "properties"],
        "additionalProperties": false,
    })
}

#[test]
fn a_resource_has_the_vendors_keys_and_is_the_same_rule() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let mut judged = 0;
    for rule in rules() {
        let (usual, arm) = (export(&rule, Style::Usual), export(&rule, Style::Arm));
        let ([document, ..], [resource, ..]) =
            (usual.artifacts.as_slice(), arm.artifacts.as_slice())
        else {
            assert_eq!(usual.artifacts.is_empty(), arm.artifacts.is_empty());
            continue;
        };
        let template: Value = serde_json::from_str(&resource.text).unwrap();
        let found = &template["resources"][0];
        let wrong: Vec<String> = schema
            .iter_errors(found)
            .map(|error| format!("{error}"))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", rule.metadata.id);
        let (Some(a), Some(b)) = (
            import("rule.yaml", &document.text),
            import("rule.json", &resource.text),
        ) else {
            panic!("{}: it is not read back", rule.metadata.id);
        };
        judged += 1;
        assert_eq!(a.selection, b.selection, "{}", rule.metadata.id);
        assert_eq!(a.threshold, b.threshold, "{}", rule.metadata.id);
        assert_eq!(a.outputs, b.outputs, "{}", rule.metadata.id);
        assert_eq!(a.alert, b.alert, "{}", rule.metadata.id);
        assert_eq!(a.entities, b.entities, "{}", rule.metadata.id);
        assert_eq!(a.schedule, b.schedule, "{}", rule.metadata.id);
        assert_eq!(a.metadata.id, b.metadata.id);
        assert_eq!(a.metadata.severity, b.metadata.severity);
    }
    assert!(judged >= 3, "the examples are judged");
}
