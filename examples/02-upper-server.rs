//! An echo in capitals: one message in, one answer out, next please.
//!
//! Run `cargo lesson 02-upper-server`, then `cargo lesson 02-upper-client` in a second terminal. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use landline_socket::{ServerOptions, Socket, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        let (connection, peer) = server.accept()?;
        match answer(&connection) {
            Ok(said) => println!("{peer} said {said:?}"),
            Err(error) => println!("{peer}: {error}"),
        }
    }
}

/// Receives once and answers; what was said.
fn answer(connection: &Socket) -> landline_socket::Result<String> {
    // At most this much; the rest would come with the next receive, which is another lesson.
    let mut buffer = [0; 1024];
    let received = connection.recv(&mut buffer)?;
    let said = &buffer[..received];
    connection.send_all(&said.to_ascii_uppercase())?;
    Ok(String::from_utf8_lossy(said).into_owned())
}
