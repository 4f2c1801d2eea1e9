//! Batches: what is sent is what arrives, merged on the way or not.

use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::{
    Address, Ancillary, Cause, Datagram, Error, Family, Kind, MsgFlags, Protocol, RecvBatch,
    SendAncillary, Socket, SocketOption, Timeout, UnixAddress,
};
use proptest::prelude::*;
use rustix::io::Errno;

use crate::has_ipv6;
use crate::message::{open_of, own_file, pair_of};

const PATIENCE: Duration = Duration::from_secs(5);

fn bound(address: &Address) -> Socket {
    let socket = Socket::new(
        address.family(),
        Kind::DGRAM,
        landline_socket::Protocol::DEFAULT,
    );
    let socket = socket.unwrap();
    socket.bind(address).unwrap();
    socket.set_timeout(PATIENCE).unwrap();
    socket
}

fn udp(ip: impl Into<IpAddr>) -> Socket {
    bound(&SocketAddr::new(ip.into(), 0).into())
}

fn merging(ip: impl Into<IpAddr>) -> Socket {
    let socket = udp(ip);
    socket.set_option(SocketOption::UDP_GRO, 1).unwrap();
    socket
}

fn errno<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Option<i32> {
    outcome.unwrap_err().errno()
}

/// Each call's datagrams until there are so many, with their sender.
fn receive_all(
    socket: &Socket,
    batch: &mut RecvBatch,
    count: usize,
) -> Vec<(Vec<u8>, Option<Address>)> {
    let mut all = Vec::new();
    while all.len() < count {
        let received = socket.recv_batch(batch).unwrap();
        let before = all.len();
        all.extend(batch.iter().map(|one| (one.data().to_vec(), one.address())));
        assert_eq!(all.len() - before, received);
        assert!(batch.iter().all(|one| !one.is_truncated()));
    }
    all
}

