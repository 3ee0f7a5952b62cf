//! Values to the IR's terms, for what an alert shows.
//!
//! Invariant: the term has the value's value on every event on which the Python that made it does not raise. A value that has
//! no term (a function) is `None`.

use super::absent::{given, is_optional, presence};
use super::item::select;
use super::value::{Choice, Each, Items, Mapping, Parts, SequenceKind, Value};
use crate::ir::{Case, Condition, Function, Kind, Literal, Operator, Shared, Term};

/// The term of a value.
pub(in crate::frontend::panther) fn term_of(value: &Value<'_>) -> Option<Term> {
    match value {
        Value::Constant(literal) => Some(Term::Literal(literal.clone())),
        Value::Data(data) => Some(data.term.clone()),
        Value::Event => Some(Term::Field(crate::ir::FieldPath::root())),
        Value::Truth(condition) => Some(Term::Choice {
            cases: vec![Case {
                when: condition.clone(),
                then: Term::Literal(Literal::Boolean(true)),
            }]
            .into(),
            otherwise: Shared::new(Term::Literal(Literal::Boolean(false))),
        }),
        Value::Sequence(sequence) => value.as_literal().map(Term::Literal).or_else(|| {
            let items: Option<Vec<Term>> = sequence.items.iter().map(term_of).collect();
            Some(in_kind(sequence.kind, Term::call(Function::List, items?)))
        }),
        Value::Mapping(mapping) => value
            .as_literal()
            .map(Term::Literal)
            .or_else(|| mapping_term(mapping)),
        Value::Comprehension(list) => list_term(list.kind, &list.parts),
        Value::Entries(entries) => {
            let pairs = list_term(SequenceKind::List, &entries.parts)?;
            Some(Term::call(Function::FromEntries, [pairs]))
        }
        Value::Choice(choice) => merged(choice).map_or_else(
            || choice_term(choice),
            |mapping| term_of(&Value::Mapping(mapping)),
        ),
        _ => None,
    }
}

/// A set holds every item once.
fn in_kind(kind: SequenceKind, list: Term) -> Term {
    match kind {
        SequenceKind::Set => Term::call(Function::Distinct, [list]),
        SequenceKind::List | SequenceKind::Tuple => list,
    }
}

/// The term of the list of the items.
pub(super) fn list_term(kind: SequenceKind, parts: &Parts<'_>) -> Option<Term> {
    let mut lists: Vec<Term> = Vec::new();
    for part in parts {
        let certain = part.when.as_constant() == Some(true);
        let list = match &part.items {
            Items::One(value) => {
                let value = term_of(value)?;
                if certain
                    && let Some(Term::Call {
                        function: Function::List,
                        arguments,
                    }) = lists.last_mut()
                {
                    arguments.push(value);
                    continue;
                }
                Term::call(Function::List, [value])
            }
            Items::Each(each) => match each.parts.as_slice() {
                [single] if matches!(single.items, Items::One(_)) => match &single.items {
                    Items::One(value) => made(each, single.when.clone(), term_of(value)?),
                    Items::Each(_) => return None,
                },
                parts => {
                    let inner = list_term(SequenceKind::List, &parts.to_vec())?;
                    let lists = select(&each.list, each.item, Condition::TRUE, inner);
                    Term::call(Function::Flatten, [lists])
                }
            },
        };
        lists.push(if certain {
            list
        } else {
            Term::Choice {
                cases: vec![Case {
                    when: part.when.clone(),
                    then: list,
                }]
                .into(),
                otherwise: Shared::new(Term::Literal(Literal::List(Vec::new()))),
            }
        });
    }
    let list = match lists.len() {
        0 => Term::Literal(Literal::List(Vec::new())),
        1 => lists.remove(0),
        _ => Term::call(Function::Append, lists),
    };
    Some(in_kind(kind, list))
}

/// The list of what is made of the items; the list itself where they are taken as they are.
fn made(each: &Each<'_>, when: Condition, value: Term) -> Term {
    if when.as_constant() == Some(true) && value == each.item.term() {
        each.list.clone()
    } else {
        select(&each.list, each.item, when, value)
    }
}

/// The dictionary as an object; one of entries, where some of them may not be there.
fn mapping_term(mapping: &Mapping<'_>) -> Option<Term> {
    let optional = mapping.entries.iter().any(|(_, value)| is_optional(value));
    let mut parts: Vec<Term> = Vec::new();
    for (key, value) in mapping.entries.iter() {
        let key = Term::text(json_key(key)?);
        if !optional {
            parts.extend([key, term_of(value)?]);
            continue;
        }
        let entry = Term::call(Function::List, [key, term_of(&given(value))?]);
        let entry = Term::call(Function::List, [entry]);
        let none = Term::call(Function::List, []);
        parts.push(match presence(value) {
            when if when.as_constant() == Some(true) => entry,
            when => case_term(&when, entry, none),
        });
    }
    Some(if optional {
        Term::call(Function::FromEntries, [Term::call(Function::Append, parts)])
    } else {
        Term::call(Function::Object, parts)
    })
}

/// A dictionary's key as JSON writes it.
pub(in crate::frontend::panther) fn json_key(key: &Literal) -> Option<String> {
    match key {
        Literal::Text(text) => Some(text.clone()),
        Literal::Integer(_) | Literal::Boolean(_) | Literal::Null => Some(key.to_string()),
        Literal::Float(_) | Literal::List(_) | Literal::Object(_) => None,
    }
}

