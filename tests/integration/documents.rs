//! A Sentinel document through the IR and back: what it said is said again, in the order of the content hub.

use rulec::backend::{self, TARGETS};
use rulec::diagnostic::{Diagnostics, Severity};
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::source::{NoFiles, Sources};
use serde_json::Value;

const RULE: &str = r#"kind: Scheduled
version: 1.2.3
name: Odd consoles
id: 0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10
description: |
  'Somebody signs in from two places.'
severity: low
status: Available
odd: {a: [1, {b: c}]}
requiredDataConnectors:
  - connectorId: AWS
    datatypes: [AWSCloudTrail]
queryFrequency: 60m
queryPeriod: 1.00:00:00
triggerOperator: GreaterThan
triggerThreshold: 3
tactics: [Commandandcontrol, InhibitResponseFunction]
relevantTechniques: [T1071]
tags:
  - plain
  - SchemaVersion: 0.1.2
    Schema: ASimDns
query: |
  // Two places at once.
  let places = AWSCloudTrail | where EventName == "ConsoleLogin"   ;

  places
    | join kind=inner (places) on UserIdentityArn
    | where SourceIpAddress != SourceIpAddress1
entityMappings:
  - entityType: IP
    fieldMappings:
      - identifier: Address
        columnName: SourceIpAddress1
customDetails: {Who: UserIdentityArn}
alertDetailsOverride:
  alertDisplayNameFormat: 'By {{UserIdentityArn}}: twice'
  alertTacticsColumnName: T
eventGroupingSettings: {aggregationKind: SingleAlert}
suppressionEnabled: false
suppressionDuration: PT5H
"#;

fn read(text: &str) -> Rule {
    let mut sources = Sources::new();
    let id = sources.add("rule.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let mut rules = rulec::import(id, None, &mut sources, &NoFiles, &mut diagnostics);
    assert!(
        diagnostics
            .iter()
            .all(|one| one.severity != Severity::Error),
        "{diagnostics:?}"
    );
    normalize(rules.remove(0))
}

fn written(rule: &Rule) -> (String, Diagnostics) {
    let target = TARGETS.iter().find(|target| target.name() == "sentinel");
    let translation = rulec::export(rule, *target.unwrap());
    let text = translation.artifacts[0].text.clone();
    (text, translation.report.diagnostics)
}

fn values(text: &str) -> Value {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", text);
    let mut documents = rulec::syntax::yaml::parse(id, text).unwrap();
    documents.remove(0).value.unwrap()
}

#[test]
fn a_document_is_written_again() {
    let rule = read(RULE);
    assert!(!rule.residue.is_empty());
    let (text, diagnostics) = written(&rule);
    assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
    let (before, mut after) = (values(RULE), values(&text));
    assert_eq!(after["severity"], "Low");
    assert_eq!(after["tactics"][0], "CommandAndControl");
    for key in ["severity", "tactics"] {
        after[key] = before[key].clone();
    }
    assert_eq!(before, after, "{text}");
    let keys: Vec<&str> = after
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let place = |key| keys.iter().position(|known| *known == key).unwrap();
    let order = [
        "id",
        "name",
        "severity",
        "tactics",
        "query",
        "entityMappings",
        "odd",
        "version",
        "kind",
    ];
    assert!(order.map(place).is_sorted(), "{keys:?}");
}

#[test]
fn what_is_written_means_the_same() {
    let rule = read(RULE);
    let again = read(&written(&rule).0);
    assert_eq!(rule.selection, again.selection);
    assert_eq!(rule.residue, again.residue);
    assert_eq!(rule.schedule, again.schedule);
    assert_eq!(rule.listing, again.listing);
    assert_eq!(rule.alert, again.alert);
}

#[test]
fn what_has_no_place_is_named() {
    let text = RULE.replace("kind: Scheduled", "kind: NRT");
    let (text, diagnostics) = written(&read(&text));
    assert!(!text.contains("queryFrequency"), "{text}");
    assert_eq!(diagnostics.iter().count(), 4);
    let long = RULE.replace("1.00:00:00", "30d");
    let (text, diagnostics) = written(&read(&long));
    assert!(text.contains("queryPeriod: 14d"), "{text}");
    assert_eq!(diagnostics.iter().count(), 1);
}

#[test]
fn a_query_that_only_its_own_language_can_say_is_a_query_again() {
    let rule = read(RULE);
    let target = backend::TARGETS
        .iter()
        .find(|target| target.name() == "kql");
    let translation = rulec::export(&rule, *target.unwrap());
    assert!(
        translation.artifacts[0]
            .text
            .contains("| join kind=inner (places)")
    );
}
