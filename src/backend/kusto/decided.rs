//! A condition with what is known where it is asked: what that decides is not asked again.
//!
//! Columns of a table have one blank where the rule knows several, so that questions which differ in the rule are one question here:
//! `isnotempty(A) and isempty(A)`. Done where a condition that is null counts as one that does not hold: in a selection and in a
//! case. Invariant: it holds on the same rows. Nothing is looked for within a negation, where null and false differ.

use std::hash::BuildHasher;

use rustc_hash::FxHashMap;

use crate::backend::fragment::Fragment;

/// What is known: conditions that hold, and others that do not, being false or null.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// How often it is told of a condition that it holds, and that it does not.
    told: FxHashMap<u64, Told>,
    /// What does not all hold, by the keys of the parts.
    excluded: Vec<Vec<u64>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    holds: usize,
    fails: usize,
}

/// A condition with what is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Decided {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// What is left to ask.
    Open(Fragment),
}

/// The words of Kusto for conditions that all hold, and of which one does.
const ALL: &str = "and";
const ANY: &str = "or";

/// Questions of which always one holds, for any value, null included.
const OPPOSITES: [&str; 2] = ["isempty(", "isnotempty("];

impl Facts {
    /// Adds what it tells that the condition holds, or that it does not.
    pub(super) fn learn(&mut self, condition: &Fragment, holds: bool) {
        self.count(condition, holds);
        if !holds && let Some((ALL, parts)) = bare(condition).parts() {
            self.excluded.push(parts.iter().map(key).collect());
        }
    }

    fn count(&mut self, condition: &Fragment, holds: bool) {
        self.tell(condition, holds, &mut |times| *times += 1);
    }

    fn forget(&mut self, condition: &Fragment, holds: bool) {
        self.tell(condition, holds, &mut |times| *times -= 1);
    }

    fn tell(&mut self, condition: &Fragment, holds: bool, change: &mut dyn FnMut(&mut usize)) {
        let condition = bare(condition);
        match condition.parts() {
            Some((word, parts)) if word == if holds { ALL } else { ANY } => {
                for part in parts {
                    self.tell(part, holds, change);
                }
            }
            _ => {
                let told = self.told.entry(key(condition)).or_default();
                change(if holds {
                    &mut told.holds
                } else {
                    &mut told.fails
                });
            }
        }
    }

    /// The condition where this is known.
    pub(super) fn decide(&mut self, condition: &Fragment) -> Decided {
        let condition = bare(condition);
        match (self.known(condition), condition.parts()) {
            (Some(true), _) => Decided::Holds,
            (Some(false), _) => Decided::Fails,
            (None, Some((word, parts))) if [ALL, ANY].contains(&word) => {
                match self.decide_parts(word, condition.strength(), parts) {
                    // As it was, it may be known how it is said with fewer characters.
                    Decided::Open(rest) if rest.fingerprint() == condition.fingerprint() => {
                        Decided::Open(condition.clone())
                    }
                    decided => decided,
                }
            }
            (None, _) => Decided::Open(condition.clone()),
        }
    }

    /// Each part with what the others tell: beside others that must hold, it matters only where they do; beside others of which one
    /// is enough, only where none does.
    fn decide_parts(&mut self, word: &'static str, strength: u8, parts: &[Fragment]) -> Decided {
        let is_all = word == ALL;
        if is_all && self.excludes(parts) {
            return Decided::Fails;
        }
        for part in parts {
            self.count(part, is_all);
        }
        let mut left = Vec::new();
        let mut decided = None;
        for part in parts {
            self.forget(part, is_all);
            if decided.is_some() {
                continue;
            }
            match (self.decide(part), is_all) {
                (Decided::Open(rest), _) => {
                    self.count(&rest, is_all);
                    left.push(rest);
                }
                (Decided::Holds, true) | (Decided::Fails, false) => {}
                (whole, _) => decided = Some(whole),
            }
        }
        for part in &left {
            self.forget(part, is_all);
        }
        decided.unwrap_or_else(|| match left.as_slice() {
            [] if is_all => Decided::Holds,
            [] => Decided::Fails,
            _ => Decided::Open(Fragment::infix(word, strength, left)),
        })
    }

    /// Whether not all of these hold.
    fn excludes(&self, parts: &[Fragment]) -> bool {
        if self.excluded.is_empty() {
            return false;
        }
        let keys: Vec<u64> = parts.iter().map(key).collect();
        let among = |part: &u64| keys.contains(part);
        self.excluded.iter().any(|all| all.iter().all(among))
    }

    fn known(&self, condition: &Fragment) -> Option<bool> {
        let told = |asked: &Fragment| match self.told.get(&key(asked))? {
            told if told.holds > 0 => Some(true),
            told => (told.fails > 0).then_some(false),
        };
        told(condition).or_else(|| Some(!told(&opposite(condition)?)?))
    }
}

