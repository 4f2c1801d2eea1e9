//! Folders on show, watched: whatever changes one is seen by everybody who looks at it.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use landline_wire::name::RelativeName;
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use crate::base::Stop;
use crate::chat::Room;
use crate::http::Share;

/// Watches the folders that somebody is looking at, by `inotify(7)`.
pub(super) struct Watcher {
    share: Arc<Share>,
    inotify: OwnedFd,
    shown: Arc<Notify>,
    watches: Mutex<HashMap<i32, String>>,
}

impl Watcher {
    /// A watcher, and what to notify when somebody looks at another folder.
    pub(super) fn new(share: Arc<Share>) -> io::Result<(Arc<Self>, Arc<Notify>)> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let shown = Arc::new(Notify::new());
        let watcher = Self { share, inotify, shown: Arc::clone(&shown), watches: Mutex::default() };
        Ok((Arc::new(watcher), shown))
    }

    /// Tells the room of every change until `stop`.
    pub(super) async fn watch(&self, room: &Room, stop: &Stop) {
        let Ok(arriving) = AsyncFd::register(self.inotify.as_fd()) else { return };
        let mut changed = BTreeSet::new();
        loop {
            tokio::select! {
                () = stop.stopped() => return,
                () = self.shown.notified() => self.follow(room),
                ready = arriving.readable() => {
                    let Ok(mut ready) = ready else { return };
                    self.collect(&mut changed);
                    ready.clear_ready();
                }
                // A copy of a thousand files is one change to who looks at the folder.
                () = tokio::time::sleep(QUIET), if !changed.is_empty() => {
                    for folder in std::mem::take(&mut changed) {
                        room.changed(&folder);
                    }
                }
            }
        }
    }

    /// Watches what is on show now, and nothing else.
    fn follow(&self, room: &Room) {
        let wanted: BTreeSet<String> = room.watched().into_iter().take(WATCHES).collect();
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.retain(|&watch, folder| {
            let keep = wanted.contains(folder);
            if !keep {
                // It may have ended by itself, with the folder.
                let _ = inotify::remove_watch(&self.inotify, watch);
            }
            keep
        });
        for folder in wanted {
            if watches.values().any(|watched| *watched == folder) {
                continue;
            }
            // What cannot be watched is still listed; it just does not refresh by itself.
            if let Some(watch) = self.add(&folder) {
                watches.insert(watch, folder);
            }
        }
    }

    fn add(&self, folder: &str) -> Option<i32> {
        let name = RelativeName::parse(folder.as_bytes()).ok()?;
        let folder = self.share.folder(&name).ok()?;
        let changes = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ONLYDIR;
        inotify::add_watch(&self.inotify, folder.kernel_path(), changes).ok()
    }

    fn collect(&self, changed: &mut BTreeSet<String>) {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.inotify, &mut buffer);
        let watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(event) = reader.next() {
            // Our own unfinished uploads, and what is hidden, are no change to who looks.
            let is_hidden = event.file_name().is_some_and(|name| name.to_bytes().starts_with(b"."));
            if !is_hidden && let Some(folder) = watches.get(&event.wd()) {
                changed.insert(folder.clone());
            }
        }
    }
}

/// How long a folder must be left alone before its change is told.
const QUIET: Duration = Duration::from_millis(150);
/// How many folders are watched at once; further ones are still listed.
const WATCHES: usize = 256;
