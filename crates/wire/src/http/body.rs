//! The body of a request: how it is delimited, and its bytes out of the stream (RFC 9112 §6 and §7).

use super::syntax::{exact_number, is_token, is_token_byte, is_value_byte, members};
use super::{Fault, Headers, Status, Version};
use crate::limits::{HTTP_CHUNK_EXTENSION_BYTES, HTTP_TRAILER_BYTES};

/// How the end of a request's body is known (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFraming {
    /// There is none.
    None,
    /// By its length in bytes.
    Length(u64),
    /// By its last chunk.
    Chunked,
}

impl BodyFraming {
    /// Reads Content-Length and Transfer-Encoding. Whatever two readers could understand differently is a
    /// fault, even where RFC 9112 would let a server mend it: this is where requests are smuggled.
    pub(super) fn of(version: Version, headers: &Headers) -> Result<Self, Fault> {
        let length = headers.get("content-length")?;
        if headers.contains("transfer-encoding") {
            if length.is_some() {
                return Err(Fault::bad(
                    "Content-Length and Transfer-Encoding exclude each other.",
                ));
            }
            if version == Version::Http10 {
                return Err(Fault::bad("HTTP/1.0 has no Transfer-Encoding."));
            }
            check_transfer_coding(headers)?;
            return Ok(Self::Chunked);
        }
        match length {
            None => Ok(Self::None),
            Some(digits) => exact_number(digits)
                .map(Self::Length)
                .ok_or(Fault::bad("Content-Length is not one plain number.")),
        }
    }
}

/// Accepts `chunked`, once, and nothing else (RFC 9112 §6.1): `501` for codings that are well written but not
/// known here, `400` for the rest.
fn check_transfer_coding(headers: &Headers) -> Result<(), Fault> {
    let mut lines = headers.all("transfer-encoding");
    if lines
        .next()
        .is_some_and(|line| line.eq_ignore_ascii_case(b"chunked"))
        && lines.next().is_none()
    {
        return Ok(());
    }
    let mut names = headers
        .list("transfer-encoding")
        .map(|coding| members(coding, b';').next().unwrap_or_default());
    let is_unknown = |name: &[u8]| is_token(name) && !name.eq_ignore_ascii_case(b"chunked");
    if names.next().is_some_and(is_unknown) {
        return Err(Fault::new(
            Status::NOT_IMPLEMENTED,
            "The only transfer coding known is chunked.",
        ));
    }
    Err(Fault::bad("Transfer-Encoding is malformed."))
}

/// What a body may take at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    /// The data, in bytes. Default: no limit.
    pub body_bytes: u64,
    /// What stands in all chunk-size lines together beside 16 digits each, in bytes.
    /// Default: [`HTTP_CHUNK_EXTENSION_BYTES`].
    pub extension_bytes: usize,
    /// The trailer section, in bytes. Default: [`HTTP_TRAILER_BYTES`].
    pub trailer_bytes: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            body_bytes: u64::MAX,
            extension_bytes: HTTP_CHUNK_EXTENSION_BYTES,
            trailer_bytes: HTTP_TRAILER_BYTES,
        }
    }
}

/// What one step of [`BodyDecoder`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Bytes of the input that are dealt with. All of them, and not done: more is needed.
    pub consumed: usize,
    /// Data of the body, a part of the input; may be empty.
    pub data: &'a [u8],
    /// Whether the body ends here; what follows is the next request's.
    pub done: bool,
}

/// Takes a body's data out of the stream, however the stream was cut. It holds no bytes.
///
/// A stream that ends before [`BodyDecoder::is_done`] was cut: what came is not the body. Trailer fields are
/// checked and dropped, as RFC 9110 §6.5.1 allows.
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    state: State,
    limits: BodyLimits,
    received_bytes: u64,
    extension_bytes: usize,
    trailer_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Within the data; `is_chunk` when a CR LF follows it.
    Data {
        left: u64,
        is_chunk: bool,
    },
    /// Within the digits of a chunk's size.
    Size {
        size: u64,
        digits: u8,
    },
    /// After the digits, before a semicolon.
    Space {
        size: u64,
    },
    /// After the semicolon.
    Extension {
        size: u64,
    },
    SizeLineFeed {
        size: u64,
    },
    DataCarriageReturn,
    DataLineFeed,
    /// At the start of a trailer line, within its name, within its value.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    LastLineFeed,
    Done,
}

impl BodyDecoder {
    /// A decoder for the body that follows a head.
    ///
    /// # Errors
    /// `413 Content Too Large` when the announced length is over the limit.
    pub fn new(framing: BodyFraming, limits: &BodyLimits) -> Result<Self, Fault> {
        let state = match framing {
            BodyFraming::None | BodyFraming::Length(0) => State::Done,
            BodyFraming::Length(length) if length > limits.body_bytes => return Err(TOO_LARGE),
            BodyFraming::Length(length) => State::Data {
                left: length,
                is_chunk: false,
            },
            BodyFraming::Chunked => State::Size { size: 0, digits: 0 },
        };
        Ok(Self {
            state,
            limits: *limits,
            received_bytes: 0,
            extension_bytes: 0,
            trailer_bytes: 0,
        })
    }

