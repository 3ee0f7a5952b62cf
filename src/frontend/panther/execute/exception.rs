//! The exceptions that an operation can raise, and which `except` clauses catch them.

/// An exception by its class; what it says is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frontend::panther) struct Exception(&'static str);

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
    ("ipaddress.AddressValueError", &["ValueError", "Exception"]),
    ("UnicodeError", &["ValueError", "Exception"]),
    (
        "UnicodeDecodeError",
        &["UnicodeError", "ValueError", "Exception"],
    ),
    ("Exception", &[]),
];

impl Exception {
    pub(super) const ATTRIBUTE: Self = Self("AttributeError");
    pub(super) const TYPE: Self = Self("TypeError");
    pub(super) const VALUE: Self = Self("ValueError");
    pub(super) const KEY: Self = Self("KeyError");
    pub(super) const INDEX: Self = Self("IndexError");
    pub(super) const JSON: Self = Self("json.JSONDecodeError");
    pub(super) const UNBOUND: Self = Self("UnboundLocalError");
    pub(super) const ZERO_DIVISION: Self = Self("ZeroDivisionError");
    pub(super) const ASSERTION: Self = Self("AssertionError");

    /// The class with this full name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = match name {
            "json.decoder.JSONDecodeError" => "json.JSONDecodeError",
            other => other,
        };
        CLASSES
            .iter()
            .find(|(class, _)| *class == name)
            .map(|(class, _)| Self(class))
    }

    /// Whether `except class` catches it.
    pub(super) fn is_a(self, class: &str) -> bool {
        let class = Self::named(class).map_or(class, |class| class.0);
        self.0 == class
            || class == "BaseException"
            || CLASSES
                .iter()
                .find(|(name, _)| *name == self.0)
                .is_some_and(|(_, ancestors)| ancestors.contains(&class))
    }
}
