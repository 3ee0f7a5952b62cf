//! IP addresses and networks as texts.
//!
//! An IPv6 address may carry a scope after a `%`. A network is an address, alone or with the number of its fixed bits, its
//! netmask or its host mask after a `/`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

/// The address that a text spells, and its scope.
pub fn parse(text: &str) -> Option<(IpAddr, Option<&str>)> {
    let Some((address, scope)) = text.split_once('%') else {
        return Some((text.parse().ok()?, None));
    };
    if scope.is_empty() || scope.contains('%') {
        return None;
    }
    Some((IpAddr::V6(address.parse::<Ipv6Addr>().ok()?), Some(scope)))
}

/// The address in its shortest form.
pub fn shortest(text: &str) -> Option<String> {
    let (address, scope) = parse(text)?;
    let short = shown(address);
    Some(match scope {
        Some(scope) => format!("{short}%{scope}"),
        None => short,
    })
}

/// The address in its shortest form; one that holds an IPv4 address is written in groups of digits like any other.
fn shown(address: IpAddr) -> String {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(_) => {
                let groups = v6.segments();
                format!("::ffff:{:x}:{:x}", groups[6], groups[7])
            }
            None => v6.to_string(),
        },
        IpAddr::V4(v4) => v4.to_string(),
    }
}

/// The network that a text spells: its first address and the number of its fixed bits. Bits after these are cut off where
/// `loose`, else there is no network that has them.
pub fn network(text: &str, loose: bool) -> Option<(IpAddr, u8)> {
    let (address, mask) = text.split_once('/').unzip();
    let (address, _) = parse(address.unwrap_or(text))?;
    let bits = match mask {
        Some(mask) => fixed_bits(address, mask)?,
        None if address.is_ipv4() => 32,
        None => 128,
    };
    let network = ipnet::IpNet::new(address, bits).ok()?;
    (loose || network.network() == address).then(|| (network.network(), bits))
}

fn fixed_bits(address: IpAddr, mask: &str) -> Option<u8> {
    let digits = !mask.is_empty() && mask.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        let bits: u8 = mask.parse().ok()?;
        return (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some(bits);
    }
    if address.is_ipv6() {
        return None;
    }
    let mask = u32::from(mask.parse::<Ipv4Addr>().ok()?);
    let ones = |mask: u32| {
        let bits = mask.leading_ones();
        (bits + mask.trailing_zeros() >= 32).then_some(bits)
    };
    ones(mask)
        .or_else(|| ones(!mask))
        .and_then(|bits| u8::try_from(bits).ok())
}

fn loose(flag: Option<&Value>) -> bool {
    flag == Some(&Value::Bool(true))
}

/// The first address of the network that a text spells.
pub(super) fn first_address(text: &str, flag: Option<&Value>) -> Option<Value> {
    let (first, _) = network(text, loose(flag))?;
    Some(shown(first).into())
}

/// The last address of the network that a text spells.
pub(super) fn last_address(text: &str, flag: Option<&Value>) -> Option<Value> {
    let (first, bits) = network(text, loose(flag))?;
    let network = ipnet::IpNet::new(first, bits).ok()?;
    Some(shown(network.broadcast()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_pythons() {
        for (text, expected) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("::FFFF:1.2.3.4", Some("::ffff:102:304")),
            ("::1.2.3.4", Some("::102:304")),
            ("1:0:0:2:0:0:0:3%eth0", Some("1:0:0:2::3%eth0")),
            ("1:0:2:3:4:5:6:7", Some("1:0:2:3:4:5:6:7")),
            ("01.2.3.4", None),
            ("1.2.3.4/8", None),
            ("1.2.3.4%a", None),
            (" ::1", None),
        ] {
            assert_eq!(shortest(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn networks_are_pythons() {
        for (text, loose, expected) in [
            ("10.0.0.0/8", false, Some(("10.0.0.0", 8))),
            ("10.0.0.1/8", false, None),
            ("10.0.0.1/8", true, Some(("10.0.0.0", 8))),
            ("10.0.0.1", false, Some(("10.0.0.1", 32))),
            ("10.0.0.0/255.255.0.0", false, Some(("10.0.0.0", 16))),
            ("10.0.0.0/0.255.255.255", false, Some(("10.0.0.0", 8))),
            ("10.0.0.0/255.0.255.0", false, None),
            ("10.0.0.0/33", false, None),
            ("10.0.0.0/", false, None),
            ("10.0.0.0/+8", false, None),
            ("10.0.0.0/08", false, Some(("10.0.0.0", 8))),
            ("2001:db8::/32", false, Some(("2001:db8::", 32))),
            ("2001:db8::/ffff::", false, None),
            ("a/b/c", false, None),
        ] {
            let found = network(text, loose).map(|(first, bits)| (first.to_string(), bits));
            let found = found.as_ref().map(|(first, bits)| (first.as_str(), *bits));
            assert_eq!(found, expected, "{text}");
        }
    }
}
