//! From a host and a service to addresses.

use std::ffi::CString;

use crate::address::Address;
#[cfg(feature = "tokio")]
use crate::asynchronous::wait::in_time;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, Protocol, constants, flags};
use crate::name::lookup;
use crate::name::resolver_error::ResolverError;
use crate::name::service::text;
use crate::sys::resolver::{self, HOST_MAX_BYTES, Hints};

constants! {
    /// What [`resolve_with`] is asked for besides, C's `AI_*`; several are joined by `|`. Prints their C names.
    #[doc(alias = "AddressInfo")]
    ResolveFlags;
    NONE, "0", 0, "nothing special.";
    PASSIVE, "AI_PASSIVE", libc::AI_PASSIVE, "no host means every address of this machine, to bind to; else it means loopback.";
    CANONNAME, "AI_CANONNAME", libc::AI_CANONNAME, "say the host's canonical name, with the first address.";
    NUMERICHOST, "AI_NUMERICHOST", libc::AI_NUMERICHOST, "the host is an address in digits; nobody is asked.";
    NUMERICSERV, "AI_NUMERICSERV", libc::AI_NUMERICSERV, "the service is a port in digits.";
    V4MAPPED, "AI_V4MAPPED", libc::AI_V4MAPPED, "with `AF_INET6`: a host that has no IPv6 address gets its IPv4 addresses mapped into IPv6.";
    ALL, "AI_ALL", libc::AI_ALL, "with `AI_V4MAPPED`: both kinds of addresses.";
    ADDRCONFIG, "AI_ADDRCONFIG", libc::AI_ADDRCONFIG, "only families of which this machine has an address, loopback not counted.";
}

flags!(ResolveFlags "AI");

/// C's `hints`: which addresses [`resolve_with`] is asked for. Default: every one, without end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "addrinfo")]
pub struct ResolveOptions {
    /// Only addresses of this family. Default: [`Family::UNSPEC`], any.
    pub family: Family,
    /// Only for this kind of socket. Default: the number 0, any, for which each address comes once per kind.
    pub kind: Kind,
    /// Only for this protocol. Default: [`Protocol::DEFAULT`], any.
    pub protocol: Protocol,
    /// What else. Default: none.
    pub flags: ResolveFlags,
    /// How long it may take as a whole. Default: [`Timeout::Never`].
    pub timeout: Timeout,
}

impl Default for ResolveOptions {
    fn default() -> Self {
        Self {
            family: Family::UNSPEC,
            kind: Kind::from_raw(0),
            protocol: Protocol::DEFAULT,
            flags: ResolveFlags::NONE,
            timeout: Timeout::Never,
        }
    }
}

/// What is asked for at a host: a port, a service that has one, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service<'name> {
    /// Python's `None`: the addresses come with port 0.
    #[default]
    Any,
    /// A port.
    Port(u16),
    /// A name of `/etc/services`, or a port in digits.
    Name(&'name str),
}

impl From<u16> for Service<'_> {
    fn from(port: u16) -> Self {
        Self::Port(port)
    }
}

impl<'name> From<&'name str> for Service<'name> {
    fn from(name: &'name str) -> Self {
        Self::Name(name)
    }
}

/// One answer of [`resolve_with`]: what to make a socket of, and where to connect or bind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The first argument for [`Socket::new`](crate::Socket::new).
    pub family: Family,
    /// The second.
    pub kind: Kind,
    /// The third.
    pub protocol: Protocol,
    /// The host's canonical name, in the first answer, where [`ResolveFlags::CANONNAME`] asked for it.
    pub canonical_name: Option<String>,
    /// The address.
    pub address: Address,
}

