//! A sound rule, and each limit broken in it: the code, and what stands at the place.

use crate::diagnostic::{Diagnostics, Severity};
use crate::frontend::Frontend;
use crate::frontend::sentinel::Sentinel;
use crate::source::Sources;

const SOUND: &str = r#"id: 0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10
name: Many failed logons
description: Somebody guesses passwords.
severity: Medium
requiredDataConnectors:
  - connectorId: SomeConnector
    dataTypes:
      - SigninLogs
queryFrequency: 1h
queryPeriod: 1.00:00:00
triggerOperator: gt
triggerThreshold: 0
tactics:
  - CredentialAccess
relevantTechniques:
  - T1110.001
query: |
  SigninLogs
  | where ResultType == "50126"
  | extend AccountCustomEntity = UserPrincipalName
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: AccountCustomEntity
customDetails:
  Address: IPAddress
alertDetailsOverride:
  alertDisplayNameFormat: "Guesses from {{IPAddress}}"
  alertSeverityColumnName: Level
eventGroupingSettings:
  aggregationKind: AlertPerResult
incidentConfiguration:
  createIncident: true
  groupingConfiguration:
    enabled: true
    lookbackDuration: 5h
    matchingMethod: Selected
    groupByEntities: [Account]
    groupByCustomDetails: [Address]
suppressionDuration: 5h
suppressionEnabled: true
version: 1.0.0
kind: Scheduled
"#;

/// Each finding as its code and the text at its place.
fn findings(text: &str) -> Vec<(&'static str, String)> {
    let mut sources = Sources::new();
    let id = sources.add("rule.yaml", text);
    let mut diagnostics = Diagnostics::new();
    Sentinel.check(id, &sources, &mut diagnostics);
    let found = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic.labels.first();
        let text = place.map_or("nowhere", |label| sources.text(label.span));
        (diagnostic.code.name(), text.to_owned())
    });
    found.collect()
}

/// The sound rule with one text replaced.
fn broken(from: &str, to: &str) -> Vec<(&'static str, String)> {
    assert!(SOUND.contains(from), "{from}");
    findings(&SOUND.replacen(from, to, 1))
}

#[test]
fn a_sound_rule_has_no_findings() {
    assert!(findings(SOUND).is_empty(), "{:?}", findings(SOUND));
}

#[test]
fn every_limit_of_a_value_has_a_code_and_a_place() {
    let long = "x".repeat(300);
    for (from, to, code, place) in [
        (
            "0f2aa22b-",
            "rule-",
            "SEN001",
            "rule-9b2c-4f5c-8f21-5b1d7a3e9c10",
        ),
        ("Many failed logons", long.as_str(), "SEN002", long.as_str()),
        (
            "description: Somebody guesses passwords.\n",
            "",
            "SEN003",
            "id",
        ),
        ("1.0.0", "1.0", "SEN005", "1.0"),
        ("kind: Scheduled", "kind: Sometimes", "SEN006", "Sometimes"),
        (
            "    dataTypes:\n      - SigninLogs\n",
            "",
            "SEN007",
            "connectorId: SomeConnector",
        ),
        ("Medium", "Severe", "SEN008", "Severe"),
        ("triggerThreshold: 0\n", "", "SEN010", "id"),
        (
            "queryFrequency: 1h",
            "queryFrequency: hourly",
            "SEN011",
            "hourly",
        ),
        (
            "queryFrequency: 1h",
            "queryFrequency: PT1H",
            "SEN011",
            "PT1H",
        ),
        ("queryFrequency: 1h", "queryFrequency: 1m", "SEN012", "1m"),
        ("1.00:00:00", "15d", "SEN012", "15d"),
        ("1.00:00:00", "30m", "SEN013", "30m"),
        (
            "triggerOperator: gt",
            "triggerOperator: more",
            "SEN015",
            "more",
        ),
        (
            "triggerThreshold: 0",
            "triggerThreshold: 10001",
            "SEN016",
            "10001",
        ),
        (
            "  - CredentialAccess",
            "  - Credentialaccess",
            "SEN020",
            "Credentialaccess",
        ),
        ("T1110.001", "T1110.1", "SEN021", "T1110.1"),
        ("T1110.001", "T1059.001", "SEN022", "T1059.001"),
        (
            "entityType: Account",
            "entityType: Person",
            "SEN031",
            "Person",
        ),
        (
            "identifier: FullName",
            "identifier: Fullname",
            "SEN032",
            "Fullname",
        ),
        (
            "columnName: AccountCustomEntity",
            "columnName: tostring(x)",
            "SEN035",
            "tostring(x)",
        ),
        ("Address: IPAddress", "Address: \"\"", "SEN035", "\"\""),
        (
            "extend Account",
            "extend Host",
            "SEN037",
            "HostCustomEntity",
        ),
        (
            "alertSeverityColumnName: Level",
            "alertSeverityColumnName: a b",
            "SEN035",
            "a b",
        ),
        ("  Address: IP", "  1Address: IP", "SEN040", "1Address"),
        ("\"Guesses from {{IPAddress}}\"", "\"\"", "SEN041", "\"\""),
        (
            "{{IPAddress}}",
            "{{A}} {{B}} {{C}} {{D}}",
            "SEN042",
            "{{D}}",
        ),
        ("{{IPAddress}}", "{{IPAddress}", "SEN042", "{{"),
        ("AlertPerResult", "Both", "SEN043", "Both"),
        (
            "matchingMethod: Selected",
            "matchingMethod: Some",
            "SEN044",
            "Some",
        ),
        (
            "lookbackDuration: 5h",
            "lookbackDuration: 8d",
            "SEN044",
            "8d",
        ),
        (
            "groupByEntities: [Account]",
            "groupByEntities: [Host]",
            "SEN044",
            "Host",
        ),
        (
            "suppressionDuration: 5h",
            "suppressionDuration: 2d",
            "SEN045",
            "2d",
        ),
        (
            "suppressionDuration: 5h",
            "suppressionDuration: 30m",
            "SEN045",
            "30m",
        ),
    ] {
        let found = broken(from, to);
        assert!(
            found.contains(&(code, place.to_owned())),
            "{to}: {code} at {place}, not {found:?}"
        );
    }
}

