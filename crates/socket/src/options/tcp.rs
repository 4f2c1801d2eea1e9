//! `IPPROTO_TCP`: options of TCP sockets.

use std::time::Duration;

use super::SocketOption;
use super::codec::{Bytes, Codec, Flag, Microseconds, Milliseconds, Seconds, Unsigned, options};
use super::socket::ints;
use crate::address::Address;
use crate::error::{Cause, Error, Result};
use crate::socket::Socket;

/// The longest name of a congestion control, its NUL included: `TCP_CA_NAME_MAX` of Linux.
const CONGESTION_NAME_BYTES: usize = 16;

/// C's `tcp_repair_window`: where the windows of a connection stand, in sequence numbers and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "tcp_repair_window")]
pub struct RepairWindow {
    /// `snd_wl1`: the sequence number of the segment that last changed the window to send.
    pub send_updated_by: u32,
    /// `snd_wnd`: the window to send, in bytes.
    pub send_bytes: u32,
    /// `max_window`: the largest that the peer ever offered, in bytes.
    pub send_max_bytes: u32,
    /// `rcv_wnd`: the window that is offered, in bytes.
    pub receive_bytes: u32,
    /// `rcv_wup`: the sequence number that was acknowledged when it was offered.
    pub receive_offered_at: u32,
}

