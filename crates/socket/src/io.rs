//! Receiving and sending: each call under one deadline for all its steps.

use std::io::{self, IoSlice};
use std::os::fd::AsFd;

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::address::Address;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Result};
use crate::kind::MsgFlags;
use crate::socket::Socket;
use crate::wait::Wait;

/// Receiving.
impl Socket {
    /// `recv(2)`: waits for data and takes what is there, at most the buffer. Python's `recv_into`.
    ///
    /// 0 from a stream means that the peer has ended its side. What of a datagram does not fit is lost.
    ///
    /// # Errors
    /// [`Cause::TimedOut`], `EAGAIN` with a timeout of zero, `ECONNRESET`, `ENOTCONN`.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"hello")?;
    /// one.close()?;
    /// let mut buffer = [0; 64];
    /// assert_eq!(other.recv(&mut buffer)?, 5);
    /// assert_eq!(&buffer[..5], b"hello");
    /// assert_eq!(other.recv(&mut buffer)?, 0);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "read")]
    #[doc(alias = "recv_into")]
    #[inline]
    pub fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        self.recv_with(buffer, MsgFlags::NONE)
    }

    /// [`Socket::recv`] with flags, of which [`MsgFlags::WAITALL`] fills the buffer, as far as the stream goes,
    /// only on a socket without a timeout. With [`MsgFlags::TRUNC`] the count may exceed the buffer.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, MsgFlags, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"hello")?;
    /// let mut buffer = [0; 64];
    /// assert_eq!(other.recv_with(&mut buffer, MsgFlags::PEEK)?, 5);
    /// assert_eq!(other.recv(&mut buffer)?, 5);
    /// assert!(other.recv_with(&mut buffer, MsgFlags::DONTWAIT).is_err());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[inline]
    pub fn recv_with(&self, buffer: &mut [u8], flags: MsgFlags) -> Result<usize> {
        self.wait("receive", flags, PollFlags::IN, || {
            self.attempt_recv(buffer, flags)
        })
    }

    /// Python's `recv`, which brings its own buffer: [`Socket::recv`] behind what is in `buffer`, at most
    /// what it has room for without growing; nothing is written there first. Returns how many bytes came.
    ///
    /// # Errors
    /// As [`Socket::recv`]; [`Cause::Invalid`] for a buffer without room, which would look like the end of the stream.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"hello")?;
    /// let mut buffer = Vec::with_capacity(64);
    /// other.recv_into(&mut buffer)?;
    /// assert_eq!(buffer, b"hello");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "read_buf")]
    pub fn recv_into(&self, buffer: &mut Vec<u8>) -> Result<usize> {
        check_room(buffer)?;
        self.wait("receive", MsgFlags::NONE, PollFlags::IN, || {
            self.attempt_recv_into(buffer, MsgFlags::NONE)
        })
    }

    /// `recvfrom(2)`: [`Socket::recv`], and who sent it ([`UnixAddress::Unnamed`](crate::UnixAddress::Unnamed)
    /// where the kernel does not say).
    ///
    /// # Errors
    /// As [`Socket::recv`].
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let one = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let other = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// one.bind(&any_port)?;
    /// other.bind(&any_port)?;
    /// one.send_to(b"hello", &other.local_address()?)?;
    /// let mut buffer = [0; 64];
    /// let (received, sender) = other.recv_from(&mut buffer)?;
    /// assert_eq!((&buffer[..received], sender), (&b"hello"[..], one.local_address()?));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "recvfrom")]
    pub fn recv_from(&self, buffer: &mut [u8]) -> Result<(usize, Address)> {
        self.recv_from_with(buffer, MsgFlags::NONE)
    }

    /// [`Socket::recv_from`] with flags, as [`Socket::recv_with`].
    ///
    /// # Errors
    /// As [`Socket::recv`].
    pub fn recv_from_with(&self, buffer: &mut [u8], flags: MsgFlags) -> Result<(usize, Address)> {
        self.wait("receive", flags, PollFlags::IN, || {
            self.attempt_recv_from(buffer, flags)
        })
    }

    /// [`Socket::recv_into`] as a step of an operation of many: up to its deadline, whatever the socket's timeout is.
    ///
    /// # Errors
    /// As [`Socket::recv_into`]; [`Cause::TimedOut`] without an attempt when the deadline has passed.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use landline_socket::{Deadline, Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"head, body")?;
    /// // Ten bytes, however many steps they take, within five seconds.
    /// let deadline = Deadline::after(Duration::from_secs(5));
    /// let mut buffer = Vec::with_capacity(10);
    /// while buffer.len() < 10 && other.recv_into_until(&mut buffer, deadline)? > 0 {}
    /// assert_eq!(buffer, b"head, body");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn recv_into_until(&self, buffer: &mut Vec<u8>, deadline: Deadline) -> Result<usize> {
        check_room(buffer)?;
        let attempt = || self.attempt_recv_into(buffer, deadline.flags());
        Wait::up_to(self.as_fd(), deadline)
            .until(PollFlags::IN, attempt)
            .map_err(|cause| Error::new("receive", cause))
    }

    /// Python's `recvfrom`, which brings its own buffer: [`Socket::recv_into`], and who sent it.
    ///
    /// # Errors
    /// As [`Socket::recv_into`].
    #[doc(alias = "recvfrom_into")]
    pub fn recv_from_into(&self, buffer: &mut Vec<u8>) -> Result<(usize, Address)> {
        check_room(buffer)?;
        self.wait("receive", MsgFlags::NONE, PollFlags::IN, || {
            self.attempt_recv_from_into(buffer)
        })
    }
}

