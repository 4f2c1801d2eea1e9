//! The grammar of addresses, the same for every verb.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use landline_socket::{Address, UnixAddress};

/// An address as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// `8080` (loopback), `host:8080`, `[::1]:8080`.
    Host {
        /// A name or a literal address.
        host: String,
        /// 0 asks the kernel for a free one.
        port: u16,
    },
    /// `*:8080`: every interface, both stacks.
    Every {
        /// 0 asks the kernel for a free one.
        port: u16,
    },
    /// `unix:/path`, `unix:@name`.
    Unix(UnixAddress),
}

impl Typed {
    /// What to bind. A name with several addresses gives the first of IPv4, which everything can
    /// reach, else the first.
    ///
    /// # Errors
    /// When the name does not resolve.
    pub(crate) fn resolve(&self) -> landline_socket::Result<Address> {
        match self {
            Self::Every { port } => Ok(SocketAddr::from((Ipv6Addr::UNSPECIFIED, *port)).into()),
            Self::Unix(address) => Ok(Address::Unix(address.clone())),
            Self::Host { host, port } => Ok(reachable(landline_socket::resolve(host, *port)?)),
        }
    }

    /// The same place with another port; a Unix address has none.
    pub(crate) fn with_port(&self, port: u16) -> Self {
        match self {
            Self::Host { host, .. } => Self::Host {
                host: host.clone(),
                port,
            },
            Self::Every { .. } => Self::Every { port },
            Self::Unix(address) => Self::Unix(address.clone()),
        }
    }
}

/// Of a host's addresses, of which there is at least one, the first of IPv4, which everything can reach, else the first.
pub(crate) fn reachable(found: impl IntoIterator<Item = Address>) -> Address {
    let mut found: Vec<Address> = found.into_iter().collect();
    let best = found
        .iter()
        .position(|address| matches!(address, Address::Inet(_)));
    found.swap_remove(best.unwrap_or(0))
}

impl FromStr for Typed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("unix:") {
            return unix(name);
        }
        let port_of = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number {
                return Err(format!("`{digits}` is not a port; {FORMS}"));
            }
            digits
                .parse::<u16>()
                .map_err(|_| format!("port {digits} is out of range: ports go from 0 to 65535"))
        };
        let Some((host, digits)) = text.rsplit_once(':') else {
            let port = port_of(text)?;
            return Ok(Self::Host {
                host: Ipv4Addr::LOCALHOST.to_string(),
                port,
            });
        };
        let port = port_of(digits)?;
        match host {
            "*" => Ok(Self::Every { port }),
            "" => Err(format!("the host is missing; {FORMS}")),
            _ => match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
                Some(Some(inside)) => Ok(Self::Host {
                    host: inside.to_owned(),
                    port,
                }),
                Some(None) => Err(format!("`{host}` lacks its `]`; {FORMS}")),
                None if host.contains(':') => Err(format!(
                    "an IPv6 address stands in brackets: `[{host}]:{port}`"
                )),
                None => Ok(Self::Host {
                    host: host.to_owned(),
                    port,
                }),
            },
        }
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Host { host, port } => write!(f, "{host}:{port}"),
            Self::Every { port } => write!(f, "*:{port}"),
            Self::Unix(address) => write!(f, "{}", Address::Unix(address.clone())),
        }
    }
}

fn unix(name: &str) -> Result<Typed, String> {
    match name.strip_prefix('@') {
        _ if name.is_empty() => Err(format!("the path is missing; {FORMS}")),
        Some("") => Err("an abstract name needs at least one character after `@`".to_owned()),
        Some(abstract_name) => Ok(Typed::Unix(UnixAddress::Abstract(
            abstract_name.as_bytes().to_vec(),
        ))),
        None => Ok(Typed::Unix(UnixAddress::Path(name.into()))),
    }
}

const FORMS: &str =
    "an address is `8080`, `host:8080`, `[::1]:8080`, `*:8080`, `unix:/path` or `unix:@name`";

#[cfg(test)]
mod tests {
    use super::Typed;

    #[test]
    fn every_form_of_the_grammar() {
        let host = |host: &str, port| Typed::Host {
            host: host.to_owned(),
            port,
        };
        assert_eq!("8080".parse(), Ok(host("127.0.0.1", 8080)));
        assert_eq!("localhost:0".parse(), Ok(host("localhost", 0)));
        assert_eq!("[::1]:65535".parse(), Ok(host("::1", 65535)));
        assert_eq!("[fe80::1%eth0]:1".parse(), Ok(host("fe80::1%eth0", 1)));
        assert_eq!("*:9".parse(), Ok(Typed::Every { port: 9 }));
        assert!(matches!("unix:/tmp/a b".parse(), Ok(Typed::Unix(_))));
        assert!(matches!("unix:@name".parse(), Ok(Typed::Unix(_))));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (typed, part) in [
            ("65536", "out of range"),
            ("-1", "not a port"),
            ("+80", "not a port"),
            ("", "not a port"),
            ("host", "not a port"),
            ("host:", "not a port"),
            (":80", "host is missing"),
            ("::1:80", "brackets"),
            ("[::1:80", "lacks its"),
            ("unix:", "path is missing"),
            ("unix:@", "abstract"),
        ] {
            let error = typed.parse::<Typed>().unwrap_err();
            assert!(error.contains(part), "{typed}: {error}");
        }
    }

    #[test]
    fn a_name_resolves_to_what_can_be_bound() {
        let address = "localhost:7".parse::<Typed>().unwrap().resolve().unwrap();
        assert!(address.is_loopback());
        assert_eq!(address.port(), Some(7));
        assert_eq!(
            "*:7"
                .parse::<Typed>()
                .unwrap()
                .with_port(8)
                .resolve()
                .unwrap()
                .port(),
            Some(8)
        );
    }
}
