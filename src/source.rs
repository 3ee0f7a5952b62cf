//! Source files and positions in them.
//!
//! A [`Span`] is a byte range of one source file. Text that is embedded in another file (the KQL of a YAML block scalar) is
//! parsed with ranges of its own; an [`Embedded`] maps those back to the file, so that every diagnostic points at the line
//! the author wrote. Invariant: a span never leaves its file, whatever the mapping was given.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

/// A half-open byte range `start..end` of some text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextRange {
    /// First byte of the range.
    pub start: u32,
    /// The byte after the last one of the range.
    pub end: u32,
}

impl TextRange {
    /// The range `start..end`; offsets past 4 GiB are clamped.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The smallest range that contains both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The range as indices into the text it belongs to.
    pub fn indices(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The number of a source in its [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A range of one source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// The bytes of the file.
    pub range: TextRange,
}

impl Span {
    /// The span of `range` in `source`.
    pub fn new(source: SourceId, range: TextRange) -> Self {
        Self { source, range }
    }

    /// The smallest span that contains both; `self` where they stand in different files.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        if self.source == other.source {
            Self::new(self.source, self.range.cover(other.range))
        } else {
            self
        }
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line number, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where each line of a text starts.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// The index of `text`; lines end at `\n`.
    pub fn new(text: &str) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        let ends = text.match_indices('\n');
        starts.extend(ends.map(|(at, _)| clamp(at + 1)));
        Self { starts }
    }

    /// The zero-based line that holds `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// The offset at which the zero-based `line` starts.
    pub fn start_of(&self, line: usize) -> Option<u32> {
        self.starts.get(line).copied()
    }
}

fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// One file of the compilation: its path as it is shown, its text and its line index.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
    /// Found out when it is asked for: most files have nothing said about them.
    lines: OnceLock<LineIndex>,
}

impl Source {
    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The path as given by the caller.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, for who needs it longer than the file.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The text of `range`, cut to the file and to character boundaries.
    pub fn slice(&self, range: TextRange) -> &str {
        let floor = |at: u32| {
            let mut at = (at as usize).min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(range.start);
        &self.text[start..floor(range.end).max(start)]
    }

    /// The line and column of `offset`.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.lines().line_of(offset);
        let start = self.lines().start_of(line).unwrap_or(0);
        let column = self.slice(TextRange { start, end: offset }).chars().count() + 1;
        Position {
            line: line + 1,
            column,
        }
    }

    /// The text of the zero-based `line` without its line end.
    pub fn line(&self, line: usize) -> &str {
        let start = self
            .lines()
            .start_of(line)
            .unwrap_or_else(|| clamp(self.text.len()));
        let end = self
            .lines()
            .start_of(line + 1)
            .unwrap_or_else(|| clamp(self.text.len()));
        self.slice(TextRange { start, end })
            .trim_end_matches(['\n', '\r'])
    }

    /// The zero-based line that holds `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.lines().line_of(offset)
    }
}

/// All files of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// The first file of each path.
    numbers: FxHashMap<PathBuf, SourceId>,
}

impl Sources {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file and returns its number.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> SourceId {
        let text = text.into();
        let lines = OnceLock::new();
        let (path, id) = (path.into(), SourceId(clamp(self.files.len())));
        self.numbers.entry(path.clone()).or_insert(id);
        self.files.push(Source { path, text, lines });
        id
    }

    /// The file with number `id`; ids come from [`Sources::add`] of the same value.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// Every file, in the order in which they were added.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// The number of the file with this path, if it was added.
    pub fn find(&self, path: &Path) -> Option<SourceId> {
        self.numbers.get(path).copied()
    }

    /// The text under `span`.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source)
            .map_or("", |source| source.slice(span.range))
    }
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It is no text from this byte on.
    NotUtf8(usize),
}

/// How a frontend reaches files beside the one it was given (a rule's Python file, helper modules).
///
/// The library does no input or output of its own: the command line gives it the file system, tests give it a map.
pub trait Loader {
    /// The bytes of the file at `path`, or `None` where there is no such file; any other failure is an error text.
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String>;