/// Sending.
impl Socket {
    /// `send(2)`: waits until some of it can go, and returns how many bytes went.
    ///
    /// # Errors
    /// [`Cause::TimedOut`], `EAGAIN` with a timeout of zero, `EPIPE` and `ECONNRESET` when the peer is gone
    /// (never a signal), `EMSGSIZE` for a datagram that is too long.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket, Timeout};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.set_timeout(Timeout::Zero)?;
    /// // Nobody receives: only what fits in the buffers goes.
    /// let data = vec![0; 64 << 20];
    /// let sent = one.send(&data)?;
    /// assert!(0 < sent && sent < data.len());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "write")]
    #[inline]
    pub fn send(&self, data: &[u8]) -> Result<usize> {
        self.send_with(data, MsgFlags::NONE)
    }

    /// [`Socket::send`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send`].
    #[inline]
    pub fn send_with(&self, data: &[u8], flags: MsgFlags) -> Result<usize> {
        self.wait("send", flags, PollFlags::OUT, || {
            self.attempt_send(data, flags)
        })
    }

    /// Python's `sendall`: sends all of it, under one deadline for the whole.
    ///
    /// # Errors
    /// As [`Socket::send`]; how much went before is then not known, as in Python.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let receiver = std::thread::spawn(move || {
    ///     let mut buffer = vec![0; 1 << 16];
    ///     let mut all = 0;
    ///     while let Ok(received @ 1..) = other.recv(&mut buffer) {
    ///         all += received;
    ///     }
    ///     all
    /// });
    /// one.send_all(&vec![0; 1 << 20])?;
    /// one.close()?;
    /// assert_eq!(receiver.join().unwrap(), 1 << 20);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
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
        let mut wait = Wait::started(self.as_fd(), self.timeout_with(flags));
        let mut rest = data;
        // At least once: an empty datagram is one too, and a stream may be gone.
        loop {
            let sent = wait
                .until(PollFlags::OUT, || self.attempt_send(rest, flags))
                .map_err(|cause| Error::new("send", cause))?;
            rest = &rest[sent..];
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// [`Socket::send`] as a step of an operation of many: up to its deadline, whatever the socket's timeout is.
    ///
    /// Unlike [`Socket::send_all`] it says how much went, so what did not go in time can go later.
    ///
    /// # Errors
    /// As [`Socket::send`]; [`Cause::TimedOut`] without an attempt when the deadline has passed.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use landline_socket::{Cause, Deadline, Family, Kind, Protocol, Socket};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let deadline = Deadline::after(Duration::from_millis(20));
    /// // Nobody receives.
    /// let (data, mut sent) = (vec![0; 64 << 20], 0);
    /// let error = loop {
    ///     match one.send_until(&data[sent..], deadline) {
    ///         Ok(more) => sent += more,
    ///         Err(error) => break error,
    ///     }
    /// };
    /// assert_eq!(*error.cause(), Cause::TimedOut);
    /// assert!(0 < sent && sent < data.len());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn send_until(&self, data: &[u8], deadline: Deadline) -> Result<usize> {
        let attempt = || self.attempt_send(data, deadline.flags());
        Wait::up_to(self.as_fd(), deadline)
            .until(PollFlags::OUT, attempt)
            .map_err(|cause| Error::new("send", cause))
    }

