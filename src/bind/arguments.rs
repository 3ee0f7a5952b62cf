//! Which form of a function a call has, and whether its arguments fit.
//!
//! Of the forms that take so many arguments the first that takes them all is the one; where none does, the one that takes the most.
//! Its misfits are reported one by one, or, where several forms come as near, the call as a whole.

use super::Binder;
use super::types::Type;
use super::value::Value;
use crate::diagnostic::Code;
use crate::schema::kusto::{Accepts, Form, Function, FunctionParameter, Place};
use crate::syntax::kql::ast::{Call, ExpressionKind, NamedExpression, ScalarType};

/// A call with the values of its arguments.
pub(super) struct Given<'c, 'a> {
    pub(super) call: &'c Call,
    pub(super) values: Vec<Value<'a>>,
}

impl Given<'_, '_> {
    pub(super) fn kind(&self, at: usize) -> Type {
        self.values.get(at).map_or(Type::Unknown, Value::kind)
    }
}

impl<'a> Binder<'a> {
    /// The form of the call; what does not fit is reported.
    pub(super) fn fitting_form<'f>(
        &mut self,
        function: &'f Function,
        given: &Given<'_, 'a>,
    ) -> Option<&'f Form> {
        let count = given.values.len();
        let forms = function.forms.iter();
        let possible: Vec<&Form> = forms
            .filter(|form| form.least() <= count && count <= form.most() && whole(form, count))
            .collect();
        if possible.is_empty() {
            let least = function.forms.iter().map(Form::least).min().unwrap_or(0);
            let most = function.forms.iter().map(Form::most).max().unwrap_or(0);
            self.wrong_count(given.call, least, most);
            return function.forms.first();
        }
        let misfits: Vec<Vec<usize>> = possible.iter().map(|form| misfits(form, given)).collect();
        let fewest = misfits.iter().map(Vec::len).min().unwrap_or(0);
        let at = misfits.iter().position(|misfits| misfits.len() == fewest)?;
        let best = possible.get(at).copied()?;
        if fewest == 0 {
            let unknown = given.values.iter().any(|value| value.kind().is_unknown());
            let mut fitting = possible
                .iter()
                .zip(&misfits)
                .filter(|(_, misfits)| misfits.is_empty());
            let same = fitting.all(|(form, _)| form.result == best.result);
            return (same || !unknown).then_some(best);
        }
        if misfits
            .iter()
            .filter(|misfits| misfits.len() == fewest)
            .count()
            > 1
        {
            let kinds: Vec<_> = given
                .values
                .iter()
                .map(|value| value.kind().name())
                .collect();
            let message = format!(
                "`{}` does not take arguments of the types ({})",
                function.name,
                kinds.join(", ")
            );
            self.error(Code::KqlType, given.call.function.range.0, message);
            return None;
        }
        for argument in misfits.get(at).into_iter().flatten() {
            self.misfit(best, *argument, given);
        }
        Some(best)
    }

    fn misfit(&mut self, form: &Form, at: usize, given: &Given<'_, 'a>) {
        let (Some(argument), Some(parameter)) =
            (given.call.arguments.get(at), parameter_of(form, given, at))
        else {
            return;
        };
        if matches!(argument.value.kind, ExpressionKind::Star) {
            return;
        }
        let kind = given.kind(at);
        let wanted = wanted(parameter.accepts);
        let message = if parameter.accepts == Accepts::Common {
            "a dynamic value is required here, as another argument is one".to_owned()
        } else if accepts(parameter.accepts, kind) {
            "a constant is required here".to_owned()
        } else {
            format!("{wanted} is required here, not {}", kind.name())
        };
        self.error(Code::KqlType, argument.value.range.0, message);
    }
}

/// Whether parameters that repeat in turn come out even.
fn whole(form: &Form, count: usize) -> bool {
    if !form.block {
        return true;
    }
    let group = form
        .parameters
        .iter()
        .filter(|parameter| parameter.most > 1)
        .count();
    let rest = form.parameters.len() - group;
    group == 0 || count.saturating_sub(rest).is_multiple_of(group)
}

/// The arguments that a form does not take.
fn misfits(form: &Form, given: &Given<'_, '_>) -> Vec<usize> {
    if form.loose {
        return Vec::new();
    }
    let fits = |at: usize| {
        let argument = given
            .call
            .arguments
            .get(at)
            .map(|argument| &argument.value.kind);
        let star = matches!(argument, Some(ExpressionKind::Star));
        parameter_of(form, given, at).is_none_or(|parameter| {
            if star {
                return matches!(parameter.place, Place::Star | Place::StarOnly);
            }
            let constant = given.values.get(at).is_some_and(Value::is_constant);
            accepts(parameter.accepts, given.kind(at))
                && (constant || parameter.place != Place::Constant)
        })
    };
    let mut misfits: Vec<usize> = (0..given.values.len()).filter(|at| !fits(*at)).collect();
    // Where one of the arguments that share a type is dynamic, so have to be the others.
    let common = |at: &usize| {
        parameter_of(form, given, *at).is_some_and(|parameter| parameter.accepts == Accepts::Common)
    };
    let shared: Vec<usize> = (0..given.values.len()).filter(common).collect();
    if shared.iter().any(|at| given.kind(*at).is_dynamic()) {
        let others = shared.into_iter();
        misfits.extend(others.filter(|at| {
            let kind = given.kind(*at);
            !kind.is_unknown() && !kind.is_dynamic()
        }));
    }
    misfits
}

