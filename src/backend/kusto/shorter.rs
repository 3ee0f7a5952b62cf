//! A query that is too long, written shorter: columns for what it says several times, made where they are first read.
//!
//! What would take most room is made a column first, so that what contains it is shorter when its turn comes. A column of a text shows
//! for a missing value what the expression shows. Alternatives by how a text starts become one regular expression.

use std::collections::BTreeSet;

use super::alert;
use super::columns::named;
use super::names;
use super::quote;
use super::stage::Stage;
use super::term::Scope;
use super::value::{Kind, Value};
use crate::backend::fragment::Fragment;
use crate::ir::{Condition, FieldPath, Object, Operator, Predicate, Rule, Term};
use crate::schema::FieldType;

/// The room that a column has to save.
const WORTH: usize = 40;
/// The most columns.
const MOST: usize = 24;

/// The texts of a query that is too long.
pub(super) struct Long<'t> {
    /// The whole of it.
    pub(super) text: &'t str,
    /// The stages that select.
    pub(super) selection: &'t str,
}

/// The stages that make the columns.
#[derive(Default)]
pub(super) struct Shorter {
    /// Before the selection.
    pub(super) before: Vec<Stage>,
    /// Behind it: what only is shown.
    pub(super) behind: Vec<Stage>,
    /// The terms that stand in a column from before the selection, and from behind it.
    pub(super) named: [Vec<(Term, Value)>; 2],
}

/// Makes columns of the terms, until the query has the length or no column is worth it.
pub(super) fn columns(rows: &Scope<'_>, rule: &Rule, long: &Long<'_>, length: usize) -> Shorter {
    let mut rows = rows.clone();
    // What is counted is not chosen as what is shown.
    rows.set_lenient(rule.threshold.is_none());
    let shown = alert::terms(rule, &rows.place);
    let mut terms = Vec::new();
    terms_of(&rule.selection, &mut terms);
    shown.iter().for_each(|term| parts_of(term, &mut terms));
    let mut folding = Folding {
        text: long.text.to_owned(),
        selection: long.selection.to_owned(),
        taken: words(long.text).map(str::to_owned).collect(),
        chosen: Vec::new(),
    };
    let mut known = rows.clone();
    for _ in 0..MOST {
        if folding.text.chars().count() <= length || !folding.choose(&mut known, &terms) {
            break;
        }
    }
    folding.written(rows)
}

/// A column that is worth it.
struct Chosen<'t> {
    name: String,
    /// The terms that it holds.
    terms: Vec<&'t Term>,
    /// The room that it took where no other column was one.
    length: usize,
    /// Whether the selection reads it.
    before: bool,
}

struct Folding<'t> {
    /// The query as it would be.
    text: String,
    /// The selection as it would be.
    selection: String,
    taken: BTreeSet<String>,
    chosen: Vec<Chosen<'t>>,
}

impl<'t> Folding<'t> {
    /// Chooses the column that saves most; whether there was one.
    fn choose(&mut self, rows: &mut Scope<'_>, terms: &[&'t Term]) -> bool {
        let mut best: Option<(usize, String, &Term)> = None;
        for term in terms {
            let Some(value) = column(rows, term) else {
                continue;
            };
            let text = value.text();
            let name = names::of_term(term);
            let count = self.text.matches(&text).count();
            let spent = text.len() + name.len() + 16;
            let saved = (count * text.len().saturating_sub(name.len() + 1)).saturating_sub(spent);
            let is_better = best.as_ref().is_none_or(|(most, ..)| saved > *most);
            if count > 1 && saved > WORTH && is_better {
                best = Some((saved, text, term));
            }
        }
        let Some((_, text, term)) = best else {
            return false;
        };
        let name = self.fresh(rows, &names::of_term(term));
        let quoted = quote::name(&name);
        let before = self.selection.contains(&text);
        // What the column is made of can be a column, too.
        self.text = format!("{}\n{text}", self.text.replace(&text, &quoted));
        if before {
            self.selection = format!("{}\n{text}", self.selection.replace(&text, &quoted));
        }
        let alike = |other: &&&Term| column(rows, other).is_some_and(|value| value.text() == text);
        let terms: Vec<&Term> = terms.iter().filter(alike).copied().collect();
        stand(rows, &terms, &name);
        self.chosen.push(Chosen {
            name,
            terms,
            length: text.len(),
            before,
        });
        true
    }

    /// The stages, in which a column reads the shorter ones.
    fn written(mut self, mut rows: Scope<'_>) -> Shorter {
        self.chosen.sort_by_key(|chosen| chosen.length);
        let mut shorter = Shorter::default();
        for chosen in self.chosen {
            let Some(value) = chosen.terms.first().and_then(|term| column(&rows, term)) else {
                continue;
            };
            let item = named(&chosen.name, &value.fragment);
            let (stages, at) = if chosen.before {
                (&mut shorter.before, 0)
            } else {
                (&mut shorter.behind, 1)
            };
            push(stages, item, &value.text());
            let stood = stand(&mut rows, &chosen.terms, &chosen.name);
            shorter.named[at].extend(stood);
        }
        shorter
    }

    fn fresh(&mut self, rows: &Scope<'_>, word: &str) -> String {
        let numbered = (2..).map(|number| format!("{word}{number}"));
        let is_free = |name: &String| !self.taken.contains(name) && !rows.place.has_column(name);
        let mut names = std::iter::once(word.to_owned()).chain(numbered);
        let name = names.find(is_free).unwrap_or_else(|| word.to_owned());
        self.taken.insert(name.clone());
        name
    }
}

