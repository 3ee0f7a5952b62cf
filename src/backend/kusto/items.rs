//! What is asked of a list's items without a stage: an expression, and what a question says by itself.
//!
//! Whether one of some texts is in a list has words of its own in Kusto. Whether a question holds of `null` decides whether a list
//! without items, of which a stage makes a null, must be told apart.

use super::existence::CONFUSED;
use super::question::Question;
use super::quote;
use super::term::{Scope, numbered};
use super::value::{Kind, Value, infix, strength};
use crate::analysis::{Construct, Fidelity, Report, What};
use crate::backend::fragment::{ATOM, Fragment};
use crate::ir::{
    CaseSensitivity, Condition, Function, Literal, Object, Operator, Quantifier, Shared, Term,
};

/// Whether it differs only by what the table itself does not tell apart, in which no query there could do better.
pub(super) fn is_confused(one: &Construct) -> bool {
    one.fidelity < Fidelity::Unsupported && one.reason == CONFUSED
}

/// Whether it is the list of an object's keys, which Kusto makes as it is.
pub(super) fn is_of_keys(list: &Term) -> bool {
    matches!(
        list,
        Term::Call {
            function: Function::Keys,
            ..
        }
    )
}

/// Whether one of some texts is an item of a list, as an expression; null where there is no list.
pub(super) fn member(scope: &Scope<'_>, question: &Question) -> Option<Fragment> {
    let (Condition::Test(predicate), None) = (&question.body, &question.pick) else {
        return None;
    };
    let Term::Item { depth: 0, path } = &predicate.subject else {
        return None;
    };
    if !path.segments.is_empty() || predicate.case == CaseSensitivity::Insensitive {
        return None;
    }
    let list = scope.term(&question.list).ok()?;
    if list.kind != Kind::Dynamic || list.reshaped {
        return None;
    }
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(Literal::Text(value))) => {
            let value = Fragment::atom(quote::text(value));
            Some(Fragment::called("set_has_element", &[list.fragment, value]))
        }
        (Operator::In, Object::List(values)) => {
            let texts: Option<Vec<&str>> = values.iter().map(Literal::as_text).collect();
            let texts = texts?.into_iter().map(quote::text).map(Fragment::atom);
            let values = Fragment::list("dynamic([", texts.collect(), "])", ATOM);
            let both = "array_length(set_intersect({}, {}))";
            let both = Fragment::form(both, &[&list.fragment, &values]);
            Some(infix(&both, ">", Fragment::atom("0"), strength::ORDER))
        }
        _ => None,
    }
}

/// The answer to a question that stands within a condition: an expression, or the column that was made for it.
pub(super) fn answer(
    scope: &Scope<'_>,
    list: &Term,
    body: &Condition,
    report: &mut Report,
) -> Result<Fragment, String> {
    if let Some(answer) = scope.answer_to(list, body) {
        return Ok(answer.clone());
    }
    let test = member(scope, &Question::of(list, body));
    let test = test.ok_or_else(|| {
        format!("a condition on the items of `{list}` takes a stage, and an expression stands here")
    })?;
    record(body, report);
    Ok(coalesced(&test))
}

pub(super) fn record(body: &Condition, report: &mut Report) {
    for (predicate, negated) in body.predicates() {
        let what = What::line(predicate, negated);
        report.record_predicate(Fidelity::Exact, what, predicate.origin, "");
    }
}

pub(super) fn has_items(list: &Value) -> Fragment {
    let length = list.converted("array_length", Kind::Whole).fragment;
    infix(&length, ">", Fragment::atom("0"), strength::ORDER)
}

/// A truth value that is false where it would be null.
pub(super) fn coalesced(test: &Fragment) -> Fragment {
    test.clone().call("coalesce(", ", false)")
}

/// Whether an item that is null may pass, so that a list without items, of which Kusto makes a null, must be told apart.
pub(super) fn holds_on_null(question: &Question) -> bool {
    let body = &question.whole();
    let is_numbered = numbered(&question.list).is_some();
    if !body.fields().is_empty() || body.as_constant().is_some() {
        return true;
    }
    let nulls = Term::Literal(Literal::List(vec![Literal::Null]));
    let nulls = if is_numbered {
        Term::call(Function::Numbered, [nulls])
    } else {
        nulls
    };
    let nulls = Condition::Items {
        quantifier: Quantifier::Some,
        list: Shared::new(nulls),
        body: Shared::new(body.clone()),
    };
    crate::eval::holds(&nulls, &serde_json::Value::Object(serde_json::Map::new()))
}
