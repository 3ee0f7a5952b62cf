//! The expressions that stand in stages, to those that become columns: what stands there several times, where no value that it reads
//! is made anew in between, as far as a column saves characters.
//!
//! What stands in a column is counted once, so that what is found depends on what was found before: it is looked for from the widest
//! expression to the narrowest, and again without the columns that turn out to save too little.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::super::stage::{self, Stage};
use super::reading::{Known, Readings};
use super::{is_plain, makes, split_name};
use crate::backend::fragment::Fragment;

/// The most rounds in which columns are found that save too little.
const ROUNDS: usize = 6;

/// What a column takes besides its name and what it is made of.
const EXTEND: usize = 8;

/// An expression that becomes a column.
pub(super) struct Column {
    pub(super) fragment: Fragment,
    /// The first stage that it stands in.
    pub(super) first: usize,
    /// The name of a column of the result that is this and no more.
    pub(super) name: Option<String>,
}

/// The expressions of the stages whose columns save so many characters each; `inner` are names that stages within these make.
pub(super) fn columns(
    stages: &[Stage],
    worth: usize,
    inner: &BTreeSet<String>,
    readings: &mut Readings,
) -> Vec<Column> {
    let made = made_by(stages);
    let forms = Forms::of(stages);
    let mut banned = vec![false; forms.all.len()];
    let mut standing = forms.standing(&banned, inner, &made, readings);
    for _ in 0..ROUNDS {
        let little = forms.little(&standing, worth, readings);
        if little.is_empty() {
            break;
        }
        for at in little {
            banned[at] = true;
        }
        standing = forms.standing(&banned, inner, &made, readings);
    }
    for at in forms.little(&standing, worth, readings) {
        standing[at].is_column = false;
    }
    let both = forms.all.iter().zip(standing);
    let chosen = both.filter(|(_, standing)| standing.is_column);
    let mut chosen: Vec<_> = chosen.collect();
    chosen.sort_by_key(|(form, _)| form.rank());
    let column = |(form, standing): (&Form<'_>, Standing)| Column {
        fragment: form.fragment.clone(),
        first: standing.first,
        name: form.name.map(str::to_owned),
    };
    chosen.into_iter().map(column).collect()
}

/// An expression, however often it stands there.
struct Form<'s> {
    fragment: &'s Fragment,
    /// The expressions that stand in it and are more than a name or a constant.
    parts: Vec<usize>,
    /// The name of a column of the result that is this and no more.
    name: Option<&'s str>,
    /// What it reads, where it can be a column.
    readable: OnceCell<Option<Rc<Known>>>,
}

/// Where an expression stands.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// How often it stands in the text.
    count: usize,
    /// The first and the last stage that it stands in.
    first: usize,
    last: usize,
    is_column: bool,
}

impl Standing {
    fn add(&mut self, count: usize, first: usize, last: usize) {
        if self.count == 0 {
            (self.first, self.last) = (first, last);
        }
        self.count += count;
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }
}

/// The expressions of stages.
struct Forms<'s> {
    all: Vec<Form<'s>>,
    places: FxHashMap<u64, usize>,
    /// What stands in the stages themselves, each with the stage.
    whole: Vec<(usize, usize)>,
    /// From the widest to the narrowest; an expression is wider than what stands in it.
    widest: Vec<usize>,
}

impl<'s> Forms<'s> {
    fn of(stages: &'s [Stage]) -> Self {
        let mut forms = Self {
            all: Vec::new(),
            places: FxHashMap::default(),
            whole: Vec::new(),
            widest: Vec::new(),
        };
        for (at, stage) in stages.iter().enumerate() {
            let is_last = matches!(stage, Stage::Project(_) | Stage::Summarize(..));
            for fragment in stage::fragments(stage) {
                let (name, value) = split_name(fragment);
                let form = forms.place(value);
                forms.whole.push((form, at));
                let known = &mut forms.all[form].name;
                *known = known.or(name.filter(|_| is_last));
            }
        }
        forms.widest = (0..forms.all.len()).collect();
        let all = &forms.all;
        forms.widest.sort_by_key(|at| Reverse(all[*at].rank()));
        forms
    }

