//! Python's `selectors`: which of many descriptors are ready, on `epoll(7)`.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::BitOr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;

use rustix::event::epoll;
use rustix::io::Errno;

use crate::bell::Bell;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Result};
use crate::sys;
use crate::wait::epoll_any;

/// What a descriptor is watched for, or is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interest {
    readable: bool,
    writable: bool,
}

impl Interest {
    /// Python's `EVENT_READ`: a receive or an accept would not wait. So it is at the end of a stream, and for an error.
    #[doc(alias = "EVENT_READ")]
    pub const READABLE: Self = Self {
        readable: true,
        writable: false,
    };
    /// Python's `EVENT_WRITE`: a send would not wait, a connect is over. So it is for an error, too.
    #[doc(alias = "EVENT_WRITE")]
    pub const WRITABLE: Self = Self {
        readable: false,
        writable: true,
    };

    /// Whether it includes [`Interest::READABLE`].
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.readable
    }

    /// Whether it includes [`Interest::WRITABLE`].
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.writable
    }

    fn flags(self) -> epoll::EventFlags {
        let mut flags = epoll::EventFlags::empty();
        flags.set(epoll::EventFlags::IN, self.readable);
        flags.set(epoll::EventFlags::OUT, self.writable);
        flags
    }

    /// As Python reads them: whatever is not about the other direction alone, errors and hang-ups, is
    /// readiness too, of what was asked for.
    fn ready(self, flags: epoll::EventFlags) -> Self {
        Self {
            readable: self.readable && flags != epoll::EventFlags::OUT,
            writable: self.writable && flags != epoll::EventFlags::IN,
        }
    }
}

/// Both.
impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            readable: self.readable || other.readable,
            writable: self.writable || other.writable,
        }
    }
}

/// A registration with a [`Selector`]. No two have the same, not even one after the other on one descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[doc(alias = "SelectorKey")]
pub struct Key(u64);

/// The key by which epoll knows the wake-up; registrations count from 1.
const WAKE: u64 = 0;

/// Python's `SelectorKey`, without the object: what is known of a registration.
#[derive(Debug)]
#[doc(alias = "SelectorKey")]
pub struct Registration<D> {
    /// The number of the descriptor at the time. Whoever closed it before removing it may have reused it.
    pub descriptor: RawFd,
    /// What it is watched for.
    pub interest: Interest,
    /// What was registered with it.
    pub data: D,
}

/// A descriptor that is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which; [`Selector::get`] has its data.
    pub key: Key,
    /// For what: a part of what it is watched for.
    pub ready: Interest,
}

/// Python's `DefaultSelector`: watches descriptors, and waits until some are ready.
///
/// Level-triggered, as in Python: what is ready and left alone is reported again. A selector keeps no
/// descriptor open, and is told of none that is closed; whoever gets its number next is another, whose events
/// never carry the first one's data. Only where a duplicate of a closed one lives on does the kernel, in Python
/// too, go on to report it, until it is [unregistered](Selector::unregister).
///
/// ```
/// use std::time::Duration;
/// use landline_socket::{Family, Interest, Kind, Protocol, Selector, Socket};
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// let mut selector = Selector::new()?;
/// let key = selector.register(&one, Interest::READABLE, "the first")?;
/// other.send(b"x")?;
///
/// let mut events = Vec::new();
/// selector.wait(&mut events, Duration::from_secs(5))?;
/// assert_eq!(events[0].key, key);
/// assert_eq!(selector.get(key).unwrap().data, "the first");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "DefaultSelector")]
#[doc(alias = "EpollSelector")]
#[doc(alias = "PollSelector")]
#[doc(alias = "SelectSelector")]
#[doc(alias = "BaseSelector")]
pub struct Selector<D> {
    epoll: OwnedFd,
    waker: Waker,
    registrations: HashMap<Key, Registration<D>, BuildHasherDefault<KeyHasher>>,
    // The last that was registered under each number.
    keys: HashMap<RawFd, Key>,
    last: u64,
    reported: sys::Events,
}

/// How many events one wait reports at most; the others come with the next.
const EVENTS_MAX: usize = 256;

