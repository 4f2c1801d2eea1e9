//! A connection in one call: every address of a host, by RFC 8305, under one deadline.

pub(crate) mod race;

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::address::Address;
use crate::connection::race::{Move, Race, in_turns};
use crate::deadline::{Deadline, Timeout, default_timeout};
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, Protocol};
use crate::name::lookup;
use crate::name::resolve::{self, Question, ResolveOptions, Service};
use crate::socket::Socket;
use crate::sys::RawAddress;
use crate::wait::poll_any;

/// How [`create_connection`] and [`connect_any`] connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectOptions {
    /// How long it may take as a whole, resolving included; and then the timeout of the socket. With
    /// [`Timeout::Never`], until the kernel gives up on every address. Default: the
    /// [default timeout](crate::set_default_timeout).
    pub timeout: Timeout,
    /// Where to connect from: an address of this machine; port 0 is any. Addresses of another family then
    /// fail. Default: the kernel chooses.
    pub source_address: Option<Address>,
    /// How long an attempt has to itself before the next address is tried beside it; 10 ms at least.
    /// Default: 250 ms (RFC 8305 section 8).
    #[doc(alias = "happy_eyeballs_delay")]
    pub attempt_delay: Duration,
    /// Only addresses of this family. Default: [`Family::UNSPEC`], any.
    pub family: Family,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            timeout: default_timeout(),
            source_address: None,
            attempt_delay: Duration::from_millis(250),
            family: Family::UNSPEC,
        }
    }
}

/// Python's `create_connection`: a stream socket that is connected to a service of a host, by whichever of its
/// addresses answers first.
///
/// RFC 8305 ("Happy Eyeballs"): IPv6 and IPv4 take turns in the resolver's order; the next address is tried
/// at once when one fails, and beside the others when none has answered for a while. The first connection
/// wins, the others are closed. Python tries one after another, so that one silent address takes all the time.
///
/// The timeout bounds resolving ([`resolve_with`](crate::resolve_with) says how) and all attempts together, where
/// Python gives it to each attempt anew. With a timeout of zero only what connects at once does; the rest is `EINPROGRESS`.
///
/// # Errors
/// As [`resolve_with`](crate::resolve_with) where there is no address. Else that of the first address, and
/// [`Error::attempts`] has every address's own; [`Cause::TimedOut`] when time was up.
///
/// # Examples
/// ```
/// use std::net::SocketAddr;
/// use std::time::Duration;
/// use landline_socket::{ConnectOptions, ServerOptions, create_connection, create_server};
///
/// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let server = create_server(&any_port, &ServerOptions::default())?;
/// let port = server.local_address()?.port().unwrap_or(0);
///
/// let options = ConnectOptions {
///     timeout: Duration::from_secs(5).into(),
///     ..ConnectOptions::default()
/// };
/// let client = create_connection("localhost", port, &options)?;
/// client.send_all(b"hello")?;
/// # Ok::<(), landline_socket::Error>(())
/// ```
pub fn create_connection<'name>(
    host: &str,
    service: impl Into<Service<'name>>,
    options: &ConnectOptions,
) -> Result<Socket> {
    let service = service.into();
    let deadline = Deadline::after(options.timeout);
    let found = question(host, service, options)
        .and_then(|question| question.answer(deadline))
        .map_err(lookup::said_for(options.timeout))
        .map_err(|cause| resolve::failed(Some(host), cause))?;
    let addresses = in_turns(found.into_iter().map(|one| one.address));
    connect(
        Contest::new(&addresses, options, deadline),
        &name(host, service),
    )
}

