//! Handlers that block, as Python's do, and those that are async functions.

use std::time::{Duration, Instant};

use landline_socket::server::{self, Connection, Model, Options, Report, Stop, serve_connections};
use landline_socket::{Address, Cause, Result, Socket};

use rustix::io::Errno;

use super::{DATAGRAMS, Home, PATIENCE, client, expect, is_closed, options};

const WITH_THREADS: [Model; 2] = [Model::Single, Model::Threads(8)];

/// A server with a handler that blocks, on a thread of this test.
struct Blocking {
    address: Address,
    stop: Stop,
    thread: std::thread::JoinHandle<Result<Report>>,
}

impl Blocking {
    fn start(
        home: Home,
        options: Options,
        handler: impl Fn(&Connection) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = home.listener();
        let address = listener.local_address().unwrap();
        let stop = Stop::new();
        let stop_there = stop.clone();
        let thread =
            std::thread::spawn(move || serve_connections(listener, handler, &options, &stop_there));
        Self {
            address,
            stop,
            thread,
        }
    }

    fn client(&self, home: Home) -> Socket {
        client(home, &self.address)
    }

    fn end(self) -> Report {
        self.stop.stop();
        self.thread.join().unwrap().unwrap()
    }
}

fn echo(connection: &Connection) -> Result<()> {
    let mut buffer = [0; 1024];
    loop {
        match connection.recv(&mut buffer)? {
            0 => return Ok(()),
            received if &buffer[..received] == b"panic" => {
                std::panic::resume_unwind(Box::new("as it should"))
            }
            received if &buffer[..received] == b"stop" => {
                connection.stop().stop();
                connection.send_all(b"stopping")?;
            }
            received if &buffer[..received] == b"close" => return Ok(()),
            received => connection.send_all(&buffer[..received])?,
        }
    }
}

#[test]
fn it_echoes_panics_and_stops() {
    for model in WITH_THREADS {
        for home in [Home::Tcp, Home::UnixStream, Home::UnixSequence] {
            let server = Blocking::start(home, options(model), echo);
            for _ in 0..3 {
                let caller = server.client(home);
                caller.send_all(b"hello").unwrap();
                expect(&caller, b"hello");
            }
            let unlucky = server.client(home);
            unlucky.send_all(b"panic").unwrap();
            assert!(is_closed(&unlucky), "{model:?} {home:?}");
            let last = server.client(home);
            last.send_all(b"stop").unwrap();
            expect(&last, b"stopping");
            last.send_all(b"x").unwrap();
            expect(&last, b"x");
            drop(last);
            let report = server.thread.join().unwrap().unwrap();
            assert_eq!(
                (report.accepted, report.panicked),
                (5, 1),
                "{model:?} {home:?}"
            );
            assert_eq!(report.cut + report.failed, 0, "{model:?} {home:?}");
        }
    }
}

/// A message is one receive and one send, whatever its length, and an empty one is a message too.
#[test]
fn messages_of_a_connection_stay_whole() {
    let back = |connection: &Connection| {
        let mut message = vec![0; 200_000];
        for _ in 0..3 {
            let received = connection.recv(&mut message)?;
            connection.send(&message[..received])?;
        }
        Ok(())
    };
    for model in WITH_THREADS {
        let server = Blocking::start(Home::UnixSequence, options(model), back);
        let caller = server.client(Home::UnixSequence);
        for length in [100_000, 0, 1] {
            caller.send(&vec![b'x'; length]).unwrap();
            let received = caller.recv(&mut vec![0; 200_000]).unwrap();
            assert_eq!(received, length, "{model:?}");
        }
        server.end();
    }
}

/// Handlers of events are given a stream's bytes: messages would be cut and merged without a sign.
#[test]
fn a_handler_of_events_has_no_messages_of_a_connection() {
    for &model in super::MODELS {
        let listener = Home::UnixSequence.listener();
        let refused = server::serve(listener, super::echo(), &options(model), &Stop::new());
        let refused = refused.unwrap_err();
        assert!(matches!(refused.cause(), Cause::Invalid(_)), "{model:?}");
    }
}

#[test]
fn who_says_nothing_is_ended() {
    for model in WITH_THREADS {
        let short = Options {
            idle: Some(Duration::from_millis(50)),
            ..options(model)
        };
        let server = Blocking::start(Home::Tcp, short, echo);
        assert!(is_closed(&server.client(Home::Tcp)), "{model:?}");
        assert_eq!(server.end().failed, 1, "{model:?}");
    }
}

#[test]
fn nobody_stays_for_longer_than_allowed() {
    const LONGEST: Duration = Duration::from_millis(100);
    for model in WITH_THREADS {
        let short = Options {
            longest: Some(LONGEST),
            ..options(model)
        };
        let server = Blocking::start(Home::Tcp, short, echo);
        let began = Instant::now();
        let talks = server.client(Home::Tcp);
        while talks.send(b"x").is_ok() && talks.recv(&mut [0]).unwrap_or(0) == 1 {
            assert!(began.elapsed() < PATIENCE, "{model:?}");
        }
        assert!(began.elapsed() >= LONGEST, "{model:?}");
        server.end();
    }
}

