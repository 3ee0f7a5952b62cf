//! A piece of condition text in a target language, with how strongly it holds together.
//!
//! The fields are private: a fragment is made of an atom, or of other fragments through a function here, and only
//! `Fragment::within` adds grouping parentheses, where the strengths call for them. A fragment prints on one line, or broken
//! before its infix words where a line would be too long (the layout of both Black and KQL style).

mod changed;
mod lines;
mod print;

pub use lines::Breaks;

use std::sync::{Arc, LazyLock, OnceLock};

use print::Print;
use smallvec::SmallVec;

/// A piece of condition text. Its parts are shared: a copy is a count.
#[derive(Clone, Debug)]
pub struct Fragment {
    layout: Layout,
    strength: u8,
    /// The characters on one line.
    width: usize,
    /// What tells the text from others, however it is put together; few are asked for it.
    print: OnceLock<Print>,
    /// The same said less plainly, made when it is asked for.
    shorter: Option<Arc<Other>>,
}

/// A fragment that is made when it is asked for.
type Other = LazyLock<Fragment, Box<dyn FnOnce() -> Fragment + Send>>;

#[derive(Clone, Debug)]
enum Layout {
    Text(Arc<str>),
    Infix {
        word: &'static str,
        parts: Arc<[Fragment]>,
        /// Whether it stays on one line.
        is_flat: bool,
    },
    /// Text with fragments in its gaps that need no grouping there, which is never broken: before each part a piece, and one behind.
    Form {
        pieces: Arc<[Box<str>]>,
        parts: Arc<[Fragment]>,
    },
    /// Text around a fragment that needs no grouping inside: parentheses, a call.
    Around {
        open: Arc<str>,
        inner: Arc<Fragment>,
        close: Arc<str>,
    },
    /// Items between brackets, separated by commas, behind what they are of.
    List {
        head: Option<Arc<Fragment>>,
        open: Arc<str>,
        items: Arc<[Fragment]>,
        close: Arc<str>,
    },
    /// Items that belong together among others, separated by commas: no expression.
    Row(Arc<[Fragment]>),
}

impl Layout {
    /// Goes through what stands in the text, in order.
    fn each<'l>(&'l self, piece: &mut dyn FnMut(Piece<'l>)) {
        match self {
            Self::Text(text) => piece(Piece::Text(text)),
            Self::Infix { word, parts, .. } => {
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        piece(Piece::Text(" "));
                        piece(Piece::Text(word));
                        piece(Piece::Text(" "));
                    }
                    piece(Piece::Part(part));
                }
            }
            Self::Form { pieces, parts } => {
                for (at, text) in pieces.iter().enumerate() {
                    piece(Piece::Text(text));
                    if let Some(part) = parts.get(at) {
                        piece(Piece::Part(part));
                    }
                }
            }
            Self::Around { open, inner, close } => {
                piece(Piece::Text(open));
                piece(Piece::Part(inner));
                piece(Piece::Text(close));
            }
            Self::List {
                head,
                open,
                items,
                close,
            } => {
                if let Some(head) = head {
                    piece(Piece::Part(head));
                }
                piece(Piece::Text(open));
                each_item(items, piece);
                piece(Piece::Text(close));
            }
            Self::Row(items) => each_item(items, piece),
        }
    }
}

fn each_item<'l>(items: &'l [Fragment], piece: &mut dyn FnMut(Piece<'l>)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            piece(Piece::Text(", "));
        }
        piece(Piece::Part(item));
    }
}

