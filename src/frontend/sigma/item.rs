//! One detection item, `field|modifiers: values`, to a condition.
//!
//! Values compare as Sigma compares them, as texts in any case: a number or truth value also matches its text and the reverse,
//! unless the log source says what type the field has; then only that type can occur. A plain value with wildcards becomes the
//! operator that it is (`*x*` is `contains`). Text operators look at the text form of fields that hold other things. An item
//! without a field is a search over the whole event: some text or number in it holds the value. A placeholder stands for the
//! values that it was given. Refused: placeholders without values, and regular expressions that the IR's dialect does not have.

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
type Valued = (Value, Origin);

/// What is wrong with a value.
pub(super) struct Refusal {
    pub(super) code: Code,
    /// What is required.
    pub(super) message: String,
    /// How to mend it.
    pub(super) help: Option<String>,
}

impl From<(Code, String)> for Refusal {
    fn from((code, message): (Code, String)) -> Self {
        Self {
            code,
            message,
            help: None,
        }
    }
}

/// An item whose key was understood.
pub(super) struct Item {
    /// The field; nothing for a search over the whole event.
    path: Option<FieldPath>,
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
    item.lower(scope, values)
}

/// The condition of a value that stands in the place of a search: keywords.
pub(super) fn keyword(
    scope: &mut Scope<'_, '_>,
    value: &Value,
    at: &[Step<'_>],
) -> Option<Condition> {
    let item = Item {
        path: None,
        kind: FieldType::Text,
        key: Key::default(),
        type_of: None,
    };
    let values = values(scope, value, at);
    item.lower(scope, values)
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
        if let Some(kind) = type_of.filter(|kind| !kind.fits_keywords()) {
            let message = format!("`{}` requires a field", kind.name());
            scope.error(Code::SigmaModifier, message, span);
            return None;
        }
        return Some(Item {
            path: None,
            kind: FieldType::Text,
            key,
            type_of,
        });
    }
    let path = sigma::path_of(scope.map, &key.field);
    let kind = sigma::kind_of(scope.map, &path);
    Some(Item {
        path: Some(path),
        kind,
        key,
        type_of,
    })
}

/// The values of an item; an empty list is `null`, as no value at all is.
fn values(scope: &Scope<'_, '_>, value: &Value, at: &[Step<'_>]) -> Vec<Valued> {
    let origin = |at: &[Step<'_>]| {
        Origin(
            scope
                .document
                .span(at)
                .or_else(|| scope.document.key_span(at)),
        )
    };
    match value {
        Value::Array(items) if items.is_empty() => vec![(Value::Null, origin(at))],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (item.clone(), origin(&[at, &[Step::Item(index)]].concat())))
            .collect(),
        value => vec![(value.clone(), origin(at))],
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
    fn lower(&self, scope: &mut Scope<'_, '_>, values: Vec<Valued>) -> Option<Condition> {
        let mut each = Vec::new();
        let mut refused = false;
        for (value, origin) in values {
            match self.alternatives(scope, &value, origin) {
                Ok(alternatives) => each.push(alternatives),
                Err(refusal) => {
                    scope.refuse(refusal, origin.0);
                    refused = true;
                }
            }
        }
        if refused {
            return None;
        }
        let condition = if self.key.has(Modifier::All) {
            each.into_iter()
                .map(any_of)
                .fold(Condition::TRUE, Condition::and)
        } else {
            any_of(each.concat())
        };
        Some(if self.key.has(Modifier::NotEqual) {
            condition.negate()
        } else {
            condition
        })
    }

    /// The conditions of one value, any of which may hold.
    fn alternatives(
        &self,
        scope: &Scope<'_, '_>,
        value: &Value,
        origin: Origin,
    ) -> Result<Vec<Condition>, Refusal> {
        if self.key.has(Modifier::Expand)
            && let Value::String(text) = value
        {
            return self.expanded(scope, text, origin);
        }
        match self.type_of {
            None => self.plain(value, origin),
            Some(Modifier::Regex) => self.regex(value, origin).map(|test| vec![test]),
            Some(Modifier::Network) => self.network(value, origin).map(|test| vec![test]),
            Some(Modifier::Exists) => self.exists(value, origin).map(|test| vec![test]),
            Some(Modifier::Compare(operator)) => {
                self.compare(operator, value, origin).map(|test| vec![test])
            }
            Some(Modifier::TimePart(part)) => {
                self.time_part(part, value, origin).map(|test| vec![test])
            }
            Some(_) => self
                .field_reference(scope, value, origin)
                .map(|test| vec![test]),
        }
    }

    pub(super) fn field(&self) -> Term {
        match &self.path {
            Some(path) => Term::Field(path.clone()),
            None => Term::call(Function::Anywhere, []),
        }
    }

    /// Whether it is a search over the whole event.
    pub(super) fn is_keyword(&self) -> bool {
        self.path.is_none()
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
