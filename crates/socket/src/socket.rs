//! The socket: Python's calls, each under one deadline for the whole operation.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::address::Address;
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, MsgFlags, Protocol, Shutdown};
use crate::sys;
use crate::wait::Wait;

/// Python's `socket.socket`: an owned descriptor of a socket, and its timeout.
///
/// Every call takes `&self`: threads may share a socket, one receiving while another sends. Dropping it
/// closes it; [`Socket::close`] also reports what closing said. Descriptors do not survive an `exec`.
#[derive(Debug)]
#[doc(alias = "socketobject")]
pub struct Socket {
    inner: socket2::Socket,
    // Nanoseconds, in an atomic, so that a shared socket can change its timeout as Python's can.
    timeout: AtomicU64,
}

/// Making one.
impl Socket {
    /// `socket(2)`: a new socket that blocks, bound and connected to nothing.
    ///
    /// # Errors
    /// `EAFNOSUPPORT`, `EPROTONOSUPPORT` for what this kernel lacks, `EPERM` or `EACCES` for a raw socket
    /// without the privilege, `EMFILE` when the process is out of descriptors.
    #[doc(alias = "socket")]
    pub fn new(family: Family, kind: Kind, protocol: Protocol) -> Result<Self> {
        socket2::Socket::new(
            family.as_raw().into(),
            kind.as_raw().into(),
            protocol_of(protocol),
        )
        .map(|inner| Self::wrap(inner, Timeout::Never))
        .map_err(Error::from_io("create a socket"))
    }

    /// `socketpair(2)`: two sockets connected to each other. Python's default is
    /// [`Family::UNIX`], [`Kind::STREAM`].
    ///
    /// # Errors
    /// `EOPNOTSUPP` for a family that has no pairs (only [`Family::UNIX`] has), else as [`Socket::new`].
    #[doc(alias = "socketpair")]
    pub fn pair(family: Family, kind: Kind, protocol: Protocol) -> Result<(Self, Self)> {
        socket2::Socket::pair(
            family.as_raw().into(),
            kind.as_raw().into(),
            protocol_of(protocol),
        )
        .map(|(one, other)| {
            (
                Self::wrap(one, Timeout::Never),
                Self::wrap(other, Timeout::Never),
            )
        })
        .map_err(Error::from_io("create a pair of sockets"))
    }

    /// `dup`: another descriptor of the same socket, with the same timeout.
    ///
    /// Whether the descriptor blocks belongs to the socket, so a timeout set on one is felt by the other:
    /// one that was given no timeout still waits without end, but one that has a timeout may wait longer
    /// if its duplicate was set to block.
    ///
    /// # Errors
    /// `EMFILE` when the process is out of descriptors.
    #[doc(alias = "dup")]
    pub fn duplicate(&self) -> Result<Self> {
        self.inner
            .try_clone()
            .map(|inner| Self::wrap(inner, self.timeout()))
            .map_err(Error::from_io("duplicate a socket"))
    }

    pub(crate) fn wrap(inner: socket2::Socket, timeout: Timeout) -> Self {
        Self {
            inner,
            timeout: AtomicU64::new(to_nanoseconds(timeout)),
        }
    }

    pub(crate) fn inner(&self) -> &socket2::Socket {
        &self.inner
    }
}

