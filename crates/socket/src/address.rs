//! Where a socket is: an IP address with its port, a name of this machine, an interface, or any family's bytes.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::net::SocketAddrAny;

use crate::error::{Cause, Error, Result};
use crate::kind::Family;
use crate::sys::{self, RawAddress};

/// C's `sockaddr`: the address of a socket.
///
/// Prints as `127.0.0.1:80`, `[::1]:80`, `unix:/path` or `unix:@name`; what a terminal would act on is escaped.
///
/// The flow information of an IPv6 address is as std has it, in network order (Python turns it round).
///
/// # Examples
/// ```
/// use std::net::{Ipv6Addr, SocketAddr};
/// use landline_socket::{Address, Family};
///
/// let address: Address = SocketAddr::from(([127, 0, 0, 1], 80)).into();
/// assert_eq!(address.to_string(), "127.0.0.1:80");
/// assert_eq!((address.family(), address.port()), (Family::INET, Some(80)));
/// let address = Address::from(SocketAddr::from((Ipv6Addr::LOCALHOST, 80)));
/// assert!(address.is_loopback());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sockaddr")]
pub enum Address {
    /// `AF_INET`: an IPv4 address and a port.
    Inet(SocketAddrV4),
    /// `AF_INET6`: an IPv6 address, a port, flow information and a scope.
    Inet6(SocketAddrV6),
    /// `AF_UNIX`: a name of this machine.
    Unix(UnixAddress),
    /// `AF_PACKET`: an interface and a link address.
    Packet(PacketAddress),
    /// Any other family: its bytes.
    Other(OtherAddress),
}

/// The address of an `AF_UNIX` socket, `unix(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket, UnixAddress};
///
/// let name = UnixAddress::Abstract(format!("example {}", std::process::id()).into());
/// let server = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// server.bind(&name.clone().into())?;
/// server.listen(1)?;
/// let client = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// client.connect(&name.into())?;
/// assert!(client.peer_address()?.to_string().starts_with("unix:@example"));
/// # Ok::<(), landline_socket::Error>(())
/// ```
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

/// C's `sockaddr_ll`: the address of an `AF_PACKET` socket, `packet(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Address, PacketAddress, interface_index};
///
/// let loopback = PacketAddress {
///     protocol: 0x0800,
///     interface: interface_index("lo")?,
///     hardware_type: 0,
///     packet_type: 0,
///     hardware_address: vec![0; 6],
/// };
/// let address = Address::from(loopback);
/// assert_eq!(Address::from_bytes(&address.to_bytes()?), address);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sockaddr_ll")]
pub struct PacketAddress {
    /// The protocol within the frames, an EtherType (`0x0800` for IPv4, `0x0003` for every one). In C it is in
    /// network order; here, as in Python, it is not.
    #[doc(alias = "ETHERTYPE_ARP")]
    #[doc(alias = "ETHERTYPE_IP")]
    #[doc(alias = "ETHERTYPE_IPV6")]
    #[doc(alias = "ETHERTYPE_VLAN")]
    #[doc(alias = "ETH_P_ALL")]
    pub protocol: u16,
    /// The number of the interface; 0 is any.
    pub interface: u32,
    /// Received: what kind of link it is, `ARPHRD_*` (1 for Ethernet, 772 for loopback).
    pub hardware_type: u16,
    /// Received: for whom it was, `PACKET_HOST` (0), `PACKET_BROADCAST` (1), `PACKET_MULTICAST` (2),
    /// `PACKET_OTHERHOST` (3), `PACKET_OUTGOING` (4).
    #[doc(alias = "PACKET_HOST")]
    #[doc(alias = "PACKET_BROADCAST")]
    #[doc(alias = "PACKET_MULTICAST")]
    #[doc(alias = "PACKET_OTHERHOST")]
    #[doc(alias = "PACKET_OUTGOING")]
    #[doc(alias = "PACKET_LOOPBACK")]
    #[doc(alias = "PACKET_FASTROUTE")]
    pub packet_type: u8,
    /// The link address; at most [`PacketAddress::HARDWARE_MAX_BYTES`] bytes.
    pub hardware_address: Vec<u8>,
}

