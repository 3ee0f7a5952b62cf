//! Questions about joined texts and about how many items are taken.

use super::*;

#[test]
fn a_text_in_joined_texts_is_in_one_of_them() {
    let display = Term::call(Function::Display, [item("")]);
    let shown = Term::Select {
        list: field("list").into(),
        when: Condition::TRUE.into(),
        item: display.into(),
    };
    let joined =
        |list: Term, separator: &str| Term::call(Function::Join, [list, Term::text(separator)]);
    let contains = |subject: Term, text: &str| {
        Predicate::new(
            subject,
            Operator::Contains,
            Object::Texts(vec![text.to_owned()]),
        )
    };
    let keys = Term::call(Function::Keys, [field("list")]);
    for list in [shown.clone(), keys] {
        for text in ["a/b", "B", "none", "1"] {
            let asked = contains(joined(list.clone(), " "), text).ignore_case();
            let one = joined::test(&asked).unwrap();
            for value in [
                json!(null),
                json!([]),
                json!(["a/b", "c"]),
                json!(["a/", "b"]),
                json!(["x", "xA/Bx", null, 1]),
                json!({"a/b": 1, "b": 2}),
                json!("a/b"),
            ] {
                let event = json!({"list": value});
                let expected = eval::holds(&asked.clone().into(), &event);
                assert_eq!(eval::holds(&one, &event), expected, "{asked:?} {event}");
            }
        }
    }
    // A text with a part of the separator may lie between two texts, and what is no text is not joined.
    assert!(joined::test(&contains(joined(shown.clone(), " "), "a b")).is_none());
    assert!(joined::test(&contains(joined(shown, ""), "ab")).is_none());
    assert!(joined::test(&contains(joined(field("list"), " "), "ab")).is_none());
}

#[test]
fn how_many_items_are_taken_does_not_depend_on_what_is_taken() {
    let select = |when: Condition, taken: Term| Term::Select {
        list: field("list").into(),
        when: when.into(),
        item: taken.into(),
    };
    let is_a = || equals(item("k"), "a");
    let whole = |number: i64| Term::Literal(Literal::Integer(number));
    let length = |list: Term| Term::call(Function::Length, [list]);
    let chosen = |list: Term| Term::Choice {
        cases: vec![Case {
            when: equals(field("name"), "x"),
            then: list,
        }]
        .into(),
        otherwise: Term::Literal(Literal::List(Vec::new())).into(),
    };
    let distinct = |list: Term| Term::call(Function::Distinct, [list]);
    let terms = [
        length(select(is_a(), item("v"))),
        length(select(Condition::TRUE, item("v"))),
        length(chosen(select(is_a(), item("v")))),
        length(distinct(chosen(select(is_a(), item("v"))))),
        Term::call(
            Function::Item,
            [chosen(select(is_a(), item("v"))), whole(0)],
        ),
    ];
    let lists = [
        json!(null),
        json!("a"),
        json!([]),
        json!([{"k": "a"}]),
        json!([{"k": "a", "v": 2}, {"k": "b", "v": 1}]),
        json!([{"k": "a", "v": 2}, {"k": "a", "v": 2}, {"k": "a", "v": 1}, null]),
    ];
    let mut answered = 0;
    for term in &terms {
        for operator in [
            Operator::GreaterThan,
            Operator::AtLeast,
            Operator::LessThan,
            Operator::AtMost,
            Operator::Equals,
        ] {
            for number in [0, 1, 2] {
                let object = Object::Literal(Literal::Integer(number));
                let asked = Predicate::new(term.clone(), operator, object);
                let Some(told) = counted::test(&asked) else {
                    continue;
                };
                answered += 1;
                for list in &lists {
                    for event in [json!({"list": list}), json!({"list": list, "name": "x"})] {
                        let expected = eval::holds(&asked.clone().into(), &event);
                        assert_eq!(
                            eval::holds(&told, &event),
                            expected,
                            "{asked:?} {told} {event}"
                        );
                    }
                }
            }
        }
    }
    assert_eq!(answered, 5 * 5 * 3);
}
