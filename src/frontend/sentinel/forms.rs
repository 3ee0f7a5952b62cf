//! The forms in which rules are kept, each to documents with the keys of a rule's YAML.

use crate::diagnostic::Diagnostic;
use crate::source::SourceId;
use crate::syntax::yaml;

/// Where a document comes from, which says how some of its values are spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A rule template or a hunting query in YAML.
    Template,
    /// A rule as the service's interface has it: ARM templates and exports.
    Resource,
}

/// The rules of a file.
pub(super) fn documents(
    id: SourceId,
    text: &str,
) -> Result<Vec<(yaml::Document<'_>, Form)>, Diagnostic> {
    let documents = yaml::parse(id, text)?;
    Ok(documents
        .into_iter()
        .map(|document| (document, Form::Template))
        .collect())
}
