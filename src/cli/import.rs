//! Inputs to rules in normal form, one [`Document`] per file, with what there is to say about it.
//!
//! A file of a folder that no format recognises is passed over, a file that was named is not. Errors of
//! a document mean that one of its rules was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::console::Console;
use super::disk::Disk;
use super::input::{Companions, Input, Inputs, read};
use super::schemas::Schemas;
use super::texts::Texts;
use super::tuning::Values;
use super::{Exit, Registry, formats, workers};
use crate::Environment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::frontend::{Frontend, Memory, Tuning, Undecided};
use crate::ir::Rule;
use crate::normalize::normalize;
use crate::schema::Crosswalk;
use crate::source::{SourceId, Sources};
use crate::syntax::yaml;

/// How rules are read.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The format of the rules, where the content does not tell
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(super) from: Option<String>,
    /// A further folder of Python modules that rules import, searched after those beside the rules; may be given several times
    #[arg(long, value_name = "DIR", value_parser = folder)]
    pub(super) helpers: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) schemas: Schemas,
    #[command(flatten)]
    pub(super) values: Values,
}

/// The path of a folder that is there.
fn folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_dir() {
        Ok(path)
    } else {
        Err("it must be a folder".to_owned())
    }
}

/// What is found out for one file and used for others, those in archives excepted.
#[derive(Debug)]
pub(super) struct Shared<'s> {
    memory: Memory,
    disk: Disk,
    /// Names and columns of log sources.
    pub(super) crosswalk: &'s Crosswalk,
    /// What the run gives to its rules.
    pub(super) tuning: Tuning,
    texts: Texts,
}

impl<'s> Shared<'s> {
    /// What is known before the first file.
    pub(super) fn new(crosswalk: &'s Crosswalk, (tuning, texts): (Tuning, Texts)) -> Self {
        Self {
            memory: Memory::default(),
            disk: Disk::default(),
            crosswalk,
            tuning,
            texts,
        }
    }
}

/// What came of one file.
#[derive(Debug)]
pub(super) struct Document {
    /// Its path, as shown.
    pub(super) path: PathBuf,
    /// The folder of the command line that it was found in.
    pub(super) folder: Option<usize>,
    /// The file and those that its rules name.
    pub(super) sources: Sources,
    /// The format it was read as.
    pub(super) format: Option<&'static str>,
    /// Its rules, in normal form.
    pub(super) rules: Vec<Rule>,
    /// Rules that are refused, but whose tests can be judged in part; in normal form, too.
    pub(super) undecided: Vec<Undecided>,
    /// What there is to say.
    pub(super) diagnostics: Diagnostics,
    /// What it counts as.
    pub(super) status: Status,
}

/// What a file counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Rules of some format, perhaps with errors.
    Rules,
    /// Something else in a folder.
    PassedOver,
    /// Nothing that can be read as rules.
    Unreadable,
}

impl Document {
    /// How many rules were left out.
    pub(super) fn left_out(&self) -> usize {
        self.unread().len()
    }

    /// The messages of each rule that was left out, by the line at which it starts. A file of several YAML documents has a rule
    /// in each; what is wrong in another file, the rule's Python for example, is of the first.
    pub(super) fn unread(&self) -> BTreeMap<usize, Diagnostics> {
        let mut unread = BTreeMap::new();
        let source = self.sources.find(&self.path);
        if self.status != Status::Rules || !self.diagnostics.has_errors() {
            return unread;
        }
        let text = source.and_then(|id| self.sources.get(id));
        let text = text.map_or("", |source| source.text());
        for said in &self.diagnostics {
            if said.severity != Severity::Error {
                continue;
            }
            let place = said.labels.first().map(|label| label.span);
            let place = place.filter(|span| Some(span.source) == source);
            let before = place.and_then(|span| text.get(..span.range.start as usize));
            let start = before.map_or(1, document_line);
            let messages: &mut Diagnostics = unread.entry(start).or_default();
            messages.push(said.clone());
        }
        unread
    }

    /// What there is to say besides: all of it that is no error, and the errors where no rule was left out.
    pub(super) fn besides(&self) -> Diagnostics {
        let mut besides = self.diagnostics.clone();
        if self.status == Status::Rules {
            besides.retain(|said| said.severity != Severity::Error);
        }
        besides
    }

