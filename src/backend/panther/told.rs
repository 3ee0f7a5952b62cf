//! What tells a log source's events from others under their log type, in the condition and in the tests.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::analysis::Report;
use crate::ir::{Condition, Object, Predicate, Rule, Segment};
use crate::schema::LogSourceMap;

/// The rule with what tells its source's events from others under their log type.
pub(super) fn told_apart<'r>(
    rule: &'r Rule,
    sources: &[&LogSourceMap],
    report: &mut Report,
) -> Option<Cow<'r, Rule>> {
    let untold = sources.iter().fold(Condition::TRUE, |told, source| {
        told.and(source.untold(&rule.selection))
    });
    if untold.as_constant() == Some(true) {
        return Some(Cow::Borrowed(rule));
    }
    if rule.log_sources.len() > 1 {
        let reason = "the log type holds events of other sources, and the rule names several";
        report.refuse("source", rule.origin, reason);
        return None;
    }
    let mut told = Rule {
        selection: untold.clone().and(rule.selection.clone()),
        ..rule.clone()
    };
    // The tests are about events of the source, which a rule of another format need not say.
    for test in told.tests.to_mut() {
        for part in untold.conjuncts() {
            if let Condition::Test(predicate) = part {
                tell(predicate, &mut test.event);
            }
        }
    }
    Some(Cow::Owned(told))
}

/// Gives an event that does not have the field a value that the predicate asks for.
fn tell(predicate: &Predicate, event: &mut Value) {
    let value = match &predicate.object {
        Object::Literal(literal) => Some(literal),
        Object::List(literals) => literals.first(),
        Object::None | Object::Texts(_) | Object::Term(_) | Object::Kinds(_) => None,
    };
    let (Some(value), Some(path)) = (value, predicate.subject.as_field()) else {
        return;
    };
    let Some((last, above)) = path.segments.split_last() else {
        return;
    };
    let holder = above.iter().try_fold(event, |value, step| match step {
        Segment::Key(key) => {
            let map = value.as_object_mut()?;
            Some(map.entry(key.clone()).or_insert_with(|| Map::new().into()))
        }
        _ => None,
    });
    if let (Some(Value::Object(map)), Segment::Key(key)) = (holder, last) {
        map.entry(key.clone()).or_insert_with(|| value.to_json());
    }
}
