//! Simplex: one side only sends, the other only receives. This is the receiver.
//!
//! Run `cargo lesson 12-simplex-receiver`, then `cargo lesson 12-simplex-sender` in a second terminal, and type there.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use landline_socket::{ServerOptions, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    let (connection, peer) = server.accept()?;
    println!("{peer} came");

    let mut buffer = [0; 1024];
    let mut total = 0;
    loop {
        let received = connection.recv(&mut buffer)?;
        if received == 0 {
            break;
        }
        // What was sent in two pieces may come in one, and the other way round: see lesson 15.
        println!("{:?}", String::from_utf8_lossy(&buffer[..received]));
        total += received;
    }
    println!("the end, after {total} bytes");
    // Only now is our side closed: the sender sees that we have all of it.
    Ok(connection.close()?)
}
