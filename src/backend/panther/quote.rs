//! Constants as Python literals, quoted as the Black formatter quotes them: double quotes, unless single ones need fewer
//! backslashes. Characters that cannot be seen are escaped, so that the text on the page is the text that is meant.

/// A text literal.
pub(super) fn text(text: &str) -> String {
    let quote = quote_for(text);
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    text.chars().for_each(|c| push(c, quote, &mut literal));
    literal.push(quote);
    literal
}

/// A raw text literal where the text allows one, else an ordinary one.
pub(super) fn raw(text: &str) -> String {
    let raw_quote = if text.contains('"') { '\'' } else { '"' };
    let plain = !text.contains('\\');
    if plain || text.contains(raw_quote) || text.ends_with('\\') || text.chars().any(is_unseen) {
        return self::text(text);
    }
    format!("r{raw_quote}{text}{raw_quote}")
}

/// A piece of a formatted text: the constant text between two values.
pub(super) struct Formatted {
    pieces: Vec<Piece>,
}

enum Piece {
    Constant(String),
    Name(String),
}

impl Formatted {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    /// Adds a constant text.
    pub(super) fn constant(&mut self, text: &str) {
        if let Some(Piece::Constant(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.pieces.push(Piece::Constant(text.to_owned()));
        }
    }

    /// Adds the value of a variable.
    pub(super) fn name(&mut self, name: &str) {
        self.pieces.push(Piece::Name(name.to_owned()));
    }

    /// The literal: an ordinary one where there is no variable.
    pub(super) fn literal(&self) -> String {
        let constants: String = self
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Constant(text) => Some(text.as_str()),
                Piece::Name(_) => None,
            })
            .collect();
        if !self
            .pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Name(_)))
        {
            return text(&constants);
        }
        let quote = quote_for(&constants);
        let mut literal = format!("f{quote}");
        for piece in &self.pieces {
            match piece {
                Piece::Name(name) => {
                    literal.push('{');
                    literal.push_str(name);
                    literal.push('}');
                }
                Piece::Constant(text) => {
                    for c in text.chars() {
                        push(c, quote, &mut literal);
                        if matches!(c, '{' | '}') {
                            literal.push(c);
                        }
                    }
                }
            }
        }
        literal.push(quote);
        literal
    }
}

fn quote_for(text: &str) -> char {
    let count = |wanted: u8| text.bytes().filter(|byte| *byte == wanted).count();
    if count(b'\'') < count(b'"') {
        '\''
    } else {
        '"'
    }
}

fn push(c: char, quote: char, literal: &mut String) {
    match c {
        '\\' => literal.push_str("\\\\"),
        '\n' => literal.push_str("\\n"),
        '\r' => literal.push_str("\\r"),
        '\t' => literal.push_str("\\t"),
        c if c == quote => {
            literal.push('\\');
            literal.push(c);
        }
        c if is_unseen(c) => literal.push_str(&escape(c)),
        c => literal.push(c),
    }
}

/// The escape of a character that cannot be seen, as texts and regular expressions of Python write it.
pub(super) fn escape(c: char) -> String {
    match u32::from(c) {
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code @ 0x100..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// Whether a character leaves no mark on the page or changes how others are read: controls, separators of lines, marks of
/// direction, characters for private use.
pub(super) fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(u32::from(c),
            0x00ad | 0x061c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff
            | 0xfe00..=0xfe0f | 0xfeff | 0xfff0..=0xffff | 0xe0000..=0x10_ffff)
        || (c.is_whitespace() && c != ' ')
}

#[cfg(test)]
mod tests {
    use rustpython_ruff_python_ast::Expr;

    use super::*;

    /// The text that Python reads from the literal.
    fn read(literal: &str) -> String {
        match rustpython_ruff_python_parser::parse_expression(literal)
            .unwrap()
            .into_expr()
        {
            Expr::StringLiteral(literal) => literal.value.to_str().to_owned(),
            other => panic!("{literal} is {other:?}"),
        }
    }

    #[test]
    fn texts_read_back_as_themselves() {
        for sample in [
            "",
            "plain",
            "it's",
            "say \"x\"",
            "it's \"x\"",
            "a\\b",
            "\\",
            "tab\tline\n",
            "\u{0}\u{7f}\u{85}",
            "\u{2028}\u{feff}\u{200b}",
            "é中\u{1f600}",
            "{a}",
            "\\d+",
            "\\\"'",
            "\u{10ffff}",
            "a\r\n",
        ] {
            assert_eq!(read(&text(sample)), sample, "{}", text(sample));
            assert_eq!(read(&raw(sample)), sample, "{}", raw(sample));
        }
    }

    #[test]
    fn quotes_are_the_ones_that_need_fewer_backslashes() {
        assert_eq!(text("a"), "\"a\"");
        assert_eq!(text("say \"x\""), "'say \"x\"'");
        assert_eq!(text("it's"), "\"it's\"");
        assert_eq!(text("'\""), "\"'\\\"\"");
        assert_eq!(raw("\\d+"), "r\"\\d+\"");
        assert_eq!(raw("\"\\d\""), "r'\"\\d\"'");
    }

    #[test]
    fn formatted_texts_double_their_braces() {
        let mut formatted = Formatted::new();
        formatted.constant("user {");
        formatted.constant("\"");
        formatted.name("user_name");
        assert_eq!(formatted.literal(), "f'user {{\"{user_name}'");
    }
}
