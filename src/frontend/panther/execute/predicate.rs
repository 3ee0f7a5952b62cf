//! Values to conditions: truth, equality with a constant, kinds, and tests on texts.
//!
//! A test on `x.lower()` or `x.upper()` becomes a test on `x` that ignores case, where the constant has that case. (The two
//! differ only for the few letters whose upper case is another letter's, such as the Kelvin sign.)

use super::absent::presence;
use super::item::some;
use super::value::{Callable, Data, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Function, Implied, Kind, Literal, Object, Operator,
    Predicate, Segment, Term,
};

impl<'m> Executor<'m> {
    /// A predicate at the current place.
    pub(super) fn test(&self, subject: Term, operator: Operator, object: Object) -> Condition {
        Predicate::new(subject, operator, object)
            .at(self.origin())
            .into()
    }

    /// The same, as one that the author did not write.
    pub(super) fn implied(&self, subject: Term, operator: Operator, object: Object) -> Condition {
        Predicate::new(subject, operator, object)
            .at(self.origin())
            .implied()
            .into()
    }

    /// Whether the value is of one of the kinds, as an implied guard.
    pub(super) fn is_kind(&self, data: &Data, kinds: &[Kind]) -> Condition {
        match data.kind {
            Some(kind) => Condition::constant(
                kinds.contains(&kind) || kind == Kind::Integer && kinds.contains(&Kind::Number),
            ),
            None => self.implied(
                data.term.clone(),
                Operator::IsKind,
                Object::Kinds(kinds.to_vec()),
            ),
        }
    }

    /// Whether the value is there and not `None`.
    pub(super) fn is_present(&self, data: &Data) -> Condition {
        if data.kind.is_some() {
            return Condition::TRUE;
        }
        self.test(data.term.clone(), Operator::IsPresent, Object::None)
    }

    /// Python's truth of a value.
    pub(super) fn truth(&mut self, value: &Value<'m>) -> Outcome<Condition> {
        Ok(match value {
            Value::Constant(literal) => Condition::constant(constant_truth(literal)),
            Value::Truth(condition) => condition.clone(),
            Value::Event => self.test(
                Term::Field(FieldPath::root()),
                Operator::IsTruthy,
                Object::None,
            ),
            Value::Data(data) => self.test(data.term.clone(), Operator::IsTruthy, Object::None),
            Value::Sequence(sequence) => Condition::constant(!sequence.items.is_empty()),
            Value::Mapping(mapping) => {
                logic::any(mapping.entries.iter().map(|(_, value)| presence(value)))
            }
            Value::Comprehension(_) | Value::Entries(_) => self.any_item(value)?,
            Value::Choice(choice) => {
                let mut result = self.truth(&choice.otherwise)?;
                for (when, value) in choice.cases.iter().rev() {
                    let value = self.truth(value)?;
                    self.spend(logic::size(when))?;
                    result = logic::mix(when.clone(), value, result);
                }
                result
            }
            // Whether the value has the attribute at all is not known.
            Value::Callable(Callable::Method { name, .. }) => {
                return self.refuse(format!("`.{name}` must be called, or be a known attribute"));
            }
            Value::Callable(_)
            | Value::Module(_)
            | Value::Class(_)
            | Value::Instance { .. }
            | Value::Super(..)
            | Value::Described(..)
            | Value::Mock(_)
            | Value::External(_)
            | Value::Pattern(_)
            | Value::Match { .. }
            | Value::Address(_)
            | Value::Network { .. }
            | Value::Moment(_)
            | Value::Record(_) => Condition::TRUE,
            Value::Duration(inner) | Value::Bytes(inner) => self.truth(inner)?,
            Value::Carried(growth) => {
                let value = self.read_growth(growth)?;
                return self.truth(&value);
            }
            Value::Unbound | Value::Refused(_) => {
                self.each(value.clone(), &mut |this, value| {
                    this.refuse(format!("{} has no truth value", value.type_name()))
                })?;
                Condition::FALSE
            }
        })
    }

