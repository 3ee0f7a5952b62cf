//! Conditions and terms as `serde` writes and reads them, and the table of the parts that a large rule holds several times.
//!
//! A tree that shares its parts can be thousands of times as large when it is written out. Within [`to_json`], a part that stands
//! in the table is written as `{"shared": 3}`, its place there; within [`read`], that is the part again, and held by all who say so.
//! Invariant: a part of the table says only parts that stand before it. Refused: a place without a part, a term where a condition
//! is due, and a rule whose parts would be more than eight million when written out.

use std::cell::RefCell;

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeStructVariant, Serializer};
use serde::{Deserialize as Read, Serialize as Write};

use super::{
    Aggregate, ByFingerprint, Case, Condition, FieldPath, Fingerprint, Function, Literal, Object,
    Predicate, Quantifier, Rule, Shared, SharedVec, Term, pretty,
};

/// The version of the native form.
pub const VERSION: u64 = 1;

/// A rule with fewer parts is written as a plain tree.
const LARGE: u64 = 500;

/// What is smaller is written wherever it stands.
const WORTH: u64 = 6;

/// The most parts that a rule may have when it is written out.
const MOST: u64 = 8_000_000;

/// A part of the table.
#[derive(Clone, Debug, Read, Write, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A condition.
    Condition(#[serde(serialize_with = "own_condition")] Condition),
    /// A term.
    Term(#[serde(serialize_with = "own_term")] Term),
}

thread_local! {
    /// The places of the parts while a rule is written; empty otherwise.
    static PLACES: RefCell<ByFingerprint<usize>> = RefCell::default();
    /// The parts while a rule is read.
    static PARTS: RefCell<Vec<Part>> = const { RefCell::new(Vec::new()) };
}

/// The native form, `{"rulec": 1, "rule": {...}}`.
#[derive(Write)]
struct Form<'r> {
    rulec: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    shared: &'r [Part],
    rule: &'r Rule,
}

/// The rule in the native form, as the text of a file.
pub fn to_json(rule: &Rule) -> serde_json::Result<String> {
    let shared = &parts(rule);
    let form = Form {
        rulec: VERSION,
        shared,
        rule,
    };
    let text = written(shared, || pretty::to_string(&form))?;
    Ok(text + "\n")
}

/// What a rule holds several times, each after what it holds itself. None for a rule that is no larger than can be read as a tree.
fn parts(rule: &Rule) -> Vec<Part> {
    let mut survey = Survey::default();
    let total = survey.rule(rule);
    if total < LARGE {
        return Vec::new();
    }
    let Survey { seen, order } = survey;
    let shared = order.into_iter().filter(|(print, _)| {
        let seen = seen.get(print);
        seen.is_some_and(|seen| seen.count > 1 && seen.weight >= WORTH)
    });
    shared.map(|(_, part)| part).collect()
}

/// What is written while the parts stand in a table.
fn written<T>(parts: &[Part], write: impl FnOnce() -> T) -> T {
    let places = parts.iter().map(Part::fingerprint).zip(0..);
    PLACES.set(places.collect());
    let done = write();
    PLACES.set(ByFingerprint::default());
    done
}

/// What is read while a table of parts can be read and used.
pub fn read<T>(read: impl FnOnce() -> T) -> T {
    PARTS.set(Vec::new());
    let done = read();
    PARTS.set(Vec::new());
    done
}

/// Whether the rule would have more parts than can be, were it written out.
pub fn is_too_large(rule: &Rule) -> bool {
    Survey::default().rule(rule) > MOST
}

/// The table as it is read: its parts can be used from then on.
#[derive(Debug)]
pub struct Table;

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Table;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of shared parts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Table, A::Error> {
                while let Some(part) = parts.next_element()? {
                    PARTS.with_borrow_mut(|parts| parts.push(part));
                }
                Ok(Table)
            }
        }
        deserializer.deserialize_seq(Parts)
    }
}

impl Part {
    fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Condition(condition) => condition.fingerprint(),
            Self::Term(term) => term.fingerprint(),
        }
    }
}

/// The part at a place of the table.
fn part<E: Error>(place: usize) -> Result<Part, E> {
    let part = PARTS.with_borrow(|parts| parts.get(place).cloned());
    part.ok_or_else(|| {
        E::custom(format!(
            "the shared part {place} is used before it is there"
        ))
    })
}

/// The place of what is written, if it is in the table.
fn place(print: impl FnOnce() -> Fingerprint) -> Option<usize> {
    PLACES.with_borrow(|places| {
        let is_used = !places.is_empty();
        is_used.then(|| places.get(&print()).copied()).flatten()
    })
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match place(|| self.fingerprint()) {
            Some(place) => serializer.serialize_newtype_variant("Condition", 5, "shared", &place),
            None => own_condition(self, serializer),
        }
    }
}

