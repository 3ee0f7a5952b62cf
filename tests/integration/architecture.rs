//! The house keeps its walls: who may import whom, how long files and functions are, what templates may say, and that every
//! registry is complete.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;
use rulec::backend::TARGETS;
use rulec::frontend::FRONTENDS;

/// The modules from the ground up; a module imports those of lower floors, and no other of its own.
const FLOORS: &[&[&str]] = &[
    &["source"],
    &["diagnostic"],
    &["syntax"],
    &["ir"],
    &["schema"],
    &["bind"],
    &["frontend", "normalize", "analysis", "eval", "engine"],
    &["synthesis"],
    &["backend"],
    &["custom", "verify"],
    &["cli"],
];

/// Imports that the floors allow and the design forbids: `(module, what it must not see)`.
const FORBIDDEN: &[(&str, &str)] = &[
    // A backend sees neither how a rule was written nor which format it came from.
    ("backend", "frontend"),
    ("backend", "syntax"),
    // The meaning of the IR needs nothing but the IR.
    ("eval", "syntax"),
    ("eval", "schema"),
    // So do the events that show it.
    ("synthesis", "syntax"),
    ("synthesis", "schema"),
    ("ir", "syntax"),
];

/// Imports that the floors forbid and that are right: `(file, module, why)`.
const ALLOWED: &[(&str, &str, &str)] = &[];

/// Files of `src/` that may be longer than the limit: `(file, why)`.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions that may be longer than the limit: `(file, function, why)`.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[
    (
        "src/eval/term.rs",
        "apply",
        "one match, an arm per function",
    ),
    (
        "src/bind/stage/mod.rs",
        "stage",
        "one match, an arm per operator",
    ),
    (
        "src/frontend/sentinel/query/function/mod.rs",
        "apply",
        "one match, an arm per function",
    ),
    (
        "src/frontend/panther/execute/remap.rs",
        "value",
        "one match, an arm per kind of value",
    ),
    (
        "src/frontend/panther/execute/expression.rs",
        "evaluate_node",
        "one match, an arm per expression",
    ),
];

const FILE_LIMIT: usize = 500;
const FUNCTION_LIMIT: usize = 60;

/// Crates that parse, and the only files that may name them. Python's tree is a crate of its own: the executor walks it.
const PARSERS: &[(&str, &[&str])] = &[
    ("serde_yaml", &["src/syntax/yaml/thorough.rs"]),
    (
        "saphyr_parser",
        &[
            "src/syntax/yaml/events.rs",
            "src/syntax/yaml/quick.rs",
            "src/syntax/yaml/thorough.rs",
        ],
    ),
    ("rustpython_ruff_python_parser", &["src/syntax/"]),
    (
        "rustpython_ruff_python_ast",
        &["src/syntax/", "src/frontend/panther/"],
    ),
];

