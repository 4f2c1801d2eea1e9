//! One connection's place in the room: a cursor into the log.

use std::sync::Arc;

use bytes::Bytes;
use landline_wire::chat::{Event, MemberView, Name, Via};
use tokio::sync::watch;

use super::outbox::Outbox;
use super::room::Room;
use super::state::{Said, State, frame};
use crate::base::{clock, printable};

/// A connection that is in the room; dropping it leaves.
#[derive(Debug)]
pub(super) struct Member {
    room: Room,
    start: Start,
    news: watch::Receiver<()>,
}

/// Where a connection starts and who it is, taken at one moment of the room.
#[derive(Debug)]
pub(super) struct Start {
    id: u64,
    connection: u64,
    via: Via,
    client: Option<Arc<str>>,
    /// The next event to be read.
    cursor: u64,
    /// From here on everything is told, and before it messages alone.
    live: u64,
    resumed: bool,
    /// Where a page is told that it has seen what was before.
    catch_up: Option<u64>,
    /// Who is here, until a page was told.
    members: Vec<MemberView>,
}

impl Start {
    pub(super) fn new(
        state: &mut State,
        id: u64,
        via: Via,
        client: Option<Arc<str>>,
        resume: Option<u64>,
    ) -> Self {
        let next = state.log.next();
        let resume = resume
            .and_then(|after| after.checked_add(1))
            .filter(|cursor| (state.log.first()..=next).contains(cursor));
        let (members, catch_up) = match via {
            Via::Browser => (state.members(), Some(next)),
            Via::Text => (Vec::new(), None),
        };
        Self {
            id,
            connection: state.number(),
            via,
            client,
            cursor: resume.unwrap_or_else(|| state.log.history()),
            live: resume.unwrap_or(next),
            resumed: resume.is_some(),
            catch_up,
            members,
        }
    }

    /// The frame that says that what was before has been told, once `next` is what is to be told next.
    fn take_catch_up(&mut self, next: u64) -> Option<Bytes> {
        let caught_up = self.catch_up.take_if(|at| *at <= next);
        caught_up.map(|_| frame(&Event::CaughtUp))
    }
}

/// The member read too slowly: what it has not read is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lagged;

impl Member {
    pub(super) fn new(room: Room, start: Start, news: watch::Receiver<()>) -> Self {
        Self { room, start, news }
    }

    /// Who this is in the room.
    pub(super) fn id(&self) -> u64 {
        self.start.id
    }

    /// What this is called now.
    pub(super) fn name(&self) -> String {
        self.room.state().name(self.start.id).to_owned()
    }

    /// The frame that welcomes a page; who was here when it joined is said in the first one only.
    pub(super) fn welcome(&mut self) -> Bytes {
        let options = self.room.options();
        let members = std::mem::take(&mut self.start.members);
        let event = Event::Welcome {
            room: &options.name,
            epoch: self.room.epoch(),
            you: self.start.id,
            name: &self.name(),
            members: &members,
            writable: options.writable,
            resumed: self.start.resumed,
        };
        frame(&event)
    }

    /// Waits until there may be something to [`collect`](Self::collect); safe to cancel.
    pub(super) async fn news(&mut self) {
        // The sender lives in the room, which this holds: the only way out is news.
        let _ = self.news.changed().await;
    }

    /// Puts what came behind the cursor into the outbox, until that is full: shares of the room's own bytes.
    ///
    /// # Errors
    /// [`Lagged`], when the room no longer has what comes next.
    pub(super) fn collect(&mut self, outbox: &mut Outbox) -> Result<(), Lagged> {
        let start = &mut self.start;
        let mut state = self.room.state();
        if start.cursor.max(start.live) < state.log.first() {
            return Err(Lagged);
        }
        outbox.extend(state.take_change(start.connection));
        for entry in state.log.from(start.cursor) {
            if outbox.is_full() {
                return Ok(());
            }
            outbox.extend(start.take_catch_up(entry.seq));
            if entry.is_message || entry.seq >= start.live {
                let part = entry.for_member(start.id, start.via, start.client.as_ref());
                outbox.extend(part.cloned());
            }
            start.cursor = entry.seq + 1;
        }
        outbox.extend(start.take_catch_up(state.log.next()));
        Ok(())
    }

    /// Says something to everybody, line by line made printable. A text with the same `number` of the same client
    /// is not published twice.
    pub(super) fn say(&self, text: &str, number: Option<&str>) -> Said {
        let text = printable_lines(text);
        if text.is_empty() {
            return Said::Empty;
        }
        let said = self
            .room
            .state()
            .say(self.start.id, &text, number, clock::milliseconds());
        if said == Said::Published {
            self.room.wake();
        }
        said
    }

    /// Whether the event of this number has been collected.
    pub(super) fn has_read(&self, seq: u64) -> bool {
        seq < self.start.cursor
    }

    /// Takes another name; `false` when it is the one that this has, and nobody is told.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub(super) fn rename(&self, name: &str) -> Result<bool, String> {
        let name = Name::parse(name).map_err(|error| error.to_string())?;
        let renamed = self
            .room
            .state()
            .rename(self.start.id, name, clock::milliseconds());
        let event = renamed.map_err(|_| "That name is taken.".to_owned())?;
        let is_news = event.is_some();
        self.room.announce(event);
        Ok(is_news)
    }

    /// The frame that answers a page which asked for the name that it has.
    pub(super) fn renamed(&self) -> Bytes {
        let name = &self.name();
        frame(&Event::Renamed {
            seq: None,
            at: clock::milliseconds(),
            member: self.start.id,
            name,
            was: name,
        })
    }

    /// Shows this folder, `docs/` or empty for the root, from now on.
    pub(super) fn watch(&self, folder: String) {
        self.room.state().watch(self.start.connection, folder);
        self.room.watching_changed().notify_one();
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let (watched, event) = {
            let mut state = self.room.state();
            let watched = state.unwatch(self.start.connection);
            (watched, state.leave(self.start.id, clock::milliseconds()))
        };
        if watched {
            self.room.watching_changed().notify_one();
        }
        self.room.announce(event);
    }
}

/// Each line made printable, tabs as four spaces, without blank lines around; empty when nothing is left to read.
fn printable_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .replace('\t', "    ")
        .lines()
        .map(|line| printable(line.trim_end()).into_owned())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
