//! What the Sigma backend emits is read back by the Sigma frontend: the same selection where the report says exact, else verdicts
//! that differ only in the reported direction.

use std::path::PathBuf;
use std::time::Duration;

use rulec::analysis::{Fidelity, Report};
use rulec::backend::{Translation, target};
use rulec::diagnostic::Diagnostics;
use rulec::ir::{
    Aggregate, Attack, CaseSensitivity, Comparison, Condition, FieldPath, Function, Kind, Literal,
    LogSource, Measure, Metadata, OPERATORS, Object, Operator, Output, Predicate, Quantifier, Rule,
    RuleTest, Severity, Shared, Stage, Term, Threshold, WindowKind, sample,
};
use rulec::source::Sources;
use rulec::{eval, export, frontend, import, normalize};
use serde_json::{Value, json};

use crate::generate::{self, Random};

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn texts(texts: &[&str]) -> Object {
    Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn list(texts: &[&str]) -> Object {
    Object::List(texts.iter().map(|text| Literal::text(*text)).collect())
}

fn test(path: &str, operator: Operator, object: Object) -> Condition {
    Predicate::new(field(path), operator, object).into()
}

fn equals(path: &str, text: &str) -> Condition {
    test(path, Operator::Equals, Object::Literal(Literal::text(text)))
}

fn rule(id: &str, name: &str, selection: Condition) -> Rule {
    let mut rule = Rule::new(Metadata {
        id: id.to_owned(),
        name: name.to_owned(),
        ..Metadata::default()
    });
    rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
    rule.selection = selection;
    rule
}

/// A rule over the paths of the generator, of no known log source.
fn unknown(selection: Condition) -> Rule {
    let mut rule = rule("sigma.generated", "Generated rule", selection);
    rule.log_sources = vec![LogSource::Unknown {
        format: "sigma".to_owned(),
        name: "acme//audit".to_owned(),
    }];
    rule
}

fn reconnaissance() -> Rule {
    let pair = |service: &str, verbs: &[&str]| {
        test("eventSource", Operator::StartsWith, texts(&[service])).and(test(
            "eventName",
            Operator::StartsWith,
            texts(verbs),
        ))
    };
    let calls = [
        pair("dynamodb", &["List", "Describe", "Get"]),
        pair("ec2", &["Describe", "Get"]),
        pair("iam", &["List", "Get"]),
        pair("s3", &["List", "Get"]),
        pair("rds", &["Describe", "List"]),
    ];
    let selection = equals("errorCode", "AccessDenied")
        .and(equals("userIdentity.type", "IAMUser"))
        .and(test(
            "userAgent",
            Operator::IsKind,
            Object::Kinds(vec![Kind::Text]),
        ))
        .and(
            test(
                "userAgent",
                Operator::StartsWith,
                texts(&["aws-internal/3"]),
            )
            .negate(),
        )
        .and(test("sourceIPAddress", Operator::IsIpAddress, Object::None))
        .and(Condition::Any(calls.to_vec().into()));
    let mut rule = rule(
        "AWS.IAMUser.ReconAccessDenied",
        "Detect Reconnaissance from IAM Users",
        selection,
    );
    "An IAM user is denied\nseveral calls.\n".clone_into(&mut rule.metadata.description);
    rule.metadata.attack = vec![Attack {
        tactic: Some("TA0007".to_owned()),
        technique: Some("T1526".to_owned()),
    }];
    rule.metadata.tags = vec![
        "AWS".to_owned(),
        "Discovery:Cloud Service Discovery".to_owned(),
    ];
    rule.metadata.runbook = Some("Ask the user: was it you?".to_owned());
    rule.threshold = Some(Threshold {
        measure: Measure::Count,
        comparison: Comparison::AtLeast,
        count: 15.0,
        also: None,
        window: Duration::from_secs(600),
        window_kind: WindowKind::FromFirstMatch,
        group_by: vec![field("userIdentity.arn")],
        origin: rulec::ir::Origin::default(),
    });
    let names = ["eventName", "eventSource", "userIdentity"];
    rule.outputs = names.map(|name| output(name, field(name))).to_vec();
    rule.alert.title = Some(Term::call(
        Function::Concat,
        [Term::text("user "), field("userIdentity.userName")],
    ));
    rule.tests = vec![RuleTest {
        name: "denied".to_owned(),
        event: json!({"errorCode": "AccessDenied", "eventName": "ListRoles"}),
        expected: false,
        origin: rulec::ir::Origin::default(),
    }]
    .into();
    rule
}

fn compromised_key() -> Rule {
    let policies = [
        "AWSExposedCredentialPolicy_DO_NOT_REMOVE",
        "AWSCompromisedKeyQuarantine",
    ];
    let selection = equals("eventName", "PutUserPolicy").and(test(
        "requestParameters.policyName",
        Operator::In,
        list(&policies),
    ));
    let mut rule = rule(
        "AWS.IAM.AccessKeyCompromised",
        "AWS IAM Access Key Compromise Detection",
        selection,
    );
    rule.metadata.severity = Severity::High;
    rule.outputs = vec![output("user", field("userIdentity.userName"))];
    rule
}

fn enumeration() -> Rule {
    let selection = test(
        "eventName",
        Operator::In,
        list(&["ListRoles", "ListUsers", "ListAccessKeys"]),
    );
    let id = "cfaaf0bc-16d1-48df-ac8b-9d901bbd516a";
    let mut rule = rule(id, "AWSCloudTrail - User IAM Enumeration", selection);
    rule.metadata.status = Some("Available".to_owned());
    rule.threshold = Some(Threshold {
        measure: Measure::Count,
        comparison: Comparison::AtLeast,
        count: 51.0,
        also: None,
        window: Duration::from_secs(600),
        window_kind: WindowKind::Aligned,
        group_by: ["principalId", "arn", "accountId"]
            .map(|key| field(&format!("userIdentity.{key}")))
            .to_vec(),
        origin: rulec::ir::Origin::default(),
    });
    rule.outputs = vec![output(
        "set_AWSRegion",
        Term::aggregate(Aggregate::MakeSet, Some(field("awsRegion"))),
    )];
    rule
}

fn output(name: &str, source: Term) -> Output {
    Output {
        name: name.to_owned(),
        source,
        when: None,
        stage: Stage::AlertContext,
        origin: rulec::ir::Origin::default(),
    }
}

fn emit(rule: &Rule) -> Translation {
    export(rule, target("sigma").unwrap())
}

/// The rule that the emitted files are.
fn read_back(translation: &Translation) -> Rule {
    let folder = PathBuf::from("out");
    let files: indexmap::IndexMap<PathBuf, Vec<u8>> = translation
        .artifacts
        .iter()
        .map(|artifact| {
            (
                folder.join(&artifact.path),
                artifact.text.clone().into_bytes(),
            )
        })
        .collect();
    let (path, text) = files.first().unwrap();
    let mut sources = Sources::new();
    let id = sources.add(path, String::from_utf8(text.clone()).unwrap());
    assert_eq!(
        frontend::recognise(sources.get(id).unwrap().text())
            .unwrap()
            .name(),
        "sigma"
    );
    let mut diagnostics = Diagnostics::new();
    let mut rules = import(id, None, &mut sources, &files, &mut diagnostics);
    let text = sources.get(id).unwrap().text();
    assert!(
        diagnostics.is_empty() && rules.len() == 1,
        "{text}\n{diagnostics:?}"
    );
    rules.remove(0)
}

fn only(report: &Report, allowed: &[Fidelity]) -> bool {
    report
        .constructs
        .iter()
        .all(|construct| allowed.contains(&construct.fidelity))
}

/// Compares verdicts in the reported direction; the number of events on which both hold, and on which they differ.
fn compare(source: &Rule, report: &Report, back: &Rule, events: &[Value]) -> [usize; 2] {
    let mut counts = [0, 0];
    for event in events {
        let (before, after) = (eval::matches(source, event), eval::matches(back, event));
        counts[0] += usize::from(before && after);
        counts[1] += usize::from(before != after);
        let lost = before && !after && only(report, &[Fidelity::Exact, Fidelity::Wider]);
        let gained = after && !before && only(report, &[Fidelity::Exact, Fidelity::Narrower]);
        assert!(
            !lost && !gained,
            "{event}: {before} became {after}\n{report}\nsource: {}\nback: {}",
            source.selection,
            back.selection
        );
    }
    counts
}

#[test]
fn the_three_rules_read_back() {
    for source in [reconnaissance(), compromised_key(), enumeration()] {
        let source = normalize::normalize(source);
        let translation = emit(&source);
        assert!(
            !translation.artifacts.is_empty(),
            "{:?}",
            translation.report
        );
        let back = normalize::normalize(read_back(&translation));
        let metadata = |rule: &Rule| {
            let metadata = &rule.metadata;
            (
                metadata.id.clone(),
                metadata.name.clone(),
                metadata.description.clone(),
                metadata.severity,
                metadata.attack.clone(),
                metadata.tags.clone(),
                metadata.runbook.clone(),
            )
        };
        assert_eq!(metadata(&back), metadata(&source));
        assert_eq!(back.log_sources, source.log_sources);
        assert_eq!(back.tests, source.tests);
        let events = generate::events_for(&source.selection);
        let [both, _] = compare(&source, &translation.report, &back, &events);
        assert!(
            both > 0,
            "some event is found by both: {}",
            source.selection
        );
        if let (Some(before), Some(after)) = (&source.threshold, &back.threshold) {
            let mut after = after.clone();
            assert_eq!(after.window_kind, WindowKind::Sliding);
            after.window_kind = before.window_kind;
            assert_eq!(after, before.clone());
        }
        // What was read is written the same way.
        assert_eq!(emit(&back).artifacts, translation.artifacts);
    }
}

#[test]
fn a_selection_is_written_in_the_style_of_sigma_rules() {
    let translation = emit(&normalize::normalize(reconnaissance()));
    insta::assert_snapshot!(translation.artifacts[0].text);
}

#[test]
fn every_exact_operator_reads_back_as_itself() {
    let mut exact = 0;
    for info in OPERATORS {
        for case in [CaseSensitivity::Sensitive, CaseSensitivity::Insensitive] {
            for negated in [false, true] {
                let mut predicate = sample(info.operator, field("userAgent"));
                if info.has_case {
                    predicate.case = case;
                }
                let test = Condition::from(predicate);
                let condition = if negated { test.negate() } else { test };
                let source = normalize::normalize(rule("r", "Operators", condition));
                let translation = emit(&source);
                assert!(!translation.artifacts.is_empty(), "{}", source.selection);
                let back = normalize::normalize(read_back(&translation));
                let events = generate::events_for(&source.selection);
                compare(&source, &translation.report, &back, &events);
                let structural = only(&translation.report, &[Fidelity::Exact])
                    // A term is written as a regular expression, which reads back as one.
                    && info.operator != Operator::HasTerm;
                if structural {
                    exact += 1;
                    assert_eq!(back.selection, source.selection);
                }
            }
        }
    }
    assert_eq!(
        exact, 64,
        "exact spellings of operators, each in both cases and negated"
    );
}

#[test]
fn values_keep_their_meaning() {
    let awkward = [
        r"C:\Temp\",
        r"\\srv\share",
        r"a\*b",
        "a*b?c",
        r"\",
        r"\\",
        "100%",
        "null",
        "true",
        "5",
        "05",
        "1.5",
        "1e5",
        "",
        " ",
        "- x",
        "'",
        "\"",
        "é",
        "tab\there",
        "line\nbreak",
        "#x",
        "a: b",
        "~",
        "2024-01-01",
        r"\?",
        r"\*",
        "ẞ",
        "İ",
        "*",
        "?",
        "%x%",
    ];
    for text in awkward {
        for operator in [
            Operator::Equals,
            Operator::Contains,
            Operator::StartsWith,
            Operator::EndsWith,
            Operator::HasTerm,
        ] {
            for (case, path) in [
                (CaseSensitivity::Sensitive, "userAgent"),
                (CaseSensitivity::Insensitive, "requestParameters.unknown"),
            ] {
                let object = match operator {
                    Operator::Equals => Object::Literal(Literal::text(text)),
                    _ => texts(&[text]),
                };
                let mut predicate = Predicate::new(field(path), operator, object);
                predicate.case = case;
                let source = normalize::normalize(rule("r", "Values", predicate.into()));
                let translation = emit(&source);
                if operator == Operator::HasTerm && text.is_empty() {
                    assert!(translation.artifacts.is_empty());
                    continue;
                }
                let back = normalize::normalize(read_back(&translation));
                let mut events = generate::events_for(&source.selection);
                for other in awkward {
                    events
                        .push(json!({"userAgent": other, "requestParameters": {"unknown": other}}));
                }
                compare(&source, &translation.report, &back, &events);
                if only(&translation.report, &[Fidelity::Exact]) && operator != Operator::HasTerm {
                    assert_eq!(back.selection, source.selection, "{text:?}");
                }
            }
        }
    }
}

#[test]
fn patterns_keep_their_meaning() {
    for pattern in [
        "a*c", "a?c", "*a*", "a*", "*a", r"a\*c*d", r"*\\*", r"a\?c", "?", "*?*", r"\", "a**b", "",
    ] {
        let source = unknown(test("name", Operator::Wildcard, texts(&[pattern])));
        let translation = emit(&source);
        let back = read_back(&translation);
        let events: Vec<Value> = [
            "abc", "ac", "a*c", "a?c", "xay", "a", r"\", r"a\b", r"a*cxd", "b", "", "abb",
        ]
        .map(|text| json!({"name": text}))
        .to_vec();
        compare(&source, &translation.report, &back, &events);
    }
}

#[test]
fn generated_conditions_differ_only_as_reported() {
    let mut random = Random::new(23);
    let (mut emitted, mut refused, mut exact, mut verdicts) = (0, 0, 0, [0, 0]);
    for _ in 0..1_500 {
        let depth = random.below(4);
        let source = normalize::normalize(unknown(generate::condition(&mut random, depth, false)));
        let translation = emit(&source);
        if translation.artifacts.is_empty() {
            assert!(translation.report.diagnostics.has_errors());
            refused += 1;
            continue;
        }
        emitted += 1;
        let back = read_back(&translation);
        let events: Vec<Value> = (0..25).map(|_| generate::event(&mut random)).collect();
        let counts = compare(&source, &translation.report, &back, &events);
        verdicts = [verdicts[0] + counts[0], verdicts[1] + counts[1]];
        exact += usize::from(only(&translation.report, &[Fidelity::Exact]));
    }
    assert!(
        emitted > 500 && refused > 50 && exact > 100,
        "{emitted} {refused} {exact} {verdicts:?}"
    );
    assert!(verdicts[0] > 2_000, "{verdicts:?}");
}

#[test]
fn quantifiers_are_flattened_as_reported() {
    let item = |path: &str, text: &str| -> Condition {
        let path = FieldPath::parse(path).unwrap();
        let subject = Term::Item { depth: 0, path };
        Predicate::new(
            subject,
            Operator::Equals,
            Object::Literal(Literal::text(text)),
        )
        .into()
    };
    let some = |body: Condition| Condition::Items {
        quantifier: Quantifier::Some,
        list: field("resources").into(),
        body: Shared::new(body),
    };
    let one = emit(&rule("r", "Lists", some(item("ARN", "a"))));
    assert!(only(&one.report, &[Fidelity::Exact]), "{}", one.report);
    let tied = emit(&rule(
        "r",
        "Lists",
        some(item("ARN", "a").and(item("type", "b"))),
    ));
    assert_eq!(tied.report.count(Fidelity::Wider), 1);
    let untied = json!({"resources": [{"ARN": "a"}, {"type": "b"}]});
    assert!(eval::matches(&read_back(&tied), &untied));
    let lacking = emit(&rule("r", "Lists", some(item("ARN", "a").negate())));
    assert!(lacking.artifacts.is_empty());
    let none = emit(&rule("r", "Lists", some(item("ARN", "a")).negate()));
    assert!(only(&none.report, &[Fidelity::Exact]));
}

#[test]
fn a_source_without_a_name_in_the_taxonomy_has_one_of_our_own() {
    let mut source = rule("z", "Zoom", equals("operator", "eve@example.com"));
    source.log_sources = vec![LogSource::known("zoom.operation")];
    let written = emit(&source);
    let text = &written.artifacts[0].text;
    assert!(text.contains("    product: zoom\n    service: operation\n"));
    assert!(text.contains("    definition: Zoom operation logs\n"));
    let codes = written.report.diagnostics.iter();
    let codes: Vec<&str> = codes.map(|diagnostic| diagnostic.code.name()).collect();
    assert_eq!(codes, ["MAP005"]);
    let back = read_back(&written);
    assert_eq!(back.log_sources, source.log_sources);
    assert_eq!(
        normalize::condition(back.selection),
        normalize::condition(source.selection)
    );
}

#[test]
fn the_fields_that_a_title_is_made_of_are_listed() {
    let mut source = rule("t", "T", equals("eventName", "CreateUser"));
    let text = vec![
        Term::Literal(Literal::text("by ")),
        field("userIdentity.arn"),
    ];
    source.alert.title = Some(Term::call(Function::Concat, text));
    let written = emit(&source);
    assert!(
        written.artifacts[0]
            .text
            .contains("fields:\n    - userIdentity.arn\n")
    );
    assert!(only(
        &written.report,
        &[Fidelity::Exact, Fidelity::Unsupported]
    ));
}
