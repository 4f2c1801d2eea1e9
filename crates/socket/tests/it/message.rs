//! Messages: pieces, flags, and descriptors that arrive once, are owned, and never leak.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut, Read as _, Seek as _, Write as _};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{
    Ancillary, Cause, Error, Family, Kind, Level, Message, MsgFlags, Protocol, SendAncillary,
    Socket, SocketOption, Timeout, ancillary_length, ancillary_space,
};
use rustix::io::{Errno, FdFlags, fcntl_getfd};

use crate::{tcp_pair, unix_pair};

const NONE: MsgFlags = MsgFlags::NONE;

/// How many descriptors of this process are of this file. Other tests open others at the same time.
pub(crate) fn open_of(file: &File) -> usize {
    let file = file.metadata().unwrap();
    let all = std::fs::read_dir("/proc/self/fd").unwrap();
    all.filter_map(|entry| std::fs::metadata(entry.unwrap().path()).ok())
        .filter(|one| (one.dev(), one.ino()) == (file.dev(), file.ino()))
        .count()
}

/// A file that nobody else has open.
pub(crate) fn own_file(text: &str) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

pub(crate) fn pair_of(kind: Kind) -> (Socket, Socket) {
    Socket::pair(Family::UNIX, kind, Protocol::DEFAULT).unwrap()
}

fn rights(message: &Message) -> &[OwnedFd] {
    match &message.ancillary[..] {
        [Ancillary::Rights(descriptors)] => descriptors,
        [] => &[],
        others => panic!("{others:?}"),
    }
}

#[track_caller]
fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>, word: &str) {
    let error = outcome.unwrap_err();
    assert!(
        matches!(error.cause(), Cause::Invalid(why) if why.contains(word)),
        "{error}"
    );
}

#[test]
fn pieces_leave_together_and_fill_buffers_one_after_the_other() {
    for (one, other) in [
        tcp_pair(),
        unix_pair(),
        pair_of(Kind::DGRAM),
        pair_of(Kind::SEQPACKET),
    ] {
        let pieces = [&b"one"[..], b"", b"two", b"three"].map(IoSlice::new);
        assert_eq!(one.send_msg(&pieces, &[], NONE, None).unwrap(), 11);
        let (mut first, mut second) = ([0; 4], [0; 16]);
        let mut buffers = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        let message = other.recv_msg_into(&mut buffers, 0, NONE).unwrap();
        assert_eq!(message.bytes, 11);
        assert_eq!((&first[..], &second[..7]), (&b"onet"[..], &b"wothree"[..]));
        assert!(message.address.is_none() && message.ancillary.is_empty());
        assert!(!message.is_truncated() && !message.is_ancillary_truncated());
    }
}

#[test]
fn a_datagram_has_its_sender_and_says_when_it_was_cut() {
    let socket = || {
        let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP).unwrap();
        socket.bind(&crate::any_port()).unwrap();
        socket
    };
    let (one, other) = (socket(), socket());
    let to = other.local_address().unwrap();
    one.send_msg(&[IoSlice::new(b"hello")], &[], NONE, Some(&to))
        .unwrap();
    let mut buffer = [0; 3];
    let message = other
        .recv_msg(&mut buffer, 0, MsgFlags::PEEK | MsgFlags::TRUNC)
        .unwrap();
    assert_eq!(
        (message.bytes, message.is_truncated()),
        (5, true),
        "the real length"
    );
    let message = other.recv_msg(&mut buffer, 0, NONE).unwrap();
    assert_eq!((message.bytes, message.is_truncated()), (3, true));
    assert_eq!(message.address, Some(one.local_address().unwrap()));
    assert_eq!(&buffer, b"hel");
}

