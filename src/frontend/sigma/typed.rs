//! Values that a modifier gives a type: regular expressions, networks, numbers to compare with, names of fields, parts of a time.

use ipnet::IpNet;
use serde_json::Value;

use super::item::{Item, Refusal};
use super::modifier::{Modifier, TimePart};
use super::scope::Scope;
use crate::diagnostic::Code;
use crate::ir::compute::is_pattern;
use crate::ir::{Condition, Function, Literal, Object, Operator, Origin, Predicate, Shared, Term};
use crate::schema::sigma;

impl Item {
    pub(super) fn regex(&self, value: &Value, origin: Origin) -> Result<Condition, Refusal> {
        let Value::String(pattern) = value else {
            return Err(wrong("`re` requires a regular expression"));
        };
        let (inline, pattern) = leading_flags(pattern);
        let flags = |wanted: char| inline.contains(wanted) || self.key.has(Modifier::Flag(wanted));
        let kept: String = ['m', 's'].into_iter().filter(|flag| flags(*flag)).collect();
        let pattern = if kept.is_empty() {
            pattern.to_owned()
        } else {
            format!("(?{kept}){pattern}")
        };
        // Compiling takes long.
        if !is_pattern(&pattern, false)
            && let Err(error) = regex::Regex::new(&pattern)
        {
            let error = error.to_string();
            let reason = error
                .lines()
                .last()
                .unwrap_or("")
                .trim_start_matches("error: ");
            let message = format!("the regular expression has no counterpart in the IR: {reason}");
            return Err((Code::SigmaUnsupported, message).into());
        }
        let test = Predicate::new(
            self.as_text(),
            Operator::Matches,
            Object::Texts(vec![pattern]),
        )
        .at(origin);
        Ok(if flags('i') { test.ignore_case() } else { test }.into())
    }

    pub(super) fn network(&self, value: &Value, origin: Origin) -> Result<Condition, Refusal> {
        let text = value.as_str().unwrap_or_default();
        let network = text
            .parse::<IpNet>()
            .map(|network| network.trunc())
            .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
        match network {
            Ok(network) => {
                let object = Object::Texts(vec![network.to_string()]);
                Ok(self.test(self.field(), Operator::InNetwork, object, origin))
            }
            Err(_) => Err(wrong("`cidr` requires a network such as `10.0.0.0/8`")),
        }
    }

    pub(super) fn exists(&self, value: &Value, origin: Origin) -> Result<Condition, Refusal> {
        let Value::Bool(wanted) = value else {
            return Err(wrong("`exists` requires `true` or `false`"));
        };
        let exists = self.test(self.field(), Operator::Exists, Object::None, origin);
        Ok(if *wanted { exists } else { exists.negate() })
    }

    pub(super) fn compare(
        &self,
        operator: Operator,
        value: &Value,
        origin: Origin,
    ) -> Result<Condition, Refusal> {
        let Value::Number(_) = value else {
            return Err(wrong("the comparison requires a number"));
        };
        let object = Object::Literal(Literal::from_json(value));
        let test = Predicate::new(self.field(), operator, object).at(origin);
        Ok(test.into())
    }

    pub(super) fn field_reference(
        &self,
        scope: &Scope<'_, '_>,
        value: &Value,
        origin: Origin,
    ) -> Result<Condition, Refusal> {
        let Some(name) = value.as_str().filter(|name| !name.is_empty()) else {
            return Err(wrong("`fieldref` requires the name of a field"));
        };
        let other = Term::Field(sigma::path_of(scope.map, name));
        let object = Object::Term(Shared::new(other));
        let (starts, ends) = (
            self.key.has(Modifier::StartsWith),
            self.key.has(Modifier::EndsWith),
        );
        let operator = match (starts, ends) {
            _ if self.key.has(Modifier::Contains) => Operator::Contains,
            (true, true) => Operator::Contains,
            (true, false) => Operator::StartsWith,
            (false, true) => Operator::EndsWith,
            (false, false) => Operator::Equals,
        };
        Ok(self.test(self.field(), operator, object, origin))
    }

    /// A number that a part of the point in time has to be.
    pub(super) fn time_part(
        &self,
        part: TimePart,
        value: &Value,
        origin: Origin,
    ) -> Result<Condition, Refusal> {
        let Some(number) = value.as_i64() else {
            let name = part.modifier();
            return Err(wrong(format!("`{name}` requires a whole number")));
        };
        let moment = Term::call(Function::ReadMoment, [self.field()]);
        let part = Term::call(Function::MomentPart, [Term::text(part.part()), moment]);
        let object = Object::List(vec![Literal::Integer(number)]);
        Ok(Predicate::new(part, Operator::In, object).at(origin).into())
    }
}

fn wrong(message: impl Into<String>) -> Refusal {
    (Code::SigmaModifier, message.into()).into()
}

/// The flags that a regular expression starts with, as far as the IR has them beside the pattern, and the rest.
fn leading_flags(pattern: &str) -> (&str, &str) {
    let flags = pattern
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'));
    match flags {
        Some((flags, rest))
            if !flags.is_empty() && flags.chars().all(|flag| "ims".contains(flag)) =>
        {
            (flags, rest)
        }
        _ => ("", pattern),
    }
}
