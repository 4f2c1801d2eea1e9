//! Three messages in one send: on the stream they stick together, and their frames take them apart.
//!
//! Run `cargo lesson 15-frames-server` first, then `cargo lesson 15-frames-client`. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::Read;

use landline_socket::{ConnectOptions, Shutdown, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;

    let mut stream = Vec::new();
    for message in ["one", "two and a half", ""] {
        let length = message.len() as u32;
        // The order of the bytes has to be agreed on; the highest first is called the network's.
        stream.extend_from_slice(&length.to_be_bytes());
        stream.extend_from_slice(message.as_bytes());
    }
    println!(
        "sending {} bytes at once: {}",
        stream.len(),
        stream.escape_ascii()
    );
    client.send_all(&stream)?;
    client.shutdown(Shutdown::Write)?;

    let mut file = client.make_file();
    for _ in 0..3 {
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        // `take` keeps to the length without believing it: only what comes takes memory.
        let mut message = Vec::new();
        let length = u32::from_be_bytes(length).into();
        file.by_ref().take(length).read_to_end(&mut message)?;
        println!("a message: {:?}", String::from_utf8_lossy(&message));
    }
    Ok(())
}
