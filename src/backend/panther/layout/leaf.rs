//! The leaves of a logical line: its tokens, with the invisible parentheses that Black puts around the expression of a
//! statement.

use unicode::columns;

/// What a leaf is, as far as splitting asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A bracket that opens; `atom` where it encloses an expression or a display rather than the arguments of a call.
    Open {
        /// Not a call's, not an index's.
        atom: bool,
    },
    /// A bracket that closes.
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `=` of an assignment, outside of any bracket.
    Assign,
    /// `==`, `!=`, `<`, `>`, `<=`, `>=`.
    Comparator,
    /// Anything else: `:`, the `=` of a keyword argument.
    Other,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'t> {
    pub(super) text: &'t str,
    /// Whether a space stands before it, where it is not the first of a line.
    pub(super) space: bool,
    pub(super) kind: Kind,
    /// The other bracket of the pair.
    pub(super) pair: Option<usize>,
}

/// All leaves of a statement; lines hold indices into it, so that a pair of invisible parentheses that becomes visible does so
/// in every line.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaves<'t> {
    all: Vec<Leaf<'t>>,
}

impl<'t> std::ops::Index<usize> for Leaves<'t> {
    type Output = Leaf<'t>;

    fn index(&self, at: usize) -> &Leaf<'t> {
        &self.all[at]
    }
}

/// The columns that a line takes up.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(columns).sum()
}

mod unicode {
    //! The columns of a character, as terminals show it.

    /// Two for the wide characters of East Asia and for emoji, none for combining marks, else one.
    pub(super) fn columns(c: char) -> usize {
        match u32::from(c) {
            0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
            0x1100..=0x115f
            | 0x2e80..=0x303e
            | 0x3041..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff01..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd => 2,
            _ => 1,
        }
    }
}

impl<'t> Leaves<'t> {
    /// The leaves of a statement, its expression in invisible parentheses; `None` where the brackets do not match.
    pub(super) fn of_statement(text: &'t str) -> Option<Self> {
        let mut leaves = Self { all: tokens(text)? };
        leaves.link()?;
        let start = leaves.expression_start();
        let end = leaves.expression_end();
        if start < end && !leaves.is_tuple(start, end) {
            leaves.enclose(start, end);
        }
        Some(leaves)
    }

    /// The leaves of an item of a display.
    pub(super) fn of_item(text: &'t str) -> Option<Self> {
        let mut leaves = Self { all: tokens(text)? };
        leaves.link()?;
        Some(leaves)
    }

    /// How many leaves there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds a leaf that belongs to no statement, such as a comma at the end.
    pub(super) fn push(&mut self, leaf: Leaf<'t>) -> usize {
        self.all.push(leaf);
        self.all.len() - 1
    }

    /// Makes a pair of parentheses visible.
    pub(super) fn show(&mut self, open: usize, close: usize) {
        for (at, text) in [(open, "("), (close, ")")] {
            if self.all[at].text.is_empty() {
                self.all[at].text = text;
            }
        }
    }

    /// Copies of the leaves, with their pairs.
    pub(super) fn duplicate(&mut self, leaves: &[usize]) -> Vec<usize> {
        let first = self.all.len();
        let place = |old: usize| {
            leaves
                .iter()
                .position(|leaf| *leaf == old)
                .map(|at| first + at)
        };
        let copies: Vec<Leaf<'t>> = leaves
            .iter()
            .map(|&old| Leaf {
                pair: self.all[old].pair.and_then(place),
                ..self.all[old]
            })
            .collect();
        self.all.extend(copies);
        (first..self.all.len()).collect()
    }

    /// Gives every bracket its pair.
    fn link(&mut self) -> Option<()> {
        let mut open = Vec::new();
        for at in 0..self.all.len() {
            match self.all[at].kind {
                Kind::Open { .. } => open.push(at),
                Kind::Close => {
                    let start = open.pop()?;
                    self.all[start].pair = Some(at);
                    self.all[at].pair = Some(start);
                }
                _ => {}
            }
        }
        open.is_empty().then_some(())
    }

