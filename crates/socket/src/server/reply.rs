//! What a handler has to say to one peer, until it has gone.

use std::io;

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
    // How much of `unsent` has gone: its front is cut off when that is most of it, so little is moved for each send.
    gone: usize,
    most: usize,
    wish: Wish,
    // For datagrams: whether there is an answer, which may be empty; and whether there was more to answer.
    answers: bool,
    truncated: bool,
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
        } else {
            self.unsent.extend_from_slice(data);
        }
    }

    /// How many bytes may be sent now without an overflow.
    #[must_use]
    pub fn room(&self) -> usize {
        self.most - self.unsent().len()
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

    pub(super) fn sent(&mut self, count: usize) {
        self.gone += count;
        if self.gone == self.unsent.len() {
            self.gone = 0;
            self.unsent.clear();
            // A connection that waits for its peer holds no memory for what was once said.
            self.unsent.shrink_to(KEPT_BYTES);
        } else if self.gone > self.unsent().len() {
            self.unsent.drain(..self.gone);
            self.gone = 0;
        }
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
    use super::{Reply, Stop};
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
}
