//! Servers made simple, as Python's `socketserver`: one handler, and the choice of a model.
//!
//! ```
//! use landline_socket::server::{self, Options};
//! use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
//!
//! let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
//! let listener = create_server(&any_port, &ServerOptions::default())?;
//! let upper = server::reply(|data, reply| reply.send(&data.to_ascii_uppercase()));
//! let running = server::start(listener, upper, &Options::default())?;
//!
//! let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
//! client.connect(running.address())?;
//! client.send_all(b"hello")?;
//! let mut buffer = [0; 5];
//! client.recv(&mut buffer)?;
//! assert_eq!(&buffer, b"HELLO");
//! drop(client);
//!
//! running.stop();
//! assert_eq!(running.join()?.accepted, 1);
//! # Ok::<(), landline_socket::Error>(())
//! ```
//!
//! The listener comes from [`create_server`](crate::create_server): TCP, a Unix stream, UDP or Unix datagrams.
//! Three ways to write what is served:
//! - [`Handler`], as events: one handler runs in every [`Model`] and on every kind, by [`serve`], [`start`] or,
//!   on a runtime that is there already, `serve_async`. [`reply`] makes one of a closure.
//! - A function that blocks, as Python's `handle`: [`serve_connections`], in the models with threads.
//! - An async function: `accept` (feature `tokio`), with a [`Door`] for the limits.
//!
//! A handler of events replies to whom it hears, and to nobody else. A chat, where one is sent what another
//! said, is for the latter two: they may keep a [duplicate](Socket::duplicate) of each socket.
//!
//! [`Kind::SEQPACKET`] is for the latter two as well, which receive and send its messages themselves: to a handler of
//! events, a connection is a stream.
//!
//! # What holds for all
//! - **Stopping**: a [`Stop`] thrown before the start, twice, or by a handler is what it says: nobody is accepted
//!   any more (the listener is closed, callers still in its queue are reset), and who is connected goes on as
//!   before for at most [`Options::grace`]; then the rest is cut. A connection's thread that is still in its
//!   handler 1 s later is left behind, and counted. [`serve`] returns when that is done. Where the handler runs
//!   on the thread of [`serve`] itself ([`Model::Readiness`], `Model::Tasks`, datagrams in [`Model::Single`]), a
//!   call that does not return holds it up, and nothing can be left behind.
//! - **Limits**: above [`Options::limits`] a caller is closed at once; time and bytes end one connection.
//! - **Trouble**: a handler that panics, a peer that resets or does not read ends its own connection. Without
//!   descriptors or memory the callers wait in the listener's queue until a connection ends, or 100 ms; without
//!   threads too, but for the first, who waits accepted.
//!   An accept that can never succeed (`EINVAL`: nobody listens) ends the server, drained, with that error.
//! - **Closing**: what was replied before a close arrives, though the peer may still be sending: our side is ended, and
//!   what it sends is discarded until it ends its side, for 1 s at most.
//! - **Datagrams**: an answer that cannot leave at once is dropped, and counted as failed.
//!
//! The listener no longer blocks, nor do its duplicates.
//!
//! # From Python
//! | Python | here |
//! |---|---|
//! | `TCPServer`, `UDPServer`, `UnixStreamServer`, `UnixDatagramServer` | the listener's family and kind |
//! | `ThreadingMixIn`, `ThreadingTCPServer`, … | [`Model::Threads`] |
//! | `ForkingMixIn` | none: a process with threads cannot be forked safely |
//! | `serve_forever`, `shutdown`, `server_close` | [`serve`], [`Stop::stop`], [`Running::join`] |
//! | `handle_request`, `timeout`, `handle_timeout` | [`Options::requests`], [`Options::timeout`], [`Reason::TimedOut`] |
//! | `verify_request`, `setup`, `handle`, `finish`, `handle_error` | [`Handler::open`], [`Handler::receive`], [`Handler::finish`], [`Handler::end`] |
//! | `self.client_address`, `self.request`, `self.server` | [`Reply::peer`], [`Connection`], the handler itself |
//! | `request_queue_size`, `allow_reuse_address` | [`ServerOptions`](crate::ServerOptions) |
//! | `max_packet_size` (8192) | [`Options::datagram_bytes`] |
//! | `block_on_close`, `daemon_threads`, `max_children` | [`Options::grace`], [`Report::left_behind`], [`Model::Threads`] |

mod accept;
mod connection;
mod crew;
mod datagram;
mod door;
mod exchange;
mod handler;
mod intake;
mod options;
mod readiness;
mod reply;
mod report;
mod running;
mod service;
mod stop;
#[cfg(feature = "tokio")]
mod tasks;
mod threads;

pub use accept::Setback;
pub use connection::Connection;
pub use door::{Door, Limits, Permit};
pub use handler::{End, Handler, reply};
pub use options::{Model, Options};
pub use reply::Reply;
pub use report::{Reason, Report};
pub use running::{Running, start};
pub use stop::Stop;
#[cfg(feature = "tokio")]
pub use tasks::{accept, serve_async};

