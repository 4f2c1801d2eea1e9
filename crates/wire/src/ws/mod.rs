//! WebSocket (RFC 6455), the server's side: the handshake, what clients send, what is sent to them.

mod decode;
mod encode;
mod handshake;

pub use decode::FrameDecoder;
pub use encode::{encode_close, encode_ping, encode_pong, encode_text};
pub use handshake::{OFFER, accept};

use alloc::string::String;
use core::fmt;

use bytes::Bytes;

/// RFC 6455, section 5.2: what a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// What a client said: a whole message, however many frames it came in, or a control frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A message of text.
    Text(String),
    /// A message of bytes.
    Binary(Bytes),
    /// To be answered by a pong with the same bytes.
    Ping(Bytes),
    /// The answer to a ping.
    Pong(Bytes),
    /// The client closes, with its reason if it gave one: to be answered by a close.
    Close(Option<u16>, String),
}

/// How a client broke the protocol: the connection is to be closed with [`close_code`](Self::close_code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Section 5.1: a client's frame must be masked.
    Unmasked,
    /// Section 5.2: a reserved bit is set, though no extension was agreed.
    ReservedBit,
    /// Section 5.2: a reserved opcode.
    ReservedOpcode,
    /// Section 5.2: a length that is not in its shortest form.
    LongLength,
    /// Section 5.5: a control frame of more than 125 bytes, or in fragments.
    Control,
    /// Section 5.4: a continuation of nothing, or a new message within another.
    Fragment,
    /// Section 7.4: a close code that must not be sent, or half a code.
    CloseCode,
    /// Section 8.1: text that is not UTF-8.
    NotUtf8,
    /// The message is larger than the limit.
    TooLarge,
}

impl Fault {
    /// The code to close with (section 7.4.1).
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Self::NotUtf8 => close::INVALID_DATA,
            Self::TooLarge => close::TOO_LARGE,
            _ => close::PROTOCOL_ERROR,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unmasked => "the frame is not masked",
            Self::ReservedBit => "a reserved bit is set",
            Self::ReservedOpcode => "the opcode is reserved",
            Self::LongLength => "the length is not in its shortest form",
            Self::Control => "the control frame is too long or fragmented",
            Self::Fragment => "the fragments are out of order",
            Self::CloseCode => "the close code is not valid",
            Self::NotUtf8 => "the text is not UTF-8",
            Self::TooLarge => "the message is too large",
        })
    }
}

impl core::error::Error for Fault {}

/// Close codes (RFC 6455, section 7.4.1).
pub mod close {
    /// The purpose is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// The server is going down, or the page was left.
    pub const GOING_AWAY: u16 = 1001;
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A kind of data that cannot be accepted.
    pub const UNSUPPORTED: u16 = 1003;
    /// Data that contradicts its kind, such as text that is not UTF-8.
    pub const INVALID_DATA: u16 = 1007;
    /// The peer broke a rule that has no code of its own.
    pub const POLICY: u16 = 1008;
    /// A message larger than can be processed.
    pub const TOO_LARGE: u16 = 1009;
}
