//! Keys of the event's objects that are computed, or no texts.
//!
//! Invariant: a key that Python cannot hash raises, and so does one that is no text where the object's keys are read in any
//! case (unless the object is empty); any other key that is no text is not there.

use super::exception::Exception;
use super::predicate::member_of;
use super::value::{Data, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// The value of a key of an object, missing where there is none; nothing for a constant key that can be in no object. Where
    /// the object is none, nothing raises.
    pub(super) fn member_at(
        &mut self,
        object: &Data,
        key: &Value<'m>,
    ) -> Outcome<Option<Value<'m>>> {
        let term = match key {
            Value::Constant(Literal::Text(key)) => member_of(&object.term, object.plain, key),
            Value::Data(key) => self.computed_member(object, key)?,
            Value::Constant(_) | Value::Truth(_) => {
                if !object.plain {
                    let filled = self.is_filled_object(object);
                    self.raise_if(filled, Exception::ATTRIBUTE)?;
                }
                return Ok(None);
            }
            other => {
                return self.refuse(format!(
                    "{} as a key of event data cannot be expressed",
                    other.type_name()
                ));
            }
        };
        Ok(Some(Value::Data(Data {
            term,
            kind: None,
            plain: object.plain,
        })))
    }

    fn computed_member(&mut self, object: &Data, key: &Data) -> Outcome<Term> {
        let is_object = self.is_kind(object, &[Kind::Object]);
        let container = self.is_kind(key, &[Kind::List, Kind::Object]);
        self.raise_if(is_object.and(container), Exception::TYPE)?;
        if !object.plain {
            let text = self.is_kind(key, &[Kind::Text]);
            let filled = self.is_filled_object(object);
            self.raise_if(filled.and(text.negate()), Exception::ATTRIBUTE)?;
        }
        let function = if object.plain {
            Function::MemberExact
        } else {
            Function::Member
        };
        Ok(Term::call(
            function,
            [object.term.clone(), key.term.clone()],
        ))
    }

    fn is_filled_object(&self, object: &Data) -> Condition {
        let filled = self.implied(object.term.clone(), Operator::IsTruthy, Object::None);
        self.is_kind(object, &[Kind::Object]).and(filled)
    }

    /// Whether the key is in an object.
    pub(super) fn has_key_of(&mut self, object: &Data, key: &Value<'m>) -> Outcome<Condition> {
        match self.member_at(object, key)? {
            Some(Value::Data(member)) => Ok(self.test(member.term, Operator::Exists, Object::None)),
            _ => Ok(Condition::FALSE),
        }
    }
}
