//! Each kind of ancillary data, asked for by its option and carried by the kernel.

use std::io::IoSlice;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant, SystemTime};

use landline_socket::{
    Address, Ancillary, Credentials, ErrorOrigin, ExtendedError, Family, Kind, Level, Message,
    MsgFlags, PacketInfo, PacketInfo6, Protocol, SendAncillary, Socket, SocketOption, Timestamping,
    interface_index,
};
use rustix::io::Errno;

use crate::has_ipv6;
use crate::message::{open_of, own_file, pair_of};

const NONE: MsgFlags = MsgFlags::NONE;
const ROOM: usize = 1024;

fn udp(ip: impl Into<std::net::IpAddr>) -> Socket {
    let address = Address::from(SocketAddr::new(ip.into(), 0));
    let socket = Socket::new(address.family(), Kind::DGRAM, Protocol::UDP).unwrap();
    socket.bind(&address).unwrap();
    socket.set_timeout(Duration::from_secs(5)).unwrap();
    socket
}

/// Two UDP sockets on loopback, the first connected to the second.
fn udp_pair(ip: impl Into<std::net::IpAddr> + Copy) -> (Socket, Socket) {
    let (one, other) = (udp(ip), udp(ip));
    one.connect(&other.local_address().unwrap()).unwrap();
    (one, other)
}

fn receive(socket: &Socket) -> Message {
    let mut buffer = [0; 2048];
    let message = socket.recv_msg(&mut buffer, ROOM, NONE).unwrap();
    assert!(!message.is_ancillary_truncated());
    message
}

