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
    import_among(text, Tuning::none())
}

fn import_among(text: &str, tuning: &Tuning) -> (Vec<Rule>, Vec<String>) {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("here.yml", text);
    let environment = Environment {
        loader: &NoFiles,
        memory: &Memory::default(),
        crosswalk: Crosswalk::builtin(),
        tuning,
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
        assert_eq!(
            alerts(&back, &case.events),
            case.alerts,
            "{}\n{text}",
            case.name
        );
        // A range is written as its counts.
        if first.threshold.as_ref().is_none_or(|it| it.also.is_none()) {
            assert_eq!(shape(&back), shape(&first), "{}\n{text}", case.name);
            assert_eq!(written(&back), text, "{}", case.name);
        }
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

#[test]
fn rules_of_other_files_are_found_among_the_inputs() {
    let rule = |name: &str| {
        format!(
            "title: T\nname: {name}\nlogsource: {{category: test}}\ndetection: {{s: {{kind: {name}}}, condition: s}}\n"
        )
    };
    let counted = "title: C\nname: c\ncorrelation: {type: event_count, rules: [b], timespan: 1m, condition: {gte: 2}}\n";
    let outer = format!(
        "{}---\ntitle: O\nname: o\ncorrelation: {{type: temporal_ordered, rules: [a, c], timespan: 1m}}\n",
        rule("a")
    );
    let circle = "title: X\nname: x\ncorrelation: {type: temporal, rules: [y], timespan: 1m}\n";
    let files = [
        ("rules.yml", outer.clone()),
        ("b.yml", rule("b")),
        ("c.yml", counted.to_owned()),
        ("x.yml", circle.to_owned()),
        (
            "y.yml",
            circle.replace('x', "z").replace('y', "x").replace('z', "y"),
        ),
    ];
    let mut tuning = Tuning::default();
    for (path, text) in &files {
        tuning.elsewhere.ask(path.as_ref(), text);
    }
    for (path, text) in &files {
        tuning.elsewhere.answer(path.as_ref(), text.as_str());
    }
    let (rules, said) = import_among(&outer, &tuning);
    assert!(said.is_empty() && rules.len() == 1, "{said:?}");
    let event = |kind: &str| json!({"kind": kind});
    let events = [(0, event("a")), (1, event("b")), (2, event("b"))];
    assert_eq!(alerts(&rules[0], &events), [(2, Vec::new())]);
    assert!(alerts(&rules[0], &events[..2]).is_empty());
    for hidden in [rule("b"), counted.to_owned()] {
        let (rules, said) = import_among(&hidden, &tuning);
        assert!(said.is_empty() && rules.is_empty(), "{said:?}");
    }
    let (rules, said) = import_among(circle, &tuning);
    assert!(rules.is_empty() && said.len() == 1, "{said:?}");
    assert_eq!(said[0], "the rule `y` of another file cannot be read");
}

/// Seconds from the start of the year 1 to 2024.
const START: i64 = 63_839_664_000;

/// A case on fields that stand in a table: its file, and the rows.
fn in_table(case: &Case) -> Option<(String, Vec<Value>)> {
    let columns = [
        ("kind", "LogonProcessName"),
        ("outcome", "AuthenticationPackageName"),
        ("user", "TargetUserName"),
        ("host", "WorkstationName"),
    ];
    let file = case
        .file
        .replace("{category: test}", "{product: windows, service: security}");
    let file = columns.iter().fold(file, |file, (name, column)| {
        let word = regex::Regex::new(&format!(r"\b{name}\b")).unwrap();
        word.replace_all(&file, *column).into_owned()
    });
    let mut rows = Vec::new();
    for (at, event) in &case.events {
        let time = format!(
            "2024-01-01T{:02}:{:02}:{:02}Z",
            at / 3600,
            at / 60 % 60,
            at % 60
        );
        let mut row = json!({"TimeGenerated": time});
        for (name, value) in event.as_object()? {
            let (_, column) = columns.iter().find(|(known, _)| known == name)?;
            row[*column] = value.clone();
        }
        rows.push(row);
    }
    Some((file, rows))
}

/// The queries are read again, and their rows are the alerts. An order does not alert again while it is in its window.
#[test]
fn queries_find_the_same() {
    let target = rulec::backend::target("kql").unwrap();
    let mut judged = Vec::new();
    for case in cases() {
        let Some((file, rows)) = in_table(&case) else {
            continue;
        };
        let rule = rule(&file);
        let Some(correlation) = &rule.correlation else {
            continue;
        };
        let made = rulec::export(&rule, target);
        let Some(artifact) = made.artifacts.first() else {
            continue;
        };
        let query = artifact.text.replace("SecurityEvent", "Custom_CL");
        let read = crate::read_back::query(&query).unwrap();
        let pipeline = read
            .pipeline
            .unwrap_or_else(|| panic!("{:?}\n{query}", read.residue));
        let source = rulec::ir::LogSource::Unknown {
            format: "sentinel".to_owned(),
            name: "Custom_CL".to_owned(),
        };
        let table = eval::pipeline::rows(&pipeline, &[(source, rows)], Some(1_704_200_000_000_000));
        let table = table.unwrap_or_else(|reason| panic!("{reason:?}\n{query}"));
        let columns: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let mut found: Vec<(i64, Vec<String>)> = Vec::new();
        for row in &table.rows {
            let text = |column: &&&str| row[**column].as_str().unwrap_or_default().to_owned();
            let groups = columns
                .iter()
                .filter(|column| !["TimeGenerated", "Joined"].contains(column));
            let ticks = row["TimeGenerated"].as_i64().unwrap_or_default();
            found.push((
                ticks / 10_000_000 - START,
                groups.map(|column| text(&column)).collect(),
            ));
        }
        found.sort();
        if matches!(correlation.pattern, rulec::ir::Pattern::Sequence { .. }) {
            let all = found.iter().all(|alert| case.alerts.contains(alert));
            let whom = |alerts: &[(i64, Vec<String>)]| {
                let groups = alerts.iter().map(|(_, group)| group.clone());
                groups.collect::<std::collections::BTreeSet<Vec<String>>>()
            };
            assert!(all, "{}: {found:?}\n{query}", case.name);
            assert_eq!(whom(&found), whom(&case.alerts), "{}\n{query}", case.name);
        } else {
            assert_eq!(found, case.alerts, "{}\n{query}", case.name);
        }
        judged.push(case.name);
    }
    assert!(judged.len() >= 13, "{judged:?}");
}
