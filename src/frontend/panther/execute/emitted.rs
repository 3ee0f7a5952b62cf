//! Calls of the functions that emitted modules carry: one term of the IR each.
//!
//! Such a function raises on no value and gives `None` where the term has no value; its arguments are values like any other,
//! `None` among them. A call whose arguments have no term is executed as it is written.

use std::rc::Rc;

use super::argument::Arguments;
use super::each::is_single;
use super::term::term_of;
use super::value::{Callable, Data, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::diagnostic::{Code, Diagnostic};
use crate::frontend::panther::emitted::{Gives, Reading};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Shared, Term};

impl<'m> Executor<'m> {
    /// What a call of such a function gives; nothing where it is to be executed.
    pub(super) fn emitted(
        &mut self,
        function: &Value<'m>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Option<Value<'m>>> {
        let Some(reading) = self.reading(function) else {
            return Ok(None);
        };
        let [first, rest @ ..] = arguments.positional.as_slice() else {
            return Ok(None);
        };
        if !arguments.keywords.is_empty() {
            return Ok(None);
        }
        match reading {
            Reading::Texts => Ok(matches!(first, Value::Event).then(|| self.texts_anywhere())),
            Reading::Call(function, gives) => Ok(called(function, gives, &arguments.positional)),
            Reading::Below => Ok(below(first, rest)),
            Reading::ReadOnly | Reading::Plain if rest.is_empty() => {
                let plain = reading == Reading::Plain;
                self.each(first.clone(), &mut |_, value| Ok(held(value, plain)))
                    .map(Some)
            }
            Reading::Equal => Ok(match rest {
                [other] => self.are_equal(first, other).map(Value::truth),
                _ => None,
            }),
            Reading::Is(kind) => match (first, rest) {
                (Value::Data(data), []) if data.kind.is_none() => {
                    let kinds = Object::Kinds(vec![kind]);
                    let asked = self.test(data.term.clone(), Operator::IsKind, kinds);
                    Ok(Some(Value::truth(asked)))
                }
                _ => Ok(None),
            },
            Reading::Has(function) => {
                let value = called(function, Gives::Within, &arguments.positional);
                let Some(Value::Data(data)) = value else {
                    return Ok(None);
                };
                let there = self.test(data.term, Operator::Exists, Object::None);
                Ok(Some(Value::truth(there)))
            }
            Reading::ReadOnly | Reading::Plain => Ok(None),
        }
    }

    /// Whether two values of the event are equal, or neither of them is there.
    fn are_equal(&self, one: &Value<'m>, other: &Value<'m>) -> Option<Condition> {
        let (Value::Data(one), Value::Data(other)) = (one, other) else {
            return None;
        };
        let same = Object::Term(Shared::new(other.term.clone()));
        let equal = self.test(one.term.clone(), Operator::Equals, same);
        let absent = [one, other].map(|data| self.is_present(data).negate());
        let [one, other] = absent;
        Some(equal.or(one.and(other)))
    }

    /// Each text anywhere in the event: no list of the IR, so that nothing but [`are_texts_anywhere`] can use it.
    fn texts_anywhere(&self) -> Value<'m> {
        let problem = Diagnostic::error(Code::PythonUnsupported, TEXTS);
        Value::Refused(Rc::new(problem.at(self.here)))
    }

    fn reading(&self, function: &Value<'m>) -> Option<Reading> {
        let Value::Callable(Callable::Function {
            module, definition, ..
        }) = function
        else {
            return None;
        };
        // What stands in place of a name may stand in place of one that the function uses.
        let is_own = self.mocks.is_empty();
        is_own.then(|| self.modules.get(*module).emitted(definition))?
    }
}

/// What the texts anywhere in an event cannot be used for.
const TEXTS: &str = "each text anywhere in the event can only be asked for by `any()`";

/// Whether the value is each text anywhere in the event.
pub(super) fn are_texts_anywhere(value: &Value<'_>) -> bool {
    matches!(value, Value::Refused(problem) if problem.message == TEXTS)
}

