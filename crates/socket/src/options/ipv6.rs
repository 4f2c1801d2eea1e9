//! `IPPROTO_IPV6`: options of IPv6 sockets.

use super::SocketOption;
use super::codec::{Codec, Flag, options};
use crate::error::Result;
use crate::socket::Socket;

/// `IPPROTO_IPV6`: options of IPv6 sockets, `ipv6(7)`.
impl Socket {
    options! {
        /// whether the socket leaves IPv4 alone. Default: `net.ipv6.bindv6only`, mostly no.
        IPV6_V6ONLY, "IPV6_V6ONLY": bool as Flag { ipv6_only, set_ipv6_only(only, "before binding") }
    }
}
