//! Messages on sockets: whole, within one deadline each, and nothing lost by a timeout or a call that is dropped.

use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use landline_socket::{
    AsyncSocket, Family, Kind, Protocol, ServerOptions, Socket, Timeout, create_server,
};
use landline_tools::base::message::{
    AsyncMessageSocket, Codec, Fault, FrameFormat, Frames, LineEnd, Lines, MessageSocket, Values,
};
use proptest::prelude::*;

use crate::peer::soon;

const LIMIT: usize = 16 << 20;

fn pair() -> (Socket, Socket) {
    Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap()
}

fn async_pair() -> (AsyncSocket, AsyncSocket) {
    AsyncSocket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap()
}

fn frames() -> Frames {
    Frames::new(FrameFormat::U32Be, LIMIT)
}

fn fault(error: &std::io::Error) -> Option<&Fault> {
    error.get_ref()?.downcast_ref()
}

/// More than the buffers of two sockets hold.
fn large() -> Vec<u8> {
    (0..4_000_000u32).map(|at| (at >> 7) as u8).collect()
}

/// The same by both faces, to each other.
fn exchanged<C>(codec: &C, messages: &[&C::Sent]) -> Vec<C::Received>
where
    C: Codec + Clone + Send + 'static,
    C::Received: Send + 'static,
{
    let (one, other) = pair();
    let echo_codec = codec.clone();
    let receiver = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let socket = AsyncSocket::from_socket(other).unwrap();
            let mut messages = AsyncMessageSocket::new(socket, echo_codec);
            let mut all = Vec::new();
            while let Some(message) = messages.receive().await.unwrap() {
                all.push(message);
            }
            all
        })
    });
    let mut sender = MessageSocket::new(one, codec.clone());
    for message in messages {
        sender.send(message).unwrap();
    }
    sender.finish().unwrap();
    assert!(sender.receive().map(|none| none.is_none()).unwrap());
    receiver.join().unwrap()
}

#[test]
fn frames_lines_and_values_have_one_shape() {
    assert_eq!(
        exchanged(&frames(), &[b"hello", b"", b"two\nlines"]),
        [&b"hello"[..], b"", b"two\nlines"]
    );
    assert_eq!(
        exchanged(&Lines::new(LineEnd::CrLf, 100), &[b"hello", b"", b"there"]),
        [&b"hello"[..], b"", b"there"]
    );
    let value = (1u8, "two".to_owned(), vec![3.0]);
    for values in [
        Values::<(u8, String, Vec<f64>)>::json(frames()),
        Values::cbor(frames()),
    ] {
        assert_eq!(
            exchanged(&values, &[&value, &value]),
            [value.clone(), value.clone()]
        );
    }
    let large = large();
    assert_eq!(exchanged(&frames(), &[&large]), [large]);
}

#[test]
fn a_timeout_bounds_the_whole_message_and_loses_nothing() {
    let (one, other) = pair();
    one.set_timeout(Duration::from_millis(60)).unwrap();
    let mut messages = MessageSocket::new(one, frames());
    let (stop, stopped) = channel::<()>();
    // Always something within the timeout, and never the whole.
    let drip = thread::spawn(move || {
        let mut rest: Vec<u8> = [&500u32.to_be_bytes()[..], &[7; 500]].concat();
        while stopped.recv_timeout(Duration::from_millis(5)) == Err(RecvTimeoutError::Timeout) {
            other.send_all(&[rest.remove(0)]).unwrap();
        }
        other.send_all(&rest).unwrap();
        other
    });
    let start = Instant::now();
    let error = messages.receive().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "one deadline, however often a byte comes"
    );
    // And the next call has a deadline of its own.
    let error = messages.receive().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    stop.send(()).unwrap();
    messages
        .socket()
        .set_timeout(Duration::from_secs(10))
        .unwrap();
    assert_eq!(messages.receive().unwrap(), Some(vec![7; 500]));
    drop(drip.join().unwrap());
    assert_eq!(messages.receive().unwrap(), None);
}

#[test]
fn a_message_that_could_not_go_in_time_goes_later_and_once() {
    let (one, other) = pair();
    one.set_timeout(Duration::from_millis(40)).unwrap();
    let mut sender = MessageSocket::new(one, frames());
    let large = large();
    assert_eq!(sender.send(&large).unwrap_err().kind(), ErrorKind::TimedOut);
    // Nothing is put behind what has not gone.
    assert_eq!(
        sender.send(b"next").unwrap_err().kind(),
        ErrorKind::ResourceBusy
    );
    assert_eq!(sender.flush().unwrap_err().kind(), ErrorKind::TimedOut);
    let receiver = thread::spawn(move || {
        let mut messages = MessageSocket::new(other, frames());
        [
            messages.receive().unwrap(),
            messages.receive().unwrap(),
            messages.receive().unwrap(),
        ]
    });
    sender
        .socket()
        .set_timeout(Duration::from_secs(10))
        .unwrap();
    sender.flush().unwrap();
    sender.send(b"next").unwrap();
    sender.finish().unwrap();
    assert!(receiver.join().unwrap() == [Some(large), Some(b"next".to_vec()), None]);
}

