//! What all connections of one server share: the handler, its limits, its switch, its figures.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::door::{Door, Permit};
use super::handler::{End, Handler};
use super::reply::{Reply, Wish};
use super::stop::Stop;
use super::{Options, Reason, Report};
use crate::address::Address;

pub(super) struct Service<H> {
    pub(super) handler: H,
    pub(super) options: Options,
    pub(super) stop: Stop,
    pub(super) door: Arc<Door>,
    pub(super) tally: Arc<Tally>,
}

impl<H> Service<H> {
    pub(super) fn new(handler: H, options: &Options, stop: &Stop) -> Arc<Self> {
        Arc::new(Self {
            handler,
            options: options.clone(),
            stop: stop.clone(),
            door: Door::new(options.limits),
            tally: Arc::default(),
        })
    }

    /// A place for a caller, who is counted either way.
    pub(super) fn admit(&self, peer: &Address) -> Option<Permit> {
        let permit = self.door.enter(peer);
        self.tally.came(permit.is_some());
        permit
    }

    /// A call of the handler, whose panic is only its own connection's end.
    pub(super) fn guard<T>(&self, call: impl FnOnce(&H) -> T) -> Result<T, End> {
        guard(|| call(&self.handler))
    }
}

impl<H: Handler> Service<H> {
    pub(super) fn reply_to(&self, peer: &Address) -> Reply {
        Reply::new(peer.clone(), self.stop.clone(), self.options.unsent_bytes)
    }

    /// The handler's session for a caller, if it wants one.
    pub(super) fn open(&self, reply: &mut Reply) -> Option<H::Session> {
        match self.guard(|handler| handler.open(reply)) {
            Ok(Some(session)) => Some(session),
            Ok(None) => {
                self.tally.turned_away();
                None
            }
            Err(_) => {
                self.tally.ended(&End::Panicked);
                None
            }
        }
    }

    /// The end of a session.
    pub(super) fn end(&self, session: H::Session, end: &End) {
        if self.guard(|handler| handler.end(session, end)).is_err() && *end != End::Panicked {
            self.tally.ended(&End::Panicked);
        }
    }

    /// A whole exchange with the sender of one datagram: the answer, if there is one.
    pub(super) fn answer(&self, data: &[u8], peer: &Address, truncated: bool) -> Option<Vec<u8>> {
        self.tally.received(data.len());
        let mut reply = self.reply_to(peer).truncated(truncated);
        let mut session = self.open(&mut reply)?;
        let called = self.guard(|handler| {
            if reply.wish() == Wish::GoOn {
                handler.receive(&mut session, data, &mut reply);
            }
            if reply.wish() == Wish::GoOn {
                handler.finish(&mut session, &mut reply);
            }
        });
        let end = match (called, reply.wish()) {
            (Err(panicked), _) => panicked,
            (Ok(()), Wish::Overflow) => End::Overflow,
            (Ok(()), Wish::Close) => End::Closed,
            (Ok(()), Wish::GoOn) => End::Peer,
        };
        self.tally.ended(&end);
        self.end(session, &end);
        match end {
            End::Peer | End::Closed => reply.into_answer(),
            _ => None,
        }
    }
}

/// A call of what is not ours, whose panic is only its own connection's end.
pub(super) fn guard<T>(call: impl FnOnce() -> T) -> Result<T, End> {
    // What a call has half done is its session's, which ends with it, or behind the handler's own locks,
    // which know of the panic.
    catch_unwind(AssertUnwindSafe(call)).map_err(panicked)
}

/// The end that a panic is. What it panicked with is not ours either, and so is what happens when that goes.
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> End {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    End::Panicked
}

/// The figures of a server, counted from any thread.
#[derive(Debug, Default)]
pub(super) struct Tally {
    accepted: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    panicked: AtomicU64,
    cut: AtomicU64,
    received_bytes: AtomicU64,
    sent_bytes: AtomicU64,
}

impl Tally {
    pub(super) fn came(&self, admitted: bool) {
        add(
            if admitted {
                &self.accepted
            } else {
                &self.refused
            },
            1,
        );
    }

    /// Somebody was let in by the limits, and then was not wanted, or there was no thread.
    pub(super) fn turned_away(&self) {
        self.accepted.fetch_sub(1, Ordering::Relaxed);
        add(&self.refused, 1);
    }

    pub(super) fn ended(&self, end: &End) {
        match end {
            End::Peer | End::Closed => {}
            End::Panicked => add(&self.panicked, 1),
            End::Stopped => add(&self.cut, 1),
            _ => add(&self.failed, 1),
        }
    }

    pub(super) fn received(&self, bytes: usize) {
        add(&self.received_bytes, bytes as u64);
    }

    pub(super) fn sent(&self, bytes: usize) {
        add(&self.sent_bytes, bytes as u64);
    }

    pub(super) fn report(&self, reason: Reason, left_behind: u64) -> Report {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        Report {
            reason,
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            failed: read(&self.failed),
            panicked: read(&self.panicked),
            cut: read(&self.cut),
            left_behind,
            received_bytes: read(&self.received_bytes),
            sent_bytes: read(&self.sent_bytes),
        }
    }
}

fn add(figure: &AtomicU64, count: u64) {
    figure.fetch_add(count, Ordering::Relaxed);
}
