//! Sends three datagrams and waits for the answers; a datagram may be lost, so it waits for a second at most.
//!
//! Run `cargo lesson 06-udp-server` first, then `cargo lesson 06-udp-client`. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use landline_socket::{Family, Kind, Protocol, Socket};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let server = SocketAddr::from(([127, 0, 0, 1], port)).into();

    let client = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    client.set_timeout(Duration::from_secs(1))?;
    for text in ["one", "two", "three"] {
        // The first send gives us a port of our own, to which the answers come.
        client.send_to(text.as_bytes(), &server)?;
    }
    // Three datagrams are three messages: they never stick together, as on a stream they may.
    let mut buffer = [0; 1024];
    for _ in 0..3 {
        let (received, peer) = client.recv_from(&mut buffer)?;
        let answer = String::from_utf8_lossy(&buffer[..received]);
        println!("{peer} answers {answer:?}");
    }
    Ok(())
}
