//! Our own end of a conversation: where what we send comes from, and where what comes goes.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::base::cores;

/// Our own end of a conversation.
#[derive(Debug)]
pub struct Local {
    /// What is sent.
    pub input: Input,
    /// Where what comes goes.
    pub output: Output,
}

/// What is sent.
#[derive(Debug)]
pub struct Input {
    file: Arc<File>,
}

impl Input {
    /// What can be read from a descriptor, to its end.
    #[must_use]
    pub fn descriptor(descriptor: OwnedFd) -> Self {
        let file = Arc::new(File::from(descriptor));
        Self { file }
    }

    /// `read(2)`: what comes next; nothing at the end.
    pub(super) async fn read(&mut self) -> io::Result<Vec<u8>> {
        let file = Arc::clone(&self.file);
        cores::blocking(move || {
            let mut buffer = vec![0; READ_BYTES];
            let read = (&*file).read(&mut buffer)?;
            buffer.truncate(read);
            Ok::<_, io::Error>(buffer)
        })
        .await
    }
}

/// Where what comes goes.
#[derive(Debug)]
pub struct Output {
    file: Arc<File>,
}

impl Output {
    /// A descriptor that is written to, and closed at the end.
    #[must_use]
    pub fn descriptor(descriptor: OwnedFd) -> Self {
        let file = Arc::new(File::from(descriptor));
        Self { file }
    }

    /// `write(2)`: writes all of it.
    pub(super) async fn write_all(&mut self, data: Vec<u8>) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        cores::blocking(move || (&*file).write_all(&data)).await
    }
}

/// What one read takes at most.
const READ_BYTES: usize = 256 * 1024;
