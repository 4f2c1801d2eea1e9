//! The room's events in order: a window that members read from, and the last messages for those who join.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use landline_wire::chat::Via;

/// Events in the window: a member who falls further behind is dropped.
pub(super) const WINDOW_EVENTS: usize = 16_384;
/// Bytes of the window, and of the messages kept beyond it for those who join.
pub(super) const WINDOW_BYTES: usize = 8 * 1024 * 1024;
/// How many of the last messages those who join are told, unless somebody wants otherwise.
pub const HISTORY_DEFAULT: usize = 200;
/// The most messages that those who join can be told.
pub const HISTORY_EVENTS: usize = 10_000;

/// One event, encoded once for each face; whoever is sent it shares these bytes.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) seq: u64,
    /// Whether those who join later are told.
    pub(super) is_message: bool,
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
    /// The last messages of those that left the window. It holds as many as those who join are told, though part of
    /// these is in the window still: so none of them goes before its reader is a whole window behind.
    older: Queue,
    history: History,
    /// Where the window holds the message of a client's number.
    sent: HashMap<(Arc<str>, Arc<str>), u64>,
}

/// The messages that those who join are told.
#[derive(Debug, Default)]
struct History {
    /// No event before this one is among them.
    from: u64,
    count: usize,
    bytes: usize,
}

impl Log {
    pub(super) fn new(history: usize) -> Self {
        let history = history.min(HISTORY_EVENTS);
        Self::bounded(history, WINDOW_EVENTS, WINDOW_BYTES)
    }

    fn bounded(history: usize, events: usize, bytes: usize) -> Self {
        Self {
            first: 1,
            window: Queue::new(events, bytes),
            older: Queue::new(history, bytes),
            history: History::default(),
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

    /// Where those who join start to read: what follows has the last messages.
    pub(super) fn history(&self) -> u64 {
        self.history.from
    }

    /// Adds an event, whose number must be the [`next`](Self::next) one.
    pub(super) fn push(&mut self, entry: Entry) {
        if let Some(key) = resend_key(&entry) {
            self.sent.insert(key, entry.seq);
        }
        if entry.is_message {
            self.history.count += 1;
            self.history.bytes += entry.size();
        }
        self.window.push(entry);
        self.trim_history();
        while let Some(gone) = self.window.pop_excess() {
            if let Some(key) = resend_key(&gone) {
                self.sent.remove(&key);
            }
            self.first += 1;
            if gone.is_message {
                self.older.push(gone);
                while self.older.pop_excess().is_some() {}
            }
        }
    }

    fn trim_history(&mut self) {
        while self.history.count > self.older.limit || self.history.bytes > self.older.limit_bytes {
            let gone = self
                .from(self.history.from)
                .find(|entry| entry.is_message)
                .map(|gone| (gone.seq, gone.size()));
            let Some((seq, size)) = gone else { return };
            self.history.from = seq + 1;
            self.history.count -= 1;
            self.history.bytes -= size;
        }
    }

    /// The events from `seq` on that are still here: before the window, messages alone.
    pub(super) fn from(&self, seq: u64) -> impl Iterator<Item = &Entry> {
        let older = &self.older.entries;
        let at = older.partition_point(|entry| entry.seq < seq);
        let skipped = seq.saturating_sub(self.first) as usize;
        older
            .range(at..)
            .chain(self.window.entries.range(skipped..))
    }

    /// The message that a client has already sent under this number.
    pub(super) fn sent(&self, client: &Arc<str>, id: &Arc<str>) -> Option<&Entry> {
        let seq = *self.sent.get(&(client.clone(), id.clone()))?;
        self.from(seq).next()
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
    limit_bytes: usize,
}

impl Queue {
    fn new(limit: usize, limit_bytes: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            limit,
            limit_bytes,
        }
    }

    fn push(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
    }

    fn pop_excess(&mut self) -> Option<Entry> {
        let fits = self.entries.len() <= self.limit && self.bytes <= self.limit_bytes;
        let gone = if fits { None } else { self.entries.pop_front() }?;
        self.bytes -= gone.size();
        Some(gone)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Entry, Log};

    /// What happens to a log: an event of a size, somebody joins, somebody reads.
    #[derive(Clone, Debug)]
    enum Step {
        Push { is_message: bool, size: usize },
        Join,
        Read { reader: usize, count: usize },
    }

    /// Somebody who reads, with what it was promised at its joining, and what it has read.
    struct Reader {
        cursor: u64,
        live: u64,
        promised: Vec<u64>,
        read: Vec<u64>,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (any::<bool>(), 0usize..300).prop_map(|(is_message, size)| Step::Push { is_message, size }),
            1 => Just(Step::Join),
            2 => (0usize..8, 1usize..6).prop_map(|(reader, count)| Step::Read { reader, count }),
        ]
    }

    /// The last messages of `all` within the limits.
    fn last_messages(all: &[Entry], count: usize, bytes: usize) -> Vec<u64> {
        let mut left = bytes;
        let mut last: Vec<u64> = all
            .iter()
            .rev()
            .filter(|entry| entry.is_message)
            .take(count)
            .map_while(|entry| {
                left = left.checked_sub(entry.size())?;
                Some(entry.seq)
            })
            .collect();
        last.reverse();
        last
    }

    proptest! {
        #[test]
        fn who_joins_misses_nothing_before_it_is_a_whole_window_behind(
            history in 0usize..8,
            events in 1usize..8,
            bytes in 100usize..3000,
            steps in prop::collection::vec(step(), 0..120),
        ) {
            let mut log = Log::bounded(history, events, bytes);
            let (mut all, mut readers) = (Vec::new(), Vec::<Reader>::new());
            for step in steps {
                match step {
                    Step::Push { is_message, size } => {
                        let web = Bytes::from(vec![0; size]);
                        let (seq, text) = (log.next(), Bytes::new());
                        let entry = Entry { seq, is_message, member: None, web, text, own: None };
                        all.push(entry.clone());
                        log.push(entry);
                    }
                    Step::Join => readers.push(Reader {
                        cursor: log.history(),
                        live: log.next(),
                        promised: last_messages(&all, history, bytes),
                        read: Vec::new(),
                    }),
                    Step::Read { reader, count } => {
                        let Some(reader) = readers.get_mut(reader) else { continue };
                        if reader.cursor.max(reader.live) < log.first() {
                            continue;
                        }
                        for entry in log.from(reader.cursor).take(count) {
                            if entry.is_message || entry.seq >= reader.live {
                                reader.read.push(entry.seq);
                            }
                            reader.cursor = entry.seq + 1;
                        }
                    }
                }
            }
            for reader in readers {
                let told = reader.live..log.next();
                let expected: Vec<u64> = reader.promised.into_iter().chain(told).collect();
                prop_assert!(expected.starts_with(&reader.read), "{:?} of {expected:?}", reader.read);
            }
            prop_assert!(log.window.entries.len() <= events && log.window.bytes <= bytes);
            prop_assert!(log.older.entries.len() <= history && log.older.bytes <= bytes);
        }
    }
}
