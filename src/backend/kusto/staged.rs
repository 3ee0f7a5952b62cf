//! Values that an alert shows and that no expression computes: the columns that stages make of them before they are shown.
//!
//! A list made of a list's items is gathered in a `mv-apply`, which gives one row for each row; what a choice asks of a list's items
//! becomes a column that says so, as in a selection. The list that is gone through is never empty, since rows without items would be
//! lost. Nothing is kept of a value that has no form with stages either.

use super::columns::Columns;
use super::lists;
use super::names;
use super::quote;
use super::stage::Stage;
use super::term::{Scope, numbered as numbered_list};
use super::value::{Kind, Value};
use super::walk::gathered;
use crate::analysis::Report;
use crate::backend::fragment::Fragment;
use crate::ir::{Condition, Function, Object, Term};
use crate::schema::FieldType;

/// Makes the columns that the term needs; none where it has a form without them, or has none with them.
pub(super) fn prepare(columns: &mut Columns<'_>, term: &Term) {
    if columns.scope.try_shown(term).is_ok() {
        return;
    }
    let mut staging = Staging {
        scope: columns.scope.clone(),
        names: columns.names(),
        stages: Vec::new(),
    };
    staging.term(term);
    if staging.scope.try_shown(term).is_ok() {
        columns.advance(staging.stages, staging.scope, staging.names);
    }
}

struct Staging<'c> {
    scope: Scope<'c>,
    /// The names that are taken.
    names: Vec<String>,
    stages: Vec<Stage>,
}

impl Staging<'_> {
    fn term(&mut self, term: &Term) {
        if self.scope.lookup(term).is_some() {
            return;
        }
        match term {
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => {}
            Term::Call {
                function,
                arguments,
            } => {
                arguments.iter().for_each(|part| self.term(part));
                match (function, &arguments[..]) {
                    (Function::Flatten, [lists]) => self.flattened(term, lists),
                    (Function::Walk, _) => self.walked(term),
                    _ => {}
                }
            }
            Term::Choice { cases, otherwise } => {
                for case in cases {
                    self.condition(&case.when);
                    self.term(&case.then);
                }
                self.term(otherwise);
            }
            Term::Select { list, when, item } => {
                self.term(list);
                let _ = self.select(term, list, when, item);
            }
        }
    }

    /// Makes the columns that answer what a choice asks.
    fn condition(&mut self, when: &Condition) {
        let Ok(settled) = self.scope.settled(when) else {
            return;
        };
        self.terms_of(&settled);
        let mut report = Report::new();
        let answers = lists::answers(&self.scope, &settled, &mut self.names, &mut report);
        if let Some((stages, scope)) = answers {
            self.stages.extend(stages);
            self.scope = scope;
        }
    }

    fn terms_of(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.terms_of(part));
            }
            Condition::Not(inner) => self.terms_of(inner),
            Condition::Test(predicate) => {
                self.term(&predicate.subject);
                if let Object::Term(other) = &predicate.object {
                    self.term(other);
                }
            }
            Condition::Items { list, .. } => self.term(list),
        }
    }

    /// Gathers what is taken of the items of a list.
    fn select(&mut self, term: &Term, list: &Term, when: &Condition, item: &Term) -> Option<()> {
        let (lead, name, index) = self.items_of(list)?;
        let mut inner = Staging {
            scope: self.scope.with_item(&name, index.as_deref(), list),
            names: std::mem::take(&mut self.names),
            stages: Vec::new(),
        };
        let value = inner.taken(when, item);
        self.names = inner.names;
        let value = value?;
        let mut body = inner.stages;
        // The item that stands for a list without items has nothing below it.
        if !matches!(item, Term::Item { .. }) {
            body.insert(0, is_there(&name));
        }
        let holds = match value.holds {
            FieldType::Object => FieldType::ObjectList,
            _ => FieldType::ScalarList,
        };
        self.gathered(term, lead, body, &value.text(), holds);
        Some(())
    }

    /// What is taken of the items that pass, the stages before it being made.
    fn taken(&mut self, when: &Condition, item: &Term) -> Option<Value> {
        if when.as_constant() != Some(true) {
            let settled = self.scope.settled(when).ok()?;
            let mut report = Report::new();
            let stages = lists::within(&self.scope, &settled, &mut self.names, &mut report)?;
            self.stages.extend(stages);
        }
        self.term(item);
        self.scope.try_shown(item).ok()
    }

    /// Puts the lists in a list together.
    fn flattened(&mut self, term: &Term, list: &Term) {
        let Some((lead, name, _)) = self.items_of(list) else {
            return;
        };
        let body = vec![Stage::Expand(name.clone()), is_there(&name)];
        self.gathered(term, lead, body, &name, FieldType::ScalarList);
    }

    fn walked(&mut self, term: &Term) {
        let mut names = std::mem::take(&mut self.names);
        let place = self.scope.place;
        let is_free =
            |name: &String, names: &[String]| !names.contains(name) && !place.has_column(name);
        let made = gathered(&self.scope, term, &mut |word| {
            let name = numbered(word, |name| is_free(name, &names));
            names.push(name.clone());
            name
        });
        self.names = names;
        if let Some(made) = made {
            self.stages.extend(made.stages);
            self.scope.stands(term.clone(), made.value);
        }
    }

    /// What goes through the items of a list, the column with the item, and the one with its position where that is asked for.
    fn items_of(&mut self, list: &Term) -> Option<(String, String, Option<String>)> {
        let index = numbered_list(list).map(|_| self.fresh("ItemIndex"));
        let list = numbered_list(list).unwrap_or(list);
        let value = self.scope.try_term(list).ok()?.as_dynamic();
        if value.kind != Kind::Dynamic {
            return None;
        }
        let name = self.fresh("Item");
        let list = value.text();
        let filled = format!("iff(array_length({list}) > 0, {list}, dynamic([null]))");
        let lead = index
            .as_ref()
            .map_or_else(String::new, |index| format!("with_itemindex={index} "));
        Some((
            format!("{lead}{} = {filled}", quote::name(&name)),
            name,
            index,
        ))
    }

    /// Ends the stages about items with the list that they make, which is the term from here on.
    fn gathered(
        &mut self,
        term: &Term,
        lead: String,
        mut body: Vec<Stage>,
        found: &str,
        holds: FieldType,
    ) {
        let column = self.fresh(&names::of_term(term));
        let list = Fragment::atom(format!("{} = make_list({found})", quote::name(&column)));
        body.push(Stage::Summarize(vec![list], Vec::new()));
        self.stages.push(Stage::Apply { item: lead, body });
        let value = Value {
            holds,
            reshaped: true,
            ..Value::atom(quote::name(&column), Kind::Dynamic)
        };
        self.scope.stands(term.clone(), value);
    }

    fn fresh(&mut self, word: &str) -> String {
        let place = self.scope.place;
        let name = numbered(word, |name| {
            !self.names.contains(name) && !place.has_column(name)
        });
        self.names.push(name.clone());
        name
    }
}

/// Keeps the items that are there.
fn is_there(name: &str) -> Stage {
    Stage::Where(Fragment::atom(format!("isnotnull({})", quote::name(name))))
}

/// The word, or the word with the first number that makes it free.
fn numbered(word: &str, is_free: impl Fn(&String) -> bool) -> String {
    let names = (2..10_000).map(|number| format!("{word}{number}"));
    std::iter::once(word.to_owned())
        .chain(names)
        .find(is_free)
        .unwrap_or_else(|| word.to_owned())
}
