//! `landline echo` as its users meet it: peers are `nc` and Python scripts that one would write in a first course.

mod hostile;
mod server;

use std::io::Write;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use server::{MODELS, Server, python, python_fails};

/// What `nc` with these arguments prints, told this on its stdin.
#[track_caller]
fn nc(arguments: &[&str], said: &[u8]) -> Vec<u8> {
    // -N: the end of stdin is told to the other side, whose end then ends it.
    let mut nc = Command::new("nc")
        .arg("-N")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = nc.stdin.take().unwrap();
    stdin.write_all(said).unwrap();
    drop(stdin);
    let output = nc.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn nc_gets_back_what_it_is_told_in_every_model() {
    let all: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    for model in MODELS {
        let echo = Server::start(&["127.0.0.1:0", "--model", model]);
        assert!(echo.url.starts_with("tcp://127.0.0.1:"), "{}", echo.url);
        assert!(nc(&[echo.host(), echo.port()], &all) == all, "{model}");
        assert_eq!(echo.stop(), 0);
    }
}

#[test]
fn a_unix_socket_is_served_in_every_model() {
    let folder = tempfile::tempdir().unwrap();
    for model in MODELS {
        let path = folder.path().join(model);
        let path = path.to_str().unwrap();
        let echo = Server::start(&[&format!("unix:{path}"), "--model", model, "--upper"]);
        assert_eq!(echo.url, format!("unix:{path}"));
        assert_eq!(nc(&["-U", path], b"by a path\n"), b"BY A PATH\n");
    }
    let echo = Server::start(&["unix:@landline-echo-test"]);
    assert_eq!(echo.url, "unix:@landline-echo-test");
    python(
        r"
peer = socket.socket(socket.AF_UNIX)
peer.connect('\0landline-echo-test')
peer.sendall(b'by a name')
assert peer.recv(1024) == b'by a name'",
        &[],
    );
}

#[test]
fn datagrams_come_back_in_every_model() {
    let folder = tempfile::tempdir().unwrap();
    for model in MODELS {
        let echo = Server::start(&["udp://127.0.0.1:0", "--model", model]);
        assert!(echo.url.starts_with("udp://127.0.0.1:"), "{}", echo.url);
        python(
            r"
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for size in 0, 1, 1400, 65507:
    peer.sendto(bytes(size), server)
    assert peer.recvfrom(65536) == (bytes(size), server)",
            &[echo.host(), echo.port()],
        );
        let path = folder.path().join(model);
        let path = path.to_str().unwrap();
        let echo = Server::start(&[&format!("unix-datagram:{path}"), "--model", model]);
        assert_eq!(echo.url, format!("unix-datagram:{path}"));
        python(
            r"
peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
peer.bind('')
peer.sendto(b'by a path', sys.argv[1])
assert peer.recv(1024) == b'by a path'",
            &[path],
        );
    }
}

#[test]
fn every_interface_is_served_on_both_stacks() {
    let echo = Server::start(&["*:0", "--reply", "{peer}"]);
    python(
        r"
peer = socket.create_connection(('127.0.0.1', server[1]))
peer.sendall(b'who am I?')
assert peer.recv(1024).decode() == '%s:%d' % peer.getsockname()",
        &["127.0.0.1", echo.port()],
    );
}

#[test]
fn a_first_courses_clients_are_answered() {
    let echo = Server::start(&["127.0.0.1:0", "--greet", "Thank you for connecting"]);
    python(
        r"
peer = socket.socket()
peer.connect(server)
assert peer.recv(1024) == b'Thank you for connecting\n'
assert peer.recv(1024) == b''",
        &[echo.host(), echo.port()],
    );
    assert_eq!(
        nc(&[echo.host(), echo.port()], b""),
        b"Thank you for connecting\n"
    );

    let echo = Server::start(&["127.0.0.1:0", "--upper"]);
    python(
        r"
peer = socket.create_connection(server)
for text in 'hello', 'straße ÿ', '123 {peer}\n', 'x' * 1000:
    peer.sendall(text.encode())
    assert peer.recv(4096) == text.encode().upper()",
        &[echo.host(), echo.port()],
    );

    let template = "{peer} said {data}, {{which}} makes {count}";
    let echo = Server::start(&["127.0.0.1:0", "--reply", template]);
    python(
        r"
peer = socket.create_connection(server)
own = '%s:%d' % peer.getsockname()
for count, (data, newline) in enumerate([('hello', ''), ('{peer}', '\n'), ('{{}', '\r\n')], 1):
    peer.sendall((data + newline).encode())
    answer = peer.recv(4096).decode()
    assert answer == f'{own} said {data}, {{which}} makes {count}{newline}', answer",
        &[echo.host(), echo.port()],
    );

    let echo = Server::start(&["127.0.0.1:0", "--reply", "got {data}", "--close"]);
    assert_eq!(nc(&[echo.host(), echo.port()], b"it\n"), b"got it\n");
    python(
        r"
peer = socket.create_connection(server)
peer.sendall(b'it')
assert peer.recv(1024) == b'got it'
assert peer.recv(1024) == b''",
        &[echo.host(), echo.port()],
    );
}

#[test]
fn many_talk_at_once() {
    for model in &MODELS[1..] {
        let echo = Server::start(&["127.0.0.1:0", "--model", model]);
        python(
            r"
peers = [socket.create_connection(server) for _ in range(50)]
for round in range(3):
    for number, peer in enumerate(peers):
        peer.sendall(b'%d of %d' % (number, round))
    for number, peer in enumerate(peers):
        assert peer.recv(1024) == b'%d of %d' % (number, round)",
            &[echo.host(), echo.port()],
        );
    }
}

#[test]
fn a_line_of_json_is_told_for_each_connection_and_message() {
    let echo = Server::start(&["127.0.0.1:0", "--json"]);
    let said = python(
        r"
peer = socket.create_connection(server)
peer.sendall(b'a\x1b]52;c;x\x07\xff\n')
peer.recv(1024)
peer.sendall(b'y' * 1000)
peer.recv(1024, socket.MSG_WAITALL)
print('%s:%d' % peer.getsockname())",
        &[echo.host(), echo.port()],
    );
    let peer = said.trim();
    assert_eq!(
        echo.event(),
        serde_json::json!({"event": "connected", "peer": peer})
    );
    let shown = "a\u{fffd}]52;c;x\u{fffd}\u{fffd}\u{fffd}";
    assert_eq!(
        echo.event(),
        serde_json::json!({"event": "message", "peer": peer, "count": 1, "bytes": 12, "data": shown})
    );
    // No more of it than its beginning.
    assert_eq!(
        echo.event(),
        serde_json::json!({"event": "message", "peer": peer, "count": 2, "bytes": 1000, "data": "y".repeat(256)})
    );
    assert_eq!(
        echo.event(),
        serde_json::json!({"event": "ended", "peer": peer, "messages": 2, "bytes": 1012, "why": "has ended"})
    );
    echo.signal(Signal::INT);
    assert_eq!(
        echo.event(),
        serde_json::json!({"event": "closed", "served": 1, "refused": 0, "received": 1012, "sent": 1012})
    );
    assert_eq!(echo.wait(), 0);
}

#[test]
fn who_comes_and_goes_is_told_on_stderr_unless_quiet() {
    for quiet in [false, true] {
        let mut arguments = vec!["127.0.0.1:0"];
        arguments.extend(quiet.then_some("--quiet"));
        let echo = Server::start(&arguments);
        nc(&[echo.host(), echo.port()], b"hello\n");
        let (code, said) = echo.last_words();
        assert_eq!(code, 0);
        let told = said.contains(" connected\n")
            && said.contains(" has ended: 1 message, 6 bytes\n")
            && said.contains("served 1, 6 bytes received, 6 sent; 0 not served\n");
        assert!(if quiet { said.is_empty() } else { told }, "{said}");
    }
}

#[test]
fn what_cannot_be_is_a_usage_error_that_says_why() {
    for (arguments, why) in [
        (&["0", "--reply", "{name}"][..], "nothing fills `{name}`"),
        (&["0", "--reply", "{data"], "a `{` has no `}` behind it"),
        (&["0", "--reply", "data}"], "a `}` has no `{` before it"),
        (&["0", "--upper", "--greet", "x"], "cannot be used with"),
        (&["0", "--close", "--greet", "x"], "cannot be used with"),
        (&["0", "--model", "fork"], "invalid value 'fork'"),
        (&["udp://0", "--close"], "datagrams have no connection"),
        (&["tls://0"], "no echo over TLS"),
        (&["unix-seqpacket:/x"], "no echo over unix-seqpacket"),
        (&[], "<ADDRESS>"),
    ] {
        let output = server::command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why), "{said}");
    }
    let taken = Server::start(&["127.0.0.1:0"]);
    let address = format!("{}:{}", taken.host(), taken.port());
    let output = server::command(&[&address]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with(&format!("landline: cannot listen on {address}: ")));
}

#[test]
fn a_script_that_fails_is_seen() {
    let why = python_fails("assert socket.socket() is None");
    assert!(why.contains("AssertionError"), "{why}");
}
