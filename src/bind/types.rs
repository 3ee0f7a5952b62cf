//! The types of expressions.
//!
//! The language has ten scalar types. A dynamic value is known to be an array or a bag where a literal or a function says so;
//! what comes from an open source, or from an expression with a mistake, has no known type and is never a reason to complain.

use crate::syntax::kql::ast::ScalarType;

/// The type of an expression or a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Not known.
    Unknown,
    /// A scalar; [`ScalarType::Dynamic`] is a dynamic value of any kind.
    Scalar(ScalarType),
    /// A dynamic value that is an array.
    Array,
    /// A dynamic value that is a bag of properties.
    Bag,
    /// A type itself: `typeof(long)`.
    TypeLiteral,
}

impl From<ScalarType> for Type {
    fn from(kind: ScalarType) -> Self {
        Self::Scalar(kind)
    }
}

impl From<Option<ScalarType>> for Type {
    fn from(kind: Option<ScalarType>) -> Self {
        kind.map_or(Self::Unknown, Self::Scalar)
    }
}

impl Type {
    /// `bool`
    pub const BOOL: Self = Self::Scalar(ScalarType::Bool);
    /// `datetime`
    pub const DATETIME: Self = Self::Scalar(ScalarType::Datetime);
    /// `dynamic`
    pub const DYNAMIC: Self = Self::Scalar(ScalarType::Dynamic);
    /// `long`
    pub const LONG: Self = Self::Scalar(ScalarType::Long);
    /// `real`
    pub const REAL: Self = Self::Scalar(ScalarType::Real);
    /// `string`
    pub const STRING: Self = Self::Scalar(ScalarType::String);
    /// `timespan`
    pub const TIMESPAN: Self = Self::Scalar(ScalarType::Timespan);

    /// The scalar type; `None` where it is not known.
    pub fn scalar(self) -> Option<ScalarType> {
        match self {
            Self::Scalar(kind) => Some(kind),
            Self::Array | Self::Bag => Some(ScalarType::Dynamic),
            Self::Unknown | Self::TypeLiteral => None,
        }
    }

    /// As it is written in a query; `unknown` where it is not known.
    pub fn name(self) -> &'static str {
        match (self, self.scalar()) {
            (_, Some(kind)) => kind.name(),
            (Self::TypeLiteral, None) => "type",
            (_, None) => "unknown",
        }
    }

    /// Whether it is one of these types, or not known.
    pub(crate) fn may_be(self, kinds: &[ScalarType]) -> bool {
        self.scalar().is_none_or(|kind| kinds.contains(&kind))
    }

    /// Whether nothing is known of it.
    pub(crate) fn is_unknown(self) -> bool {
        self == Self::Unknown
    }

    pub(crate) fn is_dynamic(self) -> bool {
        self.scalar() == Some(ScalarType::Dynamic)
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(
            self.scalar(),
            Some(ScalarType::Int | ScalarType::Long | ScalarType::Real | ScalarType::Decimal)
        )
    }

    /// The wider of two numbers; for anything else the first type.
    pub(crate) fn widest(self, other: Self) -> Self {
        let rank = |kind: Self| match kind.scalar() {
            Some(ScalarType::Int) => 1,
            Some(ScalarType::Long) => 2,
            Some(ScalarType::Real) => 3,
            Some(ScalarType::Decimal) => 4,
            _ => 0,
        };
        if rank(self) > 0 && rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}
