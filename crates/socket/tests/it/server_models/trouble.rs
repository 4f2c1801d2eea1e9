//! Peers and handlers that misbehave, and a machine that has nothing left: nobody else is hurt.

use std::time::{Duration, Instant};

use landline_socket::server::{self, End, Handler, Model, Options, Reason, Reply, Stop};
use landline_socket::{Cause, Family, Kind, MsgFlags, Protocol, Shutdown, Socket};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{
    DATAGRAMS, Home, MODELS, PATIENCE, STREAMS, Told, alone, client, concurrent, echo, expect,
    is_closed, options, rest, start,
};

#[test]
fn a_client_that_resets_hurts_nobody() {
    for &model in MODELS {
        let told = Told::default();
        let server = start(Home::Tcp, told.clone(), &options(model));
        for _ in 0..5 {
            let resets = client(Home::Tcp, server.address());
            resets.send_all(b"hello").unwrap();
            resets.set_linger(Some(Duration::ZERO)).unwrap();
            // With the answer unread or not: gone without a word.
            drop(resets);
            let other = client(Home::Tcp, server.address());
            other.send_all(b"hello").unwrap();
            expect(&other, b"hello");
        }
        server.stop();
        let report = server.join().unwrap();
        assert_eq!((report.accepted, report.failed), (10, 5), "{model:?}");
        let ends = told.ends();
        let resets = ends.iter().filter(|end| matches!(end, End::Failed(_)));
        assert_eq!(resets.count(), 5, "{model:?} {ends:?}");
    }
}

#[test]
fn a_handler_that_panics_hurts_nobody() {
    for &model in MODELS {
        for home in STREAMS.into_iter().chain(DATAGRAMS) {
            let told = Told::default();
            let server = start(home, told.clone(), &options(model));
            let steady = (model != Model::Single).then(|| client(home, server.address()));
            for _ in 0..3 {
                let unlucky = client(home, server.address());
                unlucky.send(b"panic").unwrap();
                if home.kind() == Kind::STREAM {
                    assert!(is_closed(&unlucky), "{model:?} {home:?}");
                }
            }
            let other = client(home, server.address());
            for client in steady.iter().chain([&other]) {
                client.send(b"well").unwrap();
                expect(client, b"well");
            }
            drop((steady, other));
            server.stop();
            let report = server.join().unwrap();
            assert_eq!(report.panicked, 3, "{model:?} {home:?}");
            let ends = told.ends();
            let panics = ends.iter().filter(|end| **end == End::Panicked);
            assert_eq!(panics.count(), 3, "{model:?} {home:?} {ends:?}");
        }
    }
}

