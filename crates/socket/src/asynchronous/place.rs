//! Where awaited calls wait: one task in tokio's place for a single waiter, which is cheap, the others in its list.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::Interest;

use crate::sys::Registration;

/// Whose tokio's place for a single waiter is, in one direction of one socket.
///
/// Who polls (`AsyncRead`, `AsyncWrite`) can wait nowhere else, so from the first poll on it is theirs for good.
/// Until then it is for the calls of one task, that of the first to come, as long as any of them waits.
#[derive(Debug, Default)]
pub(crate) struct Place {
    // Set under the lock, so that afterwards no call is about to take the place.
    is_polled: AtomicBool,
    // How many calls wait here. Grows under the lock alone.
    calls: AtomicUsize,
    // The task of these calls, or, when there are none, of the last.
    task: Mutex<Option<Waker>>,
}

impl Place {
    /// Leaves the place to those who poll.
    #[inline]
    pub(crate) fn leave_to_polls(&self) {
        if !self.is_polled.load(Ordering::Acquire) {
            self.expel();
        }
    }

    /// Wakes the task, so that its calls find that they have to wait in the list.
    #[cold]
    fn expel(&self) {
        let task = {
            let mut task = self.task();
            self.is_polled.store(true, Ordering::Release);
            task.take()
        };
        if let Some(task) = task {
            task.wake();
        }
    }

    fn task(&self) -> MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The waits of one awaited call.
pub(crate) struct Waiting<'a> {
    pub(crate) interest: Interest,
    /// Where it is one of the calls.
    place: Option<&'a Place>,
    /// In a box, because it is seldom needed and large.
    listed: Option<Pin<Box<dyn Future<Output = io::Result<()>> + Send + Sync + 'a>>>,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(interest: Interest) -> Self {
        Self {
            interest,
            place: None,
            listed: None,
        }
    }

    /// Waits until the runtime believes that it is worth a try.
    pub(crate) fn poll(
        &mut self,
        registration: &'a Registration,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.listed.is_none()
            // A single waiter is not woken by them.
            && !registration.hears_refusals(self.interest)
            && let Some(outcome) = self.poll_in_place(registration, context)
        {
            return outcome;
        }
        self.leave_place();
        let outcome = ready!(self.poll_in_list(registration, context));
        self.listed = None;
        Poll::Ready(outcome)
    }

    /// `None` where the place is another's.
    fn poll_in_place(
        &mut self,
        registration: &'a Registration,
        context: &mut Context<'_>,
    ) -> Option<Poll<io::Result<()>>> {
        let place = registration.place(self.interest);
        let mut task = place.task();
        if place.is_polled.load(Ordering::Relaxed) {
            return None;
        }
        let own = context.waker();
        if !task.as_ref().is_some_and(|task| task.will_wake(own)) {
            let is_one_of_them = self.place.is_some();
            if place.calls.load(Ordering::Relaxed) > usize::from(is_one_of_them) {
                return None;
            }
            *task = Some(own.clone());
        }
        if self.place.is_none() {
            place.calls.fetch_add(1, Ordering::Relaxed);
            self.place = Some(place);
        }
        // Under the lock: nobody else's waker must be overwritten.
        let ready = registration.poll_ready(self.interest, context);
        Some(ready.map_ok(|mut ready| ready.retain_ready()))
    }

    #[cold]
    fn poll_in_list(
        &mut self,
        registration: &'a Registration,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let interest = match registration.hears_refusals(self.interest) {
            true => self.interest | Interest::ERROR,
            false => self.interest,
        };
        let wait = || async move {
            registration.readiness.ready(interest).await?.retain_ready();
            Ok(())
        };
        let listed = self.listed.get_or_insert_with(|| Box::pin(wait()));
        listed.as_mut().poll(context)
    }

    fn leave_place(&mut self) {
        if let Some(place) = self.place.take() {
            place.calls.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// A call that is over, or dropped, makes room for another task's.
impl Drop for Waiting<'_> {
    #[inline]
    fn drop(&mut self) {
        self.leave_place();
    }
}
