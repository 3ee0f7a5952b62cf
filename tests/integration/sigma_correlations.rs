//! Sigma's correlations: when they alert (`tests/oracles/sigma/correlations.yml`, which other engines are asked, too), that what is
//! written as Sigma says the same, and what is refused.

use rulec::diagnostic::Diagnostics;
use rulec::frontend::{Memory, Tuning};
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::{NoFiles, Sources};
use rulec::{Environment, eval, import_with};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    file: String,
    events: Vec<(i64, Value)>,
    alerts: Vec<(i64, Vec<String>)>,
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(include_str!("../oracles/sigma/correlations.yml")).unwrap()
}

fn import(text: &str) -> (Vec<Rule>, Vec<String>) {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rules.yml", text);
    let environment = Environment {
        loader: &NoFiles,
        memory: &Memory::default(),
        crosswalk: Crosswalk::builtin(),
        tuning: Tuning::none(),
    };
    let found = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    let said = diagnostics.iter().map(|one| one.message.clone());
    (found.rules, said.collect())
}

/// The one rule of a file, in normal form.
fn rule(text: &str) -> Rule {
    let (mut rules, said) = import(text);
    assert!(said.is_empty() && rules.len() == 1, "{said:?}\n{text}");
    normalize(rules.remove(0))
}

fn written(rule: &Rule) -> String {
    let target = rulec::backend::target("sigma").unwrap();
    let made = rulec::export(rule, target);
    let said: Vec<&str> = made
        .report
        .diagnostics
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert!(!made.artifacts.is_empty(), "{said:?}");
    made.artifacts[0].text.clone()
}

fn alerts(rule: &Rule, events: &[(i64, Value)]) -> Vec<(i64, Vec<String>)> {
    let found = eval::alerts(rule, events).into_iter();
    let mut found: Vec<(i64, Vec<String>)> = found.map(|alert| (alert.at, alert.group)).collect();
    found.sort();
    found
}

#[test]
fn every_case_alerts_when_it_should() {
    for case in cases() {
        let rule = rule(&case.file);
        assert_eq!(alerts(&rule, &case.events), case.alerts, "{}", case.name);
    }
}

#[test]
fn what_is_written_says_the_same() {
    for case in cases() {
        let first = rule(&case.file);
        let text = written(&first);
        let back = rule(&text);
        assert_eq!(
            alerts(&back, &case.events),
            case.alerts,
            "{}\n{text}",
            case.name
        );
        assert_eq!(written(&back), text, "{}", case.name);
        let json = serde_json::to_value(&back).unwrap();
        let read: Rule = serde_json::from_value(json).unwrap();
        assert_eq!(read, back, "{}", case.name);
    }
}
