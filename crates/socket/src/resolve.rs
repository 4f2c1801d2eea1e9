//! From a host's name to its addresses.

use std::net::ToSocketAddrs;

use crate::address::Address;
use crate::error::{Cause, Error, Result, plain_words};

/// `getaddrinfo(3)`: the addresses of a host, in the resolver's order (RFC 6724), at least one. The host is a
/// name or an address without brackets.
///
/// Blocks for as long as the system's resolver does, so an async caller gives it a thread.
///
/// # Errors
/// [`Cause::Resolver`] for a name that has no address, or a resolver that does not answer.
///
/// # Examples
/// ```
/// let addresses = landline_socket::resolve("127.0.0.1", 80)?;
/// assert_eq!(addresses[0].to_string(), "127.0.0.1:80");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getaddrinfo")]
#[doc(alias = "gethostbyname")]
pub fn resolve(host: &str, port: u16) -> Result<Vec<Address>> {
    let failed = |words: String| Error::with_host("resolve", host, Cause::Resolver(words.into()));
    let addresses: Vec<Address> = (host, port)
        .to_socket_addrs()
        .map_err(|error| failed(plain_words(&error)))?
        .map(Address::from)
        .collect();
    if addresses.is_empty() {
        return Err(failed("the name has no address".to_owned()));
    }
    Ok(addresses)
}

/// `gethostname(2)`: what this machine calls itself, as the kernel has it; not necessarily a name that
/// anything else knows.
///
/// # Examples
/// ```
/// assert!(!landline_socket::host_name().is_empty());
/// ```
#[doc(alias = "gethostname")]
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}
