//! What a handler has to say to one peer, until it has gone.

use std::io;
use std::ops::Range;

use super::stop::Stop;
use crate::address::Address;

/// The way back to the peer of one connection, or to the sender of one datagram.
///
/// What is replied is kept until the peer takes it, and until then no more is received from a peer that
/// leaves much of it unsent. More than [`Options::unsent_bytes`](super::Options::unsent_bytes) at once ends
/// the connection with [`End::Overflow`](super::End::Overflow). Is [`io::Write`], for `write!`.
#[derive(Debug)]
#[doc(alias = "wfile")]
pub struct Reply {
    peer: Address,
    stop: Stop,
    unsent: Vec<u8>,
    lent: Lent,
    // How much of `unsent` has gone: its front is cut off when that is most of it, so little is moved for each send.
    gone: usize,
    most: usize,
    wish: Wish,
    // For datagrams: whether there is an answer, which may be empty; and whether there was more to answer.
    answers: bool,
    truncated: bool,
}

/// The buffer of what was just received, while the handler sees it: what of it is replied at once, and nothing waits before it,
/// is sent from there, so that an echo copies nothing.
#[derive(Debug, Default)]
struct Lent {
    // Where it lies in memory: to be compared, never looked into.
    place: Range<usize>,
    // What of it goes back, before all that is unsent.
    back: Range<usize>,
}

/// What is to become of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    GoOn,
    Close,
    /// Nobody wished for it: there was no room for what was replied.
    Overflow,
}

impl Reply {
    pub(super) fn new(peer: Address, stop: Stop, most: usize) -> Self {
        Self {
            peer,
            stop,
            unsent: Vec::new(),
            lent: Lent::default(),
            gone: 0,
            most,
            wish: Wish::GoOn,
            answers: false,
            truncated: false,
        }
    }

    /// The other end's address. Python's `client_address`.
    #[must_use]
    #[doc(alias = "client_address")]
    pub fn peer(&self) -> &Address {
        &self.peer
    }

    /// Sends these bytes after those before them; returns at once. In a datagram's answer, they are part of it.
    pub fn send(&mut self, data: &[u8]) {
        if self.wish != Wish::GoOn {
            return;
        }
        self.answers = true;
        if data.len() > self.room() {
            self.wish = Wish::Overflow;
        } else if self.unsent().is_empty() && self.lent.takes(data) {
            // Exchange sends it from where it lies.
        } else {
            self.unsent.extend_from_slice(data);
        }
    }

    /// How many bytes may be sent now without an overflow.
    #[must_use]
    pub fn room(&self) -> usize {
        self.most - self.unsent().len() - self.lent.back.len()
    }

    /// Ends the connection once all that was sent before this has gone; nothing is sent after it, and what the
    /// peer still sends is discarded.
    pub fn close(&mut self) {
        if self.wish == Wish::GoOn {
            self.wish = Wish::Close;
        }
    }

    /// Stops the whole server, as [`Stop::stop`]; this connection gets its time to drain like the others.
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// Whether the datagram was longer than [`Options::datagram_bytes`](super::Options::datagram_bytes),
    /// so that what was received is only its beginning.
    #[must_use]
    #[doc(alias = "MSG_TRUNC")]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub(super) fn truncated(mut self, truncated: bool) -> Self {
        self.truncated = truncated;
        self
    }

    pub(super) fn wish(&self) -> Wish {
        self.wish
    }

    /// What answers a datagram.
    pub(super) fn into_answer(self) -> Option<Vec<u8>> {
        self.answers.then_some(self.unsent)
    }

    pub(super) fn unsent(&self) -> &[u8] {
        &self.unsent[self.gone..]
    }

    /// From here on `data` is what was just received, which stays in its place until [`taken_back`](Self::taken_back).
    pub(super) fn lend(&mut self, data: &[u8]) {
        let start = data.as_ptr().addr();
        self.lent.place = start..start + data.len();
    }

    /// Which part of what was lent is to be sent, before all that is unsent.
    pub(super) fn taken_back(&mut self) -> Range<usize> {
        std::mem::take(&mut self.lent).back
    }

    /// What is to be sent before all that is unsent, and could not go at once.
    pub(super) fn send_first(&mut self, data: &[u8]) {
        self.unsent
            .splice(self.gone..self.gone, data.iter().copied());
    }

    pub(super) fn sent(&mut self, count: usize) {
        self.gone += count;
        if self.gone == self.unsent.len() {
            self.gone = 0;
            self.unsent.clear();
            // A connection that waits for its peer holds no memory for what was once said. Given back as a whole: made
            // smaller, a large one would stay a mapping of its own, and grow page by page again.
            if self.unsent.capacity() > KEPT_BYTES {
                self.unsent = Vec::new();
            }
        } else if self.gone > self.unsent().len() {
            self.unsent.drain(..self.gone);
            self.gone = 0;
        }
    }
}

