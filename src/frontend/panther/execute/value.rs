//! Abstract Python values: what an expression can be when the event is not known.
//!
//! A value is a constant, something of the event, a container of values, something callable, or one of several values by
//! condition. Invariant: a [`Value::Choice`] is flat, its cases are tried in order, and its values are not choices.
//! Containers are values, not references: whoever changes one must know that it has no second name.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use crate::diagnostic::Diagnostic;
use crate::ir::{Condition, Kind, Literal, Term};

use super::exception::Exception;
use super::logic::mix;
use super::module::ModuleId;

/// The local names of a function and their values.
pub(in crate::frontend::panther) type Names<'m> = BTreeMap<&'m str, Value<'m>>;

/// What an expression can be.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) enum Value<'m> {
    /// `None`, a truth value, a number or a text. Never a list or an object.
    Constant(Literal),
    /// The event itself.
    Event,
    /// A value of the event, or one computed from it.
    Data(Data),
    /// A truth value that depends on the event.
    Truth(Condition),
    /// A list, tuple or set whose length is known.
    Sequence(Sequence<'m>),
    /// A dictionary whose keys are known.
    Mapping(Mapping<'m>),
    /// What a comprehension over a list of the event makes.
    Comprehension(Rc<Comprehension<'m>>),
    /// One of several values.
    Choice(Rc<Choice<'m>>),
    /// Something that can be called.
    Callable(Callable<'m>),
    /// A module of the rule's author.
    Module(ModuleId),
    /// A builtin, or something of the standard library, by its full name: `len`, `re`, `re.compile`.
    External(Rc<str>),
    /// A compiled regular expression in the dialect of the `regex` crate, and the original for messages.
    Pattern(Rc<str>),
    /// A match of a pattern in a text.
    Match { pattern: Rc<str>, text: Term },
    /// An address that a value of the event spells.
    Address(Term),
    /// A network, or several.
    Network(Rc<str>),
    /// A name that has no value on this path.
    Unbound,
    /// A name that a loop over event data changes, while the loop is read.
    Carried,
    /// A value that could not be read; using it gives the diagnostic.
    Refused(Rc<Diagnostic>),
}

/// A value of the event: missing counts as `None`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::frontend::panther) struct Data {
    /// Where it comes from.
    pub term: Term,
    /// Its kind, where every path to here has made sure of it; then it is there and not `None`.
    pub kind: Option<Kind>,
    /// Whether lists and objects are Python's own rather than the event's read-only ones.
    pub plain: bool,
}

/// What kind of sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frontend::panther) enum SequenceKind {
    List,
    Tuple,
    Set,
}

/// A list, tuple or set.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Sequence<'m> {
    pub kind: SequenceKind,
    pub items: Rc<Vec<Value<'m>>>,
    /// How many values it holds, those of its containers included.
    pub weight: usize,
    /// Which object it is, for changes.
    pub identity: u32,
}

/// A dictionary.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Mapping<'m> {
    pub entries: Rc<Vec<(Literal, Value<'m>)>>,
    /// How many values it holds, those of its containers included.
    pub weight: usize,
    /// Which object it is, for changes.
    pub identity: u32,
}

impl<'m> Mapping<'m> {
    /// The value of a key.
    pub(in crate::frontend::panther) fn get(&self, key: &Literal) -> Option<&Value<'m>> {
        self.entries
            .iter()
            .find(|(other, _)| same_constant(other, key))
            .map(|(_, value)| value)
    }

    /// The dictionary with the key set.
    pub(in crate::frontend::panther) fn with(&self, key: Literal, value: Value<'m>) -> Self {
        let mut entries = self.entries.as_ref().clone();
        match entries
            .iter_mut()
            .find(|(other, _)| same_constant(other, &key))
        {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        }
        Self {
            weight: weight(entries.iter().map(|(_, value)| value)),
            entries: Rc::new(entries),
            identity: self.identity,
        }
    }
}

/// A comprehension over the items of a list of the event.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Comprehension<'m> {
    /// The list.
    pub list: Term,
    /// The quantifier level of its item.
    pub level: usize,
    /// Which items it takes.
    pub when: Condition,
    /// What it makes of one.
    pub element: Value<'m>,
    /// When making it raises, and what, where that is not yet reported.
    pub raises: Option<(Condition, Exception)>,
}

/// One of several values.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Choice<'m> {
    pub cases: Vec<(Condition, Value<'m>)>,
    pub otherwise: Value<'m>,
}

/// Something that the rule's author wrote and that can be called.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) enum Callable<'m> {
    Function {
        module: ModuleId,
        definition: &'m ast::StmtFunctionDef,
        closure: Rc<Names<'m>>,
    },
    Lambda {
        module: ModuleId,
        definition: &'m ast::ExprLambda,
        closure: Rc<Names<'m>>,
    },
    Method {
        receiver: Box<Value<'m>>,
        name: &'m str,
    },
}

