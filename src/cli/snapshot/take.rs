//! A rule collection to what a snapshot of it holds: the manifest, the artifacts' texts, and where each rule stands.
//!
//! A rule that was refused, or not read, is in it with the reasons. Files below the snapshot's own folder are no rules. What it
//! gives does not depend on the order of the arguments or on the platform: paths are the root's, line ends are `\n`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::layout::Layout;
use super::manifest::{Entry, Inexact, Kept, Manifest, Refusal, Translated, hash, unified};
use super::root::slashed;
use super::settings::Settings;
use crate::analysis::Fidelity;
use crate::backend::{self, Backend, Templates, Translation};
use crate::cli::console::Console;
use crate::cli::import::{Document, Shared, Status, empty_folders, import};
use crate::cli::input::{Input, Inputs, read};
use crate::cli::shaping::targets;
use crate::cli::{Exit, Registry, workers};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::ir::Rule;
use crate::schema::Crosswalk;
use crate::source::{Source, Sources, TextRange};

/// Where the modules are that ship with rulec, which belong to its version.
const SHIPPED: &str = "<rulec>";

/// A collection as it is now.
pub(super) struct Taken {
    /// What a manifest says of it.
    pub(super) manifest: Manifest,
    /// The texts of the artifacts, by their paths in the snapshot's folder.
    pub(super) texts: BTreeMap<String, String>,
    /// Where each of the manifest's rules stands.
    pub(super) places: Vec<Place>,
    /// How the run ends as far as reading is concerned.
    pub(super) exit: Exit,
}

/// Where a rule stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its file, as shown.
    pub(super) path: PathBuf,
    /// The file's text.
    pub(super) text: Arc<str>,
    /// The part of the text.
    pub(super) range: TextRange,
}

/// Translates everything that the settings' paths lead to. Nothing is given where they lead nowhere; the console says why.
pub(super) fn take(
    settings: &Settings,
    folder: &Path,
    registry: Registry<'_>,
    console: &mut Console<'_>,
) -> io::Result<Option<Taken>> {
    let Some(crosswalk) = settings.reading.schemas.crosswalk(console)? else {
        return Ok(None);
    };
    let mut inputs = Inputs::find(&settings.paths);
    inputs
        .files
        .retain(|input| !settings.root.is_in(folder, &input.path));
    let templates = Templates::builtin();
    let maker = Maker {
        settings,
        targets: targets(&settings.to, registry),
        context: settings.shaping.context(&crosswalk, &templates),
    };
    let Some(tuning) = settings.reading.values.tuning(&inputs, console)? else {
        return Ok(None);
    };
    let shared = Shared::new(&crosswalk, tuning);
    let mut files = Vec::new();
    let (mut exit, mut with_rules) = (Exit::Success, BTreeSet::new());
    workers::in_order(
        &inputs.files,
        |input| maker.file(input, registry, &shared),
        |file| {
            if file.status == Status::Rules {
                with_rules.extend(file.folder);
            }
            if file.status == Status::Unreadable {
                exit = Exit::Failure;
                console.diagnose(&file.diagnostics, &Sources::new())?;
            }
            files.push(file);
            Ok(())
        },
    )?;
    let mut nowhere = inputs.diagnostics.clone();
    nowhere.extend(empty_folders(&inputs, &with_rules));
    nowhere.extend(shared.tuning.filters.unused());
    console.diagnose(&nowhere, &Sources::new())?;
    if nowhere.has_errors() {
        return Ok(None);
    }
    let mut taken = assemble(files, settings, folder);
    taken.exit = exit;
    taken.manifest.log_sources = log_sources_of(&taken.manifest.rules);
    Ok(Some(taken))
}

/// The log sources of these rules that ship with rulec, with the hashes of their files.
fn log_sources_of(rules: &[Entry]) -> BTreeMap<String, String> {
    let used: BTreeSet<&String> = rules.iter().flat_map(|rule| &rule.log_sources).collect();
    let known = Crosswalk::builtin().sources();
    let known = known.filter(|source| used.contains(&source.id));
    known
        .map(|source| (source.id.clone(), hash(source.text())))
        .collect()
}

