//! How much a conjunct costs for each row, so that the cheap ones stand first and the dear ones see few rows.
//!
//! The order is Microsoft's advice for queries: times, equality, lists of values, whole terms (which an index answers), then parts of
//! texts, then what is computed, regular expressions last. Conjuncts of one cost keep the order of the rule.

use super::term::Scope;
use super::value::Kind;
use crate::ir::{Condition, Object, Operator, Predicate, Term};

/// The cost of a kind of test; the order of the variants is that of the conjuncts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    Time,
    Equality,
    Membership,
    WholeTerm,
    End,
    Part,
    Computed,
    Pattern,
}

/// The cost of a condition: that of its dearest part.
pub(super) fn of(scope: &Scope<'_>, condition: &Condition) -> Cost {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let costs = parts.iter().map(|part| of(scope, part));
            costs.max().unwrap_or(Cost::Equality)
        }
        Condition::Not(inner) => of(scope, inner),
        Condition::Test(predicate) => of_test(scope, predicate),
        Condition::Items { .. } => Cost::Computed,
    }
}

fn of_test(scope: &Scope<'_>, predicate: &Predicate) -> Cost {
    let object = match &predicate.object {
        Object::Term(term) => of_term(scope, term),
        _ => Cost::Time,
    };
    of_operator(predicate.operator)
        .max(of_term(scope, &predicate.subject))
        .max(object)
        .max(match scope.term(&predicate.subject) {
            Ok(value) if value.kind == Kind::Time => Cost::Time,
            _ => Cost::Equality,
        })
}

fn of_operator(operator: Operator) -> Cost {
    match operator {
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast => {
            Cost::Time
        }
        Operator::Equals
        | Operator::Exists
        | Operator::IsPresent
        | Operator::IsFilled
        | Operator::IsTruthy
        | Operator::IsKind => Cost::Equality,
        Operator::In => Cost::Membership,
        Operator::HasTerm => Cost::WholeTerm,
        Operator::StartsWith | Operator::EndsWith => Cost::End,
        Operator::Contains => Cost::Part,
        Operator::InNetwork | Operator::IsIpAddress => Cost::Computed,
        Operator::Matches | Operator::Wildcard => Cost::Pattern,
    }
}

/// A column and what lies in a dynamic one is read; a text of JSON is taken apart before.
fn of_term(scope: &Scope<'_>, term: &Term) -> Cost {
    let reads = |term: &Term| match scope.term(term) {
        Ok(value) if value.text().contains("parse_json(") => Cost::Computed,
        _ => Cost::Time,
    };
    match term {
        Term::Field(_) | Term::Item { .. } => reads(term),
        Term::Literal(_) => Cost::Time,
        Term::Call { .. } | Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
            Cost::Computed
        }
    }
}
