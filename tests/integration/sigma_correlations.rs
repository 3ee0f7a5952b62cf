//! Sigma's correlations: when they alert (`tests/oracles/sigma/correlations.yml`, which other engines are asked, too), that what is
//! written as Sigma says the same, and what is refused.

use rulec::diagnostic::Diagnostics;
use rulec::frontend::{Memory, Tuning};
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::{NoFiles, Sources};
use rulec::{Environment, eval, import_with};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    file: String,
    events: Vec<(i64, Value)>,
    alerts: Vec<(i64, Vec<String>)>,
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(include_str!("../oracles/sigma/correlations.yml")).unwrap()
}

fn import(text: &str) -> (Vec<Rule>, Vec<String>) {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rules.yml", text);
    let environment = Environment {
        loader: &NoFiles,
        memory: &Memory::default(),
        crosswalk: Crosswalk::builtin(),
        tuning: Tuning::none(),
    };
    let found = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    let said = diagnostics.iter().map(|one| one.message.clone());
    (found.rules, said.collect())
}

/// The one rule of a file, in normal form.
fn rule(text: &str) -> Rule {
    let (mut rules, said) = import(text);
    assert!(said.is_empty() && rules.len() == 1, "{said:?}\n{text}");
    normalize(rules.remove(0))
}

fn written(rule: &Rule) -> String {
    let target = rulec::backend::target("sigma").unwrap();
    let made = rulec::export(rule, target);
    let said: Vec<&str> = made
        .report
        .diagnostics
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert!(!made.artifacts.is_empty(), "{said:?}");
    made.artifacts[0].text.clone()
}

/// What decides about alerts: of a member, who it is in its document does not.
fn shape(rule: &Rule) -> Value {
    let mut shape = json!({"selection": rule.selection, "threshold": rule.threshold, "correlation": rule.correlation});
    let members = rule.correlation.iter().flat_map(|it| &it.members);
    for (at, member) in members.enumerate() {
        let of = &mut shape["correlation"]["members"][at];
        of["rule"] = Value::Null;
        of["definition"] = member
            .definition
            .as_deref()
            .map_or(Value::Null, self::shape);
    }
    shape
}

fn alerts(rule: &Rule, events: &[(i64, Value)]) -> Vec<(i64, Vec<String>)> {
    let found = eval::alerts(rule, events).into_iter();
    let mut found: Vec<(i64, Vec<String>)> = found.map(|alert| (alert.at, alert.group)).collect();
    found.sort();
    found
}

#[test]
fn every_case_alerts_when_it_should() {
    for case in cases() {
        let rule = rule(&case.file);
        assert_eq!(alerts(&rule, &case.events), case.alerts, "{}", case.name);
    }
}

/// The cases as they are written, in the folder that `RULEC_SIGMA_CORRELATIONS` names, where it names one.
#[test]
fn what_is_written_says_the_same() {
    let folder = std::env::var_os("RULEC_SIGMA_CORRELATIONS").map(std::path::PathBuf::from);
    for (number, case) in cases().into_iter().enumerate() {
        let first = rule(&case.file);
        let text = written(&first);
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join(format!("{number}.yml")), &text).unwrap();
        }
        let back = rule(&text);
        assert_eq!(shape(&back), shape(&first), "{}\n{text}", case.name);
        assert_eq!(
            alerts(&back, &case.events),
            case.alerts,
            "{}\n{text}",
            case.name
        );
        assert_eq!(written(&back), text, "{}", case.name);
        let json = serde_json::to_value(&back).unwrap();
        let read: Rule = serde_json::from_value(json).unwrap();
        assert_eq!(read, back, "{}", case.name);
    }
}

#[test]
fn who_is_meant_is_read_from_the_whole_file() {
    let file = |section: &str| {
        let one = |name: &str| {
            format!(
                "title: T\nname: {name}\nlogsource: {{category: test}}\ndetection: {{s: {{kind: {name}}}, condition: s}}\n---\n"
            )
        };
        format!(
            "{}{}title: C\nname: c\ncorrelation: {section}\n",
            one("a"),
            one("b")
        )
    };
    let names = |text: &str| -> Vec<String> {
        let (rules, said) = import(text);
        assert!(said.is_empty(), "{said:?}");
        rules.into_iter().map(|rule| rule.metadata.slug).collect()
    };
    let both = "type: temporal, rules: [a, b], timespan: 1m";
    assert_eq!(names(&file(&format!("{{{both}}}"))), ["c"]);
    assert_eq!(
        names(&file(&format!("{{{both}, generate: true}}"))),
        ["a", "b", "c"]
    );
    let top = format!("{}generate: true\n", file(&format!("{{{both}}}")));
    assert_eq!(names(&top), ["a", "b", "c"]);
    for (section, told) in [
        (
            "{type: temporal, rules: [a, x], timespan: 1m}",
            "no rule `x` stands",
        ),
        (
            "{type: temporal, rules: [a, c], timespan: 1m}",
            "is about itself",
        ),
        (
            "{type: temporal, rules: [a, a], timespan: 1m}",
            "is named twice",
        ),
        (
            "{type: temporal, rules: [a, b], timespan: 1m, condition: {lte: 1}}",
            "requires `gte`",
        ),
        (
            "{type: temporal, rules: [a, b], timespan: 1m, condition: {gte: 3}}",
            "requires `gte`",
        ),
        (
            "{type: temporal, rules: [a, b], timespan: 1m, condition: a or b}",
            "alternatives",
        ),
        (
            "{type: temporal, rules: [a, b], timespan: 1m, condition: a}",
            "does not say whether `b`",
        ),
        (
            "{type: temporal, rules: [a], timespan: 1m, condition: a and b}",
            "not among the `rules`",
        ),
        (
            "{type: temporal, rules: [a, b], timespan: 1m, condition: not a and not b}",
            "requires a rule that matches",
        ),
        (
            "{type: temporal_ordered, rules: [a, b], timespan: 1m, condition: a and not b}",
            "no place in an order",
        ),
        (
            "{type: temporal_ordered, rules: [a, b], timespan: 1m, condition: {gte: 1}}",
            "in order is not supported",
        ),
        (
            "{type: temporal, rules: [a, b], group-by: [ip], timespan: 1m, aliases: {ip: {a: src}}}",
            "no field of the rule `b`",
        ),
        ("{type: near, rules: [a, b], timespan: 1m}", "is not known"),
        (
            "{type: temporal, rules: [a, b], timespan: 1.5h}",
            "a whole number and a unit",
        ),
    ] {
        let (rules, said) = import(&file(section));
        assert!(
            said.iter().any(|one| one.contains(told)),
            "{section}: {said:?}"
        );
        assert!(
            rules.iter().all(|rule| rule.metadata.slug != "c"),
            "{section}"
        );
    }
    let grouped = "{type: event_count, rules: [a], group-by: [host], timespan: 1m, condition: {gte: 2}}\n---\ntitle: D\ncorrelation: {type: temporal, rules: [b, c], group-by: [user], timespan: 1m}";
    let (_, said) = import(&file(grouped));
    assert!(said[0].contains("is not grouped by `user`"), "{said:?}");
}
