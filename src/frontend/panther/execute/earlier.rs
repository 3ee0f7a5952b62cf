//! State from one function to the next, and from one event to the next.
//!
//! The functions of an alert run after `rule()` on what it left. What an earlier event left cannot be known: a rule that reads
//! it is refused. Of a dictionary that outlives the event this is an entry that cannot be read, before all others.

use std::rc::Rc;

use super::change::identity_of;
use super::parts::one;
use super::state::{Cell, State};
use super::value::{Comprehension, SequenceKind, Value};
use super::{Executor, Exit, Outcome, Stop, Way};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, Literal};

impl<'m> Executor<'m> {
    /// The next function starts in the states that the ways out leave which do not return `without`: where that is returned,
    /// there is no alert, and no next function.
    pub(in crate::frontend::panther) fn go_on(
        &mut self,
        cases: &[(Option<&'m str>, Vec<Exit<'m>>)],
        without: Option<bool>,
    ) -> Result<(), Box<Diagnostic>> {
        let mut starts = Vec::new();
        for (log_type, exits) in cases {
            for exit in exits {
                self.note_changes(&exit.names.state);
            }
            match self.left_by(exits, without) {
                Ok(Some(state)) => starts.push((*log_type, state)),
                Err(Stop::Refused(problem)) => return Err(problem),
                Ok(None) | Err(Stop::Dead) => {}
            }
        }
        if starts.iter().any(|(_, state)| !state.is_empty()) {
            self.starts = starts;
        }
        Ok(())
    }

    /// The state that the ways out leave which do not return `without`.
    fn left_by(&mut self, exits: &[Exit<'m>], without: Option<bool>) -> Outcome<Option<State<'m>>> {
        let alerts = |exit: &&Exit<'m>| match &exit.way {
            Way::Return(Value::Constant(Literal::Boolean(value))) => Some(*value) != without,
            Way::Return(_) => true,
            Way::Raise(_) => false,
        };
        let mut states = exits.iter().filter(alerts).rev();
        let Some(last) = states.next() else {
            return Ok(None);
        };
        let mut after = last.names.state.clone();
        for exit in states {
            after = self.merge_states(&exit.when, &exit.names.state, &after)?;
        }
        Ok(Some(after))
    }

    /// The state in which the function that is about to run starts.
    pub(super) fn start(&self) -> State<'m> {
        let log_type = self.model.map(|model| model.log_type.as_str());
        let of = |wanted| self.starts.iter().find(|(other, _)| *other == wanted);
        let start = of(log_type).or_else(|| of(None));
        start.map_or_else(State::default, |(_, state)| state.clone())
    }

    /// Keeps which lasting cells a state has changed.
    fn note_changes(&mut self, state: &State<'m>) {
        for (cell, value) in state.cells() {
            let original = self.loaded.get(cell).or_else(|| self.originals.get(&cell));
            if cell.lasts() && !original.is_some_and(|original| original.same(value)) {
                self.changed.insert(cell);
            }
        }
    }

    /// From now on, what the cells hold that any function so far has changed is what an earlier event left, and cannot be read
    /// before it is written. Whether there are such cells.
    pub(in crate::frontend::panther) fn forget_earlier(&mut self) -> bool {
        self.starts.clear();
        for cell in &self.changed {
            let what = match cell {
                Cell::Global(_, name) => format!("`{name}`"),
                Cell::Attribute(_, name) => format!("the attribute `{name}`"),
                Cell::Object(_) => "this list or dictionary".to_owned(),
            };
            let problem = Diagnostic::error(
                Code::PythonCarried,
                format!("the rule must not read what an earlier event may have left in {what}"),
            )
            .help("assign it before it is read, on every path of `rule()`");
            let left = Value::Refused(Rc::new(problem));
            let original = self.loaded.get(*cell).or_else(|| self.originals.get(cell));
            let left = match original.and_then(dictionary) {
                // What this event sets under a key does not depend on what was there before.
                Some(identity) => Value::Entries(Comprehension {
                    kind: SequenceKind::List,
                    parts: vec![one(Condition::TRUE, left)],
                    identity,
                }),
                None => left,
            };
            self.earlier.insert(*cell, left);
        }
        !self.changed.is_empty()
    }
}

/// Which object a dictionary is.
fn dictionary(value: &Value<'_>) -> Option<u32> {
    match value {
        Value::Mapping(_) | Value::Entries(_) => identity_of(value),
        _ => None,
    }
}
