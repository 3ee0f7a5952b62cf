//! `ipaddress`: texts of the event that spell addresses and networks.
//!
//! An address is the text that spells it; what is asked of it becomes a test of that text against networks. A network is its
//! first and its last address, which are one where the text is an address alone. The ranges are those of Python 3.11.
//! Refused: what does not exist here (packed forms, hosts), and networks whose bounds are computed.

use std::net::IpAddr;

use ipnet::IpNet;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Data, Value};
use super::{Executor, Outcome, logic};
use crate::ir::compute::address;
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

const EVERY_IPV4: &str = "0.0.0.0/0";
const EVERY_IPV6: &str = "::/0";
/// Shared by carriers: neither private nor global.
const SHARED: &[&str] = &["100.64.0.0/10"];
const PRIVATE_IPV4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.0.170/31",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
];
const PRIVATE_IPV6: &[&str] = &[
    "::1/128",
    "::/128",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
];
/// Addresses that hold an IPv4 address: private as a network, and as an address where the IPv4 address is.
const MAPPED: &str = "::ffff:0:0/96";
/// Python's ranges up to these are unassigned.
const RESERVED: &[&str] = &[
    "240.0.0.0/4",
    "::/8",
    "100::/8",
    "200::/7",
    "400::/6",
    "800::/5",
    "1000::/4",
    "4000::/3",
    "6000::/3",
    "8000::/3",
    "a000::/3",
    "c000::/3",
    "e000::/4",
    "f000::/5",
    "f800::/6",
    "fe00::/9",
];

/// The attributes of addresses and networks that are read.
pub(super) const PROPERTIES: &[&str] = &[
    "broadcast_address",
    "compressed",
    "is_global",
    "is_link_local",
    "is_loopback",
    "is_multicast",
    "is_private",
    "is_reserved",
    "is_site_local",
    "is_unspecified",
    "max_prefixlen",
    "network_address",
    "version",
];

/// The networks in which an address or a network has the property.
fn networks(property: &str, of_network: bool) -> Option<Vec<String>> {
    let own = |networks: &[&str]| networks.iter().map(|&network| network.to_owned()).collect();
    Some(match property {
        "is_link_local" => own(&["169.254.0.0/16", "fe80::/10"]),
        "is_loopback" => own(&["127.0.0.0/8", "::1/128"]),
        "is_multicast" => own(&["224.0.0.0/4", "ff00::/8"]),
        "is_reserved" => own(RESERVED),
        "is_site_local" => own(&["fec0::/10"]),
        "is_unspecified" => own(&["0.0.0.0/32", "::/128"]),
        "is_private" => {
            let mut all: Vec<String> = own(PRIVATE_IPV4);
            all.extend(PRIVATE_IPV6.iter().map(|&network| network.to_owned()));
            if of_network {
                all.push(MAPPED.to_owned());
            } else {
                all.extend(PRIVATE_IPV4.iter().filter_map(|network| mapped(network)));
            }
            all
        }
        _ => return None,
    })
}

/// The network of the IPv6 addresses that hold the addresses of an IPv4 network.
fn mapped(network: &str) -> Option<String> {
    let IpNet::V4(network) = network.parse().ok()? else {
        return None;
    };
    let bits = network.prefix_len() + 96;
    Some(format!("{}/{bits}", network.network().to_ipv6_mapped()))
}

