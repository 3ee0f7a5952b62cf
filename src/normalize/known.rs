//! What one predicate says about another: the facts of the operator table, for the passes that drop what is already known.
//!
//! Only what holds for every event is here; a `None` is always safe.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::answers::Answers;
use crate::ir::{
    CaseSensitivity, FieldPath, Fingerprint, Function, Kind, Literal, Object, Operator, Predicate,
    Segment, Shared, Term, fingerprint,
};

/// The verdict of `query`, given that `fact` holds or does not; `None` where it is not decided.
pub(super) fn known(
    fact: &Shared<Predicate>,
    holds: bool,
    query: &Shared<Predicate>,
) -> Option<bool> {
    if !fact.is_kin(query) {
        return None;
    }
    let (one, other) = (fact.fingerprint(), query.fingerprint());
    if one == other {
        return Some(holds);
    }
    // What only follows from the source language is answered otherwise, and prints do not see it.
    let flags = [holds, fact.implied.0, query.implied.0];
    let flags = flags
        .into_iter()
        .fold(1, |flags, flag| flags << 1 | u64::from(flag));
    let question = fingerprint::of_two(fingerprint::of_two(one, other), flags);
    SAID.with(|said| said.get(question, question, || decided(fact, holds, query)))
}

thread_local! {
    /// What predicates were found to say of each other: those of a rule are asked about again and again.
    static SAID: Answers<Fingerprint> = Answers::new();
}

/// The same for two that differ.
fn decided(fact: &Predicate, holds: bool, query: &Predicate) -> Option<bool> {
    let is_same = fact.subject == query.subject;
    if holds {
        given_true(fact, query, is_same)
            .or_else(|| (given_true(query, fact, is_same) == Some(false)).then_some(false))
    } else {
        // What would make the fact hold does not hold.
        (given_true(query, fact, is_same) == Some(true)).then_some(false)
    }
}

/// The same where the fact holds; `is_same` says whether both are about one term.
fn given_true(fact: &Predicate, query: &Predicate, is_same: bool) -> Option<bool> {
    if let Some(verdict) = on_length(fact, query) {
        return Some(verdict);
    }
    if !is_same {
        if let Some((container, below)) = container_of(&fact.subject, &query.subject) {
            return on_container(container, below, fact, query);
        }
        let of_text = argument_is_text(&fact.subject, &query.subject) && says_present(fact);
        return of_text
            .then(|| on_kind(&[Kind::Text], false, query))
            .flatten();
    }
    if is_multiple(&fact.subject) {
        return None;
    }
    if let Some(verdict) = on_values(fact, query) {
        return Some(verdict);
    }
    match kinds_of(fact) {
        Some(kinds) => on_kind(&kinds, is_filled(fact), query),
        None if says_present(fact) => match query.operator {
            Operator::Exists | Operator::IsPresent => Some(true),
            Operator::IsFilled if is_filled(fact) => Some(true),
            _ => None,
        },
        None => (query.operator == Operator::Exists).then_some(true),
    }
}

/// A query about the length of a list of which an item is known to be there.
fn on_length(fact: &Predicate, query: &Predicate) -> Option<bool> {
    let whole = |literal: &Literal| match literal {
        Literal::Integer(number) => Some(*number),
        _ => None,
    };
    let bound = match &query.object {
        Object::Literal(literal) => whole(literal)?,
        _ => return None,
    };
    let (item, length) = (
        fact.subject.arguments_of(Function::Item)?,
        query.subject.arguments_of(Function::Length)?,
    );
    let ([list, position], [measured]) = (item, length) else {
        return None;
    };
    if list != measured || is_multiple(list) || fact.operator.info().on_missing {
        return None;
    }
    // What only follows from the source language may be told and left out, and stands for nothing that was written.
    if fact.implied.0 && !query.implied.0 {
        return None;
    }
    // As many items as are up to it, from the end where it is counted from there.
    let position = whole(position.as_literal()?)?;
    let least = if position < 0 {
        position.checked_neg()?
    } else {
        position.checked_add(1)?
    };
    match query.operator {
        Operator::AtLeast => (bound <= least).then_some(true),
        Operator::GreaterThan => (bound < least).then_some(true),
        Operator::LessThan => (bound <= least).then_some(false),
        Operator::AtMost => (bound < least).then_some(false),
        _ => None,
    }
}

