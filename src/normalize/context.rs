//! Parts that follow from what stands beside them are dropped, parts that contradict it are false.
//!
//! Beside a conjunct the other conjuncts hold; beside an alternative the other alternatives do not. So a guard (`x is text`)
//! disappears next to the predicate that needs it (`x starts_with "a"`), and branches that cannot be reached disappear. Parts
//! are decided from the last to the first, each against the others as they are by then, so that two parts that follow from each
//! other never both disappear. A question to some item of a list says besides that there is one.

use std::cell::{Cell, RefCell};

use smallvec::SmallVec;

use super::answers::Answers;
use super::known::known;
use crate::ir::{
    Condition, Mark, Predicate, Quantifier, Shared, SharedVec, Term, fingerprint, related,
};

pub(super) fn simplify(condition: Condition) -> Condition {
    within(&condition, &[], &Asked::default()).unwrap_or(condition)
}

/// The condition where another one holds.
pub(super) fn beside(known: &Condition, condition: Condition) -> Condition {
    let mut facts = Facts::new();
    collect(known, known, true, condition.mark(), &mut facts);
    within(&condition, &facts, &Asked::default()).unwrap_or(condition)
}

/// A predicate or a choice that is known to hold or known not to.
#[derive(Clone, Copy)]
struct Fact<'f> {
    condition: &'f Condition,
    holds: bool,
    /// What it may say something of.
    mark: Mark,
    /// What it is known by.
    of: &'f Condition,
}

/// What is known at a place.
type Facts<'f> = SmallVec<[Fact<'f>; 16]>;

/// What choices were found to say of predicates: the parts of a condition share both, and ask again and again.
///
/// Each is known by where it stands. The predicates are those of the condition that is gone through, and choices that are made on
/// the way are kept as long, so that no two stand at one place.
struct Asked {
    /// What tells the condition from those before it, of which others stand at the same places.
    of: u64,
    made: RefCell<Vec<SharedVec<Condition>>>,
}

/// Where the parts of a choice stand, where the predicate stands, and of which condition they are, with whether all of the parts are
/// asked for and whether that holds.
type Question = (usize, usize, u64);

thread_local! {
    static VERDICTS: Answers<Question> = Answers::new();
    /// How many conditions were gone through.
    static CONDITIONS: Cell<u64> = const { Cell::new(0) };
}

impl Default for Asked {
    fn default() -> Self {
        let of = CONDITIONS.get();
        CONDITIONS.set(of + 1);
        Self {
            of,
            made: RefCell::default(),
        }
    }
}

impl Asked {
    /// What the fact says of a predicate.
    fn said(&self, fact: &Fact<'_>, predicate: &Shared<Predicate>, mark: Mark) -> Option<bool> {
        let (Condition::All(parts) | Condition::Any(parts)) = fact.condition else {
            return entailed(fact.condition, fact.holds, predicate, mark);
        };
        let all = matches!(fact.condition, Condition::All(_));
        let flags = u64::from(all) << 1 | u64::from(fact.holds);
        let asked = std::ptr::from_ref::<Predicate>(predicate).addr();
        let parts = parts.as_ptr().addr();
        let print = fingerprint::of_two(parts as u64, fingerprint::of_two(asked as u64, flags));
        let question = (parts, asked, self.of << 2 | flags);
        let entailed = || entailed(fact.condition, fact.holds, predicate, mark);
        VERDICTS.with(|verdicts| verdicts.get(question, print, entailed))
    }

    /// Keeps parts that were made.
    fn keep(&self, made: &SharedVec<Condition>) {
        self.made.borrow_mut().push(made.clone());
    }
}

/// Adds what is known of what a mark is about, where a condition holds or does not.
fn collect<'f>(
    condition: &'f Condition,
    of: &'f Condition,
    holds: bool,
    about: Mark,
    facts: &mut Facts<'f>,
) {
    let mark = condition.mark();
    if !related(mark, about) {
        return;
    }
    match (condition, holds) {
        (Condition::Not(inner), _) => collect(inner, of, !holds, about, facts),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => parts
            .iter()
            .for_each(|part| collect(part, of, holds, about, facts)),
        (Condition::Items { list, .. }, _) => {
            let mark = list.mark();
            if related(mark, about) && tells_of_items(condition, holds) {
                facts.push(Fact {
                    condition,
                    holds,
                    mark,
                    of,
                });
            }
        }
        (Condition::Test(_), _) => facts.push(Fact {
            condition,
            holds,
            mark,
            of,
        }),
        (Condition::All(parts), false) | (Condition::Any(parts), true) => {
            // A choice says something only of what each of its parts does: the one that is about least is asked for.
            let marks = parts.iter().map(Condition::mark);
            let least = marks.min_by_key(|mark| mark.count_ones());
            if let Some(mark) = least.filter(|mark| related(*mark, about)) {
                facts.push(Fact {
                    condition,
                    holds,
                    mark,
                    of,
                });
            }
        }
    }
}

