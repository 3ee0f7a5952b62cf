//! Literals of another type than what they are compared with, to literals of that type.
//!
//! `ResultType == 50126` asks a text column for a number. A stand-alone cluster refuses the query; Log Analytics runs it, and rules
//! in production rely on it. There it can only mean the value that is written in the same way, so that is what it becomes, with a
//! remark. A literal that the other type would write in another way (`"007"`, `1.50`) is left to be refused.

use super::Lowerer;
use super::typed::Typed;
use super::value::{Constant, Kind, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Literal, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::BinaryOperator;

/// The literal as the type writes it; `None` where it is of that type, or the type has no such value.
fn fitted(literal: &Literal, to: Kind) -> Option<Literal> {
    match (literal, to) {
        (Literal::Integer(number), Kind::Text) => Some(Literal::text(number.to_string())),
        (Literal::Text(text), Kind::Number) => {
            let number: i64 = text.parse().ok()?;
            (number.to_string() == *text).then_some(Literal::Integer(number))
        }
        (Literal::Text(text), Kind::Truth) => {
            let truth: bool = text.parse().ok()?;
            Some(Literal::Boolean(truth))
        }
        _ => None,
    }
}

/// The type of a value that is not constant.
fn kind_of(value: &Value) -> Option<Kind> {
    match value {
        Value::Scalar(scalar) => Some(scalar.kind),
        Value::Truth(_) => Some(Kind::Truth),
        _ => None,
    }
}

/// Whether the operator compares values of other types than texts, too.
pub(super) fn is_exact(operator: BinaryOperator) -> bool {
    matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual)
}

impl Lowerer<'_> {
    /// Two values as they are compared with each other.
    pub(super) fn fit_pair(&self, left: Value, right: Value, range: TextRange) -> (Value, Value) {
        let left = self.fit(left, &right, range);
        let right = self.fit(right, &left, range);
        (left, right)
    }

    /// The items of a list as they are compared with the subject.
    pub(super) fn fit_items(
        &self,
        items: Vec<Value>,
        subject: &Value,
        range: TextRange,
    ) -> Vec<Value> {
        let fit = |item| self.fit(item, subject, range);
        items.into_iter().map(fit).collect()
    }

    fn fit(&self, value: Value, other: &Value, range: TextRange) -> Value {
        if let Value::Constant(constant) = &value
            && matches!(constant.kind, Kind::Text | Kind::Number)
            && let Some(literal) = kind_of(other).and_then(|kind| fitted(&constant.literal, kind))
        {
            self.converted(&literal, range);
            return Value::Constant(Constant::of(literal));
        }
        value
    }

    /// A typed value as it is compared with one of another type; a list of literals is converted item by item.
    pub(super) fn fit_typed(&self, mut value: Typed, to: Kind, range: TextRange) -> Typed {
        let convert = |literal: &mut Literal| {
            if let Some(made) = fitted(literal, to) {
                self.converted(&made, range);
                *literal = made;
            }
        };
        match &mut value.term {
            Term::Literal(Literal::List(items)) => items.iter_mut().for_each(convert),
            Term::Literal(literal) if matches!(value.kind, Kind::Text | Kind::Number) => {
                convert(literal);
                value.kind = Constant::of(literal.clone()).kind;
            }
            _ => {}
        }
        value
    }

    /// What there is to say about what was converted.
    pub(super) fn conversions(&self) -> Vec<Diagnostic> {
        let converted = self.converted.borrow();
        let remarks = converted.iter().map(|(literal, range)| {
            let literal = literal.to_json();
            let message =
                format!("the types of this comparison do not fit; it is read with `{literal}`");
            Diagnostic::note(Code::KqlComparison, message).at(self.embedded.span(*range))
        });
        remarks.collect()
    }

    fn converted(&self, literal: &Literal, range: TextRange) {
        let mut converted = self.converted.borrow_mut();
        if !converted.iter().any(|(_, known)| *known == range) {
            converted.push((literal.clone(), range));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Code, Diagnostics};
    use crate::normalize::normalize;
    use crate::source::{NoFiles, Sources};

    /// The selection of a query, and whether something was converted; `None` where the condition is not understood.
    fn selection(query: &str) -> (Option<String>, bool) {
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let id = sources.add("query.kql", query);
        let mut rules = crate::import(id, None, &mut sources, &NoFiles, &mut diagnostics);
        let rule = normalize(rules.remove(0));
        let text = rule.residue.is_empty().then(|| match rule.pipeline {
            None => rule.selection.to_string(),
            Some(_) => rule.to_string(),
        });
        let noted = diagnostics.iter().any(|it| it.code == Code::KqlComparison);
        (text, noted)
    }

    #[test]
    fn a_literal_takes_the_type_of_the_other_side() {
        for (query, expected) in [
            (
                "OfficeActivity | where ResultStatus == 50126",
                r#"ResultStatus eq "50126""#,
            ),
            (
                "OfficeActivity | where 0 != ResultStatus",
                r#"ResultStatus not eq "0""#,
            ),
            (
                "OfficeActivity | where ResultStatus in (0, 50140)",
                r#"ResultStatus in ["0", "50140"]"#,
            ),
            (
                "SecurityEvent | where EventID !in ('4624', '4625')",
                "EventID not in [4624, 4625]",
            ),
            (
                "CloudAppEvents | where IsAdminOperation == 'true'",
                "IsAdminOperation eq true",
            ),
        ] {
            let expected = (Some(expected.to_owned()), true);
            assert_eq!(selection(query), expected, "{query}");
        }
        let fitting = selection("OfficeActivity | where ResultStatus == '0'");
        assert_eq!(fitting, (Some(r#"ResultStatus eq "0""#.to_owned()), false));
    }

    #[test]
    fn what_the_other_type_writes_in_another_way_is_left() {
        for condition in [
            "EventID == '04624'",
            "EventID == 'x'",
            "Account == 1.5",
            "EventID =~ '4624'",
        ] {
            let (text, _) = selection(&format!("SecurityEvent | where {condition}"));
            assert_eq!(text, None, "{condition}");
        }
    }

    #[test]
    fn values_of_rows_are_converted_too() {
        let (text, noted) = selection(
            "OfficeActivity | extend Failed = ResultStatus != 0 | summarize arg_max(TimeGenerated, *) by UserId | where ResultStatus in (1, 2)",
        );
        let text = text.unwrap();
        assert!(noted, "{text}");
        assert!(
            text.contains(r#"["1", "2"]"#) && text.contains(r#""0""#),
            "{text}"
        );
    }
}