    /// Whether a list or dictionary made of event data has an item.
    fn any_item(&mut self, value: &Value<'m>) -> Outcome<Condition> {
        if let Value::Entries(list) = value
            && let Some(problem) = super::parts::problem(&list.parts)
        {
            return Err(self.refused(problem));
        }
        Ok(match self.without_repetitions(value.clone()) {
            Value::Comprehension(list) | Value::Entries(list) => {
                super::parts::any_there(&list.parts)
            }
            _ => Condition::FALSE,
        })
    }

    /// What a rule's `return` of the value says: Panther takes only real truth values, anything else is an error.
    /// The condition is that it returns `wanted`.
    pub(in crate::frontend::panther) fn verdict(
        &mut self,
        value: &Value<'m>,
        wanted: bool,
    ) -> Outcome<Condition> {
        Ok(match value {
            Value::Constant(Literal::Boolean(value)) => Condition::constant(*value == wanted),
            Value::Truth(condition) if wanted => condition.clone(),
            Value::Truth(condition) => condition.clone().negate(),
            Value::Data(Data {
                term, kind: None, ..
            }) => self.test(
                term.clone(),
                Operator::Equals,
                Object::Literal(Literal::Boolean(wanted)),
            ),
            Value::Choice(choice) => {
                let mut result = self.verdict(&choice.otherwise, wanted)?;
                for (when, value) in choice.cases.iter().rev() {
                    let value = self.verdict(value, wanted)?;
                    result = logic::mix(when.clone(), value, result);
                }
                result
            }
            Value::Unbound | Value::Carried(_) | Value::Refused(_) => {
                let truth = self.truth(value)?;
                if wanted { truth } else { truth.negate() }
            }
            _ => Condition::FALSE,
        })
    }

    /// Whether the value of the event equals the constant, as Python compares.
    pub(super) fn equals(&self, data: &Data, constant: &Literal) -> Condition {
        match constant {
            Literal::Null => self.is_present(data).negate(),
            Literal::Text(text) => {
                if data.kind.is_some_and(|kind| kind != Kind::Text) {
                    return Condition::FALSE;
                }
                self.text_test(&data.term, Operator::Equals, std::slice::from_ref(text))
            }
            Literal::Boolean(_) | Literal::Integer(_) | Literal::Float(_) => {
                if data.kind.is_some_and(|kind| {
                    !matches!(kind, Kind::Boolean | Kind::Number | Kind::Integer)
                }) {
                    return Condition::FALSE;
                }
                let equals = |literal: Literal, implied: bool| {
                    Condition::from(Predicate {
                        implied: Implied(implied),
                        ..Predicate::new(
                            data.term.clone(),
                            Operator::Equals,
                            Object::Literal(literal),
                        )
                        .at(self.origin())
                    })
                };
                let written = equals(constant.clone(), false);
                match twin(constant).filter(|_| data.kind.is_none()) {
                    Some(twin) => written.or(equals(twin, true)),
                    None => written,
                }
            }
            Literal::List(_) | Literal::Object(_) => self.test(
                data.term.clone(),
                Operator::Equals,
                Object::Literal(constant.clone()),
            ),
        }
    }

    /// Whether the value of the event equals one of the constants.
    pub(super) fn equals_any(&self, data: &Data, constants: &[Literal]) -> Condition {
        let texts: Vec<String> = constants
            .iter()
            .filter_map(|constant| constant.as_text().map(str::to_owned))
            .collect();
        let others = constants
            .iter()
            .filter(|constant| constant.as_text().is_none())
            .map(|constant| self.equals(data, constant));
        let mut result = Condition::FALSE;
        if !texts.is_empty() && data.kind.is_none_or(|kind| kind == Kind::Text) {
            result = self.text_test(&data.term, Operator::In, &texts);
        }
        logic::any(std::iter::once(result).chain(others))
    }

