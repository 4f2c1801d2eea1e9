//! Python's methods of a socket, each by the call of ours that stands for it.

use std::ffi::OsStr;
use std::net::{Ipv6Addr, SocketAddrV6};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use landline_socket::{
    Address, Family, Kind, MsgFlags, OtherAddress, Shutdown, Timeout, UnixAddress,
};

use super::face::Face;
use super::run::{Arguments, Run};
use super::value::{Failure, Outcome, Value, from_address};
use super::{makefile, message, option};

/// `s.name(…)`.
pub(super) async fn call(
    run: &Arc<Run>,
    socket: &Arc<Face>,
    name: &str,
    arguments: &Arguments,
) -> Outcome {
    match name {
        "accept" | "bind" | "connect" | "connect_ex" | "listen" | "getsockname" | "getpeername"
        | "shutdown" => connecting(socket, name, arguments).await,
        "recv" | "recv_into" | "recvfrom" | "recvfrom_into" => {
            receive(socket, name, arguments).await
        }
        "send" | "sendall" | "sendto" | "sendfile" => send(socket, name, arguments).await,
        "sendmsg" | "recvmsg" | "recvmsg_into" => message::call(socket, name, arguments).await,
        "getsockopt" | "setsockopt" => option::call(socket.socket(), name, arguments),
        "settimeout" | "gettimeout" | "setblocking" | "getblocking" => {
            time(socket, name, arguments)
        }
        "makefile" => makefile::make(socket.held()?, arguments),
        _ => descriptor(run, socket, name, arguments),
    }
}

/// `s.close()` and `s.detach()`, after which there is no `s`.
pub(super) fn consume(socket: Value, name: &str) -> Outcome {
    let Value::Socket(face) = socket else {
        panic!("{name} of what is no socket");
    };
    let socket = Arc::into_inner(face).and_then(Face::into_socket);
    match (name, socket) {
        ("close", Some(socket)) => socket.close()?,
        // Who else holds it closes it, as Python's files do.
        ("close", None) => {}
        (_, socket) => return Ok(Value::descriptor(OwnedFd::from(socket.unwrap()))),
    }
    Ok(Value::None)
}

async fn connecting(socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    let inner = socket.socket();
    let address = || to_address(inner.family()?, arguments.must(0)?);
    match name {
        "accept" => {
            let (accepted, peer) = socket.accept().await?;
            let accepted = Value::Socket(Arc::new(accepted));
            return Ok(Value::Tuple(vec![
                accepted,
                from_address(&peer, Value::text("")),
            ]));
        }
        "bind" => inner.bind(&address()?)?,
        "connect" => socket.connect(&address()?).await?,
        "connect_ex" => return Ok(Value::int(socket.connect_ex(&address()?).await?)),
        "listen" => {
            let backlog = arguments.get(0, "backlog").map_or(Ok(128), integer)?;
            inner.listen(u32::try_from(backlog).unwrap_or(0))?;
        }
        "getsockname" => return Ok(from_address(&inner.local_address()?, Value::text(""))),
        "getpeername" => return Ok(from_address(&inner.peer_address()?, Value::text(""))),
        _ => inner.shutdown(match integer(arguments.must(0)?)? {
            0 => Shutdown::Read,
            1 => Shutdown::Write,
            2 => Shutdown::Both,
            // Python asks the kernel; here there is no fourth way to write.
            _ => return Err(Failure::Refused),
        })?,
    }
    Ok(Value::None)
}

async fn receive(socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    if name.ends_with("_into") {
        return receive_into(socket, name, arguments).await;
    }
    let size = size(arguments.must(0)?)?;
    let flags = flags(arguments.get(1, "flags"))?;
    let mut buffer = Vec::with_capacity(size);
    // Without flags the call that Python's is: it brings the buffer. A size of 0 has no room to bring.
    let plain = flags.is_empty() && size > 0;
    let sender = match (name, plain) {
        ("recv", true) => {
            socket.recv_into(&mut buffer).await?;
            None
        }
        ("recv", false) => {
            buffer.resize(size, 0);
            let received = socket.recv_with(&mut buffer, flags).await?;
            buffer.truncate(received);
            None
        }
        (_, true) => Some(socket.recv_from_into(&mut buffer).await?.1),
        (_, false) => {
            buffer.resize(size, 0);
            let (received, sender) = socket.recv_from_with(&mut buffer, flags).await?;
            buffer.truncate(received);
            Some(sender)
        }
    };
    Ok(match sender {
        None => Value::Bytes(buffer),
        Some(sender) => Value::Tuple(vec![
            Value::Bytes(buffer),
            from_address(&sender, Value::None),
        ]),
    })
}

