//! Query text to tokens and comments.
//!
//! Invariants: the tokens' ranges ascend and never overlap, every byte outside a token is white space or a comment, and the
//! last token is [`TokenKind::End`]. Nothing is refused: an unterminated string, an unknown escape or an unknown character
//! is reported and still becomes a token, so that the parser can go on.

use super::error::SyntaxError;
use super::text::{self, Quoted};
use super::token::{Token, TokenKind};
use super::word;
use crate::source::TextRange;

/// The lexer's result.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    /// The tokens, the last one is the end.
    pub(super) tokens: Vec<Token>,
    /// The comments, without their line ends.
    pub(super) comments: Vec<TextRange>,
    /// What was wrong.
    pub(super) errors: Vec<SyntaxError>,
}

/// The tokens and comments of a query.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        spaced: false,
        out: Lexed::default(),
    };
    lexer.out.tokens.reserve(text.len() / 5 + 1);
    lexer.run();
    lexer.out.errors.sort_by_key(|error| error.range);
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    spaced: bool,
    out: Lexed,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        self.directives();
        loop {
            self.trivia();
            let start = self.at;
            let Some(byte) = self.peek(0) else {
                self.push(TokenKind::End, start);
                return;
            };
            let kind = self.token(byte);
            self.push(kind, start);
        }
    }

    /// Lines at the head that speak to an editor (`#connect ...`) are no part of the query.
    fn directives(&mut self) {
        self.trivia();
        while self.peek(0) == Some(b'#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            self.trivia();
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.out.tokens.push(Token {
            kind,
            spaced: self.spaced,
            range: TextRange::new(start, self.at),
        });
        self.spaced = false;
    }

    fn peek(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.at + offset).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn error(&mut self, start: usize, end: usize, message: &str, help: Option<&str>) {
        let error = SyntaxError::new(TextRange::new(start, end), message);
        self.out.errors.push(match help {
            Some(help) => error.with_help(help),
            None => error,
        });
    }

    fn trivia(&mut self) {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c) => self.at += 1,
                Some(b'/') if self.peek(1) == Some(b'/') => {
                    let length = self.rest().find('\n').unwrap_or(self.rest().len());
                    let line = self
                        .rest()
                        .get(..length)
                        .unwrap_or("")
                        .trim_end_matches('\r')
                        .len();
                    self.out
                        .comments
                        .push(TextRange::new(self.at, self.at + line));
                    self.at += length;
                }
                Some(byte) if byte >= 0x80 => match self.rest().chars().next() {
                    Some(c) if c.is_whitespace() || c == '\u{feff}' => self.at += c.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
            self.spaced = true;
        }
    }

    fn token(&mut self, byte: u8) -> TokenKind {
        match byte {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F'
                if self.peek(8) == Some(b'-') && self.raw_guid() =>
            {
                TokenKind::Guid
            }
            b'0'..=b'9' => self.number(),
            b'h' | b'H' if self.starts_string(1) => self.string(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.word(),
            b'"' | b'\'' => self.string(),
            b'@' | b'`' | b'~' if self.starts_string(0) => self.string(),
            _ => self.punctuation(byte),
        }
    }

    /// Whether a string starts `offset` bytes ahead (behind an `h` prefix, for example).
    fn starts_string(&self, offset: usize) -> bool {
        let rest = self.bytes.get(self.at + offset..).unwrap_or(b"");
        match rest.first() {
            Some(b'"' | b'\'') => true,
            Some(b'@') => matches!(rest.get(1), Some(b'"' | b'\'')),
            _ => rest.starts_with(b"```") || rest.starts_with(b"~~~"),
        }
    }

    fn string(&mut self) -> TokenKind {
        let start = self.at;
        let scanned = text::scan(self.rest());
        self.at += scanned.length;
        for (from, to) in &scanned.bad_escapes {
            let message = format!(
                "the escape `{}` is not one of KQL",
                self.text.get(start + from..start + to).unwrap_or("")
            );
            let help = "a backslash is written as `\\\\`, or the string as @\"...\" in which backslashes stand for themselves";
            self.error(start + from, start + to, &message, Some(help));
        }
        if !scanned.terminated {
            let quote = match scanned.form {
                Quoted::Escaped(quote) | Quoted::Verbatim(quote) => char::from(quote).to_string(),
                Quoted::Lines(quote) => quote.to_owned(),
            };
            let at = self.at;
            self.error(
                start,
                at,
                &format!("expected `{quote}` at the end of the string"),
                None,
            );
        }
        TokenKind::String
    }

    /// A guid without `guid(...)`, which is one token so that the error covers it.
    fn raw_guid(&mut self) -> bool {
        let start = self.at;
        let Some(text) = self.text.get(start..start + 36) else {
            return false;
        };
        let shape = text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
        if shape {
            self.at += 36;
            self.error(
                start,
                start + 36,
                "expected `guid(...)` around the guid",
                None,
            );
        }
        shape
    }

    fn number(&mut self) -> TokenKind {
        let (kind, length) = super::number::scan(self.rest());
        if kind == TokenKind::Word {
            return self.word();
        }
        self.at += length;
        kind
    }

    fn word(&mut self) -> TokenKind {
        let start = self.at;
        self.at += word_length(self.rest());
        let word = self.text.get(start..self.at).unwrap_or("");
        match self.peek(0) {
            Some(b'$') => self.odd_name(start),
            Some(b'-') => self.dashed(start),
            Some(b'~') if word == "in" => {
                self.at += 1;
                TokenKind::Word
            }
            Some(b'(') => match enclosed_kind(word) {
                Some(kind) => self.enclosed(start, kind),
                None => plain_kind(word),
            },
            _ => plain_kind(word),
        }
    }

    /// A name with a dollar sign behind its first character.
    fn odd_name(&mut self, start: usize) -> TokenKind {
        let odd = |c: char| !is_word_character(c) && c != '$';
        self.at += self.rest().find(odd).unwrap_or(self.rest().len());
        let name = self.text.get(start..self.at).unwrap_or("");
        let message = format!("expected brackets around the name `{name}`");
        let help = format!("write ['{name}']");
        self.error(start, self.at, &message, Some(&help));
        TokenKind::Word
    }

    fn dashed(&mut self, start: usize) -> TokenKind {
        let text = self.text.get(start..).unwrap_or("");
        let Some(word) = word::dashed_prefix(text) else {
            return plain_kind(self.text.get(start..self.at).unwrap_or(""));
        };
        if !text
            .get(word.len()..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(is_word_character)
        {
            self.at = start + word.len();
        }
        TokenKind::Word
    }

    /// `datetime(...)` and its like: the text up to the parenthesis is one token, on one line.
    fn enclosed(&mut self, start: usize, kind: TokenKind) -> TokenKind {
        let length = self
            .rest()
            .find([')', '\n', '\r'])
            .unwrap_or(self.rest().len());
        self.at += length;
        if self.peek(0) == Some(b')') {
            self.at += 1;
        } else {
            let at = self.at;
            self.error(start, at, "expected `)` at the end of the literal", None);
        }
        kind
    }

    fn unknown(&mut self) -> TokenKind {
        let start = self.at;
        if self.rest().starts_with("&&") {
            self.at += 2;
            self.error(start, start + 2, "expected `and`, found `&&`", None);
            return TokenKind::Unknown;
        }
        let character = self.rest().chars().next().unwrap_or('\0');
        self.at += character.len_utf8();
        let shown = character.escape_debug();
        let help = match character {
            '~' if self.rest().starts_with('=') => {
                Some("texts are compared in any case with `=~`, and with `!~` for its negation")
            }
            letter if letter.is_alphabetic() => {
                Some("a name with such letters stands in brackets and quotes: ['...']")
            }
            _ => None,
        };
        self.error(
            start,
            self.at,
            &format!("the character `{shown}` is not part of KQL"),
            help,
        );
        TokenKind::Unknown
    }

    fn bang(&mut self) -> TokenKind {
        let mut length = word_length(self.text.get(self.at + 1..).unwrap_or(""));
        if self.bytes.get(self.at + 1 + length) == Some(&b'~') {
            length += 1;
        }
        let word = self
            .text
            .get(self.at + 1..self.at + 1 + length)
            .unwrap_or("");
        if word::is_negated_operator(word) {
            self.at += 1 + length;
            return TokenKind::Word;
        }
        let start = self.at;
        self.at += 1;
        let help = if matches!(word, "has_any" | "has_all" | "matches") {
            "the operator has no negated form: not(x OPERATOR y) says the same"
        } else {
            "a condition is negated with not(...)"
        };
        self.error(
            start,
            start + 1 + length,
            "expected a negated operator after `!`",
            Some(help),
        );
        TokenKind::Unknown
    }

    fn punctuation(&mut self, byte: u8) -> TokenKind {
        use TokenKind as K;
        let (kind, length) = match (byte, self.peek(1)) {
            (b'.', Some(b'.')) => (K::DotDot, 2),
            (b'=', Some(b'=')) => (K::Equal, 2),
            (b'=', Some(b'~')) => (K::EqualTilde, 2),
            (b'=', Some(b'>')) => (K::Arrow, 2),
            (b'!', Some(b'=')) => (K::NotEqual, 2),
            (b'!', Some(b'~')) => (K::BangTilde, 2),
            (b'!', _) => return self.bang(),
            (b'<', Some(b'=')) => (K::LessOrEqual, 2),
            (b'<', Some(b'>')) => (K::Differs, 2),
            (b'>', Some(b'=')) => (K::GreaterOrEqual, 2),
            (b'(', _) => (K::OpenParen, 1),
            (b')', _) => (K::CloseParen, 1),
            (b'[', _) => (K::OpenBracket, 1),
            (b']', _) => (K::CloseBracket, 1),
            (b'{', _) => (K::OpenBrace, 1),
            (b'}', _) => (K::CloseBrace, 1),
            (b'|', _) => (K::Bar, 1),
            (b',', _) => (K::Comma, 1),
            (b';', _) => (K::Semicolon, 1),
            (b':', _) => (K::Colon, 1),
            (b'.', _) => (K::Dot, 1),
            (b'=', _) => (K::Assign, 1),
            (b'<', _) => (K::Less, 1),
            (b'>', _) => (K::Greater, 1),
            (b'+', _) => (K::Plus, 1),
            (b'-', _) => (K::Minus, 1),
            (b'*', _) => (K::Star, 1),
            (b'/', _) => (K::Slash, 1),
            (b'%', _) => (K::Percent, 1),
            (b'@', _) => (K::At, 1),
            (b'?', _) => (K::Question, 1),
            _ => return self.unknown(),
        };
        self.at += length;
        kind
    }
}

/// Whether the character can stand inside a word; other letters need a name in brackets.
pub(super) fn is_word_character(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// The length of the word that `text` starts with; a word may start with `$`.
fn word_length(text: &str) -> usize {
    let head = usize::from(text.starts_with('$'));
    let inside = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
    head + text.bytes().skip(head).take_while(inside).count()
}

fn plain_kind(word: &str) -> TokenKind {
    match word {
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => TokenKind::Bool,
        _ => TokenKind::Word,
    }
}

/// The literal that the word makes of a parenthesis right behind it.
fn enclosed_kind(word: &str) -> Option<TokenKind> {
    Some(match word {
        "long" | "int64" => TokenKind::Long,
        "int" | "int32" => TokenKind::Int,
        "real" | "double" => TokenKind::Real,
        "decimal" => TokenKind::Decimal,
        "bool" => TokenKind::Bool,
        "datetime" | "date" => TokenKind::Datetime,
        "time" | "timespan" => TokenKind::Timespan,
        "guid" => TokenKind::Guid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(TokenKind, &str)> {
        let lexed = lex(text);
        lexed
            .tokens
            .iter()
            .map(|token| (token.kind, &text[token.range.indices()]))
            .collect()
    }

    #[test]
    fn words_take_dashes_marks_and_digits() {
        use TokenKind as K;
        let found = shown("mv-expand a-b !in~ in~ 2022Most x !has_cs");
        let words: Vec<&str> = found
            .iter()
            .filter(|(kind, _)| *kind == K::Word)
            .map(|(_, text)| *text)
            .collect();
        assert_eq!(
            words,
            [
                "mv-expand",
                "a",
                "b",
                "!in~",
                "in~",
                "2022Most",
                "x",
                "!has_cs"
            ]
        );
    }

    #[test]
    fn numbers_and_enclosed_literals() {
        use TokenKind as K;
        let found: Vec<TokenKind> =
            shown("1 1.5 1e3 0x1F 10m 1.5h datetime(2024-01-01) 1..2 guid(x) h@'a'")
                .into_iter()
                .map(|(kind, _)| kind)
                .collect();
        let expected = [
            K::Long,
            K::Real,
            K::Real,
            K::Long,
            K::Timespan,
            K::Timespan,
            K::Datetime,
            K::Long,
            K::DotDot,
            K::Long,
            K::Guid,
            K::String,
            K::End,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn comments_are_kept_and_errors_located() {
        let lexed = lex("a // one\nb \"x\\d\" \u{1}");
        assert_eq!(lexed.comments, [TextRange::new(2, 8)]);
        let ranges: Vec<TextRange> = lexed.errors.iter().map(|error| error.range).collect();
        assert_eq!(ranges, [TextRange::new(13, 15), TextRange::new(17, 18)]);
    }
}
