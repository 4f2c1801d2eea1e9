//! Python's `getsockopt` and `setsockopt`.

use landline_socket::{Level, Socket, SocketOption};

use super::run::Arguments;
use super::socket::{bytes, integer, size};
use super::value::{Failure, Outcome, Value};

pub(super) fn call(socket: &Socket, name: &str, arguments: &Arguments) -> Outcome {
    let number = |at: usize| -> Result<i32, Failure> {
        i32::try_from(integer(arguments.must(at)?)?).map_err(|_| Failure::Refused)
    };
    let option = SocketOption::new(Level::from_raw(number(0)?), number(1)?);
    match (name, arguments.positional.get(2)) {
        ("getsockopt", None) => Ok(Value::int(socket.option(option)?)),
        ("getsockopt", Some(length)) => {
            Ok(Value::Bytes(socket.option_bytes(option, size(length)?)?))
        }
        (_, Some(Value::None)) => {
            let length = u32::try_from(number(3)?).map_err(|_| Failure::Refused)?;
            socket.set_option_length(option, length)?;
            Ok(Value::None)
        }
        (_, Some(value)) => {
            match bytes(value) {
                Ok(bytes) => socket.set_option_bytes(option, &bytes)?,
                Err(_) => socket.set_option(option, number(2)?)?,
            }
            Ok(Value::None)
        }
        (_, None) => Err(Failure::Refused),
    }
}
