//! Connections to whichever address answers first.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use landline_socket::{
    Address, Cause, ConnectOptions, Error, Family, Kind, Protocol, ServerOptions, Socket, Timeout,
    UnixAddress, connect_any, create_connection, create_server,
};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{alone, any_port, has_ipv6, tcp_server, tcp_socket};

/// As long as no test may take; what ends earlier has not waited for it.
const LONG: Duration = Duration::from_secs(30);

fn within(timeout: Duration) -> ConnectOptions {
    ConnectOptions {
        timeout: timeout.into(),
        ..ConnectOptions::default()
    }
}

/// A port where nobody listens, held so that nobody else can.
struct Refusing {
    _held: Socket,
    address: Address,
}

fn refusing_at(ip: impl Into<std::net::IpAddr>) -> Refusing {
    let address: Address = SocketAddr::new(ip.into(), 0).into();
    let held = Socket::new(address.family(), Kind::STREAM, Protocol::DEFAULT).unwrap();
    held.bind(&address).unwrap();
    let address = held.local_address().unwrap();
    Refusing {
        _held: held,
        address,
    }
}

fn refusing() -> Refusing {
    refusing_at(Ipv4Addr::LOCALHOST)
}

/// A listener whose queue is full: Linux drops what would come on top, so a connection to it stays open.
struct Silent {
    listener: Socket,
    waiting: Vec<Socket>,
    address: Address,
}

