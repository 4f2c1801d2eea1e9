//! A question to the resolver that somebody will not wait for without end.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

#[cfg(feature = "tokio")]
use crate::asynchronous::AsyncSocket;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error};
use crate::kind::{Family, Kind, Protocol};
use crate::socket::Socket;
use crate::wait::poll_any;

/// How many questions that nobody waits for any more may still be with the resolver before no new one is asked.
///
/// A resolver whose server is silent takes 10 to 30 s by default; without a bound, a program that tries
/// again every second would collect threads for as long as the server is silent.
pub(crate) const ABANDONED_MAX: usize = 64;

/// Those that nobody waits for; the thread of each holds the other count until it ends.
static ABANDONED: Mutex<Vec<Weak<()>>> = Mutex::new(Vec::new());

/// A question asked on a thread of its own, because no C library's resolver can be told when to stop.
///
/// Dropped before it is answered it is abandoned: the thread ends when the resolver does, and the answer is
/// dropped with it.
pub(crate) struct Lookup<T> {
    asking: Asking<T>,
    // The other end hangs up when the thread ends, however it ends.
    finished: Socket,
}

struct Asking<T> {
    // Taken when it is joined.
    thread: Option<JoinHandle<T>>,
    alive: Weak<()>,
}

/// Asks on this thread if there is no end to the patience, else on one of its own until the deadline.
pub(crate) fn ask<T: Send + 'static>(
    deadline: Deadline,
    question: impl FnOnce() -> Result<T, Cause> + Send + 'static,
) -> Result<T, Cause> {
    match deadline.remaining()? {
        None => question(),
        Some(_) => Lookup::start(question)?.wait(deadline)?,
    }
}

/// Python's zero: what would have had to wait is `EAGAIN`, not a time that has passed.
pub(crate) fn said_for(timeout: Timeout) -> impl Fn(Cause) -> Cause {
    move |cause| match cause {
        Cause::TimedOut if timeout == Timeout::Zero => Errno::AGAIN.into(),
        cause => cause,
    }
}

impl<T: Send + 'static> Lookup<T> {
    pub(crate) fn start(question: impl FnOnce() -> T + Send + 'static) -> Result<Self, Cause> {
        let mut abandoned = ABANDONED.lock().unwrap_or_else(PoisonError::into_inner);
        abandoned.retain(|one| one.strong_count() > 0);
        if abandoned.len() >= ABANDONED_MAX {
            return Err(Cause::Busy(
                "64 questions that were given up on are still with the resolver",
            ));
        }
        drop(abandoned);
        let (finished, running) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)
            .map_err(Error::into_cause)?;
        let counted = Arc::new(());
        let alive = Arc::downgrade(&counted);
        let thread = thread::Builder::new()
            .name("resolve".to_owned())
            .spawn(move || {
                let _until_the_end = (running, counted);
                question()
            })
            .map_err(Cause::from_io)?;
        let thread = Some(thread);
        Ok(Self {
            asking: Asking { thread, alive },
            finished,
        })
    }

    pub(crate) fn wait(self, deadline: Deadline) -> Result<T, Cause> {
        let hang_up = PollFd::new(&self.finished, PollFlags::IN);
        poll_any(&mut [hang_up], deadline)?;
        Ok(self.asking.answer())
    }

    /// [`Lookup::wait`], awaited; the deadline is the caller's, who drops this.
    #[cfg(feature = "tokio")]
    pub(crate) async fn awaited(self) -> Result<T, Cause> {
        let hang_up = AsyncSocket::from_socket(self.finished).map_err(Error::into_cause)?;
        hang_up.readable().await.map_err(Error::into_cause)?;
        Ok(self.asking.answer())
    }
}

impl<T> Asking<T> {
    /// Of a thread that is at its end.
    fn answer(mut self) -> T {
        let thread = self
            .thread
            .take()
            .expect("only this takes the thread, once");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<T> Drop for Asking<T> {
    fn drop(&mut self) {
        if self.thread.is_some() {
            let mut abandoned = ABANDONED.lock().unwrap_or_else(PoisonError::into_inner);
            abandoned.push(self.alive.clone());
        }
    }
}
