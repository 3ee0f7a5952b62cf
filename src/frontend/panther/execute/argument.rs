//! The arguments of a call: from the call's expressions, and bound to a function's parameters.

use std::collections::{BTreeMap, BTreeSet};

use rustpython_ruff_python_ast as ast;

use super::absent;
use super::exception::Exception;
use super::value::{Names, Sequence, SequenceKind, Value, weight};
use super::{Executor, ModuleId, Outcome, WEIGHT};
use crate::ir::Literal;

/// What a call hands over.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments<'m> {
    pub positional: Vec<Value<'m>>,
    pub keywords: Vec<(String, Value<'m>)>,
}

impl<'m> Arguments<'m> {
    /// Positional arguments only.
    pub(super) fn positional(positional: Vec<Value<'m>>) -> Self {
        Self {
            positional,
            keywords: Vec::new(),
        }
    }

    /// The argument at a position, or of a name.
    pub(super) fn get(&self, at: usize, name: &str) -> Option<Value<'m>> {
        self.positional.get(at).cloned().or_else(|| {
            self.keywords
                .iter()
                .find(|(keyword, _)| keyword == name)
                .map(|(_, value)| value.clone())
        })
    }

    /// The argument of a name.
    pub(super) fn keyword(&self, name: &str) -> Option<Value<'m>> {
        self.get(usize::MAX, name)
    }

    /// Whether there are as many positional arguments and no others.
    pub(super) fn only(&self, range: std::ops::RangeInclusive<usize>) -> bool {
        self.keywords.is_empty() && range.contains(&self.positional.len())
    }
}