fn silent() -> Silent {
    let listener = tcp_socket();
    listener.bind(&any_port()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_address().unwrap();
    let mut waiting = Vec::new();
    loop {
        let client = tcp_socket();
        client.set_timeout(Duration::from_millis(30)).unwrap();
        match client.connect(&address) {
            Ok(()) => waiting.push(client),
            Err(error) => {
                assert_eq!(error.cause(), &Cause::TimedOut);
                break;
            }
        }
        assert!(waiting.len() < 16, "the queue never fills");
    }
    Silent {
        listener,
        waiting,
        address,
    }
}

impl Silent {
    /// Takes all that wait, so that the next handshake that is sent again gets through.
    fn answer(&self) {
        for _ in &self.waiting {
            self.listener.accept().unwrap();
        }
    }
}

fn errno(error: &Error) -> Option<Errno> {
    error.errno().map(Errno::from_raw_os_error)
}

#[test]
fn the_next_is_tried_at_once_when_one_refuses() {
    let (refusing, (server, good)) = (refusing(), tcp_server());
    let options = ConnectOptions {
        attempt_delay: LONG,
        ..within(LONG)
    };
    let began = Instant::now();
    let client = connect_any(&[refusing.address, good.clone()], &options).unwrap();
    assert!(began.elapsed() < LONG / 3, "{:?}", began.elapsed());
    assert_eq!(client.peer_address().unwrap(), good);
    assert_eq!(client.timeout(), Timeout::After(LONG));
    let (_, peer) = server.accept().unwrap();
    assert_eq!(peer, client.local_address().unwrap());
}

#[test]
fn the_next_is_tried_beside_one_that_is_silent() {
    let (silent, (_server, good)) = (silent(), tcp_server());
    let delay = Duration::from_millis(100);
    let options = ConnectOptions {
        attempt_delay: delay,
        ..within(LONG)
    };
    let began = Instant::now();
    let client = connect_any(&[silent.address.clone(), good.clone()], &options).unwrap();
    let took = began.elapsed();
    assert_eq!(client.peer_address().unwrap(), good);
    // Not before its turn, and not after the first has failed, which takes Linux two minutes.
    assert!((delay..LONG / 3).contains(&took), "{took:?}");
}

#[test]
fn one_that_answers_late_wins_over_those_that_refuse() {
    let (silent, refusing) = (silent(), refusing());
    let options = ConnectOptions {
        attempt_delay: Duration::from_millis(10),
        ..within(LONG)
    };
    let addresses = [silent.address.clone(), refusing.address.clone()];
    std::thread::scope(|scope| {
        let client = scope.spawn(|| connect_any(&addresses, &options));
        silent.answer();
        let client = client.join().unwrap().unwrap();
        assert_eq!(client.peer_address().unwrap(), silent.address);
    });
}

#[test]
fn the_deadline_is_that_of_all_attempts_together() {
    let (one, other) = (silent(), silent());
    let timeout = Duration::from_millis(200);
    let options = ConnectOptions {
        attempt_delay: Duration::from_millis(20),
        ..within(timeout)
    };
    let addresses = [one.address, other.address];
    let began = Instant::now();
    let error = connect_any(&addresses, &options).unwrap_err();
    let took = began.elapsed();
    assert!((timeout..timeout + LONG / 10).contains(&took), "{took:?}");
    assert_eq!(error.cause(), &Cause::TimedOut);
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    let tried: Vec<_> = error.attempts().iter().map(Error::address).collect();
    assert_eq!(tried, [Some(&addresses[0]), Some(&addresses[1])]);
    assert!(
        error
            .attempts()
            .iter()
            .all(|attempt| attempt.cause() == &Cause::TimedOut)
    );
}

#[test]
fn without_a_deadline_it_ends_when_all_have_failed() {
    let all = [refusing(), refusing(), refusing()];
    let addresses = all.each_ref().map(|one| one.address.clone());
    let error = connect_any(&addresses, &ConnectOptions::default()).unwrap_err();
    assert_eq!(errno(&error), Some(Errno::CONNREFUSED));
    let [a, b, c] = &addresses;
    assert_eq!(
        error.to_string(),
        format!(
            "connect to any of 3 addresses: connection refused; tried {a} (connection refused), \
             {b} (connection refused), {c} (connection refused)"
        )
    );
}

#[test]
fn a_hundred_that_refuse_are_all_tried_and_a_few_are_said() {
    let one = refusing();
    let port = one.address.port().unwrap();
    let held: Vec<_> = (1..=100)
        .map(|last| {
            let address = SocketAddr::from(([127, 0, 1, last], port)).into();
            let socket = tcp_socket();
            socket.bind(&address).map(|()| (socket, address))
        })
        .collect::<Result<_, _>>()
        .unwrap();
    let addresses: Vec<_> = held.iter().map(|(_, address)| address.clone()).collect();
    let error = connect_any(&addresses, &within(LONG)).unwrap_err();
    let tried: Vec<_> = error
        .attempts()
        .iter()
        .map(|attempt| attempt.address().unwrap().clone())
        .collect();
    assert_eq!(tried, addresses);
    assert!(error.to_string().ends_with(" and 92 more"), "{error}");
}

#[test]
fn rfc8305_4_families_take_turns() {
    if !has_ipv6() {
        let address = SocketAddr::from((Ipv6Addr::LOCALHOST, 9)).into();
        let error = connect_any(&[address], &within(LONG)).unwrap_err();
        assert!(errno(&error).is_some(), "{error}");
        return;
    }
    let six = [
        refusing_at(Ipv6Addr::LOCALHOST),
        refusing_at(Ipv6Addr::LOCALHOST),
    ];
    let four = [refusing(), refusing()];
    let addresses: Vec<_> = six
        .iter()
        .chain(&four)
        .map(|one| one.address.clone())
        .collect();
    let error = connect_any(&addresses, &within(LONG)).unwrap_err();
    let tried: Vec<_> = error.attempts().iter().filter_map(Error::address).collect();
    assert_eq!(
        tried,
        [&addresses[0], &addresses[2], &addresses[1], &addresses[3]]
    );

    // Asked for one family, the other is left out.
    let options = ConnectOptions {
        family: Family::INET,
        ..within(LONG)
    };
    let error = connect_any(&addresses, &options).unwrap_err();
    let tried: Vec<_> = error.attempts().iter().filter_map(Error::address).collect();
    assert_eq!(tried, [&addresses[2], &addresses[3]]);
}

#[test]
fn it_connects_from_the_source_address() {
    let (server, good) = tcp_server();
    let source: Address = SocketAddr::from(([127, 0, 0, 2], 0)).into();
    let options = ConnectOptions {
        source_address: Some(source.clone()),
        ..within(LONG)
    };
    let _client = connect_any(std::slice::from_ref(&good), &options).unwrap();
    let (_, peer) = server.accept().unwrap();
    assert_eq!(peer.ip(), source.ip());

    // One that is not of this machine (RFC 5737), and one of another family.
    let cases: [(Address, &str); 2] = [
        (
            SocketAddr::from(([192, 0, 2, 1], 0)).into(),
            "(bind: cannot assign requested address)",
        ),
        (
            SocketAddr::from((Ipv6Addr::LOCALHOST, 0)).into(),
            "the source address is of another family",
        ),
    ];
    for (source, why) in cases {
        let options = ConnectOptions {
            source_address: Some(source),
            ..within(LONG)
        };
        let other = any_port();
        let error = connect_any(&[good.clone(), other], &options).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(error.attempts()[0].address(), Some(&good));
    }
}

#[test]
fn a_host_is_connected_to_by_name() {
    let (server, good) = tcp_server();
    let port = good.port().unwrap();
    for service in [port.into(), port.to_string().as_str().into()] {
        let service: landline_socket::Service<'_> = service;
        let options = ConnectOptions::default();
        let client = create_connection("localhost", service, &options).unwrap();
        assert_eq!(client.timeout(), Timeout::Never);
        let (connection, _) = server.accept().unwrap();
        connection.send_all(b"hello").unwrap();
        assert_eq!(client.recv(&mut [0; 16]).unwrap(), 5, "it blocks");
    }
    // An error names what was asked for, and what that was.
    let refusing = refusing();
    let port = refusing.address.port().unwrap();
    let error = create_connection("localhost", port, &within(LONG)).unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with(&format!(
            "connect to localhost:{port}: connection refused; tried "
        )),
        "{said}"
    );
    assert!(
        said.contains(&format!("{} (connection refused)", refusing.address)),
        "{said}"
    );
}

