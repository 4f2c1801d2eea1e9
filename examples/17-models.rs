//! Four models of a server, side by side: one handler, and the same crowd for each.
//!
//! Run `cargo lesson 17-models --features all`. Both ends are in this program.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::server::{self, Model, Options};
use landline_socket::{Address, ConnectOptions, Result, ServerOptions, connect_any, create_server};

const QUESTIONS: usize = 100;

fn main() -> Result<()> {
    // One client after the other, while the rest wait in the kernel's queue; a thread for each; one thread that
    // asks the kernel who is ready, as in lesson 11; the same, written as if each had a thread: async Rust.
    for model in [
        Model::Single,
        Model::Threads(64),
        Model::Readiness,
        Model::Tasks,
    ] {
        let options = Options {
            model,
            ..Options::default()
        };
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
        let server = create_server(&any_port, &ServerOptions::default())?;
        let upper = server::reply(|data, reply| reply.send(&data.to_ascii_uppercase()));
        let running = server::start(server, upper, &options)?;
        let time = crowd(running.address())?;
        running.stop();
        let served = running.join()?.accepted;
        println!("{model:?}: {served} clients with {QUESTIONS} questions each in {time:.1?}");
    }
    Ok(())
}

/// All clients at once, each with its questions; how long it took them.
fn crowd(address: &Address) -> Result<Duration> {
    let start = Instant::now();
    thread::scope(|scope| {
        let mut clients = [(); 8].map(|()| scope.spawn(|| ask(address))).into_iter();
        clients.try_for_each(|client| client.join().expect("a client does not panic"))
    })?;
    Ok(start.elapsed())
}

fn ask(address: &Address) -> Result<()> {
    let client = connect_any(std::slice::from_ref(address), &ConnectOptions::default())?;
    let mut answer = [0; 16];
    for _ in 0..QUESTIONS {
        client.send_all(b"hello")?;
        client.recv(&mut answer)?;
    }
    Ok(())
}
