//! What the types of a log source decide, and values in another form: every pair that is proved has one verdict on events of these
//! types.

use super::*;
use crate::ir::{Case, Shared};
use serde_json::{Value, json};

const LIST: &str = "protoPayload.authorizationInfo";
const NAMES: &str = "protoPayload.metadata.projectMetadataDelta.addedMetadataKeys";

/// Events of the types that the map of Google Cloud's audit log gives.
fn events() -> Vec<Value> {
    let infos = [
        json!(null),
        json!([]),
        json!([{}]),
        json!([{"permission": "a", "granted": true}]),
        json!([{"permission": "a"}, {"permission": "b", "granted": false}]),
        json!([{"permission": "a", "granted": false}, {"permission": "a", "granted": true}]),
        json!([{"permission": "a", "granted": true}, {"permission": "a"}]),
        json!([{"permission": "a", "granted": true}, {"permission": "a", "granted": null}]),
    ];
    let names = [json!(null), json!([]), json!(["x", "x"]), json!(["y", 1])];
    let mut events = vec![json!({}), json!({"protoPayload": null})];
    for info in &infos {
        for names in &names {
            let delta = json!({"projectMetadataDelta": {"addedMetadataKeys": names}});
            events.push(json!({"protoPayload": {
                "authorizationInfo": info,
                "metadata": delta,
                "methodName": names.get(0),
            }}));
        }
    }
    events
}

fn source<'w>() -> World<'w> {
    let source = Crosswalk::builtin().get("gcp.audit").unwrap();
    World {
        rule: Some((source, None)),
        read: Some((source, None)),
        ..World::default()
    }
}

/// Whether the conditions are proved equal; they have one verdict on all events where they are.
fn are_proved(first: &Condition, second: &Condition) -> bool {
    let proved = is_equal(first, second, source());
    for event in events().iter().filter(|_| proved) {
        let verdicts = [first, second].map(|condition| crate::eval::holds(condition, event));
        assert_eq!(verdicts[0], verdicts[1], "{first}\n{second}\n{event}");
    }
    proved
}

fn call(function: Function, arguments: impl Into<Vec<Term>>) -> Term {
    Term::call(function, arguments.into())
}

fn any_case(subject: Term, value: &str) -> Condition {
    let mut asked = Predicate::new(
        subject,
        Operator::Equals,
        Object::Literal(Literal::text(value)),
    );
    asked.case = crate::ir::CaseSensitivity::Insensitive;
    asked.into()
}

fn granted(value: bool) -> Condition {
    let value = Object::Literal(Literal::Boolean(value));
    asks(item("granted"), Operator::Equals, value)
}

fn item_exactly(key: &str) -> Term {
    Term::Item {
        depth: 0,
        path: FieldPath::root().exact(key),
    }
}

/// What is found of the permissions.
fn walk(which: &str, default: Literal) -> Term {
    let keys = ["protoPayload", "authorizationInfo", "permission"];
    let keys = keys.into_iter().map(Literal::text).collect();
    let arguments = [
        Term::Field(FieldPath::root()),
        Term::Literal(Literal::List(keys)),
        Term::Literal(default),
        Term::text(which),
    ];
    call(Function::Walk, arguments)
}

fn some_of(list: Term, body: Condition) -> Condition {
    Condition::Items {
        quantifier: Quantifier::Some,
        list: list.into(),
        body: body.into(),
    }
}

/// The last item with the permission has the rest, as a value that is chosen of it.
fn last(item: Term, operator: Operator, object: Object) -> Condition {
    let taken = Term::Select {
        list: field(LIST).into(),
        when: Shared::new(eq(self::item("permission"), "a")),
        item: Shared::new(item),
    };
    let at = Term::Literal(Literal::Integer(-1));
    asks(call(Function::Item, [taken, at]), operator, object)
}

#[test]
fn types_decide_what_items_are() {
    let whole = || item("");
    assert!(are_proved(
        &some(LIST, is(whole(), Kind::Object).negate()),
        &Condition::FALSE
    ));
    assert!(are_proved(
        &some(LIST, is(whole(), Kind::Object)),
        &there(field(LIST), Operator::IsTruthy)
    ));
    // A key of an item as the source spells it is that key.
    assert!(are_proved(
        &some(LIST, eq(item_exactly("permission"), "a")),
        &some(LIST, eq(item("permission"), "a"))
    ));
    assert!(!are_proved(
        &some(LIST, eq(item_exactly("Permission"), "a")),
        &some(LIST, eq(item("permission"), "a"))
    ));
    // Below a list is no key.
    let filled = || {
        call(
            Function::Coalesce,
            [field(LIST), Term::Literal(Literal::Null)],
        )
    };
    let key = call(Function::Member, [filled(), Term::text("permission")]);
    assert!(are_proved(&eq(key, "a"), &Condition::FALSE));
    // Nothing of this is known of another source.
    let odd = some("a", is(whole(), Kind::Object).negate());
    assert!(!are_equal(&odd, &Condition::FALSE));
}

