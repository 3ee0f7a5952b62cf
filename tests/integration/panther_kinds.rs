//! Kinds of Panther document beside the rule with a Python file: what they mean, and that they are written again as they were read.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::backend::{self, Translation};
use rulec::diagnostic::Diagnostics;
use rulec::eval;
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::source::Sources;
use serde_json::{Value, json};

/// The rules of the first file, and the messages as `CODE text it points at`.
fn import(files: &[(&str, &str)]) -> (Vec<Rule>, Vec<String>) {
    let loader: IndexMap<PathBuf, Vec<u8>> = files
        .iter()
        .map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()))
        .collect();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add(files[0].0, files[0].1);
    let rules = rulec::import(id, None, &mut sources, &loader, &mut diagnostics);
    let messages = diagnostics.iter().map(|diagnostic| {
        let at = diagnostic.labels.first();
        let at = at.map_or("", |label| sources.text(label.span));
        format!("{} {at}", diagnostic.code.name())
    });
    (rules, messages.collect())
}

fn read(files: &[(&str, &str)]) -> Rule {
    let (mut rules, messages) = import(files);
    assert!(messages.is_empty(), "{messages:?}");
    normalize(rules.remove(0))
}

fn export(rule: &Rule, target: &str) -> Translation {
    rulec::export(rule, backend::target(target).unwrap())
}

/// The rule as the target's files are read back, the first file being the rule's.
fn again(rule: &Rule, target: &str) -> Rule {
    let translation = export(rule, target);
    let mut files: Vec<(String, String)> = translation
        .artifacts
        .into_iter()
        .map(|artifact| (artifact.path.display().to_string(), artifact.text))
        .collect();
    files.sort_by_key(|(path, _)| {
        PathBuf::from(path)
            .extension()
            .is_some_and(|it| it == "py" || it == "rs")
    });
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    read(&files)
}

fn correlation(detection: &Value) -> String {
    format!(
        "AnalysisType: correlation_rule\nRuleID: Lab.Chain\nSeverity: High\nDetection: [{detection}]\n"
    )
}

fn group() -> Value {
    json!({
        "Group": [
            {"ID": "login", "RuleID": "Lab.Login", "MinMatchCount": 2, "MaxMatchCount": 3},
            {"ID": "export", "RuleID": "Lab.Export"},
            {"ID": "ticket", "RuleID": "Lab.Ticket", "Absence": true},
        ],
        "MatchCriteria": {"user": [
            {"GroupID": "export", "Match": "actor.name"},
            {"GroupID": "login", "Match": "p_alert_context.users[*].name"},
            {"GroupID": "ticket", "Match": "requester"},
        ]},
        "LookbackWindowMinutes": 60,
        "EventEvaluationOrder": "Chronological",
        "Schedule": {"RateMinutes": 30, "TimeoutMinutes": 2},
    })
}

fn sequence() -> Value {
    json!({
        "Sequence": [
            {"ID": "a", "RuleID": "Lab.A"},
            {"ID": "b", "RuleID": "Lab.B"},
            {"ID": "c", "RuleID": "Lab.C", "MinMatchCount": 2},
        ],
        "Transitions": [
            {"ID": "to b", "From": "a", "To": "b", "WithinTimeFrameMinutes": 10, "Match": [{"On": "user"}]},
            {"From": "b", "To": "c", "Match": [{"From": "host", "To": "device"}]},
        ],
        "LookbackWindowMinutes": 60,
        "Schedule": {"CronExpression": "0 * * * *"},
    })
}

/// A sequence whose last member must not match.
fn unanswered() -> Value {
    json!({
        "Sequence": [{"ID": "a", "RuleID": "Lab.A"}, {"ID": "b", "RuleID": "Lab.B", "Absence": true}],
        "Transitions": [{"From": "a", "To": "b", "WithinTimeFrameMinutes": 10, "Match": [{"On": "user"}]}],
    })
}

fn check(detection: &Value, cases: &[(Value, bool)]) {
    let rule = read(&[("chain.yml", &correlation(detection))]);
    for (matches, expected) in cases {
        assert_eq!(eval::matches(&rule, matches), *expected, "{matches}");
    }
}

