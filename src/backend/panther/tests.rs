//! Short rules and the Python that becomes of them; every operator, and every term that has a spelling of its own.

use serde_json::json;

use super::Panther;
use crate::analysis::Fidelity;
use crate::backend::{Backend, Context, Templates, Translation};
use crate::ir::{
    Aggregate, Attack, Case, Comparison, Condition, FieldPath, Function, Kind, Literal, LogSource,
    Measure, Metadata, OPERATORS, Object, Operator, Origin, Output, Predicate, Quantifier, Rule,
    RuleTest, Severity, Shared, Stage, Term, Threshold, WindowKind, sample,
};
use crate::schema::Crosswalk;

fn rule(selection: Condition) -> Rule {
    let mut rule = Rule::new(Metadata {
        id: "Test.Rule".to_owned(),
        name: "A rule".to_owned(),
        ..Metadata::default()
    });
    rule.log_sources.push(LogSource::known("aws.cloudtrail"));
    rule.selection = selection;
    rule
}

fn emit(rule: &Rule) -> Translation {
    let templates = Templates::builtin();
    Panther.emit(rule, &Context::new(Crosswalk::builtin(), &templates))
}

fn artifact(rule: &Rule, extension: &str) -> String {
    let translation = emit(rule);
    let found = translation.artifacts.iter().find(|artifact| {
        artifact
            .path
            .extension()
            .is_some_and(|found| found == extension)
    });
    found
        .unwrap_or_else(|| panic!("{:?}", translation.report.diagnostics))
        .text
        .clone()
}