#[test]
fn with_a_timeout_of_zero_what_is_not_there_is_not_waited_for() {
    let (one, other) = pair();
    one.set_timeout(Timeout::Zero).unwrap();
    let mut messages = MessageSocket::new(&one, frames());
    for byte in *b"\0\0\0\x02h" {
        assert_eq!(
            messages.receive().unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        other.send_all(&[byte]).unwrap();
    }
    assert_eq!(
        messages.receive().unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    other.send_all(b"i").unwrap();
    assert_eq!(messages.receive().unwrap(), Some(b"hi".to_vec()));
    assert_eq!(
        messages.send(&large()).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    assert_eq!(messages.flush().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn two_on_one_socket_serve_a_thread_each() {
    let (one, other) = pair();
    let echo = thread::spawn(move || {
        let mut messages = MessageSocket::new(other, frames());
        while let Some(message) = messages.receive().unwrap() {
            messages.send(&message).unwrap();
        }
    });
    let large = large();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut sender = MessageSocket::new(&one, frames());
            for _ in 0..3 {
                sender.send(&large).unwrap();
            }
            sender.finish().unwrap();
        });
        let mut receiver = MessageSocket::new(&one, frames());
        for _ in 0..3 {
            assert!(receiver.receive().unwrap().unwrap() == large);
        }
        assert_eq!(receiver.receive().unwrap(), None);
    });
    echo.join().unwrap();
}

#[test]
fn what_cannot_be_understood_is_said_once_and_then_it_is_over() {
    for (bytes, kind, expected) in [
        (
            &b"\xff\xff\xff\xff"[..],
            ErrorKind::InvalidData,
            Fault::FrameTooLong {
                length: u32::MAX.into(),
                limit: LIMIT as u64,
            },
        ),
        (
            b"\0\0\0\x05hel",
            ErrorKind::UnexpectedEof,
            Fault::Cut {
                came: 7,
                whole: Some(9),
            },
        ),
        (
            b"\0\0",
            ErrorKind::UnexpectedEof,
            Fault::Cut {
                came: 2,
                whole: None,
            },
        ),
    ] {
        let (one, mut other) = pair();
        other.write_all(b"\0\0\0\x02hi").unwrap();
        other.write_all(bytes).unwrap();
        drop(other);
        let mut messages = MessageSocket::new(one, frames());
        assert_eq!(messages.receive().unwrap(), Some(b"hi".to_vec()));
        let error = messages.receive().unwrap_err();
        assert_eq!((error.kind(), fault(&error)), (kind, Some(&expected)));
        assert_eq!(messages.receive().unwrap(), None);
    }
}

#[test]
fn a_line_that_is_too_long_and_a_frame_that_is_no_value_are_passed_over() {
    let (one, other) = pair();
    other.send_all(b"much too long\nok\n").unwrap();
    let mut lines = MessageSocket::new(one, Lines::new(LineEnd::Lf, 4));
    let error = lines.receive().unwrap_err();
    assert_eq!(fault(&error), Some(&Fault::LineTooLong { limit: 4 }));
    assert_eq!(lines.receive().unwrap(), Some(b"ok".to_vec()));

    let (one, other) = pair();
    other.send_all(b"\0\0\0\x03yes\0\0\0\x04true").unwrap();
    let mut values = MessageSocket::new(one, Values::<bool>::json(frames()));
    let error = values.receive().unwrap_err();
    assert!(matches!(fault(&error), Some(Fault::Value(_))));
    assert_eq!(values.receive().unwrap(), Some(true));
}

#[test]
fn what_must_not_be_sent_is_refused_and_leaves_no_trace() {
    let (one, other) = pair();
    let mut sender = MessageSocket::new(one, Frames::new(FrameFormat::U8, LIMIT));
    let error = sender.send(&[0; 256]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "a frame of 256 bytes, where 255 are the most"
    );
    sender.send(b"hi").unwrap();
    sender.finish().unwrap();
    let mut bytes = Vec::with_capacity(64);
    other.recv_into(&mut bytes).unwrap();
    assert_eq!(bytes, b"\x02hi");
}

/// Everything of a peer that is gone is still received, and sending to it fails.
#[test]
fn a_peer_that_is_gone_is_an_error_of_the_socket() {
    let (one, other) = pair();
    MessageSocket::new(other, frames()).send(b"last").unwrap();
    let mut messages = MessageSocket::new(one, frames());
    assert_eq!(
        messages.send(b"there?").unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
    assert_eq!(messages.receive().unwrap(), Some(b"last".to_vec()));
    assert_eq!(messages.receive().unwrap(), None);
}

/// A line, half a one, and a reset: behind that the socket says "end", which the last line of a stream may have for its own.
fn reset_in_a_line() -> Socket {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    let server = create_server(&loopback, &ServerOptions::default()).unwrap();
    let peer = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    peer.connect(&server.local_address().unwrap()).unwrap();
    let (socket, _) = server.accept().unwrap();
    peer.send_all(b"pay 100\npay 200").unwrap();
    peer.set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    socket
}

#[test]
fn half_a_line_before_a_reset_is_none() {
    let mut lines = MessageSocket::new(reset_in_a_line(), Lines::new(LineEnd::Lf, 100));
    assert_eq!(lines.receive().unwrap(), Some(b"pay 100".to_vec()));
    let error = lines.receive().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(lines.receive().unwrap(), None);
}

#[tokio::test]
async fn half_a_line_before_a_reset_is_none_to_the_async_face_too() {
    let socket = AsyncSocket::from_socket(reset_in_a_line()).unwrap();
    let mut lines = AsyncMessageSocket::new(socket, Lines::new(LineEnd::Lf, 100));
    assert_eq!(lines.receive().await.unwrap(), Some(b"pay 100".to_vec()));
    let error = lines.receive().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(lines.receive().await.unwrap(), None);
}

#[tokio::test]
async fn a_receive_that_is_dropped_keeps_what_came() {
    let (one, other) = async_pair();
    let mut messages = AsyncMessageSocket::new(one, frames());
    for byte in *b"\0\0\0\x03all" {
        assert!(messages.receive().now_or_never().is_none());
        other.send_all(&[byte]).await.unwrap();
    }
    assert_eq!(
        soon(messages.receive()).await.unwrap(),
        Some(b"all".to_vec())
    );
    drop(other);
    assert_eq!(soon(messages.receive()).await.unwrap(), None);
}

#[tokio::test]
async fn a_send_that_is_dropped_has_taken_its_message() {
    let (one, other) = async_pair();
    let mut sender = AsyncMessageSocket::new(one, frames());
    let large = large();
    assert!(sender.send(&large).now_or_never().is_none());
    let error = sender.send(b"next").now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResourceBusy);
    let mut receiver = AsyncMessageSocket::new(other, frames());
    let send = async {
        sender.flush().await?;
        // Not even begun, it goes with the next flush.
        drop(sender.send(b"next"));
        sender.finish().await
    };
    let receive = async {
        assert!(receiver.receive().await?.unwrap() == large);
        assert_eq!(receiver.receive().await?, Some(b"next".to_vec()));
        receiver.receive().await
    };
    let (_, end) = soon(async { tokio::try_join!(send, receive) })
        .await
        .unwrap();
    assert_eq!(end, None);
}

#[tokio::test]
async fn each_half_of_any_stream_can_have_its_own() {
    let (one, other) = tokio::io::duplex(16);
    let (read, write) = tokio::io::split(one);
    let mut echo = AsyncMessageSocket::new(other, frames());
    let mut sender = AsyncMessageSocket::new(write, frames());
    let mut receiver = AsyncMessageSocket::new(read, frames());
    let there = async {
        while let Some(message) = echo.receive().await? {
            echo.send(&message).await?;
        }
        echo.finish().await
    };
    let out = async {
        sender.send(&[1; 1000]).await?;
        sender.send(b"two").await?;
        sender.finish().await
    };
    let back = async {
        assert_eq!(receiver.receive().await?, Some(vec![1; 1000]));
        assert_eq!(receiver.receive().await?, Some(b"two".to_vec()));
        assert_eq!(receiver.receive().await?, None);
        Ok(())
    };
    soon(async { tokio::try_join!(there, out, back) })
        .await
        .unwrap();
}

#[tokio::test]
async fn half_a_frame_at_the_end_is_said_by_the_async_face_too() {
    let (one, other) = async_pair();
    other.send_all(b"\0\0\0\x05hel").await.unwrap();
    drop(other);
    let mut messages = AsyncMessageSocket::new(one, frames());
    let error = soon(messages.receive()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(
        error.to_string(),
        "the stream ended within a frame: 7 of its 9 bytes had come"
    );
    assert_eq!(soon(messages.receive()).await.unwrap(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a stream is cut, and wherever a call is given up: the same messages by both faces.
    #[test]
    fn any_chunking_gives_the_same_messages(
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..30), 0..5),
        step in 1usize..20,
    ) {
        let (one, other) = pair();
        let mut bytes = bytes::BytesMut::new();
        for payload in &payloads {
            frames().encode(payload, &mut bytes).unwrap();
        }
        one.set_timeout(Timeout::Zero).unwrap();
        let mut messages = MessageSocket::new(&one, frames());
        let mut came = Vec::new();
        for chunk in bytes.chunks(step) {
            other.send_all(chunk).unwrap();
            while let Ok(Some(message)) = messages.receive() {
                came.push(message);
            }
        }
        prop_assert_eq!(&came, &payloads);

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let came = runtime.block_on(async {
            let (one, mut other) = tokio::io::duplex(1 << 16);
            let mut messages = AsyncMessageSocket::new(one, frames());
            let mut came = Vec::new();
            for chunk in bytes.chunks(step) {
                tokio::io::AsyncWriteExt::write_all(&mut other, chunk).await.unwrap();
                while let Some(message) = messages.receive().now_or_never() {
                    came.extend(message.unwrap());
                }
            }
            came
        });
        prop_assert_eq!(&came, &payloads);
    }
}