    /// `sendto(2)`: [`Socket::send`] to an address.
    ///
    /// # Errors
    /// As [`Socket::send`], and `EISCONN` on a connected stream.
    ///
    /// # Examples
    /// ```
    /// use std::net::SocketAddr;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    /// let one = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let other = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// one.bind(&any_port)?;
    /// other.bind(&any_port)?;
    /// assert_eq!(one.send_to(b"hello", &other.local_address()?)?, 5);
    /// assert_eq!(other.recv(&mut [0; 64])?, 5);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "sendto")]
    pub fn send_to(&self, data: &[u8], address: &Address) -> Result<usize> {
        self.send_to_with(data, MsgFlags::NONE, address)
    }

    /// [`Socket::send_to`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send_to`].
    pub fn send_to_with(&self, data: &[u8], flags: MsgFlags, address: &Address) -> Result<usize> {
        let failed = |cause| Error::with_address("send", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        Wait::new(self.as_fd(), self.timeout_with(flags))
            .until(PollFlags::OUT, || self.attempt_send_to(data, flags, &raw))
            .map_err(failed)
    }

    /// `sendmsg(2)`: [`Socket::send`] of many pieces in one call; returns how many bytes of all of them
    /// went. Of more than 1024 pieces the first 1024 are taken.
    ///
    /// # Errors
    /// As [`Socket::send`].
    ///
    /// # Examples
    /// ```
    /// use std::io::IoSlice;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let pieces = [IoSlice::new(b"head"), IoSlice::new(b", body")];
    /// assert_eq!(one.send_vectored(&pieces)?, 10);
    /// let mut buffer = [0; 64];
    /// let received = other.recv(&mut buffer)?;
    /// assert_eq!(&buffer[..received], b"head, body");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "writev")]
    pub fn send_vectored(&self, pieces: &[IoSlice<'_>]) -> Result<usize> {
        self.wait("send", MsgFlags::NONE, PollFlags::OUT, || {
            self.attempt_send_vectored(pieces)
        })
    }

    /// `sendfile(2)`: sends `count` bytes of a file from `offset` on without copying them through the
    /// process; returns how many went, 0 at the end of the file. The file's own position is neither used nor moved.
    ///
    /// # Errors
    /// As [`Socket::send`]; `EINVAL` for a descriptor that cannot be mapped, such as a socket.
    ///
    /// # Examples
    /// ```
    /// use std::io::Write;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let mut file = tempfile::tempfile()?;
    /// file.write_all(b"skipped, sent")?;
    /// assert_eq!(one.send_file(&file, 9, 64)?, 4);
    /// let mut buffer = [0; 64];
    /// let received = other.recv(&mut buffer)?;
    /// assert_eq!(&buffer[..received], b"sent");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "sendfile")]
    pub fn send_file(&self, file: impl AsFd, offset: u64, count: usize) -> Result<usize> {
        self.wait("send a file", MsgFlags::NONE, PollFlags::OUT, || {
            self.attempt_send_file(&file, offset, count)
        })
    }
}

impl Socket {
    /// The way of every call that may wait. What need not wait is one system call: all else, the timeout
    /// even, is asked for when the first attempt has failed.
    #[inline]
    pub(crate) fn wait<T>(
        &self,
        operation: &'static str,
        flags: MsgFlags,
        event: PollFlags,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T> {
        let failed = match attempt() {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        self.wait_after(failed, flags, event, attempt)
            .map_err(|cause| Error::new(operation, cause))
    }

    /// [`Socket::wait`] after a first attempt that failed; by itself, so that what comes before it is small
    /// enough to become part of the caller.
    #[cold]
    fn wait_after<T>(
        &self,
        failed: io::Error,
        flags: MsgFlags,
        event: PollFlags,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Cause> {
        let timeout = self.timeout_with(flags);
        if timeout == Timeout::Zero && Errno::from_io_error(&failed) == Some(Errno::AGAIN) {
            return Err(Errno::AGAIN.into());
        }
        let mut failed = Some(failed);
        Wait::new(self.as_fd(), timeout)
            .until(event, || failed.take().map_or_else(&mut attempt, Err))
    }

    /// The timeout of one call with flags.
    #[inline]
    pub(crate) fn timeout_with(&self, flags: MsgFlags) -> Timeout {
        if flags.forbid_waiting() {
            Timeout::Zero
        } else {
            self.timeout()
        }
    }
}

/// A receive into no room would return 0, which means that the stream has ended.
pub(crate) fn check_room(buffer: &Vec<u8>) -> Result<()> {
    if buffer.len() < buffer.capacity() {
        Ok(())
    } else {
        let cause = Cause::Invalid("the buffer has no room behind what it holds");
        Err(Error::new("receive", cause))
    }
}
