//! Keys, lengths, walks, networks, numbers and texts that are said in several ways.

use super::*;
use crate::ir::Case;

#[test]
fn a_key_as_it_is_spelt_is_the_key_where_it_is_there() {
    let parsed = || Term::call(Function::ParseJson, [field("a")]);
    let any = |key: &str| Term::call(Function::Member, [parsed(), Term::text(key)]);
    let exact = |key: &str| Term::call(Function::MemberExact, [parsed(), Term::text(key)]);
    let is_there = |term| there(term, Operator::Exists);
    let both = is_there(exact("k")).and(eq(any("k"), "x"));
    assert!(are_equal(&both, &eq(exact("k"), "x")));
    assert!(!are_equal(&eq(any("k"), "x"), &eq(exact("k"), "x")));
    assert!(!are_equal(&is_there(any("k")), &is_there(exact("k"))));
    let below = |term| Term::call(Function::Member, [term, Term::text("n")]);
    let spelt = Term::call(Function::MemberExact, [exact("k"), Term::text("n")]);
    let deep = is_there(exact("k"))
        .and(is_there(spelt.clone()))
        .and(eq(below(any("k")), "x"));
    assert!(are_equal(&deep, &eq(spelt.clone(), "x")));
    let other = is_there(spelt.clone()).and(eq(below(any("j")), "x"));
    assert!(!are_equal(&other, &eq(spelt, "x")));
    for text in [
        r#"{"k": "x"}"#,
        r#"{"K": "x"}"#,
        r#"{"K": "x", "k": "y"}"#,
        "[]",
    ] {
        let event = serde_json::json!({"a": text});
        assert_eq!(
            crate::eval::holds(&both, &event),
            crate::eval::holds(&eq(exact("k"), "x"), &event),
            "{text}"
        );
    }
}

#[test]
fn a_length_is_a_whole_number() {
    let split = || Term::call(Function::Split, [field("a"), Term::text("_")]);
    let length = |of| Term::call(Function::Length, [of]);
    let asked = |of: Term, operator, value| number(length(of), operator, value);
    let text = |condition: Condition| is(field("a"), Kind::Text).and(condition);
    for (first, second) in [
        (
            asked(field("a"), Operator::GreaterThan, 2),
            asked(field("a"), Operator::AtLeast, 3),
        ),
        (
            text(asked(field("a"), Operator::LessThan, 3)),
            text(asked(field("a"), Operator::AtMost, 2)),
        ),
        (
            asked(field("a"), Operator::Equals, 2),
            asked(field("a"), Operator::AtLeast, 2)
                .and(asked(field("a"), Operator::GreaterThan, 2).negate()),
        ),
        (
            asked(split(), Operator::GreaterThan, 1),
            texts(field("a"), Operator::Contains, &["_"]),
        ),
        (
            asked(split(), Operator::Equals, 1),
            text(texts(field("a"), Operator::Contains, &["_"]).negate()),
        ),
    ] {
        assert!(are_equal(&first, &second), "{first}\n{second}");
        for event in ["", "_", "ab", "abc", "a_b", "a_b_c"] {
            let event = serde_json::json!({"a": event});
            let holds = |condition| crate::eval::holds(condition, &event);
            assert_eq!(holds(&first), holds(&second), "{event}: {first}");
        }
    }
    for (first, second) in [
        (
            asked(field("a"), Operator::LessThan, 3),
            asked(field("a"), Operator::AtLeast, 3).negate(),
        ),
        (
            asked(split(), Operator::GreaterThan, 2),
            texts(field("a"), Operator::Contains, &["_"]),
        ),
        (
            asked(field("a[]"), Operator::GreaterThan, 0),
            there(field("a[]"), Operator::IsTruthy),
        ),
    ] {
        assert!(!are_equal(&first, &second), "{first}\n{second}");
    }
}

