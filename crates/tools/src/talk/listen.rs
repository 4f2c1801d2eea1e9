//! Talk with whoever comes to a listener.

use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use landline_socket::server::Setback;
use landline_socket::{AsyncSocket, Kind, Socket};
use tokio::time::timeout;

use super::datagram::first_peer;
use super::{Event, Local, Peer, Report, Talk};
use crate::base::{Networks, name_of};

/// Who may come to a listener, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entrance {
    /// How long to wait for somebody. Default: `None`, without end.
    pub timeout: Option<Duration>,
    /// From where they may come; who may not is sent away before a word, or a handshake. Default: from anywhere.
    pub networks: Networks,
}

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
    /// `accept(2)`: waits for one peer and talks with it; then the listener is closed. On a datagram socket it is
    /// whoever sends first.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub async fn listen(
        &self,
        listener: Socket,
        entrance: &Entrance,
        local: Local,
    ) -> io::Result<Waiting> {
        let talk = async |peer| self.converse(peer, local).await;
        self.listen_for(listener, entrance, talk).await
    }

    /// Waits for one peer and has it talked with by `hold`.
    pub(super) async fn listen_for(
        &self,
        listener: Socket,
        entrance: &Entrance,
        hold: impl AsyncFnOnce(Peer) -> Report,
    ) -> io::Result<Waiting> {
        let listener = AsyncSocket::from_socket(listener)?;
        let longest = entrance.timeout.unwrap_or(Duration::MAX);
        let peer = tokio::select! {
            came = timeout(longest, self.first(listener, &entrance.networks)) => match came {
                Ok(peer) => peer?,
                Err(_) => return Ok(Waiting::Nobody),
            },
            () = self.stop.stopped() => return Ok(Waiting::Stopped),
        };
        Ok(Waiting::Talked(hold(peer).await))
    }

    /// The first who may come and is [welcome](Talk::welcome). Others come in meanwhile, so that nobody's handshake
    /// holds them up.
    async fn first(&self, listener: AsyncSocket, networks: &Networks) -> io::Result<Peer> {
        let kind = listener.socket().kind()?;
        if kind == Kind::DGRAM {
            return first_peer(listener, networks, self.options.wait).await;
        }
        let mut arrivals = FuturesUnordered::new();
        let mut has_room = true;
        loop {
            tokio::select! {
                accepted = listener.accept(), if has_room && arrivals.len() < ARRIVALS => {
                    let (socket, address) = match accepted {
                        Ok(accepted) => accepted,
                        Err(error) => match Setback::of(&error) {
                            Setback::Passing => continue,
                            // Until one of those who shake hands has been sent away.
                            Setback::NoRoom if !arrivals.is_empty() => {
                                has_room = false;
                                continue;
                            }
                            _ => return Err(error.into()),
                        },
                    };
                    let name = name_of(&address);
                    if networks.admits(&address) {
                        arrivals.push(self.welcome(socket, name));
                    } else {
                        (self.tell)(&Event::Refused { peer: &name });
                    }
                }
                Some(welcome) = arrivals.next() => {
                    has_room = true;
                    if let Some(peer) = welcome {
                        return Ok(peer);
                    }
                }
            }
        }
    }
}

/// How many may shake hands at once; the others wait in the backlog.
const ARRIVALS: usize = 64;
