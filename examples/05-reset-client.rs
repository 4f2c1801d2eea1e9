//! A client that breaks off, as when its program is killed or its cable cut: the server's next call fails.
//!
//! Run `cargo lesson 04-many-server` first, then `cargo lesson 05-reset-client`, and see what the server prints.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Duration;

use landline_socket::{ConnectOptions, Socket, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let options = ConnectOptions::default();

    // A second client, well-behaved, who is there all the time.
    let polite = create_connection("127.0.0.1", port, &options)?;
    println!("the polite one hears {:?}", ask(&polite, "first")?);

    let rude = create_connection("127.0.0.1", port, &options)?;
    println!("the rude one hears {:?}", ask(&rude, "hello")?);
    // A close says goodbye (FIN). With a linger time of zero it sends a reset (RST): "forget all this".
    rude.set_linger(Some(Duration::ZERO))?;
    rude.close()?;
    println!("the rude one has reset its connection");

    println!("the polite one hears {:?}", ask(&polite, "still there?")?);
    Ok(())
}

/// Sends a line; the answer.
fn ask(socket: &Socket, line: &str) -> std::io::Result<String> {
    let mut file = socket.make_file();
    writeln!(file, "{line}")?;
    file.flush()?;
    let mut answer = String::new();
    file.read_line(&mut answer)?;
    Ok(answer.trim_end().to_owned())
}
