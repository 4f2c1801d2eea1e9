//! A TCP server that greets whoever comes, and hangs up.
//!
//! Run `cargo lesson 01-greeting-server`, then `cargo lesson 01-greeting-client` in a second terminal.
//! The port is the first argument, 7000 unless you give one; 0 takes any that is free. Ctrl-C ends a server.

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use landline_socket::{ServerOptions, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));

    // Three calls in C: socket, bind, listen. From here on the kernel takes connections, and queues them.
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    loop {
        // Waits for the next in the queue. What comes out is a second socket, for this client alone.
        let (connection, peer) = server.accept()?;
        println!("{peer} came");
        let greeting = format!("hello, {peer}\n");
        // What goes wrong with one client must not end the server.
        if let Err(error) = connection.send_all(greeting.as_bytes()) {
            println!("{peer}: {error}");
        }
        // The connection is closed here, where its owner goes out of scope.
    }
}