async fn receive_into(socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    let Value::Buffer(buffer) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let mut bytes = buffer.lock().unwrap().clone();
    let asked = arguments.get(1, "nbytes").map_or(Ok(0), size)?;
    let room = if asked == 0 { bytes.len() } else { asked };
    // What a slice refuses here by a panic of its user's.
    let part = bytes.get_mut(..room).ok_or(Failure::Refused)?;
    let flags = flags(arguments.get(2, "flags"))?;
    let received = match (name, flags.is_empty()) {
        ("recv_into", true) => Value::int(socket.recv(part).await?),
        ("recv_into", false) => Value::int(socket.recv_with(part, flags).await?),
        (_, true) => sent_by(socket.recv_from(part).await?),
        (_, false) => sent_by(socket.recv_from_with(part, flags).await?),
    };
    *buffer.lock().unwrap() = bytes;
    Ok(received)
}

fn sent_by((received, sender): (usize, Address)) -> Value {
    Value::Tuple(vec![
        Value::int(received),
        from_address(&sender, Value::None),
    ])
}

async fn send(socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    if name == "sendfile" {
        return send_file(socket, arguments).await;
    }
    let data = bytes(arguments.must(0)?)?;
    match (name, arguments.positional.len()) {
        ("send", 1) => Ok(Value::int(socket.send(&data).await?)),
        ("send", _) => {
            let flags = flags(arguments.get(1, "flags"))?;
            Ok(Value::int(socket.send_with(&data, flags).await?))
        }
        ("sendall", 1) => socket.send_all(&data).await.map(|()| Value::None),
        ("sendall", _) => {
            let flags = flags(arguments.get(1, "flags"))?;
            socket
                .send_all_with(&data, flags)
                .await
                .map(|()| Value::None)
        }
        (_, 2) => {
            let address = to_address(socket.socket().family()?, arguments.must(1)?)?;
            Ok(Value::int(socket.send_to(&data, &address).await?))
        }
        _ => {
            let flags = flags(arguments.get(1, "flags"))?;
            let address = to_address(socket.socket().family()?, arguments.must(2)?)?;
            let sent = socket.send_to_with(&data, flags, &address).await?;
            Ok(Value::int(sent))
        }
    }
}

/// Python's goes on to the end; ours is one step, as `send` is.
async fn send_file(socket: &Arc<Face>, arguments: &Arguments) -> Outcome {
    let Value::File(file) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let start = arguments.get(1, "offset").map_or(Ok(0), size)?;
    let mut rest = match arguments.get(2, "count") {
        Some(Value::None) | None => usize::MAX,
        Some(count) => size(count)?,
    };
    let mut sent = 0;
    while rest > 0 {
        // Linux takes no more than this at once.
        let step = rest.min(0x7fff_f000);
        match socket.send_file(file, (start + sent) as u64, step).await? {
            0 => break,
            more => {
                sent += more;
                rest -= more;
            }
        }
    }
    Ok(Value::int(sent))
}

fn time(socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    match name {
        "settimeout" => socket.set_timeout(timeout(arguments.must(0)?)?)?,
        "setblocking" => socket.set_timeout(match arguments.must(0)? {
            Value::Bool(true) => Timeout::Never,
            _ => Timeout::Zero,
        })?,
        "gettimeout" => return Ok(from_timeout(socket.timeout())),
        _ => return Ok(Value::Bool(socket.timeout() != Timeout::Zero)),
    }
    Ok(Value::None)
}

fn descriptor(run: &Arc<Run>, socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    match name {
        "get_inheritable" => Ok(Value::Bool(socket.socket().is_inheritable()?)),
        "set_inheritable" => {
            let inheritable = matches!(arguments.must(0)?, Value::Bool(true));
            socket.socket().set_inheritable(inheritable)?;
            Ok(Value::None)
        }
        "fileno" => Ok(Value::Fileno(Arc::clone(socket))),
        "dup" => {
            let copy = socket.socket().duplicate()?;
            let copy = Face::wrap(copy, run.kind)?;
            copy.set_timeout(socket.timeout())?;
            Ok(Value::Socket(Arc::new(copy)))
        }
        _ => panic!("{name} of a socket is not known: teach it"),
    }
}

