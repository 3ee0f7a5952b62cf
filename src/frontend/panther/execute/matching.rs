//! Matches of regular expressions, and the functions that look for all of them: `findall`, `sub`, `split`.
//!
//! Refused: looking for all matches of a pattern that can match the empty text, or whose match may take a newline at the end of the
//! text with it (a `$`), since dialects differ in them; replacements that are not known texts.

use std::rc::Rc;

use regex::Regex;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Data, SequenceKind, Value};
use super::{Executor, Outcome, term};
use crate::ir::compute::compiled;
use crate::ir::{Function, Kind, Literal, Object, Operator, Term};

/// What Python's `$` becomes: a newline at the end is part of the match.
pub(super) const END: &str = r"\n?\z";

/// A group, by its number or its name.
type Group = Literal;

impl<'m> Executor<'m> {
    /// A method of a match.
    pub(super) fn match_method(
        &mut self,
        pattern: &str,
        text: &Term,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(regex) = compiled(pattern, false) else {
            return self.refuse("the regular expression must compile");
        };
        let wanted = arguments.positional.as_slice();
        match (name, wanted) {
            ("group", []) => self.group(&regex, text, &Literal::Integer(0)),
            ("group", [one]) => self.group_of(pattern, text, one),
            ("group", several) => {
                let groups: Outcome<Vec<Value<'m>>> = several
                    .iter()
                    .map(|one| self.group_of(pattern, text, one))
                    .collect();
                let groups = groups?;
                Ok(self.sequence(SequenceKind::Tuple, groups))
            }
            ("groups", []) => {
                let mut groups = Vec::new();
                for at in 1..regex.captures_len() {
                    let at = Literal::Integer(i64::try_from(at).unwrap_or(i64::MAX));
                    groups.push(self.group(&regex, text, &at)?);
                }
                Ok(self.sequence(SequenceKind::Tuple, groups))
            }
            ("groupdict", []) => {
                let mut entries = Vec::new();
                for name in regex.capture_names().flatten() {
                    let name = Literal::text(name);
                    let value = self.group(&regex, text, &name)?;
                    entries.push((name, value));
                }
                Ok(self.mapping(entries))
            }
            ("start", []) => {
                let place = Term::call(Function::IndexOfRegex, [text.clone(), Term::text(pattern)]);
                Ok(Value::computed(place, Kind::Integer))
            }
            _ => self.refuse(format!("`.{name}()` of a match cannot be expressed here")),
        }
    }

