//! Lists that a rule makes and what it asks of them, in a query: pairs, entries, positions, the item that is chosen first; and what
//! becomes of a query that would be too long, and of a key that no table tells. Each is read back and judges events as the rule does.

use std::fmt::Write as _;
use std::time::Duration;

use rulec::analysis::{Fidelity, Part};
use rulec::backend::{self, Translation};
use rulec::ir::{
    Comparison, Condition, Function, Literal, LogSource, Measure, Metadata, Object, Operator,
    Origin, Rule, RuleTest, Term, Threshold, WindowKind,
};
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::verify::{Limits, Outcome, Verified, verify};
use serde_json::{Value, json};

use crate::computed_values::{ask, call, equals, field, item, number, some, texts, whole};
use crate::read_back;

/// The most characters that Sentinel takes.
const LONGEST: usize = 10_000;

fn rule(source: &str, selection: Condition) -> Rule {
    let mut rule = Rule::new(Metadata::default());
    "Computed.Lists".clone_into(&mut rule.metadata.id);
    "Computed lists".clone_into(&mut rule.metadata.name);
    rule.log_sources = vec![LogSource::known(source)];
    rule.selection = selection;
    rule
}

fn with_tests(mut rule: Rule, events: Vec<Value>) -> Rule {
    let tests = events.into_iter().enumerate().map(|(at, event)| RuleTest {
        name: at.to_string(),
        expected: rulec::eval::holds(&rule.selection, &event),
        event,
        origin: Origin::default(),
    });
    rule.tests = tests.collect();
    rule
}

fn translated(rule: &Rule) -> (Rule, Translation) {
    let rule = normalize(rule.clone());
    let translation = read_back::export(&rule, backend::target("kql").unwrap());
    (rule, translation)
}

fn proved(rule: &Rule, translation: &Translation) -> Verified {
    let target = backend::target("kql").unwrap();
    let limits = Limits { events: 120 };
    verify(rule, target, translation, Crosswalk::builtin(), limits)
}

fn query(translation: &Translation) -> &str {
    let query = translation.artifacts.first();
    query.map_or_else(
        || panic!("{:?}", translation.report.diagnostics),
        |query| query.text.as_str(),
    )
}

