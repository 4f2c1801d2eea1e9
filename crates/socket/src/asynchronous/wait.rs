//! The way of every awaited call: try, wait for readiness, try again.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::Interest;
use tokio::task::coop;
use tokio::time::timeout;

use crate::asynchronous::AsyncSocket;
use crate::asynchronous::place::Waiting;
use crate::deadline::{Deadline, Spent};
use crate::error::{Error, Result};
use crate::kind::MsgFlags;
use crate::socket::Socket;
use crate::sys::Registration;

/// As long as a socket has never waited, a call is tried at once: a fresh connection mostly holds its
/// peer's first bytes, and can take an answer. From then on the runtime knows when it is worth a try.
impl AsyncSocket {
    /// Tries once, whatever the runtime believes: more may have come since it last looked. Where it
    /// believed wrongly it is told, and so it is of a result that [`exhausts`](Self::wait).
    pub(crate) fn attempt<T>(
        &self,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
        exhausts: impl Fn(&T) -> bool,
    ) -> io::Result<T> {
        if let Some(registration) = self.driven.registered() {
            let mut called = false;
            let mut noted = |socket: &Socket| {
                called = true;
                call(socket)
            };
            let outcome = self.attempt_when_ready(registration, interest, &mut noted, &exhausts);
            if called {
                return outcome;
            }
        }
        uninterrupted(self.socket(), &mut call)
    }

    /// Tries, and waits for readiness between tries. What `exhausts` says of a result is that there is no
    /// need to try again before the next event.
    pub(crate) fn wait<T>(
        &self,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
        exhausts: impl Fn(&T) -> bool,
    ) -> impl Future<Output = io::Result<T>> {
        let mut waiting = Waiting::new(interest);
        poll_fn(move |context| self.poll_awaited(&mut waiting, context, &mut call, &exhausts))
    }

    /// [`AsyncSocket::wait`], unless flags forbid to wait. Then the runtime is not told either: that no error
    /// is queued says nothing about data. Nor does a short receive with flags say that there is no more.
    pub(crate) fn wait_with<T>(
        &self,
        flags: MsgFlags,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> impl Future<Output = io::Result<T>> {
        let mut waiting = Waiting::new(interest);
        poll_fn(move |context| self.poll_with(flags, &mut waiting, context, &mut call))
    }

    pub(crate) fn drive_with<T>(
        &self,
        operation: &'static str,
        flags: MsgFlags,
        interest: Interest,
        mut call: impl FnMut(&Socket) -> io::Result<T>,
    ) -> impl Future<Output = Result<T>> {
        let mut waiting = Waiting::new(interest);
        poll_fn(move |context| {
            self.poll_with(flags, &mut waiting, context, &mut call)
                .map_err(Error::from_io(operation))
        })
    }

    /// Sends until there is no more to send.
    pub(crate) fn drive_all(
        &self,
        data: &[u8],
        flags: MsgFlags,
    ) -> impl Future<Output = Result<()>> {
        let mut rest = data;
        let mut waiting = Waiting::new(Interest::WRITABLE);
        poll_fn(move |context| {
            loop {
                let mut send = |socket: &Socket| socket.attempt_send(rest, flags);
                let sent = ready!(self.poll_with(flags, &mut waiting, context, &mut send))
                    .map_err(Error::from_io("send"))?;
                rest = &rest[sent..];
                if rest.is_empty() {
                    return Poll::Ready(Ok(()));
                }
            }
        })
    }

    fn poll_with<'a, T>(
        &'a self,
        flags: MsgFlags,
        waiting: &mut Waiting<'a>,
        context: &mut Context<'_>,
        call: &mut impl FnMut(&Socket) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        if flags.forbid_waiting() {
            return Poll::Ready(uninterrupted(self.socket(), call));
        }
        self.poll_awaited(waiting, context, call, &|_| false)
    }

    /// A poll of a call that is awaited.
    fn poll_awaited<'a, T>(
        &'a self,
        waiting: &mut Waiting<'a>,
        context: &mut Context<'_>,
        call: &mut impl FnMut(&Socket) -> io::Result<T>,
        exhausts: &impl Fn(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        loop {
            // A socket that is always ready must not keep the thread from its other tasks. What was shut down is
            // ready for good, and a datagram socket still says "not now".
            let budget = ready!(coop::poll_proceed(context));
            let outcome = match self.driven.registered() {
                None => uninterrupted(self.socket(), call),
                Some(known) => self.attempt_when_ready(known, waiting.interest, call, exhausts),
            };
            if !would_block(&outcome) {
                budget.made_progress();
                return Poll::Ready(outcome);
            }
            ready!(waiting.poll(self.driven.register()?, context))?;
            budget.made_progress();
        }
    }

    /// Tries if the runtime believes that it is worth a try. It is told when there is nothing more: what
    /// says "not now" in here clears its belief, so a call that took all there was says that too.
    fn attempt_when_ready<T>(
        &self,
        registration: &Registration,
        interest: Interest,
        call: &mut impl FnMut(&Socket) -> io::Result<T>,
        exhausts: &impl Fn(&T) -> bool,
    ) -> io::Result<T> {
        let mut last = None;
        let mut tried = || {
            let done = uninterrupted(self.socket(), call)?;
            if exhausts(&done) && registration.short_is_empty() {
                last = Some(done);
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(done)
        };
        let mut outcome = registration.readiness.try_io(interest, |_| tried());
        if would_block(&outcome) && registration.hears_refusals(interest) {
            // It takes one kind of readiness at a time.
            let refusals = Interest::ERROR;
            outcome = registration.readiness.try_io(refusals, |_| tried());
        }
        last.map_or(outcome, Ok)
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
            let outcome = uninterrupted(self.socket(), &mut call);
            if !would_block(&outcome) {
                budget.made_progress();
                return Poll::Ready(outcome);
            }
        }
        let registration = self.driven.register()?;
        registration.place(interest).leave_to_polls();
        loop {
            // These take from the task's budget themselves.
            let mut ready = ready!(registration.poll_ready(interest, context))?;
            if let Ok(outcome) = ready.try_io(|_| uninterrupted(self.socket(), &mut call)) {
                if outcome.as_ref().is_ok_and(&exhausts) && registration.short_is_empty() {
                    ready.clear_ready();
                }
                return Poll::Ready(outcome);
            }
        }
    }

    pub(crate) async fn ready(&self, interest: Interest) -> Result<()> {
        let mut waiting = Waiting::new(interest);
        poll_fn(|context| waiting.poll(self.driven.register()?, context))
            .await
            .map_err(Error::from_io("wait"))
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

fn would_block<T>(outcome: &io::Result<T>) -> bool {
    matches!(outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
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
