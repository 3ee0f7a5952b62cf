//! Questions about lists: for one item, for every item on the way, for all of them, for a position, for the keys of an object.

use super::plain::{Place, is_kind};
use super::states::{ANY, INTEGERS, LISTS, MISSING, States, TEXTS};
use super::term;
use crate::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Kind, Literal, Object, Operator,
    Predicate, Quantifier, Segment, Shared, Term,
};

impl Place<'_> {
    /// A key among the keys of an object is one that it has.
    pub(super) fn has_key(&self, list: &Term, body: &Condition) -> Option<Condition> {
        let Term::Call {
            function: Function::Keys,
            arguments,
        } = list
        else {
            return None;
        };
        let [holder] = arguments.as_slice() else {
            return None;
        };
        let Condition::Test(predicate) = body else {
            return None;
        };
        let is_item =
            matches!(&predicate.subject, Term::Item { depth: 0, path } if path.segments.is_empty());
        let (Object::Literal(Literal::Text(key)), Operator::Equals, CaseSensitivity::Sensitive) =
            (&predicate.object, predicate.operator, predicate.case)
        else {
            return None;
        };
        let key = vec![holder.clone(), Term::text(key)];
        let key = term::plain(self, &Term::call(Function::MemberExact, key));
        is_item.then(|| self.test(&Predicate::new(key, Operator::Exists, Object::None)))
    }

    /// Whether a list has items in common with constants.
    pub(super) fn of_intersection(
        &self,
        arguments: &[Term],
        predicate: &Predicate,
    ) -> Option<Condition> {
        let [of, Term::Literal(Literal::List(wanted))] = arguments else {
            return None;
        };
        if super::states::is_multiple(of) {
            return None;
        }
        match (predicate.operator, &predicate.object) {
            (Operator::IsTruthy, _) => {
                let item = Term::Item {
                    depth: 0,
                    path: FieldPath::root(),
                };
                let is_wanted = Object::List(wanted.clone());
                let is_wanted = Predicate::new(item, Operator::In, is_wanted);
                Some(self.some(of, self.within(of).test(&is_wanted)))
            }
            (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _) => {
                Some(self.condition(&is_kind(of, Kind::List)))
            }
            (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::List) => {
                Some(self.condition(&is_kind(of, Kind::List)))
            }
            (Operator::IsKind, _) => Some(Condition::FALSE),
            _ => None,
        }
    }

    /// A list of constants has as many items, each of which is one of them.
    pub(super) fn of_list(&self, predicate: &Predicate) -> Option<Condition> {
        let (Operator::Equals, Object::Literal(Literal::List(items))) =
            (predicate.operator, &predicate.object)
        else {
            return None;
        };
        let is_plain = |item: &Literal| {
            matches!(
                item,
                Literal::Text(_) | Literal::Integer(_) | Literal::Boolean(_)
            )
        };
        let is_single = !super::states::is_multiple(&predicate.subject);
        if items.is_empty() || !is_single || !items.iter().all(is_plain) {
            return None;
        }
        let subject = &predicate.subject;
        let length = Literal::Integer(i64::try_from(items.len()).ok()?);
        let long = Predicate::new(
            Term::call(Function::Length, [subject.clone()]),
            Operator::Equals,
            Object::Literal(length),
        );
        let mut asked = is_kind(subject, Kind::List).and(self.one(long));
        for (at, item) in items.iter().enumerate() {
            let position = Term::Literal(Literal::Integer(i64::try_from(at).ok()?));
            let place = term::plain(
                self,
                &Term::call(Function::Item, [subject.clone(), position]),
            );
            asked = asked.and(self.one(Predicate {
                subject: place,
                object: Object::Literal(item.clone()),
                ..predicate.clone()
            }));
        }
        Some(asked)
    }

    /// A position of a list is there where the list is long enough.
    pub(super) fn of_position(&self, predicate: &Predicate) -> Option<Condition> {
        let (list, least) = term::position(&predicate.subject)?;
        let is_there = match (predicate.operator, &predicate.object) {
            (Operator::Exists, _) => true,
            (Operator::IsPresent, _) => term::has_texts(&list),
            (Operator::IsKind, Object::Kinds(kinds)) => {
                term::has_texts(&list) && kinds.as_slice() == [Kind::Text]
            }
            _ => false,
        };
        if !is_there {
            return None;
        }
        let length = Term::call(Function::Length, [list.clone()]);
        let long = Predicate::new(
            length,
            Operator::AtLeast,
            Object::Literal(Literal::Integer(least)),
        );
        Some(is_kind(&list, Kind::List).and(self.one(long)))
    }

    /// A question to every item of a list on the way is one to some item.
    pub(super) fn of_items(&self, predicate: &Predicate) -> Option<Condition> {
        let (called, of) = match &predicate.subject {
            Term::Call {
                function:
                    function @ (Function::ToText | Function::Lower | Function::Upper | Function::Trim),
                arguments,
            } => (Some(*function), arguments.first()?),
            other => (None, other),
        };
        let (Term::Field(path) | Term::Item { path, .. }) = of else {
            return None;
        };
        if predicate.operator.info().on_missing {
            return None;
        }
        let at = path
            .segments
            .iter()
            .position(|step| *step == Segment::Each)?;
        let part = |steps: &[Segment]| FieldPath {
            segments: steps.to_vec().into(),
        };
        let list = match of {
            Term::Item { depth, .. } => Term::Item {
                depth: *depth,
                path: part(&path.segments[..at]),
            },
            _ => Term::Field(part(&path.segments[..at])),
        };
        let item = Term::Item {
            depth: 0,
            path: part(&path.segments[at + 1..]),
        };
        let object = match &predicate.object {
            Object::Term(other) => Object::Term(Shared::new(other.within_list())),
            other => other.clone(),
        };
        let inner = Predicate {
            subject: called.map_or(item.clone(), |function| Term::call(function, [item])),
            object,
            ..predicate.clone()
        };
        let body = self.within(&list).test(&inner);
        Some(self.some(&list, body))
    }
}

