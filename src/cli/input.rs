//! Paths of the command line to texts: files, folders (walked in the order of names), zip archives of rules and standard input.
//!
//! A file is at most 4 MiB of UTF-8; a byte order mark is cut. In a folder only YAML, JSON and KQL files are looked at, hidden ones,
//! byte code caches and `events.json` (the events beside a rule) are not, and links to folders are not followed, so that every
//! walk ends. The same file is taken once, however often it is named.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::disk::{Disk, bounded};
use super::pack::Pack;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Loader, Unusable};

/// The largest file that is read as a rule.
pub(super) const LARGEST: u64 = 4 << 20;

/// The tests that stand beside a rule.
const EVENTS: &str = "events.json";

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Its path; `-` for standard input.
    pub(super) path: PathBuf,
    /// The folder of the command line that it was found in, by its number; nothing for a file that was named.
    pub(super) folder: Option<usize>,
    /// The archive that holds it.
    pub(super) pack: Option<Arc<Pack>>,
}

impl Input {
    /// A file that was named.
    pub(super) fn file(path: PathBuf) -> Self {
        Self {
            path,
            folder: None,
            pack: None,
        }
    }

    /// The way to the files beside it.
    fn loader<'i>(&'i self, disk: &'i Disk) -> &'i dyn Loader {
        match &self.pack {
            Some(pack) => pack.as_ref(),
            None => disk,
        }
    }
}

/// What the paths of a command line lead to.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// The files, in order.
    pub(super) files: Vec<Input>,
    /// The folders and archives that were named.
    pub(super) folders: Vec<PathBuf>,
    /// What could not be read on the way.
    pub(super) diagnostics: Diagnostics,
    seen: FxHashSet<OsString>,
}

impl Inputs {
    /// The files at and below the paths.
    pub(super) fn find(paths: &[PathBuf]) -> Self {
        let mut inputs = Self::default();
        for path in paths {
            if path.as_os_str() == "-" {
                inputs.add(path.clone(), None);
                continue;
            }
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    inputs.folders.push(path.clone());
                    let folder = inputs.folders.len() - 1;
                    inputs.walk(path, folder);
                }
                Ok(_) if Pack::is_archive(path) => inputs.unpack(path),
                Ok(_) => inputs.add(path.clone(), None),
                Err(error) => inputs.diagnostics.push(unreadable(path, &error)),
            }
        }
        inputs
    }

    fn add(&mut self, path: PathBuf, folder: Option<usize>) {
        let identity = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        self.add_once(identity, path, folder);
    }

    /// Adds a file, unless it was added under another name.
    fn add_once(&mut self, identity: PathBuf, path: PathBuf, folder: Option<usize>) {
        if self.seen.insert(identity.into_os_string()) {
            self.files.push(Input {
                folder,
                ..Input::file(path)
            });
        }
    }

    /// Adds the rules of an archive, as if it were a folder.
    fn unpack(&mut self, path: &Path) {
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(identity.into_os_string()) {
            return;
        }
        let pack = match Pack::open(path) {
            Ok(pack) => Arc::new(pack),
            Err(reason) => {
                let message = format!("`{}` cannot be read: {reason}", path.display());
                let problem = Diagnostic::error(Code::UnreadableFile, message);
                return self.diagnostics.push(problem);
            }
        };
        self.folders.push(path.to_owned());
        let folder = Some(self.folders.len() - 1);
        let rules = pack.paths().filter(|path| may_be_rule(path));
        self.files.extend(rules.map(|path| Input {
            path: path.to_owned(),
            folder,
            pack: Some(Arc::clone(&pack)),
        }));
    }

    fn walk(&mut self, root: &Path, folder: usize) {
        // A stack of sorted folders rather than recursion: the depth of a tree is the user's. Links to folders are not followed,
        // so that what is below the root has its identity below the root's.
        let identity = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let mut pending = vec![(root.to_owned(), identity)];
        while let Some((path, identity)) = pending.pop() {
            let listed = fs::read_dir(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut entries = match listed {
                Ok(entries) => entries,
                Err(error) => {
                    self.diagnostics.push(unreadable(&path, &error));
                    continue;
                }
            };
            entries.sort_by_key(fs::DirEntry::file_name);
            let mut folders = Vec::new();
            for entry in entries {
                let name = entry.file_name();
                if name.as_encoded_bytes().starts_with(b".") || name == "__pycache__" {
                    continue;
                }
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push((path, identity.join(name))),
                    Ok(kind) if kind.is_file() && may_be_rule(&path) => {
                        self.add_once(identity.join(name), path, Some(folder));
                    }
                    Ok(_) if may_be_rule(&path) && path.is_file() => self.add(path, Some(folder)),
                    _ => {}
                }
            }
            pending.extend(folders.into_iter().rev());
        }
    }
}

