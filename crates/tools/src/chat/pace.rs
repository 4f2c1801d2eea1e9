//! How fast one connection is read: who talks faster waits, and nobody's window is overrun.

use std::time::Duration;

use tokio::time::Instant;

/// What one connection may send: bursts of 500 messages and 256 KiB, then 100 messages and 64 KiB a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Messages that may come at once.
    pub burst_messages: u32,
    /// Messages a second after that.
    pub messages_per_second: u32,
    /// Bytes that may come at once.
    pub burst_bytes: u32,
    /// Bytes a second after that.
    pub bytes_per_second: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            burst_messages: 500,
            messages_per_second: 100,
            burst_bytes: 256 * 1024,
            bytes_per_second: 64 * 1024,
        }
    }
}

/// One connection's account.
#[derive(Debug)]
pub(super) struct Meter {
    messages: Bucket,
    bytes: Bucket,
}

impl Meter {
    pub(super) fn new(pace: &Pace) -> Self {
        Self {
            messages: Bucket::new(pace.burst_messages, pace.messages_per_second),
            bytes: Bucket::new(pace.burst_bytes, pace.bytes_per_second),
        }
    }

    pub(super) fn spend_message(&mut self) {
        self.messages.spend(1);
    }

    pub(super) fn spend_bytes(&mut self, bytes: usize) {
        self.bytes.spend(bytes);
    }

    /// When more may be read.
    pub(super) fn ready_at(&self) -> Instant {
        self.messages.ready_at().max(self.bytes.ready_at())
    }
}

/// A bucket of tokens, kept as the time at which it will be full again: spending moves that time
/// away, and the bucket is empty when it is a whole burst ahead.
#[derive(Debug)]
struct Bucket {
    full_at: Instant,
    burst: Duration,
    rate: u32,
}

impl Bucket {
    fn new(burst: u32, rate: u32) -> Self {
        let rate = rate.max(1);
        Self {
            full_at: Instant::now(),
            burst: Duration::from_secs_f64(f64::from(burst) / f64::from(rate)),
            rate,
        }
    }

    fn spend(&mut self, tokens: usize) {
        let time = Duration::from_secs_f64(tokens as f64 / f64::from(self.rate));
        self.full_at = self.full_at.max(Instant::now()) + time;
    }

    fn ready_at(&self) -> Instant {
        self.full_at.checked_sub(self.burst).unwrap_or(self.full_at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{Meter, Pace};

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_then_the_rate_holds() {
        let mut meter = Meter::new(&Pace::default());
        for _ in 0..500 {
            assert!(meter.ready_at() <= Instant::now());
            meter.spend_message();
        }
        meter.spend_message();
        assert_eq!(meter.ready_at() - Instant::now(), Duration::from_millis(10));
        advance(Duration::from_millis(10)).await;
        assert!(meter.ready_at() <= Instant::now());
        meter.spend_bytes(256 * 1024 + 64 * 1024);
        assert_eq!(meter.ready_at() - Instant::now(), Duration::from_secs(1));
    }
}
