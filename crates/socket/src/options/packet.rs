//! `SOL_PACKET`: options of packet sockets.

use std::ops::BitOr;

use super::SocketOption;
use super::codec::{Codec, Flag, Int, options};
use super::socket::ints;
use crate::error::{Cause, Error, Result};
use crate::socket::Socket;

/// C's `packet_mreq`: what a device takes beside its own packets, for as long as the socket lives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "packet_mreq")]
pub enum PacketMembership {
    /// `PACKET_MR_PROMISC`: everything that passes.
    Promiscuous,
    /// `PACKET_MR_ALLMULTI`: all groups.
    AllMulticast,
    /// `PACKET_MR_MULTICAST`: the group of this hardware address; at most 8 bytes.
    Multicast(Vec<u8>),
    /// `PACKET_MR_UNICAST`: a further hardware address of its own; at most 8 bytes.
    Unicast(Vec<u8>),
}

/// C's `PACKET_FANOUT_*`: how packets are shared among the sockets of a group, and flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PacketFanout(u16);

/// A line a way or a flag: our name, its C name, its number, what it is.
macro_rules! fanouts {
    ($( $name:ident, $c_name:literal, $number:expr, $meaning:literal; )+) => {
        impl PacketFanout {
            $(
                #[doc = concat!("`", $c_name, "`: ", $meaning)]
                #[doc(alias = $c_name)]
                pub const $name: Self = Self($number);
            )+
        }
    };
}

fanouts! {
    HASH, "PACKET_FANOUT_HASH", 0, "by flow: those of one connection go to one socket.";
    LB, "PACKET_FANOUT_LB", 1, "in turn.";
    CPU, "PACKET_FANOUT_CPU", 2, "by the processor that handled it.";
    ROLLOVER, "PACKET_FANOUT_ROLLOVER", 3, "to the first that has room.";
    RND, "PACKET_FANOUT_RND", 4, "at random.";
    QM, "PACKET_FANOUT_QM", 5, "by the queue of the device.";
    FLAG_ROLLOVER, "PACKET_FANOUT_FLAG_ROLLOVER", 0x1000, "flag: to another socket where one has no room.";
    FLAG_UNIQUEID, "PACKET_FANOUT_FLAG_UNIQUEID", 0x2000, "flag: a new group, with a number that the kernel chooses.";
    FLAG_DEFRAG, "PACKET_FANOUT_FLAG_DEFRAG", 0x8000, "flag: fragments are put together first.";
}

impl BitOr for PacketFanout {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What `PACKET_STATISTICS` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "tpacket_stats")]
pub struct PacketStatistics {
    /// How many packets passed the filter, those lost included.
    pub packets: u32,
    /// How many of them were lost for want of room.
    pub drops: u32,
}

/// `SOL_PACKET`: options of packet sockets, `packet(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// // Only with the privilege.
/// if let Ok(socket) = Socket::new(Family::PACKET, Kind::DGRAM, Protocol::DEFAULT) {
///     assert_eq!(socket.take_packet_statistics()?.packets, 0);
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// Sets `PACKET_ADD_MEMBERSHIP`: lets the device of this index take more than its own packets.
    ///
    /// # Errors
    /// `ENODEV` for an index that no device has; [`Cause::Invalid`] for an address beyond 8 bytes.
    #[doc(alias = "PACKET_ADD_MEMBERSHIP")]
    pub fn add_packet_membership(&self, device: u32, membership: &PacketMembership) -> Result<()> {
        self.set_packet_membership(SocketOption::PACKET_ADD_MEMBERSHIP, device, membership)
    }

    /// Sets `PACKET_DROP_MEMBERSHIP`: takes [`Socket::add_packet_membership`] back. Closing takes all back.
    ///
    /// # Errors
    /// [`Cause::Invalid`] for an address beyond 8 bytes.
    #[doc(alias = "PACKET_DROP_MEMBERSHIP")]
    pub fn drop_packet_membership(&self, device: u32, membership: &PacketMembership) -> Result<()> {
        self.set_packet_membership(SocketOption::PACKET_DROP_MEMBERSHIP, device, membership)
    }

    options! {
        /// whether a packet brings what the kernel knows of it: its length, whether its checksum is done, its VLAN. Default: no.
        PACKET_AUXDATA, "PACKET_AUXDATA": bool as Flag { packet_details, set_packet_details(wanted, "as ancillary data") }
    }

    /// Sets `PACKET_FANOUT`: shares the packets among the sockets of one group.
    ///
    /// # Errors
    /// `EINVAL` for a socket that is not bound to a protocol, or a group that shares otherwise.
    #[doc(alias = "PACKET_FANOUT")]
    pub fn set_packet_fanout(&self, group: u16, way: PacketFanout) -> Result<()> {
        let value = u32::from(group) | (u32::from(way.0) << 16);
        self.set_option(SocketOption::PACKET_FANOUT, value.cast_signed())
    }

    options! {
        /// whether packets that leave are not seen. Default: no.
        PACKET_IGNORE_OUTGOING, "PACKET_IGNORE_OUTGOING": bool as Flag { ignore_outgoing, set_ignore_outgoing(ignored) }
        /// whether the address names the device below a bond. Default: no.
        PACKET_ORIGDEV, "PACKET_ORIGDEV": bool as Flag { original_device, set_original_device(named) }
        /// whether what is sent goes past the queue of the device. Default: no.
        PACKET_QDISC_BYPASS, "PACKET_QDISC_BYPASS": bool as Flag { bypass_queue, set_bypass_queue(past) }
    }

    /// `PACKET_STATISTICS`: what was counted since the last call.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "PACKET_STATISTICS")]
    pub fn take_packet_statistics(&self) -> Result<PacketStatistics> {
        let counts = ints::<8, 2>(self.option_array(SocketOption::PACKET_STATISTICS)?);
        let [packets, drops] = counts.map(i32::cast_unsigned);
        Ok(PacketStatistics { packets, drops })
    }

    options! {
        /// which time a packet brings: of the hardware or of the kernel, by C's `SOF_TIMESTAMPING_*`. Default: 0, the kernel's.
        PACKET_TIMESTAMP, "PACKET_TIMESTAMP": i32 as Int { packet_timestamp, set_packet_timestamp(which) }
    }

    fn set_packet_membership(
        &self,
        option: SocketOption,
        device: u32,
        membership: &PacketMembership,
    ) -> Result<()> {
        const ADDRESS_MAX_BYTES: usize = 8;
        let (kind, address) = match membership {
            PacketMembership::Multicast(address) => (libc::PACKET_MR_MULTICAST, address.as_slice()),
            PacketMembership::Promiscuous => (libc::PACKET_MR_PROMISC, [].as_slice()),
            PacketMembership::AllMulticast => (libc::PACKET_MR_ALLMULTI, [].as_slice()),
            PacketMembership::Unicast(address) => (libc::PACKET_MR_UNICAST, address.as_slice()),
        };
        if address.len() > ADDRESS_MAX_BYTES {
            let why = Cause::Invalid("a hardware address has at most 8 bytes (packet(7))");
            return Err(Error::new(option.set_operation(), why));
        }
        let mut padded = [0; ADDRESS_MAX_BYTES];
        padded[..address.len()].copy_from_slice(address);
        let mut value = device.to_ne_bytes().to_vec();
        value.extend((kind as u16).to_ne_bytes());
        value.extend((address.len() as u16).to_ne_bytes());
        value.extend(padded);
        self.set_option_bytes(option, &value)
    }
}
