//! `AsyncSocket`: the same calls, awaited.

use std::io::{IoSlice, Write as _};
use std::thread;
use std::time::Duration;

use landline_socket::{
    Address, AsyncSocket, Family, Kind, MsgFlags, Protocol, ServerOptions, Shutdown, Socket,
    Timeout, UnixAddress, create_server,
};
use rustix::io::Errno;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::{any_port, tcp_pair, tcp_server, tcp_socket, unix_pair};

fn asynchronous(pair: (Socket, Socket)) -> (AsyncSocket, AsyncSocket) {
    (
        AsyncSocket::from_socket(pair.0).unwrap(),
        AsyncSocket::from_socket(pair.1).unwrap(),
    )
}

async fn receive_all(socket: &AsyncSocket) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match socket.recv(&mut buffer).await.unwrap() {
            0 => return all,
            received => all.extend_from_slice(&buffer[..received]),
        }
    }
}

#[tokio::test]
async fn connect_accept_and_echo_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    for address in [
        any_port(),
        UnixAddress::Path(folder.path().join("socket")).into(),
    ] {
        let server =
            AsyncSocket::from_socket(create_server(&address, &ServerOptions::default()).unwrap())
                .unwrap();
        let address = server.local_address().unwrap();
        let echo = tokio::spawn(async move {
            let (connection, peer) = server.accept().await.unwrap();
            assert_eq!(peer, connection.peer_address().unwrap());
            let all = receive_all(&connection).await;
            connection.send_all(&all).await.unwrap();
        });
        let client = AsyncSocket::new(address.family(), Kind::STREAM, Protocol::DEFAULT).unwrap();
        client.connect(&address).await.unwrap();
        assert_eq!(client.peer_address().unwrap(), address);
        let data: Vec<u8> = (0..1_000_000u32).map(|n| n as u8).collect();
        client
            .send_all_with(&data[..10], MsgFlags::MORE)
            .await
            .unwrap();
        client.send_all(&data[10..]).await.unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert!(receive_all(&client).await == data);
        echo.await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_connect_says_so() {
    let held = tcp_socket();
    held.bind(&any_port()).unwrap();
    let address = held.local_address().unwrap();
    let client = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    let error = client.connect(&address).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("connect to {address}: connection refused")
    );
}

#[tokio::test]
async fn a_connect_waits_for_its_outcome() {
    let server = tcp_socket();
    server.bind(&any_port()).unwrap();
    server.listen(0).unwrap();
    let address = server.local_address().unwrap();
    // Fill the queue, so that the next handshake is dropped and sent again after a second.
    let mut waiting = Vec::new();
    let pending = loop {
        let client = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
        match timeout(Duration::from_millis(50), client.connect(&address)).await {
            Ok(connected) => connected.unwrap(),
            Err(_) => break client,
        }
        waiting.push(client);
        assert!(waiting.len() < 16, "the queue never fills");
    };
    for _ in &waiting {
        server.accept().unwrap();
    }
    // Cancelled above, it went on in the kernel.
    pending.connect(&address).await.unwrap();
    assert_eq!(pending.peer_address().unwrap(), address);
}

#[test]
fn two_runtimes_accept_from_one_listener() {
    const CONNECTIONS: usize = 20;
    let (server, address) = tcp_server();
    let accepting: Vec<_> = (0..2)
        .map(|_| {
            let listener = server.duplicate().unwrap();
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_io()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let listener = AsyncSocket::from_socket(listener).unwrap();
                    for _ in 0..CONNECTIONS / 2 {
                        let (connection, _) = listener.accept().await.unwrap();
                        connection.send_all(b"hello").await.unwrap();
                    }
                });
            })
        })
        .collect();
    for _ in 0..CONNECTIONS {
        let client = tcp_socket();
        client.connect(&address).unwrap();
        assert_eq!(client.recv(&mut [0; 16]).unwrap(), 5);
    }
    for thread in accepting {
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn a_whole_file_is_sent_from_any_offset() {
    let (sender, receiver) = asynchronous(tcp_pair());
    let data: Vec<u8> = (0..8_000_000u32).map(|n| (n / 251) as u8).collect();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&data).unwrap();
    let send = async {
        let mut offset = 3;
        loop {
            match sender.send_file(&file, offset, 2 << 20).await.unwrap() {
                0 => break,
                sent => offset += sent as u64,
            }
        }
        sender.shutdown(Shutdown::Write).unwrap();
    };
    let ((), received) = tokio::join!(send, receive_all(&receiver));
    assert!(received == data[3..]);
}