/// What stands in the text of a fragment.
enum Piece<'l> {
    Text(&'l str),
    Part(&'l Fragment),
}

impl PartialEq for Fragment {
    fn eq(&self, other: &Self) -> bool {
        self.width == other.width
            && self.strength == other.strength
            && self.print() == other.print()
    }
}

impl Eq for Fragment {}

/// The strength of a fragment that never needs parentheses.
pub const ATOM: u8 = u8::MAX;

impl Fragment {
    fn new(layout: Layout, strength: u8) -> Self {
        let mut width = 0;
        layout.each(&mut |piece| match piece {
            Piece::Text(text) => width += text.chars().count(),
            Piece::Part(part) => width += part.width,
        });
        Self {
            layout,
            strength,
            width,
            print: OnceLock::new(),
            shorter: None,
        }
    }

    /// A text that holds together on its own: a call, a name, a literal.
    pub fn atom(text: impl Into<String>) -> Self {
        Self::with_strength(text, ATOM)
    }

    /// A text that holds together with the given strength, such as a comparison.
    pub fn with_strength(text: impl Into<String>, strength: u8) -> Self {
        Self::new(Layout::Text(text.into().into()), strength)
    }

    /// A call or the like: `{}` stands for the parts, one after another. It is broken within its part, where it has one.
    pub fn form(template: &str, parts: &[&Self]) -> Self {
        let pieces = template.split("{}").map(Box::from).collect();
        let parts = parts.iter().map(|part| (*part).clone()).collect();
        Self::new(Layout::Form { pieces, parts }, ATOM)
    }

    /// A call of a function.
    pub fn called(function: &str, arguments: &[Self]) -> Self {
        match arguments {
            [only] => only.clone().call(&format!("{function}("), ")"),
            _ => Self::list(format!("{function}("), arguments.to_vec(), ")", ATOM),
        }
    }

    /// Arguments that belong together, such as a key and its value; they are no expression.
    pub fn row(items: Vec<Self>) -> Self {
        Self::new(Layout::Row(items.into()), 0)
    }

    /// The fragment with text around it.
    #[must_use]
    pub fn flat_call(self, before: &str, after: &str) -> Self {
        let pieces = Arc::from([Box::from(before), Box::from(after)]);
        let parts = Arc::from([self]);
        Self::new(Layout::Form { pieces, parts }, ATOM)
    }

    /// The same, of which it is known how it may be said with fewer characters.
    #[must_use]
    pub fn or_shorter(self, other: impl FnOnce() -> Self + Send + 'static) -> Self {
        let other: Other = LazyLock::new(Box::new(other));
        Self {
            shorter: Some(Arc::new(other)),
            ..self
        }
    }

    /// The shorter form, where one is known.
    pub fn shorter(&self) -> Option<&Self> {
        let other: &Self = self.shorter.as_ref()?;
        (other.width < self.width).then_some(other)
    }

    /// The same with another strength.
    #[must_use]
    pub fn of_strength(self, strength: u8) -> Self {
        Self { strength, ..self }
    }

    /// The same, never broken: an infix on one line.
    #[must_use]
    pub fn unbroken(self) -> Self {
        match self.layout {
            Layout::Infix { word, parts, .. } => Self {
                layout: Layout::Infix {
                    word,
                    parts,
                    is_flat: true,
                },
                shorter: None,
                ..self
            },
            _ => self,
        }
    }

    /// Parts joined by a word of the given strength; weaker parts are put in parentheses. One part stays as it is.
    pub fn infix(word: &'static str, strength: u8, mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let parts = parts
            .into_iter()
            .map(|part| part.within(strength))
            .collect();
        let layout = Layout::Infix {
            word,
            parts,
            is_flat: false,
        };
        Self::new(layout, strength)
    }

    /// Items between brackets, separated by commas: on one line where they fit, else one per line.
    pub fn list(
        open: impl Into<String>,
        items: Vec<Self>,
        close: impl Into<String>,
        strength: u8,
    ) -> Self {
        let layout = Layout::List {
            head: None,
            open: open.into().into(),
            items: items.into(),
            close: close.into().into(),
        };
        Self::new(layout, strength)
    }

    /// The same behind what the items are of, such as the left side of an operator.
    #[must_use]
    pub fn with_items(self, open: &str, items: Vec<Self>, close: &str, strength: u8) -> Self {
        let layout = Layout::List {
            head: Some(Arc::new(self)),
            open: open.into(),
            items: items.into(),
            close: close.into(),
        };
        Self::new(layout, strength)
    }

    /// A prefix word of the given strength; a weaker operand is put in parentheses.
    #[must_use]
    pub fn prefix(self, word: &str, strength: u8) -> Self {
        self.within(strength).around(word, "", strength)
    }

    /// The fragment as the only argument of a call, where it needs no parentheses of its own.
    #[must_use]
    pub fn call(self, open: &str, close: &str) -> Self {
        self.around(open, close, ATOM)
    }

    fn around(self, open: &str, close: &str, strength: u8) -> Self {
        let layout = Layout::Around {
            open: open.into(),
            inner: Arc::new(self),
            close: close.into(),
        };
        Self::new(layout, strength)
    }

    /// The fragment as a part of something of the given strength.
    fn within(self, strength: u8) -> Self {
        if self.strength >= strength {
            self
        } else {
            self.call("(", ")")
        }
    }

    /// How strongly it holds together.
    pub fn strength(&self) -> u8 {
        self.strength
    }

    /// How many characters it has on one line.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The text on one line.
    pub fn flat(&self) -> String {
        self.behind("")
    }

    /// The text on one line, behind what leads to it.
    fn behind(&self, lead: &str) -> String {
        let mut text = String::with_capacity(lead.len() + self.width);
        text.push_str(lead);
        self.write(&mut text);
        text
    }

    /// Whether this is the text on one line.
    pub fn is_text(&self, text: &str) -> bool {
        // A character takes four bytes at most.
        (self.width..=4 * self.width).contains(&text.len()) && self.flat() == text
    }

    /// Whether each piece of the text on one line passes.
    pub fn is_all(&self, passes: &dyn Fn(&str) -> bool) -> bool {
        let mut all = true;
        self.layout.each(&mut |piece| {
            all = all
                && match piece {
                    Piece::Text(text) => passes(text),
                    Piece::Part(part) => part.is_all(passes),
                };
        });
        all
    }

    /// Adds the text on one line.
    pub fn write(&self, text: &mut String) {
        self.layout.each(&mut |piece| match piece {
            Piece::Text(own) => text.push_str(own),
            Piece::Part(part) => part.write(text),
        });
    }

    /// The parts of the fragment and the word that joins them, if it is an infix.
    pub fn parts(&self) -> Option<(&'static str, &[Self])> {
        match &self.layout {
            Layout::Infix {
                word,
                parts,
                is_flat: false,
            } => Some((word, parts)),
            Layout::Text(_)
            | Layout::Form { .. }
            | Layout::Infix { .. }
            | Layout::Around { .. }
            | Layout::List { .. }
            | Layout::Row(_) => None,
        }
    }

    /// The text of a fragment that has no parts.
    pub fn text(&self) -> Option<&str> {
        match &self.layout {
            Layout::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The fragments that stand in this one, from left to right.
    pub fn inner(&self) -> SmallVec<[&Self; 4]> {
        let mut found = SmallVec::new();
        self.layout.each(&mut |piece| {
            if let Piece::Part(part) = piece {
                found.push(part);
            }
        });
        found
    }

    /// What stands in the text before, between and behind these.
    pub fn own_texts(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.layout.each(&mut |piece| {
            if let Piece::Text(text) = piece {
                found.push(text);
            }
        });
        found
    }

    /// The first character of the text.
    pub fn first_character(&self) -> Option<char> {
        let mut first = None;
        self.layout.each(&mut |piece| {
            first = first.or_else(|| match piece {
                Piece::Text(text) => text.chars().next(),
                Piece::Part(part) => part.first_character(),
            });
        });
        first
    }

    /// What stands around the fragment's only part before it, and the part, if text stands around one.
    pub fn inside(&self) -> Option<(&str, &Self)> {
        match &self.layout {
            Layout::Around { open, inner, .. } => Some((open, inner)),
            Layout::Text(_)
            | Layout::Form { .. }
            | Layout::Infix { .. }
            | Layout::List { .. }
            | Layout::Row(_) => None,
        }
    }

    /// The values of a list: between an operator's own brackets, or in one that is written out. The arguments of a call are none.
    pub fn values(&self) -> Option<&[Self]> {
        match &self.layout {
            Layout::List { open, items, .. }
                if open.ends_with(" (") || open.ends_with('[') || **open == *"(" =>
            {
                Some(items)
            }
            _ => None,
        }
    }

    /// The fragment with one value in place of such a list's.
    #[must_use]
    pub fn with_value(&self, value: &Self) -> Self {
        match &self.layout {
            Layout::List {
                head: Some(head),
                open,
                close,
                ..
            } => {
                let open = format!("{{}}{open}{{}}{close}");
                Self::form(&open, &[head, value]).of_strength(self.strength)
            }
            Layout::List { open, .. } if **open == *"(" => {
                // Brackets around a list's name are no expression.
                Self::form("({})", &[value]).of_strength(0)
            }
            _ => value.clone(),
        }
    }

    /// A number that fragments of one text have in common.
    pub fn fingerprint(&self) -> u64 {
        self.print().sum
    }

    fn print(&self) -> Print {
        *self.print.get_or_init(|| {
            let mut print = Print::EMPTY;
            self.layout.each(&mut |piece| match piece {
                Piece::Text(text) => print = print.text(text),
                Piece::Part(part) => print = print.and(part.print()),
            });
            print
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::notation::Words;

    fn any(parts: &[&str]) -> Fragment {
        Fragment::infix(
            "or",
            1,
            parts.iter().map(|part| Fragment::atom(*part)).collect(),
        )
    }

    #[test]
    fn a_condition_says_everything_once() {
        let or = |parts: Vec<Fragment>| Fragment::conditions("or", 1, &parts);
        let and = |parts: Vec<Fragment>| Fragment::conditions("and", 2, &parts);
        let atom = |text: &str| Fragment::atom(text);
        let twice = or(vec![or(vec![atom("a"), atom("b")]), atom("a")]);
        assert_eq!(twice.flat(), "a or b");
        let within = or(vec![
            atom("a"),
            and(vec![
                or(vec![atom("b"), atom("a")]),
                or(vec![atom("c"), atom("a"), atom("d")]),
            ]),
        ]);
        assert_eq!(within.flat(), "a or b and (c or d)");
        let other = and(vec![
            atom("a"),
            or(vec![and(vec![atom("a"), atom("b")]), atom("c")]),
        ]);
        assert_eq!(other.flat(), "a and (b or c)");
        // What is left of nothing stays.
        let whole = and(vec![atom("a"), or(vec![atom("a"), atom("c")])]);
        assert_eq!(whole.flat(), "a and (a or c)");
    }

    #[test]
    fn parentheses_stand_only_where_strengths_call_for_them() {
        let all = Fragment::infix(
            "and",
            2,
            vec![any(&["a", "b"]), Fragment::atom("c"), any(&["d"])],
        );
        assert_eq!(all.flat(), "(a or b) and c and d");
        assert_eq!(any(&["a", "b"]).prefix("not ", 3).flat(), "not (a or b)");
        assert_eq!(any(&["a", "b"]).call("not(", ")").flat(), "not(a or b)");
    }

    #[test]
    fn long_conditions_break_before_the_word() {
        let all = Fragment::infix(
            "and",
            2,
            vec![Fragment::atom("a"), any(&["bbbbbbbb", "cccccccc"])],
        );
        assert_eq!(
            all.lines(0, Breaks::at(20)),
            ["a", "and (", "    bbbbbbbb", "    or cccccccc", ")"]
        );
        assert_eq!(
            all.lines(0, Breaks::at(80)),
            ["a and (bbbbbbbb or cccccccc)"]
        );
        let list = Fragment::list(
            "x in (",
            vec![Fragment::atom("1"), Fragment::atom("2")],
            ")",
            ATOM,
        );
        assert_eq!(
            list.lines(0, Breaks::at(8)),
            ["x in (", "    1,", "    2", ")"]
        );
        assert_eq!(list.flat(), "x in (1, 2)");
    }
}