/// Python's `create_connection`, to addresses that are known: the first of them to answer, in the same order and time.
///
/// A Unix address is tried as any other; one whose listener's queue is full has failed (`EAGAIN`).
///
/// # Errors
/// That of the first address, and [`Error::attempts`] has every address's own; [`Cause::TimedOut`] when time
/// was up; [`Cause::Invalid`] without an address (of the family that the options ask for).
///
/// # Examples
/// ```
/// use std::net::SocketAddr;
/// use landline_socket::{ConnectOptions, ServerOptions, connect_any, create_server};
///
/// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let server = create_server(&any_port, &ServerOptions::default())?;
/// // Nobody listens at the first.
/// let addresses = [SocketAddr::from(([127, 0, 0, 1], 0)).into(), server.local_address()?];
/// let client = connect_any(&addresses, &ConnectOptions::default())?;
/// assert_eq!(client.peer_address()?, addresses[1]);
/// # Ok::<(), landline_socket::Error>(())
/// ```
pub fn connect_any(addresses: &[Address], options: &ConnectOptions) -> Result<Socket> {
    let deadline = Deadline::after(options.timeout);
    let addresses = chosen(addresses, options)?;
    connect(
        Contest::new(&addresses, options, deadline),
        &names(&addresses),
    )
}

pub(crate) fn question(
    host: &str,
    service: Service<'_>,
    options: &ConnectOptions,
) -> Result<Question, Cause> {
    let asked = ResolveOptions {
        family: options.family,
        kind: Kind::STREAM,
        ..ResolveOptions::default()
    };
    Question::new(Some(host), service, &asked)
}

/// Those of the family asked for, in the order in which they are tried.
pub(crate) fn chosen(addresses: &[Address], options: &ConnectOptions) -> Result<Vec<Address>> {
    let wanted =
        |address: &&Address| options.family == Family::UNSPEC || address.family() == options.family;
    let chosen = in_turns(addresses.iter().filter(wanted).cloned());
    if chosen.is_empty() {
        let cause = Cause::Invalid("there is no address, or none of the family asked for");
        return Err(Error::new("connect", cause));
    }
    Ok(chosen)
}

/// What a caller's host and service are called in an error.
pub(crate) fn name(host: &str, service: Service<'_>) -> String {
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    match service {
        Service::Any => host,
        Service::Port(port) => format!("{host}:{port}"),
        Service::Name(name) => format!("{host}:{name}"),
    }
}

/// What a caller's addresses are called in an error.
pub(crate) fn names(addresses: &[Address]) -> String {
    match addresses {
        [address] => address.to_string(),
        _ => format!("any of {} addresses", addresses.len()),
    }
}

/// Who races, under which rules, and how it went so far: what both faces drive.
pub(crate) struct Contest<'a> {
    addresses: &'a [Address],
    options: &'a ConnectOptions,
    deadline: Deadline,
    race: Race,
    failures: Vec<(usize, Error)>,
}

impl<'a> Contest<'a> {
    pub(crate) fn new(
        addresses: &'a [Address],
        options: &'a ConnectOptions,
        deadline: Deadline,
    ) -> Self {
        Self {
            addresses,
            options,
            deadline,
            race: Race::new(addresses.len(), options.attempt_delay, Instant::now()),
            failures: Vec::new(),
        }
    }

