//! A condition under the types of a log source: what its events' types answer by themselves is answered.
//!
//! A rule written in Python asks whether an item of a list is an object before it reads a key of it, because Python would raise
//! an error on anything else. In a table whose column holds a list of objects the question has one answer, and a target that
//! has no words for it need not be asked. Holds for events of the types that the source's map gives, and only for those; the
//! rule itself keeps every question.
//!
//! A list that [`Function::Walk`] reads below keys that lead through objects alone is the field itself.

mod address;
mod counted;
mod implied;
mod joined;
mod several;
mod unmade;
mod walk;
mod way;

#[cfg(test)]
mod tests;

use std::cell::Cell;

use implied::without_implied;
pub(super) use implied::{texts_read, without_texts};
pub(super) use walk::walked;
pub(super) use way::{Walk, Way, item as item_of_walk};

use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Quantifier,
    Segment, Shared, SharedVec, Term,
};
use crate::schema::{FieldType, LogSourceMap};

/// The condition on events whose fields have the source's types, in normal form; nothing where that is the condition itself.
pub(super) fn assume(source: &LogSourceMap, condition: &Condition) -> Option<Condition> {
    let changed = Cell::new(false);
    let types = Types {
        source,
        items: Vec::new(),
        changed: &changed,
        numbers: true,
    };
    let assumed = types.condition(condition);
    let told = without_implied(source, assumed.unwrap_or_else(|| condition.clone()));
    let told = (changed.get() || told.1).then(|| crate::normalize::condition(told.0));
    match several::asked(source, told.as_ref().unwrap_or(condition)) {
        Some(asked) => Some(assume(source, &asked).unwrap_or(asked)),
        None => told,
    }
}

/// The same for a condition on items of lists, the innermost last, where what is called a number may be a text that spells one.
pub(super) fn assume_within(
    source: &LogSourceMap,
    lists: &[Term],
    condition: &Condition,
) -> Option<Condition> {
    let changed = Cell::new(false);
    let mut types = Types {
        source,
        items: Vec::new(),
        changed: &changed,
        numbers: false,
    };
    for list in lists {
        let items = types.path(list).map(|path| path.join(Segment::Each));
        types.items.push(items);
    }
    let assumed = types.condition(condition);
    let told = without_implied(source, assumed.unwrap_or_else(|| condition.clone()));
    (changed.get() || told.1).then(|| crate::normalize::condition(told.0))
}

/// The kinds of value that a term can have.
struct Possible {
    kinds: &'static [Kind],
    /// Whether it has a value on every event.
    always: bool,
}

impl Possible {
    /// Whether it is always there and never `null`.
    fn is_present(&self) -> bool {
        self.always && !self.kinds.contains(&Kind::Null)
    }
}

struct Types<'s> {
    source: &'s LogSourceMap,
    /// The fields that the items of the quantifiers around are, the innermost last; nothing where they are of no known list.
    items: Vec<Option<FieldPath>>,
    /// Whether anything was answered.
    changed: &'s Cell<bool>,
    /// Whether what the source calls a number is one.
    numbers: bool,
}

