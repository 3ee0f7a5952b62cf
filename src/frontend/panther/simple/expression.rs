//! Match expressions to conditions: combinators, comparisons, and comprehensions over the elements of a list.
//!
//! A list of expressions means that all of them hold. `AnyElement` and its kin ask all of their expressions of the same element;
//! anything but a list has no elements. Invariant: either the whole of an expression is read, or a diagnostic names the key that
//! is not understood. `OnlyOne` is written out, so a budget bounds what comes of it.

use serde_json::{Map, Value};

use super::condition::{Named, Operand, named};
use super::key;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::frontend::panther::execute::size;
use crate::ir::{
    Condition, Literal, Object, Operator, Origin, Predicate, Quantifier, Shared, Term,
};
use crate::source::Span;
use crate::syntax::yaml::{Document, Step};

/// Nodes that the conditions of one document may have.
const BUDGET: usize = 50_000;

/// Reads the expressions of one document.
pub(in crate::frontend::panther) struct Reader<'r> {
    document: &'r Document<'r>,
    /// Where the expression at hand stands.
    path: Vec<Step<'r>>,
    diagnostics: &'r mut Diagnostics,
    /// Whether a comparison holds where its field is not there, as in inline filters.
    passes_missing: bool,
    spent: usize,
}

impl<'r> Reader<'r> {
    /// A reader of the document's key.
    pub(in crate::frontend::panther) fn new(
        document: &'r Document<'r>,
        key: &'r str,
        diagnostics: &'r mut Diagnostics,
    ) -> Self {
        Self {
            document,
            path: vec![Step::Key(key)],
            diagnostics,
            passes_missing: false,
            spent: 0,
        }
    }

    /// A reader of inline filters, which an event without the field passes (Panther's documentation, "Modifying Detections
    /// with Inline Filters").
    pub(in crate::frontend::panther) fn of_filters(
        document: &'r Document<'r>,
        key: &'r str,
        diagnostics: &'r mut Diagnostics,
    ) -> Self {
        Self {
            passes_missing: true,
            ..Self::new(document, key, diagnostics)
        }
    }

    /// The condition that all of the listed expressions hold; `None` where one is not understood, which is then said.
    pub(super) fn all(&mut self, value: &'r Value) -> Option<Condition> {
        let parts = self.list(value, false)?;
        Some(parts.into_iter().fold(Condition::TRUE, Condition::and))
    }

    /// The field that the value's specifier names, such as `{KeyPath: a.b}`.
    pub(super) fn field(&mut self, value: &'r Value) -> Option<Term> {
        let specifier = value.as_object().and_then(|map| {
            let only = map.len() == 1;
            key::specifier(map).filter(|_| only)
        });
        let Some((name, value)) = specifier else {
            return self.problem("a field must be named by `Key`, `DeepKey` or `KeyPath`");
        };
        self.term(name, value, false)
    }

    /// Does something one step further in.
    pub(in crate::frontend::panther) fn at<T>(
        &mut self,
        step: Step<'r>,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.path.push(step);
        let result = work(self);
        self.path.pop();
        result
    }

    /// Says what is wrong at the current place.
    pub(in crate::frontend::panther) fn problem<T>(
        &mut self,
        message: impl Into<String>,
    ) -> Option<T> {
        let span = self.key_span();
        let problem = Diagnostic::error(Code::YamlShape, message).at(span);
        self.diagnostics.push(problem);
        None
    }

    /// Refuses what stands at the current place as something that Panther may know.
    pub(in crate::frontend::panther) fn refuse<T>(&mut self, message: String) -> Option<T> {
        let problem = Diagnostic::error(Code::PantherUnsupported, message).at(self.key_span());
        self.diagnostics.push(problem);
        None
    }

    /// Where the current expression stands.
    pub(super) fn span(&self) -> Option<Span> {
        self.document.span(&self.path)
    }

    fn key_span(&self) -> Option<Span> {
        let span = self.document.key_span(&self.path);
        span.or_else(|| self.span())
    }

    fn list(&mut self, value: &'r Value, inside: bool) -> Option<Vec<Condition>> {
        let Some(items) = value.as_array() else {
            return self.problem("match expressions must be a list");
        };
        let read: Vec<Option<Condition>> = items
            .iter()
            .enumerate()
            .map(|(at, item)| self.at(Step::Item(at), |reader| reader.one(item, inside)))
            .collect();
        read.into_iter().collect()
    }

