//! `splice_to` and `splice_from`: between a pipe and a socket, by both faces.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{Cause, MsgFlags, Shutdown, Socket, Timeout};
use rustix::io::Errno;

use crate::{tcp_pair, unix_pair};

type Call<'c> = dyn Fn(&Socket) -> landline_socket::Result<usize> + 'c;

const MAX_BYTES: usize = 1 << 20;
const SOON: Duration = Duration::from_millis(50);

/// More than pipes and sockets hold, and no two parts of it alike.
fn data() -> Vec<u8> {
    (0..6_000_000_u32).map(|n| (n / 7) as u8).collect()
}

/// A pipe that has room for nothing more.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (outlet, mut inlet) = pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&inlet, 4096).unwrap();
    inlet.write_all(&[7; 4096]).unwrap();
    (outlet, inlet)
}

/// A socket that takes nothing more: its peer does not receive.
fn full_socket() -> (Socket, Socket) {
    let (one, other) = unix_pair();
    one.set_timeout(Timeout::Zero).unwrap();
    while one.send(&[7; 4096]).is_ok() {}
    (one, other)
}

fn errno(outcome: landline_socket::Result<usize>) -> Option<Errno> {
    let error = outcome.unwrap_err();
    error.errno().map(Errno::from_raw_os_error)
}

#[test]
fn a_pipe_is_sent_to_its_end_and_a_stream_received_to_its_end() {
    for ((one, other), timeout) in [
        (tcp_pair(), Timeout::Never),
        (tcp_pair(), Timeout::After(Duration::from_secs(10))),
        (unix_pair(), Timeout::Never),
        (unix_pair(), Timeout::After(Duration::from_secs(10))),
    ] {
        one.set_timeout(timeout).unwrap();
        other.set_timeout(timeout).unwrap();
        let (source, mut into_source) = pipe().unwrap();
        let (mut sink, into_sink) = pipe().unwrap();
        let writer = thread::spawn(move || into_source.write_all(&data()));
        let sender = thread::spawn(move || {
            let mut all = 0;
            loop {
                match one.splice_to(&source, MAX_BYTES).unwrap() {
                    0 => break one.shutdown(Shutdown::Write).map(|()| all).unwrap(),
                    sent => all += sent,
                }
            }
        });
        let receiver = thread::spawn(move || {
            let mut all = 0;
            loop {
                match other.splice_from(&into_sink, MAX_BYTES).unwrap() {
                    0 => break all,
                    received => all += received,
                }
            }
        });
        let mut arrived = Vec::new();
        sink.read_to_end(&mut arrived).unwrap();
        assert!(arrived == data());
        writer.join().unwrap().unwrap();
        assert_eq!(sender.join().unwrap(), arrived.len());
        assert_eq!(receiver.join().unwrap(), arrived.len());
    }
}

