//! HTTP by hand: a browser's question is a few lines of text, and so is the answer's head.
//!
//! Run `cargo lesson 19-http-server` first, then `cargo lesson 18-http-get 127.0.0.1 7000 /`.
//! Arguments: the host (127.0.0.1), the port (7000), the path (/).

use std::env;
use std::error::Error;
use std::io::{BufRead, Read, Write};
use std::time::Duration;

use landline_socket::{ConnectOptions, create_connection};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let host = arguments.next().unwrap_or("127.0.0.1".into());
    let port: u16 = arguments.next().unwrap_or("7000".into()).parse()?;
    let path = arguments.next().unwrap_or("/".into());

    // The timeout covers looking up the name, connecting, and then each call.
    let options = ConnectOptions {
        timeout: Duration::from_secs(10).into(),
        ..ConnectOptions::default()
    };
    let client = create_connection(&host, port, &options)?;
    let mut file = client.make_file();
    // Lines end with CR LF; an empty one ends the head. `close`: the body ends where the stream does.
    write!(
        file,
        "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    )?;
    file.flush()?;

    let mut status = String::new();
    file.read_line(&mut status)?;
    println!("status: {:?}", status.trim_end());
    // No answer has more than a hundred of them, unless it wants to harm.
    for line in file.reader.by_ref().lines().take(100) {
        let line = line?;
        if line.is_empty() {
            break;
        }
        println!("header: {line:?}");
    }
    // A megabyte of it at most.
    let mut body = Vec::new();
    file.reader.by_ref().take(1 << 20).read_to_end(&mut body)?;
    println!("body of {} bytes:", body.len());
    for line in String::from_utf8_lossy(&body).lines() {
        println!("{line:?}");
    }
    Ok(())
}
