//! What a rule means does not change on its way: normalization, and what is emitted and read back, give the verdicts of the
//! reference evaluator on the rule that was read.

use rulec::analysis::Fidelity;
use rulec::backend::TARGETS;
use rulec::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Literal, Object, Operator, Rule,
    Segment, Shared, Term,
};
use rulec::{eval, normalize};
use serde_json::Value;

use crate::generate::{self, Random};
use crate::read_back;
use crate::rules;

#[test]
fn normalization_keeps_every_verdict() {
    let mut random = Random::new(7);
    let mut verdicts = [0_usize; 2];
    for _ in 0..4_000 {
        let depth = 1 + random.below(4);
        let source = generate::condition(&mut random, depth, false);
        let normal = normalize::condition(source.clone());
        for _ in 0..25 {
            let event = generate::event(&mut random);
            let verdict = eval::holds(&source, &event);
            verdicts[usize::from(verdict)] += 1;
            assert_eq!(
                verdict,
                eval::holds(&normal, &event),
                "{event}\nsource: {source}\nnormal: {normal}"
            );
        }
    }
    assert!(
        verdicts.iter().all(|count| *count > 10_000),
        "both verdicts occur: {verdicts:?}"
    );
}

/// A value that is computed of an event, as rules compute them.
fn computed(random: &mut Random) -> Term {
    let field = |path: &str| Term::Field(FieldPath::parse(path).unwrap());
    let number = |value: i64| Term::Literal(Literal::Integer(value));
    let split = || Term::call(Function::Split, [field("name"), Term::text(".")]);
    let at = i64::try_from(random.below(5)).unwrap() - 2;
    let verdict = |value| Term::Literal(Literal::Boolean(value));
    match random.below(13) {
        0 => split(),
        1 => Term::call(Function::Item, [split(), number(at)]),
        2 => Term::call(Function::Length, [split()]),
        3 => Term::call(Function::Length, [field("name")]),
        4 => Term::call(Function::Length, [field("items")]),
        5 => Term::call(
            Function::Coalesce,
            [field("name"), field("agent"), Term::text("a")],
        ),
        6 => Term::call(Function::IfMissing, [field("name"), Term::text("a")]),
        7 => Term::call(Function::MemberExact, [field("user"), Term::text("type")]),
        8 => Term::call(Function::Item, [field("items"), number(at)]),
        9 => Term::call(
            Function::Subtract,
            [number(0), Term::call(Function::Length, [split()])],
        ),
        10 => Term::Choice {
            cases: vec![Case {
                when: generate::condition(random, 1, false),
                then: field("name"),
            }]
            .into(),
            otherwise: Shared::new(Term::text("a")),
        },
        11 => Term::Field(FieldPath::root().join(Segment::Exact("name".to_owned()))),
        _ => {
            let taken = Term::Select {
                list: Shared::new(field("items")),
                when: Shared::new(generate::condition(random, 1, true)),
                item: Shared::new(Term::Choice {
                    cases: vec![Case {
                        when: generate::condition(random, 0, true),
                        then: verdict(true),
                    }]
                    .into(),
                    otherwise: Shared::new(verdict(false)),
                }),
            };
            Term::call(Function::Item, [taken, number(0)])
        }
    }
}

/// The condition with some of its questions about computed values or numbers.
fn about_computed(random: &mut Random, condition: Condition) -> Condition {
    let numbers = [
        Operator::LessThan,
        Operator::AtMost,
        Operator::GreaterThan,
        Operator::AtLeast,
        Operator::Equals,
    ];
    condition.map(&mut |node| match node {
        Condition::Test(predicate) if random.below(3) == 0 => {
            let mut predicate = predicate.as_ref().clone();
            predicate.subject = computed(random);
            if random.below(3) == 0 {
                let number = i64::try_from(random.below(5)).unwrap() - 1;
                predicate.operator = numbers[random.below(numbers.len())];
                predicate.object = Object::Literal(Literal::Integer(number));
                predicate.case = CaseSensitivity::Sensitive;
            }
            Some(predicate.into())
        }
        _ => None,
    })
}

