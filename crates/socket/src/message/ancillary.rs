//! Ancillary data: what travels beside the bytes of a message, typed.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime};

use crate::address::Address;
use crate::error::Cause;
use crate::kind::ErrorOrigin;
use crate::message::control::{ControlMessage, messages, push_message};
use crate::options::Level;

/// The most descriptors that one message carries, the kernel's `SCM_MAX_FD` (`unix(7)`).
const RIGHTS_MAX: usize = 253;

// Of <linux/socket.h>: the numbers of both layouts of time, and what libc does not have everywhere.
const SCM_TIMESTAMP_NEW: i32 = 63;
const SCM_TIMESTAMPNS_NEW: i32 = 64;
const SCM_TIMESTAMPING_NEW: i32 = 65;
pub(crate) const SCM_PIDFD: i32 = 4;

/// C's `cmsghdr` and its data: one received control message. [`recv_msg`](crate::Socket::recv_msg) gives them.
///
/// Which ones come is a matter of the socket's options, named below. What has no variant here, and what has
/// not the form of its kind (because it was cut, see [`is_ancillary_truncated`](crate::Message::is_ancillary_truncated)),
/// is [`Ancillary::Other`].
#[derive(Debug)]
#[non_exhaustive]
#[doc(alias = "cmsghdr")]
pub enum Ancillary {
    /// `SCM_RIGHTS`: descriptors, now this process's own; they do not survive an `exec`. `unix(7)`.
    #[doc(alias = "SCM_RIGHTS")]
    Rights(Vec<OwnedFd>),
    /// `SCM_CREDENTIALS`: who sent it, asked for by `SO_PASSCRED`. `unix(7)`.
    #[doc(alias = "SCM_CREDENTIALS")]
    #[doc(alias = "SCM_CREDS")]
    Credentials(Credentials),
    /// `SCM_PIDFD`: a descriptor of the process that sent it, asked for by `SO_PASSPIDFD` (Linux 6.5).
    #[doc(alias = "SCM_PIDFD")]
    Process(OwnedFd),
    /// `IP_PKTINFO`: where an IPv4 packet came in, asked for by the option of the same name. `ip(7)`.
    #[doc(alias = "IP_PKTINFO")]
    PacketInfo(PacketInfo),
    /// `IPV6_PKTINFO`: where an IPv6 packet came in, asked for by `IPV6_RECVPKTINFO`. RFC 3542 section 6.2.
    #[doc(alias = "IPV6_PKTINFO")]
    PacketInfo6(PacketInfo6),
    /// `IP_TTL`: how many hops an IPv4 packet had left, asked for by `IP_RECVTTL`. `ip(7)`.
    #[doc(alias = "IP_TTL")]
    TimeToLive(u8),
    /// `IPV6_HOPLIMIT`: how many hops an IPv6 packet had left, asked for by `IPV6_RECVHOPLIMIT`. RFC 3542 section 6.3.
    #[doc(alias = "IPV6_HOPLIMIT")]
    HopLimit(u8),
    /// `IP_TOS`: the type of service of an IPv4 packet (DSCP and ECN), asked for by `IP_RECVTOS`. `ip(7)`.
    #[doc(alias = "IP_TOS")]
    TypeOfService(u8),
    /// `IPV6_TCLASS`: the traffic class of an IPv6 packet, asked for by `IPV6_RECVTCLASS`. RFC 3542 section 6.5.
    #[doc(alias = "IPV6_TCLASS")]
    TrafficClass(u8),
    /// `SCM_TIMESTAMP`, `SCM_TIMESTAMPNS`: when the kernel received it, to the microsecond if asked for by
    /// `SO_TIMESTAMP`, to the nanosecond if by `SO_TIMESTAMPNS`. `socket(7)`.
    #[doc(alias = "SCM_TIMESTAMP")]
    #[doc(alias = "SCM_TIMESTAMPNS")]
    Timestamp(SystemTime),
    /// `SCM_TIMESTAMPING`: when the kernel or the hardware received or sent it, asked for by `SO_TIMESTAMPING`.
    #[doc(alias = "SCM_TIMESTAMPING")]
    Timestamping(Timestamping),
    /// `IP_RECVERR`, `IPV6_RECVERR`: what became of a packet sent before, asked for by the option of the same
    /// name and received with [`MsgFlags::ERRQUEUE`](crate::MsgFlags::ERRQUEUE). `ip(7)`.
    #[doc(alias = "IP_RECVERR")]
    #[doc(alias = "IPV6_RECVERR")]
    ErrorQueue(ExtendedError),
    /// `UDP_GRO`: what came is several datagrams of this many bytes each (the last may be shorter), merged by
    /// the kernel; asked for by the option of the same name. [`recv_batch`](crate::Socket::recv_batch) takes them apart. `udp(7)`.
    #[doc(alias = "UDP_GRO")]
    SegmentSize(u16),
    /// Any other: its level and its kind (C's `cmsg_level` and `cmsg_type`), and its data.
    Other {
        /// `cmsg_level`: `SOL_SOCKET` or the number of a protocol.
        level: i32,
        /// `cmsg_type`: what it is at that level.
        kind: i32,
        /// The bytes, in C's layout.
        data: Vec<u8>,
    },
}

