//! What went wrong: the operation, the address it was for, and the cause.

use std::{fmt, io};

use rustix::io::Errno;

use crate::address::Address;
use crate::deadline::Spent;
use crate::name::resolver_error::ResolverError;

/// What a call on a socket returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Python's `OSError`: an operation that failed, what it was for, and why.
///
/// Prints as `connect to 127.0.0.1:9: connection refused`, by [`Debug`](fmt::Debug) too: that is what a `main` shows
/// that returns it.
///
/// # Examples
/// ```
/// use std::net::SocketAddr;
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// // Bound and not listening: nobody answers there.
/// let silent = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// silent.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
/// let address = silent.local_address()?;
///
/// let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// let error = client.connect(&address).unwrap_err();
/// assert_eq!(error.to_string(), format!("connect to {address}: connection refused"));
/// assert_eq!((error.operation(), error.address()), ("connect", Some(&address)));
/// let error = std::io::Error::from(error);
/// assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "OSError")]
pub struct Error {
    operation: &'static str,
    // Boxed, because a result is returned by every call and a subject almost never.
    subject: Option<Box<Subject>>,
    cause: Cause,
}

#[derive(Clone, PartialEq, Eq)]
enum Subject {
    Address(Address),
    Host(String),
    Attempts { to: String, all: Vec<Error> },
}

/// Why an operation failed.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use landline_socket::{Cause, Family, Kind, Protocol, Socket};
///
/// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// one.set_timeout(Duration::from_millis(20))?;
/// match one.recv(&mut [0]).unwrap_err().cause() {
///     Cause::TimedOut => println!("nothing came"),
///     Cause::Os(errno) => panic!("errno {errno}"),
///     cause => panic!("{cause}"),
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The kernel said no, with this `errno`.
    Os(i32),
    /// The socket's timeout passed. Python's `TimeoutError`.
    TimedOut,
    /// What carries the operation is gone: the runtime that drove the socket has shut down.
    Closed,
    /// The runtime said no, in its words: it has no `errno`.
    Runtime(Box<str>),
    /// The resolver said no, with this code. Python's `gaierror`.
    Resolver(ResolverError),
    /// An argument that no kernel was asked about: which one and why.
    Invalid(&'static str),
    /// `EADDRINUSE`, with what is in the way.
    InUse(&'static str),
}

impl Error {
    #[inline]
    pub(crate) fn new(operation: &'static str, cause: Cause) -> Self {
        Self {
            operation,
            subject: None,
            cause,
        }
    }

    pub(crate) fn with_address(operation: &'static str, address: &Address, cause: Cause) -> Self {
        Self {
            operation,
            subject: Some(Box::new(Subject::Address(address.clone()))),
            cause,
        }
    }

    pub(crate) fn with_host(operation: &'static str, host: &str, cause: Cause) -> Self {
        Self {
            operation,
            subject: Some(Box::new(Subject::Host(shown(host)))),
            cause,
        }
    }

    /// Of several ways to one end: what each of them failed with.
    pub(crate) fn with_attempts(
        operation: &'static str,
        to: &str,
        all: Vec<Self>,
        cause: Cause,
    ) -> Self {
        let to = shown(to);
        Self {
            operation,
            subject: Some(Box::new(Subject::Attempts { to, all })),
            cause,
        }
    }

    /// A closure for `map_err` on what the kernel or the runtime returned.
    pub(crate) fn from_io(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(operation, Cause::from_io(error))
    }

    /// What was being done, as a verb: `connect`, `receive`, `set SO_RCVBUF`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The address it was done to, where there is one.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        match self.subject.as_deref() {
            Some(Subject::Address(address)) => Some(address),
            _ => None,
        }
    }

    /// Where several addresses were tried, what each failed with, in the order in which they were begun.
    /// Python's `create_connection(…, all_errors=True)`.
    #[must_use]
    #[doc(alias = "all_errors")]
    #[doc(alias = "ExceptionGroup")]
    pub fn attempts(&self) -> &[Self] {
        match self.subject.as_deref() {
            Some(Subject::Attempts { all, .. }) => all,
            _ => &[],
        }
    }

    /// Why it failed.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What to do about it, where that is known: what a terminal prints behind `hint:`.
    ///
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// match Socket::new(Family::INET, Kind::RAW, Protocol::ICMP) {
    ///     Ok(_) => println!("a raw socket"),
    ///     Err(error) => println!("{error}; hint: {}", error.hint().unwrap_or("none")),
    /// }
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        if let (Cause::Resolver(_), Some(Subject::Host(host))) =
            (&self.cause, self.subject.as_deref())
            && !host.is_ascii()
        {
            return Some("in DNS a name that is not ASCII is known by its `xn--` form");
        }
        let errno = Errno::from_raw_os_error(self.errno().filter(|errno| *errno > 0)?);
        match (self.operation, errno) {
            (CREATE, Errno::PERM | Errno::ACCESS) => Some(
                "a raw socket needs CAP_NET_RAW: run it as root, or `setcap cap_net_raw+ep` the program; \
                 an ICMP datagram socket needs a group within net.ipv4.ping_group_range",
            ),
            ("bind", Errno::ACCESS) => Some(
                "a port below net.ipv4.ip_unprivileged_port_start needs CAP_NET_BIND_SERVICE: choose a higher one",
            ),
            (_, Errno::MFILE) => Some("too many descriptors are open: raise `ulimit -n`"),
            _ => None,
        }
    }

    /// Why it failed, for an operation of which this one was a step.
    pub(crate) fn into_cause(self) -> Cause {
        self.cause
    }

    /// C's `errno`, where the kernel gave one. A timeout has none, as in Python.
    #[doc(alias = "EAGAIN")]
    #[doc(alias = "EBADF")]
    #[doc(alias = "EWOULDBLOCK")]
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        match self.cause {
            Cause::Os(errno) => Some(errno),
            Cause::InUse(_) => Some(Errno::ADDRINUSE.raw_os_error()),
            _ => None,
        }
    }

    /// The kind that [`io::Error`] would give it: [`io::ErrorKind::WouldBlock`] for what cannot be done
    /// without waiting, [`io::ErrorKind::TimedOut`] for a timeout, and so on.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> io::ErrorKind {
        match &self.cause {
            // Asked for after every call that does not wait, so it is not looked up among all the others.
            Cause::Os(errno) if *errno == Errno::AGAIN.raw_os_error() => io::ErrorKind::WouldBlock,
            Cause::Os(errno) => io::Error::from_raw_os_error(*errno).kind(),
            Cause::TimedOut => io::ErrorKind::TimedOut,
            Cause::Closed => io::ErrorKind::NotConnected,
            Cause::Runtime(_) => io::ErrorKind::Other,
            Cause::Resolver(code) => code.kind(),
            Cause::Invalid(_) => io::ErrorKind::InvalidInput,
            Cause::InUse(_) => io::ErrorKind::AddrInUse,
        }
    }
}

