//! The only `unsafe` of the workspace: each block says which precondition holds and why.
#![allow(
    unsafe_code,
    reason = "what neither the standard library nor rustix offers safely"
)]

mod address;
mod batch;
#[cfg(feature = "tokio")]
mod driven;
mod epoll;
mod message;
pub(crate) mod option;
pub(crate) mod resolver;
mod sigpipe;
#[cfg(feature = "tokio")]
mod watched;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};

pub(crate) use address::{RawAddress, bytes_of};
pub(crate) use batch::{BATCH_MAX_MESSAGES, receive_batch, send_batch};
#[cfg(feature = "tokio")]
pub(crate) use driven::{Driven, Registration, recv_into};
pub(crate) use epoll::{Events, epoll_add, epoll_delete, epoll_modify};
pub(crate) use message::{receive_message, send_message};
pub(crate) use sigpipe::without_sigpipe;
#[cfg(feature = "tokio")]
pub(crate) use watched::Watched;

/// `close(2)`, with its error. Linux has freed the descriptor even where it reports `EINTR`.
pub(crate) fn close(descriptor: OwnedFd) -> io::Result<()> {
    // SAFETY: the descriptor was owned, and this function ends that ownership: nobody closes it again.
    match unsafe { rustix::io::try_close(descriptor.into_raw_fd()) } {
        Ok(()) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// `sockatmark(3)`: whether an urgent byte is the next in the stream (RFC 6093 section 2).
pub(crate) fn is_at_mark(descriptor: BorrowedFd<'_>) -> bool {
    // `asm-generic/sockios.h`; libc has no name for it. Elsewhere the kernel does not know it, and nothing is at a mark.
    const SIOCATMARK: libc::c_ulong = 0x8905;
    let mut is_at: libc::c_int = 0;
    // SAFETY: SIOCATMARK writes one int, to one that lives through the call.
    let outcome = unsafe { libc::ioctl(descriptor.as_raw_fd(), SIOCATMARK as _, &raw mut is_at) };
    outcome == 0 && is_at != 0
}
