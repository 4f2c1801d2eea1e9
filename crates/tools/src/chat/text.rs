//! The room for plain lines, as `nc` sends them.

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use landline_wire::chat::{Command, HELP, Hello, Opening, Via, announcement, opening};
use landline_wire::limits::CHAT_TEXT_BYTES;
use landline_wire::line::{Line, LineDecoder};
use subtle::ConstantTimeEq as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::event::ChatEvent;
use super::link::{Link, Over};
use super::member::Member;
use super::room::Room;
use crate::base::{Stop, printable};

/// How long the first words are waited for before the greeting: whoever sends a request of another
/// protocol sends it at once, and is answered in its own.
const GREET_AFTER: Duration = Duration::from_millis(50);

/// How long after the last byte an unfinished line counts as one, until a connection has sent its first newline.
const FLUSH_AFTER: Duration = Duration::from_millis(100);

/// How long the key may take.
const KEY_WITHIN: Duration = Duration::from_secs(60);

/// How many are named in the answer to `/who`, and how many lines `/files` answers.
const LISTED: usize = 200;

const TOO_LONG: &str = "your line is longer than 4096 bytes and was not sent";
const CLOSING: &str = "the room is closing";
const TOO_SLOW: &str = "you read too slowly";

/// What the text side needs to know besides the room.
pub struct TextOptions {
    /// What must be said first; default none.
    pub key: Option<String>,
    /// The lines that answer `/files`; the first 200 are sent, made printable. Called on the connection's thread: it must be brief.
    pub files: Box<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            key: None,
            files: Box::new(Vec::new),
        }
    }
}

impl std::fmt::Debug for TextOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key is not for logs.
        f.debug_struct("TextOptions").finish_non_exhaustive()
    }
}

/// Carries one text connection, from its greeting to its end.
///
/// Lines have at most 4096 bytes; a longer one is not sent and its sender is told. At the end of the peer's stream what
/// it said is published, an unfinished line too, and what it asked for is answered; then the connection is closed.
/// A peer who takes nothing for 30 s, or falls out of the room's window, is dropped. `peer` names it for the host's log.
pub async fn serve_text<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: &str,
    room: &Room,
    options: &TextOptions,
    stop: &Stop,
) {
    let mut visitor = Visitor {
        link: Link::new(stream, BytesMut::new(), &room.options().pace, stop),
        lines: LineDecoder::new(CHAT_TEXT_BYTES),
        is_fluent: false,
        is_judged: false,
        flushed_at: None,
        room,
        options,
    };
    let Err(end) = visitor.converse().await;
    if let Some(reason) = visitor.farewell(&end) {
        let peer = printable(peer).into_owned();
        room.report(ChatEvent::Refused { peer, reason });
    }
    visitor.link.finish().await;
}

/// Why a visitor goes.
enum End {
    /// By its own `/quit`.
    Quit,
    Over(Over),
    /// It is not somebody who chats.
    Foreign(Opening),
    /// Its first line cannot be judged.
    TooLong,
    WrongKey,
}

impl From<Over> for End {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

/// What came of listening.
enum Heard {
    /// A line that ended, or as much of one as counts.
    Line {
        bytes: BytesMut,
        is_whole: bool,
    },
    TooLong,
    /// Nothing until the time given.
    Silence,
}

struct Visitor<'a, S> {
    link: Link<S>,
    lines: LineDecoder,
    /// Whether it has ended a line, and so knows how.
    is_fluent: bool,
    /// Whether its first line was found to be nothing but text.
    is_judged: bool,
    /// When what had come of an unfinished line was last taken for one.
    flushed_at: Option<Instant>,
    room: &'a Room,
    options: &'a TextOptions,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Visitor<'_, S> {
    async fn converse(&mut self) -> Result<Infallible, End> {
        let key_by = Instant::now() + KEY_WITHIN;
        let mut first = Heard::Silence;
        if self.speaks_first().await? {
            let until = self.options.key.as_ref().map(|_| key_by);
            first = self.listen(None, until).await?;
        }
        if let Some(key) = &self.options.key {
            self.unlock(first, key, key_by).await?;
            first = Heard::Silence;
        }
        let mut member = self.room.join(Via::Text, &Hello::default());
        let room = printable(&self.room.options().name);
        self.tell(&format!("you are {} in {room}: {HELP}", member.name()));
        let end = self.attend(&mut member, first).await;
        match &end {
            Err(End::Quit | End::Over(Over::Ended)) => self.link.deliver(&mut member).await,
            Err(End::Over(Over::Slow)) => {
                let name = member.name();
                self.room.report(ChatEvent::Dropped {
                    name,
                    reason: TOO_SLOW,
                });
            }
            _ => {}
        }
        end
    }

    /// Whether anything comes before the greeting is due.
    async fn speaks_first(&mut self) -> Result<bool, Over> {
        let greet_at = Instant::now() + GREET_AFTER;
        while self.link.inbox.is_empty() && !self.link.is_ended && Instant::now() < greet_at {
            self.link.turn(None, Some(greet_at)).await?;
        }
        Ok(!self.link.inbox.is_empty() || self.link.is_ended)
    }

    /// Asks for the key, if it was not said already, and takes one answer.
    async fn unlock(&mut self, first: Heard, key: &str, until: Instant) -> Result<(), End> {
        let mut heard = first;
        if matches!(heard, Heard::Silence) {
            self.link.outbox.push(Bytes::from_static(b"key?\n"));
            heard = self.listen(None, Some(until)).await?;
        }
        match heard {
            Heard::Line { bytes, .. } if bool::from(bytes.ct_eq(key.as_bytes())) => Ok(()),
            _ => Err(End::WrongKey),
        }
    }

    async fn attend(&mut self, member: &mut Member, first: Heard) -> Result<Infallible, End> {
        let mut heard = first;
        loop {
            self.obey(heard, member)?;
            heard = self.listen(Some(member), None).await?;
        }
    }

    /// Waits for the next line, and meanwhile passes on what the others say.
    async fn listen(
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
            let wake_at = [until, self.flush_at()].into_iter().flatten().min();
            self.link.turn(member.as_deref_mut(), wake_at).await?;
        }
    }

