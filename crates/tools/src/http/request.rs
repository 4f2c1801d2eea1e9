//! A request as a service sees it: its head, who sent it, and a body to read.

use std::io;

use landline_socket::{Address, AsyncSocket};
use landline_wire::http::{
    BodyDecoder, BodyFraming, BodyLimits, CONTINUE, Fault, RequestHead, Status,
};

use super::Refusal;
use super::floor::{Floor, Progress};
use super::inbox::Inbox;

/// One request on a connection.
pub struct Request<'r, 'c> {
    /// Method, target and fields.
    pub head: &'r RequestHead,
    /// Who sent it.
    pub peer: &'r Address,
    /// Where it arrived.
    pub local: &'r Address,
    /// What follows the head.
    pub body: &'r mut Body<'c>,
}

/// The body of a request, read as it arrives; what is not read is the connection's to discard.
pub struct Body<'c> {
    pub(super) inbox: Inbox<'c>,
    socket: &'c AsyncSocket,
    decoder: BodyDecoder,
    length: Option<u64>,
    continue_owed: bool,
    progress: Progress,
}

impl<'c> Body<'c> {
    pub(super) fn new(
        socket: &'c AsyncSocket,
        inbox: Inbox<'c>,
        head: &RequestHead,
        limits: &BodyLimits,
        floor: Floor,
    ) -> Result<Self, Fault> {
        let framing = head.framing();
        let length = match framing {
            BodyFraming::None => Some(0),
            BodyFraming::Length(length) => Some(length),
            BodyFraming::Chunked => None,
        };
        Ok(Self {
            inbox,
            socket,
            decoder: BodyDecoder::new(framing, limits)?,
            length,
            continue_owed: head.expects_continue()? && length != Some(0),
            progress: Progress::new(floor),
        })
    }

    /// Its length, where it was announced.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Takes what nobody wanted of what is there already, so that the connection can go on; whether all
    /// of the body has been read now. It waits for nothing: the answer comes first.
    pub(super) fn discard_rest(&mut self) -> bool {
        // Who still waits for leave to send the body (RFC 9110 §10.1.1) may never send it now.
        let mut left = if self.continue_owed { 0 } else { DISCARD_BYTES };
        while !self.decoder.is_done() && left > 0 {
            if self.inbox.unused().is_empty() && !matches!(self.inbox.receive_now(), Ok(1..)) {
                break;
            }
            let Ok(step) = self.decoder.step(self.inbox.unused()) else {
                break;
            };
            let consumed = step.consumed;
            self.inbox.advance(consumed);
            left = left.saturating_sub(consumed.max(1));
        }
        self.decoder.is_done()
    }

    /// Reads what comes next into `into`; 0 is the end of the body.
    ///
    /// # Errors
    /// A framing fault or a body over its limit as the refusal to answer with; a body that is cut
    /// off or too slow as 400 or 408.
    pub async fn read(&mut self, into: &mut [u8]) -> Result<usize, Refusal> {
        if std::mem::take(&mut self.continue_owed) {
            let leave = async {
                self.socket.send_all(CONTINUE).await?;
                Ok(CONTINUE.len())
            };
            self.progress.step(leave).await.map_err(lost)?;
        }
        loop {
            if self.decoder.is_done() {
                return Ok(0);
            }
            if self.inbox.unused().is_empty() {
                if let Some(length) = self.length {
                    return self.read_past(length, into).await;
                }
                if self
                    .progress
                    .step(self.inbox.receive_more())
                    .await
                    .map_err(lost)?
                    == 0
                {
                    return Err(cut());
                }
            }
            let unused = self.inbox.unused();
            let step = self.decoder.step(&unused[..unused.len().min(into.len())])?;
            let (consumed, count) = (step.consumed, step.data.len());
            into[..count].copy_from_slice(step.data);
            self.inbox.advance(consumed);
            if count > 0 {
                return Ok(count);
            }
        }
    }

    /// A body of known length needs no decoding: it goes from the socket to where it is wanted.
    async fn read_past(&mut self, length: u64, into: &mut [u8]) -> Result<usize, Refusal> {
        let left = usize::try_from(length - self.decoder.received_bytes()).unwrap_or(usize::MAX);
        let room = left.min(into.len());
        let into = &mut into[..room];
        let count = self
            .progress
            .step(self.inbox.receive_past(into))
            .await
            .map_err(lost)?;
        if count == 0 {
            return Err(cut());
        }
        self.decoder.step(&into[..count])?;
        Ok(count)
    }
}

fn cut() -> Refusal {
    Refusal::new(
        Status::BAD_REQUEST,
        "The body ended before its announced length.",
    )
}

fn lost(error: io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::TimedOut => {
            Refusal::new(Status::REQUEST_TIMEOUT, "The body came too slowly.")
        }
        _ => Refusal::new(Status::BAD_REQUEST, "The connection was lost."),
    }
}

/// Up to here, reading an unwanted body is cheaper than a new connection.
const DISCARD_BYTES: usize = 64 * 1024;
