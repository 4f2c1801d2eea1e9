//! What the kernel knows about a TCP connection: `cargo run -p landline-socket --example connection 127.0.0.1:80`.
#![allow(
    clippy::print_stdout,
    dead_code,
    reason = "an example prints; its test calls `describe` alone"
)]

use std::net::SocketAddr;
use std::time::Duration;

use landline_socket::{Address, Family, Kind, Protocol, Result, Socket};

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:80".into());
    let address = Address::from(address.parse::<SocketAddr>()?);
    let family = if address.ip().is_some_and(|ip| ip.is_ipv4()) {
        Family::INET
    } else {
        Family::INET6
    };
    let socket = Socket::new(family, Kind::STREAM, Protocol::DEFAULT)?;
    socket.set_timeout(Duration::from_secs(3))?;
    socket.set_no_delay(true)?;
    socket.connect(&address)?;
    println!("{}", describe(&socket)?);
    Ok(())
}

/// A few lines; a kernel that does not know something leaves its line out.
pub(crate) fn describe(socket: &Socket) -> Result<String> {
    let info = socket.tcp_info()?;
    let facts = [
        info.state.map(|state| format!("state {state:?}")),
        Some(format!("control {}", socket.congestion_control()?)),
        info.round_trip.map(|time| format!("round trip {time:?}")),
        info.path_mtu_bytes
            .map(|bytes| format!("path {bytes} bytes")),
        info.congestion_window_segments
            .map(|segments| format!("window {segments} segments")),
        info.bytes_acknowledged
            .map(|bytes| format!("acknowledged {bytes} bytes")),
    ];
    Ok(facts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}
