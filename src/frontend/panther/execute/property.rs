//! Attributes that are read rather than called, of addresses, networks and URLs, and the objects that have such parts.
//!
//! Which names are attributes is known by the tables of the kinds of value that have them; any other name is a method. Invariant:
//! a value that has no such attribute raises, as in Python.

use std::rc::Rc;

use super::address;
use super::argument::Arguments;
use super::exception::Exception;
use super::value::Value;
use super::{Executor, Outcome, term};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

/// The parts of a URL.
const URL: &[&str] = &["scheme", "netloc", "path", "params", "query", "fragment"];

/// A part of a record.
pub(super) fn part_of<'m>(parts: &[(&'static str, Value<'m>)], name: &str) -> Option<Value<'m>> {
    let found = parts.iter().find(|(known, _)| *known == name);
    found.map(|(_, part)| part.clone())
}

/// Whether something of the standard library has an attribute of this name.
pub(super) fn is_property(name: &str) -> bool {
    address::PROPERTIES.contains(&name) || URL.contains(&name) || super::moment::is_property(name)
}

impl<'m> Executor<'m> {
    /// `value.name`, where it is not a method.
    pub(super) fn property(&mut self, value: Value<'m>, name: &str) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match &value {
            Value::Address(term) => this.address_property(term, name),
            Value::Network { first, last } => this.network_property(first, last, name),
            Value::Moment(time) => this.time_property(time, name),
            Value::Duration(micros) => this.duration_property(micros, name),
            Value::Record(parts) => match part_of(parts, name) {
                Some(part) => Ok(part),
                None => this.refuse(format!("`.{name}` cannot be expressed")),
            },
            Value::Constant(_)
            | Value::Truth(_)
            | Value::Data(_)
            | Value::Sequence(_)
            | Value::Mapping(_)
            | Value::Comprehension(_) => this.raise(Exception::ATTRIBUTE),
            other => this.refuse(format!(
                "`.{name}` of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    /// `urlparse(text)`: its parts.
    pub(super) fn url(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let [url] = arguments.positional.as_slice() else {
            return self.refuse("`urlparse()` requires one text here");
        };
        if !arguments.keywords.is_empty() {
            return self.refuse("`urlparse()` requires one text here");
        }
        let url = self.require_text(url.clone())?;
        self.each(url, &mut |this, url| {
            if let Some(term) = term::term_of(&url) {
                let any = Term::call(Function::UrlPart, [term, Term::text("path")]);
                let there = this.implied(any, Operator::Exists, Object::None);
                this.raise_if(there.negate(), Exception::VALUE)?;
            }
            let mut parts = Vec::new();
            for name in URL {
                let arguments = vec![url.clone(), Value::text(*name)];
                let part = this.of_texts(Function::UrlPart, Kind::Text, arguments)?;
                parts.push((*name, part));
            }
            Ok(Value::Record(Rc::new(parts)))
        })
    }

    /// `SequenceMatcher(None, a, b)`, for its `.ratio()`.
    pub(super) fn matcher(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let junk = arguments.get(0, "isjunk").unwrap_or(Value::NONE);
        let texts = (arguments.get(1, "a"), arguments.get(2, "b"));
        let (Value::Constant(Literal::Null), (Some(a), Some(b))) = (junk, texts) else {
            return self.refuse("`SequenceMatcher()` requires `None` and two texts");
        };
        self.each_two(a, b, &mut |this, a, b| {
            let known_text = |this: &mut Self, value: &Value<'m>| match value {
                Value::Data(data) => this.known(this.is_kind(data, &[Kind::Text])),
                value => Condition::constant(value.as_text().is_some()),
            };
            // Lists of the event can be compared as well.
            let texts = known_text(this, &a).and(known_text(this, &b));
            if texts.as_constant() != Some(true) {
                return this.refuse("`SequenceMatcher()` requires two texts");
            }
            let ratio = this.of_texts(Function::Similarity, Kind::Number, vec![a, b])?;
            Ok(Value::Record(Rc::new(vec![("ratio()", ratio)])))
        })
    }
}
