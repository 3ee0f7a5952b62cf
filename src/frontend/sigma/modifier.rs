//! The key of a detection item: a field name and its value modifiers, each with its place in the key.

use crate::ir::Operator;
use crate::source::TextRange;

/// A value modifier of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    Contains,
    StartsWith,
    EndsWith,
    /// Every value, instead of any.
    All,
    Cased,
    NotEqual,
    Regex,
    /// A flag of a regular expression: `i`, `m` or `s`.
    Flag(char),
    Network,
    Exists,
    Compare(Operator),
    FieldReference,
    WindowsDash,
    Base64,
    Base64Offset,
    Encode(Encoding),
    /// Values hold placeholders such as `%servers%`.
    Expand,
    /// A part of a point in time, such as `hour`.
    TimePart(TimePart),
}

/// A text encoding that comes before Base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf16Le,
    Utf16Be,
    /// Little-endian with a byte order mark.
    Utf16,
}

/// A part of a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A field name and its modifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// The name; empty for a search over the whole event.
    pub(super) field: String,
    /// The modifiers, in order.
    pub(super) modifiers: Vec<Modifier>,
}

/// A modifier that is not known: its text and its place in the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) text: String,
    pub(super) range: TextRange,
}

impl TimePart {
    /// The modifier's word.
    pub(super) fn modifier(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The part's name in the IR.
    pub(super) fn part(self) -> &'static str {
        match self {
            Self::Week => "week_of_year",
            Self::Minute | Self::Hour | Self::Day | Self::Month | Self::Year => self.modifier(),
        }
    }
}

impl Key {
    /// Reads `field|modifier|modifier`.
    pub(super) fn parse(key: &str) -> Result<Self, Unknown> {
        let mut pieces = key.split('|');
        let field = pieces.next().unwrap_or("").to_owned();
        let mut start = field.len();
        let mut modifiers = Vec::new();
        for text in pieces {
            let range = TextRange::new(start + 1, start + 1 + text.len());
            start = range.indices().end;
            modifiers.push(Modifier::named(text).ok_or_else(|| Unknown {
                text: text.to_owned(),
                range,
            })?);
        }
        Ok(Self { field, modifiers })
    }

    /// Whether the modifier is there.
    pub(super) fn has(&self, modifier: Modifier) -> bool {
        self.modifiers.contains(&modifier)
    }
}

impl Modifier {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "contains" => Self::Contains,
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "all" => Self::All,
            "cased" => Self::Cased,
            "neq" => Self::NotEqual,
            "re" => Self::Regex,
            "i" | "ignorecase" => Self::Flag('i'),
            "m" | "multiline" => Self::Flag('m'),
            "s" | "dotall" => Self::Flag('s'),
            "cidr" => Self::Network,
            "exists" => Self::Exists,
            "lt" => Self::Compare(Operator::LessThan),
            "lte" => Self::Compare(Operator::AtMost),
            "gt" => Self::Compare(Operator::GreaterThan),
            "gte" => Self::Compare(Operator::AtLeast),
            "fieldref" => Self::FieldReference,
            "windash" => Self::WindowsDash,
            "base64" => Self::Base64,
            "base64offset" => Self::Base64Offset,
            "wide" | "utf16le" => Self::Encode(Encoding::Utf16Le),
            "utf16be" => Self::Encode(Encoding::Utf16Be),
            "utf16" => Self::Encode(Encoding::Utf16),
            "expand" => Self::Expand,
            "minute" => Self::TimePart(TimePart::Minute),
            "hour" => Self::TimePart(TimePart::Hour),
            "day" => Self::TimePart(TimePart::Day),
            "week" => Self::TimePart(TimePart::Week),
            "month" => Self::TimePart(TimePart::Month),
            "year" => Self::TimePart(TimePart::Year),
            _ => return None,
        })
    }

    /// Its word, where it says how the value is compared.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::FieldReference => "fieldref",
            Self::Compare(Operator::LessThan) => "lt",
            Self::Compare(Operator::AtMost) => "lte",
            Self::Compare(Operator::GreaterThan) => "gt",
            Self::Compare(_) => "gte",
            Self::TimePart(part) => part.modifier(),
            _ => "the modifier",
        }
    }

    /// Whether it says how the value is compared; a key has at most one of these.
    pub(super) fn is_type(self) -> bool {
        matches!(
            self,
            Self::Regex
                | Self::Network
                | Self::Exists
                | Self::Compare(_)
                | Self::FieldReference
                | Self::TimePart(_)
        )
    }

    /// Whether values compared so can be searched for in the whole event.
    pub(super) fn fits_keywords(self) -> bool {
        matches!(self, Self::Regex | Self::Network)
    }

    /// Whether it may stand beside a type modifier (`None`: beside plain values).
    pub(super) fn fits(self, kind: Option<Self>) -> bool {
        match self {
            Self::All | Self::NotEqual => kind != Some(Self::Exists),
            Self::Flag(_) => kind == Some(Self::Regex),
            // A search needs no `.*` around it.
            Self::Contains => matches!(kind, None | Some(Self::Regex | Self::FieldReference)),
            Self::StartsWith | Self::EndsWith => {
                matches!(kind, None | Some(Self::FieldReference))
            }
            Self::Expand => matches!(kind, None | Some(Self::Regex)),
            Self::Cased
            | Self::WindowsDash
            | Self::Base64
            | Self::Base64Offset
            | Self::Encode(_) => kind.is_none(),
            Self::Regex
            | Self::Network
            | Self::Exists
            | Self::Compare(_)
            | Self::FieldReference
            | Self::TimePart(_) => kind == Some(self),
        }
    }
}
