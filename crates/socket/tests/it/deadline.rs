//! The property of every wait: under partial progress, signals and thieves none outlives its timeout by more
//! than [`SLACK`], and none gives up early.

use std::io::{BufRead, ErrorKind, IoSlice, IoSliceMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{
    Address, Cause, ConnectOptions, Datagram, Error, Family, Interest, Kind, MsgFlags, Protocol,
    RecvBatch, Selector, Socket, SocketReader, Timeout, UnixAddress, connect_any,
    create_connection,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};
use rustix::process::{Pid, Signal, kill_process};

use crate::{tcp_pair, tcp_server, tcp_socket, unix_pair};

/// By how much a call may outlive its timeout where every processor is busy with other things. Measured on two
/// busy ones: 0.1 ms in the median, 9 ms at most.
const SLACK: Duration = Duration::from_millis(250);
/// What lies between a deed and the clock that is read after it.
const READING: Duration = Duration::from_millis(3);

#[derive(Clone, Copy, Debug)]
enum Operation {
    Recv,
    RecvFrom,
    RecvInto,
    RecvMsg,
    RecvMsgInto,
    RecvBatch,
    Accept,
    Send,
    SendAll,
    SendTo,
    SendVectored,
    SendMsg,
    SendBatch,
    SendFile,
    Select,
    ReadLine,
}

const OPERATIONS: &[Operation] = &[
    Operation::Recv,
    Operation::RecvFrom,
    Operation::RecvInto,
    Operation::RecvMsg,
    Operation::RecvMsgInto,
    Operation::RecvBatch,
    Operation::Accept,
    Operation::Send,
    Operation::SendAll,
    Operation::SendTo,
    Operation::SendVectored,
    Operation::SendMsg,
    Operation::SendBatch,
    Operation::SendFile,
    Operation::Select,
    Operation::ReadLine,
];

/// One wait and what happens around it.
#[derive(Clone, Debug)]
struct Case {
    operation: Operation,
    timeout: Duration,
    /// After each pause the peer does what lets the call go on, a little.
    pauses: Vec<Duration>,
    /// Whether somebody takes away what the peer brought, as soon as it is there.
    is_robbed: bool,
    /// How long after one signal the waiting thread gets the next.
    signals: Option<Duration>,
}

fn milliseconds(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

prop_compose! {
    fn case()(
        operation in prop::sample::select(OPERATIONS),
        timeout in milliseconds(5..60),
        pauses in prop::collection::vec(milliseconds(1..40), 0..12),
        is_robbed in any::<bool>(),
        signals in prop::option::of(milliseconds(1..4)),
    ) -> Case {
        Case { operation, timeout, pauses, is_robbed, signals }
    }
}

/// Lets time pass, by the calls that are tested; there is no other way to wait here.
fn pass(time: Duration) {
    let (clock, _open) = unix_pair();
    clock.set_timeout(time).unwrap();
    clock.recv(&mut [0]).unwrap_err();
}

/// What was seen of one case.
struct Seen {
    start: Instant,
    end: Instant,
    /// When the peer had done each of its deeds.
    deeds: Vec<Instant>,
    outcome: Result<(), ErrorKind>,
}

/// Makes the call while the peer acts, the thief steals and the signals come.
fn see(
    case: &Case,
    call: impl FnOnce() -> Result<(), ErrorKind>,
    deed: impl Fn() + Sync,
    steal: impl Fn() + Sync,
) -> Seen {
    let is_over = AtomicBool::new(false);
    let this = rustix::thread::gettid();
    thread::scope(|scope| {
        let peer = scope.spawn(|| {
            let mut deeds = Vec::new();
            for pause in &case.pauses {
                pass(*pause);
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                deed();
                deeds.push(Instant::now());
                if case.is_robbed {
                    // At once: whoever waited wakes up, and mostly finds nothing.
                    steal();
                }
            }
            deeds
        });
        if let Some(pause) = case.signals {
            let is_over = &is_over;
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    pass(pause);
                    interrupt(this);
                }
            });
        }
        let start = Instant::now();
        let outcome = call();
        let end = Instant::now();
        is_over.store(true, Ordering::Relaxed);
        let deeds = peer.join().unwrap();
        Seen {
            start,
            end,
            deeds,
            outcome,
        }
    })
}

/// A signal for this thread, if it can take it: `kill(2)` with a thread's number prefers that thread.
fn interrupt(thread: Pid) {
    kill_process(thread, Signal::USR1).unwrap();
}

