//! `connect` at a terminal: the real binary behind a pseudo-terminal, and a screen that shows what it wrote.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::talker::chunks;
use crate::up::PATIENCE;

/// A terminal with a program in it.
struct Seat {
    child: Child,
    keyboard: File,
    /// The program's end: held open, so that what it left behind can be seen.
    terminal: File,
    written: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// What it wrote to a stdout that is no terminal.
    stdout: Option<Receiver<Vec<u8>>>,
}

/// What of a program's stdin and stdout is the terminal.
#[derive(Clone, Copy, PartialEq)]
enum Wiring {
    Both,
    StdinAlone,
    StdoutAlone,
}

impl Seat {
    /// `landline connect` with a peer that is ours, in a terminal of 60 columns.
    #[track_caller]
    fn connect(arguments: &[&str]) -> (Self, TcpStream) {
        Self::wired(arguments, Wiring::Both, "xterm")
    }

    #[track_caller]
    fn wired(arguments: &[&str], wiring: Wiring, kind: &str) -> (Self, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let arguments = [&["connect", &address], arguments].concat();
        let mut seat = Self::start(&arguments, wiring, kind);
        let (peer, _) = listener.accept().unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        seat.until(|seen| seen.contains("connected: "));
        (seat, peer)
    }

    #[track_caller]
    fn start(arguments: &[&str], wiring: Wiring, kind: &str) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        tcsetwinsize(&keyboard, size(60)).unwrap();
        let path = ptsname(&keyboard, Vec::new()).unwrap();
        let terminal = File::options()
            .read(true)
            .write(true)
            .custom_flags(OpenptFlags::NOCTTY.bits().cast_signed())
            .open(OsStr::from_bytes(path.as_bytes()))
            .unwrap();
        let keyboard = File::from(keyboard);
        let its = || Stdio::from(terminal.try_clone().unwrap());
        let mut command = Command::new("setsid");
        if wiring != Wiring::StdoutAlone {
            // Its own terminal: so that Ctrl-C and a new size reach the program as signals.
            command.arg("--ctty");
        }
        let mut child = command
            .arg(env!("CARGO_BIN_EXE_landline"))
            .args(arguments)
            .env("TERM", kind)
            .env("NO_COLOR", "1")
            .stdin(if wiring == Wiring::StdoutAlone {
                Stdio::piped()
            } else {
                its()
            })
            .stdout(if wiring == Wiring::StdinAlone {
                Stdio::piped()
            } else {
                its()
            })
            .stderr(its())
            .spawn()
            .unwrap();
        Self {
            stdout: child.stdout.take().map(chunks),
            written: chunks(keyboard.try_clone().unwrap()),
            screen: vt100::Parser::new(cells(12), cells(60), 0),
            child,
            keyboard,
            terminal,
        }
    }

    #[track_caller]
    fn press(&mut self, keys: impl AsRef<[u8]>) {
        self.keyboard.write_all(keys.as_ref()).unwrap();
    }

    /// What stands on the screen, which leaves out U+FFFD; blanks at the ends of rows do not count.
    fn shown(&self) -> String {
        let rows = self.screen.screen().contents();
        let rows: Vec<&str> = rows.lines().map(str::trim_end).collect();
        rows.join("\n")
    }

    /// Waits until the screen shows what is wanted.
    #[track_caller]
    fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(&self.shown()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.written.recv_timeout(left) {
                Ok(chunk) => self.screen.process(&chunk),
                Err(_) => panic!("not this:\n{}", self.shown()),
            }
        }
        self.shown()
    }

    /// Waits until the last rows are these.
    #[track_caller]
    fn ends(&mut self, rows: &str) {
        // A program is not done with a row before the cursor stands in the last one.
        self.until(|shown| shown.ends_with(rows));
    }

    /// The column of the cursor, from 0.
    fn column(&self) -> u16 {
        self.screen.screen().cursor_position().1
    }

    /// Waits for its end: its exit code. The terminal is as it was.
    #[track_caller]
    fn code(&mut self) -> i32 {
        let process = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).unwrap();
        let mut ended = [PollFd::new(&process, PollFlags::IN)];
        let patience = Timespec::try_from(PATIENCE).unwrap();
        assert_eq!(
            poll(&mut ended, Some(&patience)),
            Ok(1),
            "it does not end:\n{}",
            self.shown()
        );
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG));
        // Everything it wrote is in the terminal by now.
        while let Ok(chunk) = self.written.recv_timeout(Duration::from_millis(20)) {
            self.screen.process(&chunk);
        }
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

fn size(columns: u16) -> Winsize {
    Winsize {
        ws_row: 12,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

/// Waits for these bytes from the program.
#[track_caller]
fn hear(peer: &mut TcpStream, bytes: &str) {
    let mut heard = vec![0; bytes.len()];
    peer.read_exact(&mut heard).unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), bytes);
}

