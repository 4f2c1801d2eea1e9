//! The socket: Python's calls, each under one deadline for the whole operation.

use std::num::NonZeroU32;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::OFlags;
use rustix::io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd};
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use crate::deadline::{SharedTimeout, Timeout, default_timeout};
use crate::error::{CREATE, Error, Result};
use crate::kind::{Family, Kind, Protocol, Shutdown};
use crate::message::batch::Offload;
use crate::sys;

/// Python's `socket.socket`: an owned descriptor of a socket, and its timeout.
///
/// Every call takes `&self`: threads may share a socket, one receiving while another sends. Dropping it
/// closes it; [`Socket::close`] also reports what closing said. Descriptors do not survive an `exec`.
///
/// # Ending what another thread waits for
/// A socket that a thread waits on is borrowed, so it cannot be closed under it (in CPython it can; the other
/// thread then goes on with what may be another's descriptor). What ends the wait is [`Socket::shutdown`], from
/// any thread and on any duplicate, in the same way as in CPython:
///
/// | waiting | outcome |
/// |---|---|
/// | receive from a stream | 0, the end of the stream |
/// | accept on TCP | `EINVAL` |
/// | send | `EPIPE` |
/// | connect | `ECONNRESET` |
/// | without a timeout: accept on a Unix socket; receive of datagrams | `EINVAL`; 0 |
/// | with a timeout: those two, and send on a Unix socket whose peer takes nothing | nothing, it ends at its timeout: the kernel reports none of them |
///
/// Closing or dropping a duplicate ends nothing. To wait for a wake-up beside a socket there is
/// [`Selector`](crate::Selector).
///
/// # Examples
/// ```
/// use std::net::SocketAddr;
/// use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
///
/// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let server = create_server(&any_port, &ServerOptions::default())?;
/// let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// client.connect(&server.local_address()?)?;
/// client.send_all(b"hello")?;
///
/// let (connection, peer) = server.accept()?;
/// assert_eq!(peer, client.local_address()?);
/// let mut buffer = [0; 64];
/// let received = connection.recv(&mut buffer)?;
/// assert_eq!(&buffer[..received], b"hello");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "socketobject")]
pub struct Socket {
    descriptor: OwnedFd,
    // A socket that is shared can change its timeout, as Python's can.
    timeout: SharedTimeout,
    offload: Offload,
}

/// Making one.
impl Socket {
    /// `socket(2)`: a new socket with the [default timeout](crate::set_default_timeout), bound and connected to nothing.
    ///
    /// # Errors
    /// `EAFNOSUPPORT`, `EPROTONOSUPPORT` for what this kernel lacks, `EPERM` or `EACCES` for a raw socket
    /// without the privilege, `EMFILE` when the process is out of descriptors.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP)?;
    /// assert_eq!((socket.family()?, socket.kind()?), (Family::INET, Kind::DGRAM));
    /// assert!(!socket.is_inheritable()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "socket")]
    pub fn new(family: Family, kind: Kind, protocol: Protocol) -> Result<Self> {
        let timeout = default_timeout();
        family_of(family)
            .and_then(|family| {
                let flags = flags_of(timeout);
                net::socket_with(family, kind_of(kind), flags, protocol_of(protocol))
            })
            .map(|descriptor| Self::wrap(descriptor, timeout))
            .map_err(|errno| Error::new(CREATE, errno.into()))
    }

    /// `socketpair(2)`: two sockets connected to each other. Python's default is
    /// [`Family::UNIX`], [`Kind::STREAM`].
    ///
    /// # Errors
    /// `EOPNOTSUPP` for a family that has no pairs (only [`Family::UNIX`] has), else as [`Socket::new`].
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send(b"ping")?;
    /// let mut buffer = [0; 64];
    /// assert_eq!(other.recv(&mut buffer)?, 4);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "socketpair")]
    pub fn pair(family: Family, kind: Kind, protocol: Protocol) -> Result<(Self, Self)> {
        let timeout = default_timeout();
        family_of(family)
            .and_then(|family| {
                let flags = flags_of(timeout);
                net::socketpair(family, kind_of(kind), flags, protocol_of(protocol))
            })
            .map(|(one, other)| (Self::wrap(one, timeout), Self::wrap(other, timeout)))
            .map_err(|errno| Error::new("create a pair of sockets", errno.into()))
    }