/// One control message to send. [`send_msg`](crate::Socket::send_msg) takes them.
///
/// A message for another kind of socket than it meets is ignored by the kernel: `IP_TTL` on a socket of IPv6, say.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SendAncillary<'a> {
    /// `SCM_RIGHTS`: descriptors, of which the receiver gets duplicates; at most 253 in a message. `unix(7)`.
    Rights(&'a [BorrowedFd<'a>]),
    /// `SCM_CREDENTIALS`: who this process is. The kernel checks it (`EPERM`). `unix(7)`.
    Credentials(Credentials),
    /// `IP_PKTINFO`: by which interface (0: the route's) and from which local address to send; the destination is ignored. `ip(7)`.
    PacketInfo(PacketInfo),
    /// `IPV6_PKTINFO`: by which interface (0: the route's) and from which address, which here is
    /// [`PacketInfo6::destination`], to send. RFC 3542 section 6.2.
    PacketInfo6(PacketInfo6),
    /// `IP_TTL`: how many hops an IPv4 packet may take, at least 1. `ip(7)`.
    TimeToLive(u8),
    /// `IPV6_HOPLIMIT`: how many hops an IPv6 packet may take. RFC 3542 section 6.3.
    HopLimit(u8),
    /// `IP_TOS`: the type of service of an IPv4 packet. `ip(7)`.
    TypeOfService(u8),
    /// `IPV6_TCLASS`: the traffic class of an IPv6 packet. RFC 3542 section 6.5.
    TrafficClass(u8),
    /// `UDP_SEGMENT`: cuts the data into datagrams of this many bytes, the last may be shorter, at most 64 of
    /// them. [`send_batch`](crate::Socket::send_batch) does it unasked. `udp(7)`.
    #[doc(alias = "UDP_SEGMENT")]
    SegmentSize(u16),
    /// Any other, its data in C's layout. Descriptors go by [`SendAncillary::Rights`] alone, and those of RDS,
    /// which hold addresses of this process, not at all.
    Other {
        /// `cmsg_level`: `SOL_SOCKET` or the number of a protocol.
        level: i32,
        /// `cmsg_type`: what it is at that level.
        kind: i32,
        /// The bytes, in C's layout.
        data: &'a [u8],
    },
}