impl Place<'_> {
    /// A question to some item of a list that is selected of another is one to some item of that.
    pub(super) fn of_selected(&self, list: &Term, body: &Condition) -> Option<Condition> {
        let Term::Select {
            list: of,
            when,
            item,
        } = list
        else {
            return None;
        };
        if super::states::is_multiple(of) || super::states::is_multiple(item) {
            return None;
        }
        let within = self.within(of);
        let is_there =
            matches!(item.as_ref(), Term::Literal(_)) || term::states(&within, item) & MISSING == 0;
        // What is not there is `null` in the list.
        let made = if is_there {
            item.as_ref().clone()
        } else {
            let null = Term::Literal(Literal::Null);
            Term::call(Function::IfMissing, [item.as_ref().clone(), null])
        };
        let asked = within.condition(&body.of_made(&made)?);
        Some(self.some(of, when.as_ref().clone().and(asked)))
    }

    /// A question about a list that is selected of another: that there is one, or that it has an item.
    pub(super) fn of_selection(
        &self,
        list: &Term,
        when: &Condition,
        predicate: &Predicate,
    ) -> Option<Condition> {
        let is_list = || self.condition(&is_kind(list, Kind::List));
        match (predicate.operator, &predicate.object) {
            (Operator::IsTruthy, _) => Some(self.some(list, when.clone())),
            (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _) => Some(is_list()),
            (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::List) => {
                Some(is_list())
            }
            (Operator::IsKind, _) => Some(Condition::FALSE),
            _ => None,
        }
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

    /// A list that is put together from others has an item where one of these has, as far as all of them are lists.
    pub(super) fn of_joined(&self, function: Function, lists: &[Term]) -> Option<Condition> {
        let filled = |place: &Self, list: &Term| {
            place.one(Predicate::new(
                list.clone(),
                Operator::IsTruthy,
                Object::None,
            ))
        };
        match (function, lists) {
            (Function::Append, lists) => {
                let mut each = lists.iter();
                let are_lists = each.all(|list| self.is_list(list));
                let each = lists.iter().map(|list| filled(self, list));
                are_lists.then(|| each.fold(Condition::FALSE, Condition::or))
            }
            (_, [Term::Select { list, when, item }]) if !super::states::is_multiple(list) => {
                let within = self.within(list);
                let has = |item: &Term| {
                    let body = when.as_ref().clone().and(filled(&within, item));
                    self.some(list, body)
                };
                within.is_list(item).then(|| has(item))
            }
            _ => None,
        }
    }

    /// Whether the term is a list in every event.
    fn is_list(&self, term: &Term) -> bool {
        !super::states::is_multiple(term) && term::of_value(self, term) & !LISTS == 0
    }

    /// The parts of a text between separators are a list with an item wherever there is a text.
    pub(super) fn of_split(&self, arguments: &[Term], predicate: &Predicate) -> Option<Condition> {
        let [of, Term::Literal(Literal::Text(by))] = arguments else {
            return None;
        };
        if by.is_empty() || super::states::is_multiple(of) {
            return None;
        }
        match (predicate.operator, &predicate.object) {
            (
                Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy,
                _,
            ) => Some(self.condition(&is_kind(of, Kind::Text))),
            (Operator::IsKind, Object::Kinds(kinds)) => Some(if kinds.contains(&Kind::List) {
                self.condition(&is_kind(of, Kind::Text))
            } else {
                Condition::FALSE
            }),
            _ => None,
        }
    }

    /// A part of a list, or of a text, between places that are known is there where that is.
    pub(super) fn of_slice(&self, arguments: &[Term], predicate: &Predicate) -> Option<Condition> {
        let [of, from, to] = arguments else {
            return None;
        };
        let is_place = |term: &Term| match term {
            Term::Literal(Literal::Null | Literal::Integer(_)) => true,
            other => term::of_pair(self, other) == Some(INTEGERS),
        };
        if super::states::is_multiple(of) || !is_place(from) || !is_place(to) {
            return None;
        }
        let kinds = match (predicate.operator, &predicate.object) {
            (Operator::Exists | Operator::IsPresent, _) => vec![Kind::Text, Kind::List],
            (Operator::IsKind, Object::Kinds(kinds)) => kinds
                .iter()
                .filter(|kind| matches!(kind, Kind::Text | Kind::List))
                .copied()
                .collect(),
            _ => return None,
        };
        let asked = kinds.into_iter().map(|kind| is_kind(of, kind));
        let asked = asked.fold(Condition::FALSE, Condition::or);
        Some(self.condition(&asked))
    }
}

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
    while let Some((of, kind)) = next.filter(|(of, _)| !super::states::is_multiple(of)) {
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

/// The item at a position of those for which one condition holds has what the other asks for.
pub(in crate::verify) fn one_has(
    list: Shared<Term>,
    when: Shared<Condition>,
    at: i64,
    asked: Condition,
) -> Condition {
    let verdict = |value| Term::Literal(Literal::Boolean(value));
    let chosen = Term::Choice {
        cases: vec![Case {
            when: asked,
            then: verdict(true),
        }]
        .into(),
        otherwise: Shared::new(verdict(false)),
    };
    let taken = Term::Select {
        list,
        when,
        item: Shared::new(chosen),
    };
    let one = Term::call(Function::Item, [taken, Term::Literal(Literal::Integer(at))]);
    let holds = Object::Literal(Literal::Boolean(true));
    Predicate::new(one, Operator::Equals, holds).into()
}

/// The list of which the list is every item once, where the question about an item has one answer for equal ones.
pub(super) fn distinct<'t>(
    list: &'t Term,
    quantifier: Quantifier,
    body: &Condition,
) -> Option<&'t Term> {
    let Term::Call {
        function: Function::Distinct,
        arguments,
    } = list
    else {
        return None;
    };
    let [of] = arguments.as_slice() else {
        return None;
    };
    (quantifier != Quantifier::One && is_of_value(body)).then_some(of)
}

/// Whether the question is about the item as a whole, and one that equal values answer alike: a number in another form is equal.
fn is_of_value(body: &Condition) -> bool {
    match body {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(is_of_value),
        Condition::Not(inner) => is_of_value(inner),
        Condition::Items { .. } => false,
        Condition::Test(predicate) => {
            let is_item = matches!(&predicate.subject, Term::Item { depth: 0, path } if path.segments.is_empty());
            let is_alike = match (predicate.operator, &predicate.object) {
                (Operator::Equals, Object::Literal(_)) => true,
                (Operator::IsKind, Object::Kinds(kinds)) => !kinds.contains(&Kind::Integer),
                _ => false,
            };
            is_item && is_alike
        }
    }
}
