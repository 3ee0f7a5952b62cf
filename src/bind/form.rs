//! The result of a call by the form it has.

use std::borrow::Cow;
use std::rc::Rc;

use super::Binder;
use super::arguments::Given;
use super::expression::{Place, combined};
use super::row::{Field, Row};
use super::types::Type;
use super::value::Value;
use crate::diagnostic::Code;
use crate::schema::kusto::{Accepts, Form, Function, ResultType};
use crate::syntax::kql::ast::{Expression, ExpressionKind, Literal, ScalarType};

impl<'a> Binder<'a> {
    /// What the call comes to; `form` is `None` where it fits none.
    pub(super) fn result(
        &mut self,
        function: &'a Function,
        form: Option<&'a Form>,
        given: &Given<'a, 'a>,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        let Some(form) = form else {
            return Value::UNKNOWN;
        };
        let operands: Vec<&Value<'a>> = given.values.iter().collect();
        let kind = match &form.result {
            ResultType::Type(kind) => Type::from(*kind),
            ResultType::Array => Type::Array,
            ResultType::Bag => Type::Bag,
            ResultType::First => given.kind(0),
            ResultType::Second => {
                let name = given.values.first().and_then(Value::text);
                column_if_exists(name, given.kind(1), place.row)
            }
            ResultType::FirstPromoted => promoted(given.kind(0)),
            ResultType::Common | ResultType::CommonPlain => self.common(form, given),
            ResultType::Widest => widest(given),
            ResultType::TypeFirst => type_literal(given, 0),
            ResultType::TypeSecond => type_literal(given, 1),
            ResultType::TypeLast => type_literal(given, given.values.len().saturating_sub(1)),
            ResultType::Table => {
                return self.table_named(given.values.first().and_then(Value::text), place);
            }
            ResultType::OpenTable => return Self::unknown_table(),
            ResultType::Database | ResultType::Cluster => return Value::Database,
            ResultType::Tuple(_)
            | ResultType::Sorted
            | ResultType::Percentiles
            | ResultType::PercentilesWeighted
            | ResultType::Any
            | ResultType::TakeAny
            | ResultType::Extreme
            | ResultType::ExtremePrefixed => {
                return Value::Tuple(Rc::new(self.tuple(function, form, given, place)));
            }
            ResultType::None | ResultType::Special => Type::Unknown,
        };
        combined(kind, &operands)
    }

    /// The type that arguments have in common.
    fn common(&mut self, form: &Form, given: &Given<'_, 'a>) -> Type {
        let plain = form.result == ResultType::CommonPlain;
        let kinds: Vec<Type> = if plain {
            super::arguments::sharing(form, given)
        } else {
            (0..given.values.len()).map(|at| given.kind(at)).collect()
        };
        if kinds.iter().any(|kind| kind.is_unknown()) {
            return Type::Unknown;
        }
        let scalars: Vec<Type> = kinds
            .iter()
            .copied()
            .filter(|kind| !kind.is_dynamic())
            .collect();
        let dynamic = scalars.len() < kinds.len();
        if scalars.is_empty() || dynamic && !plain {
            return Type::DYNAMIC;
        }
        let first = scalars.first().copied().unwrap_or(Type::Unknown);
        if scalars.iter().all(|kind| *kind == first) {
            return first;
        }
        if scalars.iter().all(|kind| kind.is_number()) {
            return scalars.into_iter().reduce(Type::widest).unwrap_or(first);
        }
        if plain {
            return Type::DYNAMIC;
        }
        let name = &given.call.function;
        let message = format!("the arguments of `{}` require a common type", name.text);
        self.error(Code::KqlType, name.range.0, message);
        Type::Unknown
    }

