//! Conditions over one event: predicates joined by all, any and not, and quantifiers over the items of a list.
//!
//! There is no parenthesis node. An empty `all` is true, an empty `any` is false. The constructors [`Condition::and`],
//! [`Condition::or`] and [`Condition::negate`] fold constants and flatten, so that frontends can build without care.

use serde::{Deserialize, Serialize};

use super::{FieldPath, Implied, Kind, Literal, Operator, Origin, Shared, SharedVec, Term};

/// Whether the case of letters counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseSensitivity {
    /// `a` and `A` differ.
    #[default]
    Sensitive,
    /// `a` and `A` are the same: both sides are compared in lower case.
    Insensitive,
}

/// What an operator compares its subject with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// Nothing.
    #[default]
    None,
    /// One constant.
    Literal(Literal),
    /// Another value of the same event.
    Term(Shared<Term>),
    /// Constants, any of which may hold.
    List(Vec<Literal>),
    /// Texts, regular expressions, patterns or networks, any of which may hold.
    Texts(Vec<String>),
    /// Kinds of value, any of which may hold.
    Kinds(Vec<Kind>),
}

/// One question about one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predicate {
    /// What it is about.
    pub subject: Term,
    /// What it asks.
    pub operator: Operator,
    /// What it compares with; its variant is the one the operator's table entry names.
    #[serde(default, skip_serializing_if = "is_none")]
    pub object: Object,
    /// Whether the case of letters counts; sensitive where the operator has no case.
    #[serde(default, skip_serializing_if = "is_sensitive")]
    pub case: CaseSensitivity,
    /// Whether it follows from the source language rather than being written.
    #[serde(skip)]
    pub implied: Implied,
    /// Where it was lowered from.
    #[serde(skip)]
    pub origin: Origin,
}

fn is_none(object: &Object) -> bool {
    matches!(object, Object::None)
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_sensitive(case: &CaseSensitivity) -> bool {
    *case == CaseSensitivity::Sensitive
}

impl Predicate {
    /// A case-sensitive predicate that was written, without a position.
    pub fn new(subject: Term, operator: Operator, object: Object) -> Self {
        let (case, implied) = (CaseSensitivity::Sensitive, Implied(false));
        Self {
            subject,
            operator,
            object,
            case,
            implied,
            origin: Origin::default(),
        }
    }

    /// The same, ignoring the case of letters.
    #[must_use]
    pub fn ignore_case(mut self) -> Self {
        self.case = CaseSensitivity::Insensitive;
        self
    }

    /// The same, as a guard that follows from the source language.
    #[must_use]
    pub fn implied(mut self) -> Self {
        self.implied = Implied(true);
        self
    }

    /// The same, lowered from `origin`.
    #[must_use]
    pub fn at(mut self, origin: impl Into<Origin>) -> Self {
        self.origin = origin.into();
        self
    }
}

/// How many items of a list must satisfy a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantifier {
    /// At least one; false for an empty list.
    Some,
    /// All; true for an empty list, false for anything but a list.
    Every,
    /// Exactly one; false for anything but a list.
    One,
}

/// When a rule applies to one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every part holds; true when empty.
    All(SharedVec<Condition>),
    /// At least one part holds; false when empty.
    Any(SharedVec<Condition>),
    /// The part does not hold.
    Not(Shared<Condition>),
    /// One predicate.
    Test(Shared<Predicate>),
    /// A condition over the items of a list; inside, [`Term::Item`] is the current item.
    Items {
        /// How many items.
        quantifier: Quantifier,
        /// The list; anything but a list has no item that satisfies.
        list: Shared<Term>,
        /// What is asked of an item.
        body: Shared<Condition>,
    },
}

impl From<Predicate> for Condition {
    fn from(predicate: Predicate) -> Self {
        Self::Test(predicate.into())
    }
}

impl Condition {
    /// The condition that always holds.
    pub const TRUE: Self = Self::All(SharedVec::EMPTY);
    /// The condition that never holds.
    pub const FALSE: Self = Self::Any(SharedVec::EMPTY);

