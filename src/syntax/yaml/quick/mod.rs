//! The YAML that people write, in one pass: values and places of block collections here, of [`flow`] collections and quoted
//! scalars, of [`plain`] scalars and of [`block`] scalars beside.
//!
//! Every function may give up with `None`, and does so for whatever is rare, disputed among readers of YAML, or wrong: tags,
//! anchors, directives, complex keys, keys that are no texts or stand twice, tabs between tokens, integers of more than 64 bits,
//! characters that end a line in one version of YAML only, documents without content. The text is then read by
//! [`thorough`](super::thorough).
//! Invariant: what is not given up is read as `thorough` reads it, places included; a test compares them.

mod block;
mod flow;
mod plain;

use serde_json::{Map, Value};

use super::{Content, MAX_DEPTH, Node};
use crate::source::TextRange;

/// A value with its places.
type Read<'t> = Option<(Node<'t>, Value)>;

/// How long a key may be. YAML's own bound is a little more.
const LONGEST_KEY: usize = 1000;

/// The documents of a text.
pub(super) fn documents(text: &str) -> Option<Vec<(Node<'_>, Value)>> {
    if !is_ordinary(text) {
        return None;
    }
    let mut reader = Reader {
        text,
        at: 0,
        line: 0,
        depth: 0,
    };
    let mut documents = Vec::new();
    reader.to_token()?;
    while reader.at < text.len() {
        documents.push(reader.document()?);
    }
    Some(documents)
}

/// Whether all versions of YAML agree on the text's characters, and on where its lines end.
fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Without a way out in between, so that many bytes are looked at in one step.
    let controls = bytes.iter().fold(false, |found, byte| {
        let is_space = (*byte == b'\t') | (*byte == b'\n') | (*byte == b'\r');
        found | ((*byte < b' ') & !is_space) | (*byte == 0x7f)
    });
    let is_rare = |c: char| {
        matches!(
            c,
            '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    let lonely_return = || {
        let mut returns = text.match_indices('\r');
        returns.any(|(at, _)| bytes.get(at + 1) != Some(&b'\n'))
    };
    !controls
        && (!bytes.contains(&b'\r') || !lonely_return())
        && (text.is_ascii() || !text.chars().any(is_rare))
}

/// What stands at the start of a line, or behind a dash.
enum Token<'t> {
    /// A key; its colon is next.
    Key(Node<'t>),
    /// A value; the next token is next.
    Value(Node<'t>, Value),
}

/// A place in the text. Columns are in bytes: what stands before a token that matters is spaces and dashes. The column of a
/// collection around others is `None` where there is none, which is less than any.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Where the line of `at` starts.
    line: usize,
    /// Collections around the place.
    depth: usize,
}

