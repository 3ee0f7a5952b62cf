//! The selection of a rule to a detection node, every predicate recorded in the report.
//!
//! A quantifier over a list is flattened, as Sigma does it: `some item has a` is `list.a`; where several tests are about one item
//! they lose their tie, which is wider. Refused: conditions that are always or never true, and an item that lacks something.

use super::predicate::{Spelled, Speller};
use super::search::Node;
use crate::analysis::{Fidelity, Report, What};
use crate::ir::{Condition, FieldPath, Origin, Predicate, Quantifier, Segment, Shared, Term};

/// The node of a condition; `None` where a part cannot be expressed, which the report then says.
pub(super) fn build(
    speller: Speller<'_>,
    condition: &Condition,
    report: &mut Report,
) -> Option<Node> {
    Builder { speller, report }.build(condition, false)
}

struct Builder<'b> {
    speller: Speller<'b>,
    report: &'b mut Report,
}

impl Builder<'_> {
    fn build(&mut self, condition: &Condition, negated: bool) -> Option<Node> {
        match condition {
            Condition::All(parts) | Condition::Any(parts) if parts.is_empty() => {
                let reason = "Sigma has no search that finds everything or nothing";
                self.report
                    .refuse(What::condition(condition), Origin::default(), reason);
                None
            }
            Condition::All(parts) => Some(Node::all(self.parts(parts, negated)?)),
            Condition::Any(parts) => Some(Node::any(self.parts(parts, negated)?)),
            Condition::Not(inner) => Some(self.build(inner, !negated)?.negate()),
            Condition::Test(predicate) => self.test(predicate, negated),
            Condition::Items {
                quantifier,
                list,
                body,
            } => match items(*quantifier, list, body) {
                Ok((flat, fidelity, reason)) => {
                    let fidelity = if negated {
                        fidelity.negated()
                    } else {
                        fidelity
                    };
                    if fidelity != Fidelity::Exact {
                        self.report.record_predicate(
                            fidelity,
                            What::condition(condition),
                            Origin::default(),
                            reason,
                        );
                    }
                    self.build(&flat, negated)
                }
                Err(reason) => {
                    self.report
                        .refuse(What::condition(condition), Origin::default(), reason);
                    None
                }
            },
        }
    }

    /// Every part is built even after a failure, so that all problems are reported at once.
    fn parts(&mut self, parts: &[Condition], negated: bool) -> Option<Vec<Node>> {
        let built: Vec<Option<Node>> = parts.iter().map(|part| self.build(part, negated)).collect();
        built.into_iter().collect()
    }

    fn test(&mut self, predicate: &Shared<Predicate>, negated: bool) -> Option<Node> {
        let what = What::line(predicate, negated);
        match self.speller.spell(predicate) {
            Ok(Spelled {
                node,
                fidelity,
                reason,
                also,
            }) => {
                let mut record = |fidelity: Fidelity, reason| {
                    let fidelity = if negated {
                        fidelity.negated()
                    } else {
                        fidelity
                    };
                    self.report
                        .record_predicate(fidelity, what.clone(), predicate.origin, reason);
                };
                record(fidelity, reason);
                if let Some((fidelity, reason)) = also {
                    record(fidelity, reason);
                }
                Some(node)
            }
            Err(reason) => {
                self.report.refuse(what, predicate.origin, reason);
                None
            }
        }
    }
}

/// The quantifier as a condition over paths through the list, with what it keeps.
fn items(
    quantifier: Quantifier,
    list: &Term,
    body: &Condition,
) -> Result<(Condition, Fidelity, &'static str), String> {
    let Term::Field(list) = list else {
        return Err(format!("Sigma tests fields; the list `{list}` is computed"));
    };
    let list = list.join(Segment::Each);
    match quantifier {
        Quantifier::Some if has_negation(body) => {
            Err("Sigma cannot look for an item that lacks something".to_owned())
        }
        Quantifier::Some => {
            let flat = flatten(body.clone(), &list, 0);
            Ok(if is_single(body) {
                (flat, Fidelity::Exact, "")
            } else {
                let reason = "Sigma flattens lists, so that different items can satisfy the parts";
                (flat, Fidelity::Wider, reason)
            })
        }
        Quantifier::One => Err("Sigma cannot count the items of a list".to_owned()),
        Quantifier::Every => {
            let lacking =
                counterpart(body).filter(|lacking| !has_negation(lacking) && is_single(lacking));
            match lacking {
                Some(lacking) => {
                    let flat = flatten(lacking, &list, 0).negate();
                    Ok((
                        flat,
                        Fidelity::Wider,
                        "Sigma cannot ask whether the field is a list",
                    ))
                }
                None => Err("Sigma cannot ask that every item of a list has something".to_owned()),
            }
        }
    }
}

