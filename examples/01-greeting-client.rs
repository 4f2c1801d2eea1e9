//! The client of the greeting server: connect, receive until the end, close.
//!
//! Run `cargo lesson 01-greeting-server` first, then `cargo lesson 01-greeting-client`. Argument: the port (7000).

use std::env;
use std::error::Error;

use landline_socket::{ConnectOptions, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;

    // The handshake: three packets, and both sides know of each other. A name would be looked up first.
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;
    println!(
        "connected from {} to {}",
        client.local_address()?,
        client.peer_address()?
    );
    let mut greeting = Vec::new();
    let mut buffer = [0; 1024];
    // A stream has no messages: a receive brings what is there, and 0 bytes are the end.
    loop {
        let received = client.recv(&mut buffer)?;
        if received == 0 {
            break;
        }
        greeting.extend_from_slice(&buffer[..received]);
    }
    // `{:?}` shows control characters as text: what a stranger sends must not act on your terminal.
    println!("received {:?}", String::from_utf8_lossy(&greeting));
    Ok(())
}
