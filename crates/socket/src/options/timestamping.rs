//! `SO_TIMESTAMPING` and `SO_TXTIME`: the times of packets.

use std::fmt;
use std::ops::BitOr;

use super::SocketOption;
use super::socket::ints;
use crate::error::Result;
use crate::socket::Socket;

/// C's `SOF_TIMESTAMPING_*`: which times are taken and how they are told. Prints the numbers of its bits in C's hexadecimal.
///
/// One flag that takes (`RX_SOFTWARE`, `TX_SOFTWARE` …) needs one that tells ([`TimestampingFlags::SOFTWARE`], [`TimestampingFlags::RAW_HARDWARE`]).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TimestampingFlags(u32);

/// A line a flag: our name, its C name, its number, what it is.
macro_rules! flags {
    ($( $name:ident, $c_name:literal, $number:expr, $meaning:literal; )+) => {
        impl TimestampingFlags {
            /// Nothing: no times.
            pub const NONE: Self = Self(0);
            $(
                #[doc = concat!("`", $c_name, "`: ", $meaning)]
                #[doc(alias = $c_name)]
                pub const $name: Self = Self($number);
            )+
        }
    };
}

flags! {
    TX_HARDWARE, "SOF_TIMESTAMPING_TX_HARDWARE", 1, "take the time when the device has sent.";
    TX_SOFTWARE, "SOF_TIMESTAMPING_TX_SOFTWARE", 1 << 1, "take the time when the driver gives it to the device.";
    RX_HARDWARE, "SOF_TIMESTAMPING_RX_HARDWARE", 1 << 2, "take the time when the device has received.";
    RX_SOFTWARE, "SOF_TIMESTAMPING_RX_SOFTWARE", 1 << 3, "take the time when the kernel has received.";
    SOFTWARE, "SOF_TIMESTAMPING_SOFTWARE", 1 << 4, "tell the times of the kernel.";
    SYS_HARDWARE, "SOF_TIMESTAMPING_SYS_HARDWARE", 1 << 5, "nothing any more.";
    RAW_HARDWARE, "SOF_TIMESTAMPING_RAW_HARDWARE", 1 << 6, "tell the times of the device.";
    OPT_ID, "SOF_TIMESTAMPING_OPT_ID", 1 << 7, "tell with a time which send it is of, counted from 0 (datagrams) or in bytes.";
    TX_SCHED, "SOF_TIMESTAMPING_TX_SCHED", 1 << 8, "take the time when it enters the queue of the device.";
    TX_ACK, "SOF_TIMESTAMPING_TX_ACK", 1 << 9, "take the time when the peer has acknowledged (TCP).";
    OPT_CMSG, "SOF_TIMESTAMPING_OPT_CMSG", 1 << 10, "let sent times bring the packet's info.";
    OPT_TSONLY, "SOF_TIMESTAMPING_OPT_TSONLY", 1 << 11, "leave the packet out of the error queue, tell its time alone.";
    OPT_STATS, "SOF_TIMESTAMPING_OPT_STATS", 1 << 12, "let sent times bring the state of the connection.";
    OPT_PKTINFO, "SOF_TIMESTAMPING_OPT_PKTINFO", 1 << 13, "let hardware times bring the interface.";
    OPT_TX_SWHW, "SOF_TIMESTAMPING_OPT_TX_SWHW", 1 << 14, "tell the time of the kernel too where the device has one.";
    BIND_PHC, "SOF_TIMESTAMPING_BIND_PHC", 1 << 15, "by a clock of the device that is chosen.";
    OPT_ID_TCP, "SOF_TIMESTAMPING_OPT_ID_TCP", 1 << 16, "count the bytes from this call on (Linux 6.3).";
    OPT_RX_FILTER, "SOF_TIMESTAMPING_OPT_RX_FILTER", 1 << 17, "tell of what is received only what this socket asked for (Linux 6.12).";
    TX_COMPLETION, "SOF_TIMESTAMPING_TX_COMPLETION", 1 << 18, "take the time when the device reports that it has sent (Linux 6.15).";
}

