//! Field paths as Python expressions: the value at a path, and whether there is one.
//!
//! Keys below the event are read by Panther's own accessors, below anything else by helpers that ask what it is first. A path
//! through every item of a list becomes a loop.

use std::rc::Rc;

use super::code::{Code, Loop};
use super::function::may_be_null;
use super::notation::Python;
use super::shape::{Shape, Sign};
use super::term::Loops;
use crate::ir::{
    Case, Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Segment, Term,
};

impl Python<'_> {
    pub(super) fn item(&self, depth: usize) -> Result<Rc<str>, String> {
        let at = self.items.len().checked_sub(depth + 1);
        at.and_then(|at| self.items.get(at))
            .cloned()
            .ok_or_else(|| "an item outside of its quantifier".to_owned())
    }

    /// A name for the next loop's item.
    pub(super) fn loop_item(&self, loops: &Loops) -> Rc<str> {
        match self.items.len() + loops.clauses.len() {
            0 => "item".into(),
            1 => "inner".into(),
            depth => format!("inner_{depth}").into(),
        }
    }

    pub(super) fn steps(
        &self,
        base: Code,
        is_event: bool,
        segments: &[Segment],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let mut value = base;
        let mut rest = segments;
        let mut is_event = is_event;
        while let Some(first) = rest.first() {
            let mut taken = 1;
            value = match first {
                Segment::Key(_) => {
                    let mut keys = leading_keys(rest);
                    taken = keys.len();
                    match (is_event, taken) {
                        (true, 1) => value.method("get", keys),
                        (true, _) => value.method("deep_get", keys),
                        (false, _) => {
                            keys.insert(0, value);
                            Code::call("member", keys)
                        }
                    }
                }
                Segment::Exact(key) => Code::call("member_exact", vec![value, Code::text(key)]),
                Segment::Index(index) => {
                    Code::call("item_at", vec![value, Code::literal(index.to_string())])
                }
                Segment::Each => self.each(value, loops)?,
            };
            rest = &rest[taken..];
            is_event = false;
        }
        Ok(value)
    }

    /// Every value that a path through the items of lists has; nothing where it is another term or says keys otherwise.
    pub(super) fn values_at(&self, term: &Term) -> Option<Result<Code, String>> {
        let (base, path) = match term {
            Term::Field(path) => (Ok(Code::event()), self.canonical(path)),
            Term::Item { depth, path } => match self.item_steps(*depth, path) {
                Ok((item, steps)) => (
                    Ok(Code::name(item)),
                    FieldPath {
                        segments: steps.into(),
                    },
                ),
                Err(reason) => return Some(Err(reason)),
            },
            Term::Literal(_)
            | Term::Call { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => return None,
        };
        let steps = path.segments.iter().map(|segment| match segment {
            Segment::Key(key) => Some(Code::text(key)),
            Segment::Index(index) => Some(Code::literal(index.to_string())),
            Segment::Each => Some(Code::literal("...")),
            Segment::Exact(_) => None,
        });
        let mut arguments = steps.collect::<Option<Vec<Code>>>()?;
        Some(base.map(|base| {
            arguments.insert(0, base);
            Code::call("values_at", arguments)
        }))
    }

    fn each(&self, list: Code, loops: &mut Loops) -> Result<Code, String> {
        self.each_of(Code::call("items_of", vec![list]), loops)
    }

    /// The item of a loop over what an expression gives.
    pub(super) fn each_of(&self, list: Code, loops: &mut Loops) -> Result<Code, String> {
        if loops.needs_one {
            return Err(
                "a path through every item of a list where no item gives a value, too".to_owned(),
            );
        }
        let names = self.loop_item(loops);
        let item = Code::name(names.clone());
        loops.clauses.push(Loop { names, list });
        Ok(item)
    }

    fn path_exists(
        &self,
        base: Code,
        is_event: bool,
        segments: &[Segment],
        loops: &mut Loops,
    ) -> Result<Shape, String> {
        let Some((last, above)) = segments.split_last() else {
            return Ok(Shape::Other(Code::truth(true)));
        };
        let holder = self.steps(base, is_event, above, loops)?;
        Ok(match last {
            Segment::Key(key) if is_event && above.is_empty() => {
                Shape::compare(&Code::text(key), Sign::In, Code::event())
            }
            Segment::Key(key) => Shape::call("has_key", vec![holder, Code::text(key)]),
            Segment::Exact(key) => Shape::call("has_exact_key", vec![holder, Code::text(key)]),
            Segment::Index(index) => {
                Shape::call("has_item", vec![holder, Code::literal(index.to_string())])
            }
            Segment::Each => Shape::Truth(Code::call("items_of", vec![holder])),
        })
    }

    /// Whether the term has a value, be it null.
    pub(super) fn exists(&self, term: &Term, loops: &mut Loops) -> Result<Shape, String> {
        match term {
            Term::Field(path) => {
                let path = self.canonical(path);
                self.path_exists(Code::event(), true, &path.segments, loops)
            }
            Term::Item { depth, path } => {
                let (item, steps) = self.item_steps(*depth, path)?;
                self.path_exists(Code::name(item), false, &steps, loops)
            }
            Term::Literal(_) => Ok(Shape::Other(Code::truth(true))),
            Term::Call {
                function,
                arguments,
            } => self.call_exists(*function, arguments, loops),
            Term::Choice { cases, otherwise } => self.choice_exists(cases, otherwise),
            Term::Select { .. } => Ok(Shape::compare(
                &self.value(term, loops)?,
                Sign::IsNot,
                Code::none(),
            )),
            Term::Aggregate { .. } => Err("whether this term has a value".to_owned()),
        }
    }

    fn call_exists(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Shape, String> {
        let whole = Term::call(function, arguments.to_vec());
        if !may_be_null(&whole) {
            let value = self.value(&whole, loops)?;
            return Ok(Shape::compare(&value, Sign::IsNot, Code::none()));
        }
        let helper = match function {
            Function::Member => "has_key",
            Function::MemberExact => "has_exact_key",
            Function::Item => "has_item",
            Function::ParseJson => "is_json",
            Function::Each => return self.exists(&arguments[0], loops),
            Function::IfMissing => {
                let shapes = [
                    self.exists(&arguments[0], loops)?,
                    self.exists(&arguments[1], loops)?,
                ];
                return Ok(Shape::any(shapes.into()));
            }
            Function::Walk => {
                let [value, keys, default, _] = arguments else {
                    return Err("`walk` with other arguments".to_owned());
                };
                let asked = self.walk("can_walk", value, keys, default, None, loops)?;
                return Ok(Shape::Other(asked));
            }
            _ => {
                return Err(format!(
                    "whether `{}` gives a value, as `null` and no value look alike to Python",
                    function.name()
                ));
            }
        };
        let mut values = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            values.push(match (function, at) {
                (Function::Member | Function::MemberExact, 0) => {
                    self.looked_into(argument, loops)?
                }
                _ => self.value(argument, loops)?,
            });
        }
        Ok(Shape::call(helper, values))
    }

    /// Whether the case that applies gives a value.
    fn choice_exists(&self, cases: &[Case], otherwise: &Term) -> Result<Shape, String> {
        let there = |term: &Term| Predicate::new(term.clone(), Operator::Exists, Object::None);
        let last: Condition = there(otherwise).into();
        let whole = cases.iter().rev().fold(last, |rest, case| {
            let held = case.when.clone().and(there(&case.then).into());
            held.or(case.when.clone().negate().and(rest))
        });
        Ok(Shape::Other(self.bare().condition(&whole)?))
    }

    /// `event.deep_get(..., default=...)`, which the default also stands for null in; `None` where the path is not of keys only.
    pub(super) fn with_default(path: &FieldPath, default: &Literal) -> Option<Code> {
        let mut keys = leading_keys(&path.segments);
        let scalar = !matches!(default, Literal::List(_) | Literal::Object(_));
        (scalar && !keys.is_empty() && keys.len() == path.segments.len()).then(|| {
            keys.push(Code::keyword("default", Code::value(&default.to_json())));
            Code::event().method("deep_get", keys)
        })
    }
}

/// The keys that a path starts with, as constant texts.
fn leading_keys(segments: &[Segment]) -> Vec<Code> {
    segments
        .iter()
        .map_while(|segment| match segment {
            Segment::Key(key) => Some(Code::text(key)),
            Segment::Exact(_) | Segment::Index(_) | Segment::Each => None,
        })
        .collect()
}
