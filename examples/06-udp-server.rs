//! UDP: no connection, no stream; each datagram comes whole, alone, from whoever sent it.
//!
//! Run `cargo lesson 06-udp-server`, then `cargo lesson 06-udp-client` in a second terminal. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use landline_socket::{Family, Kind, Protocol, Socket};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));

    // Nothing to listen for and nobody to accept: one socket serves everybody.
    let server = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    server.bind(&address.into())?;
    println!("listening on {}", server.local_address()?);
    // Of a datagram that is longer than the buffer, the rest is lost. None is longer than this.
    let mut buffer = vec![0; 65_535];
    loop {
        let (received, peer) = server.recv_from(&mut buffer)?;
        let said = &buffer[..received];
        println!("{peer} said {:?}", String::from_utf8_lossy(said));
        if let Err(error) = server.send_to(&said.to_ascii_uppercase(), &peer) {
            println!("{peer}: {error}");
        }
    }
}
