//! Positions in lists and texts, and keys of objects, that depend on the event.
//!
//! Invariant: what Python raises for a position of another type, and where nothing is there, is raised here.

use super::exception::Exception;
use super::predicate::item as item_at;
use super::subscript::parts_of_text;
use super::term::{list_term, term_of};
use super::value::{Comprehension, Data, Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

/// Items of a known list that are chosen among by position.
const CASES: usize = 64;

impl<'m> Executor<'m> {
    /// The term of a position, raising where the value is no whole number. A truth value is 1 or 0.
    pub(super) fn position_term(&mut self, at: &Data) -> Outcome<Term> {
        if at.kind == Some(Kind::Integer) {
            return Ok(at.term.clone());
        }
        let whole = Object::Kinds(vec![Kind::Integer, Kind::Boolean]);
        let whole = self.implied(at.term.clone(), Operator::IsKind, whole);
        self.raise_if(whole.negate(), Exception::TYPE)?;
        let nothing = Term::Literal(Literal::Integer(0));
        Ok(Term::call(Function::Add, [at.term.clone(), nothing]))
    }

    /// An item of a list of known length: the one of as many cases.
    pub(super) fn sequence_item(
        &mut self,
        sequence: &Sequence<'m>,
        at: &Data,
    ) -> Outcome<Value<'m>> {
        if sequence.kind == SequenceKind::Set {
            return self.raise(Exception::TYPE);
        }
        let at = Value::computed(self.position_term(at)?, Kind::Integer);
        let length = sequence.items.len();
        if length > CASES {
            return self.refuse("the position in a list as long as this must be known");
        }
        let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
        let mut found = Condition::FALSE;
        for (number, item) in (0..).zip(sequence.items.iter()) {
            let from_end = number - i64::try_from(length).unwrap_or(0);
            let here = self.equal(&at, &Value::Constant(Literal::Integer(number)))?;
            let here = here.or(self.equal(&at, &Value::Constant(Literal::Integer(from_end)))?);
            found = found.or(here.clone());
            cases.push((here, item.clone()));
        }
        self.raise_if(found.negate(), Exception::INDEX)?;
        match cases.pop() {
            Some((_, last)) => Ok(Value::choose(cases, last)),
            None => self.raise(Exception::INDEX),
        }
    }

    /// An item of a list whose items depend on the event.
    pub(super) fn comprehension_item(
        &mut self,
        list: &Comprehension<'m>,
        at: &Data,
    ) -> Outcome<Value<'m>> {
        let at = self.position_term(at)?;
        self.settle(&list.parts)?;
        let Some(term) = list_term(list.kind, &list.parts) else {
            return self.refuse("the items of this list cannot be expressed");
        };
        let (kind, plain) = self.element_of(&list.parts)?;
        self.item_of_term(term, at, kind, plain)
    }

    /// An item of a list, a character of a text, or the value of a key of an object.
    pub(super) fn index_by_data(&mut self, data: &Data, at: &Data) -> Outcome<Value<'m>> {
        let is = |this: &mut Self, kind| this.known(this.is_kind(data, &[kind]));
        let (list, text, object) = (
            is(self, Kind::List),
            is(self, Kind::Text),
            is(self, Kind::Object),
        );
        let (of_list, of_text, of_object) = (data.clone(), data.clone(), data.clone());
        self.either(
            list,
            |this| {
                let position = this.position_term(at)?;
                // Every part of a text is a text.
                let kind = parts_of_text(&of_list.term).map(|_| Kind::Text);
                this.item_of_term(of_list.term, position, kind, of_list.plain)
            },
            |this| {
                this.either(
                    object,
                    |this| this.value_of_computed_key(of_object, at),
                    |this| {
                        this.raise_if(text.negate(), Exception::TYPE)?;
                        let characters = Term::call(Function::Characters, [of_text.term]);
                        let position = this.position_term(at)?;
                        this.item_of_term(characters, position, Some(Kind::Text), true)
                    },
                )
            },
        )
    }

    /// A character of a known text.
    pub(super) fn character_at(&mut self, text: &str, at: &Data) -> Outcome<Value<'m>> {
        let position = self.position_term(at)?;
        let characters = Term::call(Function::Characters, [Term::text(text)]);
        self.item_of_term(characters, position, Some(Kind::Text), true)
    }

    fn value_of_computed_key(&mut self, object: Data, key: &Data) -> Outcome<Value<'m>> {
        let object = Data {
            kind: Some(Kind::Object),
            ..object
        };
        let Some(value) = self.member_at(&object, &Value::Data(key.clone()))? else {
            return self.raise(Exception::KEY);
        };
        if let Some(term) = term_of(&value) {
            let there = self.implied(term, Operator::Exists, Object::None);
            self.raise_if(there.negate(), Exception::KEY)?;
        }
        Ok(value)
    }

    fn item_of_term(
        &mut self,
        list: Term,
        at: Term,
        kind: Option<Kind>,
        plain: bool,
    ) -> Outcome<Value<'m>> {
        let term = match at {
            Term::Literal(Literal::Integer(at)) => item_at(&list, at),
            at => Term::call(Function::Item, [list, at]),
        };
        let there = self.implied(term.clone(), Operator::Exists, Object::None);
        self.raise_if(there.negate(), Exception::INDEX)?;
        Ok(Value::Data(Data { term, kind, plain }))
    }
}
