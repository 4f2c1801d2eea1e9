//! Ending what another thread waits for: each outcome as `Socket` documents it, and as CPython has it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use landline_socket::{
    Address, Cause, Error, Family, Kind, Protocol, Shutdown, Socket, Timeout, UnixAddress,
};
use rustix::io::Errno;

use crate::{any_port, tcp_pair, tcp_server, tcp_socket, unix_pair};

const SHORT: Duration = Duration::from_millis(50);
const LONG: Timeout = Timeout::After(Duration::from_secs(60));

/// A call on the socket in a thread of its own, which is waiting by the time this returns.
fn waiting<T: Send + 'static>(
    socket: &Arc<Socket>,
    call: impl FnOnce(&Socket) -> Result<T, Error> + Send + 'static,
) -> JoinHandle<Result<T, Error>> {
    let (tells, told) = unix_pair();
    let socket = Arc::clone(socket);
    let thread = thread::spawn(move || {
        let number = rustix::thread::gettid().as_raw_nonzero().get();
        tells.send_all(&number.to_ne_bytes()).unwrap();
        call(&socket)
    });
    let mut number = [0; 4];
    told.recv(&mut number).unwrap();
    let state = format!("/proc/self/task/{}/stat", i32::from_ne_bytes(number));
    // The state is the letter behind the name in parentheses; S sleeps, R runs, and an ended thread has no file.
    while std::fs::read_to_string(&state).is_ok_and(|stat| {
        !stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .starts_with('S')
    }) {
        thread::yield_now();
    }
    thread
}

fn errno<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Option<Errno> {
    outcome.unwrap_err().errno().map(Errno::from_raw_os_error)
}

fn full(socket: &Socket, timeout: Timeout) {
    socket.set_timeout(Timeout::Zero).unwrap();
    while socket.send(&[0; 4096]).is_ok() {}
    socket.set_timeout(timeout).unwrap();
}

#[test]
fn shutting_down_ends_a_receive_with_the_end_of_the_stream() {
    for timeout in [Timeout::Never, LONG] {
        for pair in [unix_pair, tcp_pair] {
            let (one, _other) = pair();
            one.set_timeout(timeout).unwrap();
            let one = Arc::new(one);
            let receiver = waiting(&one, |socket| socket.recv(&mut [0]));
            one.shutdown(Shutdown::Read).unwrap();
            assert_eq!(receiver.join().unwrap().unwrap(), 0);
        }
    }
}

#[test]
fn shutting_down_ends_an_accept_with_einval() {
    for timeout in [Timeout::Never, LONG] {
        let (server, _) = tcp_server();
        server.set_timeout(timeout).unwrap();
        let server = Arc::new(server);
        let acceptor = waiting(&server, Socket::accept);
        server.shutdown(Shutdown::Both).unwrap();
        assert_eq!(errno(acceptor.join().unwrap()), Some(Errno::INVAL));
    }
}

#[test]
fn shutting_down_ends_a_send_and_a_connect() {
    let (one, _other) = unix_pair();
    full(&one, Timeout::Never);
    let one = Arc::new(one);
    let sender = waiting(&one, |socket| socket.send(b"x"));
    one.shutdown(Shutdown::Write).unwrap();
    assert_eq!(errno(sender.join().unwrap()), Some(Errno::PIPE));

    let (client, _other) = tcp_pair();
    full(&client, LONG);
    let client = Arc::new(client);
    let sender = waiting(&client, |socket| socket.send_all(&vec![0; 64 << 20]));
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(errno(sender.join().unwrap()), Some(Errno::PIPE));

    for timeout in [Timeout::Never, LONG] {
        let (address, _queue) = unanswered();
        let client = tcp_socket();
        client.set_timeout(timeout).unwrap();
        let client = Arc::new(client);
        let connecting = waiting(&client, move |socket| socket.connect(&address));
        client.shutdown(Shutdown::Both).unwrap();
        assert_eq!(errno(connecting.join().unwrap()), Some(Errno::CONNRESET));
    }
}

/// Where a connection is begun and not answered: a full queue on loopback drops the handshake.
fn unanswered() -> (Address, Vec<Socket>) {
    let server = tcp_socket();
    server.bind(&any_port()).unwrap();
    server.listen(0).unwrap();
    let address = server.local_address().unwrap();
    let mut queue = vec![server];
    loop {
        let client = tcp_socket();
        client.set_timeout(SHORT).unwrap();
        let outcome = client.connect(&address);
        queue.push(client);
        if outcome.is_err() {
            return (address, queue);
        }
        assert!(queue.len() < 16, "the queue never fills");
    }
}

