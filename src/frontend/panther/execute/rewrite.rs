//! Conditions and terms with parts of them replaced, and values with such conditions and terms within.
//!
//! Invariant: what stands for a part mentions free items only, so that it means the same within any quantifier.

use super::item::{ItemId, select, some};
use super::logic;
use super::remap::Remap;
use crate::ir::{
    Case, Condition, FieldPath, Function, Object, Predicate, Quantifier, Shared, Term,
};

/// What stands for some parts. What mentions none of them stays shared with the others who hold it.
pub(super) enum Rewrite {
    /// A term for a free item.
    Item(ItemId, Term),
    /// A truth value for a condition.
    Known(Condition, bool),
    /// Nothing is left of the questions whether a list has any item, or one that satisfies, and whether a value is truthy,
    /// where the list or the value is the free item.
    Questions(ItemId),
}

impl Rewrite {
    /// Whether there may be something to replace in a term that may read the items of which `reads` says so.
    fn may_change(&self, reads: impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Item(item, _) | Self::Questions(item) => reads(item.depth()),
            Self::Known(..) => true,
        }
    }

    fn shared_term(&self, term: Shared<Term>) -> Shared<Term> {
        if self.may_change(|depth| term.may_read(depth)) {
            self.term(term.into_inner()).into()
        } else {
            term
        }
    }

    fn shared_condition(&self, condition: Shared<Condition>) -> Shared<Condition> {
        if self.may_change(|depth| condition.may_read(depth)) {
            self.condition(condition.into_inner()).into()
        } else {
            condition
        }
    }

    fn replaced_term(&self, term: &Term) -> Option<Term> {
        let Self::Item(item, other) = self else {
            return None;
        };
        let (Term::Item { depth, path }, Term::Item { depth: free, .. }) = (term, item.term())
        else {
            return None;
        };
        if *depth != free {
            return None;
        }
        Some(match other {
            other if path.segments.is_empty() => other.clone(),
            Term::Item {
                depth,
                path: before,
            } => Term::Item {
                depth: *depth,
                path: joined(before, path),
            },
            Term::Field(before) => Term::Field(joined(before, path)),
            other => {
                let of_one = Term::call(Function::List, [other.clone()]);
                let found = select(&of_one, *item, Condition::TRUE, term.clone());
                super::predicate::item(&found, 0)
            }
        })
    }

    /// What a predicate says of a path from the free item, where that is computed: its steps may go through items of a list.
    fn of_path(&self, predicate: &Predicate) -> Option<Condition> {
        let Self::Item(
            item,
            other @ (Term::Literal(_)
            | Term::Call { .. }
            | Term::Choice { .. }
            | Term::Select { .. }),
        ) = self
        else {
            return None;
        };
        let (Term::Item { depth, path }, Term::Item { depth: free, .. }) =
            (&predicate.subject, item.term())
        else {
            return None;
        };
        if *depth != free || path.segments.is_empty() {
            return None;
        }
        let of_one = Term::call(Function::List, [other.clone()]);
        Some(some(&of_one, *item, predicate.clone().into()))
    }

    fn replaced(&self, condition: &Condition) -> Option<Condition> {
        match (self, condition) {
            (Self::Known(known, value), other) if known == other => {
                Some(Condition::constant(*value))
            }
            (
                Self::Questions(item),
                Condition::Items {
                    quantifier: Quantifier::Some,
                    list,
                    body,
                },
            ) if **list == item.term() && !super::item::mentions(body, *item) => {
                Some(Condition::TRUE)
            }
            (Self::Questions(item), Condition::Test(predicate))
                if predicate.subject == item.term()
                    && predicate.operator == crate::ir::Operator::IsTruthy =>
            {
                Some(Condition::TRUE)
            }
            _ => None,
        }
    }

    fn predicate(&self, mut predicate: Predicate) -> Predicate {
        predicate.subject = self.term(predicate.subject);
        if let Object::Term(term) = predicate.object {
            predicate.object = Object::Term(self.shared_term(term));
        }
        predicate
    }
}

impl Remap for Rewrite {
    fn term(&self, term: Term) -> Term {
        if !self.may_change(|depth| term.may_read(depth)) {
            return term;
        }
        if let Some(other) = self.replaced_term(&term) {
            return other;
        }
        match term {
            Term::Call {
                function,
                arguments,
            } => Term::Call {
                function,
                arguments: arguments.into_iter().map(|term| self.term(term)).collect(),
            },
            Term::Choice { cases, otherwise } => Term::Choice {
                cases: cases
                    .into_iter()
                    .map(|case| Case {
                        when: self.condition(case.when),
                        then: self.term(case.then),
                    })
                    .collect(),
                otherwise: self.shared_term(otherwise),
            },
            Term::Select { list, when, item } => Term::Select {
                list: self.shared_term(list),
                when: self.shared_condition(when),
                item: self.shared_term(item),
            },
            other @ (Term::Field(_)
            | Term::Item { .. }
            | Term::Literal(_)
            | Term::Aggregate { .. }) => other,
        }
    }

    fn condition(&self, condition: Condition) -> Condition {
        if !self.may_change(|depth| condition.may_read(depth)) {
            return condition;
        }
        if let Some(other) = self.replaced(&condition) {
            return other;
        }
        match condition {
            Condition::All(parts) => logic::all(parts.into_iter().map(|part| self.condition(part))),
            Condition::Any(parts) => logic::any(parts.into_iter().map(|part| self.condition(part))),
            Condition::Not(inner) => self.condition(inner.into_inner()).negate(),
            Condition::Test(predicate) => match self.of_path(&predicate) {
                Some(condition) => condition,
                None => self.predicate(predicate.into_inner()).into(),
            },
            Condition::Items {
                quantifier,
                list,
                body,
            } => Condition::Items {
                quantifier,
                list: self.shared_term(list),
                body: self.shared_condition(body),
            },
        }
    }
}

fn joined(before: &FieldPath, path: &FieldPath) -> FieldPath {
    FieldPath {
        segments: before
            .segments
            .iter()
            .chain(&path.segments)
            .cloned()
            .collect(),
    }
}

/// How many terms and conditions a term is made of.
pub(super) fn term_size(term: &Term) -> usize {
    1 + match term {
        Term::Call { arguments, .. } => arguments.iter().map(term_size).sum(),
        Term::Choice { cases, otherwise } => {
            let cases = cases.iter();
            let cases: usize = cases
                .map(|case| condition_size(&case.when) + term_size(&case.then))
                .sum();
            cases + term_size(otherwise)
        }
        Term::Select { list, when, item } => {
            term_size(list) + condition_size(when) + term_size(item)
        }
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => 0,
    }
}

fn condition_size(condition: &Condition) -> usize {
    1 + match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().map(condition_size).sum(),
        Condition::Not(inner) => condition_size(inner),
        Condition::Test(predicate) => match &predicate.object {
            Object::Term(term) => term_size(&predicate.subject) + term_size(term),
            _ => term_size(&predicate.subject),
        },
        Condition::Items { list, body, .. } => term_size(list) + condition_size(body),
    }
}