impl<'m> Executor<'m> {
    /// `ipaddress.ip_address(value)`, or `IPv4Address` and `IPv6Address` of one.
    fn address(
        &mut self,
        version: Option<&'static str>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(value) = arguments.get(0, "address") else {
            return self.raise(Exception::TYPE);
        };
        self.each(value, &mut |this, value| match value {
            Value::Data(data) => this.address_of_data(version, data),
            Value::Constant(Literal::Text(text)) => match address::parse(&text) {
                Some((found, _)) if version.is_none_or(|every| holds(every, found)) => {
                    Ok(Value::Address(Term::text(text)))
                }
                _ => this.raise(Exception::VALUE),
            },
            Value::Constant(Literal::Null) => this.raise(Exception::VALUE),
            other => this.refuse(format!(
                "an address of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    fn address_of_data(&mut self, version: Option<&'static str>, data: Data) -> Outcome<Value<'m>> {
        let spelled = match version {
            None => self.test(data.term.clone(), Operator::IsIpAddress, Object::None),
            Some(every) => self.in_networks(&data.term, vec![every.to_owned()]),
        };
        let valid = match data.kind {
            Some(Kind::Text) => spelled,
            Some(_) => return self.refuse("an address must be spelled by a text here"),
            None => spelled.or(self.is_number_of_address(&data, version)),
        };
        self.raise_if(valid.negate(), Exception::VALUE)?;
        Ok(Value::Address(data.term))
    }

    /// Whether the value is a whole number or a truth value that Python takes for an address.
    fn is_number_of_address(&self, data: &Data, version: Option<&str>) -> Condition {
        let bound = |operator, number| {
            let number = Object::Literal(Literal::Integer(number));
            self.implied(data.term.clone(), operator, number)
        };
        let whole = Object::Kinds(vec![Kind::Integer]);
        let whole = self.implied(data.term.clone(), Operator::IsKind, whole);
        let mut number = whole.and(bound(Operator::AtLeast, 0));
        if version == Some(EVERY_IPV4) {
            number = number.and(bound(Operator::AtMost, i64::from(u32::MAX)));
        }
        number.or(self.is_kind(data, &[Kind::Boolean]))
    }

    /// The address of a number is not computed: using it counts as an exception.
    pub(super) fn spelled_address(&mut self, term: &Term) -> Outcome<()> {
        if matches!(term, Term::Literal(_)) {
            return Ok(());
        }
        let text = Object::Kinds(vec![Kind::Text]);
        let text = self.implied(term.clone(), Operator::IsKind, text);
        let text = self.known(text);
        if text.as_constant() != Some(true) {
            self.remark("a number in place of this address counts as an exception");
            self.raise_if(text.negate(), Exception::UNKNOWN)?;
        }
        Ok(())
    }

    /// A call of the address module's function or class of this name.
    pub(super) fn address_or_network(
        &mut self,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "ip_address" | "IPv4Address" | "IPv6Address" => self.address(every(name), arguments),
            "ip_network" | "IPv4Network" | "IPv6Network" => self.network(every(name), arguments),
            _ => self.refuse(format!("`ipaddress.{name}()` is not read")),
        }
    }

    /// `ipaddress.ip_network(value, strict)`.
    fn network(&mut self, every: Option<&str>, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let loose = match arguments.get(1, "strict") {
            None | Some(Value::Constant(Literal::Boolean(true))) => false,
            Some(Value::Constant(Literal::Boolean(false))) => true,
            Some(_) => return self.refuse("`strict` must be known"),
        };
        let Some(value) = arguments.get(0, "address") else {
            return self.raise(Exception::TYPE);
        };
        if every.is_some() && self.is_handled() {
            return self.refuse("which exception this network raises cannot be expressed");
        }
        let network = self.each(value, &mut |this, value| match value {
            Value::Data(data) => this.network_of_data(data, loose),
            network @ Value::Network { .. } => Ok(network),
            Value::Constant(Literal::Text(text)) => match address::network(&text, loose) {
                Some((first, bits)) => this.known_network(first, bits),
                None => this.raise(Exception::VALUE),
            },
            Value::Constant(Literal::Null) => this.raise(Exception::VALUE),
            other => this.refuse(format!(
                "a network of {} cannot be expressed",
                other.type_name()
            )),
        })?;
        let Some(every) = every else {
            return Ok(network);
        };
        self.each(network, &mut |this, network| {
            if let Value::Network { first, .. } = &network {
                let of_version = this.in_networks(first, vec![every.to_owned()]);
                this.raise_if(of_version.negate(), Exception::VALUE)?;
            }
            Ok(network)
        })
    }

    /// `a == b` of networks: from the same first to the same last address.
    pub(super) fn equal_networks(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        let mut result = Condition::TRUE;
        for (a, b) in ends(a).into_iter().zip(ends(b)) {
            let [a, b] = [a, b].map(address_text);
            result = result.and(self.equal(&a, &b)?);
        }
        Ok(result)
    }

    fn known_network(&mut self, first: IpAddr, bits: u8) -> Outcome<Value<'m>> {
        match IpNet::new(first, bits) {
            Ok(network) => Ok(Value::Network {
                first: Term::text(first.to_string()),
                last: Term::text(network.broadcast().to_string()),
            }),
            Err(_) => self.raise(Exception::VALUE),
        }
    }

    fn network_of_data(&mut self, data: Data, loose: bool) -> Outcome<Value<'m>> {
        let mut arguments = vec![data.term.clone()];
        if loose {
            arguments.push(Term::Literal(Literal::Boolean(true)));
        }
        let bound = |function| Term::call(function, arguments.clone());
        let (first, last) = (bound(Function::FirstAddress), bound(Function::LastAddress));
        let single = self.test(data.term.clone(), Operator::IsIpAddress, Object::None);
        let several = self.implied(first.clone(), Operator::Exists, Object::None);
        self.spelled_network(&data)?;
        let valid = single.clone().or(several);
        self.raise_if(valid.negate(), Exception::VALUE)?;
        let alone = Value::Network {
            first: data.term.clone(),
            last: data.term,
        };
        Ok(Value::choose(
            vec![(single, alone)],
            Value::Network { first, last },
        ))
    }