    /// The constant condition for a truth value.
    pub fn constant(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    /// The truth value, if the condition is plainly constant.
    pub fn as_constant(&self) -> Option<bool> {
        match self {
            Self::All(parts) if parts.is_empty() => Some(true),
            Self::Any(parts) if parts.is_empty() => Some(false),
            _ => None,
        }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.as_constant(), other.as_constant()) {
            (Some(false), _) | (_, Some(false)) => Self::FALSE,
            (Some(true), _) => other,
            (_, Some(true)) => self,
            _ => match self {
                Self::All(mut parts) => {
                    parts.extend(other.into_conjuncts());
                    Self::All(parts)
                }
                first => {
                    let parts = std::iter::once(first).chain(other.into_conjuncts());
                    Self::All(parts.collect())
                }
            },
        }
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self.as_constant(), other.as_constant()) {
            (Some(true), _) | (_, Some(true)) => Self::TRUE,
            (Some(false), _) => other,
            (_, Some(false)) => self,
            _ => match self {
                Self::Any(mut parts) => {
                    parts.extend(other.into_disjuncts());
                    Self::Any(parts)
                }
                first => {
                    let parts = std::iter::once(first).chain(other.into_disjuncts());
                    Self::Any(parts.collect())
                }
            },
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => inner.into_inner(),
            other => match other.as_constant() {
                Some(value) => Self::constant(!value),
                None => Self::Not(Shared::new(other)),
            },
        }
    }

    /// The parts of a top-level `all`; the condition itself otherwise.
    pub fn into_conjuncts(self) -> Vec<Self> {
        match self {
            Self::All(parts) => parts.into_vec(),
            other => vec![other],
        }
    }

    /// The parts of a top-level `any`; the condition itself otherwise.
    pub fn into_disjuncts(self) -> Vec<Self> {
        match self {
            Self::Any(parts) => parts.into_vec(),
            other => vec![other],
        }
    }

    /// The parts of a top-level `all`, by reference; the condition itself otherwise.
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::All(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    /// Every predicate, in source order, with whether an odd number of negations stands above it.
    pub fn predicates(&self) -> Vec<(&Predicate, bool)> {
        let mut found = Vec::new();
        self.collect_predicates(false, &mut found);
        found
    }

    fn collect_predicates<'a>(&'a self, negated: bool, found: &mut Vec<(&'a Predicate, bool)>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts
                .iter()
                .for_each(|part| part.collect_predicates(negated, found)),
            Self::Not(inner) => inner.collect_predicates(!negated, found),
            Self::Test(predicate) => found.push((predicate, negated)),
            Self::Items { body, .. } => body.collect_predicates(negated, found),
        }
    }

    /// Rebuilds the condition bottom-up: `change` sees every node after its parts were rebuilt.
    #[must_use]
    pub fn map(mut self, change: &mut impl FnMut(Self) -> Self) -> Self {
        self.rebuild(change);
        self
    }

    fn rebuild(&mut self, change: &mut impl FnMut(Self) -> Self) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts.to_mut() {
                    part.rebuild(change);
                }
            }
            Self::Not(inner) | Self::Items { body: inner, .. } => inner.rebuild(change),
            Self::Test(_) => {}
        }
        *self = change(std::mem::replace(self, Self::TRUE));
    }

    /// Every field of the event that the condition reads, in order of appearance, with repetitions.
    pub fn fields(&self) -> Vec<&FieldPath> {
        let mut fields = Vec::new();
        self.collect_fields(&mut fields);
        fields
    }

    pub(super) fn collect_fields<'a>(&'a self, fields: &mut Vec<&'a FieldPath>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect_fields(fields);
                }
            }
            Self::Not(inner) => inner.collect_fields(fields),
            Self::Test(predicate) => {
                predicate.subject.collect_fields(fields);
                if let Object::Term(term) = &predicate.object {
                    term.collect_fields(fields);
                }
            }
            Self::Items { list, body, .. } => {
                list.collect_fields(fields);
                body.collect_fields(fields);
            }
        }
    }
}
