//! Values that an alert shows and that no expression computes: the columns that stages make of them before they are shown.
//!
//! A list made of a list's items is gathered in a `mv-apply`, which gives one row for each row; what a choice asks of a list's items
//! becomes a column that says so, as in a selection. The list that is gone through is never empty, since rows without items would be
//! lost. Nothing is kept of a value that has no form with stages either.

use serde_json::Value as Json;

use super::columns::Columns;
use super::entries::{self, Part, pair};
use super::items::holds_on_null;
use super::lists;
use super::names;
use super::pass::{Pass, What};
use super::place::Gap;
use super::question::Question;
use super::quote;
use super::stage::{Items, Stage};
use super::term::{Lost, Scope, numbered as numbered_list};
use super::value::{Blank, Kind, Value};
use super::walk::gathered;
use crate::analysis::{Fidelity, Report};
use crate::backend::fragment::Fragment;
use crate::ir::{Condition, Function, Object, Term};
use crate::schema::FieldType;

/// Makes the columns that the term needs; none where it has a form without them, or has none with them, which is the error.
pub(super) fn prepare(columns: &mut Columns<'_>, term: &Term) -> Result<(), Gap> {
    let Err(gap) = columns.scope.try_shown(term) else {
        return Ok(());
    };
    // Nothing of it could be a column.
    if let Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } = term {
        return Err(gap);
    }
    let scope = columns.scope.clone();
    let mut staging = Staging {
        scope,
        names: columns.names(),
        stages: Vec::new(),
        gap: None,
        loss: None,
    };
    staging.term(term);
    if let Err(gap) = staging.scope.try_shown(term) {
        return Err(staging.gap.unwrap_or(gap));
    }
    columns.advance(staging.stages, staging.scope, staging.names);
    Ok(())
}

struct Staging<'c> {
    scope: Scope<'c>,
    /// The names that are taken.
    names: Vec<String>,
    stages: Vec<Stage>,
    /// Why a part has no form with stages either.
    gap: Option<Gap>,
    /// Why what was taken of the items of the last list is not always the rule's.
    loss: Option<String>,
}

/// The stages that count the items of a list that pass, where their number is the rule's on every event, and what can be read after
/// them; nothing where the term is no such count.
pub(super) fn counted<'c>(
    scope: &Scope<'c>,
    term: &Term,
    names: &mut Vec<String>,
) -> Option<(Vec<Stage>, Scope<'c>)> {
    let select = selected(term)?;
    let Term::Select { list, when, .. } = select else {
        return None;
    };
    // A pass leaves out what is no item.
    let asked = Question {
        list: list.as_ref().clone(),
        pick: None,
        body: when.as_ref().clone(),
    };
    let is_of_objects = |list: Value| list.holds == FieldType::ObjectList;
    if !scope.try_term(list).is_ok_and(is_of_objects) && holds_on_null(&asked) {
        return None;
    }
    let mut staging = Staging {
        scope: scope.clone(),
        names: std::mem::take(names),
        stages: Vec::new(),
        gap: None,
        loss: None,
    };
    staging.term(select);
    *names = staging.names;
    let made = staging.scope.lookup(select)?;
    if staging.scope.lost(&Lost::Term(select.clone())).is_some() {
        return None;
    }
    let none = Json::from(0);
    let length = Value {
        holds: FieldType::Integer,
        reshaped: false,
        ..made.converted("array_length", Kind::Whole)
    };
    // Where there is no list the rule counts nothing, and the column no item.
    let length = length.blank(Some(Blank {
        shown: none.clone(),
        means: vec![None, Some(none)],
    }));
    staging.scope.stands(term.clone(), length);
    Some((staging.stages, staging.scope))
}