/// Whether the predicate, where it holds, says that its subject is there and not null.
fn says_present(fact: &Predicate) -> bool {
    match fact.operator {
        Operator::Exists => false,
        Operator::IsKind => {
            !matches!(&fact.object, Object::Kinds(kinds) if kinds.contains(&Kind::Null))
        }
        _ => !fact.operator.info().on_missing,
    }
}

/// Whether a value of the subject need not be the only one.
fn is_multiple(subject: &Term) -> bool {
    match subject {
        Term::Field(path) | Term::Item { path, .. } => path.has_each(),
        Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments.iter().any(is_multiple),
        Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => true,
    }
}

/// The kinds that the subject's value can have where the predicate holds; `None` where it does not say.
fn kinds_of(fact: &Predicate) -> Option<Kinds> {
    match (fact.operator, &fact.object) {
        (Operator::Equals, Object::Literal(literal)) => Some(smallvec![kind_of(literal)]),
        (Operator::In, Object::List(items)) => {
            let mut kinds = Kinds::new();
            for kind in items.iter().map(kind_of) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            Some(kinds)
        }
        (Operator::IsKind, Object::Kinds(kinds)) => Some(kinds.iter().copied().collect()),
        (operator, _) if operator.info().of_texts => Some(smallvec![Kind::Text]),
        _ => None,
    }
}

/// Kinds, each once.
type Kinds = SmallVec<[Kind; 7]>;

fn kind_of(literal: &Literal) -> Kind {
    match literal {
        Literal::Null => Kind::Null,
        Literal::Boolean(_) => Kind::Boolean,
        // An integer constant equals a float of the same value, which is a number but not an integer.
        Literal::Integer(_) | Literal::Float(_) => Kind::Number,
        Literal::Text(_) => Kind::Text,
        Literal::List(_) => Kind::List,
        Literal::Object(_) => Kind::Object,
    }
}

/// Whether the value is known to be a text that is not empty.
fn is_filled(fact: &Predicate) -> bool {
    let all_filled = |texts: &[String]| texts.iter().all(|text| !text.is_empty());
    match (fact.operator, &fact.object) {
        (Operator::IsIpAddress | Operator::InNetwork | Operator::IsFilled, _) => true,
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Object::Texts(texts)) => {
            all_filled(texts)
        }
        (Operator::Equals, Object::Literal(Literal::Text(text))) => !text.is_empty(),
        (Operator::In, Object::List(items)) => items
            .iter()
            .all(|item| item.as_text().is_some_and(|text| !text.is_empty())),
        _ => false,
    }
}

/// A query about a value whose kind is one of `kinds`.
fn on_kind(kinds: &[Kind], filled: bool, query: &Predicate) -> Option<bool> {
    let nullable = kinds.contains(&Kind::Null);
    let only_text = kinds.iter().all(|kind| *kind == Kind::Text);
    match (query.operator, &query.object) {
        (Operator::Exists, _) => Some(true),
        (Operator::IsPresent, _) if !nullable => Some(true),
        (Operator::IsFilled, _) if !nullable && (filled || !kinds.contains(&Kind::Text)) => {
            Some(true)
        }
        (Operator::IsTruthy, _) if only_text && filled => Some(true),
        (_, _) => {
            let asked = kinds_of(query)?;
            if query.operator == Operator::IsKind
                && kinds
                    .iter()
                    .all(|kind| asked.iter().any(|asked| within(*kind, *asked)))
            {
                return Some(true);
            }
            let disjoint = kinds.iter().all(|kind| {
                !asked
                    .iter()
                    .any(|asked| within(*kind, *asked) || within(*asked, *kind))
            });
            disjoint.then_some(false)
        }
    }
}

