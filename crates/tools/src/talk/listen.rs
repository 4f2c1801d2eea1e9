//! Talk with whoever comes to a listener.

use std::io;
use std::time::Duration;

use landline_socket::{AsyncSocket, Socket};
use tokio::time::timeout;

use super::{Local, Peer, Report, Talk};

/// What came of waiting for somebody.
#[derive(Debug)]
pub enum Waiting {
    /// Somebody came, and this came of it.
    Talked(Report),
    /// Nobody came in time.
    Nobody,
    /// We were asked to stop before anybody came.
    Stopped,
}

impl Talk {
    /// `accept(2)`: waits for one peer, for at most so long, and talks with it; then the listener is closed.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub async fn listen(
        &self,
        listener: Socket,
        longest: Option<Duration>,
        local: Local,
    ) -> io::Result<Waiting> {
        let listener = AsyncSocket::from_socket(listener)?;
        let accepted = timeout(longest.unwrap_or(Duration::MAX), listener.accept());
        let (socket, address) = tokio::select! {
            accepted = accepted => match accepted {
                Ok(accepted) => accepted?,
                Err(_) => return Ok(Waiting::Nobody),
            },
            () = self.stop.stopped() => return Ok(Waiting::Stopped),
        };
        drop(listener);
        let peer = Peer::stream(socket, address.to_string());
        Ok(Waiting::Talked(self.converse(peer, local).await))
    }
}