    /// How the document alone ends a run.
    pub(super) fn exit(&self) -> Exit {
        match self.status {
            Status::Unreadable => Exit::Failure,
            Status::Rules if self.left_out() > 0 => Exit::Refused,
            Status::Rules | Status::PassedOver => Exit::Success,
        }
    }
}

/// The line at which the YAML document starts that the text reaches into.
fn document_line(before: &str) -> usize {
    let marked = |(_, line): &(usize, &str)| line.starts_with("---");
    let lines = before.lines().enumerate();
    // The mark of the first document has nothing before it.
    lines
        .filter(marked)
        .filter(|(at, _)| *at > 0)
        .last()
        .map_or(1, |(at, _)| at + 2)
}

/// Reads a file and imports its rules.
pub(super) fn import(
    input: &Input,
    reading: &Reading,
    registry: Registry<'_>,
    shared: &Shared<'_>,
) -> Document {
    let mut document = Document {
        path: input.path.clone(),
        folder: input.folder,
        sources: Sources::new(),
        format: None,
        rules: Vec::new(),
        undecided: Vec::new(),
        diagnostics: Diagnostics::new(),
        status: Status::Unreadable,
    };
    let kept = shared.texts.take(&input.path);
    let text: Arc<str> = match kept.map_or_else(|| read(input).map(Arc::from), Ok) {
        Ok(text) => text,
        Err(error) => {
            document.diagnostics.push(error);
            return document;
        }
    };
    let from = reading.from.as_deref();
    let forced = from.and_then(|name| registry.frontends.iter().find(|known| known.name() == name));
    let is_of = |known: &&&dyn Frontend| known.recognises(&text) || known.owns(&input.path);
    let recognised = match forced {
        // In a folder, `--from` chooses among the files; it does not make rules of the others.
        Some(format) if input.folder.is_some() => Some(format).filter(is_of),
        Some(format) => Some(format),
        None => registry.frontends.iter().find(is_of),
    };
    let id = document.sources.add(&input.path, text);
    match recognised {
        Some(format) => {
            let loader = Companions::new(input, &reading.helpers, &shared.disk);
            let packed = input.pack.as_ref().map(|pack| &pack.memory);
            let environment = Environment {
                loader: &loader,
                memory: packed.unwrap_or(&shared.memory),
                crosswalk: shared.crosswalk,
                tuning: &shared.tuning,
            };
            document.fill(id, *format, &environment);
        }
        None => document.unrecognised(id),
    }
    document
}

impl Document {
    fn fill(&mut self, id: SourceId, format: &dyn Frontend, environment: &Environment<'_>) {
        self.format = Some(format.name());
        self.status = Status::Rules;
        let (sources, diagnostics) = (&mut self.sources, &mut self.diagnostics);
        let imported = crate::import_with(id, Some(format), sources, environment, diagnostics);
        self.rules = imported.rules.into_iter().map(normalize).collect();
        let undecided = imported.undecided.into_iter();
        self.undecided = undecided
            .map(|undecided| Undecided {
                rule: normalize(undecided.rule),
                ..undecided
            })
            .collect();
        let serves = imported.accompanies;
        if self.rules.is_empty() && !serves && !self.diagnostics.has_errors() {
            self.status = Status::PassedOver;
            if self.folder.is_none() {
                self.status = Status::Unreadable;
                let message = format!("`{}` holds no rule", self.path.display());
                self.diagnostics
                    .push(Diagnostic::error(Code::NoRules, message));
            }
        }
    }

    /// YAML that cannot be read is a rule with an error, since nobody can tell that it is none.
    fn unrecognised(&mut self, id: SourceId) {
        let text = self.sources.get(id).map_or("", |source| source.text());
        let is_yaml = self
            .path
            .extension()
            .is_some_and(|extension| extension == "yml" || extension == "yaml");
        if let Some(error) = is_yaml.then(|| yaml::parse(id, text).err()).flatten() {
            self.status = Status::Rules;
            self.diagnostics.push(error);
        } else if self.folder.is_some() {
            self.status = Status::PassedOver;
        } else {
            let message = format!("`{}` is not a rule of a known format", self.path.display());
            let help = "name the format with `--from`, or check that the file is a rule";
            self.diagnostics
                .push(Diagnostic::error(Code::UnknownFormat, message).help(help));
        }
    }
}

