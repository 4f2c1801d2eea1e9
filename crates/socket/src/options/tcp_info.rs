//! `TCP_INFO`: what the kernel knows about a connection.

use std::fmt;
use std::time::Duration;

use super::SocketOption;
use crate::error::Result;
use crate::socket::Socket;

/// The state of a TCP connection, RFC 9293 section 3.3.2. Prints its C name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TcpState(u8);

/// A line a state: our name, its C name, its number.
macro_rules! states {
    ($( $name:ident, $c_name:literal, $number:literal; )+) => {
        impl TcpState {
            $(
                #[doc = concat!("`", $c_name, "`.")]
                #[doc(alias = $c_name)]
                pub const $name: Self = Self($number);
            )+
        }

        impl fmt::Debug for TcpState {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $( Self::$name => f.write_str($c_name), )+
                    Self(number) => write!(f, "TCP({number})"),
                }
            }
        }
    };
}

states! {
    ESTABLISHED, "TCP_ESTABLISHED", 1;
    SYN_SENT, "TCP_SYN_SENT", 2;
    SYN_RECEIVED, "TCP_SYN_RECV", 3;
    FIN_WAIT_1, "TCP_FIN_WAIT1", 4;
    FIN_WAIT_2, "TCP_FIN_WAIT2", 5;
    TIME_WAIT, "TCP_TIME_WAIT", 6;
    CLOSED, "TCP_CLOSE", 7;
    CLOSE_WAIT, "TCP_CLOSE_WAIT", 8;
    LAST_ACK, "TCP_LAST_ACK", 9;
    LISTEN, "TCP_LISTEN", 10;
    CLOSING, "TCP_CLOSING", 11;
    NEW_SYN_RECEIVED, "TCP_NEW_SYN_RECV", 12;
}

impl TcpState {
    /// The number that C knows it by.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }
}

/// How a field lies in C's `tcp_info`.
trait Field: Sized {
    fn at(bytes: &[u8], offset: usize) -> Option<Self>;
}

macro_rules! numbers {
    ($( $type:ty )+) => {$(
        impl Field for $type {
            fn at(bytes: &[u8], offset: usize) -> Option<Self> {
                let (_, rest) = bytes.split_at_checked(offset)?;
                rest.first_chunk().copied().map(Self::from_ne_bytes)
            }
        }
    )+};
}

numbers! { u8 u16 u32 u64 }

impl Field for TcpState {
    fn at(bytes: &[u8], offset: usize) -> Option<Self> {
        u8::at(bytes, offset).map(Self)
    }
}

fn microseconds<N: Into<u64>>(number: N) -> Duration {
    Duration::from_micros(number.into())
}

fn milliseconds<N: Into<u64>>(number: N) -> Duration {
    Duration::from_millis(number.into())
}

/// A line a field: its offset, what C has there, our name and type, its C name, what it is.
macro_rules! tcp_info {
    ($( $offset:literal $raw:ty $(as $convert:ident)?, $name:ident: $type:ty, $c_name:literal, $meaning:literal; )+) => {
        /// C's `tcp_info`: what the kernel knows about a connection. A field that this kernel does not give is `None`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        #[doc(alias = "tcp_info")]
        pub struct TcpInfo {
            $(
                #[doc = concat!("`", $c_name, "`: ", $meaning)]
                #[doc(alias = $c_name)]
                pub $name: Option<$type>,
            )+
        }

        impl TcpInfo {
            /// From the bytes of C's `tcp_info`, as many as there are: any bytes will do.
            #[must_use]
            pub fn from_bytes(bytes: &[u8]) -> Self {
                Self {
                    $( $name: <$raw as Field>::at(bytes, $offset)$(.map($convert))?, )+
                }
            }
        }
    };
}

