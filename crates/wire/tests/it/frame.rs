//! Frames: the same however the bytes arrive, within the limit, and whole or said to be cut.

use bytes::BytesMut;
use landline_wire::codec::{Codec, Fault};
use landline_wire::frame::{FrameFormat, Frames};
use proptest::prelude::*;

use crate::chunks::{chunks, messages};

fn encoded(format: FrameFormat, payload: &[u8]) -> Vec<u8> {
    let mut buffer = BytesMut::new();
    Frames::new(format, usize::MAX)
        .encode(payload, &mut buffer)
        .unwrap();
    buffer.to_vec()
}

#[test]
fn each_format_has_its_name_and_its_bytes() {
    for (format, name, prefix) in [
        (FrameFormat::U8, "u8", &b"\x05"[..]),
        (FrameFormat::U16Be, "u16be", b"\0\x05"),
        (FrameFormat::U16Le, "u16le", b"\x05\0"),
        (FrameFormat::U32Be, "u32be", b"\0\0\0\x05"),
        (FrameFormat::U32Le, "u32le", b"\x05\0\0\0"),
        (FrameFormat::U64Be, "u64be", b"\0\0\0\0\0\0\0\x05"),
        (FrameFormat::U64Le, "u64le", b"\x05\0\0\0\0\0\0\0"),
        (FrameFormat::Varint, "varint", b"\x05"),
    ] {
        assert_eq!(format.to_string(), name);
        assert_eq!(name.parse(), Ok(format));
        assert_eq!(encoded(format, b"hello"), [prefix, b"hello"].concat());
        assert_eq!(encoded(format, b"").len(), prefix.len());
    }
    for name in ["", "u32", "U32BE", "u32be ", "u128be", "leb128"] {
        assert!(name.parse::<FrameFormat>().is_err(), "{name}");
    }
}

#[test]
fn an_unknown_format_is_told_the_known_ones() {
    assert_eq!(
        "u32".parse::<FrameFormat>().unwrap_err().to_string(),
        "the length of a frame is one of u8, u16be, u16le, u32be, u32le, u64be, u64le, varint"
    );
}

#[test]
fn what_exceeds_the_prefix_or_the_limit_is_not_written_at_all() {
    let too_long = |length, limit| Err(Fault::FrameTooLong { length, limit });
    for (format, limit, payload, outcome) in [
        (FrameFormat::U8, usize::MAX, 255, Ok(())),
        (FrameFormat::U8, usize::MAX, 256, too_long(256, 255)),
        (
            FrameFormat::U16Le,
            usize::MAX,
            65536,
            too_long(65536, 65535),
        ),
        (FrameFormat::U32Be, 4, 4, Ok(())),
        (FrameFormat::U32Be, 4, 5, too_long(5, 4)),
        (FrameFormat::Varint, 0, 0, Ok(())),
        (FrameFormat::Varint, 0, 1, too_long(1, 0)),
    ] {
        let mut buffer = BytesMut::from("before");
        let said = Frames::new(format, limit).encode(&vec![7; payload], &mut buffer);
        assert_eq!(said, outcome, "{format} {limit} {payload}");
        assert_eq!(said.is_err(), buffer == "before");
    }
}

#[test]
fn an_announced_length_above_the_limit_is_refused_by_the_prefix_alone() {
    for (format, prefix, length) in [
        (FrameFormat::U8, &b"\x11"[..], 17),
        (FrameFormat::U32Be, b"\xff\xff\xff\xff", u64::from(u32::MAX)),
        (FrameFormat::U32Le, b"\x11\0\0\0", 17),
        (
            FrameFormat::U64Be,
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
            u64::MAX,
        ),
        (FrameFormat::Varint, b"\x91\x01", 145),
    ] {
        let mut buffer = BytesMut::from(prefix);
        let capacity = buffer.capacity();
        let mut frames = Frames::new(format, 16);
        let fault = Fault::FrameTooLong { length, limit: 16 };
        assert!(fault.is_final());
        // It comes again: the stream cannot be understood any more.
        assert_eq!(frames.decode(&mut buffer), Err(fault.clone()));
        assert_eq!(frames.decode(&mut buffer), Err(fault));
        assert_eq!(buffer.capacity(), capacity, "nothing is reserved");
    }
}

#[test]
fn nothing_is_reserved_for_a_length_within_the_limit_either() {
    let mut buffer = BytesMut::from(&b"\x7f\xff\xff\xffhello"[..]);
    let capacity = buffer.capacity();
    let mut frames = Frames::new(FrameFormat::U32Be, usize::MAX);
    assert_eq!(frames.decode(&mut buffer), Ok(None));
    assert_eq!(buffer.capacity(), capacity);
}

#[test]
fn a_message_does_not_keep_the_buffer_it_came_in() {
    let mut buffer = BytesMut::with_capacity(1 << 20);
    buffer.extend_from_slice(b"\x02hi");
    let message = Frames::new(FrameFormat::U8, 10).decode(&mut buffer);
    assert_eq!(message.unwrap().unwrap().capacity(), 2);
}

