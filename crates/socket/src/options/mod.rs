//! Socket options: any by its number, and typed methods in a file per level, sorted by C name.

mod can;
mod catalogue;
mod codec;
mod filter;
mod icmp;
mod ip;
mod ipv6;
mod multicast;
mod netlink;
mod packet;
mod path_mtu;
mod socket;
mod tcp;
mod tcp_info;
mod timestamping;
mod tipc;
mod udp;
mod unix;
mod vsock;

use std::os::fd::AsFd;

use crate::error::{Cause, Error, Result};
use crate::socket::Socket;
use crate::sys::option as sys;

pub use catalogue::{Level, SocketOption};
pub use filter::FilterInstruction;
pub use icmp::IcmpFilter;
pub use multicast::GroupSources;
pub use packet::{PacketFanout, PacketMembership, PacketStatistics};
pub use path_mtu::PathMtu;
pub use socket::Memory;
pub use tcp::RepairWindow;
pub use tcp_info::{TcpInfo, TcpState, WindowScale};
pub use timestamping::{TimestampingFlags, TransmitTime};

/// Longer values than this no option has: `SO_PEERGROUPS` of 65,536 groups is a quarter of it.
const VALUE_MAX_BYTES: usize = 1 << 20;

/// Any option, by its number. What has a typed method reads better through it, and all those are used in one way:
/// `socket.no_delay()?` reads, `socket.set_no_delay(true)?` writes, with the unit in the type or the name.
///
/// By number only is what Python has by number and no method could make better:
///
/// | option | why |
/// |---|---|
/// | `ALG_SET_*` | keys and parameters of a cipher, in layouts of their own; most go as ancillary data of a message |
/// | `CAN_RAW_FILTER`, `SO_J1939_*` | lists and numbers of families that no machine of ours has to try them on |
/// | `IPV6_HOPLIMIT`, `IPV6_PKTINFO`, `IPV6_NEXTHOP` | of one message: ancillary data; Linux takes the last in no other way |
/// | `SO_RCVTIMEO`, `SO_SNDTIMEO` | without effect on these calls: [`Socket::set_timeout`] bounds the whole of each |
/// | `TCP_MD5SIG_EXT` | as [`Socket::set_md5_key`], for a prefix of addresses |
/// | `TCP_REPAIR_OPTIONS` | a list of numbers that restores what two kernels agreed on, for checkpoints alone |
/// | `TCP_THIN_DUPACK` | Linux takes it and does nothing (since 4.15) |
/// | `TCP_ZEROCOPY_RECEIVE` | maps pages at an address of this process, which would need `unsafe` of the caller |
impl Socket {
    /// `getsockopt(2)`: an option whose value is a number.
    ///
    /// Kernels that answer with fewer bytes than C's `int` are understood.
    ///
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket, SocketOption};
    ///
    /// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    /// socket.set_option(SocketOption::IP_TTL, 9)?;
    /// assert_eq!(socket.option(SocketOption::IP_TTL)?, 9);
    /// assert_eq!(socket.option_bytes(SocketOption::TCP_CONGESTION, 16)?.len(), 16);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket or a kernel without this option, `EINVAL` where its value
    /// does not fit in an `int`; [`Cause::Invalid`] for the few options whose value is a new descriptor
    /// (`SO_PEERPIDFD`, which is [`Socket::peer_process`], and `SCTP_SOCKOPT_PEELOFF`): a number owns none.
    #[doc(alias = "getsockopt")]
    pub fn option(&self, option: SocketOption) -> Result<i32> {
        let bytes = self.option_bytes(option, size_of::<i32>())?;
        Ok(codec::int_of(&bytes))
    }

    /// `getsockopt(2)`: an option's value as bytes, at most `max_bytes` of them, as C lays them out. Python's `getsockopt` with a `buflen`.
    ///
    /// What options do whose value is longer than `max_bytes` differs: some cut it short, some are `EINVAL` or `ERANGE`.
    ///
    /// # Errors
    /// As [`Socket::option`]; [`Cause::Invalid`] for more than a mebibyte.
    pub fn option_bytes(&self, option: SocketOption, max_bytes: usize) -> Result<Vec<u8>> {
        let failed = Error::from_io(option.get_operation());
        let invalid = |why| Err(Error::new(option.get_operation(), Cause::Invalid(why)));
        if option.yields_a_descriptor() {
            return invalid(
                "the value of this option is a new descriptor, which nobody would own; peer_process() owns that of SO_PEERPIDFD",
            );
        }
        if max_bytes > VALUE_MAX_BYTES {
            return invalid("max_bytes is over 1 MiB, which no option's value reaches");
        }
        let (level, number) = (option.level().as_raw(), option.number());
        sys::get(self.as_fd(), level, number, max_bytes).map_err(failed)
    }

    /// `setsockopt(2)`: an option whose value is a number, as C's `int`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket or a kernel without this option, `EINVAL` for a value that
    /// it does not take, `EPERM` without the privilege that it needs.
    #[doc(alias = "setsockopt")]
    pub fn set_option(&self, option: SocketOption, value: i32) -> Result<()> {
        self.set_option_bytes(option, &value.to_ne_bytes())
    }

    /// `setsockopt(2)`: an option's value as bytes, as C lays them out.
    ///
    /// # Errors
    /// As [`Socket::set_option`]; [`Cause::Invalid`] for the few options whose value holds an address of
    /// this process (`SO_ATTACH_FILTER`, `XDP_UMEM_REG`, `RDS_GET_MR`, the tables of netfilter): bytes cannot
    /// vouch for what is there. For filters there is [`Socket::attach_filter`].
    pub fn set_option_bytes(&self, option: SocketOption, value: &[u8]) -> Result<()> {
        if option.holds_an_address() {
            let why = Cause::Invalid("the value of this option holds an address of this process");
            return Err(Error::new(option.set_operation(), why));
        }
        let (level, number) = (option.level().as_raw(), option.number());
        sys::set(self.as_fd(), level, number, value)
            .map_err(Error::from_io(option.set_operation()))?;
        if option == SocketOption::UDP_SEGMENT {
            self.offload().forget();
        }
        Ok(())
    }

    /// `setsockopt(2)` without a value, only a length: Python's `setsockopt(level, name, None, length)`,
    /// for `ALG_SET_AEAD_AUTHSIZE`.
    ///
    /// # Errors
    /// `EFAULT` for an option that wants a value, else as [`Socket::set_option`].
    pub fn set_option_length(&self, option: SocketOption, length: u32) -> Result<()> {
        let (level, number) = (option.level().as_raw(), option.number());
        sys::set_length(self.as_fd(), level, number, length)
            .map_err(Error::from_io(option.set_operation()))
    }

    /// A value of `N` bytes. What an older kernel leaves out is zero.
    fn option_array<const N: usize>(&self, option: SocketOption) -> Result<[u8; N]> {
        let mut array = [0; N];
        let bytes = self.option_bytes(option, N)?;
        array[..bytes.len()].copy_from_slice(&bytes);
        Ok(array)
    }

    /// A name that C ends with a NUL, or fills up with them.
    fn option_name(&self, option: SocketOption, max_bytes: usize) -> Result<String> {
        let bytes = self.option_bytes(option, max_bytes)?;
        let name = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(String::from_utf8_lossy(name).into_owned())
    }
}
