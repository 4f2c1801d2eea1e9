//! The one loop that blocks: try, and where the kernel says "not now", wait until it may go or time is up.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::io::Errno;

use crate::deadline::{Deadline, Spent, Timeout};
use crate::error::Cause;

/// The patience of one operation on one descriptor, over all its steps.
pub(crate) struct Wait<'fd> {
    descriptor: BorrowedFd<'fd>,
    timeout: Timeout,
    // Begins with the first wait, so that what need not wait does not read the clock.
    deadline: Option<Deadline>,
}

impl<'fd> Wait<'fd> {
    #[inline]
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

    /// The patience of one step of an operation that is under way.
    pub(crate) fn up_to(descriptor: BorrowedFd<'fd>, deadline: Deadline) -> Self {
        Self {
            deadline: Some(deadline),
            ..Self::new(descriptor, Timeout::Never)
        }
    }

    /// Repeats `attempt`, each time that `event` lets it, until it succeeds or fails for good.
    ///
    /// Interrupted by a signal it goes on with the time that remains (PEP 475). Waits even for a timeout
    /// of `Never` if the kernel asks to: a duplicate may have made the descriptor non-blocking.
    #[inline]
    pub(crate) fn until<T>(
        &mut self,
        event: PollFlags,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Cause> {
        if let Some(deadline) = self.deadline {
            deadline.remaining()?;
        }
        let mut pause = None;
        loop {
            let error = match attempt() {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            match Errno::from_io_error(&error) {
                Some(Errno::INTR) => {}
                Some(Errno::AGAIN) if self.timeout != Timeout::Zero => {
                    self.poll(event, &mut pause)?;
                }
                Some(errno) => return Err(errno.into()),
                None => return Err(Cause::from_io(error)),
            }
        }
    }

    /// `poll(2)`: returns when the descriptor is ready, or in a state that the next attempt will report.
    ///
    /// `pause` is that of the attempts so far. There are sockets that poll calls ready and that are not: to
    /// send to a peer whose queue is full from a Unix datagram socket that is connected to nobody, to receive
    /// from one that was shut down. A wait that ends at once over and over would keep a processor busy, so
    /// from the second on it is time that is waited for, a little longer each time.
    fn poll(&mut self, event: PollFlags, pause: &mut Option<Duration>) -> Result<(), Cause> {
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Deadline::after(self.timeout));
        // Who was told "ready" and then "not now", over and over, stops at the deadline all the same.
        let left = deadline.remaining()?;
        let mut descriptor = [PollFd::from_borrowed_fd(self.descriptor, event)];
        let next = pause.map_or(FIRST_PAUSE, |pause| LAST_PAUSE.min(pause * 2));
        if let Some(pause) = pause.replace(next)
            && poll(&mut descriptor, Some(&NOW)) == Ok(1)
        {
            let until = Deadline::after(Timeout::After(left.unwrap_or(pause).min(pause)));
            return match poll_any(&mut [], until) {
                Err(Cause::TimedOut) => Ok(()),
                outcome => outcome.map(|_| ()),
            };
        }
        poll_any(&mut descriptor, deadline).map(|_| ())
    }

    /// Waits for another descriptor that the operation needs, under the same deadline.
    pub(crate) fn beside(&mut self, other: BorrowedFd<'_>, event: PollFlags) -> Result<(), Cause> {
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Deadline::after(self.timeout));
        let mut descriptor = [PollFd::from_borrowed_fd(other, event)];
        poll_any(&mut descriptor, deadline).map(|_| ())
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(8);
const NOW: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// `poll(2)` without a wait: whether a call would find something, room, or a reason to fail.
pub(crate) fn is_ready(descriptor: BorrowedFd<'_>, event: PollFlags) -> Result<bool, Errno> {
    Ok(poll(
        &mut [PollFd::from_borrowed_fd(descriptor, event)],
        Some(&NOW),
    )? > 0)
}

/// `poll(2)`: waits until one of the descriptors is ready, and returns how many are.
pub(crate) fn poll_any(descriptors: &mut [PollFd<'_>], deadline: Deadline) -> Result<usize, Cause> {
    wait(deadline, |left| poll(descriptors, left))
}

/// `epoll_wait(2)`: waits until something that is registered is ready. `events` then has what is, at most
/// as much as it had room for, which must be some.
pub(crate) fn epoll_any(
    epoll: BorrowedFd<'_>,
    events: &mut Vec<epoll::Event>,
    deadline: Deadline,
) -> Result<usize, Cause> {
    events.clear();
    wait(deadline, |left| {
        epoll::wait(epoll, spare_capacity(events), left)
    })
}

/// Calls again what a signal interrupted, with the time that is left (PEP 475); the last call has none left,
/// so that what is ready is found however late one asks.
fn wait(
    deadline: Deadline,
    mut call: impl FnMut(Option<&Timespec>) -> rustix::io::Result<usize>,
) -> Result<usize, Cause> {
    loop {
        let left = deadline.remaining();
        let outcome = match left {
            // To the nanosecond, so nothing is rounded; what a timespec cannot hold is longer than any wait.
            Ok(left) => call(left.and_then(|left| Timespec::try_from(left).ok()).as_ref()),
            Err(Spent) => call(Some(&NOW)),
        };
        match outcome {
            Ok(0) if left.is_err() => return Err(Cause::TimedOut),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(ready) => return Ok(ready),
            Err(errno) => return Err(errno.into()),
        }
    }
}