#[tokio::test]
async fn pieces_arrive_in_order() {
    let (one, other) = asynchronous(tcp_pair());
    let pieces: Vec<_> = (0..2000u32).map(u32::to_be_bytes).collect();
    let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    assert_eq!(
        one.send_vectored(&slices).await.unwrap(),
        4096,
        "the kernel takes 1024 pieces"
    );
    assert_eq!(one.try_send_vectored(&slices[1024..]).unwrap(), 976 * 4);
    drop(one);
    assert_eq!(receive_all(&other).await, pieces.concat());
}

#[tokio::test]
async fn works_under_tokio_s_own_copy() {
    let (near, far) = asynchronous(tcp_pair());
    let (left, right) = asynchronous(unix_pair());
    // near -> far, copied to left -> right; and a shared reference reads as well as an owner.
    let data = vec![7; 3_000_000];
    let write = async {
        (&near).write_all(&data).await.unwrap();
        AsyncWriteExt::shutdown(&mut &near).await.unwrap();
    };
    let relay = async {
        let copied = tokio::io::copy(&mut &far, &mut &left).await.unwrap();
        AsyncWriteExt::shutdown(&mut &left).await.unwrap();
        copied
    };
    let read = async {
        let mut right = right;
        assert!(right.is_write_vectored());
        let mut all = Vec::new();
        right.read_to_end(&mut all).await.unwrap();
        all
    };
    let ((), copied, all) = tokio::join!(write, relay, read);
    assert_eq!(copied, 3_000_000);
    assert!(all == data);
}

#[tokio::test]
async fn a_cancelled_receive_or_accept_loses_nothing() {
    let short = Duration::from_millis(5);
    let (one, other) = asynchronous(unix_pair());
    let mut buffer = [0; 16];
    for word in [&b"first"[..], b"second"] {
        assert!(timeout(short, one.recv(&mut buffer)).await.is_err());
        other.send(word).await.unwrap();
        let received = one.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..received], word);
    }

    let (server, address) = tcp_server();
    let server = AsyncSocket::from_socket(server).unwrap();
    assert!(timeout(short, server.accept()).await.is_err());
    let client = tcp_socket();
    client.connect(&address).unwrap();
    let (_, peer) = server.accept().await.unwrap();
    assert_eq!(peer, client.local_address().unwrap());
}

