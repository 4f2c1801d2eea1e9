//! Many connections on one thread: an echo server on Python's `selectors`.

use std::collections::HashMap;
use std::io::{self, Read};
use std::thread;

use landline_socket::{
    Event, Family, Interest, Kind, Protocol, Result, Selector, ServerOptions, Socket, Timeout,
    create_server,
};

pub(crate) fn main() -> io::Result<()> {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let server = create_server(&address, &ServerOptions::default())?;
    let address = server.local_address()?;
    let mut selector = Selector::new()?;
    let stop = selector.waker();
    let serving = thread::spawn(move || serve(&server, &mut selector));

    let mut clients = Vec::new();
    for _ in 0..10 {
        let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
        client.connect(&address)?;
        client.send_all(b"hello")?;
        clients.push(client);
    }
    for client in &clients {
        let mut answer = [0; 5];
        client.make_file().read_exact(&mut answer)?;
        assert_eq!(&answer, b"hello");
    }
    stop.wake();
    Ok(serving.join().expect("the server ends")?)
}

/// Sends everybody's bytes back, until it is woken.
fn serve(server: &Socket, selector: &mut Selector<()>) -> Result<()> {
    let listening = selector.register(server, Interest::READABLE, ())?;
    let (mut connections, mut events) = (HashMap::new(), Vec::new());
    while !selector.wait(&mut events, Timeout::Never)? {
        for Event { key, .. } in &events {
            if *key == listening {
                let (connection, _) = server.accept()?;
                let key = selector.register(&connection, Interest::READABLE, ())?;
                connections.insert(key, connection);
            } else if !connections.get(key).is_some_and(echo) {
                selector.unregister(*key)?;
                connections.remove(key);
            }
        }
    }
    Ok(())
}

/// Sends back what has come; whether the peer is still there.
fn echo(connection: &Socket) -> bool {
    let mut buffer = [0; 4096];
    let received = connection.recv(&mut buffer).unwrap_or(0);
    received > 0 && connection.send_all(&buffer[..received]).is_ok()
}
