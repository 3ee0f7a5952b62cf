//! Conditions over one event: predicates joined by all, any and not, and quantifiers over the items of a list.
//!
//! There is no parenthesis node. An empty `all` is true, an empty `any` is false. The constructors [`Condition::and`],
//! [`Condition::or`] and [`Condition::negate`] fold constants and flatten, so that frontends can build without care.

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FieldPath, Implied, Kind, Literal, Local, Operator, Origin, Shared, SharedVec, Term};

/// Whether the case of letters counts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CaseSensitivity {
    /// `a` and `A` differ.
    #[default]
    Sensitive,
    /// `a` and `A` are the same: both sides are compared in lower case.
    Insensitive,
}

/// What an operator compares its subject with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
// `sharing` says how it is serialized.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
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

/// What is known while a condition is rebuilt.
#[derive(Default)]
struct Rebuilt {
    /// What shared nodes have become, by the address of what is shared and their kind. A predicate that stays as it is is not
    /// kept: most do, and to ask again is as fast as to look.
    known: FxHashMap<(usize, u8), Option<Condition>>,
    /// What is noted of nodes that stay as they are.
    noted: u64,
}

/// The parts and then more.
fn chained(
    mut parts: SharedVec<Condition>,
    more: impl IntoIterator<Item = Condition>,
) -> SharedVec<Condition> {
    parts.extend(more);
    parts
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

    /// Some item of the list has what the body asks for.
    pub fn some_item(list: impl Into<Shared<Term>>, body: impl Into<Shared<Self>>) -> Self {
        Self::Items {
            quantifier: Quantifier::Some,
            list: list.into(),
            body: body.into(),
        }
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
            _ => Self::All(match (self, other) {
                (Self::All(parts), Self::All(more)) => chained(parts, more),
                (Self::All(parts), last) => chained(parts, [last]),
                (first, Self::All(more)) => std::iter::once(first).chain(more).collect(),
                (first, last) => [first, last].into(),
            }),
        }
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self.as_constant(), other.as_constant()) {
            (Some(true), _) | (_, Some(true)) => Self::TRUE,
            (Some(false), _) => other,
            (_, Some(false)) => self,
            _ => Self::Any(match (self, other) {
                (Self::Any(parts), Self::Any(more)) => chained(parts, more),
                (Self::Any(parts), last) => chained(parts, [last]),
                (first, Self::Any(more)) => std::iter::once(first).chain(more).collect(),
                (first, last) => [first, last].into(),
            }),
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
    pub fn predicates(&self) -> Vec<(&Shared<Predicate>, bool)> {
        let mut found = Vec::new();
        self.collect_predicates(false, &mut found);
        found
    }

    fn collect_predicates<'a>(
        &'a self,
        negated: bool,
        found: &mut Vec<(&'a Shared<Predicate>, bool)>,
    ) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts
                .iter()
                .for_each(|part| part.collect_predicates(negated, found)),
            Self::Not(inner) => inner.collect_predicates(!negated, found),
            Self::Test(predicate) => found.push((predicate, negated)),
            Self::Items { body, .. } => body.collect_predicates(negated, found),
        }
    }

    /// Rebuilds the condition bottom-up: `change` sees every node after its parts were rebuilt, and says what it becomes, if it
    /// becomes another. What is left as it is stays shared, and a part that stands at several places is seen once and stays one.
    #[must_use]
    pub fn map(self, change: &mut impl FnMut(&Self) -> Option<Self>) -> Self {
        self.rebuilt(&mut Rebuilt::default(), change)
            .unwrap_or(self)
    }

    /// The same by a change on the way to the normal form: what it is noted to leave as it is is not looked into.
    #[must_use]
    pub(crate) fn map_unsettled(
        self,
        local: Local,
        change: &mut impl FnMut(&Self) -> Option<Self>,
    ) -> Self {
        let mut known = Rebuilt {
            noted: local.note(),
            ..Rebuilt::default()
        };
        self.rebuilt(&mut known, change).unwrap_or(self)
    }

    /// What tells the node from others where several hold it.
    fn place(&self) -> Option<(usize, u8)> {
        match self {
            Self::All(parts) => Some((parts.identity()?, 0)),
            Self::Any(parts) => Some((parts.identity()?, 1)),
            Self::Not(inner) => Some((inner.identity()?, 2)),
            Self::Test(predicate) => Some((predicate.identity()?, 3)),
            Self::Items { .. } => None,
        }
    }

    /// Whether both are one node that is held twice.
    pub(crate) fn is_one_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All(one), Self::All(other)) | (Self::Any(one), Self::Any(other)) => {
                one.is_one_with(other)
            }
            (Self::Not(one), Self::Not(other)) => one.is_one_with(other),
            (Self::Test(one), Self::Test(other)) => one.is_one_with(other),
            _ => false,
        }
    }

    fn rebuilt(
        &self,
        known: &mut Rebuilt,
        change: &mut impl FnMut(&Self) -> Option<Self>,
    ) -> Option<Self> {
        if known.noted != 0 && self.is_noted(known.noted) {
            return None;
        }
        let place = self.place();
        if let Some(told) = place.and_then(|place| known.known.get(&place)) {
            return told.clone();
        }
        let rebuilt = self.rebuilt_anew(known, change);
        if rebuilt.is_none() && known.noted != 0 {
            self.note(known.noted);
            return None;
        }
        let is_plain = rebuilt.is_none() && matches!(self, Self::Test(_));
        if let Some(place) = place.filter(|_| !is_plain) {
            known.known.insert(place, rebuilt.clone());
        }
        rebuilt
    }

    fn rebuilt_anew(
        &self,
        known: &mut Rebuilt,
        change: &mut impl FnMut(&Self) -> Option<Self>,
    ) -> Option<Self> {
        let node = match self {
            Self::All(parts) => {
                let parts = parts.rebuilt(|part| part.rebuilt(known, change));
                parts.map(Self::All)
            }
            Self::Any(parts) => {
                let parts = parts.rebuilt(|part| part.rebuilt(known, change));
                parts.map(Self::Any)
            }
            Self::Not(inner) => {
                let inner = inner.rebuilt(known, change);
                inner.map(|inner| Self::Not(inner.into()))
            }
            Self::Test(_) => None,
            Self::Items {
                quantifier,
                list,
                body,
            } => body.rebuilt(known, change).map(|body| Self::Items {
                quantifier: *quantifier,
                list: list.clone(),
                body: body.into(),
            }),
        };
        match node {
            Some(node) => Some(change(&node).unwrap_or(node)),
            None => change(self),
        }
    }

    /// The node as [`and`](Self::and), [`or`](Self::or) and [`negate`](Self::negate) make it of its parts; nothing where that is
    /// how it is.
    pub fn folded(&self) -> Option<Self> {
        let is_constant = |part: &Self| part.as_constant().is_some();
        match self {
            Self::All(parts) => {
                let foldable = |part| is_constant(part) || matches!(part, Self::All(_));
                (parts.len() == 1 || parts.iter().any(foldable))
                    .then(|| parts.iter().cloned().fold(Self::TRUE, Self::and))
            }
            Self::Any(parts) => {
                let foldable = |part| is_constant(part) || matches!(part, Self::Any(_));
                (parts.len() == 1 || parts.iter().any(foldable))
                    .then(|| parts.iter().cloned().fold(Self::FALSE, Self::or))
            }
            Self::Not(inner) => (is_constant(inner) || matches!(**inner, Self::Not(_)))
                .then(|| inner.as_ref().clone().negate()),
            Self::Test(_) | Self::Items { .. } => None,
        }
    }

    /// Every field of the event that the condition reads, in order of appearance, with repetitions.
    pub fn fields(&self) -> Vec<&FieldPath> {
        let mut fields = Vec::new();
        self.visit_fields(&mut |path| fields.push(path));
        fields
    }

    pub(super) fn visit_fields<'a>(&'a self, visit: &mut impl FnMut(&'a FieldPath)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.visit_fields(visit);
                }
            }
            Self::Not(inner) => inner.visit_fields(visit),
            Self::Test(predicate) => {
                predicate.subject.visit_fields(visit);
                if let Object::Term(term) = &predicate.object {
                    term.visit_fields(visit);
                }
            }
            Self::Items { list, body, .. } => {
                list.visit_fields(visit);
                body.visit_fields(visit);
            }
        }
    }
}
