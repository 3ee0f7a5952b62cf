//! The YAML files among which rules look for data models and queries: each folder is listed once for all rules that are reached
//! in the same way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::Context;

/// The YAML files of a folder.
type Files = Arc<[PathBuf]>;

/// What folders hold.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    /// In a folder alone.
    own: Mutex<BTreeMap<PathBuf, Files>>,
    /// In a folder and in those below it.
    all: Mutex<BTreeMap<PathBuf, Files>>,
}

/// The YAML files in the folder of a file, without those below.
pub(super) fn beside(path: &Path, context: &Context<'_>) -> Files {
    let folder = path.parent().unwrap_or(Path::new(""));
    let list = || context.loader.beside(path);
    listed(&context.memory.folders.own, folder, list)
}

/// The YAML files in the folder and in those below it.
pub(super) fn below(folder: &Path, context: &Context<'_>) -> Files {
    let list = || context.loader.documents(folder);
    listed(&context.memory.folders.all, folder, list)
}

fn listed(
    known: &Mutex<BTreeMap<PathBuf, Files>>,
    folder: &Path,
    list: impl FnOnce() -> Vec<PathBuf>,
) -> Files {
    let files = known
        .lock()
        .ok()
        .and_then(|known| known.get(folder).cloned());
    files.unwrap_or_else(|| {
        let files: Files = list().into();
        if let Ok(mut known) = known.lock() {
            known.insert(folder.to_owned(), Arc::clone(&files));
        }
        files
    })
}
