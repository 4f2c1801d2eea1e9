//! WebSocket: the vectors of RFC 6455, and what a hostile client sends.

use bytes::{Bytes, BytesMut};
use landline_wire::http::{BodyLength, Connection, HeadLimits, RequestHead};
use landline_wire::ws::{
    Fault, FrameDecoder, Message, accept, encode_close, encode_ping, encode_pong, encode_text,
};
use proptest::prelude::*;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A client's frame; `first` is the byte with FIN and the opcode.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length @ ..0x1_0000 => {
            frame.push(0xFE);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0xFF);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

fn decode_all(limit: usize, chunks: &[&[u8]]) -> Result<Vec<Message>, Fault> {
    let mut decoder = FrameDecoder::new(limit);
    let mut buffer = BytesMut::new();
    let mut messages = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(message) = decoder.decode(&mut buffer)? {
            messages.push(message);
        }
    }
    Ok(messages)
}

fn decode(bytes: &[u8]) -> Result<Vec<Message>, Fault> {
    decode_all(1000, &[bytes])
}

/// What answers a request whose lines, all but its Host, are these.
fn answer(lines: &str) -> Result<String, u16> {
    let (request_line, fields) = lines.split_once('\n').unwrap();
    let fields = fields.replace('\n', "\r\n");
    let request = format!("{request_line}\r\nHost: h\r\n{fields}\r\n");
    let head = RequestHead::parse(request.as_bytes(), &HeadLimits::default());
    let (head, _) = head.unwrap().unwrap();
    let mut answer = Vec::new();
    accept(&head).map_err(|fault| fault.status.code())?.write(
        BodyLength::None,
        Connection::Upgrade,
        &mut answer,
    );
    Ok(String::from_utf8(answer).unwrap())
}

const OPENING: &str = "GET /chat HTTP/1.1
Upgrade: WebSocket
Connection: keep-alive, Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13
";

#[test]
fn rfc6455_1_3_the_handshake() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nconnection: upgrade\r\n\r\n";
    assert_eq!(answer(OPENING), Ok(switch.to_owned()));
    let empty = format!("{OPENING}Content-Length: 0\n");
    assert_eq!(answer(&empty), Ok(switch.to_owned()));
}

#[test]
fn rfc6455_4_2_1_what_a_handshake_needs() {
    for (right, wrong, status) in [
        ("GET", "POST", 405),
        ("HTTP/1.1", "HTTP/1.0", 426),
        ("Upgrade: WebSocket\n", "", 426),
        ("Upgrade: WebSocket", "Upgrade: h2c", 426),
        ("keep-alive, Upgrade", "close", 426),
        ("Sec-WebSocket-Version: 13\n", "", 426),
        ("Version: 13", "Version: 8", 426),
        ("Version: 13", "Version: 13\nSec-WebSocket-Version: 13", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "not base64 at all!!!!!!!", 400),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n", "", 400),
        ("13\n", "13\nContent-Length: 5\n", 400),
        ("13\n", "13\nTransfer-Encoding: chunked\n", 400),
    ] {
        assert!(OPENING.contains(right));
        let bad = OPENING.replace(right, wrong);
        assert_eq!(answer(&bad), Err(status), "{bad}");
    }
}

#[test]
fn rfc6455_5_7_examples() {
    assert_eq!(encode_text("Hello"), b"\x81\x05Hello"[..]);
    assert_eq!(encode_ping(b"Hello"), b"\x89\x05Hello"[..]);
    assert_eq!(encode_pong(b""), b"\x8a\x00"[..]);
    let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(decode(masked), Ok(vec![Message::Text("Hello".into())]));
    let pong = b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(decode(pong), Ok(vec![Message::Pong(Bytes::from("Hello"))]));
    let fragments = [frame(0x01, b"Hel"), frame(0x80, b"lo")].concat();
    assert_eq!(decode(&fragments), Ok(vec![Message::Text("Hello".into())]));
}

#[test]
fn rfc6455_5_2_lengths_are_encoded_in_their_shortest_form() {
    for (length, head) in [
        (125, &b"\x81\x7d"[..]),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ] {
        let encoded = encode_text(&"x".repeat(length));
        assert!(encoded.starts_with(head));
        assert_eq!(encoded.len(), head.len() + length);
    }
    let long_16 = b"\x81\xfe\x00\x05\0\0\0\0hello";
    let long_64 = b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05\0\0\0\0hello";
    assert_eq!(decode(long_16), Err(Fault::LongLength));
    assert_eq!(decode(long_64), Err(Fault::LongLength));
}

#[test]
fn rfc6455_5_1_an_unmasked_frame_is_a_fault() {
    assert_eq!(decode(b"\x81\x05Hello"), Err(Fault::Unmasked));
    assert_eq!(
        decode(b"\x81\x05"),
        Err(Fault::Unmasked),
        "two bytes suffice"
    );
    assert_eq!(Fault::Unmasked.close_code(), 1002);
}

#[test]
fn rfc6455_5_2_reserved_bits_and_opcodes_are_faults() {
    for bits in [0x40, 0x20, 0x10] {
        assert_eq!(decode(&frame(0x81 | bits, b"x")), Err(Fault::ReservedBit));
    }
    for opcode in [3, 4, 7, 11, 15] {
        assert_eq!(
            decode(&frame(0x80 | opcode, b"")),
            Err(Fault::ReservedOpcode)
        );
    }
    assert_eq!(Fault::ReservedBit.close_code(), 1002);
}

