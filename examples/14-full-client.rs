//! Full duplex, the client: after it has connected, nothing differs from the server.
//!
//! Run `cargo lesson 14-full-server` first (or 20's chat), then `cargo lesson 14-full-client`, and type in both.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead};
use std::sync::Arc;
use std::thread;

use landline_socket::{ConnectOptions, Shutdown, Socket, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;
    println!("connected; type, and `quit` or Ctrl-D to end");

    let client = Arc::new(client);
    let sending = Arc::clone(&client);
    thread::spawn(move || send_what_is_typed(&sending));
    let mut file = client.make_file();
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 {
        println!("they say {:?}", line.trim_end());
        line.clear();
    }
    println!("the server has left");
    Ok(())
}

/// Until `quit` or Ctrl-D; then our direction is ended, and theirs goes on until they end it.
fn send_what_is_typed(client: &Socket) -> io::Result<()> {
    for line in io::stdin().lines() {
        let line = line?;
        if line == "quit" {
            break;
        }
        client.send_all(format!("{line}\n").as_bytes())?;
    }
    Ok(client.shutdown(Shutdown::Write)?)
}
