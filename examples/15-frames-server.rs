//! Frames: each message behind its length, so that it comes out as it went in, however the stream was cut.
//!
//! Run `cargo lesson 15-frames-server`, then `cargo lesson 15-frames-client` in a second terminal. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;

use landline_socket::{ServerOptions, Socket, create_server};

/// No message is longer. Without a limit a stranger could announce four gigabytes, and have us reserve them.
const LONGEST_BYTES: u32 = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        let (connection, peer) = server.accept()?;
        if let Err(error) = answer(&connection) {
            println!("{peer}: {error}");
        }
    }
}

/// Answers each frame in capitals, in a frame.
fn answer(connection: &Socket) -> io::Result<()> {
    let mut file = connection.make_file();
    while let Some(message) = receive(&mut file)? {
        println!("a message: {:?}", String::from_utf8_lossy(&message));
        let length = message.len() as u32;
        file.write_all(&length.to_be_bytes())?;
        file.write_all(&message.to_ascii_uppercase())?;
        file.flush()?;
    }
    Ok(())
}

/// The next frame: four bytes that say how long, the highest first, and then so many. `None` at the end.
fn receive(file: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    // The end is only good between two frames; within one it is an error, which `read_exact` makes of it.
    if file.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST_BYTES {
        return Err(io::Error::other(format!(
            "a message of {length} bytes is too long"
        )));
    }
    let mut message = vec![0; length as usize];
    file.read_exact(&mut message)?;
    Ok(Some(message))
}
