//! The head of an answer, the framing of its body, and the guarantee that nothing in it can break out of its line.

use alloc::vec::Vec;

use super::syntax::{is_token_byte, is_value_byte};
use super::{Connection, Status};

/// How long the body of an answer is; for HEAD, what GET's would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// Nothing is said: only for 1xx and what follows an upgrade.
    None,
    /// That many bytes: `Content-Length`.
    Known(u64),
    /// Chunks, see [`chunk_head`]: only for HTTP/1.1 clients.
    Chunked,
    /// Until the connection closes: for HTTP/1.0 clients, with [`Connection::Close`].
    UntilClose,
}

/// Status and fields of an answer, the fields already in the form of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    status: Status,
    fields: Vec<u8>,
}

impl ResponseHead {
    /// A head without fields.
    #[must_use]
    pub fn new(status: Status) -> Self {
        Self {
            status,
            fields: Vec::with_capacity(FIELDS_BYTES),
        }
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Adds a field, see [`ResponseHead::add`].
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.add(name, value);
        self
    }

    /// Adds a field. Control bytes in the value become spaces; of the name only a token's bytes count.
    /// Content-Length, Transfer-Encoding and Connection are left out, since [`ResponseHead::write`] alone
    /// knows them.
    pub fn add(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let start = self.fields.len();
        self.fields
            .extend(name.bytes().filter(|&byte| is_token_byte(byte)));
        let name = &self.fields[start..];
        if name.is_empty()
            || FRAMING
                .iter()
                .any(|framing| name.eq_ignore_ascii_case(framing))
        {
            self.fields.truncate(start);
            return;
        }
        self.fields.extend_from_slice(b": ");
        self.fields.extend(
            value
                .as_ref()
                .iter()
                .map(|&byte| if is_value_byte(byte) { byte } else { b' ' }),
        );
        self.fields.extend_from_slice(b"\r\n");
    }

    /// Whether a field of that name was added.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.fields.split(|&byte| byte == b'\n').any(|line| {
            line.split_at_checked(name.len())
                .is_some_and(|(start, rest)| {
                    start.eq_ignore_ascii_case(name.as_bytes()) && rest.starts_with(b":")
                })
        })
    }

    /// Appends the whole head with its blank line. 1xx, 204 and 304 get no framing whatever `length` says
    /// (RFC 9110 §8.6, RFC 9112 §6.1).
    pub fn write(&self, length: BodyLength, connection: Connection, out: &mut Vec<u8>) {
        out.reserve(self.fields.len() + AROUND_FIELDS_BYTES);
        out.extend_from_slice(b"HTTP/1.1 ");
        push_decimal(u64::from(self.status.code()), out);
        out.push(b' ');
        out.extend_from_slice(self.status.reason().as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.fields);
        match length {
            BodyLength::Known(size_bytes) if self.status.allows_content() => {
                out.extend_from_slice(b"content-length: ");
                push_decimal(size_bytes, out);
                out.extend_from_slice(b"\r\n");
            }
            BodyLength::Chunked if self.status.allows_content() => {
                out.extend_from_slice(b"transfer-encoding: chunked\r\n");
            }
            _ => {}
        }
        out.extend_from_slice(match connection {
            Connection::Persist => b"",
            Connection::PersistAsked => b"connection: keep-alive\r\n",
            Connection::Close => b"connection: close\r\n",
            Connection::Upgrade => b"connection: upgrade\r\n",
        });
        out.extend_from_slice(b"\r\n");
    }
}

/// Appends what stands before a chunk's data of that many bytes; [`CHUNK_END`] stands after it. Nothing for 0,
/// since a chunk of nothing is the last one.
pub fn chunk_head(size_bytes: u64, out: &mut Vec<u8>) {
    if size_bytes == 0 {
        return;
    }
    let digits = 16 - size_bytes.leading_zeros() / 4;
    for digit in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(size_bytes >> (digit * 4) & 15) as usize]);
    }
    out.extend_from_slice(b"\r\n");
}

fn push_decimal(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// The interim answer that lets a client send its body (RFC 9110 §15.2.1).
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What stands after a chunk's data.
pub const CHUNK_END: &[u8] = b"\r\n";

/// The chunk that ends a body, without trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The fields that only [`ResponseHead::write`] may say.
const FRAMING: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"connection"];

/// What the fields of an answer mostly fit in.
const FIELDS_BYTES: usize = 512;

/// Status line, framing and Connection at their longest, so that the buffer grows once.
const AROUND_FIELDS_BYTES: usize = 128;