#[test]
fn a_walk_through_objects_is_the_field() {
    let source = Crosswalk::builtin().get("gcp.audit").unwrap();
    let world = World {
        rule: Some((source, None)),
        read: Some((source, None)),
        ..World::default()
    };
    let walk = |keys: &[&str], default: Literal| {
        let keys = keys.iter().map(|key| Literal::text(*key)).collect();
        let arguments = [
            Term::Field(FieldPath::root()),
            Term::Literal(Literal::List(keys)),
            Term::Literal(default),
            Term::text("all"),
        ];
        Term::call(Function::Walk, arguments)
    };
    let keys = ["protoPayload", "authorizationInfo"];
    let info = || field("protoPayload.authorizationInfo");
    let filled = there(info(), Operator::IsTruthy);
    let walked = |default| there(walk(&keys, default), Operator::IsTruthy);
    assert!(is_equal(&walked(Literal::Null), &filled, world));
    assert!(is_equal(&walked(Literal::List(Vec::new())), &filled, world));
    assert!(is_equal(
        &walked(Literal::text("x")),
        &Condition::TRUE,
        world
    ));
    assert!(!is_equal(&walked(Literal::text("x")), &filled, world));
    // A walk gives no list without items.
    let list = is(walk(&keys, Literal::Null), Kind::List);
    assert!(is_equal(&list, &filled, world));
    assert!(!is_equal(&list, &is(info(), Kind::List), world));
    // Of another source nothing is known.
    assert!(!are_equal(&walked(Literal::Null), &filled));
    // Through a list there may be several.
    let name = ["protoPayload", "authorizationInfo", "permission"];
    let one = eq(walk(&name, Literal::Null), "x");
    let other = eq(field("protoPayload.authorizationInfo.permission"), "x");
    assert!(!is_equal(&one, &other, world));
}

#[test]
fn ranges_of_addresses_have_one_name() {
    let within = |range: &str| texts(field("a"), Operator::InNetwork, &[range]);
    assert!(are_equal(
        &within("::ffff:0:0/96"),
        &within("::ffff:0.0.0.0/96")
    ));
    assert!(!are_equal(&within("10.0.0.0/8"), &within("10.0.0.0/9")));
}

#[test]
fn numbers_that_are_shown_otherwise_are_two() {
    let text = |value| Term::call(Function::Concat, [Term::Literal(value)]);
    let (whole, fraction) = (text(Literal::Integer(1)), text(Literal::Float(1.0)));
    let mut alike = Alike::new(&Condition::TRUE, World::default());
    assert!(!alike.is_shown_alike(&whole, &fraction));
    assert!(alike.is_shown_alike(&whole, &whole.clone()));
}

#[test]
fn alerts_show_texts_of_selected_events() {
    let or = |other: Literal| Term::call(Function::Coalesce, [field("a"), Term::Literal(other)]);
    let text = |term| Term::call(Function::Concat, [term]);
    let selected = there(field("a"), Operator::IsPresent);
    let mut all = Alike::new(&Condition::TRUE, World::default());
    let mut alike = Alike::new(&selected, World::default());
    // No value is an empty text, and a default is shown where there is no value.
    assert!(all.is_shown_alike(&field("a"), &or(Literal::text(""))));
    assert!(!all.is_equal(&field("a"), &or(Literal::text(""))));
    assert!(!all.is_shown_alike(&field("a"), &or(Literal::text("x"))));
    assert!(alike.is_shown_alike(&field("a"), &or(Literal::text("x"))));
    assert!(alike.is_equal(&field("a"), &or(Literal::text("x"))));
    assert!(!alike.is_shown_alike(&field("a"), &field("b")));
    // A text of several parts is the texts of each.
    let long =
        |part: Term| Term::call(Function::Concat, [Term::text("a: "), part, Term::text("!")]);
    let number = Term::call(Function::ToText, [field("a")]);
    assert!(all.is_shown_alike(&long(text(field("a"))), &long(number.clone())));
    assert!(all.is_shown_alike(&long(or(Literal::text(""))), &long(number)));
    assert!(!all.is_shown_alike(&long(field("a")), &long(or(Literal::text("-")))));
    assert!(alike.is_shown_alike(&long(field("a")), &long(or(Literal::text("-")))));
    // A blank where the other shows something is none.
    assert!(!all.is_shown_alike(&field("a"), &Term::text("")));
}

/// What lies below the first item of a list that is called so.
fn below_the_first(name: &str) -> Term {
    let list = Term::Select {
        list: field("list").into(),
        when: eq(item("name"), name).into(),
        item: item("").into(),
    };
    let first = Term::call(Function::Item, [list, Term::Literal(Literal::Integer(0))]);
    Term::call(Function::Member, [first, Term::text("b")])
}

