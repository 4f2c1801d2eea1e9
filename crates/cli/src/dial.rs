//! Reaching a target: over which kind of socket, from where, and how often.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use landline_socket::{
    Address, AsyncSocket, ConnectOptions, Error, Family, Kind, Protocol, ResolveOptions, Timeout,
    UnixAddress, resolve_async,
};
use landline_tools::talk::{Backoff, is_worth_retry};
use tokio::time::{Instant, sleep, timeout_at};

use crate::address::{Typed, reachable};
use crate::target::Target;

/// Where to connect from, as it is typed: an IP address alone, or any address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source(Typed);

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Here a number alone would be taken for a port, or loopback, or both.
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("a port alone is `*:{text}`"));
        }
        match text.parse::<IpAddr>() {
            Ok(ip) => Ok(Self(Typed::Host {
                host: ip.to_string(),
                port: 0,
            })),
            Err(_) => text.parse().map(Self),
        }
    }
}

/// How a target is reached.
#[derive(Clone, Debug)]
pub(crate) struct Dial<'t> {
    pub(crate) target: &'t Target,
    pub(crate) source: Option<&'t Source>,
    /// For all tries together.
    pub(crate) timeout: Option<Duration>,
    /// How often to try again; `None` is without end.
    pub(crate) retries: Option<u32>,
}

impl Dial<'_> {
    /// A connected socket; `again` is told of each failure that is followed by another try, and after how long.
    ///
    /// # Errors
    /// That of the last try; `None` when time was up before it had failed.
    pub(crate) async fn run(
        &self,
        again: impl Fn(&Error, Duration),
    ) -> Result<AsyncSocket, Option<Error>> {
        let deadline = self.timeout.map(|time| Instant::now() + time);
        let mut backoff = Backoff::default();
        let mut tries = 0;
        loop {
            let once = self.once();
            let outcome = match deadline {
                Some(deadline) => timeout_at(deadline, once).await.map_err(|_| None)?,
                None => once.await,
            };
            let error = match outcome {
                Ok(socket) => return Ok(socket),
                Err(error) => error,
            };
            let wait = backoff.draw();
            let is_last = self.retries.is_some_and(|retries| tries >= retries)
                || deadline.is_some_and(|deadline| Instant::now() + wait >= deadline);
            if is_last || !is_worth_retry(&error) {
                return Err(Some(error));
            }
            tries += 1;
            again(&error, wait);
            sleep(wait).await;
        }
    }

    async fn once(&self) -> Result<AsyncSocket, Error> {
        let kind = self.target.transport.kind();
        let source_address = self.source_address().await?;
        if kind == Kind::STREAM {
            let options = ConnectOptions {
                timeout: Timeout::Never,
                source_address,
                ..ConnectOptions::default()
            };
            return match &self.target.place {
                Typed::Host { host, port } => {
                    AsyncSocket::create_connection(host, *port, &options).await
                }
                place => {
                    AsyncSocket::connect_any(&[resolved(place, Family::UNSPEC).await?], &options)
                        .await
                }
            };
        }
        let family = source_address
            .as_ref()
            .map_or(Family::UNSPEC, Address::family);
        let address = resolved(&self.target.place, family).await?;
        let socket = AsyncSocket::new(address.family(), kind, Protocol::DEFAULT)?;
        match (source_address, &address) {
            (Some(source), _) => socket.bind(&source)?,
            // Without a name of its own a Unix datagram socket could not be answered.
            (None, Address::Unix(_)) if kind == Kind::DGRAM => {
                socket.bind(&UnixAddress::Unnamed.into())?;
            }
            (None, _) => {}
        }
        socket.connect(&address).await?;
        Ok(socket)
    }

    async fn source_address(&self) -> Result<Option<Address>, Error> {
        Ok(match self.source {
            None => None,
            // A port alone is one of the family that is connected to.
            Some(Source(Typed::Every { port })) => {
                let ip = match resolved(&self.target.place, Family::UNSPEC).await? {
                    Address::Inet6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
                    _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                };
                Some(SocketAddr::from((ip, *port)).into())
            }
            Some(Source(place)) => Some(resolved(place, Family::UNSPEC).await?),
        })
    }
}

/// An address of a place, of this family or any.
async fn resolved(place: &Typed, family: Family) -> Result<Address, Error> {
    let Typed::Host { host, port } = place else {
        return place.resolve();
    };
    let options = ResolveOptions {
        family,
        ..ResolveOptions::default()
    };
    let found = resolve_async(Some(host), *port, &options).await?;
    Ok(reachable(found.into_iter().map(|one| one.address)))
}

#[cfg(test)]
mod tests {
    use super::{Source, Typed};

    #[test]
    fn a_source_is_an_address_with_a_port_or_without() {
        let host = |host: &str, port| {
            let host = host.to_owned();
            Ok(Source(Typed::Host { host, port }))
        };
        assert_eq!("127.0.0.2".parse(), host("127.0.0.2", 0));
        assert_eq!("::1".parse(), host("::1", 0));
        assert_eq!("127.0.0.2:5000".parse(), host("127.0.0.2", 5000));
        assert_eq!("[::1]:5000".parse(), host("::1", 5000));
        assert_eq!("*:5000".parse(), Ok(Source(Typed::Every { port: 5000 })));
        assert!("unix:/tmp/me".parse::<Source>().is_ok());
        let alone = "5000".parse::<Source>().unwrap_err();
        assert!(alone.contains("`*:5000`"), "{alone}");
    }
}