    fn take(&mut self) -> Option<Heard> {
        let inbox = &mut self.link.inbox;
        let line = match self.lines.decode(inbox) {
            Some(line) => {
                self.is_fluent = true;
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

    /// When what has come of an unfinished line counts as one; never while a key is asked for.
    fn flush_at(&self) -> Option<Instant> {
        let is_flushed = self.flushed_at == Some(self.link.heard_at);
        let may_flush = !self.is_fluent && self.options.key.is_none() && !is_flushed;
        (may_flush && !self.link.inbox.is_empty()).then(|| self.link.heard_at + FLUSH_AFTER)
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

    fn obey(&mut self, heard: Heard, member: &Member) -> Result<(), End> {
        let bytes = match heard {
            Heard::Line { bytes, .. } => bytes,
            Heard::TooLong => {
                self.tell(TOO_LONG);
                return Ok(());
            }
            Heard::Silence => return Ok(()),
        };
        match Command::parse(&String::from_utf8_lossy(&bytes)) {
            Command::Say(text) => {
                member.say(text, None);
            }
            Command::Name(name) => {
                if let Err(reason) = member.rename(name) {
                    self.tell(&reason);
                }
            }
            Command::Who => self.tell(&who(self.room, member.id())),
            Command::Files => self.list_files(),
            Command::Help => self.tell(HELP),
            Command::Quit => return Err(End::Quit),
            Command::Unknown(word) => {
                let word = printable(word);
                self.tell(&format!("there is no /{word}; there are {HELP}"));
            }
        }
        Ok(())
    }

    fn list_files(&mut self) {
        let files = (self.options.files)();
        if files.is_empty() {
            self.tell("there are no files");
        }
        for file in files.iter().take(LISTED) {
            self.tell(&printable(file));
        }
        if files.len() > LISTED {
            self.tell(&format!("and {} more", files.len() - LISTED));
        }
    }

    /// Says something to this peer only.
    fn tell(&mut self, notice: &str) {
        self.link.outbox.push(announcement(notice).into());
    }

    /// The last words; and the reason, if it was not let in.
    fn farewell(&mut self, end: &End) -> Option<&'static str> {
        match end {
            End::Quit | End::Over(Over::Ended | Over::Lost) => None,
            End::Over(Over::Stopped) => {
                self.tell(CLOSING);
                None
            }
            End::Over(Over::Slow) => {
                self.link.outbox.clear();
                self.tell(TOO_SLOW);
                None
            }
            End::Foreign(Opening::Http) => {
                self.link.outbox.push(bad_request());
                Some("it speaks HTTP to the chat")
            }
            End::Foreign(_) => Some("it does not speak text to the chat"),
            End::TooLong => {
                self.tell(TOO_LONG);
                Some("its first line is too long")
            }
            End::WrongKey => {
                self.tell("that is not the key");
                Some("it did not say the key")
            }
        }
    }
}

fn who(room: &Room, you: u64) -> String {
    let members = room.members();
    let mut names: Vec<String> = members
        .iter()
        .take(LISTED)
        .map(|member| match member.id == you {
            true => format!("{} (you)", member.name),
            false => member.name.clone(),
        })
        .collect();
    if members.len() > LISTED {
        names.push(format!("and {} more", members.len() - LISTED));
    }
    format!("{} here: {}", members.len(), names.join(", "))
}

/// What a browser is told that a foreign page, or a mistake, sent here.
fn bad_request() -> Bytes {
    let body = "This is a chat room for nc, not for HTTP.\n";
    let head =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close";
    let length = body.len();
    format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").into()
}
