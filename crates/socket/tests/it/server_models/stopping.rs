//! Stopping: before the start, twice, from a handler, with a thousand live handlers; and draining.

use std::sync::Arc;
use std::time::{Duration, Instant};

use landline_socket::Socket;
use landline_socket::server::{End, Model, Options, Reason, Stop, serve};
use rustix::io::Errno;

use super::{
    HOMES, Home, MODELS, PATIENCE, Told, alone, client, concurrent, echo, expect, is_closed,
    options, rest, start,
};

#[test]
fn stopped_before_the_start_it_serves_nobody() {
    for &model in MODELS {
        for home in HOMES {
            let stop = Stop::new();
            stop.stop();
            let listener = home.listener();
            let caller = client(home, &listener.local_address().unwrap());
            let _ = caller.send(b"hello");
            let report = serve(listener, echo(), &options(model), &stop).unwrap();
            assert_eq!(
                (report.reason, report.accepted),
                (Reason::Stopped, 0),
                "{model:?} {home:?}"
            );
        }
    }
}

#[test]
fn stopped_twice_it_stops_once() {
    for &model in MODELS {
        for home in HOMES {
            let server = start(home, echo(), &options(model));
            let stop = server.switch().clone();
            stop.stop();
            server.stop();
            assert_eq!(
                server.join().unwrap().reason,
                Reason::Stopped,
                "{model:?} {home:?}"
            );
            stop.stop();
            assert!(stop.is_stopped());
        }
    }
}

#[test]
fn a_handler_stops_it_and_its_answer_still_arrives() {
    for &model in MODELS {
        for home in HOMES {
            let server = start(home, Told::default(), &options(model));
            let address = server.address().clone();
            let caller = client(home, &address);
            caller.send(b"stop").unwrap();
            expect(&caller, b"stopping");
            drop(caller);
            let report = server.join().unwrap();
            assert_eq!(
                (report.reason, report.cut),
                (Reason::Stopped, 0),
                "{model:?} {home:?}"
            );
            let late = Socket::new(
                address.family(),
                home.kind(),
                landline_socket::Protocol::DEFAULT,
            );
            if home != Home::Udp {
                let error = late.unwrap().connect(&address).unwrap_err();
                assert_eq!(
                    error.errno(),
                    Some(Errno::CONNREFUSED.raw_os_error()),
                    "{model:?}"
                );
            }
        }
    }
}

/// Who is connected goes on as before, and when all have ended it does not wait any longer.
#[test]
fn it_drains_and_no_longer_than_needed() {
    for &model in MODELS {
        let told = Told::default();
        let patient = Options {
            grace: 2 * PATIENCE,
            ..options(model)
        };
        let server = start(Home::Tcp, told.clone(), &patient);
        let stays = client(Home::Tcp, server.address());
        stays.send_all(b"one").unwrap();
        expect(&stays, b"one");
        server.stop();
        // The listener goes first.
        let began = Instant::now();
        while Socket::new(
            server.address().family(),
            Home::Tcp.kind(),
            landline_socket::Protocol::DEFAULT,
        )
        .unwrap()
        .connect(server.address())
        .is_ok()
        {
            assert!(began.elapsed() < PATIENCE, "{model:?} still listens");
        }
        for _ in 0..3 {
            stays.send_all(b"more").unwrap();
            expect(&stays, b"more");
        }
        drop(stays);
        let began = Instant::now();
        let report = server.join().unwrap();
        assert!(began.elapsed() < PATIENCE, "{model:?}");
        assert_eq!(report.cut, 0, "{model:?}");
        assert_eq!(told.ends()[0], End::Peer, "{model:?}");
    }
}

#[test]
fn who_does_not_end_in_time_is_cut() {
    const GRACE: Duration = Duration::from_millis(200);
    for &model in MODELS {
        let told = Told::default();
        let short = Options {
            grace: GRACE,
            ..options(model)
        };
        let server = start(Home::Tcp, told.clone(), &short);
        let stays = client(Home::Tcp, server.address());
        stays.send_all(b"one").unwrap();
        expect(&stays, b"one");
        let began = Instant::now();
        server.stop();
        let report = server.join().unwrap();
        assert!(began.elapsed() >= GRACE, "{model:?}");
        assert_eq!((report.cut, report.left_behind), (1, 0), "{model:?}");
        assert_eq!(told.ends(), [End::Stopped], "{model:?}");
        assert!(is_closed(&stays), "{model:?}");
    }
}

