//! Paths of this machine to paths that a manifest can hold, and back.
//!
//! A manifest's paths are relative to its root, the folder in which the snapshot was taken, with `/` between the parts on every
//! system; the root itself is said relative to the snapshot's folder. So a checkout may stand anywhere, and a check may be
//! started anywhere. Nothing is asked of the file system here but what the root's own path is.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The folder to which a manifest's paths are relative.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// Its path, without links and detours.
    whole: PathBuf,
    /// Its path as seen from the folder of the process; empty where it is that folder.
    shown: PathBuf,
    /// The folder of the process, without links and detours.
    here: PathBuf,
    /// The folder of the process, as the system spells it.
    spelt: PathBuf,
}

impl Root {
    /// The folder of the process.
    pub(super) fn here() -> io::Result<Self> {
        Self::at(Path::new(""))
    }

    /// A folder that is there.
    pub(super) fn at(folder: &Path) -> io::Result<Self> {
        let spelt = std::env::current_dir()?;
        let here = fs::canonicalize(&spelt)?;
        let whole = fs::canonicalize(here.join(folder))?;
        Ok(Self {
            shown: relative(&here, &whole).unwrap_or_else(|| whole.clone()),
            whole,
            here,
            spelt,
        })
    }

    /// A path of the command line as the manifest has it.
    pub(super) fn portable(&self, path: &Path) -> String {
        let below_here = path.strip_prefix(&self.spelt).unwrap_or(path);
        let whole = clean(&self.here.join(below_here));
        let path = relative(&self.whole, &whole).unwrap_or(whole);
        if path.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            slashed(&path)
        }
    }

    /// A manifest's path as it is shown and opened here.
    pub(super) fn shown(&self, portable: &str) -> PathBuf {
        match portable {
            "." if self.shown.as_os_str().is_empty() => PathBuf::from("."),
            "." => self.shown.clone(),
            _ => clean(&self.shown.join(portable)),
        }
    }

    /// Whether a path of the command line is that of a folder or leads to something in it.
    pub(super) fn is_in(&self, folder: &Path, path: &Path) -> bool {
        clean(&self.here.join(path)).starts_with(clean(&self.here.join(folder)))
    }

    /// The root as seen from a folder, as the manifest has it.
    pub(super) fn from(&self, folder: &Path) -> String {
        let folder = clean(&self.here.join(folder));
        let path = relative(&folder, &self.whole).unwrap_or_else(|| self.whole.clone());
        if path.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            slashed(&path)
        }
    }
}

/// The path with `/` between its parts.
pub(super) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The path without `.` and without `..` behind a name.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        let last = cleaned.components().next_back();
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(last, Some(Component::Normal(_))) => {
                cleaned.pop();
            }
            Component::ParentDir if matches!(last, Some(Component::RootDir)) => {}
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// The way from one absolute path to another; none between the drives of a system that has drives.
fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    if from.peek() != to.peek() {
        return None;
    }
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| Component::ParentDir);
    Some(up.chain(to).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(whole: &str, here: &str) -> Root {
        let (whole, here) = (PathBuf::from(whole), PathBuf::from(here));
        Root {
            shown: relative(&here, &whole).unwrap(),
            whole,
            spelt: PathBuf::from("/link"),
            here,
        }
    }

    #[test]
    fn a_path_is_said_from_the_root_wherever_it_is_said() {
        let same = root("/repo", "/repo");
        for path in [
            "rules/a.yml",
            "./rules/../rules/a.yml",
            "/repo/rules/a.yml",
            "/link/rules/a.yml",
        ] {
            assert_eq!(same.portable(Path::new(path)), "rules/a.yml", "{path}");
        }
        assert_eq!(same.portable(Path::new(".")), ".");
        assert_eq!(same.portable(Path::new("../a.yml")), "../a.yml");
        let below = root("/repo", "/repo/rules/aws");
        assert_eq!(below.portable(Path::new("a.yml")), "rules/aws/a.yml");
        assert_eq!(
            below.shown("rules/aws/a.yml"),
            Path::new("../../rules/aws/a.yml")
        );
        let above = root("/repo", "/");
        assert_eq!(above.portable(Path::new("repo/a.yml")), "a.yml");
        assert_eq!(above.shown("../x.yml"), Path::new("x.yml"));
        assert_eq!(above.shown("."), Path::new("repo"));
    }

    #[test]
    fn a_folder_holds_itself_and_what_is_below() {
        let root = root("/repo", "/repo");
        let is_in = |folder: &str, path: &str| root.is_in(Path::new(folder), Path::new(path));
        assert!(is_in(".", "rules/a.yml") && is_in("out", "./out/a") && is_in("out/", "out"));
        assert!(!is_in("out", "outer/a") && !is_in("out", ".") && !is_in(".", "../a"));
    }

    #[test]
    fn the_root_is_said_from_the_folder() {
        let root = root("/repo", "/repo");
        assert_eq!(root.from(Path::new("translations")), "..");
        assert_eq!(root.from(Path::new("out/translations")), "../..");
        assert_eq!(root.from(Path::new("../elsewhere")), "../repo");
        assert_eq!(root.from(Path::new(".")), ".");
    }
}
