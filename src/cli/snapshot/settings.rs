//! The arguments of a snapshot, from the command line or from its manifest, as one value and as the manifest spells them.

use std::path::PathBuf;

use clap::ValueEnum;

use super::manifest::Options;
use super::root::Root;
use crate::cli::import::Reading;
use crate::cli::schemas::Schemas;
use crate::cli::shaping::Shaping;
use crate::cli::tuning::Values;

/// What is translated, to what, and how.
pub(super) struct Settings {
    /// The files and folders, as they are opened here.
    pub(super) paths: Vec<PathBuf>,
    /// The targets.
    pub(super) to: Vec<String>,
    /// How rules are read.
    pub(super) reading: Reading,
    /// What becomes of them.
    pub(super) shaping: Shaping,
    /// What paths are relative to.
    pub(super) root: Root,
}

impl Settings {
    /// The files that options name.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let schemas = self.reading.schemas.files.iter();
        schemas.chain(&self.reading.values.placeholders)
    }

    /// As the manifest has them.
    pub(super) fn options(&self) -> Options {
        let portable = |path: &PathBuf| self.root.portable(path);
        let (shaping, reading) = (&self.shaping, &self.reading);
        let unmapped =
            Some(shaping.unmapped).filter(|policy| *policy != Shaping::default().unmapped);
        Options {
            paths: sorted(self.paths.iter().map(portable).collect()),
            to: sorted(self.to.clone()),
            from: reading.from.clone(),
            helpers: reading.helpers.iter().map(portable).collect(),
            schema: reading.schemas.files.iter().map(portable).collect(),
            placeholders: reading.values.placeholders.iter().map(portable).collect(),
            tables: shaping.tables.and_then(spelt),
            deny: sorted(shaping.deny.iter().copied().filter_map(spelt).collect()),
            unmapped: unmapped.and_then(spelt),
            approximate: joined(sorted(
                shaping
                    .approximate
                    .iter()
                    .copied()
                    .filter_map(spelt)
                    .collect(),
            )),
            attack_version: shaping.attack_version.and_then(spelt),
            style: shaping.style.and_then(spelt),
        }
    }

    /// As a manifest has them; an error names what this build does not know.
    pub(super) fn of(
        options: &Options,
        root: Root,
        targets: &[&str],
        formats: &[&str],
    ) -> Result<Self, String> {
        let shown = |paths: &[String]| paths.iter().map(|path| root.shown(path)).collect();
        let unknown = |option: &str, word: &str| format!("`{word}` is no value of `--{option}`");
        if let Some(word) = options
            .to
            .iter()
            .find(|word| !targets.contains(&word.as_str()))
        {
            return Err(unknown("to", word));
        }
        if let Some(word) = options
            .from
            .iter()
            .find(|word| !formats.contains(&word.as_str()))
        {
            return Err(unknown("from", word));
        }
        if options.paths.is_empty() || options.to.is_empty() {
            return Err("it names no paths or no targets".to_owned());
        }
        let deny = options.deny.iter();
        Ok(Self {
            paths: shown(&options.paths),
            to: options.to.clone(),
            reading: Reading {
                from: options.from.clone(),
                helpers: shown(&options.helpers),
                schemas: Schemas {
                    files: shown(&options.schema),
                },
                values: Values {
                    placeholders: shown(&options.placeholders),
                },
            },
            shaping: Shaping {
                tables: value("tables", options.tables.as_deref())?,
                deny: deny
                    .filter_map(|word| value("deny", Some(word)).transpose())
                    .collect::<Result<_, _>>()?,
                unmapped: value("unmapped", options.unmapped.as_deref())?.unwrap_or_default(),
                approximate: options
                    .approximate
                    .iter()
                    .flat_map(|words| words.split(','))
                    .filter_map(|word| value("approximate", Some(word)).transpose())
                    .collect::<Result<_, _>>()?,
                attack_version: value("attack-version", options.attack_version.as_deref())?,
                style: value("style", options.style.as_deref())?,
            },
            root,
        })
    }
}

/// The words of an option that takes several, as one; nothing for none.
fn joined(words: Vec<String>) -> Option<String> {
    (!words.is_empty()).then(|| words.join(","))
}

/// The differences between two lists of arguments, in words.
pub(super) fn differences(old: &Options, new: &Options) -> Vec<String> {
    let one = |word: &Option<String>| word.iter().cloned().collect::<Vec<_>>();
    let rows = [
        ("PATH", old.paths.clone(), new.paths.clone()),
        ("--to", old.to.clone(), new.to.clone()),
        ("--from", one(&old.from), one(&new.from)),
        ("--helpers", old.helpers.clone(), new.helpers.clone()),
        ("--schema", old.schema.clone(), new.schema.clone()),
        (
            "--placeholders",
            old.placeholders.clone(),
            new.placeholders.clone(),
        ),
        ("--tables", one(&old.tables), one(&new.tables)),
        ("--deny", old.deny.clone(), new.deny.clone()),
        ("--unmapped", one(&old.unmapped), one(&new.unmapped)),
        (
            "--approximate",
            one(&old.approximate),
            one(&new.approximate),
        ),
        (
            "--attack-version",
            one(&old.attack_version),
            one(&new.attack_version),
        ),
        ("--style", one(&old.style), one(&new.style)),
    ];
    let words = |words: &[String]| match words {
        [] => "not given".to_owned(),
        words => format!("`{}`", words.join(",")),
    };
    rows.into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(option, old, new)| format!("`{option}` was {}, is {}", words(&old), words(&new)))
        .collect()
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

fn spelt(value: impl ValueEnum + Copy) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

fn value<V: ValueEnum>(option: &str, word: Option<&str>) -> Result<Option<V>, String> {
    let read = |word| {
        V::from_str(word, false).map_err(|_| format!("`{word}` is no value of `--{option}`"))
    };
    word.map(read).transpose()
}
