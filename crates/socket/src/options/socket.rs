//! `SOL_SOCKET`: options of every socket.

use std::time::Duration;

use super::SocketOption;
use super::codec::{Bytes, Codec, Flag, Int, Microseconds, Seconds, Unsigned, options};
use crate::error::{Cause, Error, Result};
use crate::kind::{Family, Kind, Protocol};
use crate::socket::Socket;

/// `SOL_SOCKET`: options of every socket, `socket(7)`.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// socket.set_reuse_address(true)?;
/// socket.set_receive_buffer_bytes(64 * 1024)?;
/// assert!(socket.reuse_address()?);
/// assert!(socket.receive_buffer_bytes()? >= 64 * 1024);
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// whether it listens for connections.
        SO_ACCEPTCONN, "SO_ACCEPTCONN": bool as Flag { is_listening }
    }

    /// `SO_BINDTODEVICE`: the name of the network device that it is bound to. Default: `None`, any.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_BINDTODEVICE")]
    pub fn device(&self) -> Result<Option<String>> {
        self.option_name(SocketOption::SO_BINDTODEVICE, libc::IFNAMSIZ)
            .map(|name| Some(name).filter(|name| !name.is_empty()))
    }

    /// Sets `SO_BINDTODEVICE`: only what comes and goes by this device; `None` is any again.
    ///
    /// # Errors
    /// `ENODEV` for a name that no device has; `EPERM` without `CAP_NET_RAW` for one that is bound already;
    /// [`Cause::Invalid`] for a name that C would cut short.
    #[doc(alias = "SO_BINDTODEVICE")]
    pub fn set_device(&self, name: Option<&str>) -> Result<()> {
        let name = name.unwrap_or_default().as_bytes();
        if name.len() >= libc::IFNAMSIZ || name.contains(&0) {
            let why = Cause::Invalid("a device's name has at most 15 bytes, none of them NUL");
            return Err(Error::new("set SO_BINDTODEVICE", why));
        }
        self.set_option_bytes(SocketOption::SO_BINDTODEVICE, &[name, b"\0"].concat())
    }

    options! {
        /// the index of the network device that it is bound to. Default: 0, any.
        SO_BINDTOIFINDEX, "SO_BINDTOIFINDEX": u32 as Unsigned { device_index, set_device_index(
            index, "only what comes and goes by this device; 0 is any again",
            "`ENODEV` for an index that no device has; `EPERM` without `CAP_NET_RAW` for a socket that is bound already"
        ) }
        /// whether it may send to a broadcast address. Default: no.
        SO_BROADCAST, "SO_BROADCAST": bool as Flag { broadcast, set_broadcast(allowed) }
        /// how long a receive polls the device before it waits, to the microsecond. Default: `net.core.busy_read`, mostly zero.
        SO_BUSY_POLL, "SO_BUSY_POLL": Duration as Microseconds { busy_poll, set_busy_poll(
            time, "rounded up to microseconds", "`EPERM` for a longer time without `CAP_NET_ADMIN`"
        ) }
    }

    /// Sets `SO_BUSY_POLL_BUDGET`: how many packets one busy poll takes. Default: 8. Linux has no way to read it.
    ///
    /// # Errors
    /// `EPERM` for more without `CAP_NET_ADMIN`, `EINVAL` beyond 65,535, `ENOPROTOOPT` for a kernel that has no such option.
    #[doc(alias = "SO_BUSY_POLL_BUDGET")]
    pub fn set_busy_poll_packets(&self, packets: u32) -> Result<()> {
        self.set_option(SocketOption::SO_BUSY_POLL_BUDGET, Unsigned::to_int(packets))
    }

    /// `SO_COOKIE`: the kernel's number for this socket, which no other gets while the machine is up.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a kernel that has no such option.
    #[doc(alias = "SO_COOKIE")]
    pub fn cookie(&self) -> Result<u64> {
        self.option_array(SocketOption::SO_COOKIE)
            .map(u64::from_ne_bytes)
    }

    options! {
        /// whether the protocol's debugging is on. Default: no.
        SO_DEBUG, "SO_DEBUG": bool as Flag { debug, set_debug(on, "where the protocol has any", "`EACCES` without `CAP_NET_ADMIN`") }
    }

    /// `SO_DOMAIN`: the family it was made with. Python's `socket.family`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_DOMAIN")]
    pub fn family(&self) -> Result<Family> {
        self.option(SocketOption::SO_DOMAIN).map(Family::from_raw)
    }

    options! {
        /// whether it sends to hosts directly connected only. Default: no.
        SO_DONTROUTE, "SO_DONTROUTE": bool as Flag { dont_route, set_dont_route(only) }
    }

    /// `SO_ERROR`: the error that waits on the socket, which this takes away.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_ERROR")]
    pub fn take_error(&self) -> Result<Option<Cause>> {
        self.option(SocketOption::SO_ERROR)
            .map(|errno| (errno != 0).then_some(Cause::Os(errno)))
    }

    options! {
        /// the processor that handled its last packet; negative before the first.
        ///
        /// ```
        /// # use landline_socket::{Family, Kind, Protocol, Socket};
        /// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
        /// socket.set_incoming_cpu(0)?;
        /// assert_eq!(socket.incoming_cpu()?, 0);
        /// # Ok::<(), landline_socket::Error>(())
        /// ```
        SO_INCOMING_CPU, "SO_INCOMING_CPU": i32 as Int { incoming_cpu, set_incoming_cpu(
            processor, "among the sockets of one port, this one is for what that processor handles"
        ) }
        /// the queue of the device (its NAPI number) that its last packet came by; 0 where it had none, as on loopback.
        SO_INCOMING_NAPI_ID, "SO_INCOMING_NAPI_ID": u32 as Unsigned { incoming_napi_id }
        /// whether an idle connection is probed. Default: no.
        SO_KEEPALIVE, "SO_KEEPALIVE": bool as Flag { keep_alive, set_keep_alive(probed) }
    }

    /// `SO_LINGER`: how long closing waits for unsent data. Default: `None`, it does not wait and the kernel goes on sending.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_LINGER")]
    pub fn linger(&self) -> Result<Option<Duration>> {
        let [on, seconds] = ints::<8, 2>(self.option_array(SocketOption::SO_LINGER)?);
        Ok((on != 0).then(|| Seconds::from_int(seconds)))
    }

    /// Sets `SO_LINGER`, in whole seconds, rounded up; zero makes closing reset the connection.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_LINGER")]
    pub fn set_linger(&self, linger: Option<Duration>) -> Result<()> {
        let value = [
            Flag::to_int(linger.is_some()),
            Seconds::to_int(linger.unwrap_or_default()),
        ];
        self.set_option_bytes(
            SocketOption::SO_LINGER,
            value.map(i32::to_ne_bytes).as_flattened(),
        )
    }

    options! {
        /// the mark of what it sends, for routing and firewalls. Default: 0.
        SO_MARK, "SO_MARK": u32 as Unsigned { mark, set_mark(
            mark, "every packet from now on bears it", "`EPERM` without `CAP_NET_ADMIN` or `CAP_NET_RAW`"
        ) }
    }

    /// `SO_MAX_PACING_RATE`: how many bytes it sends per second at most. Default: `None`, as many as it can.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a socket or a kernel that has no such option.
    #[doc(alias = "SO_MAX_PACING_RATE")]
    pub fn pacing_bytes_per_second(&self) -> Result<Option<u64>> {
        let bytes = self.option_array(SocketOption::SO_MAX_PACING_RATE)?;
        Ok(Some(u64::from_ne_bytes(bytes)).filter(|&rate| rate != u64::MAX))
    }

    /// Sets `SO_MAX_PACING_RATE`; `None` is no limit.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a socket or a kernel that has no such option.
    #[doc(alias = "SO_MAX_PACING_RATE")]
    pub fn set_pacing_bytes_per_second(&self, rate: Option<u64>) -> Result<()> {
        let bytes = rate.unwrap_or(u64::MAX).to_ne_bytes();
        self.set_option_bytes(SocketOption::SO_MAX_PACING_RATE, &bytes)
    }

    /// `SO_MEMINFO`: how much memory the socket uses.
    ///
    /// # Errors
    /// `ENOPROTOOPT` for a kernel that has no such option.
    #[doc(alias = "SO_MEMINFO")]
    pub fn memory(&self) -> Result<Memory> {
        let [
            received,
            receive_limit,
            sent,
            send_limit,
            forward,
            queued,
            options,
            backlog,
            dropped,
        ] = ints::<36, 9>(self.option_array(SocketOption::SO_MEMINFO)?).map(Bytes::from_int);
        Ok(Memory {
            received_bytes: received,
            receive_limit_bytes: receive_limit,
            sent_bytes: sent,
            send_limit_bytes: send_limit,
            reserved_bytes: forward,
            queued_bytes: queued,
            option_bytes: options,
            backlog_bytes: backlog,
            dropped,
        })
    }

    /// `SO_NETNS_COOKIE`: the kernel's number for the socket's network namespace, which no other gets while the machine is up.
    ///
    /// # Errors
    /// `ENOPROTOOPT` before Linux 5.14.
    #[doc(alias = "SO_NETNS_COOKIE")]
    pub fn namespace_cookie(&self) -> Result<u64> {
        self.option_array(SocketOption::SO_NETNS_COOKIE)
            .map(u64::from_ne_bytes)
    }

    options! {
        /// whether urgent data (`MSG_OOB`) stays in the stream. Default: no.
        SO_OOBINLINE, "SO_OOBINLINE": bool as Flag { oob_inline, set_oob_inline(inline) }
        /// whether busy polling is preferred to the device's interrupts. Default: no.
        SO_PREFER_BUSY_POLL, "SO_PREFER_BUSY_POLL": bool as Flag { prefer_busy_poll, set_prefer_busy_poll(
            preferred, "together with `SO_BUSY_POLL`", "`EPERM` without `CAP_NET_ADMIN`"
        ) }
        /// the priority of what it sends, from 0 to 6. Default: 0.
        SO_PRIORITY, "SO_PRIORITY": u32 as Unsigned { priority, set_priority(
            priority, "for the queue of the device", "`EPERM` above 6 without `CAP_NET_ADMIN`"
        ) }
    }

    /// `SO_PROTOCOL`: the protocol it was made with. Python's `socket.proto`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_PROTOCOL")]
    #[doc(alias = "proto")]
    pub fn protocol(&self) -> Result<Protocol> {
        self.option(SocketOption::SO_PROTOCOL)
            .map(Protocol::from_raw)
    }

    options! {
        /// the receive buffer in bytes, the kernel's own use included.
        SO_RCVBUF, "SO_RCVBUF": usize as Bytes { receive_buffer_bytes, set_receive_buffer_bytes(
            bytes, "the kernel doubles it, and caps it at `net.core.rmem_max`"
        ) }
    }

    /// Sets `SO_RCVBUFFORCE`: [`Socket::set_receive_buffer_bytes`] beyond `net.core.rmem_max`.
    ///
    /// # Errors
    /// `EPERM` without `CAP_NET_ADMIN`.
    #[doc(alias = "SO_RCVBUFFORCE")]
    pub fn force_receive_buffer_bytes(&self, bytes: usize) -> Result<()> {
        self.set_option(SocketOption::SO_RCVBUFFORCE, Bytes::to_int(bytes))
    }

    options! {
        /// how many bytes make a stream readable. Default: 1.
        SO_RCVLOWAT, "SO_RCVLOWAT": usize as Bytes { receive_low_water_bytes, set_receive_low_water_bytes(
            bytes, "a receive that waits comes back with fewer only at the end; 0 is 1"
        ) }
        /// whether a message brings the mark of its packet. Default: no.
        SO_RCVMARK, "SO_RCVMARK": bool as Flag { receive_mark, set_receive_mark(
            wanted, "as ancillary data", "`EPERM` without `CAP_NET_ADMIN` or `CAP_NET_RAW`"
        ) }
        /// whether a message brings the priority of its packet. Default: no.
        SO_RCVPRIORITY, "SO_RCVPRIORITY": bool as Flag { receive_priority, set_receive_priority(wanted, "as ancillary data; Linux 6.14") }
        /// how many bytes of memory are reserved for it. Default: 0.
        SO_RESERVE_MEM, "SO_RESERVE_MEM": usize as Bytes { reserved_bytes, set_reserved_bytes(
            bytes, "in whole pages, of a process in a memory control group", "`EOPNOTSUPP` outside of one"
        ) }
        /// whether an address may be bound that old connections still use. Default: no.
        SO_REUSEADDR, "SO_REUSEADDR": bool as Flag { reuse_address, set_reuse_address(reused) }
        /// whether several sockets of one user may bind the same port and share what arrives. Default: no.
        ///
        /// All of them need it, before they are bound; two processes then share a port silently.
        SO_REUSEPORT, "SO_REUSEPORT": bool as Flag { reuse_port, set_reuse_port(shared, "before binding") }
        /// whether a datagram brings the number of those lost before it. Default: no.
        SO_RXQ_OVFL, "SO_RXQ_OVFL": bool as Flag { receive_drop_count, set_receive_drop_count(wanted, "as ancillary data") }
        /// whether the error queue wakes for `POLLPRI` as well as `POLLERR`. Default: no.
        SO_SELECT_ERR_QUEUE, "SO_SELECT_ERR_QUEUE": bool as Flag { error_queue_is_priority, set_error_queue_is_priority(wakes) }
        /// the send buffer in bytes, the kernel's own use included.
        SO_SNDBUF, "SO_SNDBUF": usize as Bytes { send_buffer_bytes, set_send_buffer_bytes(
            bytes, "the kernel doubles it, and caps it at `net.core.wmem_max`"
        ) }
    }

    /// Sets `SO_SNDBUFFORCE`: [`Socket::set_send_buffer_bytes`] beyond `net.core.wmem_max`.
    ///
    /// # Errors
    /// `EPERM` without `CAP_NET_ADMIN`.
    #[doc(alias = "SO_SNDBUFFORCE")]
    pub fn force_send_buffer_bytes(&self, bytes: usize) -> Result<()> {
        self.set_option(SocketOption::SO_SNDBUFFORCE, Bytes::to_int(bytes))
    }

    options! {
        /// how many bytes of room make a socket writable. On Linux it is 1 and cannot be set.
        SO_SNDLOWAT, "SO_SNDLOWAT": usize as Bytes { send_low_water_bytes }
        /// whether a datagram brings the time of its arrival, to the microsecond. Default: no.
        SO_TIMESTAMP, "SO_TIMESTAMP": bool as Flag { timestamp, set_timestamp(wanted, "as ancillary data; takes the place of `SO_TIMESTAMPNS`") }
        /// whether a datagram brings the time of its arrival, to the nanosecond. Default: no.
        SO_TIMESTAMPNS, "SO_TIMESTAMPNS": bool as Flag { timestamp_nanoseconds, set_timestamp_nanoseconds(
            wanted, "as ancillary data; takes the place of `SO_TIMESTAMP`"
        ) }
    }

    options! {
        /// whether a connection whose path fails is tried under another hash. Default: `net.core.txrehash`, mostly yes.
        SO_TXREHASH, "SO_TXREHASH": bool as Flag { rehash, set_rehash(tried, "TCP; Linux 6.0") }
    }

    /// `SO_TYPE`: the kind it was made with. Python's `socket.type`.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that has no such option.
    #[doc(alias = "SO_TYPE")]
    #[doc(alias = "type")]
    pub fn kind(&self) -> Result<Kind> {
        self.option(SocketOption::SO_TYPE).map(Kind::from_raw)
    }

    options! {
        /// whether a send may lend its memory to the kernel (`MSG_ZEROCOPY`, which the sends of this crate refuse: it is
        /// for calls of your own on the descriptor). Default: no.
        SO_ZEROCOPY, "SO_ZEROCOPY": bool as Flag { zero_copy, set_zero_copy(lent) }
    }
}

/// What `SO_MEMINFO` tells of a socket's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// What has arrived and was not yet received, the kernel's own use included.
    pub received_bytes: usize,
    /// How much of that there may be: `SO_RCVBUF`.
    pub receive_limit_bytes: usize,
    /// What was sent and is not yet gone, the kernel's own use included.
    pub sent_bytes: usize,
    /// How much of that there may be: `SO_SNDBUF`.
    pub send_limit_bytes: usize,
    /// What the socket has in reserve.
    pub reserved_bytes: usize,
    /// What waits to be sent for the first time, or was not yet acknowledged.
    pub queued_bytes: usize,
    /// What options and filters use.
    pub option_bytes: usize,
    /// What has arrived while a call was using the socket.
    pub backlog_bytes: usize,
    /// How many packets were lost for want of memory.
    pub dropped: usize,
}

/// A structure that is nothing but C's `int`s.
pub(super) fn ints<const BYTES: usize, const N: usize>(bytes: [u8; BYTES]) -> [i32; N] {
    const { assert!(BYTES == N * 4) }
    let mut ints = [0; N];
    for (int, bytes) in ints.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *int = i32::from_ne_bytes(*bytes);
    }
    ints
}
