//! The room from `nc`, which we did not write.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use landline_socket::{Family, Kind, Protocol, Socket};

use crate::nc::Nc;
use crate::raw::exchange;
use crate::up::{PATIENCE, Up};

#[test]
fn everybody_hears_everybody_else() {
    let up = Up::start(&[]);
    let mut ann = Nc::called("ann", &up);
    let mut bob = Nc::called("bob", &up);
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
    let mut ann = Nc::called("ann", &up);
    let _bob = Nc::called("bob", &up);
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
    let mut ann = Nc::called("ann", &up);
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
    let ann = Nc::called("ann", &up);
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
    let ann = Nc::called("ann", &up);
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
    let ann = Nc::called("ann", &up);
    for sent in ["with a newline\n", "without one"] {
        let mut short = Nc::join(&up);
        short.send(sent.as_bytes());
        short.hang_up();
        ann.expect(sent.trim_end());
        short.rest();
    }
}

#[test]
fn utf8_stays_whole_and_nothing_acts() {
    let up = Up::start(&[]);
    let ann = Nc::called("ann", &up);
    let mut bob = Nc::called("bob", &up);
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
    let ann = Nc::called("ann", &up);
    let request =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n/name evil\nhello from a page\n";
    let answer = String::from_utf8(exchange(&up.chat, request.as_bytes())).unwrap();
    assert!(answer.contains("HTTP/1.1 400"), "{answer}");
    let mut bob = Nc::called("bob", &up);
    bob.say("marker");
    let heard = ann.until("marker");
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

/// Memory that a room uses, in KiB.
fn memory_kib(up: &Up) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", up.pid())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn one_that_never_reads_stalls_nobody() {
    let up = Up::start(&[]);
    // Its kernel takes next to nothing for it, so what it does not read stays with the room.
    let deaf = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    deaf.set_receive_buffer_bytes(1024).unwrap();
    let address: std::net::SocketAddr = up.chat.parse().unwrap();
    deaf.connect(&address.into()).unwrap();
    let mut deaf = TcpStream::from(deaf.detach());
    deaf.set_read_timeout(Some(PATIENCE)).unwrap();
    deaf.read_exact(&mut [0; 10]).unwrap();
    let ann = Nc::called("ann", &up);
    let before = memory_kib(&up);
    // 2 MB at once, from so many that nobody is slowed down for talking too fast.
    let long = "x".repeat(3000);
    let mut talkers: Vec<TcpStream> = (0..10)
        .map(|_| TcpStream::connect(&up.chat).unwrap())
        .collect();
    for talker in &mut talkers {
        for n in 0..70 {
            writeln!(talker, "{n} {long}").unwrap();
        }
        writeln!(talker, "that was all").unwrap();
    }
    let mut heard = 0;
    for _ in &talkers {
        let lines = ann.until("that was all");
        heard += lines.iter().filter(|line| line.ends_with(&long)).count();
    }
    assert_eq!(heard, 700, "everybody else hears every word");
    let grown = memory_kib(&up).saturating_sub(before);
    assert!(
        grown < 16 * 1024,
        "{grown} KiB more for one that does not read"
    );
    let mut taken = vec![0; 1 << 20];
    let taken = deaf.peek(&mut taken).unwrap();
    assert!(taken < 64 * 1024, "{taken} bytes have gone to it already");
    // It is behind, not lost: the room still has what it missed, to the last word.
    let mut missed = std::io::BufReader::new(deaf).lines();
    let mut ends = 0;
    while ends < talkers.len() {
        let line = missed.next().expect("it is still in the room").unwrap();
        ends += usize::from(line.ends_with("that was all"));
    }
}
