//! `makefile`: modes, lines, closing, and what a timeout leaves.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use landline_socket::{
    Buffering, Cause, FileOptions, Shutdown, Socket, SocketFile, SocketReader, SocketWriter,
    Timeout,
};

use crate::{tcp_pair, unix_pair};

const SHORT: Duration = Duration::from_millis(20);

fn buffered(buffering: Buffering) -> FileOptions {
    FileOptions {
        buffering,
        ..FileOptions::default()
    }
}

const MODES: [Buffering; 4] = [
    Buffering::Unbuffered,
    Buffering::Bytes(1),
    Buffering::Bytes(7),
    Buffering::Line,
];

/// What is there now.
fn arrived(socket: &Socket) -> Vec<u8> {
    socket.set_timeout(Timeout::Zero).unwrap();
    let mut all = Vec::new();
    let mut buffer = [0; 65_536];
    while let Ok(received @ 1..) = socket.recv(&mut buffer) {
        all.extend_from_slice(&buffer[..received]);
    }
    all
}

fn fill(socket: &Socket) {
    socket.set_timeout(Timeout::Zero).unwrap();
    while socket.send(&[b'.'; 4096]).is_ok() {}
}

#[test]
fn lines_bytes_and_the_rest_come_in_every_mode() {
    for mode in MODES {
        let (one, other) = unix_pair();
        other.send_all(b"one\r\ntwo\n\nraw:12345tail").unwrap();
        other.shutdown(Shutdown::Write).unwrap();
        let mut file = SocketReader::new(&one, buffered(mode));
        let mut line = String::new();
        assert_eq!(file.read_line(&mut line).unwrap(), 5, "{mode:?}");
        assert_eq!(file.read_line(&mut line).unwrap(), 4);
        assert_eq!(line, "one\r\ntwo\n", "appended, ends included");
        let mut bytes = Vec::new();
        assert_eq!(file.read_until(b'\n', &mut bytes).unwrap(), 1);
        assert_eq!(file.read_until(b':', &mut bytes).unwrap(), 4);
        assert_eq!(bytes, b"\nraw:");
        let mut exact = [0; 5];
        file.read_exact(&mut exact).unwrap();
        assert_eq!(&exact, b"12345");
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "tail");
        assert_eq!(
            file.read_line(&mut line).unwrap(),
            0,
            "the end stays the end"
        );
    }
}

#[test]
fn unbuffered_takes_no_more_than_it_was_asked_for() {
    let (one, other) = unix_pair();
    other.send_all(b"line\nabcdef").unwrap();
    let mut file = SocketReader::new(&one, buffered(Buffering::Unbuffered));
    file.read_line(&mut String::new()).unwrap();
    file.read_exact(&mut [0; 2]).unwrap();
    assert_eq!(arrived(&one), b"cdef");

    let mut eager = SocketReader::new(&one, FileOptions::default());
    one.set_timeout(Timeout::Never).unwrap();
    other.send_all(b"line\nabcdef").unwrap();
    eager.read_line(&mut String::new()).unwrap();
    assert_eq!(eager.buffered(), b"abcdef");
    assert_eq!(arrived(&one), b"");
}

#[test]
fn a_line_ends_at_its_end_alone_and_text_must_be_text() {
    let (one, other) = unix_pair();
    other.send_all(b"a\rb\r\n\xff\xfe\nfine\n").unwrap();
    other.close().unwrap();
    let mut lines = SocketReader::new(&one, FileOptions::default()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "a\rb");
    let error = lines.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(lines.next().unwrap().unwrap(), "fine");
    assert!(lines.next().is_none());
}

#[test]
fn a_line_has_a_limit_however_it_is_read() {
    let options = FileOptions {
        buffering: Buffering::Bytes(16),
        line_max_bytes: 100,
    };
    let (one, other) = unix_pair();
    let whole = [[b'x'; 99].as_slice(), b"\n"].concat();
    other.send_all(&whole).unwrap();
    other.send_all(&[b'y'; 101]).unwrap();
    other.send_all(b"\nnext\n").unwrap();
    let mut file = SocketReader::new(&one, options);
    let mut line = Vec::new();
    assert_eq!(file.read_until(b'\n', &mut line).unwrap(), 100);
    let error = file.read_until(b'\n', &mut line).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(error.to_string(), "a line is longer than 100 bytes");
    // The lines are over: neither the rest of it nor what follows passes for one.
    assert_eq!(file.read_until(b'\n', &mut line).unwrap(), 0);
    assert_eq!(file.read_line(&mut String::new()).unwrap(), 0);
    assert!(file.by_ref().lines().next().is_none());
    assert!(file.by_ref().split(b'\n').next().is_none());
    assert_eq!(line, whole, "nothing of it was given out");
    // The bytes are not.
    let mut rest = vec![0; 107];
    file.read_exact(&mut rest).unwrap();
    assert_eq!(rest, [[b'y'; 101].as_slice(), b"\nnext\n"].concat());
    other.send_all(b"later\n").unwrap();
    assert_eq!(file.read_line(&mut String::new()).unwrap(), 0);
    file.read_exact(&mut rest[..6]).unwrap();
    assert_eq!(&rest[..6], b"later\n");
}

