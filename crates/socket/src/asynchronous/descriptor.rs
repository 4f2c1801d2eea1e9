//! A descriptor that is no socket of ours, on tokio: a pipe, a terminal, whatever a program was started with.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;
use rustix::io::{Errno, ReadWriteFlags, preadv2, pwritev2, read, write};
use tokio::io::Interest;

use crate::splice::PIPE_BUF;
use crate::sys::{self, Watched};
use crate::wait::is_ready;

/// A pipe, a terminal or an inherited socket on tokio: what a program reads and writes as its stdin and stdout.
///
/// It stays as it is: `O_NONBLOCK` would hold for every process that has the same pipe or terminal open, and break
/// those that do not expect it. So each call asks not to wait, as `recv(2)` does with `MSG_DONTWAIT`. Where the kernel has
/// no such call (`RWF_NOWAIT` on terminals, and on pipes in some kernels) it asks first, and waits after all, with the whole
/// event loop, if another process was faster in between.
///
/// # Panics
/// Outside a tokio runtime with its I/O driver enabled.
///
/// # Examples
/// ```
/// use landline_socket::AsyncDescriptor;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///
/// let (outlet, inlet) = std::io::pipe()?;
/// let outlet = AsyncDescriptor::new(outlet.into())?;
/// let inlet = AsyncDescriptor::new(inlet.into())?;
/// let mut buffer = [0; 64];
/// let (read, written) = tokio::join!(outlet.read(&mut buffer), inlet.write(b"hello"));
/// assert_eq!((read?, written?), (5, 5));
/// drop(inlet);
/// assert_eq!(outlet.read(&mut buffer).await?, 0);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct AsyncDescriptor {
    watched: Watched,
}

impl AsyncDescriptor {
    /// `epoll_ctl(2)`: has the runtime watch the descriptor.
    ///
    /// # Errors
    /// `EPERM` for what is always ready and not watched: a file, a folder, `/dev/null`.
    pub fn new(descriptor: OwnedFd) -> io::Result<Self> {
        let watched = Watched::new(descriptor)?;
        Ok(Self { watched })
    }

    /// `read(2)`: waits for data and takes what is there, at most the buffer; 0 at the end. One that is dropped while
    /// it waits has read nothing.
    ///
    /// # Errors
    /// As the kernel has it; `EIO` for a terminal that has hung up.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.read_now(buffer) {
                Err(Errno::AGAIN) => self.readable().await?,
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    /// `write(2)`: waits for room and returns how many bytes went. One that is dropped while it waits has written nothing.
    ///
    /// # Errors
    /// As the kernel has it; `EPIPE` when nobody reads (never a signal).
    pub async fn write(&self, data: &[u8]) -> io::Result<usize> {
        loop {
            match self.write_now(data) {
                Err(Errno::AGAIN) => self.writable().await?,
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Waits until there is something to read, or the end. Another process may be faster to take it.
    ///
    /// # Errors
    /// When the runtime shuts down.
    pub async fn readable(&self) -> io::Result<()> {
        let is_ready = |descriptor: BorrowedFd<'_>| is_ready(descriptor, PollFlags::IN);
        self.watched.ready(Interest::READABLE, is_ready).await
    }

    /// Waits until there is room to write, or nobody who reads. Another process may be faster to fill it.
    ///
    /// # Errors
    /// When the runtime shuts down.
    pub async fn writable(&self) -> io::Result<()> {
        let is_ready = |descriptor: BorrowedFd<'_>| is_ready(descriptor, PollFlags::OUT);
        self.watched.ready(Interest::WRITABLE, is_ready).await
    }

    fn read_now(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let into = &mut [IoSliceMut::new(buffer)];
        match preadv2(self, into, NO_OFFSET, ReadWriteFlags::NOWAIT) {
            // A terminal, or a kernel that has not learned it of pipes: it does not block who has been told "ready".
            Err(Errno::OPNOTSUPP) if is_ready(self.as_fd(), PollFlags::IN)? => read(self, buffer),
            Err(Errno::OPNOTSUPP) => Err(Errno::AGAIN),
            outcome => outcome,
        }
    }

    fn write_now(&self, data: &[u8]) -> Result<usize, Errno> {
        let from = &[IoSlice::new(data)];
        let at_once = || pwritev2(self, from, NO_OFFSET, ReadWriteFlags::NOWAIT);
        match sys::without_sigpipe(data.len(), at_once) {
            // As much as a pipe has room for when it says that it has some.
            Err(Errno::OPNOTSUPP) if is_ready(self.as_fd(), PollFlags::OUT)? => {
                let some = &data[..data.len().min(PIPE_BUF)];
                sys::without_sigpipe(some.len(), || write(self, some))
            }
            Err(Errno::OPNOTSUPP) => Err(Errno::AGAIN),
            outcome => outcome,
        }
    }
}

impl AsFd for AsyncDescriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.watched.descriptor()
    }
}

/// Where the descriptor stands, as for `read(2)`: -1.
const NO_OFFSET: u64 = u64::MAX;
