//! The reading half: bytes, lines, and a timeout that is the last word.

use std::borrow::Borrow;
use std::io::{self, BufRead, Read};
use std::{fmt, str};

use super::FileOptions;
use crate::error::Cause;
use crate::socket::Socket;

/// Python's `makefile("rb")`, and `makefile("r")` by [`BufRead::read_line`] and [`BufRead::lines`]: a buffered
/// reader of a socket.
///
/// `S` is what it holds the socket by: `&Socket`, `Arc<Socket>`, or the socket itself. As in Python the
/// connection stays open until the socket and all its files are gone; here ownership sees to it.
///
/// **Timeouts** are the socket's, for each receive, not for a line or a whole `read_exact`. After one the reader
/// refuses further reads, as Python's "cannot read from timed out object": a file that went on would hide that
/// a part was late. It refuses each time, so a loop over lines must leave at such an error: one that skips errors
/// would never end. The socket itself, and a new file, still read; what was buffered here is lost to them.
/// With a timeout of zero, which Python forbids, nothing is lost: a read that would wait is
/// [`io::ErrorKind::WouldBlock`], and the line comes whole to a later call.
///
/// **Lines** end with `\n` alone, and [`BufRead::lines`] takes `\r\n` off too. Python's text mode also ends one at a lone
/// `\r`, for which it must wait for the byte that follows. Text is UTF-8; a line that is not is
/// [`io::ErrorKind::InvalidData`], and the next can be read. A line longer than [`FileOptions::line_max_bytes`]
/// is that error once, and nothing of it is taken. From then on there are no more lines, as at the end of the stream:
/// its rest would pass for a line of its own, and a loop that skips errors must not turn for ever at a peer's will.
/// Only [`Read::read`] still gets at the bytes. So it is with [`BufRead::read_until`] and [`BufRead::split`] as well.
///
/// ```
/// use std::io::{BufRead, Write};
/// use landline_socket::{Family, FileOptions, Kind, Protocol, Socket, SocketReader};
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// other.send_all(b"first\r\nsecond\n")?;
/// other.close()?;
/// let lines = SocketReader::new(one, FileOptions::default()).lines();
/// assert_eq!(lines.collect::<Result<Vec<_>, _>>()?, ["first", "second"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "makefile")]
#[doc(alias = "SocketIO")]
#[doc(alias = "BufferedReader")]
pub struct SocketReader<S: Borrow<Socket>> {
    socket: S,
    // Of this, `start..end` was received and not yet read.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    step: usize,
    line_max_bytes: usize,
    has_timed_out: bool,
    has_refused_a_line: bool,
}

impl<S: Borrow<Socket>> SocketReader<S> {
    /// A reader of this socket.
    #[must_use]
    pub fn new(socket: S, options: FileOptions) -> Self {
        Self {
            socket,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            step: options.buffering.bytes().max(1),
            line_max_bytes: options.line_max_bytes,
            has_timed_out: false,
            has_refused_a_line: false,
        }
    }

    /// The socket. What is received from it directly is missing in the file.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        self.socket.borrow()
    }

    /// What was received and not yet read. Python's `peek`, without receiving.
    #[must_use]
    #[doc(alias = "peek")]
    pub fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Receives after what is there; 0 at the end of the stream.
    fn receive(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let wanted = self.end + self.step;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        let received = receive(
            self.socket.borrow(),
            &mut self.buffer[self.end..wanted],
            &mut self.has_timed_out,
        )?;
        self.end += received;
        Ok(received)
    }

    /// Receives until `delimiter` is there, or the stream ends; how long what ends with it is, 0 after the last.
    fn find(&mut self, delimiter: u8) -> io::Result<usize> {
        self.refuse_if_timed_out()?;
        if self.has_refused_a_line {
            return Ok(0);
        }
        let mut searched = 0;
        loop {
            let found = self.buffered()[searched..]
                .iter()
                .position(|byte| *byte == delimiter);
            let len = match found {
                Some(at) => searched + at + 1,
                None => self.buffered().len(),
            };
            if len > self.line_max_bytes {
                self.has_refused_a_line = true;
                let why = format!("a line is longer than {} bytes", self.line_max_bytes);
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            searched = len;
            if found.is_some() || self.receive()? == 0 {
                return Ok(len);
            }
        }
    }

    fn refuse_if_timed_out(&self) -> io::Result<()> {
        match self.has_timed_out {
            true => Err(io::Error::other("cannot read from a file that timed out")),
            false => Ok(()),
        }
    }
}

/// One receive of a file, which is its last if it times out.
fn receive(socket: &Socket, buffer: &mut [u8], has_timed_out: &mut bool) -> io::Result<usize> {
    socket.recv(buffer).map_err(|error| {
        *has_timed_out |= *error.cause() == Cause::TimedOut;
        error.into()
    })
}

impl<S: Borrow<Socket>> Read for SocketReader<S> {
    /// Takes what is buffered, else receives once.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.refuse_if_timed_out()?;
        if self.buffered().is_empty() && buffer.len() >= self.step {
            return receive(self.socket.borrow(), buffer, &mut self.has_timed_out);
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<S: Borrow<Socket>> BufRead for SocketReader<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.refuse_if_timed_out()?;
        if self.buffered().is_empty() {
            self.receive()?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, read: usize) {
        self.start = self.end.min(self.start.saturating_add(read));
    }

    /// Python's `readline` of bytes: through `delimiter`, or to the end of the stream.
    fn read_until(&mut self, delimiter: u8, taken: &mut Vec<u8>) -> io::Result<usize> {
        let len = self.find(delimiter)?;
        taken.extend_from_slice(&self.buffered()[..len]);
        self.consume(len);
        Ok(len)
    }

    /// Python's `readline` of text: through `\n`, or to the end of the stream.
    fn read_line(&mut self, line: &mut String) -> io::Result<usize> {
        let len = self.find(b'\n')?;
        let text = str::from_utf8(&self.buffered()[..len]).map(|text| line.push_str(text));
        self.consume(len);
        match text {
            Ok(()) => Ok(len),
            Err(why) => Err(io::Error::new(io::ErrorKind::InvalidData, why)),
        }
    }
}

impl<S: Borrow<Socket>> fmt::Debug for SocketReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketReader")
            .field("socket", self.socket())
            .field("buffered", &self.buffered().len())
            .field("has_timed_out", &self.has_timed_out)
            .field("has_refused_a_line", &self.has_refused_a_line)
            .finish_non_exhaustive()
    }
}