/// Spreads keys well enough, and fast: they count up, and nobody else chooses them.
#[derive(Clone, Copy, Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        // Knuth's, by the golden ratio.
        self.0 = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<D> Selector<D> {
    /// `epoll_create1(2)`: a selector that watches nothing.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE` when out of descriptors (it takes two), `ENOMEM`.
    pub fn new() -> Result<Self> {
        let failed = |errno: Errno| Error::new("create a selector", errno.into());
        let waker = Waker(Arc::new(Bell::new()?));
        Ok(Self {
            epoll: watching(&waker).map_err(failed)?,
            waker,
            registrations: HashMap::default(),
            keys: HashMap::new(),
            last: WAKE,
            reported: sys::Events::new(EVENTS_MAX),
        })
    }

    /// Python's `register`, `epoll_ctl(2)` with `EPOLL_CTL_ADD`: starts to watch a descriptor: a socket, a pipe, a terminal.
    ///
    /// # Errors
    /// `EEXIST` for one that is registered (Python: `KeyError`), `EPERM` for a file or a folder, which are
    /// always ready, `ENOSPC` at the limit of `/proc/sys/fs/epoll/max_user_watches`.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Interest, Kind, Protocol, Selector, Socket};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let mut selector = Selector::new()?;
    /// let key = selector.register(&one, Interest::READABLE | Interest::WRITABLE, 7)?;
    /// assert_eq!(selector.get(key).unwrap().data, 7);
    /// assert!(selector.register(&one, Interest::READABLE, 8).is_err());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn register(&mut self, descriptor: impl AsFd, interest: Interest, data: D) -> Result<Key> {
        let key = Key(self.last + 1);
        let number = descriptor.as_fd().as_raw_fd();
        // The kernel tells a file from the one that had its number before, and is asked, not the map.
        sys::epoll_add(&self.epoll, number, event(key, interest))
            .map_err(|errno| Error::new("register a descriptor", errno.into()))?;
        self.last = key.0;
        if let Some(closed) = self.keys.insert(number, key) {
            self.registrations.remove(&closed);
        }
        let registration = Registration {
            descriptor: number,
            interest,
            data,
        };
        self.registrations.insert(key, registration);
        Ok(key)
    }

    /// Python's `modify`, `EPOLL_CTL_MOD`: changes what a descriptor is watched for. Its data are changed by [`Selector::get_mut`].
    ///
    /// # Errors
    /// [`Cause::Invalid`] for what is not registered (Python: `KeyError`); `EBADF` or `ENOENT` if the descriptor has been closed.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Interest, Kind, Protocol, Selector, Socket, Timeout};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let mut selector = Selector::new()?;
    /// let key = selector.register(&one, Interest::READABLE, ())?;
    /// selector.modify(key, Interest::WRITABLE)?;
    /// let mut events = Vec::new();
    /// selector.wait(&mut events, Timeout::Zero)?;
    /// assert!(events[0].ready.is_writable());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn modify(&mut self, key: Key, interest: Interest) -> Result<()> {
        let failed = |cause| Error::new("modify a registration", cause);
        let registration = self.registrations.get_mut(&key);
        let registration = registration.ok_or_else(|| failed(NOT_REGISTERED))?;
        sys::epoll_modify(&self.epoll, registration.descriptor, event(key, interest))
            .map_err(|errno| failed(errno.into()))?;
        registration.interest = interest;
        Ok(())
    }

    /// Python's `unregister`, `EPOLL_CTL_DEL`: stops watching a descriptor, closed or not, and gives back what was registered with it.
    ///
    /// # Errors
    /// [`Cause::Invalid`] for what is not registered (Python: `KeyError`).
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Interest, Kind, Protocol, Selector, Socket};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let mut selector = Selector::new()?;
    /// let key = selector.register(&one, Interest::READABLE, "the first")?;
    /// assert_eq!(selector.unregister(key)?.data, "the first");
    /// assert!(selector.unregister(key).is_err());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn unregister(&mut self, key: Key) -> Result<Registration<D>> {
        let registration = self
            .registrations
            .remove(&key)
            .ok_or_else(|| Error::new("unregister a descriptor", NOT_REGISTERED))?;
        self.keys.remove(&registration.descriptor);
        // One that was closed is gone from there already; and under its number the kernel finds no other's.
        let _ = sys::epoll_delete(&self.epoll, registration.descriptor);
        Ok(registration)
    }

    /// Python's `get_key`: what was registered.
    #[must_use]
    #[doc(alias = "get_key")]
    pub fn get(&self, key: Key) -> Option<&Registration<D>> {
        self.registrations.get(&key)
    }

    /// Python's `modify` of the data alone: the data of a registration, to change them.
    #[must_use]
    pub fn get_mut(&mut self, key: Key) -> Option<&mut D> {
        self.registrations
            .get_mut(&key)
            .map(|registration| &mut registration.data)
    }

    /// Python's `get_key` of a file: the key of a descriptor that is registered; `None` for one that only has the number of another.
    #[must_use]
    #[doc(alias = "get_key")]
    pub fn key_of(&self, descriptor: impl AsFd) -> Option<Key> {
        let number = descriptor.as_fd().as_raw_fd();
        let key = *self.keys.get(&number)?;
        self.is_open(key).then_some(key)
    }

    /// Python's `get_map`: every registration, in no order.
    #[doc(alias = "get_map")]
    pub fn registrations(&self) -> impl Iterator<Item = (Key, &Registration<D>)> {
        self.registrations
            .iter()
            .map(|(key, registration)| (*key, registration))
    }

    /// Python's `select`, `epoll_wait(2)`: waits until something is ready, or a [`Waker`] wakes it, or the timeout passes: `None` or [`Timeout::Never`] waits without end, zero
    /// only looks. `events` then holds what is ready, and nothing else; `true` means that it was woken.
    ///
    /// # Errors
    /// None that Linux documents, but `EMFILE` or `ENOMEM` where a descriptor was closed before it was
    /// removed while a duplicate lives on, which takes a new `epoll` to forget.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use landline_socket::{Family, Interest, Kind, Protocol, Selector, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let mut selector = Selector::new()?;
    /// let key = selector.register(&one, Interest::READABLE, ())?;
    /// let mut events = Vec::new();
    /// selector.wait(&mut events, Duration::from_millis(20))?;
    /// assert!(events.is_empty());
    ///
    /// other.send(b"x")?;
    /// selector.wait(&mut events, Duration::from_secs(5))?;
    /// assert_eq!((events[0].key, events[0].ready), (key, Interest::READABLE));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "select")]
    pub fn wait(&mut self, events: &mut Vec<Event>, timeout: impl Into<Timeout>) -> Result<bool> {
        let failed = |cause| Error::new("wait", cause);
        let deadline = Deadline::after(timeout);
        events.clear();
        loop {
            match epoll_any(self.epoll.as_fd(), &mut self.reported.0, deadline) {
                Ok(_) => {}
                Err(Cause::TimedOut) => return Ok(false),
                Err(cause) => return Err(failed(cause)),
            }
            let (mut is_woken, mut has_forgotten) = (false, false);
            for reported in &self.reported.0 {
                let (token, flags) = (reported.data.u64(), reported.flags);
                match self.registrations.get(&Key(token)) {
                    Some(registration) => events.push(Event {
                        key: Key(token),
                        ready: registration.interest.ready(flags),
                    }),
                    None if token == WAKE => is_woken = true,
                    None => has_forgotten = true,
                }
            }
            if is_woken {
                self.waker.rest();
            }
            if has_forgotten {
                self.renew().map_err(|errno| failed(errno.into()))?;
            }
            if is_woken || !events.is_empty() {
                return Ok(is_woken);
            }
        }
    }

    /// What wakes this selector from any thread.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Python's `close`, `close(2)`: what dropping does, with its error.
    ///
    /// # Errors
    /// None that Linux documents.
    pub fn close(self) -> Result<()> {
        sys::close(self.epoll).map_err(Error::from_io("close"))
    }

    /// Whether the registered descriptor is still open: under its number the kernel knows no other.
    fn is_open(&self, key: Key) -> bool {
        self.registrations.get(&key).is_some_and(|registration| {
            let same = event(key, registration.interest);
            sys::epoll_modify(&self.epoll, registration.descriptor, same).is_ok()
        })
    }

    /// Starts over with what is still open. A file that was registered by a descriptor that is closed, and
    /// lives on by a duplicate, cannot be taken out of an `epoll`: it would end every wait at once.
    fn renew(&mut self) -> Result<(), Errno> {
        let renewed = watching(&self.waker)?;
        for (key, registration) in &self.registrations {
            if self.is_open(*key) {
                let same = event(*key, registration.interest);
                sys::epoll_add(&renewed, registration.descriptor, same)?;
            }
        }
        self.epoll = renewed;
        Ok(())
    }
}

