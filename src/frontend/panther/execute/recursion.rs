//! Functions that call themselves on parts of event data: what such a function gives is said once, for any value.
//!
//! The function is executed for a value of which nothing is known. Where it calls itself on a part of that value with the same
//! other arguments, the call stands for what the function gives for the part. Invariant: such calls end, as a part is smaller
//! than the whole, and a character is no part of a text. The function changes nothing but what it has made itself, and all
//! that it raises is of one class; else it is refused. Any other call is executed as it stands.

use rustpython_ruff_python_ast as ast;

use super::exception::Exception;
use super::item::{ItemId, free, select};
use super::term::term_of;
use super::value::{Data, Names, Value};
use super::{Executor, Exit, Outcome, Way, logic};
use crate::ir::{Case, Condition, Function, Kind, Literal, Object, Operator, Shared, Term};

/// A function while it is executed for any value of one of its parameters.
#[derive(Debug)]
pub(super) struct Recursion<'m> {
    definition: &'m ast::StmtFunctionDef,
    /// The call in which the function was defined.
    frame: usize,
    /// The parameter, and the value that it stands for.
    parameter: &'m str,
    item: ItemId,
    plain: bool,
    /// The arguments, the parameter's own included.
    arguments: Names<'m>,
    /// What it raises, as far as that is known.
    raises: Option<Exception>,
    /// Whether it was called again.
    used: bool,
}

/// A function that is about to be executed.
pub(super) struct Called<'c, 'm> {
    pub definition: &'m ast::StmtFunctionDef,
    pub frame: usize,
    pub arguments: &'c Names<'m>,
}

impl<'m> Executor<'m> {
    /// The ways out of a function that calls itself on parts of an argument; nothing where the call is to be executed as it
    /// stands. `execute` executes it with other arguments.
    pub(super) fn recursive_exits(
        &mut self,
        called: &Called<'_, 'm>,
        execute: &mut dyn FnMut(&mut Self, Names<'m>) -> Outcome<Vec<Exit<'m>>>,
    ) -> Outcome<Option<Vec<Exit<'m>>>> {
        if let Some(exits) = self.called_again(called) {
            return Ok(Some(exits));
        }
        let Some((parameter, whole)) = varying(called) else {
            return Ok(None);
        };
        let mut raises = None;
        loop {
            let item = self.item();
            self.recursions.push(Recursion {
                definition: called.definition,
                frame: called.frame,
                parameter,
                item,
                plain: whole.plain,
                arguments: called.arguments.clone(),
                raises,
                used: false,
            });
            let mut arguments = called.arguments.clone();
            let any = Data {
                term: item.term(),
                kind: None,
                plain: whole.plain,
            };
            arguments.insert(parameter, Value::Data(any));
            let (before, newest) = (self.frame.names.state.clone(), self.newest());
            let exits = execute(self, arguments);
            let used = self.recursions.pop().is_some_and(|made| made.used);
            if !used {
                return Ok(None);
            }
            let exits = exits?;
            for exit in &exits {
                let state = &exit.names.state;
                if !super::state::differing(&before, state, newest).is_empty() {
                    return self.refuse("a function that calls itself must change nothing else");
                }
            }
            let class = self.class_of(&exits)?;
            if class == raises {
                return self.said_once(item, &whole, exits, raises).map(Some);
            }
            if raises.is_some() {
                return self
                    .refuse("what a function that calls itself raises must be of one class");
            }
            raises = class;
        }
    }

