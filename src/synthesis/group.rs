//! Facts about the same fields to values of these fields for which all of them are so.
//!
//! A group is solved alone: values are proposed, the likeliest first, and the first of them that the evaluator confirms is taken.
//! A group of the same facts in the same order has the same values, which are looked for once ([`Known`]). How often the evaluator
//! is asked is bounded: a search that reaches the bound finds nothing, and is told from one that has tried everything.

use std::iter::once_with;
use std::rc::Rc;

use serde_json::{Value, json};

use super::facts::{Fact, anything};
use super::place::{meet, put};
use super::search::Accepts;
use super::shape::{Shape, compose};
use super::through::{self, Long};
use crate::ir::fingerprint::of_two;
use crate::ir::{ByFingerprint, FieldPath, Fingerprint};

/// How many proposals are tried for a field, and how many combinations of them for fields that depend on each other.
const TRIED: usize = 600;

/// How many proposals of a field go into combinations.
const COMBINED: usize = 24;

/// What stands between the domain and the name of an account, and how many texts are proposed as either.
const BETWEEN: char = '\\';
const JOINED: usize = 40;

/// How many of the latest facts about computed values have their values changed, the others keeping theirs.
const CHANGED: usize = 12;

/// How often the evaluator is asked about a leaf, for one event and for all events of a condition.
const WORK: usize = 60_000;
const WORK_OF_ALL: usize = 2_000_000;

/// The values of a field: none where it is absent, several where they are those of a list's items.
pub(super) type Values = Vec<Value>;

/// How often the evaluator may still be asked.
#[derive(Debug)]
pub(super) struct Work {
    of_all: usize,
    of_one: usize,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            of_all: WORK_OF_ALL,
            of_one: WORK,
        }
    }
}

impl Work {
    /// The next event is looked for.
    pub(super) fn begin(&mut self) {
        self.of_one = WORK.min(self.of_all);
    }

    /// Spends so much.
    pub(super) fn spend(&mut self, work: usize) {
        self.of_one = self.of_one.saturating_sub(work);
        self.of_all = self.of_all.saturating_sub(work);
    }

    /// Whether nothing is left for this event.
    pub(super) fn is_spent(&self) -> bool {
        self.of_one == 0
    }

    /// Whether nothing is left for any event.
    pub(super) fn is_over(&self) -> bool {
        self.of_all == 0
    }
}

/// The groups that were solved, and those that have no values, by their facts.
#[derive(Debug, Default)]
pub(super) struct Known {
    groups: ByFingerprint<Option<Rc<Group>>>,
    /// What may still be spent.
    pub(super) work: Work,
}

/// Fields that depend on each other, the facts about them, and values for which these are so.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    paths: Vec<FieldPath>,
    facts: Vec<Fact>,
    /// The values by path.
    solution: Vec<Values>,
    /// What tells its facts and their order from others.
    print: Fingerprint,
}

impl Group {
    /// Puts the values into the event.
    pub(super) fn write(&self, event: &mut Value) {
        write(&self.paths, &self.solution, event);
    }

    /// The fields and their values.
    pub(super) fn solved(&self) -> impl Iterator<Item = (&FieldPath, &Values)> {
        self.paths.iter().zip(&self.solution)
    }

    /// Whether one of its facts is what the event is about.
    pub(super) fn is_chosen(&self) -> bool {
        self.facts.iter().any(|fact| fact.present)
    }

    fn touches(&self, paths: &[FieldPath]) -> bool {
        paths
            .iter()
            .any(|path| self.paths.iter().any(|own| meet(own, path)))
    }

    fn absorb(&mut self, other: &Self) {
        for (path, values) in other.solved() {
            if !self.paths.contains(path) {
                self.paths.push(path.clone());
                self.solution.push(values.clone());
            }
        }
        self.facts.extend(other.facts.iter().cloned());
    }

    /// Whether all facts are so, and there may be such an event. The latest fact is asked first: the others were so before.
    fn confirms(&self, solution: &[Values], accepts: Option<Accepts<'_>>, work: &mut Work) -> bool {
        let mut event = json!({});
        write(&self.paths, solution, &mut event);
        let is_so = |fact: &Fact| {
            work.spend(1);
            fact.is_so(&event)
        };
        self.facts.iter().rev().all(is_so) && accepts.is_none_or(|accepts| accepts(&event))
    }

    /// Finds values for which all facts are so. `false` where none of the proposals are.
    fn solve(&mut self, accepts: Option<Accepts<'_>>, work: &mut Work) -> bool {
        let present = self.facts.last().is_some_and(|fact| fact.present);
        let holds = self.confirms(&self.solution, accepts, work);
        if holds && !present {
            return true;
        }
        let found = match self.paths.as_slice() {
            [path] => self.alone(path, accepts, work),
            _ => self.combined(accepts, work),
        };
        match found {
            Some(solution) => {
                self.solution = solution;
                true
            }
            None => holds,
        }
    }

