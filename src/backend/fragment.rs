//! A piece of condition text in a target language, with how strongly it holds together.
//!
//! The fields are private: a fragment is made of an atom, or of other fragments through a function here, and only
//! `Fragment::within` adds grouping parentheses, where the strengths call for them. A fragment prints on one line, or broken
//! before its infix words where a line would be too long (the layout of both Black and KQL style).

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::notation::Words;

/// A piece of condition text. Its parts are shared: a copy is a count.
#[derive(Clone, Debug)]
pub struct Fragment {
    layout: Layout,
    strength: u8,
    /// The characters on one line.
    width: usize,
    /// A number that equal fragments have in common.
    fingerprint: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    Text(Arc<str>),
    Infix {
        word: &'static str,
        parts: Arc<[Fragment]>,
    },
    /// Text around a fragment that needs no grouping inside: parentheses, a call.
    Around {
        open: Arc<str>,
        inner: Arc<Fragment>,
        close: Arc<str>,
    },
    /// Items between brackets, separated by commas.
    List {
        open: Arc<str>,
        items: Arc<[String]>,
        close: Arc<str>,
    },
}

impl Layout {
    fn width(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Infix { word, parts } => {
                let between = parts.len().saturating_sub(1) * (word.chars().count() + 2);
                parts.iter().map(|part| part.width).sum::<usize>() + between
            }
            Self::Around { open, inner, close } => {
                open.chars().count() + inner.width + close.chars().count()
            }
            Self::List { open, items, close } => {
                let items: usize = items.iter().map(|item| item.chars().count() + 2).sum();
                open.chars().count() + items.saturating_sub(2) + close.chars().count()
            }
        }
    }

    fn fingerprint(&self) -> u64 {
        let mut hasher = FxHasher::default();
        std::mem::discriminant(self).hash(&mut hasher);
        match self {
            Self::Text(text) => text.hash(&mut hasher),
            Self::Infix { word, parts } => {
                word.hash(&mut hasher);
                for part in parts.iter() {
                    part.fingerprint.hash(&mut hasher);
                }
            }
            Self::Around { open, inner, close } => {
                (open, inner.fingerprint, close).hash(&mut hasher);
            }
            Self::List { open, items, close } => (open, items, close).hash(&mut hasher),
        }
        hasher.finish()
    }
}

impl PartialEq for Fragment {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
            && self.strength == other.strength
            && self.layout == other.layout
    }
}

impl Eq for Fragment {}

/// The strength of a fragment that never needs parentheses.
pub const ATOM: u8 = u8::MAX;

