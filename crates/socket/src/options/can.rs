//! `SOL_CAN_RAW`: options of raw sockets of the controller area network.

use super::SocketOption;
use super::codec::{Codec, Flag, Unsigned, options};
use crate::error::Result;
use crate::socket::Socket;

/// `SOL_CAN_RAW`: options of raw sockets of the controller area network, `Documentation/networking/can.rst` of Linux. Untested
/// beyond their refusal.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// // Where the kernel has it; 1 is `CAN_RAW`.
/// if let Ok(socket) = Socket::new(Family::CAN, Kind::RAW, Protocol::from_raw(1)) {
///     socket.set_can_fd_frames(true)?;
///     assert!(socket.can_fd_frames()?);
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// which classes of errors come as frames, by the bits of `CAN_ERR_*`. Default: 0, none.
        CAN_RAW_ERR_FILTER, "CAN_RAW_ERR_FILTER": u32 as Unsigned { can_error_classes, set_can_error_classes(classes) }
        /// whether frames with a flexible data rate are sent and received too. Default: no.
        CAN_RAW_FD_FRAMES, "CAN_RAW_FD_FRAMES": bool as Flag { can_fd_frames, set_can_fd_frames(allowed) }
        /// whether a frame must pass every filter, not one. Default: no.
        CAN_RAW_JOIN_FILTERS, "CAN_RAW_JOIN_FILTERS": bool as Flag { can_joined_filters, set_can_joined_filters(joined) }
        /// whether what is sent comes to the other sockets of this machine. Default: yes.
        CAN_RAW_LOOPBACK, "CAN_RAW_LOOPBACK": bool as Flag { can_loopback, set_can_loopback(back) }
        /// whether it receives what it sends itself. Default: no.
        CAN_RAW_RECV_OWN_MSGS, "CAN_RAW_RECV_OWN_MSGS": bool as Flag { can_own_frames, set_can_own_frames(wanted, "only with the loopback") }
    }
}