use self::service::Service;
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Result};
use crate::kind::Kind;
use crate::socket::Socket;

/// Python's `serve_forever`: serves until `stop`, with a handler of events, in the options' model; then
/// drains, closes the listener and reports.
///
/// # Errors
/// [`Cause::Invalid`] for options or a kind of socket that cannot be served, and for `Model::Tasks` on a
/// thread that runs tasks already; what an accept says that can never succeed; `EMFILE` where there is no
/// descriptor to start with.
#[doc(alias = "serve_forever")]
#[doc(alias = "server_close")]
#[doc(alias = "handle_request")]
#[doc(alias = "BaseServer")]
#[doc(alias = "TCPServer")]
#[doc(alias = "UDPServer")]
#[doc(alias = "UnixStreamServer")]
#[doc(alias = "UnixDatagramServer")]
pub fn serve<H: Handler>(
    listener: Socket,
    handler: H,
    options: &Options,
    stop: &Stop,
) -> Result<Report> {
    options.check()?;
    let shape = Shape::of(&listener)?;
    #[cfg(feature = "tokio")]
    if options.model == Model::Tasks {
        return tasks::serve_blocking(listener, handler, options, stop);
    }
    listener.set_timeout(Timeout::Zero)?;
    let service = Service::new(handler, options, stop);
    match (shape, options.model.places()) {
        (Shape::Connections, Some(places)) => {
            let work = |connection: &Connection, service: &_| connection.exchange(service);
            threads::serve_connections(listener, &service, places, Timeout::Zero, work)
        }
        (Shape::Connections, None) => readiness::serve(listener, &service),
        (Shape::Datagrams, Some(2..)) => {
            let places = options.model.places().unwrap_or(1);
            threads::serve_datagrams(listener, &service, places)
        }
        (Shape::Datagrams, _) => datagram::serve(&listener, &service),
    }
}

/// [`serve`] with a function that blocks, as Python's `handle`: called once for each connection, on a thread
/// of its own. Its error only counts; when it returns the connection is closed.
///
/// For [`Model::Single`] and [`Model::Threads`], and kinds with connections. Each call on the connection may take
/// [`Options::idle`]; its bytes are neither limited nor counted.
///
/// # Errors
/// As [`serve`]; [`Cause::Invalid`] for another model, or datagrams.
///
/// # Examples
/// ```
/// use landline_socket::server::{Connection, Model, Options, Stop, serve_connections};
/// use landline_socket::{ConnectOptions, ServerOptions, connect_any, create_server};
///
/// let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let listener = create_server(&any_port, &ServerOptions::default())?;
/// let client = connect_any(&[listener.local_address()?], &ConnectOptions::default())?;
/// let greet = |connection: &Connection| {
///     connection.send_all(format!("hello {}\n", connection.peer()).as_bytes())
/// };
/// let once = Options { model: Model::Single, requests: Some(1), ..Options::default() };
/// let report = serve_connections(listener, greet, &once, &Stop::new())?;
/// assert_eq!(report.accepted, 1);
/// let mut greeting = Vec::with_capacity(64);
/// client.recv_into(&mut greeting)?;
/// assert!(greeting.starts_with(b"hello 127.0.0.1:"));
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "process_request")]
#[doc(alias = "finish_request")]
pub fn serve_connections<F>(
    listener: Socket,
    handler: F,
    options: &Options,
    stop: &Stop,
) -> Result<Report>
where
    F: Fn(&Connection) -> Result<()> + Send + Sync + 'static,
{
    options.check()?;
    let places = options
        .model
        .places()
        .ok_or_else(|| invalid("a handler that blocks needs a model with threads"))?;
    if !matches!(listener.kind()?, Kind::STREAM | Kind::SEQPACKET) {
        return Err(invalid("datagrams need a handler of events"));
    }
    listener.set_timeout(Timeout::Zero)?;
    let service = Service::new(handler, options, stop);
    let timeout = options.idle.into();
    let work = |connection: &Connection, service: &_| connection.converse(service);
    threads::serve_connections(listener, &service, places, timeout, work)
}

/// What is served with a handler of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Connections,
    Datagrams,
}

impl Shape {
    fn of(listener: &Socket) -> Result<Self> {
        match listener.kind()? {
            Kind::STREAM => Ok(Self::Connections),
            Kind::DGRAM => Ok(Self::Datagrams),
            // Its messages would be cut and merged as a stream's bytes are, and an empty one be the end.
            Kind::SEQPACKET => Err(invalid(
                "SOCK_SEQPACKET needs a handler that receives by itself: serve_connections or accept",
            )),
            _ => Err(invalid("a server's socket is SOCK_STREAM or SOCK_DGRAM")),
        }
    }
}

fn invalid(why: &'static str) -> Error {
    Error::new("serve", Cause::Invalid(why))
}
