//! The room as a whole, run as the binary runs it: report, stop, and folders on show.

mod watch;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use futures_util::StreamExt as _;
use landline_socket::{ServerOptions, Shutdown, Socket, create_server};
use landline_tools::base::Stop;
use landline_tools::base::root::Root;
use landline_tools::http::Hosts;
use landline_tools::hub::{self, Event, Listeners, Options, Report};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::peer::{Peer, soon, status};

/// A running room over a folder of its own.
pub(crate) struct House {
    folder: TempDir,
    pub(crate) page: SocketAddr,
    chat: SocketAddr,
    stop: Stop,
    events: Arc<Mutex<Vec<String>>>,
    running: Option<JoinHandle<std::io::Result<Report>>>,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with_chat_on(listener())
    }

    fn with_chat_on((chat, chat_at): (Socket, SocketAddr)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path(), false).unwrap();
        let (page, page_at) = listener();
        let listeners = Listeners {
            page: vec![page],
            chat: vec![chat],
        };
        let options = Options {
            room: "Test".to_owned(),
            history: 10,
            writable: true,
            key: None,
            hosts: Hosts::default(),
            origin: format!("http://{page_at}"),
            descriptors: 1024,
        };
        let (stop, events) = (Stop::new(), Arc::new(Mutex::new(Vec::new())));
        let (stopped, sink) = (stop.clone(), events.clone());
        let on_event = move |event: &Event<'_>| {
            let line = match event {
                Event::Chat(event) => event.to_string(),
                Event::Transferred {
                    direction,
                    path,
                    size,
                    ..
                } => format!("{direction:?} {path} {size}"),
                Event::Answered(record) => format!("answered {}", record.status.code()),
            };
            sink.lock().unwrap().push(line);
        };
        let running =
            std::thread::spawn(move || hub::run(root, listeners, options, &stopped, on_event));
        Self {
            folder,
            page: page_at,
            chat: chat_at,
            stop,
            events,
            running: Some(running),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A browser's tab.
    async fn tab(&self) -> Tab {
        let address = format!("ws://{}/.landline/room?client=token-12345", self.page);
        let (socket, _) = soon(connect_async(address)).await.unwrap();
        Tab(socket)
    }

    /// One request; its whole answer.
    async fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut peer = Peer::connect(self.page).await;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n",
            self.page
        );
        peer.send(head + body).await;
        peer.rest().await
    }

    /// Stops it and waits for its end.
    fn close(&mut self) -> Option<std::io::Result<Report>> {
        self.stop.stop();
        self.running.take().map(|running| running.join().unwrap())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn listener() -> (Socket, SocketAddr) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let socket = create_server(&any, &ServerOptions::default()).unwrap();
    let address = socket.local_address().unwrap();
    let address = (address.ip().unwrap(), address.port().unwrap()).into();
    (socket, address)
}

/// A page's WebSocket, by a library that is not ours.
struct Tab(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Tab {
    async fn until(&mut self, kind: &str) -> Value {
        let event = async {
            loop {
                let message = self.0.next().await.expect("the line holds").unwrap();
                let Message::Text(text) = message else {
                    continue;
                };
                let event: Value = serde_json::from_str(&text).unwrap();
                if event["event"] == kind {
                    return event;
                }
            }
        };
        soon(event).await
    }
}

#[tokio::test]
async fn the_report_counts_what_was_whole() {
    let mut house = House::open();
    std::fs::write(house.path().join("a.txt"), "content").unwrap();
    assert_eq!(status(&house.ask("PUT", "/b.txt", "12345").await), 201);
    assert_eq!(status(&house.ask("PUT", "/b.txt", "again").await), 409);
    assert!(house.ask("GET", "/a.txt", "").await.ends_with("content"));
    assert_eq!(status(&house.ask("HEAD", "/a.txt", "").await), 200);
    assert_eq!(status(&house.ask("GET", "/none", "").await), 404);
    let report = house.close().unwrap().unwrap();
    let expected = Report {
        requests: 5,
        uploads: 1,
        downloads: 1,
    };
    assert_eq!(report, expected);
    let events = house.events.lock().unwrap().clone();
    for told in ["Up b.txt 5", "Down a.txt 7", "answered 409"] {
        assert!(
            events.iter().any(|event| event == told),
            "{told}: {events:#?}"
        );
    }
}

#[tokio::test]
async fn when_it_stops_everybody_is_told_and_nobody_listens() {
    let mut house = House::open();
    let mut tab = house.tab().await;
    tab.until("caught-up").await;
    let mut text = Peer::connect(house.chat).await;
    text.send("hello\n").await;
    assert_eq!(tab.until("said").await["text"], "hello");
    // One that was answered: who was not even let in yet is reset.
    let mut idle = Peer::connect(house.page).await;
    idle.send(format!(
        "GET /none HTTP/1.1\r\nHost: {}\r\n\r\n",
        house.page
    ))
    .await;
    assert_eq!(status(&idle.answer().await.0), 404);
    let closed = tokio::task::spawn_blocking(move || {
        let closed = house.close();
        (house, closed)
    });
    assert!(tab.until("closing").await["detail"].is_string());
    assert!(text.rest().await.contains("closing"));
    assert_eq!(idle.rest().await, "");
    let (house, closed) = soon(closed).await.unwrap();
    assert!(closed.unwrap().is_ok());
    assert!(TcpStream::connect(house.page).await.is_err());
    assert!(TcpStream::connect(house.chat).await.is_err());
}

#[tokio::test]
async fn a_listener_that_fails_ends_the_room_as_a_stop_does() {
    let (chat, chat_at) = listener();
    let chat_there = chat.duplicate().unwrap();
    let mut house = House::with_chat_on((chat, chat_at));
    let mut tab = house.tab().await;
    tab.until("caught-up").await;
    let mut text = Peer::connect(house.chat).await;
    text.send("hello\n").await;
    assert_eq!(tab.until("said").await["text"], "hello");
    // No more can be accepted there.
    chat_there.shutdown(Shutdown::Both).unwrap();
    assert!(tab.until("closing").await["detail"].is_string());
    assert!(text.rest().await.contains("closing"));
    let running = house.running.take().unwrap();
    let ended = tokio::task::spawn_blocking(move || running.join().unwrap());
    let error = soon(ended).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("accept"), "{error}");
}
