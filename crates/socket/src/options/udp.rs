//! `IPPROTO_UDP` and `IPPROTO_UDPLITE`: options of UDP sockets.

use super::SocketOption;
use super::codec::{Bytes, Codec, Flag, Int, options};
use crate::error::Result;
use crate::socket::Socket;

/// `IPPROTO_UDP`: options of UDP sockets, `udp(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
/// socket.set_udp_gro(true)?;
/// assert!(socket.udp_gro()?);
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// whether UDP over IPv4 goes without a checksum. Default: no.
        SO_NO_CHECK, "SO_NO_CHECK": bool as Flag { udp_without_checksum, set_udp_without_checksum(without) }
        /// whether what is sent is put together to one datagram, which leaves when this ends. Default: no.
        UDP_CORK, "UDP_CORK": bool as Flag { udp_cork, set_udp_cork(held) }
        /// which protocol is inside: `UDP_ENCAP_ESPINUDP` (2) and so on. Default: 0, none.
        UDP_ENCAP, "UDP_ENCAP": i32 as Int { udp_encapsulation, set_udp_encapsulation(protocol) }
        /// whether datagrams of one sender that arrive together are received together, their size as ancillary data. Default: no.
        UDP_GRO, "UDP_GRO": bool as Flag { udp_gro, set_udp_gro(together) }
        /// whether IPv6 without a checksum is let in. Default: no.
        UDP_NO_CHECK6_RX, "UDP_NO_CHECK6_RX": bool as Flag { receive_udp_v6_without_checksum, set_receive_udp_v6_without_checksum(allowed) }
        /// whether IPv6 goes without a checksum. Default: no.
        UDP_NO_CHECK6_TX, "UDP_NO_CHECK6_TX": bool as Flag { send_udp_v6_without_checksum, set_send_udp_v6_without_checksum(without) }
        /// the size of the datagrams that one send is cut into, in bytes. Default: 0, it is not.
        UDP_SEGMENT, "UDP_SEGMENT": usize as Bytes { udp_segment_bytes, set_udp_segment_bytes(
            bytes, "one send has at most 64 KiB", "`EINVAL` beyond 65,535"
        ) }
    }
}

/// `IPPROTO_UDPLITE`: options of UDP-Lite sockets, `udplite(7)`; newer kernels have none.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// // Where the kernel has it.
/// if let Ok(socket) = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDPLITE) {
///     socket.set_send_coverage_bytes(8)?;
///     assert_eq!(socket.send_coverage_bytes()?, 8);
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// how many bytes, from the header on, a checksum must cover to be let in. Default: 0, all.
        UDPLITE_RECV_CSCOV, "UDPLITE_RECV_CSCOV": usize as Bytes { receive_coverage_bytes, set_receive_coverage_bytes(
            bytes, "the header's 8 bytes at least"
        ) }
        /// how many bytes, from the header on, the checksum covers. Default: 0, all.
        UDPLITE_SEND_CSCOV, "UDPLITE_SEND_CSCOV": usize as Bytes { send_coverage_bytes, set_send_coverage_bytes(
            bytes, "the header's 8 bytes at least"
        ) }
    }
}
