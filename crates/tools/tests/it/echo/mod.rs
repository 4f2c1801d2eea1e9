//! The echo server: every behaviour in every model, on every kind of socket; and who would misuse it.

mod datagram;
mod hostile;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use landline_socket::server::{Model, Report};
use landline_socket::{
    Address, Kind, Protocol, ServerOptions, Shutdown, Socket, UnixAddress, create_server,
};
use landline_tools::base::Stop;
use landline_tools::echo::{self, Behaviour, Event, Options};

use crate::peer::PATIENCE;

const MODELS: [Model; 4] = [
    Model::Single,
    Model::Threads(16),
    Model::Readiness,
    Model::Tasks,
];

/// Where a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    Tcp,
    UnixStream,
    Udp,
    UnixDatagram,
}

const STREAMS: [Home; 2] = [Home::Tcp, Home::UnixStream];
const DATAGRAMS: [Home; 2] = [Home::Udp, Home::UnixDatagram];

impl Home {
    fn kind(self) -> Kind {
        match self {
            Self::Tcp | Self::UnixStream => Kind::STREAM,
            Self::Udp | Self::UnixDatagram => Kind::DGRAM,
        }
    }

    fn any(self) -> Address {
        match self {
            Self::Tcp | Self::Udp => std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into(),
            _ => UnixAddress::Unnamed.into(),
        }
    }
}

/// A running echo, and what it told.
struct Echo {
    home: Home,
    address: Address,
    stop: Stop,
    serving: Option<JoinHandle<Report>>,
    told: Receiver<String>,
}

impl Echo {
    fn start(home: Home, model: Model, behaviour: Behaviour) -> Self {
        Self::with(home, model, behaviour, false)
    }

    fn with(home: Home, model: Model, behaviour: Behaviour, close: bool) -> Self {
        let listening = ServerOptions {
            kind: home.kind(),
            ..ServerOptions::default()
        };
        let listener = create_server(&home.any(), &listening).unwrap();
        let address = listener.local_address().unwrap();
        let options = Options {
            behaviour,
            close,
            model,
            descriptors: 1024,
        };
        let (stop, (tell, told)) = (Stop::new(), channel());
        let stop_there = stop.clone();
        let serving = std::thread::spawn(move || {
            let on_event = move |event: &Event<'_>| note(&tell, event);
            echo::run(listener, options, &stop_there, on_event).unwrap()
        });
        Self {
            home,
            address,
            stop,
            serving: Some(serving),
            told,
        }
    }

    /// A client that waits no longer than it must.
    fn call(&self) -> Socket {
        let client =
            Socket::new(self.address.family(), self.home.kind(), Protocol::DEFAULT).unwrap();
        client.set_timeout(PATIENCE).unwrap();
        if self.home == Home::UnixDatagram {
            // Whoever wants an answer needs a name.
            client.bind(&UnixAddress::Unnamed.into()).unwrap();
        }
        client.connect(&self.address).unwrap();
        client
    }

    #[track_caller]
    fn expect(&self, event: &str) {
        let told = self.told.recv_timeout(PATIENCE);
        assert_eq!(told.as_deref(), Ok(event));
    }

    fn end(mut self) -> Report {
        self.stop.stop();
        self.serving.take().unwrap().join().unwrap()
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// An event in a few words.
fn note(tell: &Sender<String>, event: &Event<'_>) {
    let told = match event {
        Event::Connected { .. } => "connected".to_owned(),
        Event::Message { count, data, .. } => {
            format!("{count}: {}", String::from_utf8_lossy(data))
        }
        Event::Ended {
            messages,
            bytes,
            end,
            ..
        } => {
            format!("ended after {messages} of {bytes} bytes: {end:?}")
        }
        Event::Ignored { why, .. } => format!("ignored: {why}"),
        _ => "another event".to_owned(),
    };
    // A test may have seen enough.
    let _ = tell.send(told);
}

#[track_caller]
fn expect(client: &Socket, expected: impl AsRef<[u8]>) {
    let expected = expected.as_ref();
    let mut got = vec![0; expected.len()];
    let mut filled = 0;
    while filled < got.len() {
        match client.recv(&mut got[filled..]).unwrap() {
            0 => panic!(
                "the end after {:?}",
                got[..filled].escape_ascii().to_string()
            ),
            received => filled += received,
        }
    }
    assert_eq!(
        got.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

#[track_caller]
fn expect_end(client: &Socket) {
    assert_eq!(client.recv(&mut [0; 16]).unwrap(), 0);
}

fn reply(template: &str) -> Behaviour {
    Behaviour::Reply(template.parse().unwrap())
}

#[test]
fn what_comes_goes_back_byte_for_byte() {
    let all: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for (home, model) in pairs(STREAMS) {
        let echo = Echo::start(home, model, Behaviour::Echo);
        let client = echo.call();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                client.send_all(&all).unwrap();
                client.shutdown(Shutdown::Write).unwrap();
            });
            let mut back = Vec::new();
            let mut buffer = vec![0; 65_536];
            while let received @ 1.. = client.recv(&mut buffer).unwrap() {
                back.extend_from_slice(&buffer[..received]);
            }
            assert!(back == all, "{home:?}, {model:?}");
        });
        let report = echo.end();
        let bytes = all.len() as u64;
        assert_eq!((report.received_bytes, report.sent_bytes), (bytes, bytes));
        assert_eq!((report.accepted, report.failed), (1, 0));
    }
}

