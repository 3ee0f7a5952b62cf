//! The aggregates of the IR as Kusto's: their names, the types that they take and give.

use super::value::{Kind, Value};
use crate::ir::{Aggregate, Term};

/// The value in a type that the aggregate takes.
pub(super) fn readable(aggregate: Aggregate, value: Value) -> Value {
    match (aggregate, value.kind) {
        (Aggregate::Sum | Aggregate::Average, Kind::Text | Kind::Dynamic) => {
            value.converted("toreal", Kind::Real)
        }
        (Aggregate::DistinctCount | Aggregate::Min | Aggregate::Max, Kind::Dynamic) => {
            value.as_text()
        }
        _ => value,
    }
}

/// Kusto's name of the aggregate, and the kind of its result.
pub(super) fn function_of(aggregate: Aggregate, value: Option<&Value>) -> (&'static str, Kind) {
    let same = |kind: Kind| value.map_or(kind, |value| value.kind);
    match aggregate {
        Aggregate::Count => ("count", Kind::Whole),
        Aggregate::DistinctCount => ("dcount", Kind::Whole),
        Aggregate::MakeSet => ("make_set", Kind::Dynamic),
        Aggregate::MakeList => ("make_list", Kind::Dynamic),
        Aggregate::Sum => ("sum", Kind::Real),
        Aggregate::Average => ("avg", Kind::Real),
        Aggregate::Min => ("min", same(Kind::Real)),
        Aggregate::Max => ("max", same(Kind::Real)),
        Aggregate::TakeAny => ("take_any", same(Kind::Text)),
    }
}

/// Whether the aggregate asks for the values themselves, not for which of them are the same.
pub(super) fn compares(aggregate: Aggregate) -> bool {
    match aggregate {
        Aggregate::Sum | Aggregate::Average | Aggregate::Min | Aggregate::Max => true,
        Aggregate::Count
        | Aggregate::DistinctCount
        | Aggregate::MakeSet
        | Aggregate::MakeList
        | Aggregate::TakeAny => false,
    }
}

/// The set of a term's values over the group.
pub(super) fn set_of(term: &Term) -> Term {
    Term::aggregate(Aggregate::MakeSet, Some(term.clone()))
}

/// Whether the term is computed over groups, not over single events.
pub(super) fn is_of_groups(term: &Term) -> bool {
    match term {
        Term::Aggregate { .. } => true,
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Select { .. } => false,
        Term::Call { arguments, .. } => arguments.iter().any(is_of_groups),
        Term::Choice { cases, otherwise } => {
            cases.iter().any(|case| is_of_groups(&case.then)) || is_of_groups(otherwise)
        }
    }
}
