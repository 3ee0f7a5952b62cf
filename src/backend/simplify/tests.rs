//! Rules and what becomes of them, compared on events: the verdict on every one, the values on those that are selected.

use serde_json::{Value, json};

use super::*;
use crate::eval;
use crate::ir::{FieldPath, Kind, Literal, Metadata, Operator, Output, Quantifier, Stage};

/// Numbers that follow from one another, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn field(&mut self, depth: usize) -> Term {
        if depth > 0 && self.below(2) == 0 {
            let path = ["", "k", "x"][self.below(3)];
            return Term::Item {
                depth: 0,
                path: FieldPath::parse(path).unwrap(),
            };
        }
        field(["a", "b", "c.d", "l"][self.below(4)])
    }

    fn predicate(&mut self, depth: usize) -> Condition {
        let subject = self.field(depth);
        let texts =
            |texts: &[&str]| Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
        let (operator, object) = match self.below(8) {
            0 => (Operator::Exists, Object::None),
            1 => (Operator::IsPresent, Object::None),
            2 => (Operator::IsTruthy, Object::None),
            3 => (Operator::Equals, Object::Literal(Literal::text("xy"))),
            4 => (
                Operator::In,
                Object::List(vec![Literal::text("xy"), Literal::text("z")]),
            ),
            5 => (Operator::StartsWith, texts(&["x"])),
            6 => (
                Operator::IsKind,
                Object::Kinds(vec![[Kind::Text, Kind::List, Kind::Object][self.below(3)]]),
            ),
            _ => (Operator::Contains, texts(&["y"])),
        };
        Predicate::new(subject, operator, object).into()
    }

    fn condition(&mut self, size: usize, depth: usize) -> Condition {
        if size == 0 {
            return self.predicate(depth);
        }
        let parts: Vec<Condition> = (0..2 + self.below(2))
            .map(|_| self.condition(size - 1, depth))
            .collect();
        match self.below(6) {
            0 | 1 => Condition::All(parts.into()),
            2 | 3 => Condition::Any(parts.into()),
            4 => parts[0].clone().negate(),
            _ => Condition::Items {
                quantifier: [Quantifier::Some, Quantifier::Every, Quantifier::One][self.below(3)],
                list: Shared::new(field("l")),
                body: Shared::new(self.condition(size - 1, 1)),
            },
        }
    }

    fn term(&mut self, size: usize, depth: usize) -> Term {
        if size == 0 {
            return match self.below(3) {
                0 => Term::text(["p", "q"][self.below(2)]),
                _ => self.field(depth),
            };
        }
        match self.below(5) {
            0 => Term::call(
                Function::Concat,
                vec![Term::text("s"), self.term(size - 1, depth), Term::text("e")],
            ),
            1 => Term::Select {
                list: Shared::new(field("l")),
                when: Shared::new(self.condition(1, 1)),
                item: Shared::new(self.term(size - 1, 1)),
            },
            _ => Term::Choice {
                cases: (0..3)
                    .map(|_| Case {
                        when: self.condition(2, depth),
                        then: self.term(size - 1, depth),
                    })
                    .collect(),
                otherwise: Shared::new(self.term(size - 1, depth)),
            },
        }
    }

    fn value(&mut self) -> Value {
        match self.below(9) {
            0 => json!(null),
            1 => json!(""),
            2 | 3 => json!("xy"),
            4 => json!("z"),
            5 => json!({"d": "x", "k": "xy"}),
            6 => json!([]),
            7 => json!(["xy", {"k": "xy", "x": null}]),
            _ => json!(7),
        }
    }

    fn event(&mut self) -> Value {
        let mut event = serde_json::Map::new();
        for key in ["a", "b", "c", "l"] {
            if self.below(5) > 0 {
                event.insert(key.to_owned(), self.value());
            }
        }
        Value::Object(event)
    }
}

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn rule(selection: Condition, shown: Term) -> Rule {
    let mut rule = Rule::new(Metadata::default());
    rule.selection = selection;
    rule.outputs.push(Output {
        name: "shown".to_owned(),
        source: shown,
        when: None,
        stage: Stage::Fields,
        origin: crate::ir::Origin::default(),
    });
    rule
}

/// The value of the output on an event; nothing where it is missing.
fn shown(rule: &Rule, event: &Value) -> Option<Value> {
    eval::value(&rule.outputs[0].source, event)
}

#[test]
fn a_rule_selects_and_shows_the_same_with_less_to_ask() {
    let mut chance = Chance(7);
    let mut shorter = 0;
    for _ in 0..400 {
        let selection = chance.condition(3, 0);
        let given = chance.predicate(0);
        let whole = rule(selection, chance.term(2, 0));
        let mut lean = whole.clone();
        simplify(
            &mut lean,
            &Given {
                facts: vec![given.clone()],
                types: None,
            },
        );
        shorter += usize::from(lean != whole);
        for _ in 0..60 {
            let event = chance.event();
            if !eval::holds(&given, &event) {
                continue;
            }
            let selected = eval::holds(&whole.selection, &event);
            assert_eq!(
                selected,
                eval::holds(&lean.selection, &event),
                "{event}\n{}\n{}",
                whole.selection,
                lean.selection
            );
            if selected {
                let (one, other) = (&whole.outputs[0].source, &lean.outputs[0].source);
                assert_eq!(
                    shown(&whole, &event),
                    shown(&lean, &event),
                    "{event}\n{one}\n{other}"
                );
            }
        }
    }
    assert!(shorter > 200, "{shorter}");
}

