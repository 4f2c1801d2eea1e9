//! Lessons 15 and 16: messages that come out as they went in.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::program::{lesson, python};

#[test]
fn frames_take_apart_what_sticks_together() {
    let mut server = lesson("15-frames-server", &["0"]);
    let port = server.port();
    let lines = lesson("15-frames-client", &[&port]).ends();
    assert!(
        lines[0].starts_with("sending 29 bytes at once: "),
        "{lines:?}"
    );
    let expected = [
        "a message: \"ONE\"",
        "a message: \"TWO AND A HALF\"",
        "a message: \"\"",
    ];
    assert_eq!(lines[1..], expected);
    assert_eq!(server.line(), "a message: \"one\"");
    let lines = python("15_frames_client", &[&port]).ends();
    assert_eq!(
        lines,
        [
            "a message 'ONE'",
            "a message 'TWO AND A HALF'",
            "a message ''"
        ]
    );

    let mut server = python("15_frames_server", &["0"]);
    let lines = lesson("15-frames-client", &[&server.port()]).ends();
    assert_eq!(lines[1..], expected);
}

#[test]
fn a_frame_too_long_or_cut_is_refused() {
    let mut server = lesson("15-frames-server", &["0"]);
    let port = server.port();
    for (bytes, complaint) in [
        (
            b"\xff\xff\xff\xff".as_slice(),
            "a message of 4294967295 bytes is too long",
        ),
        (b"\x00\x00\x00\x05abc", "failed to fill whole buffer"),
    ] {
        let mut peer = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        peer.write_all(bytes).unwrap();
        peer.shutdown(std::net::Shutdown::Write).unwrap();
        server.until(complaint);
        assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    }
    lesson("15-frames-client", &[&port]).ends();
}

#[cfg(feature = "all")]
#[test]
fn values_are_asked_and_answered() {
    let mut server = lesson("16-values-server", &["0"]);
    let port = server.port();
    let ours = [
        "\"hello, Ada\", the sum is 6",
        "\"hello, Ada\", the sum is -7",
        "\"hello, Ada\", the sum is 0",
    ];
    assert_eq!(lesson("16-values-client", &[&port]).ends(), ours);
    let asked = "asked Question { name: \"Ada\", numbers: [1, 2, 3] }";
    assert_eq!(server.line(), asked);
    assert_eq!(
        python("16_values_client", &[&port]).ends(),
        ["hello, Ada sum 6", "hello, Ada sum -7", "hello, Ada sum 0"]
    );
    let mut peer = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    peer.write_all(b"\x00\x00\x00\x02{}").unwrap();
    server.until("missing field `name`");

    let mut server = python("16_values_server", &["0"]);
    assert_eq!(lesson("16-values-client", &[&server.port()]).ends(), ours);
}
