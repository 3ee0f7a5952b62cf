//! Questions about a value in another form: a cell of a row, the text of a value, how long it is, two values without regard to
//! case. Each becomes one about the value itself, as far as its type says how.

use super::cell::{self, As, Cell};
use super::plain::Place;
use super::settled::settled;
use super::states::{BOOLEANS, LISTS, MISSING, NULL, OBJECTS, TEXTS, number};
use super::term;
use crate::eval;
use crate::ir::{
    CaseSensitivity, Condition, Function, Kind, Literal, Object, Operator, Predicate, Shared, Term,
};

impl Place<'_> {
    /// A question that `null` answers otherwise than a missing value, about a subject that is never `null`.
    pub(super) fn without_null(&self, subject: &Term, predicate: &Predicate) -> Option<Condition> {
        match (predicate.operator, &predicate.object) {
            (Operator::Exists, _) => Some(self.one(Predicate {
                subject: subject.clone(),
                operator: Operator::IsPresent,
                ..predicate.clone()
            })),
            (Operator::IsKind, Object::Kinds(kinds)) if kinds.as_slice() == [Kind::Null] => {
                Some(Condition::FALSE)
            }
            _ => None,
        }
    }

    /// A question about a cell of a row: one about its column, as far as the type of the field is all that differs.
    pub(super) fn of_cell(&self, predicate: &Predicate) -> Option<Condition> {
        let path = predicate.subject.as_field()?;
        let cell = Cell::of(path)?;
        if self.side.is_bare(path)
            && let Some(asked) = self.without_null(&predicate.subject, predicate)
        {
            return Some(asked);
        }
        let spells_numbers = self.side.spells_numbers(&cell);
        let kinds: &[Kind] = match cell.asked {
            As::Text => &[Kind::Text],
            As::Number => &[Kind::Integer, Kind::Number],
            As::Itself if spells_numbers => &[Kind::Text],
            As::Itself => return None,
        };
        let is_text = kinds.contains(&Kind::Text);
        let there = |operator| self.of_column(&cell, operator, Object::None);
        match (predicate.operator, &predicate.object) {
            (Operator::Exists | Operator::IsPresent, _) if !spells_numbers => {
                Some(there(predicate.operator))
            }
            (Operator::IsFilled | Operator::IsTruthy, _) if is_text => {
                Some(there(Operator::IsPresent))
            }
            (Operator::IsKind, Object::Kinds(asked)) => {
                if asked.as_slice() == [Kind::Null] {
                    let null = Object::Kinds(vec![Kind::Null]);
                    return (!spells_numbers)
                        .then(|| self.of_column(&cell, Operator::IsKind, null));
                }
                let is_one = asked.iter().any(|kind| kinds.contains(kind));
                Some(if is_one {
                    there(Operator::IsPresent)
                } else {
                    Condition::FALSE
                })
            }
            (Operator::Equals, Object::Literal(literal)) if is_text => {
                let Some(number) = cell::spelt_number(literal) else {
                    return Some(Condition::FALSE);
                };
                let asked = match cell.asked {
                    As::Text => As::Itself,
                    As::Itself | As::Number => As::Number,
                };
                let number = Object::Literal(Literal::Integer(number));
                let subject = Term::Field(cell.asked(asked).path());
                Some(self.one(Predicate::new(subject, Operator::Equals, number)))
            }
            _ => None,
        }
    }

    /// A question about the column of a cell.
    fn of_column(&self, cell: &Cell, operator: Operator, object: Object) -> Condition {
        let subject = Term::Field(cell.asked(As::Itself).path());
        let predicate = Predicate::new(subject, operator, object);
        if self.side.is_bare(&cell.asked(As::Itself).path())
            && let Some(asked) = self.without_null(&predicate.subject, &predicate)
        {
            return asked;
        }
        settled(predicate).into()
    }

    /// A question about the text of a value: one about the value, where that is a text.
    pub(super) fn of_text(&self, of: &Term, predicate: &Predicate) -> Option<Condition> {
        let states = term::states(self, of);
        if states & !(MISSING | NULL | BOOLEANS) == 0 {
            return self.of_truth_value(of, predicate);
        }
        if states & !(MISSING | NULL | LISTS | OBJECTS) == 0 && is_no_json(predicate) {
            return Some(Condition::FALSE);
        }
        let may_be_both = states & TEXTS != 0 && states & !(MISSING | NULL | TEXTS) != 0;
        if !may_be_both
            || super::states::is_multiple(of)
            || matches!(predicate.object, Object::Term(_))
        {
            return None;
        }
        let is_text = self.is_kind(of, Kind::Text);
        let about = self.one(Predicate {
            subject: of.clone(),
            ..predicate.clone()
        });
        if is_no_form(predicate) {
            return Some(is_text.and(about));
        }
        let otherwise = Condition::from(settled(predicate.clone()));
        Some((is_text.clone().and(about)).or(is_text.negate().and(otherwise)))
    }

    /// A question about what an alert shows of a value, which shows `null` as a word: what it is on that, and one about another.
    pub(super) fn of_shown(&self, of: &Term, predicate: &Predicate) -> Option<Condition> {
        let may_be_null = term::states(self, of) & NULL != 0;
        if !may_be_null
            || super::states::is_multiple(of)
            || matches!(predicate.object, Object::Term(_))
        {
            return None;
        }
        let Term::Call { function, .. } = &predicate.subject else {
            return None;
        };
        let on_null = Predicate {
            subject: Term::call(*function, [Term::Literal(Literal::Null)]),
            ..predicate.clone()
        };
        let on_null = eval::holds(&on_null.into(), &serde_json::Value::Null);
        let is_null = self.is_kind(of, Kind::Null);
        let otherwise = Condition::from(settled(predicate.clone()));
        let otherwise = is_null.clone().negate().and(otherwise);
        Some(if on_null {
            is_null.or(otherwise)
        } else {
            otherwise
        })
    }

    /// A question about the text of a value that is a truth value or none: which of these it holds for.
    fn of_truth_value(&self, of: &Term, predicate: &Predicate) -> Option<Condition> {
        if super::states::is_multiple(of) || matches!(predicate.object, Object::Term(_)) {
            return None;
        }
        let on = |value: Literal| {
            let subject = Term::call(Function::ToText, [Term::Literal(value)]);
            let asked = Predicate {
                subject,
                ..predicate.clone()
            };
            eval::holds(&asked.into(), &serde_json::Value::Null)
        };
        let about = |operator, object| self.one(Predicate::new(of.clone(), operator, object));
        let mut asked = Condition::FALSE;
        for value in [true, false].map(Literal::Boolean) {
            if on(value.clone()) {
                asked = asked.or(about(Operator::Equals, Object::Literal(value)));
            }
        }
        if on(Literal::Null) {
            asked = asked.or(about(Operator::IsKind, Object::Kinds(vec![Kind::Null])));
        }
        if predicate.operator.info().on_missing {
            asked = asked.or(about(Operator::Exists, Object::None).negate());
        }
        Some(asked)
    }

    /// A question whether the first or the last part of a text is this one: whether the text ends there with it, or is it.
    pub(super) fn of_end(&self, arguments: &[Term], predicate: &Predicate) -> Option<Condition> {
        let [
            Term::Call {
                function: Function::Split,
                arguments: of,
            },
            Term::Literal(Literal::Integer(at @ (0 | -1))),
        ] = arguments
        else {
            return None;
        };
        let [text, Term::Literal(Literal::Text(by))] = of.as_slice() else {
            return None;
        };
        let (Operator::Equals, Object::Literal(Literal::Text(part))) =
            (predicate.operator, &predicate.object)
        else {
            return None;
        };
        // What stands between parts is one character, the same in upper and lower case.
        let mut between = by.chars();
        let is_plain = between.next().is_some_and(|c| !c.is_alphabetic());
        if !is_plain || between.next().is_some() || part.contains(by.as_str()) {
            return None;
        }
        let about = |operator, object| Predicate {
            subject: text.clone(),
            operator,
            object,
            ..predicate.clone()
        };
        let (operator, end) = match at {
            0 => (Operator::StartsWith, format!("{part}{by}")),
            _ => (Operator::EndsWith, format!("{by}{part}")),
        };
        let whole = self.one(about(Operator::Equals, predicate.object.clone()));
        Some(whole.or(self.one(about(operator, Object::Texts(vec![end])))))
    }

    /// A comparison of two values. Where one is a text, letters in any case are those of both in lower case.
    pub(super) fn of_two(&self, predicate: &Predicate, other: &Term) -> Predicate {
        let subject = term::plain_value(self, &predicate.subject);
        let other = term::plain_value(self, other);
        let is_folded = predicate.operator == Operator::Equals
            && predicate.case == CaseSensitivity::Insensitive
            && (term::is_text(self, &subject) || term::is_text(self, &other));
        let (subject, other, case) = if is_folded {
            let lower = |term| Term::call(Function::Lower, [term]);
            (lower(subject), lower(other), CaseSensitivity::Sensitive)
        } else {
            (subject, other, predicate.case)
        };
        Predicate {
            subject,
            object: Object::Term(Shared::new(other)),
            case,
            ..predicate.clone()
        }
    }

    /// A question for the length of something is one for the least length, and the first of these are others: whether the thing is
    /// empty, whether a separator stands in a text.
    pub(super) fn of_length(&self, of: &Term, predicate: &Predicate) -> Option<Condition> {
        let bound = match &predicate.object {
            Object::Literal(literal) => number(literal),
            _ => None,
        };
        if super::states::is_multiple(of) {
            return None;
        }
        if let known @ Term::Literal(_) =
            super::call::called(self, Function::Length, vec![of.clone()], false)
        {
            return Some(self.one(Predicate {
                subject: known,
                ..predicate.clone()
            }));
        }
        if let Term::Item { depth, path } = of
            && path.segments.is_empty()
            && self
                .listed(*depth)
                .is_some_and(|listed| listed.pair.is_some())
        {
            return Some(self.one(Predicate {
                subject: Term::Literal(Literal::Integer(2)),
                ..predicate.clone()
            }));
        }
        let least = |least| self.at_least(of, least);
        let sized = || least(0);
        let (next, from) = match bound {
            Some(bound) => (whole(bound.floor() + 1.0)?, whole(bound.ceil())?),
            None => (0, 0),
        };
        Some(match (predicate.operator, bound) {
            (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _) => sized(),
            (Operator::IsTruthy, _) => least(1),
            (Operator::IsKind, _) => {
                let is_number = matches!(&predicate.object, Object::Kinds(kinds)
                    if kinds.iter().any(|kind| matches!(kind, Kind::Integer | Kind::Number)));
                if is_number { sized() } else { Condition::FALSE }
            }
            (Operator::AtLeast, Some(_)) => least(from),
            (Operator::GreaterThan, Some(_)) => least(next),
            (Operator::LessThan, Some(_)) => sized().and(least(from).negate()),
            (Operator::AtMost, Some(_)) => sized().and(least(next).negate()),
            (Operator::Equals, Some(bound)) if bound.fract() != 0.0 || bound < 0.0 => {
                Condition::FALSE
            }
            (Operator::Equals, Some(_)) => least(from).and(least(next).negate()),
            _ => return None,
        })
    }

    /// A question whether a length below zero is at most another number: one for the least length.
    pub(super) fn of_negated_length(
        &self,
        arguments: &[Term],
        predicate: &Predicate,
    ) -> Option<Condition> {
        let [
            Term::Literal(from),
            length @ Term::Call {
                function: Function::Length,
                ..
            },
        ] = arguments
        else {
            return None;
        };
        let (Some(0.0), Object::Literal(Literal::Integer(bound)), Operator::AtMost) =
            (number(from), &predicate.object, predicate.operator)
        else {
            return None;
        };
        Some(self.one(Predicate {
            subject: length.clone(),
            operator: Operator::AtLeast,
            object: Object::Literal(Literal::Integer(bound.checked_neg()?)),
            ..predicate.clone()
        }))
    }

    /// A question about an end of the network that an address is: one about the address, where the field holds nothing else.
    pub(super) fn of_network(&self, of: &Term, predicate: &Predicate) -> Option<Condition> {
        let path = self.whole(of).filter(|path| self.side.is_address(path))?;
        let about = |operator, object| Predicate {
            subject: of.clone(),
            operator,
            object,
            ..predicate.clone()
        };
        match (predicate.operator, &predicate.object) {
            (
                Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy,
                _,
            ) => Some(self.one(about(Operator::IsIpAddress, Object::None))),
            (Operator::InNetwork, object @ Object::Texts(_)) => {
                Some(self.one(about(Operator::InNetwork, object.clone())))
            }
            _ => None,
        }
        .filter(|_| !path.has_each())
    }

    /// The thing is so long, or longer.
    fn at_least(&self, of: &Term, least: i64) -> Condition {
        let kinds = Object::Kinds(vec![Kind::Text, Kind::List, Kind::Object]);
        let sized = Condition::from(Predicate::new(of.clone(), Operator::IsKind, kinds));
        let filled = || Predicate::new(of.clone(), Operator::IsTruthy, Object::None);
        match (least, separated(of)) {
            (..=0, _) => self.condition(&sized),
            (1, _) => self.condition(&sized).and(self.one(filled())),
            (2, Some((text, by))) => {
                let by = Object::Texts(vec![by.to_owned()]);
                self.one(Predicate::new(text.clone(), Operator::Contains, by))
            }
            _ => {
                let length = Term::call(Function::Length, [of.clone()]);
                let least = Object::Literal(Literal::Integer(least));
                settled(Predicate::new(length, Operator::AtLeast, least)).into()
            }
        }
    }
}