fn may_be_rule(path: &Path) -> bool {
    let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let named = extension.is_some_and(|extension| {
        ["yml", "yaml", "json", "kql"]
            .iter()
            .any(|known| extension == *known)
    });
    named && path.file_name().is_none_or(|name| name != EVENTS)
}

/// The text of a file, or what is wrong with it.
pub(super) fn read(input: &Input) -> Result<String, Diagnostic> {
    let path = input.path.as_path();
    let bytes = match &input.pack {
        Some(pack) => {
            let unusable = |reason: String| {
                let message = format!("`{}` cannot be read: {reason}", path.display());
                Diagnostic::error(Code::UnreadableFile, message)
            };
            let loaded = pack.load(path).map_err(unusable)?;
            return text(path, loaded.unwrap_or_default());
        }
        None if path.as_os_str() == "-" => bounded(io::stdin().lock(), 0),
        None => File::open(path).and_then(|file| {
            let size = file.metadata()?.len();
            bounded(file, size)
        }),
    };
    let bytes = bytes
        .map_err(|error| unreadable(path, &error))?
        .ok_or_else(|| {
            let message = format!("`{}` is larger than {LARGEST} bytes", path.display());
            Diagnostic::error(Code::FileTooLarge, message)
        })?;
    text(path, bytes)
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message = format!(
            "`{}` is not UTF-8: the byte at offset {offset} starts no character",
            path.display()
        );
        Diagnostic::error(Code::InvalidUtf8, message)
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be read: {}", path.display(), reason(error));
    Diagnostic::error(Code::UnreadableFile, message)
}

/// The system's reason without its number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let plain = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = plain.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// The files beside an input, and the modules in the folders of `--helpers`, which are never in an archive.
pub(super) struct Companions<'i> {
    beside: &'i dyn Loader,
    helpers: &'i [PathBuf],
    disk: &'i Disk,
}

impl<'i> Companions<'i> {
    /// The way to what the input's rules name.
    pub(super) fn new(input: &'i Input, helpers: &'i [PathBuf], disk: &'i Disk) -> Self {
        Self {
            beside: input.loader(disk),
            helpers,
            disk,
        }
    }

    /// Whether a file that is not beside the input stands in one of the folders.
    fn is_helper(&self, path: &Path) -> bool {
        self.helpers.iter().any(|folder| path.starts_with(folder))
    }
}

impl Loader for Companions<'_> {
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        match self.beside.load(path)? {
            None if self.is_helper(path) => self.disk.load(path),
            found => Ok(found),
        }
    }

    fn text(&self, path: &Path) -> Result<Option<Arc<str>>, Unusable> {
        match self.beside.text(path)? {
            None if self.is_helper(path) => self.disk.text(path),
            found => Ok(found),
        }
    }

    fn beside(&self, path: &Path) -> Vec<PathBuf> {
        self.beside.beside(path)
    }

    fn documents(&self, folder: &Path) -> Vec<PathBuf> {
        self.beside.documents(folder)
    }

    fn helpers(&self) -> &[PathBuf] {
        self.helpers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_walk_is_sorted_and_leaves_out_what_is_no_rule() {
        let folder = tree(&[
            ("b/x.yml", ""),
            ("a.yaml", ""),
            ("b/events.json", "[]"),
            ("b/y.json", ""),
            ("b/x.py", ""),
            (".git/z.yml", ""),
            ("__pycache__/z.yml", ""),
            ("README.md", ""),
        ]);
        let root = folder.path().to_owned();
        let inputs = Inputs::find(&[root.clone(), root.join("a.yaml")]);
        let found: Vec<_> = inputs
            .files
            .iter()
            .map(|input| input.path.strip_prefix(&root).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(found, ["a.yaml", "b/x.yml", "b/y.json"]);
        assert_eq!(inputs.folders, [root]);
    }

    #[test]
    fn a_text_is_bounded_utf8_without_a_mark() {
        let folder = tree(&[("bom.yml", "\u{feff}a: 1")]);
        assert_eq!(
            read(&Input::file(folder.path().join("bom.yml"))).unwrap(),
            "a: 1"
        );
        let bad = folder.path().join("bad.yml");
        fs::write(&bad, b"ab\xff").unwrap();
        let error = read(&Input::file(bad.clone())).unwrap_err();
        assert_eq!(error.code, Code::InvalidUtf8);
        assert!(error.message.contains("offset 2"), "{}", error.message);
        fs::write(&bad, vec![b'a'; (4 << 20) + 1]).unwrap();
        assert_eq!(
            read(&Input::file(bad.clone())).unwrap_err().code,
            Code::FileTooLarge
        );
        assert_eq!(
            read(&Input::file(folder.path().to_owned()))
                .unwrap_err()
                .code,
            Code::UnreadableFile
        );
    }
}
