//! Artifacts to files, a folder per rule.
//!
//! Every file of a rule is first written whole under a temporary name in its folder and then renamed, so that a reader sees the
//! old file or the new one. Where a rule's files cannot all be written, the new ones among them and the new folders are taken
//! away again. Refused: a path that leads out of the rule's folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

use super::input::reason;
use crate::backend::Artifact;
use crate::diagnostic::{Code, Diagnostic};

/// Makes the folder and those above it; gives the new ones, the outermost first.
pub(super) fn make_folder(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    // Mostly the folder above is there, and one call tells all.
    match fs::create_dir(folder) {
        Ok(()) => return Ok(vec![folder.to_owned()]),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {
            return Ok(Vec::new());
        }
        Err(_) => {}
    }
    let missing = folder
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    let mut new: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    new.reverse();
    fs::create_dir_all(folder).map_err(|error| {
        remove_folders(&new);
        unwritable(folder, &error)
    })?;
    Ok(new)
}

/// Writes the artifacts below `folder`; gives the paths of the files.
pub(super) fn write(folder: &Path, artifacts: &[Artifact]) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut begun = Begun::default();
    match begun.write(folder, artifacts) {
        Ok(paths) => Ok(paths),
        Err(error) => {
            begun.undo();
            Err(error)
        }
    }
}

/// What was made so far.
#[derive(Default)]
struct Begun {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Begun {
    fn write(&mut self, folder: &Path, artifacts: &[Artifact]) -> Result<Vec<PathBuf>, Diagnostic> {
        let mut ready: Vec<(NamedTempFile, PathBuf)> = Vec::new();
        for artifact in artifacts {
            let path = folder.join(&artifact.path);
            if !stays_inside(&artifact.path) {
                let message = format!(
                    "`{}` leads out of the rule's folder",
                    artifact.path.display()
                );
                return Err(Diagnostic::error(Code::OutputFailed, message));
            }
            let parent = path.parent().unwrap_or(folder);
            let is_last = |(_, last): &(_, PathBuf)| last.parent() == Some(parent);
            if !ready.last().is_some_and(is_last) {
                self.folders.extend(make_folder(parent)?);
            }
            let file =
                temporary(parent, &artifact.text).map_err(|error| unwritable(&path, &error))?;
            ready.push((file, path));
        }
        let mut paths = Vec::new();
        for (file, path) in ready {
            let parent = path.parent().unwrap_or(folder);
            // In a new folder every file is.
            let is_new = self.folders.iter().any(|new| new == parent) || !path.exists();
            file.persist(&path)
                .map_err(|error| unwritable(&path, &error.error))?;
            if is_new {
                self.files.push(path.clone());
            }
            paths.push(path);
        }
        Ok(paths)
    }

    fn undo(self) {
        for file in &self.files {
            // What cannot be removed was at least written whole.
            let _ = fs::remove_file(file);
        }
        remove_folders(&self.folders);
    }
}

fn remove_folders(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        // Fails where somebody else has put something into it, as it should.
        let _ = fs::remove_dir(folder);
    }
}

fn temporary(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rulec-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the user's mask takes its share away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    Ok(file)
}

fn stays_inside(path: &Path) -> bool {
    path.components().next().is_some()
        && path
            .components()
            .all(|component| matches!(component, Component::Normal(_)))
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be written: {}", path.display(), reason(error));
    Diagnostic::error(Code::OutputFailed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(path: &str) -> Artifact {
        Artifact {
            path: PathBuf::from(path),
            text: "text\n".to_owned(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_written_and_written_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        for _ in 0..2 {
            let written = write(&folder, &[artifact("x.yml"), artifact("sub/y.py")]).unwrap();
            assert_eq!(written.len(), 2);
            assert_eq!(names(&folder), ["sub", "x.yml"]);
        }
        assert_eq!(
            fs::read_to_string(folder.join("sub/y.py")).unwrap(),
            "text\n"
        );
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("file"), "kept").unwrap();
        assert!(write(&root.path().join("file/sub"), &[artifact("x")]).is_err());
        // The second artifact needs a folder where the first is a file.
        let failed = write(
            &root.path().join("rule"),
            &[artifact("x"), artifact("y/.."), artifact("z")],
        );
        assert_eq!(failed.unwrap_err().code, Code::OutputFailed);
        assert_eq!(names(root.path()), ["file"]);
        fs::create_dir_all(root.path().join("taken/y")).unwrap();
        assert!(write(&root.path().join("taken"), &[artifact("x"), artifact("y")]).is_err());
        assert_eq!(names(&root.path().join("taken")), ["y"]);
    }

    #[test]
    fn no_path_leads_out() {
        let root = tempfile::tempdir().unwrap();
        for path in ["../x", "/x", "", "a/../../x"] {
            assert!(
                write(&root.path().join("r"), &[artifact(path)]).is_err(),
                "{path}"
            );
        }
        assert!(names(root.path()).is_empty());
    }
}