    /// A test of a text against constant texts, any of which may hold.
    pub(super) fn text_test(
        &self,
        subject: &Term,
        operator: Operator,
        texts: &[String],
    ) -> Condition {
        if let Some(condition) = self.shown_test(subject, operator, texts) {
            return condition;
        }
        self.plain_text_test(subject, operator, texts)
    }

    /// The same, of a text that is one in the event.
    pub(super) fn plain_text_test(
        &self,
        subject: &Term,
        operator: Operator,
        texts: &[String],
    ) -> Condition {
        let (subject, case, texts) = folded(subject, operator, texts);
        if texts.is_empty() {
            return Condition::FALSE;
        }
        let object = match (operator, texts.as_slice()) {
            (Operator::Equals, [text]) => Object::Literal(Literal::text(text)),
            (Operator::Equals | Operator::In, _) => {
                Object::List(texts.into_iter().map(Literal::Text).collect())
            }
            _ => Object::Texts(texts),
        };
        let operator = if matches!(object, Object::List(_)) {
            Operator::In
        } else {
            operator
        };
        Condition::from(Predicate {
            case,
            ..Predicate::new(subject, operator, object).at(self.origin())
        })
    }

    /// Whether the constant text is in the value: a part of a text, an item of a list, a key of an object.
    pub(super) fn holds_text(&mut self, data: &Data, text: &str) -> Condition {
        let texts = [text.to_owned()];
        let may_be = |this: &mut Self, kind| {
            let is = this.known(this.is_kind(data, &[kind]));
            is.as_constant() != Some(false)
        };
        let mut result = Condition::FALSE;
        if may_be(self, Kind::Text) {
            result = self.text_test(&data.term, Operator::Contains, &texts);
        }
        if may_be(self, Kind::List) {
            result = result.or(self.holds_item(
                data,
                Operator::Equals,
                Object::Literal(Literal::text(text)),
            ));
        }
        if may_be(self, Kind::Object) {
            let member = member_of(&data.term, data.plain, text);
            result = result.or(self.implied(member, Operator::Exists, Object::None));
        }
        result
    }

    /// Whether an item of the list satisfies.
    pub(super) fn holds_item(
        &mut self,
        data: &Data,
        operator: Operator,
        object: Object,
    ) -> Condition {
        match each_item(&data.term) {
            Some(items) if data.kind.is_none() => self.implied(items, operator, object),
            Some(items) => self.test(items, operator, object),
            None => {
                let item = self.item();
                let body = self.implied(item.term(), operator, object);
                some(&data.term, item, body)
            }
        }
    }
}

/// The other constant that Python takes for equal.
fn twin(constant: &Literal) -> Option<Literal> {
    match constant {
        Literal::Boolean(value) => Some(Literal::Integer(i64::from(*value))),
        Literal::Integer(0) | Literal::Float(0.0) => Some(Literal::Boolean(false)),
        Literal::Integer(1) | Literal::Float(1.0) => Some(Literal::Boolean(true)),
        _ => None,
    }
}

/// Python's truth of a constant.
pub(super) fn constant_truth(literal: &Literal) -> bool {
    match literal {
        Literal::Null => false,
        Literal::Boolean(value) => *value,
        Literal::Integer(number) => *number != 0,
        Literal::Float(number) => *number != 0.0,
        Literal::Text(text) => !text.is_empty(),
        Literal::List(items) => !items.is_empty(),
        Literal::Object(map) => !map.is_empty(),
    }
}

/// The term of a key of an object.
pub(super) fn member(term: &Term, key: &str) -> Term {
    match term {
        Term::Field(path) => Term::Field(path.key(key)),
        Term::Item { depth, path } => Term::Item {
            depth: *depth,
            path: path.key(key),
        },
        other => Term::call(Function::Member, [other.clone(), Term::text(key)]),
    }
}

