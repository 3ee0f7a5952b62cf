//! How a result is called that was given no name: after what it is computed from.

use std::borrow::Cow;

use super::Binder;
use super::expression::Place;
use super::value::Value;
use crate::schema::kusto::{FunctionKind, ResultName};
use crate::syntax::kql::ast::{Call, Expression, ExpressionKind, Literal, Path, Step};

impl<'a> Binder<'a> {
    /// The name that an expression gives its result; `None` for one without.
    pub(super) fn implicit_name(
        &self,
        expression: &'a Expression,
        place: &Place<'_, 'a>,
    ) -> Option<Cow<'a, str>> {
        match &expression.kind {
            ExpressionKind::Name(name) => Some(name.as_str().into()),
            ExpressionKind::Path(path) => Some(self.path_name(path, place)),
            ExpressionKind::Call(call) => self.call_name(call, place),
            _ => None,
        }
    }

    fn path_name(&self, path: &'a Path, place: &Place<'_, 'a>) -> Cow<'a, str> {
        let root = self.implicit_name(&path.root, place);
        let mut name = match root.as_deref() {
            Some("$left" | "$right") => None,
            _ => root,
        };
        for step in &path.steps {
            let part: Cow<'a, str> = match step {
                Step::Name(part) | Step::Wildcard(part) => part.text.as_str().into(),
                Step::Call(call) => call.function.text.as_str().into(),
                Step::Index(index) => match index.as_literal() {
                    Some(Literal::String(text)) => text.as_str().into(),
                    Some(Literal::Long(Some(number)) | Literal::Int(Some(number))) => {
                        number.to_string().into()
                    }
                    _ => "".into(),
                },
            };
            name = Some(match name {
                Some(before) => format!("{before}_{part}").into(),
                None => part,
            });
        }
        name.unwrap_or_default()
    }

    fn call_name(&self, call: &'a Call, place: &Place<'_, 'a>) -> Option<Cow<'a, str>> {
        let name = call.function.text.as_str();
        if matches!(place.scope.find(name), Some(Value::Function(_))) {
            return None;
        }
        let functions = self.schemas.functions();
        let aggregate = functions.get(FunctionKind::Aggregate, name);
        let function = aggregate
            .filter(|_| place.aggregates)
            .or_else(|| functions.get(FunctionKind::Scalar, name))
            .or(aggregate)?;
        let first = call.arguments.first();
        let argument = || {
            let first = first?;
            match first.name() {
                Some(name) => Some(name.text.as_str().into()),
                None => self.implicit_name(&first.value, place),
            }
        };
        match function.naming {
            ResultName::None => None,
            ResultName::First => argument(),
            ResultName::Only => (call.arguments.len() == 1).then(argument)?,
            ResultName::NameFirst => {
                argument().map(|argument| format!("{}_{argument}", function.name).into())
            }
            ResultName::Prefix(prefix) => {
                Some(format!("{prefix}_{}", argument().unwrap_or_default()).into())
            }
            ResultName::Just(word) => Some(word.into()),
            ResultName::ColumnValue => {
                let text = first.and_then(|first| first.value.as_string())?;
                let known = place.row.is_some_and(|row| row.get(text).is_some());
                known.then(|| text.into())
            }
        }
    }
}
