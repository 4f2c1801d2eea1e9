//! Folders on show, watched: whatever changes one is seen by everybody who looks at it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use inotify::{Event, EventMask, Inotify, WatchDescriptor, WatchMask, Watches};
use landline_wire::name::RelativeName;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::base::Stop;
use crate::chat::Room;
use crate::http::Share;

/// Watches the folders that somebody is looking at, by `inotify(7)`.
pub(super) struct Watcher {
    share: Arc<Share>,
    room: Room,
    watches: Watches,
    /// Every folder on show; two names of one folder have the same watch, and one that is not there
    /// (any more, or yet) has none.
    folders: BTreeMap<String, Option<WatchDescriptor>>,
    changed: BTreeSet<String>,
    /// When what has changed is told.
    tell_at: Option<Instant>,
}

impl Watcher {
    /// Tells `room` of every change in a folder on show, until `stop`; `shown` is notified when
    /// somebody looks at another folder.
    pub(super) async fn run(
        share: Arc<Share>,
        room: Room,
        shown: &Notify,
        stop: &Stop,
    ) -> io::Result<()> {
        let mut events = Inotify::init()?.into_event_stream([0; 4096])?;
        let mut watcher = Self {
            share,
            room,
            watches: events.watches(),
            folders: BTreeMap::new(),
            changed: BTreeSet::new(),
            tell_at: None,
        };
        let mut look_again = tokio::time::interval(LOOK_AGAIN);
        loop {
            let tell_at = watcher.tell_at.unwrap_or_else(Instant::now);
            tokio::select! {
                () = stop.stopped() => return Ok(()),
                () = shown.notified() => watcher.follow(),
                Some(event) = events.next() => watcher.note(&event?),
                () = tokio::time::sleep_until(tell_at), if watcher.tell_at.is_some() => watcher.tell(),
                _ = look_again.tick(), if watcher.misses_one() => watcher.look_again(),
            }
        }
    }

    /// Watches what is on show now, and nothing else.
    fn follow(&mut self) {
        let shown: BTreeSet<String> = self.room.watched().into_iter().take(WATCHES).collect();
        let before = std::mem::take(&mut self.folders);
        for folder in shown {
            let watch = match before.get(&folder) {
                Some(Some(watch)) => Some(watch.clone()),
                _ => {
                    // What changed after the folder was read and before this was not seen.
                    self.mark(folder.clone());
                    self.add(&folder)
                }
            };
            self.folders.insert(folder, watch);
        }
        for watch in before.into_values().flatten() {
            if !self.folders.values().flatten().any(|kept| *kept == watch) {
                // It may have ended by itself, with the folder.
                let _ = self.watches.remove(watch);
            }
        }
    }

    fn note(&mut self, event: &Event<OsString>) {
        if event.mask.contains(EventMask::Q_OVERFLOW) {
            // What was lost could have been anywhere.
            let all: Vec<String> = self.folders.keys().cloned().collect();
            all.into_iter().for_each(|folder| self.mark(folder));
            return;
        }
        // Our own unfinished uploads, and what is hidden, are no change to who looks.
        let name = event.name.as_ref();
        if name.is_some_and(|name| name.as_bytes().starts_with(b".")) {
            return;
        }
        let is_gone = event
            .mask
            .intersects(EventMask::IGNORED | EventMask::MOVE_SELF);
        if event.mask.contains(EventMask::MOVE_SELF) {
            let _ = self.watches.remove(event.wd.clone());
        }
        let mut seen = Vec::new();
        for (folder, watch) in &mut self.folders {
            if watch.as_ref() == Some(&event.wd) {
                seen.push(folder.clone());
                if is_gone {
                    *watch = None;
                }
            }
        }
        seen.into_iter().for_each(|folder| self.mark(folder));
    }

    /// A folder changed: told soon, with all that changes until then. A copy of a thousand files is
    /// a few changes to who looks on, and one that takes an hour is seen growing.
    fn mark(&mut self, folder: String) {
        self.changed.insert(folder);
        self.tell_at
            .get_or_insert_with(|| Instant::now() + GATHERED);
    }

    fn tell(&mut self) {
        self.tell_at = None;
        for folder in std::mem::take(&mut self.changed) {
            self.room.changed(&folder);
        }
    }

    fn misses_one(&self) -> bool {
        self.folders.values().any(Option::is_none)
    }

    /// A folder that was not there may be there now: made again, or moved to where it is looked for.
    fn look_again(&mut self) {
        let missing = self.folders.iter().filter(|(_, watch)| watch.is_none());
        let missing: Vec<String> = missing.map(|(folder, _)| folder.clone()).collect();
        for folder in missing {
            if let Some(watch) = self.add(&folder) {
                self.folders.insert(folder.clone(), Some(watch));
                self.mark(folder);
            }
        }
    }

    fn add(&mut self, folder: &str) -> Option<WatchDescriptor> {
        let name = RelativeName::parse(folder.as_bytes()).ok()?;
        let folder = self.share.folder(&name).ok()?;
        let changes = WatchMask::CREATE
            | WatchMask::MOVED_TO
            | WatchMask::MOVED_FROM
            | WatchMask::DELETE
            | WatchMask::CLOSE_WRITE
            | WatchMask::MOVE_SELF
            | WatchMask::ONLYDIR;
        self.watches.add(folder.kernel_path(), changes).ok()
    }
}

/// How long changes are gathered before they are told.
const GATHERED: Duration = Duration::from_millis(150);
/// How often a folder that is on show and not there is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How many folders are watched at once; further ones are still listed.
const WATCHES: usize = 256;
