//! Says something, ends its side, and hears the answer.
//!
//! Run `cargo lesson 02-upper-server` first, then `cargo lesson 02-upper-client 7000 "good morning"`.
//! Arguments: the port (7000), what to say (hello).

use std::env;
use std::error::Error;
use std::io::Read;

use landline_socket::{ConnectOptions, Shutdown, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let text = env::args().nth(2).unwrap_or("hello".into());

    let mut client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;
    // `send` may take a part of it, when the buffer is full; `send_all` goes on until it is all sent.
    client.send_all(text.as_bytes())?;
    // No more from us: the server's receive sees the end, and our own way back stays open.
    client.shutdown(Shutdown::Write)?;

    // A socket is `Read` and `Write` too. A server that never ends must not fill our memory.
    let mut answer = Vec::new();
    (&mut client).take(64 * 1024).read_to_end(&mut answer)?;
    println!("received {:?}", String::from_utf8_lossy(&answer));
    Ok(())
}
