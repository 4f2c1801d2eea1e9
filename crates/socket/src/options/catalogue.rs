//! Every option by its C name: level, number, and what it is in one line.

use std::fmt;

/// The level of an option, C's second argument of `getsockopt(2)`: which protocol it belongs to. Prints its C name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Level(i32);

/// An option of a socket: its level and its number, by its C name. Prints it.
///
/// Where there is a typed method, it has the C name as an alias.
///
/// ```
/// use landline_socket::{Level, SocketOption};
///
/// assert_eq!(SocketOption::new(Level::TCP, 1), SocketOption::TCP_NODELAY);
/// assert_eq!(format!("{:?}", SocketOption::new(Level::TCP, 1)), "TCP_NODELAY");
/// assert_eq!(format!("{:?}", SocketOption::new(Level::TCP, 999)), "SOL_TCP(999)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketOption {
    level: Level,
    number: i32,
}

/// What is printed of an option.
struct Names {
    option: SocketOption,
    c_name: &'static str,
    get: &'static str,
    set: &'static str,
}

impl Level {
    /// The level of this number, whether it has a name here or not.
    #[must_use]
    pub const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// The number that C and Python know it by.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

impl SocketOption {
    /// The option of this level and number, whether it has a name here or not.
    #[must_use]
    pub const fn new(level: Level, number: i32) -> Self {
        Self { level, number }
    }

    /// Which protocol it belongs to.
    #[must_use]
    pub const fn level(self) -> Level {
        self.level
    }

    /// The number that C and Python know it by, within its level.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.number
    }

    /// What reading it is called in an error.
    pub(super) fn get_operation(self) -> &'static str {
        self.names().map_or("get an option", |names| names.get)
    }

    /// What writing it is called in an error.
    pub(super) fn set_operation(self) -> &'static str {
        self.names().map_or("set an option", |names| names.set)
    }

    /// Whether its value, when set, holds an address of the process. Through these the kernel reads or writes
    /// memory, now or later, so that no safe function may take them as bytes.
    pub(super) fn holds_an_address(self) -> bool {
        // IPT_SO_SET_REPLACE, ARPT_SO_SET_REPLACE, EBT_SO_SET_ENTRIES: they write counters; EBT_SO_SET_COUNTERS
        // reads them.
        const NETFILTER_IP: [i32; 4] = [64, 96, 128, 129];
        match self.level {
            Level::SOCKET => {
                self == Self::SO_ATTACH_FILTER || self == Self::SO_ATTACH_REUSEPORT_CBPF
            }
            Level::IP => NETFILTER_IP.contains(&self.number),
            Level::IPV6 => self.number == 64,
            Level::PACKET => self == Self::PACKET_FANOUT_DATA,
            Level::RDS => self == Self::RDS_GET_MR || self == Self::RDS_GET_MR_FOR_DEST,
            Level::XDP => self == Self::XDP_UMEM_REG,
            _ => false,
        }
    }

    /// Whether reading it opens a descriptor and gives its number, which as bytes nobody would close.
    pub(super) fn yields_a_descriptor(self) -> bool {
        // SCTP_SOCKOPT_PEELOFF, SCTP_SOCKOPT_PEELOFF_FLAGS.
        const PEELOFF: [i32; 2] = [102, 122];
        self == Self::SO_PEERPIDFD || self.level == Level::SCTP && PEELOFF.contains(&self.number)
    }

    fn names(self) -> Option<&'static Names> {
        NAMES.iter().find(|names| names.option == self)
    }
}

impl fmt::Debug for SocketOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names() {
            Some(names) => f.write_str(names.c_name),
            None => write!(f, "{:?}({})", self.level, self.number),
        }
    }
}

/// A line a level: our name, its C name, its number, what it is, and Python's other names that lead here.
macro_rules! levels {
    ($( $name:ident, $c_name:literal, $number:expr, $meaning:literal $(, $alias:literal)*; )+) => {
        impl Level {
            $(
                #[doc = concat!("`", $c_name, "`: ", $meaning)]
                #[doc(alias = $c_name)]
                $( #[doc(alias = $alias)] )*
                pub const $name: Self = Self($number);
            )+
        }

        impl fmt::Debug for Level {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $( Self::$name => f.write_str($c_name), )+
                    Self(number) => write!(f, "SOL({number})"),
                }
            }
        }
    };
}

/// A line an option: its C name (and another that it goes by), its number where `libc` lacks it, what it is.
macro_rules! catalogue {
    ($(
        $level:ident {$(
            $name:ident $(as $c_name:literal)? $(= $number:literal)?, $meaning:literal $(, $alias:literal)*;
        )+}
    )+) => {
        impl SocketOption {
            $($(
                #[doc = concat!(
                    "`", c_name!($name $($c_name)?), "` of [`Level::", stringify!($level), "`]: ", $meaning
                )]
                $( #[doc(alias = $alias)] )*
                pub const $name: Self = Self::new(Level::$level, number!($name $($number)?));
            )+)+
        }

        const NAMES: &[Names] = &[$($(
            Names {
                option: SocketOption::$name,
                c_name: c_name!($name $($c_name)?),
                get: concat!("get ", c_name!($name $($c_name)?)),
                set: concat!("set ", c_name!($name $($c_name)?)),
            },
        )+)+];
    };
}

