//! `listen --exec`: a program for each peer.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};

use crate::talker::Talker;
use crate::up::PATIENCE;

fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(url.trim_start_matches("tcp://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that a program answers to `words`, and its end.
#[track_caller]
fn answer(url: &str, words: &[u8]) -> String {
    let mut stream = connect(url);
    stream.write_all(words).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_program_answers_each_of_many() {
    let arguments = ["127.0.0.1:0", "--keep-open", "--exec", "tr", "a-z", "A-Z"];
    let (mut server, url) = Talker::listen(&arguments);
    let open = connect(&url);
    for words in ["hello", "again\n"] {
        assert_eq!(answer(&url, words.as_bytes()), words.to_uppercase());
    }
    drop(open);
    server.signal(Signal::TERM);
    assert_eq!(server.code(), 0);
}

#[test]
fn once_without_a_shell_and_all_of_it_arrives() {
    let script = "printf '%s' \"$LANDLINE_PEER $1 \"; head -c 3000000 /dev/zero; exit 3";
    let arguments = [
        "127.0.0.1:0",
        "--exec",
        "sh",
        "-c",
        script,
        "sh",
        "$HOME; *",
    ];
    let (mut server, url) = Talker::listen(&arguments);
    let mut client = connect(&url);
    let us = client.local_addr().unwrap();
    // What it does not read is no reason to lose what it writes.
    client.write_all(&[b'x'; 100_000]).unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    let start = format!("{us} $HOME; * ");
    assert!(answer.starts_with(start.as_bytes()));
    assert_eq!(answer.len(), start.len() + 3_000_000);
    drop(client);
    assert_eq!(server.code(), 0);
}

#[test]
fn it_has_none_of_our_descriptors_and_its_stderr_is_ours() {
    let script = "ls /proc/$$/fd; echo trouble >&2";
    let arguments = ["127.0.0.1:0", "--keep-open", "--exec", "sh", "-c", script];
    let (server, url) = Talker::listen(&arguments);
    let _others = [connect(&url), connect(&url)];
    // What the tests were started with is everybody's.
    let plain = Command::new("sh").args(["-c", script]).output().unwrap();
    assert_eq!(answer(&url, b"").as_bytes(), plain.stdout);
    server.expect_stderr("trouble");
}

#[test]
fn a_program_ends_with_its_peer_and_leaves_no_zombie() {
    // It ignores the end of its stdin, and what it started too.
    let script = "sleep 1000 & echo $$ $!; wait; sleep 1000";
    let arguments = [
        "127.0.0.1:0",
        "--keep-open",
        "--wait",
        "50ms",
        "--exec",
        "sh",
        "-c",
        script,
    ];
    let (server, url) = Talker::listen(&arguments);
    let client = connect(&url);
    let mut line = String::new();
    BufReader::new(&client).read_line(&mut line).unwrap();
    let (program, started) = line.trim().split_once(' ').unwrap();
    let open = |process: &str| {
        let number = Pid::from_raw(process.parse().unwrap()).unwrap();
        pidfd_open(number, PidfdFlags::empty()).unwrap()
    };
    let both = [open(program), open(started)];
    drop(client);
    server.expect_stderr("ended");
    assert!(
        !Path::new("/proc").join(program).exists(),
        "it was waited for"
    );
    for process in both {
        let mut ended = [PollFd::new(&process, PollFlags::IN)];
        let patience = Timespec::try_from(PATIENCE).unwrap();
        assert_eq!(poll(&mut ended, Some(&patience)), Ok(1), "it has ended");
    }
}

#[test]
fn a_program_that_is_not_there_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    for (name, why) in [
        ("no-such-program-anywhere", "no such program in PATH"),
        ("tr a-z A-Z", "no such program in PATH"),
        ("./nowhere", "no such file"),
        (plain.to_str().unwrap(), "not an executable file"),
    ] {
        let mut server = Talker::start(&["listen", "127.0.0.1:0", "--exec", name]);
        assert_eq!(server.code(), 1, "{name}");
        let said = server.rest_of_stderr();
        assert!(said.contains(why) && !said.contains("listening"), "{said}");
        assert_eq!(
            said.contains("there is no shell"),
            name.contains(' '),
            "{said}"
        );
    }
}

#[test]
fn what_a_program_does_is_its_own_affair() {
    for mode in [
        "--half",
        "--simplex",
        "--crlf",
        "--no-newline",
        "--broadcast",
    ] {
        let mut server = Talker::start(&["listen", "127.0.0.1:0", mode, "--exec", "cat"]);
        assert_eq!(server.code(), 2, "{mode}");
    }
}

#[test]
fn a_program_for_each_peer_of_a_udp_port() {
    let arguments = [
        "udp://127.0.0.1:0",
        "--keep-open",
        "--exec",
        "sed",
        "-u",
        "s/^/heard /",
    ];
    let (mut server, url) = Talker::listen(&arguments);
    let sockets = [0, 1].map(|_| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect(url.trim_start_matches("udp://")).unwrap();
        socket
    });
    let mut buffer = [0; 100];
    for (number, socket) in sockets.iter().enumerate() {
        socket.send(format!("{number}\n").as_bytes()).unwrap();
        let received = socket.recv(&mut buffer).unwrap();
        assert_eq!(buffer[..received], *format!("heard {number}\n").as_bytes());
    }
    server.signal(Signal::INT);
    assert_eq!(server.code(), 0);
}
