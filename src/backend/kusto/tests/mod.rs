//! Conditions to KQL: input and output pairs.

mod besides;
mod enriched;
mod lists;
mod ordered;
mod shown;
mod stages;

use super::Query;
use super::notation::Kusto;
use super::place::Place;
use super::term::Scope;
use crate::analysis::{Fidelity, Report};
use crate::backend::notation::Notation;
use crate::backend::{Context, Templates};
use crate::diagnostic::Code;
use crate::ir::{
    Condition, FieldPath, Kind, Literal, LogSource, Metadata, OPERATORS, Object, Operator,
    Predicate, Rule, Term, sample,
};
use crate::schema::Crosswalk;

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn texts(subject: Term, operator: Operator, texts: &[&str]) -> Predicate {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    Predicate::new(subject, operator, Object::Texts(texts))
}

fn literal(path: &str, operator: Operator, literal: impl Into<Literal>) -> Predicate {
    Predicate::new(field(path), operator, Object::Literal(literal.into()))
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<i64> for Literal {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

fn rule(selection: impl Into<Condition>) -> Rule {
    let mut rule = Rule::new(Metadata::default());
    rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
    rule.selection = selection.into();
    rule
}

/// The query, and the report.
fn query(rule: &Rule) -> (Option<String>, Report) {
    let templates = Templates::builtin();
    let context = Context::new(Crosswalk::builtin(), &templates);
    let mut report = Report::new();
    let query = Query::of(rule, &context, &mut report);
    (query.map(|query| query.text), report)
}

/// The condition as the query has it, the conjuncts on one line, with its fidelity.
fn spelled(condition: impl Into<Condition>) -> (String, Fidelity) {
    let (text, report) = query(&rule(condition));
    let text = text.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    let text = text.trim_start_matches("AWSCloudTrail\n").trim_end();
    let text = text.replace("| where ", "").replace("\n    ", " ");
    (text, report.condition())
}

fn not(predicate: Predicate) -> Condition {
    Condition::from(predicate).negate()
}

#[test]
fn every_operator_is_spelled_or_refused_with_a_reason() {
    let (source, table) = Crosswalk::builtin().by_table("AWSCloudTrail").unwrap();
    let scope = Scope::rows(Place::known(source, table));
    let notation = Kusto { scope: &scope };
    for info in OPERATORS {
        for path in [
            "eventName",
            "readOnly",
            "requestParameters.key",
            "eventTime",
        ] {
            let predicate = sample(info.operator, field(path));
            for spelled in [
                notation.spell(&predicate),
                notation.spell_negated(&predicate).unwrap(),
            ] {
                match spelled {
                    Ok(spelled) => {
                        let text = spelled.fragment.flat();
                        crate::syntax::kql::expression(&text).unwrap_or_else(|_| panic!("{text}"));
                        let exact = spelled.fidelity == Fidelity::Exact;
                        assert_eq!(exact, spelled.reason.is_empty(), "{text}");
                    }
                    Err(reason) => assert!(!reason.is_empty()),
                }
            }
        }
    }
}

#[test]
fn texts_use_kustos_operators() {
    use Operator::{Contains, EndsWith, HasTerm, Matches, StartsWith, Wildcard};
    let name = || field("eventName");
    let list = Object::List(vec!["a".into(), "b".into()]);
    let among = || Predicate::new(name(), Operator::In, list.clone());
    for (condition, expected) in [
        (
            literal("eventName", Operator::Equals, "a").into(),
            r#"EventName == "a""#,
        ),
        (
            not(literal("eventName", Operator::Equals, "a")),
            r#"EventName != "a""#,
        ),
        (
            literal("eventName", Operator::Equals, "a")
                .ignore_case()
                .into(),
            r#"EventName =~ "a""#,
        ),
        (among().into(), r#"EventName in ("a", "b")"#),
        (not(among().ignore_case()), r#"EventName !in~ ("a", "b")"#),
        (
            texts(name(), StartsWith, &["a", "b"]).into(),
            r#"EventName startswith_cs "a" or EventName startswith_cs "b""#,
        ),
        (
            not(texts(name(), StartsWith, &["a", "b"])),
            r#"EventName !startswith_cs "a" and EventName !startswith_cs "b""#,
        ),
        (
            texts(name(), Contains, &["a\\b"]).ignore_case().into(),
            r#"EventName contains @"a\b""#,
        ),
        (
            texts(name(), EndsWith, &["a"]).into(),
            r#"EventName endswith_cs "a""#,
        ),
        (
            texts(name(), HasTerm, &["a", "b"]).ignore_case().into(),
            r#"EventName has_any ("a", "b")"#,
        ),
        (
            texts(name(), HasTerm, &["a"]).into(),
            r#"EventName has_cs "a""#,
        ),
        (
            texts(name(), Matches, &[r"^\w+$"]).ignore_case().into(),
            r#"EventName matches regex @"(?i)^\w+$""#,
        ),
        (
            texts(name(), Wildcard, &["List*"]).into(),
            r#"EventName startswith_cs "List""#,
        ),
        (
            texts(name(), Wildcard, &["*a\\*"]).ignore_case().into(),
            r#"EventName endswith "a*""#,
        ),
        (
            texts(name(), Wildcard, &["a*.?"]).into(),
            r#"EventName matches regex @"(?s)^a.*\..$""#,
        ),
        (
            literal("eventName", Operator::LessThan, "m").into(),
            r#"strcmp(EventName, "m") < 0"#,
        ),
    ] {
        let condition: Condition = condition;
        assert_eq!(spelled(condition.clone()).0, expected, "{condition}");
    }
}

#[test]
fn constants_are_converted_to_the_columns_type() {
    let mfa = "userIdentity.sessionContext.attributes.mfaAuthenticated";
    for (predicate, expected, fidelity) in [
        (
            literal(mfa, Operator::Equals, "true"),
            "SessionMfaAuthenticated == true",
            Fidelity::Exact,
        ),
        (
            literal("readOnly", Operator::Equals, false),
            "ReadOnly == false",
            Fidelity::Exact,
        ),
        (
            literal("eventTime", Operator::AtLeast, "2024-01-01T00:00:00Z"),
            "TimeGenerated >= datetime(2024-01-01T00:00:00Z)",
            Fidelity::Exact,
        ),
        (
            literal("requestParameters.policyName", Operator::Equals, "a"),
            "tostring(parse_json(RequestParameters).policyName) == \"a\"",
            Fidelity::Exact,
        ),
        (
            literal("requestParameters.x-y.where", Operator::Equals, "5"),
            "tostring(parse_json(RequestParameters)[\"x-y\"][\"where\"]) == \"5\"",
            Fidelity::Wider,
        ),
        (
            literal("requestParameters.count", Operator::GreaterThan, 5),
            "toreal(parse_json(RequestParameters).count) > 5",
            Fidelity::Wider,
        ),
        (
            literal(
                "requestParameters.publiclyAccessible",
                Operator::Equals,
                true,
            ),
            "tobool(parse_json(RequestParameters).publiclyAccessible) == true",
            Fidelity::Exact,
        ),
        // A text is never a number.
        (
            literal("eventName", Operator::Equals, 5),
            "false",
            Fidelity::Exact,
        ),
    ] {
        let line = predicate.line(false);
        assert_eq!(
            spelled(predicate),
            (expected.to_owned(), fidelity),
            "{line}"
        );
    }
    let (text, report) = query(&rule(texts(field("readOnly"), Operator::Contains, &["t"])));
    assert!(text.is_none());
    assert_eq!(report.condition(), Fidelity::Unsupported);
}

#[test]
fn null_does_not_lose_an_event_under_a_negation() {
    let count = || literal("requestParameters.count", Operator::GreaterThan, 5);
    let name = || literal("eventName", Operator::Equals, "a");
    let region = || literal("awsRegion", Operator::Equals, "b");
    let inside = || {
        texts(
            field("sourceIPAddress"),
            Operator::InNetwork,
            &["10.0.0.0/8"],
        )
    };
    let number = "toreal(parse_json(RequestParameters).count)";
    for (condition, expected) in [
        (not(count()), format!("{number} <= 5 or isnull({number})")),
        (
            Condition::All(vec![name().into(), count().into()].into()).negate(),
            format!("EventName != \"a\" or {number} <= 5 or isnull({number})"),
        ),
        (
            not(inside()),
            "not(coalesce(ipv4_is_in_range(SourceIpAddress, \"10.0.0.0/8\"), false))".to_owned(),
        ),
        (
            Condition::All(vec![name().into(), region().into()].into()).negate(),
            "not(EventName == \"a\" and AWSRegion == \"b\")".to_owned(),
        ),
        (
            Condition::All(vec![name().into(), name().into()].into()).negate(),
            "not(EventName == \"a\")".to_owned(),
        ),
    ] {
        assert_eq!(spelled(condition.clone()).0, expected, "{condition}");
    }
}

#[test]
fn presence_is_asked_of_the_column_as_far_as_it_knows() {
    let ask = |path: &str, operator| Predicate::new(field(path), operator, Object::None);
    let is =
        |path: &str, kind| Predicate::new(field(path), Operator::IsKind, Object::Kinds(vec![kind]));
    let named = literal("eventName", Operator::Equals, "a");
    for (predicate, positive, negative) in [
        (
            ask("errorCode", Operator::IsFilled),
            ("isnotempty(ErrorCode)", Fidelity::Exact),
            ("isempty(ErrorCode)", Fidelity::Exact),
        ),
        (
            ask("errorCode", Operator::Exists),
            ("isnotempty(ErrorCode)", Fidelity::Narrower),
            ("isempty(ErrorCode)", Fidelity::Wider),
        ),
        // A guard that a text column cannot ask goes, and the rule is wider without it.
        (
            is("errorCode", Kind::Text).implied(),
            ("", Fidelity::Wider),
            ("isempty(ErrorCode)", Fidelity::Wider),
        ),
        (
            ask("readOnly", Operator::IsTruthy),
            ("ReadOnly == true", Fidelity::Exact),
            ("ReadOnly != true", Fidelity::Exact),
        ),
        (
            is("requestParameters.x", Kind::Text),
            (
                "gettype(parse_json(RequestParameters).x) == \"string\"",
                Fidelity::Exact,
            ),
            (
                "gettype(parse_json(RequestParameters).x) != \"string\"",
                Fidelity::Exact,
            ),
        ),
        (
            is("requestParameters", Kind::Object),
            ("isnotempty(RequestParameters)", Fidelity::Exact),
            ("isempty(RequestParameters)", Fidelity::Exact),
        ),
    ] {
        let beside = |condition: Condition| {
            let (text, fidelity) = spelled(Condition::from(named.clone()).and(condition));
            let text = text.trim_start_matches("EventName == \"a\"").trim_start();
            (text.to_owned(), fidelity)
        };
        let line = predicate.line(false);
        let (text, fidelity) = beside(predicate.clone().into());
        assert_eq!((text.as_str(), fidelity), positive, "{line}");
        let (text, fidelity) = beside(not(predicate));
        assert_eq!((text.as_str(), fidelity), negative, "not {line}");
    }
}

#[test]
fn what_has_no_column_is_refused_with_the_nearest_names() {
    let condition = Condition::All(
        vec![
            literal("eventNam", Operator::Equals, "a").into(),
            literal("noSuchField", Operator::Equals, "a").into(),
        ]
        .into(),
    );
    let (text, report) = query(&rule(condition));
    assert!(text.is_none());
    let messages: Vec<(Code, String)> = report
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, diagnostic.message.clone()))
        .collect();
    assert_eq!(messages.len(), 2);
    assert!(
        messages
            .iter()
            .all(|(code, _)| *code == Code::UnmappedField)
    );
    assert!(
        messages[0].1.contains("`AWSCloudTrail`")
            && messages[0].1.contains("`EventName` (eventName)"),
        "{}",
        messages[0].1
    );
    let mut unknown = rule(Condition::TRUE);
    unknown.log_sources = vec![LogSource::Unknown {
        format: "panther".into(),
        name: "Custom.Log".into(),
    }];
    let (text, report) = query(&unknown);
    assert!(text.is_none());
    let codes: Vec<Code> = report.diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::UnmappedSource]);
}

