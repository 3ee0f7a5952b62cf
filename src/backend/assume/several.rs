//! Questions about all that a walk through lists finds, which may be one value or a list of several.
//!
//! A rule written in Python asks of both, as it has to: whether the one value passes, or whether one of the list does. Where what is
//! asked comes to the same, it is a question about some item of the list that the walk goes through, for which a table has words.
//! Invariant: the verdict on every event of the source's types stays; a condition that tells one value from several is left as it is.

use super::way::{Walk, Way};
use crate::eval;
use crate::ir::{
    Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Quantifier,
    Segment, Term,
};
use crate::normalize;
use crate::schema::{FieldType, LogSourceMap};

/// The condition without the question whether a walk found several values; nothing where no such question falls away.
pub(super) fn asked(source: &LogSourceMap, condition: &Condition) -> Option<Condition> {
    let mut walks: Vec<&Term> = Vec::new();
    for (predicate, _) in condition.predicates() {
        if Walk::of(&predicate.subject).is_some() && !walks.contains(&&predicate.subject) {
            walks.push(&predicate.subject);
        }
    }
    walks.into_iter().find_map(|walk| {
        let found = Found::by(source, walk)?;
        let [several, one] = [true, false].map(|are_several| {
            let told = condition
                .clone()
                .map(&mut |node| found.told(node, are_several).or_else(|| node.folded()));
            normalize::condition(told)
        });
        (several == one && several != *condition).then_some(several)
    })
}

/// What a walk finds: texts below the items of lists in lists.
struct Found<'t> {
    walk: &'t Term,
    default: &'t Literal,
    way: Way,
}

impl<'t> Found<'t> {
    /// What the walk finds, all of it, with a text in place of a missing one.
    fn by(source: &LogSourceMap, walk: &'t Term) -> Option<Self> {
        let Walk {
            keys,
            default,
            mode,
        } = Walk::of(walk)?;
        let way = Way::below(source, keys)?;
        // A list of texts at the end is found as it is, however many it has.
        let is_below = !matches!(way.end.segments.last(), Some(Segment::Each));
        let is_text = matches!(way.kind, FieldType::Text | FieldType::Datetime)
            && matches!(default, Literal::Text(_));
        (mode == "all" && is_below && is_text).then_some(Self { walk, default, way })
    }

    /// What a question about the walk is where it found several values, which are a list then, or where it found one.
    fn told(&self, node: &Condition, are_several: bool) -> Option<Condition> {
        match node {
            Condition::Test(predicate) if predicate.subject == *self.walk => {
                self.tested(predicate, are_several)
            }
            Condition::Items {
                quantifier: Quantifier::Some,
                list,
                body,
            } if **list == *self.walk => {
                if are_several {
                    self.some(body)
                } else {
                    Some(Condition::FALSE)
                }
            }
            _ => None,
        }
    }

    fn tested(&self, predicate: &Predicate, are_several: bool) -> Option<Condition> {
        if let (Operator::IsKind, Object::Kinds(kinds)) = (predicate.operator, &predicate.object) {
            let kind = if are_several { Kind::List } else { Kind::Text };
            return Some(Condition::constant(kinds.contains(&kind)));
        }
        let is_of_one = match (predicate.operator, &predicate.object) {
            (Operator::Equals, Object::Literal(value)) => value.is_scalar(),
            (Operator::In, Object::List(values)) => values.iter().all(Literal::is_scalar),
            (operator, Object::Texts(_)) => operator.info().of_texts,
            _ => false,
        };
        if !is_of_one {
            return None;
        }
        if are_several {
            return Some(Condition::FALSE);
        }
        let of_item = Predicate {
            subject: Term::Item {
                depth: 0,
                path: FieldPath::root(),
            },
            ..predicate.clone()
        };
        self.some(&of_item.into())
    }

    /// One of the values has what the body asks for; nothing where what stands for a missing one may have it.
    fn some(&self, body: &Condition) -> Option<Condition> {
        let of_default = body.of_value(&Term::Literal(self.default.clone()))?;
        if answered(of_default).as_constant() != Some(false) {
            return None;
        }
        let mut lists = self.way.lists.iter().rev();
        let mut list = lists.next()?;
        let value = below(list, &self.way.end)?;
        let value = Term::call(
            Function::Coalesce,
            [value, Term::Literal(self.default.clone())],
        );
        let mut asked = body.of_made(&value)?;
        for outer in lists {
            asked = Condition::some_item(below(outer, list)?, asked.within_list());
            list = outer;
        }
        Some(Condition::some_item(Term::Field(list.clone()), asked))
    }
}

/// The condition with questions about constants answered.
fn answered(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::Test(predicate)
            if matches!(predicate.subject, Term::Literal(_))
                && !matches!(predicate.object, Object::Term(_)) =>
        {
            let verdict = eval::holds(node, &serde_json::Value::Null);
            Some(Condition::constant(verdict))
        }
        other => other.folded(),
    })
}

/// The place as one below an item of the list.
fn below(list: &FieldPath, place: &FieldPath) -> Option<Term> {
    let segments = place.segments.get(list.segments.len() + 1..)?;
    let path = FieldPath {
        segments: segments.to_vec().into(),
    };
    Some(Term::Item { depth: 0, path })
}
