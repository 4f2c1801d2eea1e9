//! Structured values on a byte stream: JSON or CBOR, a frame each.

mod cbor;

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{Codec, Fault};
use crate::frame::Frames;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFormat {
    /// RFC 8259: Python's `json.dumps` and `json.loads`. Numbers that JSON does not have (NaN, infinities) are sent as `null`.
    Json,
    /// RFC 8949: `dumps` and `loads` of Python's package `cbor2`. Smaller, and bytes need no encoding of their own.
    Cbor,
}

/// Messages that are values of any type with serde's `Serialize` and `Deserialize`, a frame each.
///
/// `S` is what is sent, `R` what is received, and the same type if nothing is said. What a peer sends can neither
/// overflow the stack, as values are nested at most [`VALUE_DEPTH`](crate::limits::VALUE_DEPTH) deep, nor make room
/// for more than came. A frame that is no such value is [`Fault::Value`], and the next one follows.
///
/// # Examples
/// ```
/// use bytes::BytesMut;
/// use landline_wire::codec::Codec;
/// use landline_wire::frame::{FrameFormat, Frames};
/// use landline_wire::value::Values;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Debug, PartialEq)]
/// struct Point {
///     x: i32,
///     y: i32,
/// }
///
/// let mut values = Values::json(Frames::new(FrameFormat::U32Be, 64 * 1024));
/// let mut buffer = BytesMut::new();
/// values.encode(&Point { x: 1, y: -2 }, &mut buffer)?;
/// assert_eq!(buffer[4..], *br#"{"x":1,"y":-2}"#);
/// assert_eq!(values.decode(&mut buffer)?, Some(Point { x: 1, y: -2 }));
/// # Ok::<(), landline_wire::codec::Fault>(())
/// ```
#[doc(alias = "json.dumps")]
#[doc(alias = "json.loads")]
#[doc(alias = "cbor2")]
#[doc(alias = "pickle")]
pub struct Values<S, R = S> {
    format: ValueFormat,
    frames: Frames,
    // It holds neither, so it may go to another thread where they may not.
    types: PhantomData<fn(S) -> R>,
}

impl<S, R> Values<S, R> {
    /// Values in this format, in these frames, whose limit is theirs.
    #[must_use]
    pub fn new(format: ValueFormat, frames: Frames) -> Self {
        let types = PhantomData;
        Self {
            format,
            frames,
            types,
        }
    }

    /// Values as JSON.
    #[must_use]
    pub fn json(frames: Frames) -> Self {
        Self::new(ValueFormat::Json, frames)
    }

    /// Values as CBOR.
    #[must_use]
    pub fn cbor(frames: Frames) -> Self {
        Self::new(ValueFormat::Cbor, frames)
    }
}

impl<S, R> Clone for Values<S, R> {
    fn clone(&self) -> Self {
        Self::new(self.format, self.frames)
    }
}

impl<S, R> fmt::Debug for Values<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("format", &self.format)
            .field("frames", &self.frames)
            .finish()
    }
}

impl<S: Serialize, R: DeserializeOwned> Codec for Values<S, R> {
    type Sent = S;
    type Received = R;

    fn encode(&mut self, value: &S, buffer: &mut BytesMut) -> Result<(), Fault> {
        self.frames.encode(&dump(self.format, value)?, buffer)
    }

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<R>, Fault> {
        let payload = self.frames.decode(buffer)?;
        payload
            .map(|payload| load(self.format, &payload))
            .transpose()
    }

    fn end(&mut self, buffer: &mut BytesMut) -> Result<Option<R>, Fault> {
        // Frames leave no message to an end, so there is none to load.
        self.frames.end(buffer).map(|_| None)
    }
}

/// Python: `json.dumps`, `cbor2.dumps`. A value as bytes.
///
/// # Errors
/// [`Fault::Value`] for what the format does not have, as a map in JSON whose keys are not text.
pub fn dump<T: Serialize>(format: ValueFormat, value: &T) -> Result<Vec<u8>, Fault> {
    match format {
        ValueFormat::Json => serde_json::to_vec(value).map_err(|why| why.to_string()),
        ValueFormat::Cbor => cbor::to_vec(value),
    }
    .map_err(Fault::Value)
}

/// Python: `json.loads`, `cbor2.loads`. The value that these bytes are, all of them.
///
/// # Errors
/// [`Fault::Value`] for bytes that are not the format's, not the type's, too deeply nested, or more than one value.
pub fn load<T: DeserializeOwned>(format: ValueFormat, bytes: &[u8]) -> Result<T, Fault> {
    match format {
        ValueFormat::Json => serde_json::from_slice(bytes).map_err(|why| why.to_string()),
        ValueFormat::Cbor => cbor::from_slice(bytes),
    }
    .map_err(Fault::Value)
}
