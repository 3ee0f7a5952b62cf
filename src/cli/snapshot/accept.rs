//! What changed and which of it is accepted, to the manifest that is written next.
//!
//! Where only some rules are accepted, the others keep the entries that they have, and what the old manifest says of rulec and of
//! the log sources stays, so that their changes are still put down to the right cause.

use std::collections::BTreeSet;
use std::path::Path;

use super::Refused;
use super::compare::{Comparison, Kind, RuleChange};
use super::manifest::{Entry, Manifest};
use super::root::Root;
use super::settings::differences;
use super::take::Taken;
use crate::diagnostic::{Code, Diagnostic};

/// The manifest of the collection, or the old one with the rules that the words name; a word is a file, a folder, an id or a name.
pub(super) fn next(
    old: Option<&Manifest>,
    taken: &Taken,
    comparison: &Comparison,
    wanted: &[String],
    root: &Root,
) -> Result<Manifest, Refused> {
    let Some(old) = old.filter(|_| !wanted.is_empty()) else {
        return Ok(taken.manifest.clone());
    };
    let differ = differences(&old.options, &taken.manifest.options);
    if !differ.is_empty() {
        let differ = differ.join("; ");
        let message =
            format!("other options change every rule, so that all are to be accepted: {differ}");
        return Err(Box::new(Diagnostic::error(Code::Usage, message)));
    }
    let paths: Vec<String> = wanted
        .iter()
        .map(|word| root.portable(Path::new(word)))
        .collect();
    let names = |rule: &RuleChange, at: usize| is_named(rule, &wanted[at], &paths[at]);
    for (at, word) in wanted.iter().enumerate() {
        if !comparison.rules.iter().any(|rule| names(rule, at)) {
            let message = format!("`{word}` is no file, folder, id or name of a rule");
            return Err(Box::new(Diagnostic::error(Code::Usage, message)));
        }
    }
    let mut manifest = old.clone();
    manifest.rules.clear();
    for rule in &comparison.rules {
        let is_accepted = (0..wanted.len()).any(|at| names(rule, at));
        let entry = if is_accepted || rule.kind() == Kind::Same {
            rule.new.and_then(|at| taken.manifest.rules.get(at))
        } else {
            rule.old.and_then(|at| old.rules.get(at))
        };
        let Some(entry) = entry else { continue };
        manifest.rules.push(entry.clone());
        if is_accepted {
            let files = entry.files.iter().chain([&entry.source]);
            let known = files.filter_map(|path| taken.manifest.sources.get_key_value(path));
            manifest
                .sources
                .extend(known.map(|(path, hash)| (path.clone(), hash.clone())));
            for id in &entry.log_sources {
                if let Some(hash) = taken.manifest.log_sources.get(id) {
                    manifest
                        .log_sources
                        .entry(id.clone())
                        .or_insert(hash.clone());
                }
            }
        }
    }
    forget_unused(&mut manifest);
    manifest.rules.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(manifest)
}

/// Takes out what no rule needs any more.
fn forget_unused(manifest: &mut Manifest) {
    let files = |rule: &Entry| {
        rule.files
            .iter()
            .chain([&rule.source])
            .cloned()
            .collect::<Vec<_>>()
    };
    let files: BTreeSet<String> = manifest.rules.iter().flat_map(files).collect();
    manifest.sources.retain(|path, _| files.contains(path));
    let log_sources = manifest.rules.iter().flat_map(|rule| &rule.log_sources);
    let log_sources: BTreeSet<&String> = log_sources.collect();
    manifest
        .log_sources
        .retain(|id, _| log_sources.contains(id));
}

fn is_named(rule: &RuleChange, word: &str, path: &str) -> bool {
    let below = rule.source.strip_prefix(path);
    path == "."
        || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || rule.id == word
        || rule.name == word
}