    /// The text of a file that further rules may ask for, too, or `None` where there is no such file. A loader may keep it.
    fn text(&self, path: &Path) -> Result<Option<Arc<str>>, Unusable> {
        let loaded = self.load(path).map_err(Unusable::Unreadable)?;
        loaded.map(decoded).transpose()
    }

    /// The YAML files in the folder of the file, without those below.
    fn beside(&self, path: &Path) -> Vec<PathBuf> {
        let _ = path;
        Vec::new()
    }

    /// The YAML files in the folder and in those below it, a folder's own files first; none where there is no such folder.
    fn documents(&self, folder: &Path) -> Vec<PathBuf> {
        let _ = folder;
        Vec::new()
    }

    /// Further folders in which the modules that a rule imports may stand, the first that has one winning.
    fn helpers(&self) -> &[PathBuf] {
        &[]
    }
}

/// The text of a file's bytes.
pub fn decoded(bytes: Vec<u8>) -> Result<Arc<str>, Unusable> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => Err(Unusable::NotUtf8(error.utf8_error().valid_up_to())),
    }
}

/// Whether a file's name ends as those of YAML files do.
pub fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("yml") || extension.eq_ignore_ascii_case("yaml")
    })
}

/// A loader that knows no file at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _path: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

/// Files held in memory, by path.
impl Loader for indexmap::IndexMap<PathBuf, Vec<u8>> {
    fn load(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(self.get(path).cloned())
    }

    fn text(&self, path: &Path) -> Result<Option<Arc<str>>, Unusable> {
        let text = |bytes| std::str::from_utf8(bytes).map(Arc::from);
        let text = self.get(path).map(|bytes| text(bytes)).transpose();
        text.map_err(|error| Unusable::NotUtf8(error.valid_up_to()))
    }

    fn beside(&self, path: &Path) -> Vec<PathBuf> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let below = self.keys().filter(|other| may_be_below(other, folder));
        let here = below.filter(|other| other.parent() == path.parent());
        here.filter(|path| is_yaml(path)).cloned().collect()
    }

    fn documents(&self, folder: &Path) -> Vec<PathBuf> {
        let below = self.keys().filter(|path| may_be_below(path, folder));
        let below = below.filter(|path| path.starts_with(folder));
        let mut found: Vec<PathBuf> = below.filter(|path| is_yaml(path)).cloned().collect();
        found.sort_by(|a, b| (a.parent(), a.file_name()).cmp(&(b.parent(), b.file_name())));
        found
    }
}

/// Whether the folder's name stands in the path, which is found out faster than where.
fn may_be_below(path: &Path, folder: &Path) -> bool {
    let name = folder.file_name().and_then(OsStr::to_str).unwrap_or("");
    path.to_str().is_none_or(|path| path.contains(name))
}

/// Text embedded in a file, with the mapping of its offsets to the file's.
#[derive(Clone, Debug)]
pub struct Embedded {
    source: SourceId,
    /// `(inner, outer)` offsets at which a run of equal bytes starts, ascending in both.
    runs: Vec<(u32, u32)>,
    /// The outer offset that the end of the text maps to.
    end: u32,
}

impl Embedded {
    /// A mapping from runs of equal bytes: each pair says which outer offset an inner offset stands at.
    pub fn new(source: SourceId, runs: Vec<(u32, u32)>, end: u32) -> Self {
        Self { source, runs, end }
    }

    /// The text is the whole file.
    pub fn whole(source: SourceId) -> Self {
        Self {
            source,
            runs: vec![(0, 0)],
            end: u32::MAX,
        }
    }

    /// The file that holds the text.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// The span in the file of a range of the text.
    pub fn span(&self, inner: TextRange) -> Span {
        let start = self.outer(inner.start);
        let last = if inner.end > inner.start {
            self.outer(inner.end - 1).saturating_add(1)
        } else {
            start
        };
        Span::new(
            self.source,
            TextRange {
                start,
                end: last.max(start),
            },
        )
    }

    fn outer(&self, inner: u32) -> u32 {
        let at = self.runs.partition_point(|(start, _)| *start <= inner);
        match at.checked_sub(1).and_then(|at| self.runs.get(at)) {
            Some((from, to)) => (to + (inner - from)).min(self.end),
            None => self.end,
        }
    }
}
