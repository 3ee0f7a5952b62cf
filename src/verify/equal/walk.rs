//! A walk below keys that lead through objects alone: the field that it leads to, or what stands for one that is not there.
//!
//! A walk takes no value, `null` and a list without items for nothing found. What it gives otherwise is the value itself,
//! whichever of several is asked for, as nothing but a list on the way has several.

use super::call::nothing;
use super::plain::Place;
use super::states::{LISTS, MISSING, NULL, OBJECTS, States, TEXTS};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Segment,
    Shared, Term,
};

/// What a walk finds.
struct Walked {
    field: FieldPath,
    default: Literal,
}

/// The value of a walk with these arguments, where the types of the source say what is on the way and at its end.
pub(super) fn plain(place: &Place<'_>, arguments: &[Term]) -> Option<Term> {
    let ends = || first(place, arguments).or_else(|| last(place, arguments));
    if let Some(end) = ends() {
        return Some(end);
    }
    let Walked { field, default } = walked(place, arguments)?;
    let states = place.side.states(&field) & !(MISSING | NULL);
    let items = place.side.states(&field.join(Segment::Each));
    let field = Term::Field(field);
    let default = Term::Literal(default);
    if states & LISTS == 0 {
        return Some(Term::call(Function::Coalesce, [field, default]));
    }
    // A list that holds nothing but lists without items counts as one without items.
    let is_flat = states & !LISTS == 0 && items & LISTS == 0;
    is_flat.then(|| {
        let filled = Predicate::new(field.clone(), Operator::IsTruthy, Object::None);
        Term::Choice {
            cases: vec![Case {
                when: filled.into(),
                then: field,
            }]
            .into(),
            otherwise: Shared::new(default),
        }
    })
}

/// The first of what is below the items of one list, where a constant stands for what an item lacks: it is that of the first item.
fn first(place: &Place<'_>, arguments: &[Term]) -> Option<Term> {
    let [
        Term::Field(root),
        Term::Literal(Literal::List(keys)),
        Term::Literal(default),
        Term::Literal(Literal::Text(which)),
    ] = arguments
    else {
        return None;
    };
    if !default.is_scalar() || which != "first" || !root.segments.is_empty() {
        return None;
    }
    let mut path = FieldPath::root();
    let mut is_listed = false;
    for (at, key) in keys.iter().enumerate() {
        let on_way = place.side.states(&place.side.path(&path)) & !(MISSING | NULL);
        if at > 0 && on_way & !LISTS == 0 && !is_listed {
            is_listed = true;
            path = path.join(Segment::Each);
            let items = place.side.states(&place.side.path(&path));
            if items & !(MISSING | NULL | OBJECTS) != 0 {
                return None;
            }
        } else if at > 0 && on_way & !OBJECTS != 0 {
            return None;
        }
        path = path.exact(key.as_text()?);
    }
    let every = place.side.path(&path);
    let end = place.side.states(&every);
    let steps = every.segments.iter().map(|step| match step {
        Segment::Each => Segment::Index(0),
        other => other.clone(),
    });
    let first = FieldPath {
        segments: steps.collect::<Vec<_>>().into(),
    };
    let parts = [Term::Field(first), Term::Literal(default.clone())];
    (is_listed && end & LISTS == 0).then(|| Term::call(Function::Coalesce, parts))
}

/// The last of the distinct texts below the items of one list, where a text stands for what an item lacks.
fn last(place: &Place<'_>, arguments: &[Term]) -> Option<Term> {
    let [
        _,
        Term::Literal(Literal::List(keys)),
        Term::Literal(default @ Literal::Text(_)),
        Term::Literal(Literal::Text(which)),
    ] = arguments
    else {
        return None;
    };
    if which != "last" || ends(place, arguments)? & !(MISSING | NULL | TEXTS) != 0 {
        return None;
    }
    let lists = lists(place, keys)?;
    let [(list, end)] = lists.as_slice() else {
        return None;
    };
    let default = Term::Literal(default.clone());
    let list = Shared::new(Term::Field(list.clone()));
    let found = Term::Item {
        depth: 0,
        path: end.clone(),
    };
    let is_there = Predicate::new(found.clone(), Operator::IsPresent, Object::None);
    let text = either(Condition::from(is_there).negate(), default.clone(), found);
    let texts = Term::Select {
        list: Shared::clone(&list),
        when: Shared::new(Condition::TRUE),
        item: Shared::new(text),
    };
    let distinct = Term::call(Function::Distinct, [texts]);
    let newest = Term::call(
        Function::Item,
        [distinct, Term::Literal(Literal::Integer(-1))],
    );
    let filled = Predicate::new(list.as_ref().clone(), Operator::IsTruthy, Object::None);
    Some(super::term::plain(
        place,
        &either(filled.into(), newest, default),
    ))
}

