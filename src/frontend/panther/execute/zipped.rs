//! `zip` of lists, some of which depend on the event, and `range` whose end does.

use super::item::ItemId;
use super::parts::{Raises, each, known, one};
use super::predicate::item as item_at;
use super::value::{Data, Each, Parts, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

/// Numbers that a `range()` can have.
const NUMBERS: i64 = 10_000;

impl<'m> Executor<'m> {
    /// `zip(a, b, ...)`.
    pub(super) fn zipped(&mut self, lists: Vec<Value<'m>>) -> Outcome<Value<'m>> {
        let mut iterables = Vec::new();
        for list in lists {
            iterables.push(self.iterable(list)?);
        }
        self.zip_next(&iterables, Vec::new())
    }

    /// The lists whose case is chosen, and those that are left.
    fn zip_next(&mut self, rest: &[Value<'m>], chosen: Vec<Parts<'m>>) -> Outcome<Value<'m>> {
        let Some((first, rest)) = rest.split_first() else {
            return self.zip_parts(&chosen);
        };
        self.each(first.clone(), &mut |this, list| {
            let parts = this.parts(list)?;
            this.settle(&parts)?;
            let mut chosen = chosen.clone();
            chosen.push(parts);
            this.deeper(|this| this.zip_next(rest, chosen))
        })
    }

    fn zip_parts(&mut self, lists: &[Parts<'m>]) -> Outcome<Value<'m>> {
        let items: Option<Vec<Vec<Value<'m>>>> = lists.iter().map(known).collect();
        if let Some(lists) = items {
            let length = lists.iter().map(Vec::len).min().unwrap_or(0);
            let mut tuples = Vec::new();
            for at in 0..length {
                let tuple = lists.iter().map(|list| list[at].clone()).collect();
                tuples.push(self.sequence(SequenceKind::Tuple, tuple));
            }
            return Ok(self.sequence(SequenceKind::List, tuples));
        }
        let item = self.item();
        let mut term: Option<Term> = None;
        let mut places: Vec<Term> = Vec::new();
        for parts in lists {
            let list = self.term_of_parts(parts)?;
            term = Some(match term {
                None => list,
                Some(before) => Term::call(Function::Pairs, [before, list]),
            });
        }
        // Each list after the second pairs the pairs before it once more.
        let mut whole = item.term();
        for _ in 1..lists.len() {
            places.push(item_at(&whole, 1));
            whole = item_at(&whole, 0);
        }
        places.push(whole);
        places.reverse();
        let mut tuple = Vec::new();
        for (parts, term) in lists.iter().zip(places) {
            let (kind, plain) = self.element_of(parts)?;
            tuple.push(Value::Data(Data { term, kind, plain }));
        }
        match term {
            Some(list) => Ok(self.tuples_of(list, item, tuple)),
            None => Ok(self.sequence(SequenceKind::List, Vec::new())),
        }
    }

    /// The list of a tuple for every item of a list.
    pub(super) fn tuples_of(
        &mut self,
        list: Term,
        item: ItemId,
        tuple: Vec<Value<'m>>,
    ) -> Value<'m> {
        let tuple = self.sequence(SequenceKind::Tuple, tuple);
        let part = each(Each {
            list,
            item,
            parts: vec![one(Condition::TRUE, tuple)],
            raises: Raises::new(),
        });
        self.listed(SequenceKind::List, vec![part])
    }

    /// `range(from, to)`.
    pub(super) fn range(&mut self, bounds: &[Value<'m>]) -> Outcome<Value<'m>> {
        let known: Option<Vec<i64>> = bounds.iter().map(Value::as_integer).collect();
        let (from, to, step) = match (known.as_deref(), bounds) {
            (Some([to]), _) => (0, *to, 1),
            (Some([from, to]), _) => (*from, *to, 1),
            (Some([from, to, step]), _) => (*from, *to, *step),
            (None, [to]) => {
                return self.computed_range(&Value::Constant(Literal::Integer(0)), to);
            }
            (None, [from, to]) => return self.computed_range(from, to),
            _ => return self.refuse("`range()` requires known numbers"),
        };
        if step == 0 {
            return self.raise(super::Exception::VALUE);
        }
        let mut numbers = Vec::new();
        let mut at = from;
        while (step > 0 && at < to) || (step < 0 && at > to) {
            numbers.push(Value::Constant(Literal::Integer(at)));
            self.spend(1)?;
            if numbers.len() > 10_000 {
                return self.refuse("`range()` must be shorter than this");
            }
            at = at.saturating_add(step);
        }
        Ok(self.sequence(SequenceKind::List, numbers))
    }

    /// The numbers from one to another of which one is a value of the event; more than a few count as an exception.
    fn computed_range(&mut self, from: &Value<'m>, to: &Value<'m>) -> Outcome<Value<'m>> {
        self.each_two(from.clone(), to.clone(), &mut |this, from, to| {
            let mut terms = Vec::new();
            for bound in [from, to] {
                terms.push(match &bound {
                    Value::Data(data) => this.position_term(data)?,
                    other => match other.as_integer() {
                        Some(number) => Term::Literal(Literal::Integer(number)),
                        None => return this.raise(super::Exception::TYPE),
                    },
                });
            }
            let range = Term::call(Function::Range, terms);
            let few = this.implied(range.clone(), Operator::Exists, Object::None);
            this.remark(&format!(
                "a `range()` of more than {NUMBERS} numbers counts as an exception"
            ));
            this.raise_if(few.negate(), super::Exception::UNKNOWN)?;
            let part = this.each_of(range, Some(Kind::Integer), true);
            Ok(this.listed(SequenceKind::List, vec![part]))
        })
    }
}
