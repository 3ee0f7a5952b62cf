//! What Sigma says over several documents and files: filters, placeholders, collections of Sigma 1, and how keywords are written
//! again.

use std::path::Path;

use indexmap::IndexMap;
use rulec::diagnostic::{Code, Diagnostics};
use rulec::frontend::{Memory, Tuning};
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::Sources;
use rulec::{Environment, eval, import_with};
use serde_json::{Value, json};

fn read(text: &str, tuning: &Tuning) -> (Vec<Rule>, Diagnostics) {
    let files: IndexMap<std::path::PathBuf, Vec<u8>> = IndexMap::new();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rules.yml", text);
    let environment = Environment {
        loader: &files,
        memory: &Memory::default(),
        crosswalk: Crosswalk::builtin(),
        tuning,
    };
    let found = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    (found.rules, diagnostics)
}

fn rules(text: &str) -> Vec<Rule> {
    let (rules, diagnostics) = read(text, Tuning::none());
    let said: Vec<&str> = diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert!(said.is_empty(), "{said:?}");
    rules
}

const RULE: &str = "title: A\nid: 0e95725d-7320-415d-80f7-004da920fc11\nname: a\nlogsource: {product: acme, service: web}\ndetection:\n  s: {f: x}\n  condition: s or s\n";

fn filter(rules: &str, condition: &str) -> String {
    format!(
        "title: No admins\nlogsource: {{product: acme}}\nfilter:\n  rules: {rules}\n  s: {{user|startswith: adm_}}\n  condition: {condition}\n"
    )
}

fn verdicts(rule: &Rule) -> [bool; 2] {
    ["adm_1", "ana"].map(|user| eval::matches(rule, &json!({"f": "x", "user": user})))
}

#[test]
fn a_filter_of_the_file_narrows_the_rules_that_it_names() {
    for (named, condition, expected) in [
        (
            "[0E95725D-7320-415d-80f7-004da920fc11]",
            "not s",
            [false, true],
        ),
        ("a", "not 1 of them", [false, true]),
        ("any", "not s", [false, true]),
        ("[]", "s", [true, false]),
        ("[b, a]", "s", [true, false]),
        ("[b]", "s", [true, true]),
    ] {
        let found = rules(&format!("{RULE}---\n{}", filter(named, condition)));
        assert_eq!(found.len(), 1);
        assert_eq!(verdicts(&found[0]), expected, "{named} {condition}");
    }
    let elsewhere = filter("any", "not s").replace("product: acme", "product: other");
    let found = rules(&format!("{RULE}---\n{elsewhere}"));
    assert_eq!(verdicts(&found[0]), [true, true]);
}

#[test]
fn a_filter_of_another_file_narrows_and_what_it_misses_is_told() {
    let mut tuning = Tuning::default();
    let text = filter("[a, gone]", "not s");
    tuning.filters.add(Path::new("filter.yml"), text.as_str());
    let (found, diagnostics) = read(RULE, &tuning);
    assert!(diagnostics.is_empty());
    assert_eq!(verdicts(&found[0]), [false, true]);
    let unused = tuning.filters.unused();
    let told: Vec<&str> = unused.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        told,
        ["`filter.yml`: no rule is called `gone`, which the filter `No admins` names"]
    );
    let mut broken = Tuning::default();
    broken
        .filters
        .add(Path::new("filter.yml"), filter("a", "not t"));
    let (found, diagnostics) = read(RULE, &broken);
    assert!(found.is_empty() && diagnostics.has_errors());
}

#[test]
fn a_filter_that_leaves_nothing_out_is_warned_of() {
    let warned = |text: &str| {
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let id = sources.add("filter.yml", text);
        rulec::check(id, None, &sources, &mut diagnostics);
        diagnostics
            .iter()
            .filter(|one| one.code == Code::SigmaFilter)
            .count()
    };
    assert_eq!(warned(&filter("a", "s")), 1);
    assert_eq!(warned(&filter("a", "not s")), 0);
}

#[test]
fn placeholders_stand_for_the_values_that_are_given() {
    let mut tuning = Tuning::default();
    tuning
        .placeholders
        .give("names", ["adm_*".to_owned(), "root".to_owned()]);
    tuning.placeholders.give("tools", ["nc".to_owned()]);
    for (item, value, expected) in [
        ("f|expand: '%names%'", "ADM_1", true),
        ("f|expand: '%names%'", "user", false),
        ("f|expand|contains: 'x%tools%y'", "axncyb", true),
        ("f|expand: '\\%names%'", "%names%", true),
        ("f|expand: '%names%-%tools%'", "root-nc", true),
        ("f|re|expand: '^%tools%$'", "nc", true),
        ("f|expand: '100%'", "100%", true),
    ] {
        let text = format!(
            "title: A\nlogsource: {{product: acme}}\ndetection:\n  s: {{{item}}}\n  condition: s\n"
        );
        let (found, diagnostics) = read(&text, &tuning);
        assert!(diagnostics.is_empty(), "{item}");
        let verdict = eval::matches(&found[0], &json!({"f": value}));
        assert_eq!(verdict, expected, "{item} {value}");
    }
    let text = "title: A\nlogsource: {product: acme}\ndetection:\n  s: {f|expand: '%name%'}\n  condition: s\n";
    let (found, diagnostics) = read(text, &tuning);
    assert!(found.is_empty());
    let error = diagnostics.iter().next().unwrap();
    assert_eq!(error.code, Code::SigmaPlaceholder);
    assert!(
        error
            .help
            .as_deref()
            .unwrap_or("")
            .contains("did you mean `%names%`")
    );
}