#[test]
fn limits_of_several_keys_are_found() {
    let found = findings(&SOUND.replace("1.00:00:00", "2d").replace(": 1h", ": 10m"));
    assert_eq!(found, [("SEN014", "10m".to_owned())]);
    let found = findings(&SOUND.replace("kind: Scheduled", "kind: NRT"));
    let codes: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["SEN017"; 4]);
    assert_eq!(found[0].1, "queryFrequency");
}

#[test]
fn mappings_are_counted_and_complete() {
    let one = "      - identifier: FullName\n        columnName: AccountCustomEntity\n";
    let found = broken(one, &one.repeat(2));
    assert_eq!(found, [("SEN033", "FullName".to_owned())]);
    let found = broken("identifier: FullName", "identifier: UPNSuffix");
    assert_eq!(found[0].0, "SEN034");
    let found = broken("fieldMappings:\n", "fieldMappings: []\n    others:\n");
    assert!(found.contains(&("SEN030", "[".to_owned())), "{found:?}");
    let hash = "entityType: FileHash\n    fieldMappings:\n      - identifier: Value\n        columnName: IPAddress\n  - entityType: Account";
    assert_eq!(broken("entityType: Account", hash)[0].0, "SEN034");
}

#[test]
fn columns_are_those_of_the_querys_result() {
    let missing = |from: &str, to: &str, place: &str| {
        let found = broken(from, to);
        assert!(found.contains(&("SEN036", place.to_owned())), "{found:?}");
    };
    missing(
        "columnName: AccountCustomEntity",
        "columnName: AccountCustomEntities",
        "AccountCustomEntities",
    );
    missing("Address: IPAddress", "Address: IPAddres", "IPAddres");
    missing("{{IPAddress}}", "{{ IPAdress }}", " IPAdress ");
    missing(
        "alertSeverityColumnName: Level",
        "alertSeverityColumnName: Lvl",
        "Lvl",
    );
    // A source that is not known can have any column.
    assert!(broken("SigninLogs\n  | where", "MySignins\n  | where").is_empty());
    // The query's own mistakes are found where they stand in the document.
    let found = broken("where ResultType", "where ResultTyp");
    assert_eq!(found, [("KQL004", "ResultTyp".to_owned())]);
}

#[test]
fn a_hunting_query_has_no_schedule() {
    let text = "id: 0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10\nname: a\ndescription: b\nrequiredDataConnectors: []\nquery: T | where a == 1\ntactics: [Impact]\n";
    assert!(Sentinel.recognises(text));
    assert!(findings(text).is_empty(), "{:?}", findings(text));
}

#[test]
fn odd_documents_are_checked_without_harm() {
    for text in [
        "query: 1\nkind: []\nname: {a: b}\n",
        "query: T\nkind: Scheduled\nentityMappings: 5\ncustomDetails: [a]\ntactics: x\nalertDetailsOverride: []\n",
        "query: T\nkind: NRT\nentityMappings: [1, null]\nincidentConfiguration: {groupingConfiguration: []}\n",
        "- query\n",
        "query: \"{{\"\nkind: Scheduled\nalertDetailsOverride: {alertDisplayNameFormat: \"{{{{a}}}}{{é\"}\n",
    ] {
        findings(text);
    }
}

#[test]
fn findings_of_opinion_are_warnings() {
    let mut sources = Sources::new();
    let id = sources.add("rule.yaml", SOUND.replace("T1110.001", "T1059"));
    let mut diagnostics = Diagnostics::new();
    Sentinel.check(id, &sources, &mut diagnostics);
    assert!(
        diagnostics
            .iter()
            .all(|one| one.severity == Severity::Warning)
    );
}
