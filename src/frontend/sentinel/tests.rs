//! Documents and queries against the IR's text form.

use serde_json::json;
use std::fmt::Write;

use super::{Kql, Sentinel};
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::eval;
use crate::frontend::{Context, Frontend};
use crate::ir::{ResidueEffect, Rule, Stage, Term};
use crate::normalize::normalize;
use crate::source::{NoFiles, Sources};

fn import(frontend: &dyn Frontend, text: &str) -> (Vec<Rule>, Diagnostics, Sources) {
    let mut sources = Sources::new();
    let id = sources.add("rule.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let mut context = Context {
        sources: &mut sources,
        loader: &NoFiles,
        memory: &crate::frontend::Memory::default(),
        crosswalk: crate::schema::Crosswalk::builtin(),
        tuning: crate::frontend::Tuning::none(),
        diagnostics: &mut diagnostics,
        undecided: Vec::new(),
        accompanies: false,
    };
    let rules = frontend.import(id, &mut context);
    (rules, diagnostics, sources)
}

fn query(text: &str) -> Rule {
    let (mut rules, diagnostics, _) = import(&Kql, text);
    assert_eq!(rules.len(), 1, "{text}: {diagnostics:?}");
    rules.remove(0)
}

fn selection(condition: &str) -> String {
    let rule = query(&format!("AWSCloudTrail | where {condition}"));
    assert!(rule.residue.is_empty(), "{condition}: {:?}", rule.residue);
    normalize(rule).selection.to_string()
}

