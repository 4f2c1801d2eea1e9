//! A reply: a head, what follows it, and how it is sent with few system calls.

use std::fs::File;
use std::io::{self, IoSlice};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use landline_socket::{AsyncSocket, MsgFlags};
use landline_wire::http::{
    BodyLength, CHUNK_END, Connection, FixDate, LAST_CHUNK, Method, RequestHead, ResponseHead,
    Status, Version, chunk_head,
};
use rustix::io::{Errno, ReadWriteFlags};
use tokio::sync::mpsc;

use super::floor::{Floor, Progress};
use crate::base::clock;
use crate::base::cores::blocking;

/// What answers a request.
pub struct Reply {
    pub(super) head: ResponseHead,
    pub(super) content: Content,
    pub(super) upgrade: Option<Upgrade>,
    is_page: bool,
    pub(super) completes: bool,
}

/// What follows the head of a reply.
pub enum Content {
    /// Bytes, shared where several connections send the same.
    Bytes(Bytes),
    /// A stretch of a file: from, and how many bytes.
    File(Arc<File>, u64, u64),
    /// Several stretches and what stands between them.
    Parts(Vec<Part>),
    /// Bytes whose number is not known beforehand; an `Err` cuts the connection, so that the
    /// client cannot take what it has for the whole.
    Stream(mpsc::Receiver<io::Result<Bytes>>),
}

/// One piece of a reply in several.
pub enum Part {
    /// Bytes of ours.
    Bytes(Bytes),
    /// A stretch of a file: from, and how many bytes.
    File(Arc<File>, u64, u64),
}

/// Takes the connection over after 101: the socket, and what had been received already.
pub type Upgrade =
    Box<dyn FnOnce(AsyncSocket, Vec<u8>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Reply {
    /// A reply whose content is inert: a browser runs nothing that is in it.
    #[must_use]
    pub fn new(head: ResponseHead, content: Content) -> Self {
        Self {
            head,
            content,
            upgrade: None,
            is_page: false,
            completes: false,
        }
    }

    /// A reply without content.
    #[must_use]
    pub fn empty(head: ResponseHead) -> Self {
        Self::new(head, Content::Bytes(Bytes::new()))
    }

    /// A reply (status 101) after which the connection speaks another protocol.
    #[must_use]
    pub fn switch(head: ResponseHead, upgrade: Upgrade) -> Self {
        Self {
            upgrade: Some(upgrade),
            ..Self::empty(head)
        }
    }

    /// The same reply as one after which the client has the file or folder to its end.
    #[must_use]
    pub(super) fn completing(mut self) -> Self {
        self.completes = true;
        self
    }

    /// The same reply as a page of our own, which may run our own script and style.
    #[must_use]
    pub fn page(mut self) -> Self {
        self.is_page = true;
        self
    }

    /// How many bytes will follow the head; `None` for a stream.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            Content::File(_, _, count) => Some(*count),
            Content::Parts(parts) => Some(parts.iter().map(Part::length).sum()),
            Content::Stream(_) => None,
        }
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.head.status()
    }

    /// The fields that every answer carries: its date, and what lets other sites do nothing with it.
    fn protect(&mut self) {
        self.head.add("Date", FixDate::new(clock::seconds()));
        self.head.add("Cross-Origin-Resource-Policy", "same-origin");
        self.head.add("X-Content-Type-Options", "nosniff");
        self.head.add("Referrer-Policy", "no-referrer");
        if !self.head.contains("Content-Security-Policy") {
            self.head.add(
                "Content-Security-Policy",
                if self.is_page {
                    PAGE_POLICY
                } else {
                    INERT_POLICY
                },
            );
        }
    }
}

impl Part {
    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, _, count) => *count,
        }
    }
}

/// How a reply is sent on one connection.
pub(super) struct Sender<'c> {
    socket: &'c AsyncSocket,
    progress: Progress,
    /// Content bytes sent so far.
    pub(super) sent: u64,
}

impl<'c> Sender<'c> {
    pub(super) fn new(socket: &'c AsyncSocket, floor: Floor) -> Self {
        Self {
            socket,
            progress: Progress::new(floor),
            sent: 0,
        }
    }

    /// Sends `reply` to `request` (a fault has none), all but an upgrade's own bytes.
    pub(super) async fn send(
        &mut self,
        mut reply: Reply,
        request: Option<&RequestHead>,
        connection: Connection,
    ) -> io::Result<()> {
        reply.protect();
        let takes_chunks = request.is_none_or(|head| head.version() >= Version::Http11);
        let length = match reply.length() {
            Some(length) => BodyLength::Known(length),
            None if takes_chunks => BodyLength::Chunked,
            None => BodyLength::UntilClose,
        };
        let mut out = Vec::with_capacity(HEAD_BYTES);
        reply.head.write(length, connection, &mut out);
        let out = out.as_slice();
        let wants_content = request.is_none_or(|head| head.method() != Method::Head)
            && reply.head.status().allows_content();
        match reply.content {
            Content::Bytes(bytes) if wants_content => {
                self.send_both(out, &bytes).await?;
                self.sent += bytes.len() as u64;
            }
            Content::File(file, from, count) if wants_content => {
                self.send_file(out, &file, from, count).await?;
            }
            Content::Parts(parts) if wants_content => {
                self.send_both(out, &[]).await?;
                for part in parts {
                    match part {
                        Part::Bytes(bytes) => self.send_both(&bytes, &[]).await?,
                        Part::File(file, from, count) => {
                            self.send_file(&[], &file, from, count).await?;
                        }
                    }
                }
            }
            Content::Stream(chunks) if wants_content => {
                self.send_both(out, &[]).await?;
                self.send_stream(chunks, takes_chunks).await?;
            }
            _ => self.send_both(out, &[]).await?,
        }
        Ok(())
    }