/// Code that is the same for all formats and targets, and names none.
const SHARED: &[&str] = &[
    "src/normalize/",
    "src/analysis/",
    "src/eval/",
    "src/synthesis/",
    "src/engine/",
    "src/ir/",
    "src/backend/fragment.rs",
    "src/backend/notation.rs",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder with this ending, by path from the root, sorted.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::from(folder)];
    while let Some(path) = pending.pop() {
        let Ok(entries) = std::fs::read_dir(root().join(&path)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let path = path.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                pending.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// A file's code without comments, up to its tests; nothing for a file that is all tests.
fn code(path: &str) -> Vec<String> {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return Vec::new();
    }
    read(path)
        .lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
        .map(|line| {
            let comment = line.find("//").filter(|at| !line[..*at].ends_with(':'));
            line[..comment.unwrap_or(line.len())].to_owned()
        })
        .collect()
}

fn module_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// `(file, module that it imports)` of all code.
fn imports() -> BTreeSet<(String, String)> {
    let one = Regex::new(r"\bcrate::(\w+)").unwrap();
    let group = Regex::new(r"\bcrate::\{").unwrap();
    let mut found = BTreeSet::new();
    for path in files("src", "rs") {
        for line in code(&path) {
            assert!(
                !group.is_match(&line),
                "{path}: one `use crate::` line per module, not a group"
            );
            for import in one.captures_iter(&line) {
                found.insert((path.clone(), import[1].to_owned()));
            }
        }
    }
    found
}

#[test]
fn modules_import_downwards_only() {
    for (path, import) in imports() {
        let module = module_of(&path);
        // The crate's own functions are made of every module, and the command line of those.
        if module == "lib" || module == "main" || import == module || module == "cli" {
            continue;
        }
        let (Some(own), Some(other)) = (floor(module), floor(&import)) else {
            panic!("{path} imports `{import}`: neither side may be without a floor");
        };
        let allowed = ALLOWED
            .iter()
            .any(|(file, module, _)| *file == path && *module == import);
        assert!(
            other < own || allowed,
            "{path} imports `{import}`, which is not below it"
        );
        let forbidden = FORBIDDEN.contains(&(module, import.as_str()));
        assert!(!forbidden, "{path} imports `{import}`");
    }
}

#[test]
fn every_exception_is_used() {
    let imports = imports();
    for (file, module, _) in ALLOWED {
        let pair = ((*file).to_owned(), (*module).to_owned());
        assert!(imports.contains(&pair), "{file} no longer imports {module}");
    }
    for (file, _) in LONG_FILES {
        assert!(code(file).len() > FILE_LIMIT, "{file} is no longer long");
    }
    for (file, name, _) in LONG_FUNCTIONS {
        let long = functions(file)
            .iter()
            .any(|(function, lines)| function == name && *lines > FUNCTION_LIMIT);
        assert!(long, "{name} of {file} is no longer long");
    }
}

#[test]
fn files_open_with_their_purpose_and_stay_short() {
    let mut found = Vec::new();
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        if !read(&path).starts_with("//! ") {
            found.push(format!("{path} opens with no documentation"));
        }
        let allowed =
            path.starts_with("tests/") || LONG_FILES.iter().any(|(file, _)| *file == path);
        let lines = code(&path).len();
        if lines > FILE_LIMIT && !allowed {
            found.push(format!("{path} has {lines} lines of code"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The functions of a file with their lengths in lines, found by the layout that rustfmt gives them.
fn functions(path: &str) -> Vec<(String, usize)> {
    let head =
        Regex::new(r"^(\s*)(?:pub(?:\([^)]*\))? )?(?:const |async |unsafe )*fn (\w+)").unwrap();
    let lines = code(path);
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(head) = head.captures(line) else {
            continue;
        };
        let end = format!("{}}}", &head[1]);
        let declared = lines[at..]
            .iter()
            .take_while(|line| !line.trim_end().ends_with(';'))
            .count();
        let length = lines[at..].iter().position(|line| line.trim_end() == end);
        if let Some(length) = length.filter(|_| declared > 0) {
            found.push((head[2].to_owned(), length + 1));
        }
    }
    found
}

#[test]
fn functions_stay_short() {
    let mut found = Vec::new();
    for path in files("src", "rs") {
        for (name, lines) in functions(&path) {
            let allowed = LONG_FUNCTIONS
                .iter()
                .any(|(file, function, _)| *file == path && *function == name);
            if lines > FUNCTION_LIMIT && !allowed {
                found.push(format!("{path}: `{name}` has {lines} lines"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn parsers_stand_behind_the_syntax_module() {
    for path in files("src", "rs") {
        let text = code(&path).join("\n");
        for (name, homes) in PARSERS {
            let home = homes.iter().any(|home| path.starts_with(home));
            assert!(home || !text.contains(name), "{path} names {name}");
        }
    }
}

#[test]
fn shared_code_names_no_system() {
    let name = Regex::new(r"(?i)(?:\b|_)(?:panther|sentinel|sigma|kql|native)").unwrap();
    for path in files("src", "rs") {
        if !SHARED.iter().any(|shared| path.starts_with(shared)) {
            continue;
        }
        for line in code(&path) {
            assert!(!name.is_match(&line), "{path} names a system: {line}");
        }
    }
}

#[test]
fn templates_are_layout_only() {
    let allowed = [
        r"^\{\{-? [\w.]+(?: ?\| ?(?:indent(?:\([^()]*\))?|yaml))* -?\}\}$",
        r"^\{%-? for \w+(?:, \w+)? in [\w.]+ -?%\}$",
        r"^\{%-? (?:el)?if (?:not )?[\w.]+ -?%\}$",
        r"^\{%-? (?:else|endif|endfor) -?%\}$",
        r"^\{#.*#\}$",
    ]
    .map(|pattern| Regex::new(pattern).unwrap());
    let tag = Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}").unwrap();
    for path in files("templates", "j2") {
        let text = read(&path);
        for found in tag.find_iter(&text) {
            let plain = allowed
                .iter()
                .any(|pattern| pattern.is_match(found.as_str()));
            assert!(plain, "{path}: `{}` is more than layout", found.as_str());
        }
    }
}

/// The modules that a file declares.
fn declared(path: &str) -> Vec<String> {
    let module = Regex::new(r"^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);").unwrap();
    let lines = code(path);
    lines
        .iter()
        .filter_map(|line| Some(module.captures(line)?[1].to_owned()))
        .collect()
}

/// Modules of `src/backend` and `src/frontend` that are no target and no format.
const HELPERS: &[&str] = &[
    "assume",
    "fragment",
    "notation",
    "render",
    "quote",
    "events",
    "json",
    "kusto",
    "names",
    "yaml",
    "simplify",
    "spread",
    "without",
    "survey",
    "tuning",
    "elsewhere",
    "unmapped",
];

#[test]
fn every_registry_is_complete() {
    let templates: BTreeSet<String> = files("templates", "j2")
        .iter()
        .filter_map(|path| Some(path.split('/').nth(1)?.to_owned()))
        .collect();
    let targets: BTreeSet<String> = TARGETS
        .iter()
        .map(|target| target.name().to_owned())
        .collect();
    for target in &targets {
        assert!(
            templates.contains(target),
            "{target} has no templates/{target}/"
        );
    }
    for folder in &templates {
        assert!(
            targets.contains(folder),
            "templates/{folder}/ belongs to no target"
        );
    }
    let registered = |path: &str, registry: &str| {
        let text = code(path).join("\n");
        let at = text.find(&format!("const {registry}")).unwrap();
        text[at..].split(';').next().unwrap().to_owned()
    };
    for (path, registry) in [
        ("src/backend/mod.rs", "TARGETS"),
        ("src/frontend/mod.rs", "FRONTENDS"),
    ] {
        let list = registered(path, registry);
        for module in declared(path) {
            let exported = Regex::new(&format!(r"\buse {module}::(?:\{{?)(\w+)")).unwrap();
            let text = code(path).join("\n");
            let known = HELPERS.contains(&module.as_str())
                || list.contains(&format!("{module}::"))
                || exported
                    .captures(&text)
                    .is_some_and(|export| list.contains(&export[1]));
            assert!(known, "{path}: `{module}` is not in {registry}");
        }
    }
    let mut names = BTreeSet::new();
    for name in FRONTENDS.iter().map(|frontend| frontend.name()) {
        assert!(names.insert(name), "two formats are named {name}");
    }
}

#[test]
fn every_data_file_is_embedded() {
    let everything: String = files("src", "rs").iter().map(|path| read(path)).collect();
    for path in files("schemas", "yml")
        .into_iter()
        .chain(files("schemas", "txt"))
        .chain(files("templates", "j2"))
    {
        assert!(everything.contains(&path), "{path} is not embedded");
    }
}

#[test]
fn no_document_names_this_machine() {
    let home = format!("/{}/", "work");
    for path in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        assert!(Path::new(&root()).join(path).is_file(), "{path} is missing");
        assert!(
            !read(path).contains(&home),
            "{path} has a path of one machine"
        );
    }
}
