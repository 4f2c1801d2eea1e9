//! How a server serves: the model, and how much of everything.

use std::time::Duration;

use super::door::Limits;
use super::invalid;
use crate::error::Result;

/// How many are served at a time, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Model {
    /// One connection, or datagram, after the other, while the others wait in the kernel's queue.
    Single,
    /// A thread for each connection or datagram, at most so many at a time, while the others wait in the
    /// kernel's queue. Datagrams may be answered in another order than they came. A thread may wait in its
    /// handler and hold up nobody else.
    #[doc(alias = "ThreadingMixIn")]
    #[doc(alias = "ThreadingTCPServer")]
    #[doc(alias = "ThreadingUDPServer")]
    #[doc(alias = "ThreadingUnixStreamServer")]
    #[doc(alias = "ThreadingUnixDatagramServer")]
    #[doc(alias = "max_children")]
    Threads(usize),
    /// One thread for all, `epoll(7)`: a handler that waits holds up everybody.
    Readiness,
    /// A task for each connection, on a tokio runtime of one thread: a handler that waits holds up everybody.
    #[cfg(feature = "tokio")]
    Tasks,
}

impl Model {
    /// How many threads there are at most for those who are served; `None` where they share one.
    pub(super) fn places(self) -> Option<usize> {
        match self {
            Self::Single => Some(1),
            Self::Threads(places) => Some(places),
            _ => None,
        }
    }
}

/// How [`serve`](super::serve) serves. Times: `None` is without end.
///
/// # Examples
/// One request, as Python's `handle_request`, or nobody for 10 ms:
/// ```
/// use std::time::Duration;
/// use landline_socket::server::{self, Model, Options, Reason, Stop};
/// use landline_socket::{ServerOptions, create_server};
///
/// let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let listener = create_server(&any_port, &ServerOptions::default())?;
/// let options = Options {
///     model: Model::Single,
///     requests: Some(1),
///     timeout: Some(Duration::from_millis(10)),
///     ..Options::default()
/// };
/// let echo = server::reply(|data, reply| reply.send(data));
/// let report = server::serve(listener, echo, &options, &Stop::new())?;
/// assert_eq!((report.reason, report.accepted), (Reason::TimedOut, 0));
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Default: [`Model::Threads`] of 256.
    pub model: Model,
    /// How many connections may be open. Default: 1024 in all, 256 per source.
    pub limits: Limits,
    /// How long those who are connected when the server stops, or has had its [`requests`](Self::requests), may
    /// go on. Default: 5 s.
    #[doc(alias = "block_on_close")]
    #[doc(alias = "daemon_threads")]
    pub grace: Duration,
    /// How long a connection may stay on which nothing comes and nothing goes. Default: 5 min.
    pub idle: Option<Duration>,
    /// How long a connection may last. Default: `None`.
    pub longest: Option<Duration>,
    /// How many bytes one connection may send to us. Default: `None`, without end.
    pub received_bytes: Option<u64>,
    /// How many bytes may be replied to one peer and not yet taken by it; up to an eighth of a mebibyte more is
    /// in the kernel. At least 1. Default: 1 MiB.
    pub unsent_bytes: usize,
    /// How much of one datagram is received; of a longer one the rest is lost, and
    /// [`Reply::is_truncated`](super::Reply::is_truncated) says so. At most 16 MiB. Default: 65,535, more than UDP carries.
    #[doc(alias = "max_packet_size")]
    pub datagram_bytes: usize,
    /// Ends the server, [`Reason::TimedOut`](super::Reason::TimedOut), when nobody has come for so long, whatever those
    /// who are connected do. Default: `None`.
    #[doc(alias = "handle_timeout")]
    pub timeout: Option<Duration>,
    /// Ends the server, [`Reason::Served`](super::Reason::Served), after so many connections or datagrams, refused
    /// ones included; 1 is Python's `handle_request`. The last ones then have [`grace`](Self::grace) to end, which
    /// for a long request is to be long. Default: `None`, without end.
    #[doc(alias = "handle_request")]
    pub requests: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: Model::Threads(256),
            limits: Limits::default(),
            grace: Duration::from_secs(5),
            idle: Some(Duration::from_secs(300)),
            longest: None,
            received_bytes: None,
            unsent_bytes: 1024 * 1024,
            datagram_bytes: 65_535,
            timeout: None,
            requests: None,
        }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<()> {
        if self.model == Model::Threads(0) {
            Err(invalid("a server with no thread serves nobody"))
        } else if self.idle.is_some_and(|idle| idle.is_zero()) {
            Err(invalid("an idle time of zero ends every connection"))
        } else if self.unsent_bytes == 0 {
            // Nothing is received while no reply has room.
            Err(invalid("unsent_bytes of zero leaves no room for a reply"))
        } else if self.datagram_bytes > LONGEST_DATAGRAM_BYTES {
            Err(invalid("datagram_bytes is at most 16 MiB"))
        } else {
            Ok(())
        }
    }
}

/// More than any kind of datagram has on Linux by default, and little enough to hold in memory.
const LONGEST_DATAGRAM_BYTES: usize = 16 * 1024 * 1024;
