//! Functions of IP addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::Arguments;
use crate::ir::Function;

/// The private networks, as first address and fixed bits.
const PRIVATE: [(u32, u32); 3] = [(0x0a00_0000, 8), (0xac10_0000, 12), (0xc0a8_0000, 16)];

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    Some(match function {
        Function::AddressNumber => {
            let (address, bits) = v4(arguments.text(0)?)?;
            let most = limit(arguments, 1, 32)?;
            (address & mask4(bits.min(most))).into()
        }
        Function::LongAddress => {
            let (address, bits) = v6(arguments.text(0)?)?;
            let most = limit(arguments, 1, 128)?;
            let groups = Ipv6Addr::from(address & mask6(bits.min(most))).segments();
            groups.map(|group| format!("{group:04x}")).join(":").into()
        }
        Function::CompareNetworks => compare(arguments)?,
        Function::InNetworks => in_networks(arguments)?,
        Function::IsPrivateAddress => {
            let (address, bits) = v4(arguments.text(0)?)?;
            let inside =
                |(network, fixed): (u32, u32)| bits >= fixed && address & mask4(fixed) == network;
            PRIVATE.into_iter().any(inside).into()
        }
        Function::FixedBits => v4(arguments.text(0)?)?.1.into(),
        Function::NetworkText => network_text(arguments).unwrap_or_default().into(),
        Function::NetworksBetween => {
            networks_between(v4(arguments.text(0)?)?.0, v4(arguments.text(1)?)?.0)?
        }
        Function::HoldsAddress => holds_address(arguments)?.into(),
        _ => return None,
    })
}

/// How many bits an argument allows; nothing where they are too many.
fn limit(arguments: Arguments<'_>, at: usize, most: u32) -> Option<u32> {
    match arguments.0.get(at) {
        Some(_) => u32::try_from(arguments.whole(at)?)
            .ok()
            .filter(|bits| *bits <= most),
        None => Some(most),
    }
}

fn mask4(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0)
}

fn mask6(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0)
}

/// The address and the number of its fixed bits.
fn v4(text: &str) -> Option<(u32, u32)> {
    let (address, bits) = text.trim().split_once('/').unzip();
    let bits = match bits {
        Some(bits) => digits(bits)?,
        None => 32,
    };
    let address: Ipv4Addr = address.unwrap_or(text.trim()).parse().ok()?;
    (bits <= 32).then(|| (address.into(), bits))
}

fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// The same as IPv6, where the fixed bits behind dotted digits are those of the last 32.
fn v6(text: &str) -> Option<(u128, u32)> {
    let text = text.trim();
    let (address, bits) = text.split_once('/').unzip();
    let address = address.unwrap_or(text);
    let number: u128 = match address.parse::<Ipv4Addr>() {
        Ok(v4) => v4.to_ipv6_mapped().into(),
        Err(_) => address.parse::<Ipv6Addr>().ok()?.into(),
    };
    let bits = match bits {
        Some(bits) if address.contains('.') => digits(bits).filter(|bits| *bits <= 32)? + 96,
        Some(bits) => digits(bits)?,
        None => 128,
    };
    (bits <= 128).then_some((number, bits))
}

/// The same, where an IPv6 address that ends in dotted digits is the IPv4 address for comparisons.
fn mapped(text: &str) -> Option<(u128, u32)> {
    let (address, bits) = v6(text)?;
    let compatible = text.contains('.') && address >> 32 == 0;
    Some((
        if compatible {
            address | 0xffff << 32
        } else {
            address
        },
        bits,
    ))
}

