//! Signals for a thread that waits.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use rustix::thread::gettid;

const BETWEEN: Duration = Duration::from_millis(2);

/// Until it is dropped, a signal hits the thread that asked for it every 2 ms.
pub(super) struct Strikes {
    over: Option<Sender<()>>,
    striker: Option<thread::JoinHandle<()>>,
}

pub(super) fn this_thread() -> Strikes {
    handle_the_signal();
    let thread = gettid();
    let (over, until_over) = mpsc::channel();
    let striker = thread::spawn(move || {
        while until_over.recv_timeout(BETWEEN) == Err(RecvTimeoutError::Timeout) {
            // Linux gives a signal for a process to the very thread whose number was named, if it wants it.
            kill_process(thread, Signal::USR1).unwrap();
        }
    });
    Strikes {
        over: Some(over),
        striker: Some(striker),
    }
}

impl Drop for Strikes {
    fn drop(&mut self) {
        drop(self.over.take());
        self.striker.take().unwrap().join().unwrap();
    }
}

/// Without a handler the signal would end the process.
fn handle_the_signal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::default()).unwrap();
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::event::{Timespec, poll};
    use rustix::io::Errno;

    /// What the scenarios under signals stand on: the signals hit the thread that waits.
    #[test]
    fn a_strike_interrupts_the_thread_that_asked_for_it() {
        let strikes = super::this_thread();
        let long = Timespec::try_from(Duration::from_secs(5)).unwrap();
        for _ in 0..3 {
            assert_eq!(poll(&mut [], Some(&long)), Err(Errno::INTR));
        }
        drop(strikes);
        let short = Timespec::try_from(Duration::from_millis(20)).unwrap();
        assert_eq!(poll(&mut [], Some(&short)), Ok(0));
    }
}
