//! How the largest packet of a path is found, for both families of IP.

use std::fmt;

use super::codec::Codec;

/// C's `IP_PMTUDISC_*` and `IPV6_PMTUDISC_*`: how the largest packet of a path is found. Prints its C name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PathMtu(i32);

impl PathMtu {
    /// `IP_PMTUDISC_DONT`: never: what is too large is cut into fragments on the way.
    #[doc(alias = "IP_PMTUDISC_DONT")]
    pub const DONT: Self = Self(libc::IP_PMTUDISC_DONT);
    /// `IP_PMTUDISC_WANT`: by the route: mostly as [`PathMtu::DO`] for streams, cutting datagrams before they leave.
    #[doc(alias = "IP_PMTUDISC_WANT")]
    pub const WANT: Self = Self(libc::IP_PMTUDISC_WANT);
    /// `IP_PMTUDISC_DO`: always: a datagram that is too large is `EMSGSIZE`.
    #[doc(alias = "IP_PMTUDISC_DO")]
    pub const DO: Self = Self(libc::IP_PMTUDISC_DO);
    /// `IP_PMTUDISC_PROBE`: never cut, and what is known of the path is not looked at.
    #[doc(alias = "IP_PMTUDISC_PROBE")]
    pub const PROBE: Self = Self(libc::IP_PMTUDISC_PROBE);
    /// `IP_PMTUDISC_INTERFACE`: the interface alone decides, never a report from the path.
    #[doc(alias = "IP_PMTUDISC_INTERFACE")]
    pub const INTERFACE: Self = Self(libc::IP_PMTUDISC_INTERFACE);
    /// `IP_PMTUDISC_OMIT`: as [`PathMtu::INTERFACE`], and what is too large is cut.
    #[doc(alias = "IP_PMTUDISC_OMIT")]
    pub const OMIT: Self = Self(libc::IP_PMTUDISC_OMIT);

    /// The constant of this number, whether it has a name here or not.
    #[must_use]
    pub const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// The number that C knows it by.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

impl Codec for PathMtu {
    type Value = Self;
    fn from_int(int: i32) -> Self {
        Self(int)
    }
    fn to_int(value: Self) -> i32 {
        value.0
    }
}

impl fmt::Debug for PathMtu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::DONT => f.write_str("IP_PMTUDISC_DONT"),
            Self::WANT => f.write_str("IP_PMTUDISC_WANT"),
            Self::DO => f.write_str("IP_PMTUDISC_DO"),
            Self::PROBE => f.write_str("IP_PMTUDISC_PROBE"),
            Self::INTERFACE => f.write_str("IP_PMTUDISC_INTERFACE"),
            Self::OMIT => f.write_str("IP_PMTUDISC_OMIT"),
            Self(number) => write!(f, "IP_PMTUDISC({number})"),
        }
    }
}
