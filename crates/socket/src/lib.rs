//! I/O without protocols: sockets with the semantics of Python's `socket` module.
//!
//! What `std::net` and `socket2` lack, in one place: a deadline on a whole operation, `accept` with a
//! timeout, `sendall`, dual-stack servers in one call, Unix sockets with a private mode and abstract
//! names, errors that say what failed and for which address. Linux.
//!
//! # Quick start
//! ```
//! use std::time::Duration;
//! use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server, resolve};
//!
//! let server = create_server(&resolve("127.0.0.1", 0)?[0], &ServerOptions::default())?;
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
//! - [`Error`] and its [`Cause`].
//! - [`descriptor_limit`]: how many sockets the process may hold.
//! - `AsyncSocket` (feature `tokio`): the same calls under the same names, awaited.
//!
//! # From Python
//! | Python | here |
//! |---|---|
//! | `socket.socket(family, type, proto)` | [`Socket::new`] |
//! | `socket.socket(fileno=fd)`, `s.detach()`, `s.fileno()` | `Socket::from(OwnedFd)`, [`Socket::detach`], [`Socket::descriptor`] |
//! | `socket.socketpair()`, `s.dup()` | [`Socket::pair`], [`Socket::duplicate`] |
//! | `socket.create_server(address, …)`, `socket.create_connection(address, …)` | [`create_server`], [`create_connection`] |
//! | `socket.getaddrinfo(host, port, …)`, `socket.getnameinfo(…)` | [`resolve`], [`resolve_with`], [`name_of`] |
//! | `socket.gethostbyname_ex(name)`, `socket.gethostbyaddr(ip)` | [`Host::by_name`], [`Host::by_address`] |
//! | `socket.gethostname()`, `socket.getfqdn(name)` | [`host_name`], [`full_host_name`] |
//! | `socket.getservbyname(…)`, `socket.getservbyport(…)`, `socket.getprotobyname(…)` | [`service_port`], [`service_name`], [`protocol_by_name`] |
//! | `socket.if_nametoindex(…)`, `socket.if_indextoname(…)`, `socket.if_nameindex()` | [`interface_index`], [`interface_name`], [`interfaces`] |
//! | `socket.inet_pton(…)`, `socket.htons(x)`, `socket.INADDR_ANY` | [`inet`] |
//! | `s.bind`, `s.listen`, `s.accept`, `s.connect`, `s.connect_ex` | the same |
//! | `s.recv_into`, `s.recvfrom_into` | [`Socket::recv`], [`Socket::recv_from`] |
//! | `s.send`, `s.sendall`, `s.sendto` | [`Socket::send`], [`Socket::send_all`], [`Socket::send_to`] |
//! | `s.recvmsg`, `s.recvmsg_into`, `s.sendmsg` | [`Socket::recv_msg`], [`Socket::recv_msg_into`], [`Socket::send_msg`] |
//! | `socket.send_fds(s, …)`, `socket.recv_fds(s, …)` | [`Socket::send_descriptors`], [`Socket::recv_descriptors`] |
//! | `socket.CMSG_LEN(n)`, `socket.CMSG_SPACE(n)` | [`ancillary_length`], [`ancillary_space`] |
//! | `s.getsockname()`, `s.getpeername()` | [`Socket::local_address`], [`Socket::peer_address`] |
//! | `s.settimeout(t)`, `s.gettimeout()`, `s.setblocking(b)` | [`Socket::set_timeout`], [`Socket::timeout`], [`Socket::set_blocking`] |
//! | `s.makefile(mode)` | [`Socket::make_file`], [`SocketReader::new`], [`SocketWriter::new`] |
//! | `selectors.DefaultSelector()` | [`Selector`] |
//! | `s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)` | [`Socket::set_reuse_address`], and so on |
//! | `s.getsockopt(level, name[, n])`, `s.setsockopt(level, name, value)` | [`Socket::option`], [`Socket::option_bytes`], [`Socket::set_option`], [`Socket::set_option_bytes`] with a [`SocketOption`] |
//! | `s.shutdown(how)`, `s.close()` | [`Socket::shutdown`], [`Socket::close`] |
//! | `s.family`, `s.type`, `s.proto` | [`Socket::family`], [`Socket::kind`], [`Socket::protocol`] |
//! | `OSError`, `e.errno`, `TimeoutError`, `gaierror` | [`Error`], [`Error::errno`], [`Cause::TimedOut`], [`Cause::Resolver`] |

mod address;
mod ancillary;
#[cfg(feature = "tokio")]
mod async_connection;
#[cfg(feature = "tokio")]
mod async_io;
#[cfg(feature = "tokio")]
mod async_message;
#[cfg(feature = "tokio")]
mod async_socket;
#[cfg(feature = "tokio")]
mod async_stream;
#[cfg(feature = "tokio")]
mod async_wait;
mod attempt;
mod batch;
mod connection;
mod control;
mod create;
mod deadline;
pub mod descriptor_limit;
mod error;
mod file;
mod host;
pub mod inet;
mod interface;
mod io;
mod kind;
mod lookup;
mod message;
mod options;
mod race;
mod resolve;
mod resolver_error;
mod selector;
mod service;
mod socket;
mod stream;
mod sys;
mod wait;

pub use address::{Address, OtherAddress, PacketAddress, UnixAddress};
pub use ancillary::{
    Ancillary, Credentials, ExtendedError, PacketInfo, PacketInfo6, SendAncillary, Timestamping,
};
#[cfg(feature = "tokio")]
pub use async_socket::AsyncSocket;
pub use batch::{Datagram, ReceivedDatagram, ReceivedDatagrams, RecvBatch};
pub use connection::{ConnectOptions, connect_any, create_connection};
pub use control::{ancillary_length, ancillary_space};
pub use create::{ServerOptions, create_server};
pub use deadline::{Deadline, Spent, Timeout, default_timeout, set_default_timeout};
pub use error::{Cause, Error, Result};
pub use file::{Buffering, FileOptions, SocketFile, SocketReader, SocketWriter};
pub use host::{Host, NameFlags, full_host_name, host_name, name_of, set_host_name};
pub use interface::{interface_index, interface_name, interfaces};
pub use kind::{ErrorOrigin, Family, Kind, MsgFlags, Protocol, Shutdown};
pub use message::Message;
pub use options::{
    FilterInstruction, GroupSources, IcmpFilter, Level, Memory, PacketFanout, PacketMembership,
    PacketStatistics, PathMtu, SocketOption, TcpInfo, TcpState, TimestampingFlags, TransmitTime,
    WindowScale,
};
#[cfg(feature = "tokio")]
pub use resolve::resolve_async;
pub use resolve::{ResolveFlags, ResolveOptions, Resolved, Service, resolve, resolve_with};
pub use resolver_error::ResolverError;
pub use selector::{Event, Interest, Key, Registration, Selector, Waker};
pub use service::{protocol_by_name, protocol_name, service_name, service_port};
pub use socket::Socket;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
