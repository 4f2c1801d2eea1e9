//! Many peers on one datagram socket, told apart by their addresses.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use landline_socket::server::{Door, Permit};
use landline_socket::{Address, AsyncSocket};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::super::datagram::{Post, receive_from};
use super::super::{Event, Peer, Talk};
use super::Gathering;
use crate::base::name_of;

/// A datagram socket and who is talked with on it.
#[derive(Debug)]
pub(in super::super) struct Office {
    socket: AsyncSocket,
    boxes: RefCell<HashMap<Address, Sender<Vec<u8>>>>,
}

impl Office {
    pub(super) fn new(socket: AsyncSocket) -> Rc<Self> {
        Rc::new(Self {
            socket,
            boxes: RefCell::default(),
        })
    }

    pub(in super::super) async fn send(&self, data: &[u8], peer: &Address) -> io::Result<()> {
        self.socket.send_to(data, peer).await?;
        Ok(())
    }

    pub(in super::super) fn forget(&self, peer: &Address) {
        self.boxes.borrow_mut().remove(peer);
    }

    /// The letters of somebody who was not known.
    fn open(&self, peer: &Address, first: Vec<u8>) -> Receiver<Vec<u8>> {
        let (sender, letters) = mpsc::channel(LETTERS);
        // There is room: it is the first.
        let _ = sender.try_send(first);
        self.boxes.borrow_mut().insert(peer.clone(), sender);
        letters
    }

    /// Puts a letter into its box; gives it back where there is none. A full box loses it, as the network does.
    fn deliver(&self, peer: &Address, letter: Vec<u8>) -> Result<(), Vec<u8>> {
        match self.boxes.borrow().get(peer) {
            None => Err(letter),
            Some(letters) => match letters.try_send(letter) {
                Err(TrySendError::Closed(letter)) => Err(letter),
                Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
            },
        }
    }
}

/// A newcomer, and its place inside.
pub(super) struct Newcomer {
    pub(super) peer: Peer,
    pub(super) permit: Permit,
}

impl Talk {
    /// Sorts datagrams until we are stopped; whoever is new, may come and finds room is handed to `came`.
    pub(super) async fn sort(
        &self,
        office: &Rc<Office>,
        gathering: &Gathering,
        came: impl Fn(Newcomer),
    ) -> io::Result<()> {
        let door = Door::new(gathering.limits);
        loop {
            let mut letter = Vec::new();
            let address = tokio::select! {
                address = receive_from(&office.socket, &mut letter) => address?,
                () = self.stop.stopped() => return Ok(()),
            };
            letter.shrink_to_fit();
            let Err(letter) = office.deliver(&address, letter) else {
                continue;
            };
            let name = name_of(&address);
            let permit = door.enter(&address);
            let Some(permit) = permit.filter(|_| gathering.networks.admits(&address)) else {
                (self.tell)(&Event::Refused { peer: &name });
                continue;
            };
            let post = Post::Letters {
                letters: RefCell::new(office.open(&address, letter)),
                office: Rc::clone(office),
                peer: address,
                forget: self.options.idle.unwrap_or(FORGET),
            };
            let peer = Peer::letters(post, name, self.options.wait);
            came(Newcomer { peer, permit });
        }
    }
}

/// What waits for one peer's turn: at most a mebibyte, as a letter has at most 64 KiB.
const LETTERS: usize = 16;

/// Datagrams tell of nobody's going.
const FORGET: Duration = Duration::from_secs(60);
