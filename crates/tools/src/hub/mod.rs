//! The tool behind `up`: one room with files and chat, for browsers, phones and plain `nc`.

mod page;
mod site;
mod watch;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use landline_socket::server::{Door, Limits, accept};
use landline_socket::{Address, AsyncSocket, Socket};
use landline_wire::name::RelativeName;
use landline_wire::size::Size;
use tokio::task::JoinSet;

use crate::base::root::Root;
use crate::base::{Key, Stop, cores, name_of};
use crate::chat::{self, ChatEvent, Room, RoomOptions, TextOptions};
use crate::http::{self, Hosts, Listing, Record, Refusal, Share};

use site::Site;
use watch::Watcher;

/// What a room is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// The room's name, shown to everybody.
    pub room: String,
    /// How many past messages a newcomer is shown.
    pub history: usize,
    /// Whether files may be added.
    pub writable: bool,
    /// What admits to the room; `None` admits everybody who reaches it.
    pub key: Option<Key>,
    /// Names that the page is asked for by.
    pub hosts: Hosts,
    /// What stands before a file's address in text chat, such as `http://127.0.0.1:8080`.
    pub origin: String,
    /// How many descriptors the process may have; what connections are limited by.
    pub descriptors: u64,
}

/// Bound and listening sockets, each served on every core.
#[derive(Debug, Default)]
pub struct Listeners {
    /// For the page and the files, by HTTP.
    pub page: Vec<Socket>,
    /// For the chat by text.
    pub chat: Vec<Socket>,
}

/// Something that happened, as it happens.
#[derive(Debug)]
pub enum Event<'e> {
    /// In the room.
    Chat(&'e ChatEvent),
    /// A file or folder has gone one way or the other, to its end.
    Transferred {
        /// Which way.
        direction: Direction,
        /// Who sent it, or has it now.
        peer: &'e Address,
        /// Its name beneath the shared folder, made printable; a folder's ends in a slash.
        path: &'e str,
        /// Bytes.
        size: u64,
        /// From the request's first byte.
        took: Duration,
    },
    /// A request was answered.
    Answered(&'e Record<'e>),
}

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a guest to the shared folder.
    Up,
    /// From the shared folder to a guest.
    Down,
}

/// Who is told of events.
pub(crate) type Sink = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests answered.
    pub requests: u64,
    /// Uploads that are whole.
    pub uploads: u64,
    /// Downloads that were sent whole.
    pub downloads: u64,
}

/// Counts what the report tells.
#[derive(Debug, Default)]
struct Tally {
    requests: AtomicU64,
    uploads: AtomicU64,
    downloads: AtomicU64,
}

