//! The long cases of the sockets, run by `cargo xtask prove`: servers through which many have gone.
#![allow(clippy::print_stdout, reason = "the figures are the result")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use landline_socket::server::{self, Model, Options, Running};
use landline_socket::{Family, Kind, Protocol, ServerOptions, Shutdown, Socket, create_server};

/// As many as would show a leak of one byte each.
const CALLS: u32 = 100_000;
const MODELS: &[Model] = &[
    Model::Single,
    Model::Threads(64),
    Model::Readiness,
    #[cfg(feature = "tokio")]
    Model::Tasks,
];

/// What must not grow.
#[derive(Debug)]
struct Held {
    threads: usize,
    descriptors: usize,
    kib: u64,
}

impl Held {
    fn now() -> Self {
        let entries = |folder: &str| std::fs::read_dir(folder).unwrap().count();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        Self {
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
            kib: resident.split_whitespace().nth(1).unwrap().parse().unwrap(),
        }
    }
}

/// One short connection, ended by the client, which waits for the server's end: so it is the server's
/// address that is used up by nobody.
fn call(running: &Running) {
    let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    client.set_timeout(Duration::from_secs(5)).unwrap();
    client.connect(running.address()).unwrap();
    client.send_all(b"hello").unwrap();
    let mut buffer = [0; 16];
    assert_eq!(client.recv(&mut buffer).unwrap(), 5);
    // Without TIME_WAIT, of which a machine has room for fewer than this.
    client.set_linger(Some(Duration::ZERO)).unwrap();
    let _ = client.shutdown(Shutdown::Write);
    assert_eq!(client.recv(&mut buffer).unwrap_or(0), 0);
}

#[test]
fn a_hundred_thousand_short_connections_leave_everything_flat() {
    for &model in MODELS {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
        let listener = create_server(&any_port, &ServerOptions::default()).unwrap();
        let echo = server::reply(|data, reply| reply.send(data));
        let options = Options {
            model,
            ..Options::default()
        };
        let running = server::start(listener, echo, &options).unwrap();
        for _ in 0..1000 {
            call(&running);
        }
        let before = Held::now();
        let began = Instant::now();
        for _ in 0..CALLS {
            call(&running);
        }
        let took = began.elapsed();
        let after = Held::now();
        println!(
            "prove: {CALLS} short connections, {model:?}: {:.0}/s; threads {} then {}, descriptors {} then {}, memory {} KiB then {} KiB",
            f64::from(CALLS) / took.as_secs_f64(),
            before.threads,
            after.threads,
            before.descriptors,
            after.descriptors,
            before.kib,
            after.kib
        );
        // The last one or two may be at their end.
        assert!(after.threads <= before.threads + 4, "{model:?}");
        assert!(after.descriptors <= before.descriptors + 4, "{model:?}");
        assert!(after.kib <= before.kib + 1024, "{model:?}");
        running.stop();
        assert_eq!(running.join().unwrap().accepted, u64::from(CALLS) + 1000);
    }
}
