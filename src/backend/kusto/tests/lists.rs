//! Questions about the items of lists.

use super::{field, not, query, rule};
use crate::analysis::{Fidelity, Report};
use crate::ir::{
    Condition, FieldPath, Function, Kind, Literal, Object, Operator, Output, Predicate, Quantifier,
    Shared, Term,
};

pub(super) fn item(path: &str) -> Term {
    Term::Item {
        depth: 0,
        path: FieldPath::parse(path).unwrap(),
    }
}

pub(super) fn equals(subject: Term, value: impl Into<Literal>) -> Predicate {
    Predicate::new(subject, Operator::Equals, Object::Literal(value.into()))
}

fn items(quantifier: Quantifier, list: &str, body: impl Into<Condition>) -> Condition {
    Condition::Items {
        quantifier,
        list: field(list).into(),
        body: Shared::new(body.into()),
    }
}

pub(super) fn some(list: &str, body: impl Into<Condition>) -> Condition {
    items(Quantifier::Some, list, body)
}

pub(super) fn bucket() -> Condition {
    let kind = equals(item("type"), "AWS::S3::Bucket");
    Condition::from(kind).and(equals(item("accountId"), "1").into())
}

pub(super) fn written(condition: Condition) -> (String, Report) {
    let (text, report) = query(&rule(condition));
    let text = text.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    assert!(crate::syntax::kql::parse(&text).errors.is_empty(), "{text}");
    (text, report)
}

#[test]
fn what_is_asked_of_one_item_stays_tied_to_it() {
    let name: Condition = equals(field("eventName"), "x").into();
    let (text, report) = written(some("resources", bucket()).and(name));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where EventName == "x"
    | mv-apply Item = parse_json(Resources) on (
        where tostring(Item.type) == "AWS::S3::Bucket"
        | where tostring(Item.accountId) == "1"
        | take 1
    )
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
}

#[test]
fn a_value_that_may_be_no_list_is_asked_for_its_length() {
    let (text, _) = written(some("requestParameters.items", bucket()));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where array_length(parse_json(RequestParameters).items) > 0
    | mv-apply Item = parse_json(RequestParameters).items on (
        where tostring(Item.type) == "AWS::S3::Bucket"
        | where tostring(Item.accountId) == "1"
        | take 1
    )
    "#);
    let odd = not(equals(item("type"), "a"));
    let (text, _) = written(some("resources", odd));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where array_length(parse_json(Resources)) > 0
    | mv-apply Item = parse_json(Resources) on (
        where tostring(Item.type) != "a"
        | take 1
    )
    "#);
}

#[test]
fn a_question_within_others_is_answered_first() {
    let name: Condition = equals(field("eventName"), "x").into();
    let either = some("resources", bucket()).negate().or(name);
    let (text, report) = written(either);
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | mv-apply Item = iff(array_length(parse_json(Resources)) > 0, parse_json(Resources), dynamic([null])) on (
        summarize AnyItem = countif(tostring(Item.type) == "AWS::S3::Bucket" and tostring(Item.accountId) == "1") > 0
    )
    | where not(AnyItem) or EventName == "x"
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
    let every = items(Quantifier::Every, "resources", equals(item("type"), "a"));
    let (text, _) = written(every);
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where isnotempty(Resources)
    | mv-apply Item = iff(array_length(parse_json(Resources)) > 0, parse_json(Resources), dynamic([null])) on (
        summarize AnyItem = countif(tostring(Item.type) != "a") > 0
    )
    | where not(coalesce(array_length(parse_json(Resources)) > 0, false) and AnyItem)
    "#);
}

#[test]
fn one_of_some_texts_in_a_list_is_an_expression() {
    let list = "requestParameters.roles";
    let owner = || some(list, equals(item(""), "owner"));
    let (text, _) = written(owner());
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where set_has_element(parse_json(RequestParameters).roles, "owner")
    "#);
    let (text, _) = written(owner().negate());
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where not(coalesce(set_has_element(parse_json(RequestParameters).roles, "owner"), false))
    "#);
    let each = equals(field("requestParameters.roles[]"), "owner");
    assert_eq!(written(each.into()).0, written(owner()).0);
    let values = vec![Literal::text("a"), Literal::text("b")];
    let among = Predicate::new(item(""), Operator::In, Object::List(values));
    let (text, _) = written(some(list, among));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where array_length(set_intersect(parse_json(RequestParameters).roles, dynamic(["a", "b"]))) > 0
    "#);
}

#[test]
fn lists_in_lists_are_stages_in_stages() {
    let inner = Condition::Items {
        quantifier: Quantifier::Some,
        list: item("tags").into(),
        body: Shared::new(equals(item("key"), "a").into()),
    };
    let outer: Condition = equals(item("name"), "b").into();
    let (text, _) = written(some("requestParameters.items", outer.and(inner)));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where array_length(parse_json(RequestParameters).items) > 0
    | mv-apply Item = parse_json(RequestParameters).items on (
        where tostring(Item.name) == "b"
        | where array_length(Item.tags) > 0
        | mv-apply Item2 = Item.tags on (
            where tostring(Item2.key) == "a"
            | take 1
        )
        | take 1
    )
    "#);
}

