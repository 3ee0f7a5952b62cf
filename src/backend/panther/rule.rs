//! The function `rule(event)`: one early return per part of the condition, the last part returned.

use super::code::{Code, Line};
use super::module::Function;
use super::notation::Python;
use crate::analysis::Report;
use crate::backend::notation;
use crate::ir::Condition;

/// The function; `None` where a part cannot be expressed, which the report then says. Every predicate is recorded.
pub(super) fn function(
    python: &Python<'_>,
    selection: &Condition,
    report: &mut Report,
) -> Option<Function> {
    let Some((last, first)) = selection.conjuncts().split_last() else {
        let line = Line::returns(1, Code::truth(true));
        return Some(python.module.entry("rule", vec![line]));
    };
    let mut body = Vec::new();
    let mut is_whole = true;
    let bare = python.bare();
    // Every part is written even after a failure, so that all problems are reported at once.
    for part in first {
        match fails(&bare, part, report) {
            Some(fails) => {
                body.push(Line::asks(1, fails));
                body.push(Line::returns(2, Code::truth(false)));
            }
            None => is_whole = false,
        }
    }
    let verdict = notation::print(python, last, report)?;
    body.push(Line::returns(1, verdict));
    is_whole.then(|| python.module.entry("rule", body))
}

/// That the part does not hold.
fn fails(python: &Python<'_>, part: &Condition, report: &mut Report) -> Option<Code> {
    match part {
        Condition::Not(inner) => notation::print_denied(python, inner, report),
        Condition::Test(predicate) => notation::print_opposite(python, predicate, report),
        Condition::All(_) | Condition::Any(_) | Condition::Items { .. } => {
            Some(notation::print(python, part, report)?.not())
        }
    }
}
