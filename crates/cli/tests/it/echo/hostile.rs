//! Peers that reset, that do not read, that forge senders; a host that does not read what it is told.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::server::{MODELS, Server, command, python};
use crate::up::PATIENCE;

#[test]
fn resets_hurt_nobody_in_any_model() {
    for model in MODELS {
        let echo = Server::start(&["127.0.0.1:0", "--model", model, "--json"]);
        python(
            r"
for number in range(20):
    peer = socket.create_connection(server)
    peer.sendall(b'x' * number)
    # What is closed with this lingering is reset.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    peer.close()
peer = socket.create_connection(server)
peer.sendall(b'still there?')
assert peer.recv(1024) == b'still there?'",
            &[echo.host(), echo.port()],
        );
        assert_eq!(echo.stop(), 0, "{model}");
    }
}

#[test]
fn who_never_reads_is_not_waited_for() {
    for model in &MODELS[1..] {
        let echo = Server::start(&["127.0.0.1:0", "--model", model, "--quiet"]);
        let place = format!("{}:{}", echo.host(), echo.port());
        let mut silent = TcpStream::connect(&place).unwrap();
        silent
            .set_write_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let mut taken = 0;
        while let Ok(count) = silent.write(&[b'x'; 65_536]) {
            taken += count;
            assert!(taken < 64 << 20, "it takes whatever comes");
        }
        let mut other = TcpStream::connect(&place).unwrap();
        other.set_read_timeout(Some(PATIENCE)).unwrap();
        other.write_all(b"hello").unwrap();
        other.read_exact(&mut [0; 5]).unwrap();
    }
}

#[test]
fn who_does_not_read_the_events_holds_nobody_up() {
    // Nobody reads what it tells beyond the ready line: the pipe is full long before this is over.
    let mut echo = command(&["127.0.0.1:0", "--json"]).spawn().unwrap();
    let mut stdout = echo.stdout.take().unwrap();
    let mut ready = Vec::new();
    while !ready.ends_with(b"\n") {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        ready.extend(byte);
    }
    let ready: serde_json::Value = serde_json::from_slice(&ready).unwrap();
    let place = ready["address"]
        .as_str()
        .unwrap()
        .trim_start_matches("tcp://");
    let mut peer = TcpStream::connect(place).unwrap();
    peer.set_nodelay(true).unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    for _ in 0..3000 {
        peer.write_all(&[b'x'; 200]).unwrap();
        peer.read_exact(&mut [0; 200]).unwrap();
    }
    echo.kill().unwrap();
    echo.wait().unwrap();
}

#[test]
fn an_answer_by_udp_is_cut_to_what_was_sent() {
    let greeting = "a greeting that is longer than a byte";
    for behaviour in [
        ["--greet", greeting],
        ["--reply", "{data}{data}{data}{peer}"],
    ] {
        let [option, value] = behaviour;
        let echo = Server::start(&["udp://127.0.0.1:0", option, value]);
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.connect(format!("{}:{}", echo.host(), echo.port()))
            .unwrap();
        for length in [0, 1, 7] {
            peer.send(&vec![b'a'; length]).unwrap();
            assert_eq!(peer.recv(&mut [0; 1024]).unwrap(), length, "{option}");
        }
    }
}

/// Two echoes, and somebody who can put any sender on a datagram, in a network of their own.
#[test]
fn two_echoes_and_the_ports_that_echo_are_not_made_to_talk_for_ever() {
    let script = "ip link set lo up && exec timeout 20 python3 -c \"$@\"";
    let output = Command::new("unshare")
        .args(["-rn", "sh", "-ec", script, "sh", FORGER])
        .arg(env!("CARGO_BIN_EXE_landline"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if complained.contains("unshare: ") {
        // No namespaces for us here; the tool's own tests have a twin at our port, without forging.
        assert!(complained.contains("not permitted"), "{complained}");
        return;
    }
    assert!(output.status.success(), "{complained}");
    assert_eq!(
        said,
        "ignored 7000 7 13 17 19 53, answered 1\nignored, answered 0\n"
    );
}

/// Sends from the other echo and from each port that answers, then asks as anybody would, and prints what was told.
const FORGER: &str = r"
import json, signal, socket, struct, subprocess, sys
socket.setdefaulttimeout(10)

def echo(address):
    line = [sys.argv[1], 'echo', '--json', address]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process

def forge(source, port, target):
    data = b'forged'
    udp = struct.pack('!HHHH', port, target[1], 8 + len(data), 0) + data
    ends = socket.inet_aton(source) + socket.inet_aton(target[0])
    raw.sendto(struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ends + udp, target)

raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
one, other = echo('udp://127.0.0.1:7000'), echo('udp://127.0.0.2:7000')
target = '127.0.0.1', 7000
forge('127.0.0.2', 7000, target)
for port in 7, 13, 17, 19, 53:
    forge('127.0.0.9', port, target)
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.sendto(b'me', target)
assert peer.recv(100) == b'me'
for process in one, other:
    process.send_signal(signal.SIGTERM)
    events = [json.loads(line) for line in process.stdout]
    ignored = [event['peer'].split(':')[1] for event in events if event['event'] == 'ignored']
    answered = sum(event['event'] == 'message' for event in events)
    assert process.wait() == 0
    print(' '.join(['ignored'] + ignored) + ', answered', answered)
";
