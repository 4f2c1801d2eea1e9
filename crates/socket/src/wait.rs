//! The one loop that blocks: try, and where the kernel says "not now", wait until it may go or time is up.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::deadline::{Deadline, Timeout};
use crate::error::Cause;

/// The patience of one operation on one descriptor, over all its steps.
pub(crate) struct Wait<'fd> {
    descriptor: BorrowedFd<'fd>,
    timeout: Timeout,
    // Begins with the first wait, so that what need not wait does not read the clock.
    deadline: Option<Deadline>,
}

impl<'fd> Wait<'fd> {
    pub(crate) fn new(descriptor: BorrowedFd<'fd>, timeout: Timeout) -> Self {
        Self {
            descriptor,
            timeout,
            deadline: None,
        }
    }

    /// The patience of an operation of many steps: its clock runs from the first.
    pub(crate) fn started(descriptor: BorrowedFd<'fd>, timeout: Timeout) -> Self {
        let deadline = matches!(timeout, Timeout::After(_)).then(|| Deadline::after(timeout));
        Self {
            deadline,
            ..Self::new(descriptor, timeout)
        }
    }

    /// Repeats `attempt`, each time that `event` lets it, until it succeeds or fails for good.
    ///
    /// Interrupted by a signal it goes on with the time that remains (PEP 475). Waits even for a timeout
    /// of `Never` if the kernel asks to: a duplicate may have made the descriptor non-blocking.
    pub(crate) fn until<T>(
        &mut self,
        event: PollFlags,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Cause> {
        if let Some(deadline) = self.deadline {
            deadline.remaining()?;
        }
        loop {
            match attempt() {
                Ok(done) => return Ok(done),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock
                        && self.timeout != Timeout::Zero =>
                {
                    self.poll(event)?;
                }
                Err(error) => return Err(Cause::from_io(error)),
            }
        }
    }

    /// `poll(2)`: returns when the descriptor is ready, or in a state that the next attempt will report.
    fn poll(&mut self, event: PollFlags) -> Result<(), Cause> {
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Deadline::after(self.timeout));
        loop {
            // To the nanosecond, so nothing is rounded; what a timespec cannot hold is longer than any wait.
            let left = deadline
                .remaining()?
                .and_then(|left| Timespec::try_from(left).ok());
            match poll(
                &mut [PollFd::from_borrowed_fd(self.descriptor, event)],
                left.as_ref(),
            ) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}
