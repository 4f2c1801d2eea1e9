//! From where `connect` connects, how often it tries, and from where `listen` lets in.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::talker::Talker;

#[test]
fn a_source_is_seen_by_the_server() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = server.local_addr().unwrap().to_string();
    for (source, ip, port) in [("127.0.0.2", "127.0.0.2", None), ("*:0", "127.0.0.1", None)] {
        let _client = Talker::start(&["connect", &target, "--source", source]);
        let (_, peer) = server.accept().unwrap();
        assert_eq!(peer.ip().to_string(), ip);
        assert!(port.is_none_or(|port: u16| port == peer.port()));
    }
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("udp://{}", udp.local_addr().unwrap());
    let mut client = Talker::start(&["connect", &target, "--source", "127.0.0.3"]);
    client.send(b"x");
    let (_, peer) = udp.recv_from(&mut [0; 1]).unwrap();
    assert_eq!(peer.ip().to_string(), "127.0.0.3");

    let mut foreign =
        Talker::start(&["connect", "127.0.0.1:1", "--source", "192.0.2.1", "--retry"]);
    assert_eq!(foreign.code(), 1, "not ours, and no retry mends it");
    foreign.expect_stderr("cannot assign requested address");
}

#[test]
fn it_is_tried_again_until_somebody_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let target = format!("unix:{}/s", folder.path().display());
    let mut client = Talker::start(&["connect", &target, "--retry"]);
    let said = client.expect_stderr("trying again in ");
    assert!(said.contains("no such file"), "{said}");
    let (mut server, _) = Talker::listen(&[&target]);
    client.send(b"at last");
    client.finish();
    server.finish();
    assert_eq!(server.rest(), b"at last");
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn tries_are_counted_and_time_is_for_all_of_them() {
    // Bound and not listening: refused.
    let mut client = Talker::start(&["connect", "127.0.0.1:1", "--retry=1"]);
    assert_eq!(client.code(), 1);
    let said = client.rest_of_stderr();
    assert_eq!(said.matches("trying again").count(), 1, "{said}");

    let arguments = ["connect", "127.0.0.1:1", "--retry", "--timeout", "300ms"];
    let mut client = Talker::start(&arguments);
    assert_eq!(client.code(), 1);
    let said = client.rest_of_stderr();
    assert!(said.contains("refused"), "the last failure is said: {said}");

    let mut client = Talker::start(&["connect", "name.invalid:1", "--retry=0"]);
    assert_eq!(client.code(), 1);
}

#[test]
fn only_who_may_come_comes() {
    let (mut server, url) = Talker::listen(&[
        "127.0.0.1:0",
        "--allow",
        "127.0.0.0/8",
        "--deny",
        "127.0.0.2",
    ]);
    let mut denied = Talker::start(&["connect", &url, "--source", "127.0.0.2"]);
    server.expect_stderr("refused: 127.0.0.2:");
    denied.finish();
    assert!(denied.rest().is_empty());
    let mut client = Talker::start(&["connect", &url]);
    client.send(b"hello");
    client.finish();
    server.finish();
    assert_eq!(server.rest(), b"hello");
    assert_eq!((client.code(), server.code()), (0, 0));

    let mut wrong = Talker::start(&["listen", "127.0.0.1:0", "--allow", "10.0.0.0/33"]);
    assert_eq!(wrong.code(), 2);
    wrong.expect_stderr("`/33` is out of range");
}

#[test]
fn loopback_is_loopback_alone() {
    let (_server, url) = Talker::listen(&["127.0.0.1:0"]);
    let port: u16 = url.rsplit_once(':').unwrap().1.parse().unwrap();
    // The other addresses of this machine, loopback ones too, reach nobody there.
    let other = std::net::SocketAddr::from(([127, 0, 0, 2], port));
    let refused = TcpStream::connect_timeout(&other, Duration::from_secs(5)).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    let other = std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port));
    assert!(TcpStream::connect_timeout(&other, Duration::from_secs(5)).is_err());
}

#[test]
fn who_comes_by_ipv4_to_both_stacks_is_named_so() {
    for scheme in ["tcp", "udp"] {
        for many in [&[][..], &["--keep-open"]] {
            let target = format!("{scheme}://*:0");
            let (server, url) = Talker::listen(&[&[target.as_str()], many].concat());
            let port = url.rsplit_once(':').unwrap().1;
            let mut client = Talker::start(&["connect", &format!("{scheme}://127.0.0.1:{port}")]);
            client.send(b"hello\n");
            server.expect_stderr("connected: 127.0.0.1:");
        }
    }
}