/// `getaddrinfo(3)`: the addresses of a host, in the resolver's order (RFC 6724), at least one. The host is a
/// name or an address without brackets.
///
/// Blocks for as long as the system's resolver does; [`resolve_with`] has a timeout, and `resolve_async` awaits.
///
/// # Errors
/// As [`resolve_with`].
///
/// # Examples
/// ```
/// let addresses = landline_socket::resolve("127.0.0.1", 80)?;
/// assert_eq!(addresses[0].to_string(), "127.0.0.1:80");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "gethostbyname")]
pub fn resolve(host: &str, port: u16) -> Result<Vec<Address>> {
    let options = ResolveOptions {
        // One kind, so that each address comes once.
        kind: Kind::STREAM,
        ..ResolveOptions::default()
    };
    let found = resolve_with(Some(host), port, &options)?;
    Ok(found.into_iter().map(|one| one.address).collect())
}

/// `getaddrinfo(3)` with all its fields: the addresses of a host and a service, in the resolver's order
/// (RFC 6724), at least one.
///
/// The host is a name, or an address without brackets in any of the C library's forms (`127.1`, `fe80::1%eth0`);
/// none is this machine. A name that is not ASCII goes to the resolver as it is, in UTF-8, which hosts files and
/// mDNS know; in DNS it needs its `xn--` form (Python makes that by IDNA 2003, which has been replaced twice).
///
/// **Time.** No C library can be told when to stop, so with a timeout a host or a service that is not in digits is
/// resolved on a thread of its own, and this call returns at its deadline whatever the resolver does. The thread
/// ends when the resolver gives up (glibc: 10 to 30 s by default), and its answer is dropped. No more than 64 such
/// threads are there at once in this process, those left behind among them; a question beyond that waits for its
/// turn, within its time. With a timeout of zero only what needs no question is resolved; the rest is `EAGAIN`.
///
/// # Errors
/// [`Cause::Resolver`] for what the resolver says, [`Cause::TimedOut`], [`Cause::Invalid`] for
/// a NUL byte, a host of more than 1024 bytes or a port above 65535 (which the C library cuts to its low 16 bits).
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use landline_socket::{Kind, ResolveOptions, Socket, resolve_with};
///
/// let options = ResolveOptions {
///     kind: Kind::DGRAM,
///     timeout: Duration::from_secs(5).into(),
///     ..ResolveOptions::default()
/// };
/// let found = &resolve_with(Some("localhost"), "9", &options)?[0];
/// let socket = Socket::new(found.family, found.kind, found.protocol)?;
/// socket.connect(&found.address)?;
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getaddrinfo")]
pub fn resolve_with<'name>(
    host: Option<&str>,
    service: impl Into<Service<'name>>,
    options: &ResolveOptions,
) -> Result<Vec<Resolved>> {
    let answer = Question::new(host, service.into(), options).and_then(|question| {
        let deadline = Deadline::after(options.timeout);
        question
            .answer(deadline)
            .map_err(lookup::said_for(options.timeout))
    });
    answer.map_err(|cause| failed(host, cause))
}

/// [`resolve_with`], awaited: a host or a service that is not in digits is always resolved on a thread of its own, so
/// this blocks nobody. Cancelled, it leaves that thread behind as a deadline does.
///
/// # Errors
/// As [`resolve_with`].
///
/// # Panics
/// Outside a tokio runtime with its I/O and time drivers enabled.
///
/// # Examples
/// ```
/// use landline_socket::{ResolveOptions, resolve_async};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///
/// let found = resolve_async(Some("127.0.0.1"), 80, &ResolveOptions::default()).await?;
/// assert_eq!(found[0].address.to_string(), "127.0.0.1:80");
/// # Ok::<(), landline_socket::Error>(())
/// # })?;
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[cfg(feature = "tokio")]
pub async fn resolve_async<'name>(
    host: Option<&str>,
    service: impl Into<Service<'name>>,
    options: &ResolveOptions,
) -> Result<Vec<Resolved>> {
    let deadline = Deadline::after(options.timeout);
    let answer = match Question::new(host, service.into(), options) {
        Ok(question) => question.answer_awaited(deadline).await,
        Err(cause) => Err(cause),
    };
    answer
        .map_err(lookup::said_for(options.timeout))
        .map_err(|cause| failed(host, cause))
}