/// The files' rules under their places in the snapshot.
fn assemble(mut files: Vec<File>, settings: &Settings, folder: &Path) -> Taken {
    files.sort_by(|a, b| a.source.cmp(&b.source));
    let mut manifest = Manifest::new(settings.root.from(folder), settings.options());
    for path in settings.files() {
        // What could not be read has ended the run before.
        let text = read(&Input::file(path.clone())).unwrap_or_default();
        manifest
            .option_files
            .insert(settings.root.portable(path), hash(&text));
    }
    let mut layout = Layout::default();
    let (mut texts, mut places) = (BTreeMap::new(), Vec::new());
    for file in files {
        manifest.sources.extend(file.hashes);
        let several = file.rules.len() > 1;
        for mut made in file.rules {
            let folder = layout.folder(&file.source, several.then_some(made.stem.as_str()));
            for (target, path, text) in made.artifacts {
                let path = format!("{target}/{folder}/{path}");
                if let Some(translated) = made.entry.translations.get_mut(target) {
                    translated.artifacts.insert(path.clone(), hash(&text));
                }
                texts.insert(path, text);
            }
            manifest.rules.push(made.entry);
            places.push(Place {
                path: file.path.clone(),
                text: Arc::clone(&file.text),
                range: made.range,
            });
        }
    }
    Taken {
        manifest,
        texts,
        places,
        exit: Exit::Success,
    }
}

/// What came of one file.
struct File {
    /// Its path in the manifest.
    source: String,
    /// Its path as shown.
    path: PathBuf,
    text: Arc<str>,
    folder: Option<usize>,
    status: Status,
    /// Why it could not be read at all.
    diagnostics: Diagnostics,
    /// The hashes of it and of what it names.
    hashes: Vec<(String, String)>,
    rules: Vec<Made>,
}

/// What came of one rule.
struct Made {
    entry: Entry,
    /// A name among those of its file.
    stem: String,
    range: TextRange,
    /// Target, path below the rule's folder, text.
    artifacts: Vec<(&'static str, String, String)>,
}

/// What every file is translated with.
struct Maker<'m> {
    settings: &'m Settings,
    targets: Vec<&'m dyn Backend>,
    context: backend::Context<'m>,
}

