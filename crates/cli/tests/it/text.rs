//! The room from `nc`, which we did not write.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::raw::exchange;
use crate::up::{PATIENCE, Up};

/// One `nc` in the room.
struct Nc {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Nc {
    #[track_caller]
    fn join(up: &Up) -> Self {
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
    fn called(up: &Up, name: &str) -> Self {
        let mut nc = Self::join(up);
        nc.expect("/help");
        nc.say(&format!("/name {name}"));
        nc.expect(name);
        nc
    }

    #[track_caller]
    fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    #[track_caller]
    fn say(&mut self, line: &str) {
        self.send(format!("{line}\n").as_bytes());
    }

    /// Waits for a line that contains `part`.
    #[track_caller]
    fn expect(&self, part: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => seen.push(line),
                Err(_) => panic!("no line with {part:?}, only {seen:#?}"),
            }
        }
    }

    /// Every line until the other side ends.
    #[track_caller]
    fn rest(mut self) -> Vec<String> {
        // This nc ends only when both sides have.
        drop(self.stdin.take());
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

#[test]
fn everybody_hears_everybody_else() {
    let up = Up::start(&[]);
    let mut ann = Nc::called(&up, "ann");
    let mut bob = Nc::called(&up, "bob");
    ann.expect("bob");
    ann.say("hello there");
    assert_eq!(bob.expect("hello"), "ann: hello there");
    bob.say("hello back");
    // Had ann's own line come back, it would have come before this one.
    assert_eq!(ann.expect("hello"), "bob: hello back");
    bob.say("/quit");
    ann.expect("bob left");
    up.expect_stderr("bob left");
    drop(bob);
}

#[test]
fn the_commands_do_what_help_says() {
    let up = Up::start(&[]);
    up.put("notes.txt", "12345");
    let mut ann = Nc::called(&up, "ann");
    let _bob = Nc::called(&up, "bob");
    ann.say("/help");
    ann.expect("/quit");
    ann.say("/who");
    let who = ann.expect("bob");
    assert!(
        who.contains("ann") || ann.expect("ann").contains("ann"),
        "{who}"
    );
    ann.say("/files");
    let files = ann.expect("notes.txt");
    assert!(
        files.contains(&format!("http://{}/notes.txt", up.page)),
        "{files}"
    );
    ann.say("/name BOB");
    ann.expect("taken");
    ann.say("/nonsense");
    ann.expect("/help");
    ann.say("//slash");
    ann.say("/quit");
    assert!(
        !ann.rest().iter().any(|line| line.starts_with("ann:")),
        "one's own lines do not come back"
    );
}

#[test]
fn a_newcomer_is_told_what_was_said() {
    let up = Up::start(&["--history", "2"]);
    let mut ann = Nc::called(&up, "ann");
    for n in 1..=3 {
        ann.say(&format!("message {n}"));
    }
    ann.say("/who");
    ann.expect("ann");
    let bob = Nc::join(&up);
    assert!(bob.expect("message").ends_with("ann: message 2"));
    bob.expect("ann: message 3");
}

#[test]
fn an_upload_is_a_line_with_its_address() {
    let up = Up::start(&["--write"]);
    let ann = Nc::called(&up, "ann");
    assert_eq!(
        crate::raw::request(&up.page, "PUT", "/new%20file.txt", &[], b"12345").status,
        201
    );
    let line = ann.expect("new file.txt");
    assert!(
        line.contains(&format!("http://{}/new%20file.txt", up.page)),
        "{line}"
    );
}

#[test]
fn what_has_no_newline_is_understood() {
    let up = Up::start(&[]);
    let ann = Nc::called(&up, "ann");
    let script = "import socket, sys\ns = socket.create_connection((sys.argv[1], int(sys.argv[2])))\ns.recv(1024)\ns.send(b'first')\nassert s.recv(1)\ns.close()";
    let (host, port) = up.chat.rsplit_once(':').unwrap();
    let mut python = Command::new("python3")
        .args(["-c", script, host, port])
        .spawn()
        .unwrap();
    let line = ann.expect(": first");
    assert!(!line.starts_with("ann"), "{line}");
    python.kill().unwrap();
    python.wait().unwrap();
}

#[test]
fn what_was_sent_before_the_end_arrives() {
    let up = Up::start(&[]);
    let ann = Nc::called(&up, "ann");
    for sent in ["with a newline\n", "without one"] {
        let mut short = Nc::join(&up);
        short.send(sent.as_bytes());
        drop(short.stdin.take());
        ann.expect(sent.trim_end());
        short.rest();
    }
}

#[test]
fn utf8_stays_whole_and_nothing_acts() {
    let up = Up::start(&[]);
    let ann = Nc::called(&up, "ann");
    let mut bob = Nc::called(&up, "bob");
    bob.send("split: ä".as_bytes().split_last().unwrap().1);
    bob.send(b"\xa4 whole\n");
    assert_eq!(ann.expect("split"), "bob: split: ä whole");
    bob.send(b"bad: \xff\xfe \x1b]52;c;ZXZpbA==\x07 \x1b[31m \xe2\x80\xae end\n");
    let line = ann.expect("bad:");
    assert!(
        line.ends_with(" end") && line.contains('\u{fffd}'),
        "{line}"
    );
    assert!(
        !line.chars().any(|c| c.is_control() || c == '\u{202e}'),
        "{line:?}"
    );
}

#[test]
fn an_http_request_is_refused_before_it_is_heard() {
    let up = Up::start(&[]);
    let ann = Nc::called(&up, "ann");
    let request =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n/name evil\nhello from a page\n";
    let answer = String::from_utf8(exchange(&up.chat, request.as_bytes())).unwrap();
    assert!(answer.contains("HTTP/1.1 400"), "{answer}");
    let mut bob = Nc::called(&up, "bob");
    bob.say("marker");
    let mut heard = Vec::new();
    while heard
        .last()
        .is_none_or(|line: &String| !line.contains("marker"))
    {
        heard.push(ann.lines.recv_timeout(PATIENCE).unwrap());
    }
    assert!(
        !heard
            .iter()
            .any(|line| line.contains("evil") || line.contains("page") || line.contains("POST")),
        "{heard:#?}"
    );
}

#[test]
fn the_key_is_asked_for_first() {
    let key = "a-key-of-a-good-length";
    let up = Up::start(&[&format!("--key={key}")]);
    let mut wrong = Nc::join(&up);
    wrong.expect("key");
    wrong.say("not the key at all");
    assert!(
        wrong.rest().iter().all(|line| !line.contains("/help")),
        "one guess, then the end"
    );
    let mut right = Nc::join(&up);
    right.say(key);
    right.expect("/help");
}

#[test]
fn one_that_never_reads_stalls_nobody() {
    let up = Up::start(&[]);
    let mut deaf = std::net::TcpStream::connect(&up.chat).unwrap();
    let mut greeting = [0; 10];
    deaf.read_exact(&mut greeting).unwrap();
    let ann = Nc::called(&up, "ann");
    let mut bob = Nc::called(&up, "bob");
    let long = "x".repeat(3000);
    for n in 0..100 {
        bob.say(&format!("{n} {long}"));
    }
    bob.say("the last one");
    ann.expect("the last one");
}
