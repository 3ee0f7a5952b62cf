//! The questions about the items of lists, in the one form in which `lists` writes them: some item of a list has something.
//!
//! A test of a field that goes through every item, of every item, of the first or last item of a list that is made of another
//! one: each becomes a question about some item. A list that is made of another one's items is that list, asked more.

use crate::backend::without::following;
use crate::backend::without::keys::is_strict;
use crate::ir::{
    Condition, FieldPath, Function, Kind as JsonKind, Literal, Object, Operator, Predicate,
    Quantifier, Segment, Shared, Term,
};

/// What is asked of a list.
pub(super) struct Question {
    pub(super) list: Term,
    /// What an item has to have for it to be the one that is asked about, and at which end of the list it is looked for; nothing
    /// where every item may be the one.
    pub(super) pick: Option<Pick>,
    /// What is asked of the item.
    pub(super) body: Condition,
}

/// The choice of one item.
pub(super) struct Pick {
    pub(super) when: Condition,
    /// Whether it is the last of these.
    pub(super) last: bool,
}

impl Question {
    /// What a question about the items of a list asks.
    pub(super) fn of(list: &Term, body: &Condition) -> Self {
        let picked = picked(list).and_then(|(select, last)| {
            let Term::Select { list, when, item } = select else {
                return None;
            };
            Some(Self {
                list: list.as_ref().clone(),
                pick: Some(Pick {
                    when: prepared(when),
                    last,
                }),
                // What is made may be a choice, of which one case alone is asked about.
                body: in_order(&body.of_made(item)?),
            })
        });
        picked.unwrap_or_else(|| Self {
            list: list.clone(),
            pick: None,
            body: body.clone(),
        })
    }

    /// Everything that is asked of an item together.
    pub(super) fn whole(&self) -> Condition {
        let when = self.pick.as_ref().map(|pick| pick.when.clone());
        when.unwrap_or(Condition::TRUE).and(self.body.clone())
    }
}

/// The list of which the first or the last item alone is left, and whether it is the last.
fn picked(list: &Term) -> Option<(&Term, bool)> {
    let Term::Call {
        function: Function::Slice,
        arguments,
    } = list
    else {
        return None;
    };
    let [list, start, end] = arguments.as_ref() else {
        return None;
    };
    match (start.as_literal()?, end.as_literal()?) {
        (Literal::Integer(0), Literal::Integer(1)) => Some((list, false)),
        (Literal::Integer(-1), Literal::Null) => Some((list, true)),
        _ => None,
    }
}

/// The condition with every question about items in one form: some item of a list has something.
pub(super) fn prepared(condition: &Condition) -> Condition {
    condition.clone().map(&mut |node| match node {
        Condition::Test(predicate) => spread(predicate).or_else(|| of_one(predicate)),
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } => match list.as_ref() {
            Term::Call {
                function: Function::Entries | Function::Pairs,
                ..
            } => Some(prepared(&of_parts(list, body)?)),
            Term::Select { list, when, item } => {
                let asked = when.as_ref().clone().and(body.of_made(item)?);
                Some(Condition::Items {
                    quantifier: Quantifier::Some,
                    list: list.clone(),
                    body: in_order(&asked).into(),
                })
            }
            _ => node.folded(),
        },
        Condition::Items {
            quantifier: Quantifier::Every,
            list,
            body,
        } => {
            let is_list = Predicate::new(
                list.as_ref().clone(),
                Operator::IsKind,
                Object::Kinds(vec![JsonKind::List]),
            );
            let other = Condition::Items {
                quantifier: Quantifier::Some,
                list: list.clone(),
                body: Shared::new(body.as_ref().clone().negate()),
            };
            Some(Condition::from(is_list).and(other.negate()))
        }
        Condition::All(parts) => {
            let left = parts.iter().filter(|part| !is_asked_again(part, parts));
            (left.clone().count() < parts.len())
                .then(|| left.cloned().fold(Condition::TRUE, Condition::and))
                .or_else(|| node.folded())
        }
        other => other.folded(),
    })
}

/// The condition in normal form, which asks of a field that goes through a list again, and then in the one form.
fn in_order(condition: &Condition) -> Condition {
    prepared(&crate::normalize::condition(prepared(condition)))
}