/// `IPPROTO_TCP`: options of TCP sockets, `tcp(7)`.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// socket.set_no_delay(true)?;
/// socket.set_keep_alive_idle(Duration::from_secs(60))?;
/// assert!(socket.no_delay()?);
/// assert_eq!(socket.keep_alive_idle()?, Duration::from_secs(60));
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// `TCP_CC_INFO`: what the congestion control knows, in C's layout, which depends on which it is (`union tcp_cc_info`).
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_CC_INFO")]
    pub fn congestion_info(&self) -> Result<Vec<u8>> {
        self.option_bytes(SocketOption::TCP_CC_INFO, 256)
    }

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
        /// whether packets that are not full wait, at most 200 ms, until this ends. Default: no.
        TCP_CORK, "TCP_CORK": bool as Flag { cork, set_cork(held) }
        /// how long a listener leaves a connection that sends nothing unaccepted, in seconds. Default: zero, not at all.
        TCP_DEFER_ACCEPT, "TCP_DEFER_ACCEPT": Duration as Seconds { defer_accept, set_defer_accept(
            time, "rounded up to the retransmission that follows"
        ) }
        /// how long an acknowledgement waits at most. Default: 200 ms.
        TCP_DELACK_MAX_US, "TCP_DELACK_MAX_US": Duration as Microseconds { delayed_ack_max, set_delayed_ack_max(time, "Linux 6.18") }
        /// how many connections of a listener may begin with data and not yet be established. Default: 0, none.
        TCP_FASTOPEN, "TCP_FASTOPEN": u32 as Unsigned { fast_open, set_fast_open(connections, "RFC 7413, where `net.ipv4.tcp_fastopen` has 2") }
        /// whether connecting waits for the first send, whose data goes with it. Default: no.
        TCP_FASTOPEN_CONNECT, "TCP_FASTOPEN_CONNECT": bool as Flag { fast_open_connect, set_fast_open_connect(
            together, "before connecting, where `net.ipv4.tcp_fastopen` has 1"
        ) }
    }

    /// `TCP_FASTOPEN_KEY`: the keys by which a listener makes its cookies, 16 bytes each, the one in use first. Default: those
    /// of the machine, which are not told here.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_FASTOPEN_KEY")]
    pub fn fast_open_keys(&self) -> Result<Vec<[u8; 16]>> {
        let bytes = self.option_bytes(SocketOption::TCP_FASTOPEN_KEY, 32)?;
        Ok(bytes.as_chunks().0.to_vec())
    }

    /// Sets `TCP_FASTOPEN_KEY`: one key, or the new one and the one before it, whose cookies still hold.
    ///
    /// # Errors
    /// `EINVAL` for none, or more than two.
    #[doc(alias = "TCP_FASTOPEN_KEY")]
    pub fn set_fast_open_keys(&self, keys: &[[u8; 16]]) -> Result<()> {
        self.set_option_bytes(SocketOption::TCP_FASTOPEN_KEY, keys.as_flattened())
    }

    options! {
        /// whether data goes with the first packet although there is no cookie. Default: no.
        TCP_FASTOPEN_NO_COOKIE, "TCP_FASTOPEN_NO_COOKIE": bool as Flag { fast_open_without_cookie, set_fast_open_without_cookie(without) }
        /// whether a message brings how many bytes are still queued. Default: no.
        #[doc(alias = "TCP_CM_INQ")]
        TCP_INQ, "TCP_INQ": bool as Flag { receive_queued_bytes, set_receive_queued_bytes(wanted, "as ancillary data") }
        /// whether it is part of multipath TCP, and has not fallen back.
        TCP_IS_MPTCP, "TCP_IS_MPTCP": bool as Flag { is_multipath }
        /// how many probes without an answer end an idle connection. Default: `net.ipv4.tcp_keepalive_probes`, mostly 9.
        TCP_KEEPCNT, "TCP_KEEPCNT": u32 as Unsigned { keep_alive_probes, set_keep_alive_probes(probes, "1 to 127") }
        /// how long a connection is idle before it is probed, in seconds. Default: `net.ipv4.tcp_keepalive_time`, mostly two hours.
        #[doc(alias = "TCP_KEEPALIVE")]
        TCP_KEEPIDLE, "TCP_KEEPIDLE": Duration as Seconds { keep_alive_idle, set_keep_alive_idle(
            time, "in whole seconds, rounded up; 1 to 32,767", "`EINVAL` for a time out of bounds"
        ) }
        /// how long between two probes, in seconds. Default: `net.ipv4.tcp_keepalive_intvl`, mostly 75 s.
        TCP_KEEPINTVL, "TCP_KEEPINTVL": Duration as Seconds { keep_alive_interval, set_keep_alive_interval(
            time, "in whole seconds, rounded up; 1 to 32,767", "`EINVAL` for a time out of bounds"
        ) }
    }

    /// `TCP_LINGER2`: how long a closed connection waits for the other side to end. Default: `net.ipv4.tcp_fin_timeout`,
    /// mostly a minute; `None` is not at all.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_LINGER2")]
    pub fn fin_timeout(&self) -> Result<Option<Duration>> {
        let seconds = self.option(SocketOption::TCP_LINGER2)?;
        Ok((seconds >= 0).then(|| Seconds::from_int(seconds)))
    }

    /// Sets `TCP_LINGER2`, in whole seconds, rounded up, at most two minutes; zero is the default again.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_LINGER2")]
    pub fn set_fin_timeout(&self, time: Option<Duration>) -> Result<()> {
        self.set_option(SocketOption::TCP_LINGER2, time.map_or(-1, Seconds::to_int))
    }

    options! {
        /// the largest segment in bytes. Default: by the path.
        TCP_MAXSEG, "TCP_MAXSEG": usize as Bytes { segment_bytes, set_segment_bytes(
            bytes, "before connecting; 88 to 32,767", "`EINVAL` for a size out of bounds"
        ) }
    }

    /// Sets `TCP_MD5SIG`: every segment from and to this peer bears a digest with this key (RFC 2385, obsolete; BGP still
    /// uses it). An empty key takes it back.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a kernel without it (`CONFIG_TCP_MD5SIG`), `ENOENT` to take back a key that is not there,
    /// `EINVAL` for a peer of another family; [`Cause::Invalid`] for a key beyond 80 bytes.
    #[doc(alias = "TCP_MD5SIG")]
    pub fn set_md5_key(&self, peer: &Address, key: &[u8]) -> Result<()> {
        const KEY_MAX_BYTES: usize = libc::TCP_MD5SIG_MAXKEYLEN;
        if key.len() > KEY_MAX_BYTES {
            let why = Cause::Invalid("a key has at most 80 bytes (TCP_MD5SIG_MAXKEYLEN)");
            return Err(Error::new(SocketOption::TCP_MD5SIG.set_operation(), why));
        }
        let mut value = peer.to_bytes()?;
        value.resize(size_of::<libc::sockaddr_storage>(), 0);
        // Flags, length of the prefix, length of the key, interface.
        value.extend([0, 0]);
        value.extend((key.len() as u16).to_ne_bytes());
        value.extend([0; 4]);
        value.extend(key);
        value.resize(value.len() + KEY_MAX_BYTES - key.len(), 0);
        self.set_option_bytes(SocketOption::TCP_MD5SIG, &value)
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

    options! {
        /// the sequence number of the queue that [`Socket::set_repair_queue`] chose, while in repair.
        TCP_QUEUE_SEQ, "TCP_QUEUE_SEQ": u32 as Unsigned { queue_sequence, set_queue_sequence(
            number, "before connecting", "`EPERM` for a socket that is not in repair"
        ) }
        /// whether what arrives is acknowledged at once. Default: yes at first; the kernel changes it as it sees fit.
        TCP_QUICKACK, "TCP_QUICKACK": bool as Flag { quick_ack, set_quick_ack(at_once, "for now: the kernel may go back to its own mind") }
        /// whether the connection is taken apart or put together by hand, for a checkpoint. Default: no.
        TCP_REPAIR, "TCP_REPAIR": bool as Flag { repair, set_repair(
            by_hand, "connecting and closing then send nothing", "`EPERM` without `CAP_NET_ADMIN`, and for a listener"
        ) }
        /// which queue is read and written, while in repair: 0 none, 1 received, 2 to send.
        TCP_REPAIR_QUEUE, "TCP_REPAIR_QUEUE": u32 as Unsigned { repair_queue, set_repair_queue(
            queue, "while in repair", "`EPERM` for a socket that is not in repair"
        ) }
    }

    /// `TCP_REPAIR_WINDOW`: where the windows stand, while in repair.
    ///
    /// # Errors
    /// `EPERM` for a socket that is not in repair.
    #[doc(alias = "TCP_REPAIR_WINDOW")]
    pub fn repair_window(&self) -> Result<RepairWindow> {
        let bytes = self.option_array::<20>(SocketOption::TCP_REPAIR_WINDOW)?;
        let [a, b, c, d, e] = ints(bytes).map(i32::cast_unsigned);
        Ok(RepairWindow {
            send_updated_by: a,
            send_bytes: b,
            send_max_bytes: c,
            receive_bytes: d,
            receive_offered_at: e,
        })
    }

    /// Sets `TCP_REPAIR_WINDOW`, while in repair.
    ///
    /// # Errors
    /// `EPERM` for a socket that is not in repair, `EINVAL` for windows that cannot be.
    #[doc(alias = "TCP_REPAIR_WINDOW")]
    pub fn set_repair_window(&self, window: RepairWindow) -> Result<()> {
        let fields = [
            window.send_updated_by,
            window.send_bytes,
            window.send_max_bytes,
            window.receive_bytes,
            window.receive_offered_at,
        ];
        let value = fields.map(u32::to_ne_bytes);
        self.set_option_bytes(SocketOption::TCP_REPAIR_WINDOW, value.as_flattened())
    }

    options! {
        /// the longest time before a retransmission. Default: `net.ipv4.tcp_rto_max_ms`, mostly two minutes.
        TCP_RTO_MAX_MS, "TCP_RTO_MAX_MS": Duration as Milliseconds { retransmission_timeout_max, set_retransmission_timeout_max(
            time, "1 s to 120 s; Linux 6.15", "`EINVAL` for a time out of bounds"
        ) }
        /// the shortest time before a retransmission. Default: `net.ipv4.tcp_rto_min_us`, mostly 200 ms.
        TCP_RTO_MIN_US, "TCP_RTO_MIN_US": Duration as Microseconds { retransmission_timeout_min, set_retransmission_timeout_min(
            time, "Linux 6.18", "`EINVAL` for a time out of bounds"
        ) }
    }

    /// `TCP_SAVED_SYN`: the headers of IP and TCP that began this accepted connection; once, then it is empty.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_SAVED_SYN")]
    pub fn take_syn_headers(&self) -> Result<Vec<u8>> {
        // The largest of both headers are 60 bytes each, with IPv6's options and those of the link some more.
        self.option_bytes(SocketOption::TCP_SAVED_SYN, 512)
    }

    options! {
        /// whether a listener keeps the headers that begin its connections: 1, from IP on; 2, from the link on. Default: 0, no.
        TCP_SAVE_SYN, "TCP_SAVE_SYN": u32 as Unsigned { save_syn_headers, set_save_syn_headers(from) }
        /// how often connecting is tried again. Default: `net.ipv4.tcp_syn_retries`, mostly 6.
        TCP_SYNCNT, "TCP_SYNCNT": u32 as Unsigned { syn_retries, set_syn_retries(times, "1 to 127", "`EINVAL` for a number out of bounds") }
        /// whether a connection with little in flight backs off less. Default: `net.ipv4.tcp_thin_linear_timeouts`, mostly no.
        TCP_THIN_LINEAR_TIMEOUTS, "TCP_THIN_LINEAR_TIMEOUTS": bool as Flag { thin_linear_timeouts, set_thin_linear_timeouts(linear) }
        /// the clock of its timestamps, RFC 7323.
        TCP_TIMESTAMP, "TCP_TIMESTAMP": u32 as Unsigned { tcp_timestamp }
        /// how long what it sends is held back. Default: zero.
        TCP_TX_DELAY, "TCP_TX_DELAY": Duration as Microseconds { transmit_delay, set_transmit_delay(time, "rounded up to microseconds") }
    }

    /// `TCP_ULP`: the name of the protocol upon it: `tls`, `mptcp`, `espintcp`. Default: none.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "TCP_ULP")]
    pub fn upper_protocol(&self) -> Result<Option<String>> {
        let name = self.option_name(SocketOption::TCP_ULP, 16)?;
        Ok(Some(name).filter(|name| !name.is_empty()))
    }

    /// Sets `TCP_ULP`, once; `tls` then takes its keys by [`SocketOption::TLS_TX`] and [`SocketOption::TLS_RX`].
    ///
    /// # Errors
    /// `ENOENT` for a name that the kernel does not know, `ENOTCONN` before connecting, `EEXIST` for a second one.
    #[doc(alias = "TCP_ULP")]
    pub fn set_upper_protocol(&self, name: &str) -> Result<()> {
        self.set_option_bytes(SocketOption::TCP_ULP, name.as_bytes())
    }

    options! {
        /// how long what was sent may stay unacknowledged before the connection is given up. Default: zero, by the retries of the machine.
        TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT": Duration as Milliseconds { user_timeout, set_user_timeout(
            time, "in whole milliseconds, rounded up; RFC 5482"
        ) }
        /// the largest window it offers, in bytes. Default: by the receive buffer.
        TCP_WINDOW_CLAMP, "TCP_WINDOW_CLAMP": usize as Bytes { window_clamp_bytes, set_window_clamp_bytes(
            bytes, "the kernel raises it to half of its smallest receive buffer"
        ) }
    }
}
