//! A chat room: a thread for each member, and a list of all of them behind a lock.
//!
//! Run `cargo lesson 20-chat-server`, then `cargo lesson 14-full-client` (or `nc 127.0.0.1 7000`) in several terminals.
//! Argument: the port (7000).

use std::env;
use std::error::Error;
use std::io::BufRead;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landline_socket::server::{Connection, Options, Stop, serve_connections};
use landline_socket::{Address, ServerOptions, Shutdown, Socket, create_server};

/// Who is in the room, and the way to each.
static MEMBERS: Mutex<Vec<(Address, Socket)>> = Mutex::new(Vec::new());

fn members() -> MutexGuard<'static, Vec<(Address, Socket)>> {
    MEMBERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::args().nth(1).unwrap_or("7000".into()).parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = create_server(&address.into(), &ServerOptions::default())?;
    println!("listening on {}", server.local_address()?);
    serve_connections(server, member, &Options::default(), &Stop::new())?;
    Ok(())
}

/// One member, from coming to leaving.
fn member(connection: &Connection) -> landline_socket::Result<()> {
    let peer = connection.peer();
    // A second descriptor of the same socket, for the other threads to send by.
    let way = connection.duplicate()?;
    way.set_timeout(Duration::from_secs(1))?;
    say(&format!("{peer} came"), peer);
    members().push((peer.clone(), way));
    // A line that is too long, or no text, or not there for five minutes: that member has left.
    for line in connection.make_file().lines().map_while(Result::ok) {
        say(&format!("{peer}: {}", line.escape_debug()), peer);
    }
    members().retain(|(other, _)| other != peer);
    say(&format!("{peer} left"), peer);
    Ok(())
}

/// Everybody but the speaker hears it. Who does not read for a second is thrown out, and the others go on.
fn say(text: &str, speaker: &Address) {
    println!("{text}");
    for (member, way) in members().iter() {
        if member != speaker && way.send_all(format!("{text}\n").as_bytes()).is_err() {
            // Its own thread sees the end, and takes it off the list.
            let _ = way.shutdown(Shutdown::Both);
        }
    }
}
