//! `server`: every model on every kind of socket, with clients of ours and of Python's.

mod blocking;
mod limits;
mod review;
mod stopping;
mod trouble;

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use landline_socket::server::{self, End, Handler, Model, Options, Reply, Running};
use landline_socket::{
    Address, Kind, Protocol, ServerOptions, Shutdown, Socket, UnixAddress, create_server,
};

use crate::any_port;

/// So long that only a hang takes it.
const PATIENCE: Duration = Duration::from_secs(5);

const MODELS: &[Model] = &[
    Model::Single,
    Model::Threads(16),
    Model::Readiness,
    #[cfg(feature = "tokio")]
    Model::Tasks,
];

/// Those in which one connection does not wait for another's end.
fn concurrent() -> impl Iterator<Item = Model> {
    MODELS
        .iter()
        .copied()
        .filter(|model| *model != Model::Single)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    Tcp,
    UnixStream,
    UnixSequence,
    Udp,
    UnixDatagram,
}

const STREAMS: [Home; 2] = [Home::Tcp, Home::UnixStream];
const DATAGRAMS: [Home; 2] = [Home::Udp, Home::UnixDatagram];
const HOMES: [Home; 4] = [Home::Tcp, Home::UnixStream, Home::Udp, Home::UnixDatagram];

impl Home {
    fn kind(self) -> Kind {
        match self {
            Self::Tcp | Self::UnixStream => Kind::STREAM,
            Self::UnixSequence => Kind::SEQPACKET,
            Self::Udp | Self::UnixDatagram => Kind::DGRAM,
        }
    }

    /// A listener of its own: a free port, or a free abstract name.
    fn listener(self) -> Socket {
        let address = match self {
            Self::Tcp | Self::Udp => any_port(),
            _ => UnixAddress::Unnamed.into(),
        };
        let options = ServerOptions {
            kind: self.kind(),
            ..ServerOptions::default()
        };
        create_server(&address, &options).unwrap()
    }
}

/// A client of the server at `address`, which waits no longer than it must.
fn client(home: Home, address: &Address) -> Socket {
    let client = Socket::new(address.family(), home.kind(), Protocol::DEFAULT).unwrap();
    client.set_timeout(PATIENCE).unwrap();
    if home == Home::UnixDatagram {
        // Whoever wants an answer needs a name.
        client.bind(&UnixAddress::Unnamed.into()).unwrap();
    }
    client.connect(address).unwrap();
    client
}

#[track_caller]
fn expect(client: &Socket, expected: &[u8]) {
    let mut buffer = vec![0; expected.len()];
    let mut got = 0;
    while got < expected.len() {
        match client.recv(&mut buffer[got..]).unwrap() {
            0 => panic!("the end of the stream after {:?}", &buffer[..got]),
            received => got += received,
        }
    }
    assert_eq!(buffer, expected);
}

/// All until the end of the stream, however it ends.
fn rest(client: &Socket) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(received @ 1..) = client.recv(&mut buffer) {
        rest.extend_from_slice(&buffer[..received]);
    }
    rest
}

/// Whether the server has closed the connection: an end or a reset, not the client's patience.
fn is_closed(client: &Socket) -> bool {
    match client.recv(&mut [0]) {
        Ok(received) => received == 0,
        Err(error) => error.errno().is_some(),
    }
}

fn options(model: Model) -> Options {
    Options {
        model,
        grace: Duration::from_millis(100),
        ..Options::default()
    }
}

fn echo() -> impl Handler {
    server::reply(|data, reply| reply.send(data))
}

fn start(home: Home, handler: impl Handler, options: &Options) -> Running {
    server::start(home.listener(), handler, options).unwrap()
}

/// A handler that does what it is told, and notes why sessions ended.
#[derive(Clone, Default)]
struct Told {
    ends: Arc<Mutex<Vec<End>>>,
}

impl Told {
    fn ends(&self) -> Vec<End> {
        self.ends.lock().unwrap().clone()
    }
}

