//! Frames to clients: unmasked, each message one frame that all its receivers share (RFC 6455, section 5).

use bytes::{BufMut as _, Bytes, BytesMut};

use super::Opcode;
use crate::limits::WS_CONTROL_BYTES;

/// A message of text.
#[must_use]
pub fn encode_text(text: &str) -> Bytes {
    encode(Opcode::Text, text.as_bytes())
}

/// A ping; only the first 125 bytes are sent.
#[must_use]
pub fn encode_ping(payload: &[u8]) -> Bytes {
    encode(Opcode::Ping, control(payload))
}

/// A pong; only the first 125 bytes are sent.
#[must_use]
pub fn encode_pong(payload: &[u8]) -> Bytes {
    encode(Opcode::Pong, control(payload))
}

/// A close with its code (see [`close`](super::close)); a reason of more than 123 bytes is cut between characters.
#[must_use]
pub fn encode_close(code: u16, reason: &str) -> Bytes {
    let end = reason.floor_char_boundary(WS_CONTROL_BYTES - 2);
    let mut payload = BytesMut::with_capacity(2 + end);
    payload.put_u16(code);
    payload.put_slice(&reason.as_bytes()[..end]);
    encode(Opcode::Close, &payload)
}

fn control(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(WS_CONTROL_BYTES)]
}

fn encode(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(0x80 | opcode as u8);
    match payload.len() {
        length @ ..126 => frame.put_u8(length as u8),
        length @ ..0x1_0000 => {
            frame.put_u8(126);
            frame.put_u16(length as u16);
        }
        length => {
            frame.put_u8(127);
            frame.put_u64(length as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}
