//! Conditions and terms to the items of lists that they may read, and whether they read every item of some list at once.
//!
//! Items are told by the depth that stands in [`Term::Item`], as a set of depths by their remainder: a set that lacks a depth
//! says that no such item is read, one that has it says nothing.

use super::shared::Found;
use super::{Case, Condition, Object, Predicate, Shared, SharedVec, Term};

/// A set of depths by their remainder.
#[derive(Clone, Copy)]
struct Depths(u64);

/// Set in every set that was found out, so that it is never 0.
const KNOWN: u64 = 1 << 63;

/// Set where a field of the event goes through every item of a list.
const EACH: u64 = 1 << 62;

impl Depths {
    const NONE: Self = Self(KNOWN);

    fn of(depth: usize) -> Self {
        Self(KNOWN | 1 << (depth % 62))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, depth: usize) -> bool {
        self.0 & !KNOWN & Self::of(depth).0 != 0
    }

    fn has_each(self) -> bool {
        self.0 & EACH != 0
    }
}

impl Condition {
    /// Whether a [`Term::Item`] with this very depth may stand somewhere within; `false` is certain.
    pub fn may_read(&self, depth: usize) -> bool {
        of_condition(self).has(depth)
    }
}

impl Term {
    /// Whether a [`Term::Item`] with this very depth may stand somewhere within; `false` is certain.
    pub fn may_read(&self, depth: usize) -> bool {
        of_term(self).has(depth)
    }

    /// Whether a field of the event that the term reads goes through every item of some list.
    pub fn reads_each(&self) -> bool {
        of_term(self).has_each()
    }
}

fn shared<T>(part: &Shared<T>, of: impl Fn(&T) -> Depths) -> Depths {
    Depths(part.found(Found::Items, |part| of(part).0))
}

fn list<T>(parts: &SharedVec<T>, of: impl Fn(&T) -> Depths) -> Depths {
    let all = |parts: &[T]| parts.iter().map(of).fold(Depths::NONE, Depths::and).0;
    Depths(parts.found(Found::Items, all))
}

fn of_condition(condition: &Condition) -> Depths {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => list(parts, of_condition),
        Condition::Not(inner) => shared(inner, of_condition),
        Condition::Test(predicate) => shared(predicate, of_predicate),
        Condition::Items { list, body, .. } => {
            shared(list, of_term).and(shared(body, of_condition))
        }
    }
}

fn of_predicate(predicate: &Predicate) -> Depths {
    let subject = of_term(&predicate.subject);
    match &predicate.object {
        Object::Term(term) => subject.and(shared(term, of_term)),
        Object::None
        | Object::Literal(_)
        | Object::List(_)
        | Object::Texts(_)
        | Object::Kinds(_) => subject,
    }
}

fn of_term(term: &Term) -> Depths {
    match term {
        Term::Field(path) if path.has_each() => Depths(KNOWN | EACH),
        Term::Field(_) | Term::Literal(_) => Depths::NONE,
        Term::Item { depth, .. } => Depths::of(*depth),
        Term::Call { arguments, .. } => list(arguments, of_term),
        Term::Choice { cases, otherwise } => list(cases, of_case).and(shared(otherwise, of_term)),
        Term::Select {
            list,
            when,
            item: element,
        } => shared(list, of_term)
            .and(shared(when, of_condition))
            .and(shared(element, of_term)),
        Term::Aggregate { argument, .. } => argument
            .as_ref()
            .map_or(Depths::NONE, |argument| shared(argument, of_term)),
    }
}

fn of_case(case: &Case) -> Depths {
    of_condition(&case.when).and(of_term(&case.then))
}

#[cfg(test)]
mod tests {
    use super::super::{FieldPath, Function, Operator};
    use super::*;

    #[test]
    fn an_item_is_found_at_any_place() {
        let item = |depth| Term::Item {
            depth,
            path: FieldPath::root(),
        };
        let present =
            |term| Condition::from(Predicate::new(term, Operator::IsPresent, Object::None));
        let chosen = Term::Choice {
            cases: [Case {
                when: present(item(7)).negate(),
                then: Term::text("a"),
            }]
            .into(),
            otherwise: Shared::new(item(9)),
        };
        assert!(chosen.may_read(7) && chosen.may_read(9));
        assert!(!chosen.may_read(8));
        let condition = present(chosen).and(present(item(1)));
        assert!(condition.may_read(1) && condition.may_read(7));
        assert!(!condition.may_read(0));
    }

    #[test]
    fn a_field_of_every_item_is_found_within_calls() {
        let of = |path| {
            let field = Term::Field(FieldPath::parse(path).unwrap());
            Term::call(Function::Lower, [field])
        };
        assert!(of("a[].b").reads_each());
        assert!(!of("a[0].b").reads_each());
    }
}