#[test]
fn the_text_of_a_truth_value_is_the_value() {
    let text = || call(Function::ToText, [item("granted")]);
    let yes = some(LIST, granted(true));
    assert!(are_proved(&some(LIST, any_case(text(), "TRUE")), &yes));
    assert!(are_proved(&some(LIST, eq(text(), "true")), &yes));
    assert!(!are_proved(&some(LIST, eq(text(), "false")), &yes));
    assert!(are_proved(
        &some(LIST, eq(text(), "maybe")),
        &Condition::FALSE
    ));
    let filled = some(LIST, there(text(), Operator::IsPresent));
    assert!(!are_proved(&filled, &yes));
    assert!(are_proved(
        &some(LIST, texts(text(), Operator::Contains, &["e"])),
        &some(LIST, granted(true).or(granted(false)))
    ));
}

#[test]
fn the_text_of_a_list_begins_and_ends_with_a_bracket() {
    let text = || call(Function::ToText, [field(LIST)]);
    assert!(are_proved(&eq(text(), "a"), &Condition::FALSE));
    let ends = texts(text(), Operator::EndsWith, &["a", "true"]);
    assert!(are_proved(&ends, &Condition::FALSE));
    assert!(are_proved(&any_case(text(), "a"), &Condition::FALSE));
    for open in [
        eq(text(), "[]"),
        texts(text(), Operator::Contains, &["a"]),
        texts(text(), Operator::StartsWith, &["a", "[{"]),
        texts(text(), Operator::EndsWith, &["a", "]"]),
    ] {
        assert!(!are_proved(&open, &Condition::FALSE), "{open}");
    }
}

#[test]
fn a_truth_value_of_the_last_item_is_a_question_about_it() {
    let verdict = |value| Term::Literal(Literal::Boolean(value));
    let chosen = |when| Term::Choice {
        cases: vec![Case {
            when,
            then: verdict(true),
        }]
        .into(),
        otherwise: Shared::new(verdict(false)),
    };
    let is_true = || Object::Literal(Literal::Boolean(true));
    let asked = last(chosen(granted(true)), Operator::Equals, is_true());
    let truthy = last(item("granted"), Operator::IsTruthy, Object::None);
    assert!(are_proved(&truthy, &asked));
    let other = last(chosen(granted(false)), Operator::Equals, is_true());
    assert!(!are_proved(&truthy, &other));
    // What holds of a missing value, too, says nothing of an item that is there.
    let open = last(
        item("granted"),
        Operator::IsKind,
        Object::Kinds(vec![Kind::Null]),
    );
    assert!(!are_proved(&open, &Condition::FALSE));
}

#[test]
fn a_list_has_an_item_in_common_with_constants() {
    let wanted = Literal::List(vec![Literal::text("x"), Literal::text("z")]);
    let common = || {
        call(
            Function::Intersection,
            [field(NAMES), Term::Literal(wanted.clone())],
        )
    };
    let one = |value: &str| some(NAMES, eq(item(""), value));
    assert!(are_proved(
        &there(common(), Operator::IsTruthy),
        &one("x").or(one("z"))
    ));
    assert!(!are_proved(&there(common(), Operator::IsTruthy), &one("x")));
    assert!(are_proved(
        &is(common(), Kind::List),
        &is(field(NAMES), Kind::List)
    ));
    let each_once = || call(Function::Distinct, [field(NAMES)]);
    let of_once = |body| Condition::Items {
        quantifier: Quantifier::Some,
        list: each_once().into(),
        body: Shared::new(body),
    };
    assert!(are_proved(&of_once(eq(item(""), "x")), &one("x")));
    assert!(!are_proved(&of_once(eq(item(""), "x")), &one("y")));
    // One of two equal numbers may be left out.
    let whole = is(item(""), Kind::Integer);
    assert!(!are_proved(&of_once(whole.clone()), &some(NAMES, whole)));
}

#[test]
fn an_alert_shows_null_as_a_word() {
    let name = || field("protoPayload.methodName");
    let shown = || call(Function::DisplayEvent, [name()]);
    let asked = |subject| texts(subject, Operator::Contains, &["oauth"]);
    let no_text = there(name(), Operator::Exists).and(is(name(), Kind::Text).negate());
    assert!(are_proved(
        &no_text.clone().and(asked(shown())),
        &Condition::FALSE
    ));
    let none = texts(shown(), Operator::Contains, &["one"]);
    assert!(!are_proved(&no_text.and(none), &Condition::FALSE));
}

