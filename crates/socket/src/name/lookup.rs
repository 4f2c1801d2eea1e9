//! A question to the resolver that somebody will not wait for without end.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

#[cfg(feature = "tokio")]
use crate::asynchronous::AsyncSocket;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error};
use crate::kind::{Family, Kind, Protocol};
use crate::socket::Socket;
use crate::wait::poll_any;

/// How many questions may be with the resolver at once, those that nobody waits for any more among them.
///
/// A resolver whose server is silent takes 10 to 30 s by default; without a bound, a program that tries
/// again every second would collect threads for as long as the server is silent.
const THREADS_MAX: usize = 64;

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    threads: 0,
    waiting: VecDeque::new(),
});

/// The questions of this process: how many threads ask, and what waits for one of them.
struct Queue {
    threads: usize,
    waiting: VecDeque<Errand>,
}

/// A question on its way: to be asked, unless nobody waits for its answer any more.
struct Errand {
    ask: Box<dyn FnOnce() + Send>,
    asker: Weak<dyn Send + Sync>,
}

/// A question asked on another thread, because no C library's resolver can be told when to stop.
///
/// Dropped before it is answered it is abandoned: it is not asked any more, or the thread is free for the next when
/// the resolver is done, and the answer is dropped.
pub(crate) struct Lookup<T> {
    answer: Arc<Mutex<Option<thread::Result<T>>>>,
    // The other end hangs up when the answer is there.
    finished: Socket,
}

/// Asks on this thread if there is no end to the patience, else on another until the deadline.
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
    /// Asks as soon as fewer than [`THREADS_MAX`] others are being asked.
    pub(crate) fn start(question: impl FnOnce() -> T + Send + 'static) -> Result<Self, Cause> {
        let (finished, running) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)
            .map_err(Error::into_cause)?;
        let answer = Arc::new(Mutex::new(None));
        let asker = Arc::downgrade(&answer);
        let errand = Errand {
            asker: asker.clone(),
            ask: Box::new(move || {
                let _until_the_end = running;
                let outcome = catch_unwind(AssertUnwindSafe(question));
                if let Some(answer) = asker.upgrade() {
                    *locked(&answer) = Some(outcome);
                }
            }),
        };
        locked(&QUEUE).admit(errand)?;
        Ok(Self { answer, finished })
    }

    pub(crate) fn wait(self, deadline: Deadline) -> Result<T, Cause> {
        let hang_up = PollFd::new(&self.finished, PollFlags::IN);
        poll_any(&mut [hang_up], deadline)?;
        Ok(answer(&self.answer))
    }

    /// [`Lookup::wait`], awaited; the deadline is the caller's, who drops this.
    #[cfg(feature = "tokio")]
    pub(crate) async fn awaited(self) -> Result<T, Cause> {
        let hang_up = AsyncSocket::from_socket(self.finished).map_err(Error::into_cause)?;
        hang_up.readable().await.map_err(Error::into_cause)?;
        Ok(answer(&self.answer))
    }
}

/// What is there when the other end has hung up; a question that panicked does so here.
fn answer<T>(answer: &Mutex<Option<thread::Result<T>>>) -> T {
    let outcome = locked(answer).take();
    let outcome = outcome.expect("a question with an asker is asked, and its answer taken once");
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

impl Queue {
    /// On a thread of its own, or on the first that is free.
    fn admit(&mut self, errand: Errand) -> Result<(), Cause> {
        self.forget_the_abandoned();
        if self.threads == THREADS_MAX {
            self.waiting.push_back(errand);
            return Ok(());
        }
        // Under the lock, so that no thread is counted that is not there.
        thread::Builder::new()
            .name("resolve".to_owned())
            .spawn(|| run(errand))
            .map_err(Cause::from_io)?;
        self.threads += 1;
        Ok(())
    }

    /// For a thread that is free; without a next one it ends.
    fn next(&mut self) -> Option<Errand> {
        self.forget_the_abandoned();
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.threads -= 1;
        }
        next
    }

    fn forget_the_abandoned(&mut self) {
        self.waiting
            .retain(|errand| errand.asker.strong_count() > 0);
    }
}

fn run(first: Errand) {
    let mut next = Some(first);
    while let Some(errand) = next {
        (errand.ask)();
        next = locked(&QUEUE).next();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{Lookup, THREADS_MAX};
    use crate::deadline::{Deadline, Timeout};
    use crate::error::Cause;
    use crate::kind::{Family, Kind, Protocol};
    use crate::socket::Socket;

    fn after(milliseconds: u64) -> Deadline {
        Deadline::after(Timeout::After(Duration::from_millis(milliseconds)))
    }

    #[test]
    fn more_questions_than_threads_take_turns() {
        let (silence, server) =
            Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        let silence = Arc::new(silence);
        let (asked, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let start = |number: usize| {
            let (silence, asked, at_once) = (silence.clone(), asked.clone(), at_once.clone());
            Lookup::start(move || {
                asked.fetch_add(1, Ordering::Relaxed);
                let others = at_once.fetch_add(1, Ordering::Relaxed);
                silence.recv(&mut [0]).unwrap();
                at_once.fetch_sub(1, Ordering::Relaxed);
                (number, others)
            })
            .unwrap()
        };
        let all: Vec<_> = (0..THREADS_MAX * 2).map(start).collect();
        // Who does not wait for a turn is not asked.
        let abandoned = start(0).wait(after(10));
        assert_eq!(abandoned, Err(Cause::TimedOut));
        drop(server);
        for (number, lookup) in all.into_iter().enumerate() {
            let (answered, others) = lookup.wait(after(20_000)).unwrap();
            assert_eq!(answered, number);
            assert!(others < THREADS_MAX, "{others}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), THREADS_MAX * 2);
    }

    #[test]
    #[should_panic(expected = "the question's own")]
    fn a_question_that_panics_does_so_where_it_is_waited_for() {
        let asked = Lookup::start(|| panic!("the question's own"));
        let _: () = asked.unwrap().wait(after(20_000)).unwrap();
    }
}
