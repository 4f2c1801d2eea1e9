//! How a conversation ends: the table of `docs/talk.md`, row by row, over TCP and Unix, with peers that are not ours.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use landline_socket::{
    Address, Family, Kind, MsgFlags, Protocol, ServerOptions, Shutdown, Socket, UnixAddress,
    create_server,
};
use tempfile::TempDir;

use crate::talker::Talker;
use crate::up::PATIENCE;

const BINARY: &str = env!("CARGO_BIN_EXE_landline");

/// A listener of the test's, to which `connect` connects.
struct Place {
    listener: Socket,
    target: String,
    _folder: Option<TempDir>,
}

impl Place {
    fn both() -> [Self; 2] {
        [Self::tcp(), Self::unix()]
    }

    fn tcp() -> Self {
        Self::at(
            "127.0.0.1:0"
                .parse::<std::net::SocketAddr>()
                .unwrap()
                .into(),
        )
    }

    fn unix() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut place = Self::at(UnixAddress::Path(folder.path().join("s")).into());
        place._folder = Some(folder);
        place
    }

    fn at(address: Address) -> Self {
        let listener = create_server(&address, &ServerOptions::default()).unwrap();
        listener.set_timeout(PATIENCE).unwrap();
        let target = listener.local_address().unwrap().to_string();
        Self {
            listener,
            target,
            _folder: None,
        }
    }

    /// `landline connect` with these options, and the peer that it talks with.
    #[track_caller]
    fn talk(&self, options: &[&str]) -> (Talker, Socket) {
        let talker = Talker::start(&[&["connect", &self.target], options].concat());
        (talker, self.accept())
    }

    /// The same, with a stdin and a stdout of the test's.
    #[track_caller]
    fn given(&self, stdin: impl Into<Stdio>, stdout: impl Into<Stdio>) -> (Talker, Socket) {
        let mut command = Command::new(BINARY);
        command.args(["connect", &self.target]);
        (Talker::given(&mut command, stdin, stdout), self.accept())
    }

    /// The same by a line of a shell, in which `$0` is `landline` and `$1` where to connect.
    #[track_caller]
    fn shell(&self, line: &str, arguments: &[&str]) -> (Talker, Socket) {
        let mut command = Command::new("sh");
        command.args(["-c", line, BINARY, &self.target]);
        (Talker::spawn(command.args(arguments)), self.accept())
    }

    #[track_caller]
    fn accept(&self) -> Socket {
        let (peer, _) = self.listener.accept().unwrap();
        peer.set_timeout(PATIENCE).unwrap();
        peer
    }
}

/// More than a pipe and less than a socket holds, and no two parts of it alike.
fn data() -> Vec<u8> {
    (0..100_000_u32).map(|n| (n / 7) as u8).collect()
}

/// What is with the other side at once, since the first window of a connection has room for it: a reset takes away
/// what is still on its way. More than is copied at once, so a part of it is moved.
fn before_a_reset() -> Vec<u8> {
    data()[..40_000].to_vec()
}

/// All that comes until the end of the stream.
#[track_caller]
fn rest(peer: &Socket) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    while let received @ 1.. = peer.recv(&mut buffer).unwrap() {
        all.extend_from_slice(&buffer[..received]);
    }
    all
}

/// A reset, and never an end. What was not received makes one on a Unix socket.
fn reset(peer: Socket) {
    if peer.family().unwrap() == Family::INET {
        peer.set_linger(Some(Duration::ZERO)).unwrap();
    }
    drop(peer);
}

#[test]
fn full_ours_first() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&[]);
        ours.send(&data());
        ours.finish();
        assert!(rest(&peer) == data());
        // Our end is not the peer's.
        peer.send_all(&data()).unwrap();
        ours.expect(&data());
        drop(peer);
        assert_eq!(ours.rest(), b"");
        assert_eq!(ours.code(), 0, "{}", place.target);
    }
}

#[test]
fn full_theirs_first() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&[]);
        peer.send_all(&data()).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        // Our stdout is closed while our stdin is still open.
        assert!(ours.rest() == data());
        ours.send(&data());
        ours.finish();
        assert!(rest(&peer) == data());
        assert_eq!(ours.code(), 0, "{}", place.target);
    }
}

#[test]
fn full_together() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&[]);
        peer.send_all(&data()).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        ours.send(&data());
        ours.finish();
        assert!(rest(&peer) == data());
        assert!(ours.rest() == data());
        assert_eq!(ours.code(), 0, "{}", place.target);
    }
}

