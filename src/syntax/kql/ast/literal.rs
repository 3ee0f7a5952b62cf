//! Literals with their values.
//!
//! Kusto's typed nulls (`long(null)`) are the `None` of each kind; a string has no null. Numbers compare by their bits, so that
//! `real(nan)` equals itself. Datetimes and decimals keep their text: their reading is not the parser's business.

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A string of any form; adjacent strings are one.
    String(String),
    /// `true`, `bool(null)`.
    Bool(Option<bool>),
    /// `12`, `0x1F`, `long(null)`.
    Long(Option<i64>),
    /// `int(12)`.
    Int(Option<i64>),
    /// `1.5`, `real(nan)`.
    Real(Option<Real>),
    /// The text inside `decimal(...)`; `None` for null.
    Decimal(Option<String>),
    /// Ticks of 100 nanoseconds.
    Timespan(Option<i64>),
    /// The text inside `datetime(...)`, without quotes; `None` for null.
    Datetime(Option<String>),
    /// The text inside `guid(...)`, without quotes; `None` for null.
    Guid(Option<String>),
    /// The value inside `dynamic(...)`.
    Dynamic(Box<Dynamic>),
}

/// A floating point number that compares by its bits.
#[derive(Clone, Copy, Debug)]
pub struct Real(pub f64);

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Real {}

/// A value inside `dynamic(...)`: JSON, and Kusto's other literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// `null`
    Null,
    /// A scalar literal; [`Literal::Dynamic`] is never nested here.
    Scalar(Literal),
    /// `[...]`
    Array(Vec<Dynamic>),
    /// `{...}`, in the order of the text.
    Object(Vec<(String, Dynamic)>),
}

/// A scalar type; the many spellings of one type are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScalarType {
    /// `bool`, `boolean`
    Bool,
    /// `datetime`, `date`
    Datetime,
    /// `decimal`
    Decimal,
    /// `dynamic`
    Dynamic,
    /// `guid`, `uniqueid`, `uuid`
    Guid,
    /// `int`, and every other integer that is not `long`
    Int,
    /// `long`, `int64`, `ulong`, `uint64`
    Long,
    /// `real`, `double`, `float`
    Real,
    /// `string`
    String,
    /// `timespan`, `time`
    Timespan,
}

impl ScalarType {
    /// The type with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "bool" | "boolean" => Self::Bool,
            "datetime" | "date" => Self::Datetime,
            "decimal" => Self::Decimal,
            "dynamic" => Self::Dynamic,
            "guid" | "uniqueid" | "uuid" => Self::Guid,
            "int" | "int8" | "int16" | "int32" | "uint" | "uint8" | "uint16" | "uint32" => {
                Self::Int
            }
            "long" | "int64" | "ulong" | "uint64" => Self::Long,
            "real" | "double" | "float" => Self::Real,
            "string" => Self::String,
            "timespan" | "time" => Self::Timespan,
            _ => return None,
        })
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Datetime => "datetime",
            Self::Decimal => "decimal",
            Self::Dynamic => "dynamic",
            Self::Guid => "guid",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::String => "string",
            Self::Timespan => "timespan",
        }
    }
}