/// The rule is translated, and its translation judges the events, of which it matches some, as the rule does.
fn agrees(selection: Condition, events: Vec<Value>) -> String {
    let rule = with_tests(rule("aws.cloudtrail", selection), events);
    let matches = rule.tests.iter().filter(|test| test.expected).count();
    assert!(
        0 < matches && matches < rule.tests.len(),
        "{}",
        rule.selection
    );
    let (rule, translation) = translated(&rule);
    let text = query(&translation).to_owned();
    let found = proved(&rule, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{text}\n{found:?}");
    assert!(
        found.tests.of > 1 && found.tests.right == found.tests.of,
        "{text}\n{found:?}"
    );
    text
}

fn parameters(values: &[Value]) -> Vec<Value> {
    let events = values
        .iter()
        .map(|value| json!({"requestParameters": value}));
    events.collect()
}

#[test]
fn the_entries_of_an_object_are_its_keys_with_their_values() {
    let entries = call(Function::Entries, &[field("requestParameters.policy")]);
    let asked = texts(item(0, "[0]"), Operator::StartsWith, "String")
        .and(equals(item(0, "[1].role"), "admin"));
    let text = agrees(
        some(entries, asked),
        parameters(&[
            json!({"policy": {"StringLike": {"role": "admin"}}}),
            json!({"policy": {"StringLike": {"role": "x"}, "Other": {"role": "admin"}}}),
            json!({"policy": {"Other": {"role": "admin"}, "StringEquals": {"role": "admin"}}}),
            json!({"policy": {}}),
            json!({"policy": ["StringLike"]}),
            json!({}),
        ]),
    );
    assert!(text.contains("bag_keys("), "{text}");
}

/// What Python takes apart as a key and a value is both of them, and nothing is asked of its kind.
#[test]
fn entries_are_pairs_where_python_is_read_back() {
    let of = |path: &str| call(Function::Entries, &[field(path)]);
    let inner =
        texts(item(0, "[0]"), Operator::StartsWith, "aws:").and(equals(item(0, "[1]"), "*"));
    let asked = texts(item(0, "[0]"), Operator::StartsWith, "String")
        .and(some(call(Function::Entries, &[item(0, "[1]")]), inner));
    let rule = rule(
        "aws.cloudtrail",
        some(of("requestParameters.policy"), asked),
    );
    let target = backend::target("panther").unwrap();
    let (rule, mut translation) = (normalize(rule.clone()), read_back::export(&rule, target));
    let proved = |translation: &Translation| {
        let limits = Limits { events: 120 };
        verify(&rule, target, translation, Crosswalk::builtin(), limits)
    };
    let found = proved(&translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    assert_eq!(found.same, Some(true), "{:?}", found.difference);
    let read = read_back::through(&rule, target).rule.unwrap();
    assert!(
        !read.selection.to_string().contains("substring"),
        "{}",
        read.selection
    );
    for artifact in &mut translation.artifacts {
        artifact.text = artifact.text.replace("\"aws:\"", "\"s3:\"");
    }
    assert_ne!(proved(&translation).same, Some(true));
}

#[test]
fn a_pair_is_what_two_lists_have_at_one_place() {
    let (names, values) = (
        field("requestParameters.names"),
        field("requestParameters.values"),
    );
    let asked =
        equals(item(0, "[0]"), "type").and(texts(item(0, "[1]"), Operator::Contains, "fed"));
    let events = || {
        parameters(&[
            json!({"names": ["a", "type"], "values": ["x", "federated"]}),
            json!({"names": ["type", "a"], "values": ["x", "federated"]}),
            json!({"names": ["a", "type"], "values": ["federated"]}),
            json!({"names": ["type"], "values": ["fed", "x"]}),
            json!({"names": "type", "values": ["fed"]}),
            json!({"names": "type", "values": []}),
            json!({"names": ["type"]}),
        ])
    };
    let pairs = call(Function::Pairs, &[names.clone(), values.clone()]);
    let text = agrees(some(pairs, asked.clone()), events());
    assert!(text.contains("with_itemindex="), "{text}");
    // One value is a list of one.
    let alone = call(Function::List, &[names]);
    agrees(
        some(call(Function::Pairs, &[alone, values]), asked),
        events(),
    );
}

#[test]
fn an_item_is_asked_about_with_its_position() {
    let parts = || {
        call(
            Function::Split,
            &[field("requestParameters.key"), Term::text("/")],
        )
    };
    let next = call(
        Function::Item,
        &[parts(), call(Function::Add, &[item(0, "[0]"), whole(1)])],
    );
    let asked = equals(item(0, "[1]"), "accounts").and(equals(next, "prod"));
    agrees(
        some(call(Function::Numbered, &[parts()]), asked),
        parameters(&[
            json!({"key": "/x/accounts/prod/y"}),
            json!({"key": "/x/accounts/test/prod"}),
            json!({"key": "accounts"}),
            json!({"key": "prod/accounts"}),
            json!({"key": ""}),
            json!({}),
        ]),
    );
}

#[test]
fn what_stands_behind_a_separator_and_the_whole_part_of_a_number() {
    for (function, agent) in [(Function::SplitFirst, "b/c"), (Function::SplitLast, "c")] {
        let parts = call(function, &[field("userAgent"), Term::text("/"), whole(1)]);
        let events = ["a/b/c", "a", "/c", "b/c", "a/c", ""];
        let events = events.map(|text| json!({"userAgent": text})).to_vec();
        agrees(
            equals(call(Function::Item, &[parts, whole(1)]), agent),
            events,
        );
    }
    let whole_part = call(Function::Truncate, &[field("requestParameters.count")]);
    let counts = [
        json!(10),
        json!(10.9),
        json!(11),
        json!(11.5),
        json!(true),
        json!("12"),
        json!(null),
    ];
    let events: Vec<Value> = counts.iter().map(|count| json!({"count": count})).collect();
    agrees(
        number(whole_part, Operator::GreaterThan, 10),
        parameters(&events),
    );
}

#[test]
fn what_a_table_does_not_tell_may_choose_the_first_item() {
    let first = call(
        Function::Item,
        &[
            Term::Select {
                list: field("resources").into(),
                when: ask(item(0, "accountId"), Operator::Exists, Object::None).into(),
                item: item(0, "type").into(),
            },
            whole(0),
        ],
    );
    let (_, translation) = translated(&rule("aws.cloudtrail", equals(first, "AWS::S3::Bucket")));
    let claim = translation.report.claim();
    assert!(query(&translation).contains("top 1 by"));
    // Another item may be the first: the verdict may turn in both directions.
    assert!(claim.wider && claim.narrower, "{claim:?}");
}

#[test]
fn a_long_query_says_once_what_it_asks_often() {
    let names: Vec<Literal> = (0..40)
        .map(|at| Literal::text(format!("role-of-a-long-name-{at}")))
        .collect();
    let is_one = |path: &str| ask(field(path), Operator::In, Object::List(names.clone()));
    let way = |at: usize| {
        let kind = equals(
            field("userIdentity.type"),
            ["Root", "IAMUser", "AssumedRole"][at % 3],
        );
        let agent = texts(
            field("userAgent"),
            Operator::StartsWith,
            &format!("agent-{at}/"),
        );
        kind.and(agent)
            .and(is_one("userIdentity.userName").or(is_one("requestParameters.role")))
    };
    let ways = (0..12).map(way).fold(Condition::FALSE, Condition::or);
    let other = equals(field("eventName"), "x").and(is_one("userIdentity.accountId"));
    let mut events: Vec<Value> = Vec::new();
    for (kind, agent, role) in [
        ("Root", "agent-0/1", "role-of-a-long-name-7"),
        ("Root", "agent-1/1", "role-of-a-long-name-7"),
        ("IAMUser", "agent-1/1", "other"),
        ("AssumedRole", "agent-11/1", "role-of-a-long-name-39"),
    ] {
        let identity = json!({"type": kind, "userName": role});
        events.push(json!({"userIdentity": identity, "userAgent": agent}));
        let identity = json!({"type": kind});
        let parameters = json!({"role": role});
        events.push(
            json!({"userIdentity": identity, "userAgent": agent, "requestParameters": parameters}),
        );
    }
    let text = agrees(ways.or(other), events);
    assert!(text.contains("let Values = dynamic(["), "{text}");
    assert_eq!(text.matches("role-of-a-long-name-7").count(), 1, "{text}");
    assert!(text.chars().count() < LONGEST);
}

#[test]
fn a_key_that_no_table_tells_makes_a_count_wider() {
    let counted = |key: &str, comparison: Comparison| {
        let mut rule = rule("aws.cloudtrail", equals(field("eventName"), "x"));
        rule.threshold = Some(Threshold {
            measure: Measure::Count,
            comparison,
            count: 3.0,
            also: None,
            window: Duration::from_secs(900),
            window_kind: WindowKind::Sliding,
            group_by: vec![field("userIdentity.arn"), field(key)],
            origin: Origin::default(),
        });
        translated(&rule)
    };
    let (rule, translation) = counted("no.such.field", Comparison::AtLeast);
    let constructs = translation.report.constructs.iter();
    let groups: Vec<_> = constructs.filter(|one| one.part == Part::Groups).collect();
    assert!(matches!(groups.as_slice(), [one] if one.fidelity == Fidelity::Wider));
    let found = proved(&rule, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    assert!(found.counts.of > 0, "{found:?}");
    // More events lower what is counted here.
    let (_, translation) = counted("no.such.field", Comparison::AtMost);
    assert!(translation.artifacts.is_empty());
    let mut told = String::new();
    let (_, translation) = counted("userIdentity.userName", Comparison::AtLeast);
    let constructs = translation.report.constructs.iter();
    for one in constructs.filter(|one| one.part == Part::Groups) {
        let _ = write!(told, "{}", one.what);
    }
    assert_eq!(told, "");
}
