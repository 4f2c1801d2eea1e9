//! A Unix socket: the same calls, a path in place of a port, and only programs of this machine.
//!
//! Run `cargo lesson 07-unix-server`, then `cargo lesson 07-unix-client` in a second terminal.
//! Argument: the path (lesson.sock).

use std::env;
use std::error::Error;

use landline_socket::{ServerOptions, Socket, UnixAddress, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).unwrap_or("lesson.sock".into());

    // The file's mode says who may connect: here 0600, you alone. A file that a dead server left is replaced.
    let address = UnixAddress::Path(path.into());
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        let (connection, _) = server.accept()?;
        match answer(&connection) {
            Ok(said) => println!("a client said {said:?}"),
            Err(error) => println!("a client: {error}"),
        }
    }
}

/// Receives once and answers; what was said.
fn answer(connection: &Socket) -> landline_socket::Result<String> {
    let mut buffer = [0; 1024];
    let received = connection.recv(&mut buffer)?;
    let said = &buffer[..received];
    connection.send_all(&said.to_ascii_uppercase())?;
    Ok(String::from_utf8_lossy(said).into_owned())
}
