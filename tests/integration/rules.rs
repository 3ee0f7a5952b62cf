//! The example rules under `rules/`, imported as the command line imports them.

use std::path::{Path, PathBuf};

use rulec::diagnostic::Diagnostics;
use rulec::frontend;
use rulec::ir::Rule;
use rulec::source::{Loader, Sources};

/// The files of the repository, by path from its root.
pub struct Disk;

impl Loader for Disk {
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// An example rule: its format, its name, and what its file holds.
pub struct Example {
    pub format: String,
    pub name: String,
    pub rule: Rule,
    pub sources: Sources,
    pub diagnostics: Diagnostics,
}

/// Every example rule, sorted by format and name.
pub fn examples() -> Vec<Example> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut examples = Vec::new();
    for format in folders(&root.join("rules")) {
        for folder in folders(&root.join("rules").join(&format)) {
            examples.extend(example(&format, &folder));
        }
    }
    assert!(
        examples.len() >= 3,
        "the example rules are found and recognised"
    );
    examples
}

fn folders(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name != "__pycache__");
    names.sort();
    names
}

fn example(format: &str, name: &str) -> Option<Example> {
    let folder = PathBuf::from("rules").join(format).join(name);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder))
            .unwrap()
            .map(|entry| folder.join(entry.unwrap().file_name()))
            .collect();
    files.sort();
    let mut documents = files.into_iter().filter(|file| {
        file.extension()
            .is_some_and(|end| end == "yml" || end == "yaml")
    });
    documents.find_map(|file| import(format, name, &file))
}

fn import(format: &str, name: &str, file: &Path) -> Option<Example> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let text = String::from_utf8(Disk.load(file).unwrap()?).unwrap();
    let id = sources.add(file, text);
    let frontend = frontend::recognise(sources.get(id).unwrap().text())?;
    let mut rules = rulec::import(id, Some(frontend), &mut sources, &Disk, &mut diagnostics);
    assert!(
        !diagnostics.has_errors(),
        "{}",
        rulec::diagnostic::render::render(
            &diagnostics,
            &sources,
            rulec::diagnostic::render::Colour::Never
        )
    );
    let rule = rules.pop()?;
    Some(Example {
        format: format.to_owned(),
        name: name.to_owned(),
        rule,
        sources,
        diagnostics,
    })
}
