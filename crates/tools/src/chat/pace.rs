//! How fast connections are read: who talks faster waits, and nobody's window is overrun.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What may be said: so much at once, and so much a second after that.
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

impl Pace {
    /// One connection's: bursts of 500 messages and 256 KiB, then 100 messages and 64 KiB a second.
    pub const CONNECTION: Self = Self {
        burst_messages: 500,
        messages_per_second: 100,
        burst_bytes: 256 * 1024,
        bytes_per_second: 64 * 1024,
    };

    /// All of a room's together: bursts of 4,000 messages and 2 MiB, then 2,000 messages and 1 MiB a second. Who
    /// reads at all is then never a whole window behind, however many talk.
    pub const ROOM: Self = Self {
        burst_messages: 4_000,
        messages_per_second: 2_000,
        burst_bytes: 2 * 1024 * 1024,
        bytes_per_second: 1024 * 1024,
    };
}

/// One connection's account, and the one of its room, to which all of its connections are charged.
#[derive(Debug)]
pub(super) struct Meter {
    own: Account,
    room: Arc<Mutex<Account>>,
}

impl Meter {
    pub(super) fn new(pace: &Pace, room: &Arc<Mutex<Account>>) -> Self {
        Self {
            own: Account::new(pace),
            room: Arc::clone(room),
        }
    }

    pub(super) fn spend_message(&mut self) {
        self.own.messages.spend(1);
        self.room().messages.spend(1);
    }

    pub(super) fn spend_bytes(&mut self, bytes: usize) {
        self.own.bytes.spend(bytes);
        self.room().bytes.spend(bytes);
    }

    /// When more may be read.
    pub(super) fn ready_at(&self) -> Instant {
        self.own.ready_at().max(self.room().ready_at())
    }

    fn room(&self) -> MutexGuard<'_, Account> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What has been said of late, in messages and in bytes.
#[derive(Debug)]
pub(super) struct Account {
    messages: Bucket,
    bytes: Bucket,
}

impl Account {
    pub(super) fn new(pace: &Pace) -> Self {
        Self {
            messages: Bucket::new(pace.burst_messages, pace.messages_per_second),
            bytes: Bucket::new(pace.burst_bytes, pace.bytes_per_second),
        }
    }

    fn ready_at(&self) -> Instant {
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
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{Account, Meter, Pace};

    fn room(pace: &Pace) -> Arc<Mutex<Account>> {
        Arc::new(Mutex::new(Account::new(pace)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_then_the_rate_holds() {
        let mut meter = Meter::new(&Pace::CONNECTION, &room(&Pace::ROOM));
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

    #[tokio::test(start_paused = true)]
    async fn many_together_have_the_rooms_rate() {
        let room = room(&Pace::ROOM);
        let mut crowd: Vec<Meter> = (0..100)
            .map(|_| Meter::new(&Pace::CONNECTION, &room))
            .collect();
        for meter in &mut crowd {
            (0..60).for_each(|_| meter.spend_message());
        }
        // 6,000 at once are 2,000 more than a burst: a second's worth, for everybody.
        let silent = Meter::new(&Pace::CONNECTION, &room);
        assert_eq!(silent.ready_at() - Instant::now(), Duration::from_secs(1));
    }
}
