//! The room for plain lines, as `nc` sends them.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use landline_wire::chat::{Command, HELP, Hello, Opening, Via, announcement};
use landline_wire::http::{BodyLength, Connection, ResponseHead, Status};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::ear::{Ear, Heard};
use super::event::ChatEvent;
use super::link::{Link, Over};
use super::member::Member;
use super::room::Room;
use crate::base::{Key, Stop, printable};

/// How long the key may take.
const KEY_WITHIN: Duration = Duration::from_secs(60);

/// How many are named in the answer to `/who`.
const LISTED: usize = 200;

const TOO_LONG: &str = "your line is longer than 4096 bytes and was not sent";
const CLOSING: &str = "the room is closing";
const TOO_SLOW: &str = "you read too slowly";

/// What answers `/files`: whole lines, as many as are to be sent; they are made printable here.
pub type Files = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Vec<String>> + Send>> + Send + Sync>;

/// What the text side needs to know besides the room.
pub struct TextOptions {
    /// What must be said first; default none.
    pub key: Option<Key>,
    /// What answers `/files`; by default that there are none. The connection that asked waits for it.
    pub files: Files,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            key: None,
            files: Box::new(|| Box::pin(async { vec!["there are no files".to_owned()] })),
        }
    }
}

impl std::fmt::Debug for TextOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextOptions")
            .field("key", &self.key)
            .finish_non_exhaustive()
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
    let link = Link::new(stream, BytesMut::new(), room, stop);
    let mut visitor = Visitor {
        // A key is never guessed to be whole.
        ear: Ear::new(link, options.key.is_none()),
        room,
        options,
    };
    let Err(end) = visitor.converse().await;
    if let Some(reason) = visitor.farewell(&end) {
        let peer = printable(peer).into_owned();
        room.report(ChatEvent::Refused { peer, reason });
    }
    visitor.ear.link.finish().await;
}

/// Why a visitor goes.
pub(super) enum End {
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

struct Visitor<'a, S> {
    ear: Ear<S>,
    room: &'a Room,
    options: &'a TextOptions,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Visitor<'_, S> {
    async fn converse(&mut self) -> Result<Infallible, End> {
        let key_by = Instant::now() + KEY_WITHIN;
        let mut first = Heard::Silence;
        if self.ear.speaks_first().await? {
            let until = self.options.key.as_ref().map(|_| key_by);
            first = self.ear.listen(None, until).await?;
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
            Err(End::Quit | End::Over(Over::Ended)) => self.ear.link.deliver(&mut member).await,
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

    /// Asks for the key, if it was not said already, and takes one answer.
    async fn unlock(&mut self, first: Heard, key: &Key, until: Instant) -> Result<(), End> {
        let mut heard = first;
        if matches!(heard, Heard::Silence) {
            self.ear.link.outbox.push(Bytes::from_static(b"key?\n"));
            heard = self.ear.listen(None, Some(until)).await?;
        }
        match heard {
            Heard::Line { bytes, .. } if key.fits(&bytes) => Ok(()),
            _ => Err(End::WrongKey),
        }
    }

    async fn attend(&mut self, member: &mut Member, first: Heard) -> Result<Infallible, End> {
        let mut heard = first;
        loop {
            self.obey(heard, member).await?;
            heard = self.ear.listen(Some(member), None).await?;
        }
    }

    async fn obey(&mut self, heard: Heard, member: &Member) -> Result<(), End> {
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
            Command::Name(name) => match member.rename(name) {
                Ok(true) => {}
                Ok(false) => self.tell(&format!("you are {}", member.name())),
                Err(reason) => self.tell(&reason),
            },
            Command::Who => self.tell(&who(self.room, member.id())),
            Command::Files => {
                let files = self.ear.link.wait_for((self.options.files)()).await?;
                files.iter().for_each(|file| self.tell(&printable(file)));
            }
            Command::Help => self.tell(HELP),
            Command::Quit => return Err(End::Quit),
            Command::Unknown(word) => {
                let word = printable(word);
                self.tell(&format!("there is no /{word}; there are {HELP}"));
            }
        }
        Ok(())
    }

    /// Says something to this peer only.
    fn tell(&mut self, notice: &str) {
        self.ear.link.outbox.push(announcement(notice).into());
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
                self.ear.link.outbox.clear();
                self.tell(TOO_SLOW);
                None
            }
            End::Foreign(Opening::Http) => {
                self.ear.link.outbox.push(bad_request());
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
    let length = BodyLength::Known(body.len() as u64);
    let mut answer = Vec::new();
    ResponseHead::new(Status::BAD_REQUEST)
        .with("Content-Type", "text/plain; charset=utf-8")
        .write(length, Connection::Close, &mut answer);
    answer.extend_from_slice(body.as_bytes());
    answer.into()
}
