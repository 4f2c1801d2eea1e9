//! The long cases, run by `cargo xtask prove`: big files, many clients, nothing that grows.
#![allow(clippy::print_stdout, reason = "the figures are the result")]

#[path = "../it/raw.rs"]
#[expect(dead_code, reason = "the short tests use more of it")]
mod raw;
mod talk;
#[path = "../it/up.rs"]
#[expect(dead_code, reason = "the short tests use more of it")]
mod up;

use std::io::{Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use raw::{get, request};
use up::Up;

const GIB: u64 = 1 << 30;

/// A figure of the process from `/proc/PID/status`, in KiB.
fn status_kib(up: &Up, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", up.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn descriptors(up: &Up) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", up.pid()))
        .unwrap()
        .count()
}

/// A file with holes, and a mark every 100 MiB that a wrong offset would move.
fn big_file(up: &Up, name: &str, size: u64) {
    let mut file = std::fs::File::create(up.folder().join(name)).unwrap();
    for at in (0..size).step_by(100 << 20) {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(format!("mark {at}").as_bytes()).unwrap();
    }
    file.set_len(size).unwrap();
}

/// A command's standard output, which must succeed.
#[track_caller]
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn big_files_pass_in_constant_memory() {
    let up = Up::start(&["--write"]);
    big_file(&up, "big.bin", 5 * GIB);
    let source = up.folder().join("big.bin").to_str().unwrap().to_owned();
    let expected = output("sh", &["-c", "b2sum < \"$1\"", "sh", &source]);
    let url = format!("http://{}/big.bin", up.page);

    let began = Instant::now();
    let got = output("sh", &["-c", "curl -sS \"$1\" | b2sum", "sh", &url]);
    let down = began.elapsed();
    assert_eq!(got, expected);

    let began = Instant::now();
    output(
        "curl",
        &[
            "-sSf",
            "-T",
            &source,
            &format!("http://{}/again.bin", up.page),
        ],
    );
    let took_up = began.elapsed();
    let copy = up.folder().join("again.bin").to_str().unwrap().to_owned();
    assert_eq!(
        output("sh", &["-c", "b2sum < \"$1\"", "sh", &copy]),
        expected
    );
    std::fs::remove_file(&copy).unwrap();

    let archive = tempfile::NamedTempFile::new().unwrap();
    let path = archive.path().to_str().unwrap();
    output(
        "curl",
        &[
            "-sSf",
            "-o",
            path,
            &format!("http://{}/.landline/archive/", up.page),
        ],
    );
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(z.getinfo('big.bin').file_size)";
    assert_eq!(
        output("python3", &["-c", script, path]).trim(),
        (5 * GIB).to_string()
    );

    let peak = status_kib(&up, "VmHWM:") / 1024;
    println!(
        "prove: big files: 5 GiB down in {:.1} s (through b2sum), up in {:.1} s (with fsync), as a ZIP64 archive; peak memory {peak} MiB",
        down.as_secs_f64(),
        took_up.as_secs_f64()
    );
    assert!(peak < 64, "{peak} MiB");
}

#[test]
fn idle_connections_cost_little_and_stall_nobody() {
    let up = Up::start(&[]);
    up.put("a.txt", "x");
    let idle = 5000;
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit {
            current: Some(idle + 1000),
            ..rustix::process::getrlimit(rustix::process::Resource::Nofile)
        },
    )
    .unwrap();
    get(&up.page, "/a.txt");
    let before = status_kib(&up, "VmRSS:");
    let mut connections = Vec::new();
    let ask = format!("GET /a.txt HTTP/1.1\r\nHost: {}\r\n\r\n", up.page);
    for _ in 0..idle {
        let mut stream = TcpStream::connect(&up.page).unwrap();
        stream.write_all(ask.as_bytes()).unwrap();
        let mut first = [0; 64];
        stream.read_exact(&mut first).unwrap();
        connections.push(stream);
    }
    let each = (status_kib(&up, "VmRSS:") - before) * 1024 / idle;
    let began = Instant::now();
    assert_eq!(get(&up.page, "/a.txt").status, 200);
    println!(
        "prove: idle: {idle} kept alive, {each} bytes each in user space, another answered in {} us",
        began.elapsed().as_micros()
    );
    drop(connections);
    assert!(each < 16 * 1024, "{each} bytes");
}

