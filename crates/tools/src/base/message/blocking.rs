//! Messages over a socket that blocks: one deadline a message.

use std::borrow::Borrow;
use std::io;

use bytes::BytesMut;
use landline_socket::{Cause, Deadline, Error, Shutdown, Socket, Timeout};

use super::{Codec, Desk, Next, RECEIVE_BYTES};

/// Messages over a [`Socket`].
///
/// `S` is what it holds the socket by: the socket itself, `&Socket` or `Arc<Socket>`. Two of them on one socket, one
/// that only sends and one that only receives, serve a thread each.
///
/// **Timeouts** are the socket's, for a whole message, however many bytes at a time it comes or goes, and lose nothing:
/// after one [`receive`](Self::receive) goes on where it was, and [`flush`](Self::flush) sends what is left.
/// With a timeout of zero both are [`io::ErrorKind::WouldBlock`] until all has come, or gone.
///
/// **What is wrong with a message** is a [`Fault`](super::Fault) inside the error. After one that
/// [is final](super::Fault::is_final), or an error of the socket that is no timeout, nothing more is received:
/// [`receive`](Self::receive) says so once, and `None` from then on.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
/// use landline_tools::base::message::{FrameFormat, Frames, MessageSocket};
///
/// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// let frames = Frames::new(FrameFormat::U32Be, 64 * 1024);
/// let mut one = MessageSocket::new(one, frames);
/// one.send(b"hello")?;
/// one.send(b"there")?;
/// one.finish()?;
///
/// let mut messages = MessageSocket::new(other, frames);
/// let mut received = Vec::new();
/// while let Some(message) = messages.receive()? {
///     received.push(message);
/// }
/// assert_eq!(received, [b"hello", b"there"]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "Framed")]
#[doc(alias = "struct.pack")]
#[doc(alias = "recv_exact")]
pub struct MessageSocket<C, S = Socket> {
    socket: S,
    desk: Desk<C>,
    // Where a receive puts what came: it is held for as long as the thread waits, so it is made once.
    landing: Vec<u8>,
}

impl<C: Codec, S: Borrow<Socket>> MessageSocket<C, S> {
    /// Speaks in these messages over this socket.
    #[must_use]
    pub fn new(socket: S, codec: C) -> Self {
        Self {
            socket,
            desk: Desk::new(codec),
            landing: Vec::new(),
        }
    }

    /// The socket. What is received from it directly is missing in the messages.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        self.socket.borrow()
    }

    /// Receives the next message; `None` once the stream has ended.
    ///
    /// # Errors
    /// As [`Socket::recv`]; [`io::ErrorKind::InvalidData`] for what is no message, [`io::ErrorKind::UnexpectedEof`] for half
    /// a one at the end of the stream.
    #[doc(alias = "recv")]
    #[doc(alias = "readline")]
    pub fn receive(&mut self) -> io::Result<Option<C::Received>> {
        let mut patience = None;
        loop {
            match self.desk.next()? {
                Next::Message(message) => return Ok(Some(message)),
                Next::Over => return Ok(None),
                Next::Unfinished => {}
            }
            if self.desk.inbox.is_empty() {
                // It may have held a long one.
                self.desk.inbox = BytesMut::new();
            }
            let socket = self.socket.borrow();
            let patience = patience.get_or_insert_with(|| Patience::of(socket));
            self.landing.clear();
            self.landing.reserve(RECEIVE_BYTES);
            let received = match patience {
                Patience::None => socket.recv_into(&mut self.landing),
                Patience::Until(deadline) => socket.recv_into_until(&mut self.landing, *deadline),
            };
            match received {
                Ok(0) => return self.desk.end(),
                Ok(_) => {}
                Err(error) => {
                    if !is_impatience(&error) {
                        self.desk.broke();
                    }
                    return Err(error.into());
                }
            }
            self.desk.inbox.extend_from_slice(&self.landing);
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// As [`Socket::send`]: the message is then taken, what is left of it waits for [`flush`](Self::flush).
    /// [`io::ErrorKind::InvalidInput`] for one that cannot be sent, as it exceeds the limit, and
    /// [`io::ErrorKind::ResourceBusy`] while one before it has not gone: nothing of those is taken.
    #[doc(alias = "sendall")]
    pub fn send(&mut self, message: &C::Sent) -> io::Result<()> {
        self.desk.post(message)?;
        self.flush()
    }

    /// Sends what a call that timed out has left; nothing as a rule.
    ///
    /// # Errors
    /// As [`Socket::send`].
    pub fn flush(&mut self) -> io::Result<()> {
        if self.desk.outbox.is_empty() {
            return Ok(());
        }
        let socket = self.socket.borrow();
        let patience = Patience::of(socket);
        while !self.desk.outbox.is_empty() {
            let sent = match patience {
                Patience::None => socket.send(&self.desk.outbox)?,
                Patience::Until(deadline) => socket.send_until(&self.desk.outbox, deadline)?,
            };
            self.desk.sent(sent);
        }
        Ok(())
    }

    /// Sends what is left, then ends our side: the other receives all messages, then `None`. Its own may still come.
    ///
    /// # Errors
    /// As [`Socket::send`] and [`Socket::shutdown`].
    #[doc(alias = "shutdown")]
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        Ok(self.socket().shutdown(Shutdown::Write)?)
    }
}

/// Whether it failed for want of time only, the socket being as it was.
fn is_impatience(error: &Error) -> bool {
    *error.cause() == Cause::TimedOut || error.kind() == io::ErrorKind::WouldBlock
}

/// The patience of one message, over all its steps.
#[derive(Clone, Copy)]
enum Patience {
    None,
    Until(Deadline),
}

impl Patience {
    fn of(socket: &Socket) -> Self {
        match socket.timeout() {
            // Its deadline would have passed before the first attempt.
            Timeout::Zero => Self::None,
            timeout => Self::Until(Deadline::after(timeout)),
        }
    }
}

#[cfg(test)]
mod tests {
    use landline_socket::{Family, Kind, Protocol, Socket, Timeout};
    use landline_wire::line::{LineEnd, Lines};

    use super::MessageSocket;

    #[test]
    fn while_it_waits_it_holds_no_room_for_a_long_one_that_has_come() {
        let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        let mut messages = MessageSocket::new(one, Lines::new(LineEnd::Lf, 1 << 20));
        other
            .send_all(&[&[7; 100_000][..], b"\n"].concat())
            .unwrap();
        assert_eq!(messages.receive().unwrap().unwrap().len(), 100_000);
        messages.socket().set_timeout(Timeout::Zero).unwrap();
        messages.receive().unwrap_err();
        assert_eq!(messages.desk.inbox.capacity(), 0);
    }
}
