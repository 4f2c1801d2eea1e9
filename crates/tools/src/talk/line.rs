//! Our input, line by line.

use std::io;

use super::input::Source;
use super::options::Newline;

/// A line of our input.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    text: Vec<u8>,
    /// Whether it was ended: the last line of a pipe may not be.
    ended: bool,
}

impl Line {
    /// A line that was ended.
    pub(super) fn ended(text: &str) -> Self {
        Self {
            text: text.into(),
            ended: true,
        }
    }

    /// Without its end.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// With the end that is wanted of it. One that was not ended is not.
    pub(super) fn ended_by(&self, newline: Newline) -> Vec<u8> {
        let mut line = self.text.clone();
        if !self.ended {
            return line;
        }
        if newline != Newline::AsItIs && line.ends_with(b"\r") {
            line.pop();
        }
        match newline {
            Newline::AsItIs => line.push(b'\n'),
            Newline::CrLf => line.extend_from_slice(b"\r\n"),
            Newline::Nothing => {}
        }
        line
    }
}

/// The lines of an input, each as soon as it has ended.
pub(super) struct Lines {
    source: Source,
    buffer: Vec<u8>,
    /// How much of the buffer holds no LF.
    searched: usize,
}

impl Lines {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            searched: 0,
        }
    }

    /// Python: `readline`. The next line; `None` at the end. One that is dropped while it waits may have lost some.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let end = self.buffer[self.searched..]
                .iter()
                .position(|&byte| byte == b'\n');
            if let Some(end) = end {
                let rest = self.buffer.split_off(self.searched + end + 1);
                let mut text = std::mem::replace(&mut self.buffer, rest);
                text.pop();
                self.searched = 0;
                return Ok(Some(Line { text, ended: true }));
            }
            self.searched = self.buffer.len();
            if self.searched > LINE_BYTES {
                let why = format!("a line has more than {} MiB", LINE_BYTES >> 20);
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            let more = self.source.read().await?;
            if more.is_empty() {
                self.searched = 0;
                let text = std::mem::take(&mut self.buffer);
                return Ok((!text.is_empty()).then_some(Line { text, ended: false }));
            }
            self.buffer.extend_from_slice(more);
        }
    }
}

/// Bytes of a line of our own input, which nobody else bounds.
const LINE_BYTES: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{Line, Newline};

    #[test]
    fn an_end_is_as_it_came_or_as_it_is_wanted() {
        let line = |text: &str, ended| Line {
            text: text.into(),
            ended,
        };
        for (line, [as_it_is, crlf, nothing]) in [
            (line("a", true), ["a\n", "a\r\n", "a"]),
            (line("a\r", true), ["a\r\n", "a\r\n", "a"]),
            (line("", true), ["\n", "\r\n", ""]),
            (line("a", false), ["a", "a", "a"]),
        ] {
            assert_eq!(line.ended_by(Newline::AsItIs), as_it_is.as_bytes());
            assert_eq!(line.ended_by(Newline::CrLf), crlf.as_bytes());
            assert_eq!(line.ended_by(Newline::Nothing), nothing.as_bytes());
        }
    }
}
