//! The condition language: `selection and not 1 of filter_*` to a tree, with the place of each name.
//!
//! `or` binds looser than `and`, `and` looser than `not`, `not` looser than `1 of`. Refused: pipes (the aggregations of Sigma 1),
//! nesting deeper than [`MAX_DEPTH`], anything that the grammar does not have.

use crate::source::TextRange;

/// How deep parentheses may nest.
pub(super) const MAX_DEPTH: usize = 100;

/// A condition over the names of searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// Every part holds.
    All(Vec<Expression>),
    /// Some part holds.
    Any(Vec<Expression>),
    /// The part does not hold.
    Not(Box<Expression>),
    /// One search.
    Search {
        /// Its name.
        name: String,
        /// Where it is named.
        range: TextRange,
    },
    /// Several searches by a pattern.
    Of {
        /// Whether all of them must hold, or one.
        every: bool,
        /// The pattern of their names; `them` where there is none.
        pattern: Option<String>,
        /// Where it stands.
        range: TextRange,
    },
}

/// What is wrong with a condition, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// What is required.
    pub(super) message: String,
    /// Where.
    pub(super) range: TextRange,
    /// Whether it is well-formed Sigma 1 that is not supported.
    pub(super) unsupported: bool,
}

/// The tree of a condition.
pub(super) fn parse(text: &str) -> Result<Expression, Malformed> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        end: text.len(),
    };
    let expression = parser.any(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(malformed(
            format!("`and`, `or` or the end is required, not `{}`", token.text),
            token.range,
        )),
    }
}

/// Whether a name follows the pattern, in which `*` stands for any run.
pub(super) fn follows(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return name == pattern;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or("");
    for piece in pieces {
        match name.find(piece) {
            Some(at) => name = &name[at + piece.len()..],
            None => return false,
        }
    }
    name.ends_with(last)
}

#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    text: &'t str,
    range: TextRange,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    /// Whether `1 of`, `any of` or `all of` may start here, and whether it asks for all.
    fn quantifier(&self) -> Option<bool> {
        match self.text.to_ascii_lowercase().as_str() {
            "1" | "any" => Some(false),
            "all" => Some(true),
            _ => None,
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Malformed> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let length = if "()|".contains(first) {
            1
        } else {
            rest.find(|c: char| c.is_whitespace() || "()|".contains(c))
                .unwrap_or(rest.len())
        };
        let start = text.len() - rest.len();
        let range = TextRange::new(start, start + length);
        if first == '|' {
            return Err(Malformed {
                message: "a condition with a pipe (an aggregation of Sigma 1) is not supported; write a correlation rule".into(),
                range: TextRange::new(start, text.len()),
                unsupported: true,
            });
        }
        tokens.push(Token {
            text: &rest[..length],
            range,
        });
        rest = &rest[length..];
    }
}

fn malformed(message: String, range: TextRange) -> Malformed {
    Malformed {
        message,
        range,
        unsupported: false,
    }
}

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(word));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let mut parts = vec![self.not(depth)?];
        while self.take("and") {
            parts.push(self.not(depth)?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn not(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let mut negated = false;
        while self.take("not") {
            negated = !negated;
        }
        let operand = self.operand(depth)?;
        Ok(if negated {
            Expression::Not(Box::new(operand))
        } else {
            operand
        })
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let required = "the name of a search, `1 of` or a parenthesis is required";
        let Some(token) = self.peek() else {
            let end = TextRange::new(self.end, self.end);
            return Err(malformed(format!("{required} at the end"), end));
        };
        if token.is(")") || token.is("and") || token.is("or") {
            let message = format!("{required}, not `{}`", token.text);
            return Err(malformed(message, token.range));
        }
        self.at += 1;
        if token.is("(") {
            if depth >= MAX_DEPTH {
                let message = format!("parentheses may nest {MAX_DEPTH} deep at most");
                return Err(malformed(message, token.range));
            }
            let inner = self.any(depth + 1)?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err(malformed(
                    "the parenthesis is not closed".into(),
                    token.range,
                ))
            };
        }
        if self.peek().is_some_and(|next| next.is("of")) {
            return self.of(token);
        }
        Ok(Expression::Search {
            name: token.text.to_owned(),
            range: token.range,
        })
    }

    fn of(&mut self, count: Token<'t>) -> Result<Expression, Malformed> {
        self.at += 1;
        let Some(every) = count.quantifier() else {
            let message = format!(
                "`1 of`, `any of` or `all of` is required, not `{} of`",
                count.text
            );
            return Err(malformed(message, count.range));
        };
        let target = self.peek().filter(|token| !"()".contains(token.text));
        let Some(target) = target else {
            let message = "`of` requires the name of searches, or `them`".to_owned();
            return Err(malformed(message, count.range));
        };
        self.at += 1;
        Ok(Expression::Of {
            every,
            pattern: (!target.is("them")).then(|| target.text.to_owned()),
            range: count.range.cover(target.range),
        })
    }
}

fn one_or(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        join(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expression: &Expression) -> String {
        let join = |parts: &[Expression], word: &str| {
            let parts: Vec<String> = parts.iter().map(shown).collect();
            format!("({})", parts.join(word))
        };
        match expression {
            Expression::All(parts) => join(parts, " & "),
            Expression::Any(parts) => join(parts, " | "),
            Expression::Not(inner) => format!("!{}", shown(inner)),
            Expression::Search { name, .. } => name.clone(),
            Expression::Of { every, pattern, .. } => {
                let word = if *every { "all" } else { "one" };
                format!("{word}<{}>", pattern.as_deref().unwrap_or("them"))
            }
        }
    }

    #[test]
    fn precedence_is_the_specification_s() {
        for (text, tree) in [
            ("a or b and not c", "(a | (b & !c))"),
            ("(a or b) and c", "((a | b) & c)"),
            ("not 1 of filter_* and s", "(!one<filter_*> & s)"),
            ("all of them", "all<them>"),
            ("not not a", "a"),
            ("any of x OR b", "(one<x> | b)"),
            ("not (a and b)", "!(a & b)"),
        ] {
            assert_eq!(shown(&parse(text).unwrap()), tree, "{text}");
        }
    }

    #[test]
    fn malformed_conditions_name_their_place() {
        for (text, at) in [
            ("", 0..0),
            ("a and", 5..5),
            ("a b", 2..3),
            ("(a or b", 0..1),
            ("a )", 2..3),
            ("2 of x*", 0..1),
            ("1 of", 0..1),
            ("a | count() > 5", 2..15),
            ("and a", 0..3),
        ] {
            assert_eq!(parse(text).unwrap_err().range.indices(), at, "{text}");
        }
        let deep = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
        assert!(parse(&deep).unwrap_err().message.contains("deep"));
        assert_eq!(
            shown(&parse(&format!("{}a", "not ".repeat(100_001))).unwrap()),
            "!a"
        );
    }

    #[test]
    fn patterns_match_whole_names() {
        assert!(follows("filter_main_a", "filter_*"));
        assert!(follows("a_b_c", "a*b*c"));
        assert!(!follows("a_b_cd", "a*b*c"));
        assert!(!follows("selection", "selection_*"));
        assert!(follows("x", "*"));
        assert!(!follows("ab", "ab*b"));
    }
}
