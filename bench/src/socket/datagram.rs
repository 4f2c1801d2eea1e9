//! Datagrams one way, a thread and a core for each end: `bench/socket/udp.c` does the same.

use std::hint::black_box;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{Address, Datagram, Family, Kind, Protocol, RecvBatch, Socket, resolve};

use crate::Result;
use crate::measure::{Core, pin};

const BATCH: usize = 64;
/// What one packet of the kernel's own can hold of them, as in `bench/socket/udp.c`.
const SEND_MAX_BYTES: usize = 65_000;
const ROOM_BYTES: usize = 4 << 20;
const CALLS_PER_LOOK_AT_THE_CLOCK: usize = 16;

/// How many datagrams go in one call, and come in one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Single,
    Batch,
    /// As batches, and received as the kernel has them: many in one piece (`UDP_GRO`).
    Segment,
}

impl FromStr for How {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        match name {
            "single" => Ok(Self::Single),
            "batch" => Ok(Self::Batch),
            "segment" => Ok(Self::Segment),
            other => Err(format!("no such way: {other}")),
        }
    }
}

/// Sends datagrams of `size` bytes for so long, and counts those that arrive.
pub(crate) fn one_way(how: How, size: usize, milliseconds: u64) -> Result {
    let receiver = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    receiver.bind(&resolve("127.0.0.1", 0)?[0])?;
    receiver.set_receive_buffer_bytes(ROOM_BYTES)?;
    let address = receiver.local_address()?;
    let heard_the_end = AtomicBool::new(false);
    let start = Instant::now();
    let end = start + Duration::from_millis(milliseconds);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            send(how, size, &address, end, &heard_the_end).map_err(|error| error.to_string())
        });
        pin(Core::First)?;
        let received = receive(how, &receiver);
        let taken = start.elapsed().as_secs_f64();
        heard_the_end.store(true, Ordering::SeqCst);
        let sent = sender.join().map_err(|_| "the sender panicked")??;
        let received = received? as f64;
        let loss = 100.0 * (sent as f64 - received) / sent as f64;
        println!("rate={:.0} loss={loss:.2}", received / taken);
        Ok(())
    })
}

/// Sends until the time is over, then says so, by datagrams of one byte, until it was heard.
fn send(
    how: How,
    size: usize,
    address: &Address,
    end: Instant,
    heard_the_end: &AtomicBool,
) -> Result<usize> {
    pin(Core::Last)?;
    let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT)?;
    socket.connect(address)?;
    let batch = match how {
        How::Segment => BATCH.min(SEND_MAX_BYTES / size),
        How::Single | How::Batch => BATCH,
    };
    let data = vec![0; size * batch];
    let datagrams: Vec<Datagram<'_>> = data
        .chunks(size)
        .map(|data| Datagram {
            data,
            address: None,
        })
        .collect();
    let mut sent = 0;
    while Instant::now() < end {
        for _ in 0..CALLS_PER_LOOK_AT_THE_CLOCK {
            sent += match how {
                How::Single => {
                    socket.send(&data[..size])?;
                    1
                }
                How::Batch | How::Segment => socket.send_batch(&datagrams)?,
            };
        }
    }
    while !heard_the_end.load(Ordering::SeqCst) {
        socket.send(&[0])?;
        thread::yield_now();
    }
    Ok(sent)
}

fn receive(how: How, socket: &Socket) -> Result<usize> {
    let mut batch = match how {
        How::Single => return receive_single(socket),
        How::Batch => RecvBatch::new(BATCH, 2048)?,
        How::Segment => {
            socket.set_udp_gro(true)?;
            RecvBatch::new(1, 65536)?
        }
    };
    let mut received = 0;
    loop {
        socket.recv_batch(&mut batch)?;
        let mut sum = 0;
        for datagram in batch.iter() {
            let data = datagram.data();
            if data.len() == 1 {
                return Ok(received);
            }
            sum += data.first().copied().map_or(0, u32::from);
            received += 1;
        }
        // Each is looked at, as in C.
        black_box(sum);
    }
}

fn receive_single(socket: &Socket) -> Result<usize> {
    let mut buffer = vec![0; 65535];
    let mut received = 0;
    while socket.recv(&mut buffer)? > 1 {
        black_box(buffer[0]);
        received += 1;
    }
    Ok(received)
}
