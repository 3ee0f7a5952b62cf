//! Arithmetic with numbers of the event: a truth value counts as 1 or 0, anything else that is no number raises.
//!
//! Refused: powers, shifts, and `*`, `%` and `+` where a value of unknown kind may be a text or a list as well as a number and
//! what Python makes of that cannot be expressed.

use rustpython_ruff_python_ast::Operator as Binary;

use super::exception::Exception;
use super::value::{Data, SequenceKind, Value};
use super::{Executor, Outcome, term};
use crate::ir::compute::compute;
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

const NUMBERS: &[Kind] = &[Kind::Number, Kind::Boolean];

impl<'m> Executor<'m> {
    /// `left op right`, where one side at least is a value of the event.
    pub(super) fn arithmetic(
        &mut self,
        op: Binary,
        left: Value<'m>,
        right: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let function = match op {
            Binary::Add => return self.add(left, right),
            Binary::Sub => Function::Subtract,
            Binary::Mult => {
                self.unless_repeated(&left, &right)?;
                self.unless_repeated(&right, &left)?;
                Function::Multiply
            }
            Binary::Div => Function::Divide,
            Binary::FloorDiv => Function::FloorDivide,
            Binary::Mod => {
                self.unless_formatted(&left)?;
                Function::Modulo
            }
            Binary::BitAnd => return self.bits(left, right, Function::BitAnd),
            Binary::BitOr => return self.bits(left, right, Function::BitOr),
            Binary::BitXor => return self.bits(left, right, Function::BitXor),
            Binary::Pow | Binary::LShift | Binary::RShift | Binary::MatMult => {
                return self.refuse(format!(
                    "`{}` of {} and {} cannot be expressed",
                    op.as_str(),
                    left.type_name(),
                    right.type_name()
                ));
            }
        };
        let divides = matches!(op, Binary::Div | Binary::FloorDiv | Binary::Mod);
        self.numbers(left, right, function, divides)
    }