const NOT_REGISTERED: Cause = Cause::Invalid("it is not registered");

/// A new `epoll` that watches for wake-ups.
fn watching(waker: &Waker) -> Result<OwnedFd, Errno> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    sys::epoll_add(
        &epoll,
        waker.0.as_fd().as_raw_fd(),
        event(Key(WAKE), Interest::READABLE),
    )?;
    Ok(epoll)
}

/// As epoll wants it: what to watch for, and what to say of it.
fn event(key: Key, interest: Interest) -> libc::epoll_event {
    libc::epoll_event {
        events: interest.flags().bits(),
        u64: key.0,
    }
}

/// Wakes a [`Selector`] from another thread. Many wakes before the next wait are one.
///
/// ```
/// use landline_socket::{Selector, Timeout};
///
/// let mut selector = Selector::<()>::new()?;
/// let waker = selector.waker();
/// let other = std::thread::spawn(move || waker.wake());
/// assert!(selector.wait(&mut Vec::new(), Timeout::Never)?);
/// other.join().unwrap();
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Waker(Arc<Bell>);

impl Waker {
    /// Ends the wait that goes on, or else the next one at once. It never waits, and is safe where the selector is gone.
    pub fn wake(&self) {
        self.0.ring();
    }

    /// Forgets the wakes so far.
    fn rest(&self) {
        self.0.hush();
    }
}