#[test]
fn conditions_keep_their_verdict_and_lose_what_is_decided() {
    let mut chance = Chance(11);
    let (mut before, mut after) = (0, 0);
    for _ in 0..1_000 {
        let condition = chance.condition(3, 0);
        let told = Simplifier::new(None).settled(&condition);
        before += normalize::condition(condition.clone()).size();
        after += told.size();
        for _ in 0..60 {
            let event = chance.event();
            assert_eq!(
                eval::holds(&condition, &event),
                eval::holds(&told, &event),
                "{event}\n{condition}\n{told}"
            );
        }
    }
    assert!(after < before, "{before} {after}");
}

fn asks(subject: Term, operator: Operator, object: Object) -> Condition {
    Predicate::new(subject, operator, object).into()
}

#[test]
fn a_later_case_does_not_repeat_that_no_earlier_one_holds() {
    let is = |field_name: &str| asks(field(field_name), Operator::IsTruthy, Object::None);
    let case = |when: Condition, then: &str| Case {
        when,
        then: Term::text(then),
    };
    let chosen = Term::Choice {
        cases: vec![
            case(is("a").and(is("b")), "both"),
            case(is("a").and(is("a").and(is("b")).negate()), "a"),
            case(is("a"), "never"),
            case(is("a").negate().and(is("b")), "b"),
        ]
        .into(),
        otherwise: Shared::new(Term::text("none")),
    };
    let told = Simplifier::new(None).term(&chosen).unwrap();
    assert_eq!(
        told.to_string(),
        r#""both" if a truthy and b truthy, else "a" if a truthy, else "b" if b truthy, else "none""#
    );
}

/// The entries of the event, with what `then` makes of those whose key starts with `p`.
fn taken(list: Term, then: Term) -> Term {
    Term::Select {
        list: Shared::new(list),
        when: Shared::new(starts_with_p()),
        item: Shared::new(then),
    }
}

fn starts_with_p() -> Condition {
    let key = Term::Item {
        depth: 0,
        path: FieldPath::parse("[0]").unwrap(),
    };
    asks(
        key,
        Operator::StartsWith,
        Object::Texts(vec!["p".to_owned()]),
    )
}

#[test]
fn what_is_before_the_first_match_has_none_and_what_is_behind_it_is_the_rest() {
    let entries = || Term::call(Function::Entries, vec![Term::Field(FieldPath::root())]);
    let whole = |value: i64| Term::Literal(Literal::Integer(value));
    let null = || Term::Literal(Literal::Null);
    let passes = Term::Choice {
        cases: vec![Case {
            when: starts_with_p(),
            then: Term::Literal(Literal::Boolean(true)),
        }]
        .into(),
        otherwise: Shared::new(Term::Literal(Literal::Boolean(false))),
    };
    let all = Term::Select {
        list: Shared::new(entries()),
        when: Shared::new(Condition::TRUE),
        item: Shared::new(passes),
    };
    let at = Term::call(
        Function::Position,
        vec![all, Term::Literal(Literal::Boolean(true))],
    );
    let before = Term::call(Function::Slice, vec![entries(), whole(0), at.clone()]);
    let next = Term::call(Function::Add, vec![at, whole(1)]);
    let behind = Term::call(Function::Slice, vec![entries(), next, null()]);
    let key = Term::Item {
        depth: 0,
        path: FieldPath::parse("[0]").unwrap(),
    };
    let told = |list: &Term| {
        let told = Simplifier::new(None).term(&taken(list.clone(), key.clone()));
        told.map(|told| told.to_string())
    };
    assert_eq!(told(&before).as_deref(), Some("[]"));
    assert_eq!(
        told(&behind).as_deref(),
        Some(
            r#"slice([item[0] of each item of entries(event) where item[0] starts_with "p"], 1, null)"#
        )
    );
    for event in [
        json!({}),
        json!({"a": 1}),
        json!({"p": 1}),
        json!({"a": 1, "p1": 2, "b": 3, "p2": 4, "p3": 5}),
    ] {
        for list in [&before, &behind] {
            let given = taken(list.clone(), key.clone());
            let told = Simplifier::new(None).term(&given).unwrap();
            assert_eq!(
                eval::value(&given, &event),
                eval::value(&told, &event),
                "{event}"
            );
        }
    }
}

/// What is found out about the parts of a choice is kept while facts come and go, and holds as long as they are there.
#[test]
fn what_a_fact_says_of_a_choice_goes_with_it() {
    let asks = |name| asks(field(name), Operator::IsTruthy, Object::None);
    let (a, b, c) = (asks("a"), asks("b"), asks("c"));
    let mut facts = Facts::default();
    facts.add(&a.clone().and(c.clone()).or(b.clone()), true);
    let length = facts.len();
    for others in [vec![], vec![asks("d")], vec![asks("e"), asks("d")]] {
        for decisive in [&a, &c] {
            assert_eq!(facts.decide(&b), None);
            for other in &others {
                facts.add(other, false);
            }
            assert_eq!(facts.decide(&b), None);
            facts.add(decisive, false);
            assert_eq!(facts.decide(&b), Some(true));
            assert_eq!(facts.within(&field("l")).decide(&b), Some(true));
            facts.truncate(length);
            assert_eq!(facts.within(&field("l")).decide(&b), None);
        }
    }
    assert_eq!(facts.decide(&b), None);
}
