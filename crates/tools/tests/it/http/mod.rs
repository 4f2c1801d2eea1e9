//! HTTP over real connections, with limits short enough to be met.

mod archive;
mod framing;
mod limits;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use landline_socket::server::{self, Door, accept};
use landline_socket::{AsyncSocket, ServerOptions, create_server};
use landline_tools::base::Stop;
use landline_tools::http::{
    Content, Floor, Limits, Record, Refusal, Reply, Request, Service, serve,
};
use landline_wire::http::{ResponseHead, Status};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::peer::{Peer, soon};

/// What became of a request: `PUT /read`, its status, and how much content was sent whole.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    request: String,
    status: u16,
    sent: u64,
}

/// A service with a path for each kind of answer.
struct Answers(UnboundedSender<Told>);

impl Service for Answers {
    async fn answer(&self, request: &mut Request<'_, '_>) -> Result<Reply, Refusal> {
        let ok = ResponseHead::new(Status::OK).with("Content-Type", "text/plain");
        match request.head.path() {
            "/read" => {
                let (mut total, mut buffer) = (0, vec![0; 4096]);
                loop {
                    match request.body.read(&mut buffer).await? {
                        0 => break,
                        count => total += count,
                    }
                }
                Ok(Reply::new(ok, Content::Bytes(total.to_string().into())))
            }
            "/refuse" => Err(Refusal::new(Status::FORBIDDEN, "Not here.")),
            "/same" => {
                let head = ResponseHead::new(Status::NOT_MODIFIED);
                Ok(Reply::new(head, Content::Bytes("unchanged".into())))
            }
            "/stream" => {
                let (sender, chunks) = mpsc::channel(2);
                for chunk in ["one, ", "two"] {
                    sender.try_send(Ok(Bytes::from(chunk))).unwrap();
                }
                Ok(Reply::new(ok, Content::Stream(chunks)))
            }
            "/cut" => {
                let (sender, chunks) = mpsc::channel(2);
                sender.try_send(Ok(Bytes::from("half"))).unwrap();
                sender
                    .try_send(Err(std::io::Error::other("no more")))
                    .unwrap();
                Ok(Reply::new(ok, Content::Stream(chunks)))
            }
            "/big" => Ok(Reply::new(ok, Content::Bytes(vec![b'x'; BIG_BYTES].into()))),
            _ => Ok(Reply::new(ok, Content::Bytes("hello".into()))),
        }
    }

    fn answered(&self, record: &Record<'_>) {
        let request = record.head.map_or_else(String::new, |head| {
            format!("{} {}", head.method_text(), head.path())
        });
        // A test that has ended listens no more.
        let _ = self.0.send(Told {
            request,
            status: record.status.code(),
            sent: record.sent,
        });
    }
}

/// More than the kernel takes for a peer that does not read.
const BIG_BYTES: usize = 16 << 20;

/// A served port.
struct Site {
    address: SocketAddr,
    stop: Stop,
    told: UnboundedReceiver<Told>,
    serving: tokio::task::JoinHandle<()>,
}

impl Site {
    fn open(limits: Limits) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0)).into();
        let listener = create_server(&any, &ServerOptions::default()).unwrap();
        let address = listener.local_address().unwrap();
        let address = (address.ip().unwrap(), address.port().unwrap()).into();
        let listener = AsyncSocket::from_socket(listener).unwrap();
        let (sender, told) = mpsc::unbounded_channel();
        let (service, stop) = (Arc::new(Answers(sender)), Stop::new());
        let stopped = stop.clone();
        let serving = tokio::spawn(async move {
            let door = Door::new(server::Limits {
                total: 100,
                per_source: 100,
                ..server::Limits::default()
            });
            let serve = |socket, peer| {
                let (service, stop) = (service.clone(), stopped.clone());
                async move { serve(socket, peer, &*service, &limits, &stop).await }
            };
            let grace = Duration::from_secs(5);
            accept(listener, &door, &stopped, grace, serve)
                .await
                .unwrap();
        });
        Self {
            address,
            stop,
            told,
            serving,
        }
    }

    async fn peer(&self) -> Peer {
        Peer::connect(self.address).await
    }

    /// Sends `bytes` on a connection of their own; everything that comes back until it ends.
    async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut peer = self.peer().await;
        peer.send(bytes).await;
        peer.rest().await
    }

    async fn told(&mut self) -> Told {
        soon(self.told.recv()).await.unwrap()
    }
}

/// Limits that are met within a test; those that it is not about are as always.
fn short() -> Limits {
    Limits {
        head_time: SHORT,
        idle_time: SHORT,
        floor: Floor {
            bytes: 1000,
            stretch: SHORT,
        },
        answer_floor: Floor {
            bytes: 1000,
            stretch: SHORT,
        },
        ..Limits::default()
    }
}

const SHORT: Duration = Duration::from_millis(300);
