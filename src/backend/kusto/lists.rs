//! Questions about the items of lists: `mv-apply`, which goes through a list inside one row.
//!
//! Kusto has no expression that asks something of every item, only a stage that makes rows of them. A question that a conjunct
//! is alone becomes a filter of such rows, of which the first that passes is kept, so that an event stays one row and what is
//! asked of one item stays tied to it. A question within `or` and `not` becomes a column that says whether an item passed; there
//! the list is never left empty, because rows without items would be lost. Where one item of the list is asked about, the first that
//! has something, the items are numbered and this one is left before it is asked. Whether one of some texts is in a list is an
//! expression of its own. What stands first in the result is cheap: plain conjuncts come before the lists.

use super::compared;
use super::cost;
use super::decided;
use super::items::{coalesced, has_items, holds_on_null, is_confused, is_of_keys, member, record};
use super::notation::Kusto;
use super::pass::{Pass, What};
use super::question::{Pick, Question};
use super::settle::settle;
use super::stage::{Items, Order, Stage};
use super::term::{Lost, Scope, numbered};
use super::text::SUFFIXED;
use super::value::{Kind, Value, strength};
use super::walk::{gathered, walks};
use crate::analysis::{Construct, Fidelity, Report};
use crate::backend::fragment::Fragment;
use crate::backend::notation::print;
use crate::ir::{Condition, Origin, Quantifier, Term};
use crate::schema::FieldType;

/// The stages that keep the rows for which the condition holds, and what can be read after them. Nothing where a part has no form;
/// the report then says why.
pub(super) fn stages(
    scope: &mut Scope<'_>,
    condition: &Condition,
    report: &mut Report,
) -> Option<Vec<Stage>> {
    let mut writer = Writer {
        scope: scope.clone(),
        names: Vec::new(),
        report,
    };
    let stages = writer.conjuncts(condition);
    *scope = writer.scope;
    stages
}

/// The same within other stages, whose names are taken.
pub(super) fn within(
    scope: &Scope<'_>,
    condition: &Condition,
    names: &mut Vec<String>,
    report: &mut Report,
) -> Option<Vec<Stage>> {
    let mut writer = Writer {
        scope: scope.clone(),
        names: std::mem::take(names),
        report,
    };
    let stages = writer.conjuncts(condition);
    *names = writer.names;
    stages
}

/// The stages that make columns of the answers to what the condition asks of lists, and what can be read after them.
pub(super) fn answers<'c>(
    scope: &Scope<'c>,
    condition: &Condition,
    names: &mut Vec<String>,
    report: &mut Report,
) -> Option<(Vec<Stage>, Scope<'c>)> {
    let mut writer = Writer {
        scope: scope.clone(),
        names: std::mem::take(names),
        report,
    };
    let mut stages = Some(writer.walks(condition));
    for (asked, negated) in questions(condition, false) {
        if scope.answers(asked) {
            continue;
        }
        let before = writer.report.constructs.len();
        let answer = writer.answer(asked, negated);
        if let Some(reason) = inexact(&writer.report.constructs[before..]) {
            writer.scope.lose(Lost::Question(asked.clone()), reason);
        }
        stages = stages.zip(answer).map(|(mut stages, answer)| {
            stages.extend(answer);
            stages
        });
    }
    *names = writer.names;
    Some((stages?, writer.scope))
}

struct Writer<'r, 'c> {
    scope: Scope<'c>,
    /// The names that were given to items and answers.
    names: Vec<String>,
    report: &'r mut Report,
}

