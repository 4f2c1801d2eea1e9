//! Whether a connection stays, and what it becomes.

use landline_wire::http::{Connection, RequestHead};

use super::{get, head};

fn of_version(minor: u8, connection: &str) -> RequestHead {
    let line = if connection.is_empty() {
        String::new()
    } else {
        format!("Connection: {connection}\r\n")
    };
    head(format!("GET / HTTP/1.{minor}\r\nHost: h\r\n{line}\r\n"))
}

#[test]
fn rfc9112_9_3_a_connection_stays_by_version_and_option() {
    for (minor, connection, answer) in [
        (1, "", Connection::Persist),
        (1, "keep-alive", Connection::Persist),
        (1, "x, CLOSE", Connection::Close),
        (1, "keep-alive, close", Connection::Close),
        (0, "", Connection::Close),
        (0, "Keep-Alive", Connection::PersistAsked),
        (0, "keep-alive, close", Connection::Close),
    ] {
        let head = of_version(minor, connection);
        assert_eq!(head.connection(false), answer, "1.{minor} {connection:?}");
        assert_eq!(head.keeps_alive(), answer != Connection::Close);
        assert_eq!(head.connection(true), Connection::Close);
    }
}

#[test]
fn rfc9110_10_1_1_expectations() {
    assert_eq!(get("").expects_continue(), Ok(false));
    assert_eq!(get("Expect: 100-Continue\r\n").expects_continue(), Ok(true));
    for expectation in ["200-ok", "100-continue, x", "100-continue=1"] {
        let fault = get(&format!("Expect: {expectation}\r\n"))
            .expects_continue()
            .unwrap_err();
        assert_eq!(fault.status.code(), 417, "{expectation}");
    }
    let old = head("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(old.expects_continue(), Ok(false));
}

#[test]
fn rfc9110_7_8_an_upgrade_needs_both_fields_and_the_version() {
    assert!(
        get("Connection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket\r\n")
            .upgrades_to("websocket")
    );
    assert!(!get("Upgrade: websocket\r\n").upgrades_to("websocket"));
    assert!(!get("Connection: upgrade\r\nUpgrade: websockets\r\n").upgrades_to("websocket"));
    let old = head("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    assert!(!old.upgrades_to("websocket"));
}
