//! Comparisons of one value with constants, and their negation, of which only what is asked for is written.
//!
//! Several constants are alternatives: a list where Kusto's operator has one, else comparisons joined by `or`, whose negation is
//! the negated comparisons joined by `and`.

use super::quote;
use super::value::{infix, strength};
use crate::backend::fragment::Fragment;

/// An operator and its opposite.
pub(super) type Signs = (&'static str, &'static str);

/// A value compared with constants, any of which may be met.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    left: Fragment,
    signs: Signs,
    rights: Vec<Fragment>,
    form: Form,
    regex: Option<Regex>,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    /// The operator takes a list.
    List,
    /// A comparison for each, of the given strength.
    Each(u8),
}

/// A regular expression that says as much as several comparisons: of what, and which.
#[derive(Clone, Debug)]
struct Regex {
    left: Fragment,
    pattern: String,
}

impl Regex {
    fn fragment(&self) -> Fragment {
        let right = Fragment::atom(quote::regex(&self.pattern));
        infix(&self.left, "matches regex", right, strength::TEXT)
    }
}

impl Comparison {
    /// A membership.
    pub(super) fn list(left: &Fragment, signs: Signs, items: &[String]) -> Self {
        Self::new(left, signs, items.iter().map(Fragment::atom), Form::List)
    }

    /// A comparison with each constant, holding together so strongly.
    pub(super) fn each(
        left: &Fragment,
        signs: Signs,
        rights: impl Iterator<Item = Fragment>,
        strength: u8,
    ) -> Self {
        Self::new(left, signs, rights, Form::Each(strength))
    }

    fn new(
        left: &Fragment,
        signs: Signs,
        rights: impl Iterator<Item = Fragment>,
        form: Form,
    ) -> Self {
        Self {
            left: left.clone(),
            signs,
            rights: rights.collect(),
            form,
            regex: None,
        }
    }

    /// The same, which a regular expression says more shortly.
    pub(super) fn or_regex(self, left: Fragment, pattern: String) -> Self {
        let regex = Some(Regex { left, pattern });
        Self { regex, ..self }
    }

    /// That some comparison holds.
    pub(super) fn positive(&self) -> Fragment {
        let any = self.written(self.signs.0, ("or", strength::OR));
        match self.regex.clone() {
            Some(regex) => any.or_shorter(move || regex.fragment()),
            None => any,
        }
    }

    /// That none holds.
    pub(super) fn negative(&self) -> Fragment {
        let none = self.written(self.signs.1, ("and", strength::AND));
        match self.regex.clone() {
            Some(regex) => none.or_shorter(move || regex.fragment().call("not(", ")")),
            None => none,
        }
    }

    fn written(&self, sign: &'static str, (word, join): (&'static str, u8)) -> Fragment {
        match self.form {
            Form::List => {
                let open = format!(" {sign} (");
                let items = self.rights.clone();
                let left = self.left.clone();
                left.with_items(&open, items, ")", strength::EQUALITY)
            }
            Form::Each(strength) => {
                let rights = self.rights.iter().cloned();
                let parts = rights.map(|right| infix(&self.left, sign, right, strength));
                Fragment::infix(word, join, parts.collect())
            }
        }
    }
}
