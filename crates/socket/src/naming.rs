//! Naming a socket and connecting it: its own address, its peer's, and how connections come to be.

use std::os::fd::AsFd;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net;

use crate::address::Address;
use crate::deadline::{Timeout, default_timeout};
use crate::error::{Cause, Error, Result};
use crate::kind::MsgFlags;
use crate::socket::Socket;
use crate::wait::Wait;

/// Naming and connecting.
impl Socket {
    /// `bind(2)`: gives the socket its own address. Port 0 asks the kernel for a free one.
    ///
    /// # Errors
    /// `EADDRINUSE`, `EADDRNOTAVAIL` for an address that is not this machine's, `EACCES` for a port below
    /// 1024 without the privilege; [`Cause::Invalid`] for a Unix path that is too long.
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    /// assert_ne!(socket.local_address()?.port(), Some(0));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn bind(&self, address: &Address) -> Result<()> {
        let failed = |cause| Error::with_address("bind", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        net::bind(self, &raw).map_err(|errno| failed(errno.into()))
    }

    /// `listen(2)`: starts taking connections; at most `backlog` wait to be accepted (the kernel caps it
    /// at `net.core.somaxconn`).
    ///
    /// # Errors
    /// `EOPNOTSUPP` for a kind without connections, `EADDRINUSE`.
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let server = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// server.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    /// server.listen(128)?;
    /// assert!(server.is_listening()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn listen(&self, backlog: u32) -> Result<()> {
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        net::listen(self, backlog).map_err(|errno| Error::new("listen", errno.into()))
    }

    /// `accept(2)`: waits for a connection. The new socket has the [default timeout](crate::set_default_timeout), whatever
    /// this one's.
    ///
    /// # Errors
    /// [`Cause::TimedOut`]; `ECONNABORTED` for a connection that was gone before it was accepted (the
    /// next may be fine); `EMFILE`, `ENFILE` when there is no descriptor for it (the connection still waits).
    ///
    /// # Examples
    /// ```
    /// use std::io::ErrorKind;
    /// use std::net::SocketAddr;
    /// use std::time::Duration;
    /// use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let server = create_server(&any_port, &ServerOptions::default())?;
    /// server.set_timeout(Duration::from_millis(20))?;
    /// assert_eq!(server.accept().unwrap_err().kind(), ErrorKind::TimedOut);
    ///
    /// let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// client.connect(&server.local_address()?)?;
    /// let (connection, peer) = server.accept()?;
    /// assert_eq!(connection.peer_address()?, peer);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn accept(&self) -> Result<(Self, Address)> {
        self.wait("accept", MsgFlags::NONE, PollFlags::IN, || {
            self.attempt_accept(default_timeout())
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
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use std::time::Duration;
    /// use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let server = create_server(&any_port, &ServerOptions::default())?;
    /// let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// client.set_timeout(Duration::from_secs(5))?;
    /// client.connect(&server.local_address()?)?;
    /// assert_eq!(client.peer_address()?, server.local_address()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn connect(&self, address: &Address) -> Result<()> {
        let failed = |cause| Error::with_address("connect", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        let outcome = if self.timeout() == Timeout::Zero {
            net::connect(self, &raw)
        } else {
            let mut has_begun = false;
            Wait::new(self.as_fd(), self.timeout())
                .until(PollFlags::OUT, || {
                    self.attempt_connect(&raw, &mut has_begun)
                })
                .map_err(failed)?
        };
        outcome.map_err(|errno| failed(errno.into()))
    }

    /// [`Socket::connect`], with the failure as a number as in Python: 0 or an `errno`; `EAGAIN` when timed out.
    ///
    /// # Errors
    /// Only what no kernel was asked about: [`Cause::Invalid`].
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// // Bound and not listening: nobody else gets this port, and nobody answers there.
    /// let silent = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// silent.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    /// let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// let errno = client.connect_ex(&silent.local_address()?)?;
    /// assert_eq!(std::io::Error::from_raw_os_error(errno).kind(), std::io::ErrorKind::ConnectionRefused);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn connect_ex(&self, address: &Address) -> Result<i32> {
        as_errno(self.connect(address))
    }

    /// `getsockname(2)`: this end's address.
    ///
    /// # Errors
    /// None that Linux documents for a socket.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Address, Family, Kind, Protocol, Socket, UnixAddress};
    ///
    /// let socket = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// assert_eq!(socket.local_address()?, Address::Unix(UnixAddress::Unnamed));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "getsockname")]
    #[doc(alias = "local_addr")]
    pub fn local_address(&self) -> Result<Address> {
        net::getsockname(self)
            .map(|address| Address::from_kernel(Some(&address)))
            .map_err(|errno| Error::new("read the local address", errno.into()))
    }

    /// `getpeername(2)`: the other end's address.
    ///
    /// # Errors
    /// `ENOTCONN` when there is no other end, or it is gone.
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let server = create_server(&any_port, &ServerOptions::default())?;
    /// let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// assert!(client.peer_address().is_err());
    /// client.connect(&server.local_address()?)?;
    /// assert_eq!(client.peer_address()?, server.local_address()?);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "getpeername")]
    #[doc(alias = "peer_addr")]
    pub fn peer_address(&self) -> Result<Address> {
        net::getpeername(self)
            .map(|address| Address::from_kernel(address.as_ref()))
            .map_err(|errno| Error::new("read the peer's address", errno.into()))
    }
}

/// Python's `connect_ex`: the failure as a number.
pub(crate) fn as_errno(outcome: Result<()>) -> Result<i32> {
    match outcome {
        Ok(()) => Ok(0),
        Err(error) => match (error.errno(), error.cause()) {
            (Some(errno), _) => Ok(errno),
            (None, Cause::TimedOut) => Ok(Errno::AGAIN.raw_os_error()),
            _ => Err(error),
        },
    }
}
