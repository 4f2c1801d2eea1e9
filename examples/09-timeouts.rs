//! Timeouts: for accepting, for receiving, and for sending to somebody who does not read.
//!
//! Run `cargo lesson 09-timeouts`. Both ends are in this program.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use landline_socket::{
    Cause, ConnectOptions, Result, ServerOptions, Timeout, connect_any, create_server,
};

fn main() -> Result<()> {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let server = create_server(&any_port, &ServerOptions::default())?;
    let tenth = Duration::from_millis(100);

    // Without a timeout, which is the default, this would wait for ever.
    server.set_timeout(tenth)?;
    report("accept", || server.accept().map(|_| ()));

    let client = connect_any(&[server.local_address()?], &ConnectOptions::default())?;
    let (connection, _) = server.accept()?;
    connection.set_timeout(tenth)?;
    report("receive", || connection.recv(&mut [0; 64]).map(|_| ()));

    // The kernels on both sides keep a few megabytes; then a send waits until the other side reads.
    // The timeout is for all of it, however many steps it takes.
    let much = vec![0; 64 << 20];
    report("send to one who does not read", || {
        connection.send_all(&much)
    });

    // Zero does not wait at all: what cannot be done now is an error of its own.
    connection.set_timeout(Timeout::Zero)?;
    report("receive without waiting", || {
        connection.recv(&mut [0; 64]).map(|_| ())
    });

    // And what is there in time is simply received.
    connection.set_timeout(Duration::from_secs(5))?;
    client.send_all(b"here I am")?;
    report("receive in time", || {
        connection.recv(&mut [0; 64]).map(|_| ())
    });
    Ok(())
}

/// Does it, and says how it went and how long it took.
fn report(what: &str, call: impl FnOnce() -> Result<()>) {
    let start = Instant::now();
    let outcome = match call() {
        Ok(()) => "done".to_owned(),
        Err(error) if *error.cause() == Cause::TimedOut => "timed out".to_owned(),
        Err(error) => error.to_string(),
    };
    // In tenths of a second, rounded down.
    let tenths = start.elapsed().as_millis() / 100;
    println!("{what}: {outcome} after 0.{tenths} s");
}
