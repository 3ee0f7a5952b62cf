//! `event.udm()`: a name to what the data model of the event's log type says it is, else to Panther's own fields.
//!
//! A rule that asks for a data model is executed once per model that its events can have, and once without one. Invariant: a
//! path of a model is read with its keys spelt exactly so, a method gets the event as a read-only dictionary, and what it gives
//! is read-only as well.

use super::argument::Arguments;
use super::exception::Exception;
use super::term::term_of;
use super::value::{Data, SequenceKind, Value};
use super::{Executor, Exit, Modules, Outcome, Purpose, Stop};
use crate::diagnostic::Diagnostic;
use crate::frontend::panther::model::{Mappings, Model};
use crate::ir::{
    Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Segment, Term,
};

/// The field that says an event's log type.
const LOG_TYPE: &str = "p_log_type";

/// Whether the event is of one of the log types.
pub(in crate::frontend::panther) fn is_of(log_types: &[&str]) -> Condition {
    let texts = log_types.iter().map(|name| Literal::text(*name));
    let subject = Term::Field(FieldPath::root().exact(LOG_TYPE));
    match log_types {
        [] => Condition::FALSE,
        [one] => Predicate::new(
            subject,
            Operator::Equals,
            Object::Literal(Literal::text(*one)),
        )
        .into(),
        _ => Predicate::new(subject, Operator::In, Object::List(texts.collect())).into(),
    }
}

/// What is known of every event that has the model.
pub(super) fn facts(model: &Model) -> Vec<Condition> {
    let in_any_case = Predicate::new(
        Term::field([LOG_TYPE]),
        Operator::Equals,
        Object::Literal(Literal::text(&model.log_type)),
    );
    vec![is_of(&[&model.log_type]), in_any_case.into()]
}

/// The ways out of a function for the events of a log type, or of all others.
type OfType<'m> = (Option<&'m str>, Vec<Exit<'m>>);

