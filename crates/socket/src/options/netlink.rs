//! `SOL_NETLINK`: options of sockets to the kernel.

use super::SocketOption;
use super::codec::{Codec, Flag, Unsigned, options};
use crate::error::Result;
use crate::socket::Socket;

/// `SOL_NETLINK`: options of sockets to the kernel, `netlink(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let socket = Socket::new(Family::NETLINK, Kind::RAW, Protocol::DEFAULT)?;
/// socket.set_netlink_error_words(true)?;
/// assert!(socket.netlink_error_words()?);
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// Sets `NETLINK_ADD_MEMBERSHIP`: hears what is told to a group.
    ///
    /// # Errors
    /// `EINVAL` for a group that the protocol does not have, `EPERM` for some without `CAP_NET_ADMIN`.
    #[doc(alias = "NETLINK_ADD_MEMBERSHIP")]
    pub fn join_netlink_group(&self, group: u32) -> Result<()> {
        self.set_option(
            SocketOption::NETLINK_ADD_MEMBERSHIP,
            Unsigned::to_int(group),
        )
    }

    /// Sets `NETLINK_DROP_MEMBERSHIP`: no longer hears what is told to a group.
    ///
    /// # Errors
    /// `EINVAL` for a group that the protocol does not have.
    #[doc(alias = "NETLINK_DROP_MEMBERSHIP")]
    pub fn leave_netlink_group(&self, group: u32) -> Result<()> {
        self.set_option(
            SocketOption::NETLINK_DROP_MEMBERSHIP,
            Unsigned::to_int(group),
        )
    }

    /// `NETLINK_LIST_MEMBERSHIPS`: the groups that it hears.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket of another family.
    #[doc(alias = "NETLINK_LIST_MEMBERSHIPS")]
    pub fn netlink_groups(&self) -> Result<Vec<u32>> {
        // A bit a group, from 1 on, in words of C's `u32`; no protocol has more.
        const GROUPS_MAX: usize = 1 << 16;
        let bytes = self.option_bytes(SocketOption::NETLINK_LIST_MEMBERSHIPS, GROUPS_MAX / 8)?;
        let words = bytes.as_chunks().0.iter().copied().map(u32::from_ne_bytes);
        let groups = (0_u32..).zip(words).flat_map(|(index, word)| {
            let bits = (0..u32::BITS).filter(move |bit| word & (1 << bit) != 0);
            bits.map(move |bit| index * u32::BITS + bit + 1)
        });
        Ok(groups.collect())
    }

    options! {
        /// whether a broadcast that a receiver lost is an error for its sender. Default: no.
        NETLINK_BROADCAST_ERROR, "NETLINK_BROADCAST_ERROR": bool as Flag { netlink_broadcast_error, set_netlink_broadcast_error(told) }
        /// whether an acknowledgement leaves out what was asked. Default: no.
        NETLINK_CAP_ACK, "NETLINK_CAP_ACK": bool as Flag { netlink_short_answer, set_netlink_short_answer(short) }
        /// whether an error brings words and the place of the fault. Default: no.
        NETLINK_EXT_ACK, "NETLINK_EXT_ACK": bool as Flag { netlink_error_words, set_netlink_error_words(wanted) }
        /// whether a question is checked strictly. Default: no.
        NETLINK_GET_STRICT_CHK, "NETLINK_GET_STRICT_CHK": bool as Flag { netlink_strict, set_netlink_strict(strict) }
        /// whether it hears of every namespace that this one knows. Default: no.
        NETLINK_LISTEN_ALL_NSID, "NETLINK_LISTEN_ALL_NSID": bool as Flag { netlink_all_namespaces, set_netlink_all_namespaces(
            all, "the namespace comes as ancillary data", "`EPERM` without `CAP_NET_BROADCAST`"
        ) }
        /// whether messages are lost without `ENOBUFS`. Default: no.
        NETLINK_NO_ENOBUFS, "NETLINK_NO_ENOBUFS": bool as Flag { netlink_silent_loss, set_netlink_silent_loss(silent) }
        /// whether a message brings its group. Default: no.
        NETLINK_PKTINFO, "NETLINK_PKTINFO": bool as Flag { netlink_packet_info, set_netlink_packet_info(wanted, "as ancillary data") }
    }
}