/// The function `rule` alone.
fn python(selection: impl Into<Condition>) -> String {
    let text = artifact(&rule(selection.into()), "py");
    let at = text.find("def rule").unwrap();
    text[at..].to_owned()
}

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn texts(texts: &[&str]) -> Object {
    Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn test(path: &str, operator: Operator, object: Object) -> Predicate {
    Predicate::new(field(path), operator, object)
}

fn equals(path: &str, literal: Literal) -> Predicate {
    test(path, Operator::Equals, Object::Literal(literal))
}

#[test]
fn every_operator_is_spelled_or_refused_with_a_reason() {
    let support = Panther.support();
    assert_eq!(support.len(), OPERATORS.len());
    for cell in &support {
        assert!(!cell.example.is_empty(), "{}", cell.operator.name());
    }
    for info in OPERATORS {
        let predicate = sample(info.operator, field("userIdentity.arn"));
        let translation = emit(&rule(predicate.into()));
        assert_eq!(translation.artifacts.len(), 2, "{}", info.name);
        assert_eq!(translation.report.worst(), Fidelity::Exact, "{}", info.name);
    }
}

#[test]
fn parts_return_early_and_the_last_is_returned() {
    let selection = Condition::All(
        vec![
            equals("eventName", Literal::text("PutUserPolicy")).into(),
            Condition::Not(Shared::new(
                test("errorCode", Operator::IsTruthy, Object::None).into(),
            )),
            test(
                "requestParameters.policyName",
                Operator::IsTruthy,
                Object::None,
            )
            .into(),
        ]
        .into(),
    );
    insta::assert_snapshot!(python(selection), @r#"
    def rule(event):
        if event.get("eventName") != "PutUserPolicy":
            return False
        if event.get("errorCode"):
            return False
        return bool(event.deep_get("requestParameters", "policyName"))
    "#);
}

#[test]
fn a_value_is_used_as_a_text_only_where_it_is_one() {
    let starts = || {
        Condition::from(test(
            "userAgent",
            Operator::StartsWith,
            texts(&["aws-internal/3"]),
        ))
    };
    let guard = Condition::from(test(
        "userAgent",
        Operator::IsKind,
        Object::Kinds(vec![Kind::Text]),
    ));
    insta::assert_snapshot!(python(starts()), @r#"
    def rule(event):
        return text(event.get("userAgent")).startswith("aws-internal/3")
    "#);
    insta::assert_snapshot!(python(Condition::All(vec![guard, starts().negate()].into())), @r#"
    def rule(event):
        if not isinstance(event.get("userAgent"), str):
            return False
        return not event.get("userAgent").startswith("aws-internal/3")
    "#);
}

#[test]
fn truth_values_are_not_numbers() {
    for (literal, expected) in [
        (Literal::Boolean(true), r#"return event.get("n") is True"#),
        (
            Literal::Integer(1),
            r#"return event.get("n") == 1 and event.get("n") is not True"#,
        ),
        (Literal::Integer(7), r#"return event.get("n") == 7"#),
        (Literal::Null, "return False"),
        (
            Literal::from_json(&json!([1, "a"])),
            r#"return event.get("n") == [1, "a"] and not isinstance(event.get("n")[0], bool)"#,
        ),
    ] {
        assert!(
            python(equals("n", literal)).contains(expected),
            "{expected}"
        );
    }
    let text = python(equals("n", Literal::text("A")).ignore_case());
    assert!(
        text.contains(r#"text(event.get("n")).lower() == "a""#),
        "{text}"
    );
}

#[test]
fn what_the_empty_text_satisfies_is_guarded() {
    for (operator, object, expected) in [
        (
            Operator::Matches,
            texts(&["x?"]),
            r#"isinstance(event.get("n"), str) and bool(N_PATTERN.search(text(event.get("n"))))"#,
        ),
        (
            Operator::Wildcard,
            texts(&["*"]),
            r#"return isinstance(event.get("n"), str)"#,
        ),
        (
            Operator::Contains,
            texts(&[""]),
            r#"return isinstance(event.get("n"), str)"#,
        ),
        (
            Operator::Wildcard,
            texts(&["a[*"]),
            r#"return fnmatch(text(event.get("n")), "a[[]*")"#,
        ),
        (
            Operator::LessThan,
            Object::Literal(Literal::text("b")),
            r#"isinstance(event.get("n"), str) and event.get("n") < "b""#,
        ),
        (
            Operator::GreaterThan,
            Object::Literal(Literal::Integer(5)),
            r#"is_number(event.get("n")) and event.get("n") > 5"#,
        ),
    ] {
        let text = python(test("n", operator, object));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn items_of_a_list_are_asked_in_a_generator() {
    let body = Predicate::new(
        Term::Item {
            depth: 0,
            path: FieldPath::keys(["group"]),
        },
        Operator::Equals,
        Object::Literal(Literal::text("all")),
    );
    let selection = Condition::Items {
        quantifier: Quantifier::Some,
        list: field("requestParameters.items").into(),
        body: Shared::new(body.into()),
    };
    insta::assert_snapshot!(python(selection), @r#"
    def rule(event):
        return any(
            member(item, "group") == "all"
            for item in items_of(event.deep_get("requestParameters", "items"))
        )
    "#);
    insta::assert_snapshot!(python(test("list[].k", Operator::IsFilled, Object::None)), @r#"
    def rule(event):
        return any(member(item, "k") not in (None, "") for item in items_of(event.get("list")))
    "#);
}

#[test]
fn long_lists_are_constants_named_after_the_field() {
    let names = ["ListRoles", "ListUsers", "ListGroups", "ListAccessKeys"].map(Literal::text);
    let rule = rule(test("eventName", Operator::In, Object::List(names.to_vec())).into());
    insta::assert_snapshot!(artifact(&rule, "py"), @r#"
    EVENT_NAMES = ("ListRoles", "ListUsers", "ListGroups", "ListAccessKeys")


    def rule(event):
        return event.get("eventName") in EVENT_NAMES
    "#);
}

#[test]
fn texts_for_people_are_formatted_and_values_over_events_are_this_events() {
    let mut rule = rule(equals("eventName", Literal::text("ListRoles")).into());
    rule.threshold = Some(Threshold {
        measure: Measure::Count,
        comparison: Comparison::GreaterThan,
        count: 50.0,
        also: None,
        window: std::time::Duration::from_secs(600),
        window_kind: WindowKind::Aligned,
        group_by: vec![field("userIdentity.arn"), field("recipientAccountId")],
        origin: Origin::default(),
    });
    rule.alert.title = Some(Term::call(
        Function::Concat,
        vec![
            Term::aggregate(Aggregate::Count, None),
            Term::text(" calls by {"),
            Term::call(
                Function::Coalesce,
                vec![field("userIdentity.userName"), Term::text("?")],
            ),
        ],
    ));
    rule.alert.severity = Some(Term::Choice {
        cases: vec![Case {
            when: test("errorCode", Operator::IsPresent, Object::None).into(),
            then: Term::text("informational"),
        }]
        .into(),
        otherwise: Shared::new(Term::text("high")),
    });
    for (name, source) in [
        (
            "regions",
            Term::aggregate(Aggregate::MakeSet, Some(field("awsRegion"))),
        ),
        ("count", Term::aggregate(Aggregate::Count, None)),
    ] {
        rule.outputs.push(Output {
            name: name.to_owned(),
            source,
            when: None,
            stage: Stage::Summarize,
            origin: Origin::default(),
        });
    }
    insta::assert_snapshot!(artifact(&rule, "py"), @r#"
    def rule(event):
        return event.get("eventName") == "ListRoles"


    def title(event):
        user_name = event.deep_get("userIdentity", "userName", default="?")
        return f"51+ calls by {{{user_name}"


    def dedup(event):
        arn = event.deep_get("userIdentity", "arn", default="")
        recipient_account_id = event.deep_get("recipientAccountId", default="")
        return f"{arn}-{recipient_account_id}"


    def severity(event):
        if event.get("errorCode") is not None:
            return "INFO"
        return "HIGH"


    def alert_context(event):
        return {
            "regions": event.get("awsRegion"),
        }
    "#);
    let report = emit(&rule).report;
    let of = |what: &str| {
        let found = report
            .constructs
            .iter()
            .find(|construct| construct.what.starts_with(what));
        found.unwrap().fidelity
    };
    assert_eq!(of("output regions"), Fidelity::Narrower);
    assert_eq!(of("output count"), Fidelity::Unsupported);
    assert_eq!(of("> 50").max(of("title")), Fidelity::Narrower);
}

#[test]
fn the_document_keeps_panthers_order_and_its_validators_rules() {
    let mut rule = rule(equals("eventName", Literal::text("a")).into());
    rule.metadata = Metadata {
        id: "cfaaf0bc-16d1-48df-ac8b-9d901bbd516a".to_owned(),
        name: "AWS - User & role \"enumeration\"".to_owned(),
        description: "word ".repeat(30),
        severity: Severity::Informational,
        tags: vec!["AWS".to_owned(), "aws".to_owned()],
        references: vec![
            "https://example.com/a".to_owned(),
            "https://example.com/b".to_owned(),
        ],
        attack: vec![
            Attack {
                tactic: Some("TA0007".to_owned()),
                technique: None,
            },
            Attack {
                tactic: None,
                technique: Some("T1580".to_owned()),
            },
        ],
        ..Metadata::default()
    };
    rule.dedup_window = Some(3_600);
    rule.tests.push(RuleTest {
        name: "yes".to_owned(),
        event: json!({"eventName": "a\u{2028}", "n": 1e100, "list": [], "o": {"k": null}}),
        expected: false,
        origin: Origin::default(),
    });
    insta::assert_snapshot!(artifact(&rule, "yml"), @r#"
    AnalysisType: rule
    Filename: aws_user_role_enumeration.py
    RuleID: "AWS.UserRoleEnumeration"
    DisplayName: "AWS - User and role 'enumeration'"
    Enabled: true
    LogTypes:
      - AWS.CloudTrail
    Tags:
      - AWS
      - Source ID:cfaaf0bc-16d1-48df-ac8b-9d901bbd516a
    Reports:
      MITRE ATT&CK:
        - TA0007:T1580
    Severity: Info
    DedupPeriodMinutes: 60
    Description: >-
      word word word word word word word word word word word word word word word word word word word word word
      word word word word word word word word word
    Runbook: |-
      See also:
      - https://example.com/b
    Reference: https://example.com/a
    Tests:
      - Name: "yes"
        ExpectedResult: false
        Log:
          {
            "eventName": "a\u2028",
            "n": 1.0e+100,
            "list": [],
            "o": {
              "k": null
            }
          }
    "#);
}

#[test]
fn what_panther_cannot_count_or_name_is_refused() {
    let threshold = |measure, comparison, seconds| Threshold {
        measure,
        comparison,
        count: 5.0,
        also: None,
        window: std::time::Duration::from_secs(seconds),
        window_kind: WindowKind::FromFirstMatch,
        group_by: Vec::new(),
        origin: Origin::default(),
    };
    for threshold in [
        threshold(Measure::Sum(field("n")), Comparison::AtLeast, 600),
        threshold(Measure::Count, Comparison::LessThan, 600),
        threshold(Measure::Count, Comparison::AtLeast, 90),
    ] {
        let mut rule = rule(Condition::TRUE);
        rule.threshold = Some(threshold);
        let translation = emit(&rule);
        assert!(translation.artifacts.is_empty());
        assert_eq!(translation.report.worst(), Fidelity::Unsupported);
    }
    let mut unknown = rule(Condition::TRUE);
    unknown.log_sources = vec![LogSource::Unknown {
        format: "sentinel".to_owned(),
        name: "Nowhere".to_owned(),
    }];
    let translation = emit(&unknown);
    assert!(translation.artifacts.is_empty() && translation.report.diagnostics.has_errors());
}

#[test]
fn an_output_of_some_events_is_added_where_it_is_there() {
    let mut rule = rule(test("eventName", Operator::IsPresent, Object::None).into());
    let output = |name: &str, field_name: &str, when: Option<Predicate>| Output {
        name: name.to_owned(),
        source: field(field_name),
        when: when.map(Into::into),
        stage: Stage::AlertContext,
        origin: Origin::default(),
    };
    let denied = test("errorCode", Operator::IsTruthy, Object::None);
    rule.outputs = vec![
        output("region", "awsRegion", None),
        output("error", "errorCode", Some(denied)),
    ];
    let python = artifact(&rule, "py");
    let context = python.split("\n\n\n").last().unwrap();
    insta::assert_snapshot!(context, @r#"
    def alert_context(event):
        context = {
            "region": event.get("awsRegion"),
        }
        if bool(event.get("errorCode")):
            context["error"] = event.get("errorCode")
        return context
    "#);
}
