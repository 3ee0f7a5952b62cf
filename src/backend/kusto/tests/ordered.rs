//! Questions about the first or the last item of a list that has something.

use super::lists::{bucket, equals, item, some, written};
use super::{field, not, query, rule};
use crate::analysis::Fidelity;
use crate::ir::{Condition, Function, Literal, Object, Operator, Predicate, Term};

/// The item of those that are buckets, `made` of it, at the position.
fn chosen(made: Term, position: i64) -> Term {
    let select = Term::Select {
        list: field("resources").into(),
        when: bucket().into(),
        item: made.into(),
    };
    let position = Term::Literal(Literal::Integer(position));
    Term::call(Function::Item, [select, position])
}

#[test]
fn one_item_is_left_before_it_is_asked() {
    let (text, report) = written(equals(chosen(item("accountId"), 0), "1").into());
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | mv-apply with_itemindex=ItemIndex Item = parse_json(Resources) on (
        where tostring(Item.type) == "AWS::S3::Bucket"
        | where tostring(Item.accountId) == "1"
        | top 1 by ItemIndex asc
        | where tostring(Item.accountId) == "1"
    )
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
}

#[test]
fn what_is_asked_of_a_missing_item_is_answered_for_every_row() {
    let last = equals(chosen(item("accountId"), -1), "1");
    let (text, report) = written(not(last));
    insta::assert_snapshot!(text, @r#"
    AWSCloudTrail
    | mv-apply with_itemindex=ItemIndex Item = iff(array_length(parse_json(Resources)) > 0, parse_json(Resources), dynamic([null])) on (
        where tostring(Item.type) == "AWS::S3::Bucket"
        | where tostring(Item.accountId) == "1"
        | top 1 by ItemIndex desc
        | summarize AnyItem = countif(tostring(Item.accountId) == "1") > 0
    )
    | where not(AnyItem)
    "#);
    assert_eq!(report.condition(), Fidelity::Exact);
}

#[test]
fn an_item_that_the_chosen_one_shows_to_be_there_is_not_asked_for() {
    let named = Condition::from(equals(chosen(item("accountId"), 0), "1"));
    let (text, _) = written(some("resources", bucket()).and(named.clone()));
    assert_eq!(text, written(named).0);
}

#[test]
fn a_guard_that_no_table_answers_is_told() {
    let second = Term::Literal(Literal::Integer(1));
    let Term::Call { arguments, .. } = chosen(item("accountId"), 0) else {
        panic!("it is a call");
    };
    let one = Term::call(Function::Item, [arguments[0].clone(), second]);
    let guard = Predicate::new(one, Operator::Equals, Object::Literal(true.into()));
    let name = Condition::from(equals(field("eventName"), "x"));
    let (text, report) = written(name.clone().and(not(guard.clone().implied())));
    assert_eq!(text, "AWSCloudTrail\n| where EventName == \"x\"\n");
    assert_eq!(report.condition(), Fidelity::Wider);
    // What the author asks is never left out.
    assert!(
        query(&rule(name.clone().and(not(guard.clone()))))
            .0
            .is_none()
    );
    // Nor is all that there is.
    assert!(query(&rule(not(guard.implied()))).0.is_none());
}

#[test]
fn parts_are_the_same_from_the_end_that_they_are_counted_from() {
    let part = |function, count: i64, at: i64| {
        let whole = |number| Term::Literal(Literal::Integer(number));
        let parts = [field("eventName"), Term::text("."), whole(count)];
        let item = Term::call(Function::Item, [Term::call(function, parts), whole(at)]);
        query(&rule(equals(item, "x"))).0
    };
    let split = |at: i64| {
        format!("AWSCloudTrail\n| where tostring(split(EventName, \".\")[{at}]) == \"x\"\n")
    };
    assert_eq!(part(Function::SplitLast, 1, -1), Some(split(-1)));
    assert_eq!(part(Function::SplitFirst, 2, 1), Some(split(1)));
    // The rest is in one piece.
    assert_eq!(part(Function::SplitLast, 1, 0), None);
    let rest = "AWSCloudTrail\n| where extract(@\"(?s)^.*?\\.(.*)$\", 1, EventName) == \"x\"\n";
    assert_eq!(part(Function::SplitFirst, 1, 1).as_deref(), Some(rest));
}

#[test]
fn a_text_is_looked_for_in_another_one() {
    let ask = |operator| {
        let object = Object::Term(field("userIdentity.userName").into());
        let predicate = Predicate::new(field("userIdentity.arn"), operator, object);
        query(&rule(predicate)).0.unwrap()
    };
    assert_eq!(
        ask(Operator::EndsWith),
        "AWSCloudTrail\n| where isnotempty(UserIdentityUserName) and UserIdentityArn endswith_cs UserIdentityUserName\n"
    );
}
