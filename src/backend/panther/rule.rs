//! The function `rule(event)`: one early return per part of the condition, the last part returned.

use super::alert::function as define;
use super::layout;
use super::notation::{NOT, Python};
use crate::backend::fragment::Fragment;
use crate::backend::notation::Notation;
use crate::ir::Condition;

/// The text of the function; `None` where a part cannot be expressed, which the report says elsewhere.
pub(super) fn function(python: &Python<'_>, selection: &Condition) -> Option<String> {
    let Some((last, first)) = selection.conjuncts().split_last() else {
        return Some(define("rule", &["    return True".to_owned()]));
    };
    let mut body = Vec::new();
    for part in first {
        let fails = fails(&python.bare(), part)?;
        body.extend(layout::statement(&format!("if {}:", fails.flat()), 1));
        body.push("        return False".to_owned());
    }
    let verdict = python.condition(last).ok()?;
    body.extend(layout::statement(&format!("return {}", verdict.flat()), 1));
    Some(define("rule", &body))
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