#[test]
fn what_cannot_be_connected_to_says_why() {
    // RFC 6761 section 6.4.
    let error = create_connection("-nowhere.invalid", 80, &within(LONG)).unwrap_err();
    assert!(matches!(error.cause(), Cause::Resolver(_)), "{error:?}");
    assert!(
        error.to_string().starts_with("resolve -nowhere.invalid: "),
        "{error}"
    );
    for (host, service) in [("a\0b", "80"), ("localhost", "65536"), ("localhost", "a\0")] {
        let error = create_connection(host, service, &within(LONG)).unwrap_err();
        assert!(matches!(error.cause(), Cause::Invalid(_)), "{error:?}");
    }
    let error = connect_any(&[], &within(LONG)).unwrap_err();
    assert!(matches!(error.cause(), Cause::Invalid(_)), "{error:?}");
    let too_long = UnixAddress::Path("x".repeat(200).into()).into();
    let error = connect_any(&[too_long], &within(LONG)).unwrap_err();
    assert!(matches!(error.cause(), Cause::Invalid(_)), "{error:?}");
}

#[test]
fn with_no_time_at_all_only_what_connects_at_once_does() {
    for zero in [Timeout::Zero, Timeout::After(Duration::ZERO)] {
        only_what_connects_at_once_does(zero);
    }
}

fn only_what_connects_at_once_does(zero: Timeout) {
    let options = ConnectOptions {
        timeout: zero,
        ..ConnectOptions::default()
    };
    let silent = silent();
    let error = connect_any(std::slice::from_ref(&silent.address), &options).unwrap_err();
    assert_eq!(errno(&error), Some(Errno::INPROGRESS));
    let error = create_connection("localhost", 9, &options).unwrap_err();
    assert_eq!(errno(&error), Some(Errno::AGAIN), "{error}");

    let unix: Address = UnixAddress::Unnamed.into();
    let server = create_server(&unix, &ServerOptions::default()).unwrap();
    let unix = server.local_address().unwrap();
    let client = connect_any(&[unix], &options).unwrap();
    assert_eq!(client.timeout(), Timeout::Zero);
}

