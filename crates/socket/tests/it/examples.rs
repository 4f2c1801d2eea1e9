//! The examples do what they say.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::{holds, tcp_pair};

#[path = "../../examples/connection.rs"]
mod connection;
#[path = "../../examples/echo_server.rs"]
mod echo_server;
#[path = "../../examples/group.rs"]
mod group;
#[path = "../../examples/makefile.rs"]
mod makefile;
#[path = "../../examples/ping.rs"]
mod ping;
#[path = "../../examples/selector.rs"]
mod selector;
#[path = "../../examples/timeout.rs"]
mod timeout;

#[test]
fn ping_gets_an_answer_or_says_why_not() {
    match ping::ping(Ipv4Addr::LOCALHOST, Duration::from_secs(1)) {
        Ok(time) => assert!(time < Duration::from_secs(1)),
        Err(error) => {
            assert!(!holds(rustix::thread::CapabilitySet::NET_RAW), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }
}

#[test]
fn a_group_hears_what_is_said() {
    assert_eq!(group::talk("hello, all").unwrap(), "hello, all");
}

#[test]
fn a_connection_is_described() {
    let (client, _server) = tcp_pair();
    client.send_all(b"data").unwrap();
    let text = connection::describe(&client).unwrap();
    assert!(
        text.starts_with("state TCP_ESTABLISHED\ncontrol "),
        "{text}"
    );
    assert!(text.lines().count() >= 4, "{text}");
}

#[test]
fn echo_server_runs() {
    echo_server::main().unwrap();
}

#[test]
fn makefile_runs() {
    makefile::main().unwrap();
}

#[test]
fn selector_runs() {
    selector::main().unwrap();
}

#[test]
fn timeout_runs() {
    timeout::main().unwrap();
}