#[test]
fn what_lies_below_an_item_says_that_there_is_one() {
    let taken = there(below_the_first("x"), Operator::Exists);
    let one = |name| some("list", eq(item("name"), name));
    assert!(are_equal(&taken, &taken.clone().and(one("x"))));
    assert!(are_equal(
        &taken,
        &taken.clone().and(some("list", Condition::TRUE))
    ));
    assert!(are_equal(
        &taken,
        &taken.clone().and(is(field("list"), Kind::List))
    ));
    assert!(!are_equal(&taken, &taken.clone().and(one("y"))));
    assert!(!are_equal(&taken, &one("x")));
}

#[test]
fn choices_are_compared_behind_the_cases_that_they_have_in_common() {
    let chosen = |cases: &[(Condition, Term)], otherwise: Term| {
        let case = |(when, then): &(Condition, Term)| Case {
            when: when.clone(),
            then: then.clone(),
        };
        Term::Choice {
            cases: cases.iter().map(case).collect::<Vec<_>>().into(),
            otherwise: otherwise.into(),
        }
    };
    // Side by side their conditions are too many for a diagram.
    let many = (0..20).flat_map(|at| {
        let kind = eq(field("kind"), &at.to_string());
        let named = is(field(&format!("name{at}")), Kind::Text);
        let asked = is(field(&format!("other{at}")), Kind::Text);
        let value = field(&format!("value{at}"));
        [
            (kind.clone().and(named.clone().or(asked)), value),
            (named.and(kind.negate()), Term::text("-")),
        ]
    });
    let many: Vec<(Condition, Term)> = many.collect();
    let with = |rest: &[(Condition, Term)], otherwise: Term| {
        chosen(&[many.as_slice(), rest].concat(), otherwise)
    };
    let mut alike = Alike::new(&Condition::TRUE, World::default());
    let (a, b) = (eq(field("a"), "x"), eq(field("b"), "x"));
    let both = [(a.clone().and(b.clone()), Term::text("y"))];
    let turned = [
        (b.clone().negate(), Term::text("-")),
        (a.clone(), Term::text("y")),
    ];
    let (one, other) = (with(&both, Term::text("-")), with(&turned, Term::text("-")));
    assert!(alike.is_equal(&one, &other));
    let only_b = [(b, Term::text("y"))];
    assert!(!alike.is_equal(&one, &with(&only_b, Term::text("-"))));
}

#[test]
fn an_expression_that_counts_separators_is_one_for_the_parts() {
    let parts = || Term::call(Function::Split, [field("a"), Term::text("/")]);
    let count =
        |operator, parts_of| number(Term::call(Function::Length, [parts()]), operator, parts_of);
    let asked = |pattern: &str| texts(field("a"), Operator::Matches, &[pattern]);
    for (pattern, operator, least) in [
        ("^(?:[^/]*/){2}[^/]*$", Operator::Equals, 3),
        ("^[^/]*/[^/]*$", Operator::Equals, 2),
        ("^[^/]*$", Operator::Equals, 1),
        ("^(?:[^/]*/){2}[^/]*(?:/|$)", Operator::AtLeast, 3),
        ("^[^/]*/[^/]*(?:/|$)", Operator::AtLeast, 2),
    ] {
        let (expression, counted) = (asked(pattern), count(operator, least));
        assert!(are_equal(&expression, &counted), "{pattern}");
        assert!(!are_equal(&expression, &count(operator, least + 1)));
        for text in ["", "x", "/", "x/y", "//", "x/y/z", "x/\n/z/", "///"] {
            let event = serde_json::json!({ "a": text });
            assert_eq!(
                crate::eval::holds(&expression, &event),
                crate::eval::holds(&counted, &event),
                "{pattern} {text}"
            );
        }
    }
    for pattern in [
        "^(?:[^/]*/){2}[^x]*$",
        "^(?:[^/]*x){2}[^/]*$",
        "(?:[^/]*/){2}[^/]*$",
    ] {
        assert!(!are_equal(&asked(pattern), &count(Operator::Equals, 3)));
    }
}

