//! Connections that fail, and how they say so.

use std::net::SocketAddr;

use landline_socket::{
    Address, Cause, Family, Kind, Protocol, Shutdown, Socket, UnixAddress, resolve,
};
use rustix::io::Errno;

use crate::{any_port, tcp_pair, tcp_server, tcp_socket};

/// An address where nobody listens, held by a socket that is bound to it, so that nobody else can.
fn refusing() -> (Socket, Address) {
    let socket = tcp_socket();
    socket.bind(&any_port()).unwrap();
    let address = socket.local_address().unwrap();
    (socket, address)
}

#[test]
fn refused_is_said_with_the_address() {
    let (_held, address) = refusing();
    for timeout in [None, Some(std::time::Duration::from_secs(5))] {
        let client = tcp_socket();
        client.set_timeout(timeout).unwrap();
        let error = client.connect(&address).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("connect to {address}: connection refused")
        );
        assert_eq!(error.errno(), Some(Errno::CONNREFUSED.raw_os_error()));
        assert_eq!(error.address(), Some(&address));
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        assert_eq!(
            tcp_socket().connect_ex(&address).unwrap(),
            Errno::CONNREFUSED.raw_os_error()
        );
    }
}

#[test]
fn in_use_is_said_with_the_address() {
    let (_server, address) = tcp_server();
    let second = tcp_socket();
    second.set_reuse_address(true).unwrap();
    let error = second.bind(&address).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("bind to {address}: address already in use")
    );
}

#[test]
fn a_unix_path_that_cannot_be_one_says_why() {
    let socket = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let cases: [(UnixAddress, &str); 4] = [
        (UnixAddress::Path("x".repeat(108).into()), "too long"),
        (UnixAddress::Path("".into()), "empty"),
        (UnixAddress::Path("a\0b".into()), "NUL"),
        (UnixAddress::Abstract(vec![b'x'; 108]), "107 bytes"),
    ];
    for (address, why) in cases {
        let address = Address::from(address);
        for error in [
            socket.bind(&address).unwrap_err(),
            socket.connect(&address).unwrap_err(),
            socket.connect_ex(&address).unwrap_err(),
        ] {
            assert!(matches!(error.cause(), Cause::Invalid(_)));
            assert!(error.to_string().contains(why), "{error}");
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        }
    }
}

#[test]
fn a_peer_that_is_gone_is_an_error_and_no_signal() {
    let (client, server) = tcp_pair();
    // Closing with unread data resets the connection.
    client.send(b"unread").unwrap();
    server.recv(&mut [0]).unwrap();
    server.close().unwrap();
    let first = client.recv(&mut [0]).unwrap_err();
    assert_eq!(first.errno(), Some(Errno::CONNRESET.raw_os_error()));
    let then = client.send(b"x").unwrap_err();
    assert_eq!(then.errno(), Some(Errno::PIPE.raw_os_error()));
    assert_eq!(then.to_string(), "send: broken pipe");
    assert_eq!(
        client.shutdown(Shutdown::Both).unwrap_err().errno(),
        Some(Errno::NOTCONN.raw_os_error())
    );
}

#[test]
fn names_resolve_or_say_why() {
    let addresses = resolve("localhost", 80).unwrap();
    assert!(
        addresses
            .iter()
            .all(|address| address.is_loopback() && address.port() == Some(80)),
        "{addresses:?}"
    );
    assert_eq!(
        resolve("::1", 9).unwrap(),
        [Address::from("[::1]:9".parse::<SocketAddr>().unwrap())]
    );
    // RFC 6761 section 6.4: no resolver gives an address for this.
    let error = resolve("-nowhere.invalid", 80).unwrap_err();
    assert!(matches!(error.cause(), Cause::Resolver(_)), "{error:?}");
    assert!(
        error.to_string().starts_with("resolve -nowhere.invalid: "),
        "{error}"
    );
    let nul = resolve("a\0b", 80).unwrap_err().to_string();
    assert!(nul.starts_with("resolve a\\0b: "), "{nul}");
}
