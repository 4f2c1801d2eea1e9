//! Frames on a byte stream: each message behind its length.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use bytes::{Buf, BufMut as _, BytesMut};

use crate::codec::{Codec, Fault};

/// How a frame says its length: Python's `struct.pack`, as in `struct.pack('>I', len(payload)) + payload`.
///
/// It parses and prints as the name that [`name`](Self::name) gives.
///
/// # Examples
/// ```
/// use landline_wire::frame::FrameFormat;
///
/// assert_eq!("u32be".parse(), Ok(FrameFormat::U32Be));
/// assert_eq!(FrameFormat::Varint.to_string(), "varint");
/// assert_eq!(FrameFormat::U8.max_length(), 255);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "struct.pack")]
#[doc(alias = "struct.unpack")]
#[doc(alias = "htonl")]
pub enum FrameFormat {
    /// One byte: `'B'`.
    U8,
    /// Two bytes, big-endian, the network's order: `'>H'`.
    U16Be,
    /// Two bytes, little-endian: `'<H'`.
    U16Le,
    /// Four bytes, big-endian: `'>I'`.
    U32Be,
    /// Four bytes, little-endian: `'<I'`.
    U32Le,
    /// Eight bytes, big-endian: `'>Q'`.
    U64Be,
    /// Eight bytes, little-endian: `'<Q'`.
    U64Le,
    /// One to ten bytes, seven bits each, the lowest first, all but the last with the high bit set (unsigned LEB128, as
    /// in Protocol Buffers). Only the shortest form of a length is taken, so that each has one.
    Varint,
}

impl FrameFormat {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::U8,
        Self::U16Be,
        Self::U16Le,
        Self::U32Be,
        Self::U32Le,
        Self::U64Be,
        Self::U64Le,
        Self::Varint,
    ];

    /// `u8`, `u16be`, `u16le`, `u32be`, `u32le`, `u64be`, `u64le` or `varint`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16Be => "u16be",
            Self::U16Le => "u16le",
            Self::U32Be => "u32be",
            Self::U32Le => "u32le",
            Self::U64Be => "u64be",
            Self::U64Le => "u64le",
            Self::Varint => "varint",
        }
    }

    /// The most bytes of payload that it can announce.
    #[must_use]
    pub const fn max_length(self) -> u64 {
        match self {
            Self::U8 => u8::MAX as u64,
            Self::U16Be | Self::U16Le => u16::MAX as u64,
            Self::U32Be | Self::U32Le => u32::MAX as u64,
            Self::U64Be | Self::U64Le | Self::Varint => u64::MAX,
        }
    }

    /// Writes a length that is at most [`max_length`](Self::max_length).
    fn write(self, length: u64, buffer: &mut BytesMut) {
        match self {
            Self::U8 => buffer.put_uint(length, 1),
            Self::U16Be => buffer.put_uint(length, 2),
            Self::U16Le => buffer.put_uint_le(length, 2),
            Self::U32Be => buffer.put_uint(length, 4),
            Self::U32Le => buffer.put_uint_le(length, 4),
            Self::U64Be => buffer.put_u64(length),
            Self::U64Le => buffer.put_u64_le(length),
            Self::Varint => write_varint(length, buffer),
        }
    }

    /// The length that stands at the front, and how many bytes say it; `None` if they have not all come.
    fn read(self, bytes: &[u8]) -> Result<Option<(u64, usize)>, Fault> {
        fn front<const N: usize>(bytes: &[u8], value: fn([u8; N]) -> u64) -> Option<(u64, usize)> {
            bytes.first_chunk().map(|chunk| (value(*chunk), N))
        }
        Ok(match self {
            Self::U8 => front(bytes, |bytes| u8::from_be_bytes(bytes).into()),
            Self::U16Be => front(bytes, |bytes| u16::from_be_bytes(bytes).into()),
            Self::U16Le => front(bytes, |bytes| u16::from_le_bytes(bytes).into()),
            Self::U32Be => front(bytes, |bytes| u32::from_be_bytes(bytes).into()),
            Self::U32Le => front(bytes, |bytes| u32::from_le_bytes(bytes).into()),
            Self::U64Be => front(bytes, u64::from_be_bytes),
            Self::U64Le => front(bytes, u64::from_le_bytes),
            Self::Varint => return read_varint(bytes),
        })
    }
}

