//! The builtin functions that are read.

use super::argument::Arguments;
use super::exception::Exception;
use super::predicate::literals;
use super::value::{Comprehension, Data, Sequence, SequenceKind, Value};
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
        let has_options = matches!(name, "dict" | "sorted" | "min" | "max" | "enumerate");
        if !arguments.keywords.is_empty() && !has_options {
            return self.refuse(format!("`{name}()` with these arguments is not read"));
        }
        let mut positional = arguments.positional.clone().into_iter();
        match (name, positional.next(), positional.next()) {
            ("any", Some(value), None) => self.quantify(value, false),
            ("all", Some(value), None) => self.quantify(value, true),
            ("super", None, None) => self.parent(),
            ("hasattr", Some(value), Some(name)) => self.has_attribute(value, &name),
            ("dir", Some(value), None) => self.listing(&value),
            ("getattr", _, _) => self.get_attribute(&arguments),
            ("list" | "tuple" | "set" | "frozenset", None, None) => {
                Ok(self.sequence(sequence_kind(name), Vec::new()))
            }
            ("list" | "tuple" | "set" | "frozenset", Some(value), None) => {
                let kind = sequence_kind(name);
                let value = self.iterable(value)?;
                self.each(value, &mut |this, value| this.collected(value, kind))
            }
            ("dict", pairs, None) => self.new_dictionary(pairs, arguments.keywords),
            ("iter", Some(value), None) => {
                let value = self.iterable(value)?;
                self.each(value, &mut |this, value| {
                    this.collected(value, SequenceKind::List)
                })
            }
            ("next", Some(iterator), default) if arguments.positional.len() < 3 => {
                self.next(iterator, default)
            }
            ("map" | "filter", Some(function), Some(value)) if arguments.positional.len() == 2 => {
                self.map_or_filter(name, function, value)
            }
            ("zip", Some(_), Some(_)) => self.zipped(arguments.positional),
            ("range", Some(_), _) => self.range(&arguments.positional),
            ("min" | "max", Some(_), Some(_)) if arguments.keywords.is_empty() => {
                let all = self.sequence(SequenceKind::List, arguments.positional.clone());
                self.over_items(name, all, &Arguments::default())
            }
            ("sorted" | "reversed" | "enumerate" | "sum" | "min" | "max", Some(value), _) => {
                self.over_items(name, value, &arguments)
            }
            _ => self.value_builtin(name, arguments.positional),
        }
    }

    /// `dict(pairs)`, `dict(name=value)`.
    fn new_dictionary(
        &mut self,
        pairs: Option<Value<'m>>,
        keywords: Vec<(String, Value<'m>)>,
    ) -> Outcome<Value<'m>> {
        match pairs {
            None => {
                let entries = keywords.into_iter();
                let entries = entries.map(|(key, value)| (Literal::Text(key), value));
                Ok(self.mapping(entries.collect()))
            }
            Some(_) if !keywords.is_empty() => {
                self.refuse("`dict()` with these arguments is not read")
            }
            Some(Value::Mapping(mapping)) => Ok(self.mapping(mapping.entries.as_ref().clone())),
            Some(pairs) => {
                let pairs = self.iterable_unless_object(pairs)?;
                self.each(pairs, &mut |this, pairs| {
                    let parts = this.entry_parts(pairs)?;
                    Ok(this.dictionary(parts))
                })
            }
        }
    }

    /// The builtins that make one value of others.
    fn value_builtin(&mut self, name: &str, arguments: Vec<Value<'m>>) -> Outcome<Value<'m>> {
        let mut arguments = arguments.into_iter();
        match (name, arguments.next(), arguments.next()) {
            ("bool", Some(value), None) => self.truth_of(&value),
            ("bool", None, None) => Ok(Value::Constant(Literal::Boolean(false))),
            ("str", Some(value), None) => self.text_of(value),
            ("str", None, None) => Ok(Value::text("")),
            ("len", Some(value), None) => self.length(value),
            ("int", Some(value), None) => self.integer(value),
            ("float", Some(value), None) => self.float(value),
            ("isinstance", Some(value), Some(class)) => self.is_instance(value, &class),
            ("abs", Some(value), None) => self.number_function(name, value, None),
            ("round", Some(value), digits) => self.number_function(name, value, digits),
            ("divmod", Some(a), Some(b)) => self.quotient_and_rest(a, b),
            ("repr", Some(value), None) => self.literal_of(value),
            ("format", Some(value), spec) => match spec.as_ref().map(Value::as_text) {
                None => self.text_of(value),
                Some(Some(spec)) => self.formatted(value, spec),
                Some(None) => self.refuse("a format specification must be known"),
            },
            _ => self.refuse(format!("`{name}()` with these arguments is not read")),
        }
    }

    /// A new list, tuple or set of what the value holds.
    pub(super) fn collected(&mut self, value: Value<'m>, kind: SequenceKind) -> Outcome<Value<'m>> {
        let mut parts = self.parts(value)?;
        self.settle(&parts)?;
        if kind == SequenceKind::Set {
            parts = self.hashable_parts(&parts)?;
        }
        Ok(self.listed(kind, parts))
    }

    /// A function of the items of a value.
    fn over_items(
        &mut self,
        name: &str,
        value: Value<'m>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        if name == "reversed" {
            self.require_reversible(&value)?;
        }
        let value = self.iterable(value)?;
        self.each(value, &mut |this, value| {
            let parts = this.parts(value)?;
            let constant = super::parts::known(&parts).and_then(|items| literals(&items));
            match constant {
                Some(items) if arguments.keywords.is_empty() => {
                    if let Some(value) = this.constant_function(name, &items) {
                        return Ok(value);
                    }
                    this.list_function(name, parts, arguments)
                }
                _ => this.list_function(name, parts, arguments),
            }
        })
    }

    /// Raises for a set and for an object of the event, which have no order to reverse.
    fn require_reversible(&mut self, value: &Value<'m>) -> Outcome<()> {
        self.each(value.clone(), &mut |this, value| {
            match &value {
                Value::Data(data) if !data.plain => {
                    let object = this.is_kind(data, &[Kind::Object]);
                    this.raise_if(object, Exception::TYPE)?;
                }
                Value::Event => return this.raise(Exception::TYPE),
                Value::Sequence(Sequence { kind, .. })
                | Value::Comprehension(Comprehension { kind, .. })
                    if *kind == SequenceKind::Set =>
                {
                    return this.raise(Exception::TYPE);
                }
                _ => {}
            }
            Ok(value)
        })?;
        Ok(())
    }

    /// The function of constants, where it is as simple as that.
    fn constant_function(&mut self, name: &str, items: &[Literal]) -> Option<Value<'m>> {
        let texts = items.iter().all(|item| item.as_text().is_some());
        let integers = items.iter().all(|item| matches!(item, Literal::Integer(_)));
        if items.is_empty() || !(texts || integers) {
            return None;
        }
        let mut sorted = items.to_vec();
        sorted.sort_by(|a, b| super::compare::order(a, b).unwrap_or(std::cmp::Ordering::Equal));
        match name {
            "sorted" => {
                let items = sorted.into_iter().map(Value::Constant).collect();
                Some(self.sequence(SequenceKind::List, items))
            }
            "min" => sorted.into_iter().next().map(Value::Constant),
            "max" => sorted.into_iter().next_back().map(Value::Constant),
            _ => None,
        }
    }

    /// An object of the event as it is, anything else as what it goes through.
    fn iterable_unless_object(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| {
            let Value::Data(data) = &value else {
                return Ok(value);
            };
            let object = this.is_kind(data, &[Kind::Object]);
            let known = Value::Data(Data {
                kind: Some(Kind::Object),
                ..data.clone()
            });
            this.either(
                object,
                |_| Ok(known),
                |this| this.refuse_unless_empty(&value),
            )
        })
    }

    /// `dict()` of what is no object: of something empty it is empty, else it is refused.
    fn refuse_unless_empty(&mut self, value: &Value<'m>) -> Outcome<Value<'m>> {
        let value = self.iterable(value.clone())?;
        self.each(value, &mut |this, value| {
            let parts = this.loose_parts(value)?;
            match super::parts::any_there(&parts).as_constant() {
                Some(false) => Ok(this.mapping(Vec::new())),
                _ => this.refuse("`dict()` of a list of the event cannot be expressed"),
            }
        })
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
                        let number = |number| Value::Constant(Literal::Integer(number));
                        let flag = Value::choose(vec![(yes.clone(), number(1))], number(0));
                        if fraction || this.known(yes.or(no)).as_constant() == Some(true) {
                            return Ok(flag);
                        }
                        let number = this.is_kind(data, &[Kind::Number]);
                        let whole = Term::call(Function::Truncate, [term.clone()]);
                        let whole = Value::computed(whole, Kind::Integer);
                        Ok(Value::choose(vec![(number, whole)], flag))
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
        let (mut names, mut own) = (Vec::<String>::new(), Vec::new());
        for class in &classes {
            match class {
                Value::External(name) => names.extend(name.split('|').map(str::to_owned)),
                Value::Class(class) => own.push(class.clone()),
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
            if let Value::Instance { class, .. } = &value {
                parts.extend(
                    own.iter()
                        .map(|other| Condition::constant(class.is_made_from(other))),
                );
            }
            for name in &names {
                parts.push(this.is_one(&value, name)?);
            }
            Ok(Value::truth(logic::any(parts)))
        })
    }

    fn is_one(&mut self, value: &Value<'m>, class: &str) -> Outcome<Condition> {
        let asked = match class.rsplit('.').next().unwrap_or(class) {
            // What is both, and can be gone through, is a collection.
            "Sized" | "Container" => "Collection",
            other => other,
        };
        let is = |names: &[&str]| Condition::constant(names.contains(&asked));
        Ok(match value {
            Value::Constant(literal) => match class_of(literal) {
                "bool" => is(&["bool", "int", "Integral", "Real", "Number", "object"]),
                "int" => is(&["int", "Integral", "Real", "Number", "object"]),
                "float" => is(&["float", "Real", "Number", "object"]),
                "str" => is(&["str", "object", "Sequence", "Iterable", "Collection"]),
                name => is(&[name, "object"]),
            },
            Value::Truth(_) => is(&["bool", "int", "Integral", "Real", "Number", "object"]),
            Value::Moment(_) => is(&["datetime", "date", "object"]),
            Value::Duration(_) => is(&["timedelta", "object"]),
            Value::Mapping(_) | Value::Entries(_) => is(&[
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
            Value::Sequence(Sequence { kind, .. })
            | Value::Comprehension(Comprehension { kind, .. }) => match kind {
                SequenceKind::List => is(&["list", "Sequence", "object", "Iterable", "Collection"]),
                SequenceKind::Tuple => {
                    is(&["tuple", "Sequence", "object", "Iterable", "Collection"])
                }
                SequenceKind::Set => is(&["set", "object", "Iterable", "Collection"]),
            },
            Value::Instance { class, .. } => is(class.bases()),
            Value::Bytes(_) => is(&["bytes", "Sequence", "object", "Iterable", "Collection"]),
            Value::Callable(_) => is(&["Callable", "object"]),
            Value::Class(_) => is(&["type", "Callable", "object"]),
            Value::Mock(_) => is(&["MagicMock", "Mock", "NonCallableMock", "object"]),
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
            "NoneType" => self.is_present(data).negate(),
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

/// The class of a constant.
fn class_of(literal: &Literal) -> &'static str {
    match literal {
        Literal::Null => "NoneType",
        Literal::Boolean(_) => "bool",
        Literal::Integer(_) => "int",
        Literal::Float(_) => "float",
        _ => "str",
    }
}
