//! One HTTP/1.1 connection: read a request, answer it, and again.

use std::time::{Duration, Instant};

use landline_socket::{Address, AsyncSocket};
use landline_wire::http::{
    BodyLimits, Connection, HeadLimits, HeadScanner, RequestHead, Status, Version,
};

use super::floor::Floor;
use super::inbox::Inbox;
use super::reply::{Sender, Upgrade};
use super::request::{Body, Request};
use super::{Refusal, Service};
use crate::base::Stop;

/// What a peer may send, and how slowly.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a request's head: its bytes, its fields.
    pub head: HeadLimits,
    /// For a head, from its first byte to its last.
    pub head_time: Duration,
    /// Between requests.
    pub idle_time: Duration,
    /// Of a body.
    pub body: BodyLimits,
    /// Of a body that is received.
    pub floor: Floor,
    /// Of an answer that is sent.
    pub answer_floor: Floor,
}

impl Default for Limits {
    /// A head of 16 KiB within 15 s, 75 s idle, bodies of any size, at least 1 KiB of a body per 10 s, and
    /// of an answer something within each minute.
    fn default() -> Self {
        Self {
            head: HeadLimits::default(),
            head_time: Duration::from_secs(15),
            idle_time: Duration::from_secs(75),
            body: BodyLimits::default(),
            floor: Floor {
                bytes: 1024,
                stretch: Duration::from_secs(10),
            },
            // The kernel takes what is sent in pieces of its own choice, so a short stretch says little.
            answer_floor: Floor {
                bytes: 1,
                stretch: Duration::from_secs(60),
            },
        }
    }
}

/// What became of one request.
#[derive(Debug)]
pub struct Record<'r> {
    /// Who asked.
    pub peer: &'r Address,
    /// What was asked, where it could be understood.
    pub head: Option<&'r RequestHead>,
    /// The answer's status.
    pub status: Status,
    /// How many bytes of content were sent.
    pub sent: u64,
    /// From the request's first byte to the answer's last.
    pub took: Duration,
    /// Whether the client now has what it asked for to its end.
    pub completed: bool,
}

/// Serves `socket` until either side ends it, a limit is passed, or `stop` finds it idle.
pub async fn serve<S: Service>(
    socket: AsyncSocket,
    peer: Address,
    service: &S,
    limits: &Limits,
    stop: &Stop,
) {
    let Ok(local) = socket.local_address() else {
        return;
    };
    let line = Line {
        socket: &socket,
        peer: &peer,
        local: &local,
        service,
        limits,
        stop,
    };
    if let Some((upgrade, received)) = line.converse().await {
        upgrade(socket, received).await;
    }
}

/// A connection and what all of its requests share.
struct Line<'c, S> {
    socket: &'c AsyncSocket,
    peer: &'c Address,
    local: &'c Address,
    service: &'c S,
    limits: &'c Limits,
    stop: &'c Stop,
}

/// How an answer went.
struct Outcome {
    status: Status,
    began: Instant,
    completed: bool,
}

/// What comes after a request.
enum Next<'c> {
    Request(Inbox<'c>),
    Close,
    Upgrade(Upgrade, Vec<u8>),
}

impl<'c, S: Service> Line<'c, S> {
    async fn converse(&self) -> Option<(Upgrade, Vec<u8>)> {
        let mut inbox = Inbox::new(self.socket);
        loop {
            if inbox.unused().is_empty() && !self.wait(&mut inbox).await {
                return None;
            }
            let began = Instant::now();
            let whole = tokio::time::timeout(self.limits.head_time, self.read_head(&mut inbox));
            let head = match whole.await.unwrap_or_else(|_| Err(late())) {
                Ok(head) => head?,
                Err(refusal) => {
                    Box::pin(self.refuse(refusal, began)).await;
                    return None;
                }
            };
            // Boxed, so that an idle connection does not keep the room that an answer needs.
            match Box::pin(self.answer(head, inbox, began)).await {
                Next::Request(unread) => inbox = unread,
                Next::Close => return None,
                Next::Upgrade(upgrade, received) => return Some((upgrade, received)),
            }
        }
    }

    /// Waits for the first bytes of a request; `false` when the connection is to end instead.
    async fn wait(&self, inbox: &mut Inbox<'c>) -> bool {
        inbox.release();
        tokio::select! {
            biased;
            // First, since one received is one fewer system call than one waited for.
            arrived = tokio::time::timeout(self.limits.idle_time, inbox.receive_more()) => {
                matches!(arrived, Ok(Ok(1..)))
            }
            () = self.stop.stopped() => false,
        }
    }

