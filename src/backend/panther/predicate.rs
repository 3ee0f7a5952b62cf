//! One predicate as Python: equality, order, presence and kind; the operators on texts are in `texts`.

use serde_json::Value;

use super::code::Code;
use super::function::may_be_null;
use super::names;
use super::notation::Python;
use super::shape::{Shape, Sign};
use super::term::Loops;
use crate::ir::{Kind, Literal, Object, Operator, Predicate, Term};

/// A constant list longer than this is a constant of the module.
const INLINE: usize = 40;

/// A predicate on its way to Python.
pub(super) struct Subject<'s, 'm> {
    pub(super) python: &'s Python<'m>,
    pub(super) predicate: &'s Predicate,
    /// Whether case does not count.
    pub(super) fold: bool,
    /// Whether the subject is known to be a text.
    pub(super) known: bool,
}

impl Subject<'_, '_> {
    pub(super) fn shape(&self, loops: &mut Loops) -> Result<Shape, String> {
        let predicate = self.predicate;
        if let (Object::Term(other), Some(helper)) =
            (&predicate.object, with_other(predicate.operator))
        {
            return self.beside_other(helper, other, loops);
        }
        match predicate.operator {
            Operator::Equals | Operator::In => self.equals(loops),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => self.parts(loops),
            Operator::HasTerm => self.terms(loops),
            Operator::Matches => self.matches(loops),
            Operator::Wildcard => self.wildcards(loops),
            Operator::LessThan => self.ordered(Sign::Less, loops),
            Operator::AtMost => self.ordered(Sign::AtMost, loops),
            Operator::GreaterThan => self.ordered(Sign::Greater, loops),
            Operator::AtLeast => self.ordered(Sign::AtLeast, loops),
            Operator::InNetwork => self.networks(loops),
            Operator::IsIpAddress => {
                let text = self.text(loops)?;
                Ok(Shape::call("is_ip", vec![text]))
            }
            Operator::Exists => self.python.exists(&predicate.subject, loops),
            Operator::IsPresent => Ok(Shape::compare(
                &self.value(loops)?,
                Sign::IsNot,
                Code::none(),
            )),
            Operator::IsFilled => Ok(Shape::compare(
                &self.value(loops)?,
                Sign::NotIn,
                Code::tuple(vec![Code::none(), Code::text("")]),
            )),
            Operator::IsTruthy => Ok(Shape::Truth(self.value(loops)?)),
            Operator::IsKind => self.kinds(loops),
        }
    }

    /// The subject's value; one that is long gets a name.
    pub(super) fn value(&self, loops: &mut Loops) -> Result<Code, String> {
        let subject = &self.predicate.subject;
        let value = self.python.value(subject, loops)?;
        Ok(if loops.clauses.is_empty() {
            self.python.by_name(subject, value)
        } else {
            value
        })
    }

    /// The subject as a text, in lower case where case does not count.
    pub(super) fn text(&self, loops: &mut Loops) -> Result<Code, String> {
        let text = self
            .python
            .text(&self.predicate.subject, self.known, loops)?;
        Ok(if self.fold {
            text.method("lower", Vec::new())
        } else {
            text
        })
    }

    /// Whether the subject is a text, where it is not known to be one.
    pub(super) fn is_text(&self, loops: &mut Loops) -> Result<Shape, String> {
        Ok(Shape::is_instance(&self.value(loops)?, "str"))
    }

    /// A shape that the empty text would satisfy, guarded against values that are no text.
    pub(super) fn guarded(&self, shape: Shape, loops: &mut Loops) -> Result<Shape, String> {
        if self.known {
            return Ok(shape);
        }
        // The loops of the subject are already there.
        let mut again = Loops::default();
        let guard = self.is_text(&mut again)?;
        debug_assert!(again.clauses.len() <= loops.clauses.len());
        Ok(Shape::all(vec![guard, shape]))
    }

