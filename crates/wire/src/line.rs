//! Lines on a byte stream: ended by LF or CRLF, bounded, however they were cut on the way.

use alloc::vec::Vec;

use bytes::{Buf, BufMut as _, BytesMut};

use crate::codec::{Codec, Fault};

/// One line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line within the limit.
    Whole(BytesMut),
    /// A line that exceeded the limit: nothing of it is given, the rest of it is skipped.
    TooLong,
}

/// Takes lines from the front of a buffer that its caller fills.
///
/// A CR belongs to the line's end only right before the LF; elsewhere it is data.
/// A line without its end stays in the buffer, and never more than the limit and a CR of it
/// after [`decode`](Self::decode) said `None`.
#[derive(Clone, Debug)]
pub struct LineDecoder {
    limit: usize,
    /// How much of the buffer holds no LF.
    searched: usize,
    skipping: bool,
}

impl LineDecoder {
    /// A decoder of lines of at most `limit` bytes, the end not counted.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            searched: 0,
            skipping: false,
        }
    }

    /// Python: `readline`. The next line, or `None` until there is more in the buffer.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Option<Line> {
        loop {
            let end = buffer[self.searched..]
                .iter()
                .position(|&byte| byte == b'\n')
                .map(|at| self.searched + at);
            self.searched = 0;
            match end {
                Some(end) if self.skipping => {
                    buffer.advance(end + 1);
                    self.skipping = false;
                }
                Some(end) => return Some(self.line(buffer, end)),
                None if self.skipping => {
                    buffer.clear();
                    return None;
                }
                // One byte more than the limit may yet be the CR of an end.
                None if buffer.len() > self.limit.saturating_add(1) => {
                    buffer.clear();
                    self.skipping = true;
                    return Some(Line::TooLong);
                }
                None => {
                    self.searched = buffer.len();
                    return None;
                }
            }
        }
    }

    fn line(&self, buffer: &mut BytesMut, end: usize) -> Line {
        let mut line = buffer.split_to(end);
        buffer.advance(1);
        if line.last() == Some(&b'\r') {
            line.truncate(end - 1);
        }
        if line.len() > self.limit {
            return Line::TooLong;
        }
        Line::Whole(line)
    }

    /// What came of a line that has not ended, up to its last whole character: at most three bytes of a
    /// UTF-8 character, or a CR, stay in the buffer. The line goes on with what is left.
    pub fn take_partial(&mut self, buffer: &mut BytesMut) -> Option<BytesMut> {
        if self.skipping {
            return None;
        }
        let whole = buffer.len() - unfinished(buffer);
        self.searched = 0;
        (whole > 0).then(|| buffer.split_to(whole))
    }

    /// The last line of a stream that ended without ending it, if there is one.
    pub fn take_rest(&mut self, buffer: &mut BytesMut) -> Option<Line> {
        self.searched = 0;
        let rest = buffer.split();
        match rest.len() {
            0 => None,
            _ if self.skipping => None,
            length if length > self.limit => Some(Line::TooLong),
            _ => Some(Line::Whole(rest)),
        }
    }
}

/// What ends a line that is sent. Either is understood of those received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`, as files and Python's `print` have it.
    #[default]
    Lf,
    /// `\r\n`, as the classic protocols of the Internet have it.
    CrLf,
}

impl LineEnd {
    /// The bytes that it is.
    #[must_use]
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// Messages that are lines: of any bytes but a newline, UTF-8 or not.
///
/// As with Python's `readline` the last line of a stream may lack its end. One that is too long is
/// [`Fault::LineTooLong`] once, and the next line follows.
///
/// # Examples
/// ```
/// use bytes::BytesMut;
/// use landline_wire::codec::{Codec, Fault};
/// use landline_wire::line::{LineEnd, Lines};
///
/// let mut lines = Lines::new(LineEnd::CrLf, 4096);
/// let mut sent = BytesMut::new();
/// lines.encode(b"GET / HTTP/1.0", &mut sent)?;
/// assert_eq!(sent[..], *b"GET / HTTP/1.0\r\n");
/// assert_eq!(lines.encode(b"two\nlines", &mut sent), Err(Fault::Newline));
/// assert_eq!(lines.decode(&mut sent)?, Some(b"GET / HTTP/1.0".to_vec()));
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "readline")]
#[doc(alias = "LinesCodec")]
pub struct Lines {
    end: LineEnd,
    decoder: LineDecoder,
}

impl Lines {
    /// Lines of at most `limit` bytes, the end not counted; those sent end with `end`.
    #[must_use]
    pub fn new(end: LineEnd, limit: usize) -> Self {
        let decoder = LineDecoder::new(limit);
        Self { end, decoder }
    }

    fn whole(&self, line: Line) -> Result<Vec<u8>, Fault> {
        match line {
            // A copy of its own: a slice of the buffer would keep all of that for as long as the line is kept.
            Line::Whole(line) => Ok(line.to_vec()),
            Line::TooLong => Err(self.too_long()),
        }
    }

    fn too_long(&self) -> Fault {
        let limit = self.decoder.limit;
        Fault::LineTooLong { limit }
    }
}

impl Codec for Lines {
    type Sent = [u8];
    type Received = Vec<u8>;

    fn encode(&mut self, line: &[u8], buffer: &mut BytesMut) -> Result<(), Fault> {
        if line.len() > self.decoder.limit {
            return Err(self.too_long());
        }
        // Of a CRLF the receiver takes off one CR, of an LF one as well if it is there.
        let is_lengthened = self.end == LineEnd::Lf && line.last() == Some(&b'\r');
        if is_lengthened || line.contains(&b'\n') {
            return Err(Fault::Newline);
        }
        buffer.put_slice(line);
        buffer.put_slice(self.end.as_bytes());
        Ok(())
    }

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Vec<u8>>, Fault> {
        let line = self.decoder.decode(buffer);
        line.map(|line| self.whole(line)).transpose()
    }

    fn end(&mut self, buffer: &mut BytesMut) -> Result<Option<Vec<u8>>, Fault> {
        let line = self.decoder.take_rest(buffer);
        line.map(|line| self.whole(line)).transpose()
    }
}

/// How many bytes at the end may be the beginning of a character or of a line's end.
fn unfinished(bytes: &[u8]) -> usize {
    if bytes.last() == Some(&b'\r') {
        return 1;
    }
    // In a whole character the bytes behind the first are exactly as many as the first announces.
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let Some(at) = tail.iter().rposition(|byte| byte & 0xC0 != 0x80) else {
        return 0;
    };
    let announced = match tail[at] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    let present = tail.len() - at;
    if present < announced { present } else { 0 }
}
