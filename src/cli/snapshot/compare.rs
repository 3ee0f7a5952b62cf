//! A snapshot and the collection as it is now to what changed, by rule and target.
//!
//! What decides is the output: the text of each file, against the file that stands in the folder; the counts of the constructs
//! that are not exact; whether a rule is translated at all, and if not, the codes that say why. A record that differs in
//! anything else (a hash, the wording of a reason) is stale, which is no difference.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::causes;
use super::folder::Folder;
use super::manifest::{Entry, Inexact, Kept, Manifest, Refusal, Translated};
use super::take::Taken;

/// What became of one rule in one target; what matters most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// It was translated and is refused.
    Refused,
    /// More or fewer of its constructs are not exact.
    Fidelity,
    /// It was refused and is translated.
    Translated,
    /// It is refused with other codes.
    Reason,
    /// Its text alone.
    Text,
    /// The snapshot has no such rule, or not for this target.
    New,
    /// The collection has no such rule any more, or the target was not asked for.
    Vanished,
    /// Nothing.
    Same,
}

/// One rule for one target.
#[derive(Debug)]
pub(super) struct Change {
    /// The target.
    pub(super) target: String,
    /// What became of it.
    pub(super) kind: Kind,
    /// What was kept, and what is.
    pub(super) kept: (Option<Kept>, Option<Kept>),
    /// Constructs and refusals that are new or gone, in words.
    pub(super) reasons: Vec<String>,
    /// What caused it, as far as the manifest tells.
    pub(super) because: Vec<String>,
    /// The files that differ.
    pub(super) files: Vec<FileChange>,
}

/// A file that differs.
#[derive(Debug)]
pub(super) struct FileChange {
    /// Its path in the snapshot's folder.
    pub(super) path: String,
    /// What stands there.
    pub(super) old: Option<String>,
    /// What should.
    pub(super) new: Option<String>,
}

/// One rule.
#[derive(Debug)]
pub(super) struct RuleChange {
    /// Its number in the snapshot's manifest.
    pub(super) old: Option<usize>,
    /// Its number in the collection.
    pub(super) new: Option<usize>,
    /// Its file, id and name: those it has now, if it is there.
    pub(super) source: String,
    pub(super) id: String,
    pub(super) name: String,
    /// By target.
    pub(super) changes: Vec<Change>,
}

impl RuleChange {
    /// The worst of its targets; a rule without any is the same.
    pub(super) fn kind(&self) -> Kind {
        match (self.old, self.new) {
            (None, Some(_)) => Kind::New,
            (Some(_), None) => Kind::Vanished,
            _ => self
                .changes
                .iter()
                .map(|change| change.kind)
                .min()
                .unwrap_or(Kind::Same),
        }
    }
}

/// All that changed.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Every rule of either side, those first that matter most.
    pub(super) rules: Vec<RuleChange>,
    /// Files in the folder that neither side has.
    pub(super) unreferenced: Vec<String>,
    /// What the manifest says otherwise without a change of any output, in words.
    pub(super) stale: Vec<String>,
}

impl Comparison {
    /// Whether the snapshot is what the collection gives, and nothing else.
    pub(super) fn is_clean(&self) -> bool {
        self.unreferenced.is_empty() && self.rules.iter().all(|rule| rule.kind() == Kind::Same)
    }
}

/// What changed between the snapshot in the folder, if there is one, and the collection.
pub(super) fn compare(old: Option<&Manifest>, new: &Taken, folder: &Folder) -> Comparison {
    let no_rules = Vec::new();
    let old_rules = old.map_or(&no_rules, |old| &old.rules);
    let pairs = pairs(old_rules, &new.manifest.rules);
    let mut rules: Vec<RuleChange> = pairs
        .into_iter()
        .map(|(old_at, new_at)| {
            let before = old_at.and_then(|at| old_rules.get(at));
            let now = new_at.and_then(|at| new.manifest.rules.get(at));
            // What could not be read is called what it was called before.
            let text = |part: fn(&Entry) -> &String| {
                let mut texts = [now, before].into_iter().flatten().map(part);
                texts
                    .find(|text| !text.is_empty())
                    .cloned()
                    .unwrap_or_default()
            };
            let mut changes = changes(before, now, new, folder);
            if let Some(old) = old {
                for change in changes
                    .iter_mut()
                    .filter(|change| change.kind != Kind::Same)
                {
                    change.because = causes(old, &new.manifest, before, now, change, folder);
                }
            }
            RuleChange {
                old: old_at,
                new: new_at,
                source: text(|entry| &entry.source),
                id: text(|entry| &entry.id),
                name: text(|entry| &entry.name),
                changes,
            }
        })
        .collect();
    rules.sort_by_key(RuleChange::kind);
    let both = old.into_iter().chain([&new.manifest]);
    let known: BTreeSet<&str> = both
        .flat_map(Manifest::artifacts)
        .map(|(path, _)| path)
        .collect();
    let files = folder.files().into_iter();
    Comparison {
        rules,
        unreferenced: files
            .filter(|path| !known.contains(path.as_str()))
            .collect(),
        stale: old
            .map(|old| super::cause::stale(old, &new.manifest))
            .unwrap_or_default(),
    }
}

