//! Full duplex: both speak whenever they like. One thread sends, the other receives.
//!
//! Run `cargo lesson 14-full-server`, then `cargo lesson 14-full-client` in a second terminal, and type in both.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use landline_socket::{ServerOptions, Shutdown, Socket, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    let (connection, peer) = server.accept()?;
    println!("{peer} came; type, and `quit` or Ctrl-D to end");

    // A socket may be used by several threads at once, and its two directions do not disturb each other.
    let connection = Arc::new(connection);
    let sending = Arc::clone(&connection);
    thread::spawn(move || send_what_is_typed(&sending));
    let mut file = connection.make_file();
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 {
        println!("they say {:?}", line.trim_end());
        line.clear();
    }
    // Their end ends the program, though its other thread may still wait for the keyboard.
    println!("the client has left");
    Ok(())
}

/// Until `quit` or Ctrl-D; then our direction is ended, and theirs goes on until they end it.
fn send_what_is_typed(connection: &Socket) -> io::Result<()> {
    for line in io::stdin().lines() {
        let line = line?;
        if line == "quit" {
            break;
        }
        connection.send_all(format!("{line}\n").as_bytes())?;
    }
    Ok(connection.shutdown(Shutdown::Write)?)
}