/// The condition itself, though it may stand in the table.
fn own_condition<S: Serializer>(condition: &Condition, to: S) -> Result<S::Ok, S::Error> {
    const NAME: &str = "Condition";
    match condition {
        Condition::All(parts) => to.serialize_newtype_variant(NAME, 0, "all", parts),
        Condition::Any(parts) => to.serialize_newtype_variant(NAME, 1, "any", parts),
        Condition::Not(inner) => to.serialize_newtype_variant(NAME, 2, "not", inner),
        Condition::Test(predicate) => to.serialize_newtype_variant(NAME, 3, "test", predicate),
        Condition::Items {
            quantifier,
            list,
            body,
        } => {
            let mut to = to.serialize_struct_variant(NAME, 4, "items", 3)?;
            to.serialize_field("quantifier", quantifier)?;
            to.serialize_field("list", list)?;
            to.serialize_field("body", body)?;
            to.end()
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_leaf = matches!(self, Self::Field(_) | Self::Item { .. } | Self::Literal(_));
        let place = (!is_leaf).then(|| place(|| self.fingerprint()));
        match place.flatten() {
            Some(place) => serializer.serialize_newtype_variant("Term", 7, "shared", &place),
            None => own_term(self, serializer),
        }
    }
}

/// The term itself, though it may stand in the table.
fn own_term<S: Serializer>(term: &Term, to: S) -> Result<S::Ok, S::Error> {
    const NAME: &str = "Term";
    match term {
        Term::Field(path) => to.serialize_newtype_variant(NAME, 0, "field", path),
        Term::Item { depth, path } => {
            let fields = 1 + usize::from(*depth > 0);
            let mut to = to.serialize_struct_variant(NAME, 1, "item", fields)?;
            if *depth > 0 {
                to.serialize_field("depth", depth)?;
            }
            to.serialize_field("path", path)?;
            to.end()
        }
        Term::Literal(literal) => to.serialize_newtype_variant(NAME, 2, "literal", literal),
        Term::Call {
            function,
            arguments,
        } => {
            let mut to = to.serialize_struct_variant(NAME, 3, "call", 2)?;
            to.serialize_field("function", function)?;
            to.serialize_field("arguments", arguments)?;
            to.end()
        }
        Term::Choice { cases, otherwise } => {
            let mut to = to.serialize_struct_variant(NAME, 4, "choice", 2)?;
            to.serialize_field("cases", cases)?;
            to.serialize_field("otherwise", otherwise)?;
            to.end()
        }
        Term::Select { list, when, item } => {
            let mut to = to.serialize_struct_variant(NAME, 5, "select", 3)?;
            to.serialize_field("list", list)?;
            to.serialize_field("when", when)?;
            to.serialize_field("item", item)?;
            to.end()
        }
        Term::Aggregate {
            aggregate,
            argument,
        } => {
            let mut to = to.serialize_struct_variant(NAME, 6, "aggregate", 2)?;
            to.serialize_field("aggregate", aggregate)?;
            to.serialize_field("argument", argument)?;
            to.end()
        }
    }
}

/// A condition as it is read.
#[derive(Read)]
#[serde(rename = "Condition", rename_all = "snake_case")]
enum ReadCondition {
    All(SharedVec<Condition>),
    Any(SharedVec<Condition>),
    Not(Shared<Condition>),
    Test(Shared<Predicate>),
    Items {
        quantifier: Quantifier,
        list: Shared<Term>,
        body: Shared<Condition>,
    },
    Shared(usize),
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match ReadCondition::deserialize(deserializer)? {
            ReadCondition::All(parts) => Self::All(parts),
            ReadCondition::Any(parts) => Self::Any(parts),
            ReadCondition::Not(inner) => Self::Not(inner),
            ReadCondition::Test(predicate) => Self::Test(predicate),
            ReadCondition::Items {
                quantifier,
                list,
                body,
            } => Self::Items {
                quantifier,
                list,
                body,
            },
            ReadCondition::Shared(place) => match part(place)? {
                Part::Condition(condition) => condition,
                Part::Term(_) => {
                    let message = format!("the shared part {place} is a term, not a condition");
                    return Err(D::Error::custom(message));
                }
            },
        })
    }
}

