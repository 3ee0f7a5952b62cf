//! What is proved equal of events of any source, and of those of one. That nothing else is proved is asked of random conditions
//! (`tests/integration/meaning.rs`).

use super::*;
use crate::ir::{FieldPath, Function, Kind, Literal, Object, Operator};
use crate::schema::{Crosswalk, LogSourceMap, TableMap};

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn item(path: &str) -> Term {
    Term::Item {
        depth: 0,
        path: FieldPath::parse(path).unwrap_or_default(),
    }
}

fn asks(subject: Term, operator: Operator, object: Object) -> Condition {
    Predicate::new(subject, operator, object).into()
}

fn eq(subject: Term, value: &str) -> Condition {
    asks(
        subject,
        Operator::Equals,
        Object::Literal(Literal::text(value)),
    )
}

fn is(subject: Term, kind: Kind) -> Condition {
    asks(subject, Operator::IsKind, Object::Kinds(vec![kind]))
}

fn there(subject: Term, operator: Operator) -> Condition {
    asks(subject, operator, Object::None)
}

fn texts(subject: Term, operator: Operator, values: &[&str]) -> Condition {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    asks(subject, operator, Object::Texts(values))
}

fn some(list: &str, body: Condition) -> Condition {
    Condition::Items {
        quantifier: Quantifier::Some,
        list: field(list).into(),
        body: body.into(),
    }
}

fn number(subject: Term, operator: Operator, value: i64) -> Condition {
    asks(subject, operator, Object::Literal(Literal::Integer(value)))
}

#[test]
fn one_meaning_has_many_forms() {
    let split = || Term::call(Function::Split, [field("a"), Term::text("_")]);
    let part = || {
        Term::call(
            Function::Item,
            [split(), Term::Literal(Literal::Integer(1))],
        )
    };
    let long = Term::call(Function::Length, [split()]);
    for (first, second) in [
        // Guards, order, distribution.
        (
            is(field("a"), Kind::Text).and(eq(field("a"), "x")),
            eq(field("a"), "x"),
        ),
        (
            eq(field("a"), "x").and(eq(field("b"), "y")),
            eq(field("b"), "y").and(eq(field("a"), "x")),
        ),
        (
            eq(field("a"), "x").and(eq(field("b"), "y").or(eq(field("c"), "z"))),
            eq(field("c"), "z")
                .and(eq(field("a"), "x"))
                .or(eq(field("b"), "y").and(eq(field("a"), "x"))),
        ),
        // A value that is there and not null, by its kinds.
        (
            there(field("a"), Operator::IsPresent),
            there(field("a"), Operator::Exists).and(is(field("a"), Kind::Null).negate()),
        ),
        (
            is(field("a"), Kind::Object).and(eq(field("a.b"), "x")),
            eq(field("a.b"), "x"),
        ),
        // The case of letters, patterns.
        (
            asks(
                field("a"),
                Operator::Equals,
                Object::Literal(Literal::text("ADMIN")),
            )
            .map(&mut |node| match node {
                Condition::Test(predicate) => Some(predicate.as_ref().clone().ignore_case().into()),
                _ => None,
            }),
            eq(Term::call(Function::Lower, [field("a")]), "admin"),
        ),
        (
            texts(field("a"), Operator::Wildcard, &["*x*"]),
            texts(field("a"), Operator::Contains, &["x"]),
        ),
        (
            texts(field("a"), Operator::Matches, &["(?i)a|b"]),
            texts(field("a"), Operator::Matches, &["(?i:a|b)"]),
        ),
        // Items of lists.
        (
            asks(
                field("a[].b"),
                Operator::In,
                Object::List(vec![Literal::text("x"), Literal::text("y")]),
            ),
            some("a", eq(item("b"), "y").or(eq(item("b"), "x"))),
        ),
        (
            is(field("a"), Kind::List).and(some("a", eq(item("b"), "x"))),
            some("a", eq(item("b"), "x")),
        ),
        // What is computed, and the guards that keep Python from raising.
        (
            eq(part(), "x"),
            number(long.clone(), Operator::GreaterThan, 1).and(eq(part(), "x")),
        ),
        (
            is(field("a"), Kind::Text).and(eq(part(), "x")),
            eq(part(), "x"),
        ),
        (
            number(
                Term::call(Function::Length, [field("a")]),
                Operator::GreaterThan,
                0,
            ),
            there(field("a"), Operator::IsTruthy).and(
                is(field("a"), Kind::Text)
                    .or(is(field("a"), Kind::List))
                    .or(is(field("a"), Kind::Object)),
            ),
        ),
        (
            number(field("a"), Operator::LessThan, 3).and(number(field("a"), Operator::AtLeast, 3)),
            Condition::FALSE,
        ),
    ] {
        assert!(are_equal(&first, &second), "{first}\n{second}");
    }
}

