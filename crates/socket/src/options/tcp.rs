//! `IPPROTO_TCP`: options of TCP sockets.

use super::SocketOption;
use super::codec::{Codec, Flag, options};
use crate::error::Result;
use crate::socket::Socket;

/// The longest name of a congestion control, its NUL included: `TCP_CA_NAME_MAX` of Linux.
const CONGESTION_NAME_BYTES: usize = 16;

/// `IPPROTO_TCP`: options of TCP sockets, `tcp(7)`.
impl Socket {
    /// `TCP_CONGESTION`: the name of the congestion control. Default: `net.ipv4.tcp_congestion_control`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_CONGESTION")]
    pub fn congestion_control(&self) -> Result<String> {
        self.option_name(SocketOption::TCP_CONGESTION, CONGESTION_NAME_BYTES)
    }

    /// Sets `TCP_CONGESTION`; `reno` is always there.
    ///
    /// # Errors
    /// `ENOENT` for a name that the kernel does not know; `EPERM` for one that needs a privilege.
    #[doc(alias = "TCP_CONGESTION")]
    pub fn set_congestion_control(&self, name: &str) -> Result<()> {
        self.set_option_bytes(SocketOption::TCP_CONGESTION, name.as_bytes())
    }

    options! {
        /// whether small sends go at once (no Nagle). Default: no.
        #[doc(alias = "nodelay")]
        TCP_NODELAY, "TCP_NODELAY": bool as Flag { no_delay, set_no_delay(at_once) }
    }

    /// `TCP_NOTSENT_LOWAT`: how many bytes may wait unsent before the socket is no longer writable. Default:
    /// the kernel's `tcp_notsent_lowat`, mostly no limit.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_NOTSENT_LOWAT")]
    pub fn unsent_limit_bytes(&self) -> Result<usize> {
        let bytes = self.option(SocketOption::TCP_NOTSENT_LOWAT)?;
        Ok(usize::try_from(bytes.cast_unsigned()).unwrap_or(usize::MAX))
    }

    /// Sets `TCP_NOTSENT_LOWAT`: with a small one, a socket that becomes writable says that the peer has
    /// taken something.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_NOTSENT_LOWAT")]
    pub fn set_unsent_limit_bytes(&self, bytes: usize) -> Result<()> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.set_option(SocketOption::TCP_NOTSENT_LOWAT, bytes.cast_signed())
    }
}