#[test]
fn who_does_not_end_in_time_is_cut() {
    for model in WITH_THREADS {
        let server = Blocking::start(Home::Tcp, options(model), |connection| {
            echo(connection)?;
            // It takes our end for the peer's, and says so.
            connection.send_all(b"x")
        });
        let stays = server.client(Home::Tcp);
        stays.send_all(b"hello").unwrap();
        expect(&stays, b"hello");
        let report = server.end();
        assert_eq!((report.cut, report.left_behind), (1, 0), "{model:?}");
        assert!(is_closed(&stays), "{model:?}");
    }
}

/// A peer with more to say learns at once that its connection was cut: a close alone may let it wait for a minute.
#[test]
fn who_is_cut_while_it_sends_is_reset() {
    for model in WITH_THREADS {
        let short = Options {
            longest: Some(Duration::from_millis(200)),
            ..options(model)
        };
        let server = Blocking::start(Home::Tcp, short, |connection| {
            while connection.recv(&mut [0; 64])? > 0 {}
            Ok(())
        });
        let floods = server.client(Home::Tcp);
        floods.set_timeout(Duration::from_secs(2)).unwrap();
        let data = vec![b'x'; 256 * 1024];
        let error = std::iter::repeat_with(|| floods.send(&data)).find_map(Result::err);
        let errno = error.unwrap().errno().map(Errno::from_raw_os_error);
        assert!(
            matches!(errno, Some(Errno::CONNRESET | Errno::PIPE)),
            "{model:?} {errno:?}"
        );
        server.end();
    }
}

/// Of a handler that waits for something else than its peer, the thread is left behind, and said.
#[test]
fn a_handler_that_hears_nothing_is_left_behind() {
    std::thread::scope(|scope| {
        for model in WITH_THREADS {
            scope.spawn(move || {
                let (holds, held) = crate::unix_pair();
                let server = Blocking::start(Home::Tcp, options(model), move |connection| {
                    connection.send_all(b"in")?;
                    held.recv(&mut [0]).map(|_| ())
                });
                expect(&server.client(Home::Tcp), b"in");
                assert_eq!(server.end().left_behind, 1, "{model:?}");
                drop(holds);
            });
        }
    });
}

/// What the handler said last arrives, though the peer talks on.
#[test]
fn the_last_words_arrive() {
    for model in WITH_THREADS {
        let server = Blocking::start(Home::Tcp, options(model), |connection| {
            connection.send_all(b"goodbye")
        });
        let caller = server.client(Home::Tcp);
        caller.send_all(&[b'x'; 1000]).unwrap();
        expect(&caller, b"goodbye");
        assert!(is_closed(&caller));
        drop(caller);
        assert_eq!(server.end().accepted, 1, "{model:?}");
    }
}

#[test]
fn it_needs_threads_and_connections() {
    let refused = |home: Home, model: Model| {
        let handler = |_: &Connection| Ok(());
        let outcome = serve_connections(home.listener(), handler, &options(model), &Stop::new());
        matches!(outcome.unwrap_err().cause(), Cause::Invalid(_))
    };
    assert!(refused(Home::Tcp, Model::Readiness));
    for home in DATAGRAMS {
        assert!(refused(home, Model::Single), "{home:?}");
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn an_async_function_serves_and_its_panic_hurts_nobody() {
    use landline_socket::AsyncSocket;
    use landline_socket::server::{Door, Limits, accept};

    let listener = Home::Tcp.listener();
    let address = listener.local_address().unwrap();
    let listener = AsyncSocket::from_socket(listener).unwrap();
    let stop = Stop::new();
    let stop_there = stop.clone();
    let serving = tokio::spawn(async move {
        let door = Door::new(Limits::default());
        let echo = |socket: AsyncSocket, _| async move {
            let mut buffer = [0; 64];
            while let Ok(received @ 1..) = socket.recv(&mut buffer).await {
                if &buffer[..received] == b"panic" {
                    std::panic::resume_unwind(Box::new("as it should"));
                }
                socket.send_all(&buffer[..received]).await.unwrap();
            }
        };
        accept(
            listener,
            &door,
            &stop_there,
            Duration::from_millis(100),
            echo,
        )
        .await
    });
    let call = async |word: &[u8]| {
        let caller = AsyncSocket::new(
            address.family(),
            Home::Tcp.kind(),
            landline_socket::Protocol::DEFAULT,
        )
        .unwrap();
        caller.connect(&address).await.unwrap();
        caller.send_all(word).await.unwrap();
        let mut buffer = [0; 64];
        let received = caller.recv(&mut buffer).await.unwrap_or(0);
        (caller, buffer[..received].to_vec())
    };
    assert_eq!(call(b"hello").await.1, b"hello");
    assert_eq!(call(b"panic").await.1, b"");
    let (stays, answer) = call(b"again").await;
    assert_eq!(answer, b"again");
    stop.stop();
    let report = serving.await.unwrap().unwrap();
    assert_eq!((report.accepted, report.panicked, report.cut), (3, 1, 1));
    drop(stays);
}
