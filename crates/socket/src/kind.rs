//! What a socket is made of: family, kind, protocol, and the flags of one call.

use rustix::io::Errno;

/// Which directions [`Socket::shutdown`](crate::Socket::shutdown) ends: `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`.
pub use std::net::Shutdown;

/// A newtype over a C constant: any number goes in, the ones with a name print it.
macro_rules! constants {
    (
        $(#[$documentation:meta])* $type:ident;
        $( $name:ident, $c_name:literal, $value:expr, $meaning:literal $(, alias $alias:literal)*; )*
    ) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $type(i32);

        impl $type {
            $(
                #[doc = concat!("`", $c_name, "`: ", $meaning)]
                #[doc(alias = $c_name)]
                $( #[doc(alias = $alias)] )*
                pub const $name: Self = Self($value);
            )*

            const NAMED: &'static [(Self, &'static str)] = &[ $( (Self::$name, $c_name), )* ];

            /// The constant of this number, whether it has a name here or not.
            #[must_use]
            pub const fn from_raw(number: i32) -> Self {
                Self(number)
            }

            /// The number that C and Python know it by.
            #[must_use]
            pub const fn as_raw(self) -> i32 {
                self.0
            }

            /// Its name in C, if it has one here.
            fn c_name(self) -> Option<&'static str> {
                let known = Self::NAMED.iter().find(|(named, _)| *named == self);
                known.map(|(_, c_name)| *c_name)
            }
        }
    };
}

constants! {
    /// The address family of a socket, C's first argument of `socket(2)`. Prints its C name.
    ///
    /// Every number is taken; what this kernel lacks is `EAFNOSUPPORT`. [`Address`](crate::Address) knows the addresses
    /// of `AF_INET`, `AF_INET6`, `AF_UNIX` and `AF_PACKET`, and carries those of any other family as bytes.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::Family;
    ///
    /// assert_eq!(format!("{:?}", Family::INET6), "AF_INET6");
    /// assert_eq!(Family::from_raw(10), Family::INET6);
    /// assert_eq!(Family::INET6.as_raw(), 10);
    /// ```
    #[doc(alias = "AddressFamily")]
    Family;
    UNSPEC, "AF_UNSPEC", libc::AF_UNSPEC, "no family: to connect a datagram socket to it ends its connection.";
    UNIX, "AF_UNIX", libc::AF_UNIX, "sockets of this machine, `unix(7)`.";
    AX25, "AF_AX25", libc::AF_AX25, "amateur radio; untested.";
    INET, "AF_INET", libc::AF_INET, "IPv4, `ip(7)`.";
    IPX, "AF_IPX", libc::AF_IPX, "Novell's; gone from Linux; untested.";
    APPLETALK, "AF_APPLETALK", libc::AF_APPLETALK, "Apple's, `ddp(7)`; untested.";
    NETROM, "AF_NETROM", libc::AF_NETROM, "amateur radio; untested.";
    BRIDGE, "AF_BRIDGE", libc::AF_BRIDGE, "bridges; untested.";
    ATMPVC, "AF_ATMPVC", libc::AF_ATMPVC, "permanent circuits of ATM; untested.";
    X25, "AF_X25", libc::AF_X25, "ITU-T X.25, `x25(7)`; untested.";
    INET6, "AF_INET6", libc::AF_INET6, "IPv6, `ipv6(7)`.";
    ROSE, "AF_ROSE", libc::AF_ROSE, "amateur radio; untested.";
    DECNET, "AF_DECnet", libc::AF_DECnet, "Digital's; gone from Linux; untested.";
    NETBEUI, "AF_NETBEUI", libc::AF_NETBEUI, "reserved, never made; untested.";
    SECURITY, "AF_SECURITY", libc::AF_SECURITY, "reserved, never made; untested.";
    KEY, "AF_KEY", libc::AF_KEY, "management of IPsec keys; untested.";
    NETLINK, "AF_NETLINK", libc::AF_NETLINK, "messages with the kernel, `netlink(7)`.", alias "AF_ROUTE";
    PACKET, "AF_PACKET", libc::AF_PACKET, "frames of an interface, `packet(7)`; needs a privilege.", alias "PF_PACKET";
    ASH, "AF_ASH", libc::AF_ASH, "reserved, never made; untested.";
    ECONET, "AF_ECONET", libc::AF_ECONET, "Acorn's; gone from Linux; untested.";
    ATMSVC, "AF_ATMSVC", libc::AF_ATMSVC, "switched circuits of ATM; untested.";
    RDS, "AF_RDS", libc::AF_RDS, "reliable datagrams; this crate's tests see only its refusal; untested.", alias "PF_RDS";
    SNA, "AF_SNA", libc::AF_SNA, "reserved, never made; untested.";
    IRDA, "AF_IRDA", libc::AF_IRDA, "infrared; gone from Linux; untested.";
    PPPOX, "AF_PPPOX", libc::AF_PPPOX, "PPP over Ethernet and the like; untested.";
    WANPIPE, "AF_WANPIPE", libc::AF_WANPIPE, "reserved, gone from Linux; untested.";
    LLC, "AF_LLC", libc::AF_LLC, "logical link control, IEEE 802.2; untested.";
    CAN, "AF_CAN", libc::AF_CAN, "controller area network; this crate's tests see only its refusal; untested.", alias "PF_CAN";
    TIPC, "AF_TIPC", libc::AF_TIPC, "cluster communication; this crate's tests see only its refusal; untested.";
    BLUETOOTH, "AF_BLUETOOTH", libc::AF_BLUETOOTH, "Bluetooth; this crate's tests see only its refusal; untested.";
    ALG, "AF_ALG", libc::AF_ALG, "the kernel's cryptography; this crate's tests see only its refusal; untested. Its sockets have no peers' addresses, for which an accept asks: Linux then answers `ECONNABORTED`.";
    VSOCK, "AF_VSOCK", libc::AF_VSOCK, "a virtual machine and its host, `vsock(7)`.";
    QIPCRTR, "AF_QIPCRTR", 42, "Qualcomm's message router; this crate's tests see only its refusal; untested.";
}

