//! Limits: of connections, per source, of time and of bytes.

use std::time::{Duration, Instant};

use landline_socket::server::{End, Handler, Limits, Model, Options, Reply, serve};
use landline_socket::{Cause, Shutdown};

use super::{
    Home, MODELS, PATIENCE, STREAMS, Told, client, concurrent, echo, expect, is_closed, options,
    rest, start,
};

/// Tries until somebody who left has been noticed.
fn until_let_in(mut come: impl FnMut() -> bool) {
    let began = Instant::now();
    while !come() {
        assert!(began.elapsed() < PATIENCE, "nobody is let in");
    }
}

#[test]
fn above_the_limits_callers_are_closed_at_once_until_somebody_leaves() {
    let in_all = Limits {
        total: 2,
        ..Limits::default()
    };
    let per_source = Limits {
        per_source: 2,
        counts_loopback: true,
        ..Limits::default()
    };
    for model in concurrent() {
        for limits in [in_all, per_source] {
            let limited = Options {
                limits,
                ..options(model)
            };
            let server = start(Home::Tcp, echo(), &limited);
            let come = || {
                let caller = client(Home::Tcp, server.address());
                let _ = caller.send(b"x");
                (caller.recv(&mut [0]).unwrap_or(0) == 1).then_some(caller)
            };
            let first = come().expect("room for one");
            let _second = come().expect("room for two");
            for _ in 0..3 {
                assert!(come().is_none(), "{model:?} {limits:?}");
            }
            drop(first);
            let mut third = None;
            until_let_in(|| {
                third = come();
                third.is_some()
            });
            server.stop();
            let report = server.join().unwrap();
            assert_eq!(report.accepted, 3, "{model:?} {limits:?}");
            assert!(report.refused >= 3, "{model:?} {limits:?}");
        }
    }
}

/// The places of the models with threads are no limit: who finds none waits.
#[test]
fn where_all_threads_are_taken_callers_wait() {
    for model in [Model::Single, Model::Threads(2)] {
        let server = start(Home::Tcp, echo(), &options(model));
        let callers: Vec<_> = (0..5)
            .map(|_| client(Home::Tcp, server.address()))
            .collect();
        for caller in &callers {
            caller.send_all(b"x").unwrap();
        }
        for caller in callers {
            expect(&caller, b"x");
        }
        server.stop();
        let report = server.join().unwrap();
        assert_eq!((report.accepted, report.refused), (5, 0), "{model:?}");
    }
}

struct Picky;

impl Handler for Picky {
    type Session = ();

    fn open(&self, _: &mut Reply) -> Option<()> {
        None
    }

    fn receive(&self, (): &mut (), _: &[u8], _: &mut Reply) {
        panic!("it wanted nobody");
    }
}

#[test]
fn a_handler_turns_away_whom_it_does_not_want() {
    for &model in MODELS {
        for home in [Home::Tcp, Home::Udp] {
            let once = Options {
                requests: Some(1),
                ..options(model)
            };
            let server = start(home, Picky, &once);
            let caller = client(home, server.address());
            let _ = caller.send(b"x");
            if home == Home::Tcp {
                assert!(is_closed(&caller));
            }
            let report = server.join().unwrap();
            assert_eq!(
                (report.accepted, report.refused),
                (0, 1),
                "{model:?} {home:?}"
            );
        }
    }
}

fn ends_only_who_says_nothing(home: Home, model: Model) {
    const IDLE: Duration = Duration::from_millis(400);
    let told = Told::default();
    let short = Options {
        idle: Some(IDLE),
        ..options(model)
    };
    let server = start(home, told.clone(), &short);
    let talks = client(home, server.address());
    talks.set_timeout(IDLE / 4).unwrap();
    let began = Instant::now();
    while began.elapsed() < 2 * IDLE {
        talks.send_all(b"x").unwrap();
        expect(&talks, b"x");
        // Silent for a part of the time that it may be.
        let silence = talks.recv(&mut [0]).unwrap_err();
        assert_eq!(silence.cause(), &Cause::TimedOut, "{model:?} {home:?}");
    }
    talks.set_timeout(PATIENCE).unwrap();
    let silent_since = Instant::now();
    assert!(is_closed(&talks), "{model:?} {home:?}");
    assert!(
        silent_since.elapsed() + IDLE / 3 >= IDLE / 2,
        "{model:?} {home:?}"
    );
    server.stop();
    server.join().unwrap();
    assert_eq!(told.ends(), [End::Idle], "{model:?} {home:?}");
}