macro_rules! c_name {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $c_name:literal) => {
        $c_name
    };
}

macro_rules! number {
    ($name:ident) => {
        libc::$name
    };
    ($name:ident $number:literal) => {
        $number
    };
}

levels! {
    SOCKET, "SOL_SOCKET", libc::SOL_SOCKET, "every socket, `socket(7)`.", "SOMAXCONN";
    IP, "SOL_IP", libc::IPPROTO_IP, "IPv4, `ip(7)`.", "IPPROTO_IP", "IP_DEFAULT_MULTICAST_TTL",
        "IP_DEFAULT_MULTICAST_LOOP", "IP_MAX_MEMBERSHIPS";
    IPV6, "SOL_IPV6", libc::IPPROTO_IPV6, "IPv6, `ipv6(7)`.", "IPPROTO_IPV6", "IPV6_RTHDR_TYPE_0";
    ICMPV6, "SOL_ICMPV6", libc::IPPROTO_ICMPV6, "ICMPv6 by a raw socket, RFC 3542.", "IPPROTO_ICMPV6";
    TCP, "SOL_TCP", libc::IPPROTO_TCP, "TCP, `tcp(7)`.", "IPPROTO_TCP";
    UDP, "SOL_UDP", libc::IPPROTO_UDP, "UDP, `udp(7)`.", "IPPROTO_UDP";
    UDPLITE, "SOL_UDPLITE", 136, "UDP-Lite, `udplite(7)`; gone from Linux 7. Untested where the kernel lacks it.", "IPPROTO_UDPLITE";
    RAW, "SOL_RAW", libc::IPPROTO_RAW, "raw IPv4, `raw(7)`.", "IPPROTO_RAW";
    PACKET, "SOL_PACKET", libc::SOL_PACKET, "packets of a device, `packet(7)`.";
    NETLINK, "SOL_NETLINK", libc::SOL_NETLINK, "messages of the kernel, `netlink(7)`.",
        "NETLINK_ROUTE", "NETLINK_USERSOCK", "NETLINK_FIREWALL", "NETLINK_NFLOG", "NETLINK_XFRM",
        "NETLINK_IP6_FW", "NETLINK_DNRTMSG", "NETLINK_CRYPTO";
    VSOCK, "AF_VSOCK", libc::AF_VSOCK, "virtual machines, `vsock(7)`: their options are at the family's number.",
        "VMADDR_CID_ANY", "VMADDR_CID_HOST", "VMADDR_CID_LOCAL", "VMADDR_PORT_ANY", "VM_SOCKETS_INVALID_VERSION",
        "IOCTL_VM_SOCKETS_GET_LOCAL_CID";
    MPTCP, "SOL_MPTCP", 284, "multipath TCP.";
    TLS, "SOL_TLS", 282, "TLS in the kernel.";
    XDP, "SOL_XDP", 283, "packets of a device by rings, `AF_XDP`. Untested.";
    SCTP, "SOL_SCTP", 132, "SCTP, `sctp(7)`. Untested.", "IPPROTO_SCTP";
    RDS, "SOL_RDS", 276, "reliable datagrams. Untested.";
    ALG, "SOL_ALG", 279, "the kernel's cryptography, `AF_ALG`. Untested.",
        "ALG_OP_DECRYPT", "ALG_OP_ENCRYPT", "ALG_OP_SIGN", "ALG_OP_VERIFY";
    TIPC, "SOL_TIPC", 271, "TIPC. Untested.",
        "TIPC_ADDR_NAMESEQ", "TIPC_ADDR_NAME", "TIPC_ADDR_ID", "TIPC_ZONE_SCOPE", "TIPC_CLUSTER_SCOPE",
        "TIPC_NODE_SCOPE", "TIPC_LOW_IMPORTANCE", "TIPC_MEDIUM_IMPORTANCE", "TIPC_HIGH_IMPORTANCE",
        "TIPC_CRITICAL_IMPORTANCE", "TIPC_SUB_PORTS", "TIPC_SUB_SERVICE", "TIPC_SUB_CANCEL",
        "TIPC_WAIT_FOREVER", "TIPC_PUBLISHED", "TIPC_WITHDRAWN", "TIPC_SUBSCR_TIMEOUT", "TIPC_CFG_SRV",
        "TIPC_TOP_SRV";
    CAN_BASE, "SOL_CAN_BASE", 100, "where the levels of the controller area network begin. Untested.",
        "CAN_EFF_FLAG", "CAN_EFF_MASK", "CAN_ERR_FLAG", "CAN_ERR_MASK", "CAN_RTR_FLAG", "CAN_SFF_MASK",
        "CAN_BCM", "CAN_BCM_CAN_FD_FRAME", "CAN_BCM_RX_ANNOUNCE_RESUME", "CAN_BCM_RX_CHANGED",
        "CAN_BCM_RX_CHECK_DLC", "CAN_BCM_RX_DELETE", "CAN_BCM_RX_FILTER_ID", "CAN_BCM_RX_NO_AUTOTIMER",
        "CAN_BCM_RX_READ", "CAN_BCM_RX_RTR_FRAME", "CAN_BCM_RX_SETUP", "CAN_BCM_RX_STATUS",
        "CAN_BCM_RX_TIMEOUT", "CAN_BCM_SETTIMER", "CAN_BCM_STARTTIMER", "CAN_BCM_TX_ANNOUNCE",
        "CAN_BCM_TX_COUNTEVT", "CAN_BCM_TX_CP_CAN_ID", "CAN_BCM_TX_DELETE", "CAN_BCM_TX_EXPIRED",
        "CAN_BCM_TX_READ", "CAN_BCM_TX_RESET_MULTI_IDX", "CAN_BCM_TX_SEND", "CAN_BCM_TX_SETUP",
        "CAN_BCM_TX_STATUS";
    CAN_RAW, "SOL_CAN_RAW", 101, "raw frames of the controller area network. Untested.";
    CAN_ISOTP, "SOL_CAN_ISOTP", 106, "ISO 15765-2 over the controller area network. Untested.";
    CAN_J1939, "SOL_CAN_J1939", 107, "SAE J1939 over the controller area network. Untested.",
        "J1939_MAX_UNICAST_ADDR", "J1939_IDLE_ADDR", "J1939_NO_ADDR", "J1939_NO_NAME", "J1939_PGN_REQUEST",
        "J1939_PGN_ADDRESS_CLAIMED", "J1939_PGN_ADDRESS_COMMANDED", "J1939_PGN_PDU1_MAX", "J1939_PGN_MAX",
        "J1939_NO_PGN", "J1939_NLA_PAD", "J1939_NLA_BYTES_ACKED", "J1939_EE_INFO_NONE",
        "J1939_EE_INFO_TX_ABORT", "J1939_FILTER_MAX", "SCM_J1939_DEST_ADDR", "SCM_J1939_DEST_NAME", "SCM_J1939_PRIO";
    BLUETOOTH, "SOL_BLUETOOTH", 274, "Bluetooth. Untested.";
}