impl<'m> Executor<'m> {
    /// The ways out of the rule's function `name`: for the events of each log type whose data model the function asks for, and
    /// last for all others.
    pub(in crate::frontend::panther) fn run_each(
        &mut self,
        name: &'m str,
        purpose: Purpose,
    ) -> Result<Vec<OfType<'m>>, Box<Diagnostic>> {
        (self.model, self.asked) = (None, self.starts.len() > 1);
        let otherwise = self.run_once(name, purpose)?;
        let mut cases = Vec::new();
        if self.asked {
            let models = &self.modules.models;
            for model in models {
                self.model = Some(model);
                let exits = self.run_once(name, purpose);
                self.model = None;
                cases.push((Some(model.log_type.as_str()), exits?));
            }
        }
        cases.push((None, otherwise));
        Ok(cases)
    }

    /// The ways out of the rule's function `name` when it is called with the event. What it changes shows in the next.
    pub(in crate::frontend::panther) fn run(
        &mut self,
        name: &'m str,
        purpose: Purpose,
    ) -> Result<Vec<Exit<'m>>, Box<Diagnostic>> {
        let mut all = Vec::new();
        let cases = self.run_each(name, purpose)?;
        self.go_on(&cases, None)?;
        for (log_type, exits) in cases {
            let when = log_type.map_or(Condition::TRUE, |name| is_of(&[name]));
            all.extend(exits.into_iter().map(|exit| Exit {
                when: when.clone().and(exit.when),
                ..exit
            }));
        }
        Ok(all)
    }

    /// `event.udm(*keys, default=None)`.
    pub(super) fn udm(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        if arguments.keywords.iter().any(|(name, _)| name != "default") {
            return self.raise(Exception::TYPE);
        }
        self.asked = true;
        let default = arguments.keyword("default").unwrap_or(Value::NONE);
        if let (Some(model), [key]) = (self.model, arguments.positional.as_slice()) {
            let mappings = match &model.mappings {
                Ok(mappings) => mappings,
                Err(problem) => return Err(Stop::Refused(problem.clone())),
            };
            let Some(name) = key.as_text() else {
                return self.refuse("the name of a data model's mapping must be a known text");
            };
            if mappings.paths.contains_key(name) || mappings.methods.contains_key(name) {
                return self.mapping_of(mappings, name, default);
            }
        }
        self.unmapped(&arguments.positional, default)
    }

    /// What a name of the model stands for.
    fn mapping_of(
        &mut self,
        mappings: &'m Mappings,
        name: &str,
        default: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let method = mappings.methods.get(name).map(String::as_str);
        let path = match mappings.paths.get(name) {
            Some(Ok(path)) => Term::Field(path.clone()),
            Some(Err(problem)) => return Err(Stop::Refused(problem.clone())),
            None => return self.model_method(mappings, method.unwrap_or_default()),
        };
        let value = Value::Data(Data {
            term: path.clone(),
            kind: None,
            plain: false,
        });
        // A missing value is `None` already.
        if method.is_none() && matches!(default, Value::Constant(Literal::Null)) {
            return Ok(value);
        }
        let exists = self.implied(path, Operator::Exists, Object::None);
        self.either(
            exists,
            |_| Ok(value),
            |this| match method {
                Some(method) => this.model_method(mappings, method),
                None => Ok(default),
            },
        )
    }

    /// `event.udm_path(key)`: the path or the name of the method that stands for a name.
    pub(super) fn udm_path(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        self.asked = true;
        let Some(model) = self.model else {
            return self.raise(Exception::OTHER);
        };
        let mappings = match &model.mappings {
            Ok(mappings) => mappings,
            Err(problem) => return Err(Stop::Refused(problem.clone())),
        };
        let key = arguments.get(0, "key");
        let Some(name) = key.as_ref().and_then(Value::as_text) else {
            return self.refuse("the name of a data model's mapping must be a known text");
        };
        let method = match mappings.methods.get(name) {
            Some(method) => Value::text(method),
            None => Value::NONE,
        };
        match mappings.paths.get(name) {
            Some(Ok(path)) => match shown(path) {
                Some(text) => {
                    let path = Term::Field(path.clone());
                    let exists = self.implied(path, Operator::Exists, Object::None);
                    self.either(exists, |_| Ok(Value::text(text)), |_| Ok(method))
                }
                None => self.refuse("the text of this path cannot be expressed"),
            },
            Some(Err(problem)) => Err(Stop::Refused(problem.clone())),
            None => Ok(method),
        }
    }

    /// What a method of the model gives for the event.
    fn model_method(&mut self, mappings: &'m Mappings, method: &'m str) -> Outcome<Value<'m>> {
        let module = mappings.module.unwrap_or(Modules::MAIN);
        if !self.scope(module).binds(method) {
            return self.refuse(format!("the data model must define `{method}`"));
        }
        let function = self.global(module, method)?;
        let event = Value::Data(Data {
            term: Term::Field(FieldPath::root()),
            kind: Some(Kind::Object),
            plain: false,
        });
        let here = self.here;
        let value = self.call(function, Arguments::positional(vec![event]))?;
        self.here = here;
        self.each(value, &mut |this, value| this.read_only(value))
    }

    /// The value as Panther wraps it, so that it cannot be changed.
    fn read_only(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        let (function, parts) = match &value {
            Value::Data(data) => {
                return Ok(Value::Data(Data {
                    plain: false,
                    ..data.clone()
                }));
            }
            Value::Sequence(sequence) if sequence.kind == SequenceKind::List => (
                Function::List,
                sequence
                    .items
                    .iter()
                    .map(term_of)
                    .collect::<Option<Vec<_>>>(),
            ),
            Value::Mapping(mapping) => {
                let mut parts = Some(Vec::new());
                for (key, value) in mapping.entries.iter() {
                    let pair = key.as_text().map(Term::text).zip(term_of(value));
                    if let (Some(parts), Some((key, value))) = (&mut parts, pair.clone()) {
                        parts.extend([key, value]);
                    }
                    parts = parts.filter(|_| pair.is_some());
                }
                (Function::Object, parts)
            }
            Value::Constant(_) | Value::Truth(_) => return Ok(value),
            other => {
                return self.refuse(format!(
                    "a data model's method that gives {} cannot be expressed",
                    other.type_name()
                ));
            }
        };
        match parts {
            Some(parts) => Ok(Value::Data(Data {
                term: Term::call(function, parts),
                kind: Some(if function == Function::List {
                    Kind::List
                } else {
                    Kind::Object
                }),
                plain: false,
            })),
            None => self.refuse("what a data model's method gives cannot be expressed"),
        }
    }

    /// Panther's own field, the event's field, or the default; the fields only where they are true.
    fn unmapped(&mut self, keys: &[Value<'m>], default: Value<'m>) -> Outcome<Value<'m>> {
        if keys.is_empty() {
            return Ok(default);
        }
        let root = || Term::Field(FieldPath::root());
        let own: Vec<Value<'m>> = std::iter::once(Value::text("p_udm"))
            .chain(keys.iter().cloned())
            .collect();
        let own = self.deep_get(root(), false, Arguments::positional(own))?;
        let field = self.deep_get(root(), false, Arguments::positional(keys.to_vec()))?;
        let (is_own, is_field) = (self.truth(&own)?, self.truth(&field)?);
        self.either(
            is_own,
            |_| Ok(own),
            |this| this.either(is_field, |_| Ok(field), |_| Ok(default)),
        )
    }
}

/// A path of plain names as a JSON path prints.
fn shown(path: &FieldPath) -> Option<String> {
    let mut keys = Vec::new();
    for segment in &path.segments {
        match segment {
            Segment::Exact(key) if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                keys.push(key.as_str());
            }
            _ => return None,
        }
    }
    Some(keys.join("."))
}
