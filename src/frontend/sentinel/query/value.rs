//! What an expression is known to be while a query is lowered: a constant, a value of one event, a truth value, a choice, or a
//! point in time that depends on the run.
//!
//! Kusto's strings are never null and its other types are; the IR's terms are missing. A [`Scalar`] therefore says what Kusto
//! has where the term is missing. Kusto's truth values have three states; a [`Truth`] is the condition under which it is true
//! and the one under which it is false, so that a null is neither.

use super::spelt::Spelt;
use crate::diagnostic::Code;
use crate::ir::{
    Case, CaseSensitivity, Condition, Function, Literal, Object, Operator, Predicate, Shared, Term,
};
use crate::schema::FieldType;
use crate::source::TextRange;

/// Why something could not be lowered, and where in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::frontend::sentinel) struct Obstacle {
    /// The diagnostic's code.
    pub code: Code,
    /// The place in the query's text.
    pub range: TextRange,
    /// The reason.
    pub message: String,
}

impl Obstacle {
    /// A construct that the IR has no counterpart for.
    pub(super) fn new(range: TextRange, message: impl Into<String>) -> Self {
        Self {
            code: Code::KqlUnsupported,
            range,
            message: message.into(),
        }
    }

    /// The same reason under another code.
    pub(super) fn coded(mut self, code: Code) -> Self {
        self.code = code;
        self
    }
}

/// A lowered thing, or the reason why there is none.
pub(in crate::frontend::sentinel) type Lowered<T> = Result<T, Obstacle>;

/// Kusto's scalar types, as far as comparisons differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Truth,
    Number,
    Datetime,
    Timespan,
    Dynamic,
    /// A point in time in ticks; a `Datetime` of an event is its text.
    Moment,
    /// A time span in ticks, where it is no constant.
    Span,
    /// A column of a table whose types are not known.
    Unknown,
}

/// A value that is known when the query is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constant {
    pub kind: Kind,
    /// Timespans are ticks of 100 nanoseconds; a typed null is `Null`.
    pub literal: Literal,
}

impl Constant {
    pub(super) fn new(kind: Kind, literal: Literal) -> Self {
        Self { kind, literal }
    }

    /// A string.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::new(Kind::Text, Literal::text(text))
    }

    /// The constant that a plain literal is.
    pub(super) fn of(literal: Literal) -> Self {
        let kind = match &literal {
            Literal::Text(_) => Kind::Text,
            Literal::Boolean(_) => Kind::Truth,
            Literal::Integer(_) | Literal::Float(_) => Kind::Number,
            Literal::Null | Literal::List(_) | Literal::Object(_) => Kind::Dynamic,
        };
        Self::new(kind, literal)
    }

    /// The ticks of a timespan.
    pub(super) fn ticks(&self) -> Option<i64> {
        match (self.kind, &self.literal) {
            (Kind::Timespan, Literal::Integer(ticks)) => Some(*ticks),
            _ => None,
        }
    }
}

/// A value computed from an event or a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scalar {
    pub term: Term,
    pub kind: Kind,
    /// What Kusto has where the term is missing; `Null` stands for Kusto's null.
    pub absent: Literal,
    /// What the schema says of the field, where the term is one.
    pub field: FieldType,
}

impl Scalar {
    pub(super) fn new(term: Term, kind: Kind) -> Self {
        let absent = if kind == Kind::Text {
            Literal::text("")
        } else {
            Literal::Null
        };
        Self {
            term,
            kind,
            absent,
            field: FieldType::Any,
        }
    }

    /// The same with another value where the term is missing.
    pub(super) fn or_else(mut self, absent: Literal) -> Self {
        self.absent = absent;
        self
    }
}

/// A truth value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Truth {
    /// When it is true.
    pub holds: Condition,
    /// When it is false, where that is not whenever it is not true.
    pub fails: Option<Condition>,
    /// The field that holds it, where it is one.
    pub term: Option<Term>,
}

impl Truth {
    /// A truth value that is never null.
    pub(super) fn total(holds: Condition) -> Self {
        Self {
            holds,
            fails: None,
            term: None,
        }
    }

    /// A truth value that is null where neither condition holds.
    pub(super) fn partial(holds: Condition, fails: Condition) -> Self {
        Self {
            holds,
            fails: Some(fails),
            term: None,
        }
    }

    /// When it is false.
    pub(super) fn fails(self) -> Condition {
        self.fails.unwrap_or_else(|| self.holds.negate())
    }

