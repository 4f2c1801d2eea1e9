//! Finding the end of a head in bytes that arrive piece by piece, each byte looked at once.

use super::head::{HeadLimits, RequestHead};
use super::{Fault, Status};
use crate::limits::HTTP_EMPTY_LINE_COUNT;

/// Remembers how far the start of a connection's buffer was searched for the end of a head.
///
/// A fault is seen as soon as its byte arrives: a peer that sends bare line feeds is not waited for.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeadScanner {
    /// Everything before this was looked at.
    scanned: usize,
    /// Where the line that is being read starts.
    line: usize,
    /// Where the request line starts: after the empty lines before it.
    start: usize,
    /// Empty lines before the request line.
    empty_lines: usize,
}

impl HeadScanner {
    /// A scanner that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            scanned: 0,
            line: 0,
            start: 0,
            empty_lines: 0,
        }
    }

    /// Parses the head at the start of `bytes` once it is whole, and tells how many bytes it took.
    ///
    /// `Ok(None)` asks to be called again with the same bytes and more after them. After a head the scanner
    /// is ready for the next one, at the start of what follows.
    ///
    /// # Errors
    /// The fault of the head, see [`RequestHead::parse`].
    pub fn parse(
        &mut self,
        bytes: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<(RequestHead, usize)>, Fault> {
        let Some(end) = self.find_end(bytes, limits)? else {
            return Ok(None);
        };
        let head = RequestHead::from_whole(&bytes[self.start..end], limits)?;
        *self = Self::new();
        Ok(Some((head, end)))
    }

    /// The end of the head, after its blank line, once it is there. Every line is then known to end in CR LF
    /// and to hold no control byte but the tab (RFC 9112 §2.2 lets a bare LF pass; two readers that differ
    /// on it can be led to see two different requests, so it is refused here).
    fn find_end(&mut self, bytes: &[u8], limits: &HeadLimits) -> Result<Option<usize>, Fault> {
        loop {
            let found = next_control(bytes, self.scanned);
            let at = found.unwrap_or(bytes.len());
            self.refuse_too_long(at, limits)?;
            self.scanned = at;
            match bytes.get(at..).unwrap_or_default() {
                [b'\t', ..] => self.scanned = at + 1,
                [b'\r', b'\n', ..] => {
                    let is_empty = at == self.line;
                    self.scanned = at + 2;
                    self.line = self.scanned;
                    if is_empty && at != self.start {
                        self.refuse_too_long(self.scanned, limits)?;
                        return Ok(Some(self.scanned));
                    }
                    if is_empty {
                        self.skip_empty_line()?;
                    }
                }
                [] | [b'\r'] => return Ok(None),
                [b'\r', ..] => return Err(Fault::bad("A carriage return without its line feed.")),
                [b'\n', ..] => return Err(Fault::bad("A line that ends in a bare line feed.")),
                _ => return Err(Fault::bad("A control byte in the head.")),
            }
        }
    }

    /// RFC 9112 §2.2: old clients send an empty line after a body.
    fn skip_empty_line(&mut self) -> Result<(), Fault> {
        self.start = self.scanned;
        self.empty_lines += 1;
        if self.empty_lines > HTTP_EMPTY_LINE_COUNT {
            return Err(Fault::bad("Nothing but empty lines."));
        }
        Ok(())
    }

    /// Refuses a head of which `end - start` bytes are known, before the rest of it is waited for.
    fn refuse_too_long(&self, end: usize, limits: &HeadLimits) -> Result<(), Fault> {
        let length = end - self.start;
        let is_request_line = self.line == self.start;
        if is_request_line && length > limits.target_bytes.saturating_add(AROUND_TARGET_BYTES) {
            return Err(TARGET_TOO_LONG);
        }
        if length > limits.head_bytes || u32::try_from(length).is_err() {
            return Err(if is_request_line {
                TARGET_TOO_LONG
            } else {
                HEAD_TOO_LONG
            });
        }
        Ok(())
    }
}

/// The first byte below a space, from `from` on, eight bytes at a time: a head has one per line.
fn next_control(bytes: &[u8], from: usize) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let rest = bytes.get(from..)?;
    let (words, tail) = rest.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // A byte's top bit is set here where that byte is below 0x20; a borrow can only mark a later one too.
        let below = word.wrapping_sub(ONES * 0x20) & !word & (ONES * 0x80);
        if below != 0 {
            return Some(from + index * 8 + (below.trailing_zeros() / 8) as usize);
        }
    }
    let tail_start = bytes.len() - tail.len();
    tail.iter()
        .position(|&byte| byte < b' ')
        .map(|offset| tail_start + offset)
}

/// The longest registered method, two spaces and the version, with room to spare.
const AROUND_TARGET_BYTES: usize = 64;

pub(super) const TARGET_TOO_LONG: Fault =
    Fault::new(Status::URI_TOO_LONG, "The address asked for is too long.");
const HEAD_TOO_LONG: Fault = Fault::new(
    Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "The head of the request is too big.",
);
