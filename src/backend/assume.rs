//! A condition under the types of a log source: what its events' types answer by themselves is answered.
//!
//! A rule written in Python asks whether an item of a list is an object before it reads a key of it, because Python would raise
//! an error on anything else. In a table whose column holds a list of objects the question has one answer, and a target that
//! has no words for it need not be asked. Holds for events of the types that the source's map gives, and only for those; the
//! rule itself keeps every question.
//!
//! A list that [`Function::Walk`] reads below keys that lead through objects alone is the field itself.

use std::cell::Cell;

use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Quantifier,
    Segment, Shared, Term,
};
use crate::schema::{FieldType, LogSourceMap};

/// The condition on events whose fields have the source's types; nothing where that is the condition itself.
pub(super) fn assume(source: &LogSourceMap, condition: &Condition) -> Option<Condition> {
    let changed = Cell::new(false);
    let types = Types {
        source,
        items: Vec::new(),
        changed: &changed,
    };
    let assumed = types.condition(condition);
    changed.get().then_some(assumed)
}

/// The kinds of value that a term can have.
struct Possible {
    kinds: &'static [Kind],
    /// Whether it has a value on every event.
    always: bool,
}

struct Types<'s> {
    source: &'s LogSourceMap,
    /// The fields that the items of the quantifiers around are, the innermost last; nothing where they are of no known list.
    items: Vec<Option<FieldPath>>,
    /// Whether anything was answered.
    changed: &'s Cell<bool>,
}