/// Panics in every call.
struct Clumsy(&'static str);

impl Clumsy {
    fn call(&self, name: &str) {
        if self.0 == name {
            std::panic::resume_unwind(Box::new("as it should"));
        }
    }
}

impl Handler for Clumsy {
    type Session = ();

    fn open(&self, _: &mut Reply) -> Option<()> {
        self.call("open");
        Some(())
    }

    fn receive(&self, (): &mut (), _: &[u8], reply: &mut Reply) {
        self.call("receive");
        reply.close();
    }

    fn finish(&self, (): &mut (), _: &mut Reply) {
        self.call("finish");
    }

    fn end(&self, (): (), _: &End) {
        self.call("end");
    }
}

#[test]
fn a_panic_in_any_call_is_counted_once() {
    for &model in MODELS {
        for home in [Home::Tcp, Home::Udp] {
            for call in ["open", "receive", "finish", "end"] {
                if (home, call) == (Home::Udp, "finish") {
                    // A datagram's receive that closes is its last call.
                    continue;
                }
                let twice = Options {
                    requests: Some(2),
                    grace: PATIENCE,
                    ..options(model)
                };
                let server = start(home, Clumsy(call), &twice);
                for _ in 0..2 {
                    let unlucky = client(home, server.address());
                    if call == "finish" {
                        unlucky.shutdown(Shutdown::Write).unwrap();
                    } else {
                        let _ = unlucky.send(b"x");
                    }
                    if home == Home::Tcp {
                        assert!(is_closed(&unlucky), "{model:?} {call}");
                    }
                }
                let report = server.join().unwrap();
                assert_eq!(report.panicked, 2, "{model:?} {home:?} {call} {report:?}");
            }
        }
    }
}

/// Who does not read is not read from, so that nothing grows; the others go on; and nothing is lost.
#[test]
fn a_slow_reader_neither_grows_memory_nor_stalls_the_others() {
    const CHUNK: usize = 64 * 1024;
    for model in concurrent() {
        for home in STREAMS {
            let bounded = Options {
                unsent_bytes: 256 * 1024,
                ..options(model)
            };
            let server = start(home, echo(), &bounded);
            let slow = client(home, server.address());
            slow.set_timeout(Duration::from_millis(100)).unwrap();
            let mut sent = 0usize;
            let chunk: Vec<u8> = (0..CHUNK).map(|at| (at % 251) as u8).collect();
            while let Ok(count) = slow.send(&chunk[sent % CHUNK..]) {
                sent += count;
                assert!(
                    sent < 64 << 20,
                    "{model:?} {home:?}: the server takes all there is"
                );
            }
            let quick = client(home, server.address());
            quick.send_all(b"hello").unwrap();
            expect(&quick, b"hello");

            slow.set_timeout(PATIENCE).unwrap();
            slow.shutdown(Shutdown::Write).unwrap();
            let got = rest(&slow);
            assert_eq!(got.len(), sent, "{model:?} {home:?}");
            let right = |(at, byte): (usize, &u8)| *byte == (at % CHUNK % 251) as u8;
            assert!(got.iter().enumerate().all(right), "{model:?} {home:?}");
        }
    }
}

/// A Unix datagram's receiver that does not read would block a sender; here its answers are dropped.
#[test]
fn a_datagram_client_that_does_not_read_stalls_nobody() {
    for &model in MODELS {
        let server = start(Home::UnixDatagram, echo(), &options(model));
        let slow = client(Home::UnixDatagram, server.address());
        let queue = std::fs::read_to_string("/proc/sys/net/unix/max_dgram_qlen").unwrap();
        let too_many = 4 * queue.trim().parse::<usize>().unwrap().min(100) + 40;
        for _ in 0..too_many {
            slow.send(b"hello").unwrap();
        }
        let quick = client(Home::UnixDatagram, server.address());
        quick.send(b"hello").unwrap();
        expect(&quick, b"hello");
        // Without a name there is nobody to answer.
        let nameless = Socket::new(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
        nameless.connect(server.address()).unwrap();
        nameless.send(b"hello").unwrap();
        quick.send(b"again").unwrap();
        expect(&quick, b"again");
        server.stop();
        let report = server.join().unwrap();
        assert!(report.failed >= 1, "{model:?} {report:?}");
        assert_eq!(report.accepted as usize, too_many + 3, "{model:?}");
    }
}

#[test]
fn what_can_never_be_accepted_from_is_an_error_at_once() {
    for &model in MODELS {
        let deaf = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
        let error = server::serve(deaf, echo(), &options(model), &Stop::new()).unwrap_err();
        assert_eq!(
            error.errno(),
            Some(Errno::INVAL.raw_os_error()),
            "{model:?} {error}"
        );
    }
}

/// What became of an answer may come back as an error, and lies in a queue of its own too.
#[test]
fn errors_about_answers_do_not_end_a_server() {
    for &model in MODELS {
        let listener = Home::Udp.listener();
        listener.set_receive_errors_v4(true).unwrap();
        let queue = listener.duplicate().unwrap();
        // The answer comes when nobody is there any more.
        let (gone, waits) = std::sync::mpsc::channel::<()>();
        let waits = std::sync::Mutex::new(waits);
        let late = server::reply(move |data, reply| {
            if data == b"late" {
                let _ = waits.lock().unwrap().recv();
            }
            reply.send(data);
        });
        let server = server::start(listener, late, &options(model)).unwrap();
        for _ in 0..3 {
            let leaves = client(Home::Udp, server.address());
            leaves.send(b"late").unwrap();
            drop(leaves);
            gone.send(()).unwrap();
        }
        let stays = client(Home::Udp, server.address());
        stays.send(b"hello").unwrap();
        expect(&stays, b"hello");
        server.stop();
        assert_eq!(server.join().unwrap().accepted, 4, "{model:?}");
        if matches!(model, Model::Single | Model::Readiness) {
            // Left there, they would end every wait at once.
            let empty = queue.recv_with(&mut [0], MsgFlags::ERRQUEUE).unwrap_err();
            assert_eq!(empty.errno(), Some(Errno::AGAIN.raw_os_error()));
        }
    }
}

/// Time of all threads of this process on a processor.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap()
}

#[test]
fn without_descriptors_it_neither_spins_nor_dies() {
    alone(
        "server_models::trouble::without_descriptors_it_neither_spins_nor_dies",
        || {
            for model in concurrent() {
                let server = start(Home::Tcp, echo(), &options(model));
                // Served once, so that all that the server needs for itself is open.
                let first = client(Home::Tcp, server.address());
                first.send_all(b"hello").unwrap();
                expect(&first, b"hello");
                let crowd: Vec<Socket> = (0..8)
                    .map(|_| {
                        let family = server.address().family();
                        Socket::new(family, Kind::STREAM, Protocol::DEFAULT).unwrap()
                    })
                    .collect();
                for client in &crowd {
                    client.set_timeout(PATIENCE).unwrap();
                }
                // Room for two more and no other.
                let next = std::os::fd::AsRawFd::as_raw_fd(&first.duplicate().unwrap());
                let before = getrlimit(Resource::Nofile);
                let lowered = Rlimit {
                    current: Some(next as u64 + 2),
                    ..before
                };
                setrlimit(Resource::Nofile, lowered).unwrap();
                for client in &crowd {
                    client.connect(server.address()).unwrap();
                    client.send_all(b"hello").unwrap();
                }
                expect(&crowd[0], b"hello");
                expect(&crowd[1], b"hello");
                let (began, busy) = (Instant::now(), processor_time());
                let waits = &crowd[7];
                waits.set_timeout(Duration::from_millis(400)).unwrap();
                let error = waits.recv(&mut [0]).unwrap_err();
                assert_eq!(error.cause(), &Cause::TimedOut, "{model:?}");
                let busy = processor_time() - busy;
                assert!(busy * 4 < began.elapsed(), "{model:?} spun for {busy:?}");
                waits.set_timeout(PATIENCE).unwrap();
                // Each that leaves makes room for the next.
                for (at, client) in crowd.into_iter().enumerate() {
                    if at >= 2 {
                        expect(&client, b"hello");
                    }
                    drop(client);
                }
                setrlimit(Resource::Nofile, before).unwrap();
                drop(first);
                server.stop();
                assert_eq!(server.join().unwrap().accepted, 9, "{model:?}");
            }
        },
    );
}

/// How much every thread of the test is to have as its stack, in kibibytes: far more than all else it maps.
const STACK: u64 = 512 * 1024;

/// Runs `body` in a process of its own, with stacks of that size.
fn alone_with_large_stacks(test: &str, body: impl FnOnce()) {
    if crate::alone::is_alone() {
        return body();
    }
    let mut environment = std::process::Command::new("env");
    environment.arg(format!("RUST_MIN_STACK={}", STACK * 1024));
    let output = crate::alone::run_under(&mut environment, test);
    crate::alone::assert_passed(test, &output);
}

/// Without room for the stack of one thread more; what has been mapped stays.
fn without_a_stack<T>(body: impl FnOnce() -> T) -> T {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let size = size.unwrap().trim().trim_end_matches(" kB");
    let before = getrlimit(Resource::As);
    let lowered = Rlimit {
        current: Some((size.parse::<u64>().unwrap() + STACK / 2) * 1024),
        ..before
    };
    setrlimit(Resource::As, lowered).unwrap();
    let outcome = body();
    setrlimit(Resource::As, before).unwrap();
    outcome
}

/// Who was taken and finds no thread waits for one, as do those behind; nobody is closed, and nothing spins.
fn callers_wait_without_threads(home: Home) {
    let three = Options {
        requests: Some(3),
        grace: PATIENCE,
        ..options(Model::Threads(16))
    };
    let server = start(home, echo(), &three);
    let callers = without_a_stack(|| {
        let callers = [(); 3].map(|()| client(home, server.address()));
        for caller in &callers {
            caller.send(b"hello").unwrap();
            caller.set_timeout(Duration::from_millis(150)).unwrap();
        }
        let (began, busy) = (Instant::now(), processor_time());
        for caller in &callers {
            let error = caller.recv(&mut [0]).unwrap_err();
            assert_eq!(error.cause(), &Cause::TimedOut);
        }
        let busy = processor_time() - busy;
        assert!(busy * 4 < began.elapsed(), "spun for {busy:?}");
        callers
    });
    for caller in &callers {
        caller.set_timeout(PATIENCE).unwrap();
        expect(caller, b"hello");
    }
    drop(callers);
    let report = server.join().unwrap();
    assert_eq!((report.accepted, report.refused), (3, 0));
    assert_eq!(report.reason, Reason::Served);
}

#[test]
fn without_threads_connections_wait() {
    alone_with_large_stacks(
        "server_models::trouble::without_threads_connections_wait",
        || callers_wait_without_threads(Home::Tcp),
    );
}

#[test]
fn without_threads_datagrams_wait() {
    alone_with_large_stacks(
        "server_models::trouble::without_threads_datagrams_wait",
        || callers_wait_without_threads(Home::Udp),
    );
}

/// The server may end while somebody waits for a thread.
#[test]
fn who_still_waits_for_a_thread_at_the_end_is_turned_away() {
    alone_with_large_stacks(
        "server_models::trouble::who_still_waits_for_a_thread_at_the_end_is_turned_away",
        || {
            let server = start(Home::Tcp, echo(), &options(Model::Threads(16)));
            without_a_stack(|| {
                let caller = client(Home::Tcp, server.address());
                caller.send(b"hello").unwrap();
                caller.set_timeout(Duration::from_millis(150)).unwrap();
                caller.recv(&mut [0]).unwrap_err();
                server.stop();
                caller.set_timeout(PATIENCE).unwrap();
                assert!(is_closed(&caller));
            });
            let report = server.join().unwrap();
            assert_eq!((report.accepted, report.refused), (0, 1));
        },
    );
}

/// The long run, of 100,000, is one of `cargo xtask prove`.
#[test]
fn short_connections_leave_threads_and_descriptors_flat() {
    alone(
        "server_models::trouble::short_connections_leave_threads_and_descriptors_flat",
        || {
            for &model in MODELS {
                let server = start(Home::UnixStream, echo(), &options(model));
                let call = || {
                    let client = client(Home::UnixStream, server.address());
                    client.send_all(b"x").unwrap();
                    expect(&client, b"x");
                    client.shutdown(Shutdown::Write).unwrap();
                    // The server has closed its end: a slow machine does not pile up what is to be closed.
                    assert!(is_closed(&client));
                };
                call();
                let (threads, descriptors) = (crate::alone::threads(), crate::alone::descriptors());
                for _ in 0..2000 {
                    call();
                }
                // The last ones may be at their end.
                let (threads_now, descriptors_now) =
                    (crate::alone::threads(), crate::alone::descriptors());
                assert!(
                    threads_now <= threads + 16,
                    "{model:?}: {threads} threads, then {threads_now}"
                );
                assert!(
                    descriptors_now <= descriptors + 16,
                    "{model:?}: {descriptors} descriptors, then {descriptors_now}"
                );
                server.stop();
                assert_eq!(server.join().unwrap().accepted, 2001);
            }
        },
    );
}