tcp_info! {
    0 TcpState, state: TcpState, "tcpi_state", "where it is in its life.";
    1 u8, congestion_state: u8, "tcpi_ca_state", "0 open, 1 disorder, 2 window reduced, 3 recovery, 4 loss.";
    2 u8, retransmits: u8, "tcpi_retransmits", "how often the timer has fired since the last progress.";
    3 u8, probes: u8, "tcpi_probes", "probes of a closed window or an idle peer that had no answer.";
    4 u8, backoff: u8, "tcpi_backoff", "how often the timer was doubled.";
    5 u8, options: u8, "tcpi_options", "what was agreed on: 1 timestamps, 2 SACK, 4 window scale, 8 ECN, 16 ECN seen, 32 fast-open data acknowledged, 64 microsecond timestamps.";
    6 u8 as window_scale, window_scale: WindowScale, "tcpi_snd_wscale", "by how many bits windows are shifted.";
    7 u8 as is_application_limited, application_limited: bool, "tcpi_delivery_rate_app_limited", "whether the delivery rate was bounded by the application.";
    8 u32 as microseconds, retransmission_timeout: Duration, "tcpi_rto", "when what was sent is sent again.";
    12 u32 as microseconds, acknowledgement_timeout: Duration, "tcpi_ato", "how long an acknowledgement may wait.";
    16 u32, send_segment_bytes: u32, "tcpi_snd_mss", "the largest segment sent.";
    20 u32, receive_segment_bytes: u32, "tcpi_rcv_mss", "the largest segment received, by guess.";
    24 u32, unacknowledged: u32, "tcpi_unacked", "segments in flight; of a listener, connections that wait.";
    28 u32, selectively_acknowledged: u32, "tcpi_sacked", "segments acknowledged out of order; of a listener, its backlog.";
    32 u32, lost: u32, "tcpi_lost", "segments thought lost.";
    36 u32, retransmitting: u32, "tcpi_retrans", "segments sent again and not yet acknowledged.";
    40 u32, forward_acknowledged: u32, "tcpi_fackets", "nothing any more.";
    44 u32 as milliseconds, last_data_sent: Duration, "tcpi_last_data_sent", "how long ago data was sent.";
    48 u32 as milliseconds, last_ack_sent: Duration, "tcpi_last_ack_sent", "nothing: Linux does not remember.";
    52 u32 as milliseconds, last_data_received: Duration, "tcpi_last_data_recv", "how long ago data was received.";
    56 u32 as milliseconds, last_ack_received: Duration, "tcpi_last_ack_recv", "how long ago an acknowledgement was received.";
    60 u32, path_mtu_bytes: u32, "tcpi_pmtu", "the largest packet of the path.";
    64 u32, receive_threshold_bytes: u32, "tcpi_rcv_ssthresh", "up to where the offered window grows.";
    68 u32 as microseconds, round_trip: Duration, "tcpi_rtt", "the round trip, smoothed.";
    72 u32 as microseconds, round_trip_deviation: Duration, "tcpi_rttvar", "by how much the round trip varies.";
    76 u32, send_threshold_segments: u32, "tcpi_snd_ssthresh", "where slow start ends.";
    80 u32, congestion_window_segments: u32, "tcpi_snd_cwnd", "how many segments may be in flight.";
    84 u32, advertised_segment_bytes: u32, "tcpi_advmss", "the largest segment that was asked for.";
    88 u32, reordering_segments: u32, "tcpi_reordering", "by how many segments the path changes the order.";
    92 u32 as microseconds, receive_round_trip: Duration, "tcpi_rcv_rtt", "the round trip as the receiver sees it.";
    96 u32, receive_space_bytes: u32, "tcpi_rcv_space", "how much the application takes in a round trip.";
    100 u32, total_retransmits: u32, "tcpi_total_retrans", "segments sent again, ever.";
    104 u64, pacing_bytes_per_second: u64, "tcpi_pacing_rate", "how fast it sends.";
    112 u64, pacing_limit_bytes_per_second: u64, "tcpi_max_pacing_rate", "how fast it may send: `SO_MAX_PACING_RATE`.";
    120 u64, bytes_acknowledged: u64, "tcpi_bytes_acked", "what the peer has acknowledged.";
    128 u64, bytes_received: u64, "tcpi_bytes_received", "what has arrived in order.";
    136 u32, segments_sent: u32, "tcpi_segs_out", "segments sent, empty ones included.";
    140 u32, segments_received: u32, "tcpi_segs_in", "segments received, empty ones included.";
    144 u32, unsent_bytes: u32, "tcpi_notsent_bytes", "what waits to be sent for the first time.";
    148 u32 as microseconds, smallest_round_trip: Duration, "tcpi_min_rtt", "the smallest round trip of late.";
    152 u32, data_segments_received: u32, "tcpi_data_segs_in", "segments with data received.";
    156 u32, data_segments_sent: u32, "tcpi_data_segs_out", "segments with data sent.";
    160 u64, delivery_bytes_per_second: u64, "tcpi_delivery_rate", "how fast it was delivered of late.";
    168 u64 as microseconds, busy: Duration, "tcpi_busy_time", "how long there was data to send.";
    176 u64 as microseconds, limited_by_receiver: Duration, "tcpi_rwnd_limited", "how long the peer's window held it up.";
    184 u64 as microseconds, limited_by_send_buffer: Duration, "tcpi_sndbuf_limited", "how long the send buffer held it up.";
    192 u32, delivered: u32, "tcpi_delivered", "segments delivered.";
    196 u32, delivered_congested: u32, "tcpi_delivered_ce", "segments delivered that met congestion (ECN).";
    200 u64, bytes_sent: u64, "tcpi_bytes_sent", "what was sent, again and again included.";
    208 u64, bytes_retransmitted: u64, "tcpi_bytes_retrans", "what was sent again.";
    216 u32, duplicates: u32, "tcpi_dsack_dups", "segments that the peer had already.";
    220 u32, reorderings_seen: u32, "tcpi_reord_seen", "how often the order had changed.";
    224 u32, received_out_of_order: u32, "tcpi_rcv_ooopack", "segments received out of order.";
    228 u32, send_window_bytes: u32, "tcpi_snd_wnd", "the window that the peer offers.";
    232 u32, receive_window_bytes: u32, "tcpi_rcv_wnd", "the window that is offered (Linux 6.2).";
    236 u32, rehashes: u32, "tcpi_rehash", "how often another path was tried (Linux 6.2).";
    240 u16, timeouts: u16, "tcpi_total_rto", "how often the timer has fired (Linux 6.7).";
    242 u16, timeout_recoveries: u16, "tcpi_total_rto_recoveries", "how often it then recovered (Linux 6.7).";
    244 u32 as milliseconds, timeout_time: Duration, "tcpi_total_rto_time", "how long that took (Linux 6.7).";
    248 u32, received_congested: u32, "tcpi_received_ce", "segments received that met congestion (Linux 6.18).";
}