#[test]
fn one_deadline_is_for_the_pipe_and_for_the_socket() {
    let (one, other) = unix_pair();
    let (empty, mut inlet) = pipe().unwrap();
    let (mut outlet, full) = full_pipe();
    let (stuck, _peer) = full_socket();
    other.send_all(b"here").unwrap();
    let cases: [(&Socket, &Call<'_>); 3] = [
        (&one, &|socket| socket.splice_to(&empty, MAX_BYTES)),
        (&one, &|socket| socket.splice_from(&full, MAX_BYTES)),
        (&other, &|socket| socket.splice_from(&inlet, MAX_BYTES)),
    ];
    for (socket, call) in cases {
        socket.set_timeout(Timeout::Zero).unwrap();
        assert_eq!(errno(call(socket)), Some(Errno::AGAIN));
        socket.set_timeout(SOON).unwrap();
        let begun = Instant::now();
        assert_eq!(*call(socket).unwrap_err().cause(), Cause::TimedOut);
        assert!(begun.elapsed() >= SOON);
    }

    // Of the pipe it is not the reason: that has something.
    inlet.write_all(b"more").unwrap();
    assert_eq!(errno(stuck.splice_to(&empty, 4)), Some(Errno::AGAIN));
    stuck.set_timeout(SOON).unwrap();
    let late = stuck.splice_to(&empty, 4).unwrap_err();
    assert_eq!(*late.cause(), Cause::TimedOut);
    assert_eq!(late.operation(), "send from a pipe");

    // What was waited for comes, and goes.
    one.set_timeout(Duration::from_secs(10)).unwrap();
    // Handed back, as a pipe that nobody has open for reading is broken.
    let drain = thread::spawn(move || outlet.read_exact(&mut [0; 4096]).map(|()| outlet));
    assert_eq!(one.splice_from(&full, MAX_BYTES).unwrap(), 4);
    drain.join().unwrap().unwrap();
    assert_eq!(one.splice_to(&empty, 3).unwrap(), 3, "at most as much");
}

#[test]
fn what_is_no_pipe_and_who_is_gone_are_errors() {
    let (one, other) = unix_pair();
    let (outlet, mut inlet) = pipe().unwrap();
    inlet.write_all(b"x").unwrap();
    let file = tempfile::tempfile().unwrap();
    other.send_all(b"x").unwrap();
    assert_eq!(errno(one.splice_to(&file, 1)), Some(Errno::INVAL));
    assert_eq!(errno(one.splice_from(&file, 1)), Some(Errno::INVAL));
    assert_eq!(errno(one.splice_to(&inlet, 1)), Some(Errno::BADF));
    assert_eq!(errno(one.splice_from(&outlet, 1)), Some(Errno::BADF));
    let (unread, into_unread) = pipe().unwrap();
    drop(unread);
    assert_eq!(errno(one.splice_from(&into_unread, 1)), Some(Errno::PIPE));
    drop(other);
    assert_eq!(errno(one.splice_to(&outlet, 1)), Some(Errno::PIPE));
}

/// Data, an urgent byte, and data behind it, which the peer may end with.
fn with_urgent(peer: &Socket, ends: bool) {
    peer.send_all(b"before").unwrap();
    peer.send_with(b"!", MsgFlags::OOB).unwrap();
    peer.send_all(b"behind").unwrap();
    if ends {
        peer.shutdown(Shutdown::Write).unwrap();
    }
}

/// `splice(2)` takes it for the end, or says "not now" of what is ready, which would be asked again without a pause.
#[test]
fn an_urgent_byte_is_left_out_as_by_a_receive() {
    for timeout in [Timeout::Never, Timeout::After(Duration::from_secs(10))] {
        let (one, other) = tcp_pair();
        let (mut outlet, inlet) = pipe().unwrap();
        other.set_timeout(timeout).unwrap();
        with_urgent(&one, false);
        assert_eq!(other.splice_from(&inlet, MAX_BYTES).unwrap(), 6);
        assert_eq!(other.splice_from(&inlet, MAX_BYTES).unwrap(), 6);
        with_urgent(&one, true);
        while other.splice_from(&inlet, MAX_BYTES).unwrap() > 0 {}
        drop(inlet);
        let mut all = String::new();
        outlet.read_to_string(&mut all).unwrap();
        assert_eq!(all, "beforebehindbeforebehind");
    }
    // With nothing behind it there is nothing yet, and no end.
    let (one, other) = tcp_pair();
    let (_outlet, inlet) = pipe().unwrap();
    other.set_timeout(SOON).unwrap();
    one.send_with(b"!", MsgFlags::OOB).unwrap();
    let late = other.splice_from(&inlet, MAX_BYTES).unwrap_err();
    assert_eq!(*late.cause(), Cause::TimedOut);
    // Nor is it taken where there is no room for it.
    let (_outlet, full) = full_pipe();
    with_urgent(&one, false);
    other.set_timeout(Timeout::Zero).unwrap();
    assert_eq!(other.recv(&mut [0; 6]).unwrap(), 6);
    assert_eq!(errno(other.splice_from(&full, 9)), Some(Errno::AGAIN));
    assert_eq!(other.splice_from(&inlet, 4).unwrap(), 4);
    assert_eq!(other.splice_from(&inlet, 4).unwrap(), 2);
}

#[cfg(feature = "tokio")]
mod awaited {
    use landline_socket::{AsyncDescriptor, AsyncSocket};
    use tokio::time::timeout;

    use super::*;

    fn asynchronous((one, other): (Socket, Socket)) -> (AsyncSocket, AsyncSocket) {
        let wrap = |socket| AsyncSocket::from_socket(socket).unwrap();
        (wrap(one), wrap(other))
    }

    fn is_pipes(outcome: &landline_socket::Result<usize>) -> bool {
        matches!(outcome, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    #[tokio::test]
    async fn whole_streams_go_through_whichever_end_is_slower() {
        for (one, other) in [asynchronous(tcp_pair()), asynchronous(unix_pair())] {
            let (source, mut into_source) = pipe().unwrap();
            let (mut sink, into_sink) = pipe().unwrap();
            let writer = thread::spawn(move || into_source.write_all(&data()));
            let reader = thread::spawn(move || {
                let mut all = Vec::new();
                sink.read_to_end(&mut all).map(|_| all)
            });
            let source = AsyncDescriptor::new(source.into()).unwrap();
            let into_sink = AsyncDescriptor::new(into_sink.into()).unwrap();
            let send = async {
                loop {
                    match one.splice_to(&source, MAX_BYTES).await {
                        Ok(0) => break one.shutdown(Shutdown::Write).unwrap(),
                        outcome if is_pipes(&outcome) => {
                            source.readable().await.unwrap();
                        }
                        outcome => assert!(outcome.unwrap() > 0),
                    }
                }
            };
            let receive = async {
                loop {
                    match other.splice_from(&into_sink, MAX_BYTES).await {
                        Ok(0) => break drop(into_sink),
                        outcome if is_pipes(&outcome) => {
                            into_sink.writable().await.unwrap();
                        }
                        outcome => assert!(outcome.unwrap() > 0),
                    }
                }
            };
            let both = async { tokio::join!(send, receive) };
            timeout(Duration::from_secs(10), both).await.unwrap();
            writer.join().unwrap().unwrap();
            assert!(reader.join().unwrap().unwrap() == data());
        }
    }

    /// Were the runtime told that the socket has nothing, this would wait for an event that never comes.
    #[tokio::test]
    async fn a_full_pipe_is_not_taken_for_an_empty_socket() {
        let (one, other) = asynchronous(tcp_pair());
        let (mut outlet, full) = full_pipe();
        let early = timeout(SOON, one.recv(&mut [0])).await;
        assert!(early.is_err(), "from here on the runtime watches it");
        other.send_all(b"here").await.unwrap();
        one.readable().await.unwrap();
        assert!(is_pipes(&one.splice_from(&full, MAX_BYTES).await));
        outlet.read_exact(&mut [0; 4096]).unwrap();
        let received = timeout(Duration::from_secs(10), one.splice_from(&full, MAX_BYTES)).await;
        assert_eq!(received.unwrap().unwrap(), 4);
    }

    #[tokio::test]
    async fn an_empty_pipe_is_told_and_a_full_socket_waited_for() {
        let (one, peer) = full_socket();
        let one = AsyncSocket::from_socket(one).unwrap();
        let (outlet, mut inlet) = pipe().unwrap();
        inlet.write_all(b"x").unwrap();
        let early = timeout(SOON, one.splice_to(&outlet, 1)).await;
        assert!(early.is_err(), "there is no room");
        let drain = thread::spawn(move || {
            peer.recv(&mut vec![0; 1 << 24]).unwrap();
            peer
        });
        assert_eq!(one.splice_to(&outlet, 1).await.unwrap(), 1);
        drain.join().unwrap();
        assert!(is_pipes(&one.splice_to(&outlet, 1).await));
    }

    #[tokio::test]
    async fn an_urgent_byte_stops_nobody() {
        let (one, other) = tcp_pair();
        let other = AsyncSocket::from_socket(other).unwrap();
        let (mut outlet, inlet) = pipe().unwrap();
        with_urgent(&one, false);
        for _ in 0..2 {
            let moved = timeout(
                Duration::from_secs(10),
                other.splice_from(&inlet, MAX_BYTES),
            );
            assert_eq!(moved.await.unwrap().unwrap(), 6);
        }
        let mut all = [0; 12];
        outlet.read_exact(&mut all).unwrap();
        assert_eq!(&all, b"beforebehind");
    }
}
