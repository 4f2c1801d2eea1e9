//! `listen` and `connect` in frames: a line each, whoever is at the other end.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;

use crate::talker::Talker;
use crate::up::PATIENCE;

const FORMATS: [&str; 8] = [
    "u8", "u16be", "u16le", "u32be", "u32le", "u64be", "u64le", "varint",
];

/// What a first script has for it.
const PYTHON: &str = r#"
import socket, struct, sys

def receive_exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data

def receive(connection):
    length, = struct.unpack('>I', receive_exactly(connection, 4))
    return receive_exactly(connection, length)

def send(connection, payload):
    connection.sendall(struct.pack('>I', len(payload)) + payload)

def answer(connection):
    send(connection, b"ready")
    try:
        while True:
            send(connection, receive(connection).upper())
    except EOFError:
        connection.shutdown(socket.SHUT_WR)

if sys.argv[1] == "server":
    server = socket.create_server(("127.0.0.1", 0))
    print("listening on", "tcp://127.0.0.1:%d" % server.getsockname()[1], file=sys.stderr, flush=True)
    answer(server.accept()[0])
else:
    host, port = sys.argv[2].removeprefix("tcp://").split(":")
    answer(socket.create_connection((host, int(port))))
"#;

fn python(arguments: &[&str]) -> Talker {
    Talker::spawn(Command::new("python3").args(["-c", PYTHON]).args(arguments))
}

/// A connection whose bytes are the test's, to a `listen` with these arguments.
fn listen(arguments: &[&str]) -> (Talker, TcpStream) {
    let (server, url) = Talker::listen(&[&["127.0.0.1:0"], arguments].concat());
    let client = TcpStream::connect(url.trim_start_matches("tcp://")).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    (server, client)
}

#[test]
fn a_python_server_is_spoken_to_line_by_line() {
    let mut server = python(&["server"]);
    let mut client = Talker::start(&["connect", &server.ready(), "--frames", "u32be"]);
    client.expect(b"ready\n");
    client.send(b"hello\n");
    client.expect(b"HELLO\n");
    // Two lines by one write, and an empty one.
    client.send(b"one\r\ntwo\n\n");
    client.expect(b"ONE\nTWO\n\n");
    // The last line may lack its end.
    client.send("größe".as_bytes());
    client.finish();
    // ASCII only, as Python's `bytes.upper`.
    assert_eq!(client.rest(), "GRößE\n".as_bytes());
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn a_python_client_is_listened_to_line_by_line() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--frames", "u32be"]);
    let mut client = python(&["client", &url]);
    server.expect(b"ready\n");
    let large = [vec![b'x'; 60_000], b"\n".to_vec()].concat();
    server.send(&large);
    server.expect(&large.to_ascii_uppercase());
    server.finish();
    assert_eq!(server.rest(), b"");
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn every_format_goes_both_ways() {
    for format in FORMATS {
        let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--frames", format]);
        let mut client = Talker::start(&["connect", &url, "--frames", format]);
        client.send(b"to the server\n");
        server.expect(b"to the server\n");
        server.send(b"to the client\n");
        client.expect(b"to the client\n");
        server.finish();
        client.finish();
        assert_eq!((client.code(), server.code()), (0, 0), "{format}");
    }
}

#[test]
fn frames_are_the_bytes_that_they_should_be_however_they_are_cut() {
    let (mut server, mut client) = listen(&["--frames", "u16le"]);
    for byte in b"\x05\0hello\0\0" {
        client.write_all(&[*byte]).unwrap();
    }
    server.expect(b"hello\n\n");
    server.send(b"a\nb\n");
    let mut frames = [0; 6];
    client.read_exact(&mut frames).unwrap();
    assert_eq!(&frames, b"\x01\0a\x01\0b");
    server.finish();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.code(), 0);
}

#[test]
fn one_side_only_sends_frames_and_the_other_only_receives() {
    let simplex = ["--frames", "varint", "--simplex"];
    let (mut server, url) = Talker::listen(&[&["127.0.0.1:0"][..], &simplex].concat());
    let mut client = Talker::start(&[&["connect", &url][..], &simplex].concat());
    client.send(b"one\ntwo");
    client.finish();
    assert_eq!(server.rest(), b"one\ntwo\n");
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn half_a_frame_at_the_end_is_a_cut_that_says_so() {
    for (bytes, why) in [
        (
            &b"\0\0\0\x05hel"[..],
            "within a frame: 7 of its 9 bytes had come",
        ),
        (b"\0\0", "within a frame's length, 2 bytes into it"),
    ] {
        let (mut server, mut client) = listen(&["--frames", "u32be"]);
        client.write_all(b"\0\0\0\x05whole").unwrap();
        client.write_all(bytes).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(server.code(), 3);
        assert_eq!(server.rest(), b"whole\n");
        let said = server.rest_of_stderr();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_frame_beyond_the_limit_ends_it_before_anything_of_it_is_kept() {
    let (mut server, mut client) = listen(&["--frames", "u32be", "--limit", "1KiB"]);
    // By one write, so that what came whole is there when the fault is found.
    client.write_all(b"\0\0\0\x02ok\0\0\x04\x01").unwrap();
    assert_eq!(server.code(), 3);
    assert_eq!(server.rest(), b"ok\n");
    let said = server.rest_of_stderr();
    assert!(
        said.contains("a frame of 1025 bytes, where 1024 are the most"),
        "{said}"
    );

    let (mut server, mut client) = listen(&["--frames", "u64be"]);
    client.write_all(&[0xFF; 8]).unwrap();
    assert_eq!(server.code(), 3);
    let said = server.rest_of_stderr();
    assert!(said.contains("where 65536 are the most"), "{said}");

    let (mut server, mut client) = listen(&["--frames", "varint"]);
    client.write_all(b"\x80\x00").unwrap();
    assert_eq!(server.code(), 3);
}

#[test]
fn a_line_that_is_no_frame_is_not_sent_at_all() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = listener.local_addr().unwrap().to_string();
    let mut client = Talker::start(&["connect", &url, "--frames", "u8"]);
    let (mut server, _) = listener.accept().unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    client.send(&[&b"first\n"[..], &[b'x'; 256], b"\nnever\n"].concat());
    assert_eq!(client.code(), 1);
    let said = client.rest_of_stderr();
    assert!(said.contains("a line of more than 255 bytes"), "{said}");
    let mut received = Vec::new();
    // It may be a reset: our side ended with a message unsent.
    let _ = server.read_to_end(&mut received);
    assert_eq!(received, b"\x05first");
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for (arguments, said) in [
        (&["--frames", "u32"][..], "u8, u16be, u16le, u32be"),
        (&["--frames", "u8", "--limit", "64"], "the unit is missing"),
        (&["--limit", "1KiB"], "--frames"),
    ] {
        let mut command = Talker::start(&[&["listen", "127.0.0.1:0"], arguments].concat());
        assert_eq!(command.code(), 2);
        let stderr = command.rest_of_stderr();
        assert!(stderr.contains(said), "{stderr}");
    }
    for target in ["udp://127.0.0.1:9", "unix-seqpacket:/nowhere"] {
        let mut command = Talker::start(&["connect", target, "--frames", "u8"]);
        assert_eq!(command.code(), 2);
        let stderr = command.rest_of_stderr();
        assert!(stderr.contains("a message by itself"), "{stderr}");
    }
}