#[test]
fn the_first_of_a_walk_is_of_the_first_item() {
    let first = || field("protoPayload.authorizationInfo[0].permission");
    let is_a = |term| eq(term, "a");
    assert!(are_proved(
        &is_a(walk("first", Literal::text("-"))),
        &is_a(first())
    ));
    assert!(are_proved(
        &eq(walk("first", Literal::text("-")), "-"),
        &there(first(), Operator::IsPresent)
            .negate()
            .or(eq(first(), "-"))
    ));
    // Without a constant it is the first that has one; the last is the last that is new.
    assert!(!are_proved(
        &is_a(walk("first", Literal::Null)),
        &is_a(first())
    ));
    assert!(!are_proved(
        &is_a(walk("last", Literal::text("-"))),
        &is_a(first())
    ));
}

/// The value, or a constant in its place.
fn or_constant(value: Term) -> Term {
    let case = Case {
        when: there(value.clone(), Operator::IsPresent).negate(),
        then: Term::text("-"),
    };
    Term::Choice {
        cases: vec![case].into(),
        otherwise: value.into(),
    }
}

/// What a test sees of a list that holds these permissions, an item being left without one.
fn listing(permissions: &[Option<&str>]) -> serde_json::Value {
    let items = permissions.iter().map(|permission| match permission {
        Some(permission) => serde_json::json!({"permission": permission}),
        None => serde_json::json!({"granted": true}),
    });
    let items: Vec<serde_json::Value> = items.collect();
    serde_json::json!({"protoPayload": {"authorizationInfo": items}})
}

#[test]
fn the_last_of_a_walk_is_the_last_that_is_new() {
    let distinct = |when: Condition| {
        let texts = Term::Select {
            list: field(LIST).into(),
            when: when.into(),
            item: Shared::new(or_constant(item("permission"))),
        };
        let last = call(Function::Distinct, [texts]);
        call(Function::Item, [last, Term::Literal(Literal::Integer(-1))])
    };
    let filled = || there(field(LIST), Operator::IsTruthy);
    let last = || eq(walk("last", Literal::text("-")), "a");
    let of_all = filled().and(eq(distinct(Condition::TRUE), "a"));
    assert!(are_proved(&last(), &of_all));
    // Where the constant is asked for, a list without items has it as well.
    let constant = eq(walk("last", Literal::text("-")), "-");
    let of_none = eq(distinct(Condition::TRUE), "-");
    assert!(are_proved(
        &constant,
        &filled().and(of_none.clone()).or(filled().negate())
    ));
    assert!(!are_proved(&constant, &filled().and(of_none)));
    // Of some of the items another one may be the last.
    let of_some = distinct(eq(item("permission"), "b").negate());
    assert!(!are_proved(&last(), &filled().and(eq(of_some, "a"))));
    // What is proved is so by evaluation.
    let (a, b) = (Some("a"), Some("b"));
    for (permissions, is_last) in [
        (&[a][..], true),
        (&[b, a, b], true),
        (&[a, b, a], false),
        (&[a, None], false),
        (&[None, a, None], true),
        (&[], false),
    ] {
        let event = listing(permissions);
        assert_eq!(crate::eval::holds(&last(), &event), is_last, "{event}");
        assert_eq!(crate::eval::holds(&of_all, &event), is_last, "{event}");
    }
}

#[test]
fn what_is_selected_of_constants_is_known() {
    let null = Term::Literal(Literal::List(vec![Literal::Null, Literal::text("a")]));
    let is_there = || there(item(""), Operator::IsPresent);
    let select = |when: Condition| Term::Select {
        list: null.clone().into(),
        when: when.into(),
        item: Shared::new(or_constant(item(""))),
    };
    let first = |list: Term| call(Function::Item, [list, Term::Literal(Literal::Integer(0))]);
    assert!(are_proved(
        &eq(first(select(Condition::TRUE)), "-"),
        &Condition::TRUE
    ));
    assert!(are_proved(
        &eq(first(select(is_there())), "a"),
        &Condition::TRUE
    ));
    assert!(!are_proved(
        &eq(first(select(eq(field("x"), "y"))), "-"),
        &Condition::TRUE
    ));
}