impl PacketAddress {
    /// The longest link address, in bytes.
    pub const HARDWARE_MAX_BYTES: usize = 8;
}

/// An address of a family that has no variant of its own, as the bytes of C's `sockaddr`.
///
/// ```
/// use landline_socket::{Address, Family, Kind, OtherAddress, Protocol, Socket};
///
/// // struct sockaddr_nl: two bytes of padding, the port's number, the groups (netlink(7)).
/// let kernel = OtherAddress { family: Family::NETLINK, data: vec![0; 10] };
/// let socket = Socket::new(Family::NETLINK, Kind::RAW, Protocol::DEFAULT)?;
/// socket.bind(&kernel.into())?;
/// assert_eq!(socket.local_address()?.family(), Family::NETLINK);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sockaddr_nl")]
#[doc(alias = "sockaddr_vm")]
#[doc(alias = "sockaddr_storage")]
pub struct OtherAddress {
    /// `sa_family`.
    pub family: Family,
    /// What follows it, in C's layout; at most [`OtherAddress::DATA_MAX_BYTES`] bytes.
    pub data: Vec<u8>,
}

impl OtherAddress {
    /// The most that can follow the family: C's `sockaddr_storage` less its first two bytes.
    pub const DATA_MAX_BYTES: usize = 126;
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
            Self::Packet(_) => Family::PACKET,
            Self::Other(address) => address.family,
        }
    }

    /// The IP address, if it has one. An IPv4 address that came through an IPv6 socket
    /// (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is given as IPv4.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Inet(address) => Some(IpAddr::V4(*address.ip())),
            Self::Inet6(address) => Some(IpAddr::V6(*address.ip()).to_canonical()),
            _ => None,
        }
    }

    /// The port, if it has one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Inet(address) => Some(address.port()),
            Self::Inet6(address) => Some(address.port()),
            _ => None,
        }
    }

    /// Whether this is `127.0.0.0/8`, `::1` or the former mapped into IPv6. A Unix address is not: who
    /// reaches it is decided by the mode of its file.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// C's `sockaddr`: the address as the bytes that a kernel of this machine takes.
    ///
    /// # Errors
    /// [`Cause::Invalid`] for a Unix path that is empty, too long or contains a NUL, and for bytes that are too many.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::Address;
    ///
    /// let address = Address::from(std::net::SocketAddr::from(([127, 0, 0, 1], 80)));
    /// assert_eq!(Address::from_bytes(&address.to_bytes()?), address);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        match self.to_raw() {
            Ok(raw) => Ok(raw.as_bytes().to_vec()),
            Err(cause) => Err(Error::with_address("convert", self, cause)),
        }
    }

    /// C's `sockaddr`, read. Any bytes are an address: those that are too short for their family are
    /// [`Address::Other`], and none at all are [`UnixAddress::Unnamed`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let Some((family, data)) = bytes.split_first_chunk() else {
            return Self::Unix(UnixAddress::Unnamed);
        };
        let family = Family::from_raw(u16::from_ne_bytes(*family).into());
        let known = match family {
            Family::INET => inet(data),
            Family::INET6 => inet6(data),
            Family::UNIX => Some(Self::Unix(UnixAddress::from_data(data))),
            Family::PACKET => PacketAddress::from_data(data).map(Self::Packet),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let data = &data[..data.len().min(OtherAddress::DATA_MAX_BYTES)];
            let data = data.to_vec();
            Self::Other(OtherAddress { family, data })
        })
    }

    /// As the kernel takes it.
    #[inline]
    pub(crate) fn to_raw(&self) -> Result<RawAddress, Cause> {
        match self {
            Self::Inet(address) => raw(
                Family::INET,
                &[
                    &address.port().to_be_bytes(),
                    &address.ip().octets(),
                    &[0; 8],
                ],
            ),
            Self::Inet6(address) => raw(
                Family::INET6,
                &[
                    &address.port().to_be_bytes(),
                    &address.flowinfo().to_ne_bytes(),
                    &address.ip().octets(),
                    &address.scope_id().to_ne_bytes(),
                ],
            ),
            Self::Unix(address) => address.to_raw(),
            Self::Packet(address) => address.to_raw(),
            Self::Other(address) => raw(address.family, &[&address.data]),
        }
    }

    /// As the kernel gives it. A peer without any address (a connected TCP socket's `recvfrom`) is unnamed.
    pub(crate) fn from_kernel(address: Option<&SocketAddrAny>) -> Self {
        Self::from_bytes(address.map_or(&[], sys::bytes_of))
    }
}

