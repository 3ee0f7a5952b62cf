//! Which predicates stand where their subject is already known to be a text, so that it can be used as one.
//!
//! Python evaluates `and` and `or` from the left and stops early, and so do the early returns of a rule: a part is reached only
//! if the parts before it held (or, in an `or`, did not hold).

use std::collections::BTreeSet;

use crate::backend::survey::Survey;
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Predicate, Term};

/// A condition of no more nodes is looked at wherever it stands.
const SMALL: usize = 12;

/// The predicates of a condition whose subject is known to be a text where they are evaluated.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By address: equal predicates at other places may not be guarded.
    guarded: BTreeSet<*const Predicate>,
    /// Those of which some place, where trees share them, is not guarded.
    open: BTreeSet<*const Predicate>,
}

impl Known {
    /// What is known in a condition, but for parts that may be asked for elsewhere, by a function of their own.
    pub(super) fn of(condition: &Condition, survey: &Survey) -> Self {
        let mut walk = Walk {
            known: Self::default(),
            survey,
        };
        walk.inside(condition, &[]);
        walk.known
    }

    /// Whether the predicate, wherever it stands in the condition, has a text as its subject.
    pub(super) fn is_text(&self, predicate: &Predicate) -> bool {
        let address = std::ptr::from_ref(predicate);
        self.guarded.contains(&address) && !self.open.contains(&address)
    }
}

/// A walk through a condition.
struct Walk<'s> {
    known: Known,
    survey: &'s Survey,
}

impl Walk<'_> {
    fn walk<'c>(&mut self, condition: &'c Condition, texts: &[&'c Term]) {
        if condition.size() <= SMALL || !self.survey.is_shared(condition) {
            self.inside(condition, texts);
        }
    }

    fn inside<'c>(&mut self, condition: &'c Condition, texts: &[&'c Term]) {
        match condition {
            Condition::All(parts) => self.walk_in_order(parts, texts, true),
            Condition::Any(parts) => self.walk_in_order(parts, texts, false),
            Condition::Not(inner) => self.walk(inner, texts),
            Condition::Test(predicate) => {
                let places = if texts.contains(&&predicate.subject) {
                    &mut self.known.guarded
                } else {
                    &mut self.known.open
                };
                places.insert(std::ptr::from_ref(predicate.as_ref()));
            }
            // Inside, an item's name stands for another value than outside.
            Condition::Items { body, .. } => {
                let outer: Vec<&Term> = texts
                    .iter()
                    .copied()
                    .filter(|term| !has_item(term))
                    .collect();
                self.walk(body, &outer);
            }
        }
    }

    /// Walks parts of which each is reached only if those before it were `held`.
    fn walk_in_order<'c>(&mut self, parts: &'c [Condition], texts: &[&'c Term], held: bool) {
        let mut texts = texts.to_vec();
        for part in parts {
            self.walk(part, &texts);
            collect(part, held, &mut texts);
        }
    }
}

/// The terms that are texts if the condition holds, or does not.
fn collect<'c>(condition: &'c Condition, holds: bool, texts: &mut Vec<&'c Term>) {
    match condition {
        Condition::All(parts) if holds => {
            for part in parts {
                collect(part, holds, texts);
            }
        }
        Condition::Any(parts) if !holds => {
            for part in parts {
                collect(part, holds, texts);
            }
        }
        Condition::Not(inner) => collect(inner, !holds, texts),
        Condition::Test(predicate)
            if holds && says_text(predicate) && is_single(&predicate.subject) =>
        {
            texts.push(&predicate.subject);
        }
        Condition::All(_) | Condition::Any(_) | Condition::Test(_) | Condition::Items { .. } => {}
    }
}

/// Whether a predicate that holds has a text as its subject.
fn says_text(predicate: &Predicate) -> bool {
    match predicate.operator {
        Operator::Equals | Operator::In => match &predicate.object {
            Object::Literal(literal) => literal.as_text().is_some(),
            Object::List(items) => items.iter().all(|item| matches!(item, Literal::Text(_))),
            Object::Texts(_) => true,
            Object::None | Object::Term(_) | Object::Kinds(_) => false,
        },
        Operator::Contains
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::HasTerm
        | Operator::Matches
        | Operator::Wildcard
        | Operator::InNetwork
        | Operator::IsIpAddress => true,
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast => {
            matches!(&predicate.object, Object::Literal(Literal::Text(_)))
        }
        Operator::IsKind => {
            matches!(&predicate.object, Object::Kinds(kinds) if !kinds.is_empty() && kinds.iter().all(|kind| *kind == Kind::Text))
        }
        Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy => false,
    }
}

/// Whether the term has one value at most.
fn is_single(term: &Term) -> bool {
    match term {
        Term::Field(path) | Term::Item { path, .. } => !path.has_each(),
        Term::Literal(_) => true,
        Term::Call {
            function,
            arguments,
        } => *function != Function::Anywhere && arguments.iter().all(is_single),
        Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => false,
    }
}

fn has_item(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Literal(_) => false,
        Term::Item { .. } | Term::Choice { .. } | Term::Select { .. } => true,
        Term::Call { arguments, .. } => arguments.iter().any(has_item),
        Term::Aggregate { argument, .. } => argument.as_deref().is_some_and(has_item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Shared;

    fn test(operator: Operator, object: Object) -> Condition {
        Predicate::new(Term::field(["x"]), operator, object).into()
    }

    #[test]
    fn a_shared_part_is_guarded_only_where_every_place_of_it_is() {
        let is_text = test(Operator::IsKind, Object::Kinds(vec![Kind::Text]));
        let ends = test(Operator::EndsWith, Object::Texts(vec!["a".into()]));
        let shared = Condition::Not(Shared::new(ends));
        let predicate = |condition: &Condition| {
            let predicates = condition.predicates();
            let found = predicates
                .iter()
                .find(|(predicate, _)| predicate.operator == Operator::EndsWith);
            std::ptr::from_ref::<Predicate>(found.unwrap().0)
        };
        let guarded = Condition::All(vec![is_text, shared.clone()].into());
        let known = Known::of(&guarded, &Survey::default());
        assert!(known.guarded.contains(&predicate(&guarded)));
        assert!(!known.open.contains(&predicate(&guarded)));
        let both = Condition::Any(vec![shared, guarded].into());
        let known = Known::of(&both, &Survey::default());
        assert!(known.open.contains(&predicate(&both)));
    }
}
