//! Objects that a rule makes of keys and values, to be shown: `bag_pack`, `bag_merge`, and `make_bag` over a list's items.
//!
//! A key that comes twice has its last value in the rule, and any of its values here, unless all keys are constants that differ.
//! Refused: entries that are in no list which is written out.

use super::place::Gap;
use super::term::Scope;
use super::value::{Kind, Value};
use crate::backend::fragment::Fragment;
use crate::ir::{Case, Condition, Function, Literal, Shared, Term};
use crate::schema::FieldType;

/// The object of the entries.
pub(super) fn of(entries: &Term) -> Term {
    Term::call(Function::FromEntries, [entries.clone()])
}

/// The key and the value of an entry that is written out.
pub(super) fn pair(entry: &Term) -> Option<(&Term, &Term)> {
    match entry {
        Term::Call {
            function: Function::List,
            arguments,
        } => match arguments.as_ref() {
            [key, value] => Some((key, value)),
            _ => None,
        },
        _ => None,
    }
}

/// The terms that the parts of the entries take: lists that are gathered, and what a choice between lists asks.
pub(super) enum Part<'t> {
    /// Entries that are written out.
    Listed(&'t [Term]),
    /// The parts of several lists.
    Joined(&'t [Term]),
    /// One list or another.
    Chosen(&'t [Case], &'t Term),
    /// An entry for each item of a list.
    Gathered(&'t Term),
}

impl<'t> Part<'t> {
    pub(super) fn of(entries: &'t Term) -> Option<Self> {
        match entries {
            Term::Call {
                function: Function::List,
                arguments,
            } => Some(Self::Listed(arguments)),
            Term::Literal(Literal::List(items)) if items.is_empty() => Some(Self::Listed(&[])),
            Term::Call {
                function: Function::Append,
                arguments,
            } => Some(Self::Joined(arguments)),
            Term::Choice { cases, otherwise } => Some(Self::Chosen(cases, otherwise)),
            Term::Select { .. } => Some(Self::Gathered(entries)),
            _ => None,
        }
    }
}

/// The constant keys of the entries; nothing where one is not constant, or comes more than once at a time.
pub(super) fn keys(entries: &Term) -> Option<Vec<&str>> {
    let parts: Vec<Vec<&str>> = match Part::of(entries)? {
        Part::Listed(pairs) => pairs
            .iter()
            .map(|entry| Some(vec![pair(entry)?.0.as_literal()?.as_text()?]))
            .collect::<Option<_>>()?,
        Part::Joined(lists) => lists.iter().map(keys).collect::<Option<_>>()?,
        Part::Chosen(cases, otherwise) => {
            let lists = cases.iter().map(|case| &case.then).chain([otherwise]);
            let mut all: Vec<&str> = lists.map(keys).collect::<Option<Vec<_>>>()?.concat();
            all.sort_unstable();
            all.dedup();
            return Some(all);
        }
        Part::Gathered(_) => return None,
    };
    let mut all = parts.concat();
    all.sort_unstable();
    let is_distinct = all.windows(2).all(|pair| pair[0] != pair[1]);
    is_distinct.then_some(all)
}

impl Scope<'_> {
    /// The object of a list of entries.
    pub(super) fn entries(&self, entries: &Term) -> Result<Value, Gap> {
        match Part::of(entries) {
            Some(Part::Listed(pairs)) => {
                let pairs: Option<Vec<_>> = pairs.iter().map(pair).collect();
                let pairs = pairs.ok_or_else(no_entries)?;
                let flat = pairs.into_iter().flat_map(|(key, value)| [key, value]);
                let object = Term::call(Function::Object, flat.cloned().collect::<Vec<_>>());
                self.try_term(&object)
            }
            Some(Part::Joined(lists)) => self.merged(lists),
            Some(Part::Chosen(cases, otherwise)) => {
                let cases = cases.iter().map(|case| Case {
                    when: case.when.clone(),
                    then: of(&case.then),
                });
                self.try_term(&Term::Choice {
                    cases: cases.collect(),
                    otherwise: Shared::new(of(otherwise)),
                })
            }
            // What gathers them stands in a column by now.
            Some(Part::Gathered(list)) => Err(self.try_term(list).err().unwrap_or_else(no_entries)),
            None => Err(no_entries()),
        }
    }

    /// The entries of several lists; those that are written out beside each other are one object.
    fn merged(&self, lists: &[Term]) -> Result<Value, Gap> {
        let mut objects: Vec<Term> = Vec::new();
        let mut listed: Vec<Term> = Vec::new();
        let close = |listed: &mut Vec<Term>, objects: &mut Vec<Term>| {
            if !listed.is_empty() {
                let list = Term::call(Function::List, std::mem::take(listed));
                objects.push(of(&list));
            }
        };
        for list in &with_common_cases(lists) {
            if let Some(Part::Listed(pairs)) = Part::of(list) {
                listed.extend(pairs.iter().cloned());
                continue;
            }
            close(&mut listed, &mut objects);
            objects.push(of(list));
        }
        close(&mut listed, &mut objects);
        let parts: Result<Vec<Fragment>, Gap> = objects
            .iter()
            .map(|object| Ok(self.try_term(object)?.fragment))
            .collect();
        let call = match parts?.as_slice() {
            [] => Fragment::atom("dynamic({})"),
            [one] => one.clone(),
            many => Fragment::called("bag_merge", many),
        };
        Ok(Value {
            holds: FieldType::Object,
            reshaped: true,
            ..Value::of(call, Kind::Dynamic)
        })
    }
}

/// The lists, of which those beside each other that are there under one condition are one.
fn with_common_cases(lists: &[Term]) -> Vec<Term> {
    let mut joined: Vec<Term> = Vec::new();
    for list in lists {
        let both = joined.last().and_then(|before| {
            let ((when, one), (other, next)) = (under(before)?, under(list)?);
            let pairs: Vec<Term> = [one, next].concat();
            (when == other).then(|| Term::Choice {
                cases: vec![Case {
                    when: when.clone(),
                    then: Term::call(Function::List, pairs),
                }]
                .into(),
                otherwise: Shared::new(Term::Literal(Literal::List(Vec::new()))),
            })
        });
        match both {
            Some(both) => {
                joined.pop();
                joined.push(both);
            }
            None => joined.push(list.clone()),
        }
    }
    joined
}

/// The condition and the entries, where entries that are written out are there under a condition alone.
fn under(list: &Term) -> Option<(&Condition, &[Term])> {
    let Part::Chosen([case], otherwise) = Part::of(list)? else {
        return None;
    };
    match (Part::of(&case.then)?, Part::of(otherwise)?) {
        (Part::Listed(pairs), Part::Listed([])) => Some((&case.when, pairs)),
        _ => None,
    }
}

fn no_entries() -> Gap {
    Gap::Unreadable("the entries of an object are in no list that is written out".to_owned())
}
