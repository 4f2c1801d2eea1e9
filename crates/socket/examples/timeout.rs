//! Python's three timeouts: wait without end, do not wait, wait this long for the whole call.

use std::io;
use std::time::{Duration, Instant};

use landline_socket::{Cause, Family, Kind, Protocol, Result, Socket, Timeout};

pub(crate) fn main() -> Result<()> {
    let (here, there) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    let mut buffer = [0; 64];

    // Zero: what cannot be done now is an error.
    here.set_timeout(Timeout::Zero)?;
    let error = here.recv(&mut buffer).expect_err("nothing is there");
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);

    // A time: the whole call, in however many steps.
    let limit = Duration::from_millis(50);
    here.set_timeout(limit)?;
    let start = Instant::now();
    let error = here.recv(&mut buffer).expect_err("nothing comes");
    assert_eq!(error.cause(), &Cause::TimedOut);
    assert_eq!(error.to_string(), "receive: timed out");
    assert!(start.elapsed() >= limit);

    // More than fits into the buffers, to a peer that takes nothing: one deadline for all of it.
    let error = here.send_all(&vec![0; 16 << 20]).expect_err("nobody reads");
    assert_eq!(error.cause(), &Cause::TimedOut);

    // Never: until it is done.
    here.set_timeout(None)?;
    there.send_all(b"at last")?;
    let received = here.recv(&mut buffer)?;
    assert_eq!(&buffer[..received], b"at last");
    Ok(())
}
