//! Half duplex, the client, who has the first turn.
//!
//! Run `cargo lesson 13-half-server` first, then `cargo lesson 13-half-client`, and type in turns; `quit` ends.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};

use landline_socket::{ConnectOptions, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;
    println!("connected; your turn");

    let mut file = client.make_file();
    for line in io::stdin().lines() {
        let line = line?;
        writeln!(file, "{line}")?;
        file.flush()?;
        if line == "quit" {
            break;
        }
        let mut answer = String::new();
        if file.read_line(&mut answer)? == 0 || answer.trim_end() == "quit" {
            println!("the server has left");
            break;
        }
        println!("they say {:?}; your turn", answer.trim_end());
    }
    Ok(())
}