    /// The first leaf of the statement's expression.
    fn expression_start(&self) -> usize {
        if matches!(
            self.all.first().map(|leaf| leaf.text),
            Some("return" | "if" | "elif")
        ) {
            return 1;
        }
        let assign = self.all.iter().position(|leaf| leaf.kind == Kind::Assign);
        assign.map_or(self.all.len(), |at| at + 1)
    }

    /// The leaf after the last one of the statement's expression.
    fn expression_end(&self) -> usize {
        let colon = self.all.last().is_some_and(|leaf| leaf.text == ":");
        self.all.len() - usize::from(colon)
    }

    /// Whether the leaves are one tuple, whose own parentheses serve.
    fn is_tuple(&self, start: usize, end: usize) -> bool {
        let mut depth = 0usize;
        let mut has_comma = false;
        for leaf in &self.all[start..end] {
            match leaf.kind {
                Kind::Open { .. } => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Comma if depth == 1 => has_comma = true,
                _ => {}
            }
        }
        let whole = self.all[start].text == "(" && self.all[start].pair == Some(end - 1);
        whole && has_comma
    }

    /// Puts invisible parentheses around the leaves.
    fn enclose(&mut self, start: usize, end: usize) {
        let bracket = |kind, space| Leaf {
            text: "",
            space,
            kind,
            pair: None,
        };
        let space = std::mem::replace(&mut self.all[start].space, false);
        self.all.insert(end, bracket(Kind::Close, false));
        self.all
            .insert(start, bracket(Kind::Open { atom: true }, space));
        // The indices of the pairs have moved; the brackets matched before, so they do again.
        let _ = self.link();
    }
}

fn tokens(text: &str) -> Option<Vec<Leaf<'_>>> {
    let mut leaves: Vec<Leaf<'_>> = Vec::new();
    let mut rest = text;
    let mut depth = 0usize;
    while !rest.is_empty() {
        let trimmed = rest.trim_start_matches(' ');
        let space = trimmed.len() < rest.len();
        let previous = leaves.last().map(|leaf| leaf.kind);
        let called = !space && matches!(previous, Some(Kind::Name | Kind::Close | Kind::Text));
        let (length, kind) = token(trimmed, called, depth)?;
        match kind {
            Kind::Open { .. } => depth += 1,
            Kind::Close => depth = depth.checked_sub(1)?,
            _ => {}
        }
        let (token, after) = trimmed.split_at(length);
        leaves.push(Leaf {
            text: token,
            space,
            kind,
            pair: None,
        });
        rest = after;
    }
    Some(leaves)
}

/// The length and kind of the token that the text starts with. `called` says whether a bracket here would be a call's.
fn token(text: &str, called: bool, depth: usize) -> Option<(usize, Kind)> {
    let first = text.chars().next()?;
    if let Some(length) = quoted(text) {
        return Some((length, Kind::Text));
    }
    if first.is_ascii_digit() || first == '-' {
        let end = text
            .find([',', ')', ']', '}', ':', ' '])
            .unwrap_or(text.len());
        return Some((end, Kind::Number));
    }
    if first.is_alphabetic() || first == '_' {
        let end = text
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        return Some((end, Kind::Name));
    }
    Some(match first {
        '(' | '[' | '{' => (1, Kind::Open { atom: !called }),
        ')' | ']' | '}' => (1, Kind::Close),
        ',' => (1, Kind::Comma),
        '.' => (1, Kind::Dot),
        '=' | '!' | '<' | '>' if text[1..].starts_with('=') => (2, Kind::Comparator),
        '<' | '>' => (1, Kind::Comparator),
        '=' if depth == 0 => (1, Kind::Assign),
        '=' | ':' | '+' => (1, Kind::Other),
        _ => return None,
    })
}

/// The length of the text literal that the text starts with.
fn quoted(text: &str) -> Option<usize> {
    let is_prefix = |byte: &u8| matches!(byte, b'r' | b'f' | b'b');
    let prefix = text.bytes().take(2).take_while(is_prefix).count();
    let quote = text[prefix..].chars().next()?;
    if !matches!(quote, '"' | '\'') {
        return None;
    }
    let mut escaped = false;
    for (at, c) in text[prefix + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    None
}
