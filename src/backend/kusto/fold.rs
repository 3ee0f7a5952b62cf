//! Columns for what a selection reads several times: one `extend` for each before it, and names from there on.
//!
//! Done where a query would be too long without. What is read as a text is a text in such a column, and shows for a missing value
//! what the expression shows; any other value is what it was, under a name. What saves most is taken first, and what stands within
//! it is then counted once.

use super::columns::named;
use super::names;
use super::quote;
use super::stage::Stage;
use super::term::Scope;
use super::value::{Kind, Value};
use crate::ir::{Condition, Fingerprint, Object, Rule, Term, Threshold};
use crate::schema::FieldType;
use crate::schema::kusto::STANDARD;

/// How often a value has to be read for a column to take less room.
const OFTEN: usize = 3;

/// How many characters a column has to save.
const SAVING: usize = 40;

/// The most columns that are made.
const MOST: usize = 24;

/// The stages that make the columns, which the scope reads from then on; none where nothing is read often. What is counted and shown
/// of the rows reads them as well.
pub(super) fn columns(rows: &mut Scope<'_>, selection: &Condition, rule: &Rule) -> Vec<Stage> {
    let mut chosen: Vec<Term> = Vec::new();
    while chosen.len() < MOST {
        let mut counts = Counts {
            rows,
            chosen: &chosen,
            found: Vec::new(),
        };
        counts.condition(selection);
        counts.rule(rule);
        for term in &chosen {
            counts.below(term);
        }
        let saving = |(_, _, count, width): &(Fingerprint, Term, usize, usize)| {
            let often = *count >= OFTEN && *width >= OFTEN;
            often.then(|| (count - 1).saturating_mul(*width))
        };
        let best = counts.found.into_iter().max_by_key(saving);
        match best.filter(|best| saving(best).is_some_and(|saved| saved > SAVING)) {
            Some((_, term, ..)) => chosen.push(term),
            None => break,
        }
    }
    // What stands within another one is made before it.
    chosen.sort_by_cached_key(|term| term.to_string().len());
    let mut taken: Vec<String> = Vec::new();
    let stages = chosen.into_iter().filter_map(|term| {
        let value = readable(rows, &term)?;
        let name = free(rows, &names::of_term(&term), &taken)?;
        let made = Stage::Extend(vec![named(&name, &value.fragment)]);
        let column = Value::atom(quote::name(&name), value.kind);
        let column = Value {
            fragment: column.fragment,
            ..value
        };
        taken.push(name);
        rows.stands(term, column);
        Some(made)
    });
    stages.collect()
}

/// The value as a column would hold it.
fn readable(rows: &Scope<'_>, term: &Term) -> Option<Value> {
    let value = rows.term(term).ok().filter(|value| !value.reshaped)?;
    let is_text = matches!(value.holds, FieldType::Text | FieldType::Datetime);
    Some(if value.kind == Kind::Dynamic && is_text {
        value.as_text()
    } else {
        value
    })
}

fn free(rows: &Scope<'_>, word: &str, taken: &[String]) -> Option<String> {
    let numbered = (2..1_000).map(|number| format!("{word}{number}"));
    let is_standard = |name: &String| STANDARD.iter().any(|(standard, _)| standard == name);
    let is_free =
        |name: &String| !taken.contains(name) && !rows.place.has_column(name) && !is_standard(name);
    std::iter::once(word.to_owned())
        .chain(numbered)
        .find(is_free)
}

/// How often a condition reads each value that may be a column, with the room that takes.
struct Counts<'s, 'c> {
    rows: &'s Scope<'c>,
    chosen: &'s [Term],
    found: Vec<(Fingerprint, Term, usize, usize)>,
}

impl Counts<'_, '_> {
    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            Condition::Not(inner) => self.condition(inner),
            Condition::Test(predicate) => {
                self.term(&predicate.subject);
                if let Object::Term(other) = &predicate.object {
                    self.term(other);
                }
            }
            // What is asked of an item stands in a stage of its own, which reads the columns as well.
            Condition::Items { list, body, .. } => {
                self.term(list);
                self.condition(body);
            }
        }
    }

    /// Counts what the rule counts and shows.
    fn rule(&mut self, rule: &Rule) {
        let counted = rule.threshold.iter().flat_map(Threshold::counted);
        let outputs = rule.outputs.iter().map(|output| &output.source);
        counted
            .chain(outputs)
            .chain(rule.alert.texts())
            .for_each(|term| self.term(term));
    }

    fn term(&mut self, term: &Term) {
        if self.chosen.contains(term) || self.rows.lookup(term).is_some() {
            return;
        }
        let may_be_column = match term {
            Term::Field(_) => true,
            Term::Call { .. } => reads_event(term),
            _ => false,
        };
        if may_be_column {
            let print = term.fingerprint();
            let mut found = self.found.iter_mut();
            if let Some((_, _, count, _)) = found.find(|(known, ..)| *known == print) {
                *count += 1;
            } else {
                let text = readable(self.rows, term).map(|value| value.text());
                // A column is one already.
                let text = text.filter(|text| !quote::is_word(text));
                let width = text.map_or(0, |text| text.len());
                self.found.push((print, term.clone(), 1, width));
            }
        }
        self.below(term);
    }

    /// Counts what a value is made of.
    fn below(&mut self, term: &Term) {
        match term {
            Term::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| self.term(argument));
            }
            Term::Choice { cases, otherwise } => {
                for case in cases {
                    self.condition(&case.when);
                    self.term(&case.then);
                }
                self.term(otherwise);
            }
            _ => {}
        }
    }
}

/// Whether the value is made of the event's fields alone, and of one at least.
fn reads_event(term: &Term) -> bool {
    fn closed(term: &Term) -> bool {
        match term {
            Term::Field(_) | Term::Literal(_) => true,
            Term::Call {
                function,
                arguments,
            } => !function.reads_surroundings() && arguments.iter().all(closed),
            Term::Item { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => false,
        }
    }
    closed(term) && !term.fields().is_empty()
}