    pub(super) fn folded(&self, text: &str) -> String {
        if self.fold {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    }

    /// The constant texts, lowered where case does not count, each once.
    pub(super) fn texts(&self) -> Result<Vec<String>, String> {
        let Object::Texts(texts) = &self.predicate.object else {
            return Err("an object that does not fit the operator".to_owned());
        };
        let mut wanted: Vec<String> = Vec::new();
        for text in texts {
            let text = self.folded(text);
            if !wanted.contains(&text) {
                wanted.push(text);
            }
        }
        Ok(wanted)
    }

    /// A tuple of constants: where it is used if it is short, else by name.
    pub(super) fn tuple(&self, literals: Vec<Code>, suffix: &str) -> Code {
        let is_short = literals.len() <= 3;
        let tuple = Code::tuple(literals);
        if is_short && tuple.width() <= INLINE {
            return tuple;
        }
        let stem = names::constant(&self.predicate.subject);
        let name = match suffix {
            "" => names::plural(&stem),
            suffix => format!("{stem}_{suffix}"),
        };
        self.python.module.constant(&name, tuple)
    }

    fn equals(&self, loops: &mut Loops) -> Result<Shape, String> {
        let literals: Vec<Value> = match &self.predicate.object {
            Object::Term(other) => return self.equals_term(other, loops),
            Object::Literal(literal) => vec![literal.to_json()],
            Object::List(items) => items.iter().map(Literal::to_json).collect(),
            Object::Texts(texts) => texts
                .iter()
                .map(|text| Value::from(text.as_str()))
                .collect(),
            Object::None | Object::Kinds(_) => Vec::new(),
        };
        // What Python compares as the event means it goes into one tuple; the rest is asked one by one.
        let (mut plain, mut texts, mut shapes) = (Vec::new(), Vec::new(), Vec::new());
        let value = self.value(loops)?;
        for literal in &literals {
            match literal {
                Value::Null => {}
                Value::String(text) if self.fold && !text.is_empty() => {
                    push_new(&mut texts, Code::text(&text.to_lowercase()));
                }
                Value::String(text) => push_new(&mut plain, Code::text(text)),
                // Python takes a truth value for the number, and here both are asked for.
                Value::Number(number)
                    if is_truth_like(number) && literals.contains(&truth_of(number)) =>
                {
                    push_new(&mut plain, Code::value(literal));
                }
                Value::Bool(truth) if literals.iter().any(|other| is_number_of(other, *truth)) => {}
                Value::Number(number) if is_truth_like(number) => {
                    let truth = Code::truth(number.as_f64() != Some(0.0));
                    shapes.push(Shape::all(vec![
                        Shape::compare(&value, Sign::Equal, Code::value(literal)),
                        Shape::compare(&value, Sign::IsNot, truth),
                    ]));
                }
                Value::Number(_) => push_new(&mut plain, Code::value(literal)),
                Value::Bool(_) => {
                    shapes.push(Shape::compare(&value, Sign::Is, Code::value(literal)));
                }
                Value::Array(_) | Value::Object(_) => {
                    shapes.push(self.equals_container(&value, literal)?);
                }
            }
        }
        let mut found = Vec::new();
        found.extend(self.one_of(plain, || Ok(value.clone()))?);
        // The loops of the subject are already there.
        found.extend(self.one_of(texts, || self.text(&mut Loops::default()))?);
        found.extend(shapes);
        Ok(Shape::any(found))
    }

    /// A text operator whose object is another value of the event.
    fn beside_other(
        &self,
        helper: &'static str,
        other: &Term,
        loops: &mut Loops,
    ) -> Result<Shape, String> {
        let sides = [self.value(loops)?, self.python.value(other, loops)?];
        let sides = sides.map(|side| self.in_case(side));
        Ok(Shape::call(helper, sides.into()))
    }

    /// The value in lower case where case does not count.
    fn in_case(&self, value: Code) -> Code {
        if self.fold {
            Code::call("folded", vec![value])
        } else {
            value
        }
    }

    fn one_of(
        &self,
        mut literals: Vec<Code>,
        subject: impl Fn() -> Result<Code, String>,
    ) -> Result<Option<Shape>, String> {
        Ok(match literals.len() {
            0 => None,
            1 => {
                let literal = literals.remove(0);
                Some(Shape::compare(&subject()?, Sign::Equal, literal))
            }
            _ => {
                let subject = subject()?;
                let tuple = self.tuple(literals, "");
                Some(Shape::compare(&subject, Sign::In, tuple))
            }
        })
    }

    /// Equality with a list or object: Python's, and for each number and truth value inside that it is the one and not the other.
    fn equals_container(&self, value: &Code, literal: &Value) -> Result<Shape, String> {
        if self.fold && literal.to_string().to_lowercase() != literal.to_string().to_uppercase() {
            return Err("equality with a list or object in any case".to_owned());
        }
        let mut shapes = vec![Shape::compare(value, Sign::Equal, Code::value(literal))];
        push_type_checks(value, literal, &mut shapes);
        Ok(Shape::all(shapes))
    }

    fn equals_term(&self, other: &Term, loops: &mut Loops) -> Result<Shape, String> {
        if self.known {
            let text = self.text(loops)?;
            let other = self.python.value(other, loops)?;
            return Ok(Shape::compare(&text, Sign::Equal, self.in_case(other)));
        }
        let mut sides = [self.value(loops)?, self.python.value(other, loops)?];
        if self.python.may_hold_values(&self.predicate.subject)
            && self.python.may_hold_values(other)
        {
            if self.fold {
                sides = sides.map(|side| Code::call("folded_all", vec![side]));
            }
            let there = Shape::compare(&sides[0], Sign::IsNot, Code::none());
            let equal = Shape::call("equal", sides.into());
            return Ok(Shape::all(vec![there, equal]));
        }
        let sides = sides.map(|side| self.in_case(side));
        Ok(Shape::call("same", sides.into()))
    }

    fn ordered(&self, sign: Sign, loops: &mut Loops) -> Result<Shape, String> {
        let value = self.value(loops)?;
        let literal = match &self.predicate.object {
            Object::Literal(literal) => literal.to_json(),
            Object::Term(other) => {
                let other = self.python.value(other, loops)?;
                let sides = vec![value, other];
                let guard = Shape::call("comparable", sides.clone());
                let mut sides = sides.into_iter().map(|side| self.in_case(side));
                let (Some(one), Some(two)) = (sides.next(), sides.next()) else {
                    return Ok(guard);
                };
                return Ok(Shape::all(vec![guard, Shape::compare(&one, sign, two)]));
            }
            Object::None | Object::List(_) | Object::Texts(_) | Object::Kinds(_) => {
                return Err("an object that does not fit the operator".to_owned());
            }
        };
        Ok(match &literal {
            Value::Number(_) => Shape::all(vec![
                Shape::call("is_number", vec![value.clone()]),
                Shape::compare(&value, sign, Code::value(&literal)),
            ]),
            Value::String(text) => {
                let subject = if self.fold {
                    value.clone().method("lower", Vec::new())
                } else {
                    value.clone()
                };
                let comparison = Shape::compare(&subject, sign, Code::text(&self.folded(text)));
                if self.known {
                    comparison
                } else {
                    Shape::all(vec![Shape::is_instance(&value, "str"), comparison])
                }
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Shape::never(),
        })
    }

    fn kinds(&self, loops: &mut Loops) -> Result<Shape, String> {
        let Object::Kinds(kinds) = &self.predicate.object else {
            return Err("an object that does not fit the operator".to_owned());
        };
        let value = self.value(loops)?;
        let has = |kind: Kind| kinds.contains(&kind);
        let mut classes = Vec::new();
        let mut shapes = Vec::new();
        if has(Kind::Text) {
            classes.push("str");
        }
        // Truth values are integers to Python.
        match (has(Kind::Boolean), has(Kind::Number), has(Kind::Integer)) {
            (true, true, _) => classes.extend(["int", "float"]),
            (true, false, true) => classes.push("int"),
            (true, false, false) => classes.push("bool"),
            (false, true, _) => {
                shapes.push(Shape::call("is_number", vec![value.clone()]));
            }
            (false, false, true) => {
                shapes.push(Shape::call("is_integer", vec![value.clone()]));
            }
            (false, false, false) => {}
        }
        if has(Kind::Object) {
            classes.push("Mapping");
        }
        if has(Kind::List) {
            shapes.push(Shape::call("is_list", vec![value.clone()]));
        }
        match classes.as_slice() {
            [] => {}
            [one] => shapes.insert(0, Shape::is_instance(&value, one)),
            many => {
                let classes = many.iter().map(|class| Code::name(*class));
                let classes = Code::tuple(classes.collect());
                let shape = Shape::call("isinstance", vec![value.clone(), classes]);
                shapes.insert(0, shape);
            }
        }
        if has(Kind::Null) {
            if !may_be_null(&self.predicate.subject) {
                return Ok(Shape::any(shapes));
            }
            let mut again = Loops::default();
            let exists = self.python.exists(&self.predicate.subject, &mut again)?;
            shapes.push(Shape::all(vec![
                exists,
                Shape::compare(&value, Sign::Is, Code::none()),
            ]));
        }
        Ok(Shape::any(shapes))
    }
}

/// The helper that asks a text operator of two values.
fn with_other(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Contains => Some("has_part"),
        Operator::StartsWith => Some("has_start"),
        Operator::EndsWith => Some("has_end"),
        Operator::HasTerm => Some("has_word"),
        Operator::Wildcard => Some("follows"),
        Operator::InNetwork => Some("in_network"),
        Operator::Equals
        | Operator::In
        | Operator::Matches
        | Operator::LessThan
        | Operator::AtMost
        | Operator::GreaterThan
        | Operator::AtLeast
        | Operator::IsIpAddress
        | Operator::Exists
        | Operator::IsPresent
        | Operator::IsFilled
        | Operator::IsTruthy
        | Operator::IsKind => None,
    }
}

fn push_new(literals: &mut Vec<Code>, literal: Code) {
    if !literals.contains(&literal) {
        literals.push(literal);
    }
}

/// The truth value that Python takes for the number; nothing to compare with where it takes none.
fn truth_of(number: &serde_json::Number) -> Value {
    if is_truth_like(number) {
        Value::Bool(number.as_f64() != Some(0.0))
    } else {
        Value::Null
    }
}

/// Whether the value is the number that Python takes the truth value for.
fn is_number_of(value: &Value, truth: bool) -> bool {
    matches!(value, Value::Number(number) if truth_of(number) == Value::Bool(truth))
}

/// Whether Python takes a truth value for the number.
fn is_truth_like(number: &serde_json::Number) -> bool {
    number
        .as_f64()
        .is_some_and(|number| number == 0.0 || (number - 1.0).abs() < f64::EPSILON)
}

fn push_type_checks(value: &Code, literal: &Value, shapes: &mut Vec<Shape>) {
    match literal {
        Value::Bool(_) => shapes.push(Shape::is_instance(value, "bool")),
        Value::Number(number) if is_truth_like(number) => {
            let is_truth = Shape::is_instance(value, "bool").code(true, true);
            shapes.push(Shape::Other(is_truth));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let value = value.clone().at(Code::literal(at.to_string()));
                push_type_checks(&value, item, shapes);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                let value = value.clone().at(Code::text(key));
                push_type_checks(&value, item, shapes);
            }
        }
        Value::Null | Value::Number(_) | Value::String(_) => {}
    }
}
