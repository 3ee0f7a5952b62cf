//! Values that are chosen by conditions and lists that are made of lists: comprehensions, and functions of the module where an
//! expression would not say it.
//!
//! A list that is made of no list is no list, not an empty one; where a user asks for the items alone, that makes no difference,
//! and none is written.

use std::rc::Rc;

use super::code::{Code, Line, Loop};
use super::function::{is_always_list, makes_objects};
use super::known::Known;
use super::module::{Around, Written};
use super::names;
use super::notation::Python;
use super::table::is_table;
use super::term::Loops;
use crate::analysis::Report;
use crate::backend::fragment::ATOM;
use crate::backend::notation;
use crate::ir::{Case, Condition, Fingerprint, Function, Literal, Operator, Term};

/// A value with more characters than this is given a name where it would stand in a comparison.
const LONG: usize = 90;

/// A choice within a choice that would stand further from the margin has a function of its own.
const DEEPEST: usize = 4;

impl Python<'_> {
    /// The value of the first case that holds: a truth value where it is nothing else, or the call of a function with an early
    /// return for each case.
    pub(super) fn choice(
        &self,
        term: &Term,
        cases: &[Case],
        otherwise: &Term,
    ) -> Result<Code, String> {
        let around = self.around(term.fingerprint());
        if let Some(Written::Call(call)) = self.module.written(&around) {
            return Ok(call);
        }
        let call = self.chosen(cases, otherwise)?;
        self.module.keep(around, Written::Call(call.clone()));
        Ok(call)
    }

    /// The same for one that is not looked for among what was written.
    pub(super) fn chosen(&self, cases: &[Case], otherwise: &Term) -> Result<Code, String> {
        if let Some(either) = self.first_true(cases, otherwise)? {
            return Ok(either);
        }
        if let Some(verdict) = self.verdict(cases, otherwise)? {
            return Ok(if verdict.strength() == ATOM {
                verdict
            } else {
                Code::call("bool", vec![verdict])
            });
        }
        if let Some(table) = self.table(cases, otherwise)? {
            return Ok(table);
        }
        let body = self.case_lines(cases, otherwise, 1, &|term, at| self.returned(term, at))?;
        let values = cases.iter().map(|case| &case.then);
        let mut stems = [otherwise]
            .into_iter()
            .chain(values)
            .map(|value| names::variable(value, "value"));
        let stem = stems.find(|stem| stem != "value");
        let stem = stem.unwrap_or_else(|| "value".to_owned());
        Ok(self.local(&format!("choose_{stem}"), body))
    }

    /// The lines that return a value; a text that is put together is a formatted one, a choice that nobody else makes is made
    /// here.
    fn returned(&self, term: &Term, indent: usize) -> Result<Vec<Line>, String> {
        if let Term::Choice { cases, otherwise } = term
            && !self.module.survey.is_shared_term(term)
            && indent <= DEEPEST
            && self.verdict(cases, otherwise)?.is_none()
            && self.first_true(cases, otherwise)?.is_none()
            && !is_table(cases)
        {
            return self.case_lines(cases, otherwise, indent, &|term, at| {
                self.returned(term, at)
            });
        }
        if let Term::Call {
            function: Function::Concat,
            ..
        } = term
        {
            return self.text_lines(term, indent);
        }
        let value = self.single(term)?;
        Ok(vec![Line::returns(indent, value)])
    }

    /// The first of several values that is true, else the last: Python's `or`.
    fn first_true(&self, cases: &[Case], otherwise: &Term) -> Result<Option<Code>, String> {
        let is_true = |case: &Case| {
            matches!(&case.when, Condition::Test(predicate)
                if predicate.operator == Operator::IsTruthy
                    && predicate.subject == case.then
                    && !matches!(&case.then, Term::Item { path, .. } if path.has_each())
                    && !case.then.reads_each())
        };
        if cases.is_empty() || !cases.iter().all(is_true) {
            return Ok(None);
        }
        let values = cases.iter().map(|case| &case.then).chain([otherwise]);
        let mut values: Vec<Code> = values
            .map(|value| self.single(value))
            .collect::<Result<_, _>>()?;
        // Keys that differ in case alone are one.
        values.dedup();
        let either = Code::either(values);
        Ok((either.width() <= 2 * LONG).then_some(either))
    }

    /// The same where only the condition of the given one is asked.
    pub(super) fn asking(&self, condition: &Condition) -> Self {
        Self {
            known: Known::of(condition, &self.module.survey).into(),
            bare: true,
            ..self.clone()
        }
    }

    /// The verdict that a choice between `true` and `false` is.
    fn verdict(&self, cases: &[Case], otherwise: &Term) -> Result<Option<Code>, String> {
        let [Case { when, then }] = cases else {
            return Ok(None);
        };
        let (Term::Literal(Literal::Boolean(then)), Term::Literal(Literal::Boolean(otherwise))) =
            (then, otherwise)
        else {
            return Ok(None);
        };
        if then == otherwise {
            return Ok(None);
        }
        let mut python = self.asking(when);
        python.bare = !then;
        let verdict = python.condition(when)?;
        Ok(Some(if *then { verdict } else { verdict.not() }))
    }

    /// Adds a function of what the body uses of the event and of items around, and gives its call.
    pub(super) fn local(&self, stem: &str, body: Vec<Line>) -> Code {
        let parameters =
            self.parameters(|see| body.iter().for_each(|line| line.each_name(&mut *see)));
        let name = self.module.function(stem, &parameters.join(", "), body);
        called(&name, parameters)
    }

    /// The call of a function that returns the value.
    fn returning(&self, stem: &str, value: Code) -> Code {
        let parameters = self.parameters(|see| value.each_name(see));
        let name = self.module.returning(stem, &parameters.join(", "), value);
        called(&name, parameters)
    }

    /// What a function is given, whose names are gone through.
    fn parameters(&self, each_name: impl FnOnce(&mut dyn FnMut(&str))) -> Vec<Rc<str>> {
        let mut parameters: Vec<Rc<str>> = vec!["event".into()];
        let items = self.items.iter().flat_map(|names| names.split(", "));
        parameters.extend(items.map(Rc::from));
        parameters.extend(self.named.iter().map(|(_, name)| name.clone()));
        if !self.again.is_empty() {
            parameters.push("level".into());
        }
        let mut is_used = vec![false; parameters.len()];
        each_name(&mut |used| {
            for (name, is_used) in parameters.iter().zip(&mut is_used) {
                *is_used |= **name == *used;
            }
        });
        let mut is_used = is_used.into_iter();
        parameters.retain(|_| is_used.next().unwrap_or_default());
        parameters
    }

    /// The value by the name of a function, where it is long and computed.
    pub(super) fn by_name(&self, term: &Term, value: Code) -> Code {
        let computed = matches!(term, Term::Call { .. } | Term::Select { .. });
        if !computed || value.width() <= LONG {
            return value;
        }
        let stem = format!("find_{}", names::variable(term, "value"));
        self.returning(&stem, value)
    }

    /// What is gone through: the items of the term's value, none where it is no list.
    pub(super) fn items_in(&self, term: &Term) -> Result<Code, String> {
        if let Term::Select { list, when, item } = term {
            let made = Code::list(vec![self.comprehension(list, when, item)?]);
            return Ok(if makes_objects(term) {
                Code::call("read_only", vec![made])
            } else {
                made
            });
        }
        let value = self.single(term)?;
        let value = if makes_objects(term) {
            Code::call("read_only", vec![value])
        } else {
            value
        };
        Ok(if is_always_list(term) {
            value
        } else {
            Code::call("items_of", vec![value])
        })
    }

    /// The inside of a comprehension.
    fn comprehension(&self, list: &Term, when: &Condition, item: &Term) -> Result<Code, String> {
        if let Some((names, items)) = self.entry_loop(list, &[when], &[item])? {
            return self.comprehension_of(names, items, when, item);
        }
        self.comprehension_in(self.items_in(list)?, when, item)
    }

    /// The same over items that are written already.
    fn comprehension_in(&self, items: Code, when: &Condition, item: &Term) -> Result<Code, String> {
        let name = self.loop_item(&Loops::default());
        self.comprehension_of(name, items, when, item)
    }

    /// The same with the variables of the loop.
    fn comprehension_of(
        &self,
        names: Rc<str>,
        list: Code,
        when: &Condition,
        item: &Term,
    ) -> Result<Code, String> {
        let mut inner = self.asking(when);
        inner.items.push(names.clone());
        let mut plain = inner.clone();
        plain.known = Known::default().into();
        plain.bare = false;
        let value = plain.item_value(item)?;
        let when = match when.as_constant() {
            Some(true) => None,
            _ => Some(inner.condition(when)?),
        };
        Ok(Code::generator(value, &[Loop { names, list }], when))
    }

    /// The value of an item; a verdict needs no parentheses there.
    fn item_value(&self, item: &Term) -> Result<Code, String> {
        if let Term::Choice { cases, otherwise } = item
            && let Some(verdict) = self.verdict(cases, otherwise)?
        {
            return Ok(verdict);
        }
        self.single(item)
    }

    /// A call of the function that a long condition has which the rule asks more than once.
    pub(super) fn check(&self, condition: &Condition, report: &mut Report) -> Option<Code> {
        if !self.module.survey.is_shared(condition) {
            return None;
        }
        let around = self.around(condition.fingerprint());
        match self.module.written(&around) {
            Some(Written::Call(call)) => return Some(call),
            Some(Written::InPlace) => return None,
            None => {}
        }
        let mut python = self.asking(condition);
        python.bare = false;
        let mut own = report.beside();
        let written = notation::print_out(&python, condition, &mut own)?;
        if written.width() <= LONG {
            self.module.keep(around, Written::InPlace);
            return None;
        }
        let stem = format!("check_{}", names::variable(subject(condition), "value"));
        let call = self.returning(&stem, written);
        self.module.keep(around, Written::Call(call.clone()));
        report.constructs.append(&mut own.constructs);
        Some(call)
    }

    /// What is written here, with the names around.
    fn around(&self, what: Fingerprint) -> Around {
        let named = self.named.iter();
        Around {
            what,
            items: self.items.clone(),
            named: named
                .map(|(term, name)| (term.fingerprint(), name.clone()))
                .collect(),
            again: self.again.iter().map(|(_, name, _)| name.clone()).collect(),
        }
    }

    /// A list of what is made of a list's items.
    pub(super) fn made_list(
        &self,
        list: &Term,
        when: &Condition,
        item: &Term,
    ) -> Result<Code, String> {
        if is_always_list(list) {
            return Ok(Code::list(vec![self.comprehension(list, when, item)?]));
        }
        let source = self.single(list)?;
        let mut used = self.items.clone();
        used.extend(self.named.iter().map(|(_, name)| name.clone()));
        let values = self.module.variable("values", &used);
        let mut inner = self.clone();
        inner.named.push((list.clone(), values.clone()));
        let made = inner.comprehension_in(Code::name(values.clone()), when, item)?;
        let is_list = Code::call("is_list", vec![Code::name(values.clone())]);
        let body = vec![
            Line::assigns(1, values, source),
            Line::asks(1, is_list.not()),
            Line::returns(2, Code::none()),
            Line::returns(1, Code::list(vec![made])),
        ];
        let stem = names::variable(list, "values");
        Ok(self.local(&format!("list_{stem}"), body))
    }

    /// The first item that a list made of another one has, without the rest of it.
    pub(super) fn first_made(&self, list: &Term, at: &Term) -> Result<Option<Code>, String> {
        match (list, at) {
            (Term::Select { list, when, item }, Term::Literal(Literal::Integer(0))) => {
                let made = self.comprehension(list, when, item)?;
                Ok(Some(Code::call("next", vec![made, Code::none()])))
            }
            _ => Ok(None),
        }
    }

    /// The value of a list for who takes something that is no list as an empty one.
    pub(super) fn items_or_value(&self, list: &Term, loops: &mut Loops) -> Result<Code, String> {
        match list {
            Term::Select { .. } => self.items_in(list),
            _ => self.value(list, loops),
        }
    }
}

/// The call of a function with these values.
fn called(name: &str, values: Vec<Rc<str>>) -> Code {
    Code::call(
        name.to_owned(),
        values.into_iter().map(Code::name).collect(),
    )
}

/// The term that a condition asks for first.
fn subject(condition: &Condition) -> &Term {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.first().map_or(&Term::Literal(Literal::Null), subject)
        }
        Condition::Not(inner) => subject(inner),
        Condition::Test(predicate) => &predicate.subject,
        Condition::Items { list, .. } => list,
    }
}