#[tokio::test]
async fn a_send_waits_for_room_and_a_cancelled_one_has_sent_nothing() {
    let (one, other) = asynchronous(unix_pair());
    let chunk = [1; 4096];
    let mut sent = 0;
    let full = loop {
        match one.try_send(&chunk) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert_eq!(full.errno(), Some(Errno::AGAIN.raw_os_error()));
    assert!(
        timeout(Duration::from_millis(5), one.send(&chunk))
            .await
            .is_err()
    );
    let ((), received) = tokio::join!(
        async {
            sent += one.send(&chunk).await.unwrap();
            one.shutdown(Shutdown::Write).unwrap();
        },
        receive_all(&other)
    );
    assert_eq!(received.len(), sent);
}

#[tokio::test]
async fn readable_and_writable_announce_what_try_then_finds() {
    let (one, other) = asynchronous(tcp_pair());
    let mut buffer = [0; 16];
    let nothing = one.try_recv(&mut buffer).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    assert!(
        timeout(Duration::from_millis(5), one.readable())
            .await
            .is_err()
    );
    other.writable().await.unwrap();
    assert_eq!(other.try_send(b"now").unwrap(), 3);
    let received = loop {
        one.readable().await.unwrap();
        match one.try_recv(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            received => break received.unwrap(),
        }
    };
    assert_eq!(received, 3);
    let file = tempfile::tempfile().unwrap();
    file.set_len(10).unwrap();
    assert_eq!(other.try_send_file(&file, 4, 100).unwrap(), 6);
}

/// A receive that does not fill its buffer says "empty" of a TCP stream only.
#[tokio::test]
async fn short_messages_in_a_row_are_all_received() {
    for kind in [Kind::STREAM, Kind::DGRAM, Kind::SEQPACKET] {
        let (one, other) =
            asynchronous(Socket::pair(Family::UNIX, kind, Protocol::DEFAULT).unwrap());
        let mut buffer = [0; 64];
        let wait = timeout(Duration::from_millis(5), one.recv(&mut buffer));
        assert!(wait.await.is_err(), "from here on the runtime watches it");
        for _ in 0..3 {
            other.send(b"short").await.unwrap();
        }
        let mut total = 0;
        while total < 15 {
            total += one.recv(&mut buffer).await.unwrap();
        }
    }
    let (one, other) = asynchronous(tcp_pair());
    let mut buffer = [0; 64];
    assert!(
        timeout(Duration::from_millis(5), one.recv(&mut buffer))
            .await
            .is_err()
    );
    for _ in 0..3 {
        other.send(b"short").await.unwrap();
        assert_eq!(one.recv(&mut buffer).await.unwrap(), 5);
    }
    other.send(b"and the end").await.unwrap();
    drop(other);
    assert_eq!((&one).read(&mut buffer).await.unwrap(), 11);
    assert_eq!((&one).read(&mut buffer).await.unwrap(), 0);
}

#[tokio::test]
async fn datagrams_know_their_sender() {
    let socket = || {
        let socket = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
        socket.bind(&any_port()).unwrap();
        AsyncSocket::from_socket(socket).unwrap()
    };
    let (one, other) = (socket(), socket());
    let mut buffer = [0; 16];
    let address = other.local_address().unwrap();
    let (received, sent) = tokio::join!(
        other.recv_from(&mut buffer),
        one.send_to(b"hello", &address)
    );
    assert_eq!(sent.unwrap(), 5);
    assert_eq!(received.unwrap(), (5, one.local_address().unwrap()));
}

#[tokio::test]
async fn a_receive_that_waits_hears_that_its_datagrams_are_refused() {
    let gone = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    gone.bind(&any_port()).unwrap();
    let nobody = gone.local_address().unwrap();
    drop(gone);
    for is_known_before in [true, false] {
        let socket = AsyncSocket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
        if !is_known_before {
            // Waits once without a peer, so that the event loop knows it as a socket that has none.
            socket.bind(&any_port()).unwrap();
            let mut buffer = [0; 1];
            let none = timeout(Duration::from_millis(1), socket.recv(&mut buffer)).await;
            assert!(none.is_err());
        }
        socket.connect(&nobody).await.unwrap();
        // Twice: what was told once is not told again until something is sent again.
        for _ in 0..2 {
            let mut buffer = [0; 1];
            let receive = timeout(Duration::from_secs(20), socket.recv(&mut buffer));
            let (received, sent) = tokio::join!(receive, socket.send(b"anybody there?"));
            sent.unwrap();
            let error = received.expect("it is told").unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        }
    }
}

#[tokio::test]
async fn a_peer_that_is_gone_is_an_error_and_no_signal() {
    let (one, other) = asynchronous(unix_pair());
    drop(other);
    let gone = Some(Errno::PIPE.raw_os_error());
    assert_eq!(one.send(b"x").await.unwrap_err().errno(), gone);
    assert_eq!(
        one.send_vectored(&[IoSlice::new(b"x")])
            .await
            .unwrap_err()
            .errno(),
        gone
    );
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"x").unwrap();
    assert_eq!(one.send_file(&file, 0, 1).await.unwrap_err().errno(), gone);
    let error = (&one).write(b"x").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn goes_back_to_a_socket_that_blocks() {
    let (one, other) = asynchronous(unix_pair());
    other.send(b"hello").await.unwrap();
    one.readable().await.unwrap();
    let socket = one.into_socket();
    assert_eq!(socket.timeout(), Timeout::Zero);
    socket.set_timeout(None).unwrap();
    assert_eq!(socket.recv(&mut [0; 16]).unwrap(), 5);
    // And once more into the runtime, where the same descriptor is registered anew.
    let again = AsyncSocket::from_socket(socket).unwrap();
    assert!(
        timeout(Duration::from_millis(5), again.readable())
            .await
            .is_err()
    );
    other.send(b"again").await.unwrap();
    assert_eq!(again.recv(&mut [0; 16]).await.unwrap(), 5);
}

/// A peer that sends without end must not keep the runtime's only thread from its other tasks.
#[tokio::test]
async fn a_socket_that_is_always_ready_lets_others_run() {
    let (one, other) = unix_pair();
    let reader = AsyncSocket::from_socket(one).unwrap();
    let flood = thread::spawn(move || while other.send(&[0; 65536]).is_ok() {});
    let greedy = tokio::spawn(async move {
        let mut buffer = [0; 16];
        while reader
            .recv(&mut buffer)
            .await
            .is_ok_and(|received| received > 0)
        {}
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    greedy.abort();
    let _aborted = greedy.await;
    flood.join().unwrap();
}

#[tokio::test]
async fn two_tasks_share_one_socket() {
    let (one, other) = asynchronous(tcp_pair());
    let mut first = [0; 1];
    let mut second = [0; 1];
    let (first, second, ()) = tokio::join!(one.recv(&mut first), one.recv(&mut second), async {
        other.send(b"a").await.unwrap();
        tokio::task::yield_now().await;
        other.send(b"b").await.unwrap();
    });
    assert_eq!((first.unwrap(), second.unwrap()), (1, 1));
}

#[test]
fn outlives_its_runtime_with_an_error() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap()
    };
    let (one, _other) = asynchronous(unix_pair());
    let first = runtime();
    first.block_on(async {
        let mut buffer = [0];
        tokio::select! {
            biased;
            _ = one.recv(&mut buffer) => unreachable!("nothing was sent"),
            () = tokio::task::yield_now() => {}
        }
    });
    drop(first);
    let error = runtime().block_on(one.recv(&mut [0])).unwrap_err();
    assert_eq!(error.cause(), &landline_socket::Cause::Closed);
    assert_eq!(error.to_string(), "receive: the runtime has shut down");
}

#[test]
fn futures_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (one, other) = asynchronous(unix_pair());
    let address = Address::from(UnixAddress::Unnamed);
    let file = tempfile::tempfile().unwrap();
    is_send(&one.accept());
    is_send(&one.recv(&mut [0]));
    is_send(&one.send_all(b""));
    is_send(&one.connect(&address));
    is_send(&one.send_file(&file, 0, 0));
    drop(other);
}

