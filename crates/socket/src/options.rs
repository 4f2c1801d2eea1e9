//! Socket options: an impl block per level, sorted by C name, one method to read and one to write.

use std::io;
use std::time::Duration;

use socket2::SockRef;

use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, Protocol};
use crate::socket::Socket;

/// `SOL_SOCKET`: options of every socket, `socket(7)`.
impl Socket {
    /// `SO_DOMAIN`: the family it was made with. Python's `socket.family`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_DOMAIN")]
    pub fn family(&self) -> Result<Family> {
        of("get SO_DOMAIN", SockRef::from(self).domain())
            .map(|family| Family::from_raw(family.into()))
    }

    /// `SO_ERROR`: the error that waits on the socket, which this takes away.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_ERROR")]
    pub fn take_error(&self) -> Result<Option<Cause>> {
        of("get SO_ERROR", SockRef::from(self).take_error()).map(|error| error.map(Cause::from_io))
    }

    /// `SO_KEEPALIVE`: whether an idle connection is probed. Default: no.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_KEEPALIVE")]
    pub fn keep_alive(&self) -> Result<bool> {
        of("get SO_KEEPALIVE", SockRef::from(self).keepalive())
    }

    /// Sets `SO_KEEPALIVE`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_keep_alive(&self, probed: bool) -> Result<()> {
        of(
            "set SO_KEEPALIVE",
            SockRef::from(self).set_keepalive(probed),
        )
    }

    /// `SO_LINGER`: how long closing waits for unsent data. Default: `None`, it does not wait and the kernel goes on sending.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_LINGER")]
    pub fn linger(&self) -> Result<Option<Duration>> {
        of("get SO_LINGER", SockRef::from(self).linger())
    }

    /// Sets `SO_LINGER`, in whole seconds, rounded up; zero makes closing reset the connection.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_linger(&self, linger: Option<Duration>) -> Result<()> {
        let rounded = linger.map(|time| {
            Duration::from_secs(
                time.as_secs()
                    .saturating_add(u64::from(time.subsec_nanos() > 0))
                    .min(i32::MAX as u64),
            )
        });
        of("set SO_LINGER", SockRef::from(self).set_linger(rounded))
    }

    /// `SO_PROTOCOL`: the protocol it was made with. Python's `socket.proto`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_PROTOCOL")]
    pub fn protocol(&self) -> Result<Protocol> {
        of("get SO_PROTOCOL", SockRef::from(self).protocol()).map(|protocol| {
            protocol.map_or(Protocol::DEFAULT, |protocol| {
                Protocol::from_raw(protocol.into())
            })
        })
    }

    /// `SO_RCVBUF`: the receive buffer in bytes, the kernel's own use included.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_RCVBUF")]
    pub fn receive_buffer_bytes(&self) -> Result<usize> {
        of("get SO_RCVBUF", SockRef::from(self).recv_buffer_size())
    }

    /// Sets `SO_RCVBUF`; the kernel doubles it, and caps it at `net.core.rmem_max`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_receive_buffer_bytes(&self, bytes: usize) -> Result<()> {
        of(
            "set SO_RCVBUF",
            SockRef::from(self).set_recv_buffer_size(at_most_int(bytes)),
        )
    }

    /// `SO_REUSEADDR`: whether an address may be bound that old connections still use. Default: no.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_REUSEADDR")]
    pub fn reuse_address(&self) -> Result<bool> {
        of("get SO_REUSEADDR", SockRef::from(self).reuse_address())
    }

    /// Sets `SO_REUSEADDR`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_reuse_address(&self, reused: bool) -> Result<()> {
        of(
            "set SO_REUSEADDR",
            SockRef::from(self).set_reuse_address(reused),
        )
    }

    /// `SO_SNDBUF`: the send buffer in bytes, the kernel's own use included.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_SNDBUF")]
    pub fn send_buffer_bytes(&self) -> Result<usize> {
        of("get SO_SNDBUF", SockRef::from(self).send_buffer_size())
    }

    /// Sets `SO_SNDBUF`; the kernel doubles it, and caps it at `net.core.wmem_max`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_send_buffer_bytes(&self, bytes: usize) -> Result<()> {
        of(
            "set SO_SNDBUF",
            SockRef::from(self).set_send_buffer_size(at_most_int(bytes)),
        )
    }

    /// `SO_TYPE`: the kind it was made with. Python's `socket.type`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_TYPE")]
    pub fn kind(&self) -> Result<Kind> {
        of("get SO_TYPE", SockRef::from(self).r#type()).map(|kind| Kind::from_raw(kind.into()))
    }
}