#[test]
fn rfc6455_5_5_control_frames_are_short_and_whole() {
    assert_eq!(decode(&frame(0x89, &[0; 126])), Err(Fault::Control));
    assert_eq!(decode(&frame(0x09, b"")), Err(Fault::Control));
    assert_eq!(
        decode(&frame(0x89, &[7; 125])),
        Ok(vec![Message::Ping(vec![7; 125].into())])
    );
}

#[test]
fn rfc6455_5_4_control_frames_come_between_fragments() {
    let bytes = [
        frame(0x01, "é".as_bytes()[..1].into()),
        frame(0x89, b"p"),
        frame(0x00, b""),
        frame(0x8a, b""),
        frame(0x80, "é".as_bytes()[1..].into()),
    ];
    assert_eq!(
        decode(&bytes.concat()),
        Ok(vec![
            Message::Ping("p".into()),
            Message::Pong("".into()),
            Message::Text("é".into())
        ])
    );
}

#[test]
fn rfc6455_5_4_fragments_in_disorder_are_faults() {
    assert_eq!(decode(&frame(0x80, b"x")), Err(Fault::Fragment));
    assert_eq!(decode(&frame(0x00, b"x")), Err(Fault::Fragment));
    let twice = [frame(0x01, b"x"), frame(0x81, b"y")].concat();
    assert_eq!(decode(&twice), Err(Fault::Fragment));
}

#[test]
fn rfc6455_8_1_text_that_is_not_utf8_is_a_fault() {
    assert_eq!(decode(&frame(0x81, b"\xff")), Err(Fault::NotUtf8));
    assert_eq!(
        decode(&frame(0x81, b"\xed\xa0\x80")),
        Err(Fault::NotUtf8),
        "a surrogate"
    );
    assert_eq!(decode(&frame(0x88, b"\x03\xe8\xff")), Err(Fault::NotUtf8));
    assert_eq!(Fault::NotUtf8.close_code(), 1007);
    assert_eq!(
        decode(&frame(0x82, b"\xff")),
        Ok(vec![Message::Binary(vec![0xff].into())])
    );
}

#[test]
fn rfc6455_7_4_close_codes() {
    assert_eq!(
        decode(&frame(0x88, b"")),
        Ok(vec![Message::Close(None, String::new())])
    );
    for code in [1000u16, 1001, 1003, 1007, 1011, 3000, 4999] {
        let payload = [&code.to_be_bytes()[..], b"why"].concat();
        assert_eq!(
            decode(&frame(0x88, &payload)),
            Ok(vec![Message::Close(Some(code), "why".into())])
        );
    }
    for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
        assert_eq!(
            decode(&frame(0x88, &code.to_be_bytes())),
            Err(Fault::CloseCode),
            "{code}"
        );
    }
    assert_eq!(decode(&frame(0x88, b"\x03")), Err(Fault::CloseCode));
    assert_eq!(encode_close(1001, "bye"), b"\x88\x05\x03\xe9bye"[..]);
    let long = encode_close(1000, &"é".repeat(100));
    assert_eq!(long.len(), 2 + 2 + 122, "cut between characters");
}

#[test]
fn the_limit_is_judged_by_the_header() {
    let mut huge = b"\x82\xff".to_vec();
    huge.extend((1u64 << 63).to_be_bytes());
    huge.extend(MASK);
    assert_eq!(decode(&huge), Err(Fault::TooLarge));
    assert_eq!(
        decode(&frame(0x81, &[b'x'; 1001])[..8]),
        Err(Fault::TooLarge)
    );
    assert_eq!(Fault::TooLarge.close_code(), 1009);
    assert!(decode(&frame(0x81, &[b'x'; 1000])).is_ok());
}

#[test]
fn fragments_that_never_end_stay_within_the_limit() {
    let mut bytes = frame(0x02, &[0; 500]);
    bytes.extend(frame(0x00, &[0; 500]));
    bytes.extend(frame(0x00, b"").repeat(10_000));
    assert_eq!(decode(&bytes), Ok(vec![]));
    bytes.extend(frame(0x00, b"x"));
    assert_eq!(decode(&bytes), Err(Fault::TooLarge));
}

/// A message, the sizes of its fragments, and the pings between them.
fn conversation() -> impl Strategy<Value = Vec<(String, Vec<usize>, bool)>> {
    let message = (
        ".{0,200}",
        proptest::collection::vec(0usize..100, 0..4),
        any::<bool>(),
    );
    proptest::collection::vec(message, 0..6)
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_messages(talk in conversation(), cuts in proptest::collection::vec(0usize..2000, 0..10)) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (text, sizes, ping) in talk {
            let mut rest = text.as_bytes();
            let mut opcode = 1;
            for size in sizes {
                let (part, behind) = rest.split_at(size.min(rest.len()));
                bytes.extend(frame(opcode, part));
                if ping {
                    bytes.extend(frame(0x89, b"?"));
                    expected.push(Message::Ping("?".into()));
                }
                (rest, opcode) = (behind, 0);
            }
            bytes.extend(frame(0x80 | opcode, rest));
            expected.push(Message::Text(text));
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(decode_all(1000, &chunks), Ok(expected));
    }

    #[test]
    fn no_bytes_make_it_panic_or_keep_more_than_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for message in decode_all(64, &[&bytes]).into_iter().flatten() {
            let length = match &message {
                Message::Text(text) => text.len(),
                Message::Binary(bytes) => bytes.len(),
                Message::Ping(bytes) | Message::Pong(bytes) => bytes.len().min(125) / 2,
                Message::Close(_, reason) => reason.len() / 2,
            };
            prop_assert!(length <= 64);
        }
    }
}
