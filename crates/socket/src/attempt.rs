//! One system call each: what both faces try before they wait.

use std::io::{self, IoSlice};
use std::os::fd::AsFd;

use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendAncillaryBuffer, SendFlags};

use crate::address::Address;
use crate::deadline::Timeout;
use crate::kind::MsgFlags;
use crate::options::SocketOption;
use crate::socket::{Socket, flags_of};
use crate::sys::{self, RawAddress};

/// `UIO_MAXIOV`: more pieces than this are `EMSGSIZE`, so one call takes no more.
const VECTORED_MAX_PIECES: usize = 1024;

impl Socket {
    /// `accept4(2)`: the new socket does not survive an `exec`.
    pub(crate) fn attempt_accept(&self, timeout: Timeout) -> io::Result<(Socket, Address)> {
        let (descriptor, address) = net::acceptfrom_with(self.as_fd(), flags_of(timeout))?;
        let address = Address::from_kernel(address.as_ref());
        Ok((Socket::wrap(descriptor, timeout), address))
    }

    /// `connect(2)`. `EAGAIN` while the connection is being made, when it is time to wait until the
    /// socket is writable and call again: Linux then tells the outcome. Inside is what is final,
    /// `EAGAIN` of a Unix socket whose listener's queue is full included, as no event would end that wait.
    ///
    /// `has_begun`: whether this operation has tried before. If so a failure is asked for first, since after a
    /// shutdown by another thread a second connect would not report it, but begin anew.
    pub(crate) fn attempt_connect(
        &self,
        address: &RawAddress,
        has_begun: &mut bool,
    ) -> io::Result<Result<(), Errno>> {
        if std::mem::replace(has_begun, true)
            && let failure @ 1.. = self.attempt_option(SocketOption::SO_ERROR)?
        {
            return Ok(Err(Errno::from_raw_os_error(failure)));
        }
        match net::connect(self.as_fd(), address) {
            Err(Errno::INPROGRESS | Errno::ALREADY) => Err(Errno::AGAIN.into()),
            Err(Errno::INTR) => Err(Errno::INTR.into()),
            outcome => Ok(outcome),
        }
    }

    /// [`Socket::option`] with the kernel's plain error: a step of another operation.
    pub(crate) fn attempt_option(&self, option: SocketOption) -> io::Result<i32> {
        self.option(option).map_err(|error| match error.errno() {
            Some(errno) => io::Error::from_raw_os_error(errno),
            None => error.into(),
        })
    }

    /// `recv(2)`.
    #[inline]
    pub(crate) fn attempt_recv(&self, buffer: &mut [u8], flags: MsgFlags) -> io::Result<usize> {
        let (_, received) = net::recv(self.as_fd(), buffer, recv_flags(flags))?;
        Ok(received)
    }

    /// `recv(2)` behind what the buffer holds.
    pub(crate) fn attempt_recv_into(
        &self,
        buffer: &mut Vec<u8>,
        flags: MsgFlags,
    ) -> io::Result<usize> {
        let (_, received) = net::recv(self.as_fd(), spare_capacity(buffer), recv_flags(flags))?;
        Ok(received)
    }

    /// `recvfrom(2)`.
    pub(crate) fn attempt_recv_from(
        &self,
        buffer: &mut [u8],
        flags: MsgFlags,
    ) -> io::Result<(usize, Address)> {
        let (_, received, address) = net::recvfrom(self.as_fd(), buffer, recv_flags(flags))?;
        Ok((received, Address::from_kernel(address.as_ref())))
    }

    /// `recvfrom(2)` behind what the buffer holds.
    pub(crate) fn attempt_recv_from_into(
        &self,
        buffer: &mut Vec<u8>,
    ) -> io::Result<(usize, Address)> {
        let (_, received, address) =
            net::recvfrom(self.as_fd(), spare_capacity(buffer), RecvFlags::empty())?;
        Ok((received, Address::from_kernel(address.as_ref())))
    }

    /// `send(2)` with `MSG_NOSIGNAL`: a peer that is gone is `EPIPE`, not a signal that kills.
    #[inline]
    pub(crate) fn attempt_send(&self, data: &[u8], flags: MsgFlags) -> io::Result<usize> {
        Ok(net::send(self.as_fd(), data, send_flags(flags)?)?)
    }

    /// `sendto(2)`.
    pub(crate) fn attempt_send_to(
        &self,
        data: &[u8],
        flags: MsgFlags,
        address: &RawAddress,
    ) -> io::Result<usize> {
        Ok(net::sendto(
            self.as_fd(),
            data,
            send_flags(flags)?,
            address,
        )?)
    }

    /// `sendmsg(2)` of many pieces.
    pub(crate) fn attempt_send_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let pieces = &pieces[..pieces.len().min(VECTORED_MAX_PIECES)];
        let mut nothing = SendAncillaryBuffer::default();
        let flags = send_flags(MsgFlags::NONE)?;
        Ok(net::sendmsg(self.as_fd(), pieces, &mut nothing, flags)?)
    }

    /// `sendfile(2)`. It alone has no flag against `SIGPIPE`.
    pub(crate) fn attempt_send_file(
        &self,
        file: impl AsFd,
        offset: u64,
        count: usize,
    ) -> io::Result<usize> {
        let mut offset = offset;
        let send = || rustix::fs::sendfile(self.as_fd(), file, Some(&mut offset), count);
        Ok(sys::without_sigpipe(count, send)?)
    }
}

#[inline]
fn send_flags(flags: MsgFlags) -> Result<SendFlags, Errno> {
    let flags = flags.of_send()?;
    Ok(SendFlags::from_bits_retain(flags.cast_unsigned()))
}

#[inline]
fn recv_flags(flags: MsgFlags) -> RecvFlags {
    RecvFlags::from_bits_retain(flags.as_raw().cast_unsigned())
}
