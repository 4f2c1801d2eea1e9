//! `listen` and `connect` over datagrams and packets, with each other and with peers that we did not write.

use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use rustix::process::Signal;

use crate::talker::Talker;
use crate::up::PATIENCE;

fn any_port() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn address(url: &str) -> &str {
    url.trim_start_matches("udp://")
}

#[test]
fn both_ways_and_the_end_after_some_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let path = |kind: &str| format!("{kind}:{}/{kind}", folder.path().display());
    for target in [
        "udp://127.0.0.1:0",
        "udp://[::1]:0",
        &path("unix-datagram"),
        "unix-datagram:@landline-datagram-test",
        &path("unix-seqpacket"),
    ] {
        let (mut server, url) = Talker::listen(&[target, "--wait", "200ms"]);
        let mut client = Talker::start(&["connect", &url, "--wait", "200ms"]);
        client.send(b"from the client\n");
        server.expect(b"from the client\n");
        server.send(b"from the server\n");
        client.expect(b"from the server\n");
        client.finish();
        server.send(b"\x00 and no newline");
        client.expect(b"\x00 and no newline");
        server.finish();
        assert_eq!((client.code(), server.code()), (0, 0), "{target}");
    }
}

#[test]
fn one_read_is_one_datagram_and_an_empty_one_is_no_end() {
    let server = any_port();
    let url = format!("udp://{}", server.local_addr().unwrap());
    let mut client = Talker::start(&["connect", &url, "--wait", "100ms"]);
    let mut buffer = vec![0; 70_000];
    client.send(b"one");
    let (received, peer) = server.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..received], b"one");
    client.send(b"two");
    assert_eq!(server.recv(&mut buffer).unwrap(), 3);
    server.send_to(b"", peer).unwrap();
    let longest = vec![b'7'; 65_507];
    server.send_to(&longest, peer).unwrap();
    client.expect(&longest);
    client.finish();
    assert_eq!(client.code(), 0);
}

#[test]
fn a_spoofed_third_is_never_shown() {
    let (mut server, url) = Talker::listen(&["udp://127.0.0.1:0", "--wait", "100ms"]);
    let (peer, third) = (any_port(), any_port());
    peer.send_to(b"hello\n", address(&url)).unwrap();
    server.expect(b"hello\n");
    third.send_to(b"evil\n", address(&url)).unwrap();
    peer.send_to(b"again\n", address(&url)).unwrap();
    server.expect(b"again\n");
    server.send(b"answer");
    let mut buffer = [0; 16];
    assert_eq!(peer.recv(&mut buffer).unwrap(), 6);
    server.finish();
    assert_eq!(server.code(), 0);
    third.set_nonblocking(true).unwrap();
    assert!(third.recv(&mut buffer).is_err(), "nothing goes to others");

    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (mut client_side, third) = (
        Talker::start(&[
            "connect",
            &format!("udp://{}", client.local_addr().unwrap()),
        ]),
        any_port(),
    );
    client_side.send(b"hello");
    let (_, there) = client.recv_from(&mut buffer).unwrap();
    third.send_to(b"evil", there).unwrap();
    client.send_to(b"good", there).unwrap();
    client_side.expect(b"good");
}

#[test]
fn a_refused_port_is_failed_and_a_peer_that_goes_is_cut() {
    let gone = any_port();
    let url = format!("udp://{}", gone.local_addr().unwrap());
    drop(gone);
    let mut client = Talker::start(&["connect", &url]);
    client.send(b"hello?");
    assert_eq!(client.code(), 1);
    client.expect_stderr("datagrams are refused: nobody receives");

    let (mut server, url) = Talker::listen(&["udp://127.0.0.1:0"]);
    let peer = any_port();
    peer.send_to(b"hello", address(&url)).unwrap();
    server.expect(b"hello");
    drop(peer);
    server.send(b"still there?");
    assert_eq!(server.code(), 3);
}

#[test]
fn who_only_listens_does_not_end_at_the_end_of_stdin() {
    let (mut server, url) = Talker::listen(&["udp://127.0.0.1:0", "--wait", "10ms"]);
    server.finish();
    let peer = any_port();
    for message in [b"one", b"two"] {
        peer.send_to(message, address(&url)).unwrap();
        server.expect(message);
    }
    server.signal(Signal::INT);
    assert_eq!(server.code(), 130);
}

#[test]
fn nc_and_python_over_datagrams() {
    let (server, url) = Talker::listen(&["udp://127.0.0.1:0"]);
    let (host, port) = address(&url).rsplit_once(':').unwrap();
    let mut nc = Talker::spawn(Command::new("nc").args(["-u", host, port]));
    let mut server = server;
    nc.send(b"hello from nc\n");
    server.expect(b"hello from nc\n");
    server.send(b"hello nc\n");
    nc.expect(b"hello nc\n");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let script = "import socket, sys\n\
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n\
        s.bind(sys.argv[1])\n\
        print('bound', file=sys.stderr, flush=True)\n\
        data, peer = s.recvfrom(100)\n\
        s.sendto(data.upper(), peer)\n";
    let python = Talker::spawn(Command::new("python3").arg("-c").arg(script).arg(&path));
    python.expect_stderr("bound");
    let target = format!("unix-datagram:{}", path.display());
    let mut client = Talker::start(&["connect", &target, "--wait", "100ms"]);
    client.send(b"hello");
    client.expect(b"HELLO");
    client.finish();
    assert_eq!(client.code(), 0);
}

#[test]
fn a_unix_path_that_cannot_be_had_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("directory")).unwrap();
    std::os::unix::fs::symlink("nowhere", at("link")).unwrap();
    std::fs::write(at("file"), "").unwrap();
    let long = "x".repeat(108);
    for scheme in ["unix", "unix-datagram", "unix-seqpacket"] {
        for (name, why) in [
            ("directory", "a directory is there"),
            ("link", "a symbolic link is there"),
            ("file", "a regular file is there"),
            (&long, "107 bytes"),
            ("no/folder", "no such file"),
        ] {
            let target = format!("{scheme}:{}", at(name).display());
            let mut server = Talker::start(&["listen", &target]);
            assert_eq!(server.code(), 1, "{target}");
            let said = server.rest_of_stderr();
            assert!(said.contains(why), "{target}: {said}");
        }
        assert!(at("file").is_file() && at("directory").is_dir() && at("link").is_symlink());

        // What a dead server left is replaced, and only its owner may connect.
        let target = format!("{scheme}:{}", at(scheme).display());
        drop(Talker::listen(&[&target]));
        assert!(at(scheme).exists());
        let (mut server, _) = Talker::listen(&[&target]);
        let mode = std::fs::metadata(at(scheme)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{target}");
        let mut second = Talker::start(&["listen", &target]);
        assert_eq!(second.code(), 1);
        second.expect_stderr("a server is accepting there");
        // Without its file it listens on, to nobody; and ends as it would have.
        std::fs::remove_file(at(scheme)).unwrap();
        let mut client = Talker::start(&["connect", &target]);
        assert_eq!(client.code(), 1);
        client.expect_stderr("no such file");
        server.signal(Signal::TERM);
        assert_eq!(server.code(), 130);
    }
}
