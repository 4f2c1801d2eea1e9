//! Python's `sendmsg`, `recvmsg`, `send_fds` and `recv_fds`. What is typed here is shown as the bytes that Python has.

use std::io::{IoSlice, IoSliceMut};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};

use landline_socket::{Ancillary, Message, SendAncillary};

use super::face::Face;
use super::run::Arguments;
use super::socket::{bytes, flags, integer, size, to_address};
use super::value::{Failure, Outcome, Value, from_address};

/// `s.name(…)`.
pub(super) async fn call(socket: &Arc<Face>, name: &str, arguments: &Arguments) -> Outcome {
    match name {
        "sendmsg" => send(socket, arguments).await,
        "recvmsg" => {
            let mut buffer = vec![0; size(arguments.must(0)?)?];
            let room = arguments.get(1, "ancbufsize").map_or(Ok(0), size)?;
            let flags = flags(arguments.get(2, "flags"))?;
            let message = socket.recv_msg(&mut buffer, room, flags).await?;
            buffer.truncate(message.bytes);
            Ok(received(Value::Bytes(buffer), message))
        }
        _ => receive_into(socket, arguments).await,
    }
}

async fn send(socket: &Arc<Face>, arguments: &Arguments) -> Outcome {
    let pieces: Vec<_> = list(arguments.must(0)?)?
        .iter()
        .map(bytes)
        .collect::<Result<_, _>>()?;
    let pieces: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut raw = Vec::new();
    for one in arguments.get(1, "ancdata").map_or(Ok(&[][..]), list)? {
        let Value::Tuple(parts) = one else {
            return Err(Failure::Refused);
        };
        let [level, kind, data] = &parts[..] else {
            return Err(Failure::Refused);
        };
        raw.push((integer(level)? as i32, integer(kind)? as i32, bytes(data)?));
    }
    let ancillary: Vec<_> = raw
        .iter()
        .map(|(level, kind, data)| SendAncillary::Other {
            level: *level,
            kind: *kind,
            data,
        })
        .collect();
    let flags = flags(arguments.get(2, "flags"))?;
    let address = match arguments.get(3, "address") {
        Some(address) => Some(to_address(socket.socket().family()?, address)?),
        None => None,
    };
    // Nothing but pieces has a call of its own.
    let sent = if ancillary.is_empty() && flags.is_empty() && address.is_none() {
        socket.send_vectored(&pieces).await?
    } else {
        let address = address.as_ref();
        socket.send_msg(&pieces, &ancillary, flags, address).await?
    };
    Ok(Value::int(sent))
}

async fn receive_into(socket: &Arc<Face>, arguments: &Arguments) -> Outcome {
    let buffers = list(arguments.must(0)?)?.iter().map(buffer);
    let buffers = buffers.collect::<Result<Vec<_>, _>>()?;
    let mut copies: Vec<_> = buffers
        .iter()
        .map(|one| one.lock().unwrap().clone())
        .collect();
    let mut pieces: Vec<_> = copies.iter_mut().map(|one| IoSliceMut::new(one)).collect();
    let room = arguments.get(1, "ancbufsize").map_or(Ok(0), size)?;
    let flags = flags(arguments.get(2, "flags"))?;
    let message = socket.recv_msg_into(&mut pieces, room, flags).await?;
    for (buffer, copy) in buffers.iter().zip(copies) {
        *buffer.lock().unwrap() = copy;
    }
    Ok(received(Value::int(message.bytes), message))
}

fn buffer(value: &Value) -> Result<&Arc<Mutex<Vec<u8>>>, Failure> {
    match value {
        Value::Buffer(buffer) => Ok(buffer),
        _ => Err(Failure::Refused),
    }
}

fn list(value: &Value) -> Result<&[Value], Failure> {
    match value {
        Value::List(items) => Ok(items),
        _ => Err(Failure::Refused),
    }
}

/// Python's tuple of four.
fn received(data: Value, message: Message) -> Value {
    let sender = match &message.address {
        Some(address) => from_address(address, Value::None),
        None => Value::None,
    };
    let ancillary = message.ancillary.into_iter().map(raw).collect();
    let flags = Value::int(message.flags.as_raw());
    Value::Tuple(vec![data, Value::List(ancillary), flags, sender])
}

/// C's level, kind and bytes.
fn raw(ancillary: Ancillary) -> Value {
    let int = |number: i32| number.to_ne_bytes().to_vec();
    let octets = |ip: Ipv4Addr| ip.octets();
    let (level, kind, data) = match ancillary {
        Ancillary::Credentials(sender) => {
            let ids = [
                sender.pid,
                sender.uid.cast_signed(),
                sender.gid.cast_signed(),
            ];
            (libc_level::SOCKET, 2, ids.map(i32::to_ne_bytes).concat())
        }
        Ancillary::PacketInfo(info) => {
            let addresses = [octets(info.local), octets(info.destination)].concat();
            let data = [int(info.interface.cast_signed()), addresses].concat();
            (libc_level::IP, 8, data)
        }
        Ancillary::PacketInfo6(info) => {
            let interface = info.interface.to_ne_bytes();
            let data = [&info.destination.octets()[..], &interface].concat();
            (libc_level::IPV6, 50, data)
        }
        Ancillary::TimeToLive(hops) => (libc_level::IP, 2, int(hops.into())),
        Ancillary::HopLimit(hops) => (libc_level::IPV6, 52, int(hops.into())),
        Ancillary::TypeOfService(tos) => (libc_level::IP, 1, vec![tos]),
        Ancillary::Other { level, kind, data } => (level, kind, data),
        other => panic!("{other:?} is not known: teach it"),
    };
    Value::Tuple(vec![
        Value::int(level),
        Value::int(kind),
        Value::Bytes(data),
    ])
}

/// `SOL_SOCKET`, `SOL_IP` and `SOL_IPV6`.
mod libc_level {
    pub(super) const SOCKET: i32 = 1;
    pub(super) const IP: i32 = 0;
    pub(super) const IPV6: i32 = 41;
}

/// `send_fds(s, [data, …], [fd, …])`.
pub(super) async fn send_fds(arguments: &Arguments) -> Outcome {
    let Value::Socket(socket) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let data: Vec<_> = list(arguments.must(1)?)?
        .iter()
        .map(bytes)
        .collect::<Result<_, _>>()?;
    let mut descriptors: Vec<BorrowedFd<'_>> = Vec::new();
    for one in list(arguments.must(2)?)? {
        // A number is no descriptor: it is borrowed from its socket.
        let Value::Fileno(face) = one else {
            return Err(Failure::Refused);
        };
        descriptors.push(face.socket().as_fd());
    }
    let sent = socket
        .send_descriptors(&data.concat(), &descriptors)
        .await?;
    Ok(Value::int(sent))
}

/// `recv_fds(s, size, most)`.
pub(super) async fn recv_fds(arguments: &Arguments) -> Outcome {
    let Value::Socket(socket) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let mut buffer = vec![0; size(arguments.must(1)?)?];
    let most = size(arguments.must(2)?)?;
    let (received, descriptors, flags) = socket.recv_descriptors(&mut buffer, most).await?;
    buffer.truncate(received);
    let descriptors = descriptors.into_iter().map(Value::descriptor).collect();
    Ok(Value::Tuple(vec![
        Value::Bytes(buffer),
        Value::List(descriptors),
        Value::int(flags.as_raw()),
        Value::None,
    ]))
}