/// Sends all of it, in as many calls as it takes.
fn send_all(socket: &Socket, datagrams: &[Datagram<'_>]) {
    let mut sent = 0;
    while sent < datagrams.len() {
        sent += socket.send_batch(&datagrams[sent..]).unwrap();
    }
}

/// Sends the parts of some data, each to one of the receivers, and sees each get its own, in order.
fn arrives_in_order(sender: &Socket, receivers: &[Socket], parts: &[(usize, usize)]) {
    let data: Vec<u8> = (0..100_000u32).map(|n| (n % 253) as u8).collect();
    let addresses: Vec<_> = receivers
        .iter()
        .map(|one| one.local_address().unwrap())
        .collect();
    let mut at = 0;
    let mut expected = vec![Vec::new(); receivers.len()];
    let mut datagrams = Vec::new();
    for &(length, to) in parts {
        let data = &data[at..at + length];
        at += length;
        let to = to % receivers.len();
        expected[to].push(data);
        datagrams.push(Datagram {
            data,
            address: Some(&addresses[to]),
        });
    }
    thread::scope(|scope| {
        scope.spawn(|| send_all(sender, &datagrams));
        // All at once: a sender of Unix datagrams waits for whoever has its queue full.
        for (receiver, expected) in receivers.iter().zip(&expected) {
            scope.spawn(move || {
                let mut batch = RecvBatch::new(7, 65_536).unwrap();
                let received = receive_all(receiver, &mut batch, expected.len());
                assert_eq!(received.len(), expected.len());
                for ((data, from), expected) in received.iter().zip(expected) {
                    let (came, sent) = (data.len(), expected.len());
                    assert!(data == expected, "{came} bytes for {sent}");
                    assert_eq!(from, &Some(sender.local_address().unwrap()));
                }
            });
        }
    });
}

fn parts() -> impl Strategy<Value = Vec<(usize, usize)>> {
    // Few lengths and receivers, so that neighbours are often alike; all of it fits a default receive buffer.
    let part = (
        prop_oneof![Just(0), Just(1), Just(64), Just(65), 1usize..300],
        0usize..2,
    );
    let alike = (
        prop_oneof![Just(1), Just(64), Just(100), Just(1200)],
        1usize..20,
        0usize..2,
    )
        .prop_map(|(length, count, to)| vec![(length, to); count]);
    let runs = prop_oneof![alike, proptest::collection::vec(part, 0..10)];
    proptest::collection::vec(runs, 0..4).prop_map(|runs| runs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any batch sent is the same datagrams received, in order, by receivers that merge and that do not.
    #[test]
    fn udp_datagrams_arrive_as_they_were_sent(parts in parts(), merge in any::<bool>(), six in any::<bool>()) {
        let ip: IpAddr = if six && has_ipv6() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        let receivers = if merge { [merging(ip), merging(ip)] } else { [udp(ip), udp(ip)] };
        arrives_in_order(&udp(ip), &receivers, &parts);
    }

    #[test]
    fn unix_datagrams_arrive_as_they_were_sent(parts in parts()) {
        let unix = || bound(&UnixAddress::Unnamed.into());
        arrives_in_order(&unix(), &[unix()], &parts);
    }
}

#[test]
fn more_than_one_call_takes() {
    let receiver = merging(Ipv4Addr::LOCALHOST);
    receiver
        .set_option(SocketOption::SO_RCVBUF, 4 << 20)
        .unwrap();
    // Alike, so merged, and so different that none is merged: 100 of each, and as neighbours of each other.
    let alike = vec![(10, 0); 100];
    let different: Vec<_> = (0..100).map(|n| (100 + n, 0)).collect();
    let receivers = [receiver];
    arrives_in_order(
        &udp(Ipv4Addr::LOCALHOST),
        &receivers,
        &[alike, different].concat(),
    );
}

/// Whether these left as one packet.
fn leave_merged(sender: &Socket, receiver: &Socket, data: &[u8], size: usize) -> bool {
    let to = receiver.local_address().unwrap();
    let datagrams: Vec<_> = data
        .chunks(size)
        .map(|data| Datagram {
            data,
            address: Some(&to),
        })
        .collect();
    assert_eq!(sender.send_batch(&datagrams).unwrap(), datagrams.len());
    let mut received = 0;
    let mut merged = false;
    while received < data.len() {
        let mut buffer = vec![0; 65_536];
        let message = receiver.recv_msg(&mut buffer, 64, MsgFlags::NONE).unwrap();
        merged |= matches!(&message.ancillary[..], [Ancillary::SegmentSize(said)] if usize::from(*said) == size);
        received += message.bytes;
    }
    merged
}

#[test]
fn neighbours_of_equal_length_leave_as_one_packet_wherever_their_data_lies() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), merging(Ipv4Addr::LOCALHOST));
    let data: Vec<u8> = (0..6400).map(|n| (n % 251) as u8).collect();
    assert!(leave_merged(&sender, &receiver, &data, 100));
    assert!(leave_merged(&sender, &receiver, &data[..6350], 100));

    // Each in a place of its own, backwards, twice the same.
    let to = receiver.local_address().unwrap();
    let parts: Vec<Vec<u8>> = data.chunks(100).map(<[u8]>::to_vec).collect();
    let mut datagrams: Vec<_> = parts
        .iter()
        .rev()
        .map(|data| Datagram {
            data,
            address: Some(&to),
        })
        .collect();
    datagrams[1] = datagrams[0];
    assert_eq!(sender.send_batch(&datagrams).unwrap(), 64);
    let mut buffer = vec![0; 65_536];
    let message = receiver.recv_msg(&mut buffer, 64, MsgFlags::NONE).unwrap();
    assert_eq!(message.bytes, 6400);
    let expected: Vec<u8> = datagrams.iter().flat_map(|one| one.data).copied().collect();
    assert!(buffer[..6400] == expected);
}

#[test]
fn what_the_kernel_refuses_to_segment_goes_one_by_one_and_is_remembered() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), merging(Ipv4Addr::LOCALHOST));
    let data = vec![7; 1000];
    assert!(leave_merged(&sender, &receiver, &data, 100));
    // Without checksums there is no segmentation.
    sender.set_option(SocketOption::SO_NO_CHECK, 1).unwrap();
    assert!(!leave_merged(&sender, &receiver, &data, 100));
    sender.set_option(SocketOption::SO_NO_CHECK, 0).unwrap();
    assert!(
        !leave_merged(&sender, &receiver, &data, 100),
        "not tried again"
    );
    assert!(
        leave_merged(&sender, &receiver, &data, 99),
        "shorter ones are"
    );
}

#[test]
fn a_wrong_address_does_not_end_the_merging() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), merging(Ipv4Addr::LOCALHOST));
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    let datagrams = [Datagram {
        data: b"x",
        address: Some(&nowhere),
    }; 2];
    let error = sender.send_batch(&datagrams).unwrap_err();
    assert_eq!(error.errno(), Some(Errno::INVAL.raw_os_error()));
    assert_eq!(error.address(), Some(&nowhere));
    assert!(leave_merged(&sender, &receiver, &[7; 10], 1));
}

