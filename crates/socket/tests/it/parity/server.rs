//! Python's `socketserver`, by our models.

use std::sync::{Arc, Mutex};

use landline_socket::server::{self, Handler, Model, Options, Reply, Running};
use landline_socket::{Address, Family, Kind, ServerOptions, Socket, create_server};

use super::run::Arguments;
use super::socket::to_address;
use super::value::{Failure, Outcome, Value};

pub(super) const CLASSES: &[&str] = &[
    "TCPServer",
    "ThreadingTCPServer",
    "ThreadingUDPServer",
    "ThreadingUnixDatagramServer",
    "ThreadingUnixStreamServer",
    "UDPServer",
    "UnixDatagramServer",
    "UnixStreamServer",
];

pub(super) struct Server {
    pub(super) address: Address,
    handler: Script,
    model: Model,
    stage: Mutex<Stage>,
}

enum Stage {
    Made(Socket),
    Started(Running),
    Stopped,
}

/// `runner.py` has the same handlers by these names.
#[derive(Clone, Copy)]
enum Script {
    Upper,
    Greet,
    Fail,
    UpperDatagram,
}

impl Handler for Script {
    /// The beginning of a line.
    type Session = Vec<u8>;

    fn open(&self, reply: &mut Reply) -> Option<Vec<u8>> {
        if let Self::Greet = self {
            reply.send(b"welcome\n");
            reply.close();
        }
        Some(Vec::new())
    }

    fn receive(&self, line: &mut Vec<u8>, data: &[u8], reply: &mut Reply) {
        match self {
            Self::Upper => {
                line.extend(data);
                if let Some(end) = line.iter().rposition(|byte| *byte == b'\n') {
                    let lines: Vec<_> = line.drain(..=end).collect();
                    reply.send(&lines.to_ascii_uppercase());
                }
            }
            Self::UpperDatagram => reply.send(&data.to_ascii_uppercase()),
            Self::Fail => {
                assert_ne!(data, b"fail", "asked to");
                reply.send(b"alive");
                reply.close();
            }
            Self::Greet => {}
        }
    }

    fn finish(&self, line: &mut Vec<u8>, reply: &mut Reply) {
        if let Self::Upper = self {
            reply.send(&line.to_ascii_uppercase());
        }
    }
}

/// `TCPServer(address, handler)` and its kin. `concurrent` is the model that stands for Python's threads.
pub(super) fn new(class: &str, concurrent: Model, arguments: &Arguments) -> Outcome {
    let (family, kind) = match class.strip_prefix("Threading").unwrap_or(class) {
        "TCPServer" => (Family::INET, Kind::STREAM),
        "UDPServer" => (Family::INET, Kind::DGRAM),
        "UnixStreamServer" => (Family::UNIX, Kind::STREAM),
        _ => (Family::UNIX, Kind::DGRAM),
    };
    let Value::Function(handler) = arguments.must(1)? else {
        return Err(Failure::Refused);
    };
    let options = ServerOptions {
        kind,
        ..ServerOptions::default()
    };
    let listener = create_server(&to_address(family, arguments.must(0)?)?, &options)?;
    Ok(Value::Server(Arc::new(Server {
        address: listener.local_address()?,
        handler: script(handler),
        model: match class.starts_with("Threading") {
            true => concurrent,
            false => Model::Single,
        },
        stage: Mutex::new(Stage::Made(listener)),
    })))
}

pub(super) const HANDLERS: &[&str] = &["Fail", "Greet", "Upper", "UpperDatagram"];

fn script(name: &str) -> Script {
    match name {
        "Upper" => Script::Upper,
        "Greet" => Script::Greet,
        "Fail" => Script::Fail,
        _ => Script::UpperDatagram,
    }
}

/// `start(server)` and `stop(server)`.
pub(super) fn call(name: &str, arguments: &Arguments) -> Outcome {
    let Value::Server(server) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let mut stage = server.stage.lock().unwrap();
    *stage = match (name, std::mem::replace(&mut *stage, Stage::Stopped)) {
        ("start", Stage::Made(listener)) => {
            let options = Options {
                model: server.model,
                ..Options::default()
            };
            Stage::Started(server::start(listener, server.handler, &options)?)
        }
        ("stop", Stage::Started(running)) => {
            running.stop();
            running.join()?;
            Stage::Stopped
        }
        _ => panic!("{name} at the wrong time"),
    };
    Ok(Value::None)
}
