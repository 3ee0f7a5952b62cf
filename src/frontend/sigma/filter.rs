//! Filters: conditions that further narrow the rules that they name, in the same file or in another file of the run.
//!
//! A filter's condition is joined to a rule's by `and`, as the specification has it and every engine does: to leave events out, it
//! has to begin with `not`. It applies to a rule whose id or name it lists (or to `any`) and whose log source has what the
//! filter's says. Its fields are those of the rule's log source. A filter that cannot be read refuses the rule that it is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::detection::{self, Section};
use super::document::{Read, source_of};
use super::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Condition, Rule};
use crate::schema::{LogSourceMap, SigmaSource};
use crate::source::{SourceId, Sources};
use crate::syntax::yaml::{self, Document, Step};

/// The filters of a run, by their files.
#[derive(Debug, Default)]
pub struct Filters {
    files: Vec<File>,
}

/// A file with filters.
#[derive(Debug)]
struct File {
    path: PathBuf,
    text: Arc<str>,
    filters: Vec<Filter>,
}

/// One filter, as far as it says which rules it is for.
#[derive(Debug)]
struct Filter {
    title: String,
    /// Which document of the file it is.
    document: usize,
    source: SigmaSource,
    /// The rules that it names; none for every rule.
    rules: Vec<Reference>,
    /// Whether some rule of the run is one of `rules`, or is covered by it.
    used: AtomicBool,
}

/// A rule by its id or name.
#[derive(Debug)]
struct Reference {
    word: String,
    found: AtomicBool,
}

/// What a rule is called where filters look for it.
pub(super) struct Target<'r> {
    pub(super) id: Option<&'r str>,
    pub(super) name: Option<&'r str>,
    pub(super) source: SigmaSource,
    pub(super) map: Option<&'r LogSourceMap>,
}

impl Filters {
    /// None.
    pub(in crate::frontend) const NONE: Self = Self { files: Vec::new() };

    /// Adds the filters of a file, if there are any in it. What is wrong with them is said where the file itself is imported.
    pub fn add(&mut self, path: &Path, text: impl Into<Arc<str>>) {
        let text = text.into();
        if !text.starts_with("filter:") && !text.contains("\nfilter:") {
            return;
        }
        let mut sources = Sources::new();
        let id = sources.add(path, Arc::clone(&text));
        let documents = yaml::parse(id, &text).unwrap_or_default();
        let documents = documents.into_iter().enumerate();
        let filters = documents.filter_map(|(at, parsed)| match parsed.value {
            Ok(Value::Object(content)) => Filter::of(&content, at),
            Ok(_) | Err(_) => None,
        });
        let filters: Vec<Filter> = filters.collect();
        if !filters.is_empty() {
            let path = path.to_owned();
            self.files.push(File {
                path,
                text,
                filters,
            });
        }
    }

    /// Whether the filters of the file are among them.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// A warning for each rule that a filter names and that no imported file had, and for each filter of any rule that fitted
    /// none.
    pub fn unused(&self) -> Diagnostics {
        let mut warnings = Diagnostics::new();
        let mut warn = |file: &File, message: String| {
            let message = format!("`{}`: {message}", file.path.display());
            warnings.push(Diagnostic::warning(Code::SigmaFilter, message));
        };
        for file in &self.files {
            for filter in &file.filters {
                for rule in &filter.rules {
                    if !rule.found.load(Ordering::Relaxed) {
                        let (title, word) = (&filter.title, &rule.word);
                        warn(
                            file,
                            format!("no rule is called `{word}`, which the filter `{title}` names"),
                        );
                    }
                }
                if filter.rules.is_empty() && !filter.used.load(Ordering::Relaxed) {
                    let title = &filter.title;
                    warn(
                        file,
                        format!("no rule has the log source of the filter `{title}`"),
                    );
                }
            }
        }
        warnings
    }
}

impl Filter {
    fn of(content: &Map<String, Value>, document: usize) -> Option<Self> {
        let section = content.get("filter")?.as_object()?;
        let rules: Vec<&str> = match section.get("rules")? {
            Value::String(any) if any.eq_ignore_ascii_case("any") => Vec::new(),
            Value::String(word) => vec![word],
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let reference = |word: &str| Reference {
            word: word.to_owned(),
            found: AtomicBool::new(false),
        };
        Some(Self {
            title: content.get("title")?.as_str()?.to_owned(),
            document,
            source: source_of(content.get("logsource")?.as_object()?),
            rules: rules.into_iter().map(reference).collect(),
            used: AtomicBool::new(false),
        })
    }

    /// Whether the filter is for the rule; what names it counts as found.
    fn is_for(&self, target: &Target<'_>) -> bool {
        let is = |word: &str| {
            target.id.is_some_and(|id| id.eq_ignore_ascii_case(word)) || target.name == Some(word)
        };
        let mut named = self.rules.is_empty();
        for rule in self.rules.iter().filter(|rule| is(&rule.word)) {
            rule.found.store(true, Ordering::Relaxed);
            named = true;
        }
        let says = |own: &Option<String>, other: &Option<String>| own.is_none() || own == other;
        let (own, other) = (&self.source, &target.source);
        let fits = says(&own.product, &other.product)
            && says(&own.category, &other.category)
            && says(&own.service, &other.service);
        if named && fits {
            self.used.store(true, Ordering::Relaxed);
        }
        named && fits
    }
}

/// The run's filters and those of a file, for the rules of that file.
pub(super) struct Applying<'f> {
    run: &'f Filters,
    own: Filters,
    /// The file whose rules are filtered.
    id: SourceId,
    path: PathBuf,
}

