//! `IPPROTO_IPV6`: options of IPv6 sockets.

use std::net::Ipv6Addr;

use super::codec::{Bytes, Codec, Flag, InterfaceIndex, Octet, Unsigned, options};
use super::{PathMtu, SocketOption};
use crate::address::Address;
use crate::error::Result;
use crate::socket::Socket;

/// `IPPROTO_IPV6`: options of IPv6 sockets, `ipv6(7)` and RFC 3542. For groups of either family see [`Socket::join_group`].
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// # if Socket::new(Family::INET6, Kind::DGRAM, Protocol::DEFAULT).is_err() { return Ok(()); }
/// let socket = Socket::new(Family::INET6, Kind::DGRAM, Protocol::DEFAULT)?;
/// socket.set_ipv6_only(true)?;
/// socket.set_hop_limit(9)?;
/// assert_eq!((socket.ipv6_only()?, socket.hop_limit()?), (true, 9));
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// whether the kernel chooses flow labels. Default: by `net.ipv6.auto_flowlabels`, mostly yes.
        IPV6_AUTOFLOWLABEL, "IPV6_AUTOFLOWLABEL": bool as Flag { auto_flow_label, set_auto_flow_label(chosen) }
    }

    /// `IPV6_CHECKSUM`: at which byte of a raw socket's data the kernel puts the checksum, and checks it on what
    /// arrives. Default: `None`, nowhere; ICMPv6 always has it at 2.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a socket that is not raw.
    #[doc(alias = "IPV6_CHECKSUM")]
    pub fn checksum_offset(&self) -> Result<Option<u32>> {
        let offset = self.option(SocketOption::IPV6_CHECKSUM)?;
        Ok(u32::try_from(offset).ok())
    }

    /// Sets `IPV6_CHECKSUM`: an even offset in bytes; `None` is no checksum.
    ///
    /// # Errors
    /// `EINVAL` for an odd offset, and for another than 2 with ICMPv6; `ENOPROTOOPT` for a socket that is not raw.
    #[doc(alias = "IPV6_CHECKSUM")]
    pub fn set_checksum_offset(&self, offset: Option<u32>) -> Result<()> {
        let value = offset.map_or(-1, |offset| i32::try_from(offset).unwrap_or(i32::MAX));
        self.set_option(SocketOption::IPV6_CHECKSUM, value)
    }

    options! {
        /// whether a datagram too large for the path is refused (`EMSGSIZE`) rather than cut. Default: no.
        IPV6_DONTFRAG, "IPV6_DONTFRAG": bool as Flag { dont_fragment_v6, set_dont_fragment_v6(refused) }
    }

    /// `IPV6_DSTOPTS`: the header of destination options that is sent, in the bytes of RFC 8200 section 4.6. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IPV6_DSTOPTS")]
    pub fn destination_options(&self) -> Result<Vec<u8>> {
        self.option_bytes(SocketOption::IPV6_DSTOPTS, EXTENSION_HEADER_MAX_BYTES)
    }

    /// Sets `IPV6_DSTOPTS`; none takes it away.
    ///
    /// # Errors
    /// `EPERM` without `CAP_NET_RAW`, `EINVAL` for what is no such header.
    #[doc(alias = "IPV6_DSTOPTS")]
    pub fn set_destination_options(&self, header: &[u8]) -> Result<()> {
        self.set_option_bytes(SocketOption::IPV6_DSTOPTS, header)
    }

    options! {
        /// whether a datagram brings its flow information. Default: no.
        IPV6_FLOWINFO, "IPV6_FLOWINFO": bool as Flag { receive_flow_info, set_receive_flow_info(wanted, "as ancillary data") }
        /// whether the flow information in an address is sent. Default: no.
        IPV6_FLOWINFO_SEND, "IPV6_FLOWINFO_SEND": bool as Flag { send_flow_info, set_send_flow_info(sent) }
        /// whether it may bind to an address that is not there (yet). Default: no.
        IPV6_FREEBIND, "IPV6_FREEBIND": bool as Flag { free_bind_v6, set_free_bind_v6(allowed, "before binding") }
        /// whether what a raw socket sends begins with its IPv6 header. Default: no.
        IPV6_HDRINCL, "IPV6_HDRINCL": bool as Flag { header_included_v6, set_header_included_v6(included) }
    }

    /// `IPV6_HOPOPTS`: the header of hop-by-hop options that is sent, in the bytes of RFC 8200 section 4.3. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IPV6_HOPOPTS")]
    pub fn hop_options(&self) -> Result<Vec<u8>> {
        self.option_bytes(SocketOption::IPV6_HOPOPTS, EXTENSION_HEADER_MAX_BYTES)
    }

    /// Sets `IPV6_HOPOPTS`; none takes it away.
    ///
    /// # Errors
    /// `EPERM` without `CAP_NET_RAW`, `EINVAL` for what is no such header.
    #[doc(alias = "IPV6_HOPOPTS")]
    pub fn set_hop_options(&self, header: &[u8]) -> Result<()> {
        self.set_option_bytes(SocketOption::IPV6_HOPOPTS, header)
    }

    /// Sets `IPV6_JOIN_GROUP`: joins a group on the interface of this index (0: the kernel chooses).
    ///
    /// # Errors
    /// `EINVAL` for an address that is no group, `EADDRINUSE` for one that was joined, `ENODEV` where no interface fits.
    #[doc(alias = "IPV6_JOIN_GROUP")]
    #[doc(alias = "IPV6_ADD_MEMBERSHIP")]
    #[doc(alias = "ipv6_mreq")]
    pub fn join_group_v6(&self, group: Ipv6Addr, interface: u32) -> Result<()> {
        self.set_membership(SocketOption::IPV6_JOIN_GROUP, group, interface)
    }

    /// Sets `IPV6_LEAVE_GROUP`: leaves a group. Closing leaves all.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a group that was not joined so.
    #[doc(alias = "IPV6_LEAVE_GROUP")]
    #[doc(alias = "IPV6_DROP_MEMBERSHIP")]
    pub fn leave_group_v6(&self, group: Ipv6Addr, interface: u32) -> Result<()> {
        self.set_membership(SocketOption::IPV6_LEAVE_GROUP, group, interface)
    }

    /// Sets `IPV6_JOIN_ANYCAST`: takes an anycast address on the interface of this index (0: the kernel chooses).
    ///
    /// # Errors
    /// `EPERM` without `CAP_NET_ADMIN`, `EADDRNOTAVAIL` or `EINVAL` for an address that cannot be one.
    #[doc(alias = "IPV6_JOIN_ANYCAST")]
    pub fn join_anycast(&self, address: Ipv6Addr, interface: u32) -> Result<()> {
        self.set_membership(SocketOption::IPV6_JOIN_ANYCAST, address, interface)
    }

    /// Sets `IPV6_LEAVE_ANYCAST`: gives an anycast address back. Closing gives all back.
    ///
    /// # Errors
    /// `ENOENT` for an address that was not taken so.
    #[doc(alias = "IPV6_LEAVE_ANYCAST")]
    pub fn leave_anycast(&self, address: Ipv6Addr, interface: u32) -> Result<()> {
        self.set_membership(SocketOption::IPV6_LEAVE_ANYCAST, address, interface)
    }

    options! {
        /// the smallest hop limit that is let in. Default: 0, any; 255 is for direct neighbours (RFC 5082).
        IPV6_MINHOPCOUNT, "IPV6_MINHOPCOUNT": u8 as Octet { min_hop_limit, set_min_hop_limit(hops) }
        /// the largest packet of the path to the peer, in bytes; of a connected socket.
        #[doc(alias = "IPV6_PATHMTU")]
        IPV6_MTU, "IPV6_MTU": usize as Bytes { path_mtu_bytes_v6, set_path_mtu_bytes_v6(
            bytes, "no packet of this socket is larger", "`EINVAL` below 1280"
        ) }
        /// how the largest packet of the path is found. Default: [`PathMtu::WANT`].
        IPV6_MTU_DISCOVER, "IPV6_MTU_DISCOVER": PathMtu as PathMtu { path_mtu_discovery_v6, set_path_mtu_discovery_v6(way) }
        /// whether it receives of groups that another socket of this machine joined. Default: yes.
        IPV6_MULTICAST_ALL, "IPV6_MULTICAST_ALL": bool as Flag { multicast_all_v6, set_multicast_all_v6(all) }
        /// the hop limit of what is sent to a group. Default: 1, this network.
        IPV6_MULTICAST_HOPS, "IPV6_MULTICAST_HOPS": u8 as Octet { multicast_hops, set_multicast_hops(hops) }
        /// the index of the interface that sends to groups. Default: 0, the kernel chooses.
        IPV6_MULTICAST_IF, "IPV6_MULTICAST_IF": u32 as Unsigned { multicast_interface_v6, set_multicast_interface_v6(
            index, "0 is the kernel's choice again", "`ENODEV` for an index that no interface has"
        ) }
        /// whether what is sent to a group comes back to this machine's members. Default: yes.
        IPV6_MULTICAST_LOOP, "IPV6_MULTICAST_LOOP": bool as Flag { multicast_loop_v6, set_multicast_loop_v6(back) }
        /// whether a datagram brings its destination options. Default: no.
        IPV6_RECVDSTOPTS, "IPV6_RECVDSTOPTS": bool as Flag { receive_destination_options, set_receive_destination_options(wanted, "as ancillary data") }
        /// whether errors are queued with their details, for `MSG_ERRQUEUE`. Default: no.
        IPV6_RECVERR, "IPV6_RECVERR": bool as Flag { receive_errors_v6, set_receive_errors_v6(queued) }
        /// whether queued errors say where the extensions of RFC 4884 begin. Default: no.
        IPV6_RECVERR_RFC4884, "IPV6_RECVERR_RFC4884": bool as Flag { receive_error_extensions_v6, set_receive_error_extensions_v6(wanted) }
        /// whether a datagram brings the size of its largest fragment. Default: no.
        IPV6_RECVFRAGSIZE, "IPV6_RECVFRAGSIZE": bool as Flag { receive_fragment_size_v6, set_receive_fragment_size_v6(wanted, "as ancillary data") }
        /// whether a datagram brings its hop limit. Default: no.
        #[doc(alias = "IPV6_HOPLIMIT")]
        IPV6_RECVHOPLIMIT, "IPV6_RECVHOPLIMIT": bool as Flag { receive_hop_limit, set_receive_hop_limit(wanted, "as ancillary data") }
        /// whether a datagram brings its hop-by-hop options. Default: no.
        IPV6_RECVHOPOPTS, "IPV6_RECVHOPOPTS": bool as Flag { receive_hop_options, set_receive_hop_options(wanted, "as ancillary data") }
        /// whether a datagram brings where it was sent to at first. Default: no.
        #[doc(alias = "IPV6_ORIGDSTADDR")]
        IPV6_RECVORIGDSTADDR, "IPV6_RECVORIGDSTADDR": bool as Flag {
            receive_original_destination_v6, set_receive_original_destination_v6(wanted, "as ancillary data")
        }
        /// whether a message tells when the largest packet of the path changes. Default: no.
        IPV6_RECVPATHMTU, "IPV6_RECVPATHMTU": bool as Flag { receive_path_mtu, set_receive_path_mtu(wanted, "as ancillary data") }
        /// whether a datagram brings the interface and the address where it arrived. Default: no.
        #[doc(alias = "IPV6_PKTINFO")]
        IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO": bool as Flag { receive_packet_info_v6, set_receive_packet_info_v6(wanted, "as ancillary data") }
        /// whether a datagram brings its routing header. Default: no.
        IPV6_RECVRTHDR, "IPV6_RECVRTHDR": bool as Flag { receive_routing_header, set_receive_routing_header(wanted, "as ancillary data") }
        /// whether a datagram brings its traffic class. Default: no.
        IPV6_RECVTCLASS, "IPV6_RECVTCLASS": bool as Flag { receive_traffic_class, set_receive_traffic_class(wanted, "as ancillary data") }
    }

    /// `IPV6_RTHDR`: the routing header that is sent, in the bytes of RFC 8200 section 4.4. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IPV6_RTHDR")]
    pub fn routing_header(&self) -> Result<Vec<u8>> {
        self.option_bytes(SocketOption::IPV6_RTHDR, EXTENSION_HEADER_MAX_BYTES)
    }

    /// Sets `IPV6_RTHDR`; none takes it away.
    ///
    /// # Errors
    /// `EINVAL` for a type that Linux does not send: it sends segment routing (4), and with mobility 2.
    #[doc(alias = "IPV6_RTHDR")]
    pub fn set_routing_header(&self, header: &[u8]) -> Result<()> {
        self.set_option_bytes(SocketOption::IPV6_RTHDR, header)
    }

    /// `IPV6_RTHDRDSTOPTS`: the header of options that every router of the routing header sees, as [`Socket::destination_options`]. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IPV6_RTHDRDSTOPTS")]
    pub fn router_options(&self) -> Result<Vec<u8>> {
        self.option_bytes(SocketOption::IPV6_RTHDRDSTOPTS, EXTENSION_HEADER_MAX_BYTES)
    }

    /// Sets `IPV6_RTHDRDSTOPTS`; none takes it away.
    ///
    /// # Errors
    /// `EPERM` without `CAP_NET_RAW`, `EINVAL` for what is no such header.
    #[doc(alias = "IPV6_RTHDRDSTOPTS")]
    pub fn set_router_options(&self, header: &[u8]) -> Result<()> {
        self.set_option_bytes(SocketOption::IPV6_RTHDRDSTOPTS, header)
    }

    options! {
        /// the traffic class: the six bits of RFC 2474 and the two of RFC 3168. Default: 0.
        IPV6_TCLASS, "IPV6_TCLASS": u8 as Octet { traffic_class, set_traffic_class(class, "the two bits of congestion are left alone on TCP") }
        /// whether it may use addresses that are not this machine's, as a proxy does. Default: no.
        IPV6_TRANSPARENT, "IPV6_TRANSPARENT": bool as Flag { transparent_v6, set_transparent_v6(
            allowed, "before binding", "`EPERM` without `CAP_NET_ADMIN` or `CAP_NET_RAW`"
        ) }
        /// the hop limit of what is sent to one host. Default: the interface's, mostly 64.
        IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS": u8 as Octet { hop_limit, set_hop_limit(hops) }
        /// the index of the interface that sends to one host. Default: 0, by the route.
        IPV6_UNICAST_IF, "IPV6_UNICAST_IF": u32 as InterfaceIndex { unicast_interface_v6, set_unicast_interface_v6(index) }
        /// whether the socket leaves IPv4 alone. Default: `net.ipv6.bindv6only`, mostly no.
        IPV6_V6ONLY, "IPV6_V6ONLY": bool as Flag { ipv6_only, set_ipv6_only(only, "before binding") }
    }

    /// `IP6T_SO_ORIGINAL_DST`: where a TCP connection went before a firewall's rule sent it here.
    ///
    /// # Errors
    /// `ENOENT` for a connection that the kernel does not track, `ENOPROTOOPT` without netfilter.
    #[doc(alias = "IP6T_SO_ORIGINAL_DST")]
    pub fn original_destination_v6(&self) -> Result<Address> {
        let bytes = self.option_bytes(
            SocketOption::IPV6_ORIGINAL_DST,
            size_of::<libc::sockaddr_in6>(),
        )?;
        Ok(Address::from_bytes(&bytes))
    }

    fn set_membership(&self, option: SocketOption, group: Ipv6Addr, interface: u32) -> Result<()> {
        let value = [group.octets().as_slice(), &interface.to_ne_bytes()].concat();
        self.set_option_bytes(option, &value)
    }
}

/// RFC 8200 section 4.2: the length of a header counts eight bytes, the first of them not.
const EXTENSION_HEADER_MAX_BYTES: usize = 8 * 256;
