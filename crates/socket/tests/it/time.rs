//! Deadlines: none gives up early, none goes on for good.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{
    Address, Cause, Error, Family, Kind, Protocol, Socket, Timeout, UnixAddress,
};
use rustix::io::Errno;

use crate::{alone, any_port, tcp_pair, tcp_server, tcp_socket, unix_pair};

const SHORT: Duration = Duration::from_millis(50);
/// By when a call must have ended even where other programs get all the time. That a deadline does not
/// begin anew with each step is not shown by this, but by its passing at all while every step succeeds.
const MUCH_LATER: Duration = Duration::from_secs(10);

#[track_caller]
fn times_out<T: std::fmt::Debug>(call: impl FnOnce() -> Result<T, Error>) -> Error {
    let start = Instant::now();
    let error = call().unwrap_err();
    let took = start.elapsed();
    assert_eq!(error.cause(), &Cause::TimedOut, "{error}");
    assert!(took >= SHORT, "gave up after {took:?}");
    assert!(took < MUCH_LATER, "took {took:?}");
    error
}

#[test]
fn every_call_that_waits_times_out() {
    let (server, _) = tcp_server();
    server.set_timeout(SHORT).unwrap();
    let error = times_out(|| server.accept());
    assert_eq!(error.to_string(), "accept: timed out");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);

    let (one, _other) = unix_pair();
    one.set_timeout(SHORT).unwrap();
    times_out(|| one.recv(&mut [0]));
    times_out(|| one.recv_from(&mut [0]));
    one.set_timeout(Timeout::Zero).unwrap();
    while one.send(&[0; 4096]).is_ok() {}
    one.set_timeout(SHORT).unwrap();
    times_out(|| one.send(&[0; 4096]));
}

#[test]
fn a_connect_that_nobody_answers_times_out() {
    // A full queue on loopback drops the handshake, as a firewall would.
    let server = tcp_socket();
    server.bind(&any_port()).unwrap();
    server.listen(0).unwrap();
    let address = server.local_address().unwrap();
    let mut waiting = Vec::new();
    loop {
        let client = tcp_socket();
        client.set_timeout(SHORT).unwrap();
        let start = Instant::now();
        match client.connect(&address) {
            Ok(()) => waiting.push(client),
            Err(error) => {
                assert!(start.elapsed() >= SHORT);
                assert_eq!(
                    error.to_string(),
                    format!("connect to {address}: timed out")
                );
                break;
            }
        }
        assert!(waiting.len() < 16, "the queue never fills");
    }
    let client = tcp_socket();
    client.set_timeout(SHORT).unwrap();
    assert_eq!(
        client.connect_ex(&address).unwrap(),
        Errno::AGAIN.raw_os_error()
    );
}

#[test]
fn send_all_has_one_deadline_over_partial_sends() {
    let (client, server) = tcp_pair();
    client.set_send_buffer_bytes(4096).unwrap();
    client.set_timeout(SHORT).unwrap();
    // A peer that reads a little all the time: each step makes progress, the whole takes far too long.
    let reader = thread::spawn(move || {
        let mut total = 0;
        while let Ok(received @ 1..) = server.recv(&mut [0; 1024]) {
            total += received;
        }
        total
    });
    let data = vec![0; 256 << 20];
    times_out(|| client.send_all(&data));
    drop(client);
    let received = reader.join().unwrap();
    assert!(received > 4096, "{received}: progress was made");
    assert!(received < data.len());
}

#[test]
fn send_all_to_a_peer_that_never_reads_times_out() {
    let (client, _server) = tcp_pair();
    client.set_timeout(SHORT).unwrap();
    times_out(|| client.send_all(&vec![0; 64 << 20]));
}

#[test]
fn zero_does_not_wait() {
    for zero in [Timeout::Zero, Timeout::After(Duration::ZERO)] {
        does_not_wait(zero);
    }
}

fn does_not_wait(zero: Timeout) {
    let (server, _) = tcp_server();
    let (one, _other) = unix_pair();
    for socket in [&server, &one] {
        socket.set_timeout(zero).unwrap();
        assert!(!socket.is_blocking());
    }
    let again = Some(Errno::AGAIN.raw_os_error());
    assert_eq!(server.accept().unwrap_err().errno(), again);
    let error = one.recv(&mut [0]).unwrap_err();
    assert_eq!(
        (error.errno(), error.kind()),
        (again, io::ErrorKind::WouldBlock)
    );
}

#[test]
fn none_waits_until_it_is_done() {
    let (one, other) = unix_pair();
    assert_eq!(one.timeout(), Timeout::Never);
    let receiver = thread::spawn(move || {
        let mut buffer = [0; 4];
        one.recv(&mut buffer)
            .map(|received| buffer[..received].to_vec())
    });
    other.send(b"late").unwrap();
    assert_eq!(receiver.join().unwrap().unwrap(), b"late");
}

#[test]
fn a_duplicate_made_non_blocking_does_not_break_one_that_waits() {
    let (one, other) = unix_pair();
    let duplicate = one.duplicate().unwrap();
    duplicate.set_timeout(Timeout::Zero).unwrap();
    let receiver = thread::spawn(move || one.recv(&mut [0; 4]));
    assert!(duplicate.recv(&mut [0]).is_err());
    other.send(b"late").unwrap();
    assert_eq!(receiver.join().unwrap().unwrap(), 4);
}

#[test]
fn what_is_there_in_time_is_received() {
    let (one, other) = unix_pair();
    one.set_timeout(Duration::from_secs(60)).unwrap();
    let receiver = thread::spawn(move || one.recv(&mut [0; 4]));
    other.send(b"now").unwrap();
    assert_eq!(receiver.join().unwrap().unwrap(), 3);
}

