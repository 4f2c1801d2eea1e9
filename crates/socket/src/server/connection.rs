//! One accepted connection on a thread of its own: for handlers that block, and for those of events.

use std::ops::Deref;
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::exchange::{BUFFER_BYTES, Channel, Exchange, LINGER, with_buffer};
use super::handler::{End, Handler};
use super::intake::first_of;
use super::service::Service;
use super::stop::Stop;
use crate::address::Address;
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Result};
use crate::kind::Shutdown;
use crate::socket::Socket;
use crate::wait::poll_any;

/// A connection as a handler that blocks sees it: the [`Socket`], with its peer and the server's switch.
///
/// Its timeout is [`Options::idle`](super::Options::idle), so no call waits for longer.
///
/// # Examples
/// A chat: what one says, all are sent.
/// ```
/// use std::sync::Mutex;
/// use landline_socket::server::{Connection, Options, Stop, serve_connections};
/// use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
///
/// let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let listener = create_server(&any_port, &ServerOptions::default())?;
/// let (address, stop) = (listener.local_address()?, Stop::new());
///
/// let everybody = Mutex::new(Vec::<Socket>::new());
/// let chat = move |connection: &Connection| {
///     everybody.lock().unwrap().push(connection.duplicate()?);
///     connection.send_all(b"hello")?;
///     let mut said = [0; 1024];
///     loop {
///         let received = connection.recv(&mut said)?;
///         if received == 0 {
///             return Ok(());
///         }
///         // Who has left fails, and is kept no longer; who does not read holds the others up for `idle`.
///         let mut everybody = everybody.lock().unwrap();
///         everybody.retain(|other| other.send_all(&said[..received]).is_ok());
///     }
/// };
/// let stop_there = stop.clone();
/// let serving =
///     std::thread::spawn(move || serve_connections(listener, chat, &Options::default(), &stop_there));
///
/// let mut buffer = [0; 5];
/// let clients = [(); 2].map(|()| Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT));
/// let [one, other] = clients;
/// let (one, other) = (one?, other?);
/// for client in [&one, &other] {
///     client.connect(&address)?;
///     client.recv(&mut buffer)?;
/// }
/// one.send_all(b"there")?;
/// other.recv(&mut buffer)?;
/// assert_eq!(&buffer, b"there");
/// drop((one, other));
///
/// stop.stop();
/// assert_eq!(serving.join().unwrap()?.accepted, 2);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "request")]
pub struct Connection {
    socket: Socket,
    peer: Address,
    stop: Stop,
    // Why the server has ended it, set before the handler can feel it.
    cut: OnceLock<End>,
}

impl Connection {
    pub(super) fn new(socket: Socket, peer: Address, stop: Stop) -> Self {
        Self {
            socket,
            peer,
            stop,
            cut: OnceLock::new(),
        }
    }

    /// The other end's address. Python's `client_address`.
    #[must_use]
    #[doc(alias = "client_address")]
    pub fn peer(&self) -> &Address {
        &self.peer
    }

    /// The server's switch: to look at between two steps, or to throw.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Ends it under its handler: what waits for the peer gets the end of the stream.
    pub(super) fn cut(&self, end: End) {
        let _ = self.cut.set(end);
        // It may have ended by itself.
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Serves it with a handler of events, until it is over.
    pub(super) fn exchange<H: Handler>(&self, service: &Arc<Service<H>>) {
        let Some(mut exchange) = Exchange::open(service, &self.peer) else {
            return;
        };
        let end = loop {
            if let Some(end) = exchange.turn(self) {
                break end;
            }
            let event = PollFd::from_borrowed_fd(self.socket.as_fd(), exchange.interest());
            match poll_any(&mut [event], first_of([exchange.deadline()])) {
                // Also when it is ready: a peer that never pauses always is.
                Ok(_) | Err(Cause::TimedOut) => {
                    if let Some(end) = exchange.overdue(Instant::now()) {
                        break end;
                    }
                }
                Err(cause) => break End::Failed(Error::new("wait", cause)),
            }
        };
        exchange.end(self.cut.get().unwrap_or(&end));
    }

    /// Serves it with a handler that blocks.
    pub(super) fn converse<F>(&self, service: &Arc<Service<F>>)
    where
        F: Fn(&Connection) -> Result<()>,
    {
        let end = match service.guard(|handler| handler(self)) {
            Ok(Ok(())) => End::Closed,
            Ok(Err(error)) => End::Failed(error),
            Err(panicked) => panicked,
        };
        if self.cut.get().is_some() {
            // A peer with more to send than was read would wait for a minute after a mere end. A socket that
            // has no linger resets nothing either.
            let _ = self.socket.set_linger(Some(Duration::ZERO));
        } else if end == End::Closed {
            self.linger();
        }
        let end = match self.cut.get() {
            // The server is its cause, whatever the handler made of it.
            Some(cut) if matches!(end, End::Failed(_)) => cut,
            _ => &end,
        };
        service.tally.ended(end);
    }

    /// Ends our side, and listens until the peer knows: closing while it sends would cost it our last words.
    fn linger(&self) {
        let patient = self
            .socket
            .shutdown(Shutdown::Write)
            .and_then(|()| self.socket.set_timeout(Timeout::Zero));
        if patient.is_err() {
            return;
        }
        let end = Instant::now() + LINGER;
        // By the clock: a peer that never pauses is ready whenever one waits for it.
        while Instant::now() < end {
            match with_buffer(BUFFER_BYTES, |buffer| self.socket.recv(buffer)) {
                Ok(1..) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => return,
            }
            let event = PollFd::from_borrowed_fd(self.socket.as_fd(), PollFlags::IN);
            if poll_any(&mut [event], first_of([Some(end)])).is_err() {
                return;
            }
        }
    }
}

impl Deref for Connection {
    type Target = Socket;

    fn deref(&self) -> &Socket {
        &self.socket
    }
}

/// One that was cut fails, so that its handler does not take the server's end for the peer's.
impl Channel for Connection {
    fn try_recv(&self, buffer: &mut [u8]) -> Result<usize> {
        let closed = || Error::new("receive", Cause::Closed);
        // What a cut one still sent is left unread: emptied and closed, the kernel would let a peer with more
        // to send wait for a minute instead of resetting it.
        if self.cut.get().is_some() {
            return Err(closed());
        }
        let received = self.socket.recv(buffer)?;
        if received == 0 && self.cut.get().is_some() {
            return Err(closed());
        }
        Ok(received)
    }

    fn try_send(&self, data: &[u8]) -> Result<usize> {
        self.socket.send(data)
    }

    fn socket(&self) -> &Socket {
        &self.socket
    }
}
