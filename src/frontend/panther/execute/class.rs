//! The author's own classes, their instances, and the exceptions among them.
//!
//! A class is its body's names and its base; an instance is an identity whose attributes are cells of the
//! [`state`](super::state), so that what a method assigns is seen wherever the instance is. Methods are called with the
//! instance as their first argument, `super()` looks further up. Refuses several bases, bases that are not the author's (the
//! language's exceptions and `object` excepted), class decorators, metaclasses and the methods by which a class takes part in
//! the language's own operators.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::exception::Exception;
use super::shared_map::SharedMap;
use super::state::Cell;
use super::value::{Callable, Choice, Names, Value};
use super::{Executor, Frame, ModuleId, Outcome, Stop};

/// Bases that change nothing about an instance.
const PLAIN: &[&str] = &["object", "abc.ABC"];
/// Methods by which a class changes what the language does with its instances.
const SPECIAL: &[&str] = &[
    "__bool__",
    "__class_getitem__",
    "__contains__",
    "__delattr__",
    "__eq__",
    "__getattribute__",
    "__getitem__",
    "__init_subclass__",
    "__iter__",
    "__len__",
    "__new__",
    "__set_name__",
    "__setattr__",
    "__slots__",
];
/// Classes within one another's bases.
const DEPTH: usize = 30;

/// A class of the author.
#[derive(Debug)]
pub(in crate::frontend::panther) struct Class<'m> {
    base: Base<'m>,
    names: SharedMap<&'m str, Value<'m>>,
    /// The fields of a named tuple.
    fields: Option<Vec<Rc<str>>>,
    /// Which object it is, for attributes that are set on it.
    identity: u32,
}

#[derive(Debug)]
enum Base<'m> {
    None,
    Own(Rc<Class<'m>>),
    /// One of the language's exceptions.
    Exception(Exception),
}

/// What a decorator makes of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frontend::panther) enum Descriptor {
    Property,
    Static,
    OfClass,
}

/// A method with what it is called on.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Bound<'m> {
    pub(super) function: Value<'m>,
    pub(super) receiver: Value<'m>,
    /// The class that defines it.
    pub(super) class: Rc<Class<'m>>,
}

impl<'m> Class<'m> {
    /// The class of named tuples with these fields.
    pub(super) fn of_fields(fields: Vec<Rc<str>>, identity: u32) -> Self {
        Self {
            base: Base::None,
            names: SharedMap::default(),
            fields: Some(fields),
            identity,
        }
    }

    /// What instances are beside instances of the author's classes.
    pub(super) fn bases(self: &Rc<Self>) -> &'static [&'static str] {
        if self.is_tuple() {
            &["tuple", "Sequence", "object", "Iterable", "Collection"]
        } else {
            &["object"]
        }
    }

    /// Whether its instances are tuples.
    pub(super) fn is_tuple(self: &Rc<Self>) -> bool {
        self.line().any(|class| class.fields.is_some())
    }

    /// The class and those that it is made from, the nearest first.
    pub(super) fn line(self: &Rc<Self>) -> impl Iterator<Item = Rc<Self>> + use<'m> {
        std::iter::successors(Some(self.clone()), |class| match &class.base {
            Base::Own(base) => Some(base.clone()),
            Base::None | Base::Exception(_) => None,
        })
    }

    /// Whether it is the other, or made from it.
    pub(super) fn is_made_from(self: &Rc<Self>, other: &Rc<Self>) -> bool {
        self.line().any(|class| Rc::ptr_eq(&class, other))
    }

    /// The language's exception that it is made from.
    pub(super) fn exception(self: &Rc<Self>) -> Option<Exception> {
        let language = self.line().find_map(|class| match class.base {
            Base::Exception(exception) => Some(exception),
            _ => None,
        });
        language.map(|exception| exception.own(self.identity))
    }

    /// The names that the class itself binds.
    pub(super) fn own_names(&self) -> impl Iterator<Item = &'m str> {
        self.names.keys().copied()
    }

    /// The number of the class, also among those that can be raised.
    pub(super) fn number(&self) -> u32 {
        self.identity
    }
}