#[test]
fn who_says_nothing_is_ended_and_who_talks_is_not() {
    std::thread::scope(|scope| {
        for &model in MODELS {
            for home in STREAMS {
                scope.spawn(move || ends_only_who_says_nothing(home, model));
            }
        }
    });
}

#[test]
fn nobody_stays_for_longer_than_allowed() {
    const LONGEST: Duration = Duration::from_millis(150);
    for &model in MODELS {
        let told = Told::default();
        let short = Options {
            longest: Some(LONGEST),
            ..options(model)
        };
        let server = start(Home::Tcp, told.clone(), &short);
        let began = Instant::now();
        let talks = client(Home::Tcp, server.address());
        // One byte after the other, as a slow writer does it.
        while talks.send(b"x").is_ok() && talks.recv(&mut [0]).unwrap_or(0) == 1 {
            assert!(began.elapsed() < PATIENCE, "{model:?}");
        }
        assert!(began.elapsed() >= LONGEST, "{model:?}");
        server.stop();
        let report = server.join().unwrap();
        assert_eq!(report.failed, 1, "{model:?}");
        assert_eq!(told.ends(), [End::Overdue], "{model:?}");
    }
}

#[test]
fn the_bytes_of_one_connection_are_bounded() {
    for &model in MODELS {
        for home in STREAMS {
            let told = Told::default();
            let ten = Options {
                received_bytes: Some(10),
                ..options(model)
            };
            let server = start(home, told.clone(), &ten);
            let modest = client(home, server.address());
            modest.send_all(&[b'x'; 10]).unwrap();
            modest.shutdown(Shutdown::Write).unwrap();
            assert_eq!(rest(&modest), b"xxxxxxxxxx 10 in all", "{model:?} {home:?}");
            let greedy = client(home, server.address());
            greedy.send_all(&[b'x'; 11]).unwrap();
            expect(&greedy, &[b'x'; 10]);
            assert!(is_closed(&greedy), "{model:?} {home:?}");
            server.stop();
            server.join().unwrap();
            assert_eq!(told.ends(), [End::Peer, End::TooMuch], "{model:?} {home:?}");
        }
    }
}

#[test]
fn the_answers_of_one_connection_are_bounded() {
    for &model in MODELS {
        for home in STREAMS {
            let told = Told::default();
            let little = Options {
                unsent_bytes: 1000,
                ..options(model)
            };
            let server = start(home, told.clone(), &little);
            // An echo is never more than there is room for.
            let modest = client(home, server.address());
            let data = [b'x'; 20_000];
            modest.send_all(&data).unwrap();
            expect(&modest, &data);
            modest.shutdown(Shutdown::Write).unwrap();
            assert_eq!(rest(&modest), b" 20000 in all");
            let caller = client(home, server.address());
            caller.send_all(b"much").unwrap();
            assert!(is_closed(&caller), "{model:?} {home:?}");
            server.stop();
            server.join().unwrap();
            assert_eq!(
                told.ends(),
                [End::Peer, End::Overflow],
                "{model:?} {home:?}"
            );
        }
    }
}

#[test]
fn options_that_serve_nobody_are_refused_in_words() {
    let wrong = [
        Options {
            model: Model::Threads(0),
            ..Options::default()
        },
        Options {
            idle: Some(Duration::ZERO),
            ..Options::default()
        },
        Options {
            unsent_bytes: 0,
            ..Options::default()
        },
        Options {
            datagram_bytes: usize::MAX,
            ..Options::default()
        },
    ];
    for options in wrong {
        let stop = super::server::Stop::new();
        let error = serve(Home::Tcp.listener(), echo(), &options, &stop).unwrap_err();
        assert!(matches!(error.cause(), Cause::Invalid(_)), "{error}");
    }
}