/// What arrives beside a datagram that is sent with this, on a socket with that option.
#[track_caller]
fn arrives(pair: (Socket, Socket), option: SocketOption, sent: &[SendAncillary<'_>]) -> Ancillary {
    let (one, other) = pair;
    other.set_option(option, 1).unwrap();
    one.send_msg(&[IoSlice::new(b"data")], sent, NONE, None)
        .unwrap();
    let mut message = receive(&other);
    assert_eq!(
        (message.bytes, message.ancillary.len()),
        (4, 1),
        "{message:?}"
    );
    message.ancillary.remove(0)
}

fn loopback() -> u32 {
    interface_index("lo").unwrap()
}

#[test]
fn ip_pktinfo() {
    let info = arrives(udp_pair(Ipv4Addr::LOCALHOST), SocketOption::IP_PKTINFO, &[]);
    let Ancillary::PacketInfo(info) = info else {
        panic!("{info:?}");
    };
    let local = Ipv4Addr::LOCALHOST;
    assert_eq!(
        info,
        PacketInfo {
            interface: loopback(),
            local,
            destination: local
        }
    );
}

#[test]
fn ip_pktinfo_chooses_the_source() {
    let (sender, receiver) = (udp(Ipv4Addr::UNSPECIFIED), udp(Ipv4Addr::LOCALHOST));
    let local = Ipv4Addr::new(127, 0, 0, 2);
    let info = PacketInfo {
        interface: 0,
        local,
        destination: Ipv4Addr::UNSPECIFIED,
    };
    let to = receiver.local_address().unwrap();
    let ancillary = [SendAncillary::PacketInfo(info)];
    sender
        .send_msg(&[IoSlice::new(b"x")], &ancillary, NONE, Some(&to))
        .unwrap();
    assert_eq!(receive(&receiver).address.unwrap().ip(), Some(local.into()));
}

#[test]
fn ip_ttl_and_ip_tos() {
    let both = [
        SendAncillary::TimeToLive(33),
        SendAncillary::TypeOfService(0xb8),
    ];
    let pair = || udp_pair(Ipv4Addr::LOCALHOST);
    let hops = arrives(pair(), SocketOption::IP_RECVTTL, &both);
    assert!(matches!(hops, Ancillary::TimeToLive(33)), "{hops:?}");
    let tos = arrives(pair(), SocketOption::IP_RECVTOS, &both);
    assert!(matches!(tos, Ancillary::TypeOfService(0xb8)), "{tos:?}");
    // The same by level, kind and bytes.
    let data = 44i32.to_ne_bytes();
    let other = SendAncillary::Other {
        level: SocketOption::IP_TTL.level().as_raw(),
        kind: SocketOption::IP_TTL.number(),
        data: &data,
    };
    let hops = arrives(pair(), SocketOption::IP_RECVTTL, &[other]);
    assert!(matches!(hops, Ancillary::TimeToLive(44)), "{hops:?}");
}

#[test]
fn ipv6_pktinfo_hop_limit_and_traffic_class() {
    if !has_ipv6() {
        let missing = Socket::new(Family::INET6, Kind::DGRAM, Protocol::UDP);
        assert!(
            missing.is_err()
                || missing
                    .unwrap()
                    .bind(&"[::1]:0".parse::<SocketAddr>().unwrap().into())
                    .is_err()
        );
        return;
    }
    let pair = || udp_pair(Ipv6Addr::LOCALHOST);
    let source = PacketInfo6 {
        interface: 0,
        destination: Ipv6Addr::LOCALHOST,
    };
    let all = [
        SendAncillary::HopLimit(33),
        SendAncillary::TrafficClass(0xb8),
        SendAncillary::PacketInfo6(source),
    ];
    let info = arrives(pair(), SocketOption::IPV6_RECVPKTINFO, &all);
    let expected = PacketInfo6 {
        interface: loopback(),
        ..source
    };
    assert!(
        matches!(info, Ancillary::PacketInfo6(info) if info == expected),
        "{info:?}"
    );
    let hops = arrives(pair(), SocketOption::IPV6_RECVHOPLIMIT, &all);
    assert!(matches!(hops, Ancillary::HopLimit(33)), "{hops:?}");
    let class = arrives(pair(), SocketOption::IPV6_RECVTCLASS, &all);
    assert!(matches!(class, Ancillary::TrafficClass(0xb8)), "{class:?}");
}

#[test]
fn so_timestamp_and_so_timestampns() {
    for option in [SocketOption::SO_TIMESTAMP, SocketOption::SO_TIMESTAMPNS] {
        // The kernel's clock, cut to microseconds, may be that much behind ours.
        let before = SystemTime::now() - Duration::from_micros(1);
        let time = arrives(udp_pair(Ipv4Addr::LOCALHOST), option, &[]);
        let Ancillary::Timestamp(time) = time else {
            panic!("{option:?}: {time:?}");
        };
        assert!(before <= time && time <= SystemTime::now(), "{option:?}");
    }
}

#[test]
fn so_timestamping_of_what_is_received_and_of_what_was_sent() {
    const RX_SOFTWARE: i32 = 1 << 3;
    const SOFTWARE: i32 = 1 << 4;
    const TX_SOFTWARE: i32 = 1 << 1;
    let (one, other) = udp_pair(Ipv4Addr::LOCALHOST);
    one.set_option(SocketOption::SO_TIMESTAMPING, TX_SOFTWARE | SOFTWARE)
        .unwrap();
    other
        .set_option(SocketOption::SO_TIMESTAMPING, RX_SOFTWARE | SOFTWARE)
        .unwrap();
    let before = SystemTime::now();
    let end = Instant::now() + Duration::from_secs(2);
    // The kernel begins to take times a little after it is asked to.
    let times = loop {
        one.send(b"timed").unwrap();
        match &receive(&other).ancillary[..] {
            [Ancillary::Timestamping(times)] => break *times,
            others => assert!(others.is_empty() && Instant::now() < end, "{others:?}"),
        }
    };
    let in_time = |times: Timestamping| {
        let software = times.software.unwrap();
        assert!(before <= software && software <= SystemTime::now());
        assert_eq!((times.transformed, times.hardware), (None, None));
    };
    in_time(times);

    // Loopback takes the time of what leaves, and tells it by the queue of errors.
    let message = one
        .recv_msg(&mut [0; 256], ROOM, MsgFlags::ERRQUEUE)
        .unwrap();
    let [
        Ancillary::Timestamping(times),
        Ancillary::ErrorQueue(report),
    ] = &message.ancillary[..]
    else {
        panic!("{message:?}");
    };
    in_time(*times);
    assert_eq!(report.errno, Errno::NOMSG.raw_os_error());
    assert_eq!(
        (report.origin, report.offender.clone()),
        (ErrorOrigin::TIMESTAMPING, None)
    );
}

#[test]
fn scm_credentials_given_and_asked_for() {
    let own = Credentials {
        pid: std::process::id().cast_signed(),
        uid: rustix::process::getuid().as_raw(),
        gid: rustix::process::getgid().as_raw(),
    };
    for sent in [&[][..], &[SendAncillary::Credentials(own)]] {
        let who = arrives(pair_of(Kind::DGRAM), SocketOption::SO_PASSCRED, sent);
        assert!(
            matches!(who, Ancillary::Credentials(who) if who == own),
            "{who:?}"
        );
    }
    // Somebody else's: the kernel lets the privileged say so (without one it is EPERM), but not a process that is none.
    let (one, _other) = pair_of(Kind::DGRAM);
    let nobody = SendAncillary::Credentials(Credentials {
        pid: i32::MAX,
        ..own
    });
    let error = one
        .send_msg(&[IoSlice::new(b"x")], &[nobody], NONE, None)
        .unwrap_err();
    assert!(
        [Errno::PERM, Errno::SRCH]
            .iter()
            .any(|errno| error.errno() == Some(errno.raw_os_error())),
        "{error}"
    );
}

#[test]
fn scm_pidfd_is_owned() {
    let option = SocketOption::new(Level::SOCKET, 76);
    let (_one, other) = pair_of(Kind::DGRAM);
    if let Err(error) = other.set_option(option, 1) {
        // Linux before 6.5.
        assert_eq!(error.errno(), Some(Errno::NOPROTOOPT.raw_os_error()));
        return;
    }
    let process = arrives(pair_of(Kind::DGRAM), option, &[]);
    let Ancillary::Process(process) = process else {
        panic!("{process:?}");
    };
    let information = format!(
        "/proc/self/fdinfo/{}",
        std::os::fd::AsRawFd::as_raw_fd(&process)
    );
    let information = std::fs::read_to_string(information).unwrap();
    let expected = format!("Pid:\t{}\n", std::process::id());
    assert!(information.contains(&expected), "{information}");
}

/// What a connected socket gets for a port where nobody listens to it.
fn refused(ip: std::net::IpAddr, option: SocketOption) -> (Message, Vec<u8>, Address) {
    // Held, and connected elsewhere, so that what comes from others meets no socket.
    let held = udp(ip);
    let closed = held.local_address().unwrap();
    held.connect(&udp(ip).local_address().unwrap()).unwrap();
    let socket = udp(ip);
    socket.connect(&closed).unwrap();
    socket.set_option(option, 1).unwrap();
    socket.send(b"is anybody there?").unwrap();
    let mut buffer = [0; 64];
    // Loopback answers before the send returns.
    let message = socket
        .recv_msg(&mut buffer, ROOM, MsgFlags::ERRQUEUE)
        .unwrap();
    let data = buffer[..message.bytes].to_vec();
    let empty = socket
        .recv_msg(&mut buffer, ROOM, MsgFlags::ERRQUEUE)
        .unwrap_err();
    assert_eq!(empty.errno(), Some(Errno::AGAIN.raw_os_error()));
    (message, data, closed)
}

#[track_caller]
fn is_refusal(refused: (Message, Vec<u8>, Address), origin: ErrorOrigin, kind_and_code: (u8, u8)) {
    let (message, data, closed) = refused;
    assert_eq!(data, b"is anybody there?");
    assert!(message.flags.contains(MsgFlags::ERRQUEUE));
    assert_eq!(
        message.address.as_ref(),
        Some(&closed),
        "where it was sent to"
    );
    let [Ancillary::ErrorQueue(error)] = &message.ancillary[..] else {
        panic!("{message:?}");
    };
    let offender = closed.ip().map(|ip| SocketAddr::new(ip, 0).into());
    let expected = ExtendedError {
        errno: Errno::CONNREFUSED.raw_os_error(),
        origin,
        kind: kind_and_code.0,
        code: kind_and_code.1,
        info: 0,
        data: 0,
        offender,
    };
    assert_eq!(error, &expected);
}

#[test]
fn the_error_queue_tells_who_refused() {
    // RFC 792: destination unreachable, port unreachable.
    let refused_by = refused(Ipv4Addr::LOCALHOST.into(), SocketOption::IP_RECVERR);
    is_refusal(refused_by, ErrorOrigin::ICMP, (3, 3));
}

#[test]
fn the_error_queue_of_ipv6_tells_who_refused() {
    if has_ipv6() {
        // RFC 4443 section 3.1.
        let refused_by = refused(Ipv6Addr::LOCALHOST.into(), SocketOption::IPV6_RECVERR);
        is_refusal(refused_by, ErrorOrigin::ICMP6, (1, 4));
    } else {
        assert!(
            Socket::new(Family::INET6, Kind::DGRAM, Protocol::UDP)
                .and_then(|socket| socket.bind(&"[::1]:0".parse::<SocketAddr>().unwrap().into()))
                .is_err()
        );
    }
}

#[test]
fn udp_segment_cuts_and_udp_gro_tells_the_size() {
    let (one, other) = udp_pair(Ipv4Addr::LOCALHOST);
    let data: Vec<u8> = (0..350).map(|n| n as u8).collect();
    let cut = [SendAncillary::SegmentSize(100)];
    one.send_msg(&[IoSlice::new(&data)], &cut, NONE, None)
        .unwrap();
    for part in data.chunks(100) {
        let mut buffer = [0; 512];
        let bytes = other.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..bytes], part);
    }
    let merged = {
        other.set_option(SocketOption::UDP_GRO, 1).unwrap();
        one.send_msg(&[IoSlice::new(&data)], &cut, NONE, None)
            .unwrap();
        receive(&other)
    };
    assert_eq!(merged.bytes, 350);
    assert!(
        matches!(&merged.ancillary[..], [Ancillary::SegmentSize(100)]),
        "{merged:?}"
    );
}

