//! `SOL_TIPC`: options of sockets of a cluster.

use std::time::Duration;

use super::SocketOption;
use super::codec::{Codec, Flag, Milliseconds, Unsigned, options};
use crate::error::Result;
use crate::socket::Socket;

/// `SOL_TIPC`: options of sockets of a cluster, `linux/tipc.h`. Untested beyond their refusal.
///
/// # Examples
/// ```
/// use landline_socket::{Family, Kind, Protocol, Socket};
///
/// // Where the kernel has it; 3 is `TIPC_CRITICAL_IMPORTANCE`.
/// if let Ok(socket) = Socket::new(Family::TIPC, Kind::RDM, Protocol::DEFAULT) {
///     socket.set_tipc_importance(3)?;
///     assert_eq!(socket.tipc_importance()?, 3);
/// }
/// # Ok::<(), landline_socket::Error>(())
/// ```
impl Socket {
    options! {
        /// how long connecting waits. Default: 8 s.
        TIPC_CONN_TIMEOUT, "TIPC_CONN_TIMEOUT": Duration as Milliseconds { tipc_connect_timeout, set_tipc_connect_timeout(
            time, "in whole milliseconds, rounded up", "`EOPNOTSUPP` for a kind without connections"
        ) }
        /// whether what nobody takes is thrown away, and not returned to its sender. Default: yes, for [`Kind::DGRAM`](crate::Kind::DGRAM) and
        /// [`Kind::RDM`](crate::Kind::RDM).
        TIPC_DEST_DROPPABLE, "TIPC_DEST_DROPPABLE": bool as Flag { tipc_destination_droppable, set_tipc_destination_droppable(droppable) }
        /// how important what it sends is: 0 `TIPC_LOW_IMPORTANCE`, 1 medium, 2 high, 3 critical. Default: 0.
        TIPC_IMPORTANCE, "TIPC_IMPORTANCE": u32 as Unsigned { tipc_importance, set_tipc_importance(level, "0 to 3", "`EINVAL` beyond 3") }
        /// whether what cannot be sent for congestion is thrown away. Default: yes, for [`Kind::DGRAM`](crate::Kind::DGRAM) alone.
        TIPC_SRC_DROPPABLE, "TIPC_SRC_DROPPABLE": bool as Flag { tipc_source_droppable, set_tipc_source_droppable(droppable) }
    }
}
