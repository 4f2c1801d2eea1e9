//! How long an operation may take: Python's three timeouts, and the moment at which one ends.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::kind::MsgFlags;

/// How long a call on a socket may take as a whole, in Python's three ways. Default: [`Timeout::Never`].
///
/// `Timeout::After(Duration::ZERO)` equals [`Timeout::Zero`], and does what that does.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use landline_socket::Timeout;
///
/// assert_eq!(Timeout::from(Duration::from_secs(5)), Timeout::After(Duration::from_secs(5)));
/// assert_eq!(Timeout::from(Duration::ZERO), Timeout::Zero);
/// assert_eq!(Timeout::from(None), Timeout::Never);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq)]
pub enum Timeout {
    /// Python's `None`: the call blocks until it is done. One call is one system call.
    #[default]
    Never,
    /// Python's `0`: the call never waits; what cannot be done now is an error (`EAGAIN`).
    Zero,
    /// The whole call, however many steps it takes, ends after this time. Never earlier, later by no
    /// more than it takes the kernel to wake the thread.
    After(Duration),
}

impl Timeout {
    /// How long that is, the same however it is written; `None` is without end.
    const fn duration(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Zero => Some(Duration::ZERO),
            Self::After(duration) => Some(duration),
        }
    }
}

impl PartialEq for Timeout {
    fn eq(&self, other: &Self) -> bool {
        self.duration() == other.duration()
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        if duration.is_zero() {
            Self::Zero
        } else {
            Self::After(duration)
        }
    }
}

impl From<Option<Duration>> for Timeout {
    fn from(duration: Option<Duration>) -> Self {
        duration.map_or(Self::Never, Self::from)
    }
}

/// A timeout that threads share, to the nanosecond; those beyond 584 years are cut to that.
#[derive(Debug)]
pub(crate) struct SharedTimeout(AtomicU64);

const NEVER: u64 = u64::MAX;

impl SharedTimeout {
    pub(crate) const fn never() -> Self {
        Self(AtomicU64::new(NEVER))
    }

    pub(crate) fn new(timeout: Timeout) -> Self {
        let shared = Self::never();
        shared.set(timeout);
        shared
    }

    pub(crate) fn set(&self, timeout: Timeout) {
        let nanoseconds = timeout.duration().map_or(NEVER, |duration| {
            u64::try_from(duration.as_nanos())
                .unwrap_or(NEVER)
                .min(NEVER - 1)
        });
        self.0.store(nanoseconds, Ordering::SeqCst);
    }

    #[inline]
    pub(crate) fn get(&self) -> Timeout {
        match self.0.load(Ordering::Relaxed) {
            NEVER => Timeout::Never,
            nanoseconds => Duration::from_nanos(nanoseconds).into(),
        }
    }
}

static DEFAULT: SharedTimeout = SharedTimeout::never();

/// Python's `setdefaulttimeout`: the timeout that every socket of this process begins with from now on, whether it is
/// new, accepted, or made from a descriptor. Default: [`Timeout::Never`]. Those that are there keep theirs,
/// and a duplicate has its original's.
///
/// Meant for programs. A library that sets it changes sockets that are not its own.
///
/// ```standalone_crate
/// use std::os::fd::OwnedFd;
/// use std::time::Duration;
/// use landline_socket::{
///     Family, Kind, Protocol, ServerOptions, Socket, Timeout, create_server, default_timeout,
///     set_default_timeout,
/// };
///
/// let before = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// let limit = Timeout::After(Duration::from_millis(20));
/// set_default_timeout(limit);
/// assert_eq!(default_timeout(), limit);
/// assert_eq!(before.timeout(), Timeout::Never);
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// assert_eq!((one.timeout(), other.timeout()), (limit, limit));
/// assert_eq!(one.recv(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::TimedOut);
///
/// let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let server = create_server(&address, &ServerOptions::default())?;
/// assert_eq!(server.timeout(), limit);
/// // What is accepted has the default, not the listener's; a duplicate has its original's.
/// server.set_timeout(Timeout::Never)?;
/// before.connect(&server.local_address()?)?;
/// assert_eq!(server.accept()?.0.timeout(), limit);
/// assert_eq!(before.duplicate()?.timeout(), Timeout::Never);
/// assert_eq!(Socket::from(OwnedFd::from(before)).timeout(), limit);
///
/// set_default_timeout(Timeout::Zero);
/// assert_eq!(Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?.timeout(), Timeout::Zero);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "setdefaulttimeout")]
pub fn set_default_timeout(timeout: impl Into<Timeout>) {
    DEFAULT.set(timeout.into());
}

/// Python's `getdefaulttimeout`: the timeout that a new socket begins with.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket, default_timeout};
///
/// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// assert_eq!(socket.timeout(), default_timeout());
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[must_use]
#[doc(alias = "getdefaulttimeout")]
pub fn default_timeout() -> Timeout {
    DEFAULT.get()
}