    /// Sends two pieces with as few calls as the peer's window allows: mostly one.
    async fn send_both(&mut self, mut first: &[u8], mut second: &[u8]) -> io::Result<()> {
        while !first.is_empty() || !second.is_empty() {
            let pieces = [IoSlice::new(first), IoSlice::new(second)];
            let skip = usize::from(first.is_empty());
            let send = async { Ok(self.socket.send_vectored(&pieces[skip..]).await?) };
            let count = self.progress.step(send).await?;
            let of_first = count.min(first.len());
            first = &first[of_first..];
            second = &second[count - of_first..];
        }
        Ok(())
    }

    /// A small stretch is read and leaves together with `head`; a large one never comes up here.
    async fn send_file(
        &mut self,
        head: &[u8],
        file: &Arc<File>,
        mut from: u64,
        mut count: u64,
    ) -> io::Result<()> {
        if count <= COPY_BYTES {
            let mut content = vec![0; usize::try_from(count).unwrap_or(0)];
            read_exactly(file, &mut content, from).await?;
            self.send_both(head, &content).await?;
            self.sent += count;
            return Ok(());
        }
        self.announce(head).await?;
        let mut warm_to = from;
        while count > 0 {
            if from >= warm_to {
                warm_to = from + count.min(SLICE_BYTES);
                warm(file, from..warm_to).await?;
                // One large file must not keep the loop from everybody else's small ones.
                tokio::task::yield_now().await;
            }
            let slice = usize::try_from(warm_to - from).unwrap_or(usize::MAX);
            let send = async { Ok(self.socket.send_file(file.as_ref(), from, slice).await?) };
            let sent = self.progress.step(send).await? as u64;
            if sent == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the file became shorter while it was sent",
                ));
            }
            from += sent;
            count -= sent;
            self.sent += sent;
        }
        Ok(())
    }

    /// Sends what a file's bytes follow at once, so that the kernel puts both in one packet.
    async fn announce(&mut self, mut head: &[u8]) -> io::Result<()> {
        while !head.is_empty() {
            let send = async { Ok(self.socket.send_with(head, MsgFlags::MORE).await?) };
            let count = self.progress.step(send).await?;
            head = &head[count..];
        }
        Ok(())
    }

    async fn send_stream(
        &mut self,
        mut chunks: mpsc::Receiver<io::Result<Bytes>>,
        framed: bool,
    ) -> io::Result<()> {
        let mut frame = Vec::new();
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk?;
            if framed {
                chunk_head(chunk.len() as u64, &mut frame);
            }
            self.send_both(&frame, &chunk).await?;
            self.sent += chunk.len() as u64;
            frame.clear();
            if framed && !chunk.is_empty() {
                // It leaves with whatever comes next.
                frame.extend_from_slice(CHUNK_END);
            }
        }
        if framed {
            frame.extend_from_slice(LAST_CHUNK);
        }
        self.send_both(&frame, &[]).await
    }
}

/// Fills `into` from `file`: at once from the page cache, else on a thread that may block.
async fn read_exactly(file: &Arc<File>, into: &mut Vec<u8>, from: u64) -> io::Result<()> {
    let mut slices = [io::IoSliceMut::new(into)];
    match rustix::io::preadv2(file, &mut slices, from, ReadWriteFlags::NOWAIT) {
        Ok(count) if count == into.len() => return Ok(()),
        _ => {}
    }
    let (file, mut buffer) = (Arc::clone(file), std::mem::take(into));
    *into = blocking(move || file.read_exact_at(&mut buffer, from).map(|()| buffer)).await?;
    Ok(())
}

/// Makes sure that a stretch is in the page cache, so that sendfile does not wait for a disk on the
/// thread that serves everybody. Where both of its ends are, what lies between mostly is.
async fn warm(file: &Arc<File>, stretch: Range<u64>) -> io::Result<()> {
    let is_cold = |at| {
        let mut byte = [0];
        let mut slices = [io::IoSliceMut::new(&mut byte)];
        let read = rustix::io::preadv2(file, &mut slices, at, ReadWriteFlags::NOWAIT);
        // A file system that cannot tell is asked by sendfile itself.
        read == Err(Errno::AGAIN)
    };
    if !is_cold(stretch.start) && !is_cold(stretch.end - 1) {
        return Ok(());
    }
    let file = Arc::clone(file);
    blocking(move || {
        let mut buffer = vec![0; 64 * 1024];
        let mut at = stretch.start;
        while at < stretch.end {
            match file.read_at(&mut buffer, at)? {
                0 => break,
                count => at += count as u64,
            }
        }
        Ok(())
    })
    .await
}

/// What the head of an answer mostly fits in.
const HEAD_BYTES: usize = 512;
/// Below this a copy beside the head beats a `sendfile` of its own.
const COPY_BYTES: u64 = 16 * 1024;
/// One `sendfile`: large enough to cost nothing, small enough to let others in.
const SLICE_BYTES: u64 = 1024 * 1024;

/// Our own page: its own script and style, nothing from elsewhere, no frame around it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Anybody's file: an opaque origin, no script, no request, no frame around it.
const INERT_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
     media-src 'self'; frame-ancestors 'none'";