impl<'t> Reader<'t> {
    /// The byte at a place; the end of the text looks like that of a line.
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(b'\n')
    }

    /// The byte at the current place.
    fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    /// Whether a line ends at the current place.
    fn is_line_end(&self) -> bool {
        matches!(self.peek(), b'\n' | b'\r')
    }

    /// Whether white space is at a place.
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r')
    }

    /// Where the line ends that a place is in.
    fn line_end(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let rest = self.text.get(at..).and_then(|rest| rest.find('\n'));
        let end = rest.map_or(bytes.len(), |length| at + length);
        end - usize::from(end > at && bytes.get(end - 1) == Some(&b'\r') && end < bytes.len())
    }

    /// The start of the line after the one that ends at a place; nothing at the end of the text.
    fn line_after(&self, end: usize) -> Option<usize> {
        let next = end + 1 + usize::from(self.byte(end) == b'\r');
        (end < self.text.len()).then_some(next)
    }

    /// The place of the first byte from `at` on that is no space.
    fn behind_spaces(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| **byte == b' ').count()
    }

    /// The column of the current token; nothing at the end of the document.
    fn column(&self) -> Option<usize> {
        (self.at < self.text.len() && !self.is_marker("---")).then(|| self.at - self.line)
    }

    /// Whether a line starts here with a mark between documents.
    fn is_marker(&self, mark: &str) -> bool {
        self.at == self.line && self.is_word(mark)
    }

    /// Whether a word is here.
    fn is_word(&self, word: &str) -> bool {
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        bytes.starts_with(word.as_bytes()) && self.is_blank(self.at + word.len())
    }

    /// Whether an entry of a sequence starts here.
    fn is_dash(&self) -> bool {
        self.peek() == b'-' && self.is_blank(self.at + 1)
    }

    /// Goes over spaces, and a comment behind them.
    fn gap(&mut self) -> Option<()> {
        let start = self.at;
        self.at = self.behind_spaces(start);
        match self.peek() {
            b'#' if self.at > start || start == self.line => self.at = self.line_end(self.at),
            b'#' | b'\t' => return None,
            _ => {}
        }
        Some(())
    }

    /// Goes from the start of a line to the first token on it or behind it.
    fn to_token(&mut self) -> Option<()> {
        loop {
            self.gap()?;
            if !self.is_line_end() {
                break;
            }
            match self.line_after(self.at) {
                Some(next) => (self.at, self.line) = (next, next),
                None => break,
            }
        }
        (!self.is_marker("...")).then_some(())
    }

    /// Goes to the next token, which must be on a later line.
    fn finish_line(&mut self) -> Option<()> {
        self.gap()?;
        self.is_line_end().then_some(())?;
        self.to_token()
    }

    /// One more collection around the place.
    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn document(&mut self) -> Read<'t> {
        if self.is_marker("---") {
            self.at += 3;
            self.finish_line()?;
        }
        let (node, value) = self.node(None)?;
        let is_whole = self.column().is_none() && (value.is_object() || value.is_array());
        is_whole.then_some((node, value))
    }

    /// The value that starts here, in a collection at `parent`.
    fn node(&mut self, parent: Option<usize>) -> Read<'t> {
        let column = self.column()?;
        if self.is_dash() {
            return self.sequence(column, false);
        }
        if matches!(self.peek(), b'|' | b'>') {
            return self.block_scalar(parent);
        }
        match self.token(parent)? {
            Token::Key(key) => self.mapping(column, key),
            Token::Value(node, value) => Some((node, value)),
        }
    }

    fn token(&mut self, parent: Option<usize>) -> Option<Token<'t>> {
        let line = self.line;
        let (node, value) = match self.peek() {
            b'[' | b'{' => self.flow(parent)?,
            b'"' | b'\'' => {
                let node = self.quoted(parent)?;
                if self.peek() == b':' {
                    let is_key = self.is_blank(self.at + 1) && self.line == line;
                    let is_short = self.at - node.range.start as usize <= LONGEST_KEY;
                    return (is_key && is_short).then_some(Token::Key(node));
                }
                let value = node.as_text()?.into();
                (node, value)
            }
            _ => return self.plain(parent),
        };
        self.finish_line()?;
        Some(Token::Value(node, value))
    }

    /// A mapping whose keys are at the column, behind its first key.
    fn mapping(&mut self, column: usize, first: Node<'t>) -> Read<'t> {
        self.enter()?;
        let start = first.range.start as usize;
        let mut range = TextRange::new(start, start);
        let (mut entries, mut values) = (Vec::new(), Vec::new());
        let mut key = first;
        loop {
            let (node, value) = self.value(column)?;
            range = range.cover(node.range);
            entries.push((key, node));
            values.push(value);
            match self.column() {
                next if next < Some(column) => break,
                next if next > Some(column) => return None,
                _ => {}
            }
            let Token::Key(next) = self.token(Some(column))? else {
                return None;
            };
            key = next;
        }
        self.depth -= 1;
        mapped(range, entries, values)
    }

    /// The value of a key of a block mapping; its colon is here.
    fn value(&mut self, column: usize) -> Read<'t> {
        let colon = self.at;
        self.at += 1;
        self.gap()?;
        if !self.is_line_end() {
            return self.value_on_line(column);
        }
        self.finish_line()?;
        match self.column() {
            next if next > Some(column) => self.node(Some(column)),
            next if next == Some(column) && self.is_dash() => self.sequence(column, true),
            _ => Some(empty(colon)),
        }
    }

    /// The value that stands on the line of its key, where no block collection can start.
    fn value_on_line(&mut self, column: usize) -> Read<'t> {
        if matches!(self.peek(), b'|' | b'>') {
            return self.block_scalar(Some(column));
        }
        match self.token(Some(column))? {
            Token::Key(_) => None,
            Token::Value(node, value) => Some((node, value)),
        }
    }

    /// A sequence whose dashes are at the column, which may be that of the keys `beside` it.
    fn sequence(&mut self, column: usize, beside: bool) -> Read<'t> {
        self.enter()?;
        let start = self.at;
        let (mut nodes, mut items) = (Vec::new(), Vec::new());
        let mut range = TextRange::new(start, start);
        while self.column() == Some(column) && self.is_dash() {
            self.at += 1;
            self.gap()?;
            let behind = self.at;
            if beside && nodes.is_empty() {
                range = TextRange::new(behind, behind);
            }
            if self.is_line_end() {
                self.finish_line()?;
            }
            let (node, value) = if self.column() > Some(column) {
                self.node(Some(column))?
            } else {
                empty(behind)
            };
            range = range.cover(node.range);
            nodes.push(node);
            items.push(value);
        }
        self.depth -= 1;
        let next = self.column();
        let is_over = next < Some(column) || (beside && next == Some(column));
        let content = Content::Sequence(nodes);
        is_over.then_some((Node { range, content }, Value::Array(items)))
    }
}

/// A value that is not written.
fn empty(at: usize) -> (Node<'static>, Value) {
    (Node::scalar(TextRange::new(at, at), "~"), Value::Null)
}

/// A mapping of these entries; nothing where a key stands twice.
fn mapped<'t>(
    range: TextRange,
    entries: Vec<(Node<'t>, Node<'t>)>,
    values: Vec<Value>,
) -> Read<'t> {
    let mut map = Map::with_capacity(values.len());
    for ((key, _), value) in entries.iter().zip(values) {
        let before = map.insert(key.as_text()?.to_owned(), value);
        before.is_none().then_some(())?;
    }
    let content = Content::Mapping(entries);
    Some((Node { range, content }, Value::Object(map)))
}

/// Adds what line ends within a scalar mean, of which the text has one for all but the first.
fn fold(text: &mut String, line_ends: usize) {
    if line_ends == 1 {
        text.push(' ');
    }
    text.extend(std::iter::repeat_n('\n', line_ends.saturating_sub(1)));
}
