//! Questions about the first and the last address of a network, where the field holds an address: both are the address.

use super::Types;
use crate::ir::{Condition, Function, Object, Operator, Predicate, Term};

impl Types<'_> {
    /// A question about an end of the network that an address is. A field that names an IP entity holds no network of several
    /// addresses: an address, or a name or a mark that is none.
    pub(super) fn of_network(&self, predicate: &Predicate) -> Option<Condition> {
        let Term::Call {
            function: Function::FirstAddress | Function::LastAddress,
            arguments,
        } = &predicate.subject
        else {
            return None;
        };
        let address = arguments.first().filter(|term| self.is_address(term))?;
        let is_address = Predicate {
            subject: address.clone(),
            operator: Operator::IsIpAddress,
            object: Object::None,
            ..predicate.clone()
        };
        match predicate.operator {
            Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy => {
                Some(is_address.into())
            }
            Operator::InNetwork if !matches!(predicate.object, Object::Term(_)) => Some(
                Predicate {
                    subject: address.clone(),
                    ..predicate.clone()
                }
                .into(),
            ),
            _ => None,
        }
    }

    fn is_address(&self, term: &Term) -> bool {
        let Some(path) = self.path(term) else {
            return false;
        };
        self.source.entities.iter().any(|(kind, identifiers)| {
            let is_named = |(name, field): &(String, _)| name == "Address" && *field == path;
            kind == "IP" && identifiers.iter().any(is_named)
        })
    }
}
