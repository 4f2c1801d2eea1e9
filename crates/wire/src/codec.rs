//! Messages on a stream of bytes: what every way of marking them off has in common.

use alloc::string::String;
use core::fmt;

use bytes::BytesMut;

/// A way to send messages over a stream of bytes, which by itself has no boundaries: what is sent by two calls may
/// come by one, and the other way round.
///
/// It does no I/O: its caller sends what [`encode`](Self::encode) wrote, and fills the buffer of
/// [`decode`](Self::decode) with what came, cut however the network cut it.
///
/// # Examples
/// ```
/// use bytes::BytesMut;
/// use landline_wire::codec::Codec;
/// use landline_wire::frame::{FrameFormat, Frames};
///
/// let mut frames = Frames::new(FrameFormat::U16Be, 1024);
/// let (mut sent, mut received) = (BytesMut::new(), BytesMut::new());
/// frames.encode(b"hello", &mut sent)?;
/// assert_eq!(sent[..], *b"\x00\x05hello");
///
/// received.extend_from_slice(&sent[..4]);
/// assert_eq!(frames.decode(&mut received)?, None);
/// received.extend_from_slice(&sent[4..]);
/// assert_eq!(frames.decode(&mut received)?, Some(b"hello".to_vec()));
/// assert_eq!(frames.end(&mut received)?, None);
/// # Ok::<(), landline_wire::codec::Fault>(())
/// ```
pub trait Codec {
    /// What is sent as one message.
    type Sent: ?Sized;
    /// What is received as one.
    type Received;

    /// Writes a message behind what `buffer` holds.
    ///
    /// # Errors
    /// [`Fault`] when the other side would not understand it; nothing of it is written then.
    fn encode(&mut self, message: &Self::Sent, buffer: &mut BytesMut) -> Result<(), Fault>;

    /// Takes the next message from the front of `buffer`; `None` until there is more in it.
    ///
    /// # Errors
    /// [`Fault`]. One that [is final](Fault::is_final) comes again each time; behind any other the next message follows.
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Received>, Fault>;

    /// What is left once the stream has ended and [`decode`](Self::decode) has said `None`.
    ///
    /// # Errors
    /// [`Fault::Cut`] when it ended within a message, of which nothing is kept.
    fn end(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Received>, Fault>;
}

/// Why bytes are no message, or a message cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A frame whose payload is longer than the limit: announced by the peer, or to be sent by us.
    FrameTooLong {
        /// Bytes of its payload.
        length: u64,
        /// The most that a payload may have: the limit, or what the prefix can say.
        limit: u64,
    },
    /// A varint that has leading zeros, or says more than 64 bits can.
    Varint,
    /// The stream ended within a frame.
    Cut {
        /// Bytes of it that came.
        came: u64,
        /// Bytes that it has with its prefix; `None` if not even the whole prefix came.
        whole: Option<u64>,
    },
    /// A line longer than the limit: received, nothing of it is kept; to be sent, nothing of it is.
    LineTooLong {
        /// Bytes that a line may have, its end not counted.
        limit: usize,
    },
    /// A line to be sent would be received as another one, or as several: there is a newline in it, or a CR that
    /// would be taken for a part of its end.
    Newline,
    /// A value that cannot be encoded, or bytes that are not the value that was expected; with the reason.
    Value(String),
}

impl Fault {
    /// Whether nothing that follows on this stream can be understood any more.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::FrameTooLong { .. } | Self::Varint | Self::Cut { .. } => true,
            Self::LineTooLong { .. } | Self::Newline | Self::Value(_) => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrameTooLong { length, limit } => {
                write!(f, "a frame of {length} bytes, where {limit} are the most")
            }
            Self::Varint => f.write_str("a frame's length is not a varint in its shortest form"),
            Self::Cut { came, whole } => {
                f.write_str("the stream ended within a frame")?;
                match whole {
                    Some(whole) => write!(f, ": {came} of its {whole} bytes had come"),
                    None if *came == 1 => f.write_str("'s length, 1 byte into it"),
                    None => write!(f, "'s length, {came} bytes into it"),
                }
            }
            Self::LineTooLong { limit } => write!(f, "a line of more than {limit} bytes"),
            Self::Newline => f.write_str("a line with a newline within, which would be two"),
            Self::Value(why) => f.write_str(why),
        }
    }
}

impl core::error::Error for Fault {}