/// The parameter that an argument is for.
fn parameter_of<'f>(
    form: &'f Form,
    given: &Given<'_, '_>,
    at: usize,
) -> Option<&'f FunctionParameter> {
    let named = given.call.arguments.get(at).and_then(NamedExpression::name);
    if let Some(parameter) = named.and_then(|name| {
        form.parameters
            .iter()
            .find(|parameter| parameter.name == name.text)
    }) {
        return Some(parameter);
    }
    let count = given.values.len();
    if form.block {
        let group = form
            .parameters
            .iter()
            .filter(|parameter| parameter.most > 1)
            .count();
        let rest = form.parameters.len() - group;
        let repeated = count.saturating_sub(rest);
        return if at < repeated && group > 0 {
            form.parameters.get(at % group)
        } else {
            form.parameters.get(group + at.saturating_sub(repeated))
        };
    }
    let mut begin = 0;
    for (number, parameter) in form.parameters.iter().enumerate() {
        let after: usize = form
            .parameters
            .iter()
            .skip(number + 1)
            .map(|later| later.least)
            .sum();
        let length = if parameter.most > 1 {
            count.saturating_sub(begin + after).min(parameter.most)
        } else {
            1
        };
        if at < begin + length {
            return Some(parameter);
        }
        begin += length;
    }
    None
}

/// The types of the arguments that share one.
pub(super) fn sharing(form: &Form, given: &Given<'_, '_>) -> Vec<Type> {
    let shares = |at: &usize| {
        parameter_of(form, given, *at)
            .is_some_and(|parameter| super::form::shares(parameter.accepts))
    };
    let places = (0..given.values.len()).filter(shares);
    places.map(|at| given.kind(at)).collect()
}

/// Whether a parameter takes a value of this type.
pub(super) fn accepts(wanted: Accepts, kind: Type) -> bool {
    use ScalarType::{Bool, Datetime, Decimal, Dynamic, Int, Long, Real, String, Timespan};
    let number = [Int, Long, Real, Decimal];
    match wanted {
        Accepts::Type(String) => kind.may_be(&[String]) || kind == Type::DYNAMIC,
        Accepts::Type(Long) | Accepts::Integer => kind.may_be(&[Int, Long]),
        Accepts::Type(Real) => kind.may_be(&[Int, Long, Real]),
        Accepts::Type(Decimal) | Accepts::Number => kind.may_be(&number),
        Accepts::Type(other) => kind.may_be(&[other]),
        Accepts::TypeLiteral
        | Accepts::Scalar
        | Accepts::Common
        | Accepts::CommonOrDynamic
        | Accepts::Table
        | Accepts::Any => true,
        Accepts::Array => kind.may_be(&[Dynamic]) && kind != Type::Bag,
        Accepts::Bag => kind.may_be(&[Dynamic]) && kind != Type::Array,
        Accepts::Summable => kind.may_be(&[Int, Long, Real, Decimal, Datetime, Timespan]),
        Accepts::Orderable | Accepts::CommonOrderable => {
            kind.may_be(&[Int, Long, Real, Decimal, Datetime, Timespan, String, Bool])
        }
        Accepts::Plain => !kind.is_dynamic(),
        Accepts::Text => kind.may_be(&[String, Dynamic]),
        Accepts::NumberOrBool => kind.may_be(&number) || kind.may_be(&[Bool]),
        Accepts::StringOrArray => kind.may_be(&[String, Dynamic]) && kind != Type::Bag,
        Accepts::IntegerOrArray => kind.may_be(&[Int, Long, Dynamic]) && kind != Type::Bag,
        Accepts::NotRealOrBool => kind.is_unknown() || !kind.may_be(&[Real, Bool]),
    }
}

fn wanted(wanted: Accepts) -> String {
    match wanted {
        Accepts::Type(kind) => format!("a value of type {}", kind.name()),
        Accepts::TypeLiteral => "a type literal".to_owned(),
        Accepts::Scalar | Accepts::Common | Accepts::CommonOrDynamic | Accepts::Any => {
            "a scalar".to_owned()
        }
        Accepts::Array => "a dynamic array".to_owned(),
        Accepts::Bag => "a dynamic property bag".to_owned(),
        Accepts::Integer => "an integer".to_owned(),
        Accepts::Number => "a number".to_owned(),
        Accepts::Summable => "a number, datetime or timespan".to_owned(),
        Accepts::Orderable | Accepts::CommonOrderable => "a value that can be ordered".to_owned(),
        Accepts::Plain => "a value that is not dynamic".to_owned(),
        Accepts::Text => "a value of type string or dynamic".to_owned(),
        Accepts::NumberOrBool => "a number or bool".to_owned(),
        Accepts::StringOrArray => "a string or a dynamic array".to_owned(),
        Accepts::IntegerOrArray => "an integer or a dynamic array".to_owned(),
        Accepts::NotRealOrBool => "a value that is neither real nor bool".to_owned(),
        Accepts::Table => "a table".to_owned(),
    }
}
