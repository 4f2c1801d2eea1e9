//! `listen --keep-open` and its kin: many peers at once, slow ones and rude ones among them.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::lifecycle::Killed;
use crate::talker::Talker;
use crate::up::PATIENCE;

fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(url.trim_start_matches("tcp://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[track_caller]
fn expect(stream: &mut TcpStream, words: &str) {
    let mut heard = vec![0; words.len()];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), words);
}

/// Asks the server to stop as a service manager would.
#[track_caller]
fn stop(server: &mut Talker) {
    server.signal(Signal::TERM);
    assert_eq!(server.code(), 0);
}

#[test]
fn what_we_say_goes_to_all_and_what_they_say_comes_to_us() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--keep-open"]);
    // Nobody is there yet: it waits for the first.
    server.send(b"welcome\n");
    let mut first = connect(&url);
    expect(&mut first, "welcome\n");
    let mut second = connect(&url);
    server.expect_stderr("connected");
    server.expect_stderr("connected");
    server.send(b"all\n");
    for client in [&mut first, &mut second] {
        expect(client, "all\n");
    }
    for client in [&mut second, &mut first] {
        client.write_all(b"a line\n").unwrap();
        server.expect(b"a line\n");
    }
    // The end of stdin ends nothing.
    server.finish();
    first.write_all(b"still here\n").unwrap();
    server.expect(b"still here\n");
    // Who ends its side leaves, and the others stay.
    first.shutdown(Shutdown::Write).unwrap();
    assert_eq!(first.read(&mut [0; 1]).unwrap(), 0);
    server.expect_stderr("ended");
    second.write_all(b"so am I\n").unwrap();
    server.expect(b"so am I\n");
    stop(&mut server);
    assert_eq!(second.read(&mut [0; 1]).unwrap(), 0, "an end, not a reset");
}

#[test]
fn words_of_two_are_never_in_one_line() {
    words_of_two(&[]);
}

#[test]
fn nor_where_a_record_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    words_of_two(&["--record", record.to_str().unwrap()]);
    let kept = std::fs::read_to_string(record).unwrap();
    assert!(kept.contains("and ended"), "{kept}");
}

fn words_of_two(arguments: &[&str]) {
    let (mut server, url) = Talker::listen(&[&["127.0.0.1:0", "--broadcast"], arguments].concat());
    let (mut one, mut two, mut three) = (connect(&url), connect(&url), connect(&url));
    for _ in 0..3 {
        server.expect_stderr("connected");
    }
    one.write_all(b"begun ").unwrap();
    // Goes ahead, as one's line is still to end.
    two.write_all(b"two\n").unwrap();
    server.expect(b"two\n");
    expect(&mut three, "two\n");
    one.write_all(b"and ended\n").unwrap();
    server.expect(b"begun and ended\n");
    expect(&mut three, "begun and ended\n");
    // Who sends no newline is heard too, after a moment; and is given one when others come behind.
    one.write_all(b"no newline").unwrap();
    server.expect(b"no newline");
    two.write_all(b"next\n").unwrap();
    server.expect(b"\nnext\n");
    expect(&mut three, "no newline\nnext\n");
    server.send(b"from here\n");
    for client in [&mut one, &mut two, &mut three] {
        let mut heard = String::new();
        let mut lines = BufReader::new(client.try_clone().unwrap());
        while !heard.ends_with("from here\n") {
            assert_ne!(lines.read_line(&mut heard).unwrap(), 0);
        }
    }
    stop(&mut server);
}

#[test]
fn who_never_reads_is_dropped_and_stalls_nobody() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--broadcast"]);
    let stuck = connect(&url);
    let (mut talker, mut reader) = (connect(&url), connect(&url));
    for _ in 0..3 {
        server.expect_stderr("connected");
    }
    const LINES: usize = 12_000;
    let line = format!("{}\n", "x".repeat(1023));
    let all = line.repeat(LINES);
    let talking = std::thread::spawn(move || {
        talker.write_all(all.as_bytes()).unwrap();
        talker
    });
    let mut heard = vec![0; LINES * line.len()];
    reader.read_exact(&mut heard).unwrap();
    assert!(
        heard
            .chunks(line.len())
            .all(|heard| heard == line.as_bytes())
    );
    let _talker = talking.join().unwrap();
    server.expect_stderr("it read too slowly");
    drop(stuck);
    stop(&mut server);
}

#[test]
fn the_only_other_who_takes_nothing_stalls_nobody() {
    for refuses in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("unix:{}", folder.path().join("s").display());
        let (mut server, _) = Talker::listen(&[&url, "--broadcast"]);
        let connect = || UnixStream::connect(folder.path().join("s")).unwrap();
        let (rude, mut talker) = (connect(), connect());
        for _ in 0..2 {
            server.expect_stderr("connected");
        }
        if refuses {
            rude.shutdown(Shutdown::Read).unwrap();
        }
        talker.set_write_timeout(Some(PATIENCE / 2)).unwrap();
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        let talking = std::thread::spawn(move || {
            (0..6_000).for_each(|_| talker.write_all(&line).unwrap());
            talker.write_all(b"the end\n").unwrap();
            talker
        });
        server.until("the end\n");
        drop(talking.join().unwrap());
        drop(rude);
        stop(&mut server);
    }
}

