//! Datagrams: a peer on a socket that has neither connections nor an end.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use landline_socket::{Address, AsyncSocket, MsgFlags, UnixAddress};
use tokio::sync::Notify;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::many::Office;
use super::peer::{Inlet, Outlet, Peer, Received};
use crate::base::{Networks, name_of};

impl Peer {
    /// The peer of a datagram socket that is connected, UDP or Unix, called `name`.
    ///
    /// Each send is one datagram, an empty one too, and each datagram is one message; a send of more than 65,507 bytes, the
    /// most that UDP carries over IPv4, is several. Datagrams have no end: once ours has been said the
    /// conversation ends after `wait` (default: 2 s) in which nothing came. A peer that refuses them
    /// (`ECONNREFUSED`: ICMP says that nobody is at its port) has cut it.
    ///
    /// # Errors
    /// `ENOTCONN` when the socket has no peer.
    pub fn datagram(socket: AsyncSocket, name: String, wait: Option<Duration>) -> io::Result<Self> {
        let peer = socket.peer_address()?;
        let post = Post::Own {
            socket,
            peer,
            is_connected: true,
        };
        let line = Line::new(post, wait);
        line.is_owed.set(true);
        Ok(Self::on(&Rc::new(line), name))
    }

    /// A peer of many on one socket, whose letters come here.
    pub(super) fn letters(post: Post, name: String, wait: Option<Duration>) -> Self {
        Self::on(&Rc::new(Line::new(post, wait)), name)
    }

    fn on(line: &Rc<Line>, name: String) -> Self {
        Self {
            inlet: Inlet::Datagram(Rc::clone(line)),
            outlet: Outlet::Datagram(Rc::clone(line)),
            name,
        }
    }
}

/// `connect(2)` to whoever sends first of those who may: from then on the kernel keeps the datagrams of all others
/// away, and those of theirs that wait already are dropped and counted.
///
/// A peer without an address, as a Unix socket that was never bound, can only be heard. The conversation ends as
/// [`Peer::datagram`]'s does, but a peer that we never sent anything owes us no answer: it goes on until it is stopped.
pub(super) async fn first_peer(
    socket: AsyncSocket,
    networks: &Networks,
    wait: Option<Duration>,
) -> io::Result<Peer> {
    let strangers = Rc::<Cell<u64>>::default();
    let (first, address) = loop {
        let mut first = Vec::new();
        let address = receive_from(&socket, &mut first).await?;
        if networks.admits(&address) {
            break (first, address);
        }
        strangers.set(strangers.get() + 1);
    };
    let has_address = address != Address::Unix(UnixAddress::Unnamed);
    // It may be gone already, and what it said is still to be heard.
    let is_connected = has_address && socket.connect(&address).await.is_ok();
    let name = name_of(&address);
    let post = Post::Own {
        socket,
        peer: address,
        is_connected,
    };
    let mut line = Line::new(post, wait);
    line.first = RefCell::new(Some(first));
    line.strangers = strangers;
    Ok(Peer::on(&Rc::new(line), name))
}

/// How datagrams come and go.
#[derive(Debug)]
pub(super) enum Post {
    /// On a socket that is this conversation's alone.
    Own {
        socket: AsyncSocket,
        /// Who sends to a connected socket is sorted out by the kernel, but not who sent before it was connected.
        peer: Address,
        is_connected: bool,
    },
    /// On a socket that others have too, sorted by who sent them.
    Letters {
        office: Rc<Office>,
        peer: Address,
        letters: RefCell<Receiver<Vec<u8>>>,
        /// Who says nothing for so long is taken to have gone.
        forget: Duration,
    },
}

/// What both directions of a conversation in datagrams have in common.
#[derive(Debug)]
pub(super) struct Line {
    post: Post,
    quiet: Duration,
    /// What came before there was a line.
    first: RefCell<Option<Vec<u8>>>,
    /// Datagrams that came from others.
    pub(super) strangers: Rc<Cell<u64>>,
    /// Whether an answer may still come: we called, or have sent something.
    is_owed: Cell<bool>,
    /// When something came last, or our side ended.
    last: Cell<Instant>,
    is_ended: Cell<bool>,
    /// The kernel says it once, to whichever direction asks first.
    is_refused: Cell<bool>,
    /// Rung when our side has ended, or the peer has refused.
    changed: Notify,
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Post::Letters { office, peer, .. } = &self.post {
            office.forget(peer);
        }
    }
}

