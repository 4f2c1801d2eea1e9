//! Simplex, the sender: what you type goes out, nothing comes back but the end.
//!
//! Run `cargo lesson 12-simplex-receiver` first, then `cargo lesson 12-simplex-sender`, and type; Ctrl-D ends.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io;

use landline_socket::{ConnectOptions, Shutdown, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;
    println!("connected; type, and Ctrl-D to end");

    for line in io::stdin().lines() {
        client.send_all(format!("{}\n", line?).as_bytes())?;
    }
    // To close now might throw away what is still on its way. So: say that this was all, wait for the other end.
    client.shutdown(Shutdown::Write)?;
    let mut buffer = [0; 1024];
    while client.recv(&mut buffer)? > 0 {}
    println!("the receiver has it all");
    Ok(())
}