    pub(super) fn not(self) -> Self {
        match self.fails {
            Some(fails) => Self::partial(fails, self.holds),
            None => Self::total(self.holds.negate()),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self.fails, other.fails) {
            (None, None) => Self::total(self.holds.and(other.holds)),
            (a, b) => {
                let fails = a.unwrap_or_else(|| self.holds.clone().negate());
                let others = b.unwrap_or_else(|| other.holds.clone().negate());
                Self::partial(self.holds.and(other.holds), fails.or(others))
            }
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self.fails, other.fails) {
            (None, None) => Self::total(self.holds.or(other.holds)),
            (a, b) => {
                let fails = a.unwrap_or_else(|| self.holds.clone().negate());
                let others = b.unwrap_or_else(|| other.holds.clone().negate());
                Self::partial(self.holds.or(other.holds), fails.and(others))
            }
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "a stage has a handful of values, most of them conditions"
)]
pub(super) enum Value {
    /// Known when the query is read.
    Constant(Constant),
    /// Computed from the event or the group.
    Scalar(Scalar),
    /// True, false or null, depending on the event.
    Truth(Truth),
    /// The value of the first case that holds, else the last.
    Choice(Vec<(Condition, Value)>, Box<Value>),
    /// A point in time before the run; `None` where the distance is not fixed.
    Clock(Option<i64>),
    /// The start of the event's window of this many ticks.
    Window(i64),
    /// The result of reading an IP address: null where the subject is none.
    Address { v6: bool, subject: Scalar },
    /// The name of a dynamic value's type.
    TypeName(Term),
    /// A column that spells the values of its field in another way.
    Spelt(Box<Spelt>),
    /// What the column has where the field is there with a value that is not listed: none of the spellings.
    Unlisted(Box<Spelt>),
}

impl Value {
    /// A string constant.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Constant(Constant::text(text))
    }

    /// The constant, if it is one.
    pub(super) fn as_constant(&self) -> Option<&Constant> {
        if let Self::Constant(constant) = self {
            Some(constant)
        } else {
            None
        }
    }

    /// The string, if it is a constant one.
    pub(super) fn as_text(&self) -> Option<&str> {
        self.as_constant()
            .and_then(|constant| constant.literal.as_text())
    }

    /// The whole number, if it is a constant one.
    pub(super) fn as_integer(&self) -> Option<i64> {
        match self.as_constant()? {
            Constant {
                kind: Kind::Number,
                literal: Literal::Integer(value),
            } => Some(*value),
            _ => None,
        }
    }

    /// Why an event has no such value.
    fn not_of_events(&self) -> Option<&'static str> {
        match self {
            Self::Constant(Constant {
                kind: Kind::Timespan | Kind::Span,
                ..
            })
            | Self::Scalar(Scalar {
                kind: Kind::Span, ..
            }) => Some("a time span is not a value of the IR"),
            Self::Constant(Constant {
                kind: Kind::Moment, ..
            }) => Some("a constant time is not a value of the IR"),
            Self::Clock(_) => Some("the value depends on the time of the run"),
            Self::Window(_) => Some("the start of a time window is not a value of the event"),
            Self::TypeName(_) => Some("the name of a type is not a value of the IR"),
            Self::Address { .. } => Some("the number of an address is not a value of the IR"),
            Self::Unlisted(_) => Some("the value is one of which nothing is known"),
            Self::Constant(_)
            | Self::Scalar(_)
            | Self::Truth(_)
            | Self::Choice(..)
            | Self::Spelt(_) => None,
        }
    }

    /// The term of the IR that has this value.
    pub(super) fn into_term(self, range: TextRange) -> Lowered<Term> {
        if let Some(reason) = self.not_of_events() {
            return Err(Obstacle::new(range, reason));
        }
        Ok(match self {
            Self::Spelt(spelt) => match spelt.as_choice() {
                Some(choice) => choice.into_term(range)?,
                None => return Err(spelt.obstacle(range)),
            },
            Self::Constant(constant) => Term::Literal(constant.literal),
            // What an event shows of a point in time is its text.
            Self::Scalar(scalar) if scalar.kind == Kind::Moment => {
                Term::call(Function::MomentText, [scalar.term])
            }
            Self::Scalar(scalar) => scalar.term,
            Self::Truth(Truth {
                term: Some(term), ..
            }) => term,
            Self::Truth(truth) => truth_term(truth),
            Self::Choice(cases, otherwise) => {
                let cases = cases
                    .into_iter()
                    .map(|(when, then)| {
                        Ok(Case {
                            when,
                            then: then.into_term(range)?,
                        })
                    })
                    .collect::<Lowered<_>>()?;
                Term::Choice {
                    cases,
                    otherwise: otherwise.into_term(range)?.into(),
                }
            }
            Self::Clock(_)
            | Self::Window(_)
            | Self::TypeName(_)
            | Self::Address { .. }
            | Self::Unlisted(_) => {
                return Err(Obstacle::new(range, "the value is not one of the event"));
            }
        })
    }

    /// How many nodes the value has, for the budget.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Constant(_) | Self::Clock(_) | Self::Window(_) => 1,
            Self::TypeName(term) => term_size(term),
            Self::Spelt(spelt) | Self::Unlisted(spelt) => spelt.values.pairs().count(),
            Self::Scalar(scalar)
            | Self::Address {
                subject: scalar, ..
            } => term_size(&scalar.term),
            Self::Truth(truth) => {
                condition_size(&truth.holds) + truth.fails.as_ref().map_or(0, condition_size)
            }
            Self::Choice(cases, otherwise) => {
                otherwise.size()
                    + cases
                        .iter()
                        .map(|(when, then)| condition_size(when) + then.size())
                        .sum::<usize>()
            }
        }
    }
}

