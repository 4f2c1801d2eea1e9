//! A server on a thread of its own.

use std::thread::{Builder, JoinHandle};

use super::handler::Handler;
use super::options::Options;
use super::report::Report;
use super::serve;
use super::stop::Stop;
use crate::address::Address;
use crate::error::{Cause, Error, Result};
use crate::socket::Socket;

/// A server that was started; dropping it stops the server without waiting for its end.
///
/// # Examples
/// ```
/// use landline_socket::server::{self, Options, Reason};
/// use landline_socket::{Family, Kind, Protocol, ServerOptions, Socket, create_server};
///
/// let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
/// let udp = ServerOptions { kind: Kind::DGRAM, ..ServerOptions::default() };
/// let echo = server::reply(|data, reply| reply.send(data));
/// let running = server::start(create_server(&any_port, &udp)?, echo, &Options::default())?;
///
/// let client = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
/// client.connect(running.address())?;
/// client.send(b"ping")?;
/// assert_eq!(client.recv(&mut [0; 16])?, 4);
///
/// running.stop();
/// let report = running.join()?;
/// assert_eq!((report.reason, report.received_bytes), (Reason::Stopped, 4));
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Debug)]
pub struct Running {
    address: Address,
    stop: Stop,
    // Gone once joined.
    thread: Option<JoinHandle<Result<Report>>>,
}

/// Python's `serve_forever` in a thread: [`serve`] on a thread of its own, with a switch of its own.
///
/// # Errors
/// `EAGAIN` when there can be no more threads. What [`serve`] says is [`Running::join`]'s.
pub fn start<H: Handler>(listener: Socket, handler: H, options: &Options) -> Result<Running> {
    let address = listener.local_address()?;
    let stop = Stop::new();
    let (options, stop_there) = (options.clone(), stop.clone());
    let thread = Builder::new()
        .name("landline-server".to_owned())
        .spawn(move || serve(listener, handler, &options, &stop_there))
        .map_err(Error::from_io("start a thread"))?;
    Ok(Running {
        address,
        stop,
        thread: Some(thread),
    })
}

impl Running {
    /// Where it listens. Python's `server_address`.
    #[must_use]
    #[doc(alias = "server_address")]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Stops it, as [`Stop::stop`]; returns at once.
    #[doc(alias = "shutdown")]
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// Its switch, to be thrown from elsewhere.
    #[must_use]
    pub fn switch(&self) -> &Stop {
        &self.stop
    }

    /// Waits until it has ended: stopped by somebody, drained and closed.
    ///
    /// # Errors
    /// As [`serve`].
    pub fn join(mut self) -> Result<Report> {
        let ended = self.thread.take().map(JoinHandle::join);
        match ended {
            Some(Ok(outcome)) => outcome,
            // The handler's calls are guarded; this is what none of them did.
            _ => Err(Error::new("serve", Cause::Closed)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
    }
}
