//! The shape of a spelled predicate, from which both it and its negation are written without a needless `not`.

use super::code::Code;

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
    pub(super) fn word(self) -> &'static str {
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
    Compare(Code, Sign, Code),
    /// A value whose truth is the verdict.
    Truth(Code),
    /// An expression whose value is the verdict.
    Other(Code),
    /// All hold.
    All(Vec<Shape>),
    /// At least one holds.
    Any(Vec<Shape>),
}

impl Shape {
    /// Two operands and a comparison.
    pub(super) fn compare(left: &Code, sign: Sign, right: Code) -> Self {
        Self::Compare(left.clone(), sign, right)
    }

    /// A call of a helper that returns the verdict.
    pub(super) fn call(helper: &'static str, arguments: Vec<Code>) -> Self {
        Self::Other(Code::call(helper, arguments))
    }

    /// Whether the value is of a class.
    pub(super) fn is_instance(value: &Code, class: &'static str) -> Self {
        Self::call("isinstance", vec![value.clone(), Code::name(class)])
    }

    /// Nothing satisfies.
    pub(super) fn never() -> Self {
        Self::Other(Code::truth(false))
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

    /// The expression. `bare` says that it is only tested for truth.
    pub(super) fn code(self, bare: bool, negated: bool) -> Code {
        match self {
            Self::Compare(left, sign, right) => {
                let sign = if negated { sign.opposite() } else { sign };
                Code::compare(left, sign, right)
            }
            Self::Truth(value) if negated => value.not(),
            Self::Truth(value) if bare => value,
            Self::Truth(value) => Code::call("bool", vec![value]),
            Self::Other(code) if negated => code.not(),
            Self::Other(code) => code,
            Self::All(shapes) => joined(Code::all, shapes, bare, negated),
            Self::Any(shapes) => joined(Code::either, shapes, bare, negated),
        }
    }
}

fn joined(join: fn(Vec<Code>) -> Code, shapes: Vec<Shape>, bare: bool, negated: bool) -> Code {
    // Under a `not` only the truth counts.
    let parts = shapes
        .into_iter()
        .map(|shape| shape.code(bare || negated, false));
    let whole = join(parts.collect());
    if negated { whole.not() } else { whole }
}