/// Naming and connecting.
impl Socket {
    /// `bind(2)`: gives the socket its own address. Port 0 asks the kernel for a free one.
    ///
    /// # Errors
    /// `EADDRINUSE`, `EADDRNOTAVAIL` for an address that is not this machine's, `EACCES` for a port below
    /// 1024 without the privilege; [`Cause::Invalid`] for a Unix path that is too long.
    pub fn bind(&self, address: &Address) -> Result<()> {
        let failed = |cause| Error::with_address("bind", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        self.inner
            .bind(&raw)
            .map_err(|error| failed(Cause::from_io(error)))
    }

    /// `listen(2)`: starts taking connections; at most `backlog` wait to be accepted (the kernel caps it
    /// at `net.core.somaxconn`).
    ///
    /// # Errors
    /// `EOPNOTSUPP` for a kind without connections, `EADDRINUSE`.
    pub fn listen(&self, backlog: u32) -> Result<()> {
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        self.inner.listen(backlog).map_err(Error::from_io("listen"))
    }

    /// `accept(2)`: waits for a connection. The new socket blocks, whatever this one's timeout.
    ///
    /// # Errors
    /// [`Cause::TimedOut`]; `ECONNABORTED` for a connection that was gone before it was accepted (the
    /// next may be fine); `EMFILE`, `ENFILE` when there is no descriptor for it (the connection still waits).
    pub fn accept(&self) -> Result<(Self, Address)> {
        self.wait("accept", PollFlags::IN, || {
            self.attempt_accept(Timeout::Never)
        })
    }

    /// `connect(2)`: makes a connection, or gives a datagram socket its peer.
    ///
    /// With a timeout of zero the connection is only begun, which is `EINPROGRESS`: wait until the socket is
    /// writable and call again. A failed connection leaves a socket that is good only for closing.
    ///
    /// # Errors
    /// `ECONNREFUSED`, `ENETUNREACH`, `EHOSTUNREACH`, [`Cause::TimedOut`], `EAGAIN` for a Unix listener whose
    /// queue is full and a socket with a timeout, [`Cause::Invalid`] for a Unix path that is too long.
    pub fn connect(&self, address: &Address) -> Result<()> {
        let failed = |cause| Error::with_address("connect", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        let outcome = if self.timeout() == Timeout::Zero {
            self.inner.connect(&raw)
        } else {
            Wait::new(self.as_fd(), self.timeout())
                .until(PollFlags::OUT, || self.attempt_connect(&raw))
                .map_err(failed)?
        };
        outcome.map_err(|error| failed(Cause::from_io(error)))
    }

    /// [`Socket::connect`], with the failure as a number as in Python: 0 or an `errno`; `EAGAIN` when timed out.
    ///
    /// # Errors
    /// Only what no kernel was asked about: [`Cause::Invalid`].
    pub fn connect_ex(&self, address: &Address) -> Result<i32> {
        match self.connect(address) {
            Ok(()) => Ok(0),
            Err(error) => match (error.errno(), error.cause()) {
                (Some(errno), _) => Ok(errno),
                (None, Cause::TimedOut) => Ok(Errno::AGAIN.raw_os_error()),
                _ => Err(error),
            },
        }
    }

    /// `getsockname(2)`: this end's address.
    ///
    /// # Errors
    /// `EAFNOSUPPORT` for a family that [`Address`] cannot hold.
    #[doc(alias = "getsockname")]
    #[doc(alias = "local_addr")]
    pub fn local_address(&self) -> Result<Address> {
        self.inner
            .local_addr()
            .and_then(|raw| Address::from_raw(&raw))
            .map_err(Error::from_io("read the local address"))
    }

    /// `getpeername(2)`: the other end's address.
    ///
    /// # Errors
    /// `ENOTCONN` when there is no other end, or it is gone.
    #[doc(alias = "getpeername")]
    #[doc(alias = "peer_addr")]
    pub fn peer_address(&self) -> Result<Address> {
        self.inner
            .peer_addr()
            .and_then(|raw| Address::from_raw(&raw))
            .map_err(Error::from_io("read the peer's address"))
    }
}

/// Receiving and sending.
impl Socket {
    /// `recv(2)`: waits for data and takes what is there, at most the buffer. Python's `recv_into`.
    ///
    /// 0 from a stream means that the peer has ended its side. What of a datagram does not fit is lost.
    ///
    /// # Errors
    /// [`Cause::TimedOut`], `EAGAIN` with a timeout of zero, `ECONNRESET`, `ENOTCONN`.
    #[doc(alias = "recv_into")]
    #[doc(alias = "read")]
    pub fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        self.wait("receive", PollFlags::IN, || self.attempt_recv(buffer))
    }

    /// `recvfrom(2)`: [`Socket::recv`], and who sent it ([`UnixAddress::Unnamed`](crate::UnixAddress::Unnamed)
    /// where the kernel does not say).
    ///
    /// # Errors
    /// As [`Socket::recv`].
    #[doc(alias = "recvfrom")]
    #[doc(alias = "recvfrom_into")]
    pub fn recv_from(&self, buffer: &mut [u8]) -> Result<(usize, Address)> {
        self.wait("receive", PollFlags::IN, || self.attempt_recv_from(buffer))
    }

    /// `send(2)`: waits until some of it can go, and returns how many bytes went.
    ///
    /// # Errors
    /// [`Cause::TimedOut`], `EAGAIN` with a timeout of zero, `EPIPE` and `ECONNRESET` when the peer is gone
    /// (never a signal), `EMSGSIZE` for a datagram that is too long.
    #[doc(alias = "write")]
    pub fn send(&self, data: &[u8]) -> Result<usize> {
        self.send_with(data, MsgFlags::NONE)
    }

    /// [`Socket::send`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send`].
    pub fn send_with(&self, data: &[u8], flags: MsgFlags) -> Result<usize> {
        self.wait("send", PollFlags::OUT, || self.attempt_send(data, flags))
    }

    /// Python's `sendall`: sends all of it, under one deadline for the whole.
    ///
    /// # Errors
    /// As [`Socket::send`]; how much had gone is then not known, so the stream is good only for closing.
    #[doc(alias = "sendall")]
    #[doc(alias = "write_all")]
    pub fn send_all(&self, data: &[u8]) -> Result<()> {
        self.send_all_with(data, MsgFlags::NONE)
    }

    /// [`Socket::send_all`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send_all`].
    pub fn send_all_with(&self, data: &[u8], flags: MsgFlags) -> Result<()> {
        let mut wait = Wait::started(self.as_fd(), self.timeout());
        let mut rest = data;
        while !rest.is_empty() {
            let sent = wait
                .until(PollFlags::OUT, || self.attempt_send(rest, flags))
                .map_err(|cause| Error::new("send", cause))?;
            rest = &rest[sent..];
        }
        Ok(())
    }

    /// `sendto(2)`: [`Socket::send`] to an address.
    ///
    /// # Errors
    /// As [`Socket::send`], and `EISCONN` on a connected stream.
    #[doc(alias = "sendto")]
    pub fn send_to(&self, data: &[u8], address: &Address) -> Result<usize> {
        let failed = |cause| Error::with_address("send", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        Wait::new(self.as_fd(), self.timeout())
            .until(PollFlags::OUT, || self.attempt_send_to(data, &raw))
            .map_err(failed)
    }

    /// `sendmsg(2)`: [`Socket::send`] of many pieces in one call; returns how many bytes of all of them
    /// went. Of more than 1024 pieces the first 1024 are taken.
    ///
    /// # Errors
    /// As [`Socket::send`].
    #[doc(alias = "sendmsg")]
    #[doc(alias = "writev")]
    pub fn send_vectored(&self, pieces: &[IoSlice<'_>]) -> Result<usize> {
        self.wait("send", PollFlags::OUT, || {
            self.attempt_send_vectored(pieces)
        })
    }

    /// `sendfile(2)`: sends `count` bytes of a file from `offset` on without copying them through the
    /// process; returns how many went, 0 at the end of the file. The file's own position is neither used nor moved.
    ///
    /// # Errors
    /// As [`Socket::send`]; `EINVAL` for a descriptor that cannot be mapped, such as a socket.
    #[doc(alias = "sendfile")]
    pub fn send_file(&self, file: impl AsFd, offset: u64, count: usize) -> Result<usize> {
        self.wait("send a file", PollFlags::OUT, || {
            self.attempt_send_file(&file, offset, count)
        })
    }

    /// The way of every call that may wait.
    fn wait<T>(
        &self,
        operation: &'static str,
        event: PollFlags,
        attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T> {
        Wait::new(self.as_fd(), self.timeout())
            .until(event, attempt)
            .map_err(|cause| Error::new(operation, cause))
    }
}

/// Ending.
impl Socket {
    /// `shutdown(2)`: ends one direction or both, for every duplicate too. The peer sees the end of the stream.
    ///
    /// # Errors
    /// `ENOTCONN` when it was never connected, or the peer has reset the connection.
    pub fn shutdown(&self, how: Shutdown) -> Result<()> {
        self.inner
            .shutdown(how)
            .map_err(Error::from_io("shut down"))
    }

    /// `close(2)`: what dropping does, with its error.
    ///
    /// # Errors
    /// Rare, and the descriptor is closed all the same: a socket with `SO_LINGER` may report what it lost.
    pub fn close(self) -> Result<()> {
        sys::close(self.into()).map_err(Error::from_io("close"))
    }
}

/// Time.
impl Socket {
    /// Python's `settimeout`: how long each later call may take. Accepts a [`Timeout`], a [`Duration`] or
    /// an `Option<Duration>` (`None` blocks). Default: no timeout.
    ///
    /// With a timeout the descriptor is non-blocking, for its duplicates too. Times beyond 584 years are cut to that.
    ///
    /// # Errors
    /// None that Linux documents.
    #[doc(alias = "settimeout")]
    #[doc(alias = "setblocking")]
    #[doc(alias = "set_nonblocking")]
    pub fn set_timeout(&self, timeout: impl Into<Timeout>) -> Result<()> {
        let timeout = timeout.into();
        rustix::io::ioctl_fionbio(self, timeout != Timeout::Never)
            .map_err(|errno| Error::new("set the timeout", errno.into()))?;
        self.timeout
            .store(to_nanoseconds(timeout), Ordering::Relaxed);
        Ok(())
    }

    /// Python's `gettimeout`: how long each call may take.
    #[must_use]
    #[doc(alias = "gettimeout")]
    #[doc(alias = "getblocking")]
    pub fn timeout(&self) -> Timeout {
        match self.timeout.load(Ordering::Relaxed) {
            NEVER => Timeout::Never,
            nanoseconds => Duration::from_nanos(nanoseconds).into(),
        }
    }
}

const NEVER: u64 = u64::MAX;

fn to_nanoseconds(timeout: Timeout) -> u64 {
    match timeout {
        Timeout::Never => NEVER,
        Timeout::Zero => 0,
        Timeout::After(duration) => u64::try_from(duration.as_nanos())
            .unwrap_or(NEVER)
            .min(NEVER - 1),
    }
}

fn protocol_of(protocol: Protocol) -> Option<socket2::Protocol> {
    (protocol != Protocol::DEFAULT).then(|| protocol.as_raw().into())
}

/// Python's `socket.socket(fileno=…)`. A descriptor that does not block gets a timeout of zero.
impl From<OwnedFd> for Socket {
    fn from(descriptor: OwnedFd) -> Self {
        let inner = socket2::Socket::from(descriptor);
        // Reading an owned descriptor's flags cannot fail.
        let timeout = match inner.nonblocking() {
            Ok(true) => Timeout::Zero,
            _ => Timeout::Never,
        };
        Self::wrap(inner, timeout)
    }
}

/// Python's `detach`.
impl From<Socket> for OwnedFd {
    fn from(socket: Socket) -> Self {
        socket.inner.into()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Python's `fileno`.
impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}
