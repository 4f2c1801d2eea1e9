//! Peers that reset, that never read, that send braces: each ends its own connection at most.

use std::time::Duration;

use landline_socket::server::Model;
use landline_socket::{Shutdown, Socket};
use landline_tools::echo::Behaviour;

use super::{Echo, Home, MODELS, expect, expect_end, reply};

/// Another caller is answered.
#[track_caller]
fn expect_service(echo: &Echo) {
    let client = echo.call();
    client.send_all(b"are you there?").unwrap();
    expect(&client, "are you there?");
}

#[test]
fn a_reset_hurts_nobody_and_is_told() {
    for model in MODELS {
        let echo = Echo::start(Home::Tcp, model, Behaviour::Echo);
        let client = echo.call();
        client.send_all(b"x").unwrap();
        expect(&client, "x");
        // What is closed with this lingering is reset.
        client.set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        echo.expect("connected");
        echo.expect("1: x");
        let ended = echo.told.recv_timeout(crate::peer::PATIENCE).unwrap();
        assert!(
            ended.starts_with("ended after 1 of 1 bytes: Failed"),
            "{ended}"
        );
        expect_service(&echo);
        let report = echo.end();
        assert_eq!((report.accepted, report.failed), (2, 1));
    }
}

#[test]
fn who_never_reads_holds_nobody_up_and_grows_nothing() {
    // The model that serves one at a time holds the others up by its nature.
    for model in &MODELS[1..] {
        let echo = Echo::start(Home::Tcp, *model, reply("{data}{data}{data}{data}"));
        let silent = echo.call();
        silent.set_timeout(Duration::ZERO).unwrap();
        let mut sent = 0_usize;
        let mut stuck = 0;
        // Until nothing has gone for as long as another caller is answered ten times.
        while stuck < 10 {
            match silent.send(&[b'x'; 65_536]) {
                Ok(count) => {
                    sent += count;
                    stuck = 0;
                }
                Err(_) => {
                    let other = echo.call();
                    other.send_all(b"ab").unwrap();
                    expect(&other, "abababab");
                    stuck += 1;
                }
            }
            assert!(
                sent < 64 * 1024 * 1024,
                "it takes whatever comes: {model:?}"
            );
        }
    }
}

#[test]
fn what_a_peer_sends_is_not_a_template() {
    for model in MODELS {
        let echo = Echo::start(Home::Tcp, model, reply("<{data}>"));
        let client = echo.call();
        for (said, answered) in [
            ("{peer}", "<{peer}>"),
            ("{{{{", "<{{{{>"),
            ("{data", "<{data>"),
            ("}\n", "<}>\n"),
            ("%s%n{0}", "<%s%n{0}>"),
        ] {
            client.send_all(said.as_bytes()).unwrap();
            expect(&client, answered);
        }
    }
}

#[test]
fn a_greeting_reaches_who_talks_before_it_listens() {
    for model in MODELS {
        let echo = Echo::start(Home::Tcp, model, Behaviour::Greet(b"welcome\n".to_vec()));
        let client: Socket = echo.call();
        // Unread at the close it would turn our end into a reset, and cost the peer the greeting.
        client.send_all(&[b'x'; 100_000]).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        expect(&client, "welcome\n");
        expect_end(&client);
    }
}

#[test]
fn stopping_cuts_who_only_waits() {
    for model in [Model::Threads(4), Model::Tasks] {
        let echo = Echo::start(Home::Tcp, model, Behaviour::Echo);
        let client = echo.call();
        client.send_all(b"x").unwrap();
        expect(&client, "x");
        let report = echo.end();
        assert_eq!((report.accepted, report.cut), (1, 1));
    }
}
