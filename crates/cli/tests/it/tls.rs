//! `listen` and `connect` over TLS: with each other, with programs that are not ours, and with those who are wrong.

#[path = "../../../tools/tests/it/tls/authority.rs"]
mod authority;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};
use tempfile::TempDir;

use crate::talker::Talker;
use authority::{Authority, Days, GOOD, Made};

/// A folder with an authority's certificate and one of a server for `localhost` and 127.0.0.1.
struct Papers {
    folder: TempDir,
}

impl Papers {
    fn new() -> Self {
        let authority = Authority::new();
        let papers = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        papers.put("ca.pem", &authority.pem);
        let own = authority.vouch(&["localhost", "127.0.0.1"], GOOD);
        papers.put("cert.pem", &own.chain);
        papers.put("key.pem", &own.key);
        papers
    }

    fn of(made: &Made) -> Self {
        let papers = Self::new();
        papers.put("cert.pem", &made.chain);
        papers.put("key.pem", &made.key);
        papers
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `listen` with the server's certificate.
    #[track_caller]
    fn listen(&self, arguments: &[&str]) -> (Talker, String) {
        let (cert, key) = (self.path("cert.pem"), self.path("key.pem"));
        let papers = ["--cert", text(&cert), "--tls-key", text(&key)];
        Talker::listen(&[&["tls://127.0.0.1:0"], &papers[..], arguments].concat())
    }

    /// `connect` to one of whom the authority vouches.
    #[track_caller]
    fn connect(&self, url: &str, arguments: &[&str]) -> Talker {
        let ca = self.path("ca.pem");
        connect(&[&[url, "--ca", text(&ca)], arguments].concat())
    }
}

/// `connect` without what the environment of the test trusts.
#[track_caller]
fn connect(arguments: &[&str]) -> Talker {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landline"));
    command.arg("connect").args(arguments);
    Talker::spawn(command.env_remove("SSL_CERT_FILE"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn port(url: &str) -> &str {
    url.rsplit_once(':').unwrap().1
}

/// What a client that ends so says and with which code.
#[track_caller]
fn verdict(mut client: Talker) -> (i32, String) {
    client.finish();
    let code = client.code();
    (code, client.rest_of_stderr())
}

#[test]
fn the_command_line_that_is_printed_connects() {
    let folder = tempfile::tempdir().unwrap();
    let path = format!("tls://unix:{}/s", folder.path().display());
    for target in [
        "tls://127.0.0.1:0",
        "tls://localhost:0",
        "tls://[::1]:0",
        "tls://*:0",
        &path,
    ] {
        let mut server = Talker::start(&["listen", target]);
        let pin = server.expect_stderr("certificate made on the spot: sha256:");
        let invitation = server.expect_stderr("connect by: landline connect tls://");
        let url = server.ready();
        assert!(url.starts_with("tls://"), "{url}");
        let words: Vec<&str> = invitation.split(' ').skip(4).collect();
        let [at, "--pin", fingerprint] = words[..] else {
            panic!("{invitation}");
        };
        assert!(pin.ends_with(fingerprint), "{pin} {invitation}");
        // This machine's own name may lead nowhere where the tests run.
        let at = if target.contains('*') {
            format!("tls://127.0.0.1:{}", port(at))
        } else {
            at.to_owned()
        };
        let mut client = connect(&[&at, "--pin", fingerprint]);
        let connected = client.expect_stderr("connected: ");
        assert!(
            connected.contains("TLS 1.3, TLS_AES_") && connected.ends_with(fingerprint),
            "{connected}"
        );
        server.expect_stderr("connected: ");
        client.send(b"from the client\n");
        server.expect(b"from the client\n");
        client.finish();
        server.send(b"\x00 and no newline");
        server.finish();
        assert_eq!(client.rest(), b"\x00 and no newline");
        assert_eq!((client.code(), server.code()), (0, 0), "{target}");
    }
}

#[test]
fn bulk_goes_both_ways_to_the_last_byte() {
    let papers = Papers::new();
    let (mut server, url) = papers.listen(&[]);
    let mut client = papers.connect(&url, &[]);
    let bytes: Vec<u8> = (0..3_000_001_u32).map(|at| (at % 251) as u8).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            client.send(&bytes);
            client.finish();
        });
        server.expect(&bytes);
    });
    server.send(&bytes);
    server.finish();
    assert!(client.rest() == bytes);
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn simplex_ends_by_alerts_on_both_sides() {
    let papers = Papers::new();
    for (ours, theirs) in [("send", "receive"), ("receive", "send")] {
        let (mut server, url) = papers.listen(&[&format!("--simplex={theirs}")]);
        let mut client = papers.connect(&url, &[&format!("--simplex={ours}")]);
        let (sender, receiver) = if ours == "send" {
            (&mut client, &mut server)
        } else {
            (&mut server, &mut client)
        };
        sender.send(b"one way");
        sender.finish();
        assert_eq!(receiver.rest(), b"one way");
        assert_eq!((receiver.code(), sender.code()), (0, 0));
    }
}

#[test]
fn who_is_not_believed_is_said_with_what_could_be_done() {
    let authority = Authority::new();
    let names = ["a.example", "b.example"];
    for (made, why, hint) in [
        (
            authority.vouch(&["127.0.0.1"], Days(-9, -3)),
            "certificate expired 3 days ago",
            "--pin sha256:",
        ),
        (
            authority.vouch(&["127.0.0.1"], Days(3, 9)),
            "not valid yet",
            "--pin sha256:",
        ),
        (
            authority.vouch(&names, GOOD),
            "not for `127.0.0.1`, but for a.example, b.example",
            "--server-name",
        ),
        (
            Made::alone(&["127.0.0.1"], GOOD),
            "nobody who is trusted vouches",
            "--pin sha256:",
        ),
        (
            Made::openssls(&["127.0.0.1"], GOOD),
            "an authority's own",
            "--pin sha256:",
        ),
    ] {
        let papers = Papers::of(&made);
        papers.put("ca.pem", &authority.pem);
        let (server, url) = papers.listen(&[]);
        let (code, said) = verdict(papers.connect(&url, &[]));
        assert_eq!(code, 1, "{said}");
        let begin = format!("landline: cannot connect to {url}: ");
        assert!(said.starts_with(&begin) && said.contains(why), "{said}");
        let hinted = said
            .lines()
            .find(|line| line.starts_with("hint: "))
            .unwrap();
        assert!(hinted.contains(hint), "{said}");
        server.expect_stderr("refused: 127.0.0.1:");
        // What the hint says is what opens.
        let pin = hinted.rsplit(' ').next().unwrap();
        let hash = digest(&SHA256, &made.der);
        let digits = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
        assert_eq!(pin, format!("sha256:{}", digits.collect::<String>()));
        let mut client = connect(&[&url, "--pin", pin]);
        client.expect_stderr("connected: ");
        client.finish();
    }
}

#[test]
fn a_name_a_wrong_pin_and_nobody_at_all() {
    let papers = Papers::of(&Made::alone(&["a.example"], GOOD));
    std::fs::copy(papers.path("cert.pem"), papers.path("ca.pem")).unwrap();
    let (mut server, url) = papers.listen(&[]);

    let other = format!("sha256:{}", "0".repeat(64));
    let (code, said) = verdict(connect(&[&url, "--pin", &other]));
    assert_eq!(code, 1);
    assert!(said.contains("not the pinned one; it is sha256:"), "{said}");

    let (code, said) = verdict(papers.connect(&url, &[]));
    assert_eq!(code, 1, "{said}");

    let mut client = connect(&[&url, "--insecure", "--idle", "10ms"]);
    client.expect_stderr("warning: --insecure");
    assert_eq!(client.code(), 4);
    assert_eq!(server.code(), 3, "who gives up has not ended his side");

    let (mut server, url) = papers.listen(&[]);
    let mut client = papers.connect(&url, &["--server-name", "a.example"]);
    client.send(b"hello");
    client.finish();
    server.finish();
    assert_eq!(server.rest(), b"hello");
    assert_eq!((client.code(), server.code()), (0, 0));
}

#[test]
fn what_cannot_be_is_refused_at_the_start() {
    let papers = Papers::new();
    papers.put("other.pem", &Made::alone(&["localhost"], GOOD).key);
    let [cert, key, other, none] =
        ["cert.pem", "key.pem", "other.pem", "none.pem"].map(|name| papers.path(name));
    let (cert, key, other, none) = (text(&cert), text(&key), text(&other), text(&none));
    for (arguments, code, why) in [
        (
            &["listen", "tls://0", "--cert", cert, "--tls-key", other][..],
            1,
            "not that of the first certificate",
        ),
        (
            &["listen", "tls://0", "--cert", key, "--tls-key", key],
            1,
            "no certificate in PEM form",
        ),
        (
            &["listen", "tls://0", "--cert", cert, "--tls-key", none],
            1,
            "cannot read ",
        ),
        (&["listen", "tls://0", "--cert", cert], 2, "--tls-key"),
        (
            &["listen", "0", "--cert", cert, "--tls-key", key],
            2,
            "the target is not encrypted",
        ),
        (
            &["connect", "1", "--insecure"],
            2,
            "the target is not encrypted",
        ),
        (
            &["connect", "tls://1", "--ca", key],
            1,
            "no certificate in PEM form",
        ),
        (
            &["connect", "tls://1", "--pin", "sha256:00"],
            2,
            "64 hexadecimal digits",
        ),
        (
            &["connect", "tls://unix:@landline-no-name"],
            2,
            "--server-name",
        ),
    ] {
        let mut talker = Talker::start(arguments);
        let said = talker.rest_of_stderr();
        assert_eq!(talker.code(), code, "{arguments:?}: {said}");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}

#[test]
fn plain_text_to_the_port_and_a_silent_one_hold_nobody_up() {
    let papers = Papers::new();
    let (mut server, url) = papers.listen(&[]);
    let address = url.strip_prefix("tls://").unwrap();
    let _silent = TcpStream::connect(address).unwrap();
    for (said, told) in [
        ("hello\n", "does not speak TLS: it began with `hello`"),
        ("GET / HTTP/1.0\r\n\r\n", "speaks HTTP"),
    ] {
        let mut plain = TcpStream::connect(address).unwrap();
        plain.write_all(said.as_bytes()).unwrap();
        let event = server.expect_stderr("refused: ");
        assert!(event.contains(told), "{event}");
        // Closed, with a reset if there was more that nobody read.
        assert!(matches!(plain.read(&mut [0]), Ok(0) | Err(_)));
    }
    let mut client = papers.connect(&url, &[]);
    client.send(b"at last");
    client.finish();
    server.finish();
    assert_eq!(server.rest(), b"at last");
    assert_eq!(server.code(), 0);
}

#[test]
fn who_is_silent_takes_no_descriptor_that_ends_us() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 20; exec \"$0\" listen tls://127.0.0.1:0"])
        .arg(env!("CARGO_BIN_EXE_landline"));
    let mut server = Talker::spawn(&mut command);
    let url = server.ready();
    let address = url.strip_prefix("tls://").unwrap();
    // More than there are descriptors for; the rest waits in the backlog.
    let silent: Vec<TcpStream> = (0..30)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let mut client = connect(&[&url, "--insecure"]);
    client.expect_stderr("warning: --insecure");
    drop(silent);
    client.send(b"at last");
    client.finish();
    server.finish();
    assert_eq!(server.rest(), b"at last");
    assert_eq!(server.code(), 0);
}

