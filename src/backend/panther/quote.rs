//! Constants as Python literals, quoted as the Black formatter quotes them: double quotes, unless single ones need fewer
//! backslashes. Characters that cannot be seen are escaped, so that the text on the page is the text that is meant.

use serde_json::Value;

/// A text literal.
pub(super) fn text(text: &str) -> String {
    let quote = quote_for(text);
    let mut literal = String::from(quote);
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
    let count = |wanted: char| text.chars().filter(|c| *c == wanted).count();
    if count('\'') < count('"') { '\'' } else { '"' }
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
    c.is_control()
        || matches!(u32::from(c),
            0x00ad | 0x061c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff
            | 0xfe00..=0xfe0f | 0xfeff | 0xfff0..=0xffff | 0xe0000..=0x10_ffff)
        || (c.is_whitespace() && c != ' ')
}

/// Any constant.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => self::text(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, item)| format!("{}: {}", self::text(key), self::value(item)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A list of expressions.
pub(super) fn list(items: &[String]) -> String {
    let items = items.iter().map(|item| unwrapped(item).unwrap_or(item));
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// What stands within parentheses around the whole of an expression that is no tuple and no generator.
pub(super) fn unwrapped(code: &str) -> Option<&str> {
    let inner = code.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0_usize;
    for piece in pieces(inner) {
        if piece.starts_with(['"', '\'']) {
            continue;
        }
        for c in piece.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.checked_sub(1)?,
                ',' if depth == 0 => return None,
                _ => {}
            }
        }
        if piece.contains(" for ") {
            return None;
        }
    }
    (depth == 0 && !inner.is_empty()).then_some(inner)
}

/// A piece of code as its texts, with their quotes, and what is between them.
pub(super) fn pieces(code: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let length = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => literal_length(rest, quote),
            _ => rest.find(['"', '\'']).unwrap_or(rest.len()),
        };
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The names that a piece of code uses: not those after a dot, nor those in texts but for what a formatted one shows.
pub(super) fn words(code: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let length = if is_word(c) || c == '.' {
            let end = rest
                .find(|c: char| !is_word(c) && c != '.')
                .unwrap_or(rest.len());
            words.extend(
                rest[..end]
                    .split('.')
                    .next()
                    .filter(|word| !word.is_empty()),
            );
            match rest[end..].chars().next() {
                Some(quote @ ('"' | '\'')) if &rest[..end] == "f" => {
                    words.pop();
                    let length = literal_length(&rest[end..], quote);
                    words.extend(shown(&rest[end..end + length]).flat_map(self::words));
                    end + length
                }
                _ => end,
            }
        } else if let Some(docstring) = rest.strip_prefix("\"\"\"") {
            docstring.find("\"\"\"").map_or(rest.len(), |end| end + 6)
        } else if matches!(c, '"' | '\'') {
            literal_length(rest, c)
        } else {
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// The expressions that a formatted text shows.
fn shown(literal: &str) -> impl Iterator<Item = &str> {
    // A brace that is doubled stands for itself: what is between two of them is empty or has its own end first.
    let starts = literal.split('{').skip(1);
    starts.filter_map(|part| part.split_once('}').map(|(shown, _)| shown))
}

/// The length of the text literal that the code starts with.
pub(super) fn literal_length(code: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use rustpython_ruff_python_ast::Expr;
    use serde_json::json;

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
    fn items_of_a_list_need_no_parentheses() {
        let items = ["(a or b)", "(1, 2)", "(x for x in y)", "f(a)"].map(str::to_owned);
        assert_eq!(list(&items), "[a or b, (1, 2), (x for x in y), f(a)]");
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

    #[test]
    fn values_are_pythons() {
        assert_eq!(
            value(&json!({"a": [null, true, 1, 1.5, "x"]})),
            "{\"a\": [None, True, 1, 1.5, \"x\"]}"
        );
    }
}
