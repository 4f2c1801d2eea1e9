//! What a server did.

/// What a server did, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Why it took nobody any more.
    pub reason: Reason,
    /// Connections, or datagrams, that were served.
    pub accepted: u64,
    /// Those that were turned away: by a limit, by the handler, or at the end for want of a thread.
    pub refused: u64,
    /// Those that ended with an error, a reset mostly, or at a limit of time or bytes; answers that could not be sent.
    pub failed: u64,
    /// Calls of the handler that panicked.
    pub panicked: u64,
    /// Those that had not ended by themselves when the time to drain had passed. 0: all did.
    pub cut: u64,
    /// Threads that were in a call of the handler even then, and go on alone.
    pub left_behind: u64,
    /// Bytes that came, by connections that a [`Handler`](super::Handler) served.
    pub received_bytes: u64,
    /// Bytes that went, to the same.
    pub sent_bytes: u64,
}

/// Why a server took nobody any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Its [`Stop`](super::Stop) was thrown.
    Stopped,
    /// It took as many as [`Options::requests`](super::Options::requests) says.
    Served,
    /// Nobody came for [`Options::timeout`](super::Options::timeout). Python's `handle_timeout`.
    #[doc(alias = "handle_timeout")]
    TimedOut,
}
