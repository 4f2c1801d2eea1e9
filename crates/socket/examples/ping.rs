//! Asks a host for an echo, RFC 792: `cargo run -p landline-socket --example ping 127.0.0.1`.
#![allow(
    clippy::print_stdout,
    dead_code,
    reason = "an example prints; its test calls `ping` alone"
)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use landline_socket::{Family, IcmpFilter, Kind, Protocol, Result, Socket};

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let host = std::env::args().nth(1).unwrap_or("127.0.0.1".into());
    match ping(host.parse()?, Duration::from_secs(1)) {
        Ok(time) => println!("{host} answered after {time:?}"),
        Err(error) => println!("{error}; {}", error.hint().unwrap_or("no hint")),
    }
    Ok(())
}

/// How long an answer took, at most `timeout`.
pub(crate) fn ping(host: Ipv4Addr, timeout: Duration) -> Result<Duration> {
    // A datagram socket needs no privilege where net.ipv4.ping_group_range lets the user's group in.
    let (socket, header) = match Socket::new(Family::INET, Kind::DGRAM, Protocol::ICMP) {
        Ok(socket) => (socket, 0),
        Err(_) => {
            let socket = Socket::new(Family::INET, Kind::RAW, Protocol::ICMP)?;
            // Echo replies alone, each behind its IP header.
            socket.set_icmp_filter_v4(IcmpFilter::BLOCK_ALL.pass(0))?;
            (socket, 20)
        }
    };
    socket.set_timeout(timeout)?;
    socket.connect(&SocketAddr::new(IpAddr::V4(host), 0).into())?;

    // Type 8, code 0, checksum, identifier, sequence; the text tells our answer from another's.
    let text = std::process::id().to_be_bytes();
    let mut request = [&[8, 0, 0, 0, 0x4c, 0x4c, 0, 1], text.as_slice()].concat();
    let sum = request
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = sum.sum();
    let checksum = !((sum >> 16) + (sum & 0xffff)) as u16;
    request[2..4].copy_from_slice(&checksum.to_be_bytes());

    let start = Instant::now();
    socket.send(&request)?;
    loop {
        let mut answer = [0; 64];
        let received = socket.recv(&mut answer)?;
        if answer[header + 8..received] == text {
            return Ok(start.elapsed());
        }
    }
}