    /// `a + b` with event data: two texts, or two numbers.
    fn add(&mut self, left: Value<'m>, right: Value<'m>) -> Outcome<Value<'m>> {
        let kind = |value: &Value<'_>| match value {
            Value::Constant(Literal::Text(_)) => Some(Kind::Text),
            Value::Constant(Literal::Null) => Some(Kind::Null),
            Value::Constant(_) | Value::Truth(_) => Some(Kind::Number),
            Value::Data(data) => data.kind,
            _ => None,
        };
        match (kind(&left), kind(&right)) {
            (Some(Kind::Text), _) | (_, Some(Kind::Text)) => {
                let left = self.require_text(left)?;
                let right = self.require_text(right)?;
                self.concatenate(vec![left, right])
            }
            (Some(Kind::Number | Kind::Integer | Kind::Boolean), _)
            | (_, Some(Kind::Number | Kind::Integer | Kind::Boolean)) => {
                self.numbers(left, right, Function::Add, false)
            }
            (Some(Kind::Null), _) | (_, Some(Kind::Null)) => self.raise(Exception::TYPE),
            _ => self.add_unknown(left, right),
        }
    }

    /// Of two values of unknown kind: texts where the first is one. Lists of the event cannot be added.
    fn add_unknown(&mut self, left: Value<'m>, right: Value<'m>) -> Outcome<Value<'m>> {
        let (Value::Data(a), Value::Data(b)) = (&left, &right) else {
            return self.refuse("`+` requires that one side is known to be a text or a number");
        };
        if a.plain || b.plain {
            let lists = self
                .is_kind(a, &[Kind::List])
                .and(self.is_kind(b, &[Kind::List]));
            let lists = self.known(lists);
            if lists.as_constant() != Some(false) && !(a.plain && b.plain) {
                return self.refuse("`+` requires that one side is known to be a text or a number");
            }
            if lists.as_constant() != Some(false) {
                let (others, ours) = ((left.clone(), right.clone()), (left, right));
                return self.either(
                    lists,
                    |this| {
                        let left = this.collected(ours.0, SequenceKind::List)?;
                        let right = this.collected(ours.1, SequenceKind::List)?;
                        this.lists(&left, Binary::Add, &right)
                    },
                    |this| this.add_scalars(others.0, others.1),
                );
            }
        }
        self.add_scalars(left, right)
    }

    /// Of two values of unknown kind that are not lists.
    fn add_scalars(&mut self, left: Value<'m>, right: Value<'m>) -> Outcome<Value<'m>> {
        let Value::Data(a) = &left else {
            return self.numbers(left, right, Function::Add, false);
        };
        let text = self.is_kind(a, &[Kind::Text]);
        let (first, second) = ((left.clone(), right.clone()), (left, right));
        self.either(
            text,
            |this| {
                let left = this.require_text(first.0)?;
                let right = this.require_text(first.1)?;
                this.concatenate(vec![left, right])
            },
            |this| this.numbers(second.0, second.1, Function::Add, false),
        )
    }

    /// A text or a list times a number is its repetition.
    fn unless_repeated(&mut self, value: &Value<'m>, by: &Value<'m>) -> Outcome<()> {
        let may_count = match by {
            Value::Data(data) => data
                .kind
                .is_none_or(|kind| matches!(kind, Kind::Integer | Kind::Number | Kind::Boolean)),
            Value::Constant(literal) => {
                matches!(literal, Literal::Integer(_) | Literal::Boolean(_))
            }
            _ => true,
        };
        match value {
            _ if !may_count => Ok(()),
            Value::Constant(Literal::Text(_)) => {
                self.refuse("a text repeated as often as event data says cannot be expressed")
            }
            Value::Data(data) => {
                let repeated = self.is_kind(data, &[Kind::Text, Kind::List]);
                self.unknown_where(
                    repeated,
                    "a text or a list times a number counts as an exception",
                )
            }
            _ => Ok(()),
        }
    }

    /// `%` of a text puts values into it.
    fn unless_formatted(&mut self, value: &Value<'m>) -> Outcome<()> {
        match value {
            Value::Data(data) => {
                let text = self.is_kind(data, &[Kind::Text]);
                self.unknown_where(text, "`%` of a text counts as an exception")
            }
            _ => Ok(()),
        }
    }

    /// Leaves the function where Python goes on with what is not known here; says so.
    pub(super) fn unknown_where(&mut self, when: Condition, remark: &str) -> Outcome<()> {
        let when = self.known(when);
        if when.as_constant() == Some(false) {
            return Ok(());
        }
        self.remark(remark);
        self.raise_if(when, Exception::UNKNOWN)
    }

    fn numbers(
        &mut self,
        left: Value<'m>,
        right: Value<'m>,
        function: Function,
        divides: bool,
    ) -> Outcome<Value<'m>> {
        let kind = if function != Function::Divide && is_whole(&left) && is_whole(&right) {
            Kind::Integer
        } else {
            Kind::Number
        };
        let terms = vec![self.number_term(left)?, self.number_term(right)?];
        if divides {
            let divisor = terms[1].clone();
            let zero = self.is_zero(&divisor);
            self.raise_if(zero, Exception::ZERO_DIVISION)?;
        }
        Ok(Value::computed(Term::call(function, terms), kind))
    }

    fn is_zero(&self, term: &Term) -> Condition {
        match term {
            Term::Literal(literal) => {
                Condition::constant(!super::predicate::constant_truth(literal))
            }
            other => self
                .implied(other.clone(), Operator::IsTruthy, Object::None)
                .negate(),
        }
    }

    /// The term of a number, raising where the value is none.
    pub(super) fn number_term(&mut self, value: Value<'m>) -> Outcome<Term> {
        match &value {
            Value::Constant(literal) => match literal {
                Literal::Integer(_) | Literal::Float(_) | Literal::Boolean(_) => {
                    Ok(Term::Literal(literal.clone()))
                }
                _ => self.raise(Exception::TYPE),
            },
            Value::Data(data) => {
                let number = self.is_kind(data, NUMBERS);
                self.raise_if(number.negate(), Exception::TYPE)?;
                Ok(data.term.clone())
            }
            Value::Truth(_) => match term::term_of(&value) {
                Some(term) => Ok(term),
                None => self.refuse("this truth value cannot be used as a number"),
            },
            Value::Sequence(_) | Value::Mapping(_) | Value::Comprehension(_) => {
                self.raise(Exception::TYPE)
            }
            other => self.refuse(format!("{} cannot be used as a number", other.type_name())),
        }
    }

    /// An operator of bits; of two truth values it is a truth value.
    fn bits(
        &mut self,
        left: Value<'m>,
        right: Value<'m>,
        function: Function,
    ) -> Outcome<Value<'m>> {
        let mut terms = Vec::new();
        for value in [left, right] {
            if let Value::Data(data) = &value {
                if data.plain && data.kind.is_none() {
                    return self.refuse("an operator of bits requires values of known kinds");
                }
                let whole = self.is_kind(data, &[Kind::Integer, Kind::Boolean]);
                self.raise_if(whole.negate(), Exception::TYPE)?;
            }
            if matches!(value, Value::Constant(Literal::Float(_))) {
                return self.raise(Exception::TYPE);
            }
            terms.push(self.number_term(value)?);
        }
        Ok(Value::Data(Data {
            term: Term::call(function, terms),
            kind: None,
            plain: true,
        }))
    }

    /// `abs(value)`, `round(value, digits)`.
    pub(super) fn number_function(
        &mut self,
        name: &str,
        value: Value<'m>,
        digits: Option<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let digits = match digits {
            None | Some(Value::Constant(Literal::Null)) => None,
            Some(digits) => match digits.as_integer() {
                Some(digits) if digits >= 0 && name == "round" => Some(digits),
                _ => return self.refuse(format!("`{name}()` with these arguments is not read")),
            },
        };
        self.each(value, &mut |this, value| {
            let mut terms = vec![this.number_term(value)?];
            terms.extend(digits.map(|digits| Term::Literal(Literal::Integer(digits))));
            let (function, kind) = match (name, digits) {
                ("abs", _) => (Function::Absolute, Kind::Number),
                (_, None) => (Function::Round, Kind::Integer),
                (_, Some(_)) => (Function::Round, Kind::Number),
            };
            let constants: Option<Vec<serde_json::Value>> = terms
                .iter()
                .map(|term| term.as_literal().map(Literal::to_json))
                .collect();
            let constant = constants
                .and_then(|constants| compute(function, &constants.iter().collect::<Vec<_>>()));
            Ok(match constant {
                Some(value) => this.json_value(&value),
                None => Value::computed(Term::call(function, terms), kind),
            })
        })
    }

    /// `divmod(a, b)`.
    pub(super) fn quotient_and_rest(&mut self, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        let quotient = self.operate(Binary::FloorDiv, a.clone(), b.clone())?;
        let rest = self.operate(Binary::Mod, a, b)?;
        Ok(self.sequence(super::SequenceKind::Tuple, vec![quotient, rest]))
    }
}

/// Whether the value is surely a whole number.
fn is_whole(value: &Value<'_>) -> bool {
    match value {
        Value::Constant(literal) => matches!(literal, Literal::Integer(_) | Literal::Boolean(_)),
        Value::Data(data) => matches!(data.kind, Some(Kind::Integer | Kind::Boolean)),
        Value::Truth(_) => true,
        _ => false,
    }
}
