//! One connection with a handler, without any waiting: what goes goes, and what it waits for it says.
//! Every model drives this same machine.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::handler::{End, Handler};
use super::reply::{Reply, Wish};
use super::service::Service;
use crate::address::Address;
use crate::error::Result;
use crate::kind::Shutdown;
use crate::socket::Socket;

/// A stream that never waits: what cannot be done now is `EAGAIN`.
pub(super) trait Channel {
    fn try_recv(&self, buffer: &mut [u8]) -> Result<usize>;
    fn try_send(&self, data: &[u8]) -> Result<usize>;
    fn socket(&self) -> &Socket;
}

/// With a timeout of zero.
impl Channel for Socket {
    fn try_recv(&self, buffer: &mut [u8]) -> Result<usize> {
        self.recv(buffer)
    }

    fn try_send(&self, data: &[u8]) -> Result<usize> {
        self.send(data)
    }

    fn socket(&self) -> &Socket {
        self
    }
}

/// A session under its limits, from `open` to `end`, which comes whatever happens: at the latest when this is dropped.
pub(super) struct Exchange<H: Handler> {
    service: Arc<Service<H>>,
    session: Option<H::Session>,
    reply: Reply,
    opened: Instant,
    moved: Instant,
    may_receive: u64,
    phase: Phase,
}

enum Phase {
    /// Both sides talk.
    Open,
    /// No more is received: what is unsent goes, and then it is over.
    Closing(End),
    /// We have ended our side, and the peer may not know yet: closing while it sends would cost it our last words.
    Lingering { until: Instant },
}

impl<H: Handler> Exchange<H> {
    /// Asks the handler, which may not want to talk to `peer`.
    pub(super) fn open(service: &Arc<Service<H>>, peer: &Address) -> Option<Self> {
        let mut reply = service.reply_to(peer);
        let session = service.open(&mut reply)?;
        let now = Instant::now();
        Some(Self {
            service: Arc::clone(service),
            session: Some(session),
            reply,
            opened: now,
            moved: now,
            may_receive: service.options.received_bytes.unwrap_or(u64::MAX),
            phase: Phase::Open,
        })
    }

    /// Sends and receives what goes without waiting; the reason when it is over.
    pub(super) fn turn(&mut self, channel: &impl Channel) -> Option<End> {
        self.step(channel).err()
    }

    /// Which events to wait for before the next turn.
    pub(super) fn interest(&self) -> PollFlags {
        let mut events = PollFlags::empty();
        events.set(PollFlags::IN, self.receives());
        events.set(PollFlags::OUT, !self.reply.unsent().is_empty());
        events
    }

