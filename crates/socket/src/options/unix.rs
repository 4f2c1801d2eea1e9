//! The options at `SOL_SOCKET` that tell one process of another, `unix(7)`.

use std::os::fd::{AsFd, OwnedFd};

use super::codec::{Codec, Flag, options};
use super::socket::ints;
use super::{SocketOption, sys};
use crate::error::{Error, Result};
use crate::message::ancillary::Credentials;
use crate::socket::Socket;

/// Who is at the other end, `unix(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
/// assert_eq!(one.peer_credentials()?.pid, std::process::id().cast_signed());
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// whether a message brings its sender's credentials. Default: no.
        SO_PASSCRED, "SO_PASSCRED": bool as Flag { receive_credentials, set_receive_credentials(
            wanted, "as ancillary data; a socket without a name gets an abstract one when it connects"
        ) }
        /// whether a message brings a descriptor of the process that sent it. Default: no.
        SO_PASSPIDFD, "SO_PASSPIDFD": bool as Flag { receive_process, set_receive_process(wanted, "as ancillary data; Linux 6.5") }
        /// whether a message may bring descriptors. Default: yes.
        SO_PASSRIGHTS, "SO_PASSRIGHTS": bool as Flag { receive_descriptors_allowed, set_receive_descriptors_allowed(
            allowed, "a sender of some gets `EPERM` otherwise; Linux 6.16"
        ) }
        /// whether a message brings its sender's security label. Default: no.
        SO_PASSSEC, "SO_PASSSEC": bool as Flag { receive_security, set_receive_security(wanted, "as ancillary data") }
    }

    /// `SO_PEEK_OFF`: at which byte the next `MSG_PEEK` begins, and that each peek moves it on. Default: `None`, always at the first.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_PEEK_OFF")]
    pub fn peek_offset(&self) -> Result<Option<u32>> {
        let offset = self.option(SocketOption::SO_PEEK_OFF)?;
        Ok(u32::try_from(offset).ok())
    }

    /// Sets `SO_PEEK_OFF`; `None` is the first byte, always.
    ///
    /// # Errors
    /// `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_PEEK_OFF")]
    pub fn set_peek_offset(&self, offset: Option<u32>) -> Result<()> {
        let value = offset.map_or(-1, |offset| i32::try_from(offset).unwrap_or(i32::MAX));
        self.set_option(SocketOption::SO_PEEK_OFF, value)
    }

    /// `SO_PEERCRED`: the process at the other end of a Unix stream or pair, as it was when it connected or listened.
    ///
    /// ```
    /// use landline_socket::{Family, Kind, Protocol, Socket};
    ///
    /// let (one, _other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    /// assert_eq!(one.peer_credentials()?.pid.unsigned_abs(), std::process::id());
    /// # Ok::<(), landline_socket::Error>(())
    /// ```
    ///
    /// # Errors
    /// None that Linux documents: a socket without such a peer answers with process 0 and users of no one (`u32::MAX`).
    #[doc(alias = "SO_PEERCRED")]
    #[doc(alias = "getpeereid")]
    pub fn peer_credentials(&self) -> Result<Credentials> {
        let [pid, uid, gid] = ints::<12, 3>(self.option_array(SocketOption::SO_PEERCRED)?);
        Ok(Credentials {
            pid,
            uid: uid.cast_unsigned(),
            gid: gid.cast_unsigned(),
        })
    }

    /// `SO_PEERGROUPS`: the further groups of the process at the other end.
    ///
    /// # Errors
    /// `ENODATA` for a socket without such a peer.
    #[doc(alias = "SO_PEERGROUPS")]
    pub fn peer_groups(&self) -> Result<Vec<u32>> {
        // NGROUPS_MAX of Linux.
        let bytes = self.option_bytes(SocketOption::SO_PEERGROUPS, 65_536 * size_of::<u32>())?;
        let (groups, _) = bytes.as_chunks();
        Ok(groups.iter().copied().map(u32::from_ne_bytes).collect())
    }

    /// `SO_PEERPIDFD`: a descriptor of the process at the other end, `pidfd_open(2)`: it means that process even when its number is used again.
    ///
    /// # Errors
    /// `ENODATA` for a socket without such a peer, `ESRCH` or `EINVAL` when the process is gone, `ENOPROTOOPT` before
    /// Linux 6.5, `EMFILE` when this process is out of descriptors.
    #[doc(alias = "SO_PEERPIDFD")]
    pub fn peer_process(&self) -> Result<OwnedFd> {
        sys::peer_process(self.as_fd()).map_err(Error::from_io("get SO_PEERPIDFD"))
    }

    /// `SO_PEERSEC`: the security label of the process at the other end, without its NUL.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a kernel without a security module that labels.
    #[doc(alias = "SO_PEERSEC")]
    pub fn peer_security(&self) -> Result<String> {
        self.option_name(SocketOption::SO_PEERSEC, 4096)
    }
}