/// The one dictionary that a choice of nothing but dictionaries is, its keys there where they are in the chosen one.
pub(in crate::frontend::panther) fn merged<'m>(choice: &Choice<'m>) -> Option<Mapping<'m>> {
    let Value::Mapping(last) = &choice.otherwise else {
        return None;
    };
    choice
        .cases
        .iter()
        .rev()
        .try_fold(last.clone(), |rest, (when, value)| match value {
            Value::Mapping(mapping) => Some(mapping.merged(when, &rest)),
            _ => None,
        })
}

/// How Python shows a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// It is a text.
    Text,
    /// A number, a truth value or nothing: alike wherever it comes from.
    Scalar,
    /// It may be one of Python's own lists and dictionaries.
    Plain,
    /// It may be a list or an object of the event.
    Event,
}

/// How the value is shown; none where that is not known.
fn style(value: &Value<'_>) -> Option<Style> {
    match value {
        Value::Constant(Literal::Text(_)) => Some(Style::Text),
        Value::Constant(_) | Value::Truth(_) => Some(Style::Scalar),
        Value::Data(data) => Some(match data.kind {
            Some(Kind::Text) => Style::Text,
            Some(Kind::Integer | Kind::Number | Kind::Boolean | Kind::Null) => Style::Scalar,
            Some(Kind::List | Kind::Object) | None if data.plain => Style::Plain,
            Some(Kind::List | Kind::Object) | None => Style::Event,
        }),
        Value::Sequence(sequence) if sequence.kind == SequenceKind::List => {
            sequence.items.iter().try_fold(Style::Plain, within)
        }
        Value::Comprehension(list) if list.kind == SequenceKind::List => {
            all_plain(&list.parts).then_some(Style::Plain)
        }
        Value::Entries(entries) => all_plain(&entries.parts).then_some(Style::Plain),
        Value::Mapping(mapping) => {
            let texts = mapping
                .entries
                .iter()
                .all(|(key, value)| key.as_text().is_some() && !is_optional(value));
            let mut values = mapping.entries.iter().map(|(_, value)| value);
            values.try_fold(Style::Plain, within).filter(|_| texts)
        }
        Value::Choice(choice) => {
            let mut values = choice.cases.iter().map(|(_, value)| value);
            values.try_fold(style(&choice.otherwise)?, |so_far, value| {
                both(so_far, style(value)?)
            })
        }
        _ => None,
    }
}

/// The style of a list or dictionary that holds the value, too. One of the event stays what it is there.
fn within(around: Style, value: &Value<'_>) -> Option<Style> {
    (style(value)? != Style::Event).then_some(around)
}

/// Whether none of the items may be a list or an object of the event.
fn all_plain(parts: &Parts<'_>) -> bool {
    parts.iter().all(|part| match &part.items {
        Items::One(value) => within(Style::Plain, value).is_some(),
        Items::Each(each) => all_plain(&each.parts),
    })
}

/// The style of what is shown in the one or the other.
fn both(a: Style, b: Style) -> Option<Style> {
    match (a, b) {
        (a, b) if a == b => Some(a),
        (Style::Plain, Style::Event) | (Style::Event, Style::Plain) => None,
        (Style::Plain | Style::Event, _) => Some(a),
        (_, Style::Plain | Style::Event) => Some(b),
        _ => Some(Style::Scalar),
    }
}

/// The text that `str` makes of the value.
pub(super) fn text_term(value: &Value<'_>) -> Option<Term> {
    let style = style(value)?;
    let term = term_of(value)?;
    Some(match style {
        Style::Text => term,
        Style::Scalar | Style::Plain => Term::call(Function::Display, [term]),
        Style::Event => Term::call(Function::DisplayEvent, [term]),
    })
}

fn choice_term(choice: &Choice<'_>) -> Option<Term> {
    let mut result = term_of(&choice.otherwise)?;
    for (when, value) in choice.cases.iter().rev() {
        result = case_term(when, term_of(value)?, result);
    }
    Some(result)
}

/// `then` where the condition holds, else `otherwise`; defaults for missing values are said as such.
fn case_term(when: &Condition, then: Term, otherwise: Term) -> Term {
    let (test, value, default) = match when {
        Condition::Not(inner) => (inner.as_ref(), &otherwise, &then),
        other => (other, &then, &otherwise),
    };
    if let Condition::Test(predicate) = test
        && predicate.subject == *value
    {
        match predicate.operator {
            Operator::IsPresent => {
                return if *default == Term::Literal(Literal::Null) {
                    value.clone()
                } else {
                    coalesce(value, default)
                };
            }
            Operator::Exists => {
                return Term::call(Function::IfMissing, [value.clone(), default.clone()]);
            }
            _ => {}
        }
    }
    let case = Case {
        when: when.clone(),
        then,
    };
    match otherwise {
        Term::Choice {
            mut cases,
            otherwise,
        } => {
            cases.to_mut().insert(0, case);
            Term::Choice { cases, otherwise }
        }
        otherwise => Term::Choice {
            cases: vec![case].into(),
            otherwise: Shared::new(otherwise),
        },
    }
}

/// The value, or the default where it is missing.
fn coalesce(value: &Term, default: &Term) -> Term {
    let mut arguments = vec![value.clone()];
    match default {
        Term::Call {
            function: Function::Coalesce,
            arguments: more,
        } => arguments.extend(more.iter().cloned()),
        other => arguments.push(other.clone()),
    }
    Term::call(Function::Coalesce, arguments)
}
