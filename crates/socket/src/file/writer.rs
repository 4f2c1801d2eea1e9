//! The writing half: what waits is sent, or still there.

use std::borrow::Borrow;
use std::io::{self, IoSlice, Write};
use std::{fmt, thread};

use super::{Buffering, FileOptions};
use crate::error::Result;
use crate::socket::Socket;

/// Python's `makefile("wb")`, and `makefile("w")` by [`write!`]: a buffered writer to a socket.
///
/// `S` and the life of the connection: as [`SocketReader`](super::SocketReader). Bytes go as they are, newlines too.
///
/// **Timeouts** are the socket's, for each send. After one the writer goes on, as Python's does; but nothing is
/// lost here: a write that fails has taken nothing, what waited still waits, and [`SocketWriter::sent`] with
/// [`SocketWriter::buffered`] say what went. (Of a write larger than its buffer Python has by then lost both the
/// rest and the count.)
///
/// **Closing**: [`SocketWriter::close`] sends what waits and says what became of it. Dropping sends it too, where that can be
/// expected to work: not if the last send failed, as another would only wait as long again, and not while
/// the thread panics, so that a message that was cut short does not pass for a whole one.
///
/// # Examples
/// ```
/// use std::io::Write;
/// use landline_socket::{Family, FileOptions, Kind, Protocol, Socket, SocketWriter};
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// let mut file = SocketWriter::new(&one, FileOptions::default());
/// write!(file, "{} and {}", 1, 2)?;
/// assert_eq!(file.buffered(), b"1 and 2");
/// file.close()?;
/// assert_eq!(other.recv(&mut [0; 64])?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "makefile")]
#[doc(alias = "BufferedWriter")]
pub struct SocketWriter<S: Borrow<Socket>> {
    socket: S,
    waiting: Vec<u8>,
    buffering: Buffering,
    sent: u64,
    has_failed: bool,
}

impl<S: Borrow<Socket>> SocketWriter<S> {
    /// A writer to this socket.
    #[must_use]
    pub fn new(socket: S, options: FileOptions) -> Self {
        Self {
            socket,
            waiting: Vec::new(),
            buffering: options.buffering,
            sent: 0,
            has_failed: false,
        }
    }

    /// The socket. What is sent on it directly overtakes what waits here.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        self.socket.borrow()
    }

    /// What was written and not yet sent.
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        &self.waiting
    }

    /// How many bytes this file has sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends what waits and lets go of the socket. Python's `close` of a file.
    ///
    /// # Errors
    /// As [`Socket::send`]; what still waited is then lost. To try again, [`Write::flush`] before.
    pub fn close(mut self) -> Result<()> {
        // Dropping finds either nothing left to send, or a failure.
        self.send_waiting()
    }

    fn send_waiting(&mut self) -> Result<()> {
        while !self.waiting.is_empty() {
            self.send(&[])?;
        }
        Ok(())
    }

    /// One send of what waits and `data` after it; how much of `data` went.
    fn send(&mut self, data: &[u8]) -> Result<usize> {
        let pieces = [IoSlice::new(&self.waiting), IoSlice::new(data)];
        let outcome = self.socket.borrow().send_vectored(&pieces);
        self.has_failed = outcome.is_err();
        let sent = outcome?;
        self.sent += sent as u64;
        let of_waiting = sent.min(self.waiting.len());
        self.waiting.drain(..of_waiting);
        Ok(sent - of_waiting)
    }

    /// How much of `data`, from its start, must not wait.
    fn urgent(&self, data: &[u8]) -> usize {
        let room = self.buffering.bytes().saturating_sub(self.waiting.len());
        if data.len() > room {
            data.len()
        } else if self.buffering == Buffering::Line {
            data.iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1)
        } else {
            0
        }
    }
}

impl<S: Borrow<Socket>> Write for SocketWriter<S> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let (urgent, rest) = data.split_at(self.urgent(data));
        let mut sent = 0;
        while sent == 0 && !urgent.is_empty() {
            // What waits goes first; only when all of it went has any of this gone.
            sent = self.send(urgent)?;
        }
        if sent < urgent.len() {
            return Ok(sent);
        }
        self.waiting.extend_from_slice(rest);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.send_waiting()?)
    }
}

impl<S: Borrow<Socket>> Drop for SocketWriter<S> {
    fn drop(&mut self) {
        if !self.has_failed && !thread::panicking() {
            // Nobody to tell: close() is for those who want to know.
            let _ = self.send_waiting();
        }
    }
}

impl<S: Borrow<Socket>> fmt::Debug for SocketWriter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketWriter")
            .field("socket", self.socket())
            .field("buffered", &self.waiting.len())
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}
