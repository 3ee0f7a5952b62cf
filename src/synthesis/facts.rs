//! A leaf of a condition to what is known about it once: its fields, what it asks of them, values for which it may hold.
//!
//! A fact is a leaf, a predicate or a question about a list's items, and whether it is to hold. What a leaf asks for is found out
//! at its first fact; the facts of all events that are made share it.

use std::cell::OnceCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::shape::compose;
use super::through;
use super::wanted::{Wanted, wanted};
use crate::eval;
use crate::ir::fingerprint::of_two;
use crate::ir::{Condition, FieldPath, Fingerprint, Function, Object, Term};

/// The field that holds what is searched for in the whole event.
const SOMEWHERE: &str = "somewhere";

/// How many values of each kind are proposed for a computed term.
const ASKED: usize = 16;

/// A leaf, and what is known about it.
#[derive(Debug)]
pub(super) struct Leaf {
    /// The leaf.
    pub(super) condition: Condition,
    /// The fields that it is about. Those that the body of a question about items reads beside are not among them.
    pub(super) fields: Vec<FieldPath>,
    /// What it asks for, with lists whose items do and do not pass where it asks about items.
    pub(super) wanted: Wanted,
    /// Whether two fields are compared.
    pub(super) relates: bool,
    print: Fingerprint,
    /// Values that the subject may have so that the leaf does not hold, and so that it does.
    candidates: [OnceCell<Vec<Value>>; 2],
}

impl Leaf {
    /// What is known of the leaf; `lists` are proposals for a question about items.
    pub(super) fn new(condition: &Condition, print: Fingerprint, lists: Vec<Value>) -> Self {
        let mut wanted = match condition {
            Condition::Test(predicate) => wanted(predicate),
            _ => Wanted::default(),
        };
        wanted.values.extend(lists);
        Self {
            fields: fields(condition),
            wanted,
            relates: matches!(condition, Condition::Test(predicate) if matches!(predicate.object, Object::Term(_))),
            condition: condition.clone(),
            print,
            candidates: Default::default(),
        }
    }

    /// What the leaf is about, where that is one term.
    pub(super) fn subject(&self) -> Option<&Term> {
        match &self.condition {
            Condition::Test(predicate) => Some(&predicate.subject),
            Condition::Items { list, .. } => Some(list),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => None,
        }
    }
}

fn fields(leaf: &Condition) -> Vec<FieldPath> {
    let paths = match leaf {
        Condition::Items { list, .. } => list.fields(),
        leaf => leaf.fields(),
    };
    if paths.is_empty() && reads_anywhere(leaf) {
        return vec![FieldPath::keys([SOMEWHERE])];
    }
    let mut fields: Vec<FieldPath> = Vec::new();
    for path in paths {
        if !fields.contains(path) {
            fields.push(path.clone());
        }
    }
    fields
}

/// Whether the leaf searches the whole event.
fn reads_anywhere(leaf: &Condition) -> bool {
    let Condition::Test(predicate) = leaf else {
        return false;
    };
    let mut term = &predicate.subject;
    while let Term::Call {
        function,
        arguments,
    } = term
    {
        if *function == Function::Anywhere {
            return true;
        }
        let Some(first) = arguments.first() else {
            return false;
        };
        term = first;
    }
    false
}

/// A leaf of a condition and whether it is to hold.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// The leaf.
    pub(super) leaf: Rc<Leaf>,
    /// Whether it is to hold.
    pub(super) holds: bool,
    /// Whether its field is to have a value, if the fact can be had so.
    pub(super) present: bool,
}

impl Fact {
    /// What tells the fact from others.
    pub(super) fn print(&self) -> Fingerprint {
        let kind = u64::from(self.holds) * 2 + u64::from(self.present);
        of_two(self.leaf.print, kind)
    }

    /// Whether it is so of the event.
    pub(super) fn is_so(&self, event: &Value) -> bool {
        eval::holds(&self.leaf.condition, event) == self.holds
    }

    /// Whether it is about what is computed of the field.
    pub(super) fn is_about(&self, path: &FieldPath) -> bool {
        self.leaf.subject().and_then(through::field) == Some(path)
    }

    /// Values that the subject may have for the fact, the likeliest first.
    pub(super) fn candidates(&self) -> &[Value] {
        let wanted = &self.leaf.wanted;
        self.leaf.candidates[usize::from(self.holds)].get_or_init(|| {
            let shapes = if self.holds {
                &wanted.shapes
            } else {
                &wanted.near
            };
            let texts = shapes
                .iter()
                .flat_map(|shape| compose(&[shape]).into_iter().take(2));
            let values = wanted.values.iter().cloned();
            let mut candidates: Vec<Value> = texts.take(ASKED).map(Value::from).collect();
            candidates.extend(values.take(ASKED));
            candidates.extend(anything());
            candidates
        })
    }
}

/// Values of each type.
pub(super) fn anything() -> [Value; 9] {
    [
        json!("other"),
        json!(""),
        json!(7),
        json!(-1),
        json!(true),
        json!(false),
        Value::Null,
        json!(["other"]),
        json!({"other": 1}),
    ]
}
