//! A rule's Python file and the helper modules it imports: paths to parsed modules.
//!
//! Helpers are looked for beside the rule, then in the `global_helpers` folder beside it and beside every folder above it, then
//! in the caller's further folders, and last among the [`packages`](super::super::packages) that rulec ships. `a.b` is the file
//! `a/b.py` or `a/b/__init__.py` of such a folder.
//! Invariant: modules are read once, before anything is executed. A module that is nowhere is not an error until it is used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustc_hash::FxHashMap;
use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::visitor::{self, Visitor};

use crate::diagnostic::{Code, Diagnostic};
use crate::frontend::Context;
use crate::frontend::panther::emitted::{self, Reading};
use crate::frontend::panther::model::Model;
use crate::frontend::panther::packages;
use crate::source::{SourceId, Span, Unusable};
use crate::syntax::python;

/// Folders above a rule that are searched for helpers.
pub(in crate::frontend::panther) const ANCESTORS: usize = 16;
/// Modules that one rule may import, directly or not.
const MODULES: usize = 64;
/// Modules of the language itself, which are never looked for.
const STANDARD: &[&str] = &[
    "abc",
    "ast",
    "base64",
    "binascii",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fnmatch",
    "functools",
    "hashlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "os",
    "random",
    "re",
    "shlex",
    "string",
    "sys",
    "textwrap",
    "time",
    "typing",
    "unittest",
    "urllib",
    "uuid",
    "zoneinfo",
];

/// A file that may hold a module, and whether the module is a package there.
type Place = (PathBuf, bool);

/// Where modules were found, or that they are nowhere, by the folder of the rule and by name.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<FxHashMap<PathBuf, FxHashMap<String, Option<Place>>>>);

impl Places {
    /// Where a module stands, if that is known: one place, or none.
    fn find(&self, folder: &Path, name: &str) -> Option<Vec<Place>> {
        let known = self.0.lock().ok()?;
        let place = known.get(folder)?.get(name)?;
        Some(place.iter().cloned().collect())
    }

    fn keep(&self, folder: &Path, name: &str, place: Option<Place>) {
        if let Ok(mut known) = self.0.lock() {
            let known = known.entry(folder.to_owned()).or_default();
            known.insert(name.to_owned(), place);
        }
    }
}

/// The number of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::frontend::panther) struct ModuleId(usize);

/// One parsed file.
#[derive(Debug)]
pub(in crate::frontend::panther) struct Module {
    /// The file.
    pub source: SourceId,
    /// What it holds.
    pub body: python::Tree,
    /// Its full name, and that of the package that its relative imports start from.
    name: String,
    package: String,
    /// Whether it is one that rulec ships.
    shipped: bool,
    /// The functions that emitted modules carry, as far as this one does.
    emitted: BTreeMap<&'static str, Reading>,
}

impl Module {
    /// How a function is read that emitted modules carry; nothing for any other.
    pub(super) fn emitted(&self, definition: &ast::StmtFunctionDef) -> Option<Reading> {
        let name = definition.name.as_str();
        let reading = self.emitted.get(name).copied()?;
        let own = self.definition(name)?;
        std::ptr::eq(own, definition).then_some(reading)
    }

    /// The function of this name, if the module defines it.
    pub(in crate::frontend::panther) fn definition(
        &self,
        function: &str,
    ) -> Option<&ast::StmtFunctionDef> {
        let mut definitions = self.body.iter().filter_map(ast::Stmt::as_function_def_stmt);
        definitions.find(|definition| definition.name.as_str() == function)
    }
}

/// A module that is about to be parsed.
struct Found {
    name: String,
    source: SourceId,
    /// Whether it is what a folder itself stands for.
    is_package: bool,
    shipped: bool,
}

impl Found {
    /// A file that belongs to no package.
    fn file(name: String, source: SourceId) -> Self {
        Self {
            name,
            source,
            is_package: false,
            shipped: false,
        }
    }

    /// The package that relative imports start from; nothing where there is none.
    fn package(&self) -> &str {
        if self.is_package {
            return &self.name;
        }
        self.name
            .rsplit_once('.')
            .map_or("", |(package, _)| package)
    }
}

/// The rule's module, which is the first, and its helpers.
#[derive(Debug, Default)]
pub(in crate::frontend::panther) struct Modules {
    list: Vec<Module>,
    names: BTreeMap<String, ModuleId>,
    broken: BTreeMap<String, Box<Diagnostic>>,
    /// The data models of the log types that the rule can meet.
    pub models: Vec<Model>,
}

impl Modules {
    /// The rule's own module.
    pub(in crate::frontend::panther) const MAIN: ModuleId = ModuleId(0);

