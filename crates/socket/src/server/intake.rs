//! When the next caller is taken: until the server stops, has had enough or waited long enough, and not
//! while there is no room.

use std::time::{Duration, Instant};

use super::accept::Setback;
use super::stop::Stop;
use super::{Options, Reason};
use crate::deadline::{Deadline, Timeout};
use crate::error::{Error, Result};

pub(super) struct Intake {
    stop: Stop,
    left: Option<u64>,
    patience: Option<Duration>,
    since: Instant,
    paused_until: Option<Instant>,
}

impl Intake {
    pub(super) fn new(options: &Options, stop: &Stop) -> Self {
        Self {
            stop: stop.clone(),
            left: options.requests,
            patience: options.timeout,
            since: Instant::now(),
            paused_until: None,
        }
    }

    /// Why no more is taken, if so.
    pub(super) fn over(&self, now: Instant) -> Option<Reason> {
        let waited = now.saturating_duration_since(self.since);
        if self.stop.is_stopped() {
            Some(Reason::Stopped)
        } else if self.left == Some(0) {
            Some(Reason::Served)
        } else if self.patience.is_some_and(|patience| waited >= patience) {
            Some(Reason::TimedOut)
        } else {
            None
        }
    }

    pub(super) fn took_one(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.since = Instant::now();
    }

    /// Goes on after what does not last, with a pause where there is no room.
    ///
    /// # Errors
    /// The error, where trying again would not mend it.
    pub(super) fn endure(&mut self, error: Error) -> Result<()> {
        match Setback::of(&error) {
            Setback::Passing => Ok(()),
            Setback::NoRoom => {
                self.pause();
                Ok(())
            }
            Setback::Lasting => Err(error),
        }
    }

    /// There is no descriptor, no thread or no memory: the backlog keeps the callers for a moment.
    pub(super) fn pause(&mut self) {
        self.paused_until = Some(Instant::now() + PAUSE);
    }

    /// One of ours has ended, so there may be room again; whether it was missed.
    pub(super) fn resume(&mut self) -> bool {
        self.paused_until.take().is_some()
    }

    pub(super) fn is_paused(&mut self, now: Instant) -> bool {
        self.paused_until = self.paused_until.filter(|until| now < *until);
        self.paused_until.is_some()
    }

    /// All places are taken: it is not for want of callers that none is taken.
    pub(super) fn is_full(&mut self) {
        self.since = Instant::now();
    }

    /// When there is something to do though nobody comes.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let patient = self
            .patience
            .and_then(|patience| self.since.checked_add(patience));
        [self.paused_until, patient].into_iter().flatten().min()
    }
}

/// The deadline at one of these moments, whichever comes first.
pub(super) fn first_of(moments: impl IntoIterator<Item = Option<Instant>>) -> Deadline {
    match moments.into_iter().flatten().min() {
        Some(moment) => Deadline::counted_from(moment, Timeout::Zero),
        None => Deadline::after(Timeout::Never),
    }
}

/// What is left until then.
pub(super) fn timeout_until(deadline: Deadline) -> Timeout {
    match deadline.remaining() {
        Ok(left) => left.into(),
        Err(_) => Timeout::Zero,
    }
}

/// Long enough not to spin, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(100);