#[test]
fn a_socket_that_segments_by_its_own_option_is_left_alone() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), udp(Ipv4Addr::LOCALHOST));
    sender.set_option(SocketOption::UDP_SEGMENT, 3).unwrap();
    let to = receiver.local_address().unwrap();
    let datagrams = [Datagram {
        data: b"four",
        address: Some(&to),
    }; 2];
    assert_eq!(sender.send_batch(&datagrams).unwrap(), 2);
    let mut batch = RecvBatch::new(4, 16).unwrap();
    let received = receive_all(&receiver, &mut batch, 4);
    let lengths: Vec<_> = received.iter().map(|(data, _)| data.len()).collect();
    assert_eq!(lengths, [3, 1, 3, 1]);
}

/// Both before a first batch, which asks the kernel, and after it.
#[test]
fn segments_of_its_own_are_obeyed_whenever_they_are_set_and_cleared() {
    type Set = fn(&Socket, u16) -> Result<(), Error>;
    let set: [Set; 3] = [
        |socket, bytes| socket.set_udp_segment_bytes(bytes.into()),
        |socket, bytes| socket.set_option(SocketOption::UDP_SEGMENT, bytes.into()),
        |socket, bytes| {
            let value = i32::from(bytes).to_ne_bytes();
            socket.set_option_bytes(SocketOption::UDP_SEGMENT, &value)
        },
    ];
    let data = vec![7; 4000];
    for set in set {
        let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), udp(Ipv4Addr::LOCALHOST));
        let to = receiver.local_address().unwrap();
        let datagrams: Vec<_> = data
            .chunks(2000)
            .map(|data| Datagram {
                data,
                address: Some(&to),
            })
            .collect();
        let lengths = |count| {
            assert_eq!(sender.send_batch(&datagrams).unwrap(), 2);
            let received = receive_all(&receiver, &mut RecvBatch::new(8, 4000).unwrap(), count);
            received
                .iter()
                .map(|(data, _)| data.len())
                .collect::<Vec<_>>()
        };
        assert_eq!(lengths(2), [2000; 2]);
        set(&sender, 1000).unwrap();
        assert_eq!(lengths(4), [1000; 4]);
        set(&sender, 0).unwrap();
        assert_eq!(lengths(2), [2000; 2]);
        let merging = merging(Ipv4Addr::LOCALHOST);
        assert!(leave_merged(&sender, &merging, &data, 100), "as before");

        // From the first batch on.
        let sender = udp(Ipv4Addr::LOCALHOST);
        set(&sender, 1000).unwrap();
        assert_eq!(sender.send_batch(&datagrams).unwrap(), 2);
        set(&sender, 0).unwrap();
        assert!(leave_merged(&sender, &merging, &data, 100), "then too");
    }
}

#[test]
fn connected_sockets_need_no_address() {
    let (one, other) = pair_of(Kind::DGRAM);
    let datagrams = [b"one".as_slice(), b"", b"three"].map(|data| Datagram {
        data,
        address: None,
    });
    assert_eq!(one.send_batch(&datagrams).unwrap(), 3);
    let mut batch = RecvBatch::new(64, 64).unwrap();
    assert_eq!(
        other.recv_batch(&mut batch).unwrap(),
        3,
        "all that there is"
    );
    let received: Vec<_> = batch
        .iter()
        .map(|one| (one.data(), one.address()))
        .collect();
    assert_eq!(
        received,
        [(&b"one"[..], None), (b"", None), (b"three", None)]
    );
    assert_eq!(one.send_batch(&[]).unwrap(), 0);

    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), udp(Ipv4Addr::LOCALHOST));
    sender.connect(&receiver.local_address().unwrap()).unwrap();
    assert_eq!(sender.send_batch(&datagrams).unwrap(), 3);
    assert_eq!(receive_all(&receiver, &mut batch, 3)[2].0, b"three");
}

#[test]
fn a_failure_ends_the_batch_and_the_next_call_tells_it() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), udp(Ipv4Addr::LOCALHOST));
    let to = receiver.local_address().unwrap();
    let too_long = vec![0; 65_508];
    let datagrams = [&b"short"[..], &too_long, b"behind"].map(|data| Datagram {
        data,
        address: Some(&to),
    });
    assert_eq!(sender.send_batch(&datagrams).unwrap(), 1);
    assert_eq!(
        errno(sender.send_batch(&datagrams[1..])),
        Some(Errno::MSGSIZE.raw_os_error())
    );
    assert_eq!(sender.send_batch(&datagrams[2..]).unwrap(), 1);

    let impossible = UnixAddress::Path("x".repeat(200).into()).into();
    let (one, _other) = pair_of(Kind::DGRAM);
    let datagrams = [None, Some(&impossible)].map(|address| Datagram {
        data: b"x",
        address,
    });
    assert_eq!(one.send_batch(&datagrams).unwrap(), 1);
    let error = one.send_batch(&datagrams[1..]).unwrap_err();
    assert!(
        matches!(error.cause(), Cause::Invalid(why) if why.contains("107")),
        "{error}"
    );
}