#[test]
fn a_line_that_is_too_long_is_told_by_each_call() {
    type Call = fn(&mut SocketReader<&Socket>) -> io::Result<usize>;
    let calls: [Call; 4] = [
        |file| file.read_until(b'\n', &mut Vec::new()),
        |file| file.read_line(&mut String::new()),
        |file| file.lines().next().unwrap().map(|line| line.len()),
        |file| file.split(b'\n').next().unwrap().map(|line| line.len()),
    ];
    for call in calls {
        let (one, other) = unix_pair();
        other.send_all(b"four\n").unwrap();
        let options = FileOptions {
            line_max_bytes: 4,
            ..FileOptions::default()
        };
        let error = call(&mut SocketReader::new(&one, options)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(error.to_string(), "a line is longer than 4 bytes");
    }
}

#[test]
fn a_loop_that_skips_lines_in_error_ends_at_one_that_is_too_long() {
    let options = FileOptions {
        line_max_bytes: 100,
        ..FileOptions::default()
    };
    let (one, other) = unix_pair();
    one.set_timeout(Duration::from_secs(5)).unwrap();
    other.send_all(b"first\n\xff\nsecond\n").unwrap();
    // It stays connected: the end of the stream is not what ends the loop.
    other.send_all(&[b'x'; 101]).unwrap();
    let reader = SocketReader::new(&one, options);
    let (mut turns, mut good) = (0, Vec::new());
    for l in reader.lines() {
        turns += 1;
        assert!(turns <= 4, "it spins");
        let Ok(l) = l else { continue };
        good.push(l);
    }
    assert_eq!(
        (turns, good.as_slice()),
        (4, ["first", "second"].map(String::from).as_slice())
    );
}

#[test]
fn after_a_timeout_a_reader_refuses_and_the_socket_does_not() {
    for mode in MODES {
        let (one, other) = unix_pair();
        one.set_timeout(SHORT).unwrap();
        let mut file = SocketFile::new(&one, buffered(mode));
        other.send(b"par").unwrap();
        let error = file.read_line(&mut String::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{mode:?}");
        other.send(b"tial\n").unwrap();
        for outcome in [
            file.read_line(&mut String::new()),
            file.read_until(b'\n', &mut Vec::new()),
            file.read(&mut [0; 2]),
            file.read(&mut [0; 64]),
            file.fill_buf().map(<[u8]>::len),
        ] {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Other);
            assert_eq!(error.to_string(), "cannot read from a file that timed out");
        }
        // As in Python: the other half, a new file, and the socket go on.
        file.write_all(b"x").unwrap();
        file.flush().unwrap();
        assert_eq!(arrived(&other), b"x");
        let mut line = String::new();
        one.make_file().read_line(&mut line).unwrap();
        assert_eq!(line, "tial\n");
    }
}

#[test]
fn each_receive_has_the_whole_timeout() {
    let (one, other) = unix_pair();
    one.set_timeout(SHORT * 4).unwrap();
    let writer = thread::spawn(move || {
        let (clock, _open) = unix_pair();
        clock.set_timeout(SHORT * 2).unwrap();
        for byte in b"abc\n" {
            clock.recv(&mut [0]).unwrap_err();
            other.send(&[*byte]).unwrap();
        }
    });
    let mut line = String::new();
    let start = std::time::Instant::now();
    match one.make_file().read_line(&mut line) {
        Ok(_) => assert_eq!(line, "abc\n"),
        // Only a machine that stands still makes one byte so late.
        Err(error) => assert!(start.elapsed() >= SHORT * 4, "{error}"),
    }
    writer.join().unwrap();
}

#[test]
fn with_a_timeout_of_zero_a_line_comes_whole_or_not_yet() {
    let (one, other) = unix_pair();
    one.set_timeout(Timeout::Zero).unwrap();
    let mut file = one.make_file();
    let mut line = String::new();
    for part in [b"".as_slice(), b"half", b" of it"] {
        other.send_all(part).unwrap();
        let error = file.read_line(&mut line).unwrap_err();
        assert_eq!((error.kind(), line.as_str()), (ErrorKind::WouldBlock, ""));
    }
    other.send(b"\n").unwrap();
    file.read_line(&mut line).unwrap();
    assert_eq!(line, "half of it\n");
}

#[test]
fn writes_wait_as_long_as_the_mode_says() {
    let cases: [(Buffering, &[(&str, &str)]); 4] = [
        (Buffering::Unbuffered, &[("ab", "ab"), ("\n", "\n")]),
        // What fits waits; what does not goes at once, and what waited with it.
        (
            Buffering::Bytes(4),
            &[("ab", ""), ("cd", ""), ("e", "abcde"), ("fghij", "fghij")],
        ),
        (
            Buffering::Line,
            &[("ab", ""), ("c\nd", "abc\n"), ("e", ""), ("\n", "de\n")],
        ),
        (Buffering::Bytes(8192), &[("ab\n", ""), ("c", "")]),
    ];
    for (mode, steps) in cases {
        let (one, other) = unix_pair();
        let mut file = SocketWriter::new(&one, buffered(mode));
        let mut sent = 0;
        for (written, seen) in steps {
            file.write_all(written.as_bytes()).unwrap();
            assert_eq!(arrived(&other), seen.as_bytes(), "{mode:?} {written:?}");
            sent += seen.len() as u64;
            assert_eq!(file.sent(), sent);
        }
        let waiting = file.buffered().to_vec();
        file.close().unwrap();
        assert_eq!(arrived(&other), waiting);
    }
}

#[test]
fn a_write_that_times_out_loses_nothing_and_says_how_much_went() {
    let (one, other) = tcp_pair();
    one.set_timeout(SHORT).unwrap();
    let mut file = SocketWriter::new(&one, FileOptions::default());
    let data: Vec<u8> = (0..32_u32 << 20).map(|at| (at % 251) as u8).collect();
    let error = file.write_all(&data).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let taken = usize::try_from(file.sent()).unwrap() + file.buffered().len();
    assert!(0 < taken && taken < data.len(), "{taken}");

    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        (&other).read_to_end(&mut all).map(|_| all)
    });
    one.set_timeout(Duration::from_secs(60)).unwrap();
    file.write_all(&data[taken..]).unwrap();
    file.close().unwrap();
    drop(one);
    assert!(reader.join().unwrap().unwrap() == data);
}

