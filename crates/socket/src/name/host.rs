//! Hosts by name and by address, and what this one is called.

use std::net::IpAddr;

use crate::address::Address;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, constants, flags};
use crate::name::lookup;
use crate::name::resolve::{Question, ResolveOptions, Service};
use crate::name::resolver_error::ResolverError;
use crate::name::service::{c_text, text};
use crate::sys::resolver::{self, HOST_MAX_BYTES, HostEntry, SERVICE_MAX_BYTES};

constants! {
    /// How [`name_of`] says it, C's `NI_*`; several are joined by `|`. Prints their C names.
    NameFlags;
    NONE, "0", 0, "names where there are some, digits where not.";
    NUMERICHOST, "NI_NUMERICHOST", libc::NI_NUMERICHOST, "the host in digits; nobody is asked.";
    NUMERICSERV, "NI_NUMERICSERV", libc::NI_NUMERICSERV, "the service in digits.";
    NOFQDN, "NI_NOFQDN", libc::NI_NOFQDN, "of a host in this machine's domain the first part alone.";
    NAMEREQD, "NI_NAMEREQD", libc::NI_NAMEREQD, "a host without a name is an error.";
    DGRAM, "NI_DGRAM", libc::NI_DGRAM, "the service of UDP, where it differs from that of TCP.";
}

flags!(NameFlags "NI");

impl NameFlags {
    /// `NI_MAXHOST`: no host of [`name_of`] is longer, the NUL of C included.
    #[doc(alias = "NI_MAXHOST")]
    pub const HOST_MAX_BYTES: usize = HOST_MAX_BYTES;
    /// `NI_MAXSERV`: no service of [`name_of`] is longer, the NUL of C included.
    #[doc(alias = "NI_MAXSERV")]
    pub const SERVICE_MAX_BYTES: usize = SERVICE_MAX_BYTES;
}

/// `getnameinfo(3)`: the names of an IP address and of its port, in this order.
///
/// To name a host is to ask for it, by DNS as a rule, and to name a service is to look into a table: the timeout
/// bounds both as in [`resolve_with`](crate::resolve_with), and with both in digits there is nothing to wait for. A name that comes from DNS is its owner's claim and proves nothing.
///
/// # Errors
/// [`Cause::Resolver`] for a host without a name where [`NameFlags::NAMEREQD`] asks for one, for an address
/// that is not IP (`EAI_FAMILY`); [`Cause::TimedOut`].
///
/// # Examples
/// ```
/// use landline_socket::{NameFlags, Timeout, name_of};
///
/// let address = std::net::SocketAddr::from(([127, 0, 0, 1], 8080)).into();
/// let digits = NameFlags::NUMERICHOST | NameFlags::NUMERICSERV;
/// let (host, service) = name_of(&address, digits, Timeout::Never)?;
/// assert_eq!((host.as_str(), service.as_str()), ("127.0.0.1", "8080"));
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getnameinfo")]
pub fn name_of(
    address: &Address,
    flags: NameFlags,
    timeout: impl Into<Timeout>,
) -> Result<(String, String)> {
    let timeout = timeout.into();
    let names = || -> Result<_, Cause> {
        if !matches!(address, Address::Inet(_) | Address::Inet6(_)) {
            return Err(Cause::Resolver(ResolverError::FAMILY));
        }
        let raw = address.to_raw()?;
        let question = move || resolver::getnameinfo(&raw, flags.as_raw());
        if flags.contains(NameFlags::NUMERICHOST | NameFlags::NUMERICSERV) {
            return question();
        }
        lookup::ask(Deadline::after(timeout), question)
    };
    let (host, service) = names()
        .map_err(lookup::said_for(timeout))
        .map_err(|cause| Error::with_host("find the name of", &address.to_string(), cause))?;
    Ok((text(host), text(service)))
}

/// C's `hostent`: what the tables of this machine, or DNS in their place, say of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "hostent")]
pub struct Host {
    /// Its canonical name.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

impl Host {
    /// `gethostbyname2(3)`: the host of this name, with its addresses of one family. Python's
    /// `gethostbyname_ex` is that with [`Family::INET`]. The timeout is as in [`resolve_with`](crate::resolve_with).
    ///
    /// # Errors
    /// [`Cause::Resolver`] for what the resolver says, [`Cause::TimedOut`],
    /// [`Cause::Invalid`] for a family that is not IP, a NUL byte or a name of more than 1024 bytes.
    ///
    /// # Examples
    /// ```
    /// use landline_socket::{Family, Host, Timeout};
    ///
    /// let host = Host::by_name("127.0.0.1", Family::INET, Timeout::Never)?;
    /// assert_eq!(host.addresses, [std::net::Ipv4Addr::LOCALHOST]);
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    #[doc(alias = "gethostbyname_ex")]
    pub fn by_name(name: &str, family: Family, timeout: impl Into<Timeout>) -> Result<Self> {
        let timeout = timeout.into();
        let entry = || -> Result<_, Cause> {
            if name.len() >= HOST_MAX_BYTES {
                return Err(Cause::Invalid("the host has more than 1024 bytes"));
            }
            // glibc's tables assert it of who asks: any other would be the end of the process.
            if !matches!(family, Family::INET | Family::INET6) {
                return Err(Cause::Invalid("the family is neither AF_INET nor AF_INET6"));
            }
            let name = c_text(name)?;
            let question = move || resolver::gethostbyname(&name, family == Family::INET6);
            lookup::ask(Deadline::after(timeout), question)
        };
        let entry = entry().map_err(lookup::said_for(timeout));
        entry
            .map(Self::from)
            .map_err(|cause| Error::with_host("resolve", name, cause))
    }

