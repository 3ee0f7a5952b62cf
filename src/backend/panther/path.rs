//! Field paths as Python expressions: the value at a path, and whether there is one.
//!
//! Keys below the event are read by Panther's own accessors, below anything else by helpers that ask what it is first. A path
//! through every item of a list becomes a loop.

use super::function::may_be_null;
use super::module::call;
use super::notation::Python;
use super::quote;
use super::shape::{Shape, Sign};
use super::term::Loops;
use crate::ir::{
    Case, Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Segment, Term,
};

impl Python<'_> {
    pub(super) fn item(&self, depth: usize) -> Result<String, String> {
        let at = self.items.len().checked_sub(depth + 1);
        at.and_then(|at| self.items.get(at))
            .cloned()
            .ok_or_else(|| "an item outside of its quantifier".to_owned())
    }

    /// A name for the next loop's item.
    pub(super) fn loop_item(&self, loops: &Loops) -> String {
        match self.items.len() + loops.clauses.len() {
            0 => "item".to_owned(),
            1 => "inner".to_owned(),
            depth => format!("inner_{depth}"),
        }
    }

    pub(super) fn steps(
        &self,
        base: String,
        is_event: bool,
        segments: &[Segment],
        loops: &mut Loops,
    ) -> Result<String, String> {
        let mut text = base;
        let mut rest = segments;
        let mut is_event = is_event;
        while let Some(first) = rest.first() {
            match first {
                Segment::Key(_) => {
                    let keys = leading_keys(rest);
                    rest = &rest[keys.len()..];
                    text = match (is_event, keys.as_slice()) {
                        (true, [key]) => format!("event.get({key})"),
                        (true, keys) => format!("event.deep_get({})", keys.join(", ")),
                        (false, keys) => call("member", &[&text, &keys.join(", ")]),
                    };
                }
                Segment::Exact(key) => {
                    text = call("member_exact", &[&text, &quote::text(key)]);
                    rest = &rest[1..];
                }
                Segment::Index(index) => {
                    text = call("item_at", &[&text, &index.to_string()]);
                    rest = &rest[1..];
                }
                Segment::Each => {
                    text = self.each(&text, loops)?;
                    rest = &rest[1..];
                }
            }
            is_event = false;
        }
        Ok(text)
    }

    /// Every value that a path through the items of lists has; nothing where it is another term or says keys otherwise.
    pub(super) fn values_at(&self, term: &Term) -> Option<Result<String, String>> {
        let (base, path) = match term {
            Term::Field(path) => (Ok("event".to_owned()), self.canonical(path)),
            Term::Item { depth, path } => match self.item_steps(*depth, path) {
                Ok((item, steps)) => (
                    Ok(item),
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
            Segment::Key(key) => Some(quote::text(key)),
            Segment::Index(index) => Some(index.to_string()),
            Segment::Each => Some("...".to_owned()),
            Segment::Exact(_) => None,
        });
        let steps = steps.collect::<Option<Vec<String>>>()?.join(", ");
        Some(base.map(|base| call("values_at", &[&base, &steps])))
    }

    fn each(&self, list: &str, loops: &mut Loops) -> Result<String, String> {
        self.each_of(&call("items_of", &[list]), loops)
    }

    /// The item of a loop over what an expression gives.
    pub(super) fn each_of(&self, items: &str, loops: &mut Loops) -> Result<String, String> {
        if loops.needs_one {
            return Err(
                "a path through every item of a list where no item gives a value, too".to_owned(),
            );
        }
        let item = self.loop_item(loops);
        loops.clauses.push(format!("for {item} in {items}"));
        Ok(item)
    }

    fn path_exists(
        &self,
        base: String,
        is_event: bool,
        segments: &[Segment],
        loops: &mut Loops,
    ) -> Result<Shape, String> {
        let Some((last, above)) = segments.split_last() else {
            return Ok(Shape::atom("True"));
        };
        let holder = self.steps(base, is_event, above, loops)?;
        Ok(match last {
            Segment::Key(key) if is_event && above.is_empty() => {
                Shape::compare(quote::text(key), Sign::In, "event")
            }
            Segment::Key(key) => Shape::atom(call("has_key", &[&holder, &quote::text(key)])),
            Segment::Exact(key) => {
                Shape::atom(call("has_exact_key", &[&holder, &quote::text(key)]))
            }
            Segment::Index(index) => Shape::atom(call("has_item", &[&holder, &index.to_string()])),
            Segment::Each => Shape::Truth(call("items_of", &[&holder])),
        })
    }

    /// Whether the term has a value, be it null.
    pub(super) fn exists(&self, term: &Term, loops: &mut Loops) -> Result<Shape, String> {
        match term {
            Term::Field(path) => {
                let path = self.canonical(path);
                self.path_exists("event".to_owned(), true, &path.segments, loops)
            }
            Term::Item { depth, path } => {
                let (item, steps) = self.item_steps(*depth, path)?;
                self.path_exists(item, false, &steps, loops)
            }
            Term::Literal(_) => Ok(Shape::atom("True")),
            Term::Call {
                function,
                arguments,
            } => self.call_exists(*function, arguments, loops),
            Term::Choice { cases, otherwise } => self.choice_exists(cases, otherwise),
            Term::Select { .. } => Ok(Shape::compare(
                self.value(term, loops)?,
                Sign::IsNot,
                "None",
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
            return Ok(Shape::compare(value, Sign::IsNot, "None"));
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
                return Ok(Shape::atom(asked));
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
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Ok(Shape::atom(call(helper, &values)))
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
    pub(super) fn with_default(path: &FieldPath, default: &Literal) -> Option<String> {
        let keys = leading_keys(&path.segments);
        let scalar = !matches!(default, Literal::List(_) | Literal::Object(_));
        (scalar && !keys.is_empty() && keys.len() == path.segments.len()).then(|| {
            format!(
                "event.deep_get({}, default={})",
                keys.join(", "),
                quote::value(&default.to_json())
            )
        })
    }
}

/// The keys that a path starts with, as literals.
fn leading_keys(segments: &[Segment]) -> Vec<String> {
    segments
        .iter()
        .map_while(|segment| match segment {
            Segment::Key(key) => Some(quote::text(key)),
            Segment::Exact(_) | Segment::Index(_) | Segment::Each => None,
        })
        .collect()
}
