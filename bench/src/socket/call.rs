//! What a call costs above the kernel: `bench/socket/call.c` and `bench/socket/call.py` do the same.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use landline_socket::{Family, Kind, Protocol, Socket, Timeout};

use crate::Result;
use crate::measure::{Core, pin, processor_time};

/// Never reached: what is measured is what having one costs.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends 64 bytes through a pair of sockets and receives them, `count` times.
pub(crate) fn pair(timeout: Option<Duration>, count: u32) -> Result {
    pin(Core::First)?;
    let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    one.set_timeout(timeout)?;
    other.set_timeout(timeout)?;
    let data = [0; 64];
    let mut buffer = [0; 64];
    let start = processor_time();
    for _ in 0..count {
        if one.send(black_box(&data))? != data.len() {
            return Err("a part was sent".into());
        }
        if other.recv(black_box(&mut buffer))? != data.len() {
            return Err("a part was received".into());
        }
    }
    report(start, count);
    Ok(())
}

/// Receives where there is nothing, `count` times.
pub(crate) fn would_block(count: u32) -> Result {
    pin(Core::First)?;
    let (_one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    other.set_timeout(Timeout::Zero)?;
    let mut buffer = [0; 64];
    let start = processor_time();
    for _ in 0..count {
        match other.recv(black_box(&mut buffer)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            other => return Err(format!("{other:?}").into()),
        }
    }
    report(start, count);
    Ok(())
}

fn report(start: f64, count: u32) {
    println!("ns={:.2}", (processor_time() - start) / f64::from(count));
}