#[test]
fn a_group_needs_its_members_for_one_value_in_one_window() {
    let logins = |times: Value| json!({"p_alert_context.users[].name": {"ann": times}});
    let of = |field: &str, name: &str, time: Value| json!({ field: { name: [time] } });
    let export = |time: Value| of("actor.name", "ann", time);
    check(
        &group(),
        &[
            (
                json!({"login": logins(json!([0, 10])), "export": export(json!(60))}),
                true,
            ),
            (
                json!({"login": logins(json!([0, 10])), "export": export(json!(61))}),
                false,
            ),
            (
                json!({"login": logins(json!([0])), "export": export(json!(1))}),
                false,
            ),
            (
                json!({"login": logins(json!([0, 1, 2, 3])), "export": export(json!(1))}),
                false,
            ),
            (
                json!({"login": logins(json!([0, 10])), "export": of("actor.name", "bob", json!(5))}),
                false,
            ),
            (
                json!({
                    "login": logins(json!([0, 10])), "export": export(json!(5)),
                    "ticket": of("requester", "ann", json!(500)),
                }),
                false,
            ),
            (
                json!({
                    "login": logins(json!([0, 10])), "export": export(json!(5)),
                    "ticket": of("requester", "bob", json!(5)),
                }),
                true,
            ),
            (
                json!({
                    "login": logins(json!(["2024-06-01T10:00:00Z", "2024-06-01T12:30:00+02:00"])),
                    "export": export(json!("2024-06-01T11:00:00Z")),
                }),
                true,
            ),
            (json!({}), false),
            (json!([1]), false),
            (
                json!({"login": 1, "export": {"actor.name": {"ann": "x"}}}),
                false,
            ),
        ],
    );
    let mut any = group();
    any.as_object_mut().unwrap().remove("MatchCriteria");
    let both =
        json!({"login": {"f": {"x": [0, 1]}, "g": {"y": [0, 1]}}, "export": {"h": {"z": [2]}}});
    check(
        &any,
        &[
            (both, true),
            (json!({"login": {"f": {"x": [0, 1]}}}), false),
        ],
    );
}

#[test]
fn a_sequence_is_a_chain_of_matches() {
    let a = |time: i64| json!({"user": {"ann": [time]}});
    let b = |time: i64| json!({"user": {"ann": [time]}, "host": {"h1": [time]}});
    let c = |times: Value| json!({"device": {"h1": times}});
    check(
        &sequence(),
        &[
            (
                json!({"a": a(0), "b": b(10), "c": c(json!([20, 60]))}),
                true,
            ),
            (
                json!({"a": a(0), "b": b(10), "c": c(json!([20, 61]))}),
                false,
            ),
            (
                json!({"a": a(0), "b": b(11), "c": c(json!([20, 30]))}),
                false,
            ),
            (
                json!({"a": a(5), "b": b(4), "c": c(json!([20, 30]))}),
                false,
            ),
            (json!({"a": a(0), "b": b(5), "c": c(json!([4, 30]))}), false),
            (
                json!({"a": a(0), "b": {"user": {"ann": [5]}, "host": {"h1": [6]}}, "c": c(json!([20, 30]))}),
                false,
            ),
            (json!({"a": a(0), "b": b(5)}), false),
        ],
    );
    let user = |name: &str, times: Value| json!({"user": {name: times}});
    check(
        &unanswered(),
        &[
            (json!({"a": user("ann", json!([0]))}), true),
            (
                json!({"a": user("ann", json!([0])), "b": user("ann", json!([10]))}),
                false,
            ),
            (
                json!({"a": user("ann", json!([0])), "b": user("ann", json!([11]))}),
                true,
            ),
            (
                json!({"a": user("ann", json!([0])), "b": user("bob", json!([5]))}),
                true,
            ),
            (
                json!({"a": user("ann", json!([0, 90])), "b": user("ann", json!([5]))}),
                true,
            ),
            (json!({"b": user("ann", json!([5]))}), false),
        ],
    );
}

#[test]
fn a_correlation_is_written_again_as_it_was_read() {
    for detection in [group(), sequence(), unanswered()] {
        let tests = json!([{
            "Name": "one", "ExpectedResult": true,
            "RuleOutputs": [{"ID": detection.get("Group").map_or("a", |_| "login"),
                "Matches": {"p_alert_context.users[*].name": {"ann": [0, "2024-06-01T10:00:00Z"]}}}],
        }]);
        let text = format!("{}Tests: {tests}\n", correlation(&detection));
        let rule = read(&[("chain.yml", &text)]);
        assert_eq!(rule.tests.len(), 1);
        for target in ["panther", "native"] {
            assert_eq!(again(&rule, target), rule, "{target}");
        }
        for target in ["kql", "sentinel", "sigma"] {
            let translation = export(&rule, target);
            assert!(translation.artifacts.is_empty(), "{target}");
            let error = translation.report.diagnostics.iter().next().unwrap();
            assert_eq!(error.code.name(), "FID003", "{target}");
        }
    }
}

#[test]
fn what_a_correlation_cannot_say_is_refused_at_its_key() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 9] = [
        (|it| it["Group"] = json!([]), "YML002 Group"),
        (|it| it["Sequence"] = json!([]), "YML002 "),
        (|it| it["Group"][1]["ID"] = json!("login"), "YML002 ID"),
        (
            |it| it["Group"][0]["Absence"] = json!("yes"),
            "YML002 Absence",
        ),
        (|it| it["Group"][0]["Extra"] = json!(1), "PAN001 Extra"),
        (|it| it["MatchCriteria"]["more"] = json!([]), "PAN001 more"),
        (
            |it| it["MatchCriteria"]["user"][0]["GroupID"] = json!("x"),
            "YML002 GroupID",
        ),
        (
            |it| it["LookbackWindowMinutes"] = json!(1.5),
            "YML002 LookbackWindowMinutes",
        ),
        (|it| it["Schedule"] = json!({}), "YML002 Schedule"),
    ];
    for (change, expected) in cases {
        let mut detection = group();
        change(&mut detection);
        let text = correlation(&detection);
        let (rules, messages) = import(&[("chain.yml", &text)]);
        assert!(rules.is_empty(), "{expected}");
        let plain = messages[0].replace('"', "");
        assert!(plain.starts_with(expected), "{expected}: {messages:?}");
    }
    let mut detection = sequence();
    detection["Sequence"][0]["Absence"] = json!(true);
    let (_, messages) = import(&[("chain.yml", &correlation(&detection))]);
    assert_eq!(messages, ["PAN001 \"Sequence\""]);
    detection = sequence();
    detection["Transitions"][1]["To"] = json!("a");
    let (_, messages) = import(&[("chain.yml", &correlation(&detection))]);
    assert_eq!(messages, ["YML002 \"To\""]);
}

