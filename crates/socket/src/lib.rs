//! I/O without protocols: sockets with the semantics of Python's `socket` module.
//!
//! What `std::net` and `socket2` lack, in one place: a deadline on a whole operation, `accept` with a
//! timeout, `sendall`, dual-stack servers in one call, Unix sockets with a private mode and abstract
//! names, errors that say what failed and for which address. Linux.
//!
//! # Quick start
//! ```
//! use std::net::SocketAddr;
//! use std::time::Duration;
//! use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
//!
//! let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
//! let server = create_server(&any_port, &ServerOptions::default())?;
//! server.set_timeout(Duration::from_secs(5))?;
//!
//! let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
//! client.connect(&server.local_address()?)?;
//! client.send_all(b"hello")?;
//!
//! let (connection, peer) = server.accept()?;
//! assert_eq!(peer, client.local_address()?);
//! let mut buffer = [0; 64];
//! let received = connection.recv(&mut buffer)?;
//! assert_eq!(&buffer[..received], b"hello");
//! # Ok::<(), landline_socket::Error>(())
//! ```
//!
//! # Map
//! - [`Socket`]: the calls, and the socket options, a method to read and one to write each; [`SocketOption`] has them all by number.
//! - [`Timeout`] and [`Deadline`]: how long a call may take as a whole; [`set_default_timeout`].
//! - [`Message`], [`Ancillary`], [`SendAncillary`]: what travels beside the bytes, descriptors among it.
//! - [`Datagram`], [`RecvBatch`]: many datagrams in one call.
//! - [`SocketFile`], [`SocketReader`], [`SocketWriter`]: bytes and lines, buffered.
//! - [`Selector`]: which of many descriptors are ready.
//! - [`Address`], [`UnixAddress`]; [`Family`], [`Kind`], [`Protocol`], [`MsgFlags`], [`Shutdown`].
//! - [`create_server`] and [`create_connection`]: a listening socket, and one that is connected to a host, in one
//!   call; [`connect_any`] where the addresses are known.
//! - [`resolve`], [`resolve_with`], [`name_of`], [`Host`]: hosts to addresses and back, with a deadline too.
//! - [`service_port`], [`protocol_by_name`], [`interfaces`] and their opposites; [`inet`]: addresses as text and bytes.
//! - [`server`]: a handler served in one of four models, as Python's `socketserver`.
//! - [`Error`] and its [`Cause`].
//! - [`descriptor_limit`]: how many sockets the process may hold.
//! - `AsyncSocket` (feature `tokio`): the same calls under the same names, awaited.
//!
//! # From Python
//! Names are Rust's, and the search of this documentation finds each by Python's too (`sendall`, `SO_REUSEADDR`,
//! `TCPServer`). `docs/python-parity.md` in the repository has a row for every one: same, differs and how, or absent and why.
//!
//! | Python | here |
//! |---|---|
//! | `socket.socket(family, type, proto)`, `s.close()` | [`Socket::new`], [`Socket::close`] or dropping it |
//! | `s.recv(n)`, `s.recv_into(buffer)` | [`Socket::recv_into`], [`Socket::recv`]: a buffer is always the caller's |
//! | `s.sendall(data)` | [`Socket::send_all`] |
//! | `s.getsockname()`, `s.getpeername()` | [`Socket::local_address`], [`Socket::peer_address`] |
//! | `s.settimeout(t)`, `s.setblocking(b)` | [`Socket::set_timeout`], [`Socket::set_blocking`] |
//! | `s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)` | [`Socket::set_reuse_address`], and so on; by number [`Socket::set_option`] |
//! | `s.makefile(mode)` | [`Socket::make_file`], [`SocketReader::new`], [`SocketWriter::new`] |
//! | `socket.create_server(…)`, `socket.create_connection(…)` | [`create_server`], [`create_connection`] |
//! | `socket.getaddrinfo(…)` | [`resolve`], [`resolve_with`] |
//! | `selectors.DefaultSelector()` | [`Selector`] |
//! | `OSError`, `e.errno`, `TimeoutError`, `gaierror` | [`Error`], [`Error::errno`], [`Cause::TimedOut`], [`Cause::Resolver`] |

mod address;
#[cfg(feature = "tokio")]
mod asynchronous;
mod attempt;
mod bell;
mod connection;
mod create;
mod deadline;
pub mod descriptor_limit;
mod error;
mod file;
mod io;
mod kind;
mod message;
mod name;
mod naming;
mod options;
mod selector;
pub mod server;
mod socket;
mod splice;
mod stream;
mod sys;
mod wait;

pub use address::{Address, OtherAddress, PacketAddress, UnixAddress};
#[cfg(feature = "tokio")]
pub use asynchronous::{AsyncSocket, descriptor::AsyncDescriptor};
pub use connection::{ConnectOptions, connect_any, create_connection};
pub use create::{ServerOptions, create_server};
pub use deadline::{Deadline, Spent, Timeout, default_timeout, set_default_timeout};
pub use error::{Cause, Error, Result};
pub use file::{Buffering, FileOptions, SocketFile, SocketReader, SocketWriter};
pub use kind::{ErrorOrigin, Family, Kind, MsgFlags, Protocol, Shutdown};
pub use message::Message;
pub use message::ancillary::{
    Ancillary, Credentials, ExtendedError, PacketInfo, PacketInfo6, SendAncillary, Timestamping,
};
pub use message::batch::{Datagram, ReceivedDatagram, ReceivedDatagrams, RecvBatch};
pub use message::control::{ancillary_length, ancillary_space};
pub use name::host::{Host, NameFlags, full_host_name, host_name, name_of, set_host_name};
pub use name::inet;
pub use name::interface::{interface_index, interface_name, interfaces};
#[cfg(feature = "tokio")]
pub use name::resolve::resolve_async;
pub use name::resolve::{ResolveFlags, ResolveOptions, Resolved, Service, resolve, resolve_with};
pub use name::resolver_error::ResolverError;
pub use name::service::{protocol_by_name, protocol_name, service_name, service_port};
pub use options::{
    FilterInstruction, GroupSources, IcmpFilter, Level, Memory, PacketFanout, PacketMembership,
    PacketStatistics, PathMtu, RepairWindow, SocketOption, TcpInfo, TcpState, TimestampingFlags,
    TransmitTime, WindowScale,
};
pub use selector::{Event, Interest, Key, Registration, Selector, Waker};
pub use socket::Socket;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