/// Waits for the end of the program's side; nothing comes before it.
#[track_caller]
fn hear_the_end(peer: &mut TcpStream) {
    let mut rest = Vec::new();
    peer.read_to_end(&mut rest).unwrap();
    assert_eq!(String::from_utf8_lossy(&rest), "");
}

#[test]
fn a_typed_line_goes_and_quit_ends_our_side() {
    let (mut seat, mut peer) = Seat::connect(&[]);
    seat.press("hello\r");
    hear(&mut peer, "hello\n");
    peer.write_all(b"hello back\nquit\n").unwrap();
    seat.ends("> hello\nhello back\nquit\n>");
    seat.press("/over\rquit\r");
    hear(&mut peer, "/over\nquit\n");
    hear_the_end(&mut peer);
    peer.write_all(b"bye\n").unwrap();
    seat.until(|shown| shown.contains("> quit\nbye\n"));
    drop(peer);
    assert_eq!(seat.code(), 0);
    assert!(seat.shown().contains("bye\nended: "), "{}", seat.shown());
}

#[test]
fn ctrl_d_ends_our_side_on_an_empty_line_alone() {
    let (mut seat, mut peer) = Seat::connect(&[]);
    seat.press("ab\x01\x04\r\x04");
    hear(&mut peer, "b\n");
    hear_the_end(&mut peer);
    peer.write_all(b"and we go on\n").unwrap();
    seat.until(|shown| shown.contains("> b\nand we go on"));
    drop(peer);
    assert_eq!(seat.code(), 0);
}

#[test]
fn the_peers_end_ends() {
    let (mut seat, peer) = Seat::connect(&[]);
    seat.press("not sent");
    seat.ends("> not sent");
    drop(peer);
    assert_eq!(seat.code(), 0);
}

#[test]
fn an_interruption_leaves_the_terminal_as_it_was() {
    let (mut seat, _peer) = Seat::connect(&[]);
    seat.press("half a li\x03");
    assert_eq!(seat.code(), 130);
    let (mut seat, _peer) = Seat::connect(&[]);
    kill_process(Pid::from_child(&seat.child), Signal::TERM).unwrap();
    assert_eq!(seat.code(), 130);
}

#[test]
fn what_comes_stands_above_the_line_being_typed() {
    let (mut seat, mut peer) = Seat::connect(&[]);
    seat.press("hällo 世界\x1b[D");
    seat.ends("> hällo 世界");
    peer.write_all(b"one\ntwo\n").unwrap();
    seat.ends("one\ntwo\n> hällo 世界");
    assert_eq!(
        seat.column(),
        10,
        "before the last character, which is two cells wide"
    );
    seat.press("X\r");
    hear(&mut peer, "hällo 世X界\n");
    seat.press("\x1b[A");
    seat.ends("> hällo 世X界\n> hällo 世X界");
}

#[test]
fn a_line_that_has_not_ended_stands_before_what_is_typed() {
    let (mut seat, mut peer) = Seat::connect(&[]);
    peer.write_all("caf\u{e9}: log".as_bytes().split_at(4).0)
        .unwrap();
    seat.press("m");
    seat.ends("cafm");
    peer.write_all(b"\xa9: log").unwrap();
    seat.ends("café: logm");
    peer.write_all(b"in? ").unwrap();
    seat.ends("café: login? m");
    seat.press("e\r");
    hear(&mut peer, "me\n");
    peer.write_all(b"welcome\n").unwrap();
    seat.ends("café: login? me\nwelcome\n>");
}

#[test]
fn nothing_that_comes_acts_on_the_terminal() {
    let (mut seat, mut peer) = Seat::connect(&[]);
    seat.press("mine");
    peer.write_all(b"a\x1b[2Jb\x1b]0;title\x07c\rd\x9b1m\xc2\x9bz\x08\n\x1b[")
        .unwrap();
    seat.ends("a[2Jb]0;titlecd1mz\n[mine");
    peer.write_all(b"2J\n").unwrap();
    seat.ends("\n[2J\n> mine");
}

#[test]
fn the_prompt_shows_whose_turn_it_is() {
    let (mut seat, mut peer) = Seat::connect(&["--half"]);
    seat.ends("\nyou>");
    seat.press("first\r");
    hear(&mut peer, "first\n");
    seat.ends("you> first\npeer>");
    seat.press("second\rthird\r");
    seat.ends("held> second\nheld> third\npeer>");
    peer.write_all(b"an answer\n").unwrap();
    hear(&mut peer, "second\n");
    seat.ends("an answer\nyou> second\npeer>");
    // No newline, and then nothing for a tenth of a second.
    peer.write_all(b"ok").unwrap();
    hear(&mut peer, "third\n");
    seat.press("/take\r");
    seat.ends("you>");
    peer.write_all(b"out of turn\n").unwrap();
    seat.ends("out of turn\nyou>");
    seat.press("/over\r");
    hear(&mut peer, "\n");
    seat.ends("peer>");
    peer.write_all(b"go\n").unwrap();
    seat.ends("go\nyou>");
    seat.press("quit\r");
    hear(&mut peer, "quit\n");
    // The end needs no turn of its own: nobody has to answer.
    hear_the_end(&mut peer);
    drop(peer);
    assert_eq!(seat.code(), 0);
}

