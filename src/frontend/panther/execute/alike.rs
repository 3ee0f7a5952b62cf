//! Whether what the rounds of a loop make of a name is of the one kind as which a round reads what earlier ones made.
//!
//! Invariant: lists and objects of the event and Python's own are never taken for one another.

use super::aftermath::Change;
use super::standing::Standing;
use super::value::{Comprehension, Items, Parts, Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Kind, Literal};

impl<'m> Executor<'m> {
    /// Refuses unless the value is of the kind as which it was read.
    pub(super) fn require_alike(
        &mut self,
        standing: &Standing<'m>,
        change: &Change<'m>,
    ) -> Outcome<()> {
        let number =
            matches!(&standing.value, Value::Data(data) if data.kind == Some(Kind::Number));
        if number && matches!(change, Change::Grown(_)) {
            return Ok(());
        }
        let entries = matches!(standing.value, Value::Entries(_));
        let sides = if entries && standing.reading.only_presence() {
            1
        } else {
            2
        };
        let mut leaves = Vec::new();
        leaves_of(&standing.before, sides, &mut leaves);
        match change {
            Change::Set(_, value) => leaves_of(value, sides, &mut leaves),
            Change::Grown(parts) => leaves_of_parts(parts, sides, &mut leaves),
            Change::Nothing | Change::Unknown => {}
        }
        let kind = match &standing.value {
            Value::Data(data) => data.kind,
            _ => None,
        };
        let plain = standing.reading.plain();
        if leaves.iter().all(|leaf| is_alike(leaf, kind, plain)) {
            return Ok(());
        }
        self.refuse("what the rounds of a loop make of a name must be of one kind")
    }
}

/// Whether a value can be read as one of the kind.
fn is_alike(value: &Value<'_>, kind: Option<Kind>, plain: bool) -> bool {
    let found = match value {
        Value::Constant(Literal::Text(_)) => Some(Kind::Text),
        Value::Constant(Literal::Integer(_)) => Some(Kind::Integer),
        Value::Constant(Literal::Float(_)) => Some(Kind::Number),
        Value::Constant(_) | Value::Truth(_) => Some(Kind::Boolean),
        Value::Data(data) => data.kind,
        _ => None,
    };
    if kind.is_some() {
        let number = matches!(found, Some(Kind::Integer | Kind::Number));
        return found == kind || kind == Some(Kind::Number) && number;
    }
    match value {
        Value::Constant(_) | Value::Truth(_) => true,
        Value::Data(data) => match data.kind {
            None | Some(Kind::List | Kind::Object) => data.plain == plain,
            Some(_) => true,
        },
        Value::Sequence(Sequence { kind, .. })
        | Value::Comprehension(Comprehension { kind, .. }) => plain && *kind == SequenceKind::List,
        Value::Mapping(_) | Value::Entries(_) => plain,
        _ => false,
    }
}

/// What a container holds, or the value itself; of an entry as many of its sides, the key being the first.
fn leaves_of<'m>(value: &Value<'m>, sides: usize, leaves: &mut Vec<Value<'m>>) {
    match value {
        Value::Choice(choice) => {
            for (_, value) in &choice.cases {
                leaves_of(value, sides, leaves);
            }
            leaves_of(&choice.otherwise, sides, leaves);
        }
        Value::Carried(growth) => {
            leaves_of(&growth.before, sides, leaves);
            leaves_of_parts(&growth.added, sides, leaves);
        }
        Value::Sequence(sequence) => leaves.extend(sequence.items.iter().cloned()),
        Value::Comprehension(list) | Value::Entries(list) => {
            leaves_of_parts(&list.parts, sides, leaves);
        }
        Value::Mapping(_) if sides == 1 => {}
        Value::Mapping(mapping) => {
            leaves.extend(mapping.entries.iter().map(|(_, value)| value.clone()));
        }
        other => leaves.push(other.clone()),
    }
}

fn leaves_of_parts<'m>(parts: &Parts<'m>, sides: usize, leaves: &mut Vec<Value<'m>>) {
    for part in parts {
        match &part.items {
            Items::One(Value::Sequence(pair)) if pair.kind == SequenceKind::Tuple => {
                leaves.extend(pair.items.iter().take(sides).cloned());
            }
            Items::One(Value::Choice(choice)) => {
                leaves.extend(choice.cases.iter().map(|(_, value)| value.clone()));
                leaves.push(choice.otherwise.clone());
            }
            Items::One(value) => leaves.push(value.clone()),
            Items::Each(each) => leaves_of_parts(&each.parts, sides, leaves),
        }
    }
}
