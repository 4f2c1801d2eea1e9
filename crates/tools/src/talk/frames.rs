//! Frames in place of a stream's bytes: a line of ours is one, and each one that comes is a line.

use std::io;

use bytes::BytesMut;
use landline_wire::codec::{Codec as _, Fault};
use landline_wire::frame::Frames;
use landline_wire::line::{Line, LineDecoder};

use super::peer::{Inlet, Outlet, Peer, Received};

impl Peer {
    /// The same peer, who speaks in frames.
    pub(super) fn framed(self, frames: Frames) -> Self {
        Self {
            inlet: Inlet::Frames(Box::new(FrameInlet {
                inner: self.inlet,
                frames,
                chunk: Vec::new(),
                inbox: BytesMut::new(),
            })),
            outlet: Outlet::Frames(Box::new(FrameOutlet {
                inner: self.outlet,
                frames,
                // A limit that no `usize` holds is none.
                lines: LineDecoder::new(usize::try_from(frames.limit()).unwrap_or(usize::MAX)),
                typed: BytesMut::new(),
            })),
            name: self.name,
        }
    }
}

/// What comes from a peer who speaks in frames.
#[derive(Debug)]
pub(super) struct FrameInlet {
    pub(super) inner: Inlet,
    frames: Frames,
    /// What one receive brought.
    chunk: Vec<u8>,
    inbox: BytesMut,
}

impl FrameInlet {
    /// As [`Inlet::receive`]: the frames that are there, a line each.
    pub(super) async fn receive(&mut self, into: &mut Vec<u8>) -> io::Result<Received> {
        loop {
            if self.take(into)? {
                return Ok(Received::Data);
            }
            self.chunk.clear();
            match self.inner.receive(&mut self.chunk).await? {
                Received::Data => self.inbox.extend_from_slice(&self.chunk),
                Received::End => {
                    let end = self.frames.end(&mut self.inbox);
                    return end
                        .map(|_| Received::End)
                        .map_err(|fault| io::Error::new(io::ErrorKind::UnexpectedEof, fault));
                }
            }
        }
    }

    fn take(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        let before = into.len();
        loop {
            match self.frames.decode(&mut self.inbox) {
                Ok(Some(payload)) => {
                    into.extend_from_slice(&payload);
                    into.push(b'\n');
                }
                // What came whole before it is shown first; a frame's fault comes again.
                Err(fault) if into.len() == before => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
                }
                Ok(None) | Err(_) => return Ok(into.len() > before),
            }
        }
    }
}

/// What goes to a peer who speaks in frames.
#[derive(Debug)]
pub(super) struct FrameOutlet {
    inner: Outlet,
    frames: Frames,
    lines: LineDecoder,
    /// A line whose end has not come.
    typed: BytesMut,
}

impl FrameOutlet {
    /// As [`Outlet::send`]: the lines that are whole.
    pub(super) async fn send(&mut self, data: &[u8]) -> io::Result<()> {
        self.typed.extend_from_slice(data);
        let mut frames = BytesMut::new();
        let mut outcome = Ok(());
        while outcome.is_ok()
            && let Some(line) = self.lines.decode(&mut self.typed)
        {
            outcome = self.encode(line, &mut frames);
        }
        // What was whole before a line that cannot go still goes.
        self.pass(&frames).await?;
        outcome
    }

    /// As [`Outlet::finish`]; a last line without its end is a frame too.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        if let Some(line) = self.lines.take_rest(&mut self.typed) {
            let mut frame = BytesMut::new();
            self.encode(line, &mut frame)?;
            self.pass(&frame).await?;
        }
        self.inner.finish().await
    }

    fn encode(&mut self, line: Line, frames: &mut BytesMut) -> io::Result<()> {
        let limit = self.frames.limit();
        let encoded = match line {
            Line::Whole(line) => self.frames.encode(&line, frames),
            Line::TooLong => Err(Fault::LineTooLong {
                limit: limit as usize,
            }),
        };
        encoded.map_err(|fault| io::Error::new(io::ErrorKind::InvalidInput, fault))
    }

    async fn pass(&mut self, frames: &[u8]) -> io::Result<()> {
        if frames.is_empty() {
            return Ok(());
        }
        self.inner.send(frames).await
    }
}
