//! The JSON Schema of the native form, which `schemas/native.json` holds, describes what is written and what is read.

use std::path::Path;

use rulec::diagnostic::Diagnostics;
use rulec::frontend::native;
use rulec::ir::{
    Condition, Literal, LogSource, Metadata, OPERATORS, Object, Operator, Predicate, Rule,
    SharedVec, Term, sample, sharing,
};
use rulec::normalize::normalize;
use rulec::source::{NoFiles, Sources};
use serde_json::{Value, json};

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

/// A rule of few parts that is a tree of `2^depth` when it is written out.
fn folded(depth: usize) -> Rule {
    let test = |name: &str| {
        Condition::from(Predicate::new(
            Term::field([name]),
            Operator::Equals,
            Object::Literal(Literal::Text("x".into())),
        ))
    };
    let mut selection = test("start");
    for level in 0..depth {
        let both = |name: &str| {
            let beside = test(&format!("{name}_{level}"));
            Condition::All(SharedVec::from([selection.clone(), beside]))
        };
        selection = Condition::Any(SharedVec::from([both("left"), both("right")]));
    }
    let mut rule = Rule::new(Metadata::default());
    rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
    rule.selection = selection;
    rule
}

fn read(text: &str) -> Result<Rule, String> {
    let mut sources = Sources::new();
    let id = sources.add("rule.json", text);
    let mut diagnostics = Diagnostics::default();
    let rules = rulec::import(
        id,
        Some(&native::Native),
        &mut sources,
        &NoFiles,
        &mut diagnostics,
    );
    let said = diagnostics.iter().map(|one| one.message.clone());
    let said: Vec<String> = said.collect();
    rules.into_iter().next().ok_or_else(|| said.join("; "))
}

#[test]
fn a_large_rule_holds_each_part_once() {
    let rule = folded(14);
    let text = sharing::to_json(&rule).unwrap();
    assert!(text.len() < 50_000, "{} bytes", text.len());
    let form: Value = serde_json::from_str(&text).unwrap();
    assert!(validator().is_valid(&form));
    assert_eq!(read(&text).unwrap(), rule);
    // A small one is a plain tree.
    let text = sharing::to_json(&folded(4)).unwrap();
    assert!(!text.contains("shared"), "{text}");
    assert_eq!(read(&text).unwrap(), folded(4));
}

#[test]
fn a_table_of_parts_that_cannot_be_is_refused() {
    let large = sharing::to_json(&folded(40)).unwrap();
    assert!(read(&large).unwrap_err().contains("more than can be read"));
    let with = |shared: Value| {
        let mut rule = serde_json::to_value(folded(0)).unwrap();
        rule["selection"] = json!({"not": {"shared": 1}});
        read(&json!({"rulec": 1, "shared": shared, "rule": rule}).to_string())
    };
    let term = json!({"term": {"field": "name"}});
    let never = json!({"condition": {"any": []}});
    assert!(with(json!([term, never])).is_ok());
    for (shared, said) in [
        (
            json!([never]),
            "the shared part 1 is used before it is there",
        ),
        (
            json!([never, term]),
            "the shared part 1 is a term, not a condition",
        ),
        (
            json!([never, {"condition": {"not": {"shared": 1}}}]),
            "the shared part 1 is used before it is there",
        ),
        (json!({"0": never}), "expected a list of shared parts"),
    ] {
        let error = with(shared).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