    /// The first proposal for the only field that is confirmed.
    fn alone(
        &self,
        path: &FieldPath,
        accepts: Option<Accepts<'_>>,
        work: &mut Work,
    ) -> Option<Vec<Values>> {
        let joined = accepts.is_some().then(|| self.joined(path));
        let joined = joined.into_iter().flatten();
        for values in self.proposals(path).take(TRIED).chain(joined) {
            if work.is_spent() {
                return None;
            }
            let solution = vec![values];
            if self.confirms(&solution, accepts, work) {
                return Some(solution);
            }
        }
        None
    }

    /// The texts that were proposed, as a domain or as a name of an account: a log source may have the field in two columns.
    fn joined<'g>(&'g self, path: &'g FieldPath) -> impl Iterator<Item = Values> + 'g {
        let texts = self
            .proposals(path)
            .filter_map(|values| match values.as_slice() {
                [Value::String(text)] if !text.contains(BETWEEN) => Some(text.clone()),
                _ => None,
            });
        let both = |text: String| [format!("x{BETWEEN}{text}"), format!("{text}{BETWEEN}x")];
        texts
            .take(JOINED)
            .flat_map(both)
            .map(Value::from)
            .map(single)
    }

    /// The first combination of proposals that is confirmed: the same value for all fields, then one field after the other
    /// changed, then any.
    fn combined(&self, accepts: Option<Accepts<'_>>, work: &mut Work) -> Option<Vec<Values>> {
        let each: Vec<Vec<Values>> = self
            .paths
            .iter()
            .map(|path| self.proposals(path).take(COMBINED).collect())
            .collect();
        let mut same = each
            .iter()
            .flatten()
            .map(|values| vec![values.clone(); self.paths.len()]);
        if self.facts.iter().any(|fact| fact.leaf.relates)
            && let Some(found) = same.find(|solution| self.confirms(solution, accepts, work))
        {
            return Some(found);
        }
        let mut counters = vec![0; each.len()];
        for _ in 0..TRIED {
            let solution: Option<Vec<Values>> = each
                .iter()
                .zip(&counters)
                .map(|(proposals, at)| proposals.get(*at).cloned())
                .collect();
            let solution = solution?;
            if self.confirms(&solution, accepts, work) {
                return Some(solution);
            }
            if work.is_spent() || !advance(&mut counters, &each) {
                return None;
            }
        }
        None
    }

    /// Values that the field may have, the likeliest first. Those that are not asked for are not made.
    fn proposals<'g>(&'g self, path: &'g FieldPath) -> impl Iterator<Item = Values> + 'g {
        let about = |fact: &&Fact| fact.leaf.fields.iter().any(|field| meet(field, path));
        let facts: Rc<[&Fact]> = self.facts.iter().filter(about).collect();
        let (holding, other): (Vec<&Fact>, Vec<&Fact>) =
            facts.iter().copied().partition(|fact| fact.holds);
        let absent = !facts.iter().any(|fact| fact.holds || fact.present);
        let values: Vec<&Fact> = holding.iter().chain(&other).copied().collect();
        let both = Rc::clone(&facts);
        let made = once_with(move || computed(&both, path))
            .flatten()
            .chain(once_with(move || texts(&facts)).flatten().map(Value::from))
            .chain(
                values
                    .into_iter()
                    .flat_map(|fact| fact.leaf.wanted.values.iter().cloned()),
            )
            .map(single);
        let of_items = once_with(move || {
            let several = path.has_each() && holding.len() > 1;
            several.then(|| of_items(&holding)).flatten()
        });
        let near = other.into_iter().flat_map(|fact| {
            let wanted = &fact.leaf.wanted;
            let shapes = wanted.near.iter().chain(&wanted.shapes).take(4);
            shapes.flat_map(|shape| compose(&[shape])).map(Value::from)
        });
        let missing = |is: bool| is.then(Vec::new).into_iter();
        missing(absent)
            .chain(made)
            .chain(of_items.flatten())
            .chain(near.chain(anything()).map(single))
            .chain(missing(!absent))
    }
}

fn single(value: Value) -> Values {
    vec![value]
}

fn write(paths: &[FieldPath], solution: &[Values], event: &mut Value) {
    for (path, values) in paths.iter().zip(solution) {
        if !values.is_empty() {
            put(event, path, values);
        }
    }
}

/// The next combination; `false` behind the last.
fn advance(counters: &mut [usize], each: &[Vec<Values>]) -> bool {
    for (counter, proposals) in counters.iter_mut().zip(each) {
        *counter += 1;
        if *counter < proposals.len() {
            return true;
        }
        *counter = 0;
    }
    false
}

