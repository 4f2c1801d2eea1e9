//! The accept loop: its limits on real connections, and how it ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landline_socket::server::{Door, Limits, accept};
use landline_socket::{AsyncSocket, ServerOptions, create_server};
use landline_tools::base::Stop;
use tokio::task::JoinHandle;

use crate::peer::{PATIENCE, Peer, soon};

/// A port that greets whoever is let in, and keeps them until they end.
struct Port {
    address: SocketAddr,
    stop: Stop,
    serving: JoinHandle<()>,
}

impl Port {
    fn open(total: usize, grace: Duration) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0)).into();
        let listener = create_server(&any, &ServerOptions::default()).unwrap();
        let address = listener.local_address().unwrap();
        let address = (address.ip().unwrap(), address.port().unwrap()).into();
        let listener = AsyncSocket::from_socket(listener).unwrap();
        let stop = Stop::new();
        let stopped = stop.clone();
        let serving = tokio::spawn(async move {
            let door: Arc<Door> = Door::new(Limits {
                total,
                per_source: 1,
                ..Limits::default()
            });
            let serve = |socket: AsyncSocket, _| async move {
                socket.send_all(b"in").await.unwrap();
                while matches!(socket.recv(&mut [0; 64]).await, Ok(1..)) {}
            };
            accept(listener, &door, &stopped, grace, serve)
                .await
                .unwrap();
        });
        Self {
            address,
            stop,
            serving,
        }
    }

    /// Comes to the door; a connection if it was let in.
    async fn come(&self) -> Option<Peer> {
        let mut peer = Peer::connect(self.address).await;
        let mut greeting = Vec::new();
        use tokio::io::AsyncReadExt as _;
        let mut end = (&mut peer.0).take(2);
        // Who is turned away sees the end of the stream, or a reset.
        let _ = soon(end.read_to_end(&mut greeting)).await;
        (greeting == b"in").then_some(peer)
    }
}

#[tokio::test]
async fn who_is_over_the_limit_is_turned_away_until_somebody_leaves() {
    let port = Port::open(2, Duration::ZERO);
    // Loopback is not counted per source: both come from one.
    let first = port.come().await.expect("room for one");
    let _second = port.come().await.expect("room for two");
    for _ in 0..3 {
        assert!(port.come().await.is_none(), "two are inside");
    }
    drop(first);
    // That it left is noticed in a later turn of the loop.
    let again = async {
        while port.come().await.is_none() {
            tokio::task::yield_now().await;
        }
    };
    soon(again).await;
    port.stop.stop();
    soon(port.serving).await.unwrap();
}

#[tokio::test]
async fn who_never_ends_gets_the_grace_and_no_more() {
    const GRACE: Duration = Duration::from_millis(300);
    let port = Port::open(2, GRACE);
    let mut stays = port.come().await.unwrap();
    port.stop.stop();
    let began = Instant::now();
    soon(port.serving).await.unwrap();
    assert!(began.elapsed() >= GRACE);
    assert_eq!(stays.rest().await, "");
}

#[tokio::test]
async fn who_ends_in_time_is_waited_for_and_no_longer() {
    let port = Port::open(2, 10 * PATIENCE);
    let leaves = port.come().await.unwrap();
    port.stop.stop();
    drop(leaves);
    soon(port.serving).await.unwrap();
    let refused = tokio::net::TcpStream::connect(port.address).await;
    assert!(refused.is_err(), "nobody listens any more");
}
