//! Keys that are known to be there as they are spelt: where an object has such a key, a question for the key in any case is one
//! for this key. Where it may have one, the question is one of two.

use crate::ir::{
    Case, Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Segment, Shared,
    Term,
};

/// A key that an object has.
#[derive(Clone, Debug, PartialEq)]
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

/// More keys than this are not told apart.
const MOST: usize = 24;

/// Two conditions in which every question for a key in any case, where one of them asks for the key as it is spelt, too, is two:
/// one where the key is there so, and one where it is not.
pub(super) fn apart(conditions: [Condition; 2]) -> [Condition; 2] {
    let mut known: Vec<Known> = Vec::new();
    for condition in &conditions {
        collect(condition, &mut known);
    }
    let Some(known) = all_known(known) else {
        return conditions;
    };
    conditions.map(|condition| told_apart(&condition, &known))
}

/// The same of two values in the events for which a condition holds; nothing where no key is asked for as it is spelt.
pub(super) fn terms_apart(given: &Condition, terms: [&Term; 2]) -> Option<(Condition, [Term; 2])> {
    let mut known: Vec<Known> = Vec::new();
    collect(given, &mut known);
    for term in terms {
        collect_of_term(term, &mut known);
    }
    let known = all_known(known)?;
    let terms = terms.map(|term| term_apart(term, &known));
    Some((told_apart(given, &known), terms))
}

/// Keys with those that lie below them; nothing where there are none, or too many.
fn all_known(mut known: Vec<Known>) -> Option<Vec<Known>> {
    known.sort_by_key(|known| known.holder.to_string().len());
    // A holder may itself be below a key that is told apart.
    let mut at = 0;
    while at < known.len() && known.len() <= MOST {
        for other in 0..known.len() {
            let holder = known[at].term(&known[other].holder);
            let spelt = Known {
                holder,
                key: known[other].key.clone(),
            };
            if !known.contains(&spelt) {
                known.push(spelt);
            }
        }
        at += 1;
    }
    (!known.is_empty() && known.len() <= MOST).then_some(known)
}

/// The keys that what chooses a value asks for as they are spelt, and those that the value lies below.
fn collect_of_term(term: &Term, found: &mut Vec<Known>) {
    match term {
        Term::Choice { cases, otherwise } => {
            for case in cases {
                collect(&case.when, found);
                collect_of_term(&case.then, found);
            }
            collect_of_term(otherwise, found);
        }
        Term::Call { arguments, .. } => {
            for argument in arguments {
                collect_of_term(argument, found);
            }
        }
        _ => {}
    }
    let there = Predicate::new(term.clone(), Operator::Exists, Object::None);
    let known = known(&there.into()).filter(|known| !known.is_of_item());
    if let Some(known) = known.filter(|known| !found.contains(known)) {
        found.push(known);
    }
}

/// The value, chosen by how the keys that it lies below are spelt.
fn term_apart(term: &Term, known: &[Known]) -> Term {
    match term {
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .iter()
                .map(|case| Case {
                    when: told_apart(&case.when, known),
                    then: term_apart(&case.then, known),
                })
                .collect::<Vec<_>>()
                .into(),
            otherwise: Shared::new(term_apart(otherwise, known)),
        },
        Term::Call {
            function:
                function @ (Function::Concat
                | Function::Coalesce
                | Function::ToText
                | Function::Display
                | Function::DisplayEvent),
            arguments,
        } => {
            let arguments = arguments.iter().map(|argument| term_apart(argument, known));
            Term::call(*function, arguments.collect::<Vec<_>>())
        }
        other => either_term(other, known, known),
    }
}

fn either_term(term: &Term, left: &[Known], all: &[Known]) -> Term {
    for (at, known) in left.iter().enumerate() {
        let spelt = known.term(term);
        if spelt != *term {
            return Term::Choice {
                cases: vec![Case {
                    when: known.there(),
                    then: either_term(&spelt, all, all),
                }]
                .into(),
                otherwise: Shared::new(either_term(term, &left[at + 1..], all)),
            };
        }
    }
    term.clone()
}

/// The keys of the event that the condition asks for as they are spelt.
fn collect(condition: &Condition, found: &mut Vec<Known>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| collect(part, found));
        }
        Condition::Not(inner) => collect(inner, found),
        Condition::Test(_) => {
            let known = known(condition).filter(|known| !known.is_of_item());
            if let Some(known) = known.filter(|known| !found.contains(known)) {
                found.push(known);
            }
        }
        Condition::Items { .. } => {}
    }
}

fn told_apart(condition: &Condition, known: &[Known]) -> Condition {
    match condition {
        Condition::All(parts) => parts.iter().fold(Condition::TRUE, |all, part| {
            all.and(told_apart(part, known))
        }),
        Condition::Any(parts) => parts.iter().fold(Condition::FALSE, |any, part| {
            any.or(told_apart(part, known))
        }),
        Condition::Not(inner) => told_apart(inner, known).negate(),
        Condition::Test(_) | Condition::Items { .. } => either(condition, known, known),
    }
}

/// The question for each of the ways in which the keys that are left to tell may be spelt.
fn either(asked: &Condition, left: &[Known], all: &[Known]) -> Condition {
    for (at, known) in left.iter().enumerate() {
        let spelt = known.condition(asked);
        if spelt != *asked {
            let there = known.there();
            let so = there.clone().and(either(&spelt, all, all));
            let otherwise = there.negate().and(either(asked, &left[at + 1..], all));
            return so.or(otherwise);
        }
    }
    asked.clone()
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
    /// That the key is there.
    fn there(&self) -> Condition {
        let subject = match &self.holder {
            Term::Field(path) => Term::Field(path.exact(&self.key)),
            holder => Term::call(
                Function::MemberExact,
                [holder.clone(), Term::text(&self.key)],
            ),
        };
        Predicate::new(subject, Operator::Exists, Object::None).into()
    }

    /// Whether the holder is of an item, which has another name in every question around.
    fn is_of_item(&self) -> bool {
        fn is_of_item(term: &Term) -> bool {
            match term {
                Term::Field(_) | Term::Literal(_) => false,
                Term::Call { arguments, .. } => arguments.iter().any(is_of_item),
                _ => true,
            }
        }
        is_of_item(&self.holder)
    }

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
            (Term::Select { list, when, item }, _) => match self.within() {
                Some(inner) => Term::Select {
                    list: Shared::new(self.term(list)),
                    when: Shared::new(inner.condition(when)),
                    item: Shared::new(inner.term(item)),
                },
                None => term.clone(),
            },
            // What is chosen is left as it is.
            (
                Term::Field(_)
                | Term::Item { .. }
                | Term::Literal(_)
                | Term::Choice { .. }
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
