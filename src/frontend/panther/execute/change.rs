//! Changes of lists, sets and dictionaries: methods, items that are set or deleted, operators that work in place.
//!
//! A change gives the object's new content, which is written into its cell, and the value of the expression. Refuses changes
//! of event data, and of what is not known well enough (the order of a set, the position of an item).

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::exception::Exception;
use super::state::Cell;
use super::value::{Comprehension, Growth, Mapping, Sequence, SequenceKind, Slot, Value};
use super::{Executor, Outcome};
use crate::ir::Condition;

/// Methods that change what they are called on.
pub(super) const CHANGES: &[&str] = &[
    "add",
    "append",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "insert",
    "intersection_update",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

/// Whether calling the method on the value changes it.
pub(super) fn is_changed_by(receiver: &Value<'_>, method: &str) -> bool {
    let container =
        |value: &Value<'_>| identity_of(value).is_some() || matches!(value, Value::Carried(_));
    CHANGES.contains(&method)
        && match receiver {
            Value::Choice(choice) => {
                container(&choice.otherwise)
                    || choice.cases.iter().any(|(_, value)| container(value))
            }
            other => container(other),
        }
}

/// Which object a container is.
pub(super) fn identity_of(value: &Value<'_>) -> Option<u32> {
    match value {
        Value::Sequence(sequence) => Some(sequence.identity),
        Value::Mapping(mapping) => Some(mapping.identity),
        Value::Comprehension(list) | Value::Entries(list) => Some(list.identity),
        _ => None,
    }
}

/// The one object that all of the values are.
pub(super) fn one_object(value: &Value<'_>) -> Option<u32> {
    let Value::Choice(choice) = value else {
        return identity_of(value);
    };
    let first = identity_of(&choice.otherwise)?;
    let same = |(_, value): &(Condition, Value<'_>)| identity_of(value) == Some(first);
    choice.cases.iter().all(same).then_some(first)
}

/// What a change makes: the new content, and the value of the expression.
pub(super) type Changed<'m> = (Value<'m>, Value<'m>);

impl<'m> Executor<'m> {
    /// Calls a method that changes its receiver.
    pub(super) fn change(
        &mut self,
        receiver: Value<'m>,
        method: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        if let (Value::Carried(growth), [argument]) = (&receiver, arguments.positional.as_slice())
            && arguments.keywords.is_empty()
        {
            let after = self.grow_by_method(growth, method, argument.clone())?;
            self.regrow(growth, after)?;
            return Ok(Value::NONE);
        }
        self.change_with(receiver, &mut |this, content| {
            this.changed(content, method, arguments.clone())
        })
    }

    /// Binds what a round of a loop over event data has made of a name that it adds to.
    fn regrow(&mut self, growth: &Growth<'m>, after: Value<'m>) -> Outcome<()> {
        match growth.slot {
            Slot::Cell(cell) => self.write(cell, after, growth.before.clone()),
            Slot::Name(name, frame)
                if self.frame.number == frame
                    && self.frame.guards.len() <= self.frame.statement =>
            {
                self.frame.names.insert(name, after);
                Ok(())
            }
            Slot::Name(..) => {
                self.refuse("this change in a loop over event data cannot be expressed")
            }
        }
    }

    /// `container[key] = value`.
    pub(super) fn set_item(
        &mut self,
        container: Value<'m>,
        key: &Value<'m>,
        value: &Value<'m>,
    ) -> Outcome<()> {
        if let Value::Carried(growth) = &container {
            let after = self.grow_by_key(growth, key.clone(), value.clone())?;
            return self.regrow(growth, after);
        }
        self.change_with(container, &mut |this, content| {
            let content = this.with_item(content, key.clone(), value.clone())?;
            Ok((content, Value::NONE))
        })?;
        Ok(())
    }

    /// `del container[key]`.
    pub(super) fn delete_item(&mut self, container: Value<'m>, key: &Value<'m>) -> Outcome<()> {
        self.change_with(container, &mut |this, content| match &content {
            Value::Mapping(_) => this.without(content, key.clone(), None),
            Value::Sequence(sequence) if sequence.kind == SequenceKind::List => {
                this.popped(sequence, key)
            }
            other => this.refuse(format!(
                "an item of {} cannot be deleted",
                other.type_name()
            )),
        })?;
        Ok(())
    }

    /// Changes an object, or one of several: writes what the change makes of its content.
    fn change_with(
        &mut self,
        container: Value<'m>,
        change: &mut dyn FnMut(&mut Self, Value<'m>) -> Outcome<Changed<'m>>,
    ) -> Outcome<Value<'m>> {
        if let Some(identity) = one_object(&container)
            && matches!(container, Value::Choice(_))
            && !self.many.contains(&identity)
        {
            let mut contents: Vec<(Condition, Value<'m>)> = Vec::new();
            let results = self.each(container.clone(), &mut |this, content| {
                let path = this
                    .frame
                    .guards
                    .last()
                    .map(|guard| guard.condition.clone());
                let (content, result) = change(this, content)?;
                contents.push((path.unwrap_or(Condition::TRUE), content));
                Ok(result)
            })?;
            if let Some((_, last)) = contents.pop() {
                let content = Value::choose(contents, last);
                self.write(Cell::Object(identity), content, container)?;
            }
            return Ok(results);
        }
        self.each(container, &mut |this, content| {
            let Some(identity) = identity_of(&content) else {
                return this.unchangeable(&content);
            };
            if identity == 0 {
                return this.refuse("this change in a loop over event data cannot be expressed");
            }
            if this.many.contains(&identity) {
                return this.refuse("what was made of each item of event data cannot be changed");
            }
            let before = content.clone();
            let (content, result) = change(this, content)?;
            this.write(Cell::Object(identity), content, before)?;
            Ok(result)
        })
    }

    fn unchangeable(&mut self, value: &Value<'m>) -> Outcome<Value<'m>> {
        match value {
            Value::Constant(_) | Value::Truth(_) => self.raise(Exception::TYPE),
            other => self.refuse(format!("{} cannot be changed", other.type_name())),
        }
    }

    fn changed(
        &mut self,
        content: Value<'m>,
        method: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Changed<'m>> {
        match (&content, method) {
            (Value::Mapping(_) | Value::Entries(_), _) => {
                self.changed_dictionary(content, method, arguments)
            }
            (
                Value::Sequence(_) | Value::Comprehension(_),
                "append" | "add" | "extend" | "update",
            ) => {
                let content = self.extended(content, method, &arguments)?;
                Ok((content, Value::NONE))
            }
            (Value::Sequence(sequence), _) => {
                let sequence = sequence.clone();
                self.changed_sequence(&sequence, method, arguments)
            }
            (other, _) => self.refuse(format!(
                "`.{method}()` of {} cannot be expressed",
                other.type_name()
            )),
        }
    }

    /// `name op= value` where that changes the object of the name; whether it does.
    pub(super) fn change_in_place(
        &mut self,
        op: ast::Operator,
        before: &Value<'m>,
        more: &Value<'m>,
    ) -> Outcome<bool> {
        let kind = match before {
            Value::Sequence(sequence) => Some(sequence.kind),
            Value::Comprehension(list) => Some(list.kind),
            _ => None,
        };
        let method = match (op, before, kind) {
            (_, Value::Carried(growth), _) => {
                let after = self.grow_by_operator(growth, op, more.clone(), true)?;
                self.regrow(growth, after)?;
                return Ok(true);
            }
            (ast::Operator::Add, _, Some(SequenceKind::List)) => "extend",
            (ast::Operator::BitOr, Value::Mapping(_) | Value::Entries(_), _)
            | (ast::Operator::BitOr, _, Some(SequenceKind::Set)) => "update",
            (ast::Operator::Sub | ast::Operator::BitAnd, _, Some(SequenceKind::Set)) => {
                return self.refuse("this change of a set cannot be expressed");
            }
            (_, Value::Choice(_), _) if one_object(before).is_some() => {
                return self.refuse("this change of one of several values cannot be expressed");
            }
            _ => return Ok(false),
        };
        let arguments = Arguments::positional(vec![more.clone()]);
        self.change(before.clone(), method, arguments)?;
        Ok(true)
    }
}

/// The content as that of the object that another content is of.
pub(super) fn same_object<'m>(content: Value<'m>, object: &Value<'m>) -> Value<'m> {
    let Some(identity) = identity_of(object) else {
        return content;
    };
    match content {
        Value::Sequence(sequence) => Value::Sequence(Sequence {
            identity,
            ..sequence
        }),
        Value::Mapping(mapping) => Value::Mapping(Mapping {
            identity,
            ..mapping
        }),
        Value::Comprehension(list) => Value::Comprehension(Comprehension { identity, ..list }),
        Value::Entries(list) => Value::Entries(Comprehension { identity, ..list }),
        other => other,
    }
}