impl Handler for Told {
    type Session = usize;

    fn open(&self, _: &mut Reply) -> Option<usize> {
        Some(0)
    }

    fn receive(&self, count: &mut usize, data: &[u8], reply: &mut Reply) {
        *count += data.len();
        match data {
            b"panic" => std::panic::resume_unwind(Box::new("as it should")),
            b"close" => reply.close(),
            b"stop" => {
                reply.send(b"stopping");
                reply.stop();
            }
            b"much" => reply.send(&[0; 4096]),
            _ => reply.send(data),
        }
    }

    fn finish(&self, count: &mut usize, reply: &mut Reply) {
        reply.send(format!(" {count} in all").as_bytes());
    }

    fn end(&self, _: usize, end: &End) {
        self.ends.lock().unwrap().push(end.clone());
    }
}

#[test]
fn echo_in_every_model_on_every_kind() {
    for &model in MODELS {
        for home in HOMES {
            let server = start(home, echo(), &options(model));
            for word in [b"hello".as_slice(), b"\0\xff", &[b'x'; 3000]] {
                let client = client(home, server.address());
                for _ in 0..3 {
                    client.send_all(word).unwrap();
                    expect(&client, word);
                }
            }
            server.stop();
            let report = server.join().unwrap();
            assert_eq!(
                report.refused + report.failed + report.panicked,
                0,
                "{model:?} {home:?}"
            );
            assert_eq!(
                report.received_bytes, report.sent_bytes,
                "{model:?} {home:?}"
            );
            assert_eq!(report.received_bytes, 3 * 3007, "{model:?} {home:?}");
        }
    }
}

struct Greeter;

impl Handler for Greeter {
    type Session = ();

    fn open(&self, reply: &mut Reply) -> Option<()> {
        use std::io::Write as _;
        let peer = reply.peer().to_string();
        writeln!(reply, "hello {peer}").unwrap();
        reply.close();
        Some(())
    }

    fn receive(&self, (): &mut (), _: &[u8], _: &mut Reply) {
        panic!("nobody asked");
    }
}

/// The greeting arrives though the client talks all the time: closing with its words unread would reset it.
#[test]
fn greet_and_close_in_every_model_on_every_kind() {
    for &model in MODELS {
        for home in HOMES {
            let server = start(home, Greeter, &options(model));
            let client = client(home, server.address());
            client.send(&[b'x'; 100]).unwrap();
            let greeting = format!("hello {}\n", client.local_address().unwrap());
            if home == Home::UnixStream {
                // A client that was never bound has no name.
                expect(&client, b"hello unix:\n");
            } else {
                expect(&client, greeting.as_bytes());
            }
            if home.kind() != Kind::DGRAM {
                let _ = client.send(b"one word more");
                assert!(is_closed(&client), "{model:?} {home:?}");
            }
            drop(client);
            server.stop();
            let report = server.join().unwrap();
            assert_eq!(
                (report.accepted, report.panicked),
                (1, 0),
                "{model:?} {home:?}"
            );
        }
    }
}

#[test]
fn what_comes_before_the_end_of_a_side_is_answered_after_it() {
    for &model in MODELS {
        for home in STREAMS {
            let told = Told::default();
            let server = start(home, told.clone(), &options(model));
            let clients: Vec<_> = (0..8).map(|_| client(home, server.address())).collect();
            for client in &clients {
                client.send_all(b"abc").unwrap();
                client.shutdown(Shutdown::Write).unwrap();
            }
            for client in &clients {
                assert_eq!(rest(client), b"abc 3 in all", "{model:?} {home:?}");
            }
            server.stop();
            assert_eq!(server.join().unwrap().accepted, 8);
            assert_eq!(told.ends(), vec![End::Peer; 8], "{model:?} {home:?}");
        }
    }
}

