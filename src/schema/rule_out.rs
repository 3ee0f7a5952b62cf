//! What the field types of a log source rule out: a condition that holds only for values which the source never has.
//!
//! A source's events have the types of its schema (Panther's parsers and Sentinel's columns enforce them), so a text field is
//! absent, `null` or a text. Python accepts more: `ip_address` also takes a number. Without this pass such an alternative would
//! travel into every target as a question that none of them can ask.

use super::log_source::{FieldType, LogSourceMap};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Shared, Term,
};

impl LogSourceMap {
    /// The condition without the kinds of value that the source's fields never have, and without what would lie below a text.
    #[must_use]
    pub fn rule_out(&self, condition: Condition) -> Condition {
        condition.map(&mut |node| match node {
            Condition::Test(predicate) => self.without_impossible_kinds(predicate),
            other => other.folded(),
        })
    }

    /// The term with the text of a field that is a text said as the field itself, `None` where it is missing; nothing where that
    /// is the term itself.
    #[must_use]
    pub fn shown(&self, term: &Term) -> Option<Term> {
        match term {
            Term::Call {
                function: Function::Display | Function::DisplayEvent,
                arguments,
            } if arguments.len() == 1 && self.is_text(&arguments[0]) => {
                let shown = arguments[0].clone();
                Some(if is_never_missing(&shown) {
                    shown
                } else {
                    Term::call(Function::Coalesce, [shown, Term::text("None")])
                })
            }
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.rebuilt(|term| self.shown(term))?;
                Some(Term::call(*function, arguments))
            }
            Term::Choice { cases, otherwise } => {
                let told = cases.rebuilt(|case| {
                    let then = self.shown(&case.then)?;
                    let when = case.when.clone();
                    Some(Case { when, then })
                });
                let last = self.shown(otherwise);
                (told.is_some() || last.is_some()).then(|| Term::Choice {
                    cases: told.unwrap_or_else(|| cases.clone()),
                    otherwise: last.map_or_else(|| otherwise.clone(), Shared::new),
                })
            }
            _ => None,
        }
    }

    /// Whether the term is a text, `null` or missing on every event.
    fn is_text(&self, term: &Term) -> bool {
        match term {
            Term::Field(path) => self.is_text_field(path) || self.is_below_text(path),
            Term::Literal(Literal::Text(_) | Literal::Null)
            | Term::Call {
                function: Function::Concat | Function::Lower | Function::Upper | Function::Trim,
                ..
            } => true,
            Term::Call {
                function: Function::Coalesce | Function::IfMissing,
                arguments,
            } => arguments.iter().all(|argument| self.is_text(argument)),
            Term::Call {
                function: Function::Item,
                arguments,
            } => matches!(
                arguments.first(),
                Some(Term::Call {
                    function: Function::Split,
                    ..
                })
            ),
            Term::Choice { cases, otherwise } => {
                let mut values = cases.iter().map(|case| &case.then);
                values.all(|value| self.is_text(value)) && self.is_text(otherwise)
            }
            _ => false,
        }
    }

    fn is_text_field(&self, path: &FieldPath) -> bool {
        is_text(self.kind(&self.canonical(path)))
    }

    /// Whether the path leads below a text, where nothing is. A field that the map lists is one, even where an older form of the
    /// record has a text above it.
    fn is_below_text(&self, path: &FieldPath) -> bool {
        if path.segments.len() < 2 {
            return false;
        }
        if self.field(path).is_some() {
            return false;
        }
        let known = self.longest_as_spelt(&path.segments);
        known.is_some_and(|(length, entry)| {
            let is_plain = is_text(entry.kind) && !entry.is_json;
            length < path.segments.len() && is_plain
        })
    }

    fn without_impossible_kinds(&self, predicate: &Predicate) -> Option<Condition> {
        if let Term::Field(path) = &predicate.subject
            && self.is_below_text(path)
        {
            let holds = predicate.operator.info().on_missing;
            return Some(Condition::constant(holds));
        }
        let possible = |kind: &Kind| matches!(kind, Kind::Null | Kind::Text);
        let (Term::Field(path), Operator::IsKind, Object::Kinds(kinds)) =
            (&predicate.subject, predicate.operator, &predicate.object)
        else {
            return None;
        };
        if kinds.iter().all(possible) || !self.is_text_field(path) {
            return None;
        }
        let kinds: Vec<Kind> = kinds.iter().copied().filter(possible).collect();
        if kinds.is_empty() {
            return Some(Condition::FALSE);
        }
        let possible = Predicate {
            object: Object::Kinds(kinds),
            ..predicate.clone()
        };
        Some(possible.into())
    }
}

fn is_text(kind: FieldType) -> bool {
    matches!(kind, FieldType::Text | FieldType::Datetime)
}

/// Whether the term has a value on every event.
fn is_never_missing(term: &Term) -> bool {
    match term {
        Term::Literal(literal) => *literal != Literal::Null,
        Term::Call {
            function: Function::Coalesce,
            arguments,
        } => arguments.iter().any(is_never_missing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::{Condition, Function, Kind, Object, Operator, Predicate, Term};
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
    fn a_text_is_shown_as_it_is() {
        let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
        let shown = |term: Term| {
            let shown = Term::call(Function::DisplayEvent, [term]);
            let shown = source.shown(&shown).unwrap_or(shown);
            shown.to_string()
        };
        let name = Term::field(["eventName"]);
        assert_eq!(shown(name.clone()), r#"coalesce(eventName, "None")"#);
        let filled = Term::call(Function::Coalesce, [name, Term::text("x")]);
        assert_eq!(shown(filled), r#"coalesce(eventName, "x")"#);
        let any = Term::field(["requestParameters"]);
        assert_eq!(shown(any), "display_event(requestParameters)");
    }

    #[test]
    fn nothing_is_below_a_text() {
        let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
        let below = |path: &str| {
            let field = Term::Field(crate::ir::FieldPath::parse(path).unwrap());
            Condition::from(Predicate::new(field, Operator::Exists, Object::None))
        };
        for path in ["eventName.x", "userIdentity.ARN[]", "eventName[0].y"] {
            assert_eq!(source.rule_out(below(path)), Condition::FALSE, "{path}");
        }
        let activity = Crosswalk::builtin().get("azure.activity").unwrap();
        let listed = below("category.localizedValue");
        assert_eq!(activity.rule_out(listed.clone()), listed);
        let object = below("requestParameters.x");
        assert_eq!(source.rule_out(object.clone()), object);
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
