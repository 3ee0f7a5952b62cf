//! What is done with lists whose items depend on the event: an item, a part, a count, the sum, the least, an order.

use super::argument::Arguments;
use super::exception::Exception;
use super::item::some;
use super::parts::{Raises, any_there, each, known, one};
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
                    let pick = Pick {
                        list: &each.list,
                        item: each.item,
                        when: &single.when,
                        at,
                    };
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
            ("sorted", None) if only(&["reverse"]) => {
                self.sorted(&parts, arguments.keyword("reverse").as_ref())
            }
            ("min" | "max", None) if only(&["default"]) => {
                let function = if name == "min" {
                    Function::Least
                } else {
                    Function::Greatest
                };
                self.extreme(function, &parts, arguments.keyword("default"))
            }
            _ => self.refuse(format!("`{name}()` with these arguments is not read")),
        }
    }

    fn sorted(&mut self, parts: &Parts<'m>, reverse: Option<&Value<'m>>) -> Outcome<Value<'m>> {
        self.ordered_items(parts)?;
        let term = self.term_of_parts(parts)?;
        let (kind, plain) = self.element_of(parts)?;
        let term = match reverse {
            None | Some(Value::Constant(Literal::Boolean(false))) => {
                Term::call(Function::Sort, [term])
            }
            Some(Value::Constant(Literal::Boolean(true))) => {
                // Equal items stay in their order.
                let backwards = Term::call(Function::Reverse, [term]);
                let sorted = Term::call(Function::Sort, [backwards]);
                Term::call(Function::Reverse, [sorted])
            }
            Some(_) => return self.refuse("`sorted()` requires a known `reverse`"),
        };
        let part = self.each_of(term, kind, plain);
        Ok(self.listed(SequenceKind::List, vec![part]))
    }

    fn term_of_parts(&mut self, parts: &Parts<'m>) -> Outcome<Term> {
        match list_term(SequenceKind::List, parts) {
            Some(term) => Ok(term),
            None => self.refuse("the items of this list cannot be expressed"),
        }
    }

    fn extreme(
        &mut self,
        function: Function,
        parts: &Parts<'m>,
        default: Option<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.ordered_items(parts)?;
        let there = any_there(parts);
        let term = Term::call(function, [self.term_of_parts(parts)?]);
        let (kind, plain) = self.element_of(parts)?;
        let found = Value::Data(Data { term, kind, plain });
        self.either(
            there,
            |_| Ok(found),
            |this| match default {
                Some(default) => Ok(default),
                None => this.raise(Exception::VALUE),
            },
        )
    }

    /// Raises where the items cannot be ordered against each other.
    fn ordered_items(&mut self, parts: &Parts<'m>) -> Outcome<()> {
        let (kind, plain) = self.element_of(parts)?;
        let empty = any_there(parts).as_constant() == Some(false);
        if empty || matches!(kind, Some(Kind::Text | Kind::Integer | Kind::Boolean)) {
            return Ok(());
        }
        if plain && kind != Some(Kind::Number) {
            return self.refuse("items of this kind cannot be ordered");
        }
        let term = Term::call(Function::Sort, [self.term_of_parts(parts)?]);
        let ordered = self.implied(term, Operator::Exists, Object::None);
        self.raise_if(ordered.negate(), Exception::TYPE)
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
        Ok(self.pairs_of(list, item, pair))
    }

    fn pairs_of(
        &mut self,
        list: Term,
        item: super::item::ItemId,
        pair: Vec<Value<'m>>,
    ) -> Value<'m> {
        let pair = self.sequence(SequenceKind::Tuple, pair);
        let part = each(Each {
            list,
            item,
            parts: vec![one(Condition::TRUE, pair)],
            raises: Raises::new(),
        });
        self.listed(SequenceKind::List, vec![part])
    }

    /// `zip(a, b)`.
    pub(super) fn zipped(&mut self, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        let (a, b) = (self.iterable(a)?, self.iterable(b)?);
        self.each_two(a, b, &mut |this, a, b| {
            let (a, b) = (this.parts(a)?, this.parts(b)?);
            this.settle(&a)?;
            this.settle(&b)?;
            if let (Some(a), Some(b)) = (known(&a), known(&b)) {
                let mut pairs = Vec::new();
                for (a, b) in a.into_iter().zip(b) {
                    pairs.push(this.sequence(SequenceKind::Tuple, vec![a, b]));
                }
                return Ok(this.sequence(SequenceKind::List, pairs));
            }
            let lists = [this.term_of_parts(&a)?, this.term_of_parts(&b)?];
            let item = this.item();
            let mut pair = Vec::new();
            for (at, parts) in [(0, &a), (1, &b)] {
                let (kind, plain) = this.element_of(parts)?;
                pair.push(Value::Data(Data {
                    term: item_at(&item.term(), at),
                    kind,
                    plain,
                }));
            }
            Ok(this.pairs_of(Term::call(Function::Pairs, lists), item, pair))
        })
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