#[test]
fn all_that_a_walk_finds_are_one_value_or_several() {
    let found = || walk("all", Literal::text("-"));
    let is_a = |term| eq(term, "a");
    let some_a = || some(LIST, is_a(item("permission")));
    let several = || is(found(), Kind::List);
    let listed = || some_of(found(), is_a(item("")));
    let one = || is_a(found());
    for (first, second, proved) in [
        (one().or(several().and(listed())), some_a(), true),
        (several().negate().and(one()).or(listed()), some_a(), true),
        (listed(), some_a().and(several()), true),
        (one(), some_a().and(several().negate()), true),
        (one(), some_a(), false),
        (listed(), some_a(), false),
        (
            eq(found(), "-").or(some_of(found(), eq(item(""), "-"))),
            some(LIST, eq(item("permission"), "-")),
            false,
        ),
    ] {
        assert_eq!(are_proved(&first, &second), proved, "{first}\n{second}");
    }
}

#[test]
fn a_list_whose_text_is_read_is_the_list() {
    let shown = || call(Function::ToText, [field(LIST)]);
    let filled = call(Function::Coalesce, [shown(), Term::text("")]);
    let read = |text: Term| call(Function::ParseJson, [text]);
    let has_a = |list| some_of(list, eq(item("permission"), "a"));
    assert!(are_proved(&has_a(read(shown())), &has_a(field(LIST))));
    assert!(are_proved(
        &has_a(read(filled.clone())),
        &has_a(field(LIST))
    ));
    // Of `null` nothing is read.
    let exists = |term| there(term, Operator::Exists);
    assert!(!are_proved(
        &exists(read(filled.clone())),
        &exists(field(LIST))
    ));
    let present = there(field(LIST), Operator::IsPresent);
    assert!(are_proved(&exists(read(filled)), &present));
    // The text of a text is no JSON of it.
    let name = || field("protoPayload.methodName");
    let text = read(call(Function::ToText, [name()]));
    assert!(!are_proved(&exists(text), &exists(name())));
}

#[test]
fn a_key_of_a_list_has_no_value() {
    let below = field(&format!("{LIST}.permission"));
    assert!(are_proved(&eq(below.clone(), "a"), &Condition::FALSE));
    assert!(are_proved(
        &there(below, Operator::Exists),
        &Condition::FALSE
    ));
    let other = field(&format!("{LIST}[0].permission"));
    assert!(!are_proved(&eq(other, "a"), &Condition::FALSE));
}

#[test]
fn a_list_that_is_written_out_is_asked_item_by_item() {
    let list = |items: Vec<Literal>| Term::Literal(Literal::List(items));
    let name = || field("protoPayload.methodName");
    let pair = |value| eq(item(""), value).and(eq(name(), value));
    let both = || list(vec![Literal::Null, Literal::text("x"), Literal::text("y")]);
    let either = eq(name(), "x").or(eq(name(), "y"));
    let asked = some_of(both(), pair("x").or(pair("y")).or(pair("z")));
    assert!(are_proved(&asked, &either));
    assert!(!are_proved(&asked, &eq(name(), "x")));
    let null = || list(vec![Literal::Null]);
    assert!(are_proved(
        &some_of(null(), eq(item(""), "x")),
        &Condition::FALSE
    ));
    assert!(are_proved(
        &some_of(null(), is(item(""), Kind::Null)),
        &Condition::TRUE
    ));
    let every = |list: Term| Condition::Items {
        quantifier: Quantifier::Every,
        list: list.into(),
        body: eq(item(""), "x").into(),
    };
    assert!(are_proved(&every(list(Vec::new())), &Condition::TRUE));
    assert!(are_proved(&every(null()), &Condition::FALSE));
    assert!(are_proved(&every(Term::text("x")), &Condition::FALSE));
}

#[test]
fn nothing_in_place_of_what_is_made_of_no_list_is_said_already() {
    let pairs = || Term::call(Function::Entries, [field("unmapped.a")]);
    let lists = || Term::Select {
        list: pairs().into(),
        when: Condition::TRUE.into(),
        item: Term::call(Function::List, [item("[0]")]).into(),
    };
    let all = || Term::call(Function::Flatten, [lists()]);
    let where_not = |kind: Kind, made: Term| {
        let kinds = Object::Kinds(vec![kind]);
        let is_kind = Predicate::new(field("unmapped.a"), Operator::IsKind, kinds);
        Term::Choice {
            cases: vec![Case {
                when: Condition::from(is_kind).negate(),
                then: Term::call(
                    Function::Item,
                    [
                        Term::Literal(Literal::List(vec![])),
                        Term::Literal(Literal::Integer(0)),
                    ],
                ),
            }]
            .into(),
            otherwise: made.into(),
        }
    };
    let has_x = |list| some_of(list, eq(item(""), "x"));
    assert!(are_proved(
        &has_x(where_not(Kind::Object, all())),
        &has_x(all())
    ));
    assert!(!are_proved(
        &has_x(where_not(Kind::List, all())),
        &has_x(all())
    ));
}