#[test]
fn a_rule_of_an_unknown_table_keeps_its_own_names() {
    let mut own = rule(Condition::All(
        vec![
            literal("Account", Operator::Equals, "a").into(),
            literal("EventID", Operator::Equals, 4688).into(),
        ]
        .into(),
    ));
    own.log_sources = vec![LogSource::Unknown {
        format: super::OWN_FORMAT.into(),
        name: "SecurityEvent".into(),
    }];
    let (text, report) = query(&own);
    assert_eq!(
        text.unwrap(),
        "SecurityEvent\n| where Account == \"a\"\n| where EventID == 4688\n"
    );
    assert_eq!(report.condition(), Fidelity::Exact);
}

#[test]
fn a_table_is_read_for_the_sources_events_and_fields_alone() {
    let on = |selection: Condition| {
        let mut rule = rule(selection);
        rule.log_sources = vec![LogSource::known("windows.process_creation")];
        let (text, report) = query(&rule);
        let notes = report.diagnostics.iter().count();
        (text.unwrap(), notes)
    };
    let image = Condition::from(literal("Image", Operator::Equals, r"C:\a"));
    assert_eq!(
        on(image.clone()),
        (
            "DeviceProcessEvents\n| where ActionType == \"ProcessCreated\"\n| where FolderPath == @\"C:\\a\"\n"
                .to_owned(),
            0
        )
    );
    let (text, notes) = on(Condition::and(
        image,
        literal("Hashes", Operator::Equals, "b").into(),
    ));
    assert!(text.starts_with("WindowsEvent\n"), "{text}");
    assert!(text.contains("| where EventID == 1\n"), "{text}");
    assert_eq!(notes, 1);
}
