//! The ways in which a loop over a list of the event can be read, one after the other: a name that a round asks for is held, or
//! read as what earlier rounds made of it, or the loop is read for each value that the name can have before it.

use rustpython_ruff_python_ast as ast;

use super::standing::Reading;
use super::state::Slot;
use super::statement::Flow;
use super::value::{Each, Names};
use super::{Executor, Outcome, Stop};
use crate::diagnostic::Code;

/// Where a loop starts.
pub(super) struct Mark<'m> {
    pub(super) names: Names<'m>,
    exits: usize,
    guards: usize,
    jumps: usize,
    phases: usize,
    root: usize,
    iteration: usize,
    statement: usize,
}

impl<'m> Executor<'m> {
    /// The rounds of a loop over what is made of the items of a list. A `break` is recorded as a jump.
    pub(super) fn rounds(&mut self, statement: &'m ast::StmtFor, part: &Each<'m>) -> Outcome<Flow> {
        let start = self.mark();
        self.carried.asked = None;
        let problem = match self.rounds_as(statement, part, None) {
            Err(Stop::Refused(problem)) if problem.code != Code::PythonBudget => problem,
            done => return done,
        };
        let Some(slot) = self.carried.asked else {
            return Err(Stop::Refused(problem));
        };
        if start.phases == 0 {
            let first = self.carried.last_reading;
            for reading in first.into_iter().chain(Reading::ALL) {
                self.go_back_to(&start);
                let standing = self.carried.standing.len();
                let done = self.rounds_as(statement, part, Some(reading));
                self.carried.standing.truncate(standing);
                if !matches!(&done, Err(Stop::Refused(_))) {
                    self.carried.last_reading = Some(reading);
                    return done;
                }
            }
            self.carried.asked = Some(slot);
        }
        let Slot::Name(name, _) = slot else {
            return Err(Stop::Refused(problem));
        };
        let before = start.names.get(name).and_then(super::phases::split);
        let Some((when, first, rest)) = before else {
            return Err(Stop::Refused(problem));
        };
        self.go_back_to(&start);
        let with = |this: &mut Self, value| {
            this.frame.names.insert(name, value);
            this.deeper(|this| this.rounds(statement, part))
        };
        self.fork(when, |this| with(this, first), |this| with(this, rest))
    }

    pub(super) fn mark(&self) -> Mark<'m> {
        Mark {
            names: self.frame.names.clone(),
            exits: self.frame.exits.len(),
            guards: self.frame.guards.len(),
            jumps: self.frame.jumps.len(),
            phases: self.phases,
            root: self.frame.root,
            iteration: self.frame.iteration,
            statement: self.frame.statement,
        }
    }

    /// Takes back what was done since.
    pub(super) fn go_back_to(&mut self, mark: &Mark<'m>) {
        self.frame.names = mark.names.clone();
        self.frame.exits.split_off(mark.exits);
        self.frame.guards.truncate(mark.guards);
        self.frame.jumps.truncate(mark.jumps);
        self.phases = mark.phases;
        self.frame.root = mark.root;
        self.frame.iteration = mark.iteration;
        self.frame.statement = mark.statement;
    }
}
