//! Python's `makefile`: a socket as a buffered file of bytes and lines.

mod reader;
mod writer;

use std::borrow::Borrow;
use std::io::{self, BufRead, Read, Write};

pub use reader::SocketReader;
pub use writer::SocketWriter;

use crate::error::Result;
use crate::socket::Socket;

/// How a file on a socket gathers what it reads and writes. Default: [`Buffering::Bytes`] of 8192, as in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "buffering")]
pub enum Buffering {
    /// Python's `buffering=0`: each write is a send, and no more is received than was asked for, so that
    /// the socket can be used beside the file. Lines are then received byte by byte.
    Unbuffered,
    /// Receives up to this many bytes at once, and sends when more than this would wait. 0 is
    /// [`Buffering::Unbuffered`]; more than 16 MiB are cut to that.
    Bytes(usize),
    /// [`Buffering::Bytes`] of 8192, and each written line is sent as soon as it is whole. Python has it for files,
    /// not for sockets, where `buffering=1` is a buffer of one byte.
    Line,
}

/// How [`SocketReader`], [`SocketWriter`] and [`SocketFile`] behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOptions {
    /// How much is received and sent at once. Default: 8192 bytes.
    #[doc(alias = "rbufsize")]
    #[doc(alias = "wbufsize")]
    pub buffering: Buffering,
    /// The longest line that is read, its end included, in bytes: a peer that never ends one must not fill the
    /// memory. A longer one is an error, and ends the lines. Python has no such limit. Default: 65,536.
    pub line_max_bytes: usize,
}

const DEFAULT_BUFFER_BYTES: usize = 8192;
/// No socket gives or takes more at once.
const BUFFER_MAX_BYTES: usize = 16 << 20;

impl Default for FileOptions {
    fn default() -> Self {
        Self {
            buffering: Buffering::Bytes(DEFAULT_BUFFER_BYTES),
            line_max_bytes: 65_536,
        }
    }
}

impl Buffering {
    fn bytes(self) -> usize {
        match self {
            Self::Unbuffered => 0,
            Self::Bytes(bytes) => bytes.min(BUFFER_MAX_BYTES),
            Self::Line => DEFAULT_BUFFER_BYTES,
        }
    }
}

/// Python's `makefile("rwb")`: a [`SocketReader`] and a [`SocketWriter`] of one socket.
///
/// As in Python, reading does not send what waits: flush before the peer is expected to answer.
///
/// ```
/// use std::io::{BufRead, Write};
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// let mut file = one.make_file();
/// writeln!(file, "how are you?")?;
/// file.flush()?;
///
/// let mut question = String::new();
/// other.make_file().read_line(&mut question)?;
/// assert_eq!(question, "how are you?\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[doc(alias = "makefile")]
#[doc(alias = "BufferedRWPair")]
pub struct SocketFile<S: Borrow<Socket>> {
    /// The reading half.
    pub reader: SocketReader<S>,
    /// The writing half.
    pub writer: SocketWriter<S>,
}

impl<S: Borrow<Socket> + Clone> SocketFile<S> {
    /// A file on this socket, to read and write. The halves can be moved apart, to two threads as well.
    #[must_use]
    pub fn new(socket: S, options: FileOptions) -> Self {
        Self {
            reader: SocketReader::new(socket.clone(), options),
            writer: SocketWriter::new(socket, options),
        }
    }
}

impl<S: Borrow<Socket>> SocketFile<S> {
    /// Sends what waits and lets go of the socket.
    ///
    /// # Errors
    /// As [`SocketWriter::close`].
    pub fn close(self) -> Result<()> {
        self.writer.close()
    }
}

impl<S: Borrow<Socket>> Read for SocketFile<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl<S: Borrow<Socket>> BufRead for SocketFile<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, read: usize) {
        self.reader.consume(read);
    }

    fn read_until(&mut self, delimiter: u8, taken: &mut Vec<u8>) -> io::Result<usize> {
        self.reader.read_until(delimiter, taken)
    }

    fn read_line(&mut self, line: &mut String) -> io::Result<usize> {
        self.reader.read_line(line)
    }
}

impl<S: Borrow<Socket>> Write for SocketFile<S> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.writer.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Files.
impl Socket {
    /// Python's `makefile("rwb")`: a file that borrows this socket, with the default [`FileOptions`].
    ///
    /// One that shares it, or only reads or writes, is made by [`SocketFile::new`] (of an `Arc<Socket>`),
    /// [`SocketReader::new`] and [`SocketWriter::new`].
    ///
    /// # Examples
    /// ```
    /// use std::io::{BufRead, Write};
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let mut file = one.make_file();
    /// writeln!(file, "a line")?;
    /// file.flush()?;
    ///
    /// let mut line = String::new();
    /// other.make_file().read_line(&mut line)?;
    /// assert_eq!(line, "a line\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[doc(alias = "makefile")]
    pub fn make_file(&self) -> SocketFile<&Self> {
        SocketFile::new(self, FileOptions::default())
    }
}
