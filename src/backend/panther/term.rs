//! Terms as Python expressions.
//!
//! A value that is absent or `null` is `None`, and no expression raises on any event. A path through every item of a list
//! becomes loops, which the condition around it turns into `any(... for item in ...)`. Refused: a path through every item
//! inside a term that also has a value without it, and arguments that have to be constants but are not.

use super::code::{Code, Loop};
use super::function::{Spelling, spelling};
use super::names;
use super::notation::Python;
use crate::ir::{FieldPath, Function, Literal, Segment, Term};
use crate::schema::FieldType;

/// The loops over list items that an expression stands in.
#[derive(Debug, Default)]
pub(super) struct Loops {
    /// The outermost first.
    pub(super) clauses: Vec<Loop>,
    /// Whether a term around makes a value even of no item, which a loop cannot.
    pub(super) needs_one: bool,
}

impl Python<'_> {
    /// The value of a term; `None` where it is absent or null.
    pub(super) fn value(&self, term: &Term, loops: &mut Loops) -> Result<Code, String> {
        if let Some((_, name)) = self.named.iter().find(|(known, _)| known == term) {
            return Ok(Code::name(name.clone()));
        }
        if let (Term::Call { .. }, Some(path)) = (term, self.typed_field(term)) {
            return self.steps(Code::event(), true, &path.segments, loops);
        }
        match term {
            Term::Field(path) => {
                let path = self.canonical(path);
                self.steps(Code::event(), true, &path.segments, loops)
            }
            Term::Item { depth, path } => {
                let (item, steps) = self.item_steps(*depth, path)?;
                self.steps(Code::name(item), false, &steps, loops)
            }
            Term::Literal(literal) => Ok(Code::value(&literal.to_json())),
            Term::Call {
                function,
                arguments,
            } => self.call(*function, arguments, loops),
            Term::Choice { cases, otherwise } => self.choice(term, cases, otherwise),
            Term::Select { list, when, item } => self.made_list(list, when, item),
            Term::Aggregate { .. } => {
                Err("a value computed over several events, of which a rule sees one".to_owned())
            }
        }
    }

    /// The field that the term is where fields have the types of their log source: a text's text form, an object that is
    /// read as JSON, and what stands below its keys.
    fn typed_field(&self, term: &Term) -> Option<FieldPath> {
        let path = match term {
            _ if !self.typed => return None,
            Term::Field(path) if !path.has_each() => return Some(self.canonical(path)),
            Term::Call {
                function: Function::Member,
                arguments,
            } => {
                let [holder, Term::Literal(Literal::Text(key))] = arguments.as_slice() else {
                    return None;
                };
                let above = self.typed_field(holder)?;
                let key = Segment::Key(key.as_str().into());
                let segments = above.segments.iter().cloned().chain([key]).collect();
                return Some(self.canonical(&FieldPath { segments }));
            }
            Term::Call {
                function: Function::ToText | Function::ParseJson,
                arguments,
            } => self.typed_field(arguments.first()?)?,
            _ => return None,
        };
        let is_text = matches!(
            term,
            Term::Call {
                function: Function::ToText,
                ..
            }
        );
        let fits = match self.kind(&path) {
            FieldType::Text => is_text,
            FieldType::Object | FieldType::ObjectList | FieldType::ScalarList => !is_text,
            _ => false,
        };
        fits.then_some(path)
    }

    /// The term as a text: the empty text where it is not one. `known` says that it is.
    pub(super) fn text(&self, term: &Term, known: bool, loops: &mut Loops) -> Result<Code, String> {
        match term {
            Term::Literal(Literal::Text(text)) => Ok(Code::text(text)),
            Term::Call {
                function,
                arguments,
            } => match (function, arguments.as_slice()) {
                (Function::Lower, [argument]) => {
                    let text = self.text(argument, known, loops)?;
                    Ok(text.method("lower", Vec::new()))
                }
                (Function::Upper, [argument]) => {
                    let text = self.text(argument, known, loops)?;
                    Ok(text.method("upper", Vec::new()))
                }
                (Function::Trim, [argument]) => {
                    let text = self.text(argument, known, loops)?;
                    Ok(text.method("strip", Vec::new()))
                }
                (Function::ToText, [argument]) if self.typed_field(term).is_none() => {
                    let value = self.value(argument, loops)?;
                    Ok(Code::call("to_text", vec![value]))
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

    fn guarded_text(&self, term: &Term, known: bool, loops: &mut Loops) -> Result<Code, String> {
        let value = self.value(term, loops)?;
        let value = if loops.clauses.is_empty() {
            self.by_name(term, value)
        } else {
            value
        };
        Ok(if known || self.is_entry_key(term) {
            value
        } else {
            Code::call("text", vec![value])
        })
    }

    fn call(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let (helper, values) = match spelling(function) {
            Spelling::Strict(helper) => (helper, self.values(arguments, loops)?),
            Spelling::Lenient(helper) => (helper, self.values_of_any(arguments, loops)?),
            Spelling::Own => return self.function_call(function, arguments, loops),
            Spelling::Refused => return Err(format!("the function `{}`", function.name())),
        };
        Ok(Code::call(helper, values))
    }

    pub(super) fn values(
        &self,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Vec<Code>, String> {
        arguments
            .iter()
            .map(|argument| self.value(argument, loops))
            .collect()
    }

    /// The values of arguments of which a missing one still gives a result.
    pub(super) fn values_of_any(
        &self,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Vec<Code>, String> {
        let before = std::mem::replace(&mut loops.needs_one, true);
        let values = self.values(arguments, loops);
        loops.needs_one = before;
        values
    }

    /// The name of a compiled regular expression, which is about the term.
    pub(super) fn regex(&self, subject: &Term, pattern: &str, fold: bool) -> Code {
        let stem = format!("{}_PATTERN", names::constant(subject));
        self.module.constant(&stem, Self::compiled(pattern, fold))
    }

    /// A regular expression, compiled.
    pub(super) fn compiled(pattern: &str, fold: bool) -> Code {
        let mut arguments = vec![Code::raw(pattern)];
        if fold {
            arguments.push(Code::literal("re.IGNORECASE"));
        }
        Code::name("re").method("compile", arguments)
    }

    /// The value of a term that must not go through every item of a list.
    pub(super) fn single(&self, term: &Term) -> Result<Code, String> {
        let mut loops = Loops::default();
        let value = self.value(term, &mut loops)?;
        if loops.clauses.is_empty() {
            return Ok(value);
        }
        // The first value stands for all, as wherever one is asked for.
        if let Some(values) = self.values_at(term) {
            return Ok(Code::call("item_at", vec![values?, Code::literal("0")]));
        }
        let values = Code::generator(value, &loops.clauses, None);
        Ok(Code::call("first_in", vec![values]))
    }
}
