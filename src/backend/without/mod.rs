//! A term without the fields that its target has no name for: what it is worth for an event that does not have them.
//!
//! A text keeps its other values, a choice takes the case of an event without the field, an object is put together from the names
//! below it. The terms that are handed in are shown, and select nothing.

pub(super) mod following;
pub(super) mod keys;
mod shown;

pub(super) use shown::{Shown, Text, is_asked_for};

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use self::keys::{by_key, is_of_keys, is_strict, nothing};
use crate::eval;
use crate::ir::{
    Case, Condition, FieldPath, Function, Literal, Object, Predicate, Quantifier, Shared, Term,
};

/// What a target tells of events.
pub(super) trait Telling {
    /// Whether it has no name for the field.
    fn lacks(&self, path: &FieldPath) -> bool;

    /// Why what is shown of these fields is nothing.
    fn lost(&self, fields: &str) -> String;

    /// The field's value, where it is the same for every event.
    fn constant(&self, _: &FieldPath) -> Option<&Literal> {
        None
    }

    /// The field with the time of the event, where the path is one that a system adds with it.
    fn time_of(&self, _: &FieldPath) -> Option<&FieldPath> {
        None
    }

    /// The keys of an event, where these are all that there can be.
    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The keys that it tells below a field without a name, each with its path.
    fn keys_below(&self, _: &FieldPath) -> Vec<(&str, FieldPath)> {
        Vec::new()
    }

    /// Whether the part behind a word is better found by an expression than by a loop.
    fn prefers_expressions(&self) -> bool {
        false
    }
}

/// Rewrites terms, and keeps what the target does not tell.
pub(super) struct Without<T> {
    told: T,
    /// The fields without a name.
    lost: BTreeSet<FieldPath>,
    /// The objects that are put together.
    made: BTreeSet<FieldPath>,
    /// What the parts that stand at several places have become, and what keeps each from being another's place.
    known: FxHashMap<Place, (Term, Term)>,
}

/// Where the parts of a term are, and the function that is called with them.
type Place = (Option<Function>, usize, usize);

impl<T: Telling> Without<T> {
    pub(super) fn new(told: T) -> Self {
        Self {
            told,
            lost: BTreeSet::new(),
            made: BTreeSet::new(),
            known: FxHashMap::default(),
        }
    }

    /// Whether anything asked for a field without a name.
    pub(super) fn has_lost(&self) -> bool {
        !self.lost.is_empty()
    }

    /// Whether anything asked for an object that is put together.
    pub(super) fn has_made(&self) -> bool {
        !self.made.is_empty()
    }

    /// A field without a name that was asked for by its name.
    pub(super) fn lost(&self) -> Option<&FieldPath> {
        self.lost.iter().find(|path| !path.segments.is_empty())
    }

    /// Why what is shown is less than it was; nothing where it is not.
    pub(super) fn reason(&self) -> Option<String> {
        let listed = |paths: &BTreeSet<FieldPath>| {
            let shown: Vec<String> = paths
                .iter()
                .map(|path| {
                    if path.segments.is_empty() {
                        "all keys of the event".to_owned()
                    } else {
                        format!("`{path}`")
                    }
                })
                .collect();
            shown.join(", ")
        };
        let lost = (!self.lost.is_empty()).then(|| {
            format!(
                "{}, which is shown as missing",
                self.told.lost(&listed(&self.lost))
            )
        });
        let made = (!self.made.is_empty()).then(|| {
            let objects = listed(&self.made);
            format!("{objects} is put together from the columns below it")
        });
        let reasons: Vec<String> = lost.into_iter().chain(made).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    pub(super) fn term(&mut self, term: &Term) -> Term {
        let Some(place) = place(term) else {
            return self.term_anew(term);
        };
        if let Some((_, told)) = self.known.get(&place) {
            return told.clone();
        }
        let told = self.term_anew(term);
        self.known.insert(place, (term.clone(), told.clone()));
        told
    }

    fn term_anew(&mut self, term: &Term) -> Term {
        match term {
            Term::Field(path) => self.field(path),
            Term::Item { .. } | Term::Literal(_) => term.clone(),
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.iter().map(|part| self.term(part)).collect();
                self.call(*function, arguments)
            }
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Select { list, when, item } => self.select(list, when, item),
            Term::Aggregate {
                aggregate,
                argument,
            } => Term::Aggregate {
                aggregate: *aggregate,
                argument: argument.as_ref().map(|part| self.term(part).into()),
            },
        }
    }

