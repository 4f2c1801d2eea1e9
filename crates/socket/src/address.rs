//! Where a socket is: an IP address with its port, or a name of this machine.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use socket2::SockAddr;

use crate::error::Cause;
use crate::kind::Family;

/// C's `sockaddr`: the address of a socket.
///
/// Prints as `127.0.0.1:80`, `[::1]:80`, `unix:/path` or `unix:@name`; what a terminal would act on is escaped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sockaddr")]
pub enum Address {
    /// `AF_INET`: an IPv4 address and a port.
    Inet(SocketAddrV4),
    /// `AF_INET6`: an IPv6 address, a port, flow information and a scope.
    Inet6(SocketAddrV6),
    /// `AF_UNIX`: a name of this machine.
    Unix(UnixAddress),
}

/// The address of an `AF_UNIX` socket, `unix(7)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sockaddr_un")]
pub enum UnixAddress {
    /// No name: a socket that was never bound, as most clients are. To bind to it is to ask for any abstract name.
    Unnamed,
    /// A file; at most [`UnixAddress::PATH_MAX_BYTES`] bytes.
    Path(PathBuf),
    /// A name outside the file system, gone with its socket (Linux); at most [`UnixAddress::PATH_MAX_BYTES`] bytes, any.
    Abstract(Vec<u8>),
}

impl UnixAddress {
    /// The longest path and the longest abstract name, in bytes: the 108 of `sun_path` less its NUL.
    pub const PATH_MAX_BYTES: usize = 107;
}

impl Address {
    /// The family of sockets that can use this address.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Inet(_) => Family::INET,
            Self::Inet6(_) => Family::INET6,
            Self::Unix(_) => Family::UNIX,
        }
    }

    /// The IP address, if it has one. An IPv4 address that came through an IPv6 socket
    /// (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is given as IPv4.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Inet(address) => Some(IpAddr::V4(*address.ip())),
            Self::Inet6(address) => Some(IpAddr::V6(*address.ip()).to_canonical()),
            Self::Unix(_) => None,
        }
    }

    /// The port, if it has one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Inet(address) => Some(address.port()),
            Self::Inet6(address) => Some(address.port()),
            Self::Unix(_) => None,
        }
    }

    /// Whether this is `127.0.0.0/8`, `::1` or the former mapped into IPv6. A Unix address is not: who
    /// reaches it is decided by the mode of its file.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// As the kernel takes it.
    pub(crate) fn to_raw(&self) -> Result<SockAddr, Cause> {
        match self {
            Self::Inet(address) => Ok((*address).into()),
            Self::Inet6(address) => Ok((*address).into()),
            Self::Unix(address) => address.to_raw(),
        }
    }

    /// As the kernel gives it. A peer without any address (a connected TCP socket's `recvfrom`) is unnamed.
    pub(crate) fn from_raw(raw: &SockAddr) -> io::Result<Self> {
        if let Some(address) = raw.as_socket() {
            Ok(address.into())
        } else if let Some(path) = raw.as_pathname() {
            Ok(Self::Unix(UnixAddress::Path(path.to_owned())))
        } else if let Some(name) = raw.as_abstract_namespace() {
            Ok(Self::Unix(UnixAddress::Abstract(name.to_owned())))
        } else if raw.is_unix() || raw.family() == 0 {
            Ok(Self::Unix(UnixAddress::Unnamed))
        } else {
            Err(Errno::AFNOSUPPORT.into())
        }
    }
}

impl UnixAddress {
    fn to_raw(&self) -> Result<SockAddr, Cause> {
        let raw = match self {
            Self::Unnamed => SockAddr::unix(""),
            Self::Path(path) => SockAddr::unix(checked_path(path)?),
            Self::Abstract(name) if name.len() > Self::PATH_MAX_BYTES => {
                return Err(Cause::Invalid(
                    "an abstract name has at most 107 bytes (unix(7))",
                ));
            }
            Self::Abstract(name) => {
                let name = [&[0], name.as_slice()].concat();
                SockAddr::unix(OsStr::from_bytes(&name))
            }
        };
        raw.map_err(Cause::from_io)
    }
}

/// What C's string in `sun_path` would cut short or take for something else is refused.
fn checked_path(path: &Path) -> Result<&Path, Cause> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() {
        Err(Cause::Invalid("the path is empty"))
    } else if bytes.contains(&0) {
        Err(Cause::Invalid("the path contains a NUL byte"))
    } else if bytes.len() > UnixAddress::PATH_MAX_BYTES {
        Err(Cause::Invalid(
            "the path is too long: a Unix socket's has at most 107 bytes (unix(7))",
        ))
    } else {
        Ok(path)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(address) => Self::Inet(address),
            SocketAddr::V6(address) => Self::Inet6(address),
        }
    }
}

