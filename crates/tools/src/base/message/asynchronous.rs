//! Messages over whatever tokio reads and writes: a socket, TLS, a pipe.

use std::future::poll_fn;
use std::io;
use std::pin::pin;

use bytes::BytesMut;
use landline_socket::AsyncSocket;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Codec, Desk, Next, RECEIVE_BYTES};

/// [`MessageSocket`](super::MessageSocket) on tokio: the same calls, awaited, over an [`AsyncSocket`] or any other stream.
///
/// To receive takes an `AsyncRead`, to send an `AsyncWrite`: each half of a stream can have one of its own. While nothing has
/// come it holds no buffer. Deadlines are the caller's (`tokio::time::timeout`).
///
/// **Cancelling** (dropping) a call that has not finished loses nothing: what came of a message is kept for the next
/// [`receive`](Self::receive), what has not gone of one for [`flush`](Self::flush).
///
/// # Examples
/// ```
/// use landline_socket::{AsyncSocket, Family, Kind, Protocol};
/// use landline_tools::base::message::{AsyncMessageSocket, FrameFormat, Frames, Values};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Request {
///     Add(i64, i64),
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (one, other) = AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// let frames = Frames::new(FrameFormat::U32Be, 64 * 1024);
///
/// let mut server = AsyncMessageSocket::new(other, Values::<i64, Request>::json(frames));
/// let mut client = AsyncMessageSocket::new(one, Values::<Request, i64>::json(frames));
/// client.send(&Request::Add(1, 2)).await?;
/// while let Some(Request::Add(one, other)) = server.receive().await? {
///     server.send(&(one + other)).await?;
///     server.finish().await?;
///     client.finish().await?;
/// }
/// assert_eq!(client.receive().await?, Some(3));
/// assert_eq!(client.receive().await?, None);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "Framed")]
#[doc(alias = "StreamReader")]
#[doc(alias = "StreamWriter")]
pub struct AsyncMessageSocket<C, S = AsyncSocket> {
    stream: S,
    desk: Desk<C>,
}

impl<C: Codec, S> AsyncMessageSocket<C, S> {
    /// Speaks in these messages over this stream.
    #[must_use]
    pub fn new(stream: S, codec: C) -> Self {
        let desk = Desk::new(codec);
        Self { stream, desk }
    }

    /// The stream. What is received from it directly is missing in the messages.
    #[must_use]
    #[doc(alias = "get_ref")]
    pub fn socket(&self) -> &S {
        &self.stream
    }
}

impl<C: Codec, S: AsyncRead + Unpin> AsyncMessageSocket<C, S> {
    /// Receives the next message; `None` once the stream has ended.
    ///
    /// # Errors
    /// As [`AsyncSocket::recv`], or what the stream says; [`io::ErrorKind::InvalidData`] for what is no message,
    /// [`io::ErrorKind::UnexpectedEof`] for half a one at the end of the stream.
    #[doc(alias = "recv")]
    #[doc(alias = "readexactly")]
    pub async fn receive(&mut self) -> io::Result<Option<C::Received>> {
        loop {
            match self.desk.next()? {
                Next::Message(message) => return Ok(Some(message)),
                Next::Over => return Ok(None),
                Next::Unfinished => {}
            }
            match fill(&mut self.stream, &mut self.desk.inbox).await {
                Ok(0) => return self.desk.end(),
                Ok(_) => {}
                Err(error) => {
                    self.desk.broke();
                    return Err(error);
                }
            }
        }
    }
}

/// Receives behind what is in the inbox, which while it waits holds no more than that.
async fn fill<S: AsyncRead + Unpin>(stream: &mut S, inbox: &mut BytesMut) -> io::Result<usize> {
    poll_fn(|context| {
        inbox.reserve(RECEIVE_BYTES);
        let received = pin!(stream.read_buf(inbox)).poll(context);
        if received.is_pending() && inbox.is_empty() {
            *inbox = BytesMut::new();
        }
        received
    })
    .await
}

impl<C: Codec, S: AsyncWrite + Unpin> AsyncMessageSocket<C, S> {
    /// Sends a message, which is taken by the call itself: awaiting it sees it gone.
    ///
    /// # Errors
    /// As [`AsyncSocket::send`], or what the stream says: the message is then taken, what is left of it waits for
    /// [`flush`](Self::flush). [`io::ErrorKind::InvalidInput`] for one that cannot be sent, as it exceeds the limit, and
    /// [`io::ErrorKind::ResourceBusy`] while one before it has not gone: nothing of those is taken.
    #[doc(alias = "sendall")]
    #[doc(alias = "drain")]
    pub fn send(&mut self, message: &C::Sent) -> impl Future<Output = io::Result<()>> {
        let posted = self.desk.post(message);
        async {
            posted?;
            self.flush().await
        }
    }

    /// Sends what a call that was cancelled has left; nothing as a rule.
    ///
    /// # Errors
    /// As [`AsyncSocket::send`], or what the stream says.
    pub async fn flush(&mut self) -> io::Result<()> {
        while !self.desk.outbox.is_empty() {
            let sent = self.stream.write(&self.desk.outbox).await?;
            if sent == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.desk.sent(sent);
        }
        self.stream.flush().await
    }

    /// Sends what is left, then ends our side: the other receives all messages, then `None`. Its own may still come.
    ///
    /// # Errors
    /// As [`AsyncSocket::send`], or what the stream says.
    #[doc(alias = "shutdown")]
    #[doc(alias = "write_eof")]
    pub async fn finish(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.stream.shutdown().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use landline_wire::frame::{FrameFormat, Frames};
    use tokio::io::AsyncWriteExt as _;

    use super::AsyncMessageSocket;

    #[tokio::test]
    async fn an_idle_one_holds_no_buffer_and_a_waiting_one_none_for_what_is_announced() {
        let (one, mut other) = tokio::io::duplex(1 << 20);
        let mut messages = AsyncMessageSocket::new(one, Frames::new(FrameFormat::U32Be, 1 << 30));
        assert!(messages.receive().now_or_never().is_none());
        assert_eq!(messages.desk.inbox.capacity(), 0);
        other.write_all(b"\x3f\xff\xff\xffhello").await.unwrap();
        assert!(messages.receive().now_or_never().is_none());
        assert!(messages.desk.inbox.capacity() <= 2 * super::RECEIVE_BYTES + 9);
        let (one, mut other) = tokio::io::duplex(1 << 20);
        let mut messages = AsyncMessageSocket::new(one, Frames::new(FrameFormat::U8, 255));
        other.write_all(b"\x05hello").await.unwrap();
        assert_eq!(messages.receive().await.unwrap().unwrap(), b"hello");
        assert!(messages.receive().now_or_never().is_none());
        assert_eq!(messages.desk.inbox.capacity(), 0, "nor after a message");
        messages.send(b"back").await.unwrap();
        assert_eq!(messages.desk.outbox.capacity(), 0);
    }
}
