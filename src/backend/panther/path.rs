//! Field paths as Python expressions: the value at a path, and whether there is one.
//!
//! Keys below the event are read by Panther's own accessors, below anything else by helpers that ask what it is first. A path
//! through every item of a list becomes a loop.

use super::module::call;
use super::notation::Python;
use super::quote;
use super::shape::{Shape, Sign};
use super::term::Loops;
use crate::ir::{FieldPath, Function, Literal, Segment, Term};

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
                let item = self.item(*depth)?;
                self.path_exists(item, false, &path.segments, loops)
            }
            Term::Literal(_) => Ok(Shape::atom("True")),
            Term::Call {
                function,
                arguments,
            } => match (function, arguments.as_slice()) {
                (Function::Member, [object, Term::Literal(Literal::Text(key))]) => {
                    let object = self.value(object, loops)?;
                    Ok(Shape::atom(call("has_key", &[&object, &quote::text(key)])))
                }
                (Function::MemberExact, [object, Term::Literal(Literal::Text(key))]) => {
                    let object = self.value(object, loops)?;
                    Ok(Shape::atom(call(
                        "has_exact_key",
                        &[&object, &quote::text(key)],
                    )))
                }
                (Function::Item, [list, Term::Literal(Literal::Integer(index))]) => {
                    let list = self.value(list, loops)?;
                    Ok(Shape::atom(call("has_item", &[&list, &index.to_string()])))
                }
                (Function::Each, [argument]) => self.exists(argument, loops),
                (
                    Function::Member
                    | Function::MemberExact
                    | Function::Item
                    | Function::ParseJson
                    | Function::IfMissing,
                    _,
                ) => Err(format!(
                    "whether `{}` gives a value, as `null` and no value look alike to Python",
                    function.name()
                )),
                _ => Ok(Shape::compare(
                    self.value(term, loops)?,
                    Sign::IsNot,
                    "None",
                )),
            },
            Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
                Err("whether this term has a value".to_owned())
            }
        }
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
