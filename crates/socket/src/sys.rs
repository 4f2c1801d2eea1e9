//! The only `unsafe` of the workspace: each block says which precondition holds and why.
#![allow(
    unsafe_code,
    reason = "what neither the standard library nor rustix offers safely"
)]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{IntoRawFd, OwnedFd};

/// A buffer as `socket2` wants it for `recvfrom(2)`.
pub(crate) fn as_uninit(buffer: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the layouts are equal. The one danger is that someone writes uninitialised bytes through the
    // new type; the only callers hand it straight to `socket2::Socket::recv_from`, which promises not to.
    unsafe { &mut *(std::ptr::from_mut(buffer) as *mut [MaybeUninit<u8>]) }
}

/// `close(2)`, with its error. Linux has freed the descriptor even where it reports `EINTR`.
pub(crate) fn close(descriptor: OwnedFd) -> io::Result<()> {
    // SAFETY: the descriptor was owned, and this function ends that ownership: nobody closes it again.
    match unsafe { rustix::io::try_close(descriptor.into_raw_fd()) } {
        Ok(()) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(feature = "tokio")]
pub(crate) use driven::{Driven, recv_into};

#[cfg(feature = "tokio")]
mod driven {
    use std::io;
    use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
    use std::sync::OnceLock;

    use rustix::net::RecvFlags;
    use tokio::io::ReadBuf;
    use tokio::io::unix::AsyncFd;

    use crate::socket::Socket;

    /// A socket and, from its first wait on, its place in the runtime's event loop.
    ///
    /// Late, because a connection that never waits never needs one; and because an unconnected TCP socket
    /// that is registered counts as hung up for good.
    #[derive(Debug)]
    pub(crate) struct Driven {
        // Declared before the socket, so dropped before it.
        registration: OnceLock<io::Result<Registration>>,
        // Invariant: never replaced and never lent but by shared reference, so it stays open while we live.
        socket: Socket,
    }

    /// A socket's place in the event loop.
    #[derive(Debug)]
    pub(crate) struct Registration {
        pub(crate) readiness: AsyncFd<RawFd>,
        /// Whether a receive that does not fill its buffer has taken all there was. So it is on TCP;
        /// datagrams end by themselves, and on a Unix stream bytes end where descriptors came with them.
        pub(crate) short_is_empty: bool,
    }

    impl Driven {
        pub(crate) fn new(socket: Socket) -> Self {
            Self {
                registration: OnceLock::new(),
                socket,
            }
        }

        pub(crate) fn socket(&self) -> &Socket {
            &self.socket
        }

        pub(crate) fn into_socket(self) -> Socket {
            let Self {
                registration,
                socket,
            } = self;
            drop(registration);
            socket
        }

        /// The registration, if there has been a wait.
        pub(crate) fn registered(&self) -> Option<&Registration> {
            self.registration.get()?.as_ref().ok()
        }

        /// The registration, made now if there is none.
        ///
        /// A failure stays: what the event loop refused once (no memory, no more watches) ends this socket.
        pub(crate) fn register(&self) -> io::Result<&Registration> {
            let registration = self.registration.get_or_init(|| {
                let inner = self.socket.inner();
                let of_ip = inner.domain()? != socket2::Domain::UNIX;
                let short_is_empty = of_ip && inner.r#type()? == socket2::Type::STREAM;
                // SAFETY: the number is that of `self.socket`, which is open for as long as `self` lives and
                // is dropped, or given away, only after the registration; a plain number never changes.
                let readiness = unsafe { AsyncFd::register(self.socket.as_raw_fd()) }?;
                Ok(Registration {
                    readiness,
                    short_is_empty,
                })
            });
            registration
                .as_ref()
                .map_err(|error| match error.raw_os_error() {
                    Some(errno) => io::Error::from_raw_os_error(errno),
                    None => error.kind().into(),
                })
        }
    }

    /// `recv(2)` into the unfilled part of a reader's buffer, without writing zeros to it first.
    pub(crate) fn recv_into(
        descriptor: BorrowedFd<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> io::Result<usize> {
        // SAFETY: `recv` only ever writes initialised bytes there.
        let unfilled = unsafe { buffer.unfilled_mut() };
        let ((received, _), _) = rustix::net::recv(descriptor, unfilled, RecvFlags::empty())?;
        let received = received.len();
        // SAFETY: rustix gave these first bytes back as initialised.
        unsafe { buffer.assume_init(received) };
        buffer.advance(received);
        Ok(received)
    }
}