constants! {
    /// The kind of a socket, C's second argument of `socket(2)`. Prints its C name.
    ///
    /// `SOCK_CLOEXEC` is not among them because every socket has it, nor `SOCK_NONBLOCK`, which a
    /// [timeout](crate::Socket::set_timeout) sets.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::SEQPACKET, Protocol::DEFAULT)?;
    /// one.send(b"a packet")?;
    /// one.send(b"another")?;
    /// assert_eq!(other.recv(&mut [0; 64])?, 8);
    /// assert_eq!(format!("{:?}", other.kind()?), "SOCK_SEQPACKET");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "SocketKind")]
    #[doc(alias = "SOCK_CLOEXEC")]
    #[doc(alias = "SOCK_NONBLOCK")]
    Kind;
    STREAM, "SOCK_STREAM", libc::SOCK_STREAM, "a stream of bytes, in order and whole.";
    DGRAM, "SOCK_DGRAM", libc::SOCK_DGRAM, "datagrams, each by itself.";
    RAW, "SOCK_RAW", libc::SOCK_RAW, "packets with their protocol's header; needs a privilege.";
    RDM, "SOCK_RDM", libc::SOCK_RDM, "datagrams, whole but in no order (`AF_TIPC`); untested.";
    SEQPACKET, "SOCK_SEQPACKET", libc::SOCK_SEQPACKET, "datagrams over a connection, in order and whole.";
}

constants! {
    /// The protocol of a socket, C's third argument of `socket(2)`. Prints its C name.
    Protocol;
    DEFAULT, "0", 0, "what family and kind imply: TCP for an IP stream, UDP for an IP datagram.", alias "IPPROTO_IP", alias "IPPROTO_HOPOPTS";
    ICMP, "IPPROTO_ICMP", libc::IPPROTO_ICMP, "the control messages of IPv4.";
    IGMP, "IPPROTO_IGMP", libc::IPPROTO_IGMP, "the group management of IPv4.";
    IPIP, "IPPROTO_IPIP", libc::IPPROTO_IPIP, "IPv4 within IPv4.", alias "IPPROTO_IPV4";
    TCP, "IPPROTO_TCP", libc::IPPROTO_TCP, "the transmission control protocol.";
    EGP, "IPPROTO_EGP", libc::IPPROTO_EGP, "the exterior gateway protocol.";
    PUP, "IPPROTO_PUP", libc::IPPROTO_PUP, "Xerox's universal packets.";
    UDP, "IPPROTO_UDP", libc::IPPROTO_UDP, "the user datagram protocol.";
    IDP, "IPPROTO_IDP", libc::IPPROTO_IDP, "Xerox's internet datagrams.";
    TP, "IPPROTO_TP", libc::IPPROTO_TP, "ISO's transport protocol, class 4.";
    IPV6, "IPPROTO_IPV6", libc::IPPROTO_IPV6, "IPv6 within IPv4; and the level of the options of IPv6.";
    ROUTING, "IPPROTO_ROUTING", libc::IPPROTO_ROUTING, "IPv6's routing header.";
    FRAGMENT, "IPPROTO_FRAGMENT", libc::IPPROTO_FRAGMENT, "IPv6's fragment header.";
    RSVP, "IPPROTO_RSVP", libc::IPPROTO_RSVP, "the reservation protocol.";
    GRE, "IPPROTO_GRE", libc::IPPROTO_GRE, "generic routing encapsulation.";
    ESP, "IPPROTO_ESP", libc::IPPROTO_ESP, "IPsec's encrypted payload.";
    AH, "IPPROTO_AH", libc::IPPROTO_AH, "IPsec's authentication header.";
    ICMPV6, "IPPROTO_ICMPV6", libc::IPPROTO_ICMPV6, "the control messages of IPv6.";
    NONE, "IPPROTO_NONE", libc::IPPROTO_NONE, "IPv6: nothing follows.";
    DSTOPTS, "IPPROTO_DSTOPTS", libc::IPPROTO_DSTOPTS, "IPv6's destination options.";
    PIM, "IPPROTO_PIM", libc::IPPROTO_PIM, "multicast routing.";
    SCTP, "IPPROTO_SCTP", libc::IPPROTO_SCTP, "the stream control transmission protocol; untested.";
    UDPLITE, "IPPROTO_UDPLITE", libc::IPPROTO_UDPLITE, "UDP whose checksum may cover a part; untested.";
    RAW, "IPPROTO_RAW", libc::IPPROTO_RAW, "packets that bring their own IP header.";
    MPTCP, "IPPROTO_MPTCP", libc::IPPROTO_MPTCP, "TCP over several paths.";
}