/// Values of the field for what is computed of it: for what the facts that are to hold ask for together, then with one fact's
/// value changed.
fn computed(facts: &[&Fact], path: &FieldPath) -> Vec<Value> {
    let about = |fact: &&Fact| fact.is_about(path);
    let facts: Vec<&Fact> = facts.iter().copied().filter(about).collect();
    let mut found = Vec::new();
    for long in [Long::Text, Long::List] {
        let measures = |fact: &&Fact| fact.leaf.subject().is_some_and(through::measures);
        if long == Long::List && !facts.iter().any(measures) {
            break;
        }
        let first = |without: Option<usize>| {
            let held = facts.iter().enumerate();
            let held = held.filter(|(at, fact)| fact.holds && Some(*at) != without);
            held.fold(None, |value: Option<Value>, (_, fact)| {
                let wanted = fact.candidates().first().cloned();
                let changed = wanted.and_then(|wanted| {
                    through::through(fact.leaf.subject()?, wanted, value.as_ref(), long)
                });
                changed.or(value)
            })
        };
        found.extend(first(None));
        for (at, fact) in facts.iter().enumerate().rev().take(CHANGED) {
            let others = first(Some(at));
            let changed = fact.candidates().iter().filter_map(|wanted| {
                through::through(fact.leaf.subject()?, wanted.clone(), others.as_ref(), long)
            });
            found.extend(changed);
            found.extend(others);
        }
    }
    found
}

/// Texts that follow one shape of each fact that is to hold, where these have any; beside the first choice those with one fact's
/// choice changed. A fact that is not to hold adds what just does not satisfy it, where its field is to have a value.
fn texts(facts: &[&Fact]) -> Vec<String> {
    let shaped: Vec<&[Shape]> = facts
        .iter()
        .filter(|fact| fact.holds && !fact.leaf.wanted.shapes.is_empty())
        .map(|fact| fact.leaf.wanted.shapes.as_slice())
        .collect();
    let near: Vec<&[Shape]> = facts
        .iter()
        .filter(|fact| !fact.holds && fact.present)
        .map(|fact| fact.leaf.wanted.near.as_slice())
        .collect();
    let mut found = Vec::new();
    if near.iter().any(|shapes| !shapes.is_empty()) {
        let all: Vec<&[Shape]> = shaped.iter().chain(&near).copied().collect();
        found = choices(&all);
    }
    if !shaped.is_empty() {
        found.extend(choices(&shaped));
    }
    found
}

fn choices(shaped: &[&[Shape]]) -> Vec<String> {
    let first: Vec<&Shape> = shaped.iter().filter_map(|shapes| shapes.first()).collect();
    let mut found = compose(&first);
    let options = || shaped.iter().filter(|shapes| !shapes.is_empty());
    for (at, shapes) in options().enumerate() {
        for other in shapes.iter().skip(1) {
            let mut chosen = first.clone();
            if let Some(place) = chosen.get_mut(at) {
                *place = other;
            }
            found.extend(compose(&chosen));
            if found.len() > TRIED {
                return found;
            }
        }
    }
    // Several facts' choices at once, as where the alternatives of two lists go in pairs.
    let most = options().map(|shapes| shapes.len()).max().unwrap_or(0);
    for round in 1..most.min(TRIED) {
        let chosen: Vec<&Shape> = options()
            .filter_map(|shapes| shapes.get(round % shapes.len()))
            .collect();
        found.extend(compose(&chosen));
    }
    found
}

/// One item for each fact that is to hold.
fn of_items(holding: &[&Fact]) -> Option<Values> {
    holding
        .iter()
        .map(|fact| {
            let text = fact
                .leaf
                .wanted
                .shapes
                .first()
                .map(|shape| compose(&[shape]));
            let text = text.and_then(|texts| texts.into_iter().next().map(Value::from));
            text.or_else(|| fact.leaf.wanted.values.first().cloned())
        })
        .collect()
}

/// The groups with one more fact; nothing where it contradicts another one, as far as the proposals show.
pub(super) fn with_fact(
    groups: &[Rc<Group>],
    fact: Fact,
    accepts: Option<Accepts<'_>>,
    known: &mut Known,
) -> Option<Vec<Rc<Group>>> {
    known.work.spend(1);
    let paths = &fact.leaf.fields;
    if paths.is_empty() {
        return fact.is_so(&json!({})).then(|| groups.to_vec());
    }
    let (touched, mut kept): (Vec<&Rc<Group>>, Vec<&Rc<Group>>) =
        groups.iter().partition(|group| group.touches(paths));
    let before = touched.iter().map(|group| group.print);
    let print = before.chain([fact.print()]).fold(0, of_two);
    let joined = if let Some(solved) = known.groups.get(&print) {
        solved.clone()?
    } else {
        let solved = joined(&touched, fact, print, accepts, &mut known.work);
        // What was not found for want of work may be there.
        if solved.is_some() || !known.work.is_spent() {
            known.groups.insert(print, solved.clone());
        }
        solved?
    };
    let mut groups: Vec<Rc<Group>> = kept.drain(..).cloned().collect();
    groups.push(joined);
    Some(groups)
}

/// The groups and the fact as one group, solved.
fn joined(
    groups: &[&Rc<Group>],
    fact: Fact,
    print: Fingerprint,
    accepts: Option<Accepts<'_>>,
    work: &mut Work,
) -> Option<Rc<Group>> {
    let mut joined = Group {
        print,
        ..Group::default()
    };
    for group in groups {
        joined.absorb(group);
    }
    for path in &fact.leaf.fields {
        if !joined.paths.contains(path) {
            joined.paths.push(path.clone());
            joined.solution.push(Vec::new());
        }
    }
    joined.facts.push(fact);
    joined.solve(accepts, work).then(|| Rc::new(joined))
}
