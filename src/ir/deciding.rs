//! What decides which of several texts a text is: the values in it.
//!
//! Constants decide nothing, and neither do those that stand for a missing value. Two events have one text where they have the
//! same values.

use super::{Case, Condition, Function, Kind, Object, Operator, Shared, Term};

impl Term {
    /// The values that decide what the text is, each once.
    #[must_use]
    pub fn deciding(&self) -> Vec<Self> {
        let mut found = Vec::new();
        group_terms(&factored(self), &mut found);
        found
    }
}

/// A text that is one of several by condition, with what all of them begin and end with before and behind the choice.
fn factored(term: &Term) -> Term {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => Term::call(
            Function::Concat,
            arguments.iter().map(factored).collect::<Vec<_>>(),
        ),
        Term::Choice { cases, otherwise } => {
            let values = cases.iter().map(|case| &case.then);
            let texts: Vec<Term> = values.chain([otherwise.as_ref()]).map(factored).collect();
            let texts: Vec<&[Term]> = texts.iter().map(pieces).collect();
            let (before, behind) = shared(&texts);
            if before + behind == 0 {
                return term.clone();
            }
            let own = |text: &[Term]| match &text[before..text.len() - behind] {
                [one @ (Term::Call { .. } | Term::Literal(_))] => one.clone(),
                own => Term::call(Function::Concat, own.to_vec()),
            };
            let mut own_texts = texts.iter().map(|text| own(text));
            let chosen = cases.iter().zip(own_texts.by_ref());
            let cases: Vec<Case> = chosen
                .map(|(case, then)| Case {
                    when: case.when.clone(),
                    then,
                })
                .collect();
            let last = texts[cases.len()];
            let chosen = Term::Choice {
                cases: cases.into(),
                otherwise: Shared::new(own(last)),
            };
            let parts = last[..before].iter().cloned();
            let parts = parts.chain([chosen]);
            let parts = parts.chain(last[last.len() - behind..].iter().cloned());
            Term::call(Function::Concat, parts.collect::<Vec<_>>())
        }
        other => other.clone(),
    }
}

/// The parts that a text is put together from.
fn pieces(term: &Term) -> &[Term] {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => arguments,
        other => std::slice::from_ref(other),
    }
}

/// With how many parts all texts begin and end that are the same in all of them.
fn shared(texts: &[&[Term]]) -> (usize, usize) {
    let Some((first, rest)) = texts.split_first() else {
        return (0, 0);
    };
    let shortest = texts.iter().map(|text| text.len()).min().unwrap_or(0);
    let begins = |at: &usize| rest.iter().all(|text| text[*at] == first[*at]);
    let before = (0..shortest).take_while(begins).count();
    let ends = |at: &usize| {
        let from_end = |text: &[Term]| text[text.len() - 1 - *at].clone();
        rest.iter().all(|text| from_end(text) == from_end(first))
    };
    let behind = (0..shortest - before).take_while(ends).count();
    (before, behind)
}

/// The terms that decide what a text is: its parts that are not constant, without the defaults for missing values.
fn group_terms(term: &Term, found: &mut Vec<Term>) {
    match term {
        Term::Literal(_) => {}
        Term::Call {
            function:
                Function::Concat | Function::ToText | Function::Display | Function::DisplayEvent,
            arguments,
        } => arguments
            .iter()
            .for_each(|argument| group_terms(argument, found)),
        Term::Call {
            function: Function::Coalesce | Function::IfMissing,
            arguments,
        } if arguments[1..]
            .iter()
            .all(|argument| argument.as_literal().is_some()) =>
        {
            if let Some(first) = arguments.first() {
                group_terms(first, found);
            }
        }
        other => {
            if let Some(shown) = with_default(other) {
                return group_terms(shown, found);
            }
            if !found.contains(other) {
                found.push(other.clone());
            }
        }
    }
}

/// The value that is shown where it is there, if a constant is otherwise.
fn with_default(term: &Term) -> Option<&Term> {
    let (shown, is_there) = match term {
        Term::Choice { cases, otherwise } => {
            let ([Case { when, then }], Term::Literal(_)) = (cases.as_slice(), otherwise.as_ref())
            else {
                return None;
            };
            (then, Some(when))
        }
        Term::Call {
            function: Function::ToText | Function::Display | Function::DisplayEvent,
            arguments,
        } => (arguments.first()?, None),
        Term::Call {
            function: Function::Coalesce | Function::IfMissing,
            arguments,
        } => match arguments.as_slice() {
            [value, Term::Literal(_)] => (value, None),
            _ => return None,
        },
        _ => return None,
    };
    let value = with_default(shown).unwrap_or(shown);
    let is_shown = is_there.is_none_or(|there| holds_with(there, value));
    is_shown.then_some(value)
}

/// Whether the condition only asks that the value is there, or what it is a part of.
fn holds_with(there: &Condition, value: &Term) -> bool {
    match there {
        Condition::All(parts) => parts.iter().all(|part| holds_with(part, value)),
        Condition::Test(there) => {
            let is_there = match (there.operator, &there.object) {
                (Operator::Exists | Operator::IsPresent, _) => true,
                (Operator::IsKind, Object::Kinds(kinds)) => {
                    kinds.contains(&Kind::List) || kinds.contains(&Kind::Object)
                }
                _ => false,
            };
            let is_part = match (&there.subject, value) {
                (Term::Field(whole), Term::Field(part)) => {
                    part.starts_with(whole) && !part.has_each()
                }
                _ => false,
            };
            let is_itself = there.subject == *value && there.operator != Operator::IsKind;
            is_there && (is_itself || is_part && there.subject != *value)
        }
        Condition::Any(_) | Condition::Not(_) | Condition::Items { .. } => false,
    }
}
