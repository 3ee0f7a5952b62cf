//! Ways out of the function at work: each is taken where everything on the path to here holds, and its own condition.

use super::exception::Exception;
use super::value::Names;
use super::{Executor, Exit, Outcome, Stop, Way, logic};
use crate::ir::Condition;

impl<'m> Executor<'m> {
    /// Leaves the function with an exception where the condition holds.
    pub(super) fn raise_if(&mut self, when: Condition, exception: Exception) -> Outcome<()> {
        let when = self.known(when);
        match when.as_constant() {
            Some(false) => Ok(()),
            Some(true) => {
                self.exit(Condition::TRUE, Way::Raise(exception))?;
                Err(Stop::Dead)
            }
            None => self.exit(when, Way::Raise(exception)),
        }
    }

    /// Leaves the function with an exception.
    pub(super) fn raise<T>(&mut self, exception: Exception) -> Outcome<T> {
        self.exit(Condition::TRUE, Way::Raise(exception))?;
        Err(Stop::Dead)
    }

    /// Adds a way out, taken where the condition holds on the path to here.
    pub(super) fn exit(&mut self, when: Condition, way: Way<'m>) -> Outcome<()> {
        let mut full = Condition::TRUE;
        for guard in self.frame.guards.since(self.frame.root) {
            full = full.and(guard);
        }
        let full = full.and(when);
        if full.as_constant() == Some(false) {
            return Ok(());
        }
        self.spend(logic::size(&full))?;
        let names = if self.frame.tries > 0 {
            self.frame.names.clone()
        } else {
            Names::within(self.frame.names.state.clone())
        };
        self.frame.exits.push(Exit {
            when: full,
            way,
            names,
        });
        Ok(())
    }

    /// Adds a way out with the names as they were somewhere before.
    pub(super) fn exit_with(
        &mut self,
        when: Condition,
        way: Way<'m>,
        names: Names<'m>,
    ) -> Outcome<()> {
        let count = self.frame.exits.len();
        self.exit(when, way)?;
        self.frame.exits.set_names(count, names);
        Ok(())
    }
}