    /// When it is [`overdue`](Self::overdue) if nothing happens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let options = &self.service.options;
        let after = |start: Instant, time: Option<Duration>| start.checked_add(time?);
        let lingering = match self.phase {
            Phase::Lingering { until } => Some(until),
            _ => None,
        };
        let ends = [
            after(self.moved, options.idle),
            after(self.opened, options.longest),
            lingering,
        ];
        ends.into_iter().flatten().min()
    }

    /// Which time is up at `now`, if one is.
    pub(super) fn overdue(&self, now: Instant) -> Option<End> {
        let passed = |start: Instant, time: Option<Duration>| {
            time.is_some_and(|time| now.saturating_duration_since(start) >= time)
        };
        match self.phase {
            Phase::Lingering { until } if until <= now => Some(End::Closed),
            _ if passed(self.opened, self.service.options.longest) => Some(End::Overdue),
            _ if passed(self.moved, self.service.options.idle) => Some(End::Idle),
            _ => None,
        }
    }

    /// Counts the end and tells the handler.
    pub(super) fn end(mut self, end: &End) {
        self.service.tally.ended(end);
        self.conclude(end);
    }

    fn conclude(&mut self, end: &End) {
        if let Some(session) = self.session.take() {
            self.service.end(session, end);
        }
    }

    fn receives(&self) -> bool {
        match self.phase {
            Phase::Open => self.reply.unsent().len() < PAUSE_BYTES.min(self.reply.room()),
            Phase::Closing(_) => false,
            Phase::Lingering { .. } => true,
        }
    }

    fn step(&mut self, channel: &impl Channel) -> Result<(), End> {
        self.obey()?;
        self.send(channel)?;
        if self.receives() {
            with_buffer(BUFFER_BYTES, |buffer| self.receive(channel, buffer))?;
            self.send(channel)?;
        }
        if self.reply.unsent().is_empty()
            && let Phase::Closing(end) = &self.phase
        {
            if *end == End::Peer {
                return Err(End::Peer);
            }
            // A failure means that the peer is gone, which the next receive says too.
            let _ = channel.socket().shutdown(Shutdown::Write);
            let until = Instant::now() + LINGER;
            self.phase = Phase::Lingering { until };
        }
        Ok(())
    }

    fn send(&mut self, channel: &impl Channel) -> Result<(), End> {
        while !self.reply.unsent().is_empty() {
            let Some(sent) = unless_not_now(channel.try_send(self.reply.unsent()))? else {
                return Ok(());
            };
            self.moved = Instant::now();
            self.service.tally.sent(sent);
            self.reply.sent(sent);
        }
        Ok(())
    }

    fn receive(&mut self, channel: &impl Channel, buffer: &mut [u8]) -> Result<(), End> {
        // No more than there is room for in the reply, so that an echo never overflows. And one byte where
        // none is allowed any more: whoever sends exactly the limit has not sent too much.
        let room = usize::try_from(self.may_receive).unwrap_or(usize::MAX);
        let room = room.min(self.reply.room()).clamp(1, buffer.len());
        let Some(received) = unless_not_now(channel.try_recv(&mut buffer[..room]))? else {
            return Ok(());
        };
        let data = &buffer[..received];
        self.service.tally.received(received);
        match self.phase {
            Phase::Lingering { .. } if data.is_empty() => return Err(End::Closed),
            Phase::Lingering { .. } => return Ok(()),
            _ if !data.is_empty() && self.may_receive == 0 => return Err(End::TooMuch),
            _ => {}
        }
        self.moved = Instant::now();
        self.may_receive -= received as u64;
        let (reply, session) = (&mut self.reply, &mut self.session);
        let session = session.as_mut().ok_or(End::Closed)?;
        reply.lend(data);
        self.service.guard(|handler| {
            if data.is_empty() {
                handler.finish(session, reply);
            } else {
                handler.receive(session, data, reply);
            }
        })?;
        let back = &data[self.reply.taken_back()];
        if data.is_empty() {
            self.phase = Phase::Closing(End::Peer);
        }
        self.obey()?;
        self.send_back(channel, back)
    }

    /// Sends what was received, from where it was received; only what does not go at once is copied.
    fn send_back(&mut self, channel: &impl Channel, data: &[u8]) -> Result<(), End> {
        if data.is_empty() {
            return Ok(());
        }
        let sent = unless_not_now(channel.try_send(data))?.unwrap_or(0);
        self.service.tally.sent(sent);
        self.reply.send_first(&data[sent..]);
        Ok(())
    }

    /// Does what the handler asked for in its reply.
    fn obey(&mut self) -> Result<(), End> {
        match self.reply.wish() {
            Wish::Overflow => return Err(End::Overflow),
            Wish::Close if matches!(self.phase, Phase::Open) => {
                self.phase = Phase::Closing(End::Closed);
            }
            Wish::Close | Wish::GoOn => {}
        }
        Ok(())
    }
}

/// A task that was ended under it; who ended that counts it.
impl<H: Handler> Drop for Exchange<H> {
    fn drop(&mut self) {
        self.conclude(&End::Stopped);
    }
}

/// `None` for what is to be tried again when the socket is ready.
fn unless_not_now(outcome: Result<usize>) -> Result<Option<usize>, End> {
    match outcome {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(End::Failed(error)),
    }
}

/// Lends the thread's one buffer, so that no connection needs its own while it waits. A handler that runs
/// a server of its own inside finds it lent, and that server gets another.
pub(super) fn with_buffer<T>(bytes: usize, borrow: impl FnOnce(&mut [u8]) -> T) -> T {
    thread_local! {
        static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    let mut buffer = BUFFER.take();
    if buffer.len() < bytes {
        buffer.resize(bytes, 0);
    }
    let outcome = borrow(&mut buffer[..bytes]);
    BUFFER.set(buffer);
    outcome
}

/// As much as one receive takes.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;
/// With so much unsent, or with as much as there is still room for, no more is received from that peer.
const PAUSE_BYTES: usize = 64 * 1024;
/// How long a peer that goes on sending is listened to after our last word.
pub(super) const LINGER: Duration = Duration::from_secs(1);