#[test]
fn another_meaning_is_not_proved() {
    for (first, second) in [
        (eq(field("a"), "x"), eq(field("a"), "X")),
        (
            is(field("a"), Kind::Text),
            there(field("a"), Operator::IsPresent),
        ),
        (
            eq(field("a"), "x").negate(),
            there(field("a"), Operator::Exists).and(eq(field("a"), "x").negate()),
        ),
        (
            some("a", eq(item("b"), "x").and(eq(item("c"), "y"))),
            some("a", eq(item("b"), "x")).and(some("a", eq(item("c"), "y"))),
        ),
        (
            number(field("a"), Operator::LessThan, 3),
            number(field("a"), Operator::AtLeast, 3).negate(),
        ),
        (
            texts(field("a"), Operator::Wildcard, &["a?"]),
            texts(field("a"), Operator::StartsWith, &["a"]),
        ),
    ] {
        assert!(!are_equal(&first, &second), "{first}\n{second}");
    }
}

#[test]
fn a_log_source_says_more() {
    let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
    let typed = World {
        rule: Some((source, None)),
        read: Some((source, None)),
        ..World::default()
    };
    let present = there(field("eventName"), Operator::IsPresent);
    let text = is(field("eventname"), Kind::Text);
    assert!(
        is_equal(&present, &text, typed),
        "a text in another spelling of its key"
    );
    assert!(!are_equal(&present, &text));
    let logged = eq(field("p_log_type"), "AWS.CloudTrail");
    assert!(is_equal(&logged, &Condition::TRUE, typed));
    assert!(!is_equal(&logged, &Condition::FALSE, typed));
}

fn at<'w>(source: &'w str, table: &str) -> (&'w LogSourceMap, Option<&'w TableMap>) {
    let source = Crosswalk::builtin().get(source).unwrap();
    (source, Some(source.table(table).unwrap()))
}

#[test]
fn columns_of_a_row_are_the_fields_that_they_hold() {
    let world = World {
        rule: Some(at("windows.process_creation", "DeviceProcessEvents")),
        columns: true,
        ..World::default()
    };
    let ends = |name: &str| texts(field(name), Operator::EndsWith, &["\\a.exe"]);
    let told = eq(field("ActionType"), "ProcessCreated");
    let windows = texts(field("FolderPath"), Operator::Contains, &["/"]).negate();
    let rule = ends("Image");
    let read = ends("FolderPath").and(told.clone());
    assert!(is_equal(&rule, &read, world));
    assert!(is_equal(&rule, &read.clone().and(windows), world));
    // Another column, another value, without what tells the source's rows, and the path's end alone.
    for wrong in [
        ends("InitiatingProcessFolderPath").and(told.clone()),
        ends("FileName").and(told.clone()),
        ends("Image").and(told.clone()),
        ends("FolderPath").and(eq(field("ActionType"), "ConnectionSuccess")),
        ends("FolderPath"),
        texts(field("FolderPath"), Operator::EndsWith, &["a.exe"]).and(told),
    ] {
        assert!(!is_equal(&rule, &wrong, world), "{wrong}");
    }
}

