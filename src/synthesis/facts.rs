//! Facts about fields to values of these fields for which all of them are as they should be.
//!
//! A fact is a leaf of a condition, a predicate or a question about a list's items, and whether it is to hold. Facts about the same
//! fields form a [`Group`], which is solved alone: values are proposed, and the first of them that the evaluator confirms is taken.

use serde_json::{Value, json};

use super::place::{meet, put};
use super::search::Accepts;
use super::shape::{Shape, compose};
use super::through::{self, Long};
use super::wanted::{Wanted, wanted};
use crate::eval;
use crate::ir::{Condition, FieldPath, Function, Object, Term};

/// How many proposals are tried for a field, and how many combinations of them for fields that depend on each other.
const TRIED: usize = 600;

/// The field that holds what is searched for in the whole event.
const SOMEWHERE: &str = "somewhere";

/// How many values of each kind are proposed for a computed term.
const ASKED: usize = 16;

/// How many proposals of a field go into combinations.
const COMBINED: usize = 24;

/// A leaf of a condition and whether it is to hold.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// The leaf.
    pub(super) leaf: Condition,
    /// Whether it is to hold.
    pub(super) holds: bool,
    /// Whether its field is to have a value, if the fact can be had so.
    pub(super) present: bool,
    /// What the leaf asks for, with lists whose items do and do not pass where it asks about items.
    pub(super) wanted: std::rc::Rc<Wanted>,
}

impl Fact {
    /// A fact about a predicate; `lists` are proposals for a question about items.
    pub(super) fn new(leaf: &Condition, holds: bool, lists: Vec<Value>) -> Self {
        let mut wanted = match leaf {
            Condition::Test(predicate) => wanted(predicate),
            _ => Wanted::default(),
        };
        wanted.values.extend(lists);
        Self {
            leaf: leaf.clone(),
            holds,
            present: false,
            wanted: wanted.into(),
        }
    }

    /// The fields that the leaf is about. Those that the body of a question about items reads beside are not among them.
    pub(super) fn fields(&self) -> Vec<FieldPath> {
        let paths = match &self.leaf {
            Condition::Items { list, .. } => list.fields(),
            leaf => leaf.fields(),
        };
        if paths.is_empty() && reads_anywhere(&self.leaf) {
            return vec![FieldPath::keys([SOMEWHERE])];
        }
        paths.into_iter().cloned().collect()
    }

    fn is_so(&self, event: &Value) -> bool {
        eval::holds(&self.leaf, event) == self.holds
    }

    /// What the leaf is about, where that is one term.
    fn subject(&self) -> Option<&Term> {
        match &self.leaf {
            Condition::Test(predicate) => Some(&predicate.subject),
            Condition::Items { list, .. } => Some(list),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => None,
        }
    }

    /// Values that the subject may have for the fact, the likeliest first.
    fn candidates(&self) -> Vec<Value> {
        let shapes = if self.holds {
            &self.wanted.shapes
        } else {
            &self.wanted.near
        };
        let texts = shapes
            .iter()
            .flat_map(|shape| compose(&[shape]).into_iter().take(2));
        let values = self.wanted.values.iter().cloned();
        let mut candidates: Vec<Value> = texts.take(ASKED).map(Value::from).collect();
        candidates.extend(values.take(ASKED));
        candidates.extend(anything());
        candidates
    }

    /// Whether two fields are compared.
    fn relates(&self) -> bool {
        matches!(&self.leaf, Condition::Test(predicate) if matches!(predicate.object, Object::Term(_)))
    }
}

/// Whether the leaf searches the whole event.
fn reads_anywhere(leaf: &Condition) -> bool {
    let Condition::Test(predicate) = leaf else {
        return false;
    };
    let mut term = &predicate.subject;
    while let Term::Call {
        function,
        arguments,
    } = term
    {
        if *function == Function::Anywhere {
            return true;
        }
        let Some(first) = arguments.first() else {
            return false;
        };
        term = first;
    }
    false
}

/// The values of a field: none where it is absent, several where they are those of a list's items.
pub(super) type Values = Vec<Value>;

/// Fields that depend on each other, the facts about them, and values for which these are so.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    paths: Vec<FieldPath>,
    facts: Vec<Fact>,
    /// The values by path.
    solution: Vec<Values>,
}

impl Group {
    /// Puts the values into the event.
    pub(super) fn write(&self, event: &mut Value) {
        for (path, values) in self.paths.iter().zip(&self.solution) {
            if !values.is_empty() {
                put(event, path, values);
            }
        }
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

    fn absorb(&mut self, other: Self) {
        for (path, values) in other.paths.into_iter().zip(other.solution) {
            if !self.paths.contains(&path) {
                self.paths.push(path);
                self.solution.push(values);
            }
        }
        self.facts.extend(other.facts);
    }

    fn confirms(&self, solution: &[Values], accepts: Option<Accepts<'_>>) -> bool {
        let mut event = json!({});
        for (path, values) in self.paths.iter().zip(solution) {
            if !values.is_empty() {
                put(&mut event, path, values);
            }
        }
        self.facts.iter().all(|fact| fact.is_so(&event))
            && accepts.is_none_or(|accepts| accepts(&event))
    }

    /// Finds values for which all facts are so. `false` where none of the proposals are.
    fn solve(&mut self, accepts: Option<Accepts<'_>>) -> bool {
        let present = self.facts.last().is_some_and(|fact| fact.present);
        if !present && self.confirms(&self.solution, accepts) {
            return true;
        }
        let found = match self.paths.as_slice() {
            [path] => self
                .proposals(path)
                .into_iter()
                .take(TRIED)
                .map(|values| vec![values])
                .find(|solution| self.confirms(solution, accepts)),
            _ => self.combined(accepts),
        };
        match found {
            Some(solution) => {
                self.solution = solution;
                true
            }
            None => self.confirms(&self.solution, accepts),
        }
    }

    /// The first combination of proposals that is confirmed: the same value for all fields, then one field after the other
    /// changed, then any.
    fn combined(&self, accepts: Option<Accepts<'_>>) -> Option<Vec<Values>> {
        let each: Vec<Vec<Values>> = self
            .paths
            .iter()
            .map(|path| self.proposals(path).into_iter().take(COMBINED).collect())
            .collect();
        let same = each
            .iter()
            .flatten()
            .map(|values| vec![values.clone(); self.paths.len()]);
        if self.facts.iter().any(Fact::relates)
            && let Some(found) = same
                .into_iter()
                .find(|solution| self.confirms(solution, accepts))
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
            if self.confirms(&solution, accepts) {
                return Some(solution);
            }
            if !advance(&mut counters, &each) {
                return None;
            }
        }
        None
    }

