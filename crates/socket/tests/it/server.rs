//! `create_server`: what it sets, what it replaces, what it refuses.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use landline_socket::{
    Address, Cause, Family, Kind, Protocol, ServerOptions, Socket, UnixAddress, create_server,
};
use rustix::io::Errno;

use crate::{any_port, has_ipv6, tcp_server, tcp_socket};

fn options() -> ServerOptions {
    ServerOptions::default()
}

fn unix(path: &Path) -> Address {
    UnixAddress::Path(path.to_owned()).into()
}

fn unix_client(address: &Address) -> landline_socket::Result<Socket> {
    let client = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    client.connect(address)?;
    Ok(client)
}

#[test]
fn two_servers_never_share_a_port() {
    let (server, address) = tcp_server();
    assert!(server.reuse_address().unwrap());
    let error = create_server(&address, &options()).unwrap_err();
    assert_eq!(error.errno(), Some(Errno::ADDRINUSE.raw_os_error()));
    assert_eq!(
        error.to_string(),
        format!("bind to {address}: address already in use")
    );
}

#[test]
fn a_port_is_free_again_as_soon_as_its_server_is_gone() {
    let (server, address) = tcp_server();
    let client = tcp_socket();
    client.connect(&address).unwrap();
    let (accepted, _) = server.accept().unwrap();
    // The side that closes first keeps the address in TIME_WAIT.
    accepted.close().unwrap();
    client.recv(&mut [0]).unwrap();
    client.close().unwrap();
    server.close().unwrap();
    create_server(&address, &options()).unwrap();
}

#[test]
fn dual_stack_accepts_both() {
    if !has_ipv6() {
        return;
    }
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)).into();
    let dual_stack = ServerOptions {
        dual_stack: true,
        ..options()
    };
    let server = create_server(&everywhere, &dual_stack).unwrap();
    assert!(!server.ipv6_only().unwrap());
    let port = server.local_address().unwrap().port().unwrap();
    for address in [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ] {
        let address = Address::from(address);
        let client = Socket::new(address.family(), Kind::STREAM, Protocol::DEFAULT).unwrap();
        client.connect(&address).unwrap();
        let (_, peer) = server.accept().unwrap();
        assert_eq!(peer.ip(), address.ip(), "IPv4 is shown as IPv4");
        assert!(peer.is_loopback());
    }
}

#[test]
fn one_stack_is_one_stack_whatever_the_machine_s_default() {
    if !has_ipv6() {
        return;
    }
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)).into();
    let server = create_server(&everywhere, &options()).unwrap();
    assert!(server.ipv6_only().unwrap());
    let port = server.local_address().unwrap().port().unwrap();
    let error = tcp_socket()
        .connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())
        .unwrap_err();
    assert_eq!(error.errno(), Some(Errno::CONNREFUSED.raw_os_error()));
}

#[test]
fn dual_stack_of_ipv4_is_an_error() {
    let dual_stack = ServerOptions {
        dual_stack: true,
        ..options()
    };
    let error = create_server(&any_port(), &dual_stack).unwrap_err();
    assert!(matches!(error.cause(), Cause::Invalid(_)), "{error}");
}

#[test]
fn a_unix_socket_is_its_owner_s_alone_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o600, 0o700] {
        let path = folder.path().join(format!("{mode:o}"));
        let chosen = ServerOptions { mode, ..options() };
        let _server = create_server(&unix(&path), &chosen).unwrap();
        let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{found:o}");
    }
}

/// That the mode is there from the first moment on: `bind` itself makes the file with it.
#[test]
fn the_mode_is_there_before_anybody_can_listen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let socket = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    rustix::fs::fchmod(&socket, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    socket.bind(&unix(&path)).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_dead_server_s_socket_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let address = unix(&folder.path().join("socket"));
    create_server(&address, &options())
        .unwrap()
        .close()
        .unwrap();
    assert_eq!(
        unix_client(&address).unwrap_err().errno(),
        Some(Errno::CONNREFUSED.raw_os_error())
    );
    let server = create_server(&address, &options()).unwrap();
    unix_client(&address).unwrap();
    server.accept().unwrap();
}

