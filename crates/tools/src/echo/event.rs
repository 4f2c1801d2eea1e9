//! What the echo tells its host.

use std::fmt;

use landline_socket::server::End;

/// Something that happened, as it happens. Peers' addresses are printable; `data` is as it came.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// Somebody has connected.
    Connected {
        /// Who.
        peer: &'e str,
    },
    /// Something came, and is answered.
    Message {
        /// From whom.
        peer: &'e str,
        /// The how-manieth of its connection, or of all datagrams.
        count: u64,
        /// All of it.
        data: &'e [u8],
    },
    /// A connection is over.
    Ended {
        /// Whose.
        peer: &'e str,
        /// How many messages came.
        messages: u64,
        /// How many bytes.
        bytes: u64,
        /// Why.
        end: &'e End,
    },
    /// A datagram came, and is not answered.
    Ignored {
        /// From whom.
        peer: &'e str,
        /// Why.
        why: Silence,
    },
}

/// Why a datagram is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Silence {
    /// It names a sender that would answer the answer: by a service that does (echo, daytime, quote of the day, character generator, DNS),
    /// or by our own port number, on whatever machine: two of us would never end.
    Answers(u16),
    /// It is from a Unix socket without a name.
    Unnamed,
    /// It is longer than is received of one (256 KiB), so that an answer would be to a part.
    TooLong,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers(port) => write!(f, "port {port} would answer the answer"),
            Self::Unnamed => f.write_str("it has no address to answer to"),
            Self::TooLong => f.write_str("it is too long"),
        }
    }
}