/// C's `struct ucred`: a process, as the kernel vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "ucred")]
pub struct Credentials {
    /// The process; 0 for one that this process cannot see (another PID namespace).
    pub pid: i32,
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// C's `struct in_pktinfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "in_pktinfo")]
pub struct PacketInfo {
    /// The number of the interface.
    pub interface: u32,
    /// The address of this machine that answers should come from, C's `ipi_spec_dst`.
    pub local: Ipv4Addr,
    /// The destination in the packet's header, C's `ipi_addr`; it may be a group's or a broadcast.
    pub destination: Ipv4Addr,
}

/// C's `struct in6_pktinfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "in6_pktinfo")]
pub struct PacketInfo6 {
    /// The number of the interface.
    pub interface: u32,
    /// Received: the destination in the packet's header. To send: the source.
    pub destination: Ipv6Addr,
}

/// C's `struct scm_timestamping`: up to three times of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "scm_timestamping")]
pub struct Timestamping {
    /// When the kernel had it.
    pub software: Option<SystemTime>,
    /// When the hardware had it, in the system's time; Linux no longer gives it.
    pub transformed: Option<SystemTime>,
    /// When the hardware had it, since the beginning of its own clock.
    pub hardware: Option<Duration>,
}

/// C's `struct sock_extended_err`: an entry of the error queue, `ip(7)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sock_extended_err")]
pub struct ExtendedError {
    /// C's `errno`: `ECONNREFUSED` for a port that is closed, `ENOMSG` for a report that is no error.
    pub errno: i32,
    /// Who reports it.
    pub origin: ErrorOrigin,
    /// The type of the ICMP message.
    pub kind: u8,
    /// The code of the ICMP message.
    pub code: u8,
    /// More, by the origin: the MTU with `EMSGSIZE`.
    pub info: u32,
    /// More, by the origin.
    pub data: u32,
    /// C's `SO_EE_OFFENDER`: the node that reports it.
    pub offender: Option<Address>,
}

impl Ancillary {
    /// Every message of a control buffer, C's `msg_control`. Any bytes will do.
    ///
    /// The numbers of descriptors (`SCM_RIGHTS`, `SCM_PIDFD`) stay bytes here, in [`Ancillary::Other`]: only
    /// what comes straight from the kernel says which descriptors are this process's own.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::Ancillary;
    ///
    /// // Nothing is long enough for a header here.
    /// assert!(Ancillary::decode(b"short").is_empty());
    /// // `IPPROTO_IP`, `IP_TTL`, and C's `int`.
    /// let hops = Ancillary::from_bytes(0, 2, &64_i32.to_ne_bytes());
    /// assert!(matches!(hops, Ancillary::TimeToLive(64)));
    /// ```
    #[must_use]
    pub fn decode(control: &[u8]) -> Vec<Self> {
        messages(control).map(Self::from_message).collect()
    }

    /// One control message: its level, its kind and its data, in C's layout. Descriptors as in [`Ancillary::decode`].
    #[must_use]
    pub fn from_bytes(level: i32, kind: i32, data: &[u8]) -> Self {
        let known = match (level, kind) {
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) => credentials(data),
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMP | SCM_TIMESTAMP_NEW) => timestamp(data, 1000),
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS | SCM_TIMESTAMPNS_NEW) => timestamp(data, 1),
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING | SCM_TIMESTAMPING_NEW) => timestamping(data),
            (libc::SOL_IP, libc::IP_PKTINFO) => packet_info(data),
            (libc::SOL_IP, libc::IP_TTL) => byte_of_int(data).map(Self::TimeToLive),
            (libc::SOL_IP, libc::IP_TOS) => exactly(data).map(|[tos]| Self::TypeOfService(tos)),
            (libc::SOL_IP, libc::IP_RECVERR) => extended_error(data),
            (libc::SOL_IPV6, libc::IPV6_PKTINFO) => packet_info6(data),
            (libc::SOL_IPV6, libc::IPV6_HOPLIMIT) => byte_of_int(data).map(Self::HopLimit),
            (libc::SOL_IPV6, libc::IPV6_TCLASS) => byte_of_int(data).map(Self::TrafficClass),
            (libc::SOL_IPV6, libc::IPV6_RECVERR) => extended_error(data),
            (libc::SOL_UDP, libc::UDP_GRO) => segment_size(data).map(Self::SegmentSize),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other {
            level,
            kind,
            data: data.to_vec(),
        })
    }

    pub(crate) fn from_message(message: ControlMessage<'_>) -> Self {
        Self::from_bytes(message.level, message.kind, message.data)
    }
}

/// All of the data, if there is just so much of it.
fn exactly<const N: usize>(data: &[u8]) -> Option<[u8; N]> {
    data.try_into().ok()
}

/// C's `int` that holds a byte.
fn byte_of_int(data: &[u8]) -> Option<u8> {
    u8::try_from(i32::from_ne_bytes(exactly(data)?)).ok()
}

/// `UDP_GRO`'s `int`: how long each of the merged datagrams is.
pub(crate) fn segment_size(data: &[u8]) -> Option<u16> {
    let size = u16::try_from(i32::from_ne_bytes(exactly(data)?)).ok()?;
    (size > 0).then_some(size)
}

fn credentials(data: &[u8]) -> Option<Ancillary> {
    let [pid, uid, gid] = words(data)?;
    Some(Ancillary::Credentials(Credentials {
        pid: pid.cast_signed(),
        uid,
        gid,
    }))
}

