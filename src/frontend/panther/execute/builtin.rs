//! The builtin functions that are read.

use super::argument::Arguments;
use super::exception::Exception;
use super::predicate::literals;
use super::value::{Data, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// A call of a builtin.
    pub(super) fn builtin(&mut self, name: &str, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        if name == "print" {
            return Ok(Value::NONE);
        }
        if let Some(exception) = Exception::named(name) {
            let _ = exception;
            return Ok(Value::External(name.into()));
        }
        if !arguments.keywords.is_empty() && name != "dict" {
            return self.refuse(format!("`{name}()` with these arguments is not read"));
        }
        let mut positional = arguments.positional.clone().into_iter();
        match (name, positional.next(), positional.next()) {
            ("any", Some(value), None) => self.quantify(value, false),
            ("all", Some(value), None) => self.quantify(value, true),
            ("bool", Some(value), None) => self.truth_of(&value),
            ("bool", None, None) => Ok(Value::Constant(Literal::Boolean(false))),
            ("str", Some(value), None) => self.text_of(value),
            ("str", None, None) => Ok(Value::text("")),
            ("len", Some(value), None) => self.length(value),
            ("int", Some(value), None) => self.integer(value),
            ("float", Some(value), None) => self.float(value),
            ("isinstance", Some(value), Some(class)) => self.is_instance(value, &class),
            ("list" | "tuple" | "set" | "frozenset", None, None) => {
                Ok(self.sequence(sequence_kind(name), Vec::new()))
            }
            ("list" | "tuple" | "set" | "frozenset", Some(value), None) => {
                let kind = sequence_kind(name);
                self.each(value, &mut |this, value| this.collected(value, kind))
            }
            ("dict", None, None) => {
                let entries = arguments.keywords.into_iter();
                let entries = entries.map(|(key, value)| (Literal::Text(key), value));
                Ok(self.mapping(entries.collect()))
            }
            ("dict", Some(Value::Mapping(mapping)), None) => {
                Ok(self.mapping(mapping.entries.as_ref().clone()))
            }
            (
                "sorted" | "reversed" | "enumerate" | "range" | "sum" | "min" | "max" | "zip"
                | "abs",
                Some(first),
                second,
            ) => {
                let mut values = vec![first];
                values.extend(second);
                values.extend(positional);
                self.constant_function(name, values)
            }
            _ => self.refuse(format!("`{name}()` with these arguments is not read")),
        }
    }

    /// A new list, tuple or set of what the value holds.
    fn collected(&mut self, value: Value<'m>, kind: SequenceKind) -> Outcome<Value<'m>> {
        if let Value::Data(data) = &value {
            self.require_list(data)?;
            return match kind {
                SequenceKind::List | SequenceKind::Tuple => Ok(Value::Data(Data {
                    term: data.term.clone(),
                    kind: Some(Kind::List),
                    plain: true,
                })),
                SequenceKind::Set => self.refuse("a set of event data cannot be expressed"),
            };
        }
        let items = self.known_items(value)?;
        if kind == SequenceKind::Set {
            for item in &items {
                self.require_hashable(item)?;
            }
        }
        Ok(self.sequence(kind, items))
    }

    fn constant_function(&mut self, name: &str, values: Vec<Value<'m>>) -> Outcome<Value<'m>> {
        match (name, values.as_slice()) {
            ("reversed", [value]) => {
                let mut items = self.known_items(value.clone())?;
                items.reverse();
                Ok(self.sequence(SequenceKind::List, items))
            }
            ("enumerate", [value]) => {
                let mut pairs = Vec::new();
                for (at, item) in (0_i64..).zip(self.known_items(value.clone())?) {
                    let pair = vec![Value::Constant(Literal::Integer(at)), item];
                    pairs.push(self.sequence(SequenceKind::Tuple, pair));
                }
                Ok(self.sequence(SequenceKind::List, pairs))
            }
            ("zip", [a, b]) => {
                let (a, b) = (self.known_items(a.clone())?, self.known_items(b.clone())?);
                let mut pairs = Vec::new();
                for (a, b) in a.into_iter().zip(b) {
                    pairs.push(self.sequence(SequenceKind::Tuple, vec![a, b]));
                }
                Ok(self.sequence(SequenceKind::List, pairs))
            }
            ("range", bounds) => {
                let bounds: Option<Vec<i64>> = bounds.iter().map(Value::as_integer).collect();
                let (from, to) = match bounds.as_deref() {
                    Some([to]) => (0, *to),
                    Some([from, to]) => (*from, *to),
                    _ => return self.refuse("`range()` requires one or two known numbers"),
                };
                if to.saturating_sub(from) > 10_000 {
                    return self.refuse("`range()` must be shorter than this");
                }
                let items = (from..to).map(|at| Value::Constant(Literal::Integer(at)));
                Ok(self.sequence(SequenceKind::List, items.collect()))
            }
            ("sorted", [value]) => {
                let items = self.known_items(value.clone())?;
                let Some(mut items) = literals(&items) else {
                    return self.refuse("`sorted()` requires known values");
                };
                if items.iter().any(|item| item.as_text().is_none()) {
                    return self.refuse("`sorted()` requires texts");
                }
                items.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
                let items = items.into_iter().map(Value::Constant).collect();
                Ok(self.sequence(SequenceKind::List, items))
            }
            _ => self.refuse(format!("`{name}()` with these arguments is not read")),
        }
    }

    /// `int(value)`: whole numbers, truth values, and texts that spell a whole number.
    fn integer(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match &value {
            Value::Constant(Literal::Integer(_)) => Ok(value),
            Value::Constant(Literal::Boolean(value)) => {
                Ok(Value::Constant(Literal::Integer(i64::from(*value))))
            }
            Value::Constant(Literal::Text(text)) => match text.trim().parse() {
                Ok(number) => Ok(Value::Constant(Literal::Integer(number))),
                Err(_) if text.contains('_') => this.refuse("this number cannot be expressed"),
                Err(_) => this.raise(Exception::VALUE),
            },
            Value::Constant(Literal::Null) => this.raise(Exception::TYPE),
            Value::Data(data) => {
                let data = data.clone();
                this.number_of_data(&data, false)
            }
            other => this.refuse(format!(
                "`int()` of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    /// The number that a value of the event is or spells. Where it is neither, Python raises.
    fn number_of_data(&mut self, data: &Data, fraction: bool) -> Outcome<Value<'m>> {
        let convertible = self.is_kind(data, &[Kind::Text, Kind::Number, Kind::Boolean]);
        self.raise_if(convertible.negate(), Exception::TYPE)?;
        let (as_it_is, kind, spelled) = if fraction {
            let spelled = r"\A\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*\z";
            (Kind::Number, Kind::Number, spelled)
        } else {
            (Kind::Integer, Kind::Integer, r"\A\s*[+-]?[0-9]{1,18}\s*\z")
        };
        let is = |kind| self.is_kind(data, &[kind]);
        let (number, text) = (is(as_it_is), is(Kind::Text));
        let yes = self.equals_exactly(data, true);
        let no = self.equals_exactly(data, false);
        let term = data.term.clone();
        self.either(
            number,
            |_| Ok(Value::computed(term.clone(), kind)),
            |this| {
                this.either(
                    text,
                    |this| this.spelled_number(&term, spelled, kind),
                    |this| {
                        if !fraction && this.known(yes.clone().or(no)).as_constant() != Some(true) {
                            this.remark("a fraction given to `int()` counts as an exception");
                            let fraction = this.is_kind(data, &[Kind::Number]);
                            this.raise_if(fraction, Exception::VALUE)?;
                        }
                        let number = |number| Value::Constant(Literal::Integer(number));
                        Ok(Value::choose(vec![(yes, number(1))], number(0)))
                    },
                )
            },
        )
    }

    fn spelled_number(&mut self, term: &Term, spelled: &str, kind: Kind) -> Outcome<Value<'m>> {
        self.remark("a text that is a number only with `_`, other digits than 0 to 9, `inf` or `nan` counts as no number");
        let spelled = Object::Texts(vec![spelled.to_owned()]);
        let spelled = self.implied(term.clone(), Operator::Matches, spelled);
        self.raise_if(spelled.negate(), Exception::VALUE)?;
        let number = Term::call(Function::ToNumber, [term.clone()]);
        Ok(Value::computed(number, kind))
    }

    /// `float(value)`.
    fn float(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match &value {
            Value::Constant(Literal::Float(_)) => Ok(value),
            #[allow(clippy::cast_precision_loss, reason = "as in Python")]
            Value::Constant(Literal::Integer(number)) => {
                Ok(Value::Constant(Literal::Float(*number as f64)))
            }
            Value::Constant(Literal::Null) => this.raise(Exception::TYPE),
            Value::Data(data) => {
                let data = data.clone();
                this.number_of_data(&data, true)
            }
            other => this.refuse(format!(
                "`float()` of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    /// `isinstance(value, class)`. Lists and objects of the event are Panther's own types, not `list` and `dict`.
    fn is_instance(&mut self, value: Value<'m>, class: &Value<'m>) -> Outcome<Value<'m>> {
        let classes = match class {
            Value::Sequence(sequence) => sequence.items.as_ref().clone(),
            other => vec![other.clone()],
        };
        let mut names = Vec::new();
        for class in &classes {
            match class {
                Value::External(name) => names.push(name.clone()),
                other => {
                    return self.refuse(format!(
                        "`isinstance()` requires known classes, not {}",
                        other.type_name()
                    ));
                }
            }
        }
        self.each(value, &mut |this, value| {
            let mut parts = Vec::new();
            for name in &names {
                parts.push(this.is_one(&value, name)?);
            }
            Ok(Value::truth(logic::any(parts)))
        })
    }

    fn is_one(&mut self, value: &Value<'m>, class: &str) -> Outcome<Condition> {
        let kind = |literal: &Literal| match literal {
            Literal::Null => "NoneType",
            Literal::Boolean(_) => "bool",
            Literal::Integer(_) => "int",
            Literal::Float(_) => "float",
            _ => "str",
        };
        let is = |names: &[&str]| {
            Condition::constant(
                names
                    .iter()
                    .any(|name| class.rsplit('.').next() == Some(name)),
            )
        };
        Ok(match value {
            Value::Constant(literal) => match kind(literal) {
                "bool" => is(&["bool", "int", "object"]),
                "str" => is(&["str", "object", "Sequence", "Iterable", "Collection"]),
                name => is(&[name, "object"]),
            },
            Value::Truth(_) => is(&["bool", "int", "object"]),
            Value::Mapping(_) => is(&[
                "dict",
                "Mapping",
                "MutableMapping",
                "object",
                "Iterable",
                "Collection",
            ]),
            Value::Event => is(&[
                "PantherEvent",
                "Mapping",
                "object",
                "Iterable",
                "Collection",
            ]),
            Value::Sequence(sequence) => match sequence.kind {
                SequenceKind::List => is(&["list", "Sequence", "object", "Iterable", "Collection"]),
                SequenceKind::Tuple => {
                    is(&["tuple", "Sequence", "object", "Iterable", "Collection"])
                }
                SequenceKind::Set => is(&["set", "object", "Iterable", "Collection"]),
            },
            Value::Data(data) => return self.data_is_one(data, class),
            other => {
                return self.refuse(format!(
                    "`isinstance()` of {} cannot be expressed",
                    other.type_name()
                ));
            }
        })
    }

    fn data_is_one(&self, data: &Data, class: &str) -> Outcome<Condition> {
        let is = |kinds: &[Kind]| match data.kind {
            Some(_) => self.is_kind(data, kinds),
            None => self.test(
                data.term.clone(),
                Operator::IsKind,
                Object::Kinds(kinds.to_vec()),
            ),
        };
        Ok(match class.rsplit('.').next().unwrap_or(class) {
            "str" => is(&[Kind::Text]),
            "bool" => is(&[Kind::Boolean]),
            "int" => is(&[Kind::Integer, Kind::Boolean]),
            "float" => is(&[Kind::Number]).and(is(&[Kind::Integer]).negate()),
            "dict" if data.plain => is(&[Kind::Object]),
            "list" if data.plain => is(&[Kind::List]),
            "dict" | "list" | "tuple" | "set" | "bytes" | "MagicMock" | "datetime" => {
                Condition::FALSE
            }
            "Mapping" | "ImmutableCaseInsensitiveDict" => is(&[Kind::Object]),
            "Sequence" => is(&[Kind::List, Kind::Text]),
            "Sized" | "Iterable" | "Collection" | "Container" => {
                is(&[Kind::List, Kind::Text, Kind::Object])
            }
            "ImmutableList" => is(&[Kind::List]),
            "object" => Condition::TRUE,
            other => {
                return self.refuse(format!("`isinstance()` with `{other}` cannot be expressed"));
            }
        })
    }
}

fn sequence_kind(name: &str) -> SequenceKind {
    match name {
        "list" => SequenceKind::List,
        "tuple" => SequenceKind::Tuple,
        _ => SequenceKind::Set,
    }
}
