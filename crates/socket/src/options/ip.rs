//! `IPPROTO_IP`: options of IPv4 sockets.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use super::codec::{Bytes, Codec, Flag, InterfaceIndex, Octet, options};
use super::{PathMtu, SocketOption};
use crate::address::Address;
use crate::error::Result;
use crate::kind::Protocol;
use crate::socket::Socket;

/// `IPPROTO_IP`: options of IPv4 sockets, `ip(7)`. For groups of either family see [`Socket::join_group`].
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
/// socket.set_ttl(9)?;
/// socket.set_receive_ttl(true)?;
/// assert_eq!(socket.ttl()?, 9);
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// Sets `IP_ADD_MEMBERSHIP`: joins a group, on the interface that has this address (`UNSPECIFIED`: the kernel chooses).
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let group = Ipv4Addr::new(239, 1, 2, 3);
    /// socket.join_group_v4(group, Ipv4Addr::LOCALHOST)?;
    /// socket.leave_group_v4(group, Ipv4Addr::LOCALHOST)?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    ///
    /// # Errors
    /// `EINVAL` for an address that is no group, `EADDRINUSE` for one that was joined, `ENODEV` where no interface
    /// fits, `ENOBUFS` beyond `net.ipv4.igmp_max_memberships`.
    #[doc(alias = "IP_ADD_MEMBERSHIP")]
    #[doc(alias = "ip_mreq")]
    pub fn join_group_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<()> {
        self.set_addresses(SocketOption::IP_ADD_MEMBERSHIP, &[group, interface])
    }

    /// Sets `IP_DROP_MEMBERSHIP`: leaves a group. Closing leaves all.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a group that was not joined so.
    #[doc(alias = "IP_DROP_MEMBERSHIP")]
    pub fn leave_group_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<()> {
        self.set_addresses(SocketOption::IP_DROP_MEMBERSHIP, &[group, interface])
    }

    /// Sets `IP_ADD_SOURCE_MEMBERSHIP`: joins a group for what this source sends alone.
    ///
    /// # Errors
    /// As [`Socket::join_group_v4`].
    #[doc(alias = "IP_ADD_SOURCE_MEMBERSHIP")]
    #[doc(alias = "ip_mreq_source")]
    pub fn join_source_group_v4(
        &self,
        group: Ipv4Addr,
        source: Ipv4Addr,
        interface: Ipv4Addr,
    ) -> Result<()> {
        let addresses = [group, interface, source];
        self.set_addresses(SocketOption::IP_ADD_SOURCE_MEMBERSHIP, &addresses)
    }

    /// Sets `IP_DROP_SOURCE_MEMBERSHIP`: leaves one source of a group.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a source that was not joined so.
    #[doc(alias = "IP_DROP_SOURCE_MEMBERSHIP")]
    pub fn leave_source_group_v4(
        &self,
        group: Ipv4Addr,
        source: Ipv4Addr,
        interface: Ipv4Addr,
    ) -> Result<()> {
        let addresses = [group, interface, source];
        self.set_addresses(SocketOption::IP_DROP_SOURCE_MEMBERSHIP, &addresses)
    }

    /// Sets `IP_BLOCK_SOURCE`: stops one source of a group that was joined for all.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a group that was not joined so, or a source that is stopped already.
    #[doc(alias = "IP_BLOCK_SOURCE")]
    pub fn block_source_v4(
        &self,
        group: Ipv4Addr,
        source: Ipv4Addr,
        interface: Ipv4Addr,
    ) -> Result<()> {
        self.set_addresses(SocketOption::IP_BLOCK_SOURCE, &[group, interface, source])
    }

    /// Sets `IP_UNBLOCK_SOURCE`: lets a stopped source in again.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a source that is not stopped.
    #[doc(alias = "IP_UNBLOCK_SOURCE")]
    pub fn unblock_source_v4(
        &self,
        group: Ipv4Addr,
        source: Ipv4Addr,
        interface: Ipv4Addr,
    ) -> Result<()> {
        self.set_addresses(SocketOption::IP_UNBLOCK_SOURCE, &[group, interface, source])
    }

    options! {
        /// whether binding to port 0 leaves the choice of a port to connecting, when more fit. Default: no.
        IP_BIND_ADDRESS_NO_PORT, "IP_BIND_ADDRESS_NO_PORT": bool as Flag {
            bind_without_port, set_bind_without_port(later, "before binding")
        }
        /// whether a datagram brings its checksum. Default: no.
        IP_CHECKSUM, "IP_CHECKSUM": bool as Flag { receive_checksum, set_receive_checksum(wanted, "as ancillary data; UDP alone") }
        /// whether it may bind to an address that is not there (yet). Default: no.
        IP_FREEBIND, "IP_FREEBIND": bool as Flag { free_bind_v4, set_free_bind_v4(allowed, "before binding") }
        /// whether what a raw socket sends begins with its IP header. Default: no, but yes for `IPPROTO_RAW`.
        IP_HDRINCL, "IP_HDRINCL": bool as Flag { header_included_v4, set_header_included_v4(included) }
    }

    /// `IP_LOCAL_PORT_RANGE`: from which ports the kernel picks for this socket. Default: `None`, those of the machine.
    ///
    /// # Errors
    /// `ENOPROTOOPT` before Linux 6.3.
    #[doc(alias = "IP_LOCAL_PORT_RANGE")]
    pub fn local_port_range(&self) -> Result<Option<RangeInclusive<u16>>> {
        let range = self
            .option(SocketOption::IP_LOCAL_PORT_RANGE)?
            .cast_unsigned();
        let (low, high) = (range as u16, (range >> 16) as u16);
        // Half a range is the machine's on the other side.
        Ok((range != 0).then(|| low.max(1)..=if high == 0 { u16::MAX } else { high }))
    }

    /// Sets `IP_LOCAL_PORT_RANGE`, within that of the machine (`net.ipv4.ip_local_port_range`); `None` is that one again.
    ///
    /// # Errors
    /// `EINVAL` for a range that ends before it begins; `ENOPROTOOPT` before Linux 6.3.
    #[doc(alias = "IP_LOCAL_PORT_RANGE")]
    pub fn set_local_port_range(&self, ports: Option<RangeInclusive<u16>>) -> Result<()> {
        let value = ports.map_or(0, |ports| {
            (u32::from(*ports.end()) << 16) | u32::from(*ports.start())
        });
        self.set_option(SocketOption::IP_LOCAL_PORT_RANGE, value.cast_signed())
    }

    options! {
        /// the smallest time to live that is let in. Default: 0, any; 255 is for direct neighbours (RFC 5082).
        IP_MINTTL, "IP_MINTTL": u8 as Octet { min_ttl, set_min_ttl(hops) }
        /// the largest packet of the path to the peer, in bytes; of a connected socket.
        IP_MTU, "IP_MTU": usize as Bytes { path_mtu_bytes_v4 }
        /// how the largest packet of the path is found. Default: by `net.ipv4.ip_no_pmtu_disc`, mostly [`PathMtu::WANT`].
        IP_MTU_DISCOVER, "IP_MTU_DISCOVER": PathMtu as PathMtu { path_mtu_discovery_v4, set_path_mtu_discovery_v4(way) }
        /// whether it receives of groups that another socket of this machine joined. Default: yes.
        IP_MULTICAST_ALL, "IP_MULTICAST_ALL": bool as Flag { multicast_all_v4, set_multicast_all_v4(all) }
    }

    /// `IP_MULTICAST_IF`: the address of the interface that sends to groups. Default: `UNSPECIFIED`, the kernel chooses.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IP_MULTICAST_IF")]
    pub fn multicast_interface_v4(&self) -> Result<Ipv4Addr> {
        let address: [u8; 4] = self.option_array(SocketOption::IP_MULTICAST_IF)?;
        Ok(address.into())
    }

    /// Sets `IP_MULTICAST_IF`, by an address that the interface has.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for an address that no interface has.
    #[doc(alias = "IP_MULTICAST_IF")]
    pub fn set_multicast_interface_v4(&self, interface: Ipv4Addr) -> Result<()> {
        self.set_addresses(SocketOption::IP_MULTICAST_IF, &[interface])
    }

    options! {
        /// whether what is sent to a group comes back to this machine's members. Default: yes.
        IP_MULTICAST_LOOP, "IP_MULTICAST_LOOP": bool as Flag { multicast_loop_v4, set_multicast_loop_v4(back) }
        /// the time to live of what is sent to a group. Default: 1, this network.
        IP_MULTICAST_TTL, "IP_MULTICAST_TTL": u8 as Octet { multicast_ttl, set_multicast_ttl(hops) }
        /// whether a raw socket sees fragments as they are. Default: no.
        IP_NODEFRAG, "IP_NODEFRAG": bool as Flag { leave_fragments, set_leave_fragments(left) }
    }

    /// `IP_OPTIONS`: the options in the header of what is sent, in the bytes of RFC 791. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IP_OPTIONS")]
    pub fn header_options(&self) -> Result<Vec<u8>> {
        self.option_bytes(SocketOption::IP_OPTIONS, HEADER_OPTIONS_MAX_BYTES)
    }

    /// Sets `IP_OPTIONS`, at most 40 bytes; none takes them away.
    ///
    /// # Errors
    /// `EINVAL` for what is no option or too long, `EPERM` for some without `CAP_NET_RAW`.
    #[doc(alias = "IP_OPTIONS")]
    pub fn set_header_options(&self, options: &[u8]) -> Result<()> {
        self.set_option_bytes(SocketOption::IP_OPTIONS, options)
    }

    options! {
        /// whether a datagram brings the security label of its sender. Default: no.
        IP_PASSSEC, "IP_PASSSEC": bool as Flag { receive_ip_security, set_receive_ip_security(wanted, "as ancillary data") }
        /// whether a datagram brings the interface and the address where it arrived. Default: no.
        IP_PKTINFO, "IP_PKTINFO": bool as Flag { receive_packet_info_v4, set_receive_packet_info_v4(wanted, "as ancillary data") }
    }

    /// `IP_PROTOCOL`: the protocol of a raw IPv4 socket.
    ///
    /// # Errors
    /// `ENOPROTOOPT` before Linux 6.6.
    #[doc(alias = "IP_PROTOCOL")]
    pub fn raw_protocol(&self) -> Result<Protocol> {
        self.option(SocketOption::IP_PROTOCOL)
            .map(Protocol::from_raw)
    }

    options! {
        /// whether errors are queued with their details, for `MSG_ERRQUEUE`. Default: no.
        IP_RECVERR, "IP_RECVERR": bool as Flag { receive_errors_v4, set_receive_errors_v4(queued) }
        /// whether queued errors say where the extensions of RFC 4884 begin. Default: no.
        IP_RECVERR_RFC4884, "IP_RECVERR_RFC4884": bool as Flag { receive_error_extensions_v4, set_receive_error_extensions_v4(wanted) }
        /// whether a datagram brings the size of its largest fragment. Default: no.
        IP_RECVFRAGSIZE, "IP_RECVFRAGSIZE": bool as Flag { receive_fragment_size_v4, set_receive_fragment_size_v4(wanted, "as ancillary data") }
        /// whether a datagram brings the options of its header, with the route filled in. Default: no.
        IP_RECVOPTS, "IP_RECVOPTS": bool as Flag { receive_header_options, set_receive_header_options(wanted, "as ancillary data") }
        /// whether a datagram brings where it was sent to at first. Default: no.
        #[doc(alias = "IP_ORIGDSTADDR")]
        IP_RECVORIGDSTADDR, "IP_RECVORIGDSTADDR": bool as Flag {
            receive_original_destination_v4, set_receive_original_destination_v4(wanted, "as ancillary data")
        }
        /// whether a datagram brings its type of service. Default: no.
        IP_RECVTOS, "IP_RECVTOS": bool as Flag { receive_tos, set_receive_tos(wanted, "as ancillary data") }
        /// whether a datagram brings its time to live. Default: no.
        IP_RECVTTL, "IP_RECVTTL": bool as Flag { receive_ttl, set_receive_ttl(wanted, "as ancillary data") }
        /// whether a datagram brings the options of its header as they are. Default: no.
        #[doc(alias = "IP_RECVRETOPTS")]
        IP_RETOPTS, "IP_RETOPTS": bool as Flag { receive_raw_header_options, set_receive_raw_header_options(wanted, "as ancillary data") }
        /// whether a raw socket takes the packets that are passed on and that routers must look at. Default: no.
        IP_ROUTER_ALERT, "IP_ROUTER_ALERT": bool as Flag { router_alert, set_router_alert(taken) }
        /// the type of service: the six bits of RFC 2474 and the two of RFC 3168. Default: 0.
        IP_TOS, "IP_TOS": u8 as Octet { tos, set_tos(tos, "the two bits of congestion are left alone on TCP") }
        /// whether it may use addresses that are not this machine's, as a proxy does. Default: no.
        IP_TRANSPARENT, "IP_TRANSPARENT": bool as Flag { transparent_v4, set_transparent_v4(
            allowed, "before binding", "`EPERM` without `CAP_NET_ADMIN` or `CAP_NET_RAW`"
        ) }
        /// the time to live of what is sent to one host. Default: `net.ipv4.ip_default_ttl`, mostly 64.
        IP_TTL, "IP_TTL": u8 as Octet { ttl, set_ttl(hops, "at least 1") }
        /// the index of the interface that sends to one host. Default: 0, by the route.
        IP_UNICAST_IF, "IP_UNICAST_IF": u32 as InterfaceIndex { unicast_interface_v4, set_unicast_interface_v4(index) }
    }

    /// `SO_ORIGINAL_DST`: where a TCP connection went before a firewall's rule (`REDIRECT`, `DNAT`) sent it here.
    ///
    /// # Errors
    /// `ENOENT` for a connection that the kernel does not track, `ENOPROTOOPT` without netfilter.
    #[doc(alias = "SO_ORIGINAL_DST")]
    pub fn original_destination_v4(&self) -> Result<Address> {
        let bytes = self.option_bytes(
            SocketOption::SO_ORIGINAL_DST,
            size_of::<libc::sockaddr_in>(),
        )?;
        Ok(Address::from_bytes(&bytes))
    }

    fn set_addresses(&self, option: SocketOption, addresses: &[Ipv4Addr]) -> Result<()> {
        let value: Vec<u8> = addresses
            .iter()
            .flat_map(|address| address.octets())
            .collect();
        self.set_option_bytes(option, &value)
    }
}

/// The header has 60 bytes, 20 of which are taken.
const HEADER_OPTIONS_MAX_BYTES: usize = 40;