/// What every run over rules begins with: the files, and what the run gives to their rules.
pub(super) struct Batch<'b> {
    inputs: Inputs,
    shared: Shared<'b>,
    reading: &'b Reading,
    registry: Registry<'b>,
}

/// How a run ended as far as reading is concerned.
pub(super) struct Read {
    /// The exit status that reading alone gives.
    pub(super) exit: Exit,
    /// What there is to say of no file in particular.
    pub(super) diagnostics: Diagnostics,
}

impl<'b> Batch<'b> {
    /// The files at and below the paths; nothing where a file of the options cannot be used, which is told.
    pub(super) fn find(
        paths: &[PathBuf],
        reading: &'b Reading,
        registry: Registry<'b>,
        crosswalk: &'b Crosswalk,
        console: &mut Console<'_>,
    ) -> io::Result<Option<Self>> {
        let inputs = Inputs::find(paths);
        let tuning = reading.values.tuning(&inputs, console)?;
        Ok(tuning.map(|tuning| Self {
            inputs,
            shared: Shared::new(crosswalk, tuning),
            reading,
            registry,
        }))
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.inputs.files.len()
    }

    /// What could not be read on the way to the files.
    pub(super) fn unfound(&self) -> &Diagnostics {
        &self.inputs.diagnostics
    }

    /// Hands `each` the document of every file and what `work` makes of it, in the order of the files.
    ///
    /// `work` is done by several threads at once. What it leaves in the document is handed on; the less that is, the better,
    /// since memory is best given back by the thread that took it.
    pub(super) fn each<R: Send>(
        &self,
        work: impl Fn(&mut Document) -> R + Sync,
        mut each: impl FnMut(Document, R) -> io::Result<()>,
    ) -> io::Result<Read> {
        let mut exit = Exit::default();
        let mut with_rules = BTreeSet::new();
        let one = |input: &Input| {
            let mut document = import(input, self.reading, self.registry, &self.shared);
            let made = work(&mut document);
            (document, made)
        };
        workers::in_order(&self.inputs.files, one, |(document, made)| {
            if document.status == Status::Rules {
                with_rules.extend(document.folder);
            }
            exit = exit.max(document.exit());
            each(document, made)
        })?;
        let mut diagnostics = self.shared.tuning.filters.unused();
        let empty = empty_folders(&self.inputs, &with_rules);
        if empty.has_errors() || self.inputs.diagnostics.has_errors() {
            exit = Exit::Failure;
        }
        diagnostics.extend(empty);
        Ok(Read { exit, diagnostics })
    }
}

/// Hands `each` the document of every file that the paths lead to and what `work` makes of it, after which its messages are
/// written. Says how the run ends as far as reading is concerned.
pub(super) fn each_document<R: Send>(
    paths: &[PathBuf],
    reading: &Reading,
    registry: Registry<'_>,
    console: &mut Console<'_>,
    work: impl Fn(&mut Document) -> R + Sync,
    mut each: impl FnMut(&Document, R, &mut Console<'_>) -> io::Result<()>,
) -> io::Result<Exit> {
    let Some(crosswalk) = reading.schemas.crosswalk(console)? else {
        return Ok(Exit::Failure);
    };
    let Some(batch) = Batch::find(paths, reading, registry, &crosswalk, console)? else {
        return Ok(Exit::Failure);
    };
    console.diagnose(batch.unfound(), &Sources::new())?;
    let read = batch.each(work, |document, made| {
        each(&document, made, console)?;
        console.diagnose(&document.diagnostics, &document.sources)
    })?;
    console.diagnose(&read.diagnostics, &Sources::new())?;
    Ok(read.exit)
}

/// The message for each named folder in which no rule was found.
pub(super) fn empty_folders(inputs: &Inputs, with_rules: &BTreeSet<usize>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (at, folder) in inputs.folders.iter().enumerate() {
        if !with_rules.contains(&at) {
            let message = format!("`{}` holds no rules of a known format", folder.display());
            diagnostics.push(Diagnostic::error(Code::NoRules, message));
        }
    }
    diagnostics
}