constants! {
    /// The flags of one call, C's `MSG_*`; several are joined by `|`. Prints their C names.
    ///
    /// `MSG_ZEROCOPY` is not among them, and by its number `EOPNOTSUPP`: the kernel would read the data after the
    /// call has given them back.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Kind, MsgFlags, Protocol, Socket};
    ///
    /// let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// one.send_all(b"hello")?;
    /// let flags = MsgFlags::PEEK | MsgFlags::DONTWAIT;
    /// assert_eq!(other.recv_with(&mut [0; 64], flags)?, 5);
    /// assert!(flags.contains(MsgFlags::PEEK));
    /// assert_eq!(format!("{flags:?}"), "MSG_PEEK | MSG_DONTWAIT");
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "MSG_ZEROCOPY")]
    #[doc(alias = "MsgFlag")]
    MsgFlags;
    NONE, "0", 0, "nothing special.";
    OOB, "MSG_OOB", libc::MSG_OOB, "the urgent byte of a stream, `tcp(7)`.";
    PEEK, "MSG_PEEK", libc::MSG_PEEK, "receive without taking it away.";
    DONTROUTE, "MSG_DONTROUTE", libc::MSG_DONTROUTE, "send to directly connected hosts alone.";
    CTRUNC, "MSG_CTRUNC", libc::MSG_CTRUNC, "received: there was no room for all ancillary data.";
    TRUNC, "MSG_TRUNC", libc::MSG_TRUNC, "received: the datagram was longer than the buffer; asked for: give its real length.";
    DONTWAIT, "MSG_DONTWAIT", libc::MSG_DONTWAIT, "never wait in this call: what cannot be done now is `EAGAIN`.";
    EOR, "MSG_EOR", libc::MSG_EOR, "a record ends here (`SOCK_SEQPACKET`).";
    WAITALL, "MSG_WAITALL", libc::MSG_WAITALL, "receive until the buffer is full.";
    CONFIRM, "MSG_CONFIRM", libc::MSG_CONFIRM, "the peer is known to answer: no need to ask for its link address.";
    ERRQUEUE, "MSG_ERRQUEUE", libc::MSG_ERRQUEUE, "receive from the queue of errors, `ip(7)`; never waits.";
    NOSIGNAL, "MSG_NOSIGNAL", libc::MSG_NOSIGNAL, "no `SIGPIPE`; every send has it.";
    MORE, "MSG_MORE", libc::MSG_MORE, "more follows at once, so the kernel may wait with a packet that is not full.";
    WAITFORONE, "MSG_WAITFORONE", libc::MSG_WAITFORONE, "of a batch, wait for the first alone.";
    FASTOPEN, "MSG_FASTOPEN", libc::MSG_FASTOPEN, "connect and send in one, `tcp(7)`.";
    CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC", libc::MSG_CMSG_CLOEXEC, "received descriptors do not survive an `exec`; every receive has it.";
}

