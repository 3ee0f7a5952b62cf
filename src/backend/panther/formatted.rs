//! Texts for people: early returns for the cases of a choice, variables for the values, and one formatted text.

use std::rc::Rc;

use super::code::{Code, Line, Piece};
use super::function::{is_always_list, is_of_event, is_scalar};
use super::names;
use super::notation::Python;
use crate::ir::{Function, Literal, Term};
use crate::schema::FieldType;

impl Python<'_> {
    /// The lines of a function that returns the term as a text.
    pub(super) fn text_lines(&self, term: &Term, indent: usize) -> Result<Vec<Line>, String> {
        if let Term::Choice { cases, otherwise } = term {
            let then = |term: &Term, at: usize| self.text_lines(term, at);
            return self.case_lines(cases, otherwise, indent, &then);
        }
        let mut parts = Vec::new();
        flatten(term, &mut parts);
        if let [only] = parts.as_slice() {
            let value = match only {
                Term::Literal(literal) => Code::text(&crate::eval::text_of(&literal.to_json())),
                other => match self.piece(other)? {
                    (value, true) => value,
                    (value, false) => Code::call("str", vec![value]),
                },
            };
            return Ok(vec![Line::returns(indent, value)]);
        }
        self.formatted_lines(&parts, indent)
    }

    /// Several parts of a text, put together.
    fn formatted_lines(&self, parts: &[&Term], indent: usize) -> Result<Vec<Line>, String> {
        let (mut body, mut pieces) = (Vec::new(), Vec::new());
        let mut variables: Vec<(&Term, Rc<str>)> = Vec::new();
        for part in parts {
            if let Term::Literal(literal) = part {
                let text = crate::eval::text_of(&literal.to_json());
                pieces.push(Piece::Constant(text));
                continue;
            }
            if let Some((_, variable)) = variables.iter().find(|(known, _)| known == part) {
                pieces.push(Piece::Value(Code::name(variable.clone())));
                continue;
            }
            let (value, _) = self.piece(part)?;
            let used: Vec<Rc<str>> = variables
                .iter()
                .map(|(_, name)| name.clone())
                .chain(self.items.iter().cloned())
                .chain(self.named.iter().map(|(_, name)| name.clone()))
                .collect();
            let variable = self.module.variable(&names::variable(part, "value"), &used);
            body.push(Line::assigns(indent, variable.clone(), value));
            pieces.push(Piece::Value(Code::name(variable.clone())));
            variables.push((part, variable));
        }
        body.push(Line::returns(indent, Code::formatted(&pieces)));
        Ok(body)
    }

    /// Whether Python shows the value, where there is one, as the IR does: it is a text or a number by its log source.
    fn shows_itself(&self, term: &Term) -> bool {
        match term {
            Term::Field(path) => matches!(
                self.kind(path),
                FieldType::Text | FieldType::Datetime | FieldType::Integer
            ),
            Term::Literal(literal) => matches!(
                literal,
                Literal::Null | Literal::Text(_) | Literal::Integer(_)
            ),
            Term::Call {
                function: Function::Coalesce | Function::IfMissing,
                arguments,
            } => arguments.iter().all(|argument| self.shows_itself(argument)),
            Term::Choice { cases, otherwise } => {
                self.shows_itself(otherwise)
                    && cases.iter().all(|case| self.shows_itself(&case.then))
            }
            Term::Call { .. } => is_text(term),
            Term::Item { .. } | Term::Select { .. } | Term::Aggregate { .. } => false,
        }
    }

    /// A part of a text, and whether its value is always a text.
    fn piece(&self, term: &Term) -> Result<(Code, bool), String> {
        let python = self;
        let empty = Literal::text("");
        if let Term::Field(path) = term
            && self.shows_itself(term)
            && let Some(value) = Python::with_default(&python.canonical(path), &empty)
        {
            return Ok((
                value,
                matches!(python.kind(path), FieldType::Text | FieldType::Datetime),
            ));
        }
        if let Term::Call {
            function,
            arguments,
        } = term
        {
            match (function, arguments.as_slice()) {
                // A formatted text has this word for null, as `str` has.
                (Function::Coalesce, [inner, Term::Literal(Literal::Text(null))])
                    if null == "None" && self.shows_itself(inner) =>
                {
                    return Ok((python.single(inner)?, false));
                }
                (Function::Display, [inner]) if is_scalar(inner) => {
                    return Ok((python.single(inner)?, false));
                }
                (Function::DisplayEvent, [inner]) if is_of_event(inner) => {
                    return Ok((python.single(inner)?, false));
                }
                (Function::Join, _) if is_joined(term) => {
                    return Ok((python.single(term)?, true));
                }
                (Function::Display | Function::DisplayEvent | Function::Quoted, _) => {
                    return Ok((python.single(term)?, true));
                }
                (Function::Coalesce, [inner, Term::Literal(Literal::Text(_))])
                    if self.shows_itself(inner) =>
                {
                    return Ok((python.single(term)?, false));
                }
                (Function::Lower | Function::Upper | Function::Trim, _) => {
                    let mut loops = super::term::Loops::default();
                    let text = python.text(term, false, &mut loops)?;
                    if loops.clauses.is_empty() {
                        return Ok((text, true));
                    }
                }
                _ => {}
            }
        }
        let value = python.single(term)?;
        Ok((Code::call("to_text", vec![value]), true))
    }
}

/// Whether the value is a text where there is one.
pub(super) fn is_text(term: &Term) -> bool {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return false;
    };
    match function {
        Function::Lower
        | Function::Upper
        | Function::Trim
        | Function::Concat
        | Function::Replace
        | Function::Display
        | Function::DisplayEvent
        | Function::Join => true,
        Function::Item => {
            matches!(
                arguments.first(),
                Some(Term::Call {
                    function: Function::Split,
                    ..
                })
            )
        }
        _ => false,
    }
}

/// Whether the term is a list of texts joined to one, whatever the event.
pub(super) fn is_joined(term: &Term) -> bool {
    matches!(term, Term::Call { function: Function::Join, arguments }
        if matches!(&arguments[..], [list, Term::Literal(Literal::Text(_))] if is_list_of_texts(list)))
}

/// Whether the term is a list of texts, whatever the event.
fn is_list_of_texts(term: &Term) -> bool {
    let of_texts = |term: &Term| match term {
        Term::Select { item, .. } => matches!(
            **item,
            Term::Call {
                function: Function::Concat,
                ..
            }
        ),
        _ => false,
    };
    is_always_list(term)
        && match term {
            Term::Call {
                function: Function::Slice,
                arguments,
            } => arguments.first().is_some_and(of_texts),
            list => of_texts(list),
        }
}

/// The parts of a text, nested texts among them.
fn flatten<'t>(term: &'t Term, parts: &mut Vec<&'t Term>) {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => arguments
            .iter()
            .for_each(|argument| flatten(argument, parts)),
        term => parts.push(term),
    }
}
