//! A socket of a scenario, by either of our faces: the same calls by the same names.

#[cfg(feature = "tokio")]
use std::future::Future;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::task::Poll;

use landline_socket::{Address, ConnectOptions, Message, MsgFlags, SendAncillary, Socket, Timeout};
#[cfg(feature = "tokio")]
use rustix::io::Errno;

use super::value::Failure;

type Result<T> = std::result::Result<T, Failure>;

/// Which of our faces a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blocking,
    #[cfg(feature = "tokio")]
    Async,
}

pub(super) enum Face {
    Blocking(Arc<Socket>),
    #[cfg(feature = "tokio")]
    Async(Awaited),
}

/// An [`AsyncSocket`](landline_socket::AsyncSocket) leaves timeouts to the runtime; Python's are kept beside it.
#[cfg(feature = "tokio")]
pub(super) struct Awaited {
    socket: landline_socket::AsyncSocket,
    timeout: std::sync::Mutex<Timeout>,
}

/// One line per call that waits: both faces have it under one name.
macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        impl Face {
            $(pub(super) async fn $name(&self, $($argument: $type),*) -> Result<$output> {
                match self {
                    Self::Blocking(socket) => Ok(socket.$name($($argument),*)?),
                    #[cfg(feature = "tokio")]
                    Self::Async(awaited) => {
                        awaited.in_time(Errno::AGAIN, awaited.socket.$name($($argument),*)).await
                    }
                }
            })*
        }
    };
}

