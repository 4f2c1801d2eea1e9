//! The calls on real sockets of this machine, a module per theme.

mod alone;
mod ancillary;
#[cfg(feature = "tokio")]
mod asynchronous;
mod batch;
mod closing;
mod connect_any;
mod connecting;
mod corpus;
mod deadline;
#[cfg(feature = "tokio")]
mod descriptor;
mod examples;
mod families;
mod file;
mod message;
mod names;
mod options;
mod parity;
mod python;
mod raw;
mod resolve;
mod selector;
mod server;
mod server_models;
#[cfg(feature = "tokio")]
mod sharing;
mod splice;
mod time;

use std::net::{Ipv4Addr, SocketAddr};

use landline_socket::{Address, Family, Kind, Protocol, ServerOptions, Socket, create_server};
use rustix::thread::CapabilitySet;

/// A free port of 127.0.0.1.
fn any_port() -> Address {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()
}

fn tcp_socket() -> Socket {
    Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap()
}

fn tcp_server() -> (Socket, Address) {
    let server = create_server(&any_port(), &ServerOptions::default()).unwrap();
    let address = server.local_address().unwrap();
    (server, address)
}

/// Two ends of a TCP connection.
fn tcp_pair() -> (Socket, Socket) {
    let (server, address) = tcp_server();
    let client = tcp_socket();
    client.connect(&address).unwrap();
    let (accepted, _) = server.accept().unwrap();
    (client, accepted)
}

fn unix_pair() -> (Socket, Socket) {
    Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap()
}

/// Whether this machine has IPv6; a few containers have not.
fn has_ipv6() -> bool {
    Socket::new(Family::INET6, Kind::STREAM, Protocol::DEFAULT).is_ok_and(|socket| {
        socket
            .bind(&"[::1]:0".parse::<SocketAddr>().unwrap().into())
            .is_ok()
    })
}

/// Whether this thread holds these capabilities.
fn holds(capability: CapabilitySet) -> bool {
    rustix::thread::capabilities(None).is_ok_and(|sets| sets.effective.contains(capability))
}
