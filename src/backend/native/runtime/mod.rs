//! The functions of the IR that a module calls, as a module within it: the evaluator's own text, with all that it needs.
//!
//! Nothing is written twice: [`item`] cuts the files of [`files`] into items, [`entry`] takes the functions out of them, and here
//! what these name is put together in modules that stand to each other as those of the files do. Refused, by giving nothing:
//! a function whose value does not follow from its arguments.

mod entry;
mod files;
mod item;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::quote;
use crate::ir::{FUNCTIONS, Function};
use entry::{DISPATCHERS, Form, indented};
use item::{File, paths};

/// What a module is given.
#[derive(Debug)]
pub(super) struct Runtime {
    /// The text of the module.
    pub(super) text: String,
    /// The crates that it names, as a manifest does.
    pub(super) crates: BTreeSet<&'static str>,
}

/// The crates that are named in code, and in a manifest.
const CRATES: &[(&str, &str)] = &[
    ("flate2", "flate2"),
    ("ipnet", "ipnet"),
    ("libm", "libm"),
    ("md5", "md-5"),
    ("regex", "regex"),
    ("regex_syntax", "regex-syntax"),
    ("sha1", "sha1"),
    ("sha2", "sha2"),
];

/// An item, by the numbers of its file and of itself there.
type Place = (usize, usize);

/// The files, cut.
#[derive(Debug)]
struct Library {
    files: Vec<File>,
    /// The files by their modules.
    modules: BTreeMap<String, usize>,
    /// What computes a function, and how it is called.
    entries: BTreeMap<Function, (Place, Form)>,
    /// Of a type, what is implemented for it.
    implemented: BTreeMap<Place, Vec<Place>>,
    /// The modules, and those that others stand in.
    folders: BTreeSet<String>,
    /// Of each item, what it names.
    named: Vec<Vec<OnceLock<Vec<Place>>>>,
    /// What was made before: many rules call the same functions.
    made: Mutex<BTreeMap<BTreeSet<Function>, Option<Arc<Runtime>>>>,
}

/// Whether there is a text of the function.
pub(super) fn has(function: Function) -> bool {
    Library::get().entries.contains_key(&function)
}

/// The module of these functions.
pub(super) fn of(functions: &BTreeSet<Function>) -> Option<Arc<Runtime>> {
    let library = Library::get();
    let known = || library.made.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = known().get(functions) {
        return runtime.clone();
    }
    let runtime = made(library, functions).map(Arc::new);
    known().insert(functions.clone(), runtime.clone());
    runtime
}

fn made(library: &Library, functions: &BTreeSet<Function>) -> Option<Runtime> {
    let mut roots = Vec::new();
    let mut wrappers = Vec::new();
    for function in functions {
        let (place, form) = library.entries.get(function)?;
        let item = &library.files[place.0].items[place.1];
        let path = library.files[place.0].module.join("::");
        let name = function.name();
        let arguments = match form {
            Form::Values | Form::Query => "&or_null(arguments)",
            Form::Present => "arguments",
        };
        let doc = wrapped(function.info().doc);
        wrappers.push(format!(
            "{doc}\npub fn {name}(arguments: &[Option<&Value>]) -> Option<Value> {{\n    {path}::{}({arguments})\n}}",
            item.name
        ));
        roots.push(*place);
    }
    let needed = library.needed(roots);
    let body = library.written("", &needed);
    let helper = "fn or_null<'v>(arguments: &[Option<&'v Value>]) -> Vec<&'v Value> {\n    \
                  arguments.iter().map(|value| value.unwrap_or(&Value::Null)).collect()\n}";
    if wrappers.iter().any(|text| text.contains("or_null(")) {
        wrappers.push(helper.to_owned());
    }
    let text = format!(
        "/// What is computed of values.\n#[allow(dead_code, unused_imports, unused_variables)]\nmod functions {{\n    \
         use serde_json::Value;\n\n{}\n\n{}\n}}",
        indented(&wrappers.join("\n\n")),
        indented(&body)
    );
    let words: BTreeSet<&str> = quote::words(&text).collect();
    let crates = CRATES.iter().filter(|(name, _)| words.contains(name));
    let crates = crates.map(|(_, name)| *name).collect();
    Some(Runtime { text, crates })
}

/// The words as lines of documentation.
fn wrapped(doc: &str) -> String {
    let mut lines = vec!["///".to_owned()];
    for word in doc.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < 90 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("/// {word}")),
        }
    }
    lines.join("\n")
}

