//! Values that a modifier gives a type: regular expressions, networks, numbers to compare with, names of fields.

use ipnet::IpNet;
use serde_json::Value;

use super::item::{Item, Refusal};
use super::modifier::Modifier;
use super::scope::Scope;
use crate::diagnostic::Code;
use crate::ir::{Condition, Literal, Object, Operator, Origin, Predicate, Shared, Term};
use crate::schema::sigma;

impl Item {
    pub(super) fn regex(&self, value: &Value, origin: Origin) -> Result<Condition, Refusal> {
        let Value::String(pattern) = value else {
            return Err((
                Code::SigmaModifier,
                "`re` requires a regular expression".into(),
            ));
        };
        let (inline, pattern) = leading_flags(pattern);
        let flags = |wanted: char| inline.contains(wanted) || self.key.has(Modifier::Flag(wanted));
        let kept: String = ['m', 's'].into_iter().filter(|flag| flags(*flag)).collect();
        let pattern = if kept.is_empty() {
            pattern.to_owned()
        } else {
            format!("(?{kept}){pattern}")
        };
        if let Err(error) = regex::Regex::new(&pattern) {
            let error = error.to_string();
            let reason = error
                .lines()
                .last()
                .unwrap_or("")
                .trim_start_matches("error: ");
            let message = format!("the regular expression has no counterpart in the IR: {reason}");
            return Err((Code::SigmaUnsupported, message));
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
            Err(_) => Err((
                Code::SigmaModifier,
                "`cidr` requires a network such as `10.0.0.0/8`".into(),
            )),
        }
    }

    pub(super) fn exists(&self, value: &Value, origin: Origin) -> Result<Condition, Refusal> {
        let Value::Bool(wanted) = value else {
            return Err((
                Code::SigmaModifier,
                "`exists` requires `true` or `false`".into(),
            ));
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
            return Err((
                Code::SigmaModifier,
                "the comparison requires a number".into(),
            ));
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
            return Err((
                Code::SigmaModifier,
                "`fieldref` requires the name of a field".into(),
            ));
        };
        let other = Term::Field(sigma::path_of(scope.map, name));
        Ok(self.test(
            self.field(),
            Operator::Equals,
            Object::Term(Shared::new(other)),
            origin,
        ))
    }
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
