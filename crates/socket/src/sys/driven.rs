//! A socket in the runtime's event loop.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use rustix::net::RecvFlags;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use tokio::io::{Interest, ReadBuf};

use crate::asynchronous::place::Place;
use crate::kind::{Family, Kind};
use crate::options::SocketOption;
use crate::socket::Socket;

/// A socket and, from its first wait on, its place in the runtime's event loop.
///
/// Late, because a connection that never waits never needs one; and because an unconnected TCP socket
/// that is registered counts as hung up for good.
#[derive(Debug)]
pub(crate) struct Driven {
    // Declared before the socket, so dropped before it.
    // In a box, so that a socket can move from hand to hand, and a future that holds one is small.
    registration: OnceLock<io::Result<Box<Registration>>>,
    // Invariant: never replaced and never lent but by shared reference, so it stays open while we live.
    socket: Socket,
}

/// A socket's place in the event loop.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) readiness: AsyncFd<RawFd>,
    // Datagrams end by themselves, and on a Unix stream bytes end where descriptors came with them.
    is_tcp: bool,
    is_ip_datagram: bool,
    // That nobody receives its datagrams is an error here (ICMP, RFC 1122 section 4.1.3.3), and makes nothing readable.
    has_peer_that_refuses: AtomicBool,
    reading: Place,
    writing: Place,
}

impl Registration {
    /// Says that the socket has a peer now.
    pub(crate) fn connected(&self) {
        self.has_peer_that_refuses
            .store(self.is_ip_datagram, Ordering::Relaxed);
    }

    /// Whether who waits for this waits for the refusals of its peer's host too.
    pub(crate) fn hears_refusals(&self, interest: Interest) -> bool {
        interest.is_readable() && self.has_peer_that_refuses.load(Ordering::Relaxed)
    }

    /// Whose the runtime's place for a single waiter is.
    pub(crate) fn place(&self, interest: Interest) -> &Place {
        if interest.is_readable() {
            &self.reading
        } else {
            &self.writing
        }
    }

    /// Waits in that place.
    pub(crate) fn poll_ready(
        &self,
        interest: Interest,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'_, RawFd>>> {
        if interest.is_readable() {
            self.readiness.poll_read_ready(context)
        } else {
            self.readiness.poll_write_ready(context)
        }
    }

    /// Whether a receive that does not fill its buffer has taken all there was. So it is on TCP, as long as
    /// the peer has sent nothing urgent, at which a receive stops.
    pub(crate) fn short_is_empty(&self) -> bool {
        let is_urgent = || {
            self.readiness
                .try_io(Interest::PRIORITY, |_| Ok(()))
                .is_ok()
        };
        self.is_tcp && !is_urgent()
    }
}

impl Driven {
    pub(crate) fn new(socket: Socket) -> Self {
        Self {
            registration: OnceLock::new(),
            socket,
        }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(crate) fn into_socket(self) -> Socket {
        let Self {
            registration,
            socket,
        } = self;
        drop(registration);
        socket
    }

    /// The registration, if there has been a wait.
    pub(crate) fn registered(&self) -> Option<&Registration> {
        self.registration.get()?.as_deref().ok()
    }

    /// The registration, made now if there is none.
    ///
    /// A failure stays: what the event loop refused once (no memory, no more watches) ends this socket.
    pub(crate) fn register(&self) -> io::Result<&Registration> {
        let registration = self.registration.get_or_init(|| {
            let family = self.socket.attempt_option(SocketOption::SO_DOMAIN)?;
            let kind = self.socket.attempt_option(SocketOption::SO_TYPE)?;
            let of_ip = Family::from_raw(family) != Family::UNIX;
            let is_stream = Kind::from_raw(kind) == Kind::STREAM;
            let is_ip_datagram = of_ip && Kind::from_raw(kind) == Kind::DGRAM;
            let has_peer = is_ip_datagram && self.socket.peer_address().is_ok();
            // SAFETY: the number is that of `self.socket`, which is open for as long as `self` lives and
            // is dropped, or given away, only after the registration; a plain number never changes.
            let readiness = unsafe {
                let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
                AsyncFd::register_with_interest(self.socket.as_raw_fd(), interest)
            }?;
            Ok(Box::new(Registration {
                readiness,
                is_tcp: of_ip && is_stream,
                is_ip_datagram,
                has_peer_that_refuses: has_peer.into(),
                reading: Place::default(),
                writing: Place::default(),
            }))
        });
        registration
            .as_deref()
            .map_err(|error| match error.raw_os_error() {
                Some(errno) => io::Error::from_raw_os_error(errno),
                None => error.kind().into(),
            })
    }
}

/// `recv(2)` into the unfilled part of a reader's buffer, without writing zeros to it first.
pub(crate) fn recv_into(descriptor: BorrowedFd<'_>, buffer: &mut ReadBuf<'_>) -> io::Result<usize> {
    // SAFETY: `recv` only ever writes initialised bytes there.
    let unfilled = unsafe { buffer.unfilled_mut() };
    let ((received, _), _) = rustix::net::recv(descriptor, unfilled, RecvFlags::empty())?;
    let received = received.len();
    // SAFETY: rustix gave these first bytes back as initialised.
    unsafe { buffer.assume_init(received) };
    buffer.advance(received);
    Ok(received)
}