impl Library {
    fn get() -> &'static Self {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        LIBRARY.get_or_init(Self::new)
    }

    fn new() -> Self {
        let files: Vec<File> = files::FILES
            .iter()
            .map(|(module, text)| File::cut(module, text))
            .collect();
        let modules = files
            .iter()
            .enumerate()
            .map(|(at, file)| (file.module.join("::"), at))
            .collect();
        let folders = files
            .iter()
            .flat_map(|file| (0..=file.module.len()).map(|end| file.module[..end].join("::")))
            .collect();
        let mut library = Self {
            files,
            modules,
            entries: BTreeMap::new(),
            implemented: BTreeMap::new(),
            folders,
            named: Vec::new(),
            made: Mutex::default(),
        };
        library.find_entries();
        library.find_implemented();
        let unknown = |file: &File| file.items.iter().map(|_| OnceLock::new()).collect();
        library.named = library.files.iter().map(unknown).collect();
        library
    }

    fn find_entries(&mut self) {
        let variants: BTreeMap<String, Function> = FUNCTIONS
            .iter()
            .map(|info| (format!("{:?}", info.function), info.function))
            .collect();
        for dispatcher in DISPATCHERS {
            let Some(&at) = self.modules.get(dispatcher.module) else {
                continue;
            };
            for (variant, item) in entry::entries(&self.files[at], *dispatcher) {
                let Some(function) = variants.get(&variant) else {
                    continue;
                };
                let place = (at, self.files[at].items.len());
                self.files[at].items.push(item);
                self.entries
                    .entry(*function)
                    .or_insert((place, dispatcher.form));
            }
        }
    }

    fn find_implemented(&mut self) {
        for (at, file) in self.files.iter().enumerate() {
            for (number, item) in file.items.iter().enumerate() {
                if item.is_impl
                    && let Some(subject) = self.resolved(&file.module, &[item.name.as_str()], 0)
                {
                    let blocks = self.implemented.entry(subject).or_default();
                    blocks.push((at, number));
                }
            }
        }
    }

    /// The items with all that they name.
    fn needed(&self, roots: Vec<Place>) -> BTreeSet<Place> {
        let mut needed = BTreeSet::new();
        let mut waiting = roots;
        while let Some(place) = waiting.pop() {
            if !needed.insert(place) {
                continue;
            }
            waiting.extend(self.implemented.get(&place).into_iter().flatten());
            waiting.extend(self.named[place.0][place.1].get_or_init(|| self.names(place)));
        }
        needed
    }

    /// What an item names.
    fn names(&self, place: Place) -> Vec<Place> {
        let file = &self.files[place.0];
        let paths = paths(&file.items[place.1].text).into_iter();
        let found = paths.filter_map(|path| self.resolved(&file.module, &path, 0));
        let found: BTreeSet<Place> = found.collect();
        found.into_iter().collect()
    }

    /// The item that a path means in a module.
    fn resolved(&self, module: &[&str], path: &[&str], depth: usize) -> Option<Place> {
        let (head, rest) = path.split_first()?;
        if depth > 20 {
            return None;
        }
        match *head {
            "crate" => {
                let rest = rest.strip_prefix(&["ir"]).unwrap_or(rest);
                return self.below(&[], rest, depth);
            }
            "super" => return self.below(module.split_last()?.1, rest, depth),
            "self" => return self.below(module, rest, depth),
            _ => {}
        }
        if let Some(found) = self.below(module, path, depth) {
            return Some(found);
        }
        let file = &self.files[*self.modules.get(&module.join("::"))?];
        let import = file.imports.iter().find(|import| import.name == *head)?;
        let mut whole: Vec<&str> = import.path.iter().map(String::as_str).collect();
        if whole.first() == Some(head) && whole.len() == 1 {
            return None;
        }
        whole.extend(rest);
        self.resolved(module, &whole, depth + 1)
    }

    /// The item that a path means below a module: that of a module in it, else one of its own, else what it imports.
    fn below(&self, module: &[&str], path: &[&str], depth: usize) -> Option<Place> {
        let (head, rest) = path.split_first()?;
        if *head == "super" {
            return self.below(module.split_last()?.1, rest, depth);
        }
        if !rest.is_empty() {
            let mut inner = module.to_vec();
            inner.push(head);
            if self.folders.contains(&inner.join("::")) {
                return self.below(&inner, rest, depth);
            }
        }
        let at = *self.modules.get(&module.join("::"))?;
        let items = &self.files[at].items;
        let own = items
            .iter()
            .position(|item| item.name == *head && !item.is_impl);
        if let Some(number) = own {
            return Some((at, number));
        }
        let is_imported = self.files[at]
            .imports
            .iter()
            .any(|import| import.name == *head);
        if is_imported && depth < 20 {
            return self.imported(at, head, rest, depth + 1);
        }
        None
    }

    fn imported(&self, at: usize, head: &str, rest: &[&str], depth: usize) -> Option<Place> {
        let file = &self.files[at];
        let import = file.imports.iter().find(|import| import.name == head)?;
        let mut whole: Vec<&str> = import.path.iter().map(String::as_str).collect();
        whole.extend(rest);
        if whole.len() == 1 {
            return None;
        }
        self.resolved(&file.module, &whole, depth)
    }

    /// The text of what stands in a module and in those below it.
    fn written(&self, module: &str, needed: &BTreeSet<Place>) -> String {
        let mut blocks = Vec::new();
        if let Some(at) = self.modules.get(module) {
            let items: Vec<Place> = needed
                .iter()
                .filter(|place| place.0 == *at)
                .copied()
                .collect();
            if !items.is_empty() {
                blocks.extend(self.uses(*at, &items, needed));
                blocks.extend(
                    items
                        .iter()
                        .map(|place| self.files[place.0].items[place.1].text.clone()),
                );
            }
        }
        let prefix = if module.is_empty() {
            String::new()
        } else {
            format!("{module}::")
        };
        let mut below: BTreeSet<&str> = BTreeSet::new();
        for (path, at) in &self.modules {
            if needed.iter().any(|place| place.0 == *at)
                && let Some(rest) = path.strip_prefix(&prefix)
            {
                below.extend(rest.split("::").next());
            }
        }
        for name in below {
            let text = self.written(&format!("{prefix}{name}"), needed);
            blocks.push(format!("pub mod {name} {{\n{}\n}}", indented(&text)));
        }
        blocks.join("\n\n")
    }

    /// The `use` lines that items of a file need.
    fn uses(&self, at: usize, items: &[Place], needed: &BTreeSet<Place>) -> Option<String> {
        let file = &self.files[at];
        let mut words: BTreeSet<&str> = BTreeSet::new();
        for place in items {
            let heads = paths(&self.files[place.0].items[place.1].text);
            words.extend(heads.into_iter().map(|path| path[0]));
        }
        let mut lines: BTreeSet<String> = BTreeSet::new();
        for import in &file.imports {
            if import.name != "_" && !words.contains(import.name.as_str()) {
                continue;
            }
            let path: Vec<&str> = import.path.iter().map(String::as_str).collect();
            let head = path.first().copied().unwrap_or_default();
            let inner = format!("{}::{head}", file.module.join("::"));
            let is_own =
                matches!(head, "crate" | "super" | "self") || self.modules.contains_key(&inner);
            if !is_own {
                lines.insert(import.line.clone());
            } else if let Some(place) = self.resolved(&file.module, &path, 0)
                && needed.contains(&place)
            {
                let mut target = self.files[place.0].module.clone();
                let name = self.files[place.0].items[place.1].name.as_str();
                target.push(name);
                let alias = if name == import.name {
                    String::new()
                } else {
                    format!(" as {}", import.name)
                };
                lines.insert(format!("use {}{alias};", relative(&file.module, &target)));
            } else if let Some(target) = self.module_of(&file.module, &path)
                && needed
                    .iter()
                    .any(|place| self.files[place.0].module.starts_with(&target))
            {
                lines.insert(format!("use {};", relative(&file.module, &target)));
            }
        }
        let lines: Vec<String> = lines.into_iter().collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// The module that a path of an import means.
    fn module_of(&self, module: &[&'static str], path: &[&str]) -> Option<Vec<&'static str>> {
        let mut whole: Vec<&str> = module.to_vec();
        for step in path {
            match *step {
                "crate" => whole.clear(),
                "ir" if whole.is_empty() => {}
                "super" => {
                    whole.pop();
                }
                step => whole.push(step),
            }
        }
        let at = *self.modules.get(&whole.join("::"))?;
        Some(self.files[at].module.clone())
    }
}

/// The path from one module to something.
fn relative(from: &[&str], to: &[&str]) -> String {
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let mut steps = vec!["super"; from.len() - common];
    if steps.is_empty() {
        steps.push("self");
    }
    steps.extend(&to[common..]);
    steps.join("::")
}
