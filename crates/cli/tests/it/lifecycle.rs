//! Starting and stopping: ports, ready lines, signals, the log, exit codes.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::raw::{get, request};
use crate::up::{Up, command};

#[test]
fn a_taken_explicit_port_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--listen", "--chat-listen"] {
        let other = if flag == "--listen" {
            "--chat-listen"
        } else {
            "--listen"
        };
        let output = command(&[flag, &address, other, "127.0.0.1:0"])
            .arg("/")
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(
            error.starts_with(&format!("landline: cannot listen on {address}: "))
                && error.contains("\nhint: "),
            "{error}"
        );
    }
}

#[test]
fn a_second_room_never_shares_a_port_silently() {
    let first = Up::start(&[]);
    let output = command(&["--listen", &first.page, "--chat-listen", "127.0.0.1:0"])
        .arg("/")
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_taken_default_port_moves_to_the_next_free_one_and_says_so() {
    let port = |address: &str| address.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..50 {
        // Ours, or another program's, which may let go of it at any moment: then it is tried again.
        let holds = [8080, 9000].map(|port| TcpListener::bind(("127.0.0.1", port)));
        let up = Up::on(folder.path(), &[]);
        let got = [port(&up.page), port(&up.chat)];
        if got.contains(&8080) || got.contains(&9000) {
            assert!(holds.iter().any(Result::is_err), "{got:?}: we hold both");
            continue;
        }
        assert!((8081..8180).contains(&got[0]), "{got:?}");
        assert!((9001..9100).contains(&got[1]), "{got:?}");
        for (default, got) in [(8080, got[0]), (9000, got[1])] {
            up.expect_stderr(&format!("port {default} is taken, so this is port {got}"));
        }
        assert_eq!(get(&up.page, "/").status, 200);
        return;
    }
    panic!("another program takes the ports and lets go of them all the time");
}

#[test]
fn descriptors_are_given_back() {
    let up = Up::start(&["--write"]);
    up.put("a.txt", "x");
    let open = || open_descriptors(&up);
    let before = standing(&up);
    for n in 0..100 {
        get(&up.page, "/a.txt");
        get(&up.page, "/.landline/archive/");
        request(&up.page, "PUT", &format!("/{n}.txt"), &[], b"x");
        drop(TcpStream::connect(&up.chat).unwrap());
    }
    // The end of a connection is noticed a moment later: each request here waits for one turn.
    let settled = (0..2000).any(|_| {
        get(&up.page, "/a.txt");
        open() <= before + 2
    });
    assert!(settled, "{} open, {before} before", open());
}

/// How many descriptors a room has open.
fn open_descriptors(up: &Up) -> usize {
    let open = std::fs::read_dir(format!("/proc/{}/fd", up.pid())).unwrap();
    open.count()
}

/// How many descriptors a room has open once all of it stands, which is a moment after its ready lines.
fn standing(up: &Up) -> usize {
    let (mut open, mut same) = (0, 0);
    while same < 50 {
        get(&up.page, "/");
        let now = open_descriptors(up);
        same = if now == open { same + 1 } else { 0 };
        open = now;
    }
    open
}

/// Processor time that a room has used, in hundredths of a second.
fn ticks(up: &Up) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", up.pid())).unwrap();
    let ticks = stat.split_whitespace().skip(13).take(2);
    ticks.map(|ticks| ticks.parse::<u32>().unwrap()).sum()
}

#[test]
fn without_descriptors_it_waits_and_neither_spins_nor_dies() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "x").unwrap();
    let listen = ["--listen", "127.0.0.1:0", "--chat-listen", "127.0.0.1:0"];
    let needed = standing(&Up::on(folder.path(), &listen));
    // Ten more than it needs to stand there: fewer than the 16 connections that are always allowed.
    let most = needed + 10;
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", &format!("ulimit -n {most} && exec \"$@\""), "sh"]);
    let up = Up::within(limited, folder.path(), &listen);
    // One that just ended may still be counted.
    assert!(standing(&up).abs_diff(needed) <= 2);
    let ask = format!("GET /a.txt HTTP/1.1\r\nHost: {}\r\n\r\n", up.page);
    let mut crowd: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(&up.page).unwrap())
        .collect();
    let asked = Instant::now();
    while open_descriptors(&up) < most {
        assert!(asked.elapsed() < crate::up::PATIENCE, "they never run out");
    }
    let before = ticks(&up);
    // The last to come waits in the queue: it is neither answered nor turned away.
    let mut last = crowd.pop().unwrap();
    std::io::Write::write_all(&mut last, ask.as_bytes()).unwrap();
    last.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let error = last.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    let busy = ticks(&up) - before;
    assert!(busy < 30, "it span: {busy} hundredths of a second in one");
    drop(crowd);
    last.set_read_timeout(Some(crate::up::PATIENCE)).unwrap();
    last.read_exact(&mut [0]).expect("its turn has come");
    drop(last);
    // Until the crowd's ends have been read a file cannot be opened: then it says so, and only then.
    let served = (0..2000).any(|_| {
        let answer = get(&up.page, "/a.txt");
        assert!(answer.status == 503 || answer.text() == "x", "{answer:?}");
        answer.status == 200
    });
    assert!(served);
}