/// The two nibbles of one byte of C's `tcp_info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowScale {
    /// By how many bits the peer's window is shifted.
    pub send: u8,
    /// By how many bits our window is shifted.
    #[doc(alias = "tcpi_rcv_wscale")]
    pub receive: u8,
}

/// C's bit fields begin at the low end of a byte on little-endian machines, at the high end on the others.
fn window_scale(byte: u8) -> WindowScale {
    let (low, high) = (byte & 0xf, byte >> 4);
    if cfg!(target_endian = "little") {
        WindowScale {
            send: low,
            receive: high,
        }
    } else {
        WindowScale {
            send: high,
            receive: low,
        }
    }
}

fn is_application_limited(byte: u8) -> bool {
    let bit = if cfg!(target_endian = "little") {
        0x01
    } else {
        0x80
    };
    byte & bit != 0
}

/// What the kernel knows.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket, TcpState};
///
/// let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
/// assert_eq!(socket.tcp_info()?.state, Some(TcpState::CLOSED));
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    /// `TCP_INFO`: what the kernel knows about the connection.
    ///
    /// # Errors
    /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket that is not TCP.
    #[doc(alias = "TCP_INFO")]
    pub fn tcp_info(&self) -> Result<TcpInfo> {
        // More than any kernel gives today.
        self.option_bytes(SocketOption::TCP_INFO, 512)
            .map(|bytes| TcpInfo::from_bytes(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TcpInfo, TcpState};

    #[test]
    fn what_an_old_kernel_leaves_out_is_none() {
        let mut bytes = [0; 104];
        bytes[0] = 10;
        bytes[6] = 0x97;
        bytes[68..72].copy_from_slice(&1500_u32.to_ne_bytes());
        let info = TcpInfo::from_bytes(&bytes);
        assert_eq!(info.state, Some(TcpState::LISTEN));
        let scale = info.window_scale.unwrap();
        assert_eq!(scale.send + scale.receive, 16);
        assert_eq!(info.round_trip.unwrap().as_micros(), 1500);
        assert_eq!(
            (info.total_retransmits, info.pacing_bytes_per_second),
            (Some(0), None)
        );
        // A field that is cut through is not there.
        assert_eq!(TcpInfo::from_bytes(&bytes[..70]).round_trip, None);
        assert_eq!(TcpInfo::from_bytes(&[]), TcpInfo::default());
    }

    proptest! {
        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let info = TcpInfo::from_bytes(&bytes);
            prop_assert_eq!(info.state.is_some(), !bytes.is_empty());
            prop_assert_eq!(info.received_congested.is_some(), bytes.len() >= 252);
        }
    }
}