/// A condition that may be equal to the given one: written otherwise, or changed in one place.
fn related(random: &mut Random, condition: &Condition) -> Condition {
    let other = generate::condition(random, 1, false);
    let other = about_computed(random, other);
    let given = condition.clone();
    match random.below(7) {
        0 => normalize::condition(given),
        1 => given.clone().and(other).or(given),
        2 => given.and(other),
        3 => given.or(other),
        4 => {
            let [left, right] = [other.clone(), other.negate()].map(|part| given.clone().and(part));
            left.or(right)
        }
        5 => Condition::constant(random.below(2) == 0),
        _ => {
            let mut at = random.below(condition.predicates().len().max(1)) + 1;
            let changed = generate::predicate(random, false);
            given.map(&mut |node| match node {
                Condition::Test(_) => {
                    at = at.checked_sub(1)?;
                    (at == 0).then(|| changed.clone().into())
                }
                _ => None,
            })
        }
    }
}

#[test]
fn conditions_that_are_proved_equal_are() {
    let mut random = Random::new(23);
    let mut proved = [0_usize; 2];
    for _ in 0..12_000 {
        let depth = random.below(3);
        let first = generate::condition(&mut random, depth, false);
        let first = about_computed(&mut random, first);
        let second = related(&mut random, &first);
        if !rulec::verify::are_equal(&first, &second) {
            proved[0] += 1;
            continue;
        }
        proved[1] += 1;
        let mut events = generate::events_for(&first);
        events.extend(generate::events_for(&second));
        events.extend((0..60).map(|_| generate::event(&mut random)));
        for event in events {
            assert_eq!(
                eval::holds(&first, &event),
                eval::holds(&second, &event),
                "{event}\nfirst: {first}\nsecond: {second}"
            );
        }
    }
    assert!(
        proved.iter().all(|count| *count > 2_000),
        "some are proved and some are not: {proved:?}"
    );
}

#[test]
fn normalization_is_idempotent() {
    let mut random = Random::new(11);
    for _ in 0..2_000 {
        let normal = normalize::condition(generate::condition(&mut random, 3, false));
        assert_eq!(normal, normalize::condition(normal.clone()));
    }
}

#[test]
fn the_rules_own_tests_hold() {
    for example in rules::examples() {
        let normal = normalize::normalize(example.rule.clone());
        assert!(
            example.rule.tests.iter().any(|test| test.expected),
            "{}: no test matches",
            example.name
        );
        for test in &example.rule.tests {
            assert_eq!(
                eval::matches(&example.rule, &test.event),
                test.expected,
                "{}: {}",
                example.name,
                test.name
            );
            assert_eq!(
                eval::matches(&normal, &test.event),
                test.expected,
                "{}, normal: {}",
                example.name,
                test.name
            );
        }
    }
}

#[test]
fn what_is_read_back_gives_the_same_verdicts() {
    for example in rules::examples() {
        let rule = normalize::normalize(example.rule);
        let events = events(&rule);
        assert!(
            events
                .iter()
                .filter(|event| eval::matches(&rule, event))
                .count()
                > 5,
            "{}: few events match",
            example.name
        );
        for target in TARGETS {
            let back = read_back::through(&rule, *target);
            let read = back
                .rule
                .unwrap_or_else(|| panic!("{} refuses {}", target.name(), example.name));
            let fidelity = back.translation.report.condition();
            for event in &events {
                let (before, after) = (eval::matches(&rule, event), eval::matches(&read, event));
                let context = || {
                    format!(
                        "{} {fidelity:?}: {event}\nsource: {}\nread: {}",
                        target.name(),
                        rule.selection,
                        read.selection
                    )
                };
                match fidelity {
                    Fidelity::Exact => assert_eq!(before, after, "{}", context()),
                    Fidelity::Wider => assert!(!before || after, "{}", context()),
                    Fidelity::Narrower => assert!(before || !after, "{}", context()),
                    Fidelity::Unsupported => unreachable!("a refused rule has no artifact"),
                }
            }
        }
    }
}

#[test]
fn tests_travel_with_the_rule() {
    for example in rules::examples() {
        let rule = normalize::normalize(example.rule);
        for target in TARGETS {
            let read = read_back::through(&rule, *target).rule.unwrap();
            let cases = |rule: &Rule| {
                rule.tests
                    .iter()
                    .map(|test| (test.name.clone(), test.event.clone(), test.expected))
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                cases(&read),
                cases(&rule),
                "{} {}",
                target.name(),
                example.name
            );
        }
    }
}

/// The rule's own events, and those that its predicates call for.
fn events(rule: &Rule) -> Vec<Value> {
    let own = rule.tests.iter().map(|test| test.event.clone());
    own.chain(generate::events_for(&rule.selection)).collect()
}
