//! The model with one thread: all connections on one selector.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::accept::{Caller, accept_one};
use super::door::Permit;
use super::exchange::Exchange;
use super::handler::{End, Handler};
use super::intake::{Intake, first_of, timeout_until};
use super::service::Service;
use super::{Reason, Report};
use crate::deadline::Timeout;
use crate::error::Result;
use crate::selector::{Event, Interest, Key, Selector};
use crate::socket::Socket;

pub(super) fn serve<H: Handler>(listener: Socket, service: &Arc<Service<H>>) -> Result<Report> {
    let mut crowd = Crowd::new(service)?;
    let outcome = crowd.take_from(&listener);
    // The switch stays readable, and would end every wait at once.
    crowd.end_all(Option::is_none);
    // Whoever calls from here on is refused by the kernel.
    drop(listener);
    crowd.drain(service.options.grace)?;
    Ok(service.tally.report(outcome?, 0))
}

/// Everybody who is connected.
struct Crowd<H: Handler> {
    service: Arc<Service<H>>,
    // Nobody's: the listener and the switch.
    selector: Selector<Option<Member<H>>>,
    intake: Intake,
    size: usize,
    // One for each member who has a deadline; never later than that deadline, but maybe earlier.
    alarms: BTreeSet<(Instant, Key)>,
    events: Vec<Event>,
}

struct Member<H: Handler> {
    socket: Socket,
    exchange: Exchange<H>,
    alarm: Option<Instant>,
    _permit: Permit,
}

impl<H: Handler> Crowd<H> {
    fn new(service: &Arc<Service<H>>) -> Result<Self> {
        Ok(Self {
            service: Arc::clone(service),
            selector: Selector::new()?,
            intake: Intake::new(&service.options, &service.stop),
            size: 0,
            alarms: BTreeSet::new(),
            events: Vec::new(),
        })
    }

    /// Serves, and takes whoever comes, until the intake is over.
    fn take_from(&mut self, listener: &Socket) -> Result<Reason> {
        let stop = self.service.stop.clone();
        self.selector
            .register(stop.descriptor()?, Interest::READABLE, None)?;
        let mut door = None;
        loop {
            let now = Instant::now();
            if let Some(reason) = self.intake.over(now) {
                return Ok(reason);
            }
            // While there is no room the listener is not watched: it would end every wait at once.
            match (self.intake.is_paused(now), door) {
                (true, Some(key)) => {
                    self.selector.unregister(key)?;
                    door = None;
                }
                (false, None) => match self.selector.register(listener, Interest::READABLE, None) {
                    Ok(key) => door = Some(key),
                    Err(error) => self.intake.endure(error)?,
                },
                _ => {}
            }
            self.turn(self.intake.deadline())?;
            if self.events.iter().any(|event| Some(event.key) == door) {
                self.accept(listener)?;
            }
        }
    }

    /// Serves those who are there for the time they have to end, and cuts the rest.
    fn drain(&mut self, grace: Duration) -> Result<()> {
        let end = Instant::now().checked_add(grace);
        while self.size > 0 && end.is_none_or(|end| Instant::now() < end) {
            self.turn(end)?;
        }
        self.end_all(|_| true);
        Ok(())
    }

    fn end_all(&mut self, which: impl Fn(&Option<Member<H>>) -> bool) {
        let chosen = self
            .selector
            .registrations()
            .filter(|(_, registration)| which(&registration.data));
        let chosen: Vec<Key> = chosen.map(|(key, _)| key).collect();
        for key in chosen {
            self.end(key, &End::Stopped);
        }
    }

    /// One wait, and what follows from it for those who are there.
    fn turn(&mut self, until: Option<Instant>) -> Result<()> {
        let alarm = self.alarms.first().map(|(moment, _)| *moment);
        let timeout = timeout_until(first_of([until, alarm]));
        let mut events = std::mem::take(&mut self.events);
        let waited = self.selector.wait(&mut events, timeout);
        for event in &events {
            self.talk(event.key);
        }
        self.events = events;
        self.heed_alarms(Instant::now());
        waited.map(|_| ())
    }

    /// As many as wait, up to a bound, so that those who are connected have their turn too.
    fn accept(&mut self, listener: &Socket) -> Result<()> {
        for _ in 0..ACCEPTED_AT_ONCE {
            match accept_one(listener, &self.service, Timeout::Zero) {
                Ok(caller) => {
                    self.intake.took_one();
                    if let Some(caller) = caller {
                        self.greet(caller);
                    }
                    if self.intake.over(Instant::now()).is_some() {
                        return Ok(());
                    }
                }
                Err(error) => return self.intake.endure(error),
            }
        }
        Ok(())
    }

    fn greet(&mut self, caller: Caller) {
        let Some(exchange) = Exchange::open(&self.service, &caller.peer) else {
            return;
        };
        match self
            .selector
            .register(&caller.socket, Interest::READABLE, None)
        {
            Ok(key) => {
                self.size += 1;
                if let Some(member) = self.selector.get_mut(key) {
                    *member = Some(Member {
                        socket: caller.socket,
                        exchange,
                        alarm: None,
                        _permit: caller.permit,
                    });
                }
                self.talk(key);
            }
            Err(error) => exchange.end(&End::Failed(error)),
        }
    }

    /// Lets a member send and receive what goes, and waits for what it then waits for.
    fn talk(&mut self, key: Key) {
        // It may be the listener or the switch, or have ended since the wait.
        let Some(member) = self.selector.get_mut(key).and_then(Option::as_mut) else {
            return;
        };
        if let Some(end) = member.exchange.turn(&member.socket) {
            self.end(key, &end);
            return;
        }
        let wanted = interest(member.exchange.interest());
        // One that is early enough is moved only when it rings: a busy connection would move it all the time.
        if let Some(deadline) = member.exchange.deadline()
            && member.alarm.is_none_or(|alarm| deadline < alarm)
        {
            if let Some(later) = member.alarm.replace(deadline) {
                self.alarms.remove(&(later, key));
            }
            self.alarms.insert((deadline, key));
        }
        if self
            .selector
            .get(key)
            .is_some_and(|registration| registration.interest != wanted)
            && let Err(error) = self.selector.modify(key, wanted)
        {
            self.end(key, &End::Failed(error));
        }
    }

    fn heed_alarms(&mut self, now: Instant) {
        while let Some((moment, key)) = self.alarms.first().copied()
            && moment <= now
        {
            self.alarms.pop_first();
            let Some(member) = self.selector.get_mut(key).and_then(Option::as_mut) else {
                continue;
            };
            member.alarm = None;
            if let Some(end) = member.exchange.overdue(now) {
                self.end(key, &end);
            } else if let Some(deadline) = member.exchange.deadline() {
                member.alarm = Some(deadline);
                self.alarms.insert((deadline, key));
            }
        }
    }

    fn end(&mut self, key: Key, end: &End) {
        let Ok(registration) = self.selector.unregister(key) else {
            return;
        };
        if let Some(member) = registration.data {
            if let Some(moment) = member.alarm {
                self.alarms.remove(&(moment, key));
            }
            self.size -= 1;
            self.intake.resume();
            member.exchange.end(end);
        }
    }
}

fn interest(events: PollFlags) -> Interest {
    match (
        events.contains(PollFlags::IN),
        events.contains(PollFlags::OUT),
    ) {
        (true, true) => Interest::READABLE | Interest::WRITABLE,
        (false, true) => Interest::WRITABLE,
        _ => Interest::READABLE,
    }
}

const ACCEPTED_AT_ONCE: usize = 64;
