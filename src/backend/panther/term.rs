//! Terms as Python expressions.
//!
//! A value that is absent or `null` is `None`, and no expression raises on any event. A path through every item of a list
//! becomes loops, which the condition around it turns into `any(... for item in ...)`. Refused: a path through every item
//! inside a term that also has a value without it, and arguments that have to be constants but are not.

use super::known::Known;
use super::module::call;
use super::notation::Python;
use super::{names, quote, regex};
use crate::ir::{Case, Function, Literal, Segment, Term, uncommon_function};

/// The loops over list items that an expression stands in.
#[derive(Debug, Default)]
pub(super) struct Loops {
    /// `for item in ...`, the outermost first.
    pub(super) clauses: Vec<String>,
    /// Whether a term around makes a value even of no item, which a loop cannot.
    pub(super) needs_one: bool,
}

impl Python<'_> {
    /// The value of a term; `None` where it is absent or null.
    pub(super) fn value(&self, term: &Term, loops: &mut Loops) -> Result<String, String> {
        if let Some((_, name)) = self.named.iter().find(|(known, _)| known == term) {
            return Ok(name.clone());
        }
        match term {
            Term::Field(path) => self.steps(
                "event".to_owned(),
                true,
                &self.canonical(path).segments,
                loops,
            ),
            Term::Item { depth, path } => {
                let item = self.item(*depth)?;
                self.steps(item, false, &path.segments, loops)
            }
            Term::Literal(literal) => Ok(quote::value(&literal.to_json())),
            Term::Call {
                function,
                arguments,
            } => self.call(*function, arguments, loops),
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Select { .. } => Err("a list made of a list's items".to_owned()),
            Term::Aggregate { .. } => {
                Err("a value computed over several events, of which a rule sees one".to_owned())
            }
        }
    }

    /// The term as a text: the empty text where it is not one. `known` says that it is.
    pub(super) fn text(
        &self,
        term: &Term,
        known: bool,
        loops: &mut Loops,
    ) -> Result<String, String> {
        match term {
            Term::Literal(Literal::Text(text)) => Ok(quote::text(text)),
            Term::Call {
                function,
                arguments,
            } => match (function, arguments.as_slice()) {
                (Function::Lower, [argument]) => {
                    Ok(format!("{}.lower()", self.text(argument, known, loops)?))
                }
                (Function::Upper, [argument]) => {
                    Ok(format!("{}.upper()", self.text(argument, known, loops)?))
                }
                (Function::Trim, [argument]) => {
                    Ok(format!("{}.strip()", self.text(argument, known, loops)?))
                }
                (Function::ToText, [argument]) => {
                    let value = self.value(argument, loops)?;
                    Ok(call("to_text", &[&value]))
                }
                // Each of the event's texts is one.
                (Function::Concat | Function::Anywhere, _) => self.value(term, loops),
                _ => self.guarded_text(term, known, loops),
            },
            Term::Field(_)
            | Term::Item { .. }
            | Term::Literal(_)
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => self.guarded_text(term, known, loops),
        }
    }

    fn guarded_text(&self, term: &Term, known: bool, loops: &mut Loops) -> Result<String, String> {
        let value = self.value(term, loops)?;
        Ok(if known {
            value
        } else {
            call("text", &[&value])
        })
    }

    /// Whether the term's value is never null, only absent.
    pub(super) fn is_never_null(term: &Term) -> bool {
        match term {
            Term::Field(_)
            | Term::Item { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => false,
            Term::Literal(literal) => !matches!(literal, Literal::Null),
            Term::Call { function, .. } => !matches!(
                function,
                Function::Member
                    | Function::Item
                    | Function::ParseJson
                    | Function::IfMissing
                    | Function::Each
            ),
        }
    }

    fn call(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<String, String> {
        let helper = match function {
            Function::Lower => "lower",
            Function::Upper => "upper",
            Function::Trim => "trim",
            Function::Length => "length",
            Function::ToText => "text_form",
            // Both are what `str` gives: a value of the event is Panther's own, any other Python's.
            Function::Display | Function::DisplayEvent => "str",
            Function::ToNumber => "to_number",
            Function::ParseJson => "parse_json",
            Function::Substring => "substring",
            Function::Replace => return self.replace(arguments, loops),
            Function::Add => "add",
            Function::Subtract => "subtract",
            Function::Each => match arguments {
                [argument] => return self.value(argument, loops),
                _ => return Err("`each` takes one argument".to_owned()),
            },
            Function::Anywhere => return self.each_of("texts_in(event)", loops),
            Function::Concat => return self.concat(arguments, loops),
            Function::Coalesce => return self.coalesce(arguments, loops),
            Function::IfMissing => return self.if_missing(arguments, loops),
            Function::Member | Function::MemberExact | Function::Item | Function::Split => {
                return self.with_constant(function, arguments, loops);
            }
            #[allow(unreachable_patterns, reason = "those that are said here stand before")]
            uncommon_function!() => {
                return Err(format!("the function `{}`", function.name()));
            }
            Function::IndexOfRegex | Function::Extract => {
                return self.with_regex(function, arguments, loops);
            }
        };
        let values = self.values(arguments, loops)?;
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Ok(call(helper, &values))
    }

    fn values(&self, arguments: &[Term], loops: &mut Loops) -> Result<Vec<String>, String> {
        arguments
            .iter()
            .map(|argument| self.value(argument, loops))
            .collect()
    }

    /// The values of arguments of which a missing one still gives a result.
    fn values_of_any(&self, arguments: &[Term], loops: &mut Loops) -> Result<Vec<String>, String> {
        let before = std::mem::replace(&mut loops.needs_one, true);
        let values = self.values(arguments, loops);
        loops.needs_one = before;
        values
    }

    fn concat(&self, arguments: &[Term], loops: &mut Loops) -> Result<String, String> {
        let values = self.values_of_any(arguments, loops)?;
        let parts: Vec<String> = values
            .iter()
            .zip(arguments)
            .map(|(value, argument)| match argument {
                Term::Literal(Literal::Text(_)) => value.clone(),
                _ => call("to_text", &[value]),
            })
            .collect();
        Ok(match parts.as_slice() {
            [] => "\"\"".to_owned(),
            [one] => one.clone(),
            many => format!("\"\".join(({}))", many.join(", ")),
        })
    }

    fn coalesce(&self, arguments: &[Term], loops: &mut Loops) -> Result<String, String> {
        if let [Term::Field(path), Term::Literal(default)] = arguments
            && let Some(text) = Self::with_default(&self.canonical(path), default)
        {
            return Ok(text);
        }
        let values = self.values_of_any(arguments, loops)?;
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Ok(call("first_of", &values))
    }

    fn if_missing(&self, arguments: &[Term], loops: &mut Loops) -> Result<String, String> {
        let [term, default] = arguments else {
            return Err("`if_missing` takes two arguments".to_owned());
        };
        if Self::is_never_null(term) {
            let values = self.values_of_any(arguments, loops)?;
            return Ok(call("first_of", &[&values[0], &values[1]]));
        }
        let before = std::mem::replace(&mut loops.needs_one, true);
        let text = self.member_or(term, default, loops);
        loops.needs_one = before;
        text
    }

    fn member_or(&self, term: &Term, default: &Term, loops: &mut Loops) -> Result<String, String> {
        let refused =
            || Err("a default for an absent value that is not the value of a key".to_owned());
        let default = self.value(default, loops)?;
        let (base, is_event, path) = match term {
            Term::Field(path) => ("event".to_owned(), true, self.canonical(path)),
            Term::Item { depth, path } => (self.item(*depth)?, false, path.clone()),
            Term::Literal(_)
            | Term::Call { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => {
                return refused();
            }
        };
        let Some((last, above)) = path.segments.split_last() else {
            return Ok(base);
        };
        let Segment::Key(key) = last else {
            return refused();
        };
        let key = quote::text(key);
        if is_event && above.is_empty() {
            return Ok(format!("event.get({key}, {default})"));
        }
        let holder = self.steps(base, is_event, above, loops)?;
        Ok(call("member_or", &[&holder, &key, &default]))
    }

    fn replace(&self, arguments: &[Term], loops: &mut Loops) -> Result<String, String> {
        match arguments {
            [
                text,
                old @ Term::Literal(Literal::Text(_)),
                new @ Term::Literal(Literal::Text(_)),
            ] => {
                let values = [
                    self.value(text, loops)?,
                    self.value(old, loops)?,
                    self.value(new, loops)?,
                ];
                Ok(call("replace", &[&values[0], &values[1], &values[2]]))
            }
            _ => Err("`replace` with a text that is not constant".to_owned()),
        }
    }

    fn with_constant(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<String, String> {
        let (helper, subject, constant) = match (function, arguments) {
            (Function::Member, [object, Term::Literal(Literal::Text(key))]) => {
                ("member", object, quote::text(key))
            }
            (Function::MemberExact, [object, Term::Literal(Literal::Text(key))]) => {
                ("member_exact", object, quote::text(key))
            }
            (Function::Item, [list, Term::Literal(Literal::Integer(index))]) => {
                ("item_at", list, index.to_string())
            }
            (Function::Split, [text, Term::Literal(Literal::Text(separator))])
                if !separator.is_empty() =>
            {
                ("split", text, quote::text(separator))
            }
            _ => {
                return Err(format!(
                    "`{}` with an argument that is not constant",
                    function.name()
                ));
            }
        };
        let subject = self.value(subject, loops)?;
        Ok(call(helper, &[&subject, &constant]))
    }

    fn with_regex(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<String, String> {
        match (function, arguments) {
            (Function::IndexOfRegex, [text, Term::Literal(Literal::Text(pattern))]) => {
                let value = self.value(text, loops)?;
                if ::regex::escape(pattern) == *pattern {
                    return Ok(call("find", &[&value, &quote::text(pattern)]));
                }
                let name = self.regex(text, &regex::python(pattern)?, false);
                Ok(call("index_of", &[&value, &name]))
            }
            (
                Function::Extract,
                [
                    text,
                    Term::Literal(Literal::Text(pattern)),
                    Term::Literal(Literal::Integer(group)),
                ],
            ) if usize::try_from(*group).is_ok_and(|group| group <= regex::groups(pattern)) => {
                let name = self.regex(text, &regex::python(pattern)?, false);
                let text = self.value(text, loops)?;
                Ok(call("extract", &[&text, &name, &group.to_string()]))
            }
            _ => Err(format!(
                "`{}` with a pattern that is not constant or a group that the pattern does not have",
                function.name()
            )),
        }
    }

    /// The name of a compiled regular expression, which is about the term.
    pub(super) fn regex(&self, subject: &Term, pattern: &str, fold: bool) -> String {
        let stem = format!("{}_PATTERN", names::constant(subject));
        self.module.constant(&stem, Self::compiled(pattern, fold))
    }

    /// A regular expression, compiled.
    pub(super) fn compiled(pattern: &str, fold: bool) -> String {
        let flags = if fold { ", re.IGNORECASE" } else { "" };
        format!("re.compile({}{flags})", quote::raw(pattern))
    }

    /// A function that returns the value of the first case that holds, and its call.
    fn choice(&self, cases: &[Case], otherwise: &Term) -> Result<String, String> {
        let mut body = Vec::new();
        for case in cases {
            let inner = Python {
                known: Known::of(&case.when).into(),
                bare: true,
                ..self.clone()
            };
            let condition = inner.condition(&case.when)?;
            body.extend(super::layout::statement(
                &format!("if {}:", condition.flat()),
                1,
            ));
            body.extend(super::layout::statement(
                &format!("return {}", self.single(&case.then)?),
                2,
            ));
        }
        body.extend(super::layout::statement(
            &format!("return {}", self.single(otherwise)?),
            1,
        ));
        let mut parameters = vec!["event".to_owned()];
        parameters.extend(self.items.iter().cloned());
        let used = body.join("\n");
        let used = quote::words(&used);
        parameters.retain(|name| used.contains(&name.as_str()));
        let parameters = parameters.join(", ");
        let stem = names::variable(otherwise, "value");
        let name = self
            .module
            .function(&format!("choose_{stem}"), &parameters, &body);
        Ok(format!("{name}({parameters})"))
    }

    /// The value of a term that must not go through every item of a list.
    pub(super) fn single(&self, term: &Term) -> Result<String, String> {
        let mut loops = Loops::default();
        let value = self.value(term, &mut loops)?;
        if loops.clauses.is_empty() {
            return Ok(value);
        }
        // The first value stands for all, as wherever one is asked for.
        Ok(call(
            "first_in",
            &[&format!("{value} {}", loops.clauses.join(" "))],
        ))
    }
}
