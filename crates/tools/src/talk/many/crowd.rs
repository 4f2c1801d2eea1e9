//! Who is there, and what waits for each of them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io::IoSlice;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use super::super::flow::Flow;
use super::super::peer::Outlet;
use super::super::report::Fault;
use super::lines::Seam;

/// Everybody who is there.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    members: RefCell<BTreeMap<u64, Rc<Queue>>>,
    last_number: Cell<u64>,
    /// Rung when somebody comes or goes, or has room again.
    changed: Notify,
}

impl Crowd {
    pub(super) fn enter(&self) -> Seat<'_> {
        let number = self.last_number.get() + 1;
        self.last_number.set(number);
        let queue = Rc::<Queue>::default();
        self.members.borrow_mut().insert(number, Rc::clone(&queue));
        self.changed.notify_waiters();
        Seat {
            crowd: self,
            number,
            queue,
        }
    }

    /// Says something to everybody else: shared by all, copied for none.
    pub(super) fn say(&self, from: Option<u64>, piece: &Bytes) {
        for (number, queue) in self.members.borrow().iter() {
            if from != Some(*number) {
                queue.push(from, piece);
            }
        }
    }

    /// Waits until everybody else has room for more; but for who has none no longer than 100 ms, once anybody has, and
    /// we have room for what others say: then it falls behind. While nobody is there at all, who is to hear it is waited
    /// for, if `from` is us.
    pub(super) async fn has_room(&self, from: Option<u64>) {
        let patience = Instant::now() + PATIENCE;
        loop {
            let changed = self.changed.notified();
            let (mut roomy, mut full) = (0, 0);
            for (number, queue) in self.members.borrow().iter() {
                match queue.bytes.get() < ROOM_BYTES {
                    _ if from == Some(*number) => {}
                    true => roomy += 1,
                    false => full += 1,
                }
            }
            if full == 0 && (roomy > 0 || from.is_some()) {
                return;
            }
            if roomy == 0 && from.is_none() {
                changed.await;
            } else if timeout_at(patience, changed).await.is_err() {
                return;
            }
        }
    }

    /// Sends what waits for one of them until its queue is closed and empty.
    pub(super) async fn deliver(
        &self,
        queue: &Queue,
        outlet: &mut Outlet,
        flow: &Flow<'_>,
    ) -> Result<(), Fault> {
        loop {
            if queue.bytes.get() > BEHIND_BYTES {
                return Err(Fault::Behind(queue.bytes.get() as u64));
            }
            let pieces = queue.first();
            if pieces.is_empty() {
                if queue.is_closed.get() {
                    return outlet.finish().await.map_err(Fault::Cut);
                }
                queue.news.notified().await;
                continue;
            }
            let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
            let sent = tokio::select! {
                sent = timeout(STALL, outlet.send_some(&slices)) => {
                    sent.map_err(|_| Fault::Stalled(STALL))?.map_err(Fault::of_sending)?
                }
                // Not to be gone on with: of a message of TLS a part may have been sent.
                () = queue.overflow.notified() => {
                    return Err(Fault::Behind(queue.bytes.get() as u64));
                }
            };
            flow.sent(sent);
            queue.advance(sent);
            if queue.bytes.get() < ROOM_BYTES {
                self.changed.notify_waiters();
            }
        }
    }
}

/// One's place in the crowd; dropping it is leaving.
pub(super) struct Seat<'c> {
    crowd: &'c Crowd,
    pub(super) number: u64,
    pub(super) queue: Rc<Queue>,
}

impl Seat<'_> {
    /// Hears no more, and is waited for by nobody.
    pub(super) fn leave(&self) {
        self.crowd.members.borrow_mut().remove(&self.number);
        self.crowd.changed.notify_waiters();
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What waits for one of many.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pieces: RefCell<VecDeque<Bytes>>,
    /// With what keeping the pieces takes.
    bytes: Cell<usize>,
    seam: RefCell<Seam>,
    is_closed: Cell<bool>,
    news: Notify,
    overflow: Notify,
}

impl Queue {
    fn push(&self, from: Option<u64>, piece: &Bytes) {
        // Who is too far behind has nothing more to come, and is told so.
        if self.is_closed.get() || self.bytes.get() > BEHIND_BYTES {
            return;
        }
        let breaks = self.seam.borrow_mut().breaks(from, piece);
        let newline = breaks.then_some(Bytes::from_static(b"\n"));
        for piece in newline.into_iter().chain([piece.clone()]) {
            self.bytes.set(self.bytes.get() + piece.len() + PIECE_BYTES);
            self.pieces.borrow_mut().push_back(piece);
        }
        self.news.notify_one();
        if self.bytes.get() > BEHIND_BYTES {
            self.overflow.notify_one();
        }
    }

    /// Nothing more is added; what waits is still sent.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        self.news.notify_one();
    }

    /// What one call takes.
    fn first(&self) -> Vec<Bytes> {
        self.pieces.borrow().iter().take(PIECES).cloned().collect()
    }

    fn advance(&self, mut sent: usize) {
        let mut pieces = self.pieces.borrow_mut();
        while let Some(first) = pieces.front_mut() {
            let gone = sent.min(first.len());
            first.advance(gone);
            sent -= gone;
            self.bytes.set(self.bytes.get() - gone);
            if !first.is_empty() {
                return;
            }
            self.bytes.set(self.bytes.get() - PIECE_BYTES);
            pieces.pop_front();
            if sent == 0 {
                return;
            }
        }
    }
}

/// Who is so far behind the others is dropped.
const BEHIND_BYTES: usize = 1024 * 1024;

/// Below this there is room for more.
const ROOM_BYTES: usize = 256 * 1024;

/// What a piece takes beside its bytes: many short ones are to count, too.
const PIECE_BYTES: usize = 64;

/// The most that Linux takes in one call (`IOV_MAX`) is 1,024; this is enough to make a call worth its while.
const PIECES: usize = 256;

/// How long the others wait for a slow one.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long one may take nothing of what waits for it.
const STALL: Duration = Duration::from_secs(30);