/// The rules of both sides that are one rule: of one file, and with one id and name; what is left of a file on both sides, in its
/// order, since an id can change and a rule can become unreadable.
fn pairs(old: &[Entry], new: &[Entry]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut by_identity: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (at, entry) in old.iter().enumerate().rev() {
        by_identity
            .entry((&entry.source, &entry.id, &entry.name))
            .or_default()
            .push(at);
    }
    let mut found: Vec<Option<usize>> = new
        .iter()
        .map(|entry| {
            by_identity
                .get_mut(&(&*entry.source, &*entry.id, &*entry.name))?
                .pop()
        })
        .collect();
    let mut left: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut numbers: Vec<usize> = by_identity.into_values().flatten().collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    for at in numbers {
        if let Some(entry) = old.get(at) {
            left.entry(&entry.source).or_default().push(at);
        }
    }
    for (entry, found) in new.iter().zip(&mut found) {
        if found.is_none() {
            *found = left.get_mut(entry.source.as_str()).and_then(Vec::pop);
        }
    }
    let gone = left.into_values().flatten().map(|at| (Some(at), None));
    let mut pairs: Vec<_> = found
        .into_iter()
        .enumerate()
        .map(|(at, old)| (old, Some(at)))
        .chain(gone)
        .collect();
    pairs.sort_by_key(|(old_at, new_at)| {
        let entry = new_at
            .and_then(|at| new.get(at))
            .or_else(|| old.get((*old_at)?));
        (entry.map(|entry| &entry.source), *new_at, *old_at)
    });
    pairs
}

fn changes(
    old: Option<&Entry>,
    new: Option<&Entry>,
    taken: &Taken,
    folder: &Folder,
) -> Vec<Change> {
    let of = |entry: Option<&Entry>| {
        entry.map(|entry| entry.translations.keys().cloned().collect::<Vec<_>>())
    };
    let targets: BTreeSet<String> = of(old).into_iter().chain(of(new)).flatten().collect();
    let for_target = |entry: Option<&'_ Entry>, target: &str| {
        entry
            .and_then(|entry| entry.translations.get(target))
            .cloned()
    };
    targets
        .into_iter()
        .map(|target| {
            let (old, new) = (for_target(old, &target), for_target(new, &target));
            change(target, old.as_ref(), new.as_ref(), taken, folder)
        })
        .collect()
}

fn change(
    target: String,
    old: Option<&Translated>,
    new: Option<&Translated>,
    taken: &Taken,
    folder: &Folder,
) -> Change {
    let files = file_changes(old, new, taken, folder);
    let kept = |made: Option<&Translated>| made.and_then(|made| made.fidelity.clone());
    let kind = match (old, new) {
        (None, _) => Kind::New,
        (_, None) => Kind::Vanished,
        (Some(old), Some(new)) => kind(old, new, &files),
    };
    let reasons = match kind {
        Kind::Same => Vec::new(),
        Kind::Text if kept(old).map(counts) == kept(new).map(counts) => Vec::new(),
        _ => reasons(old, new),
    };
    Change {
        target,
        kind,
        kept: (kept(old), kept(new)),
        reasons,
        because: Vec::new(),
        files,
    }
}

fn kind(old: &Translated, new: &Translated, files: &[FileChange]) -> Kind {
    let codes = |made: &Translated| {
        made.refused
            .iter()
            .map(|one| one.code.clone())
            .collect::<BTreeSet<_>>()
    };
    match (old.is_refused(), new.is_refused()) {
        (false, true) => Kind::Refused,
        (true, false) => Kind::Translated,
        (true, true) if codes(old) != codes(new) => Kind::Reason,
        (false, false) if old.fidelity.clone().map(counts) != new.fidelity.clone().map(counts) => {
            Kind::Fidelity
        }
        (false, false) if !files.is_empty() => Kind::Text,
        (true, true) | (false, false) => Kind::Same,
    }
}

/// What says how much is lost. A further exact construct is none of it.
fn counts(kept: Kept) -> (String, usize, usize, usize) {
    (kept.condition, kept.wider, kept.narrower, kept.unsupported)
}

/// What is not exact or refuses the rule on one side alone.
fn reasons(old: Option<&Translated>, new: Option<&Translated>) -> Vec<String> {
    let inexact =
        |made: Option<&Translated>| made.map(|made| made.inexact.clone()).unwrap_or_default();
    let refused =
        |made: Option<&Translated>| made.map(|made| made.refused.clone()).unwrap_or_default();
    let lost = |one: &Inexact| format!("{}: `{}`: {}", one.fidelity, one.what, one.reason);
    let refusal = |one: &Refusal| format!("refused: {}: {}", one.code, one.message);
    let (was, is) = (inexact(old), inexact(new));
    let (was_refused, is_refused) = (refused(old), refused(new));
    let mut reasons: Vec<String> = is_refused
        .iter()
        .filter(|one| !was_refused.contains(one))
        .map(refusal)
        .collect();
    reasons.extend(is.iter().filter(|one| !was.contains(one)).map(lost));
    // What is gone is worth a word where the rule itself is not.
    if new.is_some() {
        let gone = was_refused
            .iter()
            .filter(|one| !is_refused.contains(one))
            .map(refusal);
        reasons.extend(gone.map(|text| format!("no longer {text}")));
        if !is_refused.is_empty() {
            return reasons;
        }
        let gone = was.iter().filter(|one| !is.contains(one)).map(lost);
        reasons.extend(gone.map(|text| format!("no longer {text}")));
    }
    reasons
}

fn file_changes(
    old: Option<&Translated>,
    new: Option<&Translated>,
    taken: &Taken,
    folder: &Folder,
) -> Vec<FileChange> {
    let of = |made: Option<&Translated>| {
        made.map(|made| made.artifacts.keys().cloned().collect::<BTreeSet<_>>())
            .unwrap_or_default()
    };
    let (was, is) = (of(old), of(new));
    let change = |path: &String| {
        let there = folder.text(path);
        let text = is.contains(path).then(|| taken.texts.get(path)).flatten();
        (there.as_ref() != text).then(|| FileChange {
            path: path.clone(),
            old: there,
            new: text.cloned(),
        })
    };
    was.union(&is).filter_map(change).collect()
}
