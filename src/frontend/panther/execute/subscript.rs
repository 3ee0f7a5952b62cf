//! Subscripts: `value[index]`, `value[a:b]`, and the length of a value.

use rustpython_ruff_python_ast as ast;

use super::exception::Exception;
use super::predicate::{item, member_of};
use super::value::{Data, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{FieldPath, Function, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// A subscript expression.
    pub(super) fn subscript(&mut self, subscript: &'m ast::ExprSubscript) -> Outcome<Value<'m>> {
        let value = self.evaluate(&subscript.value)?;
        if let ast::Expr::Slice(slice) = subscript.slice.as_ref() {
            if slice.step.is_some() {
                return self.refuse("a slice with a step cannot be expressed");
            }
            let lower = self.bound(slice.lower.as_deref())?;
            let upper = self.bound(slice.upper.as_deref())?;
            self.stand_at(subscript);
            return self.each(value, &mut |this, value| this.slice(&value, lower, upper));
        }
        let index = self.evaluate(&subscript.slice)?;
        self.stand_at(subscript);
        self.each_two(value, index, &mut |this, value, index| match index {
            Value::Truth(when) => {
                let number = |number| Value::Constant(Literal::Integer(number));
                let index = Value::choose(vec![(when, number(1))], number(0));
                this.each(index, &mut |this, index| this.index(value.clone(), index))
            }
            index => this.index(value, index),
        })
    }

    fn bound(&mut self, bound: Option<&'m ast::Expr>) -> Outcome<Option<i64>> {
        let Some(bound) = bound else { return Ok(None) };
        let value = self.evaluate(bound)?;
        match value {
            Value::Constant(Literal::Null) => Ok(None),
            other => match other.as_integer() {
                Some(number) => Ok(Some(number)),
                None => self.refuse("the bounds of a slice must be known"),
            },
        }
    }

    /// `value[index]`.
    pub(super) fn index(&mut self, value: Value<'m>, index: Value<'m>) -> Outcome<Value<'m>> {
        match (&value, &index) {
            (Value::Mapping(mapping), _) => {
                self.lookup(mapping, index, &mut |this| this.raise(Exception::KEY))
            }
            (Value::Sequence(sequence), _) => match index.as_integer() {
                Some(at) => match position(at, sequence.items.len()) {
                    Some(at) => Ok(sequence.items[at].clone()),
                    None => self.raise(Exception::INDEX),
                },
                None => match &index {
                    Value::Data(at) => self.sequence_item(&sequence.clone(), at),
                    _ => self.refuse("the position in a list must be known"),
                },
            },
            (Value::Comprehension(list), _) => {
                let list = list.clone();
                self.index_list(&list, &index)
            }
            (Value::Entries(entries), _) => {
                let entries = entries.clone();
                self.entry_of(&entries, &index, &mut |this| this.raise(Exception::KEY))
            }
            (Value::Event, Value::Constant(Literal::Text(key))) => {
                self.required(Term::field([key.clone()]), false, Exception::KEY)
            }
            (Value::Data(data), Value::Constant(Literal::Text(key))) => {
                let object = self.is_kind(data, &[Kind::Object]);
                self.raise_if(object.negate(), Exception::TYPE)?;
                self.required(
                    member_of(&data.term, data.plain, key),
                    data.plain,
                    Exception::KEY,
                )
            }
            (Value::Data(data), Value::Constant(Literal::Integer(at))) => {
                self.index_data(data, *at)
            }
            (Value::Data(data), Value::Data(at)) => {
                let (data, at) = (data.clone(), at.clone());
                self.index_by_data(&data, &at)
            }
            (Value::Constant(Literal::Text(text)), _) => self.index_text(text, &index),
            (Value::Match { pattern, text }, group) => self.group_of(pattern, text, group),
            (Value::Constant(_), _) => self.raise(Exception::TYPE),
            _ => self.refuse(format!(
                "{} cannot be indexed with {}",
                value.type_name(),
                index.type_name()
            )),
        }
    }

    /// A character of a known text.
    fn index_text(&mut self, text: &str, index: &Value<'m>) -> Outcome<Value<'m>> {
        let Some(at) = index.as_integer() else {
            return match index {
                Value::Data(at) => self.character_at(text, at),
                _ => self.refuse("the position in a text must be known"),
            };
        };
        let chars: Vec<char> = text.chars().collect();
        match position(at, chars.len()) {
            Some(at) => Ok(Value::text(chars[at].to_string())),
            None => self.raise(Exception::INDEX),
        }
    }

    /// An item of a list, or a character of a text, of the event.
    fn index_data(&mut self, data: &Data, at: i64) -> Outcome<Value<'m>> {
        if data.kind == Some(Kind::Text) {
            return self.character(&data.term, at);
        }
        let list = self.is_kind(data, &[Kind::List]);
        let list = self.known(list);
        if list.as_constant() == Some(true) {
            return self.list_item(data, at);
        }
        let text = self.is_kind(data, &[Kind::Text]);
        let data = data.clone();
        self.either(
            list,
            |this| this.list_item(&data, at),
            |this| {
                this.raise_if(text.negate(), Exception::TYPE)?;
                this.character(&data.term, at)
            },
        )
    }

    fn list_item(&mut self, data: &Data, at: i64) -> Outcome<Value<'m>> {
        let term = item(&data.term, at);
        if let Some(least) = parts_of_text(&data.term) {
            if at < -least || at >= least {
                let there = self.implied(term.clone(), Operator::Exists, Object::None);
                self.raise_if(there.negate(), Exception::INDEX)?;
            }
            return Ok(Value::computed(term, Kind::Text));
        }
        self.required(term, data.plain, Exception::INDEX)
    }

    /// The value of a term that raises where it is not there.
    fn required(&mut self, term: Term, plain: bool, exception: Exception) -> Outcome<Value<'m>> {
        let there = self.implied(term.clone(), Operator::Exists, Object::None);
        self.raise_if(there.negate(), exception)?;
        Ok(Value::Data(Data {
            term,
            kind: None,
            plain,
        }))
    }

    fn character(&mut self, text: &Term, at: i64) -> Outcome<Value<'m>> {
        if at < 0 {
            // The character before the last ones: the position after it is the end for the last.
            let after = Some(at + 1).filter(|after| *after < 0);
            let term = slice_term(text, Some(at), after, Kind::Text).term;
            return self.character_of(term);
        }
        let term = slice_term(text, Some(at), Some(at.saturating_add(1)), Kind::Text).term;
        self.character_of(term)
    }

    fn character_of(&mut self, term: Term) -> Outcome<Value<'m>> {
        let there = self.implied(term.clone(), Operator::IsTruthy, Object::None);
        self.raise_if(there.negate(), Exception::INDEX)?;
        Ok(Value::computed(term, Kind::Text))
    }

    pub(super) fn slice(
        &mut self,
        value: &Value<'m>,
        lower: Option<i64>,
        upper: Option<i64>,
    ) -> Outcome<Value<'m>> {
        match value {
            Value::Sequence(sequence) => {
                let range = clipped(lower, upper, sequence.items.len());
                let items = sequence.items[range].to_vec();
                Ok(self.sequence(sequence.kind, items))
            }
            Value::Constant(Literal::Text(text)) => {
                let chars: Vec<char> = text.chars().collect();
                let range = clipped(lower, upper, chars.len());
                Ok(Value::text(chars[range].iter().collect::<String>()))
            }
            Value::Data(data) => {
                let text = self.is_kind(data, &[Kind::Text]);
                let list = self.is_kind(data, &[Kind::List]);
                let surely_text = self.known(text.clone()).as_constant() == Some(true);
                if !surely_text && self.known(list.clone()).as_constant() != Some(false) {
                    let data = data.clone();
                    return self.either(
                        list,
                        |this| Ok(this.slice_data(&data, lower, upper)),
                        |this| this.slice(value, lower, upper),
                    );
                }
                self.raise_if(text.negate(), Exception::TYPE)?;
                let slice = slice_term(&data.term, lower, upper, Kind::Text);
                Ok(Value::Data(slice))
            }
            Value::Comprehension(list) if list.kind != SequenceKind::Set => {
                self.slice_list(list, lower, upper)
            }
            Value::Constant(_) => self.raise(Exception::TYPE),
            other => self.refuse(format!("{} cannot be sliced", other.type_name())),
        }
    }

    /// `len(value)`.
    pub(super) fn length(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| {
            let count = match &value {
                Value::Sequence(sequence) => sequence.items.len(),
                Value::Mapping(mapping) => {
                    this.require_keys(mapping)?;
                    mapping.entries.len()
                }
                Value::Bytes(bytes) => return this.length(bytes.as_ref().clone()),
                Value::Comprehension(list) => return this.length_of(list),
                Value::Entries(entries) => {
                    let mut keys = entries.clone();
                    keys.kind = SequenceKind::Set;
                    keys.parts = super::entries::projected(&entries.parts, 0);
                    return this.length_of(&keys);
                }
                Value::Constant(Literal::Text(text)) => text.chars().count(),
                Value::Constant(_) | Value::Truth(_) => return this.raise(Exception::TYPE),
                Value::Data(data) => {
                    let sized = this.is_kind(data, &[Kind::Text, Kind::List, Kind::Object]);
                    this.raise_if(sized.negate(), Exception::TYPE)?;
                    let term = Term::call(Function::Length, [data.term.clone()]);
                    return Ok(Value::computed(term, Kind::Integer));
                }
                Value::Event => {
                    let event = Term::Field(FieldPath::root());
                    return Ok(Value::computed(
                        Term::call(Function::Length, [event]),
                        Kind::Integer,
                    ));
                }
                other => {
                    return this.refuse(format!(
                        "the length of {} cannot be expressed",
                        other.type_name()
                    ));
                }
            };
            Ok(Value::Constant(Literal::Integer(
                i64::try_from(count).unwrap_or(i64::MAX),
            )))
        })
    }
}

