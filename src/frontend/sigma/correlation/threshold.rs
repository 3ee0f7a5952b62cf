//! A count over rules of one log source, to a rule with a threshold.
//!
//! It selects what any of the rules does; an alias among its groups is the field of the rule that an event is selected by. Two
//! comparisons are a range. What the correlation does not say of itself is what the first rule says.

use super::super::document::NAME;
use super::section::Section;
use super::{Base, bounds};
use crate::ir::{
    Case, Condition, Metadata, Origin, Output, Rule, Shared, Term, Threshold, WindowKind,
};

/// The rule that counts what the others select.
pub(super) fn lower(section: &mut Section<'_, '_>, bases: Vec<Base>) -> Option<Rule> {
    let threshold = threshold(section, &bases)?;
    let mut rules = bases.into_iter().map(|base| base.rule);
    let mut rule = rules.next()?;
    for other in rules {
        rule.selection =
            std::mem::replace(&mut rule.selection, Condition::FALSE).or(other.selection);
        rule.outputs.extend(other.outputs);
    }
    let (own, mut preserved) = section.read.metadata(section.diagnostics);
    let says_level = section.read.content.contains_key("level");
    rule.metadata = filled(own, rule.metadata, says_level);
    for (key, value) in rule.preserved.keys {
        // The name of what is counted is not the correlation's.
        if key != NAME {
            preserved.keys.entry(key).or_insert(value);
        }
    }
    rule.preserved = preserved;
    let outputs = outputs(section, &rule);
    if !outputs.is_empty() {
        rule.outputs = outputs;
    }
    rule.threshold = Some(threshold);
    Some(rule)
}

/// What the document says of itself, and where it says nothing, what the rule says.
fn filled(mut own: Metadata, base: Metadata, says_level: bool) -> Metadata {
    let or = |own: &mut String, base: String| {
        if own.is_empty() {
            *own = base;
        }
    };
    or(&mut own.id, base.id);
    or(&mut own.name, base.name);
    or(&mut own.slug, base.slug);
    or(&mut own.description, base.description);
    if !says_level {
        own.severity = base.severity;
    }
    own.author = own.author.or(base.author);
    own.status = own.status.or(base.status);
    for (own, base) in [
        (&mut own.references, base.references),
        (&mut own.false_positives, base.false_positives),
        (&mut own.tags, base.tags),
    ] {
        if own.is_empty() {
            *own = base;
        }
    }
    if own.attack.is_empty() {
        own.attack = base.attack;
    }
    own
}

/// The fields that the correlation lists.
fn outputs(section: &mut Section<'_, '_>, rule: &Rule) -> Vec<Output> {
    let map = section.map_of(rule);
    let names = section.read.texts("fields", section.diagnostics);
    let names = names.iter().enumerate();
    names
        .map(|(at, name)| section.read.output(map, at, name))
        .collect()
}

fn threshold(section: &mut Section<'_, '_>, bases: &[Base]) -> Option<Threshold> {
    let asked = section.asked()?;
    let measure = section.measure(&asked, bases.first()?)?;
    let window = section.timespan()?;
    let mut group_by = Vec::new();
    for name in section.groups()? {
        group_by.push(group(section, &name, bases)?);
    }
    let (first, also) = bounds(&asked, &measure);
    Some(Threshold {
        measure,
        comparison: first.comparison,
        count: first.count,
        also,
        window,
        window_kind: WindowKind::Sliding,
        group_by,
        origin: Origin(section.span("condition")),
    })
}

/// A field by which matches are grouped, or an alias of several: the field of the rule that selects the event.
fn group(section: &mut Section<'_, '_>, name: &str, bases: &[Base]) -> Option<Term> {
    let mut fields: Vec<(&Base, Term)> = Vec::new();
    for base in bases {
        fields.push((base, Term::Field(section.path(name, base, "aliases")?)));
    }
    let (_, last) = fields.pop()?;
    if fields.iter().all(|(_, field)| *field == last) {
        return Some(last);
    }
    let cases = fields.into_iter().map(|(base, then)| Case {
        when: base.rule.selection.clone(),
        then,
    });
    Some(Term::Choice {
        cases: cases.collect(),
        otherwise: Shared::new(last),
    })
}