#[test]
fn a_full_queue_takes_a_part_and_then_is_waited_for() {
    let (one, other) = pair_of(Kind::DGRAM);
    one.set_timeout(Timeout::Zero).unwrap();
    let data: Vec<[u8; 2]> = (0..1000u16).map(u16::to_be_bytes).collect();
    let datagrams: Vec<_> = data
        .iter()
        .map(|data| Datagram {
            data,
            address: None,
        })
        .collect();
    let sent = one.send_batch(&datagrams).unwrap();
    assert!(0 < sent && sent < 1000, "{sent}");
    assert_eq!(
        errno(one.send_batch(&datagrams[sent..])),
        Some(Errno::AGAIN.raw_os_error())
    );
    let time = Duration::from_millis(30);
    one.set_timeout(time).unwrap();
    let begin = Instant::now();
    let error = one.send_batch(&datagrams[sent..]).unwrap_err();
    assert_eq!(error.cause(), &Cause::TimedOut);
    assert!(begin.elapsed() >= time);

    one.set_timeout(PATIENCE).unwrap();
    other.set_timeout(PATIENCE).unwrap();
    let mut batch = RecvBatch::new(16, 2).unwrap();
    let received = thread::scope(|scope| {
        scope.spawn(|| send_all(&one, &datagrams[sent..]));
        receive_all(&other, &mut batch, 1000)
    });
    assert!(
        received
            .iter()
            .map(|(data, _)| &data[..])
            .eq(data.iter().map(|data| &data[..]))
    );
}

#[test]
fn a_receive_waits_for_the_first_alone_and_under_the_deadline() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), udp(Ipv4Addr::LOCALHOST));
    let mut batch = RecvBatch::new(8, 64).unwrap();
    let time = Duration::from_millis(30);
    for timeout in [Timeout::Zero, Timeout::After(time)] {
        receiver.set_timeout(timeout).unwrap();
        let begin = Instant::now();
        let error = receiver.recv_batch(&mut batch).unwrap_err();
        match timeout {
            Timeout::Zero => assert_eq!(error.errno(), Some(Errno::AGAIN.raw_os_error())),
            _ => assert_eq!(error.cause(), &Cause::TimedOut),
        }
        assert!(timeout == Timeout::Zero || begin.elapsed() >= time);
    }
    let to = receiver.local_address().unwrap();
    for timeout in [Timeout::Never, PATIENCE.into()] {
        receiver.set_timeout(timeout).unwrap();
        let begin = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| sender.send_to(b"alone", &to).unwrap());
            assert_eq!(receiver.recv_batch(&mut batch).unwrap(), 1);
        });
        assert!(begin.elapsed() < PATIENCE);
        assert_eq!(batch.iter().next().unwrap().data(), b"alone");
    }
    receiver.set_timeout(Timeout::Zero).unwrap();
    assert!(receiver.recv_batch(&mut batch).is_err());
    assert_eq!(batch.iter().count(), 0, "what it held before is gone");
}

#[test]
fn what_does_not_fit_is_cut_and_says_so() {
    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), udp(Ipv4Addr::LOCALHOST));
    let to = receiver.local_address().unwrap();
    let datagrams = [&b"12345"[..], b"1234", b"123456"].map(|data| Datagram {
        data,
        address: Some(&to),
    });
    assert_eq!(sender.send_batch(&datagrams).unwrap(), 3);
    let mut batch = RecvBatch::new(8, 4).unwrap();
    let mut received = Vec::new();
    while received.len() < 3 {
        receiver.recv_batch(&mut batch).unwrap();
        received.extend(
            batch
                .iter()
                .map(|one| (one.data().to_vec(), one.is_truncated())),
        );
    }
    assert_eq!(
        received,
        [
            (b"1234".to_vec(), true),
            (b"1234".to_vec(), false),
            (b"1234".to_vec(), true)
        ]
    );

    // Of merged ones the last that came is the one that was cut.
    receiver.set_option(SocketOption::UDP_GRO, 1).unwrap();
    let cut = [SendAncillary::SegmentSize(3)];
    sender
        .send_msg(&[IoSlice::new(b"abcdef")], &cut, MsgFlags::NONE, Some(&to))
        .unwrap();
    assert_eq!(receiver.recv_batch(&mut batch).unwrap(), 2);
    let received: Vec<_> = batch
        .iter()
        .map(|one| (one.data(), one.is_truncated()))
        .collect();
    assert_eq!(received, [(&b"abc"[..], false), (b"d", true)]);
}