#[test]
fn tls_to_a_plain_port_says_what_speaks_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("tls://{}", listener.local_addr().unwrap());
    let (_silent, url_of_silent) = Talker::listen(&["127.0.0.1:0"]);
    let client = connect(&[&url, "--insecure"]);
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"220 mail.example ESMTP\r\n").unwrap();
    let (code, said) = verdict(client);
    assert_eq!(code, 1);
    assert!(
        said.contains("began with `220 mail.example ESMTP`")
            && said.contains("hint: without `tls://`"),
        "{said}"
    );

    let url = url_of_silent.replace("tcp://", "tls://");
    let (code, said) = verdict(connect(&[&url, "--insecure", "--timeout", "50ms"]));
    assert_eq!(code, 4);
    assert!(said.contains("not done within 50ms"), "{said}");
}

#[test]
fn a_cut_is_code_3_for_either_side() {
    let papers = Papers::new();
    for server_is_cut in [true, false] {
        let (mut server, url) = papers.listen(&[]);
        let mut client = papers.connect(&url, &[]);
        client.send(b"there");
        server.expect(b"there");
        server.send(b"back");
        client.expect(b"back");
        let (mut killed, mut left) = if server_is_cut {
            (client, server)
        } else {
            (server, client)
        };
        killed.signal(rustix::process::Signal::KILL);
        killed.code();
        assert_eq!(left.code(), 3);
        let said = left.rest_of_stderr();
        assert!(
            said.contains("closing alert") || said.contains("reset"),
            "{said}"
        );
    }
}