    /// The ways out where the function is called on a part of the value for which it is being executed.
    fn called_again(&mut self, called: &Called<'_, 'm>) -> Option<Vec<Exit<'m>>> {
        let level = self.recursions.iter().rposition(|recursion| {
            std::ptr::eq(recursion.definition, called.definition)
                && recursion.frame == called.frame
                && alike(&recursion.arguments, called.arguments, recursion.parameter)
                && matches!(
                    called.arguments.get(recursion.parameter),
                    Some(Value::Data(data)) if data.plain == recursion.plain
                        && self.is_part(&data.term, recursion.item)
                )
        })?;
        let recursion = &mut self.recursions[level];
        recursion.used = true;
        let (raises, plain) = (recursion.raises, recursion.plain);
        let Some(Value::Data(part)) = called.arguments.get(recursion.parameter) else {
            return None;
        };
        let term = Term::call(Function::Again, [part.term.clone(), number(level)]);
        Some(self.exits_of(term, None, plain, raises))
    }

    /// What a call gives whose value is missing where it raises.
    fn exits_of(
        &self,
        term: Term,
        kind: Option<Kind>,
        plain: bool,
        raises: Option<Exception>,
    ) -> Vec<Exit<'m>> {
        let names = Names::within(self.frame.names.state.clone());
        let mut exits = Vec::new();
        if let Some(exception) = raises {
            let there = self.implied(term.clone(), Operator::Exists, Object::None);
            exits.push(Exit::new(
                there.negate(),
                Way::Raise(exception),
                names.clone(),
            ));
        }
        let value = if kind == Some(Kind::Boolean) {
            let yes = Object::Literal(Literal::Boolean(true));
            Value::Truth(self.test(term, Operator::Equals, yes))
        } else {
            Value::Data(Data { term, kind, plain })
        };
        exits.push(Exit::new(Condition::TRUE, Way::Return(value), names));
        exits
    }

    fn class_of(&self, exits: &[Exit<'m>]) -> Outcome<Option<Exception>> {
        let mut raised = exits.iter().filter_map(|exit| match exit.way {
            Way::Raise(exception) => Some(exception),
            Way::Return(_) => None,
        });
        let first = raised.next();
        if raised.any(|other| Some(other) != first) {
            return self.refuse("what a function that calls itself raises must be of one class");
        }
        Ok(first)
    }

    /// The call as one term: what the function gives for the value that the item stands for.
    fn said_once(
        &mut self,
        item: ItemId,
        whole: &Data,
        exits: Vec<Exit<'m>>,
        raises: Option<Exception>,
    ) -> Outcome<Vec<Exit<'m>>> {
        let (mut fails, mut before) = (Condition::FALSE, Condition::FALSE);
        let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
        for exit in exits {
            self.spend(logic::size(&before) + logic::size(&exit.when))?;
            match exit.way {
                Way::Raise(_) => fails = fails.or(before.clone().negate().and(exit.when)),
                Way::Return(value) => {
                    before = before.or(exit.when.clone());
                    cases.push((exit.when, value));
                }
            }
        }
        let Some((_, last)) = cases.pop() else {
            return self.refuse("a function that calls itself must return a value");
        };
        let value = Value::choose(cases, last);
        let kind = value.as_condition().map(|_| Kind::Boolean);
        let Some(body) = given_term(&value, whole.plain) else {
            return self.refuse("what a function that calls itself returns cannot be expressed");
        };
        let nothing = Term::call(
            Function::Item,
            [Term::Literal(Literal::List(Vec::new())), number(0)],
        );
        let body = match fails.as_constant() {
            Some(false) => body,
            _ => Term::Choice {
                cases: vec![Case {
                    when: fails,
                    then: nothing,
                }]
                .into(),
                otherwise: Shared::new(body),
            },
        };
        let single = Term::call(Function::List, [whole.term.clone()]);
        let taken = select(&single, item, Condition::TRUE, body);
        let level = number(self.recursions.len());
        let term = Term::call(Function::Recurse, [taken, level]);
        Ok(self.exits_of(term, kind, whole.plain, raises))
    }

    /// Whether the value lies within the one that the item stands for.
    fn is_part(&self, term: &Term, whole: ItemId) -> bool {
        match term {
            Term::Call {
                function: Function::Member | Function::MemberExact | Function::Item,
                arguments,
            } => arguments
                .first()
                .is_some_and(|object| *object == whole.term() || self.is_part(object, whole)),
            other => match free(other) {
                Some((item, path)) if item == whole => !path.segments.is_empty(),
                Some((item, _)) => self.lists.get(&item).is_some_and(|list| {
                    let list = match list {
                        Term::Call {
                            function: Function::Keys | Function::Entries,
                            arguments,
                        } => arguments.first().unwrap_or(list),
                        other => other,
                    };
                    *list == whole.term() || self.is_part(list, whole)
                }),
                None => false,
            },
        }
    }
}

fn number(number: usize) -> Term {
    Term::Literal(Literal::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
}

/// The first argument that is event data of which nothing is known, or a list.
fn varying<'m>(called: &Called<'_, 'm>) -> Option<(&'m str, Data)> {
    let parameters = &called.definition.parameters;
    let parameters = parameters.posonlyargs.iter().chain(&parameters.args);
    parameters.into_iter().find_map(|parameter| {
        let name = parameter.parameter.name.as_str();
        match called.arguments.get(name) {
            Some(Value::Data(data)) if matches!(data.kind, None | Some(Kind::List)) => {
                Some((name, data.clone()))
            }
            _ => None,
        }
    })
}

/// Whether two calls have the same arguments but for one.
fn alike(a: &Names<'_>, b: &Names<'_>, but: &str) -> bool {
    let mut names = a.keys().chain(b.keys());
    names.all(|name| match (a.get(name), b.get(name)) {
        _ if *name == but => true,
        (Some(a), Some(b)) => {
            a.same(b) || a.as_literal().is_some_and(|a| Some(a) == b.as_literal())
        }
        _ => false,
    })
}

/// The term of what a function returns, which is there even where the value is `None`; nothing where it may hold both Python's
/// own lists and dictionaries and the event's.
fn given_term(value: &Value<'_>, plain: bool) -> Option<Term> {
    match value {
        Value::Data(data) if data.kind.is_some() => (data.plain == plain
            || !matches!(data.kind, Some(Kind::List | Kind::Object)))
        .then(|| data.term.clone()),
        Value::Data(data) => (data.plain == plain).then(|| {
            let null = Term::Literal(Literal::Null);
            Term::call(Function::IfMissing, [data.term.clone(), null])
        }),
        Value::Constant(_) | Value::Truth(_) => term_of(value),
        Value::Sequence(_) | Value::Comprehension(_) | Value::Mapping(_) | Value::Entries(_)
            if plain =>
        {
            term_of(value)
        }
        Value::Choice(choice) => {
            let cases = choice.cases.iter().map(|(when, value)| {
                Some(Case {
                    when: when.clone(),
                    then: given_term(value, plain)?,
                })
            });
            Some(Term::Choice {
                cases: cases.collect::<Option<_>>()?,
                otherwise: Shared::new(given_term(&choice.otherwise, plain)?),
            })
        }
        _ => None,
    }
}
