//! The client of the Unix server: only the address differs from TCP.
//!
//! Run `cargo lesson 07-unix-server` first, then `cargo lesson 07-unix-client`. Argument: the path (lesson.sock).

use std::env;
use std::error::Error;

use landline_socket::{Family, Kind, Protocol, Socket, UnixAddress};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or("lesson.sock".into());

    let client = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    client.connect(&UnixAddress::Path(path.into()).into())?;
    client.send_all(b"hello, neighbour")?;
    let mut buffer = [0; 1024];
    let received = client.recv(&mut buffer)?;
    println!(
        "received {:?}",
        String::from_utf8_lossy(&buffer[..received])
    );
    Ok(())
}
