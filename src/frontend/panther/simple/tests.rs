//! Simple detections from their YAML: verdicts, what the alert says, and what is refused where.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::diagnostic::Diagnostics;
use crate::eval;
use crate::ir::{Rule, Term};
use crate::source::{NoFiles, Sources};

const HEAD: &str = "AnalysisType: rule\nRuleID: A.B\nSeverity: High\nLogTypes: [X.Y]\n";

/// The rule, and each message with the text it points at.
fn import(text: &str) -> (Option<Rule>, Vec<String>) {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("a.yml", text);
    let mut rules = crate::import(id, None, &mut sources, &NoFiles, &mut diagnostics);
    let messages = diagnostics.iter().map(|diagnostic| {
        let at = diagnostic.labels.first();
        let at = at.map_or("", |label| sources.text(label.span));
        format!("{} @ {at}", diagnostic.message)
    });
    (rules.pop(), messages.collect())
}

fn read(rest: &str) -> Rule {
    let (rule, messages) = import(&format!("{HEAD}{rest}"));
    assert_eq!(messages, [""; 0], "{rest}");
    rule.unwrap()
}

#[derive(Deserialize)]
struct Case {
    detection: Value,
    #[serde(default)]
    holds: Vec<Value>,
    #[serde(default)]
    fails: Vec<Value>,
}

#[test]
fn verdicts() {
    let cases: Vec<Case> = crate::syntax::yaml::data(include_str!("cases.yml")).unwrap();
    for case in cases {
        let rule = read(&format!("Detection: {}\n", case.detection));
        let events = case.holds.iter().map(|event| (event, true));
        for (event, expected) in events.chain(case.fails.iter().map(|event| (event, false))) {
            let normal = crate::normalize::normalize(rule.clone());
            for rule in [&rule, &normal] {
                let verdict = eval::matches(rule, event);
                assert_eq!(verdict, expected, "{} on {event}", case.detection);
            }
        }
    }
}

#[test]
fn what_the_alert_says() {
    let rule = read(
        "Detection: [{Condition: AlwaysTrue}]\n\
         AlertTitle: '{a.b} did it'\n\
         AlertContext: [{KeyName: who, KeyValue: {KeyPath: a.b}}]\n\
         GroupBy: [{Key: c}, {DeepKey: [d, 0]}]\n\
         DynamicSeverities: [{ChangeTo: Low, Conditions: [{Key: c, Condition: Exists}]}]\n\
         Threshold: 5\n",
    );
    let alert = &rule.alert;
    let shown = |term: &Option<Term>| term.as_ref().unwrap().to_string();
    assert_eq!(shown(&alert.title), "a.b + \" did it\"");
    assert_eq!(shown(&alert.dedup), "c + \":\" + d[0]");
    assert_eq!(shown(&alert.severity), "\"low\" if c exists, else \"high\"");
    assert_eq!(rule.outputs[0].to_string(), "who = a.b");
    let groups = &rule.threshold.unwrap().group_by;
    assert_eq!(groups, &[Term::field(["c"]), "d[0]".parse_field()]);
}

trait ParseField {
    fn parse_field(&self) -> Term;
}

impl ParseField for str {
    fn parse_field(&self) -> Term {
        Term::Field(crate::ir::FieldPath::parse(self).unwrap())
    }
}

#[test]
fn inline_filters_narrow_both_kinds_of_rule() {
    let rule = read(
        "Detection: [{Key: a, Condition: Exists}]\n\
         InlineFilters: [{All: []}, {KeyPath: b, Condition: Equals, Value: 1}]\n",
    );
    assert!(eval::matches(&rule, &serde_json::json!({"a": 1, "b": 1})));
    // An event without the field passes the filter, one with another value does not.
    assert!(eval::matches(&rule, &serde_json::json!({"a": 1})));
    assert!(!eval::matches(
        &rule,
        &serde_json::json!({"a": 1, "b": null})
    ));
    let text =
        format!("{HEAD}Filename: a.py\nInlineFilters: [{{KeyPath: b, Condition: IsNotNull}}]\n");
    let python = "def rule(event):\n    return event.get('a') == 1\n";
    let files: IndexMap<std::path::PathBuf, Vec<u8>> =
        [("a.py".into(), python.as_bytes().to_vec())].into();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("a.yml", text);
    let rules = crate::import(id, None, &mut sources, &files, &mut diagnostics);
    assert!(eval::matches(
        &rules[0],
        &serde_json::json!({"a": 1, "b": 1})
    ));
    assert!(!eval::matches(
        &rules[0],
        &serde_json::json!({"a": 1, "b": null})
    ));
    assert!(
        rules[0].preserved.keys.is_empty(),
        "the filter is part of the rule now"
    );
}

#[test]
fn what_is_not_understood_is_named_at_its_key() {
    for (detection, message) in [
        ("{}", "match expressions must be a list @ Detection"),
        ("[1]", "a match expression must be a mapping @ 1"),
        (
            "[{Key: a}]",
            "a match expression must have a `Condition` @ Key: a",
        ),
        (
            "[{Key: a, Condition: Equal, Value: 1}]",
            "the condition `Equal` is not known @ Condition",
        ),
        (
            "[{Key: a, Condition: Equals}]",
            "this condition takes a `Value` @ Condition",
        ),
        (
            "[{Key: a, Condition: Equals, Value: {}}]",
            "a value must be a text, a number or a truth value @ Value",
        ),
        (
            "[{Key: a, KeyPath: b, Condition: Exists}]",
            "an expression must name one field @ KeyPath",
        ),
        (
            "[{KeyPath: 'a[', Condition: Exists}]",
            "`a[` lacks a `]` @ KeyPath",
        ),
        ("[{Any: [], Key: a}]", "`Any` must stand alone @ Key"),
        (
            "[{Condition: Equals, Values: [{Key: a}]}]",
            "an expression without a field must compare two of them @ Values",
        ),
        (
            "[{Key: a, Condition: AnyElement}]",
            "a condition on elements takes `Expressions` @ Key: a, Condition: AnyElement",
        ),
        (
            "[{KeyPath: 'a[*].b', Condition: NoElement, Expressions: []}]",
            "a condition on elements takes one list, not one per item @ KeyPath",
        ),
        (
            "[{Condition: AlwaysTrue, Value: 1}]",
            "a condition that is always the same takes nothing else @ Value",
        ),
    ] {
        let (rule, messages) = import(&format!("{HEAD}Detection: {detection}\n"));
        assert!(rule.is_none(), "{detection}");
        assert!(
            messages.len() == 1
                && messages[0]
                    .trim_start_matches('{')
                    .starts_with(message.split(" @ ").next().unwrap()),
            "{detection}: {messages:?}"
        );
        let at = messages[0].rsplit(" @ ").next().unwrap();
        let wanted = message.rsplit(" @ ").next().unwrap();
        assert_eq!(at.trim_matches(['{', '}']), wanted, "{detection}");
    }
}

#[test]
fn what_expands_too_far_is_refused() {
    let mut expression = "{Key: a, Condition: Exists}".to_owned();
    for _ in 0..12 {
        expression = format!("{{OnlyOne: [{expression}, {expression}]}}");
    }
    let (rule, messages) = import(&format!("{HEAD}Detection: [{expression}]\n"));
    assert!(rule.is_none());
    assert!(messages[0].contains("smaller condition"), "{}", messages[0]);
}