/// The error of a question that was asked about this host.
pub(crate) fn failed(host: Option<&str>, cause: Cause) -> Error {
    match host {
        Some(host) => Error::with_host("resolve", host, cause),
        None => Error::new("resolve", cause),
    }
}

/// A question to the resolver, checked and owned, so that another thread can ask it.
#[derive(Clone)]
pub(crate) struct Question {
    host: Option<CString>,
    service: Option<CString>,
    hints: Hints,
}

impl Question {
    pub(crate) fn new(
        host: Option<&str>,
        service: Service<'_>,
        options: &ResolveOptions,
    ) -> Result<Self, Cause> {
        let host = match host {
            Some(host) if host.len() >= HOST_MAX_BYTES => {
                return Err(Cause::Invalid("the host has more than 1024 bytes"));
            }
            Some(host) => Some(
                CString::new(host).map_err(|_| Cause::Invalid("the host contains a NUL byte"))?,
            ),
            None => None,
        };
        Ok(Self {
            host,
            service: service.to_c()?,
            hints: Hints {
                flags: options.flags.as_raw(),
                family: options.family.as_raw(),
                kind: options.kind.as_raw(),
                protocol: options.protocol.as_raw(),
            },
        })
    }

    /// On this thread if there is no end to the patience or nobody to be asked, else on one of its own.
    pub(crate) fn answer(self, deadline: Deadline) -> Result<Vec<Resolved>, Cause> {
        if deadline.remaining() != Ok(None)
            && let Some(answer) = self.numeric()
        {
            return answer;
        }
        lookup::ask(deadline, move || self.ask())
    }

    /// [`Question::answer`], awaited: never on this thread.
    #[cfg(feature = "tokio")]
    pub(crate) async fn answer_awaited(self, deadline: Deadline) -> Result<Vec<Resolved>, Cause> {
        if let Some(answer) = self.numeric() {
            return answer;
        }
        deadline.remaining()?;
        let lookup = lookup::Lookup::start(move || self.ask())?;
        in_time(deadline, lookup.awaited()).await??
    }

    /// The answer to a host and a service in digits; `None` where one is a name, about which somebody must be
    /// asked: of a service too, whose table may be on a file system or a server (NSS) that does not answer.
    fn numeric(&self) -> Option<Result<Vec<Resolved>, Cause>> {
        let mut numeric = self.clone();
        numeric.hints.flags |= libc::AI_NUMERICHOST | libc::AI_NUMERICSERV;
        match numeric.ask() {
            Err(Cause::Resolver(ResolverError::NONAME)) => None,
            answer => Some(answer),
        }
    }

    fn ask(&self) -> Result<Vec<Resolved>, Cause> {
        let found =
            resolver::getaddrinfo(self.host.as_deref(), self.service.as_deref(), self.hints)?;
        if found.is_empty() {
            return Err(Cause::Resolver(ResolverError::NODATA));
        }
        Ok(found
            .into_iter()
            .map(|one| Resolved {
                family: Family::from_raw(one.family),
                kind: Kind::from_raw(one.kind),
                protocol: Protocol::from_raw(one.protocol),
                canonical_name: one.canonical_name.map(text),
                address: Address::from_bytes(&one.address),
            })
            .collect())
    }
}

impl Service<'_> {
    /// As C takes it. What C's `strtoul` would take for a number must be a port: C cuts it to 16 bits.
    fn to_c(self) -> Result<Option<CString>, Cause> {
        let name = match self {
            Self::Any => return Ok(None),
            Self::Port(port) => port.to_string(),
            Self::Name(name) => {
                let digits = name.trim_start().trim_start_matches(['+', '-']);
                let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                if is_number && name.parse::<u16>().is_err() {
                    return Err(Cause::Invalid("the port is not a number from 0 to 65535"));
                }
                name.to_owned()
            }
        };
        CString::new(name)
            .map(Some)
            .map_err(|_| Cause::Invalid("the service contains a NUL byte"))
    }
}