/// One of two terms.
fn either(when: Condition, then: Term, otherwise: Term) -> Term {
    Term::Choice {
        cases: vec![Case { when, then }].into(),
        otherwise: Shared::new(otherwise),
    }
}

/// The question about a walk as one about the field, whose type is not known: one to which nothing found, no value and every list
/// have one answer.
pub(super) fn asked(place: &Place<'_>, predicate: &Predicate) -> Option<Predicate> {
    let Term::Call {
        function: Function::Walk,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    let is_of_plain = match &predicate.object {
        Object::Literal(Literal::Boolean(_) | Literal::Integer(_) | Literal::Text(_)) => {
            predicate.operator == Operator::Equals
        }
        _ => false,
    };
    let Walked { field, default } = walked(place, arguments).filter(|_| is_of_plain)?;
    let of = |subject| Predicate {
        subject,
        ..predicate.clone()
    };
    let on_default = Condition::from(of(Term::Literal(default)));
    let is_default = crate::eval::holds(&on_default, &serde_json::Value::Null);
    (!is_default).then(|| of(Term::Field(field)))
}

/// A question about one value, of a walk that finds texts in lists, all of them: that it found no several, and that one of them
/// passes.
pub(super) fn of_one(place: &Place<'_>, predicate: &Predicate) -> Option<Condition> {
    let is_of_one = match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(value)) => value.is_scalar(),
        (operator, Object::Texts(_)) => operator.info().of_texts,
        _ => false,
    };
    if !is_of_one {
        return None;
    }
    let of_item = Predicate {
        subject: Term::Item {
            depth: 0,
            path: FieldPath::root(),
        },
        ..predicate.clone()
    };
    let found = of_found(place, &predicate.subject, &of_item.into())?;
    let are_several = place.is_kind(&predicate.subject, Kind::List);
    Some(are_several.negate().and(found))
}

/// A question about some item of what such a walk gives: that it found several, and that one of them passes.
pub(super) fn of_several(place: &Place<'_>, list: &Term, body: &Condition) -> Option<Condition> {
    let found = of_found(place, list, body)?;
    Some(place.is_kind(list, Kind::List).and(found))
}

/// One of the texts that a walk finds in lists, all of them, has what the body asks for; nothing where what stands for a missing one
/// has it, and where the walk is another.
fn of_found(place: &Place<'_>, walk: &Term, body: &Condition) -> Option<Condition> {
    let Term::Call {
        function: Function::Walk,
        arguments,
    } = walk
    else {
        return None;
    };
    let [
        _,
        Term::Literal(Literal::List(keys)),
        Term::Literal(default @ Literal::Text(_)),
        Term::Literal(Literal::Text(which)),
    ] = arguments.as_slice()
    else {
        return None;
    };
    if which != "all" || ends(place, arguments)? & !(MISSING | NULL | TEXTS) != 0 {
        return None;
    }
    let is_never = |value: Term| {
        let told = body.of_value(&value);
        told.is_some_and(|told| place.condition(&told).as_constant() == Some(false))
    };
    if !is_never(Term::Literal(default.clone())) {
        return None;
    }
    let lists = lists(place, keys)?;
    let mut lists = lists.into_iter().rev();
    let (mut list, end) = lists.next()?;
    let item = Term::Item {
        depth: 0,
        path: end,
    };
    let value = if is_never(nothing()) && is_never(Term::Literal(Literal::Null)) {
        item
    } else {
        Term::call(Function::Coalesce, [item, Term::Literal(default.clone())])
    };
    let mut asked = body.of_made(&value)?;
    for (outer, path) in lists {
        let inner = Term::Item { depth: 0, path };
        asked = Condition::some_item(inner, asked.within_list());
        list = outer;
    }
    Some(place.condition(&Condition::some_item(Term::Field(list), asked)))
}

