//! Lines: the same however the bytes arrive.

use bytes::BytesMut;
use landline_wire::codec::{Codec, Fault};
use landline_wire::line::{Line, LineDecoder, LineEnd, Lines};
use proptest::prelude::*;

use crate::chunks::{chunks, messages};

fn whole(text: &str) -> Line {
    Line::Whole(text.as_bytes().into())
}

/// Everything that comes of the chunks, the unfinished last line included.
fn lines(limit: usize, chunks: &[&[u8]]) -> Vec<Line> {
    let mut decoder = LineDecoder::new(limit);
    let mut buffer = BytesMut::new();
    let mut lines = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(line) = decoder.decode(&mut buffer) {
            lines.push(line);
        }
        assert!(
            buffer.len() <= limit.saturating_add(1),
            "an unfinished line is bounded"
        );
    }
    lines.extend(decoder.take_rest(&mut buffer));
    lines
}

#[test]
fn a_line_ends_with_lf_or_crlf_and_a_lone_cr_is_data() {
    assert_eq!(
        lines(10, &[b"a\nb\r\n\n\r\nc\rd\r\r\ne"]),
        ["a", "b", "", "", "c\rd\r", "e"].map(whole)
    );
}

#[test]
fn the_limit_does_not_count_the_end() {
    assert_eq!(
        lines(3, &[b"abc\nabc\r\nabcd\nok"]),
        [whole("abc"), whole("abc"), Line::TooLong, whole("ok")]
    );
}

#[test]
fn any_limit_will_do() {
    assert_eq!(lines(usize::MAX, &[b"a\nb"]), ["a", "b"].map(whole));
    assert_eq!(lines(0, &[b"\r\na\n"]), [whole(""), Line::TooLong]);
}

#[test]
fn a_line_without_end_is_said_once_and_never_kept() {
    let chunk = [b'x'; 1000];
    let mut chunks = vec![&chunk[..]; 1000];
    chunks.push(b"\nback\n");
    assert_eq!(lines(100, &chunks), [Line::TooLong, whole("back")]);
    assert_eq!(lines(100, &chunks[..1000]), [Line::TooLong]);
}

#[test]
fn a_partial_line_keeps_its_unfinished_character() {
    for (bytes, taken, kept) in [
        (&b"hi"[..], &b"hi"[..], &b""[..]),
        (b"hi\r", b"hi", b"\r"),
        ("h\u{e9}".as_bytes(), "h\u{e9}".as_bytes(), b""),
        (b"h\xc3", b"h", b"\xc3"),
        (b"h\xe4\xb8", b"h", b"\xe4\xb8"),
        (b"h\xf0\x9f\x91", b"h", b"\xf0\x9f\x91"),
        (b"\xf0\x9f", b"", b"\xf0\x9f"),
        (b"h\xff", b"h\xff", b""),
        (b"h\x80\x80\x80\x80", b"h\x80\x80\x80\x80", b""),
        (b"h\xc3\xa9\xa9", b"h\xc3\xa9\xa9", b""),
    ] {
        let mut decoder = LineDecoder::new(100);
        let mut buffer = BytesMut::from(bytes);
        assert_eq!(decoder.decode(&mut buffer), None);
        let partial = decoder.take_partial(&mut buffer);
        assert_eq!(partial.as_deref().unwrap_or_default(), taken, "{bytes:x?}");
        assert_eq!(buffer, kept);
    }
}

#[test]
fn the_line_goes_on_behind_a_partial_one() {
    let mut decoder = LineDecoder::new(100);
    let mut buffer = BytesMut::from(&b"a\xc3"[..]);
    assert_eq!(decoder.decode(&mut buffer), None);
    assert_eq!(decoder.take_partial(&mut buffer).unwrap(), b"a"[..]);
    assert_eq!(decoder.take_partial(&mut buffer), None);
    buffer.extend_from_slice(b"\xa9\nb\n");
    assert_eq!(decoder.decode(&mut buffer), Some(whole("é")));
    assert_eq!(decoder.decode(&mut buffer), Some(whole("b")));
}

#[test]
fn what_is_sent_ends_as_it_was_asked_to() {
    for (end, line, sent) in [
        (LineEnd::Lf, &b"hello"[..], &b"hello\n"[..]),
        (LineEnd::CrLf, b"hello", b"hello\r\n"),
        (LineEnd::Lf, b"", b"\n"),
        (LineEnd::CrLf, b"", b"\r\n"),
        (LineEnd::Lf, b"c\rd", b"c\rd\n"),
        (LineEnd::CrLf, b"c\r", b"c\r\r\n"),
        (LineEnd::Lf, b"\xff\0", b"\xff\0\n"),
    ] {
        let mut buffer = BytesMut::from("> ");
        let mut lines = Lines::new(end, 5);
        lines.encode(line, &mut buffer).unwrap();
        assert_eq!(buffer.split_off(2), sent);
    }
}

#[test]
fn what_would_be_another_line_is_not_sent_at_all() {
    let too_long = Fault::LineTooLong { limit: 5 };
    for (end, line, fault) in [
        (LineEnd::Lf, &b"a\nb"[..], Fault::Newline),
        (LineEnd::CrLf, b"a\nb", Fault::Newline),
        (LineEnd::CrLf, b"a\r\nb", Fault::Newline),
        (LineEnd::Lf, b"a\n", Fault::Newline),
        (LineEnd::Lf, b"a\r", Fault::Newline),
        (LineEnd::Lf, b"hello!", too_long.clone()),
        (LineEnd::CrLf, b"hello!", too_long),
    ] {
        let mut buffer = BytesMut::from("> ");
        assert_eq!(Lines::new(end, 5).encode(line, &mut buffer), Err(fault));
        assert_eq!(buffer, "> ");
    }
}

#[test]
fn a_line_that_is_too_long_is_a_fault_and_the_next_follows() {
    let came = messages(
        Lines::new(LineEnd::Lf, 3),
        &[b"abc\nabcd\nok\r\nlast"],
        usize::MAX,
    );
    let too_long = Fault::LineTooLong { limit: 3 };
    assert!(!too_long.is_final());
    let line = |text: &str| Ok(text.as_bytes().to_vec());
    assert_eq!(
        came,
        [
            line("abc"),
            Err(too_long.clone()),
            line("ok"),
            Err(too_long)
        ]
    );
    assert_eq!(
        messages(Lines::new(LineEnd::Lf, 9), &[b"a\nlast"], 9),
        [line("a"), line("last")]
    );
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_lines(text in "[ab\r\n]{0,60}", cuts in proptest::collection::vec(0usize..60, 0..8)) {
        let bytes = text.as_bytes();
        prop_assert_eq!(lines(4, &chunks(bytes, &cuts)), lines(4, &[bytes]));
    }

    #[test]
    fn a_line_that_can_be_sent_is_received_as_it_was(
        crlf in any::<bool>(),
        texts in proptest::collection::vec("[ab\r\n]{0,6}", 0..6),
        cuts in proptest::collection::vec(0usize..60, 0..8),
    ) {
        let mut codec = Lines::new(if crlf { LineEnd::CrLf } else { LineEnd::Lf }, 5);
        let mut sent = BytesMut::new();
        let mut taken = Vec::new();
        for text in texts {
            if codec.encode(text.as_bytes(), &mut sent).is_ok() {
                taken.push(Ok(text.into_bytes()));
            }
        }
        prop_assert_eq!(messages(codec, &chunks(&sent, &cuts), 7), taken);
    }
}