#[test]
fn both_signals_stop_it_cleanly() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut up = Up::start(&[]);
        let mut idle = TcpStream::connect(&up.page).unwrap();
        // Answered once, so that it was let in: who still queues is reset.
        let ask = format!("HEAD /none HTTP/1.1\r\nHost: {}\r\n\r\n", up.page);
        std::io::Write::write_all(&mut idle, ask.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            idle.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let mut chatting = TcpStream::connect(&up.chat).unwrap();
        let mut greeting = [0; 10];
        chatting.read_exact(&mut greeting).unwrap();
        up.signal(signal);
        assert_eq!(up.wait().code(), Some(0));
        let mut told = String::new();
        chatting.read_to_string(&mut told).unwrap();
        assert!(told.contains("closing"), "{told}");
        assert_eq!(idle.read(&mut greeting).unwrap(), 0);
    }
}

#[test]
fn a_second_signal_does_not_wait() {
    let mut up = Up::start(&[]);
    up.put("big.bin", vec![0; 30_000_000]);
    let mut stuck = TcpStream::connect(&up.page).unwrap();
    let ask = format!("GET /big.bin HTTP/1.1\r\nHost: {}\r\n\r\n", up.page);
    std::io::Write::write_all(&mut stuck, ask.as_bytes()).unwrap();
    stuck.read_exact(&mut [0; 1]).unwrap();
    up.signal(Signal::INT);
    let asked = Instant::now();
    // A closed port says that the first one was heard.
    while TcpStream::connect(&up.page).is_ok() {
        assert!(asked.elapsed() < Duration::from_secs(4));
    }
    up.signal(Signal::INT);
    assert_eq!(up.wait().code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(4));
}

#[test]
fn unread_output_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "x").unwrap();
    let listen = [
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--chat-listen",
        "127.0.0.1:0",
    ];
    let mut room = Killed(command(&listen).arg(folder.path()).spawn().unwrap());
    let mut stdout = std::io::BufReader::new(room.0.stdout.take().unwrap());
    let mut first = String::new();
    std::io::BufRead::read_line(&mut stdout, &mut first).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&first).unwrap();
    let page = ready["address"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    // A pipe holds 64 KiB; these events are more, and nobody reads them.
    for _ in 0..1500 {
        assert_eq!(get(page, "/a.txt").status, 200);
    }
    let pid = rustix::process::Pid::from_child(&room.0);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    let asked = Instant::now();
    assert_eq!(room.0.wait().unwrap().code(), Some(0));
    assert!(
        asked.elapsed() < Duration::from_secs(8),
        "{:?}",
        asked.elapsed()
    );
}

#[test]
fn a_running_download_is_finished_and_a_stuck_one_gets_five_seconds() {
    let mut up = Up::start(&[]);
    let size = 30_000_000;
    up.put("big.bin", crate::files::pattern(size));
    let ask = |up: &Up| {
        let mut stream = TcpStream::connect(&up.page).unwrap();
        std::io::Write::write_all(
            &mut stream,
            format!("GET /big.bin HTTP/1.1\r\nHost: {}\r\n\r\n", up.page).as_bytes(),
        )
        .unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).unwrap();
        stream
    };
    let (mut reading, _stuck) = (ask(&up), ask(&up));
    up.signal(Signal::TERM);
    let asked = Instant::now();
    let mut rest = Vec::new();
    reading.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > size, "{} of {size}", rest.len());
    assert_eq!(up.wait().code(), Some(0));
    let took = asked.elapsed();
    assert!(
        took > Duration::from_secs(4) && took < Duration::from_secs(10),
        "{took:?}"
    );
}

