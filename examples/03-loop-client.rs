//! Sends what you type, a line at a time, and shows each answer, until `quit` or Ctrl-D.
//!
//! Run `cargo lesson 03-loop-server` first (or 04's or 11's server), then `cargo lesson 03-loop-client`.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};

use landline_socket::{ConnectOptions, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;
    println!("connected; type, and `quit` to leave");

    let mut file = client.make_file();
    for line in io::stdin().lines() {
        let line = line?;
        writeln!(file, "{line}")?;
        file.flush()?;
        if line == "quit" {
            break;
        }
        let mut answer = String::new();
        if file.read_line(&mut answer)? == 0 {
            println!("the server has hung up");
            break;
        }
        println!("{:?}", answer.trim_end());
    }
    Ok(())
}