impl<'m> Executor<'m> {
    /// Evaluates the arguments of a call.
    pub(super) fn arguments(&mut self, written: &'m ast::Arguments) -> Outcome<Arguments<'m>> {
        let mut arguments = Arguments::default();
        for argument in &written.args {
            match argument {
                ast::Expr::Starred(starred) => {
                    let value = self.evaluate(&starred.value)?;
                    arguments.positional.extend(self.known_items(value)?);
                }
                other => {
                    let value = self.evaluate(other);
                    arguments.positional.push(self.spoiled(value)?);
                }
            }
        }
        for keyword in &written.keywords {
            let value = self.evaluate(&keyword.value);
            let value = self.spoiled(value)?;
            match (&keyword.arg, value) {
                (Some(name), value) => arguments.keywords.push((name.to_string(), value)),
                (None, Value::Mapping(mapping)) => {
                    self.require_keys(&mapping)?;
                    for (key, value) in mapping.entries.iter() {
                        match key.as_text() {
                            Some(key) => arguments.keywords.push((key.to_owned(), value.clone())),
                            None => return self.raise(Exception::TYPE),
                        }
                    }
                }
                (None, _) => return self.refuse("`**` requires a dictionary whose keys are known"),
            }
        }
        Ok(arguments)
    }

    /// Binds arguments to parameters; defaults are evaluated where the function was defined.
    pub(super) fn bind_parameters(
        &mut self,
        module: ModuleId,
        parameters: &'m ast::Parameters,
        arguments: Arguments<'m>,
    ) -> Outcome<Names<'m>> {
        let mut names = Names::new();
        let mut positional = arguments.positional.into_iter();
        let mut keywords = arguments.keywords;
        let mut take = |name: &str| {
            let at = keywords.iter().position(|(keyword, _)| keyword == name)?;
            Some(keywords.remove(at).1)
        };
        for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
            let name = parameter.parameter.name.as_str();
            let value = match positional.next().or_else(|| take(name)) {
                Some(value) => value,
                None => self.default_value(module, parameter)?,
            };
            names.insert(name, value);
        }
        for parameter in &parameters.kwonlyargs {
            let name = parameter.parameter.name.as_str();
            let value = match take(name) {
                Some(value) => value,
                None => self.default_value(module, parameter)?,
            };
            names.insert(name, value);
        }
        let rest: Vec<Value<'m>> = positional.collect();
        match &parameters.vararg {
            Some(parameter) => {
                let value = self.sequence(SequenceKind::Tuple, rest);
                names.insert(parameter.name.as_str(), value);
            }
            None if !rest.is_empty() => return self.raise(Exception::TYPE),
            None => {}
        }
        match &parameters.kwarg {
            Some(parameter) => {
                let entries = keywords
                    .into_iter()
                    .map(|(name, value)| (Literal::Text(name), value));
                let value = self.mapping(entries.collect());
                names.insert(parameter.name.as_str(), value);
            }
            None if !keywords.is_empty() => return self.raise(Exception::TYPE),
            None => {}
        }
        Ok(names)
    }

    fn default_value(
        &mut self,
        module: ModuleId,
        parameter: &'m ast::ParameterWithDefault,
    ) -> Outcome<Value<'m>> {
        match &parameter.default {
            Some(default) => self.in_module(module, |this| this.evaluate(default)),
            None => self.raise(Exception::TYPE),
        }
    }

    /// A new list, tuple or set. Equal constants in a set are one.
    pub(super) fn sequence(&mut self, kind: SequenceKind, items: Vec<Value<'m>>) -> Value<'m> {
        let items = if kind == SequenceKind::Set {
            distinct(items)
        } else {
            items
        };
        let weight = weight(items.iter());
        if weight > WEIGHT {
            return self.refused_value("a list must hold fewer values than this");
        }
        Value::Sequence(Sequence {
            kind,
            items: std::rc::Rc::new(items),
            weight,
            identity: self.identity(),
        })
    }

    /// A new dictionary; a later entry of a key replaces an earlier one's value.
    pub(super) fn mapping(&mut self, entries: Vec<(Literal, Value<'m>)>) -> Value<'m> {
        let mut kept: Vec<(Literal, Value<'m>)> = Vec::with_capacity(entries.len());
        for (at, (key, value)) in positions(&entries).into_iter().zip(entries) {
            absent::set(&mut kept, at, key, value);
        }
        let weight = weight(kept.iter().map(|(_, value)| value));
        if weight > WEIGHT {
            return self.refused_value("a dictionary must hold fewer values than this");
        }
        Value::Mapping(super::Mapping {
            entries: std::rc::Rc::new(kept),
            weight,
            identity: self.identity(),
        })
    }
}

/// Where each entry stands once equal keys are one; nowhere if it is not there and no earlier one is.
fn positions(entries: &[(Literal, Value<'_>)]) -> Vec<Option<usize>> {
    let mut known: BTreeMap<Place<'_>, usize> = BTreeMap::new();
    let mut positions = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let (place, end) = (place(key), known.len());
        positions.push(match value {
            Value::Unbound => known.get(&place).copied(),
            _ => Some(*known.entry(place).or_insert(end)),
        });
    }
    positions
}

/// The items without those that are equal to an earlier one.
fn distinct(items: Vec<Value<'_>>) -> Vec<Value<'_>> {
    let mut places = BTreeSet::new();
    let mut others: Vec<usize> = Vec::new();
    let is_new: Vec<bool> = items
        .iter()
        .enumerate()
        .map(|(at, item)| match item {
            Value::Constant(literal) => places.insert(place(literal)),
            other => {
                let new = !others.iter().any(|kept| items[*kept].same(other));
                others.extend(new.then_some(at));
                new
            }
        })
        .collect();
    let items = items.into_iter().zip(is_new);
    items
        .filter(|(_, is_new)| *is_new)
        .map(|(item, _)| item)
        .collect()
}

/// What is the same for constants that Python takes for equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place<'l> {
    Text(&'l str),
    /// A number, by the bits of a fraction.
    Number(u64),
    /// A whole number that no fraction is equal to.
    Large(i64),
    Other(String),
}

fn place(literal: &Literal) -> Place<'_> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "large whole numbers keep their digits"
    )]
    match literal {
        Literal::Boolean(value) => number_place(f64::from(u8::from(*value))),
        Literal::Integer(number) if number.unsigned_abs() < 1 << 52 => number_place(*number as f64),
        Literal::Integer(number) => Place::Large(*number),
        Literal::Float(number) => number_place(*number),
        Literal::Text(text) => Place::Text(text),
        other => Place::Other(other.to_string()),
    }
}

fn number_place(number: f64) -> Place<'static> {
    // One zero, and one that is no number.
    let number = if number.is_nan() {
        f64::NAN
    } else {
        number + 0.0
    };
    Place::Number(number.to_bits())
}