/// In a process of its own, for its descriptors.
#[test]
fn a_thousand_live_handlers_are_served_until_the_end_and_then_cut() {
    const MANY: usize = 1000;
    alone(
        "server_models::stopping::a_thousand_live_handlers_are_served_until_the_end_and_then_cut",
        || {
            landline_socket::descriptor_limit::raise().unwrap();
            for model in concurrent() {
                let model = match model {
                    Model::Threads(_) => Model::Threads(MANY),
                    other => other,
                };
                let told = Told::default();
                let many = Options {
                    grace: Duration::from_millis(300),
                    ..options(model)
                };
                let server = start(Home::UnixStream, told.clone(), &many);
                let clients: Vec<Socket> = (0..MANY)
                    .map(|_| client(Home::UnixStream, server.address()))
                    .collect();
                for client in &clients {
                    client.send_all(b"x").unwrap();
                }
                for client in &clients {
                    expect(client, b"x");
                }
                let began = Instant::now();
                server.stop();
                // Half of them end by themselves.
                let (leave, stay) = clients.split_at(MANY / 2);
                for client in leave {
                    client.shutdown(landline_socket::Shutdown::Write).unwrap();
                }
                let report = server.join().unwrap();
                assert!(began.elapsed() < PATIENCE, "{model:?}");
                for client in leave {
                    assert_eq!(rest(client), b" 1 in all", "{model:?}");
                }
                for client in stay {
                    assert!(is_closed(client), "{model:?}");
                }
                assert_eq!((report.accepted, report.cut), (1000, 500), "{model:?}");
                assert_eq!(report.left_behind, 0, "{model:?}");
                assert_eq!(told.ends().len(), MANY, "{model:?}");
            }
        },
    );
}

#[test]
fn dropping_a_running_server_stops_it() {
    let server = start(Home::Tcp, echo(), &options(Model::Readiness));
    let stop = server.switch().clone();
    drop(server);
    assert!(stop.is_stopped());
}

/// One handler and one switch for several listeners, as a program has them.
#[test]
fn one_switch_stops_many() {
    let stop = Stop::new();
    let told = Arc::new(Told::default());
    let servers: Vec<_> = MODELS
        .iter()
        .map(|&model| {
            let (listener, told, stop) = (Home::Tcp.listener(), Arc::clone(&told), stop.clone());
            std::thread::spawn(move || serve(listener, told, &options(model), &stop))
        })
        .collect();
    stop.stop();
    for server in servers {
        assert_eq!(server.join().unwrap().unwrap().reason, Reason::Stopped);
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn inside_a_runtime_it_says_what_to_call_instead() {
    let tasks = options(Model::Tasks);
    let error = serve(Home::Tcp.listener(), echo(), &tasks, &Stop::new()).unwrap_err();
    assert!(
        matches!(error.cause(), landline_socket::Cause::Invalid(_)),
        "{error}"
    );

    let stop = Stop::new();
    let listener = Home::Tcp.listener();
    let address = listener.local_address().unwrap();
    let listener = landline_socket::AsyncSocket::from_socket(listener).unwrap();
    let stop_there = stop.clone();
    let serving = tokio::spawn(async move {
        landline_socket::server::serve_async(listener, echo(), &options(Model::Tasks), &stop_there)
            .await
    });
    let caller = landline_socket::AsyncSocket::new(
        address.family(),
        Home::Tcp.kind(),
        landline_socket::Protocol::DEFAULT,
    )
    .unwrap();
    caller.connect(&address).await.unwrap();
    caller.send_all(b"hello").await.unwrap();
    let mut buffer = [0; 5];
    caller.recv(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"hello");
    drop(caller);
    stop.stop();
    assert_eq!(serving.await.unwrap().unwrap().accepted, 1);
}