impl Line {
    fn new(post: Post, wait: Option<Duration>) -> Self {
        Self {
            post,
            quiet: wait.unwrap_or(QUIET),
            first: RefCell::default(),
            strangers: Rc::default(),
            is_owed: Cell::new(false),
            last: Cell::new(Instant::now()),
            is_ended: Cell::new(false),
            is_refused: Cell::new(false),
            changed: Notify::new(),
        }
    }

    /// One datagram of the peer; the end when it has been quiet for long enough after ours.
    pub(super) async fn receive(&self, into: &mut Vec<u8>) -> io::Result<Received> {
        if let Some(first) = self.first.take() {
            into.extend(first);
            return Ok(Received::Data);
        }
        tokio::select! {
            biased;
            received = self.next(into) => {
                received.map_err(refused)?;
                self.last.set(Instant::now());
                Ok(Received::Data)
            }
            () = self.silence() => match self.is_refused.get() {
                true => Err(refused(io::ErrorKind::ConnectionRefused.into())),
                false => Ok(Received::End),
            },
        }
    }

    async fn next(&self, into: &mut Vec<u8>) -> io::Result<()> {
        match &self.post {
            Post::Own { socket, peer, .. } => {
                let start = into.len();
                while receive_from(socket, into).await? != *peer {
                    into.truncate(start);
                    self.strangers.set(self.strangers.get() + 1);
                }
                Ok(())
            }
            Post::Letters { letters, .. } => {
                match poll_fn(|context| letters.borrow_mut().poll_recv(context)).await {
                    Some(letter) => into.extend(letter),
                    None => return Err(io::ErrorKind::BrokenPipe.into()),
                }
                Ok(())
            }
        }
    }

    /// Ready when nothing more is to be waited for.
    async fn silence(&self) {
        while !self.is_refused.get() {
            match self.end() {
                None => self.changed.notified().await,
                Some(end) if Instant::now() < end => {
                    tokio::select! {
                        () = sleep_until(end) => {}
                        () = self.changed.notified() => {}
                    }
                }
                Some(_) => return,
            }
        }
    }

    /// Until when something is waited for, if nothing comes.
    fn end(&self) -> Option<Instant> {
        if self.is_ended.get() && self.is_owed.get() {
            return Some(self.last.get() + self.quiet);
        }
        match self.post {
            Post::Own { .. } => None,
            Post::Letters { forget, .. } => Some(self.last.get() + forget),
        }
    }

    /// One datagram, or several where it is too long for one.
    pub(super) async fn send(&self, data: &[u8]) -> io::Result<()> {
        for piece in pieces(data) {
            match &self.post {
                Post::Letters { office, peer, .. } => office.send(piece, peer).await?,
                Post::Own {
                    is_connected: false,
                    ..
                } => {
                    let why = "the peer has no address, so nothing can be sent to it";
                    return Err(io::Error::new(io::ErrorKind::NotConnected, why));
                }
                Post::Own { socket, .. } => {
                    socket
                        .send(piece)
                        .await
                        .map_err(|error| self.refused(error.into()))?;
                }
            }
        }
        self.is_owed.set(true);
        Ok(())
    }

    fn refused(&self, error: io::Error) -> io::Error {
        if error.kind() == io::ErrorKind::ConnectionRefused {
            self.is_refused.set(true);
            self.changed.notify_one();
        }
        refused(error)
    }

    /// Ends our side: the peer cannot be told, and has so long to answer.
    pub(super) fn finish(&self) {
        self.last.set(Instant::now());
        self.is_ended.set(true);
        self.changed.notify_one();
    }
}