#[test]
fn what_has_no_variant_is_kept_as_bytes() {
    let pair = udp_pair(Ipv4Addr::LOCALHOST);
    let to = pair.1.local_address().unwrap().to_bytes().unwrap();
    let other = arrives(pair, SocketOption::IP_RECVORIGDSTADDR, &[]);
    let Ancillary::Other { level, kind, data } = other else {
        panic!("{other:?}");
    };
    let option = SocketOption::IP_RECVORIGDSTADDR;
    assert_eq!(
        (level, kind, data),
        (option.level().as_raw(), option.number(), to)
    );
}

#[test]
fn several_kinds_come_together_and_what_has_no_room_is_told() {
    let (one, other) = udp_pair(Ipv4Addr::LOCALHOST);
    for option in [
        SocketOption::IP_PKTINFO,
        SocketOption::IP_RECVTTL,
        SocketOption::SO_TIMESTAMPNS,
    ] {
        other.set_option(option, 1).unwrap();
    }
    for room in 0..ROOM / 8 {
        one.send(b"x").unwrap();
        let message = other.recv_msg(&mut [0; 8], room, NONE).unwrap();
        let whole = message
            .ancillary
            .iter()
            .filter(|one| !matches!(one, Ancillary::Other { .. }))
            .count();
        assert_eq!(
            message.is_ancillary_truncated(),
            whole < 3,
            "room for {room} bytes: {message:?}"
        );
    }
}

#[test]
fn nothing_in_bytes_becomes_a_descriptor() {
    let file = own_file("");
    let number = std::os::fd::AsRawFd::as_raw_fd(&file.as_fd());
    let one = Ancillary::from_bytes(Level::SOCKET.as_raw(), 1, &number.to_ne_bytes());
    assert!(matches!(&one, Ancillary::Other { data, .. } if *data == number.to_ne_bytes()));
    drop(one);
    assert_eq!(open_of(&file), 1, "dropping it closed nothing");
}
