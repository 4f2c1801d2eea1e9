//! The heads of answers, and that nothing breaks out of its line.

use landline_wire::http::{BodyLength, Connection, ResponseHead, Status, chunk_head};
use proptest::prelude::*;

fn written(head: &ResponseHead, length: BodyLength, connection: Connection) -> String {
    let mut out = Vec::new();
    head.write(length, connection, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn an_answer_is_written_in_order() {
    let head = ResponseHead::new(Status::OK)
        .with("Content-Type", "text/plain")
        .with("ETag", b"\"a\"");
    assert_eq!(
        written(&head, BodyLength::Known(1_234_567_890), Connection::Close),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: \"a\"\r\ncontent-length: 1234567890\r\nconnection: close\r\n\r\n"
    );
    assert!(head.contains("etag") && !head.contains("tag") && !head.contains("ETa"));
    assert_eq!(head.status(), Status::OK);
}

#[test]
fn an_answer_is_appended_to_what_is_there() {
    let mut out = b"x".to_vec();
    ResponseHead::new(Status::NOT_FOUND).write(BodyLength::Known(0), Connection::Persist, &mut out);
    assert_eq!(out, b"xHTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
}

#[test]
fn rfc9110_8_6_no_framing_where_there_is_no_content() {
    for status in [
        Status::SWITCHING_PROTOCOLS,
        Status::new(103).unwrap(),
        Status::NO_CONTENT,
        Status::NOT_MODIFIED,
    ] {
        for length in [BodyLength::Known(5), BodyLength::Chunked] {
            let text = written(&ResponseHead::new(status), length, Connection::Persist);
            assert!(
                text.ends_with("\r\n\r\n") && text.matches("\r\n").count() == 2,
                "{text}"
            );
        }
    }
}

#[test]
fn rfc9112_6_1_chunked_says_so_and_until_close_says_nothing() {
    let head = ResponseHead::new(Status::OK);
    let chunked = written(&head, BodyLength::Chunked, Connection::Persist);
    assert_eq!(
        chunked,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let until_close = written(&head, BodyLength::UntilClose, Connection::Close);
    assert_eq!(until_close, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
}

#[test]
fn rfc9110_7_8_an_upgrade_says_what_to() {
    let head = ResponseHead::new(Status::SWITCHING_PROTOCOLS).with("Upgrade", "websocket");
    assert_eq!(
        written(&head, BodyLength::None, Connection::Upgrade),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nconnection: upgrade\r\n\r\n"
    );
}

#[test]
fn rfc9110_5_5_control_bytes_in_a_value_become_spaces() {
    let head = ResponseHead::new(Status::OK).with("X", b"a\r\nY: b\0\x1b\x7f\t\xe9");
    let mut out = Vec::new();
    head.write(BodyLength::None, Connection::Persist, &mut out);
    assert_eq!(out, b"HTTP/1.1 200 OK\r\nX: a  Y: b   \t\xe9\r\n\r\n");
}

#[test]
fn framing_fields_cannot_be_added() {
    let head = ResponseHead::new(Status::OK)
        .with("Content-Length", "1")
        .with("transfer-encoding", "chunked")
        .with("Connec\r\ntion", "close")
        .with("\r\n", "x");
    assert_eq!(head, ResponseHead::new(Status::OK));
}

#[test]
fn rfc9112_7_1_chunk_sizes_are_hexadecimal() {
    for (size, text) in [
        (0, ""),
        (1, "1\r\n"),
        (15, "f\r\n"),
        (16, "10\r\n"),
        (65_536, "10000\r\n"),
        (u64::MAX, "ffffffffffffffff\r\n"),
    ] {
        let mut out = Vec::new();
        chunk_head(size, &mut out);
        assert_eq!(out, text.as_bytes(), "{size}");
    }
}

#[test]
fn rfc9110_15_statuses_have_their_phrases() {
    assert_eq!(
        Status::CONTENT_TOO_LARGE.to_string(),
        "413 Content Too Large"
    );
    assert_eq!(Status::new(599).unwrap().reason(), "");
    assert_eq!((Status::new(99), Status::new(600)), (None, None));
    assert_eq!(Status::new(404), Some(Status::NOT_FOUND));
}

proptest! {
    #[test]
    fn rfc9110_5_5_nothing_breaks_out_of_its_line(name in prop::collection::vec(any::<u8>(), 0..20), value in prop::collection::vec(any::<u8>(), 0..40)) {
        let name = String::from_utf8_lossy(&name).into_owned();
        let mut out = Vec::new();
        ResponseHead::new(Status::OK).with(&name, &value).write(BodyLength::Known(0), Connection::Persist, &mut out);
        let lines: Vec<&[u8]> = out.split(|&byte| byte == b'\n').collect();
        // Status line, perhaps the field, the length, the blank line, and nothing after it.
        prop_assert!(lines.len() == 4 || lines.len() == 5, "{}", lines.len());
        prop_assert!(!out.contains(&0) && lines[..lines.len() - 1].iter().all(|line| line.ends_with(b"\r")));
        prop_assert_eq!(out.iter().filter(|&&byte| byte == b'\r').count(), lines.len() - 1);
    }
}
