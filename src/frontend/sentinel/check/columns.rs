//! The names and types of the query, and whether the columns that the document refers to are in its result.

use super::Checker;
use crate::bind::{Bound, bind};
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::schema::kusto::Schemas;
use crate::source::{Embedded, Span};
use crate::syntax::kql;
use crate::syntax::yaml::{self, Step};

/// What is known of a document's query; `None` where it has none or it is not well-formed, which the import says.
pub(super) fn bound(yaml: &yaml::Document<'_>, diagnostics: &mut Diagnostics) -> Option<Bound> {
    let (query, embedded) = yaml.embedded(&[Step::Key("query")])?;
    query_bound(query, &embedded, diagnostics)
}

/// What is known of a query that stands in a file.
pub(in super::super) fn query_bound(
    query: &str,
    embedded: &Embedded,
    diagnostics: &mut Diagnostics,
) -> Option<Bound> {
    let parsed = kql::parse(query);
    if !parsed.errors.is_empty() {
        return None;
    }
    let bound = bind(&parsed.query, Schemas::builtin());
    for problem in &bound.problems {
        diagnostics.push(problem.diagnostic(embedded));
    }
    Some(bound)
}

impl Checker<'_, '_> {
    /// A finding where the query's result has no such column.
    pub(super) fn in_result(&mut self, name: &str, span: Option<Span>) {
        let Some(bound) = self.bound.as_ref().filter(|bound| !bound.may_have(name)) else {
            return;
        };
        let help = bound
            .nearest(name)
            .map(|near| format!("it has a column `{near}`"));
        let message = format!("the result has no column `{name}`");
        self.push(Code::SentinelColumn, Severity::Warning, span, message, help);
    }
}