impl Types<'_> {
    /// The condition with the answers; nothing where that is the condition itself.
    fn condition(&self, condition: &Condition) -> Option<Condition> {
        match condition {
            Condition::All(parts) => {
                let present = self.beside_presence(parts);
                let asked = present.as_ref().unwrap_or(parts);
                let told = asked.rebuilt(|part| self.condition(part)).or(present)?;
                Some(told.into_iter().fold(Condition::TRUE, Condition::and))
            }
            Condition::Any(parts) => {
                let told = parts.rebuilt(|part| self.condition(part))?;
                Some(told.into_iter().fold(Condition::FALSE, Condition::or))
            }
            Condition::Not(inner) => Some(self.condition(inner)?.negate()),
            Condition::Test(predicate) => {
                let asked = self.test(predicate)?;
                let is_same = matches!(&asked, Condition::Test(kept) if kept == predicate);
                self.changed.set(self.changed.get() || !is_same);
                Some(asked)
            }
            Condition::Items {
                quantifier,
                list,
                body,
            } => self.items(*quantifier, list, body),
        }
    }

    /// The conjuncts without questions for the one kind that a value has which another one asks to be there; nothing where none
    /// asks so.
    fn beside_presence(&self, parts: &SharedVec<Condition>) -> Option<SharedVec<Condition>> {
        let filled: Vec<&Term> = parts
            .iter()
            .filter_map(|part| match part {
                Condition::Test(predicate) => Some(predicate.as_ref()),
                _ => None,
            })
            .filter(|predicate| {
                use Operator::{IsFilled, IsPresent, IsTruthy};
                matches!(predicate.operator, IsFilled | IsPresent | IsTruthy)
            })
            .map(|predicate| &predicate.subject)
            .collect();
        if filled.is_empty() {
            return None;
        }
        let mut told = |node: &Condition| match node {
            Condition::Test(predicate) => {
                let Object::Kinds(asked) = &predicate.object else {
                    return None;
                };
                if !filled.contains(&&predicate.subject) {
                    return None;
                }
                let possible = self.possible(&predicate.subject)?;
                let mut kinds = possible.kinds.iter().filter(|kind| **kind != Kind::Null);
                let told = kinds.all(|kind| asked.contains(kind) || is_number(*kind, asked));
                self.changed.set(self.changed.get() || told);
                told.then_some(Condition::TRUE)
            }
            other => other.folded(),
        };
        parts.rebuilt(|part| {
            let asked = part.clone().map(&mut told);
            (asked != *part).then_some(asked)
        })
    }

    fn items(
        &self,
        quantifier: Quantifier,
        list: &Shared<Term>,
        body: &Shared<Condition>,
    ) -> Option<Condition> {
        if quantifier == Quantifier::Some
            && let Some(asked) = unmade::some_item(list, body)
        {
            self.changed.set(true);
            return Some(self.or_same(asked));
        }
        let known = self.list(list).filter(|known| *known != **list);
        self.changed.set(self.changed.get() || known.is_some());
        let asked = known.as_ref().unwrap_or(list);
        if !self.may_be_list(asked) {
            self.changed.set(true);
            return Some(Condition::FALSE);
        }
        let told = self.within(asked).condition(body);
        let constant = told.as_ref().unwrap_or(body).as_constant();
        match (quantifier, constant) {
            (Quantifier::Some | Quantifier::One, Some(false)) => {
                self.changed.set(true);
                Some(Condition::FALSE)
            }
            _ if known.is_none() && told.is_none() => None,
            _ => Some(Condition::Items {
                quantifier,
                list: known.map_or_else(|| list.clone(), Shared::new),
                body: told.map_or_else(|| body.clone(), Shared::new),
            }),
        }
    }

    /// The condition with the answers.
    fn or_same(&self, condition: Condition) -> Condition {
        self.condition(&condition).unwrap_or(condition)
    }

    /// The types as they are for the items of a list.
    fn within(&self, list: &Term) -> Types<'_> {
        let mut items = self.items.clone();
        let path = self.path(list).map(|path| path.join(Segment::Each));
        items.push(path.or_else(|| way::item(self.source, list)));
        Types {
            source: self.source,
            items,
            changed: self.changed,
            numbers: self.numbers,
        }
    }

    /// A list whose items are asked for: what is walked to through objects alone is the field, as nothing but a list has items.
    /// Nothing where it is the list itself.
    fn list(&self, list: &Term) -> Option<Term> {
        match list {
            Term::Call {
                function: Function::Walk,
                arguments,
            } => match (self.walked(arguments), arguments.get(2)) {
                (Some(path), Some(Term::Literal(default))) if !is_filled_list(default) => {
                    Some(Term::Field(path))
                }
                _ => None,
            },
            other => self.term(other),
        }
    }

    fn may_be_list(&self, list: &Term) -> bool {
        let may_be = |term: &Term, kind: Kind| {
            self.possible(term)
                .is_none_or(|possible| possible.kinds.contains(&kind))
        };
        match list {
            Term::Call {
                function: Function::Keys | Function::Entries,
                arguments,
            } => arguments.iter().all(|term| may_be(term, Kind::Object)),
            Term::Call {
                function: Function::Characters,
                arguments,
            } => arguments.iter().all(|term| may_be(term, Kind::Text)),
            Term::Literal(literal) => matches!(literal, Literal::List(_)),
            other => may_be(other, Kind::List),
        }
    }

    /// What is asked in place of the predicate; nothing where that is itself.
    fn test(&self, predicate: &Predicate) -> Option<Condition> {
        if let Some(condition) = self.of_walk(predicate) {
            return Some(condition);
        }
        if let Some(asked) = self.unmade(predicate) {
            self.changed.set(true);
            return Some(self.or_same(asked));
        }
        let subject = self.term(&predicate.subject);
        let object = match &predicate.object {
            Object::Term(term) => self.term(term),
            _ => None,
        };
        if subject.is_none() && object.is_none() {
            return self.answer(predicate);
        }
        let mut told = predicate.clone();
        if let Some(subject) = subject {
            told.subject = subject;
        }
        if let Some(object) = object {
            told.object = Object::Term(object.into());
        }
        Some(self.answer(&told).unwrap_or_else(|| told.into()))
    }

    /// The question about what the value is made of, where it is made.
    fn unmade(&self, predicate: &Predicate) -> Option<Condition> {
        unmade::test(predicate)
            .or_else(|| joined::test(predicate))
            .or_else(|| counted::test(predicate))
            .or_else(|| self.of_network(predicate))
    }

    /// What the types say of a predicate, or what is left to ask.
    fn answer(&self, predicate: &Predicate) -> Option<Condition> {
        if let Some(value) = taken(&predicate.subject, predicate) {
            return Some(Condition::constant(value));
        }
        if self.is_below_scalar(&predicate.subject) {
            return Some(Condition::constant(predicate.operator.info().on_missing));
        }
        let possible = self.possible(&predicate.subject)?;
        match (predicate.operator, &predicate.object) {
            (Operator::Exists, _) if possible.always => Some(Condition::TRUE),
            (Operator::IsPresent, _) if possible.is_present() => Some(Condition::TRUE),
            (Operator::IsKind, Object::Kinds(asked)) => of_kinds(predicate, asked, &possible),
            (Operator::Equals, Object::Literal(value)) => {
                (!can_equal(value, &possible)).then_some(Condition::FALSE)
            }
            (Operator::In, Object::List(values)) => {
                let left: Vec<Literal> = values
                    .iter()
                    .filter(|value| can_equal(value, &possible))
                    .cloned()
                    .collect();
                if left.is_empty() {
                    return Some(Condition::FALSE);
                }
                let is_less = left.len() < values.len();
                let object = Object::List(left);
                let subject = predicate.clone();
                is_less.then(|| Predicate { object, ..subject }.into())
            }
            (operator, _) if operator.info().of_texts => {
                is_container(&possible).then_some(Condition::FALSE)
            }
            _ => None,
        }
    }

    /// The term with the answers; nothing where that is the term itself.
    fn term(&self, term: &Term) -> Option<Term> {
        match term {
            Term::Call {
                function: Function::Walk,
                arguments,
            } if let Some(first) = walk::first(self.source, arguments) => Some(first),
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.rebuilt(|term| self.term(term))?;
                Some(Term::call(*function, arguments))
            }
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Select { list, when, item } => {
                let known = self.list(list);
                let within = self.within(known.as_ref().unwrap_or(list));
                let told = (within.condition(when), within.term(item));
                if matches!((&known, &told), (None, (None, None))) {
                    return None;
                }
                Some(Term::Select {
                    when: told.0.map_or_else(|| when.clone(), Shared::new),
                    item: told.1.map_or_else(|| item.clone(), Shared::new),
                    list: known.map_or_else(|| list.clone(), Shared::new),
                })
            }
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => None,
        }
    }

    fn choice(&self, cases: &SharedVec<Case>, otherwise: &Shared<Term>) -> Option<Term> {
        let mut left = Vec::new();
        let mut last = None;
        let mut is_same = true;
        for case in cases {
            let (when, then) = (self.condition(&case.when), self.term(&case.then));
            is_same &= when.is_none() && then.is_none();
            let when = when.unwrap_or_else(|| case.when.clone());
            let then = then.unwrap_or_else(|| case.then.clone());
            match when.as_constant() {
                Some(false) => {}
                Some(true) => {
                    last = Some(then);
                    break;
                }
                None => left.push(Case { when, then }),
            }
        }
        let told = last.or_else(|| self.term(otherwise));
        let value = told.as_ref().unwrap_or(otherwise);
        // What every way leads to is the value.
        while left.last().is_some_and(|case| case.then == *value) {
            left.pop();
        }
        if left.is_empty() {
            return Some(told.unwrap_or_else(|| otherwise.as_ref().clone()));
        }
        is_same &= left.len() == cases.len();
        if is_same && told.is_none() {
            return None;
        }
        let cases = if is_same { cases.clone() } else { left.into() };
        Some(Term::Choice {
            cases,
            otherwise: told.map_or_else(|| otherwise.clone(), Shared::new),
        })
    }

    /// The field that the term is.
    fn path(&self, term: &Term) -> Option<FieldPath> {
        match term {
            Term::Field(path) => Some(self.source.canonical(path)),
            Term::Item { depth, path } => {
                let at = self.items.len().checked_sub(depth + 1)?;
                let mut whole = self.items[at].clone()?;
                for segment in &*path.segments {
                    whole = whole.join(segment.clone());
                }
                Some(self.source.canonical(&whole))
            }
            _ => None,
        }
    }

    /// Whether the term is a key of a value that has none: of a list of texts, a number, a truth value.
    fn is_below_scalar(&self, term: &Term) -> bool {
        let Some(path) = self.path(term) else {
            return match term {
                Term::Call {
                    function: Function::Member | Function::MemberExact,
                    arguments,
                } => arguments
                    .first()
                    .and_then(|holder| self.possible(holder))
                    .is_some_and(|possible| !possible.kinds.contains(&Kind::Object)),
                _ => false,
            };
        };
        (1..path.segments.len()).any(|length| {
            let (above, below) = path.segments.split_at(length);
            let kind = self.source.kind_of(above);
            let is_key = matches!(below[0], Segment::Key(_) | Segment::Exact(_));
            match kind {
                FieldType::ScalarList | FieldType::ObjectList => is_key,
                FieldType::Integer | FieldType::Float | FieldType::Boolean => true,
                FieldType::Text | FieldType::Datetime | FieldType::Object | FieldType::Any => false,
            }
        })
    }

    /// The kind of a text with a text in place of a missing one.
    fn filled(&self, term: &Term) -> Option<Possible> {
        let [of, Term::Literal(Literal::Text(_))] = term.arguments_of(Function::Coalesce)? else {
            return None;
        };
        let is_text = self.possible(of)?.kinds == [Kind::Null, Kind::Text];
        is_text.then_some(Possible {
            kinds: &[Kind::Text],
            always: true,
        })
    }

    /// The kinds that the source's types allow; nothing where they allow all.
    fn possible(&self, term: &Term) -> Option<Possible> {
        if let Term::Call { .. } = term
            && self.source.json_path(term).is_some()
        {
            return Some(Possible {
                kinds: &[Kind::Object],
                always: false,
            });
        }
        if let Some(kinds) = way::kinds(self.source, term).or_else(|| of_url(term)) {
            return Some(Possible {
                kinds,
                always: false,
            });
        }
        if let Some(filled) = self.filled(term) {
            return Some(filled);
        }
        let path = self.path(term)?;
        if let (Some((Segment::Each, list)), Term::Item { .. }) = (path.segments.split_last(), term)
        {
            return match self.source.kind_of(list) {
                FieldType::ObjectList => Some(Possible {
                    kinds: &[Kind::Object],
                    always: true,
                }),
                FieldType::ScalarList if self.source.kind(&path) == FieldType::Text => {
                    Some(Possible {
                        kinds: &[Kind::Null, Kind::Text],
                        always: true,
                    })
                }
                FieldType::ScalarList => Some(Possible {
                    kinds: &[
                        Kind::Null,
                        Kind::Boolean,
                        Kind::Integer,
                        Kind::Number,
                        Kind::Text,
                    ],
                    always: true,
                }),
                _ => None,
            };
        }
        let is_json = || self.source.field(&path).is_some_and(|entry| entry.is_json);
        let kinds: &[Kind] = match self.source.kind(&path) {
            // Some collectors deliver what a text spells in its place.
            FieldType::Text if is_json() => &[Kind::Null, Kind::Text, Kind::Object],
            FieldType::Text | FieldType::Datetime => &[Kind::Null, Kind::Text],
            FieldType::Integer | FieldType::Float if !self.numbers => return None,
            FieldType::Integer | FieldType::Float => &[Kind::Null, Kind::Integer, Kind::Number],
            FieldType::Boolean => &[Kind::Null, Kind::Boolean],
            FieldType::Object => &[Kind::Null, Kind::Object],
            FieldType::ScalarList | FieldType::ObjectList => &[Kind::Null, Kind::List],
            FieldType::Any => return None,
        };
        Some(Possible {
            kinds,
            always: false,
        })
    }
}