#[test]
fn a_policy_alerts_where_it_returns_false() {
    let yaml = "AnalysisType: policy\nPolicyID: Lab.Bucket.Versioned\nFilename: p.py\nSeverity: Low\nResourceTypes: [AWS.S3.Bucket]\n\
        Tests:\n  - {Name: fine, ExpectedResult: true, Resource: {Status: Enabled}}\n  - {Name: off, ExpectedResult: false, Resource: {Status: Off}}\n";
    let python = "def policy(resource):\n    if resource.get(\"Kind\"):\n        return resource[\"Kind\"] + 1\n    return resource[\"Status\"].startswith(\"En\")\n";
    let rule = read(&[("p.yml", yaml), ("p.py", python)]);
    assert_eq!(rule.metadata.id, "Lab.Bucket.Versioned");
    assert_eq!(
        rule.log_sources[0].to_string(),
        "state of AWS.S3.Bucket (panther)"
    );
    let expected: Vec<bool> = rule.tests.iter().map(|test| test.expected).collect();
    assert_eq!(expected, [false, true], "what a test expects is an alert");
    for test in &rule.tests {
        assert_eq!(
            eval::matches(&rule, &test.event),
            test.expected,
            "{}",
            test.name
        );
    }
    // An exception, and a result that is no truth value, are neither in order nor an alert.
    for resource in [
        json!({}),
        json!({"Status": 1}),
        json!({"Kind": 1}),
        json!({"Kind": "x"}),
    ] {
        assert!(!eval::matches(&rule, &resource), "{resource}");
    }
    assert!(export(&rule, "panther").artifacts.is_empty());
    assert_eq!(again(&rule, "native").selection, rule.selection);
    let (_, messages) = import(&[
        ("p.yml", yaml),
        ("p.py", "def rule(event):\n    return True\n"),
    ]);
    assert_eq!(messages, ["PY003 "]);
}

#[test]
fn the_keys_of_a_resource_are_spelt_exactly_so() {
    let yaml = "AnalysisType: policy\nPolicyID: Lab.P\nFilename: p.py\nSeverity: Low\nResourceTypes: [AWS.S3.Bucket]\n";
    let python =
        "def policy(resource):\n    return resource.get(\"Tags\", {}).get(\"Owner\") is not None\n";
    let rule = read(&[("p.yml", yaml), ("p.py", python)]);
    for (resource, alerts) in [
        (json!({"Tags": {"Owner": "ann"}}), false),
        (json!({"Tags": {"owner": "ann"}}), true),
        (json!({"tags": {"Owner": "ann"}}), true),
        (json!({}), true),
        (json!({"Tags": null}), false),
    ] {
        assert_eq!(eval::matches(&rule, &resource), alerts, "{resource}");
    }
}

#[test]
fn a_scheduled_rule_carries_the_text_of_its_queries() {
    let rule = "AnalysisType: scheduled_rule\nRuleID: Lab.S\nFilename: s.py\nSeverity: Low\nScheduledQueries: [Many Rows, Elsewhere, Nowhere]\n";
    let beside =
        "AnalysisType: scheduled_query\nQueryName: Many Rows\nQuery: |-\n  SELECT 1\n  FROM t\n";
    let above = "AnalysisType: saved_query\nQueryName: Elsewhere\nSnowflakeQuery: SELECT 2\n";
    let other = "AnalysisType: rule\nQueryName: Nowhere\nQuery: SELECT 3\n";
    let files = [
        ("lab/rules/s.yml", rule),
        ("lab/rules/s.py", "def rule(_):\n    return True\n"),
        ("lab/rules/q.yml", beside),
        ("lab/queries/x/q.yml", above),
        ("lab/queries/x/r.yml", other),
    ];
    let rule = read(&files);
    let texts: Vec<&str> = rule.residue.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["SELECT 1\nFROM t", "SELECT 2", "Nowhere"]);
    assert_eq!(rule.residue[0].construct, "scheduled query Many Rows");
    let written = export(&rule, "panther");
    let yaml = &written.artifacts[0].text;
    assert!(yaml.contains("AnalysisType: scheduled_rule\n"), "{yaml}");
    assert!(
        yaml.contains("ScheduledQueries:\n  - Many Rows\n  - Elsewhere\n"),
        "{yaml}"
    );
    assert!(export(&rule, "sentinel").artifacts.is_empty());
}
