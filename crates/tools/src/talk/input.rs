//! What we send: a pipe, a terminal, a file, a socket that we were started with.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::OwnedFd;

use landline_socket::AsyncDescriptor;
use rustix::fs::{FileType, fstat};
use tokio::sync::mpsc::Receiver;

/// What is sent.
#[derive(Debug)]
pub struct Input {
    origin: Origin,
}

#[derive(Debug)]
enum Origin {
    Descriptor(OwnedFd),
    Typed(Receiver<Vec<u8>>),
}

impl Input {
    /// What can be read from a descriptor, to its end. It is left as it is: others may have it open too.
    #[must_use]
    pub fn descriptor(descriptor: OwnedFd) -> Self {
        let origin = Origin::Descriptor(descriptor);
        Self { origin }
    }

    /// Lines that somebody types at a terminal, without their ends: among them `quit`, and where one speaks in turns
    /// `/over` and `/take`, have a meaning; and the peer's end ends the conversation.
    #[must_use]
    pub fn typed(lines: Receiver<Vec<u8>>) -> Self {
        let origin = Origin::Typed(lines);
        Self { origin }
    }

    /// Whether somebody types it.
    pub(super) fn is_typed(&self) -> bool {
        matches!(self.origin, Origin::Typed(_))
    }

    /// The input, ready to be read on this event loop.
    ///
    /// # Errors
    /// When it is a folder, or cannot be asked what it is.
    pub(super) fn open(self) -> io::Result<Source> {
        let kind = match self.origin {
            Origin::Descriptor(descriptor) => kind(descriptor)?,
            Origin::Typed(lines) => Kind::Typed(lines),
        };
        Ok(Source {
            kind,
            buffer: Vec::new(),
        })
    }
}

/// What a descriptor is.
fn kind(descriptor: OwnedFd) -> io::Result<Kind> {
    Ok(match FileType::from_raw_mode(fstat(&descriptor)?.st_mode) {
        FileType::Directory => return Err(ErrorKind::IsADirectory.into()),
        FileType::RegularFile => {
            let mut file = File::from(descriptor);
            // Where it is open for writing alone, sending it would look like a connection that was lost.
            let _ = file.read(&mut [])?;
            Kind::File(file)
        }
        FileType::Fifo => Kind::Pipe(AsyncDescriptor::new(descriptor)?),
        _ => match AsyncDescriptor::new(descriptor.try_clone()?) {
            Ok(watched) => Kind::Watched(watched),
            // `EPERM`: always ready, such as /dev/zero.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Kind::Ready(descriptor.into())
            }
            Err(error) => return Err(error),
        },
    })
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
    /// Lines that somebody types.
    Typed(Receiver<Vec<u8>>),
}

impl Source {
    /// `read(2)`: what comes next; nothing at the end.
    pub(super) async fn read(&mut self) -> io::Result<&[u8]> {
        if let Kind::Typed(lines) = &mut self.kind {
            self.buffer = lines.recv().await.map_or_else(Vec::new, |mut line| {
                line.push(b'\n');
                line
            });
            return Ok(&self.buffer);
        }
        self.buffer.resize(READ_BYTES, 0);
        let read = match &mut self.kind {
            Kind::Pipe(descriptor) | Kind::Watched(descriptor) => {
                descriptor.read(&mut self.buffer).await?
            }
            Kind::File(file) | Kind::Ready(file) => file.read(&mut self.buffer)?,
            Kind::Typed(_) => 0,
        };
        Ok(&self.buffer[..read])
    }
}

/// What one read takes at most.
const READ_BYTES: usize = 256 * 1024;