/// What a predicate says of one item of a selection that takes none, or that takes one and the same constant of all.
fn taken(subject: &Term, predicate: &Predicate) -> Option<bool> {
    let Term::Call {
        function: Function::Item,
        arguments,
    } = subject
    else {
        return None;
    };
    let Some(Term::Select { when, item, .. }) = arguments.first() else {
        return None;
    };
    let missing = predicate.operator.info().on_missing;
    if when.as_constant() == Some(false) {
        return Some(missing);
    }
    let (Term::Literal(value), Operator::Equals, Object::Literal(asked)) =
        (item.as_ref(), predicate.operator, &predicate.object)
    else {
        return None;
    };
    (value != asked && !missing).then_some(false)
}

/// The kinds of the values that a name has in the query of a URL, and of one of these.
fn of_url(term: &Term) -> Option<&'static [Kind]> {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return None;
    };
    match (function, arguments.first()?) {
        (
            Function::Member | Function::MemberExact,
            Term::Call {
                function: Function::QueryValues,
                ..
            },
        ) => Some(&[Kind::Null, Kind::List]),
        (Function::Item, list) => of_url(list)
            .filter(|kinds| kinds.contains(&Kind::List))
            .map(|_| &[Kind::Null, Kind::Text][..]),
        _ => None,
    }
}