#[test]
fn a_text_in_lower_case_is_asked_like_the_text() {
    let text = || Term::call(Function::ToText, [field("a")]);
    let shown = || Term::call(Function::Coalesce, [text(), Term::text("")]);
    let lower = |of| Term::call(Function::Lower, [of]);
    let any_case = |subject: Term, operator, value: &str| {
        let object = Object::Texts(vec![value.to_owned()]);
        let mut asked = Predicate::new(subject, operator, object);
        asked.case = crate::ir::CaseSensitivity::Insensitive;
        Condition::from(asked)
    };
    let whole = r"(?:^|[^0-9A-Za-z\x80-\U0010ffff])ext(?:[^0-9A-Za-z\x80-\U0010ffff]|\n?\z)";
    let events = ["", "ext", "EXT", "text", "#ext.", "@", "a@b", "abc", "Σ"]
        .map(|a| serde_json::json!({"a": a}));
    let others = [
        serde_json::json!({}),
        serde_json::json!({"a": null}),
        serde_json::json!({"a": 7}),
        serde_json::json!({"a": true}),
    ];
    let pairs = [
        (
            texts(lower(shown()), Operator::Matches, &[whole]),
            any_case(text(), Operator::HasTerm, "EXT"),
            true,
        ),
        (
            texts(lower(shown()), Operator::Matches, &[whole]),
            any_case(text(), Operator::Contains, "EXT"),
            false,
        ),
        (
            texts(text(), Operator::HasTerm, &["@"]),
            texts(text(), Operator::Contains, &["@"]),
            true,
        ),
        (
            texts(text(), Operator::HasTerm, &["@", "b"]),
            texts(text(), Operator::Contains, &["@", "b"]),
            false,
        ),
        (eq(text(), "ext"), eq(field("a"), "ext"), true),
        (eq(text(), "7"), eq(field("a"), "7"), false),
        (
            texts(text(), Operator::EndsWith, &["xt", "."]),
            texts(field("a"), Operator::EndsWith, &["xt", "."]),
            true,
        ),
        (
            texts(text(), Operator::EndsWith, &["7"]),
            texts(field("a"), Operator::EndsWith, &["7"]),
            false,
        ),
        (
            texts(text(), Operator::EndsWith, &["ue"]),
            texts(field("a"), Operator::EndsWith, &["ue"]),
            false,
        ),
        (
            there(lower(field("a")), Operator::IsPresent),
            is(field("a"), Kind::Text),
            true,
        ),
        (
            there(lower(text()), Operator::IsFilled),
            there(lower(field("a")), Operator::IsFilled),
            false,
        ),
    ];
    for (first, second, proved) in pairs {
        assert_eq!(are_equal(&first, &second), proved, "{first}\n{second}");
        let differs = |event: &serde_json::Value| {
            crate::eval::holds(&first, event) != crate::eval::holds(&second, event)
        };
        assert_eq!(
            events.iter().chain(&others).any(differs),
            !proved,
            "{first}\n{second}"
        );
    }
}

/// What an object has under a key.
fn of_key(key: Term) -> Term {
    Term::call(Function::Member, [field("o"), key])
}

fn keys() -> Term {
    Term::call(Function::Keys, [field("a")])
}

fn some_key() -> Condition {
    Condition::some_item(keys(), texts(item(""), Operator::EndsWith, &["_x"]))
}

/// The first key of an object that ends so.
fn first_key() -> Term {
    let taken = Term::Select {
        list: keys().into(),
        when: texts(item(""), Operator::EndsWith, &["_x"]).into(),
        item: item("").into(),
    };
    Term::call(Function::Item, [taken, Term::Literal(Literal::Integer(0))])
}

#[test]
fn what_there_is_a_value_of_is_known_where_it_is_there() {
    for (first, second) in [
        // What there is a value of is of one kind.
        (
            is(Term::call(Function::Characters, [field("a")]), Kind::List),
            is(field("a"), Kind::Text),
        ),
        (
            there(
                Term::call(Function::Keys, [field("a")]),
                Operator::IsPresent,
            ),
            is(field("a"), Kind::Object),
        ),
        // Where there is no key, or no item to take it of, there is no value.
        (
            there(of_key(first_key()), Operator::IsTruthy),
            there(
                of_key(Term::Choice {
                    cases: vec![Case {
                        when: is(field("a"), Kind::Object).and(some_key()),
                        then: first_key(),
                    }]
                    .into(),
                    otherwise: Term::Literal(Literal::Null).into(),
                }),
                Operator::IsTruthy,
            ),
        ),
        // An item of a list that is written out is what it is made of.
        (
            Condition::some_item(
                Term::call(Function::List, [field("a"), field("b")]),
                eq(item(""), "x"),
            ),
            eq(field("a"), "x").or(eq(field("b"), "x")),
        ),
    ] {
        assert!(are_equal(&first, &second), "{first}\n{second}");
    }
}
