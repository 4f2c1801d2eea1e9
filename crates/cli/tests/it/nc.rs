//! Somebody in the room with plain `nc`, which we did not write.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::up::{PATIENCE, Up};

/// A running `nc`.
pub(crate) struct Nc {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Nc {
    #[track_caller]
    pub(crate) fn join(up: &Up) -> Self {
        let (host, port) = up.chat.rsplit_once(':').unwrap();
        // -N: the end of what is typed is told to the other side.
        let mut child = Command::new("nc")
            .args(["-N", host, port])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Self {
            child,
            stdin,
            lines,
        }
    }

    /// Joins, is greeted and takes a name.
    #[track_caller]
    pub(crate) fn called(name: &str, up: &Up) -> Self {
        let mut nc = Self::join(up);
        nc.expect("/help");
        nc.say(&format!("/name {name}"));
        nc.expect(name);
        nc
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    #[track_caller]
    pub(crate) fn say(&mut self, line: &str) {
        self.send(format!("{line}\n").as_bytes());
    }

    /// Waits for a line that contains `part`.
    #[track_caller]
    pub(crate) fn expect(&self, part: &str) -> String {
        self.until(part).pop().unwrap()
    }

    /// Every line up to one that contains `part`.
    #[track_caller]
    pub(crate) fn until(&self, part: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("no line with {part:?}, only {seen:#?}");
            };
            seen.push(line);
            if seen.last().unwrap().contains(part) {
                return seen;
            }
        }
    }

    /// Ends what is typed; what is heard goes on.
    pub(crate) fn hang_up(&mut self) {
        drop(self.stdin.take());
    }

    /// Every line until the other side ends.
    #[track_caller]
    pub(crate) fn rest(mut self) -> Vec<String> {
        // This nc ends only when both sides have.
        self.hang_up();
        let rest = self.lines.iter().collect();
        self.child.wait().unwrap();
        rest
    }
}

impl Drop for Nc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