/// The text and the separator of which the term is the parts.
fn separated(term: &Term) -> Option<(&Term, &str)> {
    match term {
        Term::Call {
            function: Function::Split,
            arguments,
        } => match arguments.as_slice() {
            [text, Term::Literal(Literal::Text(by))] if !by.is_empty() => Some((text, by)),
            _ => None,
        },
        // Where a separator counts at all, the first one or the last one does.
        Term::Call {
            function: Function::SplitFirst | Function::SplitLast,
            arguments,
        } => match arguments.as_slice() {
            [
                text,
                Term::Literal(Literal::Text(by)),
                Term::Literal(Literal::Integer(count)),
            ] if !by.is_empty() && *count != 0 => Some((text, by)),
            _ => None,
        },
        _ => None,
    }
}

/// The whole number that this is; nothing for one that is no length.
#[allow(
    clippy::cast_possible_truncation,
    reason = "lengths are compared within the bound"
)]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 1e15).then_some(number as i64)
}

/// Whether the predicate asks for a text that is no JSON of a list or an object, which begins and ends with a bracket.
fn is_no_json(predicate: &Predicate) -> bool {
    let is_none = |text: &str| !text.is_empty() && !text.starts_with(['[', '{']);
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(Literal::Text(text))) => is_none(text),
        (Operator::Equals, Object::Literal(_)) => true,
        (Operator::StartsWith, Object::Texts(texts)) => texts.iter().all(|text| is_none(text)),
        (Operator::EndsWith, Object::Texts(texts)) => texts
            .iter()
            .all(|text| !text.is_empty() && !text.ends_with([']', '}'])),
        _ => false,
    }
}

/// Whether the predicate asks for a text that is the text form of nothing but itself: of no number, truth value, list or object.
fn is_no_form(predicate: &Predicate) -> bool {
    let may_begin = |text: &str| {
        let begins = |c: char| c.is_ascii_digit() || "-[{".contains(c);
        text.is_empty() || text.starts_with(begins)
    };
    let word = |is_it: &dyn Fn(&str) -> bool| is_it("true") || is_it("false");
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(Literal::Text(text))) => {
            !may_begin(text) && !word(&|word| text.eq_ignore_ascii_case(word))
        }
        (Operator::StartsWith, Object::Texts(texts)) => texts.iter().all(|text| {
            let text = text.to_lowercase();
            !may_begin(&text) && !word(&|word| word.starts_with(&text))
        }),
        (Operator::EndsWith, Object::Texts(texts)) => texts.iter().all(|text| {
            let text = text.to_lowercase();
            let ends = |c: char| c.is_ascii_digit() || "]}".contains(c);
            !text.is_empty() && !text.ends_with(ends) && !word(&|word| word.ends_with(&text))
        }),
        _ => false,
    }
}
