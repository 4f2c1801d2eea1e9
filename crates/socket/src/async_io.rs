//! Receiving and sending on tokio with flags, and into buffers that grow.

use std::io;

use tokio::io::Interest;

use crate::address::Address;
use crate::async_socket::AsyncSocket;
use crate::error::{Cause, Error, Result};
use crate::io::check_room;
use crate::kind::MsgFlags;
use crate::socket::Socket;

impl AsyncSocket {
    /// [`AsyncSocket::recv`] with flags, as [`Socket::recv_with`] on a socket with a timeout:
    /// [`MsgFlags::WAITALL`] does not wait for more.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    pub async fn recv_with(&self, buffer: &mut [u8], flags: MsgFlags) -> Result<usize> {
        self.drive_with(flags, Interest::READABLE, |socket| {
            socket.attempt_recv(buffer, flags)
        })
        .await
        .map_err(Error::from_io("receive"))
    }

    /// Python's `recv`, which brings its own buffer: [`AsyncSocket::recv`] behind what is in `buffer`, as [`Socket::recv_into`].
    ///
    /// # Errors
    /// As [`Socket::recv_into`].
    #[doc(alias = "read_buf")]
    pub async fn recv_into(&self, buffer: &mut Vec<u8>) -> Result<usize> {
        check_room(buffer)?;
        self.drive("receive", Interest::READABLE, |socket| {
            socket.attempt_recv_into(buffer)
        })
        .await
    }

    /// [`AsyncSocket::recv_from`] with flags, as [`AsyncSocket::recv_with`].
    ///
    /// # Errors
    /// As [`Socket::recv`].
    pub async fn recv_from_with(
        &self,
        buffer: &mut [u8],
        flags: MsgFlags,
    ) -> Result<(usize, Address)> {
        self.drive_with(flags, Interest::READABLE, |socket| {
            socket.attempt_recv_from(buffer, flags)
        })
        .await
        .map_err(Error::from_io("receive"))
    }

    /// [`AsyncSocket::recv_into`], and who sent it.
    ///
    /// # Errors
    /// As [`Socket::recv_into`].
    #[doc(alias = "recvfrom_into")]
    pub async fn recv_from_into(&self, buffer: &mut Vec<u8>) -> Result<(usize, Address)> {
        check_room(buffer)?;
        self.drive("receive", Interest::READABLE, |socket| {
            socket.attempt_recv_from_into(buffer)
        })
        .await
    }

    /// [`AsyncSocket::send_to`] with flags.
    ///
    /// # Errors
    /// As [`Socket::send_to`].
    pub async fn send_to_with(
        &self,
        data: &[u8],
        flags: MsgFlags,
        address: &Address,
    ) -> Result<usize> {
        let failed = |cause| Error::with_address("send", address, cause);
        let raw = address.to_raw().map_err(failed)?;
        self.drive_with(flags, Interest::WRITABLE, |socket| {
            socket.attempt_send_to(data, flags, &raw)
        })
        .await
        .map_err(|error| failed(Cause::from_io(error)))
    }

    /// A call that waits unless its flags say not to, or look where nothing is waited for.
    pub(crate) async fn drive_with<T>(
        &self,
        flags: MsgFlags,
        interest: Interest,
        call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        if flags.forbid_waiting() {
            self.attempt(interest, call)
        } else {
            self.wait(interest, call, |_| false).await
        }
    }
}
