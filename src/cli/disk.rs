//! The file system as rules see it: files beside them, helper modules, folders of data models and queries.
//!
//! The texts of shared files, which further rules ask for again, are kept for a run, as long as they are not large together.
//! Invariant: what is kept is what the first look found; no answer depends on the order of the rules.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::input::{Inputs, LARGEST, reason};
use crate::source::{self, Loader, Unusable};

/// How many bytes of texts are kept.
const KEPT: usize = 32 << 20;

/// The file system, for the files that rules name.
#[derive(Debug, Default)]
pub(super) struct Disk {
    texts: Mutex<Texts>,
}

/// The texts of files that were asked for.
#[derive(Debug, Default)]
struct Texts {
    /// Nothing is the text of a file that is not there.
    by_path: FxHashMap<PathBuf, Option<Arc<str>>>,
    /// How much they hold together.
    bytes: usize,
}

impl Texts {
    fn keep(&mut self, path: &Path, text: Option<&Arc<str>>) {
        let length = text.map_or(path.as_os_str().len(), |text| text.len());
        let bytes = self.bytes + length;
        if bytes <= KEPT {
            self.bytes = bytes;
            self.by_path.insert(path.to_owned(), text.cloned());
        }
    }
}

impl Loader for Disk {
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let size = match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Err("not a file".to_owned()),
            Ok(metadata) => metadata.len(),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(reason(&error)),
        };
        let bytes = File::open(path)
            .and_then(|file| bounded(file, size))
            .map_err(|error| reason(&error))?;
        bytes
            .map(Some)
            .ok_or_else(|| format!("larger than {LARGEST} bytes"))
    }

    fn text(&self, path: &Path) -> Result<Option<Arc<str>>, Unusable> {
        let known = self.texts.lock().ok();
        if let Some(text) = known.and_then(|known| known.by_path.get(path).cloned()) {
            return Ok(text);
        }
        let loaded = self.load(path).map_err(Unusable::Unreadable)?;
        let text = loaded.map(source::decoded).transpose()?;
        if let Ok(mut known) = self.texts.lock() {
            known.keep(path, text.as_ref());
        }
        Ok(text)
    }

    fn beside(&self, path: &Path) -> Vec<PathBuf> {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
            return Vec::new();
        };
        let files = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
        let mut found: Vec<PathBuf> = files
            .map(|name| path.with_file_name(name))
            .filter(|path| source::is_yaml(path))
            .collect();
        found.sort();
        found
    }

    fn documents(&self, folder: &Path) -> Vec<PathBuf> {
        if !folder.is_dir() {
            return Vec::new();
        }
        let found = Inputs::find(&[folder.to_owned()]).files.into_iter();
        found
            .map(|input| input.path)
            .filter(|path| source::is_yaml(path))
            .collect()
    }
}

/// All bytes, or nothing where there are too many; `size` is how many are expected.
pub(super) fn bounded(reader: impl Read, size: u64) -> io::Result<Option<Vec<u8>>> {
    // A little room more lets one look see the end.
    let room = usize::try_from(size.min(LARGEST)).unwrap_or_default() + 64;
    let mut bytes = Vec::with_capacity(room);
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_tells_absent_from_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.py"), "x").unwrap();
        let disk = Disk::default();
        let load = |name: &str| disk.load(&folder.path().join(name));
        assert_eq!(load("a.py"), Ok(Some(b"x".to_vec())));
        assert_eq!(load("b.py"), Ok(None));
        assert_eq!(load("a.py/b"), Ok(None));
        assert!(load("").is_err());
    }

    #[test]
    fn what_was_read_is_kept_for_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.py");
        fs::write(&path, "x").unwrap();
        let disk = Disk::default();
        assert_eq!(disk.text(&path), Ok(Some("x".into())));
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(disk.text(&path), Ok(Some("x".into())));
        let absent = folder.path().join("b.py");
        assert_eq!(disk.text(&absent), Ok(None));
        fs::write(&absent, "y").unwrap();
        assert_eq!(disk.text(&absent), Ok(None));
        let unusable = folder.path().join("c.py");
        fs::write(&unusable, b"y\xff").unwrap();
        assert_eq!(disk.text(&unusable), Err(Unusable::NotUtf8(1)));
    }

    #[test]
    fn texts_are_kept_up_to_a_bound() {
        let mut texts = Texts::default();
        let large: Arc<str> = "x".repeat(KEPT / 2).into();
        for name in ["a", "b", "c"] {
            texts.keep(Path::new(name), Some(&large));
        }
        assert_eq!(texts.by_path.len(), 2);
        texts.keep(Path::new("d"), Some(&"".into()));
        texts.keep(Path::new("e"), None);
        assert_eq!((texts.by_path.len(), texts.bytes), (3, KEPT));
    }
}
