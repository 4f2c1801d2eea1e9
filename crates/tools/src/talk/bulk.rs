//! Bytes that the kernel moves: between a pipe and a stream, from a file to a stream.

use std::fs::File;
use std::io::{self, ErrorKind, Seek as _, SeekFrom};

use landline_socket::{AsyncDescriptor, AsyncSocket};
use rustix::pipe::fcntl_setpipe_size;

use super::flow::Flow;
use super::output::write_all;
use super::report::Fault;

/// Much is moved; little is copied. What is moved stays where it was written, in a page of its own: a peer that does
/// not read would have a page of ours for each byte that trickles in, and a slow reader of ours a pipe full of crumbs.
impl Flow<'_> {
    /// What comes through a pipe goes to a stream.
    pub(super) async fn send_pipe(
        &self,
        pipe: &AsyncDescriptor,
        socket: &AsyncSocket,
    ) -> Result<(), Fault> {
        let mut buffer = vec![0; LITTLE_BYTES];
        loop {
            let read = pipe.read(&mut buffer).await.map_err(Fault::Input)?;
            if read == 0 {
                return Ok(());
            }
            socket.send_all(&buffer[..read]).await.map_err(cut)?;
            self.sent(read);
            if read == buffer.len() {
                self.splice_out(pipe, socket).await?;
            }
        }
    }

    async fn splice_out(&self, pipe: &AsyncDescriptor, socket: &AsyncSocket) -> Result<(), Fault> {
        enlarge(pipe);
        loop {
            match socket.splice_to(pipe, MOVE_BYTES).await {
                Ok(moved) => {
                    self.sent(moved);
                    if moved < WORTH_BYTES {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    pipe.readable().await.map_err(Fault::Input)?;
                }
                Err(error) => return Err(cut(error)),
            }
        }
    }

    /// What comes from a stream goes into a pipe.
    pub(super) async fn receive_pipe(
        &self,
        socket: &AsyncSocket,
        pipe: &AsyncDescriptor,
    ) -> Result<(), Fault> {
        let mut buffer = vec![0; LITTLE_BYTES];
        loop {
            let received = socket.recv(&mut buffer).await.map_err(cut)?;
            if received == 0 {
                return Ok(());
            }
            self.received(received);
            let written = write_all(pipe, &buffer[..received]).await;
            written.map_err(Fault::Output)?;
            if received == buffer.len() {
                self.splice_in(socket, pipe).await?;
            }
        }
    }

    async fn splice_in(&self, socket: &AsyncSocket, pipe: &AsyncDescriptor) -> Result<(), Fault> {
        enlarge(pipe);
        loop {
            match socket.splice_from(pipe, MOVE_BYTES).await {
                Ok(moved) => {
                    self.received(moved);
                    if moved < WORTH_BYTES {
                        return Ok(());
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => pipe.writable().await.map_err(Fault::Output)?,
                    // The pipe's: a receive is never told so.
                    ErrorKind::BrokenPipe => return Err(Fault::Output(error.into())),
                    _ => return Err(cut(error)),
                },
            }
        }
    }

    /// From where the file stands, which moves along: whoever reads it next goes on behind what went. Ends where the
    /// kernel has no more to send by itself, which is the end of the file, or at once of files such as those in `/proc`.
    pub(super) async fn send_file(
        &self,
        mut file: &File,
        socket: &AsyncSocket,
    ) -> Result<(), Fault> {
        let mut offset = file.stream_position().map_err(Fault::Input)?;
        loop {
            match socket.send_file(file, offset, MOVE_BYTES).await {
                Ok(0) => return Ok(()),
                Ok(sent) => {
                    self.sent(sent);
                    offset += sent as u64;
                    file.seek(SeekFrom::Start(offset)).map_err(Fault::Input)?;
                }
                Err(error) if error.kind() == ErrorKind::InvalidInput => return Ok(()),
                Err(error) => return Err(cut(error)),
            }
        }
    }
}

fn cut(error: landline_socket::Error) -> Fault {
    Fault::Cut(io::Error::from(error))
}

/// As much as may be without privileges by default: fewer turns between the processes at the two ends. Without it all
/// goes as well, so that there is no room for it is no error.
fn enlarge(pipe: &AsyncDescriptor) {
    let _ = fcntl_setpipe_size(pipe, PIPE_BYTES);
}

/// What is read at once when little comes; as much as that at once is much.
const LITTLE_BYTES: usize = 16 * 1024;
/// A move of less than a page is no longer worth it.
const WORTH_BYTES: usize = 4096;
/// What the kernel is asked to move at once at most, so that the other direction has its turn.
const MOVE_BYTES: usize = 2 << 20;
/// `/proc/sys/fs/pipe-max-size` of a fresh system.
const PIPE_BYTES: usize = 1 << 20;
