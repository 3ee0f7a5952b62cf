//! The conditions of a match expression: a field, the condition's name and what it is compared with, to an IR condition.
//!
//! Every condition is two-valued, a missing field counting as `null`. The positive conditions say no to it, except `IsNull`,
//! `IsNullOrEmpty` and `DoesNotExist`; a negation (`DoesNotEqual`, `IsNotIn`, ...) says the opposite of what it negates, so yes.
//! `IsNullOrEmpty` is Python's falsehood (`false` and `0` count). Refused: names that are not of the table, and operands that
//! the condition does not take.

use super::network::{PRIVATE, SHARED};
use crate::ir::{
    Condition, FieldPath, Function, Kind, Literal, Object, Operator, Origin, Predicate, Quantifier,
    Shared, Term,
};

/// What a condition asks, without its negation and its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
    GreaterThan,
    AtLeast,
    LessThan,
    AtMost,
    In,
    Exists,
    Present,
    Truthy,
    Address,
    AddressV4,
    AddressV6,
    Public,
    Private,
    InNetwork,
    Always,
}

/// A condition by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// What it asks.
    pub(super) check: Check,
    negated: bool,
    ignore_case: bool,
}

/// What a condition is compared with.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// Nothing.
    Nothing,
    /// `Value`.
    One(Literal),
    /// `Values`.
    Many(Vec<Literal>),
    /// The second of two fields.
    Field(Term),
}

/// The conditions on texts, which also exist with an `I` for any case: name, negation, meaning.
const TEXTS: &[(&str, &str, Check)] = &[
    ("Equals", "DoesNotEqual", Check::Equals),
    ("Contains", "DoesNotContain", Check::Contains),
    ("Has", "DoesNotHave", Check::Contains),
    ("StartsWith", "DoesNotStartWith", Check::StartsWith),
    ("EndsWith", "DoesNotEndWith", Check::EndsWith),
];

/// The others: name, meaning, whether it is negated.
const OTHERS: &[(&str, Check, bool)] = &[
    ("IsGreaterThan", Check::GreaterThan, false),
    ("IsGreaterThanOrEquals", Check::AtLeast, false),
    ("IsGreaterThanOrEqual", Check::AtLeast, false),
    ("IsLessThan", Check::LessThan, false),
    ("IsLessThanOrEquals", Check::AtMost, false),
    ("IsLessThanOrEqual", Check::AtMost, false),
    ("IsIn", Check::In, false),
    ("IsNotIn", Check::In, true),
    ("Exists", Check::Exists, false),
    ("DoesNotExist", Check::Exists, true),
    ("IsNotNull", Check::Present, false),
    ("IsNull", Check::Present, true),
    ("IsNotNullOrEmpty", Check::Truthy, false),
    ("IsNullOrEmpty", Check::Truthy, true),
    ("IsIPAddress", Check::Address, false),
    ("IsIPv4Address", Check::AddressV4, false),
    ("IsIPv6Address", Check::AddressV6, false),
    ("IsIPAddressPublic", Check::Public, false),
    ("IsIPAddressPrivate", Check::Private, false),
    ("IsIPAddressInCIDR", Check::InNetwork, false),
    ("AlwaysTrue", Check::Always, false),
    ("AlwaysFalse", Check::Always, true),
];

/// The condition with this name.
pub(super) fn named(name: &str) -> Option<Named> {
    if let Some((_, check, negated)) = OTHERS.iter().find(|(known, ..)| *known == name) {
        return Some(Named {
            check: *check,
            negated: *negated,
            ignore_case: false,
        });
    }
    // `IDoesNotEqual` and `DoesNotIEqual` are both in use.
    let inner = name
        .strip_prefix("DoesNotI")
        .map(|rest| format!("DoesNot{rest}"));
    let any_case = inner.as_deref().or_else(|| name.strip_prefix('I'));
    [(Some(name), false), (any_case, true)]
        .into_iter()
        .find_map(|(name, ignore_case)| {
            let name = name?;
            let (positive, _, check) = TEXTS
                .iter()
                .find(|(positive, negative, _)| [*positive, *negative].contains(&name))?;
            Some(Named {
                check: *check,
                negated: name != *positive,
                ignore_case,
            })
        })
}

impl Named {
    /// The condition on the field. The error says what is required.
    pub(super) fn on(
        self,
        subject: &Term,
        operand: Operand,
        origin: Origin,
    ) -> Result<Condition, String> {
        let asked = Asked {
            subject,
            ignore_case: self.ignore_case,
            origin,
        };
        let positive = match operand {
            Operand::Nothing => asked.alone(self.check),
            // `IsIPAddress: true` is the condition itself.
            Operand::One(Literal::Boolean(true)) if self.check.takes_nothing() => {
                asked.alone(self.check)
            }
            Operand::One(literal) => asked.with(self.check, literal),
            Operand::Many(literals) => asked.among(self.check, literals),
            Operand::Field(other) => asked.between(self.check, &other),
        }?;
        Ok(if self.negated {
            positive.negate()
        } else {
            positive
        })
    }