#[test]
fn a_row_is_read_as_an_event_of_another_source() {
    let world = World {
        rule: Some(at("windows.process_creation", "WindowsEvent")),
        read: Some(at("windows.event_log", "WindowsEvent")),
        ..World::default()
    };
    let whole = |name: &str| Term::call(Function::ToNumber, [field(name)]);
    let text = |name: &str| Term::call(Function::ToText, [field(name)]);
    let ends = |subject| texts(subject, Operator::EndsWith, &["\\a.exe"]);
    let told = |event: i64| {
        let channel = eq(field("Channel"), "Microsoft-Windows-Sysmon/Operational");
        channel.and(number(whole("EventID"), Operator::Equals, event))
    };
    let rule = ends(field("Image"));
    for read in [
        ends(text("ExtraEventData.Image")).and(told(1)),
        ends(field("ExtraEventData.Image")).and(told(1)),
        ends(Term::call(
            Function::MemberExact,
            [field("ExtraEventData"), Term::text("Image")],
        ))
        .and(told(1)),
    ] {
        assert!(is_equal(&rule, &read, world), "{read}");
    }
    for wrong in [
        ends(text("ExtraEventData.Image")).and(told(2)),
        ends(text("ExtraEventData.Image")),
        ends(text("ExtraEventData.ParentImage")).and(told(1)),
        ends(text("ExtraEventData.image.Image")).and(told(1)),
        ends(text("Image")).and(told(1)),
    ] {
        assert!(!is_equal(&rule, &wrong, world), "{wrong}");
    }
}

#[test]
fn a_text_in_a_column_of_numbers_is_its_number() {
    let place = at("windows.event_log", "WindowsEvent");
    let world = World {
        rule: Some(place),
        read: Some(place),
        columns: true,
        ..World::default()
    };
    let whole = || Term::call(Function::ToNumber, [field("EventID")]);
    let is = |value| number(whole(), Operator::Equals, value);
    assert!(is_equal(&eq(field("EventID"), "26"), &is(26), world));
    assert!(!is_equal(&eq(field("EventID"), "26"), &is(27), world));
    // No number is written so.
    assert!(is_equal(
        &eq(field("EventID"), "026"),
        &Condition::FALSE,
        world
    ));
    assert!(!is_equal(&eq(field("EventID"), "026"), &is(26), world));
    let there = |operator| there(field("EventID"), operator);
    assert!(is_equal(
        &there(Operator::IsPresent),
        &there(Operator::IsFilled),
        world
    ));
    // The event may have a `null`, its row has no value.
    assert!(!is_equal(
        &there(Operator::Exists),
        &there(Operator::Exists),
        world
    ));
    assert!(!is_equal(
        &there(Operator::IsPresent),
        &Condition::TRUE,
        world
    ));
}

#[test]
fn a_pattern_with_wild_cards_is_a_regular_expression() {
    let pattern = texts(field("a"), Operator::Wildcard, &["v*.x?y"]);
    let regex = |text| texts(field("a"), Operator::Matches, &[text]);
    assert!(are_equal(&pattern, &regex(r"(?s)^v.*\.x.y$")));
    for wrong in [
        r"(?s)^v.*.x.y$",
        r"^v.*\.x.y$",
        r"(?s)v.*\.x.y$",
        r"(?is)^v.*\.x.y$",
    ] {
        assert!(!are_equal(&pattern, &regex(wrong)), "{wrong}");
    }
}

#[test]
fn a_regular_expression_with_both_ends_of_a_term_is_the_term() {
    let regex = |term: &str| {
        let text = format!(r"(?:^|[\x00-/:-@\[-`{{-\x7f]){term}(?:[\x00-/:-@\[-`{{-\x7f]|$)");
        texts(field("a"), Operator::Matches, &[&text])
    };
    let term = |term| texts(field("a"), Operator::HasTerm, &[term]);
    assert!(are_equal(&term("a b"), &regex("a b")));
    // What ends a term is a part of the text here.
    assert!(!are_equal(&term("a."), &regex(r"a\.")));
    assert!(!are_equal(&term("a b"), &regex("a.b")));
    // As Python says it, of a text in lower case.
    let python = |before: bool, behind: bool| {
        let [before, behind] = [
            if before {
                r"(?:^|[^0-9A-Za-z\x80-\U0010ffff])"
            } else {
                ""
            },
            if behind {
                r"(?:[^0-9A-Za-z\x80-\U0010ffff]|\n?\z)"
            } else {
                ""
            },
        ];
        let lower = Term::call(Function::Lower, [field("a")]);
        texts(
            lower,
            Operator::Matches,
            &[&format!("{before}#ext{behind}")],
        )
    };
    let folded = Predicate::new(
        field("a"),
        Operator::HasTerm,
        Object::Texts(vec!["#EXT".to_owned()]),
    );
    let folded = Condition::from(folded.ignore_case());
    assert!(are_equal(&folded, &python(false, true)));
    assert!(!are_equal(&folded, &python(true, true)));
    assert!(!are_equal(&folded, &python(false, false)));
}