fn write_varint(mut rest: u64, buffer: &mut BytesMut) {
    while rest > 0x7F {
        buffer.put_u8(rest as u8 | 0x80);
        rest >>= 7;
    }
    buffer.put_u8(rest as u8);
}

fn read_varint(bytes: &[u8]) -> Result<Option<(u64, usize)>, Fault> {
    let mut length = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        // Nine bytes say 63 bits, so of a tenth only the lowest bit is left, and it is the last.
        if at == 9 && byte > 1 {
            return Err(Fault::Varint);
        }
        length |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            let is_shortest = byte != 0 || at == 0;
            return if is_shortest {
                Ok(Some((length, at + 1)))
            } else {
                Err(Fault::Varint)
            };
        }
    }
    Ok(None)
}

impl fmt::Display for FrameFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no [`FrameFormat`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the length of a frame is one of")?;
        for (at, format) in FrameFormat::ALL.into_iter().enumerate() {
            f.write_str(if at == 0 { " " } else { ", " })?;
            f.write_str(format.name())?;
        }
        Ok(())
    }
}

impl core::error::Error for UnknownFormat {}

impl FromStr for FrameFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.name() == name)
            .ok_or(UnknownFormat)
    }
}

/// Messages of bytes, each behind its length.
///
/// A payload may be empty. A length above the limit is refused as soon as it is read: nothing is ever reserved for a
/// length, and the buffer needs to hold no more than one frame and what one read brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "LengthDelimitedCodec")]
pub struct Frames {
    format: FrameFormat,
    limit: u64,
}

impl Frames {
    /// Frames whose length is said in this format, and whose payload has at most `limit` bytes.
    #[must_use]
    pub fn new(format: FrameFormat, limit: usize) -> Self {
        // The lesser of two limits is one, so there is one fault for both.
        let limit = (limit as u64).min(format.max_length());
        Self { format, limit }
    }

    /// How a frame says its length.
    #[must_use]
    pub fn format(&self) -> FrameFormat {
        self.format
    }

    /// The most bytes that a payload may have: the limit, or what the format can say.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    fn check(&self, length: u64) -> Result<(), Fault> {
        let limit = self.limit;
        if length > limit {
            return Err(Fault::FrameTooLong { length, limit });
        }
        Ok(())
    }

    /// The frame at the front: how many bytes its prefix has, and how many its payload.
    fn head(&self, buffer: &[u8]) -> Result<Option<(usize, usize)>, Fault> {
        let Some((length, prefix)) = self.format.read(buffer)? else {
            return Ok(None);
        };
        self.check(length)?;
        // The limit came as a `usize`, so what is within it is one.
        Ok(Some((prefix, length as usize)))
    }
}

impl Codec for Frames {
    type Sent = [u8];
    type Received = Vec<u8>;

    fn encode(&mut self, payload: &[u8], buffer: &mut BytesMut) -> Result<(), Fault> {
        let length = payload.len() as u64;
        self.check(length)?;
        self.format.write(length, buffer);
        buffer.put_slice(payload);
        Ok(())
    }

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Vec<u8>>, Fault> {
        let Some((prefix, length)) = self.head(buffer)? else {
            return Ok(None);
        };
        let Some(payload) = buffer[prefix..].get(..length) else {
            return Ok(None);
        };
        // A copy of its own: a slice of the buffer would keep all of that for as long as the message is kept.
        let payload = payload.to_vec();
        buffer.advance(prefix + length);
        Ok(Some(payload))
    }

    fn end(&mut self, buffer: &mut BytesMut) -> Result<Option<Vec<u8>>, Fault> {
        let rest = buffer.split();
        if rest.is_empty() {
            return Ok(None);
        }
        let came = rest.len() as u64;
        let whole = self
            .head(&rest)?
            .map(|(prefix, length)| (prefix as u64).saturating_add(length as u64));
        Err(Fault::Cut { came, whole })
    }
}
