//! Abstract Python values: what an expression can be when the event is not known.
//!
//! A value is a constant, something of the event, a container of values, something callable, or one of several values by
//! condition. Invariant: a [`Value::Choice`] is flat, its cases are tried in order, and its values are not choices.
//! Containers are values as they were when the name was read; which object they are is kept, and what becomes of the object is
//! in the [`state`](super::state).

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use crate::diagnostic::Diagnostic;
use crate::ir::{Condition, Kind, Literal, Term};

use super::class::{Bound, Class, Descriptor};
use super::exception::Exception;
use super::held::Held;
use super::item::ItemId;
use super::module::ModuleId;

pub(in crate::frontend::panther) use super::state::{Names, Slot};

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
    /// A list, tuple or set whose items depend on the event.
    Comprehension(Comprehension<'m>),
    /// A dictionary whose keys depend on the event: its items are tuples of a key and its value.
    Entries(Comprehension<'m>),
    /// One of several values.
    Choice(Rc<Choice<'m>>),
    /// Something that can be called.
    Callable(Callable<'m>),
    /// A module of the rule's author.
    Module(ModuleId),
    /// A builtin, or something of the standard library, by its full name: `len`, `re`, `re.compile`.
    External(Rc<str>),
    /// Bytes: a text of one character up to U+00FF for each.
    Bytes(Rc<Value<'m>>),
    /// A compiled regular expression in the dialect of the `regex` crate, and the original for messages.
    Pattern(Rc<str>),
    /// A match of a pattern in a text.
    Match { pattern: Rc<str>, text: Term },
    /// An address that a value of the event spells.
    Address(Term),
    /// A network, by its first and its last address; a text of the event that spells an address alone is both.
    Network { first: Term, last: Term },
    /// A `datetime`.
    Moment(Rc<Moment<'m>>),
    /// A `timedelta`: its microseconds, a constant or a whole number of the event.
    Duration(Rc<Value<'m>>),
    /// A class of the author.
    Class(Rc<Class<'m>>),
    /// An instance of one: its attributes are in the state, or held by the value.
    Instance {
        class: Rc<Class<'m>>,
        identity: u32,
        held: Option<Held<'m>>,
    },
    /// What `super()` gives: the class that the method belongs to, and what it was called on.
    Super(Rc<Class<'m>>, Rc<Value<'m>>),
    /// A method with a decorator of the language.
    Described(Descriptor, Rc<Value<'m>>),
    /// A mock of a test: calling it gives the value.
    Mock(Literal),
    /// Something of the standard library with named parts; the name of what a method gives ends in `()`.
    Record(Rc<Vec<(&'static str, Value<'m>)>>),
    /// A name that has no value on this path, or an entry of a dictionary that is not there.
    Unbound,
    /// What a name that a loop over event data changes has from earlier rounds, and what this round has added.
    Carried(Rc<Growth<'m>>),
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

/// A `datetime`, its parts being constants or whole numbers of the event.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Moment<'m> {
    /// The microseconds since 1970 that its clock shows.
    pub clock: Value<'m>,
    /// How many microseconds the clock is ahead of UTC; none of a clock of which that is not known.
    pub offset: Option<Value<'m>>,
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
}

/// A list, tuple or set whose items depend on the event.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Comprehension<'m> {
    pub kind: SequenceKind,
    pub parts: Parts<'m>,
    /// Which object it is, for changes.
    pub identity: u32,
}

impl<'m> Comprehension<'m> {
    /// The values that the items are made of.
    pub(in crate::frontend::panther) fn values(&self) -> impl Iterator<Item = &Value<'m>> {
        let mut values = Vec::new();
        collect_values(&self.parts, &mut values);
        values.into_iter()
    }
}

fn collect_values<'v, 'm>(parts: &'v Parts<'m>, values: &mut Vec<&'v Value<'m>>) {
    for part in parts {
        match &part.items {
            Items::One(value) => values.push(value),
            Items::Each(each) => collect_values(&each.parts, values),
        }
    }
}

/// Items one after the other.
pub(in crate::frontend::panther) type Parts<'m> = Vec<Rc<Part<'m>>>;

/// Some items of a list that depends on the event.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Part<'m> {
    /// On what condition they are in the list.
    pub when: Condition,
    /// Which they are.
    pub items: Items<'m>,
}

/// One item, or what is made of each item of a list of the event.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) enum Items<'m> {
    One(Value<'m>),
    Each(Each<'m>),
}

/// What is made of each item of a list of the event.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Each<'m> {
    /// The list.
    pub list: Term,
    /// The item that `parts` and `raises` are about.
    pub item: ItemId,
    /// What is made of one item.
    pub parts: Parts<'m>,
    /// When making it raises, and what, where that is not yet reported.
    pub raises: Vec<(Condition, Exception)>,
}

/// What a name that a loop over event data changes has while the loop is read.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Growth<'m> {
    /// What it is the value of.
    pub slot: Slot<'m>,
    /// Its value before the loop.
    pub before: Value<'m>,
    /// What the current round has added to it so far: items, numbers, texts or entries.
    pub added: Parts<'m>,
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
        /// The call in which it was defined, or 0.
        frame: usize,
    },
    Lambda {
        module: ModuleId,
        definition: &'m ast::ExprLambda,
        closure: Rc<Names<'m>>,
        /// The call in which it was defined, or 0.
        frame: usize,
    },
    Method {
        receiver: Box<Value<'m>>,
        name: &'m str,
    },
    /// A method of the author's class.
    Bound(Rc<Bound<'m>>),
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
                .collect::<Option<Vec<_>>>()
                .map(Literal::object),
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
    pub(super) fn as_condition(&self) -> Option<Condition> {
        match self {
            Self::Truth(condition) => Some(condition.clone()),
            Self::Constant(Literal::Boolean(value)) => Some(Condition::constant(*value)),
            _ => None,
        }
    }

    pub(super) fn weight(&self) -> usize {
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
            Self::Comprehension(_) => "a list made of event data",
            Self::Entries(_) => "a dictionary made of event data",
            Self::Choice(_) => "one of several values",
            Self::Callable(_) | Self::External(_) => "a function",
            Self::Module(_) => "a module",
            Self::Bytes(_) => "bytes",
            Self::Pattern(_) => "a pattern",
            Self::Match { .. } => "a match",
            Self::Address(_) => "an address",
            Self::Network { .. } => "a network",
            Self::Moment(_) => "a time",
            Self::Duration(_) => "a duration",
            Self::Class(_) => "a class",
            Self::Instance { .. } => "an instance of a class",
            Self::Super(..) => "the base of a class",
            Self::Described(..) => "a method",
            Self::Mock(_) => "a mock",
            Self::Record(_) => "an object",
            Self::Unbound => "nothing",
            Self::Carried(_) => "a name that a loop over event data changes",
            Self::Refused(_) => "an unsupported value",
        }
    }

    /// Whether the value is plainly the same on every event.
    pub(in crate::frontend::panther) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant(a), Self::Constant(b)) | (Self::Mock(a), Self::Mock(b)) => {
                identical(a, b)
            }
            (Self::Event, Self::Event) | (Self::Unbound, Self::Unbound) => true,
            (Self::Carried(a), Self::Carried(b)) => {
                a.slot == b.slot && super::growth::same_parts(&a.added, &b.added)
            }
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
            (Self::Class(a), Self::Class(b)) => Rc::ptr_eq(a, b),
            (Self::Instance { .. }, Self::Instance { .. }) => {
                self.instance().is_some() && self.instance() == other.instance()
            }
            (Self::Described(a, f), Self::Described(b, g)) => a == b && f.same(g),
            (Self::External(a), Self::External(b)) | (Self::Pattern(a), Self::Pattern(b)) => a == b,
            (Self::Network { first: a, last: b }, Self::Network { first: c, last: d }) => {
                a == c && b == d
            }
            (Self::Address(a), Self::Address(b)) => a == b,
            (Self::Moment(a), Self::Moment(b)) => a.same(b),
            (Self::Duration(a), Self::Duration(b)) | (Self::Bytes(a), Self::Bytes(b)) => a.same(b),
            (Self::Refused(a), Self::Refused(b)) => Rc::ptr_eq(a, b),
            (Self::Record(a), Self::Record(b)) => Rc::ptr_eq(a, b),
            (Self::Comprehension(a), Self::Comprehension(b))
            | (Self::Entries(a), Self::Entries(b)) => {
                a.identity == b.identity && super::growth::same_parts(&a.parts, &b.parts)
            }
            (Self::Callable(a), Self::Callable(b)) => a.same(b),
            _ => false,
        }
    }
}

impl Value<'_> {
    /// Which instance it is; of those that hold their attributes, only one and the same value is known to be the same.
    fn instance(&self) -> Option<(u32, Option<*const ()>)> {
        match self {
            Self::Instance { identity, held, .. } => {
                Some((*identity, held.as_ref().map(|held| Rc::as_ptr(held).cast())))
            }
            _ => None,
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
    let number = |value: bool| Literal::Integer(i64::from(value));
    match (a, b) {
        (Literal::Boolean(a), Literal::Boolean(b)) => a == b,
        (Literal::Boolean(a), b) => number(*a) == *b,
        (a, Literal::Boolean(b)) => *a == number(*b),
        (a, b) => a == b,
    }
}
