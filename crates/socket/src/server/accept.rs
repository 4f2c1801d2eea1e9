//! Taking a caller: what every accepted connection is set to, and what an accept that failed means.

use rustix::io::Errno;

use super::door::Permit;
use super::service::Service;
use crate::address::Address;
use crate::deadline::Timeout;
use crate::error::{Error, Result};
use crate::kind::Family;
use crate::socket::Socket;

/// Somebody who was let in.
pub(super) struct Caller {
    pub(super) socket: Socket,
    pub(super) peer: Address,
    pub(super) permit: Permit,
}

/// Accepts from a listener that does not block; `None` for a caller above a limit, who is closed at once.
pub(super) fn accept_one<H>(
    listener: &Socket,
    service: &Service<H>,
    timeout: Timeout,
) -> Result<Option<Caller>> {
    let (socket, peer) = listener
        .attempt_accept(timeout)
        .map_err(Error::from_io("accept"))?;
    Ok(service.admit(&peer).map(|permit| {
        prepare(&socket, &peer);
        Caller {
            socket,
            peer,
            permit,
        }
    }))
}

/// What every connection is set to; a Unix socket has none of it, and needs none.
pub(super) fn prepare(socket: &Socket, peer: &Address) {
    if !matches!(peer.family(), Family::INET | Family::INET6) {
        return;
    }
    // What is written together leaves together: waiting for more to send along gains nothing.
    let _ = socket.set_no_delay(true);
    // So that a send which succeeds says that the peer has taken something, however slow it is.
    let _ = socket.set_unsent_limit_bytes(UNSENT_BYTES);
    // A machine that vanished without a word is noticed in the end.
    let _ = socket.set_keep_alive(true);
}

/// What an accept, or a datagram's receive, that failed means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// Nobody is there, or it was that one caller's error: accept(2) passes them on, and so does recv(2) what
    /// became of an answer, where `IP_RECVERR` is set.
    Passing,
    /// There are no descriptors, or watches of epoll(7), or there is no memory: worth a try when one of ours
    /// has ended.
    NoRoom,
    /// Trying again would not mend it: the socket does not listen, or is shut down.
    Lasting,
}

impl Setback {
    /// What this one means.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        let Some(errno) = error.errno() else {
            return Self::Lasting;
        };
        match Errno::from_raw_os_error(errno) {
            Errno::AGAIN
            | Errno::INTR
            | Errno::CONNABORTED
            | Errno::CONNREFUSED
            | Errno::ACCESS
            | Errno::MSGSIZE
            | Errno::CONNRESET
            | Errno::PROTO
            | Errno::NOPROTOOPT
            | Errno::NONET
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::HOSTDOWN
            | Errno::HOSTUNREACH
            | Errno::TIMEDOUT
            | Errno::PERM => Self::Passing,
            Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOBUFS | Errno::NOSPC => {
                Self::NoRoom
            }
            _ => Self::Lasting,
        }
    }
}

/// Enough for the kernel to send on while we are woken.
const UNSENT_BYTES: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::{Errno, Error, Setback};

    #[test]
    fn what_ends_a_server_is_only_what_lasts() {
        for (errno, setback) in [
            (Errno::AGAIN, Setback::Passing),
            (Errno::CONNREFUSED, Setback::Passing),
            (Errno::MSGSIZE, Setback::Passing),
            (Errno::MFILE, Setback::NoRoom),
            // What epoll(7) says beyond its max_user_watches.
            (Errno::NOSPC, Setback::NoRoom),
            (Errno::INVAL, Setback::Lasting),
            (Errno::BADF, Setback::Lasting),
        ] {
            let error = std::io::Error::from(errno);
            assert_eq!(Setback::of(&Error::from_io("accept")(error)), setback);
        }
    }
}
