//! What is proved equal of events of any source, and of those of one. That nothing else is proved is asked of random conditions
//! (`tests/integration/meaning.rs`).

mod items;
mod made;
mod said;
mod told;
mod typed;

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

#[test]
fn exclusions_of_a_long_list_share_its_questions() {
    let ends = |at: usize| texts(field("a"), Operator::EndsWith, &[&format!("\\{at}.dll")]);
    let starts = |at: usize| texts(field("a"), Operator::StartsWith, &[&format!("{at}:\\")]);
    let any = |order: &mut dyn Iterator<Item = usize>| order.map(ends).reduce(Condition::or);
    let without = |at: usize| starts(at).and(ends(at * 18)).negate();
    let all = |order: &mut dyn Iterator<Item = usize>| order.map(without).reduce(Condition::and);
    let rule = any(&mut (0..300)).zip(all(&mut (0..16)));
    let read = all(&mut (0..16).rev()).zip(any(&mut (0..300).rev()));
    let other = all(&mut (0..15).rev()).zip(any(&mut (0..300).rev()));
    let [rule, read, other] = [rule, read, other].map(|parts| {
        let (first, second) = parts.unwrap();
        first.and(second)
    });
    assert!(are_equal(&rule, &read));
    assert!(!are_equal(&rule, &other));
}
