//! A descriptor that the runtime's event loop watches.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor that the runtime's event loop watches until it is dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    // Invariant: never lent mutably, so the descriptor in it is never replaced.
    descriptor: AsyncFd<OwnedFd>,
}

impl Watched {
    /// `epoll_ctl(2)`.
    pub(crate) fn new(descriptor: OwnedFd) -> io::Result<Self> {
        // SAFETY: the descriptor is owned, so it is open and stays the same until it is dropped; nothing here lends it
        // mutably or takes it out.
        let descriptor = unsafe { AsyncFd::register(descriptor) }.map_err(io::Error::from)?;
        Ok(Self { descriptor })
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.get_ref().as_fd()
    }

    /// Waits until `is_ready` finds it so. The runtime knows of changes only, and not of what others did meanwhile.
    pub(crate) async fn ready(
        &self,
        interest: Interest,
        is_ready: impl Fn(BorrowedFd<'_>) -> Result<bool, Errno>,
    ) -> io::Result<()> {
        let found = |descriptor: &OwnedFd| match is_ready(descriptor.as_fd()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(io::ErrorKind::WouldBlock.into()),
            Err(errno) => Err(errno.into()),
        };
        self.descriptor.async_io(interest, found).await
    }
}