#[test]
fn timeouts_are_kept_and_accepted_sockets_block() {
    let (server, address) = tcp_server();
    for timeout in [
        Timeout::Zero,
        Timeout::After(Duration::from_nanos(1)),
        Timeout::After(Duration::from_secs(3)),
        Timeout::Never,
    ] {
        server.set_timeout(timeout).unwrap();
        assert_eq!(server.timeout(), timeout);
    }
    server.set_timeout(Timeout::After(Duration::MAX)).unwrap();
    assert!(
        matches!(server.timeout(), Timeout::After(long) if long > Duration::from_secs(18_000_000_000))
    );
    let client = tcp_socket();
    client.connect(&address).unwrap();
    let (accepted, _) = server.accept().unwrap();
    assert_eq!(accepted.timeout(), Timeout::Never);
    assert_eq!(
        server.duplicate().unwrap().timeout(),
        server.timeout(),
        "a duplicate has the same"
    );
}

#[test]
fn zero_begins_a_connection_and_the_next_call_tells() {
    let (server, address) = tcp_server();
    let client = tcp_socket();
    client.set_timeout(Timeout::Zero).unwrap();
    let errno = client.connect_ex(&address).unwrap();
    assert!(
        [0, Errno::INPROGRESS.raw_os_error()].contains(&errno),
        "{errno}"
    );
    server.accept().unwrap();
    assert!([0, Errno::ISCONN.raw_os_error()].contains(&client.connect_ex(&address).unwrap()));
}

#[test]
fn a_unix_listener_with_a_full_queue_says_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = UnixAddress::Path(folder.path().join("full")).into();
    let server = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    server.bind(&address).unwrap();
    server.listen(0).unwrap();
    let connect = || {
        let client = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        client.set_timeout(Duration::from_secs(60)).unwrap();
        client.connect(&address).map(|()| client)
    };
    let mut waiting = Vec::new();
    let error = loop {
        match connect() {
            Ok(client) => waiting.push(client),
            Err(error) => break error,
        }
        assert!(waiting.len() < 16, "the queue never fills");
    };
    assert_eq!(error.errno(), Some(Errno::AGAIN.raw_os_error()));
}

/// How much processor time this thread has had.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap()
}

#[test]
fn a_wait_that_poll_calls_over_at_once_costs_no_processor() {
    let folder = tempfile::tempdir().unwrap();
    let address: Address = UnixAddress::Path(folder.path().join("full")).into();
    let datagrams = || Socket::new(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    let receiver = datagrams();
    receiver.bind(&address).unwrap();
    // Connected to nobody, so that poll asks for its own buffer alone, and not for the receiver's queue.
    let sender = datagrams();
    sender.set_timeout(Timeout::Zero).unwrap();
    while sender.send_to(b"x", &address).is_ok() {}

    let patience = Duration::from_millis(300);
    sender.set_timeout(patience).unwrap();
    let (start, before) = (Instant::now(), processor_time());
    let error = sender.send_to(b"x", &address).unwrap_err();
    let (took, spent) = (start.elapsed(), processor_time() - before);
    assert_eq!(error.cause(), &Cause::TimedOut, "{error}");
    assert!(took >= patience, "{took:?}");
    assert!(spent < patience / 5, "{spent:?} of {took:?} at work");

    // Nor does a pause outlast the reason for it.
    sender.set_timeout(Duration::from_secs(60)).unwrap();
    let late = thread::spawn(move || sender.send_to(b"x", &address));
    receiver.recv(&mut [0]).unwrap();
    assert_eq!(late.join().unwrap().unwrap(), 1);
}

#[test]
fn out_of_descriptors_is_said_at_once_and_the_connection_still_waits() {
    if !alone::is_alone() {
        // The limit is the whole process's.
        return alone::run(
            "time::out_of_descriptors_is_said_at_once_and_the_connection_still_waits",
        );
    }
    let (server, address) = tcp_server();
    let client = tcp_socket();
    client.connect(&address).unwrap();
    let mut taken = Vec::new();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let few = rustix::process::Rlimit {
        current: Some(64),
        ..limit
    };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, few).unwrap();
    while let Ok(duplicate) = client.duplicate() {
        taken.push(duplicate);
    }
    let before = processor_time();
    for timeout in [
        Timeout::Never,
        Timeout::After(Duration::from_secs(60)),
        Timeout::Zero,
    ] {
        server.set_timeout(timeout).unwrap();
        let start = Instant::now();
        let error = server.accept().unwrap_err();
        assert_eq!(error.errno(), Some(Errno::MFILE.raw_os_error()), "{error}");
        assert!(start.elapsed() < MUCH_LATER);
    }
    assert!(processor_time() - before < Duration::from_secs(1));
    taken.pop();
    server.accept().unwrap();
}

/// Whoever's word stays, the descriptor does as it says.
#[test]
fn timeouts_set_by_two_threads_at_once_leave_the_descriptor_as_they_say() {
    let (one, _other) = unix_pair();
    let descriptor_waits = || {
        let flags = rustix::fs::fcntl_getfl(&one).unwrap();
        !flags.contains(rustix::fs::OFlags::NONBLOCK)
    };
    for _ in 0..5_000 {
        std::thread::scope(|scope| {
            scope.spawn(|| one.set_timeout(Timeout::Never).unwrap());
            one.set_timeout(Duration::from_millis(50)).unwrap();
        });
        assert_eq!(descriptor_waits(), one.timeout() == Timeout::Never);
    }
}
