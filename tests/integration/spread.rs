//! A rule on several log sources is a rule for each of their tables, or one query over all of them.

use rulec::backend::{self, Artifact, Context, Tables, Templates};
use rulec::ir::{
    Case, Condition, FieldPath, Literal, LogSource, Metadata, Object, Operator, Output, Predicate,
    Rule, Shared, Stage, Term,
};
use rulec::schema::Crosswalk;

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn is(path: &str, value: &str) -> Condition {
    let value = Object::Literal(Literal::text(value));
    Predicate::new(field(path), Operator::Equals, value).into()
}

/// A rule on the events of two clouds.
fn rule() -> Rule {
    let mut rule = Rule::new(Metadata::default());
    "Two.Clouds".clone_into(&mut rule.metadata.id);
    "Two clouds".clone_into(&mut rule.metadata.name);
    rule.log_sources = ["aws.cloudtrail", "gcp.audit"]
        .map(LogSource::known)
        .to_vec();
    let trail = is("p_log_type", "AWS.CloudTrail");
    let ours = trail.clone().and(is("eventName", "StopLogging"));
    let theirs = is("protoPayload.methodName", "DeleteSink");
    rule.selection = ours.or(is("p_log_type", "GCP.AuditLog").and(theirs));
    let actor = Term::Choice {
        cases: vec![Case {
            when: trail,
            then: field("userIdentity.arn"),
        }]
        .into(),
        otherwise: Shared::new(field("protoPayload.authenticationInfo.principalEmail")),
    };
    rule.outputs = vec![Output {
        name: "actor".to_owned(),
        source: actor,
        when: None,
        stage: Stage::AlertContext,
        origin: rule.origin,
    }];
    rule
}

fn written(target: &str, tables: Tables) -> Vec<Artifact> {
    let templates = Templates::builtin();
    let context = Context {
        tables,
        ..Context::new(Crosswalk::builtin(), &templates)
    };
    let target = backend::target(target).unwrap();
    let translation = rulec::export_with(&rule(), target, &context);
    assert!(
        !translation.artifacts.is_empty(),
        "{:?}",
        translation.report.diagnostics
    );
    translation.artifacts
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("p_log_type"), "{text}");
}

#[test]
fn each_table_has_its_own_query() {
    let written = written("sentinel", Tables::AsNeeded);
    let names: Vec<String> = written
        .iter()
        .map(|artifact| artifact.path.display().to_string())
        .collect();
    assert_eq!(
        names,
        [
            "two_clouds_awscloudtrail.yaml",
            "two_clouds_gcpauditlogs.yaml"
        ]
    );
    has(
        &written[0].text,
        &[
            "name: Two clouds (AWSCloudTrail)",
            r#"EventName == "StopLogging""#,
            "UserIdentityArn",
        ],
    );
    has(&written[1].text, &[r#"MethodName == "DeleteSink""#]);
    let id = |text: &str| text.lines().next().map(str::to_owned);
    assert_ne!(id(&written[0].text), id(&written[1].text));
}

#[test]
fn one_query_reads_all_tables() {
    let written = written("kql", Tables::Union);
    let [only] = written.as_slice() else {
        panic!("{written:?}");
    };
    has(
        &only.text,
        &[
            "union\n    (AWSCloudTrail\n",
            "    (GCPAuditLogs\n",
            r#"EventName == "StopLogging""#,
            r#"MethodName == "DeleteSink""#,
            "actor = UserIdentityArn",
        ],
    );
    let parsed = rulec::syntax::kql::parse(&only.text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
}

#[test]
fn each_log_source_has_its_own_document() {
    let written = written("sigma", Tables::AsNeeded);
    let [only] = written.as_slice() else {
        panic!("{written:?}");
    };
    has(
        &only.text,
        &[
            "service: cloudtrail",
            "service: gcp.audit",
            "\n---\n",
            "eventName|cased: StopLogging",
        ],
    );
}
