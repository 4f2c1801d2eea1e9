//! Lessons 12 to 14: one way, in turns, both ways at once.

use crate::program::{Program, lesson, python};

/// Ours with ours, ours with Python's, Python's with ours.
fn pairs(server: &str, client: &str, check: impl Fn(Program, Program)) {
    for (server_in_python, client_in_python) in [(false, false), (false, true), (true, false)] {
        let start = |name: &str, is_python: bool, port: &str| match is_python {
            true => python(&name.replace('-', "_"), &[port]),
            false => lesson(name, &[port]),
        };
        let mut server = start(server, server_in_python, "0");
        let port = server.port();
        check(server, start(client, client_in_python, &port));
    }
}

#[test]
fn one_way_all_of_it_arrives() {
    pairs(
        "12-simplex-receiver",
        "12-simplex-sender",
        |mut receiver, mut sender| {
            sender.types("one");
            receiver.until("one");
            sender.types("two");
            receiver.until("two");
            sender.end_input();
            receiver.until("the end, after 8 bytes");
            receiver.ends();
            assert!(
                sender
                    .ends()
                    .contains(&"the receiver has it all".to_owned())
            );
        },
    );
}

#[test]
fn in_turns_a_line_passes_the_turn() {
    pairs(
        "13-half-server",
        "13-half-client",
        |mut server, mut client| {
            // Typed before its turn: it is not sent before that has come.
            server.types("fine");
            client.types("how are you?");
            server.until("how are you?");
            client.until("fine");
            client.types("good");
            server.until("good");
            server.types("quit");
            server.ends();
            client.ends();
        },
    );
    pairs("13-half-server", "13-half-client", |server, mut client| {
        client.types("quit");
        client.ends();
        server.ends();
    });
}

#[test]
fn both_ways_at_once() {
    pairs(
        "14-full-server",
        "14-full-client",
        |mut server, mut client| {
            for text in ["one", "two", "three"] {
                server.types(text);
            }
            for text in ["one", "two", "three"] {
                client.until(text);
            }
            client.types("hello");
            client.types("quit");
            server.until("hello");
            server.ends();
            client.ends();
        },
    );
}
