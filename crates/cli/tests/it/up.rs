//! A running `landline up` with a folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The room, until it is dropped.
pub(crate) struct Up {
    child: Child,
    folder: Option<TempDir>,
    /// `host:port` of the page.
    pub(crate) page: String,
    /// `host:port` of the text chat.
    pub(crate) chat: String,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Up {
    /// A room on ports of the kernel's choice, sharing a fresh folder.
    #[track_caller]
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut up = Self::on(
            folder.path(),
            &[
                &["--listen", "127.0.0.1:0", "--chat-listen", "127.0.0.1:0"],
                arguments,
            ]
            .concat(),
        );
        up.folder = Some(folder);
        up
    }

    /// A room that shares `folder`, with these arguments alone.
    #[track_caller]
    pub(crate) fn on(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command(arguments);
        Self::spawn(command.arg("--").arg(folder))
    }

    /// The same, started by another program that runs what follows its own arguments.
    #[track_caller]
    pub(crate) fn within(mut runner: Command, folder: &Path, arguments: &[&str]) -> Self {
        runner
            .arg(env!("CARGO_BIN_EXE_landline"))
            .arg("up")
            .args(arguments)
            .arg("--")
            .arg(folder);
        runner
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self::spawn(&mut runner)
    }

    #[track_caller]
    fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        let mut up = Self {
            child,
            folder: None,
            page: String::new(),
            chat: String::new(),
            stdout,
            stderr,
        };
        up.page = up.ready("http://");
        up.chat = up.ready("tcp://");
        up
    }

    #[track_caller]
    fn ready(&self, scheme: &str) -> String {
        let line = self.next_stdout();
        let address = line
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("not a ready line: {line}"));
        address.strip_prefix(scheme).unwrap_or(address).to_owned()
    }

    /// The shared folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_ref().expect("a folder of its own").path()
    }

    /// Puts a file into the shared folder.
    #[track_caller]
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[track_caller]
    pub(crate) fn next_stdout(&self) -> String {
        self.stdout
            .recv_timeout(PATIENCE)
            .expect("another line on stdout")
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

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Asks it to stop as a service manager would, and waits.
    #[track_caller]
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.child.wait().unwrap()
    }

    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `landline up` with these arguments, not yet running.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landline"));
    command.arg("up").args(arguments).env_remove("LANDLINE_KEY");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Far longer than anything here takes, so that only what never happens fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
