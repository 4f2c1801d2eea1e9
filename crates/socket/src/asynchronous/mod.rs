//! The socket on tokio: the same calls under the same names, awaited.

mod connection;
pub(crate) mod descriptor;
mod io;
mod message;
pub(crate) mod place;
mod stream;
pub(crate) mod wait;

use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use tokio::io::Interest;

use crate::address::Address;
use crate::asynchronous::wait::is_short_of;
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, MsgFlags, Protocol, Shutdown};
use crate::socket::Socket;
use crate::sys::Driven;

/// [`Socket`] on tokio: the same calls, which wait without blocking the thread.
///
/// All calls take `&self`; any number of tasks may use one socket, but of those that poll it as
/// [`AsyncRead`](tokio::io::AsyncRead) (or as [`AsyncWrite`](tokio::io::AsyncWrite)) only the last is woken. Its timeout is zero, so deadlines are the
/// caller's (`tokio::time::timeout`). It belongs to the runtime in which it first waits; listening sockets
/// are [duplicated](Socket::duplicate) to be accepted from by several runtimes.
///
/// What never waits and has no name here is [`AsyncSocket::socket`]'s: every option, inheritance, the number of the
/// descriptor. Its timeout is not to be changed there.
///
/// There is no `make_file` here: `tokio::io::BufReader::new(&socket)` and `BufWriter` are it.
///
/// **Cancelling** (dropping) a call that has not finished loses nothing that was received or accepted, and
/// has sent nothing; only [`send_all`](AsyncSocket::send_all) may have sent a part.
///
/// # Panics
/// A call that has to wait panics outside a tokio runtime with its I/O driver enabled.
///
/// # Examples
/// ```
/// use std::net::SocketAddr;
/// use landline_socket::{AsyncSocket, Family, Kind, Protocol, ServerOptions, create_server};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///
/// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let server = AsyncSocket::from_socket(create_server(&any_port, &ServerOptions::default())?)?;
/// let client = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// client.connect(&server.local_address()?).await?;
/// client.send_all(b"hello").await?;
///
/// let (connection, _) = server.accept().await?;
/// let mut buffer = [0; 64];
/// let received = connection.recv(&mut buffer).await?;
/// assert_eq!(&buffer[..received], b"hello");
/// # Ok::<(), landline_socket::Error>(())
/// # })?;
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Debug)]
pub struct AsyncSocket {
    pub(crate) driven: Driven,
}

/// Making one.
impl AsyncSocket {
    /// `socket(2)`: as [`Socket::new`].
    ///
    /// # Errors
    /// As [`Socket::new`].
    pub fn new(family: Family, kind: Kind, protocol: Protocol) -> Result<Self> {
        Self::from_socket(Socket::new(family, kind, protocol)?)
    }

    /// `socketpair(2)`: as [`Socket::pair`].
    ///
    /// # Errors
    /// As [`Socket::pair`].
    #[doc(alias = "socketpair")]
    pub fn pair(family: Family, kind: Kind, protocol: Protocol) -> Result<(Self, Self)> {
        let (one, other) = Socket::pair(family, kind, protocol)?;
        Ok((Self::from_socket(one)?, Self::from_socket(other)?))
    }

    /// `dup`: as [`Socket::duplicate`], with a place of its own in the runtime, which may be another one.
    ///
    /// # Errors
    /// As [`Socket::duplicate`].
    #[doc(alias = "dup")]
    pub fn duplicate(&self) -> Result<Self> {
        Self::from_socket(self.socket().duplicate()?)
    }

    /// Takes a socket over, setting its timeout to zero: the descriptor no longer blocks, nor do its duplicates.
    ///
    /// # Errors
    /// As [`Socket::set_timeout`].
    pub fn from_socket(socket: Socket) -> Result<Self> {
        socket.set_timeout(Timeout::Zero)?;
        Ok(Self {
            driven: Driven::new(socket),
        })
    }

    /// The socket alone, with a timeout of zero, out of the runtime: what [`AsyncSocket::from_socket`] took over.
    #[must_use]
    pub fn into_socket(self) -> Socket {
        self.driven.into_socket()
    }

    /// Python's `detach`: the descriptor without the socket, still open, and not blocking.
    #[must_use]
    pub fn detach(self) -> OwnedFd {
        self.into_socket().detach()
    }

    /// The socket, for its options and whatever else never waits. Its timeout must stay zero, or the runtime would block.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        self.driven.socket()
    }

    /// `bind(2)`: as [`Socket::bind`], which never waits.
    ///
    /// # Errors
    /// As [`Socket::bind`].
    pub fn bind(&self, address: &Address) -> Result<()> {
        self.socket().bind(address)
    }

    /// `listen(2)`: as [`Socket::listen`].
    ///
    /// # Errors
    /// As [`Socket::listen`].
    pub fn listen(&self, backlog: u32) -> Result<()> {
        self.socket().listen(backlog)
    }

    /// `getsockname(2)`: this end's address.
    ///
    /// # Errors
    /// As [`Socket::local_address`].
    #[doc(alias = "getsockname")]
    pub fn local_address(&self) -> Result<Address> {
        self.socket().local_address()
    }

    /// `getpeername(2)`: the other end's address.
    ///
    /// # Errors
    /// As [`Socket::peer_address`].
    #[doc(alias = "getpeername")]
    pub fn peer_address(&self) -> Result<Address> {
        self.socket().peer_address()
    }
}

