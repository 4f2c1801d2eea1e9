//! A lesson, or its counterpart in Python, as the tests run it: what it prints, what is typed, how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// No line and no end takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// The folder of the lessons.
pub(crate) fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program of a lesson; they all lie beside the first.
pub(crate) fn executable(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_01-greeting-server")).with_file_name(name)
}

/// A running program; dropping it kills it.
pub(crate) struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

/// Starts a lesson.
pub(crate) fn lesson(name: &str, arguments: &[&str]) -> Program {
    Program::start(name, Command::new(executable(name)).args(arguments))
}

/// Starts a lesson's counterpart in Python.
pub(crate) fn python(name: &str, arguments: &[&str]) -> Program {
    let script = home().join("python").join(name).with_extension("py");
    let mut command = Command::new(interpreter());
    Program::start(name, command.arg("-I").arg(script).args(arguments))
}

/// The interpreter itself, and not a wrapper around it that takes longer than the script.
pub(crate) fn interpreter() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let mut command = Command::new("python3");
        command.args(["-I", "-c", "import sys; print(sys.executable)"]);
        let output = command.output().expect("python3 is there");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    })
}

impl Program {
    pub(crate) fn start(name: &str, command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (sender, lines) = channel();
        pass_on(child.stdout.take().unwrap(), sender.clone());
        pass_on(child.stderr.take().unwrap(), sender);
        Self {
            name: name.to_owned(),
            stdin: child.stdin.take(),
            child,
            lines,
        }
    }

    /// The next line that it prints.
    #[track_caller]
    pub(crate) fn line(&mut self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(error) => panic!("{}: no line: {error}", self.name),
        }
    }

    /// Skips what it prints up to a line with this text in it.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("{}: no {text:?} in {seen:?}: {error}", self.name),
            }
        }
    }

    /// The port that a server says it listens on.
    #[track_caller]
    pub(crate) fn port(&mut self) -> String {
        let line = self.line();
        assert!(line.starts_with("listening on "), "{}: {line}", self.name);
        line.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// What somebody types, Enter included.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("its input is open");
        writeln!(stdin, "{line}").unwrap();
    }

    /// Ctrl-D.
    pub(crate) fn end_input(&mut self) {
        self.stdin = None;
    }

    /// It ends well; what it still prints.
    #[track_caller]
    pub(crate) fn ends(self) -> Vec<String> {
        let name = self.name.clone();
        let (is_success, lines) = self.ended();
        assert!(is_success, "{name} failed: {lines:?}");
        lines
    }

    /// It ends with an error; what it still prints.
    #[track_caller]
    pub(crate) fn fails(self) -> Vec<String> {
        let name = self.name.clone();
        let (is_success, lines) = self.ended();
        assert!(!is_success, "{name} succeeded: {lines:?}");
        lines
    }

    /// Takes no more input.
    #[track_caller]
    fn ended(mut self) -> (bool, Vec<String>) {
        self.end_input();
        let end = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("{} goes on: {lines:?}", self.name),
            }
        }
        (self.child.wait().unwrap().success(), lines)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended, and was waited for, is left in peace by the standard library.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Each line as soon as it is there.
fn pass_on(stream: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
}
