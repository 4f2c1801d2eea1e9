//! A running `landline echo`, and scripts that talk to it.

use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;

use rustix::process::{Pid, Signal, kill_process};

use crate::up::{PATIENCE, lines};

/// Every model, first the one that serves one at a time.
pub(super) const MODELS: [&str; 4] = ["single", "threads", "select", "async"];

/// The server, until it is dropped.
pub(super) struct Server {
    child: Child,
    /// What the ready line names.
    pub(super) url: String,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Server {
    #[track_caller]
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        let ready = stdout.recv_timeout(PATIENCE).expect("a ready line");
        let url = match ready.strip_prefix("listening on ") {
            Some(url) => url.to_owned(),
            None => {
                let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
                assert_eq!(ready["event"], "listening");
                ready["address"].as_str().unwrap().to_owned()
            }
        };
        Self {
            child,
            url,
            stdout,
            stderr,
        }
    }

    pub(super) fn host(&self) -> &str {
        let (place, _) = self.place();
        place
    }

    pub(super) fn port(&self) -> &str {
        let (_, port) = self.place();
        port
    }

    #[track_caller]
    fn place(&self) -> (&str, &str) {
        let (_, place) = self.url.split_once("://").expect("a scheme");
        place.rsplit_once(':').expect("a port")
    }

    /// The next line of JSON.
    #[track_caller]
    pub(super) fn event(&self) -> serde_json::Value {
        let line = self.stdout.recv_timeout(PATIENCE).expect("another event");
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{line}: {why}"))
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Asks it to stop as a service manager would: its exit code.
    #[track_caller]
    pub(super) fn stop(self) -> i32 {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Its exit code, once it has ended: asked to by one signal, since a second does not wait.
    #[track_caller]
    pub(super) fn wait(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// The same, and all that it said on stderr.
    #[track_caller]
    pub(super) fn last_words(mut self) -> (i32, String) {
        self.signal(Signal::TERM);
        let said: String = self.stderr.iter().map(|line| line + "\n").collect();
        (self.child.wait().unwrap().code().unwrap_or(-1), said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `landline echo` with these arguments, not yet running.
pub(super) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landline"));
    command.arg("echo").args(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a script prints; `server` is the address in its two arguments, where it has two.
#[track_caller]
pub(super) fn python(script: &str, arguments: &[&str]) -> String {
    let output = run(script, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a script that must fail says.
#[track_caller]
pub(super) fn python_fails(script: &str) -> String {
    let output = run(script, &[]);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

fn run(script: &str, arguments: &[&str]) -> Output {
    let opening = "import socket, struct, sys\nsocket.setdefaulttimeout(20)\n\
        server = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else None";
    Command::new("python3")
        .args(["-c", &format!("{opening}\n{script}")])
        .args(arguments)
        .output()
        .unwrap()
}
