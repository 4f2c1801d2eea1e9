//! `--half` through pipes: a line a turn, with peers that know nothing of turns.

use std::process::Command;

use crate::talker::Talker;

/// A first script: it answers what it receives, and prints each receive.
fn script(answer: &str, family: &str) -> Talker {
    let code = format!(
        "import socket, sys
s = socket.socket(socket.AF_INET, socket.{family})
s.bind(('127.0.0.1', 0))
if s.type == socket.SOCK_STREAM:
    s.listen()
print('listening on', s.getsockname()[1], file=sys.stderr, flush=True)
c = s.accept()[0] if s.type == socket.SOCK_STREAM else s
while True:
    data, peer = c.recvfrom(1024)
    if not data:
        break
    print(data, flush=True)
    answer = {answer}
    c.sendall(answer) if peer is None else c.sendto(answer, peer)
"
    );
    Talker::spawn(Command::new("python3").args(["-c", &code]))
}

#[test]
fn each_line_of_a_pipe_is_a_turn() {
    for (answer, expected) in [
        ("data.upper()", "ONE\nTWO\nTHREE\n"),
        // No newline: quiet ends it.
        ("data.strip()", "onetwothree"),
    ] {
        let mut script = script(answer, "SOCK_STREAM");
        let port = script.ready();
        let mut client = Talker::start(&["connect", &port, "--half"]);
        client.send(b"one\ntwo\nthree\n");
        client.finish();
        // One receive each: none left before the one before it was answered.
        script.expect(b"b'one\\n'\nb'two\\n'\nb'three\\n'\n");
        assert_eq!(client.rest(), expected.as_bytes());
        assert_eq!((client.code(), script.code()), (0, 0));
    }
}

#[test]
fn a_last_line_without_its_end_is_a_frame_and_passes_the_turn() {
    let half = ["--half", "--frames", "u32be"];
    let (mut server, url) = Talker::listen(&[&["127.0.0.1:0"], &half[..]].concat());
    let mut client = Talker::start(&[&["connect", &url], &half[..]].concat());
    client.send(b"question");
    client.finish();
    server.expect(b"question\n");
    server.send(b"answer");
    server.finish();
    client.expect(b"answer\n");
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn lines_go_without_their_newline_or_with_crlf() {
    for (option, expected) in [
        ("--no-newline", "b'one'\nb'two'\nb'\\n'\nb'last'\n"),
        ("--crlf", "b'one\\r\\n'\nb'two\\r\\n'\nb'\\r\\n'\nb'last'\n"),
    ] {
        let mut script = script("b'ok'", "SOCK_STREAM");
        let port = script.ready();
        let mut client = Talker::start(&["connect", &port, "--half", option]);
        client.send(b"one\ntwo\r\n\nlast");
        client.finish();
        script.expect(expected.as_bytes());
        assert_eq!((client.code(), script.code()), (0, 0));
    }
}

#[test]
fn both_ways_at_once_each_line_is_a_send_too() {
    let script = script("b''", "SOCK_DGRAM");
    let port = script.ready();
    let mut client = Talker::start(&["connect", &format!("udp://{port}"), "--no-newline"]);
    client.send(b"one\ntwo\n");
    script.expect(b"b'one'\nb'two'\n");
}

#[test]
fn turns_work_with_a_peer_that_knows_none() {
    for peer in [&["nc", "-N"][..], &["ncat"], &["socat", "-"]] {
        let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--half"]);
        let (host, port) = url.trim_start_matches("tcp://").rsplit_once(':').unwrap();
        server.send(b"first\nsecond\n");
        server.finish();
        let mut command = Command::new(peer[0]);
        command.args(&peer[1..]);
        match peer[0] {
            "socat" => command.arg(format!("TCP:{host}:{port}")),
            _ => command.args([host, port]),
        };
        let mut peer = Talker::spawn(&mut command);
        peer.send(b"hello\n");
        server.expect(b"hello\n");
        peer.expect(b"first\n");
        // A tenth of a second of quiet ends what has no newline.
        peer.send(b"more");
        server.expect(b"more");
        peer.expect(b"second\n");
        peer.send(b"bye\n");
        peer.finish();
        assert_eq!(server.rest(), b"bye\n");
        assert_eq!((server.code(), peer.code()), (0, 0), "{command:?}");
    }
}

#[test]
fn two_of_ours_take_turns() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--half"]);
    let mut client = Talker::start(&["connect", &url, "--half"]);
    server.send(b"2\n4\n6\n");
    client.send(b"1\n3\n5");
    server.finish();
    client.finish();
    assert_eq!(server.rest(), b"1\n3\n5");
    assert_eq!(client.rest(), b"2\n4\n6\n");
    assert_eq!((server.code(), client.code()), (0, 0));
}

#[test]
fn a_peer_that_is_cut_in_its_turn_is_a_cut() {
    let cut = "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\\1\\0\\0\\0\\0\\0\\0\\0') or c.close() or sys.exit()";
    let script = script(cut, "SOCK_STREAM");
    let mut client = Talker::start(&["connect", &script.ready(), "--half"]);
    client.send(b"one\ntwo\n");
    assert_eq!(client.code(), 3);
    let said = client.rest_of_stderr();
    assert!(
        said.contains("cannot go on: the connection was lost: "),
        "{said}"
    );
}