/// A Python program: what it prints first is the port it listens on, if it does.
#[track_caller]
fn python(program: &str, arguments: &[&str]) -> Talker {
    let mut command = Command::new("python3");
    Talker::spawn(command.args(["-u", "-c", program]).args(arguments))
}

#[test]
fn a_script_in_python_is_a_client() {
    const CLIENT: &str = "
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
plain = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
with context.wrap_socket(plain, server_hostname='localhost') as s:
    s.sendall(b'hello from Python')
    print(s.recv(100).decode(), s.version(), flush=True)
    s.unwrap()
";
    let papers = Papers::new();
    let (mut server, url) = papers.listen(&[]);
    let ca = papers.path("ca.pem");
    let mut script = python(CLIENT, &[port(&url), text(&ca)]);
    server.expect(b"hello from Python");
    server.send(b"hello back");
    script.expect(b"hello back TLSv1.3\n");
    server.finish();
    assert_eq!((script.code(), server.code()), (0, 0));
}

#[test]
fn a_script_in_python_is_a_server_and_may_cut() {
    const SERVER: &str = "
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.maximum_version = getattr(ssl.TLSVersion, sys.argv[3])
with socket.create_server(('127.0.0.1', 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    plain, _ = listener.accept()
    s = context.wrap_socket(plain, server_side=True)
    s.sendall(s.recv(100).upper())
    if sys.argv[4] == 'ends':
        s.unwrap()
    s.close()
";
    let papers = Papers::new();
    let (cert, key) = (papers.path("cert.pem"), papers.path("key.pem"));
    for (version, way, expected) in [
        ("TLSv1_3", "ends", 0),
        ("TLSv1_2", "ends", 0),
        ("TLSv1_3", "cuts", 3),
        ("TLSv1_2", "cuts", 3),
    ] {
        let script = python(SERVER, &[text(&cert), text(&key), version, way]);
        let url = format!("tls://localhost:{}", script.until("\n").trim());
        let mut client = papers.connect(&url, &[]);
        let connected = client.expect_stderr("connected: ");
        assert!(
            connected.contains(&version.replace("v1_", " 1.")),
            "{connected}"
        );
        client.send(b"loud");
        client.expect(b"LOUD");
        client.finish();
        assert_eq!(
            client.code(),
            expected,
            "{version} {way}: {}",
            client.rest_of_stderr()
        );
    }
}

#[test]
fn openssls_client_talks_to_us() {
    let papers = Papers::new();
    for version in ["-tls1_3", "-tls1_2"] {
        let (mut server, url) = papers.listen(&[]);
        let mut command = Command::new("openssl");
        command.args([
            "s_client",
            "-quiet",
            "-no_ign_eof",
            "-verify_return_error",
            version,
        ]);
        command
            .args(["-verify_hostname", "localhost", "-CAfile"])
            .arg(papers.path("ca.pem"));
        command
            .arg("-connect")
            .arg(format!("127.0.0.1:{}", port(&url)));
        let mut client = Talker::spawn(&mut command);
        client.send(b"hello from openssl\n");
        server.expect(b"hello from openssl\n");
        server.send(b"hello back\n");
        client.expect(b"hello back\n");
        server.finish();
        assert_eq!(client.code(), 0);
        assert_eq!(server.code(), 0, "{version}: {}", server.rest_of_stderr());
    }
}

#[test]
fn we_talk_to_openssls_server() {
    let papers = Papers::new();
    let mut command = Command::new("openssl");
    command.args([
        "s_server",
        "-naccept",
        "1",
        "-accept",
        "127.0.0.1:0",
        "-cert",
    ]);
    command
        .arg(papers.path("cert.pem"))
        .arg("-key")
        .arg(papers.path("key.pem"));
    let mut server = Talker::spawn(&mut command);
    let said = server.until("ACCEPT 127.0.0.1:");
    let said = if said.ends_with('\n') {
        said
    } else {
        said + &server.until("\n")
    };
    let url = format!("tls://127.0.0.1:{}", port(said.trim_end()));
    let mut client = papers.connect(&url, &[]);
    client.send(b"hello to openssl\n");
    server.until("hello to openssl\n");
    server.send(b"hello back\n");
    client.expect(b"hello back\n");
    client.finish();
    assert_eq!(client.code(), 0, "{}", client.rest_of_stderr());
}