impl Writer<'_, '_> {
    fn conjuncts(&mut self, condition: &Condition) -> Option<Vec<Stage>> {
        let mut plain = Vec::new();
        let mut asking = self.walks(condition);
        asking.extend(compared::stages(
            &mut self.scope,
            condition,
            &mut self.names,
        ));
        let mut failed = false;
        for conjunct in condition.conjuncts() {
            // Every part is written even after a failure, so that all problems are reported at once.
            match self.conjunct(conjunct) {
                None => failed = true,
                Some(mut stages) if stages.len() == 1 && !compared::needs_columns(conjunct) => {
                    match stages.pop() {
                        Some(Stage::Where(test)) => {
                            plain.push((cost::of(&self.scope, conjunct), test));
                        }
                        other => asking.extend(other),
                    }
                }
                Some(stages) => asking.extend(stages),
            }
        }
        plain.sort_by_key(|(cost, _)| *cost);
        let plain = plain.into_iter().map(|(_, test)| test);
        let mut stages: Vec<Stage> = decided::conjuncts(plain).map(Stage::Where).collect();
        stages.extend(asking);
        stages.retain(|stage| !matches!(stage, Stage::Where(test) if test.text() == Some("true")));
        (!failed).then_some(stages)
    }

    /// The stages that make columns of what walks through lists find.
    fn walks(&mut self, condition: &Condition) -> Vec<Stage> {
        let mut stages = Vec::new();
        for walk in walks(condition) {
            if self.scope.lookup(walk).is_some() {
                continue;
            }
            let scope = self.scope.clone();
            let made = gathered(&scope, walk, &mut |word| self.fresh(word));
            if let Some(made) = made {
                stages.extend(made.stages);
                self.scope.stands(walk.clone(), made.value);
            }
        }
        stages
    }