#[test]
fn a_mixed_load_leaves_nothing_behind() {
    let up = Up::start(&["--write"]);
    up.put("small.txt", "x".repeat(1000));
    up.put("large.bin", vec![7; 3_000_000]);
    let seconds = Duration::from_secs(45);
    let round = |n: usize| {
        assert_eq!(get(&up.page, "/small.txt").status, 200);
        assert_eq!(
            request(&up.page, "GET", "/", &["Accept: application/json"], b"").status,
            200
        );
        assert_eq!(get(&up.page, "/../x").status, 404);
        if n.is_multiple_of(7) {
            assert_eq!(get(&up.page, "/large.bin").body.len(), 3_000_000);
        }
        if n.is_multiple_of(11) {
            // Begun and left: an upload, a download, a chat.
            let mut upload = TcpStream::connect(&up.page).unwrap();
            write!(
                upload,
                "PUT /half HTTP/1.1\r\nHost: {}\r\nContent-Length: 99\r\n\r\nabc",
                up.page
            )
            .unwrap();
            let mut chat = TcpStream::connect(&up.chat).unwrap();
            writeln!(chat, "hello {n}").unwrap();
        }
    };
    for n in 0..200 {
        round(n);
    }
    let (memory, open) = (status_kib(&up, "VmRSS:"), descriptors(&up));
    let rounds = std::sync::atomic::AtomicUsize::new(0);
    let end = Instant::now() + seconds;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while Instant::now() < end {
                    round(rounds.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
                }
            });
        }
    });
    let rounds = rounds.into_inner();
    // What was begun and left is noticed as its connection's end is read; each request here waits for one turn.
    let settled = (0..5000).any(|_| {
        get(&up.page, "/small.txt");
        descriptors(&up) <= open + 4
    });
    let grown = status_kib(&up, "VmRSS:").saturating_sub(memory);
    println!(
        "prove: soak: {rounds} rounds in {} s, memory grew by {grown} KiB, descriptors {open} -> {}",
        seconds.as_secs(),
        descriptors(&up)
    );
    assert!(settled, "{} descriptors, {open} before", descriptors(&up));
    assert!(grown < 16 * 1024, "{grown} KiB");
    let left: Vec<_> = std::fs::read_dir(up.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_crowd_with_a_deaf_member_stays_bounded() {
    let up = Up::start(&[]);
    let mut deaf = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(&up.chat).unwrap();
        stream.read_exact(&mut [0; 8]).unwrap();
        deaf.push(stream);
    }
    // Everybody has been greeted, so has joined, before the first word.
    let members: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(&up.chat).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(120)))
                .unwrap();
            stream.read_exact(&mut [0; 8]).unwrap();
            stream
        })
        .collect();
    let listeners: Vec<_> = members
        .into_iter()
        .map(|mut stream| {
            std::thread::spawn(move || {
                let (mut heard, mut buffer) = (Vec::new(), [0; 65536]);
                loop {
                    let count = stream.read(&mut buffer).unwrap();
                    assert_ne!(count, 0, "a member that reads is never dropped");
                    heard.extend_from_slice(&buffer[..count]);
                    let tail = &heard[heard.len().saturating_sub(4096)..];
                    if tail.windows(12).any(|window| window == b"the last one") {
                        return heard
                            .windows(8)
                            .filter(|window| *window == b": flood ")
                            .count();
                    }
                }
            })
        })
        .collect();
    let mut flooder = TcpStream::connect(&up.chat).unwrap();
    let began = Instant::now();
    let messages = 2000;
    let filler = "x".repeat(1000);
    for n in 0..messages {
        writeln!(flooder, "flood {n} {filler}").unwrap();
    }
    writeln!(flooder, "the last one").unwrap();
    let heard: Vec<usize> = listeners
        .into_iter()
        .map(|listener| listener.join().unwrap())
        .collect();
    let peak = status_kib(&up, "VmHWM:") / 1024;
    println!(
        "prove: crowd: {messages} messages of 1 KB to 200 members in {:.1} s beside 20 that never read, each heard {}; peak memory {peak} MiB",
        began.elapsed().as_secs_f64(),
        heard.iter().min().unwrap()
    );
    assert!(heard.iter().all(|&count| count == messages), "{heard:?}");
    assert!(peak < 128, "{peak} MiB");
    drop(deaf);
}
