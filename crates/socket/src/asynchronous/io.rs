//! Receiving and sending on tokio, with flags, into a `Vec`, with a pipe: the calls of `Socket` under the same names, awaited.

use std::os::fd::AsFd;

use rustix::io::Errno;
use tokio::io::Interest;

use crate::address::Address;
use crate::asynchronous::AsyncSocket;
use crate::asynchronous::wait::is_short_of;
use crate::error::{Cause, Error, Result};
use crate::io::check_room;
use crate::kind::MsgFlags;
use crate::naming::as_errno;
use crate::socket::Socket;
use crate::splice::Way;

/// Calls with flags, and into a `Vec`.
impl AsyncSocket {
    /// [`AsyncSocket::recv`] with flags, as [`Socket::recv_with`]; a count may be short of
    /// [`MsgFlags::WAITALL`], as the socket never blocks.
    ///
    /// # Errors
    /// As [`Socket::recv_with`].
    pub async fn recv_with(&self, buffer: &mut [u8], flags: MsgFlags) -> Result<usize> {
        self.drive_with("receive", flags, Interest::READABLE, |socket| {
            socket.attempt_recv(buffer, flags)
        })
        .await
    }

    /// Python's `recv`, which brings its own buffer: as [`Socket::recv_into`].
    ///
    /// # Errors
    /// As [`Socket::recv_into`].
    #[doc(alias = "read_buf")]
    pub async fn recv_into(&self, buffer: &mut Vec<u8>) -> Result<usize> {
        check_room(buffer)?;
        let room = buffer.capacity() - buffer.len();
        let recv = |socket: &Socket| socket.attempt_recv_into(buffer, MsgFlags::NONE);
        self.wait(Interest::READABLE, recv, is_short_of(room))
            .await
            .map_err(Error::from_io("receive"))
    }

    /// [`AsyncSocket::recv_from`] with flags, as [`Socket::recv_from_with`].
    ///
    /// # Errors
    /// As [`Socket::recv_from_with`].
    pub async fn recv_from_with(
        &self,
        buffer: &mut [u8],
        flags: MsgFlags,
    ) -> Result<(usize, Address)> {
        self.drive_with("receive", flags, Interest::READABLE, |socket| {
            socket.attempt_recv_from(buffer, flags)
        })
        .await
    }

    /// Python's `recvfrom`, which brings its own buffer: as [`Socket::recv_from_into`].
    ///
    /// # Errors
    /// As [`Socket::recv_from_into`].
    #[doc(alias = "recvfrom_into")]
    pub async fn recv_from_into(&self, buffer: &mut Vec<u8>) -> Result<(usize, Address)> {
        check_room(buffer)?;
        self.drive_with("receive", MsgFlags::NONE, Interest::READABLE, |socket| {
            socket.attempt_recv_from_into(buffer)
        })
        .await
    }

    /// [`AsyncSocket::send_to`] with flags, as [`Socket::send_to_with`].
    ///
    /// # Errors
    /// As [`Socket::send_to_with`].
    pub async fn send_to_with(
        &self,
        data: &[u8],
        flags: MsgFlags,
        address: &Address,
    ) -> Result<usize> {
        let failed = |cause| Error::with_address("send", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        let send = |socket: &Socket| socket.attempt_send_to(data, flags, &raw);
        self.wait_with(flags, Interest::WRITABLE, send)
            .await
            .map_err(|error| failed(Cause::from_io(error)))
    }

    /// [`AsyncSocket::connect`], with the failure as a number as in Python: 0 or an `errno`.
    ///
    /// # Errors
    /// As [`Socket::connect_ex`].
    pub async fn connect_ex(&self, address: &Address) -> Result<i32> {
        as_errno(self.connect(address).await)
    }
}

/// Between a pipe and the socket.
impl AsyncSocket {
    /// `splice(2)`: as [`Socket::splice_to`], but waits for the socket only.
    ///
    /// # Errors
    /// As [`Socket::splice_to`]; `EAGAIN` is the pipe's: it is empty, and who waits for it calls again.
    #[doc(alias = "splice")]
    pub async fn splice_to(&self, pipe: impl AsFd, max: usize) -> Result<usize> {
        self.splice(Way::To, Interest::WRITABLE, pipe, max).await
    }

    /// `splice(2)`: as [`Socket::splice_from`], but waits for the socket only.
    ///
    /// # Errors
    /// As [`Socket::splice_from`]; `EAGAIN` is the pipe's: it is full, and who waits for it calls again.
    #[doc(alias = "splice")]
    pub async fn splice_from(&self, pipe: impl AsFd, max: usize) -> Result<usize> {
        self.splice(Way::From, Interest::READABLE, pipe, max).await
    }

    async fn splice(
        &self,
        way: Way,
        interest: Interest,
        pipe: impl AsFd,
        max: usize,
    ) -> Result<usize> {
        let splice = |socket: &Socket| socket.attempt_splice(way, pipe.as_fd(), max);
        self.wait(interest, splice, |_| false)
            .await
            .map_err(Error::from_io(way.operation()))?
            .ok_or_else(|| Error::new(way.operation(), Errno::AGAIN.into()))
    }
}