    fn place(&mut self, fragment: &'s Fragment) -> usize {
        let print = fragment.fingerprint();
        if let Some(known) = self.places.get(&print) {
            return *known;
        }
        let place = self.all.len();
        self.places.insert(print, place);
        self.all.push(Form {
            fragment,
            parts: Vec::new(),
            name: None,
            readable: OnceCell::new(),
        });
        let parts = parts_of(fragment).into_iter();
        let parts = parts.filter(|part| !is_plain(part));
        self.all[place].parts = parts.map(|part| self.place(part)).collect();
        place
    }

    /// Where the expressions stand, of which those become columns that stand there more than once. What stands in one of these is
    /// counted once.
    fn standing(
        &self,
        banned: &[bool],
        inner: &BTreeSet<String>,
        made: &BTreeMap<&str, Vec<usize>>,
        readings: &mut Readings,
    ) -> Vec<Standing> {
        let mut all = vec![Standing::default(); self.all.len()];
        for (form, stage) in &self.whole {
            all[*form].add(1, *stage, *stage);
        }
        for at in &self.widest {
            let form = &self.all[*at];
            let Standing {
                count, first, last, ..
            } = all[*at];
            if count == 0 {
                continue;
            }
            let is_made_anew = |read: &Rc<str>| {
                let mut at = made.get(&**read).into_iter().flatten();
                at.any(|at| (first..last).contains(at))
            };
            let is_column = count > 1
                && !banned[*at]
                && form
                    .readable(inner, readings)
                    .is_some_and(|known| !known.reads.iter().any(is_made_anew));
            all[*at].is_column = is_column;
            for part in &form.parts {
                if is_column {
                    all[*part].add(1, first, first);
                } else {
                    all[*part].add(count, first, last);
                }
            }
        }
        all
    }

    /// The expressions whose columns save fewer characters than `worth`, where the others are columns.
    fn little(&self, standing: &[Standing], worth: usize, readings: &mut Readings) -> Vec<usize> {
        if !standing.iter().any(|standing| standing.is_column) {
            return Vec::new();
        }
        // The characters of what stands in the place of each.
        let mut stands = vec![0; self.all.len()];
        let mut little = Vec::new();
        for at in self.widest.iter().rev() {
            let (form, Standing { count, .. }) = (&self.all[*at], standing[*at]);
            let mut width = form.fragment.width();
            for part in &form.parts {
                width = width + stands[*part] - self.all[*part].fragment.width();
            }
            stands[*at] = width;
            if !standing[*at].is_column {
                continue;
            }
            let own = if form.name.is_some() { 0 } else { EXTEND };
            let name = match form.name {
                Some(name) => name.len(),
                None => readings.name(form.fragment).len(),
            };
            if count * width < count * name + width + name + own + worth {
                little.push(*at);
            }
            stands[*at] = name;
        }
        little
    }
}

impl Form<'_> {
    /// Its place among others, from the narrowest to the widest.
    fn rank(&self) -> (usize, u64) {
        (self.fragment.width(), self.fragment.fingerprint())
    }

    /// What it reads, where it can be a column outside of the stages that make these names.
    fn readable(&self, inner: &BTreeSet<String>, readings: &mut Readings) -> Option<&Known> {
        let readable = self.readable.get_or_init(|| {
            let known = readings.known(self.fragment);
            let is_outside = !known.reads.iter().any(|read| inner.contains(&**read));
            (known.is_row && is_outside).then_some(known)
        });
        readable.as_deref()
    }
}

/// The parts of an expression; what is the same text as the whole is no part.
fn parts_of(fragment: &Fragment) -> Vec<&Fragment> {
    let mut found = Vec::new();
    for part in fragment.inner() {
        if part.width() == fragment.width() {
            found.extend(parts_of(part));
        } else {
            found.push(part);
        }
    }
    found
}

/// The columns that the stages make, each with the places of the stages.
fn made_by(stages: &[Stage]) -> BTreeMap<&str, Vec<usize>> {
    let mut made: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, stage) in stages.iter().enumerate() {
        for name in makes(stage) {
            made.entry(name).or_default().push(at);
        }
    }
    made
}
