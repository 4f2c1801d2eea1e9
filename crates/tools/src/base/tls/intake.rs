//! The socket under a TLS stream: large reads while much comes, nothing held while little does, and an ear for who does not speak TLS.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use landline_socket::AsyncSocket;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use crate::base::printable_bytes;

/// A socket that rustls reads from. It asks for 4 KiB at a time, which is right for messages and wrong for bulk: once it
/// has been given all it asked for, what comes is received ahead of it, until nothing more is there.
#[derive(Debug)]
pub(super) struct Intake {
    socket: AsyncSocket,
    ahead: BytesMut,
    is_bulk: bool,
    is_new: bool,
}

impl Intake {
    pub(super) fn new(socket: AsyncSocket) -> Self {
        Self {
            socket,
            ahead: BytesMut::new(),
            is_bulk: false,
            is_new: true,
        }
    }

    pub(super) fn socket(&self) -> &AsyncSocket {
        &self.socket
    }

    /// Receives as much as there is room for; ready with nothing at the end of the stream.
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.ahead.reserve(AHEAD_BYTES);
        let mut socket = &self.socket;
        let received = pin!(socket.read_buf(&mut self.ahead)).poll(context);
        if received.is_pending() {
            self.ahead = BytesMut::new();
            self.is_bulk = false;
        }
        received.map_ok(|_| ())
    }

    fn poll_direct(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut &self.socket).poll_read(context, buffer))?;
        self.is_bulk = buffer.remaining() == 0;
        let came = &buffer.filled()[before..];
        if self.is_new && !came.is_empty() {
            self.is_new = false;
            if !opens_tls(came) {
                let opening = Opening::new(came);
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, opening)));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Intake {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            if !self.is_bulk {
                return self.poll_direct(context, buffer);
            }
            ready!(self.poll_ahead(context))?;
        }
        let count = buffer.remaining().min(self.ahead.len());
        buffer.put_slice(&self.ahead[..count]);
        self.ahead.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Intake {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.socket).poll_write(context, data)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.socket).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &self.socket).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &self.socket).poll_shutdown(context)
    }
}

/// Whether a stream that begins so can be TLS: a record of the handshake, or an alert (RFC 8446 5.1).
fn opens_tls(came: &[u8]) -> bool {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    const MAJOR_VERSION: u8 = 3;
    matches!(
        came,
        [ALERT | HANDSHAKE] | [ALERT | HANDSHAKE, MAJOR_VERSION, ..]
    )
}

/// How somebody began who does not speak TLS.
///
/// Prints as what came, made printable and cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening(Vec<u8>);

impl Opening {
    fn new(came: &[u8]) -> Self {
        Self(came[..came.len().min(OPENING_BYTES)].to_vec())
    }

    /// Whether it looks like HTTP: an answer, or a request by one of the usual methods.
    #[must_use]
    pub fn is_http(&self) -> bool {
        const BEGINNINGS: [&[u8]; 8] = [
            b"HTTP/",
            b"GET ",
            b"POST ",
            b"PUT ",
            b"HEAD ",
            b"OPTIONS ",
            b"CONNECT ",
            b"PRI * HTTP/2",
        ];
        BEGINNINGS.iter().any(|begin| self.0.starts_with(begin))
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.0.split(|byte| b"\r\n".contains(byte)).next();
        f.write_str(&printable_bytes(line.unwrap_or_default()))
    }
}

impl std::error::Error for Opening {}

/// What is received ahead at most.
const AHEAD_BYTES: usize = 256 * 1024;

/// How much of a wrong beginning is kept, to be shown.
const OPENING_BYTES: usize = 40;