#[test]
fn full_cut() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&[]);
        ours.send(b"never received");
        peer.recv_with(&mut [0], MsgFlags::PEEK).unwrap();
        peer.send_all(&before_a_reset()).unwrap();
        reset(peer);
        assert!(
            ours.rest() == before_a_reset(),
            "what came before the reset is shown"
        );
        assert_eq!(ours.code(), 3, "{}", place.target);
        let said = ours.rest_of_stderr();
        assert!(said.contains("the connection was lost"), "{said}");
    }
}

/// After the peer's clean end: what we send then is refused.
#[test]
fn full_theirs_first_and_ours_refused() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&[]);
        peer.send_all(&data()).unwrap();
        drop(peer);
        assert!(ours.rest() == data());
        // The first bytes find out, the next ones are told.
        let mut stdin = ours.take_stdin();
        let refused = (0..1000).any(|_| stdin.write_all(&data()).is_err());
        assert!(
            refused,
            "our own stdin is closed when the peer takes no more"
        );
        assert_eq!(ours.code(), 3, "{}", place.target);
    }
}

#[test]
fn simplex_sender() {
    for place in Place::both() {
        for ours_is_first in [true, false] {
            let (mut ours, peer) = place.talk(&["--simplex"]);
            let theirs = || {
                peer.send_all(b"not shown").unwrap();
                peer.shutdown(Shutdown::Write).unwrap();
            };
            if ours_is_first {
                ours.send(&data());
                ours.finish();
                assert!(rest(&peer) == data());
                theirs();
            } else {
                theirs();
                ours.expect_stderr("connected");
                ours.send(&data());
                ours.finish();
                assert!(rest(&peer) == data());
            }
            assert_eq!((ours.rest(), ours.code()), (vec![], 0), "{}", place.target);
            let said = ours.rest_of_stderr();
            assert!(said.contains("9 B received"), "{said}");
        }
        let (mut ours, peer) = place.talk(&["--simplex"]);
        ours.send(b"never received");
        peer.recv_with(&mut [0], MsgFlags::PEEK).unwrap();
        reset(peer);
        assert_eq!(ours.code(), 3, "{}", place.target);
    }
}

#[test]
fn simplex_receiver() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&["--simplex=receive"]);
        // Our input is not sent, nor is its end.
        ours.send(b"never sent");
        ours.finish();
        peer.send_all(&data()).unwrap();
        ours.expect(&data());
        let nothing = peer.recv_with(&mut [0], MsgFlags::DONTWAIT).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        peer.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&peer), b"", "our end comes when theirs has");
        assert_eq!((ours.rest(), ours.code()), (vec![], 0), "{}", place.target);
    }
    let place = Place::tcp();
    let (mut ours, peer) = place.talk(&["--simplex=receive"]);
    // One that was reset before we saw that it is there could not be made, and says so.
    ours.expect_stderr("connected");
    peer.send_all(&before_a_reset()).unwrap();
    reset(peer);
    assert!(ours.rest() == before_a_reset());
    assert_eq!(ours.code(), 3);
}

#[test]
fn the_other_direction_goes_on_for_so_long() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&["--wait", "20ms"]);
        ours.send(&data());
        ours.finish();
        assert!(rest(&peer) == data());
        assert_eq!(ours.code(), 0, "the peer never ended");
        let (mut ours, peer) = place.talk(&["--wait", "20ms"]);
        peer.shutdown(Shutdown::Write).unwrap();
        assert_eq!(ours.code(), 0, "we never did");
    }
}

/// Bounded by what a socket and a pipe hold, and ended by whoever waits no longer.
#[test]
fn a_peer_that_never_reads_holds_up_nothing_but_itself() {
    for place in Place::both() {
        let (mut ours, peer) = place.talk(&["--idle", "300ms"]);
        let mut stdin = ours.take_stdin();
        let flood = std::thread::spawn(move || {
            let mut sent = 0;
            while stdin.write_all(&[7; 1 << 16]).is_ok() {
                sent += 1 << 16;
            }
            sent
        });
        // It is full by the time that this is idle; until then what comes is shown.
        for line in [&b"one\n"[..], b"two\n", b"three\n"] {
            peer.send_all(line).unwrap();
            ours.expect(line);
        }
        assert_eq!(ours.code(), 4, "{}", place.target);
        assert!(flood.join().unwrap() < 64 << 20);
    }
}

#[test]
fn an_output_that_nobody_reads_holds_up_nothing_but_itself() {
    for place in Place::both() {
        let (read, write) = std::io::pipe().unwrap();
        let (mut ours, peer) = place.given(Stdio::piped(), write);
        let flooded = peer.duplicate().unwrap();
        let flood = std::thread::spawn(move || while flooded.send_all(&[7; 1 << 16]).is_ok() {});
        ours.send(&data());
        let mut got = vec![0; data().len()];
        let mut at = 0;
        while at < got.len() {
            at += peer.recv(&mut got[at..]).unwrap();
        }
        assert!(got == data());
        // Whoever read it has had enough: that is success, and the end of both directions.
        drop(read);
        assert_eq!(ours.code(), 0, "{}", place.target);
        flood.join().unwrap();
    }
}

