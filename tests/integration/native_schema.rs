//! The JSON Schema of the native form, which `schemas/native.json` holds, describes what is written and what is read.

use std::path::Path;

use rulec::frontend::native;
use rulec::ir::{Condition, LogSource, Metadata, OPERATORS, Rule, Term, sample};
use rulec::normalize::normalize;
use serde_json::json;

use crate::generate::{self, Random};
use crate::rules::examples;

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&native::json_schema()).unwrap()
}

#[test]
fn the_file_is_the_schema_of_this_build() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/native.json");
    let schema = format!("{:#}\n", native::json_schema());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&path, &schema).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, schema, "INSTA_UPDATE=always writes the file anew");
}

#[test]
fn what_is_written_is_valid() {
    let schema = validator();
    let mut random = Random::new(7);
    let mut rules = Vec::new();
    for depth in 0..200 {
        let selection = generate::condition(&mut random, depth % 4, true);
        let mut rule = Rule::new(Metadata::default());
        rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
        rule.selection = selection;
        rules.push(rule);
    }
    for info in OPERATORS {
        let mut rule = Rule::new(Metadata::default());
        rule.selection = Condition::from(sample(info.operator, Term::field(["name"])));
        rules.push(rule);
    }
    rules.extend(
        examples()
            .into_iter()
            .map(|example| normalize(example.rule)),
    );
    for rule in rules {
        let form = json!({"rulec": 1, "rule": rule});
        let wrong: Vec<String> = schema
            .iter_errors(&form)
            .map(|one| one.to_string())
            .collect();
        assert_eq!(wrong, [""; 0], "{form:#}");
    }
}

#[test]
fn what_is_no_rule_is_not_valid() {
    let schema = validator();
    let mut rule = Rule::new(Metadata::default());
    rule.selection = Condition::from(sample(OPERATORS[0].operator, Term::field(["name"])));
    let form = json!({"rulec": 1, "rule": rule});
    assert!(schema.is_valid(&form));
    let changed = |pointer: &str, value: serde_json::Value| {
        let mut form = form.clone();
        *form.pointer_mut(pointer).unwrap() = value;
        form
    };
    for form in [
        changed("/rulec", json!(2)),
        changed("/rule/metadata/severity", json!("severe")),
        changed("/rule/selection", json!({"test": {}})),
        changed("/rule/log_sources", json!("aws.cloudtrail")),
        json!({"rulec": 1}),
    ] {
        assert!(!schema.is_valid(&form), "{form:#}");
        assert!(
            serde_json::from_value::<Rule>(form["rule"].clone()).is_err() || form["rulec"] == 2
        );
    }
}