#[test]
fn exactly_one_item_is_refused() {
    let (text, report) = query(&rule(items(Quantifier::One, "resources", bucket())));
    assert!(text.is_none());
    assert_eq!(report.condition(), Fidelity::Unsupported);
    let kinds = Object::Kinds(vec![Kind::List]);
    let list = Predicate::new(item("x"), Operator::IsKind, kinds);
    let (text, _) = written(some("resources", list));
    assert!(text.contains("gettype(Item.x)"), "{text}");
}

#[test]
fn what_is_made_of_one_item_is_asked_of_this_item() {
    let buckets = Term::Select {
        list: field("resources").into(),
        when: Condition::from(equals(item("type"), "AWS::S3::Object")).into(),
        item: item("ARN").into(),
    };
    let first = Term::call(
        Function::Item,
        [buckets, Term::Literal(Literal::Integer(0))],
    );
    let parts = Term::call(Function::Split, [first, Term::text("/")]);
    let name = Term::call(Function::Item, [parts, Term::Literal(Literal::Integer(1))]);
    let (text, report) = written(equals(name, "x").into());
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | mv-apply with_itemindex=ItemIndex Item = parse_json(Resources) on (
        where tostring(Item.type) == "AWS::S3::Object"
        | top 1 by ItemIndex asc
        | where tostring(split(tostring(Item.ARN), "/")[1]) == "x"
    )
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
}

#[test]
fn an_address_in_a_list_that_must_have_none_is_one_without_a_suffix() {
    let network = Object::Texts(vec!["10.0.0.0/8".to_owned()]);
    let own = Predicate::new(item(""), Operator::InNetwork, network);
    let asked = some("requestParameters.addresses", own);
    let (text, report) = written(asked.negate());
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | mv-apply Item = iff(array_length(parse_json(RequestParameters).addresses) > 0, parse_json(RequestParameters).addresses, dynamic([null])) on (
        summarize AnyItem = countif(ipv4_is_in_range(tostring(Item), "10.0.0.0/8") and tostring(Item) !contains_cs "/") > 0
    )
    | where not(AnyItem)
    "#);
    assert_ne!(report.condition(), Fidelity::Narrower);
}

#[test]
fn the_values_of_a_url_are_shown_and_not_compared() {
    let query_of = Term::call(Function::UrlPart, [field("eventName"), Term::text("query")]);
    let values = Term::call(Function::QueryValues, [query_of]);
    let values = Term::call(Function::MemberExact, [values, Term::text("s.p")]);
    let first = Term::call(Function::Item, [values, Term::Literal(Literal::Integer(0))]);
    let (text, _) = query(&rule(equals(first.clone(), "r")));
    assert_eq!(text, None);
    let mut shows = rule(equals(field("eventSource"), "x"));
    shows.outputs = vec![Output {
        name: "Permissions".to_owned(),
        source: first,
        when: None,
        stage: crate::ir::Stage::Extend,
        origin: shows.origin,
    }];
    let (text, report) = query(&shows);
    insta::assert_snapshot!(text.unwrap(), @r##"
    AWSCloudTrail
    | where EventSource == "x"
    | extend
        Permissions = url_decode(replace_string(extract(@"(?:^|&)s\.p=([^&]+)", 1, extract(@"^[^?#]*\?([^#]*)", 1, EventName)), "+", " "))
    "##);
    let shown = report
        .constructs
        .iter()
        .find(|one| one.what == "output Permissions");
    assert_eq!(shown.unwrap().fidelity, Fidelity::Narrower);
}

#[test]
fn a_list_that_is_made_of_items_is_counted_in_a_column() {
    let select = |taken: Term| Term::Select {
        list: field("resources").into(),
        when: Condition::from(equals(item("type"), "AWS::S3::Bucket")).into(),
        item: taken.into(),
    };
    let more = |list: Term| {
        let length = Term::call(Function::Length, [list]);
        let two = Object::Literal(Literal::Integer(2));
        Condition::from(Predicate::new(length, Operator::AtLeast, two))
    };
    let name: Condition = equals(field("eventName"), "x").into();
    let (text, report) = written(more(select(item("ARN"))).and(name));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | where EventName == "x"
    | mv-apply Item = iff(array_length(parse_json(Resources)) > 0, parse_json(Resources), dynamic([null])) on (
        where isnotnull(Item)
        | where tostring(Item.type) == "AWS::S3::Bucket"
        | summarize Resources2 = make_list(1)
    )
    | where array_length(Resources2) >= 2
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
    // Which of the values that are taken are the same a table does not tell where one may be missing.
    let distinct = Term::call(Function::Distinct, [select(item("ARN"))]);
    assert_eq!(query(&rule(more(distinct))).0, None);
    // A null passes where nothing is asked of the items, and a stage does not have it.
    let scalars = Term::Select {
        list: field("requestParameters.names").into(),
        when: Condition::from(equals(item(""), "x")).negate().into(),
        item: item("").into(),
    };
    assert_eq!(query(&rule(more(scalars))).0, None);
}
