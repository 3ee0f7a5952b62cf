//! The function `rule(event)`: one early return per part of the condition, the last part returned.

use super::layout::Line;
use super::notation::{NOT, Python};
use crate::backend::fragment::Fragment;
use crate::backend::notation::Notation;
use crate::ir::Condition;

/// The text of the function; `None` where a part cannot be expressed, which the report says elsewhere.
pub(super) fn function(python: &Python<'_>, selection: &Condition) -> Option<String> {
    let Some((last, first)) = selection.conjuncts().split_last() else {
        let line = Line::new(1, "return True");
        return Some(python.module.entry("rule", vec![line]));
    };
    let mut body = Vec::new();
    for part in first {
        let fails = fails(&python.bare(), part)?;
        body.push(Line::new(1, format!("if {}:", fails.flat())));
        body.push(Line::new(2, "return False"));
    }
    let verdict = python.condition(last).ok()?;
    body.push(Line::new(1, format!("return {}", verdict.flat())));
    Some(python.module.entry("rule", body))
}

/// That the part does not hold.
fn fails(python: &Python<'_>, part: &Condition) -> Option<Fragment> {
    match part {
        Condition::Not(inner) => python.condition(inner).ok(),
        Condition::Test(predicate) => {
            let spelled = python.spell_negated(predicate)?.ok()?;
            Some(spelled.fragment)
        }
        Condition::All(_) | Condition::Any(_) | Condition::Items { .. } => {
            Some(python.condition(part).ok()?.prefix("not ", NOT))
        }
    }
}
