//! The network interfaces of this machine: their numbers and their names.

use crate::error::{Error, Result};
use crate::name::service::{c_text, text};
use crate::sys::resolver;

/// `if_nametoindex(3)`: the number of an interface, as in the scope of an IPv6 address or in a multicast option.
///
/// # Errors
/// `ENODEV` for a name that no interface has; [`Cause::Invalid`](crate::Cause::Invalid) for one with a NUL byte.
///
/// # Examples
/// ```
/// let lo = landline_socket::interface_index("lo")?;
/// assert_eq!(landline_socket::interface_name(lo)?, "lo");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "if_nametoindex")]
pub fn interface_index(name: &str) -> Result<u32> {
    c_text(name)
        .and_then(|name| resolver::if_nametoindex(&name))
        .map_err(|cause| Error::with_host("find the interface", name, cause))
}

/// `if_indextoname(3)`: the name of an interface.
///
/// # Errors
/// `ENXIO` for a number that no interface has.
///
/// # Examples
/// ```
/// assert!(landline_socket::interface_name(u32::MAX).is_err());
/// for (index, name) in landline_socket::interfaces()? {
///     assert_eq!(landline_socket::interface_name(index)?, name);
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "if_indextoname")]
pub fn interface_name(index: u32) -> Result<String> {
    resolver::if_indextoname(index)
        .map(text)
        .map_err(|cause| Error::with_host("find the interface", &index.to_string(), cause))
}

/// `if_nameindex(3)`: the number and the name of every interface, those that are down included.
///
/// # Errors
/// `ENOBUFS`, `EMFILE`: what the question to the kernel may lack.
///
/// # Examples
/// ```
/// let names: Vec<_> = landline_socket::interfaces()?.into_iter().map(|(_, name)| name).collect();
/// assert!(names.contains(&"lo".to_owned()));
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "if_nameindex")]
pub fn interfaces() -> Result<Vec<(u32, String)>> {
    let all = resolver::if_nameindex().map_err(|cause| Error::new("list the interfaces", cause))?;
    Ok(all
        .into_iter()
        .map(|(index, name)| (index, text(name)))
        .collect())
}
