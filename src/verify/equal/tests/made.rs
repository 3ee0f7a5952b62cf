//! The plain form of conditions and values over lists that are computed: it says the same of every event as what it is made of.

use serde_json::{Value, json};

use super::super::ways::ways_within;
use super::*;
use crate::eval;
use crate::ir::Case;

/// Choices that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// A value outside of lists, or, within `depth` of them, of an item.
    fn value(&mut self, depth: usize, size: usize) -> Term {
        if size == 0 || self.below(3) == 0 {
            if depth > 0 && self.below(3) > 0 {
                let paths = ["", "[0]", "[1]", "b"];
                return Term::Item {
                    depth: self.below(depth),
                    path: FieldPath::parse(self.one(&paths)).unwrap_or_default(),
                };
            }
            return match self.below(4) {
                0 => Term::text(self.one(&["x", "x/y", "None", ""])),
                1 => Term::Literal(self.one(&[
                    Literal::Integer(1),
                    Literal::Boolean(true),
                    Literal::Null,
                ])),
                _ => field(self.one(&["a", "o", "o.b"])),
            };
        }
        match self.below(11) {
            9 => Term::call(
                self.one(&[Function::Member, Function::MemberExact]),
                [self.value(depth, size - 1), Term::text("b")],
            ),
            0 => {
                let parts = [self.value(depth, size - 1), Term::text("/")];
                Term::call(Function::Concat, parts)
            }
            1 => Term::call(
                self.one(&[Function::Lower, Function::Trim]),
                [self.value(depth, size - 1)],
            ),
            2 => Term::call(
                self.one(&[Function::Display, Function::DisplayEvent, Function::ToText]),
                [self.value(depth, size - 1)],
            ),
            3 => {
                let filled = self.one(&[Function::Coalesce, Function::IfMissing]);
                Term::call(
                    filled,
                    [self.value(depth, size - 1), self.value(depth, size - 1)],
                )
            }
            4 => Term::Choice {
                cases: vec![Case {
                    when: self.condition(depth, size - 1),
                    then: self.value(depth, size - 1),
                }]
                .into(),
                otherwise: self.value(depth, size - 1).into(),
            },
            5 | 6 => {
                let at = Literal::Integer(self.one(&[0, 1, -1]));
                Term::call(
                    Function::Item,
                    [self.list(depth, size - 1), Term::Literal(at)],
                )
            }
            7 => Term::call(Function::Length, [self.list(depth, size - 1)]),
            8 => Term::call(
                Function::Add,
                [
                    self.value(depth, size - 1),
                    Term::Literal(Literal::Integer(1)),
                ],
            ),
            _ => self.list(depth, size - 1),
        }
    }

    /// A value that often is a list.
    fn list(&mut self, depth: usize, size: usize) -> Term {
        if size == 0 {
            return field("a");
        }
        match self.below(12) {
            0 | 1 => field("a"),
            2 => Term::call(Function::Numbered, [self.list(depth, size - 1)]),
            3 => {
                let (of, by) = (self.value(depth, size - 1), Term::text("/"));
                let count = Term::Literal(Literal::Integer(self.one(&[0, 1, -1])));
                match self.below(3) {
                    0 => Term::call(Function::SplitFirst, [of, by, count]),
                    1 => Term::call(Function::SplitLast, [of, by, count]),
                    _ => Term::call(Function::Split, [of, by]),
                }
            }
            4 => Term::call(
                self.one(&[Function::Distinct, Function::Reverse]),
                [self.list(depth, size - 1)],
            ),
            5 => {
                let place = |chance: &mut Self| {
                    chance.one(&[Literal::Null, Literal::Integer(1), Literal::Integer(-1)])
                };
                let (from, to) = (place(self), place(self));
                Term::call(
                    Function::Slice,
                    [
                        self.list(depth, size - 1),
                        Term::Literal(from),
                        Term::Literal(to),
                    ],
                )
            }
            6 => Term::call(
                Function::List,
                [self.value(depth, size - 1), self.value(depth, size - 1)],
            ),
            7 => Term::call(
                Function::Append,
                [
                    self.list(depth, size - 1),
                    self.one(&[Term::Literal(Literal::List(Vec::new())), field("o")]),
                ],
            ),
            8 => Term::call(
                self.one(&[Function::Flatten, Function::Latest]),
                [self.list(depth, size - 1)],
            ),
            9 => Term::Choice {
                cases: vec![Case {
                    when: self.condition(depth, size - 1),
                    then: self.list(depth, size - 1),
                }]
                .into(),
                otherwise: Term::Literal(self.one(&[Literal::Null, Literal::List(Vec::new())]))
                    .into(),
            },
            _ => Term::Select {
                list: self.list(depth, size - 1).into(),
                when: self.condition(depth + 1, size - 1).into(),
                item: self.value(depth + 1, size - 1).into(),
            },
        }
    }

    fn condition(&mut self, depth: usize, size: usize) -> Condition {
        if size == 0 || self.below(2) == 0 {
            return self.question(depth, size);
        }
        let (one, other) = (
            self.condition(depth, size - 1),
            self.condition(depth, size - 1),
        );
        match self.below(4) {
            0 => one.and(other.negate()),
            1 => one.and(other),
            2 => one.or(other),
            _ => Condition::Items {
                quantifier: self.one(&[Quantifier::Some, Quantifier::Some, Quantifier::Every]),
                list: self.list(depth, size - 1).into(),
                body: self.condition(depth + 1, size - 1).into(),
            },
        }
    }

    fn question(&mut self, depth: usize, size: usize) -> Condition {
        let subject = self.value(depth, size);
        match self.below(7) {
            0 => eq(subject, self.one(&["x", "None", "x/"])),
            1 => is(
                subject,
                self.one(&[
                    Kind::Text,
                    Kind::List,
                    Kind::Boolean,
                    Kind::Null,
                    Kind::Integer,
                ]),
            ),
            2 => there(
                subject,
                self.one(&[Operator::Exists, Operator::IsPresent, Operator::IsFilled]),
            ),
            3 => there(subject, Operator::IsTruthy),
            4 => number(
                subject,
                self.one(&[Operator::AtLeast, Operator::LessThan]),
                1,
            ),
            5 => texts(subject, Operator::Contains, &["/"]),
            _ => {
                let other = Object::Term(self.value(depth, size.min(1)).into());
                asks(subject, Operator::Equals, other)
            }
        }
    }
}