    /// The columns of a result that has several.
    fn tuple(
        &mut self,
        function: &'a Function,
        form: &'a Form,
        given: &Given<'a, 'a>,
        place: &Place<'_, 'a>,
    ) -> Vec<Field<'a>> {
        let first = self.argument_name(given, 0, place).unwrap_or_default();
        match &form.result {
            ResultType::Tuple(columns) => columns
                .iter()
                .map(|(suffix, kind)| {
                    Field::new(format!("{}_{first}_{suffix}", function.name), *kind)
                })
                .collect(),
            ResultType::Sorted => (0..given.values.len())
                .filter(|at| given.kind(*at).is_dynamic() || given.kind(*at).is_unknown())
                .map(|at| {
                    let name = self.argument_name(given, at, place);
                    let name = name.unwrap_or_else(|| format!("array{at}").into());
                    Field::new(format!("{name}_sorted"), Type::Array)
                })
                .collect(),
            ResultType::Percentiles => percentiles(given, &first, 1),
            ResultType::PercentilesWeighted => percentiles(given, &first, 2),
            ResultType::Any => self.chosen(given, place, 0, &|name, _| {
                name.map_or_else(|| "any_".to_owned(), |name| format!("any_{name}"))
            }),
            ResultType::TakeAny => self.chosen(given, place, 0, &|name, at| {
                name.map_or_else(|| format!("any_arg{at}"), str::to_owned)
            }),
            ResultType::Extreme => self.extreme(function, given, place, false),
            _ => self.extreme(function, given, place, true),
        }
    }

    /// `arg_max` and its like: the extreme first, then what is taken with it.
    fn extreme(
        &mut self,
        function: &'a Function,
        given: &Given<'a, 'a>,
        place: &Place<'_, 'a>,
        prefixed: bool,
    ) -> Vec<Field<'a>> {
        let word = if function.name.ends_with("max") {
            "max"
        } else {
            "min"
        };
        let first = self.argument_name(given, 0, place);
        let whole = format!("{word}_{}", first.as_deref().unwrap_or_default());
        let name = match &first {
            Some(name) if !prefixed => name.clone(),
            _ => whole.clone().into(),
        };
        let mut fields = vec![Field::new(name, given.kind(0))];
        let named = |name: Option<&str>, at: usize| match name {
            Some(name) if prefixed => format!("{whole}_{name}"),
            Some(name) => name.to_owned(),
            None => format!("{whole}_arg{at}"),
        };
        let mut rest = self.chosen(given, place, 1, &named);
        let starred = given
            .call
            .arguments
            .iter()
            .any(|argument| is_star(&argument.value));
        if let (true, Some(first)) = (starred, first) {
            let repeated = named(Some(&first), 0);
            rest.retain(|field| field.name != repeated);
        }
        fields.extend(rest);
        fields
    }

    /// The arguments from `from` on as columns; a star stands for all columns that are no keys.
    fn chosen(
        &mut self,
        given: &Given<'a, 'a>,
        place: &Place<'_, 'a>,
        from: usize,
        named: &dyn Fn(Option<&str>, usize) -> String,
    ) -> Vec<Field<'a>> {
        let mut fields: Vec<Field<'a>> = Vec::new();
        for at in from..given.values.len() {
            let Some(argument) = given.call.arguments.get(at) else {
                continue;
            };
            if is_star(&argument.value) {
                let all = place.row.map(Row::fields).unwrap_or_default();
                for field in all {
                    let name = named(Some(&field.name), at);
                    let known = fields.iter().any(|known| known.name == name);
                    if !known && !place.keys.contains(&field.name) {
                        fields.push(Field::new(name, field.kind));
                    }
                }
            } else {
                let name = self.argument_name(given, at, place);
                fields.push(Field::new(named(name.as_deref(), at), given.kind(at)));
            }
        }
        fields
    }

    fn argument_name(
        &mut self,
        given: &Given<'a, 'a>,
        at: usize,
        place: &Place<'_, 'a>,
    ) -> Option<Cow<'a, str>> {
        let argument = given.call.arguments.get(at)?;
        self.implicit_name(&argument.value, place)
    }
}

fn is_star(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Star)
}

fn widest(given: &Given<'_, '_>) -> Type {
    let kinds = || (0..given.values.len()).map(|at| given.kind(at));
    if kinds().any(Type::is_unknown) {
        return Type::Unknown;
    }
    kinds().reduce(Type::widest).unwrap_or(Type::Unknown)
}

fn promoted(kind: Type) -> Type {
    if kind == Type::Scalar(ScalarType::Int) {
        Type::LONG
    } else {
        kind
    }
}

/// The type of the column that a function names by a text.
fn column_if_exists(name: Option<&str>, otherwise: Type, row: Option<&Row<'_>>) -> Type {
    name.zip(row)
        .and_then(|(name, row)| row.get(name))
        .unwrap_or(otherwise)
}

/// The type that an argument names: `typeof(long)`.
fn type_literal(given: &Given<'_, '_>, at: usize) -> Type {
    match given
        .call
        .arguments
        .get(at)
        .map(|argument| &argument.value.kind)
    {
        Some(ExpressionKind::TypeOf(kind)) => Type::from(*kind),
        _ => Type::Unknown,
    }
}

/// A column for each percentile, named after it.
fn percentiles<'a>(given: &Given<'_, '_>, name: &str, from: usize) -> Vec<Field<'a>> {
    let numbers = given.call.arguments.iter().skip(from);
    numbers
        .map(|argument| {
            let number = match argument.value.as_literal() {
                Some(Literal::Long(Some(number)) | Literal::Int(Some(number))) => {
                    number.to_string()
                }
                Some(Literal::Real(Some(number))) => number.0.to_string().replace('.', "_"),
                _ => String::new(),
            };
            Field::new(format!("percentile_{name}_{number}"), given.kind(0))
        })
        .collect()
}

/// Whether a form's arguments include one that shares its type with others.
pub(super) fn shares(accepts: Accepts) -> bool {
    matches!(
        accepts,
        Accepts::Common | Accepts::CommonOrderable | Accepts::CommonOrDynamic
    )
}
