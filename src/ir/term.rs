//! Terms: what a predicate is about, and what an output or a title is made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Aggregate, Condition, FieldPath, Function, Literal, Shared, SharedVec};

/// A value of an event, or one computed from it.
// `sharing` says how it is serialized.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// A field of the event.
    Field(FieldPath),
    /// A field of the current item of the quantifier `depth` levels out (0 is the innermost), or the item itself.
    Item {
        /// How many quantifiers out.
        #[serde(default, skip_serializing_if = "is_zero")]
        depth: usize,
        /// The path below the item; the root for the item itself.
        path: FieldPath,
    },
    /// A constant.
    Literal(Literal),
    /// A computed value.
    Call {
        /// What is computed.
        function: Function,
        /// From what.
        arguments: SharedVec<Term>,
    },
    /// The value of the first case whose condition holds, else the last value.
    Choice {
        /// The cases, in order.
        cases: SharedVec<Case>,
        /// The value when no case holds.
        otherwise: Shared<Term>,
    },
    /// A list made of a list, in order: the `item` of each item for which `when` holds. Inside both, the current item is
    /// [`Term::Item`] with depth 0. An `item` without a value is `null`; missing where `list` is not a list.
    Select {
        /// The list.
        list: Shared<Term>,
        /// Which items are taken.
        when: Shared<Condition>,
        /// What is taken of an item.
        item: Shared<Term>,
    },
    /// A value computed over a counted group; only in outputs, titles and details of a rule with a threshold.
    Aggregate {
        /// What is computed.
        aggregate: Aggregate,
        /// Of what; nothing for the count.
        argument: Option<Shared<Term>>,
    },
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(depth: &usize) -> bool {
    *depth == 0
}

/// One case of a [`Term::Choice`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// When it applies.
    pub when: Condition,
    /// Its value.
    pub then: Term,
}

impl Term {
    /// A field by its printed path's keys.
    pub fn field<S: Into<String>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self::Field(FieldPath::keys(keys))
    }

    /// A text constant.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Literal(Literal::text(text))
    }

    /// A computed value.
    pub fn call(function: Function, arguments: impl Into<SharedVec<Self>>) -> Self {
        Self::Call {
            function,
            arguments: arguments.into(),
        }
    }

    /// A value over a counted group.
    pub fn aggregate(aggregate: Aggregate, argument: Option<Self>) -> Self {
        Self::Aggregate {
            aggregate,
            argument: argument.map(Shared::new),
        }
    }

    /// The field, if the term is nothing but one.
    pub fn as_field(&self) -> Option<&FieldPath> {
        match self {
            Self::Field(path) => Some(path),
            _ => None,
        }
    }

    /// The constant, if the term is nothing but one.
    pub fn as_literal(&self) -> Option<&Literal> {
        match self {
            Self::Literal(literal) => Some(literal),
            _ => None,
        }
    }

    /// What the function is called with, if the term is a value of it.
    pub fn arguments_of(&self, wanted: Function) -> Option<&[Self]> {
        match self {
            Self::Call {
                function,
                arguments,
            } if *function == wanted => Some(arguments),
            _ => None,
        }
    }

    /// Every field of the event that the term reads, in order of appearance, with repetitions.
    pub fn fields(&self) -> Vec<&FieldPath> {
        let mut fields = Vec::new();
        self.visit_fields(&mut |path| fields.push(path));
        fields
    }

    pub(super) fn visit_fields<'a>(&'a self, visit: &mut impl FnMut(&'a FieldPath)) {
        match self {
            Self::Field(path) => visit(path),
            Self::Item { .. } | Self::Literal(_) => {}
            Self::Call { arguments, .. } => arguments
                .iter()
                .for_each(|argument| argument.visit_fields(visit)),
            Self::Choice { cases, otherwise } => {
                for case in cases {
                    case.when.visit_fields(visit);
                    case.then.visit_fields(visit);
                }
                otherwise.visit_fields(visit);
            }
            Self::Select { list, when, item } => {
                list.visit_fields(visit);
                when.visit_fields(visit);
                item.visit_fields(visit);
            }
            Self::Aggregate { argument, .. } => {
                if let Some(argument) = argument {
                    argument.visit_fields(visit);
                }
            }
        }
    }
}
