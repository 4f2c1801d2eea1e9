//! Frames from a client become messages (RFC 6455, sections 5 and 8).

use alloc::string::String;
use alloc::vec::Vec;

use bytes::{Buf, BytesMut};

use super::{Fault, Message, Opcode, close};
use crate::limits::WS_CONTROL_BYTES;

/// Takes messages from the front of a buffer that its caller fills; puts fragments together.
///
/// A frame that would exceed the limit is refused by its header, before anything of it is waited for:
/// the buffer needs to hold at most one message, a header and what one read brings.
#[derive(Debug)]
pub struct FrameDecoder {
    limit: usize,
    /// A message whose last fragment has not come.
    message: Option<(Opcode, BytesMut)>,
}

impl FrameDecoder {
    /// A decoder of messages of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            message: None,
        }
    }

    /// The next message, or `None` until there is more in the buffer.
    ///
    /// # Errors
    /// [`Fault`], after which nothing more can be decoded.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Message>, Fault> {
        while let Some(head) = Head::parse(buffer)? {
            self.check(&head)?;
            if buffer.len() < head.size + head.payload {
                return Ok(None);
            }
            buffer.advance(head.size);
            let mut payload = buffer.split_to(head.payload);
            unmask(&mut payload, head.mask);
            if let Some(message) = self.take(&head, payload)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// What a header alone can break.
    fn check(&self, head: &Head) -> Result<(), Fault> {
        let begun = match (head.opcode, &self.message) {
            (Opcode::Continuation, None) | (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Fault::Fragment);
            }
            (Opcode::Continuation, Some((_, begun))) => begun.len(),
            (Opcode::Text | Opcode::Binary, None) => 0,
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => {
                let sound = head.last && head.payload <= WS_CONTROL_BYTES;
                return if sound { Ok(()) } else { Err(Fault::Control) };
            }
        };
        // `begun` never exceeds the limit, which is what makes this difference safe.
        if head.payload > self.limit - begun {
            return Err(Fault::TooLarge);
        }
        Ok(())
    }

    fn take(&mut self, head: &Head, payload: BytesMut) -> Result<Option<Message>, Fault> {
        let (opcode, whole) = match head.opcode {
            Opcode::Ping => return Ok(Some(Message::Ping(payload.freeze()))),
            Opcode::Pong => return Ok(Some(Message::Pong(payload.freeze()))),
            Opcode::Close => return closing(&payload).map(Some),
            Opcode::Continuation => {
                let Some((opcode, mut whole)) = self.message.take() else {
                    return Err(Fault::Fragment);
                };
                whole.extend_from_slice(&payload);
                (opcode, whole)
            }
            opcode => (opcode, payload),
        };
        if !head.last {
            self.message = Some((opcode, whole));
            return Ok(None);
        }
        Ok(Some(match opcode {
            Opcode::Text => Message::Text(text(whole.into())?),
            _ => Message::Binary(whole.freeze()),
        }))
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|_| Fault::NotUtf8)
}

/// Section 5.5.1: nothing, or a code and perhaps a reason.
fn closing(payload: &[u8]) -> Result<Message, Fault> {
    match payload {
        [] => Ok(Message::Close(None, String::new())),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            // Section 7.4: 1004 to 1006 and 1015 are never sent; below 3000 only what is defined is.
            let valid = matches!(code, close::NORMAL..=close::UNSUPPORTED | close::INVALID_DATA..=1014 | 3000..=4999);
            if !valid {
                return Err(Fault::CloseCode);
            }
            Ok(Message::Close(Some(code), text(reason.to_vec())?))
        }
        [_] => Err(Fault::CloseCode),
    }
}

struct Head {
    last: bool,
    opcode: Opcode,
    mask: [u8; 4],
    /// Bytes of the header itself.
    size: usize,
    payload: usize,
}

impl Head {
    /// Section 5.2. Two bytes suffice to refuse what they alone can break.
    fn parse(buffer: &[u8]) -> Result<Option<Self>, Fault> {
        let [first, second, rest @ ..] = buffer else {
            return Ok(None);
        };
        if first & 0b0111_0000 != 0 {
            return Err(Fault::ReservedBit);
        }
        let opcode = match first & 0x0F {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return Err(Fault::ReservedOpcode),
        };
        if second & 0x80 == 0 {
            return Err(Fault::Unmasked);
        }
        let Some((length, shortest, wide)) = length(second & 0x7F, rest) else {
            return Ok(None);
        };
        if length < shortest {
            return Err(Fault::LongLength);
        }
        let Some(mask) = rest.get(wide..wide + 4) else {
            return Ok(None);
        };
        Ok(Some(Self {
            last: first & 0x80 != 0,
            opcode,
            mask: [mask[0], mask[1], mask[2], mask[3]],
            size: 2 + wide + 4,
            payload: usize::try_from(length).map_err(|_| Fault::TooLarge)?,
        }))
    }
}

/// The payload's length, the least that its form may say, and the bytes that it took behind the first two.
fn length(short: u8, rest: &[u8]) -> Option<(u64, u64, usize)> {
    match short {
        126 => {
            let bytes = rest.first_chunk::<2>()?;
            Some((u16::from_be_bytes(*bytes).into(), 126, 2))
        }
        127 => {
            let bytes = rest.first_chunk::<8>()?;
            Some((u64::from_be_bytes(*bytes), 0x1_0000, 8))
        }
        short => Some((short.into(), 0, 0)),
    }
}

/// Section 5.3, in place, eight bytes at a time.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, tail) = payload.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}