#[test]
fn an_error_names_the_address_it_was_for() {
    let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP).unwrap();
    let to = "255.255.255.255:9"
        .parse::<std::net::SocketAddr>()
        .unwrap()
        .into();
    let error = socket
        .send_msg(&[IoSlice::new(b"x")], &[], NONE, Some(&to))
        .unwrap_err();
    // Without SO_BROADCAST; a machine without a route says so first.
    assert!(
        [Errno::ACCESS, Errno::NETUNREACH]
            .iter()
            .any(|errno| error.errno() == Some(errno.raw_os_error()))
    );
    assert!(
        error.to_string().starts_with("send to 255.255.255.255:9: "),
        "{error}"
    );
}

#[test]
fn descriptors_arrive_as_duplicates_that_no_exec_inherits() {
    for kind in [Kind::STREAM, Kind::DGRAM, Kind::SEQPACKET] {
        let (one, other) = pair_of(kind);
        let files = ["first", "second", "third"].map(own_file);
        let lent = [files[0].as_fd(), files[1].as_fd(), files[2].as_fd()];
        assert_eq!(one.send_descriptors(b"three files", &lent).unwrap(), 11);
        let mut buffer = [0; 64];
        let (bytes, descriptors, flags) = other.recv_descriptors(&mut buffer, 3).unwrap();
        assert_eq!(&buffer[..bytes], b"three files");
        assert!(!flags.contains(MsgFlags::CTRUNC));
        assert_eq!(descriptors.len(), 3);
        for (descriptor, text) in descriptors.into_iter().zip(["first", "second", "third"]) {
            assert_eq!(fcntl_getfd(&descriptor).unwrap(), FdFlags::CLOEXEC);
            let mut file = File::from(descriptor);
            file.rewind().unwrap();
            let mut read = String::new();
            file.read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
        for file in &files {
            assert_eq!(open_of(file), 1);
        }
    }
}

#[test]
fn whatever_room_there_is_none_leaks() {
    const SENT: usize = 5;
    let file = own_file("");
    let lent = [file.as_fd(); SENT];
    for kind in [Kind::STREAM, Kind::DGRAM] {
        let (one, other) = pair_of(kind);
        for room in 0..=ancillary_space(SENT * 4) + 9 {
            one.send_descriptors(b"x", &lent).unwrap();
            let message = other.recv_msg(&mut [0; 8], room, NONE).unwrap();
            let fitting = (room.saturating_sub(ancillary_length(0)) / 4).min(SENT);
            assert_eq!(rights(&message).len(), fitting, "room for {room} bytes");
            assert_eq!(message.is_ancillary_truncated(), fitting < SENT);
            assert_eq!(open_of(&file), 1 + fitting);
            drop(message);
            assert_eq!(open_of(&file), 1);
        }
        // Who does not ask for any gets none.
        one.send_descriptors(b"x", &lent).unwrap();
        other.recv(&mut [0; 8]).unwrap();
        assert_eq!(open_of(&file), 1);
        // Just as many as are asked for, where C's macro would let one more in.
        one.send_descriptors(b"x", &lent).unwrap();
        let (_, descriptors, flags) = other.recv_descriptors(&mut [0; 8], 1).unwrap();
        assert_eq!(
            (descriptors.len(), flags.contains(MsgFlags::CTRUNC)),
            (1, true)
        );
        assert_eq!(open_of(&file), 2);
    }
}

#[test]
fn those_on_their_way_go_with_the_socket_and_those_peeked_are_more_duplicates() {
    let file = own_file("");
    let (one, other) = unix_pair();
    one.send_descriptors(b"x", &[file.as_fd()]).unwrap();
    let room = ancillary_space(4);
    let peeked = other.recv_msg(&mut [0; 8], room, MsgFlags::PEEK).unwrap();
    let taken = other.recv_msg(&mut [0; 8], room, NONE).unwrap();
    assert_ne!(
        rights(&peeked)[0].as_raw_fd(),
        rights(&taken)[0].as_raw_fd()
    );
    assert_eq!(open_of(&file), 3);
    drop((peeked, taken));
    one.send_descriptors(b"x", &[file.as_fd()]).unwrap();
    drop((one, other));
    assert_eq!(open_of(&file), 1);
}

#[test]
fn the_limits_of_a_message() {
    let file = own_file("");
    let (one, other) = unix_pair();
    let many: Vec<BorrowedFd<'_>> = vec![file.as_fd(); 254];
    assert_eq!(one.send_descriptors(b"x", &many[..253]).unwrap(), 1);
    let (_, descriptors, _) = other.recv_descriptors(&mut [0; 8], usize::MAX).unwrap();
    assert_eq!(descriptors.len(), 253);
    invalid(one.send_descriptors(b"x", &many), "253");
    let twice = [
        SendAncillary::Rights(&many[..200]),
        SendAncillary::Rights(&many[..54]),
    ];
    invalid(
        one.send_msg(&[IoSlice::new(b"x")], &twice, NONE, None),
        "253",
    );
    let other_way = SendAncillary::Other {
        level: Level::SOCKET.as_raw(),
        kind: 1,
        data: &[0; 4],
    };
    invalid(
        one.send_msg(&[IoSlice::new(b"x")], &[other_way], NONE, None),
        "Rights",
    );

    // None at all is a plain send, as in Python.
    assert_eq!(one.send_descriptors(b"plain", &[]).unwrap(), 5);
    let (bytes, descriptors, flags) = other.recv_descriptors(&mut [0; 8], 4).unwrap();
    assert_eq!(
        (bytes, descriptors.len(), flags.contains(MsgFlags::CTRUNC)),
        (5, 0, false)
    );

    // A stream carries them only with a byte; a datagram may be empty.
    invalid(one.send_descriptors(b"", &many[..1]), "byte");
    let (datagrams, receiver) = pair_of(Kind::DGRAM);
    assert_eq!(datagrams.send_descriptors(b"", &many[..1]).unwrap(), 0);
    assert_eq!(receiver.recv_descriptors(&mut [], 1).unwrap().1.len(), 1);

    // Where they would not arrive.
    let (tcp, _peer) = tcp_pair();
    invalid(tcp.send_descriptors(b"x", &many[..1]), "Unix");
    assert_eq!(tcp.send_descriptors(b"x", &[]).unwrap(), 1);
}

#[test]
fn a_receive_on_a_stream_ends_where_descriptors_came() {
    let file = own_file("");
    let (one, other) = unix_pair();
    one.send(b"before").unwrap();
    one.send_descriptors(b"with", &[file.as_fd()]).unwrap();
    one.send(b"after").unwrap();
    let mut buffer = [0; 64];
    let mut received = Vec::new();
    while received.iter().map(|(bytes, _)| *bytes).sum::<usize>() < 15 {
        let (bytes, descriptors, _) = other.recv_descriptors(&mut buffer, 4).unwrap();
        received.push((bytes, descriptors.len()));
    }
    // Never descriptors with bytes that were sent after theirs.
    assert_eq!(received, [(10, 1), (5, 0)]);
}

#[test]
fn a_send_in_part_has_sent_the_descriptors_once() {
    let file = own_file("");
    let (one, other) = unix_pair();
    one.set_timeout(Timeout::Zero).unwrap();
    let data: Vec<u8> = (0..4_000_000u32).map(|n| (n % 251) as u8).collect();
    let sent = one.send_descriptors(&data, &[file.as_fd()]).unwrap();
    assert!(0 < sent && sent < data.len(), "{sent}");
    one.set_timeout(Duration::from_secs(20)).unwrap();
    other.set_timeout(Duration::from_secs(20)).unwrap();
    let (mut all, mut arrived) = (Vec::new(), 0);
    thread::scope(|scope| {
        // What the documentation says: the rest goes alone.
        scope.spawn(|| one.send_all(&data[sent..]).unwrap());
        let mut buffer = vec![0; 100_000];
        while all.len() < data.len() {
            let (bytes, descriptors, _) = other.recv_descriptors(&mut buffer, 8).unwrap();
            all.extend_from_slice(&buffer[..bytes]);
            arrived += descriptors.len();
        }
    });
    assert!(all == data);
    assert_eq!(arrived, 1);
    assert_eq!(open_of(&file), 1);
}

#[test]
fn a_deadline_bounds_each_call() {
    let (one, other) = unix_pair();
    let time = Duration::from_millis(30);
    other.set_timeout(time).unwrap();
    let begin = Instant::now();
    let error = other.recv_msg(&mut [0; 8], 64, NONE).unwrap_err();
    assert_eq!(error.to_string(), "receive: timed out");
    assert!(begin.elapsed() >= time && begin.elapsed() < Duration::from_secs(2));

    let agains = |outcome: Result<Message, Error>| {
        assert_eq!(
            outcome.unwrap_err().errno(),
            Some(Errno::AGAIN.raw_os_error())
        );
    };
    agains(other.recv_msg(&mut [0; 8], 64, MsgFlags::DONTWAIT));
    other.set_timeout(None).unwrap();
    agains(other.recv_msg(&mut [0; 8], 64, MsgFlags::DONTWAIT));
    let udp = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP).unwrap();
    agains(udp.recv_msg(&mut [0; 8], 64, MsgFlags::ERRQUEUE));

    one.set_timeout(time).unwrap();
    let file = own_file("");
    let full = vec![0; 100_000];
    let error = loop {
        if let Err(error) = one.send_descriptors(&full, &[file.as_fd()]) {
            break error;
        }
    };
    assert_eq!(error.to_string(), "send: timed out");
}

