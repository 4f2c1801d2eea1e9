//! A port scanner: 100 workers knock at every port, and each waits for a second at most.
//!
//! Run `cargo lesson 22-scanner 127.0.0.1 1 10000`. Scan only machines that are yours.
//! Arguments: the address (127.0.0.1), the first port (1), the last (1024).

use std::env;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{iter, thread};

use landline_socket::{ConnectOptions, connect_any, service_name};

const WORKERS: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let host: IpAddr = arguments.next().unwrap_or("127.0.0.1".into()).parse()?;
    let first: u16 = arguments.next().unwrap_or("1".into()).parse()?;
    let last: u16 = arguments.next().unwrap_or("1024".into()).parse()?;

    let start = Instant::now();
    // The work, shared: whoever is free takes the next port.
    let ports = Mutex::new(first..=last);
    let next = || ports.lock().ok()?.next();
    let mut open: Vec<u16> = thread::scope(|scope| {
        let worker = || Vec::from_iter(iter::from_fn(next).filter(|port| is_open(host, *port)));
        let workers = Vec::from_iter((0..WORKERS).map(|_| scope.spawn(worker)));
        let found = workers.into_iter().flat_map(|worker| worker.join());
        found.flatten().collect()
    });
    open.sort_unstable();
    for port in &open {
        // The name by convention: /etc/services. What really answers there is another lesson.
        let name = service_name(*port, Some("tcp")).unwrap_or("unknown".into());
        println!("{port} is open ({name})");
    }
    let (found, asked) = (open.len(), (first..=last).len());
    println!("{found} of {asked} are open, after {:.1?}", start.elapsed());
    Ok(())
}

/// Open: the handshake succeeds. Closed: a reset says so at once. Filtered: nothing comes, until time is up.
fn is_open(host: IpAddr, port: u16) -> bool {
    let options = ConnectOptions {
        timeout: Duration::from_secs(1).into(),
        ..ConnectOptions::default()
    };
    let outcome = connect_any(&[SocketAddr::new(host, port).into()], &options);
    // On one's own machine a socket may happen to meet itself, when the kernel gives it that very port to call from.
    outcome.is_ok_and(|socket| socket.local_address().ok() != socket.peer_address().ok())
}