    fn spelled_network(&mut self, data: &Data) -> Outcome<()> {
        let number = self.is_number_of_address(data, None);
        let number = self.known(number);
        if data.kind.is_none() && number.as_constant() != Some(false) {
            self.remark("a number in place of this network counts as an exception");
            self.raise_if(number, Exception::UNKNOWN)?;
        }
        Ok(())
    }

    /// Whether the text spells an address in one of the networks.
    fn in_networks(&self, text: &Term, networks: Vec<String>) -> Condition {
        if let Term::Literal(Literal::Text(text)) = text {
            let found = address::parse(text).map(|(found, _)| found);
            let held = found.is_some_and(|found| networks.iter().any(|every| holds(every, found)));
            return Condition::constant(held);
        }
        self.test(text.clone(), Operator::InNetwork, Object::Texts(networks))
    }

    /// Whether every address from `first` to `last` is in one and the same of the networks.
    fn span_in(&self, first: &Term, last: &Term, networks: Vec<String>) -> Condition {
        if first == last {
            return self.in_networks(first, networks);
        }
        logic::any(networks.into_iter().map(|network| {
            let first = self.in_networks(first, vec![network.clone()]);
            first.and(self.in_networks(last, vec![network]))
        }))
    }

    /// `address.name`.
    pub(super) fn address_property(&mut self, term: &Term, name: &str) -> Outcome<Value<'m>> {
        self.spelled_address(term)?;
        match name {
            "is_global" => {
                let mut local = networks("is_private", false).unwrap_or_default();
                local.extend(SHARED.iter().map(|&network| network.to_owned()));
                Ok(Value::truth(self.in_networks(term, local).negate()))
            }
            "version" => Ok(self.by_version(term, 4, 6)),
            "max_prefixlen" => Ok(self.by_version(term, 32, 128)),
            "compressed" => Ok(address_text(term)),
            "is_site_local" => {
                let old = self.in_networks(term, vec![EVERY_IPV4.to_owned()]);
                self.raise_if(old, Exception::ATTRIBUTE)?;
                let local = networks(name, false).unwrap_or_default();
                Ok(Value::truth(self.in_networks(term, local)))
            }
            _ => match networks(name, false) {
                Some(networks) => Ok(Value::truth(self.in_networks(term, networks))),
                None => self.raise(Exception::ATTRIBUTE),
            },
        }
    }

    /// `network.name`.
    pub(super) fn network_property(
        &mut self,
        first: &Term,
        last: &Term,
        name: &str,
    ) -> Outcome<Value<'m>> {
        match name {
            "network_address" => Ok(Value::Address(first.clone())),
            "broadcast_address" => Ok(Value::Address(last.clone())),
            "version" => Ok(self.by_version(first, 4, 6)),
            "max_prefixlen" => Ok(self.by_version(first, 32, 128)),
            "is_global" => {
                let private = networks("is_private", true).unwrap_or_default();
                let private = self.span_in(first, last, private);
                let shared = SHARED.iter().map(|&network| network.to_owned()).collect();
                let shared = self.span_in(first, last, shared);
                Ok(Value::truth(private.or(shared).negate()))
            }
            "is_private" | "is_link_local" | "is_loopback" | "is_multicast" | "is_reserved"
            | "is_unspecified" => {
                let networks = networks(name, true).unwrap_or_default();
                Ok(Value::truth(self.span_in(first, last, networks)))
            }
            _ => self.refuse(format!("`.{name}` of a network cannot be expressed")),
        }
    }

    fn by_version(&self, term: &Term, old: i64, new: i64) -> Value<'m> {
        let number = |number| Value::Constant(Literal::Integer(number));
        let is_old = self.in_networks(term, vec![EVERY_IPV4.to_owned()]);
        Value::choose(vec![(is_old, number(old))], number(new))
    }

    /// `address in network`.
    pub(super) fn address_in_network(
        &mut self,
        term: &Term,
        first: &Term,
        last: &Term,
    ) -> Outcome<Condition> {
        match cidr(first, last) {
            Some(network) => {
                self.spelled_address(term)?;
                Ok(self.in_networks(term, vec![network]))
            }
            None => self.refuse("an address in a network of event data cannot be expressed"),
        }
    }

    /// `address == address`.
    pub(super) fn equal_addresses(&mut self, a: &Term, b: &Term) -> Outcome<Condition> {
        self.spelled_address(a)?;
        self.spelled_address(b)?;
        let (a, b) = (address_text(a), address_text(b));
        self.equal(&a, &b)
    }

    /// `network.subnet_of(other)`.
    pub(super) fn network_method(
        &mut self,
        (first, last): (&Term, &Term),
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let ("subnet_of" | "supernet_of", [other]) = (name, arguments.positional.as_slice()) else {
            return self.refuse(format!("`.{name}()` of a network cannot be expressed here"));
        };
        let (first, last) = (first.clone(), last.clone());
        self.each(other.clone(), &mut |this, other| {
            let Value::Network {
                first: other_first,
                last: other_last,
            } = other
            else {
                return this.raise(Exception::TYPE);
            };
            if name == "subnet_of" {
                this.subnet((&first, &last), cidr(&other_first, &other_last))
            } else {
                this.subnet((&other_first, &other_last), cidr(&first, &last))
            }
        })
    }

    fn subnet(
        &mut self,
        (first, last): (&Term, &Term),
        outer: Option<String>,
    ) -> Outcome<Value<'m>> {
        let Some(outer) = outer else {
            return self.refuse("a network within one of event data cannot be expressed");
        };
        let every = if outer.contains(':') {
            EVERY_IPV6
        } else {
            EVERY_IPV4
        };
        let same_version = self.in_networks(first, vec![every.to_owned()]);
        self.raise_if(same_version.negate(), Exception::TYPE)?;
        Ok(Value::truth(self.span_in(first, last, vec![outer])))
    }
}