impl Maker<'_> {
    fn file(&self, input: &Input, registry: Registry<'_>, shared: &Shared<'_>) -> File {
        let document = import(input, &self.settings.reading, registry, shared);
        let source = self.settings.root.portable(&document.path);
        let mut file = File {
            path: document.path.clone(),
            text: "".into(),
            folder: document.folder,
            status: document.status,
            diagnostics: Diagnostics::new(),
            hashes: Vec::new(),
            rules: Vec::new(),
            source,
        };
        if document.status == Status::PassedOver {
            return file;
        }
        if document.status == Status::Unreadable {
            file.diagnostics = document.diagnostics.clone();
        }
        let hashed = |one: &Source| (self.settings.root.portable(one.path()), hash(one.text()));
        let read = document.sources.files().iter();
        file.hashes = read
            .filter(|one| !one.path().starts_with(SHIPPED))
            .map(hashed)
            .collect();
        if let Some(main) = document
            .sources
            .find(&document.path)
            .and_then(|id| document.sources.get(id))
        {
            file.text = main.shared_text();
        }
        file.rules = document
            .rules
            .iter()
            .map(|rule| self.rule(rule, &document, &file))
            .collect();
        if document.diagnostics.has_errors() {
            file.rules.push(self.unread(&document, &file));
        }
        file
    }

    /// An entry of the file without translations.
    fn entry(file: &File) -> Entry {
        let others = file.hashes.iter().map(|(path, _)| path);
        let mut files: Vec<String> = others
            .filter(|path| **path != file.source)
            .cloned()
            .collect();
        files.sort();
        Entry {
            source: file.source.clone(),
            id: String::new(),
            name: String::new(),
            files,
            log_sources: Vec::new(),
            translations: BTreeMap::new(),
        }
    }

    fn rule(&self, rule: &Rule, document: &Document, file: &File) -> Made {
        let mut entry = Self::entry(file);
        entry.id.clone_from(&rule.metadata.id);
        entry.name.clone_from(&rule.metadata.name);
        entry.log_sources = log_sources(rule, self.context.crosswalk);
        let mut artifacts = Vec::new();
        let made = self
            .settings
            .shaping
            .translate(rule, &self.targets, &self.context);
        for (target, made) in self.targets.iter().zip(made) {
            entry
                .translations
                .insert(target.name().to_owned(), self.translated(&made, document));
            artifacts.extend(made.artifacts.into_iter().map(|artifact| {
                let text = unified(&artifact.text).into_owned();
                (target.name(), slashed(&artifact.path), text)
            }));
        }
        let main = document.sources.find(&document.path);
        let own = rule.origin.0.filter(|span| Some(span.source) == main);
        Made {
            entry,
            stem: backend::file_stem(rule),
            range: own.map(|span| span.range).unwrap_or_default(),
            artifacts,
        }
    }

    /// The part of a file of which no rule was read.
    fn unread(&self, document: &Document, file: &File) -> Made {
        let refused = self.refusals(&document.diagnostics, document);
        let mut entry = Self::entry(file);
        for target in &self.targets {
            let translated = Translated {
                refused: refused.clone(),
                ..Translated::default()
            };
            entry
                .translations
                .insert(target.name().to_owned(), translated);
        }
        let main = document.sources.find(&document.path);
        let errors = document
            .diagnostics
            .iter()
            .filter(|one| one.severity == Severity::Error);
        let mut spans = errors
            .filter_map(|one| one.labels.first())
            .map(|label| label.span);
        Made {
            entry,
            stem: "unread".to_owned(),
            range: spans
                .find(|span| Some(span.source) == main)
                .map(|span| span.range)
                .unwrap_or_default(),
            artifacts: Vec::new(),
        }
    }

    fn translated(&self, made: &Translation, document: &Document) -> Translated {
        if made.artifacts.is_empty() {
            return Translated {
                refused: self.refusals(&made.report.diagnostics, document),
                ..Translated::default()
            };
        }
        let constructs = made.report.constructs.iter();
        let mut inexact: Vec<Inexact> = constructs
            .filter(|construct| construct.fidelity != Fidelity::Exact)
            .map(|construct| Inexact {
                fidelity: construct.fidelity.name().to_owned(),
                what: construct.what.to_string(),
                reason: self.portable(&construct.reason, document),
            })
            .collect();
        inexact.sort();
        inexact.dedup();
        Translated {
            fidelity: Some(Kept::from(&made.report)),
            inexact,
            ..Translated::default()
        }
    }

    /// The errors; where there are none, whatever there is to say.
    fn refusals(&self, diagnostics: &Diagnostics, document: &Document) -> Vec<Refusal> {
        let refusal = |one: &Diagnostic| Refusal {
            code: one.code.name().to_owned(),
            message: self.portable(&one.message, document),
        };
        let least = if diagnostics.has_errors() {
            Severity::Error
        } else {
            Severity::Note
        };
        let reasons = diagnostics.iter().filter(|one| one.severity >= least);
        let mut refusals: Vec<Refusal> = reasons.map(refusal).collect();
        refusals.sort();
        refusals.dedup();
        refusals
    }

    /// The message with the paths of the document's folder as the manifest has them.
    fn portable(&self, message: &str, document: &Document) -> String {
        let Some(folder) = document
            .path
            .parent()
            .filter(|folder| *folder != Path::new(""))
        else {
            return message.to_owned();
        };
        let shown = format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR);
        let portable = self.settings.root.portable(folder) + "/";
        if shown == portable {
            message.to_owned()
        } else {
            message.replace(&shown, &portable)
        }
    }
}

fn log_sources(rule: &Rule, crosswalk: &Crosswalk) -> Vec<String> {
    let known = rule
        .log_sources
        .iter()
        .filter_map(|source| crosswalk.of(source));
    let ids: BTreeSet<&str> = known.map(|source| source.id.as_str()).collect();
    ids.into_iter().map(str::to_owned).collect()
}