    /// `dup`: another descriptor of the same socket, with the same timeout.
    ///
    /// Whether the descriptor blocks belongs to the socket, so a timeout set on one is felt by the other:
    /// one that was given no timeout still waits without end, but one that has a timeout may wait longer
    /// if its duplicate was set to block.
    ///
    /// # Errors
    /// `EMFILE` when the process is out of descriptors.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.duplicate()?.send(b"by the duplicate")?;
    /// one.send(b", and still open")?;
    /// let mut buffer = Vec::with_capacity(64);
    /// other.recv_into(&mut buffer)?;
    /// assert_eq!(buffer, b"by the duplicate, and still open");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "dup")]
    #[doc(alias = "fromfd")]
    pub fn duplicate(&self) -> Result<Self> {
        rustix::io::fcntl_dupfd_cloexec(&self.descriptor, 0)
            .map(|descriptor| Self::wrap(descriptor, self.timeout()))
            .map_err(|errno| Error::new("duplicate a socket", errno.into()))
    }

    /// What is known of the socket's offload.
    pub(crate) fn offload(&self) -> &Offload {
        &self.offload
    }

    pub(crate) fn wrap(descriptor: OwnedFd, timeout: Timeout) -> Self {
        Self {
            descriptor,
            timeout: SharedTimeout::new(timeout),
            offload: Offload::default(),
        }
    }
}

/// Ending.
impl Socket {
    /// `shutdown(2)`: ends one direction or both, for every duplicate too. The peer sees the end of the stream.
    ///
    /// # Errors
    /// `ENOTCONN` when it was never connected, or the peer has reset the connection.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Shutdown, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.shutdown(Shutdown::Write)?;
    /// assert_eq!(other.recv(&mut [0; 64])?, 0);
    /// // The other direction goes on.
    /// other.send_all(b"still here")?;
    /// assert_eq!(one.recv(&mut [0; 64])?, 10);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "SHUT_RD")]
    #[doc(alias = "SHUT_WR")]
    #[doc(alias = "SHUT_RDWR")]
    pub fn shutdown(&self, how: Shutdown) -> Result<()> {
        let how = match how {
            Shutdown::Read => net::Shutdown::Read,
            Shutdown::Write => net::Shutdown::Write,
            Shutdown::Both => net::Shutdown::Both,
        };
        net::shutdown(&self.descriptor, how).map_err(|errno| Error::new("shut down", errno.into()))
    }

    /// `close(2)`: what dropping does, with its error.
    ///
    /// # Errors
    /// Rare, and the descriptor is closed all the same: a socket with `SO_LINGER` may report what it lost.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.close()?;
    /// assert_eq!(other.recv(&mut [0; 64])?, 0);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn close(self) -> Result<()> {
        sys::close(self.into()).map_err(Error::from_io("close"))
    }
}

/// Time.
impl Socket {
    /// Python's `settimeout`: how long each later call may take. Accepts a [`Timeout`], a [`Duration`](std::time::Duration) or
    /// an `Option<Duration>` (`None` blocks). Default: the [default timeout](crate::set_default_timeout).
    ///
    /// With a timeout the descriptor is non-blocking, for its duplicates too. Times beyond 584 years are cut to that.
    /// It is for calls that begin later: one that waits already, in another thread, may be ended by neither.
    ///
    /// # Errors
    /// None that Linux documents.
    ///
    /// # Examples
    /// ```
    /// use std::io::ErrorKind;
    /// use std::time::Duration;
    /// use landline_socket::{Family, Kind, Protocol, Socket, Timeout};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.set_timeout(Duration::from_millis(20))?;
    /// assert_eq!(one.recv(&mut [0]).unwrap_err().kind(), ErrorKind::TimedOut);
    /// one.set_timeout(Timeout::Zero)?;
    /// assert_eq!(one.recv(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    /// one.set_timeout(None)?;
    /// assert_eq!(one.timeout(), Timeout::Never);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "settimeout")]
    pub fn set_timeout(&self, timeout: impl Into<Timeout>) -> Result<()> {
        self.timeout.set(timeout.into());
        // Of threads that set it at once, the one whose word stays may not be the one that asks the kernel last:
        // whoever asked looks again, so that the last to ask has asked for what stayed.
        loop {
            let blocks = self.timeout() == Timeout::Never;
            rustix::io::ioctl_fionbio(self, !blocks)
                .map_err(|errno| Error::new("set the timeout", errno.into()))?;
            if blocks == (self.timeout() == Timeout::Never) {
                return Ok(());
            }
        }
    }

    /// Python's `gettimeout`: how long each call may take.
    #[must_use]
    #[doc(alias = "gettimeout")]
    #[inline]
    pub fn timeout(&self) -> Timeout {
        self.timeout.get()
    }

