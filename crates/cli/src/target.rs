//! What a conversation is held over: a transport, and the address in front of which it stands.

use std::str::FromStr;

use landline_socket::{Address, Kind};

use crate::address::Typed;

/// What carries a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// TCP, or a Unix stream.
    Stream,
    /// The same, encrypted.
    Tls,
    /// UDP, or Unix datagrams.
    Datagram,
    /// Unix packets in order, `SOCK_SEQPACKET`.
    Packet,
}

impl Transport {
    /// The kind of socket under it.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Stream | Self::Tls => Kind::STREAM,
            Self::Datagram => Kind::DGRAM,
            Self::Packet => Kind::SEQPACKET,
        }
    }

    /// An address of it as people type it: what [`Target`] parses.
    pub(crate) fn url(self, address: &Address) -> String {
        match (self, address) {
            (Self::Stream, Address::Unix(_)) => address.to_string(),
            (Self::Datagram, Address::Unix(_)) => format!("unix-datagram:{}", name(address)),
            (Self::Packet, _) => format!("unix-seqpacket:{}", name(address)),
            (Self::Tls, _) => format!("tls://{address}"),
            (Self::Datagram, _) => format!("udp://{address}"),
            (Self::Stream, _) => format!("tcp://{address}"),
        }
    }
}

/// A Unix address without its `unix:`.
fn name(address: &Address) -> String {
    let text = address.to_string();
    text.strip_prefix("unix:")
        .map_or(text.clone(), str::to_owned)
}

/// A transport and an address, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) transport: Transport,
    pub(crate) place: Typed,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unix = |transport, name: &str| {
            let place = format!("unix:{name}").parse()?;
            Ok(Self { transport, place })
        };
        if let Some(name) = text.strip_prefix("unix-datagram:") {
            return unix(Transport::Datagram, name);
        }
        if let Some(name) = text.strip_prefix("unix-seqpacket:") {
            return unix(Transport::Packet, name);
        }
        let (transport, rest) = match text.split_once("://") {
            None => (Transport::Stream, text),
            Some(("tcp", rest)) => (Transport::Stream, rest),
            Some(("tls", rest)) => (Transport::Tls, rest),
            Some(("udp", rest)) => (Transport::Datagram, rest),
            Some((scheme, _)) => {
                let known = "tcp, tls and udp are";
                return Err(format!("`{scheme}://` is not known here; {known}"));
            }
        };
        let place: Typed = rest.parse()?;
        match (text.split_once("://"), &place) {
            (Some(("udp", name)), Typed::Unix(_)) => {
                let name = name.trim_start_matches("unix:");
                Err(format!("datagrams over Unix are `unix-datagram:{name}`"))
            }
            (Some(("tcp", name)), Typed::Unix(_)) => Err(format!("that is `{name}` alone")),
            _ => Ok(Self { transport, place }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Target, Transport};

    #[test]
    fn every_transport_is_typed_as_it_is_printed() {
        for (typed, transport, printed) in [
            ("80", Transport::Stream, "tcp://127.0.0.1:80"),
            ("tcp://[::1]:80", Transport::Stream, "tcp://[::1]:80"),
            ("tls://127.0.0.1:443", Transport::Tls, "tls://127.0.0.1:443"),
            ("tls://unix:/tmp/s", Transport::Tls, "tls://unix:/tmp/s"),
            (
                "udp://127.0.0.1:53",
                Transport::Datagram,
                "udp://127.0.0.1:53",
            ),
            ("unix:/tmp/s", Transport::Stream, "unix:/tmp/s"),
            ("unix:@name", Transport::Stream, "unix:@name"),
            (
                "unix-datagram:/tmp/s",
                Transport::Datagram,
                "unix-datagram:/tmp/s",
            ),
            (
                "unix-seqpacket:@name",
                Transport::Packet,
                "unix-seqpacket:@name",
            ),
        ] {
            let target: Target = typed.parse().unwrap();
            assert_eq!(target.transport, transport, "{typed}");
            let address = target.place.resolve().unwrap();
            assert_eq!(transport.url(&address), printed);
            assert_eq!(printed.parse::<Target>().unwrap().transport, transport);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (typed, part) in [
            ("http://host:80", "`http://` is not known"),
            ("udp://unix:/tmp/s", "`unix-datagram:/tmp/s`"),
            ("tcp://unix:/tmp/s", "`unix:/tmp/s` alone"),
            ("unix-datagram:", "path is missing"),
            ("udp://", "not a port"),
        ] {
            let error = typed.parse::<Target>().unwrap_err();
            assert!(error.contains(part), "{typed}: {error}");
        }
    }
}