catalogue! {
    SOCKET {
        SO_ACCEPTCONN, "whether it listens.";
        SO_ATTACH_BPF, "a program of extended BPF that filters what arrives, by its descriptor.";
        SO_ATTACH_FILTER, "a program of classic BPF that filters what arrives.", "SO_GET_FILTER";
        SO_ATTACH_REUSEPORT_CBPF, "a program of classic BPF that picks among the sockets of one port.";
        SO_ATTACH_REUSEPORT_EBPF, "a program of extended BPF that picks among the sockets of one port.";
        SO_BINDTODEVICE, "the device that it is bound to, by name.";
        SO_BINDTOIFINDEX, "the device that it is bound to, by index.";
        SO_BPF_EXTENSIONS, "how many extensions of classic BPF the kernel knows.";
        SO_BROADCAST, "whether it may send to a broadcast address.";
        SO_BSDCOMPAT, "nothing any more.";
        SO_BUF_LOCK, "whether the kernel leaves the sizes of the buffers alone.";
        SO_BUSY_POLL, "how long a receive polls the device before it waits, in microseconds.";
        SO_BUSY_POLL_BUDGET, "how many packets one busy poll takes.";
        SO_CNX_ADVICE, "1: the path works, no need to look for another.";
        SO_COOKIE, "the kernel's number for it, unique while the machine is up.";
        SO_DEBUG, "whether the protocol's debugging is on.";
        SO_DETACH_FILTER, "takes a filter away.", "SO_DETACH_BPF";
        SO_DETACH_REUSEPORT_BPF, "takes the program that picks among sockets away.";
        SO_DOMAIN, "the family it was made with.";
        SO_DONTROUTE, "whether it sends to hosts directly connected only.";
        SO_ERROR, "the error that waits on it.";
        SO_INCOMING_CPU, "the processor that handled its last packet, or that it prefers.";
        SO_INCOMING_NAPI_ID, "the queue of the device that its last packet came by.";
        SO_INQ = 84, "whether a message says how many bytes are still queued (Unix streams, Linux 6.17).";
        SO_KEEPALIVE, "whether an idle connection is probed.";
        SO_LINGER, "whether and how long closing waits for unsent data.";
        SO_LOCK_FILTER, "makes its filter unchangeable.";
        SO_MARK, "the mark of what it sends, for routing and firewalls.";
        SO_MAX_PACING_RATE, "how many bytes it sends per second at most.";
        SO_MEMINFO, "how much memory it uses.";
        SO_NETNS_COOKIE, "the kernel's number for its network namespace.";
        SO_NOFCS, "whether it adds the frame check itself.";
        SO_NO_CHECK, "whether UDP over IPv4 goes without a checksum.";
        SO_OOBINLINE, "whether urgent data stays in the stream.";
        SO_PASSCRED, "whether a message brings its sender's credentials.";
        SO_PASSPIDFD, "whether a message brings a descriptor of its sender.";
        SO_PASSRIGHTS = 83, "whether a message may bring descriptors (Linux 6.16).";
        SO_PASSSEC, "whether a message brings its sender's security label.";
        SO_PEEK_OFF, "where the next peek begins.";
        SO_PEERCRED, "the credentials of the peer.";
        SO_PEERGROUPS, "the groups of the peer.";
        SO_PEERNAME, "the address of the peer.";
        SO_PEERPIDFD, "a descriptor of the peer's process, new at each reading: [`Socket::peer_process`](crate::Socket::peer_process) owns it.";
        SO_PEERSEC, "the security label of the peer.";
        SO_PREFER_BUSY_POLL, "whether busy polling is preferred to interrupts.";
        SO_PRIORITY, "the priority of what it sends.";
        SO_PROTOCOL, "the protocol it was made with.";
        SO_RCVBUF, "the receive buffer in bytes.";
        SO_RCVBUFFORCE, "the receive buffer in bytes, beyond the limit.";
        SO_RCVLOWAT, "how many bytes make it readable.";
        SO_RCVMARK, "whether a message brings its mark.";
        SO_RCVPRIORITY = 82, "whether a message brings its priority (Linux 6.14).";
        SO_RCVTIMEO, "how long one receive waits. This crate waits by itself, so it has no effect on its calls: their deadline is [`Socket::set_timeout`](crate::Socket::set_timeout).";
        SO_RESERVE_MEM, "how many bytes of memory are reserved for it.";
        SO_REUSEADDR, "whether an address may be bound that old connections still use.";
        SO_REUSEPORT, "whether several sockets may bind the same port.";
        SO_RXQ_OVFL, "whether a datagram brings the number of those lost.";
        SO_SELECT_ERR_QUEUE, "whether the error queue wakes for `POLLPRI` too.";
        SO_SNDBUF, "the send buffer in bytes.";
        SO_SNDBUFFORCE, "the send buffer in bytes, beyond the limit.";
        SO_SNDLOWAT, "1: nothing else on Linux.";
        SO_SNDTIMEO, "how long one send waits. This crate waits by itself, so it has no effect on its calls: their deadline is [`Socket::set_timeout`](crate::Socket::set_timeout).";
        SO_TIMESTAMP, "whether a datagram brings its time in microseconds.";
        SO_TIMESTAMPING, "which times are taken, of what is received and of what is sent.";
        SO_TIMESTAMPNS, "whether a datagram brings its time in nanoseconds.";
        SO_TXREHASH, "whether a lost path is tried under another hash.";
        SO_TXTIME, "by which clock a message says when it leaves.";
        SO_TYPE, "the kind it was made with.";
        SO_WIFI_STATUS, "whether a frame sent brings whether it was acknowledged.";
        SO_ZEROCOPY, "whether `MSG_ZEROCOPY` may be used.";
    }
    IP {
        IP_ADD_MEMBERSHIP, "joins a group.";
        IP_ADD_SOURCE_MEMBERSHIP, "joins a group for one source.";
        IP_BIND_ADDRESS_NO_PORT, "whether binding to port 0 leaves the choice of port to connecting.";
        IP_BLOCK_SOURCE, "stops one source of a joined group.";
        IP_CHECKSUM, "whether a datagram brings its checksum.";
        IP_DROP_MEMBERSHIP, "leaves a group.";
        IP_DROP_SOURCE_MEMBERSHIP, "leaves one source of a group.";
        IP_FREEBIND, "whether it may bind to an address that is not there (yet).";
        IP_HDRINCL, "whether the data sent begins with its IP header.";
        IP_IPSEC_POLICY, "the policy of IPsec.";
        IP_LOCAL_PORT_RANGE = 51, "from which ports the kernel picks.";
        IP_MINTTL, "the smallest time to live that is let in.";
        IP_MSFILTER, "the sources of a group.";
        IP_MTU, "the largest packet of the path.";
        IP_MTU_DISCOVER, "how the largest packet of the path is found.";
        IP_MULTICAST_ALL, "whether it receives of groups that others joined.";
        IP_MULTICAST_IF, "the interface that sends to groups.";
        IP_MULTICAST_LOOP, "whether what is sent to a group comes back to this machine.";
        IP_MULTICAST_TTL, "the time to live of what is sent to a group.";
        IP_NODEFRAG, "whether fragments are left as they are.";
        IP_OPTIONS, "the options of the IP header.";
        IP_PASSSEC, "whether a datagram brings its security label.";
        IP_PKTINFO, "whether a datagram brings where it arrived.";
        IP_PKTOPTIONS, "what a stream has learnt of its packets.";
        IP_PROTOCOL = 52, "the protocol of a raw socket (Linux 6.6).";
        IP_RECVERR, "whether errors are queued with their details.";
        IP_RECVERR_RFC4884 = 26, "whether queued errors say where their extensions begin.";
        IP_RECVFRAGSIZE = 25, "whether a datagram brings the size of its largest fragment.";
        IP_RECVOPTS, "whether a datagram brings the options of its header.";
        IP_RECVORIGDSTADDR, "whether a datagram brings where it was sent to at first.", "IP_ORIGDSTADDR";
        IP_RECVTOS, "whether a datagram brings its type of service.";
        IP_RECVTTL, "whether a datagram brings its time to live.";
        IP_RETOPTS, "whether a datagram brings the options of its header, unparsed.", "IP_RECVRETOPTS";
        IP_ROUTER_ALERT, "takes the packets that routers must look at.";
        IP_TOS, "the type of service.";
        IP_TRANSPARENT, "whether it may use addresses that are not this machine's.";
        IP_TTL, "the time to live.";
        IP_UNBLOCK_SOURCE, "lets a stopped source in again.";
        IP_UNICAST_IF, "the interface that sends to one host.";
        IP_XFRM_POLICY, "the policy of a transformation.";
        MCAST_BLOCK_SOURCE, "stops one source of a joined group, of either family.";
        MCAST_JOIN_GROUP, "joins a group of either family.";
        MCAST_JOIN_SOURCE_GROUP, "joins a group for one source, of either family.";
        MCAST_LEAVE_GROUP, "leaves a group of either family.";
        MCAST_LEAVE_SOURCE_GROUP, "leaves one source of a group, of either family.";
        MCAST_MSFILTER, "the sources of a group of either family.";
        MCAST_UNBLOCK_SOURCE, "lets a stopped source in again, of either family.";
        SO_ORIGINAL_DST = 80, "where a connection that was redirected went at first.";
    }
    IPV6 {
        IPV6_2292DSTOPTS, "`IPV6_DSTOPTS` of RFC 2292.";
        IPV6_2292HOPLIMIT, "`IPV6_HOPLIMIT` of RFC 2292.";
        IPV6_2292HOPOPTS, "`IPV6_HOPOPTS` of RFC 2292.";
        IPV6_2292PKTINFO, "`IPV6_PKTINFO` of RFC 2292.";
        IPV6_2292PKTOPTIONS, "what a stream has learnt of its packets, of RFC 2292.";
        IPV6_2292RTHDR, "`IPV6_RTHDR` of RFC 2292.";
        IPV6_ADDRFORM, "makes an IPv6 socket that talks IPv4 an IPv4 one.";
        IPV6_ADDR_PREFERENCES, "which of its own addresses it prefers.";
        IPV6_AUTHHDR, "the authentication header.";
        IPV6_AUTOFLOWLABEL, "whether the kernel chooses flow labels.";
        IPV6_CHECKSUM, "where the checksum is that the kernel computes.";
        IPV6_DONTFRAG, "whether what is too large is refused rather than cut.";
        IPV6_DSTOPTS, "the destination options that are sent.";
        IPV6_FLOWINFO = 11, "whether a datagram brings its flow information.";
        IPV6_FLOWINFO_SEND = 33, "whether the flow information of an address is sent.";
        IPV6_FLOWLABEL_MGR = 32, "asks for a flow label.";
        IPV6_FREEBIND = 78, "whether it may bind to an address that is not there (yet).";
        IPV6_HDRINCL, "whether the data sent begins with its IP header.";
        IPV6_HOPLIMIT, "the hop limit of one message.";
        IPV6_HOPOPTS, "the hop-by-hop options that are sent.";
        IPV6_IPSEC_POLICY, "the policy of IPsec.";
        IPV6_JOIN_ANYCAST, "takes an anycast address.";
        IPV6_JOIN_GROUP = 20, "joins a group.", "IPV6_ADD_MEMBERSHIP";
        IPV6_LEAVE_ANYCAST, "gives an anycast address back.";
        IPV6_LEAVE_GROUP = 21, "leaves a group.", "IPV6_DROP_MEMBERSHIP";
        IPV6_MCAST_BLOCK_SOURCE as "MCAST_BLOCK_SOURCE" = 43, "stops one source of a joined group.";
        IPV6_MCAST_JOIN_GROUP as "MCAST_JOIN_GROUP" = 42, "joins a group.";
        IPV6_MCAST_JOIN_SOURCE_GROUP as "MCAST_JOIN_SOURCE_GROUP" = 46, "joins a group for one source.";
        IPV6_MCAST_LEAVE_GROUP as "MCAST_LEAVE_GROUP" = 45, "leaves a group.";
        IPV6_MCAST_LEAVE_SOURCE_GROUP as "MCAST_LEAVE_SOURCE_GROUP" = 47, "leaves one source of a group.";
        IPV6_MCAST_MSFILTER as "MCAST_MSFILTER" = 48, "the sources of a group.";
        IPV6_MCAST_UNBLOCK_SOURCE as "MCAST_UNBLOCK_SOURCE" = 44, "lets a stopped source in again.";
        IPV6_MINHOPCOUNT, "the smallest hop limit that is let in.";
        IPV6_MTU, "the largest packet of the path.";
        IPV6_MTU_DISCOVER, "how the largest packet of the path is found.";
        IPV6_MULTICAST_ALL = 29, "whether it receives of groups that others joined.";
        IPV6_MULTICAST_HOPS, "the hop limit of what is sent to a group.";
        IPV6_MULTICAST_IF, "the interface that sends to groups.";
        IPV6_MULTICAST_LOOP, "whether what is sent to a group comes back to this machine.";
        IPV6_NEXTHOP, "the next router of one message.";
        IPV6_PATHMTU, "the largest packet of the path, and whose path it is.";
        IPV6_PKTINFO, "the source address and interface of what is sent.";
        IPV6_RECVDSTOPTS, "whether a datagram brings its destination options.";
        IPV6_RECVERR, "whether errors are queued with their details.";
        IPV6_RECVERR_RFC4884 = 31, "whether queued errors say where their extensions begin.";
        IPV6_RECVFRAGSIZE = 77, "whether a datagram brings the size of its largest fragment.";
        IPV6_RECVHOPLIMIT, "whether a datagram brings its hop limit.";
        IPV6_RECVHOPOPTS, "whether a datagram brings its hop-by-hop options.";
        IPV6_RECVORIGDSTADDR, "whether a datagram brings where it was sent to at first.", "IPV6_ORIGDSTADDR";
        IPV6_RECVPATHMTU, "whether a message tells when the largest packet of the path changes.";
        IPV6_RECVPKTINFO, "whether a datagram brings where it arrived.";
        IPV6_RECVRTHDR, "whether a datagram brings its routing header.";
        IPV6_RECVTCLASS, "whether a datagram brings its traffic class.";
        IPV6_ROUTER_ALERT, "takes the packets that routers must look at.";
        IPV6_ROUTER_ALERT_ISOLATE = 30, "whether only those of its own namespace are taken.";
        IPV6_RTHDR, "the routing header that is sent.";
        IPV6_RTHDRDSTOPTS, "the destination options that routers see.";
        IPV6_TCLASS, "the traffic class.";
        IPV6_TRANSPARENT, "whether it may use addresses that are not this machine's.";
        IPV6_UNICAST_HOPS, "the hop limit.";
        IPV6_UNICAST_IF, "the interface that sends to one host.";
        IPV6_V6ONLY, "whether it leaves IPv4 alone.";
        IPV6_XFRM_POLICY, "the policy of a transformation.";
        IPV6_ORIGINAL_DST as "IP6T_SO_ORIGINAL_DST" = 80, "where a connection that was redirected went at first.", "IP6T_SO_ORIGINAL_DST";
    }
    ICMPV6 {
        ICMP6_FILTER = 1, "which types are kept away.", "ICMPV6_FILTER";
    }
    RAW {
        ICMP_FILTER = 1, "which types are kept away.";
    }
    TCP {
        TCP_AO_ADD_KEY = 38, "adds a key of RFC 5925 (Linux 6.7).";
        TCP_AO_DEL_KEY = 39, "takes a key of RFC 5925 away.";
        TCP_AO_GET_KEYS = 41, "the keys of RFC 5925.";
        TCP_AO_INFO = 40, "the state of RFC 5925.";
        TCP_AO_REPAIR = 42, "the state of RFC 5925, while in repair.";
        TCP_CC_INFO, "what the congestion control knows.";
        TCP_CONGESTION, "the name of the congestion control.";
        TCP_CORK, "whether packets that are not full wait.";
        TCP_DEFER_ACCEPT, "how long a connection must wait for data before it is accepted, in seconds.";
        TCP_DELACK_MAX_US = 46, "how long an acknowledgement waits at most, in microseconds (Linux 6.18).";
        TCP_FASTOPEN, "how many connections may begin with data.";
        TCP_FASTOPEN_CONNECT, "whether connecting waits for the data to go with it.";
        TCP_FASTOPEN_KEY, "the keys of the cookies.";
        TCP_FASTOPEN_NO_COOKIE, "whether data goes without a cookie.";
        TCP_INFO, "what the kernel knows about the connection.";
        TCP_INQ = 36, "whether a message says how many bytes are still queued.", "TCP_CM_INQ";
        TCP_IS_MPTCP = 43, "whether it is part of multipath TCP.";
        TCP_KEEPCNT, "how many probes without an answer end an idle connection.";
        TCP_KEEPIDLE, "how long a connection is idle before it is probed, in seconds.";
        TCP_KEEPINTVL, "how long between two probes, in seconds.";
        TCP_LINGER2, "how long a closed connection waits for the other side to end, in seconds.";
        TCP_MAXSEG, "the largest segment in bytes.";
        TCP_MD5SIG, "a key of RFC 2385.";
        TCP_MD5SIG_EXT, "a key of RFC 2385 for a prefix of addresses.";
        TCP_NODELAY, "whether small sends go at once.";
        TCP_NOTSENT_LOWAT, "how many bytes may wait unsent before it is no longer writable.";
        TCP_QUEUE_SEQ, "the sequence number of a queue, while in repair.";
        TCP_QUICKACK, "whether what arrives is acknowledged at once.";
        TCP_REPAIR, "whether the connection is taken apart or put together by hand.";
        TCP_REPAIR_OPTIONS, "the options agreed on, while in repair.";
        TCP_REPAIR_QUEUE, "which queue is read and written, while in repair.";
        TCP_REPAIR_WINDOW, "the windows, while in repair.";
        TCP_RTO_MAX_MS = 44, "the longest time before a retransmission, in milliseconds (Linux 6.15).";
        TCP_RTO_MIN_US = 45, "the shortest time before a retransmission, in microseconds (Linux 6.18).";
        TCP_SAVED_SYN, "the headers that began the connection.";
        TCP_SAVE_SYN, "whether the headers that begin a connection are kept.";
        TCP_SYNCNT, "how often connecting is tried again.";
        TCP_THIN_DUPACK, "nothing any more.";
        TCP_THIN_LINEAR_TIMEOUTS, "whether a connection with little in flight backs off less.";
        TCP_TIMESTAMP, "the clock of its timestamps.";
        TCP_TX_DELAY = 37, "how long what it sends is held back, in microseconds.";
        TCP_ULP, "the name of the protocol upon it.";
        TCP_USER_TIMEOUT, "how long what was sent may stay unacknowledged, in milliseconds.";
        TCP_WINDOW_CLAMP, "the largest window it offers, in bytes.";
        TCP_ZEROCOPY_RECEIVE, "receives by mapping pages.";
    }
    UDP {
        UDP_CORK, "whether what is sent is put together to one datagram.";
        UDP_ENCAP, "which protocol is inside.";
        UDP_GRO = 104, "whether what arrives together is received together.";
        UDP_NO_CHECK6_RX, "whether IPv6 without a checksum is let in.";
        UDP_NO_CHECK6_TX, "whether IPv6 goes without a checksum.";
        UDP_SEGMENT = 103, "the size of the datagrams that one send is cut into.";
    }
    UDPLITE {
        UDPLITE_RECV_CSCOV = 11, "how many bytes a checksum must cover to be let in.";
        UDPLITE_SEND_CSCOV = 10, "how many bytes the checksum covers.";
    }
    PACKET {
        PACKET_ADD_MEMBERSHIP, "lets a device take more than its own packets.";
        PACKET_AUXDATA, "whether a packet brings what the kernel knows of it.";
        PACKET_COPY_THRESH, "above which size a packet is copied beside a ring.";
        PACKET_DROP_MEMBERSHIP, "takes `PACKET_ADD_MEMBERSHIP` back.";
        PACKET_FANOUT, "shares a device's packets among sockets.";
        PACKET_FANOUT_DATA, "the program that shares them.";
        PACKET_HDRLEN, "the length of a ring's header.";
        PACKET_IGNORE_OUTGOING = 23, "whether packets that leave are not seen.";
        PACKET_LOSS, "whether a bad packet in a ring is left out.";
        PACKET_ORIGDEV, "whether the address names the device below a bond.";
        PACKET_QDISC_BYPASS, "whether what is sent goes past the queue.";
        PACKET_RECV_OUTPUT, "whether packets that leave are received.";
        PACKET_RESERVE, "how many bytes lie before a packet in a ring.";
        PACKET_ROLLOVER_STATS, "how often another socket took over.";
        PACKET_RX_RING, "the ring for what arrives.";
        PACKET_STATISTICS, "how many packets came, and how many were lost.";
        PACKET_TIMESTAMP, "which times a ring holds.";
        PACKET_TX_HAS_OFF, "whether a packet in a ring says where it begins.";
        PACKET_TX_RING, "the ring for what leaves.";
        PACKET_TX_TIMESTAMP, "whether what leaves brings its time.";
        PACKET_VERSION, "the layout of a ring.";
        PACKET_VNET_HDR, "whether a packet begins with virtio's header.";
        PACKET_VNET_HDR_SZ = 24, "the length of virtio's header.";
    }
    NETLINK {
        NETLINK_ADD_MEMBERSHIP, "joins a group.";
        NETLINK_BROADCAST_ERROR, "whether a broadcast that a receiver lost is an error.";
        NETLINK_CAP_ACK, "whether an answer leaves out what was asked.";
        NETLINK_DROP_MEMBERSHIP, "leaves a group.";
        NETLINK_EXT_ACK, "whether an error brings its words.";
        NETLINK_GET_STRICT_CHK, "whether a question is checked strictly.";
        NETLINK_LISTEN_ALL_NSID, "whether it hears of other namespaces.";
        NETLINK_LIST_MEMBERSHIPS, "the groups joined.";
        NETLINK_NO_ENOBUFS, "whether loss goes unsaid.";
        NETLINK_PKTINFO, "whether a message brings its group.";
        NETLINK_RX_RING, "nothing any more.";
        NETLINK_TX_RING, "nothing any more.";
    }
    VSOCK {
        SO_VM_SOCKETS_BUFFER_MAX_SIZE = 2, "the largest that the buffer may become, in bytes.";
        SO_VM_SOCKETS_BUFFER_MIN_SIZE = 1, "the smallest that the buffer may become, in bytes.";
        SO_VM_SOCKETS_BUFFER_SIZE = 0, "the buffer in bytes.";
        SO_VM_SOCKETS_CONNECT_TIMEOUT = 8, "how long connecting waits.";
        SO_VM_SOCKETS_NONBLOCK_TXRX = 7, "nothing on Linux.";
        SO_VM_SOCKETS_PEER_HOST_VM_ID = 3, "the machine of the peer.";
        SO_VM_SOCKETS_TRUSTED = 5, "whether the peer is trusted.";
    }
    MPTCP {
        MPTCP_FULL_INFO = 4, "everything of a connection; nothing is filled in, as its value is addresses of memory.";
        MPTCP_INFO = 1, "what the kernel knows about the connection.";
        MPTCP_SUBFLOW_ADDRS = 3, "the addresses of its parts.";
        MPTCP_TCPINFO = 2, "`TCP_INFO` of each of its parts.";
    }
    TLS {
        TLS_RX = 2, "the keys for what arrives.";
        TLS_RX_EXPECT_NO_PAD = 4, "whether padding is not expected.";
        TLS_TX = 1, "the keys for what leaves.";
        TLS_TX_ZEROCOPY_RO = 3, "whether files are sent without a copy.";
    }
    XDP {
        XDP_UMEM_REG = 4, "memory for the rings.";
    }
    SCTP {
        SCTP_EVENTS = 11, "which events are messages.";
        SCTP_INITMSG = 2, "how an association begins.";
        SCTP_MAXSEG = 13, "the largest piece in bytes.";
        SCTP_NODELAY = 3, "whether small messages go at once.";
        SCTP_RTOINFO = 0, "the times of retransmission.";
        SCTP_STATUS = 14, "what the kernel knows about the association.";
    }
    RDS {
        RDS_CANCEL_SENT_TO = 1, "forgets what was sent to an address.";
        RDS_CONG_MONITOR = 6, "whether congestion is told.";
        RDS_FREE_MR = 3, "gives memory back.";
        RDS_GET_MR = 2, "gives memory to the peers.";
        RDS_GET_MR_FOR_DEST = 7, "gives memory to one peer.";
        RDS_RECVERR = 5, "whether errors are told.";
    }
    ALG {
        ALG_SET_AEAD_ASSOCLEN = 4, "how many bytes are only authenticated.";
        ALG_SET_AEAD_AUTHSIZE = 5, "the length of the tag, by [`Socket::set_option_length`](crate::Socket::set_option_length).";
        ALG_SET_IV = 2, "the initial value.";
        ALG_SET_KEY = 1, "the key.";
        ALG_SET_OP = 3, "encrypt or decrypt.";
        ALG_SET_PUBKEY = 6, "the public key; never in Linux.";
    }
    TIPC {
        TIPC_CONN_TIMEOUT = 130, "how long connecting waits, in milliseconds.";
        TIPC_DEST_DROPPABLE = 129, "whether what nobody takes is thrown away.";
        TIPC_IMPORTANCE = 127, "how important what it sends is.";
        TIPC_SRC_DROPPABLE = 128, "whether what cannot be sent is thrown away.";
    }
    CAN_RAW {
        CAN_RAW_ERR_FILTER = 2, "which errors are frames.";
        CAN_RAW_FD_FRAMES = 5, "whether frames with a flexible data rate are received.";
        CAN_RAW_FILTER = 1, "which frames are received.";
        CAN_RAW_JOIN_FILTERS = 6, "whether a frame must pass all filters.";
        CAN_RAW_LOOPBACK = 3, "whether what is sent comes back to this machine.";
        CAN_RAW_RECV_OWN_MSGS = 4, "whether it receives what it sends.";
    }
    CAN_J1939 {
        SO_J1939_ERRQUEUE = 4, "whether errors are queued.", "SCM_J1939_ERRQUEUE";
        SO_J1939_FILTER = 1, "which messages are received.";
        SO_J1939_PROMISC = 2, "whether every message is received.";
        SO_J1939_SEND_PRIO = 3, "the priority of what it sends.";
    }
    BLUETOOTH {
        BT_CHANNEL_POLICY = 10, "which controllers a channel may use.";
        BT_CODEC = 19, "the codec of a voice connection.";
        BT_DEFER_SETUP = 7, "whether a connection is asked about before it is made.";
        BT_FLUSHABLE = 8, "whether what is late may be thrown away.";
        BT_ISO_QOS = 17, "the quality of an isochronous connection.";
        BT_MODE = 15, "the mode of a channel.";
        BT_PHY = 14, "the radio in use.";
        BT_PKT_STATUS = 16, "whether a packet brings how well it arrived.";
        BT_POWER = 9, "whether the link is kept awake.";
        BT_RCVMTU = 13, "the largest message received, in bytes.";
        BT_SECURITY = 4, "how much security a link has.";
        BT_SNDMTU = 12, "the largest message sent, in bytes.";
        BT_VOICE = 11, "how voice is encoded.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Level, NAMES, SocketOption};

    #[test]
    fn debug_prints_the_c_name_or_level_and_number() {
        let cases = [
            (SocketOption::SO_KEEPALIVE, "SO_KEEPALIVE"),
            (SocketOption::IPV6_MCAST_JOIN_GROUP, "MCAST_JOIN_GROUP"),
            (SocketOption::new(Level::PACKET, 1), "PACKET_ADD_MEMBERSHIP"),
            (SocketOption::new(Level::IPV6, 999), "SOL_IPV6(999)"),
            (SocketOption::new(Level::from_raw(9), 1), "SOL(9)(1)"),
        ];
        for (option, printed) in cases {
            assert_eq!(format!("{option:?}"), printed);
        }
    }

    #[test]
    fn no_two_names_are_one_option() {
        let mut seen = HashSet::new();
        for names in NAMES {
            assert!(seen.insert(names.option), "{} is there twice", names.c_name);
        }
    }

    #[test]
    fn what_is_done_is_said_with_the_c_name() {
        assert_eq!(SocketOption::IP_TTL.get_operation(), "get IP_TTL");
        assert_eq!(SocketOption::IP_TTL.set_operation(), "set IP_TTL");
        let unknown = SocketOption::new(Level::IP, 12345);
        assert_eq!(unknown.get_operation(), "get an option");
    }
}
