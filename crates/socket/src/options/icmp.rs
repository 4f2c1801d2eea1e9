//! `ICMP_FILTER` and `ICMP6_FILTER`: which types a raw socket is shown.

use std::fmt;

use super::SocketOption;
use super::socket::ints;
use crate::error::Result;
use crate::socket::Socket;

/// C's `icmp6_filter`: the types of ICMP messages that a raw socket is shown, RFC 3542 section 3.2. Prints those it lets pass.
///
/// ```
/// use landline_socket::IcmpFilter;
///
/// let echo_replies = IcmpFilter::BLOCK_ALL.pass(129);
/// assert!(echo_replies.passes(129) && !echo_replies.passes(128));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[doc(alias = "icmp6_filter")]
pub struct IcmpFilter {
    // A bit a type, from the lowest on; set, as in Linux, where the type is kept away.
    blocked: [u32; 8],
}

impl IcmpFilter {
    /// C's `ICMP6_FILTER_SETPASSALL`: every type passes. What a new socket has.
    #[doc(alias = "ICMP6_FILTER_SETPASSALL")]
    pub const PASS_ALL: Self = Self { blocked: [0; 8] };

    /// C's `ICMP6_FILTER_SETBLOCKALL`: no type passes.
    #[doc(alias = "ICMP6_FILTER_SETBLOCKALL")]
    pub const BLOCK_ALL: Self = Self {
        blocked: [u32::MAX; 8],
    };

    /// C's `ICMP6_FILTER_SETPASS`: the same, and this type passes.
    #[must_use]
    #[doc(alias = "ICMP6_FILTER_SETPASS")]
    pub const fn pass(mut self, kind: u8) -> Self {
        self.blocked[kind as usize / 32] &= !(1 << (kind % 32));
        self
    }

    /// C's `ICMP6_FILTER_SETBLOCK`: the same, and this type does not pass.
    #[must_use]
    #[doc(alias = "ICMP6_FILTER_SETBLOCK")]
    pub const fn block(mut self, kind: u8) -> Self {
        self.blocked[kind as usize / 32] |= 1 << (kind % 32);
        self
    }

    /// C's `ICMP6_FILTER_WILLPASS`: whether this type passes.
    #[must_use]
    #[doc(alias = "ICMP6_FILTER_WILLPASS")]
    #[doc(alias = "ICMP6_FILTER_WILLBLOCK")]
    pub const fn passes(self, kind: u8) -> bool {
        self.blocked[kind as usize / 32] & (1 << (kind % 32)) == 0
    }
}

impl fmt::Debug for IcmpFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pass ")?;
        f.debug_list()
            .entries((0..=u8::MAX).filter(|kind| self.passes(*kind)))
            .finish()
    }
}

/// Filters of raw ICMP, `raw(7)` and RFC 3542.
///
/// # Examples
/// ```
/// use landline_socket::{Family, IcmpFilter, Kind, Protocol, Socket};
///
/// // Only with the privilege.
/// if let Ok(socket) = Socket::new(Family::INET, Kind::RAW, Protocol::ICMP) {
///     let filter = socket.icmp_filter_v4()?;
///     socket.set_icmp_filter_v4(filter)?;
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// `ICMP_FILTER`: which types a raw ICMP socket is shown; all beyond 31 pass. Default: all.
    ///
    /// # Errors
    /// `EOPNOTSUPP` or `ENOPROTOOPT` for a socket of another protocol.
    #[doc(alias = "ICMP_FILTER")]
    pub fn icmp_filter_v4(&self) -> Result<IcmpFilter> {
        let [word] = ints::<4, 1>(self.option_array(SocketOption::ICMP_FILTER)?);
        let mut filter = IcmpFilter::PASS_ALL;
        filter.blocked[0] = word.cast_unsigned();
        Ok(filter)
    }

    /// Sets `ICMP_FILTER`. Linux has a bit for the types up to 31 and lets all others pass.
    ///
    /// # Errors
    /// `EOPNOTSUPP` or `ENOPROTOOPT` for a socket of another protocol.
    #[doc(alias = "ICMP_FILTER")]
    pub fn set_icmp_filter_v4(&self, filter: IcmpFilter) -> Result<()> {
        self.set_option_bytes(SocketOption::ICMP_FILTER, &filter.blocked[0].to_ne_bytes())
    }

    /// `ICMP6_FILTER`: which types a raw ICMPv6 socket is shown. Default: all.
    ///
    /// # Errors
    /// `EOPNOTSUPP` or `ENOPROTOOPT` for a socket of another protocol.
    #[doc(alias = "ICMP6_FILTER")]
    pub fn icmp_filter_v6(&self) -> Result<IcmpFilter> {
        let words = ints::<32, 8>(self.option_array(SocketOption::ICMP6_FILTER)?);
        Ok(IcmpFilter {
            blocked: words.map(i32::cast_unsigned),
        })
    }

    /// Sets `ICMP6_FILTER`.
    ///
    /// # Errors
    /// `EOPNOTSUPP` or `ENOPROTOOPT` for a socket of another protocol.
    #[doc(alias = "ICMP6_FILTER")]
    pub fn set_icmp_filter_v6(&self, filter: IcmpFilter) -> Result<()> {
        let words = filter.blocked.map(u32::to_ne_bytes);
        self.set_option_bytes(SocketOption::ICMP6_FILTER, words.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    use super::IcmpFilter;

    #[test]
    fn one_type_at_a_time() {
        for kind in 0..=u8::MAX {
            let only = IcmpFilter::BLOCK_ALL.pass(kind);
            let all_but = IcmpFilter::PASS_ALL.block(kind);
            for other in 0..=u8::MAX {
                assert_eq!(only.passes(other), other == kind);
                assert_eq!(all_but.passes(other), other != kind);
            }
            assert_eq!(only.block(kind), IcmpFilter::BLOCK_ALL);
        }
        assert_eq!(
            format!("{:?}", IcmpFilter::BLOCK_ALL.pass(129).pass(1)),
            "pass [1, 129]"
        );
    }
}
