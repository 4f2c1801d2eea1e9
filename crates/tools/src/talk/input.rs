//! What we send: a pipe, a terminal, a file, a socket that we were started with.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::OwnedFd;

use landline_socket::AsyncDescriptor;
use rustix::fs::{FileType, fstat};

/// What is sent.
#[derive(Debug)]
pub struct Input {
    descriptor: OwnedFd,
}

impl Input {
    /// What can be read from a descriptor, to its end. It is left as it is: others may have it open too.
    #[must_use]
    pub fn descriptor(descriptor: OwnedFd) -> Self {
        Self { descriptor }
    }

    /// The input, ready to be read on this event loop.
    ///
    /// # Errors
    /// When it is a folder, or cannot be asked what it is.
    pub(super) fn open(self) -> io::Result<Source> {
        let descriptor = self.descriptor;
        let kind = FileType::from_raw_mode(fstat(&descriptor)?.st_mode);
        let kind = match kind {
            FileType::Directory => return Err(ErrorKind::IsADirectory.into()),
            FileType::RegularFile => Kind::File(descriptor.into()),
            FileType::Fifo => Kind::Pipe(AsyncDescriptor::new(descriptor)?),
            _ => match AsyncDescriptor::new(descriptor.try_clone()?) {
                Ok(watched) => Kind::Watched(watched),
                // `EPERM`: always ready, such as /dev/zero.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    Kind::Ready(descriptor.into())
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Source {
            kind,
            buffer: Vec::new(),
        })
    }
}

/// An input that is being read.
pub(super) struct Source {
    pub(super) kind: Kind,
    // Made by the first read: what goes by other ways needs none.
    buffer: Vec<u8>,
}

/// What an input is, which says how it is read without waiting for it.
pub(super) enum Kind {
    /// A pipe, which the kernel can move to a socket.
    Pipe(AsyncDescriptor),
    /// A file, which the kernel can send from where it stands.
    File(File),
    /// Whatever else says when it can be read: a terminal, a socket.
    Watched(AsyncDescriptor),
    /// What can be read at any time.
    Ready(File),
}

impl Source {
    /// `read(2)`: what comes next; nothing at the end.
    pub(super) async fn read(&mut self) -> io::Result<&[u8]> {
        self.buffer.resize(READ_BYTES, 0);
        let read = match &mut self.kind {
            Kind::Pipe(descriptor) | Kind::Watched(descriptor) => {
                descriptor.read(&mut self.buffer).await?
            }
            Kind::File(file) | Kind::Ready(file) => file.read(&mut self.buffer)?,
        };
        Ok(&self.buffer[..read])
    }
}

/// What one read takes at most.
const READ_BYTES: usize = 256 * 1024;
