//! `--templates`: document templates of the caller's own, a folder for each target.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Registry;
use super::console::Console;
use super::input::{Input, read, reason};
use crate::custom::Custom;
use crate::diagnostic::{Code, Diagnostic};

/// Which templates documents are made of.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnTemplates {
    /// A folder with templates of one's own: `TARGET/rule.yaml.j2` is written instead of the target's document with that ending,
    /// `TARGET/rule.tf.j2` beside it
    #[arg(long = "templates", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl OwnTemplates {
    /// The caller's templates; `None` where one cannot be used, and the console says why.
    pub(super) fn load(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Option<Custom>> {
        let Some(folder) = &self.folder else {
            return Ok(Some(Custom::new()));
        };
        match custom(folder, registry) {
            Ok(custom) => Ok(Some(custom)),
            Err(error) => {
                console.flush()?;
                console.complain_of(&error);
                Ok(None)
            }
        }
    }
}

fn custom(folder: &Path, registry: Registry<'_>) -> Result<Custom, Diagnostic> {
    let mut custom = Custom::new();
    for inside in entries(folder)? {
        let name = name_of(&inside);
        if !inside.is_dir() {
            continue;
        }
        let known: Vec<&str> = registry.targets.iter().map(|one| one.name()).collect();
        if !known.contains(&name.as_str()) {
            let message = format!(
                "`{}` is not named after a target ({})",
                inside.display(),
                known.join(", ")
            );
            return Err(Diagnostic::error(Code::Usage, message));
        }
        for file in entries(&inside)? {
            let text = read(&Input::file(file.clone()))?;
            custom.add(&name, &name_of(&file), text).map_err(|error| {
                let message = format!(
                    "the template `{}` cannot be used: {}",
                    file.display(),
                    error.message
                );
                Diagnostic::error(Code::Usage, message)
            })?;
        }
    }
    if custom.is_empty() {
        let message = format!(
            "`{}` holds no template such as `sentinel/rule.yaml.j2`",
            folder.display()
        );
        return Err(Diagnostic::error(Code::Usage, message));
    }
    Ok(custom)
}

/// What is in the folder, in the order of names; hidden files are left alone.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let unreadable = |error: &io::Error| {
        let message = format!("`{}` cannot be read: {}", folder.display(), reason(error));
        Diagnostic::error(Code::UnreadableFile, message)
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        if !name_of(&path).starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