#[test]
fn who_does_not_read_our_events_stalls_nobody() {
    let server = Command::new(env!("CARGO_BIN_EXE_landline"))
        .args(["listen", "127.0.0.1:0", "--broadcast"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut server = Killed(server.unwrap());
    // Read as far as the ready line, and no further.
    let mut events = BufReader::new(server.0.stderr.take().unwrap());
    let mut ready = String::new();
    events.read_line(&mut ready).unwrap();
    rustix::pipe::fcntl_setpipe_size(events.get_ref(), 4096).unwrap();
    let url = ready.trim_start_matches("listening on ").trim().to_owned();
    let (mut one, mut other) = (connect(&url), connect(&url));
    for _ in 0..200 {
        drop(connect(&url));
    }
    // Whoever is told of has been accepted by then.
    let mut late = connect(&url);
    late.write_all(b"late\n").unwrap();
    for client in [&mut one, &mut other] {
        expect(client, "late\n");
    }
    one.write_all(b"hello\n").unwrap();
    expect(&mut other, "hello\n");
}

#[test]
fn there_is_a_limit_and_a_place_is_given_again() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--max-connections", "2"]);
    let (first, mut second) = (connect(&url), connect(&url));
    server.expect_stderr("connected");
    server.expect_stderr("connected");
    let mut third = connect(&url);
    assert_eq!(third.read(&mut [0; 1]).unwrap_or(0), 0, "closed at once");
    drop(first);
    server.expect_stderr("ended");
    let mut fourth = connect(&url);
    server.expect_stderr("connected");
    server.send(b"hello\n");
    expect(&mut second, "hello\n");
    expect(&mut fourth, "hello\n");
    stop(&mut server);
}

#[test]
fn a_thousand_come_and_go_and_a_few_descriptors_are_enough() {
    // Fewer than who come: neither spins nor dies.
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "ulimit -n 100; exec \"$0\" listen 127.0.0.1:0 --keep-open --quiet",
        ])
        .arg(env!("CARGO_BIN_EXE_landline"));
    let mut server = Talker::spawn(&mut command);
    let url = server.ready();
    let crowd: Vec<TcpStream> = (0..500).map(|_| connect(&url)).collect();
    drop(crowd);
    for _ in 0..500 {
        // Closed at once, which the server sees sooner or later.
        drop(connect(&url));
    }
    // Until one of the places is free again, who comes is closed on at once.
    let is_in = |client: &mut TcpStream| {
        client
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        client
            .read(&mut [0; 1])
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    let mut last = std::iter::repeat_with(|| connect(&url))
        .find_map(|mut client| is_in(&mut client).then_some(client))
        .unwrap();
    last.write_all(b"hello\n").unwrap();
    server.expect(b"hello\n");
    stop(&mut server);
}

#[test]
fn several_peers_of_one_udp_port() {
    let (mut server, url) = Talker::listen(&["udp://127.0.0.1:0", "--broadcast"]);
    let address = url.trim_start_matches("udp://");
    let any_port = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect(address).unwrap();
        socket
    };
    let (one, two) = (any_port(), any_port());
    let mut buffer = [0; 100];
    let mut hear = |socket: &UdpSocket| {
        let received = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..received]).into_owned()
    };
    one.send(b"one is here\n").unwrap();
    server.expect(b"one is here\n");
    two.send(b"two is here\n").unwrap();
    server.expect(b"two is here\n");
    assert_eq!(hear(&one), "two is here\n");
    server.send(b"to both\n");
    assert_eq!(
        (hear(&one), hear(&two)),
        ("to both\n".into(), "to both\n".into())
    );
    stop(&mut server);
}

#[test]
fn nc_ncat_and_socat_in_one_room() {
    let (mut server, url) = Talker::listen(&["127.0.0.1:0", "--broadcast"]);
    let (host, port) = url.trim_start_matches("tcp://").rsplit_once(':').unwrap();
    let mut nc = Talker::spawn(Command::new("nc").args([host, port]));
    let mut ncat = Talker::spawn(Command::new("ncat").args([host, port]));
    let mut socat = Talker::spawn(Command::new("socat").args(["-", &format!("TCP:{host}:{port}")]));
    for _ in 0..3 {
        server.expect_stderr("connected");
    }
    nc.send(b"nc\n");
    server.expect(b"nc\n");
    ncat.expect(b"nc\n");
    socat.expect(b"nc\n");
    ncat.send(b"ncat\n");
    nc.expect(b"ncat\n");
    socat.expect(b"ncat\n");
    socat.send(b"socat\n");
    nc.expect(b"socat\n");
    ncat.expect(b"socat\n");
    stop(&mut server);
}
