//! Questions that do not care whether a walk found one value or several.

use super::*;

#[test]
fn one_or_several_that_a_walk_finds_are_items_of_the_list() {
    let keys = ["protoPayload", "authorizationInfo", "permission"];
    let found = || walk(&keys, Literal::text(""), "all");
    let contains = |subject| {
        ask(
            subject,
            Operator::Contains,
            Object::Texts(vec!["a".to_owned()]),
        )
    };
    let are_several = || is(found(), &[Kind::List]);
    for asks in [
        &|subject| equals(subject, "a") as Condition,
        &contains as &dyn Fn(Term) -> Condition,
    ] {
        let either = are_several()
            .and(some(found(), asks(item(""))))
            .or(are_several().negate().and(asks(found())));
        assert_eq!(
            assumed(&either),
            some(field(LIST), asks(item("permission")))
        );
        let bare = some(found(), asks(item(""))).or(asks(found()));
        assert_eq!(assumed(&bare), some(field(LIST), asks(item("permission"))));
        assert_eq!(
            assumed(&bare.clone().negate()),
            some(field(LIST), asks(item("permission"))).negate()
        );
    }
    // Whether there are several is asked, or what stands for a missing one passes.
    let is_a = |subject| equals(subject, "a");
    for other in [
        is_a(found()),
        some(found(), is_a(item(""))),
        some(found(), is_a(item(""))).or(equals(found(), "b")),
        some(found(), equals(item(""), "")).or(equals(found(), "")),
        are_several()
            .and(is_a(field("protoPayload.methodName")))
            .or(is_a(found())),
    ] {
        assert_eq!(assumed(&other), other);
    }
    let last = || walk(&keys, Literal::text(""), "last");
    let other = some(last(), is_a(item(""))).or(is_a(last()));
    assert!(assumed(&other).to_string().contains("walk"));
}
