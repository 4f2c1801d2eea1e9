//! The protocol version of a request (RFC 9112 §2.3).

/// A version that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `HTTP/1.0`: no Host needed, closes by default, knows no chunks.
    Http10,
    /// `HTTP/1.1`
    Http11,
}
