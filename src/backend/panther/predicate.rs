//! One predicate as Python: equality, order, presence and kind; the operators on texts are in `texts`.

use super::module::call;
use serde_json::Value;

use super::function::may_be_null;
use super::notation::{NOT, Python};
use super::shape::{Shape, Sign};
use super::term::Loops;
use super::{names, quote};
use crate::backend::fragment::Fragment;
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
                Ok(Shape::atom(call("is_ip", &[&text])))
            }
            Operator::Exists => self.python.exists(&predicate.subject, loops),
            Operator::IsPresent => Ok(Shape::compare(self.value(loops)?, Sign::IsNot, "None")),
            Operator::IsFilled => Ok(Shape::compare(
                self.value(loops)?,
                Sign::NotIn,
                "(None, \"\")",
            )),
            Operator::IsTruthy => Ok(Shape::Truth(self.value(loops)?)),
            Operator::IsKind => self.kinds(loops),
        }
    }

    /// The subject's value; one that is long gets a name.
    pub(super) fn value(&self, loops: &mut Loops) -> Result<String, String> {
        let subject = &self.predicate.subject;
        let value = self.python.value(subject, loops)?;
        Ok(if loops.clauses.is_empty() {
            self.python.by_name(subject, value)
        } else {
            value
        })
    }

    /// The subject as a text, in lower case where case does not count.
    pub(super) fn text(&self, loops: &mut Loops) -> Result<String, String> {
        let text = self
            .python
            .text(&self.predicate.subject, self.known, loops)?;
        Ok(if self.fold {
            format!("{text}.lower()")
        } else {
            text
        })
    }

    /// Whether the subject is a text, where it is not known to be one.
    pub(super) fn is_text(&self, loops: &mut Loops) -> Result<Shape, String> {
        Ok(Shape::atom(format!(
            "isinstance({}, str)",
            self.value(loops)?
        )))
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
    pub(super) fn tuple(&self, literals: &[String], suffix: &str) -> String {
        let tuple = format!("({})", literals.join(", "));
        if literals.len() <= 3 && tuple.chars().count() <= INLINE {
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
                    push_new(&mut texts, quote::text(&text.to_lowercase()));
                }
                Value::String(text) => push_new(&mut plain, quote::text(text)),
                Value::Number(number) if is_truth_like(number) => {
                    let truth = if number.as_f64() == Some(0.0) {
                        "False"
                    } else {
                        "True"
                    };
                    shapes.push(Shape::all(vec![
                        Shape::compare(&value, Sign::Equal, quote::value(literal)),
                        Shape::compare(&value, Sign::IsNot, truth),
                    ]));
                }
                Value::Number(_) => push_new(&mut plain, quote::value(literal)),
                Value::Bool(_) => {
                    shapes.push(Shape::compare(&value, Sign::Is, quote::value(literal)));
                }
                Value::Array(_) | Value::Object(_) => {
                    shapes.push(self.equals_container(&value, literal)?);
                }
            }
        }
        let mut found = Vec::new();
        found.extend(self.one_of(&plain, || Ok(value.clone()))?);
        // The loops of the subject are already there.
        found.extend(self.one_of(&texts, || self.text(&mut Loops::default()))?);
        found.extend(shapes);
        Ok(Shape::any(found))
    }

    /// A text operator whose object is another value of the event.
    fn beside_other(&self, helper: &str, other: &Term, loops: &mut Loops) -> Result<Shape, String> {
        let sides = [self.value(loops)?, self.python.value(other, loops)?];
        let [one, other] = sides.map(|side| {
            if self.fold {
                call("folded", &[&side])
            } else {
                side
            }
        });
        Ok(Shape::atom(call(helper, &[&one, &other])))
    }

    fn one_of(
        &self,
        literals: &[String],
        subject: impl Fn() -> Result<String, String>,
    ) -> Result<Option<Shape>, String> {
        Ok(match literals {
            [] => None,
            [one] => Some(Shape::compare(subject()?, Sign::Equal, one)),
            many => Some(Shape::compare(subject()?, Sign::In, self.tuple(many, ""))),
        })
    }

    /// Equality with a list or object: Python's, and for each number and truth value inside that it is the one and not the other.
    fn equals_container(&self, value: &str, literal: &Value) -> Result<Shape, String> {
        if self.fold && literal.to_string().to_lowercase() != literal.to_string().to_uppercase() {
            return Err("equality with a list or object in any case".to_owned());
        }
        let mut shapes = vec![Shape::compare(value, Sign::Equal, quote::value(literal))];
        push_type_checks(value, literal, &mut shapes);
        Ok(Shape::all(shapes))
    }

    fn equals_term(&self, other: &Term, loops: &mut Loops) -> Result<Shape, String> {
        if self.known {
            let text = self.text(loops)?;
            let other = self.python.value(other, loops)?;
            let other = if self.fold {
                call("folded", &[&other])
            } else {
                other
            };
            return Ok(Shape::compare(text, Sign::Equal, other));
        }
        let mut sides = [self.value(loops)?, self.python.value(other, loops)?];
        if self.python.may_hold_values(&self.predicate.subject)
            && self.python.may_hold_values(other)
        {
            if self.fold {
                sides = sides.map(|side| call("folded_all", &[&side]));
            }
            let there = Shape::compare(&sides[0], Sign::IsNot, "None");
            let equal = Shape::atom(call("equal", &[&sides[0], &sides[1]]));
            return Ok(Shape::all(vec![there, equal]));
        }
        if self.fold {
            sides = sides.map(|side| call("folded", &[&side]));
        }
        Ok(Shape::atom(call("same", &[&sides[0], &sides[1]])))
    }

    fn ordered(&self, sign: Sign, loops: &mut Loops) -> Result<Shape, String> {
        let value = self.value(loops)?;
        let literal = match &self.predicate.object {
            Object::Literal(literal) => literal.to_json(),
            Object::Term(other) => {
                let other = self.python.value(other, loops)?;
                let guard = Shape::atom(call("comparable", &[&value, &other]));
                let sides = [value, other].map(|side| {
                    if self.fold {
                        call("folded", &[&side])
                    } else {
                        side
                    }
                });
                return Ok(Shape::all(vec![
                    guard,
                    Shape::compare(&sides[0], sign, &sides[1]),
                ]));
            }
            Object::None | Object::List(_) | Object::Texts(_) | Object::Kinds(_) => {
                return Err("an object that does not fit the operator".to_owned());
            }
        };
        Ok(match &literal {
            Value::Number(_) => Shape::all(vec![
                Shape::atom(call("is_number", &[&value])),
                Shape::compare(&value, sign, quote::value(&literal)),
            ]),
            Value::String(text) => {
                let subject = if self.fold {
                    format!("{value}.lower()")
                } else {
                    value.clone()
                };
                let comparison = Shape::compare(subject, sign, quote::text(&self.folded(text)));
                if self.known {
                    comparison
                } else {
                    Shape::all(vec![
                        Shape::atom(format!("isinstance({value}, str)")),
                        comparison,
                    ])
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
            (false, true, _) => shapes.push(Shape::atom(call("is_number", &[&value]))),
            (false, false, true) => shapes.push(Shape::atom(call("is_integer", &[&value]))),
            (false, false, false) => {}
        }
        if has(Kind::Object) {
            classes.push("Mapping");
        }
        if has(Kind::List) {
            shapes.push(Shape::atom(call("is_list", &[&value])));
        }
        match classes.as_slice() {
            [] => {}
            [one] => shapes.insert(0, Shape::atom(format!("isinstance({value}, {one})"))),
            many => shapes.insert(
                0,
                Shape::atom(format!("isinstance({value}, ({}))", many.join(", "))),
            ),
        }
        if has(Kind::Null) {
            if !may_be_null(&self.predicate.subject) {
                return Ok(Shape::any(shapes));
            }
            let mut again = Loops::default();
            let exists = self.python.exists(&self.predicate.subject, &mut again)?;
            shapes.push(Shape::all(vec![
                exists,
                Shape::compare(&value, Sign::Is, "None"),
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

fn push_new(literals: &mut Vec<String>, literal: String) {
    if !literals.contains(&literal) {
        literals.push(literal);
    }
}

/// Whether Python takes a truth value for the number.
fn is_truth_like(number: &serde_json::Number) -> bool {
    number
        .as_f64()
        .is_some_and(|number| number == 0.0 || (number - 1.0).abs() < f64::EPSILON)
}

fn push_type_checks(value: &str, literal: &Value, shapes: &mut Vec<Shape>) {
    match literal {
        Value::Bool(_) => shapes.push(Shape::atom(format!("isinstance({value}, bool)"))),
        Value::Number(number) if is_truth_like(number) => {
            let is_truth = Fragment::atom(format!("isinstance({value}, bool)")).prefix("not ", NOT);
            shapes.push(Shape::Other(is_truth));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                push_type_checks(&format!("{value}[{at}]"), item, shapes);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                push_type_checks(&format!("{value}[{}]", quote::text(key)), item, shapes);
            }
        }
        Value::Null | Value::Number(_) | Value::String(_) => {}
    }
}
