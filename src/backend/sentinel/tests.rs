//! Rules to documents: the example rules as their frontends lower them, and a rule that exceeds every limit.

use std::time::Duration;

use serde_json::{Value, json};

use super::Sentinel;
use crate::backend::{Backend, Context, Templates, Translation};
use crate::ir::{
    Aggregate, Alert, Attack, Comparison, Condition, Detail, Entity, FieldPath, Function,
    Identifier, Literal, LogSource, Measure, Metadata, Object, Operator, Origin, Output, Predicate,
    Preserved, Rule, Schedule, Severity, Shared, Stage, Term, Threshold, WindowKind,
};
use crate::schema::Crosswalk;

pub(super) fn emit(rule: &Rule) -> Translation {
    let templates = Templates::builtin();
    let context = Context::new(Crosswalk::builtin(), &templates);
    Sentinel.emit(rule, &context)
}

/// The document's text and what a YAML reader makes of it.
pub(super) fn document(translation: &Translation) -> (String, Value) {
    let text = translation.artifacts[0].text.clone();
    let documents = crate::syntax::yaml::parse(crate::source::SourceId(0), &text).unwrap();
    let read = documents[0].value.clone().unwrap();
    (text, read)
}

pub(super) fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

pub(super) fn call(function: Function, arguments: Vec<Term>) -> Term {
    Term::call(function, arguments)
}

fn or(path: &str, fallback: &str) -> Term {
    call(Function::Coalesce, vec![field(path), Term::text(fallback)])
}

pub(super) fn equals(path: &str, text: &str) -> Condition {
    let object = Object::Literal(Literal::text(text));
    Predicate::new(field(path), Operator::Equals, object).into()
}

fn starts_with(path: &str, texts: &[&str]) -> Condition {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    Predicate::new(field(path), Operator::StartsWith, Object::Texts(texts)).into()
}

fn one_of(path: &str, texts: &[&str]) -> Condition {
    let list = Object::List(texts.iter().copied().map(Literal::text).collect());
    Predicate::new(field(path), Operator::In, list).into()
}

fn output(name: &str, source: Term, stage: Stage) -> Output {
    Output {
        name: name.into(),
        source,
        when: None,
        stage,
        origin: Origin::default(),
    }
}

pub(super) fn rule(metadata: Metadata, selection: Condition) -> Rule {
    let mut rule = Rule::new(metadata);
    rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
    rule.selection = selection;
    rule
}

fn counted(count: f64, window_kind: WindowKind, group_by: Vec<Term>) -> Threshold {
    Threshold {
        measure: Measure::Count,
        comparison: Comparison::AtLeast,
        count,
        also: None,
        window: Duration::from_secs(600),
        window_kind,
        group_by,
        origin: Origin::default(),
    }
}

fn recon_denied() -> Rule {
    let metadata = Metadata {
        id: "AWS.IAMUser.ReconAccessDenied".into(),
        name: "Detect Reconnaissance from IAM Users".into(),
        description: "One IAM user is refused many read-only calls.".into(),
        severity: Severity::Informational,
        references: vec!["https://example.com/denied".into()],
        tags: vec!["AWS".into()],
        attack: vec![Attack {
            tactic: Some("TA0007".into()),
            technique: Some("T1526".into()),
        }],
        runbook: Some("Look up the address.".into()),
        ..Metadata::default()
    };
    let calls = [
        ("iam", vec!["List", "Get"]),
        ("rds", vec!["Describe", "List"]),
    ]
    .iter()
    .map(|(service, verbs)| {
        starts_with("eventSource", &[service]).and(starts_with("eventName", verbs))
    })
    .fold(Condition::FALSE, Condition::or);
    let address = Predicate::new(
        field("sourceIPAddress"),
        Operator::IsIpAddress,
        Object::None,
    );
    let selection = Condition::All(
        vec![
            equals("errorCode", "AccessDenied"),
            equals("userIdentity.type", "IAMUser"),
            starts_with("userAgent", &["aws-internal/3"]).negate(),
            address.into(),
            calls,
        ]
        .into(),
    );
    let mut rule = rule(metadata, selection);
    let arn = or("userIdentity.arn", "");
    rule.threshold = Some(counted(15.0, WindowKind::FromFirstMatch, vec![arn]));
    rule.outputs = ["eventName", "recipientAccountId", "userIdentity"]
        .map(|name| output(name, field(name), Stage::AlertContext))
        .into();
    rule.alert.title = Some(call(
        Function::Concat,
        vec![
            Term::text("IAM user ["),
            or("userIdentity.userName", "<unknown user>"),
            Term::text("] in account ["),
            or("recipientAccountId", "<unknown account>"),
            Term::text("]"),
        ],
    ));
    rule
}

