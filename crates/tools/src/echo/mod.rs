//! An echo server, and what else a first server does: greet and close, answer in capitals, reply by a template.
//!
//! # What one message is
//! On a stream, what came at once: as a first script's `recv` has it, so a peer that sends no newline is answered too. A newline at
//! its end (LF or CRLF) is not part of `{data}`, and stands at the end of the reply again: who talks in lines is answered in lines.
//! Messages that a peer sends faster than they are taken stick together. `{count}` counts them for each connection.
//!
//! A datagram is a message; `{count}` counts those of all senders.
//!
//! # UDP
//! Anybody can put any sender on a datagram, so an echo is never more than was sent, whatever it would say (the rest is
//! cut off), and some senders are not answered at all: see [`Silence`].

mod answer;
mod connection;
mod datagram;
mod event;
mod template;

use landline_socket::server::{self, Limits, Model, Report};
use landline_socket::{Kind, Result, Socket};

pub use answer::Behaviour;
pub use event::{Event, Silence};
pub use template::{Template, TemplateError};

use crate::base::Stop;
use answer::Answering;
use connection::Connections;
use datagram::Datagrams;

/// What kind of echo it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What is answered.
    pub behaviour: Behaviour,
    /// Whether a connection is closed after its first answer; a datagram has none.
    pub close: bool,
    /// How many are served at a time, and by what.
    pub model: Model,
    /// How many descriptors the process may have; what connections are limited by.
    pub descriptors: u64,
}

/// Serves whoever comes until `stop`: connections, or datagrams, as the socket has it.
///
/// `on_event` is told from the threads that serve, and holds them up for as long as it takes.
///
/// # Errors
/// As [`server::serve`].
pub fn run<F>(listener: Socket, options: Options, stop: &Stop, on_event: F) -> Result<Report>
where
    F: Fn(&Event<'_>) + Send + Sync + 'static,
{
    let serving = server::Options {
        model: options.model,
        limits: Limits::for_descriptors(options.descriptors),
        grace: GRACE,
        datagram_bytes: DATAGRAM_BYTES,
        ..server::Options::default()
    };
    let answering = Answering {
        behaviour: options.behaviour,
        on_event,
    };
    if listener.kind()? == Kind::DGRAM {
        let handler = Datagrams::new(answering, &listener.local_address()?);
        server::serve(listener, handler, &serving, stop)
    } else {
        let handler = Connections::new(answering, options.close);
        server::serve(listener, handler, &serving, stop)
    }
}

/// Enough for what is on its way when it is stopped: who only waits has nothing to lose.
const GRACE: std::time::Duration = std::time::Duration::from_secs(1);
/// More than a Unix datagram has unless the system was told otherwise (`net.core.wmem_max`).
const DATAGRAM_BYTES: usize = 256 * 1024;
