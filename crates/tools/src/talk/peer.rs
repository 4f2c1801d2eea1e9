//! The other end of a conversation: what comes from it, and what goes to it.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::sync::Arc;

use landline_socket::{AsyncSocket, Shutdown, Socket};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};

use super::datagram::Line;
use super::frames::{FrameInlet, FrameOutlet};
use super::packet;
use super::record::{Direction, Record, Recorder};
use crate::base::tls;

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
        unpace(socket.socket());
        let socket = Arc::new(socket);
        Self {
            inlet: Inlet::Stream(Arc::clone(&socket)),
            outlet: Outlet::Stream(socket),
            name,
        }
    }

    /// A peer on a stream that is encrypted.
    #[must_use]
    pub fn tls(stream: tls::Stream, name: String) -> Self {
        unpace(stream.socket().socket());
        let session = stream.session();
        let (inlet, outlet) = split(stream);
        Self {
            inlet: Inlet::Tls(inlet, session),
            outlet: Outlet::Tls(outlet),
            name,
        }
    }

    /// The same, of whom is recorded what passes.
    pub(super) fn recorded(self, record: &Record) -> Self {
        let recorder = |direction| Recorder::new(record, direction, &self.name);
        let (sent, received) = (recorder(Direction::Sent), recorder(Direction::Received));
        Self {
            inlet: Inlet::Recorded(Box::new(self.inlet), received),
            outlet: Outlet::Recorded(Box::new(self.outlet), sent),
            name: self.name,
        }
    }
}

/// A connection to this machine itself goes as fast as the two ends do: there is no network whose congestion could be
/// avoided, and a congestion control that paces, as `bbr` does, would hold it to a fraction of that. `reno` is in every
/// kernel and allowed to everybody; where it is not to be had, all goes as well, only slower.
fn unpace(socket: &Socket) {
    let ends = [socket.local_address(), socket.peer_address()];
    let [ours, theirs] = ends.map(|address| address.ok().and_then(|address| address.ip()));
    if theirs.is_some_and(|theirs| theirs.is_loopback() || Some(theirs) == ours) {
        let _ = socket.set_congestion_control("reno");
    }
}

/// What comes from a peer.
#[derive(Debug)]
pub(super) enum Inlet {
    Stream(Arc<AsyncSocket>),
    Tls(ReadHalf<tls::Stream>, tls::Session),
    Datagram(Rc<Line>),
    Packet(Arc<AsyncSocket>),
    Frames(Box<FrameInlet>),
    Recorded(Box<Self>, Recorder),
}

impl Inlet {
    /// Whether what comes is cut anywhere, not into messages or lines.
    pub(super) fn is_stream(&self) -> bool {
        match self {
            Self::Stream(_) | Self::Tls(..) => true,
            Self::Recorded(inlet, _) => inlet.is_stream(),
            Self::Datagram(_) | Self::Packet(_) | Self::Frames(_) => false,
        }
    }

    /// Counts the messages that others sent, where others can.
    pub(super) fn strangers(&self) -> Rc<Cell<u64>> {
        match self {
            Self::Datagram(line) => Rc::clone(&line.strangers),
            Self::Frames(frames) => frames.inner.strangers(),
            Self::Stream(_) | Self::Tls(..) | Self::Packet(_) => Rc::default(),
            Self::Recorded(inlet, _) => inlet.strangers(),
        }
    }

    /// What was agreed on, where it is TLS.
    pub(super) fn session(&self) -> Option<&tls::Session> {
        match self {
            Self::Tls(_, session) => Some(session),
            Self::Frames(frames) => frames.inner.session(),
            Self::Recorded(inlet, _) => inlet.session(),
            Self::Stream(_) | Self::Datagram(_) | Self::Packet(_) => None,
        }
    }
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
    /// The stream itself, where its bytes are the peer's: what the kernel can move.
    pub(super) fn plain(&self) -> Option<&AsyncSocket> {
        match self {
            Self::Stream(socket) => Some(socket),
            _ => None,
        }
    }

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
            Self::Tls(stream, _) => {
                into.reserve(RECEIVE_BYTES);
                match stream.read_buf(into).await? {
                    0 => Ok(Received::End),
                    _ => Ok(Received::Data),
                }
            }
            Self::Datagram(line) => line.receive(into).await,
            Self::Packet(socket) => packet::receive(socket, into).await,
            // What is in them is such an inlet again.
            Self::Frames(frames) => Box::pin(frames.receive(into)).await,
            Self::Recorded(inlet, recorder) => {
                let before = into.len();
                let received = Box::pin(inlet.receive(into)).await?;
                if received == Received::Data {
                    recorder.keep(&into[before..]);
                }
                Ok(received)
            }
        }
    }
}

/// What goes to a peer.
#[derive(Debug)]
pub(super) enum Outlet {
    Stream(Arc<AsyncSocket>),
    Tls(WriteHalf<tls::Stream>),
    Datagram(Rc<Line>),
    Packet(Arc<AsyncSocket>),
    Frames(Box<FrameOutlet>),
    Recorded(Box<Self>, Recorder),
}

impl Outlet {
    /// The stream itself, as [`Inlet::plain`].
    pub(super) fn plain(&self) -> Option<&AsyncSocket> {
        match self {
            Self::Stream(socket) => Some(socket),
            _ => None,
        }
    }

    /// Python's `sendall`: sends all of the bytes, or one message.
    pub(super) async fn send(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Stream(socket) => Ok(socket.send_all(data).await?),
            Self::Tls(stream) => {
                stream.write_all(data).await?;
                stream.flush().await
            }
            Self::Datagram(line) => line.send(data).await,
            Self::Packet(socket) => packet::send(socket, data).await,
            Self::Frames(frames) => Box::pin(frames.send(data)).await,
            Self::Recorded(outlet, recorder) => {
                Box::pin(outlet.send(data)).await?;
                recorder.keep(data);
                Ok(())
            }
        }
    }

    /// `sendmsg(2)`: sends of these pieces what there is room for, or the first, over TLS some of it; returns how many bytes
    /// went. One that is dropped while it waits has sent nothing, on a stream.
    pub(super) async fn send_some(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let first: &[u8] = pieces.first().map_or(&[], |first| first);
        match self {
            Self::Stream(socket) => Ok(socket.send_vectored(pieces).await?),
            Self::Tls(stream) => {
                let sent = stream.write(first).await?;
                stream.flush().await?;
                Ok(sent)
            }
            _ => {
                self.send(first).await?;
                Ok(first.len())
            }
        }
    }

    /// `shutdown(2)`: ends our side.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        match self {
            // A connection that is no more has been reset: an end by both sides leaves this one's to us.
            Self::Stream(socket) | Self::Packet(socket) => match socket.shutdown(Shutdown::Write) {
                Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                    Err(io::ErrorKind::ConnectionReset.into())
                }
                outcome => Ok(outcome?),
            },
            Self::Tls(stream) => stream.shutdown().await,
            Self::Datagram(line) => {
                line.finish();
                Ok(())
            }
            Self::Frames(frames) => Box::pin(frames.finish()).await,
            Self::Recorded(outlet, _) => Box::pin(outlet.finish()).await,
        }
    }
}

/// What one receive takes at most.
const RECEIVE_BYTES: usize = 256 * 1024;