/// A term as it is read.
#[derive(Read)]
#[serde(rename = "Term", rename_all = "snake_case")]
enum ReadTerm {
    Field(FieldPath),
    Item {
        #[serde(default)]
        depth: usize,
        path: FieldPath,
    },
    Literal(Literal),
    Call {
        function: Function,
        arguments: SharedVec<Term>,
    },
    Choice {
        cases: SharedVec<Case>,
        otherwise: Shared<Term>,
    },
    Select {
        list: Shared<Term>,
        when: Shared<Condition>,
        item: Shared<Term>,
    },
    Aggregate {
        aggregate: Aggregate,
        argument: Option<Shared<Term>>,
    },
    Shared(usize),
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match ReadTerm::deserialize(deserializer)? {
            ReadTerm::Field(path) => Self::Field(path),
            ReadTerm::Item { depth, path } => Self::Item { depth, path },
            ReadTerm::Literal(literal) => Self::Literal(literal),
            ReadTerm::Call {
                function,
                arguments,
            } => Self::Call {
                function,
                arguments,
            },
            ReadTerm::Choice { cases, otherwise } => Self::Choice { cases, otherwise },
            ReadTerm::Select { list, when, item } => Self::Select { list, when, item },
            ReadTerm::Aggregate {
                aggregate,
                argument,
            } => Self::Aggregate {
                aggregate,
                argument,
            },
            ReadTerm::Shared(place) => match part(place)? {
                Part::Term(term) => term,
                Part::Condition(_) => {
                    let message = format!("the shared part {place} is a condition, not a term");
                    return Err(D::Error::custom(message));
                }
            },
        })
    }
}

/// How often a part stands in a rule, counting only the first of what holds it, and how many parts it has when written out.
struct Seen {
    count: usize,
    weight: u64,
}

/// What a rule holds; each part is looked into once.
#[derive(Default)]
struct Survey {
    seen: ByFingerprint<Seen>,
    /// Each after what it holds.
    order: Vec<(Fingerprint, Part)>,
}

impl Survey {
    fn rule(&mut self, rule: &Rule) -> u64 {
        let mut weight = self.condition(&rule.selection);
        let details = rule.alert.details.iter().map(|detail| &detail.source);
        let sources = rule.outputs.iter().map(|output| &output.source);
        for term in rule.alert.texts().chain(details).chain(sources) {
            weight = weight.saturating_add(self.term(term));
        }
        let whens = rule.outputs.iter().flat_map(|output| &output.when);
        let variants = rule.variants.iter().map(|variant| &variant.selection);
        for condition in whens.chain(variants) {
            weight = weight.saturating_add(self.condition(condition));
        }
        weight
    }

    /// The weight of a part, whose own parts `within` adds where it was not seen before.
    fn part(
        &mut self,
        print: Fingerprint,
        part: impl FnOnce() -> Part,
        within: impl FnOnce(&mut Self) -> u64,
    ) -> u64 {
        if let Some(seen) = self.seen.get_mut(&print) {
            seen.count += 1;
            return seen.weight;
        }
        let weight = within(self).saturating_add(1);
        self.seen.insert(print, Seen { count: 1, weight });
        self.order.push((print, part()));
        weight
    }

    fn condition(&mut self, condition: &Condition) -> u64 {
        let print = condition.fingerprint();
        let part = || Part::Condition(condition.clone());
        self.part(print, part, |survey| match condition {
            Condition::All(parts) | Condition::Any(parts) => parts
                .iter()
                .fold(0, |sum, part| survey.condition(part).saturating_add(sum)),
            Condition::Not(inner) => survey.condition(inner),
            Condition::Test(predicate) => {
                let subject = survey.term(&predicate.subject);
                match &predicate.object {
                    Object::Term(other) => survey.term(other).saturating_add(subject),
                    Object::None
                    | Object::Literal(_)
                    | Object::List(_)
                    | Object::Texts(_)
                    | Object::Kinds(_) => subject,
                }
            }
            Condition::Items { list, body, .. } => {
                survey.term(list).saturating_add(survey.condition(body))
            }
        })
    }

    fn term(&mut self, term: &Term) -> u64 {
        if matches!(term, Term::Field(_) | Term::Item { .. } | Term::Literal(_)) {
            return 1;
        }
        let print = term.fingerprint();
        let part = || Part::Term(term.clone());
        self.part(print, part, |survey| match term {
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) => 0,
            Term::Call { arguments, .. } => arguments
                .iter()
                .fold(0, |sum, part| survey.term(part).saturating_add(sum)),
            Term::Choice { cases, otherwise } => {
                cases.iter().fold(survey.term(otherwise), |sum, case| {
                    let when = survey.condition(&case.when);
                    let then = survey.term(&case.then);
                    sum.saturating_add(when).saturating_add(then)
                })
            }
            Term::Select { list, when, item } => {
                let (list, when) = (survey.term(list), survey.condition(when));
                survey.term(item).saturating_add(list).saturating_add(when)
            }
            Term::Aggregate { argument, .. } => argument
                .as_ref()
                .map_or(0, |argument| survey.term(argument)),
        })
    }
}
