//! Choices that are no choice in Kusto: each of whose cases but asks for its value, which is `coalesce`, or for a list of which one is
//! made; and values that are shown, with a text for a missing one.

use super::existence::test;
use super::term::Scope;
use super::value::{Blank, Kind as Type, Value};
use crate::backend::fragment::Fragment;
use crate::ir::{Case, Condition, Kind, Literal, Object, Operator, Term};
use crate::schema::FieldType;

impl Scope<'_> {
    /// A value that is shown out of dynamic ones, with a text for a missing one. Unlike a column of texts these tell an empty text
    /// from a missing one, and so does `coalesce` of them.
    pub(super) fn filled_in(&self, values: &[Value], arguments: &[Term]) -> Option<Value> {
        let (fallback, rest) = values.split_last()?;
        let literal = arguments.last()?.as_literal()?;
        // What needs escapes in a text is not sure to be the same within a dynamic literal.
        let is_plain = |text: &&str| {
            let plain = |c: char| !c.is_control() && !['"', '\'', '\\'].contains(&c);
            !text.is_empty() && text.chars().all(plain)
        };
        let text = literal.as_text().filter(is_plain)?;
        let may_be_empty = |value: &Value| {
            value.kind == Type::Dynamic
                && !value.reshaped
                && matches!(value.holds, FieldType::Any | FieldType::Text)
        };
        if !self.lenient || rest.is_empty() || !rest.iter().all(may_be_empty) {
            return None;
        }
        let whole = Fragment::atom(format!("dynamic(\"{text}\")"));
        let parts = rest.iter().map(|value| value.fragment.clone());
        let parts: Vec<Fragment> = parts.chain([whole]).collect();
        let filled = Fragment::called("coalesce", &parts);
        Some(Value {
            holds: FieldType::Any,
            partial: rest[0].partial,
            ..Value::of(Fragment::called("tostring", &[filled]), fallback.kind)
        })
    }
}

/// The list that is made of another one's items, where the choice asks but for that to be a list, and is an empty one without: so is
/// what is made of it.
pub(super) fn made<'t>(cases: &'t [Case], otherwise: &Term) -> Option<&'t Term> {
    let ([case], Some(Literal::List(items))) = (cases, otherwise.as_literal()) else {
        return None;
    };
    let (Condition::Test(predicate), Term::Select { list, .. }) = (&case.when, &case.then) else {
        return None;
    };
    let asks = match (predicate.operator, &predicate.object) {
        (Operator::IsKind, Object::Kinds(kinds)) => kinds.as_slice() == [Kind::List],
        _ => false,
    };
    (items.is_empty() && asks && predicate.subject == **list).then_some(&case.then)
}

/// The first text that is there, where each case but asks that its value be.
pub(super) fn first(kept: &[(Fragment, &Term)], values: &[Value]) -> Option<Value> {
    let (last, rest) = values.split_first()?;
    let asks = |((when, _), value): (&(Fragment, &Term), &Value)| *when == test(value, true);
    if !kept.iter().zip(rest).all(asks) {
        return None;
    }
    let is_empty = last.is_text("\"\"");
    let shown = rest.iter().chain([last].into_iter().filter(|_| !is_empty));
    let shown: Vec<Fragment> = shown.map(|value| value.fragment.clone()).collect();
    let first = match shown.as_slice() {
        [only] => only.clone(),
        shown => Fragment::called("coalesce", shown),
    };
    let filled = last.blank.is_none() && !is_empty;
    Some(Value {
        reshaped: true,
        ..Value::of(first, Type::Text).blank((!filled).then(Blank::text))
    })
}