    fn one(&mut self, value: &'r Value, inside: bool) -> Option<Condition> {
        let Some(map) = value.as_object() else {
            return self.problem("a match expression must be a mapping");
        };
        let condition = match map.iter().next() {
            Some((name, value)) if is_combinator(name) => {
                if let Some((other, _)) = map.iter().nth(1) {
                    let message = format!("`{name}` must stand alone");
                    return self.at(Step::Key(other), |reader| reader.problem(message));
                }
                self.at(Step::Key(name), |reader| {
                    reader.combined(name, value, inside)
                })
            }
            _ => self.comparison(map, inside),
        }?;
        self.pay(size(&condition))?;
        Some(condition)
    }

    fn combined(&mut self, name: &str, value: &'r Value, inside: bool) -> Option<Condition> {
        let parts = self.list(value, inside)?;
        Some(match name {
            "All" => parts.into_iter().fold(Condition::TRUE, Condition::and),
            "Any" => parts.into_iter().fold(Condition::FALSE, Condition::or),
            "None" => parts
                .into_iter()
                .fold(Condition::FALSE, Condition::or)
                .negate(),
            _ => self.only_one(&parts)?,
        })
    }

    /// One holds and none of the others.
    fn only_one(&mut self, parts: &[Condition]) -> Option<Condition> {
        let all: usize = parts.iter().map(size).sum();
        self.pay(all.saturating_mul(parts.len()))?;
        let alone = |at: usize| {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            let without = others.map(|(_, other)| other.clone().negate());
            without.fold(parts[at].clone(), Condition::and)
        };
        Some(
            (0..parts.len())
                .map(alone)
                .fold(Condition::FALSE, Condition::or),
        )
    }

    fn comparison(&mut self, map: &'r Map<String, Value>, inside: bool) -> Option<Condition> {
        self.known_keys(map)?;
        let named = match map.get("Condition") {
            Some(Value::String(name)) if is_comprehension(name) => {
                return self.comprehension(name, map, inside);
            }
            Some(Value::String(name)) => match named(name) {
                Some(named) => named,
                None => {
                    return self.at(Step::Key("Condition"), |reader| {
                        reader.refuse(format!("the condition `{name}` is not known"))
                    });
                }
            },
            _ => return self.problem("a match expression must have a `Condition`"),
        };
        if map.contains_key("Expressions") {
            return self.at(Step::Key("Expressions"), |reader| {
                reader.problem("only conditions on elements take `Expressions`")
            });
        }
        if let Some(value) = named.constant() {
            return match map.keys().find(|key| *key != "Condition") {
                None => Some(Condition::constant(value)),
                Some(key) => self.at(Step::Key(key), |reader| {
                    reader.problem("a condition that is always the same takes nothing else")
                }),
            };
        }
        match key::specifier(map) {
            Some((name, value)) => {
                let subject = self.at(Step::Key(name), |reader| reader.term(name, value, inside));
                let operand = self.operand(map)?;
                let subject = subject?;
                let holds = self.on(named, &subject, operand)?;
                Some(if self.passes_missing {
                    let there = Predicate::new(subject, Operator::Exists, Object::None);
                    Condition::from(there).negate().or(holds)
                } else {
                    holds
                })
            }
            None => self.between(named, map, inside),
        }
    }

    /// Refuses keys that are no part of a comparison, and a second name of the field.
    fn known_keys(&mut self, map: &'r Map<String, Value>) -> Option<()> {
        let specifier = key::specifier(map).map(|(name, _)| name);
        let others = ["Condition", "Value", "Values", "Expressions"];
        let stray = map
            .keys()
            .find(|key| Some(key.as_str()) != specifier && !others.contains(&key.as_str()));
        match stray {
            None => Some(()),
            Some(key) => self.at(Step::Key(key), |reader| {
                reader.problem(if key::SPECIFIERS.contains(&key.as_str()) {
                    "an expression must name one field".to_owned()
                } else {
                    format!("a match expression has no key `{key}`")
                })
            }),
        }
    }

    fn operand(&mut self, map: &'r Map<String, Value>) -> Option<Operand> {
        match (map.get("Value"), map.get("Values")) {
            (None, None) => Some(Operand::Nothing),
            (Some(value), None) => self
                .at(Step::Key("Value"), |reader| reader.constant(value))
                .map(Operand::One),
            (None, Some(values)) => self.at(Step::Key("Values"), |reader| {
                let Some(items) = values.as_array() else {
                    return reader.problem("`Values` must be a list");
                };
                let items = items.iter().map(|item| reader.constant(item));
                items.collect::<Option<_>>().map(Operand::Many)
            }),
            (Some(_), Some(_)) => self.problem("an expression takes a `Value` or `Values`"),
        }
    }