fn compare(arguments: Arguments<'_>) -> Option<Value> {
    let (a, b) = (arguments.text(0)?, arguments.text(1)?);
    let order = if arguments.whole(3)? == 4 {
        let ((a, x), (b, y)) = (v4(a)?, v4(b)?);
        let mask = mask4(x.min(y).min(limit(arguments, 2, 32)?));
        (a & mask).cmp(&(b & mask))
    } else {
        let ((a, x), (b, y)) = (mapped(a)?, mapped(b)?);
        let mask = mask6(x.min(y).min(limit(arguments, 2, 128)?));
        (a & mask).cmp(&(b & mask))
    };
    Some((order as i8).into())
}

/// Whether an address lies in one of the networks; a network that is none holds nothing.
fn in_networks(arguments: Arguments<'_>) -> Option<Value> {
    let address = arguments.text(0)?;
    let networks = match arguments.get(1)? {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut texts = networks.iter().filter_map(Value::as_str);
    let alone = !matches!(arguments.get(1), Some(Value::Array(_)));
    let inside = if arguments.whole(2)? == 4 {
        let (address, own) = v4(address)?;
        if alone {
            v4(arguments.text(1)?)?;
        }
        texts.any(|network| {
            v4(network).is_some_and(|(network, bits)| {
                own >= bits && address & mask4(bits) == network & mask4(bits)
            })
        })
    } else {
        let (address, own) = mapped(address)?;
        if alone {
            mapped(arguments.text(1)?)?;
        }
        texts.any(|network| {
            mapped(network).is_some_and(|(network, bits)| {
                own >= bits && address & mask6(bits) == network & mask6(bits)
            })
        })
    };
    Some(inside.into())
}

fn network_text(arguments: Arguments<'_>) -> Option<String> {
    let (address, bits) = match arguments.get(0)? {
        Value::String(text) => v4(text)?,
        number => (u32::try_from(number.as_i64()?).ok()?, 32),
    };
    let bits = bits.min(limit(arguments, 1, 32)?);
    let address = Ipv4Addr::from(address & mask4(bits));
    Some(if arguments.flag(2) {
        format!("{address}/{bits}")
    } else {
        address.to_string()
    })
}

fn networks_between(first: u32, last: u32) -> Option<Value> {
    let (mut next, last) = (u64::from(first), u64::from(last));
    if next > last {
        return None;
    }
    let mut networks = Vec::new();
    while next <= last {
        let mut size = if next == 0 {
            1 << 32
        } else {
            next & next.wrapping_neg()
        };
        while next + size - 1 > last {
            size >>= 1;
        }
        let address = Ipv4Addr::from(u32::try_from(next).ok()?);
        networks.push(Value::from(format!(
            "{address}/{}",
            32 - size.trailing_zeros()
        )));
        next += size;
    }
    Some(networks.into())
}

/// Whether one of the addresses, or of their beginnings, stands alone in the text.
fn holds_address(arguments: Arguments<'_>) -> Option<bool> {
    let text = arguments.text(0)?;
    let start = arguments.flag(2);
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let wanted = arguments.list(1)?.iter().filter_map(Value::as_str);
    for wanted in wanted.filter(|wanted| is_wanted(wanted, start)) {
        for (at, _) in text.match_indices(wanted) {
            let before = text[..at].chars().next_back();
            let end = text[at..]
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .map_or(text.len(), |length| at + length);
            let found = text[at..end].trim_end_matches('.');
            let behind = text[at + found.len()..].chars().next();
            let whole = found.parse::<Ipv4Addr>().is_ok() && (start || found == wanted);
            let alone = |beside: Option<char>| beside.is_none_or(|c| !joins(c) && c != '.');
            if whole && before.is_none_or(|c| !joins(c) && c != '.') && alone(behind) {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// Whether a text is an address, or the beginning of one: whole numbers that each end in a point.
fn is_wanted(text: &str, start: bool) -> bool {
    if text.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let parts: Vec<&str> = text.split('.').collect();
    start
        && (2..=4).contains(&parts.len())
        && parts.last() == Some(&"")
        && parts[..parts.len() - 1]
            .iter()
            .all(|part| part.parse::<u8>().is_ok())
}