/// The list whose items are counted, where a constant is taken of each that passes.
pub(super) fn selected(term: &Term) -> Option<&Term> {
    let Term::Call {
        function: Function::Length,
        arguments,
    } = term
    else {
        return None;
    };
    match arguments.as_ref() {
        [select @ Term::Select { item, .. }] if item.as_literal().is_some() => Some(select),
        _ => None,
    }
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
                if let (Function::FromEntries, [entries]) = (function, &arguments[..]) {
                    return self.entries(entries);
                }
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

    /// Makes the columns of an object's entries.
    fn entries(&mut self, entries: &Term) {
        match Part::of(entries) {
            Some(Part::Listed(parts)) => parts.iter().for_each(|part| self.term(part)),
            Some(Part::Joined(lists)) => lists.iter().for_each(|list| self.entries(list)),
            Some(Part::Chosen(cases, otherwise)) => {
                for case in cases {
                    self.condition(&case.when);
                    self.entries(&case.then);
                }
                self.entries(otherwise);
            }
            Some(Part::Gathered(Term::Select { list, when, item })) => {
                self.term(list);
                let _ = self.bag(entries, list, when, item);
            }
            Some(Part::Gathered(_)) | None => self.term(entries),
        }
    }

    /// Makes the columns that answer what a choice asks.
    fn condition(&mut self, when: &Condition) {
        let settled = self.scope.settled(when);
        let Some(settled) = self.or_gap(settled) else {
            return;
        };
        self.terms_of(&settled);
        let mut report = Report::refusals();
        match lists::answers(&self.scope, &settled, &mut self.names, &mut report) {
            Some((stages, scope)) => {
                self.stages.extend(stages);
                self.scope = scope;
            }
            None => self.refused(&report),
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
        let items = self.items_of(list)?;
        let (mut body, values) = self.taken(&items, list, when, &[item])?;
        let value = values.first()?;
        // The item that stands for a list without items has nothing below it.
        if !matches!(item, Term::Item { .. }) {
            body.insert(0, is_there(&items.name));
        }
        let holds = match value.holds {
            FieldType::Object => FieldType::ObjectList,
            _ => FieldType::ScalarList,
        };
        let made = What::List(value.fragment.clone());
        self.gathered(term, items, body, made, holds);
        Some(())
    }

    /// Gathers an entry of each item of a list in an object.
    fn bag(&mut self, entries: &Term, list: &Term, when: &Condition, item: &Term) -> Option<()> {
        let (key, value) = pair(item)?;
        let items = self.items_of(list)?;
        let (mut body, values) = self.taken(&items, list, when, &[key, value])?;
        body.insert(0, is_there(&items.name));
        let [key, value] = values.as_slice() else {
            return None;
        };
        let pair = [key.as_text().fragment, value.fragment.clone()];
        let made = What::Object(Fragment::called("bag_pack", &pair));
        self.gathered(&entries::of(entries), items, body, made, FieldType::Object);
        Some(())
    }

    /// The stages within a list that leave the items that pass, and what is taken of each; an item is in a column, and its position
    /// in another, where that is asked for.
    fn taken(
        &mut self,
        of: &Items,
        list: &Term,
        when: &Condition,
        items: &[&Term],
    ) -> Option<(Vec<Stage>, Vec<Value>)> {
        let mut inner = Staging {
            scope: self.scope.with_item(&of.name, of.index.as_deref(), list),
            names: std::mem::take(&mut self.names),
            stages: Vec::new(),
            gap: None,
            loss: None,
        };
        let values = inner.passing(when, items);
        self.names = inner.names;
        self.gap = self.gap.take().or(inner.gap);
        self.loss = inner.loss;
        let losses = || items.iter().find_map(|item| inner.scope.loss(item));
        self.loss = self.loss.take().or_else(losses);
        Some((inner.stages, values?))
    }

    /// What is taken of the items that pass, the stages before it being made.
    fn passing(&mut self, when: &Condition, items: &[&Term]) -> Option<Vec<Value>> {
        if when.as_constant() != Some(true) {
            let settled = self.scope.settled(when);
            let settled = self.or_gap(settled)?;
            let mut report = Report::refusals();
            let stages = lists::within(&self.scope, &settled, &mut self.names, &mut report);
            if stages.is_none() {
                self.refused(&report);
            }
            self.loss = lists::inexact(&report.constructs);
            self.stages.extend(stages?);
        }
        let mut values = Vec::new();
        for item in items {
            self.term(item);
            let value = self.scope.try_shown(item);
            values.push(self.or_gap(value)?);
        }
        Some(values)
    }

    /// The value, or nothing where there is none and the reason is kept.
    fn or_gap<T>(&mut self, value: Result<T, Gap>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(gap) => {
                self.gap.get_or_insert(gap);
                None
            }
        }
    }

    /// Keeps the reason for which a condition was refused.
    fn refused(&mut self, report: &Report) {
        let mut refused = report.constructs.iter();
        let refused = refused.find(|one| one.fidelity == Fidelity::Unsupported);
        if let Some(one) = refused {
            let reason = format!("it depends on `{}`: {}", one.what, one.reason);
            self.gap.get_or_insert(Gap::Unreadable(reason));
        }
    }

    /// Puts the lists in a list together.
    fn flattened(&mut self, term: &Term, list: &Term) {
        let Some(items) = self.items_of(list) else {
            return;
        };
        let name = &items.name;
        let body = vec![Stage::Expand(name.clone()), is_there(name)];
        let made = What::List(Fragment::atom(name));
        self.gathered(term, items, body, made, FieldType::ScalarList);
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

    /// What goes through the items of a list, with their positions where these are asked for.
    fn items_of(&mut self, list: &Term) -> Option<Items> {
        let index = numbered_list(list).map(|_| self.fresh("ItemIndex"));
        let list = numbered_list(list).unwrap_or(list);
        let value = self.scope.try_term(list).ok()?.as_dynamic();
        if value.kind != Kind::Dynamic {
            return None;
        }
        let list = value.text();
        let name = if let Some(name) = self.scope.item_name(&list) {
            name.to_owned()
        } else {
            let name = self.fresh("Item");
            self.scope.names_items(&list, &name);
            name
        };
        Some(Items::or_null(&name, index.as_deref(), &value.fragment))
    }

    /// Ends the stages about items with the list or the object that they make, which is the term from here on.
    fn gathered(
        &mut self,
        term: &Term,
        items: Items,
        body: Vec<Stage>,
        made: What,
        holds: FieldType,
    ) {
        let column = self.fresh(&names::of_term(term));
        if let Some(reason) = self.loss.take() {
            self.scope.lose(Lost::Term(term.clone()), reason);
        }
        let pass = Pass::new(items, body, column.clone(), made);
        self.stages.push(Stage::Pass(pass));
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