/// What goes out as one message each: an empty one too.
pub(super) fn pieces(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = data.is_empty().then_some(data);
    empty.into_iter().chain(data.chunks(MESSAGE_BYTES))
}

/// `recvfrom(2)`: a whole datagram, and who sent it.
pub(super) async fn receive_from(socket: &AsyncSocket, into: &mut Vec<u8>) -> io::Result<Address> {
    let room = match socket.local_address()? {
        Address::Unix(_) => next_bytes(socket).await?,
        _ => UDP_BYTES,
    };
    into.reserve(room.max(1));
    Ok(socket.recv_from_into(into).await?.1)
}

/// How long the message is that comes next: a Unix socket's may be of any length that the sender's buffer allows.
pub(super) async fn next_bytes(socket: &AsyncSocket) -> io::Result<usize> {
    let unseen = MsgFlags::PEEK | MsgFlags::TRUNC;
    Ok(socket.recv_with(&mut [], unseen).await?)
}

/// The kernel's one word for it, in more.
fn refused(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            let why = "datagrams are refused: nobody receives at that address";
            io::Error::new(io::ErrorKind::ConnectionRefused, why)
        }
        _ => error,
    }
}

/// 65,535 less the heads of IPv4 and UDP, RFC 768.
const MESSAGE_BYTES: usize = 65_507;

/// More than any datagram has that is not a jumbogram.
const UDP_BYTES: usize = 65_536;