constants! {
    /// Who reports an [`ExtendedError`](crate::ExtendedError), C's `SO_EE_ORIGIN_*`. Prints its C name.
    ErrorOrigin;
    NONE, "SO_EE_ORIGIN_NONE", 0, "nobody.";
    LOCAL, "SO_EE_ORIGIN_LOCAL", 1, "this machine.";
    ICMP, "SO_EE_ORIGIN_ICMP", 2, "a control message of IPv4.";
    ICMP6, "SO_EE_ORIGIN_ICMP6", 3, "a control message of IPv6.";
    TIMESTAMPING, "SO_EE_ORIGIN_TIMESTAMPING", 4, "no error: when the packet was sent, beside it.", alias "SO_EE_ORIGIN_TXSTATUS";
    ZEROCOPY, "SO_EE_ORIGIN_ZEROCOPY", 5, "no error: the sends from `info` to `data` need their memory no more.";
    TXTIME, "SO_EE_ORIGIN_TXTIME", 6, "a packet missed the time it was to be sent.";
}

/// What every set of flags can: be joined, be asked, and print the C names of its members.
macro_rules! flags {
    ($type:ident $prefix:literal) => {
        impl $type {
            /// Whether all of `flags` are among these.
            #[must_use]
            pub const fn contains(self, flags: Self) -> bool {
                self.0 & flags.0 == flags.0
            }

            /// Whether there is none.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }
        }

        impl std::ops::BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl std::ops::BitOrAssign for $type {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                if let Some(name) = self.c_name() {
                    return f.write_str(name);
                }
                let mut rest = self.0;
                let mut separator = "";
                for (flag, name) in Self::NAMED {
                    if flag.0 != 0 && rest & flag.0 == flag.0 {
                        write!(f, "{separator}{name}")?;
                        separator = " | ";
                        rest &= !flag.0;
                    }
                }
                match rest {
                    0 => Ok(()),
                    rest => write!(f, concat!("{}", $prefix, "({:#x})"), separator, rest),
                }
            }
        }
    };
}

flags!(MsgFlags "MSG");

impl MsgFlags {
    /// As a send takes them: without `SIGPIPE`, and never with what would have the kernel keep the data, which
    /// are only lent for the call.
    ///
    /// # Errors
    /// `EOPNOTSUPP` for `MSG_ZEROCOPY`.
    #[inline]
    pub(crate) const fn of_send(self) -> Result<i32, Errno> {
        if self.0 & libc::MSG_ZEROCOPY != 0 {
            return Err(Errno::OPNOTSUPP);
        }
        Ok(self.0 | Self::NOSIGNAL.0)
    }

    /// Whether a call with these never waits: it is told not to, or looks where nothing is waited for.
    #[inline]
    pub(crate) const fn forbid_waiting(self) -> bool {
        self.0 & (Self::DONTWAIT.0 | Self::ERRQUEUE.0) != 0
    }
}

/// By name where it has one, else by number behind its type's prefix.
macro_rules! debug_by_name {
    ($($type:ident $prefix:literal)*) => {
        $(impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.c_name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!($prefix, "({})"), self.0),
                }
            }
        })*
    };
}

debug_by_name!(Family "AF" Kind "SOCK" Protocol "IPPROTO" ErrorOrigin "SO_EE_ORIGIN");

pub(crate) use {constants, debug_by_name, flags};

#[cfg(test)]
mod tests {
    use super::{Family, Kind, MsgFlags, Protocol};

    #[test]
    fn debug_prints_the_c_name_or_the_number() {
        assert_eq!(format!("{:?}", Family::INET6), "AF_INET6");
        assert_eq!(format!("{:?}", Family::from_raw(-1)), "AF(-1)");
        assert_eq!(format!("{:?}", Kind::SEQPACKET), "SOCK_SEQPACKET");
        assert_eq!(format!("{:?}", Protocol::TCP), "IPPROTO_TCP");
        assert_eq!(format!("{:?}", MsgFlags::MORE), "MSG_MORE");
        assert_eq!(format!("{:?}", MsgFlags::NONE), "0");
        let several = MsgFlags::PEEK | MsgFlags::TRUNC | MsgFlags::from_raw(1 << 20);
        assert_eq!(
            format!("{several:?}"),
            "MSG_PEEK | MSG_TRUNC | MSG(0x100000)"
        );
        assert!(several.contains(MsgFlags::PEEK) && !several.contains(MsgFlags::OOB));
        assert!(!several.is_empty() && MsgFlags::NONE.is_empty());
    }

    #[test]
    fn the_numbers_are_those_of_linux() {
        assert_eq!(
            (
                Family::UNIX.as_raw(),
                Family::INET.as_raw(),
                Family::INET6.as_raw()
            ),
            (1, 2, 10)
        );
        assert_eq!((Kind::STREAM.as_raw(), Kind::RAW.as_raw()), (1, 3));
        assert_eq!((Protocol::TCP.as_raw(), Protocol::UDP.as_raw()), (6, 17));
    }
}
