//! Conditions and what a source's types make of them, compared on events of these types.

mod made;
mod several;

use serde_json::{Value, json};

use super::*;
use crate::eval;
use crate::schema::Crosswalk;

const LIST: &str = "protoPayload.authorizationInfo";

/// Events of the types that the map of Google Cloud's audit log gives.
fn events() -> Vec<Value> {
    let lists = [
        None,
        Some(json!(null)),
        Some(json!([])),
        Some(json!([{}])),
        Some(json!([{"permission": "a", "granted": true}])),
        Some(json!([{"permission": "a"}, {"permission": "b", "granted": false}])),
        Some(json!([{"permission": "a"}, {"permission": "a"}, {"permission": null}])),
        Some(json!([{"permission": "b"}])),
    ];
    let names = [None, Some(json!(null)), Some(json!("")), Some(json!("a"))];
    let mut events = Vec::new();
    for list in &lists {
        for name in &names {
            let mut payload = serde_json::Map::new();
            payload.extend(
                list.clone()
                    .map(|list| ("authorizationInfo".to_owned(), list)),
            );
            payload.extend(name.clone().map(|name| ("methodName".to_owned(), name)));
            events.push(json!({"protoPayload": payload}));
        }
    }
    events.push(json!({}));
    events
}

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn item(path: &str) -> Term {
    Term::Item {
        depth: 0,
        path: FieldPath::parse(path).unwrap(),
    }
}

fn ask(subject: Term, operator: Operator, object: Object) -> Condition {
    Predicate::new(subject, operator, object).into()
}

fn is(subject: Term, kinds: &[Kind]) -> Condition {
    ask(subject, Operator::IsKind, Object::Kinds(kinds.to_vec()))
}

fn equals(subject: Term, value: impl Into<Literal>) -> Condition {
    ask(subject, Operator::Equals, Object::Literal(value.into()))
}

fn some(list: Term, body: Condition) -> Condition {
    Condition::Items {
        quantifier: Quantifier::Some,
        list: list.into(),
        body: Shared::new(body),
    }
}

fn walk(keys: &[&str], default: Literal, which: &str) -> Term {
    let keys = keys.iter().map(|key| Literal::text(*key)).collect();
    Term::call(
        Function::Walk,
        [
            Term::Field(FieldPath::root()),
            Term::Literal(Literal::List(keys)),
            Term::Literal(default),
            Term::text(which),
        ],
    )
}

/// What the source's types make of the condition, which says the same of every event of these types.
fn assumed(condition: &Condition) -> Condition {
    let source = Crosswalk::builtin().get("gcp.audit").unwrap();
    let assumed = assume(source, condition).unwrap_or_else(|| condition.clone());
    for event in events() {
        let (before, after) = (
            crate::eval::holds(condition, &event),
            crate::eval::holds(&assumed, &event),
        );
        assert_eq!(before, after, "{condition}\n{assumed}\n{event}");
    }
    assumed
}

#[test]
fn an_item_of_a_list_of_objects_is_an_object() {
    let odd = is(item(""), &[Kind::Object]).negate();
    assert_eq!(assumed(&some(field(LIST), odd.clone())), Condition::FALSE);
    let named = equals(item("permission"), "a");
    let asked = some(field(LIST), odd.or(named.clone()));
    assert_eq!(assumed(&asked), some(field(LIST), named));
    let text = is(item("permission"), &[Kind::List, Kind::Object]);
    assert_eq!(assumed(&some(field(LIST), text)), Condition::FALSE);
    let keys = Term::call(Function::Keys, [field(LIST)]);
    assert_eq!(assumed(&some(keys, Condition::TRUE)), Condition::FALSE);
}

#[test]
fn an_error_that_no_item_raises_is_not_asked_for() {
    let error = Term::Choice {
        cases: vec![Case {
            when: is(item(""), &[Kind::Object]).negate(),
            then: Term::Literal(Literal::Boolean(true)),
        }]
        .into(),
        otherwise: Term::Literal(Literal::Boolean(false)).into(),
    };
    let first = Term::call(
        Function::Item,
        [
            Term::Select {
                list: field(LIST).into(),
                when: Shared::new(equals(item("permission"), "a")),
                item: error.into(),
            },
            Term::Literal(Literal::Integer(0)),
        ],
    );
    let raised = equals(first, Literal::Boolean(true));
    assert_eq!(assumed(&raised.clone().negate()), Condition::TRUE);
    assert_eq!(assumed(&raised), Condition::FALSE);
}

