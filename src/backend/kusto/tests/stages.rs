//! Outputs, titles and thresholds to stages: input and output pairs.

use std::time::Duration;

use super::{field, literal, query, rule};
use crate::analysis::Fidelity;
use crate::ir::{
    Aggregate, Comparison, Function, Literal, Measure, Operator, Origin, Output, Stage, Term,
    Threshold, WindowKind,
};

fn output(name: &str, source: Term, stage: Stage) -> Output {
    Output {
        name: name.into(),
        source,
        when: None,
        stage,
        origin: Origin::default(),
    }
}

fn threshold(kind: WindowKind, group_by: Vec<Term>) -> Threshold {
    Threshold {
        measure: Measure::Count,
        comparison: Comparison::AtLeast,
        count: 15.0,
        also: None,
        window: Duration::from_secs(600),
        window_kind: kind,
        group_by,
        origin: Origin::default(),
    }
}

#[test]
fn outputs_are_projected_or_extended() {
    let mut projected = rule(literal("eventName", Operator::Equals, "a"));
    projected.outputs = vec![
        output("eventName", field("eventName"), Stage::AlertContext),
        output(
            "policy",
            field("requestParameters.policyName"),
            Stage::AlertContext,
        ),
        output("identity", field("sourceIdentity"), Stage::AlertContext),
    ];
    projected.alert.title = Some(Term::call(
        Function::Concat,
        [
            Term::text("by "),
            Term::call(
                Function::Coalesce,
                [field("userIdentity.userName"), Term::text("?")],
            ),
        ],
    ));
    let (text, report) = query(&projected);
    insta::assert_snapshot!(text.unwrap(), @r#"
    AWSCloudTrail
    | where EventName == "a"
    | project
        TimeGenerated,
        EventName,
        Policy = tostring(parse_json(RequestParameters).policyName),
        UserName = coalesce(UserIdentityUserName, "?"),
        UserIdentityUserName,
        SourceIpAddress
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
    // `sourceIdentity` has no column: the alert shows less.
    assert_eq!(report.count(Fidelity::Unsupported), 0);
    assert_eq!(report.count(Fidelity::Narrower), 1);

    let part = Term::call(Function::Split, [field("eventSource"), Term::text(".")]);
    let first = Term::call(
        Function::Item,
        [part.clone(), Term::Literal(Literal::Integer(0))],
    );
    let mut extended = rule(literal("eventName", Operator::Equals, "a"));
    extended.outputs = vec![
        output("Parts", part.clone(), Stage::Extend),
        output("Service", first, Stage::Extend),
        output("Part", Term::call(Function::Each, [part]), Stage::Expand),
    ];
    insta::assert_snapshot!(query(&extended).0.unwrap(), @r#"
    AWSCloudTrail
    | where EventName == "a"
    | extend Parts = split(EventSource, ".")
    | extend Service = Parts[0]
    | mv-expand Part = Parts
    "#);
}

#[test]
fn a_threshold_is_a_summarize() {
    let mut counted = rule(literal("eventName", Operator::Equals, "a"));
    let key = Term::call(
        Function::Coalesce,
        [field("userIdentity.arn"), Term::text("")],
    );
    counted.threshold = Some(threshold(WindowKind::FromFirstMatch, vec![key]));
    counted.outputs = vec![
        output("userAgent", field("userAgent"), Stage::AlertContext),
        output("arn", field("userIdentity.arn"), Stage::AlertContext),
    ];
    let (text, report) = query(&counted);
    insta::assert_snapshot!(text.unwrap(), @r#"
    AWSCloudTrail
    | where EventName == "a"
    | sort by UserIdentityArn asc, TimeGenerated asc
    | extend IsBurst = TimeGenerated - prev(TimeGenerated, 14) < 10m and UserIdentityArn == prev(UserIdentityArn, 14)
    | summarize
        Count = count(),
        Bursts = countif(IsBurst),
        make_set(UserAgent),
        take_any(UserIdentityUserName, SourceIpAddress)
        by UserIdentityArn
    | where Bursts > 0
    "#);
    assert_eq!(report.count(Fidelity::Narrower), 0);
    assert_eq!(report.count(Fidelity::Wider), 1);

    let mut distinct = rule(literal("eventName", Operator::Equals, "a"));
    distinct.preserved.format = crate::backend::kusto::OWN_FORMAT.into();
    let mut by_run = threshold(WindowKind::PerRun, Vec::new());
    by_run.measure = Measure::DistinctCount(field("userAgent"));
    distinct.threshold = Some(by_run);
    let count = Term::aggregate(Aggregate::DistinctCount, Some(field("userAgent")));
    distinct.outputs = vec![output("dcount_UserAgent", count, Stage::Summarize)];
    insta::assert_snapshot!(query(&distinct).0.unwrap(), @r#"
    AWSCloudTrail
    | where EventName == "a"
    | summarize dcount(UserAgent)
    | where dcount_UserAgent >= 15
    "#);
}
