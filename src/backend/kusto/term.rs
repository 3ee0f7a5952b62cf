//! Terms to expressions.
//!
//! A [`Scope`] knows what can be read at a stage of the query: the fields of single events before a `summarize`, and the terms
//! that stand in a column of their own. A term that is missing in the event becomes an empty text or a typed null, as a table
//! shows it. Refused: `each` inside another term, regular expressions of another dialect.

use std::borrow::Cow;
use std::rc::Rc;

use super::column::members;
use super::decided::{Decided, Facts};
use super::filled;
use super::guards;
use super::memo::Memo;
use super::notation::Kusto;
use super::place::{Gap, Place};
use super::question::prepared;
use super::quote;
use super::settle::settle;
use super::spelt::Spelt;
use super::value::{Blank, Kind, Value, cases_of};
use crate::analysis::{Fidelity, Report};
use crate::backend::Approximate;
use crate::backend::fragment::Fragment;
use crate::backend::notation::print;
use crate::ir::{Case, Condition, FieldPath, Function, Literal, Object, Predicate, Segment, Term};
use crate::schema::FieldType;

/// What can be read at a stage of the query.
#[derive(Clone, Debug)]
pub(super) struct Scope<'c> {
    pub(super) place: Place<'c>,
    /// Terms that stand in a column, with the column.
    named: Vec<(Term, Value)>,
    /// Whether the fields of single events can be read.
    rows: bool,
    /// The columns that hold the items of the lists around, the innermost last.
    items: Vec<ItemColumn>,
    /// Questions about lists that a column answers.
    answers: Vec<(Condition, Fragment)>,
    /// Terms and questions whose column is not always the rule's value, with the reason.
    lost: Vec<(Lost, String)>,
    /// The names of the items of lists that passes go through, by the list's text.
    passes: Vec<(String, String)>,
    /// Whether what is asked chooses what is shown: it may then be asked of values that are written otherwise, and of one of several
    /// items that is not told exactly, which is told as a loss.
    pub(super) lenient: bool,
    /// What was found out where this can be read; begun anew with every change of it.
    pub(super) memo: Rc<Memo>,
}

/// What a column was made of that is not always the rule's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lost {
    Term(Term),
    Question(Condition),
}

/// A column that holds an item of a list.
#[derive(Clone, Debug)]
struct ItemColumn {
    name: String,
    /// The column with its position, where an item of the list is the position and what stands there.
    index: Option<String>,
    /// The field that the item is, where the list is one.
    field: Option<FieldPath>,
    /// Whether every item is a text, as what a function takes out of one is.
    is_text: bool,
}

impl<'c> Scope<'c> {
    /// The stages that see single events.
    pub(super) fn rows(place: Place<'c>) -> Self {
        Self {
            place,
            named: place.made(),
            rows: true,
            items: Vec::new(),
            answers: Vec::new(),
            lost: Vec::new(),
            passes: Vec::new(),
            lenient: false,
            memo: Rc::default(),
        }
    }

    /// The stages after a `summarize` or `project`, which see named columns only.
    pub(super) fn columns(place: Place<'c>) -> Self {
        Self {
            rows: false,
            named: Vec::new(),
            ..Self::rows(place)
        }
    }

    /// From here on, the term stands in this column; what stood there before is gone.
    pub(super) fn name(&mut self, term: Term, column: &str, kind: Kind) {
        let name = quote::name(column);
        self.named.retain(|(_, value)| !value.is_text(&name));
        self.name_too(term, column, kind);
    }

    /// The term is this value from here on.
    pub(super) fn stands(&mut self, term: Term, value: Value) {
        self.memo = Rc::default();
        self.named.push((term, value));
    }

    /// The columns that the query made for terms.
    pub(super) fn made(&self) -> impl Iterator<Item = String> {
        let names = self.named.iter().filter_map(|(_, value)| value.as_word());
        names.filter(|name| !self.place.has_column(name))
    }

    /// The term stands in this column as well.
    pub(super) fn name_too(&mut self, term: Term, column: &str, kind: Kind) {
        let blank = match kind {
            Kind::Text | Kind::Open => Blank::text(),
            Kind::Bool | Kind::Whole | Kind::Real | Kind::Time | Kind::Dynamic => Blank::null(),
        };
        let value = Value::atom(quote::name(column), kind).blank(Some(blank));
        self.stands(term, value);
    }

