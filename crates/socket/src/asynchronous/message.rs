//! Messages and batches on tokio: the calls of `Socket` under the same names, awaited.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use tokio::io::Interest;

use crate::address::Address;
use crate::asynchronous::AsyncSocket;
use crate::error::{Cause, Result};
use crate::kind::MsgFlags;
use crate::message::ancillary::SendAncillary;
use crate::message::batch::{Datagram, RecvBatch, sent_of};
use crate::message::{Message, Outgoing, control_buffer, failed, rights_bytes, with_descriptors};
use crate::socket::Socket;
use crate::sys;

/// Messages. Cancelled, a receive has taken nothing, and a send has sent nothing; descriptors that were received
/// are in what is returned.
impl AsyncSocket {
    /// `recvmsg(2)`: as [`Socket::recv_msg`].
    ///
    /// # Errors
    /// As [`Socket::recv_msg`].
    #[doc(alias = "recvmsg")]
    pub async fn recv_msg(
        &self,
        buffer: &mut [u8],
        ancillary_bytes: usize,
        flags: MsgFlags,
    ) -> Result<Message> {
        self.recv_msg_into(&mut [IoSliceMut::new(buffer)], ancillary_bytes, flags)
            .await
    }

    /// Python's `recvmsg_into`: as [`Socket::recv_msg_into`].
    ///
    /// # Errors
    /// As [`Socket::recv_msg_into`].
    #[doc(alias = "recvmsg_into")]
    pub async fn recv_msg_into(
        &self,
        buffers: &mut [IoSliceMut<'_>],
        ancillary_bytes: usize,
        flags: MsgFlags,
    ) -> Result<Message> {
        let mut control = control_buffer(ancillary_bytes);
        self.drive_with("receive", flags, Interest::READABLE, |socket| {
            sys::receive_message(socket.as_fd(), buffers, &mut control, flags)
        })
        .await
    }

    /// `sendmsg(2)`: as [`Socket::send_msg`].
    ///
    /// # Errors
    /// As [`Socket::send_msg`].
    #[doc(alias = "sendmsg")]
    pub async fn send_msg(
        &self,
        pieces: &[IoSlice<'_>],
        ancillary: &[SendAncillary<'_>],
        flags: MsgFlags,
        address: Option<&Address>,
    ) -> Result<usize> {
        let message = Outgoing::new(self.socket(), pieces, ancillary, address)?;
        let send = |socket: &Socket| message.attempt(socket, flags);
        self.wait_with(flags, Interest::WRITABLE, send)
            .await
            .map_err(|error| failed(address, Cause::from_io(error)))
    }

    /// Python's `send_fds`: as [`Socket::send_descriptors`].
    ///
    /// # Errors
    /// As [`Socket::send_msg`].
    #[doc(alias = "send_fds")]
    pub async fn send_descriptors(
        &self,
        data: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<usize> {
        let rights = [SendAncillary::Rights(descriptors)];
        self.send_msg(&[IoSlice::new(data)], &rights, MsgFlags::NONE, None)
            .await
    }

    /// Python's `recv_fds`: as [`Socket::recv_descriptors`].
    ///
    /// # Errors
    /// As [`Socket::recv`].
    #[doc(alias = "recv_fds")]
    pub async fn recv_descriptors(
        &self,
        buffer: &mut [u8],
        max: usize,
    ) -> Result<(usize, Vec<OwnedFd>, MsgFlags)> {
        self.recv_msg(buffer, rights_bytes(max), MsgFlags::NONE)
            .await
            .map(with_descriptors)
    }
}

/// Batches.
impl AsyncSocket {
    /// `sendmmsg(2)`: as [`Socket::send_batch`].
    ///
    /// # Errors
    /// As [`Socket::send_batch`].
    #[doc(alias = "sendmmsg")]
    pub async fn send_batch(&self, datagrams: &[Datagram<'_>]) -> Result<usize> {
        let send = |socket: &Socket| socket.attempt_send_batch(datagrams);
        let outcome = self.wait(Interest::WRITABLE, send, |_| false).await;
        sent_of(datagrams, outcome.map_err(Cause::from_io))
    }

    /// `recvmmsg(2)`: as [`Socket::recv_batch`]. Cancelled, it has taken nothing, and the batch is empty or as it was.
    ///
    /// # Errors
    /// As [`Socket::recv_batch`].
    #[doc(alias = "recvmmsg")]
    pub async fn recv_batch(&self, batch: &mut RecvBatch) -> Result<usize> {
        self.drive_with("receive", MsgFlags::NONE, Interest::READABLE, |socket| {
            socket.attempt_recv_batch(batch)
        })
        .await
    }
}