#[test]
fn an_input_that_is_no_input_says_so() {
    let place = Place::tcp();
    let (mut ours, peer) = place.given(File::open("/").unwrap(), Stdio::piped());
    assert_eq!(rest(&peer), b"");
    assert_eq!(ours.code(), 1);
    let said = ours.rest_of_stderr();
    assert!(
        said.contains("the input cannot be read: is a directory"),
        "{said}"
    );
}

#[test]
fn an_input_that_is_not_open_for_reading_is_no_connection_that_was_lost() {
    let place = Place::tcp();
    let file = tempfile::NamedTempFile::new().unwrap();
    let for_writing = File::options().write(true).open(file.path()).unwrap();
    let (mut ours, peer) = place.given(for_writing, Stdio::piped());
    assert_eq!(rest(&peer), b"");
    assert_eq!(ours.code(), 1);
    let said = ours.rest_of_stderr();
    assert!(said.contains("the input cannot be read: "), "{said}");
}

#[test]
fn an_output_that_is_full_says_so() {
    let place = Place::tcp();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (mut ours, peer) = place.given(Stdio::piped(), full);
    peer.send_all(b"more than it holds").unwrap();
    assert_eq!(ours.code(), 1);
    let said = ours.rest_of_stderr();
    assert!(said.contains("the output cannot be written: "), "{said}");
}

#[test]
fn an_input_that_is_nothing_ends_at_once() {
    for place in Place::both() {
        let (mut ours, peer) = place.given(Stdio::null(), Stdio::piped());
        assert_eq!(rest(&peer), b"");
        drop(peer);
        assert_eq!(ours.code(), 0);

        let (mut ours, peer) = place.shell("exec \"$0\" connect \"$1\" <&-", &[]);
        assert_eq!(rest(&peer), b"");
        peer.send_all(b"shown").unwrap();
        drop(peer);
        assert_eq!((ours.rest(), ours.code()), (b"shown".to_vec(), 0));
    }
}

/// A file from where it stands, into a file; whoever shares it goes on where we ended.
#[test]
fn files_are_sent_and_written_from_where_they_stand() {
    for place in Place::both() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, [b"skipped\n".to_vec(), data()].concat()).unwrap();
        let line = "{ read -r line; \"$0\" connect \"$1\"; wc -c; } < \"$2\" >> \"$3\"";
        let (mut ours, peer) = place.shell(line, &[from.to_str().unwrap(), to.to_str().unwrap()]);
        assert!(rest(&peer) == data());
        peer.send_all(&data()).unwrap();
        drop(peer);
        assert_eq!(ours.code(), 0);
        let written = std::fs::read(&to).unwrap();
        assert!(written == [data(), b"0\n".to_vec()].concat());
    }
}

/// An inherited socket as both stdin and stdout, as inetd and a `socat` that runs a program give it.
#[test]
fn a_socket_as_stdin_and_stdout() {
    let place = Place::tcp();
    let (ours, far) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let (input, output) = (ours.duplicate().unwrap().detach(), ours.detach());
    let (mut talker, peer) = place.given(input, output);
    far.set_timeout(PATIENCE).unwrap();
    far.send_all(&data()).unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&peer) == data());
    peer.send_all(&data()).unwrap();
    drop(peer);
    assert!(rest(&far) == data());
    assert_eq!(talker.code(), 0);
}

/// Over TLS, where an end is an alert: the orders of full, seen from both ends; resets and cuts are in `tls.rs`.
#[test]
fn full_over_tls_whoever_is_first() {
    for first in ["client", "server", "together"] {
        let mut server = Talker::start(&["listen", "tls://127.0.0.1:0"]);
        let invitation = server.expect_stderr("connect by: landline connect ");
        let words: Vec<&str> = invitation.split(' ').skip(3).collect();
        let mut client = Talker::start(&words);
        let (one, other) = match first {
            "server" => (&mut server, &mut client),
            _ => (&mut client, &mut server),
        };
        one.send(&data());
        if first == "together" {
            other.send(&data());
            one.finish();
            other.finish();
            assert!(other.rest() == data());
        } else {
            one.finish();
            // Closed while the other's stdin is still open.
            assert!(other.rest() == data(), "{first}");
            other.send(&data());
            other.finish();
        }
        assert!(one.rest() == data(), "{first}");
        assert_eq!((one.code(), other.code()), (0, 0), "{first}");
    }
}