    /// Python's `setblocking`: no timeout, or a timeout of zero.
    ///
    /// # Errors
    /// As [`Socket::set_timeout`].
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket, Timeout};
    ///
    /// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// socket.set_blocking(false)?;
    /// assert_eq!(socket.timeout(), Timeout::Zero);
    /// assert!(!socket.is_blocking());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "setblocking")]
    #[doc(alias = "set_nonblocking")]
    pub fn set_blocking(&self, blocking: bool) -> Result<()> {
        self.set_timeout(if blocking {
            Timeout::Never
        } else {
            Timeout::Zero
        })
    }

    /// Python's `getblocking`: whether calls may wait at all, with a timeout or without.
    #[must_use]
    #[doc(alias = "getblocking")]
    pub fn is_blocking(&self) -> bool {
        self.timeout() != Timeout::Zero
    }
}

/// A new descriptor does not survive an `exec`, and blocks only where there is no timeout.
pub(crate) fn flags_of(timeout: Timeout) -> SocketFlags {
    let mut flags = SocketFlags::CLOEXEC;
    flags.set(SocketFlags::NONBLOCK, timeout != Timeout::Never);
    flags
}

/// The kernel's own answer to a family that C's `sa_family_t` cannot hold.
fn family_of(family: Family) -> Result<AddressFamily, Errno> {
    let number = u16::try_from(family.as_raw()).map_err(|_| Errno::AFNOSUPPORT)?;
    Ok(AddressFamily::from_raw(number))
}

fn kind_of(kind: Kind) -> SocketType {
    SocketType::from_raw(kind.as_raw().cast_unsigned())
}

fn protocol_of(protocol: Protocol) -> Option<net::Protocol> {
    NonZeroU32::new(protocol.as_raw().cast_unsigned()).map(net::Protocol::from_raw)
}

/// The descriptor itself.
impl Socket {
    /// Python's `fileno`: the number of the descriptor.
    #[must_use]
    #[doc(alias = "fileno")]
    pub fn descriptor(&self) -> RawFd {
        self.as_raw_fd()
    }

    /// Python's `detach`: the descriptor without the socket, still open. [`Socket::from`] takes it back.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let descriptor = one.detach();
    /// Socket::from(descriptor).send(b"x")?;
    /// assert_eq!(other.recv(&mut [0])?, 1);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[must_use]
    pub fn detach(self) -> OwnedFd {
        self.into()
    }

    /// Python's `get_inheritable`: whether the descriptor survives an `exec`. Default: no, as in Python.
    ///
    /// # Errors
    /// None that Linux documents.
    #[doc(alias = "get_inheritable")]
    #[doc(alias = "FD_CLOEXEC")]
    pub fn is_inheritable(&self) -> Result<bool> {
        fcntl_getfd(self)
            .map(|flags| !flags.contains(FdFlags::CLOEXEC))
            .map_err(|errno| Error::new("get FD_CLOEXEC", errno.into()))
    }

    /// Python's `set_inheritable`: whether programs that this process starts get the descriptor too.
    ///
    /// # Errors
    /// None that Linux documents.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// socket.set_inheritable(true)?;
    /// assert!(socket.is_inheritable()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "FD_CLOEXEC")]
    pub fn set_inheritable(&self, inheritable: bool) -> Result<()> {
        let mut flags = FdFlags::empty();
        flags.set(FdFlags::CLOEXEC, !inheritable);
        fcntl_setfd(self, flags).map_err(|errno| Error::new("set FD_CLOEXEC", errno.into()))
    }
}

/// Python's `socket.socket(fileno=…)`: the [default timeout](crate::set_default_timeout), where there is one; else that which fits
/// the descriptor, zero for one that does not block. (Python takes such a one for one that blocks.)
impl From<OwnedFd> for Socket {
    fn from(descriptor: OwnedFd) -> Self {
        // Reading an owned descriptor's flags cannot fail.
        let timeout = match rustix::fs::fcntl_getfl(&descriptor) {
            Ok(flags) if flags.contains(OFlags::NONBLOCK) => Timeout::Zero,
            _ => Timeout::Never,
        };
        let socket = Self::wrap(descriptor, timeout);
        if default_timeout() != Timeout::Never {
            // A descriptor that cannot be told not to block keeps what it has.
            let _ = socket.set_timeout(default_timeout());
        }
        socket
    }
}

/// Python's `detach`.
impl From<Socket> for OwnedFd {
    fn from(socket: Socket) -> Self {
        socket.descriptor
    }
}

impl AsFd for Socket {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// Python's `fileno`.
impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }
}