/// The moment at which an operation that began with a [`Timeout`] has taken too long.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use landline_socket::{Deadline, Family, Kind, Protocol, Socket};
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// other.send_all(b"in two parts")?;
/// // Two calls within five seconds together: the second has what the first left.
/// let deadline = Deadline::after(Duration::from_secs(5));
/// for _ in 0..2 {
///     one.set_timeout(deadline.remaining()?)?;
///     one.recv(&mut [0; 6])?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

/// A [`Deadline`] has passed: the operation is over, there is nothing left to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent;

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timed out")
    }
}

impl std::error::Error for Spent {}

impl Deadline {
    /// The deadline of an operation that begins now.
    #[must_use]
    pub fn after(timeout: impl Into<Timeout>) -> Self {
        match timeout.into() {
            // The clock is read only where it counts.
            Timeout::Never => Self(None),
            timeout => Self::counted_from(Instant::now(), timeout),
        }
    }

    /// The deadline of an operation that began at `start`. One so late that the clock cannot say it never comes.
    #[must_use]
    pub fn counted_from(start: Instant, timeout: impl Into<Timeout>) -> Self {
        let duration = timeout.into().duration();
        Self(duration.and_then(|duration| start.checked_add(duration)))
    }

    /// The flags of an attempt before it: the descriptor itself may block, and then it would for ever.
    pub(crate) fn flags(self) -> MsgFlags {
        match self.0 {
            None => MsgFlags::NONE,
            Some(_) => MsgFlags::DONTWAIT,
        }
    }

    /// The earlier of the two.
    pub(crate) fn earlier(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        })
    }

    /// The time left from now on; `None` means without end.
    ///
    /// # Errors
    /// [`Spent`] when no time is left: a caller that waits after that has waited too long.
    pub fn remaining(self) -> Result<Option<Duration>, Spent> {
        match self.0 {
            None => Ok(None),
            Some(_) => self.remaining_at(Instant::now()),
        }
    }

    /// The time left from `now` on; `None` means without end.
    ///
    /// # Errors
    /// [`Spent`] when no time is left.
    pub fn remaining_at(self, now: Instant) -> Result<Option<Duration>, Spent> {
        let Some(end) = self.0 else {
            return Ok(None);
        };
        match end.checked_duration_since(now) {
            None | Some(Duration::ZERO) => Err(Spent),
            left => Ok(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{Deadline, SharedTimeout, Spent, Timeout};

    #[test]
    fn python_s_three_timeouts() {
        assert_eq!(Timeout::from(None), Timeout::Never);
        assert_eq!(Timeout::from(Some(Duration::ZERO)), Timeout::Zero);
        let second = Duration::from_secs(1);
        assert_eq!(Timeout::from(second), Timeout::After(second));
    }

    #[test]
    fn no_time_is_zero_however_it_is_written() {
        let written_out = Timeout::After(Duration::ZERO);
        assert_eq!(written_out, Timeout::Zero);
        assert_ne!(written_out, Timeout::Never);
        assert_ne!(Timeout::After(Duration::MAX), Timeout::Never);
        assert_eq!(SharedTimeout::new(written_out).get(), Timeout::Zero);
        let start = Instant::now();
        let deadline = Deadline::counted_from(start, written_out);
        assert_eq!(deadline, Deadline::counted_from(start, Timeout::Zero));
    }

    #[test]
    fn too_late_for_the_clock_is_never() {
        let deadline = Deadline::after(Timeout::After(Duration::MAX));
        assert_eq!(deadline.remaining(), Ok(None));
    }

    proptest! {
        /// However an operation's time is cut into steps, what is left and what has passed make the whole.
        #[test]
        fn nothing_is_gained_or_lost(timeout in 1u64..=u64::MAX / 4, steps in proptest::collection::vec(0u64..=u64::MAX / 64, 0..16)) {
            let start = Instant::now();
            let timeout = Duration::from_nanos(timeout);
            let deadline = Deadline::counted_from(start, Timeout::After(timeout));
            let mut passed = Duration::ZERO;
            for step in steps {
                passed += Duration::from_nanos(step);
                let expected = if passed >= timeout { Err(Spent) } else { Ok(Some(timeout - passed)) };
                prop_assert_eq!(deadline.remaining_at(start + passed), expected);
            }
        }

        #[test]
        fn zero_is_spent_at_once_and_never_is_not(later in any::<u32>()) {
            let start = Instant::now();
            let now = start + Duration::from_micros(later.into());
            prop_assert_eq!(Deadline::counted_from(start, Timeout::Zero).remaining_at(now), Err(Spent));
            prop_assert_eq!(Deadline::counted_from(start, Timeout::Never).remaining_at(now), Ok(None));
        }

        /// A clock that was read before the start (another thread's reading) gives more time, never a panic.
        #[test]
        fn a_reading_from_before_the_start_is_harmless(early in 0u32..1000) {
            let now = Instant::now();
            let start = now + Duration::from_nanos(early.into());
            let deadline = Deadline::counted_from(start, Timeout::After(Duration::from_secs(1)));
            prop_assert_eq!(deadline.remaining_at(now), Ok(Some(Duration::from_secs(1) + Duration::from_nanos(early.into()))));
        }
    }
}