    fn field(&mut self, path: &FieldPath) -> Term {
        if let Some(value) = self.told.constant(path) {
            return Term::Literal(value.clone());
        }
        if let Some(time) = self.told.time_of(path) {
            return Term::Field(time.clone());
        }
        if !self.is_absent(path) {
            return Term::Field(path.clone());
        }
        let below = self.told.keys_below(path);
        if below.is_empty() {
            self.lost.insert(path.clone());
            return Term::Field(path.clone());
        }
        let below: Vec<(Term, FieldPath)> = below
            .into_iter()
            .map(|(key, path)| (Term::text(key), path))
            .collect();
        self.made.insert(path.clone());
        let pairs = below.into_iter().flat_map(|(key, path)| {
            let value = if self.told.lacks(&path) {
                self.field(&path)
            } else {
                Term::Field(path)
            };
            [key, value]
        });
        Term::call(Function::Object, pairs.collect::<Vec<_>>())
    }

    fn is_absent(&self, path: &FieldPath) -> bool {
        !path.segments.is_empty() && self.told.lacks(path)
    }

    fn call(&self, function: Function, arguments: Vec<Term>) -> Term {
        let missing = |term: &Term| self.is_missing(term);
        match function {
            Function::Coalesce => {
                let is_null =
                    |term: &Term| missing(term) || term.as_literal() == Some(&Literal::Null);
                let (mut kept, mut settled) = (Vec::new(), false);
                for part in arguments.iter().filter(|part| !is_null(part)) {
                    if !settled {
                        kept.push(part.clone());
                    }
                    settled |= part.as_literal().is_some();
                }
                match (kept.len(), arguments.first()) {
                    (0, Some(first)) => return first.clone(),
                    (1, _) => return kept.remove(0),
                    _ => return Term::call(function, kept),
                }
            }
            Function::IfMissing => {
                if let [first, second] = arguments.as_slice()
                    && missing(first)
                {
                    return second.clone();
                }
            }
            Function::Concat | Function::List | Function::Object => {
                let blank = match function {
                    Function::Concat => Term::text(""),
                    _ => Term::Literal(Literal::Null),
                };
                let filled = arguments
                    .into_iter()
                    .map(|part| if missing(&part) { blank.clone() } else { part });
                let filled: Vec<Term> = match function {
                    Function::Concat => joined_texts(filled),
                    _ => filled.collect(),
                };
                return self.closed(Term::call(function, filled));
            }
            _ => {
                let part = following::part(function, &arguments);
                if let Some(part) = part.filter(|_| self.told.prefers_expressions()) {
                    return part;
                }
                if let Some(first) = arguments.first()
                    && is_strict(function)
                    && missing(first)
                {
                    return first.clone();
                }
            }
        }
        self.closed(Term::call(function, arguments))
    }

    fn choice(&mut self, cases: &[Case], otherwise: &Term) -> Term {
        let mut kept: Vec<Case> = Vec::new();
        let mut last = None;
        for case in cases {
            let when = self.condition(&case.when);
            match when.as_constant() {
                Some(false) => {}
                Some(true) => {
                    last = Some(self.term(&case.then));
                    break;
                }
                None => {
                    let then = self.term(&case.then);
                    let then = self.or_null(then);
                    kept.push(Case { when, then });
                }
            }
        }
        let otherwise = last.unwrap_or_else(|| self.term(otherwise));
        let otherwise = if kept.is_empty() {
            otherwise
        } else {
            self.or_null(otherwise)
        };
        if self.told.prefers_expressions() {
            for case in &mut kept {
                following::without_implied(&mut case.when, &case.then);
            }
            if let Some(part) = following::alone(&kept, &otherwise) {
                return part;
            }
        }
        while kept.last().is_some_and(|case| case.then == otherwise) {
            kept.pop();
        }
        if kept.is_empty() {
            return otherwise;
        }
        Term::Choice {
            cases: kept.into(),
            otherwise: otherwise.into(),
        }
    }

    /// The term, or `null` where it has no value in the target: one of several values that are shown is no field that is missing.
    fn or_null(&self, term: Term) -> Term {
        if self.is_missing(&term) {
            Term::Literal(Literal::Null)
        } else {
            term
        }
    }

    fn select(&mut self, list: &Term, when: &Condition, item: &Term) -> Term {
        if is_of_keys(list) && self.no_key_has(when) {
            self.lost.insert(FieldPath::root());
            return Term::Literal(Literal::List(Vec::new()));
        }
        let list = self.term(list);
        if self.is_missing(&list) {
            return list;
        }
        let select = Term::Select {
            list: list.into(),
            when: self.condition(when).into(),
            item: self.term(item).into(),
        };
        self.closed(select)
    }