/// Calls that wait.
impl AsyncSocket {
    /// `accept(2)`: waits for a connection.
    ///
    /// # Errors
    /// As [`Socket::accept`]; tell them apart by [`Error::errno`].
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{AsyncSocket, Family, Kind, Protocol, ServerOptions, create_server};
    /// use std::time::Duration;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let server = AsyncSocket::from_socket(create_server(&any_port, &ServerOptions::default())?)?;
    /// // The deadline is the caller's, and a call that is given up loses nothing.
    /// let late = tokio::time::timeout(Duration::from_millis(20), server.accept()).await;
    /// assert!(late.is_err());
    ///
    /// let client = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// client.connect(&server.local_address()?).await?;
    /// let (_connection, peer) = server.accept().await?;
    /// assert_eq!(peer, client.local_address()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// # })?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub async fn accept(&self) -> Result<(Self, Address)> {
        self.drive_with("accept", MsgFlags::NONE, Interest::READABLE, |socket| {
            let (socket, address) = socket.attempt_accept(Timeout::Zero)?;
            let driven = Driven::new(socket);
            Ok((Self { driven }, address))
        })
        .await
    }

    /// `connect(2)`: makes a connection, or gives a datagram socket its peer. Cancelled, it goes on in the
    /// kernel: call it again to wait for the outcome, or close the socket.
    ///
    /// # Errors
    /// As [`Socket::connect`].
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{AsyncSocket, Family, Kind, Protocol, ServerOptions, create_server};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let server = AsyncSocket::from_socket(create_server(&any_port, &ServerOptions::default())?)?;
    /// let client = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// client.connect(&server.local_address()?).await?;
    /// assert_eq!(client.peer_address()?, server.local_address()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// # })?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub async fn connect(&self, address: &Address) -> Result<()> {
        let failed = |cause| Error::with_address("connect", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        let mut has_begun = false;
        let connect = |socket: &Socket| socket.attempt_connect(&raw, &mut has_begun);
        self.wait(Interest::WRITABLE, connect, |_| false)
            .await
            .map_err(|error| failed(Cause::from_io(error)))?
            .map_err(|errno| failed(errno.into()))?;
        if let Some(registration) = self.driven.registered() {
            registration.connected();
        }
        Ok(())
    }

    /// `recv(2)`: waits for data and takes what is there, at most the buffer; 0 at the end of a stream.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{AsyncSocket, Family, Kind, Protocol};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    ///
    /// let (one, other) = AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"hello").await?;
    /// one.close()?;
    /// assert_eq!(other.recv(&mut [0; 64]).await?, 5);
    /// assert_eq!(other.recv(&mut [0; 64]).await?, 0);
    /// # Ok::<(), landline_socket::Error>(())
    /// # })?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "read")]
    pub async fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        let room = buffer.len();
        let recv = |socket: &Socket| socket.attempt_recv(buffer, MsgFlags::NONE);
        self.wait(Interest::READABLE, recv, is_short_of(room))
            .await
            .map_err(Error::from_io("receive"))
    }

    /// `recvfrom(2)`: [`AsyncSocket::recv`], and who sent it.
    ///
    /// # Errors
    /// As [`Socket::recv_from`].
    #[doc(alias = "recvfrom")]
    pub async fn recv_from(&self, buffer: &mut [u8]) -> Result<(usize, Address)> {
        self.recv_from_with(buffer, MsgFlags::NONE).await
    }

    /// `send(2)`: waits until some of it can go, and returns how many bytes went.
    ///
    /// # Errors
    /// As [`Socket::send`].
    #[doc(alias = "write")]
    pub async fn send(&self, data: &[u8]) -> Result<usize> {
        self.drive_with("send", MsgFlags::NONE, Interest::WRITABLE, |socket| {
            socket.attempt_send(data, MsgFlags::NONE)
        })
        .await
    }

    /// [`AsyncSocket::send`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send`].
    pub async fn send_with(&self, data: &[u8], flags: MsgFlags) -> Result<usize> {
        self.drive_with("send", flags, Interest::WRITABLE, |socket| {
            socket.attempt_send(data, flags)
        })
        .await
    }

    /// Python's `sendall`: sends all of it. Cancelled, it may have sent a part, and how much is not known.
    ///
    /// # Errors
    /// As [`Socket::send_all`].
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{AsyncSocket, Family, Kind, Protocol};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    ///
    /// let (one, other) = AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let data = vec![0; 1 << 20];
    /// let receive = async {
    ///     let (mut all, mut buffer) = (0, vec![0; 1 << 16]);
    ///     while all < 1 << 20 {
    ///         all += other.recv(&mut buffer).await?;
    ///     }
    ///     Ok(())
    /// };
    /// tokio::try_join!(one.send_all(&data), receive)?;
    /// # Ok::<(), landline_socket::Error>(())
    /// # })?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "sendall")]
    #[doc(alias = "write_all")]
    pub async fn send_all(&self, data: &[u8]) -> Result<()> {
        self.drive_all(data, MsgFlags::NONE).await
    }

    /// [`AsyncSocket::send_all`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send_all`].
    pub async fn send_all_with(&self, data: &[u8], flags: MsgFlags) -> Result<()> {
        self.drive_all(data, flags).await
    }

    /// `sendto(2)`: [`AsyncSocket::send`] to an address.
    ///
    /// # Errors
    /// As [`Socket::send_to`].
    #[doc(alias = "sendto")]
    pub async fn send_to(&self, data: &[u8], address: &Address) -> Result<usize> {
        self.send_to_with(data, MsgFlags::NONE, address).await
    }

    /// `sendmsg(2)`: many pieces in one call; returns how many bytes of all of them went. Of more than 1024
    /// pieces the first 1024 are taken.
    ///
    /// # Errors
    /// As [`Socket::send`].
    #[doc(alias = "sendmsg")]
    #[doc(alias = "writev")]
    pub async fn send_vectored(&self, pieces: &[IoSlice<'_>]) -> Result<usize> {
        self.drive_with("send", MsgFlags::NONE, Interest::WRITABLE, |socket| {
            socket.attempt_send_vectored(pieces)
        })
        .await
    }

    /// `sendfile(2)`: sends `count` bytes of a file from `offset` on without copying them through the
    /// process; returns how many went, 0 at the end of the file. The file's own position is neither used nor moved.
    ///
    /// A part of the file that is not in memory is read from its disk meanwhile, on this thread.
    ///
    /// # Errors
    /// As [`Socket::send`]; `EINVAL` for a descriptor that cannot be mapped, such as a socket.
    #[doc(alias = "sendfile")]
    pub async fn send_file(&self, file: impl AsFd, offset: u64, count: usize) -> Result<usize> {
        self.drive_with(
            "send a file",
            MsgFlags::NONE,
            Interest::WRITABLE,
            |socket| socket.attempt_send_file(&file, offset, count),
        )
        .await
    }

    /// Waits until a receive, or an accept, may succeed or fail at once. It may also find nothing: try, and wait again.
    ///
    /// # Errors
    /// [`Cause::Closed`] when the runtime shuts down.
    pub async fn readable(&self) -> Result<()> {
        self.ready(Interest::READABLE).await
    }

    /// Waits until a send may succeed or fail at once. It may also find no room: try, and wait again.
    ///
    /// # Errors
    /// [`Cause::Closed`] when the runtime shuts down.
    pub async fn writable(&self) -> Result<()> {
        self.ready(Interest::WRITABLE).await
    }
}

