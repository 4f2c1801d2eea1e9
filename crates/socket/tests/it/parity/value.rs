//! What a scenario's names stand for, and how a value looks in a trace: as `runner.py` shows it.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex};

use landline_socket::{Address, Error, UnixAddress};

use super::face::Face;
use super::makefile::Made;
use super::readiness::Readiness;
use super::server::Server;

#[derive(Clone)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Tuple(Vec<Self>),
    List(Vec<Self>),
    Buffer(Arc<Mutex<Vec<u8>>>),
    Socket(Arc<Face>),
    /// A socket's number: descriptors are not owned by numbers here.
    Fileno(Arc<Face>),
    /// A descriptor without a socket: detached, or received.
    Descriptor(Arc<Mutex<Option<OwnedFd>>>),
    File(Arc<File>),
    Made(Arc<Made>),
    Selector(Arc<Readiness>),
    Server(Arc<Server>),
    /// A function of the module, or a handler, by its name.
    Function(String),
    /// A socket that was closed or detached: the compiler lets nobody use it.
    Gone,
}

/// Why a line gave no value.
#[derive(Debug)]
pub(super) enum Failure {
    Ours(Error),
    /// What our types, or a check of ours, do not let through to the kernel.
    Refused,
    /// The runtime's timeout, beside an `AsyncSocket`.
    #[cfg(feature = "tokio")]
    TimedOut,
    Errno(i32),
    Gone,
    Undefined,
    OutOfRange,
}

pub(super) type Outcome = Result<Value, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if let Some(ours) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return Self::Ours(Error::clone(ours));
        }
        match error.raw_os_error() {
            Some(errno) => Self::Errno(errno),
            None => Self::Refused,
        }
    }
}

impl Value {
    pub(super) fn show(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Text(text) => show_bytes(text.as_bytes()),
            Self::Bytes(bytes) => show_data(bytes),
            Self::Buffer(buffer) => show_data(&buffer.lock().unwrap()),
            Self::Tuple(items) => format!("({})", show_items(items)),
            Self::List(items) => format!("[{}]", show_items(items)),
            Self::Socket(_) => "<socket>".to_owned(),
            Self::Fileno(_) | Self::Descriptor(_) => self.number().unwrap().to_string(),
            Self::File(_) | Self::Made(_) => "<file>".to_owned(),
            Self::Selector(_) | Self::Server(_) => "<object>".to_owned(),
            Self::Function(name) => name.clone(),
            Self::Gone => "gone".to_owned(),
        }
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn int(number: impl TryInto<i64>) -> Self {
        Self::Int(number.try_into().ok().unwrap())
    }

    pub(super) fn descriptor(descriptor: OwnedFd) -> Self {
        Self::Descriptor(Arc::new(Mutex::new(Some(descriptor))))
    }

    /// As an `int`, where Python takes it for one.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Bool(flag) => Some((*flag).into()),
            Self::Int(number) => Some(*number),
            Self::Fileno(face) => Some(face.socket().as_raw_fd().into()),
            Self::Descriptor(descriptor) => {
                let descriptor = descriptor.lock().unwrap();
                descriptor.as_ref().map(|open| open.as_raw_fd().into())
            }
            _ => None,
        }
    }

    /// Whether `==` of Python's says so.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self.number(), other.number()) {
            (Some(one), Some(other)) => one == other,
            _ => self.show() == other.show(),
        }
    }
}

fn show_items(items: &[Value]) -> String {
    let items: Vec<_> = items.iter().map(Value::show).collect();
    items.join(", ")
}

fn show_data(data: &[u8]) -> String {
    if data.len() > 80 {
        format!("<{} bytes, adler32 {}>", data.len(), adler32(data))
    } else {
        format!("b{}", show_bytes(data))
    }
}

fn show_bytes(data: &[u8]) -> String {
    let shown: String = data
        .iter()
        .map(|&byte| match byte {
            b'\'' | b'\\' => format!("\\x{byte:02x}"),
            32..127 => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect();
    format!("'{shown}'")
}

/// RFC 1950 section 8.2.
fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1u32, 0u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65521;
        (low, (high + low) % 65521)
    });
    high << 16 | low
}

/// An address as Python has it. `unnamed` is what it gives where there is none: `''` or `None`.
pub(super) fn from_address(address: &Address, unnamed: Value) -> Value {
    match address {
        Address::Inet(inet) => Value::Tuple(vec![
            Value::text(inet.ip().to_string()),
            Value::int(inet.port()),
        ]),
        Address::Inet6(inet) => Value::Tuple(vec![
            Value::text(inet.ip().to_string()),
            Value::int(inet.port()),
            Value::int(u32::from_be(inet.flowinfo())),
            Value::int(inet.scope_id()),
        ]),
        Address::Unix(UnixAddress::Path(path)) => Value::text(path.to_str().unwrap()),
        Address::Unix(UnixAddress::Abstract(name)) => {
            Value::Bytes([&[0], name.as_slice()].concat())
        }
        Address::Unix(UnixAddress::Unnamed) => unnamed,
        other => Value::text(other.to_string()),
    }
}
