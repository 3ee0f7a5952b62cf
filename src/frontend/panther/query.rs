//! Scheduled rules: the named queries, whose rows the rule judges, as residue with their SQL.
//!
//! A query is a document of its own, looked for by its `QueryName` beside the rule, then in the `queries` folder beside it and
//! beside every folder above it. What a query selects is not read; where its document is not found, its name stands for it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::Fields;
use super::execute::ANCESTORS;
use super::{Context, folders};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Origin, Residue, ResidueEffect};
use crate::source::SourceId;
use crate::syntax::yaml;

const KEY: &str = "ScheduledQueries";
/// Where a query's text stands.
const TEXTS: &[&str] = &["Query", "SnowflakeQuery", "AthenaQuery"];
/// Documents that are looked at for one rule.
const DOCUMENTS: usize = 5_000;

/// The queries of the document, which stay among its keys for Panther itself.
pub(super) fn read(
    id: SourceId,
    fields: &mut Fields<'_>,
    context: &mut Context<'_>,
) -> Vec<Residue> {
    let Some(value) = fields.peek(KEY) else {
        return Vec::new();
    };
    let origin = Origin(fields.span(KEY));
    let names: Option<Vec<String>> = serde_json::from_value(value.clone()).ok();
    let Some(names) = names else {
        let message = format!("`{KEY}` must be a list of names");
        let problem = Diagnostic::error(Code::YamlShape, message).at(fields.span(KEY));
        context.diagnostics.push(problem);
        return Vec::new();
    };
    let path = context
        .sources
        .get(id)
        .map_or_else(PathBuf::new, |source| source.path().to_owned());
    let mut texts: Vec<Option<String>> = vec![None; names.len()];
    find(&path, &names, &mut texts, context);
    let pairs = names.into_iter().zip(texts);
    pairs
        .map(|(name, text)| Residue {
            format: super::FORMAT.to_owned(),
            construct: format!("scheduled query {name}"),
            text: text.unwrap_or(name),
            effect: ResidueEffect::Unknown,
            origin,
        })
        .collect()
}

/// Fills in the texts that are found.
fn find(rule: &Path, names: &[String], texts: &mut [Option<String>], context: &Context<'_>) {
    let above = rule.ancestors().skip(1).take(ANCESTORS);
    let above = above.map(|folder| folders::below(&folder.join("queries"), context));
    let folders = std::iter::once(folders::beside(rule, context)).chain(above);
    let candidates = folders.flat_map(|files| files.to_vec());
    for path in candidates.take(DOCUMENTS) {
        if texts.iter().all(Option::is_some) {
            return;
        }
        let Ok(Some(text)) = context.loader.text(&path) else {
            continue;
        };
        let wanted = |name: &String| text.contains(name.as_str());
        if !text.contains("QueryName") || !names.iter().any(wanted) {
            continue;
        }
        for (name, query) in queries(&text) {
            for at in (0..names.len()).filter(|at| names[*at] == name) {
                texts[at].get_or_insert_with(|| query.clone());
            }
        }
    }
}

/// The names and texts of the queries in a file.
fn queries(text: &str) -> Vec<(String, String)> {
    let documents = yaml::parse(SourceId(0), text).unwrap_or_default();
    let values = documents
        .into_iter()
        .filter_map(|document| document.value.ok());
    values
        .filter_map(|value| {
            let kind = value.get("AnalysisType").and_then(Value::as_str)?;
            let name = value.get("QueryName").and_then(Value::as_str)?;
            let mut texts = TEXTS.iter().filter_map(|key| value.get(*key)?.as_str());
            let text = texts.next()?;
            ["scheduled_query", "saved_query"]
                .contains(&kind)
                .then(|| (name.to_owned(), text.to_owned()))
        })
        .collect()
}