#[test]
fn a_walk_through_objects_is_the_field() {
    let keys = ["protoPayload", "authorizationInfo"];
    let granted = equals(item("granted"), Literal::Boolean(true));
    for default in [Literal::Null, Literal::List(Vec::new()), Literal::text("x")] {
        for which in ["all", "first", "last"] {
            let walk = || walk(&keys, default.clone(), which);
            let asked = some(walk(), granted.clone());
            assert_eq!(assumed(&asked), some(field(LIST), granted.clone()));
            for operator in [
                Operator::Exists,
                Operator::IsPresent,
                Operator::IsFilled,
                Operator::IsTruthy,
            ] {
                assumed(&ask(walk(), operator, Object::None));
            }
            for kinds in [
                &[Kind::List][..],
                &[Kind::Null, Kind::Text],
                &[Kind::Object],
            ] {
                assumed(&is(walk(), kinds));
            }
            let texts = Object::Texts(vec!["x".to_owned()]);
            let holds = assumed(&ask(walk(), Operator::Contains, texts));
            assert!(!holds.to_string().contains("walk"), "{holds}");
        }
    }
    let filled = Literal::List(vec![Literal::Null]);
    let asked = some(walk(&keys, filled, "all"), Condition::TRUE);
    assert_eq!(assumed(&asked), asked);
}

#[test]
fn the_first_of_a_walk_is_that_of_the_first_item() {
    let keys = ["protoPayload", "authorizationInfo", "permission"];
    let first = |default: &str| walk(&keys, Literal::text(default), "first");
    let asked = assumed(&equals(first(""), "a"));
    let of_first = field("protoPayload.authorizationInfo[0].permission");
    let filled = Term::call(Function::Coalesce, [of_first, Term::text("")]);
    assert_eq!(asked, equals(filled, "a"));
    for default in ["", "a", "x"] {
        for kinds in [&[Kind::Text][..], &[Kind::Null, Kind::List]] {
            let asked = assumed(&is(first(default), kinds));
            assert!(asked.as_constant().is_some(), "{asked}");
        }
        assumed(&equals(first(default), "a"));
        assumed(&ask(first(default), Operator::IsTruthy, Object::None));
    }
    // Which one is the first that is there, or the last that is new, is not known before.
    for (default, which) in [(Literal::Null, "first"), (Literal::text(""), "last")] {
        let asked = equals(walk(&keys, default, which), "a");
        assert_eq!(assumed(&asked), asked);
    }
}

#[test]
fn a_walk_to_a_text_is_the_field_or_the_constant() {
    for default in [Literal::Null, Literal::text(""), Literal::text("a")] {
        let walk = || walk(&["protoPayload", "methodName"], default.clone(), "all");
        for condition in [
            equals(walk(), "a"),
            equals(walk(), ""),
            ask(walk(), Operator::Exists, Object::None),
            ask(walk(), Operator::IsPresent, Object::None),
            is(walk(), &[Kind::Null]),
            is(walk(), &[Kind::Text]),
            equals(walk(), Literal::Null),
        ] {
            let holds = assumed(&condition);
            assert!(!holds.to_string().contains("walk"), "{holds}");
        }
    }
}

#[test]
fn what_the_map_does_not_know_is_left() {
    for list in [
        "protoPayload.request",
        "protoPayload.request.x",
        "noSuchField",
    ] {
        let asked = some(field(list), is(item(""), &[Kind::Object]).negate());
        let source = Crosswalk::builtin().get("gcp.audit").unwrap();
        let kept = assume(source, &asked).unwrap_or_else(|| asked.clone());
        let object = source.kind(&FieldPath::parse(list).unwrap()) == FieldType::Object;
        assert_eq!(kept, if object { Condition::FALSE } else { asked });
    }
}

/// What is read out of a text that spells a record, on events with the text; and the fields, on events with the record.
#[test]
fn a_key_that_is_read_out_of_a_text_is_a_field() {
    let source = Crosswalk::builtin().get("azure.activity").unwrap();
    let text = || Term::call(Function::ParseJson, [field("properties.log")]);
    let read =
        |holder: Term, key: &str| Term::call(Function::MemberExact, [holder, Term::text(key)]);
    let out = |term: &Term| source.read_out(term);
    let verb = out(&read(text(), "verb")).unwrap();
    assert_eq!(verb, field("properties.log.verb"));
    let reference = out(&read(text(), "objectRef")).unwrap();
    assert_eq!(
        out(&read(reference, "name")),
        Some(field("properties.log.objectRef.name"))
    );
    // What the map does not list has no column either.
    assert_eq!(out(&read(text(), "noSuchKey")), None);

    let asked = equals(verb, "create");
    let there = ask(field("properties.log"), Operator::IsTruthy, Object::None);
    let is_text = is(field("properties.log"), &[Kind::Text]);
    let is_object = is(text(), &[Kind::Object]);
    let whole = asked
        .clone()
        .and(there.clone())
        .and(is_text)
        .and(is_object.clone());
    let left = |whole: &Condition| {
        let texts = texts_read(source, whole.conjuncts());
        without_texts(source, &texts, whole.clone())
    };
    assert_eq!(left(&whole), asked);
    // Nothing is known of a text out of which nothing is read.
    let alone = there.and(is_object);
    assert_eq!(left(&alone), alone);
    for record in [json!({"verb": "create"}), json!({"verb": "get"}), json!({})] {
        let spelt = json!({"properties": {"log": record.to_string()}});
        let plain = json!({"properties": {"log": record}});
        let given = whole.clone().map(&mut |node| match node {
            Condition::Test(predicate) if predicate.subject == field("properties.log.verb") => {
                let subject = read(text(), "verb");
                Some(
                    Predicate {
                        subject,
                        ..predicate.as_ref().clone()
                    }
                    .into(),
                )
            }
            other => other.folded(),
        });
        assert_eq!(
            crate::eval::holds(&given, &spelt),
            crate::eval::holds(&asked, &plain)
        );
    }
}

