//! A running program whose stdin, stdout and stderr a cell holds: whoever waits for it gives up after a deadline.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// How long anything may take before it counts as a hang.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// How long programs may take to start and to meet, on a busy machine too: nobody hangs by that.
pub(super) const START: Duration = Duration::from_secs(20);

/// One side of a conversation.
pub(super) struct Program {
    child: Child,
    mouth: Option<Sender<Vec<u8>>>,
    stdout: Arc<Stream>,
    stderr: Arc<Stream>,
}

impl Program {
    pub(super) fn start(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|why| format!("{command:?} cannot be started: {why}"))?;
        let (mouth, words) = channel::<Vec<u8>>();
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read must not stall the cell.
            thread::spawn(move || words.iter().try_for_each(|bytes| stdin.write_all(&bytes)));
        }
        Ok(Self {
            stdout: Stream::of(child.stdout.take()),
            stderr: Stream::of(child.stderr.take()),
            mouth: Some(mouth),
            child,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Puts bytes into its stdin, in the background.
    pub(super) fn say(&self, bytes: &[u8]) {
        if let Some(mouth) = &self.mouth {
            // Who has gone hears nothing: that shows in what the other side heard.
            let _ = mouth.send(bytes.to_vec());
        }
    }

    /// Ends its stdin, after what was said.
    pub(super) fn end(&mut self) {
        self.mouth = None;
    }

    /// Waits until stdout carried as many bytes: these, and no others.
    pub(super) fn hears(&self, deadline: Duration, bytes: &[u8]) -> Result<(), String> {
        self.stdout
            .wait(deadline, |heard, _| heard.len() >= bytes.len());
        same(bytes, &self.stdout.so_far())
    }

    /// Waits until stdout is closed: it carried these bytes, and no others.
    pub(super) fn heard_all(&self, bytes: &[u8]) -> Result<(), String> {
        let is_closed = self.stdout.wait(DEADLINE, |_, is_closed| is_closed);
        same(bytes, &self.stdout.so_far())?;
        match is_closed {
            true => Ok(()),
            false => Err("its stdout stays open".to_owned()),
        }
    }

    /// Waits until it has ended: its exit code, or -1 after a signal.
    pub(super) fn code(&mut self) -> Result<i32, String> {
        let process = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty())
            .map_err(|why| why.to_string())?;
        let mut ended = [PollFd::new(&process, PollFlags::IN)];
        let deadline = Timespec::try_from(DEADLINE).expect("seconds");
        if poll(&mut ended, Some(&deadline)) != Ok(1) {
            return Err(format!("it does not end{}", self.excuse()));
        }
        let status = self.child.wait().map_err(|why| why.to_string())?;
        Ok(status.code().unwrap_or(-1))
    }

    pub(super) fn signal(&self, signal: Signal) {
        // Who has gone needs none.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// What it said of itself, for a failure.
    pub(super) fn excuse(&self) -> String {
        let said = self.stderr.so_far();
        match said.is_empty() {
            true => String::new(),
            false => format!(", and said {:?}", String::from_utf8_lossy(&said)),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again, for as long as a start may take.
#[expect(
    clippy::disallowed_methods,
    reason = "the tables of the kernel tell nobody of a change"
)]
pub(super) fn until(holds: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    while !holds() {
        if begin.elapsed() > START {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
    true
}

/// What came out of a pipe so far.
#[derive(Default)]
struct Stream {
    state: Mutex<(Vec<u8>, bool)>,
    changed: Condvar,
}

impl Stream {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Arc<Self> {
        let stream = Arc::new(Self::default());
        let ours = Arc::clone(&stream);
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            let mut pipe = pipe.expect("a pipe");
            loop {
                let read = pipe.read(&mut buffer).unwrap_or(0);
                let mut state = ours.state.lock().expect("nobody panics with it");
                state.0.extend_from_slice(&buffer[..read]);
                state.1 = read == 0;
                ours.changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        stream
    }

    /// Waits for this, or until nothing can come any more; whether it holds.
    fn wait(&self, deadline: Duration, holds: impl Fn(&[u8], bool) -> bool) -> bool {
        let begin = Instant::now();
        let mut state = self.state.lock().expect("nobody panics with it");
        while !holds(&state.0, state.1) && !state.1 {
            let left = deadline.saturating_sub(begin.elapsed());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.expect("nobody panics with it").0;
        }
        holds(&state.0, state.1)
    }

    fn so_far(&self) -> Vec<u8> {
        self.state.lock().expect("nobody panics with it").0.clone()
    }
}

/// The same bytes, or where they begin to differ.
fn same(wanted: &[u8], got: &[u8]) -> Result<(), String> {
    if wanted == got {
        return Ok(());
    }
    let alike = wanted.iter().zip(got).take_while(|(a, b)| a == b).count();
    let next = |bytes: &[u8]| {
        let end = bytes.len().min(alike + 20);
        String::from_utf8_lossy(&bytes[alike..end]).into_owned()
    };
    Err(format!(
        "of {} bytes {} came, alike for {alike}: then {:?}, not {:?}",
        wanted.len(),
        got.len(),
        next(got),
        next(wanted)
    ))
}
