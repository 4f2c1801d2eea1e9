//! Python's functions of the module, and what else a scenario finds: as `runner.py` has it.

use std::io::{Seek, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use landline_socket::{
    Address, ConnectOptions, Family, Kind, Protocol, ServerOptions, Socket, Timeout,
    ancillary_length, ancillary_space, create_server, default_timeout, inet, set_default_timeout,
};
use rustix::io::Errno;

use super::face::Face;
use super::run::{Arguments, Run};
use super::socket::{bytes, family, from_timeout, integer, kind, size, timeout, to_address};
use super::value::{Failure, Outcome, Value, from_address};
use super::{lookup, makefile, message, readiness, server};

const FUNCTIONS: &[&str] = &[
    "CMSG_LEN",
    "CMSG_SPACE",
    "DefaultSelector",
    "bytearray",
    "bytes",
    "closed_port",
    "create_connection",
    "create_server",
    "fill",
    "getdefaulttimeout",
    "has_dualstack_ipv6",
    "len",
    "pack",
    "receive_all",
    "recv_fds",
    "send_fds",
    "setdefaulttimeout",
    "socket",
    "socketpair",
    "start",
    "stop",
    "tcp_pair",
    "tcp_server",
    "temporary_file",
    "udp_pair",
    "udp_socket",
];

pub(super) fn knows(name: &str) -> bool {
    let lists = [
        FUNCTIONS,
        lookup::FUNCTIONS,
        server::CLASSES,
        server::HANDLERS,
    ];
    lists.iter().any(|list| list.contains(&name))
}

/// `name(…)`.
pub(super) async fn call(run: &Arc<Run>, name: &str, arguments: &Arguments) -> Outcome {
    match name {
        "socket" => new_socket(run, arguments),
        "socketpair" => {
            let family = arguments
                .get(0, "family")
                .map_or(Ok(Family::UNIX), family)?;
            let kind = arguments.get(1, "type").map_or(Ok(Kind::STREAM), kind)?;
            let pair = Socket::pair(family, kind, Protocol::DEFAULT)?;
            pair_of(run, pair)
        }
        "create_server" => made_server(run, arguments),
        "tcp_server" => run.socket(tcp_server()?),
        "tcp_pair" => {
            let server = tcp_server()?;
            let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
            client.connect(&server.local_address()?)?;
            let (connection, _) = server.accept()?;
            pair_of(run, (client, connection))
        }
        "udp_socket" => run.socket(udp_socket()?),
        "udp_pair" => {
            let (one, other) = (udp_socket()?, udp_socket()?);
            one.connect(&other.local_address()?)?;
            other.connect(&one.local_address()?)?;
            pair_of(run, (one, other))
        }
        "create_connection" => connection(run, arguments).await,
        "DefaultSelector" => Ok(Value::Selector(Arc::new(readiness::new()?))),
        "closed_port" => closed_port(),
        "fill" => fill(arguments.must(0)?).await,
        "receive_all" => receive_all(arguments.must(0)?).await,
        "send_fds" => message::send_fds(arguments).await,
        "recv_fds" => message::recv_fds(arguments).await,
        "start" | "stop" => server::call(name, arguments),
        _ if lookup::FUNCTIONS.contains(&name) => lookup::call(name, arguments),
        _ if server::CLASSES.contains(&name) => server::new(name, run.concurrent, arguments),
        _ => plain(name, arguments),
    }
}

fn plain(name: &str, arguments: &Arguments) -> Outcome {
    Ok(match name {
        "len" => match arguments.must(0)? {
            Value::Bytes(bytes) => Value::int(bytes.len()),
            Value::Text(text) => Value::int(text.chars().count()),
            Value::Tuple(items) | Value::List(items) => Value::int(items.len()),
            _ => return Err(Failure::Refused),
        },
        "bytes" => Value::Bytes(vec![0; size(arguments.must(0)?)?]),
        "bytearray" => Value::Buffer(Arc::new(Mutex::new(vec![0; size(arguments.must(0)?)?]))),
        "pack" => {
            let mut packed = Vec::new();
            for number in &arguments.positional[1..] {
                packed.extend((integer(number)? as i32).to_ne_bytes());
            }
            Value::Bytes(packed)
        }
        "getdefaulttimeout" => from_timeout(default_timeout()),
        "setdefaulttimeout" => {
            set_default_timeout(timeout(arguments.must(0)?)?);
            Value::None
        }
        "has_dualstack_ipv6" => Value::Bool(inet::has_dual_stack()),
        "temporary_file" => {
            let mut file = tempfile::tempfile()?;
            file.write_all(&bytes(arguments.must(0)?)?)?;
            file.rewind()?;
            Value::File(Arc::new(file))
        }
        "CMSG_LEN" => Value::int(ancillary_length(size(arguments.must(0)?)?)),
        "CMSG_SPACE" => Value::int(ancillary_space(size(arguments.must(0)?)?)),
        _ => panic!("{name} is not known: teach it"),
    })
}

/// `of.name`.
pub(super) fn attribute(of: &Value, name: &str) -> Outcome {
    match (of, name) {
        (Value::Socket(face), "family") => Ok(Value::int(face.socket().family()?.as_raw())),
        (Value::Socket(face), "type") => Ok(Value::int(face.socket().kind()?.as_raw())),
        (Value::Socket(face), "proto") => Ok(Value::int(face.socket().protocol()?.as_raw())),
        (Value::Server(server), "server_address") => Ok(from_address(&server.address, Value::None)),
        _ => panic!("{name} is not known: teach it"),
    }
}

/// `of.name(…)` of what is no socket.
pub(super) fn method(of: &Value, name: &str, arguments: &Arguments) -> Outcome {
    match of {
        Value::Made(made) => makefile::call(made, name, arguments),
        Value::Selector(selector) => readiness::call(selector, name, arguments),
        _ => panic!("{name} is not known: teach it"),
    }
}

fn pair_of(run: &Arc<Run>, (one, other): (Socket, Socket)) -> Outcome {
    Ok(Value::Tuple(vec![run.socket(one)?, run.socket(other)?]))
}

fn new_socket(run: &Arc<Run>, arguments: &Arguments) -> Outcome {
    if let Some(number) = arguments.get(3, "fileno") {
        let Value::Descriptor(descriptor) = number else {
            return Err(Failure::Gone);
        };
        let descriptor = descriptor.lock().unwrap().take().ok_or(Failure::Gone)?;
        return run.socket(Socket::from(descriptor));
    }
    let family = arguments
        .get(0, "family")
        .map_or(Ok(Family::INET), family)?;
    let kind = arguments.get(1, "type").map_or(Ok(Kind::STREAM), kind)?;
    let protocol = arguments.get(2, "proto").map_or(Ok(0), integer)?;
    let protocol = Protocol::from_raw(protocol as i32);
    run.socket(Socket::new(family, kind, protocol)?)
}

fn made_server(run: &Arc<Run>, arguments: &Arguments) -> Outcome {
    let family = arguments
        .get(1, "family")
        .map_or(Ok(Family::INET), family)?;
    let mut options = ServerOptions::default();
    if let Some(backlog) = arguments.get(2, "backlog") {
        options.backlog = integer(backlog)? as u32;
    }
    options.dual_stack = matches!(arguments.get(3, "dualstack_ipv6"), Some(Value::Bool(true)));
    let address = to_address(family, arguments.must(0)?)?;
    run.socket(create_server(&address, &options)?)
}

async fn connection(run: &Arc<Run>, arguments: &Arguments) -> Outcome {
    let Value::Tuple(items) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let [Value::Text(host), port, ..] = &items[..] else {
        return Err(Failure::Refused);
    };
    let port = u16::try_from(integer(port)?).map_err(|_| Failure::Refused)?;
    let mut options = ConnectOptions::default();
    if let Some(limit) = arguments.get(1, "timeout") {
        options.timeout = timeout(limit)?;
    }
    if let Some(source) = arguments.get(2, "source_address") {
        options.source_address = Some(to_address(Family::INET, source)?);
    }
    let face = Face::create_connection(run.kind, host, port, &options).await?;
    Ok(Value::Socket(Arc::new(face)))
}

fn any_port() -> Address {
    SocketAddr::from(([127, 0, 0, 1], 0)).into()
}

fn tcp_server() -> landline_socket::Result<Socket> {
    create_server(&any_port(), &ServerOptions::default())
}

fn udp_socket() -> landline_socket::Result<Socket> {
    let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    socket.bind(&any_port())?;
    Ok(socket)
}

/// Bound and not listening: nobody else gets it, and it refuses.
fn closed_port() -> Outcome {
    static BOUND: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    let socket = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT)?;
    socket.bind(&any_port())?;
    let port = socket.local_address()?.port().unwrap();
    BOUND.lock().unwrap().push(socket);
    Ok(Value::int(port))
}

fn face(value: &Value) -> Result<&Face, Failure> {
    match value {
        Value::Socket(face) => Ok(face),
        _ => Err(Failure::Refused),
    }
}

async fn fill(socket: &Value) -> Outcome {
    let face = face(socket)?;
    let timeout = face.timeout();
    face.set_timeout(Timeout::Zero)?;
    let full = loop {
        if let Err(full) = face.send(&[0; 65536]).await {
            break full;
        }
    };
    face.set_timeout(timeout)?;
    match full {
        Failure::Errno(errno) if errno == Errno::AGAIN.raw_os_error() => Ok(Value::None),
        Failure::Ours(error) if error.errno() == Some(Errno::AGAIN.raw_os_error()) => {
            Ok(Value::None)
        }
        other => Err(other),
    }
}

async fn receive_all(socket: &Value) -> Outcome {
    let face = face(socket)?;
    let mut all = Vec::new();
    loop {
        all.reserve(65536);
        if face.recv_into(&mut all).await? == 0 {
            return Ok(Value::Bytes(all));
        }
    }
}