fn truth_term(truth: Truth) -> Term {
    let constant = |value| Term::Literal(Literal::Boolean(value));
    let mut cases = vec![Case {
        when: truth.holds,
        then: constant(true),
    }];
    let otherwise = match truth.fails {
        None => constant(false),
        Some(fails) => {
            cases.push(Case {
                when: fails,
                then: constant(false),
            });
            Term::Literal(Literal::Null)
        }
    };
    Term::Choice {
        cases: cases.into(),
        otherwise: Shared::new(otherwise),
    }
}

/// How many nodes a term has.
pub(super) fn term_size(term: &Term) -> usize {
    match term {
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) => 1,
        Term::Call { arguments, .. } => 1 + arguments.iter().map(term_size).sum::<usize>(),
        Term::Choice { cases, otherwise } => {
            let cases = cases
                .iter()
                .map(|case| condition_size(&case.when) + term_size(&case.then));
            1 + term_size(otherwise) + cases.sum::<usize>()
        }
        Term::Select { list, when, item } => {
            1 + term_size(list) + condition_size(when) + term_size(item)
        }
        Term::Aggregate { argument, .. } => 1 + argument.as_deref().map_or(0, term_size),
    }
}

/// How many nodes a condition has.
pub(super) fn condition_size(condition: &Condition) -> usize {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            1 + parts.iter().map(condition_size).sum::<usize>()
        }
        Condition::Not(inner) => 1 + condition_size(inner),
        Condition::Test(predicate) => {
            let object = if let Object::Term(term) = &predicate.object {
                term_size(term)
            } else {
                1
            };
            term_size(&predicate.subject) + object
        }
        Condition::Items { list, body, .. } => term_size(list) + condition_size(body),
    }
}

/// Whether any part of the term satisfies the check.
pub(super) fn term_any(term: &Term, check: &dyn Fn(&Term) -> bool) -> bool {
    check(term)
        || match term {
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) => false,
            Term::Call { arguments, .. } => {
                arguments.iter().any(|argument| term_any(argument, check))
            }
            Term::Choice { cases, otherwise } => {
                term_any(otherwise, check)
                    || cases
                        .iter()
                        .any(|case| condition_any(&case.when, check) || term_any(&case.then, check))
            }
            Term::Select { list, when, item } => {
                term_any(list, check) || condition_any(when, check) || term_any(item, check)
            }
            Term::Aggregate { argument, .. } => argument
                .as_deref()
                .is_some_and(|argument| term_any(argument, check)),
        }
}

/// Whether any term of the condition satisfies the check.
pub(super) fn condition_any(condition: &Condition, check: &dyn Fn(&Term) -> bool) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().any(|part| condition_any(part, check))
        }
        Condition::Not(inner) => condition_any(inner, check),
        Condition::Test(predicate) => {
            term_any(&predicate.subject, check)
                || matches!(&predicate.object, Object::Term(term) if term_any(term, check))
        }
        Condition::Items { list, body, .. } => term_any(list, check) || condition_any(body, check),
    }
}

/// A predicate without object.
pub(super) fn test(term: Term, operator: Operator) -> Condition {
    Predicate::new(term, operator, Object::None).into()
}

/// A predicate with an object.
pub(super) fn compare(
    term: Term,
    operator: Operator,
    object: Object,
    case: CaseSensitivity,
) -> Condition {
    let mut predicate = Predicate::new(term, operator, object);
    predicate.case = case;
    predicate.into()
}

/// The term without a conversion to text around it: for questions that the conversion does not change.
pub(super) fn without_text(term: Term) -> Term {
    match term {
        Term::Call {
            function: Function::ToText,
            mut arguments,
        } if arguments.len() == 1 => arguments.to_mut().remove(0),
        other => other,
    }
}

/// Whether the value is there and not the empty text.
pub(super) fn is_filled(term: Term) -> Condition {
    test(without_text(term), Operator::IsFilled)
}

/// Whether the value is there.
pub(super) fn is_present(term: Term) -> Condition {
    test(without_text(term), Operator::IsPresent)
}
