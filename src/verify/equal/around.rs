//! What stands around a question about the items of a list: what is known of the list where it has an item, and what the
//! question asks that is not about the item, which is said outside of the list.

use super::lists::one_has;
use super::plain::{Listed, Place};
use super::states::{ANY, INTEGERS, MISSING, States, TEXTS, is_multiple, keeps_kind};
use super::term;
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Predicate, Shared, Term};
use crate::normalize::is_of_texts;

/// What the parts of every item are, where the list is one of lists of two.
pub(super) fn pair(list: &Term) -> Option<[States; 2]> {
    let Term::Call {
        function,
        arguments,
    } = list
    else {
        return None;
    };
    let of = arguments.first()?;
    match function {
        Function::Numbered if term::has_texts(of) => Some([INTEGERS, TEXTS]),
        Function::Numbered => Some([INTEGERS, ANY & !MISSING]),
        Function::Entries => Some([TEXTS, ANY & !MISSING]),
        of_lists if keeps_items(*of_lists) => pair(of),
        _ => None,
    }
}

/// The list and what it is made of, as far as it is known of which kind that is wherever the list has an item.
pub(super) fn around(list: &Term) -> Vec<(Term, Kind)> {
    let mut found = Vec::new();
    let mut next = Some((list, Kind::List));
    while let Some((of, kind)) = next.filter(|(of, _)| !is_multiple(of)) {
        found.push((of.clone(), kind));
        next = match of {
            Term::Call {
                function,
                arguments,
            } if kind == Kind::List => {
                let made_of = match function {
                    Function::Numbered => Some(Kind::List),
                    Function::Split | Function::Characters => Some(Kind::Text),
                    Function::Keys | Function::Entries => Some(Kind::Object),
                    function => keeps_items(*function).then_some(Kind::List),
                };
                arguments.first().zip(made_of)
            }
            Term::Call {
                function,
                arguments,
            } if kind == Kind::Text && (is_of_texts(*function) || keeps_kind(*function)) => {
                arguments.first().map(|text| (text, Kind::Text))
            }
            _ => None,
        };
    }
    found
}

/// Whether the items of the function's value are some of those of the list that it is of.
fn keeps_items(function: Function) -> bool {
    matches!(
        function,
        Function::Slice | Function::Distinct | Function::Reverse | Function::Sort
    )
}

/// More questions that ask nothing of the item are not taken out of one about it.
const MOST_OUTSIDE: usize = 5;

/// Nor is any where the questions about the item that are left would be larger together.
const LARGEST: usize = 16_000;

/// Whether so many questions are taken out of a condition.
fn are_few(questions: &[Condition], condition: &Condition) -> bool {
    questions.len() <= MOST_OUTSIDE && condition.size() << questions.len() <= LARGEST
}

impl Place<'_> {
    /// Whether the predicate only asks for what there is, since an item of a list is asked about.
    pub(super) fn is_around(&self, predicate: &Predicate) -> bool {
        let is_told = |kind: Kind| match (predicate.operator, &predicate.object) {
            (Operator::Exists | Operator::IsPresent, _) => true,
            (Operator::IsFilled | Operator::IsTruthy, _) => kind == Kind::List,
            (Operator::IsKind, Object::Kinds(kinds)) => kinds.contains(&kind),
            _ => false,
        };
        let is_it = |(depth, listed): (usize, &Listed)| {
            let mut around = listed.around.iter();
            around
                .any(|(of, kind)| is_told(*kind) && of.within_lists(depth + 1) == predicate.subject)
        };
        self.items.iter().rev().enumerate().any(is_it)
    }

    /// Whether the first or last of the items that are taken has what is asked for, with what asks nothing of the items outside.
    pub(super) fn one_taken(
        &self,
        list: &Shared<Term>,
        when: &Shared<Condition>,
        at: i64,
        asked: Condition,
    ) -> Condition {
        let asked = when.as_ref().clone().and(asked);
        if asked.as_constant() == Some(false) {
            return Condition::FALSE;
        }
        let mut others = Vec::new();
        questions_outside(&asked, &mut others);
        let question = others.first().filter(|_| are_few(&others, &asked));
        if let Some((question, outside)) = question.and_then(|it| Some((it, of_no_item(it)?))) {
            let one = |answer| {
                let when = Shared::new(answered(when, question, answer));
                self.one_taken(list, &when, at, answered(&asked, question, answer))
            };
            let holds = outside.clone().and(one(true));
            return holds.or(outside.negate().and(one(false)));
        }
        let some = self.some(list, when.as_ref().clone());
        if asked == **when {
            return some;
        }
        some.and(one_has(list.clone(), when.clone(), at, asked))
    }

    /// A question to some item with what asks nothing of the item outside of it; nothing where all of it is about the item.
    pub(super) fn outside(&self, list: &Term, body: &Condition) -> Option<Condition> {
        let parts = match body {
            Condition::All(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (about, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.may_read(0));
        if !others.is_empty() && *body != Condition::TRUE {
            let about = about.into_iter().cloned();
            let about = about.fold(Condition::TRUE, Condition::and);
            return others
                .into_iter()
                .try_fold(self.some(list, about), |all, part| {
                    Some(all.and(of_no_item(part)?))
                });
        }
        let mut others = Vec::new();
        questions_outside(body, &mut others);
        let question = others.first().filter(|_| are_few(&others, body))?;
        let outside = of_no_item(question)?;
        let some = |answer| self.some(list, answered(body, question, answer));
        let holds = outside.clone().and(some(true));
        Some(holds.or(outside.negate().and(some(false))))
    }
}

/// The question as it is outside of the list whose items it asks nothing of.
fn of_no_item(question: &Condition) -> Option<Condition> {
    question.of_value(&Term::Literal(Literal::Null))
}

/// The questions of a condition that ask nothing of the item, each once.
fn questions_outside(condition: &Condition, found: &mut Vec<Condition>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                questions_outside(part, found);
            }
        }
        Condition::Not(inner) => questions_outside(inner, found),
        Condition::Test(_) | Condition::Items { .. } => {
            if !condition.may_read(0) && !found.contains(condition) {
                found.push(condition.clone());
            }
        }
    }
}

/// The condition where the question has this answer.
fn answered(condition: &Condition, question: &Condition, answer: bool) -> Condition {
    let of = |part: &Condition| answered(part, question, answer);
    match condition {
        Condition::All(parts) => parts
            .iter()
            .fold(Condition::TRUE, |all, part| all.and(of(part))),
        Condition::Any(parts) => parts
            .iter()
            .fold(Condition::FALSE, |any, part| any.or(of(part))),
        Condition::Not(inner) => of(inner).negate(),
        asked if asked == question => Condition::constant(answer),
        asked => asked.clone(),
    }
}