/// Whether every value of the kind `inner` is also of the kind `outer`.
fn within(inner: Kind, outer: Kind) -> bool {
    inner == outer || (inner == Kind::Integer && outer == Kind::Number)
}

/// Two lists of constants, or of beginnings, endings or parts of texts, about one value.
fn on_values<'p>(fact: &'p Predicate, query: &'p Predicate) -> Option<bool> {
    let ignore = query.case == CaseSensitivity::Insensitive;
    if fact.case == CaseSensitivity::Insensitive && !ignore {
        return None;
    }
    let fold = |text: &'p str| {
        if ignore {
            Cow::Owned(text.to_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    };
    if let (Some(given), Some(asked)) = (members(fact), members(query)) {
        let folded = |literal: &'p Literal| match literal.as_text() {
            Some(text) if ignore => Cow::Owned(Literal::Text(text.to_lowercase())),
            _ => Cow::Borrowed(literal),
        };
        let count = if ignore {
            let asked: Vec<Cow<'_, Literal>> = asked.iter().map(folded).collect();
            let inside = |literal: &&'p Literal| asked.contains(&folded(literal));
            given.iter().filter(inside).count()
        } else {
            let inside = |literal: &&'p Literal| asked.contains(literal);
            given.iter().filter(inside).count()
        };
        return match count {
            0 => Some(false),
            all if all == given.len() => Some(true),
            _ => None,
        };
    }
    let check: fn(&str, &str) -> bool = match (fact.operator, query.operator) {
        (Operator::StartsWith, Operator::StartsWith) => |text, part| text.starts_with(part),
        (Operator::EndsWith, Operator::EndsWith) => |text, part| text.ends_with(part),
        (Operator::StartsWith | Operator::EndsWith | Operator::Contains, Operator::Contains) => {
            |text, part| text.contains(part)
        }
        (Operator::Equals | Operator::In, Operator::StartsWith) => {
            |text, part| text.starts_with(part)
        }
        (Operator::Equals | Operator::In, Operator::EndsWith) => |text, part| text.ends_with(part),
        (Operator::Equals | Operator::In, Operator::Contains) => |text, part| text.contains(part),
        _ => return None,
    };
    let (Object::Texts(asked), Some(given)) = (&query.object, texts(fact)) else {
        return None;
    };
    let asked: SmallVec<[Cow<'p, str>; 4]> = asked.iter().map(|part| fold(part)).collect();
    let holds = |text: &'p str| {
        let text = fold(text);
        asked.iter().any(|part| check(&text, part))
    };
    match given.iter().filter(|text| holds(text)).count() {
        all if all == given.len() => Some(true),
        0 if matches!(fact.operator, Operator::Equals | Operator::In) => Some(false),
        _ => None,
    }
}

fn members(predicate: &Predicate) -> Option<&[Literal]> {
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(literal)) => Some(std::slice::from_ref(literal)),
        (Operator::In, Object::List(items)) => Some(items),
        _ => None,
    }
}

/// The texts of the predicate, if all it compares with are texts.
fn texts(predicate: &Predicate) -> Option<Vec<&str>> {
    match &predicate.object {
        Object::Texts(texts) => Some(texts.iter().map(String::as_str).collect()),
        _ => members(predicate)?.iter().map(Literal::as_text).collect(),
    }
}

/// If `subject` lies below `query`: the path of `query`, and the first step below it.
fn container_of<'t>(subject: &'t Term, query: &'t Term) -> Option<(&'t FieldPath, &'t Segment)> {
    let (inner, outer) = match (subject, query) {
        (Term::Field(inner), Term::Field(outer)) => (inner, outer),
        (
            Term::Item {
                depth: a,
                path: inner,
            },
            Term::Item {
                depth: b,
                path: outer,
            },
        ) if a == b => (inner, outer),
        _ => return None,
    };
    let first = inner.segments.get(outer.segments.len())?;
    (inner.starts_with(outer) && !outer.has_each()).then_some((outer, first))
}