    /// Reads the file at `path` and everything it imports. The error is about the file itself.
    pub(in crate::frontend::panther) fn read(
        path: &Path,
        named_at: Option<Span>,
        context: &mut Context<'_>,
    ) -> Result<Self, Box<Diagnostic>> {
        let source = load(path, context)
            .map_err(|problem| unusable(problem, path, named_at))?
            .ok_or_else(|| Box::new(missing(path, named_at)))?;
        let mut modules = Self::default();
        let stem = path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        modules.parse(Found::file(stem, source), context)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        modules.import_from(0, folder, context);
        Ok(modules)
    }

    /// Reads one more file and everything it imports; no import leads to the file itself.
    pub(in crate::frontend::panther) fn add(
        &mut self,
        path: &Path,
        named_at: Option<Span>,
        context: &mut Context<'_>,
    ) -> Result<ModuleId, Box<Diagnostic>> {
        let source = load(path, context)
            .map_err(|problem| unusable(problem, path, named_at))?
            .ok_or_else(|| Box::new(missing(path, named_at)))?;
        let id = ModuleId(self.list.len());
        let mut found = Found::file(path.display().to_string(), source);
        // A path is no name with packages.
        found.name = found.name.replace('.', "/");
        self.parse(found, context)?;
        self.import_from(id.0, path.parent().unwrap_or(Path::new("")), context);
        Ok(id)
    }

    /// Reads what the module at a position and those after it import.
    fn import_from(&mut self, mut at: usize, folder: &Path, context: &mut Context<'_>) {
        while at < self.list.len() && self.list.len() < MODULES {
            for import in imports(&self.list[at].body) {
                self.import_all(at, &import, folder, context);
            }
            at += 1;
        }
    }

    /// Whether a text stands in one of the files.
    pub(in crate::frontend::panther) fn mention(&self, text: &str, context: &Context<'_>) -> bool {
        self.list.iter().any(|module| {
            let source = context.sources.get(module.source);
            source.is_some_and(|source| source.text().contains(text))
        })
    }

    /// The module with this number.
    pub(in crate::frontend::panther) fn get(&self, id: ModuleId) -> &Module {
        &self.list[id.0.min(self.list.len().saturating_sub(1))]
    }

    /// The module that an import names, if it was found.
    pub(super) fn find(&self, name: &str) -> Option<ModuleId> {
        self.names.get(name).copied()
    }

    /// The module of this name within another.
    pub(super) fn find_within(&self, id: ModuleId, name: &str) -> Option<ModuleId> {
        self.find(&format!("{}.{name}", self.get(id).name))
    }

    /// The full name of what `level` dots and a name mean in a module; nothing where they lead out of its packages.
    pub(super) fn resolve(&self, id: ModuleId, level: u32, name: &str) -> Option<String> {
        if level == 0 {
            return Some(name.to_owned());
        }
        let mut package = self.get(id).package.as_str();
        for _ in 1..level {
            package = package.rsplit_once('.')?.0;
        }
        match (package, name) {
            ("", _) => None,
            (package, "") => Some(package.to_owned()),
            (package, name) => Some(format!("{package}.{name}")),
        }
    }

    /// Why the module that an import names cannot be used, if it was found.
    pub(super) fn problem(&self, name: &str) -> Option<&Diagnostic> {
        self.broken.get(name).map(AsRef::as_ref)
    }

    fn parse(&mut self, found: Found, context: &Context<'_>) -> Result<(), Box<Diagnostic>> {
        let text = context
            .sources
            .get(found.source)
            .map_or("", crate::source::Source::text);
        // The rule's own module is asked for once.
        let body = if self.list.is_empty() {
            python::parse(found.source, text)?
        } else {
            context.memory.python.parse(found.source, text)?
        };
        let id = ModuleId(self.list.len());
        self.names.entry(found.name.clone()).or_insert(id);
        self.list.push(Module {
            emitted: emitted::functions(&body, text),
            source: found.source,
            body,
            package: found.package().to_owned(),
            name: found.name,
            shipped: found.shipped,
        });
        Ok(())
    }

    /// Reads the modules of one import statement, the packages around them included.
    fn import_all(&mut self, at: usize, import: &Import, folder: &Path, context: &mut Context<'_>) {
        let Some(name) = self.resolve(ModuleId(at), import.level, &import.module) else {
            return;
        };
        for (dot, _) in name.match_indices('.') {
            self.import(&name[..dot], folder, context);
        }
        self.import(&name, folder, context);
        let is_module = self
            .find(&name)
            .is_some_and(|id| self.get(id).package != self.get(id).name);
        if !is_module && !is_standard(&name) {
            for item in &import.items {
                self.import(&format!("{name}.{item}"), folder, context);
            }
        }
    }

    fn import(&mut self, name: &str, folder: &Path, context: &mut Context<'_>) {
        if self.names.contains_key(name) || self.broken.contains_key(name) || is_standard(name) {
            return;
        }
        let found = self.look_for(name, folder, context);
        let parsed = found.and_then(|found| match found {
            Some(found) => self.parse(found, context),
            None => Ok(()),
        });
        if let Err(problem) = parsed {
            self.broken.insert(name.to_owned(), problem);
        }
    }

