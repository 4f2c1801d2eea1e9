//! Messages on sockets: frames, lines and values, sent and received whole.
//!
//! A stream of bytes has no boundaries: two sends may arrive by one receive, and one by two. A [`Codec`] marks them
//! off, [`MessageSocket`] speaks it over a [`Socket`](landline_socket::Socket), and [`AsyncMessageSocket`], under the
//! same names, over an [`AsyncSocket`](landline_socket::AsyncSocket) or whatever else tokio reads and writes.
//!
//! | codec | a message | on the wire |
//! |---|---|---|
//! | [`Frames`] | bytes | their length, by a [`FrameFormat`], then they themselves |
//! | [`Lines`] | bytes without a newline | they themselves, then a [`LineEnd`] |
//! | [`Values`] | a value of serde's | a frame of JSON or CBOR |

mod asynchronous;
mod blocking;

use std::io;

use bytes::{Buf as _, BytesMut};

pub use asynchronous::AsyncMessageSocket;
pub use blocking::MessageSocket;
pub use landline_wire::codec::{Codec, Fault};
pub use landline_wire::frame::{FrameFormat, Frames, UnknownFormat};
pub use landline_wire::line::{LineEnd, Lines};
pub use landline_wire::value::{ValueFormat, Values};

/// How much is received at once.
const RECEIVE_BYTES: usize = 64 * 1024;

/// What lies between a stream and its messages: bytes of some that have not all come, or not all gone.
#[derive(Debug)]
struct Desk<C> {
    codec: C,
    inbox: BytesMut,
    outbox: BytesMut,
    // Nothing that comes is a message any more: the stream has ended, or cannot be understood.
    is_over: bool,
}

/// What the next message is.
enum Next<T> {
    Message(T),
    /// There is none, and there will be none.
    Over,
    /// Not all of it has come.
    Unfinished,
}

impl<C: Codec> Desk<C> {
    fn new(codec: C) -> Self {
        Self {
            codec,
            inbox: BytesMut::new(),
            outbox: BytesMut::new(),
            is_over: false,
        }
    }

    /// Takes the next message of what has come.
    fn next(&mut self) -> io::Result<Next<C::Received>> {
        if self.is_over {
            return Ok(Next::Over);
        }
        match self.codec.decode(&mut self.inbox) {
            Ok(Some(message)) => Ok(Next::Message(message)),
            Ok(None) => Ok(Next::Unfinished),
            Err(fault) => Err(self.refuse(fault)),
        }
    }

    /// Takes what is left when no more will come.
    fn end(&mut self) -> io::Result<Option<C::Received>> {
        self.is_over = true;
        let last = self.codec.end(&mut self.inbox);
        last.map_err(|fault| self.refuse(fault))
    }

    /// The stream broke. What follows looks like its end, by which the beginning of a line would be a line.
    fn broke(&mut self) {
        self.is_over = true;
        self.inbox = BytesMut::new();
    }

    fn refuse(&mut self, fault: Fault) -> io::Error {
        if fault.is_final() {
            self.broke();
        }
        let kind = match fault {
            Fault::Cut { .. } => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, fault)
    }

    /// Takes a message to be sent, whole or not at all.
    fn post(&mut self, message: &C::Sent) -> io::Result<()> {
        if !self.outbox.is_empty() {
            let why = "a message before this one has not gone yet: flush it first";
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
        }
        let posted = self.codec.encode(message, &mut self.outbox);
        posted.map_err(|fault| io::Error::new(io::ErrorKind::InvalidInput, fault))
    }

    /// So much of what was to be sent has gone.
    fn sent(&mut self, count: usize) {
        self.outbox.advance(count);
        if self.outbox.is_empty() {
            // It may have been a long one.
            self.outbox = BytesMut::new();
        }
    }
}