/// Calls that do not wait.
impl AsyncSocket {
    /// `recv(2)` of what is there now.
    ///
    /// # Errors
    /// `EAGAIN` when there is nothing, else as [`Socket::recv`].
    pub fn try_recv(&self, buffer: &mut [u8]) -> Result<usize> {
        let room = buffer.len();
        let recv = |socket: &Socket| socket.attempt_recv(buffer, MsgFlags::NONE);
        self.attempt(Interest::READABLE, recv, is_short_of(room))
            .map_err(Error::from_io("receive"))
    }

    /// `send(2)` of what there is room for now.
    ///
    /// # Errors
    /// `EAGAIN` when there is none, else as [`Socket::send`].
    pub fn try_send(&self, data: &[u8]) -> Result<usize> {
        let send = |socket: &Socket| socket.attempt_send(data, MsgFlags::NONE);
        self.attempt(Interest::WRITABLE, send, |_| false)
            .map_err(Error::from_io("send"))
    }

    /// [`AsyncSocket::send_vectored`] of what there is room for now.
    ///
    /// # Errors
    /// `EAGAIN` when there is none, else as [`Socket::send`].
    pub fn try_send_vectored(&self, pieces: &[IoSlice<'_>]) -> Result<usize> {
        let send = |socket: &Socket| socket.attempt_send_vectored(pieces);
        self.attempt(Interest::WRITABLE, send, |_| false)
            .map_err(Error::from_io("send"))
    }

    /// [`AsyncSocket::send_file`] of what there is room for now.
    ///
    /// # Errors
    /// `EAGAIN` when there is none, else as [`AsyncSocket::send_file`].
    pub fn try_send_file(&self, file: impl AsFd, offset: u64, count: usize) -> Result<usize> {
        let send = |socket: &Socket| socket.attempt_send_file(&file, offset, count);
        self.attempt(Interest::WRITABLE, send, |_| false)
            .map_err(Error::from_io("send a file"))
    }

    /// `shutdown(2)`: as [`Socket::shutdown`], which never waits.
    ///
    /// # Errors
    /// As [`Socket::shutdown`].
    pub fn shutdown(&self, how: Shutdown) -> Result<()> {
        self.socket().shutdown(how)
    }

    /// `close(2)`: as [`Socket::close`].
    ///
    /// # Errors
    /// As [`Socket::close`].
    pub fn close(self) -> Result<()> {
        self.into_socket().close()
    }
}

impl AsFd for AsyncSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }
}
