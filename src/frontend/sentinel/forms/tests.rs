//! One rule in every form: what is read, and where a mistake in its query stands in the file.

use crate::diagnostic::{Code, Diagnostics};
use crate::frontend::sentinel::{Kql, Sentinel};
use crate::frontend::{Context, Frontend, recognise};
use crate::ir::Rule;
use crate::source::{NoFiles, Sources};

const ID: &str = "0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10";

const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "parameters": {
    "workspace": {"type": "String"},
    "severity": {"type": "String", "defaultValue": "High"}
  },
  "variables": {"title": "Many failed logons"},
  // Resources follow.
  "resources": [
    {
      "id": "[concat(resourceId('x', parameters('workspace')),'/alertRules/0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10')]",
      "name": "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10')]",
      "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
      "kind": "Scheduled",
      "apiVersion": "2023-12-01-preview",
      "properties": {
        "displayName": "[variables('title')]",
        "description": "[[sic] Somebody guesses [a password]",
        "severity": "[parameters('severity')]",
        "enabled": true,
        "query": "AWSCloudTrail\r\n| where EventName == \"ConsoleLogin\"\n| extend Who = UserIdentityArn",
        "queryFrequency": "PT1H",
        "queryPeriod": "P1D",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": false,
        "startTimeUtc": null,
        "tactics": ["CredentialAccess"],
        "techniques": ["T1110"],
        "subTechniques": [],
        "alertRuleTemplateName": null,
        "lastModifiedUtc": "2024-01-01T00:00:00Z",
        "entityMappings": [
          {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "columnName": "Who"}]}
        ]
      }
    },
    {"type": "Microsoft.Insights/workbooks", "kind": "shared", "properties": {"displayName": "w"}}
  ]
}"#;

fn import(text: &str) -> (Vec<Rule>, Diagnostics, Sources) {
    let mut sources = Sources::new();
    let id = sources.add("rule.json", text);
    let mut diagnostics = Diagnostics::new();
    let mut context = Context {
        sources: &mut sources,
        loader: &NoFiles,
        memory: &crate::frontend::Memory::default(),
        crosswalk: crate::schema::Crosswalk::builtin(),
        tuning: crate::frontend::Tuning::none(),
        undecided: Vec::new(),
        accompanies: false,
        diagnostics: &mut diagnostics,
    };
    let frontend = recognise(text).expect("a known format");
    let rules = frontend.import(id, &mut context);
    (rules, diagnostics, sources)
}

fn findings(text: &str) -> Vec<(&'static str, String)> {
    let mut sources = Sources::new();
    let id = sources.add("rule.json", text);
    let mut diagnostics = Diagnostics::new();
    Sentinel.check(id, &sources, &mut diagnostics);
    let found = diagnostics.iter().map(|found| {
        let text = sources.text(found.labels[0].span).to_owned();
        (found.code.name(), text)
    });
    found.collect()
}

#[test]
fn a_resource_template_is_read() {
    let (rules, diagnostics, _) = import(TEMPLATE);
    assert_eq!(rules.len(), 1, "{diagnostics:?}");
    let rule = &rules[0];
    assert_eq!(rule.metadata.id, ID);
    assert_eq!(
        rule.metadata.description,
        "[sic] Somebody guesses [a password]"
    );
    let text = rule.to_string();
    for line in [
        "rule     \"Many failed logons\"  high  T1110",
        "select   eventName eq \"ConsoleLogin\"",
        "entity   Account (FullName = userIdentity.arn)",
        "schedule every 1h over 1d",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let left: Vec<&str> = diagnostics
        .iter()
        .map(|note| note.message.as_str())
        .collect();
    assert_eq!(
        left,
        ["`lastModifiedUtc` has no place in a Sentinel rule, and is left out"]
    );
    let kept = &rule.preserved.keys;
    assert_eq!(kept["queryFrequency"], "1h");
    assert_eq!(kept["relevantTechniques"], serde_json::json!(["T1110"]));
    assert!(findings(TEMPLATE).is_empty(), "{:?}", findings(TEMPLATE));
}

#[test]
fn mistakes_have_their_place_in_the_string() {
    let broken = TEMPLATE.replace("== \\\"ConsoleLogin\\\"", "== (\\\"ConsoleLogin\\\"");
    let (rules, diagnostics, sources) = import(&broken);
    assert!(rules.is_empty());
    let error = diagnostics
        .iter()
        .find(|one| one.code == Code::KqlSyntax)
        .unwrap();
    let span = error.labels[0].span;
    let position = sources.get(span.source).unwrap().position(span.range.start);
    assert_eq!(position.line, 21);
    let opened = error
        .labels
        .iter()
        .any(|label| sources.text(label.span) == "(");
    let at = sources.get(span.source).unwrap().slice(span.range);
    assert!(opened || at.starts_with('\\'), "{at}: {error:?}");
}

#[test]
fn limits_hold_for_resources_in_their_own_spelling() {
    for (from, to, code, place) in [
        ("PT1H", "1h", "SEN011", "\"1h\""),
        ("PT1H", "PT1M", "SEN012", "\"PT1M\""),
        (
            "\"CredentialAccess\"",
            "\"Guessing\"",
            "SEN020",
            "\"Guessing\"",
        ),
        ("\"T1110\"", "\"1110\"", "SEN021", "\"1110\""),
        ("\"FullName\"", "\"Nick\"", "SEN032", "\"Nick\""),
    ] {
        let found = findings(&TEMPLATE.replace(from, to));
        assert!(found.contains(&(code, place.to_owned())), "{to}: {found:?}");
    }
}

#[test]
fn the_services_own_answers_are_read() {
    let start = TEMPLATE.find("{\n      \"id\"").unwrap();
    let end = TEMPLATE
        .rfind(",\n    {\"type\": \"Microsoft.Insights")
        .unwrap();
    let one = &TEMPLATE[start..end];
    for text in [
        one.to_owned(),
        format!("[{one}, {one}]"),
        format!("{{\"value\": [{one}]}}"),
        format!("{{\"resources\": {{\"a\": {one}}}}}"),
    ] {
        let (rules, diagnostics, _) = import(&text);
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        assert_eq!(rules.len(), if text.starts_with('[') { 2 } else { 1 });
        assert_eq!(rules[0].metadata.id, ID);
    }
}

#[test]
fn hunting_queries_are_read() {
    let yaml = "id: a\nname: Hunt\ndescription: b\nrequiredDataConnectors: []\nquery: AWSCloudTrail | where EventName == \"a\"\ntactics: [Impact]\n";
    let saved = r#"{"type": "Microsoft.OperationalInsights/workspaces/savedSearches", "name": "x", "properties": {
        "category": "Hunting Queries", "displayName": "Hunt", "query": "AWSCloudTrail | where EventName == \"a\"",
        "tags": [{"name": "description", "value": "b"}, {"name": "tactics", "value": "Impact,Discovery"}]}}"#;
    for text in [yaml, saved] {
        let (rules, diagnostics, _) = import(text);
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        assert_eq!(rules[0].metadata.name, "Hunt");
        assert_eq!(rules[0].metadata.description, "b");
        assert_eq!(
            rules[0].metadata.attack[0].tactic.as_deref(),
            Some("TA0040")
        );
        assert!(rules[0].schedule.is_none());
    }
}

