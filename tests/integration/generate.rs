//! Conditions and events for the tests: random ones from a seeded generator, and the events that a condition's own predicates
//! call for (hit, near miss, absent, null, wrong type, other case).

use rulec::ir::{
    Condition, FieldPath, Function, Kind, Literal, OPERATORS, Object, ObjectKind, Operator,
    Predicate, Quantifier, Segment, Shared, Term,
};
use serde_json::{Map, Value, json};

/// A small linear congruential generator: the same sequence on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(
            seed.wrapping_mul(2_862_933_555_777_941_757)
                .wrapping_add(3_037_000_493),
        )
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

const PATHS: &[&str] = &[
    "name",
    "agent",
    "user",
    "user.type",
    "user.id",
    "items[].key",
    "items",
    "count",
    "flag",
];
const TEXTS: &[&str] = &[
    "",
    "a",
    "ab",
    "AB",
    "abc",
    "aws-internal/3",
    "10.0.0.1",
    "::1",
    "x.y",
    "a*c",
    "a\\",
    "List",
    "ListRoles",
];

/// A random predicate over a few fields.
pub fn predicate(random: &mut Random, item: bool) -> Predicate {
    let path = FieldPath::parse(PATHS[random.below(PATHS.len())]).unwrap();
    let field = if item && random.below(2) == 0 {
        Term::Item {
            depth: 0,
            path: FieldPath::keys(["key"]),
        }
    } else {
        Term::Field(path)
    };
    let subject = match random.below(12) {
        0 => Term::call(Function::Lower, [field]),
        1 => Term::call(Function::ToText, [field]),
        _ => field,
    };
    let operator = random.pick(OPERATORS).operator;
    let mut texts = || -> Vec<String> {
        let count = 1 + random.below(2);
        (0..count)
            .map(|_| (*random.pick(TEXTS)).to_owned())
            .collect()
    };
    let object = match operator.info().object {
        ObjectKind::None => Object::None,
        ObjectKind::Scalar if operator == Operator::Equals => Object::Literal(literal(random)),
        ObjectKind::Scalar => Object::Literal(if random.below(2) == 0 {
            Literal::Integer(1)
        } else {
            Literal::text("ab")
        }),
        ObjectKind::List => {
            let count = 1 + random.below(3);
            Object::List((0..count).map(|_| literal(random)).collect())
        }
        ObjectKind::Texts => Object::Texts(texts()),
        ObjectKind::Regexes => Object::Texts(vec![
            (*random.pick(&["^a", "b$", "a.c", "[0-9]+"])).to_owned(),
        ]),
        ObjectKind::Networks => Object::Texts(vec![
            (*random.pick(&["10.0.0.0/8", "::/0", "0.0.0.0/0"])).to_owned(),
        ]),
        ObjectKind::Kinds => Object::Kinds(vec![*random.pick(&[
            Kind::Null,
            Kind::Boolean,
            Kind::Integer,
            Kind::Number,
            Kind::Text,
            Kind::List,
            Kind::Object,
        ])]),
    };
    let predicate = Predicate::new(subject, operator, object);
    if operator.info().has_case && random.below(3) == 0 {
        predicate.ignore_case()
    } else {
        predicate
    }
}

fn literal(random: &mut Random) -> Literal {
    match random.below(6) {
        0 => Literal::Integer(1),
        1 => Literal::Boolean(true),
        _ => Literal::text(*random.pick(TEXTS)),
    }
}

/// A random condition of at most the given depth.
pub fn condition(random: &mut Random, depth: usize, item: bool) -> Condition {
    if depth == 0 {
        return predicate(random, item).into();
    }
    let parts = |random: &mut Random| {
        let count = 1 + random.below(3);
        (0..count)
            .map(|_| condition(random, depth - 1, item))
            .collect()
    };
    match random.below(8) {
        0..=2 => Condition::All(parts(random)),
        3..=5 => Condition::Any(parts(random)),
        6 => Condition::Not(Shared::new(condition(random, depth - 1, item))),
        _ if !item => Condition::Items {
            quantifier: if random.below(2) == 0 {
                Quantifier::Some
            } else {
                Quantifier::Every
            },
            list: Term::field(["items"]).into(),
            body: Shared::new(condition(random, depth - 1, true)),
        },
        _ => predicate(random, item).into(),
    }
}

/// A random event over the same few fields.
pub fn event(random: &mut Random) -> Value {
    let mut event = Map::new();
    for name in ["name", "agent", "count", "flag"] {
        if let Some(value) = value(random) {
            event.insert(name.to_owned(), value);
        }
    }
    let object = |random: &mut Random, keys: &[&str]| {
        let entries = keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), value(random)?)));
        Value::Object(entries.collect())
    };
    match random.below(4) {
        0 => {}
        1 => {
            event.insert("user".to_owned(), Value::from("text"));
        }
        _ => {
            let user = object(random, &["type", "id"]);
            event.insert("user".to_owned(), user);
        }
    }
    if random.below(3) > 0 {
        let count = random.below(3);
        let items: Vec<Value> = (0..count).map(|_| object(random, &["key"])).collect();
        event.insert("items".to_owned(), items.into());
    }
    Value::Object(event)
}