    /// The next head; `None` when the stream ends or breaks before there is a whole one.
    async fn read_head(&self, inbox: &mut Inbox<'c>) -> Result<Option<RequestHead>, Refusal> {
        let mut scanner = HeadScanner::new();
        loop {
            if let Some((head, used)) = scanner.parse(inbox.unused(), &self.limits.head)? {
                inbox.advance(used);
                return Ok(Some(head));
            }
            if !matches!(inbox.receive_more().await, Ok(1..)) {
                return Ok(None);
            }
        }
    }

    /// Answers bytes that are no request; what follows them cannot be understood either.
    async fn refuse(&self, refusal: Refusal, began: Instant) {
        let mut sender = Sender::new(self.socket, self.limits.answer_floor);
        let reply = refusal.into_reply(None);
        let status = reply.status();
        let _ = sender.send(reply, None, Connection::Close).await;
        let completed = false;
        self.record(
            None,
            &sender,
            Outcome {
                status,
                began,
                completed,
            },
        );
        self.linger().await;
    }

    async fn answer(&self, head: RequestHead, inbox: Inbox<'c>, began: Instant) -> Next<'c> {
        let (mut body, reply) = match Body::new(
            self.socket,
            inbox,
            &head,
            &self.limits.body,
            self.limits.floor,
        ) {
            Ok(mut body) => {
                let mut request = Request {
                    head: &head,
                    peer: self.peer,
                    local: self.local,
                    body: &mut body,
                };
                let reply = self.service.answer(&mut request).await;
                (Some(body), reply)
            }
            Err(fault) => (None, Err(fault.into())),
        };
        let mut reply = reply.unwrap_or_else(|refusal| refusal.into_reply(Some(&head)));
        let upgrade = reply.upgrade.take();
        let is_read = match &mut body {
            Some(body) => body.discard_rest(),
            None => false,
        };
        let is_framed = reply.length().is_some() || head.version() >= Version::Http11;
        let connection = match upgrade {
            Some(_) => Connection::Upgrade,
            None => head.connection(!is_read || !is_framed || self.stop.is_stopped()),
        };
        let persists = matches!(connection, Connection::Persist | Connection::PersistAsked);
        let (status, completes) = (reply.status(), reply.completes);
        let mut sender = Sender::new(self.socket, self.limits.answer_floor);
        let is_sent = sender.send(reply, Some(&head), connection).await.is_ok();
        let completed = completes && is_sent;
        self.record(
            Some(&head),
            &sender,
            Outcome {
                status,
                began,
                completed,
            },
        );
        match (body, upgrade) {
            _ if !is_sent => {
                self.cut(is_framed);
                Next::Close
            }
            (Some(body), Some(upgrade)) => Next::Upgrade(upgrade, body.inbox.into_unused()),
            (Some(body), None) if persists => Next::Request(body.inbox),
            _ => {
                self.linger().await;
                Next::Close
            }
        }
    }

    fn record<'r>(&'r self, head: Option<&'r RequestHead>, sender: &Sender<'_>, outcome: Outcome) {
        self.service.answered(&Record {
            peer: self.peer,
            head,
            status: outcome.status,
            sent: sender.sent,
            took: outcome.began.elapsed(),
            completed: outcome.completed,
        });
    }

    /// Ends an answer before its end. Where nothing in it says how long it is, an orderly end would
    /// make it look whole, so that the connection is reset.
    fn cut(&self, is_framed: bool) {
        if !is_framed {
            let _ = self.socket.socket().set_linger(Some(Duration::ZERO));
        }
    }

    /// Closing while bytes still arrive would reset the connection and take the answer with it
    /// (RFC 9112 §9.6), so the peer is given a moment to read it and to end its side.
    async fn linger(&self) {
        if self
            .socket
            .shutdown(landline_socket::Shutdown::Write)
            .is_err()
        {
            return;
        }
        let discard = async {
            let mut rest = vec![0; 16 * 1024];
            while matches!(self.socket.recv(&mut rest).await, Ok(1..)) {}
        };
        let _ = tokio::time::timeout(LINGER_TIME, discard).await;
    }
}

fn late() -> Refusal {
    Refusal::new(Status::REQUEST_TIMEOUT, "The request did not come in time.")
}

const LINGER_TIME: Duration = Duration::from_secs(2);
