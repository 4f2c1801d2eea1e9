//! Fuzz target: a WebSocket client gives the same messages and the same fault however its frames are cut.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use bytes::BytesMut;
use landline_wire::http::{HeadLimits, RequestHead};
use landline_wire::ws::{Fault, FrameDecoder, Message, accept};

const LIMIT: usize = 200;

const OPENING: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";

pub(crate) fn run(data: &[u8]) {
    let whole = decode(data, data.len().max(1));
    for step in [1, 5, 64] {
        assert_eq!(whole, decode(data, step));
    }
    for message in &whole.0 {
        match message {
            Message::Text(text) => assert!(text.len() <= LIMIT),
            Message::Binary(bytes) => assert!(bytes.len() <= LIMIT),
            Message::Ping(bytes) | Message::Pong(bytes) => assert!(bytes.len() <= 125),
            Message::Close(code, reason) => {
                assert!(reason.len() <= 123);
                assert!(code.is_none_or(|code| (1000..5000).contains(&code)));
            }
        }
    }
    let request = [OPENING, data, b"\r\n\r\n"].concat();
    if let Ok(Some((head, _))) = RequestHead::parse(&request, &HeadLimits::default()) {
        let _ = accept(&head);
    }
}

fn decode(data: &[u8], step: usize) -> (Vec<Message>, Option<Fault>) {
    let mut decoder = FrameDecoder::new(LIMIT);
    let mut buffer = BytesMut::new();
    let mut messages = Vec::new();
    for chunk in data.chunks(step) {
        buffer.extend_from_slice(chunk);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(fault) => {
                    assert!(matches!(fault.close_code(), 1002 | 1007 | 1009));
                    return (messages, Some(fault));
                }
            }
        }
        assert!(buffer.len() <= LIMIT + 14, "no more than a frame waits");
    }
    (messages, None)
}