#[test]
fn a_counted_rule_of_another_format() {
    let translation = emit(&recon_denied());
    insta::assert_snapshot!(document(&translation).0, @r#"
    id: 8fd159eb-ad48-5254-9d63-a20b4538168b
    name: Detect Reconnaissance from IAM Users
    description: |
      One IAM user is refused many read-only calls.

      Runbook: Look up the address.
      Reference: https://example.com/denied
    severity: Informational
    requiredDataConnectors:
      - connectorId: AWS
        dataTypes:
          - AWSCloudTrail
    queryFrequency: 10m
    queryPeriod: 20m
    triggerOperator: gt
    triggerThreshold: 0
    tactics:
      - Discovery
    relevantTechniques:
      - T1526
    tags:
      - AWS
    query: |
      AWSCloudTrail
      | where ErrorCode == "AccessDenied"
      | where UserIdentityType == "IAMUser"
      | where UserAgent !startswith_cs "aws-internal/3"
      | where EventSource startswith_cs "iam" and (EventName startswith_cs "List" or EventName startswith_cs "Get")
          or EventSource startswith_cs "rds" and (EventName startswith_cs "Describe" or EventName startswith_cs "List")
      | where isnotempty(parse_ipv6(SourceIpAddress))
      | sort by UserIdentityArn asc, TimeGenerated asc
      | extend IsBurst = TimeGenerated - prev(TimeGenerated, 14) < 10m and UserIdentityArn == prev(UserIdentityArn, 14)
      | summarize
          Count = count(),
          Bursts = countif(IsBurst),
          make_set(EventName),
          make_set(RecipientAccountId),
          UserIdentity = make_set(bag_pack(
              "type", UserIdentityType,
              "principalId", UserIdentityPrincipalid,
              "arn", UserIdentityArn,
              "accountId", UserIdentityAccountId,
              "accessKeyId", UserIdentityAccessKeyId,
              "userName", UserIdentityUserName,
              "invokedBy", UserIdentityInvokedBy
          )),
          take_any(UserIdentityUserName, RecipientAccountId, SourceIpAddress)
          by UserIdentityArn
      | where Bursts > 0
      | extend
          UserName = coalesce(UserIdentityUserName, "<unknown user>"),
          AlertRecipientAccountId = coalesce(RecipientAccountId, "<unknown account>")
    entityMappings:
      - entityType: Account
        fieldMappings:
          - identifier: Name
            columnName: UserIdentityUserName
      - entityType: IP
        fieldMappings:
          - identifier: Address
            columnName: SourceIpAddress
    customDetails:
      EventName: set_EventName
      RecipientAccountId: set_RecipientAccountId
      UserIdentity: UserIdentity
    alertDetailsOverride:
      alertDisplayNameFormat: "IAM user [{{UserName}}] in account [{{AlertRecipientAccountId}}]"
    eventGroupingSettings:
      aggregationKind: AlertPerResult
    version: 1.0.0
    kind: Scheduled
    "#);
    insta::assert_snapshot!(translation.report, @"exact 10 · wider 2 · narrower 1 · unsupported 0");
}

fn enumeration() -> Rule {
    let metadata = Metadata {
        id: "cfaaf0bc-16d1-48df-ac8b-9d901bbd516a".into(),
        name: "AWSCloudTrail - User IAM Enumeration".into(),
        description: "One principal lists the users\nand roles of an account.\n".into(),
        version: Some("1.0.1".into()),
        attack: vec![Attack {
            tactic: Some("TA0007".into()),
            technique: Some("T1580".into()),
        }],
        ..Metadata::default()
    };
    let mut rule = rule(metadata, one_of("eventName", &["ListRoles", "ListUsers"]));
    let principal = field("userIdentity.principalId");
    let account = field("userIdentity.accountId");
    let set = |path: &str| Term::aggregate(Aggregate::MakeSet, Some(field(path)));
    let count = Term::aggregate(Aggregate::Count, None);
    let address = call(Function::Each, vec![set("sourceIPAddress")]);
    let colon = call(
        Function::IndexOfRegex,
        vec![principal.clone(), Term::text(":")],
    );
    let start = call(
        Function::Add,
        vec![colon, Term::Literal(Literal::Integer(1))],
    );
    let user = call(Function::Substring, vec![principal.clone(), start]);
    let part = |at| {
        let parts = call(Function::Split, vec![user.clone(), Term::text("@")]);
        call(
            Function::Item,
            vec![parts, Term::Literal(Literal::Integer(at))],
        )
    };
    let keys = vec![principal.clone(), account.clone()];
    rule.threshold = Some(counted(51.0, WindowKind::Aligned, keys));
    rule.outputs = vec![
        output("count_", count.clone(), Stage::Summarize),
        output("set_AWSRegion", set("awsRegion"), Stage::Summarize),
        output("set_SourceIpAddress", address.clone(), Stage::Expand),
        output(
            "UserIdentityPrincipalid",
            principal.clone(),
            Stage::Summarize,
        ),
        output("UserIdentityAccountId", account.clone(), Stage::Summarize),
        output("UserName", user.clone(), Stage::Extend),
        output("Name", part(0), Stage::Extend),
        output("UpnSuffix", part(1), Stage::Extend),
    ];
    let identifier = |name: &str, source| Identifier {
        name: name.into(),
        source,
    };
    rule.entities = vec![
        Entity {
            kind: "Account".into(),
            identifiers: vec![
                identifier("Name", part(0)),
                identifier("UPNSuffix", part(1)),
            ],
        },
        Entity {
            kind: "IP".into(),
            identifiers: vec![identifier("Address", address)],
        },
    ];
    rule.alert = Alert {
        title: Some(call(
            Function::Concat,
            vec![count.clone(), Term::text(" list calls by "), principal],
        )),
        details: vec![Detail {
            name: "EventCount".into(),
            source: count,
        }],
        ..Alert::default()
    };
    rule.schedule = Some(Schedule {
        frequency: Duration::from_secs(600),
        period: Duration::from_secs(600),
    });
    rule.preserved = Preserved {
        format: "sentinel".into(),
        keys: [
            ("status".to_owned(), json!("Available")),
            (
                "requiredDataConnectors".to_owned(),
                json!([{"connectorId": "AWSS3", "dataTypes": ["AWSCloudTrail"]}]),
            ),
            ("triggerThreshold".to_owned(), json!(2)),
            (
                "incidentConfiguration".to_owned(),
                json!({"createIncident": true}),
            ),
        ]
        .into_iter()
        .collect(),
        ..Preserved::default()
    };
    rule
}

#[test]
fn a_rule_of_the_same_format_comes_out_as_it_was() {
    let translation = emit(&enumeration());
    insta::assert_snapshot!(document(&translation).0, @r#"
    id: cfaaf0bc-16d1-48df-ac8b-9d901bbd516a
    name: AWSCloudTrail - User IAM Enumeration
    description: |
      One principal lists the users
      and roles of an account.
    severity: Medium
    status: Available
    requiredDataConnectors:
      - connectorId: AWSS3
        dataTypes:
          - AWSCloudTrail
    queryFrequency: 10m
    queryPeriod: 10m
    triggerOperator: gt
    triggerThreshold: 2
    tactics:
      - Discovery
    relevantTechniques:
      - T1580
    query: |
      AWSCloudTrail
      | where EventName in ("ListRoles", "ListUsers")
      | summarize
          count(),
          make_set(AWSRegion),
          make_set(SourceIpAddress)
          by bin(TimeGenerated, 10m), UserIdentityPrincipalid, UserIdentityAccountId
      | where count_ >= 51
      | mv-expand set_SourceIpAddress
      | extend UserName = substring(UserIdentityPrincipalid, indexof_regex(UserIdentityPrincipalid, ":") + 1)
      | extend Name = split(UserName, "@")[0], UpnSuffix = split(UserName, "@")[1]
    entityMappings:
      - entityType: Account
        fieldMappings:
          - identifier: Name
            columnName: Name
          - identifier: UPNSuffix
            columnName: UpnSuffix
      - entityType: IP
        fieldMappings:
          - identifier: Address
            columnName: set_SourceIpAddress
    customDetails:
      EventCount: count_
    alertDetailsOverride:
      alertDisplayNameFormat: "{{count_}} list calls by {{UserIdentityPrincipalid}}"
    incidentConfiguration:
      createIncident: true
    version: 1.0.1
    kind: Scheduled
    "#);
    assert_eq!(translation.report.worst(), crate::analysis::Fidelity::Exact);
}

#[test]
fn what_exceeds_a_limit_is_cut_and_said() {
    let metadata = Metadata {
        id: "Custom.Rule".into(),
        name: "n".repeat(300),
        description: "d".repeat(6_000),
        severity: Severity::Critical,
        attack: vec![Attack {
            tactic: None,
            technique: Some("T9999".into()),
        }],
        ..Metadata::default()
    };
    let mut rule = rule(metadata, equals("eventName", "a"));
    rule.outputs = (0..25)
        .map(|at| {
            let name = format!("requestParameters.aVeryLongParameterName{at}");
            output(&name, field(&name), Stage::AlertContext)
        })
        .collect();
    let fields = ["eventName", "eventSource", "awsRegion", "userAgent"].map(field);
    rule.alert.title = Some(call(Function::Concat, fields.into()));
    let translation = emit(&rule);
    let (_, read) = document(&translation);
    assert_eq!(read["name"].as_str().unwrap().len(), 256);
    assert_eq!(read["severity"], "High");
    assert_eq!(read["tags"], json!(["Severity: Critical"]));
    let details = read["customDetails"].as_object().unwrap();
    assert_eq!(details.len(), 20);
    assert!(details.keys().all(|name| name.len() <= 20));
    assert_eq!(
        read["alertDetailsOverride"]["alertDisplayNameFormat"],
        "{{AlertTitle}}"
    );
    assert!(
        read["query"]
            .as_str()
            .unwrap()
            .contains("AlertTitle = strcat(EventName,")
    );
    assert_eq!(
        translation
            .report
            .count(crate::analysis::Fidelity::Unsupported),
        3
    );
    assert_eq!(translation.report.diagnostics.iter().count(), 5);
}

#[test]
fn a_severity_by_condition_is_a_column() {
    let mut rule = rule(Metadata::default(), equals("eventName", "a"));
    rule.metadata.name = "r".into();
    rule.alert.severity = Some(Term::Choice {
        cases: vec![crate::ir::Case {
            when: equals("userIdentity.type", "Root"),
            then: Term::text("CRITICAL"),
        }]
        .into(),
        otherwise: Shared::new(Term::text("LOW")),
    });
    let (_, read) = document(&emit(&rule));
    assert_eq!(
        read["alertDetailsOverride"]["alertSeverityColumnName"],
        "AlertSeverity"
    );
    assert_eq!(
        read["query"],
        "AWSCloudTrail\n| where EventName == \"a\"\n\
         | extend AlertSeverity = iff(UserIdentityType == \"Root\", \"High\", \"Low\")\n"
    );
}
