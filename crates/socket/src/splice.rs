//! Bytes between a pipe and a socket that do not pass through the process: `splice(2)`.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::PollFlags;
use rustix::io::{Errno, retry_on_intr, write};
use rustix::pipe::{SpliceFlags, splice};

use crate::deadline::Timeout;
use crate::error::{Cause, Error, Result};
use crate::kind::MsgFlags;
use crate::socket::Socket;
use crate::sys;
use crate::wait::{Wait, is_ready};

/// Between a pipe and the socket.
impl Socket {
    /// `splice(2)`: sends what is in a pipe, at most `max` bytes, without copying it through the process; returns how
    /// many went, 0 at the end of the pipe (nobody has it open for writing). Python's `os.splice`.
    ///
    /// Waits under one deadline until the pipe has something and the socket has room. The pipe may block: it is never
    /// waited for in the kernel, so other processes that share it see no change.
    ///
    /// # Errors
    /// As [`Socket::send`]; `EINVAL` for what is no pipe, `EBADF` for the wrong end of one.
    ///
    /// # Examples
    /// ```
    /// use std::io::Write;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let (outlet, mut inlet) = std::io::pipe()?;
    /// inlet.write_all(b"hello")?;
    /// drop(inlet);
    /// assert_eq!(one.splice_to(&outlet, 1 << 20)?, 5);
    /// assert_eq!(one.splice_to(&outlet, 1 << 20)?, 0);
    /// let mut buffer = [0; 64];
    /// let received = other.recv(&mut buffer)?;
    /// assert_eq!(&buffer[..received], b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "splice")]
    pub fn splice_to(&self, pipe: impl AsFd, max: usize) -> Result<usize> {
        self.splice(Way::To, pipe.as_fd(), max)
    }

    /// `splice(2)`: receives into a pipe what is there, at most `max` bytes, without copying it through the process;
    /// returns how many came, 0 when the peer has ended its side. Python's `os.splice`.
    ///
    /// Waits under one deadline until something has come and the pipe has room, as [`Socket::splice_to`].
    ///
    /// # Errors
    /// As [`Socket::recv`]; `EPIPE` when nobody reads the pipe (never a signal), `EINVAL` for what is no pipe.
    ///
    /// # Examples
    /// ```
    /// use std::io::Read;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// let (mut outlet, inlet) = std::io::pipe()?;
    /// one.send_all(b"hello")?;
    /// one.close()?;
    /// assert_eq!(other.splice_from(&inlet, 1 << 20)?, 5);
    /// assert_eq!(other.splice_from(&inlet, 1 << 20)?, 0);
    /// let mut buffer = [0; 5];
    /// outlet.read_exact(&mut buffer)?;
    /// assert_eq!(&buffer, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "splice")]
    pub fn splice_from(&self, pipe: impl AsFd, max: usize) -> Result<usize> {
        self.splice(Way::From, pipe.as_fd(), max)
    }

    fn splice(&self, way: Way, pipe: BorrowedFd<'_>, max: usize) -> Result<usize> {
        let failed = |cause: Cause| Error::new(way.operation(), cause);
        let timeout = self.timeout();
        let mut wait = Wait::new(self.as_fd(), timeout);
        // The kernel holds the pipe while it waits for a socket that blocks, and with it whoever uses the other end.
        if timeout == Timeout::Never {
            wait.beside(self.as_fd(), way.of_socket()).map_err(failed)?;
        }
        loop {
            let moved = wait
                .until(way.of_socket(), || self.attempt_splice(way, pipe, max))
                .map_err(failed)?;
            if let Some(moved) = moved {
                return Ok(moved);
            }
            if timeout == Timeout::Zero {
                return Err(failed(Errno::AGAIN.into()));
            }
            wait.beside(pipe, way.of_pipe()).map_err(failed)?;
        }
    }

    /// `splice(2)`, which says "not now" of either end: `None` unless it is the socket.
    pub(crate) fn attempt_splice(
        &self,
        way: Way,
        pipe: BorrowedFd<'_>,
        max: usize,
    ) -> io::Result<Option<usize>> {
        let (from, to) = match way {
            Way::To => (pipe, self.as_fd()),
            Way::From => (self.as_fd(), pipe),
        };
        // Of the pipe alone: the socket's own mode says whether it is waited for.
        let call = || splice(from, None, to, None, max, SpliceFlags::NONBLOCK);
        match sys::without_sigpipe(max, call) {
            // Before an urgent byte it stands still, and calls that the end or "not now" for good.
            Ok(0) | Err(Errno::AGAIN) if way == Way::From && sys::is_at_mark(self.as_fd()) => {
                self.attempt_past_mark(pipe, max)
            }
            Ok(moved) => Ok(Some(moved)),
            // Whoever waits for the socket's next event must not be told so of a socket that is ready: none would come.
            Err(Errno::AGAIN) if is_ready(self.as_fd(), way.of_socket())? => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// `recv(2)`, which leaves an urgent byte out, and `write(2)` of what is behind it.
    fn attempt_past_mark(&self, pipe: BorrowedFd<'_>, max: usize) -> io::Result<Option<usize>> {
        if !is_ready(pipe, PollFlags::OUT)? {
            return Ok(None);
        }
        let mut behind = [0; PIPE_BUF];
        let room = max.min(behind.len());
        let received = self.attempt_recv(&mut behind[..room], MsgFlags::DONTWAIT)?;
        let mut rest = &behind[..received];
        while !rest.is_empty() {
            let write = || retry_on_intr(|| write(pipe, rest));
            let written = sys::without_sigpipe(rest.len(), write)?;
            rest = &rest[written..];
        }
        Ok(Some(received))
    }
}

/// As much as a pipe has room for that has any: `PIPE_BUF`.
pub(crate) const PIPE_BUF: usize = 4096;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the socket.
    To,
    /// From the socket.
    From,
}

impl Way {
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::To => "send from a pipe",
            Self::From => "receive into a pipe",
        }
    }

    fn of_socket(self) -> PollFlags {
        match self {
            Self::To => PollFlags::OUT,
            Self::From => PollFlags::IN,
        }
    }

    fn of_pipe(self) -> PollFlags {
        match self {
            Self::To => PollFlags::IN,
            Self::From => PollFlags::OUT,
        }
    }
}
