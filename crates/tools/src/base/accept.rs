//! The accept loop: limits in all and per source, no spin without descriptors, drain on stop.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use landline_socket::{Address, AsyncSocket};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::Stop;

/// How many connections may be open at once, over all event loops of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In all.
    pub total: usize,
    /// From one address (IPv6: one /64); loopback and Unix sockets are not counted.
    pub per_source: usize,
}

impl Limits {
    /// 256 per source, and in all what `descriptors` allow when each connection may hold two (its
    /// own and a file's), less a reserve for everything else.
    #[must_use]
    pub fn for_descriptors(descriptors: u64) -> Self {
        let room = descriptors.saturating_sub(DESCRIPTOR_RESERVE) / 2;
        Self {
            total: usize::try_from(room).unwrap_or(usize::MAX).max(16),
            per_source: 256,
        }
    }
}

/// The door that all event loops of a server share: it counts who is inside.
#[derive(Debug)]
pub struct Door {
    limits: Limits,
    inside: Mutex<Inside>,
    somebody_left: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    total: usize,
    // Only sources that have somebody inside are kept, so it is never larger than `total`.
    by_source: HashMap<IpAddr, usize>,
}

impl Door {
    /// A door with nobody inside.
    #[must_use]
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            inside: Mutex::default(),
            somebody_left: Notify::new(),
        })
    }

    /// Lets `peer` in, or not where a limit is reached. The permit's end is the peer's leaving.
    #[must_use]
    pub fn enter(self: &Arc<Self>, peer: &Address) -> Option<Permit> {
        let source = source(peer);
        let mut inside = self.lock();
        if inside.total >= self.limits.total {
            return None;
        }
        if let Some(source) = source {
            let from_there = inside.by_source.entry(source).or_default();
            if *from_there >= self.limits.per_source {
                return None;
            }
            *from_there += 1;
        }
        inside.total += 1;
        Some(Permit {
            door: Arc::clone(self),
            source,
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place inside; dropping it frees the place.
#[derive(Debug)]
pub struct Permit {
    door: Arc<Door>,
    source: Option<IpAddr>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut inside = self.door.lock();
        inside.total -= 1;
        if let Some(source) = self.source
            && let Some(from_there) = inside.by_source.get_mut(&source)
        {
            *from_there -= 1;
            if *from_there == 0 {
                inside.by_source.remove(&source);
            }
        }
        drop(inside);
        self.door.somebody_left.notify_waiters();
    }
}

/// Accepts on `listener` until `stop`, runs `serve` as a task for each connection that the door
/// lets in, then gives the running ones `grace` to end and ends the rest.
///
/// A connection over the limit is closed at once. Without descriptors the loop waits until one of
/// ours is closed, or 100 ms, and tries again: the backlog keeps the callers meanwhile.
pub async fn accept<S, F>(
    listener: AsyncSocket,
    door: &Arc<Door>,
    stop: &Stop,
    grace: Duration,
    mut serve: S,
) where
    S: FnMut(AsyncSocket, Address) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.stopped() => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    if let Some(permit) = door.enter(&peer) {
                        prepare(&socket);
                        let connection = serve(socket, peer);
                        running.spawn(async move {
                            let _permit = permit;
                            connection.await;
                        });
                    }
                    // While callers queue this arm alone runs, and what has ended must go all the same.
                    while running.try_join_next().is_some() {}
                }
                Err(error) if is_the_callers(&error) => tokio::task::yield_now().await,
                // No descriptors or no memory; or something that trying at once would not mend either.
                Err(_) => wait_for_room(door).await,
            },
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
    drop(listener);
    let drained = tokio::time::timeout(grace, async {
        while running.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        running.shutdown().await;
    }
}

/// What every connection is set to; a Unix socket has none of it, and needs none.
fn prepare(socket: &AsyncSocket) {
    let socket = socket.socket();
    // What is written together leaves together: waiting for more to send along gains nothing.
    let _ = socket.set_no_delay(true);
    // So that a send which succeeds says that the peer has taken something, however slow it is.
    let _ = socket.set_unsent_limit_bytes(UNSENT_BYTES);
    // A machine that vanished without a word is noticed in the end.
    let _ = socket.set_keep_alive(true);
}

async fn wait_for_room(door: &Door) {
    let _ = tokio::time::timeout(Duration::from_millis(100), door.somebody_left.notified()).await;
}

/// Whether it was that one connection that failed (accept(2) passes its errors on).
fn is_the_callers(error: &landline_socket::Error) -> bool {
    use rustix::io::Errno;
    let theirs = [
        Errno::CONNABORTED,
        Errno::PROTO,
        Errno::NETDOWN,
        Errno::NETUNREACH,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::PERM,
    ];
    error
        .errno()
        .is_some_and(|code| theirs.iter().any(|errno| errno.raw_os_error() == code))
}

/// What is counted as one source; `None` is not counted.
fn source(peer: &Address) -> Option<IpAddr> {
    match peer.ip()? {
        ip if ip.is_loopback() => None,
        IpAddr::V4(ip) => Some(IpAddr::V4(ip)),
        // On one's own network each address is a machine.
        IpAddr::V6(ip) if ip.is_unicast_link_local() || ip.is_unique_local() => {
            Some(IpAddr::V6(ip))
        }
        // Elsewhere a household or a host gets a whole /64, so that is what one source is.
        IpAddr::V6(ip) => Some(IpAddr::V6((u128::from(ip) >> 64 << 64).into())),
    }
}

/// Enough for the kernel to send on while we are woken.
const UNSENT_BYTES: usize = 128 * 1024;
/// Descriptors kept for listeners, event loops, the shared folder, logs and watches.
const DESCRIPTOR_RESERVE: u64 = 64;

#[cfg(test)]
mod tests {
    use super::{Door, Limits};
    use landline_socket::Address;
    use std::net::SocketAddr;

    fn address(text: &str) -> Address {
        Address::from(text.parse::<SocketAddr>().unwrap())
    }

    #[test]
    fn a_source_has_its_limit_and_gets_its_places_back() {
        let door = Door::new(Limits {
            total: 10,
            per_source: 2,
        });
        let first = door.enter(&address("192.0.2.1:1")).unwrap();
        let _second = door.enter(&address("192.0.2.1:2")).unwrap();
        assert!(door.enter(&address("192.0.2.1:3")).is_none());
        assert!(door.enter(&address("192.0.2.2:1")).is_some());
        drop(first);
        assert!(door.enter(&address("192.0.2.1:3")).is_some());
    }

    #[test]
    fn one_ipv6_network_is_one_source() {
        let door = Door::new(Limits {
            total: 10,
            per_source: 1,
        });
        let _inside = door.enter(&address("[2001:db8::1]:1")).unwrap();
        assert!(door.enter(&address("[2001:db8::2]:1")).is_none());
        assert!(door.enter(&address("[2001:db8:0:1::2]:1")).is_some());
        let _neighbour = door.enter(&address("[fd00::1]:1")).unwrap();
        assert!(door.enter(&address("[fd00::2]:1")).is_some());
    }

    #[test]
    fn loopback_is_bounded_only_in_all() {
        let door = Door::new(Limits {
            total: 3,
            per_source: 1,
        });
        let inside: Vec<_> = (0..3)
            .map(|_| door.enter(&address("127.0.0.1:1")).unwrap())
            .collect();
        assert!(door.enter(&address("127.0.0.1:1")).is_none());
        drop(inside);
        assert_eq!(door.lock().total, 0);
    }
}
