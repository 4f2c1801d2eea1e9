//! The room that all cores share: the state behind a lock that is never held while waiting, and the wake-ups.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use landline_wire::chat::{Hello, MemberView, Via};
use tokio::sync::watch;

use super::event::ChatEvent;
use super::member::{Member, Start};
use super::pace::Pace;
use super::state::State;
use crate::base::printable;

/// How a room is.
#[derive(Clone, Debug)]
pub struct RoomOptions {
    /// What the room is called; default "Landline".
    pub name: String,
    /// How many of the last messages those who join are told, at most 10,000 and 8 MiB; default 50.
    pub history: usize,
    /// Whether pages are told that files may be uploaded; default false.
    pub writable: bool,
    /// Put before a file's address in lines of text, as `http://127.0.0.1:8080`; default empty: no address is given.
    pub origin: String,
    /// How fast each connection is read.
    pub pace: Pace,
}

impl Default for RoomOptions {
    fn default() -> Self {
        Self {
            name: "Landline".to_owned(),
            history: 50,
            writable: false,
            origin: String::new(),
            pace: Pace::default(),
        }
    }
}

/// A file that everybody is told of.
#[derive(Clone, Copy, Debug)]
pub struct SharedFile<'a> {
    /// Its name, as `docs/a.txt`.
    pub path: &'a str,
    /// Its address, as `/docs/a.txt`, percent-encoded.
    pub href: &'a str,
    /// Its size in bytes.
    pub size: u64,
}

/// A chat room; clones are the same room.
///
/// It keeps the last 16,384 events or 8 MiB of them, whichever is less: that bounds its memory,
/// however many members there are and however slowly they read.
#[derive(Clone)]
pub struct Room(Arc<Shared>);

struct Shared {
    options: RoomOptions,
    /// This life of the room: numbers of events mean nothing in another one.
    epoch: String,
    on_event: Box<dyn Fn(ChatEvent) + Send + Sync>,
    state: Mutex<State>,
    news: watch::Sender<()>,
}

impl Room {
    /// An empty room. `on_event` is called for each join, leave, rename and refusal, never under the room's lock.
    ///
    /// # Errors
    /// When the system has no random numbers for the room's epoch.
    pub fn new(
        options: RoomOptions,
        on_event: impl Fn(ChatEvent) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let seed = getrandom::u64().map_err(io::Error::other)?;
        let state = State::new(options.history, options.origin.clone(), seed);
        Ok(Self(Arc::new(Shared {
            options,
            epoch: format!("{seed:016x}"),
            on_event: Box::new(on_event),
            state: Mutex::new(state),
            news: watch::Sender::new(()),
        })))
    }

    /// How the room was opened.
    #[must_use]
    pub fn options(&self) -> &RoomOptions {
        &self.0.options
    }

    /// This life of the room.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// Who is here.
    #[must_use]
    pub fn members(&self) -> Vec<MemberView> {
        self.state().members()
    }

    /// Lets somebody in. The name is the one wanted if it is one and free, else one like it or another;
    /// who comes with the token of a member is that member.
    #[must_use]
    pub fn join(&self, via: Via, hello: &Hello) -> Member {
        // Watching starts before the cursor is set, so that no event falls between them.
        let news = self.0.news.subscribe();
        let client: Option<Arc<str>> = hello.client.as_deref().map(Arc::from);
        let resume = hello
            .after
            .filter(|_| hello.epoch.as_deref() == Some(self.epoch()));
        let (start, event) = {
            let mut state = self.state();
            let (id, event) = state.join(via, hello.name.as_deref(), client.as_ref(), now());
            (Start::new(&mut state, id, via, client, resume), event)
        };
        self.tell(event);
        Member::new(self.clone(), start, news)
    }

    /// Tells everybody of a file that is whole; `client` is the token of whoever brought it, where known.
    pub fn shared(&self, file: &SharedFile<'_>, client: Option<&str>) {
        let path = printable(file.path);
        let file = SharedFile {
            path: &path,
            ..*file
        };
        self.state().share(&file, client, now());
        self.wake();
    }

    /// Tells the pages that show this folder, `docs/` or empty for the root, that its content changed: once,
    /// however often it did before they could be told.
    pub fn changed(&self, folder: &str) {
        if self.state().change(folder) {
            self.wake();
        }
    }

    /// The folders that pages show now, each once.
    #[must_use]
    pub fn watched(&self) -> Vec<String> {
        self.state().watched().into_iter().collect()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes everybody who waits for news.
    pub(super) fn wake(&self) {
        self.0.news.send_replace(());
    }

    /// Tells the host, and those in the room if it is news to them.
    pub(super) fn tell(&self, event: Option<ChatEvent>) {
        if let Some(event) = event {
            self.wake();
            (self.0.on_event)(event);
        }
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room")
            .field("name", &self.0.options.name)
            .field("epoch", &self.0.epoch)
            .finish_non_exhaustive()
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
