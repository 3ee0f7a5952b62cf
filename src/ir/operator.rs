//! The operators, defined once.
//!
//! Frontends map into this table, backends map out of it in one exhaustive `match`. Every operator is two-valued: on a missing
//! or `null` subject it is false unless the table says otherwise, and its negation is then true.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands on the right of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// Nothing.
    None,
    /// One constant or one computed value.
    Scalar,
    /// A list of constants, any of which may hold.
    List,
    /// A list of texts, any of which may hold, or one computed text.
    Texts,
    /// A list of regular expressions, any of which may match.
    Regexes,
    /// A list of networks in CIDR notation, any of which may hold the address.
    Networks,
    /// A list of kinds of value.
    Kinds,
}

/// What is known of an operator.
#[derive(Clone, Copy, Debug)]
pub struct OperatorInfo {
    /// The operator.
    pub operator: Operator,
    /// The word in tables and in the text form.
    pub name: &'static str,
    /// What it takes.
    pub object: ObjectKind,
    /// Its result on a missing field.
    pub on_missing: bool,
    /// Whether the case of letters plays a part.
    pub has_case: bool,
    /// Whether it holds of texts alone, whatever the object.
    pub of_texts: bool,
    /// What it compares.
    pub doc: &'static str,
}

macro_rules! operators {
    ($($variant:ident $name:literal $object:ident $missing:literal $case:literal $texts:literal $doc:literal)*) => {
        /// What a predicate asks of its subject.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Operator { $(#[doc = $doc] #[serde(rename = $name)] $variant),* }

        /// Every operator, in the order of the table.
        pub const OPERATORS: &[OperatorInfo] = &[$(OperatorInfo {
            operator: Operator::$variant, name: $name, object: ObjectKind::$object,
            on_missing: $missing, has_case: $case, of_texts: $texts, doc: $doc,
        }),*];
    };
}

operators! {
    Equals "eq" Scalar false true false
        "The whole value equals the constant or the other value; numbers compare as numbers, a number never equals a text or a truth value."
    In "in" List false true false
        "The whole value equals one of the constants."
    Contains "contains" Texts false true true
        "The value is a text and holds one of the texts."
    StartsWith "starts_with" Texts false true true
        "The value is a text and starts with one of the texts."
    EndsWith "ends_with" Texts false true true
        "The value is a text and ends with one of the texts."
    HasTerm "has" Texts false true true
        "The value is a text and holds one of the texts between term boundaries (Kusto's terms: runs of letters and digits)."
    Matches "match" Regexes false true true
        "The value is a text and one of the regular expressions (the `regex` crate's dialect) matches somewhere in it."
    Wildcard "wildcard" Texts false true true
        "The value is a text and the whole of it follows one of the patterns: `*` any run, `?` one character, backslash escapes."
    LessThan "lt" Scalar false true false
        "The value is less than the object; numbers with numbers, texts with texts by code point."
    AtMost "lte" Scalar false true false
        "The value is at most the object; numbers with numbers, texts with texts by code point."
    GreaterThan "gt" Scalar false true false
        "The value is greater than the object; numbers with numbers, texts with texts by code point."
    AtLeast "gte" Scalar false true false
        "The value is at least the object; numbers with numbers, texts with texts by code point."
    InNetwork "cidr" Networks false false true
        "The value is a text that is an IP address in one of the networks."
    IsIpAddress "is_ip" None false false true
        "The value is a text that is an IPv4 or IPv6 address (Python's `ipaddress.ip_address`)."
    Exists "exists" None false false false
        "The field is there, be it empty or `null`."
    IsPresent "present" None false false false
        "The field is there and not `null`."
    IsFilled "filled" None false false false
        "The field is there, not `null`, and not the empty text."
    IsTruthy "truthy" None false false false
        "The value is true as Python sees it: not missing, `null`, `false`, zero, or an empty text, list or object."
    IsKind "is" Kinds false false false
        "The value is of one of the kinds."
}

impl Operator {
    /// The table's entry.
    pub fn info(self) -> OperatorInfo {
        OPERATORS[self as usize]
    }

    /// The word in tables and in the text form.
    pub fn name(self) -> &'static str {
        self.info().name
    }
}
