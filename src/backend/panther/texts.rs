//! The operators on texts as Python.
//!
//! The subject is the empty text where it is not a text, so an operator that the empty text satisfies gets a guard.

use super::module::call;
use super::notation::Python;
use super::predicate::Subject;
use super::shape::{Shape, Sign};
use super::term::Loops;
use super::{names, quote};
use crate::ir::compute::is_match;
use crate::ir::{Object, Operator};

impl Subject<'_, '_> {
    pub(super) fn parts(&self, loops: &mut Loops) -> Result<Shape, String> {
        let texts = self.texts()?;
        if texts.iter().any(String::is_empty) {
            return self.is_text(loops);
        }
        let subject = self.text(loops)?;
        let literals: Vec<String> = texts.iter().map(|text| quote::text(text)).collect();
        let (method, suffix) = match self.predicate.operator {
            Operator::StartsWith => ("startswith", "PREFIXES"),
            Operator::EndsWith => ("endswith", "SUFFIXES"),
            _ => {
                return Ok(match literals.as_slice() {
                    [] => Shape::never(),
                    [one] => Shape::compare(one, Sign::In, subject),
                    many => Shape::atom(format!(
                        "any(part in {subject} for part in {})",
                        self.tuple(many, "PARTS")
                    )),
                });
            }
        };
        Ok(match literals.as_slice() {
            [] => Shape::never(),
            [one] => Shape::atom(format!("{subject}.{method}({one})")),
            many => Shape::atom(format!("{subject}.{method}({})", self.tuple(many, suffix))),
        })
    }

    /// Kusto's terms: where the text's edge is part of a term, the character beside it must not be.
    pub(super) fn terms(&self, loops: &mut Loops) -> Result<Shape, String> {
        const BEFORE: &str = "(?:^|[^0-9A-Za-z\\x80-\\U0010ffff])";
        const AFTER: &str = "(?:[^0-9A-Za-z\\x80-\\U0010ffff]|$)";
        let in_term = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
        let texts = self.texts()?;
        if texts.iter().any(String::is_empty) {
            return self.is_text(loops);
        }
        let subject = self.text(loops)?;
        let patterns: Vec<String> = texts
            .iter()
            .map(|text| {
                let escaped = super::regex::python(&regex::escape(text)).unwrap_or_default();
                let before = if text.starts_with(in_term) {
                    BEFORE
                } else {
                    ""
                };
                let after = if text.ends_with(in_term) { AFTER } else { "" };
                format!("{before}{escaped}{after}")
            })
            .collect();
        Ok(self.searches(&patterns, &subject, false))
    }

    /// Whether one of the patterns is found in the text.
    fn searches(&self, patterns: &[String], subject: &str, fold: bool) -> Shape {
        let python = self.python;
        match patterns {
            [] => Shape::never(),
            [one] => {
                let name = python.regex(&self.predicate.subject, one, fold);
                Shape::Truth(format!("{name}.search({subject})"))
            }
            many => {
                let stem = format!("{}_PATTERNS", names::constant(&self.predicate.subject));
                let compiled: Vec<String> = many
                    .iter()
                    .map(|pattern| Python::compiled(pattern, fold))
                    .collect();
                let name = python
                    .module
                    .constant(&stem, format!("({})", compiled.join(", ")));
                Shape::atom(format!(
                    "any(pattern.search({subject}) for pattern in {name})"
                ))
            }
        }
    }

    pub(super) fn matches(&self, loops: &mut Loops) -> Result<Shape, String> {
        let Object::Texts(patterns) = &self.predicate.object else {
            return Err("an object that does not fit the operator".to_owned());
        };
        let written: Vec<String> = patterns
            .iter()
            .map(|pattern| super::regex::python(pattern))
            .collect::<Result<_, _>>()?;
        let subject = self
            .python
            .text(&self.predicate.subject, self.known, loops)?;
        let shape = self.searches(&written, &subject, self.fold);
        let matches_nothing = |pattern: &String| is_match(pattern, false, "");
        if patterns.iter().any(matches_nothing) {
            self.guarded(shape, loops)
        } else {
            Ok(shape)
        }
    }

    pub(super) fn wildcards(&self, loops: &mut Loops) -> Result<Shape, String> {
        let texts = self.texts()?;
        if texts
            .iter()
            .any(|text| !text.is_empty() && text.chars().all(|c| c == '*'))
        {
            return self.is_text(loops);
        }
        let subject = self.text(loops)?;
        let patterns: Vec<String> = texts
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| quote::text(&fnmatch_pattern(text)))
            .collect();
        let fnmatch = |pattern: &str| format!("fnmatch({subject}, {pattern})");
        let mut shapes = match patterns.as_slice() {
            [] => Vec::new(),
            [one] => vec![Shape::atom(fnmatch(one))],
            many => vec![Shape::atom(format!(
                "any({} for pattern in {})",
                fnmatch("pattern"),
                self.tuple(many, "PATTERNS")
            ))],
        };
        if patterns.len() < texts.len() {
            shapes.push(Shape::compare(
                self.value(&mut Loops::default())?,
                Sign::Equal,
                "\"\"",
            ));
        }
        Ok(Shape::any(shapes))
    }

    pub(super) fn networks(&self, loops: &mut Loops) -> Result<Shape, String> {
        let subject = self
            .python
            .text(&self.predicate.subject, self.known, loops)?;
        let networks: Vec<String> = self
            .texts()?
            .iter()
            .map(|text| {
                let network = text
                    .parse::<ipnet::IpNet>()
                    .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
                // Python refuses a network whose address has bits beyond the prefix.
                network
                    .map(|network| quote::text(&network.trunc().to_string()))
                    .map_err(|_| format!("`{text}` is no network in CIDR notation"))
            })
            .collect::<Result<_, _>>()?;
        let networks = match networks.as_slice() {
            [] => return Ok(Shape::never()),
            // A tuple of one needs its comma.
            [one] => format!("[{one}]"),
            many => self.tuple(many, "NETWORKS"),
        };
        Ok(Shape::atom(call("in_networks", &[&subject, &networks])))
    }
}

/// A wildcard pattern in the words of Python's `fnmatch`, where brackets stand for one of the characters in them.
fn fnmatch_pattern(pattern: &str) -> String {
    let mut written = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next().unwrap_or('\\') {
                plain @ ('*' | '?' | '[') => written.extend(['[', plain, ']']),
                plain => written.push(plain),
            },
            '[' => written.push_str("[[]"),
            c => written.push(c),
        }
    }
    written
}
