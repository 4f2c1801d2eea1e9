//! Services and protocols by name and by number, from the tables of this machine.

use std::ffi::CString;

use crate::error::{Cause, Error, Result};
use crate::kind::Protocol;
use crate::sys::resolver;

/// `getservbyname(3)`: the port of a service, by its name or an alias (`/etc/services`). The protocol is
/// `tcp`, `udp` or another name; without one, the first service of any protocol.
///
/// # Errors
/// [`ResolverError::NONAME`](crate::ResolverError::NONAME) for a service that the table has not;
/// [`Cause::Invalid`] for a name with a NUL byte.
///
/// # Examples
/// ```
/// # if !std::path::Path::new("/etc/services").exists() { return Ok(()); }
/// assert_eq!(landline_socket::service_port("http", Some("tcp"))?, 80);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getservbyname")]
pub fn service_port(name: &str, protocol: Option<&str>) -> Result<u16> {
    let entry = || -> Result<_, Cause> {
        let protocol = protocol.map(c_text).transpose()?;
        resolver::getservbyname(&c_text(name)?, protocol.as_deref())
    };
    let entry = entry().map_err(|cause| Error::with_host("find the service", name, cause))?;
    Ok(entry.port)
}

/// `getservbyport(3)`: the name of the service at a port (`/etc/services`). The protocol as in [`service_port`].
///
/// # Errors
/// As [`service_port`].
///
/// # Examples
/// ```
/// # if !std::path::Path::new("/etc/services").exists() { return Ok(()); }
/// assert_eq!(landline_socket::service_name(80, Some("tcp"))?, "http");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getservbyport")]
pub fn service_name(port: u16, protocol: Option<&str>) -> Result<String> {
    let entry = || -> Result<_, Cause> {
        let protocol = protocol.map(c_text).transpose()?;
        resolver::getservbyport(port, protocol.as_deref())
    };
    let entry = entry()
        .map_err(|cause| Error::with_host("find the service of port", &port.to_string(), cause))?;
    Ok(text(entry.name))
}

/// `getprotobyname(3)`: a protocol by its name or an alias (`/etc/protocols`).
///
/// # Errors
/// As [`service_port`].
///
/// # Examples
/// ```
/// # if !std::path::Path::new("/etc/protocols").exists() { return Ok(()); }
/// use landline_socket::{Protocol, protocol_by_name};
/// assert_eq!(protocol_by_name("tcp")?, Protocol::TCP);
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getprotobyname")]
pub fn protocol_by_name(name: &str) -> Result<Protocol> {
    c_text(name)
        .and_then(|name| resolver::getprotobyname(&name))
        .map(|entry| Protocol::from_raw(entry.number))
        .map_err(|cause| Error::with_host("find the protocol", name, cause))
}

/// `getprotobynumber(3)`: the name of a protocol (`/etc/protocols`).
///
/// # Errors
/// As [`service_port`].
///
/// # Examples
/// ```
/// # if !std::path::Path::new("/etc/protocols").exists() { return Ok(()); }
/// use landline_socket::{Protocol, protocol_name};
/// assert_eq!(protocol_name(Protocol::TCP)?, "tcp");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getprotobynumber")]
pub fn protocol_name(protocol: Protocol) -> Result<String> {
    let number = protocol.as_raw();
    let entry = resolver::getprotobynumber(number)
        .map_err(|cause| Error::with_host("find the protocol", &number.to_string(), cause))?;
    Ok(text(entry.name))
}

/// A name as C takes it.
pub(crate) fn c_text(name: &str) -> Result<CString, Cause> {
    CString::new(name).map_err(|_| Cause::Invalid("the name contains a NUL byte"))
}

/// A name that came from C. What is not UTF-8 shows as U+FFFD.
pub(crate) fn text(name: Vec<u8>) -> String {
    String::from_utf8_lossy(&name).into_owned()
}