/// What no item may have where every item must satisfy the condition, if the condition is made of negations.
fn counterpart(body: &Condition) -> Option<Condition> {
    match body {
        Condition::Not(inner) => Some(inner.as_ref().clone()),
        Condition::All(parts) if !parts.is_empty() => parts
            .iter()
            .map(counterpart)
            .collect::<Option<Vec<Condition>>>()
            .map(|parts| parts.into_iter().fold(Condition::FALSE, Condition::or)),
        Condition::All(_) | Condition::Any(_) | Condition::Test(_) | Condition::Items { .. } => {
            None
        }
    }
}

fn has_negation(condition: &Condition) -> bool {
    condition.predicates().iter().any(|(_, negated)| *negated)
}

/// Whether the condition is about the item in one place only, or in alternatives of which each is: then it does not matter that
/// flattening looks at all items at once, nor that without items there is none to satisfy it.
fn is_single(condition: &Condition) -> bool {
    match condition {
        Condition::Test(predicate) => mentions_item(predicate),
        Condition::Any(parts) => parts.iter().all(is_single),
        Condition::All(parts) => {
            let about = |part: &&Condition| {
                part.predicates()
                    .iter()
                    .any(|(predicate, _)| mentions_item(predicate))
            };
            let about: Vec<&Condition> = parts.iter().filter(about).collect();
            matches!(about.as_slice(), [one] if is_single(one))
        }
        Condition::Not(_) | Condition::Items { .. } => false,
    }
}

fn mentions_item(predicate: &Predicate) -> bool {
    fn has_item(term: &Term) -> bool {
        match term {
            Term::Item { .. } => true,
            Term::Call { arguments, .. } => arguments.iter().any(has_item),
            Term::Field(_)
            | Term::Literal(_)
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => false,
        }
    }
    has_item(&predicate.subject)
        || matches!(&predicate.object, crate::ir::Object::Term(term) if has_item(term))
}

/// The condition with the item `depth` quantifiers out replaced by paths through the list.
fn flatten(condition: Condition, list: &FieldPath, depth: usize) -> Condition {
    let parts = |parts: Vec<Condition>| {
        parts
            .into_iter()
            .map(|part| flatten(part, list, depth))
            .collect()
    };
    match condition {
        Condition::All(inner) => Condition::All(parts(inner.into_vec())),
        Condition::Any(inner) => Condition::Any(parts(inner.into_vec())),
        Condition::Not(inner) => {
            Condition::Not(Shared::new(flatten(inner.into_inner(), list, depth)))
        }
        Condition::Test(mut predicate) => {
            predicate.subject = flat_term(predicate.subject.clone(), list, depth);
            if let crate::ir::Object::Term(term) = &mut predicate.object {
                **term = flat_term(term.as_ref().clone(), list, depth);
            }
            Condition::Test(predicate)
        }
        Condition::Items {
            quantifier,
            list: inner,
            body,
        } => Condition::Items {
            quantifier,
            list: flat_term(inner.into_inner(), list, depth).into(),
            body: Shared::new(flatten(body.into_inner(), list, depth + 1)),
        },
    }
}

fn flat_term(term: Term, list: &FieldPath, at: usize) -> Term {
    match term {
        Term::Item { depth, path } if depth == at => {
            let segments = list.segments.iter().chain(&path.segments).cloned();
            Term::Field(FieldPath {
                segments: segments.collect(),
            })
        }
        Term::Call {
            function,
            arguments,
        } => Term::Call {
            function,
            arguments: arguments
                .into_iter()
                .map(|term| flat_term(term, list, at))
                .collect(),
        },
        other => other,
    }
}