/// How many items a list of parts of a text has at least, if it is one; every one of them is a text.
pub(super) fn parts_of_text(list: &Term) -> Option<i64> {
    match list {
        Term::Call { function, .. } => match function {
            Function::Split | Function::SplitFirst | Function::SplitLast => Some(1),
            Function::Words | Function::Lines | Function::ShellWords | Function::SplitRegex => {
                Some(0)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The part of a text or a list; of a text from a position to another in the plainer words.
fn slice_term(of: &Term, lower: Option<i64>, upper: Option<i64>, kind: Kind) -> Data {
    let number =
        |number: Option<i64>| Term::Literal(number.map_or(Literal::Null, Literal::Integer));
    let from = lower.unwrap_or(0);
    let term = match upper {
        None if kind == Kind::Text && from >= 0 => {
            Term::call(Function::Substring, [of.clone(), number(Some(from))])
        }
        Some(to) if kind == Kind::Text && from >= 0 && to >= 0 => {
            let length = number(Some(to.saturating_sub(from).max(0)));
            Term::call(
                Function::Substring,
                [of.clone(), number(Some(from)), length],
            )
        }
        _ => Term::call(Function::Slice, [of.clone(), number(lower), number(upper)]),
    };
    Data {
        term,
        kind: Some(kind),
        plain: true,
    }
}

/// The index that a position means, counted from the end where negative.
fn position(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if at < 0 { at + length } else { at };
    usize::try_from(at).ok().filter(|_| at < length)
}

fn clipped(lower: Option<i64>, upper: Option<i64>, length: usize) -> std::ops::Range<usize> {
    let size = i64::try_from(length).unwrap_or(i64::MAX);
    let clip = |at: i64| {
        let at = if at < 0 { at.saturating_add(size) } else { at };
        usize::try_from(at.clamp(0, size)).unwrap_or(0)
    };
    let from = lower.map_or(0, clip);
    let to = upper.map_or(length, clip);
    from..to.max(from)
}
