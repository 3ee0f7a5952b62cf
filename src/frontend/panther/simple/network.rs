//! Private and shared addresses, as Python's `ipaddress` has them: `is_private` is [`PRIVATE`], `is_global` what is in neither.

/// The networks of the special-purpose registries that are not globally reachable. An IPv6 address that stands for an IPv4
/// address counts as that address.
pub(super) const PRIVATE: &[&str] = &[
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
    "::/127",
    "::ffff:0.0.0.0/104",
    "::ffff:10.0.0.0/104",
    "::ffff:127.0.0.0/104",
    "::ffff:169.254.0.0/112",
    "::ffff:172.16.0.0/108",
    "::ffff:192.0.0.0/125",
    "::ffff:192.0.0.170/127",
    "::ffff:192.0.2.0/120",
    "::ffff:192.168.0.0/112",
    "::ffff:198.18.0.0/111",
    "::ffff:198.51.100.0/120",
    "::ffff:203.0.113.0/120",
    "::ffff:240.0.0.0/100",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
];

/// Addresses that carriers share, which are neither private nor global.
pub(super) const SHARED: &[&str] = &["100.64.0.0/10"];
