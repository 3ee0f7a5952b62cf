//! What a backend emitted to the rules that are read of it.
//!
//! Every artifact that some format recognises is read with the frontend of that format, the other artifacts being the files
//! beside it. Nothing of an earlier artifact is remembered: two of them may have one path. Refused: artifacts of which none is
//! recognised, and any that is read with an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::backend::Artifact;
use crate::diagnostic::{Diagnostics, Severity};
use crate::frontend::{Context, Memory, Tuning, events, recognise};
use crate::ir::Rule;
use crate::normalize::normalize;
use crate::schema::Crosswalk;
use crate::source::{Loader, Sources};

/// The artifacts as files.
struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Loader for Files {
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).cloned())
    }
}

/// What was read of one artifact.
pub(super) struct Read {
    /// The rules, in normal form.
    pub(super) rules: Vec<Rule>,
    /// The texts that they were read from.
    pub(super) sources: Sources,
}

/// The rules of the artifacts, in normal form, or why they cannot be read.
pub(super) fn read(artifacts: &[Artifact], crosswalk: &Crosswalk) -> Result<Vec<Rule>, String> {
    let documents = documents(artifacts, crosswalk)?;
    let rules: Vec<Rule> = documents.into_iter().flat_map(|read| read.rules).collect();
    if rules.is_empty() {
        return Err("no format recognises a rule in it".to_owned());
    }
    Ok(rules)
}

/// What is read of each artifact that a format recognises.
pub(super) fn documents(
    artifacts: &[Artifact],
    crosswalk: &Crosswalk,
) -> Result<Vec<Read>, String> {
    let files = artifacts
        .iter()
        .map(|artifact| (artifact.path.clone(), artifact.text.clone().into_bytes()));
    let files = Files(files.collect());
    let mut read = Vec::new();
    for artifact in artifacts {
        read.extend(document(artifact, &files, crosswalk)?);
    }
    Ok(read)
}

/// What is read of one artifact; nothing where it holds no rules.
fn document(
    artifact: &Artifact,
    files: &Files,
    crosswalk: &Crosswalk,
) -> Result<Option<Read>, String> {
    let Some(frontend) = recognise(&artifact.text) else {
        return Ok(None);
    };
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let id = sources.add(&artifact.path, artifact.text.clone());
    let memory = Memory::default();
    let mut context = Context {
        sources: &mut sources,
        loader: files,
        memory: &memory,
        crosswalk,
        tuning: Tuning::none(),
        diagnostics: &mut diagnostics,
        undecided: Vec::new(),
        accompanies: false,
    };
    let mut rules = frontend.import(id, &mut context);
    if let [rule] = rules.as_mut_slice() {
        events::attach(&artifact.path, rule, &mut context);
    }
    let error = diagnostics
        .iter()
        .find(|said| said.severity == Severity::Error);
    match error {
        Some(error) => Err(format!("{}: {}", error.code.name(), error.message)),
        None => Ok(Some(Read {
            rules: rules.into_iter().map(normalize).collect(),
            sources,
        })),
    }
}
