//! What iterating over a value goes through, and what is made of every item.
//!
//! Items are [`Part`]s: one known value, or what is made of each item of a list of the event, nested as loops are. A text of
//! the event is gone through by its characters and an object by its keys, each on the path where the value is one.
//!
//! Invariant: the order of the items is kept. What making an item raises is raised at once, or kept with the items where Python
//! makes them later.

use std::rc::Rc;

use super::exception::Exception;
use super::item::{ItemId, renamed, renamed_term, some};
use super::remap::Remap;
use super::value::{Comprehension, Data, Each, Items, Part, Parts, SequenceKind, Value};
use super::{Executor, Outcome, Stop, Way, character, logic};
use crate::diagnostic::Diagnostic;
use crate::ir::{Condition, FieldPath, Function, Kind, Literal, Term};

/// Exceptions and when they are raised, the first that holds winning.
pub(super) type Raises = Vec<(Condition, Exception)>;

/// An item about another number.
pub(super) struct Renaming(pub(super) ItemId, pub(super) ItemId);

impl Remap for Renaming {
    fn term(&self, term: Term) -> Term {
        renamed_term(term, self.0, self.1)
    }

    fn condition(&self, condition: Condition) -> Condition {
        renamed(condition, self.0, self.1)
    }
}

/// A known item.
pub(super) fn one(when: Condition, value: Value<'_>) -> Rc<Part<'_>> {
    let items = Items::One(value);
    Rc::new(Part { when, items })
}

/// What is made of each item of a list.
pub(super) fn each(each: Each<'_>) -> Rc<Part<'_>> {
    Rc::new(Part {
        when: Condition::TRUE,
        items: Items::Each(each),
    })
}

/// The items that are there where the condition holds as well.
pub(super) fn restricted<'m>(parts: Parts<'m>, when: &Condition) -> Parts<'m> {
    if when.as_constant() == Some(true) {
        return parts;
    }
    let part = parts.into_iter().map(|part| {
        Rc::new(Part {
            when: when.clone().and(part.when.clone()),
            items: part.items.clone(),
        })
    });
    part.collect()
}

/// Whether there is any item.
pub(super) fn any_there(parts: &Parts<'_>) -> Condition {
    logic::any(parts.iter().map(|part| {
        let there = match &part.items {
            Items::One(_) => Condition::TRUE,
            Items::Each(each) => some(&each.list, each.item, any_there(&each.parts)),
        };
        part.when.clone().and(there)
    }))
}

/// Why one of the items cannot be read, so that not even their number is known.
pub(super) fn problem<'p>(parts: &'p Parts<'_>) -> Option<&'p Diagnostic> {
    parts.iter().find_map(|part| match &part.items {
        Items::One(Value::Refused(problem)) => Some(problem.as_ref()),
        _ => None,
    })
}

/// The items, if all are known to be there.
pub(super) fn known<'m>(parts: &Parts<'m>) -> Option<Vec<Value<'m>>> {
    let known = |part: &Rc<Part<'m>>| match &part.items {
        Items::One(value) if part.when.as_constant() == Some(true) => Some(value.clone()),
        _ => None,
    };
    parts.iter().map(known).collect()
}