impl Types<'_> {
    fn condition(&self, condition: &Condition) -> Condition {
        match condition {
            Condition::All(parts) => parts
                .iter()
                .map(|part| self.condition(part))
                .fold(Condition::TRUE, Condition::and),
            Condition::Any(parts) => parts
                .iter()
                .map(|part| self.condition(part))
                .fold(Condition::FALSE, Condition::or),
            Condition::Not(inner) => self.condition(inner).negate(),
            Condition::Test(predicate) => {
                let asked = self.test(predicate);
                let is_same = matches!(&asked, Condition::Test(kept) if kept == predicate);
                self.changed.set(self.changed.get() || !is_same);
                asked
            }
            Condition::Items {
                quantifier,
                list,
                body,
            } => self.items(*quantifier, list, body),
        }
    }

    fn items(&self, quantifier: Quantifier, list: &Term, body: &Condition) -> Condition {
        let known = self.list(list);
        self.changed.set(self.changed.get() || known != *list);
        let list = known;
        if !self.may_be_list(&list) {
            self.changed.set(true);
            return Condition::FALSE;
        }
        let body = self.within(&list).condition(body);
        match (quantifier, body.as_constant()) {
            (Quantifier::Some | Quantifier::One, Some(false)) => {
                self.changed.set(true);
                Condition::FALSE
            }
            _ => Condition::Items {
                quantifier,
                list: Shared::new(list),
                body: Shared::new(body),
            },
        }
    }

    /// The types as they are for the items of a list.
    fn within(&self, list: &Term) -> Types<'_> {
        let mut items = self.items.clone();
        items.push(self.path(list).map(|path| path.join(Segment::Each)));
        Types {
            source: self.source,
            items,
            changed: self.changed,
        }
    }

    /// A list whose items are asked for: what is walked to through objects alone is the field, as nothing but a list has items.
    fn list(&self, list: &Term) -> Term {
        match list {
            Term::Call {
                function: Function::Walk,
                arguments,
            } => match (self.walked(arguments), arguments.get(2)) {
                (Some(path), Some(Term::Literal(default))) if !is_filled_list(default) => {
                    Term::Field(path)
                }
                _ => list.clone(),
            },
            other => self.term(other),
        }
    }

    /// The field that a walk from the event leads to, where its keys lead through objects alone.
    fn walked(&self, arguments: &[Term]) -> Option<FieldPath> {
        let [Term::Field(root), Term::Literal(Literal::List(keys)), ..] = arguments else {
            return None;
        };
        if !root.segments.is_empty() {
            return None;
        }
        let mut path = FieldPath::root();
        for (at, key) in keys.iter().enumerate() {
            if at > 0 && !self.is_object(&path) {
                return None;
            }
            path = path.exact(key.as_text()?);
        }
        let canonical = self.source.canonical(&path);
        self.source.field(&canonical).map(|_| canonical)
    }

    /// Whether the field is an object, as the map says or as fields below it show.
    fn is_object(&self, path: &FieldPath) -> bool {
        let path = self.source.canonical(path);
        match self.source.field(&path) {
            Some(field) => field.kind == FieldType::Object,
            None => self.source.fields().iter().any(|field| {
                let step = field.field.segments.get(path.segments.len());
                field.field.starts_with(&path) && matches!(step, Some(Segment::Key(_)))
            }),
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

    fn test(&self, predicate: &Predicate) -> Condition {
        if let Some(condition) = self.of_walk(predicate) {
            return condition;
        }
        let predicate = Predicate {
            subject: self.term(&predicate.subject),
            object: match &predicate.object {
                Object::Term(term) => Object::Term(self.term(term).into()),
                other => other.clone(),
            },
            ..predicate.clone()
        };
        self.answer(&predicate).unwrap_or_else(|| predicate.into())
    }

    /// What the types say of a predicate, or what is left to ask.
    fn answer(&self, predicate: &Predicate) -> Option<Condition> {
        if let Some(value) = taken(&predicate.subject, predicate) {
            return Some(Condition::constant(value));
        }
        let possible = self.possible(&predicate.subject)?;
        match (predicate.operator, &predicate.object) {
            (Operator::Exists | Operator::IsPresent, _) if possible.always => Some(Condition::TRUE),
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
            (
                Operator::Contains
                | Operator::StartsWith
                | Operator::EndsWith
                | Operator::HasTerm
                | Operator::Matches
                | Operator::Wildcard
                | Operator::InNetwork
                | Operator::IsIpAddress,
                _,
            ) => is_container(&possible).then_some(Condition::FALSE),
            _ => None,
        }
    }

    fn term(&self, term: &Term) -> Term {
        match term {
            Term::Call {
                function,
                arguments,
            } => Term::Call {
                function: *function,
                arguments: arguments.iter().map(|term| self.term(term)).collect(),
            },
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Select { list, when, item } => {
                let list = self.list(list);
                let within = self.within(&list);
                Term::Select {
                    when: Shared::new(within.condition(when)),
                    item: Shared::new(within.term(item)),
                    list: Shared::new(list),
                }
            }
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => {
                term.clone()
            }
        }
    }

    /// A question about what is walked to, as one about the field: what stands for a missing value, a null and a list without
    /// items has the answer that the constant has.
    fn of_walk(&self, predicate: &Predicate) -> Option<Condition> {
        let Term::Call {
            function: Function::Walk,
            arguments,
        } = &predicate.subject
        else {
            return None;
        };
        if matches!(predicate.object, Object::Term(_)) {
            return None;
        }
        let field = Term::Field(self.walked(arguments)?);
        let default = arguments.get(2)?.as_literal()?;
        let kinds = self.possible(&field)?.kinds;
        let of = |subject: Term| -> Condition {
            let subject = Predicate {
                subject,
                ..predicate.clone()
            };
            subject.into()
        };
        let verdict = |literal: Literal| {
            let nothing = serde_json::Value::Object(serde_json::Map::new());
            crate::eval::holds(&of(Term::Literal(literal)), &nothing)
        };
        let on_default = verdict(default.clone());
        if kinds.contains(&Kind::List) {
            let filled = Condition::Items {
                quantifier: Quantifier::Some,
                list: Shared::new(field),
                body: Shared::new(Condition::TRUE),
            };
            let on_filled = of_filled_list(predicate)?;
            return Some(match (on_filled, on_default) {
                (true, false) => filled,
                (false, true) => filled.negate(),
                (always, _) => Condition::constant(always),
            });
        }
        let on_null = verdict(Literal::Null);
        if on_null == on_default && on_null == predicate.operator.info().on_missing {
            return Some(self.test(&Predicate {
                subject: field,
                ..predicate.clone()
            }));
        }
        let present = Predicate::new(field.clone(), Operator::IsPresent, Object::None);
        let present = Condition::from(present);
        Some(match on_default {
            true => of(field).or(present.negate()),
            false => of(field).and(present),
        })
    }

    fn choice(&self, cases: &[Case], otherwise: &Term) -> Term {
        let mut left = Vec::new();
        let mut last = None;
        for case in cases {
            let when = self.condition(&case.when);
            let then = self.term(&case.then);
            match when.as_constant() {
                Some(false) => {}
                Some(true) => {
                    last = Some(then);
                    break;
                }
                None => left.push(Case { when, then }),
            }
        }
        let otherwise = last.unwrap_or_else(|| self.term(otherwise));
        // What every way leads to is the value.
        while left.last().is_some_and(|case| case.then == otherwise) {
            left.pop();
        }
        if left.is_empty() {
            return otherwise;
        }
        Term::Choice {
            cases: left.into(),
            otherwise: Shared::new(otherwise),
        }
    }

    /// The field that the term is.
    fn path(&self, term: &Term) -> Option<FieldPath> {
        match term {
            Term::Field(path) => Some(self.source.canonical(path)),
            Term::Item { depth, path } => {
                let at = self.items.len().checked_sub(depth + 1)?;
                let mut whole = self.items[at].clone()?;
                for segment in path.segments.iter() {
                    whole = whole.join(segment.clone());
                }
                Some(self.source.canonical(&whole))
            }
            _ => None,
        }
    }

    /// The kinds that the source's types allow; nothing where they allow all.
    fn possible(&self, term: &Term) -> Option<Possible> {
        let path = self.path(term)?;
        if let (Some((Segment::Each, list)), Term::Item { .. }) = (path.segments.split_last(), term)
        {
            let list = FieldPath {
                segments: list.to_vec().into(),
            };
            return match self.source.kind(&list) {
                FieldType::ObjectList => Some(Possible {
                    kinds: &[Kind::Object],
                    always: true,
                }),
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
        let kinds: &[Kind] = match self.source.kind(&path) {
            FieldType::Text | FieldType::Datetime => &[Kind::Null, Kind::Text],
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

/// What a predicate says of every list with items, if it says the same of all.
fn of_filled_list(predicate: &Predicate) -> Option<bool> {
    match (predicate.operator, &predicate.object) {
        (Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy, _) => {
            Some(true)
        }
        (Operator::IsKind, Object::Kinds(kinds)) => Some(kinds.contains(&Kind::List)),
        (Operator::Equals, Object::Literal(Literal::List(_))) | (Operator::In, _) => None,
        _ => Some(false),
    }
}

/// A question for kinds, without those that are not possible.
fn of_kinds(predicate: &Predicate, asked: &[Kind], possible: &Possible) -> Option<Condition> {
    let left: Vec<Kind> = asked
        .iter()
        .copied()
        .filter(|kind| possible.kinds.contains(kind))
        .collect();
    let all = possible.kinds.iter().all(|kind| {
        left.contains(kind) || (*kind == Kind::Integer && left.contains(&Kind::Number))
    });
    if left.is_empty() {
        return Some(Condition::FALSE);
    }
    if all && possible.always {
        return Some(Condition::TRUE);
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

fn is_filled_list(literal: &Literal) -> bool {
    matches!(literal, Literal::List(items) if !items.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::schema::Crosswalk;

    const LIST: &str = "protoPayload.authorizationInfo";

    /// Events of the types that the map of Google Cloud's audit log gives.
    fn events() -> Vec<Value> {
        let lists = [
            None,
            Some(json!(null)),
            Some(json!([])),
            Some(json!([{}])),
            Some(json!([{"permission": "a", "granted": true}])),
            Some(json!([{"permission": "a"}, {"permission": "b", "granted": false}])),
        ];
        let names = [None, Some(json!(null)), Some(json!("")), Some(json!("a"))];
        let mut events = Vec::new();
        for list in &lists {
            for name in &names {
                let mut payload = serde_json::Map::new();
                payload.extend(
                    list.clone()
                        .map(|list| ("authorizationInfo".to_owned(), list)),
                );
                payload.extend(name.clone().map(|name| ("methodName".to_owned(), name)));
                events.push(json!({"protoPayload": payload}));
            }
        }
        events.push(json!({}));
        events
    }

    fn field(path: &str) -> Term {
        Term::Field(FieldPath::parse(path).unwrap())
    }

    fn item(path: &str) -> Term {
        Term::Item {
            depth: 0,
            path: FieldPath::parse(path).unwrap(),
        }
    }

    fn ask(subject: Term, operator: Operator, object: Object) -> Condition {
        Predicate::new(subject, operator, object).into()
    }

    fn is(subject: Term, kinds: &[Kind]) -> Condition {
        ask(subject, Operator::IsKind, Object::Kinds(kinds.to_vec()))
    }

    fn equals(subject: Term, value: impl Into<Literal>) -> Condition {
        ask(subject, Operator::Equals, Object::Literal(value.into()))
    }

    fn some(list: Term, body: Condition) -> Condition {
        Condition::Items {
            quantifier: Quantifier::Some,
            list: list.into(),
            body: Shared::new(body),
        }
    }

    fn walk(keys: &[&str], default: Literal, which: &str) -> Term {
        let keys = keys.iter().map(|key| Literal::text(*key)).collect();
        Term::call(
            Function::Walk,
            [
                Term::Field(FieldPath::root()),
                Term::Literal(Literal::List(keys)),
                Term::Literal(default),
                Term::text(which),
            ],
        )
    }

    /// What the source's types make of the condition, which says the same of every event of these types.
    fn assumed(condition: &Condition) -> Condition {
        let source = Crosswalk::builtin().get("gcp.audit").unwrap();
        let assumed = assume(source, condition).unwrap_or_else(|| condition.clone());
        for event in events() {
            let (before, after) = (
                crate::eval::holds(condition, &event),
                crate::eval::holds(&assumed, &event),
            );
            assert_eq!(before, after, "{condition}\n{assumed}\n{event}");
        }
        assumed
    }

    #[test]
    fn an_item_of_a_list_of_objects_is_an_object() {
        let odd = is(item(""), &[Kind::Object]).negate();
        assert_eq!(assumed(&some(field(LIST), odd.clone())), Condition::FALSE);
        let named = equals(item("permission"), "a");
        let asked = some(field(LIST), odd.or(named.clone()));
        assert_eq!(assumed(&asked), some(field(LIST), named));
        let text = is(item("permission"), &[Kind::List, Kind::Object]);
        assert_eq!(assumed(&some(field(LIST), text)), Condition::FALSE);
        let keys = Term::call(Function::Keys, [field(LIST)]);
        assert_eq!(assumed(&some(keys, Condition::TRUE)), Condition::FALSE);
    }

    #[test]
    fn an_error_that_no_item_raises_is_not_asked_for() {
        let raises = Term::Choice {
            cases: vec![Case {
                when: is(item(""), &[Kind::Object]).negate(),
                then: Term::Literal(Literal::Boolean(true)),
            }]
            .into(),
            otherwise: Term::Literal(Literal::Boolean(false)).into(),
        };
        let first = Term::call(
            Function::Item,
            [
                Term::Select {
                    list: field(LIST).into(),
                    when: Shared::new(equals(item("permission"), "a")),
                    item: raises.into(),
                },
                Term::Literal(Literal::Integer(0)),
            ],
        );
        let raised = equals(first, Literal::Boolean(true));
        assert_eq!(assumed(&raised.clone().negate()), Condition::TRUE);
        assert_eq!(assumed(&raised), Condition::FALSE);
    }

    #[test]
    fn a_walk_through_objects_is_the_field() {
        let keys = ["protoPayload", "authorizationInfo"];
        let granted = equals(item("granted"), Literal::Boolean(true));
        for default in [Literal::Null, Literal::List(Vec::new()), Literal::text("x")] {
            for which in ["all", "first", "last"] {
                let walk = || walk(&keys, default.clone(), which);
                let asked = some(walk(), granted.clone());
                assert_eq!(assumed(&asked), some(field(LIST), granted.clone()));
                for operator in [
                    Operator::Exists,
                    Operator::IsPresent,
                    Operator::IsFilled,
                    Operator::IsTruthy,
                ] {
                    assumed(&ask(walk(), operator, Object::None));
                }
                for kinds in [
                    &[Kind::List][..],
                    &[Kind::Null, Kind::Text],
                    &[Kind::Object],
                ] {
                    assumed(&is(walk(), kinds));
                }
                let texts = Object::Texts(vec!["x".to_owned()]);
                let holds = assumed(&ask(walk(), Operator::Contains, texts));
                assert!(!holds.to_string().contains("walk"), "{holds}");
            }
        }
        let filled = Literal::List(vec![Literal::Null]);
        let asked = some(walk(&keys, filled, "all"), Condition::TRUE);
        assert_eq!(assumed(&asked), asked);
    }

    #[test]
    fn a_walk_to_a_text_is_the_field_or_the_constant() {
        for default in [Literal::Null, Literal::text(""), Literal::text("a")] {
            let walk = || walk(&["protoPayload", "methodName"], default.clone(), "all");
            for condition in [
                equals(walk(), "a"),
                equals(walk(), ""),
                ask(walk(), Operator::Exists, Object::None),
                ask(walk(), Operator::IsPresent, Object::None),
                is(walk(), &[Kind::Null]),
                is(walk(), &[Kind::Text]),
                equals(walk(), Literal::Null),
            ] {
                let holds = assumed(&condition);
                assert!(!holds.to_string().contains("walk"), "{holds}");
            }
        }
    }

    #[test]
    fn what_the_map_does_not_know_is_left() {
        for list in [
            "protoPayload.request",
            "protoPayload.request.x",
            "noSuchField",
        ] {
            let asked = some(field(list), is(item(""), &[Kind::Object]).negate());
            let source = Crosswalk::builtin().get("gcp.audit").unwrap();
            let kept = assume(source, &asked).unwrap_or_else(|| asked.clone());
            let object = source.kind(&FieldPath::parse(list).unwrap()) == FieldType::Object;
            assert_eq!(kept, if object { Condition::FALSE } else { asked });
        }
    }
}