#[test]
fn what_a_text_spells_may_be_in_its_place() {
    let source = Crosswalk::builtin().get("azure.activity").unwrap();
    let log = || field("properties.log");
    let there = || ask(log(), Operator::IsTruthy, Object::None);
    let known = |asked: &Condition| assume_within(source, &[], asked);
    let no_text = there().and(is(log(), &[Kind::Text]).negate());
    assert_eq!(known(&no_text), None);
    assert!(source.accepts(&json!({"properties": {"log": {"verb": "create"}}})));
    let neither = there().and(is(log(), &[Kind::Text, Kind::Object]).negate());
    assert_eq!(known(&neither), Some(Condition::FALSE));
    assert!(!source.accepts(&json!({"properties": {"log": ["create"]}})));
}

#[test]
fn a_value_that_is_there_is_of_its_kind() {
    let name = || field("protoPayload.methodName");
    let there = ask(name(), Operator::IsTruthy, Object::None);
    let other = there.clone().and(is(name(), &[Kind::Text]).negate());
    assert_eq!(assumed(&other), Condition::FALSE);
    assert_eq!(assumed(&other.negate()), Condition::TRUE);
    assert_eq!(
        assumed(&there.clone().and(is(name(), &[Kind::Text]))),
        there
    );
    // A number has no keys, and neither has a list.
    let below = ask(
        field("protoPayload.status.code.x"),
        Operator::Exists,
        Object::None,
    );
    assert_eq!(assumed(&below), Condition::FALSE);
    assert_eq!(assumed(&below.negate()), Condition::TRUE);
}

/// Events with a value of every kind, and some with texts that hold what is asked for.
fn kinds() -> Vec<Value> {
    let values = [
        json!(null),
        json!(""),
        json!("oauth"),
        json!("a/b/c"),
        json!("127.0.0.1"),
        json!("True"),
        json!("12"),
        json!(true),
        json!(0),
        json!(12),
        json!(1.5),
        json!([]),
        json!(["127.0.0.1"]),
        json!(["oauth", "x", "x"]),
        json!([["oauth"], ["a"]]),
        json!([["oauth"], "a"]),
        json!({}),
        json!({"oauth": [1, null, true]}),
        json!([{"list": ["x"], "on": "1"}, {"list": ["oauth"], "on": "0"}]),
        json!([{"list": ["x"], "on": "1"}, {"list": "oauth", "on": "1"}]),
        json!([{"list": ["oauth"], "on": "1"}, {"on": "0"}]),
    ];
    let mut events: Vec<Value> = Vec::new();
    for x in &values {
        for y in [json!(null), json!("x"), json!(["oauth"])] {
            events.push(json!({"protoPayload": {"request": {"x": x, "y": y}}}));
        }
        events.push(json!({"protoPayload": {"request": {"x": x}}}));
    }
    events.push(json!({}));
    events
}