/// The term of the function of the values.
fn called<'m>(function: Function, gives: Gives, values: &[Value<'m>]) -> Option<Value<'m>> {
    if let (Function::Item, [list, at]) = (function, values)
        && let Some(item) = written(list, at)
    {
        return Some(item);
    }
    let arguments: Vec<Term> = values.iter().map(argument).collect::<Option<_>>()?;
    let plain = match gives {
        Gives::Text | Gives::Scalar | Gives::Own => true,
        Gives::Part if is_own(values.first()?) => return None,
        Gives::Part => false,
        Gives::Within => values.iter().all(is_own),
    };
    let kind = match (gives, function) {
        (Gives::Text, _) => Some(Kind::Text),
        // Whatever is spread is a list.
        (_, Function::Spread) => Some(Kind::List),
        _ => None,
    };
    // A dictionary of Python's own knows a key only as it is spelt.
    let function = match function {
        Function::Member if is_own(values.first()?) => Function::MemberExact,
        other => other,
    };
    let term = Term::call(function, arguments);
    Some(Value::Data(Data { term, kind, plain }))
}

/// The item of a list or tuple that the code writes out, from its start.
fn written<'m>(list: &Value<'m>, at: &Value<'m>) -> Option<Value<'m>> {
    let (Value::Sequence(list), Value::Constant(Literal::Integer(at))) = (list, at) else {
        return None;
    };
    let items = Some(&list.items).filter(|_| list.kind != SequenceKind::Set)?;
    items.get(usize::try_from(*at).ok()?).cloned()
}

/// The term of an argument.
fn argument(value: &Value<'_>) -> Option<Term> {
    match value {
        Value::Pattern(pattern) => Some(Term::text(&**pattern)),
        other => term_of(other),
    }
}

/// Whether the value may be a list or an object of Python's own.
fn is_own(value: &Value<'_>) -> bool {
    match value {
        Value::Data(data) => {
            data.plain && matches!(data.kind, None | Some(Kind::List | Kind::Object))
        }
        Value::Choice(choice) => {
            is_own(&choice.otherwise) || choice.cases.iter().any(|(_, value)| is_own(value))
        }
        Value::Constant(_) | Value::Event | Value::Truth(_) => false,
        _ => true,
    }
}

/// The value below keys that are spelt exactly so.
fn below<'m>(value: &Value<'m>, keys: &[Value<'m>]) -> Option<Value<'m>> {
    let keys = keys.iter().map(|key| match key {
        Value::Constant(Literal::Text(key)) => Some(key),
        _ => None,
    });
    let keys: Vec<&String> = keys.collect::<Option<_>>()?;
    let (term, plain) = match value {
        Value::Event => (term_of(value)?, false),
        Value::Data(data) => (data.term.clone(), data.plain),
        _ => return None,
    };
    let term = keys.into_iter().fold(term, |term, key| match term {
        Term::Field(path) => Term::Field(path.exact(key)),
        Term::Item { depth, path } => Term::Item {
            depth,
            path: path.exact(key),
        },
        other => Term::call(Function::MemberExact, [other, Term::text(key)]),
    });
    let kind = None;
    Some(Value::Data(Data { term, kind, plain }))
}

/// The value with its lists and objects as Python's own, or as the event's.
fn held(value: Value<'_>, plain: bool) -> Value<'_> {
    match value {
        Value::Data(data) => Value::Data(Data { plain, ..data }),
        Value::Constant(_) | Value::Truth(_) => value,
        other => match term_of(&other) {
            Some(term) if is_single(&other) => Value::Data(Data {
                term,
                kind: None,
                plain,
            }),
            _ => other,
        },
    }
}

/// Whether the condition asks, of one text anywhere in the event after the other, whether one passes.
pub(super) fn is_of_one_text(condition: &Condition) -> bool {
    match condition {
        Condition::Any(parts) => parts.iter().all(is_of_one_text),
        Condition::Test(predicate) => {
            let is_constant = !matches!(predicate.object, Object::Term(_));
            is_constant && is_made_of_text(&predicate.subject)
        }
        Condition::All(_) | Condition::Not(_) | Condition::Items { .. } => {
            condition.as_constant() == Some(false)
        }
    }
}

/// Whether the term is made of each text anywhere and of constants alone.
fn is_made_of_text(term: &Term) -> bool {
    match term {
        Term::Call {
            function: Function::Anywhere,
            ..
        } => true,
        Term::Call { arguments, .. } => arguments.split_first().is_some_and(|(first, rest)| {
            is_made_of_text(first) && rest.iter().all(|term| matches!(term, Term::Literal(_)))
        }),
        _ => false,
    }
}