fn packet_info(data: &[u8]) -> Option<Ancillary> {
    let [interface, local, destination] = words(data)?;
    // Addresses are in the order of the network, which is that of their bytes.
    Some(Ancillary::PacketInfo(PacketInfo {
        interface,
        local: local.to_ne_bytes().into(),
        destination: destination.to_ne_bytes().into(),
    }))
}

fn packet_info6(data: &[u8]) -> Option<Ancillary> {
    let (destination, interface) = data.split_first_chunk::<16>()?;
    Some(Ancillary::PacketInfo6(PacketInfo6 {
        interface: u32::from_ne_bytes(exactly(interface)?),
        destination: (*destination).into(),
    }))
}

/// Exactly so many words of 32 bits.
fn words<const N: usize>(data: &[u8]) -> Option<[u32; N]> {
    let (words, rest) = data.as_chunks();
    let words: &[[u8; 4]; N] = words.try_into().ok()?;
    rest.is_empty().then(|| words.map(u32::from_ne_bytes))
}

fn extended_error(data: &[u8]) -> Option<Ancillary> {
    let (head, offender) = data.split_first_chunk::<16>()?;
    let [errno, report, info, more] = words(head)?;
    let [origin, kind, code, _] = report.to_ne_bytes();
    let family = offender
        .first_chunk()
        .map(|family| u16::from_ne_bytes(*family));
    Some(Ancillary::ErrorQueue(ExtendedError {
        errno: errno.cast_signed(),
        origin: ErrorOrigin::from_raw(origin.into()),
        kind,
        code,
        info,
        data: more,
        // The kernel leaves it AF_UNSPEC where there is none.
        offender: family
            .is_some_and(|family| family != 0)
            .then(|| Address::from_bytes(offender)),
    }))
}

/// C's `timeval` or `timespec`, whose fraction counts so many nanoseconds. `None` for a time before 1970
/// too: no packet came then.
fn since_epoch(data: &[u8], unit_nanoseconds: u32) -> Option<Duration> {
    let (seconds, fraction) = data.split_first_chunk()?;
    let seconds = u64::try_from(i64::from_ne_bytes(*seconds)).ok()?;
    let fraction = u32::try_from(i64::from_ne_bytes(exactly(fraction)?)).ok()?;
    let nanoseconds = fraction.checked_mul(unit_nanoseconds)?;
    (nanoseconds < 1_000_000_000).then(|| Duration::new(seconds, nanoseconds))
}

fn timestamp(data: &[u8], unit_nanoseconds: u32) -> Option<Ancillary> {
    let since = since_epoch(data, unit_nanoseconds)?;
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .map(Ancillary::Timestamp)
}

fn timestamping(data: &[u8]) -> Option<Ancillary> {
    let (times, rest) = data.as_chunks::<16>();
    let times: &[_; 3] = times.try_into().ok()?;
    let [software, transformed, hardware] = times.map(|time| since_epoch(&time, 1));
    // Zero stands for no time.
    let given = |since: Duration| (!since.is_zero()).then_some(since);
    let on_the_clock =
        |since: Duration| given(since).and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    rest.is_empty().then_some(())?;
    Some(Ancillary::Timestamping(Timestamping {
        software: on_the_clock(software?),
        transformed: on_the_clock(transformed?),
        hardware: given(hardware?),
    }))
}

