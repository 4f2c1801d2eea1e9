//! The other end of a conversation: what comes from it, and what goes to it.

use std::io;
use std::sync::Arc;

use landline_socket::{AsyncSocket, Shutdown};

/// The other end of a conversation.
#[derive(Debug)]
pub struct Peer {
    pub(super) inlet: Inlet,
    pub(super) outlet: Outlet,
    pub(super) name: String,
}

impl Peer {
    /// A peer on a connected stream, called `name`.
    #[must_use]
    pub fn stream(socket: AsyncSocket, name: String) -> Self {
        let socket = Arc::new(socket);
        Self {
            inlet: Inlet::Stream(Arc::clone(&socket)),
            outlet: Outlet::Stream(socket),
            name,
        }
    }
}

/// What comes from a peer.
#[derive(Debug)]
pub(super) enum Inlet {
    Stream(Arc<AsyncSocket>),
}

/// What [`Inlet::receive`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// Bytes of a stream, cut anywhere, or one whole message.
    Data,
    /// The peer ended its side.
    End,
}

impl Inlet {
    /// `recv(2)`: waits for what comes next and appends it. One that is dropped while it waits has lost nothing.
    pub(super) async fn receive(&mut self, into: &mut Vec<u8>) -> io::Result<Received> {
        match self {
            Self::Stream(socket) => {
                into.reserve(RECEIVE_BYTES);
                match socket.recv_into(into).await? {
                    0 => Ok(Received::End),
                    _ => Ok(Received::Data),
                }
            }
        }
    }
}

/// What goes to a peer.
#[derive(Debug)]
pub(super) enum Outlet {
    Stream(Arc<AsyncSocket>),
}

impl Outlet {
    /// Python's `sendall`: sends all of the bytes, or one message.
    pub(super) async fn send(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Stream(socket) => Ok(socket.send_all(data).await?),
        }
    }

    /// `shutdown(2)`: ends our side.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(socket) => Ok(socket.shutdown(Shutdown::Write)?),
        }
    }
}

/// What one receive takes at most.
const RECEIVE_BYTES: usize = 256 * 1024;