#[test]
fn who_leaves_waits_for_nobodys_turn() {
    let (mut seat, mut peer) = Seat::connect(&["--half"]);
    seat.press("one\r");
    hear(&mut peer, "one\n");
    seat.ends("peer>");
    seat.press("two\rquit\r");
    hear(&mut peer, "two\nquit\n");
    hear_the_end(&mut peer);
    drop(peer);
    assert_eq!(seat.code(), 0);
}

#[test]
fn a_peer_that_ends_in_its_turn_leaves_lines_unsent_and_it_is_said() {
    let (mut seat, mut peer) = Seat::connect(&["--half"]);
    seat.press("one\r");
    hear(&mut peer, "one\n");
    seat.press("two\r");
    seat.ends("held> two\npeer>");
    drop(peer);
    assert_eq!(seat.code(), 3);
    let shown = seat.shown();
    assert!(
        shown.contains("a line still waited for our turn"),
        "{shown}"
    );
}

#[test]
fn a_dump_stands_in_the_place_of_what_comes() {
    let (mut seat, mut peer) = Seat::connect(&["--hex"]);
    peer.write_all(b"\x1b[2J").unwrap();
    // The row is wider than the terminal.
    seat.until(|shown| shown.contains("< 00000000: 1b5b 324a "));
    seat.press("ok\r");
    hear(&mut peer, "ok\n");
    seat.until(|shown| shown.contains("> ok\n") && shown.contains("> 00000000: 6f6b 0a "));
    assert!(!seat.shown().contains("\n[2J"), "{}", seat.shown());
}

#[test]
fn a_new_size_draws_the_line_anew() {
    let (mut seat, mut peer) = Seat::connect(&[]);
    let long = "0123456789".repeat(5);
    seat.press(&long);
    seat.ends(&format!("> {long}"));
    tcsetwinsize(&seat.keyboard, size(30)).unwrap();
    // What fits beside the cursor, and a cell for it: the line's end.
    seat.until(|shown| shown.ends_with(&format!("> {}", &long[long.len() - 26..])));
    peer.write_all(b"still here\n").unwrap();
    seat.until(|shown| shown.contains("still here\n> "));
    seat.press("\r");
    hear(&mut peer, &format!("{long}\n"));
}

#[test]
fn a_pipe_at_stdout_gets_what_comes_as_it_is() {
    let (mut seat, mut peer) = Seat::wired(&[], Wiring::StdinAlone, "xterm");
    // The kernel edits: so a line leaves at its end, and Ctrl-D is its own.
    seat.press("hellp\x7fo\n");
    hear(&mut peer, "hello\n");
    peer.write_all(b"\x1b[2J\xff no newline").unwrap();
    seat.press("\x04");
    hear_the_end(&mut peer);
    drop(peer);
    assert_eq!(seat.code(), 0);
    let stdout: Vec<u8> = seat.stdout.take().unwrap().iter().flatten().collect();
    assert_eq!(stdout, b"\x1b[2J\xff no newline");
}

#[test]
fn a_terminal_at_stdout_alone_is_as_safe() {
    let (mut seat, mut peer) = Seat::wired(&[], Wiring::StdoutAlone, "xterm");
    let mut stdin = seat.child.stdin.take().unwrap();
    stdin.write_all(b"\x00 from a pipe").unwrap();
    drop(stdin);
    hear(&mut peer, "\0 from a pipe");
    hear_the_end(&mut peer);
    peer.write_all(b"a\x1b[2Jb\n").unwrap();
    drop(peer);
    seat.until(|shown| shown.contains("a[2Jb"));
    assert_eq!(seat.code(), 0);
}

#[test]
fn a_terminal_without_a_cursor_has_the_kernels_lines() {
    let (mut seat, mut peer) = Seat::wired(&["--half"], Wiring::Both, "dumb");
    seat.until(|shown| shown.contains("your turn"));
    seat.press("hello\n");
    hear(&mut peer, "hello\n");
    peer.write_all(b"hi\x1b[2J\n").unwrap();
    seat.until(|shown| shown.contains("hi[2J"));
    seat.press("quit\n");
    hear(&mut peer, "quit\n");
    drop(peer);
    assert_eq!(seat.code(), 0);
}
