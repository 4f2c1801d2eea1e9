//! Half duplex: both speak, in turns. The client has the first turn; a line passes it; `quit` ends.
//!
//! Run `cargo lesson 13-half-server`, then `cargo lesson 13-half-client` in a second terminal, and type in turns.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;

use landline_socket::{ServerOptions, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    let (connection, peer) = server.accept()?;
    println!("{peer} came, and has the turn");

    let mut file = connection.make_file();
    let mut typed = io::stdin().lines();
    loop {
        // Their turn: wait, whatever is typed here meanwhile.
        let mut line = String::new();
        if file.read_line(&mut line)? == 0 || line.trim_end() == "quit" {
            println!("the client has left");
            return Ok(());
        }
        println!("they say {:?}; your turn", line.trim_end());
        // Our turn: wait for the keyboard, whatever they send meanwhile.
        let Some(line) = typed.next() else {
            return Ok(());
        };
        let line = line?;
        writeln!(file, "{line}")?;
        file.flush()?;
        if line == "quit" {
            return Ok(());
        }
    }
}