/// The condition without what follows from the facts; nothing where nothing does.
fn within(condition: &Condition, facts: &[Fact<'_>], asked: &Asked) -> Option<Condition> {
    if facts.is_empty() && condition.is_noted_normal() {
        return None;
    }
    match condition {
        Condition::All(parts) => match parts_within(parts, true, facts, asked) {
            Some(parts) => Some(parts.into_iter().fold(Condition::TRUE, Condition::and)),
            None => condition.folded(),
        },
        Condition::Any(parts) => match parts_within(parts, false, facts, asked) {
            Some(parts) => Some(parts.into_iter().fold(Condition::FALSE, Condition::or)),
            None => condition.folded(),
        },
        Condition::Not(inner) => match within(inner, facts, asked) {
            Some(inner) => Some(inner.negate()),
            None => condition.folded(),
        },
        Condition::Test(predicate) => {
            let mark = predicate.mark();
            let mut facts = facts.iter().filter(|fact| related(fact.mark, mark));
            let decided = facts.find_map(|fact| asked.said(fact, predicate, mark));
            decided.map(Condition::constant)
        }
        Condition::Items {
            quantifier,
            list,
            body,
        } => {
            let mark = list.mark();
            let mut about = facts.iter().filter(|fact| related(fact.mark, mark));
            if let Some(verdict) = about.find_map(|fact| of_items(fact, *quantifier, list, body)) {
                return Some(Condition::constant(verdict));
            }
            // Inside, `item` is another value than outside.
            let mut last = None;
            let mut is_outer = |fact: &&Fact<'_>| match last {
                Some((of, is_outer)) if std::ptr::eq(of, fact.of) => is_outer,
                _ => last.insert((fact.of, !mentions_item(fact.of))).1,
            };
            let outer = facts.iter().filter(|fact| is_outer(fact));
            let outer: Facts<'_> = outer.copied().collect();
            within(body, &outer, asked).map(|body| Condition::Items {
                quantifier: *quantifier,
                list: list.clone(),
                body: Shared::new(body),
            })
        }
    }
}

/// Whether a condition that holds, or does not, says that a list has items, or that it has none.
fn tells_of_items(condition: &Condition, holds: bool) -> bool {
    let Condition::Items {
        quantifier,
        list,
        body,
    } = condition
    else {
        return false;
    };
    let is_of_some = match quantifier {
        Quantifier::Some => holds || **body == Condition::TRUE,
        Quantifier::One => holds,
        Quantifier::Every => false,
    };
    is_of_some && !list.reads_each()
}

/// What a fact says of a question to the items of a list: with one that has something there is one, and where there is none there is
/// none that has anything.
fn of_items(
    fact: &Fact<'_>,
    quantifier: Quantifier,
    list: &Shared<Term>,
    body: &Condition,
) -> Option<bool> {
    let Condition::Items { list: of, .. } = fact.condition else {
        return None;
    };
    let is_decided = match quantifier {
        Quantifier::Some => !fact.holds || *body == Condition::TRUE,
        Quantifier::One => !fact.holds,
        Quantifier::Every => false,
    };
    (is_decided && of == list).then_some(fact.holds)
}

/// Some parts of a condition, and what each may say something of: they are asked for it again and again.
#[derive(Clone, Copy)]
struct Parts<'p> {
    parts: &'p [Condition],
    marks: &'p [Mark],
}

/// What parts may say something of.
type Marks = SmallVec<[Mark; 16]>;

fn marks_of(parts: &[Condition]) -> Marks {
    parts.iter().map(Condition::mark).collect()
}

impl<'p> Parts<'p> {
    /// The first half, and the rest.
    fn halves(self) -> (Self, Self) {
        let middle = self.parts.len() / 2;
        let (first, second) = self.parts.split_at(middle);
        let (first_marks, second_marks) = self.marks.split_at(middle);
        let half = |parts: &'p [Condition], marks: &'p [Mark]| Self { parts, marks };
        (half(first, first_marks), half(second, second_marks))
    }
}