#[test]
fn what_tells_a_part_of_a_log_type_is_known() {
    let source = Crosswalk::builtin().get("azure.audit").unwrap();
    let world = World {
        rule: Some((source, None)),
        read: Some((source, None)),
        ..World::default()
    };
    let told = eq(field("category"), "AuditLogs");
    let rule = eq(field("operationName"), "x");
    assert!(is_equal(&rule, &rule.clone().and(told.clone()), world));
    assert!(!is_equal(&rule, &rule.clone().and(told.negate()), world));
}

#[test]
fn a_regular_expression_of_texts_is_the_list_of_them() {
    let regex = |text: &str| texts(field("a"), Operator::Matches, &[text]);
    let list = |operator| texts(field("a"), operator, &["\\a.exe", "b"]);
    for (operator, pattern) in [
        (Operator::Contains, r"(?:\\a\.exe|b)"),
        (Operator::EndsWith, r"(?:\\a\.exe|b)$"),
        (Operator::StartsWith, r"^(?:\\a\.exe|b)"),
    ] {
        assert!(are_equal(&list(operator), &regex(pattern)), "{pattern}");
        for wrong in [
            r"(?:\\a.exe|b)",
            r"(?:\\a\.exe|b)\b",
            r"\\a\.exe|b$",
            r"^(?:\\a\.exe|b)$",
        ] {
            assert!(!are_equal(&list(operator), &regex(wrong)), "{wrong}");
        }
    }
}

#[test]
fn an_expression_in_any_case_takes_letters_that_a_text_does_not() {
    let asked = |operator, text: &str| {
        let object = Object::Texts(vec![text.to_owned()]);
        Condition::from(Predicate::new(field("a"), operator, object).ignore_case())
    };
    let ends = |text| asked(Operator::EndsWith, text);
    assert!(are_equal(&ends("abc"), &asked(Operator::Matches, "abc$")));
    assert!(!are_equal(&ends("abs"), &asked(Operator::Matches, "abs$")));
    let event = serde_json::json!({"a": "ab\u{17f}"});
    assert!(!crate::eval::holds(&ends("abs"), &event));
    assert!(crate::eval::holds(
        &asked(Operator::Matches, "abs$"),
        &event
    ));
}

#[test]
fn the_last_part_of_a_text_is_its_end() {
    let part = |by: &str, at: i64| {
        let split = Term::call(Function::Split, [field("a"), Term::text(by)]);
        Term::call(Function::Item, [split, Term::Literal(Literal::Integer(at))])
    };
    let ends = |end: &str| texts(field("a"), Operator::EndsWith, &[end]);
    let last = eq(part("/", -1), "x");
    assert!(are_equal(&last, &ends("/x").or(eq(field("a"), "x"))));
    let first = eq(part("/", 0), "x");
    let begins = texts(field("a"), Operator::StartsWith, &["x/"]);
    assert!(are_equal(&first, &begins.or(eq(field("a"), "x"))));
    for wrong in [ends("/x"), ends("x"), ends("/x").or(eq(field("a"), "X"))] {
        assert!(!are_equal(&last, &wrong), "{wrong}");
    }
    // The last part of `xaaa` between `aa` is `a`.
    let long = eq(part("aa", -1), "a");
    assert!(!are_equal(&long, &ends("aaa").or(eq(field("a"), "a"))));
}

/// The next of a row of numbers that look like chance, below a bound.
fn next(state: &mut u64, below: usize) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or(0) % below
}

/// The question whether the first or last of the items that are taken has something.
fn taken(at: i64, when: &Condition, asked: &Condition) -> Condition {
    let verdict = |value| Term::Literal(Literal::Boolean(value));
    let chosen = Term::Choice {
        cases: vec![crate::ir::Case {
            when: asked.clone(),
            then: verdict(true),
        }]
        .into(),
        otherwise: verdict(false).into(),
    };
    let list = Term::Select {
        list: field("a").into(),
        when: when.clone().into(),
        item: chosen.into(),
    };
    let first = Term::call(Function::Item, [list, Term::Literal(Literal::Integer(at))]);
    asks(
        first,
        Operator::Equals,
        Object::Literal(Literal::Boolean(true)),
    )
}

