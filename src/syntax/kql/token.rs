//! The tokens of KQL: what kind each one is and where it stands.
//!
//! A token has no text of its own; it is read from the query by its range. Keywords are plain [`TokenKind::Word`]s, because
//! most of them are also allowed as names: the parser decides by position. Words that hold a dash (`mv-expand`) or an
//! exclamation mark (`!has`) are one token.

use crate::source::TextRange;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Whether white space or a comment stands before it.
    pub(super) spaced: bool,
    /// Where it stands.
    pub(super) range: TextRange,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $shown:literal)*) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum TokenKind { $($(#[$doc])* $variant),* }

        impl TokenKind {
            /// The token as a message names it.
            pub(super) fn shown(self) -> &'static str {
                match self { $(Self::$variant => $shown),* }
            }
        }
    };
}

kinds! {
    /// An identifier or keyword.
    Word "a name"
    /// Any form of string.
    String "a string"
    /// `12`, `0x1F`, `long(12)`.
    Long "a number"
    /// `int(12)`.
    Int "a number"
    /// `1.5`, `1e3`, `real(1.5)`.
    Real "a number"
    /// `decimal(1.5)`.
    Decimal "a number"
    /// `true`, `bool(true)`.
    Bool "a boolean"
    /// `datetime(2024-01-01)`.
    Datetime "a datetime"
    /// `1d`, `timespan(1.02:03:04)`.
    Timespan "a timespan"
    /// `guid(...)`.
    Guid "a guid"
    /// `(`
    OpenParen "`(`"
    /// `)`
    CloseParen "`)`"
    /// `[`
    OpenBracket "`[`"
    /// `]`
    CloseBracket "`]`"
    /// `{`
    OpenBrace "`{`"
    /// `}`
    CloseBrace "`}`"
    /// `|`
    Bar "`|`"
    /// `,`
    Comma "`,`"
    /// `;`
    Semicolon "`;`"
    /// `:`
    Colon "`:`"
    /// `.`
    Dot "`.`"
    /// `..`
    DotDot "`..`"
    /// `=`
    Assign "`=`"
    /// `=>`
    Arrow "`=>`"
    /// `==`
    Equal "`==`"
    /// `!=`
    NotEqual "`!=`"
    /// `<>`
    Differs "`<>`"
    /// `=~`
    EqualTilde "`=~`"
    /// `!~`
    BangTilde "`!~`"
    /// `<`
    Less "`<`"
    /// `<=`
    LessOrEqual "`<=`"
    /// `>`
    Greater "`>`"
    /// `>=`
    GreaterOrEqual "`>=`"
    /// `+`
    Plus "`+`"
    /// `-`
    Minus "`-`"
    /// `*`
    Star "`*`"
    /// `/`
    Slash "`/`"
    /// `%`
    Percent "`%`"
    /// `@`
    At "`@`"
    /// `?`
    Question "`?`"
    /// A character that is no part of the language; the lexer has reported it.
    Unknown "an unknown character"
    /// The end of the text.
    End "the end of the query"
}

impl TokenKind {
    /// Whether the token closes a bracket.
    pub(super) fn closes(self) -> bool {
        matches!(
            self,
            Self::CloseParen | Self::CloseBracket | Self::CloseBrace
        )
    }

    /// Whether the token opens a bracket.
    pub(super) fn opens(self) -> bool {
        matches!(self, Self::OpenParen | Self::OpenBracket | Self::OpenBrace)
    }

    /// Whether the token can be an operator between two operands.
    pub(super) fn is_operator(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Differs
                | Self::EqualTilde
                | Self::BangTilde
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::Plus
                | Self::Minus
                | Self::Star
                | Self::Slash
                | Self::Percent
                | Self::Colon
        )
    }

    /// Whether the token is a literal.
    pub(super) fn is_literal(self) -> bool {
        matches!(
            self,
            Self::String
                | Self::Long
                | Self::Int
                | Self::Real
                | Self::Decimal
                | Self::Bool
                | Self::Datetime
                | Self::Timespan
                | Self::Guid
        )
    }
}
