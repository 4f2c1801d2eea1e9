//! Lessons 06 and 07: UDP, and Unix sockets.

use crate::program::{lesson, python};

#[test]
fn datagrams_are_answered_each() {
    let mut server = lesson("06-udp-server", &["0"]);
    let port = server.port();
    let lines = lesson("06-udp-client", &[&port]).ends();
    let texts: Vec<_> = lines
        .iter()
        .map(|line| line.rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(texts, ["\"ONE\"", "\"TWO\"", "\"THREE\""]);
    assert!(server.line().ends_with(" said \"one\""));
    let lines = python("06_udp_client", &[&port]).ends();
    assert_eq!(lines, ["answer ONE", "answer TWO", "answer THREE"]);

    let mut server = python("06_udp_server", &["0"]);
    let lines = lesson("06-udp-client", &[&server.port()]).ends();
    assert!(lines[2].ends_with(" answers \"THREE\""), "{lines:?}");
}

#[test]
fn nobody_there_is_a_timeout() {
    // Bound, and never read: nobody else gets this port.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let lines = lesson("06-udp-client", &[&port]).fails();
    assert!(lines[0].contains("receive: timed out"), "{lines:?}");
}

#[test]
fn neighbours_meet_at_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lesson.sock");
    let path = path.to_str().unwrap();
    let mut server = lesson("07-unix-server", &[path]);
    assert_eq!(server.line(), format!("listening on unix:{path}"));
    let lines = lesson("07-unix-client", &[path]).ends();
    assert_eq!(lines, ["received \"HELLO, NEIGHBOUR\""]);
    assert_eq!(server.line(), "a client said \"hello, neighbour\"");
    let lines = python("07_unix_client", &[path]).ends();
    assert_eq!(lines, ["received HELLO, NEIGHBOUR"]);
    // What a dead server leaves is replaced, by Python as well.
    drop(server);
    let mut server = python("07_unix_server", &[path]);
    server.until("listening on unix:");
    let lines = lesson("07-unix-client", &[path]).ends();
    assert_eq!(lines, ["received \"HELLO, NEIGHBOUR\""]);
    drop(server);
    lesson("07-unix-server", &[path]).until("listening on unix:");
}
