//! The chat room over connections: text members and pages, in time that only passes when all wait.

mod text;
mod web;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use landline_tools::base::Stop;
use landline_tools::chat::{ChatEvent, Room, RoomOptions, TextOptions, serve_text, serve_web};
use landline_wire::chat::Hello;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// What a connection holds before its peer has to read.
const PIPE_BYTES: usize = 64 * 1024;

/// A room with its doors.
struct House {
    room: Room,
    options: Arc<TextOptions>,
    stop: Stop,
    events: Arc<Mutex<Vec<String>>>,
}

impl House {
    fn new() -> Self {
        Self::with(TextOptions::default())
    }

    fn with(options: TextOptions) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = events.clone();
        let on_event = move |event: ChatEvent| sink.lock().unwrap().push(event.to_string());
        Self {
            room: Room::new(RoomOptions::default(), on_event).unwrap(),
            options: Arc::new(options),
            stop: Stop::new(),
            events,
        }
    }

    /// Opens a text connection and sends nothing yet.
    fn open(&self) -> (Nc, JoinHandle<()>) {
        let (ours, theirs) = duplex(PIPE_BYTES);
        let (room, options, stop) = (self.room.clone(), self.options.clone(), self.stop.clone());
        let serving = tokio::spawn(async move {
            serve_text(theirs, "peer\x1b", &room, &options, &stop).await;
        });
        (Nc(BufReader::new(ours)), serving)
    }

    /// A text member of this name, who has heard nothing but its own way in.
    async fn nc(&self, name: &str) -> Nc {
        let (mut nc, _) = self.open();
        nc.send(&format!("/name {name}\n")).await;
        let renamed = format!("is now {name}");
        nc.until(|line| line.ends_with(&renamed)).await;
        nc
    }

    /// A connection that became a WebSocket.
    fn raw(&self, client: &str) -> (DuplexStream, JoinHandle<()>) {
        let (ours, theirs) = duplex(PIPE_BYTES);
        let (room, stop) = (self.room.clone(), self.stop.clone());
        let hello = Hello::parse(&format!("client={client}&name=Page")).unwrap();
        let serving = tokio::spawn(async move {
            serve_web(theirs, bytes::BytesMut::new(), &hello, &room, &stop).await;
        });
        (ours, serving)
    }

    async fn page(&self, client: &str) -> Page {
        let (stream, serving) = self.raw(client);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Page { socket, serving }
    }

    fn events(&self) -> Vec<String> {
        self.events.lock().unwrap().clone()
    }
}

/// A peer that speaks lines.
struct Nc(BufReader<DuplexStream>);

impl Nc {
    async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    async fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// Ends its side, as `nc -N` does at the end of its input.
    async fn end(&mut self) {
        self.0.get_mut().shutdown().await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        assert_eq!(line.pop(), Some('\n'), "a line ends, and there is one");
        line
    }

    async fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let line = self.line().await;
            if wanted(&line) {
                return line;
            }
        }
    }

    /// The next line that is not about comings, goings and names.
    async fn said(&mut self) -> String {
        self.until(|line| !line.starts_with('*')).await
    }

    /// Everything up to the end of the stream.
    async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.unwrap();
        String::from_utf8(rest).unwrap()
    }
}

/// A peer that is a browser.
struct Page {
    socket: WebSocketStream<DuplexStream>,
    serving: JoinHandle<()>,
}

impl Page {
    async fn send(&mut self, request: Value) {
        let message = Message::text(request.to_string());
        self.socket.send(message).await.unwrap();
    }

    async fn message(&mut self) -> Message {
        let message = timeout(Duration::from_secs(600), self.socket.next()).await;
        message.expect("an answer").unwrap().unwrap()
    }

    async fn event(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.message().await {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"] == kind {
                return event;
            }
        }
    }
}