#[test]
fn events_are_json_lines_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let child = command(&[
        "--json",
        "--write",
        "--listen",
        "127.0.0.1:0",
        "--chat-listen",
        "127.0.0.1:0",
    ])
    .arg(folder.path())
    .spawn()
    .unwrap();
    let mut child = Killed(child);
    let stdout = std::io::BufReader::new(child.0.stdout.take().unwrap());
    let mut lines = std::io::BufRead::lines(stdout)
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap());
    let mut listening = || {
        let line = lines.next().unwrap();
        assert_eq!(line["event"], "listening");
        line["address"].as_str().unwrap().to_owned()
    };
    let page = listening().strip_prefix("http://").unwrap().to_owned();
    assert!(listening().starts_with("tcp://"));
    let open = lines.next().unwrap();
    assert_eq!(
        (open["event"].as_str(), open["addresses"][0].as_str()),
        (Some("open"), Some(format!("http://{page}/").as_str()))
    );
    assert_eq!(request(&page, "PUT", "/a.txt", &[], b"12345").status, 201);
    let uploaded = lines.next().unwrap();
    assert_eq!(
        (
            uploaded["event"].as_str(),
            uploaded["path"].as_str(),
            uploaded["size"].as_u64()
        ),
        (Some("uploaded"), Some("a.txt"), Some(5))
    );
    assert_eq!(get(&page, "/a.txt").status, 200);
    assert_eq!(lines.next().unwrap()["event"], "downloaded");
}

/// A child that does not outlive its test.
pub(crate) struct Killed(pub(crate) std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_log_has_a_line_per_request_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let key = "a-key-of-a-good-length";
    let mut up = Up::start(&["--log", log.to_str().unwrap(), &format!("--key={key}")]);
    get(&up.page, &format!("/a?key={key}"));
    request(
        &up.page,
        "GET",
        "/b",
        &["User-Agent: evil\"\\ \u{1b}", "Referer: x"],
        b"",
    );
    request(&up.page, "GET", "/c", &["User-Agent: evil\" \\"], b"");
    assert_eq!(up.stop().code(), Some(0));
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].starts_with("127.0.0.1 - - [")
            && lines[0].contains("] \"GET /a HTTP/1.1\" 303 0 \"-\" \"-\""),
        "{text}"
    );
    assert!(
        lines[1].contains("\" 400 "),
        "a control character in a field is no request: {text}"
    );
    assert!(lines[2].ends_with("\"evil\\\" \\\\\""), "{text}");
    assert!(!text.contains(key), "{text}");
}

#[test]
fn quiet_says_nothing_of_what_happens() {
    let mut up = Up::start(&["--quiet"]);
    up.put("a", "x");
    get(&up.page, "/a");
    up.stop();
    assert_eq!(up.rest_of_stderr(), "");
}

#[test]
fn unix_sockets_are_private_and_need_no_key() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page");
    let listen = format!("unix:{}", page.display());
    let up = Up::on(
        folder.path(),
        &["--listen", &listen, "--chat-listen", "127.0.0.1:0"],
    );
    assert_eq!(up.page, listen);
    assert_eq!(
        std::fs::metadata(&page).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let printed = crate::files::curl(&[
        "-w",
        "%{http_code}",
        "-o",
        "/dev/null",
        "--unix-socket",
        page.to_str().unwrap(),
        "http://localhost/",
    ]);
    assert_eq!(printed, "200");
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    for (arguments, code, part) in [
        (vec!["/no/such/folder"], 1, "cannot share /no/such/folder: "),
        (vec!["--listen", "999999"], 2, "out of range"),
        (vec!["--listen", "::1:80"], 2, "brackets"),
        (vec!["--key=short"], 2, "fewer than 16 characters"),
        (vec!["--key=with spaces and & in it"], 2, "letters, digits"),
        (vec!["--key", "--no-key"], 2, "cannot be used with"),
        (
            vec!["--listen", "no-such-host.invalid:0"],
            1,
            "no-such-host.invalid",
        ),
    ] {
        let output = command(&arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(part), "{arguments:?}: {error}");
    }
}

#[test]
fn completions_and_man_pages_come_from_the_same_words() {
    let run = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_landline"))
            .args(arguments)
            .output()
            .unwrap()
    };
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = String::from_utf8(run(&["completions", shell]).stdout).unwrap();
        assert!(script.contains("allow-host"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(
        run(&["man", folder.path().to_str().unwrap()])
            .status
            .success()
    );
    let page = std::fs::read_to_string(folder.path().join("landline-up.1")).unwrap();
    assert!(
        page.contains("\\-\\-allow\\-host") && page.contains("nc 127.0.0.1 9000"),
        "{page}"
    );
    let help = String::from_utf8(run(&["up", "--help"]).stdout).unwrap();
    assert!(
        help.contains("--allow-host") && help.contains("curl -T"),
        "{help}"
    );
}