#[test]
fn what_waited_when_a_send_failed_still_waits() {
    let (one, other) = unix_pair();
    fill(&one);
    let mut file = SocketWriter::new(&one, buffered(Buffering::Bytes(4)));
    file.write_all(b"keep").unwrap();
    let error = file.write(b"refused").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!((file.buffered(), file.sent()), (b"keep".as_slice(), 0));
    arrived(&other);
    file.flush().unwrap();
    assert_eq!(arrived(&other), b"keep");
}

#[test]
fn the_connection_is_open_until_the_socket_and_its_files_are_gone() {
    let (one, other) = unix_pair();
    let one = Arc::new(one);
    let SocketFile {
        mut reader,
        mut writer,
    } = SocketFile::new(Arc::clone(&one), FileOptions::default());
    drop(one);
    other.send_all(b"still here\n").unwrap();
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "still here\n");
    drop(reader);
    writer.write_all(b"and I").unwrap();
    writer.close().unwrap();
    let mut rest = String::new();
    other.make_file().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "and I", "flushed, then closed");
}

#[test]
fn dropping_sends_what_waits_and_closing_says_what_became_of_it() {
    let (one, other) = unix_pair();
    one.make_file().write_all(b"dropped").unwrap();
    assert_eq!(arrived(&other), b"dropped");

    let mut file = one.make_file();
    file.write_all(b"lost").unwrap();
    drop(other);
    let error = file.close().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn dropping_does_not_wait_again_nor_send_half_a_message_of_a_panic() {
    let (one, other) = unix_pair();
    fill(&one);
    one.set_timeout(SHORT).unwrap();
    let mut file = one.make_file();
    file.write_all(b"late").unwrap();
    let error = file.flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    // Were it to try again, there would be no end to it.
    one.set_timeout(Timeout::Never).unwrap();
    drop(file);

    let dots = arrived(&other);
    assert!(dots.iter().all(|byte| *byte == b'.'));
    let panicked = thread::spawn(move || {
        let mut file = SocketWriter::new(one, FileOptions::default());
        file.write_all(b"half a mess").unwrap();
        // Quiet: no hook prints this.
        std::panic::resume_unwind(Box::new(()));
    });
    panicked.join().unwrap_err();
    assert_eq!(arrived(&other), b"");
}

#[test]
fn a_socket_is_a_stream_of_the_standard_library() {
    let (one, other) = unix_pair();
    let writer = thread::spawn(move || {
        (&one).write_all(&[7; 1 << 20]).unwrap();
        write!(&one, "{}", 8).unwrap();
        io::copy(&mut b"tail".as_slice(), &mut { one }).unwrap()
    });
    let mut all = Vec::new();
    (&other).read_to_end(&mut all).unwrap();
    assert_eq!(writer.join().unwrap(), 4);
    assert_eq!(
        (all.len(), &all[1 << 20..]),
        ((1 << 20) + 5, b"8tail".as_slice())
    );

    let (one, _other) = unix_pair();
    one.set_timeout(SHORT).unwrap();
    let error = (&one).read(&mut [0]).unwrap_err();
    let inside = error
        .get_ref()
        .unwrap()
        .downcast_ref::<landline_socket::Error>();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(inside.unwrap().cause(), &Cause::TimedOut);
}

#[test]
fn an_absurd_size_is_no_panic() {
    let (one, other) = unix_pair();
    let options = FileOptions {
        buffering: Buffering::Bytes(usize::MAX),
        line_max_bytes: usize::MAX,
    };
    let mut file = SocketFile::new(&one, options);
    other.send_all(b"x\n").unwrap();
    let mut line = String::new();
    file.read_line(&mut line).unwrap();
    file.consume(usize::MAX);
    write!(file, "{line}").unwrap();
    file.close().unwrap();
    assert_eq!(arrived(&other), b"x\n");
}
