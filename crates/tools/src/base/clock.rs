//! The time of day, for dates that people and protocols see; never for measuring how long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970; a clock set before that is taken as then.
#[must_use]
pub fn seconds() -> u64 {
    since_epoch().as_secs()
}

/// Milliseconds since 1970; a clock set before that is taken as then.
#[must_use]
pub fn milliseconds() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}

/// Microseconds since 1970; a clock set before that is taken as then.
#[must_use]
pub fn microseconds() -> u64 {
    u64::try_from(since_epoch().as_micros()).unwrap_or(u64::MAX)
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
