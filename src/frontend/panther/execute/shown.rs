//! Values to the texts that `str`, `repr` and `format` give for them.
//!
//! What a condition asks of the text of a value of any kind is asked of the value itself, where one kind alone can have that
//! text. Refused: the texts of sets, whose order is not known, and of what has none in the IR.

use super::exception::Exception;
use super::parts::one;
use super::value::{Comprehension, Data, Mapping, Sequence, SequenceKind, Value};
use super::{Executor, Outcome, Purpose, term};
use crate::ir::compute::{Specification, display, quoted_literal};
use crate::ir::{Condition, FieldPath, Function, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// `str(value)`.
    pub(super) fn text_of(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        if self.purpose == Purpose::Display
            && !matches!(value, Value::Constant(_))
            && let Some(term) = term::text_term(&value)
        {
            return Ok(Value::computed(term, Kind::Text));
        }
        self.each(value, &mut |this, value| this.text_of_one(value))
    }

    fn text_of_one(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        match value {
            Value::Constant(Literal::Float(number)) if !number.is_finite() => {
                self.refuse("the text of what is no number cannot be expressed")
            }
            Value::Constant(literal) => Ok(Value::text(display(&literal.to_json()))),
            Value::Truth(condition) => Ok(Value::choose(
                vec![(condition, Value::text("True"))],
                Value::text("False"),
            )),
            Value::Address(term) => {
                self.spelled_address(&term)?;
                Ok(super::address::address_text(&term))
            }
            Value::Event => {
                let root = Term::Field(FieldPath::root());
                let shown = Value::computed(Term::call(Function::Display, [root]), Kind::Text);
                self.concatenate(vec![Value::text("PantherEvent("), shown, Value::text(")")])
            }
            Value::Sequence(sequence) => self.text_of_sequence(&sequence),
            Value::Mapping(mapping) => self.text_of_mapping(&mapping),
            Value::Comprehension(list)
                if list.kind == SequenceKind::List
                    && term::text_term(&Value::Comprehension(list.clone())).is_none() =>
            {
                self.text_of_list(&list)
            }
            other => match term::text_term(&other) {
                Some(term) => Ok(Value::computed(term, Kind::Text)),
                None => self.refuse(format!(
                    "the text of {} cannot be expressed",
                    other.type_name()
                )),
            },
        }
    }

    fn text_of_sequence(&mut self, sequence: &Sequence<'m>) -> Outcome<Value<'m>> {
        let (open, close) = match (sequence.kind, sequence.items.len()) {
            (SequenceKind::List, _) => ("[", "]"),
            (SequenceKind::Tuple, 1) => ("(", ",)"),
            (SequenceKind::Tuple, _) => ("(", ")"),
            (SequenceKind::Set, 0) => return Ok(Value::text("set()")),
            (SequenceKind::Set, 1) => ("{", "}"),
            (SequenceKind::Set, _) => {
                return self.refuse("the order of the text of a set is not known");
            }
        };
        let mut parts = vec![Value::text(open)];
        for (at, item) in sequence.items.iter().enumerate() {
            if at > 0 {
                parts.push(Value::text(", "));
            }
            parts.push(self.literal_of(item.clone())?);
        }
        parts.push(Value::text(close));
        self.concatenate(parts)
    }

    /// The text of a list made of event data: its items' literals, joined.
    fn text_of_list(&mut self, list: &Comprehension<'m>) -> Outcome<Value<'m>> {
        let parts = self.mapped(&list.parts, false, &mut |this, item| {
            Ok(vec![one(Condition::TRUE, this.literal_of(item)?)])
        })?;
        let Some(literals) = term::list_term(SequenceKind::List, &parts) else {
            return self.refuse("the text of this list cannot be expressed");
        };
        let joined = Term::call(Function::Join, [literals, Term::text(", ")]);
        let joined = Value::computed(joined, Kind::Text);
        self.concatenate(vec![Value::text("["), joined, Value::text("]")])
    }

    fn text_of_mapping(&mut self, mapping: &Mapping<'m>) -> Outcome<Value<'m>> {
        let mut parts = vec![Value::text("{")];
        for (at, (key, value)) in mapping.entries.iter().enumerate() {
            if at > 0 {
                parts.push(Value::text(", "));
            }
            parts.push(Value::text(quoted_literal(&key.to_json()) + ": "));
            parts.push(self.literal_of(value.clone())?);
        }
        parts.push(Value::text("}"));
        self.concatenate(parts)
    }

    /// `repr(value)`.
    pub(super) fn literal_of(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match value {
            Value::Constant(literal) => Ok(Value::text(quoted_literal(&literal.to_json()))),
            Value::Data(data) => {
                let quoted = Term::call(Function::Quoted, [data.term.clone()]);
                let quoted = Value::computed(quoted, Kind::Text);
                let container = this.is_kind(&data, &[Kind::List, Kind::Object]);
                let container = this.known(container);
                if data.plain || container.as_constant() == Some(false) {
                    return Ok(quoted);
                }
                let part = Term::call(Function::DisplayEvent, [data.term]);
                let part = Value::computed(part, Kind::Text);
                Ok(Value::choose(vec![(container, part)], quoted))
            }
            Value::Address(_) => this.refuse("`repr()` of an address cannot be expressed"),
            other => this.text_of_one(other),
        })
    }

    /// `format(value, specification)`.
    pub(super) fn formatted(&mut self, value: Value<'m>, spec: &str) -> Outcome<Value<'m>> {
        if spec.is_empty() {
            return self.text_of(value);
        }
        let Some(read) = Specification::parse(spec) else {
            return self.refuse("this format specification cannot be expressed");
        };
        self.each(value, &mut |this, value| match value {
            Value::Constant(literal) => match read.apply(&literal.to_json()) {
                Some(text) => Ok(Value::text(text)),
                None if literal == Literal::Null => this.raise(Exception::TYPE),
                None => this.raise(Exception::VALUE),
            },
            Value::Truth(condition) => {
                let [yes, no] = [true, false].map(|flag| read.apply(&flag.into()).map(Value::text));
                match (yes, no) {
                    (Some(yes), Some(no)) => Ok(Value::choose(vec![(condition, yes)], no)),
                    _ => this.raise(Exception::VALUE),
                }
            }
            Value::Data(data) => this.formatted_data(data, spec),
            Value::Sequence(_) | Value::Mapping(_) => this.raise(Exception::TYPE),
            other => this.refuse(format!(
                "a format specification of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    fn formatted_data(&mut self, data: Data, spec: &str) -> Outcome<Value<'m>> {
        let simple = self.is_kind(&data, &[Kind::Text, Kind::Number, Kind::Boolean]);
        self.raise_if(simple.negate(), Exception::TYPE)?;
        let term = Term::call(Function::Format, [data.term, Term::text(spec)]);
        let there = self.implied(term.clone(), Operator::Exists, Object::None);
        self.raise_if(there.negate(), Exception::VALUE)?;
        Ok(Value::computed(term, Kind::Text))
    }

    /// The texts one after the other.
    pub(super) fn concatenate(&mut self, parts: Vec<Value<'m>>) -> Outcome<Value<'m>> {
        let mut done = Value::text("");
        for part in parts {
            let part = self.collapsed_text(part);
            done = self.each_two(done, part, &mut |this, a, b| this.concatenate_two(a, b))?;
        }
        Ok(done)
    }

    fn concatenate_two(&mut self, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        self.spend(1)?;
        let terms = |value: Value<'m>| match value {
            Value::Constant(Literal::Text(text)) if text.is_empty() => Some(Vec::new()),
            Value::Constant(literal @ Literal::Text(_)) => Some(vec![Term::Literal(literal)]),
            Value::Data(data) if data.kind == Some(Kind::Text) => Some(match data.term {
                Term::Call {
                    function: Function::Concat,
                    arguments,
                } => arguments.into_vec(),
                other => vec![other],
            }),
            _ => None,
        };
        let length: usize = [&a, &b]
            .iter()
            .filter_map(|value| value.as_text())
            .map(str::len)
            .sum();
        if length > super::TEXT {
            return self.refuse("a text must be shorter than this");
        }
        self.spend(length / 64)?;
        let (Some(mut parts), Some(more)) = (terms(a), terms(b)) else {
            return self.refuse("only texts can be put together");
        };
        for term in more {
            match (parts.last_mut(), term) {
                (
                    Some(Term::Literal(Literal::Text(before))),
                    Term::Literal(Literal::Text(after)),
                ) => {
                    before.push_str(&after);
                }
                (_, term) => parts.push(term),
            }
        }
        Ok(match parts.as_slice() {
            [] => Value::text(""),
            [Term::Literal(literal)] => Value::Constant(literal.clone()),
            [one] => Value::computed(one.clone(), Kind::Text),
            _ => {
                self.spend(parts.len())?;
                Value::computed(Term::call(Function::Concat, parts), Kind::Text)
            }
        })
    }

    /// A test of the text of a value of any kind, as a test of the value itself; `None` where the subject is no such text.
    pub(super) fn shown_test(
        &self,
        subject: &Term,
        operator: Operator,
        texts: &[String],
    ) -> Option<Condition> {
        let (case, shown) = match subject {
            Term::Call {
                function: function @ (Function::Lower | Function::Upper),
                arguments,
            } => (Some(*function), arguments.first()?),
            other => (None, other),
        };
        let Term::Call {
            function: Function::Display | Function::DisplayEvent,
            arguments,
        } = shown
        else {
            return None;
        };
        let value = arguments.first()?;
        let as_text = match case {
            Some(function) => Term::call(function, [value.clone()]),
            None => value.clone(),
        };
        let text = self.text_test(&as_text, operator, texts);
        if !matches!(operator, Operator::Equals | Operator::In) {
            return Some(text.or(self.shown_rest(subject, value, operator, texts.to_vec())));
        }
        let mut others: Vec<String> = Vec::new();
        let mut result = text;
        for text in texts {
            match self.shown_scalar(value, case, text) {
                Some(condition) => result = result.or(condition),
                None => others.push(text.clone()),
            }
        }
        if !others.is_empty() {
            result = result.or(self.shown_rest(subject, value, operator, others));
        }
        Some(result)
    }

    /// The test of the text of a value that is none itself.
    fn shown_rest(
        &self,
        subject: &Term,
        value: &Term,
        operator: Operator,
        texts: Vec<String>,
    ) -> Condition {
        let kinds = Object::Kinds(vec![Kind::Text]);
        let is_text = self.implied(value.clone(), Operator::IsKind, kinds);
        is_text
            .negate()
            .and(self.plain_text_test(subject, operator, &texts))
    }

    /// Whether the value is the number, truth value or `None` whose text this is; `None` where a list or an object may have it.
    fn shown_scalar(&self, value: &Term, case: Option<Function>, text: &str) -> Option<Condition> {
        let is = |word: &str| match case {
            Some(Function::Lower) => word.to_lowercase() == text,
            Some(_) => word.to_uppercase() == text,
            None => word == text,
        };
        let equals = |literal: Literal| {
            self.implied(value.clone(), Operator::Equals, Object::Literal(literal))
        };
        if is("None") {
            let present = self.implied(value.clone(), Operator::IsPresent, Object::None);
            return Some(present.negate());
        }
        if let Some(flag) = [true, false]
            .into_iter()
            .find(|flag| is(if *flag { "True" } else { "False" }))
        {
            return Some(equals(Literal::Boolean(flag)));
        }
        let number: Result<f64, _> = text.parse();
        if number.is_err() {
            let container = text.contains(['[', '{', '(']);
            return (!container).then_some(Condition::FALSE);
        }
        let literal = match text.parse::<i64>() {
            Ok(number) => Literal::Integer(number),
            Err(_) => Literal::Float(number.ok()?),
        };
        if matches!(literal, Literal::Float(number) if !number.is_finite())
            || display(&literal.to_json()) != text
        {
            // No number is written like this.
            let exponent = text.contains(['e', 'E']);
            return (!exponent).then_some(Condition::FALSE);
        }
        let whole = Object::Kinds(vec![Kind::Integer]);
        let whole = self.implied(value.clone(), Operator::IsKind, whole);
        Some(match &literal {
            Literal::Integer(_) => whole.and(equals(literal)),
            _ => equals(literal).and(whole.negate()),
        })
    }

    /// In a text for people, a choice of texts is one term.
    fn collapsed_text(&self, value: Value<'m>) -> Value<'m> {
        match (&value, term::term_of(&value)) {
            (Value::Choice(_), Some(term)) if self.purpose == Purpose::Display => {
                Value::computed(term, Kind::Text)
            }
            _ => value,
        }
    }

    pub(super) fn equals_exactly(&self, data: &Data, value: bool) -> Condition {
        self.implied(
            data.term.clone(),
            Operator::Equals,
            Object::Literal(Literal::Boolean(value)),
        )
    }
}
