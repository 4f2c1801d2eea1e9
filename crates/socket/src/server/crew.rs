//! A thread for each connection or datagram, a bounded number at a time; one at a time is a crew of one.

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::Reason;
use super::connection::Connection;
use super::handler::End;
use super::intake::{Intake, first_of};
use super::stop::Stop;
use crate::bell::Bell;
use crate::error::{Cause, Error, Result};
use crate::socket::Socket;
use crate::wait::poll_any;

/// The threads at work. Only the thread that takes callers holds it: those at work ring when they end.
pub(super) struct Crew {
    places: usize,
    longest: Option<Duration>,
    members: BTreeMap<u64, Member>,
    next: u64,
    // Somebody who was taken, and for whom there was no thread yet. Nobody else is taken meanwhile.
    held: Option<Task>,
    ended: Arc<Ended>,
}

/// What a member is to do.
pub(super) struct Task {
    /// What is cut when its time is up.
    pub(super) connection: Option<Arc<Connection>>,
    pub(super) work: Box<dyn FnOnce() + Send>,
}

struct Member {
    thread: JoinHandle<()>,
    connection: Option<Arc<Connection>>,
    overdue_at: Option<Instant>,
}

/// Who was not served to the end.
pub(super) struct Drained {
    /// Whether somebody was held, and is not served any more.
    pub(super) turns_away: bool,
    /// How many go on alone.
    pub(super) left_behind: u64,
}

struct Ended {
    members: Mutex<Vec<u64>>,
    bell: Bell,
}

impl Crew {
    /// Of at most `places`; the connection of one that works for `longest` is cut.
    pub(super) fn new(places: usize, longest: Option<Duration>) -> Result<Self> {
        Ok(Self {
            places,
            longest,
            members: BTreeMap::new(),
            next: 0,
            held: None,
            ended: Arc::new(Ended {
                members: Mutex::default(),
                bell: Bell::new()?,
            }),
        })
    }

    /// Takes whoever comes to `listener`, by `take`, until the intake is over: `None` from it is for who was
    /// turned away.
    pub(super) fn serve(
        &mut self,
        listener: &Socket,
        intake: &mut Intake,
        stop: &Stop,
        mut take: impl FnMut() -> Result<Option<Task>>,
    ) -> Result<Reason> {
        loop {
            if self.reap() {
                intake.resume();
            }
            let now = Instant::now();
            self.cut_overdue(now);
            if !intake.is_paused(now)
                && let Some(task) = self.held.take()
            {
                self.start(task, intake);
            }
            if let Some(reason) = intake.over(now)
                && (self.held.is_none() || reason == Reason::Stopped)
            {
                return Ok(reason);
            }
            if self.wait(listener, intake, stop)? {
                match take() {
                    Ok(task) => {
                        intake.took_one();
                        if let Some(task) = task {
                            self.start(task, intake);
                        }
                    }
                    Err(error) => intake.endure(error)?,
                }
            }
        }
    }

    /// Waits for something to happen; whether somebody has come.
    fn wait(&self, listener: &Socket, intake: &mut Intake, stop: &Stop) -> Result<bool> {
        let mut events = vec![
            PollFd::from_borrowed_fd(stop.descriptor()?, PollFlags::IN),
            PollFd::from_borrowed_fd(self.ended.bell.as_fd(), PollFlags::IN),
        ];
        if self.members.len() >= self.places || self.held.is_some() {
            intake.is_full();
        } else if !intake.is_paused(Instant::now()) {
            events.push(PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN));
        }
        let deadline = first_of([intake.deadline(), self.next_overdue()]);
        match poll_any(&mut events, deadline) {
            Ok(_) => Ok(events
                .get(2)
                .is_some_and(|event| !event.revents().is_empty())),
            Err(Cause::TimedOut) => Ok(false),
            Err(cause) => Err(Error::new("wait for callers", cause)),
        }
    }

    /// Starts a member; without a thread for it, it is held, and tried again after a pause.
    fn start(&mut self, task: Task, intake: &mut Intake) {
        let member = self.next;
        let ended = Arc::clone(&self.ended);
        let connection = task.connection.clone();
        // A thread that cannot start drops what it was given, so it is given only where to find its task.
        let given = Arc::new(Mutex::new(Some(task)));
        let taken = Arc::clone(&given);
        let started = thread::Builder::new()
            .name("landline-connection".to_owned())
            .spawn(move || {
                let _ending = Ending { ended, member };
                let task = lock(&taken).take();
                if let Some(task) = task {
                    (task.work)();
                }
            });
        let Ok(thread) = started else {
            self.held = lock(&given).take();
            intake.pause();
            return;
        };
        self.next += 1;
        let overdue_at = self
            .longest
            .and_then(|longest| Instant::now().checked_add(longest));
        self.members.insert(
            member,
            Member {
                thread,
                connection,
                overdue_at,
            },
        );
    }

    /// Puts away those that have ended; whether there were any.
    fn reap(&mut self) -> bool {
        // In this order: who ends after the look rings again.
        self.ended.bell.hush();
        let ended = std::mem::take(&mut *lock(&self.ended.members));
        for member in &ended {
            if let Some(member) = self.members.remove(member) {
                // It is at its very end, and what it did was guarded.
                let _ = member.thread.join();
            }
        }
        !ended.is_empty()
    }

    /// The same time for all, so who came first is overdue first.
    fn next_overdue(&self) -> Option<Instant> {
        let uncut = |member: &&Member| member.overdue_at.is_some();
        self.members.values().find(uncut)?.overdue_at
    }

    fn cut_overdue(&mut self, now: Instant) {
        if self.next_overdue().is_none_or(|moment| now < moment) {
            return;
        }
        for member in self.members.values_mut() {
            if member.overdue_at.is_some_and(|moment| moment <= now) {
                member.overdue_at = None;
                if let Some(connection) = &member.connection {
                    connection.cut(End::Overdue);
                }
            }
        }
    }

    /// Gives those at work `grace` to end, cuts their connections, and leaves behind whoever ignores even
    /// that.
    pub(super) fn drain(mut self, grace: Duration) -> Drained {
        let turns_away = self.held.take().is_some();
        self.wait_for_all(grace);
        for member in self.members.values() {
            if let Some(connection) = &member.connection {
                connection.cut(End::Stopped);
            }
        }
        self.wait_for_all(LAST_CALL);
        Drained {
            turns_away,
            left_behind: self.members.len() as u64,
        }
    }

    fn wait_for_all(&mut self, time: Duration) {
        let end = Instant::now().checked_add(time);
        loop {
            self.reap();
            let now = Instant::now();
            self.cut_overdue(now);
            if self.members.is_empty() || end.is_some_and(|end| end <= now) {
                return;
            }
            let event = PollFd::from_borrowed_fd(self.ended.bell.as_fd(), PollFlags::IN);
            match poll_any(&mut [event], first_of([end, self.next_overdue()])) {
                Ok(_) | Err(Cause::TimedOut) => {}
                // Without a way to wait they are left to themselves.
                Err(_) => return,
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reports a member's end when it goes, by a return or a panic.
struct Ending {
    ended: Arc<Ended>,
    member: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        lock(&self.ended.members).push(self.member);
        self.ended.bell.ring();
    }
}

/// How long a thread may take to notice that its connection was cut.
const LAST_CALL: Duration = Duration::from_secs(1);
