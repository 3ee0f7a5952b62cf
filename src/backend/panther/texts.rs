//! The operators on texts as Python.
//!
//! The subject is the empty text where it is not a text, so an operator that the empty text satisfies gets a guard.

use super::code::Code;
use super::names;
use super::notation::Python;
use super::predicate::Subject;
use super::shape::{Shape, Sign};
use super::term::Loops;
use crate::ir::compute::is_match;
use crate::ir::{Object, Operator};

impl Subject<'_, '_> {
    pub(super) fn parts(&self, loops: &mut Loops) -> Result<Shape, String> {
        let texts = self.texts()?;
        if texts.iter().any(String::is_empty) {
            return self.is_text(loops);
        }
        let subject = self.text(loops)?;
        let mut literals: Vec<Code> = texts.iter().map(|text| Code::text(text)).collect();
        let (method, suffix) = match self.predicate.operator {
            Operator::StartsWith => ("startswith", "PREFIXES"),
            Operator::EndsWith => ("endswith", "SUFFIXES"),
            _ => {
                return Ok(match literals.as_slice() {
                    [] => Shape::never(),
                    [one] => Shape::compare(one, Sign::In, subject),
                    _ => {
                        let part = Code::compare(Code::name("part"), Sign::In, subject);
                        any_of(part, "part", self.tuple(literals, "PARTS"))
                    }
                });
            }
        };
        let sought = match literals.len() {
            0 => return Ok(Shape::never()),
            1 => literals.remove(0),
            _ => self.tuple(literals, suffix),
        };
        Ok(Shape::Other(subject.method(method, vec![sought])))
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
        Ok(self.searches(&patterns, subject, false))
    }

    /// Whether one of the patterns is found in the text.
    fn searches(&self, patterns: &[String], subject: Code, fold: bool) -> Shape {
        let python = self.python;
        match patterns {
            [] => Shape::never(),
            [one] => {
                let name = python.regex(&self.predicate.subject, one, fold);
                Shape::Truth(name.method("search", vec![subject]))
            }
            many => {
                let stem = format!("{}_PATTERNS", names::constant(&self.predicate.subject));
                let compiled = many.iter().map(|pattern| Python::compiled(pattern, fold));
                let patterns = Code::tuple(compiled.collect());
                let patterns = python.module.constant(&stem, patterns);
                let search = Code::name("pattern").method("search", vec![subject]);
                any_of(search, "pattern", patterns)
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
        let shape = self.searches(&written, subject, self.fold);
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
        let patterns: Vec<Code> = texts
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| Code::text(&fnmatch_pattern(text)))
            .collect();
        let count = patterns.len();
        let fnmatch = |pattern: Code| Code::call("fnmatch", vec![subject.clone(), pattern]);
        let mut shapes = match patterns.as_slice() {
            [] => Vec::new(),
            [one] => vec![Shape::Other(fnmatch(one.clone()))],
            _ => {
                let asked = fnmatch(Code::name("pattern"));
                vec![any_of(asked, "pattern", self.tuple(patterns, "PATTERNS"))]
            }
        };
        if count < texts.len() {
            shapes.push(Shape::compare(
                &self.value(&mut Loops::default())?,
                Sign::Equal,
                Code::text(""),
            ));
        }
        Ok(Shape::any(shapes))
    }

    pub(super) fn networks(&self, loops: &mut Loops) -> Result<Shape, String> {
        let subject = self
            .python
            .text(&self.predicate.subject, self.known, loops)?;
        let mut networks: Vec<Code> = self
            .texts()?
            .iter()
            .map(|text| {
                let network = text
                    .parse::<ipnet::IpNet>()
                    .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
                // Python refuses a network whose address has bits beyond the prefix.
                network
                    .map(|network| Code::text(&network.trunc().to_string()))
                    .map_err(|_| format!("`{text}` is no network in CIDR notation"))
            })
            .collect::<Result<_, _>>()?;
        let networks = match networks.len() {
            0 => return Ok(Shape::never()),
            1 => Code::list(vec![networks.remove(0)]),
            _ => self.tuple(networks, "NETWORKS"),
        };
        Ok(Shape::call("in_networks", vec![subject, networks]))
    }
}

/// Whether one of the constants passes.
fn any_of(asked: Code, name: &str, constants: Code) -> Shape {
    Shape::call("any", vec![Code::each(asked, name, constants)])
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