    fn constant(&mut self, value: &'r Value) -> Option<Literal> {
        match value {
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(Literal::from_json(value)),
            _ => self.problem("a value must be a text, a number or a truth value"),
        }
    }

    /// Two fields, `Values: [{Key: a}, {Key: b}]`.
    fn between(
        &mut self,
        named: Named,
        map: &'r Map<String, Value>,
        inside: bool,
    ) -> Option<Condition> {
        let pair = match map.get("Values").and_then(Value::as_array) {
            Some(items) => match items.as_slice() {
                [a, b] => Some((a, b)),
                _ => None,
            },
            None => return self.problem("an expression must name a field"),
        };
        let (a, b) = self.at(Step::Key("Values"), |reader| {
            let Some((a, b)) = pair else {
                return reader.problem("an expression without a field must compare two of them");
            };
            let mut field = |at: usize, value: &'r Value| {
                reader.at(Step::Item(at), |reader| {
                    let map = value.as_object().filter(|map| map.len() == 1);
                    match map.and_then(key::specifier) {
                        Some((name, value)) => reader.term(name, value, inside),
                        None => reader.problem("an expression must name a field"),
                    }
                })
            };
            Some((field(0, a)?, field(1, b)?))
        })?;
        if map.contains_key("Value") {
            return self.problem("an expression takes a `Value` or `Values`");
        }
        self.on(named, &a, Operand::Field(b))
    }

    fn on(&mut self, named: Named, subject: &Term, operand: Operand) -> Option<Condition> {
        let origin = Origin(self.span());
        match named.on(subject, operand, origin) {
            Ok(condition) => Some(condition),
            Err(message) => self.at(Step::Key("Condition"), |reader| reader.problem(message)),
        }
    }

    fn comprehension(
        &mut self,
        name: &str,
        map: &'r Map<String, Value>,
        inside: bool,
    ) -> Option<Condition> {
        let Some((specifier, value)) = key::specifier(map) else {
            return self.problem("an expression must name a field");
        };
        let list = self.at(Step::Key(specifier), |reader| {
            let list = reader.term(specifier, value, inside)?;
            if has_each(&list) {
                return reader.problem("a condition on elements takes one list, not one per item");
            }
            Some(list)
        })?;
        if let Some(key) = map.keys().find(|key| key.starts_with("Value")) {
            return self.at(Step::Key(key), |reader| {
                reader.problem("a condition on elements takes `Expressions`")
            });
        }
        let Some(expressions) = map.get("Expressions") else {
            return self.problem("a condition on elements takes `Expressions`");
        };
        let parts = self.at(Step::Key("Expressions"), |reader| {
            reader.list(expressions, true)
        })?;
        let body = parts.into_iter().fold(Condition::TRUE, Condition::and);
        let quantified = |quantifier, body: Condition| Condition::Items {
            quantifier,
            list: list.into(),
            body: Shared::new(body),
        };
        Some(match name {
            "AnyElement" => quantified(Quantifier::Some, body),
            "NoElement" => quantified(Quantifier::Some, body).negate(),
            // Anything but a list has no element that fails.
            "AllElements" => quantified(Quantifier::Some, body.negate()).negate(),
            _ => quantified(Quantifier::One, body),
        })
    }

    fn term(&mut self, name: &str, value: &Value, inside: bool) -> Option<Term> {
        match key::term(name, value, inside) {
            Ok(term) => Some(term),
            Err(message) => self.problem(message),
        }
    }

    fn pay(&mut self, nodes: usize) -> Option<()> {
        self.spent = self.spent.saturating_add(nodes);
        if self.spent <= BUDGET {
            return Some(());
        }
        let message = "the expressions must expand to a smaller condition than this";
        let problem = Diagnostic::error(Code::PythonBudget, message).at(self.key_span());
        self.diagnostics.push(problem);
        None
    }
}

fn is_combinator(name: &str) -> bool {
    ["All", "Any", "OnlyOne", "None"].contains(&name)
}

fn is_comprehension(name: &str) -> bool {
    ["AnyElement", "AllElements", "NoElement", "OnlyOneElement"].contains(&name)
}

fn has_each(term: &Term) -> bool {
    match term {
        Term::Field(path) | Term::Item { path, .. } => path.has_each(),
        _ => false,
    }
}