    /// Goes on with the bytes that follow those already consumed, up to and including the next stretch of data.
    ///
    /// # Errors
    /// `400` for anything but chunks as RFC 9112 §7.1 writes them, `413` over the limit of the data or of the
    /// chunk extensions, `431` over the trailers'. The decoder is of no use afterwards.
    pub fn step<'a>(&mut self, input: &'a [u8]) -> Result<Step<'a>, Fault> {
        let mut consumed = 0;
        while self.state != State::Done {
            if let State::Data { left, is_chunk } = self.state {
                let rest = &input[consumed..];
                let size = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                self.take_data(left - size as u64, is_chunk, size);
                return Ok(Step {
                    consumed: consumed + size,
                    data: &rest[..size],
                    done: self.is_done(),
                });
            }
            let Some(&byte) = input.get(consumed) else {
                break;
            };
            self.state = self.after(byte)?;
            consumed += 1;
        }
        Ok(Step {
            consumed,
            data: &[],
            done: self.is_done(),
        })
    }

    /// Whether the whole body has come.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// How much data has come, in bytes.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    fn take_data(&mut self, left: u64, is_chunk: bool, size: usize) {
        self.received_bytes += size as u64;
        self.state = match (left, is_chunk) {
            (0, true) => State::DataCarriageReturn,
            (0, false) => State::Done,
            _ => State::Data { left, is_chunk },
        };
    }

    /// The state after a byte that is not data.
    fn after(&mut self, byte: u8) -> Result<State, Fault> {
        match (self.state, byte) {
            (State::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.add_digit(size, digits, byte)
            }
            (State::Size { size, digits: 1.. } | State::Extension { size }, b'\r') => {
                Ok(State::SizeLineFeed { size })
            }
            (State::Size { size, digits: 1.. } | State::Space { size }, b' ' | b'\t') => {
                self.count_extension()?;
                Ok(State::Space { size })
            }
            (State::Size { size, digits: 1.. } | State::Space { size }, b';') => {
                self.add_extension(size)
            }
            (State::Extension { size }, byte) if is_value_byte(byte) => self.add_extension(size),
            (State::SizeLineFeed { size: 0 }, b'\n') => Ok(State::TrailerStart),
            (State::SizeLineFeed { size }, b'\n') => self.start_chunk(size),
            (State::DataCarriageReturn, b'\r') => Ok(State::DataLineFeed),
            (State::DataLineFeed, b'\n') => Ok(State::Size { size: 0, digits: 0 }),
            (State::LastLineFeed, b'\n') => Ok(State::Done),
            (State::TrailerStart, b'\r') => Ok(State::LastLineFeed),
            (
                State::TrailerStart
                | State::TrailerName
                | State::TrailerValue
                | State::TrailerLineFeed,
                _,
            ) => self.after_trailer_byte(byte),
            _ => Err(MALFORMED),
        }
    }

    fn after_trailer_byte(&mut self, byte: u8) -> Result<State, Fault> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > self.limits.trailer_bytes {
            return Err(Fault::new(
                Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "The trailer section is too big.",
            ));
        }
        match (self.state, byte) {
            (State::TrailerStart | State::TrailerName, byte) if is_token_byte(byte) => {
                Ok(State::TrailerName)
            }
            (State::TrailerName, b':') => Ok(State::TrailerValue),
            (State::TrailerValue, b'\r') => Ok(State::TrailerLineFeed),
            (State::TrailerValue, byte) if is_value_byte(byte) => Ok(State::TrailerValue),
            (State::TrailerLineFeed, b'\n') => Ok(State::TrailerStart),
            _ => Err(MALFORMED),
        }
    }

    fn add_digit(&mut self, size: u64, digits: u8, byte: u8) -> Result<State, Fault> {
        if digits >= 16 {
            // Only leading zeros get here without an overflow: they are ballast, as an extension is.
            self.count_extension()?;
        }
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        let size = size
            .checked_mul(16)
            .map(|size| size + u64::from(digit))
            .ok_or(Fault::bad("A chunk's size is not a possible one."))?;
        Ok(State::Size {
            size,
            digits: digits.saturating_add(1),
        })
    }

    fn add_extension(&mut self, size: u64) -> Result<State, Fault> {
        self.count_extension()?;
        Ok(State::Extension { size })
    }

    fn count_extension(&mut self) -> Result<(), Fault> {
        self.extension_bytes += 1;
        if self.extension_bytes > self.limits.extension_bytes {
            return Err(Fault::new(
                Status::CONTENT_TOO_LARGE,
                "The chunk extensions are too big.",
            ));
        }
        Ok(())
    }

    fn start_chunk(&self, size: u64) -> Result<State, Fault> {
        if size > self.limits.body_bytes - self.received_bytes {
            return Err(TOO_LARGE);
        }
        Ok(State::Data {
            left: size,
            is_chunk: true,
        })
    }
}

const MALFORMED: Fault = Fault::bad("The body's chunks are malformed.");
const TOO_LARGE: Fault = Fault::new(
    Status::CONTENT_TOO_LARGE,
    "The body is bigger than is taken here.",
);
