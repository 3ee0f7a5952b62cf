//! Keys that are known to be there as they are spelt: where an object has such a key, a question for the key in any case is one
//! for this key.

use crate::ir::{
    Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Segment, Shared, Term,
};

/// A key that an object has.
struct Known {
    holder: Term,
    key: String,
}

/// How often a key may lie below another that is found out to be spelt so.
const DEEPEST: usize = 4;

/// The parts of an `all`, each as it is where the others hold.
pub(super) fn beside(mut parts: Vec<Condition>) -> Vec<Condition> {
    for _ in 0..DEEPEST {
        let changed = once(parts.clone());
        if changed == parts {
            break;
        }
        parts = changed;
    }
    parts
}

fn once(parts: Vec<Condition>) -> Vec<Condition> {
    let known: Vec<(usize, Known)> = parts
        .iter()
        .enumerate()
        .filter_map(|(at, part)| Some((at, known(part)?)))
        .collect();
    let asked = |at: usize, part: Condition| {
        let others = known.iter().filter(|(other, _)| *other != at);
        others.fold(part, |part, (_, known)| known.condition(&part))
    };
    parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| asked(at, part))
        .collect()
}

fn known(part: &Condition) -> Option<Known> {
    let Condition::Test(predicate) = part else {
        return None;
    };
    if predicate.operator != Operator::Exists {
        return None;
    }
    let above = |path: &FieldPath| match path.segments.split_last() {
        Some((Segment::Exact(key), above)) if !path.has_each() => {
            let above = FieldPath {
                segments: above.to_vec().into(),
            };
            Some((above, key.clone()))
        }
        _ => None,
    };
    let (holder, key) = match &predicate.subject {
        Term::Field(path) => {
            let (path, key) = above(path)?;
            (Term::Field(path), key)
        }
        Term::Item { depth, path } => {
            let (path, key) = above(path)?;
            (
                Term::Item {
                    depth: *depth,
                    path,
                },
                key,
            )
        }
        Term::Call {
            function: Function::MemberExact,
            arguments,
        } => match arguments.as_slice() {
            [holder, Term::Literal(Literal::Text(key))] => (holder.clone(), key.clone()),
            _ => return None,
        },
        _ => return None,
    };
    Some(Known { holder, key })
}

impl Known {
    /// The same for a place one quantifier further in; nothing for a value whose place there is not known.
    fn within(&self) -> Option<Self> {
        let holder = match &self.holder {
            Term::Field(_) => self.holder.clone(),
            Term::Item { depth, path } => Term::Item {
                depth: depth + 1,
                path: path.clone(),
            },
            _ => return None,
        };
        Some(Self {
            holder,
            key: self.key.clone(),
        })
    }

    fn condition(&self, condition: &Condition) -> Condition {
        match condition {
            Condition::All(parts) => {
                Condition::All(parts.iter().map(|part| self.condition(part)).collect())
            }
            Condition::Any(parts) => {
                Condition::Any(parts.iter().map(|part| self.condition(part)).collect())
            }
            Condition::Not(inner) => Condition::Not(Shared::new(self.condition(inner))),
            Condition::Test(predicate) => Predicate {
                subject: self.term(&predicate.subject),
                object: match &predicate.object {
                    Object::Term(term) => Object::Term(Shared::new(self.term(term))),
                    other => other.clone(),
                },
                ..predicate.as_ref().clone()
            }
            .into(),
            Condition::Items {
                quantifier,
                list,
                body,
            } => Condition::Items {
                quantifier: *quantifier,
                list: Shared::new(self.term(list)),
                body: match self.within() {
                    Some(inner) => Shared::new(inner.condition(body)),
                    None => body.clone(),
                },
            },
        }
    }

    fn term(&self, term: &Term) -> Term {
        match (term, &self.holder) {
            (Term::Field(path), Term::Field(holder)) => Term::Field(self.path(path, holder)),
            (
                Term::Item { depth, path },
                Term::Item {
                    depth: own,
                    path: holder,
                },
            ) if depth == own => Term::Item {
                depth: *depth,
                path: self.path(path, holder),
            },
            (
                Term::Call {
                    function,
                    arguments,
                },
                holder,
            ) => {
                let is_asked = *function == Function::Member
                    && matches!(arguments.as_slice(), [of, Term::Literal(Literal::Text(key))]
                        if of == holder && *key == self.key);
                let function = if is_asked {
                    Function::MemberExact
                } else {
                    *function
                };
                let arguments: Vec<Term> = arguments
                    .iter()
                    .map(|argument| self.term(argument))
                    .collect();
                Term::call(function, arguments)
            }
            // What is taken of items is left as it is.
            (
                Term::Field(_)
                | Term::Item { .. }
                | Term::Literal(_)
                | Term::Choice { .. }
                | Term::Select { .. }
                | Term::Aggregate { .. },
                _,
            ) => term.clone(),
        }
    }

    fn path(&self, path: &FieldPath, holder: &FieldPath) -> FieldPath {
        let at = holder.segments.len();
        let is_asked = path.starts_with(holder)
            && matches!(path.segments.get(at), Some(Segment::Key(key)) if *key == self.key);
        if !is_asked {
            return path.clone();
        }
        let mut segments = path.segments.to_vec();
        segments[at] = Segment::Exact(self.key.clone());
        FieldPath {
            segments: segments.into(),
        }
    }
}