/// `str(address)`.
pub(super) fn address_text<'m>(term: &Term) -> Value<'m> {
    match term.as_literal().and_then(Literal::as_text) {
        Some(text) => Value::text(address::shortest(text).unwrap_or_default()),
        None => Value::computed(Term::call(Function::Address, [term.clone()]), Kind::Text),
    }
}

/// The network of all addresses of the version that the class is of; nothing where it is of both.
fn every(class: &str) -> Option<&'static str> {
    if class.starts_with("IPv4") {
        Some(EVERY_IPV4)
    } else {
        class.starts_with("IPv6").then_some(EVERY_IPV6)
    }
}

/// The first and the last address of a network.
fn ends<'v>(network: &'v Value<'_>) -> Vec<&'v Term> {
    match network {
        Value::Network { first, last } => vec![first, last],
        _ => Vec::new(),
    }
}

/// The network between two known addresses.
fn cidr(first: &Term, last: &Term) -> Option<String> {
    let known = |term: &Term| -> Option<IpAddr> { term.as_literal()?.as_text()?.parse().ok() };
    let (first, last) = (known(first)?, known(last)?);
    let bits = match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            (u32::from(first) ^ u32::from(last)).leading_zeros()
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            (u128::from(first) ^ u128::from(last)).leading_zeros()
        }
        _ => return None,
    };
    Some(format!("{first}/{bits}"))
}

fn holds(network: &str, address: IpAddr) -> bool {
    network
        .parse::<IpNet>()
        .is_ok_and(|network| network.contains(&address))
}
