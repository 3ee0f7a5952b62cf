//! What a condition needs so that its values can be compared: columns with the number of items that pass, and addresses that are no
//! networks.
//!
//! How many items of a list pass is counted before the selection where the number is the rule's on every event; other values of lists
//! that are made have no form. What only says that the rule raises no error is worth no column.

use super::stage::Stage;
use super::staged;
use super::term::Scope;
use super::value::is_existence;
use super::walk::walks;
use crate::ir::{Condition, Object, Operator, Predicate, Term};

/// The stages that count the items of lists which pass.
pub(super) fn stages(
    scope: &mut Scope<'_>,
    condition: &Condition,
    names: &mut Vec<String>,
) -> Vec<Stage> {
    let mut stages = Vec::new();
    for term in compared(condition) {
        if scope.lookup(term).is_some() {
            continue;
        }
        if let Some((made, after)) = staged::counted(scope, term, names) {
            stages.extend(made);
            *scope = after;
        }
    }
    stages
}

/// Whether the condition is asked of columns that stages before it make.
pub(super) fn needs_columns(condition: &Condition) -> bool {
    !(walks(condition).is_empty() && compared(condition).is_empty())
}

/// The numbers of items that pass which are compared outside of any list.
fn compared(condition: &Condition) -> Vec<&Term> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(compared).collect(),
        Condition::Not(inner) => compared(inner),
        Condition::Test(predicate) => {
            let is_guard = predicate.implied.0 || is_existence(predicate.operator);
            let is_asked = !is_guard && staged::selected(&predicate.subject).is_some();
            is_asked.then_some(&predicate.subject).into_iter().collect()
        }
        Condition::Items { .. } => Vec::new(),
    }
}

/// The condition with questions for addresses alone, and not for what has the suffix of a network, which Kusto takes for one.
pub(super) fn of_addresses(condition: &Condition) -> Condition {
    let asks = |predicate: &Predicate| {
        let operator = predicate.operator;
        matches!(operator, Operator::IsIpAddress | Operator::InNetwork)
    };
    let predicates = condition.predicates();
    if !predicates.iter().any(|(predicate, _)| asks(predicate)) {
        return condition.clone();
    }
    let alone = condition.clone().map(&mut |node| match node {
        Condition::Test(predicate) if asks(predicate) => {
            let suffix = Object::Texts(vec!["/".to_owned()]);
            let suffixed = Predicate::new(predicate.subject.clone(), Operator::Contains, suffix);
            let suffixed = Condition::from(suffixed.implied());
            Some(node.clone().and(suffixed.negate()))
        }
        other => other.folded(),
    });
    crate::normalize::condition(alone)
}