    /// `match[group]`, `match.group(group)`.
    pub(super) fn group_of(
        &mut self,
        pattern: &str,
        text: &Term,
        group: &Value<'m>,
    ) -> Outcome<Value<'m>> {
        match (compiled(pattern, false), group) {
            (Some(regex), Value::Constant(group @ (Literal::Integer(_) | Literal::Text(_)))) => {
                self.group(&regex, text, group)
            }
            _ => self.refuse("a group of a match must be known"),
        }
    }

    fn group(&mut self, regex: &Regex, text: &Term, group: &Group) -> Outcome<Value<'m>> {
        let known = match group {
            Literal::Integer(at) => usize::try_from(*at).is_ok_and(|at| at < regex.captures_len()),
            Literal::Text(name) => regex.capture_names().flatten().any(|known| known == name),
            _ => false,
        };
        if !known {
            return self.raise(Exception::INDEX);
        }
        let pattern = regex.as_str();
        let whole = *group == Literal::Integer(0);
        if takes_newline(pattern, whole) {
            return self.refuse("the text of a match up to a `$` cannot be expressed");
        }
        if let Some(text) = text.as_literal().and_then(Literal::as_text) {
            let captures = regex.captures(text);
            let found = captures.and_then(|captures| match group {
                Literal::Text(name) => captures.name(name).map(|found| found.as_str().to_owned()),
                Literal::Integer(at) => usize::try_from(*at)
                    .ok()
                    .and_then(|at| captures.get(at))
                    .map(|found| found.as_str().to_owned()),
                _ => None,
            });
            return Ok(found.map_or(Value::NONE, Value::text));
        }
        let arguments = [
            text.clone(),
            Term::text(pattern),
            Term::Literal(group.clone()),
        ];
        let optional = ["|", ")?", ")*", "){0", "){,"]
            .iter()
            .any(|part| pattern.contains(part));
        Ok(match group {
            Literal::Integer(_) if whole || !optional => {
                Value::computed(Term::call(Function::Extract, arguments), Kind::Text)
            }
            _ if !optional => Value::computed(Term::call(Function::Group, arguments), Kind::Text),
            _ => Value::Data(Data {
                term: Term::call(Function::Group, arguments),
                kind: None,
                plain: true,
            }),
        })
    }

    /// `pattern.findall(text)`, `pattern.split(text)`, `pattern.sub(replacement, text)`.
    pub(super) fn every_match(
        &mut self,
        pattern: &Rc<str>,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(regex) = compiled(pattern, false) else {
            return self.refuse("the regular expression must compile");
        };
        if regex.is_match("") || takes_newline(pattern, true) || can_be_empty(pattern) {
            return self.refuse(format!(
                "`.{name}()` requires a pattern that matches something and has no `$`"
            ));
        }
        let pattern = Value::text(pattern.to_string());
        match (name, arguments.positional.as_slice()) {
            ("findall", [text]) => {
                let text = self.require_text(text.clone())?;
                self.each(text, &mut |this, text| {
                    let found =
                        this.of_texts(Function::FindAll, Kind::List, vec![text, pattern.clone()])?;
                    Ok(this.with_tuples(found, regex.captures_len()))
                })
            }
            ("split", [text]) if regex.captures_len() == 1 => {
                let text = self.require_text(text.clone())?;
                self.each(text, &mut |this, text| {
                    this.of_texts(
                        Function::SplitRegex,
                        Kind::List,
                        vec![text, pattern.clone()],
                    )
                })
            }
            ("sub", [replacement, text]) => {
                let Some(replacement) = replacement.as_text().and_then(replacement_of) else {
                    return self.refuse("a replacement must be a known text with plain groups");
                };
                let text = self.require_text(text.clone())?;
                self.each(text, &mut |this, text| {
                    let arguments = vec![text, pattern.clone(), Value::text(&replacement)];
                    this.of_texts(Function::ReplaceRegex, Kind::Text, arguments)
                })
            }
            _ => self.refuse(format!(
                "`.{name}()` of a regular expression cannot be expressed here"
            )),
        }
    }

    /// Known matches of several groups are tuples.
    fn with_tuples(&mut self, found: Value<'m>, groups: usize) -> Value<'m> {
        match &found {
            Value::Sequence(list) if groups > 2 => {
                let mut items = Vec::new();
                for item in list.items.iter() {
                    items.push(match item {
                        Value::Sequence(parts) => {
                            self.sequence(SequenceKind::Tuple, parts.items.as_ref().clone())
                        }
                        other => other.clone(),
                    });
                }
                self.sequence(SequenceKind::List, items)
            }
            _ => found,
        }
    }

    /// A function of one text that raises where its result is missing.
    pub(super) fn text_function(
        &mut self,
        function: Function,
        kind: Kind,
        text: Value<'m>,
        exception: Exception,
    ) -> Outcome<Value<'m>> {
        let text = self.require_text(text)?;
        self.each(text, &mut |this, text| {
            let Some(argument) = term::term_of(&text) else {
                return this.refuse(format!("`{}` cannot be expressed here", function.name()));
            };
            if let Some(text) = text.as_text() {
                let value = serde_json::Value::from(text);
                return match crate::ir::compute::compute(function, &[&value]) {
                    Some(value) => Ok(this.json_value(&value)),
                    None => this.raise(exception),
                };
            }
            let result = Term::call(function, [argument]);
            let there = this.implied(result.clone(), Operator::Exists, Object::None);
            this.raise_if(there.negate(), exception)?;
            Ok(Value::computed(result, kind))
        })
    }
}

/// Whether a newline before the end of the text can be part of the match, or of a group.
fn takes_newline(pattern: &str, whole: bool) -> bool {
    let at_end = usize::from(!whole && pattern.ends_with(END));
    pattern.matches(END).count() > at_end
}

/// Whether the pattern can match the empty text somewhere.
fn can_be_empty(pattern: &str) -> bool {
    regex_syntax::parse(pattern).map_or(true, |tree| tree.properties().minimum_len() == Some(0))
}

/// Python's replacement in the words of the `regex` crate; `None` where it has escapes that are not read.
fn replacement_of(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '$' => out.push_str("$$"),
            '\\' => match rest.next()? {
                '\\' => out.push('\\'),
                'n' => out.push('\n'),
                'g' => {
                    rest.next_if_eq(&'<')?;
                    let mut name = String::new();
                    loop {
                        match rest.next()? {
                            '>' => break,
                            c => name.push(c),
                        }
                    }
                    out.extend(["${", &name, "}"]);
                }
                digit @ '1'..='9' => {
                    if rest.peek().is_some_and(char::is_ascii_digit) {
                        return None;
                    }
                    out.extend(["${", digit.encode_utf8(&mut [0; 4]), "}"]);
                }
                _ => return None,
            },
            c => out.push(c),
        }
    }
    Some(out)
}