    fn look_for(
        &self,
        name: &str,
        folder: &Path,
        context: &mut Context<'_>,
    ) -> Result<Option<Found>, Box<Diagnostic>> {
        if let Some((source, is_package)) = stands(name, folder, context)? {
            return Ok(Some(Found {
                is_package,
                ..Found::file(name.to_owned(), source)
            }));
        }
        let around = name.split('.').next().and_then(|first| self.find(first));
        if around.is_some_and(|id| !self.get(id).shipped) {
            return Ok(None);
        }
        Ok(packages::find(name).map(|package| {
            let path = Path::new(package.path);
            let known = context.sources.find(path);
            let source = known.unwrap_or_else(|| context.sources.add(path, package.text));
            Found {
                is_package: package.path.ends_with("__init__.py"),
                shipped: true,
                ..Found::file(name.to_owned(), source)
            }
        }))
    }
}

/// Whether a module belongs to the language.
pub(super) fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name.split('.').next().unwrap_or(name))
}

/// The file of a helper, and whether it is a package.
fn stands(
    name: &str,
    folder: &Path,
    context: &mut Context<'_>,
) -> Result<Option<(SourceId, bool)>, Box<Diagnostic>> {
    let memory = context.memory;
    let known = memory.modules.find(folder, name);
    let is_new = known.is_none();
    let candidates = known.unwrap_or_else(|| candidates(name, folder, context.loader.helpers()));
    for place in candidates {
        let (path, is_package) = &place;
        let loaded =
            load(path, context).map_err(|problem| Box::new(unusable(problem, path, None)))?;
        if let Some(source) = loaded {
            let found = (source, *is_package);
            if is_new {
                memory.modules.keep(folder, name, Some(place));
            }
            return Ok(Some(found));
        }
    }
    if is_new {
        memory.modules.keep(folder, name, None);
    }
    Ok(None)
}

/// Where a helper may stand, the nearest first.
fn candidates(name: &str, folder: &Path, further: &[PathBuf]) -> Vec<Place> {
    let name = name.replace('.', "/");
    let (package, file) = (format!("{name}/__init__.py"), format!("{name}.py"));
    let above = folder.ancestors().take(ANCESTORS);
    let folders = std::iter::once(folder.to_owned())
        .chain(above.map(|ancestor| ancestor.join("global_helpers")))
        .chain(further.iter().cloned());
    folders
        .flat_map(|folder| [(folder.join(&package), true), (folder.join(&file), false)])
        .collect()
}

/// Why a file cannot be used, as a diagnostic.
fn unusable(problem: Unusable, path: &Path, named_at: Option<Span>) -> Diagnostic {
    let path = path.display();
    let problem = match problem {
        Unusable::Unreadable(reason) => Diagnostic::error(
            Code::UnreadableFile,
            format!("`{path}` must be readable: {reason}"),
        ),
        Unusable::NotUtf8(offset) => Diagnostic::error(
            Code::InvalidUtf8,
            format!("`{path}` must be UTF-8; byte {offset} is not"),
        ),
    };
    problem.at(named_at)
}

fn missing(path: &Path, named_at: Option<Span>) -> Diagnostic {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Diagnostic::error(
        Code::MissingCompanion,
        format!("the Python file `{name}` must stand beside the rule"),
    )
    .at(named_at)
}

/// The number of the file at `path`, read now or before; `None` where there is no such file.
pub(in crate::frontend::panther) fn load(
    path: &Path,
    context: &mut Context<'_>,
) -> Result<Option<SourceId>, Unusable> {
    if let Some(id) = context.sources.find(path) {
        return Ok(Some(id));
    }
    let text = context.loader.text(path)?;
    Ok(text.map(|text| context.sources.add(path, text)))
}

/// What an import statement names.
struct Import {
    module: String,
    /// The dots before the name.
    level: u32,
    /// What is imported from the module.
    items: Vec<String>,
}

/// What a body imports, also inside of its functions.
fn imports(body: &[ast::Stmt]) -> Vec<Import> {
    let mut found = Imports(Vec::new());
    found.visit_body(body);
    found.0
}

struct Imports(Vec<Import>);

impl<'a> Visitor<'a> for Imports {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::Import(import) => {
                self.0.extend(import.names.iter().map(|alias| Import {
                    module: alias.name.to_string(),
                    level: 0,
                    items: Vec::new(),
                }));
            }
            ast::Stmt::ImportFrom(import) => self.0.push(Import {
                module: import
                    .module
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string),
                level: import.level,
                items: import
                    .names
                    .iter()
                    .map(|alias| alias.name.to_string())
                    .collect(),
            }),
            other => visitor::walk_stmt(self, other),
        }
    }

    /// No statement stands within an expression.
    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}