/// A question for kinds, without those that are not possible.
fn of_kinds(predicate: &Predicate, asked: &[Kind], possible: &Possible) -> Option<Condition> {
    let left: Vec<Kind> = asked
        .iter()
        .copied()
        .filter(|kind| possible.kinds.contains(kind))
        .collect();
    let mut kinds = possible.kinds.iter();
    let all = kinds.all(|kind| left.contains(kind) || is_number(*kind, &left));
    if left.is_empty() {
        return Some(Condition::FALSE);
    }
    if all && possible.always {
        return Some(Condition::TRUE);
    }
    // A value that is there is of the one kind that is left.
    let others = possible.kinds.iter().filter(|kind| **kind != Kind::Null);
    let is_presence = !left.contains(&Kind::Null)
        && others.clone().count() == 1
        && others.clone().all(|kind| left.contains(kind));
    // An empty text is one that is there, which no table tells from a missing one: the question stays as it is.
    if is_presence && !left.contains(&Kind::Text) {
        let present = Predicate {
            operator: Operator::IsPresent,
            object: Object::None,
            ..predicate.clone()
        };
        return Some(present.implied().into());
    }
    let whole = Predicate {
        object: Object::Kinds(left.clone()),
        ..predicate.clone()
    };
    (left.len() < asked.len()).then(|| whole.into())
}

/// Whether a value can only be a list or an object; a question for a text in a number is left for the target to refuse.
fn is_container(possible: &Possible) -> bool {
    let mut kinds = possible.kinds.iter();
    kinds.all(|kind| matches!(kind, Kind::Null | Kind::List | Kind::Object))
}

/// Whether a value of one of the kinds can equal the constant; numbers and texts are left to the target, which may have written
/// the one as the other.
fn can_equal(value: &Literal, possible: &Possible) -> bool {
    let is_possible = |kind| possible.kinds.contains(&kind);
    match value {
        Literal::List(_) => is_possible(Kind::List),
        Literal::Object(_) => is_possible(Kind::Object),
        Literal::Null => is_possible(Kind::Null),
        Literal::Boolean(_) | Literal::Integer(_) | Literal::Float(_) | Literal::Text(_) => {
            !is_container(possible)
        }
    }
}

/// Whether the kind is that of whole numbers, and numbers are asked for.
fn is_number(kind: Kind, asked: &[Kind]) -> bool {
    kind == Kind::Integer && asked.contains(&Kind::Number)
}

fn is_filled_list(literal: &Literal) -> bool {
    matches!(literal, Literal::List(items) if !items.is_empty())
}