const DETECTION: &str = r##"{
  "displayName": "Odd process",
  "isEnabled": false,
  "queryCondition": {"queryText": "DeviceProcessEvents | where FileName == \"a.exe\""},
  "schedule": {"period": "3H"},
  "detectionAction": {
    "alertTemplate": {
      "title": "Odd process on {{DeviceName}}", "description": "What it is", "severity": "medium",
      "category": "Execution", "recommendedActions": "Look.", "mitreTechniques": ["T1059"],
      "impactedAssets": [
        {"@odata.type": "#microsoft.graph.security.impactedDeviceAsset", "identifier": "deviceName"},
        {"@odata.type": "#microsoft.graph.security.impactedDeviceAsset", "identifier": "deviceId"}
      ]
    },
    "responseActions": []
  }
}"##;

#[test]
fn custom_detections_are_read() {
    let yaml = "displayName: Odd process\nqueryCondition:\n  queryText: |\n    DeviceProcessEvents\n    | where FileName == \"a.exe\"\nschedule:\n  period: 3H\ndetectionAction:\n  alertTemplate:\n    title: x\n    severity: medium\n";
    for text in [DETECTION, yaml] {
        let (rules, diagnostics, _) = import(text);
        assert_eq!(rules.len(), 1, "{diagnostics:?}");
        let rule = &rules[0];
        assert_eq!(rule.metadata.name, "Odd process");
        assert_eq!(
            rule.schedule.map(|times| times.frequency.as_secs()),
            Some(3 * 3_600)
        );
        assert_eq!(
            rule.schedule.map(|times| times.period.as_secs()),
            Some(12 * 3_600)
        );
        assert!(rule.alert.title.is_some());
        assert!(findings(text).is_empty(), "{:?}", findings(text));
    }
    let (rules, diagnostics, sources) = import(DETECTION);
    assert!(rules[0].metadata.disabled);
    assert_eq!(rules[0].entities.len(), 1);
    let left: Vec<&str> = diagnostics
        .iter()
        .filter(|note| note.code == Code::UnknownKey)
        .map(|note| sources.text(note.labels[0].span))
        .collect();
    assert_eq!(left, ["\"impactedAssets\"", "\"recommendedActions\""]);
}

#[test]
fn rule_templates_may_be_json() {
    let text = r#"[{"id": "a", "name": "n", "kind": "NRT", "severity": "Low", "query": "AWSCloudTrail | where EventName == \"a\"", "tactics": []}]"#;
    let (rules, diagnostics, _) = import(text);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    assert_eq!(rules[0].metadata.name, "n");
}

#[test]
fn what_is_no_rule_is_not_taken() {
    for text in [
        r#"{"query": "x"}"#,
        r#"{"rulec": 1, "rule": {"query": "", "properties": {}, "displayName": ""}}"#,
        r#"{"type": "Microsoft.Insights/workbooks", "properties": {"displayName": "w", "serializedData": "T | take 1"}}"#,
    ] {
        assert!(!Sentinel.recognises(text), "{text}");
        assert!(!Kql.recognises(text), "{text}");
    }
}