#[test]
fn the_end_of_a_stream_is_a_message_of_no_bytes() {
    let (one, other) = unix_pair();
    drop(one);
    let message = other.recv_msg(&mut [0; 8], usize::MAX, NONE).unwrap();
    assert_eq!((message.bytes, message.ancillary.len()), (0, 0));
    let error = other
        .send_msg(&[IoSlice::new(b"x")], &[], NONE, None)
        .unwrap_err();
    assert_eq!(error.errno(), Some(Errno::PIPE.raw_os_error()));
}

#[test]
fn credentials_come_beside_descriptors() {
    let file = own_file("");
    let (one, other) = unix_pair();
    other.set_option(SocketOption::SO_PASSCRED, 1).unwrap();
    one.send_descriptors(b"x", &[file.as_fd()]).unwrap();
    let room = ancillary_space(12) + ancillary_space(4);
    let message = other.recv_msg(&mut [0; 8], room, NONE).unwrap();
    let [Ancillary::Credentials(who), Ancillary::Rights(descriptors)] = &message.ancillary[..]
    else {
        panic!("{message:?}");
    };
    assert_eq!(who.pid.cast_unsigned(), std::process::id());
    assert_eq!(
        (who.uid, descriptors.len()),
        (rustix::process::getuid().as_raw(), 1)
    );
}

