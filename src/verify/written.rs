//! Where the constructs of a rule stand in what was emitted of it.
//!
//! The artifacts are read back by the frontends of their formats, whose rules remember where each part was read, so a place is
//! that of the part that says the construct in the target's own terms, whatever backend wrote it. A predicate is found by its
//! line; where the target says it in other words, by what it asks, then by what it asks about. What several parts could be the
//! place of is given them in the order in which they stand.
//!
//! No place have: constructs that are left out, what no frontend remembers the place of (a Rust module and its JSON form), and
//! artifacts longer than [`LONGEST`].

use std::cmp::Reverse;
use std::path::PathBuf;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::back;
use crate::analysis::{Construct, Fidelity, Part};
use crate::backend::{Artifact, Translation};
use crate::ir::{Origin, Output, Predicate, Rule, Term, Threshold};
use crate::schema::Crosswalk;
use crate::source::Sources;

/// How many bytes of artifacts are read back at most.
const LONGEST: usize = 200_000;

/// A place in an artifact.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The artifact, relative to the rule's folder.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// How well a part that was read back fits a construct, best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is about one of the same fields.
    Fields,
    /// It is about the same.
    Subject,
    /// It asks the same of the same, of other values.
    Question,
    /// It says the same under another negation.
    Turned,
    /// It says the same.
    Line,
}

/// A predicate of the emitted rule.
struct Leaf<'r> {
    predicate: &'r Predicate,
    /// Its text form as it stands, and with the negation turned round.
    lines: [String; 2],
    place: Place,
    /// How many constructs have this place.
    taken: usize,
}

/// The place of each construct of the translation's report, in its order.
pub fn places(rule: &Rule, translation: &Translation, crosswalk: &Crosswalk) -> Vec<Option<Place>> {
    let constructs = &translation.report.constructs;
    let size: usize = translation
        .artifacts
        .iter()
        .map(|artifact: &Artifact| artifact.text.len())
        .sum();
    let read = if size > LONGEST {
        Vec::new()
    } else {
        back::documents(&translation.artifacts, crosswalk).unwrap_or_default()
    };
    let asked = asked(rule);
    let mut leaves: Vec<Leaf<'_>> = read.iter().flat_map(leaves).collect();
    let place = |construct: &Construct| {
        if construct.fidelity == Fidelity::Unsupported {
            return None;
        }
        if construct.part == Part::Condition {
            return of_predicate(&construct.what, &asked, &mut leaves);
        }
        read.iter().find_map(|read| besides(construct, rule, read))
    };
    constructs.iter().map(place).collect()
}

/// The predicates of the rule by their lines.
fn asked(rule: &Rule) -> IndexMap<String, &Predicate, FxBuildHasher> {
    let predicates = rule.selection.predicates();
    let lines = predicates
        .into_iter()
        .map(|(predicate, negated)| (predicate.line(negated), &**predicate));
    lines.collect()
}

fn leaves(read: &back::Read) -> Vec<Leaf<'_>> {
    let rules = read.rules.iter();
    let predicates = rules.flat_map(|rule| rule.selection.predicates());
    let leaves = predicates.filter_map(|(predicate, negated)| {
        Some(Leaf {
            predicate,
            lines: [predicate.line(negated), predicate.line(!negated)],
            place: place(predicate.origin, &read.sources)?,
            taken: 0,
        })
    });
    leaves.collect()
}

fn place(origin: Origin, sources: &Sources) -> Option<Place> {
    let span = origin.0?;
    let source = sources.get(span.source)?;
    let start = source.position(span.range.start);
    Some(Place {
        path: source.path().to_path_buf(),
        line: start.line,
        column: start.column,
    })
}

/// The place of what fits a predicate best, and of several that which fewest others have.
fn of_predicate(
    what: &str,
    asked: &IndexMap<String, &Predicate, FxBuildHasher>,
    leaves: &mut [Leaf<'_>],
) -> Option<Place> {
    let predicate = asked.get(what).copied();
    let fits = leaves
        .iter_mut()
        .filter_map(|leaf| Some((fit(what, predicate, leaf)?, leaf)));
    let (_, best) = fits.min_by_key(|(fit, leaf)| (Reverse(*fit), leaf.taken))?;
    best.taken += 1;
    Some(best.place.clone())
}

fn fit(what: &str, predicate: Option<&Predicate>, leaf: &Leaf<'_>) -> Option<Fit> {
    if leaf.lines[0] == what {
        return Some(Fit::Line);
    }
    if leaf.lines[1] == what {
        return Some(Fit::Turned);
    }
    let (own, other) = (predicate?, leaf.predicate);
    if own.subject == other.subject {
        return Some(if own.operator == other.operator {
            Fit::Question
        } else {
            Fit::Subject
        });
    }
    let fields = other.subject.fields();
    let mut shared = own.subject.fields().into_iter();
    shared
        .any(|field| fields.contains(&field))
        .then_some(Fit::Fields)
}

/// The place of something besides the condition: an output, the threshold, or a text of the alert.
fn besides(construct: &Construct, source: &Rule, read: &back::Read) -> Option<Place> {
    let counted = source.threshold.as_ref().map(Threshold::to_string);
    let is_counted = counted.is_some_and(|counted| construct.what.ends_with(&counted));
    let origin = |rule: &Rule| {
        if is_counted {
            return rule.threshold.as_ref().map(|threshold| threshold.origin);
        }
        let Some(name) = construct.what.strip_prefix("output ") else {
            return Some(rule.alert.origins.of(&construct.what));
        };
        let name = name.split_once(" = ").map_or(name, |(name, _)| name);
        let source = source.outputs.iter().find(|output| output.name == name);
        let is_it = |output: &&Output| is_named(&output.name, name);
        let is_source = |output: &&Output| {
            source.is_some_and(|source| is_about(&output.source, &source.source))
        };
        let named = rule.outputs.iter().find(is_it);
        let output = named.or_else(|| rule.outputs.iter().find(is_source))?;
        Some(output.origin)
    };
    read.rules
        .iter()
        .filter_map(origin)
        .find_map(|origin| place(origin, &read.sources))
}

/// Whether a value that is shown is made of the fields that another is made of.
fn is_about(value: &Term, other: &Term) -> bool {
    let fields = other.fields();
    value == other || !fields.is_empty() && value.fields() == fields
}

/// Whether a column or key has the name of an output: targets keep its letters and digits, and set something before or behind
/// them where the name is taken.
fn is_named(column: &str, name: &str) -> bool {
    let kept = |name: &str| -> String {
        let kept = name.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let (column, name) = (kept(column), kept(name));
    let column = column.strip_prefix("alert").unwrap_or(&column);
    column == name || column.trim_end_matches(|c: char| c.is_ascii_digit()) == name
}
