//! Python text to a module tree, through ruff's parser.
//!
//! The only file that names the parser. Before it parses, it bounds how deeply the text can nest, since the parser and every
//! walk over its tree recurse: brackets, blocks, and chains of operators. Invariant: a tree that this module hands out has
//! no branch deeper than a few hundred nodes. Refuses, with a span: syntax errors, and nesting past the bounds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_text_size::Ranged;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span, TextRange};

/// Open brackets, and operators in the expressions around one place, that a text may have.
const EXPRESSION_LIMIT: usize = 150;
/// Blocks within blocks that a text may have.
const BLOCK_LIMIT: usize = 40;

/// A module tree.
pub type Tree = Arc<Vec<ast::Stmt>>;

/// The trees of texts that are asked for again and again, by their text.
#[derive(Debug, Default)]
pub struct Trees(Mutex<BTreeMap<String, Tree>>);

impl Trees {
    /// The module that the text spells, parsed now or before. The error points into `source`.
    pub fn parse(&self, source: SourceId, text: &str) -> Result<Tree, Box<Diagnostic>> {
        let known = self.0.lock().ok();
        if let Some(tree) = known.and_then(|known| known.get(text).cloned()) {
            return Ok(tree);
        }
        let tree = parse(source, text)?;
        if let Ok(mut known) = self.0.lock() {
            known.insert(text.to_owned(), Arc::clone(&tree));
        }
        Ok(tree)
    }
}

/// The module that the text spells. The error points into `source`.
pub fn parse(source: SourceId, text: &str) -> Result<Tree, Box<Diagnostic>> {
    if let Some(range) = Nesting::new(text).first_excess() {
        return Err(Box::new(
            Diagnostic::error(
                Code::PythonNesting,
                "the Python must be nested less deeply than this",
            )
            .at(Span::new(source, range)),
        ));
    }
    match rustpython_ruff_python_parser::parse_module(text) {
        Ok(parsed) => Ok(Arc::new(parsed.into_syntax().body)),
        Err(error) => Err(Box::new(
            Diagnostic::error(Code::PythonSyntax, lower_first(&error.error.to_string()))
                .at(span_of(source, &error.location)),
        )),
    }
}

/// The span of a node of the tree of `source`.
pub fn span_of(source: SourceId, node: &impl Ranged) -> Span {
    let range = node.range();
    Span::new(
        source,
        TextRange {
            start: range.start().to_u32(),
            end: range.end().to_u32(),
        },
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// What one pair of brackets, or the line outside of all brackets, holds open.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators since the last comma, `and` or `or`.
    chain: usize,
    /// `else` and `lambda` since the last comma.
    right: usize,
}

/// A scan over the text that counts what makes a tree deep. It need not tokenize exactly: it may only count too much.
struct Nesting<'t> {
    bytes: &'t [u8],
    at: usize,
    levels: Vec<Level>,
    blocks: Vec<usize>,
}

