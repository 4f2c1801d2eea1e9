//! Many clients on one thread: a selector says which sockets are ready, and only those are called.
//!
//! Run `cargo lesson 11-select-server`, then `cargo lesson 03-loop-client` in several terminals. Argument: the port (7000).

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use landline_socket::{Event, Interest, Selector, ServerOptions, Socket, Timeout, create_server};

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);

    let mut selector = Selector::new()?;
    // A server is readable when somebody waits to be accepted.
    let listening = selector.register(&server, Interest::READABLE, ())?;
    let mut connections = HashMap::new();
    let mut events = Vec::new();
    loop {
        // The one place where this program waits, for all of them at once.
        selector.wait(&mut events, Timeout::Never)?;
        for Event { key, .. } in &events {
            if *key == listening {
                let (connection, peer) = server.accept()?;
                println!("{peer} came");
                // Who does not read would hold up all the others: not for longer than this.
                connection.set_timeout(Duration::from_secs(1))?;
                let key = selector.register(&connection, Interest::READABLE, ())?;
                connections.insert(key, (connection, peer));
                continue;
            }
            let Some((connection, peer)) = connections.get(key) else {
                continue;
            };
            if !answer(connection) {
                println!("{peer} left");
                selector.unregister(*key)?;
                connections.remove(key);
            }
        }
    }
}

/// Sends what has come back in capitals; whether the client is still there.
fn answer(connection: &Socket) -> bool {
    let mut buffer = [0; 1024];
    let Ok(received) = connection.recv(&mut buffer) else {
        return false;
    };
    let said = &buffer[..received];
    received > 0 && connection.send_all(&said.to_ascii_uppercase()).is_ok()
}
