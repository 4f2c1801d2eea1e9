//! Who may come in: limits in all and per source.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::address::Address;

/// How many connections may be open at once, over all threads and event loops of a server. Who comes
/// above a limit is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all. Default: 1024.
    pub total: usize,
    /// From one address (IPv6: one /64, within one's own network one address). Unix sockets are not
    /// counted. Default: 256.
    pub per_source: usize,
    /// Whether `per_source` holds for this machine's own addresses (`127.0.0.0/8`, `::1`) too. Default: no.
    pub counts_loopback: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 1024,
            per_source: 256,
            counts_loopback: false,
        }
    }
}

impl Limits {
    /// In all what `descriptors` allow when each connection may hold two (its own and a file's), less a
    /// reserve for everything else.
    #[must_use]
    pub fn for_descriptors(descriptors: u64) -> Self {
        let room = descriptors.saturating_sub(DESCRIPTOR_RESERVE) / 2;
        Self {
            total: usize::try_from(room).unwrap_or(usize::MAX).max(16),
            ..Self::default()
        }
    }
}

/// The door that all threads and event loops of a server share: it counts who is inside.
///
/// # Examples
/// ```
/// use landline_socket::server::{Door, Limits};
///
/// let door = Door::new(Limits { total: 1, ..Limits::default() });
/// let peer = std::net::SocketAddr::from(([192, 0, 2, 1], 4711)).into();
/// let inside = door.enter(&peer);
/// assert!(inside.is_some() && door.enter(&peer).is_none());
/// drop(inside);
/// assert!(door.enter(&peer).is_some());
/// ```
#[derive(Debug)]
pub struct Door {
    limits: Limits,
    inside: Mutex<Inside>,
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
        })
    }

    /// Lets `peer` in, or not where a limit is reached. The permit's end is the peer's leaving.
    #[must_use]
    pub fn enter(self: &Arc<Self>, peer: &Address) -> Option<Permit> {
        let source = self.source(peer);
        let mut inside = self.lock();
        if inside.total >= self.limits.total {
            return None;
        }
        if let Some(source) = source {
            if self.limits.per_source == 0 {
                return None;
            }
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

    /// What is counted as one source; `None` is not counted.
    fn source(&self, peer: &Address) -> Option<IpAddr> {
        match peer.ip()? {
            ip if ip.is_loopback() => self.limits.counts_loopback.then_some(ip),
            IpAddr::V4(ip) => Some(IpAddr::V4(ip)),
            // On one's own network each address is a machine.
            IpAddr::V6(ip) if ip.is_unicast_link_local() || ip.is_unique_local() => {
                Some(IpAddr::V6(ip))
            }
            // Elsewhere a household or a host gets a whole /64, so that is what one source is.
            IpAddr::V6(ip) => Some(IpAddr::V6((u128::from(ip) >> 64 << 64).into())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
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
    }
}

/// Descriptors kept for listeners, event loops, files in use, logs and watches.
const DESCRIPTOR_RESERVE: u64 = 64;

#[cfg(test)]
mod tests {
    use super::{Door, Limits};
    use crate::address::Address;
    use std::net::SocketAddr;

    fn address(text: &str) -> Address {
        Address::from(text.parse::<SocketAddr>().unwrap())
    }

    #[test]
    fn a_source_has_its_limit_and_gets_its_places_back() {
        let door = Door::new(Limits {
            total: 10,
            per_source: 2,
            ..Limits::default()
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
            ..Limits::default()
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
            ..Limits::default()
        });
        let inside: Vec<_> = (0..3)
            .map(|_| door.enter(&address("127.0.0.1:1")).unwrap())
            .collect();
        assert!(door.enter(&address("127.0.0.1:1")).is_none());
        drop(inside);
        assert_eq!(door.lock().total, 0);
    }
}