fn value(random: &mut Random) -> Option<Value> {
    Some(match random.below(12) {
        0 => return None,
        1 => Value::Null,
        2 => json!(1),
        3 => json!(0),
        4 => json!(true),
        5 => json!(["a"]),
        6 => json!({}),
        _ => Value::from(*random.pick(TEXTS)),
    })
}

/// The events that the condition's predicates call for, around an event that satisfies as many of them as it can.
pub fn events_for(condition: &Condition) -> Vec<Value> {
    let predicates = condition.predicates();
    let mut base = json!({});
    for (predicate, negated) in &predicates {
        if !negated && let Some(hit) = hits(predicate).into_iter().next() {
            set(&mut base, &predicate.subject, Some(hit));
        }
    }
    let mut events = vec![base.clone(), json!({})];
    for (predicate, _) in &predicates {
        let misses = [
            json!("zzz"),
            json!(""),
            Value::Null,
            json!(7),
            json!(true),
            json!(["zzz"]),
            json!({"z": 1}),
        ];
        let near: Vec<Value> = hits(predicate)
            .iter()
            .filter_map(Value::as_str)
            .flat_map(near_misses)
            .collect();
        for value in hits(predicate)
            .into_iter()
            .chain(near)
            .chain(misses)
            .map(Some)
            .chain([None])
        {
            let mut event = base.clone();
            set(&mut event, &predicate.subject, value);
            events.push(event);
        }
    }
    // Every pair of values of two predicates: alternatives are reached only when several fields change together.
    for (a, _) in &predicates {
        for (b, _) in predicates.iter().filter(|(b, _)| b.subject != a.subject) {
            for first in hits(a) {
                for second in hits(b) {
                    let mut event = base.clone();
                    set(&mut event, &a.subject, Some(first.clone()));
                    set(&mut event, &b.subject, Some(second));
                    events.push(event);
                }
            }
        }
    }
    events
}

/// Values for which the predicate holds, or that it compares with.
fn hits(predicate: &Predicate) -> Vec<Value> {
    let around = |text: &str| match predicate.operator {
        Operator::StartsWith => format!("{text}-tail"),
        Operator::EndsWith => format!("head-{text}"),
        Operator::Contains => format!("head-{text}-tail"),
        Operator::HasTerm => format!("head {text} tail"),
        Operator::InNetwork => text.split('/').next().unwrap_or(text).to_owned(),
        _ => text.to_owned(),
    };
    match &predicate.object {
        Object::Literal(literal) => vec![literal.to_json()],
        Object::List(items) => items.iter().map(Literal::to_json).collect(),
        Object::Texts(texts) => texts.iter().map(|text| Value::from(around(text))).collect(),
        Object::Kinds(kinds) if kinds.contains(&Kind::Text) => vec![json!("some text")],
        _ if predicate.operator == Operator::IsIpAddress => {
            vec![json!("203.0.113.7"), json!("2001:db8::1")]
        }
        _ => vec![json!("present"), json!(1), json!({"k": 1})],
    }
}

fn near_misses(text: &str) -> Vec<Value> {
    let mut cut = text.to_owned();
    cut.pop();
    let other_case = if text.to_uppercase() == text {
        text.to_lowercase()
    } else {
        text.to_uppercase()
    };
    [format!("x{text}"), format!("{text}x"), cut, other_case]
        .into_iter()
        .map(Value::from)
        .collect()
}

/// Sets or removes the value that a term reads, where the term is a field or computed from one.
fn set(event: &mut Value, term: &Term, value: Option<Value>) {
    let Some(path) = term.fields().first().map(|path| (*path).clone()) else {
        return;
    };
    put(event, &path.segments, value);
}

fn put(target: &mut Value, segments: &[Segment], value: Option<Value>) {
    let Some((first, rest)) = segments.split_first() else {
        *target = value.unwrap_or(Value::Null);
        return;
    };
    match first {
        Segment::Key(key) | Segment::Exact(key) => {
            if !target.is_object() {
                *target = json!({});
            }
            let map = target.as_object_mut().unwrap();
            match (rest.is_empty(), value) {
                (true, Some(value)) => {
                    map.insert(key.clone(), value);
                }
                (true, None) => {
                    map.shift_remove(key);
                }
                (false, value) => put(
                    map.entry(key.clone()).or_insert_with(|| json!({})),
                    rest,
                    value,
                ),
            }
        }
        Segment::Index(_) | Segment::Each => {
            if target.as_array().is_none_or(Vec::is_empty) {
                *target = json!([{}]);
            }
            put(&mut target.as_array_mut().unwrap()[0], rest, value);
        }
    }
}
