//! The cases of a choice as lines: an early return for each, those that ask the same below one `if`.
//!
//! A block in which no case holds is left at its end, so that the cases behind it are asked as they would be.

use super::code::Line;
use super::notation::Python;
use crate::ir::{Case, Condition, Fingerprint, Term};

/// What common conditions would stand further from the margin are written with each case.
const DEEPEST: usize = 5;

/// What a case asks for, and its value.
struct Asked<'c> {
    /// What is left to ask.
    open: Vec<&'c Condition>,
    then: &'c Term,
}

/// How the lines of a value are written that stand so far from the margin.
type Then<'t> = &'t dyn Fn(&Term, usize) -> Result<Vec<Line>, String>;

impl Python<'_> {
    /// The lines of a choice.
    pub(super) fn case_lines(
        &self,
        cases: &[Case],
        otherwise: &Term,
        indent: usize,
        then: Then<'_>,
    ) -> Result<Vec<Line>, String> {
        let asked = cases.iter().map(|case| Asked {
            open: case.when.conjuncts().iter().collect(),
            then: &case.then,
        });
        let mut lines = Vec::new();
        self.gathered(
            asked.collect(),
            &Condition::TRUE,
            (indent, then),
            &mut lines,
        )?;
        lines.extend(then(otherwise, indent)?);
        Ok(lines)
    }

    /// The lines of cases that are asked where a condition is known to hold.
    fn gathered(
        &self,
        cases: Vec<Asked<'_>>,
        held: &Condition,
        (indent, then): (usize, Then<'_>),
        lines: &mut Vec<Line>,
    ) -> Result<(), String> {
        let mut cases = cases.into_iter().peekable();
        while let Some(first) = cases.next() {
            if first.open.is_empty() {
                // Nothing behind it is reached.
                lines.extend(then(first.then, indent)?);
                return Ok(());
            }
            let mut common = first.open.clone();
            let mut group = vec![first];
            while let Some(next) = cases.peek().filter(|_| indent < DEEPEST) {
                let prints: Vec<Fingerprint> =
                    next.open.iter().map(|part| part.fingerprint()).collect();
                let shared: Vec<&Condition> = common
                    .iter()
                    .copied()
                    .filter(|part| prints.contains(&part.fingerprint()))
                    .collect();
                if shared.is_empty() {
                    break;
                }
                common = shared;
                group.extend(cases.next());
            }
            let asked = common.iter().map(|part| (*part).clone());
            let asked = asked.fold(Condition::TRUE, Condition::and);
            // What the blocks around ask for may say that a value is a text.
            let known = held.clone().and(asked.clone());
            let condition = self.asking(&known).condition(&asked)?;
            lines.push(Line::asks(indent, condition));
            let prints: Vec<Fingerprint> = common.iter().map(|part| part.fingerprint()).collect();
            for case in &mut group {
                case.open
                    .retain(|part| !prints.contains(&part.fingerprint()));
            }
            self.gathered(group, &known, (indent + 1, then), lines)?;
        }
        Ok(())
    }
}
