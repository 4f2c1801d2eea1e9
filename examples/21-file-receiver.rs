//! Receives a file and checks its MD5; it has its name only when it is whole.
//!
//! Run `cargo lesson 21-file-sender README.md` first, then `cargo lesson 21-file-receiver copy.md`.
//! Arguments: the name to keep it under, which nobody may have yet; the port (7000).

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};

use landline_socket::{ConnectOptions, create_connection};
use md5::{Digest, Md5};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("under which name?")?;
    let port: u16 = env::args().nth(2).unwrap_or("7000".into()).parse()?;
    let client = create_connection("127.0.0.1", port, &ConnectOptions::default())?;

    let part = format!("{path}.part");
    let outcome = receive(&mut &client, &mut File::create_new(&part)?);
    // A link is made only where nothing is: somebody else's file is not replaced.
    let outcome = outcome.and_then(|bytes| fs::hard_link(&part, &path).map(|()| bytes));
    fs::remove_file(&part)?;
    println!("received {} bytes, with the right MD5", outcome?);
    Ok(())
}

/// The digits, then all that comes; how much that was.
fn receive(socket: &mut impl Read, file: &mut File) -> io::Result<u64> {
    let mut digits = [0; 32];
    socket.read_exact(&mut digits)?;

    let mut digest = Md5::new();
    let mut total = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let received = socket.read(&mut buffer)?;
        if received == 0 {
            break;
        }
        digest.update(&buffer[..received]);
        file.write_all(&buffer[..received])?;
        total += received as u64;
    }
    // The end of a stream does not say whether the sender was done, or died. The digest does.
    let ours = digest
        .finalize()
        .into_iter()
        .map(|byte| format!("{byte:02x}"));
    if ours.collect::<String>().as_bytes() != digits.to_ascii_lowercase() {
        return Err(io::Error::other("damaged on the way: the MD5 differs"));
    }
    Ok(total)
}