/// The operation of [`Socket::new`](crate::Socket::new).
pub(crate) const CREATE: &str = "create a socket";

impl Cause {
    /// From a call that went through `std` or the runtime.
    #[inline]
    pub(crate) fn from_io(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(errno) => Self::Os(errno),
            None => Self::from_runtime(error),
        }
    }

    fn from_runtime(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock => Self::Os(Errno::AGAIN.raw_os_error()),
            // All that tokio puts there is an event loop that is gone.
            io::ErrorKind::Other => Self::Closed,
            _ => Self::Runtime(error.to_string().into()),
        }
    }
}

impl From<Errno> for Cause {
    #[inline]
    fn from(errno: Errno) -> Self {
        Self::Os(errno.raw_os_error())
    }
}

impl From<Spent> for Cause {
    fn from(_: Spent) -> Self {
        Self::TimedOut
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        match self.subject.as_deref() {
            Some(Subject::Address(address)) => write!(f, " to {address}")?,
            // A name that is not there must be seen.
            Some(Subject::Host(host)) if host.is_empty() => f.write_str(" \"\"")?,
            Some(Subject::Host(host)) => write!(f, " {}", host.escape_debug())?,
            Some(Subject::Attempts { to, .. }) => write!(f, " to {}", to.escape_debug())?,
            None => {}
        }
        write!(f, ": {}", self.cause)?;
        match self.subject.as_deref() {
            Some(Subject::Attempts { to, all }) if !says_it_all(to, all) => write_attempts(f, all),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether the one address that was tried is what the caller named, and nothing but connecting failed.
fn says_it_all(to: &str, attempts: &[Error]) -> bool {
    let [only] = attempts else { return false };
    let is_named = |address: &Address| address.to_string() == to;
    only.operation == "connect" && only.address().is_some_and(is_named)
}

/// Each address and why, the first few of many.
fn write_attempts(f: &mut fmt::Formatter<'_>, attempts: &[Error]) -> fmt::Result {
    const SHOWN_MAX: usize = 8;
    let mut separator = "; tried";
    for attempt in attempts.iter().take(SHOWN_MAX) {
        f.write_str(separator)?;
        if let Some(address) = attempt.address() {
            write!(f, " {address}")?;
        }
        match attempt.operation {
            "connect" => write!(f, " ({})", attempt.cause)?,
            operation => write!(f, " ({operation}: {})", attempt.cause)?,
        }
        separator = ",";
    }
    match attempts.len().saturating_sub(SHOWN_MAX) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

/// What a caller or a peer named, no longer than a name can be: an error is printed and kept.
fn shown(name: &str) -> String {
    const SHOWN_MAX_BYTES: usize = 255;
    let end = name.floor_char_boundary(SHOWN_MAX_BYTES);
    match name.get(..end) {
        Some(start) if end < name.len() => format!("{start}…"),
        _ => name.to_owned(),
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Os(errno) => f.write_str(&plain_words(&io::Error::from_raw_os_error(*errno))),
            Self::TimedOut => f.write_str("timed out"),
            Self::Closed => f.write_str("the runtime has shut down"),
            Self::Runtime(words) => f.write_str(words),
            Self::Resolver(code) => code.fmt(f),
            Self::Invalid(why) => f.write_str(why),
            Self::InUse(what) => write!(f, "address already in use: {what}"),
        }
    }
}

/// C's `strerror` as the end of a sentence: without std's suffix, in lower case.
fn plain_words(error: &io::Error) -> String {
    let text = error.to_string();
    uncapitalized(text.split(" (os error ").next().unwrap_or(&text))
}

/// The words of the C library as the end of a sentence.
pub(crate) fn uncapitalized(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        // A name such as `RFS` or `I/O` keeps its capital.
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

impl std::error::Error for Error {}

/// The right [`io::ErrorKind`], with the whole error inside: `get_ref` and a downcast give it back.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;

    use rustix::io::Errno;

    use super::{Cause, Error};
    use crate::address::Address;
    use crate::name::resolver_error::ResolverError;

    fn address() -> Address {
        SocketAddr::from(([127, 0, 0, 1], 9)).into()
    }

    #[test]
    fn prints_operation_address_and_cause_in_plain_words() {
        let os = |errno: Errno| Cause::Os(errno.raw_os_error());
        let cases = [
            (
                Error::with_address("connect", &address(), os(Errno::CONNREFUSED)),
                "connect to 127.0.0.1:9: connection refused",
            ),
            (Error::new("receive", Cause::TimedOut), "receive: timed out"),
            (
                Error::new("send", os(Errno::NOENT)),
                "send: no such file or directory",
            ),
            (Error::new("send", os(Errno::IO)), "send: I/O error"),
            (
                Error::with_address("bind", &address(), Cause::InUse("a directory is there")),
                "bind to 127.0.0.1:9: address already in use: a directory is there",
            ),
            (
                Error::with_host("resolve", "a\nb", Cause::Resolver(ResolverError::NONAME)),
                "resolve a\\nb: name or service not known",
            ),
            (
                Error::with_host("parse", "", Cause::Invalid("it is no IPv4 address")),
                "parse \"\": it is no IPv4 address",
            ),
        ];
        for (error, printed) in cases {
            let expected = printed.replace("I/O error", &io_error_text());
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn an_address_that_was_named_is_not_said_again() {
        let refused = || Cause::Os(Errno::CONNREFUSED.raw_os_error());
        let tried = |operation| vec![Error::with_address(operation, &address(), refused())];
        let said = |to, all| Error::with_attempts("connect", to, all, refused()).to_string();
        assert_eq!(
            said("127.0.0.1:9", tried("connect")),
            "connect to 127.0.0.1:9: connection refused"
        );
        assert_eq!(
            said("localhost:9", tried("connect")),
            "connect to localhost:9: connection refused; tried 127.0.0.1:9 (connection refused)"
        );
        assert!(said("127.0.0.1:9", tried("bind")).ends_with("(bind: connection refused)"));
        assert!(said("127.0.0.1:9", Vec::new()).ends_with(": connection refused"));
    }

    #[test]
    fn what_main_shows_is_what_a_user_reads() {
        let error = Error::new("receive", Cause::TimedOut);
        assert_eq!(format!("{error:?}"), error.to_string());
    }

    /// The C libraries do not agree on this one ("I/O error", "Input/output error").
    fn io_error_text() -> String {
        super::plain_words(&io::Error::from_raw_os_error(Errno::IO.raw_os_error()))
    }

    #[test]
    fn into_io_error_keeps_kind_and_errno() {
        let error = Error::with_address(
            "connect",
            &address(),
            Cause::Os(Errno::CONNREFUSED.raw_os_error()),
        );
        let converted = io::Error::from(error.clone());
        assert_eq!(converted.kind(), io::ErrorKind::ConnectionRefused);
        let inside = converted
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Error>());
        assert_eq!(inside, Some(&error));
        assert_eq!(
            inside.and_then(Error::errno),
            Some(Errno::CONNREFUSED.raw_os_error())
        );
    }

    #[test]
    fn a_timeout_has_a_kind_and_no_errno() {
        let error = Error::new("accept", Cause::TimedOut);
        assert_eq!(
            (error.kind(), error.errno()),
            (io::ErrorKind::TimedOut, None)
        );
    }
}
