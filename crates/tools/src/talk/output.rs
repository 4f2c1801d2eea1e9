//! Where what comes goes: a pipe, a file, a terminal, a socket that we were started with.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use landline_socket::AsyncDescriptor;
use rustix::fs::{FileType, fstat};

use crate::base::cores;

/// Where what comes goes.
#[derive(Debug)]
pub struct Output {
    to: To,
}

/// Shows what comes, cut anywhere.
type Show = Box<dyn FnMut(&[u8]) -> io::Result<()>>;

enum To {
    Descriptor(OwnedFd),
    Shown(Show),
}

impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor(descriptor) => descriptor.fmt(f),
            Self::Shown(_) => f.write_str("Shown"),
        }
    }
}

impl Output {
    /// A descriptor that is written to, and closed at the end. It is left as it is: others may have it open too.
    #[must_use]
    pub fn descriptor(descriptor: OwnedFd) -> Self {
        let to = To::Descriptor(descriptor);
        Self { to }
    }

    /// What is called with what comes, cut anywhere, and shows it on a terminal.
    #[must_use]
    pub fn shown(show: impl FnMut(&[u8]) -> io::Result<()> + 'static) -> Self {
        let to = To::Shown(Box::new(show));
        Self { to }
    }

    /// The output, ready to be written on this event loop.
    ///
    /// # Errors
    /// When it cannot be asked what it is.
    pub(super) fn open(self) -> io::Result<Sink> {
        let descriptor = match self.to {
            To::Descriptor(descriptor) => descriptor,
            To::Shown(show) => return Ok(Sink::Shown(show)),
        };
        let kind = FileType::from_raw_mode(fstat(&descriptor)?.st_mode);
        Ok(match kind {
            FileType::Fifo => Sink::Pipe(AsyncDescriptor::new(descriptor)?),
            FileType::Socket => Sink::Watched(AsyncDescriptor::new(descriptor)?),
            _ => match AsyncDescriptor::new(descriptor.try_clone()?) {
                // A terminal that is stopped takes less than it says.
                Ok(_) => Sink::Slow(Arc::new(descriptor.into())),
                // `EPERM`: always ready.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    Sink::Ready(descriptor.into())
                }
                Err(error) => return Err(error),
            },
        })
    }
}

/// An output that is being written, by what it is, which says how it is written without waiting for it.
pub(super) enum Sink {
    /// A pipe, to which the kernel can move what comes.
    Pipe(AsyncDescriptor),
    /// Whatever else says when it can be written: a socket.
    Watched(AsyncDescriptor),
    /// What can be written at any time: a file, `/dev/null`.
    Ready(File),
    /// What may keep a thread waiting: a terminal.
    Slow(Arc<File>),
    /// A terminal that somebody else writes to.
    Shown(Show),
}

impl Sink {
    /// `write(2)`: writes all of it.
    pub(super) async fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Pipe(descriptor) | Self::Watched(descriptor) => write_all(descriptor, data).await,
            Self::Ready(file) => file.write_all(data),
            Self::Shown(show) => show(data),
            Self::Slow(file) => {
                let (file, data) = (Arc::clone(file), data.to_vec());
                cores::blocking(move || (&*file).write_all(&data)).await
            }
        }
    }
}

/// `write(2)` until there is no more to write.
pub(super) async fn write_all(descriptor: &AsyncDescriptor, data: &[u8]) -> io::Result<()> {
    let mut rest = data;
    while !rest.is_empty() {
        rest = &rest[descriptor.write(rest).await?..];
    }
    Ok(())
}