impl TimestampingFlags {
    /// The flags of these bits, whether they have a name here or not.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits that C knows them by.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of these are among them.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl BitOr for TimestampingFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for TimestampingFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SOF_TIMESTAMPING({:#x})", self.0)
    }
}

/// C's `sock_txtime`: how a message says when it leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "sock_txtime")]
pub struct TransmitTime {
    /// By which clock: C's `CLOCK_*`, 1 for `CLOCK_MONOTONIC`, 11 for `CLOCK_TAI`.
    pub clock: i32,
    /// `SOF_TXTIME_DEADLINE_MODE`: at that time at the latest, rather than at the earliest.
    #[doc(alias = "SOF_TXTIME_DEADLINE_MODE")]
    pub is_deadline: bool,
    /// `SOF_TXTIME_REPORT_ERRORS`: what was too late or too early is told by the error queue.
    #[doc(alias = "SOF_TXTIME_REPORT_ERRORS")]
    pub report_errors: bool,
}

/// The times of packets, `Documentation/networking/timestamping.rst` of Linux.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket, TimestampingFlags};
///
/// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
/// let flags = TimestampingFlags::RX_SOFTWARE | TimestampingFlags::SOFTWARE;
/// socket.set_timestamping(flags)?;
/// assert_eq!(socket.timestamping()?, flags);
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// `SO_TIMESTAMPING`: which times are taken and how they are told. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_TIMESTAMPING")]
    pub fn timestamping(&self) -> Result<TimestampingFlags> {
        self.option(SocketOption::SO_TIMESTAMPING)
            .map(|bits| TimestampingFlags(bits.cast_unsigned()))
    }

    /// Sets `SO_TIMESTAMPING`: received times come as ancillary data, sent ones by the error queue.
    ///
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket, TimestampingFlags};
    ///
    /// let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    /// socket.set_timestamping(TimestampingFlags::RX_SOFTWARE | TimestampingFlags::SOFTWARE)?;
    /// assert!(socket.timestamping()?.contains(TimestampingFlags::SOFTWARE));
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    ///
    /// # Errors
    /// `EINVAL` for a flag that the kernel does not know, or flags that do not go together.
    #[doc(alias = "SO_TIMESTAMPING")]
    pub fn set_timestamping(&self, flags: TimestampingFlags) -> Result<()> {
        self.set_option(SocketOption::SO_TIMESTAMPING, flags.0.cast_signed())
    }

    /// `SO_TXTIME`: how a message says when it leaves. Default: by clock 0, in no mode.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a kernel that has no such option.
    #[doc(alias = "SO_TXTIME")]
    pub fn transmit_time(&self) -> Result<TransmitTime> {
        let [clock, flags] = ints::<8, 2>(self.option_array(SocketOption::SO_TXTIME)?);
        Ok(TransmitTime {
            clock,
            is_deadline: flags & DEADLINE_MODE != 0,
            report_errors: flags & REPORT_ERRORS != 0,
        })
    }

    /// Sets `SO_TXTIME`: a message may bring, as ancillary data, when it leaves; the queue of the device must be one that heeds it.
    ///
    /// # Errors
    /// `EINVAL` for a clock that it does not take, `EPERM` for another than `CLOCK_MONOTONIC` without `CAP_NET_ADMIN`.
    #[doc(alias = "SO_TXTIME")]
    pub fn set_transmit_time(&self, time: TransmitTime) -> Result<()> {
        let deadline = if time.is_deadline { DEADLINE_MODE } else { 0 };
        let report = if time.report_errors { REPORT_ERRORS } else { 0 };
        let value = [time.clock, deadline | report].map(i32::to_ne_bytes);
        self.set_option_bytes(SocketOption::SO_TXTIME, value.as_flattened())
    }
}

const DEADLINE_MODE: i32 = 1;
const REPORT_ERRORS: i32 = 2;