#[test]
fn a_shutdown_that_the_kernel_does_not_tell_ends_at_the_timeout_and_not_before() {
    let name = format!("landline-closing-{}", std::process::id());
    let listener = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let abstract_name = UnixAddress::Abstract(name.into_bytes());
    listener.bind(&abstract_name.into()).unwrap();
    listener.listen(1).unwrap();
    let datagrams = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    datagrams.bind(&any_port()).unwrap();
    datagrams
        .connect(&datagrams.local_address().unwrap())
        .unwrap();
    let (sender, _other) = unix_pair();
    full(&sender, Timeout::Never);
    for socket in [&listener, &datagrams, &sender] {
        socket.set_timeout(SHORT).unwrap();
    }
    let (listener, datagrams) = (Arc::new(listener), Arc::new(datagrams));
    let sender = Arc::new(sender);
    let accepting = waiting(&listener, |socket| socket.accept().map(|_| ()));
    let receiving = waiting(&datagrams, |socket| socket.recv(&mut [0]).map(|_| ()));
    let sending = waiting(&sender, |socket| socket.send(b"x").map(|_| ()));
    for socket in [&listener, &datagrams] {
        socket.shutdown(Shutdown::Both).unwrap();
    }
    sender.shutdown(Shutdown::Write).unwrap();
    for outcome in [accepting, receiving, sending] {
        let error = outcome.join().unwrap().unwrap_err();
        assert_eq!(error.cause(), &Cause::TimedOut, "{error}");
    }
}

#[test]
fn dropping_a_duplicate_ends_nothing() {
    for timeout in [Timeout::Never, LONG] {
        let (one, other) = unix_pair();
        one.set_timeout(timeout).unwrap();
        let one = Arc::new(one);
        let receiver = waiting(&one, |socket| socket.recv(&mut [0; 4]));
        drop(one.duplicate().unwrap());
        one.duplicate().unwrap().close().unwrap();
        other.send(b"yes").unwrap();
        assert_eq!(receiver.join().unwrap().unwrap(), 3);

        let (server, address) = tcp_server();
        server.set_timeout(timeout).unwrap();
        let server = Arc::new(server);
        let acceptor = waiting(&server, Socket::accept);
        drop(server.duplicate().unwrap());
        tcp_socket().connect(&address).unwrap();
        acceptor.join().unwrap().unwrap();
    }
}

#[test]
fn shutting_a_duplicate_down_is_shutting_down() {
    let (one, _other) = unix_pair();
    let duplicate = one.duplicate().unwrap();
    let one = Arc::new(one);
    let receiver = waiting(&one, |socket| socket.recv(&mut [0]));
    duplicate.shutdown(Shutdown::Both).unwrap();
    assert_eq!(receiver.join().unwrap().unwrap(), 0);
}

#[test]
fn a_duplicate_set_to_block_makes_one_with_a_timeout_wait_longer() {
    let (one, other) = unix_pair();
    one.set_timeout(SHORT).unwrap();
    one.duplicate()
        .unwrap()
        .set_timeout(Timeout::Never)
        .unwrap();
    assert_eq!(one.timeout(), Timeout::After(SHORT));
    let one = Arc::new(one);
    let receiver = waiting(&one, |socket| socket.recv(&mut [0]));
    // Twice its timeout, waited for on the other end, where nothing comes.
    other.set_timeout(SHORT * 2).unwrap();
    assert_eq!(other.recv(&mut [0]).unwrap_err().cause(), &Cause::TimedOut);
    other.send(b"x").unwrap();
    assert_eq!(receiver.join().unwrap().unwrap(), 1);
}

#[test]
fn detached_and_taken_back_it_is_the_same_socket() {
    let (one, other) = unix_pair();
    let number = one.descriptor();
    let back = Socket::from(one.detach());
    assert_eq!(back.descriptor(), number);
    other.send(b"x").unwrap();
    assert_eq!(back.recv(&mut [0; 2]).unwrap(), 1);
}

#[test]
fn a_descriptor_is_inheritable_only_if_it_is_told_to_be() {
    let (one, _other) = unix_pair();
    assert!(!one.is_inheritable().unwrap());
    one.set_inheritable(true).unwrap();
    assert!(one.is_inheritable().unwrap());
    assert!(!one.duplicate().unwrap().is_inheritable().unwrap());
    // A program that is started sees it, or does not.
    let sees = |inheritable| {
        one.set_inheritable(inheritable).unwrap();
        let path = format!("/proc/self/fd/{}", one.descriptor());
        let found = std::process::Command::new("test")
            .args(["-e", &path])
            .status();
        found.unwrap().success()
    };
    assert_eq!((sees(true), sees(false)), (true, false));
}

#[test]
fn blocking_is_two_of_the_three_timeouts() {
    let (one, _other) = unix_pair();
    for (timeout, is_blocking) in [(LONG, true), (Timeout::Zero, false), (Timeout::Never, true)] {
        one.set_timeout(timeout).unwrap();
        assert_eq!(one.is_blocking(), is_blocking, "{timeout:?}");
    }
    one.set_blocking(false).unwrap();
    assert_eq!(one.timeout(), Timeout::Zero);
    one.set_blocking(true).unwrap();
    assert_eq!(one.timeout(), Timeout::Never);
}