/// `IPPROTO_IPV6`: options of IPv6 sockets, `ipv6(7)`.
impl Socket {
    /// `IPV6_V6ONLY`: whether the socket leaves IPv4 alone. Default: `net.ipv6.bindv6only`, mostly no.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "IPV6_V6ONLY")]
    pub fn ipv6_only(&self) -> Result<bool> {
        of("get IPV6_V6ONLY", SockRef::from(self).only_v6())
    }

    /// Sets `IPV6_V6ONLY`; before binding.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_ipv6_only(&self, only: bool) -> Result<()> {
        of("set IPV6_V6ONLY", SockRef::from(self).set_only_v6(only))
    }
}

/// `IPPROTO_TCP`: options of TCP sockets, `tcp(7)`.
impl Socket {
    /// `TCP_CONGESTION`: the name of the congestion control. Default: `net.ipv4.tcp_congestion_control`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_CONGESTION")]
    pub fn congestion_control(&self) -> Result<String> {
        of("get TCP_CONGESTION", SockRef::from(self).tcp_congestion()).map(|mut name| {
            // The kernel fills up with NUL.
            name.truncate(
                name.iter()
                    .position(|&byte| byte == 0)
                    .unwrap_or(name.len()),
            );
            String::from_utf8_lossy(&name).into_owned()
        })
    }

    /// Sets `TCP_CONGESTION`; `reno` is always there.
    ///
    /// # Errors
    /// `ENOENT` for a name that the kernel does not know; `EPERM` for one that needs a privilege.
    pub fn set_congestion_control(&self, name: &str) -> Result<()> {
        of(
            "set TCP_CONGESTION",
            SockRef::from(self).set_tcp_congestion(name.as_bytes()),
        )
    }

    /// `TCP_NODELAY`: whether small sends go at once (no Nagle). Default: no.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_NODELAY")]
    #[doc(alias = "nodelay")]
    pub fn no_delay(&self) -> Result<bool> {
        of("get TCP_NODELAY", SockRef::from(self).tcp_nodelay())
    }

    /// Sets `TCP_NODELAY`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_no_delay(&self, at_once: bool) -> Result<()> {
        of(
            "set TCP_NODELAY",
            SockRef::from(self).set_tcp_nodelay(at_once),
        )
    }

    /// `TCP_NOTSENT_LOWAT`: how many bytes may wait unsent before the socket is no longer writable. Default:
    /// the kernel's `tcp_notsent_lowat`, mostly no limit.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_NOTSENT_LOWAT")]
    pub fn unsent_limit_bytes(&self) -> Result<usize> {
        let bytes = of(
            "get TCP_NOTSENT_LOWAT",
            SockRef::from(self).tcp_notsent_lowat(),
        )?;
        Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// Sets `TCP_NOTSENT_LOWAT`: with a small one, a socket that becomes writable says that the peer has
    /// taken something.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    pub fn set_unsent_limit_bytes(&self, bytes: usize) -> Result<()> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        of(
            "set TCP_NOTSENT_LOWAT",
            SockRef::from(self).set_tcp_notsent_lowat(bytes),
        )
    }
}

fn of<T>(operation: &'static str, outcome: io::Result<T>) -> Result<T> {
    outcome.map_err(Error::from_io(operation))
}

/// C's `int` would take more for a negative number; the kernel caps it far below anyway.
fn at_most_int(bytes: usize) -> usize {
    bytes.min(i32::MAX as usize)
}
