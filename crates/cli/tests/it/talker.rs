//! A running `landline` whose stdin, stdout and stderr the test holds.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::up::{PATIENCE, lines};

/// `listen`, `connect` or `echo`, until it is dropped.
pub(crate) struct Talker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<String>,
}

impl Talker {
    #[track_caller]
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landline"));
        Self::spawn(command.args(arguments))
    }

    /// A command of the test's own making; its three streams become ours.
    #[track_caller]
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::given(command, Stdio::piped(), Stdio::piped())
    }

    /// With a stdin and a stdout of the test's own, of which it holds no other end here.
    #[track_caller]
    pub(crate) fn given(
        command: &mut Command,
        stdin: impl Into<Stdio>,
        stdout: impl Into<Stdio>,
    ) -> Self {
        let mut child = command
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().map_or_else(|| channel().1, chunks),
            stderr: lines(child.stderr.take().unwrap()),
            child,
        }
    }

    /// `landline listen` on a port of the kernel's choice, and where that is, as `connect` takes it.
    #[track_caller]
    pub(crate) fn listen(arguments: &[&str]) -> (Self, String) {
        let talker = Self::start(&[&["listen"], arguments].concat());
        let url = talker.ready();
        (talker, url)
    }

    /// What the ready line on stderr names.
    #[track_caller]
    pub(crate) fn ready(&self) -> String {
        let line = self.expect_stderr("listening on ");
        line.trim_start_matches("listening on ").to_owned()
    }

    /// Types, or sends through the pipe.
    #[track_caller]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Ends its stdin.
    pub(crate) fn finish(&mut self) {
        self.stdin = None;
    }

    /// Its stdin, for a thread that writes more than it takes.
    pub(crate) fn take_stdin(&mut self) -> ChildStdin {
        self.stdin.take().unwrap()
    }

    /// Waits until these bytes, and nothing else, have come on stdout.
    #[track_caller]
    pub(crate) fn expect(&self, bytes: &[u8]) {
        let mut seen = Vec::new();
        while seen.len() < bytes.len() {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(chunk) => seen.extend(chunk),
                Err(_) => break,
            }
        }
        assert_eq!(
            String::from_utf8_lossy(&seen),
            String::from_utf8_lossy(bytes)
        );
    }

    /// Waits until what has come on stdout contains `part`: all of it.
    #[track_caller]
    pub(crate) fn until(&self, part: &str) -> String {
        let mut seen = String::new();
        while !seen.contains(part) {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(chunk) => seen += &String::from_utf8_lossy(&chunk),
                Err(_) => panic!("no {part:?} on stdout, only:\n{seen}"),
            }
        }
        seen
    }

    /// Everything on stdout until it is closed.
    pub(crate) fn rest(&self) -> Vec<u8> {
        self.stdout.iter().flatten().collect()
    }

    /// Waits for a line on stderr that contains `part`.
    #[track_caller]
    pub(crate) fn expect_stderr(&self, part: &str) -> String {
        let mut seen = String::new();
        loop {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => seen += &(line + "\n"),
                Err(_) => panic!("no line with {part:?} on stderr, only:\n{seen}"),
            }
        }
    }

    /// Everything on stderr until it is closed.
    pub(crate) fn rest_of_stderr(&self) -> String {
        self.stderr.iter().collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it has ended: its exit code; panics when it does not end.
    #[track_caller]
    pub(crate) fn code(&mut self) -> i32 {
        let process = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).unwrap();
        let mut ended = [PollFd::new(&process, PollFlags::IN)];
        let patience = Timespec::try_from(PATIENCE).unwrap();
        assert_eq!(poll(&mut ended, Some(&patience)), Ok(1), "it does not end");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes of a stream, until it ends.
pub(crate) fn chunks(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}
