//! The room's events in order: a window that members read from, and the last messages for those who join.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use landline_wire::chat::Via;

/// Events in the window: a member who falls further behind is dropped.
pub const WINDOW_EVENTS: usize = 16_384;
/// Bytes of the window, and of the messages kept for those who join.
pub const WINDOW_BYTES: usize = 8 * 1024 * 1024;
/// The most messages that are kept for those who join.
pub const HISTORY_EVENTS: usize = 10_000;

/// One event, encoded once for each face; whoever is sent it shares these bytes.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Whose event it is.
    pub(super) member: Option<u64>,
    pub(super) web: Bytes,
    pub(super) text: Bytes,
    pub(super) own: Option<Own>,
}

/// The sender's copy, in which it finds its own number for the message again. Nobody else gets it:
/// who knows a member's token can be that member.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) client: Option<Arc<str>>,
    pub(super) id: Arc<str>,
    pub(super) web: Bytes,
}

impl Entry {
    /// What a member is sent of this event; text members see for themselves what they do.
    pub(super) fn for_member(
        &self,
        id: u64,
        via: Via,
        client: Option<&Arc<str>>,
    ) -> Option<&Bytes> {
        let is_own = self.member == Some(id);
        match (via, &self.own) {
            (Via::Text, _) => (!is_own && !self.text.is_empty()).then_some(&self.text),
            (Via::Browser, Some(own))
                if is_own || (client.is_some() && own.client.as_ref() == client) =>
            {
                Some(&own.web)
            }
            (Via::Browser, _) => Some(&self.web),
        }
    }

    fn size(&self) -> usize {
        let own = self.own.as_ref().map_or(0, |own| own.web.len());
        size_of::<Self>() + self.web.len() + self.text.len() + own
    }
}

#[derive(Debug)]
pub(super) struct Log {
    /// The number of the window's first event.
    first: u64,
    window: Queue,
    history: Queue,
    /// Where the window holds the message of a client's number.
    sent: HashMap<(Arc<str>, Arc<str>), u64>,
}

impl Log {
    pub(super) fn new(history: usize) -> Self {
        Self {
            first: 1,
            window: Queue::new(WINDOW_EVENTS),
            history: Queue::new(history.min(HISTORY_EVENTS)),
            sent: HashMap::new(),
        }
    }

    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The number of the event that comes next.
    pub(super) fn next(&self) -> u64 {
        self.first + self.window.entries.len() as u64
    }

    pub(super) fn push(&mut self, entry: Entry, is_message: bool) {
        if let Some((client, id)) = resend_key(&entry) {
            self.sent.insert((client, id), self.next());
        }
        if is_message {
            self.history.push(entry.clone());
            while self.history.pop_excess().is_some() {}
        }
        self.window.push(entry);
        while let Some(gone) = self.window.pop_excess() {
            if let Some(key) = resend_key(&gone) {
                self.sent.remove(&key);
            }
            self.first += 1;
        }
    }

    /// The events from `seq` on, which must not lie before [`first`](Self::first).
    pub(super) fn from(&self, seq: u64) -> impl Iterator<Item = &Entry> {
        self.window.entries.range((seq - self.first) as usize..)
    }

    pub(super) fn history(&self) -> impl Iterator<Item = &Entry> {
        self.history.entries.iter()
    }

    /// The message that a client has already sent under this number.
    pub(super) fn sent(&self, client: &Arc<str>, id: &Arc<str>) -> Option<(u64, &Entry)> {
        let seq = *self.sent.get(&(client.clone(), id.clone()))?;
        Some((seq, self.from(seq).next()?))
    }
}

fn resend_key(entry: &Entry) -> Option<(Arc<str>, Arc<str>)> {
    let own = entry.own.as_ref()?;
    Some((own.client.clone()?, own.id.clone()))
}

/// Entries within a number and a size.
#[derive(Debug)]
struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    limit: usize,
}

impl Queue {
    fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            limit,
        }
    }

    fn push(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
    }

    fn pop_excess(&mut self) -> Option<Entry> {
        let fits = self.entries.len() <= self.limit && self.bytes <= WINDOW_BYTES;
        let gone = if fits { None } else { self.entries.pop_front() }?;
        self.bytes -= gone.size();
        Some(gone)
    }
}