impl<'t> Nesting<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            levels: vec![Level::default()],
            blocks: Vec::new(),
        }
    }

    /// The first place that is nested too deeply.
    fn first_excess(mut self) -> Option<TextRange> {
        let mut line_starts = true;
        while let Some(&byte) = self.bytes.get(self.at) {
            if line_starts && self.levels.len() == 1 {
                self.indentation();
            }
            let start = self.at;
            line_starts = byte == b'\n';
            self.token();
            let depth: usize = self
                .levels
                .iter()
                .map(|level| 1 + level.chain + level.right)
                .sum();
            if depth > EXPRESSION_LIMIT || self.blocks.len() > BLOCK_LIMIT {
                return Some(TextRange::new(start, self.at.max(start + 1)));
            }
        }
        None
    }

    /// Counts the blocks that the line at the current position stands in.
    fn indentation(&mut self) {
        let width = self.bytes[self.at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c'))
            .count();
        let first = self.bytes.get(self.at + width);
        if matches!(first, None | Some(b'\n' | b'\r' | b'#')) {
            return;
        }
        while self.blocks.last().is_some_and(|open| *open >= width) {
            self.blocks.pop();
        }
        if width > 0 {
            self.blocks.push(width);
        }
    }

    /// Reads one token and counts it.
    fn token(&mut self) {
        let byte = self.bytes[self.at];
        match byte {
            b'#' => self.skip_while(|byte| byte != b'\n'),
            b'"' | b'\'' => self.string(byte, false),
            b'(' | b'[' | b'{' => {
                self.at += 1;
                self.levels.push(Level::default());
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                if self.levels.len() > 1 {
                    self.levels.pop();
                }
                self.change(|level| level.chain += 1);
            }
            b'\n' => {
                self.at += 1;
                if let [only] = self.levels.as_mut_slice() {
                    *only = Level::default();
                }
            }
            b',' | b';' => {
                self.at += 1;
                self.change(|level| *level = Level::default());
            }
            b'.' | b'+' | b'-' | b'~' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'<'
            | b'>' | b'=' | b'!' => {
                self.skip_while(|other| {
                    other == byte && byte != b'-' && byte != b'+' && byte != b'~'
                });
                self.at += usize::from(matches!(byte, b'-' | b'+' | b'~'));
                self.change(|level| level.chain += 1);
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => self.word(),
            b'\\' => self.at = (self.at + 2).min(self.bytes.len()),
            _ => self.at += 1,
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Level)) {
        if let Some(level) = self.levels.last_mut() {
            change(level);
        }
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| keep(*byte)) {
            self.at += 1;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80);
        let word = &self.bytes[start..self.at];
        match word {
            b"and" | b"or" => self.change(|level| level.chain = 0),
            b"not" | b"await" | b"in" | b"is" | b"yield" => self.change(|level| level.chain += 1),
            b"else" | b"lambda" | b"for" | b"if" => self.change(|level| level.right += 1),
            _ => {
                if let Some(quote @ (b'"' | b'\'')) = self.bytes.get(self.at).copied()
                    && word.len() <= 2
                {
                    let interpolated = word
                        .iter()
                        .any(|byte| matches!(byte.to_ascii_lowercase(), b'f' | b't'));
                    self.string(quote, interpolated);
                }
            }
        }
    }

    /// Skips a text constant; the brackets of an interpolated one count while it lasts.
    fn string(&mut self, quote: u8, interpolated: bool) {
        let triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        let outside = self.levels.len();
        let mut deepest = outside;
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == quote && (!triple || self.bytes[self.at..].starts_with(&[quote; 3])) {
                self.at += if triple { 3 } else { 1 };
                break;
            }
            match byte {
                b'\n' if !triple => break,
                b'\\' => self.at += 1,
                b'(' | b'[' | b'{' if interpolated => self.levels.push(Level::default()),
                b')' | b']' | b'}' if interpolated && self.levels.len() > outside => {
                    self.levels.pop();
                }
                _ if interpolated
                    && self.levels.len() > outside
                    && !byte.is_ascii_alphanumeric()
                    && byte != b' ' =>
                {
                    self.change(|level| level.chain += 1);
                }
                _ => {}
            }
            deepest = deepest.max(self.depth());
            if deepest > EXPRESSION_LIMIT {
                return;
            }
            self.at += 1;
        }
        self.levels.truncate(outside);
    }

    fn depth(&self) -> usize {
        self.levels
            .iter()
            .map(|level| 1 + level.chain + level.right)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        parse(SourceId(0), text).err().map(|error| error.code)
    }

    #[test]
    fn a_syntax_error_has_a_place() {
        let error = parse(SourceId(0), "def rule(event):\n    return (1 +\n").unwrap_err();
        assert_eq!(error.code, Code::PythonSyntax);
        assert!(!error.labels.is_empty());
    }

    #[test]
    fn no_nesting_exhausts_the_stack() {
        for text in [
            format!("x = {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
            "[".repeat(100_000),
            format!("x = {}1", "-".repeat(50_000)),
            format!("x = {}1", "not ".repeat(50_000)),
            format!("x = {}1", "lambda: ".repeat(50_000)),
            format!("x = {}1", "1 if a else ".repeat(50_000)),
            format!("x = {}1", "1 and 2 if a else ".repeat(50_000)),
            format!("x = a{}", "(0)[1]".repeat(50_000)),
            format!("x = a{}", ".b".repeat(50_000)),
            format!("x = a{}", "()".repeat(50_000)),
            format!("x = a{}", "[0]".repeat(50_000)),
            format!("x = 1{}", " ** 1".repeat(50_000)),
            format!("x = 1{}", " + 1".repeat(50_000)),
            format!("x = f'{}1{}'", "{(".repeat(10_000), ")}".repeat(10_000)),
            (0..2_000).fold(String::new(), |text, depth| {
                text + &" ".repeat(depth) + "if a:\n"
            }),
        ] {
            assert_eq!(
                code(&text),
                Some(Code::PythonNesting),
                "{}",
                &text[..20.min(text.len())]
            );
        }
    }

    #[test]
    fn wide_is_not_deep() {
        for text in [
            format!("X = [{}]", "re.compile('a'), ".repeat(5_000)),
            format!("X = {}b", "a.get('x') == 1 or ".repeat(5_000)),
            "x = 1\n".repeat(5_000),
            "def f(a):\n    if a:\n        return f\"{a} {{b}}\"\n".repeat(500),
        ] {
            assert_eq!(code(&text), None);
        }
    }
}
