//! What a connection has received and not yet used; an idle connection holds no buffer.

use std::cell::RefCell;
use std::io;

use landline_socket::AsyncSocket;

/// Received bytes of one connection, in order.
pub(super) struct Inbox<'c> {
    socket: &'c AsyncSocket,
    bytes: Vec<u8>,
    used: usize,
}

impl<'c> Inbox<'c> {
    pub(super) fn new(socket: &'c AsyncSocket) -> Self {
        Self {
            socket,
            bytes: Vec::new(),
            used: 0,
        }
    }

    /// What is there and not used.
    pub(super) fn unused(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    /// The first `count` unused bytes are used.
    pub(super) fn advance(&mut self, count: usize) {
        self.used += count;
        if self.used == self.bytes.len() {
            self.bytes.clear();
            self.used = 0;
        }
    }

    /// Gives the buffer back, where nothing is in it.
    pub(super) fn release(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }

    /// Receives once more; 0 is the end of the stream. Cancelling it loses nothing.
    pub(super) async fn receive_more(&mut self) -> io::Result<usize> {
        loop {
            match self.receive_now() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.socket.readable().await?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Receives what is there already; [`io::ErrorKind::WouldBlock`] where nothing is.
    pub(super) fn receive_now(&mut self) -> io::Result<usize> {
        // One buffer per event loop takes every connection's bytes, so that an idle one needs none.
        thread_local! {
            static ARRIVING: RefCell<Box<[u8]>> = RefCell::new(vec![0; RECEIVE_BYTES].into());
        }
        ARRIVING.with_borrow_mut(|arriving| {
            let count = self.socket.try_recv(arriving)?;
            self.bytes.drain(..self.used);
            self.used = 0;
            self.bytes.extend_from_slice(&arriving[..count]);
            Ok(count)
        })
    }

    /// Receives straight into `into`, past the (empty) inbox; 0 is the end of the stream.
    pub(super) async fn receive_past(&mut self, into: &mut [u8]) -> io::Result<usize> {
        debug_assert!(
            self.unused().is_empty(),
            "bytes must not overtake those that came before"
        );
        Ok(self.socket.recv(into).await?)
    }

    /// Everything unused, for whoever takes the connection over.
    pub(super) fn into_unused(mut self) -> Vec<u8> {
        self.bytes.drain(..self.used);
        self.bytes
    }
}

/// As much as a head may have; a body is received past the inbox.
const RECEIVE_BYTES: usize = 16 * 1024;