/// The term of a key that has to be spelt exactly so.
fn member_exact(term: &Term, key: &str) -> Term {
    match term {
        Term::Field(path) => Term::Field(path.exact(key)),
        Term::Item { depth, path } => Term::Item {
            depth: *depth,
            path: path.exact(key),
        },
        other => Term::call(Function::MemberExact, [other.clone(), Term::text(key)]),
    }
}

/// The term of a key of an object: of Python's own ones, spelt exactly so.
pub(super) fn member_of(object: &Term, plain: bool, key: &str) -> Term {
    if plain {
        member_exact(object, key)
    } else {
        member(object, key)
    }
}

/// The term of a key of an object, of a key of the object that this is, and so on.
pub(super) fn members_of(object: &Term, plain: bool, keys: &[&str]) -> Term {
    let step: fn(String) -> Segment = if plain { Segment::Exact } else { Segment::Key };
    let steps = || keys.iter().map(|key| step((*key).to_owned()));
    match object {
        Term::Field(path) => Term::Field(path.below(steps())),
        Term::Item { depth, path } => Term::Item {
            depth: *depth,
            path: path.below(steps()),
        },
        other => keys
            .iter()
            .fold(other.clone(), |object, key| member_of(&object, plain, key)),
    }
}

/// The term of an item of a list.
pub(super) fn item(term: &Term, index: i64) -> Term {
    match term {
        Term::Field(path) => Term::Field(path.join(Segment::Index(index))),
        Term::Item { depth, path } => Term::Item {
            depth: *depth,
            path: path.join(Segment::Index(index)),
        },
        other => Term::call(
            Function::Item,
            [other.clone(), Term::Literal(Literal::Integer(index))],
        ),
    }
}

/// The term of every item of a list, where a path can say it.
fn each_item(term: &Term) -> Option<Term> {
    match term {
        Term::Field(path) => Some(Term::Field(path.join(Segment::Each))),
        Term::Item { depth, path } => Some(Term::Item {
            depth: *depth,
            path: path.join(Segment::Each),
        }),
        _ => None,
    }
}

/// The subject below a change of case, the case sensitivity that stands for it, and the texts that can still hold.
fn folded(
    subject: &Term,
    operator: Operator,
    texts: &[String],
) -> (Term, CaseSensitivity, Vec<String>) {
    let unchanged = || (subject.clone(), CaseSensitivity::Sensitive, texts.to_vec());
    let Term::Call {
        function,
        arguments,
    } = subject
    else {
        return unchanged();
    };
    let (Function::Lower | Function::Upper, [inner]) = (function, arguments.as_slice()) else {
        return unchanged();
    };
    if !operator.info().has_case || operator == Operator::Matches {
        return unchanged();
    }
    let can_hold = |text: &&String| match function {
        Function::Lower => text.to_lowercase() == **text,
        _ => text.to_uppercase() == **text,
    };
    let kept: Vec<String> = texts.iter().filter(can_hold).cloned().collect();
    if *function == Function::Upper && !kept.iter().all(|text| text.is_ascii()) {
        return unchanged();
    }
    (inner.clone(), CaseSensitivity::Insensitive, kept)
}

/// The literals of a sequence of constants.
pub(super) fn literals(items: &[Value<'_>]) -> Option<Vec<Literal>> {
    items.iter().map(Value::as_literal).collect()
}

/// Whether Python can hash the value; a value of the event can, unless it is a list or an object.
pub(super) fn is_hashable(value: &Value<'_>) -> bool {
    match value {
        Value::Sequence(sequence) => {
            sequence.kind == SequenceKind::Tuple && sequence.items.iter().all(is_hashable)
        }
        Value::Mapping(_) | Value::Event | Value::Entries(_) => false,
        Value::Comprehension(comprehension) => comprehension.kind == SequenceKind::Tuple,
        _ => true,
    }
}