#[test]
fn capitals_are_those_of_pythons_bytes_upper() {
    for (home, model) in pairs(STREAMS).chain(pairs(DATAGRAMS)) {
        let echo = Echo::start(home, model, Behaviour::Upper);
        let client = echo.call();
        client.send("straße, ÿ\n\0az{|".as_bytes()).unwrap();
        expect(&client, "STRAßE, ÿ\n\0AZ{|");
    }
}

#[test]
fn a_greeting_is_said_before_anything_comes_and_then_it_is_over() {
    for (home, model) in pairs(STREAMS) {
        let echo = Echo::start(
            home,
            model,
            Behaviour::Greet(b"Thank you for connecting".to_vec()),
        );
        let client = echo.call();
        expect(&client, "Thank you for connecting");
        expect_end(&client);
        drop(client);
        echo.expect("connected");
        echo.expect("ended after 0 of 0 bytes: Closed");
    }
}

#[test]
fn a_reply_is_filled_in_for_each_message_and_ends_as_the_message_does() {
    for (home, model) in pairs(STREAMS) {
        let echo = Echo::start(home, model, reply("{count}: {{{data}}} from {peer}"));
        let client = echo.call();
        // A socket of the Unix family without a name is printed as its family alone.
        let own = match home {
            Home::Tcp => client.local_address().unwrap().to_string(),
            _ => "unix:".to_owned(),
        };
        for (count, (said, answered)) in [
            ("no newline", ""),
            ("a line\n", "\n"),
            ("Windows\r\n", "\r\n"),
        ]
        .into_iter()
        .enumerate()
        {
            client.send_all(said.as_bytes()).unwrap();
            let data = said.trim_end();
            expect(
                &client,
                format!("{}: {{{data}}} from {own}{answered}", count + 1),
            );
        }
        drop(client);
        for event in [
            "connected",
            "1: no newline",
            "2: a line\n",
            "3: Windows\r\n",
        ] {
            echo.expect(event);
        }
        echo.expect("ended after 3 of 26 bytes: Peer");
    }
}

#[test]
fn it_closes_after_the_first_answer_when_asked() {
    for (home, model) in pairs(STREAMS) {
        for (behaviour, answer) in [
            (Behaviour::Echo, "first"),
            (Behaviour::Upper, "FIRST"),
            (reply("{count} {data}"), "1 first"),
        ] {
            let echo = Echo::with(home, model, behaviour, true);
            let client = echo.call();
            client.send_all(b"first").unwrap();
            expect(&client, answer);
            expect_end(&client);
        }
    }
}

#[test]
fn many_are_served_at_once_but_by_the_model_that_serves_one() {
    for model in &MODELS[1..] {
        let echo = Echo::start(Home::Tcp, *model, reply("{count} {data}"));
        let clients: Vec<Socket> = (0..10).map(|_| echo.call()).collect();
        for round in 1..=3 {
            for (index, client) in clients.iter().enumerate() {
                client.send_all(format!("{index}").as_bytes()).unwrap();
                expect(client, format!("{round} {index}"));
            }
        }
    }
}

/// Every model with each of these.
fn pairs(homes: [Home; 2]) -> impl Iterator<Item = (Home, Model)> {
    homes
        .into_iter()
        .flat_map(|home| MODELS.map(|model| (home, model)))
}