impl<'f> Applying<'f> {
    /// For the rules of the file with this number.
    pub(super) fn new(run: &'f Filters, id: SourceId, sources: &Sources) -> Self {
        let mut own = Filters::default();
        let source = sources.get(id);
        let path = source.map_or_else(PathBuf::new, |source| source.path().to_owned());
        if let Some(source) = source.filter(|_| !run.holds(&path)) {
            own.add(&path, source.shared_text());
        }
        Self { run, own, id, path }
    }

    /// The rule with the conditions of the filters that are for it; nothing where one cannot be read.
    pub(super) fn apply(
        &self,
        mut rule: Rule,
        target: &Target<'_>,
        sources: &mut Sources,
        read: &Read<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rule> {
        for file in self.run.files.iter().chain(&self.own.files) {
            for filter in file.filters.iter().filter(|filter| filter.is_for(target)) {
                let known = if file.path == self.path {
                    Some(self.id)
                } else {
                    sources.find(&file.path)
                };
                let id = known.unwrap_or_else(|| sources.add(&file.path, Arc::clone(&file.text)));
                let documents = yaml::parse(id, &file.text).unwrap_or_default();
                let parsed = documents.into_iter().nth(filter.document)?;
                let value = parsed.value.ok()?;
                let mut scope = Scope {
                    document: &parsed.document,
                    file: &file.text,
                    map: target.map,
                    placeholders: &read.tuning.placeholders,
                    diagnostics,
                };
                let condition = condition(&mut scope, value.get("filter")?.as_object()?)?;
                rule.selection = rule.selection.and(condition);
            }
        }
        Some(rule)
    }
}

fn condition(scope: &mut Scope<'_, '_>, section: &Map<String, Value>) -> Option<Condition> {
    if !section.get("condition").is_some_and(Value::is_string) {
        let span = scope.document.key_span(&[Step::Key("filter")]);
        scope.error(
            Code::SigmaCondition,
            "a filter requires one `condition`",
            span,
        );
        return None;
    }
    detection::lower(scope, Section::Filter, section)
}

/// Reports what is wrong with a filter on its own.
pub(super) fn validate(read: &Read<'_>, diagnostics: &mut Diagnostics) {
    let document = read.document;
    let place = |key: &str| document.span(&[Step::Key(key)]).or(Some(document.whole()));
    let mut wrong = |message: &str, key: &str| {
        diagnostics.push(Diagnostic::error(Code::YamlShape, message).at(place(key)));
    };
    if !read.content.get("title").is_some_and(Value::is_string) {
        wrong("a filter requires a `title`", "title");
    }
    let Some(Value::Object(source)) = read.content.get("logsource") else {
        return wrong("a filter requires a `logsource`", "logsource");
    };
    let Some(Value::Object(section)) = read.content.get("filter") else {
        return wrong(
            "a filter requires a `filter` with `rules`, searches and a condition",
            "filter",
        );
    };
    let named = match section.get("rules") {
        Some(Value::String(_)) => true,
        Some(Value::Array(words)) => words.iter().all(Value::is_string),
        _ => false,
    };
    if !named {
        wrong(
            "`rules` requires `any`, or the ids and names of rules",
            "filter",
        );
    }
    let map = read
        .crosswalk
        .by_sigma(&source_of(source))
        .map(|(map, _)| map);
    let mut scope = Scope {
        document,
        file: read.file,
        map,
        placeholders: &read.tuning.placeholders,
        diagnostics,
    };
    condition(&mut scope, section);
}

/// Warns of a filter whose condition leaves nothing out, as nothing in it is negated.
pub(super) fn check(document: &Document<'_>, content: &Value, diagnostics: &mut Diagnostics) {
    let section = content.get("filter").and_then(Value::as_object);
    let Some(condition) = section.and_then(|section| section.get("condition")?.as_str()) else {
        return;
    };
    let mut words = condition.split(|c: char| c.is_whitespace() || "()".contains(c));
    if words.any(|word| word.eq_ignore_ascii_case("not")) {
        return;
    }
    let message =
        "the filter keeps only the events that it matches, as its condition is joined by `and`";
    let help = format!("to leave these events out, write `not ({condition})`");
    let span = document.span(&[Step::Key("filter"), Step::Key("condition")]);
    diagnostics.push(
        Diagnostic::warning(Code::SigmaFilter, message)
            .at(span)
            .help(help),
    );
}