/// What Python's own module makes of ours, and we of its.
const PEER: &str = r#"
import os, socket
s = socket.socket(fileno=0)
data, fds, flags, address = socket.recv_fds(s, 64, 4)
print(data, len(fds), flags & socket.MSG_CTRUNC, os.pread(fds[1], 64, 0), flush=True)
r, w = os.pipe()
os.write(w, b'a pipe of python')
socket.send_fds(s, [b'from ', b'python'], [r, w])
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.send(b'credentials, please')
data, ancillary, flags, address = s.recvmsg(64, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(8))
print(data, [(level, kind, len(data)) for level, kind, data in ancillary])
print([(socket.CMSG_LEN(n), socket.CMSG_SPACE(n)) for n in (0, 1, 4, 12, 1012)])
"#;

#[test]
fn python_understands_ours_and_we_understand_python_s() {
    let (here, there) = unix_pair();
    here.set_timeout(Duration::from_secs(10)).unwrap();
    let python = Command::new("python3")
        .args(["-c", PEER])
        .stdin(OwnedFd::from(there))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let files = [own_file("one"), own_file("two")];
    let lent = [files[0].as_fd(), files[1].as_fd()];
    here.send_descriptors(b"to python", &lent).unwrap();

    let mut buffer = [0; 64];
    let (bytes, descriptors, _) = here.recv_descriptors(&mut buffer, 2).unwrap();
    assert_eq!(&buffer[..bytes], b"from python");
    let mut pipe = File::from(descriptors.into_iter().next().unwrap());
    let read = pipe.read(&mut buffer).unwrap();
    assert_eq!(&buffer[..read], b"a pipe of python");

    let read = here.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..read], b"credentials, please");
    here.send_descriptors(b"both", &lent).unwrap();
    let said = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap();
    let sizes = [0, 1, 4, 12, 1012].map(|bytes| (ancillary_length(bytes), ancillary_space(bytes)));
    let expected = format!("b'to python' 2 0 b'two'\nb'both' [(1, 2, 12), (1, 1, 8)]\n{sizes:?}\n");
    assert_eq!(said, expected);
}

