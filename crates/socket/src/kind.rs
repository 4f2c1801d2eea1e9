//! What a socket is made of: family, kind, protocol, and the flags of a send.

use std::fmt;

use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto};

/// Which directions [`Socket::shutdown`](crate::Socket::shutdown) ends: `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`.
pub use std::net::Shutdown;

/// A newtype over a C constant: any number goes in, the ones with a name print it.
macro_rules! constants {
    (
        $(#[$documentation:meta])* $type:ident, otherwise $prefix:literal;
        $( $name:ident, $c_name:literal, $value:expr, $meaning:literal; )*
    ) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $type(i32);

        impl $type {
            $(
                #[doc = concat!("`", $c_name, "`: ", $meaning)]
                #[doc(alias = $c_name)]
                pub const $name: Self = Self($value);
            )*

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
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $( Self::$name => f.write_str($c_name), )*
                    Self(number) => write!(f, concat!($prefix, "({})"), number),
                }
            }
        }
    };
}

constants! {
    /// The address family of a socket, C's first argument of `socket(2)`. Prints its C name.
    Family, otherwise "AF";
    UNIX, "AF_UNIX", AddressFamily::UNIX.as_raw() as i32, "sockets of this machine, `unix(7)`.";
    INET, "AF_INET", AddressFamily::INET.as_raw() as i32, "IPv4, `ip(7)`.";
    INET6, "AF_INET6", AddressFamily::INET6.as_raw() as i32, "IPv6, `ipv6(7)`.";
}

constants! {
    /// The kind of a socket, C's second argument of `socket(2)`. Prints its C name.
    Kind, otherwise "SOCK";
    STREAM, "SOCK_STREAM", SocketType::STREAM.as_raw() as i32, "a stream of bytes, in order and whole.";
    DGRAM, "SOCK_DGRAM", SocketType::DGRAM.as_raw() as i32, "datagrams, each by itself.";
    RAW, "SOCK_RAW", SocketType::RAW.as_raw() as i32, "packets with their protocol's header; needs a privilege.";
    SEQPACKET, "SOCK_SEQPACKET", SocketType::SEQPACKET.as_raw() as i32, "datagrams over a connection, in order and whole.";
}

constants! {
    /// The protocol of a socket, C's third argument of `socket(2)`. Prints its C name.
    Protocol, otherwise "IPPROTO";
    DEFAULT, "0", 0, "what family and kind imply: TCP for an IP stream, UDP for an IP datagram.";
    ICMP, "IPPROTO_ICMP", ipproto::ICMP.as_raw().get() as i32, "the control messages of IPv4.";
    TCP, "IPPROTO_TCP", ipproto::TCP.as_raw().get() as i32, "the transmission control protocol.";
    UDP, "IPPROTO_UDP", ipproto::UDP.as_raw().get() as i32, "the user datagram protocol.";
    ICMPV6, "IPPROTO_ICMPV6", ipproto::ICMPV6.as_raw().get() as i32, "the control messages of IPv6.";
}

constants! {
    /// The flags of one send, C's `MSG_*`. Prints its C name.
    ///
    /// `MSG_NOSIGNAL` is not among them because every send has it.
    MsgFlags, otherwise "MSG";
    NONE, "0", 0, "nothing special.";
    MORE, "MSG_MORE", SendFlags::MORE.bits() as i32, "more follows at once, so the kernel may wait with a packet that is not full.";
}

#[cfg(test)]
mod tests {
    use super::{Family, Kind, MsgFlags, Protocol};

    #[test]
    fn debug_prints_the_c_name_or_the_number() {
        assert_eq!(format!("{:?}", Family::INET6), "AF_INET6");
        assert_eq!(format!("{:?}", Family::from_raw(40)), "AF(40)");
        assert_eq!(format!("{:?}", Kind::SEQPACKET), "SOCK_SEQPACKET");
        assert_eq!(format!("{:?}", Protocol::TCP), "IPPROTO_TCP");
        assert_eq!(format!("{:?}", MsgFlags::MORE), "MSG_MORE");
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
