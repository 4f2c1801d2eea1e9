//! Many clients at once: a thread for each, and one that breaks off hurts nobody.
//!
//! Run `cargo lesson 04-many-server`, then `cargo lesson 03-loop-client` in several terminals. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::thread;

use landline_socket::{ServerOptions, Socket, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        let (connection, peer) = server.accept()?;
        println!("{peer} came");
        // The thread owns the connection; this one goes back to accept at once.
        let serve = move || match talk(&connection) {
            Ok(()) => println!("{peer} left"),
            Err(error) => println!("{peer} was cut off: {error}"),
        };
        // A machine has only so many threads. When there is none, this client is closed, and the others go on.
        if let Err(error) = thread::Builder::new().spawn(serve) {
            println!("nobody to serve this one: {error}");
        }
    }
}

/// Answers every line, until `quit` or the end.
fn talk(connection: &Socket) -> io::Result<()> {
    let mut file = connection.make_file();
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 && line.trim_end() != "quit" {
        file.write_all(line.to_ascii_uppercase().as_bytes())?;
        file.flush()?;
        line.clear();
    }
    Ok(())
}
