//! Conditions as Python expressions: the same verdict as the reference evaluator's on every event, without raising.
//!
//! A text operator gets its subject through `text()`, which is the empty text for anything else; where the empty text would
//! satisfy the operator, or the subject is known to be a text, it is spelled otherwise. Membership is asked of tuples, as a
//! list or object of the event has no hash. Python takes `True` for 1: constants that could be confused are guarded.

use std::rc::Rc;

use super::code::{Code, Loop};
use super::function::{is_always_list, is_scalar};
use super::known::Known;
use super::module::Module;
use super::predicate::Subject;
use super::shape::{Shape, Sign};
use super::term::Loops;
use crate::analysis::{Fidelity, Report};
use crate::backend::notation::{self, Infix, Negation, Notation, Spelled};
use crate::eval;
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Literal, Object, Predicate, Quantifier, Term,
};
use crate::schema::{FieldType, LogSourceMap};

/// How tightly the words bind.
pub(super) const OR: u8 = 1;
pub(super) const AND: u8 = 2;
pub(super) const NOT: u8 = 3;
pub(super) const COMPARISON: u8 = 4;

/// Python, as the rules of one module write it.
#[derive(Clone)]
pub(super) struct Python<'m> {
    /// What the expressions ask for.
    pub(super) module: &'m Module,
    /// The log sources, for the spelling and the types of fields.
    pub(super) sources: &'m [&'m LogSourceMap],
    /// The variables of the quantifiers around, the innermost last.
    pub(super) items: Vec<Rc<str>>,
    /// Terms whose value a variable of the function holds.
    pub(super) named: Vec<(Term, Rc<str>)>,
    /// What is known of the subjects of the condition.
    pub(super) known: Rc<Known>,
    /// The functions around that call themselves: their numbers, names, and what they are given besides a value.
    pub(super) again: Vec<(Literal, Rc<str>, Vec<Rc<str>>)>,
    /// Whether the condition is only tested, so that any value will do whose truth is right.
    pub(super) bare: bool,
    /// Whether fields have the types of their log source: what another language asks of a value's type is not asked again.
    pub(super) typed: bool,
}

impl<'m> Python<'m> {
    pub(super) fn new(
        module: &'m Module,
        sources: &'m [&'m LogSourceMap],
        condition: &Condition,
    ) -> Self {
        Self {
            module,
            sources,
            items: Vec::new(),
            named: Vec::new(),
            again: Vec::new(),
            known: Rc::new(Known::of(condition, &module.survey)),
            bare: false,
            typed: false,
        }
    }

    /// The same where fields have the types of their log source.
    pub(super) fn typed(self, typed: bool) -> Self {
        Self { typed, ..self }
    }

    /// The same where the condition is only tested.
    pub(super) fn bare(&self) -> Self {
        Self {
            bare: true,
            ..self.clone()
        }
    }

    /// The vendor's spelling of a path.
    pub(super) fn canonical(&self, path: &FieldPath) -> FieldPath {
        let spelled = self.sources.iter().map(|source| source.canonical(path));
        spelled
            .clone()
            .find(|canonical| canonical != path)
            .unwrap_or_else(|| path.clone())
    }

    /// The type of a field, where a log source has it.
    pub(super) fn kind(&self, path: &FieldPath) -> FieldType {
        let path = self.canonical(path);
        let kinds = self.sources.iter().map(|source| source.kind(&path));
        kinds
            .into_iter()
            .find(|kind| *kind != FieldType::Any)
            .unwrap_or(FieldType::Any)
    }

    /// A condition whose predicates are recorded elsewhere, or not at all.
    pub(super) fn condition(&self, condition: &Condition) -> Result<Code, String> {
        let mut report = Report::refusals();
        notation::print(self, condition, &mut report).ok_or_else(|| {
            let refused = report
                .constructs
                .into_iter()
                .find(|construct| construct.fidelity == Fidelity::Unsupported);
            refused.map_or_else(
                || "it has a condition that cannot be expressed".to_owned(),
                |construct| format!("`{}`: {}", construct.what, construct.reason),
            )
        })
    }

    fn shape(&self, predicate: &Predicate) -> Result<(Shape, Loops), String> {
        let mut loops = Loops::default();
        let subject = Subject {
            python: self,
            predicate,
            fold: predicate.case == CaseSensitivity::Insensitive,
            known: self.known.is_text(predicate),
        };
        let shape = subject.shape(&mut loops)?;
        Ok((shape, loops))
    }

    fn spelled(&self, predicate: &Predicate, negated: bool) -> Result<Spelled<Code>, String> {
        if is_constant(predicate) {
            let verdict = eval::holds(&predicate.clone().into(), &serde_json::Value::Null);
            return Ok(Spelled::exact(self.constant(verdict != negated)));
        }
        let (shape, loops) = self.shape(predicate)?;
        let fragment = if loops.clauses.is_empty() {
            shape.code(self.bare, negated)
        } else {
            let passes = Code::generator(shape.code(true, false), &loops.clauses, None);
            let any = Code::call("any", vec![passes]);
            if negated { any.not() } else { any }
        };
        Ok(Spelled::exact(fragment))
    }

    /// Whether the value may be a list or an object, of which Python compares what is inside.
    pub(super) fn may_hold_values(&self, term: &Term) -> bool {
        match term {
            Term::Field(path) => !matches!(
                self.kind(path),
                FieldType::Text
                    | FieldType::Integer
                    | FieldType::Float
                    | FieldType::Boolean
                    | FieldType::Datetime
            ),
            Term::Literal(literal) => matches!(literal, Literal::List(_) | Literal::Object(_)),
            Term::Call { .. } => !is_scalar(term),
            Term::Item { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => true,
        }
    }
}