impl From<SocketAddrV4> for Address {
    fn from(address: SocketAddrV4) -> Self {
        Self::Inet(address)
    }
}

impl From<SocketAddrV6> for Address {
    fn from(address: SocketAddrV6) -> Self {
        Self::Inet6(address)
    }
}

impl From<UnixAddress> for Address {
    fn from(address: UnixAddress) -> Self {
        Self::Unix(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Inet6(address) => address.fmt(f),
            Self::Unix(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => f.write_str("unix:"),
            Self::Path(path) => {
                f.write_str("unix:")?;
                write_escaped(f, path.as_os_str().as_bytes())
            }
            Self::Abstract(name) => {
                f.write_str("unix:@")?;
                write_escaped(f, name)
            }
        }
    }
}

/// A name may hold any byte, and a peer chooses it: nothing in it reaches a terminal as more than text.
fn write_escaped(f: &mut fmt::Formatter<'_>, name: &[u8]) -> fmt::Result {
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '"' => f.write_char(c)?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
    use std::os::unix::ffi::OsStringExt;

    use proptest::prelude::*;

    use super::{Address, UnixAddress};
    use crate::kind::Family;

    fn unix_name(forbidden: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
        let byte =
            any::<u8>().prop_filter("a path has no NUL", move |byte| !forbidden.contains(byte));
        proptest::collection::vec(byte, 1..=UnixAddress::PATH_MAX_BYTES)
    }

    fn address() -> impl Strategy<Value = Address> {
        prop_oneof![
            any::<(Ipv4Addr, u16)>().prop_map(|pair| SocketAddr::from(pair).into()),
            any::<(Ipv6Addr, u16, u32, u32)>().prop_map(|(ip, port, flow, scope)| {
                SocketAddrV6::new(ip, port, flow, scope).into()
            }),
            Just(Address::Unix(UnixAddress::Unnamed)),
            unix_name(b"\0")
                .prop_map(
                    |bytes| UnixAddress::Path(std::ffi::OsString::from_vec(bytes).into()).into()
                ),
            unix_name(b"").prop_map(|bytes| UnixAddress::Abstract(bytes).into()),
        ]
    }

    proptest! {
        #[test]
        fn to_the_kernel_and_back(address in address()) {
            let raw = address.to_raw().unwrap();
            prop_assert_eq!(i32::from(raw.family()), address.family().as_raw());
            prop_assert_eq!(Address::from_raw(&raw).unwrap(), address);
        }

        #[test]
        fn ip_prints_what_parses(ip in any::<(std::net::IpAddr, u16)>()) {
            let address = SocketAddr::from(ip);
            prop_assert_eq!(Address::from(address).to_string().parse::<SocketAddr>().unwrap(), address);
        }

        #[test]
        fn any_name_prints_without_acting(name in proptest::collection::vec(any::<u8>(), 0..64)) {
            let printed = Address::Unix(UnixAddress::Abstract(name)).to_string();
            prop_assert!(printed.starts_with("unix:@"));
            prop_assert!(!printed.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c)), "{}", printed);
        }
    }

    #[test]
    fn each_prints_in_its_form() {
        let cases: [(Address, &str); 6] = [
            (
                SocketAddr::from(([127, 0, 0, 1], 80)).into(),
                "127.0.0.1:80",
            ),
            (
                SocketAddr::from((Ipv6Addr::LOCALHOST, 80)).into(),
                "[::1]:80",
            ),
            (
                UnixAddress::Path("/tmp/it's".into()).into(),
                "unix:/tmp/it's",
            ),
            (
                UnixAddress::Path("/tmp/世\n界".into()).into(),
                "unix:/tmp/世\\n界",
            ),
            (
                UnixAddress::Abstract(b"room\x1b\xff".to_vec()).into(),
                "unix:@room\\u{1b}\\xff",
            ),
            (UnixAddress::Unnamed.into(), "unix:"),
        ];
        for (address, printed) in cases {
            assert_eq!(address.to_string(), printed);
        }
    }

    #[test]
    fn rfc4291_2_5_5_2_mapped_ipv4_is_ipv4() {
        let mapped: Address = "[::ffff:127.0.0.1]:9".parse::<SocketAddr>().unwrap().into();
        assert_eq!(mapped.ip(), Some(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(
            (mapped.family(), mapped.port()),
            (Family::INET6, Some(9)),
            "the socket's family stays"
        );
        assert!(mapped.is_loopback());
    }

    #[test]
    fn only_loopback_is_loopback() {
        for (text, expected) in [
            ("127.9.9.9:1", true),
            ("[::1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("10.0.0.1:1", false),
        ] {
            let address: Address = text.parse::<SocketAddr>().unwrap().into();
            assert_eq!(address.is_loopback(), expected, "{text}");
        }
        assert!(!Address::Unix(UnixAddress::Unnamed).is_loopback());
    }
}
