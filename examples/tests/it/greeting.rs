//! Lessons 01 to 03: who comes is greeted, answered in capitals, and answered line by line.

use std::net::SocketAddr;

use landline_socket::{Family, Kind, Protocol, Socket};

use crate::program::{Program, lesson, python};

/// Each server with each client.
fn pairs(server: &str, client: &str, check: impl Fn(Program, &dyn Fn(&str) -> Program)) {
    for in_python in [(false, false), (false, true), (true, false)] {
        let start = |name: &str, is_python: bool, arguments: &[&str]| match is_python {
            true => python(&name.replace('-', "_"), arguments),
            false => lesson(name, arguments),
        };
        let server = start(server, in_python.0, &["0"]);
        check(server, &|port| start(client, in_python.1, &[port]));
    }
}

#[test]
fn the_greeting_is_heard() {
    pairs(
        "01-greeting-server",
        "01-greeting-client",
        |mut server, client| {
            let port = server.port();
            let lines = client(&port).ends();
            let greeting = lines.last().unwrap();
            assert!(greeting.starts_with("received "), "{greeting}");
            assert!(greeting.contains("hello, 127.0.0.1:"), "{greeting}");
            assert!(server.line().ends_with(" came"));
            // And the next one, too.
            client(&port).ends();
            assert!(server.line().ends_with(" came"));
        },
    );
}

#[test]
fn nobody_there_is_said_in_words() {
    // Bound and not listening: nobody else gets this port, and nobody answers there.
    let silent = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    silent.bind(&any_port.into()).unwrap();
    let address = silent.local_address().unwrap();
    let port = address.port().unwrap().to_string();
    let lines = lesson("01-greeting-client", &[&port]).fails();
    assert_eq!(
        lines,
        [format!("Error: connect to {address}: connection refused")]
    );
}

#[test]
fn the_answer_is_in_capitals() {
    pairs(
        "02-upper-server",
        "02-upper-client",
        |mut server, client| {
            let port = server.port();
            for _ in 0..2 {
                let lines = client(&port).ends();
                assert!(
                    lines[0].trim_end_matches('"').ends_with("HELLO"),
                    "{lines:?}"
                );
            }
        },
    );
    let mut server = lesson("02-upper-server", &["0"]);
    let port = server.port();
    let lines = lesson("02-upper-client", &[&port, "good morning"]).ends();
    assert_eq!(lines, ["received \"GOOD MORNING\""]);
    assert!(server.line().ends_with(" said \"good morning\""));
}

#[test]
fn the_loop_goes_on_until_quit() {
    pairs("03-loop-server", "03-loop-client", |mut server, client| {
        let port = server.port();
        for ends_by in [Some("quit"), None] {
            let mut client = client(&port);
            for line in ["one", "two and more"] {
                client.types(line);
                client.until(&line.to_uppercase());
            }
            if let Some(line) = ends_by {
                client.types(line);
            }
            assert_eq!(client.ends(), [""; 0]);
        }
    });
    let mut server = lesson("03-loop-server", &["0"]);
    let port = server.port();
    let mut client = lesson("03-loop-client", &[&port]);
    client.types("quit");
    client.ends();
    assert!(server.line().ends_with(" came"));
    assert!(server.line().ends_with(" left after 0 lines"));
}