    pub(super) fn condition(&mut self, condition: &Condition) -> Condition {
        condition.clone().map(&mut |node| match node {
            Condition::Test(predicate) => Some(self.test(predicate)),
            Condition::Items {
                quantifier,
                list,
                body,
            } => Some(self.items(*quantifier, list, body)),
            other => other.folded(),
        })
    }

    fn test(&mut self, predicate: &Predicate) -> Condition {
        let subject = self.term(&predicate.subject);
        let object = match &predicate.object {
            Object::Term(term) => {
                let term = self.term(term);
                if self.is_missing(&term) {
                    return Condition::FALSE;
                }
                Object::Term(Shared::new(term))
            }
            other => other.clone(),
        };
        if self.is_missing(&subject) {
            return Condition::constant(predicate.operator.info().on_missing);
        }
        let plain = !matches!(object, Object::Term(_)) || object_is_constant(&object);
        let is_closed = plain && is_constant(&subject);
        let test = Condition::from(Predicate {
            subject,
            object,
            ..predicate.clone()
        });
        if is_closed {
            Condition::constant(eval::holds(&test, &nothing()))
        } else {
            test
        }
    }

    fn items(&mut self, quantifier: Quantifier, list: &Term, body: &Condition) -> Condition {
        if quantifier == Quantifier::Some && is_of_keys(list) && self.no_key_has(body) {
            self.lost.insert(FieldPath::root());
            return Condition::FALSE;
        }
        let list = self.term(list);
        if self.is_missing(&list) {
            return Condition::FALSE;
        }
        if quantifier == Quantifier::Some
            && self.told.prefers_expressions()
            && let Some(test) = following::has_part(&list, body)
        {
            return test;
        }
        Condition::Items {
            quantifier,
            list: list.into(),
            body: body.clone().into(),
        }
    }

    /// Whether the term reads nothing that the target tells, and has no value then.
    pub(super) fn is_missing(&self, term: &Term) -> bool {
        self.is_closed(term) && eval::value(term, &nothing()).is_none()
    }

    fn is_closed(&self, term: &Term) -> bool {
        is_free_of_items(term)
            && term
                .fields()
                .into_iter()
                .all(|path| self.is_absent(path) && self.told.keys_below(path).is_empty())
    }

    /// The value of a term that reads nothing which the target tells.
    fn closed(&self, term: Term) -> Term {
        if !self.is_closed(&term) {
            return term;
        }
        match eval::value(&term, &nothing()) {
            Some(value) => Term::Literal(Literal::from_json(&value)),
            None => term,
        }
    }

    /// Whether no key of an event that the target tells passes what is asked of a key and its value.
    fn no_key_has(&self, when: &Condition) -> bool {
        let keys = self.told.keys();
        !keys.is_empty() && keys.iter().all(|key| by_key(when, key) == Some(false))
    }
}

/// The place of a term that others may hold as well.
fn place(term: &Term) -> Option<Place> {
    match term {
        Term::Call {
            function,
            arguments,
        } => Some((Some(*function), arguments.identity()?, 0)),
        Term::Choice { cases, otherwise } => Some((None, cases.identity()?, otherwise.identity()?)),
        _ => None,
    }
}

/// The pieces of a text, with those beside each other that are plain as one.
fn joined_texts(pieces: impl Iterator<Item = Term>) -> Vec<Term> {
    let mut joined: Vec<Term> = Vec::new();
    let flat = pieces.flat_map(|piece| match piece {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => arguments.into_vec(),
        other => vec![other],
    });
    for piece in flat {
        let text = piece.as_literal().and_then(Literal::as_text);
        let before = joined.last().and_then(Term::as_literal);
        match (before.and_then(Literal::as_text), text) {
            (_, Some("")) => {}
            (Some(before), Some(text)) => {
                let both = Term::text(format!("{before}{text}"));
                joined.pop();
                joined.push(both);
            }
            _ => joined.push(piece),
        }
    }
    if joined.is_empty() {
        joined.push(Term::text(""));
    }
    joined
}

/// Whether the term's value is one and the same for every event.
pub(super) fn is_constant(term: &Term) -> bool {
    term.fields().is_empty() && is_free_of_items(term)
}

fn object_is_constant(object: &Object) -> bool {
    matches!(object, Object::Term(term) if is_constant(term))
}

/// Whether the term reads no item of a list around it and no counted group. What goes through a list of its own is taken to.
fn is_free_of_items(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Literal(_) => true,
        Term::Item { .. } | Term::Aggregate { .. } | Term::Choice { .. } => false,
        Term::Call {
            function,
            arguments,
        } => !function.reads_surroundings() && arguments.iter().all(is_free_of_items),
        Term::Select { list, .. } => {
            matches!(list.as_ref(), Term::Literal(Literal::List(items)) if items.is_empty())
        }
    }
}
