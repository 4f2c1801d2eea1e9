//! `epoll_ctl(2)` by number: what was registered may have been closed, and is looked up all the same.

use std::fmt;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use rustix::event::epoll;
use rustix::io::Errno;

pub(crate) fn epoll_add(
    epoll: &OwnedFd,
    number: RawFd,
    event: libc::epoll_event,
) -> Result<(), Errno> {
    control(epoll, libc::EPOLL_CTL_ADD, number, event)
}

/// `ENOENT` or `EBADF` for a number under which another file is open now, or none.
pub(crate) fn epoll_modify(
    epoll: &OwnedFd,
    number: RawFd,
    event: libc::epoll_event,
) -> Result<(), Errno> {
    control(epoll, libc::EPOLL_CTL_MOD, number, event)
}

/// Fails as [`epoll_modify`].
pub(crate) fn epoll_delete(epoll: &OwnedFd, number: RawFd) -> Result<(), Errno> {
    let nothing = libc::epoll_event { events: 0, u64: 0 };
    control(epoll, libc::EPOLL_CTL_DEL, number, nothing)
}

fn control(
    epoll: &OwnedFd,
    operation: libc::c_int,
    number: RawFd,
    mut event: libc::epoll_event,
) -> Result<(), Errno> {
    // SAFETY: the event is ours and outlives the call, which keeps no pointer to it; the kernel checks the
    // numbers, and watching or not watching a file touches neither its bytes nor who owns it.
    let outcome = unsafe { libc::epoll_ctl(epoll.as_raw_fd(), operation, number, &mut event) };
    match outcome {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)),
    }
}

/// Room for what one wait reports, kept from one to the next.
pub(crate) struct Events(pub(crate) Vec<epoll::Event>);

impl Events {
    pub(crate) fn new(most: usize) -> Self {
        Self(Vec::with_capacity(most))
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

// SAFETY: an event is not `Send` because what was registered with it may be a pointer; to register is
// `epoll_add` and `epoll_modify` alone here, which take and give numbers.
unsafe impl Send for Events {}

// SAFETY: as above.
unsafe impl Sync for Events {}