#[test]
fn a_live_server_s_socket_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let address = unix(&folder.path().join("socket"));
    let server = create_server(&address, &options()).unwrap();
    let error = create_server(&address, &options()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("bind to {address}: address already in use: a server is accepting there")
    );
    assert_eq!(error.errno(), Some(Errno::ADDRINUSE.raw_os_error()));
    unix_client(&address).unwrap();
    server.accept().unwrap();
}

#[test]
fn nothing_but_a_socket_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "precious").unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("nowhere", at("link")).unwrap();
    create_server(&unix(&at("dead")), &options()).unwrap();
    symlink(at("dead"), at("link to a dead one")).unwrap();
    for (name, what) in [
        ("file", "a regular file is there"),
        ("folder", "a directory is there"),
        ("link", "a symbolic link is there"),
        ("link to a dead one", "a symbolic link is there"),
    ] {
        let error = create_server(&unix(&at(name)), &options()).unwrap_err();
        assert_eq!(error.cause(), &Cause::InUse(what), "{error}");
        fs::symlink_metadata(at(name)).expect("it is still there");
    }
    assert_eq!(fs::read_to_string(at("file")).unwrap(), "precious");
}

#[test]
fn a_datagram_server_s_socket_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let address = unix(&folder.path().join("socket"));
    let datagrams = Socket::new(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    datagrams.bind(&address).unwrap();
    create_server(&address, &options()).unwrap_err();
}

#[test]
fn each_kind_is_served_replaced_when_dead_and_not_when_alive() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kind) in [
        ("stream", Kind::STREAM),
        ("datagrams", Kind::DGRAM),
        ("packets", Kind::SEQPACKET),
    ] {
        let address = unix(&folder.path().join(name));
        let chosen = ServerOptions { kind, ..options() };
        drop(create_server(&address, &chosen).unwrap());
        let server = create_server(&address, &chosen).unwrap();
        assert_eq!(server.kind().unwrap(), kind);
        let client = Socket::new(Family::UNIX, kind, Protocol::DEFAULT).unwrap();
        client.connect(&address).unwrap();
        let error = create_server(&address, &chosen).unwrap_err();
        assert!(matches!(error.cause(), Cause::InUse(_)), "{error}");
    }
}

#[test]
fn who_asks_for_it_shares_a_port() {
    for kind in [Kind::STREAM, Kind::DGRAM] {
        let shared = ServerOptions {
            kind,
            reuse_port: true,
            ..options()
        };
        let one = create_server(&any_port(), &shared).unwrap();
        let address = one.local_address().unwrap();
        let other = create_server(&address, &shared).unwrap();
        assert_eq!(other.local_address().unwrap(), address);
        let alone = ServerOptions { kind, ..options() };
        create_server(&address, &alone).unwrap_err();
    }
}

#[test]
fn two_datagram_servers_never_share_a_port() {
    let datagrams = ServerOptions {
        kind: Kind::DGRAM,
        ..options()
    };
    let server = create_server(&any_port(), &datagrams).unwrap();
    let error = create_server(&server.local_address().unwrap(), &datagrams).unwrap_err();
    assert_eq!(error.errno(), Some(Errno::ADDRINUSE.raw_os_error()));
}

/// Many who find the same dead socket at once: one of them serves, and nobody removes its file.
#[test]
fn of_many_that_replace_a_dead_one_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let address = unix(&folder.path().join(format!("socket {round}")));
        drop(create_server(&address, &options()).unwrap());
        let servers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| create_server(&address, &options())))
                .collect();
            threads
                .into_iter()
                .filter_map(|thread| thread.join().unwrap().ok())
                .collect()
        });
        assert_eq!(servers.len(), 1);
        unix_client(&address).unwrap();
        servers[0].accept().unwrap();
    }
}