/// `nc -u` waits for ever, and who ends at once loses the answer to what was sent last.
const QUIET: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::Duration;

    use landline_socket::{AsyncSocket, Family, Kind, Protocol, Socket, UnixAddress};

    use super::{MESSAGE_BYTES, Peer, Received, first_peer};
    use crate::base::Networks;

    const QUIET: Option<Duration> = Some(Duration::from_millis(20));

    fn any_port() -> UdpSocket {
        UdpSocket::bind("127.0.0.1:0").unwrap()
    }

    fn asynchronous(socket: UdpSocket) -> AsyncSocket {
        AsyncSocket::from_socket(std::os::fd::OwnedFd::from(socket).into()).unwrap()
    }

    /// What the peer says next.
    async fn next(peer: &mut Peer) -> (Received, Vec<u8>) {
        let mut message = Vec::new();
        let received = peer.inlet.receive(&mut message).await.unwrap();
        (received, message)
    }

    #[tokio::test]
    async fn the_shortest_and_the_longest_datagram_are_messages_both_ways() {
        let (here, there) = (any_port(), any_port());
        here.connect(there.local_addr().unwrap()).unwrap();
        there.connect(here.local_addr().unwrap()).unwrap();
        let mut peer = Peer::datagram(asynchronous(here), "there".into(), QUIET).unwrap();
        let longest = vec![7; MESSAGE_BYTES];
        let mut buffer = vec![0; 70_000];
        for message in [&b""[..], &longest, b"", b"x"] {
            there.send(message).unwrap();
            assert_eq!(next(&mut peer).await, (Received::Data, message.to_vec()));
            peer.outlet.send(message).await.unwrap();
            let received = there.recv(&mut buffer).unwrap();
            assert_eq!(&buffer[..received], message);
        }
        // What is too long for one is several.
        peer.outlet
            .send(&[&longest[..], b"y"].concat())
            .await
            .unwrap();
        assert_eq!(there.recv(&mut buffer).unwrap(), MESSAGE_BYTES);
        assert_eq!(there.recv(&mut buffer).unwrap(), 1);
        peer.outlet.finish().await.unwrap();
        assert_eq!(next(&mut peer).await, (Received::End, vec![]));
    }

    #[tokio::test]
    async fn who_sends_first_is_the_peer_and_others_are_dropped() {
        let server = any_port();
        let address = server.local_addr().unwrap();
        let (denied, first, other) = (any_port(), any_port(), any_port());
        // All of this waits before anybody is listened to.
        for (socket, words) in [(&first, "one"), (&other, "not mine"), (&first, "two")] {
            socket.send_to(words.as_bytes(), address).unwrap();
        }
        let mut peer = first_peer(asynchronous(server), &Networks::default(), QUIET)
            .await
            .unwrap();
        assert_eq!(next(&mut peer).await.1, b"one");
        assert_eq!(next(&mut peer).await.1, b"two");
        assert_eq!(peer.inlet.strangers().get(), 1);
        // From now on the kernel does not even let them in.
        assert!(denied.send_to(b"not mine", address).is_ok());
        first.send_to(b"three", address).unwrap();
        assert_eq!(next(&mut peer).await.1, b"three");
        assert_eq!(peer.inlet.strangers().get(), 1);
    }

    #[tokio::test]
    async fn who_may_not_come_is_not_the_first() {
        let server = any_port();
        let address = server.local_addr().unwrap();
        let (denied, other) = (UdpSocket::bind("127.0.0.2:0").unwrap(), any_port());
        denied.send_to(b"let me in", address).unwrap();
        other.send_to(b"hello", address).unwrap();
        let networks = Networks {
            denied: vec!["127.0.0.2".parse().unwrap()],
            ..Networks::default()
        };
        let mut peer = first_peer(asynchronous(server), &networks, QUIET)
            .await
            .unwrap();
        assert_eq!(next(&mut peer).await.1, b"hello");
        assert_eq!(peer.inlet.strangers().get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_ends_only_what_an_answer_is_owed_to() {
        let server = any_port();
        let client = any_port();
        client.connect(server.local_addr().unwrap()).unwrap();
        client.send(b"hello").unwrap();
        let mut peer = first_peer(asynchronous(server), &Networks::default(), QUIET)
            .await
            .unwrap();
        next(&mut peer).await;
        peer.outlet.finish().await.unwrap();
        let hour = Duration::from_secs(3600);
        let waited = tokio::time::timeout(hour, next(&mut peer)).await;
        assert!(waited.is_err(), "nobody owes us an answer");
        peer.outlet.send(b"hello?").await.unwrap();
        assert_eq!(next(&mut peer).await.0, Received::End);
    }

    #[tokio::test]
    async fn a_refusal_is_said() {
        let (here, there) = (any_port(), any_port());
        here.connect(there.local_addr().unwrap()).unwrap();
        drop(there);
        let mut peer = Peer::datagram(asynchronous(here), "there".into(), None).unwrap();
        peer.outlet.send(b"hello?").await.unwrap();
        let refused = peer.inlet.receive(&mut Vec::new()).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
        assert!(refused.to_string().contains("nobody receives"), "{refused}");
    }

    #[tokio::test]
    async fn a_unix_peer_without_a_name_is_heard_and_cannot_be_answered() {
        let bound = || {
            let socket = Socket::new(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
            socket.bind(&UnixAddress::Unnamed.into()).unwrap();
            socket
        };
        let server = bound();
        let address = server.local_address().unwrap();
        let nameless = Socket::new(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
        let long = vec![7; 100_000];
        nameless.send_to(b"hello", &address).unwrap();
        nameless.send_to(&long, &address).unwrap();
        let server = AsyncSocket::from_socket(server).unwrap();
        let mut peer = first_peer(server, &Networks::default(), QUIET)
            .await
            .unwrap();
        assert_eq!(next(&mut peer).await.1, b"hello");
        assert_eq!(next(&mut peer).await.1, long);
        let error = peer.outlet.send(b"who?").await.unwrap_err();
        assert!(error.to_string().contains("no address"), "{error}");

        let (server, named) = (bound(), bound());
        let address = server.local_address().unwrap();
        named.send_to(b"", &address).unwrap();
        let server = AsyncSocket::from_socket(server).unwrap();
        let mut peer = first_peer(server, &Networks::default(), QUIET)
            .await
            .unwrap();
        assert_eq!(next(&mut peer).await, (Received::Data, vec![]));
        peer.outlet.send(b"hello").await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(named.recv(&mut buffer).unwrap(), 5);
        assert!(
            nameless.send_to(b"not mine", &address).is_err(),
            "the kernel keeps others out"
        );
    }
}