impl Value<'_> {
    /// `None`.
    pub(in crate::frontend::panther) const NONE: Self = Self::Constant(Literal::Null);

    /// A text constant.
    pub(in crate::frontend::panther) fn text(text: impl Into<String>) -> Self {
        Self::Constant(Literal::text(text))
    }

    /// A truth value.
    pub(in crate::frontend::panther) fn truth(condition: Condition) -> Self {
        match condition.as_constant() {
            Some(value) => Self::Constant(Literal::Boolean(value)),
            None => Self::Truth(condition),
        }
    }

    /// A value of the event of unknown kind.
    pub(in crate::frontend::panther) fn data(term: Term) -> Self {
        Self::Data(Data {
            term,
            kind: None,
            plain: false,
        })
    }

    /// A computed value of a known kind.
    pub(in crate::frontend::panther) fn computed(term: Term, kind: Kind) -> Self {
        Self::Data(Data {
            term,
            kind: Some(kind),
            plain: true,
        })
    }

    /// The constant, also a container of constants, as a literal.
    pub(in crate::frontend::panther) fn as_literal(&self) -> Option<Literal> {
        match self {
            Self::Constant(literal) => Some(literal.clone()),
            Self::Sequence(sequence) if sequence.kind != SequenceKind::Set => sequence
                .items
                .iter()
                .map(Self::as_literal)
                .collect::<Option<_>>()
                .map(Literal::List),
            Self::Mapping(mapping) => mapping
                .entries
                .iter()
                .map(|(key, value)| Some((key.as_text()?.to_owned(), value.as_literal()?)))
                .collect::<Option<_>>()
                .map(Literal::Object),
            _ => None,
        }
    }

    /// The text, if it is a constant one.
    pub(in crate::frontend::panther) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Constant(literal) => literal.as_text(),
            _ => None,
        }
    }

    /// The whole number, if it is a constant one.
    pub(in crate::frontend::panther) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Constant(Literal::Integer(number)) => Some(*number),
            Self::Constant(Literal::Boolean(value)) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The condition, if it is a truth value.
    fn as_condition(&self) -> Option<Condition> {
        match self {
            Self::Truth(condition) => Some(condition.clone()),
            Self::Constant(Literal::Boolean(value)) => Some(Condition::constant(*value)),
            _ => None,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Sequence(sequence) => sequence.weight,
            Self::Mapping(mapping) => mapping.weight,
            Self::Choice(choice) => weight(
                choice
                    .cases
                    .iter()
                    .map(|(_, value)| value)
                    .chain([&choice.otherwise]),
            ),
            _ => 1,
        }
    }

    /// What Python calls the type, for messages.
    pub(in crate::frontend::panther) fn type_name(&self) -> &'static str {
        match self {
            Self::Constant(Literal::Null) => "None",
            Self::Constant(Literal::Boolean(_)) | Self::Truth(_) => "a truth value",
            Self::Constant(Literal::Text(_)) => "a text",
            Self::Constant(_) => "a number",
            Self::Event => "the event",
            Self::Data(_) => "event data",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a dictionary",
            Self::Comprehension(_) => "a comprehension over event data",
            Self::Choice(_) => "one of several values",
            Self::Callable(_) | Self::External(_) => "a function",
            Self::Module(_) => "a module",
            Self::Pattern(_) => "a pattern",
            Self::Match { .. } => "a match",
            Self::Address(_) => "an address",
            Self::Network(_) => "a network",
            Self::Unbound => "nothing",
            Self::Carried => "a name that a loop over event data changes",
            Self::Refused(_) => "an unsupported value",
        }
    }

    /// Whether the value is plainly the same on every event.
    pub(in crate::frontend::panther) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant(a), Self::Constant(b)) => identical(a, b),
            (Self::Event, Self::Event)
            | (Self::Unbound, Self::Unbound)
            | (Self::Carried, Self::Carried) => true,
            (Self::Data(a), Self::Data(b)) => a == b,
            (Self::Truth(a), Self::Truth(b)) => a == b,
            (Self::Sequence(a), Self::Sequence(b)) => {
                a.identity == b.identity
                    && a.kind == b.kind
                    && a.items.len() == b.items.len()
                    && a.items.iter().zip(b.items.iter()).all(|(a, b)| a.same(b))
            }
            (Self::Mapping(a), Self::Mapping(b)) => {
                a.identity == b.identity
                    && a.entries.len() == b.entries.len()
                    && a.entries
                        .iter()
                        .zip(b.entries.iter())
                        .all(|(a, b)| identical(&a.0, &b.0) && a.1.same(&b.1))
            }
            (Self::Choice(a), Self::Choice(b)) => {
                a.cases.len() == b.cases.len()
                    && a.otherwise.same(&b.otherwise)
                    && a.cases
                        .iter()
                        .zip(&b.cases)
                        .all(|(a, b)| a.0 == b.0 && a.1.same(&b.1))
            }
            (Self::Module(a), Self::Module(b)) => a == b,
            (Self::External(a), Self::External(b))
            | (Self::Pattern(a), Self::Pattern(b))
            | (Self::Network(a), Self::Network(b)) => a == b,
            (Self::Address(a), Self::Address(b)) => a == b,
            (Self::Refused(a), Self::Refused(b)) => Rc::ptr_eq(a, b),
            (Self::Comprehension(a), Self::Comprehension(b)) => Rc::ptr_eq(a, b),
            (Self::Callable(a), Self::Callable(b)) => a.same(b),
            _ => false,
        }
    }

    /// The first of the cases whose condition holds, else `otherwise`; as simple as can be said.
    pub(in crate::frontend::panther) fn choose(
        cases: Vec<(Condition, Self)>,
        otherwise: Self,
    ) -> Self {
        if cases.iter().all(|(_, value)| value.same(&otherwise)) {
            return otherwise;
        }
        let mut flat: Vec<(Condition, Self)> = Vec::new();
        let mut last = otherwise;
        for (when, value) in cases {
            match when.as_constant() {
                Some(false) => continue,
                Some(true) => {
                    last = value;
                    break;
                }
                None => {}
            }
            if let Self::Choice(choice) = value {
                for (inner, value) in &choice.cases {
                    push_case(&mut flat, when.clone().and(inner.clone()), value.clone());
                }
                push_case(&mut flat, when, choice.otherwise.clone());
            } else {
                push_case(&mut flat, when, value);
            }
        }
        if let Self::Choice(choice) = &last {
            for (when, value) in &choice.cases {
                push_case(&mut flat, when.clone(), value.clone());
            }
            last = choice.otherwise.clone();
        }
        while flat.last().is_some_and(|(_, value)| value.same(&last)) {
            flat.pop();
        }
        if flat.is_empty() {
            return last;
        }
        match truths(&flat, &last) {
            Some(condition) => Self::truth(condition),
            None => Self::Choice(Rc::new(Choice {
                cases: flat,
                otherwise: last,
            })),
        }
    }
}

