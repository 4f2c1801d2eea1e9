//! `MCAST_*`: groups of either family, by the index of the interface, RFC 3678 section 5.

use std::net::{IpAddr, SocketAddr};

use super::SocketOption;
use crate::address::Address;
use crate::error::Result;
use crate::socket::Socket;

/// Groups of either family, `ip(7)` and RFC 3678: by the index of the interface, where 0 is the kernel's choice.
/// A socket joins groups of its own family.
///
/// # Examples
/// ```
/// use std::net::Ipv4Addr;
/// use landline_socket::{Family, Kind, Protocol, Socket, interface_index};
///
/// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
/// let (group, lo) = (Ipv4Addr::new(239, 1, 2, 3).into(), interface_index("lo")?);
/// socket.join_group(group, lo)?;
/// socket.leave_group(group, lo)?;
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// Sets `MCAST_JOIN_GROUP`: joins a group.
    ///
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// let loopback = 1;
    /// socket.join_group([239, 1, 2, 3].into(), loopback)?;
    /// socket.block_source([239, 1, 2, 3].into(), [127, 0, 0, 9].into(), loopback)?;
    /// socket.leave_group([239, 1, 2, 3].into(), loopback)?;
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    ///
    /// # Errors
    /// `EINVAL` for an address that is no group, `EADDRINUSE` for one that was joined, `ENODEV` for an index
    /// that no interface has, `ENOPROTOOPT` for a group of another family.
    #[doc(alias = "MCAST_JOIN_GROUP")]
    #[doc(alias = "group_req")]
    pub fn join_group(&self, group: IpAddr, interface: u32) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_JOIN_GROUP,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_JOIN_GROUP,
        };
        self.set_group(option, interface, &[group])
    }

    /// Sets `MCAST_LEAVE_GROUP`: leaves a group. Closing leaves all.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a group that was not joined so.
    #[doc(alias = "MCAST_LEAVE_GROUP")]
    pub fn leave_group(&self, group: IpAddr, interface: u32) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_LEAVE_GROUP,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_LEAVE_GROUP,
        };
        self.set_group(option, interface, &[group])
    }

    /// Sets `MCAST_JOIN_SOURCE_GROUP`: joins a group for what this source sends alone.
    ///
    /// # Errors
    /// As [`Socket::join_group`].
    #[doc(alias = "MCAST_JOIN_SOURCE_GROUP")]
    #[doc(alias = "group_source_req")]
    pub fn join_source_group(&self, group: IpAddr, source: IpAddr, interface: u32) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_JOIN_SOURCE_GROUP,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_JOIN_SOURCE_GROUP,
        };
        self.set_group(option, interface, &[group, source])
    }

    /// Sets `MCAST_LEAVE_SOURCE_GROUP`: leaves one source of a group.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a source that was not joined so.
    #[doc(alias = "MCAST_LEAVE_SOURCE_GROUP")]
    pub fn leave_source_group(&self, group: IpAddr, source: IpAddr, interface: u32) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_LEAVE_SOURCE_GROUP,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_LEAVE_SOURCE_GROUP,
        };
        self.set_group(option, interface, &[group, source])
    }

    /// Sets `MCAST_BLOCK_SOURCE`: stops one source of a group that was joined for all.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` (or `EINVAL`) for a group that was not joined so, or a source that is stopped already.
    #[doc(alias = "MCAST_BLOCK_SOURCE")]
    pub fn block_source(&self, group: IpAddr, source: IpAddr, interface: u32) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_BLOCK_SOURCE,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_BLOCK_SOURCE,
        };
        self.set_group(option, interface, &[group, source])
    }

    /// Sets `MCAST_UNBLOCK_SOURCE`: lets a stopped source in again.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` for a source that is not stopped.
    #[doc(alias = "MCAST_UNBLOCK_SOURCE")]
    pub fn unblock_source(&self, group: IpAddr, source: IpAddr, interface: u32) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_UNBLOCK_SOURCE,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_UNBLOCK_SOURCE,
        };
        self.set_group(option, interface, &[group, source])
    }

    /// Sets `MCAST_MSFILTER`: all the sources of a joined group at once, RFC 3678 section 5.2.2.
    ///
    /// # Errors
    /// `EINVAL` or `EADDRNOTAVAIL` for a group that was not joined, `ENOBUFS` beyond `net.ipv4.igmp_max_msf` sources.
    #[doc(alias = "MCAST_MSFILTER")]
    #[doc(alias = "group_filter")]
    #[doc(alias = "setsourcefilter")]
    pub fn set_group_sources(
        &self,
        group: IpAddr,
        sources: GroupSources<'_>,
        interface: u32,
    ) -> Result<()> {
        let option = match group {
            IpAddr::V4(_) => SocketOption::MCAST_MSFILTER,
            IpAddr::V6(_) => SocketOption::IPV6_MCAST_MSFILTER,
        };
        let (mode, sources) = match sources {
            GroupSources::AllBut(sources) => (libc::MCAST_EXCLUDE, sources),
            GroupSources::Only(sources) => (libc::MCAST_INCLUDE, sources),
        };
        let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        let mut value = padded_interface(interface);
        push_storage(&mut value, group)?;
        value.extend(mode.cast_unsigned().to_ne_bytes());
        value.extend(count.to_ne_bytes());
        for source in sources {
            push_storage(&mut value, *source)?;
        }
        self.set_option_bytes(option, &value)
    }

    /// C's `group_req` and `group_source_req`: the interface, padded, then whole `sockaddr_storage`s.
    fn set_group(&self, option: SocketOption, interface: u32, addresses: &[IpAddr]) -> Result<()> {
        let mut value = padded_interface(interface);
        for address in addresses {
            push_storage(&mut value, *address)?;
        }
        self.set_option_bytes(option, &value)
    }
}

/// As it stands before a `sockaddr_storage`.
fn padded_interface(interface: u32) -> Vec<u8> {
    let mut value = interface.to_ne_bytes().to_vec();
    value.resize(align_of::<libc::sockaddr_storage>(), 0);
    value
}

/// C's `sockaddr_storage`.
fn push_storage(value: &mut Vec<u8>, address: IpAddr) -> Result<()> {
    let end = value.len() + size_of::<libc::sockaddr_storage>();
    value.extend(Address::from(SocketAddr::new(address, 0)).to_bytes()?);
    value.resize(end, 0);
    Ok(())
}

/// Whose datagrams a member of a group receives: C's `MCAST_EXCLUDE` and `MCAST_INCLUDE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupSources<'a> {
    /// `MCAST_EXCLUDE`: all but these.
    #[doc(alias = "MCAST_EXCLUDE")]
    AllBut(&'a [IpAddr]),
    /// `MCAST_INCLUDE`: these alone; none leaves the group.
    #[doc(alias = "MCAST_INCLUDE")]
    Only(&'a [IpAddr]),
}