#[test]
fn merged_ones_are_taken_apart_beside_everything_else_that_may_come() {
    let receiver = merging(Ipv4Addr::LOCALHOST);
    for option in [
        SocketOption::IP_PKTINFO,
        SocketOption::IP_RECVTTL,
        SocketOption::IP_RECVTOS,
        SocketOption::IP_RECVORIGDSTADDR,
        SocketOption::SO_TIMESTAMPNS,
        SocketOption::SO_RXQ_OVFL,
    ] {
        receiver.set_option(option, 1).unwrap();
    }
    // Three times, from hard- and software.
    receiver
        .set_option(
            SocketOption::SO_TIMESTAMPING,
            (1 << 2) | (1 << 3) | (1 << 4) | (1 << 6),
        )
        .unwrap();
    arrives_in_order(&udp(Ipv4Addr::LOCALHOST), &[receiver], &[(10, 0); 200]);
}

#[test]
fn descriptors_that_come_in_a_batch_are_closed() {
    let file = own_file("");
    let (one, other) = pair_of(Kind::DGRAM);
    one.send_descriptors(b"with a file", &[file.as_fd()])
        .unwrap();
    let mut batch = RecvBatch::new(8, 64).unwrap();
    assert_eq!(other.recv_batch(&mut batch).unwrap(), 1);
    assert_eq!(batch.iter().next().unwrap().data(), b"with a file");
    assert_eq!(open_of(&file), 1);
}

#[test]
fn a_batch_says_what_it_cannot_be() {
    for (datagrams, bytes) in [(0, 1), (65, 1), (1, 0), (usize::MAX, usize::MAX)] {
        let error = RecvBatch::new(datagrams, bytes).err().unwrap();
        assert!(matches!(error.cause(), Cause::Invalid(_)), "{error}");
    }
    assert!(RecvBatch::new(64, 65_536).is_ok());
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn the_same_calls_awaited() {
    use landline_socket::AsyncSocket;

    let (sender, receiver) = (udp(Ipv4Addr::LOCALHOST), merging(Ipv4Addr::LOCALHOST));
    let to = receiver.local_address().unwrap();
    let sender = AsyncSocket::from_socket(sender).unwrap();
    let receiver = AsyncSocket::from_socket(receiver).unwrap();
    let data: Vec<u8> = (0..1000).map(|n| n as u8).collect();
    let datagrams: Vec<_> = data
        .chunks(10)
        .map(|data| Datagram {
            data,
            address: Some(&to),
        })
        .collect();
    let mut batch = RecvBatch::new(4, 65_536).unwrap();
    for _ in 0..3 {
        // Cancelled while it waits, it has taken nothing.
        let cancelled =
            tokio::time::timeout(Duration::from_millis(5), receiver.recv_batch(&mut batch));
        assert!(cancelled.await.is_err());
        let receive = async {
            let mut received = Vec::new();
            while received.len() < data.len() {
                let count = receiver.recv_batch(&mut batch).await.unwrap();
                assert_eq!(batch.iter().count(), count);
                received.extend(batch.iter().flat_map(|one| one.data()).copied());
            }
            assert!(received == data);
        };
        let send = async {
            tokio::task::yield_now().await;
            assert_eq!(sender.send_batch(&datagrams).await.unwrap(), 100);
        };
        tokio::join!(receive, send);
    }
    let impossible = UnixAddress::Path("x".repeat(200).into()).into();
    let error = sender
        .send_batch(&[Datagram {
            data: b"x",
            address: Some(&impossible),
        }])
        .await
        .unwrap_err();
    assert!(matches!(error.cause(), Cause::Invalid(_)), "{error}");
}

/// The kernel tells how many bytes of one message went, of which there are none here.
#[test]
fn an_empty_datagram_alone_is_one_that_went() {
    let (one, other) = Socket::pair(Family::UNIX, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    let empty = Datagram {
        data: b"",
        address: None,
    };
    assert_eq!(one.send_batch(&[empty]).unwrap(), 1);
    let mut batch = RecvBatch::new(1, 16).unwrap();
    assert_eq!(other.recv_batch(&mut batch).unwrap(), 1);
    assert_eq!(batch.iter().next().unwrap().data(), b"");
}