#[test]
fn a_unix_listener_whose_queue_is_full_has_failed() {
    let server = Socket::new(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    server.bind(&UnixAddress::Unnamed.into()).unwrap();
    server.listen(0).unwrap();
    let full = server.local_address().unwrap();
    let (_tcp, good) = tcp_server();
    let _first = connect_any(std::slice::from_ref(&full), &within(LONG)).unwrap();
    let error = connect_any(std::slice::from_ref(&full), &within(LONG)).unwrap_err();
    assert_eq!(errno(&error), Some(Errno::AGAIN));
    let client = connect_any(&[full, good.clone()], &within(LONG)).unwrap();
    assert_eq!(client.peer_address().unwrap(), good);
}

#[test]
fn losers_are_closed_and_a_full_table_is_an_error() {
    if !alone::is_alone() {
        return alone::run("connect_any::losers_are_closed_and_a_full_table_is_an_error");
    }
    let (silent, refusing, (_server, good)) = (silent(), refusing(), tcp_server());
    let options = ConnectOptions {
        attempt_delay: Duration::from_millis(10),
        ..within(Duration::from_millis(100))
    };
    let before = alone::descriptors();
    for _ in 0..5 {
        let addresses = [
            silent.address.clone(),
            refusing.address.clone(),
            good.clone(),
        ];
        drop(connect_any(&addresses, &options).unwrap());
        connect_any(&addresses[..2], &options).unwrap_err();
        create_connection("localhost", good.port().unwrap(), &options).unwrap();
    }
    assert_eq!(alone::descriptors(), before);

    // The lowest number that is free: all below it are taken.
    let next = tcp_socket().as_raw_fd();
    let limit = getrlimit(Resource::Nofile);
    let full = Rlimit {
        current: Some(next as u64),
        ..limit
    };
    setrlimit(Resource::Nofile, full).unwrap();
    let any = connect_any(&[good.clone(), refusing.address.clone()], &options).unwrap_err();
    let named = create_connection("localhost", good.port().unwrap(), &options).unwrap_err();
    setrlimit(Resource::Nofile, limit).unwrap();
    assert_eq!(errno(&any), Some(Errno::MFILE), "{any}");
    assert!(any.hint().is_some());
    assert_eq!(any.attempts().len(), 2);
    assert_eq!(errno(&named), Some(Errno::MFILE), "{named}");
    // Room again, and it goes on as before.
    connect_any(&[good], &options).unwrap();
}

#[cfg(feature = "tokio")]
mod awaited {
    use std::time::{Duration, Instant};

    use landline_socket::{AsyncSocket, Cause, ConnectOptions, Error, Service, Timeout};
    use rustix::io::Errno;

    use super::{LONG, errno, refusing, silent, within};
    use crate::{alone, tcp_server};

    #[tokio::test]
    async fn the_next_is_tried_when_one_refuses_or_is_silent() {
        let (silent, refusing, (server, good)) = (silent(), refusing(), tcp_server());
        let delay = Duration::from_millis(100);
        let options = ConnectOptions {
            attempt_delay: delay,
            ..within(LONG)
        };
        let addresses = [
            refusing.address.clone(),
            silent.address.clone(),
            good.clone(),
        ];
        let began = Instant::now();
        let client = AsyncSocket::connect_any(&addresses, &options)
            .await
            .unwrap();
        let took = began.elapsed();
        assert!((delay..LONG / 3).contains(&took), "{took:?}");
        assert_eq!(client.peer_address().unwrap(), good);
        assert_eq!(client.socket().timeout(), Timeout::Zero);
        let (connection, _) = server.accept().unwrap();
        connection.send_all(b"hello").unwrap();
        assert_eq!(client.recv(&mut [0; 16]).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn the_deadline_is_that_of_all_attempts_together() {
        let (one, other) = (silent(), silent());
        let timeout = Duration::from_millis(200);
        let options = ConnectOptions {
            attempt_delay: Duration::from_millis(20),
            ..within(timeout)
        };
        let addresses = [one.address, other.address];
        let began = Instant::now();
        let error = AsyncSocket::connect_any(&addresses, &options)
            .await
            .unwrap_err();
        let took = began.elapsed();
        assert!((timeout..timeout + LONG / 10).contains(&took), "{took:?}");
        assert_eq!(error.cause(), &Cause::TimedOut);
        let tried: Vec<_> = error.attempts().iter().filter_map(Error::address).collect();
        assert_eq!(tried, [&addresses[0], &addresses[1]]);
    }

    #[tokio::test]
    async fn a_host_is_connected_to_by_name_or_says_why() {
        let (_server, good) = tcp_server();
        let port = good.port().unwrap();
        let connecting = tokio::spawn(async move {
            AsyncSocket::create_connection("localhost", port, &within(LONG)).await
        });
        let client = connecting.await.unwrap().unwrap();
        assert_eq!(client.peer_address().unwrap().port(), Some(port));

        let refusing = refusing();
        let port = refusing.address.port().unwrap();
        let error = AsyncSocket::create_connection("127.0.0.1", port, &within(LONG))
            .await
            .unwrap_err();
        assert_eq!(errno(&error), Some(Errno::CONNREFUSED));
        assert_eq!(
            error.to_string(),
            format!("connect to 127.0.0.1:{port}: connection refused")
        );
        let error = AsyncSocket::create_connection("-nowhere.invalid", Service::Any, &within(LONG))
            .await
            .unwrap_err();
        assert!(matches!(error.cause(), Cause::Resolver(_)), "{error:?}");
    }

    #[test]
    fn cancelled_it_closes_every_attempt() {
        if !alone::is_alone() {
            return alone::run("connect_any::awaited::cancelled_it_closes_every_attempt");
        }
        let (one, other) = (silent(), silent());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = ConnectOptions {
            attempt_delay: Duration::from_millis(10),
            ..ConnectOptions::default()
        };
        runtime.block_on(async {
            let addresses = [one.address.clone(), other.address.clone()];
            let before = alone::descriptors();
            let connecting = AsyncSocket::connect_any(&addresses, &options);
            let short = Duration::from_millis(50);
            let mut connecting = Box::pin(connecting);
            tokio::time::timeout(short, &mut connecting)
                .await
                .unwrap_err();
            assert_eq!(alone::descriptors(), before + 2, "both are open");
            drop(connecting);
            assert_eq!(alone::descriptors(), before);
        });
    }
}