    /// The column that holds the term as it is.
    pub(super) fn column(&self, term: &Term) -> Option<String> {
        let value = match (self.lookup(term), term) {
            (Some(value), _) => value.clone(),
            (None, Term::Field(path)) if self.rows => self.place.field(path).ok()?,
            (None, _) => return None,
        };
        value.as_word()
    }

    /// The column of the predicate's subject, where it spells the values in another way and the predicate has constants.
    pub(super) fn spelt(&self, predicate: &Predicate) -> Option<Spelt<'c>> {
        let path = predicate.subject.as_field().filter(|_| self.rows)?;
        let with_term = matches!(predicate.object, Object::Term(_));
        if with_term || self.lookup(&predicate.subject).is_some() {
            return None;
        }
        self.place.spelt(path)
    }

    pub(super) fn lookup(&self, term: &Term) -> Option<&Value> {
        self.named
            .iter()
            .rev()
            .find(|(named, _)| named == term)
            .map(|(_, value)| value)
    }

    /// The expression for a term; the error says why there is none.
    pub(super) fn term(&self, term: &Term) -> Result<Value, String> {
        self.try_term(term).map_err(|gap| gap.reason())
    }

    /// The expression for a term as people read it: a scalar below a JSON column is shown as a text.
    pub(super) fn shown(&self, term: &Term) -> Result<Value, String> {
        self.try_shown(term).map_err(|gap| gap.reason())
    }

    /// The same, keeping apart what has no column.
    pub(super) fn try_shown(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.try_term(term)?;
        let whole = matches!(
            value.holds,
            FieldType::Object | FieldType::ObjectList | FieldType::ScalarList
        );
        let below = matches!(term, Term::Field(_)) && self.lookup(term).is_none();
        Ok(if below && value.kind == Kind::Dynamic && !whole {
            value.as_text()
        } else {
            value
        })
    }

    /// The same as [`Scope::term`], keeping apart what has no column.
    pub(super) fn try_term(&self, term: &Term) -> Result<Value, Gap> {
        if let Some(value) = self.lookup(term) {
            return Ok(value.clone());
        }
        self.memo.value(term, || self.computed(term))
    }

    fn computed(&self, term: &Term) -> Result<Value, Gap> {
        let unreadable = |reason: String| Err(Gap::Unreadable(reason));
        match term {
            Term::Field(path) if self.rows => self.place.field(path),
            Term::Field(path) => unreadable(format!("`{path}` is not in the result any more")),
            Term::Item { depth, path } => self.item_value(*depth, path),
            Term::Literal(literal) => Ok(constant(literal)),
            Term::Call {
                function,
                arguments,
            } => self.call(*function, arguments),
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Select { .. } => {
                unreadable("a list made of a list's items takes `mv-apply`".to_owned())
            }
            Term::Aggregate { .. } => {
                unreadable(format!("`{term}` takes a threshold to be counted over"))
            }
        }
    }

    /// The scope inside of a stage that goes through the list; with the column of the items' positions where an item is both.
    pub(super) fn with_item(&self, name: &str, index: Option<&str>, list: &Term) -> Self {
        let list = numbered(list).unwrap_or(list);
        let field = match list {
            Term::Field(path) => Some(path.join(Segment::Each)),
            Term::Item { depth, path } => self.field_of_item(*depth, path),
            walk => self.place.item_of_walk(walk),
        };
        let mut inner = self.clone();
        inner.memo = Rc::default();
        inner.items.push(ItemColumn {
            name: name.to_owned(),
            index: index.map(str::to_owned),
            field,
            is_text: matches!(
                list,
                Term::Call {
                    function: Function::Keys | Function::Characters | Function::Split,
                    ..
                }
            ),
        });
        inner
    }

    /// The name that a pass over the list gives its items, if there was one and this is not within it.
    pub(super) fn item_name(&self, list: &str) -> Option<&str> {
        let mut passes = self.passes.iter();
        let (_, name) = passes.find(|(known, _)| known == list)?;
        let is_within = self.items.iter().any(|item| item.name == *name);
        (!is_within).then_some(name.as_str())
    }

    /// Notes the name that a pass over the list gives its items.
    pub(super) fn names_items(&mut self, list: &str, name: &str) {
        self.passes.push((list.to_owned(), name.to_owned()));
    }

    /// From here on, the question is answered by this expression.
    pub(super) fn answered(&mut self, question: Condition, answer: Fragment) {
        self.memo = Rc::default();
        self.answers.push((question, answer));
    }

    /// Says whether what is asked chooses what is shown.
    pub(super) fn set_lenient(&mut self, lenient: bool) {
        if self.lenient != lenient {
            self.lenient = lenient;
            self.memo = Rc::default();
        }
    }

    /// From here on, the column of the term or the question is known not to be always the rule's value.
    pub(super) fn lose(&mut self, what: Lost, reason: String) {
        self.lost.push((what, reason));
    }

    /// Why a column is not always the rule's value; nothing where it is.
    pub(super) fn lost(&self, what: &Lost) -> Option<String> {
        let mut lost = self.lost.iter().rev();
        lost.find(|(known, _)| known == what)
            .map(|(_, reason)| reason.clone())
    }

    /// The answer to a question about a list's items, if there is one.
    pub(super) fn answer_to(&self, list: &Term, body: &Condition) -> Option<&Fragment> {
        let is_same = |asked: &Condition| match asked {
            Condition::Items {
                list: known,
                body: asked,
                ..
            } => **known == *list && **asked == *body,
            _ => false,
        };
        let mut answers = self.answers.iter();
        answers
            .find(|(asked, _)| is_same(asked))
            .map(|(_, answer)| answer)
    }

    /// Whether the question about a list's items has an answer.
    pub(super) fn answers(&self, asked: &Condition) -> bool {
        self.answers.iter().any(|(known, _)| known == asked)
    }

    fn item_column(&self, depth: usize) -> Option<&ItemColumn> {
        self.items.get(self.items.len().checked_sub(depth + 1)?)
    }

    fn field_of_item(&self, depth: usize, path: &FieldPath) -> Option<FieldPath> {
        let column = self.item_column(depth)?;
        let mut field = column.field.clone()?;
        let path = match column.index {
            Some(_) => &behind_position(path)?,
            None => path,
        };
        for segment in &*path.segments {
            field = field.join(segment.clone());
        }
        Some(field)
    }

    /// An item of a list, or what lies below it.
    fn item_value(&self, depth: usize, path: &FieldPath) -> Result<Value, Gap> {
        let Some(column) = self.item_column(depth) else {
            let reason = "items of a list take `mv-apply`".to_owned();
            return Err(Gap::Unreadable(reason));
        };
        let field = self.field_of_item(depth, path);
        let path = match &column.index {
            Some(index) if path.segments.as_slice() == [Segment::Index(0)] => {
                let position = Value::atom(quote::name(index), Kind::Whole);
                return Ok(Value {
                    holds: FieldType::Integer,
                    ..position
                });
            }
            Some(_) => &behind_position(path).ok_or_else(|| {
                let reason = "an item with its position is not asked about as a whole";
                Gap::Unreadable(reason.to_owned())
            })?,
            None => path,
        };
        // The vendor's spelling of a key, which KQL tells from others.
        let known = field.as_ref().map(|field| self.place.canonical(field));
        let steps = known
            .as_ref()
            .filter(|known| {
                field
                    .as_ref()
                    .is_some_and(|field| field.segments.len() == known.segments.len())
            })
            .map_or(&path.segments[..], |known| {
                &known.segments[known.segments.len() - path.segments.len()..]
            });
        let below = members(path, steps)?;
        let name = Fragment::atom(quote::name(&column.name));
        let item = Fragment::form("{}{}", &[&name, &Fragment::atom(below)]);
        let is_text = column.is_text && path.segments.is_empty();
        let otherwise = if is_text {
            FieldType::Text
        } else {
            FieldType::Any
        };
        Ok(Value {
            holds: field.map_or(otherwise, |field| self.place.kind(&field)),
            ..Value::of(item, Kind::Dynamic).blank(Some(Blank::null()))
        })
    }

    fn choice(&self, cases: &[Case], otherwise: &Term) -> Result<Value, Gap> {
        if let Some(value) = filled::made(cases, otherwise).and_then(|made| self.lookup(made)) {
            return Ok(value.clone());
        }
        let mut kept = Vec::new();
        let mut last = otherwise;
        let mut facts = Facts::default();
        for case in cases {
            let when = self.settled(&case.when)?;
            let decided = match when.as_constant() {
                Some(true) => Decided::Holds,
                Some(false) => Decided::Fails,
                None => facts.decide(&self.condition(&case.when, &when)?),
            };
            match decided {
                Decided::Holds => {
                    last = &case.then;
                    break;
                }
                Decided::Fails => {}
                Decided::Open(when) => {
                    facts.learn(&when, false);
                    kept.push((when, &case.then));
                }
            }
        }
        if kept.is_empty() {
            return self.try_term(last);
        }
        let mut values = vec![self.try_term(last)?];
        for (_, then) in &kept {
            values.push(self.try_term(then)?);
        }
        let is_null = |value: &Value| value.is_text("dynamic(null)");
        let kinds = || {
            values
                .iter()
                .filter(|value| !is_null(value))
                .map(|value| value.kind)
        };
        let same = kinds().zip(kinds().skip(1)).all(|(one, next)| one == next);
        let text = !same || kinds().next() == Some(Kind::Text);
        let shown = |value: &Value| match (text, is_null(value)) {
            (true, true) => Value::atom("\"\"", Kind::Text),
            (true, false) => value.as_text(),
            (false, _) => value.clone(),
        };
        let values: Vec<Value> = values.iter().map(shown).collect();
        if text && let Some(first) = filled::first(&kept, &values) {
            return Ok(first);
        }
        let parts = kept.iter().zip(&values[1..]);
        let parts = parts.map(|((when, _), value)| [when.clone(), value.fragment.clone()]);
        let call = cases_of(parts.collect(), values[0].fragment.clone());
        let kind = values.last().map_or(Kind::Text, |value| value.kind);
        let mut value = Value::of(call, kind);
        // The cases' conditions and values have blanks of their own.
        value.reshaped = true;
        Ok(value.blank(Some(Blank::text())))
    }

    /// The condition of a case, with the answers that the types and the table give.
    pub(super) fn settled(&self, when: &Condition) -> Result<Condition, Gap> {
        let asked = guards::without_staged(when);
        let assumed = self.place.assume(&self.place.answered(&asked));
        let assumed = guards::as_written(assumed);
        let settled = settle(&self.strict(), &prepared(&assumed), &mut Report::refusals());
        settled.ok_or_else(|| no_form(when))
    }

    /// The same for what chooses a value: what the selection may be wider by, a value may not be chosen by.
    pub(super) fn strict(&self) -> Cow<'_, Self> {
        if self.place.approximate == Approximate::default() {
            return Cow::Borrowed(self);
        }
        let mut strict = self.clone();
        strict.place.approximate = Approximate::default();
        Cow::Owned(strict)
    }

    /// Such a condition. It has to be exact up to what a table cannot tell apart.
    fn condition(&self, when: &Condition, settled: &Condition) -> Result<Fragment, Gap> {
        let mut report = Report::refusals();
        let printed = print(&Kusto { scope: self }, settled, &mut report);
        printed
            .filter(|_| report.condition() < Fidelity::Unsupported)
            .ok_or_else(|| {
                let mut refused = report.constructs.iter();
                let refused = refused.find(|one| one.fidelity == Fidelity::Unsupported);
                refused.map_or_else(|| no_form(when), |one| Gap::Unreadable(one.reason.clone()))
            })
    }
}

/// The list whose items are numbered.
pub(super) fn numbered(list: &Term) -> Option<&Term> {
    match list {
        Term::Call {
            function: Function::Numbered,
            arguments,
        } => arguments.first(),
        _ => None,
    }
}

/// What lies below an item, of a path below its position and it.
fn behind_position(path: &FieldPath) -> Option<FieldPath> {
    match path.segments.split_first() {
        Some((Segment::Index(1), rest)) => Some(FieldPath {
            segments: rest.to_vec().into(),
        }),
        _ => None,
    }
}

fn no_form(when: &Condition) -> Gap {
    Gap::Unreadable(format!("the condition `{when}` has no form here"))
}

fn constant(literal: &Literal) -> Value {
    let kind = match literal {
        Literal::Text(_) => Kind::Text,
        Literal::Boolean(_) => Kind::Bool,
        Literal::Integer(_) => Kind::Whole,
        Literal::Float(_) => Kind::Real,
        Literal::Null | Literal::List(_) | Literal::Object(_) => Kind::Dynamic,
    };
    Value::atom(quote::literal(literal), kind)
}
