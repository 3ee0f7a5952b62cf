//! The shape of a spelled predicate, from which both it and its negation are written without a needless `not`.

use super::notation::{AND, COMPARISON, NOT, OR};
use crate::backend::fragment::Fragment;

/// A comparison of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    NotEqual,
    In,
    NotIn,
    Is,
    IsNot,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Sign {
    fn word(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// What holds where this does not; for an order, of two values that have one.
    fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::In => Self::NotIn,
            Self::NotIn => Self::In,
            Self::Is => Self::IsNot,
            Self::IsNot => Self::Is,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::Greater,
            Self::Greater => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }
}

/// A predicate in Python.
#[derive(Debug)]
pub(super) enum Shape {
    /// Two operands and a comparison.
    Compare(String, Sign, String),
    /// A value whose truth is the verdict.
    Truth(String),
    /// An expression whose value is the verdict.
    Other(Fragment),
    /// All hold.
    All(Vec<Shape>),
    /// At least one holds.
    Any(Vec<Shape>),
}

impl Shape {
    pub(super) fn compare(left: impl Into<String>, sign: Sign, right: impl Into<String>) -> Self {
        Self::Compare(left.into(), sign, right.into())
    }

    /// A call that returns the verdict.
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self::Other(Fragment::atom(text))
    }

    /// Nothing satisfies.
    pub(super) fn never() -> Self {
        Self::atom("False")
    }

    /// All hold; one shape stays as it is.
    pub(super) fn all(mut shapes: Vec<Self>) -> Self {
        match shapes.len() {
            1 => shapes.remove(0),
            _ => Self::All(shapes),
        }
    }

    /// One holds; one shape stays as it is.
    pub(super) fn any(mut shapes: Vec<Self>) -> Self {
        match shapes.len() {
            0 => Self::never(),
            1 => shapes.remove(0),
            _ => Self::Any(shapes),
        }
    }

    /// The text. `bare` says that it is only tested for truth.
    pub(super) fn fragment(self, bare: bool, negated: bool) -> Fragment {
        match self {
            Self::Compare(left, sign, right) => {
                let sign = if negated { sign.opposite() } else { sign };
                Fragment::with_strength(format!("{left} {} {right}", sign.word()), COMPARISON)
            }
            Self::Truth(value) if negated => Fragment::atom(value).prefix("not ", NOT),
            Self::Truth(value) if bare => Fragment::atom(value),
            Self::Truth(value) => Fragment::atom(format!("bool({value})")),
            Self::Other(fragment) if negated => fragment.prefix("not ", NOT),
            Self::Other(fragment) => fragment,
            Self::All(shapes) => joined("and", AND, shapes, bare, negated),
            Self::Any(shapes) => joined("or", OR, shapes, bare, negated),
        }
    }
}

fn joined(
    word: &'static str,
    strength: u8,
    shapes: Vec<Shape>,
    bare: bool,
    negated: bool,
) -> Fragment {
    // Under a `not` only the truth counts.
    let parts = shapes
        .into_iter()
        .map(|shape| shape.fragment(bare || negated, false))
        .collect();
    let whole = Fragment::infix(word, strength, parts);
    if negated {
        whole.prefix("not ", NOT)
    } else {
        whole
    }
}