    /// `gethostbyaddr(3)`: the host at an address. The timeout is as in [`resolve_with`](crate::resolve_with).
    ///
    /// # Errors
    /// As [`Host::by_name`].
    #[doc(alias = "gethostbyaddr")]
    pub fn by_address(address: IpAddr, timeout: impl Into<Timeout>) -> Result<Self> {
        let timeout = timeout.into();
        Self::at(address, Deadline::after(timeout))
            .map_err(lookup::said_for(timeout))
            .map_err(|cause| Error::with_host("find the name of", &address.to_string(), cause))
    }

    fn at(address: IpAddr, deadline: Deadline) -> Result<Self, Cause> {
        lookup::ask(deadline, move || resolver::gethostbyaddr(address)).map(Self::from)
    }
}

impl From<HostEntry> for Host {
    fn from(entry: HostEntry) -> Self {
        Self {
            name: text(entry.name),
            aliases: entry.aliases.into_iter().map(text).collect(),
            addresses: entry.addresses.iter().filter_map(|ip| to_ip(ip)).collect(),
        }
    }
}

fn to_ip(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
    }
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

/// `sethostname(2)`: what this machine calls itself from now on; at most 64 bytes.
///
/// # Errors
/// `EPERM` without the privilege (`CAP_SYS_ADMIN`), `EINVAL` for a name that is too long.
///
/// # Examples
/// ```no_run
/// landline_socket::set_host_name("lab")?;
/// assert_eq!(landline_socket::host_name(), "lab");
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "sethostname")]
pub fn set_host_name(name: &str) -> Result<()> {
    rustix::system::sethostname(name.as_bytes())
        .map_err(|errno| Error::with_host("set the host name", name, errno.into()))
}

/// Python's `getfqdn`: the first of a host's names that has a dot in it, else its canonical name, else the
/// name as it was given. Without a name (`""`, `0.0.0.0`, `::`) the host is this machine.
///
/// The timeout bounds both questions that this asks (the address, then its names) as in
/// [`resolve_with`](crate::resolve_with).
///
/// # Errors
/// Only [`Cause::TimedOut`] (`EAGAIN` for a timeout of zero): a host that is not known has the name it was given.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let name = landline_socket::full_host_name("localhost", Duration::from_secs(5))?;
/// assert!(!name.is_empty());
/// # Ok::<(), landline_socket::Error>(())
/// ```
#[doc(alias = "getfqdn")]
pub fn full_host_name(name: &str, timeout: impl Into<Timeout>) -> Result<String> {
    let timeout = timeout.into();
    let given = match name.trim() {
        "" | "0.0.0.0" | "::" => host_name(),
        name => name.to_owned(),
    };
    let deadline = Deadline::after(timeout);
    match names_of(&given, deadline) {
        Ok(host) => {
            let mut names = std::iter::once(&host.name).chain(&host.aliases);
            let full = names.find(|name| name.contains('.'));
            Ok(full.unwrap_or(&host.name).clone())
        }
        Err(Cause::TimedOut) => {
            let cause = lookup::said_for(timeout)(Cause::TimedOut);
            Err(Error::with_host("find the full name of", &given, cause))
        }
        Err(_) => Ok(given),
    }
}

/// Python's `gethostbyaddr` of a name: the names of its first address.
fn names_of(name: &str, deadline: Deadline) -> Result<Host, Cause> {
    let found =
        Question::new(Some(name), Service::Any, &ResolveOptions::default())?.answer(deadline)?;
    let ip = found.first().and_then(|first| match &first.address {
        Address::Inet(address) => Some(IpAddr::V4(*address.ip())),
        Address::Inet6(address) => Some(IpAddr::V6(*address.ip())),
        _ => None,
    });
    let ip = ip.ok_or(Cause::Resolver(ResolverError::NODATA))?;
    Host::at(ip, deadline)
}