/// The lists that a walk goes through, the outermost first, each with the way from one of its items to the next or to the end.
fn lists(place: &Place<'_>, keys: &[Literal]) -> Option<Vec<(FieldPath, FieldPath)>> {
    let mut path = FieldPath::root();
    let mut found: Vec<(FieldPath, FieldPath)> = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        if at > 0 && place.side.states(&place.side.path(&path)) & LISTS != 0 {
            found.push((place.side.path(&path), FieldPath::root()));
            path = path.join(Segment::Each);
        }
        path = path.exact(key.as_text()?);
    }
    let end = place.side.path(&path);
    let paths: Vec<FieldPath> = found.iter().map(|(list, _)| list.clone()).collect();
    let next = paths.iter().skip(1).chain([&end]);
    for ((list, way), next) in found.iter_mut().zip(next) {
        let below = next.segments.get(list.segments.len() + 1..)?;
        *way = FieldPath {
            segments: below.to_vec().into(),
        };
    }
    Some(found)
}

/// The states that what a walk through lists gives may be in, by the types of what is on the way and at its end; nothing where the
/// types do not say it.
pub(super) fn states(place: &Place<'_>, arguments: &[Term]) -> Option<States> {
    let [
        _,
        _,
        Term::Literal(default),
        Term::Literal(Literal::Text(which)),
    ] = arguments
    else {
        return None;
    };
    let found = ends(place, arguments)?;
    let default = match default {
        Literal::Null => NULL,
        Literal::Text(_) => TEXTS,
        _ => return None,
    };
    let several = if which == "all" { LISTS } else { 0 };
    Some(found & !NULL | default | several | MISSING)
}

/// Whether every item of what a walk gives is a text.
pub(super) fn has_texts(place: &Place<'_>, list: &Term) -> bool {
    let Term::Call {
        function: Function::Walk,
        arguments,
    } = list
    else {
        return false;
    };
    let found = ends(place, arguments);
    found.is_some_and(|found| found & !(MISSING | NULL | TEXTS) == 0)
}

/// The states of the single values that a walk may find, none of which is a list.
fn ends(place: &Place<'_>, arguments: &[Term]) -> Option<States> {
    let [Term::Field(root), Term::Literal(Literal::List(keys)), ..] = arguments else {
        return None;
    };
    if !root.segments.is_empty() || keys.is_empty() {
        return None;
    }
    let on_way = MISSING | NULL | OBJECTS;
    let mut path = FieldPath::root();
    for (at, key) in keys.iter().enumerate() {
        if at > 0 {
            let states = place.side.states(&place.side.path(&path));
            let items = place.side.path(&path.join(Segment::Each));
            if states & LISTS != 0 {
                // Of objects and lists of objects, one or the other.
                if states & !(MISSING | NULL | LISTS) != 0
                    || place.side.states(&items) & !on_way != 0
                {
                    return None;
                }
                path = path.join(Segment::Each);
            } else if states & !on_way != 0 {
                return None;
            }
        }
        path = path.exact(key.as_text()?);
    }
    let states = place.side.states(&place.side.path(&path));
    (states & (LISTS | OBJECTS) == 0).then_some(states)
}

/// The field that the walk leads to, if it starts at the event.
fn walked(place: &Place<'_>, arguments: &[Term]) -> Option<Walked> {
    let [
        Term::Field(root),
        Term::Literal(Literal::List(keys)),
        Term::Literal(default),
        _,
    ] = arguments
    else {
        return None;
    };
    let is_plain = match default {
        Literal::List(items) => items.is_empty(),
        Literal::Object(_) => false,
        _ => true,
    };
    if !is_plain || !root.segments.is_empty() || keys.is_empty() {
        return None;
    }
    let mut path = FieldPath::root();
    for (at, key) in keys.iter().enumerate() {
        let on_way = place.side.states(&place.side.path(&path));
        if at > 0 && on_way & !(MISSING | NULL | OBJECTS) != 0 {
            return None;
        }
        path = path.exact(key.as_text()?);
    }
    Some(Walked {
        field: place.side.path(&path),
        default: default.clone(),
    })
}
