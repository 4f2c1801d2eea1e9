//! A thread for each connection or datagram, a bounded number at a time; one at a time is a crew of one.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::Reason;
use super::accept::Setback;
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
    members: BTreeMap<u64, Member>,
    next: u64,
    ended: Arc<Ended>,
}

struct Member {
    thread: JoinHandle<()>,
    connection: Option<Arc<Connection>>,
    overdue_at: Option<Instant>,
}

struct Ended {
    members: Mutex<Vec<u64>>,
    bell: Bell,
}

impl Crew {
    pub(super) fn new(places: usize) -> Result<Self> {
        Ok(Self {
            places,
            members: BTreeMap::new(),
            next: 0,
            ended: Arc::new(Ended {
                members: Mutex::default(),
                bell: Bell::new()?,
            }),
        })
    }

    /// Takes whoever comes to `listener`, by `take`, until the intake is over.
    pub(super) fn serve(
        &mut self,
        listener: &Socket,
        intake: &mut Intake,
        stop: &Stop,
        mut take: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<Reason> {
        loop {
            if self.reap() {
                intake.resume();
            }
            let now = Instant::now();
            self.cut_overdue(now);
            if let Some(reason) = intake.over(now) {
                return Ok(reason);
            }
            if self.wait(listener, intake, stop)? {
                match take(self) {
                    Ok(()) => intake.took_one(),
                    Err(error) => match Setback::of(&error) {
                        Setback::Passing => {}
                        Setback::NoRoom => intake.pause(),
                        Setback::Lasting => return Err(error),
                    },
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
        if self.members.len() >= self.places {
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

    /// Starts a member; `connection` is what is cut when its time is up.
    pub(super) fn start(
        &mut self,
        connection: Option<Arc<Connection>>,
        longest: Option<Duration>,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let member = self.next;
        let ending = Ending {
            ended: Arc::clone(&self.ended),
            member,
        };
        let thread = thread::Builder::new()
            .name("landline-connection".to_owned())
            .spawn(move || {
                let _ending = ending;
                work();
            })?;
        self.next += 1;
        let overdue_at = longest.and_then(|longest| Instant::now().checked_add(longest));
        self.members.insert(
            member,
            Member {
                thread,
                connection,
                overdue_at,
            },
        );
        Ok(())
    }

    /// Puts away those that have ended; whether there were any.
    fn reap(&mut self) -> bool {
        // In this order: who ends after the look rings again.
        self.ended.bell.hush();
        let ended = std::mem::take(&mut *self.ended.lock());
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
    /// that: how many.
    pub(super) fn drain(mut self, grace: Duration) -> u64 {
        self.wait_for_all(grace);
        for member in self.members.values() {
            if let Some(connection) = &member.connection {
                connection.cut(End::Stopped);
            }
        }
        self.wait_for_all(LAST_CALL);
        self.members.len() as u64
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

impl Ended {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u64>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports a member's end when it goes, by a return or a panic.
struct Ending {
    ended: Arc<Ended>,
    member: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.ended.lock().push(self.member);
        self.ended.bell.ring();
    }
}

/// How long a thread may take to notice that its connection was cut.
const LAST_CALL: Duration = Duration::from_secs(1);