fn events() -> Vec<Value> {
    let values = [
        json!("x"),
        json!("x/y"),
        json!(null),
        json!(true),
        json!(1),
        json!([]),
        json!(["x"]),
        json!(["x", "x/y", null]),
        json!([["x", 1], ["x", "y"], ["y", []]]),
        json!([{"b": "x"}, {"b": null}, 1, true]),
        json!({"b": "x"}),
        json!({"b": ["x"]}),
    ];
    let mut events = vec![json!({})];
    for a in &values {
        events.push(json!({ "a": a }));
        for o in &values {
            events.push(json!({"a": a, "o": o}));
        }
    }
    events
}

#[test]
fn a_plain_condition_has_the_verdicts_of_the_one_that_it_is_made_of() {
    let [place, _] = places(World::default());
    let (events, mut chance) = (events(), Chance(11));
    let mut changed = 0;
    for _ in 0..2_000 {
        let condition = chance.condition(0, 3);
        let plain = place.condition(&condition);
        changed += usize::from(plain != condition);
        for event in &events {
            let (own, made) = (eval::holds(&condition, event), eval::holds(&plain, event));
            assert_eq!(own, made, "{event}\n{condition}\n{plain}");
        }
    }
    assert!(changed > 700, "{changed}");
}

#[test]
fn a_value_is_one_of_its_ways() {
    let [place, _] = places(World::default());
    let (events, mut chance) = (events(), Chance(5));
    let mut chosen = 0;
    for _ in 0..1_500 {
        let term = chance.value(0, 3);
        let plain = term::plain(&place, &term);
        let Some(ways) = ways_within(64, &place, &plain) else {
            continue;
        };
        chosen += usize::from(ways.len() > 1);
        for event in &events {
            let mut held = ways.iter().filter(|(given, _)| eval::holds(given, event));
            let (_, way) = held.next().unwrap();
            assert!(held.next().is_none(), "{event}\n{term}");
            let [own, way] = [&term, way].map(|term| eval::value(term, event));
            let bare = |value: Option<Value>| value.filter(|value| !value.is_null());
            assert_eq!(bare(own), bare(way), "{event}\n{term}\n{plain}");
        }
    }
    assert!(chosen > 200, "{chosen}");
}

#[test]
fn random_conditions_that_are_proved_equal_are() {
    let (events, mut chance) = (events(), Chance(29));
    let mut counts = [0_usize; 2];
    for _ in 0..700 {
        let (first, beside) = (chance.condition(0, 3), chance.question(0, 1));
        let second = match chance.below(5) {
            0 => places(World::default())[0].condition(&first),
            1 => first.clone().and(beside.clone()),
            2 => first.clone().and(beside.clone().or(first.clone())),
            3 => first.clone().or(beside.clone()),
            _ => first.clone().map(&mut |node| match node {
                Condition::Items { .. } => None,
                _ => Some(node.clone().and(beside.clone())),
            }),
        };
        let proved = are_equal(&first, &second);
        counts[usize::from(proved)] += 1;
        let mut events = events.iter().filter(|_| proved);
        let differs =
            events.find(|event| eval::holds(&first, event) != eval::holds(&second, event));
        assert!(differs.is_none(), "{differs:?}\n{first}\n{second}");
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}
