//! A condition of names: which of the rules must match, and which must not.
//!
//! Read are names joined by `and`, any of them after `not`; `not (a or b)` is `not a and not b`. Refused: other uses of `or`, since
//! a correlation has its members all at once, and a name on both sides.

/// What a condition asks of the rules that it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extended {
    /// The names in the order in which they come first, and whether the rule must not match.
    pub(super) members: Vec<(String, bool)>,
}

/// How deep parentheses and negations may be nested.
const DEEPEST: usize = 50;

/// The names in a condition, in the order in which they come first.
pub(super) fn names(condition: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for token in tokens(condition) {
        let word = !["and", "or", "not", "(", ")"].contains(&token);
        if word && !names.iter().any(|name| name == token) {
            names.push(token.to_owned());
        }
    }
    names
}

/// The condition, or what is wrong with it.
pub(super) fn parse(condition: &str) -> Result<Extended, String> {
    let mut parser = Parser {
        tokens: tokens(condition),
        at: 0,
        members: Vec::new(),
    };
    parser.any(false, 0)?;
    match parser.peek() {
        None => Ok(Extended {
            members: parser.members,
        }),
        Some(token) => Err(format!("`{token}` is not expected in the condition")),
    }
}

fn tokens(condition: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for part in condition.split_whitespace() {
        let mut rest = part;
        while let Some(at) = rest.find(['(', ')']) {
            tokens.extend(Some(&rest[..at]).filter(|word| !word.is_empty()));
            tokens.push(&rest[at..=at]);
            rest = &rest[at + 1..];
        }
        tokens.extend(Some(rest).filter(|word| !word.is_empty()));
    }
    tokens
}

struct Parser<'c> {
    tokens: Vec<&'c str>,
    at: usize,
    members: Vec<(String, bool)>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    /// Alternatives. Under a negation each of them must not be, else there may be only one.
    fn any(&mut self, negated: bool, depth: usize) -> Result<(), String> {
        self.all(negated, depth)?;
        while self.take("or") {
            if !negated {
                return Err(
                    "a correlation of alternatives (`or`) is not supported; write one for each"
                        .into(),
                );
            }
            self.all(negated, depth)?;
        }
        Ok(())
    }

    fn all(&mut self, negated: bool, depth: usize) -> Result<(), String> {
        self.one(negated, depth)?;
        while self.take("and") {
            if negated {
                return Err(
                    "a negation of several rules at once (`not (a and b)`) is not supported".into(),
                );
            }
            self.one(negated, depth)?;
        }
        Ok(())
    }

    fn one(&mut self, negated: bool, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err("the condition is nested too deep".into());
        }
        if self.take("not") {
            return self.one(!negated, depth + 1);
        }
        if self.take("(") {
            self.any(negated, depth + 1)?;
            return if self.take(")") {
                Ok(())
            } else {
                Err("a parenthesis of the condition is not closed".into())
            };
        }
        let Some(name) = self.peek().map(str::to_owned) else {
            return Err("the condition requires the name of a rule at its end".into());
        };
        let mut letters = name.chars();
        let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
        let word = letters.next().is_some_and(starts)
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !["and", "or"].contains(&name.as_str());
        if !word {
            return Err(format!("`{name}` is not the name of a rule"));
        }
        self.at += 1;
        match self.members.iter().find(|(known, _)| *known == name) {
            None => self.members.push((name, negated)),
            Some((_, known)) if *known == negated => {}
            Some(_) => {
                return Err(format!(
                    "the condition asks for `{name}` and for its absence"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_present_or_absent() {
        let read = |text: &str| {
            let members = parse(text).map(|found| found.members);
            members.map(|members| {
                let shown = members
                    .iter()
                    .map(|(name, absent)| format!("{}{name}", if *absent { "-" } else { "" }));
                shown.collect::<Vec<String>>().join(" ")
            })
        };
        assert_eq!(read("a and b and not c").as_deref(), Ok("a b -c"));
        assert_eq!(read("a and not (b or c)").as_deref(), Ok("a -b -c"));
        assert_eq!(read("(a and (not not b))").as_deref(), Ok("a b"));
        for wrong in [
            "",
            "a or b",
            "a and",
            "not (a and b)",
            "(a",
            "a b",
            "a and not a",
            "1 of them",
            "a)",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(names("b and not(a or b)"), ["b", "a"]);
        assert!(read(&"(".repeat(10_000)).is_err());
    }
}