#[test]
fn a_collection_is_put_together() {
    let text = "action: global\ntitle: G\ndetection: {condition: s}\n---\nlogsource: {product: p}\ndetection: {s: {f: a}}\n---\naction: repeat\ndetection: {s: {f: b}}\n---\naction: reset\n---\ntitle: Alone\nlogsource: {product: q}\ndetection: {s: {f: c}, condition: s}\n";
    let found = rules(text);
    let shown: Vec<(&str, String)> = found
        .iter()
        .map(|rule| (rule.metadata.name.as_str(), rule.selection.to_string()))
        .collect();
    let line = |value: &str| format!("f in [\"{value}\"] (any case)");
    assert_eq!(
        shown,
        [("G", line("a")), ("G", line("b")), ("Alone", line("c"))]
    );
}

#[test]
fn ranges_averages_and_aliases_are_thresholds() {
    let correlation = |section: &str| {
        let text = format!(
            "{RULE}---\ntitle: C\nid: 9f8a1b52-3c74-4b11-b0e5-1c9f3f3ad001\ncorrelation: {section}\n"
        );
        rules(&text).pop().unwrap()
    };
    let events = |values: &[i64]| -> Vec<(i64, Value)> {
        let event = |n: &i64| json!({"f": "x", "n": n, "u": "a"});
        (0..).zip(values.iter().map(event)).collect()
    };
    let range =
        correlation("{type: event_count, rules: [a], timespan: 1m, condition: {gt: 1, lte: 3}}");
    assert_eq!(range.threshold.as_ref().unwrap().bounds(), ">= 2 and <= 3");
    assert!(eval::alerts(&range, &events(&[1])).is_empty());
    assert_eq!(eval::alerts(&range, &events(&[1, 1, 1])).len(), 2);
    let average = correlation(
        "{type: value_avg, rules: [a], group-by: [u], timespan: 1m, condition: {field: n, gt: 1.5}}",
    );
    assert!(eval::alerts(&average, &events(&[1, 2])).is_empty());
    let alerts = eval::alerts(&average, &events(&[1, 2, 3]));
    assert_eq!(
        alerts.iter().map(|alert| alert.at).collect::<Vec<i64>>(),
        [2]
    );
    let percentile = correlation(
        "{type: value_percentile, rules: [a], timespan: 1m, condition: {field: n, percentile: 50, gte: 3}}",
    );
    assert_eq!(eval::alerts(&percentile, &events(&[5, 1, 3])).len(), 2);
    for rule in [range, average, percentile] {
        let target = rulec::backend::target("sigma").unwrap();
        let written = &rulec::export(&rule, target).artifacts[0].text;
        let back = rules(written).pop().unwrap();
        if rule.threshold.as_ref().is_some_and(|it| it.also.is_some()) {
            // pySigma takes one comparison; a range is its counts.
            for count in 0..6 {
                let events = events(&vec![1; count]);
                let (first, again) = (eval::alerts(&rule, &events), eval::alerts(&back, &events));
                assert_eq!(first, again, "{written}");
            }
            continue;
        }
        assert_eq!(back.threshold, rule.threshold, "{written}");
    }
}

#[test]
fn an_alias_is_the_field_of_the_rule_that_selects() {
    let other = RULE
        .replace("name: a", "name: b")
        .replace("f: x", "f: y")
        .replace("fc11", "fc12");
    let text = format!(
        "{RULE}---\n{other}---\ntitle: C\ncorrelation:\n  type: event_count\n  rules: [a, b]\n  group-by: [ip]\n  timespan: 1m\n  condition: {{gte: 2}}\n  aliases: {{ip: {{a: src, b: dst}}}}\n"
    );
    let rule = rules(&text).pop().unwrap();
    let events = [
        (0, json!({"f": "x", "src": "1", "dst": "2"})),
        (1, json!({"f": "y", "src": "2", "dst": "1"})),
        (2, json!({"f": "y", "src": "1", "dst": "3"})),
    ];
    let alerts = eval::alerts(&rule, &events);
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].group, ["1"]);
}

#[test]
fn keywords_and_parts_of_a_time_are_written_again() {
    for detection in [
        "s: [EVIL, 'ev*ce', 'a?']\n  condition: s",
        "s: {'|all': [aa, bb]}\n  condition: s",
        "s: {'|re': ['^a', b]}\n  t: {'|cased': Ab}\n  condition: s and not t",
        "s: {'|startswith': ab, f: x}\n  condition: s",
        "s: [abc, {f: x}]\n  k: ['\\*x', '4625']\n  condition: s and k",
        "s: {f|hour: [3, 4], f|week: 2}\n  condition: s",
        "s: {f|fieldref|endswith: g}\n  condition: s",
        "s: '*'\n  condition: s",
    ] {
        let text = format!(
            "title: A\nid: 0e95725d-7320-415d-80f7-004da920fc11\nlogsource: {{product: acme}}\ndetection:\n  {detection}\n"
        );
        let rule = normalize(rules(&text).pop().unwrap());
        let target = rulec::backend::target("sigma").unwrap();
        let translation = rulec::export(&rule, target);
        let fidelities = &translation.report.constructs;
        assert!(
            fidelities
                .iter()
                .all(|one| one.fidelity == rulec::analysis::Fidelity::Exact),
            "{detection}: {fidelities:?}"
        );
        let written = &translation.artifacts[0].text;
        let back = normalize(rules(written).pop().unwrap());
        assert_eq!(back.selection, rule.selection, "{written}");
    }
}
