//! The time at which a resource is judged: the machine's.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the start of 1970, as a clock in UTC shows them.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    i64::try_from(micros).unwrap_or(i64::MAX)
}