impl<'m> Executor<'m> {
    /// The class that a `class` statement in the module defines.
    pub(super) fn class(
        &mut self,
        module: ModuleId,
        definition: &'m ast::StmtClassDef,
    ) -> Outcome<Value<'m>> {
        let name = definition.name.as_str();
        if !definition.decorator_list.is_empty() {
            return self.refuse(format!("the decorated class `{name}` cannot be expressed"));
        }
        let base = self.base(definition)?;
        let mut frame = Frame::new(module, Names::new(), self.frame.closure.clone());
        frame.names.state = self.frame.names.state.clone();
        frame.closure.extend(
            self.frame
                .names
                .iter()
                .map(|(name, value)| (*name, value.clone())),
        );
        frame.number = self.frame.number;
        frame.is_class = true;
        let entered = self.enter(frame);
        let result = self.deeper(|this| this.block(&definition.body));
        let frame = self.leave(entered);
        let (raised, names) = (!frame.exits.is_empty(), frame.names.into_locals());
        match result {
            Ok(_) if !raised => {}
            Err(Stop::Refused(problem)) => return Err(Stop::Refused(problem)),
            _ => return self.refuse(format!("the body of the class `{name}` must not raise")),
        }
        if let Some(special) = SPECIAL.iter().find(|name| names.contains_key(**name)) {
            return self.refuse(format!(
                "`{special}` of the class `{name}` cannot be expressed"
            ));
        }
        let class = Rc::new(Class {
            base,
            names,
            fields: None,
            identity: self.identity(),
        });
        if class.line().count() > DEPTH {
            return self.refuse("a class must have fewer bases than this");
        }
        if let Some(exception) = class.exception() {
            let line = class.line().map(|class| class.identity).collect();
            self.exceptions.insert(exception.number(), line);
        }
        Ok(Value::Class(class))
    }

    fn base(&mut self, definition: &'m ast::StmtClassDef) -> Outcome<Base<'m>> {
        let arguments = definition.arguments.as_deref();
        let (bases, keywords) = arguments.map_or((&[][..], &[][..]), |arguments| {
            (&arguments.args[..], &arguments.keywords[..])
        });
        if !keywords.is_empty() {
            return self.refuse("a class with arguments cannot be expressed");
        }
        let mut found = Base::None;
        for base in bases {
            let value = self.evaluate(base)?;
            let base = match value {
                Value::External(name) if PLAIN.contains(&name.as_ref()) => continue,
                Value::External(name) => match Exception::named(&name) {
                    Some(exception) => Base::Exception(exception),
                    None => {
                        return self
                            .refuse(format!("a class made from `{name}` cannot be expressed"));
                    }
                },
                Value::Class(class) if !class.is_tuple() => Base::Own(class),
                other => {
                    return self
                        .refuse(format!("a class cannot be made from {}", other.type_name()));
                }
            };
            if !matches!(found, Base::None) {
                return self.refuse("a class with several bases cannot be expressed");
            }
            found = base;
        }
        Ok(found)
    }

    /// Calling a class: a new instance.
    pub(super) fn instance(
        &mut self,
        class: &Rc<Class<'m>>,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        if class.exception().is_some() {
            return Ok(Value::Class(class.clone()));
        }
        if let Some(fields) = &class.fields {
            return self.new_named_tuple(class, fields, &arguments);
        }
        let instance = Value::Instance {
            class: class.clone(),
            identity: self.identity(),
            held: None,
        };
        match self.member(class, "__init__") {
            Some((owner, function)) => {
                let bound = Value::Callable(Callable::Bound(Rc::new(Bound {
                    function,
                    receiver: instance.clone(),
                    class: owner,
                })));
                self.call(bound, arguments)?;
            }
            None if arguments.only(0..=0) => {}
            None => return self.raise(Exception::TYPE),
        }
        Ok(instance)
    }

    /// What the class, or the nearest of its bases that has it, says of the name.
    fn member(&self, class: &Rc<Class<'m>>, name: &str) -> Option<(Rc<Class<'m>>, Value<'m>)> {
        class.line().find_map(|class| {
            let set = self.attribute_of(class.identity, name);
            let value = set.or_else(|| class.names.get(name).cloned())?;
            Some((class.clone(), self.current(value)))
        })
    }

    /// The attribute of an instance, a class, or what `super()` gives; `None` where there is no such.
    pub(super) fn member_of(
        &mut self,
        value: &Value<'m>,
        name: &str,
    ) -> Outcome<Option<Value<'m>>> {
        let (found, receiver) = match value {
            Value::Instance {
                class,
                identity,
                held,
            } => {
                let own = match held {
                    Some(held) => super::held::attribute(held, name),
                    None => self.attribute_of(*identity, name),
                };
                if let Some(value) = own {
                    return Ok(Some(self.current(value)));
                }
                self.require_own(class, name)?;
                (self.member(class, name), value.clone())
            }
            Value::Class(class) => (self.member(class, name), value.clone()),
            Value::Super(class, receiver) => {
                let above = class.line().nth(1);
                let found = above.and_then(|above| self.member(&above, name));
                if found.is_none() && name == "__init__" {
                    return Ok(Some(Value::External("object.__init__".into())));
                }
                (found, receiver.as_ref().clone())
            }
            _ => return Ok(None),
        };
        let Some((class, value)) = found else {
            return Ok(None);
        };
        let of_class = matches!(receiver, Value::Class(_));
        Ok(Some(match value {
            Value::Described(Descriptor::Static, function) => function.as_ref().clone(),
            Value::Described(Descriptor::Property, function) if !of_class => {
                let bound = bound(function.as_ref().clone(), receiver, class);
                self.call(bound, Arguments::positional(Vec::new()))?
            }
            Value::Described(Descriptor::Property, _) => {
                return self.refuse("a property of a class cannot be expressed");
            }
            Value::Described(Descriptor::OfClass, function) => {
                let receiver = match &receiver {
                    Value::Instance { class, .. } => Value::Class(class.clone()),
                    other => other.clone(),
                };
                bound(function.as_ref().clone(), receiver, class)
            }
            function @ Value::Callable(Callable::Function { .. } | Callable::Lambda { .. })
                if !of_class =>
            {
                bound(function, receiver, class)
            }
            other => other,
        }))
    }

    /// Refuses what every tuple has.
    fn require_own(&self, class: &Rc<Class<'m>>, name: &str) -> Outcome<()> {
        if class.is_tuple() && super::held::is_of_tuples(name) {
            return self.refuse(format!("`.{name}` of a tuple cannot be expressed"));
        }
        Ok(())
    }

    /// `value.name` of an instance, a class, or what `super()` gives.
    pub(super) fn own_attribute(&mut self, value: &Value<'m>, name: &str) -> Outcome<Value<'m>> {
        match self.member_of(value, name)? {
            Some(found) => self.each(found, &mut |this, found| match found {
                Value::Unbound => this.absent_attribute(value, name),
                other => Ok(other),
            }),
            None if self.answers_for_any(value) => self.absent_attribute(value, name),
            None if name.starts_with("__") => {
                self.refuse(format!("the attribute `{name}` cannot be expressed"))
            }
            None => self.raise(Exception::ATTRIBUTE),
        }
    }

    /// The method of an instance that its class defines for the language itself, such as `__call__`.
    pub(super) fn special_method(&self, value: &Value<'m>, name: &str) -> Option<Value<'m>> {
        let Value::Instance { class, .. } = value else {
            return None;
        };
        let (owner, function) = self.member(class, name)?;
        Some(bound(function, value.clone(), owner))
    }

    /// Whether an instance's class says what an attribute is that is not there.
    pub(super) fn answers_for_any(&self, value: &Value<'m>) -> bool {
        self.special_method(value, "__getattr__").is_some()
    }

    /// An attribute that is not there: what `__getattr__` of the class says.
    fn absent_attribute(&mut self, value: &Value<'m>, name: &str) -> Outcome<Value<'m>> {
        match self.special_method(value, "__getattr__") {
            Some(method) => self.call(method, Arguments::positional(vec![Value::text(name)])),
            None => self.raise(Exception::ATTRIBUTE),
        }
    }

    /// `value.name = new`.
    pub(super) fn set_attribute(
        &mut self,
        value: Value<'m>,
        name: &'m str,
        new: &Value<'m>,
    ) -> Outcome<()> {
        self.each(value, &mut |this, value| {
            let identity = match &value {
                Value::Instance { held: Some(_), .. } => {
                    return this.refuse(
                        "an attribute of an instance made of event data cannot be assigned",
                    );
                }
                Value::Instance {
                    class, identity, ..
                } => {
                    let described = this.member(class, name);
                    if matches!(
                        described,
                        Some((_, Value::Described(Descriptor::Property, _)))
                    ) {
                        return this.refuse("a property that is assigned cannot be expressed");
                    }
                    *identity
                }
                Value::Class(class) => class.identity,
                other => {
                    return this.refuse(format!(
                        "an attribute of {} cannot be assigned",
                        other.type_name()
                    ));
                }
            };
            let before = match &value {
                Value::Class(class) => class.names.get(name).cloned(),
                _ => None,
            };
            let before = before.unwrap_or(Value::Unbound);
            this.write(Cell::Attribute(identity, name), new.clone(), before)?;
            Ok(Value::NONE)
        })?;
        Ok(())
    }

    /// `super()` in a method.
    pub(super) fn parent(&mut self) -> Outcome<Value<'m>> {
        match &self.frame.method {
            Some(bound) => Ok(Value::Super(
                bound.class.clone(),
                Rc::new(bound.receiver.clone()),
            )),
            None => self.refuse("`super()` requires a method of a class"),
        }
    }
}

fn bound<'m>(function: Value<'m>, receiver: Value<'m>, class: Rc<Class<'m>>) -> Value<'m> {
    Value::Callable(Callable::Bound(Rc::new(Bound {
        function,
        receiver,
        class,
    })))
}

/// Whether one of the values is an instance or a class of the author.
pub(super) fn is_any_own(choice: &Choice<'_>) -> bool {
    let own = |value: &Value<'_>| matches!(value, Value::Instance { .. } | Value::Class(_));
    own(&choice.otherwise) || choice.cases.iter().any(|(_, value)| own(value))
}
