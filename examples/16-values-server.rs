//! Values: structures go in and come out, as JSON in frames. The library cuts the stream, and checks what came.
//!
//! Run `cargo lesson 16-values-server --features all`, then `cargo lesson 16-values-client --features all` in a
//! second terminal. Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io;
use std::net::SocketAddr;

use landline_socket::{ServerOptions, Socket, create_server};
use landline_tools::base::message::{FrameFormat, Frames, MessageSocket, Values};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Debug)]
struct Question {
    name: String,
    numbers: Vec<i32>,
}

#[derive(Serialize)]
struct Answer {
    greeting: String,
    sum: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        let (connection, peer) = server.accept()?;
        if let Err(error) = answer(connection) {
            println!("{peer}: {error}");
        }
    }
}

fn answer(connection: Socket) -> io::Result<()> {
    // The frames of lesson 15, with the limit; `Values::cbor` would make the same values smaller.
    let frames = Frames::new(FrameFormat::U32Be, 64 * 1024);
    let mut messages = MessageSocket::new(connection, Values::json(frames));
    while let Some(question) = messages.receive()? {
        println!("asked {question:?}");
        let Question { name, numbers } = question;
        messages.send(&Answer {
            greeting: format!("hello, {name}"),
            sum: numbers.into_iter().map(i64::from).sum(),
        })?;
    }
    Ok(())
}
