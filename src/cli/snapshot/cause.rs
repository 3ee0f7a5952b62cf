//! Why a translation changed, as far as a manifest tells: the rule's files, log sources, options, rulec itself, or a hand that
//! changed the snapshot.

use std::collections::BTreeSet;

use super::compare::{Change, Kind};
use super::folder::Folder;
use super::manifest::{Entry, Manifest, Translated, hash};
use super::settings::differences;

/// How many files are named where many changed alike.
const NAMED: usize = 5;

/// What may have caused the change of a rule for one target; never empty.
pub(super) fn causes(
    old: &Manifest,
    new: &Manifest,
    before: Option<&Entry>,
    now: Option<&Entry>,
    change: &Change,
    folder: &Folder,
) -> Vec<String> {
    let mut causes = files(old, new, before, now);
    causes.extend(log_sources(old, new, before, now));
    causes.extend(rulec(old, new));
    causes.extend(differences(&old.options, &new.options));
    let recorded = before.and_then(|entry| entry.translations.get(&change.target));
    causes.extend(
        recorded
            .into_iter()
            .flat_map(|made| by_hand(made, change, folder)),
    );
    if causes.is_empty() && change.kind == Kind::Vanished {
        causes.push("the file has no such rule any more".to_owned());
    } else if causes.is_empty() {
        let text = "nothing that the manifest records changed: it is a file that rules share, such as a data model, or another \
            build of the same rulec";
        causes.push(text.to_owned());
    }
    causes
}

/// The rule's own files, and those that it names.
fn files(
    old: &Manifest,
    new: &Manifest,
    before: Option<&Entry>,
    now: Option<&Entry>,
) -> Vec<String> {
    let entries = [before, now].into_iter().flatten();
    let paths: BTreeSet<&String> = entries
        .flat_map(|entry| entry.files.iter().chain([&entry.source]))
        .collect();
    let said = |path: &String| match (old.sources.get(path), new.sources.get(path)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(_), Some(_)) => Some(format!("`{path}` changed")),
        (None, Some(_)) => Some(format!("`{path}` is new")),
        (Some(_), None) => Some(format!("`{path}` is gone")),
        (None, None) => None,
    };
    paths.into_iter().filter_map(said).collect()
}

/// The log sources that the rule is about, and the files that options name.
fn log_sources(
    old: &Manifest,
    new: &Manifest,
    before: Option<&Entry>,
    now: Option<&Entry>,
) -> Vec<String> {
    let entries = [before, now].into_iter().flatten();
    let ids: BTreeSet<&String> = entries.flat_map(|entry| &entry.log_sources).collect();
    let changed = |id: &&String| {
        let pair = (old.log_sources.get(*id), new.log_sources.get(*id));
        matches!(pair, (Some(was), Some(is)) if was != is)
    };
    let mut causes: Vec<String> = ids
        .into_iter()
        .filter(changed)
        .map(|id| format!("the log source `{id}` changed"))
        .collect();
    causes.extend(option_files(old, new));
    causes
}

fn option_files(old: &Manifest, new: &Manifest) -> Vec<String> {
    let paths: BTreeSet<&String> = old
        .option_files
        .keys()
        .chain(new.option_files.keys())
        .collect();
    let changed = paths
        .into_iter()
        .filter(|path| old.option_files.get(*path) != new.option_files.get(*path));
    changed.map(|path| format!("`{path}` changed")).collect()
}

fn rulec(old: &Manifest, new: &Manifest) -> Option<String> {
    (old.rulec != new.rulec).then(|| format!("rulec was {}, is {}", old.rulec, new.rulec))
}

/// Files that are not what the manifest says.
fn by_hand(recorded: &Translated, change: &Change, folder: &Folder) -> Vec<String> {
    let said = |file: &super::compare::FileChange| {
        let was = recorded.artifacts.get(&file.path)?;
        let path = folder.shown(&file.path);
        match &file.old {
            None => Some(format!("`{path}` is missing")),
            Some(text) if hash(text) != *was => Some(format!("`{path}` was changed by hand")),
            Some(_) => None,
        }
    };
    change.files.iter().filter_map(said).collect()
}

/// What differs in the records of a snapshot whose outputs may all be the same.
pub(super) fn stale(old: &Manifest, new: &Manifest) -> Vec<String> {
    let changed = new
        .sources
        .iter()
        .filter(|(path, is)| old.sources.get(*path).is_some_and(|was| was != *is));
    let changed: Vec<&String> = changed.map(|(path, _)| path).collect();
    let mut stale = Vec::new();
    let named: Vec<String> = changed
        .iter()
        .take(NAMED)
        .map(|path| format!("`{path}`"))
        .collect();
    match changed.len() {
        0 => {}
        count if count > NAMED => stale.push(format!(
            "{} and {} more files changed",
            named.join(", "),
            count - NAMED
        )),
        _ => stale.push(format!("{} changed", named.join(", "))),
    }
    let sources = new
        .log_sources
        .iter()
        .filter(|(id, is)| old.log_sources.get(*id).is_some_and(|was| was != *is));
    stale.extend(sources.map(|(id, _)| format!("the log source `{id}` changed")));
    stale.extend(option_files(old, new));
    stale.extend(rulec(old, new));
    stale.extend(differences(&old.options, &new.options));
    if stale.is_empty() && old != new {
        stale.push("the manifest differs in what it records besides".to_owned());
    }
    stale
}
