//! Lessons 04, 05, 11 and 20: many at once, one who breaks off, and a room.

use std::process::Command;
use std::time::Duration;

use landline_socket::{ConnectOptions, create_connection};

use crate::program::{Program, lesson, python};

/// Several at once, interleaved, on each server that takes them.
#[test]
fn many_are_served_at_once() {
    for name in ["04-many-server", "11-select-server"] {
        let mut server = lesson(name, &["0"]);
        let port = server.port();
        let mut clients: Vec<Program> = (0..3)
            .map(|_| lesson("03-loop-client", &[&port]))
            .chain([python("03_loop_client", &[&port])])
            .collect();
        for (round, text) in ["one", "two"].into_iter().enumerate() {
            for (at, client) in clients.iter_mut().enumerate() {
                client.types(&format!("{text} {at} {round}"));
            }
            for (at, client) in clients.iter_mut().enumerate() {
                client.until(&format!("{} {at} {round}", text.to_uppercase()));
            }
        }
        for client in clients {
            client.ends();
        }
        for _ in 0..4 {
            server.until(" left");
        }
    }
}

#[test]
fn who_resets_hurts_nobody() {
    let mut server = lesson("04-many-server", &["0"]);
    let port = server.port();
    let lines = lesson("05-reset-client", &[&port]).ends();
    assert_eq!(
        lines,
        [
            "the polite one hears \"FIRST\"",
            "the rude one hears \"HELLO\"",
            "the rude one has reset its connection",
            "the polite one hears \"STILL THERE?\"",
        ]
    );
    let line = server.until("was cut off");
    assert!(line.contains("connection reset by peer"), "{line}");
    // The others' servers go on as well.
    for name in [
        "01-greeting-server",
        "02-upper-server",
        "03-loop-server",
        "11-select-server",
    ] {
        let mut server = lesson(name, &["0"]);
        let port = server.port();
        for _ in 0..2 {
            let port: u16 = port.parse().unwrap();
            let client = create_connection("127.0.0.1", port, &ConnectOptions::default()).unwrap();
            client.send_all(b"hello\n").unwrap();
            client.set_linger(Some(Duration::ZERO)).unwrap();
            client.close().unwrap();
            // It is heard of before the next comes.
            server.line();
        }
    }
}

/// What nc, ours and Python's say, the others hear.
#[test]
fn a_room_hears_everybody() {
    let mut server = lesson("20-chat-server", &["0"]);
    let port = server.port();
    let mut ours = lesson("14-full-client", &[&port]);
    server.until(" came");
    let mut in_python = python("14_full_client", &[&port]);
    ours.until(" came");
    let mut nc = Program::start("nc", Command::new("nc").args(["-N", "127.0.0.1", &port]));
    ours.until(" came");
    in_python.until(" came");

    ours.types("hello, room");
    in_python.until(": hello, room");
    nc.until(": hello, room");
    nc.types("a\u{1b}[31mb");
    ours.until(": a\\\\u{1b}[31mb");
    in_python.types("bye");
    assert!(ours.until("bye").starts_with("they say "));
    in_python.types("quit");
    in_python.ends();
    ours.until(" left");
    nc.ends();
    ours.until(" left");
    ours.types("quit");
    ours.ends();
}