#[test]
fn half_a_frame_at_the_end_says_how_much_came() {
    for (format, bytes, came, whole, text) in [
        (
            FrameFormat::U32Be,
            &b"\0\0\0\x05hel"[..],
            7,
            Some(9),
            "the stream ended within a frame: 7 of its 9 bytes had come",
        ),
        (
            FrameFormat::U32Be,
            b"\0\0",
            2,
            None,
            "the stream ended within a frame's length, 2 bytes into it",
        ),
        (
            FrameFormat::Varint,
            b"\x85",
            1,
            None,
            "the stream ended within a frame's length, 1 byte into it",
        ),
    ] {
        let mut frames = Frames::new(format, 1024);
        let mut buffer = BytesMut::from(bytes);
        assert_eq!(frames.decode(&mut buffer), Ok(None));
        let fault = frames.end(&mut buffer).unwrap_err();
        assert_eq!(fault, Fault::Cut { came, whole });
        assert_eq!(fault.to_string(), text);
        assert!(fault.is_final());
    }
    let mut frames = Frames::new(FrameFormat::U64Be, usize::MAX);
    let mut longest = BytesMut::from(&[0xFF; 8][..]);
    assert_eq!(frames.decode(&mut longest), Ok(None));
    let whole = Some(u64::MAX);
    assert_eq!(frames.end(&mut longest), Err(Fault::Cut { came: 8, whole }));
    assert_eq!(frames.end(&mut BytesMut::new()), Ok(None));
}

#[test]
fn a_varint_has_one_form() {
    let mut frames = Frames::new(FrameFormat::Varint, usize::MAX);
    for (bytes, length) in [
        (&b"\x00"[..], 0),
        (b"\x7f", 0x7F),
        (b"\x80\x01", 0x80),
        (b"\xac\x02", 300),
        (b"\xff\x7f", 0x3FFF),
    ] {
        let mut buffer = BytesMut::from(bytes);
        buffer.resize(bytes.len() + length, 1);
        assert_eq!(encoded(FrameFormat::Varint, &vec![1; length]), buffer);
        assert_eq!(frames.decode(&mut buffer), Ok(Some(vec![1; length])));
    }
    for bytes in [
        // Leading zeros.
        &b"\x80\x00"[..],
        b"\xff\x80\x00",
        // A 65th bit, an eleventh byte.
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81",
    ] {
        let mut buffer = BytesMut::from(bytes);
        assert_eq!(frames.decode(&mut buffer), Err(Fault::Varint), "{bytes:x?}");
    }
    // The longest length there is: ten bytes, understood and waited for.
    let mut buffer = BytesMut::from(&b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..]);
    assert_eq!(frames.decode(&mut buffer), Ok(None));
}

fn format() -> impl Strategy<Value = FrameFormat> {
    proptest::sample::select(&FrameFormat::ALL[..])
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_messages(
        format in format(),
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
        cuts in proptest::collection::vec(0usize..250, 0..8),
    ) {
        let mut frames = Frames::new(format, 40);
        let mut sent = BytesMut::new();
        for payload in &payloads {
            frames.encode(payload, &mut sent).unwrap();
        }
        let came = messages(frames, &chunks(&sent, &cuts), 40 + 10);
        prop_assert_eq!(came, payloads.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn a_stream_cut_anywhere_gives_what_is_whole_and_says_what_is_not(
        format in format(),
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 1..5),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut frames = Frames::new(format, 40);
        let mut sent = BytesMut::new();
        let mut ends = vec![0];
        for payload in &payloads {
            frames.encode(payload, &mut sent).unwrap();
            ends.push(sent.len());
        }
        let cut = cut.index(sent.len() + 1);
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        let came = messages(frames, &[&sent[..cut]], 50);
        prop_assert!(came.iter().flatten().eq(&payloads[..whole]));
        let fault = (cut > ends[whole]).then(|| came.last().unwrap().clone().unwrap_err());
        prop_assert_eq!(came.len(), whole + usize::from(fault.is_some()));
        if let Some(Fault::Cut { came, whole: Some(all) }) = fault {
            prop_assert_eq!(came, (cut - ends[whole]) as u64);
            prop_assert_eq!(all, (ends[whole + 1] - ends[whole]) as u64);
        } else if let Some(fault) = fault {
            prop_assert_eq!(fault, Fault::Cut { came: (cut - ends[whole]) as u64, whole: None });
        }
    }

    #[test]
    fn any_bytes_in_any_chunking_are_the_same(
        format in format(),
        bytes in proptest::collection::vec(prop_oneof![0u8..4, any::<u8>()], 0..60),
        cuts in proptest::collection::vec(0usize..60, 0..8),
    ) {
        let frames = Frames::new(format, 16);
        let whole = messages(frames, &[&bytes[..]], usize::MAX);
        prop_assert!(whole.iter().flatten().all(|payload| payload.len() <= 16));
        prop_assert_eq!(messages(frames, &chunks(&bytes, &cuts), usize::MAX), whole);
    }
}
