//! What the field types of a log source rule out: a condition that holds only for values which the source never has.
//!
//! A source's events have the types of its schema (Panther's parsers and Sentinel's columns enforce them), so a text field is
//! absent, `null` or a text. Python accepts more: `ip_address` also takes a number. Without this pass such an alternative would
//! travel into every target as a question that none of them can ask.

use super::log_source::{FieldType, LogSourceMap};
use crate::ir::{Condition, Kind, Object, Operator, Predicate, Term};

impl LogSourceMap {
    /// The condition without the kinds of value that the source's fields never have.
    #[must_use]
    pub fn rule_out(&self, condition: Condition) -> Condition {
        condition.map(&mut |node| match node {
            Condition::Test(predicate) => self.without_impossible_kinds(predicate),
            Condition::All(parts) => parts.into_iter().fold(Condition::TRUE, Condition::and),
            Condition::Any(parts) => parts.into_iter().fold(Condition::FALSE, Condition::or),
            Condition::Not(inner) => inner.negate(),
            items @ Condition::Items { .. } => items,
        })
    }

    fn without_impossible_kinds(&self, mut predicate: Predicate) -> Condition {
        let Term::Field(path) = &predicate.subject else {
            return predicate.into();
        };
        let is_text = matches!(self.kind(path), FieldType::Text | FieldType::Datetime);
        if let (true, Operator::IsKind, Object::Kinds(kinds)) =
            (is_text, predicate.operator, &mut predicate.object)
        {
            kinds.retain(|kind| matches!(kind, Kind::Null | Kind::Text));
            if kinds.is_empty() {
                return Condition::FALSE;
            }
        }
        predicate.into()
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::{Condition, Kind, Object, Operator, Predicate, Term};
    use crate::schema::Crosswalk;

    fn is(field: &str, kinds: &[Kind]) -> Condition {
        Predicate::new(
            Term::field([field]),
            Operator::IsKind,
            Object::Kinds(kinds.to_vec()),
        )
        .into()
    }

    #[test]
    fn a_text_field_is_never_a_number() {
        let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
        let number = is("sourceIPAddress", &[Kind::Integer, Kind::Boolean]);
        assert_eq!(source.rule_out(number.clone()), Condition::FALSE);
        assert_eq!(source.rule_out(number.negate()), Condition::TRUE);
        let either = is("sourceIPAddress", &[Kind::Text, Kind::Integer]);
        assert_eq!(
            source.rule_out(either),
            is("sourceIPAddress", &[Kind::Text])
        );
    }

    #[test]
    fn other_fields_keep_their_kinds() {
        let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
        for field in ["requestParameters", "noSuchField"] {
            let number = is(field, &[Kind::Integer]);
            assert_eq!(source.rule_out(number.clone()), number);
        }
    }
}