impl SendAncillary<'_> {
    /// The control buffer of a message.
    pub(crate) fn encode(ancillary: &[SendAncillary<'_>]) -> Result<Vec<u8>, Cause> {
        let mut control = Vec::new();
        let mut descriptors = 0;
        for one in ancillary {
            if let SendAncillary::Rights(rights) = one {
                descriptors += rights.len();
                if descriptors > RIGHTS_MAX {
                    return Err(Cause::Invalid(
                        "a message carries at most 253 descriptors (unix(7))",
                    ));
                }
            }
            one.push(&mut control)?;
        }
        Ok(control)
    }

    fn push(&self, control: &mut Vec<u8>) -> Result<(), Cause> {
        let mut push =
            |level, kind, data: &[u8]| push_message(control, ControlMessage { level, kind, data });
        let int = |byte: u8| i32::from(byte).to_ne_bytes();
        match *self {
            Self::Rights([]) => {}
            Self::Rights(rights) => {
                let numbers = rights
                    .iter()
                    .flat_map(|right| right.as_raw_fd().to_ne_bytes());
                push(
                    libc::SOL_SOCKET,
                    libc::SCM_RIGHTS,
                    &numbers.collect::<Vec<_>>(),
                );
            }
            Self::Credentials(Credentials { pid, uid, gid }) => push(
                libc::SOL_SOCKET,
                libc::SCM_CREDENTIALS,
                [pid.cast_unsigned(), uid, gid]
                    .map(u32::to_ne_bytes)
                    .as_flattened(),
            ),
            Self::PacketInfo(info) => push(
                libc::SOL_IP,
                libc::IP_PKTINFO,
                [
                    info.interface.to_ne_bytes(),
                    info.local.octets(),
                    info.destination.octets(),
                ]
                .as_flattened(),
            ),
            Self::PacketInfo6(info) => push(
                libc::SOL_IPV6,
                libc::IPV6_PKTINFO,
                &[
                    &info.destination.octets()[..],
                    &info.interface.to_ne_bytes(),
                ]
                .concat(),
            ),
            Self::TimeToLive(hops) => push(libc::SOL_IP, libc::IP_TTL, &int(hops)),
            Self::HopLimit(hops) => push(libc::SOL_IPV6, libc::IPV6_HOPLIMIT, &int(hops)),
            Self::TypeOfService(tos) => push(libc::SOL_IP, libc::IP_TOS, &[tos]),
            Self::TrafficClass(class) => push(libc::SOL_IPV6, libc::IPV6_TCLASS, &int(class)),
            Self::SegmentSize(size) => push(libc::SOL_UDP, libc::UDP_SEGMENT, &size.to_ne_bytes()),
            Self::Other { level, kind, data } => {
                check_plain(level, kind)?;
                push(level, kind, data);
            }
        }
        Ok(())
    }
}