    /// Values that the field may have, the likeliest first.
    fn proposals(&self, path: &FieldPath) -> Vec<Values> {
        let about = |fact: &&Fact| fact.fields().iter().any(|field| meet(field, path));
        let facts: Vec<&Fact> = self.facts.iter().filter(about).collect();
        let mut proposals: Vec<Values> = Vec::new();
        let absent = !facts.iter().any(|fact| fact.holds || fact.present);
        if absent {
            proposals.push(Vec::new());
        }
        let single = |value: Value| vec![value];
        proposals.extend(computed(&facts, path).into_iter().map(single));
        proposals.extend(texts(&facts).into_iter().map(Value::from).map(single));
        let (holding, other): (Vec<&Fact>, Vec<&Fact>) =
            facts.iter().copied().partition(|fact| fact.holds);
        for fact in holding.iter().chain(&other) {
            proposals.extend(fact.wanted.values.iter().cloned().map(single));
        }
        if path.has_each() && holding.len() > 1 {
            proposals.extend(of_items(&holding));
        }
        for fact in other {
            let shapes = fact.wanted.near.iter().chain(&fact.wanted.shapes).take(4);
            let texts = shapes.flat_map(|shape| compose(&[shape]));
            proposals.extend(texts.map(Value::from).map(single));
        }
        proposals.extend(anything().into_iter().map(single));
        if !absent {
            proposals.push(Vec::new());
        }
        proposals
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

/// Values of each type.
fn anything() -> [Value; 9] {
    [
        json!("other"),
        json!(""),
        json!(7),
        json!(-1),
        json!(true),
        json!(false),
        Value::Null,
        json!(["other"]),
        json!({"other": 1}),
    ]
}

/// Values of the field for what is computed of it: for what the facts that are to hold ask for together, then with one fact's
/// value changed.
fn computed(facts: &[&Fact], path: &FieldPath) -> Vec<Value> {
    let is_about = |fact: &Fact| fact.subject().and_then(through::field) == Some(path);
    let facts: Vec<&Fact> = facts
        .iter()
        .filter(|fact| is_about(fact))
        .copied()
        .collect();
    let mut found = Vec::new();
    for long in [Long::Text, Long::List] {
        let measures = |fact: &&Fact| fact.subject().is_some_and(through::measures);
        if long == Long::List && !facts.iter().any(measures) {
            break;
        }
        let first = |without: Option<usize>| {
            let held = facts.iter().enumerate();
            let held = held.filter(|(at, fact)| fact.holds && Some(*at) != without);
            held.fold(None, |value: Option<Value>, (_, fact)| {
                let wanted = fact.candidates().into_iter().next();
                let changed = wanted.and_then(|wanted| {
                    through::through(fact.subject()?, wanted, value.as_ref(), long)
                });
                changed.or(value)
            })
        };
        found.extend(first(None));
        for (at, fact) in facts.iter().enumerate() {
            let others = first(Some(at));
            let changed = fact.candidates().into_iter().filter_map(|wanted| {
                through::through(fact.subject()?, wanted, others.as_ref(), long)
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
        .filter(|fact| fact.holds && !fact.wanted.shapes.is_empty())
        .map(|fact| fact.wanted.shapes.as_slice())
        .collect();
    let near: Vec<&[Shape]> = facts
        .iter()
        .filter(|fact| !fact.holds && fact.present)
        .map(|fact| fact.wanted.near.as_slice())
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
            let text = fact.wanted.shapes.first().map(|shape| compose(&[shape]));
            let text = text.and_then(|texts| texts.into_iter().next().map(Value::from));
            text.or_else(|| fact.wanted.values.first().cloned())
        })
        .collect()
}

/// The groups with one more fact; nothing where it contradicts another one, as far as the proposals show.
pub(super) fn with_fact(
    groups: &[Group],
    fact: Fact,
    accepts: Option<Accepts<'_>>,
) -> Option<Vec<Group>> {
    let paths = fact.fields();
    if paths.is_empty() {
        return fact.is_so(&json!({})).then(|| groups.to_vec());
    }
    let (touched, mut kept): (Vec<&Group>, Vec<&Group>) =
        groups.iter().partition(|group| group.touches(&paths));
    let mut joined = Group::default();
    for group in touched {
        joined.absorb(group.clone());
    }
    for path in paths {
        if !joined.paths.contains(&path) {
            joined.paths.push(path);
            joined.solution.push(Vec::new());
        }
    }
    joined.facts.push(fact);
    if !joined.solve(accepts) {
        return None;
    }
    let mut groups: Vec<Group> = kept.drain(..).cloned().collect();
    groups.push(joined);
    Some(groups)
}