#[cfg(feature = "tokio")]
mod awaited {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use landline_socket::AsyncSocket;

    use super::*;

    fn awaited(pair: (Socket, Socket)) -> (AsyncSocket, AsyncSocket) {
        let (one, other) = pair;
        (
            AsyncSocket::from_socket(one).unwrap(),
            AsyncSocket::from_socket(other).unwrap(),
        )
    }

    #[tokio::test]
    async fn the_same_calls() {
        let file = own_file("");
        for pair in [unix_pair(), pair_of(Kind::DGRAM)] {
            let (one, other) = awaited(pair);
            let receive = async {
                let (mut first, mut second) = ([0; 4], [0; 16]);
                let mut buffers = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
                let message = other
                    .recv_msg_into(&mut buffers, ancillary_space(4), NONE)
                    .await
                    .unwrap();
                assert_eq!((message.bytes, rights(&message).len()), (6, 1));
                assert_eq!((&first, &second[..2]), (b"piec", &b"es"[..]));
                let (bytes, descriptors, _) = other.recv_descriptors(&mut [0; 8], 2).await.unwrap();
                assert_eq!((bytes, descriptors.len()), (1, 2));
            };
            let send = async {
                // Only once the receiver waits.
                tokio::task::yield_now().await;
                let lent = [file.as_fd(), file.as_fd()];
                let gift = [SendAncillary::Rights(&lent[..1])];
                let pieces = [&b"pie"[..], b"ces"].map(IoSlice::new);
                one.send_msg(&pieces, &gift, NONE, None).await.unwrap();
                tokio::task::yield_now().await;
                one.send_descriptors(b"x", &lent).await.unwrap();
            };
            tokio::join!(receive, send);
        }
        assert_eq!(open_of(&file), 1);
    }

    /// However often a receive is begun and dropped: every descriptor arrives with its byte, or is closed.
    #[tokio::test]
    async fn a_cancelled_receive_has_taken_nothing() {
        let file = own_file("");
        let (one, other) = awaited(unix_pair());
        let mut context = Context::from_waker(Waker::noop());
        for round in 0..50_u8 {
            {
                let mut buffer = [0; 8];
                let mut cancelled = pin!(other.recv_descriptors(&mut buffer, 4));
                assert!(cancelled.as_mut().poll(&mut context).is_pending());
                one.send_descriptors(&[round], &[file.as_fd()])
                    .await
                    .unwrap();
                if round % 2 == 0 {
                    // The runtime learns of it while the receive waits.
                    tokio::task::yield_now().await;
                }
            }
            let mut buffer = [0; 8];
            let (bytes, descriptors, _) = other.recv_descriptors(&mut buffer, 4).await.unwrap();
            assert_eq!((bytes, buffer[0], descriptors.len()), (1, round, 1));
        }
        assert_eq!(open_of(&file), 1);
    }