impl Notation for Python<'_> {
    type Written = Code;

    fn or(&self) -> Infix {
        Infix {
            word: "or",
            strength: OR,
        }
    }

    fn and(&self) -> Infix {
        Infix {
            word: "and",
            strength: AND,
        }
    }

    fn not(&self) -> Negation {
        Negation::Prefix("not ", NOT)
    }

    fn constant(&self, value: bool) -> Code {
        Code::truth(value)
    }

    fn spell(&self, predicate: &Predicate) -> Result<Spelled<Code>, String> {
        self.spelled(predicate, false)
    }

    fn spell_negated(&self, predicate: &Predicate) -> Option<Result<Spelled<Code>, String>> {
        Some(self.spelled(predicate, true))
    }

    fn known(&self, condition: &Condition, report: &mut Report) -> Option<Code> {
        self.check(condition, report)
            .or_else(|| self.repeated(condition, report))
    }

    fn items(
        &self,
        quantifier: Quantifier,
        list: &Term,
        body: &Condition,
        report: &mut Report,
    ) -> Result<Code, String> {
        let entries = self.entry_loop(list, &[body], &[])?;
        let names = match &entries {
            Some((names, _)) => names.clone(),
            None => self.loop_item(&Loops::default()),
        };
        let mut inner = self.bare();
        inner.items.push(names.clone());
        let body = notation::print(&inner, body, report)
            .ok_or_else(|| "a part of its condition cannot be expressed".to_owned())?;
        let each = |body: Code| {
            let list = match entries {
                Some((_, items)) => items,
                None => self.items_in(list)?,
            };
            Ok::<Code, String>(Code::generator(body, &[Loop { names, list }], None))
        };
        Ok(match quantifier {
            Quantifier::Some => Code::call("any", vec![each(body)?]),
            Quantifier::One => {
                let held = each(Code::call("bool", vec![body]))?;
                let count = Code::call("sum", vec![held]);
                Code::compare(count, Sign::Equal, Code::literal("1"))
            }
            Quantifier::Every => {
                let all = Code::call("all", vec![each(body)?]);
                if is_always_list(list) {
                    return Ok(all);
                }
                let list = self.by_name(list, self.single(list)?);
                Code::all(vec![Code::call("is_list", vec![list]), all])
            }
        })
    }
}

/// Whether the predicate asks nothing of the event.
fn is_constant(predicate: &Predicate) -> bool {
    fn constant(term: &Term) -> bool {
        match term {
            Term::Literal(_) => true,
            Term::Call {
                function,
                arguments,
            } => !function.reads_surroundings() && arguments.iter().all(constant),
            Term::Field(_)
            | Term::Item { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => false,
        }
    }
    let object = match &predicate.object {
        Object::Term(other) => constant(other),
        Object::None
        | Object::Literal(_)
        | Object::List(_)
        | Object::Texts(_)
        | Object::Kinds(_) => true,
    };
    constant(&predicate.subject) && object
}
