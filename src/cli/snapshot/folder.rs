//! The snapshot's folder: what stands in it, and how a new snapshot takes its place.
//!
//! Invariant: every file is whole at every moment, and the manifest is written after what it lists and before what it no longer
//! lists is removed, so that a run which is cut off leaves differences that a check shows. A file that is in no manifest is never
//! touched. Hidden files are not looked at.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, NAME, hash, unified};
use super::root::slashed;
use crate::backend::Artifact;
use crate::cli::input::reason;
use crate::cli::output;
use crate::diagnostic::{Code, Diagnostic};

/// A snapshot's folder, which need not be there.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder with this path.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it, as shown.
    pub(super) fn shown(&self, path: &str) -> String {
        self.path.join(path).display().to_string()
    }

    /// The manifest; nothing where there is none.
    pub(super) fn manifest(&self) -> Result<Option<Manifest>, Diagnostic> {
        let path = self.path.join(NAME);
        match fs::read_to_string(&path) {
            Ok(text) => Manifest::read(&text, &path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = format!("`{}` cannot be used: {}", path.display(), reason(&error));
                Err(Diagnostic::error(Code::SnapshotUnusable, message))
            }
        }
    }

    /// The text of a file in it, with `\n` at the end of lines; nothing where there is no such file.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let bytes = fs::read(self.path.join(path)).ok()?;
        // What is not UTF-8 was not written by rulec, and differs from what it writes.
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Some(match unified(&text) {
            std::borrow::Cow::Owned(unified) => unified,
            std::borrow::Cow::Borrowed(_) => text,
        })
    }

    /// The files in it besides the manifest, in order. Links are files.
    pub(super) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![PathBuf::new()];
        while let Some(below) = pending.pop() {
            let entries = fs::read_dir(self.path.join(&below));
            for entry in entries.into_iter().flatten().flatten() {
                let name = entry.file_name();
                if name.as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                let path = below.join(name);
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    pending.push(path);
                } else if path != Path::new(NAME) {
                    found.push(slashed(&path));
                }
            }
        }
        found.sort();
        found
    }

    /// Puts a snapshot in the place of the old one. Of the texts those are written that the manifest has.
    pub(super) fn replace(
        &self,
        old: Option<&Manifest>,
        manifest: &Manifest,
        texts: &BTreeMap<String, String>,
    ) -> Result<(), Diagnostic> {
        let listed: BTreeMap<&str, &str> = manifest.artifacts().collect();
        let mut by_folder: BTreeMap<&str, Vec<Artifact>> = BTreeMap::new();
        for (path, text) in texts {
            if listed
                .get(path.as_str())
                .is_none_or(|listed| *listed != hash(text))
            {
                continue;
            }
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if self.text(path).as_deref() != Some(text) {
                by_folder.entry(folder).or_default().push(Artifact {
                    path: name.into(),
                    text: text.clone(),
                });
            }
        }
        for (folder, artifacts) in by_folder {
            output::write(&self.path.join(folder), &artifacts)?;
        }
        let text = manifest.text()?;
        if self.text(NAME).as_deref() != Some(&text) {
            let path = PathBuf::from(NAME);
            output::write(&self.path, &[Artifact { path, text }])?;
        }
        for (path, _) in old.into_iter().flat_map(Manifest::artifacts) {
            if !listed.contains_key(path) {
                self.remove(path)?;
            }
        }
        Ok(())
    }

    /// Removes a file, and the folders above it that are empty then.
    fn remove(&self, path: &str) -> Result<(), Diagnostic> {
        let path = self.path.join(path);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            Err(error) => {
                let message = format!("`{}` cannot be removed: {}", path.display(), reason(&error));
                return Err(Diagnostic::error(Code::OutputFailed, message));
            }
        }
        let above = path
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != self.path);
        for folder in above {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}