/// A question about the pairs of a list, as one about what they are made of: the keys of an object with their values, the items of a
/// list with those at the same places of another one.
fn of_parts(list: &Term, body: &Condition) -> Option<Condition> {
    let Term::Call {
        function,
        arguments,
    } = list
    else {
        return None;
    };
    let whole = |at: &[i64]| Term::Item {
        depth: 0,
        path: FieldPath {
            segments: at.iter().map(|at| Segment::Index(*at)).collect(),
        },
    };
    let (list, parts, there) = match (function, &arguments[..]) {
        (Function::Entries, [object]) => {
            let value = [object.within_list(), whole(&[])];
            let value = Term::call(Function::MemberExact, value);
            let keys = Term::call(Function::Keys, [object.clone()]);
            (keys, [whole(&[]), value], Condition::TRUE)
        }
        (Function::Pairs, [first, second]) => {
            let second = second.within_list();
            let length = Term::call(Function::Length, [second.clone()]);
            let is_list = Predicate::new(
                second.clone(),
                Operator::IsKind,
                Object::Kinds(vec![JsonKind::List]),
            );
            let there =
                Predicate::new(whole(&[0]), Operator::LessThan, Object::Term(length.into()));
            let at = Term::call(Function::Item, [second, whole(&[0])]);
            let numbered = Term::call(Function::Numbered, [first.clone()]);
            let there = Condition::from(is_list).and(there.into());
            (numbered, [whole(&[1]), at], there)
        }
        _ => return None,
    };
    Some(Condition::Items {
        quantifier: Quantifier::Some,
        list: list.into(),
        body: there.and(body.of_parts(&parts)?).into(),
    })
}

/// Whether another conjunct asks for the item of a list that has something, which the conjunct asks some item for.
fn is_asked_again(part: &Condition, parts: &[Condition]) -> bool {
    let Condition::Items {
        quantifier: Quantifier::Some,
        list: own,
        body,
    } = part
    else {
        return false;
    };
    parts.iter().any(|other| match other {
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            ..
        } => {
            let select = picked(list).map(|(select, _)| select);
            matches!(select, Some(Term::Select { list, when, .. }) if list == own && when == body)
        }
        _ => false,
    })
}

/// A test of a field that goes through every item of a list, as a question about the items.
fn spread(predicate: &Predicate) -> Option<Condition> {
    let (path, of): (_, &dyn Fn(FieldPath) -> Term) = match &predicate.subject {
        Term::Field(path) => (path, &Term::Field),
        Term::Item { depth, path } => (path, &|path| Term::Item {
            depth: *depth,
            path,
        }),
        _ => return None,
    };
    let object = match &predicate.object {
        Object::Term(other) if other.reads_each() => return None,
        Object::Term(other) => Object::Term(other.within_list().into()),
        object => object.clone(),
    };
    if predicate.operator.info().on_missing {
        return None;
    }
    let at = path
        .segments
        .iter()
        .position(|step| *step == Segment::Each)?;
    let part = |segments: &[Segment]| FieldPath {
        segments: segments.to_vec().into(),
    };
    let asked = Predicate {
        subject: Term::Item {
            depth: 0,
            path: part(&path.segments[at + 1..]),
        },
        object,
        ..predicate.clone()
    };
    Some(Condition::Items {
        quantifier: Quantifier::Some,
        list: Shared::new(of(part(&path.segments[..at]))),
        body: Shared::new(spread(&asked).unwrap_or_else(|| asked.into())),
    })
}

/// A test of the first or the last item of a list that is made of another one, or of what is made of this item, as a question about
/// the list of this one item.
fn of_one(predicate: &Predicate) -> Option<Condition> {
    let (list, position, subject) = one_item(&predicate.subject)?;
    let whole = |number: i64| Term::Literal(Literal::Integer(number));
    let ends = match position.as_literal()? {
        Literal::Integer(0) => [whole(0), whole(1)],
        Literal::Integer(-1) => [whole(-1), Term::Literal(Literal::Null)],
        _ => return None,
    };
    let object = match &predicate.object {
        Object::Term(other) => Object::Term(other.within_list().into()),
        object => object.clone(),
    };
    let [start, end] = ends;
    let asked = Condition::from(Predicate {
        subject,
        object,
        ..predicate.clone()
    });
    let of = |body: Condition| Condition::Items {
        quantifier: Quantifier::Some,
        list: Term::call(Function::Slice, [list.clone(), start, end]).into(),
        body: body.into(),
    };
    Some(if predicate.operator.info().on_missing {
        of(asked.negate()).negate()
    } else {
        of(asked)
    })
}

/// The made list of which the term reads one item, the position of this item, and the term about it, which has no value without it.
fn one_item(term: &Term) -> Option<(&Term, &Term, Term)> {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return None;
    };
    if let (Function::Item, [list @ Term::Select { .. }, position]) = (function, &arguments[..]) {
        let item = Term::Item {
            depth: 0,
            path: FieldPath::root(),
        };
        return Some((list, position, item));
    }
    let (first, rest) = arguments.split_first()?;
    let (list, position, item) = one_item(first).filter(|_| is_strict(*function))?;
    // A loop over the parts of a text is one expression, which needs no list.
    let read = [list.clone(), position.clone()];
    if following::part(Function::Item, &read).is_some() {
        return None;
    }
    let rest = rest.iter().map(Term::within_list);
    let arguments: Vec<Term> = std::iter::once(item).chain(rest).collect();
    Some((list, position, Term::call(*function, arguments)))
}
