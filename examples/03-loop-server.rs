//! The message loop: line after line is answered in capitals, until `quit` or the end.
//!
//! Run `cargo lesson 03-loop-server`, then `cargo lesson 03-loop-client` in a second terminal, and type.
//! A second client waits until the first has left: that is what lesson 04 is for. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;

use landline_socket::{ServerOptions, Socket, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        let (connection, peer) = server.accept()?;
        println!("{peer} came");
        match talk(&connection) {
            Ok(lines) => println!("{peer} left after {lines} lines"),
            Err(error) => println!("{peer}: {error}"),
        }
    }
}

/// Answers every line; how many there were.
fn talk(connection: &Socket) -> io::Result<usize> {
    // A file on the socket gathers bytes until a line is whole, however they were cut on the way.
    let mut file = connection.make_file();
    let mut line = String::new();
    let mut count = 0;
    while file.read_line(&mut line)? > 0 && line.trim_end() != "quit" {
        file.write_all(line.to_ascii_uppercase().as_bytes())?;
        // What is written waits in the file until it is flushed.
        file.flush()?;
        line.clear();
        count += 1;
    }
    Ok(count)
}