    /// The truth value of a condition that asks nothing of the event.
    pub(super) fn constant(self) -> Option<bool> {
        (self.check == Check::Always).then_some(!self.negated)
    }
}

impl Check {
    fn takes_nothing(self) -> bool {
        matches!(
            self,
            Self::Exists
                | Self::Present
                | Self::Truthy
                | Self::Address
                | Self::AddressV4
                | Self::AddressV6
                | Self::Public
                | Self::Private
        )
    }

    /// The operator that compares in order.
    fn ordering(self) -> Option<Operator> {
        match self {
            Self::GreaterThan => Some(Operator::GreaterThan),
            Self::AtLeast => Some(Operator::AtLeast),
            Self::LessThan => Some(Operator::LessThan),
            Self::AtMost => Some(Operator::AtMost),
            _ => None,
        }
    }
}

/// A field that is asked.
struct Asked<'t> {
    subject: &'t Term,
    ignore_case: bool,
    origin: Origin,
}

impl Asked<'_> {
    fn test(&self, operator: Operator, object: Object) -> Condition {
        let predicate = Predicate::new(self.subject.clone(), operator, object).at(self.origin);
        if self.ignore_case && operator.info().has_case {
            predicate.ignore_case().into()
        } else {
            predicate.into()
        }
    }

    fn networks(&self, networks: &[&str]) -> Condition {
        let networks = networks.iter().map(|network| (*network).to_owned());
        self.test(Operator::InNetwork, Object::Texts(networks.collect()))
    }

    /// A condition that takes no value.
    fn alone(&self, check: Check) -> Result<Condition, String> {
        let is = |operator| self.test(operator, Object::None);
        // The text of an IPv6 address has a colon, that of an IPv4 address none.
        let colon = || self.test(Operator::Contains, Object::Texts(vec![":".to_owned()]));
        match check {
            Check::Exists => Ok(is(Operator::Exists)),
            Check::Present => Ok(is(Operator::IsPresent)),
            Check::Truthy => Ok(is(Operator::IsTruthy)),
            Check::Address => Ok(is(Operator::IsIpAddress)),
            Check::AddressV4 => Ok(is(Operator::IsIpAddress).and(colon().negate())),
            Check::AddressV6 => Ok(is(Operator::IsIpAddress).and(colon())),
            Check::Private => Ok(self.networks(PRIVATE)),
            Check::Public => Ok(is(Operator::IsIpAddress)
                .and(self.networks(PRIVATE).negate())
                .and(self.networks(SHARED).negate())),
            Check::In => Err("this condition takes `Values`, a list of constants".to_owned()),
            _ => Err("this condition takes a `Value`".to_owned()),
        }
    }

    /// A condition on one constant.
    fn with(&self, check: Check, literal: Literal) -> Result<Condition, String> {
        if let Some(operator) = check.ordering() {
            return match literal {
                Literal::Integer(_) | Literal::Float(_) | Literal::Text(_) => {
                    Ok(self.test(operator, Object::Literal(literal)))
                }
                _ => Err("this condition takes a number".to_owned()),
            };
        }
        if self.ignore_case && literal.as_text().is_none() {
            return Err("a condition in any case takes a text".to_owned());
        }
        let text = |operator: Operator| match &literal {
            Literal::Text(text) => Ok(self.test(operator, Object::Texts(vec![text.clone()]))),
            _ => Err("this condition takes a text".to_owned()),
        };
        match check {
            Check::Equals => Ok(self.test(Operator::Equals, Object::Literal(literal))),
            Check::StartsWith => text(Operator::StartsWith),
            Check::EndsWith => text(Operator::EndsWith),
            Check::Contains => {
                let part = text(Operator::Contains).unwrap_or(Condition::FALSE);
                Ok(part.or(self.has_item(Object::Literal(literal))))
            }
            Check::InNetwork => self.in_networks(vec![literal]),
            Check::In => Err("this condition takes `Values`, a list of constants".to_owned()),
            check if check.takes_nothing() => {
                Err("this condition takes no `Value` but `true`".to_owned())
            }
            _ => Err("this condition takes no `Value`".to_owned()),
        }
    }

    /// A condition on several constants.
    fn among(&self, check: Check, literals: Vec<Literal>) -> Result<Condition, String> {
        match check {
            Check::In => Ok(self.test(Operator::In, Object::List(literals))),
            Check::InNetwork => self.in_networks(literals),
            _ => Err("only `IsIn`, `IsNotIn` and `IsIPAddressInCIDR` take a list".to_owned()),
        }
    }

    fn in_networks(&self, literals: Vec<Literal>) -> Result<Condition, String> {
        let mut networks = Vec::new();
        for literal in literals {
            // Host bits may be set, as in Python with `strict=False`.
            let network = literal.as_text().and_then(|text| {
                let net = text.parse::<ipnet::IpNet>().map(|net| net.trunc());
                net.or_else(|_| text.parse::<std::net::IpAddr>().map(Into::into))
                    .ok()
            });
            let network = network.ok_or("a network must be written as `10.0.0.0/8`")?;
            networks.push(network.to_string());
        }
        Ok(self.test(Operator::InNetwork, Object::Texts(networks)))
    }

    /// Whether the field is a list with an item that equals the object.
    fn has_item(&self, object: Object) -> Condition {
        let item = Asked {
            subject: &Term::Item {
                depth: 0,
                path: FieldPath::root(),
            },
            ..*self
        };
        let some = Condition::Items {
            quantifier: Quantifier::Some,
            list: self.subject.clone().into(),
            body: Shared::new(item.test(Operator::Equals, object)),
        };
        self.guard(self.subject, Kind::List).and(some)
    }

    fn guard(&self, subject: &Term, kind: Kind) -> Condition {
        Predicate::new(subject.clone(), Operator::IsKind, Object::Kinds(vec![kind]))
            .implied()
            .at(self.origin)
            .into()
    }

    /// A condition on two fields.
    fn between(&self, check: Check, other: &Term) -> Result<Condition, String> {
        let object = || Object::Term(Shared::new(other.clone()));
        if let Some(operator) = check.ordering() {
            return Ok(self.test(operator, object()));
        }
        let there = |subject: &Term| -> Condition {
            Predicate::new(subject.clone(), Operator::IsPresent, Object::None)
                .at(self.origin)
                .into()
        };
        match check {
            Check::Equals => {
                // Two fields that are both missing are equal, as `None` is to `None`.
                let neither = there(self.subject).negate().and(there(other).negate());
                Ok(self.test(Operator::Equals, object()).or(neither))
            }
            Check::StartsWith => Ok(self.part(other, Term::Literal(Literal::Integer(0)))),
            Check::EndsWith => {
                let length = |term: &Term| Term::call(Function::Length, [term.clone()]);
                let start = [length(self.subject), length(other)];
                Ok(self.part(other, Term::call(Function::Subtract, start)))
            }
            _ => Err("this condition does not compare two fields".to_owned()),
        }
    }

    /// Whether the text from the position on, as long as the other text, is the other text.
    fn part(&self, other: &Term, start: Term) -> Condition {
        let length = Term::call(Function::Length, [other.clone()]);
        let part = Term::call(Function::Substring, [self.subject.clone(), start, length]);
        let asked = Asked {
            subject: &part,
            ..*self
        };
        let same = asked.test(Operator::Equals, Object::Term(Shared::new(other.clone())));
        self.guard(self.subject, Kind::Text)
            .and(self.guard(other, Kind::Text))
            .and(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &str, operand: Operand) -> Result<String, String> {
        let subject = Term::field(["f"]);
        let condition = named(name).unwrap().on(&subject, operand, Origin(None));
        condition.map(|condition| condition.to_string())
    }

    #[test]
    fn names_in_every_spelling() {
        let any_case = named("IDoesNotStartWith");
        assert_eq!(any_case, named("DoesNotIStartWith"));
        assert!(any_case.is_some());
        assert_ne!(any_case, named("DoesNotStartWith"));
        for name in ["", "I", "IsEqual", "IIsIn", "DoesNotI", "equals", "II"] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn operands_that_do_not_fit_are_errors() {
        let number = || Operand::One(Literal::Integer(1));
        let text = || Operand::One(Literal::text("x"));
        for (name, operand) in [
            ("Equals", Operand::Nothing),
            ("IEquals", number()),
            ("StartsWith", number()),
            ("IsIn", text()),
            ("Equals", Operand::Many(Vec::new())),
            ("Exists", text()),
            ("IsIPAddress", Operand::One(Literal::Boolean(false))),
            ("IsIPAddressInCIDR", text()),
            ("IsGreaterThan", Operand::One(Literal::Boolean(true))),
            ("Contains", Operand::Field(Term::field(["g"]))),
        ] {
            assert!(ask(name, operand).is_err(), "{name}");
        }
    }

    #[test]
    fn conditions_in_words() {
        let text = || Operand::One(Literal::text("x"));
        assert_eq!(
            ask("IDoesNotEqual", text()).unwrap(),
            "f not eq \"x\" (any case)"
        );
        assert_eq!(ask("IsNull", Operand::Nothing).unwrap(), "f not present");
        assert_eq!(
            ask("Has", text()).unwrap(),
            "f contains \"x\" or f is list and some item of f has (item eq \"x\")"
        );
        let network = Operand::One(Literal::text("10.1.2.3/8"));
        let written = ask("IsIPAddressInCIDR", network).unwrap();
        assert_eq!(written, "f cidr \"10.0.0.0/8\"");
    }
}
