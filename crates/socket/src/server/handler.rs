//! What a server does with its callers: one handler, written as events, for every model and kind.

use std::sync::Arc;

use super::reply::Reply;
use crate::error::Error;

/// Python's `BaseRequestHandler`, as events: the server receives and sends, the handler says what.
///
/// One handler serves all connections, from several threads where the [`Model`](super::Model) has several;
/// what belongs to one connection is its `Session`. A datagram is a connection of one message: `open`,
/// `receive`, `finish` and `end` are called for each, and what they reply leaves as one datagram.
///
/// A call that panics ends its own connection, with [`End::Panicked`], and hurts nobody else. Where the
/// model has one thread, a call that takes long holds all the others up.
///
/// # Examples
/// Counts what each caller sends until it ends its side:
/// ```
/// use landline_socket::server::{Handler, Reply};
///
/// struct Count;
///
/// impl Handler for Count {
///     type Session = usize;
///
///     fn open(&self, _: &mut Reply) -> Option<usize> {
///         Some(0)
///     }
///
///     fn receive(&self, count: &mut usize, data: &[u8], _: &mut Reply) {
///         *count += data.len();
///     }
///
///     fn finish(&self, count: &mut usize, reply: &mut Reply) {
///         reply.send(count.to_string().as_bytes());
///     }
/// }
/// ```
#[doc(alias = "BaseRequestHandler")]
#[doc(alias = "StreamRequestHandler")]
#[doc(alias = "DatagramRequestHandler")]
#[doc(alias = "RequestHandlerClass")]
pub trait Handler: Send + Sync + 'static {
    /// What is kept for one connection.
    type Session: Send + 'static;

    /// Somebody has come. Python's `verify_request` and `setup`: `None` turns them away; a greeting may be replied at once.
    #[doc(alias = "verify_request")]
    #[doc(alias = "setup")]
    fn open(&self, reply: &mut Reply) -> Option<Self::Session>;

    /// Some bytes of a stream have come, cut anywhere, or one datagram. Python's `handle`.
    #[doc(alias = "handle")]
    fn receive(&self, session: &mut Self::Session, data: &[u8], reply: &mut Reply);

    /// The peer has ended its side, so no more will come; what is replied to that still goes to it. Default: nothing.
    #[expect(unused_variables, reason = "what is there to be used")]
    fn finish(&self, session: &mut Self::Session, reply: &mut Reply) {}

    /// It is over, for this reason; called once for each session, whatever happens. Python's `finish` and
    /// `handle_error`. Default: nothing.
    #[doc(alias = "handle_error")]
    #[doc(alias = "close_request")]
    #[doc(alias = "shutdown_request")]
    #[expect(unused_variables, reason = "what is there to be used")]
    fn end(&self, session: Self::Session, end: &End) {}
}

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The peer ended its side, and was sent all that there was for it.
    Peer,
    /// [`Reply::close`], and all that was replied before it has been sent.
    Closed,
    /// Nothing came and nothing went for [`Options::idle`](super::Options::idle).
    Idle,
    /// It lasted for [`Options::longest`](super::Options::longest).
    Overdue,
    /// The peer sent more than [`Options::received_bytes`](super::Options::received_bytes).
    TooMuch,
    /// More was replied at once than [`Options::unsent_bytes`](super::Options::unsent_bytes).
    Overflow,
    /// The server stopped and the time to drain had passed.
    Stopped,
    /// The handler panicked.
    Panicked,
    /// The socket failed: a reset, mostly.
    Failed(Error),
}

impl<H: Handler> Handler for Arc<H> {
    type Session = H::Session;

    fn open(&self, reply: &mut Reply) -> Option<H::Session> {
        H::open(self, reply)
    }

    fn receive(&self, session: &mut H::Session, data: &[u8], reply: &mut Reply) {
        H::receive(self, session, data, reply);
    }

    fn finish(&self, session: &mut H::Session, reply: &mut Reply) {
        H::finish(self, session, reply);
    }

    fn end(&self, session: H::Session, end: &End) {
        H::end(self, session, end);
    }
}

/// The handler that answers what comes and keeps nothing: for echo, upper case, a lookup.
///
/// # Examples
/// ```
/// use landline_socket::server::reply;
///
/// let upper = reply(|data, reply| reply.send(&data.to_ascii_uppercase()));
/// ```
pub fn reply<F>(answer: F) -> impl Handler<Session = ()>
where
    F: Fn(&[u8], &mut Reply) + Send + Sync + 'static,
{
    Answer(answer)
}

struct Answer<F>(F);

impl<F> Handler for Answer<F>
where
    F: Fn(&[u8], &mut Reply) + Send + Sync + 'static,
{
    type Session = ();

    fn open(&self, _: &mut Reply) -> Option<()> {
        Some(())
    }

    fn receive(&self, (): &mut (), data: &[u8], reply: &mut Reply) {
        (self.0)(data, reply);
    }
}