    pub(crate) fn address(&self, number: usize) -> &'a Address {
        &self.addresses[number]
    }

    /// What to do now; no more than is left of the time as a whole.
    pub(crate) fn advance(&mut self) -> Result<Move, Cause> {
        match self.race.advance(Instant::now()) {
            // The first is begun however little time there is.
            Move::Begin(number) if number > 0 => {
                self.deadline.remaining()?;
                Ok(Move::Begin(number))
            }
            Move::Wait(until) => Ok(Move::Wait(until.earlier(self.deadline))),
            decided => Ok(decided),
        }
    }

    /// Whether a wait that ended without an outcome was the last.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.remaining().is_err()
    }

    pub(crate) fn failed(&mut self, number: usize, error: Error) {
        self.race.failed(Instant::now());
        self.failures.push((number, error));
    }

    /// A socket that does not block, bound as the options say.
    pub(crate) fn socket(&self, number: usize) -> Result<Socket> {
        let address = self.address(number);
        let failed =
            |error: Error| Error::with_address(error.operation(), address, error.into_cause());
        let socket =
            Socket::new(address.family(), Kind::STREAM, Protocol::DEFAULT).map_err(failed)?;
        socket.set_timeout(Timeout::Zero).map_err(failed)?;
        if let Some(source) = &self.options.source_address {
            if source.family() != address.family() {
                let cause = Cause::Invalid("the source address is of another family");
                return Err(Error::with_address("connect", address, cause));
            }
            socket.bind(source).map_err(failed)?;
        }
        Ok(socket)
    }

    /// All that is known of how it was lost: why, and which attempts were open still.
    pub(crate) fn lost(
        mut self,
        to: &str,
        why: Option<Cause>,
        open: impl Iterator<Item = usize>,
    ) -> Error {
        for number in open {
            let error = Error::with_address("connect", self.address(number), Cause::TimedOut);
            self.failures.push((number, error));
        }
        self.failures.sort_by_key(|(number, _)| *number);
        let all: Vec<_> = self.failures.into_iter().map(|(_, error)| error).collect();
        let cause = match why {
            Some(Cause::TimedOut) if self.options.timeout == Timeout::Zero => {
                Errno::INPROGRESS.into()
            }
            Some(why) => why,
            None => all
                .first()
                .map_or(Cause::TimedOut, |first| first.cause().clone()),
        };
        Error::with_attempts("connect", to, all, cause)
    }
}

/// An attempt whose outcome is open.
struct Attempt {
    number: usize,
    socket: Socket,
    raw: RawAddress,
    has_begun: bool,
}

impl Attempt {
    fn begin(contest: &Contest<'_>, number: usize) -> Result<Self> {
        let address = contest.address(number);
        let raw = address
            .to_raw()
            .map_err(|cause| Error::with_address("connect", address, cause))?;
        let socket = contest.socket(number)?;
        Ok(Self {
            number,
            socket,
            raw,
            has_begun: false,
        })
    }

    /// `None` as long as the outcome is open.
    fn outcome(&mut self) -> Option<Result<(), Cause>> {
        loop {
            return match self.socket.attempt_connect(&self.raw, &mut self.has_begun) {
                Ok(outcome) => Some(outcome.map_err(Cause::from)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Some(Err(Cause::from_io(error))),
            };
        }
    }
}

/// The blocking face.
fn connect(mut contest: Contest<'_>, to: &str) -> Result<Socket> {
    let timeout = contest.options.timeout;
    let mut open: Vec<Attempt> = Vec::new();
    let why = loop {
        match contest.advance() {
            Ok(Move::Begin(number)) => match Attempt::begin(&contest, number) {
                Ok(attempt) => open.push(attempt),
                Err(error) => contest.failed(number, error),
            },
            Ok(Move::Wait(until)) => {
                let mut descriptors: Vec<_> = open
                    .iter()
                    .map(|attempt| PollFd::new(&attempt.socket, PollFlags::OUT))
                    .collect();
                match poll_any(&mut descriptors, until) {
                    Err(Cause::TimedOut) if !contest.is_over() => continue,
                    Err(cause) => break Some(cause),
                    Ok(_) => {}
                }
            }
            Ok(Move::Lost) => break None,
            Err(cause) => break Some(cause),
        }
        let mut still_open = Vec::with_capacity(open.len());
        for mut attempt in open {
            match attempt.outcome() {
                None => still_open.push(attempt),
                Some(Ok(())) => {
                    attempt.socket.set_timeout(timeout)?;
                    return Ok(attempt.socket);
                }
                Some(Err(cause)) => {
                    let address = contest.address(attempt.number);
                    let error = Error::with_address("connect", address, cause);
                    contest.failed(attempt.number, error);
                }
            }
        }
        open = still_open;
    };
    let open = open.iter().map(|attempt| attempt.number);
    Err(contest.lost(to, why, open))
}