#[test]
fn a_datagram_is_a_connection_of_one_message() {
    for &model in MODELS {
        for home in DATAGRAMS {
            let told = Told::default();
            let few = Options {
                datagram_bytes: 8,
                ..options(model)
            };
            let truncation = |data: &[u8], reply: &mut Reply| {
                reply.send(if reply.is_truncated() { b"cut" } else { b"" });
                reply.send(data);
            };
            let server = start(home, server::reply(truncation), &few);
            let client = client(home, server.address());
            for (sent, answer) in [
                (b"".as_slice(), b"".as_slice()),
                (b"12345678", b"12345678"),
                (b"123456789", b"cut12345678"),
            ] {
                client.send(sent).unwrap();
                let mut buffer = [0; 64];
                let received = client.recv(&mut buffer).unwrap();
                assert_eq!(&buffer[..received], answer, "{model:?} {home:?}");
            }
            drop(server);

            let server = start(home, told.clone(), &options(model));
            let other = super::server_models::client(home, server.address());
            other.send(b"xyz").unwrap();
            expect(&other, b"xyz 3 in all");
            server.stop();
            server.join().unwrap();
            assert_eq!(told.ends(), [End::Peer], "{model:?} {home:?}");
        }
    }
}

/// Python's clients: who wrote them knows nothing of us.
#[test]
fn python_is_echoed_on_every_kind() {
    const SCRIPT: &str = "
import socket, sys
family, kind = getattr(socket, sys.argv[1]), getattr(socket, sys.argv[2])
for name in sys.argv[3:]:
    address = ('127.0.0.1', int(name)) if family == socket.AF_INET else '\\0' + name
    with socket.socket(family, kind) as s:
        s.settimeout(5)
        if kind == socket.SOCK_DGRAM and family == socket.AF_UNIX:
            s.bind('')
        s.connect(address)
        for word in (b'hello', b'world' * 100):
            s.sendall(word)
            got = b''
            while len(got) < len(word):
                got += s.recv(4096)
            assert got == word, got
        if kind != socket.SOCK_DGRAM:
            s.shutdown(socket.SHUT_WR)
            assert s.recv(1) == b''
";
    let name = |server: &Running| match server.address() {
        Address::Unix(UnixAddress::Abstract(name)) => String::from_utf8(name.clone()).unwrap(),
        address => address.port().unwrap().to_string(),
    };
    let calls = HOMES.map(|home| {
        let servers: Vec<_> = MODELS
            .iter()
            .map(|&model| start(home, echo(), &options(model)))
            .collect();
        let client = Command::new("python3")
            .args(["-c", SCRIPT])
            .arg(format!("{:?}", servers[0].address().family()))
            .arg(format!("{:?}", home.kind()))
            .args(servers.iter().map(name))
            .spawn()
            .expect("python3 is installed");
        (home, servers, client)
    });
    for (home, _servers, mut client) in calls {
        assert!(client.wait().unwrap().success(), "{home:?}");
    }
}

/// `handle_request` and its timeout.
#[test]
fn it_ends_after_so_many_and_when_nobody_comes() {
    use landline_socket::server::Reason;
    for &model in MODELS {
        for home in [Home::Tcp, Home::Udp] {
            let two = Options {
                requests: Some(2),
                grace: PATIENCE,
                ..options(model)
            };
            let server = start(home, echo(), &two);
            for word in [b"first", b"other"] {
                let client = client(home, server.address());
                client.send(word).unwrap();
                expect(&client, word);
            }
            let report = server.join().unwrap();
            assert_eq!(
                (report.reason, report.accepted),
                (Reason::Served, 2),
                "{model:?}"
            );

            let soon = Options {
                timeout: Some(Duration::from_millis(20)),
                ..options(model)
            };
            let report = start(home, echo(), &soon).join().unwrap();
            assert_eq!(
                (report.reason, report.accepted),
                (Reason::TimedOut, 0),
                "{model:?}"
            );
        }
    }
}

/// Runs `body` in a process of its own, where nothing else counts: this test again, alone.
fn alone(test: &str, body: impl FnOnce()) {
    if crate::alone::is_alone() {
        body();
    } else {
        crate::alone::run(test);
    }
}
