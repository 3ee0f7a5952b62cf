//! Functions of IP addresses. A text that is no address makes them null, which a filter drops under `not` too.

use super::super::value::{Kind, Lowered, Truth, Value, test};
use super::{Called, Obstacle, logic};
use crate::ir::{Condition, Literal, Operator, Term};

/// The networks that `ipv4_is_private` knows.
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

impl Called<'_, '_> {
    /// The value, if the function is one of these.
    pub(super) fn address(&self) -> Option<Lowered<Value>> {
        Some(match self.name {
            "parse_ipv4" => self.parsed_address(false),
            "parse_ipv6" => self.parsed_address(true),
            "ipv4_is_private" => self.in_networks(0, &PRIVATE.map(str::to_owned), false),
            "ipv4_is_in_range" | "ipv4_is_match" => self.in_range(false),
            "ipv6_is_in_range" | "ipv6_is_match" => self.in_range(true),
            "ipv4_is_in_any_range" => self.in_any_range(false),
            "ipv6_is_in_any_range" => self.in_any_range(true),
            _ => return None,
        })
    }

    fn parsed_address(&self, v6: bool) -> Lowered<Value> {
        match self.text_at(0)? {
            Value::Scalar(subject) => Ok(Value::Address { v6, subject }),
            _ => self.obstacle("the number of an address is not a value of the IR"),
        }
    }

    fn in_range(&self, v6: bool) -> Lowered<Value> {
        if self.count() > 2 {
            return self.obstacle("a prefix length of its own has no counterpart");
        }
        let network = self.constant_text(1)?;
        self.in_networks(0, &[network], v6)
    }

    fn in_any_range(&self, v6: bool) -> Lowered<Value> {
        let mut networks = Vec::new();
        for at in 1..self.count() {
            match self
                .value(at)?
                .as_constant()
                .map(|constant| constant.literal.clone())
            {
                Some(Literal::Text(network)) => networks.push(network),
                Some(Literal::List(items)) => {
                    networks.extend(items.iter().filter_map(Literal::as_text).map(str::to_owned));
                }
                _ => return self.obstacle("the networks must be constant"),
            }
        }
        self.in_networks(0, &networks, v6)
    }

    fn in_networks(&self, at: usize, networks: &[String], v6: bool) -> Lowered<Value> {
        let valid = |network: &String| {
            network.parse::<ipnet::IpNet>().is_ok() || network.parse::<std::net::IpAddr>().is_ok()
        };
        if let Some(network) = networks.iter().find(|network| !valid(network)) {
            let message = format!("`{network}` is not a network");
            return Err(Obstacle::new(self.range, message).coded(crate::diagnostic::Code::KqlType));
        }
        match self.text_at(at)? {
            Value::Scalar(scalar) if scalar.kind == Kind::Text => {
                let networks: Vec<&str> = networks.iter().map(String::as_str).collect();
                let holds = logic::texts(scalar.term.clone(), Operator::InNetwork, &networks);
                let fails = is_address(scalar.term, v6).and(holds.clone().negate());
                Ok(Value::Truth(Truth::partial(holds, fails)))
            }
            _ => self.obstacle("only an address of the event is looked up in networks"),
        }
    }
}

/// Whether the text is an address: of version 4, or of any version where an IPv6 address is asked for.
pub(super) fn is_address(term: Term, v6: bool) -> Condition {
    let address = test(term.clone(), Operator::IsIpAddress);
    if v6 {
        address
    } else {
        address.and(logic::texts(term, Operator::Contains, &[":"]).negate())
    }
}