#[inline(always)]
fn raw(family: Family, data: &[&[u8]]) -> Result<RawAddress, Cause> {
    let Ok(family) = u16::try_from(family.as_raw()) else {
        return Err(Cause::Invalid("an address family has 16 bits"));
    };
    let mut parts: [&[u8]; 7] = [&[]; 7];
    let family = family.to_ne_bytes();
    parts[0] = &family;
    parts[1..=data.len()].copy_from_slice(data);
    RawAddress::from_parts(&parts).ok_or(Cause::Invalid("an address has at most 128 bytes"))
}

/// Takes the first `N` bytes.
fn take<'d, const N: usize>(data: &mut &'d [u8]) -> Option<&'d [u8; N]> {
    let (first, rest) = data.split_first_chunk()?;
    *data = rest;
    Some(first)
}

/// `struct sockaddr_in` behind its family, `ip(7)`.
fn inet(mut data: &[u8]) -> Option<Address> {
    let port = u16::from_be_bytes(*take(&mut data)?);
    let ip = Ipv4Addr::from(*take::<4>(&mut data)?);
    Some(SocketAddrV4::new(ip, port).into())
}

/// `struct sockaddr_in6` behind its family, `ipv6(7)`.
fn inet6(mut data: &[u8]) -> Option<Address> {
    let port = u16::from_be_bytes(*take(&mut data)?);
    let flow = u32::from_ne_bytes(*take(&mut data)?);
    let ip = Ipv6Addr::from(*take::<16>(&mut data)?);
    let scope = u32::from_ne_bytes(*take(&mut data)?);
    Some(SocketAddrV6::new(ip, port, flow, scope).into())
}

impl PacketAddress {
    fn to_raw(&self) -> Result<RawAddress, Cause> {
        let length = self.hardware_address.len();
        if length > Self::HARDWARE_MAX_BYTES {
            return Err(Cause::Invalid(
                "a link address has at most 8 bytes (packet(7))",
            ));
        }
        let mut hardware_address = [0; Self::HARDWARE_MAX_BYTES];
        hardware_address[..length].copy_from_slice(&self.hardware_address);
        raw(
            Family::PACKET,
            &[
                &self.protocol.to_be_bytes(),
                &self.interface.to_ne_bytes(),
                &self.hardware_type.to_ne_bytes(),
                // At most 8.
                &[self.packet_type, length as u8],
                &hardware_address,
            ],
        )
    }

    fn from_data(mut data: &[u8]) -> Option<Self> {
        let protocol = u16::from_be_bytes(*take(&mut data)?);
        let interface = u32::from_ne_bytes(*take(&mut data)?);
        let hardware_type = u16::from_ne_bytes(*take(&mut data)?);
        let [packet_type, length] = *take(&mut data)?;
        let length = usize::from(length).min(Self::HARDWARE_MAX_BYTES);
        Some(Self {
            protocol,
            interface,
            hardware_type,
            packet_type,
            hardware_address: data[..length.min(data.len())].to_vec(),
        })
    }
}