impl Fragment {
    fn new(layout: Layout, strength: u8) -> Self {
        Self {
            strength,
            width: layout.width(),
            fingerprint: layout.fingerprint(),
            layout,
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

    /// Parts joined by a word of the given strength; weaker parts are put in parentheses. One part stays as it is.
    pub fn infix(word: &'static str, strength: u8, mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let parts = parts
            .into_iter()
            .map(|part| part.within(strength))
            .collect();
        Self::new(Layout::Infix { word, parts }, strength)
    }

    /// Items between brackets, separated by commas: on one line where they fit, else one per line.
    pub fn list(
        open: impl Into<String>,
        items: Vec<String>,
        close: impl Into<String>,
        strength: u8,
    ) -> Self {
        let layout = Layout::List {
            open: open.into().into(),
            items: items.into(),
            close: close.into().into(),
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
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match &self.layout {
            Layout::Text(own) => text.push_str(own),
            Layout::Infix { word, parts } => {
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        text.extend([" ", word, " "]);
                    }
                    part.write(text);
                }
            }
            Layout::Around { open, inner, close } => {
                text.push_str(open);
                inner.write(text);
                text.push_str(close);
            }
            Layout::List { open, items, close } => {
                text.push_str(open);
                text.push_str(&items.join(", "));
                text.push_str(close);
            }
        }
    }

    /// The parts of the fragment and the word that joins them, if it is an infix.
    pub fn parts(&self) -> Option<(&'static str, &[Self])> {
        match &self.layout {
            Layout::Infix { word, parts } => Some((word, parts)),
            Layout::Text(_) | Layout::Around { .. } | Layout::List { .. } => None,
        }
    }

    /// What stands around the fragment's only part before it, and the part, if text stands around one.
    pub fn inside(&self) -> Option<(&str, &Self)> {
        match &self.layout {
            Layout::Around { open, inner, .. } => Some((open, inner)),
            Layout::Text(_) | Layout::Infix { .. } | Layout::List { .. } => None,
        }
    }

    /// Goes through the lists of items between brackets of an operator's own, which are no arguments of a call.
    pub fn each_list(&self, found: &mut dyn FnMut(&[String])) {
        match &self.layout {
            Layout::Infix { parts, .. } => parts.iter().for_each(|part| part.each_list(found)),
            Layout::Around { inner, .. } => inner.each_list(found),
            Layout::List { open, items, .. } if open.ends_with(" (") => found(items),
            Layout::Text(_) | Layout::List { .. } => {}
        }
    }

    /// The fragment with a name in place of such a list's items, and of a text; nothing where it holds neither.
    #[must_use]
    pub fn with_list(&self, items: &[String], text: &str, name: &str) -> Option<Self> {
        let within = |own: &str| own.contains(text).then(|| own.replace(text, name));
        let layout = match &self.layout {
            Layout::Text(own) => Layout::Text(within(own)?.into()),
            Layout::List {
                open,
                items: own,
                close,
            } if **own == *items && open.ends_with(" (") => {
                Layout::Text(format!("{open}{name}{close}").into())
            }
            Layout::List {
                open,
                items: own,
                close,
            } => {
                let in_items = own.iter().any(|item| item.contains(text));
                if !in_items && !open.contains(text) {
                    return None;
                }
                let items: Vec<String> = own.iter().map(|item| item.replace(text, name)).collect();
                Layout::List {
                    open: open.replace(text, name).into(),
                    items: items.into(),
                    close: Arc::clone(close),
                }
            }
            Layout::Around { open, inner, close } => Layout::Around {
                open: Arc::clone(open),
                inner: Arc::new(inner.with_list(items, text, name)?),
                close: Arc::clone(close),
            },
            Layout::Infix { word, parts } => {
                let new: Vec<Option<Self>> = parts
                    .iter()
                    .map(|part| part.with_list(items, text, name))
                    .collect();
                if new.iter().all(Option::is_none) {
                    return None;
                }
                let both = new.into_iter().zip(parts.iter());
                let parts: Vec<Self> = both
                    .map(|(new, old)| new.unwrap_or_else(|| old.clone()))
                    .collect();
                Layout::Infix {
                    word,
                    parts: parts.into(),
                }
            }
        };
        Some(Self::new(layout, self.strength))
    }

    /// A number that equal fragments have in common.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The fragment with another one in place of a part; nothing where it has no such part. What stands in its place is an atom.
    #[must_use]
    pub fn replaced(&self, part: &Self, other: &Self) -> Option<Self> {
        if self == part {
            return Some(other.clone());
        }
        match &self.layout {
            Layout::Text(_) | Layout::List { .. } => None,
            Layout::Around { open, inner, close } => {
                let inner = inner.replaced(part, other)?;
                // Brackets that grouped the part group nothing around a name.
                if **open == *"(" && **close == *")" && inner == *other {
                    return Some(inner);
                }
                Some(inner.around(open, close, self.strength))
            }
            Layout::Infix { word, parts } => {
                let new: Vec<Option<Self>> =
                    parts.iter().map(|own| own.replaced(part, other)).collect();
                new.iter().any(Option::is_some).then(|| {
                    let both = new.into_iter().zip(parts.iter());
                    let parts = both.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
                    Self::infix(word, self.strength, parts.collect())
                })
            }
        }
    }

    /// The text in lines of at most `width` characters where it can be broken: each part of an infix on a line of its own,
    /// the word first; bracketed text indented by four. `indent` is how far the lines will stand from the margin.
    pub fn lines(&self, indent: usize, width: usize) -> Vec<String> {
        self.broken("", indent, width)
    }

    fn broken(&self, lead: &str, indent: usize, width: usize) -> Vec<String> {
        let flat = || vec![format!("{lead}{}", self.flat())];
        if indent + lead.chars().count() + self.width <= width {
            return flat();
        }
        match &self.layout {
            Layout::Text(_) => flat(),
            Layout::Infix { word, parts } => {
                let lines = parts.iter().enumerate().flat_map(|(at, part)| {
                    let lead = if at == 0 {
                        lead.to_owned()
                    } else {
                        format!("{word} ")
                    };
                    part.broken(&lead, indent, width)
                });
                lines.collect()
            }
            Layout::Around { open, inner, close } if close.is_empty() => {
                inner.broken(&format!("{lead}{open}"), indent, width)
            }
            Layout::Around { open, inner, close } => {
                let mut lines = vec![format!("{lead}{open}")];
                lines.extend(
                    inner
                        .broken("", indent + 4, width)
                        .into_iter()
                        .map(|line| format!("    {line}")),
                );
                lines.push(close.to_string());
                lines
            }
            Layout::List { open, items, close } => {
                let last = items.len().saturating_sub(1);
                let items = items.iter().enumerate().map(|(at, item)| {
                    let comma = if at < last { "," } else { "" };
                    format!("    {item}{comma}")
                });
                std::iter::once(format!("{lead}{open}"))
                    .chain(items)
                    .chain([close.to_string()])
                    .collect()
            }
        }
    }
}

impl Words for Fragment {
    fn infix(word: &'static str, strength: u8, parts: Vec<Self>) -> Self {
        Self::infix(word, strength, parts)
    }

    fn prefix(self, word: &'static str, strength: u8) -> Self {
        self.prefix(word, strength)
    }

    fn call(self, open: &'static str, close: &'static str) -> Self {
        self.call(open, close)
    }

    fn joined(&self) -> Option<(&'static str, u8, &[Self])> {
        let bare = match &self.layout {
            Layout::Around { open, inner, close } if **open == *"(" && **close == *")" => inner,
            _ => self,
        };
        match &bare.layout {
            Layout::Infix { word, parts } => Some((word, bare.strength, parts)),
            Layout::Text(_) | Layout::Around { .. } | Layout::List { .. } => None,
        }
    }

    fn flat(&self) -> String {
        self.flat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            all.lines(0, 20),
            ["a", "and (", "    bbbbbbbb", "    or cccccccc", ")"]
        );
        assert_eq!(all.lines(0, 80), ["a and (bbbbbbbb or cccccccc)"]);
        let list = Fragment::list("x in (", vec!["1".into(), "2".into()], ")", ATOM);
        assert_eq!(list.lines(0, 8), ["x in (", "    1,", "    2", ")"]);
        assert_eq!(list.flat(), "x in (1, 2)");
    }
}
