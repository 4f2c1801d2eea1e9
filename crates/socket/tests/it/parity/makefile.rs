//! Python's `makefile`: a file on a socket.

use std::io::{BufRead, Read, Write};
use std::sync::{Arc, Mutex};

use landline_socket::{Buffering, FileOptions, Socket, SocketReader, SocketWriter};

use super::run::Arguments;
use super::socket::{bytes, integer, size};
use super::value::{Failure, Outcome, Value};

pub(super) struct Made {
    reader: Option<Mutex<SocketReader<Arc<Socket>>>>,
    writer: Option<Mutex<SocketWriter<Arc<Socket>>>>,
    is_text: bool,
    is_buffered: bool,
}

/// `s.makefile(…)`.
pub(super) fn make(socket: &Arc<Socket>, arguments: &Arguments) -> Outcome {
    let mode = match arguments.get(0, "mode") {
        Some(Value::Text(mode)) => mode.as_str(),
        _ => "r",
    };
    // What else Python reads into a mode is no type of ours.
    if !mode.chars().all(|letter| "rwb".contains(letter)) {
        return Err(Failure::Refused);
    }
    let buffering = arguments.get(1, "buffering").map_or(Ok(-1), integer)?;
    let buffering = match usize::try_from(buffering) {
        Ok(0) => Buffering::Unbuffered,
        Ok(bytes) => Buffering::Bytes(bytes),
        Err(_) => FileOptions::default().buffering,
    };
    let options = FileOptions {
        buffering,
        ..FileOptions::default()
    };
    let held = || Arc::clone(socket);
    let writes = mode.contains('w');
    let reads = mode.contains('r') || !writes;
    Ok(Value::Made(Arc::new(Made {
        reader: reads.then(|| Mutex::new(SocketReader::new(held(), options))),
        writer: writes.then(|| Mutex::new(SocketWriter::new(held(), options))),
        is_text: !mode.contains('b'),
        is_buffered: buffering != Buffering::Unbuffered,
    })))
}

/// `file.close()`, after which there is no `file`.
pub(super) fn close(made: Arc<Made>) -> Outcome {
    let made = Arc::into_inner(made).unwrap();
    if let Some(writer) = made.writer {
        writer.into_inner().unwrap().close()?;
    }
    Ok(Value::None)
}

/// `file.name(…)`.
pub(super) fn call(made: &Made, name: &str, arguments: &Arguments) -> Outcome {
    match name {
        "write" | "flush" => {
            let writer = made.writer.as_ref().ok_or(Failure::Refused)?;
            let mut writer = writer.lock().unwrap();
            if name == "flush" {
                writer.flush()?;
                return Ok(Value::None);
            }
            let data = bytes(arguments.must(0)?)?;
            if !made.is_buffered {
                return Ok(Value::int(writer.write(&data)?));
            }
            writer.write_all(&data)?;
            Ok(Value::int(data.len()))
        }
        _ => {
            let reader = made.reader.as_ref().ok_or(Failure::Refused)?;
            let data = read(&mut reader.lock().unwrap(), name, arguments)?;
            Ok(match data {
                Value::Bytes(data) if made.is_text => {
                    Value::Text(String::from_utf8(data).map_err(|_| Failure::Refused)?)
                }
                data => data,
            })
        }
    }
}

fn read(reader: &mut SocketReader<Arc<Socket>>, name: &str, arguments: &Arguments) -> Outcome {
    let limit = arguments.get(0, "size");
    let mut data = Vec::new();
    match (name, limit) {
        ("readline", None) => drop(reader.read_until(b'\n', &mut data)?),
        ("readline", Some(limit)) => {
            let mut limited = reader.take(size(limit)? as u64);
            limited.read_until(b'\n', &mut data)?;
        }
        ("read", None) => drop(reader.read_to_end(&mut data)?),
        ("read", Some(limit)) => drop(reader.take(size(limit)? as u64).read_to_end(&mut data)?),
        ("readinto", Some(Value::Buffer(buffer))) => {
            let room = buffer.lock().unwrap().len();
            reader.take(room as u64).read_to_end(&mut data)?;
            buffer.lock().unwrap()[..data.len()].copy_from_slice(&data);
            return Ok(Value::int(data.len()));
        }
        _ => panic!("{name} of a file is not known: teach it"),
    }
    Ok(Value::Bytes(data))
}
