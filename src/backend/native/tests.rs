//! Short rules and the Rust that becomes of them; every operator.

use serde_json::{Value, json};

use super::{Native, helpers};
use crate::analysis::Fidelity;
use crate::backend::{Backend, Context, Templates, Translation};
use crate::ir::{
    Condition, FieldPath, Literal, LogSource, Metadata, OPERATORS, Object, Operator, Origin,
    Predicate, Rule, RuleTest, Shared, Term, sample,
};
use crate::schema::Crosswalk;

fn rule(selection: Condition) -> Rule {
    let mut rule = Rule::new(Metadata {
        id: "Test.Rule".to_owned(),
        name: "A rule".to_owned(),
        ..Metadata::default()
    });
    rule.log_sources.push(LogSource::known("aws.cloudtrail"));
    rule.selection = selection;
    rule
}

fn emit(rule: &Rule) -> Translation {
    let templates = Templates::builtin();
    Native.emit(rule, &Context::new(Crosswalk::builtin(), &templates))
}

fn module(rule: &Rule) -> String {
    emit(rule).artifacts[0].text.clone()
}

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn texts(texts: &[&str]) -> Object {
    Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn every_operator_is_spelled() {
    assert_eq!(Native.support().len(), OPERATORS.len());
    for info in OPERATORS {
        let translation = emit(&rule(
            sample(info.operator, field("userIdentity.arn")).into(),
        ));
        assert_eq!(translation.artifacts.len(), 2, "{}", info.name);
        assert_eq!(translation.report.worst(), Fidelity::Exact, "{}", info.name);
    }
}

#[test]
fn a_condition_is_an_expression_over_variables() {
    let selection = Condition::All(
        vec![
            Predicate::new(
                field("errorCode"),
                Operator::Equals,
                Object::Literal(Literal::text("AccessDenied")),
            )
            .into(),
            Condition::Not(Shared::new(
                Predicate::new(field("userAgent"), Operator::StartsWith, texts(&["AWS"]))
                    .ignore_case()
                    .into(),
            )),
            Predicate::new(field("list[].k"), Operator::IsFilled, Object::None).into(),
        ]
        .into(),
    );
    let text = module(&rule(selection));
    let body = &text
        [text.find("/// Whether the rule").unwrap()..text.find("/// The value of a key").unwrap()];
    insta::assert_snapshot!(body, @r#"
    /// Whether the rule selects the event.
    pub fn matches(event: &Value) -> bool {
        let error_code = field(event, &["errorCode"]);
        let user_agent = field(event, &["userAgent"]);
        let user_agent_2 = lowercase(user_agent);
        let list = field(event, &["list"]);
        text(error_code) == Some("AccessDenied")
            && !starts_with(user_agent_2.as_ref(), &["aws"])
            && some(list, |item| item_check(item))
    }

    fn item_check(item: &Value) -> bool {
        let k = field(item, &["k"]);
        is_filled(k)
    }
    "#);
}

#[test]
fn a_module_has_only_what_it_needs() {
    let text = module(&rule(
        Predicate::new(field("a"), Operator::IsIpAddress, Object::None).into(),
    ));
    assert!(
        text.contains("fn is_ip(")
            && text.contains("fn address(")
            && !text.contains("fn wildcard(")
    );
    assert!(text.contains("use std::net::{IpAddr, Ipv6Addr};") && !text.contains("regex"));
    assert!(helpers::all().len() > 40);
}

#[test]
fn the_json_is_the_rule() {
    let mut rule = rule(Predicate::new(field("a"), Operator::Exists, Object::None).into());
    rule.tests.push(RuleTest {
        name: "it's \"here\"".to_owned(),
        event: json!({"a": "\u{202e}\"#"}),
        expected: true,
        origin: Origin::default(),
    });
    let translation = emit(&rule);
    let form: Value = serde_json::from_str(&translation.artifacts[1].text).unwrap();
    assert_eq!(form["rulec"], 1);
    assert_eq!(
        serde_json::from_value::<Rule>(form["rule"].clone()).unwrap(),
        rule
    );
    let text = &translation.artifacts[0].text;
    assert!(text.contains("fn it_s_here()") && text.contains("r##\"{") && text.contains("\\u202e"));
}