/// Questions about what a rule makes, which are asked of what it is made of; none says another thing of any event.
#[test]
fn a_question_about_what_is_made_is_asked_of_what_it_is_made_of() {
    let x = || field("protoPayload.request.x");
    let y = || field("protoPayload.request.y");
    let texts = |term: Term, operator, text: &str| {
        ask(term, operator, Object::Texts(vec![text.to_owned()]))
    };
    let shown = || Term::call(Function::DisplayEvent, [x()]);
    let listed = || Term::call(Function::List, [x()]);
    let whole = |text: &str| equals(item(""), text);
    let select = |item: Term| Term::Select {
        list: x().into(),
        when: Shared::new(equals(super::tests::item("on"), "1")),
        item: item.into(),
    };
    let list =
        |items: &[&str]| Literal::List(items.iter().map(|text| Literal::text(*text)).collect());
    let split = Term::call(
        Function::SplitFirst,
        [x(), Term::text("/"), Term::Literal(Literal::Integer(1))],
    );
    let second = Term::call(Function::Item, [split, Term::Literal(Literal::Integer(1))]);
    let made = [
        ask(shown(), Operator::IsTruthy, Object::None),
        equals(shown(), "oauth"),
        texts(shown(), Operator::Contains, "oauth"),
        texts(shown(), Operator::StartsWith, "oau"),
        texts(shown(), Operator::EndsWith, "auth"),
        ask(listed(), Operator::IsTruthy, Object::None),
        is(listed(), &[Kind::List]),
        equals(listed(), list(&["127.0.0.1"])),
        equals(
            Term::call(Function::List, [x(), y()]),
            list(&["oauth", "x"]),
        ),
        equals(Term::call(Function::List, [x(), y()]), list(&["oauth"])),
        some(listed(), whole("oauth")),
        some(Term::call(Function::Distinct, [x()]), whole("x")),
        some(Term::call(Function::Append, [x(), y()]), whole("oauth")),
        some(
            Term::call(Function::Flatten, [select(item("list"))]),
            whole("x"),
        ),
        some(
            Term::call(Function::Flatten, [select(item("list"))]),
            whole("oauth"),
        ),
        ask(second, Operator::Exists, Object::None),
    ];
    let source = Crosswalk::builtin().get("gcp.audit").unwrap();
    for condition in &made {
        for condition in [condition.clone(), condition.clone().negate()] {
            let assumed = assume(source, &condition).unwrap_or_else(|| condition.clone());
            let text = assumed.to_string();
            for word in [
                "list(",
                "display_event",
                "distinct",
                "append",
                "flatten",
                "split_first",
            ] {
                assert!(!text.contains(word), "{text}");
            }
            for event in kinds() {
                let verdicts = [&condition, &assumed].map(|it| crate::eval::holds(it, &event));
                assert_eq!(verdicts[0], verdicts[1], "{condition}\n{assumed}\n{event}");
            }
        }
    }
    // What Python shows of another kind may be the same.
    for kept in [
        equals(shown(), "True"),
        equals(shown(), "12"),
        equals(shown(), "[]"),
        texts(shown(), Operator::Contains, "True"),
        texts(shown(), Operator::Contains, "12"),
        texts(shown(), Operator::StartsWith, "Immu"),
        texts(shown(), Operator::EndsWith, "e"),
    ] {
        assert_eq!(assume(source, &kept), None, "{kept}");
    }
}

#[test]
fn the_ends_of_the_network_of_an_address_are_the_address() {
    let source = Crosswalk::builtin().get("aws.vpcflow").unwrap();
    let end = |function, field_name: &str| Term::call(function, [field(field_name)]);
    let within = |term: Term| {
        ask(
            term,
            Operator::InNetwork,
            Object::Texts(vec!["10.0.0.0/8".into()]),
        )
    };
    for function in [Function::FirstAddress, Function::LastAddress] {
        for condition in [
            within(end(function, "srcAddr")),
            ask(end(function, "dstAddr"), Operator::Exists, Object::None).negate(),
        ] {
            let assumed = assume(source, &condition).unwrap();
            assert!(!assumed.to_string().contains("_address"), "{assumed}");
            for address in [
                json!("10.0.0.1"),
                json!("8.8.8.8"),
                json!("::1"),
                json!("-"),
                json!(null),
            ] {
                let event = json!({"srcAddr": address, "dstAddr": address});
                let verdicts = [&condition, &assumed].map(|it| crate::eval::holds(it, &event));
                assert_eq!(verdicts[0], verdicts[1], "{condition} {event}");
            }
        }
        assert_eq!(assume(source, &within(end(function, "interfaceId"))), None);
    }
}

#[test]
fn an_item_of_a_list_of_texts_may_be_null() {
    let source = Crosswalk::builtin().get("slack.audit").unwrap();
    let list = || field("details.new_scopes");
    let there = |operator| ask(item(""), operator, Object::None);
    let present = some(list(), there(Operator::IsPresent));
    let assumed = assume(source, &present).unwrap_or_else(|| present.clone());
    for (items, expected) in [
        (json!([null]), false),
        (json!(["a"]), true),
        (json!([]), false),
    ] {
        let event = json!({"details": {"new_scopes": items}});
        assert!(source.accepts(&event));
        assert_eq!(eval::holds(&present, &event), expected, "{event}");
        assert_eq!(eval::holds(&assumed, &event), expected, "{event}");
    }
    let exists = some(list(), there(Operator::Exists).negate());
    assert_eq!(assume(source, &exists), Some(Condition::FALSE));
}