fn judge(case: &Case, seen: &Seen) -> Result<(), TestCaseError> {
    let took = seen.end - seen.start;
    // A file has the timeout anew for each receive.
    let last = seen.deeds.iter().rfind(|deed| **deed < seen.end);
    let begun = match (case.operation, last) {
        (Operation::ReadLine, Some(last)) => *last,
        _ => seen.start,
    };
    let late = (seen.end - begun).saturating_sub(case.timeout);
    prop_assert!(late < SLACK, "{case:?} outlived its timeout by {late:?}");
    match seen.outcome {
        Ok(()) => prop_assert!(!seen.deeds.is_empty(), "{case:?} went on by itself"),
        Err(kind) => {
            prop_assert_eq!(kind, ErrorKind::TimedOut, "{:?}", case);
            prop_assert!(took >= case.timeout, "{case:?} gave up after {took:?}");
            let in_time = |deed: &Instant| *deed + READING < seen.start + case.timeout;
            let ends_by_one = !matches!(case.operation, Operation::SendAll | Operation::ReadLine);
            prop_assert!(
                case.is_robbed || !ends_by_one || !seen.deeds.iter().any(in_time),
                "{case:?} missed what was there in time"
            );
        }
    }
    Ok(())
}

fn kind<T>(outcome: Result<T, Error>) -> Result<(), ErrorKind> {
    outcome.map(|_| ()).map_err(|error| error.kind())
}

/// Receives on one end, while the other sends a byte at a time.
fn receiving(case: &Case, call: impl FnOnce(&Socket) -> Result<(), ErrorKind>) -> Seen {
    let (one, other) = unix_pair();
    one.set_timeout(case.timeout).unwrap();
    see(
        case,
        || call(&one),
        || assert_eq!(other.send(b"x").unwrap(), 1),
        || drop(one.recv_with(&mut [0], MsgFlags::DONTWAIT)),
    )
}

/// Sends on an end that is full, while the other takes a piece at a time, and the thief fills up what is free.
fn sending(case: &Case, call: impl FnOnce(&Socket) -> Result<(), ErrorKind>) -> Seen {
    let (one, other) = unix_pair();
    let fill = || while one.send_with(&[0; 4096], MsgFlags::DONTWAIT).is_ok() {};
    one.set_timeout(case.timeout).unwrap();
    fill();
    // Linux calls a Unix stream writable when three quarters of its room are free.
    let take = || {
        let mut taken = 0;
        while let Ok(received @ 1..) = other.recv_with(&mut [0; 65_536], MsgFlags::DONTWAIT) {
            taken += received;
        }
        assert!(taken > 0 || case.is_robbed || case.pauses.len() > 1);
    };
    see(case, || call(&one), take, fill)
}

/// Sends datagrams to an address whose socket has no room, until it takes some. Without a signal to the sender the kernel makes
/// room known only to a socket that is connected there, so the sender is, and names the address as well.
fn sending_datagrams(
    case: &Case,
    call: impl FnOnce(&Socket, &Address) -> Result<(), ErrorKind>,
) -> Seen {
    let make = || Socket::new(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    let (one, other) = (make(), make());
    other.bind(&UnixAddress::Unnamed.into()).unwrap();
    let address = other.local_address().unwrap();
    one.connect(&address).unwrap();
    let fill = || while one.send_with(b"x", MsgFlags::DONTWAIT).is_ok() {};
    one.set_timeout(case.timeout).unwrap();
    fill();
    let take = || while other.recv_with(&mut [0], MsgFlags::DONTWAIT).is_ok() {};
    see(case, || call(&one, &address), take, fill)
}

fn accepting(case: &Case) -> Seen {
    let (server, address) = tcp_server();
    server.set_timeout(case.timeout).unwrap();
    let steal = || {
        let thief = server.duplicate().unwrap();
        // Whether the descriptor blocks is the socket's; only this duplicate's own patience changes.
        thief.set_timeout(Timeout::Zero).unwrap();
        drop(thief.accept());
    };
    let connect = || tcp_socket().connect(&address).unwrap();
    see(case, || kind(server.accept()), connect, steal)
}

fn selecting(case: &Case) -> Seen {
    let (one, other) = unix_pair();
    let call = || {
        let mut selector = Selector::new().unwrap();
        selector.register(&one, Interest::READABLE, ()).unwrap();
        let mut events = Vec::new();
        selector.wait(&mut events, case.timeout).unwrap();
        // Python's `select` returns nothing when the time is up.
        if events.is_empty() {
            Err(ErrorKind::TimedOut)
        } else {
            Ok(())
        }
    };
    let steal = || drop(one.recv_with(&mut [0], MsgFlags::DONTWAIT));
    see(
        case,
        call,
        || assert_eq!(other.send(b"x").unwrap(), 1),
        steal,
    )
}

fn run(case: &Case) -> Result<(), TestCaseError> {
    let seen = match case.operation {
        Operation::Recv => receiving(case, |socket| kind(socket.recv(&mut [0]))),
        Operation::RecvFrom => receiving(case, |socket| kind(socket.recv_from(&mut [0]))),
        Operation::RecvInto => receiving(case, |socket| {
            kind(socket.recv_into(&mut Vec::with_capacity(1)))
        }),
        Operation::RecvMsg => receiving(case, |socket| {
            kind(socket.recv_msg(&mut [0], 0, MsgFlags::NONE))
        }),
        Operation::RecvMsgInto => receiving(case, |socket| {
            let mut buffer = [0];
            let mut buffers = [IoSliceMut::new(&mut buffer)];
            kind(socket.recv_msg_into(&mut buffers, 0, MsgFlags::NONE))
        }),
        Operation::RecvBatch => receiving(case, |socket| {
            kind(socket.recv_batch(&mut RecvBatch::new(1, 1).unwrap()))
        }),
        Operation::ReadLine => receiving(case, |socket| {
            let mut file = SocketReader::new(socket, Default::default());
            let outcome = file.read_line(&mut String::new());
            outcome.map(|_| ()).map_err(|error| error.kind())
        }),
        Operation::Send => sending(case, |socket| kind(socket.send(&[0; 4096]))),
        Operation::SendAll => sending(case, |socket| kind(socket.send_all(&vec![0; 64 << 20]))),
        Operation::SendTo => {
            sending_datagrams(case, |socket, address| kind(socket.send_to(b"x", address)))
        }
        Operation::SendBatch => sending_datagrams(case, |socket, address| {
            let datagram = Datagram {
                data: b"x",
                address: Some(address),
            };
            kind(socket.send_batch(&[datagram; 3]))
        }),
        Operation::SendVectored => sending(case, |socket| {
            kind(socket.send_vectored(&[IoSlice::new(&[0; 4096]), IoSlice::new(&[0; 4096])]))
        }),
        Operation::SendMsg => sending(case, |socket| {
            kind(socket.send_msg(&[IoSlice::new(&[0; 4096])], &[], MsgFlags::NONE, None))
        }),
        Operation::SendFile => sending(case, |socket| {
            let file = tempfile::tempfile().unwrap();
            file.set_len(1 << 20).unwrap();
            kind(socket.send_file(&file, 0, 4096))
        }),
        Operation::Accept => accepting(case),
        Operation::Select => selecting(case),
    };
    judge(case, &seen)
}

/// From here on `SIGUSR1` interrupts, and does nothing else.
fn take_signals() {
    static TAKEN: Once = Once::new();
    TAKEN.call_once(|| {
        signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::default()).unwrap();
    });
}