calls! {
    recv(buffer: &mut [u8]) -> usize;
    recv_with(buffer: &mut [u8], flags: MsgFlags) -> usize;
    recv_into(buffer: &mut Vec<u8>) -> usize;
    recv_from(buffer: &mut [u8]) -> (usize, Address);
    recv_from_with(buffer: &mut [u8], flags: MsgFlags) -> (usize, Address);
    recv_from_into(buffer: &mut Vec<u8>) -> (usize, Address);
    send(data: &[u8]) -> usize;
    send_with(data: &[u8], flags: MsgFlags) -> usize;
    send_all(data: &[u8]) -> ();
    send_all_with(data: &[u8], flags: MsgFlags) -> ();
    send_to(data: &[u8], address: &Address) -> usize;
    send_to_with(data: &[u8], flags: MsgFlags, address: &Address) -> usize;
    send_vectored(pieces: &[IoSlice<'_>]) -> usize;
    recv_msg(buffer: &mut [u8], room: usize, flags: MsgFlags) -> Message;
    recv_msg_into(buffers: &mut [IoSliceMut<'_>], room: usize, flags: MsgFlags) -> Message;
    send_msg(pieces: &[IoSlice<'_>], ancillary: &[SendAncillary<'_>], flags: MsgFlags, address: Option<&Address>) -> usize;
    send_descriptors(data: &[u8], descriptors: &[BorrowedFd<'_>]) -> usize;
    recv_descriptors(buffer: &mut [u8], most: usize) -> (usize, Vec<OwnedFd>, MsgFlags);
    send_file(file: &std::fs::File, offset: u64, count: usize) -> usize;
}

impl Face {
    pub(super) fn wrap(socket: Socket, kind: Kind) -> Result<Self> {
        Ok(match kind {
            Kind::Blocking => Self::Blocking(Arc::new(socket)),
            #[cfg(feature = "tokio")]
            Kind::Async => {
                let timeout = std::sync::Mutex::new(socket.timeout());
                let socket = landline_socket::AsyncSocket::from_socket(socket)?;
                Self::Async(Awaited { socket, timeout })
            }
        })
    }

    /// To make files of, which block.
    pub(super) fn held(&self) -> Result<&Arc<Socket>> {
        match self {
            Self::Blocking(socket) => Ok(socket),
            #[cfg(feature = "tokio")]
            Self::Async(_) => panic!("tokio's BufReader is the file of an AsyncSocket"),
        }
    }

    /// For the calls that do not wait.
    pub(super) fn socket(&self) -> &Socket {
        match self {
            Self::Blocking(socket) => socket,
            #[cfg(feature = "tokio")]
            Self::Async(awaited) => awaited.socket.socket(),
        }
    }

    /// The socket alone; `None` while a file made of it still holds it.
    pub(super) fn into_socket(self) -> Option<Socket> {
        match self {
            Self::Blocking(socket) => Arc::into_inner(socket),
            #[cfg(feature = "tokio")]
            Self::Async(awaited) => {
                let socket = awaited.socket.into_socket();
                let timeout = awaited.timeout.into_inner().unwrap();
                // As it was before it came into the runtime: a descriptor blocks or not as its timeout says.
                socket.set_timeout(timeout).unwrap();
                Some(socket)
            }
        }
    }

    pub(super) fn set_timeout(&self, timeout: Timeout) -> Result<()> {
        match self {
            Self::Blocking(socket) => socket.set_timeout(timeout)?,
            #[cfg(feature = "tokio")]
            Self::Async(awaited) => *awaited.timeout.lock().unwrap() = timeout,
        }
        Ok(())
    }

    pub(super) fn timeout(&self) -> Timeout {
        match self {
            Self::Blocking(socket) => socket.timeout(),
            #[cfg(feature = "tokio")]
            Self::Async(awaited) => *awaited.timeout.lock().unwrap(),
        }
    }

    pub(super) async fn accept(&self) -> Result<(Self, Address)> {
        match self {
            Self::Blocking(socket) => {
                let (accepted, peer) = socket.accept()?;
                Ok((Self::wrap(accepted, Kind::Blocking)?, peer))
            }
            #[cfg(feature = "tokio")]
            Self::Async(awaited) => {
                let accept = awaited.socket.accept();
                let (socket, peer) = awaited.in_time(Errno::AGAIN, accept).await?;
                let timeout = std::sync::Mutex::new(landline_socket::default_timeout());
                Ok((Self::Async(Awaited { socket, timeout }), peer))
            }
        }
    }

    /// Python's `create_connection`.
    pub(super) async fn create_connection(
        kind: Kind,
        host: &str,
        port: u16,
        options: &ConnectOptions,
    ) -> Result<Self> {
        match kind {
            Kind::Blocking => {
                let socket = landline_socket::create_connection(host, port, options)?;
                Self::wrap(socket, kind)
            }
            #[cfg(feature = "tokio")]
            Kind::Async => {
                let connect = landline_socket::AsyncSocket::create_connection(host, port, options);
                let socket = connect.await?;
                let timeout = std::sync::Mutex::new(options.timeout);
                Ok(Self::Async(Awaited { socket, timeout }))
            }
        }
    }

    pub(super) async fn connect(&self, address: &Address) -> Result<()> {
        match self {
            Self::Blocking(socket) => Ok(socket.connect(address)?),
            #[cfg(feature = "tokio")]
            Self::Async(awaited) => {
                let connect = awaited.socket.connect(address);
                awaited.in_time(Errno::INPROGRESS, connect).await
            }
        }
    }

    pub(super) async fn connect_ex(&self, address: &Address) -> Result<i32> {
        match self {
            Self::Blocking(socket) => Ok(socket.connect_ex(address)?),
            #[cfg(feature = "tokio")]
            Self::Async(_) => match self.connect(address).await {
                Ok(()) => Ok(0),
                Err(Failure::Errno(errno)) => Ok(errno),
                Err(Failure::TimedOut) => Ok(Errno::AGAIN.raw_os_error()),
                Err(Failure::Ours(error)) => error.errno().ok_or(Failure::Ours(error)),
                Err(other) => Err(other),
            },
        }
    }
}

#[cfg(feature = "tokio")]
impl Awaited {
    /// Under the timeout that Python would keep. `not_now` is what a timeout of zero gives for what would wait.
    async fn in_time<T>(
        &self,
        not_now: Errno,
        call: impl Future<Output = landline_socket::Result<T>>,
    ) -> Result<T> {
        let timeout = *self.timeout.lock().unwrap();
        match timeout {
            Timeout::Never => Ok(call.await?),
            Timeout::Zero => {
                // The runtime looks at its sockets first, and then there is one try.
                tokio::task::yield_now().await;
                let mut call = std::pin::pin!(call);
                let once = std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context)));
                match once.await {
                    Poll::Ready(outcome) => Ok(outcome?),
                    Poll::Pending => Err(Failure::Errno(not_now.raw_os_error())),
                }
            }
            Timeout::After(limit) => match tokio::time::timeout(limit, call).await {
                Ok(outcome) => Ok(outcome?),
                Err(_) => Err(Failure::TimedOut),
            },
        }
    }
}