impl Callable<'_> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Function { definition: a, .. }, Self::Function { definition: b, .. }) => {
                std::ptr::eq(*a, *b)
            }
            (Self::Lambda { definition: a, .. }, Self::Lambda { definition: b, .. }) => {
                std::ptr::eq(*a, *b)
            }
            _ => false,
        }
    }
}

/// Adds a case; two neighbours with one value become one case.
fn push_case<'m>(cases: &mut Vec<(Condition, Value<'m>)>, when: Condition, value: Value<'m>) {
    match cases.last_mut() {
        Some((before, same)) if same.same(&value) => {
            *before = std::mem::replace(before, Condition::FALSE).or(when);
        }
        _ => cases.push((when, value)),
    }
}

/// The one condition that a choice of nothing but truth values is.
fn truths(cases: &[(Condition, Value<'_>)], otherwise: &Value<'_>) -> Option<Condition> {
    let values: Vec<Condition> = cases
        .iter()
        .map(|(_, value)| value.as_condition())
        .collect::<Option<_>>()?;
    let mut result = otherwise.as_condition()?;
    for ((when, _), value) in cases.iter().zip(values).rev() {
        result = mix(when.clone(), value, result);
    }
    Some(result)
}

/// How many values the values are, those within containers included.
pub(in crate::frontend::panther) fn weight<'v, 'm: 'v>(
    values: impl Iterator<Item = &'v Value<'m>>,
) -> usize {
    values.fold(1, |sum, value| sum.saturating_add(value.weight()))
}

/// The same constant of the same type.
pub(in crate::frontend::panther) fn identical(a: &Literal, b: &Literal) -> bool {
    match (a, b) {
        (Literal::Integer(a), Literal::Integer(b)) => a == b,
        (Literal::Integer(_), Literal::Float(_)) | (Literal::Float(_), Literal::Integer(_)) => {
            false
        }
        (a, b) => a == b,
    }
}

/// Python's `==` of two constants: `True` is 1, `False` is 0.
pub(in crate::frontend::panther) fn same_constant(a: &Literal, b: &Literal) -> bool {
    let number = |literal: &Literal| match literal {
        Literal::Boolean(value) => Literal::Integer(i64::from(*value)),
        other => other.clone(),
    };
    number(a) == number(b)
}