/// Something below `query`'s subject is there, so the subject is an object or a list with something in it.
fn on_container(
    _container: &FieldPath,
    below: &Segment,
    fact: &Predicate,
    query: &Predicate,
) -> Option<bool> {
    if fact.operator.info().on_missing {
        return None;
    }
    let kind = match below {
        Segment::Key(_) | Segment::Exact(_) => Kind::Object,
        Segment::Index(_) | Segment::Each => Kind::List,
    };
    match query.operator {
        Operator::IsTruthy => Some(true),
        _ => on_kind(&[kind], true, query),
    }
}

/// Whether the function is missing for a first argument that is anything but a text.
pub(crate) fn is_of_texts(function: Function) -> bool {
    matches!(
        function,
        Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Split
            | Function::Substring
            | Function::IndexOfRegex
            | Function::Replace
            | Function::Extract
    )
}

/// Whether `subject` is computed from `query`'s subject by a function that is missing for anything but a text.
fn argument_is_text(subject: &Term, query: &Term) -> bool {
    match subject {
        Term::Call {
            function,
            arguments,
        } => {
            let of_text = is_of_texts(*function);
            arguments.first().is_some_and(|first| {
                (of_text && first == query && !is_multiple(first))
                    || (of_text || *function == Function::Item) && argument_is_text(first, query)
            })
        }
        Term::Field(_)
        | Term::Item { .. }
        | Term::Literal(_)
        | Term::Choice { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects() -> Vec<Term> {
        let field = |keys: &[&str]| Term::field(keys.iter().copied());
        let whole = |number| Term::Literal(Literal::Integer(number));
        let item = |path| Term::Item { depth: 1, path };
        let list = field(&["user", "groups"]);
        let first = Term::call(Function::Item, [list.clone(), whole(0)]);
        let from_end = Term::call(Function::Item, [list.clone(), whole(-1)]);
        let parts = Term::call(Function::Split, [first.clone(), Term::text(",")]);
        vec![
            field(&[]),
            field(&["user"]),
            field(&["user", "name"]),
            Term::Field(FieldPath::keys(["user"]).exact("name")),
            Term::Field(FieldPath::keys(["user", "groups"]).join(Segment::Index(0))),
            item(FieldPath::root()),
            item(FieldPath::keys(["name"])),
            Term::call(Function::Length, [list.clone()]),
            Term::call(Function::Lower, [field(&["user", "name"])]),
            Term::call(Function::Lower, [first.clone()]),
            Term::call(Function::Item, [parts.clone(), whole(2)]),
            Term::call(Function::Length, [parts.clone()]),
            Term::text("a"),
            whole(1),
            Term::Literal(Literal::Float(1.0)),
            list,
            first,
            from_end,
            parts,
        ]
    }

    #[test]
    fn one_predicate_says_something_of_its_kin_alone() {
        let questions = [
            (Operator::Exists, Object::None),
            (Operator::IsPresent, Object::None),
            (Operator::IsTruthy, Object::None),
            (Operator::IsKind, Object::Kinds(vec![Kind::Text])),
            (Operator::Equals, Object::Literal(Literal::text("a"))),
            (Operator::AtLeast, Object::Literal(Literal::Integer(1))),
            (Operator::StartsWith, Object::Texts(vec!["a".to_owned()])),
        ];
        let asked: Vec<Shared<Predicate>> = subjects()
            .into_iter()
            .flat_map(|subject| {
                let ask = |(operator, object): &(Operator, Object)| {
                    Shared::new(Predicate::new(subject.clone(), *operator, object.clone()))
                };
                questions.iter().map(ask).collect::<Vec<_>>()
            })
            .collect();
        let (mut decisions, mut strangers) = (0, 0);
        for fact in &asked {
            for query in &asked {
                let is_kin = fact.is_kin(query);
                strangers += usize::from(!is_kin);
                for holds in [true, false] {
                    let is_decided = decided(fact, holds, query).is_some();
                    decisions += usize::from(is_decided);
                    assert!(is_kin || !is_decided, "{fact:?} and {query:?}");
                }
            }
        }
        assert!(
            decisions > 500 && strangers > 5_000,
            "{decisions} {strangers}"
        );
    }
}
