//! `listen` and `connect` with each other: what goes in at one end comes out at the other.

use rustix::process::Signal;

use crate::talker::Talker;

#[test]
fn both_ways_at_once_and_each_to_its_own_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = format!("unix:{}/s", folder.path().display());
    for target in ["127.0.0.1:0", "[::1]:0", &path, "unix:@landline-talk-test"] {
        let (mut server, url) = Talker::listen(&[target]);
        let mut client = Talker::start(&["connect", &url]);
        client.send(b"from the client\n");
        server.expect(b"from the client\n");
        server.send(b"from the server\n");
        client.expect(b"from the server\n");
        client.finish();
        // The client's end is not the server's.
        server.send(b"\x00 and no newline");
        server.finish();
        assert_eq!(client.rest(), b"\x00 and no newline");
        assert_eq!((client.code(), server.code()), (0, 0), "{target}");
    }
}

#[test]
fn a_port_where_nobody_is_says_so() {
    let mut client = Talker::start(&["connect", "127.0.0.1:1"]);
    assert_eq!(client.code(), 1);
    let said = client.rest_of_stderr();
    assert!(
        said.contains("landline: cannot connect to 127.0.0.1:1: ") && said.contains("refused"),
        "{said}"
    );
}

#[test]
fn a_place_to_listen_at_is_none_to_connect_to() {
    for (target, said) in [
        (
            "*:9000",
            "`*` is every interface, for listening\nhint: this machine is `9000`",
        ),
        ("127.0.0.1:0", "port 0 is a free one, for listening"),
        ("udp://[::1]:0", "port 0 is a free one, for listening"),
    ] {
        let mut client = Talker::start(&["connect", target]);
        assert_eq!(client.code(), 2, "{target}");
        let all = client.rest_of_stderr();
        assert!(all.contains(said), "{all}");
    }
}

#[test]
fn nobody_who_comes_and_nothing_that_happens_time_out() {
    let (mut server, _) = Talker::listen(&["127.0.0.1:0", "--timeout", "10ms"]);
    assert_eq!(server.code(), 4);
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--idle", "10ms"]);
    let mut client = Talker::start(&["connect", &url]);
    assert_eq!(server.code(), 4);
    client.finish();
    // The server went without having been told anything: its end was the connection's.
    assert_eq!(client.code(), 0);
}

#[test]
fn an_interrupted_conversation_is_not_done() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0"]);
    let client = Talker::start(&["connect", &url]);
    client.expect_stderr("connected");
    server.signal(Signal::INT);
    assert_eq!(server.code(), 130);
}

#[test]
fn who_types_as_for_nc_is_led_on() {
    for (typed, tip) in [
        (
            "listen -l -p 9000",
            "what `nc -l` does: `landline listen 9000`",
        ),
        (
            "listen -lvp 9000",
            "what `nc -l` does: `landline listen 9000`",
        ),
        ("listen 9000 -k", "`--keep-open`"),
        ("-l 9000", "`landline listen 9000`"),
        ("connect 127.0.0.1 9000", "one word: `HOST:9000`"),
        ("connect -u 127.0.0.1 9000", "`udp://HOST:9000`"),
        ("connect -w 5 127.0.0.1 9000", "`--timeout 5s`"),
        ("connect --ssl 127.0.0.1 9000", "`tls://HOST:9000`"),
    ] {
        let mut talker = Talker::start(&typed.split(' ').collect::<Vec<_>>());
        talker.expect_stderr(tip);
        assert_eq!(talker.code(), 2, "{typed}");
    }
    // What no program calls so, and what talks with nobody, is left as it is.
    for typed in ["listen -Z 9000", "up -p 9000"] {
        let talker = Talker::start(&typed.split(' ').collect::<Vec<_>>());
        let said = talker.expect_stderr("--help");
        assert!(!said.contains("nc"), "{said}");
    }
}
