//! The room for pages: events and requests as JSON over a WebSocket.

use std::time::Duration;

use bytes::BytesMut;
use landline_wire::chat::{Event, Hello, Request, Via};
use landline_wire::limits::CHAT_REQUEST_BYTES;
use landline_wire::name::RelativeName;
use landline_wire::ws::{
    Fault, FrameDecoder, Message, close, encode_close, encode_ping, encode_pong,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep};

use super::event::ChatEvent;
use super::link::{Link, Over};
use super::member::Member;
use super::room::Room;
use super::state::{Said, frame};
use crate::base::Stop;

/// How often a page is pinged.
const PING_EVERY: Duration = Duration::from_secs(30);

/// How long a page may be silent, not answering pings either.
const SILENT_AFTER: Duration = Duration::from_secs(75);

/// How long a page that went, but may be loading again, is not said to have left.
const GRACE: Duration = Duration::from_secs(5);

const CLOSING: &str = "The room is closing.";
const TOO_SLOW: &str = "You read too slowly.";

/// Carries one page's WebSocket from its welcome to its end, once the 101 has been written; `leftover` is what
/// came behind the request.
///
/// A page that takes nothing for 30 s, says nothing for 75 s in spite of pings, or falls out of the room's
/// window is dropped. The member leaves 5 s after its last connection has ended, so that loading the page again is not
/// news to the room; the stream is closed before that, and `stop` cuts it short.
pub async fn serve_web<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    leftover: BytesMut,
    hello: &Hello,
    room: &Room,
    stop: &Stop,
) {
    let mut member = room.join(Via::Browser, hello);
    let mut page = Page {
        link: Link::new(stream, leftover, room, stop),
        frames: FrameDecoder::new(CHAT_REQUEST_BYTES),
        ping_at: Instant::now() + PING_EVERY,
    };
    page.link.outbox.push(member.welcome());
    let end = match page.converse(&mut member).await {
        Ok(end) => end,
        Err(over) => End::Over(over),
    };
    if let Some(reason) = page.farewell(&end) {
        let name = member.name();
        room.report(ChatEvent::Dropped { name, reason });
    }
    page.link.finish().await;
    if hello.client.is_some() {
        tokio::select! {
            () = sleep(GRACE) => {}
            () = stop.stopped() => {}
        }
    }
}

/// Why a page goes.
enum End {
    Over(Over),
    /// It said so, with a code.
    Closed(Option<u16>),
    /// It broke the protocol.
    Fault(Fault),
    /// It sent bytes where text is spoken.
    Binary,
    /// It did not answer pings.
    Silent,
}

struct Page<S> {
    link: Link<S>,
    frames: FrameDecoder,
    ping_at: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Page<S> {
    async fn converse(&mut self, member: &mut Member) -> Result<End, Over> {
        loop {
            while self.link.is_ready() {
                let message = match self.frames.decode(&mut self.link.inbox) {
                    Ok(Some(message)) => message,
                    Ok(None) if self.link.is_ended => return Err(Over::Ended),
                    Ok(None) => break,
                    Err(fault) => return Ok(End::Fault(fault)),
                };
                self.link.meter.spend_message();
                match message {
                    Message::Text(json) => self.obey(&json, member),
                    Message::Ping(bytes) => self.link.outbox.push(encode_pong(&bytes)),
                    Message::Pong(_) => {}
                    Message::Binary(_) => return Ok(End::Binary),
                    Message::Close(code, _) => return Ok(End::Closed(code)),
                }
            }
            let now = Instant::now();
            let silent_at = self.link.heard_at + SILENT_AFTER;
            if silent_at <= now {
                return Ok(End::Silent);
            }
            if self.ping_at <= now {
                self.ping_at = now + PING_EVERY;
                self.link.outbox.push(encode_ping(b""));
            }
            let wake_at = self.ping_at.min(silent_at);
            self.link.turn(Some(member), Some(wake_at)).await?;
        }
    }

    /// Every request is answered: by what the room tells of it, to itself alone, or by its refusal.
    fn obey(&mut self, json: &str, member: &Member) {
        let done = Request::parse(json).and_then(|request| {
            self.fulfil(&request, member)
                .map_err(|detail| request.refused(detail))
        });
        if let Err(error) = done {
            self.link.outbox.push(frame(&Event::Refused(&error)));
        }
    }

    fn fulfil(&mut self, request: &Request, member: &Member) -> Result<(), String> {
        match request {
            Request::Say { id, text } => match member.say(text, id.as_deref()) {
                Said::Before(seq, own) if member.has_read(seq) => self.link.outbox.push(own),
                // What the cursor has not reached will come anyway.
                Said::Before(..) | Said::Published => {}
                Said::Empty => return Err("There is nothing to read in that message.".to_owned()),
            },
            Request::Name { name } => {
                if !member.rename(name)? {
                    self.link.outbox.push(member.renamed());
                }
            }
            Request::Watch { path } => {
                let folder = RelativeName::parse(path.as_bytes()).map_err(|e| e.to_string())?;
                member.watch(folder.as_folder().to_string());
            }
        }
        Ok(())
    }

    /// The last words, and why it was dropped, if it was.
    fn farewell(&mut self, end: &End) -> Option<&'static str> {
        let outbox = &mut self.link.outbox;
        let (code, words, reason) = match end {
            End::Over(Over::Ended | Over::Lost) => return None,
            End::Silent => return Some("it did not answer pings"),
            // Section 5.5.1 of RFC 6455: the code that came goes back.
            End::Closed(code) => (code.unwrap_or(close::NORMAL), "", None),
            End::Over(Over::Stopped) => {
                outbox.push(frame(&Event::Closing { detail: CLOSING }));
                (close::GOING_AWAY, CLOSING, None)
            }
            End::Over(Over::Slow) => {
                outbox.clear();
                outbox.push(frame(&Event::Closing { detail: TOO_SLOW }));
                (close::POLICY, TOO_SLOW, Some("it read too slowly"))
            }
            End::Fault(fault) => {
                let words = fault.to_string();
                outbox.push(encode_close(fault.close_code(), &words));
                return Some("it broke the WebSocket protocol");
            }
            End::Binary => (
                close::UNSUPPORTED,
                "this room speaks text",
                Some("it sent no text"),
            ),
        };
        outbox.push(encode_close(code, words));
        reason
    }
}