impl<'m> Executor<'m> {
    /// The value with each value of the event split into what it can be gone through as; raises where it cannot be.
    pub(super) fn iterable(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match value {
            Value::Data(data) => this.split(data),
            Value::Event => {
                let term = Term::Field(FieldPath::root());
                Ok(this.texts_of(Function::Keys, term))
            }
            other => Ok(other),
        })
    }

    fn split(&mut self, data: Data) -> Outcome<Value<'m>> {
        let list = Value::Data(Data {
            kind: Some(Kind::List),
            ..data.clone()
        });
        let term = data.term.clone();
        match data.kind {
            Some(Kind::List) => return Ok(list),
            Some(Kind::Text) => return Ok(self.texts_of(Function::Characters, term)),
            Some(Kind::Object) => return Ok(self.texts_of(Function::Keys, term)),
            Some(_) => return self.raise(Exception::TYPE),
            None => {}
        }
        let is = |this: &Self, kind| this.is_kind(&data, &[kind]);
        self.either(
            is(self, Kind::List),
            |_| Ok(list),
            |this| {
                this.either(
                    is(this, Kind::Text),
                    |this| Ok(this.texts_of(Function::Characters, term.clone())),
                    |this| {
                        let object = is(this, Kind::Object);
                        this.raise_if(object.negate(), Exception::TYPE)?;
                        Ok(this.texts_of(Function::Keys, term.clone()))
                    },
                )
            },
        )
    }

    /// The list of texts that the function gives.
    fn texts_of(&mut self, function: Function, term: Term) -> Value<'m> {
        let part = self.each_of(Term::call(function, [term]), Some(Kind::Text), true);
        self.listed(SequenceKind::List, vec![part])
    }

    /// The items of a list of the event, as they are.
    pub(super) fn each_of(&mut self, list: Term, kind: Option<Kind>, plain: bool) -> Rc<Part<'m>> {
        let item = self.item_of(&list);
        let value = Value::Data(Data {
            term: item.term(),
            kind,
            plain,
        });
        each(Each {
            list,
            item,
            parts: vec![one(Condition::TRUE, value)],
            raises: Raises::new(),
        })
    }

    /// A new list, tuple or set of these items.
    pub(super) fn listed(&mut self, kind: SequenceKind, parts: Parts<'m>) -> Value<'m> {
        if let Some(items) = known(&parts) {
            return self.sequence(kind, items);
        }
        Value::Comprehension(Comprehension {
            kind,
            parts,
            identity: self.identity(),
        })
    }

    /// The items of a value that is no choice and was made iterable; a set may have some more than once.
    pub(super) fn loose_parts(&mut self, value: Value<'m>) -> Outcome<Parts<'m>> {
        match value {
            Value::Data(Data {
                term:
                    term @ Term::Call {
                        function: Function::Entries,
                        ..
                    },
                plain,
                ..
            }) => Ok(vec![self.each_pair(term, SequenceKind::List, plain)]),
            Value::Data(data) => {
                let texts = matches!(
                    data.term,
                    Term::Call {
                        function: Function::Split | Function::Keys | Function::Characters,
                        ..
                    }
                );
                let kind = texts.then_some(Kind::Text);
                Ok(vec![self.each_of(data.term, kind, data.plain)])
            }
            Value::Comprehension(list) => Ok(list.parts),
            Value::Entries(entries) => self.keys_of(&entries),
            other => {
                let items = self.known_items(other)?;
                Ok(items
                    .into_iter()
                    .map(|item| one(Condition::TRUE, item))
                    .collect())
            }
        }
    }

    /// The items of a value that is no choice and was made iterable, each as often as Python goes through it.
    pub(super) fn parts(&mut self, value: Value<'m>) -> Outcome<Parts<'m>> {
        match &value {
            Value::Comprehension(list) if list.kind == SequenceKind::Set => {
                let list = list.clone();
                let part = self.flattened(&list)?;
                Ok(vec![part])
            }
            _ => self.loose_parts(value),
        }
    }

    /// The items of the list one after the other, as one list.
    pub(super) fn flattened(&mut self, list: &Comprehension<'m>) -> Outcome<Rc<Part<'m>>> {
        if let Some(part) = self.flattened_instances(list)? {
            return Ok(part);
        }
        let Some(term) = super::term::list_term(list.kind, &list.parts) else {
            if let Some(problem) = problem(&list.parts) {
                return Err(self.refused(problem));
            }
            return self.refuse("the items of this list cannot be expressed");
        };
        self.settle(&list.parts)?;
        // What is in a set is no list and no object, of whichever kind.
        let set = list.kind == SequenceKind::Set;
        let (kind, plain) = if set {
            (common_kind(&list.parts), true)
        } else {
            self.element_of(&list.parts)?
        };
        Ok(self.each_of(term, kind, plain))
    }

    /// The kind that all items have, and whether lists and objects among them are Python's own.
    pub(super) fn element_of(&mut self, parts: &Parts<'m>) -> Outcome<(Option<Kind>, bool)> {
        let kind = common_kind(parts);
        let mut leaves = Vec::new();
        collect(parts, &mut leaves);
        let own: Vec<bool> = leaves.iter().filter_map(|leaf| is_own(leaf)).collect();
        let mixed = own.contains(&true) && own.contains(&false);
        if mixed && self.purpose == super::Purpose::Verdict {
            return self.refuse("a list of both own and event values cannot be expressed here");
        }
        Ok((kind, own.first().copied().unwrap_or(true)))
    }

    /// What a list is made of, about an item of its own.
    pub(super) fn fresh(&mut self, each: &Each<'m>) -> Each<'m> {
        let item = self.item_of(&each.list);
        let renaming = Renaming(each.item, item);
        Each {
            list: each.list.clone(),
            item,
            parts: renaming.parts(&each.parts),
            raises: renaming.raises(&each.raises),
        }
    }

    /// Does something about any item of a list: what it gives, nothing where it always raises, and when it raises.
    pub(super) fn within<T>(
        &mut self,
        list: &Term,
        item: ItemId,
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<(Option<T>, Raises)> {
        let (start, root, here) = (self.frame.exits.len(), self.frame.root, self.here);
        let (state, newest) = (self.frame.names.state.clone(), self.newest());
        self.frame.root = self.frame.guards.len();
        let result = work(self);
        let after = std::mem::replace(&mut self.frame.names.state, state);
        if !super::state::differing(&self.frame.names.state, &after, newest).is_empty() {
            return self
                .refuse("what is done with the items of event data here must change nothing else");
        }
        (self.frame.root, self.here) = (root, here);
        let mut raises = Raises::new();
        for exit in self.frame.exits.split_off(start) {
            if let Way::Raise(exception) = exit.way {
                raises.push((character::folded(list, item, exit.when), exception));
            }
        }
        match result {
            Ok(value) => Ok((Some(value), raises)),
            Err(Stop::Dead) => Ok((None, raises)),
            Err(refused) => Err(refused),
        }
    }

    /// Makes items of items. Lazily, exceptions are kept with the items; else they are raised here.
    pub(super) fn mapped(
        &mut self,
        parts: &Parts<'m>,
        lazy: bool,
        make: &mut dyn FnMut(&mut Self, Value<'m>) -> Outcome<Parts<'m>>,
    ) -> Outcome<Parts<'m>> {
        let mut result = Parts::new();
        for part in parts {
            self.spend(1 + logic::size(&part.when))?;
            let when = part.when.clone();
            let items = match &part.items {
                Items::One(value) => {
                    let value = value.clone();
                    self.guarded(when.clone(), |this| make(this, value))
                }
                Items::Each(each) => self.guarded(when.clone(), |this| {
                    this.deeper(|this| this.mapped_each(each, lazy, make))
                }),
            };
            match items {
                Ok(parts) => result.extend(restricted(parts, &when)),
                Err(Stop::Dead) if when.as_constant().is_none() => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(result)
    }

    fn mapped_each(
        &mut self,
        part: &Each<'m>,
        lazy: bool,
        make: &mut dyn FnMut(&mut Self, Value<'m>) -> Outcome<Parts<'m>>,
    ) -> Outcome<Parts<'m>> {
        let part = self.fresh(part);
        let newest = self.newest();
        let (items, new) = self.within(&part.list, part.item, |this| {
            let parts = this.mapped(&part.parts, lazy, make)?;
            Ok(this.holding_parts(parts, newest))
        })?;
        let mut raises = part.raises;
        raises.extend(new);
        if !lazy {
            self.raise_any(&part.list, part.item, std::mem::take(&mut raises))?;
        }
        let items = items.unwrap_or_default();
        let items = character::folded_parts(&part.list, part.item, items);
        if items.is_empty() && raises.is_empty() {
            return Ok(Parts::new());
        }
        Ok(vec![each(Each {
            parts: items,
            raises,
            ..part
        })])
    }

    /// Raises the exceptions that making the items raises.
    pub(super) fn settle(&mut self, parts: &Parts<'m>) -> Outcome<()> {
        for part in parts {
            let Items::Each(each) = &part.items else {
                continue;
            };
            self.guarded(part.when.clone(), |this| {
                let (_, inner) =
                    this.within(&each.list, each.item, |this| this.settle(&each.parts))?;
                let raises = each.raises.iter().cloned().chain(inner).collect();
                this.raise_any(&each.list, each.item, raises)
            })?;
        }
        Ok(())
    }

    /// The length of a list made of event data.
    pub(super) fn length_of(&mut self, list: &Comprehension<'m>) -> Outcome<Value<'m>> {
        self.settle(&list.parts)?;
        let term = super::term::list_term(list.kind, &list.parts).or_else(|| match list.kind {
            // How many items a set has depends on what they are.
            SequenceKind::Set => None,
            SequenceKind::List | SequenceKind::Tuple => {
                let counted = super::held::projected(&list.parts, &|_| Value::NONE);
                super::term::list_term(list.kind, &counted)
            }
        });
        match term {
            Some(term) => Ok(Value::computed(
                Term::call(Function::Length, [term]),
                Kind::Integer,
            )),
            None => match problem(&list.parts) {
                Some(problem) => Err(self.refused(problem)),
                None => self.refuse("the items of this list cannot be expressed"),
            },
        }
    }
}

/// The kind that all items have.
fn common_kind(parts: &Parts<'_>) -> Option<Kind> {
    let mut leaves = Vec::new();
    collect(parts, &mut leaves);
    let mut kinds = leaves.into_iter().map(kind_of);
    let first = kinds.next().flatten()?;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

/// Every value that the items can be.
fn collect<'p, 'm>(parts: &'p Parts<'m>, leaves: &mut Vec<&'p Value<'m>>) {
    for part in parts {
        match &part.items {
            Items::One(Value::Choice(choice)) => {
                leaves.extend(choice.cases.iter().map(|(_, value)| value));
                leaves.push(&choice.otherwise);
            }
            Items::One(value) => leaves.push(value),
            Items::Each(each) => collect(&each.parts, leaves),
        }
    }
}

fn kind_of(value: &Value<'_>) -> Option<Kind> {
    match value {
        Value::Data(data) => data.kind,
        Value::Constant(Literal::Text(_)) => Some(Kind::Text),
        Value::Constant(Literal::Integer(_)) => Some(Kind::Integer),
        Value::Constant(Literal::Boolean(_)) | Value::Truth(_) => Some(Kind::Boolean),
        Value::Sequence(_) | Value::Comprehension(_) => Some(Kind::List),
        Value::Mapping(_) | Value::Entries(_) => Some(Kind::Object),
        _ => None,
    }
}

/// Whether a list or an object is Python's own; nothing for a value that can be neither.
fn is_own(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Data(data) => match data.kind {
            None | Some(Kind::List | Kind::Object) => Some(data.plain),
            Some(_) => None,
        },
        Value::Sequence(_) | Value::Comprehension(_) | Value::Mapping(_) | Value::Entries(_) => {
            Some(true)
        }
        _ => None,
    }
}
