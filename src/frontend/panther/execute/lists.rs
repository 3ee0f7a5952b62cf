//! What is done with lists whose items depend on the event: an item, a part, a count, the sum, the least, an order.

use super::argument::Arguments;
use super::exception::Exception;
use super::item::some;
use super::parts::{any_there, known, one};
use super::pick::Pick;
use super::predicate::item as item_at;
use super::remap::Remap;
use super::term::list_term;
use super::value::{Comprehension, Data, Each, Items, Part, Parts, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// `list[index]`.
    pub(super) fn index_list(
        &mut self,
        list: &Comprehension<'m>,
        index: &Value<'m>,
    ) -> Outcome<Value<'m>> {
        if list.kind == SequenceKind::Set {
            return self.raise(Exception::TYPE);
        }
        if let Value::Data(at) = index {
            return self.comprehension_item(list, at);
        }
        let Some(at) = index.as_integer() else {
            return self.refuse("the position in a list must be known");
        };
        self.settle(&list.parts)?;
        if at == 0 || at == -1 {
            let there = any_there(&list.parts);
            self.raise_if(there.negate(), Exception::INDEX)?;
            if let Some(value) = self.outermost(&list.parts, at)? {
                return Ok(value);
            }
        }
        let Some(term) = list_term(list.kind, &list.parts) else {
            return self.refuse("the items of this list cannot be expressed");
        };
        let term = item_at(&term, at);
        let there = self.implied(term.clone(), Operator::Exists, Object::None);
        self.raise_if(there.negate(), Exception::INDEX)?;
        let (kind, plain) = self.element_of(&list.parts)?;
        Ok(Value::Data(Data { term, kind, plain }))
    }

    /// The first (0) or the last (-1) item of a list that is not empty; nothing where it has no value of its own.
    fn outermost(&mut self, parts: &Parts<'m>, at: i64) -> Outcome<Option<Value<'m>>> {
        let ordered: Vec<_> = if at == 0 {
            parts.iter().collect()
        } else {
            parts.iter().rev().collect()
        };
        let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
        for part in ordered {
            let (when, value) = match &part.items {
                Items::One(value) => (Condition::TRUE, value.clone()),
                Items::Each(each) => {
                    let [single] = each.parts.as_slice() else {
                        return Ok(None);
                    };
                    let Items::One(value) = &single.items else {
                        return Ok(None);
                    };
                    let pick = Pick::new(&each.list, each.item, &single.when, at);
                    let there = some(&each.list, each.item, single.when.clone());
                    (there, pick.value(value))
                }
            };
            cases.push((part.when.clone().and(when), value));
        }
        self.spend(cases.iter().map(|(when, _)| logic::size(when)).sum())?;
        Ok(cases.pop().map(|(_, last)| Value::choose(cases, last)))
    }

    /// The item at a position that is surely there.
    pub(super) fn item_there(&mut self, list: &Value<'m>, at: i64) -> Outcome<Value<'m>> {
        match list {
            Value::Comprehension(list) => {
                if at == 0
                    && let Some(value) = self.outermost(&list.parts, 0)?
                {
                    return Ok(value);
                }
                let Some(term) = list_term(list.kind, &list.parts) else {
                    return self.refuse("the items of this list cannot be expressed");
                };
                let (kind, plain) = self.element_of(&list.parts)?;
                let term = item_at(&term, at);
                Ok(Value::Data(Data { term, kind, plain }))
            }
            Value::Data(data) => Ok(Value::Data(Data {
                term: item_at(&data.term, at),
                kind: None,
                plain: data.plain,
            })),
            other => self.index(other.clone(), Value::Constant(Literal::Integer(at))),
        }
    }

    /// `list[lower:upper]` of a list that depends on the event.
    pub(super) fn slice_list(
        &mut self,
        list: &Comprehension<'m>,
        lower: Option<i64>,
        upper: Option<i64>,
    ) -> Outcome<Value<'m>> {
        self.settle(&list.parts)?;
        let Some(term) = list_term(list.kind, &list.parts) else {
            return self.refuse("the items of this list cannot be expressed");
        };
        let (kind, plain) = self.element_of(&list.parts)?;
        let part = self.each_of(sliced(term, lower, upper), kind, plain);
        Ok(self.listed(list.kind, vec![part]))
    }

    /// `list[lower:upper]` of a list of the event: of the event's own, a tuple of Python's own values.
    pub(super) fn slice_data(
        &mut self,
        data: &Data,
        lower: Option<i64>,
        upper: Option<i64>,
    ) -> Value<'m> {
        let kind = if data.plain {
            SequenceKind::List
        } else {
            SequenceKind::Tuple
        };
        let part = self.each_of(sliced(data.term.clone(), lower, upper), None, true);
        self.listed(kind, vec![part])
    }

    /// A method of a list, tuple or set whose items depend on the event.
    pub(super) fn list_method(
        &mut self,
        list: &Comprehension<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "copy" => Ok(Value::Comprehension(Comprehension {
                identity: self.identity(),
                ..list.clone()
            })),
            "union" | "intersection" | "difference" | "issubset" | "issuperset" | "isdisjoint"
                if list.kind == SequenceKind::Set && arguments.only(1..=1) =>
            {
                self.set_method(&Value::Comprehension(list.clone()), name, arguments)
            }
            "count" if list.kind != SequenceKind::Set && arguments.only(1..=1) => {
                let wanted = arguments
                    .positional
                    .into_iter()
                    .next()
                    .unwrap_or(Value::NONE);
                let parts = self.mapped(&list.parts, false, &mut |this, item| {
                    let same = this.equal(&item, &wanted)?;
                    let number = Value::Constant(Literal::Integer(1));
                    Ok(vec![one(same, number)])
                })?;
                self.sum_of(&parts)
            }
            _ => self.refuse(format!("`.{name}()` of a list cannot be expressed")),
        }
    }

    /// Refuses or raises unless the value is a list of Python's own, which alone can be put together.
    pub(super) fn require_own_list(&mut self, value: &Value<'m>) -> Outcome<()> {
        self.each(value.clone(), &mut |this, value| match &value {
            Value::Sequence(list) if list.kind == SequenceKind::List => Ok(value),
            Value::Comprehension(list) if list.kind == SequenceKind::List => Ok(value),
            Value::Data(data) if data.plain => {
                let list = this.is_kind(data, &[Kind::List]);
                this.raise_if(list.negate(), Exception::TYPE)?;
                Ok(value)
            }
            Value::Data(_)
            | Value::Constant(_)
            | Value::Truth(_)
            | Value::Sequence(_)
            | Value::Comprehension(_)
            | Value::Mapping(_) => this.raise(Exception::TYPE),
            other => this.refuse(format!("{} cannot be added", other.type_name())),
        })?;
        Ok(())
    }

    /// `sorted`, `reversed`, `enumerate`, `zip`, `sum`, `min` and `max` over items that depend on the event.
    pub(super) fn list_function(
        &mut self,
        name: &str,
        parts: Parts<'m>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        self.settle(&parts)?;
        let only = |names: &[&str]| {
            arguments
                .keywords
                .iter()
                .all(|(keyword, _)| names.contains(&keyword.as_str()))
        };
        let more = arguments.positional.get(1).cloned();
        match (name, more) {
            ("reversed", None) if only(&[]) => {
                let reversed = reversed(&parts);
                Ok(self.listed(SequenceKind::List, reversed))
            }
            ("enumerate", start) if only(&["start"]) => {
                let start = start.or(arguments.keyword("start"));
                let start = start.unwrap_or(Value::Constant(Literal::Integer(0)));
                self.numbered(&parts, start)
            }
            ("sum", None) if only(&[]) => {
                let numbers = self.mapped(&parts, false, &mut |this, item| {
                    let number = this.require_number(item)?;
                    Ok(vec![one(Condition::TRUE, number)])
                })?;
                self.sum_of(&numbers)
            }
            ("sorted", None) if only(&["key", "reverse"]) => self.sorting(name, &parts, arguments),
            ("min" | "max", None) if only(&["key", "default"]) => {
                self.sorting(name, &parts, arguments)
            }
            _ => self.refuse(format!("`{name}()` with these arguments is not read")),
        }
    }

    fn numbered(&mut self, parts: &Parts<'m>, start: Value<'m>) -> Outcome<Value<'m>> {
        let Some(start) = start.as_integer() else {
            return self.refuse("`enumerate()` requires a known start");
        };
        if let Some(items) = known(parts) {
            let mut pairs = Vec::new();
            for (at, item) in (start..).zip(items) {
                let pair = vec![Value::Constant(Literal::Integer(at)), item];
                pairs.push(self.sequence(SequenceKind::Tuple, pair));
            }
            return Ok(self.sequence(SequenceKind::List, pairs));
        }
        let (kind, plain) = self.element_of(parts)?;
        let list = Term::call(Function::Numbered, [self.term_of_parts(parts)?]);
        let item = self.item();
        let mut position = item_at(&item.term(), 0);
        if start != 0 {
            let start = Term::Literal(Literal::Integer(start));
            position = Term::call(Function::Add, [position, start]);
        }
        let value = Value::Data(Data {
            term: item_at(&item.term(), 1),
            kind,
            plain,
        });
        let pair = vec![Value::computed(position, Kind::Integer), value];
        Ok(self.tuples_of(list, item, pair))
    }
}

/// The items from the last to the first.
fn reversed<'m>(parts: &Parts<'m>) -> Parts<'m> {
    let part = |part: &std::rc::Rc<Part<'m>>| {
        let items = match &part.items {
            Items::One(value) => Items::One(value.clone()),
            Items::Each(each) => Items::Each(Each {
                list: Term::call(Function::Reverse, [each.list.clone()]),
                parts: reversed(&each.parts),
                ..each.clone()
            }),
        };
        let when = part.when.clone();
        std::rc::Rc::new(Part { when, items })
    };
    parts.iter().rev().map(part).collect()
}

/// The part of a list from one position to another.
pub(super) fn sliced(list: Term, lower: Option<i64>, upper: Option<i64>) -> Term {
    let bound = |at: Option<i64>| Term::Literal(at.map_or(Literal::Null, Literal::Integer));
    Term::call(Function::Slice, [list, bound(lower), bound(upper)])
}