    #[tokio::test]
    async fn flags_that_forbid_to_wait_leave_the_readiness_alone() {
        let (one, other) = awaited(unix_pair());
        // Registered, and told that there is data.
        let mut buffer = [0; 8];
        let (received, _) = tokio::join!(other.recv(&mut buffer), one.send(b"first"));
        assert_eq!(received.unwrap(), 5);
        one.send(b"second").await.unwrap();
        other.readable().await.unwrap();
        for flags in [MsgFlags::PEEK, MsgFlags::PEEK | MsgFlags::DONTWAIT] {
            let message = other.recv_msg(&mut buffer, 0, flags).await.unwrap();
            assert_eq!(message.bytes, 6);
        }
        assert_eq!(
            other.recv_with(&mut buffer, MsgFlags::PEEK).await.unwrap(),
            6
        );
        let mut whole = Vec::with_capacity(64);
        assert_eq!(other.recv_into(&mut whole).await.unwrap(), 6);
        let again = other.recv_with(&mut buffer, MsgFlags::DONTWAIT).await;
        assert_eq!(
            again.unwrap_err().errno(),
            Some(Errno::AGAIN.raw_os_error())
        );
        one.send(b"third").await.unwrap();
        assert_eq!(other.recv_from_with(&mut buffer, NONE).await.unwrap().0, 5);
    }

    #[tokio::test]
    async fn an_empty_queue_of_errors_hides_no_data() {
        let socket = || {
            let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::UDP).unwrap();
            socket.bind(&crate::any_port()).unwrap();
            AsyncSocket::from_socket(socket).unwrap()
        };
        let (one, other) = (socket(), socket());
        let to = other.local_address().unwrap();
        let mut buffer = [0; 8];
        let (received, _) = tokio::join!(other.recv_from(&mut buffer), one.send_to(b"one", &to));
        assert_eq!(received.unwrap().0, 3);
        one.send_to_with(b"two", NONE, &to).await.unwrap();
        other.readable().await.unwrap();
        let queued = other.recv_msg(&mut buffer, 64, MsgFlags::ERRQUEUE).await;
        assert_eq!(
            queued.unwrap_err().errno(),
            Some(Errno::AGAIN.raw_os_error())
        );
        let mut whole = Vec::with_capacity(8);
        let (bytes, from) = other.recv_from_into(&mut whole).await.unwrap();
        assert_eq!((bytes, from), (3, one.local_address().unwrap()));
        assert_eq!(whole, b"two");
    }

    #[tokio::test]
    async fn connect_ex_gives_the_number() {
        let (_server, address) = crate::tcp_server();
        let socket = || AsyncSocket::from_socket(crate::tcp_socket()).unwrap();
        assert_eq!(socket().connect_ex(&address).await.unwrap(), 0);
        let held = crate::tcp_socket();
        held.bind(&crate::any_port()).unwrap();
        let refused = socket()
            .connect_ex(&held.local_address().unwrap())
            .await
            .unwrap();
        assert_eq!(refused, Errno::CONNREFUSED.raw_os_error());
    }
}

/// The data are lent for the call: nobody may read them later, on whatever way they are sent.
#[test]
fn what_would_be_read_after_the_call_is_not_sent() {
    let zero_copy = MsgFlags::from_raw(0x0400_0000);
    let (client, _server) = tcp_pair();
    let address = client.peer_address().unwrap();
    for outcome in [
        client.send_with(b"x", zero_copy),
        client.send_to_with(b"x", zero_copy | MsgFlags::DONTWAIT, &address),
        client.send_all_with(b"x", zero_copy).map(|()| 1),
        client.send_msg(&[IoSlice::new(b"x")], &[], zero_copy, None),
    ] {
        let refused = Some(Errno::OPNOTSUPP.raw_os_error());
        assert_eq!(outcome.unwrap_err().errno(), refused);
    }
}