/// A condition on the items of a list.
fn about_items(state: &mut u64, depth: usize) -> Condition {
    let plain = |state: &mut u64| {
        let asked = match next(state, 4) {
            0 => eq(item("b"), "x"),
            1 => eq(item("b"), "y"),
            2 => eq(item("c"), "x"),
            _ => there(item("b"), Operator::Exists),
        };
        if next(state, 4) == 0 {
            asked.negate()
        } else {
            asked
        }
    };
    let body = |state: &mut u64| {
        let (one, other) = (plain(state), plain(state));
        match next(state, 3) {
            0 => one,
            1 => one.and(other),
            _ => one.or(other),
        }
    };
    if depth == 0 {
        return match next(state, 3) {
            0 => {
                let at = if next(state, 2) == 0 { 0 } else { -1 };
                taken(at, &body(state), &body(state))
            }
            _ => some("a", body(state)),
        };
    }
    let (one, other) = (about_items(state, depth - 1), about_items(state, depth - 1));
    match next(state, 3) {
        0 => one.and(other.negate()),
        1 => one.and(other),
        _ => one.or(other),
    }
}

#[test]
fn what_is_proved_of_the_items_of_a_list_holds_for_every_list() {
    let item = |at: usize| match at {
        0 => serde_json::json!({}),
        1 => serde_json::json!({"b": "x"}),
        2 => serde_json::json!({"b": "y", "c": "x"}),
        3 => serde_json::json!({"b": "x", "c": "x"}),
        4 => serde_json::json!({"b": null, "c": "x"}),
        _ => serde_json::json!("x"),
    };
    let mut events = vec![serde_json::json!({}), serde_json::json!({"a": "x"})];
    for length in 0..4_usize {
        for number in 0..6_usize.pow(u32::try_from(length).unwrap()) {
            let items =
                (0..length).map(|at| item(number / 6_usize.pow(u32::try_from(at).unwrap()) % 6));
            events.push(serde_json::json!({"a": items.collect::<Vec<_>>()}));
        }
    }
    let mut state = 7;
    let mut counts = [0_usize; 2];
    for _ in 0..600 {
        let first = about_items(&mut state, 1);
        let other = about_items(&mut state, 0);
        let second = match next(&mut state, 4) {
            0 => first
                .clone()
                .and(other.clone())
                .or(first.clone().and(other.negate())),
            1 => first.clone().and(other),
            2 => first.clone().or(other),
            _ => about_items(&mut state, 1),
        };
        let proved = are_equal(&first, &second);
        let holds = |condition: &Condition, event| crate::eval::holds(condition, event);
        let differs = events
            .iter()
            .find(|event| holds(&first, event) != holds(&second, event));
        counts[usize::from(proved)] += 1;
        if let Some(event) = differs {
            assert!(!proved, "{event}\n{first}\n{second}");
        }
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn what_no_item_has_is_had_by_none_that_has_more() {
    let [x, y] = ["x", "y"].map(|value| eq(item("b"), value));
    let c = eq(item("c"), "x");
    let either = some("a", c.clone().and(x.clone().or(y.clone())));
    let each = some("a", c.clone().and(x.clone())).or(some("a", c.clone().and(y.clone())));
    assert!(are_equal(&either, &each));
    assert!(!are_equal(&either, &some("a", c.clone().and(x.clone()))));
    // The first item with `x` or `y` has `x`, or else some item has `y`.
    let first = taken(0, &x.clone().or(y.clone()), &x);
    let any = some("a", x.clone()).or(some("a", y.clone()));
    assert!(are_equal(&first.clone().or(some("a", y.clone())), &any));
    assert!(!are_equal(&first.clone().or(some("a", c.clone())), &any));
    // Another end, another item.
    assert!(!are_equal(&first, &taken(-1, &x.clone().or(y.clone()), &x)));
    assert!(!are_equal(&first, &taken(0, &x.clone().or(c), &x)));
}

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