/// Whether bytes can vouch for the data of this kind.
fn check_plain(level: i32, kind: i32) -> Result<(), Cause> {
    // A number alone does not show that the descriptor is open and may be given away.
    if (level, kind) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
        return Err(Cause::Invalid(
            "descriptors are sent as SendAncillary::Rights",
        ));
    }
    // RDS_CMSG_RDMA_ARGS and its like, as RDS_GET_MR among the options: the kernel writes to the addresses in them.
    if level == Level::RDS.as_raw() {
        return Err(Cause::Invalid(
            "RDS's control messages hold addresses of this process",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::os::fd::AsFd;
    use std::time::{Duration, SystemTime};

    use proptest::prelude::*;

    use super::{Ancillary, Credentials, PacketInfo, PacketInfo6, SendAncillary};
    use crate::error::Cause;
    use crate::message::control::{ControlMessage, push_message};
    use crate::options::Level;

    fn sent() -> impl Strategy<Value = SendAncillary<'static>> {
        let words = any::<(u32, [u8; 4], [u8; 4], [u8; 16], u8)>();
        (0..8, words).prop_map(|(which, (number, one, other, six, byte))| match which {
            0 => SendAncillary::Credentials(Credentials {
                pid: number.cast_signed(),
                uid: u32::from_ne_bytes(one),
                gid: u32::from_ne_bytes(other),
            }),
            1 => SendAncillary::PacketInfo(PacketInfo {
                interface: number,
                local: one.into(),
                destination: other.into(),
            }),
            2 => SendAncillary::PacketInfo6(PacketInfo6 {
                interface: number,
                destination: six.into(),
            }),
            3 => SendAncillary::TimeToLive(byte),
            4 => SendAncillary::HopLimit(byte),
            5 => SendAncillary::TypeOfService(byte),
            6 => SendAncillary::TrafficClass(byte),
            _ => SendAncillary::Other {
                level: number.cast_signed(),
                kind: -1,
                data: b"data",
            },
        })
    }

    proptest! {
        /// What is sent has the form of what is received.
        #[test]
        fn what_is_encoded_is_decoded(sent in proptest::collection::vec(sent(), 0..8)) {
            let decoded = Ancillary::decode(&SendAncillary::encode(&sent).unwrap());
            let words = |debug: String| debug.replace("[100, 97, 116, 97]", "data");
            prop_assert_eq!(words(format!("{decoded:?}")), words(format!("{sent:?}")));
        }

        /// Each kind that is known, with any data: no panic, and what has not its form is kept as bytes.
        #[test]
        fn any_data_of_any_kind_is_something(which in 0usize..16, data in proptest::collection::vec(any::<u8>(), 0..64)) {
            let (level, kind) = KNOWN[which % KNOWN.len()];
            if let Ancillary::Other { level: l, kind: k, data: d } = Ancillary::from_bytes(level, kind, &data) {
                prop_assert_eq!((l, k, d), (level, kind, data));
            }
        }
    }

    #[test]
    fn control_messages_that_hold_addresses_are_not_taken_as_bytes() {
        // RDS_CMSG_RDMA_ARGS to RDS_CMSG_ATOMIC_FADD and beyond, of SOL_RDS.
        for kind in 0..16 {
            let one = SendAncillary::Other {
                level: Level::RDS.as_raw(),
                kind,
                data: &[0; 48],
            };
            let refused = SendAncillary::encode(&[one]).unwrap_err();
            assert_eq!(
                refused,
                Cause::Invalid("RDS's control messages hold addresses of this process")
            );
        }
    }

    const KNOWN: [(i32, i32); 14] = [
        (libc::SOL_SOCKET, libc::SCM_CREDENTIALS),
        (libc::SOL_SOCKET, libc::SCM_RIGHTS),
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMP),
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS),
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING),
        (libc::SOL_IP, libc::IP_PKTINFO),
        (libc::SOL_IP, libc::IP_TTL),
        (libc::SOL_IP, libc::IP_TOS),
        (libc::SOL_IP, libc::IP_RECVERR),
        (libc::SOL_IPV6, libc::IPV6_PKTINFO),
        (libc::SOL_IPV6, libc::IPV6_HOPLIMIT),
        (libc::SOL_IPV6, libc::IPV6_TCLASS),
        (libc::SOL_IPV6, libc::IPV6_RECVERR),
        (libc::SOL_UDP, libc::UDP_GRO),
    ];

    #[track_caller]
    fn is_other(level: i32, kind: i32, data: &[u8]) {
        let decoded = Ancillary::from_bytes(level, kind, data);
        assert!(matches!(decoded, Ancillary::Other { .. }), "{decoded:?}");
    }

    #[test]
    fn what_has_not_the_length_of_its_kind_is_kept_as_bytes() {
        for (level, kind) in KNOWN {
            for bytes in [0, 2, 3, 5, 15, 17, 47, 49] {
                if !matches!(kind, libc::IP_RECVERR | libc::IPV6_RECVERR) || bytes < 16 {
                    is_other(level, kind, &vec![1; bytes]);
                }
            }
        }
    }

    #[test]
    fn what_no_kernel_says_is_kept_as_bytes() {
        is_other(libc::SOL_IP, libc::IP_TTL, &256i32.to_ne_bytes());
        is_other(libc::SOL_IPV6, libc::IPV6_HOPLIMIT, &(-1i32).to_ne_bytes());
        is_other(libc::SOL_UDP, libc::UDP_GRO, &0i32.to_ne_bytes());
        is_other(libc::SOL_UDP, libc::UDP_GRO, &65_536i32.to_ne_bytes());
        let time =
            |seconds: i64, fraction: i64| [seconds.to_ne_bytes(), fraction.to_ne_bytes()].concat();
        for (seconds, fraction) in [(-1, 0), (0, -1), (0, 1_000_000), (0, i64::MAX)] {
            is_other(
                libc::SOL_SOCKET,
                libc::SCM_TIMESTAMP,
                &time(seconds, fraction),
            );
        }
        is_other(
            libc::SOL_SOCKET,
            libc::SCM_TIMESTAMPNS,
            &time(0, 1_000_000_000),
        );
    }

    #[test]
    fn times() {
        let time =
            |seconds: i64, fraction: i64| [seconds.to_ne_bytes(), fraction.to_ne_bytes()].concat();
        let at = |nanoseconds| SystemTime::UNIX_EPOCH + Duration::new(7, nanoseconds);
        let received = |kind, data: &[u8]| Ancillary::from_bytes(libc::SOL_SOCKET, kind, data);
        let micro = received(libc::SCM_TIMESTAMP, &time(7, 999_999));
        assert!(
            matches!(micro, Ancillary::Timestamp(time) if time == at(999_999_000)),
            "{micro:?}"
        );
        let nano = received(libc::SCM_TIMESTAMPNS, &time(7, 999_999_999));
        assert!(
            matches!(nano, Ancillary::Timestamp(time) if time == at(999_999_999)),
            "{nano:?}"
        );
        let three = received(
            libc::SCM_TIMESTAMPING,
            &[time(7, 1), time(0, 0), time(0, 5)].concat(),
        );
        let Ancillary::Timestamping(three) = three else {
            panic!("{three:?}");
        };
        assert_eq!((three.software, three.transformed), (Some(at(1)), None));
        assert_eq!(three.hardware, Some(Duration::from_nanos(5)));
    }

    #[test]
    fn an_extended_error_with_and_without_an_offender() {
        let offender = crate::Address::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let head = [
            &111u32.to_ne_bytes()[..],
            &[2, 3, 4, 0],
            &5u32.to_ne_bytes(),
            &6u32.to_ne_bytes(),
        ]
        .concat();
        let whole = [&head[..], &offender.to_bytes().unwrap()].concat();
        for (data, expected) in [
            (&whole[..], Some(offender)),
            (&head, None),
            (&[&head[..], &[0; 16]].concat(), None),
        ] {
            let error = match Ancillary::from_bytes(libc::SOL_IP, libc::IP_RECVERR, data) {
                Ancillary::ErrorQueue(error) => error,
                other => panic!("{other:?}"),
            };
            assert_eq!((error.errno, error.kind, error.code), (111, 3, 4));
            assert_eq!(format!("{:?}", error.origin), "SO_EE_ORIGIN_ICMP");
            assert_eq!((error.info, error.data, error.offender), (5, 6, expected));
        }
    }

    #[test]
    fn descriptors_in_bytes_stay_bytes() {
        let mut control = Vec::new();
        let data = &2i32.to_ne_bytes();
        for kind in [libc::SCM_RIGHTS, super::SCM_PIDFD] {
            push_message(
                &mut control,
                ControlMessage {
                    level: libc::SOL_SOCKET,
                    kind,
                    data,
                },
            );
        }
        for one in Ancillary::decode(&control) {
            assert!(
                matches!(&one, Ancillary::Other { data, .. } if data == &2i32.to_ne_bytes()),
                "{one:?}"
            );
        }
    }

    #[test]
    fn descriptors_are_counted_over_all_of_a_message_and_go_by_their_own_variant() {
        let null = std::fs::File::open("/dev/null").unwrap();
        let many = vec![null.as_fd(); 253];
        let encode = |ancillary: &[SendAncillary<'_>]| SendAncillary::encode(ancillary);
        assert!(encode(&[SendAncillary::Rights(&many)]).is_ok());
        assert!(encode(&[SendAncillary::Rights(&[])]).unwrap().is_empty());
        let (one, all) = (
            SendAncillary::Rights(&many[..1]),
            SendAncillary::Rights(&many),
        );
        assert!(matches!(encode(&[one, all]), Err(Cause::Invalid(why)) if why.contains("253")));
        let other = SendAncillary::Other {
            level: libc::SOL_SOCKET,
            kind: libc::SCM_RIGHTS,
            data: &[0; 4],
        };
        assert!(matches!(encode(&[other]), Err(Cause::Invalid(why)) if why.contains("Rights")));
    }

    #[test]
    fn addresses_keep_their_order_of_bytes() {
        let info = Ancillary::from_bytes(
            libc::SOL_IP,
            libc::IP_PKTINFO,
            &[1, 0, 0, 0, 127, 0, 0, 1, 10, 0, 0, 2],
        );
        let Ancillary::PacketInfo(info) = info else {
            panic!("{info:?}");
        };
        assert_eq!(
            (info.local, info.destination),
            (Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 2))
        );
        let data = [&Ipv6Addr::LOCALHOST.octets()[..], &3u32.to_ne_bytes()].concat();
        let info = Ancillary::from_bytes(libc::SOL_IPV6, libc::IPV6_PKTINFO, &data);
        assert!(
            matches!(&info, Ancillary::PacketInfo6(info) if (info.interface, info.destination) == (3, Ipv6Addr::LOCALHOST)),
            "{info:?}"
        );
    }
}