/// Shares `root` and a room on `listeners` until `stop`; then everybody is told, and running
/// transfers get [`GRACE`].
///
/// # Errors
/// When an event loop cannot be made or a listener cannot be used.
pub fn run(
    root: Root,
    listeners: Listeners,
    options: Options,
    stop: &Stop,
    on_event: impl Fn(&Event<'_>) + Send + Sync + 'static,
) -> io::Result<Report> {
    let sink: Sink = Arc::new(on_event);
    let share = Arc::new(Share::new(root, options.writable));
    let room = open_room(&options, Arc::clone(&sink))?;
    let text = Arc::new(TextOptions {
        key: options.key.clone(),
        files: files_by_text(Arc::clone(&share), options.origin.clone()),
    });
    let door = Door::new(Limits::for_descriptors(options.descriptors));
    let site = Arc::new(Site::new(
        Arc::clone(&share),
        room.clone(),
        options,
        sink,
        stop.clone(),
    ));
    let work = |(core, listeners): (usize, Listeners)| {
        let core = Core {
            site: Arc::clone(&site),
            room: room.clone(),
            text: Arc::clone(&text),
            door: Arc::clone(&door),
            stop: stop.clone(),
            // One of them watches the folders on show for all.
            watch: (core == 0).then(|| Arc::clone(&share)),
        };
        core.serve(listeners)
    };
    let copies: io::Result<Vec<_>> = (0..cores::available())
        .map(|core| Ok((core, listeners.duplicate()?)))
        .collect();
    // The copies alone are left: when they are closed, nobody can call any more.
    drop(listeners);
    cores::on_each(copies?, stop, work)?;
    Ok(site.report())
}

impl Listeners {
    fn duplicate(&self) -> io::Result<Self> {
        let copies = |sockets: &[Socket]| -> io::Result<Vec<Socket>> {
            let copies = sockets.iter().map(Socket::duplicate);
            Ok(copies.collect::<landline_socket::Result<_>>()?)
        };
        Ok(Self {
            page: copies(&self.page)?,
            chat: copies(&self.chat)?,
        })
    }
}

/// What one event loop serves.
struct Core {
    site: Arc<Site>,
    room: Room,
    text: Arc<TextOptions>,
    door: Arc<Door>,
    stop: Stop,
    watch: Option<Arc<Share>>,
}

impl Core {
    async fn serve(self, listeners: Listeners) -> io::Result<()> {
        let mut loops: JoinSet<io::Result<()>> = JoinSet::new();
        for listener in listeners.page {
            let listener = AsyncSocket::from_socket(listener)?;
            let (site, door, stop) = (
                Arc::clone(&self.site),
                Arc::clone(&self.door),
                self.stop.clone(),
            );
            loops.spawn(async move {
                let limits = http::Limits::default();
                let serve = |socket, peer| {
                    let (site, stop) = (Arc::clone(&site), stop.clone());
                    async move { http::serve(socket, peer, &*site, &limits, &stop).await }
                };
                accept(listener, &door, &stop, GRACE, serve).await?;
                Ok(())
            });
        }
        for listener in listeners.chat {
            let listener = AsyncSocket::from_socket(listener)?;
            let (room, text) = (self.room.clone(), Arc::clone(&self.text));
            let (door, stop) = (Arc::clone(&self.door), self.stop.clone());
            loops.spawn(async move {
                let serve = |socket, peer: Address| {
                    let (room, text, stop) = (room.clone(), Arc::clone(&text), stop.clone());
                    async move { chat::serve_text(socket, &name_of(&peer), &room, &text, &stop).await }
                };
                accept(listener, &door, &stop, GRACE, serve).await?;
                Ok(())
            });
        }
        if let Some(share) = self.watch {
            let (room, stop) = (self.room, self.stop.clone());
            loops.spawn(async move {
                // Without a watch (too many on this machine) the page refreshes by hand.
                let _ = Watcher::run(share, room.clone(), room.watching_changed(), &stop).await;
                Ok(())
            });
        }
        let mut outcome = Ok(());
        while let Some(ended) = loops.join_next().await {
            // One that failed or panicked must not leave a room that nobody can enter, nor cut off those who
            // are inside: the others stop, and drain.
            if let Err(error) = ended.map_err(io::Error::other).flatten() {
                self.stop.stop();
                outcome = outcome.and(Err(error));
            }
        }
        outcome
    }
}

fn open_room(options: &Options, sink: Sink) -> io::Result<Room> {
    let room = RoomOptions {
        name: options.room.clone(),
        history: options.history,
        writable: options.writable,
        origin: options.origin.clone(),
        ..RoomOptions::default()
    };
    Room::new(room, move |event| sink(&Event::Chat(&event)))
}

/// What `/files` answers: the shared folder's files, each with its address.
fn files_by_text(share: Arc<Share>, origin: String) -> chat::Files {
    Box::new(move || {
        let (share, origin) = (Arc::clone(&share), origin.clone());
        Box::pin(async move {
            match list(&share).await {
                Ok(listing) => file_lines(&listing, &origin),
                Err(_) => vec!["the files cannot be listed now".to_owned()],
            }
        })
    })
}

async fn list(share: &Share) -> Result<Listing, Refusal> {
    let root = share.folder(&RelativeName::root())?;
    share.list(root, FILES_READ).await
}

fn file_lines(listing: &Listing, origin: &str) -> Vec<String> {
    let mut files: Vec<_> = listing.lines().iter().collect();
    files.sort_by_cached_key(|file| (file.size.is_some(), file.name.to_lowercase()));
    let lines = files.iter().take(FILE_LINES).map(|file| {
        let (name, href) = (&file.name, &file.href);
        match file.size {
            Some(size) => format!("{name} ({}) {origin}/{href}", Size(size)),
            None => format!("{name}/ {origin}/{href}"),
        }
    });
    let mut lines: Vec<String> = lines.collect();
    if files.len() > FILE_LINES || listing.is_cut() {
        lines.push(format!("and more at {origin}/"));
    } else if lines.is_empty() {
        lines.push("there are no files yet".to_owned());
    }
    lines
}

impl Tally {
    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn report(&self) -> Report {
        Report {
            requests: self.requests.load(Ordering::Relaxed),
            uploads: self.uploads.load(Ordering::Relaxed),
            downloads: self.downloads.load(Ordering::Relaxed),
        }
    }
}

/// What running transfers get once the room closes.
pub const GRACE: Duration = Duration::from_secs(5);
/// More lines than a terminal has would push the chat away.
const FILE_LINES: usize = 100;
/// Of a larger folder, `/files` sorts what the file system has first.
const FILES_READ: usize = 10_000;