const AT_ONCE: usize = 8;

proptest! {
    #![proptest_config(Config { cases: 14, failure_persistence: None, max_shrink_iters: 8, ..Config::default() })]

    #[test]
    fn none_outlives_its_timeout_and_none_gives_up_early(
        cases in prop::collection::vec(case(), AT_ONCE)
    ) {
        take_signals();
        let verdicts: Vec<_> = thread::scope(|scope| {
            let runs: Vec<_> = cases.iter().map(|case| scope.spawn(|| run(case))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        for verdict in verdicts {
            verdict?;
        }
    }
}

/// A connection that is not answered ends at its timeout, signals or not: one attempt, and one of the calls that race many.
#[test]
fn a_connect_ends_at_its_timeout() {
    take_signals();
    let server = tcp_socket();
    server.bind(&crate::any_port()).unwrap();
    server.listen(0).unwrap();
    let address = server.local_address().unwrap();
    let port = address.port().unwrap();
    let plain = |timeout| {
        let client = tcp_socket();
        client.set_timeout(timeout).unwrap();
        client.connect(&address).map(|()| client)
    };
    let options = |timeout: Duration| ConnectOptions {
        timeout: timeout.into(),
        ..ConnectOptions::default()
    };
    let raced = |timeout| connect_any(&[address.clone(), address.clone()], &options(timeout));
    let created = |timeout| create_connection("127.0.0.1", port, &options(timeout));
    let ways: [&dyn Fn(Duration) -> Result<Socket, Error>; 3] = [&plain, &raced, &created];
    let mut refused = 0;
    let mut queue = Vec::new();
    while refused < 6 {
        let timeout = Duration::from_millis(20 + 10 * refused);
        let case = Case {
            operation: Operation::Recv,
            timeout,
            pauses: Vec::new(),
            is_robbed: false,
            signals: Some(Duration::from_millis(2)),
        };
        let way = ways[refused as usize % ways.len()];
        let mut made = None;
        let call = || kind(way(timeout).map(|socket| made = Some(socket)));
        let seen = see(&case, call, || {}, || {});
        if seen.outcome.is_err() {
            judge(&case, &seen).unwrap();
            refused += 1;
        } else {
            assert!(queue.len() < 16, "the queue never fills");
            queue.push(made);
        }
    }
}

/// Partial progress on TCP does not begin the time anew either.
#[test]
fn send_all_ends_at_its_timeout_while_the_peer_reads() {
    let (client, server) = tcp_pair();
    let timeout = Duration::from_millis(60);
    client.set_timeout(timeout).unwrap();
    let reader = thread::spawn(move || while let Ok(1..) = server.recv(&mut [0; 512]) {});
    let start = Instant::now();
    let error = client.send_all(&vec![0; 256 << 20]).unwrap_err();
    let took = start.elapsed();
    assert_eq!(error.cause(), &Cause::TimedOut);
    assert!(timeout <= took && took < timeout + SLACK, "{took:?}");
    drop(client);
    reader.join().unwrap();
}
