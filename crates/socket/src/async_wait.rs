//! The way of every awaited call: try, wait for readiness, try again.

use std::io;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::Interest;
use tokio::task::coop;
use tokio::time::timeout;

use crate::async_socket::AsyncSocket;
use crate::deadline::{Deadline, Spent};
use crate::error::{Error, Result};
use crate::kind::MsgFlags;
use crate::socket::Socket;

/// As long as a socket has never waited, a call is tried at once: a fresh connection mostly holds its
/// peer's first bytes, and can take an answer. From then on the runtime knows when it is worth a try.
impl AsyncSocket {
    /// Tries once, whatever the runtime believes: more may have come since it last looked. Where it
    /// believed wrongly it is told.
    pub(crate) fn attempt<T>(
        &self,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut call = || uninterrupted(self.socket(), &mut call);
        if let Some(registration) = self.driven.registered() {
            let mut called = false;
            let outcome = registration.readiness.try_io(interest, |_| {
                called = true;
                call()
            });
            if called {
                return outcome;
            }
        }
        call()
    }

    /// Tries, and waits for readiness between tries. What `exhausts` says of a result is that there is no
    /// need to try again before the next event.
    pub(crate) async fn wait<T>(
        &self,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
        exhausts: impl Fn(&T) -> bool,
    ) -> io::Result<T> {
        // A socket that is always ready must not keep the thread from its other tasks.
        coop::consume_budget().await;
        if self.driven.registered().is_none() {
            match uninterrupted(self.socket(), &mut call) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => return outcome,
            }
        }
        let registration = self.driven.register()?;
        loop {
            let mut ready = registration.readiness.ready(interest).await?;
            if let Ok(outcome) = ready.try_io(|_| uninterrupted(self.socket(), &mut call)) {
                if outcome.as_ref().is_ok_and(&exhausts) && registration.short_is_empty() {
                    ready.clear_ready();
                }
                return outcome;
            }
            coop::consume_budget().await;
        }
    }

    pub(crate) async fn drive<T>(
        &self,
        operation: &'static str,
        interest: Interest,
        call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> Result<T> {
        self.drive_with(operation, MsgFlags::NONE, interest, call)
            .await
    }

    /// [`AsyncSocket::wait`], unless flags forbid to wait. Then the runtime is not told either: that no error
    /// is queued says nothing about data. Nor does a short receive with flags say that there is no more.
    pub(crate) async fn wait_with<T>(
        &self,
        flags: MsgFlags,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        if flags.forbid_waiting() {
            return uninterrupted(self.socket(), &mut call);
        }
        self.wait(interest, call, |_| false).await
    }

    pub(crate) async fn drive_with<T>(
        &self,
        operation: &'static str,
        flags: MsgFlags,
        interest: Interest,
        call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> Result<T> {
        self.wait_with(flags, interest, call)
            .await
            .map_err(Error::from_io(operation))
    }

    /// [`AsyncSocket::wait`] for the traits that poll.
    pub(crate) fn poll<T>(
        &self,
        context: &mut Context<'_>,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
        exhausts: impl Fn(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        if self.driven.registered().is_none() {
            let budget = ready!(coop::poll_proceed(context));
            match uninterrupted(self.socket(), &mut call) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => {
                    budget.made_progress();
                    return Poll::Ready(outcome);
                }
            }
        }
        let registration = self.driven.register()?;
        loop {
            // These take from the task's budget themselves.
            let mut ready = ready!(if interest.is_readable() {
                registration.readiness.poll_read_ready(context)
            } else {
                registration.readiness.poll_write_ready(context)
            })?;
            if let Ok(outcome) = ready.try_io(|_| uninterrupted(self.socket(), &mut call)) {
                if outcome.as_ref().is_ok_and(&exhausts) && registration.short_is_empty() {
                    ready.clear_ready();
                }
                return Poll::Ready(outcome);
            }
        }
    }

    pub(crate) async fn ready(&self, interest: Interest) -> Result<()> {
        let wait = async {
            let registration = self.driven.register()?;
            registration.readiness.ready(interest).await?.retain_ready();
            Ok(())
        };
        wait.await.map_err(Error::from_io("wait"))
    }
}

/// Awaits no longer than the deadline; what is ready is found however late one asks.
pub(crate) async fn in_time<T>(
    deadline: Deadline,
    future: impl Future<Output = T>,
) -> Result<T, Spent> {
    let left = match deadline.remaining() {
        Ok(None) => return Ok(future.await),
        Ok(Some(left)) => left,
        Err(Spent) => Duration::ZERO,
    };
    timeout(left, future).await.map_err(|_| Spent)
}

/// Whether a receive took all there was: it got something, and less than it had room for. The end of the
/// stream is final and needs no more than the next call.
pub(crate) fn is_short_of(room: usize) -> impl Fn(&usize) -> bool {
    move |&received| 0 < received && received < room
}

/// A call, again when a signal interrupted it.
fn uninterrupted<T>(
    socket: &Socket,
    call: &mut impl FnMut(&Socket) -> io::Result<T>,
) -> io::Result<T> {
    loop {
        match call(socket) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
