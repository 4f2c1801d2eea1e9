//! `inet(3)`: IP addresses as text and as bytes, their byte order, and the constants of `<netinet/in.h>`.
//!
//! [`std::net::IpAddr`] is the address itself: it parses and prints, and most programs need nothing else.
//! These are the calls by the names that C and Python know, for what std does otherwise.
//!
//! | C, Python | here |
//! |---|---|
//! | `htons(x)`, `htonl(x)` | [`u16::to_be`], [`u32::to_be`]; as bytes, `x.to_be_bytes()` |
//! | `ntohs(x)`, `ntohl(x)` | [`u16::from_be`], [`u32::from_be`] |
//! | `INADDR_ANY`, `INADDR_LOOPBACK`, … | [`Ipv4Addr::UNSPECIFIED`], [`Ipv4Addr::LOCALHOST`], … under their names below |
#![doc(alias = "htons")]
#![doc(alias = "htonl")]
#![doc(alias = "ntohs")]
#![doc(alias = "ntohl")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, Protocol};
use crate::socket::Socket;

/// `INADDR_ANY`, `0.0.0.0`: every address of this machine.
#[doc(alias = "INADDR_ANY")]
pub const ANY: Ipv4Addr = Ipv4Addr::UNSPECIFIED;
/// `INADDR_BROADCAST`, `255.255.255.255`: everybody on the link.
#[doc(alias = "INADDR_BROADCAST")]
pub const BROADCAST: Ipv4Addr = Ipv4Addr::BROADCAST;
/// `INADDR_NONE`: C's word for an address that is none, the same bits as [`BROADCAST`].
#[doc(alias = "INADDR_NONE")]
pub const NONE: Ipv4Addr = Ipv4Addr::BROADCAST;
/// `INADDR_LOOPBACK`, `127.0.0.1`: this machine.
#[doc(alias = "INADDR_LOOPBACK")]
pub const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// `INADDR_UNSPEC_GROUP`, `224.0.0.0`: the first multicast address, no group's.
#[doc(alias = "INADDR_UNSPEC_GROUP")]
pub const UNSPEC_GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 0);
/// `INADDR_ALLHOSTS_GROUP`, `224.0.0.1`: every host on the link.
#[doc(alias = "INADDR_ALLHOSTS_GROUP")]
pub const ALLHOSTS_GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);
/// `INADDR_MAX_LOCAL_GROUP`, `224.0.0.255`: the last group that no router forwards.
#[doc(alias = "INADDR_MAX_LOCAL_GROUP")]
pub const MAX_LOCAL_GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 255);
/// `IPPORT_RESERVED`: ports below this number take a privilege to bind to.
#[doc(alias = "IPPORT_RESERVED")]
pub const PORT_RESERVED: u16 = 1024;
/// `IPPORT_USERRESERVED`: where BSD's automatic ports ended; Linux has them in `net.ipv4.ip_local_port_range`.
#[doc(alias = "IPPORT_USERRESERVED")]
pub const PORT_USERRESERVED: u16 = 5000;

/// `inet_aton(3)`: an IPv4 address of one to four numbers, each decimal, octal (`010`) or hexadecimal (`0x8`),
/// the last of which fills what is left: `127.1` is `127.0.0.1`.
///
/// [`str::parse`] takes four decimal numbers alone. Unlike C's, this takes nothing behind the address.
///
/// # Errors
/// [`Cause::Invalid`] for any other text.
///
/// # Examples
/// ```
/// use landline_socket::inet::{LOOPBACK, inet_aton};
///
/// assert_eq!(inet_aton("127.1")?, LOOPBACK);
/// assert_eq!(inet_aton("0x7f000001")?, LOOPBACK);
/// # Ok::<(), landline_socket::Error>(())
/// ```
pub fn inet_aton(text: &str) -> Result<Ipv4Addr> {
    loose_ipv4(text).ok_or_else(|| {
        let cause = Cause::Invalid("not an IPv4 address of one to four numbers");
        Error::with_host("parse", text, cause)
    })
}

fn loose_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut parts = [0; 4];
    let mut count = 0;
    for part in text.split('.') {
        *parts.get_mut(count)? = loose_number(part)?;
        count += 1;
    }
    let (last, leading) = parts[..count].split_last()?;
    // What is left for the last number, in bits.
    let left = 32 - 8 * leading.len();
    if u64::from(*last) >= 1 << left || leading.iter().any(|&part| part > 255) {
        return None;
    }
    let leading = leading
        .iter()
        .fold(0, |all, part| all << 8 | u64::from(*part));
    let all = leading << left | u64::from(*last);
    u32::try_from(all).ok().map(Ipv4Addr::from)
}

