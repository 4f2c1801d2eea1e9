//! One system call each: what both faces try before they wait.

use std::io::{self, IoSlice};
use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, SocketFlags};
use socket2::SockAddr;

use crate::address::Address;
use crate::deadline::Timeout;
use crate::kind::MsgFlags;
use crate::socket::Socket;
use crate::sys;

/// `UIO_MAXIOV`: more pieces than this are `EMSGSIZE`, so one call takes no more.
const VECTORED_MAX_PIECES: usize = 1024;

impl Socket {
    /// `accept4(2)`: the new socket does not survive an `exec`.
    pub(crate) fn attempt_accept(&self, timeout: Timeout) -> io::Result<(Socket, Address)> {
        let mut flags = SocketFlags::CLOEXEC;
        flags.set(SocketFlags::NONBLOCK, timeout != Timeout::Never);
        let (inner, address) = self.inner().accept4(flags.bits().cast_signed())?;
        Ok((Socket::wrap(inner, timeout), Address::from_raw(&address)?))
    }

    /// `connect(2)`. `WouldBlock` while the connection is being made, when it is time to wait until the
    /// socket is writable and call again: Linux then tells the outcome. Inside is what is final,
    /// `EAGAIN` of a Unix socket whose listener's queue is full included, as no event would end that wait.
    pub(crate) fn attempt_connect(&self, address: &SockAddr) -> io::Result<io::Result<()>> {
        match self.inner().connect(address) {
            Err(error) if is_connecting(&error) => Err(io::ErrorKind::WouldBlock.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            outcome => Ok(outcome),
        }
    }

    /// `recv(2)`.
    pub(crate) fn attempt_recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let (received, _) = rustix::net::recv(self.as_fd(), buffer, RecvFlags::empty())?;
        Ok(received)
    }

    /// `recvfrom(2)`.
    pub(crate) fn attempt_recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
        let (received, address) = self.inner().recv_from(sys::as_uninit(buffer))?;
        Ok((received, Address::from_raw(&address)?))
    }

    /// `send(2)` with `MSG_NOSIGNAL`: a peer that is gone is `EPIPE`, not a signal that kills.
    pub(crate) fn attempt_send(&self, data: &[u8], flags: MsgFlags) -> io::Result<usize> {
        Ok(rustix::net::send(self.as_fd(), data, send_flags(flags))?)
    }

    /// `sendto(2)`.
    pub(crate) fn attempt_send_to(&self, data: &[u8], address: &SockAddr) -> io::Result<usize> {
        let flags = send_flags(MsgFlags::NONE).bits().cast_signed();
        self.inner().send_to_with_flags(data, address, flags)
    }

    /// `sendmsg(2)` of many pieces.
    pub(crate) fn attempt_send_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let pieces = &pieces[..pieces.len().min(VECTORED_MAX_PIECES)];
        let flags = send_flags(MsgFlags::NONE).bits().cast_signed();
        self.inner().send_vectored_with_flags(pieces, flags)
    }

    /// `sendfile(2)`. It has no flag against `SIGPIPE`, which every Rust program ignores from its start.
    pub(crate) fn attempt_send_file(
        &self,
        file: impl AsFd,
        offset: u64,
        count: usize,
    ) -> io::Result<usize> {
        let mut offset = offset;
        Ok(rustix::fs::sendfile(
            self.as_fd(),
            file,
            Some(&mut offset),
            count,
        )?)
    }
}

fn send_flags(flags: MsgFlags) -> SendFlags {
    SendFlags::NOSIGNAL | SendFlags::from_bits_retain(flags.as_raw().cast_unsigned())
}

fn is_connecting(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INPROGRESS | Errno::ALREADY)
    )
}