#[tokio::test]
async fn flags_and_growing_buffers_work_as_on_the_blocking_face() {
    let (one, other) = asynchronous(unix_pair());
    let nothing = other.recv_with(&mut [0; 4], MsgFlags::DONTWAIT).await;
    let again = Some(Errno::AGAIN.raw_os_error());
    assert_eq!(nothing.unwrap_err().errno(), again);
    one.send_all(b"abcdef").await.unwrap();
    let mut buffer = [0; 4];
    let peeked = other.recv_with(&mut buffer, MsgFlags::PEEK).await.unwrap();
    assert_eq!(&buffer[..peeked], b"abcd");
    let (received, _) = other
        .recv_from_with(&mut buffer[..2], MsgFlags::NONE)
        .await
        .unwrap();
    assert_eq!((received, &buffer[..2]), (2, &b"ab"[..]));
    let mut grown = Vec::with_capacity(64);
    other.recv_into(&mut grown).await.unwrap();
    one.send(b"gh").await.unwrap();
    other.recv_from_into(&mut grown).await.unwrap();
    assert_eq!(grown, b"cdefgh");
    assert!(other.recv_into(&mut Vec::new()).await.is_err());

    while one.send_with(&[0; 4096], MsgFlags::DONTWAIT).await.is_ok() {}
    let full = one.send_with(&[0; 4096], MsgFlags::DONTWAIT).await;
    assert_eq!(full.unwrap_err().errno(), again);
}

