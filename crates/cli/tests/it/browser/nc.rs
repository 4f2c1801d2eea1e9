//! Somebody in the room with plain `nc`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::up::{PATIENCE, Up};

/// A running `nc`.
pub(super) struct Nc {
    child: Child,
    lines: Receiver<String>,
}

impl Nc {
    /// Joins, is greeted and takes a name.
    #[track_caller]
    pub(super) fn called(name: &str, up: &Up) -> Self {
        let (host, port) = up.chat.rsplit_once(':').unwrap();
        let mut nc = Command::new("nc");
        let mut child = nc
            .args([host, port])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let mut nc = Self { child, lines };
        nc.expect("/help");
        nc.say(&format!("/name {name}"));
        nc.expect(name);
        nc
    }

    #[track_caller]
    pub(super) fn say(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Waits for a line that contains `part`.
    #[track_caller]
    pub(super) fn expect(&self, part: &str) -> String {
        self.until(part).pop().unwrap()
    }

    /// Every line up to one that contains `part`.
    #[track_caller]
    pub(super) fn until(&self, part: &str) -> Vec<String> {
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
}

impl Drop for Nc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
