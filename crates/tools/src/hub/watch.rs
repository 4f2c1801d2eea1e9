//! Folders on show, watched: whatever changes one is seen by everybody who looks at it.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use inotify::{Inotify, WatchDescriptor, WatchMask, Watches};
use landline_wire::name::RelativeName;
use tokio::sync::Notify;

use crate::base::Stop;
use crate::chat::Room;
use crate::http::Share;

/// Watches the folders that somebody is looking at, by `inotify(7)`.
pub(super) struct Watcher {
    share: Arc<Share>,
    room: Room,
    watches: Watches,
    folders: HashMap<WatchDescriptor, String>,
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
        let mut changes = Inotify::init()?.into_event_stream([0; 4096])?;
        let mut watcher = Self {
            share,
            room,
            watches: changes.watches(),
            folders: HashMap::new(),
        };
        let mut changed = BTreeSet::new();
        loop {
            tokio::select! {
                () = stop.stopped() => return Ok(()),
                () = shown.notified() => watcher.follow(),
                Some(change) = changes.next() => {
                    let change = change?;
                    // Our own unfinished uploads, and what is hidden, are no change to who looks.
                    let is_hidden = change.name.is_some_and(|name| name.as_bytes().starts_with(b"."));
                    if !is_hidden && let Some(folder) = watcher.folders.get(&change.wd) {
                        changed.insert(folder.clone());
                    }
                }
                // A copy of a thousand files is one change to who looks at the folder.
                () = tokio::time::sleep(QUIET), if !changed.is_empty() => {
                    for folder in std::mem::take(&mut changed) {
                        watcher.room.changed(&folder);
                    }
                }
            }
        }
    }

    /// Watches what is on show now, and nothing else.
    fn follow(&mut self) {
        let mut wanted: BTreeSet<String> = self.room.watched().into_iter().take(WATCHES).collect();
        let watches = &mut self.watches;
        self.folders.retain(|watch, folder| {
            let is_wanted = wanted.remove(folder);
            if !is_wanted {
                // It may have ended by itself, with the folder.
                let _ = watches.remove(watch.clone());
            }
            is_wanted
        });
        for folder in wanted {
            // What cannot be watched is still listed; it just does not refresh by itself.
            if let Some(watch) = self.add(&folder) {
                self.folders.insert(watch, folder);
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
            | WatchMask::ONLYDIR;
        self.watches.add(folder.kernel_path(), changes).ok()
    }
}

/// How long a folder must be left alone before its change is told.
const QUIET: Duration = Duration::from_millis(150);
/// How many folders are watched at once; further ones are still listed.
const WATCHES: usize = 256;
