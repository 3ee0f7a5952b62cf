//! One detection item, `field|modifiers: values`, to a condition.
//!
//! Values compare as Sigma compares them, as texts in any case: a number or truth value also matches its text and the reverse,
//! unless the log source says what type the field has; then only that type can occur. A plain value with wildcards becomes the
//! operator that it is (`*x*` is `contains`). Text operators look at the text form of fields that hold other things. Refused:
//! placeholders, parts of a time, searches over the whole event, and regular expressions that the IR's dialect does not have.

use serde_json::Value;

use super::modifier::{Key, Modifier};
use super::scope::Scope;
use crate::diagnostic::Code;
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Function, Object, Operator, Origin, Predicate, Term,
};
use crate::schema::{FieldType, sigma};
use crate::syntax::yaml::Step;

/// A value and where it stands.
type Valued<'v> = (&'v Value, Origin);

/// What is wrong with a value: the code and what is required.
pub(super) type Refusal = (Code, String);

/// An item whose key was understood.
pub(super) struct Item {
    pub(super) path: FieldPath,
    pub(super) kind: FieldType,
    pub(super) key: Key,
    /// The modifier that says how values are compared.
    type_of: Option<Modifier>,
}

/// The condition of an item at `at` in the document; `None` where it is reported why there is none.
pub(super) fn lower(
    scope: &mut Scope<'_, '_>,
    name: &str,
    value: &Value,
    at: &[Step<'_>],
) -> Option<Condition> {
    let item = read_key(scope, name, at)?;
    let values = values(scope, value, at);
    let mut each = Vec::new();
    let mut refused = false;
    for (value, origin) in values {
        match item.alternatives(scope, (value, origin)) {
            Ok(alternatives) => each.push(alternatives),
            Err((code, message)) => {
                scope.error(code, message, origin.0);
                refused = true;
            }
        }
    }
    if refused {
        return None;
    }
    let condition = if item.key.has(Modifier::All) {
        each.into_iter()
            .map(any_of)
            .fold(Condition::TRUE, Condition::and)
    } else {
        any_of(each.concat())
    };
    Some(if item.key.has(Modifier::NotEqual) {
        condition.negate()
    } else {
        condition
    })
}

fn read_key(scope: &mut Scope<'_, '_>, name: &str, at: &[Step<'_>]) -> Option<Item> {
    let key = match Key::parse(name) {
        Ok(key) => key,
        Err(unknown) => {
            let message = format!("`{}` is not a modifier of the specification", unknown.text);
            let span = scope.in_key(at, unknown.range);
            scope.error(Code::SigmaModifier, message, span);
            return None;
        }
    };
    let span = scope.document.key_span(at);
    if let Some(Modifier::Unsupported(name)) = key
        .modifiers
        .iter()
        .find(|modifier| matches!(modifier, Modifier::Unsupported(_)))
    {
        let message = if *name == "expand" {
            "placeholders (`expand`) are not supported".to_owned()
        } else {
            format!("`{name}`, a part of a time, is not supported")
        };
        scope.error(Code::SigmaUnsupported, message, span);
        return None;
    }
    let type_of = key
        .modifiers
        .iter()
        .copied()
        .find(|modifier| modifier.is_type());
    if !key.modifiers.iter().all(|modifier| modifier.fits(type_of)) {
        scope.error(
            Code::SigmaModifier,
            format!("the modifiers of `{name}` do not go together"),
            span,
        );
        return None;
    }
    if key.field.is_empty() {
        scope.keywords(span);
        return None;
    }
    let path = sigma::path_of(scope.map, &key.field);
    let kind = sigma::kind_of(scope.map, &path);
    Some(Item {
        path,
        kind,
        key,
        type_of,
    })
}

/// The values of an item; an empty list is `null`, as no value at all is.
fn values<'v>(scope: &Scope<'_, '_>, value: &'v Value, at: &[Step<'_>]) -> Vec<Valued<'v>> {
    let origin = |at: &[Step<'_>]| {
        Origin(
            scope
                .document
                .span(at)
                .or_else(|| scope.document.key_span(at)),
        )
    };
    match value {
        Value::Array(items) if items.is_empty() => vec![(&Value::Null, origin(at))],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (item, origin(&[at, &[Step::Item(index)]].concat())))
            .collect(),
        value => vec![(value, origin(at))],
    }
}

/// Any of the conditions, predicates about one thing put together.
fn any_of(alternatives: Vec<Condition>) -> Condition {
    let mut merged: Vec<Condition> = Vec::new();
    for alternative in alternatives {
        let Condition::Test(new) = alternative else {
            merged.push(alternative);
            continue;
        };
        let old = merged.iter_mut().find_map(|old| match old {
            Condition::Test(old) if goes_with(old, &new) => Some(old),
            _ => None,
        });
        match old {
            Some(old) => absorb(old, new.into_inner()),
            None => merged.push(Condition::Test(new)),
        }
    }
    merged.into_iter().fold(Condition::FALSE, Condition::or)
}

fn goes_with(old: &Predicate, new: &Predicate) -> bool {
    let listed = matches!(
        (&old.object, &new.object),
        (Object::List(_), Object::List(_)) | (Object::Texts(_), Object::Texts(_))
    );
    listed && old.operator == new.operator && old.case == new.case && old.subject == new.subject
}

fn absorb(old: &mut Predicate, new: Predicate) {
    match (&mut old.object, new.object) {
        (Object::List(items), Object::List(more)) => items.extend(more),
        (Object::Texts(texts), Object::Texts(more)) => texts.extend(more),
        _ => {}
    }
    if let (Some(first), Some(second)) = (old.origin.0, new.origin.0) {
        old.origin = first.cover(second).into();
    }
}

impl Item {
    /// The conditions of one value, any of which may hold.
    fn alternatives(
        &self,
        scope: &Scope<'_, '_>,
        (value, origin): Valued<'_>,
    ) -> Result<Vec<Condition>, Refusal> {
        match self.type_of {
            None => self.plain(value, origin),
            Some(Modifier::Regex) => self.regex(value, origin).map(|test| vec![test]),
            Some(Modifier::Network) => self.network(value, origin).map(|test| vec![test]),
            Some(Modifier::Exists) => self.exists(value, origin).map(|test| vec![test]),
            Some(Modifier::Compare(operator)) => {
                self.compare(operator, value, origin).map(|test| vec![test])
            }
            Some(_) => self
                .field_reference(scope, value, origin)
                .map(|test| vec![test]),
        }
    }

    pub(super) fn field(&self) -> Term {
        Term::Field(self.path.clone())
    }

    /// The field, or its text form where it holds something else.
    pub(super) fn as_text(&self) -> Term {
        match self.kind {
            FieldType::Integer
            | FieldType::Float
            | FieldType::Boolean
            | FieldType::Object
            | FieldType::ObjectList => Term::call(Function::ToText, [self.field()]),
            FieldType::Text | FieldType::Datetime | FieldType::ScalarList | FieldType::Any => {
                self.field()
            }
        }
    }

    pub(super) fn test(
        &self,
        subject: Term,
        operator: Operator,
        object: Object,
        origin: Origin,
    ) -> Condition {
        let mut predicate = Predicate::new(subject, operator, object).at(origin);
        if operator.info().has_case && !self.key.has(Modifier::Cased) {
            predicate.case = CaseSensitivity::Insensitive;
        }
        predicate.into()
    }
}
