//! The exceptions that an operation can raise, and which `except` clauses catch them.

use std::rc::Rc;

/// An exception by its class; what it says is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frontend::panther) struct Exception {
    /// The class, of the language's own the nearest.
    class: &'static str,
    /// The number of the author's class, or 0.
    own: u32,
}

/// What an `except` clause catches.
#[derive(Clone, Debug)]
pub(super) enum Caught {
    /// A class of the language.
    Named(Rc<str>),
    /// A class of the author.
    Own(u32),
}

/// Every class that is known, with its ancestors.
const CLASSES: &[(&str, &[&str])] = &[
    ("AttributeError", &["Exception"]),
    ("AssertionError", &["Exception"]),
    ("TypeError", &["Exception"]),
    ("ValueError", &["Exception"]),
    ("KeyError", &["LookupError", "Exception"]),
    ("IndexError", &["LookupError", "Exception"]),
    ("LookupError", &["Exception"]),
    ("NameError", &["Exception"]),
    ("UnboundLocalError", &["NameError", "Exception"]),
    ("ZeroDivisionError", &["ArithmeticError", "Exception"]),
    ("OverflowError", &["ArithmeticError", "Exception"]),
    ("ArithmeticError", &["Exception"]),
    ("RuntimeError", &["Exception"]),
    ("RecursionError", &["RuntimeError", "Exception"]),
    ("NotImplementedError", &["RuntimeError", "Exception"]),
    ("StopIteration", &["Exception"]),
    ("json.JSONDecodeError", &["ValueError", "Exception"]),
    ("binascii.Error", &["ValueError", "Exception"]),
    ("dateutil.parser.ParserError", &["ValueError", "Exception"]),
    ("ipaddress.AddressValueError", &["ValueError", "Exception"]),
    ("UnicodeError", &["ValueError", "Exception"]),
    (
        "UnicodeDecodeError",
        &["UnicodeError", "ValueError", "Exception"],
    ),
    (
        "UnicodeEncodeError",
        &["UnicodeError", "ValueError", "Exception"],
    ),
    ("Exception", &[]),
];

impl Exception {
    pub(super) const ATTRIBUTE: Self = Self::of("AttributeError");
    pub(super) const TYPE: Self = Self::of("TypeError");
    pub(super) const VALUE: Self = Self::of("ValueError");
    pub(super) const KEY: Self = Self::of("KeyError");
    pub(super) const INDEX: Self = Self::of("IndexError");
    pub(super) const JSON: Self = Self::of("json.JSONDecodeError");
    pub(super) const BINASCII: Self = Self::of("binascii.Error");
    pub(super) const ENCODE: Self = Self::of("UnicodeEncodeError");
    pub(super) const DECODE: Self = Self::of("UnicodeDecodeError");
    pub(super) const UNBOUND: Self = Self::of("UnboundLocalError");
    pub(super) const ZERO_DIVISION: Self = Self::of("ZeroDivisionError");
    pub(super) const STOP: Self = Self::of("StopIteration");
    pub(super) const ASSERTION: Self = Self::of("AssertionError");
    pub(super) const OVERFLOW: Self = Self::of("OverflowError");
    pub(super) const PARSER: Self = Self::of("dateutil.parser.ParserError");
    pub(super) const OTHER: Self = Self::of("Exception");

    /// Where Python does not raise but what it computes is not known: no clause catches it, so that the rule does not match.
    pub(super) const UNKNOWN: Self = Self::of("");

    const fn of(class: &'static str) -> Self {
        Self { class, own: 0 }
    }

    /// The author's class with this number, which is made from `self`.
    pub(super) fn own(self, own: u32) -> Self {
        Self { own, ..self }
    }

    /// The number of the author's class, or 0.
    pub(super) fn number(self) -> u32 {
        self.own
    }

    /// The class with this full name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = match name {
            "json.decoder.JSONDecodeError" => "json.JSONDecodeError",
            other => other,
        };
        CLASSES
            .iter()
            .find(|(class, _)| *class == name)
            .map(|(class, _)| Self::of(class))
    }

    /// Whether `except class` catches it.
    pub(super) fn is_a(self, class: &str) -> bool {
        if self == Self::UNKNOWN {
            return false;
        }
        let class = Self::named(class).map_or(class, |known| known.class);
        self.class == class
            || class == "BaseException"
            || CLASSES
                .iter()
                .find(|(name, _)| *name == self.class)
                .is_some_and(|(_, ancestors)| ancestors.contains(&class))
    }
}
