//! Calls: the query's own functions by their body, Kusto's by name.

use super::{
    Kind, Lowered, Place, Typed, choice, collection, refused, simple, text, time, wrong_type,
};
use crate::frontend::sentinel::query::scope::Bound;
use crate::source::TextRange;
use crate::syntax::kql::ast::{Call, Expression, ExpressionKind, NamedExpression, ScalarType};

/// A call of one of Kusto's functions.
#[derive(Clone, Copy)]
pub(super) struct Called<'a, 'q> {
    pub(super) place: &'a Place<'a, 'q>,
    pub(super) call: &'q Call,
    pub(super) name: &'q str,
    pub(super) range: TextRange,
}

impl<'q> Place<'_, 'q> {
    pub(super) fn typed_call(&self, call: &'q Call, range: TextRange) -> Lowered<Typed> {
        let name = call.function.text.as_str();
        if let Some((Bound::Function(function), scope)) = self.scope.find(name) {
            let arguments: Vec<&'q NamedExpression> = call.arguments.iter().collect();
            let value = self.inlined(function, scope, &arguments, range)?;
            return self.typed_of(value, range);
        }
        if let Some(value) = self.of_rows(call, range) {
            return self.typed_of(value?, range);
        }
        let called = Called {
            place: self,
            call,
            name,
            range,
        };
        let found = choice::call(called)
            .or_else(|| text::call(called))
            .or_else(|| time::call(called))
            .or_else(|| collection::call(called))
            .or_else(|| simple::call(called));
        found.unwrap_or_else(|| refused(range, format!("the function `{name}` has no counterpart")))
    }
}

impl<'q> Called<'_, 'q> {
    pub(super) fn count(self) -> usize {
        self.call.arguments.len()
    }

    pub(super) fn expression(self, at: usize) -> Lowered<&'q Expression> {
        match self.call.arguments.get(at) {
            Some(argument) => Ok(&argument.value),
            None => wrong_type(
                self.range,
                format!("`{}` requires at least {} arguments", self.name, at + 1),
            ),
        }
    }

    pub(super) fn typed(self, at: usize) -> Lowered<Typed> {
        self.place.typed(self.expression(at)?)
    }

    /// The arguments from one on.
    pub(super) fn rest(self, from: usize) -> Lowered<Vec<Typed>> {
        (from..self.count()).map(|at| self.typed(at)).collect()
    }

    /// The argument as a constant text.
    pub(super) fn word(self, at: usize) -> Lowered<String> {
        super::convert::constant_word(&self.typed(at)?, self.range)
    }

    /// The type that a `typeof` among the arguments names.
    pub(super) fn type_at(self, at: usize) -> Option<ScalarType> {
        match &self.call.arguments.get(at)?.value.kind {
            ExpressionKind::TypeOf(kind) => Some(*kind),
            _ => None,
        }
    }

    pub(super) fn refused<T>(self, message: impl Into<String>) -> Lowered<T> {
        refused(self.range, message)
    }

    pub(super) fn wrong<T>(self) -> Lowered<T> {
        wrong_type(
            self.range,
            format!(
                "an argument of `{}` has a type that does not fit",
                self.name
            ),
        )
    }

    /// The value as one of another type, where a function names it.
    pub(super) fn to_type(self, typed: Typed, kind: ScalarType) -> Lowered<Typed> {
        use crate::ir::Function as F;
        let (to, function) = match kind {
            ScalarType::String => {
                let text = super::convert::as_text(typed, self.range)?;
                return Ok(Typed::new(text, Kind::Text));
            }
            ScalarType::Dynamic => {
                return Ok(Typed::new(super::convert::as_dynamic(typed), Kind::Dynamic));
            }
            ScalarType::Decimal => {
                return self.refused("decimal numbers have no exact counterpart");
            }
            ScalarType::Guid => {
                let text = super::convert::as_text(typed, self.range)?;
                let read = super::call(F::ReadGuid, [text]);
                return Ok(Typed::new(super::call(F::PlainText, [read]), Kind::Text));
            }
            ScalarType::Bool => (Kind::Truth, F::TruthValue),
            ScalarType::Int => (Kind::Number, F::ShortNumber),
            ScalarType::Long => (Kind::Number, F::WholeNumber),
            ScalarType::Real => (Kind::Number, F::RealNumber),
            ScalarType::Datetime => (Kind::Moment, F::ReadMoment),
            ScalarType::Timespan => (Kind::Span, F::ReadSpan),
        };
        super::convert::converted(typed, to, function, self.range)
    }
}
