//! What waits to be written to one connection: shared bytes, gathered into one vectored write.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;

use bytes::{Buf as _, Bytes};
use tokio::io::AsyncWrite;

/// The most parts that Linux takes in one write (`IOV_MAX`).
const PARTS: usize = 1024;

/// Bytes that fill an outbox. A member who does not read keeps at most these, one message more, and the answers to its
/// own requests from being freed.
const FULL_BYTES: usize = 64 * 1024;

/// A queue of shared bytes.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<Bytes>,
    bytes: usize,
    /// Whether a part of the first has been written.
    is_begun: bool,
}

impl Outbox {
    /// Adds a part; an empty one adds nothing.
    pub(super) fn push(&mut self, part: Bytes) {
        if !part.is_empty() {
            self.bytes += part.len();
            self.queue.push_back(part);
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether it holds what one write can be expected to take: 64 KiB or 1024 parts.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= FULL_BYTES || self.queue.len() >= PARTS
    }

    /// Forgets what has not been begun: the peer is told something else instead, and nothing is torn.
    pub(super) fn clear(&mut self) {
        self.queue.truncate(usize::from(self.is_begun));
        self.bytes = self.queue.iter().map(Bytes::len).sum();
    }

    /// One vectored write of as much as the peer takes; safe to cancel.
    pub(super) async fn write(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let written = poll_fn(|cx| {
            let parts: Vec<IoSlice<'_>> = self
                .queue
                .iter()
                .take(PARTS)
                .map(|part| IoSlice::new(part))
                .collect();
            Pin::new(&mut *writer).poll_write_vectored(cx, &parts)
        })
        .await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.advance(written);
        Ok(())
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while let Some(first) = self.queue.front_mut() {
            if written < first.len() {
                first.advance(written);
                self.is_begun |= written > 0;
                return;
            }
            written -= first.len();
            self.queue.pop_front();
            self.is_begun = false;
        }
    }
}

impl Extend<Bytes> for Outbox {
    fn extend<I: IntoIterator<Item = Bytes>>(&mut self, parts: I) {
        parts.into_iter().for_each(|part| self.push(part));
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Outbox;

    #[tokio::test]
    async fn what_is_begun_is_finished_and_the_rest_can_be_replaced() {
        let mut outbox = Outbox::default();
        outbox.extend(["abc", "", "def"].map(Bytes::from));
        assert_eq!(outbox.bytes, 6);
        outbox.advance(2);
        outbox.clear();
        outbox.push("!".into());
        let mut written = Vec::new();
        while !outbox.is_empty() {
            outbox.write(&mut written).await.unwrap();
        }
        assert_eq!(written, b"c!");
        assert_eq!(outbox.bytes, 0);
        outbox.push("x".into());
        outbox.clear();
        assert!(outbox.is_empty());
    }
}