pub(super) fn family(value: &Value) -> Result<Family, Failure> {
    Ok(Family::from_raw(integer(value)? as i32))
}

pub(super) fn kind(value: &Value) -> Result<Kind, Failure> {
    Ok(Kind::from_raw(integer(value)? as i32))
}

pub(super) fn integer(value: &Value) -> Result<i64, Failure> {
    value.number().ok_or(Failure::Refused)
}

/// A size cannot be negative: it is a `usize`.
pub(super) fn size(value: &Value) -> Result<usize, Failure> {
    integer(value)?.try_into().map_err(|_| Failure::Refused)
}

pub(super) fn flags(value: Option<&Value>) -> Result<MsgFlags, Failure> {
    value.map_or(Ok(MsgFlags::NONE), |value| {
        Ok(MsgFlags::from_raw(integer(value)? as i32))
    })
}

pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, Failure> {
    match value {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        Value::Buffer(buffer) => Ok(buffer.lock().unwrap().clone()),
        _ => Err(Failure::Refused),
    }
}

/// A `Duration` is never negative.
pub(super) fn timeout(value: &Value) -> Result<Timeout, Failure> {
    let seconds = match value {
        Value::None => return Ok(Timeout::Never),
        Value::Float(seconds) => *seconds,
        value => integer(value)? as f64,
    };
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| Failure::Refused)?;
    Ok(duration.into())
}

pub(super) fn from_timeout(timeout: Timeout) -> Value {
    match timeout {
        Timeout::Never => Value::None,
        Timeout::Zero => Value::Float(0.0),
        Timeout::After(duration) => Value::Float(duration.as_secs_f64()),
    }
}

/// An address as Python has it, for a socket of this family.
pub(super) fn to_address(family: Family, value: &Value) -> Result<Address, Failure> {
    match family {
        Family::INET | Family::INET6 => internet(family, value),
        Family::UNIX => Ok(unix(value)?.into()),
        Family::NETLINK => {
            let Value::Tuple(items) = value else {
                return Err(Failure::Refused);
            };
            let [port, groups] = &items[..] else {
                return Err(Failure::Refused);
            };
            let (port, groups) = (integer(port)? as u32, integer(groups)? as u32);
            let data = [&[0, 0], &port.to_ne_bytes()[..], &groups.to_ne_bytes()].concat();
            Ok(OtherAddress { family, data }.into())
        }
        _ => Err(Failure::Refused),
    }
}

fn internet(family: Family, value: &Value) -> Result<Address, Failure> {
    let Value::Tuple(items) = value else {
        return Err(Failure::Refused);
    };
    let [Value::Text(host), port, rest @ ..] = &items[..] else {
        return Err(Failure::Refused);
    };
    let port = u16::try_from(integer(port)?).map_err(|_| Failure::Refused)?;
    let is_inet = family == Family::INET;
    let host = match host.as_str() {
        "" if is_inet => "0.0.0.0",
        "" => "::",
        "<broadcast>" => "255.255.255.255",
        host => host,
    };
    let addresses = landline_socket::resolve(host, port)?;
    let fits = |address: &Address| address.family() == family;
    match addresses.into_iter().find(fits) {
        Some(Address::Inet6(inet)) => scoped(*inet.ip(), port, rest),
        Some(address) => Ok(address),
        None => Err(Failure::Refused),
    }
}

fn scoped(ip: Ipv6Addr, port: u16, rest: &[Value]) -> Result<Address, Failure> {
    let part = |at: usize| -> Result<u32, Failure> {
        let value = rest.get(at).map_or(Ok(0), integer)?;
        u32::try_from(value).map_err(|_| Failure::Refused)
    };
    let (flow, scope) = (part(0)?, part(1)?);
    Ok(SocketAddrV6::new(ip, port, flow.to_be(), scope).into())
}

fn unix(value: &Value) -> Result<UnixAddress, Failure> {
    let name = match value {
        Value::Text(path) => path.as_bytes(),
        Value::Bytes(name) => name,
        _ => return Err(Failure::Refused),
    };
    Ok(match name {
        [] => UnixAddress::Unnamed,
        [0, name @ ..] => UnixAddress::Abstract(name.to_vec()),
        path => UnixAddress::Path(PathBuf::from(OsStr::from_bytes(path))),
    })
}