impl UnixAddress {
    fn to_raw(&self) -> Result<RawAddress, Cause> {
        match self {
            Self::Unnamed => raw(Family::UNIX, &[]),
            Self::Path(path) => {
                let path = checked_path(path)?.as_os_str().as_bytes();
                raw(Family::UNIX, &[path, &[0]])
            }
            Self::Abstract(name) if name.len() > Self::PATH_MAX_BYTES => Err(Cause::Invalid(
                "an abstract name has at most 107 bytes (unix(7))",
            )),
            Self::Abstract(name) => raw(Family::UNIX, &[&[0], name]),
        }
    }

    fn from_data(data: &[u8]) -> Self {
        // `sun_path` has 108 bytes; a path may fill it without a NUL.
        let data = &data[..data.len().min(Self::PATH_MAX_BYTES + 1)];
        match data {
            [] => Self::Unnamed,
            [0, name @ ..] => Self::Abstract(name.to_vec()),
            path => {
                let path = path.split(|&byte| byte == 0).next().unwrap_or(path);
                Self::Path(OsStr::from_bytes(path).into())
            }
        }
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

impl From<PacketAddress> for Address {
    fn from(address: PacketAddress) -> Self {
        Self::Packet(address)
    }
}

impl From<OtherAddress> for Address {
    fn from(address: OtherAddress) -> Self {
        Self::Other(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Inet6(address) => address.fmt(f),
            Self::Unix(address) => address.fmt(f),
            Self::Packet(address) => address.fmt(f),
            Self::Other(address) => address.fmt(f),
        }
    }
}

/// As `packet:2/0x0800`, with the link address behind it where there is one.
impl fmt::Display for PacketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packet:{}/{:#06x}", self.interface, self.protocol)?;
        let mut separator = '/';
        for byte in &self.hardware_address {
            write!(f, "{separator}{byte:02x}")?;
            separator = ':';
        }
        Ok(())
    }
}

/// As `AF_NETLINK:0000…`, in hexadecimal.
impl fmt::Display for OtherAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}:", self.family)?;
        self.data
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
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

    use super::{Address, OtherAddress, PacketAddress, UnixAddress};
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
            any::<(u16, u32, u16, u8, [u8; 8])>().prop_flat_map(
                |(protocol, interface, hardware_type, packet_type, bytes)| {
                    (0..=8usize).prop_map(move |length| {
                        PacketAddress {
                            protocol,
                            interface,
                            hardware_type,
                            packet_type,
                            hardware_address: bytes[..length].to_vec(),
                        }
                        .into()
                    })
                }
            ),
            (
                32u16..,
                proptest::collection::vec(any::<u8>(), 0..=OtherAddress::DATA_MAX_BYTES)
            )
                .prop_map(|(family, data)| {
                    OtherAddress {
                        family: Family::from_raw(family.into()),
                        data,
                    }
                    .into()
                }),
        ]
    }

    proptest! {
        #[test]
        fn to_the_kernel_and_back(address in address()) {
            let raw = address.to_raw().unwrap();
            prop_assert_eq!(Address::from_bytes(raw.as_bytes()), address);
        }

        /// Whatever a kernel gives is an address, and what it says, it says again.
        #[test]
        fn from_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), family in 0u16..20) {
            for bytes in [bytes.clone(), [&family.to_ne_bytes()[..], &bytes].concat()] {
                let address = Address::from_bytes(&bytes);
                if let Ok(again) = address.to_bytes() {
                    prop_assert_eq!(Address::from_bytes(&again), address);
                }
            }
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
        let cases: [(Address, &str); 8] = [
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
            (
                PacketAddress {
                    protocol: 0x0800,
                    interface: 2,
                    hardware_type: 1,
                    packet_type: 0,
                    hardware_address: vec![2, 0, 0xab],
                }
                .into(),
                "packet:2/0x0800/02:00:ab",
            ),
            (
                OtherAddress {
                    family: Family::NETLINK,
                    data: vec![0, 0, 1],
                }
                .into(),
                "AF_NETLINK:000001",
            ),
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
