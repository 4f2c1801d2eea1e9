//! Values, the client: sends a structure as JSON in a frame, and receives another.
//!
//! Run `cargo lesson 16-values-server --features all` first, then `cargo lesson 16-values-client --features all`.
//! Argument: the port (7000).

use std::env;
use std::error::Error;

use landline_socket::{ConnectOptions, create_connection};
use landline_tools::base::message::{FrameFormat, Frames, MessageSocket, Values};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Question {
    name: &'static str,
    numbers: Vec<i32>,
}

/// The two sides agree on names and types, and on nothing else: the server may be in Python.
#[derive(Deserialize)]
struct Answer {
    greeting: String,
    sum: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;

    let frames = Frames::new(FrameFormat::U32Be, 64 * 1024);
    let mut messages = MessageSocket::new(client, Values::<Question, Answer>::json(frames));
    for numbers in [vec![1, 2, 3], vec![-7], vec![]] {
        messages.send(&Question {
            name: "Ada",
            numbers,
        })?;
        let Answer { greeting, sum } = messages.receive()?.ok_or("no answer")?;
        println!("{greeting:?}, the sum is {sum}");
    }
    Ok(())
}
