//! Python's `selectors`.

use std::sync::Mutex;

use landline_socket::{Interest, Selector, Timeout};

use super::run::Arguments;
use super::socket::{integer, timeout};
use super::value::{Failure, Outcome, Value};

pub(super) struct Readiness(Mutex<Selector<String>>);

/// `DefaultSelector()`.
pub(super) fn new() -> Result<Readiness, Failure> {
    Ok(Readiness(Mutex::new(Selector::new()?)))
}

/// Python's numbers for events; there are two, and neither none nor a third can be said here.
fn interest(value: &Value) -> Result<Interest, Failure> {
    match integer(value)? {
        1 => Ok(Interest::READABLE),
        2 => Ok(Interest::WRITABLE),
        3 => Ok(Interest::READABLE | Interest::WRITABLE),
        _ => Err(Failure::Refused),
    }
}

fn events(interest: Interest) -> Value {
    Value::int(u8::from(interest.is_readable()) + 2 * u8::from(interest.is_writable()))
}

/// `selector.name(…)`.
pub(super) fn call(readiness: &Readiness, name: &str, arguments: &Arguments) -> Outcome {
    let mut selector = readiness.0.lock().unwrap();
    if name == "select" {
        let timeout = arguments
            .get(0, "timeout")
            .map_or(Ok(Timeout::Never), timeout)?;
        return select(&mut selector, timeout);
    }
    let Value::Socket(face) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let socket = face.socket();
    let data = match arguments.get(2, "data") {
        Some(Value::Text(data)) => data.clone(),
        _ => String::new(),
    };
    if name == "register" {
        selector.register(socket, interest(arguments.must(1)?)?, data)?;
        return Ok(Value::None);
    }
    let key = selector.key_of(socket).ok_or(Failure::Refused)?;
    match name {
        "unregister" => drop(selector.unregister(key)?),
        "modify" => {
            selector.modify(key, interest(arguments.must(1)?)?)?;
            *selector.get_mut(key).unwrap() = data;
        }
        _ => panic!("{name} of a selector is not known: teach it"),
    }
    Ok(Value::None)
}

fn select(selector: &mut Selector<String>, timeout: Timeout) -> Outcome {
    let mut ready = Vec::new();
    selector.wait(&mut ready, timeout)?;
    let shown = ready.iter().map(|event| {
        let data = selector.get(event.key).unwrap().data.clone();
        Value::Tuple(vec![Value::Text(data), events(event.ready)])
    });
    Ok(Value::List(shown.collect()))
}
