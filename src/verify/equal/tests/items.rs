//! Questions about the items of lists: proved together, and held against every short list.

use super::*;

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

/// A condition on an item that also asks more of the event than is said outside of the list.
fn about_item_and_event(state: &mut u64) -> Condition {
    let outside = (0..6).map(|at| eq(field(&format!("o{at}")), "x"));
    let any = outside.fold(eq(item("c"), "x"), Condition::or);
    let left = next(state, 6);
    let all = (0..6).filter(|at| *at != left);
    let all = all.map(|at| eq(field(&format!("o{at}")), "x"));
    let all = all.fold(eq(item("c"), "y"), Condition::and);
    let wanted = eq(item("b"), ["x", "y"][next(state, 2)]);
    match next(state, 3) {
        0 => wanted.and(any),
        1 => wanted.and(any.or(all)),
        _ => wanted.and(all.negate().or(any)),
    }
}

#[test]
fn what_is_settled_beside_a_list_is_told_to_the_proof_about_its_items() {
    let wanted = eq(item("b"), "x");
    let outside = |at: usize| eq(field(&format!("o{at}")), "x");
    let any = (0..6).map(outside).fold(eq(item("c"), "x"), Condition::or);
    let [one, either] = [wanted.clone(), wanted.and(any)].map(|body| some("a", body));
    for (beside, is_equal) in [(0, true), (5, true), (6, false)] {
        let [one, either] = [&one, &either].map(|asked| outside(beside).and(asked.clone()));
        assert_eq!(are_equal(&one, &either), is_equal, "o{beside}");
    }
    assert!(!are_equal(&one, &either));
    let otherwise = [&one, &either].map(|asked| outside(0).negate().and(asked.clone()));
    assert!(!are_equal(&otherwise[0], &otherwise[1]));
}

#[test]
fn what_is_proved_beside_a_list_holds_for_every_event() {
    let items = [
        serde_json::json!([]),
        serde_json::json!([{"b": "x"}]),
        serde_json::json!([{"b": "y", "c": "x"}]),
        serde_json::json!([{"b": "y", "c": "y"}, {"b": "x", "c": "x"}]),
    ];
    let mut events = Vec::new();
    for list in &items {
        for number in 0..128_u32 {
            let mut event = serde_json::json!({ "a": list });
            for at in (0..7).filter(|at| number >> at & 1 == 1) {
                event[format!("o{at}")] = serde_json::json!("x");
            }
            events.push(event);
        }
    }
    let mut state = 3;
    let mut counts = [0_usize; 2];
    for _ in 0..400 {
        let body = about_item_and_event(&mut state);
        let other = match next(&mut state, 3) {
            0 => body.clone().and(about_item_and_event(&mut state)),
            1 => body.clone().or(about_item_and_event(&mut state)),
            _ => eq(item("b"), ["x", "y"][next(&mut state, 2)]),
        };
        let [mut first, mut second] = [body, other].map(|body| some("a", body));
        for _ in 0..next(&mut state, 3) {
            let beside = eq(field(&format!("o{}", next(&mut state, 7))), "x");
            let beside = match next(&mut state, 3) {
                0 => beside.negate(),
                _ => beside,
            };
            (first, second) = (first.and(beside.clone()), second.and(beside));
        }
        let proved = are_equal(&first, &second);
        counts[usize::from(proved)] += 1;
        let holds = |condition: &Condition, event| crate::eval::holds(condition, event);
        let mut events = events.iter();
        if let Some(event) = events.find(|event| holds(&first, event) != holds(&second, event)) {
            assert!(!proved, "{event}\n{first}\n{second}");
        }
    }
    assert!(counts.iter().all(|count| *count > 60), "{counts:?}");
}
