//! The JSON Schema of log source files takes what the loader takes: every shipped file, and no key that is not known.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

fn validator() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The shipped files as JSON, whose keys are texts.
fn shipped() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| {
        path.extension().is_some_and(|extension| extension == "yml")
            && path.file_name().is_some_and(|name| name != "attack.yml")
    });
    let read = files.map(|path| {
        let value: serde_yaml::Value =
            serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.display().to_string(), as_json(&value))
    });
    read.collect()
}

fn as_json(value: &serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| {
                let key = match key {
                    serde_yaml::Value::String(key) => key.clone(),
                    other => serde_yaml::to_string(other).unwrap().trim().to_owned(),
                };
                (key, as_json(value))
            })
            .collect(),
        serde_yaml::Value::Sequence(items) => items.iter().map(as_json).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

#[test]
fn every_shipped_file_is_valid() {
    let validator = validator();
    let mut wrong = Vec::new();
    let files = shipped();
    for (path, file) in &files {
        let errors = validator.iter_errors(file);
        wrong.extend(errors.map(|error| format!("{path}: {}: {error}", error.instance_path())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files.len() >= 25);
}

#[test]
fn what_is_not_known_is_refused() {
    let validator = validator();
    let file = json!({
        "schema_version": 1, "id": "a.b", "name": "A", "time": "at",
        "panther": {"log_types": ["A.B"]},
        "sentinel": [{"table": "A_CL", "schema": "listed"}],
        "sigma": [{"product": "a"}],
        "fields": [{"field": "at", "type": "datetime", "sentinel": {"A_CL": {"column": "At", "type": "datetime"}}}],
    });
    assert!(validator.is_valid(&file));
    for place in [
        "",
        "/panther",
        "/sentinel/0",
        "/sigma/0",
        "/fields/0",
        "/fields/0/sentinel/A_CL",
    ] {
        let mut other = file.clone();
        other.pointer_mut(place).unwrap()["no_such_key"] = json!(1);
        assert!(!validator.is_valid(&other), "{place}");
    }
    for (place, key) in [
        ("", "name"),
        ("", "time"),
        ("", "fields"),
        ("/fields/0", "type"),
    ] {
        let mut other = file.clone();
        other
            .pointer_mut(place)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(key);
        assert!(!validator.is_valid(&other), "{key}");
    }
    let overlay = json!({
        "schema_version": 1, "extends": "builtin", "id": "aws.cloudtrail",
        "fields": [{"field": "awsRegion", "sentinel": "none"}],
    });
    assert!(validator.is_valid(&overlay));
}