/// The parts of a condition, each beside the others; nothing where they stay as they are.
fn parts_within(
    parts: &[Condition],
    holds: bool,
    facts: &[Fact<'_>],
    asked: &Asked,
) -> Option<SharedVec<Condition>> {
    let marks = match parts {
        [_] => Marks::new(),
        parts => marks_of(parts),
    };
    let marks = &marks;
    each_beside(Parts { parts, marks }, holds, facts, asked)
}

/// The same. Of two halves each is gone through beside the other, the later one first.
fn each_beside(
    given: Parts<'_>,
    holds: bool,
    facts: &[Fact<'_>],
    asked: &Asked,
) -> Option<SharedVec<Condition>> {
    match given.parts {
        [] => return None,
        [part] => return within(part, facts, asked).map(|part| [part].into()),
        _ => {}
    }
    let (first, mut second) = given.halves();
    let second_told = beside_parts(second, first, holds, facts, asked);
    let marks: Marks;
    if let Some(parts) = &second_told {
        asked.keep(parts);
        marks = marks_of(parts);
        second = Parts {
            parts,
            marks: &marks,
        };
    }
    let first_told = beside_parts(first, second, holds, facts, asked);
    if first_told.is_none() && second_told.is_none() {
        return None;
    }
    let first = first_told.as_deref().unwrap_or(first.parts);
    Some(first.iter().chain(second.parts).cloned().collect())
}

/// Some parts of a condition where the others hold, or do not.
fn beside_parts(
    parts: Parts<'_>,
    others: Parts<'_>,
    holds: bool,
    facts: &[Fact<'_>],
    asked: &Asked,
) -> Option<SharedVec<Condition>> {
    // What says nothing about any predicate of a part is not handed down to it.
    let mark = parts.marks.iter().fold(0, |marks, mark| marks | mark);
    let around = facts.iter().filter(|fact| related(fact.mark, mark));
    let mut around: Facts<'_> = around.copied().collect();
    let others = others.parts.iter().zip(others.marks);
    for (other, _) in others.filter(|(_, other)| related(**other, mark)) {
        collect(other, other, holds, mark, &mut around);
    }
    each_beside(parts, holds, &around, asked)
}

/// Whether the predicate is decided by a condition that holds (or does not).
fn entailed(
    fact: &Condition,
    holds: bool,
    predicate: &Shared<Predicate>,
    mark: Mark,
) -> Option<bool> {
    match (fact, holds) {
        (Condition::Test(given), _) => known(given, holds, predicate),
        (Condition::Not(inner), _) => entailed(inner, !holds, predicate, mark),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => parts
            .iter()
            .filter(|part| related(part.mark(), mark))
            .find_map(|part| entailed(part, holds, predicate, mark)),
        (Condition::Any(parts), true) | (Condition::All(parts), false) => {
            if !parts.iter().all(|part| related(part.mark(), mark)) {
                return None;
            }
            let mut verdicts = parts
                .iter()
                .map(|part| entailed(part, holds, predicate, mark));
            let first = verdicts.next().flatten()?;
            verdicts
                .all(|verdict| verdict == Some(first))
                .then_some(first)
        }
        (Condition::Items { .. }, _) => None,
    }
}

fn mentions_item(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(mentions_item),
        Condition::Not(inner) | Condition::Items { body: inner, .. } => mentions_item(inner),
        Condition::Test(predicate) => has_item(&predicate.subject),
    }
}

fn has_item(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments.iter().any(has_item),
        // The last two are rare inside predicates; taken as if they had one.
        Term::Item { .. } | Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::equals;
    use super::*;

    #[test]
    fn an_item_that_has_something_is_one() {
        let items = |quantifier, list: &str, body: Condition| Condition::Items {
            quantifier,
            list: Shared::new(Term::field([list])),
            body: Shared::new(body),
        };
        let some = |list, body| items(Quantifier::Some, list, body);
        let any = |list| some(list, Condition::TRUE);
        let (a, b) = (equals("x", "a"), equals("y", "b"));
        let both = |one: &Condition, other: Condition| one.clone().and(other);
        let has = some("list", a.clone());
        let has_one = items(Quantifier::One, "list", a.clone());
        let every = items(Quantifier::Every, "list", a);
        for (given, expected) in [
            (both(&has, any("list").or(b.clone())), has.clone()),
            (both(&has_one, any("list")), has_one.clone()),
            (both(&any("list"), has.clone()), has.clone()),
            (both(&any("list").negate(), has.clone()), Condition::FALSE),
            (
                both(&any("list").negate(), has_one.clone()),
                Condition::FALSE,
            ),
            // Another list, or an item that has something else, is not told of; all of none have everything.
            (both(&has, any("other")), both(&has, any("other"))),
            (
                both(&has.clone().negate(), any("list")),
                both(&has.negate(), any("list")),
            ),
            (
                both(&any("list").negate(), every.clone()),
                both(&any("list").negate(), every),
            ),
        ] {
            assert_eq!(simplify(given.clone()), expected, "{given}");
        }
    }

    #[test]
    fn a_choice_says_of_each_predicate_what_it_says() {
        let [a, b, c] = ["a", "b", "c"].map(|value| equals("x", value));
        let beside = |x: &Condition, value| x.clone().and(equals("y", value));
        let choice = a.clone().or(b);
        // Neither case in which `x` is `c` can be, and where it is `a` the choice says nothing more.
        let cases = beside(&c, "d").or(beside(&c, "e")).or(beside(&a, "f"));
        let given = Condition::All([choice, cases].into());
        assert_eq!(simplify(given), beside(&a, "f"));
    }
}