    fn conjunct(&mut self, conjunct: &Condition) -> Option<Vec<Stage>> {
        if let Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } = conjunct
        {
            let question = Question::of(list, body);
            if let Some(test) = member(&self.scope, &question) {
                record(body, self.report);
                return Some(vec![Stage::Where(test)]);
            }
            return self.filter(conjunct, question);
        }
        let before = self.scope.clone();
        let mut stages = Vec::new();
        for (asked, negated) in questions(conjunct, false) {
            stages.extend(self.answer(asked, negated)?);
        }
        let notation = Kusto { scope: &self.scope };
        let printed = print(&notation, conjunct, self.report);
        // The next conjunct may ask the same where null is not the same as false.
        self.scope = before;
        stages.push(Stage::Where(printed?));
        Some(stages)
    }

    /// Keeps the rows with an item that passes.
    fn filter(&mut self, whole: &Condition, question: Question) -> Option<Vec<Stage>> {
        let list = self.list(whole, &question.list)?;
        let question = self.settled(question)?;
        let mut stages = Vec::new();
        let is_list = matches!(list.holds, FieldType::ObjectList | FieldType::ScalarList);
        if !is_list || holds_on_null(&question) {
            stages.push(Stage::Where(has_items(&list)));
        }
        if question.whole().as_constant() == Some(true) {
            return Some(stages);
        }
        let name = self.fresh("Item");
        let index = self.index(&question);
        let picked = self.picked(whole, &question, &name, index.as_deref())?;
        let is_picked = question.pick.is_some();
        let mut body = picked;
        if !is_picked || question.body.as_constant() != Some(true) {
            body.extend(
                self.inside(&name, index.as_deref(), &question.list, |inner| {
                    inner.conjuncts(&question.body)
                })?,
            );
        }
        if !is_picked {
            body.push(Stage::Take(1));
        }
        stages.push(Stage::Apply {
            items: Items {
                name,
                index,
                list: list.fragment,
            },
            body,
        });
        Some(stages)
    }

    /// The name of a column with the items' positions, where they are asked about.
    fn index(&mut self, question: &Question) -> Option<String> {
        let is_asked = question.pick.is_some() || numbered(&question.list).is_some();
        is_asked.then(|| self.fresh("ItemIndex"))
    }

    /// The stages that leave the item that is asked about; none where every item is.
    fn picked(
        &mut self,
        whole: &Condition,
        question: &Question,
        name: &str,
        index: Option<&str>,
    ) -> Option<Vec<Stage>> {
        let (Some(index), Some(pick)) = (index, &question.pick) else {
            return Some(Vec::new());
        };
        let before = self.report.constructs.len();
        let mut stages = self.inside(name, Some(index), &question.list, |inner| {
            inner.conjuncts(&pick.when)
        })?;
        let recorded = &self.report.constructs[before..];
        let inexact = recorded
            .iter()
            .filter(|one| one.fidelity != Fidelity::Exact);
        let confused: Vec<Construct> = inexact.cloned().collect();
        if !confused.iter().all(is_confused) && !self.scope.lenient {
            self.refuse(whole, "what one item of the list is chosen by is not exact");
            return None;
        }
        // Another item may be the one, of which the rest may hold or not.
        for one in confused {
            let fidelity = one.fidelity.negated();
            self.report
                .record_predicate(fidelity, one.what, one.origin, one.reason);
        }
        let order = if pick.last {
            Order::Greatest
        } else {
            Order::Least
        };
        stages.push(Stage::Top(index.to_owned(), order));
        Some(stages)
    }

    /// Makes a column that says whether an item passes.
    fn answer(&mut self, asked: &Condition, negated: bool) -> Option<Vec<Stage>> {
        let Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } = asked
        else {
            let reason = "exactly one item of a list is asked for, which has no form here";
            self.refuse(asked, reason);
            return None;
        };
        let question = Question::of(list, body);
        if let Some(test) = member(&self.scope, &question) {
            record(&question.body, self.report);
            let test = if negated { coalesced(&test) } else { test };
            self.scope.answered(asked.clone(), test);
            return Some(Vec::new());
        }
        let list = self.list(asked, &question.list)?;
        let question = self.settled(question)?;
        if question.whole().as_constant() == Some(true) {
            self.scope
                .answered(asked.clone(), coalesced(&has_items(&list)));
            return Some(Vec::new());
        }
        let name = self.item_name(&list);
        let index = self.index(&question);
        let picked = self.picked(asked, &question, &name, index.as_deref())?;
        let (answered, passed) = self.inside(&name, index.as_deref(), &question.list, |inner| {
            inner.passed(asked, &question.body, negated)
        })?;
        let column = self.fresh("AnyItem");
        let answer = Fragment::atom(column.clone());
        let answer = if holds_on_null(&question) {
            let both = vec![coalesced(&has_items(&list)), answer];
            Fragment::infix("and", strength::AND, both)
        } else {
            answer
        };
        self.scope.answered(asked.clone(), answer);
        let items = Items::or_null(&name, index.as_deref(), &list.fragment);
        let body = picked.into_iter().chain(answered).collect();
        let pass = Pass::new(items, body, column, What::Any(passed));
        Some(vec![Stage::Pass(pass)])
    }

    /// The stages that answer what is asked of lists within an item, and the condition on the item. Below a negation it must not
    /// be wider: what it lacks there the whole has more.
    fn passed(
        &mut self,
        asked: &Condition,
        body: &Condition,
        negated: bool,
    ) -> Option<(Vec<Stage>, Fragment)> {
        let mut stages = self.walks(body);
        for (inner, turned) in questions(body, negated) {
            stages.extend(self.answer(inner, turned)?);
        }
        let notation = Kusto { scope: &self.scope };
        if !negated {
            return Some((stages, print(&notation, body, self.report)?));
        }
        let body = &compared::of_addresses(body);
        let mut report = self.report.beside();
        let printed = print(&notation, body, &mut report);
        if printed.is_none() {
            // Once more for the reasons.
            print(&notation, body, self.report);
        }
        let printed = printed?;
        let mut constructs = report.constructs;
        for one in &mut constructs {
            if one.reason == SUFFIXED {
                (one.fidelity, one.reason, one.code) = (Fidelity::Exact, String::new(), None);
            }
        }
        let is_wider = |one: &Construct| one.fidelity == Fidelity::Wider && !is_confused(one);
        if constructs.iter().any(is_wider) && !self.scope.lenient {
            let reason = "what is asked of the items is wider, and the rule denies it";
            self.refuse(asked, reason);
            return None;
        }
        for one in constructs {
            let fidelity = one.fidelity.negated();
            self.report
                .record_predicate(fidelity, one.what, one.origin, one.reason);
        }
        Some((stages, printed))
    }

    /// The list as a value.
    fn list(&mut self, asked: &Condition, list: &Term) -> Option<Value> {
        let list = numbered(list).unwrap_or(list);
        match self.scope.term(list) {
            Ok(value) if is_of_keys(list) => Some(Value {
                holds: FieldType::ScalarList,
                ..value
            }),
            Ok(value)
                if value.reshaped && !self.scope.lenient
                    || value.as_dynamic().kind != Kind::Dynamic =>
            {
                self.refuse(asked, &format!("`{list}` is no list here"));
                None
            }
            Ok(value) => Some(Value {
                holds: value.holds,
                ..value.as_dynamic()
            }),
            Err(reason) => {
                self.refuse(asked, &reason);
                None
            }
        }
    }

    /// What is asked of an item, with the answers that the table gives.
    fn settled(&mut self, question: Question) -> Option<Question> {
        let index = numbered(&question.list).map(|_| "ItemIndex");
        let scope = self.scope.with_item("Item", index, &question.list);
        let pick = match question.pick {
            Some(pick) => Some(Pick {
                when: settle(&scope, &pick.when, self.report)?,
                last: pick.last,
            }),
            None => None,
        };
        Some(Question {
            pick,
            body: settle(&scope, &question.body, self.report)?,
            list: question.list,
        })
    }

    /// Writes what stands inside of the stage.
    fn inside<T>(
        &mut self,
        name: &str,
        index: Option<&str>,
        list: &Term,
        write: impl FnOnce(&mut Writer<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let mut inner = Writer {
            scope: self.scope.with_item(name, numbered(list).and(index), list),
            names: std::mem::take(&mut self.names),
            report: &mut *self.report,
        };
        let written = write(&mut inner);
        self.names = inner.names;
        written
    }

    /// The name of the list's items: passes over one list share it.
    fn item_name(&mut self, list: &Value) -> String {
        let text = list.text();
        if let Some(name) = self.scope.item_name(&text) {
            return name.to_owned();
        }
        let name = self.fresh("Item");
        self.scope.names_items(&text, &name);
        name
    }

    fn fresh(&mut self, word: &str) -> String {
        let numbered = (2..).map(|number| format!("{word}{number}"));
        let mut names = std::iter::once(word.to_owned()).chain(numbered);
        let name =
            names.find(|name| !self.names.contains(name) && !self.scope.place.has_column(name));
        let name = name.unwrap_or_else(|| word.to_owned());
        self.names.push(name.clone());
        name
    }

    fn refuse(&mut self, asked: &Condition, reason: &str) {
        let origin = asked
            .predicates()
            .first()
            .map_or_else(Origin::default, |(predicate, _)| predicate.origin);
        self.report.refuse(asked.to_string(), origin, reason);
    }
}

/// The outermost questions about lists, and whether an odd number of negations stands above each.
fn questions(condition: &Condition, negated: bool) -> Vec<(&Condition, bool)> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts
            .iter()
            .flat_map(|part| questions(part, negated))
            .collect(),
        Condition::Not(inner) => questions(inner, !negated),
        Condition::Test(_) => Vec::new(),
        Condition::Items { .. } => vec![(condition, negated)],
    }
}

/// Why what was recorded is not exact; nothing where it is.
pub(super) fn inexact(constructs: &[Construct]) -> Option<String> {
    let inexact = |one: &&Construct| matches!(one.fidelity, Fidelity::Wider | Fidelity::Narrower);
    let one = constructs.iter().find(inexact)?;
    Some(format!("it depends on `{}`: {}", one.what, one.reason))
}
