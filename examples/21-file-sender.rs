//! A file with its MD5: 32 hex digits, then the bytes, then the end of the stream.
//!
//! Run `cargo lesson 21-file-sender README.md`, then `cargo lesson 21-file-receiver copy.md` in a second terminal.
//! Arguments: the file, the port (7000). MD5 finds damage by accident; against malice it is too weak.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::net::SocketAddr;

use landline_socket::{ServerOptions, Socket, create_server};
use md5::{Digest, Md5};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which file?")?;
    let port: u16 = env::args().nth(2).unwrap_or("7000".into()).parse()?;
    let mut file = File::open(&path)?;

    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    let (connection, peer) = server.accept()?;
    let sent = send(&connection, &mut file)?;
    println!("sent {sent} bytes of {path:?} to {peer}");
    Ok(())
}

/// Goes through it twice, once for the digest and once to send; how many bytes it has.
fn send(connection: &Socket, file: &mut File) -> io::Result<u64> {
    let mut digest = Md5::new();
    by_pieces(file, |piece| {
        digest.update(piece);
        Ok(())
    })?;
    let digits = digest
        .finalize()
        .into_iter()
        .map(|byte| format!("{byte:02x}"));
    connection.send_all(digits.collect::<String>().as_bytes())?;
    file.rewind()?;
    by_pieces(file, |piece| Ok(connection.send_all(piece)?))
}

/// A piece at a time, so that a file of any size takes little memory.
fn by_pieces(file: &mut File, mut with: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
    let mut total = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(total);
        }
        with(&buffer[..read])?;
        total += read as u64;
    }
}