impl Lent {
    /// Whether `data` lies in what was lent, and is what goes back now. Both are borrowed at this moment, so what lies in
    /// the place is the same.
    fn takes(&mut self, data: &[u8]) -> bool {
        let start = data.as_ptr().addr();
        let inside = self.place.start <= start && start + data.len() <= self.place.end;
        if !inside || data.is_empty() || !self.back.is_empty() {
            return false;
        }
        let from = start - self.place.start;
        self.back = from..from + data.len();
        true
    }
}

impl io::Write for Reply {
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] when there is no room for it, which ends the connection.
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.send(data);
        if self.wish == Wish::Overflow {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Enough for the answers of a talk, and little enough for thousands of them.
const KEPT_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Reply, Stop, Wish};
    use crate::address::{Address, UnixAddress};

    #[test]
    fn a_peer_that_is_never_up_to_date_is_held_in_bounded_memory() {
        let peer = Address::Unix(UnixAddress::Unnamed);
        let mut reply = Reply::new(peer, Stop::new(), 1000);
        reply.send(&[0; 500]);
        for round in 0..1000 {
            reply.send(&[u8::try_from(round % 251).unwrap(); 100]);
            reply.sent(100);
            assert_eq!(reply.unsent().len(), 500);
        }
        assert!(
            reply.unsent.capacity() <= 4000,
            "{}",
            reply.unsent.capacity()
        );
        let last = u8::try_from(999 % 251).unwrap();
        assert_eq!(reply.unsent()[400..], [last; 100]);
    }

    proptest! {
        #[test]
        fn what_goes_back_from_its_place_and_what_is_copied_keep_their_order(
            before in proptest::collection::vec(any::<u8>(), 0..3),
            received: [u8; 16],
            replies in proptest::collection::vec((any::<bool>(), 0_usize..=16, 0_usize..=16), 0..6),
            goes in 0_usize..=16,
        ) {
            const MOST: usize = 40;
            let mut reply = Reply::new(Address::Unix(UnixAddress::Unnamed), Stop::new(), MOST);
            let mut expected = before.clone();
            reply.send(&before);
            reply.lend(&received);
            let elsewhere = received;
            for (is_copied, one, other) in replies {
                let part = one.min(other)..one.max(other);
                let data = if is_copied { &elsewhere[part] } else { &received[part] };
                if expected.len() + data.len() > MOST {
                    break;
                }
                reply.send(data);
                expected.extend_from_slice(data);
                prop_assert_eq!(reply.room(), MOST - expected.len());
            }
            let back = &received[reply.taken_back()];
            // Nothing waits before it, or it would not go first.
            prop_assert!(before.is_empty() || back.is_empty());
            let goes = goes.min(back.len());
            reply.send_first(&back[goes..]);
            let all = [&back[..goes], reply.unsent()].concat();
            prop_assert_eq!(all, expected);
            prop_assert_eq!(reply.wish(), Wish::GoOn);
        }
    }
}