/// Conditions that all have to hold, each without what those before it tell.
pub(super) fn conjuncts(
    conditions: impl Iterator<Item = Fragment>,
) -> impl Iterator<Item = Fragment> {
    let mut facts = Facts::default();
    conditions.filter_map(move |condition| {
        let left = match facts.decide(&condition) {
            Decided::Holds => return None,
            Decided::Open(left) => left,
            // No row is left; the condition says so as well as any.
            Decided::Fails => condition,
        };
        facts.learn(&left, true);
        Some(left)
    })
}

/// The condition without brackets that only group it.
fn bare(condition: &Fragment) -> &Fragment {
    match condition.inside() {
        Some(("(", inner)) => bare(inner),
        _ => condition,
    }
}

/// What conditions have in common that ask the same, in whatever order.
fn key(condition: &Fragment) -> u64 {
    let condition = bare(condition);
    match condition.parts() {
        Some((word, parts)) if [ALL, ANY].contains(&word) => {
            let mut keys: Vec<u64> = parts.iter().map(key).collect();
            keys.sort_unstable();
            rustc_hash::FxBuildHasher.hash_one((word, keys))
        }
        _ => condition.fingerprint(),
    }
}

/// The question that holds where this one does not.
fn opposite(condition: &Fragment) -> Option<Fragment> {
    let (open, inner) = condition.inside()?;
    let [a, b] = OPPOSITES;
    let other = match open {
        _ if open == a => b,
        _ if open == b => a,
        _ => return None,
    };
    Some(inner.clone().call(other, ")"))
}

#[cfg(test)]
mod tests {
    use super::super::value::strength;
    use super::*;

    fn ask(text: &str) -> Fragment {
        match text.split_once('(') {
            Some((function, rest)) => {
                let argument = Fragment::atom(rest.trim_end_matches(')'));
                Fragment::called(function, &[argument])
            }
            None => Fragment::atom(text),
        }
    }

    fn all<const N: usize>(parts: [Fragment; N]) -> Fragment {
        Fragment::infix(ALL, strength::AND, parts.into())
    }

    fn any<const N: usize>(parts: [Fragment; N]) -> Fragment {
        Fragment::infix(ANY, strength::OR, parts.into())
    }

    fn decided(facts: &mut Facts, condition: &Fragment) -> String {
        match facts.decide(condition) {
            Decided::Holds => "holds".to_owned(),
            Decided::Fails => "fails".to_owned(),
            Decided::Open(rest) => rest.flat(),
        }
    }

    #[test]
    fn a_part_is_not_asked_where_others_decide_it() {
        let mut none = Facts::default();
        let filled = || ask("isnotempty(A)");
        let both = all([filled(), ask("isempty(A)")]);
        assert_eq!(decided(&mut none, &both), "fails");
        assert_eq!(
            decided(&mut none, &any([filled(), ask("isempty(A)")])),
            "holds"
        );
        let either = any([ask("short"), filled()]);
        let twice = all([either.clone(), any([filled(), ask("short")]), ask("b")]);
        assert_eq!(decided(&mut none, &twice), "(isnotempty(A) or short) and b");
        let within = any([filled(), all([either, ask("b")])]);
        assert_eq!(decided(&mut none, &within), "isnotempty(A) or short and b");
    }

    #[test]
    fn what_an_earlier_case_asked_does_not_hold_in_a_later_one() {
        let mut facts = Facts::default();
        facts.learn(&any([ask("isnotempty(A)"), ask("c")]), false);
        let later = all([any([ask("short"), ask("isnotempty(A)")]), ask("isempty(A)")]);
        assert_eq!(decided(&mut facts, &later), "short");
        assert_eq!(decided(&mut facts, &ask("c")), "fails");
        // Of several that do not all hold, each may.
        facts.learn(&all([ask("d"), ask("e")]), false);
        assert_eq!(decided(&mut facts, &ask("d")), "d");
        let more = all([ask("e"), ask("f"), ask("d")]);
        assert_eq!(decided(&mut facts, &more), "fails");
    }

    #[test]
    fn what_is_not_decided_keeps_its_shorter_form() {
        let whole = any([ask("a"), ask("b")]).or_shorter(|| ask("c"));
        let Decided::Open(left) = Facts::default().decide(&whole) else {
            panic!("{whole:?}");
        };
        assert_eq!(left.shorter().map(Fragment::flat).as_deref(), Some("c"));
    }

    #[test]
    fn a_negation_of_what_is_null_may_be_null() {
        let mut facts = Facts::default();
        facts.learn(&ask("a"), false);
        assert_eq!(decided(&mut facts, &ask("not(a)")), "not(a)");
    }
}
