//! A zip archive of rules as files in memory, under the path of the archive: `pack.zip/rules/login.yml`.
//!
//! Only what can be a rule, a rule's companion or a helper module is unpacked: YAML, JSON and Python. Nothing is written to disk,
//! and a path inside of an archive never leads out of it. Bounded are the size of the archive, of each file, and of all of them
//! unpacked, whatever the archive says of them; a file that is too large or damaged is an error where it is read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use super::input::{LARGEST, reason};
use crate::frontend::Memory;
use crate::source::{self, Loader};

/// The largest archive.
const ARCHIVE: u64 = 256 << 20;
/// What the files of an archive may hold together.
const UNPACKED: u64 = 256 << 20;
/// The files of an archive that are looked at.
const ENTRIES: usize = 200_000;

/// The files of one archive.
#[derive(Debug)]
pub(super) struct Pack {
    root: PathBuf,
    files: BTreeMap<PathBuf, Result<Vec<u8>, String>>,
    /// What is found out for one of its files and used for others. Those outside of it have other files around them.
    pub(super) memory: Memory,
}

impl PartialEq for Pack {
    fn eq(&self, other: &Self) -> bool {
        (&self.root, &self.files) == (&other.root, &other.files)
    }
}

impl Eq for Pack {}

impl Pack {
    /// Whether the file's name says that it is an archive.
    pub(super) fn is_archive(path: &Path) -> bool {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
    }

    /// The files of the archive; the error says why there are none.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        Self::open_within(path, UNPACKED)
    }

    fn open_within(path: &Path, unpacked: u64) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| reason(&error))?;
        let size = file.metadata().map_err(|error| reason(&error))?.len();
        if size > ARCHIVE {
            return Err(format!("it is larger than {ARCHIVE} bytes"));
        }
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| plain(&error))?;
        if archive.len() > ENTRIES {
            return Err(format!("it has more than {ENTRIES} files"));
        }
        let mut pack = Self {
            root: path.to_owned(),
            files: BTreeMap::new(),
            memory: Memory::default(),
        };
        let mut left = unpacked;
        for at in 0..archive.len() {
            let Some(Ok(name)) = archive.name_for_index(at) else {
                continue;
            };
            let name = PathBuf::from(name.replace('\\', "/"));
            let Some(path) = inside(&name).filter(|path| is_wanted(path)) else {
                continue;
            };
            let bytes = match archive.by_index(at) {
                Ok(entry) if entry.is_file() && !entry.is_symlink() => unpack(entry, &mut left),
                Ok(_) => continue,
                Err(error) => Err(plain(&error)),
            };
            if left == 0 {
                return Err(format!("its files hold more than {unpacked} bytes"));
            }
            pack.files.insert(pack.root.join(path), bytes);
        }
        Ok(pack)
    }

    /// The paths of the files, in order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }
}

/// Helper modules and companions are looked for in the archive alone.
impl Loader for Pack {
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let below = path.strip_prefix(&self.root).ok().and_then(inside);
        let file = below.and_then(|below| self.files.get(&self.root.join(below)));
        file.cloned().transpose()
    }

    fn beside(&self, path: &Path) -> Vec<PathBuf> {
        let here = self
            .files
            .keys()
            .filter(|other| other.parent() == path.parent());
        here.filter(|path| source::is_yaml(path)).cloned().collect()
    }

    fn documents(&self, folder: &Path) -> Vec<PathBuf> {
        let Some(below) = folder.strip_prefix(&self.root).ok().and_then(inside) else {
            return Vec::new();
        };
        let folder = self.root.join(below);
        let below = self.files.keys().filter(|path| path.starts_with(&folder));
        let mut found: Vec<PathBuf> = below
            .filter(|path| source::is_yaml(path))
            .cloned()
            .collect();
        // A folder's own files first, as in a walk.
        found.sort_by(|a, b| (a.parent(), a.file_name()).cmp(&(b.parent(), b.file_name())));
        found
    }
}

/// All bytes of a file, as long as there is room for them.
fn unpack(entry: impl Read, left: &mut u64) -> Result<Vec<u8>, String> {
    let most = LARGEST.min(*left);
    let mut bytes = Vec::new();
    let read = entry.take(most + 1).read_to_end(&mut bytes);
    let length = bytes.len() as u64;
    *left = left.saturating_sub(length);
    match read {
        Err(error) => Err(reason(&error)),
        Ok(_) if length > most => Err(format!("larger than {LARGEST} bytes")),
        Ok(_) => Ok(bytes),
    }
}

/// The path without its detours; `None` where it leads out.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => found.push(name),
            Component::CurDir => {}
            Component::ParentDir if found.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(found)
}

fn is_wanted(path: &Path) -> bool {
    let hidden = path.components().any(|component| {
        let name = component.as_os_str().to_string_lossy();
        name.starts_with('.') || name == "__pycache__" || name == "__MACOSX"
    });
    let known = path.extension().is_some_and(|extension| {
        ["yml", "yaml", "json", "py"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    known && !hidden
}

/// The archive reader's message as the end of a sentence.
fn plain(error: &zip::result::ZipError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pack.zip");
        let mut writer = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in files {
            let options = SimpleFileOptions::default();
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        (folder, path)
    }

    #[test]
    fn files_are_found_under_the_path_of_the_archive() {
        let (_folder, path) = archive(&[
            ("rules/a.yml", b"x"),
            ("rules/a.py", b"y"),
            ("rules/.hidden.yml", b""),
            ("__MACOSX/rules/a.yml", b""),
            ("README.md", b""),
            ("../outside.yml", b""),
        ]);
        let pack = Pack::open(&path).unwrap();
        let paths: Vec<_> = pack.paths().collect();
        assert_eq!(paths, [path.join("rules/a.py"), path.join("rules/a.yml")]);
        let load = |name: &str| pack.load(&path.join(name));
        assert_eq!(load("rules/a.py"), Ok(Some(b"y".to_vec())));
        assert_eq!(load("other/../rules/./a.py"), Ok(Some(b"y".to_vec())));
        assert_eq!(load("rules/b.py"), Ok(None));
        assert_eq!(load("../pack.zip"), Ok(None));
        assert_eq!(pack.load(Path::new("/etc/hostname")), Ok(None));
    }

    #[test]
    fn what_unpacks_to_too_much_is_bounded() {
        let large = vec![b' '; usize::try_from(LARGEST + 1).unwrap()];
        let (_folder, path) = archive(&[("a.yml", &large)]);
        assert!(
            path.metadata().unwrap().len() < 100_000,
            "it is packed well"
        );
        let pack = Pack::open(&path).unwrap();
        assert!(pack.load(&path.join("a.yml")).is_err());
        let (_folder, path) = archive(&[("a.yml", &large[..1000]), ("b.yml", &large[..1000])]);
        assert!(Pack::open_within(&path, 2001).is_ok());
        let error = Pack::open_within(&path, 1999).unwrap_err();
        assert!(error.contains("more than"), "{error}");
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pack.zip");
        for bytes in [
            &b""[..],
            b"AnalysisType: rule\n",
            b"PK\x03\x04",
            &[0xff; 200],
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert!(Pack::open(&path).is_err());
        }
        assert!(Pack::open(&folder.path().join("none.zip")).is_err());
    }
}
