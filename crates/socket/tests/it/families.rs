//! Every family and kind carries bytes and knows its addresses.

use std::net::SocketAddr;

use landline_socket::{
    Address, Family, Kind, Protocol, ServerOptions, Shutdown, Socket, UnixAddress, create_server,
};
use rustix::io::Errno;

use crate::{any_port, has_ipv6, tcp_pair, unix_pair};

/// Says something both ways, ends one direction, and sees the end on the other side.
#[track_caller]
fn talks(client: &Socket, server: &Socket) {
    let mut buffer = [0; 16];
    client.send_all(b"ping").unwrap();
    assert_eq!(server.recv(&mut buffer).unwrap(), 4);
    assert_eq!(&buffer[..4], b"ping");
    assert_eq!(server.send(b"pong!").unwrap(), 5);
    assert_eq!(client.recv_from(&mut buffer).unwrap().0, 5);
    assert_eq!(&buffer[..5], b"pong!");
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.recv(&mut buffer).unwrap(), 0);
}

#[track_caller]
fn serves(address: &Address) {
    let server = create_server(address, &ServerOptions::default()).unwrap();
    let bound = server.local_address().unwrap();
    let client = Socket::new(address.family(), Kind::STREAM, Protocol::DEFAULT).unwrap();
    client.connect(&bound).unwrap();
    let (accepted, peer) = server.accept().unwrap();
    assert_eq!(peer, client.local_address().unwrap());
    assert_eq!(peer, accepted.peer_address().unwrap());
    assert_eq!(client.peer_address().unwrap(), bound);
    assert_eq!(accepted.family().unwrap(), address.family());
    talks(&client, &accepted);
    client.close().unwrap();
}

#[test]
fn inet() {
    serves(&any_port());
}

#[test]
fn inet6() {
    if has_ipv6() {
        serves(&"[::1]:0".parse::<SocketAddr>().unwrap().into());
    }
}

#[test]
fn unix_path() {
    let folder = tempfile::tempdir().unwrap();
    serves(&UnixAddress::Path(folder.path().join("socket")).into());
}

#[test]
fn unix_abstract() {
    let name = format!("landline test {}\0\u{1b}", std::process::id());
    serves(&UnixAddress::Abstract(name.into_bytes()).into());
}

#[test]
fn unix_unnamed_asks_the_kernel_for_an_abstract_name() {
    let server = create_server(&UnixAddress::Unnamed.into(), &ServerOptions::default()).unwrap();
    let bound = server.local_address().unwrap();
    assert!(
        matches!(&bound, Address::Unix(UnixAddress::Abstract(name)) if !name.is_empty()),
        "{bound}"
    );
}

#[test]
fn a_peer_with_the_longest_path_that_the_kernel_takes_has_an_address() {
    // One byte more than we bind to: 108, for which the kernel reports a length beyond `sockaddr_un`.
    let folder = tempfile::tempdir().unwrap();
    let server_path = folder.path().join("s");
    let server = create_server(
        &UnixAddress::Path(server_path).into(),
        &ServerOptions::default(),
    )
    .unwrap();
    let mut path = folder.path().join("c").into_os_string();
    path.push("x".repeat(108 - path.len()));
    let peer = rustix::net::socket(
        rustix::net::AddressFamily::UNIX,
        rustix::net::SocketType::STREAM,
        None,
    )
    .unwrap();
    rustix::net::bind(&peer, &rustix::net::SocketAddrUnix::new(&path).unwrap()).unwrap();
    let peer = Socket::from(peer);
    peer.connect(&server.local_address().unwrap()).unwrap();
    let (_, address) = server.accept().unwrap();
    assert_eq!(address, UnixAddress::Path(path.into()).into());
}

#[test]
fn pairs_of_every_kind_of_unix() {
    let (one, other) = unix_pair();
    assert_eq!(one.peer_address().unwrap(), UnixAddress::Unnamed.into());
    talks(&one, &other);
    for kind in [Kind::DGRAM, Kind::SEQPACKET] {
        let (one, other) = Socket::pair(Family::UNIX, kind, Protocol::DEFAULT).unwrap();
        assert_eq!(one.kind().unwrap(), kind);
        one.send(b"first").unwrap();
        one.send(b"second").unwrap();
        let mut buffer = [0; 16];
        assert_eq!(other.recv(&mut buffer).unwrap(), 5, "boundaries are kept");
        assert_eq!(other.recv(&mut buffer).unwrap(), 6);
    }
}

#[test]
fn datagrams_know_their_sender() {
    let socket = || {
        let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP).unwrap();
        socket.bind(&any_port()).unwrap();
        socket
    };
    let (one, other) = (socket(), socket());
    one.send_to(b"hello", &other.local_address().unwrap())
        .unwrap();
    let mut buffer = [0; 3];
    let (received, sender) = other.recv_from(&mut buffer).unwrap();
    assert_eq!(
        (received, &buffer),
        (3, b"hel"),
        "what does not fit is lost"
    );
    assert_eq!(sender, one.local_address().unwrap());
    assert_eq!(one.protocol().unwrap(), Protocol::UDP);
}

#[test]
fn a_family_that_does_not_exist_is_an_error() {
    let error = Socket::new(Family::from_raw(200), Kind::STREAM, Protocol::DEFAULT).unwrap_err();
    assert_eq!(error.errno(), Some(Errno::AFNOSUPPORT.raw_os_error()));
    assert_eq!(
        error.to_string(),
        "create a socket: address family not supported by protocol"
    );
}

#[test]
fn a_duplicate_is_the_same_socket() {
    let (client, server) = tcp_pair();
    let duplicate = client.duplicate().unwrap();
    assert_eq!(
        duplicate.local_address().unwrap(),
        client.local_address().unwrap()
    );
    client.close().unwrap();
    talks(&duplicate, &server);
}

#[test]
fn descriptors_go_out_and_come_back() {
    use std::os::fd::{AsRawFd, OwnedFd};
    let (client, server) = tcp_pair();
    client.set_timeout(landline_socket::Timeout::Zero).unwrap();
    let number = client.as_raw_fd();
    let client = Socket::from(OwnedFd::from(client));
    assert_eq!(client.as_raw_fd(), number);
    assert_eq!(client.timeout(), landline_socket::Timeout::Zero);
    client.set_timeout(None).unwrap();
    talks(&client, &server);
}

#[test]
fn pieces_and_files_leave_in_one_call() {
    use std::io::{IoSlice, Write as _};
    let (client, server) = tcp_pair();
    let sent = client
        .send_vectored(&[IoSlice::new(b"one "), IoSlice::new(b"two ")])
        .unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"not this: three").unwrap();
    let of_file = client.send_file(&file, 10, 100).unwrap();
    assert_eq!((sent, of_file), (8, 5));
    assert_eq!(
        client.send_file(&file, 15, 100).unwrap(),
        0,
        "the file's end"
    );
    client.close().unwrap();
    let mut text = Vec::new();
    let mut buffer = [0; 16];
    loop {
        match server.recv(&mut buffer).unwrap() {
            0 => break,
            received => text.extend_from_slice(&buffer[..received]),
        }
    }
    assert_eq!(text, b"one two three");
}