/// Has the terms stand in the column from here on.
fn stand(rows: &mut Scope<'_>, terms: &[&Term], name: &str) -> Vec<(Term, Value)> {
    let mut stood = Vec::new();
    for term in terms {
        if let Some(value) = column(rows, term) {
            let fragment = Fragment::atom(quote::name(name));
            stood.push(((*term).clone(), Value { fragment, ..value }));
        }
    }
    for (term, value) in &stood {
        rows.stands(term.clone(), value.clone());
    }
    stood
}

/// Adds a column to the last stage, unless it reads one of that.
fn push(stages: &mut Vec<Stage>, item: Fragment, text: &str) {
    if let Some(Stage::Extend(items)) = stages.last_mut() {
        let made: Vec<String> = items.iter().map(Fragment::flat).collect();
        let mut made = made.iter().filter_map(|item| item.split(" = ").next());
        if !made.any(|name| words(text).any(|word| word == name)) {
            return items.push(item);
        }
    }
    stages.push(Stage::Extend(vec![item]));
}

/// The value as a column would hold it; nothing where it is one, or no value of a row.
fn column(rows: &Scope<'_>, term: &Term) -> Option<Value> {
    let value = rows.try_term(term).ok()?;
    let is_text = matches!(value.holds, FieldType::Text | FieldType::Datetime);
    let value = if value.kind == Kind::Dynamic && is_text {
        value.as_text()
    } else {
        value
    };
    (!quote::is_word(&value.text())).then_some(value)
}

/// The terms of single events that the condition asks about, and their parts.
fn terms_of<'t>(condition: &'t Condition, found: &mut Vec<&'t Term>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| terms_of(part, found));
        }
        Condition::Not(inner) => terms_of(inner, found),
        Condition::Test(predicate) => {
            parts_of(&predicate.subject, found);
            if let Object::Term(other) = &predicate.object {
                parts_of(other, found);
            }
        }
        Condition::Items { list, body, .. } => {
            parts_of(list, found);
            terms_of(body, found);
        }
    }
}

/// The term and its parts, as far as they are of single events.
fn parts_of<'t>(term: &'t Term, found: &mut Vec<&'t Term>) {
    match term {
        Term::Literal(_) | Term::Item { .. } => return,
        Term::Field(path) if *path == FieldPath::root() => return,
        Term::Field(_) => {}
        Term::Call { arguments, .. } => arguments.iter().for_each(|part| parts_of(part, found)),
        Term::Choice { cases, otherwise } => {
            for case in cases {
                terms_of(&case.when, found);
                parts_of(&case.then, found);
            }
            parts_of(otherwise, found);
        }
        Term::Select { list, when, item } => {
            parts_of(list, found);
            terms_of(when, found);
            return parts_of(item, found);
        }
        Term::Aggregate { argument, .. } => {
            if let Some(argument) = argument {
                parts_of(argument, found);
            }
            return;
        }
    }
    if !found.contains(&term) {
        found.push(term);
    }
}

/// The question whether a text starts with one of several as one regular expression.
pub(super) fn as_one(predicate: &Predicate) -> Option<Predicate> {
    let Object::Texts(texts) = &predicate.object else {
        return None;
    };
    if predicate.operator != Operator::StartsWith || texts.len() < 3 {
        return None;
    }
    let texts: Vec<String> = texts.iter().map(|text| regex::escape(text)).collect();
    let pattern = format!("^(?:{})", texts.join("|"));
    Some(Predicate {
        operator: Operator::Matches,
        object: Object::Texts(vec![pattern]),
        ..predicate.clone()
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}