/// Urgent data end a receive before the queue is empty: a short one is then no sign that nothing is left.
#[tokio::test]
async fn urgent_data_hide_nothing_that_follows() {
    for inline in [false, true] {
        let (client, server) = tcp_pair();
        server.set_timeout(Timeout::Zero).unwrap();
        let server = AsyncSocket::from_socket(server).unwrap();
        server.socket().set_oob_inline(inline).unwrap();
        // It has waited, so that from now on the runtime's readiness is what counts.
        let mut buffer = [0; 64];
        let (received, ()) = tokio::join!(server.recv(&mut buffer), async {
            tokio::task::yield_now().await;
            client.send_all(b"0").unwrap();
        });
        assert_eq!(received.unwrap(), 1);
        client.send_all(b"abc").unwrap();
        client.send_with(b"!", MsgFlags::OOB).unwrap();
        client.send_all(b"def").unwrap();
        let expected: &[u8] = if inline { b"abc!def" } else { b"abcdef" };
        let mut all = Vec::new();
        while all.len() < expected.len() {
            let received = timeout(Duration::from_secs(5), server.recv(&mut buffer)).await;
            let received = received.expect("what follows is received").unwrap();
            all.extend_from_slice(&buffer[..received]);
        }
        assert_eq!(all, expected);
    }
}

#[tokio::test]
async fn what_never_waits_has_the_same_names() {
    let server = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    server.bind(&any_port()).unwrap();
    let address = server.local_address().unwrap();
    assert_eq!(
        server.bind(&address).unwrap_err().errno(),
        Some(Errno::INVAL.raw_os_error())
    );
    server.listen(1).unwrap();
    let other = server.duplicate().unwrap();
    server.close().unwrap();

    // A duplicate listens on, by a descriptor of its own that does not block either.
    assert_eq!(other.socket().timeout(), Timeout::Zero);
    let client = AsyncSocket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
    client.connect(&address).await.unwrap();
    let (connection, _) = timeout(Duration::from_secs(5), other.accept())
        .await
        .unwrap()
        .unwrap();
    let connection = Socket::from(connection.detach());
    assert_eq!(connection.timeout(), Timeout::Zero);
    assert_eq!(connection.send(b"x").unwrap(), 1);
    assert_eq!(client.recv(&mut [0; 2]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_pair_is_connected_to_itself_and_neither_end_blocks() {
    let (one, other) = AsyncSocket::pair(Family::UNIX, Kind::SEQPACKET, Protocol::DEFAULT).unwrap();
    for end in [&one, &other] {
        assert_eq!(end.socket().timeout(), Timeout::Zero);
        let nothing = end.try_recv(&mut [0]).unwrap_err();
        assert_eq!(nothing.errno(), Some(Errno::AGAIN.raw_os_error()));
    }
    one.send(b"packet").await.unwrap();
    assert_eq!(other.recv(&mut [0; 64]).await.unwrap(), 6);
    one.close().unwrap();
    assert_eq!(other.recv(&mut [0; 64]).await.unwrap(), 0);
    assert!(AsyncSocket::pair(Family::INET, Kind::STREAM, Protocol::DEFAULT).is_err());
}
