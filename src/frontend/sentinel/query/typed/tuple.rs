//! Functions with several results, which are as many columns.

use super::call::Called;
use super::{Kind, Lowered, Place, Typed, call as apply, word};
use crate::frontend::sentinel::query::value::Value;
use crate::ir::{Function, Literal, Term};
use crate::syntax::kql::ast::Expression;

/// The results of `series_stats`, by the ends of their names.
const STATISTICS: [&str; 7] = [
    "min", "min_idx", "max", "max_idx", "avg", "stdev", "variance",
];

impl<'q> Place<'_, 'q> {
    /// The results of an expression that has several, with the names that Kusto derives; `None` for any other.
    pub(in crate::frontend::sentinel::query) fn tuple(
        &self,
        expression: &'q Expression,
    ) -> Option<Vec<(String, Lowered<Value>)>> {
        let call = expression.as_call().filter(|_| self.columns.of_rows)?;
        let called = Called {
            place: self,
            call,
            name: call.function.text.as_str(),
            range: *expression.range,
        };
        let results = match called.name {
            "array_sort_asc" => sorted(called, false)?,
            "array_sort_desc" => sorted(called, true)?,
            "series_stats" => statistics(called)?,
            _ => return None,
        };
        let results = results.into_iter();
        Some(
            results
                .map(|(name, typed)| (name, typed.map(Typed::into_value)))
                .collect(),
        )
    }
}

/// Several lists in the order of the first one.
fn sorted(called: Called<'_, '_>, descending: bool) -> Option<Vec<(String, Lowered<Typed>)>> {
    let names: Option<Vec<&str>> = (0..called.count())
        .map(|at| called.expression(at).ok()?.as_name())
        .collect();
    let names = names.filter(|names| names.len() > 1)?;
    let lists: Vec<Term> = (0..names.len())
        .map(|at| {
            called
                .typed(at)
                .ok()
                .filter(|list| list.kind == Kind::Dynamic)
        })
        .map(|list| list.map(|list| list.term))
        .collect::<Option<_>>()?;
    let descending = Term::Literal(Literal::Boolean(descending));
    let results = names.iter().zip(&lists).map(|(name, list)| {
        let arguments = [list.clone(), lists[0].clone(), descending.clone()];
        let term = apply(Function::SortBy, arguments);
        (
            format!("{name}_sorted"),
            Ok(Typed::new(term, Kind::Dynamic)),
        )
    });
    Some(results.collect())
}

fn statistics(called: Called<'_, '_>) -> Option<Vec<(String, Lowered<Typed>)>> {
    let name = called.expression(0).ok()?.as_name()?;
    let list = called
        .typed(0)
        .ok()
        .filter(|list| list.kind == Kind::Dynamic)?;
    if called.count() != 1 {
        return None;
    }
    let results = STATISTICS.into_iter().map(|what| {
        let term = apply(Function::SeriesFold, [word(what), list.term.clone()]);
        (
            format!("series_stats_{name}_{what}"),
            Ok(Typed::new(term, Kind::Number)),
        )
    });
    Some(results.collect())
}
