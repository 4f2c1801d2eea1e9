//! Talk with many at once, on one event loop.

mod crowd;
mod hall;
mod lines;
mod office;

use std::io;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use landline_socket::server::{Door, Limits, Permit, accept};
use landline_socket::{Address, AsyncSocket, Kind, Socket};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::{Event, Fault, Local, Peer, Talk};
use crate::base::{Networks, name_of};
use hall::Hall;
use office::Newcomer;

pub(super) use office::Office;

/// Who may come to a server of conversations, and who hears whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathering {
    /// Ends it when nobody has ever come for so long. Default: `None`.
    pub timeout: Option<Duration>,
    /// From where they may come; who may not is sent away before a word, or a handshake. Default: from anywhere.
    pub networks: Networks,
    /// How many may be there; who is too many is closed at once. Default: 1,024 in all, 256 from one address.
    pub limits: Limits,
    /// Who hears what one of them says. Default: we alone.
    pub audience: Audience,
}

/// Who hears what one of many says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// We do.
    #[default]
    Us,
    /// We do, and all the others.
    Everybody,
}

/// How serving many came to its end.
#[derive(Debug)]
pub enum Served {
    /// We were asked to stop, and those who were there had a while to end.
    Stopped,
    /// Nobody ever came, for as long as was allowed.
    Nobody,
    /// Our own side failed.
    Failed(Fault),
}

impl Talk {
    /// Talks with everybody who comes, all at once, until it is stopped; then what waits for them is sent, for at most 5 s.
    ///
    /// What we send goes to all; while nobody is there it is not read, so it waits for the first. What each of them says
    /// comes to our output in whole lines: one that has begun is waited for, for 100 ms of quiet or up to 64 KiB, and
    /// where another's words come behind an open line a newline is put between. The end of our input ends nothing: who
    /// is there goes on being heard. Who ends its side has left, after what waits for it, or after
    /// [`Options::wait`](super::Options::wait).
    ///
    /// Nobody holds up the others for more than a moment: who is more than 1 MiB behind, or takes nothing for 30 s, is
    /// dropped. On a datagram socket whoever sends is there, until nothing came from them for
    /// [`Options::idle`](super::Options::idle) (default there: 60 s).
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub async fn keep_open(
        &self,
        listener: Socket,
        gathering: &Gathering,
        local: Local,
    ) -> io::Result<Served> {
        let hall = Hall::open(self, gathering.audience, local.output);
        let (hall, mut failed) = match hall {
            Ok(open) => open,
            Err(error) => return Ok(Served::Failed(Fault::Output(error))),
        };
        let attend = async |peer: Peer| hall.attend(peer).await;
        let served = self.gather(listener, gathering, attend);
        tokio::select! {
            served = served => served,
            fault = hall.speak(local.input) => Ok(Served::Failed(fault)),
            Some(fault) = failed.recv() => Ok(Served::Failed(fault)),
        }
    }

    /// Accepts, and has everybody talked with by `hold`, until it is stopped.
    pub(super) async fn gather(
        &self,
        listener: Socket,
        gathering: &Gathering,
        hold: impl AsyncFn(Peer),
    ) -> io::Result<Served> {
        let listener = AsyncSocket::from_socket(listener)?;
        let (came, mut guests) = mpsc::unbounded_channel();
        let letting_in = self.let_in(listener, gathering, move |guest| {
            // Without us there is nobody to talk with.
            let _ = came.send(guest);
        });
        let mut letting_in = pin!(letting_in);
        let mut nobody = pin!(sleep(gathering.timeout.unwrap_or(Duration::MAX)));
        let mut held = FuturesUnordered::new();
        let (mut is_open, mut is_empty) = (true, true);
        while is_open || !held.is_empty() {
            tokio::select! {
                outcome = &mut letting_in, if is_open => {
                    outcome?;
                    is_open = false;
                }
                Some(guest) = guests.recv() => {
                    is_empty = false;
                    held.push(self.host(guest, gathering, &hold));
                }
                Some(()) = held.next() => {}
                () = &mut nobody, if is_empty && gathering.timeout.is_some() => return Ok(Served::Nobody),
            }
        }
        Ok(Served::Stopped)
    }

    /// Lets in whoever there is room for, until it is stopped and they have gone, or had their while.
    async fn let_in(
        &self,
        listener: AsyncSocket,
        gathering: &Gathering,
        came: impl Fn(Guest),
    ) -> io::Result<()> {
        if listener.socket().kind()? == Kind::DGRAM {
            let office = Office::new(listener);
            let known = |newcomer| came(Guest::Known(newcomer));
            return self.sort(&office, gathering, known).await;
        }
        let door = Door::new(gathering.limits);
        let serve = |socket, address| {
            let (gone, until_gone) = oneshot::channel();
            came(Guest::Caller(socket, address, gone));
            async move {
                // An error is the same news: whoever had the other end let it go.
                let _ = until_gone.await;
            }
        };
        accept(listener, &door, &self.stop, GRACE, serve).await?;
        Ok(())
    }

    /// One guest, until they have gone or their while is over.
    async fn host(&self, guest: Guest, gathering: &Gathering, hold: &impl AsyncFn(Peer)) {
        match guest {
            Guest::Known(Newcomer { peer, permit }) => {
                let _permit: Permit = permit;
                let over = async {
                    self.stop.stopped().await;
                    sleep(GRACE).await;
                };
                tokio::select! {
                    () = hold(peer) => {}
                    () = over => {}
                }
            }
            Guest::Caller(socket, address, mut gone) => {
                let talked = async {
                    let name = name_of(&address);
                    if !gathering.networks.admits(&address) {
                        return (self.tell)(&Event::Refused { peer: &name });
                    }
                    if let Some(peer) = self.welcome(socket, name).await {
                        hold(peer).await;
                    }
                };
                tokio::select! {
                    () = talked => {}
                    () = gone.closed() => {}
                }
            }
        }
    }
}

/// Somebody who came.
enum Guest {
    Known(Newcomer),
    /// Over a connection, and whom to tell when they have gone.
    Caller(AsyncSocket, Address, oneshot::Sender<()>),
}

/// How long those who are there when it is stopped may take to end.
pub(super) const GRACE: Duration = Duration::from_secs(5);
