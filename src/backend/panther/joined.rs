//! Texts that are joined and put together within an expression, and parts of lists.

use super::code::{Code, Piece};
use super::formatted::is_joined;
use super::function::is_always_list;
use super::notation::Python;
use super::term::Loops;
use crate::ir::{Function, Literal, Term};

impl Python<'_> {
    /// The items of a list joined to one text.
    pub(super) fn joined(
        &self,
        list: &Term,
        separator: &Term,
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let (items, between) = (self.value(list, loops)?, self.value(separator, loops)?);
        let whole = Term::call(Function::Join, vec![list.clone(), separator.clone()]);
        Ok(if is_joined(&whole) {
            between.method("join", vec![items])
        } else {
            Code::call("join_texts", vec![items, between])
        })
    }

    /// A part of a list or a text.
    pub(super) fn part_of(
        &self,
        list: &Term,
        start: &Term,
        end: &Term,
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let bound = |term: &Term| match term {
            Term::Literal(Literal::Null) => Some(String::new()),
            Term::Literal(Literal::Integer(at)) => Some(at.to_string()),
            _ => None,
        };
        if let (true, Some(from), Some(to)) = (is_always_list(list), bound(start), bound(end)) {
            let part = Code::literal(format!("{from}:{to}"));
            return Ok(self.value(list, loops)?.at(part));
        }
        let arguments = [list.clone(), start.clone(), end.clone()];
        let values = self.values_of_any(&arguments, loops)?;
        Ok(Code::call("part_of", values))
    }
}

/// The parts as a formatted text, where what stands between its constants is short and has no texts of its own.
pub(super) fn formatted(parts: &[Code], arguments: &[Term]) -> Option<Code> {
    let mut pieces = Vec::new();
    for (part, argument) in parts.iter().zip(arguments) {
        pieces.push(match argument {
            Term::Literal(Literal::Text(constant)) => Piece::Constant(constant.clone()),
            _ if part.is_shown() => Piece::Value(part.clone()),
            _ => return None,
        });
    }
    let constant = |term: &Term| matches!(term, Term::Literal(Literal::Text(_)));
    (arguments.iter().any(constant) && !arguments.iter().all(constant))
        .then(|| Code::formatted(&pieces))
}
