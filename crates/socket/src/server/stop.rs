//! The switch that ends a server, seen by every thread and task that waits for it.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::bell::Bell;
use crate::error::Result;

/// A switch that is thrown once, from anywhere, a handler included; clones share it. What Python's
/// `shutdown` asks for, without waiting: what waits for the end is [`Running::join`](super::Running::join).
///
/// Tasks await [`stopped`](Stop::stopped), on any runtime; threads poll [`descriptor`](Stop::descriptor).
/// It takes a lock, so a signal handler writes to a pipe or an `eventfd` instead, and a thread throws it.
///
/// # Examples
/// ```
/// let stop = landline_socket::server::Stop::new();
/// let seen_by_another = stop.clone();
/// stop.stop();
/// stop.stop();
/// assert!(seen_by_another.is_stopped());
/// ```
#[derive(Clone, Debug, Default)]
#[doc(alias = "shutdown")]
pub struct Stop(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    thrown: AtomicBool,
    waiting: Mutex<Waiting>,
    // Made when a thread first asks: a server of tasks never needs one.
    bell: OnceLock<Bell>,
}

/// The tasks to wake; only those that wait right now are kept.
#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    wakers: HashMap<u64, Waker>,
}

impl Stop {
    /// A switch not yet thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Python's `shutdown` of a server: throws the switch; throwing it again changes nothing.
    pub fn stop(&self) {
        let mut waiting = self.0.lock();
        if self.0.thrown.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(bell) = self.0.bell.get() {
            bell.ring();
        }
        let wakers = std::mem::take(&mut waiting.wakers);
        // What a task does when it is woken is not ours to hold a lock over.
        drop(waiting);
        wakers.into_values().for_each(Waker::wake);
    }

    /// Whether the switch has been thrown.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.thrown.load(Ordering::Acquire)
    }

    /// Waits until the switch is thrown; safe to cancel and to call again. Needs no particular runtime.
    pub async fn stopped(&self) {
        Stopped {
            switch: &self.0,
            place: None,
        }
        .await;
    }

    /// `eventfd(2)`: a descriptor that is readable, for good and for everybody, once the switch is thrown.
    /// To be polled beside a socket, never read from.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE` when it is first asked for and there is no descriptor.
    pub fn descriptor(&self) -> Result<BorrowedFd<'_>> {
        // Under the lock, so that the switch is not thrown between the making and the ringing.
        let _waiting = self.0.lock();
        let bell = match self.0.bell.get() {
            Some(bell) => bell,
            None => {
                let bell = Bell::new()?;
                if self.is_stopped() {
                    bell.ring();
                }
                self.0.bell.get_or_init(|| bell)
            }
        };
        Ok(bell.as_fd())
    }
}

impl Switch {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One wait for the switch, and its place among those to wake.
struct Stopped<'s> {
    switch: &'s Switch,
    place: Option<u64>,
}

impl Future for Stopped<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let switch = self.switch;
        if switch.thrown.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let mut waiting = switch.lock();
        // Thrown between the look and the lock: nobody would wake us any more.
        if switch.thrown.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let place = *self.place.get_or_insert_with(|| {
            waiting.next += 1;
            waiting.next
        });
        waiting
            .wakers
            .entry(place)
            .or_insert_with(|| context.waker().clone())
            .clone_from(context.waker());
        Poll::Pending
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.switch.lock().wakers.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake, Waker};

    use rustix::event::{PollFd, PollFlags};

    use super::Stop;
    use crate::deadline::{Deadline, Timeout};
    use crate::error::Cause;
    use crate::wait::poll_any;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_readable(stop: &Stop) -> bool {
        let descriptor = stop.descriptor().unwrap();
        let mut polled = [PollFd::from_borrowed_fd(descriptor, PollFlags::IN)];
        let deadline = Deadline::after(Timeout::After(std::time::Duration::from_millis(1)));
        match poll_any(&mut polled, deadline) {
            Ok(_) => true,
            Err(Cause::TimedOut) => false,
            Err(cause) => panic!("{cause}"),
        }
    }

    #[test]
    fn the_descriptor_is_readable_for_good_whenever_it_was_made() {
        let (before, after) = (Stop::new(), Stop::new());
        assert!(!is_readable(&before));
        before.stop();
        after.stop();
        for stop in [before, after] {
            assert!(is_readable(&stop));
            assert!(is_readable(&stop.clone()));
        }
    }

    #[test]
    fn every_task_is_woken_once_and_nothing_is_kept() {
        let stop = Stop::new();
        let counts = [(); 3].map(|()| Arc::new(Count::default()));
        let mut waits: Vec<_> = counts.iter().map(|_| Box::pin(stop.stopped())).collect();
        for (wait, count) in waits.iter_mut().zip(&counts) {
            let waker = Waker::from(Arc::clone(count));
            for _ in 0..2 {
                let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
                assert_eq!(polled, Poll::Pending);
            }
        }
        waits.pop();
        assert_eq!(stop.0.lock().wakers.len(), 2, "one gave up");
        stop.stop();
        stop.stop();
        let woken = counts.map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [1, 1, 0]);
        let mut context = Context::from_waker(Waker::noop());
        for wait in &mut waits {
            assert_eq!(wait.as_mut().poll(&mut context), Poll::Ready(()));
        }
        drop(waits);
        assert!(stop.0.lock().wakers.is_empty());
    }
}
