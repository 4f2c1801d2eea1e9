//! Listening to a text connection: when what has come counts as a line.

use std::time::Duration;

use bytes::BytesMut;
use landline_wire::chat::{Opening, opening};
use landline_wire::limits::CHAT_TEXT_BYTES;
use landline_wire::line::{Line, LineDecoder};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::link::{Link, Over};
use super::member::Member;
use super::text::End;

/// How long the first words are waited for before the greeting: whoever sends a request of another
/// protocol sends it at once, and is answered in its own.
const GREET_AFTER: Duration = Duration::from_millis(50);

/// How long after the last byte an unfinished line counts as one, until a connection has sent its first newline.
const FLUSH_AFTER: Duration = Duration::from_millis(100);

/// What came of listening.
pub(super) enum Heard {
    /// A line that ended, or as much of one as counts.
    Line {
        bytes: BytesMut,
        is_whole: bool,
    },
    TooLong,
    /// Nothing until the time given.
    Silence,
}

/// A connection, heard as lines.
pub(super) struct Ear<S> {
    pub(super) link: Link<S>,
    lines: LineDecoder,
    /// Whether a line may count before its end, until the peer has ended its first.
    may_flush: bool,
    /// When what had come of an unfinished line was last taken for one.
    flushed_at: Option<Instant>,
    /// Whether the first line was found to be nothing but text.
    is_judged: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Ear<S> {
    pub(super) fn new(link: Link<S>, may_flush: bool) -> Self {
        Self {
            link,
            lines: LineDecoder::new(CHAT_TEXT_BYTES),
            may_flush,
            flushed_at: None,
            is_judged: false,
        }
    }

    /// Whether anything comes before the greeting is due.
    pub(super) async fn speaks_first(&mut self) -> Result<bool, Over> {
        let greet_at = Instant::now() + GREET_AFTER;
        while self.link.inbox.is_empty() && !self.link.is_ended && Instant::now() < greet_at {
            self.link.turn(None, Some(greet_at)).await?;
        }
        Ok(!self.link.inbox.is_empty() || self.link.is_ended)
    }

    /// Waits for the next line, and meanwhile passes on what the others say.
    pub(super) async fn listen(
        &mut self,
        mut member: Option<&mut Member>,
        until: Option<Instant>,
    ) -> Result<Heard, End> {
        loop {
            if self.link.is_ready() {
                if let Some(heard) = self.take() {
                    self.link.meter.spend_message();
                    self.judge(&heard)?;
                    return Ok(heard);
                }
                if self.link.is_ended {
                    return Err(Over::Ended.into());
                }
            }
            if until.is_some_and(|until| until <= Instant::now()) {
                return Ok(Heard::Silence);
            }
            // While nothing may be understood, an unfinished line is nothing to wake for.
            let flush_at = self.flush_at().filter(|_| self.link.is_ready());
            let wake_at = [until, flush_at].into_iter().flatten().min();
            self.link.turn(member.as_deref_mut(), wake_at).await?;
        }
    }

    fn take(&mut self) -> Option<Heard> {
        let inbox = &mut self.link.inbox;
        let line = match self.lines.decode(inbox) {
            Some(line) => {
                self.may_flush = false;
                return Some(match line {
                    Line::Whole(bytes) => Heard::Line {
                        bytes,
                        is_whole: true,
                    },
                    Line::TooLong => Heard::TooLong,
                });
            }
            None if self.link.is_ended => match self.lines.take_rest(inbox)? {
                Line::Whole(bytes) => Some(bytes),
                Line::TooLong => return Some(Heard::TooLong),
            },
            None if self.flush_at().is_some_and(|at| at <= Instant::now()) => {
                self.flushed_at = Some(self.link.heard_at);
                self.lines.take_partial(&mut self.link.inbox)
            }
            None => None,
        };
        line.map(|bytes| Heard::Line {
            bytes,
            is_whole: false,
        })
    }

    /// When what has come of an unfinished line counts as one.
    fn flush_at(&self) -> Option<Instant> {
        let is_flushed = self.flushed_at == Some(self.link.heard_at);
        (self.may_flush && !is_flushed && !self.link.inbox.is_empty())
            .then(|| self.link.heard_at + FLUSH_AFTER)
    }

    /// Nothing is published before the first line was judged.
    fn judge(&mut self, heard: &Heard) -> Result<(), End> {
        match heard {
            Heard::Line { bytes, is_whole } if !self.is_judged => match opening(bytes, *is_whole) {
                Opening::Text => self.is_judged = true,
                foreign => return Err(End::Foreign(foreign)),
            },
            // It may be a request for a very long target.
            Heard::TooLong if !self.is_judged => return Err(End::TooLong),
            _ => {}
        }
        Ok(())
    }
}
