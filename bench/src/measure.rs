//! What every program here measures with: one core, the clock, a port to be found at, the end of its parent.

use std::io::Write as _;

use landline_socket::{ServerOptions, Socket, create_server, resolve};
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

use crate::Result;

/// Which of the cores that we were given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Core {
    First,
    Last,
}

/// Ends with whoever started us.
pub(crate) fn begin() -> Result {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Stays, with this thread, on one core.
pub(crate) fn pin(which: Core) -> Result {
    let given = sched_getaffinity(None)?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| given.is_set(*core));
    let core = match which {
        Core::First => cores.next(),
        Core::Last => cores.next_back(),
    };
    let mut one = CpuSet::new();
    one.set(core.ok_or("no core")?);
    Ok(sched_setaffinity(None, &one)?)
}

/// The processor time of the process so far, in nanoseconds: other work on the machine does not lengthen it.
pub(crate) fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// A TCP listener on a free port, which it prints.
pub(crate) fn listener() -> Result<Socket> {
    let server = create_server(&resolve("127.0.0.1", 0)?[0], &ServerOptions::default())?;
    let port = server.local_address()?.port().ok_or("no port")?;
    println!("listening {port}");
    std::io::stdout().flush()?;
    Ok(server)
}