/// As C's `strtoul` with a base of 0, without its signs and spaces.
fn loose_number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    // `from_str_radix` would take a sign.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// `inet_ntoa(3)`: the text of an IPv4 address, what its `Display` prints.
///
/// ```
/// assert_eq!(landline_socket::inet::inet_ntoa([127, 0, 0, 1]), "127.0.0.1");
/// ```
#[must_use]
pub fn inet_ntoa(address: impl Into<Ipv4Addr>) -> String {
    address.into().to_string()
}

/// `inet_pton(3)`: the 4 or 16 bytes, in network order, of an address of this family. [`IpAddr`]'s [`str::parse`]
/// does the same for a family that is not known beforehand.
///
/// # Errors
/// [`Cause::Invalid`] for a text that is no such address; `EAFNOSUPPORT` for a family that is not IP.
///
/// # Examples
/// ```
/// use landline_socket::{Family, inet};
///
/// let bytes = inet::inet_pton(Family::INET6, "::1")?;
/// assert_eq!(inet::inet_ntop(Family::INET6, &bytes)?, "::1");
/// # Ok::<(), landline_socket::Error>(())
/// ```
pub fn inet_pton(family: Family, text: &str) -> Result<Vec<u8>> {
    let octets = match family {
        Family::INET => text.parse::<Ipv4Addr>().map(|ip| ip.octets().to_vec()),
        Family::INET6 => text.parse::<Ipv6Addr>().map(|ip| ip.octets().to_vec()),
        _ => {
            return Err(Error::with_host(
                "parse",
                text,
                Cause::Os(libc::EAFNOSUPPORT),
            ));
        }
    };
    octets.map_err(|_| {
        let cause = Cause::Invalid("not an address of this family");
        Error::with_host("parse", text, cause)
    })
}

/// `inet_ntop(3)`: the text of the 4 or 16 bytes, in network order, of an address of this family.
///
/// [`Ipv6Addr`] prints the same, except for the addresses that RFC 4291 section 2.5.5.1 has deprecated:
/// here they are `::192.0.2.1` as in C.
///
/// # Errors
/// [`Cause::Invalid`] for bytes that are too few or too many; `EAFNOSUPPORT` for a family that is not IP.
pub fn inet_ntop(family: Family, octets: &[u8]) -> Result<String> {
    let failed = |cause| Error::new("print an address", cause);
    let ip = match family {
        Family::INET => <[u8; 4]>::try_from(octets).map(IpAddr::from),
        Family::INET6 => <[u8; 16]>::try_from(octets).map(IpAddr::from),
        _ => return Err(failed(Cause::Os(libc::EAFNOSUPPORT))),
    };
    match ip {
        Ok(IpAddr::V6(ip)) => match ip.segments() {
            [0, 0, 0, 0, 0, 0, high, _] if high > 0 => {
                let [.., a, b, c, d] = ip.octets();
                Ok(format!("::{}", Ipv4Addr::new(a, b, c, d)))
            }
            _ => Ok(ip.to_string()),
        },
        Ok(ip) => Ok(ip.to_string()),
        Err(_) => Err(failed(Cause::Invalid(
            "an IPv4 address has 4 bytes, an IPv6 address 16",
        ))),
    }
}

/// Python's `has_ipv6`: whether this kernel has IPv6 (Python tells whether the interpreter was built with it).
/// No word on whether any network here carries it.
#[must_use]
pub fn has_ipv6() -> bool {
    Socket::new(Family::INET6, Kind::STREAM, Protocol::DEFAULT).is_ok()
}

/// Python's `has_dualstack_ipv6`: whether an IPv6 socket of this kernel can serve IPv4 too.
#[doc(alias = "has_dualstack_ipv6")]
#[must_use]
pub fn has_dual_stack() -> bool {
    Socket::new(Family::INET6, Kind::STREAM, Protocol::DEFAULT)
        .is_ok_and(|socket| socket.set_ipv6_only(false).is_ok())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::{inet_aton, inet_ntoa};

    proptest! {
        #[test]
        fn every_form_of_an_address_is_read(ip in any::<Ipv4Addr>(), parts in 1usize..=4, radix in 0..3) {
            let [a, b, c, d] = ip.octets().map(u32::from);
            let numbers = match parts {
                1 => vec![ip.to_bits()],
                2 => vec![a, b << 16 | c << 8 | d],
                3 => vec![a, b, c << 8 | d],
                _ => vec![a, b, c, d],
            };
            let texts: Vec<_> = numbers.iter().map(|number| match radix {
                0 => number.to_string(),
                1 => format!("0{number:o}"),
                _ => format!("0x{number:x}"),
            }).collect();
            prop_assert_eq!(inet_aton(&texts.join(".")).unwrap(), ip);
            prop_assert_eq!(inet_aton(&inet_ntoa(ip)).unwrap(), ip);
        }

        #[test]
        fn any_text_is_an_address_or_an_error(text in ".*") {
            let _ = inet_aton(&text);
        }
    }
}
