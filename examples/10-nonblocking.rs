//! A socket that never waits: it does what can be done now, or says so, and the program does something else.
//!
//! Run `cargo lesson 10-nonblocking`. Both ends are in this program.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::thread;

use landline_socket::{ConnectOptions, Result, ServerOptions, connect_any, create_server};

fn main() -> Result<()> {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let server = create_server(&any_port, &ServerOptions::default())?;
    server.set_blocking(false)?;
    if let Err(error) = server.accept() {
        println!("nobody yet: {error}");
    }

    // Another thread comes when it gets to it.
    let address = server.local_address()?;
    let client = thread::spawn(move || {
        let client = connect_any(&[address], &ConnectOptions::default())?;
        client.send_all(b"at last")
    });
    let (connection, _) = until_done(|| server.accept())?;
    // The new socket blocks, whatever the server's does.
    connection.set_blocking(false)?;
    let mut buffer = [0; 64];
    let received = until_done(|| connection.recv(&mut buffer))?;
    println!(
        "received {:?}",
        String::from_utf8_lossy(&buffer[..received])
    );
    client.join().expect("the client does not panic")
}

/// Asks again and again. It keeps a processor busy with asking: the next lesson waits for all at once instead.
fn until_done<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    let mut other_work = 0_u64;
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => other_work += 1,
            outcome => {
                println!("done, and {other_work} other things meanwhile");
                return outcome;
            }
        }
    }
}