#[test]
fn operators_follow_the_table() {
    for (condition, expected) in [
        (r#"EventName == "a""#, r#"eventName eq "a""#),
        (r#"EventName =~ "a""#, r#"eventName eq "a" (any case)"#),
        (r#"EventName != "a""#, r#"eventName not eq "a""#),
        (r#"EventName in ("a", "b")"#, r#"eventName in ["a", "b"]"#),
        (
            r#"EventName !in~ ("a", "b")"#,
            r#"eventName not in ["a", "b"] (any case)"#,
        ),
        (
            r#"EventName contains "a""#,
            r#"eventName contains "a" (any case)"#,
        ),
        (
            r#"EventName startswith_cs "a""#,
            r#"eventName starts_with "a""#,
        ),
        (
            r#"EventName has_any ("a", "b")"#,
            r#"eventName has ["a", "b"] (any case)"#,
        ),
        (
            r#"EventName has_all ("a", "b")"#,
            r#"eventName has "a" (any case) and eventName has "b" (any case)"#,
        ),
        (
            r#"EventName matches regex "(?i)^a""#,
            r#"eventName match "^a" (any case)"#,
        ),
        (
            r#"tolower(EventName) == "a""#,
            r#"eventName eq "a" (any case)"#,
        ),
        (r#"tolower(EventName) == "A""#, "never"),
        (
            r#"ipv4_is_in_range(SourceIpAddress, "10.0.0.0/8")"#,
            r#"sourceIPAddress cidr "10.0.0.0/8""#,
        ),
        (
            "isnotempty(parse_ipv6(SourceIpAddress))",
            "sourceIPAddress is_ip",
        ),
        (
            r#"gettype(parse_json(RequestParameters).a) in ("array", "string")"#,
            "requestParameters.a is text or list",
        ),
    ] {
        assert_eq!(selection(condition), expected, "{condition}");
    }
}

#[test]
fn a_string_is_never_null_and_other_types_are() {
    for (condition, expected) in [
        (r#"EventName == """#, "eventName not filled"),
        (r#"EventName != """#, "eventName filled"),
        ("isempty(EventName)", "eventName not filled"),
        (
            r#"EventName in ("a", "")"#,
            r#"eventName eq "a" or eventName not filled"#,
        ),
        (r#"EventName startswith """#, "always"),
        (
            "strlen(EventName) < 2",
            "length(eventName) lt 2 or eventName not present",
        ),
        (
            r#"coalesce(coalesce(EventName, "none"), "never") == "none""#,
            "eventName eq \"none\" or eventName not filled",
        ),
        ("ReadOnly == false", "readOnly eq false"),
        ("not(ReadOnly)", "readOnly eq false"),
        ("ReadOnly != true", "readOnly not eq true"),
        ("not(toint(EventName) > 3)", "short_number(eventName) lte 3"),
        (
            "not(ipv4_is_private(SourceIpAddress))",
            r#"sourceIPAddress is_ip and sourceIPAddress not contains ":" and sourceIPAddress not cidr ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]"#,
        ),
    ] {
        let expected = expected.replace("eventName not present", "length(eventName) not present");
        assert_eq!(selection(condition), expected, "{condition}");
    }
}

#[test]
fn json_below_a_column_is_a_path_of_the_event() {
    for (condition, expected) in [
        (
            r#"tostring(parse_json(RequestParameters).policyName) in ("a", "b")"#,
            r#"requestParameters.policyName in ["a", "b"]"#,
        ),
        (
            r#"parse_json(RequestParameters)["a b"].c[0] == "x""#,
            r#"requestParameters."a b".c[0] eq "x""#,
        ),
        (
            r#"tostring(parse_json(RequestParameters).unknown) == "5""#,
            r#"text(requestParameters.unknown) eq "5""#,
        ),
        (
            r#"AdditionalEventData has "x""#,
            r#"text(additionalEventData) has "x" (any case)"#,
        ),
        (
            r#"parse_json(tostring(parse_json(RequestParameters).policyDocument)).Version == "1""#,
            r#"text(member(parse_json(requestParameters.policyDocument), "Version")) eq "1""#,
        ),
    ] {
        assert_eq!(selection(condition), expected, "{condition}");
    }
}

#[test]
fn names_stand_for_what_they_were_given() {
    let rule = query(
        r#"let wanted = dynamic(["a", "b"]);
let limit = 2 * 5;
let lower = (text: string) { tolower(text) };
let base = () { AWSCloudTrail | where EventSource == "s" };
base
| extend Kind = iff(EventName startswith "x", "first", "second"), Name = lower(EventName)
| where Name in (wanted) and Kind == "second"
| summarize Total = count() by bin(TimeGenerated, 5m), Name
| where Total > limit"#,
    );
    assert!(rule.residue.is_empty(), "{:?}", rule.residue);
    let text = rule.to_string();
    assert!(text.contains(r#"select   eventSource eq "s""#), "{text}");
    assert!(
        text.contains(r#"eventName in ["a", "b"] (any case)"#),
        "{text}"
    );
    assert!(
        text.contains(r#"eventName not starts_with "x" (any case)"#),
        "{text}"
    );
    assert!(
        text.contains("count    >= 11 by lower(eventName) within 5m (aligned window)"),
        "{text}"
    );
}

#[test]
fn results_are_called_as_kusto_calls_them() {
    let rule = query(
        "AWSCloudTrail | summarize count(), count(), make_set(AWSRegion), dcount(EventName), max(TimeGenerated), take_any(UserAgent) by tolower(EventSource), tostring(parse_json(RequestParameters).a.b)
| extend split(Column1, '.')[0], strlen(set_AWSRegion)",
    );
    let names: Vec<&str> = rule
        .outputs
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Column1",
            "RequestParameters_a_b",
            "count_",
            "count_1",
            "set_AWSRegion",
            "dcount_EventName",
            "max_TimeGenerated",
            "UserAgent",
            "Column1_0",
            "strlen_set_AWSRegion"
        ]
    );
    assert!(matches!(rule.outputs[2].source, Term::Aggregate { .. }));
    assert_eq!(rule.outputs[9].stage, Stage::Extend);
}

#[test]
fn filters_on_one_item_speak_of_the_same_item() {
    let rule = query(
        r#"AuditLogs | where OperationName == "o" | mv-expand TargetResources
| extend Type = tostring(TargetResources.type) | where Type == "User" and TargetResources.displayName startswith "x"
| project Type, Name = tostring(TargetResources.displayName)"#,
    );
    assert!(rule.residue.is_empty(), "{:?}", rule.residue);
    let holds = |items: serde_json::Value| {
        eval::matches(
            &rule,
            &json!({"operationName": "o", "properties": {"targetResources": items}}),
        )
    };
    assert!(holds(
        json!([{"type": "App"}, {"type": "User", "displayName": "xy"}])
    ));
    assert!(!holds(
        json!([{"type": "App", "displayName": "xy"}, {"type": "User", "displayName": "z"}])
    ));
    assert!(!holds(json!([])) && !holds(json!(null)));
    assert_eq!(
        rule.outputs[1].to_string(),
        "Name = text(properties.targetResources[].displayName)"
    );
}

#[test]
fn what_cannot_be_said_is_left_with_its_effect() {
    for (stages, construct, effect) in [
        (
            "| where EventName == 'a' and TimeGenerated < ago(2h)",
            "where",
            ResidueEffect::Wider,
        ),
        (
            "| join kind=leftanti (T | distinct X) on X",
            "join",
            ResidueEffect::Wider,
        ),
        (
            "| join kind=leftouter (T | distinct X) on X",
            "join",
            ResidueEffect::OutputsOnly,
        ),
        (
            "| union (T | where X == 1)",
            "union",
            ResidueEffect::Narrower,
        ),
        (
            "| make-series count() on TimeGenerated step 1h",
            "make-series",
            ResidueEffect::Unknown,
        ),
        (
            "| where EventName in ((T | project X))",
            "where",
            ResidueEffect::Wider,
        ),
        (
            "| project A = parse_user_agent(EventName, \"os\")",
            "column",
            ResidueEffect::OutputsOnly,
        ),
        (
            "| summarize c = countif(ReadOnly) by UserAgent | where c > 3",
            "where",
            ResidueEffect::Wider,
        ),
    ] {
        let rule = query(&format!(
            "AWSCloudTrail | where EventSource == 's' {stages}"
        ));
        let left = rule.unsaid().next().unwrap();
        assert_eq!(
            (left.construct.as_str(), left.effect),
            (construct, effect),
            "{stages}"
        );
        assert!(
            rule.selection
                .to_string()
                .starts_with(r#"eventSource eq "s""#),
            "{stages}"
        );
        assert!(!left.text.is_empty() && left.origin.0.is_some(), "{stages}");
    }
}

#[test]
fn a_time_filter_is_the_look_back() {
    let rule = query(
        "T | where TimeGenerated between (ago(2h) .. now()) and A == 1 | summarize count() by A",
    );
    assert!(rule.residue.is_empty());
    assert_eq!(rule.threshold.unwrap().window.as_secs(), 7_200);
    assert_eq!(rule.selection.to_string(), "A eq 1");
}

const RULE: &str = r#"id: 11111111-2222-3333-4444-555555555555
name: A rule
description: |
  'What it says'
severity: High
requiredDataConnectors:
  - connectorId: AWS
    dataTypes: [AWSCloudTrail]
queryFrequency: PT1H
queryPeriod: 1.00:00:00
triggerOperator: gt
triggerThreshold: 4
tactics: [Discovery, Impact]
relevantTechniques: [T1580, T1078]
tags: [one, {version: 2}]
query: |
  AWSCloudTrail
  | where EventName == "ListRoles"
  | extend Who = UserIdentityArn
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: Who
customDetails: {Region: AWSRegion}
alertDetailsOverride:
  alertDisplayNameFormat: "By {{Who}} in {{AWSRegion}}"
  alertTacticsColumnName: T
odd: 1
version: 1.2.3
kind: Scheduled
"#;

#[test]
fn a_document_is_read_whole() {
    let (rules, diagnostics, _) = import(&Sentinel, RULE);
    let rule = &rules[0];
    assert!(!diagnostics.has_errors());
    let text = rule.to_string();
    for line in [
        "select   eventName eq \"ListRoles\"",
        "count    >= 5 within 1d (window of one run)",
        "title    \"By \" + userIdentity.arn + \" in \" + awsRegion",
        "detail   Region = awsRegion",
        "entity   Account (FullName = userIdentity.arn)",
        "schedule every 1h over 1d",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let attack: Vec<_> = rule
        .metadata
        .attack
        .iter()
        .map(|attack| (attack.tactic.as_deref(), attack.technique.as_deref()))
        .collect();
    assert_eq!(
        attack,
        [
            (Some("TA0007"), Some("T1580")),
            (Some("TA0040"), None),
            (None, Some("T1078"))
        ]
    );
    assert_eq!(rule.metadata.description, "What it says");
    assert_eq!(rule.metadata.version.as_deref(), Some("1.2.3"));
    let kept = &rule.preserved.keys;
    assert_eq!(kept["odd"], 1);
    assert_eq!(kept["alertDetailsOverride"]["alertTacticsColumnName"], "T");
    assert!(!kept.contains_key("id"));
    assert!(diagnostics.iter().any(|note| note.code == Code::UnknownKey));
}

#[test]
fn errors_in_the_query_point_into_the_file() {
    let text = RULE.replace("\"ListRoles\"", "(\"ListRoles\"");
    let (rules, diagnostics, sources) = import(&Sentinel, &text);
    assert!(rules.is_empty());
    let error = diagnostics
        .iter()
        .find(|found| found.severity == Severity::Error)
        .unwrap();
    let span = error.labels[0].span;
    assert_eq!(error.code, Code::KqlSyntax);
    assert_eq!(
        sources
            .get(span.source)
            .unwrap()
            .position(span.range.start)
            .line,
        20
    );
}

#[test]
fn formats_are_told_apart() {
    assert!(Sentinel.recognises(RULE) && !Kql.recognises(RULE));
    assert!(
        Kql.recognises("// A name\nT\n| where a == 1\n")
            && !Sentinel.recognises("T | where a == 1")
    );
    for other in [
        "AnalysisType: rule\nRuleID: a\n",
        "title: a\ndetection:\n  condition: a | count() > 1\n",
        "{\"a\": 1}",
        "",
        "a | b",
    ] {
        assert!(
            !Sentinel.recognises(other) && !Kql.recognises(other),
            "{other}"
        );
    }
}

#[test]
fn no_query_is_too_large_or_too_deep() {
    let mut doubling = "T".to_owned();
    for at in 0..200 {
        let _ = write!(doubling, " | extend a{} = strcat(a{at}, a{at})", at + 1);
    }
    doubling.push_str(" | where a200 == 'x'");
    let rule = query(&doubling);
    assert!(rule.residue.iter().any(|left| left.construct == "where"));
    let mut calls = String::new();
    for at in 0..100 {
        let _ = writeln!(
            calls,
            "let f{} = (x: string) {{ strcat(f{at}(x), f{at}(x)) }};",
            at + 1
        );
    }
    assert!(
        !query(&format!("{calls}T | where f100(A) == 'x'"))
            .residue
            .is_empty()
    );
    let mut tables = String::from("let t0 = T | where A == 1;\n");
    for at in 0..3_000 {
        let _ = writeln!(tables, "let t{} = t{at} | where B == {at};", at + 1);
    }
    assert!(
        !query(&format!("{tables}t3000 | where C == 1"))
            .residue
            .is_empty()
    );
    let mut chained = "T".to_owned();
    for at in 0..60 {
        let _ = write!(
            chained,
            " | extend a{} = iff(a{at} == 'x', strcat(a{at}, 'y'), a{at})",
            at + 1
        );
    }
    assert!(
        !query(&format!("{chained} | where a60 == 'x'"))
            .residue
            .is_empty()
    );
}

#[test]
fn several_queries_stand_apart_by_empty_lines() {
    let text = "// First\nAWSCloudTrail\n| where EventName == \"a\"\n\n// Second\n\nAWSCloudTrail\n| where EventName == \"b\"\n";
    assert!(Kql.recognises(text));
    let (rules, diagnostics, sources) = import(&Kql, text);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let names: Vec<&str> = rules
        .iter()
        .map(|rule| rule.metadata.name.as_str())
        .collect();
    assert_eq!(names, ["First", "Second"]);
    let place = rules[1].origin.0.unwrap();
    assert!(sources.text(place).contains("\"b\""));
    let (rules, diagnostics, _) = import(&Kql, &text.replace("== \"b\"", "=="));
    assert!(rules.is_empty() && diagnostics.has_errors());
}
